/* calc: a position that is only thought of. No profile, no key, no network. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "app.h"
#include "core/calc.h"
#include "core/funding.h"
#include "look.h"

const struct column calc_cols[] = {
	{ "FIGURE", "figure", COL_LEFT },
	{ "VALUE", "value", COL_RIGHT },
	{ NULL, NULL, 0 }
};

#define SETTLE_HOURS	8	/* between settlements, of most contracts */

/* The question. What is not given: has_ false, or 0. */
struct calc {
	const char *symbol;
	struct leg  l;		/* amt signed */
	dec	    mark, wallet, fee, rate;
	bool	    has_wallet, has_fee, has_rate;
	long	    leverage, hours;	/* 0: not given */
	bool	    isolated;
	struct tiers tiers;	/* n 0: not known */
	dec	    step, max_qty;	/* of the contract, where the file tells it; else of no grid */
};

/* A figure of the answer: with its name; where it is not, why follows from what is null. */
struct answer_buf { struct buf *b; struct app *a; struct fault *f; bool bad; };

static void
figure(struct answer_buf *o, const char *key, bool known, const dec *d)
{
	if (!o->a->out.table) {
		put_maybe(o->b, key, known, d);
		return;
	}
	if (!known && o->a->out.form == PRINT_TABLE)
		return;		/* sentences tell what is not known, and why */
	jw_open(o->b, NULL, '{');
	jw_str(o->b, "figure", key);
	put_maybe(o->b, "value", known, d);
	jw_close(o->b, '}');
	if (!o->bad && emit(o->a, o->f) == -1)
		o->bad = true;
}

/* A price that may be none: null in a record, "none" for a person. */
static void
price(struct answer_buf *o, const char *key, bool known, const dec *d)
{
	if (!o->a->out.table || !known || dec_sign(*d) > 0) {
		figure(o, key, known && dec_sign(*d) > 0, d);
		return;
	}
	jw_open(o->b, NULL, '{');
	jw_str(o->b, "figure", key);
	jw_str(o->b, "value", "none");
	jw_close(o->b, '}');
	if (!o->bad && emit(o->a, o->f) == -1)
		o->bad = true;
}

static void
count(struct answer_buf *o, const char *key, bool known, int64_t n)
{
	dec d = dec_int(n);

	if (o->a->out.table)
		figure(o, key, known, &d);
	else if (known)
		jw_i64(o->b, key, n);
	else
		jw_null(o->b, key);
}

/*
 * The question
 */

static int
need(dec *out, const char *name, const char *s, struct fault *f)
{
	int r = price_option(out, name, s, 0, f);

	if (r == 1 && dec_sign(*out) == 0)
		return fault_set(f, FAULT_USAGE, "%s: not above 0", name);
	return r;
}

static int
read_size(struct calc *c, const struct settings *p, struct fault *f)
{
	bool coin = p->inverse || strstr(c->symbol, "USD_") != NULL;

	c->l.kind = coin ? INVERSE : LINEAR;
	c->l.size = dec_int(!coin ? 1 : strncmp(c->symbol, "BTCUSD", 6) == 0 ? 100 : 10);
	if (p->size != NULL && !coin)
		return fault_set(f, FAULT_USAGE, "--size: only inverse contracts have one");
	if (need(&c->l.size, "--size", p->size, f) == -1)
		return -1;
	if (coin && dec_decimals(c->l.amt) > 0)
		return fault_set(f, FAULT_USAGE, "calc: inverse contracts are whole ones");
	return 0;
}

