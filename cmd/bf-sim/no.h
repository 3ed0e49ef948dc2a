/* The exchange's refusals outside the engine. */
#ifndef BF_SIM_NO_H
#define BF_SIM_NO_H

#include "core/fault.h"

/* Record FAULT_REJECTED with status, code and text; returns -1. f may be NULL. */
int no(struct fault *f, int http, int code, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* -1102 and -1130 about a parameter. */
int no_missing(struct fault *f, const char *name);
int no_invalid(struct fault *f, const char *name);

#endif
