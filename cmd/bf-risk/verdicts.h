/* A recorded decision taken apart, for explain and replay. */
#ifndef BF_RISK_VERDICTS_H
#define BF_RISK_VERDICTS_H

#include "core/buf.h"
#include "judge.h"
#include "past.h"

enum outcome { OUT_PASS, OUT_CLIP, OUT_PROTECT, OUT_REJECT };
const char *outcome_word(enum outcome o);
enum outcome outcome_of(const struct verdict *v);
/* Of a recorded verdict. false: it is none. */
bool outcome_read(enum outcome *out, const struct tok *t, const struct tok *verdict);

/* The parts of a bf.decision. -1: FAULT_REJECTED naming what is missing or malformed; call decided_free in any case. */
struct decided {
	long long	n;
	struct intent	in;
	const struct tok *intent, *verdict;
	struct world   *w;
	struct limits	l;
};
bool is_decision(const struct past_line *line);
int  decided_read(struct decided *d, const struct past_line *line, struct fault *f);
void decided_free(struct decided *d);

/* {"rule","limit","value","text"} for each breach, as member rules. */
void breaches_json(struct buf *out, const struct verdict *v);
/* How an outcome changes the order: quantity, price; nearest of a reject. */
void change_json(struct buf *out, const struct verdict *v);

#endif
