/* The market from a recording: what lines are understood, how they are paced,
 * and the books that come of them, against the exchange's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../cmd/bf-sim/feed.h"
#include "../../cmd/bf-sim/specs.h"
#include "core/buf.h"
#include "decimal.h"
#include "recorded.h"
#include "scratch.h"

#define LEN(a)	(sizeof (a) / sizeof *(a))
#define START	INT64_C(1723161200000)	/* 2024-08-08, a minute before the recordings */

static const char *
S(dec d)
{
	static char ring[8][DEC_STR];
	static unsigned k;
	char *p = ring[k++ % LEN(ring)];

	dec_print_short(d, p);
	return p;
}

/*
 * A feed that writes down what it says
 */

struct diary { struct buf log; int ends; };

static void
on_record(void *ctx, const struct feed_record *r)
{
	static const char *const names[] = { "mark", "depth", "book", "trade", "kline" };
	struct diary *d = ctx;

	buf_printf(&d->log, "%s %s %s", names[r->kind], r->symbol, S(r->price));
	if (r->kind == FEED_MARK)
		buf_printf(&d->log, " i=%s", S(r->index));
	if (r->kind == FEED_TRADE)
		buf_printf(&d->log, " %s %s", r->taker == SIDE_BUY ? "buys" : "sells", S(r->qty));
	if (r->kind == FEED_DEPTH)
		buf_printf(&d->log, " %s %llu %llu %llu", r->reset ? "reset" : "diff",
		    (unsigned long long)r->U, (unsigned long long)r->u,
		    (unsigned long long)r->pu);
	for (int i = 0; i < r->nlevel; i++)
		buf_printf(&d->log, " %c%sx%s", r->level[i].side == SIDE_BUY ? 'b' : 'a',
		    S(r->level[i].price), S(r->level[i].qty));
	buf_printf(&d->log, "\n");
}

static void
on_bad(void *ctx, unsigned long long line, const char *why)
{
	struct diary *d = ctx;

	buf_printf(&d->log, "bad %llu: %s\n", line, why);
}

static void
on_end(void *ctx)
{
	((struct diary *)ctx)->ends++;
}

static const char *
file_of(const char *text)
{
	static char path[512];
	FILE *fp;

	snprintf(path, sizeof path, "%s/feed.ndjson", scratch);
	assert_non_null(fp = fopen(path, "w"));
	assert_true(fputs(text, fp) >= 0);
	assert_int_equal(fclose(fp), 0);
	return path;
}

static struct feed *
open_text(const char *text, const char *speed, struct diary *d)
{
	struct feed_app app = { d, on_record, on_bad, on_end };
	struct feed_opts o = { file_of(text), D(speed), false };
	struct fault f;
	struct feed *fd = feed_open(&o, &app, &f);

	assert_non_null(fd);
	return fd;
}

static const char *
said(struct diary *d)
{
	buf_str(&d->log, "");
	return d->log.p;
}

