/*
 * The inside of the WebSocket API, shared by wsapi.c (connections and what they
 * send), wsask.c (one request: its checks, its work) and wsreply.c (its answer).
 */
#ifndef BF_SIM_WSAPI_H
#define BF_SIM_WSAPI_H

#include <string.h>

#include "api.h"
#include "conns.h"

struct socket {
	struct client	 c;		/* first: its kind, its faults, the way of a message */
	struct sim	*s;
	enum product	 market;
	char		 ip[48];
	bool		 limits;	/* rateLimits are told */
	const struct account *who;	/* by session.logon; NULL */
	int64_t		 since_ms;	/* of who */
	int64_t		 second;	/* pings and pongs are counted in it (serve_now) */
	int		 pings;
	int		 refs;		/* the wire's, and of what waits */
	bool		 closed;
	struct socket	*prev, *next;
};

/* --- wsapi.c --- */
void socket_send(struct socket *w, const char *p, size_t n);
struct socket *socket_hold(struct socket *w);	/* one more reference: w */
void socket_release(struct socket *w);

/* --- wsask.c --- */
#define WSASK_ID	256	/* bytes of a request's id, as it stands in JSON */

struct wsask;
typedef int wsask_handler(struct wsask *a);

/*
 * What can be asked, and the REST request that does the same. NULL: not on that
 * market. weight: where it is not that request's.
 */
struct method {
	const char	*name, *http, *usdm, *coinm;
	int		 weight;
	wsask_handler	*own;
	bool		 sign;		/* of own ones: wants a signature */
};

/* A request in treatment. */
struct wsask {
	struct late	 late;		/* first */
	struct socket	*w;		/* a reference */
	struct call	 call;
	const struct method *m;		/* NULL: none such */
	char		 id[WSASK_ID];	/* as JSON */
	char		 name[40];	/* of the method, for the ledger */
	bool		 limits;	/* rateLimits are told */
	struct fault_rule *rule;	/* its own copy; NULL */
	bool		 acted;		/* the rule's `sim` is done */
	bool		 answered;
};

/* A request: one whole message. Answered now or later. */
void wsask(struct socket *w, const char *p, size_t n);
static inline struct http_span
wsask_span(const char *s)
{
	return (struct http_span){ s, strlen(s) };
}

/* --- wsreply.c --- */
/* Answer, as it is or as the rule says, and write it down. */
void wsask_reply(struct wsask *a);
/* The rule's `sim`, once. */
void wsask_act(struct wsask *a);

#endif
