/*
 * The wire of the local exchange: connections (on 127.0.0.1 unless told
 * otherwise), HTTP/1.1 and WebSocket, one thread, poll(2). What is asked and what is answered is the
 * application's affair. One request at a time is in the application's hands
 * per connection; what a client sends ahead waits, so answers keep their order.
 *
 * No call of this file may be made from another thread. Callbacks may call
 * everything but serve_step, serve_run and serve_free.
 */
#ifndef BF_SIM_SERVE_H
#define BF_SIM_SERVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http.h"
#include "wsframe.h"

/*
 * A request waiting for its answer, or an open WebSocket. Never used again: a
 * late id is refused, whatever has become of its connection. 0 is nobody's.
 */
typedef uint64_t serve_id;

struct serve;
struct serve_frame;	/* encoded bytes, counted references */

/* What goes wrong on purpose. */
enum serve_fault {
	SERVE_OK,
	SERVE_STALL,	/* then silence; the connection stays */
	SERVE_FIN,	/* then the end of the stream */
	SERVE_RST	/* then a reset */
};

#define SERVE_ALL	SIZE_MAX

struct serve_answer {
	int		 status;
	const char	*type;		/* Content-Type; NULL: application/json */
	const char	*headers;	/* more lines, each with its CRLF, or NULL */
	const char	*body;		/* copied; NULL if len is 0 */
	size_t		 len;
	int		 delay_ms;	/* before anything is sent or done */
	enum serve_fault fault;		/* what happens after keep bytes of the answer */
	size_t		 keep;		/* SERVE_ALL or fewer; of no account with SERVE_OK */
	size_t		 drip;		/* so many bytes at a time ... */
	int		 drip_ms;	/* ... each so many ms; 0: at once */
};

/*
 * The application. Spans and texts given to a callback end with the callback.
 * request and closed must be there, others may be NULL. When a connection with
 * a waiting request dies nobody is told: the answer is refused. Every request
 * wants serve_answer, serve_accept or serve_cut in the end, else its connection
 * may outlive its client.
 */
struct serve_app {
	void	*ctx;		/* first argument of every callback */
	/* One whole request: answer it, now or later, by serve_answer; or, if
	 * r->upgrade, by serve_accept. (Handshakes without a usable key or of
	 * another version never come here: 400 and 426.) */
	void	(*request)(void *ctx, serve_id id, const struct http_req *r);
	/* One whole message of a WebSocket; text is not checked to be UTF-8. */
	void	(*message)(void *ctx, serve_id id, void *user, const char *p, size_t n,
		    bool binary);
	/* A ping or pong came in: the exchange counts them as messages. The
	 * answer to a ping is on its way already. */
	void	(*control)(void *ctx, serve_id id, void *user, enum ws_op op);
	/* An accepted WebSocket is over, whoever ended it: once, and not
	 * before serve_step has the floor again, so a loop over subscribers is
	 * safe. id is refused from here on. */
	void	(*closed)(void *ctx, serve_id id, void *user);
	/* When tick is wanted (serve_now time, ms); negative: not at all. */
	int64_t	(*deadline)(void *ctx);
	void	(*tick)(void *ctx, int64_t now_ms);
	/* The watched fd can be read, is at its end, or broken. */
	void	(*input)(void *ctx, int fd);
};

struct serve_opts {		/* 0: the default */
	const char *address;	/* of IPv4; NULL: 127.0.0.1 */
	int	port;		/* 0: one the kernel chooses */
	int	conns_max;	/* 1024, at most 65535; more are turned away */
	int	ping_ms;	/* 180000: a ping to each WebSocket so often; negative: none */
	int	pong_ms;	/* 600000: without a pong for so long it is cut (1008); negative: never */
	size_t	queue_max;	/* 1 MiB unsent on a WebSocket: it is cut */
	int	sndbuf;		/* bytes the kernel buffers for a connection; 0: its own choice */
};

/*
 * Listen. opts may be NULL; app is copied. Raises the soft limit
 * of open files when conns_max needs it. NULL and errno on failure (EINVAL: a
 * number out of range).
 */
struct serve *serve_open(const struct serve_opts *opts, const struct serve_app *app);

/* Drop everything at once, without callbacks. NULL is fine. Frames held by the
 * caller stay the caller's. */
void serve_free(struct serve *s);

/* The port listened on. */
int serve_port(const struct serve *s);

