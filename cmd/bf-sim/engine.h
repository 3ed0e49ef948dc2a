/*
 * The exchange itself: USDⓈ-M (linear) and COIN-M (inverse) futures. Pure: no
 * I/O, no clock (now_ms comes with every call), no globals; the same calls give
 * the same events. Money is decimal throughout. Not for several threads at once.
 *
 * Files: engine.c (life), clock.c (time), price.c (marks, the own maker), setup.c
 * (accounts), settings.c, book.c (price levels), outside.c (those of a feed),
 * match.c (the life of an order), order.c (orders coming in), filters.c, afford.c,
 * modify.c, cancel.c, kept.c (finding and forgetting), timer.c, algo.c and
 * algo_place.c (conditional orders), acct.c (money, trades), pos.c (one leg),
 * figures.c (what holds add up to), liq.c and autoclose.c (liquidation), adl.c,
 * fund.c (samples, funding), deliver.c, query.c, risk.c (positions, balances),
 * inject.c (faults), restore.c, check.c.
 *
 * "Section" is one of the margin mathematics sheet (core/margin.h).
 * Absent: RPI, portfolio margin, the venue's auto-exchange of collateral.
 */
#ifndef BF_SIM_ENGINE_H
#define BF_SIM_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/dec.h"
#include "core/fault.h"
#include "core/margin.h"
#include "core/rules.h"

#define ENGINE_CLIENT_ID 37	/* 36 and the NUL */
#define ENGINE_ASSET	 24	/* name of an asset with its NUL */
#define ENGINE_PERPETUAL INT64_C(4133404800000)	/* deliveryDate of what never ends */

struct engine;

/*
 * Refusals. A call that can be refused returns 0 or -1 and fills *f (may be
 * NULL). FAULT_REJECTED: the exchange's no; http 400, code and text as the
 * exchange sends them in {"code":..,"msg":..}; where the two markets differ
 * the code is that of the symbol's market. FAULT_USAGE: a
 * wrong call (unknown account or symbol number, a price that is none).
 * FAULT_LOCAL: out of memory, or a number out of room; from then on the engine
 * is stopped, because something may be half done, and every changing call
 * answers FAULT_LOCAL.
 */
bool engine_stopped(const struct engine *e);

enum product	{ USDM, COINM };
/* The conditional ones live in the algo service until they trigger. */
enum order_type	{ ORDER_LIMIT, ORDER_MARKET, ORDER_STOP, ORDER_STOP_MARKET, ORDER_TAKE_PROFIT,
		  ORDER_TAKE_PROFIT_MARKET, ORDER_TRAILING_STOP_MARKET };
enum order_tif	{ TIF_GTC, TIF_IOC, TIF_FOK, TIF_GTX, TIF_GTD };
enum order_stp	{ STP_NONE, STP_EXPIRE_TAKER, STP_EXPIRE_MAKER, STP_EXPIRE_BOTH };
enum order_status {
	STATUS_NEW, STATUS_PARTIALLY_FILLED, STATUS_FILLED, STATUS_CANCELED,
	STATUS_EXPIRED, STATUS_EXPIRED_IN_MATCH
};
/* priceMatch */
enum price_match { MATCH_NONE, MATCH_OPPONENT, MATCH_OPPONENT_5, MATCH_OPPONENT_10,
		  MATCH_OPPONENT_20, MATCH_QUEUE, MATCH_QUEUE_5, MATCH_QUEUE_10, MATCH_QUEUE_20 };
/* positionSide: MODE_BOTH is the one leg of one-way mode, the others are the
 * two legs of hedge mode. */
enum pos_mode	{ MODE_BOTH, MODE_LONG, MODE_SHORT };
enum exec_type	{ EXEC_NEW, EXEC_CANCELED, EXEC_CALCULATED, EXEC_EXPIRED, EXEC_TRADE,
		  EXEC_AMENDMENT };
/* Whose order: a user's, or the exchange's own for an account. */
enum order_kind	{ KIND_USER, KIND_LIQUIDATION, KIND_ADL, KIND_SETTLEMENT };
enum algo_status { ALGO_NEW, ALGO_CANCELED, ALGO_TRIGGERING, ALGO_TRIGGERED, ALGO_FINISHED,
		  ALGO_REJECTED, ALGO_EXPIRED };

/* "LIMIT", "GTC", "EXPIRE_MAKER", "PARTIALLY_FILLED", "TRADE", "BUY", "BOTH",
 * "OPPONENT_5", "TRIGGERED": static. */
