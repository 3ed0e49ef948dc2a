#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/limit.h"
#include "io/limit_keeper.h"
#include "scratch.h"

#define T0	INT64_C(1700000100000)	/* a whole 5 minutes */
#define KEY	"abc"
/* SHA-256 of "abc" (FIPS 180-4, appendix) begins so */
#define ACCOUNT	".limits/exchange.test:8443.account-ba7816bf8f01cfea"
#define IP	".limits/exchange.test:8443.ip"

static struct profile prof;
static const struct endpoint *get, *place, *funding, *statistics;

static void
profile_at(struct profile *p, const char *name, const char *rest)
{
	memset(p, 0, sizeof *p);
	snprintf(p->rest, sizeof p->rest, "%s", rest);
	snprintf(p->state_dir, sizeof p->state_dir, "%s", in_scratch(name));
}

static int
setup(void **state)
{
	get = endpoint(EP_ORDER_GET);
	place = endpoint(EP_ORDER_PLACE);
	funding = endpoint(EP_FUNDING_RATE);
	statistics = endpoint(EP_BASIS);
	if (scratch_make(state) == -1)
		return -1;
	profile_at(&prof, "one", "https://exchange.test:8443");
	return 0;
}

static struct limits *
opened_as(const struct profile *p, const char *key)
{
	struct limits *l;
	struct fault f;

	if (limits_open(&l, p, key, &f) == -1)
		fail_msg("%s", f.text);
	return l;
}

static struct limits *
opened(void)
{
	return opened_as(&prof, KEY);
}

static int
take(struct limits *l, const struct endpoint *e, int weight, bool urgent, int64_t t, struct fault *f)
{
	return limits_take(l, e, MARKET_USDM, weight, urgent, t, f);
}

/* How many single takes succeed at t. */
static int
drain(struct limits *l, const struct endpoint *e, int weight, bool urgent, int64_t t)
{
	struct fault f;
	int n = 0;

	while (n < 100000 && take(l, e, weight, urgent, t, &f) == 0)
		n++;
	return n;
}

static int
spend_all(struct limits *l, enum rate r, int64_t t)
{
	struct fault f;
	int n = 0;

	while (n < 100000 && limits_spend(l, r, 1, t, &f) == 0)
		n++;
	return n;
}

/*
 * Windows
 */

static void
test_weight(void **state)
{
	struct limits *l = opened();
	struct fault f;

	(void)state;
	assert_int_equal(drain(l, get, 1, false, T0 + 15000), 1680);	/* 70 % of 2400 */
	assert_int_equal(take(l, get, 1, false, T0 + 15000, &f), -1);
	assert_int_equal(f.kind, FAULT_AGAIN);
	assert_int_equal(f.retry_ms, 45000);
	assert_non_null(strstr(f.text, "kept for what reduces risk"));
	assert_int_equal(drain(l, get, 1, true, T0 + 15000), 720);	/* the reserve */
	assert_int_equal(take(l, get, 1, true, T0 + 59999, &f), -1);
	assert_int_equal(f.retry_ms, 1);
	assert_int_equal(drain(l, get, 40, true, T0 + 60000), 60);	/* the next minute */
	limits_close(l);
}

static void
test_orders(void **state)
{
	struct limits *l = opened();
	struct fault f;

	(void)state;
	assert_int_equal(drain(l, place, 0, false, T0), 210);
	assert_int_equal(take(l, place, 0, false, T0, &f), -1);
	assert_int_equal(f.retry_ms, 10000);
	assert_int_equal(drain(l, place, 0, true, T0), 90);
	/* 300 so far; the minute ends the rest, and what it refused was given back
	 * to the 10 s window */
	assert_int_equal(drain(l, place, 0, false, T0 + 10000), 210);
	assert_int_equal(drain(l, place, 0, false, T0 + 20000), 210);
	assert_int_equal(drain(l, place, 0, false, T0 + 30000), 120);	/* 840 = 70 % of 1200 */
	assert_int_equal(drain(l, place, 0, true, T0 + 30000), 180);
	assert_int_equal(drain(l, place, 0, true, T0 + 50000), 180);	/* 1200 */
	limits_close(l);
}

