#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/reply.h"
#include "core/scan.h"
#include "core/show.h"

#define SECOND		1000LL
#define WAIT_MIN	(1 * SECOND)
#define WAIT_MAX	(3 * 24 * 3600 * SECOND)
#define WAIT_LIMIT	(60 * SECOND)		/* a limit that names no end */
#define WAIT_ORDERS	(10 * SECOND)		/* the shortest window orders are counted in */
#define WAIT_BLOCKED	(300 * SECOND)
#define WAIT_DOWN	(60 * SECOND)

#define EXCERPT		200	/* bytes shown of a body that is no answer of the exchange */

/* What a body says, read once. The token spans point into it. */
struct answer {
	struct scan	 sc;
	bool		 json;		/* one complete value, no name twice at the top */
	bool		 has_code;
	int		 code;		/* 0 also for one that is no int */
	const struct tok *msg;		/* or NULL */
};

/*
 * The table: the first row that fits decides. lo..hi are codes, 0..0: any
 * body. A read can leave nothing behind, so its column never says UNKNOWN.
 */

enum http {	/* a status, or one of */
	HTTP_ANY = 0, HTTP_4XX = -4	/* 400 to 499 but 408: the request was refused */
};

#define ANY	0, 0
#define ONE(c)	(c), (c)

static const char unavailable[] = "Service Unavailable.";
static const char internal[] = "Internal error; unable to process your request. Please try again.";
static const char shut[] = "This service is no longer available.";

