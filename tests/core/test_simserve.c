/*
 * The simulator's wire: the loop is stepped by hand, and the clients are plain
 * sockets of the same process.
 */
#include <sys/socket.h>
#include <sys/time.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../cmd/bf-sim/serve.h"

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL	0
#endif

#define PATIENCE_MS	5000
#define UPGRADE		"GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n" \
			"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" \
			"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"

/* The application: does as the path says, and keeps book. */
static struct app {
	struct serve	*s;
	serve_id	 id;		/* of the last request or WebSocket */
	int		 requests, closed, controls, ticks, inputs;
	int64_t		 tick_at;
	char		 message[64];
} app;

/* What a client has got so far. */
struct client {
	int	fd, error;
	bool	eof;
	size_t	n;
	char	got[65536];
};

static void
on_request(void *ctx, serve_id id, const struct http_req *r)
{
	struct serve_answer a = { .status = 200 };
	char text[256];
	int n;

	(void)ctx;
	app.id = id;
	app.requests++;
	if (http_is(r->path, "/later"))
		return;
	if (http_is(r->path, "/ws")) {
		assert_true(serve_accept(app.s, id, "X-Extra: 1\r\n", &app));
		assert_false(serve_accept(app.s, id, NULL, NULL));
		return;
	}
	n = snprintf(text, sizeof text, "[%.*s|%.*s|%.*s]", (int)r->path.n, r->path.p,
	    (int)r->query.n, r->query.p, (int)r->body.n, r->body.p);
	a.body = text;
	a.len = (size_t)n;
	if (http_is(r->path, "/delay"))
		a.delay_ms = 60;
	if (http_is(r->path, "/stall"))
		a.fault = SERVE_STALL;
	if (http_is(r->path, "/fin") || http_is(r->path, "/half"))
		a.fault = SERVE_FIN;
	if (http_is(r->path, "/rst") || http_is(r->path, "/rsthalf"))
		a.fault = SERVE_RST;
	a.keep = http_is(r->path, "/half") || http_is(r->path, "/rsthalf") ? 20 : 0;
	if (http_is(r->path, "/html")) {
		a.status = 403;
		a.type = "text/html";
		a.headers = "Retry-After: 9\r\n";
	}
	assert_true(serve_answer(app.s, id, &a));
	assert_false(serve_answer(app.s, id, &a));
}

static void
on_message(void *ctx, serve_id id, void *user, const char *p, size_t n, bool binary)
{
	assert_ptr_equal(ctx, &app);
	assert_ptr_equal(user, &app);
	assert_int_equal(id, app.id);
	snprintf(app.message, sizeof app.message, "%s:%.*s", binary ? "bin" : "text",
	    (int)n, p);
}

static void
on_control(void *ctx, serve_id id, void *user, enum ws_op op)
{
	(void)ctx;
	assert_ptr_equal(user, &app);
	assert_int_equal(id, app.id);
	assert_true(op == WS_PING || op == WS_PONG);
	app.controls++;
}

static void
on_closed(void *ctx, serve_id id, void *user)
{
	(void)ctx;
	assert_ptr_equal(user, &app);
	assert_int_equal(id, app.id);
	assert_false(serve_alive(app.s, id));
	app.closed++;
}

static int64_t
on_deadline(void *ctx)
{
	(void)ctx;
	return app.tick_at;
}

static void
on_tick(void *ctx, int64_t now_ms)
{
	(void)ctx;
	assert_true(now_ms >= app.tick_at);
	app.tick_at = -1;
	app.ticks++;
	serve_stop(app.s);
}

static void
on_input(void *ctx, int fd)
{
	char c;

	(void)ctx;
	app.inputs++;
	if (read(fd, &c, 1) == 0)
		serve_watch(app.s, -1);
}


static void
start(const struct serve_opts *o)
{
	const struct serve_app calls = {
		.ctx = &app, .request = on_request, .message = on_message,
		.control = on_control, .closed = on_closed,
		.deadline = on_deadline, .tick = on_tick, .input = on_input
	};

	memset(&app, 0, sizeof app);
	app.tick_at = -1;
	app.s = serve_open(o, &calls);
	assert_non_null(app.s);
	assert_in_range(serve_port(app.s), 1, 65535);
}