/* Requests with a window of their own cost one there and their weight, mostly 0. */
static void
test_pools(void **state)
{
	static const struct { enum ep ep; int limit; } row[] = {
		{ EP_FUNDING_RATE, 500 }, { EP_BASIS, 1000 },
	};
	struct fault f;

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		const struct endpoint *e = endpoint(row[i].ep);
		struct limits *l = opened();

		assert_int_equal(drain(l, e, 0, false, T0 + 1000), row[i].limit * 9 / 10);
		assert_int_equal(take(l, e, 0, false, T0 + 298000, &f), -1);	/* 5 minutes long */
		assert_int_equal(f.kind, FAULT_AGAIN);
		assert_int_equal(f.retry_ms, 2000);
		assert_int_equal(drain(l, e, 0, true, T0 + 1000), row[i].limit / 10);
		assert_int_equal(drain(l, e, 0, true, T0 + 300000), row[i].limit);
		limits_close(l);
	}
	struct limits *l = opened();
	/* COIN-M counts the same as weight; and of USDⓈ-M nothing above did */
	assert_int_equal(limits_take(l, funding, MARKET_COINM, 1, false, T0 + 1000, &f), 0);
	assert_int_equal(limits_take(l, statistics, MARKET_COINM, 1, false, T0 + 1000, &f), 0);
	assert_int_equal(drain(l, get, 1, true, T0 + 1000), 2398);
	limits_close(l);
}

static void
test_spend(void **state)
{
	struct limits *l = opened();
	struct fault f;

	(void)state;
	assert_int_equal(spend_all(l, RATE_CONNECT, T0), 270);
	assert_int_equal(limits_spend(l, RATE_CONNECT, 1, T0 + 200000, &f), -1);
	assert_int_equal(f.kind, FAULT_AGAIN);
	assert_int_equal(f.retry_ms, 100000);
	assert_int_equal(spend_all(l, RATE_SNAPSHOT, T0), 10);
	assert_int_equal(limits_spend(l, RATE_SNAPSHOT, 1, T0 + 9999, &f), -1);
	assert_int_equal(f.retry_ms, 1);
	assert_int_equal(limits_spend(l, RATE_SNAPSHOT, 11, T0 + 10000, &f), -1);	/* never fits */
	assert_int_equal(f.kind, FAULT_REJECTED);
	assert_int_equal(limits_spend(l, RATE_SNAPSHOT, 10, T0 + 10000, &f), 0);
	assert_int_equal(limits_spend(l, RATE_CONNECT, 270, T0 + 300000, &f), 0);
	assert_int_equal(limits_spend(l, RATE_WEIGHT, 1680, T0, &f), 0);
	assert_int_equal(limits_spend(l, RATE_WEIGHT, 1, T0, &f), -1);
	limits_close(l);
}

/* All or none: a refusal by one window leaves no trace in the others. */
static void
test_several(void **state)
{
	struct endpoint both = *funding;
	struct limits *l = opened();
	struct fault f;

	(void)state;
	both.orders = 1;
	assert_int_equal(drain(l, place, 0, true, T0), 300);
	assert_int_equal(take(l, &both, 7, true, T0, &f), -1);	/* orders are full */
	assert_int_equal(drain(l, funding, 0, true, T0), 500);
	assert_int_equal(drain(l, get, 1, true, T0), 2400);
	assert_int_equal(take(l, &both, 0, true, T0 + 10000, &f), -1);	/* funding is full */
	assert_int_equal(drain(l, place, 0, true, T0 + 10000), 300);
	limits_close(l);
}

/* What leaves in the last second may be counted in the next minute: together they
 * stay below the limit. */
static void
test_late(void **state)
{
	struct limits *l = opened();
	struct fault f;
	int n;

	(void)state;
	assert_int_equal(drain(l, get, 1, false, T0 + 58999), 1680);
	assert_int_equal(take(l, get, 1, false, T0 + 59000, &f), -1);
	assert_int_equal(f.retry_ms, 1000);
	assert_int_equal(take(l, get, 1, true, T0 + 59000, &f), 0);	/* what is urgent goes */
	n = drain(l, get, 1, false, T0 + 119000);		/* all of the minute in its last second */
	assert_int_equal(n, 720);
	assert_int_equal(take(l, get, 1, false, T0 + 119500, &f), -1);
	assert_non_null(strstr(f.text, "last second"));
	n += drain(l, get, 1, false, T0 + 120000);
	assert_int_equal(n, 2400);
	n = drain(l, funding, 0, false, T0 + 299000);
	assert_int_equal(n, 50);
	n += drain(l, funding, 0, false, T0 + 300000);
	assert_int_equal(n, 500);
	assert_int_equal(drain(l, place, 0, false, T0 + 59500), 210);	/* a refusal there is harmless */
	limits_close(l);
}

