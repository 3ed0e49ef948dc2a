#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth.h"
#include "core/buf.h"
#include "no.h"
#include "number.h"

#define KEY_LENGTH	64	/* characters of the exchange's own keys */
#define WINDOW_DEFAULT	5000	/* ms */
#define WINDOW_MAX	60000
#define AHEAD_MAX	1000
#define SIG_TEXT	1536	/* a signature as text with its NUL */

static bool
well_formed(struct http_span key)
{
	if (key.n != KEY_LENGTH)
		return false;
	for (size_t i = 0; i < key.n; i++)
		if (!isalnum((unsigned char)key.p[i]))
			return false;
	return true;
}

/* Keys of an accounts file may have any form: only unknown ones are judged by it. */
int
auth_key(const struct accounts *as, const struct http_span *key, const char *ip,
    const struct account **out, struct fault *f)
{
	*out = key == NULL ? NULL : accounts_find(as, *key);
	if (*out != NULL)
		return 0;
	if (key == NULL || !well_formed(*key))
		return no(f, 401, -2014, "API-key format invalid.");
	return no(f, 401, -2015,
	    "Invalid API-key, IP, or permissions for action, request ip: %s", ip);
}

int
auth_time(const struct params *p, int64_t now_ms, struct fault *f)
{
	const char *ts = params_get(p, "timestamp"), *w = params_get(p, "recvWindow");
	int64_t at, window = WINDOW_DEFAULT;

	if (ts == NULL || !number_i64(&at, ts) || at < 0)
		return no_missing(f, "timestamp");
	if (w != NULL && (!number_i64(&window, w) || window < 1 || window > WINDOW_MAX))
		return no_invalid(f, "recvWindow");
	if (at >= now_ms + AHEAD_MAX)
		return no(f, 400, -1021,
		    "Timestamp for this request was 1000ms ahead of the server's time.");
	if (now_ms - at > window)
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

/* The escapes of a signature undone. A '+' is one of base64's, though a form
 * would read a blank. */
static bool
unescape(struct http_span s, char out[static SIG_TEXT])
{
	size_t n = 0, took;

	for (size_t i = 0; i < s.n; i += took) {
		took = s.p[i] == '%' ? 3 : 1;
		if (n + 1 >= SIG_TEXT || i + took > s.n)
			return false;
		if (took == 1)
			out[n++] = s.p[i];
		else if (!params_decode((struct http_span){ s.p + i, 3 }, out + n, 4))
			return false;
		else
			n++;
	}
	out[n] = '\0';
	return memchr(s.p, '\0', s.n) == NULL;
}

static int
bad_signature(struct fault *f)
{
	return no(f, 400, -1022, "Signature for this request is not valid.");
}

int
auth_signed(const struct account *a, const struct params *p, struct http_span query,
    struct http_span body, struct fault *f)
{
	const char *value = params_get(p, "signature");
	struct http_span sig, other;
	struct buf msg = { 0 };
	bool in_query, in_body, ok;
	char text[SIG_TEXT];

	if (value == NULL || *value == '\0')
		return no_missing(f, "signature");
	in_query = split(&query, &sig);
	in_body = split(&body, in_query ? &other : &sig);
	if (in_query == in_body || !unescape(sig, text))
		return bad_signature(f);
	buf_put(&msg, query.p, query.n);
	buf_put(&msg, body.p, body.n);
	ok = !msg.bad && account_verify(a, msg.len > 0 ? msg.p : "", msg.len, text);
	buf_free(&msg);
	return ok ? 0 : bad_signature(f);
}

/*
 * The WebSocket API
 */

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct param *)a)->name, ((const struct param *)b)->name);
}

static void
put_escaped(struct buf *b, const char *s)
{
	for (; *s != '\0'; s++)
		if (isalnum((unsigned char)*s) || strchr("-_.~", *s) != NULL)
			buf_chr(b, *s);
		else
			buf_printf(b, "%%%02X", (unsigned)(unsigned char)*s);
}

static bool
verify_joined(const struct account *a, const struct param *v, int n, bool escaped, const char *sig)
{
	struct buf msg = { 0 };
	bool ok;

	for (int i = 0; i < n; i++) {
		if (strcmp(v[i].name, "signature") == 0)
			continue;
		buf_printf(&msg, "%s%s=", msg.len > 0 ? "&" : "", v[i].name);
		if (escaped)
			put_escaped(&msg, v[i].value);
		else
			buf_str(&msg, v[i].value);
	}
	ok = !msg.bad && account_verify(a, msg.len > 0 ? msg.p : "", msg.len, sig);
	buf_free(&msg);
	return ok;
}

int
auth_ws(const struct account *a, const struct params *p, struct fault *f)
{
	const char *sig = params_get(p, "signature");
	struct param v[PARAMS_MAX];

	if (sig == NULL || *sig == '\0')
		return no_missing(f, "signature");
	memcpy(v, p->v, (size_t)p->n * sizeof *v);
	qsort(v, (size_t)p->n, sizeof *v, by_name);
	if (!verify_joined(a, v, p->n, false, sig) && !verify_joined(a, v, p->n, true, sig))
		return bad_signature(f);
	return 0;
}