static int
read_words(struct calc *c, char *const words[], int n, struct fault *f)
{
	if (n != 3)
		return fault_set(f, FAULT_USAGE, "calc takes long or short, a quantity and a symbol: calc long 0.5 BTCUSDT");
	if (strcmp(words[0], "long") != 0 && strcmp(words[0], "short") != 0)
		return fault_set(f, FAULT_USAGE, "calc %.40s: expected long or short", words[0]);
	if (!dec_parse(&c->l.amt, words[1]) || dec_sign(c->l.amt) <= 0)
		return fault_set(f, FAULT_USAGE, "calc: %.40s: not a quantity above 0", words[1]);
	if (words[0][0] == 's')
		c->l.amt = dec_neg(c->l.amt);
	if (words[2][0] == '\0' || strlen(words[2]) >= SYMBOL_MAX)
		return fault_set(f, FAULT_USAGE, "calc: a symbol is empty or too long");
	c->symbol = words[2];
	return 0;
}

static int
read_margin(struct calc *c, const struct settings *p, struct fault *f)
{
	if (p->margin != NULL && strcasecmp(p->margin, "isolated") == 0)
		c->isolated = true;
	else if (p->margin != NULL && strcasecmp(p->margin, "crossed") != 0 && strcasecmp(p->margin, "cross") != 0)
		return fault_set(f, FAULT_USAGE, "--margin-type %.40s: not isolated or crossed", p->margin);
	if (p->leverage != NULL && tool_number(&c->leverage, "--leverage", p->leverage, 1, 150, f) == -1)
		return -1;
	if (p->hours != NULL && tool_number(&c->hours, "--hours", p->hours, 1, 87600, f) == -1)
		return -1;
	return 0;
}

/* A rate may be below 0. */
static int
read_rates(struct calc *c, const struct settings *p, struct fault *f)
{
	int r = price_option(&c->fee, "--fee", p->fee, 0, f);

	if (r == -1)
		return -1;
	c->has_fee = r == 1;
	if (c->has_fee && (dec_cmp(c->fee, dec_int(1000)) > 0 || !dec_mul(&c->fee, c->fee, (dec){ .c = 1, .scale = 4 })))
		return fault_set(f, FAULT_USAGE, "--fee %.40s: not basis points from 0 to 1000", p->fee);
	if (p->funding != NULL && (!dec_parse(&c->rate, p->funding) || dec_cmp(dec_abs(c->rate), dec_int(1)) >= 0))
		return fault_set(f, FAULT_USAGE, "--funding %.40s: not a fraction such as 0.0001", p->funding);
	c->has_rate = p->funding != NULL;
	if (c->hours > 0 && !c->has_rate)
		return fault_set(f, FAULT_USAGE, "--hours: what it costs to hold needs --funding");
	return 0;
}

/* Brackets, and what else the file tells of the symbol. */
static int
read_brackets(struct calc *c, struct app *a, struct fault *f)
{
	const struct contract *k;

	c->step = c->l.kind == LINEAR ? (dec){ .c = 1, .scale = 8 } : dec_int(1);
	if (a->p.brackets == NULL)
		return 0;
	if (recorded_read(&a->rec_in, a->p.brackets, f) == -1 || recorded_end(&a->rec_in, f) == -1)
		return -1;
	k = contracts_find(&a->rec_in.cs, c->symbol);
	if (k == NULL || k->tiers.n == 0)
		return fault_set(f, FAULT_REJECTED, "--brackets: the file has none of %s", c->symbol);
	c->tiers = k->tiers;
	if (dec_sign(k->rules.step) > 0)
		c->step = k->rules.step;
	c->max_qty = k->rules.max_qty;
	return 0;
}

static int
read_question(struct calc *c, struct app *a, char *const words[], int n, struct fault *f)
{
	const struct settings *p = &a->p;
	int wallet;

	if (read_words(c, words, n, f) == -1 || read_size(c, p, f) == -1 || read_margin(c, p, f) == -1 ||
	    read_rates(c, p, f) == -1)
		return -1;
	if (p->entry == NULL)
		return fault_set(f, FAULT_USAGE, "calc: --entry PRICE is required");
	if (need(&c->l.entry, "--entry", p->entry, f) == -1)
		return -1;
	c->mark = c->l.entry;
	if (need(&c->mark, "--mark", p->mark, f) == -1 || (wallet = price_option(&c->wallet, "--wallet", p->wallet, 0, f)) == -1)
		return -1;
	c->has_wallet = wallet == 1;
	return read_brackets(c, a, f);
}

