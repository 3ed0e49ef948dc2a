/*
 * A WebSocket server that does as it is told, well or badly: the other side in
 * tests of the client. It is a process of its own; what it wrote down is the
 * oracle, not what the client says.
 *
 * A script is one connection; the last one stays for all that follow. Its steps
 * are done in turn, ';' between them ("\;" is one that belongs to a text):
 *	up		read the request, answer it as RFC 6455 asks
 *	up=HEADERS	the same with more headers, '|' between them
 *	up!=VALUE	with VALUE as Sec-WebSocket-Accept
 *	http=STATUS|HEADER: X|...||BODY
 *			read the request, answer that, with its Content-Length
 *	raw=TEXT	send it; \r and \n are what they are in C
 *	hex=BYTES	send them; blanks do not count
 *	text=TEXT	a text frame
 *	frame=OP:N	a whole frame of that first byte (hex) and N times 'a'
 *	close=CODE:TEXT	a close frame, TEXT may be missing
 *	ping=N		a ping of N bytes; waits for its pong and compares
 *	closed		wait for a close frame, write its code down; the end of the
 *			connection is written down too
 *	heard		wait for a text frame and write it down
 *	hold		until the client goes
 *	rst		reset; the connection otherwise ends with FIN after the last step
 *	stall		never again; the client must give up
 */
#ifndef BF_TESTS_WSPEER_H
#define BF_TESTS_WSPEER_H

#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct wsend {		/* one connection */
	int	fd;
	SSL	*ssl;
	char	head[8192];	/* of the request */
	void	(*say)(const char *line);
};

static inline bool
wsend_put(struct wsend *w, const void *p, size_t n)
{
	const char *at = p;
	ssize_t put;

	for (; n > 0; at += put, n -= (size_t)put) {
		put = w->ssl != NULL ? SSL_write(w->ssl, at, (int)n) : send(w->fd, at, n, MSG_NOSIGNAL);
		if (put <= 0)
			return false;
	}
	return true;
}

/* Exactly n bytes; false: the client went. */
static inline bool
wsend_get(struct wsend *w, void *p, size_t n)
{
	char *at = p;
	ssize_t got;

	for (; n > 0; at += got, n -= (size_t)got) {
		got = w->ssl != NULL ? SSL_read(w->ssl, at, (int)n) : recv(w->fd, at, n, 0);
		if (got <= 0)
			return false;
	}
	return true;
}

static inline bool
wsend_request(struct wsend *w)
{
	char line[2100];
	size_t n = 0;

	while (n < sizeof w->head - 1 && wsend_get(w, w->head + n, 1)) {
		w->head[++n] = '\0';
		if (n >= 4 && strcmp(w->head + n - 4, "\r\n\r\n") == 0) {
			snprintf(line, sizeof line, "asked %.*s", (int)strcspn(w->head, "\r"), w->head);
			w->say(line);
			return true;
		}
	}
	return false;
}

/* Base64 of SHA-1 of key and the protocol's own text (RFC 6455, 4.2.2). */
static inline void
wsend_accept(const char *head, char out[static 64])
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	const char *key = strcasestr(head, "Sec-WebSocket-Key: ");
	char text[128];
	unsigned n = 0;

	key = key != NULL ? key + 19 : "";
	snprintf(text, sizeof text, "%.*s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", (int)strcspn(key, "\r"), key);
	EVP_Digest(text, strlen(text), sum, &n, EVP_sha1(), NULL);
	EVP_EncodeBlock((unsigned char *)out, sum, (int)n);
}

/* '|' are line ends; what follows "||" is left at *rest. */
static inline void
wsend_headers(const char *from, char *out, size_t size, const char **rest)
{
	size_t n = 0;

	for (; *from != '\0' && strncmp(from, "||", 2) != 0 && n < size - 3; from++)
		if (*from == '|') {
			out[n++] = '\r';
			out[n++] = '\n';
		} else
			out[n++] = *from;
	out[n] = '\0';
	*rest = *from == '|' ? from + 2 : from;
}

static inline bool
wsend_up(struct wsend *w, const char *more, const char *accept)
{
	char good[64], lines[2048], out[4096];
	const char *rest;
	int n;

	if (!wsend_request(w))
		return false;
	wsend_accept(w->head, good);
	wsend_headers(more, lines, sizeof lines, &rest);
	n = snprintf(out, sizeof out, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
	    "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n%s%s\r\n",
	    accept != NULL ? accept : good, lines, *lines != '\0' ? "\r\n" : "");
	return wsend_put(w, out, (size_t)n);
}

