/* A span of somebody's JSON as one line of a pipe. */
#ifndef BF_CORE_SPAN_H
#define BF_CORE_SPAN_H

#include "core/buf.h"
#include "core/scan.h"

/*
 * Append the text of v as it came, but without line breaks: JSON may hold them
 * between its tokens (never within: the scan refuses those), and on a pipe they
 * would make several lines of one record. No newline is added.
 */
void span_put(struct buf *out, const struct tok *v);

#endif
