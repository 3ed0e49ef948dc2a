/* The statistics of /futures/data, as far as this market has them. */
#include <stdlib.h>
#include <string.h>

#include "api_handlers.h"
#include "no.h"
#include "num.h"
#include "number.h"

#define DATA_MAX	500
#define YEAR_DAYS	365

/*
 * What is asked for. One path for both markets: a COIN-M pair makes it COIN-M's.
 */

struct data { const char *period; struct period p; int sym; const char *type; };

static int
read_period_name(struct call *c, struct data *d)
{
	static const char *const periods[] = { "5m", "15m", "30m", "1h", "2h", "4h", "6h", "12h",
		"1d" };

	if (want_text(c, "period", &d->period) == -1)
		return -1;
	for (size_t i = 0; i < sizeof periods / sizeof *periods; i++)
		if (strcmp(periods[i], d->period) == 0)
			return read_period(c, &d->p, 0, 0, 30, DATA_MAX);
	return no_invalid(&c->f, "period");
}

/* The testnet has no statistics. */
static int
begin(struct call *c)
{
	if (faults_shape(c->s->faults)->testnet)
		return no(&c->f, 404, -5000, "Path %s, Method GET is invalid", c->route->path);
	return 0;
}

/* A mandatory pair, whose market the call then is of. */
static int
want_data_pair(struct call *c, int *sym)
{
	if (begin(c) == -1 || want_any_pair(c, sym) == -1)
		return -1;
	c->market = engine_contract(c->s->engine, *sym)->market;
	return 0;
}

/* USDⓈ-M asks by symbol, COIN-M by pair; contract: and by contractType. */
static int
read_data(struct call *c, struct data *d, bool contract)
{
	*d = (struct data){ .type = NULL };
	if (begin(c) == -1)
		return -1;
	if (params_get(&c->p, "pair") == NULL) {
		if (want_symbol(c, &d->sym) == -1)
			return -1;
	} else if (want_data_pair(c, &d->sym) == -1 ||
	    (contract && want_contract(c, true, &d->sym, &d->type) == -1))
		return -1;
	return read_period_name(c, d);
}

/* Who holds what among the accounts of a market of makers and one user says
 * nothing: no rows. */
int
get_ratio(struct call *c)
{
	struct data d;

	return read_data(c, &d, false) == -1 ? -1 : get_nothing(c);
}

/* Sum up the open interest of the contracts asked for, and what it is worth. */
static void
add_interest(const struct call *c, const struct data *d, dec *sum, dec *value, bool *bad)
{
	const struct engine *e = c->s->engine;
	const char *pair = params_get(&c->p, "pair");
	bool all = d->type != NULL && strcmp(d->type, "ALL") == 0;
	dec open, worth;

	for (int i = 0; i < engine_symbols(e); i++) {
		if (all ? strcmp(rules_of(c, i)->pair, pair) != 0 : i != d->sym)
			continue;
		open = engine_open_interest(e, i);
		*sum = num_add(bad, *sum, open);
		if (dec_sign(engine_mark_price(e, i)) == 0)
			continue;
		worth = c->market == COINM ?
		    num_div(bad, num_mul(bad, open, engine_contract(e, i)->size),
			engine_mark_price(e, i), MONEY) :
		    num_mul(bad, open, engine_mark_price(e, i));
		*value = num_add(bad, *value, worth);
	}
}

