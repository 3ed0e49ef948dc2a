/*
 * No stream of intents makes what could come to be held pass a limit: random accounts, prices,
 * orders and limits, fixed seeds. What is reckoned here is reckoned by another method (binary floating
 * point, no worst case taken from the code that is tested), so it is compared with a tolerance.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "judgerig.h"

#define SYMBOLS	3
#define LEGS	(SYMBOLS * 3)
#define CLOSE	1e-9L

static uint64_t seed;
static struct world back;

static unsigned
below(unsigned n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % n;
}

static long double
num(dec d)
{
	long double x = (long double)d.c;

	for (int i = 0; i < d.scale; i++)
		x /= 10;
	return x;
}

static long double
size_of(long double x)
{
	return x < 0 ? -x : x;
}

static long double
larger(long double a, long double b)
{
	return a > b ? a : b;
}

/*
 * What could be held: by the test's own books
 */

static const struct { const char *symbol; enum market m; const char *base; unsigned qty, spread; } sym[SYMBOLS] = {
	{ "BTCUSDT", MARKET_USDM, "60000", 900, 6000 }, { "ETHUSDT", MARKET_USDM, "3000", 16000, 300 },
	{ "BTCUSD_PERP", MARKET_COINM, "50000", 600, 5000 },
};
struct books { long double all[LEGS], now[LEGS]; };	/* now: of those, what fills at once */
static struct books buys, sells, buys_usd, sells_usd;
static bool exited[SYMBOLS];	/* an exit is on its way: nothing is set off any more */

struct sums { long double gross, gross_usd, net_usd, symbol, symbol_usd, im; };

static long double
coin_or_quote(int s, long double qty, long double price)
{
	return sym[s].m == MARKET_COINM ? qty * 100 / price : qty * price;
}

static long double
in_usd(int s, long double qty, long double price)
{
	return sym[s].m == MARKET_COINM ? qty * 100 : qty * price;
}

static long double
mark_of(int s)
{
	return num(sym_find(&w, sym[s].symbol, strlen(sym[s].symbol))->mark);
}

static long double
amt_of(int s, int side)
{
	const struct position *p = account_position(&w.acct[sym[s].m], sym[s].symbol, (enum pos_side)side);

	return p != NULL ? num(p->amt) : 0;
}

/* An order that waits may fill after the position against it was closed; one that fills at once takes it away. */
static long double
one_way(long double n, int leg, const struct books *k)
{
	return n >= 0 ? n + k->all[leg] : larger(n + k->now[leg], 0) + k->all[leg] - k->now[leg];
}

static long double
worse(long double n, int leg, const struct books *b, const struct books *a)
{
	return larger(one_way(n, leg, b), one_way(-n, leg, a));
}

/* Of the wallet that symbol s is in. */
static struct sums
sums_of(int s)
{
	struct sums t = { 0 };
	long double up = 0, down = 0;

	for (int leg = 0; leg < LEGS; leg++) {
		int i = leg / 3;
		long double q = amt_of(i, leg % 3), n = coin_or_quote(i, q, mark_of(i)), usd = in_usd(i, q, mark_of(i));

		if (sym[i].m != sym[s].m)
			continue;
		t.gross += worse(n, leg, &buys, &sells);
		t.im += worse(n, leg, &buys, &sells) / 20;
		t.gross_usd += worse(usd, leg, &buys_usd, &sells_usd);
		up += usd + buys_usd.all[leg];
		down += usd - sells_usd.all[leg];
		if (i == s) {
			t.symbol += worse(n, leg, &buys, &sells);
			t.symbol_usd += worse(usd, leg, &buys_usd, &sells_usd);
		}
	}
	t.net_usd = larger(size_of(up), size_of(down));
	return t;
}

static long double
equity_of(int s)
{
	const struct account *a = &w.acct[sym[s].m];
	long double e = num(a->wal[0].cross);

	for (int i = 0; i < a->npos; i++) {
		long double q = num(a->pos[i].amt), from = num(a->pos[i].entry), to = num(a->pos[i].mark);

		if (q != 0)
			e += sym[s].m == MARKET_COINM ? q * 100 * (1 / from - 1 / to) : q * (to - from);
	}
	return e;
}

static void
enter(struct books *k, int leg, long double x, bool now)
{
	k->all[leg] += x;
	k->now[leg] += now ? x : 0;
}

