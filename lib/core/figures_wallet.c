/* Sums of a wallet, and of all of them in multi-assets mode. Sections are those of the margin
 * mathematics sheet, see margin.h. */
#include <string.h>

#include "core/figures_in.h"

#define MONEY	8	/* decimals of money, cut off, as the exchange does */

/*
 * One position
 */

void
holding_of(struct holding *h, const struct contracts *cs, const struct position *p)
{
	memset(h, 0, sizeof *h);
	h->p = p;
	h->c = cs != NULL ? contracts_find(cs, p->symbol) : NULL;
	h->tiers = h->c != NULL && h->c->tiers.n > 0 ? &h->c->tiers : NULL;
	h->asset = h->c != NULL && *h->c->rules.margin != '\0' ? h->c->rules.margin : p->margin_asset;
	h->leg = (struct leg){ p->kind, p->amt, p->entry, p->size };
	if (h->c != NULL) {
		h->leg.kind = h->c->kind;
		h->leg.size = h->c->size;
	}
	if (h->leg.kind == LINEAR)
		h->leg.size = dec_int(1);
	h->has_leg = dec_sign(h->leg.size) > 0 && dec_sign(p->entry) > 0;
}

void
holding_at_mark(struct holding *h, const struct contracts *cs, const struct position *p)
{
	holding_of(h, cs, p);
	h->has_value = h->has_leg && dec_sign(p->mark) > 0 &&
	    margin_notional(&h->notional, &h->leg, p->mark) && margin_pnl(&h->upnl, &h->leg, p->mark);
	if (!h->has_value)
		return;
	h->has_im = p->leverage > 0 && margin_initial(&h->im, h->notional, p->leverage);
	h->has_maint = h->tiers != NULL && margin_maintenance(&h->maint, h->tiers, h->notional);
}

/*
 * One wallet
 */

/* false: its value is not known, or out of room. */
static bool
add_holding(struct figures_pile *s, const struct holding *h)
{
	struct figures_part *t = &s->part[h->p->isolated];

	s->has_maint = s->has_maint && h->has_maint && dec_add(&t->maint, t->maint, h->maint);
	s->has_im = s->has_im && h->has_im && dec_add(&t->im, t->im, h->im);
	return h->has_value && dec_add(&s->notional, s->notional, dec_abs(h->notional)) &&
	    dec_add(&s->net, s->net, h->notional) && dec_add(&t->upnl, t->upnl, h->upnl) &&
	    (!h->p->isolated || dec_add(&s->iso, s->iso, h->p->isolated_wallet));
}

static bool
add_up(struct wallet_figures *out, const struct figures_pile *s)
{
	const struct figures_part *cross = &s->part[0], *iso = &s->part[1];

	out->notional = s->notional;
	out->net = s->net;
	out->cross_upnl = cross->upnl;
	out->cross_maint = cross->maint;
	out->has_maint = s->has_maint && dec_add(&out->maint, cross->maint, iso->maint);
	out->has_im = s->has_im && dec_add(&out->im, cross->im, iso->im);
	out->has_sums = dec_add(&out->upnl, cross->upnl, iso->upnl) &&
	    dec_add(&out->equity, out->w->cross, s->iso) &&
	    dec_add(&out->equity, out->equity, out->upnl);
	return out->has_sums;
}

/* Section 18, and the ratio of section 13: of the cross part alone. */
static void
rates_of(struct wallet_figures *s)
{
	dec cross;

	s->has_leverage = margin_leverage(&s->leverage, s->notional, s->equity);
	s->has_ratio = s->has_maint && dec_add(&cross, s->w->cross, s->cross_upnl) &&
	    margin_ratio(&s->ratio, s->cross_maint, cross);
}

bool
figures_sum_up(struct wallet_figures *out, const struct figures_pile *s, const struct account *a)
{
	struct wallet_figures sums = { .w = out->w };

	if (!add_up(&sums, s))
		return false;
	if (!a->multi_assets)
		rates_of(&sums);
	*out = sums;
	return true;
}

bool
figures_purse(struct wallet_figures *out, dec *cross_im, const struct account *a,
    const struct contracts *cs, const struct wallet *w)
{
	struct figures_pile s = { .has_maint = true, .has_im = true };
	struct holding h;

	*out = (struct wallet_figures){ .w = w };
	if (!account_has(a, PART_POSITIONS))
		return false;
	for (const struct position *p = a->pos; p < a->pos + a->npos; p++) {
		if (!account_held(p))
			continue;
		holding_at_mark(&h, cs, p);
		if (*h.asset == '\0')
			return false;	/* it may be one of this wallet's */
		if (strcmp(h.asset, w->asset) == 0 && !add_holding(&s, &h))
			return false;
	}
	*cross_im = s.part[0].im;
	return figures_sum_up(out, &s, a);
}