static const struct verdict {
	int		 http;		/* a status, or of enum http */
	int		 lo, hi;	/* codes */
	const char	*msg;		/* exact text; NULL: any */
	enum fault_kind	 mutation, read;
	long long	 wait;		/* ms when no better figure is given; 0: none */
	bool		 limit;		/* the answer may say how long */
	const char	*note;
} table[] = {
	/* In doubt by its own words, whatever the status: F02, F03, -1000. */
	{ HTTP_ANY, ONE(-1000), NULL, FAULT_UNKNOWN, FAULT_AGAIN, 0, false, NULL },
	{ HTTP_ANY, -1007, -1006, NULL, FAULT_UNKNOWN, FAULT_AGAIN, 0, false, NULL },
	{ 408, ANY, NULL, FAULT_UNKNOWN, FAULT_AGAIN, 0, false, NULL },

	/* F12: an order with this id exists; it may be ours. */
	{ HTTP_4XX, ONE(-4116), NULL, FAULT_UNKNOWN, FAULT_REJECTED, 0, false, NULL },

	/* Key, signature, permission: F35, F37. */
	{ HTTP_4XX, ONE(-1002), NULL, FAULT_KEY, FAULT_KEY, 0, false, NULL },
	{ HTTP_4XX, -1005, -1004, NULL, FAULT_KEY, FAULT_KEY, 0, false, NULL },
	{ HTTP_4XX, ONE(-1011), NULL, FAULT_KEY, FAULT_KEY, 0, false, NULL },
	{ HTTP_4XX, ONE(-1022), NULL, FAULT_KEY, FAULT_KEY, 0, false, NULL },
	{ HTTP_4XX, ONE(-1099), NULL, FAULT_KEY, FAULT_KEY, 0, false, NULL },
	{ HTTP_4XX, -2015, -2014, NULL, FAULT_KEY, FAULT_KEY, 0, false, NULL },
	{ HTTP_4XX, ONE(-2017), NULL, FAULT_KEY, FAULT_KEY, 0, false, NULL },
	{ 401, ANY, NULL, FAULT_KEY, FAULT_KEY, 0, false, NULL },

	/* Limits, bans and blocks: F27 to F30, F33, F36. */
	{ HTTP_4XX, ONE(-1015), NULL, FAULT_AGAIN, FAULT_AGAIN, WAIT_ORDERS, true, NULL },
	{ HTTP_4XX, ONE(-1003), NULL, FAULT_AGAIN, FAULT_AGAIN, WAIT_LIMIT, true, NULL },
	{ 429, ANY, NULL, FAULT_AGAIN, FAULT_AGAIN, WAIT_LIMIT, true, "too many requests" },
	{ 418, ANY, NULL, FAULT_AGAIN, FAULT_AGAIN, WAIT_LIMIT, true, "banned for a time" },
	{ 403, ANY, NULL, FAULT_AGAIN, FAULT_AGAIN, WAIT_BLOCKED, false, "blocked on the way" },
	{ 451, ANY, NULL, FAULT_REJECTED, FAULT_REJECTED, 0, false,
	  "not served to this place or address" },
	{ 404, ANY, NULL, FAULT_REJECTED, FAULT_REJECTED, 0, false, "no such path" },

	/* Load: F04 to F06, F26, F96. The texts are exact, for F01 differs from
	 * F05 in nothing else. */
	{ 503, ONE(-1008), NULL, FAULT_AGAIN, FAULT_AGAIN, 0, false, NULL },
	{ HTTP_4XX, ONE(-1008), NULL, FAULT_AGAIN, FAULT_AGAIN, 0, false, NULL },
	{ 503, ONE(-1001), internal, FAULT_AGAIN, FAULT_AGAIN, 0, false, NULL },
	{ 503, ANY, unavailable, FAULT_AGAIN, FAULT_AGAIN, 0, false, NULL },
	{ 503, ONE(-1016), shut, FAULT_AGAIN, FAULT_AGAIN, WAIT_DOWN, false, NULL },
	{ HTTP_4XX, ONE(-1016), NULL, FAULT_AGAIN, FAULT_AGAIN, WAIT_DOWN, false, NULL },
	{ HTTP_4XX, ONE(-5028), NULL, FAULT_AGAIN, FAULT_AGAIN, 0, false, NULL },

	/* F22, F23. */
	{ HTTP_4XX, ONE(-1021), NULL, FAULT_CLOCK, FAULT_CLOCK, 0, false, NULL },

	/* A definite no. */
	{ HTTP_4XX, -1014, -1013, NULL, FAULT_REJECTED, FAULT_REJECTED, 0, false, NULL },
	{ HTTP_4XX, ONE(-1020), NULL, FAULT_REJECTED, FAULT_REJECTED, 0, false, NULL },
	{ HTTP_4XX, ONE(-1023), NULL, FAULT_REJECTED, FAULT_REJECTED, 0, false, NULL },
	{ HTTP_4XX, -1136, -1100, NULL, FAULT_REJECTED, FAULT_REJECTED, 0, false, NULL },
	{ HTTP_4XX, -2999, -2000, NULL, FAULT_REJECTED, FAULT_REJECTED, 0, false, NULL },
	{ HTTP_4XX, -5999, -4000, NULL, FAULT_REJECTED, FAULT_REJECTED, 0, false, NULL },

	/* The rest is in doubt; only a read that was refused is surely refused. */
	{ HTTP_4XX, ANY, NULL, FAULT_UNKNOWN, FAULT_REJECTED, 0, false, NULL },
	{ HTTP_ANY, ANY, NULL, FAULT_UNKNOWN, FAULT_AGAIN, 0, false, NULL },
};

static bool
fits(const struct verdict *v, int http, const struct answer *a)
{
	if (v->http == HTTP_4XX ? http < 400 || http > 499 || http == 408 :
	    v->http != HTTP_ANY && v->http != http)
		return false;
	if (v->lo != 0 && (!a->has_code || a->code < v->lo || a->code > v->hi))
		return false;
	return v->msg == NULL || scan_is(a->msg, v->msg);
}

static const struct verdict *
look_up(int http, const struct answer *a)
{
	const struct verdict *v = table;

	while (!fits(v, http, a))
		v++;
	return v;	/* the last row fits all */
}

/*
 * Reading
 */

static void
read_members(struct answer *a)
{
	const struct tok *code = scan_get(a->sc.t, a->sc.t, "code");
	int64_t n;

	if (code == NULL)
		return;
	a->has_code = true;
	if (scan_i64(code, &n) && n >= INT_MIN && n <= INT_MAX)
		a->code = (int)n;
}

/* A page for people is not an answer, even if it should parse. */
static bool
is_html(const char *type)
{
	return type != NULL && strcasestr(type, "html") != NULL;
}

