/* An order from arguments becomes the same intent a pipe would bring; every
 * parameter of the exchange is an option too. */
#ifndef BF_ORDER_WORDS_H
#define BF_ORDER_WORDS_H

#include <stdbool.h>

#include "core/buf.h"
#include "core/fault.h"
#include "io/opt.h"

enum { WORD_TIF, WORD_POST_ONLY, WORD_REDUCE_ONLY, WORD_CLOSE_POSITION, WORD_POSITION_SIDE, WORD_CLIENT_ID,
	WORD_TRIGGER, WORD_WORKING_TYPE, WORD_PRICE_PROTECT, WORD_ACTIVATE, WORD_CALLBACK, WORD_PRICE_MATCH,
	WORD_STP, WORD_GOOD_TILL, WORD_RESPONSE, WORD_MODIFY_ID, WORD_ALGO, WORDS };

struct words { const char *value[WORDS]; };	/* NULL: not given; "true" of a flag. Zero it */

enum { OPT_WORDS = OPT_TOOL + 100 };
#define OPTS_WORDS \
	{ OPT_WORDS + WORD_TIF, "tif", "TIF", "GTC (default), IOC, FOK, GTX, GTD, RPI" }, \
	{ OPT_WORDS + WORD_POST_ONLY, "post-only", NULL, "the order may only be maker (GTX)" }, \
	{ OPT_WORDS + WORD_REDUCE_ONLY, "reduce-only", NULL, "the order may only shrink a position" }, \
	{ OPT_WORDS + WORD_CLOSE_POSITION, "close-position", NULL, "instead of a quantity: the whole position" }, \
	{ OPT_WORDS + WORD_POSITION_SIDE, "position-side", "SIDE", "LONG or SHORT; the account's mode is asked for" }, \
	{ OPT_WORDS + WORD_CLIENT_ID, "client-id", "ID", "client order id; default a new one" }, \
	{ OPT_WORDS + WORD_TRIGGER, "trigger-price", "PRICE", "the price that triggers a conditional order" }, \
	{ OPT_WORDS + WORD_WORKING_TYPE, "working-type", "TYPE", "which price triggers: mark or contract (default)" }, \
	{ OPT_WORDS + WORD_PRICE_PROTECT, "price-protect", NULL, "no trigger while mark and last are far apart" }, \
	{ OPT_WORDS + WORD_ACTIVATE, "activate-price", "PRICE", "where a trailing stop begins to follow" }, \
	{ OPT_WORDS + WORD_CALLBACK, "callback-rate", "PERCENT", "how far a trailing stop stays behind" }, \
	{ OPT_WORDS + WORD_PRICE_MATCH, "price-match", "MODE", "price from the book: OPPONENT, QUEUE_5, ..." }, \
	{ OPT_WORDS + WORD_STP, "stp", "MODE", "self-trade prevention, such as EXPIRE_MAKER" }, \
	{ OPT_WORDS + WORD_GOOD_TILL, "good-till", "TIME", "end of a GTD order: ms, or 90m, 12h, 3d from now" }, \
	{ OPT_WORDS + WORD_RESPONSE, "response", "TYPE", "ACK or RESULT; default RESULT of market, IOC, FOK" }, \
	{ OPT_WORDS + WORD_MODIFY_ID, "modify-id", "N", "a number of your own for a modification" }, \
	{ OPT_WORDS + WORD_ALGO, "algo", NULL, "the id is of a conditional order" }

/* Take an option: 1 taken, 0 not one of these, -1 a wrong value. */
int words_option(struct words *w, int ch, char *arg, struct fault *f);
/* Which of them is given that does not go with a command; NULL: none. For a clear refusal. */
const char *words_stray(const struct words *w, const char *verb);

/*
 * The intent as JSON, appended to out, words[0] being the verb. now_ms: exchange
 * time, for --good-till.
 *	buy|sell SYMBOL QUANTITY @ PRICE		LIMIT
 *	buy|sell SYMBOL QUANTITY market			MARKET
 *	buy|sell SYMBOL QUANTITY match MODE		LIMIT with priceMatch
 *	buy|sell SYMBOL QUANTITY|all stop PRICE [@ PRICE]		STOP_MARKET or STOP; all: closePosition
 *	buy|sell SYMBOL QUANTITY|all take-profit PRICE [@ PRICE]	TAKE_PROFIT_MARKET or TAKE_PROFIT
 *	buy|sell SYMBOL QUANTITY trail PERCENT [from PRICE]		TRAILING_STOP_MARKET
 * --close-position may stand for the quantity, as all does. What is matched at once asks for RESULT.
 * FAULT_USAGE says what was expected, with the word.
 */
int words_place(struct buf *out, const struct words *w, char *const words[], int n, int64_t now_ms, struct fault *f);
/*	modify SYMBOL ID QUANTITY @ PRICE | QUANTITY match MODE | @ PRICE | QUANTITY	what is left out stays */
int words_modify(struct buf *out, const struct words *w, char *const words[], int n, struct fault *f);
/*	cancel SYMBOL ID: the i-th of the ids words[2..n). Digits alone are an order id (algo: algoId). */
int words_cancel(struct buf *out, const struct words *w, const char *symbol, const char *id, struct fault *f);

#endif
