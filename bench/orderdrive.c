/*
 * A strategy that writes intents to an order manager and waits for their outcomes.
 *
 *	orderdrive COUNT SYMBOLS AHEAD COMMAND ...
 *
 * COMMAND reads intents and prints outcomes, a line each. Every other intent is a limit order
 * far from the market, then its cancel. AHEAD: so many intents of each symbol are written before
 * their outcomes; 1: the next is written when the outcome of the one before it has been read. The
 * first tenth is not counted. Prints requests, seconds of the wall, processor seconds of COMMAND,
 * p50 and p99 in microseconds, kB of COMMAND's memory. The times are from the write of an intent
 * to the read of its outcome; with AHEAD above 1, where an intent waits its turn, from one
 * outcome to the next. An outcome that is a refusal ends it.
 */
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LINES_MAX 8
#define AHEAD_MAX 64

static const struct { const char *symbol, *price, *qty; } market[LINES_MAX] = {
	{ "BTCUSDT", "58000.0", "0.002" }, { "ETHUSDT", "2900.00", "0.010" }, { "SOLUSDT", "145.00", "1" },
	{ "DOGEUSDT", "0.19000", "1000" }, { "BNBUSDT", "580.00", "0.10" }, { "BTCUSDC", "58000.0", "0.002" },
	{ "1000PEPEUSDT", "0.0096000", "10000" }, { "BTCUSDT", "57000.0", "0.002" }
};
static long next[LINES_MAX];
static int64_t sent_ns[LINES_MAX], *took;
static int ahead;
static pid_t child;
static int to, from;

static int64_t
clock_ns(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void
begin(char *argv[])
{
	int in[2], out[2];

	if (pipe(in) == -1 || pipe(out) == -1 || (child = fork()) == -1)
		err(1, "starting %s", argv[0]);
	if (child == 0) {
		if (dup2(in[0], STDIN_FILENO) == -1 || dup2(out[1], STDOUT_FILENO) == -1)
			err(127, "dup2");
		close(in[1]);
		close(out[0]);
		execvp(argv[0], argv);
		err(127, "%s", argv[0]);
	}
	close(in[0]);
	close(out[1]);
	to = in[1];
	from = out[0];
}

/* The next intent of the k-th symbol. */
static void
ask(int k)
{
	char line[400];
	long i = next[k]++;
	int n;

	if (i % 2 == 0)
		n = snprintf(line, sizeof line, "{\"symbol\":\"%s\",\"side\":\"BUY\",\"type\":\"LIMIT\",\"quantity\":\"%s\","
		    "\"price\":\"%s\",\"newClientOrderId\":\"d%d-%d-%ld\"}\n", market[k].symbol, market[k].qty,
		    market[k].price, (int)getpid(), k, i);
	else
		n = snprintf(line, sizeof line, "{\"op\":\"cancel\",\"symbol\":\"%s\",\"origClientOrderId\":\"d%d-%d-%ld\"}\n",
		    market[k].symbol, (int)getpid(), k, i - 1);
	sent_ns[k] = clock_ns(CLOCK_MONOTONIC);
	for (ssize_t w, at = 0; at < n; at += w)
		if ((w = write(to, line + at, (size_t)(n - at))) <= 0)
			err(1, "writing an intent");
}

/* How long the one took whose outcome is here. */
static int64_t
time_of(int k)
{
	static int64_t before;
	int64_t now = clock_ns(CLOCK_MONOTONIC), since = ahead > 1 && before != 0 ? before : sent_ns[k];

	before = now;
	return now - since;
}

/* Whose outcome a line is. */
static int
whose(const char *line)
{
	char mine[32];
	const char *p;

	snprintf(mine, sizeof mine, "\"d%d-", (int)getpid());
	if ((p = strstr(line, mine)) == NULL || strncmp(line, "{\"e\":\"bf.", 9) == 0)
		errx(1, "not an outcome of success: %.300s", line);
	return (p[strlen(mine)] - '0') % LINES_MAX;
}

static int
by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static long
memory(void)
{
	char path[64], line[256];
	long kb = 0;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/status", (int)child);
	if ((f = fopen(path, "r")) == NULL)
		return 0;
	while (fgets(line, sizeof line, f) != NULL)
		if (strncmp(line, "VmHWM:", 6) == 0)
			kb = atol(line + 6);
	fclose(f);
	return kb;
}

int
main(int argc, char *argv[])
{
	static char buf[1 << 18];
	long count, skip, done = 0;
	int64_t wall = 0, cpu = 0;
	size_t have = 0;
	clockid_t theirs;
	int depth, status;

	if (argc < 5 || (count = atol(argv[1])) < 1000 || (depth = atoi(argv[2])) < 1 || depth > LINES_MAX ||
	    (ahead = atoi(argv[3])) < 1 || ahead > AHEAD_MAX)
		errx(2, "usage: orderdrive COUNT SYMBOLS AHEAD COMMAND ...");
	if ((took = calloc((size_t)count, sizeof *took)) == NULL)
		err(1, "memory");
	skip = count / 10;
	signal(SIGPIPE, SIG_IGN);
	begin(argv + 4);
	if ((errno = clock_getcpuclockid(child, &theirs)) != 0)
		err(1, "the clock of %s", argv[4]);
	for (int i = 0; i < depth * ahead; i++)
		ask(i % depth);
	while (done < count) {
		ssize_t got = read(from, buf + have, sizeof buf - 1 - have);
		char *p = buf, *nl;

		if (got <= 0)
			errx(1, "%s ended after %ld outcomes", argv[4], done);
		have += (size_t)got;
		buf[have] = '\0';
		for (; done < count && (nl = strchr(p, '\n')) != NULL; p = nl + 1) {
			*nl = '\0';
			int k = whose(p);

			took[done++] = time_of(k);
			if (done == skip) {
				wall = clock_ns(CLOCK_MONOTONIC);
				cpu = clock_ns(theirs);
			}
			if (done + depth * ahead <= count)
				ask(k);
		}
		have -= (size_t)(p - buf);
		memmove(buf, p, have);
	}
	wall = clock_ns(CLOCK_MONOTONIC) - wall;
	cpu = clock_ns(theirs) - cpu;
	count -= skip;
	qsort(took + skip, (size_t)count, sizeof *took, by_size);
	printf("%ld %.6f %.6f %.1f %.1f %ld\n", count, (double)wall / 1e9, (double)cpu / 1e9,
	    (double)took[skip + count / 2] / 1e3, (double)took[skip + count * 99 / 100] / 1e3, memory());
	close(to);
	if (waitpid(child, &status, 0) == -1 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
		errx(1, "%s: status %d", argv[4], status);
	return 0;
}
