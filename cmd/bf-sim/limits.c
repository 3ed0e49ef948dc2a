#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "limits.h"
#include "no.h"

#define MINUTE		60000
#define TEN		10000
#define FIVE		(5 * MINUTE)
#define BAN_FIRST	(2 * MINUTE)
#define BAN_LONGEST	(INT64_C(3) * 24 * 60 * MINUTE)
#define PLACES_MAX	1024	/* addresses remembered */

/* One IP address. */
struct place {
	char	ip[48];
	int64_t	minute, five;	/* the windows counted in, by their number */
	long	used, refused;	/* weight; answers of 429 in this minute */
	long	pool[POOLS];
	int64_t	banned_until, ban_ms;	/* exchange time; the last ban's length */
};

/* One account. */
struct orders { int64_t minute, ten; long in_minute, in_ten; };

struct limits {
	long	weight_max, order10s_max, order1m_max;
	struct place *place; int nplace, cplace;
	struct place any;	/* what is true of addresses not seen yet; the place of all, without memory */
	struct orders *orders; int norders;
	struct orders spare;	/* likewise */
};

struct limits *
limits_new(long weight, long orders)
{
	struct limits *l = calloc(1, sizeof *l);

	if (l == NULL)
		return NULL;
	l->weight_max = weight > 0 ? weight : 2400;
	l->order1m_max = orders > 0 ? orders : 1200;
	l->order10s_max = orders > 0 ? orders : 300;
	return l;
}

void
limits_free(struct limits *l)
{
	if (l == NULL)
		return;
	free(l->place);
	free(l->orders);
	free(l);
}

/*
 * Places and accounts
 */

static void
roll(struct place *p, int64_t now)
{
	if (p->minute != now / MINUTE) {
		p->minute = now / MINUTE;
		p->used = p->refused = 0;
	}
	if (p->five != now / FIVE) {
		p->five = now / FIVE;
		memset(p->pool, 0, sizeof p->pool);
	}
}

/* Room for one more: of many, the place that was silent for longest and is not
 * banned gives way. NULL: none. */
static struct place *
make_room(struct limits *l, int64_t now)
{
	struct place *p, *old = NULL;
	int cap = l->cplace == 0 ? 4 : 2 * l->cplace;

	if (l->nplace == l->cplace && cap <= PLACES_MAX) {
		if ((p = realloc(l->place, (size_t)cap * sizeof *p)) == NULL)
			return NULL;
		l->place = p;
		l->cplace = cap;
	}
	if (l->nplace < l->cplace)
		return &l->place[l->nplace++];
	for (p = l->place; p < l->place + l->nplace; p++)
		if (p->banned_until <= now && (old == NULL || p->minute < old->minute))
			old = p;
	return old;
}

static struct place *
place_of(struct limits *l, const char *ip, int64_t now)
{
	struct place *p;

	for (p = l->place; p != NULL && p < l->place + l->nplace; p++)
		if (strcmp(p->ip, ip) == 0) {
			roll(p, now);
			return p;
		}
	roll(&l->any, now);
	if ((p = make_room(l, now)) == NULL)
		return &l->any;
	*p = l->any;
	snprintf(p->ip, sizeof p->ip, "%s", ip);
	return p;
}

static struct orders *
orders_of(struct limits *l, int acct, int64_t now)
{
	struct orders *o;

	if (acct >= l->norders &&
	    (o = realloc(l->orders, ((size_t)acct + 1) * sizeof *o)) != NULL) {
		memset(o + l->norders, 0, (size_t)(acct + 1 - l->norders) * sizeof *o);
		l->orders = o;
		l->norders = acct + 1;
	}
	o = acct < l->norders ? &l->orders[acct] : &l->spare;
	if (o->minute != now / MINUTE) {
		o->minute = now / MINUTE;
		o->in_minute = 0;
	}
	if (o->ten != now / TEN) {
		o->ten = now / TEN;
		o->in_ten = 0;
	}
	return o;
}

/*
 * Counting
 */

static int
banned(const struct place *p, const char *ip, int64_t now, struct fault *f)
{
	no(f, 418, -1003, "Way too many requests; IP(%s) banned until %lld. "
	    "Please use the websocket for live updates to avoid bans.", ip,
	    (long long)p->banned_until);
	f->retry_ms = p->banned_until - now;
	return -1;
}

static void
ban(struct place *p, int64_t now)
{
	p->ban_ms = p->ban_ms == 0 ? BAN_FIRST : 2 * p->ban_ms;
	if (p->ban_ms > BAN_LONGEST)
		p->ban_ms = BAN_LONGEST;
	p->banned_until = now + p->ban_ms;
}

/* A request during a ban makes it longer. */
static bool
still_banned(struct place *p, int64_t now)
{
	if (now >= p->banned_until)
		return false;
	ban(p, now);
	return true;
}

/* One answer of 429; who has had too many of them is banned. */
static int
refuse(struct place *p, const char *ip, long max, const char *window, int64_t wait, int64_t now,
    struct fault *f)
{
	if (++p->refused > LIMITS_PATIENCE) {
		ban(p, now);
		return banned(p, ip, now, f);
	}
	no(f, 429, -1003, "Too many requests; current limit of IP(%s) is %ld requests per %s. "
	    "Please use the websocket for live updates to avoid polling the API.", ip, max, window);
	f->retry_ms = wait;
	return -1;
}

