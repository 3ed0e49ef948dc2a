/* What the parts of the intent reader share. Nobody else includes this. */
#ifndef BF_CORE_INTENT_IN_H
#define BF_CORE_INTENT_IN_H

#include "core/intent.h"

enum { P = 1 << OP_PLACE, C = 1 << OP_CANCEL, A = 1 << OP_CANCEL_ALL, M = 1 << OP_MODIFY };

/* The members an intent may hold; others are nobody's business here. */
enum { M_OP, M_SYMBOL, M_SIDE, M_POS_SIDE, M_TYPE, M_ALGO_TYPE, M_TIF, M_QTY, M_PRICE, M_MATCH,
	M_TRIGGER, M_STOP, M_WORKING, M_PROTECT, M_CLOSE, M_REDUCE, M_ACTIVATE, M_ACTIVATION,
	M_CALLBACK, M_NEW_ID, M_CLIENT_ALGO, M_RESP, M_STP, M_GOOD_TILL, M_ORDER_ID, M_ORIG_ID,
	M_ALGO_ID, M_MODIFY_ID, M_ALGO, MEMBERS };

typedef const struct tok *found[MEMBERS];	/* the values by member; NULL: absent */

struct member {
	const char	*name;
	unsigned	 need, may, bar;	/* the operations that ask for it, take it, refuse it;
						 * the others do not look at it */
	bool		(*read)(struct intent *, const struct tok *);	/* false: not of the member's form */
	bool		(*off)(const struct tok *);	/* a value that says "not used": as if absent. Or NULL */
	int		 code;			/* of a value that cannot be read */
	const char	*rule;
};
extern const struct member intent_members[MEMBERS];

/* The intent as it is being read. */
struct reading {
	struct intent	*in;
	found		 raw;	/* as given */
	found		 at;	/* those that count: without the operation's strangers and what is off */
	bool		 algo;	/* the value of "algo" */
};

/* A type of order, and what goes with it. */
struct kind { const char *name; bool priced, triggers, trails, closes; };
const struct kind *intent_kind_of(const char *type);

/* "field value: rule (code)", or "field: rule (code)" without a value, which is
 * shown as it was written, cut if it is long. FAULT_REJECTED; returns -1. */
int intent_refuse(struct fault *f, int code, const char *field, const struct tok *v, const char *rule);

/* Whether a value is a plain zero, or nothing at all: "", null. */
bool intent_is_off(const struct tok *v);

/* Parameters that contradict each other, by operation. Fills what follows from them. */
int intent_check(struct reading *r, struct fault *f);

/* An entry told to be an exit: BUY of LONG, SELL of SHORT. */
bool intent_opens(const struct intent *in);

#endif
