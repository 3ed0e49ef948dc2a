/*
 * The exchange itself: a USDⓈ-M futures market in one-way mode. Pure: no I/O,
 * no clock (now_ms comes with every call), no globals; the same calls give the
 * same events. Money is decimal throughout. Not for several threads at once.
 *
 * Absent: hedge mode, multi-assets mode, funding, ADL, amendments, conditional
 * orders, GTD, RPI, priceMatch, BNB fees.
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
#define ENGINE_SYMBOLS	 16	/* symbols at most */

struct engine;

/*
 * Refusals. A call that can be refused returns 0 or -1 and fills *f (may be
 * NULL). FAULT_REJECTED: the exchange's no; http 400, code and text as the
 * exchange sends them in {"code":..,"msg":..}. FAULT_USAGE: a wrong call
 * (unknown account or symbol number, a price that is none). FAULT_LOCAL: out of
 * memory, or a number out of room; from then on the engine is stopped, because
 * something may be half done, and every changing call answers FAULT_LOCAL.
 */
bool engine_stopped(const struct engine *e);

enum order_type	{ ORDER_LIMIT, ORDER_MARKET };
enum order_tif	{ TIF_GTC, TIF_IOC, TIF_FOK, TIF_GTX };
enum order_stp	{ STP_NONE, STP_EXPIRE_TAKER, STP_EXPIRE_MAKER, STP_EXPIRE_BOTH };
enum order_status {
	STATUS_NEW, STATUS_PARTIALLY_FILLED, STATUS_FILLED, STATUS_CANCELED,
	STATUS_EXPIRED, STATUS_EXPIRED_IN_MATCH
};
enum pos_mode	{ MODE_BOTH, MODE_LONG, MODE_SHORT };	/* positionSide of a request */
enum exec_type	{ EXEC_NEW, EXEC_CANCELED, EXEC_CALCULATED, EXEC_EXPIRED, EXEC_TRADE };

/* "LIMIT", "GTC", "EXPIRE_MAKER", "PARTIALLY_FILLED", "TRADE", "BUY": static. */
const char *order_type_name(enum order_type t);
const char *order_tif_name(enum order_tif t);
const char *order_stp_name(enum order_stp s);
const char *order_status_name(enum order_status s);
const char *exec_type_name(enum exec_type x);
const char *order_side_name(enum order_side s);

/*
 * One order, open or closed; lives as long as the engine, never moves. Prices
 * have the scale of tickSize (a take-over by the insurance fund: 8 decimals),
 * quantities that of stepSize.
 */
struct engine_order {
	int		 acct, sym;
	uint64_t	 id;
	char		 client_id[ENGINE_CLIENT_ID];
	enum order_side	 side;
	enum order_type	 type;
	enum order_tif	 tif;		/* MARKET: GTC, as the exchange shows it */
	enum order_stp	 stp;
	bool		 reduce;	/* reduceOnly */
	bool		 liquidation;	/* "autoclose-N"; stream `o` is LIQUIDATION */
	dec		 price;		/* 0 for MARKET */
	dec		 qty, filled;
	dec		 quote;		/* sum of price x quantity of its fills */
	enum order_status status;
	int		 reason;	/* `er`: 0 none, 1 STP, 2 IOC rest, 3 IOC rest by STP,
					 * 4 reduce-only, 5 liquidation, 9 MARKET rest */
	int64_t		 time_ms, update_ms;
};

bool order_open(const struct engine_order *o);	/* NEW or PARTIALLY_FILLED */
/* Average fill price, 0 before any fill; 5 to 8 decimals, cut off. */
dec  order_avg(const struct engine *e, const struct engine_order *o);

/* One fill of one account (userTrades). */
struct engine_trade {
	uint64_t	id;		/* per symbol, shared by both sides */
	uint64_t	order_id;
	int		sym;
	enum order_side	side;
	bool		maker;
	dec		price, qty, quote;
	dec		commission;	/* USDT, 0 for liquidations */
	dec		pnl;		/* realised by this fill */
	int64_t		time_ms;
};

