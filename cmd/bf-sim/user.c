#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "number.h"
#include "streams.h"
#include "user.h"

struct user {
	struct sim *s;
	int64_t	life_ms, until;
	char	key[USER_KEY + 1];	/* "": none */
	struct buf b;			/* room for a message */
};

struct user *
user_new(struct sim *s, int64_t life_ms)
{
	struct user *u = calloc(1, sizeof *u);

	if (u == NULL)
		return NULL;
	u->s = s;
	u->life_ms = life_ms;
	return u;
}

void
user_free(struct user *u)
{
	if (u == NULL)
		return;
	buf_free(&u->b);
	free(u);
}

/*
 * The listen key
 */

const char *
user_key_keep(struct user *u, int64_t now_ms)
{
	if (u->key[0] == '\0')
		return NULL;
	u->until = now_ms + u->life_ms;
	return u->key;
}

const char *
user_key_new(struct user *u, int64_t now_ms)
{
	if (u->key[0] == '\0' && !random_text(&u->s->random, u->key, USER_KEY)) {
		u->key[0] = '\0';
		return NULL;
	}
	return user_key_keep(u, now_ms);
}

void
user_key_close(struct user *u)
{
	u->key[0] = '\0';
}

bool
user_key_is(const struct user *u, const char *key)
{
	return u->key[0] != '\0' && strcmp(u->key, key) == 0;
}

int64_t
user_due(const struct user *u)
{
	return u->key[0] == '\0' ? INT64_MAX : u->until;
}

/* Connections stay open, and silent. */
void
user_tick(struct user *u, int64_t now_ms)
{
	struct buf *b = &u->b;

	if (now_ms < user_due(u))
		return;
	buf_reset(b);
	jw_open(b, NULL, '{');
	jw_str(b, "e", "listenKeyExpired");
	jw_i64(b, "E", now_ms);
	jw_str(b, "listenKey", u->key);
	jw_close(b, '}');
	streams_push_user(u->s->streams, u->key, "listenKeyExpired", b);
	user_key_close(u);
}

/*
 * Events
 */

static const char *
symbol(const struct user *u, int sym)
{
	return engine_rules(u->s->engine, sym)->symbol;
}

static struct buf *
begin(struct user *u, const char *e, int64_t ms)
{
	buf_reset(&u->b);
	jw_open(&u->b, NULL, '{');
	jw_str(&u->b, "e", e);
	jw_i64(&u->b, "E", ms);
	return &u->b;
}

static void
push(struct user *u, const char *e)
{
	jw_close(&u->b, '}');
	streams_push_user(u->s->streams, u->key, e, &u->b);
}

/* A fill in few words, ahead of the whole story. */
static void
trade_lite(struct user *u, const struct engine_event *ev)
{
	const struct engine_order *o = ev->u.order.o;
	struct buf *b = begin(u, "TRADE_LITE", ev->ms);

	jw_i64(b, "T", ev->ms);
	jw_str(b, "s", symbol(u, o->sym));
	jw_dec(b, "q", o->qty);
	jw_dec(b, "p", o->price);
	jw_bool(b, "m", ev->u.order.maker);
	jw_str(b, "c", o->client_id);
	jw_str(b, "S", order_side_name(o->side));
	jw_dec(b, "L", ev->u.order.last_price);
	jw_dec(b, "l", ev->u.order.last_qty);
	jw_u64(b, "t", ev->u.order.trade_id);
	jw_u64(b, "i", o->id);
	push(u, "TRADE_LITE");
}

/* What the order is. */
static void
put_order(struct user *u, const struct engine_order *o)
{
	struct buf *b = &u->b;

	jw_str(b, "s", symbol(u, o->sym));
	jw_str(b, "c", o->client_id);
	jw_str(b, "S", order_side_name(o->side));
	jw_str(b, "o", o->liquidation ? "LIQUIDATION" : order_type_name(o->type));
	jw_str(b, "f", order_tif_name(o->tif));
	jw_dec(b, "q", o->qty);
	jw_dec(b, "p", o->price);
	jw_dec(b, "ap", order_avg(u->s->engine, o));
	jw_str(b, "sp", "0");
}

/* What happened to it. */
static void
put_execution(struct user *u, const struct engine_event *ev)
{
	const struct engine_order *o = ev->u.order.o;
	struct buf *b = &u->b;

	jw_str(b, "x", exec_type_name(ev->u.order.x));
	jw_str(b, "X", order_status_name(o->status));
	jw_u64(b, "i", o->id);
	jw_dec(b, "l", ev->u.order.last_qty);
	jw_dec(b, "z", o->filled);
	jw_dec(b, "L", ev->u.order.last_price);
	if (ev->u.order.trade_id != 0) {
		jw_str(b, "N", "USDT");
		number_money(b, "n", ev->u.order.commission);
	}
	jw_i64(b, "T", ev->ms);
	jw_u64(b, "t", ev->u.order.trade_id);
	number_short(b, "b", ev->u.order.bid_notional);
	number_short(b, "a", ev->u.order.ask_notional);
	jw_bool(b, "m", ev->u.order.maker);
}