const char *order_type_name(enum order_type t);
const char *order_tif_name(enum order_tif t);
const char *order_stp_name(enum order_stp s);
const char *order_status_name(enum order_status s);
const char *exec_type_name(enum exec_type x);
const char *order_side_name(enum order_side s);
const char *pos_mode_name(enum pos_mode m);
const char *price_match_name(enum price_match m);
const char *algo_status_name(enum algo_status s);

/*
 * One order, open or closed; never moves, and lives until the venue's retention
 * rules let engine_tick forget it. Prices have the scale of tickSize (a
 * take-over by the insurance fund: 8 decimals), quantities that of stepSize.
 */
struct engine_order {
	int		 acct, sym;
	uint64_t	 id;
	char		 client_id[ENGINE_CLIENT_ID];
	enum order_side	 side;
	enum pos_mode	 pos_mode;
	enum order_type	 type;		/* LIMIT or MARKET */
	enum order_type	 orig_type;	/* what it was in the algo service; else as type */
	enum order_tif	 tif;		/* MARKET: GTC, as the exchange shows it */
	enum order_stp	 stp;
	enum price_match match;
	enum order_kind	 kind;		/* LIQUIDATION: "autoclose-N"; ADL: "adl_autoclose";
					 * SETTLEMENT: "settlement_autoclose-N" */
	bool		 reduce;	/* reduceOnly, or an exit of hedge mode */
	bool		 close;		/* closePosition: of an algo order */
	bool		 protect, by_mark;	/* priceProtect, workingType MARK_PRICE */
	dec		 price;		/* 0 for MARKET */
	dec		 stop;		/* trigger price it came from; 0 none */
	dec		 qty, filled;
	dec		 quote;		/* sum of price x quantity (COIN-M: contracts x size) */
	dec		 base;		/* COIN-M: sum of contracts x size / price; else filled */
	dec		 coins;		/* the same at 16 decimals, for the average; 0: take base */
	enum order_status status;
	int		 reason;	/* `er`: 0 none, 1 STP, 2 IOC rest, 3 IOC rest by STP,
					 * 4 reduce-only, 5 liquidation, 7 delisted, 9 MARKET rest */
	int64_t		 gtd_ms;	/* goodTillDate, 0 none */
	int64_t		 modify_id;	/* of the last modification; 0 none */
	int		 amended;	/* how many times */
	uint64_t	 algo_id;	/* 0: none */
	dec		 activate, callback;	/* of a trailing stop */
	int64_t		 time_ms, update_ms;
};

bool order_open(const struct engine_order *o);	/* NEW or PARTIALLY_FILLED */
/* Average fill price, 0 before any fill; 5 to 8 decimals, cut off. */
dec  order_avg(const struct engine *e, const struct engine_order *o);

/* One modification (orderAmendment). */
struct engine_amend {
	uint64_t id, order_id;
	int	sym;
	dec	price_was, price, qty_was, qty;
	int	count;
	int64_t	modify_id, time_ms;
};

/* One fill of one account (userTrades). */
struct engine_trade {
	uint64_t	id;		/* per symbol, shared by both sides */
	uint64_t	order_id;
	int		sym;
	enum order_side	side;
	enum pos_mode	pos_mode;
	bool		maker;
	dec		price, qty;
	dec		quote, base;	/* COIN-M: USD, and coins at 8 decimals half up */
	dec		commission;	/* > 0 paid; 0 for liquidations */
	int		fee_asset;	/* number of the asset it was paid in */
	dec		pnl;		/* realised by this fill */
	int64_t		time_ms;
};

/* One row of income. type as the exchange names it: static. */
struct engine_income {
	const char	*type;		/* TRANSFER REALIZED_PNL FUNDING_FEE COMMISSION
					 * INSURANCE_CLEAR DELIVERED_SETTELMENT ... */
	int		 sym;		/* -1: none */
	int		 asset;
	dec		 amount;	/* signed: what came in */
	char		 info[24];
	uint64_t	 tran_id, trade_id;	/* trade_id 0: none */
	int64_t		 time_ms;
};

/* A conditional order, in or out of the algo service. */
struct engine_algo {
	int		 acct, sym;
	uint64_t	 id;			/* algoId */
	char		 client_id[ENGINE_CLIENT_ID];	/* clientAlgoId */
	enum order_side	 side;
	enum pos_mode	 pos_mode;
	enum order_type	 type;
	enum order_tif	 tif;
	enum order_stp	 stp;
	enum price_match match;
	bool		 reduce, close, protect, by_mark;
	dec		 qty, price, trigger;	/* 0 where it has none */
	dec		 activate, callback;	/* trailing; callback in percent */
	bool		 active;		/* `ia`: trailing and activated */
	dec		 extreme;		/* best price since activation */
	enum algo_status status;
	const struct engine_order *order;	/* once triggered; NULL before, or forgotten */
	uint64_t	 order_id;		/* 0 before */
	char		 reject[96];		/* `rm` */
	int64_t		 time_ms, update_ms, trigger_ms, gtd_ms;
};

