/* --jq: a jq program on each record. Integers beyond 2^53 are given to it as
 * strings, on every version of libjq, so that ids keep their digits. */
#ifndef BF_IO_JQF_H
#define BF_IO_JQF_H

#include <stddef.h>

#include "core/buf.h"
#include "core/fault.h"

struct jqf;

int jqf_open(struct jqf **out, const char *program, struct fault *f);	/* FAULT_USAGE: does not compile; text is jq's */
void jqf_close(struct jqf *q);
/* Run on one record; each result is appended to out as a compact line with
 * newline. A runtime error: FAULT_REJECTED, and what came before it stays. */
int jqf_run(struct jqf *q, const char *rec, size_t n, struct buf *out, struct fault *f);

#endif