/* Where the client of a request or WebSocket is ("127.0.0.1"); "" if id means
 * nobody. Good until the callback returns. */
const char *serve_peer(const struct serve *s, serve_id id);

/* Monotonic time, ms: the clock of deadline and tick. */
int64_t serve_now(void);

/*
 * One turn: wait at most timeout_ms (negative: as long as it takes) for
 * something to happen, treat it, and send what came of it with one write per
 * connection. 0, or -1 and errno if waiting failed.
 */
int serve_step(struct serve *s, int timeout_ms);

/* Turns until serve_stop. 0, or -1 and errno. A gentle end is the caller's:
 * serve_close to each WebSocket, then a few steps. */
int serve_run(struct serve *s);

/* Make serve_run return after its turn (or at once, if called ahead of it). May
 * be called by a signal handler. */
void serve_stop(struct serve *s);
/* The same, and nothing that is still to be sent leaves any more: what it would
 * tell is not so. */
void serve_halt(struct serve *s);

/* Watch one more fd for reading (the price feed); -1: none any more. The fd
 * stays the caller's. */
void serve_watch(struct serve *s, int fd);

/* Answer a request. False: nobody waits for it any more, or no memory. */
bool serve_answer(struct serve *s, serve_id id, const struct serve_answer *a);

/*
 * Answer a request to upgrade with yes: id is the WebSocket's from now on, and
 * user goes to its callbacks. headers: more lines, each with its CRLF, or NULL.
 * False: nobody waits, no memory, or the request asked for no upgrade (it still
 * waits then).
 */
bool serve_accept(struct serve *s, serve_id id, const char *headers, void *user);

/*
 * A text message as a frame, encoded once for any number of subscribers. The
 * caller owns one reference and gives it back by serve_frame_free; queues have
 * their own. NULL: no memory.
 */
struct serve_frame *serve_frame_text(const char *text, size_t n);
void serve_frame_free(struct serve_frame *f);	/* NULL is fine */
/* One more reference for a caller who keeps it for later: f. */
struct serve_frame *serve_frame_ref(struct serve_frame *f);

/*
 * Queue a message to a WebSocket; it leaves at the end of the turn. False: not
 * open (any more), f is NULL, or it has just been cut for its unsent queue. A
 * single message longer than queue_max passes if nothing else is queued.
 */
bool serve_send(struct serve *s, serve_id id, struct serve_frame *f);	/* borrows f */
bool serve_send_text(struct serve *s, serve_id id, const char *text, size_t n);

/* For tests of clients: bytes onto the wire of a WebSocket as they are, and a
 * ping with this payload (at most WS_CONTROL_MAX; whoever is muted sends none). */
bool serve_send_raw(struct serve *s, serve_id id, const void *p, size_t n);
bool serve_ping(struct serve *s, serve_id id, const void *p, size_t n);

/* Close a WebSocket by the book: what is queued, a close frame, the client's
 * close frame (2 s at most), the end. False: not open. */
bool serve_close(struct serve *s, serve_id id, int code, const char *reason);

/*
 * End a connection without a close frame or an answer, be it a WebSocket or a
 * waiting request: SERVE_FIN after what is queued, SERVE_RST at once. (A
 * request: SERVE_STALL as well, it is never answered.) False: nobody there.
 */
bool serve_cut(struct serve *s, serve_id id, enum serve_fault how);

/*
 * What a WebSocket no longer sends, though it stays open and hears everything:
 * a sum of SERVE_MUTE_*, 0 to speak again. Messages meant for it are lost, and
 * without pings it is not asked for pongs. False: not open.
 */
enum {
	SERVE_MUTE_TEXT = 1,	/* messages */
	SERVE_MUTE_CONTROL = 2,	/* pings, pongs and the answer to a close frame */
	SERVE_MUTE_ALL = 3
};
bool serve_mute(struct serve *s, serve_id id, unsigned what);

/* Until then (serve_now time): new connections are reset at once; or nothing is
 * read, accepted or sent at all, as if the line were dead. */
void serve_refuse(struct serve *s, int64_t until_ms);
void serve_blackhole(struct serve *s, int64_t until_ms);

/* Whether a WebSocket is about to end by the book: the rest of its messages, close
 * frames or the end of the stream are on their way. */
bool serve_parting(const struct serve *s);

/* Whether the id still means a waiting request or an open WebSocket. */
bool serve_alive(const struct serve *s, serve_id id);

#endif
