/* The WebSocket client against a peer that misbehaves by script. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/stat.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <termios.h>
#include <time.h>

#include "io/clock.h"
#include "io/ws.h"
#include "scratch.h"
#include "wspeer.h"

#define LINES	256

/*
 * The peer
 */

struct peer {
	pid_t	pid;
	int	port;
	int	n;
	char	line[LINES][120];
};

static struct peer *peers[4];
static int npeers;
static struct peer *speaker;	/* in the child: whose log it is */

static void
say(const char *line)
{
	int n = __atomic_load_n(&speaker->n, __ATOMIC_ACQUIRE);

	if (n == LINES)
		return;
	snprintf(speaker->line[n], sizeof speaker->line[n], "%s", line);
	__atomic_store_n(&speaker->n, n + 1, __ATOMIC_RELEASE);
}

static struct peer *
peer_new(const char *const script[], int n, const char *cert, const char *key, int max)
{
	struct peer *p = mmap(NULL, sizeof *p, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int fd = wspeer_listen(&p->port);
	pid_t pid = fork();

	if (pid == -1)
		abort();
	if (pid == 0) {
#ifdef __linux__
		prctl(PR_SET_PDEATHSIG, SIGKILL);	/* a test that was killed leaves nobody */
#endif
		speaker = p;
		wspeer_serve(fd, script, n, cert == NULL ? NULL : wspeer_tls(cert, key, max), say);
		_exit(0);
	}
	p->pid = pid;
	close(fd);
	return peers[npeers++] = p;
}

#define PEER(...)	peer_new((const char *const []){ __VA_ARGS__ }, \
	(int)(sizeof((const char *const []){ __VA_ARGS__ }) / sizeof(char *)), NULL, NULL, 0)

static void
peers_end(void)
{
	for (; npeers > 0; npeers--) {
		kill(peers[npeers - 1]->pid, SIGKILL);
		waitpid(peers[npeers - 1]->pid, NULL, 0);
		munmap(peers[npeers - 1], sizeof **peers);
	}
}

static bool
wrote(struct peer *p, const char *line)
{
	int n = __atomic_load_n(&p->n, __ATOMIC_ACQUIRE);

	for (int i = 0; i < n; i++)
		if (strcmp(p->line[i], line) == 0)
			return true;
	return false;
}

/* Wait for the peer to write a line down. */
static bool
saw(struct peer *p, const char *line)
{
	for (int i = 0; i < 2000; i++) {
		if (wrote(p, line))
			return true;
		poll(NULL, 0, 5);
	}
	return false;
}

/*
 * The client: what it tells is kept, and the loop runs until enough was told
 */

#define KEPT	64

static struct ws_loop *loop;
static struct fault f;
static struct ws_why whys[KEPT];	/* of each end */
static int64_t ends_ms[KEPT], begins_ms[KEPT];
static char texts[KEPT][4096];
static size_t sizes[KEPT];
static int nbegins, nopens, nends, ntexts, npaths, nticks, nidles;
static int want_ends, want_texts;	/* stop then; 0: not for that */
static const char *path;
static int path_says;			/* what the path callback returns, first time */
static void (*on_text)(struct ws_conn *c);
static void (*on_state)(struct ws_conn *c, enum ws_state st);
static bool (*on_tick)(void);		/* true: enough */
static int64_t deadline;

static void
told_state(void *arg, struct ws_conn *c, enum ws_state st, const struct ws_why *why)
{
	(void)arg;
	assert_true((why != NULL) == (st == WS_CLOSED));
	if (st == WS_CONNECTING && nbegins < KEPT)
		begins_ms[nbegins++] = clock_mono_ms();
	else if (st == WS_OPEN)
		nopens++;
	else if (st == WS_CLOSED && nends < KEPT) {
		ends_ms[nends] = clock_mono_ms();
		whys[nends++] = *why;
	}
	if (on_state != NULL)
		on_state(c, st);
	if (want_ends > 0 && nends >= want_ends)
		ws_stop(loop);
}

static void
told_text(void *arg, struct ws_conn *c, const char *p, size_t n)
{
	(void)arg;
	if (ntexts < KEPT) {
		sizes[ntexts] = n;
		snprintf(texts[ntexts++], sizeof texts[0], "%.*s", (int)n, p);
	}
	if (on_text != NULL)
		on_text(c);
	if (want_texts > 0 && ntexts >= want_texts)
		ws_stop(loop);
}

static int
told_path(void *arg, struct ws_conn *c, char *out, size_t size)
{
	(void)arg, (void)c;
	snprintf(out, size, "%s", path);
	return npaths++ == 0 ? path_says : 0;
}

static void
told_tick(void *arg, int64_t now)
{
	(void)arg;
	nticks++;
	if (now > deadline || (on_tick != NULL && on_tick()))
		ws_stop(loop);
}

static void
told_idle(void *arg)
{
	(void)arg;
	nidles++;
}

static const struct ws_events events = { told_state, told_text, told_path, told_tick, told_idle };

static void
begin(size_t max, const char *ca)
{
	nbegins = nopens = nends = ntexts = npaths = nticks = nidles = 0;
	want_ends = want_texts = path_says = 0;
	path = "/ws";
	on_text = NULL;
	on_state = NULL;
	on_tick = NULL;
	assert_int_equal(ws_open(&loop, max, ca, &events, NULL, &f), 0);
}

