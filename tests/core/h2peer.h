/*
 * The other side of HTTP over TLS, in tests of who repeats what: it speaks as much of
 * HTTP/2 (RFC 9113) as a request and its end need, and HTTP/1.1. What it wrote down of
 * the requests is the oracle, not what the client says.
 *
 * Each request gets the next word of a script, the last one stays:
 *	ok		an answer of 200
 *	refused		RST_STREAM, REFUSED_STREAM: by the protocol it was not processed (HTTP/2)
 *	internal	RST_STREAM, INTERNAL_ERROR (HTTP/2)
 *	goaway		GOAWAY below this stream, which so was not processed; then the end (HTTP/2)
 *	goaway-at	GOAWAY that names this stream, which may have been; then the end (HTTP/2)
 *	close		the end, nothing answered; and not passed on
 *	lost		passed on, then the end, nothing answered
 *	abort		a reset of the connection, nothing answered
 *	half		an answer that is cut
 *	ok-close	an answer, then the end
 *	ok-goaway	an answer, then GOAWAY, and the connection stands (HTTP/2)
 * With a port to pass requests on to (HTTP/1.1 only) a GET is passed on and takes no word,
 * nor does what is about a listenKey.
 *
 * A line for each connection, "connection h2", "connection http/1.1", "no TLS", and for each
 * whole request "METHOD WORD", of HTTP/2 "STREAM METHOD WORD". Methods of HTTP/2 but GET and
 * POST are OTHER: its headers are not unpacked.
 */
#ifndef BF_TESTS_H2PEER_H
#define BF_TESTS_H2PEER_H

#include <netinet/tcp.h>
#include <pthread.h>
#include <stdint.h>

#include "wspeer.h"

#define H2_FRAME	16384		/* the longest there is unless more is allowed */

enum { H2_DATA = 0, H2_HEADERS = 1, H2_RST_STREAM = 3, H2_SETTINGS = 4, H2_PING = 6, H2_GOAWAY = 7 };
enum { H2_END_STREAM = 1, H2_ACK = 1, H2_END_HEADERS = 4, H2_PADDED = 8, H2_PRIORITY = 0x20 };
enum { H2_NO_ERROR = 0, H2_INTERNAL_ERROR = 2, H2_REFUSED_STREAM = 7 };

struct h2peer {
	SSL_CTX		*ctx;
	const char	*alpn;		/* "h2", "http/1.1", or "both", of which h2 is taken */
	int		 port;		/* where requests go; 0: answers are made here */
	const char	*const *word;	/* the script */
	int		 nword, next;
	pthread_mutex_t	 lock;
	void		(*say)(const char *line);
};

struct h2end {		/* one connection */
	struct wsend	 w;
	struct h2peer	*peer;
};

static const char h2_body[] = "{\"orderId\":8389765606284283461,\"symbol\":\"BTCUSDT\",\"status\":\"NEW\"}";

static inline void
h2_say(struct h2peer *p, const char *line)
{
	pthread_mutex_lock(&p->lock);
	p->say(line);
	pthread_mutex_unlock(&p->lock);
}

static inline const char *
h2_word(struct h2peer *p)
{
	const char *word;

	pthread_mutex_lock(&p->lock);
	word = p->word[p->next];
	if (p->next < p->nword - 1)
		p->next++;
	pthread_mutex_unlock(&p->lock);
	return word;
}

/*
 * HTTP/2
 */

struct h2frame { unsigned type, flags; uint32_t stream; size_t n; unsigned char p[H2_FRAME]; };

static inline bool
h2_put(struct h2end *e, unsigned type, unsigned flags, uint32_t stream, const void *p, size_t n)
{
	unsigned char out[9 + 512] = { (unsigned char)(n >> 16), (unsigned char)(n >> 8), (unsigned char)n,
	    (unsigned char)type, (unsigned char)flags, (unsigned char)(stream >> 24),
	    (unsigned char)(stream >> 16), (unsigned char)(stream >> 8), (unsigned char)stream };

	if (n > sizeof out - 9)
		abort();
	memcpy(out + 9, p, n);
	return wsend_put(&e->w, out, 9 + n);
}

static inline bool
h2_get(struct h2end *e, struct h2frame *f)
{
	unsigned char h[9];

	if (!wsend_get(&e->w, h, sizeof h))
		return false;
	f->n = (size_t)h[0] << 16 | (size_t)h[1] << 8 | h[2];
	f->type = h[3];
	f->flags = h[4];
	f->stream = (uint32_t)(h[5] & 0x7f) << 24 | (uint32_t)h[6] << 16 | (uint32_t)h[7] << 8 | h[8];
	return f->n <= sizeof f->p && wsend_get(&e->w, f->p, f->n);
}

/* The method by the first field of the block, which clients make it: one of the static
 * table (RFC 7541, appendix A) or anything else. */
