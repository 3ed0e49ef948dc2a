/* What the parts of fate share. */
#ifndef BF_CORE_FATE_IN_H
#define BF_CORE_FATE_IN_H

#include "core/fate.h"

/* How far an order has come, by its status. */
enum stage {
	STAGE_OTHER,	/* a status not in our list: says nothing */
	STAGE_OPEN,
	STAGE_FIRING,	/* algo: TRIGGERING */
	STAGE_FIRED,	/* algo: TRIGGERED, an order stands in its place */
	STAGE_ENDED
};
enum stage fate_stage(const struct intent *in, const struct tok *t, const struct tok *v);
/* Of two states of one order, whether b is no older than a: by what has ended, then by
 * what is executed. */
bool fate_not_older(const struct intent *in, const struct tok *ta, const struct tok *a,
    const struct tok *tb, const struct tok *b);

/* The order at v, in the REST names, is the one in is about (by its id). */
bool fate_same_id(const struct intent *in, const struct tok *t, const struct tok *v);
/* The first member of it that is not what in asked for; NULL: all are. whole: v comes
 * from a query or event; an answer to the request has less. */
const char *fate_differs(const struct intent *in, const struct tok *t, const struct tok *v, bool whole);
/* Modify: the order at v has the price and quantity asked for. */
bool fate_as_asked(const struct intent *in, const struct tok *t, const struct tok *v);

/* What a row of orderAmendment is to a modification. */
enum amended { AMENDED_OTHER, AMENDED_OURS, AMENDED_MAYBE, AMENDED_CONFLICT };
enum amended fate_amended(const struct fate *fa, const struct tok *t, const struct tok *row);

/* Exchange time from which it can have been executed: the exchange takes no request
 * that was signed more than 1 s ahead of its clock. */
int64_t fate_from_ms(const struct fate *fa);

/* A place: the order at v is of a time before it, of which an id may be used again. */
bool fate_is_older(const struct fate *fa, const struct tok *t, const struct tok *v);

/* The ways to end it. */
void fate_adopt(struct fate *fa, const struct tok *t, const struct tok *v);	/* if it is the order */
void fate_found(struct fate *fa);	/* with what was written to found */
void fate_absent(struct fate *fa, const char *why);
void fate_unknown(struct fate *fa, const char *why);
void fate_refused(struct fate *fa);	/* with first, and what was seen */
bool fate_take_early(struct fate *fa);	/* the event that came, if one did */

/* The next look by the schedule. */
void fate_again(struct fate *fa, int64_t mono_ms);

/*
 * Looking up
 */

#define MISSES		2	/* looks in a row that must find nothing */
#define TRADES_MAX	1000	/* rows of one answer: with as many, there may be more */
#define ORDERS_MAX(m)	((m) == MARKET_COINM ? 100 : 1000)	/* the same, of allOrders */
#define ALGOS_MAX	1000
#define AMENDS_MAX	100

/* What a look showed. */
enum look {
	LOOK_FAILED,	/* nothing: it says so little that the misses before do not count */
	LOOK_SHORT,	/* part of a conclusion could not be had; the misses stand */
	LOOK_MISS,	/* not there, or not as asked: counts after the bound */
	LOOK_MORE,	/* the next question follows at once */
	LOOK_DONE
};

/* One answer to a question: v of tokens t, or f. */
struct look_answer {
	const struct fault *f;
	const struct tok *t, *v;
	int64_t now_ms;		/* exchange time before asking */
	bool	after;		/* that is after the bound */
};

/* What an answer to each question means for each operation; and what two misses mean. */
typedef enum look look_reader(struct fate *, const struct look_answer *);
look_reader fate_place_order, fate_place_open, fate_place_history, fate_place_trades,
    fate_place_traded, fate_place_conclude;
look_reader fate_cancel_order, fate_cancel_open, fate_cancel_history, fate_cancel_conclude;
look_reader fate_all_open, fate_modify_order, fate_modify_amendments, fate_modify_conclude;

/* The lowest number of the orders behind trades that were not looked at yet; 0: none. */
uint64_t fate_traded_least(const struct fate *fa);

enum look look_more(struct fate *fa, enum fate_ask ask);
enum look look_adopt(struct fate *fa, const struct tok *t, const struct tok *v);
enum look look_out_of_history(struct fate *fa);
void look_see(struct fate *fa, const struct look_answer *a, const char *what);
void look_see_none(struct fate *fa);

bool look_list(const struct look_answer *a);
bool look_object(const struct look_answer *a);
bool look_no_such_order(const struct look_answer *a);
/* The question itself is not served: COIN-M documents no query for one algo order. */
bool look_not_served(const struct look_answer *a);
/* Past its history the exchange's "no such order" says nothing. */
bool look_old(const struct fate *fa, const struct look_answer *a);
/* The order of the list that the request is about; NULL: not in it. */
const struct tok *look_among(const struct fate *fa, const struct look_answer *a);

#endif
