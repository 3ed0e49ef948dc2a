#include <limits.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "io/limit.h"
#include "io/limit_file.h"
#include "io/limit_keeper.h"
#include "io/sys.h"

#define LATE_MS		1000	/* as long as a request may take to be counted: to connect, to arrive */

/*
 * What is counted. The limits are Binance's of 2026 for both markets together
 * (exchangeInfo tells its own), but that of snapshots, which is ours.
 *
 * kept: percent that only urgent requests may use; of a count without them, a
 * margin for what others of this address ask.
 * late: percent that may be used at most when something leaves in the last
 * LATE_MS of a window and is not urgent. It may be counted in the next one; with
 * late no more than kept, the two together still stay below the limit. 100 where
 * a refusal by the exchange costs nothing but the request.
 */
static const struct {
	int64_t	window_ms;
	uint32_t limit, kept, late;
	const char *name;
} row[COUNTS] = {
	[COUNT_WEIGHT_1M]    = { 60000, 2400, 30, 30, "request weight a minute" },
	[COUNT_FUNDING_5M]   = { 300000, 500, 10, 10, "requests for funding in 5 minutes" },
	[COUNT_DATA_5M]	     = { 300000, 1000, 10, 10, "requests for statistics in 5 minutes" },
	[COUNT_CONNECT_5M]   = { 300000, 300, 10, 10, "connections in 5 minutes" },
	[COUNT_SNAPSHOT_10S] = { 10000, 10, 0, 100, "snapshots of books in 10 s" },
	[COUNT_ORDERS_10S]   = { 10000, 300, 30, 100, "orders in 10 s" },
	[COUNT_ORDERS_1M]    = { 60000, 1200, 30, 100, "orders a minute" },
	[COUNT_PROFILE_1M]   = { 60000, 0, 0, 100, "orders a minute (max_orders_per_minute of the profile)" },
};

static const enum limit_count count_of[RATES] = {
	[RATE_WEIGHT] = COUNT_WEIGHT_1M, [RATE_FUNDING] = COUNT_FUNDING_5M, [RATE_DATA] = COUNT_DATA_5M,
	[RATE_CONNECT] = COUNT_CONNECT_5M, [RATE_SNAPSHOT] = COUNT_SNAPSHOT_10S,
};

struct limits {
	const struct limits_keeper *keeper;
	void		*k;
	uint32_t	 profile_max;	/* orders a minute; 0 none */
	_Atomic int64_t	 ban;		/* this process's own: holds though the keeper fails */
};

int
limits_kept(struct limits **out, const struct profile *p, const struct limits_keeper *keeper, void *k,
    struct fault *f)
{
	struct limits *l = calloc(1, sizeof *l);

	*out = l;
	if (l == NULL) {
		keeper->close(k);
		return fault_set(f, FAULT_LOCAL, "out of memory");
	}
	l->keeper = keeper;
	l->k = k;
	if (p->max_orders_per_minute > 0)
		l->profile_max = (uint32_t)p->max_orders_per_minute;
	return 0;
}

int
limits_open(struct limits **out, const struct profile *p, const char *api_key, struct fault *f)
{
	void *k;

	*out = NULL;
	if (limit_file_open(&k, p, api_key, f) == -1)
		return -1;
	return limits_kept(out, p, &limit_file, k, f);
}

int
limits_alone(struct limits **out, const struct profile *p, struct fault *f)
{
	void *k;

	*out = NULL;
	if (limit_file_alone(&k, f) == -1)
		return -1;
	return limits_kept(out, p, &limit_file, k, f);
}

void
limits_close(struct limits *l)
{
	if (l == NULL)
		return;
	l->keeper->close(l->k);
	free(l);
}

/*
 * Refusals
 */

/* The keeper's failure as one of this machine, whatever it called it. */
static int
unkept(struct fault *f)
{
	char why[sizeof f->text];

	if (f == NULL)
		return -1;
	memcpy(why, f->text, sizeof why);
	return fault_set(f, FAULT_LOCAL, "the rate limits cannot be counted, and nothing was sent: %.180s", why);
}

static int
wait_for(struct fault *f, int64_t ms)
{
	if (f != NULL)
		f->retry_ms = ms;
	return -1;
}

/* What is left of a ban at now_ms; one longer than any is of another clock. */
static int64_t
left_of(int64_t until_ms, int64_t now_ms)
{
	return until_ms > now_ms && until_ms - now_ms <= LIMIT_BAN_MAX_MS ? until_ms - now_ms : 0;
}

