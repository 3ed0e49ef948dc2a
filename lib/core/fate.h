/*
 * What became of a request that changes state, from all that is seen of it: the
 * answer, look-ups, events of the user stream. The rules for what may be concluded
 * from what. Pure: it says what to ask next and when; who asks is elsewhere.
 *
 * Exchange time (now_ms) and monotonic time (mono_ms) come in as arguments.
 */
#ifndef BF_CORE_FATE_H
#define BF_CORE_FATE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/endpoint.h"
#include "core/fault.h"
#include "core/intent.h"
#include "core/scan.h"

enum outcome {
	OUT_RESULT,	/* accepted: found is what the exchange says of it */
	OUT_REFUSED,	/* definitely not executed: f says why */
	OUT_ABSENT,	/* was unknown; proven not executed */
	OUT_UNKNOWN	/* may or may not stand */
};

enum fate_state {
	FATE_SENT,	/* on its way: no answer yet */
	FATE_LOOK,	/* being looked up */
	FATE_DONE	/* out says how it ended; nothing moves it any more */
};

/* What a look-up asks for. */
enum fate_ask {
	ASK_NOTHING,
	ASK_ORDER,		/* the order itself, by its id (regular or algo) */
	ASK_OPEN,		/* the open orders of its kind (regular or algo) and symbol */
	ASK_TRADES,		/* own trades since it was sent, a page at a time */
	ASK_TRADED,		/* the orders behind them, a page at a time: trades carry no client id */
	ASK_HISTORY,		/* algo: the conditional orders since it was sent */
	ASK_AMENDMENTS		/* modify: what was changed, with its modifyId */
};

#define FATE_TRADED_MAX	10000	/* orders behind trades that are kept in mind; 8 bytes each */

struct fate {
	struct intent	 in;
	char		 id[40];	/* its name in the journal and in sentences */
	enum market	 market;
	int64_t		 stamp;		/* exchange time it was signed with */
	int64_t		 bound;		/* exchange time from which it can no longer be executed, and reads show it */
	enum fate_state	 state;
	enum outcome	 out;
	bool		 was_unknown;	/* it was looked up: for the journal, "resolved" and not "result" */
	struct buf	 found;		/* OUT_RESULT: one JSON object, without newline */
	struct fault	 f;		/* the others */
	/* private */
	bool		 exists;	/* the exchange said so: absence is out of the question */
	bool		 explain;	/* a definite no, but one look may say why */
	struct fault	 first;		/* the fault that began the look-up */
	enum fate_ask	 ask;		/* what is next */
	int		 looks, misses, empties;
	bool		 untold;	/* the exchange does not serve the question for one algo order */
	bool		 maybe;		/* modify: it may be what ended the order */
	char		 seen[96];	/* what the last look showed, for the sentence; "" nothing */
	bool		 recovered;	/* of an earlier run */
	int64_t		 since_ms;	/* monotonic: when the looking began */
	int64_t		 due_ms;	/* monotonic: not before */
	int64_t		 ref_now, ref_mono;	/* the exchange's clock at the first look */
	bool		 set_back;	/* it was seen to go back: times of orders say nothing */
	uint64_t	*traded;	/* orders behind own trades that were not looked at yet */
	int		 ntraded, traded_room;
	uint64_t	 trades_from;	/* the next page of trades begins with this one; 0: by time */
	struct buf	 early;		/* an event that came before the answer */
};

/*
 * Fills all of fa (what it held is not freed). stamp_ms: exchange time of signing; recv_window, lag_ms (the
 * budget for reads that lag behind): ms. After a request is signed anew (-1021), begin
 * again (fate_free first). fate_free releases; a zeroed one is fine.
 */
void fate_begin(struct fate *fa, const struct intent *in, const char *id, enum market m, int64_t stamp_ms,
    int recv_window, int lag_ms);
void fate_free(struct fate *fa);

