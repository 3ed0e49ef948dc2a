/* The questions that look a request up. */
#include "core/fate_in.h"

static void
put_id(const struct fate *fa, struct buf *q)
{
	const struct intent *in = &fa->in;

	if (in->op != OP_PLACE && in->order_id != 0) {
		buf_printf(q, "%s=%llu", in->algo ? "algoId" : "orderId",
		    (unsigned long long)in->order_id);
		return;
	}
	buf_str(q, in->algo ? "clientAlgoId=" : "origClientOrderId=");
	query_escape(q, in->client_id);
}

static void
put_since(const struct fate *fa, struct buf *q, int limit)
{
	buf_printf(q, "&startTime=%lld&limit=%d", (long long)fate_from_ms(fa), limit);
}

/* Fills, from the first one since; those after a full page by their numbers, which do not go
 * together with times. */
static void
put_trades(const struct fate *fa, struct buf *q)
{
	if (fa->trades_from == 0)
		put_since(fa, q, TRADES_MAX);
	else
		buf_printf(q, "&fromId=%llu&limit=%d", (unsigned long long)fa->trades_from, TRADES_MAX);
}

/* The list goes upward from the number it is given: from the lowest that was not looked at. */
static void
put_traded(const struct fate *fa, struct buf *q)
{
	buf_printf(q, "&orderId=%llu&limit=%d", (unsigned long long)fate_traded_least(fa),
	    ORDERS_MAX(fa->market));
}

/* Of a place since it was sent; what a cancel is about may be older. */
static void
put_history(const struct fate *fa, struct buf *q)
{
	if (fa->in.op == OP_PLACE)
		put_since(fa, q, ALGOS_MAX);
	else if (fa->in.order_id != 0)
		buf_printf(q, "&algoId=%llu&limit=%d", (unsigned long long)fa->in.order_id, ALGOS_MAX);
	else
		buf_printf(q, "&limit=%d", ALGOS_MAX);
}

static enum ep
put_question(const struct fate *fa, enum fate_ask ask, struct buf *q)
{
	bool algo = fa->in.algo;

	switch (ask) {
	case ASK_OPEN:
		return algo ? EP_OPEN_ALGO_ORDERS : EP_OPEN_ORDERS;
	case ASK_TRADES:
		put_trades(fa, q);
		return EP_USER_TRADES;
	case ASK_TRADED:
		put_traded(fa, q);
		return EP_ALL_ORDERS;
	case ASK_HISTORY:
		put_history(fa, q);
		return EP_ALL_ALGO_ORDERS;
	case ASK_AMENDMENTS:
		buf_chr(q, '&');
		put_id(fa, q);
		put_since(fa, q, AMENDS_MAX);
		return EP_AMENDMENTS;
	case ASK_ORDER:
	case ASK_NOTHING:
		break;
	}
	buf_chr(q, '&');
	put_id(fa, q);
	return EP_ORDER_GET;
}

enum ep
fate_query(const struct fate *fa, enum fate_ask ask, struct buf *query)
{
	if (fa->in.algo && ask == ASK_ORDER) {	/* takes no symbol */
		put_id(fa, query);
		return EP_ALGO_ORDER_GET;
	}
	buf_str(query, "symbol=");
	query_escape(query, fa->in.symbol);
	return put_question(fa, ask, query);
}