static void
test_told(void **state)
{
	struct limits *l = opened();
	struct fault f;

	(void)state;
	limits_set(l, 100, 10, 20);
	assert_int_equal(drain(l, get, 1, true, T0), 100);
	limits_told(l, 90, 3, -1, T0 + 60000);
	assert_int_equal(drain(l, get, 1, true, T0 + 60000), 10);
	assert_int_equal(drain(l, place, 0, true, T0 + 60000), 7);
	limits_told(l, 5, -1, -1, T0 + 60000);		/* never lowers */
	assert_int_equal(drain(l, get, 1, true, T0 + 60000), 0);
	limits_told(l, 500, -1, -1, T0 + 120000);	/* over the limit: no underflow */
	assert_int_equal(drain(l, get, 1, true, T0 + 120000), 0);
	limits_told(l, INT_MAX, INT_MAX, INT_MAX, T0 + 180000);
	assert_int_equal(drain(l, get, 1, true, T0 + 180000), 0);
	assert_int_equal(drain(l, place, 0, true, T0 + 180000), 0);
	limits_set(l, 0, 0, 0);				/* unchanged */
	assert_int_equal(drain(l, get, 1, true, T0 + 240000), 100);
	assert_int_equal(drain(l, place, 0, true, T0 + 240000), 10);
	assert_int_equal(take(l, get, 101, true, T0 + 300000, &f), -1);	/* waiting would not help */
	assert_int_equal(f.kind, FAULT_REJECTED);
	assert_int_equal(f.retry_ms, 0);
	limits_set(l, 1, 0, 0);				/* one that small still lets exchangeInfo be asked */
	assert_int_equal(drain(l, get, 1, false, T0 + 300000), 1);
	limits_close(l);
}

/* A clock a little ahead shares the later window; one far ahead does not stop
 * the others (a simulator that was started anew in its past). */
static void
test_clocks_differ(void **state)
{
	struct limits *l = opened();

	(void)state;
	limits_set(l, 100, 0, 0);
	assert_int_equal(drain(l, get, 1, true, T0 + 60000), 100);
	assert_int_equal(drain(l, get, 1, true, T0 + 59990), 0);
	assert_int_equal(drain(l, get, 1, true, T0 - 86400000), 100);
	limits_close(l);
}

/*
 * Who counts together
 */

/* Two profiles of one address share what it counts, whichever market they ask. */
static void
test_venue(void **state)
{
	struct profile two, other, coinm, aliased;
	struct limits *l = opened(), *m;
	struct fault f;
	int n = 0;

	(void)state;
	profile_at(&two, "two", prof.rest);
	profile_at(&other, "three", "https://exchange.test:8444");
	m = opened_as(&two, KEY);
	limits_set(l, 200, 0, 0);
	assert_int_equal(drain(l, get, 1, true, T0), 200);
	assert_int_equal(limits_take(m, get, MARKET_COINM, 1, true, T0, &f), -1);
	assert_int_equal(drain(l, funding, 0, true, T0), 500);
	assert_int_equal(drain(m, funding, 0, true, T0), 0);
	assert_int_equal(spend_all(l, RATE_SNAPSHOT, T0) + spend_all(m, RATE_SNAPSHOT, T0), 10);
	assert_int_equal(drain(l, place, 0, false, T0) + drain(m, place, 0, true, T0), 300);
	limits_ban(m, T0 + 90000);
	assert_int_equal(take(l, get, 1, true, T0 + 60000, &f), -1);
	limits_close(m);
	/* another exchange: its own limit, counts, orders of the same key, and no ban */
	m = opened_as(&other, KEY);
	assert_int_equal(drain(m, get, 1, true, T0 + 60000), 2400);
	assert_int_equal(drain(m, place, 0, true, T0 + 60000), 300);
	limits_close(m);
	limits_close(l);
	/* the port that is meant counts, and other names of the same exchange */
	profile_at(&two, "four", "https://fapi.binance.com");
	profile_at(&aliased, "five", "https://fapi.binance.com:443");
	profile_at(&coinm, "six", "https://dapi.binance.com");
	n = drain(l = opened_as(&two, NULL), get, 40, true, T0);
	limits_close(l);
	n += drain(l = opened_as(&aliased, NULL), get, 40, true, T0);
	limits_close(l);
	n += drain(l = opened_as(&coinm, NULL), get, 40, true, T0);
	limits_close(l);
	assert_int_equal(n, 60);
	profile_at(&two, "seven", "https://");
	assert_int_equal(limits_open(&l, &two, NULL, &f), -1);
	assert_int_equal(f.kind, FAULT_LOCAL);
}

