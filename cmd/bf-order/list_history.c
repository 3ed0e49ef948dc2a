/* What was: orders of both kinds merged by time, and fills. */
#include <stdlib.h>
#include <string.h>

#include "core/instant.h"
#include "io/trader.h"
#include "list_page.h"

#define AHEAD_MS	1000	/* the exchange's clock may be before ours: more than the error it may have */
#define SETTLED_MS	60000	/* what is younger than this when the list ends need not be on it */
#define KEEP_SLACK_MS	10000	/* a query takes its time, and may not reach back further than is kept */
#define MOST		1000
#define MOST_COINM	100	/* orders of COIN-M */

static const struct listing fills = { "fills", EP_USER_TRADES, EP_USER_TRADES, EP_USER_TRADES,
	"id", NULL, "time", NULL, "fromId", true };

/* A listing on its way to the output. */
struct history {
	const char	*symbol, *prefix;
	enum market	 m;
	int64_t		 since, end;	/* both inclusive */
	bool		 open;		/* up to now, whenever that is */
	struct feed	 feed[KINDS];
	int		 feeds;
	long		 left;		/* rows still to print; -1: all */
	struct buf	*tail;		/* the last ones so far, where the newest are wanted */
	long		 tail_max, tail_n;
};

/*
 * What is asked for
 */

/* Without --since: as much as one query spans. */
static int
read_span(const struct app *a, struct history *h, int64_t now, struct fault *f)
{
	const char *from = a->p.since, *to = a->p.until;
	int64_t until = 0;

	if (to != NULL && instant_parse(&until, "--until", to, now, f) == -1)
		return -1;
	h->open = to == NULL || until > now;
	h->end = h->open ? now + AHEAD_MS : until;
	h->since = h->end < WINDOW_MS ? 0 : h->end - WINDOW_MS + 1;
	if (from != NULL && instant_parse(&h->since, "--since", from, now, f) == -1)
		return -1;
	if (h->since > h->end)
		return fault_set(f, FAULT_USAGE, "--since is after %s", h->open ? "the time it is now" : "--until");
	return 0;
}

/* Further back than the exchange shows anything. */
static void
clamp(struct app *a, struct history *h, const char *verb, int64_t now)
{
	int64_t oldest = now - LIST_KEEPS + KEEP_SLACK_MS;
	char from[INSTANT_STR];

	if (h->since >= oldest)
		return;
	h->since = oldest;
	instant_put(from, oldest);
	say(a, "%s: the exchange keeps 90 days: what was before %s is not to be had", verb, from);
}

static int
begin(struct app *a, struct history *h, char *const words[], int n, struct fault *f)
{
	struct session *s;
	int64_t now;

	if (n != 2)
		return fault_set(f, FAULT_USAGE, "%s: one symbol is expected", words[0]);
	h->symbol = words[1];
	if (venue_find(&a->v, h->symbol, &h->m, NULL, f) == -1 ||
	    (s = venue_session(&a->v, h->m, f)) == NULL || session_sync(s, false, f) == -1)
		return -1;
	now = session_now(s);
	if (read_span(a, h, now, f) == -1)
		return -1;
	clamp(a, h, words[0], now);
	h->left = a->p.limit > 0 && a->p.since != NULL ? a->p.limit : -1;
	h->tail_max = a->p.limit > 0 && a->p.since == NULL ? a->p.limit : 0;
	return 0;
}

static void
add_feed(struct app *a, struct history *h, const struct listing *l, int most)
{
	h->feed[h->feeds++] = (struct feed){
		.s = &a->v.s[h->m], .l = l, .symbol = h->symbol, .most = most
	};
}

/*
 * Printing
 */

/* Of --limit without --since the newest are meant, and which those are shows at the end. */
static int
keep(struct history *h, const char *text, size_t n, struct fault *f)
{
	struct buf *b;

	if (h->tail_n < h->tail_max && h->tail_n % 256 == 0) {
		if ((b = reallocarray(h->tail, (size_t)h->tail_n + 256, sizeof *b)) == NULL)
			return fault_set(f, FAULT_LOCAL, "out of memory for the newest rows");
		memset(b + h->tail_n, 0, 256 * sizeof *b);
		h->tail = b;
	}
	b = &h->tail[h->tail_n++ % h->tail_max];
	buf_reset(b);
	buf_put(b, text, n);
	return b->bad ? fault_set(f, FAULT_LOCAL, "out of memory for the newest rows") : 0;
}

static void
print_kept(struct app *a, struct history *h)
{
	long n = h->tail_n < h->tail_max ? h->tail_n : h->tail_max, first = h->tail_n - n;

	for (long i = first; i < first + n && !a->halt; i++) {
		buf_put(&a->rec, h->tail[i % h->tail_max].p, h->tail[i % h->tail_max].len);
		buf_chr(&a->rec, '\n');
		emit(a);
	}
}

