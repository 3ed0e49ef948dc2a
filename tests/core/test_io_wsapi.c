/*
 * The WebSocket API: against a peer that answers by script, and against bf-sim, which
 * checks signatures by code of its own and writes down what it was asked.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <cmocka.h>
#include <openssl/pem.h>

#include "io/clock.h"
#include "io/wsapi.h"
#include "io/wsapi_in.h"
#include "scratch.h"
#include "wsfork.h"

/* Binance's sample key. */
#define KEY	"dbefbc809e3e83c283a984c3a1459732ea7db1360ca80c5c2c8867408d28cc83"
#define SECRET	"2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9"
#define HMAC	"key=" KEY "\nsecret=" SECRET "\n"
#define OK(id, result)	"{\"id\":" #id ",\"status\":200,\"result\":" result ",\"rateLimits\":[]}"
#define NO(id, status, code)	"{\"id\":" #id ",\"status\":" #status ",\"error\":{\"code\":" #code ",\"msg\":\"no\"}}"

#define FDS		8
#define PATIENCE_MS	25000
#define TAGS		8

static struct session s;
static struct ws_loop *loop;
static struct wsapi *w;
static struct fault f;

/* What was told of each request, and of the connection; in the order of telling. */
static struct told { int n; bool ok; struct fault f; char value[600]; int at; } told[TAGS];
static int nups, ndowns, events, down_at;
static char why[300];

static void
on_done(void *arg, void *tag, const struct fault *fa, const struct tok *t, const struct tok *v)
{
	struct told *d = tag;

	(void)arg;
	d->n++;
	d->at = ++events;
	d->ok = fa == NULL;
	if (fa != NULL)
		d->f = *fa;
	assert_true((fa == NULL) == (v != NULL) && (v == NULL || t != NULL));
	if (v != NULL)
		snprintf(d->value, sizeof d->value, "%.*s", (int)v->len, v->p);
}

static void
on_state(void *arg, bool is_up, const char *text)
{
	(void)arg;
	assert_true(is_up == (text == NULL));
	assert_true(wsapi_up(w) == is_up);
	nups += is_up;
	if (!is_up) {
		ndowns++;
		down_at = ++events;
		snprintf(why, sizeof why, "%s", text);
	}
}

static void
turn(void)
{
	struct pollfd p[FDS];
	int timeout = PATIENCE_MS, n = ws_poll(loop, p, FDS, &timeout);

	poll(p, (nfds_t)n, timeout);
	ws_step(loop);
}

#define until(what)	do { \
	int64_t end_ = clock_mono_ms() + PATIENCE_MS; \
	while (!(what) && clock_mono_ms() < end_) \
		turn(); \
	if (!(what)) \
		fail_msg("in vain: %s; down: %s; last: %s", #what, why, told[0].f.text); \
} while (0)

/* The exchange's clock: a second after the beginning of one of its minutes. */
static void
clock_set(void)
{
	int64_t now = clock_wall_ms();

	s.off = (struct offset){ .offset_ms = 61000 - now % 60000, .measured_ms = now, .known = true,
	    .wall_minus_mono_ms = clock_gap_ms() };
}

/* A session with the exchange at that port, and a loop with a connection to it. */
static void
begin(int port, enum market m, const char *key)
{
	static const struct ws_events none;
	static const struct wsapi_events ev = { on_done, on_state };
	char conf[300];

	snprintf(conf, sizeof conf, "[x]\nrest = http://127.0.0.1:%d\nws = ws://127.0.0.1:%d\nkey_file = k\n",
	    port, port);
	scratch_text(".config/bf/config", 0600, conf);
	scratch_text(".config/bf/k", 0600, key);
	memset(told, 0, sizeof told);
	nups = ndowns = events = 0;
	why[0] = '\0';
	if (session_open(&s, "x", m, true, &f) == -1 || ws_open(&loop, 1 << 20, NULL, &none, NULL, &f) == -1)
		fail_msg("%s", f.text);
	clock_set();
	if (wsapi_open(&w, loop, &s, &ev, NULL, &f) == -1)
		fail_msg("%s", f.text);
}

static void
end(void)
{
	wsapi_close(w);
	w = NULL;
	ws_close(loop);
	loop = NULL;
	session_close(&s);
}

static int
setup(void **state)
{
	unsetenv("BF_CONFIG");
	unsetenv("BF_PROFILE");
	unsetenv("XDG_CONFIG_HOME");
	unsetenv("XDG_STATE_HOME");
	unsetenv("XDG_CACHE_HOME");
	return scratch_make(state) == -1 ? -1 : setenv("HOME", scratch, 1);
}

static pid_t sim;

static int
teardown(void **state)
{
	if (loop != NULL)
		end();
	peer_end();
	if (sim > 0) {
		kill(sim, SIGKILL);
		waitpid(sim, NULL, 0);
		sim = 0;
	}
	return scratch_remove(state);
}

