/*
 * Requests, whichever way they come: over REST (api.c) or the WebSocket API
 * (wsapi.c) a request is checked, done and answered here; what it does is a
 * handler's affair, found in tables of routes.
 */
#ifndef BF_SIM_API_H
#define BF_SIM_API_H

#include "core/buf.h"
#include "params.h"
#include "sim.h"

/* Security: nothing, a key, a key and a signature. */
enum ask { ASK_OPEN, ASK_KEYED, ASK_SIGNED };

/* Weights that depend on a parameter. */
#define WEIGHT_DEPTH	(-1)	/* by limit: 2 5 10 20 */
#define WEIGHT_KLINES	(-2)	/* by limit: 1 2 5 10 */
#define WEIGHT_FUNDING	(-3)	/* the pool of fundingRate and fundingInfo */
#define WEIGHT_DATA	(-4)	/* the pool of /futures/data */

struct call;
typedef int api_handler(struct call *c);

struct route {
	const char *method, *path;	/* "/fapi/v1/order"; the path tells the market */
	int	 weight;
	int	 weight_all;	/* without symbol (and pair, marginAsset); 0: the same */
	int	 orders10, orders1m;	/* counted as so many orders */
	enum ask ask;
	bool	 trade;		/* wants the right to trade (-2015) */
	api_handler *handle;	/* 0: the answer is in out; -1: f says no */
};

/* The tables, each ended by a route without a method. */
extern const struct route api_market_routes[];	/* api_market.c, api_data.c */
extern const struct route api_order_routes[];	/* api_order.c, api_batch.c, api_algo.c */
extern const struct route api_history_routes[];	/* api_history.c */
extern const struct route api_account_routes[];	/* api_account.c, api_config.c */

/* A request in treatment. */
struct call {
	struct sim	*s;
	const struct route *route;
	enum product	 market;	/* by the path: /fapi and /futures, or /dapi */
	int		 acct;		/* the engine's account; -1: not asked for */
	const struct account *who;	/* NULL likewise */
	const char	*ip;
	bool		 ws;		/* by the WebSocket API */
	struct params	 p;
	int64_t		 now;	/* exchange time */
	struct buf	 out;	/* the answer's body, or result */
	struct fault	 f;
};

struct api *api_new(struct sim *s);
void api_free(struct api *a);
void api_request(struct api *a, serve_id id, const struct http_req *r);
/* Late executions (fault rules and --latency): when (serve_now time), and do
 * those due. INT64_MAX: none. */
int64_t api_due(const struct api *a);
void api_tick(struct api *a, int64_t now_ms);
/*
 * Of those, the calls that wait for --latency: when (exchange time; INT64_MAX),
 * and do those due. A step of the clock passes over them in the order of time;
 * api_tick does them as well.
 */
int64_t api_slow_due(const struct api *a);
void api_slow_tick(struct api *a, int64_t now_ms);

/* Something that waits for its hour; embedded as a first member. */
struct late {
	int64_t	 due;
	bool	 wire;		/* due is serve_now time; else exchange time */
	void	(*run)(struct late *l);		/* do it, and free it */
	void	(*drop)(struct late *l);	/* free it undone */
	struct late *next;
};
/* Takes l over. Of one hour: first come, first done. */
void api_wait(struct api *a, struct late *l);

/* The route of a method and a path; NULL. */
const struct route *api_route(struct http_span method, struct http_span path);
/* Count the call's weight, or the call itself in a pool of its own: 0, or -1 and f
 * (429, 418). */
int api_limits(struct call *c);
/* Run the handler: own trouble becomes -1000. */
void api_perform(struct call *c);
void api_error(struct buf *b, const char *key, const struct fault *f);	/* {"code":..,"msg":..} */
/* Maintenance is on: -1, and f (-1016). */
int api_open(struct call *c);
/* Known who asks (c->who): may he trade, and are there orders left to him? -2015, -1015. */
int api_right(struct call *c);
/* A request that only reduces, which -1008 spares. */
bool api_reduces(const struct params *p);
/* Whether the call goes to the matching engine, --latency after it came. */
bool api_slow(const struct call *c);
/* Once it is there: is it still within its recvWindow? -5028 (COIN-M -4188). */
int api_in_time(struct call *c);
/* The client's id of the order that is asked about; NULL. For the ledger. */
const char *api_client_id(const struct params *p);

/* The WebSocket API. An upgrade to /ws-fapi/v1 or /ws-dapi/v1: taken. user is
 * what the callbacks of serve.h get. */
void wsapi_open(struct sim *s, serve_id id, const struct http_req *r, enum product m);
void wsapi_message(struct sim *s, serve_id id, void *user, const char *p, size_t n, bool binary);
void wsapi_closed(struct sim *s, void *user);
/* Begin to close all connections; whether there are any. */
bool wsapi_close(struct sim *s);
/* A ping or pong came in: more than 5 in a second end the connection. */
void wsapi_control(struct sim *s, serve_id id, void *user);
/* A fault rule given at run time: for the connections there are; whether there
 * are any of its route. */