/* The order counts in the books at the price where it is worth most. */
static void
book(int s, const struct intent *in, long double worst)
{
	int leg = s * 3 + (int)in->pos_side;
	long double q = num(in->qty);

	enter(in->side == SIDE_BUY ? &buys : &sells, leg, coin_or_quote(s, q, worst), num(in->price) == 0 && !exited[s]);
	enter(in->side == SIDE_BUY ? &buys_usd : &sells_usd, leg, in_usd(s, q, worst), num(in->price) == 0 && !exited[s]);
}

static long double
worst_price(int s, const struct intent *in)
{
	long double m = mark_of(s), own = num(in->price);

	if (own == 0)
		own = in->side == SIDE_BUY ? m * 1.005L : m * 0.995L;
	return sym[s].m == MARKET_COINM ? -larger(-own, -m) : larger(own, m);
}

/*
 * A random world
 */

static void
maybe_limit(enum rule r, unsigned n, unsigned scale)
{
	char max[32];

	snprintf(max, sizeof max, "%u.%02u", below(n) * scale + 1, below(100));
	if (below(3) > 0)
		limit(r, max)->clip = below(5) > 0;
}

/* liq: the distance to liquidation alone, which is hardly ever what binds otherwise. */
static void
random_limits(bool liq)
{
	static const struct { enum rule r; unsigned n, scale; } row[] = {
		{ R_MAX_LEV, 8, 1 }, { R_SYMBOL_LEV, 6, 1 }, { R_ORDER_NOTIONAL, 40, 1000 }, { R_POSITION_NOTIONAL, 60, 1000 },
		{ R_GROSS_NOTIONAL, 90, 1000 }, { R_NET_NOTIONAL, 60, 1000 }, { R_MARGIN_USE, 40, 1 },
	};

	limit(R_PRICE_BAND, "50")->slippage = D("50");
	l.cost = below(2) ? D("0.001") : D("0");
	if (liq)
		maybe_limit(R_LIQ_DISTANCE, 85, 1);
	for (size_t i = 0; i < LEN(row) && !liq; i++)
		maybe_limit(row[i].r, row[i].n, row[i].scale);
}

static void
random_world(bool liq)
{
	static const enum pos_side hedge[] = { POS_LONG, POS_SHORT };
	bool both = below(3) == 0;

	rig();
	buys = sells = buys_usd = sells_usd = (struct books){ 0 };
	memset(exited, 0, sizeof exited);
	w.acct[MARKET_USDM].hedge = w.acct[MARKET_COINM].hedge = both;
	for (int s = 0; s < SYMBOLS; s++)
		for (int i = 0; i < (both ? 2 : 1); i++) {
			char amt[32];
			int q = (int)below(sym[s].qty);

			if (both ? hedge[i] == POS_SHORT : below(2) == 1)
				q = -q;
			snprintf(amt, sizeof amt, sym[s].m == MARKET_COINM ? "%d" : "%d.%03u", sym[s].m == MARKET_COINM ? q : q / 1000,
			    (unsigned)abs(q) % 1000);
			hold(sym[s].symbol, both ? hedge[i] : POS_BOTH, below(3) ? amt : "0", sym[s].base, sym[s].base);
		}
	for (int s = 0; s < SYMBOLS; s++)
		mark(sym[s].symbol, sym[s].base);
	random_limits(liq);
}

static void
move_mark(int s)
{
	char price[32];
	int base = atoi(sym[s].base);

	snprintf(price, sizeof price, "%d.%u", base + (int)below(sym[s].spread) - (int)sym[s].spread / 2, below(10));
	mark(sym[s].symbol, price);
	account_mark(&w.acct[sym[s].m], sym[s].symbol, strlen(sym[s].symbol), D(price), T0);
}

static struct intent
random_intent(int s)
{
	char qty[32], price[32];
	enum order_side way = below(2) ? SIDE_BUY : SIDE_SELL;
	unsigned q = 1 + below(below(2) ? sym[s].qty : sym[s].qty / 20);

	snprintf(qty, sizeof qty, sym[s].m == MARKET_COINM ? "%u" : "%u.%03u", sym[s].m == MARKET_COINM ? q : q / 1000, q % 1000);
	snprintf(price, sizeof price, "%d", atoi(sym[s].base) + (int)below(sym[s].spread) - (int)sym[s].spread / 2);
	return order(sym[s].symbol, !w.acct[sym[s].m].hedge ? POS_BOTH : way == SIDE_BUY ? POS_LONG : POS_SHORT, way, qty,
	    below(2) ? price : NULL);
}

