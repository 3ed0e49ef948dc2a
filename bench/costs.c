/*
 * Runs a command and writes down what it cost: seconds of the wall, processor seconds (its
 * own and its children's), kilobytes of memory at the most, exit status. In one line to FILE.
 *
 *	costs [-r] [-c N] [-n RUNS] [-t SECONDS] -o FILE COMMAND ...
 *	costs [-r] [-c N] COMMAND ...		becomes the command
 *
 * -c N: on the Nth of the processors it may use, from 0; -1 is the last. So that what is
 * measured shares no processor with what feeds it, where there are two.
 * -r: before all that is not real-time, if the user may ask for that: so that it waits for
 * nothing but its own work on a machine that has other work too.
 * -n: so many times, one after the other; of the seconds the least is told, the last status.
 * -t: kill it after so long in all; the status is 124 then.
 */
#include <sys/resource.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static pid_t child;
static volatile sig_atomic_t ended, late;

static void
on_signal(int sig)
{
	ended = 1;
	late = sig == SIGALRM;
	if (child > 0)
		kill(child, SIGKILL);
}

static void
pin(int nth)
{
#ifdef __linux__
	cpu_set_t all, one;
	int left;

	if (sched_getaffinity(0, sizeof all, &all) == -1)
		return;
	left = (nth % CPU_COUNT(&all) + CPU_COUNT(&all)) % CPU_COUNT(&all);
	CPU_ZERO(&one);
	for (size_t i = 0; i < CPU_SETSIZE; i++)
		if (CPU_ISSET(i, &all) && left-- == 0)
			CPU_SET(i, &one);
	(void)sched_setaffinity(0, sizeof one, &one);
#else
	(void)nth;
#endif
}

static void
first(void)
{
#ifdef __linux__
	struct sched_param p = { .sched_priority = 1 };

	(void)sched_setscheduler(0, SCHED_RR, &p);
#endif
}

static double
seconds(struct timeval tv)
{
	return (double)tv.tv_sec + (double)tv.tv_usec / 1e6;
}

static void
become(char *argv[], bool pinned, int core, bool rt)
{
	if (pinned)
		pin(core);
	if (rt)
		first();
	execvp(argv[0], argv);
	err(127, "%s", argv[0]);
}

/* Wait for the child; its status as a shell tells it. */
static int
reap(double *cpu, long *kb)
{
	struct rusage u;
	int st;

	while (wait4(child, &st, 0, &u) == -1)
		if (errno != EINTR)
			err(1, "waiting");
	*cpu = seconds(u.ru_utime) + seconds(u.ru_stime);
	if (u.ru_maxrss > *kb)
		*kb = u.ru_maxrss;
	return late ? 124 : WIFEXITED(st) ? WEXITSTATUS(st) : 128 + WTERMSIG(st);
}

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

int
main(int argc, char *argv[])
{
	const char *file = NULL;
	unsigned limit = 0;
	int ch, core = 0, runs = 1, status = 0;
	bool pinned = false, rt = false;
	double from, wall, cpu, least_wall = 1e9, least_cpu = 1e9;
	long kb = 0;
	FILE *out;

	while ((ch = getopt(argc, argv, "+rc:n:t:o:")) != -1)
		switch (ch) {
		case 'r':
			rt = true;
			break;
		case 'c':
			pinned = true;
			core = atoi(optarg);
			break;
		case 'n':
			runs = atoi(optarg);
			break;
		case 't':
			limit = (unsigned)atoi(optarg);
			break;
		case 'o':
			file = optarg;
			break;
		default:
			return 2;
		}
	if (optind == argc)
		errx(2, "usage: costs [-r] [-c N] [-n RUNS] [-t SECONDS] [-o FILE] COMMAND ...");
	if (file == NULL)
		become(argv + optind, pinned, core, rt);
	signal(SIGALRM, on_signal);
	signal(SIGTERM, on_signal);
	signal(SIGINT, on_signal);
	alarm(limit);
	for (int i = 0; i < runs && !ended; i++) {
		from = now();
		if ((child = fork()) == 0)
			become(argv + optind, pinned, core, rt);
		if (child == -1)
			err(1, "fork");
		status = reap(&cpu, &kb);
		wall = now() - from;
		least_wall = wall < least_wall ? wall : least_wall;
		least_cpu = cpu < least_cpu ? cpu : least_cpu;
		if (status != 0)
			break;
	}
	if ((out = fopen(file, "w")) == NULL ||
	    fprintf(out, "%.6f %.6f %ld %d\n", least_wall, least_cpu, kb, status) < 0 || fclose(out) != 0)
		err(1, "%s", file);
	return status;
}