/*
 * Events, handed to the sink while the call that causes them runs, in their
 * order: of one fill first EV_ACCOUNT and EV_ORDER of the resting side, then
 * those of the taker, then EV_TRADE. Pointers are good until the sink returns
 * (orders: until forgotten, but they move on). The sink must not call the
 * engine's changing functions; reading is allowed, but within a call the books
 * are between two states. Fills of a liquidation or ADL order are
 * EXEC_CALCULATED.
 */
enum engine_event_kind {
	EV_ORDER,	/* ORDER_TRADE_UPDATE (and TRADE_LITE for EXEC_TRADE) */
	EV_ACCOUNT,	/* ACCOUNT_UPDATE */
	EV_CONFIG,	/* ACCOUNT_CONFIG_UPDATE: leverage, or multi-assets mode */
	EV_MARGIN_CALL,	/* MARGIN_CALL, once per rise of the ratio over 0.8 */
	EV_TRADE,	/* public: one fill in the book */
	EV_BOOK,	/* public: levels changed */
	EV_MARK,	/* public: mark or index price told */
	EV_FORCE,	/* public: forceOrder, when a liquidation order is done */
	EV_ALGO,	/* ALGO_UPDATE */
	EV_CONTRACT,	/* public: contractInfo, a symbol's status has changed */
	EV_FUNDING,	/* public: a funding settlement was done */
	EV_INCOME	/* one row of income was written */
};

/* A leg as ACCOUNT_UPDATE and MARGIN_CALL show it. */
struct engine_pos_brief {
	int	sym;
	enum pos_mode pos_mode;
	dec	amt, entry, break_even;
	dec	realized;	/* `cr`: all realised on this leg, before fees */
	dec	upnl;
	bool	isolated;
	dec	iso_wallet;
	dec	mark, maint;
};

/* A wallet as ACCOUNT_UPDATE shows it: wb, cw, bc (other than PnL and fees). */
struct engine_wallet_brief { int asset; dec wallet, cross, change; };

struct engine_level { enum order_side side; dec price, qty; };

struct engine_event {
	enum engine_event_kind kind;
	int64_t	ms;		/* the now_ms of the call */
	int	acct;		/* -1 for public events */
	int	sym;		/* -1 where none */
	enum product market;	/* of sym, or of the wallet */
	union {
		struct {	/* EV_ORDER */
			const struct engine_order *o;	/* as it is now */
			enum exec_type x;
			uint64_t trade_id;		/* 0: no fill */
			dec	last_qty, last_price;	/* l, L */
			dec	commission, pnl;	/* n, rp */
			int	fee_asset;		/* -1: none */
			dec	bid, ask;		/* b, a: notional (COIN-M: base coin) */
			bool	maker;
		} order;
		struct {	/* EV_ACCOUNT */
			const char *reason;	/* ORDER, FUNDING_FEE, INSURANCE_CLEAR, DEPOSIT,
						 * WITHDRAW, MARGIN_TRANSFER, MARGIN_TYPE_CHANGE,
						 * ADJUSTMENT, ... */
			const struct engine_wallet_brief *wallet;
			int	nwallet;
			const struct engine_pos_brief *pos;
			int	npos;
			int	about;		/* a.S: symbol of a funding fee; -1 none */
		} account;
		struct { int leverage; bool multi; } config;	/* sym -1: multi-assets mode */
		struct {	/* EV_MARGIN_CALL */
			bool	cross;
			dec	cross_wallet;
			const struct engine_pos_brief *pos;
			int	npos;
		} call;
		struct {	/* EV_TRADE */
			uint64_t id;
			dec	price, qty;
			bool	buyer_maker;
		} trade;
		struct {	/* EV_BOOK: at most one a call and symbol, at its end */
			const struct engine_level *level;	/* qty 0: gone */
			int	n;
			uint64_t U, u, pu;	/* U = pu + 1, u = pu + n */
		} book;
		struct { dec mark, index; } mark;
		struct { const struct engine_order *o; } force;
		struct { const struct engine_algo *o; } algo;
		struct { dec rate, mark; bool special; } funding;
		struct { const struct engine_income *row; } income;
	} u;
};

typedef void engine_sink(void *arg, const struct engine_event *ev);

/*
 * Contracts and assets
 */