static int
silence(struct limits *l, const struct limit_known *known, int64_t now_ms, struct fault *f)
{
	int64_t left = left_of(known->ban_ms, now_ms), own = left_of(atomic_load(&l->ban), now_ms);

	if (own > left)
		left = own;
	if (left == 0)
		return 0;
	fault_set(f, FAULT_AGAIN, "the exchange asked for silence: %lld.%03lld s left; "
	    "nothing was sent", (long long)left / 1000, (long long)left % 1000);
	return wait_for(f, left);
}

static int64_t
rest_of(enum limit_count c, int64_t now_ms)
{
	return row[c].window_ms - now_ms % row[c].window_ms;
}

static int
full(const struct limit_part *p, bool urgent, int64_t now_ms, struct fault *f)
{
	enum limit_count c = p->count;
	int64_t left = rest_of(c, now_ms);
	const char *why = urgent || row[c].kept == 0 ? "" :
	    row[c].late < 100 && left <= LATE_MS ? " (in the last second of a window)" :
	    limit_scope(c) == SCOPE_IP && c != COUNT_WEIGHT_1M ? " (the rest is a margin)" :
	    " (the rest is kept for what reduces risk)";

	fault_set(f, FAULT_AGAIN, "the limit of %u %s%s is used up; %lld.%03lld s to the next "
	    "window; nothing was sent", (unsigned)p->limit, row[c].name, why,
	    (long long)left / 1000, (long long)left % 1000);
	return wait_for(f, left);
}

/*
 * Taking
 */

static uint32_t
window(enum limit_count c, int64_t now_ms)
{
	return (uint32_t)(now_ms / row[c].window_ms);
}

/* How much of a count may be used; never nothing because of rounding, or a limit
 * of 1 would never be asked to become another. */
static uint32_t
allowed(uint32_t limit, enum limit_count c, bool urgent, bool late)
{
	uint64_t n = limit;

	if (urgent)
		return limit;
	return late && row[c].late < 100 ? (uint32_t)(n * row[c].late / 100) :
	    limit - (uint32_t)(n * row[c].kept / 100);
}

/* The limit of a count at now_ms; *most is that of a whole window. */
static uint32_t
limit_of(const struct limits *l, const struct limit_known *known, enum limit_count c, bool urgent,
    int64_t now_ms, uint32_t *most)
{
	uint32_t n = known->limit[c] != 0 ? known->limit[c] : row[c].limit;

	if (c == COUNT_PROFILE_1M)	/* a cap on opening: counts all, stops only that */
		return *most = urgent ? UINT32_MAX : l->profile_max;
	*most = allowed(n, c, urgent, false);
	return allowed(n, c, urgent, rest_of(c, now_ms) <= LATE_MS);
}

/* want[] of each count, or nothing. */
static int
take(struct limits *l, const uint32_t want[static COUNTS], bool urgent, int64_t now_ms, struct fault *f)
{
	struct limit_part part[COUNTS];
	struct limit_known known;
	uint32_t lim, most;
	int c, n = 0, r;

	if (l->keeper->known(l->k, &known, f) == -1)
		return unkept(f);
	if (silence(l, &known, now_ms, f) == -1)
		return -1;
	for (c = 0; c < COUNTS; c++) {
		enum limit_count i = (enum limit_count)c;

		if (want[c] == 0 || (i == COUNT_PROFILE_1M && l->profile_max == 0))
			continue;
		lim = limit_of(l, &known, i, urgent, now_ms, &most);
		if (want[c] > most)
			return fault_set(f, FAULT_REJECTED, "it costs %u, and never more than %u %s may "
			    "be used; nothing was sent", (unsigned)want[c], (unsigned)most, row[c].name);
		part[n++] = (struct limit_part){ i, window(i, now_ms), want[c], lim };
	}
	r = n == 0 ? 0 : l->keeper->take(l->k, part, n, f);
	if (r <= 0)
		return r == 0 ? 0 : unkept(f);
	return full(&part[r - 1], urgent, now_ms, f);
}

int
limits_take(struct limits *l, const struct endpoint *e, enum market m, int weight, bool urgent,
    int64_t now_ms, struct fault *f)
{
	return limits_take_orders(l, e, m, weight, e->orders, urgent, now_ms, f);
}