static bool
wanted(const struct history *h, const struct feed *fe, const char *rec, size_t n, struct scan *sc)
{
	char id[128];

	return h->prefix == NULL || fe->l->client_id == NULL || (scan_doc(sc, rec, n) > 0 &&
	    scan_get_str(sc->t, sc->t, fe->l->client_id, id, sizeof id) &&
	    strncmp(id, h->prefix, strlen(h->prefix)) == 0);
}

static int
put(struct app *a, struct history *h, const struct feed *fe, const struct row *row, struct fault *f)
{
	const char *text = fe->page.text.p + row->from;

	if (!wanted(h, fe, text, row->n, &a->sc))
		return 0;
	if (h->tail_max > 0)
		return keep(h, text, row->n, f);
	row_print(a, &fe->page, row);
	if (h->left > 0)
		h->left--;
	return 0;
}

/*
 * Merging
 */

/* A history of conditional orders is not promised for COIN-M: without one the rest goes on. */
static int
without(struct app *a, struct feed *fe, struct fault *f)
{
	if (fe->l != &listings[CONDITIONAL] || !no_such_path(f))
		return -1;
	fe->absent = true;
	say(a, "%s has no history of conditional orders: only those that became orders are listed",
	    market_title(fe->s->market));
	saw(a, FAULT_REJECTED);
	f->kind = FAULT_NONE;
	return 0;
}

/* The feed whose next row is the oldest; NULL: the window is done, or f. */
static struct feed *
oldest(struct app *a, struct history *h, struct fault *f)
{
	const struct row *row, *best = NULL;
	struct feed *which = NULL;

	for (int i = 0; i < h->feeds; i++) {
		row = feed_next(&h->feed[i], f);
		if (f->kind != FAULT_NONE && without(a, &h->feed[i], f) == -1)
			return NULL;
		if (row != NULL && (best == NULL || row->at_ms < best->at_ms)) {
			best = row;
			which = &h->feed[i];
		}
	}
	return which;
}

static bool
enough(const struct app *a, const struct history *h)
{
	return a->halt || h->left == 0;
}

/* 0: the window was gone through, or enough printed; *at: how far it came. */
static int
one_window(struct app *a, struct history *h, int64_t *at, struct fault *f)
{
	const struct row *row;
	struct feed *fe;

	while (!enough(a, h)) {
		if (trader_stop != 0)
			return fault_set(f, FAULT_AGAIN, "asked to stop");
		if ((fe = oldest(a, h, f)) == NULL)
			return f->kind == FAULT_NONE ? 0 : -1;
		row = &fe->page.v[fe->at];
		*at = row->at_ms;
		if (put(a, h, fe, row, f) == -1)
			return -1;
		feed_step(fe);
	}
	return 0;
}

static int
windows(struct app *a, struct history *h, struct fault *f)
{
	int64_t from = h->since, to, at, now;
	char text[INSTANT_STR];

	while (from <= h->end && !enough(a, h)) {
		to = from + WINDOW_MS - 1 < h->end ? from + WINDOW_MS - 1 : h->end;
		for (int i = 0; i < h->feeds; i++)
			feed_window(&h->feed[i], from, to);
		at = from;
		if (one_window(a, h, &at, f) == -1) {
			instant_put(text, at);
			return reworded(f, "the list is not whole, it ends at %s: %s", text, f->text);
		}
		from = to + 1;
		now = session_now(h->feed[0].s);
		if (h->open && now > h->end + SETTLED_MS)	/* it took its time */
			h->end = now + AHEAD_MS;
	}
	return 0;
}

static int
run(struct app *a, struct history *h, struct fault *f)
{
	int r = windows(a, h, f);

	print_kept(a, h);
	for (int i = 0; i < h->feeds; i++)
		feed_free(&h->feed[i]);
	for (long i = 0; i < h->tail_n && i < h->tail_max; i++)
		buf_free(&h->tail[i]);
	free(h->tail);
	return r;
}

int
do_history(struct app *a, char *const words[], int n, struct fault *f)
{
	struct history h = { 0 };
	int most;

	if (wanted_prefix(a, &h.prefix, f) == -1 || begin(a, &h, words, n, f) == -1)
		return -1;
	most = h.m == MARKET_COINM ? MOST_COINM : MOST;
	add_feed(a, &h, &listings[REGULAR], most);
	add_feed(a, &h, &listings[CONDITIONAL], most);
	return run(a, &h, f);
}

int
do_fills(struct app *a, char *const words[], int n, struct fault *f)
{
	struct history h = { 0 };

	if (begin(a, &h, words, n, f) == -1)
		return -1;
	add_feed(a, &h, &fills, MOST);
	return run(a, &h, f);
}
