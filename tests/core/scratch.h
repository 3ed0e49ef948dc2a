/* A directory of a test's own, gone when the test is. */
#ifndef BF_TESTS_SCRATCH_H
#define BF_TESTS_SCRATCH_H

#include <sys/stat.h>

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char scratch[256];

static inline int
scratch_make(void **state)
{
	const char *base = getenv("TMPDIR");

	(void)state;
	snprintf(scratch, sizeof scratch, "%s/bf-test.XXXXXX", base != NULL ? base : "/tmp");
	return mkdtemp(scratch) == NULL ? -1 : 0;
}

static inline int
scratch_rm(const char *path, const struct stat *st, int kind, struct FTW *w)
{
	(void)st;
	(void)kind;
	(void)w;
	return remove(path);
}

static inline int
scratch_remove(void **state)
{
	(void)state;
	return nftw(scratch, scratch_rm, 16, FTW_DEPTH | FTW_PHYS);
}

/* Its path for a name; good until the fourth call after. */
static inline const char *
in_scratch(const char *name)
{
	static char path[4][512];
	static int i;

	i = (i + 1) % 4;
	snprintf(path[i], sizeof path[i], "%s/%s", scratch, name);
	return path[i];
}

/* A file of n bytes; directories of its name are made. */
static inline void
scratch_put(const char *name, unsigned mode, const void *p, size_t n)
{
	char path[512], *s;
	int fd;

	snprintf(path, sizeof path, "%s", in_scratch(name));
	for (s = path + strlen(scratch) + 1; (s = strchr(s, '/')) != NULL; *s++ = '/') {
		*s = '\0';
		(void)mkdir(path, 0700);
	}
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd == -1 || write(fd, p, n) != (ssize_t)n || fchmod(fd, mode) == -1)
		abort();
	close(fd);
}

static inline void
scratch_text(const char *name, unsigned mode, const char *text)
{
	scratch_put(name, mode, text, strlen(text));
}

/* The content of a file there, with a NUL; the caller frees it. */
static inline char *
scratch_get(const char *name, size_t *n)
{
	int fd = open(in_scratch(name), O_RDONLY);
	char *p = malloc(1 << 20);
	ssize_t got = fd == -1 || p == NULL ? -1 : read(fd, p, (1 << 20) - 1);

	if (got == -1)
		abort();
	close(fd);
	p[got] = '\0';
	if (n != NULL)
		*n = (size_t)got;
	return p;
}

#endif
