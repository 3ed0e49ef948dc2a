#include <ctype.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "auth.h"
#include "core/buf.h"
#include "no.h"
#include "number.h"

#define WINDOW_DEFAULT	5000	/* ms */
#define WINDOW_MAX	60000
#define AHEAD_MAX	1000
#define MAC_BYTES	32

static bool
well_formed(struct http_span key)
{
	if (key.n != AUTH_KEY)
		return false;
	for (size_t i = 0; i < key.n; i++)
		if (!isalnum((unsigned char)key.p[i]))
			return false;
	return true;
}

int
auth_key(const struct auth *a, const struct http_span *key, struct fault *f)
{
	if (key == NULL || !well_formed(*key))
		return no(f, 401, -2014, "API-key format invalid.");
	if (CRYPTO_memcmp(key->p, a->key, AUTH_KEY) != 0)
		return no(f, 401, -2015,
		    "Invalid API-key, IP, or permissions for action, request ip: 127.0.0.1");
	return 0;
}

static int
timing(const struct params *p, int64_t now, struct fault *f)
{
	const char *ts = params_get(p, "timestamp"), *w = params_get(p, "recvWindow");
	int64_t at, window = WINDOW_DEFAULT;

	if (ts == NULL || !number_i64(&at, ts))
		return no_missing(f, "timestamp");
	if (w != NULL && (!number_i64(&window, w) || window < 1 || window > WINDOW_MAX))
		return no_invalid(f, "recvWindow");
	if (at >= now + AHEAD_MAX)
		return no(f, 400, -1021,
		    "Timestamp for this request was 1000ms ahead of the server's time.");
	if (now - at > window)
		return no(f, 400, -1021, "Timestamp for this request is outside of the recvWindow.");
	return 0;
}

/* Take a signature that is the last parameter off s; *sig gets its value. */
static bool
split(struct http_span *s, struct http_span *sig)
{
	static const char name[] = "signature=";
	const size_t len = sizeof name - 1;
	size_t at = s->n;

	while (at > 0 && s->p[at - 1] != '&')
		at--;
	if (s->n - at < len || memcmp(s->p + at, name, len) != 0)
		return false;
	*sig = (struct http_span){ s->p + at + len, s->n - at - len };
	s->n = at > 0 ? at - 1 : 0;
	return true;
}

static int
nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool
unhex(struct http_span s, unsigned char out[static MAC_BYTES])
{
	int hi, lo;

	if (s.n != 2 * MAC_BYTES)
		return false;
	for (size_t i = 0; i < MAC_BYTES; i++) {
		hi = nibble(s.p[2 * i]);
		lo = nibble(s.p[2 * i + 1]);
		if (hi == -1 || lo == -1)
			return false;
		out[i] = (unsigned char)(hi << 4 | lo);
	}
	return true;
}

static bool
mac_ok(const struct auth *a, struct http_span query, struct http_span body, struct http_span sig)
{
	unsigned char want[EVP_MAX_MD_SIZE], got[MAC_BYTES];
	struct buf msg = { 0 };
	unsigned int n = 0;
	bool ok;

	buf_put(&msg, query.p, query.n);
	buf_put(&msg, body.p, body.n);
	ok = !msg.bad && unhex(sig, got) &&
	    HMAC(EVP_sha256(), a->secret, AUTH_KEY, (const unsigned char *)msg.p, msg.len, want,
	    &n) != NULL && n == MAC_BYTES && CRYPTO_memcmp(want, got, MAC_BYTES) == 0;
	buf_free(&msg);
	return ok;
}

int
auth_signed(const struct auth *a, const struct params *p, struct http_span query,
    struct http_span body, int64_t now_ms, struct fault *f)
{
	const char *value = params_get(p, "signature");
	struct http_span sig, other;
	bool in_query, in_body;

	if (timing(p, now_ms, f) == -1)
		return -1;
	if (value == NULL || *value == '\0')
		return no_missing(f, "signature");
	in_query = split(&query, &sig);
	in_body = split(&body, in_query ? &other : &sig);
	if (in_query == in_body || !mac_ok(a, query, body, sig))
		return no(f, 400, -1022, "Signature for this request is not valid.");
	return 0;
}