static struct ws_conn *
add_tagged(const char *scheme, const char *host, int port, void *tag)
{
	char base[128];
	struct ws_conn *c;

	snprintf(base, sizeof base, "%s://%s:%d", scheme, host, port);
	if ((c = ws_add(loop, base, tag, &f)) == NULL)
		fail_msg("%s", f.text);
	return c;
}

static struct ws_conn *
add(const char *scheme, const char *host, int port)
{
	return add_tagged(scheme, host, port, NULL);
}

/* Until that many ends or texts (whichever is not 0), or in vain. */
static void
run(int ends, int texts_)
{
	want_ends = ends;
	want_texts = texts_;
	deadline = clock_mono_ms() + 25000;
	ws_run(loop);
}

static int
teardown(void **state)
{
	(void)state;
	ws_close(loop);
	loop = NULL;
	peers_end();
	return 0;
}

static int
setup(void **state)
{
	(void)state;
	begin(1000, NULL);
	return 0;
}

static const char *awaited;	/* a line of the first peer */

static bool
awaited_there(void)
{
	return wrote(peers[0], awaited);
}

/* One peer, one connection, until its first end; or, with line, until the peer has
 * written that down. */
static void
first_end(const char *script, const char *line)
{
	teardown(NULL);
	begin(1000, NULL);
	add("ws", "127.0.0.1", PEER(script, "stall")->port);
	awaited = line;
	on_tick = line != NULL ? awaited_there : NULL;
	run(line != NULL ? 0 : 1, 0);
	if (nends == 0)
		fail_msg("%s: it never ended", script);
	if (line != NULL && !wrote(peers[0], line))
		fail_msg("%s: no %s", script, line);
}

/*
 * What is good
 */

static void
test_messages(void **state)
{
	struct peer *p = PEER("up;text={\"a\":1};frame=81:0;frame=01:3;ping=0;frame=00:2;ping=125;"
	    "frame=80:1;ping=1;frame=81:126;frame=81:1000;text=end;closed");

	(void)state;
	add("ws", "127.0.0.1", p->port);
	run(0, 5);
	assert_int_equal(ntexts, 5);
	assert_string_equal(texts[0], "{\"a\":1}");
	assert_string_equal(texts[1], "aaaaaa");	/* whole, though in three pieces with pings between */
	assert_int_equal(sizes[2], 126);
	assert_int_equal(sizes[3], 1000);		/* just what is allowed */
	assert_string_equal(texts[4], "end");
	assert_true(wrote(p, "pong 0 same") && wrote(p, "pong 125 same") && wrote(p, "pong 1 same"));
	assert_true(nopens == 1 && nends == 0 && nidles > 0);
}

/* What is not UTF-8 is passed on as it came: whoever reads it scans it. */
static void
test_bytes(void **state)
{
	(void)state;
	add("ws", "127.0.0.1", PEER("up;hex=81 02 c3 28;hex=81 03 61 00 62;hold")->port);
	run(0, 2);
	assert_int_equal(ntexts, 2);
	assert_string_equal(texts[0], "\xc3\x28");
	assert_int_equal(sizes[1], 3);
}

/* A server must not mask (RFC 6455, 5.1). libwebsockets from 4.2 on hangs up, before
 * it does not tell: then the text is what the mask makes of it. */
static void
test_masked(void **state)
{
	(void)state;
	add("ws", "127.0.0.1", PEER("up;hex=81 81 01 02 03 04 62;hold")->port);
	run(1, 1);
	assert_true((nends == 1 && strncmp(whys[0].text, "cut: ", 5) == 0) ||
	    (ntexts == 1 && strcmp(texts[0], "c") == 0));
}

static void
send_one(struct ws_conn *c, enum ws_state st)
{
	if (st == WS_OPEN) {
		assert_int_equal(ws_send(c, "{\"id\":1}", 8), 0);
		assert_int_equal(ws_send(c, "{\"id\":2}", 8), 0);
	} else
		assert_int_equal(ws_send(c, "no", 2), -1);
}

static void
test_send(void **state)
{
	struct peer *p = PEER("up;heard;heard;text=thanks;hold");

	(void)state;
	on_state = send_one;
	add("ws", "127.0.0.1", p->port);
	run(0, 1);
	assert_true(wrote(p, "text {\"id\":1}") && wrote(p, "text {\"id\":2}"));
	assert_false(wrote(p, "not masked"));
}

static int tag_a, tag_b;

static void
tag_look(struct ws_conn *c)
{
	assert_true(ws_since(c) > 0 && ws_since(c) <= clock_mono_ms());
	assert_ptr_equal(ws_tag(c), texts[ntexts - 1][0] == 'A' ? &tag_a : &tag_b);
}

static void
test_bases(void **state)
{
	struct ws_conn *a;

	(void)state;
	on_text = tag_look;
	a = add_tagged("ws", "127.0.0.1", PEER("up;text=A;hold")->port, &tag_a);
	add_tagged("ws", "localhost", PEER("up;text=B;hold")->port, &tag_b);
	assert_int_equal(ws_since(a), 0);
	run(0, 2);
	assert_int_equal(ntexts, 2);
	assert_int_equal(nopens, 2);
}

