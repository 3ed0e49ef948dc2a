/* An order intent as it comes down the pipe, in the order endpoints' own names. */
#ifndef BF_CORE_INTENT_H
#define BF_CORE_INTENT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/account.h"
#include "core/buf.h"
#include "core/endpoint.h"
#include "core/fault.h"
#include "core/params.h"
#include "core/rules.h"
#include "core/scan.h"

enum record_kind {
	REC_OTHER,	/* an event, a result, anything else: passes by */
	REC_INTENT	/* no "e"; "symbol" and "side", or "op" */
};

enum intent_op { OP_PLACE, OP_CANCEL, OP_CANCEL_ALL, OP_MODIFY };
#define OPS	(OP_MODIFY + 1)

#define CLIENT_ID_MAX	37	/* 36 and the NUL */

/*
 * What was absent is 0 or "". The _s members keep the digits as written. One
 * language for both kinds of order: whether an order goes to the algo service
 * follows from its type, and of a cancel from the name of its id.
 */
struct intent {
	enum intent_op	op;
	char		symbol[SYMBOL_MAX];
	enum order_side	side;		/* 0 if absent (cancel, modify) */
	enum pos_side	pos_side;
	char		type[24];	/* "LIMIT", "STOP_MARKET", ... */
	bool		algo;		/* place: a conditional type; cancel: by algoId or clientAlgoId */
	char		tif[8];		/* GTC if absent where there is a price; "" for market types */
	char		qty_s[DEC_STR], price_s[DEC_STR];
	char		trigger_s[DEC_STR], activate_s[DEC_STR], callback_s[DEC_STR];
	dec		qty, price, trigger, activate;
	dec		callback;	/* callbackRate, percent */
	bool		reduce_only, has_reduce_only, has_pos_side;
	bool		close_position, price_protect, has_price_protect;
	char		working_type[16];	/* "MARK_PRICE", "CONTRACT_PRICE" */
	char		client_id[CLIENT_ID_MAX];	/* newClientOrderId or clientAlgoId; of cancel and
						 * modify origClientOrderId or clientAlgoId */
	uint64_t	order_id;	/* cancel, modify: orderId or (algo) algoId; 0 if absent */
	int64_t		modify_id;	/* modifyId; 0 if absent */
	char		stp[16], price_match[16], resp_type[8];
	int64_t		good_till_ms;
};

/* Whether a scanned line is an intent. v: its top value. An order or trade as
 * the exchange tells it (orderId or algoId, and a status or id) is none, unless it has "op". */
enum record_kind intent_kind(const struct tok *t, const struct tok *v);

/*
 * Read an intent: op place (LIMIT, MARKET, STOP, STOP_MARKET, TAKE_PROFIT,
 * TAKE_PROFIT_MARKET, TRAILING_STOP_MARKET), modify, cancel, cancel-all. Parameters
 * have the names of the order endpoints and of the algo endpoints, whichever the
 * type; old names are taken for the new: stopPrice for triggerPrice, activationPrice
 * for activatePrice, newClientOrderId for clientAlgoId. A client id has either name,
 * of any type. "algo":true makes a cancel-all one of conditional orders; elsewhere it
 * may stand if it agrees with the type or id.
 *
 * Extra members are allowed and ignored, but not a parameter's name in another case or
 * with "_" in it (-1103). What the exchange's own order objects have where nothing is
 * used is as if absent: a trigger, activation, rate, goodTillDate or modifyId of 0, ""
 * or null, closePosition false, priceMatch NONE, a price of 0 where there is none, a
 * quantity of 0 with closePosition. A cancel or modify does not look at what it has no
 * use for; a modify takes symbol, side, an id, quantity, price, priceMatch, modifyId and
 * reduceOnly, and refuses what only a conditional order has (-5025).
 *
 * FAULT_REJECTED naming field, value and rule for: duplicate members (also
 * two names of one thing), a missing or malformed field, a number with an exponent,
 * -0, a client id outside ^[.A-Z:/a-z0-9_-]{1,36}$, parameters that contradict each
 * other. f->code has the exchange's number for the same breach (of USDⓈ-M, where they
 * differ). What depends on the market, on the clock or on the contract is judged by
 * others. Nothing is guessed but one: an order with a price and without timeInForce is
 * GTC. *out holds nothing of use after a failure.
 */
int intent_read(struct intent *out, const struct tok *t, const struct tok *v, struct fault *f);

/* Whether the intent can only shrink a position: cancels, reduceOnly,
 * closePosition, or LONG+SELL / SHORT+BUY. Decided from the intent alone; a modify
 * never counts as one. */
bool intent_reduces(const struct intent *in);

/* MARKET, STOP_MARKET, TAKE_PROFIT_MARKET, TRAILING_STOP_MARKET: no price of its own. */
bool intent_is_market(const struct intent *in);

/*
 * Fit a place to the account's position mode, so that one language serves both.
 * Hedge mode: without positionSide a BUY opens LONG and a SELL opens SHORT, and with
 * reduceOnly or closePosition a SELL closes LONG and a BUY closes SHORT; reduceOnly
 * itself, which hedge mode does not take, is dropped. An intent whose positionSide
 * and reduceOnly contradict each other (LONG+BUY+reduceOnly) is refused (-2022).
 * One-way mode: LONG or SHORT is dropped; an exit (LONG+SELL, SHORT+BUY) becomes
 * reduceOnly, unless it is closePosition. *changed: something was.
 */
int intent_fit(struct intent *in, bool hedge, bool *changed, struct fault *f);

/*
 * What the request is: its endpoint, and its parameters without timestamp,
 * recvWindow and signature, always in the same order, that of the exchange's tables
 * (intent_put.c). *out need not be zeroed. Of a modify the caller has filled side,
 * quantity, and price or priceMatch from the order, which the exchange asks for. A
 * cancel by algoId or clientAlgoId has no symbol.
 */
enum ep intent_endpoint(const struct intent *in);
void intent_params(const struct intent *in, struct params *out);
/* The same parameters as a query. */
void intent_query(const struct intent *in, struct buf *out);

/* "place", "cancel", "cancel-all", "modify". */
const char *intent_op_word(enum intent_op op);

/* A client id is well formed. */
bool client_id_ok(const char *id);
/* A fresh client id: prefix, then time and random in base 36; unique across
 * restarts and hosts. random: 12 bytes from the system's generator. */
void client_id_make(char out[static CLIENT_ID_MAX], const char *prefix, int64_t now_ms,
    const unsigned char random[static 12]);

#endif
