/*
 * A validating JSON tokenizer that copies nothing: tokens are spans of the
 * input, so digits stay as written. For every record on the hot path and every
 * answer of the exchange. RFC 8259 in full, UTF-8 and escapes checked.
 */
#ifndef BF_CORE_SCAN_H
#define BF_CORE_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/dec.h"

enum scan_kind {
	SCAN_OBJ, SCAN_ARR, SCAN_STR, SCAN_NUM, SCAN_TRUE, SCAN_FALSE, SCAN_NULL
};

/*
 * p, len: the raw text; for a string without its quotes, for an object or
 * array with its brackets. next: index just past the whole sub-tree. An
 * object's members follow it as key, value, key, value...; an array's items
 * one after the other. n: members or items. esc: the string holds escapes.
 */
struct tok {
	const char	*p;
	uint32_t	 len, next, n;
	uint8_t		 kind, depth;
	bool		 esc;
};

#define SCAN_DEPTH	64
#define SCAN_MAX	(64u << 20)	/* bytes of one document */

enum scan_error {
	SCAN_OK = 0,
	SCAN_EMPTY = -1,	/* nothing but white space */
	SCAN_SYNTAX = -2,	/* not JSON, or junk after the value */
	SCAN_UTF8 = -3,		/* invalid UTF-8, or a lone surrogate escape */
	SCAN_DEEP = -4,		/* deeper than SCAN_DEPTH */
	SCAN_FULL = -5,		/* more tokens than there is room for */
	SCAN_BIG = -6,		/* longer than SCAN_MAX */
	SCAN_MEMORY = -7
};

/*
 * One JSON value, with white space around it, from s[0..n). Returns the count
 * of tokens (> 0; t[0] is the value) or an enum scan_error. *where, if not
 * NULL, gets the offset of the error. Duplicate keys are accepted here: see
 * scan_has_duplicate.
 */
int scan_json(const char *s, size_t n, struct tok *t, int max, size_t *where);

/* The same with room that grows. Zero it at first; scan_free at the end. */
struct scan { struct tok *t; int n, cap; size_t where; };
int  scan_doc(struct scan *sc, const char *s, size_t n);
void scan_free(struct scan *sc);

/* A sentence part for an error ("invalid UTF-8"). */
const char *scan_strerror(int error);

/* The value of the first member called key, or NULL (also if obj is NULL or
 * no object). t is the token array obj points into. */
const struct tok *scan_get(const struct tok *t, const struct tok *obj, const char *key);
/* Whether some member name of obj (not of deeper objects) occurs twice. */
bool scan_has_duplicate(const struct tok *t, const struct tok *obj);

/*
 * To walk an array or object:
 *	for (v = scan_first(arr); v != NULL; v = scan_next(t, arr, v))
 * In an object the tokens come as key, value, key, value.
 */
const struct tok *scan_first(const struct tok *v);	/* NULL of NULL, of what is empty, and of a scalar */
const struct tok *scan_next(const struct tok *t, const struct tok *parent, const struct tok *v);

/* All take NULL for a missing value, and then answer false. */
bool scan_is(const struct tok *v, const char *text);	/* a string equal to text, escapes seen through */
bool scan_str(const struct tok *v, char *out, size_t size);	/* unescaped copy with NUL; false: no string, too long, or holds a NUL */
bool scan_i64(const struct tok *v, int64_t *out);	/* number or string of an integer, exact or false */
bool scan_dec(const struct tok *v, dec *out);		/* number or string, exponent allowed, exact or false */
bool scan_bool(const struct tok *v, bool *out);		/* true, false, "true", "false" */

/* The same for a member of obj. */
bool scan_get_is(const struct tok *t, const struct tok *obj, const char *key, const char *text);
bool scan_get_str(const struct tok *t, const struct tok *obj, const char *key, char *out, size_t size);
bool scan_get_i64(const struct tok *t, const struct tok *obj, const char *key, int64_t *out);
bool scan_get_dec(const struct tok *t, const struct tok *obj, const char *key, dec *out);
bool scan_get_bool(const struct tok *t, const struct tok *obj, const char *key, bool *out);

/* Of an array of objects the first whose member key is the string text; NULL if there is
 * none, or no array. */
const struct tok *scan_find(const struct tok *t, const struct tok *arr, const char *key, const char *text);

#endif
