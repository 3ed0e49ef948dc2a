/*
 * One attempt to connect: look the name up, beside the loop, which lws would hold up
 * until the resolver answers; dial its addresses, one after the other; and give up
 * what takes too long, until the connection is up.
 */
#include <string.h>

#include "io/ws_in.h"

#define LOOKUP_MS	10000
#define DIAL_MS		5000	/* for each address: a dead IPv6 must not cost more */
#define DIAL_ADDRESSES	8	/* tried in one attempt */
#define SHAKE_MS	10000	/* TLS and the upgrade */

/* Ping a silent peer after 25 s, hang up at 40 s: a dead path sends no FIN. */
static const lws_retry_bo_t idle_policy = {
	.secs_since_valid_ping = 25,
	.secs_since_valid_hangup = 40,
};

/*
 * Patience
 */

static void
guard_text(struct ws_conn *c)
{
	if (c->phase == WS_LOOKUP)
		why_set(&c->why, "the addresses of %s are not known after %d s", c->host,
		    LOOKUP_MS / 1000);
	else if (c->phase == WS_DIAL)
		why_set(&c->why, "cannot connect to %s port %d: no answer within %d s", c->host,
		    c->port, DIAL_MS / 1000);
	else
		why_set(&c->why, "%s port %d: %s not done within %d s", c->host, c->port,
		    c->phase == WS_ASK ? "the upgrade to WebSocket was" : "the TLS handshake was",
		    SHAKE_MS / 1000);
}

/* Patience ended. */
static void
on_guard(lws_sorted_usec_list_t *sul)
{
	struct ws_conn *c = lws_container_of(sul, struct ws_conn, guard);

	guard_text(c);
	if (c->phase == WS_DIAL) {
		conn_part(c, LWS_CLOSE_STATUS_NOSTATUS);
		dial_next(c);
	} else
		conn_cut(c, LWS_CLOSE_STATUS_NOSTATUS);
}

static void
patience(struct ws_conn *c, int64_t ms)
{
	conn_timer(c, &c->guard, on_guard, ms);
}

/*
 * Addresses
 */

/* One address; when lws cannot even begin, or ended at once, false. */
static bool
dial_one(struct ws_conn *c)
{
	struct lws_client_connect_info i = { 0 };
	struct lws *wsi;

	i.context = c->loop->ctx;
	i.vhost = c->tls ? c->loop->secure : c->loop->plain;
	i.address = c->loop->proxy[0] != '\0' ? c->host : c->addrs.text[c->addr];
	i.host = c->host_header;	/* what the certificate must say, less the port */
	i.port = c->port;
	i.path = c->path;
	i.local_protocol_name = WS_PROTOCOL;
	i.alpn = "http/1.1";
	i.ssl_connection = LCCSCF_HTTP_NO_FOLLOW_REDIRECT | (c->tls ? LCCSCF_USE_SSL : 0);
	i.retry_and_idle_policy = &idle_policy;
	i.userdata = c;
	c->phase = WS_DIAL;
	patience(c, DIAL_MS);
	/* A failure at once may or may not have destroyed a wsi, and so may or
	 * may not have come by WSI_DESTROY: died tells whether it did. */
	c->dialing = true;
	c->died = false;
	wsi = lws_client_connect_via_info(&i);
	c->dialing = false;
	if (wsi == NULL || c->died) {
		why_ended(c, NULL, NULL, 0);
		return false;
	}
	c->wsi = wsi;
	return true;
}

/* From the address in use on, until one is under way or none is left. */
static void
dial(struct ws_conn *c)
{
	for (; c->addr < c->addrs.n; c->addr++) {
		memset(&c->why, 0, sizeof c->why);
		if (dial_one(c))
			return;
	}
	conn_went(c);
}

void
dial_next(struct ws_conn *c)
{
	if (c->addr + 1 < c->addrs.n) {
		c->addr++;
		dial(c);
	} else
		conn_went(c);
}

/* The kind of address that worked last comes first: a dead IPv6 is paid for once. */
static void
addrs_sort(struct ws_conn *c)
{
	struct addresses in = c->addrs, *a = &c->addrs;

	if (in.n > DIAL_ADDRESSES)
		in.n = DIAL_ADDRESSES;
	a->n = 0;
	for (int pass = 0; pass < 2; pass++)
		for (int i = 0; i < in.n; i++)
			if ((in.family[i] == c->family) == (pass == 0)) {
				memcpy(a->text[a->n], in.text[i], sizeof a->text[0]);
				a->family[a->n++] = in.family[i];
			}
	c->addr = 0;
}

/* By a lookup's thread: lws tells of it by EVENT_WAIT_CANCELLED. */
static void
wake(void *ctx)
{
	lws_cancel_service(ctx);
}

void
dial_begin(struct ws_conn *c)
{
	if (c->loop->proxy[0] != '\0') {	/* who looks the name up */
		c->addrs.n = 1;
		c->addrs.family[0] = 0;
		c->addr = 0;
		dial(c);
		return;
	}
	if (lookup_numeric(c->host, &c->addrs)) {
		addrs_sort(c);
		dial(c);
		return;
	}
	c->phase = WS_LOOKUP;
	patience(c, LOOKUP_MS);
	if ((c->lookup = lookup_begin(c->host, wake, c->loop->ctx)) == NULL) {
		why_set(&c->why, "out of memory");
		conn_went(c);
	}
}

void
dial_looked(struct ws_conn *c)
{
	char why[LOOKUP_WHY];
	int done;

	if (c->removed || c->lookup == NULL)
		return;
	if ((done = lookup_done(c->lookup, &c->addrs, why)) == 0)
		return;
	lookup_end(c->lookup);
	c->lookup = NULL;
	if (done == -1) {
		why_set(&c->why, "cannot resolve %s: %s", c->host, why);
		conn_went(c);
		return;
	}
	addrs_sort(c);
	dial(c);
}

void
dial_tcp(struct ws_conn *c)
{
	if (c->phase != WS_DIAL)
		return;
	c->phase = WS_SHAKE;
	patience(c, SHAKE_MS);
}

void
dial_end(struct ws_conn *c)
{
	patience(c, -1);
	lookup_end(c->lookup);
	c->lookup = NULL;
}
