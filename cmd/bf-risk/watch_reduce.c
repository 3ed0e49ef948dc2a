/*
 * Orders that reduce: sized exactly, one in flight a symbol, nothing more until the last is known to have ended and the
 * account shows it. One that does not fill is followed by one that reaches further.
 */
#include <stdio.h>
#include <string.h>

#include "watch_in.h"

/*
 * Sizes
 */

dec
watch_step(const struct contract *c)
{
	return dec_sign(c->rules.mkt_step) > 0 ? c->rules.mkt_step : c->rules.step;
}

const struct contract *
watch_traded(const struct look *k, const char *symbol)
{
	const struct contract *c = contracts_find(&k->w->cs, symbol);

	return c != NULL && strcmp(c->rules.status, "TRADING") == 0 && dec_sign(watch_step(c)) > 0 ? c : NULL;
}

/* q >= (sum - target equity) / (unit (1 - target cost)), unit being notional / abs; divided once, so that it is
 * exact. */
bool
watch_size(dec *out, dec sum, dec equity, dec notional, dec abs, dec target, dec cost, dec step)
{
	dec over, per, q;

	if (dec_sign(abs) <= 0 || dec_sign(notional) <= 0 || dec_sign(step) <= 0)
		return false;
	if (!dec_mul(&over, target, equity) || !dec_sub(&over, sum, over) || !dec_mul(&per, target, cost) ||
	    !dec_sub(&per, dec_int(1), per) || !dec_mul(&per, per, notional))
		return false;
	if (dec_sign(over) <= 0)
		return false;
	if (dec_sign(equity) <= 0 || dec_sign(per) <= 0)
		q = abs;
	else if (!dec_mul(&over, over, abs) || !dec_div(&q, over, per, 12, DEC_UP) || !dec_ceil(&q, q, step))
		return false;
	*out = dec_min(q, abs);
	return dec_sign(*out) > 0;
}

/* After qty of it was closed at its mark, its fee paid. */
static bool
holds_after(const struct look *k, enum market m, const struct position *p, const struct contract *c, dec qty,
    holds_fn *ok, const void *arg)
{
	struct fill fi = { .c = c, .side = dec_sign(p->amt) > 0 ? SIDE_SELL : SIDE_BUY, .pos_side = p->side, .qty = qty,
		.price = p->mark, .reduce = true, .leverage = p->leverage, .isolated = p->isolated };
	struct leg leg = { .kind = c->kind, .amt = qty, .entry = p->mark, .size = c->size };
	struct account a = { 0 };
	struct position *q;
	struct fault f;
	bool good;

	if (!margin_notional(&fi.fee, &leg, p->mark) || !dec_mul(&fi.fee, dec_abs(fi.fee), k->wt->l->cost) ||
	    account_copy(&a, &k->w->acct[m], &f) == -1)
		return false;
	good = account_fill(&a, &fi, &f) == 0 && ((q = account_position(&a, p->symbol, p->side)) == NULL ||
	    dec_sign(q->amt) == 0 || ok(k, &a, q, arg));
	account_free(&a);
	return good;
}

bool
watch_halve(dec *out, const struct look *k, enum market m, const struct position *p, const struct contract *c,
    holds_fn *ok, const void *arg)
{
	dec step = watch_step(c), n, q;
	i128 lo = 1, hi;

	if (dec_sign(step) <= 0 || !dec_div(&n, dec_abs(p->amt), step, 0, DEC_DOWN))
		return false;
	for (hi = n.c; lo < hi; ) {
		i128 mid = lo + (hi - lo) / 2;

		if (!dec_mul(&q, step, (dec){ .c = mid }))
			return false;
		if (holds_after(k, m, p, c, q, ok, arg))
			hi = mid;
		else
			lo = mid + 1;
	}
	if (hi < 1)	/* less than a step is held */
		*out = dec_abs(p->amt);
	else if (!dec_mul(out, step, (dec){ .c = lo }))
		return false;
	return true;
}

/* What a position is worth in the purse's unit, signed: at its mark, or while none is known at entry and profit as
 * told. */
static bool
worth(dec *out, const struct look *k, const struct purse *p, const struct position *q)
{
	struct leg leg = { .kind = q->kind, .amt = q->amt, .entry = q->entry, .size = q->size };
	const struct asset_rate *r;

	if (dec_sign(q->mark) > 0) {
		if (!(q->kind == LINEAR ? dec_mul(out, q->amt, q->mark) : margin_notional(out, &leg, q->mark)))
			return false;
	} else if (q->kind != LINEAR || !dec_mul(out, q->amt, q->entry) || !dec_add(out, *out, q->upnl)) {
		return false;
	}
	return !p->multi || ((r = watch_rate(&k->w->rates, q->margin_asset)) != NULL && dec_mul(out, *out, r->index));
}