static void
test_kinds(void **state)
{
	static const struct { const char *line, *want; } row[] = {
		{ "{\"e\":\"markPriceUpdate\",\"E\":1,\"s\":\"BTCUSDT\",\"p\":\"60000.5\",\"i\":\"60001\"}",
		  "mark BTCUSDT 60000.5 i=60001\n" },
		{ "{\"stream\":\"btcusd_perp@markPrice\",\"data\":{\"e\":\"markPriceUpdate\",\"E\":1,"
		  "\"s\":\"BTCUSD_PERP\",\"p\":\"1\",\"r\":\"\"}}", "mark BTCUSD_PERP 1 i=0\n" },
		{ "{\"stream\":\"!markPrice@arr\",\"data\":[{\"e\":\"markPriceUpdate\",\"E\":1,\"s\":\"A\","
		  "\"p\":\"1\"},{\"e\":\"markPriceUpdate\",\"E\":1,\"s\":\"B\",\"p\":\"2\"}]}",
		  "mark A 1 i=0\nmark B 2 i=0\n" },
		{ "[{\"e\":\"markPriceUpdate\",\"E\":1,\"s\":\"A\",\"p\":\"0\"},7,{\"e\":\"x\"},"
		  "{\"e\":\"markPriceUpdate\",\"E\":1,\"s\":\"B\",\"p\":\"2\"}]",
		  "bad 1: p: no price\nbad 1: not a JSON object\nmark B 2 i=0\n" },
		{ "{\"e\":\"bookTicker\",\"u\":7,\"s\":\"X\",\"b\":\"10\",\"B\":\"1\",\"a\":\"11\","
		  "\"A\":\"2\",\"T\":1,\"E\":1}", "book X 10.5 b10x1 a11x2\n" },
		{ "{\"e\":\"bookTicker\",\"u\":7,\"s\":\"X\",\"b\":\"0\",\"B\":\"0\",\"a\":\"11\","
		  "\"A\":\"2\",\"T\":1,\"E\":1}", "book X 0 b0x0 a11x2\n" },
		{ "{\"e\":\"aggTrade\",\"E\":1,\"a\":5,\"s\":\"X\",\"p\":\"9\",\"q\":\"3\",\"nq\":\"3\",\"m\":true}",
		  "trade X 9 sells 3\n" },
		{ "{\"e\":\"trade\",\"E\":1,\"s\":\"X\",\"t\":5,\"p\":\"9\",\"q\":\"3\",\"X\":\"MARKET\",\"m\":false}",
		  "trade X 9 buys 3\n" },
		{ "{\"e\":\"trade\",\"E\":1,\"s\":\"X\",\"t\":5,\"p\":\"0\",\"q\":\"0\",\"X\":\"NA\",\"m\":false}", "" },
		{ "{\"e\":\"kline\",\"E\":1,\"s\":\"X\",\"k\":{\"t\":0, \"c\":\"12.5\"}}", "kline X 12.5\n" },
		{ "{\"e\":\"continuous_kline\",\"E\":1,\"ps\":\"BTCUSD\",\"ct\":\"PERPETUAL\",\"k\":{\"c\":\"12.5\"}}",
		  "kline BTCUSD_PERP 12.5\n" },
		{ "{\"e\":\"continuous_kline\",\"E\":1,\"ps\":\"BTCUSDT\",\"ct\":\"NEXT_QUARTER\",\"k\":{}}", "" },
		{ "{\"e\":\"depthUpdate\",\"E\":1,\"s\":\"X\",\"U\":5,\"u\":6,\"pu\":4,\"b\":[[\"1\",\"0\"]],\"a\":[]}",
		  "depth X 0 diff 5 6 4 b1x0\n" },
		{ "{\"stream\":\"x@depth5@100ms\",\"data\":{\"e\":\"depthUpdate\",\"E\":1,\"s\":\"X\",\"U\":5,"
		  "\"u\":6,\"pu\":-1,\"b\":[],\"a\":[[\"8.4\",\"2\"]]}}", "depth X 0 reset 5 6 0 a8.4x2\n" },
		{ "{\"e\":\"depthUpdate\",\"E\":1,\"s\":\"X\",\"U\":5,\"u\":6,\"pu\":4,\"b\":[[\"9\",\"1\"],"
		  "[\"8\",\"1\"],[\"7\",\"1\"],[\"6\",\"1\"],[\"5\",\"1\"]],\"a\":[[\"10\",\"1\"],[\"11\",\"1\"],"
		  "[\"12\",\"1\"],[\"13\",\"1\"],[\"14\",\"1\"]]}", "depth X 9.5 reset 5 6 4 b9x1 b8x1 b7x1 "
		  "b6x1 b5x1 a10x1 a11x1 a12x1 a13x1 a14x1\n" },
		{ "{\"lastUpdateId\":9,\"E\":1,\"T\":1,\"symbol\":\"X\",\"bids\":[[\"1\",\"2\"]],\"asks\":[]}",
		  "depth X 0 reset 9 9 0 b1x2\n" },
		{ "{\"lastUpdateId\":9,\"bids\":[],\"asks\":[]}", "bad 1: a snapshot without a symbol\n" },
		{ "{\"e\":\"forceOrder\",\"E\":1,\"o\":{\"s\":\"X\"}}", "" },
		{ "{\"e\":\"bf.conn\",\"E\":1}", "" },
		{ "", "" },
		{ "{\"e\":\"kline\",\"E\":1,\"s\":\"X\",\"k\":7}", "bad 1: k.c: no price\n" },
		{ "{\"e\":\"kline\",\"E\":1,\"k\":{\"c\":\"1\"}}", "bad 1: s: no symbol\n" },
		{ "{\"e\":\"kline\",\"s\":\"X\",\"k\":{\"c\":\"1\"}}", "bad 1: E: no time\n" },
		{ "{\"e\":\"depthUpdate\",\"E\":1,\"s\":\"X\",\"U\":5,\"u\":6,\"b\":[[\"1\"]],\"a\":[]}",
		  "bad 1: b, a: not two lists of levels\n" },
		{ "{\"e\":\"trade\",\"E\":1,\"s\":\"X\",\"p\":\"9\",\"q\":\"1000000000000000000000000000000\","
		  "\"m\":true}", "bad 1: q: no quantity\n" },
		{ "7", "bad 1: not a JSON object\n" },
		{ "{\"e\":\"trade\"", "bad 1: not valid JSON\n" }
	};

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		struct diary d = { .ends = 0 };
		char line[1024];
		struct feed *fd;
		const char *got;

		snprintf(line, sizeof line, "%s\n", row[i].line);
		fd = open_text(line, "0", &d);
		feed_start(fd, 1000);
		feed_tick(fd, 1000);
		got = said(&d);
		if (strcmp(got, row[i].want) != 0)
			fail_msg("%s:\n%s", row[i].line, got);
		assert_int_equal(d.ends, 1);
		feed_close(fd);
		buf_free(&d.log);
	}
}

