/*
 * REST: a request is checked, done and answered here; what it does is a
 * handler's affair, found in one table of routes.
 */
#ifndef BF_SIM_API_H
#define BF_SIM_API_H

#include "core/buf.h"
#include "params.h"
#include "sim.h"

enum ask { ASK_OPEN, ASK_KEYED, ASK_SIGNED };

#define WEIGHT_DEPTH	(-1)	/* by limit */

struct call;
typedef int api_handler(struct call *c);

struct route {
	const char *method, *path;
	int	 weight;
	int	 weight_all;	/* without a symbol; 0: the same */
	int	 orders;	/* counted as so many orders */
	enum ask ask;
	api_handler *handle;	/* 0: the answer is in out; -1: f says no */
};

/* A request in treatment. */
struct call {
	struct sim	*s;
	const struct route *route;
	struct params	 p;
	int64_t		 now;	/* exchange time */
	struct buf	 out;	/* the answer's body */
	struct fault	 f;
};

struct api *api_new(struct sim *s);
void api_free(struct api *a);
void api_request(struct api *a, serve_id id, const struct http_req *r);
/* Late executions: when (serve_now time), and do those due. INT64_MAX: none. */
int64_t api_due(const struct api *a);
void api_tick(struct api *a, int64_t now_ms);

/*
 * For handlers. want: the parameter must be there (-1102); may: -1 only if it
 * is there and wrong, else *out is left alone and 0 returned.
 */
int want_text(struct call *c, const char *name, const char **out);
int want_symbol(struct call *c, int *sym);
int may_symbol(struct call *c, int *sym);		/* -1 in *sym: all */
int may_i64(struct call *c, const char *name, int64_t lo, int64_t hi, int64_t *out);
int may_u64(struct call *c, const char *name, uint64_t *out);
int may_bool(struct call *c, const char *name, bool *out);
int want_dec(struct call *c, const char *name, dec *out);
/* The engine's answer to a changing call: settles it, and a refusal is f. */
int engine_said(struct call *c, int r);
/* {"code":200,"msg":..} */
int say_done(struct call *c, const char *msg);

/* --- api_market.c --- */
api_handler get_ping, get_time, get_exchange_info, get_depth, get_premium_index, get_nothing,
    get_book_ticker, get_price;
/* --- api_order.c --- */
api_handler post_order, post_order_test, get_order, get_open_order, get_open_orders,
    get_all_orders, get_user_trades, delete_order, delete_all_orders, delete_algo_orders;
/* --- api_account.c --- */
api_handler get_account, get_account2, get_balance, get_position_risk, get_position_risk2,
    get_symbol_config, get_account_config, get_leverage_bracket, get_commission_rate,
    get_position_mode, post_position_mode, get_assets_mode, post_leverage, post_margin_type,
    post_position_margin, get_order_limits, post_listen_key, put_listen_key, delete_listen_key;

#endif
