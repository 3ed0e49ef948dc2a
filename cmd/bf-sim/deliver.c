/*
 * Delivery of a contract: section 10 of the margin mathematics sheet. All of it
 * happens in one instant, and the status passes through its stages in it; how
 * long the venue takes over them is not published.
 */
#include <stdio.h>

#include "state.h"

static void
set_status(struct engine *e, struct sym *s, const char *status)
{
	struct engine_event ev = { .kind = EV_CONTRACT, .acct = -1, .sym = s->index };

	snprintf(s->c.rules.status, sizeof s->c.rules.status, "%s", status);
	eng_emit(e, &ev);
}

static void
cancel_all(struct engine *e, struct sym *s)
{
	struct hold *h;
	size_t i;

	for (i = 0; i < s->nholds; i++) {
		h = s->holds[i];
		while (h->open != NULL && !e->bad)
			order_end(e, h->open, STATUS_EXPIRED, 7);
		if (h->nalgos > 0)
			algo_cancel_hold(e, h, ALGO_EXPIRED);
	}
}

/* Close a leg with the maker at the price; the fund's without an order. */
static void
close_leg(struct engine *e, struct hold *h, enum pos_mode m, struct hold *maker, dec price)
{
	struct engine_order proto = { .type = ORDER_LIMIT, .orig_type = ORDER_LIMIT,
		.tif = TIF_IOC, .stp = STP_NONE, .kind = KIND_SETTLEMENT, .price = price };
	struct fill x = { 0, price, dec_abs(hold_leg(h, m)->amt) };
	struct ord *o;

	proto.side = dec_sign(hold_leg(h, m)->amt) > 0 ? SIDE_SELL : SIDE_BUY;
	proto.pos_mode = m;
	proto.qty = num_scale(&e->bad, x.qty, h->s->c.rules.step.scale);
	x.id = ++h->s->trade_id;
	acct_book(e, maker, MODE_BOTH, side_other(proto.side), &x, dec_int(0), false);
	if (h->a->number < 0) {
		acct_book(e, h, m, proto.side, &x, dec_int(0), false);
		return;
	}
	snprintf(proto.client_id, sizeof proto.client_id, "settlement_autoclose-%llu",
	    (unsigned long long)++e->nsettlements);
	if ((o = order_new(e, h, &proto)) != NULL)
		order_settle(e, o, &x, false);
	eng_due(e, h->a);
}

static void
close_all(struct engine *e, struct sym *s, dec price)
{
	struct hold *maker = acct_hold(e, &e->maker, s), *h;
	size_t i;
	int m;

	e->settling = true;
	for (i = 0; maker != NULL && i < s->nholds && !e->bad; i++) {
		h = s->holds[i];
		for (m = MODE_BOTH; h != maker && m <= MODE_SHORT && !e->bad; m++)
			if (dec_sign(h->pos[m].amt) != 0)
				close_leg(e, h, (enum pos_mode)m, maker, price);
	}
	e->settling = false;
}

/* Section 10. A symbol that never had a price has no positions either. */
static void
deliver(struct engine *e, struct sym *s, dec price)
{
	set_status(e, s, "PRE_DELIVERING");
	cancel_all(e, s);
	set_status(e, s, "DELIVERING");
	if (dec_sign(price) > 0)
		close_all(e, s, num_money(&e->bad, price));
	s->settle_sum = price;	/* what engine_settle_price says from now on */
	s->settle_n = 1;
	set_status(e, s, "CLOSE");
	book_outside_only(e, s, NULL, 0);
	s->delivered = true;
}

/* The mean of the index in the window; without any sample what is known. */
dec
engine_settle_price(const struct engine *e, int sym)
{
	const struct sym *s = eng_sym(e, sym);
	dec d;

	if (s == NULL)
		return dec_int(0);
	if (s->settle_n > 0 && dec_div(&d, s->settle_sum, dec_int(s->settle_n), MONEY, DEC_DOWN))
		return d;
	return dec_sign(s->index_price) > 0 ? s->index_price : s->mark;
}

/* At its date. */
void
deliver_run(struct engine *e, struct sym *s)
{
	deliver(e, s, engine_settle_price(e, s->index));
}

/* By hand: a delisting, or an early delivery. */
int
engine_deliver(struct engine *e, int sym, dec price, int64_t now_ms, struct fault *f)
{
	struct sym *s;

	if (eng_begin(e, -1, sym, now_ms, f) == -1)
		return -1;
	s = e->sym[sym];
	if (s->delivered)
		return eng_misuse(f, "delivery: the symbol was delivered already");
	if (dec_sign(price) <= 0 || dec_cmp(price, s->c.rules.min_price) < 0 ||
	    (dec_sign(s->c.rules.max_price) > 0 && dec_cmp(price, s->c.rules.max_price) > 0))
		return eng_misuse(f, "delivery: price outside the symbol's price filter");
	deliver(e, s, price);
	return eng_finish(e, f);
}
