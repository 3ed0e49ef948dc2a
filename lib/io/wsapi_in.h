/* What the parts of the WebSocket API client share; for lib/io/wsapi*.c only. */
#ifndef BF_IO_WSAPI_IN_H
#define BF_IO_WSAPI_IN_H

#include "core/buf.h"
#include "core/endpoint.h"
#include "core/params.h"
#include "core/reply.h"
#include "core/scan.h"
#include "io/cred.h"

/*
 * wsapi_sign.c: what goes out
 */

/* How a request proves who asks. */
struct proof {
	enum security	 security;	/* of the request */
	const struct cred *cred;
	bool		 logged_on;	/* the connection knows the key: neither key nor signature */
	int64_t		 stamp_ms;
	int		 recv_window;	/* 0: it is not said */
};

/*
 * Append {"id":...,"method":...,"params":{...}}. The parameters stand in the order of
 * their names, in which they are signed: "a=b&c=d", values as they are in the JSON
 * text, not percent-encoded. Integers are JSON numbers, all else is a string.
 */
int request_put(struct buf *out, int64_t id, const char *method, const struct params *ps,
    const struct proof *by, struct fault *f);
/* Append what a request is signed over. */
void request_payload(struct buf *out, const struct params *ps, const struct proof *by);

/*
 * wsapi_answer.c: what comes in
 */

struct answer {
	bool		 named;		/* it has an id that is an integer */
	int64_t		 id;
	struct reply	 reply;		/* as reply_judge wants it: the status as http */
	const struct tok *value;	/* the result or error; NULL if there is none */
	int		 weight_1m, orders_10s, orders_1m;	/* rateLimits; -1: not told */
};

/* One message, n bytes, with room for its tokens; now_ms: exchange time. false: it is no
 * answer: not one JSON object, or one with a name twice. */
bool answer_read(struct answer *a, struct scan *doc, const char *p, size_t n, int64_t now_ms);

/*
 * wsapi_asked.c: requests that have no answer yet, in the order they went out
 */

struct asked {
	int64_t	 id;
	void	*tag;
	enum ep	 ep;
	int64_t	 at_ms;		/* exchange time of sending */
	bool	 forgotten;	/* nobody waits for it */
};

struct asked_list { struct asked *p; int n, cap; };	/* zero it; free p */

/* The last one then; false: out of memory. */
bool asked_add(struct asked_list *l, const struct asked *a);
/* Its place; -1: none of that id. */
int  asked_find(const struct asked_list *l, int64_t id);
struct asked asked_take(struct asked_list *l, int i);
void asked_forget(struct asked_list *l, const void *tag);
/* How many somebody waits for. */
int  asked_waited(const struct asked_list *l);

#endif