/*
 * A market maker of the engine's own: levels each side around the price of
 * engine_mark, renewed at every call of it. The best quotes stand spread/2 off
 * the price, rounded outward to tick; further ones gap ticks apart. levels 0:
 * no maker. Takes effect at the next engine_mark. FAULT_USAGE: negative values,
 * or qty no multiple of stepSize.
 */
struct engine_maker {
	dec	spread;		/* fraction of the price: 0.0001 is one basis point */
	int	levels;		/* each side, at most 200 */
	int	gap;		/* ticks between levels, >= 1 */
	dec	qty;		/* of each level */
};

struct contract {
	enum product	market;
	struct rules	rules;		/* names and filters */
	struct tiers	tiers;		/* USDⓈ-M: quote asset; COIN-M: base coin */
	dec		size;		/* USD per contract; linear: 1 */
	int64_t		onboard_ms, delivery_ms;	/* ENGINE_PERPETUAL: none */
	int		funding_hours;	/* 8, 4, 1; 0: none (delivery contracts) */
	dec		funding_cap, funding_floor;	/* fractions; floor < 0 */
	dec		interest;	/* of 8 hours: 0.0001 */
	int		max_amend;	/* maxMoveOrderLimit */
	uint64_t	first_id;	/* of its first order */
	struct engine_maker maker;	/* the default market maker */
};

/* Collateral: a wallet of a market. The USD index and the buffers serve multi-
 * assets mode (section 16.1) and fees paid in BNB. USDT of USDⓈ-M is asset 0. */
struct engine_asset_info {
	enum product	market;
	char		name[ENGINE_ASSET];
	dec		index;			/* USD per unit; 0: not known */
	dec		bid_buffer, ask_buffer;	/* fractions */
	bool		margin;			/* marginAvailable in multi-assets mode */
};

struct engine_config {
	dec	maker_fee, taker_fee;	/* of tier 0, fractions of the notional */
	dec	insurance;		/* the fund at the start, of every asset */
	int64_t	liquidation_ms;		/* from the trigger to the orders; meanwhile -2023 */
	bool	adl;			/* the fund may not go below 0: then ADL */
	const struct contract *contracts; /* copied; NULL: all built in (specs.h) */
	int	ncontracts;
	int64_t	start_ms;		/* exchange time at the start: funding, delivery dates;
					 * 0: that of the first call */
	engine_sink *sink;		/* may be NULL */
	void	*arg;
};
/* 0.0002, 0.0005, 1,000,000 of each, 0 ms, ADL on, all symbols, time 0, no sink. */
struct engine_config engine_config_default(void);

/* NULL: no memory, or a contract that makes no sense (*f says which). */
struct engine *engine_new(const struct engine_config *c, struct fault *f);
void engine_free(struct engine *e);

/* Symbols are numbers 0 .. engine_symbols()-1, whatever their market. */
int engine_symbols(const struct engine *e);
int engine_symbol(const struct engine *e, const char *name);		/* -1: unknown */
const struct contract *engine_contract(const struct engine *e, int sym);
const struct rules *engine_rules(const struct engine *e, int sym);	/* names, filters, status */
const struct tiers *engine_tiers(const struct engine *e, int sym);	/* leverage brackets */
int engine_asset_of(const struct engine *e, int sym);			/* its margin wallet */

int engine_assets(const struct engine *e);
int engine_asset(const struct engine *e, enum product m, const char *name);	/* -1 */
const struct engine_asset_info *engine_asset_at(const struct engine *e, int asset);
/*
 * USD per unit, > 0. Multi-assets accounts are checked anew. Until it is set by
 * hand, the index of a coin (BTC, ETH, BNB of USDⓈ-M) is that of its perpetual
 * against USDT, if there is one.
 */
int engine_set_index(struct engine *e, int asset, dec usd, int64_t now_ms, struct fault *f);

struct engine_maker engine_get_maker(const struct engine *e, int sym);
int engine_set_maker(struct engine *e, int sym, const struct engine_maker *m, struct fault *f);
/* The id of the symbol's first order; FAULT_USAGE once it has had one. */
int engine_set_first_id(struct engine *e, int sym, uint64_t id, struct fault *f);

/*
 * Accounts. A new one has a USDT wallet and nothing else; its number (0, 1, ...)
 * or -1. Every symbol starts cross margined at 20x, one-way, single-asset.
 */
int engine_account_new(struct engine *e, dec usdt, struct fault *f);
int engine_accounts(const struct engine *e);
/* Pay in (or out, amt < 0): -2018 beyond the withdrawable. Reason DEPOSIT or
 * WITHDRAW, income TRANSFER. */
