/* What the parts of the WebSocket client share; for lib/io/ws*.c and work.c only. */
#ifndef BF_IO_WS_IN_H
#define BF_IO_WS_IN_H

#include <libwebsockets.h>
#include <poll.h>
#include <stdatomic.h>

#include "core/buf.h"
#include "io/lookup.h"
#include "io/ws.h"

#define WS_HOST_MAX	101	/* lws copies the name into 128 bytes, with more beside it */
#define WS_PROTOCOL	"bf"
#define WS_FILE_PROTOCOL "bf-file"

/* Where an attempt is. */
enum ws_phase {
	WS_IDLE,	/* waiting for the next one */
	WS_LOOKUP,	/* asking for the addresses of the name */
	WS_DIAL,	/* TCP, an address after the other */
	WS_SHAKE,	/* TCP stands: TLS, or about to ask */
	WS_ASK,		/* the upgrade was asked for */
	WS_UP
};

struct message { struct message *next; size_t n; unsigned char bytes[]; };

struct ws_conn {
	struct ws_loop	*loop;
	struct ws_conn	*next;
	void		*tag;
	struct ws_events ev;		/* the loop's, or its own */
	void		*arg;
	bool		 own;		/* its own */
	/* whereto */
	char		 host[WS_HOST_MAX];
	char		 host_header[WS_HOST_MAX + 16];
	int		 port;
	bool		 tls;
	/* the attempt */
	enum ws_phase	 phase;
	struct lookup	*lookup;
	struct addresses addrs;
	int		 addr;		/* the one in use */
	int		 family;	/* of the one that worked last; 0 none did */
	struct lws	*wsi;
	bool		 dialing, died;	/* within lws_client_connect_via_info; it ended there */
	lws_sorted_usec_list_t again, guard, kick;
	int		 attempt;
	/* the connection */
	struct buf	 rx;
	struct message	*tx, **tx_tail;
	int64_t		 opened_ms;
	bool		 heard;		/* since the last tick */
	bool		 kicked, removed;
	struct ws_why	 why;
	char		 path[WS_PATH_MAX];
};

struct watch;
struct timer;

struct ws_loop {
	struct lws_context *ctx;
	struct lws_vhost   *plain, *secure;	/* secure: made when first needed */
	struct ws_events    ev;
	void		   *arg;
	struct ws_conn	   *conns;	/* the removed too, until they are freed */
	bool		    reap;	/* some are removed */
	size_t		    max;	/* bytes of a message */
	char		    ca_file[512];
	bool		    ca_bad;
	char		    proxy[256];	/* "http://HOST:PORT"; "": none */
	_Atomic int	    stop;
	bool		    moved;	/* something was received or sent since this was cleared */
	lws_sorted_usec_list_t tick;
	struct watch	   *watches, *out;
	struct timer	   *timers;
};

/* ws.c */
struct ws_loop *ws_loop_of(struct lws *wsi);
/* After lws was served: free what was removed, and tell that all was handed over. */
void loop_settle(struct ws_loop *l);

/* ws_conn.c: the life of a connection */
void conn_start(struct ws_conn *c);
/* Have fn called in so many ms; -1: not at all. */
void conn_timer(struct ws_conn *c, lws_sorted_usec_list_t *sul, sul_cb_t fn, int64_t ms);
/* The attempt or connection is no more; c->why says why. Tell, and come back. */
void conn_went(struct ws_conn *c);
/* Part from the wsi, which is to close by itself, with code if it is up. */
void conn_part(struct ws_conn *c, enum lws_close_status code);
/* Both. */
void conn_cut(struct ws_conn *c, enum lws_close_status code);
void conn_free(struct ws_conn *c);
/* Time went by. */
void conn_tick(struct ws_conn *c);
int  conn_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len);

/* ws_dial.c: one attempt, from the name to a connection that is up */
void dial_begin(struct ws_conn *c);
/* A lookup may have ended. */
void dial_looked(struct ws_conn *c);
/* The dialled address failed before TCP stood; c->why says how. */
void dial_next(struct ws_conn *c);
/* TCP stands: what follows has a patience of its own. */
void dial_tcp(struct ws_conn *c);
/* Up, or given up: nothing is waited for any more. */
void dial_end(struct ws_conn *c);

/* ws_why.c: words for what lws says */
/* To be given to lws_set_log_level: it is silent, but remembers what lws says of
 * a peer that breaks the protocol, which it says nowhere else. */
void why_listen(int level, const char *line);
/* That, and forget it; NULL: nothing. */
const char *why_heard(void);
/* Fill c->why, unless it says something, for a connection that ended; said: lws's
 * own words, n bytes, or NULL. */
void why_ended(struct ws_conn *c, struct lws *wsi, const char *said, size_t n);
/* A status came in place of 101. */
void why_refused(struct ws_conn *c, struct lws *wsi);
/* A close frame came, len bytes of payload. */
void why_closed(struct ws_conn *c, const unsigned char *in, size_t len);
void why_set(struct ws_why *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* ws_tls.c */
/* Options of a vhost that does TLS. */
uint64_t tls_options(const struct ws_loop *l);
/* Whom to trust, and from which version on; ctx is an SSL_CTX. */
void tls_setup(struct ws_loop *l, void *ctx);
/* Look at a certificate while its chain is checked: store is an X509_STORE_CTX.
 * 0: good so far. */
int  tls_check(struct ws_conn *c, void *store, bool good);

/* ws_watch.c */
int  watch_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len);
/* Before the loop waits: what ws_want_out asked for. */
void watch_arm(struct ws_loop *l);
/* What ws_poll has to know of them: as it, from p[n] on. */
int  watch_poll(const struct ws_loop *l, struct pollfd *p, int n, int max, int *timeout_ms);
void watch_free(struct ws_loop *l);
/* Undo ws_watch_in. */
void ws_unwatch_in(struct ws_loop *l, int fd);

/* ws_guest.c: for ws_poll. timeout_ms is lowered to when sul is due, or to ms. */
void poll_due(int *timeout_ms, const lws_sorted_usec_list_t *sul);
void poll_in(int *timeout_ms, int64_t ms);
/* p[n] of p[0..max) waits for that; the new n. Without room it is looked at by time. */
int  poll_add(struct pollfd *p, int n, int max, int fd, int events, int *timeout_ms);

#endif
