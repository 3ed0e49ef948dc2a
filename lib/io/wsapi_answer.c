#include <limits.h>
#include <string.h>

#include "io/wsapi_in.h"

/* The counters of rateLimits, which the headers of REST tell too. */
static const struct { const char *type, *interval; int64_t num; size_t at; } counters[] = {
	{ "REQUEST_WEIGHT", "MINUTE", 1, offsetof(struct answer, weight_1m) },
	{ "ORDERS", "SECOND", 10, offsetof(struct answer, orders_10s) },
	{ "ORDERS", "MINUTE", 1, offsetof(struct answer, orders_1m) },
};

static void
counter_read(struct answer *a, const struct tok *t, const struct tok *item)
{
	int64_t num, count;

	if (!scan_get_i64(t, item, "intervalNum", &num) || !scan_get_i64(t, item, "count", &count))
		return;
	count = count < 0 ? -1 : count > INT_MAX ? INT_MAX : count;
	for (size_t i = 0; i < sizeof counters / sizeof *counters; i++)
		if (num == counters[i].num && scan_get_is(t, item, "rateLimitType", counters[i].type) &&
		    scan_get_is(t, item, "interval", counters[i].interval))
			*(int *)((char *)a + counters[i].at) = (int)count;
}

static void
counters_read(struct answer *a, const struct tok *t)
{
	const struct tok *all = scan_get(t, t, "rateLimits"), *item;

	a->weight_1m = a->orders_10s = a->orders_1m = -1;
	if (all == NULL || all->kind != SCAN_ARR)
		return;
	for (item = scan_first(all); item != NULL; item = scan_next(t, all, item))
		counter_read(a, t, item);
}

static bool
whole(const struct tok *v, int64_t *out)
{
	return v != NULL && v->kind == SCAN_NUM && scan_i64(v, out);
}

/* The end of a ban, which the Spot API tells beside the text: seconds, as Retry-After. */
static long long
retry_after(const struct tok *t, const struct tok *error, int64_t now_ms)
{
	int64_t until;

	if (!scan_get_i64(t, scan_get(t, error, "data"), "retryAfter", &until) || until <= now_ms)
		return -1;
	return (until - now_ms) / 1000 + 1;
}

/* An answer with a result and an error, or a result under another status than 200, says
 * nothing: its body is left empty. */
static void
body_read(struct answer *a, const struct tok *t, int64_t now_ms)
{
	const struct tok *result = scan_get(t, t, "result"), *error = scan_get(t, t, "error");
	struct reply *r = &a->reply;
	int64_t status;

	if (whole(scan_get(t, t, "status"), &status) && status >= 100 && status <= 599)
		r->http = (int)status;
	if (result == NULL)
		a->value = error;
	else if (error == NULL && r->http == 200)
		a->value = result;
	if (a->value != NULL) {
		r->body = a->value->p;
		r->n = a->value->len;
	}
	if (error != NULL)
		r->retry_after = retry_after(t, error, now_ms);
}

bool
answer_read(struct answer *a, struct scan *doc, const char *p, size_t n, int64_t now_ms)
{
	memset(a, 0, sizeof *a);
	if (scan_doc(doc, p, n) <= 0 || doc->t[0].kind != SCAN_OBJ || scan_has_duplicate(doc->t, doc->t))
		return false;
	a->reply = (struct reply){ .transport = TRANSPORT_OK, .type = "application/json", .body = "",
	    .retry_after = -1, .detail = "" };
	a->named = whole(scan_get(doc->t, doc->t, "id"), &a->id);
	counters_read(a, doc->t);
	body_read(a, doc->t, now_ms);
	return true;
}
