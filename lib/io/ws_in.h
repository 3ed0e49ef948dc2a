/* What the parts of the WebSocket client share; for lib/io/ws*.c and work.c only. */
#ifndef BF_IO_WS_IN_H
#define BF_IO_WS_IN_H

#include <libwebsockets.h>
#include <stdatomic.h>

#include "core/buf.h"
#include "io/ws.h"

#define WS_HOST_MAX	101	/* lws copies the name into 128 bytes, with more beside it */
#define WS_ADDRS	8
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

/* ws_look.c: the addresses of a name, looked up beside the loop: a resolver may
 * take half a minute, and lws would wait for it. */
struct lookup;
struct addrs {
	char	text[WS_ADDRS][64];	/* numeric */
	int	family[WS_ADDRS];
	int	n;
};
/* Begin; ctx is woken when there is an answer. NULL: out of memory, no thread. */
struct lookup *lookup_begin(const char *host, struct lws_context *ctx);
/* 1: out is filled; 0: not yet; -1: failed, why is a sentence. */
int  lookup_done(struct lookup *k, struct addrs *out, char why[static 160]);
/* Forget it, done or not. NULL is fine. */
void lookup_end(struct lookup *k);
/* host as a numeric address, without asking anybody; false: it is a name. */
bool lookup_numeric(const char *host, struct addrs *out);

struct message { struct message *next; size_t n; unsigned char bytes[]; };

struct ws_conn {
	struct ws_loop	*loop;
	struct ws_conn	*next;
	void		*tag;
	/* whereto */
	char		 host[WS_HOST_MAX];
	char		 host_header[WS_HOST_MAX + 16];
	int		 port;
	bool		 tls;
	/* the attempt */
	enum ws_phase	 phase;
	struct lookup	*lookup;
	struct addrs	 addrs;
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
	_Atomic int	    stop;
	lws_sorted_usec_list_t tick;
	struct watch	   *watches, *out;
	struct timer	   *timers;
};

/* ws.c */
struct ws_loop *ws_loop_of(struct lws *wsi);

/* ws_conn.c: the life of a connection */
void conn_start(struct ws_conn *c);
void conn_free(struct ws_conn *c);
/* Time went by. */
void conn_tick(struct ws_conn *c);
/* A lookup may have ended. */
void conn_look(struct ws_conn *c);
int  conn_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len);

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
void watch_free(struct ws_loop *l);
/* Undo ws_watch_in. */
void ws_unwatch_in(struct ws_loop *l, int fd);

#endif