static int
setup(void **state)
{
	(void)state;
	start(NULL);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	serve_free(app.s);
	return 0;
}

/* Start anew with other options. */
static void
restart(const struct serve_opts *o)
{
	serve_free(app.s);
	start(o);
}

static void
say(struct client *c, const char *p, size_t n)
{
	assert_int_equal(send(c->fd, p, n, MSG_NOSIGNAL), n);
}

/* A client that has connected and sent text. */
static void
dial(struct client *c, const char *text)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	int on = 1;

	memset(c, 0, sizeof *c);
	a.sin_port = htons((uint16_t)serve_port(app.s));
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	c->fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_not_equal(c->fd, -1);
	assert_int_equal(connect(c->fd, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), 0);
	assert_int_not_equal(fcntl(c->fd, F_SETFL, O_NONBLOCK), -1);
	say(c, text, strlen(text));
}

/* What has come to the client; false if nothing. */
static bool
take(struct client *c)
{
	ssize_t n;

	if (c == NULL || c->eof || c->error != 0 || c->n == sizeof c->got)
		return false;
	n = recv(c->fd, c->got + c->n, sizeof c->got - c->n, 0);
	if (n > 0)
		c->n += (size_t)n;
	else if (n == 0)
		c->eof = true;
	else if (errno != EAGAIN)
		c->error = errno;
	return n > 0;
}

/* What the client has not read yet, or else what one turn of the loop brings. */
static void
turn(struct client *c, int ms)
{
	if (take(c))
		return;
	assert_int_equal(serve_step(app.s, ms), 0);
	take(c);
}

static void
spin(struct client *c, int ms)
{
	for (int64_t until = serve_now() + ms; serve_now() < until; )
		turn(c, 5);
}

static bool
has(const struct client *c, const char *p, size_t n)
{
	return memmem(c->got, c->n, p, n) != NULL;
}

/* Go on until the client has these bytes. */
static void
hear(struct client *c, const char *p, size_t n)
{
	for (int64_t until = serve_now() + PATIENCE_MS; !has(c, p, n); turn(c, 5))
		if (serve_now() > until)
			fail_msg("got only: %.*s", (int)c->n, c->got);
}

static void
hear_text(struct client *c, const char *text)
{
	hear(c, text, strlen(text));
}

/* Go on until the connection has ended. */
static void
hear_end(struct client *c)
{
	for (int64_t until = serve_now() + PATIENCE_MS; !c->eof && c->error == 0; turn(c, 5))
		if (serve_now() > until)
			fail_msg("no end after: %.*s", (int)c->n, c->got);
}

static void
hang_up(struct client *c)
{
	close(c->fd);
	spin(NULL, 10);
}

static void
get(struct client *c, const char *path)
{
	char text[128];

	snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", path);
	dial(c, text);
}

/* A masked frame; the mask is 0 but for its last byte, and n < 126. */
static void
say_frame(struct client *c, unsigned op, const char *p, size_t n)
{
	char out[6 + 125] = { (char)(0x80 | op), (char)(0x80 | n), 0, 0, 0, 1 };

	for (size_t i = 0; i < n; i++)
		out[6 + i] = (char)(p[i] ^ (i % 4 == 3));
	say(c, out, 6 + n);
}

/* A client with an open WebSocket, and nothing heard on it. */
static void
open_ws(struct client *c)
{
	dial(c, UPGRADE);
	hear_text(c, "\r\n\r\n");
	assert_true(has(c, "HTTP/1.1 101 ", 13));
	c->n = 0;
}

/* HTTP. */

