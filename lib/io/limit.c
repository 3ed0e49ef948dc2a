#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/clock.h"
#include "io/limit.h"
#include "io/state.h"

#define MAGIC		UINT64_C(0x31746d696c2d6662)	/* "bf-limt1" */
#define VERSION		1
#define PAGE		4096
#define BAN_MAX_MS	INT64_C(259260000)	/* 3 days, and a minute; more is not a ban but a mistake */
#define RESERVE_PCT	70			/* what may be used without urgency */

/* What is counted, each in one word: (index of the window << 32) | used. */
enum count { WEIGHT_1M, ORDERS_10S, ORDERS_1M, PROFILE_1M, COUNTS };

static const struct {
	int64_t	window_ms;
	uint32_t limit;		/* until exchangeInfo says otherwise */
	const char *name;
} row[COUNTS] = {
	[WEIGHT_1M]  = { 60000, 2400, "request weight a minute" },
	[ORDERS_10S] = { 10000, 300, "orders in 10 s" },
	[ORDERS_1M]  = { 60000, 1200, "orders a minute" },
	[PROFILE_1M] = { 60000, 0, "orders a minute (max_orders_per_minute of the profile)" },
};

struct page {
	uint64_t	magic;
	uint32_t	version, size;
	char		boot[40];
	_Atomic int64_t	ban;		/* exchange time, ms */
	_Atomic uint32_t limit[COUNTS];	/* 0: as in row */
	_Atomic uint64_t word[COUNTS];
};

struct limits {
	struct page	*page;
	uint32_t	 profile_max;	/* orders a minute; 0 none */
};

_Static_assert(sizeof(struct page) <= PAGE, "the page must hold the counters");
_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2 && ATOMIC_INT_LOCK_FREE == 2,
    "counters shared by processes must be lock-free");

/* Map the file if it is whole and ours; NULL with *why otherwise, *fatal when
 * making it anew would not help. */
static struct page *
map(int dir, const char **why, bool *fatal)
{
	struct page *pg = MAP_FAILED;
	struct stat st;
	int fd;

	*fatal = false;
	*why = "not there";
	if ((fd = openat(dir, "limits", O_RDWR | O_CLOEXEC | O_NOFOLLOW)) == -1) {
		*fatal = errno != ENOENT && errno != ELOOP;
		if (*fatal)
			*why = strerror(errno);
		return NULL;
	}
	*why = "damaged";
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
	    (st.st_mode & 022) == 0 && st.st_size == PAGE)	/* others must not set our limits */
		pg = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (pg == MAP_FAILED)
		return NULL;
	if (pg->magic == MAGIC && pg->version == VERSION && pg->size == PAGE)
		return pg;
	munmap(pg, PAGE);
	return NULL;
}

/* A new file, put in place of whatever is there by rename: those who still map
 * the old one are not hurt. Under the lock. All bytes are written, so that a
 * full disk speaks here and not as SIGBUS later. */
static bool
make(int dir)
{
	union { struct page pg; char bytes[PAGE]; } u;
	bool ok;
	int fd;

	memset(&u, 0, sizeof u);
	u.pg.magic = MAGIC;
	u.pg.version = VERSION;
	u.pg.size = PAGE;
	clock_boot_id(u.pg.boot);
	unlinkat(dir, "limits.new", 0);
	if ((fd = openat(dir, "limits.new", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
	    0600)) == -1)
		return false;
	errno = EIO;
	ok = write(fd, &u, PAGE) == PAGE && fsync(fd) == 0;
	ok = close(fd) == 0 && ok;
	return ok && renameat(dir, "limits.new", dir, "limits") == 0;
}

