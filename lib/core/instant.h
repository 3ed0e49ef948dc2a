/* Instants as people write them. Pure: the time of day comes in as an argument. */
#ifndef BF_CORE_INSTANT_H
#define BF_CORE_INSTANT_H

#include <stdint.h>

#include "core/fault.h"

#define INSTANT_STR	32

/*
 * Read an instant, UTC, into ms since 1970: "1704067200000", "2024-01-01",
 * "2024-01-01T12:00", "2024-01-01T12:00:00", the same with ".250" and with "Z";
 * "now"; "-7d", "-12h", "-30m", "-45s", "-2w" before now_ms. name is what the user
 * calls it ("--since"). FAULT_USAGE otherwise, and then *out is left alone; so are
 * figures that can only be seconds.
 */
int instant_parse(int64_t *out, const char *name, const char *s, int64_t now_ms, struct fault *f);

/* "2024-01-01T12:00:00Z", with ".250" only if there are milliseconds; the figure
 * itself if it is not of the years 1970 to 9999. */
void instant_put(char out[static INSTANT_STR], int64_t ms);

#endif
