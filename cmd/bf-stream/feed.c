/* The connections of the plan: opened, filled with streams, watched, replaced. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/span.h"
#include "feed.h"
#include "io/sys.h"

#define FRAME_GAP_MS	(1000 / FRAMES_PER_S)
#define ANSWER_MS	10000	/* a SUBSCRIBE unanswered for so long: try another connection */
#define OVERLAP_MS	2000	/* both connections give, at the least */
#define OVERLAP_MAX_MS	20000	/* and at the most */
#define LIFE_S		(23 * 3600)	/* the exchange ends a connection after 24 h */
#define KICK_MAX_MS	300000
#define DEAD_MS		45000	/* a peer that is gone is noticed within 40 s */

void
conn_note(struct app *a, const char *conn, const char *state, const char *why)
{
	struct buf *b;

	if (strcmp(state, "down") == 0)
		tool_say(a->tool, STDERR_FILENO, "%s stream down: %s; reconnecting", conn, why);
	b = app_note(a, "conn");
	jw_str(b, "conn", conn);
	jw_str(b, "state", state);
	jw_str(b, "why", why);
	app_note_end(a);
}

static struct link *
link_new(struct feed *fd, struct fault *f)
{
	struct link *l = calloc(1, sizeof *l);
	const char *base = profile_ws(&fd->a->s[fd->part->market].prof, fd->part->market, f);

	if (base == NULL || l == NULL) {
		free(l);
		if (base != NULL)
			fault_set(f, FAULT_LOCAL, "out of memory");
		return NULL;
	}
	l->feed = fd;
	if ((l->conn = ws_add(fd->a->loop, base, l, f)) == NULL) {
		free(l);
		return NULL;
	}
	return l;
}

static void
link_free(struct link *l)
{
	if (l == NULL)
		return;
	free(l->held);
	buf_free(&l->bytes);
	free(l);
}

/* So that many connections of many processes are not all replaced in one minute. */
static int64_t
life_ms(const struct app *a)
{
	int64_t life = (a->opt.renew > 0 ? a->opt.renew : LIFE_S) * INT64_C(1000);

	return life - sys_dice(life / 24 + 1);
}