static void
read_answer(struct answer *a, const struct reply *r)
{
	memset(a, 0, sizeof *a);
	if (r->n == 0 || is_html(r->type) || scan_doc(&a->sc, r->body, r->n) < 0)
		return;
	if (scan_has_duplicate(a->sc.t, a->sc.t))
		return;
	a->json = true;
	a->msg = scan_get(a->sc.t, a->sc.t, "msg");
	read_members(a);
}

/* Whether a 200 with this body is a success. No endpoint that changes state
 * answers {}; of commands the answer is {"code":200,"msg":"success"}. */
static bool
is_success(const struct answer *a, bool mutates)
{
	const struct tok *v = a->sc.t;

	if (!a->json || (v->kind != SCAN_OBJ && v->kind != SCAN_ARR))
		return false;
	if (a->has_code)
		return a->code == 200;
	return !mutates || v->kind != SCAN_OBJ || v->n > 0;
}

/*
 * How long to wait
 */

/* The time in "banned until 1615183669840", or -1. */
static long long
banned_until(const struct reply *r)
{
	static const char words[] = "banned until ";
	const char *p = r->n > 0 ? memmem(r->body, r->n, words, sizeof words - 1) : NULL;
	const char *end = r->body + r->n;
	long long t = 0;

	if (p == NULL)
		return -1;
	p += sizeof words - 1;
	if (p == end || *p < '0' || *p > '9')
		return -1;
	for (; p < end && *p >= '0' && *p <= '9'; p++)
		if (__builtin_mul_overflow(t, 10, &t) || __builtin_add_overflow(t, *p - '0', &t))
			return LLONG_MAX;
	return t;
}

static long long
wait_ms(const struct reply *r, int64_t now_ms, long long otherwise)
{
	long long until = banned_until(r), wait = -1, left;

	if (r->retry_after >= 0)
		wait = r->retry_after > WAIT_MAX / SECOND ? WAIT_MAX : r->retry_after * SECOND;
	if (until >= 0) {
		if (__builtin_sub_overflow(until, now_ms, &left))
			left = WAIT_MAX;
		if (left < 0)
			left = 0;
		wait = left > wait ? left : wait;
	}
	if (wait < 0)
		return otherwise;
	return wait < WAIT_MIN ? WAIT_MIN : wait > WAIT_MAX ? WAIT_MAX : wait;
}

/*
 * The text. Pages of proxies quote the request they were asked: what looks
 * like an address or is long enough for a key or signature is left out.
 */

#define SECRET	32	/* the shortest is 64 hex digits, perhaps cut */

/* What keys, signatures (hex, or base64 as it is or percent-encoded) and paths
 * are made of. */
static bool
is_run(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	    (c != '\0' && strchr("+/=%_-", c) != NULL);
}

static size_t
run_len(const char *p, size_t n)
{
	size_t i = 0;

	while (i < n && is_run(p[i]))
		i++;
	return i;
}

/* Bytes up to the next run. */
static size_t
gap_len(const char *p, size_t n)
{
	size_t i = 0;

	while (i < n && !is_run(p[i]))
		i++;
	return i;
}

/* Bytes of an address after its scheme, to the first that cannot be in one. */
static size_t
url_len(const char *p, size_t n)
{
	size_t i = 0;

	while (i < n && (unsigned char)p[i] > ' ' && strchr("\"'<>\\)", p[i]) == NULL)
		i++;
	return i;
}

/* Write what may be told of n bytes at p, as much as fits; returns the length. */
static size_t
tell(char *out, size_t size, const char *p, size_t n)
{
	const char *end = p + n;
	size_t run, w = 0;

	/* Room for the longest escape: else a piece was cut, and that is the end. */
	for (out[0] = '\0'; p < end && size - w > 12; p += run) {
		run = run_len(p, (size_t)(end - p));
		if (end - p > (ptrdiff_t)run + 2 && memcmp(p + run, "://", 3) == 0) {
			run += url_len(p + run, (size_t)(end - p) - run);
			w += show_text(out + w, size - w, "[url]", 5);
		} else if (run >= SECRET) {
			w += show_text(out + w, size - w, "[...]", 5);
		} else {
			run = run > 0 ? run : gap_len(p, (size_t)(end - p));
			w += show_text(out + w, size - w, p, run);
		}
	}
	return w;
}

