/* What the engine did, as lines of the ledger. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ledger_in.h"
#include "number.h"

static void
put_account(struct ledger *l, int acct)
{
	if (l->accounts != NULL)
		ledger_name(l, accounts_of(l->accounts, acct));
}

static void
put_symbol(struct ledger *l, int sym)
{
	jw_str(&l->line, "symbol", engine_rules(l->engine, sym)->symbol);
}

/*
 * Orders. The lines about the exchange's own have names of their own.
 */

enum fact { FACT_NEW, FACT_FILL, FACT_END, FACT_AMEND };

static const char *const facts[][4] = {
	[KIND_USER] = { "order", "fill", "order_end", "amend" },
	[KIND_LIQUIDATION] = { "liq_order", "liq_fill", "liq_order_end", "liq_amend" },
	[KIND_ADL] = { "adl_order", "adl_fill", "adl_order_end", "adl_amend" },
	[KIND_SETTLEMENT] = { "settle_order", "settle_fill", "settle_order_end", "settle_amend" },
};

static struct buf *
begin_order(struct ledger *l, enum fact fact, const struct engine_event *ev)
{
	const struct engine_order *o = ev->u.order.o;
	struct buf *b = ledger_begin(l, facts[o->kind][fact], ev->ms);

	if (b == NULL)
		return NULL;
	put_symbol(l, o->sym);
	jw_str(b, "side", order_side_name(o->side));
	jw_str(b, "clientOrderId", o->client_id);
	jw_u64(b, "orderId", o->id);
	put_account(l, o->acct);
	if (o->pos_mode != MODE_BOTH)
		jw_str(b, "positionSide", pos_mode_name(o->pos_mode));
	return b;
}

static void
order_new_line(struct ledger *l, const struct engine_event *ev)
{
	const struct engine_order *o = ev->u.order.o;
	struct buf *b = begin_order(l, FACT_NEW, ev);

	if (b == NULL)
		return;
	jw_str(b, "type", order_type_name(o->type));
	jw_str(b, "timeInForce", order_tif_name(o->tif));
	jw_dec(b, "qty", o->qty);
	jw_dec(b, "price", o->price);
	jw_bool(b, "reduceOnly", o->reduce);
	if (o->algo_id != 0)
		jw_u64(b, "algoId", o->algo_id);
	ledger_end(l);
}

static void
fill_line(struct ledger *l, const struct engine_event *ev)
{
	struct buf *b = begin_order(l, FACT_FILL, ev);

	if (b == NULL)
		return;
	jw_dec(b, "price", ev->u.order.last_price);
	jw_dec(b, "qty", ev->u.order.last_qty);
	number_money(b, "fee", ev->u.order.commission);
	if (ev->u.order.fee_asset > 0)	/* other than USDT */
		jw_str(b, "feeAsset", engine_asset_at(l->engine, ev->u.order.fee_asset)->name);
	number_money(b, "realized", ev->u.order.pnl);
	jw_bool(b, "maker", ev->u.order.maker);
	jw_u64(b, "tradeId", ev->u.order.trade_id);
	ledger_end(l);
}

static void
order_end_line(struct ledger *l, const struct engine_event *ev)
{
	const struct engine_order *o = ev->u.order.o;
	struct buf *b = begin_order(l, FACT_END, ev);

	if (b == NULL)
		return;
	jw_str(b, "status", order_status_name(o->status));
	jw_dec(b, "executed", o->filled);
	jw_i64(b, "reason", o->reason);
	ledger_end(l);
}

static void
amend_line(struct ledger *l, const struct engine_event *ev)
{
	const struct engine_order *o = ev->u.order.o;
	struct buf *b = begin_order(l, FACT_AMEND, ev);

	if (b == NULL)
		return;
	jw_dec(b, "qty", o->qty);
	jw_dec(b, "price", o->price);
	jw_i64(b, "count", o->amended);
	ledger_end(l);
}

static void
on_order(struct ledger *l, const struct engine_event *ev)
{
	switch (ev->u.order.x) {
	case EXEC_NEW:
		order_new_line(l, ev);
		break;
	case EXEC_TRADE:
	case EXEC_CALCULATED:
		fill_line(l, ev);
		break;
	case EXEC_AMENDMENT:
		amend_line(l, ev);
		break;
	default:
		break;
	}
	if (!order_open(ev->u.order.o))
		order_end_line(l, ev);
}

static void
on_algo(struct ledger *l, const struct engine_event *ev)
{
	const struct engine_algo *o = ev->u.algo.o;
	struct buf *b = ledger_begin(l, "algo", ev->ms);

	if (b == NULL)
		return;
	put_symbol(l, o->sym);
	jw_str(b, "side", order_side_name(o->side));
	jw_str(b, "clientAlgoId", o->client_id);
	jw_u64(b, "algoId", o->id);
	put_account(l, o->acct);
	jw_str(b, "type", order_type_name(o->type));
	jw_str(b, "status", algo_status_name(o->status));
	jw_dec(b, "qty", o->qty);
	jw_dec(b, "trigger", o->trigger);
	if (o->order_id != 0)
		jw_u64(b, "orderId", o->order_id);
	ledger_end(l);
}