/*
 * Events, handed to the sink while the call that causes them runs, in their
 * order: of one fill first EV_ACCOUNT and EV_ORDER of the resting side, then
 * those of the taker, then EV_TRADE. Pointers are good until the sink returns
 * (orders: for ever, but they move on). The sink must not call the engine's
 * changing functions; reading is allowed, but within a call the books are
 * between two states. Fills of a liquidation order are EXEC_CALCULATED.
 */
enum engine_event_kind {
	EV_ORDER,	/* ORDER_TRADE_UPDATE (and TRADE_LITE for EXEC_TRADE) */
	EV_ACCOUNT,	/* ACCOUNT_UPDATE */
	EV_CONFIG,	/* ACCOUNT_CONFIG_UPDATE: leverage */
	EV_MARGIN_CALL,	/* MARGIN_CALL, once per rise of the ratio over 0.8 */
	EV_TRADE,	/* public: one fill in the book */
	EV_BOOK,	/* public: levels changed */
	EV_MARK,	/* public: mark = index price */
	EV_FORCE	/* public: forceOrder, when a liquidation order is done */
};

/* A position as ACCOUNT_UPDATE and MARGIN_CALL show it. */
struct engine_pos_brief {
	int	sym;
	dec	amt, entry, break_even;
	dec	realized;	/* `cr`: all realised on this symbol, before fees */
	dec	upnl;
	bool	isolated;
	dec	iso_wallet;
	dec	mark, maint;
};

struct engine_level { enum order_side side; dec price, qty; };

struct engine_event {
	enum engine_event_kind kind;
	int64_t	ms;		/* the now_ms of the call */
	int	acct;		/* -1 for public events */
	int	sym;		/* -1 where none */
	union {
		struct {	/* EV_ORDER */
			const struct engine_order *o;	/* as it is now */
			enum exec_type x;
			uint64_t trade_id;		/* 0: no fill */
			dec	last_qty, last_price;	/* l, L */
			dec	commission, pnl;	/* n, rp */
			dec	bid_notional, ask_notional;	/* b, a of this symbol */
			bool	maker;
		} order;
		struct {	/* EV_ACCOUNT */
			const char *reason;	/* ORDER, INSURANCE_CLEAR, MARGIN_TRANSFER,
						 * MARGIN_TYPE_CHANGE, DEPOSIT */
			bool	balance;	/* the USDT balance is part of it */
			dec	wallet, cross;	/* wb, cw */
			dec	change;		/* bc: other than PnL and commission */
			const struct engine_pos_brief *pos;
			int	npos;
		} account;
		struct { int leverage; } config;
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
		struct { dec mark; } mark;
		struct { const struct engine_order *o; } force;
	} u;
};

typedef void engine_sink(void *arg, const struct engine_event *ev);

struct engine_config {
	dec	maker_fee, taker_fee;	/* fractions of the notional */
	dec	insurance;		/* the fund at the start, USDT */
	int64_t	liquidation_ms;		/* from the trigger to the orders; meanwhile -2023 */
	const char *const *symbols;	/* NULL-ended; NULL: all built in (specs.h) */
	engine_sink *sink;		/* may be NULL */
	void	*arg;
};
/* 0.0002, 0.0005, 1,000,000 USDT, 0 ms, all symbols, no sink. */
struct engine_config engine_config_default(void);

/* NULL: no memory, or a symbol that is not built in (*f says which). */
struct engine *engine_new(const struct engine_config *c, struct fault *f);
void engine_free(struct engine *e);

/* Symbols are numbers 0 .. engine_symbols()-1. */
int engine_symbols(const struct engine *e);
int engine_symbol(const struct engine *e, const char *name);		/* -1: unknown */
const struct rules *engine_rules(const struct engine *e, int sym);	/* names, filters */
const struct tiers *engine_tiers(const struct engine *e, int sym);	/* leverage brackets */

/*
 * The market maker: levels each side around the fed price, renewed at every
 * feed. The best quotes stand spread/2 off the price, rounded outward to tick;
 * further ones gap ticks apart. levels 0: no maker. Takes effect at the next
 * engine_mark. FAULT_USAGE: negative values, or qty no multiple of stepSize.
 */
