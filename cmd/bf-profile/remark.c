#include <stdarg.h>
#include <stdio.h>

#include "remark.h"

static void __attribute__((format(printf, 5, 0)))
fill(struct remark *x, const char *check, enum remark_state state, enum fault_kind kind, const char *msg, va_list ap)
{
	x->check = check;
	x->state = state;
	x->kind = kind;
	x->mend[0] = '\0';
	vsnprintf(x->msg, sizeof x->msg, msg, ap);
}

void
found_ok(struct remark *x, const char *check, const char *msg, ...)
{
	va_list ap;

	va_start(ap, msg);
	fill(x, check, FOUND_OK, FAULT_NONE, msg, ap);
	va_end(ap);
}

void
found_warn(struct remark *x, const char *check, const char *msg, ...)
{
	va_list ap;

	va_start(ap, msg);
	fill(x, check, FOUND_WARN, FAULT_NONE, msg, ap);
	va_end(ap);
}

void
found_bad(struct remark *x, const char *check, enum fault_kind kind, const char *msg, ...)
{
	va_list ap;

	va_start(ap, msg);
	fill(x, check, FOUND_BAD, kind, msg, ap);
	va_end(ap);
}

void
found_skipped(struct remark *x, const char *check, const char *msg, ...)
{
	va_list ap;

	va_start(ap, msg);
	fill(x, check, FOUND_SKIPPED, FAULT_NONE, msg, ap);
	va_end(ap);
}

void
found_mend(struct remark *x, const char *mend, ...)
{
	va_list ap;

	va_start(ap, mend);
	vsnprintf(x->mend, sizeof x->mend, mend, ap);
	va_end(ap);
}

const char *
remark_word(enum remark_state s)
{
	static const char *const word[] = {
		[FOUND_OK] = "ok", [FOUND_WARN] = "warn", [FOUND_BAD] = "bad", [FOUND_SKIPPED] = "skipped",
	};

	return word[s];
}
