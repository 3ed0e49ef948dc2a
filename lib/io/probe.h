/* Is a host of the profile there: one address of it, tried with one GET, each phase timed. */
#ifndef BF_IO_PROBE_H
#define BF_IO_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/endpoint.h"
#include "core/fault.h"
#include "io/rest.h"

/* The hosts that a profile may name, in this order. */
enum { PROBE_REST, PROBE_WS, PROBE_COINM_REST, PROBE_COINM_WS, PROBE_WSAPI, PROBE_COINM_WSAPI, PROBE_HOSTS };

/* A host, and how it is asked. */
struct probe_host {
	const char	*use;		/* the profile's word for it: "coinm_rest" */
	enum market	 market;
	bool		 rest;		/* asked for the time; else any answer will do */
	char		 url[300];	/* with http or https, and the path */
	char		 name[256];	/* "fapi.binance.com", "[::1]" */
	int		 port;
};

/* What one address gave. Times in us, each phase its own; -1: not come to that. */
struct probe {
	int64_t		 connect_us, tls_us, first_us;
	char		 version[16];	/* of TLS; "" if none */
	bool		 dated;
	int		 cert_days;	/* the certificate is good for; if dated */
	long		 http;		/* status; 0: no answer */
	long long	 retry_after;	/* s; -1: not said */
	bool		 ok;
	char		 why[256];	/* why not; "" */
};

/* Fill *h with the i'th of them (PROBE_REST, ...); false: the profile has no such address. */
bool probe_host(struct probe_host *h, const struct profile *p, int i);

/*
 * Try one address of it (numeric; NULL: whatever the name leads to). Waits s->timeout_ms at
 * most. What is asked counts, and a ban that is met is everybody's. 0: *t says how it went.
 * -1: nothing was asked: FAULT_AGAIN of limits_take, FAULT_LOCAL.
 */
int probe_try(struct probe *t, struct session *s, const struct probe_host *h, const char *address, struct fault *f);
/* Nothing tried: to say that a name has no address. */
void probe_none(struct probe *t);

#endif