int engine_deposit(struct engine *e, int acct, int asset, dec amt, int64_t now_ms, struct fault *f);
/* VIP level 0..9 and its rates (section 17); level 0 is the engine_config's. */
int engine_set_tier(struct engine *e, int acct, int tier, struct fault *f);
int engine_tier(const struct engine *e, int acct);
/* Commission rates of the account on a symbol. */
void engine_fee_rates(const struct engine *e, int acct, int sym, dec *maker, dec *taker);
/*
 * Give a flat leg a position, bought from the maker at entry without fee, order
 * or event; isolated takes its initial margin along. Needs a mark. MODE_BOTH in
 * one-way mode; in hedge mode the sign of amt chooses the leg.
 */
int engine_seed_position(struct engine *e, int acct, int sym, dec amt, dec entry, int64_t now_ms,
    struct fault *f);
/* The same by effective leverage (negative: short) at the present mark:
 * quantity = floor(lev x wallet / mark) to stepSize. */
int engine_seed_leverage(struct engine *e, int acct, int sym, dec lev, int64_t now_ms,
    struct fault *f);

/*
 * Prices and the world outside
 *
 * engine_mark: mark and index become price, the engine's own maker re-quotes
 * (trading with user orders it runs through). engine_mark_index: the same with an
 * index of its own. engine_prices: mark and index by themselves. All then look at
 * conditional orders and margins: orders of a wallet that is due expire (er 5),
 * then autoclose orders go into the book, one tier of the brackets after the other,
 * no worse than the bankruptcy price; what they cannot sell goes to the insurance fund at that price in an autoclose
 * order of its own without EV_TRADE, or, where the fund cannot pay, to the
 * opposite positions by ADL. Fees and deficits: INSURANCE_CLEAR. FAULT_USAGE:
 * not within the symbol's price filter. A symbol without a mark yet answers
 * orders with -1122.
 */
int engine_mark(struct engine *e, int sym, dec price, int64_t now_ms, struct fault *f);
int engine_mark_index(struct engine *e, int sym, dec mark, dec index, int64_t now_ms,
    struct fault *f);
int engine_prices(struct engine *e, int sym, dec mark, dec index, int64_t now_ms, struct fault *f);

/*
 * Liquidity from outside (a generator or a recording), in the same levels as
 * user orders: absolute outside quantity of each price, 0 removes it.
 *
 * Queue model: an outside quantity that grows joins the queue behind everybody;
 * one that shrinks is taken from the back first, so that a user's order never
 * gains a place by it before it must (the pessimistic reading). Outside levels
 * that would cross a user's resting order trade with it at its price, as far as
 * they reach; crossing outside levels of the other side are removed.
 * reset: all outside levels not named are removed (a snapshot).
 */
int engine_outside(struct engine *e, int sym, const struct engine_level *level, int n, bool reset,
    int64_t now_ms, struct fault *f);
/*
 * A trade of the outside at price, taken by `taker`: it goes through the queue
 * of that price from the front: outside quantity, then users' orders in their
 * turn, who are filled. Users resting at better prices than it (the trade went
 * through them) are filled first, up to its quantity. Emits EV_TRADE for all of
 * it and makes it the last price. Levels are not otherwise changed: the next
 * engine_outside tells what is left.
 */
int engine_outside_trade(struct engine *e, int sym, enum order_side taker, dec price, dec qty,
    int64_t now_ms, struct fault *f);
/* Set the last price without a trade (a kline's close). */
int engine_last(struct engine *e, int sym, dec price, int64_t now_ms, struct fault *f);

/*
 * Time goes by: what is due until now_ms is done in the order of its time:
 * liquidations that waited, GTD ends, countdowns, premium samples (every 5 s)
 * and funding, deliveries, and once an hour the forgetting of orders by the
 * venue's retention. Every changing call does it first.
 * engine_due: exchange time of the next such thing; INT64_MAX.
 */
int engine_tick(struct engine *e, int64_t now_ms, struct fault *f);
int64_t engine_due(const struct engine *e);
/* One more funding settlement, now, at rate (NULL: the running estimate); the
 * schedule stays. A rate given makes it special: income SPECIAL_FUNDING_FEE. */
int engine_fund(struct engine *e, int sym, const dec *rate, int64_t now_ms, struct fault *f);
/* Deliver a symbol now at the price (section 10). */
int engine_deliver(struct engine *e, int sym, dec price, int64_t now_ms, struct fault *f);
/* Funding interval in hours, from the next settlement on. */
int engine_set_funding(struct engine *e, int sym, int hours, int64_t now_ms, struct fault *f);
/* TRADING, PRE_DELIVERING, SETTLING, CLOSE...: anything but TRADING refuses
 * orders with -4140 or -4141, but cancels; EV_CONTRACT. */
int engine_set_status(struct engine *e, int sym, const char *status, int64_t now_ms,
    struct fault *f);