struct engine_maker {
	dec	spread;		/* fraction of the price: 0.0001 is one basis point */
	int	levels;		/* each side, at most 200 */
	int	gap;		/* ticks between levels, >= 1 */
	dec	qty;		/* of each level */
};
struct engine_maker engine_get_maker(const struct engine *e, int sym);
int engine_set_maker(struct engine *e, int sym, const struct engine_maker *m, struct fault *f);
/* The id of the symbol's first order; FAULT_USAGE once it has had one. */
int engine_set_first_id(struct engine *e, int sym, uint64_t id, struct fault *f);

/* A new account with a USDT wallet; returns its number (0, 1, ...), or -1.
 * Every symbol starts cross margined at 20x. */
int engine_account_new(struct engine *e, dec usdt, struct fault *f);
int engine_accounts(const struct engine *e);
/* Pay in (or out, amt < 0): -2018 beyond the withdrawable. Reason DEPOSIT or WITHDRAW. */
int engine_deposit(struct engine *e, int acct, dec amt, int64_t now_ms, struct fault *f);
/*
 * Give a flat account a position, bought from the maker at entry without fee,
 * order or event; isolated takes its initial margin along. Needs a mark.
 */
int engine_seed_position(struct engine *e, int acct, int sym, dec amt, dec entry, int64_t now_ms,
    struct fault *f);
/* The same by effective leverage (negative: short) at the present mark:
 * quantity = floor(lev x wallet / mark) to stepSize. */
int engine_seed_leverage(struct engine *e, int acct, int sym, dec lev, int64_t now_ms,
    struct fault *f);

/*
 * Feed a price: mark and index become it, the maker re-quotes (trading with
 * user orders it runs through), margins are checked, liquidations done: orders
 * of the wallet expire (er 5), then autoclose orders go into the book, one tier
 * of the brackets after the other, no worse than the bankruptcy price; what
 * they cannot sell goes to the insurance fund at that price, in an autoclose
 * order of its own without EV_TRADE. Fees and deficits: INSURANCE_CLEAR.
 * FAULT_USAGE: not within the symbol's price filter. A symbol without a mark
 * yet answers orders with -1122.
 */
int engine_mark(struct engine *e, int sym, dec price, int64_t now_ms, struct fault *f);
/* Time goes by without a price: liquidations that waited liquidation_ms are
 * done. engine_mark does it too. */
int engine_tick(struct engine *e, int64_t now_ms, struct fault *f);

struct engine_request {
	enum order_side	 side;
	enum pos_mode	 pos_mode;
	enum order_type	 type;
	enum order_tif	 tif;		/* ignored for MARKET */
	enum order_stp	 stp;		/* the venue's default is STP_EXPIRE_MAKER */
	bool		 reduce;
	dec		 price, qty;	/* price ignored for MARKET */
	const char	*client_id;	/* NULL or "": one is made */
};

/*
 * Place an order and match it. *out (may be NULL) is the order, which may
 * already be filled or expired: an ACK answer shows it as NEW instead. Codes:
 * -1111 -1122 -2019 -2022 -2023 -2025 -2027 -4001..-4005 -4013..-4016 -4023
 * -4024 -4061 -4116 -4118 -4131 -4164 -5021 -5022; a refused order leaves no
 * trace. Reduce-only: -2022 if it would open or turn a position, -4118 if it
 * were to wait and open ones already cover it; what does not wait (MARKET, IOC,
 * FOK) goes first, and open ones the position no longer covers expire (er 4).
 */
int engine_place(struct engine *e, int acct, int sym, const struct engine_request *r,
    int64_t now_ms, const struct engine_order **out, struct fault *f);
/* The same checks and nothing else (POST order/test). GTX and FOK are not judged. */
int engine_place_test(struct engine *e, int acct, int sym, const struct engine_request *r,
    struct fault *f);

/* Cancel by id, or if id is 0 by client id. -2011 if it is not open. */
int engine_cancel(struct engine *e, int acct, int sym, uint64_t id, const char *client_id,
    int64_t now_ms, const struct engine_order **out, struct fault *f);
