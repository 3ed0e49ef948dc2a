#include <stdio.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/scan.h"
#include "feed.h"
#include "io/lines.h"

#define TOKENS		256	/* of one line: a markPriceUpdate has some 20 */
#define BATCH		32	/* records of one turn, so that clients are served between */
#define PEEK_LINES	4096	/* looked ahead for the first price of each symbol */
#define PEEK_SYMBOLS	64

struct feed {
	struct feed_opts o;
	struct feed_app app;
	struct lines in;
	bool	file, waiting, started, ended;
	bool	have;			/* next is the record that is to come */
	struct feed_record next;
	int64_t	first_E, start_ms;	/* the pace: E of the first record, and when it was */
};

/*
 * One line
 */

enum verdict { LINE_PASS = 0, LINE_RECORD = 1, LINE_BAD = -1 };

static const struct tok *
find_record(const struct tok *t)
{
	const struct tok *data = scan_get(t, t, "data");

	return data != NULL && data->kind == SCAN_OBJ ? data : t;
}

static enum verdict
read_line(const char *p, size_t n, struct feed_record *r, const char **why)
{
	struct tok t[TOKENS];
	const struct tok *o;
	int got = scan_json(p, n, t, TOKENS, NULL);

	if (got == SCAN_EMPTY || got == SCAN_FULL)
		return LINE_PASS;	/* more tokens than a mark price has: another kind */
	if (got < 0 || t->kind != SCAN_OBJ) {
		*why = got < 0 ? scan_strerror(got) : "not a JSON object";
		return LINE_BAD;
	}
	o = find_record(t);
	if (!scan_get_is(t, o, "e", "markPriceUpdate"))
		return LINE_PASS;
	if (!scan_get_str(t, o, "s", r->symbol, sizeof r->symbol))
		*why = "s: no symbol";
	else if (!scan_get_dec(t, o, "p", &r->price) || dec_sign(r->price) <= 0)
		*why = "p: no price";
	else if (!scan_get_i64(t, o, "E", &r->E))
		*why = "E: no time";
	else
		return LINE_RECORD;
	return LINE_BAD;
}

/*
 * Opening
 */

/* A FIFO is held open for writing too, so that its end never comes. */
static int
open_path(const char *path, bool *file, struct fault *f)
{
	struct stat st;
	int fd;

	*file = false;
	if (strcmp(path, "-") == 0)
		return STDIN_FILENO;
	if (stat(path, &st) == -1) {
		fault_set(f, FAULT_USAGE, "--feed %s: %s", path, strerror(errno));
		return -1;
	}
	*file = S_ISREG(st.st_mode);
	fd = open(path, (S_ISFIFO(st.st_mode) ? O_RDWR : O_RDONLY) | O_NONBLOCK | O_CLOEXEC);
	if (fd == -1)
		fault_set(f, FAULT_USAGE, "--feed %s: %s", path, strerror(errno));
	return fd;
}

struct feed *
feed_open(const struct feed_opts *o, const struct feed_app *app, struct fault *f)
{
	struct feed *fd = calloc(1, sizeof *fd);
	int in;

	if (fd == NULL) {
		fault_set(f, FAULT_LOCAL, "out of memory");
		return NULL;
	}
	if ((in = open_path(o->path, &fd->file, f)) == -1) {
		free(fd);
		return NULL;
	}
	fd->o = *o;
	fd->app = *app;
	fd->waiting = o->wait;
	lines_init(&fd->in, in);
	return fd;
}

void
feed_close(struct feed *fd)
{
	int in;

	if (fd == NULL)
		return;
	in = fd->in.fd;
	lines_free(&fd->in);
	if (in > STDIN_FILENO)
		close(in);
	free(fd);
}

static void
finish(struct feed *fd)
{
	if (fd->ended)
		return;
	fd->ended = true;
	fd->app.end(fd->app.ctx);
}

/*
 * Lines
 */

/* 1: a record, 0: none now, -1: the end. Bad lines are told and passed over. */
static int
next_record(struct feed *fd, struct feed_record *r)
{
	const char *p, *why = "a line longer than is read";
	enum verdict v;
	size_t n;

	for (;;) {
		v = LINE_BAD;
		switch (lines_next(&fd->in, &p, &n)) {
		case LINE_NONE:
			return 0;
		case LINE_END:
			return -1;
		case LINE_LONG:
			break;
		case LINE_PARTIAL:
		case LINE_OK:
			v = read_line(p, n, r, &why);
			break;
		}
		r->line = fd->in.number;
		if (v == LINE_RECORD)
			return 1;
		if (v == LINE_BAD)
			fd->app.bad(fd->app.ctx, fd->in.number, why);
	}
}

