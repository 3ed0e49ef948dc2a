/* Reading the exchange's own records (inside of feed.c). */
#ifndef BF_SIM_RECORD_H
#define BF_SIM_RECORD_H

#include "core/scan.h"
#include "feed.h"

enum verdict { LINE_PASS = 0, LINE_RECORD = 1, LINE_BAD = -1 };

/* Room for the levels of one record; grows, and is used again for the next. */
struct record_levels { struct engine_level *v; int n, cap; };

/*
 * One record o of the tokens t; stream: the name in the envelope, or "". only:
 * the symbol of a snapshot that names none, or "". LINE_PASS: nothing for us.
 * LINE_BAD: *why says what is wrong (static).
 */
enum verdict record_read(const struct tok *t, const struct tok *o, const char *stream,
    const char *only, struct record_levels *room, struct feed_record *r, const char **why);

#endif