static inline const char *
h2_method(const struct h2frame *f)
{
	size_t at = ((f->flags & H2_PADDED) != 0 ? 1u : 0) + ((f->flags & H2_PRIORITY) != 0 ? 5u : 0);

	while (at < f->n && (f->p[at] & 0xe0) == 0x20)
		at++;		/* the table's size, below 31 */
	return at < f->n && f->p[at] == 0x82 ? "GET" : at < f->n && f->p[at] == 0x83 ? "POST" : "OTHER";
}

static inline bool
h2_answer(struct h2end *e, uint32_t stream, bool whole)
{
	/* :status 200, content-type (31 of the static table) in a literal that is not kept */
	static const unsigned char head[] = "\x88\x0f\x10\x10" "application/json";
	size_t n = sizeof h2_body - 1;

	return h2_put(e, H2_HEADERS, H2_END_HEADERS, stream, head, sizeof head - 1) &&
	    h2_put(e, H2_DATA, whole ? H2_END_STREAM : 0, stream, h2_body, whole ? n : n / 2);
}

static inline bool
h2_rst(struct h2end *e, uint32_t stream, unsigned why)
{
	return h2_put(e, H2_RST_STREAM, 0, stream, (unsigned char []){ 0, 0, 0, (unsigned char)why }, 4);
}

static inline bool
h2_goaway(struct h2end *e, uint32_t last)
{
	unsigned char p[8] = { (unsigned char)(last >> 24), (unsigned char)(last >> 16),
	    (unsigned char)(last >> 8), (unsigned char)last, 0, 0, 0, H2_NO_ERROR };

	return h2_put(e, H2_GOAWAY, 0, 0, p, sizeof p);
}

/* What a whole request gets; false: the connection ends. */
static inline bool
h2_act(struct h2end *e, uint32_t stream, const char *word)
{
	if (strcmp(word, "ok") == 0)
		return h2_answer(e, stream, true);
	if (strcmp(word, "refused") == 0)
		return h2_rst(e, stream, H2_REFUSED_STREAM);
	if (strcmp(word, "internal") == 0)
		return h2_rst(e, stream, H2_INTERNAL_ERROR);
	if (strcmp(word, "ok-goaway") == 0)
		return h2_answer(e, stream, true) && h2_goaway(e, stream);
	if (strcmp(word, "ok-close") == 0)
		(void)h2_answer(e, stream, true);
	else if (strcmp(word, "half") == 0)
		(void)h2_answer(e, stream, false);
	else if (strcmp(word, "goaway") == 0)
		(void)h2_goaway(e, stream > 2 ? stream - 2 : 0);
	else if (strcmp(word, "goaway-at") == 0)
		(void)h2_goaway(e, stream);
	else if (strcmp(word, "abort") == 0)
		(void)wsend_rst(&e->w);
	return false;
}

static inline void
h2_serve(struct h2end *e)
{
	/* SETTINGS_HEADER_TABLE_SIZE 0: a method is never a reference to one before */
	static const unsigned char none[6] = { 0, 1, 0, 0, 0, 0 };
	struct h2frame *f = malloc(sizeof *f);
	char preface[24], line[80];
	const char *method = "", *word;
	bool more = f != NULL && wsend_get(&e->w, preface, sizeof preface) &&
	    h2_put(e, H2_SETTINGS, 0, 0, none, sizeof none);

	while (more && h2_get(e, f)) {
		if (f->type == H2_SETTINGS && (f->flags & H2_ACK) == 0)
			more = h2_put(e, H2_SETTINGS, H2_ACK, 0, "", 0);
		else if (f->type == H2_PING && (f->flags & H2_ACK) == 0)
			more = h2_put(e, H2_PING, H2_ACK, 0, f->p, f->n);
		if (f->type == H2_HEADERS)
			method = h2_method(f);
		if ((f->type != H2_HEADERS && f->type != H2_DATA) || (f->flags & H2_END_STREAM) == 0)
			continue;
		word = h2_word(e->peer);
		snprintf(line, sizeof line, "%u %s %s", (unsigned)f->stream, method, word);
		h2_say(e->peer, line);
		more = h2_act(e, f->stream, word);
	}
	free(f);
}

/*
 * HTTP/1.1
 */

static inline int
h1_dial(int port)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return connect(fd, (struct sockaddr *)&sa, sizeof sa) == 0 ? fd : -1;
}

