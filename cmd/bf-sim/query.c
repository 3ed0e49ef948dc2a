/* What may be asked of the engine; nothing here changes it. */
#include <string.h>

#include "state.h"

const char *
order_type_name(enum order_type t)
{
	return t == ORDER_MARKET ? "MARKET" : "LIMIT";
}

const char *
order_tif_name(enum order_tif t)
{
	static const char *const name[] = { "GTC", "IOC", "FOK", "GTX" };

	return name[t];
}

const char *
order_stp_name(enum order_stp s)
{
	static const char *const name[] = { "NONE", "EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH" };

	return name[s];
}

const char *
order_status_name(enum order_status s)
{
	static const char *const name[] = { "NEW", "PARTIALLY_FILLED", "FILLED", "CANCELED",
		"EXPIRED", "EXPIRED_IN_MATCH" };

	return name[s];
}

const char *
exec_type_name(enum exec_type x)
{
	static const char *const name[] = { "NEW", "CANCELED", "CALCULATED", "EXPIRED", "TRADE" };

	return name[x];
}

const char *
order_side_name(enum order_side s)
{
	return s == SIDE_BUY ? "BUY" : "SELL";
}

bool
order_open(const struct engine_order *o)
{
	return o->status == STATUS_NEW || o->status == STATUS_PARTIALLY_FILLED;
}

dec
order_avg(const struct engine *e, const struct engine_order *o)
{
	int scale = e->sym[o->sym].rules.price_precision + 3;
	bool bad = false;
	dec d = { 0, 5 };

	d.scale = scale < 5 ? 5 : scale > MONEY ? MONEY : scale;
	return dec_sign(o->filled) == 0 ? d : num_div(&bad, o->quote, o->filled, d.scale);
}

/*
 * Symbols
 */

int
engine_symbols(const struct engine *e)
{
	return e->nsym;
}

int
engine_symbol(const struct engine *e, const char *name)
{
	for (int i = 0; i < e->nsym; i++)
		if (strcmp(e->sym[i].rules.symbol, name) == 0)
			return i;
	return -1;
}

const struct rules *
engine_rules(const struct engine *e, int sym)
{
	const struct sym *s = eng_sym_at(e, sym);

	return s == NULL ? NULL : &s->rules;
}

const struct tiers *
engine_tiers(const struct engine *e, int sym)
{
	const struct sym *s = eng_sym_at(e, sym);

	return s == NULL ? NULL : &s->tiers;
}

struct engine_maker
engine_get_maker(const struct engine *e, int sym)
{
	static const struct engine_maker none = { 0 };
	const struct sym *s = eng_sym_at(e, sym);

	return s == NULL ? none : s->maker;
}

dec
engine_mark_price(const struct engine *e, int sym)
{
	const struct sym *s = eng_sym_at(e, sym);

	return s == NULL ? dec_int(0) : s->mark;
}

dec
engine_last_price(const struct engine *e, int sym)
{
	const struct sym *s = eng_sym_at(e, sym);

	return s == NULL ? dec_int(0) : s->last;
}

int
engine_depth(const struct engine *e, int sym, enum order_side side, struct engine_level *out, int n)
{
	const struct sym *s = eng_sym_at(e, sym);
	const struct side *b;
	int i;

	if (s == NULL)
		return 0;
	b = book_side(s, side);
	for (i = 0; i < n && i < b->n; i++)
		out[i] = (struct engine_level){ side, b->v[b->n - 1 - i].price,
			b->v[b->n - 1 - i].qty };
	return i;
}

uint64_t
engine_update_id(const struct engine *e, int sym)
{
	const struct sym *s = eng_sym_at(e, sym);

	return s == NULL ? 0 : s->update_id;
}

uint64_t
engine_last_trade_id(const struct engine *e, int sym)
{
	const struct sym *s = eng_sym_at(e, sym);

	return s == NULL ? 0 : s->trade_id;
}

/*
 * Orders and trades
 */

const struct engine_order *
engine_order(const struct engine *e, int acct, int sym, uint64_t id, const char *client_id)
{
	const struct acct *a = eng_acct(e, acct);
	const struct sym *s = eng_sym_at(e, sym);
	const struct ord *o = NULL;

	if (a == NULL || s == NULL)
		return NULL;
	if (id != 0) {
		if (id < s->first_id || id - s->first_id >= (uint64_t)s->norders)
			return NULL;
		o = s->orders[id - s->first_id];
		return o->a == a ? &o->o : NULL;
	}
	if (client_id == NULL)
		return NULL;
	if ((o = order_find(e, a, sym, client_id, true)) == NULL)
		o = order_find(e, a, sym, client_id, false);
	return o == NULL ? NULL : &o->o;
}

const struct engine_order *
engine_order_at(const struct engine *e, int acct, int i)
{
	const struct acct *a = eng_acct(e, acct);

	return a == NULL || i < 0 || i >= a->norders ? NULL : &a->orders[i]->o;
}