/* Two keys do not share orders, though they do the address. */
static void
test_accounts(void **state)
{
	struct limits *l = opened(), *m = opened_as(&prof, "abd"), *none = opened_as(&prof, NULL);

	(void)state;
	limits_set(l, 0, 20, 0);
	assert_int_equal(drain(l, place, 0, true, T0), 20);
	assert_int_equal(drain(m, place, 0, true, T0), 300);
	limits_told(none, -1, INT_MAX, INT_MAX, T0 + 10000);	/* nobody's */
	assert_int_equal(drain(l, place, 0, true, T0 + 10000), 20);
	assert_int_equal(drain(l, get, 40, true, T0) + drain(m, get, 40, true, T0) +
	    drain(none, get, 40, true, T0), 60);
	limits_close(l);
	limits_close(m);
	limits_close(none);
}

/* A profile's cap is its own, although the account is shared. */
static void
test_profile_cap(void **state)
{
	struct profile two;
	struct limits *l, *m, *n;
	struct fault f;

	(void)state;
	prof.max_orders_per_minute = 5;
	profile_at(&two, "two", prof.rest);
	l = opened();
	m = opened();
	n = opened_as(&two, KEY);
	assert_int_equal(drain(l, place, 0, false, T0), 5);
	assert_int_equal(drain(n, place, 0, false, T0), 205);		/* 210 of the account */
	assert_int_equal(take(m, place, 0, false, T0 + 30000, &f), -1);
	assert_int_equal(f.kind, FAULT_AGAIN);
	assert_non_null(strstr(f.text, "max_orders_per_minute"));
	assert_int_equal(take(l, place, 0, true, T0 + 30000, &f), 0);	/* reducing */
	assert_int_equal(take(l, place, 0, false, T0 + 60000, &f), 0);
	limits_close(l);
	limits_close(m);
	limits_close(n);
}

static void
test_ban(void **state)
{
	struct limits *l = opened(), *other = opened_as(&prof, "abd");
	struct fault f;

	(void)state;
	limits_ban(l, T0 + 5000);
	limits_ban(l, T0 + 2000);		/* only ever prolonged */
	assert_int_equal(limits_banned_until(other), T0 + 5000);
	assert_int_equal(take(other, get, 1, true, T0 + 1000, &f), -1);
	assert_int_equal(f.kind, FAULT_AGAIN);
	assert_int_equal(f.retry_ms, 4000);
	assert_int_equal(take(other, place, 0, true, T0 + 1000, &f), -1);
	assert_int_equal(limits_spend(other, RATE_CONNECT, 1, T0 + 1000, &f), -1);
	assert_int_equal(f.retry_ms, 4000);
	assert_int_equal(take(other, get, 1, false, T0 + 5000, &f), 0);
	limits_close(l);
	limits_close(other);
	l = opened();				/* a restart does not forget it */
	assert_int_equal(take(l, get, 1, true, T0 + 1000, &f), -1);
	/* a "ban" longer than any comes from another clock, and gives way to a real one */
	assert_int_equal(take(l, get, 1, true, T0 - INT64_C(300000000), &f), 0);
	limits_ban(l, T0 - INT64_C(299990000));
	assert_int_equal(take(l, get, 1, true, T0 - INT64_C(300000000), &f), -1);
	assert_int_equal(f.retry_ms, 10000);
	limits_close(l);
}

/*
 * Many processes
 */

/* A limit so great that they have to run beside each other. */
enum { CHILDREN = 50, LIMIT = 200000 };

/* Seen by all: what each child has taken, and, last, where they wait. */
static _Atomic int *tally;

