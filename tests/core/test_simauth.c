/* Signatures as bf-sim checks them. The vectors are the exchange's published
 * samples, RFC 8032's first key, and what openssl computes for both. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "../../cmd/bf-sim/auth.h"

#define KEY "dbefbc809e3e83c283a984c3a1459732ea7db1360ca80c5c2c8867408d28cc83"

static struct account sample = {
	.key = KEY,
	.secret = "2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9",
};
static struct account spot = {
	.secret = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j",
};

#define ORDER "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&timeInForce=GTC&recvWindow=5000&timestamp=1591702613943"
#define ORDER_SIG "3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9"

static struct http_span
span(const char *s)
{
	return (struct http_span){ s, strlen(s) };
}

/* The code a request is refused with; 0: it is its sender's. */
static int
judged(const struct account *a, const char *query, const char *body)
{
	struct params p = { 0 };
	struct fault f = { 0 };
	int r;

	assert_int_equal(params_read(&p, span(query), span(body), &f), 0);
	r = auth_signed(a, &p, span(query), span(body), &f);
	params_free(&p);
	return r == 0 ? 0 : f.code;
}

static int
judged_with(const struct account *a, const char *query, const char *body, const char *sig)
{
	char b[2048], q[2048];

	snprintf(q, sizeof q, "%s%s%s", query, *body == '\0' ? "&signature=" : "",
	    *body == '\0' ? sig : "");
	snprintf(b, sizeof b, "%s%s%s", body, *body != '\0' ? "&signature=" : "",
	    *body != '\0' ? sig : "");
	return judged(a, q, b);
}