static void
test_pace(void **state)
{
	static const char text[] =
	    "{\"lastUpdateId\":9,\"bids\":[],\"asks\":[]}\n"
	    "{\"e\":\"kline\",\"E\":5000,\"s\":\"X\",\"k\":{\"c\":\"1\"}}\n"
	    "nonsense\n"
	    "{\"e\":\"kline\",\"E\":7000,\"s\":\"X\",\"k\":{\"c\":\"2\"}}\n"
	    "{\"e\":\"kline\",\"E\":6900,\"s\":\"X\",\"k\":{\"c\":\"3\"}}\n";
	struct diary d = { .ends = 0 };
	struct feed *fd = open_text(text, "10", &d);

	(void)state;
	feed_peek(fd, on_record, &d);
	feed_start(fd, 100);		/* the snapshot's symbol is known by now */
	assert_int_equal(feed_due(fd), 100);
	feed_tick(fd, 100);
	assert_int_equal(feed_due(fd), 300);	/* 2000 ms, ten times as fast */
	feed_tick(fd, 299);
	feed_tick(fd, 300);
	assert_int_equal(feed_due(fd), FEED_NEVER);
	assert_string_equal(said(&d), "kline X 1\ndepth X 0 reset 9 9 0\nkline X 1\n"
	    "bad 3: not valid JSON\nkline X 2\nkline X 3\n");
	feed_close(fd);
	buf_free(&d.log);
}

/* Of a pipe, lines are taken as they come, and the first one before the rest. */
static void
test_pipe(void **state)
{
	struct diary d = { .ends = 0 };
	struct feed_app app = { &d, on_record, on_bad, on_end };
	char path[512];
	struct feed_opts o = { path, { 0, 0 }, true };
	struct feed *fd;
	struct fault f;
	int w;

	(void)state;
	snprintf(path, sizeof path, "%s/pipe", scratch);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_non_null(fd = feed_open(&o, &app, &f));
	assert_true((w = open(path, O_WRONLY)) >= 0);
	dprintf(w, "[{\"e\":\"kline\",\"E\":5,\"s\":\"X\",\"k\":{\"c\":\"1\"}},"
	    "{\"e\":\"kline\",\"E\":5,\"s\":\"X\",\"k\":{\"c\":\"2\"}}]\n{\"e\":\"kline\",");
	feed_input(fd);
	assert_true(feed_waits(fd));
	assert_int_equal(feed_fd(fd), -1);
	feed_go(fd, 0);
	assert_true(feed_fd(fd) >= 0);
	dprintf(w, "\"E\":5,\"s\":\"X\",\"k\":{\"c\":\"3\"}}\n");
	feed_input(fd);
	assert_string_equal(said(&d), "kline X 1\nkline X 2\nkline X 3\n");
	close(w);
	feed_close(fd);
	buf_free(&d.log);
}

