/*
 * The figures of an account against those of the simulated exchange, which keeps its own books: random trades of one
 * account, each tried on a copy first. After it the copy and the books agree, and so do the figures made of them. A
 * failure names the run and the step.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/account_in.h"
#include "core/figures.h"
#define contract sim_contract	/* the exchange and its clients have a word in common */
#include "moneyrig.h"
#undef contract

#define RUNS	40
#define STEPS	30

static const char *const names[] = { "BTCUSDT", "ETHUSDT", "SOLUSDT", "BTCUSD_PERP" };
static const struct { enum product m; const char *asset; } wallets[] = { { USDM, "USDT" }, { COINM, "BTC" } };

static uint64_t state_of;
static int run, step;
static struct contracts cs;
static dec paid;	/* commission of the last trade of account 0 */

static unsigned
any(unsigned n)
{
	uint64_t z = state_of += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (unsigned)((z ^ z >> 31) % n);
}

static void
note_fee(void *arg, const struct engine_event *ev)
{
	(void)arg;
	if (ev->kind == EV_ORDER && ev->acct == 0 && ev->u.order.x == EXEC_TRADE)
		paid = ev->u.order.commission;
}

#define same(got, want)	near_at(got, want, (dec){ 0, 0 }, #got, __LINE__)
static void
near_at(dec got, dec want, dec by, const char *what, int line)
{
	dec d;

	assert_true(dec_sub(&d, got, want));
	if (dec_cmp(dec_abs(d), by) > 0)
		fail_msg("run %d, step %d, line %d: %s: %s, the exchange has %s", run, step, line, what, S(got), S(want));
}

/* The contracts as a client knows them. */
static void
know(const struct rig *r)
{
	const struct sim_contract *c;
	struct contract *k;
	struct rules rules;

	for (size_t i = 0; i < LEN(names); i++) {
		c = engine_contract(r->e, sym(r, names[i]));
		rules = c->rules;
		rules.contract_size = c->market == COINM ? c->size : dec_int(0);
		assert_non_null(k = contracts_set(&cs, &rules, c->market == COINM ? MARKET_COINM : MARKET_USDM));
		k->tiers = c->tiers;
	}
}

static void
add_position(struct account *a, const struct rig *r, const char *name, enum pos_mode leg)
{
	struct engine_position e = position(r, 0, sym(r, name), leg);
	struct position p = { .side = (enum pos_side)leg, .amt = e.amt, .entry = e.entry, .break_even = e.break_even,
		.mark = e.mark, .isolated = e.isolated, .isolated_wallet = e.iso_wallet, .leverage = e.leverage };
	struct fault f;

	snprintf(p.symbol, sizeof p.symbol, "%s", name);
	assert_int_equal(account_add_position(a, &p, &f), 0);
}

/* Account 0 as the exchange tells it. */
static void
told(struct account *a, const struct rig *r, bool hedge)
{
	struct engine_balance b;
	struct wallet w;
	struct fault f;

	memset(a, 0, sizeof *a);
	a->known = true;
	a->hedge = hedge;
	for (size_t i = 0; i < LEN(wallets); i++) {
		b = balance(r, 0, wallets[i].m, wallets[i].asset);
		w = (struct wallet){ .balance = b.wallet, .cross = b.cross_wallet };
		snprintf(w.asset, sizeof w.asset, "%s", wallets[i].asset);
		assert_int_equal(account_add_wallet(a, &w, &f), 0);
	}
	for (size_t i = 0; i < LEN(names); i++)
		for (int leg = hedge ? MODE_LONG : MODE_BOTH; leg <= (hedge ? MODE_SHORT : MODE_BOTH); leg++)
			add_position(a, r, names[i], (enum pos_mode)leg);
	account_contracts(a, &cs);
}

static void
compare_position(const struct position_figures *p, const struct rig *r)
{
	struct engine_position e = position(r, 0, sym(r, p->p->symbol), (enum pos_mode)p->p->side);

	assert_true(p->has_notional && p->has_upnl && p->has_im && p->has_maint && p->has_liq);
	same(p->notional, e.notional);
	same(p->upnl, e.upnl);
	same(p->im, e.pos_im);
	same(p->maint, e.maint);
	same(p->liq, e.liq);
}

static void
compare_figures(const struct account *a, const struct rig *r)
{
	struct figures fg;
	struct engine_balance b;
	struct fault f;

	assert_int_equal(figures_make(&fg, a, &cs, NULL, &f), 0);
	for (int i = 0; i < fg.npos; i++)
		compare_position(&fg.pos[i], r);
	for (int i = 0; i < fg.nwal; i++) {
		b = balance(r, 0, wallets[i].m, wallets[i].asset);
		assert_true(fg.wal[i].has_sums && fg.wal[i].has_maint && fg.wal[i].has_im && fg.wal[i].has_available);
		same(fg.wal[i].equity, b.margin);
		same(fg.wal[i].upnl, b.upnl);
		same(fg.wal[i].cross_upnl, b.cross_upnl);
		same(fg.wal[i].maint, b.maint);
		same(fg.wal[i].im, b.pos_im);
		same(fg.wal[i].available, b.available);
	}
	figures_free(&fg);
}

/* What was tried, and what became of it. The break-even price of a linear position is read back from one that was
 * rounded; that of an inverse one the exchange shows to the first order of what was paid, and is not compared. */