/* Only the present is known: one row, of the period that now is in. */
int
get_interest_history(struct call *c)
{
	dec sum = { 0, 0 }, value = { 0, 0 };
	struct buf *b = &c->out;
	bool bad = false;
	struct data d;
	int64_t at;

	if (read_data(c, &d, true) == -1)
		return -1;
	at = hist_floor(d.period, c->now);
	if (at < d.p.start || at > d.p.end)
		return get_nothing(c);
	add_interest(c, &d, &sum, &value, &bad);
	if (bad)
		return no_room(c);
	jw_open(b, NULL, '[');
	jw_open(b, NULL, '{');
	if (c->market == COINM) {
		jw_str(b, "pair", params_get(&c->p, "pair"));
		jw_str(b, "contractType", d.type);
		number_short(b, "sumOpenInterest", sum);
	} else {
		jw_str(b, "symbol", rules_of(c, d.sym)->symbol);
		number_money(b, "sumOpenInterest", sum);
	}
	number_money(b, "sumOpenInterestValue", value);
	if (c->market == USDM)
		jw_str(b, "CMCCirculatingSupply", "0.00000000");
	jw_i64(b, "timestamp", at);
	jw_close(b, '}');
	jw_close(b, ']');
	return answer(c);
}

/*
 * Statistics out of candles: a row is written for each of them.
 */

typedef bool put_row(struct call *c, const struct data *d, const struct candle *k);

static int
put_rows(struct call *c, const struct data *d, put_row *put)
{
	struct candle *v = NULL;
	bool ok = true;
	int n = 0;

	if (d->sym != -1 && (v = api_candles(c, CANDLE_LAST, d->sym, d->period, &d->p, &n)) == NULL)
		return -1;
	jw_open(&c->out, NULL, '[');
	for (int i = 0; ok && i < n; i++)
		ok = put(c, d, &v[i]);
	jw_close(&c->out, ']');
	free(v);
	return ok ? answer(c) : no_room(c);
}

static bool
put_taker(struct call *c, const struct data *d, const struct candle *k)
{
	dec sold, ratio = { 0, 0 };
	struct buf *b = &c->out;

	(void)d;
	if (!dec_sub(&sold, k->volume, k->taker_volume) ||
	    (dec_sign(sold) > 0 && !dec_div(&ratio, k->taker_volume, sold, 4, DEC_HALF_UP)))
		return false;
	jw_open(b, NULL, '{');
	number_put(b, "buySellRatio", ratio, 4);
	number_put(b, "buyVol", k->taker_volume, 4);
	number_put(b, "sellVol", sold, 4);
	jw_i64(b, "timestamp", k->open_ms);
	jw_close(b, '}');
	return true;
}

int
get_taker_ratio(struct call *c)
{
	struct data d;

	return read_data(c, &d, false) == -1 ? -1 : put_rows(c, &d, put_taker);
}

/* ALL: what the pair's other contracts traded in the same time comes to it. */
static bool
add_others(const struct call *c, const struct data *d, struct candle *io)
{
	const struct rules *r = rules_of(c, d->sym);
	bool bad = false;
	struct candle k;

	for (int i = 0; i < engine_symbols(c->s->engine); i++) {
		if (i == d->sym || strcmp(rules_of(c, i)->pair, r->pair) != 0 ||
		    hist_candles(c->s->hist, CANDLE_LAST, i, d->period, io->open_ms, io->open_ms,
			c->now, &k, 1) == 0)
			continue;
		io->volume = num_add(&bad, io->volume, k.volume);
		io->quote = num_add(&bad, io->quote, k.quote);
		io->taker_volume = num_add(&bad, io->taker_volume, k.taker_volume);
		io->taker_quote = num_add(&bad, io->taker_quote, k.taker_quote);
	}
	return !bad;
}

static bool
put_taker_coin(struct call *c, const struct data *d, const struct candle *k)
{
	struct candle sum = *k;
	struct buf *b = &c->out;
	dec sold, coins;

	if ((strcmp(d->type, "ALL") == 0 && !add_others(c, d, &sum)) ||
	    !dec_sub(&sold, sum.volume, sum.taker_volume) ||
	    !dec_sub(&coins, sum.quote, sum.taker_quote))
		return false;
	jw_open(b, NULL, '{');
	jw_str(b, "pair", rules_of(c, d->sym)->pair);
	jw_str(b, "contractType", d->type);
	number_short(b, "takerBuyVol", sum.taker_volume);
	number_short(b, "takerSellVol", sold);
	number_put(b, "takerBuyVolValue", sum.taker_quote, 4);
	number_put(b, "takerSellVolValue", coins, 4);
	jw_i64(b, "timestamp", k->open_ms);
	jw_close(b, '}');
	return true;
}