static void
test_no_file(void **state)
{
	struct diary d = { .ends = 0 };
	struct feed_app app = { &d, on_record, on_bad, on_end };
	struct feed_opts o = { "/nonexistent/feed", { 0, 0 }, false };
	struct fault f;

	(void)state;
	assert_null(feed_open(&o, &app, &f));
	assert_int_equal(f.kind, FAULT_USAGE);
}

/*
 * The paper market
 */

struct market { struct engine *e; struct paper *p; struct fault f; };

static struct market
market(void)
{
	struct engine_config c = engine_config_default();
	struct market m;

	c.start_ms = START;
	assert_non_null(m.e = engine_new(&c, &m.f));
	assert_non_null(m.p = paper_new(m.e));
	return m;
}

static void
close_market(struct market *m)
{
	assert_null(engine_check(m->e));
	paper_free(m->p);
	engine_free(m->e);
}

static void
apply(struct market *m, const struct feed_record *r)
{
	if (paper_apply(m->p, r, START, &m->f) == -1)
		fail_msg("line %llu: %s", r->line, m->f.text);
}

/* "b60000x1 a60001x0": levels of a record. */
static void
depth(struct market *m, bool reset, uint64_t U, uint64_t u, uint64_t pu, const char *levels)
{
	struct engine_level l[8];
	struct feed_record r = { .kind = FEED_DEPTH, .reset = reset, .U = U, .u = u, .pu = pu,
	    .level = l };
	char price[32], qty[32], side;
	int used;

	snprintf(r.symbol, sizeof r.symbol, "BTCUSDT");
	while (sscanf(levels, " %c%31[0-9.]x%31[0-9.]%n", &side, price, qty, &used) == 3) {
		l[r.nlevel++] = (struct engine_level){ side == 'b' ? SIDE_BUY : SIDE_SELL,
		    D(price), D(qty) };
		levels += used;
	}
	apply(m, &r);
}

static void
top(struct market *m, const char *bid, const char *bq, const char *ask, const char *aq)
{
	struct engine_level l[2] = { { SIDE_BUY, D(bid), D(bq) }, { SIDE_SELL, D(ask), D(aq) } };
	struct feed_record r = { .kind = FEED_BOOK, .level = l, .nlevel = 2 };

	snprintf(r.symbol, sizeof r.symbol, "BTCUSDT");
	if (dec_sign(l[0].qty) > 0 && dec_sign(l[1].qty) > 0) {
		assert_true(dec_add(&r.price, l[0].price, l[1].price));
		assert_true(dec_div(&r.price, r.price, dec_int(2), 8, DEC_DOWN));
	}
	apply(m, &r);
}

static const char *
book(const struct market *m)
{
	static char text[512];
	struct engine_level l[8];
	size_t at = 0;
	int n;

	text[0] = '\0';
	for (int side = 0; side < 2; side++) {
		n = engine_depth(m->e, 0, side == 0 ? SIDE_BUY : SIDE_SELL, l, 8);
		for (int i = 0; i < n; i++)
			at += (size_t)snprintf(text + at, sizeof text - at, "%s%c%sx%s",
			    at == 0 ? "" : " ", "ba"[side], S(l[i].price), S(l[i].qty));
	}
	return text;
}

