/*
 * What goes wrong on purpose: the --fault rules.
 *
 *	on METHOD [PATH][#N|*N]: ACTION...	a REST request
 *	ws:public|market|user: ACTION [after=N]	a WebSocket
 *
 * bf-sim(1) tells the language.
 */
#ifndef BF_SIM_FAULTS_H
#define BF_SIM_FAULTS_H

#include <stdbool.h>

#include "core/fault.h"
#include "http.h"
#include "serve.h"

enum fault_exec { EXEC_DEFAULT, EXEC_YES, EXEC_NO, EXEC_LATE };
enum fault_ws { WS_FAULT_NONE, WS_FAULT_FIN, WS_FAULT_RST, WS_FAULT_CLOSE, WS_FAULT_MUTE };
enum fault_route { ROUTE_PUBLIC = 1, ROUTE_MARKET = 2, ROUTE_USER = 4 };

struct fault_rule {
	bool	ws;
	/* on: which requests */
	char	method[16], path[128];	/* "*": any; a path without '/' at its front: its end */
	long	nth, first;		/* only the nth, only the first; 0: all */
	long	seen;			/* matching requests so far */
	/* what is done */
	enum fault_exec exec;		/* EXEC_DEFAULT is resolved by faults_add */
	long	late_ms;
	int	status;			/* of the canned answer; 0: the true one */
	int	code;
	char	name[16];		/* of a canned body without a code; "" */
	char	headers[512];
	enum serve_fault net;
	long	delay_ms, cut;		/* cut < 0: keep nothing with net, all without */
	/* ws */
	enum fault_route route;
	enum fault_ws act;
	int	close_code;
	long	after;
	bool	used;
};

#define FAULTS_MAX 32
struct faults { struct fault_rule rule[FAULTS_MAX]; int n; };

/* FAULT_USAGE: not a rule; the text names it and what is wrong. */
int faults_add(struct faults *fs, const char *text, struct fault *f);

/* The rule for this request, or NULL; counts it for all that match. exempt: a
 * request that only reduces, which -1008 spares. */
const struct fault_rule *faults_http(struct faults *fs, struct http_span method,
    struct http_span path, bool exempt);
/* The rule for a new connection of this route, or NULL; each is given once. */
const struct fault_rule *faults_ws(struct faults *fs, unsigned route);

/* The canned body of a rule with a status, and its type. */
struct canned { char body[512]; const char *type; };
void faults_canned(const struct fault_rule *r, int64_t now_ms, struct canned *out);

#endif
