#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "save.h"

#define TAIL_MAX	(1 << 20)	/* bytes looked at to find where a file ends */
#define HEAD_MAX	4096

static int
local(const struct save *s, const char *what, struct fault *f)
{
	return fault_set(f, FAULT_LOCAL, "%s: %s: %s", s->path, what, strerror(errno));
}

static int
not_ours(const struct save *s, struct fault *f)
{
	return fault_set(f, FAULT_USAGE, "--save %s: it was not begun by --save, and is left alone", s->path);
}

/* n bytes of the file from at on; fewer at its end. */
static ssize_t
read_at(int fd, char *p, size_t n, int64_t at)
{
	size_t done = 0;
	ssize_t got;

	while (done < n) {
		got = pread(fd, p + done, n - done, (off_t)at + (off_t)done);
		if (got == 0)
			break;
		if (got == -1 && errno != EINTR)
			return -1;
		if (got > 0)
			done += (size_t)got;
	}
	return (ssize_t)done;
}

/*
 * The first line
 */

/* The member of the file's line that is other than that of ours; NULL if none is. */
static const struct tok *
differs(const struct tok *t, const struct tok *u)
{
	const struct tok *k, *v, *w;
	char name[32];

	for (k = scan_first(t); k != NULL; k = scan_next(t, t, v)) {
		v = scan_next(t, t, k);
		if (scan_is(k, "E") || scan_is(k, "from"))
			continue;
		if (!scan_str(k, name, sizeof name) || (w = scan_get(u, u, name)) == NULL ||
		    v->kind != w->kind || v->len != w->len || memcmp(v->p, w->p, v->len) != 0)
			return k;
	}
	return NULL;
}

/* What a line is of, for a sentence: "klines BTCUSDT 1m". */
static void
put_what(struct buf *b, const struct tok *t)
{
	static const char *const part[] = { "market", "what", "s", "ct", "i" };
	char text[80];

	for (size_t i = 0; i < sizeof part / sizeof *part; i++)
		if (scan_get_str(t, t, part[i], text, sizeof text))
			buf_printf(b, "%s%s", b->len > 0 ? " " : "", text);
}

static int
other(const struct save *s, const struct tok *t, const struct tok *u, struct fault *f)
{
	struct buf have = { 0 }, want = { 0 };

	put_what(&have, t);
	put_what(&want, u);
	fault_set(f, FAULT_USAGE, "--save %s: the file is of %s, not of %s", s->path,
	    have.len > 0 ? have.p : "something else", want.len > 0 ? want.p : "that");
	buf_free(&have);
	buf_free(&want);
	return -1;
}

static int
compare(struct save *s, const struct tok *t, const struct tok *u, struct fault *f)
{
	int64_t from;

	if (t->kind != SCAN_OBJ || !scan_get_is(t, t, "e", "bf.range") || !scan_get_i64(t, t, "from", &s->from))
		return not_ours(s, f);
	if (t->n != u->n || differs(t, u) != NULL)
		return other(s, t, u, f);
	if (scan_get_i64(u, u, "from", &from) && from < s->from)
		return fault_set(f, FAULT_USAGE, "--since: %lld is before %lld, where %s begins: "
		    "take that, or another file", (long long)from, (long long)s->from, s->path);
	return 0;
}

/* The first line that is there (n bytes) against the one that would be written. */
static int
check_head(struct save *s, const char *line, size_t n, const char *head, size_t hn, struct fault *f)
{
	struct scan have = { 0 }, want = { 0 };
	int r;

	if (scan_doc(&want, head, hn) <= 0)
		r = fault_set(f, FAULT_LOCAL, "out of memory");
	else
		r = scan_doc(&have, line, n) <= 0 ? not_ours(s, f) : compare(s, have.t, want.t, f);
	scan_free(&have);
	scan_free(&want);
	return r;
}

/*
 * Opening
 */

static int
cut_at(struct save *s, int64_t at, struct fault *f)
{
	if (ftruncate(s->fd, (off_t)at) == -1 || lseek(s->fd, (off_t)at, SEEK_SET) == -1)
		return local(s, "cutting off a torn line", f);
	s->end = at;
	return 0;
}

/* A new file, or one whose first line never was whole. Its name must last too. */
static int
begin(struct save *s, const char *head, size_t n, struct fault *f)
{
	const char *slash = strrchr(s->path, '/');
	char *dir = slash == NULL ? strdup(".") : strndup(s->path, (size_t)(slash - s->path) + 1);
	struct buf b = { 0 };
	int fd, r;

	if (dir != NULL && (fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) != -1) {
		(void)fsync(fd);	/* not every file system can */
		close(fd);
	}
	free(dir);
	if (cut_at(s, 0, f) == -1)
		return -1;
	buf_put(&b, head, n);
	buf_chr(&b, '\n');
	r = save_put(s, &b, f) == -1 ? -1 : save_flush(s, false, f);
	buf_free(&b);
	return r;
}

