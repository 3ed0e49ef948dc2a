/* Sections are those of the margin mathematics sheet, see margin.h. */
#include <string.h>

#include "core/cost.h"

#define MONEY	8	/* decimals of money, cut off, as the exchange does */

/* One order on its way. */
struct work {
	const struct cost_in *c;
	const struct intent *in;
	struct cost *out;
	enum contract_kind kind;
	dec size;			/* USD of a contract; 1 */
	dec qty;			/* what it would fill; its side is in->side */
	/* the account, before */
	const struct wallet *wallet;
	const struct position *leg, *twin;	/* NULL: none; twin: the other leg of the symbol */
	int leverage;
	bool isolated;
	dec mark;			/* as given, else that of a row of the symbol; 0: not known */
	/* and after */
	dec value;			/* price at which the symbol is valued */
	struct leg now;
	dec pnl, fee;			/* realised, and paid */
	dec iso;			/* isolated wallet */
};

static dec
signed_qty(const struct work *w, dec qty)
{
	return w->in->side == SIDE_SELL ? dec_neg(qty) : qty;
}

static bool
conditional(const struct intent *in)
{
	return in->algo;
}

/* What amt is worth in the margin asset at a price; not below zero. */
static bool
worth(const struct work *w, dec amt, dec price, dec *out)
{
	struct leg l = { w->kind, amt, price, w->size };

	if (dec_sign(price) <= 0 || !margin_notional(out, &l, price))
		return false;
	*out = dec_abs(*out);
	return true;
}

/*
 * What is known before
 */

static const struct position *
position_of(const struct account *a, const char *symbol, enum pos_side side)
{
	for (int i = 0; i < a->npos; i++)
		if (a->pos[i].side == side && strcmp(a->pos[i].symbol, symbol) == 0)
			return &a->pos[i];
	return NULL;
}

static const struct wallet *
wallet_of(const struct account *a, const char *asset)
{
	for (int i = 0; i < a->nwal; i++)
		if (strcmp(a->wal[i].asset, asset) == 0)
			return &a->wal[i];
	return NULL;
}

/* Settings and mark are of the symbol: any row of it tells them. */
static void
read_symbol(struct work *w)
{
	const struct account *a = w->c->acct;

	w->leverage = w->c->leverage;
	w->isolated = w->c->isolated;
	w->mark = w->c->mark;
	for (const struct position *p = a != NULL ? a->pos : NULL; p != NULL && p < a->pos + a->npos; p++) {
		if (strcmp(p->symbol, w->in->symbol) != 0)
			continue;
		if (p->leverage > 0) {
			w->leverage = p->leverage;
			w->isolated = p->isolated;
		}
		if (dec_sign(w->mark) <= 0)
			w->mark = p->mark;
	}
}

/* The leg it is about. false: the account is not known, or of the other mode. */
static bool
read_account(struct work *w)
{
	const struct account *a = w->c->acct;
	enum pos_side side = w->in->pos_side;

	if (a == NULL || !a->known || a->hedge != (side != POS_BOTH))
		return false;
	w->leg = position_of(a, w->in->symbol, side);
	if (side != POS_BOTH)
		w->twin = position_of(a, w->in->symbol, side == POS_LONG ? POS_SHORT : POS_LONG);
	w->wallet = wallet_of(a, w->c->rules->margin);
	w->now = (struct leg){ w->kind, { 0, 0 }, { 0, 0 }, w->size };
	if (w->leg != NULL) {
		w->now.amt = w->leg->amt;
		w->now.entry = w->leg->entry;
		w->iso = w->leg->isolated_wallet;
	}
	return true;
}

/*
 * The order alone
 */

static void
price_of(struct work *w)
{
	const struct intent *in = w->in;
	dec p = in->price;

	if (dec_sign(p) <= 0)
		p = in->trigger;
	if (dec_sign(p) <= 0)
		p = w->mark;
	w->out->price = p;
	w->out->has_price = dec_sign(p) > 0;
}

/* A close-all takes what there is, whatever it says. */
static bool
qty_of(struct work *w, bool known)
{
	w->qty = w->in->qty;
	if (!w->in->close_position)
		return dec_sign(w->qty) > 0;
	if (known)
		w->qty = dec_sign(w->now.amt) == -(int)w->in->side ? dec_abs(w->now.amt) : dec_int(0);
	return known;
}

static bool
fee_of(const struct work *w, dec value, dec *out)
{
	dec rate = strcmp(w->in->tif, "GTX") == 0 ? w->c->maker : w->c->taker;

	return w->c->rates && strcmp(w->in->tif, "RPI") != 0 && dec_mul(out, value, rate) &&
	    dec_rescale(out, *out, MONEY, DEC_DOWN);
}

