/*
 * The journal: what a record costs an order, and what its durability costs. `journal [DIR]`,
 * DIR being where it is written ($TMPDIR or /tmp): an fdatasync is the disk's and the file
 * system's work, so measure where the state directory is. As the floor the same bytes by bare
 * writes. The best of three turns is shown.
 */
#include <sys/mman.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "io/journal.h"

#define FREE	20000	/* records without a sync */
#define SYNCED	400	/* with one */
#define GROUP	5
#define TURNS	3
#define NOON	1700049600000LL

static char dir[256], file[300];
static struct fault f;
static double *best;	/* shared with those we fork */

static void
die(const char *what)
{
	fprintf(stderr, "journal: %s: %s\n", what, f.text);
	exit(1);
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* An intent as bf-order journals it. */
static size_t
intent(char out[static 400], const char *id)
{
	return (size_t)snprintf(out, 400, "{\"intent\":{\"symbol\":\"BTCUSDT\",\"side\":\"BUY\",\"type\":\"LIMIT\","
	    "\"timeInForce\":\"GTC\",\"quantity\":\"0.010\",\"price\":\"60000.00\",\"newClientOrderId\":\"%s\"},"
	    "\"timestamp\":%lld,\"recvWindow\":5000}", id, NOON);
}

static struct journal *
start(bool sync)
{
	struct journal *j;

	if (journal_open(&j, NULL, file, &f) == -1 || journal_put(j, NOON, "result", "first", "{}", 2, false, &f) == -1)
		die("open");
	journal_sync(j, sync);
	return j;
}

/* n records in groups; who tells processes apart. */
static void
claims(struct journal *j, int who, int n, int group)
{
	static char id[GROUP][40], data[GROUP][400];
	struct journal_claim v[GROUP];

	for (int k = 0; k < n; k += group) {
		for (int i = 0; i < group; i++) {
			snprintf(id[i], sizeof id[i], "bf-0mb7k2q1x-%d-%08d", who, k + i);
			v[i] = (struct journal_claim){ .client_id = id[i], .data = data[i], .n = intent(data[i], id[i]) };
		}
		if (journal_claim_all(j, NOON, v, group, &f) == -1)
			die("claim");
	}
}

static void
outcomes(struct journal *j, int n)
{
	char data[400];
	size_t len = intent(data, "bf-0mb7k2q1x-0-00000000");

	for (int i = 0; i < n; i++)
		if (journal_put(j, NOON, "result", "bf-0mb7k2q1x-0-00000000", data, len, false, &f) == -1)
			die("put");
}

/* What no journal can be faster than: a write, and a sync. */
static void
bare(int n, bool sync)
{
	int fd = open(file, O_WRONLY | O_APPEND | O_CREAT, 0600);
	char line[512];

	memset(line, 'x', sizeof line);
	for (int i = 0; i < n; i++)
		if (write(fd, line, 330) != 330 || (sync && fdatasync(fd) == -1))
			die("bare write");
	close(fd);
}

enum { BARE, OUTCOME, CLAIM, CLAIM_2, BARE_SYNC, SYNC, SYNC_5, SYNC_2, KINDS };
static const struct { const char *name; int n, group, processes; bool sync; } kind[KINDS] = {
	[BARE] =	{ "a bare write of as many bytes", FREE, 1, 1, false },
	[OUTCOME] =	{ "an outcome (journal_put)", FREE, 1, 1, false },
	[CLAIM] =	{ "an intent (journal_claim)", FREE, 1, 1, false },
	[CLAIM_2] =	{ "an intent, another process as busy", FREE, 1, 2, false },
	[BARE_SYNC] =	{ "a bare write and fdatasync", SYNCED, 1, 1, true },
	[SYNC] =	{ "an intent, durable", SYNCED, 1, 1, true },
	[SYNC_5] =	{ "an intent, durable, in a group of five", SYNCED, GROUP, 1, true },
	[SYNC_2] =	{ "an intent, durable, another process as busy", SYNCED, 1, 2, true },
};

/* One turn of one process; the least time of a record. */
static void
turn(int k, int who)
{
	struct journal *j = k == BARE || k == BARE_SYNC ? NULL : start(kind[k].sync);
	double from = now(), us;

	if (j == NULL)
		bare(kind[k].n, kind[k].sync);
	else if (k == OUTCOME)
		outcomes(j, kind[k].n);
	else
		claims(j, who, kind[k].n, kind[k].group);
	us = (now() - from) / kind[k].n;
	if (who == 0 && (best[k] <= 0 || us < best[k]))
		best[k] = us;
	journal_close(j);
}

static void
measure(int k)
{
	int status;

	(void)unlink(file);
	for (int i = 0; i < kind[k].processes; i++)
		if (fork() == 0) {
			turn(k, i);
			_exit(0);
		}
	for (int i = 0; i < kind[k].processes; i++)
		if (wait(&status) == -1 || status != 0)
			die("a process failed");
}

int
main(int argc, char *argv[])
{
	const char *base = getenv("TMPDIR");

	if (argc > 1)
		base = argv[1];
	snprintf(dir, sizeof dir, "%s/bf-journal.XXXXXX", base != NULL ? base : "/tmp");
	best = mmap(NULL, KINDS * sizeof *best, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (best == MAP_FAILED || mkdtemp(dir) == NULL)
		die(dir);
	snprintf(file, sizeof file, "%s/journal", dir);
	for (int i = 0; i < TURNS; i++)
		for (int k = 0; k < KINDS; k++)
			measure(k);
	(void)unlink(file);
	(void)rmdir(dir);
	printf("The journal, in %.*s\n", (int)(strrchr(dir, '/') - dir), dir);
	for (int k = 0; k < KINDS; k++)
		printf("  %-44s %9.2f us a record\n", kind[k].name, best[k]);
	printf("  durability costs an intent %.0f us, of which the disk's own %.0f us; in a group of five %.0f us;\n"
	    "  an order without it (--no-sync) waits %.1f us for the journal\n", best[SYNC] - best[CLAIM],
	    best[BARE_SYNC] - best[BARE], best[SYNC_5] - best[CLAIM], best[CLAIM]);
	return 0;
}
