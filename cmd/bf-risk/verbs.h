/*
 * What bf-risk does beside standing in a pipe: show its rules, explain a decision, run a recorded flow through
 * today's rules. Records go to a printer that main has opened, with these columns; main closes it, after a
 * fault too (what was found before stands).
 */
#ifndef BF_RISK_VERBS_H
#define BF_RISK_VERBS_H

#include "io/table.h"
#include "limits.h"

extern const struct column check_columns[], explain_columns[], replay_columns[];

/* What the verbs read. A file "-", or no file at all: standard input. */
struct past_opts {
	char *const *files;	int nfiles;	/* operands: NDJSON */
	char *const *from;	int nfrom;	/* --from: the exchange's recorded answers; replay */
	bool	all;				/* --all: also what comes out the same; replay */
	bool	has_n;	long n;			/* --n: this decision alone; explain */
};

/* --check: the limits as bf.rule records. */
int do_check(struct printer *out, const struct limits *l, int64_t now_ms, struct fault *f);
/* Each bf.decision again, from its own world and limits: a bf.explain record. Other records are passed over. 0: all the
 * same; 1: some not; -1: FAULT_USAGE naming FILE:LINE of what is no JSON, FAULT_REJECTED if there is no decision (of that
 * number), ... */
int do_explain(struct printer *out, const struct past_opts *o, struct fault *f);
/* Yesterday's decisions, or with --from a raw flow, under l: bf.replay records and a bf.replay.summary. An intent
 * without a decision and without --from is FAULT_USAGE. */
int do_replay(struct printer *out, const struct past_opts *o, const struct limits *l, struct fault *f);

#endif
