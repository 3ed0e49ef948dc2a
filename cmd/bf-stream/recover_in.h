/* What the two halves of recover share: recover_ask.c in the worker, recover.c in the loop. */
#ifndef BF_STREAM_RECOVER_IN_H
#define BF_STREAM_RECOVER_IN_H

#include "recover.h"

enum what { OPEN_ORDERS, OPEN_ALGO, POSITIONS, INCOME, TRADES, ORDER };

/* One answer, as it came. */
struct answer { enum what what; struct buf text; };

struct name { char s[SYMBOL_MAX]; };
struct ask_order { char symbol[SYMBOL_MAX]; int64_t id; bool algo; };

struct recovery {
	struct job_head	head;
	struct app     *a;
	enum market	m;
	bool		first;
	int64_t		from, to;	/* the gap */
	int64_t		since;		/* what is older is not missed */
	struct fault	f;
	struct answer  *got; int n, cap;
	/* what was known when it began: the worker must not look at what the loop changes */
	struct stand   *orders; int norders;
	struct holding *holdings; int nholdings;
	struct name    *symbols; int nsymbols, symbol_cap;	/* whose trades are asked for */
	struct scan	sc;
	int		fills, changed, moved;		/* told of */
	bool		incomplete;			/* there was more than is asked for */
};

/* The job of the worker: s->doc is asked into, answers are appended to got, f says what kept it from all. */
void recovery_ask(struct session *s, void *job);
/* f: FAULT_LOCAL. Returns -1. */
int recovery_no_memory(struct recovery *r);
/* What was known of a position: its amount, 0 of none. side: "LONG", as positionSide has it. */
dec recovery_amount(const struct recovery *r, const char *symbol, const char *side);

#endif