static struct params
order(const char *id)
{
	struct params p = { 0 };

	params_add(&p, "symbol", "BTCUSDT");
	params_add(&p, "side", "BUY");
	params_add(&p, "type", "LIMIT");
	params_add(&p, "timeInForce", "GTC");
	params_add(&p, "quantity", "0.1");
	params_add(&p, "price", "50000");
	params_add(&p, "newClientOrderId", id);
	return p;
}

static struct params
named(const char *id)
{
	struct params p = { 0 };

	params_add(&p, "symbol", "BTCUSDT");
	params_add(&p, "origClientOrderId", id);
	return p;
}

static void
ask(int tag, enum ep ep, struct params p)
{
	if (wsapi_send(w, ep, &p, 0, &told[tag], &f) == -1)
		fail_msg("%s", f.text);
	ws_step(loop);
}

/*
 * Signatures
 */

static EVP_PKEY *
seed_key(void)	/* RFC 8032, 7.1, test 1 */
{
	static const unsigned char seed[32] = {
		0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec,
		0x2c, 0xc4, 0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03,
		0x1c, 0xae, 0x7f, 0x60
	};

	return EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, sizeof seed);
}

/* The private key beside the key file, and the public one. */
static void
keys_write(void)
{
	EVP_PKEY *k = seed_key();
	BIO *priv = BIO_new(BIO_s_mem()), *pub = BIO_new(BIO_s_mem());
	char *p;
	long n;

	assert_int_equal(PEM_write_bio_PKCS8PrivateKey(priv, k, NULL, NULL, 0, NULL, NULL), 1);
	n = BIO_get_mem_data(priv, &p);
	scratch_put(".config/bf/pem", 0600, p, (size_t)n);
	assert_int_equal(PEM_write_bio_PUBKEY(pub, k), 1);
	n = BIO_get_mem_data(pub, &p);
	scratch_put("pub.pem", 0600, p, (size_t)n);
	BIO_free(priv);
	BIO_free(pub);
	EVP_PKEY_free(k);
}

static struct cred *
cred_of(const char *text)
{
	struct profile p = { .name = "x" };
	struct cred *c;

	scratch_text(".config/bf/k", 0600, text);
	snprintf(p.key_file, sizeof p.key_file, "%s", in_scratch(".config/bf/k"));
	if (cred_load(&c, &p, &f) == -1)
		fail_msg("%s", f.text);
	return c;
}

static const char *
request(const char *method, const struct params *ps, const struct proof *by)
{
	static struct buf b;

	buf_reset(&b);
	assert_int_equal(request_put(&b, 1, method, ps, by, &f), 0);
	return b.p;
}

/* Values raw, in the order of names; computed with openssl dgst. */
static void
an_order_is_signed_over_its_sorted_values(void **state)
{
	struct cred *c = cred_of(HMAC);
	struct proof by = { SEC_SIGNED, c, false, 1591702613943, 5000 };
	struct params p = { 0 };
	struct buf text = { 0 };

	(void)state;
	params_add(&p, "symbol", "BTCUSDT");
	params_add(&p, "side", "BUY");
	params_add(&p, "type", "LIMIT");
	params_add(&p, "timeInForce", "GTC");
	params_add(&p, "quantity", "1");
	params_add(&p, "price", "9000");
	request_payload(&text, &p, &by);
	assert_string_equal(text.p, "apiKey=" KEY "&price=9000&quantity=1&recvWindow=5000&side=BUY"
	    "&symbol=BTCUSDT&timeInForce=GTC&timestamp=1591702613943&type=LIMIT");
	assert_string_equal(request("order.place", &p, &by), "{\"id\":1,\"method\":\"order.place\",\"params\":{"
	    "\"apiKey\":\"" KEY "\",\"price\":\"9000\",\"quantity\":\"1\",\"recvWindow\":5000,\"side\":\"BUY\","
	    "\"symbol\":\"BTCUSDT\",\"timeInForce\":\"GTC\",\"timestamp\":1591702613943,\"type\":\"LIMIT\","
	    "\"signature\":\"5b8fe2b962b8e1b2b82fb40e548d56147c2a8f835b5f1393ae4b4b90c38b527f\"}}");
	buf_free(&text);
	cred_free(c);
}

