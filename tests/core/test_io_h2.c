/*
 * Who repeats what over TLS, by HTTP/1.1 and by HTTP/2. The client takes HTTP/1.1 only; but
 * a libcurl that was let would take HTTP/2, and there repeats a request by itself when the
 * other side refuses its stream or says GOAWAY. So it is let here, and an order must still
 * reach the peer once, whatever the peer does and whatever the protocol proves.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <curl/curl.h>
#include <dlfcn.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <poll.h>

#include "h2peer.h"
#include "io/calls.h"
#include "io/rest.h"
#include "scratch.h"

#define ORDER	"symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&newClientOrderId=x1"
#define CANCEL	"symbol=BTCUSDT&origClientOrderId=x1"
#define LINES	64

static struct session s;
static struct fault f;

/*
 * The peer: a process of its own, which writes down what it saw
 */

static struct seen { int n; char line[LINES][80]; } *seen;
static pid_t peer_pid;

static void
note(const char *line)
{
	snprintf(seen->line[seen->n % LINES], sizeof seen->line[0], "%s", line);
	seen->n++;
}

static void
peer_end(void)
{
	if (peer_pid > 0) {
		kill(peer_pid, SIGKILL);
		waitpid(peer_pid, NULL, 0);
	}
	peer_pid = 0;
}

/* Lines with this in them. */
static int
saw(const char *words)
{
	int n = 0;

	for (int i = 0; i < seen->n && i < LINES; i++)
		n += strstr(seen->line[i], words) != NULL;
	return n;
}

static void
show(void)
{
	for (int i = 0; i < seen->n && i < LINES; i++)
		print_message("# peer: %s\n", seen->line[i]);
}

static void
pem_out(const char *name, EVP_PKEY *k, X509 *x)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *pem;
	long n;

	assert_int_equal(x != NULL ? PEM_write_bio_X509(bio, x) :
	    PEM_write_bio_PKCS8PrivateKey(bio, k, NULL, NULL, 0, NULL, NULL), 1);
	n = BIO_get_mem_data(bio, &pem);
	scratch_put(name, 0600, pem, (size_t)n);
	BIO_free(bio);
}

/* A certificate for 127.0.0.1 that vouches for itself: cert.pem, cert.key. */
static void
certificate(void)
{
	EVP_PKEY *k = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, "IP:127.0.0.1");
	X509 *x = X509_new();

	assert_true(k != NULL && x != NULL && ext != NULL);
	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
	X509_gmtime_adj(X509_getm_notBefore(x), -60);
	X509_gmtime_adj(X509_getm_notAfter(x), 3600);
	X509_set_pubkey(x, k);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC, (const unsigned char *)"peer", -1, -1, 0);
	X509_set_issuer_name(x, X509_get_subject_name(x));
	X509_add_ext(x, ext, -1);
	assert_true(X509_sign(x, k, EVP_sha256()) > 0);
	pem_out("cert.pem", NULL, x);
	pem_out("cert.key", k, NULL);
	X509_EXTENSION_free(ext);
	X509_free(x);
	EVP_PKEY_free(k);
}

static int
peer_begin(const char *alpn, const char *const *word, int nword)
{
	struct h2peer p = { .alpn = alpn, .word = word, .nword = nword, .say = note };
	int port, fd = wspeer_listen(&port);

	memset(seen, 0, sizeof *seen);
	assert_true((peer_pid = fork()) != -1);
	if (peer_pid == 0) {
		p.ctx = wspeer_tls(in_scratch("cert.pem"), in_scratch("cert.key"), 0);
		h2peer_serve(&p, fd);
		_exit(1);
	}
	close(fd);
	return port;
}

/*
 * The client
 */

static bool let;	/* HTTP/2, if the peer can: what the client does not ask for itself */