/*
 * Orders
 */

struct engine_request {
	enum order_side	 side;
	enum pos_mode	 pos_mode;
	enum order_type	 type;		/* LIMIT or MARKET: others are -4120 */
	enum order_tif	 tif;		/* ignored for MARKET */
	enum order_stp	 stp;		/* the venue's default is STP_EXPIRE_MAKER */
	bool		 reduce;
	dec		 price, qty;	/* price ignored for MARKET */
	const char	*client_id;	/* NULL or "": one is made */
	enum price_match match;		/* not NONE: price is found in the book */
	int64_t		 gtd_ms;	/* with TIF_GTD: ms part cut off */
};

/*
 * Place an order and match it. *out (may be NULL) is the order, which may
 * already be filled or expired: an ACK answer shows it as NEW instead. Codes:
 * -1106 (reduceOnly in hedge mode) -1111 -1122 -2019 -2022 -2023 -2025 -2027
 * -4001..-4005 -4013..-4016 -4023 -4024 -4061 -4116 -4118 -4120 -4131 -4140
 * -4164 -5021 -5022 -5037 -5038 -5040 -5041; a refused order leaves no trace.
 * Reduce-only and hedge exits: -2022 if it would open or turn a position, -4118
 * if it were to wait and open ones already cover it; what does not wait (MARKET,
 * IOC, FOK) goes first, and open ones the position no longer covers expire
 * (er 4).
 */
int engine_place(struct engine *e, int acct, int sym, const struct engine_request *r,
    int64_t now_ms, const struct engine_order **out, struct fault *f);
/* The same checks and nothing else (POST order/test). GTX and FOK are not judged. */
int engine_place_test(struct engine *e, int acct, int sym, const struct engine_request *r,
    int64_t now_ms, struct fault *f);

/* An amendment; price and qty both wanted (price 0 with match). reduce: of a
 * reduce-only order, else -5047. */
struct engine_change {
	enum order_side	 side;
	dec		 price, qty;
	enum price_match match;
	int64_t		 modify_id;
	bool		 reduce;
};
/*
 * Modify an open LIMIT order (PUT order): -2013 not open, -5025 not LIMIT,
 * -5027 nothing changes, -5026 too often, -5029 notional, -5024 status, the
 * filters; a refusal leaves the order as it was. The queue place is lost, STP
 * becomes NONE. New quantity <= filled, or GTX that would trade: it is cancelled
 * (*out shows that).
 */
int engine_modify(struct engine *e, int acct, int sym, uint64_t id, const char *client_id,
    const struct engine_change *c, int64_t now_ms, const struct engine_order **out, struct fault *f);

/* Cancel by id, or if id is 0 by client id. -2011 if it is not open. */
int engine_cancel(struct engine *e, int acct, int sym, uint64_t id, const char *client_id,
    int64_t now_ms, const struct engine_order **out, struct fault *f);
/* Cancel all of a symbol; *n (may be NULL) is how many there were. */
int engine_cancel_all(struct engine *e, int acct, int sym, int64_t now_ms, int *n,
    struct fault *f);
/* countdownCancelAll: cancel all of the symbol ms from now unless called again;
 * 0 disarms. */
int engine_countdown(struct engine *e, int acct, int sym, int64_t ms, int64_t now_ms,
    struct fault *f);

/*
 * Conditional orders. Codes: -1102 -1106 -2021 -4006 -4007
 * -4015 -4045 -4061 -4116 -4130 -4135 -4136 -4137 -4138 -4142 and the filters;
 * no margin is asked before the trigger. -4130: a second closePosition of that
 * direction.
 */
struct engine_algo_request {
	enum order_side	 side;
	enum pos_mode	 pos_mode;
	enum order_type	 type;		/* not LIMIT, not MARKET */
	enum order_tif	 tif;
	enum order_stp	 stp;		/* the venue's default is STP_NONE */
	bool		 reduce, close, protect, by_mark;
	dec		 qty, price, trigger;	/* 0: not given */
	dec		 activate, callback;	/* callback in percent */
	const char	*client_id;
	enum price_match match;
	int64_t		 gtd_ms;
};
int engine_algo_place(struct engine *e, int acct, int sym, const struct engine_algo_request *r,
    int64_t now_ms, const struct engine_algo **out, struct fault *f);
/* By id, or if id is 0 by client id, on any symbol of the market: -2011. */
int engine_algo_cancel(struct engine *e, int acct, enum product m, uint64_t id,
    const char *client_id, int64_t now_ms, const struct engine_algo **out, struct fault *f);
int engine_algo_cancel_all(struct engine *e, int acct, int sym, int64_t now_ms, int *n,
    struct fault *f);
