/*
 * The inside of the wire, shared by its files: serve.c (opening, the loop, a
 * connection's part of a turn), serve_queue.c (frames and queues), serve_conn.c
 * (sending, and how connections end), serve_http.c, serve_ws.c, serve_ask.c (what
 * the application asks for). Nobody else includes it.
 */
#ifndef BF_SIM_SERVE_IN_H
#define BF_SIM_SERVE_IN_H

#include <sys/uio.h>

#include <netinet/in.h>
#include <signal.h>

#include "serve.h"


#define SLOT_BITS	16
#define SLOT_MASK	((1u << SLOT_BITS) - 1)
#define READ_MAX	(64u << 10)	/* bytes of one recv */
#define AHEAD_MAX	(HTTP_HEAD_MAX + HTTP_BODY_MAX + READ_MAX)	/* unread input kept */
#define UNSENT_MAX	(256u << 10)	/* more unsent: the next request waits */
#define IOV_COUNT	64
#define ACCEPT_COUNT	64		/* new connections of one turn */
#define ACCEPT_PAUSE	100		/* ms, when files run out */
#define END_MS		2000		/* for the client's close frame, or its end */
#define LAST_MS		5000		/* a last answer may stand still for so long */
#define NEVER		INT64_MAX

enum { FD_WAKE, FD_LISTEN, FD_WATCH, FD_CONNS };	/* places in the poll array */

struct serve_frame {
	char	*p;
	size_t	 len;
	unsigned refs;
};

struct queue {
	struct serve_frame **f;	/* a ring */
	size_t	head, count, cap;
	size_t	sent;		/* bytes of the first frame that have left */
	size_t	bytes;		/* that have not, of all */
};

enum state {
	ST_READ,	/* HTTP: waits for the next request */
	ST_WAIT,	/* HTTP: the application has it, or its delay runs */
	ST_OPEN,	/* WebSocket */
	ST_CLOSING,	/* WebSocket: our close frame is out, theirs is not in */
	ST_LAST,	/* sends what is queued, then ends */
	ST_SILENT,	/* sends what is queued, then nothing, ever */
	ST_DRAIN,	/* has sent its end, reads away what comes until theirs */
	ST_DEAD		/* freed at the end of the turn */
};

struct conn {
	serve_id	 id;		/* 0: nothing the application could answer */
	enum state	 st;
	int		 fd;
	char		 peer[INET_ADDRSTRLEN];
	bool		 eof;		/* the client will send no more */
	bool		 blocked;	/* the kernel takes no more until poll says so */
	bool		 held;		/* requests wait for the queue to shrink */
	int64_t		 until;		/* of ST_CLOSING, ST_LAST, ST_DRAIN */
	struct buf	 in;
	size_t		 off;		/* in.p[off] is the first unread byte */
	struct queue	 out;
	struct http_state hs;
	bool		 head, close, upgrade, continued;	/* of this request */
	char		 accept[WS_ACCEPT_LEN + 1];
	struct serve_frame *reply;	/* waits for due */
	int64_t		 due;
	size_t		 drip, dripped;	/* so many bytes of it at once; have left. 0: all */
	int		 drip_ms;
	enum serve_fault fault;		/* after the reply; in ST_LAST how to end */
	bool		 ws, told;	/* accepted; closed was called */
	void		*user;
	unsigned	 mute;
	struct ws_message msg;
	int64_t		 ping_at, pong_by;
	int64_t		 ping[4];	/* payloads that may still be answered */
	unsigned	 pings;
};

struct serve {
	struct serve_app app;
	struct serve_opts o;
	int		 listen, wake[2], watch, port;
	volatile sig_atomic_t stop;
	bool		 halted;	/* nothing leaves any more */
	bool		 dirty;		/* settle has something to do */
	int64_t		 accept_at;	/* no accepting before */
	int64_t		 refuse_until;	/* new connections are reset before */
	int64_t		 hole_until;	/* nothing is read or sent before */
	uint64_t	 serial;
	struct conn	**conns;	/* by slot; holes are NULL */
	size_t		 top;		/* no connection at or above */
	struct pollfd	*fds;
	char		 rbuf[READ_MAX];
};

/* --- serve_queue.c --- */
/* Takes over the buffer's bytes, or frees them: NULL. */
struct serve_frame *serve_frame_take(struct buf *b);
struct serve_frame *serve_frame_ws(enum ws_op op, const char *p, size_t n);
bool serve_queue_put(struct queue *q, struct serve_frame *f);	/* borrows f */
void serve_queue_took(struct queue *q, size_t n);	/* n bytes have left */
void serve_queue_clear(struct queue *q);
int  serve_queue_iov(const struct queue *q, struct iovec iov[static IOV_COUNT]);

/* --- serve_conn.c --- */
void conn_die(struct conn *c);
/* Send what is queued as far as the kernel takes it. */
void conn_flush(struct conn *c);
/* Queue a frame and give up the reference to it; NULL: the connection dies. */
void conn_put(struct conn *c, struct serve_frame *f);
/* The same for a WebSocket, which may not fall behind for more than the cap. */
void conn_put_ws(struct serve *s, struct conn *c, struct serve_frame *f);
void conn_finish(struct conn *c, enum serve_fault how);	/* after what is queued */
void conn_end(struct conn *c);		/* everything is sent */
void conn_free(struct conn *c);

/* --- serve_http.c --- */
void conn_emit(struct serve *s, struct conn *c);	/* the reply's time has come */
bool conn_answer(struct serve *s, struct conn *c, const struct serve_answer *a);
/* Treat the next request; false: nothing more to do with what has come so far. */
bool conn_request(struct serve *s, struct conn *c, size_t slot);

/* --- serve_ws.c --- */
void conn_put_control(struct serve *s, struct conn *c, enum ws_op op, const char *p, size_t n);
void conn_put_close(struct serve *s, struct conn *c, int code, const char *reason);
void conn_fail(struct serve *s, struct conn *c, int code, const char *reason);
void conn_arm(struct serve *s, struct conn *c);		/* the time of pings and pongs */
void conn_ping(struct serve *s, struct conn *c, int64_t now);
bool conn_frame(struct serve *s, struct conn *c);	/* the next frame; as conn_request */

#endif