static void
test_hmac(void **state)
{
	static const struct { const struct account *a; const char *query, *body, *sig; } row[] = {
		{ &sample, ORDER, "", ORDER_SIG },
		{ &sample, "", ORDER, ORDER_SIG },
		{ &sample, ORDER, "", "3C661234138461FCC7A7D8746C6558C9842D4E10870D2ECBEDF7777CAD694AF9" },
		{ &sample, "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=9000&recvWindow=5000&timestamp=1591702613943", "",
		    "ec11dcc17e67e47f0d3c3f513dfe9062307e37619c5c82ebaa8fe0bdf3d59519" },
		{ &sample, "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC",
		    "quantity=1&price=9000&recvWindow=5000&timestamp=1591702613943",
		    "30baaf0fab549bbeda7f5ef201898b34122da25fd23c646cac2c529aebe670a4" },
		{ &sample, "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC",
		    "quantity=1&price=9000&recvWindow=5000&timestamp= 1591702613943",
		    "f9d0ae5e813ef6ccf15c2b5a434047a0181cb5a342b903b367ca6d27a66e36f2" },
		{ &sample, "symbol=%E6%B5%8B%E8%AF%95USDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=30&timestamp=1760000007980", "",
		    "ca980c4ec695c451fadcaffbe35779c4de27425965be19fd4f9897519e9a6540" },
		{ &sample, "batchOrders=%5B%7B%22type%22%3A%22LIMIT%22%2C%22timeInForce%22%3A%22GTC%22%2C%22symbol%22%3A%22BTCUSDT%22%2C%22side%22%3A%22BUY%22%2C%22price%22%3A%2210001%22%2C%22quantity%22%3A%220.001%22%7D%5D&recvWindow=5000&timestamp=1591702613943", "",
		    "f9989392bce641701caf36bd26cd450a5dfe55cf28491470af9ba96483ecb538" },
		{ &sample, "timestamp=1591702613943", "",
		    "84901bbeed96ffa9adf9995c40fcadcb0a9ddad37c2605ce82491f2c771077a6" },
		{ &spot, "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559", "",
		    "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71" },
		{ &spot, "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC",
		    "quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559",
		    "0fd168b8ddb4876a0358a8d14d0c9f3da0e9b20c5d52b2a00fcf7d1c602f9a77" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		if (judged_with(row[i].a, row[i].query, row[i].body, row[i].sig) != 0)
			fail_msg("row %zu", i);
}

static void
test_refused(void **state)
{
	static const struct { const char *query, *body; int code; } row[] = {
		{ ORDER, "", -1102 },
		{ ORDER "&signature=", "", -1102 },
		{ ORDER "&signature=00", "", -1022 },
		{ ORDER "&signature=" ORDER_SIG "0", "", -1022 },
		{ ORDER "&signature=4c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9", "", -1022 },
		/* it must stand last, and in one place */
		{ "signature=" ORDER_SIG "&" ORDER, "", -1022 },
		{ ORDER "&signature=" ORDER_SIG, "signature=" ORDER_SIG, -1022 },
		{ ORDER "&signature=" ORDER_SIG, "price=9001", -1022 },
		/* one byte of the message */
		{ ORDER "0&signature=" ORDER_SIG, "", -1022 },
		{ ORDER "&signature=%3", "", -1100 },
	};
	struct params p;
	struct fault f;

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		p = (struct params){ 0 };
		if (params_read(&p, span(row[i].query), span(row[i].body), &f) == 0)
			(void)auth_signed(&sample, &p, span(row[i].query), span(row[i].body), &f);
		if (f.code != row[i].code)
			fail_msg("row %zu: %d", i, f.code);
		params_free(&p);
	}
}

static void
test_unencoded_json_in_a_body(void **state)
{
	/* as ccxt sends it; openssl dgst made the signature */
	static const char body[] =
	    "timestamp=1591702613943&batchOrders=[{\"symbol\":\"BTCUSDT\",\"side\":\"BUY\"}]&recvWindow=10000";

	(void)state;
	assert_int_equal(judged_with(&sample, "", body,
	    "4f656a81b527314fb7a880de6286ffa9fdf2212f389a0f28bd735724074fdd7e"), 0);
}

static const unsigned char rfc8032_public[32] = {
	0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe, 0xd3, 0xc9, 0x64, 0x07, 0x3a,
	0x0e, 0xe1, 0x72, 0xf3, 0xda, 0xa6, 0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a,
};

static void
test_ed25519(void **state)
{
	static const char plain[] =
	    "ATEuJPvzWUFs0d1x9FwudUJsSfMMWR+bkdrxtbOYgFkZj36Ol/vwKDGm9UWtKuq0mtnSTOQruQAwFvR128PaDg==";
	static const char escaped[] =
	    "ATEuJPvzWUFs0d1x9FwudUJsSfMMWR%2BbkdrxtbOYgFkZj36Ol%2FvwKDGm9UWtKuq0mtnSTOQruQAwFvR128PaDg%3D%3D";
	struct account a = { .kind = KEY_ED25519 };
	struct params p = { .n = 3, .v = {
		{ "timestamp", "1649729878532" },
		{ "signature", "A7pzSIpXcoDaqSQtTE3VoAC4ZPjKNqktorOhIKIeEslb5EmDHZQnWzZE75tmjqi+Uy/YwYcRuA5dVDKrgUjYCw==" },
		{ "apiKey", "TESTKEY" } } };
	struct fault f = { 0 };

	(void)state;
	a.public_key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, rfc8032_public, 32);
	assert_non_null(a.public_key);
	assert_int_equal(judged_with(&a, ORDER, "", escaped), 0);
	assert_int_equal(judged_with(&a, ORDER, "", plain), 0);
	assert_int_equal(judged_with(&a, ORDER "1", "", escaped), -1022);
	assert_int_equal(judged_with(&a, ORDER, "", ORDER_SIG), -1022);
	assert_int_equal(auth_ws(&a, &p, &f), 0);
	EVP_PKEY_free(a.public_key);
}

/* There is no published RSA vector with its key: openssl signs. */
static void
test_rsa(void **state)
{
	struct account a = { .kind = KEY_RSA };
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	unsigned char raw[512];
	size_t n = sizeof raw;
	char text[1024];

	(void)state;
	a.public_key = EVP_RSA_gen(2048);
	assert_int_equal(EVP_DigestSignInit(md, NULL, EVP_sha256(), NULL, a.public_key), 1);
	assert_int_equal(EVP_DigestSign(md, raw, &n, (const unsigned char *)ORDER, strlen(ORDER)), 1);
	EVP_EncodeBlock((unsigned char *)text, raw, (int)n);
	assert_int_equal(judged_with(&a, "", ORDER, text), 0);
	assert_int_equal(judged_with(&a, "", ORDER "0", text), -1022);
	text[5] = text[5] == 'A' ? 'B' : 'A';
	assert_int_equal(judged_with(&a, "", ORDER, text), -1022);
	EVP_MD_CTX_free(md);
	EVP_PKEY_free(a.public_key);
}