/*
 * The answer
 */

/* The margin behind the position: what was given; of an isolated one else its initial margin. */
static bool
behind(const struct calc *c, dec *out)
{
	dec n;

	*out = c->wallet;
	return c->has_wallet || (c->isolated && c->leverage > 0 && margin_notional(&n, &c->l, c->l.entry) &&
	    margin_initial(out, dec_abs(n), (int)c->leverage));
}

static void
put_margins(struct answer_buf *o, const struct calc *c, dec notional)
{
	struct liq_leg leg = { c->l, &c->tiers };
	const struct tier *tier = tiers_of(&c->tiers, dec_abs(notional));
	dec wb = dec_int(0), upnl = dec_int(0), equity = dec_int(0), im = equity, maint = equity, d = equity, zero = equity;
	bool has_wb = behind(c, &wb), has_equity, has_maint;

	has_equity = has_wb && margin_pnl(&upnl, &c->l, c->mark) && dec_add(&equity, wb, upnl);
	has_maint = c->tiers.n > 0 && margin_maintenance(&maint, &c->tiers, dec_abs(notional));
	figure(o, "initialMargin", c->leverage > 0 && margin_initial(&im, dec_abs(notional), (int)c->leverage), &im);
	count(o, "tier", tier != NULL, tier == NULL ? 0 : (int64_t)(tier - c->tiers.tier) + 1);
	figure(o, "maintMargin", has_maint, &maint);
	figure(o, "wallet", has_wb, &wb);
	figure(o, "marginBalance", has_equity, &equity);
	figure(o, "marginRatio", has_equity && has_maint && margin_ratio(&d, maint, equity), &d);
	figure(o, "effectiveLeverage", has_equity && margin_leverage(&d, dec_abs(notional), equity), &d);
	price(o, "liquidationPrice", has_wb && c->tiers.n > 0 && margin_liquidation(&d, &leg, 1, wb, zero, zero), &d);
	price(o, "bankruptcyPrice", has_wb && margin_bankruptcy(&d, &c->l, wb), &d);
}

static void
put_profit(struct answer_buf *o, const struct calc *c)
{
	dec d = dec_int(0), fee = d, close = d, net = d;
	int lev = (int)c->leverage;
	bool has = margin_pnl(&d, &c->l, c->mark), fees;

	figure(o, "pnl", has, &d);
	fees = c->has_fee && calc_fee(&fee, &c->l, c->l.entry, c->fee) && calc_fee(&close, &c->l, c->mark, c->fee);
	figure(o, "openFee", fees, &fee);
	figure(o, "closeFee", fees, &close);
	figure(o, "pnlNet", fees && has && dec_sub(&net, d, fee) && dec_sub(&net, net, close), &net);
	figure(o, "roe", lev > 0 && calc_roe_mark(&d, &c->l, c->mark, lev), &d);
	figure(o, "roeEntry", lev > 0 && calc_roe_entry(&d, &c->l, c->mark, lev), &d);
	figure(o, "breakEvenPrice", c->has_fee && calc_break_even_fresh(&d, &c->l, c->fee), &d);
	figure(o, "breakEvenClosed", fees && calc_break_even(&d, &c->l, fee, c->fee), &d);
}

/* The price for a return of 25, 50 and 100 percent of the margin at entry. */
static void
put_target_prices(struct answer_buf *o, const struct calc *c)
{
	static const struct { const char *key; dec roe; } row[] = {
		{ "target25", { .c = 25, .scale = 2 } }, { "target50", { .c = 50, .scale = 2 } }, { "target100", { .c = 1 } }
	};
	dec d = dec_int(0);

	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		price(o, row[i].key, c->leverage > 0 && calc_target(&d, &c->l, row[i].roe, (int)c->leverage), &d);
}

