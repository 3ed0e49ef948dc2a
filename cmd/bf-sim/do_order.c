/* Actions upon orders, positions and accounts. */
#include <stdio.h>
#include <string.h>

#include "do_in.h"

/* The latest open order, or the one of order=CLIENT_ID, of the account. */
static const struct engine_order *
an_order(struct deed *d)
{
	const char *id = deed_word(d, "order");
	const struct engine_order *o, *last = NULL;

	for (o = engine_open_first(d->s->engine, d->acct); o != NULL; o = engine_open_next(o))
		if ((d->sym == -1 || o->sym == d->sym) && (id == NULL || strcmp(o->client_id, id) == 0))
			last = o;
	return last;
}

int
do_fill(struct deed *d)
{
	const struct engine_order *o = an_order(d);
	struct fault why;
	dec q = { 0, 0 };

	if (o == NULL)
		return deed_wrong(d, "there is no such open order");
	if (d->value[0] != '\0' && strcmp(d->value, "all") != 0 && deed_decimal(d, d->value, &q) == -1)
		return -1;
	return deed_said(d, engine_fill(d->s->engine, d->acct, o->sym, o->id, NULL, q, d->now, &why), &why);
}

/* A cancel by somebody else: the web page, the venue. */
int
do_cancel(struct deed *d)
{
	const struct engine_order *o = an_order(d);
	const char *algo = deed_word(d, "algo");
	struct fault why;

	if (algo != NULL || strcmp(d->value, "algo") == 0) {
		const struct engine_algo *a = NULL;

		for (int i = 0; engine_algo_at(d->s->engine, d->acct, i) != NULL; i++) {
			const struct engine_algo *at = engine_algo_at(d->s->engine, d->acct, i);

			if (at->status == ALGO_NEW && (algo == NULL || strcmp(at->client_id, algo) == 0))
				a = at;
		}
		if (a == NULL)
			return deed_wrong(d, "there is no such conditional order");
		return deed_said(d, engine_algo_cancel(d->s->engine, d->acct,
		    engine_contract(d->s->engine, a->sym)->market, a->id, NULL, d->now, NULL, &why), &why);
	}
	if (o == NULL)
		return deed_wrong(d, "there is no such open order");
	return deed_said(d, engine_cancel(d->s->engine, d->acct, o->sym, o->id, NULL, d->now, NULL, &why),
	    &why);
}

int
do_trigger(struct deed *d)
{
	const struct engine_algo *a = NULL, *at;
	const char *id = deed_word(d, "algo");
	struct fault why;

	for (int i = 0; (at = engine_algo_at(d->s->engine, d->acct, i)) != NULL; i++)
		if (at->status == ALGO_NEW && (d->sym == -1 || at->sym == d->sym) &&
		    (id == NULL || strcmp(at->client_id, id) == 0))
			a = at;
	if (a == NULL)
		return deed_wrong(d, "there is no such waiting conditional order");
	return deed_said(d, engine_algo_trigger(d->s->engine, d->acct,
	    engine_contract(d->s->engine, a->sym)->market, a->id, NULL, d->now, &why), &why);
}

/* An order from elsewhere: `sim place BUY SYMBOL qty=Q [price=P]`. */
int
do_place(struct deed *d)
{
	struct engine_request r = { .stp = STP_EXPIRE_MAKER };
	const char *price = deed_word(d, "price"), *qty = deed_word(d, "qty"), *leg = deed_word(d, "side");
	char id[ENGINE_CLIENT_ID];
	struct fault why;

	if (deed_symbol(d) == -1)
		return -1;
	if (strcmp(d->value, "BUY") != 0 && strcmp(d->value, "SELL") != 0)
		return deed_wrong(d, "BUY or SELL");
	if (qty == NULL || deed_decimal(d, qty, &r.qty) == -1 ||
	    (price != NULL && deed_decimal(d, price, &r.price) == -1))
		return deed_wrong(d, "wants qty=Q and may have price=P, order=ID, side=LONG|SHORT");
	r.side = strcmp(d->value, "SELL") == 0 ? SIDE_SELL : SIDE_BUY;
	r.type = price == NULL ? ORDER_MARKET : ORDER_LIMIT;
	r.pos_mode = leg == NULL ? MODE_BOTH : strcmp(leg, "SHORT") == 0 ? MODE_SHORT : MODE_LONG;
	snprintf(id, sizeof id, "web_%lld_%llu", (long long)d->now,
	    (unsigned long long)++d->s->placed);
	r.client_id = deed_word(d, "order") != NULL ? deed_word(d, "order") : id;
	return deed_said(d, engine_place(d->s->engine, d->acct, d->sym, &r, d->now, NULL, &why), &why);
}

