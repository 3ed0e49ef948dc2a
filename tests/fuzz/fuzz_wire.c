/*
 * bf-stream under a fuzzer, from a message of a connection to the line on standard output:
 * the program itself, without sockets, threads and clocks.
 *
 * An input is lines; the first byte of each says what happens:
 *
 *	m p c  the rest is a message on the market, public or COIN-M connection
 *	M P C  the same on the newcomer that is to take its place, if there is one
 *	u      a message on the account's connection
 *	d      a depth snapshot of BTCUSDT
 *	a      an answer of REST that is to come; "!" is an error
 *	w      the worker does its next job, a key, a snapshot, what was missed, with such answers
 *	o x    every connection comes up; goes
 *	n      a newcomer is due
 *	t      three seconds go by
 *	r      the reader takes what waits; without it records queue up
 *	#      in the first line: bits of its next byte are --when-slow, a table, --count, --interval
 *
 * Whatever comes, each line that goes out is one JSON object that a second scan takes, with no
 * raw control character, and the queue stays within its bound.
 */
#define main bf_stream_main
int main(int argc, char *argv[]);
#include "../../cmd/bf-stream/main.c"
#undef main

#include <fcntl.h>

#include "../../cmd/bf-stream/feed.h"
#include "../../cmd/bf-stream/user.h"

#define BOUND	4096u	/* so little that inputs of some records overflow it */

/*
 * What the program asks of the wire
 */

struct ws_conn { void *tag; bool removed, open, kicked; };
static struct ws_conn conns[4096];
static int nconns;
static int64_t fuzz_ms;
static unsigned long lines_out;

int ws_open(struct ws_loop **out, size_t max, const char *ca, const struct ws_events *ev, void *arg, struct fault *f)
{ (void)out, (void)max, (void)ca, (void)ev, (void)arg, (void)f; return 0; }
int ws_proxy(struct ws_loop *l, const char *proxy, struct fault *f) { (void)l, (void)proxy, (void)f; return 0; }
struct ws_conn *
ws_add(struct ws_loop *l, const char *base, void *tag, struct fault *f)
{
	(void)l, (void)base;
	if (nconns == sizeof conns / sizeof *conns) {
		fault_set(f, FAULT_LOCAL, "enough");
		return NULL;
	}
	conns[nconns] = (struct ws_conn){ .tag = tag };
	return &conns[nconns++];
}
void *ws_tag(const struct ws_conn *c) { return c->tag; }
int64_t ws_since(const struct ws_conn *c) { (void)c; return fuzz_ms; }
void ws_kick(struct ws_conn *c, const char *why) { (void)why; c->kicked = true; }
void ws_remove(struct ws_conn *c) { c->removed = true; }
int ws_send(struct ws_conn *c, const char *p, size_t n) { (void)c, (void)p, (void)n; return 0; }
int ws_watch_in(struct ws_loop *l, int fd, void (*r)(void *), void *a) { (void)l, (void)fd, (void)r, (void)a; return 0; }
int ws_watch_out(struct ws_loop *l, int fd, void (*r)(void *), void (*g)(void *), void *a)
{ (void)l, (void)fd, (void)r, (void)g, (void)a; return 0; }
void ws_want_out(struct ws_loop *l) { (void)l; }
int ws_every(struct ws_loop *l, int ms, void (*fn)(void *), void *a) { (void)l, (void)ms, (void)fn, (void)a; return 0; }
void ws_run(struct ws_loop *l) { (void)l; }
void ws_stop(struct ws_loop *l) { (void)l; }
void ws_close(struct ws_loop *l) { (void)l; }

/* Jobs wait until the input has one done. */
static struct { enum market m; void (*doing)(struct session *, void *), (*done)(void *, void *); void *arg, *job; } jobs[64];
static int njobs;