/* Pair, contractType and period, all mandatory. */
static int
read_contract(struct call *c, struct data *d, bool all)
{
	*d = (struct data){ .type = NULL };
	return want_data_pair(c, &d->sym) == -1 || want_contract(c, all, &d->sym, &d->type) == -1 ?
	    -1 : read_period_name(c, d);
}

int
get_taker_volume(struct call *c)
{
	struct data d;

	return read_contract(c, &d, true) == -1 ? -1 : put_rows(c, &d, put_taker_coin);
}

/* Over a year, for what is delivered: rate x 365 days / what is left of them. */
static bool
put_yearly(struct buf *b, const struct contract *k, dec rate, int64_t at)
{
	int64_t left = k->delivery_ms - at;
	dec year = dec_int(YEAR_DAYS * DAY_MS), yearly;

	if (k->delivery_ms == ENGINE_PERPETUAL || left <= 0) {
		jw_str(b, "annualizedBasisRate", "");
		return true;
	}
	if (!dec_mul(&yearly, rate, year) ||
	    !dec_div(&yearly, yearly, dec_int(left), 4, DEC_HALF_UP))
		return false;
	number_put(b, "annualizedBasisRate", yearly, 4);
	return true;
}

/* The closes of the contract and its index. A period without an index: no row. */
static bool
put_basis(struct call *c, const struct data *d, const struct candle *k)
{
	struct buf *b = &c->out;
	struct candle x;
	dec basis, rate;

	if (hist_candles(c->s->hist, CANDLE_INDEX, d->sym, d->period, k->open_ms, k->open_ms, c->now,
	    &x, 1) == 0 || dec_sign(x.c) <= 0)
		return true;
	if (!dec_sub(&basis, k->c, x.c) || !dec_div(&rate, basis, x.c, MONEY, DEC_HALF_UP))
		return false;
	jw_open(b, NULL, '{');
	jw_str(b, "pair", rules_of(c, d->sym)->pair);
	jw_str(b, "contractType", d->type);
	number_money(b, "indexPrice", x.c);
	jw_dec(b, "futuresPrice", k->c);
	number_money(b, "basis", basis);
	number_put(b, "basisRate", rate, 4);
	if (!put_yearly(b, engine_contract(c->s->engine, d->sym), rate, k->open_ms))
		return false;
	jw_i64(b, "timestamp", k->open_ms);
	jw_close(b, '}');
	return true;
}

int
get_basis(struct call *c)
{
	struct data d;

	return read_contract(c, &d, false) == -1 ? -1 : put_rows(c, &d, put_basis);
}

/* The contracts of the pair that have been delivered and are still listed. */
int
get_delivery_price(struct call *c)
{
	const struct contract *k;
	struct buf *b = &c->out;
	dec price;
	int sym;

	if (want_data_pair(c, &sym) == -1)
		return -1;
	jw_open(b, NULL, '[');
	for (int i = 0; i < engine_symbols(c->s->engine); i++) {
		k = engine_contract(c->s->engine, i);
		price = engine_settle_price(c->s->engine, i);
		if (strcmp(k->rules.pair, params_get(&c->p, "pair")) != 0 ||
		    strcmp(k->rules.status, "CLOSE") != 0 ||
		    k->delivery_ms == ENGINE_PERPETUAL || dec_sign(price) == 0)
			continue;
		jw_open(b, NULL, '{');
		jw_i64(b, "deliveryTime", k->delivery_ms);
		number_bare(b, "deliveryPrice", price);
		jw_close(b, '}');
	}
	jw_close(b, ']');
	return answer(c);
}
