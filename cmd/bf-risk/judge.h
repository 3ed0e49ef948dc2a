/*
 * The rules over intents. Pure: the verdict follows from world, limits and intent alone. Every rule is one
 * function and one row; all are asked, so that all reasons are known.
 */
#ifndef BF_RISK_JUDGE_H
#define BF_RISK_JUDGE_H

#include "limits.h"
#include "world.h"

/* Why not: one rule that does not hold. */
struct breach {
	enum rule rule;
	const char *name;		/* as the record has it: the rule's, or "account-unknown", "stale-mark", "symbol", "asset",
					 * "kill-latch", "blocked" */
	int	code;			/* the exchange's, where there is one; 0 */
	char	limit[DEC_STR], value[DEC_STR > SYMBOL_MAX ? DEC_STR : SYMBOL_MAX];
	char	text[256];		/* a sentence, with the reason of the rules file */
};
#define BREACHES_MAX	(RULES + 4)

struct verdict {
	bool	pass;			/* perhaps changed: */
	bool	clipped; dec qty;	/* on-breach = clip: with this quantity */
	bool	protect; dec price;	/* a market order becomes an IOC limit at this price */
	bool	has_nearest; dec nearest;	/* of a reject: the greatest quantity on the step that passes every rule; 0: none */
	int	n; struct breach b[BREACHES_MAX];	/* of a reject, and of what was clipped */
	dec	counted;		/* price at which it counts as pending, worst */
	enum market market;
	enum fault_kind kind;		/* FAULT_TRIPPED by the latch, FAULT_CLOCK by the clock, else FAULT_REJECTED */
};

/* in adds risk (exits are never asked). w has the account, the contract and a mark of its symbol, or what is missing is a
 * breach: fail closed. */
void judge(struct verdict *out, const struct world *w, const struct limits *l, const struct intent *in);

#endif