/*
 * What must hold
 */

static void
kept(enum rule r, const char *symbol, long double before, long double after, long double max)
{
	if (limit_of(&l, r, symbol)->on && after > before * (1 + CLOSE) && after > max * (1 + CLOSE) + CLOSE)
		fail_msg("%s of %s: %Lf, was %Lf, may be %Lf", rule_rows[r].name, symbol, after, before, max);
}

static void
check_passed(int s, const struct intent *in, long double worst)
{
	struct sums b = sums_of(s), a;
	long double e = equity_of(s), cost = num(l.cost);
	const char *y = sym[s].symbol;

	book(s, in, worst);
	a = sums_of(s);
	kept(R_MAX_LEV, y, b.gross, a.gross, num(l.r[R_MAX_LEV].max) * (e - cost * (a.gross - b.gross)));
	kept(R_SYMBOL_LEV, y, b.symbol, a.symbol, num(l.r[R_SYMBOL_LEV].max) * (e - cost * (a.symbol - b.symbol)));
	kept(R_ORDER_NOTIONAL, y, 0, in_usd(s, num(in->qty), worst), num(l.r[R_ORDER_NOTIONAL].max));
	kept(R_POSITION_NOTIONAL, y, b.symbol_usd, a.symbol_usd, num(l.r[R_POSITION_NOTIONAL].max));
	kept(R_GROSS_NOTIONAL, y, b.gross_usd, a.gross_usd, num(l.r[R_GROSS_NOTIONAL].max));
	kept(R_NET_NOTIONAL, y, b.net_usd, a.net_usd, num(l.r[R_NET_NOTIONAL].max));
	kept(R_MARGIN_USE, y, b.im, a.im, num(l.r[R_MARGIN_USE].max) * e / 100);
}

/*
 * Liquidation, by what it is: with the mark moved so far, is the equity of the wallet still above the
 * maintenance margin?
 */

static void
fill_at_worst(struct account *a, int s, enum order_side way, enum pos_side side, dec qty, long double price)
{
	struct fill f = { .c = contracts_find(&w.cs, sym[s].symbol), .side = way, .pos_side = side, .qty = qty };
	char text[48];

	snprintf(text, sizeof text, "%.8Lf", way == SIDE_BUY ? larger(price, mark_of(s)) : -larger(-price, -mark_of(s)));
	f.price = D(text);
	snprintf(text, sizeof text, "%.8Lf", num(l.cost) * coin_or_quote(s, num(qty), num(f.price)));
	f.fee = D(text);
	assert_int_equal(account_fill(a, &f, NULL), 0);
	account_mark(a, sym[s].symbol, strlen(sym[s].symbol), sym_find(&w, sym[s].symbol, strlen(sym[s].symbol))->mark, T0);
}

static bool
alive(const struct account *a, int s, long double percent)
{
	struct wallet_figures wf;
	struct account c;
	char text[48];
	long double net = 0;
	bool ok;

	assert_int_equal(account_copy(&c, a, NULL), 0);
	for (int i = 0; i < c.npos; i++)
		if (strcmp(c.pos[i].symbol, sym[s].symbol) == 0)
			net += num(c.pos[i].amt);
	snprintf(text, sizeof text, "%.8Lf", mark_of(s) * (1 + (net > 0 ? -percent : percent) / 100));
	account_mark(&c, sym[s].symbol, strlen(sym[s].symbol), D(text), T0);
	assert_true(figures_sums(&wf, &c, &w.cs, &c.wal[0]) && wf.has_maint);
	ok = net == 0 || num(c.wal[0].cross) + num(wf.cross_upnl) > num(wf.cross_maint);
	account_free(&c);
	return ok;
}