bool wsapi_fault(struct sim *s, const struct fault_rule *r);
/*
 * `sim lag` and reads that show how things stand (books, balances, positions):
 * the answer to the same question, if one not older than the lag is there: true,
 * and it is in out. lag_keep keeps this one. api_free ends the list by lag_free.
 */
bool lag_answer(struct call *c);
void lag_keep(struct call *c);
struct stale;
struct stale **api_stale(struct api *a);
void lag_free(struct stale *all);
/* The list of connections, kept by the api; api_free ends it by wsapi_free. */
struct socket;
struct socket **api_sockets(struct api *a);
void wsapi_free(struct socket *all);

/*
 * For handlers. want: the parameter must be there (-1102); may: -1 only if it
 * is there and wrong, else *out is left alone and 0 returned. Symbols are of the
 * call's market (-1121), TRADING or not.
 */
int want_text(struct call *c, const char *name, const char **out);
int want_symbol(struct call *c, int *sym);
int may_symbol(struct call *c, int *sym);		/* -1 in *sym: all */
/* COIN-M: pair selects all symbols of it. -4144 (COIN-M -4087). NULL in *pair: all. */
int may_pair(struct call *c, const char **pair);
int may_i64(struct call *c, const char *name, int64_t lo, int64_t hi, int64_t *out);
int want_i64(struct call *c, const char *name, int64_t lo, int64_t hi, int64_t *out);
int may_u64(struct call *c, const char *name, uint64_t *out);
int may_bool(struct call *c, const char *name, bool *out);
int want_dec(struct call *c, const char *name, dec *out);
int may_dec(struct call *c, const char *name, dec *out);
/* symbol, or pair on COIN-M: not both (-1128). */
struct which { int sym; const char *pair; };	/* -1 and NULL: all of the market */
int may_which(struct call *c, struct which *w);
bool which_has(const struct call *c, const struct which *w, int sym);
/* Whether a read sees what happened then (`sim lag`). */
bool call_sees(const struct call *c, int64_t ms);
/* The engine's answer to a changing call: settles it, and a refusal is f. */
int engine_said(struct call *c, int r);
/* {"code":200,"msg":..} */
int say_done(struct call *c, const char *msg);
/* Whether a symbol is of the call's market. */
bool call_has(const struct call *c, int sym);
/*
 * startTime, endTime and limit of a history query. span_ms: the longest span
 * allowed (-4165, COIN-M candles -4088), and how far back is meant when none is
 * given; keep_ms: how far back there is anything. limit: -1130 over most.
 */
struct period { int64_t start, end; int limit; bool has_start, has_end; };
int read_period(struct call *c, struct period *p, int64_t span_ms, int64_t keep_ms, int limit,
    int most);

/* --- for more than one file of handlers --- */
/* The body of an order as acknowledged (ack: as NEW and unfilled),
 * and as queried. An object. */
void put_order_ack(struct call *c, const struct engine_order *o, bool ack);
void put_order_full(struct call *c, const char *key, const struct engine_order *o);
/* As allOrders and forceOrders show it, and as PUT order answers. */
void put_order_history(struct call *c, const struct engine_order *o);
void put_order_modified(struct call *c, const struct engine_order *o);
/* As order/test answers: nothing was placed. */
void put_order_test(struct call *c, const struct engine_order *o);
/* With so many decimals, unless it needs more; a price with those of tickSize. */
dec  at_scale(dec d, int scale);
dec  at_tick(const struct rules *r, dec d);

/* What an order asks for, in its texts: the value; false: no such one. */
struct choice { const char *name; int value; };
bool choose(const struct choice *v, const char *name, int *out);
/* Parts that orders and conditional orders have in common; -1 and c->f. */
int read_side(struct call *c, enum order_side *out);
int read_leg(struct call *c, enum pos_mode *out);		/* positionSide */
int read_stp(struct call *c, enum order_stp *out);
int read_match(struct call *c, enum price_match *out);	/* priceMatch */
/* timeInForce by its text, and goodTillDate with GTD. */
int read_tif(struct call *c, const char *text, enum order_tif *tif, int64_t *gtd_ms);
/* newOrderRespType: whether it is RESULT (-1136). */
int read_answer(struct call *c, bool *result);
/* An id given as name or alias: a client's; NULL: none. -4015: empty. */
int read_client_id(struct call *c, const char *name, const char *alias, const char **out);

/* Whether the venue would still show a closed order: 3 days
 * without a fill, else 90. */
bool still_kept(const struct call *c, bool open, bool filled, int64_t time_ms);

/* --- the table of orders is in api_order.c, what it does in three files --- */
api_handler post_order, put_order;		/* api_order.c; batches do them too */
api_handler post_batch, put_batch, delete_batch;	/* api_batch.c */
api_handler post_algo, get_algo, delete_algo, delete_all_algos, get_open_algos,
    get_all_algos;				/* api_algo.c */
/* Cancel one order: id, or 0 and a client id; the answer is in out. */
int cancel_one(struct call *c, int sym, uint64_t id, const char *client_id);

#endif
