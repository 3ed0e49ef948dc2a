/*
 * memscan PID: where a text stands in the memory of a process. Reads the text (a line) from
 * standard input, that it be in no command line. Prints "locked N other M": how often in
 * memory that is kept off the disk and out of core files, and how often elsewhere.
 */
#include <err.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* How often it stands from lo to hi. */
static long
count(int mem, unsigned long lo, unsigned long hi, const char *text)
{
	size_t size = hi - lo, len = strlen(text);
	char *p = malloc(size), *at, *end;
	ssize_t got = p != NULL ? pread(mem, p, size, (off_t)lo) : -1;
	long n = 0;

	if (got > 0)
		for (at = p, end = p + got; (at = memmem(at, (size_t)(end - at), text, len)) != NULL; at++)
			n++;
	free(p);
	return n;
}

int
main(int argc, char *argv[])
{
	char text[512], line[1024], name[64];
	unsigned long lo = 0, hi = 0, a, b;
	long locked = 0, other = 0, n;
	FILE *maps;
	int mem;

	if (argc != 2 || fgets(text, sizeof text, stdin) == NULL)
		errx(2, "usage: memscan PID < text");
	text[strcspn(text, "\n")] = '\0';
	snprintf(name, sizeof name, "/proc/%s/mem", argv[1]);
	if ((mem = open(name, O_RDONLY)) == -1)
		err(1, "%s", name);
	snprintf(name, sizeof name, "/proc/%s/smaps", argv[1]);
	if ((maps = fopen(name, "r")) == NULL)
		err(1, "%s", name);
	while (fgets(line, sizeof line, maps) != NULL) {
		if (sscanf(line, "%lx-%lx ", &a, &b) == 2 && strchr(line, '-') < line + 18) {
			lo = a;
			hi = b;
		} else if (strncmp(line, "VmFlags:", 8) == 0) {
			n = count(mem, lo, hi, text);
			*(strstr(line, " lo") != NULL && strstr(line, " dd") != NULL ? &locked : &other) += n;
		}
	}
	printf("locked %ld other %ld\n", locked, other);
	return 0;
}