static inline bool
wsend_http(struct wsend *w, const char *how)
{
	char lines[2048], out[65536];
	const char *body;
	int n;

	if (!wsend_request(w))
		return false;
	wsend_headers(how, lines, sizeof lines, &body);
	n = snprintf(out, sizeof out, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n\r\n%s", lines,
	    strlen(body), body);
	return wsend_put(w, out, (size_t)n);
}

static inline bool
wsend_hex(struct wsend *w, const char *hex)
{
	unsigned char out[4096];
	size_t n = 0;
	unsigned b;

	for (; *hex != '\0' && n < sizeof out; hex += 2) {
		while (*hex == ' ')
			hex++;
		if (*hex == '\0' || sscanf(hex, "%2x", &b) != 1)
			break;
		out[n++] = (unsigned char)b;
	}
	return wsend_put(w, out, n);
}

static inline bool
wsend_raw(struct wsend *w, const char *text)
{
	char out[4096];
	size_t n = 0;

	for (; *text != '\0' && n < sizeof out; text++)
		if (*text == '\\' && (text[1] == 'r' || text[1] == 'n'))
			out[n++] = *++text == 'r' ? '\r' : '\n';
		else
			out[n++] = *text;
	return wsend_put(w, out, n);
}

static inline bool
wsend_frame(struct wsend *w, unsigned first, const void *p, size_t n)
{
	unsigned char h[10] = { (unsigned char)first };
	size_t len = n < 126 ? 2 : n < 65536 ? 4 : 10;

	h[1] = (unsigned char)(n < 126 ? n : n < 65536 ? 126 : 127);
	for (size_t i = 2; i < len; i++)
		h[i] = (unsigned char)((unsigned long long)n >> 8 * (len - 1 - i));
	return wsend_put(w, h, len) && wsend_put(w, p, n);
}

/* The next frame of the client, unmasked into p; -1: it went. Returns the opcode. */
static inline int
wsend_next(struct wsend *w, unsigned char *p, size_t size, size_t *n)
{
	unsigned char h[8], mask[4];

	if (!wsend_get(w, h, 2))
		return -1;
	*n = h[1] & 0x7f;
	if (*n == 126 && wsend_get(w, h + 2, 2))
		*n = (size_t)h[2] << 8 | h[3];
	if ((h[1] & 0x80) == 0)
		w->say("not masked");
	if (*n > size || !wsend_get(w, mask, 4) || !wsend_get(w, p, *n))
		return -1;
	for (size_t i = 0; i < *n; i++)
		p[i] ^= mask[i & 3];
	return h[0] & 0x0f;
}

/* Frames until one of that opcode. */
static inline bool
wsend_until(struct wsend *w, int op, unsigned char *p, size_t size, size_t *n)
{
	int got;

	while ((got = wsend_next(w, p, size, n)) != -1)
		if (got == op)
			return true;
	w->say("gone");
	return false;
}

static inline bool
wsend_ping(struct wsend *w, size_t size)
{
	unsigned char out[256], in[65536];
	char line[64];
	size_t n;

	for (size_t i = 0; i < size && i < sizeof out; i++)
		out[i] = (unsigned char)(i * 7 + 1);
	if (!wsend_frame(w, 0x89, out, size) || !wsend_until(w, 0xa, in, sizeof in, &n))
		return false;
	snprintf(line, sizeof line, "pong %zu %s", n, n == size && memcmp(in, out, n) == 0 ? "same" : "OTHER");
	w->say(line);
	return true;
}

static inline bool
wsend_close(struct wsend *w, const char *how)
{
	unsigned code = (unsigned)strtoul(how, NULL, 10);
	const char *text = strchr(how, ':');
	unsigned char p[125] = { (unsigned char)(code >> 8), (unsigned char)code };
	size_t n = text != NULL ? strlen(text + 1) : 0;

	memcpy(p + 2, text != NULL ? text + 1 : "", n);
	return wsend_frame(w, 0x88, p, n + 2);
}

/* Until the client goes, which is written down; a close frame too, with its code. */
static inline bool
wsend_closed(struct wsend *w)
{
	unsigned char in[65536];
	char line[64];
	size_t n;

	if (!wsend_until(w, 8, in, sizeof in, &n))
		return false;
	snprintf(line, sizeof line, "close %d", n >= 2 ? in[0] << 8 | in[1] : 1005);
	w->say(line);
	return true;
}

static inline bool
wsend_heard(struct wsend *w)
{
	unsigned char in[65536];
	char line[300];
	size_t n;

	if (!wsend_until(w, 1, in, sizeof in, &n))
		return false;
	snprintf(line, sizeof line, "text %.*s", (int)(n < 280 ? n : 280), (char *)in);
	w->say(line);
	return true;
}

