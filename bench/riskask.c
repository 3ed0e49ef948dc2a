/*
 * A filter asked one line at a time through two pipes: how long until each is answered.
 * riskask FIRST TIMES LINE COMMAND...: the lines of the file FIRST go down before, and come back; then LINE so often.
 * It prints the median and the 99th percentile, in microseconds, and answers a second.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static pid_t pid;
static int to, from;

static void
must(int ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	exit(1);
}

static void
start(char *const words[])
{
	int in[2], out[2];

	must(pipe(in) == 0 && pipe(out) == 0, "pipe");
	must((pid = fork()) != -1, "fork");
	if (pid == 0) {
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		close(in[0]), close(in[1]), close(out[0]), close(out[1]);
		execvp(words[0], words);
		perror(words[0]);
		_exit(127);
	}
	close(in[0]), close(out[1]);
	to = in[1];
	from = out[0];
}

static void
ask(const char *line, size_t n)
{
	char answer[8192];
	ssize_t got;

	must(write(to, line, n) == (ssize_t)n, "the filter does not read");
	do
		must((got = read(from, answer, sizeof answer)) > 0, "the filter does not answer");
	while (answer[got - 1] != '\n');
}

static double
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int
by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int
main(int argc, char *argv[])
{
	int n = argc > 4 ? atoi(argv[2]) : 0;
	double *took = calloc(n > 0 ? (size_t)n : 1, sizeof *took), all;
	char *line = NULL;
	size_t room = 0;
	ssize_t len;
	FILE *first;

	if (n < 100 || took == NULL) {
		fprintf(stderr, "usage: riskask FIRST TIMES LINE COMMAND...\n");
		return 2;
	}
	start(argv + 4);
	must((first = fopen(argv[1], "r")) != NULL, argv[1]);
	while ((len = getline(&line, &room, first)) > 0)
		ask(line, (size_t)len);
	must((line = realloc(line, strlen(argv[3]) + 2)) != NULL, "memory");
	len = snprintf(line, strlen(argv[3]) + 2, "%s\n", argv[3]);
	all = now_us();
	for (int i = 0; i < n; i++) {
		took[i] = now_us();
		ask(line, (size_t)len);
		took[i] = now_us() - took[i];
	}
	all = now_us() - all;
	close(to);
	waitpid(pid, NULL, 0);
	qsort(took, (size_t)n, sizeof *took, by_size);
	printf("%.1f %.1f %.0f\n", took[n / 2], took[n - 1 - n / 100], n / all * 1e6);
	return 0;
}