static void
a_logon_is_signed_in_plain_base64(void **state)
{
	static const struct params none;
	struct proof by = { .security = SEC_SIGNED, .stamp_ms = 1649729878532 };
	struct params p = named("a+b/c");
	struct cred *c;

	(void)state;
	keys_write();
	by.cred = c = cred_of("key=TESTKEY\nprivate_key=pem\n");
	assert_true(cred_logs_on(c));
	assert_string_equal(request("session.logon", &none, &by), "{\"id\":1,\"method\":\"session.logon\",\"params\":{"
	    "\"apiKey\":\"TESTKEY\",\"timestamp\":1649729878532,\"signature\":"
	    "\"A7pzSIpXcoDaqSQtTE3VoAC4ZPjKNqktorOhIKIeEslb5EmDHZQnWzZE75tmjqi+Uy/YwYcRuA5dVDKrgUjYCw==\"}}");
	/* and from then on there is neither key nor signature */
	by.logged_on = true;
	by.recv_window = 3000;
	params_i64(&p, "orderId", INT64_C(8389765929445198309));
	assert_string_equal(request("order.status", &p, &by), "{\"id\":1,\"method\":\"order.status\",\"params\":{"
	    "\"orderId\":8389765929445198309,\"origClientOrderId\":\"a+b/c\",\"recvWindow\":3000,"
	    "\"symbol\":\"BTCUSDT\",\"timestamp\":1649729878532}}");
	cred_free(c);
	c = cred_of(HMAC);
	assert_false(cred_logs_on(c));
	cred_free(c);
}

static void
each_market_has_its_methods(void **state)
{
	(void)state;
	assert_string_equal(wsapi_method(EP_ORDER_PLACE, MARKET_COINM), "order.place");
	assert_string_equal(wsapi_method(EP_ORDER_GET, MARKET_USDM), "order.status");
	assert_string_equal(wsapi_method(EP_ALGO_CANCEL, MARKET_USDM), "algoOrder.cancel");
	assert_null(wsapi_method(EP_ALGO_PLACE, MARKET_COINM));
	assert_null(wsapi_method(EP_BATCH_PLACE, MARKET_USDM));
	assert_null(wsapi_method(EP_CANCEL_ALL, MARKET_USDM));
	assert_null(wsapi_method(EP_OPEN_ORDERS, MARKET_USDM));
}

/*
 * Answers
 */

static void
an_answer_comes_back_with_every_digit(void **state)
{
	(void)state;
	PEER("up;heard;text=" OK(1, "{\"orderId\":8389765929445198309,\"status\":\"NEW\",\"price\":\"1E-8\"}") ";hold");
	begin(peer_now->port, MARKET_USDM, HMAC);
	assert_int_equal(wsapi_send(w, EP_ORDER_PLACE, &(struct params){ 0 }, 0, &told[0], &f), -1);
	assert_int_equal(f.kind, FAULT_AGAIN);		/* it is not up yet */
	until(nups == 1);
	ask(0, EP_ORDER_PLACE, order("a"));
	assert_true(peer_saw("text {\"id\":1,\"method\":\"order.place\",\"params\":{\"apiKey\":\"" KEY "\",\"newClientOrderId\":\"a\","));
	until(told[0].n == 1);
	assert_true(told[0].ok);
	assert_string_equal(told[0].value, "{\"orderId\":8389765929445198309,\"status\":\"NEW\",\"price\":\"1E-8\"}");
	assert_non_null(peer_line("asked GET /ws-fapi/v1 HTTP/1.1", 0));
	assert_true(wsapi_sent(w) == 1 && wsapi_strays(w) == 0);
	assert_int_equal(wsapi_send(w, EP_BATCH_PLACE, &(struct params){ 0 }, 0, &told[1], &f), -1);
	assert_int_equal(f.kind, FAULT_USAGE);
	assert_int_equal(wsapi_sent(w), 1);
}

static void
coin_m_has_its_own_path(void **state)
{
	(void)state;
	PEER("up;hold");
	begin(peer_now->port, MARKET_COINM, HMAC);
	until(nups == 1);
	assert_non_null(peer_line("asked GET /ws-dapi/v1 HTTP/1.1", 0));
}

static void
answers_are_matched_by_id_alone(void **state)
{
	(void)state;
	PEER("up;heard;heard;heard;"
	    "text=" OK(2, "{\"x\":\"second\"}") ";text=" OK(3, "{\"x\":\"third\"}") ";text=" OK(1, "{\"x\":\"first\"}") ";hold");
	begin(peer_now->port, MARKET_USDM, HMAC);
	until(nups == 1);
	for (int i = 0; i < 3; i++)
		ask(i, EP_ORDER_PLACE, order("a"));
	until(told[0].n == 1);
	assert_true(told[1].at < told[2].at && told[2].at < told[0].at);
	assert_string_equal(told[0].value, "{\"x\":\"first\"}");
	assert_string_equal(told[1].value, "{\"x\":\"second\"}");
	assert_string_equal(told[2].value, "{\"x\":\"third\"}");
}

