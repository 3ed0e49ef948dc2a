/* What the gates share; for gate.c and caps.c only. */
#ifndef BF_ORDER_GATE_IN_H
#define BF_ORDER_GATE_IN_H

#include "app.h"

/* Why not: as bf.reject has it. */
struct no {
	enum fault_kind	kind;
	const char *rule;
	int	code;
	char	limit[1100], value[DEC_STR > SYMBOL_MAX ? DEC_STR : SYMBOL_MAX];
	char	text[1100];
};

/* Always false. */
bool no(struct no *n, enum fault_kind kind, const char *rule, int code, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/* One question to an intent: true, or no. */
typedef bool question(struct app *a, struct job *j, struct no *n);

/* caps.c: all of them, NULL at the end; and those that a price decides, which are asked again. */
extern question *const caps[];
question cap_notional, cap_distance;

#endif