static void
test_keep_alive(void **state)
{
	const char *post = "POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi";
	struct client c;

	(void)state;
	get(&c, "/a?b=%20");
	hear_text(&c, "[/a|b=%20|]");
	assert_true(has(&c, "HTTP/1.1 200 OK\r\n", 17));
	assert_true(has(&c, "Content-Length: 11\r\n", 20));
	assert_true(has(&c, "Connection: keep-alive\r\n", 24));
	for (; *post != '\0'; post++) {
		say(&c, post, 1);
		turn(&c, 0);
	}
	hear_text(&c, "[/b||hi]");
	hang_up(&c);
	assert_int_equal(app.requests, 2);
}

static void
test_pipeline_waits(void **state)
{
	const struct serve_answer a = { .status = 200, .body = "first", .len = 5 };
	struct client c;
	serve_id id;

	(void)state;
	dial(&c, "GET /later HTTP/1.1\r\nHost: x\r\n\r\nGET /second HTTP/1.1\r\nHost: x\r\n"
	    "Connection: close\r\n\r\nGET /third HTTP/1.1\r\nHost: x\r\n\r\n");
	spin(&c, 30);
	assert_int_equal(app.requests, 1);
	assert_int_equal(c.n, 0);
	id = app.id;
	assert_true(serve_alive(app.s, id));
	assert_true(serve_answer(app.s, id, &a));
	assert_false(serve_answer(app.s, id, &a));
	hear_text(&c, "first");
	hear_text(&c, "[/second||]");
	hear_end(&c);
	assert_true(c.eof);
	assert_false(has(&c, "third", 5));
	assert_int_equal(app.requests, 2);
	assert_false(serve_alive(app.s, id));
	hang_up(&c);
}

/* Answers heard so far, which are forgotten but for what may be half of one. */
static size_t
count_answers(struct client *c)
{
	size_t count = 0;
	char *p;

	while ((p = memmem(c->got, c->n, "[/", 2)) != NULL) {
		count++;
		c->n -= (size_t)(p + 2 - c->got);
		memmove(c->got, p + 2, c->n);
	}
	return count;
}

/* Many requests ahead of a client that reads nothing yet: the wire stops
 * reading as well, and in the end each has its answer. */
static void
test_pipeline_many(void **state)
{
	static const char one[] = "GET /0123456789 HTTP/1.1\r\nHost: x\r\n\r\n";
	enum { COUNT = 40000, SIZE = sizeof one - 1 };
	const struct serve_opts o = { .sndbuf = 131072 };
	size_t sent = 0, answers = 0;
	char *all = malloc(COUNT * SIZE);
	int small = 131072;
	struct client c;
	ssize_t n;

	(void)state;
	assert_non_null(all);
	for (size_t i = 0; i < COUNT; i++)
		memcpy(all + i * SIZE, one, SIZE);
	restart(&o);
	dial(&c, "");
	setsockopt(c.fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
	for (int idle = 0; idle < 100; serve_step(app.s, 1), idle++)
		if ((n = send(c.fd, all + sent, COUNT * SIZE - sent, MSG_NOSIGNAL)) > 0) {
			sent += (size_t)n;
			idle = 0;
		}
	assert_in_range(app.requests, 1, COUNT - 1);
	for (; answers < COUNT; answers += count_answers(&c)) {
		n = send(c.fd, all + sent, COUNT * SIZE - sent, MSG_NOSIGNAL);
		sent += n > 0 ? (size_t)n : 0;
		turn(&c, 1);
		assert_true(!c.eof && c.error == 0);
	}
	assert_int_equal(app.requests, COUNT);
	free(all);
	hang_up(&c);
}

static void
test_old_and_head(void **state)
{
	struct client c;

	(void)state;
	dial(&c, "HEAD /x HTTP/1.0\r\n\r\n");
	hear_end(&c);
	assert_true(has(&c, "Content-Length: 6\r\n", 19));
	assert_true(has(&c, "Connection: close\r\n\r\n", 21));
	assert_memory_equal(c.got + c.n - 4, "\r\n\r\n", 4);
	hang_up(&c);
}

static void
test_refusals(void **state)
{
	static const struct { const char *text, *want; } row[] = {
		{ "garbage\r\n", "HTTP/1.1 400 " },
		{ "\x16\x03\x01", "HTTP/1.1 400 " },
		{ "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n\r\nxxxx",
		    "HTTP/1.1 413 " },
		{ "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n",
		    "HTTP/1.1 411 " },
		{ "GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
		  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: short\r\n\r\n",
		    "HTTP/1.1 400 " },
		{ "GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
		  "Sec-WebSocket-Version: 8\r\n\r\n", "Sec-WebSocket-Version: 13\r\n" },
	};
	struct client c;

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		dial(&c, row[i].text);
		hear_text(&c, row[i].want);
		hear_end(&c);
		assert_true(c.eof);	/* in peace, though not all was read */
		hang_up(&c);
	}
	assert_int_equal(app.requests, 0);
}