bool
figures_sums(struct wallet_figures *out, const struct account *a, const struct contracts *cs,
    const struct wallet *w)
{
	dec cross_im;

	return figures_purse(out, &cross_im, a, cs, w);
}

/*
 * Open orders (section 3)
 */

/* What binds margin: not what only reduces, nor a conditional order that waits. (COIN-M
 * has had conditional orders among the others.) */
static bool
binds(const struct open_order *o)
{
	static const char *const waits[] = { "STOP", "TAKE_PROFIT", "TRAILING_STOP" };

	if (o->reduce || o->algo)
		return false;
	for (size_t i = 0; i < sizeof waits / sizeof *waits; i++)
		if (strncmp(o->type, waits[i], strlen(waits[i])) == 0)
			return dec_sign(o->filled) > 0;
	return true;
}

/* A symbol, one side of it in hedge mode, and what its contract is. */
struct side {
	const struct account *a;
	const char *symbol;
	enum pos_side side;
	struct leg leg;		/* amt and size; what is held of it */
	dec mark;		/* 0: not known */
};

static void
read_side(struct side *s)
{
	const struct position *p = account_find(s->a, s->symbol, s->side);

	if (p != NULL)
		s->leg.amt = p->amt;
	for (p = s->a->pos; p < s->a->pos + s->a->npos && dec_sign(s->mark) <= 0; p++)
		if (strcmp(p->symbol, s->symbol) == 0)
			s->mark = p->mark;
}

/* Sums of the values of its open buys and sells. */
static bool
sum_orders(const struct side *s, dec *bid, dec *ask)
{
	struct leg l = s->leg;
	dec price, v, *sum;

	*bid = *ask = dec_int(0);
	for (const struct open_order *o = s->a->ord; o < s->a->ord + s->a->nord; o++) {
		if (o->pos_side != s->side || !binds(o) || strcmp(o->symbol, s->symbol) != 0)
			continue;
		price = dec_sign(o->price) > 0 ? o->price : s->mark;
		sum = o->side == SIDE_BUY ? bid : ask;
		if (dec_sign(price) <= 0 || !dec_sub(&l.amt, o->qty, o->filled) ||
		    !margin_notional(&v, &l, price) || !dec_add(sum, *sum, v))
			return false;
	}
	return true;
}

/* N, and max(|N + Bid|, |N - Ask|). */
static bool
side_exposure(const struct side *s, dec *n, dec *most)
{
	dec bid, ask;

	*n = (dec){ 0, MONEY };
	if (dec_sign(s->leg.size) <= 0 || !sum_orders(s, &bid, &ask))
		return false;
	if (dec_sign(s->leg.amt) != 0 && (dec_sign(s->mark) <= 0 || !margin_notional(n, &s->leg, s->mark)))
		return false;
	if (!dec_add(&bid, *n, bid) || !dec_sub(&ask, *n, ask))
		return false;
	*most = dec_max(dec_abs(bid), dec_abs(ask));
	return true;
}

/* Its IM, less |N| x IMR of the position itself. */
static bool
side_margin(const struct side *s, dec *im, dec *open)
{
	int leverage = account_leverage_of(s->a, s->symbol);
	dec n, most, total;

	if (!side_exposure(s, &n, &most))
		return false;
	if (dec_sign(most) == 0) {
		*im = *open = (dec){ 0, MONEY };
		return true;
	}
	return leverage > 0 && margin_initial(im, n, leverage) && margin_initial(&total, most, leverage) &&
	    dec_sub(open, dec_max(total, *im), *im);
}

static bool
side_of(struct side *s, const struct account *a, const struct contract *c, enum pos_side side)
{
	*s = (struct side){ .a = a, .symbol = c->rules.symbol, .side = side,
		.leg = { .kind = c->kind, .size = c->size } };
	if (!account_has(a, PART_POSITIONS | PART_ORDERS))
		return false;
	read_side(s);
	return true;
}

bool
figures_exposure(dec *out, const struct account *a, const struct contract *c, enum pos_side side)
{
	struct side s;
	dec n;

	return side_of(&s, a, c, side) && side_exposure(&s, &n, out);
}

bool
figures_symbol_margin(dec *im, dec *open, const struct account *a, const struct contract *c,
    enum pos_side side)
{
	struct side s;

	return side_of(&s, a, c, side) && side_margin(&s, im, open);
}

