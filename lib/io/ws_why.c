/* Words for what went wrong, from the little that lws says. */
#include <sys/socket.h>

#include <errno.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>

#include "io/ws_in.h"

#define RETRY_MAX_S	259200	/* three days, the longest ban there is */
#define RETRY_DEFAULT_S	60	/* of a 429 or 418 that does not say */

/*
 * What lws finds wrong with frames it only logs; it then closes as if the peer
 * had gone. The log's words, and ours.
 */
static const struct { const char *log, *text; } breaches[] = {
	{ "illegal rsv bits",	 "a frame with reserved bits came (compressed?), which nobody agreed to" },
	{ "illegal opcode",	 "a frame of an unknown kind came" },
	{ "disordered contin",	 "a frame came that continues nothing" },
	{ "owed us a FIN",	 "a new message began inside an unfinished one" },
	{ "b63 of length",	 "a frame of an impossible length came" },
	{ "asking for extended", "a control frame longer than 125 bytes came" },
	{ "control msg can",	 "a control frame in pieces came" },
	{ "validity too old",	 "it was silent for 40 s, pings were not answered" },
};

static _Thread_local const char *heard;

void
why_listen(int level, const char *line)
{
	(void)level;
	for (size_t i = 0; i < sizeof breaches / sizeof *breaches; i++)
		if (strstr(line, breaches[i].log) != NULL)
			heard = breaches[i].text;
}

const char *
why_heard(void)
{
	const char *text = heard;

	heard = NULL;
	return text;
}

void
why_set(struct ws_why *w, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(w->text, sizeof w->text, fmt, ap);
	va_end(ap);
}

/* Append n bytes of a peer's text, made harmless for a terminal. */
static void
why_add(struct ws_why *w, const char *p, size_t n)
{
	size_t at = strlen(w->text);

	for (; n > 0 && at < sizeof w->text - 1; p++, n--)
		w->text[at++] = *p >= ' ' && *p <= '~' ? *p : '?';
	w->text[at] = '\0';
}

/*
 * No connection
 */

/* "conn fail: 111", "conn fail: errno 111: 127.0.0.1:9" of newer versions; 0. */
static int
errno_in(const char *said)
{
	const char *p = strstr(said, "conn fail: ");

	if (p == NULL)
		return 0;
	p += strlen("conn fail: ");
	p += strncmp(p, "errno ", 6) == 0 ? 6 : 0;
	return atoi(p);
}

static void
no_tunnel(struct ws_conn *c)
{
	why_set(&c->why, "the proxy %s gives no way to %s port %d: it refused, or cut the connection",
	    c->loop->proxy + strlen("http://"), c->host, c->port);
}

static void
no_tcp(struct ws_conn *c, const char *said)
{
	int e = errno_in(said);

	if (c->loop->proxy[0] != '\0') {
		no_tunnel(c);
		return;
	}
	why_set(&c->why, "cannot connect to %s port %d: %s", c->host, c->port,
	    e > 0 ? strerror(e) : "connection refused, or unreachable");
}

/* The answer to the upgrade: lws's words, and ours. */
static const struct { const char *said, *text; } answers[] = {
	{ "ACCEPT missing",	   "has no Sec-WebSocket-Accept" },
	{ "Accept hash wrong",	   "has a wrong Sec-WebSocket-Accept: it is not of a WebSocket server" },
	{ "UPGRADE",		   "does not agree to WebSocket (Upgrade, Connection)" },
	{ "Upgrade to something",  "does not agree to WebSocket (Upgrade)" },
	{ "EXT:",		   "has an extension that was not asked for" },
	{ "PROTOCOL",		   "has a subprotocol that was not asked for" },
	{ "problems parsing",	   "is not HTTP, or its headers are too long" },
	{ "URI missing",	   "is not HTTP/1.1" },
	{ "OOM",		   "could not be kept: out of memory" },
};

static void
no_upgrade(struct ws_conn *c, const char *said)
{
	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
		if (strstr(said, answers[i].said) != NULL) {
			why_set(&c->why, "%s port %d: the answer to the upgrade %s", c->host, c->port,
			    answers[i].text);
			return;
		}
	why_set(&c->why, "%s port %d: the connection ended without an answer to the upgrade",
	    c->host, c->port);
}

