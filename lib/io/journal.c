#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/scan.h"
#include "io/journal.h"
#include "io/lines.h"
#include "io/state.h"

#define DAY_MS	86400000
#define CRC_LEN	18	/* ,"crc":"12345678"} */

struct journal {
	char		dir[512];	/* by day: the directory; else that of path */
	char		path[768];	/* the file that is or was open */
	bool		by_day;
	int64_t		day;		/* of the open file, days since 1970; by_day only */
	int		fd;		/* -1: none open */
	ino_t		known_ino;	/* the file of which we know what it holds ... */
	off_t		known;		/* ... up to here; the rest was added by others */
	void		*others, *before;	/* ids of theirs (tsearch), in this file and the one before */
	bool		walked;		/* it was walked once */
	struct buf	line;
	struct scan	doc;
};

/* CRC-32 as in zip and Ethernet, four bits at a time. */
static uint32_t
crc32(const char *p, size_t n)
{
	static const uint32_t t[16] = {
		0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
		0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
		0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c
	};
	uint32_t c = 0xffffffff;

	for (; n > 0; n--, p++) {
		c ^= (unsigned char)*p;
		c = c >> 4 ^ t[c & 15];
		c = c >> 4 ^ t[c & 15];
	}
	return ~c;
}

/*
 * Opening
 */

static int
set_file(struct journal *j, const char *file, struct fault *f)
{
	const char *slash = strrchr(file, '/');
	size_t n = slash == NULL ? 0 : (size_t)(slash - file);

	if (file[0] == '\0' || strlen(file) >= sizeof j->path || n >= sizeof j->dir)
		return fault_set(f, FAULT_USAGE, "the journal's name is empty or too long");
	snprintf(j->path, sizeof j->path, "%s", file);
	if (slash == NULL)
		snprintf(j->dir, sizeof j->dir, ".");
	else
		snprintf(j->dir, sizeof j->dir, "%.*s", n == 0 ? 1 : (int)n, file);
	return 0;
}