static void
what_belongs_to_nothing_is_counted_and_passed_over(void **state)
{
	static const char *const stray[] = {
		"not json", "[1]", "{\"id\":1", "{}",
		OK(7, "{\"x\":1}"), OK(0, "{\"x\":1}"), OK(-1, "{\"x\":1}"), OK("1", "{\"x\":1}"), OK(1.5, "{\"x\":1}"),
		OK(18446744073709551617, "{\"x\":1}"), OK(null, "{\"x\":1}"), NO(null, 400, -1135),
		"{\"id\":1,\"id\":1,\"status\":200,\"result\":{\"x\":1}}",
	};
	struct buf script = { 0 };
	int n = (int)(sizeof stray / sizeof *stray);

	(void)state;
	buf_str(&script, "up;heard");
	for (int i = 0; i < n; i++)
		buf_printf(&script, ";text=%s", stray[i]);
	buf_str(&script, ";text=" OK(1, "{\"x\":2}") ";text=" OK(1, "{\"x\":3}") ";hold");
	peer_begin((const char *const []){ script.p }, 1, NULL, NULL);
	begin(peer_now->port, MARKET_USDM, HMAC);
	until(nups == 1);
	ask(0, EP_ORDER_PLACE, order("a"));
	until(wsapi_strays(w) == n + 1);		/* the last is an answer that came twice */
	assert_int_equal(told[0].n, 1);
	assert_string_equal(told[0].value, "{\"x\":2}");
	assert_true(wsapi_up(w) && ndowns == 0);
	buf_free(&script);
}

static void
what_is_forgotten_may_be_answered_late(void **state)
{
	(void)state;
	PEER("up;heard;heard;text=" OK(1, "{\"x\":1}") ";text=" OK(2, "{\"x\":2}") ";hold");
	begin(peer_now->port, MARKET_USDM, HMAC);
	until(nups == 1);
	ask(0, EP_ORDER_PLACE, order("a"));
	wsapi_forget(w, &told[0]);
	wsapi_forget(w, &told[5]);			/* never asked */
	ask(1, EP_ORDER_PLACE, order("b"));
	until(told[1].n == 1);
	assert_int_equal(told[0].n, 0);
	assert_int_equal(wsapi_strays(w), 0);
}

/* By status, code and text, as an answer of REST; what is in doubt is unknown. */
static void
refusals_are_judged_as_those_of_rest(void **state)
{
	static const struct { const char *answer; enum fault_kind place, look; int http, code; } row[] = {
		{ "\"status\":400,\"error\":{\"code\":-2019,\"msg\":\"Margin is insufficient.\"}", FAULT_REJECTED, FAULT_REJECTED, 400, -2019 },
		{ "\"status\":401,\"error\":{\"code\":-2015,\"msg\":\"x\"}", FAULT_KEY, FAULT_KEY, 401, -2015 },
		{ "\"status\":400,\"error\":{\"code\":-1021,\"msg\":\"x\"}", FAULT_CLOCK, FAULT_CLOCK, 400, -1021 },
		{ "\"status\":503,\"error\":{\"code\":-1008,\"msg\":\"x\"}", FAULT_AGAIN, FAULT_AGAIN, 503, -1008 },
		{ "\"status\":408,\"error\":{\"code\":-1007,\"msg\":\"x\"}", FAULT_UNKNOWN, FAULT_AGAIN, 408, -1007 },
		{ "\"status\":400,\"error\":{\"code\":-4116,\"msg\":\"x\"}", FAULT_UNKNOWN, FAULT_REJECTED, 400, -4116 },
		{ "\"status\":200,\"error\":{\"code\":-2019,\"msg\":\"x\"}", FAULT_REJECTED, FAULT_REJECTED, 200, -2019 },
		{ "\"status\":500", FAULT_UNKNOWN, FAULT_AGAIN, 500, 0 },
		{ "\"status\":200", FAULT_UNKNOWN, FAULT_AGAIN, 200, 0 },
		{ "\"status\":200,\"result\":{}", FAULT_UNKNOWN, FAULT_NONE, 0, 0 },
		{ "\"status\":200,\"result\":\"ok\"", FAULT_UNKNOWN, FAULT_AGAIN, 200, 0 },
		{ "\"status\":200,\"result\":{\"x\":1},\"error\":{\"code\":-1,\"msg\":\"\"}", FAULT_UNKNOWN, FAULT_AGAIN, 200, 0 },
		{ "\"status\":500,\"result\":{\"x\":1}", FAULT_UNKNOWN, FAULT_AGAIN, 500, 0 },
		{ "\"status\":\"200\",\"result\":{\"x\":1}", FAULT_UNKNOWN, FAULT_AGAIN, 0, 0 },
		{ "\"result\":{\"x\":1}", FAULT_UNKNOWN, FAULT_AGAIN, 0, 0 },
	};
	struct buf script = { 0 };
	int n = (int)(sizeof row / sizeof *row);

	(void)state;
	buf_str(&script, "up");
	for (int i = 0; i < n; i++)
		buf_printf(&script, ";heard;text={\"id\":%d,%s};heard;text={\"id\":%d,%s}", 2 * i + 1, row[i].answer,
		    2 * i + 2, row[i].answer);
	buf_str(&script, ";hold");
	peer_begin((const char *const []){ script.p }, 1, NULL, NULL);
	begin(peer_now->port, MARKET_USDM, HMAC);
	until(nups == 1);
	for (int i = 0; i < n; i++) {
		memset(told, 0, sizeof told);
		ask(0, EP_ORDER_PLACE, order("a"));
		until(told[0].n == 1);
		ask(1, EP_ORDER_GET, named("a"));
		until(told[1].n == 1);
		if (told[0].ok || told[0].f.kind != row[i].place || told[0].f.code != row[i].code)
			fail_msg("%s: %s", row[i].answer, told[0].f.text);
		if (told[1].ok ? row[i].look != FAULT_NONE : told[1].f.kind != row[i].look || told[1].f.http != row[i].http)
			fail_msg("%s: %s", row[i].answer, told[1].f.text);
	}
	assert_int_equal(wsapi_strays(w), 0);
	buf_free(&script);
}

