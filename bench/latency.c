/*
 * How old records are when their line is read: COUNT lines of wsblast's events from
 * standard input, the first tenth not counted; p50, p99 and the worst in microseconds.
 *
 *	bf-stream ... | latency COUNT
 */
#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int
by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

int
main(int argc, char *argv[])
{
	static char buf[1u << 20];
	long want = argc == 2 ? atol(argv[1]) : 0, n = 0, skip = want / 10;
	int64_t *age = calloc((size_t)(want > 0 ? want : 1), sizeof *age);
	size_t have = 0;
	ssize_t got;

	if (want < 10 || age == NULL)
		errx(2, "usage: latency COUNT");
	while (n < want && (got = read(STDIN_FILENO, buf + have, sizeof buf - 1 - have)) > 0) {
		char *p = buf, *nl, *at;
		struct timespec ts;
		int64_t now;

		clock_gettime(CLOCK_REALTIME, &ts);
		now = (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
		have += (size_t)got;
		buf[have] = '\0';
		for (; (nl = memchr(p, '\n', have - (size_t)(p - buf))) != NULL; p = nl + 1) {
			*nl = '\0';
			if ((at = strstr(p, "\"ns\":")) != NULL && n < want)
				age[n++] = now - strtoll(at + 5, NULL, 10);
		}
		have -= (size_t)(p - buf);
		memmove(buf, p, have);
	}
	if (n <= skip)
		errx(1, "only %ld lines", n);
	qsort(age + skip, (size_t)(n - skip), sizeof *age, by_size);
	printf("%.1f %.1f %.1f\n", (double)age[skip + (n - skip) / 2] / 1e3,
	    (double)age[skip + (n - skip) * 99 / 100] / 1e3, (double)age[n - 1] / 1e3);
	return 0;
}