int
limits_weight(struct limits *l, const char *ip, long weight, int64_t now_ms, struct fault *f)
{
	struct place *p = place_of(l, ip, now_ms);

	if (still_banned(p, now_ms))
		return banned(p, ip, now_ms, f);
	p->used += weight;
	if (p->used <= l->weight_max)
		return 0;
	return refuse(p, ip, l->weight_max, "minute", (p->minute + 1) * MINUTE - now_ms, now_ms, f);
}

int
limits_pool(struct limits *l, const char *ip, int pool, int64_t now_ms, struct fault *f)
{
	struct place *p = place_of(l, ip, now_ms);
	long max = pool == POOL_FUNDING ? 500 : 1000;

	if (still_banned(p, now_ms))
		return banned(p, ip, now_ms, f);
	if (++p->pool[pool] <= max)
		return 0;
	return refuse(p, ip, max, "5 minutes", (p->five + 1) * FIVE - now_ms, now_ms, f);
}

static int
too_many(struct fault *f, long max, const char *window, int64_t wait)
{
	no(f, 429, -1015, "Too many new orders; current limit is %ld orders per %s.", max, window);
	f->retry_ms = wait;
	return -1;
}

int
limits_order(struct limits *l, int acct, int n10, int n1m, int64_t now_ms, struct fault *f)
{
	struct orders *o = orders_of(l, acct, now_ms);

	if (n1m > 0 && o->in_minute + n1m > l->order1m_max)
		return too_many(f, l->order1m_max, "MINUTE", (o->minute + 1) * MINUTE - now_ms);
	if (n10 > 0 && o->in_ten + n10 > l->order10s_max)
		return too_many(f, l->order10s_max, "TEN_SECONDS", (o->ten + 1) * TEN - now_ms);
	o->in_minute += n1m;
	o->in_ten += n10;
	return 0;
}

/*
 * Telling
 */

void
limits_headers(struct limits *l, const char *ip, bool weight, int acct, int64_t now_ms,
    struct buf *out)
{
	struct orders *o;

	if (weight)
		buf_printf(out, "x-mbx-used-weight-1m: %ld\r\n", place_of(l, ip, now_ms)->used);
	if (acct < 0)
		return;
	o = orders_of(l, acct, now_ms);
	buf_printf(out, "x-mbx-order-count-10s: %ld\r\nx-mbx-order-count-1m: %ld\r\n", o->in_ten,
	    o->in_minute);
}

/* count < 0: it is not told. */
static void
one(struct buf *out, const char *type, const char *interval, int num, long max, long count)
{
	jw_open(out, NULL, '{');
	jw_str(out, "rateLimitType", type);
	jw_str(out, "interval", interval);
	jw_i64(out, "intervalNum", num);
	jw_i64(out, "limit", max);
	if (count >= 0)
		jw_i64(out, "count", count);
	jw_close(out, '}');
}

void
limits_json(const struct limits *l, const char *key, bool orders, bool coinm, struct buf *out)
{
	jw_open(out, key, '[');
	if (!orders)
		one(out, "REQUEST_WEIGHT", "MINUTE", 1, l->weight_max, -1);
	one(out, "ORDERS", "MINUTE", 1, l->order1m_max, -1);
	if (!coinm)
		one(out, "ORDERS", "SECOND", 10, l->order10s_max, -1);
	jw_close(out, ']');
}

void
limits_counts(struct limits *l, const char *key, const char *ip, int acct, int64_t now_ms,
    struct buf *out)
{
	struct orders *o;

	jw_open(out, key, '[');
	one(out, "REQUEST_WEIGHT", "MINUTE", 1, l->weight_max, place_of(l, ip, now_ms)->used);
	if (acct >= 0) {
		o = orders_of(l, acct, now_ms);
		one(out, "ORDERS", "SECOND", 10, l->order10s_max, o->in_ten);
		one(out, "ORDERS", "MINUTE", 1, l->order1m_max, o->in_minute);
	}
	jw_close(out, ']');
}

/*
 * The fault language
 */

static void
set_used(struct place *p, long used, bool add, int64_t now)
{
	roll(p, now);
	p->used = add ? p->used + used : used;
}

void
limits_set_used(struct limits *l, const char *ip, long used, bool add, int64_t now_ms)
{
	if (ip != NULL) {
		set_used(place_of(l, ip, now_ms), used, add, now_ms);
		return;
	}
	set_used(&l->any, used, add, now_ms);
	for (int i = 0; i < l->nplace; i++)
		set_used(&l->place[i], used, add, now_ms);
}

void
limits_set_orders10s(struct limits *l, int acct, long n, int64_t now_ms)
{
	if (acct >= 0) {
		orders_of(l, acct, now_ms)->in_ten = n;
		return;
	}
	for (int i = 0; i < l->norders; i++)
		orders_of(l, i, now_ms)->in_ten = n;
}

static void
set_ban(struct place *p, int64_t seconds, int64_t now)
{
	p->ban_ms = seconds * 1000;
	p->banned_until = now + p->ban_ms;
}

void
limits_ban(struct limits *l, const char *ip, int64_t seconds, int64_t now_ms)
{
	if (ip != NULL) {
		set_ban(place_of(l, ip, now_ms), seconds, now_ms);
		return;
	}
	set_ban(&l->any, seconds, now_ms);
	for (int i = 0; i < l->nplace; i++)
		set_ban(&l->place[i], seconds, now_ms);
}