bool
figures_available(dec *out, const struct wallet_figures *s, dec cross_im)
{
	dec d;

	if (!dec_add(&d, s->w->cross, s->cross_upnl) || !dec_sub(&d, d, cross_im) ||
	    !dec_sub(&d, d, s->open_im))
		return false;
	*out = dec_max(d, (dec){ 0, MONEY });
	return true;
}

/* What the contract of an order is: by the list, else by a position of its symbol. */
static bool
contract_of(const struct account *a, const struct contracts *cs, const char *symbol, struct holding *h)
{
	for (const struct position *p = a->pos; p < a->pos + a->npos; p++)
		if (strcmp(p->symbol, symbol) == 0) {
			holding_of(h, cs, p);
			return *h->asset != '\0' && dec_sign(h->leg.size) > 0;
		}
	memset(h, 0, sizeof *h);
	if (cs == NULL || (h->c = contracts_find(cs, symbol)) == NULL)
		return false;
	h->asset = h->c->rules.margin;
	h->leg = (struct leg){ .kind = h->c->kind, .size = h->c->size };
	return *h->asset != '\0';
}

/* An order before this one is of the same symbol and side. */
static bool
counted(const struct account *a, const struct open_order *o)
{
	for (const struct open_order *e = a->ord; e < o; e++)
		if (e->pos_side == o->pos_side && binds(e) && strcmp(e->symbol, o->symbol) == 0)
			return true;
	return false;
}

bool
figures_open_margin(dec *out, const struct account *a, const struct contracts *cs, const char *asset)
{
	struct holding h;
	dec im, open;

	*out = (dec){ 0, MONEY };
	if (!account_has(a, PART_ORDERS | PART_POSITIONS))
		return false;
	for (const struct open_order *o = a->ord; o < a->ord + a->nord; o++) {
		struct side s = { .a = a, .symbol = o->symbol, .side = o->pos_side };

		if (!binds(o) || counted(a, o))
			continue;
		if (!contract_of(a, cs, o->symbol, &h))
			return false;
		if (strcmp(h.asset, asset) != 0)
			continue;
		s.leg = (struct leg){ .kind = h.leg.kind, .size = h.leg.size };
		read_side(&s);
		if (!side_margin(&s, &im, &open) || !dec_add(out, *out, open))
			return false;
	}
	return true;
}

/*
 * Multi-assets mode (section 16)
 */

const struct asset_rate *
figures_rate(const struct asset_rates *rates, const char *asset)
{
	for (int i = 0; rates != NULL && i < rates->n; i++)
		if (strcmp(rates->r[i].asset, asset) == 0)
			return &rates->r[i];
	return NULL;
}

/* A wallet in which nothing is, and of which nothing is held, needs no rate. */
static bool
empty(const struct wallet_figures *s)
{
	return dec_sign(s->equity) == 0 && dec_sign(s->w->balance) == 0 && dec_sign(s->notional) == 0 &&
	    dec_sign(s->im) == 0 && dec_sign(s->open_im) == 0;
}

static bool
add_asset(struct multi_sum *out, const struct wallet_figures *s, const struct asset_rates *rates,
    const struct less *less, bool im)
{
	const struct asset_rate *r = figures_rate(rates, s->w->asset);
	struct multi_asset m = { .equity = s->equity, .maint = s->maint };

	if (!s->has_sums)
		return false;
	if (empty(s))
		return true;
	if (r == NULL || !s->has_maint || (im && (!s->has_im || !dec_add(&m.im, s->im, s->open_im))))
		return false;
	if (less != NULL && strcmp(less->asset, s->w->asset) == 0 &&
	    (!dec_sub(&m.equity, m.equity, less->upnl) || !dec_sub(&m.maint, m.maint, less->maint)))
		return false;
	m.index = r->index;
	m.bid_buffer = r->bid_buffer;
	m.ask_buffer = r->ask_buffer;
	return multi_add(out, &m);
}

bool
figures_together(struct multi_sum *out, const struct account *a, const struct contracts *cs,
    const struct asset_rates *rates, const struct wallet_figures *sums, const struct less *less, bool im)
{
	struct multi_sum t = { 0 };
	struct wallet_figures s;

	if (!account_has(a, PART_WALLETS))
		return false;
	for (int i = 0; i < a->nwal; i++) {
		if (sums == NULL && !figures_sums(&s, a, cs, &a->wal[i]))
			return false;
		if (!add_asset(&t, sums != NULL ? &sums[i] : &s, rates, less, im))
			return false;
	}
	*out = t;
	return true;
}
