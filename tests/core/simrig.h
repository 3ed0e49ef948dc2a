/* An engine for tests that writes its events down, and orders as one writes them. */
#ifndef BF_TESTS_SIMRIG_H
#define BF_TESTS_SIMRIG_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rig.h"

enum { BTC, ETH, SOL, DOGE };	/* symbols in the order they are built in */

#define USDT	0	/* the asset */

static inline void
write_order(struct buf *b, const struct engine_event *ev)
{
	const struct engine_order *o = ev->u.order.o;

	buf_printf(b, "order %d %s %s %s %s@%s n=%s rp=%s er=%d\n", ev->acct, o->client_id,
	    exec_type_name(ev->u.order.x), order_status_name(o->status),
	    S(ev->u.order.last_qty), S(ev->u.order.last_price), S(ev->u.order.commission),
	    S(ev->u.order.pnl), o->reason);
}

static inline void
write_event(void *arg, const struct engine_event *ev)
{
	struct rig *r = arg;
	struct buf *b = &r->log;
	int i;

	if ((r->kinds & 1u << ev->kind) == 0)
		return;
	switch (ev->kind) {
	case EV_ORDER:
		write_order(b, ev);
		break;
	case EV_ACCOUNT:
		buf_printf(b, "account %d %s", ev->acct, ev->u.account.reason);
		for (i = 0; i < ev->u.account.nwallet; i++)
			buf_printf(b, " wb=%s cw=%s bc=%s", S(ev->u.account.wallet[i].wallet),
			    S(ev->u.account.wallet[i].cross), S(ev->u.account.wallet[i].change));
		for (i = 0; i < ev->u.account.npos; i++)
			buf_printf(b, " pa=%s ep=%s iw=%s", S(ev->u.account.pos[i].amt),
			    S(ev->u.account.pos[i].entry), S(ev->u.account.pos[i].iso_wallet));
		buf_str(b, "\n");
		break;
	case EV_CONFIG:
		buf_printf(b, "config %d %d\n", ev->acct, ev->u.config.leverage);
		break;
	case EV_MARGIN_CALL:
		buf_printf(b, "call %d %s cw=%s n=%d mm=%s\n", ev->acct,
		    ev->u.call.cross ? "cross" : "isolated", S(ev->u.call.cross_wallet),
		    ev->u.call.npos, S(ev->u.call.pos[0].maint));
		break;
	case EV_TRADE:
		buf_printf(b, "trade %llu %s@%s %s\n", (unsigned long long)ev->u.trade.id,
		    S(ev->u.trade.qty), S(ev->u.trade.price),
		    ev->u.trade.buyer_maker ? "sold" : "bought");
		break;
	case EV_BOOK:
		buf_printf(b, "book %llu-%llu", (unsigned long long)ev->u.book.U,
		    (unsigned long long)ev->u.book.u);
		for (i = 0; i < ev->u.book.n; i++)
			buf_printf(b, " %s%s@%s", ev->u.book.level[i].side == SIDE_BUY ? "b" : "a",
			    S(ev->u.book.level[i].qty), S(ev->u.book.level[i].price));
		buf_str(b, "\n");
		break;
	case EV_MARK:
		buf_printf(b, "mark %s\n", S(ev->u.mark.mark));
		break;
	case EV_FORCE:
		buf_printf(b, "force %s %s of %s at %s avg %s\n",
		    order_side_name(ev->u.force.o->side), S(ev->u.force.o->filled),
		    S(ev->u.force.o->qty), S(ev->u.force.o->price),
		    S(order_avg(r->e, ev->u.force.o)));
		break;
	case EV_ALGO:
		buf_printf(b, "algo %d %s %s\n", ev->acct, ev->u.algo.o->client_id,
		    algo_status_name(ev->u.algo.o->status));
		break;
	case EV_CONTRACT: case EV_FUNDING: case EV_INCOME:
		break;
	}
}

/* An engine without market makers, on which two rich accounts (0 and 1) meet. */
static inline void
rig_open(struct rig *r, int64_t liquidation_ms)
{
	struct engine_config c = engine_config_default();

	memset(r, 0, sizeof *r);
	c.sink = write_event;
	c.arg = r;
	c.liquidation_ms = liquidation_ms;
	r->now = 1700000000000;
	assert_non_null(r->e = engine_new(&c, &r->f));
	rig_people(r);
}

