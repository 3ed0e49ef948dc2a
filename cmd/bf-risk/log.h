/*
 * Decisions written down with all they rest on, made again from what was written, and yesterday's flow under today's rules.
 */
#ifndef BF_RISK_LOG_H
#define BF_RISK_LOG_H

#include "core/buf.h"
#include "judge.h"

/*
 * {"e":"bf.decision","E":..,"by":"bf-risk","n":N,"intent":{...},"verdict":{...},"limits":{...},"world":{...}}: the intent's
 * bytes as they came (length n), what was decided (pass, clip, nearest, breaches with rule, limit, value, text), under which
 * limits, on which state.
 */
void decision_put(struct buf *out, const char *intent, size_t n, const struct verdict *v, const struct world *w,
    const struct limits *l, unsigned long long number);
/* Decide again from a record; *same: bit for bit the same verdict. again: the verdict as JSON. -1: it is no such record. */
int  decision_again(const struct tok *t, const struct tok *rec, bool *same, struct buf *again, struct fault *f);

/* A verdict as one JSON object. */
void verdict_json(const struct verdict *v, struct buf *out);

#endif