/*
 * The market, and money
 */

static void
on_mark(struct ledger *l, const struct engine_event *ev)
{
	struct buf *b = ledger_begin(l, "mark", ev->ms);

	if (b == NULL)
		return;
	jw_str(b, "s", engine_rules(l->engine, ev->sym)->symbol);
	number_money(b, "p", ev->u.mark.mark);
	ledger_end(l);
}

static void
on_funding(struct ledger *l, const struct engine_event *ev)
{
	struct buf *b = ledger_begin(l, "funding", ev->ms);

	if (b == NULL)
		return;
	put_symbol(l, ev->sym);
	number_money(b, "rate", ev->u.funding.rate);
	number_money(b, "mark", ev->u.funding.mark);
	jw_bool(b, "special", ev->u.funding.special);
	ledger_end(l);
}

/* Fills tell of their own money. */
static void
on_income(struct ledger *l, const struct engine_event *ev)
{
	const struct engine_income *i = ev->u.income.row;
	struct buf *b;

	if (strcmp(i->type, "COMMISSION") == 0 || strcmp(i->type, "REALIZED_PNL") == 0 ||
	    (b = ledger_begin(l, "income", ev->ms)) == NULL)
		return;
	if (i->sym >= 0)
		put_symbol(l, i->sym);
	jw_str(b, "type", i->type);
	jw_str(b, "asset", engine_asset_at(l->engine, i->asset)->name);
	number_money(b, "amount", i->amount);
	put_account(l, ev->acct);
	ledger_end(l);
}

/*
 * Liquidations
 */

static struct closed *
closed_of(struct ledger *l, const struct engine_order *o)
{
	struct closed *c;
	int cap = l->cclosed == 0 ? 8 : 2 * l->cclosed;

	for (int i = 0; i < l->nclosed; i++)
		if (l->closed[i].acct == o->acct && l->closed[i].sym == o->sym &&
		    l->closed[i].side == o->side)
			return &l->closed[i];
	if (l->nclosed == l->cclosed) {
		if ((c = realloc(l->closed, (size_t)cap * sizeof *c)) == NULL)
			return NULL;
		l->closed = c;
		l->cclosed = cap;
	}
	l->closed[l->nclosed] = (struct closed){ .acct = o->acct, .sym = o->sym, .side = o->side };
	return &l->closed[l->nclosed++];
}

static void
on_force(struct ledger *l, const struct engine_event *ev)
{
	const struct engine_order *o = ev->u.force.o;
	struct closed *c = closed_of(l, o);

	if (c == NULL)
		l->error = ENOMEM;
	else if (!dec_add(&c->qty, c->qty, o->filled) || !dec_add(&c->quote, c->quote, o->quote) ||
	    !dec_add(&c->base, c->base, o->base))
		l->error = ERANGE;
}

/* The average price: linear quote / quantity, inverse USD / coins. */
static void
liquidation_line(struct ledger *l, const struct closed *c, int64_t now)
{
	struct buf *b = ledger_begin(l, "liquidation", now);
	bool coinm = engine_contract(l->engine, c->sym)->market == COINM;
	struct engine_balance bal = { 0 };
	dec price;

	if (b == NULL)
		return;
	(void)engine_balance(l->engine, c->acct, engine_asset_of(l->engine, c->sym), &bal);
	if (!dec_div(&price, c->quote, coinm ? c->base : c->qty, 8, DEC_DOWN))
		price = dec_int(0);
	put_symbol(l, c->sym);
	jw_str(b, "side", order_side_name(c->side));
	put_account(l, c->acct);
	jw_dec(b, "qty", c->qty);
	number_money(b, "mark", engine_mark_price(l->engine, c->sym));
	jw_dec(b, "price", price);
	number_money(b, "left", bal.wallet);
	ledger_end(l);
}

void
ledger_settle(struct ledger *l, int64_t now_ms)
{
	for (int i = 0; i < l->nclosed; i++)
		liquidation_line(l, &l->closed[i], now_ms);
	l->nclosed = 0;
}

void
ledger_event(struct ledger *l, const struct engine_event *ev)
{
	switch (ev->kind) {
	case EV_ORDER:
		on_order(l, ev);
		break;
	case EV_ALGO:
		on_algo(l, ev);
		break;
	case EV_MARK:
		on_mark(l, ev);
		break;
	case EV_FUNDING:
		on_funding(l, ev);
		break;
	case EV_INCOME:
		on_income(l, ev);
		break;
	case EV_FORCE:
		on_force(l, ev);
		break;
	default:
		break;
	}
}
