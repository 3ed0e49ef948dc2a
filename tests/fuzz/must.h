/* What the fuzz targets share: a promise that is kept or ends the run. */
#ifndef BF_TESTS_FUZZ_MUST_H
#define BF_TESTS_FUZZ_MUST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/fault.h"
#include "core/scan.h"

#define MUST(what)	do {							\
	if (!(what)) {								\
		fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #what);	\
		abort();							\
	}									\
} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What an input caused is a fault of its own kind, and says something. */
static void
check_fault(const struct fault *f)
{
	MUST(f->kind != FAULT_NONE && f->kind != FAULT_LOCAL && *f->text != '\0');
}

/* A buffer holds one JSON value: its tokens. */
static __attribute__((unused)) const struct tok *
whole_json(struct scan *sc, const struct buf *b)
{
	MUST(!b->bad && scan_doc(sc, b->p, b->len) > 0);
	return sc->t;
}

/* The bytes as a file; the caller unlinks it. Where temporary files go, or in /tmp. */
static __attribute__((unused)) void
as_file(char name[static 200], const void *p, size_t n)
{
	const char *dir = getenv("TMPDIR");
	int fd;

	snprintf(name, 200, "%.180s/bf-fuzz.XXXXXX", dir != NULL && *dir == '/' ? dir : "/tmp");
	MUST((fd = mkstemp(name)) != -1 && write(fd, p, n) == (ssize_t)n);
	close(fd);
}

#endif
