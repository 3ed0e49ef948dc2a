/* The addresses of a name, looked up in a thread of its own: the system's resolver
 * takes as long as it likes, half a minute and more, and nobody has to wait for it. */
#ifndef BF_IO_LOOKUP_H
#define BF_IO_LOOKUP_H

#include <stdbool.h>

#define ADDRESSES_MAX	32
#define ADDRESS_SIZE	64	/* an IPv6 address with a scope */
#define LOOKUP_WHY	128

/* IPv4 and IPv6, numeric, each once, in the system's order. */
struct addresses {
	char	text[ADDRESSES_MAX][ADDRESS_SIZE];
	int	family[ADDRESSES_MAX];
	int	n;
};

struct lookup;

/*
 * Begin. host: a name, or an address, also as an URL has it ("[::1]"); it is copied.
 * When there is an answer, ready(arg) is called once, by the thread, and never after
 * lookup_end: it is to wake who waits, must not block, and calls nothing of here.
 * NULL: out of memory, or no thread. lookup_end frees it.
 */
struct lookup *lookup_begin(const char *host, void (*ready)(void *arg), void *arg);
/* 1: out has one address at least; 0: no answer yet; -1: none, and why says what is wrong. */
int  lookup_done(struct lookup *k, struct addresses *out, char why[static LOOKUP_WHY]);
/* Forget it, answered or not: it is not waited for. NULL is fine. */
void lookup_end(struct lookup *k);

/* All of that, and wait for timeout_ms at most. 0: out has one address at least; -1: why. */
int  lookup_within(const char *host, int timeout_ms, struct addresses *out, char why[static LOOKUP_WHY]);
/* host as a numeric address, without asking anybody; false: it is a name. */
bool lookup_numeric(const char *host, struct addresses *out);

#endif
