/* Orders and cancels of ours as if they had been carried out. */
#include <string.h>

#include "replay.h"

/* What reduces a position: all of it that there is, at the mark. */
static void
fill_at_mark(struct world *w, enum market m, const struct intent *in, dec cost, dec *qty)
{
	const struct contract *c = contracts_find(&w->cs, in->symbol);
	const struct position *p = account_position(&w->acct[m], in->symbol, in->has_pos_side ? in->pos_side : POS_BOTH);
	struct fault f;
	struct leg leg;
	struct fill fi;
	dec worth;

	if (c == NULL || p == NULL || dec_sign(p->mark) <= 0)
		return;
	fi = (struct fill){ .c = c, .side = in->side, .pos_side = p->side, .price = p->mark, .reduce = true,
	    .qty = dec_min(in->qty, dec_abs(p->amt)), .leverage = p->leverage, .isolated = p->isolated };
	leg = (struct leg){ .kind = c->kind, .amt = fi.qty, .entry = p->mark, .size = c->size };
	if (dec_sign(fi.qty) <= 0 || !margin_notional(&worth, &leg, p->mark) || !dec_mul(&fi.fee, dec_abs(worth), cost))
		return;
	if (account_fill(&w->acct[m], &fi, &f) == 0)
		*qty = fi.qty;
}

static bool
is_meant(const struct open_order *o, const struct intent *in)
{
	if (strcmp(o->symbol, in->symbol) != 0 && in->symbol[0] != '\0')
		return false;
	if (in->op == OP_CANCEL_ALL)
		return o->algo == in->algo;
	return in->client_id[0] != '\0' ? strcmp(o->client_id, in->client_id) == 0 :
	    o->id == in->order_id && o->algo == in->algo;
}

static void
take_away(struct account *a, const struct intent *in)
{
	int kept = 0;

	for (int i = 0; i < a->nord; i++)
		if (!is_meant(&a->ord[i], in))
			a->ord[kept++] = a->ord[i];
	a->nord = kept;
}

void
flow_carry_out(struct world *w, const struct intent *in, dec cost, dec *qty)
{
	enum market m;

	*qty = dec_int(0);
	if (in->op == OP_PLACE && world_market(w, in->symbol, &m))
		fill_at_mark(w, m, in, cost, qty);
	w->version++;
	if (in->op != OP_CANCEL && in->op != OP_CANCEL_ALL)
		return;
	for (int i = 0; i < MARKETS; i++)
		take_away(&w->acct[i], in);
}
