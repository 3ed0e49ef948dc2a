/*
 * The ledger: what was asked and what became of it, one JSON line each, by the
 * exchange's own word. Tests judge by it, never by what a client says.
 */
#ifndef BF_SIM_LEDGER_H
#define BF_SIM_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "accounts.h"
#include "core/fault.h"
#include "engine.h"
#include "http.h"

struct ledger;

/* Append to path; created 0600. FAULT_LOCAL. path NULL: nowhere. */
struct ledger *ledger_open(const char *path, const struct engine *e, struct fault *f);
void ledger_close(struct ledger *l);
/* Where more than one account is, lines tell whose they are. */
void ledger_accounts(struct ledger *l, const struct accounts *as);
/* Whether a line could not be written; f says why. */
bool ledger_failed(const struct ledger *l, struct fault *f);

/* The exchange time of the last feed record: a label on every line. */
void ledger_feed_time(struct ledger *l, int64_t feed_ms);

/* A request; http: the status answered whole, 0 if none. client_id NULL: none;
 * who NULL: nobody's. The signature is taken out of the query. */
struct ledger_request {
	struct http_span method, path, query, body;
	int	http;
	int	code;		/* why it was refused; 0: it was not */
	int	said;		/* the code of a canned answer; 0: none */
	const char *client_id;
	const struct account *who;
};
void ledger_request(struct ledger *l, const struct ledger_request *r, int64_t now_ms);
/* A WebSocket opened: path and query. */
void ledger_ws(struct ledger *l, struct http_span path, struct http_span query, int64_t now_ms);
void ledger_feed_end(struct ledger *l, int64_t now_ms);

/* What the engine did: orders, amendments, fills, conditional orders, marks,
 * funding, money that came otherwise than by trading. Of a liquidation only the
 * orders are written here. */
void ledger_event(struct ledger *l, const struct engine_event *ev);
/* After each call of the engine: the liquidations that it finished. */
void ledger_settle(struct ledger *l, int64_t now_ms);

#endif