/* Cancel all of a symbol; *n (may be NULL) is how many there were. */
int engine_cancel_all(struct engine *e, int acct, int sym, int64_t now_ms, int *n,
    struct fault *f);

/* -4028 outside 1..bracket, -4161 isolated with position, -2027, -2028. On 0
 * *cap (may be NULL) is maxNotionalValue. */
int engine_set_leverage(struct engine *e, int acct, int sym, int leverage, int64_t now_ms,
    dec *cap, struct fault *f);
/* -4046 already so, -4047 open orders, -4048 position. */
int engine_set_isolated(struct engine *e, int acct, int sym, bool isolated, int64_t now_ms,
    struct fault *f);
/* Move amt (> 0 adds, < 0 takes out) of isolated margin: -4049 -4050 -4051 -4054 -4055. */
int engine_move_margin(struct engine *e, int acct, int sym, dec amt, int64_t now_ms,
    struct fault *f);

/*
 * Queries change nothing. NULL or false for what does not exist.
 *
 * An order of the account: by id, or if id is 0 by client id (an open one
 * first, else the latest that bore it). Closed orders are kept.
 */
const struct engine_order *engine_order(const struct engine *e, int acct, int sym, uint64_t id,
    const char *client_id);
/* The i-th order the account ever sent on any symbol (with its liquidations),
 * in the order of their making; NULL past the last. Refused ones are not kept. */
const struct engine_order *engine_order_at(const struct engine *e, int acct, int i);
/* Open orders, all symbols, in the order of their making. */
const struct engine_order *engine_open_first(const struct engine *e, int acct);
const struct engine_order *engine_open_next(const struct engine_order *o);
/* The i-th fill of the account, all symbols; NULL past the last. */
const struct engine_trade *engine_trade_at(const struct engine *e, int acct, int i);

/* positionRisk, account positions[] and symbolConfig of one symbol. */
struct engine_position {
	dec	amt, entry, break_even, mark, upnl, notional;
	dec	liq;			/* 0: none */
	bool	isolated;
	dec	iso_wallet, iso_margin;	/* iso_margin: with the PnL; both 0 in cross */
	dec	pos_im, order_im, im;	/* im: their sum */
	dec	maint;
	dec	bid_notional, ask_notional;
	int	leverage;
	dec	max_notional;		/* at this leverage */
	int	adl;			/* always 0 */
	int	open_orders;
	int64_t	update_ms;		/* 0: never held anything */
};
bool engine_position(const struct engine *e, int acct, int sym, struct engine_position *out);

/* The USDT figures of v3/account and v3/balance. */
struct engine_balance {
	dec	wallet, upnl, margin;		/* margin: their sum */
	dec	maint, im, pos_im, order_im;
	dec	cross_wallet, cross_upnl;
	dec	available, withdraw;
	int64_t	update_ms;
};
bool engine_balance(const struct engine *e, int acct, struct engine_balance *out);

dec  engine_mark_price(const struct engine *e, int sym);	/* 0: none yet */
dec  engine_last_price(const struct engine *e, int sym);	/* last trade, else first mark */
/* The best n levels of a side (SIDE_BUY: bids), best first; returns how many. */
int  engine_depth(const struct engine *e, int sym, enum order_side side, struct engine_level *out,
    int n);
uint64_t engine_update_id(const struct engine *e, int sym);	/* u of the last EV_BOOK */
uint64_t engine_last_trade_id(const struct engine *e, int sym);

dec  engine_maker_fee(const struct engine *e);
dec  engine_taker_fee(const struct engine *e);
dec  engine_insurance(const struct engine *e);	/* wallet of the fund; may be < 0: no ADL */
dec  engine_fees(const struct engine *e);	/* commissions taken so far */

/*
 * For tests: NULL, or the first invariant found broken (static text). Money is
 * conserved, positions sum to zero, books are sorted and not crossed, levels
 * and margins agree with the orders, nothing reserved is negative.
 */
const char *engine_check(const struct engine *e);

#endif