static void
put_rest(struct user *u, const struct engine_event *ev)
{
	const struct engine_order *o = ev->u.order.o;
	struct buf *b = &u->b;
	char reason[16];

	snprintf(reason, sizeof reason, "%d", o->reason);
	jw_bool(b, "R", o->reduce);
	jw_str(b, "wt", "CONTRACT_PRICE");
	jw_str(b, "ot", o->liquidation ? "LIQUIDATION" : order_type_name(o->type));
	jw_str(b, "ps", "BOTH");
	jw_bool(b, "cp", false);
	jw_bool(b, "pP", false);
	jw_i64(b, "si", 0);
	jw_i64(b, "ss", 0);
	number_money(b, "rp", ev->u.order.pnl);
	jw_str(b, "V", order_stp_name(o->stp));
	jw_str(b, "pm", "NONE");
	jw_i64(b, "gtd", 0);
	jw_str(b, "er", reason);
}

static void
on_order(struct user *u, const struct engine_event *ev)
{
	struct buf *b;

	if (ev->u.order.x == EXEC_TRADE)
		trade_lite(u, ev);
	b = begin(u, "ORDER_TRADE_UPDATE", ev->ms);
	jw_i64(b, "T", ev->ms);
	jw_open(b, "o", '{');
	put_order(u, ev->u.order.o);
	put_execution(u, ev);
	put_rest(u, ev);
	jw_close(b, '}');
	push(u, "ORDER_TRADE_UPDATE");
}

static void
put_balance(struct user *u, const struct engine_event *ev)
{
	struct buf *b = &u->b;

	jw_open(b, "B", '[');
	if (ev->u.account.balance) {
		jw_open(b, NULL, '{');
		jw_str(b, "a", "USDT");
		number_money(b, "wb", ev->u.account.wallet);
		number_money(b, "cw", ev->u.account.cross);
		number_short(b, "bc", ev->u.account.change);
		jw_close(b, '}');
	}
	jw_close(b, ']');
}

static void
put_position(struct user *u, const struct engine_pos_brief *p)
{
	struct buf *b = &u->b;

	jw_open(b, NULL, '{');
	jw_str(b, "s", symbol(u, p->sym));
	number_short(b, "pa", p->amt);
	number_short(b, "ep", p->entry);
	number_short(b, "bep", p->break_even);
	number_money(b, "cr", p->realized);
	number_money(b, "up", p->upnl);
	jw_str(b, "mt", p->isolated ? "isolated" : "cross");
	number_money(b, "iw", p->iso_wallet);
	jw_str(b, "ps", "BOTH");
	jw_close(b, '}');
}

static void
on_account(struct user *u, const struct engine_event *ev)
{
	struct buf *b = begin(u, "ACCOUNT_UPDATE", ev->ms);

	jw_i64(b, "T", ev->ms);
	jw_open(b, "a", '{');
	jw_str(b, "m", ev->u.account.reason);
	put_balance(u, ev);
	jw_open(b, "P", '[');
	for (int i = 0; i < ev->u.account.npos; i++)
		put_position(u, &ev->u.account.pos[i]);
	jw_close(b, ']');
	jw_close(b, '}');
	push(u, "ACCOUNT_UPDATE");
}

static void
on_config(struct user *u, const struct engine_event *ev)
{
	struct buf *b = begin(u, "ACCOUNT_CONFIG_UPDATE", ev->ms);

	jw_i64(b, "T", ev->ms);
	jw_open(b, "ac", '{');
	jw_str(b, "s", symbol(u, ev->sym));
	jw_i64(b, "l", ev->u.config.leverage);
	jw_close(b, '}');
	push(u, "ACCOUNT_CONFIG_UPDATE");
}

static void
put_endangered(struct user *u, const struct engine_pos_brief *p)
{
	struct buf *b = &u->b;

	jw_open(b, NULL, '{');
	jw_str(b, "s", symbol(u, p->sym));
	jw_str(b, "ps", "BOTH");
	number_short(b, "pa", p->amt);
	jw_str(b, "mt", p->isolated ? "ISOLATED" : "CROSSED");
	number_money(b, "iw", p->iso_wallet);
	number_money(b, "mp", p->mark);
	number_money(b, "up", p->upnl);
	number_money(b, "mm", p->maint);
	jw_close(b, '}');
}

static void
on_margin_call(struct user *u, const struct engine_event *ev)
{
	struct buf *b = begin(u, "MARGIN_CALL", ev->ms);

	if (ev->u.call.cross)
		number_money(b, "cw", ev->u.call.cross_wallet);
	jw_open(b, "p", '[');
	for (int i = 0; i < ev->u.call.npos; i++)
		put_endangered(u, &ev->u.call.pos[i]);
	jw_close(b, ']');
	push(u, "MARGIN_CALL");
}

static void (*const writers[])(struct user *, const struct engine_event *) = {
	[EV_ORDER] = on_order, [EV_ACCOUNT] = on_account, [EV_CONFIG] = on_config,
	[EV_MARGIN_CALL] = on_margin_call,
};

void
user_event(struct user *u, const struct engine_event *ev)
{
	if (u->key[0] != '\0' && (size_t)ev->kind < sizeof writers / sizeof *writers &&
	    writers[ev->kind] != NULL && ev->acct == u->s->acct)
		writers[ev->kind](u, ev);
}