/*
 * The answer to the request itself: f NULL and its value v (of tokens t), or f as
 * reply_judge filled it. Also one that comes late, while it is being looked up: a
 * success is evidence, a definite refusal ends it. Definite: done. Otherwise
 * FATE_LOOK, the first look after 200 ms. What looks like success but is not this
 * order (symbol, side, id) is unknown; so is a place refused as a duplicate of its
 * own client id, of which it is then known that it exists. An event that shows the
 * order of a place outweighs any refusal. A cancel answered -2011 or -2013, a modify
 * answered that nothing changed, too often, not a limit order, -2011 or -2013 (in the
 * numbers of its market) is looked at once (FATE_LOOK, at once) for the true state: a
 * cancel of an order that has ended is a result, and so is a modify that was already
 * so; else the refusal stands. With no answer at all f is FAULT_UNKNOWN.
 */
void fate_answer(struct fate *fa, const struct fault *f, const struct tok *t, const struct tok *v,
    int64_t mono_ms);
/* It is of an earlier run, and there will be no answer: look at once. */
void fate_recover(struct fate *fa, int64_t mono_ms);

/*
 * What to ask now: FATE_LOOK and due. ASK_NOTHING: not yet (*due_ms, monotonic, says
 * when; INT64_MAX if never). The schedule: 0.2, 0.5, 1, 2, 4 s after becoming unknown,
 * then every 5 s; a conclusion that wants several answers asks them in a row.
 */
enum fate_ask fate_next(const struct fate *fa, int64_t mono_ms, int64_t *due_ms);
/* The endpoint and query of that; appended to query. */
enum ep fate_query(const struct fate *fa, enum fate_ask ask, struct buf *query);
/*
 * What came of it: v of tokens t, or f. now_ms: exchange time before asking, since
 * absence counts only if asked after the bound; if that clock leaps ahead of the
 * monotonic one, the bound moves with it. An answer to what was not asked is ignored.
 *
 * Place: -2013 twice in a row after the bound, then neither open orders nor the orders
 * behind all own trades since (algo: nor the history) have it: OUT_ABSENT. Where the exchange does not
 * serve the question for one algo order, open orders and history stand for it, twice.
 * Cancel: ended is a result; still open or not there twice after the bound is absent, and
 * so is an algo order that has triggered. Cancel-all: twice no open order after the bound
 * is a result, twice some is absent. Modify: the order with the values asked for, or its
 * amendment, is a result; twice neither after the bound is absent, but unknown if the
 * modification may be what ended the order (quantity not above the executed one, GTX).
 *
 * Past 3 days an order that is not found stays OUT_UNKNOWN: "not in the exchange's
 * history". Data that is older than what is known never moves it back. Another order
 * under our id is OUT_UNKNOWN, to be looked at by hand.
 */
void fate_looked(struct fate *fa, enum fate_ask ask, const struct fault *f, const struct tok *t,
    const struct tok *v, int64_t now_ms, int64_t mono_ms);

/*
 * A record of the user stream (ORDER_TRADE_UPDATE, ALGO_UPDATE). true: it was of this
 * request, and evidence: while it is looked up it ends that; before the answer the
 * latest is kept (early), and an answer that says nothing is then no reason to look. So
 * no look-up can come after an event and be older than it.
 * What does not equal the intent is left alone. The result is the order under the REST
 * names. A TRADE_LITE only tells that the order exists (false).
 */
bool fate_event(struct fate *fa, const struct tok *t, const struct tok *rec);

/* Time is up: what has no answer or is being looked up is OUT_UNKNOWN; but a refusal
 * that only wanted explaining stands, and so does an event that came. */
void fate_give_up(struct fate *fa);

/* Append the o of an ORDER_TRADE_UPDATE (ALGO_UPDATE: the algo order) as an object
 * with the names REST gives. false: a field that must be there is not. */
bool fate_event_order(struct buf *out, const struct tok *t, const struct tok *rec);

#endif