int worker_open(struct worker **out, struct ws_loop *l, struct session *s[static MARKETS], struct fault *f)
{ (void)out, (void)l, (void)s, (void)f; return 0; }
void worker_close(struct worker *w, void (*drop)(void *)) { (void)w, (void)drop; }
int
worker_do(struct worker *w, enum market m, int delay, void (*doing)(struct session *, void *),
    void (*done)(void *, void *), void *arg, void *job)
{
	(void)w, (void)delay;
	if (njobs == sizeof jobs / sizeof *jobs)
		return -1;
	jobs[njobs].m = m;
	jobs[njobs].doing = doing;
	jobs[njobs].done = done;
	jobs[njobs].arg = arg;
	jobs[njobs++].job = job;
	return 0;
}
bool worker_stopping(const struct session *s) { (void)s; return false; }

/* REST: what the input has for answers. */
static struct buf answers;	/* lines */
static size_t answered;

int
session_call(struct session *s, enum ep ep, const char *query, bool urgent, struct fault *f)
{
	const char *p = answers.p == NULL ? "" : answers.p + answered, *nl = strchr(p, '\n');

	(void)ep, (void)query, (void)urgent;
	if (nl == NULL || *p == '!') {
		answered += nl == NULL ? 0 : (size_t)(nl + 1 - p);
		return fault_set(f, FAULT_AGAIN, "no answer");
	}
	buf_reset(&s->body);
	buf_put(&s->body, p, (size_t)(nl - p));
	answered += (size_t)(nl + 1 - p);
	return scan_doc(&s->doc, s->body.p, s->body.len) > 0 ? 0 : fault_set(f, FAULT_AGAIN, "no JSON");
}
int session_open(struct session *s, const char *profile, enum market m, bool key, struct fault *f)
{ (void)s, (void)profile, (void)m, (void)key; return fault_set(f, FAULT_LOCAL, "none here"); }
int session_open_alone(struct session *s, const char *profile, enum market m, struct fault *f)
{ return session_open(s, profile, m, true, f); }
void session_close(struct session *s) { (void)s; }
int session_transmissions(const struct session *s) { (void)s; return 0; }
int64_t session_now(struct session *s) { (void)s; return fuzz_ms; }
int session_sync(struct session *s, bool force, struct fault *f) { (void)s, (void)force, (void)f; return 0; }
int session_measure(struct session *s, int n, struct time_figures *fig, struct fault *f)
{ (void)s, (void)n, (void)fig, (void)f; return 0; }
int limits_spend(struct limits *l, enum rate r, int n, int64_t now, struct fault *f)
{ (void)l, (void)r, (void)n, (void)now, (void)f; return 0; }
void limits_set(struct limits *l, int weight, int orders_10s, int orders_1m)
{ (void)l, (void)weight, (void)orders_10s, (void)orders_1m; }

/*
 * The program
 */

static const struct { enum market m; const char *word, *symbol; } asked[] = {
	{ MARKET_USDM, "markPrice", NULL }, { MARKET_USDM, "aggTrade", "BTCUSDT" }, { MARKET_USDM, "depth@100ms", "BTCUSDT" },
	{ MARKET_USDM, "bookTicker", "BTCUSDT" }, { MARKET_USDM, "kline_1m", "BTCUSDT" }, { MARKET_USDM, "forceOrder", NULL },
	{ MARKET_USDM, "contractInfo", NULL }, { MARKET_COINM, "indexPrice", "BTCUSD" }, { MARKET_COINM, "depth5", "BTCUSD_PERP" },
	{ MARKET_COINM, "trade", "BTCUSD_PERP" },
};
#define ASKED	((int)(sizeof asked / sizeof *asked))

static void
must(bool ok)
{
	if (!ok)
		abort();
}