/*
 * Limits
 */

#define TOLD(weight, ten, minute) "{\"id\":1,\"status\":200,\"result\":{\"x\":1},\"rateLimits\":[" \
	"{\"rateLimitType\":\"REQUEST_WEIGHT\",\"interval\":\"MINUTE\",\"intervalNum\":1,\"limit\":2400,\"count\":" #weight "}," \
	"{\"rateLimitType\":\"ORDERS\",\"interval\":\"SECOND\",\"intervalNum\":10,\"limit\":300,\"count\":" #ten "}," \
	"{\"rateLimitType\":\"ORDERS\",\"interval\":\"MINUTE\",\"intervalNum\":1,\"limit\":1200,\"count\":" #minute "}," \
	"{\"rateLimitType\":\"ORDERS\",\"interval\":\"DAY\",\"intervalNum\":1,\"count\":999999},7,{}]}"

/* Whether a request of this weight, or an order, may be urgent and still leaves. */
static bool
room(int weight, enum ep ep)
{
	return limits_take(s.lim, endpoint(ep), MARKET_USDM, weight, true, session_now(&s), &f) == 0;
}

static void
the_exchanges_counts_are_taken_over(void **state)
{
	(void)state;
	PEER("up;heard;text=" TOLD(2390, 12, 1199) ";hold");
	begin(peer_now->port, MARKET_USDM, HMAC);
	until(nups == 1);
	ask(0, EP_ORDER_PLACE, order("a"));
	until(told[0].n == 1);
	assert_false(room(11, EP_ORDER_GET));
	assert_true(room(10, EP_ORDER_GET));
	assert_true(room(0, EP_ORDER_PLACE));
	assert_false(room(0, EP_ORDER_PLACE));		/* 1200 a minute */
}

/* 5 for the handshake, and 2 for the logon of a key that has one. */
static void
a_connection_is_counted(void **state)
{
	(void)state;
	keys_write();
	for (int ed = 0; ed < 2; ed++) {
		PEER("up;heard;hold", "up;hold");
		begin(peer_now->port, MARKET_USDM, ed ? "key=TESTKEY\nprivate_key=pem\n" : HMAC);
		limits_set(s.lim, 100, 0, 0);
		until(peer_line("asked", 0) != NULL);
		assert_false(room(ed ? 94 : 96, EP_ORDER_GET));
		assert_true(room(ed ? 93 : 95, EP_ORDER_GET));
		end();
		peer_end();
	}
}

static void
a_ban_is_obeyed_by_all(void **state)
{
	static const char *const answer[] = {
		NO(1, 429, -1003), NO(1, 418, -1003), NO(null, 429, -1003), NO(1, 400, -1003),
	};
	char script[300];

	(void)state;
	for (size_t i = 0; i < sizeof answer / sizeof *answer; i++) {
		snprintf(script, sizeof script, "up;heard;text=%s;hold", answer[i]);
		peer_begin((const char *const []){ script }, 1, NULL, NULL);
		begin(peer_now->port, MARKET_USDM, HMAC);
		until(nups == 1);
		ask(0, EP_ORDER_PLACE, order("a"));
		until(told[0].n == 1 || wsapi_strays(w) == 1);
		assert_true(limits_banned_until(s.lim) > session_now(&s) + 30000);
		end();
		peer_end();
	}
}

static void
a_refused_handshake_is_obeyed_too(void **state)
{
	(void)state;
	PEER("http=429 Too Many Requests|Retry-After: 100||x");
	begin(peer_now->port, MARKET_USDM, HMAC);
	until(ndowns == 1);
	assert_true(limits_banned_until(s.lim) > session_now(&s) + 60000);
	assert_non_null(strstr(why, "429"));
}

static void
without_room_nothing_is_dialled(void **state)
{
	(void)state;
	PEER("up;hold");
	begin(peer_now->port, MARKET_USDM, HMAC);
	limits_ban(s.lim, session_now(&s) + 30000);
	until(ndowns == 1);
	for (int i = 0; i < 3; i++)
		turn();
	assert_null(peer_line("asked", 0));
	assert_true(ndowns == 1 && why[0] != '\0');
}

/*
 * The end of a connection
 */