static void
order_alone(struct work *w)
{
	struct cost *o = w->out;
	dec value;

	o->has_notional = (o->has_price || w->kind == INVERSE) &&
	    rules_notional(&o->notional, w->c->rules, w->qty, o->price);
	if (!o->has_price || !worth(w, w->qty, o->price, &value))
		return;
	o->has_fee = fee_of(w, value, &o->fee);
	if (intent_reduces(w->in)) {
		o->margin = dec_int(0);
		o->has_margin = true;
	} else if (w->leverage > 0) {
		o->has_margin = margin_initial(&o->margin, value, w->leverage);
	}
}

/*
 * The position after it (section 7)
 */

/* The isolated wallet: pro rata with what is closed, and margin for what is opened. */
static bool
move_iso(struct work *w, dec closed, dec opened)
{
	struct leg more = { w->kind, { 0, 0 }, { 0, 0 }, w->size };
	dec held = dec_abs(w->now.amt), out, value, im;

	if (!w->isolated)
		return true;
	if (dec_sign(closed) > 0 && (!dec_mul(&out, w->iso, closed) ||
	    !dec_div(&out, out, held, MONEY, DEC_DOWN) || !dec_sub(&w->iso, w->iso, out)))
		return false;
	if (dec_sign(opened) == 0)
		return true;
	more.amt = opened;
	return w->leverage > 0 && margin_fill_value(&value, &more, w->out->price) &&
	    margin_initial(&im, value, w->leverage) && dec_add(&w->iso, w->iso, im);
}

static bool
close_part(struct work *w, dec q)
{
	struct leg l = w->now;

	l.amt = signed_qty(w, dec_neg(q));	/* what is closed, with its own sign */
	if (!margin_pnl(&w->pnl, &l, w->out->price) || !dec_sub(&w->now.amt, w->now.amt, l.amt))
		return false;
	if (dec_sign(w->now.amt) == 0)
		w->now.entry = dec_int(0);
	return true;
}

static bool
open_part(struct work *w, dec q)
{
	dec more = signed_qty(w, q);

	return margin_average(&w->now.entry, &w->now, more, w->out->price) &&
	    dec_add(&w->now.amt, w->now.amt, more);
}

/* Filled whole: closes what is against it, and opens with the rest, unless it may
 * only reduce. */
static bool
fill(struct work *w)
{
	bool against = dec_sign(w->now.amt) == -(int)w->in->side;
	dec closed = against ? dec_min(w->qty, dec_abs(w->now.amt)) : dec_int(0), opened, done, value;

	if (!dec_sub(&opened, w->qty, closed))
		return false;
	if (intent_reduces(w->in))
		opened = dec_int(0);
	if (!dec_add(&done, closed, opened) || !move_iso(w, closed, opened) ||
	    (dec_sign(closed) > 0 && !close_part(w, closed)) ||
	    (dec_sign(opened) > 0 && !open_part(w, opened)))
		return false;
	w->fee = dec_int(0);
	if (dec_sign(done) > 0 && w->out->has_fee)
		return worth(w, done, w->out->price, &value) && fee_of(w, value, &w->fee);
	return true;
}

/* Where the symbol is valued: see cost.h. */
static dec
value_at(const struct work *w)
{
	dec p = w->out->price, m = w->mark;

	if (conditional(w->in) || dec_sign(m) <= 0)
		return p;
	return w->in->side == SIDE_BUY ? dec_min(p, m) : dec_max(p, m);
}

/*
 * The wallet after it
 */

struct sum { dec notional, equity; };

/* Add a leg at a price; iso: its isolated wallet, 0 in cross margin. */
static bool
add_leg(struct sum *s, const struct leg *l, dec price, dec iso)
{
	dec n, pnl;

	if (dec_sign(l->amt) == 0)
		return true;
	return dec_sign(price) > 0 && margin_notional(&n, l, price) && margin_pnl(&pnl, l, price) &&
	    dec_add(&s->notional, s->notional, dec_abs(n)) &&
	    dec_add(&s->equity, s->equity, pnl) && dec_add(&s->equity, s->equity, iso);
}

static struct leg
leg_of(const struct work *w, const struct position *p)
{
	return (struct leg){ w->kind, p->amt, p->entry, w->size };
}

