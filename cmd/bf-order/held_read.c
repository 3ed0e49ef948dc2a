/* What the exchange tells of a position and of what may change it. */
#include "ask.h"
#include "held.h"

/* As the lists are read. */
struct reading {
	const char *symbol;
	dec	 net;		/* one-way: the position, negative if short */
	dec	 leg[2];	/* hedge: the sizes of LONG and SHORT */
	dec	 opens[2], closes[2];	/* orders that stand, by side */
	bool	 closes_all[2];
};

static int
ask(struct session *s, enum ep ep, const char *symbol, struct fault *f)
{
	int r = ask_symbol(s, ep, symbol, true, f);

	if (r == 0 && s->doc.t->kind != SCAN_ARR)
		r = fault_set(f, FAULT_AGAIN, "%s is not a list", endpoint(ep)->path[s->market]);
	return r;
}

/* COIN-M's positionRisk takes no symbol, and answers with all. */
static int
read_positions(struct reading *r, struct session *s, struct fault *f)
{
	const struct tok *t, *v;
	dec amt, *to;

	if (ask(s, EP_POSITION_RISK, s->market == MARKET_USDM ? r->symbol : NULL, f) == -1)
		return -1;
	t = s->doc.t;
	for (v = scan_first(t); v != NULL; v = scan_next(t, t, v)) {
		if (!scan_get_is(t, v, "symbol", r->symbol))
			continue;
		if (!scan_get_dec(t, v, "positionAmt", &amt))
			return fault_set(f, FAULT_AGAIN, "positionAmt is not in the exchange's answer");
		to = &r->net;
		if (!scan_get_is(t, v, "positionSide", "BOTH")) {
			to = &r->leg[dec_sign(amt) < 0];
			amt = dec_abs(amt);
		}
		if (!dec_add(to, *to, amt))
			return fault_set(f, FAULT_LOCAL, "a position with more digits than can be reckoned with");
	}
	return 0;
}

static bool
flag(const struct tok *t, const struct tok *v, const char *name)
{
	bool on;

	return scan_get_bool(t, v, name, &on) && on;
}

/* What of it has yet to fill; of a conditional order, which has no executedQty, all. */
static bool
rest_of(const struct tok *t, const struct tok *v, bool algo, dec *out)
{
	dec done;

	if (algo)
		return scan_get_dec(t, v, "quantity", out);
	return scan_get_dec(t, v, "origQty", out) && scan_get_dec(t, v, "executedQty", &done) &&
	    dec_sub(out, *out, done);
}

/* Conditional orders may trigger: they count as if they stood. */
static int
read_orders(struct reading *r, struct session *s, bool algo, struct fault *f)
{
	const struct tok *t, *v;
	bool sell;
	dec qty, *to;

	if (ask(s, algo ? EP_OPEN_ALGO_ORDERS : EP_OPEN_ORDERS, r->symbol, f) == -1)
		return -1;
	t = s->doc.t;
	for (v = scan_first(t); v != NULL; v = scan_next(t, t, v)) {
		sell = scan_get_is(t, v, "side", "SELL");
		if (scan_get_is(t, v, "positionSide", sell ? "LONG" : "SHORT"))
			continue;	/* an exit of hedge mode; there no side counts on the other */
		if (flag(t, v, "closePosition")) {
			r->closes_all[sell] = true;
			continue;
		}
		to = flag(t, v, "reduceOnly") ? &r->closes[sell] : &r->opens[sell];
		if (!rest_of(t, v, algo, &qty) || !dec_add(to, *to, qty))
			return fault_set(f, FAULT_AGAIN, "an open order of %s could not be read", r->symbol);
	}
	return 0;
}

bool
held_close(struct held_one *h, int side, dec qty)
{
	dec closed = dec_min(qty, h->credit[side]);

	return dec_sub(&h->credit[side], h->credit[side], closed) &&
	    dec_add(&h->reach[side], h->reach[side], closed);
}

static bool
sum_up(struct held_one *h, const struct reading *r)
{
	for (int i = 0; i < 2; i++) {
		dec net = i == 0 ? r->net : dec_neg(r->net);

		h->credit[i] = dec_sign(net) < 0 ? dec_neg(net) : dec_int(0);
		if (!dec_add(&h->reach[i], net, r->leg[i]) || !dec_add(&h->reach[i], h->reach[i], r->opens[i]) ||
		    !held_close(h, i, r->closes_all[i] ? h->credit[i] : r->closes[i]))
			return false;
	}
	return true;
}

/* First what may come to be the next: an order that fills, or is triggered, between two of
 * these reads is then counted twice, and not missed. */
int
held_read(struct held_one *h, struct session *s, struct fault *f)
{
	struct reading r = { .symbol = h->symbol };

	h->at_ms = 0;
	if (read_orders(&r, s, true, f) == -1 || read_orders(&r, s, false, f) == -1 ||
	    read_positions(&r, s, f) == -1)
		return -1;
	return sum_up(h, &r) ? 0 : fault_set(f, FAULT_LOCAL, "a position with more digits than can be reckoned with");
}