/* One request (a head: ours have no body) asked of the port; the answer, its length in *n. */
static inline char *
h1_ask(int port, const char *head, size_t *n)
{
	struct wsend out = { .fd = h1_dial(port) };
	size_t size = 4u << 20, want = 0;
	char *p = malloc(size + 1), *end, *length;
	ssize_t got;

	*n = 0;
	if (p == NULL || out.fd == -1 || !wsend_put(&out, head, strlen(head)))
		abort();
	while (want == 0 || *n < want) {
		if (*n == size || (got = recv(out.fd, p + *n, size - *n, 0)) <= 0)
			break;
		p[*n += (size_t)got] = '\0';
		if (want != 0 || (end = strstr(p, "\r\n\r\n")) == NULL)
			continue;
		length = strcasestr(p, "\r\nContent-Length:");
		want = (size_t)(end + 4 - p) + (length != NULL && length < end ? strtoul(length + 17, NULL, 10) : 0);
	}
	close(out.fd);
	return p;
}

static inline char *
h1_made(size_t *n)
{
	char *p = malloc(1024);

	*n = (size_t)snprintf(p, 1024, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
	    "Content-Length: %zu\r\n\r\n%s", sizeof h2_body - 1, h2_body);
	return p;
}

/* As h2_act. */
static inline bool
h1_act(struct h2end *e, const char *word)
{
	bool more = strcmp(word, "ok") == 0, pass = more || strcmp(word, "lost") == 0 ||
	    strcmp(word, "half") == 0 || strcmp(word, "ok-close") == 0;
	size_t n = 0;
	char *p = NULL;

	if (pass)
		p = e->peer->port != 0 ? h1_ask(e->peer->port, e->w.head, &n) : h1_made(&n);
	if (strcmp(word, "half") == 0)
		n /= 2;
	if (pass && strcmp(word, "lost") != 0)
		more = wsend_put(&e->w, p, n) && more;
	if (strcmp(word, "abort") == 0)
		(void)wsend_rst(&e->w);
	free(p);
	return more;
}

static inline void
h1_nothing(const char *line)
{
	(void)line;
}

/* It is asked for beside the orders, and takes none of the words meant for them. */
static inline bool
h1_is_key(const char *head)
{
	const char *path = strstr(head, "/listenKey"), *end = strstr(head, "\r\n");

	return path != NULL && (end == NULL || path < end);
}

static inline void
h1_serve(struct h2end *e)
{
	const char *word;
	char line[80];
	bool key;

	do {
		e->w.say = h1_nothing;
		if (!wsend_request(&e->w))
			return;
		key = h1_is_key(e->w.head);
		word = e->peer->port != 0 && (key || strncmp(e->w.head, "GET ", 4) == 0) ? "ok" : h2_word(e->peer);
		snprintf(line, sizeof line, "%.*s %s%s", (int)strcspn(e->w.head, " "), e->w.head, word,
		    key ? " listenKey" : "");
		h2_say(e->peer, line);
	} while (h1_act(e, word));
}

/*
 * Connections
 */

static inline int
h2_choose(SSL *ssl, const unsigned char **out, unsigned char *n, const unsigned char *in, unsigned nin, void *arg)
{
	static const unsigned char both[] = "\2h2\10http/1.1";
	const struct h2peer *p = arg;
	const unsigned char *ours = strcmp(p->alpn, "http/1.1") == 0 ? both + 3 : both;
	unsigned len = strcmp(p->alpn, "both") == 0 ? 12 : strcmp(p->alpn, "h2") == 0 ? 3 : 9;

	(void)ssl;
	return SSL_select_next_proto((unsigned char **)(uintptr_t)out, n, ours, len, in, nin) == OPENSSL_NPN_NEGOTIATED ?
	    SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

static inline void *
h2_thread(void *arg)
{
	struct h2end *e = arg;
	const unsigned char *name = NULL;
	unsigned n = 0;

	e->w.ssl = SSL_new(e->peer->ctx);
	SSL_set_fd(e->w.ssl, e->w.fd);
	if (SSL_accept(e->w.ssl) != 1)
		h2_say(e->peer, "no TLS");
	else {
		SSL_get0_alpn_selected(e->w.ssl, &name, &n);
		h2_say(e->peer, n == 2 ? "connection h2" : "connection http/1.1");
		(n == 2 ? h2_serve : h1_serve)(e);
		SSL_shutdown(e->w.ssl);
	}
	SSL_free(e->w.ssl);
	close(e->w.fd);
	free(e);
	return NULL;
}

/* Serve for ever, a thread for each connection: a client may leave one lying. */
static inline void
h2peer_serve(struct h2peer *p, int listener)
{
	struct h2end *e;
	pthread_t t;
	int fd, one = 1;

	signal(SIGPIPE, SIG_IGN);
	pthread_mutex_init(&p->lock, NULL);
	SSL_CTX_set_alpn_select_cb(p->ctx, h2_choose, p);
	while ((fd = accept(listener, NULL, NULL)) != -1) {
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
		if ((e = calloc(1, sizeof *e)) == NULL)
			abort();
		e->w.fd = fd;
		e->peer = p;
		if (pthread_create(&t, NULL, h2_thread, e) != 0)
			abort();
		pthread_detach(t);
	}
}

#endif