static struct params
ws_params(const char *sig, const char *id)
{
	struct params p = { .n = 10, .v = {
		{ "type", "LIMIT" }, { "symbol", "BTCUSDT" }, { "side", "BUY" }, { "apiKey", KEY },
		{ "timestamp", "1591702613943" }, { "signature", sig }, { "quantity", "1" },
		{ "price", "9000" }, { "timeInForce", "GTC" }, { "recvWindow", "5000" } } };

	if (id != NULL)
		p.v[p.n++] = (struct param){ "newClientOrderId", id };
	return p;
}

static void
test_ws(void **state)
{
	/* those with an id are of openssl dgst: with the id as it is, and encoded */
	static const struct { const char *id, *sig; int code; } row[] = {
		{ NULL, "5b8fe2b962b8e1b2b82fb40e548d56147c2a8f835b5f1393ae4b4b90c38b527f", 0 },
		{ "x", "5b8fe2b962b8e1b2b82fb40e548d56147c2a8f835b5f1393ae4b4b90c38b527f", -1022 },
		{ "a:b/c", "0dd1387cbb892c3822800214191c8ae1d7b0733e04321742e67c20bb90a1e050", 0 },
		{ "a:b/c", "6fb7963f22fc9a2100c545a30d0512493108aced363a22644adde556fd51ff12", 0 },
		{ NULL, "", -1102 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct params p = ws_params(row[i].sig, row[i].id);
		struct fault f = { 0 };
		int r = auth_ws(&sample, &p, &f);

		if (r != (row[i].code == 0 ? 0 : -1) || f.code != row[i].code)
			fail_msg("row %zu: %d", i, f.code);
	}
}

static void
test_key(void **state)
{
	struct account v[2] = { sample, { .key = "short" } };
	struct accounts as = { v, 2 };
	const struct account *a;
	struct fault f = { 0 };
	struct http_span key = span(KEY), own = span("short"), odd = span("shor"), other =
	    span("abefbc809e3e83c283a984c3a1459732ea7db1360ca80c5c2c8867408d28cc83");

	(void)state;
	assert_int_equal(auth_key(&as, &key, "1.2.3.4", &a, &f), 0);
	assert_ptr_equal(a, &v[0]);
	assert_int_equal(auth_key(&as, &own, "1.2.3.4", &a, &f), 0);
	assert_ptr_equal(a, &v[1]);
	assert_int_equal(auth_key(&as, NULL, "1.2.3.4", &a, &f), -1);
	assert_int_equal(f.code, -2014);
	assert_int_equal(auth_key(&as, &odd, "1.2.3.4", &a, &f), -1);
	assert_int_equal(f.code, -2014);
	assert_int_equal(auth_key(&as, &other, "1.2.3.4", &a, &f), -1);
	assert_int_equal(f.code, -2015);
	assert_int_equal(f.http, 401);
	assert_non_null(strstr(f.text, "request ip: 1.2.3.4"));
}

static void
test_time(void **state)
{
	static const struct { const char *timestamp, *window; int code; } row[] = {
		{ "1000000", NULL, 0 }, { "995000", NULL, 0 }, { "994999", NULL, -1021 },
		{ "1000999", NULL, 0 }, { "1001000", NULL, -1021 }, { "940000", "60000", 0 },
		{ "1000000", "60001", -1130 }, { "1000000", "0", -1130 }, { "999998", "1", -1021 },
		{ NULL, NULL, -1102 }, { "x", NULL, -1102 }, { "1e6", NULL, -1102 },
		{ "-9223372036854775807", NULL, -1102 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct params p = { 0 };
		struct fault f = { 0 };

		if (row[i].timestamp != NULL)
			p.v[p.n++] = (struct param){ "timestamp", row[i].timestamp };
		if (row[i].window != NULL)
			p.v[p.n++] = (struct param){ "recvWindow", row[i].window };
		(void)auth_time(&p, 1000000, &f);
		if (f.code != row[i].code)
			fail_msg("row %zu: %d", i, f.code);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hmac),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_unencoded_json_in_a_body),
		cmocka_unit_test(test_ed25519),
		cmocka_unit_test(test_rsa),
		cmocka_unit_test(test_ws),
		cmocka_unit_test(test_key),
		cmocka_unit_test(test_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