const struct position *
watch_heaviest(struct look *k, const struct purse *p, const struct contract **c, dec *notional)
{
	const struct account *a = &k->w->acct[p->m];
	const struct position *best = NULL;
	dec n;

	*notional = dec_int(0);
	for (int i = 0; i < a->npos; i++) {
		const struct position *q = &a->pos[i];
		const struct contract *r;

		if (dec_sign(q->amt) == 0 || watch_purse_of(k->wt, k->w, p->m, q) != p || !worth(&n, k, p, q))
			continue;
		n = dec_abs(n);
		/* One that is not traded now must not keep the others from being reduced. */
		if ((best == NULL || dec_cmp(n, *notional) > 0) && (r = watch_traded(k, q->symbol)) != NULL) {
			best = q;
			*notional = n;
			*c = r;
		}
	}
	return best;
}

/*
 * Wants
 */

bool
watch_flying(const struct watch *wt, const struct purse *p)
{
	for (int i = 0; i < wt->nfly; i++)
		if (wt->fly[i].state != FLY_NONE && wt->fly[i].m == p->m &&
		    (p->multi || strcmp(wt->fly[i].asset, p->asset) == 0))
			return true;
	return false;
}

/* Of two rules that want off the same position the larger wins. */
void
watch_want(struct look *k, const struct want *w)
{
	struct watch *wt = k->wt;
	struct want *list;

	for (int i = 0; i < wt->nwant; i++) {
		struct want *o = &wt->want[i];

		if (o->p != w->p)
			continue;
		if (dec_cmp(w->qty, o->qty) > 0) {
			bool whole = o->whole && w->whole;

			*o = *w;
			o->whole = whole;
		}
		return;
	}
	if ((list = watch_grow(wt, wt->want, &wt->cwant, wt->nwant + 1, sizeof *list)) == NULL)
		return;
	wt->want = list;
	wt->want[wt->nwant++] = *w;
}

static struct fly *
slot_of(struct watch *wt, enum market m, const char *symbol)
{
	struct fly *list;

	for (int i = 0; i < wt->nfly; i++)
		if (wt->fly[i].m == m && strcmp(wt->fly[i].symbol, symbol) == 0)
			return &wt->fly[i];
	if ((list = watch_grow(wt, wt->fly, &wt->cfly, wt->nfly + 1, sizeof *list)) == NULL)
		return NULL;
	wt->fly = list;
	list = &wt->fly[wt->nfly++];
	*list = (struct fly){ .m = m };
	snprintf(list->symbol, sizeof list->symbol, "%s", symbol);
	return list;
}

/*
 * The ladder: a market order, another, then limit orders that reach as far as the 20th and 5th price of the other
 * side (the exchange took the farther ones out of service once), then to the edge of the price band.
 */
enum rung { RUNG_MARKET, RUNG_MATCH_20, RUNG_MATCH_5, RUNG_BAND };
static const enum rung ladder[TRIES_MAX] = {
	RUNG_MARKET, RUNG_MARKET, RUNG_MATCH_20, RUNG_MATCH_5, RUNG_BAND, RUNG_BAND, RUNG_MARKET, RUNG_BAND
};

/* The worst price PERCENT_PRICE allows: a sell at mark x multiplierDown or above, a buy at mark x multiplierUp or
 * below. */
static bool
edge_price(dec *out, const struct position *p, const struct contract *c)
{
	const struct rules *r = &c->rules;
	bool sell = dec_sign(p->amt) > 0;
	dec mult = sell ? r->mult_down : r->mult_up, v;

	if (dec_sign(p->mark) <= 0 || dec_sign(r->tick) <= 0)
		return false;
	if (dec_sign(mult) <= 0)
		mult = (dec){ .c = sell ? 95 : 105, .scale = 2 };
	if (!dec_mul(&v, p->mark, mult) || !(sell ? dec_ceil(out, v, r->tick) : dec_floor(out, v, r->tick)))
		return false;
	if (dec_sign(r->max_price) > 0)
		*out = dec_min(*out, r->max_price);
	*out = dec_max(*out, dec_max(r->min_price, r->tick));
	return true;
}

static dec
capped(dec q, dec most, dec step)
{
	if (dec_sign(most) > 0 && dec_cmp(q, most) > 0 && !dec_floor(&q, most, step))
		q = most;
	return q;
}

/* On the step, at least what may be ordered, at most what is held and what one order may have. */
static bool
fit(dec *out, const struct want *w, bool market)
{
	const struct rules *r = &w->c->rules;
	dec step = market ? watch_step(w->c) : dec_sign(r->step) > 0 ? r->step : watch_step(w->c);
	dec least = market && dec_sign(r->mkt_min_qty) > 0 ? r->mkt_min_qty : r->min_qty, held, q;

	if (!dec_floor(&held, dec_abs(w->p->amt), step) || !dec_ceil(&q, w->qty, step))
		return false;
	if (dec_sign(held) == 0)
		held = dec_abs(w->p->amt);	/* less than a step: the exchange decides */
	q = dec_min(dec_max(q, least), held);
	*out = capped(q, market ? r->mkt_max_qty : r->max_qty, step);
	return dec_sign(*out) > 0;
}

