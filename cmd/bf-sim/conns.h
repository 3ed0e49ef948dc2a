/*
 * The inside of streams.h: connections of stream clients and their faults,
 * shared by streams.c (streams and the way of a message), wsopen.c (what an
 * upgrade asks for), subscribe.c (control messages) and wsfault.c.
 */
#ifndef BF_SIM_CONNS_H
#define BF_SIM_CONNS_H

#include "streams.h"

#define SUBS_MAX	1024			/* streams of one connection */
#define MESSAGES_MAX	10			/* a client's, in one second */
#define LIFE_MS		INT64_C(86400000)	/* of a connection, exchange time */

struct sub { struct stream *st; bool heard; };	/* heard: the route serves it */

/* A rule of the fault language at work on a connection. */
struct trouble {
	enum fault_ws act;
	int	close_code;
	long	count;			/* left: drop, dup; bytes: ping; ms: delay */
	unsigned char raw[256]; int nraw;
	long	after;			/* messages; 0: no matter if at is set */
	int64_t	at;			/* or from this exchange time on; INT64_MAX: no matter */
	bool	done;
	struct trouble *next;
};

/* A message held back. */
struct held { struct serve_frame *f; int64_t at; struct held *next; };

struct client {
	enum conn_kind kind;		/* first (sim.h) */
	struct streams *ss;
	serve_id id;
	unsigned route;			/* ROUTE_* */
	bool	 combined;
	struct sub *sub;
	int	 nsub, csub;
	int64_t	 second;		/* the one messages are counted in */
	int	 messages;
	int64_t	 born_ms;		/* exchange time */
	long	 pushed;		/* messages meant for it */
	struct trouble *troubles;
	struct serve_frame *swap;	/* waits for the next one to go first */
	struct held *held, **held_end;
	struct client *prev, *next;
};

struct streams {
	struct sim *s;
	struct stream **bucket;		/* by name */
	int	nbucket, n;
	struct stream **first;		/* by kind and symbol */
	int	nsym;
	uint64_t serial;
	struct client *clients;
	int64_t	due;			/* exchange time: no client wants a look before */
	int64_t	due_mono;		/* serve_now: nothing held back leaves before */
};

/* --- streams.c --- */
void streams_subscribe(struct client *c, const char *name);
void streams_unsubscribe(struct client *c, const char *name);

/* --- wsfault.c --- */
/* The faults of a new connection. A rule that refuses it instead; NULL: none does. */
const struct fault_rule *trouble_take(struct client *c);
void trouble_add(struct client *c, const struct fault_rule *r);
/* What has its hour happens. queued: the last message may not have left yet. */
void trouble_happen(struct client *c, bool queued);
/* Send a message to the client, or what its troubles make of it. */
void trouble_send(struct client *c, struct serve_frame *f);
/* Held messages due until mono_ms leave; *next becomes the time of the first one left. */
void trouble_release(struct client *c, int64_t mono_ms, int64_t *next);
/* The earliest hour of a trouble that has one; INT64_MAX. */
int64_t trouble_due(const struct client *c);
void trouble_free(struct client *c);

#endif
