/* What an API key may do, as the spot API tells it: GET /sapi/v1/account/apiRestrictions. */
#ifndef BF_SIM_RIGHTS_H
#define BF_SIM_RIGHTS_H

#include <stdint.h>

#include "core/buf.h"

enum {
	RIGHT_IP = 1u << 0,	/* restricted to addresses: no right, but told with them */
	RIGHT_READING = 1u << 1,
	RIGHT_FUTURES = 1u << 2,	/* without it what trades is refused, -2015 */
	RIGHT_WITHDRAWALS = 1u << 3
	/* the others stand in rights.c alone: nothing here depends on them */
};
/* Those of a key that is right for trading futures. */
#define RIGHTS_GOOD	(RIGHT_IP | RIGHT_READING | RIGHT_FUTURES)

/* "reading,futures,ip": words separated by commas or blanks; "none" for no right at all. NULL, or what
 * is wrong; then *out is as before. */
const char *rights_parse(unsigned *out, const char *list);
/* The answer. Without RIGHT_IP with tradingAuthorityExpirationTime, 90 days after now_ms. */
void rights_put(struct buf *b, unsigned rights, int64_t now_ms);

#endif