static void
put_type(struct buf *b, enum rung r, dec price)
{
	jw_str(b, "type", r == RUNG_MARKET ? "MARKET" : "LIMIT");
	if (r == RUNG_MARKET)
		return;
	jw_str(b, "timeInForce", "IOC");
	if (r == RUNG_BAND)
		jw_dec(b, "price", price);
	else
		jw_str(b, "priceMatch", r == RUNG_MATCH_20 ? "OPPONENT_20" : "OPPONENT_5");
}

static void
put_order(struct look *k, const struct want *w, const struct fly *fl, enum rung r, dec price)
{
	struct buf *b = &k->out->lines;

	jw_open(b, NULL, '{');
	jw_str(b, "symbol", w->p->symbol);
	jw_str(b, "side", dec_sign(w->p->amt) > 0 ? "SELL" : "BUY");
	put_type(b, r, price);
	jw_dec(b, "quantity", fl->qty);
	/* In hedge mode the side says it all, and reduceOnly is refused. */
	if (w->p->side == POS_BOTH)
		jw_str(b, "reduceOnly", "true");
	else
		jw_str(b, "positionSide", w->p->side == POS_LONG ? "LONG" : "SHORT");
	jw_str(b, "newClientOrderId", fl->client_id);
	jw_str(b, "by", "bf-risk");
	jw_str(b, "rule", rule_rows[w->rule].name);
	if (w->bounded)
		jw_dec(b, "value", w->value);
	else
		jw_null(b, "value");
	jw_dec(b, "limit", w->limit);
	jw_close(b, '}');
	jw_end(b);
}

static void
say_order(struct look *k, const struct want *w)
{
	char text[DEC_STR];

	dec_print(w->value, text);
	if (w->rule == R_MAX_LEV)
		watch_say(k->out, "effective leverage %s above the limit: reducing %s",
		    w->bounded ? text : "without bound (no equity left)", w->p->symbol);
	else
		watch_say(k->out, "%s: reducing %s", rule_rows[w->rule].name, w->p->symbol);
}

/* qty: as it leaves. Nothing leaves without an id to ask after it by. */
static void
leave(struct look *k, struct fly *fl, const struct want *w)
{
	enum rung r = ladder[fl->tries % TRIES_MAX];
	int64_t now = k->w->now.mono_ms;
	dec price = { 0 };

	if (r == RUNG_BAND && !edge_price(&price, w->p, w->c))
		r = RUNG_MARKET;
	if (!fit(&fl->qty, w, r == RUNG_MARKET) || k->wt->id(k->wt->arg, fl->client_id) == -1)
		return;
	snprintf(fl->asset, sizeof fl->asset, "%s", w->p->margin_asset);
	fl->state = FLY_SENT;
	fl->side = w->p->side;
	fl->rule = w->rule;
	fl->held = dec_abs(w->p->amt);
	fl->executed = dec_int(0);
	fl->left_ms = fl->since_ms = fl->asked_ms = now;
	fl->wait_ms = POLL_MIN_MS;
	put_order(k, w, fl, r, price);
	say_order(k, w);
}

static void
one_want(struct look *k, const struct want *w)
{
	struct fly *fl = slot_of(k->wt, w->w->m, w->p->symbol);

	if (fl == NULL || fl->state != FLY_NONE)
		return;
	if (k->w->now.mono_ms < fl->next_ms)
		watch_wake(k, fl->next_ms);
	else
		leave(k, fl, w);
}

/* A ladder is left at its foot once nothing is wanted of it any more. */
static void
rest(struct watch *wt)
{
	for (int i = 0; i < wt->nfly; i++) {
		struct fly *fl = &wt->fly[i];
		bool wanted = fl->state != FLY_NONE;

		for (int n = 0; n < wt->nwant && !wanted; n++)
			wanted = wt->want[n].w->m == fl->m && strcmp(wt->want[n].p->symbol, fl->symbol) == 0;
		if (!wanted) {
			fl->tries = 0;
			fl->next_ms = 0;
			fl->stuck = false;
		}
	}
}

void
watch_flush(struct look *k)
{
	rest(k->wt);
	for (int i = 0; i < k->wt->nwant; i++)
		if (!k->wt->want[i].whole)
			one_want(k, &k->wt->want[i]);
	for (int i = 0; i < k->wt->nwant; i++)
		if (k->wt->want[i].whole && !watch_flying(k->wt, k->wt->want[i].w))
			one_want(k, &k->wt->want[i]);
	k->wt->nwant = 0;
}