static inline void
mark(struct rig *r, int sym, const char *price)
{
	if (engine_mark(r->e, sym, D(price), ++r->now, &r->f) == -1)
		fail_msg("mark %s: %s", price, r->f.text);
	rig_check(r);
}

/* The same, with the price of a symbol. */
static inline void
rig_open_at(struct rig *r, int sym, const char *price)
{
	rig_open(r, 0);
	mark(r, sym, price);
}

#define RIG_ID 128	/* bytes of a client id in a request, longer than may be */

/* "BUY 0.5 @ 60000 GTC", without price and tif for MARKET; then any of
 * reduce, none, taker, both, LONG, SHORT, GTD=ms, match=N, id=... */
static inline struct engine_request
parse(const char *text, char id[static RIG_ID])
{
	struct engine_request q = { .side = SIDE_BUY, .type = ORDER_MARKET,
		.stp = STP_EXPIRE_MAKER };
	char copy[128], *p, *save = NULL;
	int n = 0;

	snprintf(copy, sizeof copy, "%s", text);
	for (p = strtok_r(copy, " ", &save); p != NULL; p = strtok_r(NULL, " ", &save), n++) {
		if (n == 0)
			q.side = strcmp(p, "BUY") == 0 ? SIDE_BUY : SIDE_SELL;
		else if (n == 1)
			q.qty = D(p);
		else if (strcmp(p, "@") == 0)
			q.type = ORDER_LIMIT;
		else if ((*p >= '0' && *p <= '9') || *p == '-')
			q.price = D(p);
		else if (strcmp(p, "IOC") == 0)
			q.tif = TIF_IOC;
		else if (strcmp(p, "FOK") == 0)
			q.tif = TIF_FOK;
		else if (strcmp(p, "GTX") == 0)
			q.tif = TIF_GTX;
		else if (strcmp(p, "reduce") == 0)
			q.reduce = true;
		else if (strcmp(p, "none") == 0)
			q.stp = STP_NONE;
		else if (strcmp(p, "taker") == 0)
			q.stp = STP_EXPIRE_TAKER;
		else if (strcmp(p, "both") == 0)
			q.stp = STP_EXPIRE_BOTH;
		else if (strcmp(p, "LONG") == 0)
			q.pos_mode = MODE_LONG;
		else if (strcmp(p, "SHORT") == 0)
			q.pos_mode = MODE_SHORT;
		else if (strncmp(p, "GTD=", 4) == 0)
			q.tif = TIF_GTD, q.gtd_ms = atoll(p + 4);
		else if (strncmp(p, "match=", 6) == 0)
			q.type = ORDER_LIMIT, q.match = (enum price_match)atoi(p + 6);
		else if (strncmp(p, "id=", 3) == 0)
			snprintf(id, RIG_ID, "%s", p + 3), q.client_id = id;
		else if (strcmp(p, "GTC") != 0)
			fail_msg("what is %s?", p);
	}
	return q;
}

/* Place; 0, or the code of the refusal. */
static inline int
try_place(struct rig *r, int acct, int sym, const char *text, const struct engine_order **o)
{
	char id[RIG_ID] = "";
	struct engine_request q = parse(text, id);
	int got;

	memset(&r->f, 0, sizeof r->f);
	got = engine_place(r->e, acct, sym, &q, ++r->now, o, &r->f);
	rig_check(r);
	if (got == 0)
		return 0;
	assert_int_equal(r->f.kind, FAULT_REJECTED);
	assert_int_equal(r->f.http, 400);
	return r->f.code;
}

static inline const struct engine_order *
place(struct rig *r, int acct, int sym, const char *text)
{
	const struct engine_order *o = NULL;

	if (try_place(r, acct, sym, text, &o) != 0)
		fail_msg("%s: %d %s", text, r->f.code, r->f.text);
	return o;
}

static inline struct engine_position
position(struct rig *r, int acct, int sym)
{
	struct engine_position p;

	assert_true(engine_position(r->e, acct, sym, MODE_BOTH, &p));
	return p;
}

static inline struct engine_balance
balance(struct rig *r, int acct)
{
	struct engine_balance b;

	assert_true(engine_balance(r->e, acct, USDT, &b));
	return b;
}

static inline void
assert_order(const struct engine_order *o, const char *status, const char *filled)
{
	assert_string_equal(order_status_name(o->status), status);
	assert_dec(o->filled, filled);
}

#endif
