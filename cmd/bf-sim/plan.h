/* What an account begins with, as it was written: on the command line or in
 * the accounts file. Judged by seed.c, when there are symbols to judge by. */
#ifndef BF_SIM_PLAN_H
#define BF_SIM_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "core/dec.h"
#include "core/fault.h"

enum plan_kind {
	PLAN_BALANCE,		/* [coinm.]ASSET=AMT */
	PLAN_MARGIN_TYPE,	/* SYMBOL=isolated|crossed */
	PLAN_LEVERAGE,		/* SYMBOL=N */
	PLAN_POSITION		/* SYMBOL:AMT[@ENTRY], SYMBOL:20x */
};

struct plan_item { enum plan_kind kind; int line; char *text; };

/* Zero it at first; plan_free at the end. */
struct plan {
	const char *file;	/* NULL: the command line; borrowed */
	struct plan_item *item; int n;
	dec	usdt;		/* unless a PLAN_BALANCE tells */
	bool	hedge, multi, burn;
	int	tier;
};

/* n bytes of text are copied. FAULT_LOCAL without memory. */
int plan_add(struct plan *p, enum plan_kind kind, int line, const char *text, size_t n,
    struct fault *f);
void plan_free(struct plan *p);
/* FAULT_USAGE that names the place: "--position BTCUSDT:0: WHY", or
 * "FILE:12: position: BTCUSDT:0: WHY". */
int plan_bad(const struct plan *p, const struct plan_item *it, struct fault *f, const char *why);

#endif