/* libcurl's own, but for what it is let. */
#undef curl_easy_setopt
CURLcode
curl_easy_setopt(CURL *c, CURLoption o, ...)
{
	CURLcode (*real)(CURL *, CURLoption, ...);
	void *next = dlsym(RTLD_NEXT, "curl_easy_setopt");
	CURLcode r;
	va_list ap;

	memcpy(&real, &next, sizeof real);
	va_start(ap, o);
	if (o == CURLOPT_HTTP_VERSION && let)
		r = real(c, o, (long)CURL_HTTP_VERSION_2TLS);
	else if (o < CURLOPTTYPE_OBJECTPOINT)
		r = real(c, o, va_arg(ap, long));
	else if (o >= CURLOPTTYPE_OFF_T && o < CURLOPTTYPE_BLOB)
		r = real(c, o, va_arg(ap, curl_off_t));
	else
		r = real(c, o, va_arg(ap, void *));
	va_end(ap);
	return r;
}

static struct calls *lanes;	/* the other way of asking; opened when it is first used */

/* A session with a peer of this script; the time is known, so that nobody asks for it. */
static void
begin(const char *alpn, bool h2, const char *const *word, int nword)
{
	int port = peer_begin(alpn, word, nword);
	char text[300];

	let = h2;
	snprintf(text, sizeof text, "[peer]\nrest = https://127.0.0.1:%d\nws = wss://127.0.0.1:%d\n"
	    "ca_file = %s\n", port, port, in_scratch("cert.pem"));
	scratch_text(".config/bf/config", 0600, text);
	if (session_open(&s, NULL, MARKET_USDM, true, &f) == -1)
		fail_msg("%s", f.text);
	s.off = (struct offset){ .error_ms = 1, .measured_ms = clock_wall_ms(),
	    .wall_minus_mono_ms = clock_gap_ms(), .known = true };
	memset(&f, 0, sizeof f);
}

static void
end(void)
{
	calls_close(lanes);
	lanes = NULL;
	session_close(&s);
	peer_end();
}

#define BEGIN(alpn, h2, ...)	begin(alpn, h2, (const char *const []){ __VA_ARGS__ }, \
	    (int)(sizeof (const char *const []){ __VA_ARGS__ } / sizeof (const char *)))

