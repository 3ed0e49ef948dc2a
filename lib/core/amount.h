/* Numbers with a unit's letter behind them, as options have them: "64M", "12h". */
#ifndef BF_CORE_AMOUNT_H
#define BF_CORE_AMOUNT_H

#include <stdbool.h>
#include <stdint.h>

enum amount {
	AMOUNT_BYTES,	/* k or K, M, G, of 1024; or none */
	AMOUNT_AGE	/* s, m, h, d, w: in ms */
};

/* Read one from the beginning of s; *end is what follows it. false: there is none (no
 * sign is taken, an age has its letter), or it is more than an int64_t holds. */
bool amount_parse(int64_t *out, enum amount kind, const char *s, const char **end);

#endif
