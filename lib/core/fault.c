#include <stdarg.h>
#include <stdio.h>

#include "core/fault.h"

static const struct {
	int		 status;
	const char	*word;
} kinds[] = {
	[FAULT_NONE]	 = { 0, "none" },
	[FAULT_REJECTED] = { 1, "rejected" },
	[FAULT_USAGE]	 = { 2, "usage" },
	[FAULT_AGAIN]	 = { 3, "unavailable" },
	[FAULT_CLOCK]	 = { 7, "clock" },
	[FAULT_KEY]	 = { 5, "key" },
	[FAULT_TRIPPED]	 = { 6, "tripped" },
	[FAULT_LOCAL]	 = { 8, "local" },
	[FAULT_UNKNOWN]	 = { 4, "unknown" },
};

int
fault_set(struct fault *f, enum fault_kind kind, const char *fmt, ...)
{
	va_list ap;

	if (f == NULL)
		return -1;
	f->kind = kind;
	f->http = f->code = 0;
	f->retry_ms = 0;
	va_start(ap, fmt);
	vsnprintf(f->text, sizeof f->text, fmt, ap);
	va_end(ap);
	return -1;
}

int
fault_status(enum fault_kind kind)
{
	return kinds[kind].status;
}

enum fault_kind
fault_worst(enum fault_kind a, enum fault_kind b)
{
	return a > b ? a : b;
}

const char *
fault_word(enum fault_kind kind)
{
	return kinds[kind].word;
}