static int
setup(void **state)
{
	seen = mmap(NULL, sizeof *seen, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (seen == MAP_FAILED || scratch_make(state) == -1)
		return -1;
	unsetenv("XDG_CONFIG_HOME");
	unsetenv("XDG_STATE_HOME");
	unsetenv("XDG_CACHE_HOME");
	unsetenv("BF_CONFIG");
	setenv("HOME", scratch, 1);
	setenv("BF_PROFILE", "peer", 1);
	setenv("BF_API_KEY", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", 1);
	setenv("BF_API_SECRET", "secretsecretsecretsecretsecretsecretsecretsecretsecretsecretsecr", 1);
	certificate();
	return 0;
}

static int
teardown(void **state)
{
	end();
	munmap(seen, sizeof *seen);
	return scratch_remove(state);
}

static int
call(enum ep ep, const char *query)
{
	return session_call(&s, ep, query, true, &f);
}

static void
answered(void *arg, const struct fault *why, const struct tok *t, const struct tok *v)
{
	bool *over = arg;

	(void)t;
	assert_true((why == NULL) == (v != NULL));
	if (why != NULL)
		f = *why;
	*over = true;
}

/* The same by a lane: as orders from a pipe go. */
static int
lane_call(enum ep ep, const char *query)
{
	struct pollfd p[8];
	bool over = false;
	int n, wait_ms;

	memset(&f, 0, sizeof f);
	if ((lanes == NULL && calls_open(&lanes, &s, 1, &f) == -1) ||
	    calls_send(lanes, ep, query, 0, 0, answered, &over, &f) == -1)
		fail_msg("%s", f.text);
	for (int i = 0; i < 10000 && !over; i++) {
		wait_ms = 100;
		n = calls_poll(lanes, p, 8, &wait_ms);
		(void)poll(p, (nfds_t)n, wait_ms);
		calls_step(lanes);
	}
	assert_true(over);
	return f.kind == FAULT_NONE ? 0 : -1;
}

static const struct { const char *name; int (*call)(enum ep, const char *); } way[] = {
	{ "session", call }, { "lane", lane_call },
};

static long
sent(size_t by)
{
	return by == 0 ? session_transmissions(&s) : calls_sent(lanes);
}

static const struct { enum ep ep; const char *query, *h1, *h2; } mutation[] = {
	{ EP_ORDER_PLACE, ORDER, "POST", "POST" },
	{ EP_ORDER_CANCEL, CANCEL, "DELETE", "OTHER" },
};

static bool
have_h2(void)
{
	if ((curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_HTTP2) != 0)
		return true;
	print_message("# skip: this libcurl has no HTTP/2\n");
	return false;
}

/* As it is shipped: HTTP/1.1, also where HTTP/2 is offered first. */
static void
the_client_takes_http_1_1(void **state)
{
	(void)state;
	BEGIN("both", false, "ok");
	assert_int_equal(call(EP_ORDER_PLACE, ORDER), 0);
	assert_int_equal(saw("connection http/1.1"), 1);
	assert_int_equal(saw("connection h2"), 0);
	assert_int_equal(saw("POST ok"), 1);
	end();
	/* and where nothing else is, there is no connection, and nothing was sent */
	BEGIN("h2", false, "ok");
	assert_int_equal(call(EP_ORDER_PLACE, ORDER), -1);
	assert_int_equal(f.kind, FAULT_AGAIN);
	for (int i = 0; i < 1000 && saw("no TLS") == 0; i++)
		(void)poll(NULL, 0, 10);
	assert_int_equal(saw("no TLS"), 1);
	assert_int_equal(saw("POST"), 0);
}

/* The control of those below: when it is let, it is HTTP/2 that is spoken. */
static void
when_let_it_takes_http_2(void **state)
{
	(void)state;
	if (!have_h2())
		skip();
	BEGIN("both", true, "ok");
	assert_int_equal(call(EP_ORDER_PLACE, ORDER), 0);
	assert_non_null(strstr(s.body.p, "8389765606284283461"));
	assert_int_equal(call(EP_ORDER_CANCEL, CANCEL), 0);
	assert_int_equal(saw("connection h2"), 1);
	assert_int_equal(saw("1 POST ok"), 1);
	assert_int_equal(saw("3 OTHER ok"), 1);
}

/* An order or its cancel meets word, then (were it repeated) an answer. */
static void
once(size_t by, const char *alpn, size_t m, bool kept, const char *word)
{
	bool h2 = strcmp(alpn, "h2") == 0;
	char want[80];
	int r;	/* the peer's lines: a connection, GET if kept, then the order */

	if (kept)
		BEGIN(alpn, h2, "ok", word, "ok");
	else
		BEGIN(alpn, h2, word, "ok");
	if (kept && way[by].call(EP_ORDER_GET, CANCEL) == -1)
		fail_msg("%s", f.text);
	r = way[by].call(mutation[m].ep, mutation[m].query);
	snprintf(want, sizeof want, "%s%s %s", !h2 ? "" : kept ? "3 " : "1 ", h2 ? mutation[m].h2 : mutation[m].h1, word);
	if (r != -1 || f.kind != FAULT_UNKNOWN || strcmp(seen->line[kept ? 2 : 1], want) != 0 || saw(h2 ? mutation[m].h2 : mutation[m].h1) != 1) {
		show();
		fail_msg("%s, %s, %s, %s, %s: %d, kind %d: %s", way[by].name, alpn, kept ? "kept" : "fresh",
		    mutation[m].h1, word, r, f.kind, f.text);
	}
	assert_int_equal(sent(by), by == 1 && kept ? 2 : 1);	/* of a lane all count, of a session the last */
	end();
}

static void
by_http_2_an_order_is_seen_once(void **state)
{
	static const char *const word[] = { "refused", "internal", "goaway", "goaway-at", "close", "abort", "half" };

	(void)state;
	if (!have_h2())
		skip();
	for (size_t i = 0; i < sizeof word / sizeof *word; i++)
		for (size_t k = 0; k < 8; k++)	/* order or cancel, on a fresh or kept connection, both ways */
			once(k / 4, "h2", k % 2, k / 2 % 2 != 0, word[i]);
}

static void
by_http_1_1_an_order_is_seen_once(void **state)
{
	static const char *const word[] = { "close", "abort", "half" };

	(void)state;
	for (size_t i = 0; i < sizeof word / sizeof *word; i++)
		for (size_t k = 0; k < 8; k++)	/* order or cancel, on a fresh or kept connection, both ways */
			once(k / 4, "http/1.1", k % 2, k / 2 % 2 != 0, word[i]);
}

/* A connection that the peer has ended, or is about to: whether the order finds that out
 * before it is sent or after, it is seen at most once; and once if it was answered. */
static void
after_end(size_t by, const char *alpn, size_t m, const char *word, int wait_ms)
{
	bool h2 = strcmp(alpn, "h2") == 0;
	const char *method = h2 ? mutation[m].h2 : mutation[m].h1;
	long before;
	int r;

	BEGIN(alpn, h2, word, "ok");
	if (way[by].call(EP_ORDER_GET, CANCEL) == -1)
		fail_msg("%s", f.text);
	(void)poll(NULL, 0, wait_ms);
	before = by == 1 ? sent(by) : 0;
	r = way[by].call(mutation[m].ep, mutation[m].query);
	if (r == 0)
		assert_int_equal(saw(method), 1);
	else
		assert_true(saw(method) == 0 || (saw(method) == 1 && f.kind == FAULT_UNKNOWN));
	assert_true(r == 0 || f.kind == FAULT_UNKNOWN || f.kind == FAULT_AGAIN);
	assert_true(sent(by) - before <= 1);
	end();
}

static void
an_order_on_a_connection_that_ends_is_seen_once_at_most(void **state)
{
	static const struct { const char *alpn, *word; } row[] = {
		{ "http/1.1", "ok-close" }, { "h2", "ok-close" }, { "h2", "ok-goaway" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		if (strcmp(row[i].alpn, "h2") == 0 && !have_h2())
			continue;
		for (size_t k = 0; k < 8; k++)
			after_end(k / 4, row[i].alpn, k % 2, row[i].word, k / 2 % 2 == 0 ? 0 : 20);
	}
}

/* The control: what the rows above do makes libcurl, or us, repeat a read. */
static void
a_read_is_repeated(void **state)
{
	static const struct { const char *alpn, *word; } row[] = {
		{ "h2", "refused" }, { "h2", "goaway" }, { "h2", "close" },
		{ "http/1.1", "close" }, { "http/1.1", "abort" }, { "http/1.1", "half" },
	};
	bool h2;

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		h2 = strcmp(row[i].alpn, "h2") == 0;
		if (h2 && !have_h2())
			continue;
		BEGIN(row[i].alpn, h2, "ok", row[i].word, "ok");
		assert_int_equal(call(EP_ORDER_GET, CANCEL), 0);
		if (call(EP_ORDER_GET, CANCEL) == -1) {
			show();
			fail_msg("%s %s: %s", row[i].alpn, row[i].word, f.text);
		}
		assert_int_equal(saw("GET"), 3);
		end();
	}
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_client_takes_http_1_1),
		T(when_let_it_takes_http_2),
		T(by_http_2_an_order_is_seen_once),
		T(by_http_1_1_an_order_is_seen_once),
		T(an_order_on_a_connection_that_ends_is_seen_once_at_most),
		T(a_read_is_repeated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