static void
test_chain(void **state)
{
	struct market m = market();

	(void)state;
	depth(&m, true, 10, 10, 0, "b60000x1 a60001x1");
	depth(&m, false, 5, 9, 4, "b60000x7");		/* before the snapshot */
	assert_string_equal(book(&m), "b60000x1 a60001x1");
	depth(&m, false, 8, 12, 7, "b60000x2");		/* meets it */
	depth(&m, false, 15, 16, 12, "a60001x0 a60002x3");
	assert_string_equal(book(&m), "b60000x2 a60002x3");
	depth(&m, false, 20, 21, 19, "b60000x9");	/* one is missing */
	assert_string_equal(book(&m), "");
	depth(&m, false, 22, 23, 21, "b60000x8 a60002x4");
	assert_string_equal(book(&m), "");
	top(&m, "59999", "1", "60003", "1");		/* meanwhile */
	assert_string_equal(book(&m), "b59999x1 a60003x1");
	depth(&m, true, 20, 20, 0, "b60000x5 a60002x5");/* older than what came since */
	assert_string_equal(book(&m), "b60000x8 a60002x4");
	depth(&m, false, 24, 24, 23, "b60000x6");
	assert_string_equal(book(&m), "b60000x6 a60002x4");
	close_market(&m);
}

static void
test_diffs_alone(void **state)
{
	struct market m = market();

	(void)state;
	depth(&m, false, 5, 9, 4, "b60000x1 a60001x1 a60002x1");
	depth(&m, false, 11, 12, 9, "a60001x0");
	assert_string_equal(book(&m), "b60000x1 a60002x1");
	depth(&m, false, 30, 31, 29, "b60000x4");	/* begins anew */
	assert_string_equal(book(&m), "b60000x4");
	depth(&m, true, 8, 8, 0, "b59000x1");		/* a snapshot nothing leads on from */
	assert_string_equal(book(&m), "b60000x4");
	depth(&m, true, 31, 31, 0, "b59000x1 a60002x2");
	assert_string_equal(book(&m), "b60000x4 b59000x1 a60002x2");
	close_market(&m);
}

static void
test_tops(void **state)
{
	struct market m = market();

	(void)state;
	top(&m, "60000", "1", "60001", "2");
	assert_string_equal(S(engine_mark_price(m.e, 0)), "60000.5");
	top(&m, "60002", "1", "60003", "0");		/* the ask is not known */
	assert_string_equal(book(&m), "b60002x1");
	top(&m, "60002", "3", "60004", "2");
	assert_string_equal(book(&m), "b60002x3 a60004x2");
	depth(&m, true, 10, 10, 0, "b60000x1 a60001x1");
	top(&m, "60002", "3", "60004", "2");
	assert_string_equal(book(&m), "b60000x1 a60001x1");
	close_market(&m);
}

static void
price(struct market *m, enum feed_kind kind, const char *p, const char *index)
{
	struct feed_record r = { .kind = kind, .price = D(p), .index = D(index), .qty = D("1"),
	    .taker = SIDE_BUY };

	snprintf(r.symbol, sizeof r.symbol, "BTCUSDT");
	apply(m, &r);
}

#define assert_prices(m, mark, index, last) do { \
	assert_string_equal(S(engine_mark_price((m)->e, 0)), mark); \
	assert_string_equal(S(engine_index_price((m)->e, 0)), index); \
	assert_string_equal(S(engine_last_price((m)->e, 0)), last); \
} while (0)

static void
assert_top_of(const struct market *m, const char *bid, const char *ask)
{
	struct engine_level b, a;

	assert_int_equal(engine_depth(m->e, 0, SIDE_BUY, &b, 1), 1);
	assert_int_equal(engine_depth(m->e, 0, SIDE_SELL, &a, 1), 1);
	assert_string_equal(S(b.price), bid);
	assert_string_equal(S(a.price), ask);
}