static void
compare_accounts(const struct account *tried, const struct account *a)
{
	assert_int_equal(tried->npos, a->npos);
	for (int i = 0; i < a->npos; i++) {
		same(tried->pos[i].amt, a->pos[i].amt);
		same(tried->pos[i].entry, a->pos[i].entry);
		same(tried->pos[i].isolated_wallet, a->pos[i].isolated_wallet);
		if (a->pos[i].kind == LINEAR && dec_sign(a->pos[i].break_even) > 0)
			near_at(tried->pos[i].break_even, a->pos[i].break_even, D("0.001"), "break-even", __LINE__);
	}
	for (int i = 0; i < a->nwal; i++) {
		same(tried->wal[i].balance, a->wal[i].balance);
		same(tried->wal[i].cross, a->wal[i].cross);
	}
}

/* A price within 1 % of where it began, on the tick. */
static dec
price_of(const struct contract *c)
{
	static const struct { const char *name; int at; } start[] = {
		{ "BTCUSDT", 60000 }, { "ETHUSDT", 3000 }, { "SOLUSDT", 150 }, { "BTCUSD_PERP", 60000 } };
	dec p;

	for (size_t i = 0; i < LEN(start); i++)
		if (strcmp(start[i].name, c->rules.symbol) == 0)
			assert_true(dec_mul(&p, dec_int(start[i].at), (dec){ 9900 + any(200), 4 }) && dec_floor(&p, p, c->rules.tick));
	return p;
}

static bool
trade(struct rig *r, struct account *tried, bool hedge)
{
	const struct contract *c = contracts_find(&cs, names[any(LEN(names))]);
	int s = sym(r, c->rules.symbol);
	struct engine_request q = { .type = ORDER_LIMIT, .stp = STP_EXPIRE_MAKER, .price = price_of(c) }, other;
	struct fill fi = { .c = c, .pos_side = hedge ? POS_LONG + any(2) : POS_BOTH, .side = any(2) ? SIDE_BUY : SIDE_SELL };
	const struct engine_order *o = NULL, *rest = NULL;
	struct position *p = account_position(tried, c->rules.symbol, fi.pos_side);
	struct fault f;

	assert_true(dec_mul(&q.qty, dec_max(c->rules.step, c->kind == LINEAR ? D("0.01") : D("1")), dec_int(1 + any(400))));
	if (any(5) == 0 && dec_sign(p->amt) == -(int)fi.side)
		q.qty = dec_abs(p->amt);	/* all of it */
	q.side = fi.side;
	q.pos_mode = (enum pos_mode)fi.pos_side;
	other = q;
	other.side = fi.side == SIDE_BUY ? SIDE_SELL : SIDE_BUY;
	other.pos_mode = MODE_BOTH;
	if (engine_place(r->e, 1, s, &other, ++r->now, &rest, &r->f) == -1)
		return false;
	if (engine_place(r->e, 0, s, &q, ++r->now, &o, &r->f) == -1) {	/* its no: too little margin, nothing to exit */
		ok(r, engine_cancel(r->e, 1, s, rest->id, NULL, ++r->now, &rest, &r->f));
		return false;
	}
	same(o->filled, q.qty);
	fi.qty = q.qty;
	fi.price = q.price;
	fi.fee = paid;
	if (account_fill(tried, &fi, &f) == -1)
		fail_msg("run %d, step %d: %s", run, step, f.text);
	return true;
}

static int
one_run(bool hedge)
{
	struct rig r;
	struct account a, tried;
	struct fault f;
	int traded = 0, s;

	rig_open_with(&r, engine_config_default(), note_fee, NULL);
	know(&r);
	deposit(&r, 0, USDM, "USDT", "9000000");	/* enough: account_fill does not judge that */
	deposit(&r, 1, USDM, "USDT", "9000000");
	deposit(&r, 0, COINM, "BTC", "20");
	deposit(&r, 1, COINM, "BTC", "1000");
	if (hedge)
		ok(&r, engine_set_hedge(r.e, 0, true, r.now, &r.f));
	for (size_t i = 0; i < LEN(names); i++) {
		s = sym(&r, names[i]);
		ok(&r, engine_mark(r.e, s, price_of(contracts_find(&cs, engine_rules(r.e, s)->symbol)), r.now, &r.f));
		leverage(&r, 0, s, 5 + (int)any(30));
		if (any(3) == 0)
			isolate(&r, 0, s);
	}
	told(&a, &r, hedge);
	for (step = 0; step < STEPS; step++) {
		assert_int_equal(account_copy(&tried, &a, &f), 0);
		if (trade(&r, &tried, hedge)) {
			traded++;
			account_free(&a);
			told(&a, &r, hedge);
			compare_accounts(&tried, &a);
		}
		account_free(&tried);
		s = sym(&r, names[any(LEN(names))]);
		ok(&r, engine_mark(r.e, s, price_of(contracts_find(&cs, engine_rules(r.e, s)->symbol)), ++r.now, &r.f));
		account_free(&a);
		told(&a, &r, hedge);
		compare_figures(&a, &r);
	}
	account_free(&a);
	contracts_free(&cs);
	rig_close(&r);
	return traded;
}

static void
test_trades(void **state)
{
	int traded = 0;

	(void)state;
	state_of = 6;
	for (run = 0; run < RUNS; run++)
		traded += one_run(run % 2);
	assert_true(traded > RUNS * STEPS / 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_trades),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
