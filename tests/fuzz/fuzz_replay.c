/*
 * Recordings, as anybody may have written them: the lines of a file into events, and the
 * file itself, packed or not. An input's first byte says which: 'l' lines, 'p' the same with
 * pacing, 'f' a file.
 *
 * Checked besides what the sanitizers see: an event is an object of the line, and is the
 * same event when it is a line of its own; a line that is bad gave no event; no wait is
 * longer than it may be.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../cmd/bf-stream/replay.h"
#include "../../cmd/bf-stream/replay_line.h"
#include "core/buf.h"
#include "core/span.h"

static unsigned long events;	/* ever */

static void
sound(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "fuzz: %s\n", what);
	abort();
}

struct at { const char *line; size_t n; int calls; int64_t us; struct pace *pace; int64_t *mono; long speed; };

static int
again(void *arg, const struct replay_rec *r, struct fault *f)
{
	struct at *a = arg;

	(void)f;
	a->calls++;
	a->us = r->us;
	return 0;
}

/* The event as a line of its own. */
static void
alone(const struct replay_rec *r)
{
	static struct scan sc;
	struct at a = { 0 };
	struct buf b = { 0 };
	struct fault f;
	int64_t E;

	span_put(&b, r->v);
	/* One with "stream" and "data" of its own would be taken apart once more. */
	if (!b.bad && scan_get(r->t, r->v, "data") == NULL) {
		sound(replay_line(&sc, b.p, b.len, again, &a, &f) == REPLAY_OK && a.calls == 1,
		    "an event is none by itself");
		if (scan_get_i64(r->t, r->v, "E", &E) && E > 0 && E <= INT64_MAX / 1000)
			sound(a.us == E * 1000, "another time");
	}
	buf_free(&b);
}

static int
each(void *arg, const struct replay_rec *r, struct fault *f)
{
	struct at *a = arg;
	int64_t wait;

	(void)f;
	a->calls++;
	events++;
	sound(r->v->kind == SCAN_OBJ, "not an object");
	sound(r->v->p >= a->line && r->v->p + r->v->len <= a->line + a->n, "outside of the line");
	sound(r->us >= 0, "before 1970");
	sound(r->stream_n == 0 || memchr(r->stream, '\0', r->stream_n) == NULL, "a name with NUL");
	alone(r);
	if (a->pace != NULL) {
		wait = pace_wait(a->pace, r->us, a->speed, *a->mono);
		sound(wait >= 0, "a wait into the past");
		if (a->speed == 0)
			sound(wait == 0, "a wait at the highest speed");
		else
			sound(wait <= PACE_JUMP_US * 1000 / a->speed + 1, "a wait that is too long");
		*a->mono += wait;
	}
	return 0;
}

static void
lines(const char *p, size_t n, bool paced)
{
	static const long speed[] = { 1000, 1, 3, 1000000000, 0 };
	static struct scan sc;
	struct pace pace = { 0 };
	long s = speed[n % 5];
	int64_t mono = 1;
	struct fault f;

	while (n > 0) {
		const char *end = memchr(p, '\n', n);
		size_t len = end == NULL ? n : (size_t)(end - p);
		struct at a = { .line = p, .n = len, .pace = paced ? &pace : NULL, .mono = &mono, .speed = s };

		if (replay_line(&sc, p, len, each, &a, &f) == REPLAY_BAD)
			sound(a.calls == 0 && f.kind == FAULT_USAGE && f.text[0] != '\0', "a bad line gave events");
		n -= end == NULL ? len : len + 1;
		p += end == NULL ? len : len + 1;
	}
}

static int
count(void *arg, const struct replay_rec *r, struct fault *f)
{
	(void)arg;
	(void)f;
	sound(r->v->kind == SCAN_OBJ, "not an object");
	events++;
	return 0;
}

static void
file(const void *p, size_t n)
{
	static const struct replay_ops ops = { count, NULL, NULL };
	static int fd = -1;
	static volatile sig_atomic_t stop;
	char path[64], *files[] = { path };
	struct fault f = { 0 };

	if (fd == -1) {
		char name[] = "/tmp/bf-fuzz.XXXXXX";

		fd = mkstemp(name);
		sound(fd != -1, "no temporary file");
		unlink(name);
	}
	sound(ftruncate(fd, 0) == 0 && pwrite(fd, p, n, 0) == (ssize_t)n && lseek(fd, 0, SEEK_SET) == 0,
	    "the temporary file");
	snprintf(path, sizeof path, "/dev/fd/%d", fd);
	if (replay_run(files, 1, 0, &ops, NULL, &stop, &f) == -1)
		sound(f.kind == FAULT_USAGE && f.text[0] != '\0', "an error of another kind");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy;

	if (size < 2 || size > 65536 || (copy = malloc(size - 1)) == NULL)
		return 0;
	memcpy(copy, data + 1, size - 1);	/* of its own, so that its end is watched */
	switch (data[0]) {
	case 'l': lines(copy, size - 1, false); break;
	case 'p': lines(copy, size - 1, true); break;
	case 'f': file(copy, size - 1); break;
	default: break;
	}
	free(copy);
	return 0;
}