static void
check_liquidation(int s, const struct intent *in)
{
	long double far = num(l.r[R_LIQ_DISTANCE].max) * (1 - 1e-6L), own = num(in->price);
	struct account a;
	bool was[SYMBOLS];

	if (!l.r[R_LIQ_DISTANCE].on)
		return;
	assert_int_equal(account_copy(&a, &w.acct[sym[s].m], NULL), 0);
	for (int i = 0; i < w.npending; i++)
		for (int j = 0; j < SYMBOLS; j++)
			if (sym[j].m == sym[s].m && strcmp(sym[j].symbol, w.pending[i].symbol) == 0)
				fill_at_worst(&a, j, w.pending[i].side, w.pending[i].pos_side, w.pending[i].qty, num(w.pending[i].price));
	for (int j = 0; j < SYMBOLS; j++)
		was[j] = sym[j].m != sym[s].m || alive(&a, j, far);
	if (own == 0)
		own = mark_of(s) * (in->side == SIDE_BUY ? 1.005L : 0.995L);
	fill_at_worst(&a, s, in->side, in->pos_side, in->qty, own);
	for (int j = 0; j < SYMBOLS; j++)
		if (was[j] && sym[j].m == sym[s].m && !alive(&a, j, far))
			fail_msg("%s: liquidation nearer than %Lf %%", sym[j].symbol, far);
	account_free(&a);
}

static bool
ask(struct intent in, struct verdict *out)
{
	judge(out, &w, &l, &in);
	return out->pass;
}

/* The quantity named passes, one step more does not. */
static void
check_nearest(int s, struct intent in, dec near)
{
	dec step = contracts_find(&w.cs, sym[s].symbol)->rules.step;
	struct verdict o;

	if (dec_sign(near) > 0) {
		assert_true(dec_cmp(near, in.qty) < 0);
		in.qty = near;
		assert_true(ask(in, &o) && !o.clipped);
	}
	assert_true(dec_add(&in.qty, near, step));
	assert_false(ask(in, &o) && !o.clipped);
}

static void
check_same(const struct verdict *a, const struct verdict *b)
{
	assert_int_equal(a->pass, b->pass);
	assert_int_equal(a->clipped, b->clipped);
	assert_int_equal(dec_cmp(a->qty, b->qty), 0);
	assert_int_equal(dec_cmp(a->nearest, b->nearest), 0);
	assert_int_equal(dec_cmp(a->counted, b->counted), 0);
	assert_int_equal(a->n, b->n);
	for (int i = 0; i < a->n; i++) {
		assert_string_equal(a->b[i].name, b->b[i].name);
		assert_string_equal(a->b[i].value, b->b[i].value);
		assert_string_equal(a->b[i].text, b->b[i].text);
	}
}

/* Written down and read back, the world gives the same verdict. */
static void
check_again(const struct intent *in, const struct verdict *was)
{
	struct verdict again;
	struct scan sc = { 0 };
	struct buf b = { 0 };
	struct fault f;

	world_json(&w, in->symbol, INT64_C(3600000), &b);
	assert_true(!b.bad && scan_doc(&sc, b.p, b.len) > 0);
	if (world_read(&back, sc.t, sc.t, &f) == -1)
		fail_msg("%s", f.text);
	judge(&again, &back, &l, in);
	check_same(was, &again);
	world_free(&back);
	memset(&back, 0, sizeof back);
	scan_free(&sc);
	buf_free(&b);
}

/* The oldest pending order is filled whole, and the books with it. */
static void
fill_oldest(void)
{
	struct pending p = w.pending[0];
	int s = 0, leg;
	struct fill f = { .side = p.side, .pos_side = p.pos_side, .qty = p.qty };

	while (strcmp(sym[s].symbol, p.symbol) != 0)
		s++;
	leg = s * 3 + (int)p.pos_side;
	f.c = contracts_find(&w.cs, p.symbol);
	f.price = sym_find(&w, p.symbol, strlen(p.symbol))->mark;
	assert_int_equal(account_fill(&w.acct[sym[s].m], &f, NULL), 0);
	memmove(w.pending, w.pending + 1, (size_t)--w.npending * sizeof *w.pending);
	enter(p.side == SIDE_BUY ? &buys : &sells, leg, -coin_or_quote(s, num(p.qty), num(p.price)), p.once && !exited[s]);
	enter(p.side == SIDE_BUY ? &buys_usd : &sells_usd, leg, -in_usd(s, num(p.qty), num(p.price)), p.once && !exited[s]);
}

struct tally { int passed, clipped, rejected, nearest; };

