/* Lines to standard output for the readers of make bench: gathered in out, written at once. */
#ifndef BF_BENCH_LINES_H
#define BF_BENCH_LINES_H

#include <stdlib.h>
#include <unistd.h>

static char out[2u << 20];
static size_t out_n;

static void
flush(void)
{
	for (size_t at = 0; at < out_n; ) {
		ssize_t n = write(STDOUT_FILENO, out + at, out_n - at);

		if (n <= 0)
			exit(1);
		at += (size_t)n;
	}
	out_n = 0;
}

#endif