static void
test_path(void **state)
{
	struct peer *p = PEER("up;close=1000", "up;text=x;hold");

	(void)state;
	path_says = 1;		/* not yet: asked again */
	path = "/ws/first?a=b%40c";
	add("ws", "127.0.0.1", p->port);
	run(0, 1);
	assert_int_equal(npaths, 3);
	assert_int_equal(nbegins, 2);
	assert_int_equal(ntexts, 1);
}

static void
test_path_not_now(void **state)
{
	(void)state;
	path_says = -1;
	add("ws", "127.0.0.1", PEER("up;text=x;hold")->port);
	run(0, 1);
	assert_int_equal(npaths, 2);
	assert_int_equal(nbegins, 1);
}

static void
test_path_bad(void **state)
{
	struct peer *p = PEER("up;text=x;hold");

	(void)state;
	path = "/ws HTTP/1.1\r\nX: y";
	add("ws", "127.0.0.1", p->port);
	run(1, 0);
	assert_non_null(strstr(whys[0].text, "path"));
	assert_false(wrote(p, "connection 1"));
}

/*
 * What is not
 */

static void
test_breaches(void **state)
{
	static const struct { const char *script, *why; int code; } row[] = {
		/* what we look for ourselves, and close with a code */
		{ "up;hex=82 01 61;closed", "binary", 1003 },
		{ "up;frame=02:5;closed", "binary", 1003 },
		{ "up;frame=81:1001;closed", "longer than any good one", 1009 },
		{ "up;frame=01:600;frame=00:600;closed", "longer than any good one", 1009 },
		{ "up;hex=81 7f 40 00 00 00 00 00 00 00;frame=81:70000;closed", "longer than any good one", 1009 },
		/* what libwebsockets does */
		{ "up;hex=81 7f 80 00 00 00 00 00 00 00;hold", "impossible length", 0 },
		{ "up;hex=81 7f ff ff ff ff ff ff ff ff;hold", "impossible length", 0 },
		{ "up;hex=c1 05 48 65 6c 6c 6f;hold", "reserved bits", 0 },
		{ "up;hex=a1 01 61;hold", "reserved bits", 0 },
		{ "up;hex=91 01 61;hold", "reserved bits", 0 },
		{ "up;hex=83 01 61;hold", "unknown kind", 0 },
		{ "up;hex=8b 00;hold", "unknown kind", 0 },
		{ "up;hex=80 01 61;hold", "continues nothing", 0 },
		{ "up;hex=01 01 61 81 01 62;hold", "unfinished", 0 },
		{ "up;hex=89 7e 00 7e;hold", "125 bytes", 0 },
		{ "up;hex=89 7f 00 00 00 00 00 00 01 00;hold", "125 bytes", 0 },
		{ "up;hex=09 01 61;hold", "in pieces", 0 },
		/* ends */
		{ "up", "without a close frame", 0 },
		{ "up;hex=81 05 61", "without a close frame", 0 },
		{ "up;text=x;rst", "without a close frame", 0 },
	};
	char line[32];

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		snprintf(line, sizeof line, "close %d", row[i].code);
		first_end(row[i].script, row[i].code != 0 ? line : NULL);
		/* a libwebsockets built without its log cannot say more */
		if (strstr(whys[0].text, row[i].why) == NULL &&
		    (row[i].code != 0 || strcmp(whys[0].text, "cut: the peer broke the WebSocket protocol") != 0))
			fail_msg("%s: %s", row[i].script, whys[0].text);
		assert_true(whys[0].http == 0 && whys[0].code == 0 && !whys[0].tls);
	}
}

/* A connection that was cut is made again. */
static void
test_reconnect(void **state)
{
	(void)state;
	add("ws", "127.0.0.1", PEER("up;hex=c1 01 61;hold", "up;hex=82 01 61;closed", "up;rst",
	    "http=503 Unavailable", "up;text=at last;hold")->port);
	run(0, 1);
	assert_int_equal(ntexts, 1);
	assert_int_equal(nends, 4);
	assert_int_equal(nopens, 4);
	assert_int_equal(whys[3].http, 503);
}

static void
test_close_codes(void **state)
{
	static const struct { const char *step; int code; const char *text; } row[] = {
		{ "close=1000", 1000, "closed by peer, code 1000" },
		{ "close=1001:going away", 1001, "closed by peer, code 1001: going away" },
		{ "close=1008:Too many requests", 1008, "closed by peer, code 1008: Too many requests" },
		{ "close=1011", 1011, "closed by peer, code 1011" },
		{ "close=4000:\x1b[2J\x9b", 4000, "closed by peer, code 4000: ?[2J?" },
		{ "hex=88 00", 1005, "closed by peer, code 1005" },
		{ "hex=88 01 03", 1005, "closed by peer, code 1005" },
	};
	char script[128];

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		snprintf(script, sizeof script, "up;%s;closed", row[i].step);
		first_end(script, NULL);
		assert_string_equal(whys[0].text, row[i].text);
		assert_int_equal(whys[0].code, row[i].code);
	}
	for (int code = 1012; code <= 1014; code++) {
		snprintf(script, sizeof script, "up;close=%d:restart;closed", code);
		first_end(script, NULL);
		assert_true(whys[0].code == code || strstr(whys[0].text, "1012 to 1014") != NULL);
		assert_non_null(strstr(whys[0].text, ": restart"));
	}
}

