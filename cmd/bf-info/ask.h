/* Requests of a run that may take hours: limits are waited for, short trouble is sat out,
 * and the user may end it. */
#ifndef BF_INFO_ASK_H
#define BF_INFO_ASK_H

#include <stdbool.h>
#include <stdint.h>

#include "core/endpoint.h"
#include "core/fault.h"

struct app;
struct session;

/* Zero it, set app. */
struct ask {
	struct app *app;
	bool	patient;	/* network trouble is sat out: something has come before */
	void  (*quiet)(void *);	/* called before a sentence is said; NULL */
	void   *arg;
	bool	told;		/* that it waits */
	int64_t	server, mono;	/* the exchange's own time, and ours when it came */
};

/* Catch SIGINT and SIGTERM: they break off what s does, and ask_wait. */
void ask_catch(struct session *s);
/* ask_catch, and ask what time it is: ask_now is good from then on. */
int ask_begin(struct ask *k, struct fault *f);
/* Exchange time, ms: surely not later than it is there, whatever our clock says. */
int64_t ask_now(const struct ask *k);

/*
 * session_call, with patience. A limit or a ban is waited for (on a terminal that is
 * said, once), but not one of more than 10 minutes; when patient, other FAULT_AGAIN is
 * asked again for about a minute, in growing waits. -1 at once when interrupted: test
 * that first.
 */
int ask_call(struct ask *k, enum ep ep, const char *query, struct fault *f);
/* Wait, ms; false if it was interrupted. */
bool ask_wait(int64_t ms);

/* Whether SIGINT or SIGTERM came. */
bool ask_interrupted(void);
/* Die of it, as the shell wants to see. */
void ask_die(void);

/* The wait before try n (from 0) after network trouble, ms; -1: enough. Pure. */
int64_t ask_patience(int n);

#endif
