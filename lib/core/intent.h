/* An order intent as it comes down the pipe, in the order endpoint's own names. */
#ifndef BF_CORE_INTENT_H
#define BF_CORE_INTENT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/account.h"
#include "core/buf.h"
#include "core/fault.h"
#include "core/rules.h"
#include "core/scan.h"

enum record_kind {
	REC_OTHER,	/* an event, a result, anything else: passes by */
	REC_INTENT	/* no "e"; "symbol" and "side", or "op" */
};

enum intent_op { OP_PLACE, OP_CANCEL, OP_CANCEL_ALL };

#define CLIENT_ID_MAX	37	/* 36 and the NUL */

/* What was absent is 0 or "". qty_s and price_s keep the digits as written. */
struct intent {
	enum intent_op	op;
	char		symbol[SYMBOL_MAX];
	enum order_side	side;
	enum pos_side	pos_side;
	char		type[24];	/* "LIMIT", "MARKET" */
	char		tif[8];		/* GTC if absent in a LIMIT order; "" for MARKET */
	char		qty_s[DEC_STR], price_s[DEC_STR];	/* as written */
	dec		qty, price;
	bool		reduce_only;
	bool		has_reduce_only, has_pos_side;
	char		client_id[CLIENT_ID_MAX];	/* "" if absent */
	uint64_t	order_id;	/* cancel; 0 if absent */
	char		stp[16], price_match[16], resp_type[8];	/* "" if absent */
	int64_t		good_till_ms;	/* 0 if absent */
};

/* Whether a scanned line is an intent. v: its top value. An order or trade as
 * the exchange tells it (orderId, and status or id) is none, unless it has "op". */
enum record_kind intent_kind(const struct tok *t, const struct tok *v);

/*
 * Read an intent. Extra members are allowed and ignored. FAULT_REJECTED naming
 * field, value and rule for: duplicate members, a missing or malformed field,
 * a number with an exponent, a client id outside ^[.A-Z:/a-z0-9_-]{1,36}$, an
 * order type, operation or parameter this version does not serve (conditional
 * types, modify: code -4120 or a plain text). Nothing is guessed but one: a
 * LIMIT order without timeInForce is GTC. A trigger parameter that is switched
 * on (stopPrice, closePosition, ...) is refused: without it the order would be
 * another one. f->code has the exchange's number for the same breach. *out
 * holds nothing of use after a failure.
 */
int intent_read(struct intent *out, const struct tok *t, const struct tok *v, struct fault *f);

/* Whether the intent can only shrink a position: cancels, reduceOnly, or
 * LONG+SELL / SHORT+BUY. Decided from the intent alone. */
bool intent_reduces(const struct intent *in);

/* A client id is well formed. */
bool client_id_ok(const char *id);
/* A fresh client id: prefix, then time and random in base 36; unique across
 * restarts and hosts. random: 12 bytes from the system's generator. */
void client_id_make(char out[static CLIENT_ID_MAX], const char *prefix, int64_t now_ms,
    const unsigned char random[static 12]);

/* Append the endpoint's parameters ("symbol=...&side=..."), percent-encoded,
 * without timestamp and signature. */
void intent_query(const struct intent *in, struct buf *out);
/* Append one value percent-encoded as UTF-8, upper-case hex, unreserved kept. */
void query_escape(struct buf *out, const char *s);

#endif