/* The same, reading on: for files, which never keep one waiting. */
static int
read_record(struct feed *fd, struct feed_record *r)
{
	struct fault f;
	int got;

	while ((got = next_record(fd, r)) == 0)
		if (lines_fill(&fd->in, &f) == -1) {
			fd->app.bad(fd->app.ctx, fd->in.number + 1, f.text);
			return -1;
		}
	return got;
}

static void
say_nothing(void *ctx, unsigned long long line, const char *why)
{
	(void)ctx;
	(void)line;
	(void)why;
}

static bool
first_time(char seen[PEEK_SYMBOLS][SYMBOL_MAX], int *n, const char *symbol)
{
	for (int i = 0; i < *n; i++)
		if (strcmp(seen[i], symbol) == 0)
			return false;
	if (*n == PEEK_SYMBOLS)
		return false;
	snprintf(seen[(*n)++], SYMBOL_MAX, "%s", symbol);
	return true;
}

void
feed_peek(struct feed *fd, void (*record)(void *ctx, const struct feed_record *r), void *ctx)
{
	char seen[PEEK_SYMBOLS][SYMBOL_MAX];
	void (*bad)(void *, unsigned long long, const char *) = fd->app.bad;
	struct feed_record r;
	int n = 0, in = fd->in.fd;

	if (!fd->file)
		return;
	fd->app.bad = say_nothing;	/* it is said when the line is used */
	while (fd->in.number < PEEK_LINES && read_record(fd, &r) == 1)
		if (first_time(seen, &n, r.symbol))
			record(ctx, &r);
	fd->app.bad = bad;
	lines_free(&fd->in);
	lines_init(&fd->in, in);
	(void)lseek(in, 0, SEEK_SET);
}

/*
 * Pipes
 */

int
feed_fd(const struct feed *fd)
{
	return fd->file || fd->ended || (fd->waiting && fd->started) ? -1 : fd->in.fd;
}

/* Of a pipe that waits, the first record is used at once. */
static void
take_lines(struct feed *fd)
{
	struct feed_record r;
	int got = 0;

	while (!(fd->waiting && fd->started) && (got = next_record(fd, &r)) == 1) {
		fd->started = true;
		fd->app.record(fd->app.ctx, &r);
	}
	if (got == -1)
		finish(fd);
}

void
feed_input(struct feed *fd)
{
	struct fault f;

	if (lines_fill(&fd->in, &f) == -1) {
		fd->app.bad(fd->app.ctx, fd->in.number + 1, f.text);
		finish(fd);
		return;
	}
	take_lines(fd);
}

/*
 * Files
 */

static void
fetch(struct feed *fd)
{
	fd->have = read_record(fd, &fd->next) == 1;
	if (!fd->have)
		finish(fd);
}

static void
use(struct feed *fd)
{
	fd->have = false;
	fd->app.record(fd->app.ctx, &fd->next);
	fetch(fd);
}

void
feed_start(struct feed *fd, int64_t now_ms)
{
	if (!fd->file)
		return;
	fetch(fd);
	if (!fd->have)
		return;
	fd->started = true;
	fd->first_E = fd->next.E;
	fd->start_ms = now_ms;
	use(fd);
}

bool
feed_waits(const struct feed *fd)
{
	return fd->waiting;
}

void
feed_go(struct feed *fd, int64_t now_ms)
{
	if (!fd->waiting)
		return;
	fd->waiting = false;
	fd->start_ms = now_ms;
	if (!fd->file)
		take_lines(fd);
}

int64_t
feed_due(const struct feed *fd)
{
	int64_t gap = fd->next.E - fd->first_E;
	dec wait;

	if (!fd->file || !fd->have || fd->waiting)
		return FEED_NEVER;
	if (dec_sign(fd->o.speed) == 0 || gap <= 0)
		return fd->start_ms;
	if (!dec_div(&wait, dec_int(gap), fd->o.speed, 0, DEC_DOWN) || wait.c > INT64_MAX / 4)
		return FEED_NEVER;
	return fd->start_ms + (int64_t)wait.c;
}

void
feed_tick(struct feed *fd, int64_t now_ms)
{
	for (int i = 0; i < BATCH && feed_due(fd) <= now_ms; i++)
		use(fd);
}