static void
open_app(struct app *a, unsigned how)
{
	struct fault f = { 0 };

	memset(a, 0, sizeof *a);
	nconns = njobs = 0;
	buf_reset(&answers);
	answered = 0;
	a->tool = &tool;
	a->left = how & 16 ? 3 : -1;
	a->opt.renew = 30;
	a->now = 1700000000000;
	a->mono = fuzz_ms = 1000000;
	a->clock_known = true;
	a->opt.max_lag = 2000;
	snprintf(a->s[0].prof.ws, sizeof a->s[0].prof.ws, "ws://127.0.0.1:1");
	snprintf(a->s[1].prof.coinm_ws, sizeof a->s[1].prof.coinm_ws, "ws://127.0.0.1:1");
	must((a->wants.w = calloc(ASKED, sizeof *a->wants.w)) != NULL);
	for (int i = 0; i < ASKED; i++) {
		struct want *w = &a->wants.w[i];
		struct buf name = { 0 };

		must(stream_name(&name, &w->row, asked[i].m, asked[i].word, asked[i].symbol, &f) == 0);
		w->market = asked[i].m;
		w->name = name.p;
		w->symbol = asked[i].symbol == NULL ? NULL : strdup(asked[i].symbol);
		a->wants.n++;
	}
	must(printer_open(&a->out, STDOUT_FILENO, &(struct print_as){ .format = how & 8 ? "table" : "ndjson" },
	    columns_for(&a->wants, true), &f) == 0);
	printer_live(&a->out);
	a->out.tty = false;
	a->out.out.patient = true;
	must(sink_open(&a->sink, (enum slow)(how % 8 % 5), BOUND, &f) == 0);
	must(plan_make(&a->plan, &a->wants, &f) == 0 && lines_make(&a->lines, &a->wants, &f) == 0);
	must(books_open(&a->books, 3, how & 32 ? 1000 : 0, "bf-stream", &snap_ops, a) == 0);
	must(feeds_open(a, &f) == 0);
	must(user_open(&a->user[0], a, MARKET_USDM, &f) == 0);
}

static void
close_app(struct app *a)
{
	for (int i = 0; i < njobs; i++)
		((struct job_head *)jobs[i].job)->drop(jobs[i].job);
	for (int m = 0; m < MARKETS; m++) {
		scan_free(&a->job[m].doc);
		buf_free(&a->job[m].body);
	}
	user_free(a->user[0]);
	feeds_free(a);
	plan_free(&a->plan);
	lines_drop(&a->lines);
	books_free(a->books);
	sink_free(a->sink);
	wants_free(&a->wants);
	scan_free(&a->sc);
	buf_free(&a->text);
	buf_free(&a->note);
	buf_free(&a->out.out.b);
	buf_free(&a->out.cells);
	buf_free(&a->out.one);
}

/* One record that waits is formatted, as app_drain does it. */
static bool
sink_more(struct app *a)
{
	struct fault f;

	if (!sink_next(a->sink, &a->text))
		return false;
	(void)printer_put(&a->out, &a->text, &f);
	return true;
}

/* What was formatted, and then (all) what waits. */
static void
look(struct app *a, bool whole)
{
	struct buf *b = &a->out.out.b;
	struct scan sc = { 0 };

	do {
		char *p = b->p, *end = p == NULL ? p : p + b->len, *nl;

		for (; p != NULL && p < end; p = nl + 1) {
			must((nl = memchr(p, '\n', (size_t)(end - p))) != NULL);
			must(a->out.table || (scan_doc(&sc, p, (size_t)(nl - p)) > 0 && sc.t->kind == SCAN_OBJ));
			for (char *c = p; c < nl; c++)
				must((unsigned char)*c >= 0x20 || (*c == '\t' && !a->out.table));	/* between tokens */
			lines_out++;
		}
		buf_reset(b);
	} while (whole && sink_more(a));
	scan_free(&sc);
	must(sink_stats(a->sink).bytes <= 2 * BOUND + (1u << 20) + (64u << 10));
}

static struct feed *
feed_of(struct app *a, char which)
{
	static const char *const name[] = { "market", "public", "coinm" };
	int n = which == 'm' ? 0 : which == 'p' ? 1 : 2;

	for (int i = 0; i < a->plan.n; i++)
		if (strcmp(a->plan.p[i].name, name[n]) == 0)
			return &a->feeds[i];
	return NULL;
}

static void
to_all(struct app *a, enum ws_state st)
{
	static const struct ws_why why = { .text = "fuzz" };

	for (int i = 0; i < a->plan.n; i++) {
		struct link *l = a->feeds[i].cur;

		if (st == WS_OPEN && !l->open)
			l->named = a->feeds[i].part->n;
		else if (st == WS_OPEN)
			continue;
		feed_state(a, l->conn, st, st == WS_CLOSED ? &why : NULL);
	}
}

