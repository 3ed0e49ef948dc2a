/*
 * Auto-deleveraging: section 14 of the margin mathematics sheet. Who gains most
 * with most leverage is first in line; the house (market maker, insurance fund)
 * stands in no line.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/adl.h"
#include "state.h"

struct place { struct hold *h; enum pos_mode leg; dec score; };
/* Holders of one side of a symbol, in a line. */
struct line { struct place *v; int n; };

/* The wallet that carries a leg, in the symbol's margin asset. */
static dec
wallet_of(struct engine *e, struct hold *h, const struct pos *p)
{
	struct figures f;
	dec rate;

	if (h->isolated)
		return p->iso;
	if (!h->a->multi || h->s->c.market != USDM) {
		acct_figures(e, h->a, h->s->asset, &f, &e->bad);
		return f.cross;
	}
	acct_figures_multi(e, h->a, &f, &e->bad);
	rate = asset_rate(e, h->s->asset, true, &e->bad);
	return dec_sign(rate) > 0 ? num_div(&e->bad, f.cross, rate, MONEY) : dec_int(0);
}

static dec
score_of(struct engine *e, struct hold *h, enum pos_mode m)
{
	const struct pos *p = hold_leg(h, m);
	dec upnl = pos_upnl(h->s, p, &e->bad), d = { 0, 0 };

	if (dec_sign(upnl) <= 0)	/* no gain, no score: spare the wallet's figures */
		return d;
	return num_ok(&e->bad, adl_score(&d, wallet_of(e, h, p), upnl, pos_maint(h->s, p, &e->bad)),
	    &d);
}

/* Lowest score first; of equal ones the younger account, so that the elder is
 * nearer to the end that goes first. */
static int
order(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	int d = dec_cmp(x->score, y->score);

	if (d == 0)
		d = y->h->a->number - x->h->a->number;
	return d != 0 ? d : (int)y->leg - (int)x->leg;
}

/* All users' legs of the sign: +1 longs, -1 shorts. The caller frees v. */
static struct line
line_of(struct engine *e, struct sym *s, int sign)
{
	struct line l = { NULL, 0 };
	struct hold *h;
	size_t i;
	int m;

	if (s->nholds == 0 || dec_sign(s->mark) == 0)
		return l;
	if ((l.v = calloc(s->nholds * 3, sizeof *l.v)) == NULL) {
		e->bad = true;
		return l;
	}
	for (i = 0; i < s->nholds; i++) {
		h = s->holds[i];
		for (m = MODE_BOTH; h->a->number >= 0 && m <= MODE_SHORT; m++)
			if (dec_sign(h->pos[m].amt) == sign)
				l.v[l.n++] = (struct place){ h, (enum pos_mode)m,
				    score_of(e, h, (enum pos_mode)m) };
	}
	qsort(l.v, (size_t)l.n, sizeof *l.v, order);
	return l;
}

/* Its orders of the symbol go, then it gives up to q at the price; what it gave. */
static dec
deleverage(struct engine *e, const struct place *at, struct ord *o, dec price, dec q)
{
	struct engine_order proto = { .type = ORDER_LIMIT, .orig_type = ORDER_LIMIT,
		.tif = TIF_IOC, .stp = STP_NONE, .kind = KIND_ADL };
	struct fill x = { .price = price };
	struct ord *other;

	(void)order_cancel_hold(e, at->h);
	x.qty = dec_min(q, dec_abs(hold_leg(at->h, at->leg)->amt));
	proto.side = side_other(o->o.side);
	proto.pos_mode = at->leg;
	proto.price = price;
	proto.qty = num_scale(&e->bad, x.qty, at->h->s->c.rules.step.scale);
	snprintf(proto.client_id, sizeof proto.client_id, "adl_autoclose");
	if ((other = order_new(e, at->h, &proto)) == NULL)
		return dec_int(0);
	x.id = ++at->h->s->trade_id;
	order_settle(e, other, &x, false);
	order_settle(e, o, &x, false);
	eng_due(e, at->h->a);	/* the price may be worse than the mark */
	return x.qty;
}

dec
adl_close(struct engine *e, struct ord *o, dec price, dec q)
{
	/* a SELL ends a long: shorts, of the sign of that side, are the others */
	struct line l = line_of(e, o->h->s, (int)o->o.side);
	dec left = q;
	int i;

	for (i = l.n - 1; i >= 0 && dec_sign(left) > 0 && !e->bad; i--)
		if (l.v[i].h != o->h)	/* nobody is his own other side */
			left = num_sub(&e->bad, left, deleverage(e, &l.v[i], o, price, left));
	free(l.v);
	return num_sub(&e->bad, q, left);
}

/* Hedge mode, cross: one light for both legs, the brighter one. */
static void
join(struct hold *h)
{
	int m = h->adl[MODE_LONG] > h->adl[MODE_SHORT] ? h->adl[MODE_LONG] : h->adl[MODE_SHORT];

	h->adl[MODE_LONG] = h->adl[MODE_SHORT] = m;
}

static void
rank_side(struct engine *e, struct sym *s, int sign)
{
	struct line l = line_of(e, s, sign);
	int i;

	for (i = 0; i < l.n; i++)
		l.v[i].h->adl[l.v[i].leg] = adl_quantile(i, l.n, l.v[i].score);
	free(l.v);
}

void
adl_rank(struct engine *e)
{
	struct hold *h;
	struct sym *s;
	size_t k;
	int i;

	for (i = 0; i < e->nsym; i++) {
		s = e->sym[i];
		for (k = 0; k < s->nholds; k++)
			memset(s->holds[k]->adl, 0, sizeof s->holds[k]->adl);
		rank_side(e, s, 1);
		rank_side(e, s, -1);
		for (k = 0; k < s->nholds; k++) {
			h = s->holds[k];
			if (h->a->hedge && !h->isolated)
				join(h);
		}
	}
}