int
limits_take_orders(struct limits *l, const struct endpoint *e, enum market m, int weight, int n,
    bool urgent, int64_t now_ms, struct fault *f)
{
	uint32_t orders = n > 0 ? (uint32_t)n : 0, want[COUNTS] = { 0 };

	if (e->rate[m] != RATE_WEIGHT)
		want[count_of[e->rate[m]]] = 1;
	if (weight > 0)
		want[COUNT_WEIGHT_1M] = (uint32_t)weight;
	want[COUNT_ORDERS_10S] = want[COUNT_ORDERS_1M] = want[COUNT_PROFILE_1M] = orders;
	return take(l, want, urgent, now_ms, f);
}

int
limits_spend(struct limits *l, enum rate r, int n, int64_t now_ms, struct fault *f)
{
	uint32_t want[COUNTS] = { 0 };

	if (n > 0)
		want[count_of[r]] = (uint32_t)n;
	return take(l, want, false, now_ms, f);
}

/*
 * What the exchange tells. A keeper that fails here fails when something is to be
 * taken too, and that is where it is said.
 */

void
limits_told(struct limits *l, int weight_1m, int orders_10s, int orders_1m, int64_t now_ms)
{
	const struct { enum limit_count c; int used; } told[] = {
		{ COUNT_WEIGHT_1M, weight_1m }, { COUNT_ORDERS_10S, orders_10s }, { COUNT_ORDERS_1M, orders_1m },
	};
	struct limit_part part[sizeof told / sizeof *told];
	size_t i;
	int n = 0;

	for (i = 0; i < sizeof told / sizeof *told; i++) {
		if (told[i].used <= 0)
			continue;
		part[n] = (struct limit_part){ .count = told[i].c,
		    .window = window(told[i].c, now_ms), .n = (uint32_t)told[i].used };
		n++;
	}
	if (n > 0)
		(void)l->keeper->raise(l->k, part, n, NULL);
}

void
limits_set(struct limits *l, int weight_1m, int orders_10s, int orders_1m)
{
	uint32_t limit[COUNTS] = { 0 };

	limit[COUNT_WEIGHT_1M] = weight_1m > 0 ? (uint32_t)weight_1m : 0;
	limit[COUNT_ORDERS_10S] = orders_10s > 0 ? (uint32_t)orders_10s : 0;
	limit[COUNT_ORDERS_1M] = orders_1m > 0 ? (uint32_t)orders_1m : 0;
	(void)l->keeper->set(l->k, limit, NULL);
}

void
limits_ban(struct limits *l, int64_t until_ms)
{
	int64_t seen = atomic_load(&l->ban);

	while ((seen < until_ms || seen - until_ms > LIMIT_BAN_MAX_MS) &&
	    !atomic_compare_exchange_weak(&l->ban, &seen, until_ms))
		;
	(void)l->keeper->ban(l->k, until_ms, NULL);
}

void
limits_obey(struct limits *l, const struct fault *f, int64_t now_ms)
{
	bool minute = strstr(f->text, "MINUTE") != NULL;

	if (f->code == -1015)	/* orders of the account, not requests of this address */
		limits_told(l, -1, minute ? -1 : INT_MAX, minute ? INT_MAX : -1, now_ms);
	else if (f->http == 429 || f->http == 418 || f->http == 403 || f->code == -1003)
		limits_ban(l, now_ms + (f->retry_ms > 0 ? f->retry_ms : 60000) + sys_dice(500));
}

/* The count in its present window; that of one that is over says nothing now. */
static uint32_t
used_now(const struct limit_known *known, enum limit_count c, int64_t now_ms, uint32_t *most)
{
	uint32_t now = window(c, now_ms);

	*most = known->limit[c] != 0 ? known->limit[c] : row[c].limit;
	return known->window[c] == now || known->window[c] == now + 1 ? known->used[c] : 0;
}

int
limits_used(struct limits *l, int64_t now_ms, struct limits_used *out, struct fault *f)
{
	struct limit_known known = { 0 };

	if (l->keeper->known(l->k, &known, f) == -1)
		return unkept(f);
	out->weight = used_now(&known, COUNT_WEIGHT_1M, now_ms, &out->weight_max);
	out->orders_10s = used_now(&known, COUNT_ORDERS_10S, now_ms, &out->orders_10s_max);
	out->orders_1m = used_now(&known, COUNT_ORDERS_1M, now_ms, &out->orders_1m_max);
	return 0;
}

int64_t
limits_banned_until(struct limits *l)
{
	struct limit_known known;
	int64_t own = atomic_load(&l->ban);

	if (l->keeper->known(l->k, &known, NULL) == -1)
		return INT64_MAX;
	return known.ban_ms > own ? known.ban_ms : own;
}