/* Of another position of this wallet: 1 yes, 0 no, -1 that cannot be told. */
static int
shares(const struct work *w, const struct position *p)
{
	if (p == w->leg || dec_sign(p->amt) == 0)
		return 0;
	if (*p->margin_asset == '\0')
		return -1;
	return strcmp(p->margin_asset, w->c->rules->margin) == 0;
}

/* The cross wallet: PnL and fee are its own, and what the isolated wallet of the leg
 * gets is taken from it. */
static bool
cross_after(const struct work *w, dec *out)
{
	dec c;

	if (w->wallet == NULL || !dec_add(&c, w->wallet->cross, w->pnl) || !dec_sub(&c, c, w->fee))
		return false;
	if (w->isolated && w->leg != NULL && !dec_add(&c, c, w->leg->isolated_wallet))
		return false;
	return w->isolated ? dec_sub(out, c, w->iso) : (*out = c, true);
}

static bool
leverage_after(const struct work *w, dec *out)
{
	const struct account *a = w->c->acct;
	struct sum s = { { 0, 0 }, { 0, 0 } };
	struct leg l;
	int own;

	if (a->multi_assets || !cross_after(w, &s.equity) ||
	    !add_leg(&s, &w->now, w->value, w->isolated ? w->iso : dec_int(0)))
		return false;
	for (const struct position *p = a->pos; p < a->pos + a->npos; p++) {
		if ((own = shares(w, p)) == 0)
			continue;
		l = leg_of(w, p);
		if (own == -1 || !add_leg(&s, &l, p == w->twin ? w->value : p->mark,
		    p->isolated ? p->isolated_wallet : dec_int(0)))
			return false;
	}
	return margin_leverage(out, s.notional, s.equity);
}

/* TMM1 and UPNL1: other cross positions of the wallet, at their marks. The exchange
 * does not tell the maintenance margin of COIN-M positions. */
static bool
others(const struct work *w, dec *tmm, dec *upnl)
{
	const struct account *a = w->c->acct;
	struct leg l;
	dec pnl;
	int own;

	*tmm = *upnl = dec_int(0);
	for (const struct position *p = a->pos; p < a->pos + a->npos; p++) {
		if (p->isolated || p == w->twin || (own = shares(w, p)) == 0)
			continue;
		l = leg_of(w, p);
		if (own == -1 || dec_sign(p->mark) <= 0 || dec_sign(p->maint_margin) <= 0 ||
		    !margin_pnl(&pnl, &l, p->mark) || !dec_add(upnl, *upnl, pnl) ||
		    !dec_add(tmm, *tmm, p->maint_margin))
			return false;
	}
	return true;
}

/* Section 12.2: isolated by its own wallet; cross both legs of the symbol together. */
static bool
liquidation_after(const struct work *w, dec *out)
{
	struct liq_leg legs[2] = { { w->now, w->c->tiers } };
	dec wb = w->iso, tmm = dec_int(0), upnl = dec_int(0);
	int n = 1;

	if (dec_sign(w->now.amt) == 0) {
		*out = dec_int(0);
		return true;
	}
	if (w->c->tiers == NULL)
		return false;
	if (!w->isolated) {
		if (w->c->acct->multi_assets || !cross_after(w, &wb) || !others(w, &tmm, &upnl))
			return false;
		if (w->twin != NULL)
			legs[n++] = (struct liq_leg){ leg_of(w, w->twin), w->c->tiers };
	}
	return margin_liquidation(out, legs, n, wb, tmm, upnl);
}

static void
order_filled(struct work *w)
{
	struct cost *o = w->out;

	if (!o->has_price || !fill(w))
		return;
	w->value = value_at(w);
	o->amt = w->now.amt;
	o->has_amt = true;
	if (w->leverage == 0 && !w->isolated)
		return;		/* the margin type is not known either */
	o->has_leverage = leverage_after(w, &o->leverage);
	o->has_liq = liquidation_after(w, &o->liq);
}

void
cost_of(struct cost *out, const struct cost_in *c)
{
	struct work w = { .c = c, .in = c->in, .out = out, .kind = LINEAR, .size = dec_int(1) };
	bool known;

	memset(out, 0, sizeof *out);
	if ((c->in->op != OP_PLACE && c->in->op != OP_MODIFY) || c->rules == NULL)
		return;
	if (dec_sign(c->rules->contract_size) > 0) {
		w.kind = INVERSE;
		w.size = c->rules->contract_size;
	}
	read_symbol(&w);
	known = c->in->op == OP_PLACE && read_account(&w);
	price_of(&w);
	if (!qty_of(&w, known))
		return;
	order_alone(&w);
	if (known)
		order_filled(&w);
}
