/* An exchange for tests of liquidation and funding: the built-in contracts, no
 * market makers, two rich accounts (0 and 1), what happens as lines of text. */
#ifndef BF_TESTS_MONEYRIG_H
#define BF_TESTS_MONEYRIG_H

#include "rig.h"

#define KIND(k)		(1u << (k))
#define START		INT64_C(1700006400000)	/* 2023-11-15 00:00:00 UTC */
#define HOUR		INT64_C(3600000)

static inline const char *
name_of(const struct rig *r, int sym)
{
	return sym < 0 ? "-" : engine_rules(r->e, sym)->symbol;
}

static inline void
write_account(struct rig *r, const struct engine_event *ev)
{
	const struct engine_wallet_brief *w = ev->u.account.wallet;
	struct buf *b = &r->log;
	int i;

	buf_printf(b, "account %d %s", ev->acct, ev->u.account.reason);
	if (ev->u.account.about >= 0)
		buf_printf(b, " of %s", name_of(r, ev->u.account.about));
	for (i = 0; i < ev->u.account.nwallet; i++)
		buf_printf(b, " %s wb=%s cw=%s bc=%s", engine_asset_at(r->e, w[i].asset)->name,
		    S(w[i].wallet), S(w[i].cross), S(w[i].change));
	for (i = 0; i < ev->u.account.npos; i++)
		buf_printf(b, " pa=%s ep=%s iw=%s", S(ev->u.account.pos[i].amt),
		    S(ev->u.account.pos[i].entry), S(ev->u.account.pos[i].iso_wallet));
	buf_str(b, "\n");
}

static inline void
write_order(struct rig *r, const struct engine_event *ev)
{
	const struct engine_order *o = ev->u.order.o;

	buf_printf(&r->log, "order %d %s %s %s %s@%s n=%s rp=%s er=%d\n", ev->acct, o->client_id,
	    exec_type_name(ev->u.order.x), order_status_name(o->status),
	    S(ev->u.order.last_qty), S(ev->u.order.last_price), S(ev->u.order.commission),
	    S(ev->u.order.pnl), o->reason);
}

static inline void
write_force(struct rig *r, const struct engine_order *o)
{
	buf_printf(&r->log, "force %s %s of %s at %s\n", order_side_name(o->side),
	    S(o->filled), S(o->qty), S(o->price));
}

static inline void
write_event(void *arg, const struct engine_event *ev)
{
	struct rig *r = arg;
	struct buf *b = &r->log;

	if ((r->kinds & KIND(ev->kind)) == 0)
		return;
	if (ev->kind == EV_ORDER)
		write_order(r, ev);
	else if (ev->kind == EV_ACCOUNT)
		write_account(r, ev);
	else if (ev->kind == EV_FORCE)
		write_force(r, ev->u.force.o);
	else if (ev->kind == EV_MARGIN_CALL)
		buf_printf(b, "call %d %s cw=%s n=%d mm=%s\n", ev->acct,
		    ev->u.call.cross ? "cross" : "isolated", S(ev->u.call.cross_wallet),
		    ev->u.call.npos, S(ev->u.call.pos[0].maint));
	else if (ev->kind == EV_TRADE)
		buf_printf(b, "trade %s@%s\n", S(ev->u.trade.qty), S(ev->u.trade.price));
	else if (ev->kind == EV_ALGO)
		buf_printf(b, "algo %d %s\n", ev->acct, algo_status_name(ev->u.algo.o->status));
	else if (ev->kind == EV_CONTRACT)
		buf_printf(b, "contract %s %s\n", name_of(r, ev->sym),
		    engine_rules(r->e, ev->sym)->status);
	else if (ev->kind == EV_FUNDING)
		buf_printf(b, "funding %s %s at %s%s\n", name_of(r, ev->sym),
		    S(ev->u.funding.rate), S(ev->u.funding.mark),
		    ev->u.funding.special ? " special" : "");
	else if (ev->kind == EV_INCOME)
		buf_printf(b, "income %d %s %s %s %s\n", ev->acct, ev->u.income.row->type,
		    name_of(r, ev->u.income.row->sym),
		    engine_asset_at(r->e, ev->u.income.row->asset)->name,
		    S(ev->u.income.row->amount));
}

static inline void
rig_open_with(struct rig *r, struct engine_config c, engine_sink *sink, void *arg)
{
	*r = (struct rig){ .now = START };
	c.sink = sink;
	c.arg = arg;
	c.start_ms = START;
	assert_non_null(r->e = engine_new(&c, &r->f));
	rig_people(r);
}

static inline void
rig_open(struct rig *r, struct engine_config c)
{
	rig_open_with(r, c, write_event, r);
}

static inline void
mark(struct rig *r, int s, const char *price)
{
	ok(r, engine_mark(r->e, s, D(price), r->now, &r->f));
}

static inline void
tick(struct rig *r, int64_t now)
{
	r->now = now;
	ok(r, engine_tick(r->e, now, &r->f));
}

static inline void
seed(struct rig *r, int acct, int s, const char *amt, const char *entry)
{
	ok(r, engine_seed_position(r->e, acct, s, D(amt), D(entry), r->now, &r->f));
}

static inline void
deposit(struct rig *r, int acct, enum product m, const char *asset, const char *amt)
{
	ok(r, engine_deposit(r->e, acct, engine_asset(r->e, m, asset), D(amt), r->now, &r->f));
}

/* A GTC limit order that waits or trades. */
static inline const struct engine_order *
limit(struct rig *r, int acct, int s, enum order_side side, const char *qty, const char *price)
{
	struct engine_request q = { .side = side, .type = ORDER_LIMIT, .stp = STP_EXPIRE_MAKER,
		.qty = D(qty), .price = D(price) };
	const struct engine_order *o = NULL;

	ok(r, engine_place(r->e, acct, s, &q, r->now, &o, &r->f));
	return o;
}

static inline struct engine_position
position(const struct rig *r, int acct, int s, enum pos_mode leg)
{
	struct engine_position p;

	assert_true(engine_position(r->e, acct, s, leg, &p));
	return p;
}

static inline struct engine_balance
balance(const struct rig *r, int acct, enum product m, const char *asset)
{
	struct engine_balance b;

	assert_true(engine_balance(r->e, acct, engine_asset(r->e, m, asset), &b));
	return b;
}

static inline dec
insurance(const struct rig *r, enum product m, const char *asset)
{
	return engine_insurance(r->e, engine_asset(r->e, m, asset));
}

#endif