/* The account's connections; those that were kicked go. */
static void
to_user(struct app *a, enum ws_state st, bool kicked)
{
	static const struct ws_why why = { .text = "fuzz" };
	char path[WS_PATH_MAX];

	for (int i = 0; i < nconns; i++) {
		struct ws_conn *c = &conns[i];

		if (c->tag != a->user[0] || c->removed || c->open == (st == WS_OPEN) || (kicked && !c->kicked))
			continue;
		if (st == WS_OPEN && user_path(a->user[0], path, sizeof path) != 0)
			continue;
		c->open = st == WS_OPEN;
		c->kicked = false;
		user_state(a->user[0], c, st, st == WS_CLOSED ? &why : NULL);
	}
}

static void
work(struct app *a)
{
	struct session *s;
	int i = 0;

	if (njobs == 0)
		return;
	s = &a->job[jobs[0].m];
	jobs[0].doing(s, jobs[0].job);
	jobs[0].done(jobs[0].arg, jobs[0].job);
	for (njobs--; i < njobs; i++)
		jobs[i] = jobs[i + 1];
}

static void
newcomers(struct app *a)
{
	for (int i = 0; i < a->plan.n; i++) {
		struct feed *fd = &a->feeds[i];

		fd->renew = 0;
		feeds_tick(a);
		if (fd->next != NULL && !fd->next->open) {
			fd->next->named = fd->part->n;
			feed_state(a, fd->next->conn, WS_OPEN, NULL);
		}
	}
}

static void
happen(struct app *a, const char *p, size_t n)
{
	char what = *p++, low = (char)(what | 0x20);
	struct scan sc = { 0 };
	struct feed *fd;
	char *copy = malloc(n);	/* of its own size, so that a byte too far is seen */

	must(copy != NULL);
	memcpy(copy, p, --n);
	if (low == 'm' || low == 'p' || low == 'c') {
		fd = feed_of(a, low);
		if (what == low)
			feed_text(a, fd->cur->conn, copy, n);
		else if (fd->next != NULL)
			feed_text(a, fd->next->conn, copy, n);
	} else if (what == 'u') {
		user_text(a->user[0], copy, n);
	} else if (what == 'd' && scan_doc(&sc, copy, n) > 0) {
		books_snapshot(a->books, MARKET_USDM, "BTCUSDT", sc.t, sc.t, a->now);
	} else if (what == 'o' || what == 'x') {
		to_all(a, what == 'o' ? WS_OPEN : WS_CLOSED);
		to_user(a, what == 'o' ? WS_OPEN : WS_CLOSED, false);
	} else if (what == 'a') {
		buf_put(&answers, copy, n);
		buf_chr(&answers, '\n');
	} else if (what == 'w') {
		work(a);
	} else if (what == 'n') {
		newcomers(a);
	} else if (what == 't') {
		a->mono = fuzz_ms += 3000;
		a->now += 3000;
		feeds_tick(a);
		user_tick(a->user[0], a->mono);
		books_tick(a->books, a->now);
		watch_tick(a);
	} else if (what == 'r') {
		a->held = false;
		look(a, true);
	}
	free(copy);
	scan_free(&sc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const char *p = (const char *)data, *end = p + n, *nl;
	static int err = -1;
	struct app *a = &app;

	if (err == -1) {	/* sentences for a person are not looked at */
		err = open("/dev/null", O_WRONLY);
		dup2(err, STDERR_FILENO);
	}
	open_app(a, n > 1 && *p == '#' ? (unsigned char)p[1] : 0);
	to_all(a, WS_OPEN);
	for (; p < end && !a->stopping; p = nl + 1) {
		if ((nl = memchr(p, '\n', (size_t)(end - p))) == NULL)
			nl = end;
		if (nl > p)
			happen(a, p, (size_t)(nl - p));
		to_user(a, WS_CLOSED, true);
		look(a, false);
		a->held = !a->held;	/* every other record has to queue */
	}
	look(a, true);
	close_app(a);
	return 0;
}