static void
test_marks(void **state)
{
	struct feed_record stranger = { .kind = FEED_MARK, .symbol = "NOSUCHUSDT" };
	struct market m = market();

	(void)state;
	assert_int_equal(paper_apply(m.p, &stranger, START, &m.f), 0);
	price(&m, FEED_KLINE, "60000", "0");
	assert_prices(&m, "60000", "60000", "60000");
	price(&m, FEED_TRADE, "60010", "0");
	assert_prices(&m, "60010", "60010", "60010");
	price(&m, FEED_KLINE, "60005", "0");		/* trades know better */
	assert_prices(&m, "60010", "60010", "60010");
	price(&m, FEED_MARK, "60020.5", "60021");
	price(&m, FEED_TRADE, "60030", "0");
	top(&m, "60000", "1", "60001", "2");
	assert_prices(&m, "60020.5", "60021", "60030");
	close_market(&m);
}

/* 0.5 basis points off 60000, and off 61000, in ticks of 0.1. */
static void
test_maker(void **state)
{
	struct market m = market();

	(void)state;
	price(&m, FEED_MARK, "60000", "60001");
	assert_prices(&m, "60000", "60001", "60000");
	assert_top_of(&m, "59997", "60003");
	price(&m, FEED_MARK, "61000", "0");
	assert_top_of(&m, "60996.9", "61003.1");
	top(&m, "61010", "1", "61011", "2");		/* the feed's own: the maker leaves */
	assert_string_equal(book(&m), "b61010x1 a61011x2");
	price(&m, FEED_MARK, "60000", "0");
	assert_string_equal(book(&m), "b61010x1 a61011x2");
	close_market(&m);
}

/* What the book tells at the maker's own prices stays when a mark is set. */
static void
test_maker_leaves(void **state)
{
	struct market m = market();

	(void)state;
	price(&m, FEED_MARK, "60000", "0");
	depth(&m, true, 10, 10, 0, "b59997x1 b59996.5x2 a60003x3");
	assert_string_equal(book(&m), "b59997x1 b59996.5x2 a60003x3");
	price(&m, FEED_MARK, "60500", "0");
	assert_string_equal(book(&m), "b59997x1 b59996.5x2 a60003x3");
	close_market(&m);
}

/*
 * Recordings. The strong oracle: the top of the book after a diff is that of the
 * bookTicker with the same u, price and quantity.
 */

#define TICKERS	80000

struct ticker { uint64_t u; struct engine_level b, a; };

struct replay {
	struct market m;
	const char *symbol;
	int	sym;
	struct ticker *t;
	size_t	n;
	int	diffs, same, other;
	uint64_t u;		/* of the book */
	bool	snapshot;
};

static void
check_top(struct replay *x, const struct ticker *t)
{
	struct engine_level b, a;

	if (engine_depth(x->m.e, x->sym, SIDE_BUY, &b, 1) == 1 &&
	    engine_depth(x->m.e, x->sym, SIDE_SELL, &a, 1) == 1 &&
	    dec_cmp(b.price, t->b.price) == 0 && dec_cmp(b.qty, t->b.qty) == 0 &&
	    dec_cmp(a.price, t->a.price) == 0 && dec_cmp(a.qty, t->a.qty) == 0)
		x->same++;
	else
		x->other++;
}

static void
on_ticker(struct replay *x, const struct feed_record *r)
{
	struct ticker t = { r->u, r->level[0], r->level[1] };

	if (x->snapshot && t.u == x->u)
		check_top(x, &t);
	else if (x->n < TICKERS)
		x->t[x->n++] = t;
}

static void
on_depth(struct replay *x, const struct feed_record *r)
{
	if (r->reset)
		x->snapshot = true;
	if (r->reset || !x->snapshot || r->u < x->u)
		return;
	x->diffs++;
	x->u = r->u;
	for (size_t i = x->n; i > 0 && x->t[i - 1].u >= r->u; i--)
		if (x->t[i - 1].u == r->u)
			check_top(x, &x->t[i - 1]);
}

/* Trades are told by another stream, late or early: they would take from levels
 * what the depth has taken already. */
static void
on_replay(void *ctx, const struct feed_record *r)
{
	struct replay *x = ctx;

	if (strcmp(r->symbol, x->symbol) != 0 || r->kind == FEED_TRADE)
		return;
	apply(&x->m, r);
	if (r->kind == FEED_BOOK)
		on_ticker(x, r);
	else if (r->kind == FEED_DEPTH)
		on_depth(x, r);
}