static void
test_refusals(void **state)
{
	static const struct { const char *script; int http; long retry; const char *text; } row[] = {
		{ "http=200 OK|Content-Type: text/html||<html>hi</html>", 200, 0, "HTTP 200" },
		{ "http=204 No Content", 204, 0, "HTTP 204" },
		{ "http=400 Bad Request||{\"code\":-1}", 400, 0, "HTTP 400" },
		{ "http=401 Unauthorized|WWW-Authenticate: Basic", 401, 0, "HTTP 401" },
		{ "http=403 Forbidden|Content-Type: text/html||<html></html>", 403, 0, "HTTP 403" },
		{ "http=418 I'm a teapot", 418, 60, "wait 60 s" },
		{ "http=429 Too Many Requests", 429, 60, "wait 60 s" },
		{ "http=429 Too Many Requests|Retry-After: 7", 429, 7, "wait 7 s" },
		{ "http=429 Too Many Requests|Retry-After: Wed, 21 Oct 2026 07:28:00 GMT", 429, 60, "HTTP 429" },
		{ "http=429 Too Many Requests|Retry-After: -5", 429, 60, "HTTP 429" },
		{ "http=503 Unavailable|Retry-After: 0", 503, 1, "HTTP 503" },
		{ "http=418 Banned|Retry-After: 99999999999999999999", 418, 259200, "wait 259200 s" },
		{ "http=418 Banned|Retry-After: 300000", 418, 259200, "HTTP 418" },
		{ "http=451 Unavailable For Legal Reasons", 451, 0, "HTTP 451" },
		{ "http=502 Bad Gateway|Content-Type: text/html||<html>", 502, 0, "HTTP 502" },
		{ "http=999 Odd", 999, 0, "HTTP 999" },
		{ "up!=s3pPLMBiTxaQ9kYGzzhZRbK+xOo=;hold", 0, 0, "wrong Sec-WebSocket-Accept" },
		{ "up=Sec-WebSocket-Extensions: permessage-deflate;hold", 0, 0, "extension" },
		{ "up=Sec-WebSocket-Protocol: chat;hold", 0, 0, "subprotocol" },
		{ "http=101 Switching Protocols|Upgrade: websocket|Connection: Upgrade;hold", 0, 0, "no Sec-WebSocket-Accept" },
		{ "http=101 Switching Protocols|Upgrade: h2c|Connection: Upgrade|Sec-WebSocket-Accept: x;hold", 0, 0, "Upgrade" },
		{ "raw=\\r\\n\\r\\n", 0, 0, "upgrade" },
		{ "raw=SSH-2.0-OpenSSH_9.2\\r\\n\\r\\n", 0, 0, "upgrade" },
		{ "hex=00 ff 00 ff 0d 0a 0d 0a", 0, 0, "upgrade" },
		{ "raw=HTTP/1.1 101 Switching", 0, 0, "without an answer" },
		{ "", 0, 0, "without an answer" },
		{ "rst", 0, 0, "without an answer" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		first_end(row[i].script, NULL);
		if (strstr(whys[0].text, row[i].text) == NULL || whys[0].http != row[i].http ||
		    whys[0].retry_after_s != row[i].retry)
			fail_msg("%s: %d, %ld s, %s", row[i].script, whys[0].http,
			    whys[0].retry_after_s, whys[0].text);
		assert_int_equal(nopens, 0);
		assert_false(whys[0].tls);
	}
}

static void
test_long_headers(void **state)
{
	char script[4096], a[3501];

	(void)state;
	memset(a, 'a', sizeof a - 1);
	a[sizeof a - 1] = '\0';
	snprintf(script, sizeof script, "raw=HTTP/1.1 101 Switching Protocols\\r\\nX: %s;", a);
	teardown(NULL);
	begin(1000, NULL);
	{
		char eight[sizeof script * 8];

		/* 28 KB in all, never ending */
		snprintf(eight, sizeof eight, "%1$s%1$s%1$s%1$s%1$s%1$s%1$s%1$shold", script);
		add("ws", "127.0.0.1", PEER(eight)->port);
		run(1, 0);
	}
	assert_int_equal(nends, 1);
	assert_non_null(strstr(whys[0].text, "upgrade"));
}

static void
test_redirect(void **state)
{
	struct pollfd other = { .events = POLLIN };
	char script[200];
	int port;

	(void)state;
	other.fd = wspeer_listen(&port);
	for (int i = 0; i < 5; i++) {
		static const int status[] = { 301, 302, 303, 307, 308 };

		snprintf(script, sizeof script, "http=%d Moved|Location: ws://127.0.0.1:%d/there", status[i], port);
		first_end(script, NULL);
		assert_int_equal(whys[0].http, status[i]);
		assert_non_null(strstr(whys[0].text, "redirects are not followed"));
	}
	assert_int_equal(poll(&other, 1, 0), 0);	/* nobody came */
	close(other.fd);
}

static void
test_retry_after(void **state)
{
	(void)state;
	add("ws", "127.0.0.1", PEER("http=503 Unavailable|Retry-After: 2", "up;text=x;hold")->port);
	run(0, 1);
	assert_int_equal(ntexts, 1);
	assert_true(begins_ms[1] - ends_ms[0] >= 2000);
}

static void
test_never_answers(void **state)
{
	(void)state;
	first_end("stall", NULL);
	assert_non_null(strstr(whys[0].text, "not done within 10 s"));
	assert_int_equal(nopens, 0);
}

static void
test_nobody(void **state)
{
	int port, fd = wspeer_listen(&port);

	(void)state;
	close(fd);
	add("ws", "127.0.0.1", port);
	run(2, 0);
	assert_int_equal(nends, 2);
	assert_non_null(strstr(whys[0].text, "cannot connect to 127.0.0.1 port"));
	assert_non_null(strstr(whys[0].text, "refused"));
}

static void
test_no_name(void **state)
{
	(void)state;
	add("ws", "no-such-host.invalid", 80);
	run(1, 0);
	assert_int_equal(nends, 1);
	assert_non_null(strstr(whys[0].text, "no-such-host.invalid"));
	assert_non_null(strstr(whys[0].text, "resolve"));
}

/*
 * A name with two addresses. The resolver is ours: this symbol stands before that
 * of the C library.
 */

static int asked;
static _Thread_local struct addrinfo *ours;

static struct addrinfo *
one(const char *address, struct addrinfo *next)
{
	struct addrinfo *a = calloc(1, sizeof *a + sizeof(struct sockaddr_in));
	struct sockaddr_in *sa = (void *)(a + 1);

	sa->sin_family = AF_INET;
	inet_pton(AF_INET, address, &sa->sin_addr);
	a->ai_family = AF_INET;
	a->ai_socktype = SOCK_STREAM;
	a->ai_addr = (void *)sa;
	a->ai_addrlen = sizeof *sa;
	a->ai_next = next;
	return a;
}

int
getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **out)
{
	int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

	*(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
	if (node == NULL || strcmp(node, "two.test") != 0)
		return real(node, service, hints, out);
	if (hints->ai_flags & AI_NUMERICHOST)
		return EAI_NONAME;
	__atomic_fetch_add(&asked, 1, __ATOMIC_RELAXED);
	*out = ours = one("127.0.0.2", one("127.0.0.1", NULL));
	return 0;
}

void
freeaddrinfo(struct addrinfo *a)
{
	void (*real)(struct addrinfo *);
	struct addrinfo *next;

	if (a != ours) {
		*(void **)&real = dlsym(RTLD_NEXT, "freeaddrinfo");
		real(a);
		return;
	}
	for (; a != NULL; a = next) {
		next = a->ai_next;
		free(a);
	}
}

/* A listener that takes no more: who dials it hears nothing. */
static int
deaf(int port, int held[3])
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	inet_pton(AF_INET, "127.0.0.2", &sa.sin_addr);
	if (bind(fd, (struct sockaddr *)&sa, sizeof sa) == -1 || listen(fd, 0) == -1)
		fail_msg("no 127.0.0.2 here");
	for (int i = 0; i < 3; i++) {
		held[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		(void)!connect(held[i], (struct sockaddr *)&sa, sizeof sa);
	}
	return fd;
}

/* The first address refuses, or is dead: the next one is dialled in the same attempt. */
static void
test_second_address(void **state)
{
	struct peer *p = PEER("up;text=x;hold");
	int held[3], fd;

	(void)state;
#ifndef __linux__
	print_message("skipped: neither 127.0.0.2 nor a getaddrinfo of our own is sure to be had here\n");
	skip();
#endif
	add("ws", "two.test", p->port);
	run(0, 1);
	assert_int_equal(asked, 1);
	assert_int_equal(ntexts, 1);
	assert_int_equal(nends, 0);
	fd = deaf(p->port, held);
	ws_close(loop);
	begin(1000, NULL);
	add("ws", "two.test", p->port);
	run(0, 1);
	assert_int_equal(asked, 2);
	assert_int_equal(ntexts, 1);
	assert_int_equal(nends, 0);
	assert_int_equal(nbegins, 1);
	for (int i = 0; i < 3; i++)
		close(held[i]);
	close(fd);
}

static void
test_bases_bad(void **state)
{
	static const char *const bad[] = {
		"", "http://x", "ws:/x", "ws://", "ws://:80", "ws://h:0", "ws://h:65536", "ws://h:1x",
		"ws://h:", "ws://h/path", "ws://u@h", "ws://a b", "ws://h\r\nX: y", "ws://[::1", "ws://[]:1",
		"ws://[::1]x", "wss://[::1]:443", "ws://h:99999999999999999999",
		"ws://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		memset(&f, 0, sizeof f);
		if (ws_add(loop, bad[i], NULL, &f) != NULL)
			fail_msg("%s was taken", bad[i]);
		assert_int_equal(f.kind, FAULT_USAGE);
	}
}

/*
 * Ends of our own making
 */

static void
kick_it(struct ws_conn *c)
{
	if (ntexts == 1)
		ws_kick(c, "silent for 10 s");
}

static bool
kicked_seen(void)
{
	return wrote(peers[0], "close 1001") && ntexts >= 2;
}

static void
test_kick(void **state)
{
	struct peer *p = PEER("up;text=1;text=2;closed", "up;text=3;hold");

	(void)state;
	on_text = kick_it;
	on_tick = kicked_seen;
	add("ws", "127.0.0.1", p->port);
	run(0, 0);
	assert_string_equal(texts[1], "3");	/* what came after the kick is not told */
	assert_int_equal(nends, 1);
	assert_string_equal(whys[0].text, "silent for 10 s");
	assert_true(wrote(p, "close 1001"));
}

static struct ws_conn *goes;

static void
remove_it(struct ws_conn *c)
{
	if (c == goes)
		ws_remove(c);
}

static bool
removed_seen(void)
{
	return wrote(peers[0], "close 1000") && ntexts >= 3;
}

static void
test_remove(void **state)
{
	struct peer *p = PEER("up;text=a;text=b;closed;hold", "up;text=again"), *q = PEER("up;text=c;ping=1;text=d;hold");

	(void)state;
	on_text = remove_it;
	on_tick = removed_seen;
	goes = add("ws", "127.0.0.1", p->port);
	add("ws", "127.0.0.1", q->port);
	run(0, 0);
	assert_true(wrote(p, "close 1000"));
	assert_int_equal(ntexts, 3);		/* of the removed one only the first */
	assert_int_equal(nends, 0);
	assert_false(wrote(p, "connection 2"));
}

static enum ws_state remove_at;

static void
remove_when(struct ws_conn *c, enum ws_state st)
{
	if (c == goes && st == remove_at)
		ws_remove(c);
}

static void
test_remove_anywhere(void **state)
{
	(void)state;
	for (remove_at = WS_CONNECTING; remove_at <= WS_CLOSED; remove_at++) {
		teardown(NULL);
		begin(1000, NULL);
		on_state = remove_when;
		goes = add("ws", "127.0.0.1", PEER("up;close=1000;hold")->port);
		add("ws", "127.0.0.1", PEER("up;text=x;hold")->port);
		run(0, 1);
		assert_int_equal(ntexts, 1);
	}
	teardown(NULL);
	begin(1000, NULL);
	ws_remove(add("ws", "127.0.0.1", PEER("up;text=no;hold")->port));	/* before the loop ran */
	ws_remove(add("ws", "localhost", PEER("up;text=no;hold")->port));
	add("ws", "127.0.0.1", PEER("up;text=x;hold")->port);
	run(0, 1);
	assert_int_equal(ntexts, 1);
	assert_string_equal(texts[0], "x");
}

static void *
stop_it(void *arg)
{
	poll(NULL, 0, 20);
	ws_stop(arg);
	return NULL;
}

static void
test_stop_from_a_thread(void **state)
{
	pthread_t t;

	(void)state;
	assert_int_equal(pthread_create(&t, NULL, stop_it, loop), 0);
	run(0, 0);
	pthread_join(t, NULL);
	assert_true(clock_mono_ms() < deadline);
}

/*
 * TLS
 */

/* openssl with these words, in the scratch directory. */
static void
openssl(char *const argv[])
{
	pid_t pid = fork();
	int status, null;

	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		if (chdir(scratch) == -1 || (null = open("/dev/null", O_WRONLY)) == -1 ||
		    dup2(null, STDERR_FILENO) == -1)
			_exit(126);
		execvp("openssl", argv);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (status != 0)
		fail_msg("openssl %s: status %#x", argv[1], (unsigned)status);
}

#define OPENSSL(...)	openssl((char *[]){ (char *)(uintptr_t)"openssl", __VA_ARGS__, NULL })
#define W(s)		((char *)(uintptr_t)(s))	/* exec takes what it does not change */

/* A certificate NAME.pem for what alt says, of our authority, and NAME.key. */
static void
cert(const char *name, const char *alt, const char *days)
{
	char key[32], pem[32], names[96];

	snprintf(key, sizeof key, "%s.key", name);
	snprintf(pem, sizeof pem, "%s.pem", name);
	snprintf(names, sizeof names, "subjectAltName=%s", alt);
	OPENSSL(W("req"), W("-newkey"), W("ec"), W("-pkeyopt"), W("ec_paramgen_curve:P-256"), W("-nodes"),
	    W("-keyout"), key, W("-out"), W("r.csr"), W("-subj"), W("/CN=peer"), W("-addext"), names);
	OPENSSL(W("x509"), W("-req"), W("-in"), W("r.csr"), W("-CA"), W("ca.pem"), W("-CAkey"), W("ca.key"),
	    W("-CAcreateserial"), W("-copy_extensions"), W("copy"), W("-days"), W(days), W("-out"), pem);
}

/* One that signs itself. */
static void
authority(const char *key, const char *pem)
{
	OPENSSL(W("req"), W("-x509"), W("-newkey"), W("ec"), W("-pkeyopt"), W("ec_paramgen_curve:P-256"), W("-nodes"),
	    W("-keyout"), W(key), W("-out"), W(pem), W("-days"), W("2"), W("-subj"), W("/CN=authority"),
	    W("-addext"), W("subjectAltName=IP:127.0.0.1"));
}

static int
certs_make(void **state)
{
	if (scratch_make(state) == -1)
		return -1;
	authority("ca.key", "ca.pem");
	authority("self.key", "self.pem");
	cert("good", "IP:127.0.0.1,DNS:localhost", "2");
	cert("late", "IP:127.0.0.1", "-1");
	cert("other", "IP:127.0.0.2,DNS:example.org", "2");
	return 0;
}

static struct peer *
tls_peer(const char *name, int max, const char *script)
{
	char pem[300], key[300], ca[300];

	snprintf(pem, sizeof pem, "%s/%s.pem", scratch, name);
	snprintf(key, sizeof key, "%s/%s.key", scratch, name);
	snprintf(ca, sizeof ca, "%s/ca.pem", scratch);
	teardown(NULL);
	begin(1000, ca);
	return peer_new((const char *const []){ script }, 1, pem, key, max);
}

static void
test_tls(void **state)
{
	static const char *const host[] = { "127.0.0.1", "localhost" };

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct peer *p = tls_peer("good", 0, "up;text=a;ping=5;frame=81:1000;hold");

		add("wss", host[i], p->port);
		run(0, 2);
		assert_int_equal(ntexts, 2);
		assert_true(wrote(p, "pong 5 same"));
	}
	for (int i = 0; i < 2; i++) {	/* both versions that are taken */
		add("wss", "127.0.0.1", tls_peer("good", i == 0 ? TLS1_2_VERSION : TLS1_3_VERSION, "up;text=a;hold")->port);
		run(0, 1);
		assert_int_equal(ntexts, 1);
	}
}