static void
put_funding(struct answer_buf *o, const struct calc *c)
{
	dec d = dec_int(0), all = d;
	bool has = c->has_rate && funding_payment(&d, &c->l, c->mark, c->rate);

	figure(o, "fundingDue", has, &d);
	count(o, "settlements", c->hours > 0, c->hours / SETTLE_HOURS);
	figure(o, "fundingTotal", has && c->hours > 0 && dec_mul(&all, d, dec_int(c->hours / SETTLE_HOURS)), &all);
}

static void
put_most(struct answer_buf *o, const struct calc *c)
{
	struct max_open m = { .kind = c->l.kind, .size = c->l.size, .price = c->l.entry, .mark = c->mark,
		.available = c->wallet, .step = c->step, .max_qty = c->max_qty, .leverage = (int)c->leverage,
		.side = dec_sign(c->l.amt) > 0 ? SIDE_BUY : SIDE_SELL, .tiers = c->tiers.n > 0 ? &c->tiers : NULL };
	struct order_cost cost;
	dec d = dec_int(0);
	bool has = c->leverage > 0 && calc_order_cost(&cost, &c->l, c->mark, dec_int(0), dec_int(0), (int)c->leverage);

	figure(o, "orderCost", has, &cost.cost);
	figure(o, "maxQuantity", c->has_wallet && c->leverage > 0 && calc_max_open(&d, &m), &d);
}

static void
put_head(struct app *a, const struct calc *c)
{
	struct buf *b = &a->rec;

	jw_open(b, NULL, '{');
	jw_str(b, "e", "bf.calc");
	jw_str(b, "symbol", c->symbol);
	jw_str(b, "side", dec_sign(c->l.amt) > 0 ? "long" : "short");
	jw_str(b, "kind", c->l.kind == LINEAR ? "linear" : "inverse");
	jw_str(b, "marginType", c->isolated ? "isolated" : "crossed");
	jw_dec(b, "quantity", dec_abs(c->l.amt));
	if (c->l.kind == INVERSE)
		jw_dec(b, "contractSize", c->l.size);
	jw_dec(b, "entryPrice", c->l.entry);
	jw_dec(b, "markPrice", c->mark);
	if (c->leverage > 0)
		jw_i64(b, "leverage", c->leverage);
	else
		jw_null(b, "leverage");
}

static int
put_answer(struct app *a, const struct calc *c, struct fault *f)
{
	struct answer_buf o = { .b = &a->rec, .a = a, .f = f };
	dec notional = dec_int(0);

	if (!margin_notional(&notional, &c->l, c->mark))
		return fault_set(f, FAULT_USAGE, "calc: quantity and price have too many digits to be multiplied");
	if (!a->out.table)
		put_head(a, c);
	figure(&o, "notional", true, &notional);
	put_margins(&o, c, notional);
	put_profit(&o, c);
	put_target_prices(&o, c);
	put_funding(&o, c);
	put_most(&o, c);
	if (a->out.table)
		return o.bad ? -1 : 0;
	jw_close(&a->rec, '}');
	return emit(a, f);
}

/* What was not given, and what of the answer is null for that. */
static void
say_missing(const struct app *a, const struct calc *c)
{
	if (c->tiers.n == 0)
		say(a, "without --brackets there is no tier, maintenance margin, margin ratio or liquidation price");
	if (!c->has_wallet && !(c->isolated && c->leverage > 0))
		say(a, "without --wallet there is no liquidation or bankruptcy price, effective leverage or greatest quantity");
	if (c->leverage == 0)
		say(a, "without --leverage there is no initial margin, return or target price");
	if (!c->has_fee)
		say(a, "without --fee there is no fee and no break-even price");
}

int
do_calc(struct app *a, char *const words[], int n, struct fault *f)
{
	struct calc c = { 0 };

	if (read_question(&c, a, words, n, f) == -1)
		return -1;
	say_missing(a, &c);
	return put_answer(a, &c, f);
}