/* Map, or make and map, with the lock held: of many that start at once one makes it. */
static struct page *
map_or_make(int dir, struct fault *f)
{
	struct page *pg;
	const char *why;
	bool fatal;
	int lock;

	if ((pg = map(dir, &why, &fatal)) != NULL)
		return pg;
	if (fatal) {
		fault_set(f, FAULT_LOCAL, "limits: %s", why);
		return NULL;
	}
	lock = openat(dir, "limits.lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (lock == -1) {
		fault_set(f, FAULT_LOCAL, "limits.lock: %s", strerror(errno));
		return NULL;
	}
	while (flock(lock, LOCK_EX) == -1 && errno == EINTR)
		;
	if ((pg = map(dir, &why, &fatal)) == NULL) {
		if (!make(dir))
			fault_set(f, FAULT_LOCAL, "limits: %s", strerror(errno));
		else if ((pg = map(dir, &why, &fatal)) == NULL)
			fault_set(f, FAULT_LOCAL, "limits: %s", why);
	}
	close(lock);
	return pg;
}

int
limits_open(struct limits **out, const struct profile *p, struct fault *f)
{
	struct limits *l;
	int dir;

	*out = NULL;
	if (state_dir(p->state_dir, f) == -1)
		return -1;
	if ((dir = open(p->state_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1)
		return fault_set(f, FAULT_LOCAL, "%s: %s", p->state_dir, strerror(errno));
	if ((l = calloc(1, sizeof *l)) == NULL) {
		close(dir);
		return fault_set(f, FAULT_LOCAL, "out of memory");
	}
	l->page = map_or_make(dir, f);
	close(dir);
	if (l->page == NULL) {
		free(l);
		return -1;
	}
	if (p->max_orders_per_minute > 0)
		l->profile_max = (uint32_t)p->max_orders_per_minute;
	*out = l;
	return 0;
}

int
limits_alone(struct limits **out, const struct profile *p, struct fault *f)
{
	struct limits *l = calloc(1, sizeof *l);

	*out = NULL;
	if (l != NULL) {
		l->page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (l->page == MAP_FAILED) {
			free(l);
			l = NULL;
		}
	}
	if (l == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	if (p->max_orders_per_minute > 0)
		l->profile_max = (uint32_t)p->max_orders_per_minute;
	*out = l;
	return 0;
}

void
limits_close(struct limits *l)
{
	if (l == NULL)
		return;
	munmap(l->page, PAGE);
	free(l);
}

/* What stands in a word seen at window win. A word one window ahead was
 * written by someone whose clock is a little ahead: it counts. One further
 * ahead comes from another clock (a simulator started anew). */
static uint64_t
rolled(uint64_t w, uint32_t win)
{
	uint32_t has = (uint32_t)(w >> 32);

	return has == win || has == win + 1 ? w : (uint64_t)win << 32;
}

static uint32_t
window(enum count c, int64_t now_ms)
{
	return (uint32_t)(now_ms / row[c].window_ms);
}

/* Take n if it fits under limit; *got is the window it was taken from. */
static bool
take(_Atomic uint64_t *w, uint32_t win, uint32_t n, uint32_t limit, uint32_t *got)
{
	uint64_t seen = atomic_load(w), is;

	do {
		is = rolled(seen, win);
		if ((uint32_t)is > limit || limit - (uint32_t)is < n)
			return false;
	} while (!atomic_compare_exchange_weak(w, &seen, is + n));
	*got = (uint32_t)(is >> 32);
	return true;
}

/* Give back n to the window it came from, if that still runs. */
static void
give_back(_Atomic uint64_t *w, uint32_t win, uint32_t n)
{
	uint64_t seen = atomic_load(w);

	do
		if ((uint32_t)(seen >> 32) != win || (uint32_t)seen < n)
			return;
	while (!atomic_compare_exchange_weak(w, &seen, seen - n));
}

static uint32_t
limit_of(const struct limits *l, enum count c, bool urgent)
{
	uint32_t n = c == PROFILE_1M ? l->profile_max : atomic_load(&l->page->limit[c]);

	if (c == PROFILE_1M)	/* a cap on opening: counts all, stops only that */
		return urgent || n == 0 ? INT_MAX : n;
	if (n == 0)
		n = row[c].limit;
	return urgent ? n : (uint32_t)((uint64_t)n * RESERVE_PCT / 100);
}

static int
ban_check(struct limits *l, int64_t now_ms, struct fault *f)
{
	int64_t left = limits_banned_until(l) - now_ms;

	if (left <= 0 || left > BAN_MAX_MS)
		return 0;
	fault_set(f, FAULT_AGAIN, "the exchange asked for silence: %lld.%03lld s left; "
	    "nothing was sent", (long long)left / 1000, (long long)left % 1000);
	f->retry_ms = left;
	return -1;
}

static int
full(enum count c, uint32_t lim, bool urgent, int64_t now_ms, struct fault *f)
{
	int64_t left = row[c].window_ms - now_ms % row[c].window_ms;

	fault_set(f, FAULT_AGAIN, "the limit of %u %s%s is used up; %lld.%03lld s to the next "
	    "window; nothing was sent", (unsigned)lim, row[c].name,
	    urgent || c == PROFILE_1M ? "" : " (the rest is kept for what reduces risk)",
	    (long long)left / 1000, (long long)left % 1000);
	f->retry_ms = left;
	return -1;
}

int
limits_take(struct limits *l, const struct endpoint *e, int weight, bool urgent,
    int64_t now_ms, struct fault *f)
{
	uint32_t orders = e->orders > 0 ? (uint32_t)e->orders : 0, lim, got[COUNTS];
	uint32_t want[COUNTS] = { weight > 0 ? (uint32_t)weight : 0, orders, orders, orders };
	int c, i;

	if (ban_check(l, now_ms, f) == -1)
		return -1;
	for (c = 0; c < COUNTS; c++) {
		lim = limit_of(l, (enum count)c, urgent);
		if (want[c] == 0 || take(&l->page->word[c], window((enum count)c, now_ms),
		    want[c], lim, &got[c]))
			continue;
		for (i = 0; i < c; i++)
			if (want[i] != 0)
				give_back(&l->page->word[i], got[i], want[i]);
		return full((enum count)c, lim, urgent, now_ms, f);
	}
	return 0;
}

static void
raise_to(_Atomic uint64_t *w, uint32_t win, int used)
{
	uint64_t seen = atomic_load(w), is;

	if (used < 0)
		return;
	do {
		is = rolled(seen, win);
		if ((uint32_t)is >= (uint32_t)used)
			return;
		is = (is & ~UINT64_C(0xffffffff)) | (uint32_t)used;
	} while (!atomic_compare_exchange_weak(w, &seen, is));
}

void
limits_told(struct limits *l, int weight_1m, int orders_10s, int orders_1m, int64_t now_ms)
{
	raise_to(&l->page->word[WEIGHT_1M], window(WEIGHT_1M, now_ms), weight_1m);
	raise_to(&l->page->word[ORDERS_10S], window(ORDERS_10S, now_ms), orders_10s);
	raise_to(&l->page->word[ORDERS_1M], window(ORDERS_1M, now_ms), orders_1m);
}

void
limits_set(struct limits *l, int weight_1m, int orders_10s, int orders_1m)
{
	if (weight_1m > 0)
		atomic_store(&l->page->limit[WEIGHT_1M], (uint32_t)weight_1m);
	if (orders_10s > 0)
		atomic_store(&l->page->limit[ORDERS_10S], (uint32_t)orders_10s);
	if (orders_1m > 0)
		atomic_store(&l->page->limit[ORDERS_1M], (uint32_t)orders_1m);
}

void
limits_ban(struct limits *l, int64_t until_ms)
{
	int64_t seen = atomic_load(&l->page->ban);

	while (seen < until_ms && !atomic_compare_exchange_weak(&l->page->ban, &seen, until_ms))
		;
}

int64_t
limits_banned_until(struct limits *l)
{
	return atomic_load(&l->page->ban);
}