static void
test_tls_refused(void **state)
{
	static const struct { const char *cert; int max; const char *text; } row[] = {
		{ "late", 0, "certificate has expired" },
		{ "other", 0, "mismatch" },
		{ "self", 0, "self-signed certificate" },
		{ "good", TLS1_1_VERSION, "protocol version too low" },
		{ "good", TLS1_VERSION, "protocol version too low" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct peer *p = tls_peer(row[i].cert, row[i].max, "up;text=a;hold");

		add("wss", "127.0.0.1", p->port);
		run(2, 0);
		for (int k = 0; k < 2; k++)
			if (strstr(whys[k].text, row[i].text) == NULL || !whys[k].tls)
				fail_msg("%s %#x: %s", row[i].cert, (unsigned)row[i].max, whys[k].text);
		assert_int_equal(nopens, 0);
		assert_true(saw(p, "no TLS"));
	}
}

/* Nothing but the file given is trusted with it, and without it not the peer. */
static void
test_tls_trust(void **state)
{
	struct peer *p = tls_peer("good", 0, "up;text=a;hold");
	char other[300];
	int port = p->port;

	(void)state;
	ws_close(loop);
	begin(1000, NULL);
	add("wss", "127.0.0.1", port);
	run(1, 0);
	assert_true(whys[0].tls);
	assert_non_null(strstr(whys[0].text, "certificate"));
	ws_close(loop);
	snprintf(other, sizeof other, "%s/self.pem", scratch);
	begin(1000, other);
	add("wss", "127.0.0.1", port);
	run(1, 0);
	assert_true(whys[0].tls);
	ws_close(loop);
	snprintf(other, sizeof other, "%s/nothing", scratch);
	begin(1000, other);
	assert_null(ws_add(loop, "wss://127.0.0.1:1", NULL, &f));
	assert_int_equal(f.kind, FAULT_USAGE);
	assert_non_null(strstr(f.text, "nothing"));
}

static void
test_tls_of_others(void **state)
{
	(void)state;
	add("wss", "127.0.0.1", PEER("raw=HTTP/1.1 400 Bad Request\\r\\n\\r\\n;hold")->port);
	run(1, 0);
	assert_non_null(strstr(whys[0].text, "does not speak TLS"));
	teardown(NULL);
	begin(1000, NULL);
	add("wss", "127.0.0.1", PEER("")->port);
	run(1, 0);
	assert_non_null(strstr(whys[0].text, "TLS handshake"));
	assert_false(whys[0].tls);		/* that may pass */
}

/*
 * Other descriptors
 */

static int fds[2], nready, ngone, nin;

static bool
ticked(void)
{
	return nticks >= 3;
}

static void
ready_fill(void *arg)
{
	static char bytes[4096];

	(void)arg;
	nready++;
	if (write(fds[1], bytes, sizeof bytes) != sizeof bytes)
		fail();
	ws_want_out(loop);
}

/* Once it is full: drain it as far, and when it is full again, be its end. */
static bool
drained(void)
{
	static char bytes[65536];

	if (nready == 16 && nticks > 4)
		assert_int_equal(read(fds[0], bytes, sizeof bytes), sizeof bytes);
	if (nready == 32 && nticks > 8)
		close(fds[0]);
	return false;
}

static void
gone_now(void *arg)
{
	(void)arg;
	ngone++;
	ws_stop(loop);
}

static void
test_out_pipe(void **state)
{
	int flags;

	(void)state;
	nready = ngone = 0;
	assert_int_equal(pipe(fds), 0);
	flags = fcntl(fds[1], F_GETFL);
	assert_int_equal(ws_watch_out(loop, fds[1], ready_fill, gone_now, NULL), 0);
	assert_int_equal(fcntl(fds[1], F_GETFL), flags);
	on_tick = ticked;
	run(0, 0);
	assert_int_equal(nready, 0);		/* not asked for */
	ws_close(loop);				/* a loop that ends gives it back as it was */
	assert_int_equal(fcntl(fds[1], F_GETFL), flags);
	begin(1000, NULL);
	assert_int_equal(ws_watch_out(loop, fds[1], ready_fill, gone_now, NULL), 0);
	ws_want_out(loop);
	on_tick = drained;
	run(0, 0);
	assert_int_equal(nready, 32);		/* 64 KiB in 4096 each, never blocked, twice */
	assert_int_equal(ngone, 1);
	close(fds[1]);
}

static int64_t
cpu_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
ready_once(void *arg)
{
	(void)arg;
	nready++;
}

/* Files, what is no file, terminals: called once for each time it was asked. */
static void
test_out_others(void **state)
{
	int pty = posix_openpt(O_RDWR | O_NOCTTY), fd[3];
	char name[64] = "/tmp/ws-file-XXXXXX";

	(void)state;
	fd[0] = mkstemp(name);
	fd[1] = open("/dev/null", O_WRONLY);
	assert_true(pty != -1 && grantpt(pty) == 0 && unlockpt(pty) == 0);
	fd[2] = open(ptsname(pty), O_RDWR | O_NOCTTY);
	for (int i = 0; i < 3; i++) {
		int flags = fcntl(fd[i], F_GETFL);
		int64_t began;

		ws_close(loop);
		begin(1000, NULL);
		nready = ngone = 0;
		assert_int_equal(ws_watch_out(loop, fd[i], ready_once, gone_now, NULL), 0);
		assert_int_equal(fcntl(fd[i], F_GETFL), flags);
		ws_want_out(loop);
		ws_want_out(loop);
		if (i == 2)	/* what is typed is nobody's business here, and must not wake the loop */
			assert_int_equal(write(pty, "typed\n", 6), 6);
		on_tick = ticked;
		began = cpu_ms();
		run(0, 0);
		assert_int_equal(nready, 1);
		assert_int_equal(ngone, 0);
		assert_true(cpu_ms() - began < 300);	/* it slept between the ticks, of 750 ms */
		close(fd[i]);
	}
	close(pty);
	unlink(name);
}

static char got[64];

static void
in_ready(void *arg)
{
	ssize_t n = read(fds[0], got + strlen(got), sizeof got - strlen(got) - 1);

	(void)arg;
	nin++;
	if (n == 0)
		ws_stop(loop);
}

static bool
write_more(void)
{
	if (nticks == 1)
		assert_int_equal(write(fds[1], "two", 3), 3);
	else
		close(fds[1]);
	return false;
}

static void
test_in(void **state)
{
	int flags;

	(void)state;
	nin = 0;
	got[0] = '\0';
	assert_int_equal(pipe(fds), 0);
	flags = fcntl(fds[0], F_GETFL);
	assert_int_equal(ws_watch_in(loop, fds[0], in_ready, NULL), 0);
	assert_int_equal(fcntl(fds[0], F_GETFL), flags);
	assert_int_equal(write(fds[1], "one ", 4), 4);
	on_tick = write_more;
	run(0, 0);
	assert_string_equal(got, "one two");
	assert_int_equal(nin, 3);		/* twice bytes, once the end */
	close(fds[0]);
}

static int nfast, nslow;

static void
fast(void *arg)
{
	assert_ptr_equal(arg, &nfast);
	nfast++;
}

static void
slow(void *arg)
{
	assert_ptr_equal(arg, &nslow);
	if (++nslow == 3)
		ws_stop(loop);
}

static void
test_every(void **state)
{
	int64_t began = clock_mono_ms();

	(void)state;
	nfast = nslow = 0;
	assert_int_equal(ws_every(loop, 10, fast, &nfast), 0);
	assert_int_equal(ws_every(loop, 150, slow, &nslow), 0);
	run(0, 0);
	assert_int_equal(nslow, 3);
	assert_true(clock_mono_ms() - began >= 440);
	assert_true(nfast >= 2 && nfast <= (clock_mono_ms() - began) / 10 + 1);
}

#define EACH(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest test[] = {
		EACH(test_messages), EACH(test_bytes), EACH(test_masked), EACH(test_send), EACH(test_bases), EACH(test_path),
		EACH(test_path_not_now), EACH(test_path_bad), EACH(test_breaches), EACH(test_reconnect),
		EACH(test_close_codes), EACH(test_refusals), EACH(test_long_headers), EACH(test_redirect),
		EACH(test_retry_after), EACH(test_never_answers), EACH(test_nobody), EACH(test_no_name), EACH(test_second_address),
		EACH(test_bases_bad), EACH(test_kick), EACH(test_remove), EACH(test_remove_anywhere),
		EACH(test_stop_from_a_thread), EACH(test_tls), EACH(test_tls_refused), EACH(test_tls_trust),
		EACH(test_tls_of_others), EACH(test_out_pipe), EACH(test_out_others), EACH(test_in),
		EACH(test_every),
	};

	return cmocka_run_group_tests(test, certs_make, scratch_remove);
}
