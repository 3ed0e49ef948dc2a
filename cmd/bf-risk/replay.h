/* Replay: what its parts share. Private to replay*.c. */
#ifndef BF_RISK_REPLAY_H
#define BF_RISK_REPLAY_H

#include "verbs.h"
#include "verdicts.h"
#include "watch.h"

#define NAMES_MAX	(RULES + 16)

/* What the summary counts; [0] then, [1] now. */
struct tally {
	long	intents, exits;
	long	passed[2], blocked[2], changed[2];	/* changed: clipped or protected */
	struct { const char *name; long n; } rule[NAMES_MAX]; int nrule;	/* now, by rule */
	dec	notional[MARKETS];	/* of what is blocked now, in the quote asset or USD */
	long	notices, reductions, cancels, trips, unread;
};

struct replay {
	struct printer *out;
	const struct limits *l;
	bool	all;
	struct tally sum;
	struct buf rec;
	int64_t	ms;		/* of the last record */
};

/* One intent, how it fared then and fares now under v: counted, and told if it differs or all are asked for. qty:
 * of the intent. */
int replay_intent(struct replay *r, const struct past_line *line, const struct tok *intent, enum outcome was,
    const struct verdict *v, const struct world *w, dec qty, struct fault *f);
/* An intent that only reduces. */
int replay_exit(struct replay *r, const struct past_line *line, const struct tok *intent, struct fault *f);
int replay_print(struct replay *r, struct fault *f);

/* A raw flow. from: recorded answers, the account to begin with. */
struct flow;
int  flow_open(struct flow **out, struct replay *r, char *const from[], int nfrom, struct fault *f);
int  flow_record(struct flow *fl, const struct past_line *line, struct fault *f);
/* Its time is over: what still waited for it. */
int  flow_end(struct flow *fl, struct fault *f);
void flow_free(struct flow *fl);	/* NULL is fine */

/* flow_act.c: the account as if an order or cancel of ours had been carried out: filled whole at the mark. *qty: so
 * much of an order; 0: none. */
void flow_carry_out(struct world *w, const struct intent *in, dec cost, dec *qty);

#endif