static void
tally_open(int pace)
{
	tally = mmap(NULL, (CHILDREN + 1) * sizeof *tally, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(tally != MAP_FAILED);
	tally[CHILDREN] = pace;
}

static void
tally_close(void)
{
	munmap(tally, (CHILDREN + 1) * sizeof *tally);
}

static int
tally_sum(void)
{
	int sum = 0;

	for (int i = 0; i < CHILDREN; i++)
		sum += tally[i];
	return sum;
}

/* 50 that begin at once and take until they are refused, each with counters it
 * opens itself; they wait where pace is reached. */
static void
crowd(pid_t pid[static CHILDREN], const struct endpoint *e, int weight, int pace)
{
	int fd[2];
	char go;

	tally_open(pace);
	assert_int_equal(pipe(fd), 0);
	for (int i = 0; i < CHILDREN; i++)
		if ((pid[i] = fork()) == 0) {
			struct limits *l;
			struct fault f;

			alarm(60);	/* none outlives a test that failed */
			close(fd[1]);
			if (read(fd[0], &go, 1) != 0 || limits_open(&l, &prof, KEY, &f) == -1)
				_exit(1);
			while (take(l, e, weight, true, T0, &f) == 0) {
				tally[i]++;
				while (tally_sum() >= tally[CHILDREN])
					sched_yield();
			}
			_exit(f.kind == FAULT_AGAIN ? 0 : 1);
		}
	close(fd[0]);
	close(fd[1]);	/* now they run */
}

/* How many of them did not end well. */
static int
gathered(const pid_t pid[static CHILDREN])
{
	int st, bad = 0;

	for (int i = 0; i < CHILDREN; i++)
		if (waitpid(pid[i], &st, 0) != pid[i] || st != 0)
			bad++;
	return bad;
}

static void
test_crowd(void **state)
{
	pid_t pid[CHILDREN];
	struct limits *l;
	int busy = 0;

	(void)state;
	crowd(pid, get, 1, INT_MAX);		/* they make the files too, where nothing is */
	assert_int_equal(gathered(pid), 0);
	assert_int_equal(tally_sum(), 2400);
	tally_close();
	l = opened();
	limits_set(l, LIMIT, 0, 0);
	limits_close(l);
	crowd(pid, get, 1, INT_MAX);
	assert_int_equal(gathered(pid), 0);
	assert_int_equal(tally_sum(), LIMIT - 2400);
	for (int i = 0; i < CHILDREN; i++)
		busy += tally[i] > 0;
	assert_true(busy > 1);
	l = opened();
	assert_int_equal(drain(l, get, 1, true, T0), 0);
	limits_close(l);
	tally_close();
}

/* Of windows taken together one may refuse for a moment what the other gives back:
 * never too much, and nothing is lost. */
static void
test_crowd_orders(void **state)
{
	pid_t pid[CHILDREN];
	struct limits *l = opened();

	(void)state;
	limits_set(l, 0, 5000, 3000);
	crowd(pid, place, 0, INT_MAX);
	assert_int_equal(gathered(pid), 0);
	assert_true(tally_sum() <= 3000);
	assert_int_equal(tally_sum() + drain(l, place, 0, true, T0), 3000);
	limits_set(l, 0, 5000, 9000);
	assert_int_equal(drain(l, place, 0, true, T0), 2000);	/* 5000 - 3000: all was given back */
	limits_close(l);
	tally_close();
}

/* kill -9 at any moment: never more than the limit, and a token lost at most for each. */
static void
test_crowd_killed(void **state)
{
	enum { KILLED = 20, STEP = LIMIT / (KILLED + 5) };
	struct limits *l = opened();
	pid_t pid[CHILDREN];
	int rest;

	(void)state;
	limits_set(l, LIMIT, 0, 0);
	crowd(pid, get, 1, 0);
	for (int i = 0; i < KILLED; i++) {
		tally[CHILDREN] = STEP * (i + 2);
		while (tally_sum() < STEP * (i + 1))	/* in full swing */
			sched_yield();
		kill(pid[i], SIGKILL);
	}
	tally[CHILDREN] = INT_MAX;
	assert_int_equal(gathered(pid), KILLED);
	rest = drain(l, get, 1, true, T0);
	assert_true(tally_sum() + rest <= LIMIT);
	assert_true(tally_sum() + rest >= LIMIT - KILLED);
	limits_close(l);
	tally_close();
}

/* Killed while it makes the file: the next one does, and is not held up. */
static void
test_killed_making(void **state)
{
	struct limits *l;
	struct fault f;

	(void)state;
	for (int i = 0; i < 30; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			for (;;) {
				if (limits_open(&l, &prof, KEY, &f) == -1)
					_exit(1);
				limits_close(l);
				unlink(in_scratch(IP));
			}
		}
		usleep((useconds_t)(i * 137 % 2000));
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		l = opened();
		assert_int_equal(drain(l, get, 40, true, T0 + i * 60000), 60);
		limits_close(l);
	}
}

/*
 * Files
 */

