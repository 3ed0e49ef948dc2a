/* A growing byte buffer, and a JSON writer that appends to it. */
#ifndef BF_CORE_BUF_H
#define BF_CORE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/dec.h"

/*
 * Zero it at first; buf_free at the end. After a failed allocation bad is set,
 * further appends do nothing, and the content must not be used: check bad once
 * before use. p is NUL-terminated after any append (len does not count it).
 */
struct buf { char *p; size_t len, cap; bool bad; };

void buf_put(struct buf *b, const void *p, size_t n);
void buf_str(struct buf *b, const char *s);
void buf_chr(struct buf *b, char c);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_reset(struct buf *b);		/* empty it, keep the room */
void buf_free(struct buf *b);

/*
 * JSON. key is NULL inside an array or at the top. Commas are put where they
 * belong: between values of one container. A value starts a new record after
 * jw_end, which closes a record with a newline.
 */
void jw_open(struct buf *b, const char *key, char bracket);	/* '{' or '[' */
void jw_close(struct buf *b, char bracket);			/* '}' or ']' */
void jw_end(struct buf *b);					/* "\n" */
void jw_str(struct buf *b, const char *key, const char *s);
void jw_strn(struct buf *b, const char *key, const char *s, size_t n);	/* escapes; invalid UTF-8 becomes U+FFFD */
void jw_i64(struct buf *b, const char *key, int64_t n);
void jw_u64(struct buf *b, const char *key, uint64_t n);
void jw_dec(struct buf *b, const char *key, dec d);		/* as a string: "0.10", as the exchange does */
void jw_bool(struct buf *b, const char *key, bool v);
void jw_null(struct buf *b, const char *key);
void jw_raw(struct buf *b, const char *key, const char *p, size_t n);	/* ready JSON, copied */

#endif