static void
what_was_under_way_is_unknown_and_never_sent_again(void **state)
{
	struct params last = order("b");

	(void)state;
	PEER("up;heard;heard;heard;heard;rst", "up;heard;text=" OK(5, "{\"x\":5}") ";hold");
	begin(peer_now->port, MARKET_USDM, HMAC);
	until(nups == 1);
	ask(0, EP_ORDER_PLACE, order("a"));
	ask(1, EP_ORDER_GET, named("a"));
	ask(2, EP_ORDER_CANCEL, named("a"));
	assert_int_equal(wsapi_send(w, EP_ORDER_PLACE, &last, 0, &told[3], &f), 0);
	wsapi_forget(w, &told[3]);
	until(ndowns == 1);
	assert_int_equal(told[0].f.kind, FAULT_UNKNOWN);
	assert_int_equal(told[1].f.kind, FAULT_AGAIN);	/* a look changes nothing */
	assert_int_equal(told[2].f.kind, FAULT_UNKNOWN);
	assert_true(told[0].at < down_at && told[2].at < down_at);
	assert_int_equal(told[3].n, 0);
	until(nups == 2);
	ask(4, EP_ORDER_PLACE, order("c"));
	until(told[4].n == 1);
	assert_true(told[0].n == 1 && told[2].n == 1);
	assert_int_equal(wsapi_sent(w), 5);
	assert_non_null(strstr(peer_line("text", 4), "{\"id\":5,"));	/* the first of the second connection */
	assert_null(peer_line("text", 5));
}

static void
a_closing_is_told_with_its_reason(void **state)
{
	(void)state;
	PEER("up;heard;close=1008:Too many requests;closed", "up;hold");
	begin(peer_now->port, MARKET_USDM, HMAC);
	until(nups == 1);
	ask(0, EP_ORDER_PLACE, order("a"));
	until(nups == 2);
	assert_int_equal(told[0].f.kind, FAULT_UNKNOWN);
	assert_non_null(strstr(told[0].f.text, "1008"));
	assert_non_null(strstr(why, "Too many requests"));
}

static void
a_key_that_was_revoked_ends_the_connection(void **state)
{
	(void)state;
	PEER("up;heard;text=" NO(null, 401, -2015) ";closed", "up;hold");
	begin(peer_now->port, MARKET_USDM, HMAC);
	until(nups == 1);
	ask(0, EP_ORDER_PLACE, order("a"));
	until(nups == 2);
	assert_int_equal(told[0].f.kind, FAULT_UNKNOWN);
	assert_int_equal(ndowns, 1);
	assert_non_null(strstr(why, "-2015"));
}

/*
 * Logon
 */

#define ED	"key=TESTKEY\nprivate_key=pem\n"
#define LOGON	"text {\"id\":1,\"method\":\"session.logon\",\"params\":{\"apiKey\":\"TESTKEY\",\"timestamp\":"

static void
an_ed25519_key_logs_on_before_use_each_time(void **state)
{
	(void)state;
	keys_write();
	PEER("up;heard;text=" OK(1, "{\"apiKey\":\"TESTKEY\"}") ";heard;rst",
	    "up;heard;text=" OK(3, "{\"apiKey\":\"TESTKEY\"}") ";heard;text=" OK(4, "{\"x\":1}") ";hold");
	begin(peer_now->port, MARKET_USDM, ED);
	until(nups == 1);
	assert_non_null(peer_line(LOGON, 0));
	ask(0, EP_ORDER_PLACE, order("a"));
	until(nups == 2);
	assert_int_equal(told[0].f.kind, FAULT_UNKNOWN);
	assert_null(strstr(peer_line("text", 1), "apiKey"));
	assert_null(strstr(peer_line("text", 1), "signature"));
	assert_non_null(strstr(peer_line("text", 1), "\"timestamp\":"));
	assert_non_null(strstr(peer_line("text", 2), "session.logon"));
	ask(1, EP_ORDER_PLACE, order("b"));
	until(told[1].n == 1);
	assert_true(told[1].ok);
	assert_int_equal(wsapi_sent(w), 2);
}

static void
without_a_logon_nothing_is_sent(void **state)
{
	struct params p = order("a");

	(void)state;
	keys_write();
	PEER("up;heard;text=" NO(1, 401, -2015) ";closed", "up;hold");
	begin(peer_now->port, MARKET_USDM, ED);
	until(ndowns == 1);
	assert_int_equal(nups, 0);
	assert_non_null(strstr(why, "session.logon was refused"));
	assert_int_equal(wsapi_send(w, EP_ORDER_PLACE, &p, 0, &told[0], &f), -1);
	assert_int_equal(f.kind, FAULT_AGAIN);
	assert_non_null(strstr(f.text, "-2015"));
	until(peer_line("close", 0) != NULL);
	assert_int_equal(wsapi_sent(w), 0);
	assert_null(peer_line("text", 1));
}