const struct engine_order *
engine_open_first(const struct engine *e, int acct)
{
	const struct acct *a = eng_acct(e, acct);

	return a == NULL || a->open == NULL ? NULL : &a->open->o;
}

const struct engine_order *
engine_open_next(const struct engine_order *o)
{
	const struct ord *next = ((const struct ord *)o)->anext;	/* o is its first member */

	return next == NULL ? NULL : &next->o;
}

const struct engine_trade *
engine_trade_at(const struct engine *e, int acct, int i)
{
	const struct acct *a = eng_acct(e, acct);

	return a == NULL || i < 0 || i >= a->ntrades ? NULL : &a->trades[i];
}

/*
 * Accounts
 */

int
engine_accounts(const struct engine *e)
{
	return e->nacct;
}

/* Section 12.2: the wallet that answers, and what else it carries. */
static dec
liquidation_price(const struct engine *e, const struct acct *a, const struct sym *s, bool *bad)
{
	const struct pos *p = &a->pos[s->index];
	struct liq_leg leg = { pos_leg(p), &s->tiers };
	dec price = { 0, 0 }, wb = p->iso, tmm = { 0, 0 }, upnl = { 0, 0 };
	struct figures f;

	if (dec_sign(p->amt) == 0)
		return price;
	if (!p->isolated) {
		acct_figures(e, a, &f, bad);
		wb = f.cross;
		tmm = num_sub(bad, f.cross_maint, pos_maint(s, p, bad));
		upnl = num_sub(bad, f.cross_upnl, pos_upnl(s, p, bad));
	}
	return num_ok(bad, margin_liquidation(&price, &leg, 1, wb, tmm, upnl), &price);
}

bool
engine_position(const struct engine *e, int acct, int sym, struct engine_position *out)
{
	const struct acct *a = eng_acct(e, acct);
	const struct sym *s = eng_sym_at(e, sym);
	struct engine_position r = { 0 };
	const struct pos *p;
	bool bad = false;

	if (a == NULL || s == NULL)
		return false;
	p = &a->pos[sym];
	r.amt = p->amt;
	r.amt.scale = s->rules.step.scale;	/* 0 before the first trade has no scale */
	r.entry = p->entry;
	r.break_even = pos_break_even(p, &bad);
	r.mark = s->mark;
	r.upnl = pos_upnl(s, p, &bad);
	r.notional = pos_notional(s, p, &bad);
	r.liq = liquidation_price(e, a, s, &bad);
	r.isolated = p->isolated;
	if (p->isolated) {
		r.iso_wallet = p->iso;
		r.iso_margin = num_add(&bad, p->iso, r.upnl);
	}
	r.pos_im = pos_margin(p, r.notional, &bad);
	r.im = pos_margin(p, pos_exposure(s, p, p->bid, p->ask, &bad), &bad);
	r.order_im = num_sub(&bad, r.im, r.pos_im);
	r.maint = pos_maint(s, p, &bad);
	r.bid_notional = p->bid;
	r.ask_notional = p->ask;
	r.leverage = p->leverage;
	r.max_notional = tiers_cap(&s->tiers, p->leverage);
	r.open_orders = p->norders;
	r.update_ms = p->update_ms;
	if (!bad)
		*out = r;
	return !bad;
}

bool
engine_balance(const struct engine *e, int acct, struct engine_balance *out)
{
	const struct acct *a = eng_acct(e, acct);
	struct engine_balance b;
	struct figures f;
	bool bad = false;
	dec d;

	if (a == NULL)
		return false;
	acct_figures(e, a, &f, &bad);
	b.wallet = f.wallet;
	b.upnl = f.upnl;
	b.margin = num_add(&bad, f.wallet, f.upnl);
	b.maint = f.maint;
	b.pos_im = f.pos_im;
	b.order_im = f.order_im;
	b.im = num_add(&bad, f.pos_im, f.order_im);
	b.cross_wallet = f.cross;
	b.cross_upnl = f.cross_upnl;
	b.available = f.available;
	/* Section 15.1: unrealised profit may not be withdrawn. */
	d = num_sub(&bad, num_sub(&bad, f.cross, f.cross_pos_im), f.order_im);
	b.withdraw = dec_max((dec){ 0, MONEY }, dec_min(f.available, d));
	b.update_ms = a->update_ms;
	if (!bad)
		*out = b;
	return !bad;
}

dec
engine_maker_fee(const struct engine *e)
{
	return e->c.maker_fee;
}

dec
engine_taker_fee(const struct engine *e)
{
	return e->c.taker_fee;
}

dec
engine_insurance(const struct engine *e)
{
	return e->fund.wallet;
}

dec
engine_fees(const struct engine *e)
{
	return e->fees;
}