static void
on_replay_bad(void *ctx, unsigned long long line, const char *why)
{
	(void)ctx;
	fail_msg("line %llu: %s", line, why);
}

static void
nothing(void *ctx)
{
	(void)ctx;
}

/* The recording with the snapshot behind its line `after`. */
static void
write_feed(const char *ws, const char *rest, int after, const char *path)
{
	char *text = recorded(ws), *shot = recorded(rest), *at = text;
	FILE *fp = fopen(path, "w");

	assert_non_null(fp);
	for (; after > 0; after--)
		at = strchr(at, '\n') + 1;
	fwrite(text, 1, (size_t)(at - text), fp);
	fprintf(fp, "%.*s\n", (int)strcspn(shot, "\n"), shot);
	fputs(at, fp);
	assert_int_equal(fclose(fp), 0);
	free(text);
	free(shot);
}

static void
replay(struct replay *x, const char *symbol, const char *ws, const char *rest, int after)
{
	struct feed_app app = { x, on_replay, on_replay_bad, nothing };
	char path[512];
	struct feed_opts o = { path, { 0, 0 }, false };
	struct feed *fd;

	memset(x, 0, sizeof *x);
	snprintf(path, sizeof path, "%s/recorded.ndjson", scratch);
	write_feed(ws, rest, after, path);
	x->m = market();
	x->symbol = symbol;
	x->sym = engine_symbol(x->m.e, symbol);
	assert_non_null(x->t = calloc(TICKERS, sizeof *x->t));
	assert_non_null(fd = feed_open(&o, &app, &x->m.f));
	feed_start(fd, 0);
	while (feed_due(fd) != FEED_NEVER)
		feed_tick(fd, 0);
	feed_close(fd);
}

static void
end_replay(struct replay *x)
{
	free(x->t);
	close_market(&x->m);
}

static void
assert_top(struct replay *x, const char *bid, const char *ask)
{
	struct engine_level b, a;
	char text[128];

	assert_int_equal(engine_depth(x->m.e, x->sym, SIDE_BUY, &b, 1), 1);
	assert_int_equal(engine_depth(x->m.e, x->sym, SIDE_SELL, &a, 1), 1);
	snprintf(text, sizeof text, "%s x%s", S(b.price), S(b.qty));
	assert_string_equal(text, bid);
	snprintf(text, sizeof text, "%s x%s", S(a.price), S(a.qty));
	assert_string_equal(text, ask);
}

/* The snapshot came after line 54 of the recording, and is older than the last
 * diffs before it. */
static void
test_usdm(void **state)
{
	struct replay x;

	(void)state;
	replay(&x, "BTCUSDT", "usdm/ws-btcusdt-2024-08-08.ndjson.gz",
	    "usdm/ws-btcusdt-2024-08-08.rest-depth-btcusdt.json", 54);
	assert_top(&x, "61659.7 x1.486", "61659.8 x0.981");
	assert_int_equal(x.other, 0);
	assert_int_equal(x.same, 629);
	end_replay(&x);
}

static void
test_coinm(void **state)
{
	struct replay x;

	(void)state;
	replay(&x, "BTCUSD_PERP", "coinm/ws-btcusd_perp-2024-08-08.ndjson.gz",
	    "coinm/ws-btcusd_perp-2024-08-08.rest-depth-btcusd_perp.json", 36);
	assert_top(&x, "61741.9 x1739", "61742 x1697");
	assert_int_equal(x.other, 0);
	assert_int_equal(x.same, 378);
	end_replay(&x);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_kinds, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(test_pace, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(test_pipe, scratch_make, scratch_remove),
		cmocka_unit_test(test_no_file),
		cmocka_unit_test(test_chain),
		cmocka_unit_test(test_diffs_alone),
		cmocka_unit_test(test_tops),
		cmocka_unit_test(test_marks),
		cmocka_unit_test(test_maker),
		cmocka_unit_test(test_maker_leaves),
		cmocka_unit_test_setup_teardown(test_usdm, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(test_coinm, scratch_make, scratch_remove)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
