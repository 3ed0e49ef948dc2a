/* Small numbers and decimals out of text, strictly; and how answers write them. */
#ifndef BF_SIM_NUMBER_H
#define BF_SIM_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/dec.h"

/* Digits with a '-' before them at most; the whole text. */
bool number_i64(int64_t *out, const char *s);
/* Digits only. */
bool number_u64(uint64_t *out, const char *s);

/* A member at a fixed number of decimals, as a string: "0.00000000". */
void number_put(struct buf *b, const char *key, dec d, int decimals);
/* At 8: money, mark prices. */
void number_money(struct buf *b, const char *key, dec d);
/* The same, but "0" for none. */
void number_or_zero(struct buf *b, const char *key, dec d);
/* Without zeros at the end; "0" for none. */
void number_short(struct buf *b, const char *key, dec d);
/* The same, but "0.0" for none: average prices. */
void number_price(struct buf *b, const char *key, dec d);
/* As a JSON number instead of a string. */
void number_bare(struct buf *b, const char *key, dec d);

/*
 * Every decimal string with a point in a finished JSON text, written otherwise
 * but meaning the same (the fault language's numbers=hostile): in turn with an
 * exponent ("6000000E-2"), as a bare number, at 20 decimals; zeros as "-0.000",
 * -0 and "".
 */
void number_hostile(struct buf *b);

#endif
