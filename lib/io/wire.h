/*
 * One connection of libcurl, and one request at a time on it: how it is made, signed
 * and judged. For rest.c, which waits for each, and calls.c, which does not.
 */
#ifndef BF_IO_WIRE_H
#define BF_IO_WIRE_H

#include <curl/curl.h>

#include "io/heads.h"
#include "io/rest.h"

#define WIRE_FDS	4	/* sockets of one handle at a time: two while addresses race */

/* What libcurl was told last for a request; base NULL: nothing yet. */
struct wire_said {
	const char	*base, *method;
	struct curl_slist *headers;
	int		 timeout_ms;
	bool		 fresh;
};

struct wire {
	CURL		*easy;
	struct curl_slist *plain, *keyed;	/* headers without and with the key */
	struct buf	 target;	/* path and query */
	struct wire_said said;
	struct buf	*body;		/* where the answer goes */
	_Atomic bool	*const *stop;	/* the session's */
	size_t		 head;		/* bytes of headers so far */
	struct heads	 heads;
	bool		 too_big;
	bool		 once;		/* this request must not be repeated */
	int		 tries;		/* transmissions of this request, begun or refused */
	long		 sent;		/* transmissions so far */
	int64_t		 began_us, ended_us;	/* monotonic: before the first byte, after the last */
	int64_t		 t0;		/* exchange time of beginning */
	curl_socket_t	 fd[WIRE_FDS];	/* its open sockets; CURL_SOCKET_BAD: none */
	char		 error[CURL_ERROR_SIZE];
	const char	*proxy;		/* "http://HOST:PORT", the profile's; "": none */
	char		 detail[CURL_ERROR_SIZE + 300];
};

/* For s, whose headers and profile it takes; the answer goes to body. It must not move in
 * memory afterwards. wire_close also after a failure; a zeroed one is fine. */
int  wire_open(struct wire *w, struct session *s, struct buf *body, struct fault *f);
void wire_close(struct wire *w);

/*
 * Make a request ready on w->easy: the address, signed over exactly the bytes that go out
 * with stamp_ms (0: now) if the endpoint wants it. Whoever performs it calls wire_end next.
 * The path is one that e has.
 */
int  wire_begin(struct wire *w, struct session *s, const struct endpoint *e, const char *path,
    const char *query, int64_t stamp_ms, int timeout_ms, struct fault *f);
/*
 * It was performed, with result rc: what that means, by reply_judge; the limits are told. 0: the
 * answer's tokens are in doc.
 */
int  wire_end(struct wire *w, struct session *s, const struct endpoint *e, CURLcode rc,
    struct scan *doc, struct fault *f);
/* Whether the kept connection should not be used: the other side has closed it, or has
 * said what nobody asked for. */
bool wire_stale(const struct wire *w);

#endif