static inline bool
wsend_hold(struct wsend *w)
{
	char byte;

	while (wsend_get(w, &byte, 1))
		;
	w->say("gone");
	return false;
}

static inline bool
wsend_rst(struct wsend *w)
{
	struct linger hard = { 1, 0 };

	setsockopt(w->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
	return false;
}

static inline bool
wsend_many(struct wsend *w, const char *how)
{
	unsigned first = (unsigned)strtoul(how, NULL, 16);
	size_t n = strtoul(strchr(how, ':') + 1, NULL, 10);
	char *p = malloc(n + 1);
	bool ok;

	memset(p, 'a', n);
	ok = wsend_frame(w, first, p, n);
	free(p);
	return ok;
}

static inline bool
wsend_step(struct wsend *w, const char *step)
{
	const char *v = strchr(step, '=');
	size_t n = v != NULL ? (size_t)(v - step) : strlen(step);

	v = v != NULL ? v + 1 : "";
#define IS(word) (n == sizeof (word) - 1 && memcmp(step, (word), n) == 0)
	if (IS("up"))
		return wsend_up(w, v, NULL);
	if (IS("up!"))
		return wsend_up(w, "", v);
	if (IS("http"))
		return wsend_http(w, v);
	if (IS("raw"))
		return wsend_raw(w, v);
	if (IS("hex"))
		return wsend_hex(w, v);
	if (IS("text"))
		return wsend_frame(w, 0x81, v, strlen(v));
	if (IS("frame"))
		return wsend_many(w, v);
	if (IS("close"))
		return wsend_close(w, v);
	if (IS("ping"))
		return wsend_ping(w, strtoul(v, NULL, 10));
	if (IS("closed"))
		return wsend_closed(w);
	if (IS("heard"))
		return wsend_heard(w);
	if (IS("hold") || IS("stall"))
		return wsend_hold(w);
	if (IS("rst"))
		return wsend_rst(w);
#undef IS
	w->say("no such step");
	return false;
}

static inline void
wsend_play(struct wsend *w, const char *script)
{
	char step[4096];
	size_t n = 0;

	for (;; script++)
		if (*script == '\\' && script[1] == ';')
			step[n++] = *++script;
		else if (*script != ';' && *script != '\0' && n < sizeof step - 1)
			step[n++] = *script;
		else {
			step[n] = '\0';
			if ((n > 0 && !wsend_step(w, step)) || *script == '\0')
				return;
			n = 0;
		}
}

/* A listener on 127.0.0.1, its port in *port. */
static inline int
wspeer_listen(int *port)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof sa;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (bind(fd, (struct sockaddr *)&sa, sizeof sa) == -1 || listen(fd, 64) == -1 ||
	    getsockname(fd, (struct sockaddr *)&sa, &len) == -1)
		abort();
	*port = ntohs(sa.sin_port);
	return fd;
}

/* A server's TLS; max 0 or TLS1_1_VERSION ... */
static inline SSL_CTX *
wspeer_tls(const char *cert, const char *key, int max)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

	if (ctx == NULL || SSL_CTX_use_certificate_chain_file(ctx, cert) != 1 ||
	    SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1)
		return NULL;
	if (max != 0) {		/* the old ones are off unless asked for like this */
		SSL_CTX_set_security_level(ctx, 0);
		SSL_CTX_set_min_proto_version(ctx, 0);
		SSL_CTX_set_max_proto_version(ctx, max);
	}
	return ctx;
}

/* Serve for ever, one connection after the other. ctx NULL: no TLS. */
static inline void
wspeer_serve(int listener, const char *const script[], int n, SSL_CTX *ctx, void (*say)(const char *))
{
	static struct wsend w;
	char line[32];

	signal(SIGPIPE, SIG_IGN);
	for (int i = 0; (w.fd = accept(listener, NULL, NULL)) != -1; i++) {
		w.say = say;
		w.ssl = NULL;
		snprintf(line, sizeof line, "connection %d", i + 1);
		say(line);
		if (ctx == NULL)
			wsend_play(&w, script[i < n ? i : n - 1]);
		else {
			w.ssl = SSL_new(ctx);
			SSL_set_fd(w.ssl, w.fd);
			if (SSL_accept(w.ssl) == 1)
				wsend_play(&w, script[i < n ? i : n - 1]);
			else
				say("no TLS");
			SSL_shutdown(w.ssl);
			SSL_free(w.ssl);
		}
		close(w.fd);
	}
}

#endif
