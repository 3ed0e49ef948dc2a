/* Points and spans of time as text. */
#ifndef BF_SIM_WHEN_H
#define BF_SIM_WHEN_H

#include <stdbool.h>
#include <stdint.h>

/* Milliseconds since 1970, or ISO 8601 in UTC: 2025-10-10, 2025-10-10T21:00,
 * 2025-10-10T21:00:30.250Z. false: neither, or not from 1970 to 9999. */
bool when_read(int64_t *ms, const char *s);
/* A span of time: milliseconds, or with a unit: 1500, 250ms, -30s, 10m, 8h, 4d. */
bool when_span(int64_t *ms, const char *s);

#endif
