#include <string.h>

#include "limits.h"
#include "no.h"

#define MINUTE		60000
#define TEN		10000
#define BAN_FIRST	(2 * MINUTE)
#define BAN_LONGEST	(INT64_C(3) * 24 * 60 * MINUTE)

void
limits_init(struct limits *l, long weight, long orders)
{
	memset(l, 0, sizeof *l);
	l->weight_max = weight > 0 ? weight : 2400;
	l->order1m_max = orders > 0 ? orders : 1200;
	l->order10s_max = orders > 0 ? orders : 300;
}

static void
roll(struct limits *l, int64_t now)
{
	if (l->minute != now / MINUTE) {
		l->minute = now / MINUTE;
		l->used = l->orders1m = l->refused = 0;
	}
	if (l->ten != now / TEN) {
		l->ten = now / TEN;
		l->orders10s = 0;
	}
}

static int
banned(struct limits *l, int64_t now, struct fault *f)
{
	no(f, 418, -1003, "Way too many requests; IP(127.0.0.1) banned until %lld. "
	    "Please use the websocket for live updates to avoid bans.", (long long)l->banned_until);
	f->retry_ms = l->banned_until - now;
	return -1;
}

static void
ban(struct limits *l, int64_t now)
{
	l->ban_ms = l->ban_ms == 0 ? BAN_FIRST : 2 * l->ban_ms;
	if (l->ban_ms > BAN_LONGEST)
		l->ban_ms = BAN_LONGEST;
	l->banned_until = now + l->ban_ms;
}

int
limits_weight(struct limits *l, long weight, int64_t now_ms, struct fault *f)
{
	roll(l, now_ms);
	if (now_ms < l->banned_until) {
		ban(l, now_ms);
		return banned(l, now_ms, f);
	}
	l->used += weight;
	if (l->used <= l->weight_max)
		return 0;
	if (++l->refused > LIMITS_PATIENCE) {
		ban(l, now_ms);
		return banned(l, now_ms, f);
	}
	no(f, 429, -1003, "Too many requests; current limit of IP(127.0.0.1) is %ld requests per "
	    "minute. Please use the websocket for live updates to avoid polling the API.",
	    l->weight_max);
	f->retry_ms = (l->minute + 1) * MINUTE - now_ms;
	return -1;
}

static int
too_many(struct fault *f, long max, const char *window, int64_t wait)
{
	no(f, 429, -1015, "Too many new orders; current limit is %ld orders per %s.", max, window);
	f->retry_ms = wait;
	return -1;
}

int
limits_order(struct limits *l, int64_t now_ms, struct fault *f)
{
	roll(l, now_ms);
	if (l->orders1m >= l->order1m_max)
		return too_many(f, l->order1m_max, "MINUTE", (l->minute + 1) * MINUTE - now_ms);
	if (l->orders10s >= l->order10s_max)
		return too_many(f, l->order10s_max, "TEN_SECONDS", (l->ten + 1) * TEN - now_ms);
	l->orders1m++;
	l->orders10s++;
	return 0;
}

void
limits_headers(struct limits *l, int64_t now_ms, bool orders, struct buf *out)
{
	roll(l, now_ms);
	buf_printf(out, "x-mbx-used-weight-1m: %ld\r\n", l->used);
	if (orders)
		buf_printf(out, "x-mbx-order-count-10s: %ld\r\nx-mbx-order-count-1m: %ld\r\n",
		    l->orders10s, l->orders1m);
}

static void
one(struct buf *out, const char *type, const char *interval, int num, long max)
{
	jw_open(out, NULL, '{');
	jw_str(out, "rateLimitType", type);
	jw_str(out, "interval", interval);
	jw_i64(out, "intervalNum", num);
	jw_i64(out, "limit", max);
	jw_close(out, '}');
}

void
limits_json(const struct limits *l, const char *key, bool orders, struct buf *out)
{
	jw_open(out, key, '[');
	if (!orders)
		one(out, "REQUEST_WEIGHT", "MINUTE", 1, l->weight_max);
	one(out, "ORDERS", "MINUTE", 1, l->order1m_max);
	one(out, "ORDERS", "SECOND", 10, l->order10s_max);
	jw_close(out, ']');
}
