/* An account and contracts in tests of figures. */
#ifndef BF_TESTS_FIGURES_RIG_H
#define BF_TESTS_FIGURES_RIG_H

#include <string.h>

#include "core/account_in.h"
#include "core/figures.h"
#include "core/margin.h"
#include "decimal.h"

#define LEN(a)	(sizeof (a) / sizeof *(a))

static struct account a;	/* fresh for each test */
static struct contracts cs;
static struct figures fg;

static int
fresh(void **state)
{
	(void)state;
	figures_free(&fg);
	account_free(&a);
	contracts_free(&cs);
	a.known = true;
	return 0;
}

static int
done(void **state)
{
	fresh(state);
	return 0;
}

/* size "0": linear */
static inline struct contract *
contract(const char *symbol, const char *margin, const char *size)
{
	struct rules r = { .contract_size = D(size) };
	struct contract *c;

	snprintf(r.symbol, sizeof r.symbol, "%s", symbol);
	snprintf(r.margin, sizeof r.margin, "%s", margin);
	c = contracts_set(&cs, &r, dec_sign(r.contract_size) > 0 ? MARKET_COINM : MARKET_USDM);
	assert_non_null(c);
	return c;
}

static inline void
tier(struct contract *c, const char *cap, const char *mmr, const char *cum, int leverage)
{
	struct tiers *ts = &c->tiers;

	ts->tier[ts->n] = (struct tier){ ts->n > 0 ? ts->tier[ts->n - 1].cap : D("0"), D(cap), D(mmr),
		D(cum), leverage };
	ts->n++;
}

/* A contract with one tier for everything. */
static inline struct contract *
flat(const char *symbol, const char *margin, const char *size, const char *mmr, const char *cum)
{
	struct contract *c = contract(symbol, margin, size);

	tier(c, "1000000000000", mmr, cum, 125);
	return c;
}

static inline void
wallet(const char *asset, const char *cross)
{
	struct wallet w = { .balance = D(cross), .cross = D(cross) };
	struct fault f;

	snprintf(w.asset, sizeof w.asset, "%s", asset);
	assert_int_equal(account_add_wallet(&a, &w, &f), 0);
}

/* Valid until the next one. Leverage 20, cross; wallet not NULL: isolated, beside the cross one. */
static inline struct position *
hold(const char *symbol, enum pos_side side, const char *amt, const char *entry, const char *mark,
    const char *iso)
{
	struct position p = { .side = side, .amt = D(amt), .entry = D(entry), .mark = D(mark),
		.leverage = 20, .isolated = iso != NULL };
	struct fault f;

	snprintf(p.symbol, sizeof p.symbol, "%s", symbol);
	if (iso != NULL)
		p.isolated_wallet = D(iso);
	assert_int_equal(account_add_position(&a, &p, &f), 0);
	account_contracts(&a, &cs);
	a.hedge = side != POS_BOTH;
	return &a.pos[a.npos - 1];
}

static inline struct open_order *
order(const char *symbol, enum pos_side leg, enum order_side side, const char *qty, const char *price)
{
	struct open_order o = { .id = (uint64_t)a.nord + 1, .side = side, .pos_side = leg, .qty = D(qty),
		.price = D(price), .type = "LIMIT", .status = "NEW" };
	struct fault f;

	snprintf(o.symbol, sizeof o.symbol, "%s", symbol);
	assert_int_equal(account_add_order(&a, &o, &f), 0);
	return &a.ord[a.nord - 1];
}

static inline void
make(const struct asset_rates *rates)
{
	struct fault f;

	figures_free(&fg);
	assert_int_equal(figures_make(&fg, &a, &cs, rates, &f), 0);
}

static inline const struct position_figures *
of(const char *symbol, enum pos_side side)
{
	const struct position_figures *p = figures_position(&fg, symbol, side);

	assert_non_null(p);
	return p;
}

/* By value, not by the number of zeros. want NULL: not known. */
#define figure(has, got, want)	figure_at(has, got, want, __LINE__)
static inline void
figure_at(bool has, dec got, const char *want, int line)
{
	char s[DEC_STR] = "not known";

	if (has)
		dec_print(got, s);
	if (has != (want != NULL) || (has && dec_cmp(got, D(want)) != 0))
		fail_msg("line %d: %s, not %s", line, s, want != NULL ? want : "unknown");
}

/* The first so many decimals, as published: rounded. */
#define begins(has, got, want)	begins_at(has, got, want, __LINE__)
static inline void
begins_at(bool has, dec got, const char *want, int line)
{
	if (has && !dec_rescale(&got, got, D(want).scale, DEC_HALF_UP))
		fail_msg("line %d: no room", line);
	figure_at(has, got, want, line);
}

/* The one price at which p (or its wallet) is liquidated; 0: none. */
static inline bool
liquidation(dec *out, const struct asset_rates *rates, const struct position *p)
{
	struct liq_bounds b;

	if (!figures_liquidation_bounds(&b, &a, &cs, rates, p))
		return false;
	*out = margin_bound(&b);
	return true;
}

#endif