/*
 * An end
 */

/* Whether the peer hung up: else it was lws that did, and there is a reason. */
static bool
hung_up(struct lws *wsi)
{
	SSL *ssl = wsi != NULL ? lws_get_ssl(wsi) : NULL;
	int fd = wsi != NULL ? lws_get_socket_fd(wsi) : -1;
	char byte;
	ssize_t n;

	if (ssl != NULL && (SSL_get_shutdown(ssl) & SSL_RECEIVED_SHUTDOWN) != 0)
		return true;
	n = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
	return n == 0 || (n == -1 && errno != EAGAIN && errno != EWOULDBLOCK);
}

static void
no_more(struct ws_conn *c, struct lws *wsi, const char *text)
{
	if (text != NULL)
		why_set(&c->why, "cut: %s", text);
	else
		why_set(&c->why, "%s", hung_up(wsi) ? "connection lost: it ended without a close frame" :
		    "cut: the peer broke the WebSocket protocol");
}

void
why_ended(struct ws_conn *c, struct lws *wsi, const char *said, size_t n)
{
	const char *text = why_heard();
	char words[128] = "";

	if (c->why.text[0] != '\0')
		return;
	if (said != NULL)
		snprintf(words, sizeof words, "%.*s", (int)(n < sizeof words ? n : sizeof words - 1), said);
	switch (c->phase) {
	case WS_UP:
		no_more(c, wsi, text);
		break;
	case WS_ASK:
		no_upgrade(c, words);
		break;
	case WS_SHAKE:
		if (c->loop->proxy[0] != '\0')
			no_tunnel(c);
		else
			why_set(&c->why, "%s port %d: the connection ended during the TLS handshake",
			    c->host, c->port);
		break;
	default:
		no_tcp(c, words);
	}
}

/*
 * What the peer says
 */

static long
retry_after(struct lws *wsi, int status)
{
	char text[32] = "";
	long s = 0;
	int n = lws_hdr_copy(wsi, text, sizeof text, WSI_TOKEN_HTTP_RETRY_AFTER);
	bool given = n > 0 && strspn(text, "0123456789") == strlen(text);

	if (given)
		s = strlen(text) > 9 ? RETRY_MAX_S : atol(text);
	else if (status == 429 || status == 418)
		s = RETRY_DEFAULT_S;
	if (given && s < 1)
		s = 1;
	return s > RETRY_MAX_S ? RETRY_MAX_S : s;
}

void
why_refused(struct ws_conn *c, struct lws *wsi)
{
	int status = (int)lws_http_client_http_response(wsi);

	memset(&c->why, 0, sizeof c->why);
	c->why.http = status;
	c->why.retry_after_s = retry_after(wsi, status);
	why_set(&c->why, "%s refused the upgrade: HTTP %d", c->host, status);
	if (status >= 300 && status < 400)
		why_add(&c->why, " (redirects are not followed)", 29);
	if (c->why.retry_after_s > 0) {
		char text[40];

		snprintf(text, sizeof text, ", wait %ld s", c->why.retry_after_s);
		why_add(&c->why, text, strlen(text));
	}
}

/* Up to 4.1 lws turns codes that it does not know, 1012 to 1014 among them, into
 * 1002 before it shows them. */
static bool
code_hidden(int code)
{
	return LWS_LIBRARY_VERSION_NUMBER < 4002000 && code == 1002;
}

void
why_closed(struct ws_conn *c, const unsigned char *in, size_t len)
{
	int code = len >= 2 ? in[0] << 8 | in[1] : 1005;	/* 1005: there was none (RFC 6455, 7.4.1) */

	if (c->why.text[0] != '\0')
		return;
	c->why.code = code;
	why_set(&c->why, "closed by peer, code %d%s%s", code,
	    code_hidden(code) ? " (or 1012 to 1014, which this libwebsockets hides)" : "",
	    len > 2 ? ": " : "");
	if (len > 2)
		why_add(&c->why, (const char *)in + 2, len - 2);
}