static void
test_continue(void **state)
{
	struct client c;

	(void)state;
	dial(&c, "POST /c HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n"
	    "Expect: 100-continue\r\n\r\n");
	hear_text(&c, "HTTP/1.1 100 Continue\r\n\r\n");
	say(&c, "ok", 2);
	hear_text(&c, "[/c||ok]");
	hang_up(&c);
}

static void
test_half_closed_client(void **state)
{
	struct client c;

	(void)state;
	get(&c, "/delay");
	shutdown(c.fd, SHUT_WR);
	hear_text(&c, "[/delay||]");
	hear_end(&c);
	assert_true(c.eof);
	hang_up(&c);
}

static void
test_big_answer(void **state)
{
	struct serve_answer a = { .status = 200, .len = 8u << 20 };
	char *body = calloc(1, a.len);
	struct client c;
	size_t all = 0;

	(void)state;
	assert_non_null(body);
	a.body = body;
	get(&c, "/later");
	while (app.requests == 0)
		turn(&c, 5);
	assert_true(serve_answer(app.s, app.id, &a));
	free(body);
	while (all < a.len) {
		turn(&c, 1);
		assert_false(c.eof);
		all += c.n;
		c.n = 0;
	}
	hang_up(&c);
}

/* Faults of HTTP. */

static void
test_delay(void **state)
{
	int64_t before = serve_now();
	struct client c;

	(void)state;
	get(&c, "/delay");
	hear_text(&c, "[/delay||]");
	assert_true(serve_now() - before >= 60);
	hang_up(&c);
}

static void
test_cuts(void **state)
{
	static const struct { const char *path; size_t n; bool reset; } row[] = {
		{ "/fin", 0, false }, { "/half", 20, false },
		{ "/rst", 0, true }, { "/rsthalf", 20, true },
	};
	struct client c;

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		get(&c, row[i].path);
		hear_end(&c);
		assert_int_equal(c.n, row[i].n);
		assert_memory_equal(c.got, "HTTP/1.1 200 OK\r\nCon", row[i].n);
		assert_int_equal(c.eof, !row[i].reset);
		assert_int_equal(c.error, row[i].reset ? ECONNRESET : 0);
		hang_up(&c);
	}
	assert_int_equal(app.requests, 4);
}

static void
test_cut_waiting(void **state)
{
	struct client c;

	(void)state;
	get(&c, "/later");
	spin(&c, 20);
	assert_true(serve_cut(app.s, app.id, SERVE_RST));
	assert_false(serve_cut(app.s, app.id, SERVE_RST));
	hear_end(&c);
	assert_int_equal(c.error, ECONNRESET);
	hang_up(&c);
}

static void
test_stall(void **state)
{
	struct client c;

	(void)state;
	get(&c, "/stall");
	spin(&c, 50);
	say(&c, "GET /more HTTP/1.1\r\nHost: x\r\n\r\n", 31);
	spin(&c, 30);
	assert_int_equal(c.n, 0);
	assert_false(c.eof);
	assert_int_equal(app.requests, 1);
	hang_up(&c);
}

static void
test_html(void **state)
{
	struct client c;

	(void)state;
	get(&c, "/html");
	hear_text(&c, "[/html||]");
	assert_true(has(&c, "HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\n", 49));
	assert_true(has(&c, "\r\nRetry-After: 9\r\n", 18));
	hang_up(&c);
}

