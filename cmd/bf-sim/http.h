/*
 * HTTP/1.1 as a server needs it: bytes in, one request out; and the head of an
 * answer. No I/O, and a request allocates nothing. Target and body are kept
 * byte for byte, because signatures are taken over them.
 */
#ifndef BF_SIM_HTTP_H
#define BF_SIM_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "core/buf.h"

#define HTTP_HEAD_MAX	(64u << 10)	/* bytes, with the empty line at its end */
#define HTTP_BODY_MAX	(1u << 20)	/* bytes */

struct http_span { const char *p; size_t n; };	/* not NUL-terminated */

/* All spans point into the bytes given to http_parse (a missing path into a
 * constant) and live as long as these. */
struct http_req {
	struct http_span method;	/* as sent: methods are case-sensitive */
	struct http_span path;		/* up to '?', not decoded, never empty */
	struct http_span query;		/* after the first '?', not decoded; may be empty */
	struct http_span fields;	/* the header lines, for http_field */
	struct http_span body;		/* may be empty */
	int		 minor;		/* HTTP/1.minor: 0 or 1 */
	bool		 close;		/* the connection is to end with the answer */
	bool		 upgrade;	/* wants to become a WebSocket */
};

/*
 * How far a request has been read: offsets, so the bytes may move between
 * calls. Zero it before each request.
 */
struct http_state {
	size_t	start;		/* of the request line, after stray empty lines */
	size_t	line;		/* of the line being read */
	size_t	scan;		/* no line end before this */
	size_t	fields;		/* of the first header line; 0: no request line yet */
	size_t	head;		/* end of the head; 0: not there yet */
	size_t	size;		/* bytes of the whole request, once head is known */
	bool	expect;		/* the client waits for "100 Continue" to send the body */
};

enum { HTTP_MORE = 0, HTTP_DONE = 1 };

/*
 * Read a request at the start of p[0..n). Call again with the same and more
 * bytes after HTTP_MORE. On HTTP_DONE *r is filled and st->size bytes belong
 * to it: take them off and zero *st for the next. Any other value is the
 * status (400, 411, 413, 417, 431, 505) to answer before closing: what follows
 * cannot be trusted to start a request. What is answered never depends on how
 * the bytes were cut into calls.
 */
int http_parse(struct http_state *st, const char *p, size_t n, struct http_req *r);

/* The value of the first header called name (any case), without blanks around
 * it. False: there is none. */
bool http_field(const struct http_req *r, const char *name, struct http_span *value);


/* Whether a span is exactly this text. */
bool http_is(struct http_span s, const char *text);

/* "Not Found" for 404; "Unknown" for a status without a name here. */
const char *http_reason(int status);

/*
 * Append the head of an answer with a body of len bytes. type NULL:
 * application/json. headers: more lines, each with its CRLF, or NULL. close:
 * what the Connection header says. 1xx, 204 and 304 get no Content-*. Look at
 * b->bad afterwards.
 */
void http_head(struct buf *b, int status, const char *type, const char *headers,
    size_t len, bool close);

#endif
