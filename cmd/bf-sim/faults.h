/*
 * What goes wrong on purpose: the fault language.
 *
 *	on METHOD [PATH][#N|*N]: ACTION...	a REST request
 *	ws:public|market|user|api|*: ACTION... [after=N] [age=MS]	a WebSocket
 *	sim ACTION...				the exchange itself, at once
 *	t=TIME RULE				any of these, so long after the start
 *
 * or the same as one JSON object a line. A ws rule that comes while somebody of
 * its route is connected is for those who are; else for the next one. bf-sim(1)
 * tells the language. Which random numbers --chaos draws depends on its seed and on
 * the order of requests and connections only.
 */
#ifndef BF_SIM_FAULTS_H
#define BF_SIM_FAULTS_H

#include <stdbool.h>

#include "core/buf.h"
#include "core/dec.h"
#include "core/fault.h"
#include "http.h"
#include "serve.h"

struct sim;

enum fault_exec { EXEC_DEFAULT, EXEC_YES, EXEC_NO, EXEC_LATE };
enum fault_ws {
	WS_FAULT_NONE,
	WS_FAULT_FIN, WS_FAULT_RST, WS_FAULT_CLOSE,	/* the connection ends */
	WS_FAULT_MUTE,		/* messages are lost, pings go on */
	WS_FAULT_BLACKHOLE,	/* nothing leaves any more */
	WS_FAULT_DROP,		/* the next count messages are lost */
	WS_FAULT_DUP,		/* the next count messages are sent twice */
	WS_FAULT_SWAP,		/* the next two change places */
	WS_FAULT_DELAY,		/* every message delay_ms later */
	WS_FAULT_PING,		/* a ping with count bytes of payload */
	WS_FAULT_RAW,		/* these bytes as they are, on the wire */
	WS_FAULT_HANDSHAKE	/* instead of 101: status and canned body */
};
enum fault_route { ROUTE_PUBLIC = 1, ROUTE_MARKET = 2, ROUTE_USER = 4, ROUTE_ROOT = 8, ROUTE_API = 16 };

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
	char	headers[512];		/* added */
	char	unset[64];		/* a header that is left out; "" */
	char	sim[128];		/* `sim ACTION` done before the reply; "" */
	enum serve_fault net;
	long	delay_ms, cut;		/* cut < 0: keep nothing with net, all without */
	long	drip_bytes, drip_ms;	/* so many bytes each so many ms; 0: at once */
	/* ws */
	unsigned routes;		/* ROUTE_* */
	enum fault_ws act;
	int	close_code;
	long	count;			/* of drop, dup, ping */
	unsigned char raw[256]; int nraw;
	long	after;			/* only after so many messages of the connection */
	long	age_ms;			/* or once it is so old; -1: no matter */
	bool	used;
};

struct faults;
struct faults *faults_new(void);
void faults_free(struct faults *fs);

/* Add a rule. FAULT_USAGE: not a rule; the text names it and what is wrong. `sim`
 * rules without t= are kept until faults_tick is called for the first time. */
int faults_add(struct faults *fs, const char *text, struct fault *f);
/* One rule a line; '#' begins a comment. FAULT_USAGE names the line. */
int faults_read(struct faults *fs, const char *path, struct fault *f);
/* Mix faults of all kinds: each request and connection has one with this
 * probability (0..1). */
void faults_chaos(struct faults *fs, dec p, uint64_t seed);
void faults_clear(struct faults *fs);	/* rules and chaos */
/* The rules there are, as text, one a line. */
void faults_list(const struct faults *fs, struct buf *out);

/* The rule for this request, or NULL; counts it for all that match. exempt: a
 * request that only reduces, which -1008 spares. Good until the next call. */
const struct fault_rule *faults_http(struct faults *fs, struct http_span method,
    struct http_span path, bool exempt);
/* The i-th rule for a new connection of this route (a ROUTE_* bit), from 0; NULL
 * past the last. Rules of one use (fin, rst, close, handshake, raw...) are given
 * once, the others to each connection. */
const struct fault_rule *faults_ws(struct faults *fs, unsigned route, int i);

/* Rules with a time, and new ones: when (exchange time; INT64_MAX), and those due. */
int64_t faults_due(const struct faults *fs, const struct sim *s);
void faults_tick(struct faults *fs, struct sim *s, int64_t now_ms);

/* The canned body of a rule with a status, and its type. */
struct canned { char body[512]; const char *type; };
void faults_canned(const struct fault_rule *r, int64_t now_ms, struct canned *out);

/* Shapes that answers take on (`sim positions=v2`, `numbers=hostile`,
 * `enum=FOO`, `ack=full`, `profile=testnet`, `exchangeInfo=FILE`); read by handlers. */
#define TOLD_MAX	16
struct fault_shape {
	bool	hostile_numbers, full_ack, testnet, positions_all, no_lite;
	char	status_enum[24];	/* given instead of order statuses; "" */
	int64_t	maintenance_until;	/* exchange time: -1016 until then */
	struct told { char what[8]; int acct, sym; dec value, trigger; int64_t until; } told[TOLD_MAX];
	int	ntold;			/* what apiTradingStatus tells of whom until then; sym -1: all */
	struct buf exchange_info;	/* given as it is instead of exchangeInfo; empty: the true one */
};
struct fault_shape *faults_shape(struct faults *fs);

#endif