static void
test_dead_before_answer(void **state)
{
	const struct serve_answer a = { .status = 200 };
	struct linger now = { 1, 0 };
	struct client c;
	serve_id old;

	(void)state;
	get(&c, "/later");
	spin(&c, 20);
	old = app.id;
	setsockopt(c.fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	hang_up(&c);
	assert_false(serve_answer(app.s, old, &a));
	get(&c, "/later");	/* takes the same place */
	spin(&c, 20);
	assert_int_equal(app.requests, 2);
	assert_false(serve_answer(app.s, old, &a));
	assert_true(serve_answer(app.s, app.id, &a));
	hang_up(&c);
}

/* WebSocket. */

static void
test_ws_talk(void **state)
{
	struct client c;

	(void)state;
	dial(&c, UPGRADE);
	hear_text(&c, "\r\n\r\n");
	assert_true(has(&c, "HTTP/1.1 101 Switching Protocols\r\n", 34));
	assert_true(has(&c, "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n", 52));
	assert_true(has(&c, "X-Extra: 1\r\n", 12));
	say_frame(&c, WS_TEXT, "{\"id\":1}", 8);
	spin(&c, 20);
	assert_string_equal(app.message, "text:{\"id\":1}");
	assert_true(serve_send_text(app.s, app.id, "Hello", 5));
	hear(&c, "\x81\x05Hello", 7);
	say_frame(&c, WS_PING, "abc", 3);
	hear(&c, "\x8a\x03" "abc", 5);
	say_frame(&c, WS_PONG, "", 0);
	spin(&c, 10);
	assert_int_equal(app.controls, 2);
	say_frame(&c, WS_CLOSE, "\x03\xe8", 2);
	hear(&c, "\x88\x02\x03\xe8", 4);
	hear_end(&c);
	assert_true(c.eof);
	assert_int_equal(app.closed, 1);
	assert_false(serve_send_text(app.s, app.id, "late", 4));
	hang_up(&c);
	assert_int_equal(app.closed, 1);
}

/* Frames right behind the handshake, in one piece with it. */
static void
test_ws_eager(void **state)
{
	char text[sizeof UPGRADE + 16] = UPGRADE "\x81\x82";
	size_t n = sizeof UPGRADE - 1 + 2;
	struct client c;

	(void)state;
	memcpy(text + n, "\0\0\0\0hi", 6);
	dial(&c, "");
	say(&c, text, n + 6);
	hear_text(&c, "\r\n\r\n");
	spin(&c, 10);
	assert_string_equal(app.message, "text:hi");
	hang_up(&c);
	assert_int_equal(app.closed, 1);
}

static void
test_ws_broken_rules(void **state)
{
	struct client c;

	(void)state;
	open_ws(&c);
	say(&c, "\x81\x05Hello", 7);		/* not masked */
	hear(&c, "\x88\x02\x03\xea", 4);	/* 1002 */
	hear_end(&c);
	assert_true(c.eof);
	assert_int_equal(app.closed, 1);
	hang_up(&c);
	open_ws(&c);
	say(&c, "\x82\xff\0\0\0\0\0\x10\0\x01", 10);	/* a MiB and a byte */
	hear(&c, "\x88\x02\x03\xf1", 4);	/* 1009 */
	hear_end(&c);
	hang_up(&c);
}

static void
test_ws_close_by_us(void **state)
{
	struct client c;

	(void)state;
	open_ws(&c);
	assert_true(serve_send_text(app.s, app.id, "bye", 3));
	assert_true(serve_close(app.s, app.id, 1001, "24 h"));
	assert_false(serve_send_text(app.s, app.id, "x", 1));
	hear(&c, "\x81\x03" "bye\x88\x06\x03\xe9" "24 h", 13);
	spin(&c, 30);
	assert_false(c.eof);	/* their close frame comes first */
	assert_int_equal(app.closed, 1);
	say_frame(&c, WS_CLOSE, "\x03\xe9", 2);
	hear_end(&c);
	assert_true(c.eof);
	hang_up(&c);
}

static void
test_ws_cuts(void **state)
{
	struct client c;

	(void)state;
	open_ws(&c);
	assert_true(serve_send_text(app.s, app.id, "bye", 3));
	assert_true(serve_cut(app.s, app.id, SERVE_FIN));
	assert_false(serve_cut(app.s, app.id, SERVE_FIN));
	hear_end(&c);
	assert_true(c.eof);
	assert_int_equal(c.n, 5);	/* the text, and no close frame */
	hang_up(&c);
	open_ws(&c);
	assert_true(serve_cut(app.s, app.id, SERVE_RST));
	hear_end(&c);
	assert_int_equal(c.error, ECONNRESET);
	assert_int_equal(c.n, 0);
	hang_up(&c);
	assert_int_equal(app.closed, 2);
}

static void
test_ws_mute(void **state)
{
	struct client c;

	(void)state;
	open_ws(&c);
	assert_true(serve_mute(app.s, app.id, SERVE_MUTE_ALL));
	assert_true(serve_send_text(app.s, app.id, "lost", 4));
	say_frame(&c, WS_PING, "a", 1);
	say_frame(&c, WS_TEXT, "heard", 5);
	spin(&c, 30);
	assert_int_equal(c.n, 0);
	assert_string_equal(app.message, "text:heard");
	assert_true(serve_mute(app.s, app.id, SERVE_MUTE_CONTROL));
	assert_true(serve_send_text(app.s, app.id, "x", 1));
	say_frame(&c, WS_PING, "a", 1);
	hear(&c, "\x81\x01x", 3);
	spin(&c, 20);
	assert_int_equal(c.n, 3);
	say_frame(&c, WS_CLOSE, "", 0);
	spin(&c, 30);
	assert_int_equal(c.n, 3);
	assert_false(c.eof);
	assert_int_equal(app.closed, 1);
	hang_up(&c);
}

/* Only the echo of a ping keeps a connection. */
static void
test_ws_pings(void **state)
{
	const struct serve_opts o = { .ping_ms = 20, .pong_ms = 150 };
	struct client c;
	char echo[64];
	size_t n;

	(void)state;
	restart(&o);
	open_ws(&c);
	for (int64_t until = serve_now() + 300; serve_now() < until; c.n = 0) {
		hear(&c, "\x89", 1);
		n = (size_t)c.got[1];
		assert_in_range(n, 1, 20);
		memcpy(echo, c.got + 2, n);
		say_frame(&c, WS_PONG, echo, n);
	}
	assert_int_equal(app.closed, 0);
	for (int64_t until = serve_now() + 300; serve_now() < until; ) {
		say_frame(&c, WS_PONG, "1", 1);
		turn(&c, 20);
		if (c.eof || c.error != 0 || has(&c, "Pong timeout", 12))
			break;
	}
	assert_true(has(&c, "\x88\x0e\x03\xf0Pong timeout", 16));
	hear_end(&c);
	assert_int_equal(app.closed, 1);
	hang_up(&c);
}

static void
test_ws_slow_reader(void **state)
{
	const struct serve_opts o = { .queue_max = 100000, .sndbuf = 4096 };
	struct serve_frame *f;
	struct client slow, good;
	serve_id slow_id, good_id;
	char text[1000] = "";
	int sent = 0;

	(void)state;
	restart(&o);
	open_ws(&slow);
	slow_id = app.id;
	open_ws(&good);
	good_id = app.id;
	app.id = slow_id;	/* whose end is expected */
	f = serve_frame_text(text, sizeof text);
	assert_non_null(f);
	for (; sent < 100000 && serve_send(app.s, slow_id, f); sent++) {
		assert_true(serve_send(app.s, good_id, f));
		turn(&good, 1);
		good.n = 0;
	}
	serve_frame_free(f);
	assert_in_range(sent, 100, 99999);
	spin(NULL, 10);
	assert_int_equal(app.closed, 1);
	assert_false(serve_alive(app.s, slow_id));
	assert_true(serve_alive(app.s, good_id));
	while (!slow.eof && slow.error == 0) {	/* what had left, then the end */
		turn(&slow, 1);
		slow.n = 0;
	}
	app.id = good_id;
	hang_up(&slow);
	hang_up(&good);
}

/* A burst within one turn is no slow reader. */
static void
test_ws_burst(void **state)
{
	const struct serve_opts o = { .queue_max = 10000 };
	struct client c;
	char text[1000] = "";
	size_t all = 0;

	(void)state;
	restart(&o);
	open_ws(&c);
	for (int i = 0; i < 100; i++)
		assert_true(serve_send_text(app.s, app.id, text, sizeof text));
	while (all < 100 * (sizeof text + 4)) {
		turn(&c, 1);
		assert_false(c.eof);
		all += c.n;
		c.n = 0;
	}
	hang_up(&c);
}

/* The loop. */

static void
test_timer_stops(void **state)
{
	int64_t before = serve_now();

	(void)state;
	app.tick_at = before + 30;
	assert_int_equal(serve_run(app.s), 0);
	assert_int_equal(app.ticks, 1);
	assert_in_range(serve_now() - before, 30, 2000);
}

static void
on_alarm(int sig)
{
	(void)sig;
	serve_stop(app.s);
}

static void
test_signal_stops(void **state)
{
	const struct itimerval soon = { .it_value.tv_usec = 50000 };

	(void)state;
	signal(SIGALRM, on_alarm);
	assert_int_equal(setitimer(ITIMER_REAL, &soon, NULL), 0);
	assert_int_equal(serve_run(app.s), 0);
}

static void
test_feed(void **state)
{
	int p[2];

	(void)state;
	assert_int_equal(pipe(p), 0);
	serve_watch(app.s, p[0]);
	assert_int_equal(write(p[1], "ab", 2), 2);
	spin(NULL, 20);
	assert_int_equal(app.inputs, 2);
	close(p[1]);
	spin(NULL, 20);
	assert_int_equal(app.inputs, 3);	/* the end, told once */
	close(p[0]);
}

static void
test_crowd(void **state)
{
	const struct serve_opts o = { .conns_max = 300 };
	static struct client c[301];

	(void)state;
	restart(&o);
	for (size_t i = 0; i < 301; i++) {
		get(&c[i], "/all");
		turn(NULL, 0);
	}
	for (size_t i = 0; i < 300; i++)
		hear_text(&c[i], "[/all||]");
	hear_end(&c[300]);	/* one too many */
	assert_int_equal(c[300].n, 0);
	for (size_t i = 0; i < 301; i++)
		close(c[i].fd);
	spin(NULL, 20);
	get(&c[0], "/again");
	hear_text(&c[0], "[/again||]");
	hang_up(&c[0]);
}

static void
test_open_fails(void **state)
{
	const struct serve_app none = { 0 };
	struct serve_opts o = { .port = serve_port(app.s) };

	(void)state;
	assert_null(serve_open(&o, &none));
	assert_int_equal(errno, EADDRINUSE);
	o.port = 65536;
	assert_null(serve_open(&o, &none));
	assert_int_equal(errno, EINVAL);
	serve_free(NULL);
}

#define TEST(t)	cmocka_unit_test_setup_teardown(t, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_keep_alive), TEST(test_pipeline_waits), TEST(test_pipeline_many),
		TEST(test_old_and_head), TEST(test_refusals), TEST(test_continue),
		TEST(test_half_closed_client), TEST(test_big_answer),
		TEST(test_delay), TEST(test_cuts), TEST(test_cut_waiting), TEST(test_stall),
		TEST(test_html), TEST(test_dead_before_answer),
		TEST(test_ws_talk), TEST(test_ws_eager), TEST(test_ws_broken_rules),
		TEST(test_ws_close_by_us), TEST(test_ws_cuts), TEST(test_ws_mute),
		TEST(test_ws_pings), TEST(test_ws_slow_reader), TEST(test_ws_burst),
		TEST(test_timer_stops), TEST(test_signal_stops), TEST(test_feed),
		TEST(test_crowd), TEST(test_open_fails),
	};

	return cmocka_run_group_tests_name("simserve", tests, NULL, NULL);
}
