/* Every address of a host, within a bounded time. */
#ifndef BF_TIME_RESOLVE_H
#define BF_TIME_RESOLVE_H

#include <stddef.h>

#define ADDRESSES_MAX	32
#define ADDRESS_SIZE	64	/* an IPv6 address with a scope */

/* host: a name, or an address as an URL has it ("[::1]"). out: its IPv4 and IPv6
 * addresses as text, each once, in the system's order; how many. 0: none, and why
 * says what is wrong. The system's resolver takes as long as it likes: after
 * timeout_ms it is left to itself. */
int resolve(char out[static ADDRESSES_MAX][ADDRESS_SIZE], const char *host, int timeout_ms,
    char *why, size_t size);

#endif
