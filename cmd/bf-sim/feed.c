#include <stdio.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "feed.h"
#include "io/lines.h"
#include "record.h"

#define TOKENS		512		/* room at first */
#define TOKENS_MAX	(1 << 18)	/* of one line: a book of 1000 levels has some 6000 */
#define BATCH		64	/* records of one turn, so that clients are served between */
#define PEEK_LINES	4096	/* looked ahead for the first price of each symbol */

struct feed {
	struct feed_opts o;
	struct feed_app app;
	struct lines in;
	bool	file, waiting, started, ended;
	bool	have;			/* next is the record that is to come */
	struct feed_record next;
	int64_t	first_E, start_ms;	/* the pace: E of the first record, and when it was */
	struct tok *t;			/* of the line being read */
	int	cap;
	const struct tok *list, *item;	/* the array in it, and what of it comes next */
	char	stream[128];		/* of its envelope */
	struct record_levels levels;
	char	only[SYMBOL_MAX];	/* the one symbol that came so far */
	bool	several;		/* there were more */
};

/*
 * One line
 */

/* More tokens as they are needed. */
static int
scan_line(struct feed *fd, const char *p, size_t n)
{
	struct tok *t;
	int got, cap;

	while ((got = scan_json(p, n, fd->t, fd->cap, NULL)) == SCAN_FULL && fd->cap < TOKENS_MAX) {
		cap = fd->cap == 0 ? TOKENS : 2 * fd->cap;
		if ((t = realloc(fd->t, (size_t)cap * sizeof *t)) == NULL)
			return SCAN_MEMORY;
		fd->t = t;
		fd->cap = cap;
	}
	return got;
}

/* Take off the envelope; *o is what is in it. */
static enum verdict
open_line(struct feed *fd, const char *p, size_t n, const struct tok **o, const char **why)
{
	int got = scan_line(fd, p, n);
	const struct tok *data;

	fd->stream[0] = '\0';
	if (got == SCAN_EMPTY)
		return LINE_PASS;
	if (got < 0 || (fd->t->kind != SCAN_OBJ && fd->t->kind != SCAN_ARR)) {
		*why = got < 0 ? scan_strerror(got) : "not a JSON object";
		return LINE_BAD;
	}
	*o = fd->t;
	data = scan_get(fd->t, fd->t, "data");
	if (data != NULL && (data->kind == SCAN_OBJ || data->kind == SCAN_ARR)) {
		*o = data;
		(void)scan_get_str(fd->t, fd->t, "stream", fd->stream, sizeof fd->stream);
	}
	return LINE_RECORD;
}

static void
remember(struct feed *fd, const char *symbol)
{
	if (fd->several || strcmp(fd->only, symbol) == 0)
		return;
	fd->several = fd->only[0] != '\0';
	snprintf(fd->only, sizeof fd->only, "%s", fd->several ? "" : symbol);
}

static enum verdict
read_one(struct feed *fd, const struct tok *o, struct feed_record *r, const char **why)
{
	enum verdict v = record_read(fd->t, o, fd->stream, fd->only, &fd->levels, r, why);

	if (v == LINE_RECORD)
		remember(fd, r->symbol);
	r->line = fd->in.number;
	return v;
}

/* The next record of the array of a line. */
static enum verdict
read_item(struct feed *fd, struct feed_record *r, const char **why)
{
	const struct tok *o = fd->item;

	fd->item = scan_next(fd->t, fd->list, o);
	return read_one(fd, o, r, why);
}

static enum verdict
read_line(struct feed *fd, const char *p, size_t n, struct feed_record *r, const char **why)
{
	const struct tok *o;
	enum verdict v = open_line(fd, p, n, &o, why);

	if (v != LINE_RECORD)
		return v;
	if (o->kind == SCAN_OBJ)
		return read_one(fd, o, r, why);
	fd->list = o;
	fd->item = scan_first(o);
	return LINE_PASS;	/* its items are yet to come */
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
	if (S_ISDIR(st.st_mode)) {
		fault_set(f, FAULT_USAGE, "--feed %s: %s", path, strerror(EISDIR));
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
	free(fd->levels.v);
	free(fd->t);
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

/* A line of the input; *none: what next_record answers where there is none. */
static enum verdict
take_line(struct feed *fd, struct feed_record *r, const char **why, int *none)
{
	const char *p;
	size_t n;

	switch (lines_next(&fd->in, &p, &n)) {
	case LINE_NONE:
		*none = 0;
		return LINE_PASS;
	case LINE_END:
		*none = -1;
		return LINE_PASS;
	case LINE_LONG:
		*why = "a line longer than is read";
		return LINE_BAD;
	case LINE_PARTIAL:
	case LINE_OK:
		break;
	}
	return read_line(fd, p, n, r, why);
}

/* 1: a record, 0: none now, -1: the end. Bad lines are told and passed over. */
static int
next_record(struct feed *fd, struct feed_record *r)
{
	const char *why = "";
	enum verdict v;
	int none = 1;

	while (none == 1) {
		v = fd->item != NULL ? read_item(fd, r, &why) : take_line(fd, r, &why, &none);
		if (v == LINE_RECORD)
			return 1;
		if (v == LINE_BAD)
			fd->app.bad(fd->app.ctx, fd->in.number, why);
	}
	return none;
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

/* The symbols whose price is known; without memory one is told again. */
struct seen { char (*v)[SYMBOL_MAX]; size_t n; };

static bool
first_time(struct seen *s, const char *symbol)
{
	char (*v)[SYMBOL_MAX];

	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->v[i], symbol) == 0)
			return false;
	if ((v = realloc(s->v, (s->n + 1) * sizeof *v)) == NULL)
		return true;
	s->v = v;
	snprintf(s->v[s->n++], SYMBOL_MAX, "%s", symbol);
	return true;
}

/* Back to the begin of the file; the only symbol is remembered. */
static void
rewind_feed(struct feed *fd)
{
	int in = fd->in.fd;

	fd->item = NULL;
	lines_free(&fd->in);
	lines_init(&fd->in, in);
	(void)lseek(in, 0, SEEK_SET);
}

void
feed_peek(struct feed *fd, void (*record)(void *ctx, const struct feed_record *r), void *ctx)
{
	void (*bad)(void *, unsigned long long, const char *) = fd->app.bad;
	struct seen seen = { NULL, 0 };
	struct feed_record r;
	bool timed = false;

	if (!fd->file)
		return;
	fd->app.bad = say_nothing;	/* it is said when the line is used */
	while (fd->in.number < PEEK_LINES && read_record(fd, &r) == 1)
		if ((dec_sign(r.price) > 0 && first_time(&seen, r.symbol)) ||
		    (!timed && r.E != 0)) {
			record(ctx, &r);
			timed |= r.E != 0;
		}
	fd->app.bad = bad;
	free(seen.v);
	rewind_feed(fd);
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

/* The pace begins with the first record that has a time. */
static void
fetch(struct feed *fd)
{
	fd->have = read_record(fd, &fd->next) == 1;
	if (!fd->have)
		finish(fd);
	else if (fd->first_E == 0)
		fd->first_E = fd->next.E;
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