static void
a_clock_that_is_off_is_to_be_measured_anew(void **state)
{
	(void)state;
	keys_write();
	PEER("up;heard;text=" NO(1, 400, -1021) ";closed", "up;hold");
	begin(peer_now->port, MARKET_USDM, ED);
	until(ndowns == 1);
	assert_false(s.off.known);
}

/*
 * bf-sim
 */

static const char *
sim_path(void)
{
	static char path[600];
	const char *dir = getenv("BF_BIN");
	ssize_t n;

	if (dir != NULL) {
		snprintf(path, sizeof path, "%s/bf-sim", dir);
		return path;
	}
	if ((n = readlink("/proc/self/exe", path, sizeof path - 1)) <= 0)
		return "bf-sim";
	path[n] = '\0';
	snprintf(strrchr(path, '/'), 20, "/../bin/bf-sim");
	return path;
}

/* Its port, with the accounts and under the fault given; skips where there is none. */
static int
sim_begin(const char *fault)
{
	char accounts[320], ledger[320], line[1024] = "", *at;
	const char *path = sim_path();
	int fd[2];
	ssize_t got;

	if (access(path, X_OK) == -1) {
		print_message("skipped: no bf-sim at %s\n", path);
		skip();
	}
	keys_write();
	scratch_text("accounts", 0600, "[alice]\nkey = " KEY "\nsecret = " SECRET "\nbalance = USDT=100000\n"
	    "[bob]\nkey = TESTKEY\npublic_key_file = pub.pem\nbalance = USDT=100000\n");
	snprintf(accounts, sizeof accounts, "%s", in_scratch("accounts"));
	snprintf(ledger, sizeof ledger, "%s", in_scratch("ledger"));
	assert_int_equal(pipe(fd), 0);
	if ((sim = fork()) == 0) {
#ifdef __linux__
		prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
		dup2(fd[1], 1);
		execl(path, "bf-sim", "--accounts", accounts, "--ledger", ledger, "--faults", "/dev/null",
		    fault != NULL ? "--fault" : NULL, fault, (char *)NULL);
		_exit(127);
	}
	close(fd[1]);
	for (size_t n = 0; strchr(line, '\n') == NULL; n += (size_t)got)
		if ((got = read(fd[0], line + n, sizeof line - 1 - n)) <= 0)
			fail_msg("bf-sim does not start");
	close(fd[0]);
	at = strstr(line, "http://127.0.0.1:");
	assert_non_null(at);
	return atoi(at + 17);
}

/* Lines of the ledger that hold both. */
static int
ledger(const char *a, const char *b)
{
	char *text = scratch_get("ledger", NULL), *line, *next;
	int n = 0;

	for (line = text; line != NULL && *line != '\0'; line = next) {
		if ((next = strchr(line, '\n')) != NULL)
			*next++ = '\0';
		n += strstr(line, a) != NULL && strstr(line, b) != NULL;
	}
	free(text);
	return n;
}

static void
sim_session(int port, const char *key)
{
	begin(port, MARKET_USDM, key);
	s.off.offset_ms = 0;		/* bf-sim's clock is this machine's */
	until(nups == 1);
}

static void
bf_sim_takes_orders_of_either_key(void **state)
{
	int port = sim_begin(NULL);
	struct params p;

	(void)state;
	for (int ed = 0; ed < 2; ed++) {
		sim_session(port, ed ? ED : HMAC);
		ask(0, EP_ORDER_PLACE, order("a:b/c"));
		until(told[0].n == 1);
		if (!told[0].ok)
			fail_msg("%s", told[0].f.text);
		assert_non_null(strstr(told[0].value, "\"clientOrderId\":\"a:b/c\""));
		p = named("a:b/c");
		ask(1, EP_ORDER_GET, p);
		ask(2, EP_ORDER_CANCEL, p);
		ask(3, EP_ORDER_CANCEL, p);
		until(told[3].n == 1);
		assert_true(told[1].ok && told[2].ok);
		assert_non_null(strstr(told[2].value, "\"status\":\"CANCELED\""));
		assert_int_equal(told[3].f.code, -2011);
		assert_int_equal(told[3].f.kind, FAULT_REJECTED);
		/* text that is not ASCII is signed as it is */
		p = order("u");
		snprintf(p.p[0].value, sizeof p.p[0].value, "测试USDT");
		snprintf(p.p[4].value, sizeof p.p[4].value, "100");
		snprintf(p.p[5].value, sizeof p.p[5].value, "0.99");
		ask(4, EP_ORDER_PLACE, p);
		until(told[4].n == 1);
		if (!told[4].ok)
			fail_msg("%s", told[4].f.text);
		assert_non_null(strstr(told[4].value, "\"orderId\":8389"));	/* 19 digits */
		end();
	}
	assert_int_equal(ledger("\"what\":\"order\"", "a:b/c"), 2);
}