/* Trigger one at once, whatever the price (the fault language's `sim trigger`). */
int engine_algo_trigger(struct engine *e, int acct, enum product m, uint64_t id,
    const char *client_id, int64_t now_ms, struct fault *f);
/* One conditional order, open first, else the latest of that client id; NULL. */
const struct engine_algo *engine_algo(const struct engine *e, int acct, enum product m, uint64_t id,
    const char *client_id);
/* The i-th of the account in the order of their making, all symbols; NULL past
 * the last. Forgotten ones leave no holes. */
const struct engine_algo *engine_algo_at(const struct engine *e, int acct, int i);

/*
 * What the fault language makes happen (inject.c)
 */

/* Fill q of an open order at its own price, past the queue; all of its rest if q
 * is 0 or more than that. -2011: not open. */
int engine_fill(struct engine *e, int acct, int sym, uint64_t id, const char *client_id, dec q,
    int64_t now_ms, struct fault *f);
/* Close q of a leg by auto-deleveraging at the mark price, all of it if q is 0;
 * FAULT_USAGE: flat. Its open orders of the symbol are cancelled. */
int engine_deleverage(struct engine *e, int acct, int sym, enum pos_mode leg, dec q, int64_t now_ms,
    struct fault *f);
/* Other filters from now on; names must be the same. */
int engine_set_rules(struct engine *e, int sym, const struct rules *r, int64_t now_ms,
    struct fault *f);

/*
 * Settings
 */

/* -4028 outside 1..bracket, -4161 isolated with position, -2027, -2028. On 0
 * *cap (may be NULL) is maxNotionalValue (COIN-M: maxQty in base coin). */
int engine_set_leverage(struct engine *e, int acct, int sym, int leverage, int64_t now_ms,
    dec *cap, struct fault *f);
/* -4046 already so, -4047 open orders (algo too), -4048 position, -4168 multi-assets. */
int engine_set_isolated(struct engine *e, int acct, int sym, bool isolated, int64_t now_ms,
    struct fault *f);
/* Move amt (> 0 adds, < 0 takes out) of isolated margin: -4049 -4050 -4051 -4054
 * -4055 -4060 (hedge mode wants LONG or SHORT). */
int engine_move_margin(struct engine *e, int acct, int sym, enum pos_mode leg, dec amt,
    int64_t now_ms, struct fault *f);
/* Position mode of both markets: -4059 already so, -4067 open orders, -4068 positions. */
int engine_set_hedge(struct engine *e, int acct, bool hedge, int64_t now_ms, struct fault *f);
bool engine_hedge(const struct engine *e, int acct);
/* -4171 already so, -4167 isolated symbols, -4170 open orders. */
int engine_set_multi(struct engine *e, int acct, bool multi, int64_t now_ms, struct fault *f);
bool engine_multi(const struct engine *e, int acct);
void engine_set_burn(struct engine *e, int acct, bool burn);	/* fees in BNB */
bool engine_burn(const struct engine *e, int acct);

/* One change of isolated margin (positionMargin/history). */
struct engine_margin_move { int sym; enum pos_mode pos_mode; dec amount; int64_t time_ms; };

/*
 * Queries change nothing. NULL or false for what does not exist.
 *
 * An order of the account: by id, or if id is 0 by client id (an open one
 * first, else the latest that bore it). Closed orders are kept as long as the
 * venue keeps them.
 */
const struct engine_order *engine_order(const struct engine *e, int acct, int sym, uint64_t id,
    const char *client_id);
/* The i-th order still kept that the account ever sent on any symbol (with its
 * liquidations), in the order of their making; NULL past the last. Refused ones
 * are not kept. */
const struct engine_order *engine_order_at(const struct engine *e, int acct, int i);
/* Open orders, all symbols, in the order of their making. */
const struct engine_order *engine_open_first(const struct engine *e, int acct);
const struct engine_order *engine_open_next(const struct engine_order *o);
/* The i-th of what is still kept, in the order of time; NULL past the last. */
const struct engine_trade *engine_trade_at(const struct engine *e, int acct, int i);
const struct engine_income *engine_income_at(const struct engine *e, int acct, int i);
const struct engine_amend *engine_amend_at(const struct engine *e, int acct, int i);
const struct engine_margin_move *engine_move_at(const struct engine *e, int acct, int i);