int
feeds_open(struct app *a, struct fault *f)
{
	if ((a->feeds = calloc((size_t)a->plan.n + 1, sizeof *a->feeds)) == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	for (int i = 0; i < a->plan.n; i++) {
		struct feed *fd = &a->feeds[i];

		fd->a = a;
		fd->part = &a->plan.p[i];
		if ((fd->cur = link_new(fd, f)) == NULL)
			return -1;
	}
	return 0;
}

void
feeds_free(struct app *a)
{
	for (int i = 0; i < a->plan.n && a->feeds != NULL; i++) {
		link_free(a->feeds[i].cur);
		link_free(a->feeds[i].next);
	}
	free(a->feeds);
	a->feeds = NULL;
}

int
feed_path(struct app *a, struct ws_conn *c, char *out, size_t size)
{
	struct link *l = ws_tag(c);
	struct session *s = &a->s[l->feed->part->market];
	struct fault f = { 0 };

	if (limits_spend(s->lim, RATE_CONNECT, 1, app_now(a), &f) == -1) {
		if (f.kind == FAULT_AGAIN && f.retry_ms > 0)
			return f.retry_ms > 60000 ? 60000 : (int)f.retry_ms + 1;
		app_stop(a, &f);
		return -1;
	}
	l->named = part_path(l->feed->part, out, size);
	return 0;
}

static struct line *
line_of(const struct feed *fd, int i)
{
	return &fd->a->lines.line[fd->part->w[i] - fd->a->wants.w];
}

/* From now on the streams are judged by what comes; or not any more (mono 0). */
static void
subscribed(struct feed *fd, int from, int to, int64_t mono)
{
	for (int i = from; i < to; i++)
	{
		struct line *ln = line_of(fd, i);

		ln->since = mono;
		if (ln->asked == 0)
			ln->asked = mono;
	}
}

/* What the exchange sent while nobody was there is not sent again. */
static void
tell_lost(struct feed *fd, const char *why)
{
	for (int i = 0; i < fd->part->n; i++) {
		struct line *ln = line_of(fd, i);
		struct buf *b;

		if (!gap_matters(fd->a, ln))
			continue;
		b = app_note(fd->a, "gap");
		jw_str(b, "stream", ln->w->name);
		if (ln->w->symbol != NULL)
			jw_str(b, "s", ln->w->symbol);
		jw_i64(b, "from", fd->lost);
		jw_i64(b, "to", fd->a->now);
		jw_str(b, "why", why);
		app_note_end(fd->a);
	}
}

static void
ready(struct link *l)
{
	struct feed *fd = l->feed;

	l->ready = fd->a->mono;
	l->ready_at = fd->a->now;
	subscribed(fd, 0, fd->part->n, l->ready);
	if (l != fd->cur)
		return;
	fd->renew = l->ready + life_ms(fd->a);
	if (fd->lost != 0)
		tell_lost(fd, "connection lost");
	fd->lost = 0;
}

static void
opened(struct link *l)
{
	struct feed *fd = l->feed;

	l->open = true;
	l->unanswered = 0;
	l->ready = 0;
	l->E = 0;
	if (l == fd->cur) {
		fd->heard = fd->a->mono;
		fd->down = false;
		conn_note(fd->a, fd->part->name, "up", "");
	}
	if (l->named == fd->part->n)
		ready(l);
}

/* The newcomer is the connection now. */
static void
promote(struct feed *fd, const char *why)
{
	struct link *old = fd->cur;

	if (old->E != 0 && (fd->next->E != 0 || fd->lost != 0) && !over_caught_up(fd))
		over_unsure(fd);
	over_force(fd);
	fd->cur = fd->next;
	fd->next = NULL;
	fd->heard = fd->a->mono;
	fd->lost = 0;
	fd->cur->nheld = 0;
	buf_free(&fd->cur->bytes);
	over_reset(fd);
	fd->renew = fd->a->mono + life_ms(fd->a);
	ws_remove(old->conn);
	link_free(old);
	conn_note(fd->a, fd->part->name, "replaced", why);
}

static void
drop_newcomer(struct feed *fd)
{
	struct link *l = fd->next;

	over_reset(fd);
	fd->next = NULL;
	ws_remove(l->conn);
	link_free(l);
	fd->renew = fd->a->mono + 60000;	/* the old one still lives: try again soon */
}

static void
books_gone(struct feed *fd)
{
	for (int i = 0; i < fd->part->n && fd->a->books != NULL; i++)
		if (strcmp(fd->part->w[i]->row->name, "depth") == 0)
			books_lost(fd->a->books, fd->part->market, fd->part->w[i]->name, fd->a->now);
}

/* Nothing since the last message is known to have been sent: a connection is seen to be
 * lost only some time after it was. Of one that is kicked for its silence all of that. */
static void
lost(struct feed *fd, bool kicked)
{
	int64_t blind = fd->a->mono - fd->heard;

	if (fd->lost == 0)
		fd->lost = fd->a->now - (blind > DEAD_MS && !kicked ? DEAD_MS : blind);
}

static void
closed(struct link *l, const struct ws_why *why)
{
	struct feed *fd = l->feed;
	bool was = l->open;

	if (l == fd->next) {
		drop_newcomer(fd);
		return;
	}
	l->open = false;
	l->ready = 0;
	if (fd->next != NULL && fd->next->ready != 0) {
		promote(fd, why->text);
		return;
	}
	if (fd->next != NULL)
		drop_newcomer(fd);
	subscribed(fd, 0, fd->part->n, 0);
	if (fd->down)	/* another attempt that failed is no change */
		return;
	fd->down = true;
	if (was)
		lost(fd, false);
	books_gone(fd);
	conn_note(fd->a, fd->part->name, "down", why->text);
}

void
feed_state(struct app *a, struct ws_conn *c, enum ws_state st, const struct ws_why *why)
{
	(void)a;
	if (st == WS_OPEN)
		opened(ws_tag(c));
	else if (st == WS_CLOSED)
		closed(ws_tag(c), why);
}

/* Not all of its streams will come: it must not serve, or take over, as if they did. */
static void
refused(struct link *l)
{
	struct feed *fd = l->feed;

	if (l == fd->next)
		drop_newcomer(fd);
	else
		ws_kick(l->conn, "a subscription was refused");
}

/* The answer to a request, or a complaint: not a record. */
static bool
control(struct link *l, const struct tok *t, const struct tok *v)
{
	struct feed *fd = l->feed;
	char msg[200] = "";

	if (v->kind != SCAN_OBJ || scan_get(t, v, "e") != NULL)
		return false;
	if (scan_get(t, v, "error") != NULL || scan_get(t, v, "code") != NULL) {
		if (!scan_get_str(t, v, "msg", msg, sizeof msg))
			scan_get_str(t, scan_get(t, v, "error"), "msg", msg, sizeof msg);
		app_say(fd->a, "%s stream: the exchange complains: %s", fd->part->name, msg);
		if (l->unanswered > 0) {
			refused(l);
			return true;
		}
	} else if (scan_get(t, v, "result") == NULL || scan_get(t, v, "id") == NULL) {
		return false;
	}
	if (l->unanswered > 0 && --l->unanswered == 0 && l->named == fd->part->n && l->ready == 0)
		ready(l);
	return true;
}

static void
element(struct link *l, struct line *ln, const struct tok *t, const struct tok *v)
{
	struct feed *fd = l->feed;
	struct mark m;
	struct key *k;

	if (v->kind != SCAN_OBJ) {
		app_say(fd->a, "%s stream: passed over a value that is no object", fd->part->name);
		return;
	}
	if (take_other_market(ln, t, v) || (k = take_key(fd->a, ln, t, v)) == NULL)
		return;
	record_mark(&m, ln->w->row, t, v);
	if (m.E > l->E)
		l->E = m.E;
	if (l == fd->next ? !over_newcomer(fd, k, &m, v) : !over_wants(fd, k, &m))
		return;
	take_deliver(fd->a, k, &m, t, v);
	if (l == fd->cur)
		over_old(fd, k);
}

void
feed_text(struct app *a, struct ws_conn *c, const char *p, size_t n)
{
	struct link *l = ws_tag(c);
	struct feed *fd = l->feed;
	const struct tok *t, *name, *data;
	struct line *ln;
	int r;

	if (l == fd->cur)
		fd->heard = a->mono;
	if ((r = scan_doc(&a->sc, p, n)) <= 0) {
		app_say(a, "%s stream: passed over a message: %s", fd->part->name, scan_strerror(r));
		return;
	}
	t = a->sc.t;
	name = scan_get(t, t, "stream");
	data = scan_get(t, t, "data");
	if (name == NULL || name->kind != SCAN_STR || data == NULL) {
		if (!control(l, t, t))
			app_say(a, "%s stream: passed over a message that names no stream",
			    fd->part->name);
		return;
	}
	if ((ln = line_find(&a->lines, fd->part->market, name->p, name->len)) == NULL) {
		app_say(a, "%s stream: passed over a record of %.*s, which was not asked for",
		    fd->part->name, (int)(name->len > 80 ? 80 : name->len), name->p);
		return;
	}
	if (data->kind != SCAN_ARR) {
		element(l, ln, t, data);
		return;
	}
	for (const struct tok *v = scan_first(data); v != NULL; v = scan_next(t, data, v))
		element(l, ln, t, v);
}

/* The rest of the streams, a message at a time. */
static void
subscribe_more(struct link *l)
{
	struct feed *fd = l->feed;
	struct buf frame = { 0 };
	int to;

	if (!l->open || l->named == fd->part->n)
		return;
	to = part_frame(fd->part, l->named, ++l->id, &frame);
	if (!frame.bad && ws_send(l->conn, frame.p, frame.len) == 0) {
		l->named = to;
		l->unanswered++;
	}
	buf_free(&frame);
}

/* Every stream of the connection that should speak is silent: the socket may live, what
 * it carries does not. Each time in vain the next patience is twice as long. */
static void
stalled(struct feed *fd)
{
	struct app *a = fd->a;
	int64_t worst = 0, patience = 0, lim;
	int judged = 0;

	for (int i = 0; i < fd->part->n; i++) {
		const struct line *ln = line_of(fd, i);
		int64_t from = ln->heard > ln->since ? ln->heard : ln->since;

		if ((lim = watch_limit(a, ln)) == 0 || ln->since == 0)
			continue;
		judged++;
		if (a->mono - from <= lim) {
			if (ln->heard > ln->since)
				fd->kicks = 0;
			return;
		}
		if (worst == 0 || a->mono - from < worst)
			worst = a->mono - from;
		if (lim > patience)
			patience = lim;
	}
	for (int i = 0; i < fd->kicks && patience < KICK_MAX_MS; i++)
		patience *= 2;
	if (judged == 0 || a->mono - fd->kicked < patience)
		return;
	fd->kicks++;
	fd->kicked = a->mono;
	lost(fd, true);
	ws_kick(fd->cur->conn, "nothing comes from any of its streams");
}

/* A SUBSCRIBE has gone without an answer for too long. */
static bool
unanswered(const struct link *l)
{
	const struct part *p = l->feed->part;

	return l->open && l->ready == 0 && l->unanswered > 0 && l->feed->a->mono - ws_since(l->conn) >
	    ANSWER_MS + (int64_t)p->n / FRAME_NAMES * FRAME_GAP_MS;
}

static void
one_tick(struct feed *fd)
{
	struct app *a = fd->a;
	struct fault f = { 0 };
	struct link *l = fd->next;

	subscribe_more(fd->cur);
	if (l != NULL) {
		subscribe_more(l);
		if (l->ready != 0 && ((a->mono - l->ready >= OVERLAP_MS && over_done(fd) && over_caught_up(fd)) ||
		    a->mono - l->ready >= OVERLAP_MAX_MS))
			promote(fd, "its time was up");
		else if (unanswered(l))
			drop_newcomer(fd);
	} else if (fd->cur->ready != 0 && a->mono >= fd->renew) {
		fd->next = link_new(fd, &f);
		if (fd->next == NULL)
			fd->renew = a->mono + 60000;
	}
	if (fd->cur->ready != 0)
		stalled(fd);
	else if (unanswered(fd->cur))
		ws_kick(fd->cur->conn, "a subscription was not answered");
}

void
feeds_tick(struct app *a)
{
	for (int i = 0; i < a->plan.n; i++)
		one_tick(&a->feeds[i]);
}

/* Streams that may rightly say nothing prove nothing; where there are only such, the connection has to do. */
static bool
fed(const struct feed *fd)
{
	int judged = 0;

	if (fd->cur->ready == 0)
		return false;
	for (int i = 0; i < fd->part->n; i++) {
		const struct line *ln = line_of(fd, i);
		int64_t lim = watch_limit(fd->a, ln), from = ln->heard > ln->since ? ln->heard : ln->since;

		if (lim == 0)
			continue;
		judged++;
		if (fd->a->mono - from <= lim)
			return true;
	}
	return judged == 0;
}

bool
feeds_fed(const struct app *a)
{
	for (int i = 0; i < a->plan.n; i++)
		if (!fed(&a->feeds[i]))
			return false;
	return true;
}
