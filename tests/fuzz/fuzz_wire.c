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
 *	o x    every connection comes up; goes
 *	n      a newcomer is due
 *	t      three seconds go by
 *	r      the reader takes what waits; without it records queue up
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

#define BOUND	(256u << 10)

/*
 * What the program asks of the wire
 */

struct ws_conn { void *tag; bool removed; };
static struct ws_conn conns[4096];
static int nconns;
static int64_t fuzz_ms;
static unsigned long lines_out;

int ws_open(struct ws_loop **out, size_t max, const char *ca, const struct ws_events *ev, void *arg, struct fault *f)
{ (void)out, (void)max, (void)ca, (void)ev, (void)arg, (void)f; return 0; }
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
void ws_set_tag(struct ws_conn *c, void *tag) { c->tag = tag; }
int64_t ws_since(const struct ws_conn *c) { (void)c; return fuzz_ms; }
void ws_kick(struct ws_conn *c, const char *why) { (void)c, (void)why; }
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

/* No REST: what is asked for in the worker never comes. */
int worker_open(struct worker **out, struct ws_loop *l, struct session *s[static MARKETS], struct fault *f)
{ (void)out, (void)l, (void)s, (void)f; return 0; }
void worker_close(struct worker *w, void (*drop)(void *)) { (void)w, (void)drop; }
int
worker_do(struct worker *w, enum market m, int delay, void (*doing)(struct session *, void *),
    void (*done)(void *, void *), void *arg, void *job)
{
	struct job_head *h = job;

	(void)w, (void)m, (void)delay, (void)doing, (void)done, (void)arg;
	if (h != NULL)
		h->drop(job);
	return 0;
}
bool worker_stopping(const struct session *s) { (void)s; return false; }

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
open_app(struct app *a)
{
	struct fault f = { 0 };

	memset(a, 0, sizeof *a);
	nconns = 0;
	a->tool = &tool;
	a->left = -1;
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
	must(printer_open(&a->out, STDOUT_FILENO, "ndjson", NULL, NULL, &f) == 0);
	a->out.tty = false;
	a->out.out.patient = true;
	must(sink_open(&a->sink, SLOW_AUTO, BOUND, &f) == 0);
	must(plan_make(&a->plan, &a->wants, &f) == 0 && lines_make(&a->lines, &a->wants, &f) == 0);
	must(books_open(&a->books, 3, 0, "bf-stream", &snap_ops, a) == 0);
	must(feeds_open(a, &f) == 0);
	must(user_open(&a->user[0], a, MARKET_USDM, &f) == 0);
}

static void
close_app(struct app *a)
{
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
}

/* What was formatted, and then (all) what waits. */
static void
look(struct app *a, bool whole)
{
	struct buf *b = &a->out.out.b;
	struct scan sc = { 0 };

	do {
		char *p = b->p, *end = p + b->len, *nl;

		for (; p != NULL && p < end; p = nl + 1) {
			must((nl = memchr(p, '\n', (size_t)(end - p))) != NULL);
			must(scan_doc(&sc, p, (size_t)(nl - p)) > 0 && sc.t->kind == SCAN_OBJ);
			for (char *c = p; c < nl; c++)
				must((unsigned char)*c >= 0x20);
			lines_out++;
		}
		buf_reset(b);
	} while (whole && sink_next(a->sink, b));
	scan_free(&sc);
	must(sink_stats(a->sink).bytes <= BOUND + (64u << 10));
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
	} else if (what == 'n') {
		newcomers(a);
	} else if (what == 't') {
		a->mono = fuzz_ms += 3000;
		a->now += 3000;
		feeds_tick(a);
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
	open_app(a);
	to_all(a, WS_OPEN);
	for (; p < end && !a->stopping; p = nl + 1) {
		if ((nl = memchr(p, '\n', (size_t)(end - p))) == NULL)
			nl = end;
		if (nl > p)
			happen(a, p, (size_t)(nl - p));
		look(a, false);
		a->held = !a->held;	/* every other record has to queue */
	}
	look(a, true);
	close_app(a);
	return 0;
}