/* positionRisk, account positions[] and symbolConfig of one leg. */
struct engine_position {
	dec	amt, entry, break_even, mark, upnl, notional;
	dec	liq;			/* 0: none */
	bool	isolated;
	dec	iso_wallet, iso_margin;	/* iso_margin: with the PnL; both 0 in cross */
	dec	pos_im, order_im, im;	/* im: their sum */
	dec	maint;
	dec	bid, ask;		/* value of open orders of this leg */
	int	leverage;
	dec	max_notional;		/* at this leverage */
	int	adl;			/* quantile 0..4 */
	int	open_orders;		/* of this leg, regular ones */
	int64_t	update_ms;		/* 0: never held anything */
};
bool engine_position(const struct engine *e, int acct, int sym, enum pos_mode leg,
    struct engine_position *out);

/* The figures of one wallet (an asset of v3/account, dapi account). */
struct engine_balance {
	dec	wallet, upnl, margin;		/* margin: their sum */
	dec	maint, im, pos_im, order_im;
	dec	cross_wallet, cross_upnl;
	dec	available, withdraw;
	int64_t	update_ms;
};
bool engine_balance(const struct engine *e, int acct, int asset, struct engine_balance *out);
/* The totals of USDⓈ-M: of USDT in single-asset mode, in USD over all assets in
 * multi-assets mode (section 16.2). */
bool engine_totals(const struct engine *e, int acct, struct engine_balance *out);

dec  engine_mark_price(const struct engine *e, int sym);	/* 0: none yet */
dec  engine_index_price(const struct engine *e, int sym);
dec  engine_last_price(const struct engine *e, int sym);	/* last trade, else first mark */
/* The running estimate of the coming settlement, and when that is (0: none). */
dec  engine_funding_rate(const struct engine *e, int sym);
int64_t engine_next_funding(const struct engine *e, int sym);
dec  engine_settle_price(const struct engine *e, int sym);	/* estimatedSettlePrice */
dec  engine_open_interest(const struct engine *e, int sym);	/* base coin; COIN-M contracts */
/* The best n levels of a side (SIDE_BUY: bids), best first; returns how many. */
int  engine_depth(const struct engine *e, int sym, enum order_side side, struct engine_level *out,
    int n);
uint64_t engine_update_id(const struct engine *e, int sym);	/* u of the last EV_BOOK */

dec  engine_insurance(const struct engine *e, int asset);	/* wallet of the fund */
dec  engine_fees(const struct engine *e, int asset);	/* commissions taken so far */

/*
 * Keeping an engine's state elsewhere, and putting it back (restore.c). To be
 * called on a new engine of the same contracts, accounts made, before any other
 * call: wallets and holds first, then orders in the order of their making, the
 * rest in any order. FAULT_USAGE: it makes no sense. Emits nothing. An open
 * order rests again at the end of its queue; a leg's counterparty is the maker.
 */
struct engine_leg_state {
	int	sym;
	enum pos_mode leg;
	dec	amt, entry, paid, realized, iso;
	int64_t	update_ms;
};
struct engine_hold_state { int sym; int leverage; bool isolated; };
struct engine_symbol_state { uint64_t next_id, trade_id, update_id; dec mark, index, last; };
/* false: that leg or hold was never used. */
bool engine_leg_state(const struct engine *e, int acct, int sym, enum pos_mode leg,
    struct engine_leg_state *out);
bool engine_hold_state(const struct engine *e, int acct, int sym, struct engine_hold_state *out);
void engine_symbol_state(const struct engine *e, int sym, struct engine_symbol_state *out);
int engine_restore_wallet(struct engine *e, int acct, int asset, dec balance, int64_t update_ms,
    struct fault *f);
int engine_restore_hold(struct engine *e, int acct, const struct engine_hold_state *h,
    struct fault *f);
int engine_restore_leg(struct engine *e, int acct, const struct engine_leg_state *l,
    struct fault *f);
/* Mark, index and last price, and the counters of ids. */
int engine_restore_symbol(struct engine *e, int sym, const struct engine_symbol_state *st,
    struct fault *f);
int engine_restore_order(struct engine *e, const struct engine_order *o, struct fault *f);
int engine_restore_trade(struct engine *e, int acct, const struct engine_trade *t, struct fault *f);
int engine_restore_income(struct engine *e, int acct, const struct engine_income *i,
    struct fault *f);
int engine_restore_amend(struct engine *e, int acct, const struct engine_amend *a, struct fault *f);
int engine_restore_move(struct engine *e, int acct, const struct engine_margin_move *m,
    struct fault *f);
int engine_restore_algo(struct engine *e, const struct engine_algo *a, struct fault *f);

/*
 * For tests: NULL, or the first invariant found broken (static text). Money is
 * conserved, positions sum to zero, books are sorted and not crossed, levels
 * and margins agree with the orders, nothing reserved is negative, the sums
 * kept are those one gets by adding anew.
 */
const char *engine_check(const struct engine *e);

#endif
