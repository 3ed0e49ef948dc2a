/* One connection takes over from another, key by key. */
#include <stdlib.h>
#include <string.h>

#include "feed.h"

#define CAUGHT_UP_MS	100	/* clocks, and a subscription that was answered before it held */
#define HELD_MAX	(16u << 20)	/* bytes; more, and the old connection is too far behind to wait for */

static bool
of_feed(const struct feed *fd, const struct key *k)
{
	const struct part *p = fd->part;

	for (int i = 0; i < p->n; i++)
		if (p->w[i] == k->line->w)
			return true;
	return false;
}

static bool
hold(struct link *l, struct key *k, const struct mark *m, const struct tok *v)
{
	struct held *more;

	if (l->nheld == l->cap) {
		int cap = l->cap == 0 ? 64 : 2 * l->cap;

		if ((more = realloc(l->held, (size_t)cap * sizeof *more)) == NULL)
			return false;
		l->held = more;
		l->cap = cap;
	}
	l->held[l->nheld] = (struct held){ .key = k, .mark = *m, .at = l->bytes.len, .n = v->len };
	buf_put(&l->bytes, v->p, v->len);
	if (l->bytes.bad)
		return false;
	l->nheld++;
	if (k->held++ == 0)
		k->first = m->serial;
	return true;
}

/* Deliver what the newcomer holds of a key, but for what the old one has given. */
static void
hand_over(struct feed *fd, struct key *k)
{
	struct link *l = fd->next;
	struct scan sc = { 0 };
	bool by_time = strcmp(k->line->w->row->serial, "E") == 0;

	k->over = true;
	for (int i = 0; i < l->nheld && k->held > 0; i++) {
		struct held *h = &l->held[i];

		if (h->key != k)
			continue;
		h->key = NULL;
		k->held--;
		/* Times may be shared by two records; then their bytes decide. */
		if (k->any && (h->mark.serial < k->serial || (h->mark.serial == k->serial && !by_time)))
			continue;
		if (scan_doc(&sc, l->bytes.p + h->at, h->n) > 0)
			take_deliver(fd->a, k, &h->mark, sc.t, sc.t);
	}
	scan_free(&sc);
}

/* Once a key is handed over both connections have all that follows. Whichever is first
 * with a record gives it: the other may be seconds behind, or die. */
static bool
news(const struct key *k, const struct mark *m)
{
	if (!k->any || m->serial > k->serial)
		return true;
	/* Times may be shared by two records; then their bytes decide. */
	return m->serial == k->serial && strcmp(k->line->w->row->serial, "E") == 0;
}

bool
over_wants(const struct feed *fd, const struct key *k, const struct mark *m)
{
	return fd->next == NULL || !k->over || news(k, m);
}

bool
over_newcomer(struct feed *fd, struct key *k, const struct mark *m, const struct tok *v)
{
	struct link *l = fd->next;

	if (k->over)
		return news(k, m);
	if (l->bytes.len + v->len > HELD_MAX || !hold(l, k, m, v)) {
		over_force(fd);
		return true;
	}
	if (k->any && k->serial >= k->first)
		hand_over(fd, k);
	return false;
}

void
over_old(struct feed *fd, struct key *k)
{
	if (fd->next != NULL && !k->over && k->held > 0 && k->serial >= k->first)
		hand_over(fd, k);
}

bool
over_done(const struct feed *fd)
{
	for (int i = 0; i < fd->next->nheld; i++)
		if (fd->next->held[i].key != NULL)
			return false;
	return true;
}

bool
over_caught_up(const struct feed *fd)
{
	return fd->cur->E >= fd->next->ready_at + CAUGHT_UP_MS;
}

bool
gap_matters(const struct app *a, const struct line *ln)
{
	const struct stream_row *row = ln->w->row;

	if (a->books != NULL && strcmp(row->name, "depth") == 0)
		return false;	/* it tells by itself */
	return !row->latest || row->interval;	/* the end of a candle comes once */
}

/* Whether the newcomer joined where the old one was, or its ids will tell that it did not. */
static bool
proven(const struct feed *fd, const struct line *ln)
{
	for (int i = 0; i < fd->a->lines.buckets && ln->w->symbol != NULL; i++)
		for (const struct key *k = fd->a->lines.bucket[i]; k != NULL; k = k->next)
			if (k->line == ln && (k->over || (k->held > 0 && ln->w->row->chain != CHAIN_NONE)))
				return true;
	return false;
}

void
over_unsure(struct feed *fd)
{
	for (int i = 0; i < fd->part->n; i++) {
		const struct line *ln = &fd->a->lines.line[fd->part->w[i] - fd->a->wants.w];
		struct buf *b;

		if (!gap_matters(fd->a, ln) || proven(fd, ln))
			continue;
		b = app_note(fd->a, "gap");
		jw_str(b, "stream", ln->w->name);
		if (ln->w->symbol != NULL)
			jw_str(b, "s", ln->w->symbol);
		jw_i64(b, "from", fd->cur->E);
		jw_i64(b, "to", fd->next->ready_at);
		jw_str(b, "why", "the old connection was behind");
		app_note_end(fd->a);
	}
}

void
over_force(struct feed *fd)
{
	for (int i = 0; i < fd->next->nheld; i++) {
		struct key *k = fd->next->held[i].key;

		if (k == NULL)
			continue;
		hand_over(fd, k);
	}
	for (int i = 0; i < fd->a->lines.buckets; i++)
		for (struct key *k = fd->a->lines.bucket[i]; k != NULL; k = k->next)
			if (of_feed(fd, k))
				k->over = true;
}

void
over_reset(struct feed *fd)
{
	for (int i = 0; i < fd->a->lines.buckets; i++)
		for (struct key *k = fd->a->lines.bucket[i]; k != NULL; k = k->next)
			if (of_feed(fd, k)) {
				if (k->over)	/* the old one may be behind what the newcomer gave */
					k->floor = k->serial;
				k->over = false;
				k->held = 0;
			}
}