/* The whole lines at the end of a file of size bytes whose first line has `first`. */
static int
read_tail(struct save *s, int64_t size, int64_t first, struct fault *f)
{
	int64_t at = size - first > TAIL_MAX ? size - TAIL_MAX : first;
	char *text = malloc((size_t)(size - at) + 1);
	const char *nl, *p = text;
	ssize_t got;

	if (text == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	if ((got = read_at(s->fd, text, (size_t)(size - at), at)) != size - at) {
		free(text);
		return local(s, "reading", f);
	}
	nl = got == 0 ? NULL : memrchr(text, '\n', (size_t)got);
	if (at > first)		/* begun within a line */
		p = nl == NULL ? NULL : (const char *)memchr(text, '\n', (size_t)got) + 1;
	if (nl != NULL && p <= nl)
		buf_put(&s->tail, p, (size_t)(nl + 1 - p));
	size = nl == NULL ? at : at + (nl + 1 - text);
	free(text);
	if (p == NULL || (at > first && s->tail.len == 0))	/* a line as long as no record is */
		return not_ours(s, f);
	return s->tail.bad ? fault_set(f, FAULT_LOCAL, "out of memory") : cut_at(s, size, f);
}

static int
take_up(struct save *s, int64_t size, const char *head, size_t n, struct fault *f)
{
	char first[HEAD_MAX];
	ssize_t got = read_at(s->fd, first, sizeof first, 0);
	const char *nl;

	if (got == -1)
		return local(s, "reading", f);
	if ((nl = memchr(first, '\n', (size_t)got)) == NULL)
		return (size_t)got <= n && memcmp(first, head, (size_t)got) == 0 ?
		    begin(s, head, n, f) : not_ours(s, f);
	if (check_head(s, first, (size_t)(nl - first), head, n, f) == -1)
		return -1;
	return read_tail(s, size, nl + 1 - first, f);
}

static int
not_plain(const struct save *s, struct fault *f)
{
	return fault_set(f, FAULT_USAGE, "--save %s: not a plain file", s->path);
}

int
save_open(struct save *s, const char *path, const char *head, size_t n, struct fault *f)
{
	struct stat st;

	*s = (struct save){ .path = path, .from = INT64_MAX };
	if ((s->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0600)) == -1)
		return errno == EISDIR ? not_plain(s, f) : local(s, "opening", f);
	out_init(&s->out, s->fd);
	if (fstat(s->fd, &st) == -1)
		return local(s, "stat", f);
	if (!S_ISREG(st.st_mode))
		return not_plain(s, f);
	if (flock(s->fd, LOCK_EX | LOCK_NB) == -1)
		return fault_set(f, FAULT_USAGE, "--save %s: another run is writing it", path);
	if (fstat(s->fd, &st) == -1)	/* as it is now that nobody else writes */
		return local(s, "stat", f);
	return st.st_size == 0 ? begin(s, head, n, f) : take_up(s, st.st_size, head, n, f);
}

/*
 * Lines
 */

bool
save_back(const struct save *s, const char **end, const char **line, size_t *n)
{
	const char *stop = *end != NULL ? *end : s->tail.p + s->tail.len, *nl;

	if (s->tail.len == 0 || stop <= s->tail.p)
		return false;
	nl = memrchr(s->tail.p, '\n', (size_t)(stop - 1 - s->tail.p));
	*line = *end = nl == NULL ? s->tail.p : nl + 1;
	*n = (size_t)(stop - 1 - *line);
	return true;
}

int
save_cut(struct save *s, const char *p, struct fault *f)
{
	size_t off = (size_t)(s->tail.p + s->tail.len - p);

	s->tail.len -= off;
	return cut_at(s, s->end - (int64_t)off, f);
}

/* What writing says names a descriptor: the path is better. */
static int
named(const struct save *s, int r, struct fault *f)
{
	struct fault was;

	if (r == -1) {
		was = *f;
		fault_set(f, FAULT_LOCAL, "%s: %s", s->path, was.text);
	}
	return r;
}

int
save_put(struct save *s, struct buf *rec, struct fault *f)
{
	return named(s, out_records(&s->out, rec, f), f);
}

int
save_flush(struct save *s, bool sync, struct fault *f)
{
	if (named(s, out_flush(&s->out, f), f) == -1)
		return -1;
	return sync && fsync(s->fd) == -1 ? local(s, "fsync", f) : 0;
}

void
save_close(struct save *s)
{
	if (s->path == NULL)
		return;
	if (s->fd != -1)
		close(s->fd);
	out_free(&s->out);
	buf_free(&s->tail);
	*s = (struct save){ .fd = -1 };
}