int
journal_open(struct journal **out, const struct profile *p, const char *file, struct fault *f)
{
	struct journal *j = calloc(1, sizeof *j);
	int r = 0;

	*out = NULL;
	if (j == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory for the journal");
	j->fd = -1;
	j->by_day = file == NULL;
	if (file != NULL)
		r = set_file(j, file, f);
	else {
		snprintf(j->dir, sizeof j->dir, "%s/journal", p->state_dir);
		r = state_dir(j->dir, f);
	}
	if (r == -1) {
		journal_close(j);
		return -1;
	}
	*out = j;
	return 0;
}

static void
close_file(struct journal *j)
{
	if (j->fd != -1)
		close(j->fd);
	j->fd = -1;
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void
empty(void **root)
{
	char *id;

	while (*root != NULL) {
		id = *(char **)*root;
		tdelete(id, root, by_text);
		free(id);
	}
}

void
journal_close(struct journal *j)
{
	if (j == NULL)
		return;
	close_file(j);
	empty(&j->others);
	empty(&j->before);
	buf_free(&j->line);
	scan_free(&j->doc);
	free(j);
}

static int
local(struct journal *j, const char *what, struct fault *f)
{
	return fault_set(f, FAULT_LOCAL, "journal: %s: %s: %s", what, strerror(errno), j->path);
}

static void
day_path(struct journal *j, int64_t day)
{
	time_t t = (time_t)(day * (DAY_MS / 1000));
	struct tm tm = { 0 };

	gmtime_r(&t, &tm);
	snprintf(j->path, sizeof j->path, "%s/%04d-%02d-%02d.ndjson", j->dir,
	    tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
}

static int64_t
day_of(int64_t ms)
{
	return ms >= 0 ? ms / DAY_MS : (ms + 1) / DAY_MS - 1;
}

/* It holds positions and orders: nobody else's business, and nobody else's to change. */
static int
check_file(struct journal *j, int fd, struct fault *f)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return local(j, "stat", f);
	if (!S_ISREG(st.st_mode))
		return fault_set(f, FAULT_LOCAL, "journal: not a regular file: %s", j->path);
	if (st.st_uid != geteuid())
		return fault_set(f, FAULT_LOCAL, "journal: belongs to another user: %s", j->path);
	if ((st.st_mode & 077) != 0)
		return fault_set(f, FAULT_LOCAL, "journal: others may use it (mode %04o): chmod 600 %s",
		    (unsigned)st.st_mode & 07777, j->path);
	return 0;
}

/* The name too must be on the disk, whoever made the file. */
static int
sync_dir(struct journal *j, struct fault *f)
{
	int fd = open(j->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), r;

	if (fd == -1)
		return local(j, "opening its directory", f);
	if ((r = fsync(fd)) == -1)
		local(j, "its directory", f);
	close(fd);
	return r;
}

static int
open_file(struct journal *j, struct fault *f)
{
	int fd = open(j->path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);

	if (fd == -1)
		return local(j, "open", f);
	if (check_file(j, fd, f) == -1 || sync_dir(j, f) == -1) {
		close(fd);
		return -1;
	}
	j->fd = fd;
	return 0;
}

/* The file for this time, open. */
static int
open_for(struct journal *j, int64_t now_ms, struct fault *f)
{
	int64_t day = day_of(now_ms);

	if (j->by_day && j->fd != -1 && j->day != day)
		close_file(j);
	if (j->fd != -1)
		return 0;
	if (j->by_day)
		day_path(j, day);
	j->day = day;
	return open_file(j, f);
}

/*
 * Reading
 */

static bool
crc_ok(const char *line, size_t n)
{
	char want[CRC_LEN + 1];

	if (n < CRC_LEN)
		return false;
	snprintf(want, sizeof want, ",\"crc\":\"%08x\"}", (unsigned)crc32(line, n - CRC_LEN));
	return memcmp(line + n - CRC_LEN, want, CRC_LEN) == 0;
}

static bool
parse_line(struct journal *j, const char *line, size_t n, struct journal_line *l)
{
	const struct tok *t, *data;

	if (!crc_ok(line, n) || scan_doc(&j->doc, line, n) < 0)
		return false;
	t = j->doc.t;
	if (!scan_get_is(t, t, "e", "bf.journal") || !scan_get_i64(t, t, "E", &l->at_ms) ||
	    !scan_get_str(t, t, "what", l->what, sizeof l->what) ||
	    !scan_get_str(t, t, "id", l->id, sizeof l->id) ||
	    (data = scan_get(t, t, "data")) == NULL)
		return false;
	l->line = line;
	l->n = n;
	l->data = data->kind == SCAN_STR ? data->p - 1 : data->p;
	l->data_n = data->len + (data->kind == SCAN_STR ? 2u : 0u);
	return true;
}

struct walk {
	int	(*each)(void *arg, const struct journal_line *l);
	void	 *arg;
	int	 *damaged;
};

/* Read on, but not what was written after we began (by each itself, perhaps). */
static int
fill_to(struct lines *in, off_t size, struct fault *f)
{
	if (lseek(in->fd, 0, SEEK_CUR) < size)
		return lines_fill(in, f);
	in->eof = true;
	return 0;
}

/* From where fd stands up to size. */
static int
walk_to(struct journal *j, int fd, off_t size, const struct walk *w, struct fault *f)
{
	enum line_result got = LINE_NONE;
	struct journal_line l;
	struct lines in;
	const char *p;
	size_t n;
	int r = 0;

	lines_init(&in, fd);
	while (r == 0 && (got = lines_next(&in, &p, &n)) != LINE_END) {
		if (got == LINE_NONE)
			r = fill_to(&in, size, f);
		else if (got != LINE_LONG && parse_line(j, p, n, &l))
			r = w->each(w->arg, &l);
		else if (got != LINE_PARTIAL)	/* that one is torn: it never became an order */
			++*w->damaged;
	}
	lines_free(&in);
	return r;
}

/*
 * Writing
 */

/* In JSON a raw newline can only be white space between tokens. */
static void
put_data(struct buf *b, const char *data, size_t n)
{
	size_t from;

	jw_raw(b, "data", "", 0);
	from = b->len;
	buf_put(b, n > 0 ? data : "null", n > 0 ? n : 4);
	for (; !b->bad && from < b->len; from++)
		if (b->p[from] == '\n' || b->p[from] == '\r')
			b->p[from] = ' ';
}

/* The line, behind a newline: it is written from p + 1, or from p to end what
 * a killed writer left. */
static int
make_line(struct journal *j, int64_t now_ms, const char *what, const char *id,
    const char *data, size_t n, struct fault *f)
{
	struct buf *b = &j->line;

	buf_reset(b);
	buf_chr(b, '\n');
	jw_open(b, NULL, '{');
	jw_str(b, "e", "bf.journal");
	jw_i64(b, "E", now_ms);
	jw_str(b, "what", what);
	jw_str(b, "id", id);
	put_data(b, data, n);
	if (!b->bad)
		buf_printf(b, ",\"crc\":\"%08x\"}\n", (unsigned)crc32(b->p + 1, b->len - 1));
	if (b->bad)
		return fault_set(f, FAULT_LOCAL, "journal: out of memory");
	if (b->len > LINE_MAX_BYTES || scan_doc(&j->doc, b->p, b->len) < 0)
		return fault_set(f, FAULT_LOCAL, "journal: the record of %.40s is too long or no JSON", id);
	return 0;
}

static int
lock(int fd, int how)
{
	int r;

	while ((r = flock(fd, how)) == -1 && errno == EINTR)
		continue;
	return r;
}

/* Whole or not at all. Under the lock, so what is cut off again is ours. */
static int
append(int fd, const char *p, size_t n, off_t size)
{
	ssize_t put;
	int e;

	while ((put = write(fd, p, n)) == -1 && errno == EINTR)
		continue;
	if (put == (ssize_t)n)
		return 0;
	e = put == -1 ? errno : ENOSPC;
	if (put > 0 && ftruncate(fd, size) == -1)
		e = errno;
	errno = e;
	return -1;
}

/* An intent of another process. */
static int
on_other(void *arg, const struct journal_line *l)
{
	struct journal *j = arg;
	char *id;

	if (strcmp(l->what, "intent") != 0 || tfind(l->id, &j->others, by_text) != NULL)
		return 0;
	if ((id = strdup(l->id)) != NULL && tsearch(id, &j->others, by_text) != NULL)
		return 0;
	free(id);
	return -1;
}

/* Whether others have put an intent of that id since the first walk: 1, 0, -1.
 * Reads what they added, and notes how far. */
static int
taken(struct journal *j, const char *id, const struct stat *st, struct fault *f)
{
	int damaged = 0;
	const struct walk w = { on_other, j, &damaged };

	if (st->st_ino != j->known_ino || st->st_size < j->known) {	/* another day */
		empty(&j->before);
		j->before = j->others;
		j->others = NULL;
		j->known_ino = st->st_ino;
		j->known = 0;
	}
	fault_set(f, FAULT_LOCAL, "journal: out of memory");
	if (j->known < st->st_size && (lseek(j->fd, j->known, SEEK_SET) == -1 ||
	    walk_to(j, j->fd, st->st_size, &w, f) == -1))
		return -1;
	j->known = st->st_size;
	return tfind(id, &j->others, by_text) != NULL || tfind(id, &j->before, by_text) != NULL;
}

/* What append_line did. */
enum { APPENDED, REMOVED, TAKEN };	/* or -1 */

/* With the lock held, so that of two who claim an id one is the second. */
static int
append_locked(struct journal *j, const char *claim, struct fault *f)
{
	struct stat st;
	char last = '\n';
	int skip, r;

	if (fstat(j->fd, &st) == -1)
		return local(j, "stat", f);
	if (st.st_nlink == 0)
		return REMOVED;
	if (claim != NULL && (r = taken(j, claim, &st, f)) != 0)
		return r == -1 ? -1 : TAKEN;
	if (st.st_size > 0 && pread(j->fd, &last, 1, st.st_size - 1) != 1)
		return local(j, "reading its end", f);
	skip = last == '\n';
	if (append(j->fd, j->line.p + skip, j->line.len - (size_t)skip, st.st_size) == -1)
		return local(j, "writing", f);
	if (st.st_ino == j->known_ino && st.st_size == j->known)	/* ours need not be read */
		j->known += (off_t)j->line.len - skip;
	return APPENDED;
}

static int
append_line(struct journal *j, const char *claim, struct fault *f)
{
	int r;

	if (lock(j->fd, LOCK_EX) == -1)
		return local(j, "lock", f);
	r = append_locked(j, claim, f);
	(void)lock(j->fd, LOCK_UN);
	return r;
}

static int
put(struct journal *j, int64_t now_ms, const char *what, const char *id, const char *data, size_t n,
    bool durable, bool claim, struct fault *f)
{
	const char *claimed = claim ? id : NULL;
	int r;

	if (strlen(what) >= sizeof ((struct journal_line *)0)->what ||
	    strlen(id) >= sizeof ((struct journal_line *)0)->id)
		return fault_set(f, FAULT_LOCAL, "journal: a name that is too long");
	if (make_line(j, now_ms, what, id, data, n, f) == -1 || open_for(j, now_ms, f) == -1)
		return -1;
	if ((r = append_line(j, claimed, f)) == REMOVED) {
		close_file(j);
		if (open_for(j, now_ms, f) == -1)
			return -1;
		r = append_line(j, claimed, f);
	}
	if (r == REMOVED)
		return fault_set(f, FAULT_LOCAL, "journal: removed while in use: %s", j->path);
	if (r == APPENDED && durable && fdatasync(j->fd) == -1) {
		local(j, "fdatasync", f);
		close_file(j);	/* a second fdatasync would wrongly say all is well */
		return -1;
	}
	return r == TAKEN ? 1 : r;
}

int
journal_put(struct journal *j, int64_t now_ms, const char *what, const char *client_id,
    const char *data, size_t n, bool durable, struct fault *f)
{
	return put(j, now_ms, what, client_id, data, n, durable, false, f);
}

int
journal_claim(struct journal *j, int64_t now_ms, const char *client_id, const char *data, size_t n,
    struct fault *f)
{
	return put(j, now_ms, "intent", client_id, data, n, true, true, f);
}

/*
 * Walking
 */

/* How much of the file is whole lines, no writer being in the middle of one. */
static int
settled_size(struct journal *j, int fd, off_t *size, struct fault *f)
{
	struct stat st;
	int r;

	if (lock(fd, LOCK_SH) == -1)
		return local(j, "lock", f);
	if ((r = fstat(fd, &st)) == -1)
		local(j, "stat", f);
	else
		*size = st.st_size;
	(void)lock(fd, LOCK_UN);
	return r;
}

static int
walk_fd(struct journal *j, int fd, bool newest, const struct walk *w, struct fault *f)
{
	off_t size = 0;
	struct stat st;
	int r = settled_size(j, fd, &size, f);

	if (r == 0)
		r = walk_to(j, fd, size, w, f);
	if (r == 0 && newest && !j->walked && fstat(fd, &st) == 0) {
		j->known_ino = st.st_ino;
		j->known = size;
	}
	return r;
}

/* The file j->path; none is fine. */
static int
walk_file(struct journal *j, bool newest, const struct walk *w, struct fault *f)
{
	int fd = open(j->path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC), r;

	if (fd == -1)
		return errno == ENOENT ? 0 : local(j, "open", f);
	r = check_file(j, fd, f);
	if (r == 0)
		r = walk_fd(j, fd, newest, w, f);
	close(fd);
	return r;
}

/* A day more than asked: the clock may have been ahead. */
int
journal_walk(struct journal *j, int days, int64_t now_ms,
    int (*each)(void *arg, const struct journal_line *l), void *arg, int *damaged, struct fault *f)
{
	struct walk w = { each, arg, damaged };
	int64_t today = day_of(now_ms), day;
	char path[sizeof j->path];
	int r = 0;

	*damaged = 0;
	if (!j->by_day) {
		r = walk_file(j, true, &w, f);
		j->walked = true;
		return r;
	}
	memcpy(path, j->path, sizeof path);
	for (day = today - days + 1; r == 0 && day <= today + 1; day++) {
		day_path(j, day);
		r = walk_file(j, day == today, &w, f);
	}
	j->walked = true;
	memcpy(j->path, path, sizeof path);
	return r;
}