/* The exchange's message, unescaped if it is of usual length. */
static size_t
tell_msg(char *out, size_t size, const struct tok *msg)
{
	char text[512];

	if (scan_str(msg, text, sizeof text))
		return tell(out, size, text, strlen(text));
	return tell(out, size, msg->p, msg->len);
}

/* A text under way. */
struct text { char s[sizeof ((struct fault *)0)->text]; size_t n; };

static void
add(struct text *x, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void
add(struct text *x, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(x->s + x->n, sizeof x->s - x->n, fmt, ap);
	va_end(ap);
	if (n > 0)
		x->n += (size_t)n < sizeof x->s - x->n ? (size_t)n : sizeof x->s - x->n - 1;
}

static void
add_body(struct text *x, const struct reply *r, const struct answer *a)
{
	char type[48] = "";
	size_t room;

	if (a->msg != NULL && a->msg->kind == SCAN_STR) {
		add(x, ": ");
		x->n += tell_msg(x->s + x->n, sizeof x->s - x->n, a->msg);
		return;
	}
	if (!a->json && r->type != NULL)
		tell(type, sizeof type, r->type, strlen(r->type));
	add(x, "%s%s%s", type[0] != '\0' ? ", " : "", type, r->n == 0 ? ", empty body" : ": ");
	room = sizeof x->s - x->n;
	if (r->n > 0)
		x->n += tell(x->s + x->n, room < EXCERPT + 1 ? room : EXCERPT + 1, r->body, r->n);
}

/*
 * Judging
 */

/* Whether the status itself asks for a wait, whatever the code beside it says. */
static bool
asks_wait(int http)
{
	return http == 429 || http == 418;
}

/* A 200 whose body is an error: its code decides, as under 400. */
static bool
is_refusal(const struct reply *r, const struct answer *a)
{
	return r->http == 200 && a->json && a->has_code && a->code < 0;
}

static int
judge(const struct reply *r, const struct answer *a, bool mutates, int64_t now_ms, struct fault *f)
{
	const struct verdict *v = look_up(is_refusal(r, a) ? 400 : r->http, a);
	struct text x = { .n = 0 };

	add(&x, "HTTP %d", r->http);
	if (a->has_code)
		add(&x, ", %d", a->code);
	if (r->http == 200 && !is_refusal(r, a))
		add(&x, ", no answer to rely on");
	if (v->note != NULL)
		add(&x, ", %s", v->note);
	add_body(&x, r, a);
	fault_set(f, mutates ? v->mutation : v->read, "%s", x.s);
	if (f != NULL) {
		f->http = r->http;
		f->code = a->code;
		f->retry_ms = v->limit ? wait_ms(r, now_ms, v->wait) :
		    asks_wait(r->http) ? wait_ms(r, now_ms, WAIT_LIMIT) : v->wait;
	}
	return -1;
}

/* No complete answer. A status that did arrive is kept, and its wait obeyed. */
static int
judge_transport(const struct reply *r, bool mutates, int64_t now_ms, struct fault *f)
{
	bool sent = r->transport != TRANSPORT_NOT_SENT;
	char detail[160] = "";

	if (r->detail != NULL)
		tell(detail, sizeof detail, r->detail, strlen(r->detail));
	fault_set(f, sent && mutates ? FAULT_UNKNOWN : FAULT_AGAIN, "%s%s%s",
	    sent ? "no complete answer" : "not sent", detail[0] != '\0' ? ": " : "", detail);
	if (f != NULL && sent) {
		f->http = r->http;
		if (asks_wait(r->http))
			f->retry_ms = wait_ms(r, now_ms, WAIT_LIMIT);
	}
	return -1;
}

int
reply_judge(const struct reply *r, bool mutates, int64_t now_ms, struct fault *f)
{
	struct answer a;
	int ret = 0;

	if (r->transport != TRANSPORT_OK)
		return judge_transport(r, mutates, now_ms, f);
	read_answer(&a, r);
	if (r->http != 200 || !is_success(&a, mutates))
		ret = judge(r, &a, mutates, now_ms, f);
	scan_free(&a.sc);
	return ret;
}
