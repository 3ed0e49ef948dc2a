#include <stdarg.h>
#include <stdio.h>

#include "no.h"

int
no(struct fault *f, int http, int code, const char *fmt, ...)
{
	va_list ap;

	if (f == NULL)
		return -1;
	f->kind = FAULT_REJECTED;
	f->http = http;
	f->code = code;
	f->retry_ms = 0;
	va_start(ap, fmt);
	vsnprintf(f->text, sizeof f->text, fmt, ap);
	va_end(ap);
	return -1;
}

int
no_missing(struct fault *f, const char *name)
{
	return no(f, 400, -1102, "Mandatory parameter '%s' was not sent, was empty/null, or malformed.",
	    name);
}

int
no_invalid(struct fault *f, const char *name)
{
	return no(f, 400, -1130, "Data sent for parameter '%s' is not valid.", name);
}