static void
test_names(void **state)
{
	static const char key[] = "NeverSeenNeverSeenNeverSeenNeverSeenNeverSeenNeverSeenNeverSeen1";
	const struct dirent *d;
	struct stat st;
	DIR *dir;
	int n = 0;

	(void)state;
	prof.max_orders_per_minute = 5;
	limits_close(opened());
	assert_int_equal(stat(in_scratch(".limits"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(stat(in_scratch(IP), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat(in_scratch(ACCOUNT), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat(in_scratch("one/limits"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	limits_close(opened_as(&prof, key));
	assert_non_null(dir = opendir(in_scratch(".limits")));
	while ((d = readdir(dir)) != NULL) {
		char name[128], *text;
		size_t size;

		assert_null(strstr(d->d_name, "NeverSeen"));
		if (d->d_name[0] == '.')
			continue;
		snprintf(name, sizeof name, ".limits/%.100s", d->d_name);
		text = scratch_get(name, &size);
		assert_null(memmem(text, size, "NeverSeen", 9));
		free(text);
		n++;
	}
	closedir(dir);
	assert_int_equal(n, 4);		/* an address, two keys, the lock */
}

static const char *const files[] = { IP, ACCOUNT, "one/limits" };

/* Whether what each file counts is counted from nothing. */
static void
assert_fresh(void)
{
	struct limits *l = opened();
	struct fault f;

	assert_int_equal(drain(l, get, 40, true, T0), 60);
	assert_int_equal(drain(l, place, 0, false, T0), 5);
	assert_int_equal(take(l, place, 0, true, T0, &f), 0);
	limits_close(l);
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		struct stat st;

		assert_int_equal(lstat(in_scratch(files[i]), &st), 0);
		assert_true(S_ISREG(st.st_mode));
		assert_int_equal(st.st_size, 4096);
		assert_int_equal(st.st_mode & 07777, 0600);
		assert_int_equal(unlink(in_scratch(files[i])), 0);
	}
}

static void
test_damaged(void **state)
{
	static const char junk[4097] = { 1, 2, 3 };
	static const size_t size[] = { 0, 1, 4095, 4096, 4097 };

	(void)state;
	prof.max_orders_per_minute = 5;
	for (size_t i = 0; i < sizeof size / sizeof *size; i++) {
		for (size_t j = 0; j < sizeof files / sizeof *files; j++)
			scratch_put(files[j], 0600, junk, size[i]);
		assert_int_equal(chmod(in_scratch(".limits"), 0700), 0);
		assert_fresh();
	}
	/* a symbolic link is replaced, not followed */
	for (size_t j = 0; j < sizeof files / sizeof *files; j++)
		assert_int_equal(symlink("/etc/passwd", in_scratch(files[j])), 0);
	assert_fresh();
}

/* Limits that others could set are not used. */
static void
test_loose(void **state)
{
	static const mode_t mode[] = { 0620, 0602, 0666 };
	struct limits *l;
	struct fault f;

	(void)state;
	prof.max_orders_per_minute = 5;
	for (size_t m = 0; m < 3; m++) {
		l = opened();
		drain(l, get, 40, true, T0);
		drain(l, place, 0, false, T0);
		limits_ban(l, T0 + 1);
		limits_close(l);
		for (size_t i = 0; i < sizeof files / sizeof *files; i++)
			assert_int_equal(chmod(in_scratch(files[i]), mode[m]), 0);
		assert_fresh();
	}
	assert_int_equal(chmod(in_scratch(".limits"), 0770), 0);
	assert_int_equal(limits_open(&l, &prof, KEY, &f), -1);
	assert_int_equal(f.kind, FAULT_LOCAL);
	assert_non_null(strstr(f.text, "chmod 700"));
}

/* What cannot be made anew is said, and nothing is counted for oneself instead. */
static void
test_unusable(void **state)
{
	struct limits *l;
	struct fault f;

	(void)state;
	prof.max_orders_per_minute = 5;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		limits_close(opened());
		assert_int_equal(unlink(in_scratch(files[i])), 0);
		assert_int_equal(mkdir(in_scratch(files[i]), 0700), 0);
		assert_int_equal(limits_open(&l, &prof, KEY, &f), -1);
		assert_int_equal(f.kind, FAULT_LOCAL);
		assert_non_null(strstr(f.text, "limits"));
		assert_null(l);
		assert_int_equal(rmdir(in_scratch(files[i])), 0);
	}
	scratch_text("below", 0600, "a file where the directories should be");
	profile_at(&prof, "below/one", prof.rest);
	assert_int_equal(limits_open(&l, &prof, KEY, &f), -1);
	assert_int_equal(f.kind, FAULT_LOCAL);
}

/* Whoever maps the old file keeps it when another version makes it anew. */
static void
test_replaced(void **state)
{
	struct limits *l = opened(), *later;

	(void)state;
	assert_int_equal(rename(in_scratch(IP), in_scratch("was")), 0);
	later = opened();
	assert_int_equal(drain(l, get, 40, true, T0), 60);
	assert_int_equal(drain(later, get, 40, true, T0), 60);
	limits_close(l);
	limits_close(later);
}

/* Without a directory: it counts all the same, but for itself. */
static void
test_alone(void **state)
{
	struct limits *l;
	struct fault f;

	(void)state;
	prof.max_orders_per_minute = 5;
	assert_int_equal(limits_alone(&l, &prof, &f), 0);
	assert_int_equal(drain(l, get, 40, true, T0), 60);
	assert_int_equal(drain(l, place, 0, false, T0), 5);
	assert_int_equal(drain(l, place, 0, true, T0), 295);
	limits_ban(l, T0 + 500);
	assert_int_equal(take(l, get, 1, true, T0, &f), -1);
	limits_close(l);
	assert_int_equal(access(in_scratch(".limits"), F_OK), -1);
	assert_int_equal(errno, ENOENT);
	l = opened();
	assert_int_equal(drain(l, get, 40, true, T0), 60);
	limits_close(l);
}

/*
 * Another keeper: plain memory, no atomics, one process. It follows the rules of
 * limit_keeper.h and can be told to fail.
 */

enum step { STEP_NONE, STEP_KNOWN, STEP_TAKE, STEP_RAISE, STEP_SET, STEP_BAN };

struct plain {
	struct { uint32_t window, used; } count[COUNTS];
	struct limit_known known;
	enum step fails;
	int asked[STEP_BAN + 1], closed;
};

static int
asked(struct plain *k, enum step s, struct fault *f)
{
	k->asked[s]++;
	return k->fails == s ? fault_set(f, FAULT_AGAIN, "the server is gone") : 0;
}

static uint32_t
used(struct plain *k, enum limit_count c, uint32_t window)
{
	if (k->count[c].window != window && k->count[c].window != window + 1) {
		k->count[c].window = window;
		k->count[c].used = 0;
	}
	return k->count[c].used;
}

static int
plain_known(void *k, struct limit_known *out, struct fault *f)
{
	*out = ((struct plain *)k)->known;
	return asked(k, STEP_KNOWN, f);
}

static int
plain_take(void *arg, const struct limit_part *p, int n, struct fault *f)
{
	struct plain *k = arg;

	if (asked(k, STEP_TAKE, f) == -1)
		return -1;
	for (int i = 0; i < n; i++)
		if ((uint64_t)used(k, p[i].count, p[i].window) + p[i].n > p[i].limit)
			return i + 1;
	for (int i = 0; i < n; i++)
		k->count[p[i].count].used += p[i].n;
	return 0;
}

static int
plain_raise(void *arg, const struct limit_part *p, int n, struct fault *f)
{
	struct plain *k = arg;

	for (int i = 0; i < n; i++)
		if (used(k, p[i].count, p[i].window) < p[i].n)
			k->count[p[i].count].used = p[i].n;
	return asked(k, STEP_RAISE, f);
}

static int
plain_set(void *arg, const uint32_t limit[static COUNTS], struct fault *f)
{
	struct plain *k = arg;

	for (int c = 0; c < COUNTS; c++)
		if (limit[c] != 0)
			k->known.limit[c] = limit[c];
	return asked(k, STEP_SET, f);
}

static int
plain_ban(void *arg, int64_t until_ms, struct fault *f)
{
	struct plain *k = arg;

	if (asked(k, STEP_BAN, f) == -1)
		return -1;
	if (k->known.ban_ms < until_ms || k->known.ban_ms - until_ms > LIMIT_BAN_MAX_MS)
		k->known.ban_ms = until_ms;
	return 0;
}

static void
plain_close(void *k)
{
	((struct plain *)k)->closed++;
}

static const struct limits_keeper plain = {
	plain_known, plain_take, plain_raise, plain_set, plain_ban, plain_close
};

static struct limits *
plainly(struct plain *k)
{
	struct limits *l;
	struct fault f;

	memset(k, 0, sizeof *k);
	if (limits_kept(&l, &prof, &plain, k, &f) == -1)
		fail_msg("%s", f.text);
	return l;
}

/* The same rules, wherever the numbers are. */
static void
test_plain(void **state)
{
	struct plain k;
	struct limits *l;
	struct fault f;

	(void)state;
	prof.max_orders_per_minute = 5;
	l = plainly(&k);
	assert_int_equal(drain(l, get, 1, false, T0), 1680);
	assert_int_equal(drain(l, get, 1, true, T0), 720);
	assert_int_equal(drain(l, funding, 0, true, T0), 500);
	assert_int_equal(drain(l, place, 0, false, T0), 5);
	assert_int_equal(take(l, place, 0, false, T0, &f), -1);
	assert_non_null(strstr(f.text, "max_orders_per_minute"));
	assert_int_equal(drain(l, place, 0, true, T0), 295);
	assert_int_equal(k.count[COUNT_PROFILE_1M].used, 300);
	assert_int_equal(k.count[COUNT_WEIGHT_1M].window, T0 / 60000);
	limits_set(l, 100, 0, 0);
	limits_told(l, 90, -1, -1, T0 + 60000);
	assert_int_equal(drain(l, get, 1, true, T0 + 60000), 10);
	assert_int_equal(k.asked[STEP_RAISE], 1);
	limits_ban(l, T0 + 100000);
	assert_int_equal(limits_banned_until(l), T0 + 100000);
	assert_int_equal(take(l, get, 1, true, T0 + 90000, &f), -1);
	assert_int_equal(f.retry_ms, 10000);
	/* one question and one step a request */
	memset(k.asked, 0, sizeof k.asked);
	assert_int_equal(take(l, place, 3, true, T0 + 120000, &f), 0);
	assert_int_equal(k.asked[STEP_KNOWN], 1);
	assert_int_equal(k.asked[STEP_TAKE], 1);
	limits_close(l);
	assert_int_equal(k.closed, 1);
}

/* A keeper that fails lets nothing leave, urgent or not, and says it as trouble of
 * this machine. */
static void
test_keeper_fails(void **state)
{
	static const enum step step[] = { STEP_KNOWN, STEP_TAKE };
	struct plain k;
	struct limits *l = plainly(&k);
	struct fault f;

	(void)state;
	for (size_t i = 0; i < sizeof step / sizeof *step; i++)
		for (int urgent = 0; urgent < 2; urgent++) {
			k.fails = step[i];
			assert_int_equal(take(l, get, 1, urgent, T0, &f), -1);
			assert_int_equal(f.kind, FAULT_LOCAL);
			assert_int_equal(f.retry_ms, 0);
			assert_non_null(strstr(f.text, "the server is gone"));
			assert_non_null(strstr(f.text, "nothing was sent"));
			assert_int_equal(limits_spend(l, RATE_CONNECT, 1, T0, &f), -1);
			assert_int_equal(f.kind, FAULT_LOCAL);
			k.fails = STEP_NONE;
			assert_int_equal(take(l, get, 1, urgent, T0, &f), 0);
		}
	/* a ban that could not be kept holds for this process, and no shorter one ends it */
	k.fails = STEP_BAN;
	limits_ban(l, T0 + 9000);
	limits_ban(l, T0 + 3000);
	k.fails = STEP_NONE;
	assert_int_equal(k.known.ban_ms, 0);
	assert_int_equal(take(l, get, 1, true, T0 + 1000, &f), -1);
	assert_int_equal(f.retry_ms, 8000);
	assert_int_equal(take(l, get, 1, true, T0 + 9000, &f), 0);
	/* nor does a stale one of another clock in the keeper hide it */
	k.known.ban_ms = T0 + INT64_C(999000000);
	assert_int_equal(take(l, get, 1, true, T0 + 1000, &f), -1);
	assert_int_equal(f.retry_ms, 8000);
	k.fails = STEP_KNOWN;
	assert_true(limits_banned_until(l) == INT64_MAX);
	limits_close(l);
	assert_int_equal(k.closed, 1);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, setup, scratch_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_weight), TEST(test_orders), TEST(test_pools), TEST(test_spend),
		TEST(test_several), TEST(test_late), TEST(test_told), TEST(test_clocks_differ),
		TEST(test_venue), TEST(test_accounts), TEST(test_profile_cap), TEST(test_ban),
		TEST(test_crowd), TEST(test_crowd_orders), TEST(test_crowd_killed),
		TEST(test_killed_making), TEST(test_names), TEST(test_damaged), TEST(test_loose),
		TEST(test_unusable), TEST(test_replaced), TEST(test_alone), TEST(test_plain),
		TEST(test_keeper_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