/* The legs of a symbol that hold something, or all symbols'. */
typedef int leg_deed(struct deed *d, int sym, enum pos_mode leg, const struct engine_position *p);

static int
each_leg(struct deed *d, leg_deed *what)
{
	struct engine_position p;
	int n = 0;

	for (int i = 0; i < engine_symbols(d->s->engine); i++)
		for (int leg = MODE_BOTH; leg <= MODE_SHORT; leg++) {
			if ((d->sym != -1 && i != d->sym) ||
			    !engine_position(d->s->engine, d->acct, i, (enum pos_mode)leg, &p) ||
			    dec_sign(p.amt) == 0)
				continue;
			if (what(d, i, (enum pos_mode)leg, &p) == -1)
				return -1;
			n++;
		}
	return n > 0 ? 0 : deed_wrong(d, "there is no position");
}

/* The market goes just past the liquidation price of the leg, by a tick. */
static int
liquidate(struct deed *d, int sym, enum pos_mode leg, const struct engine_position *p)
{
	const struct rules *r = engine_rules(d->s->engine, sym);
	struct fault why;
	dec price = p->liq;
	bool ok;

	(void)leg;
	if (dec_sign(price) <= 0)
		return deed_wrong(d, "the position has no liquidation price");
	ok = dec_sign(p->amt) > 0 ? dec_floor(&price, price, r->tick) && dec_sub(&price, price, r->tick) :
	    dec_ceil(&price, price, r->tick) && dec_add(&price, price, r->tick);
	if (!ok)
		return deed_wrong(d, "a price out of room");
	return deed_said(d, engine_mark(d->s->engine, sym, price, d->now, &why), &why);
}

int
do_liquidate(struct deed *d)
{
	return each_leg(d, liquidate);
}

/* adl=FRACTION of the position. */
static int
deleverage(struct deed *d, int sym, enum pos_mode leg, const struct engine_position *p)
{
	struct fault why;
	dec q = dec_int(1);

	if (d->value[0] != '\0' && deed_decimal(d, d->value, &q) == -1)
		return -1;
	if (!dec_mul(&q, q, dec_abs(p->amt)))
		return deed_wrong(d, "a quantity out of room");
	return deed_said(d, engine_deleverage(d->s->engine, d->acct, sym, leg, q, d->now, &why), &why);
}

int
do_adl(struct deed *d)
{
	return each_leg(d, deleverage);
}

int
do_hedge(struct deed *d)
{
	struct fault why;

	return deed_said(d, engine_set_hedge(d->s->engine, d->acct, deed_yes(d->value), d->now, &why), &why);
}

int
do_multi(struct deed *d)
{
	struct fault why;

	return deed_said(d, engine_set_multi(d->s->engine, d->acct, deed_yes(d->value), d->now, &why), &why);
}

int
do_leverage(struct deed *d)
{
	struct fault why;
	int64_t n;

	if (deed_symbol(d) == -1 || deed_number(d, 1, 1000, &n) == -1)
		return -1;
	return deed_said(d, engine_set_leverage(d->s->engine, d->acct, d->sym, (int)n, d->now, NULL, &why),
	    &why);
}

int
do_deposit(struct deed *d)
{
	const char *name = deed_word(d, "asset"), *coinm = "coinm.";
	enum product m = USDM;
	struct fault why;
	int asset;
	dec amt;

	if (name == NULL)
		name = "USDT";
	if (strncmp(name, coinm, strlen(coinm)) == 0) {
		m = COINM;
		name += strlen(coinm);
	}
	if ((asset = engine_asset(d->s->engine, m, name)) == -1)
		return deed_wrong(d, "there is no such asset");
	if (deed_decimal(d, d->value, &amt) == -1)
		return -1;
	return deed_said(d, engine_deposit(d->s->engine, d->acct, asset, amt, d->now, &why), &why);
}