static bool
flips_pending(int s)
{
	for (int i = 0; i < w.npending; i++)
		if (w.pending[i].once && strcmp(w.pending[i].symbol, sym[s].symbol) == 0)
			return true;
	return false;
}

/* Exits always pass, and no exit, whole or in part, makes what could come to be held more than it was. */
static void
exit_some(int s)
{
	for (int side = 0; side < 3; side++) {
		long double q = amt_of(s, side), e = equity_of(s);
		struct intent in = { .op = OP_PLACE };
		struct fill f = { .pos_side = (enum pos_side)side, .side = q > 0 ? SIDE_SELL : SIDE_BUY, .reduce = true };
		struct sums b = sums_of(s), a;
		char text[32];

		snprintf(text, sizeof text, sym[s].m == MARKET_COINM ? "%.0Lf" : "%.3Lf", size_of(q) / (1 + below(3)));
		f.qty = D(text);
		if (dec_sign(f.qty) <= 0 || dec_cmp(f.qty, dec_abs(account_position(&w.acct[sym[s].m], sym[s].symbol, (enum pos_side)side)->amt)) > 0)
			continue;
		copy(in.symbol, sizeof in.symbol, sym[s].symbol);
		f.c = contracts_find(&w.cs, in.symbol);
		f.price = sym_find(&w, in.symbol, strlen(in.symbol))->mark;
		assert_int_equal(account_fill(&w.acct[sym[s].m], &f, NULL), 0);
		world_exit(&w, &in);
		exited[s] = true;
		a = sums_of(s);
		kept(R_MAX_LEV, in.symbol, b.gross, a.gross, num(l.r[R_MAX_LEV].max) * e);
		kept(R_SYMBOL_LEV, in.symbol, b.symbol, a.symbol, num(l.r[R_SYMBOL_LEV].max) * e);
		kept(R_POSITION_NOTIONAL, in.symbol, b.symbol_usd, a.symbol_usd, num(l.r[R_POSITION_NOTIONAL].max));
		kept(R_GROSS_NOTIONAL, in.symbol, b.gross_usd, a.gross_usd, num(l.r[R_GROSS_NOTIONAL].max));
		kept(R_MARGIN_USE, in.symbol, b.im, a.im, num(l.r[R_MARGIN_USE].max) * e / 100);
	}
}

static void
one_intent(struct tally *t)
{
	int s = (int)below(SYMBOLS);
	struct intent in = random_intent(s);
	struct verdict got, again;
	dec asked = in.qty;

	ask(in, &got);
	ask(in, &again);
	check_same(&got, &again);
	if (below(20) == 0)
		check_again(&in, &got);
	if (!got.pass || got.clipped)
		check_nearest(s, in, got.nearest);
	t->nearest += dec_sign(got.nearest) > 0;
	if (!got.pass) {
		t->rejected++;
		return;
	}
	if (got.clipped) {
		assert_true(dec_cmp(got.qty, asked) < 0 && dec_sign(got.qty) > 0);
		in.qty = got.qty;
		t->clipped++;
	}
	t->passed++;
	check_liquidation(s, &in);
	check_passed(s, &in, worst_price(s, &in));
	world_passed(&w, &in, sym[s].m, got.counted);
}

static void
stream(uint64_t from, int worlds, int intents, bool liq)
{
	struct tally t = { 0 };

	seed = from;
	for (int i = 0; i < worlds; i++) {
		random_world(liq);
		for (int j = 0; j < intents; j++) {
			if (below(3) == 0)
				move_mark((int)below(SYMBOLS));
			if (w.npending > 0 && below(2) == 0)
				fill_oldest();
			if (below(8) == 0) {
				int s = (int)below(SYMBOLS);

				if (!flips_pending(s))
					exit_some(s);
			}
			one_intent(&t);
		}
	}
	print_message("passed %d, of these clipped %d; rejected %d; with a nearest quantity %d\n", t.passed, t.clipped, t.rejected,
	    t.nearest);
	assert_true(t.passed > worlds && t.clipped > 0 && t.rejected > worlds && t.nearest > 0);
}

static void
test_stream(void **state)
{
	(void)state;
	stream(1, 300, 60, false);
	stream(20251010, 300, 60, false);
}

static void
test_stream_with_liquidation(void **state)
{
	(void)state;
	stream(7, 100, 40, true);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stream),
		cmocka_unit_test(test_stream_with_liquidation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
