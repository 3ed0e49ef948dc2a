/* Bytes of others (a record, an answer, an argument) as text for a sentence. */
#ifndef BF_CORE_SHOW_H
#define BF_CORE_SHOW_H

#include <stdbool.h>
#include <stddef.h>

#include "core/buf.h"

/*
 * Write n bytes at p so that a terminal or log shows what is there and obeys
 * nothing of it: control characters and invalid UTF-8 as \xNN, characters that
 * are invisible or turn the writing direction as \uNNNN (a pair above U+FFFF). Always ends with a
 * NUL (size > 0); what does not fit is left out, by whole characters. Returns
 * the length written.
 */
size_t show_text(char *out, size_t size, const char *p, size_t n);

/* The same, appended to a buffer, whole. */
void show_put(struct buf *out, const char *p, size_t n);

/* Whether show_text would change nothing. */
bool show_clean(const char *p, size_t n);

#endif