static void
bf_sim_resets_and_the_order_stands_once(void **state)
{
	int port = sim_begin("on WS order.place#1: exec=yes net=rst");

	(void)state;
	sim_session(port, HMAC);
	ask(0, EP_ORDER_PLACE, order("lost"));
	until(nups == 2);
	assert_int_equal(told[0].f.kind, FAULT_UNKNOWN);
	ask(1, EP_ORDER_GET, named("lost"));
	until(told[1].n == 1);
	assert_true(told[1].ok);
	assert_int_equal(ledger("\"method\":\"order.place\"", "lost"), 1);
	assert_int_equal(ledger("\"what\":\"order\"", "lost"), 1);
}

static void
bf_sim_swaps_answers(void **state)
{
	int port = sim_begin("ws:api: swap");

	(void)state;
	sim_session(port, HMAC);
	ask(0, EP_ORDER_PLACE, order("one"));
	ask(1, EP_ORDER_PLACE, order("two"));
	until(told[0].n == 1 && told[1].n == 1);
	assert_true(told[1].at < told[0].at);
	assert_non_null(strstr(told[0].value, "\"clientOrderId\":\"one\""));
	assert_non_null(strstr(told[1].value, "\"clientOrderId\":\"two\""));
}

/*
 * The address
 */

static void
the_address_is_the_profiles(void **state)
{
	static const struct { const char *conf, *name, *usdm, *coinm; } row[] = {
		{ "", "live", "wss://ws-fapi.binance.com", "wss://ws-dapi.binance.com" },
		{ "", "demo", "wss://testnet.binancefuture.com", "wss://testnet.binancefuture.com" },
		{ "[x]\nrest = http://127.0.0.1:1\nws = ws://127.0.0.1:2\n", "x", "ws://127.0.0.1:2", "ws://127.0.0.1:2" },
		{ "[x]\nrest = http://127.0.0.1:1\nws = ws://127.0.0.1:2\nwsapi = ws://127.0.0.1:3/\n", "x", "ws://127.0.0.1:3", "ws://127.0.0.1:2" },
		{ "[x]\nrest = http://127.0.0.1:1\nws = ws://127.0.0.1:2\ncoinm_wsapi = ws://127.0.0.1:3\n", "x", "ws://127.0.0.1:2", "ws://127.0.0.1:3" },
		{ "[x]\nrest = https://fapi.binance.com\nws = wss://fstream.binance.com\n", "x", "wss://ws-fapi.binance.com", "wss://ws-dapi.binance.com" },
		{ "[x]\nrest = https://example.org\nws = wss://example.org\n", "x", NULL, NULL },
		{ "[x]\nrest = https://example.org\nws = wss://example.org\nwsapi = wss://example.com\n", "x", "wss://example.com", NULL },
	};
	struct profile p;

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		const char *got[2];

		scratch_text(".config/bf/config", 0600, row[i].conf);
		assert_int_equal(profile_load(&p, row[i].name, &f), 0);
		got[0] = profile_wsapi(&p, MARKET_USDM, &f);
		got[1] = profile_wsapi(&p, MARKET_COINM, &f);
		if (row[i].usdm == NULL)
			assert_null(got[0]);
		else
			assert_string_equal(got[0], row[i].usdm);
		if (row[i].coinm == NULL)
			assert_null(got[1]);
		else
			assert_string_equal(got[1], row[i].coinm);
	}
	scratch_text(".config/bf/config", 0600, "[x]\nrest = https://example.org\nws = wss://example.org\nwsapi = ws://127.0.0.1:1\n");
	assert_int_equal(profile_load(&p, "x", &f), -1);
	assert_int_equal(f.kind, FAULT_USAGE);
}

int
main(void)
{
#define T(fn)	cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest test[] = {
		T(an_order_is_signed_over_its_sorted_values),
		T(a_logon_is_signed_in_plain_base64),
		T(each_market_has_its_methods),
		T(an_answer_comes_back_with_every_digit),
		T(coin_m_has_its_own_path),
		T(answers_are_matched_by_id_alone),
		T(what_belongs_to_nothing_is_counted_and_passed_over),
		T(what_is_forgotten_may_be_answered_late),
		T(refusals_are_judged_as_those_of_rest),
		T(the_exchanges_counts_are_taken_over),
		T(a_connection_is_counted),
		T(a_ban_is_obeyed_by_all),
		T(a_refused_handshake_is_obeyed_too),
		T(without_room_nothing_is_dialled),
		T(what_was_under_way_is_unknown_and_never_sent_again),
		T(a_closing_is_told_with_its_reason),
		T(a_key_that_was_revoked_ends_the_connection),
		T(an_ed25519_key_logs_on_before_use_each_time),
		T(without_a_logon_nothing_is_sent),
		T(a_clock_that_is_off_is_to_be_measured_anew),
		T(bf_sim_takes_orders_of_either_key),
		T(bf_sim_resets_and_the_order_stands_once),
		T(bf_sim_swaps_answers),
		T(the_address_is_the_profiles),
	};
#undef T

	return cmocka_run_group_tests(test, NULL, NULL);
}
