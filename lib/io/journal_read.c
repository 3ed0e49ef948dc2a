#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "io/journal_in.h"

/*
 * A line
 */

static bool
sealed(const char *line, size_t n)
{
	char want[CRC_LEN + 1];

	if (n < CRC_LEN)
		return false;
	journal_seal(want, line, n - CRC_LEN);
	return memcmp(line + n - CRC_LEN, want, CRC_LEN) == 0;
}

static bool
parse_line(struct journal *j, const char *line, size_t n, struct journal_line *l)
{
	const struct tok *t, *data;

	if (!sealed(line, n) || scan_doc(&j->doc, line, n) < 0)
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

/*
 * A part of a file
 */

struct part {
	const char *path;
	int	    fd;
	off_t	    at, end;	/* end: what is written after we began is not read */
	off_t	    tail;	/* only so much of the end; 0: all */
	int	   *damaged;
	bool	    tell;
	int	  (*each)(void *arg, const struct journal_line *l);
	void	   *arg;
};

/* Read on. */
static int
fill(struct lines *in, struct part *p, struct fault *f)
{
	ssize_t got = 0;
	size_t n = 0;
	char *room = lines_room(in, &n);

	if (room == NULL)
		return fault_set(f, FAULT_LOCAL, "journal: out of memory for a line of %s", p->path);
	if ((off_t)n > p->end - p->at)
		n = (size_t)(p->end - p->at);
	while (n > 0 && (got = pread(p->fd, room, n, p->at)) == -1 && errno == EINTR)
		continue;
	if (got == -1)
		return journal_local(p->path, "reading", f);
	lines_filled(in, (size_t)got);
	p->at += got;
	in->eof = got == 0;
	return 0;
}

/* Which line, and what is wrong with it. */
static void
damage(struct journal *j, const struct part *p, unsigned long long number, enum line_result got,
    const char *line, size_t n)
{
	const char *why = "not what its checksum says";
	char text[PATH_ROOM + 80];

	++*p->damaged;
	if (!p->tell || j->tell == NULL)
		return;
	if (got == LINE_LONG)
		why = "too long for a line of the journal";
	else if (sealed(line, n))
		why = "no record of the journal";
	else if (n < CRC_LEN || memcmp(line + n - CRC_LEN, ",\"crc\":\"", 8) != 0)
		why = "cut short, or overwritten";
	snprintf(text, sizeof text, "%s: line %llu: %s", p->path, number, why);
	j->tell(j->arg, text);
}

/* Every line of it. The last one may be torn: that never became an order. */
static int
read_part(struct journal *j, struct lines *in, struct part *p, struct fault *f)
{
	enum line_result got;
	struct journal_line l;
	const char *line = NULL;
	size_t n = 0;
	int r = 0;

	while (r == 0 && (got = lines_next(in, &line, &n)) != LINE_END) {
		if (got == LINE_NONE)
			r = fill(in, p, f);
		else if (got != LINE_LONG && parse_line(j, line, n, &l))
			r = p->each(p->arg, &l);
		else if (got != LINE_PARTIAL)
			damage(j, p, in->number, got, line, n);
	}
	return r;
}

/*
 * What others have put
 */

struct known *
journal_known(struct journal *j, const struct stat *st)
{
	for (int i = 0; i < 2; i++)
		if (j->known[i].ino == st->st_ino && j->known[i].dev == st->st_dev && st->st_ino != 0)
			return &j->known[i];
	return NULL;
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void
empty(struct known *k)
{
	char *id;

	while (k->ids != NULL) {
		id = *(char **)k->ids;
		tdelete(id, &k->ids, by_text);
		free(id);
	}
	memset(k, 0, sizeof *k);
}

void
journal_forget(struct journal *j)
{
	empty(&j->known[0]);
	empty(&j->known[1]);
	lines_free(&j->in);
}

/* In place of the older of the two. */
static struct known *
new_known(struct journal *j, const struct stat *st)
{
	struct known *k = &j->known[j->newest = 1 - j->newest];

	empty(k);
	k->dev = st->st_dev;
	k->ino = st->st_ino;
	return k;
}

/* Cancels are not claimed: anyone may cancel, and again. */
static int
on_other(void *arg, const struct journal_line *l)
{
	struct known *k = arg;
	char *id;

	if (strcmp(l->what, "intent") != 0 || l->id[0] == '~' || tfind(l->id, &k->ids, by_text) != NULL)
		return 0;
	if ((id = strdup(l->id)) != NULL && tsearch(id, &k->ids, by_text) != NULL)
		return 0;
	free(id);
	return -1;
}

bool
journal_taken(const struct journal *j, const char *id)
{
	for (int i = 0; i < 2; i++)
		if (id[0] != '~' && tfind(id, &j->known[i].ids, by_text) != NULL)
			return true;
	return false;
}

int
journal_learn(struct journal *j, int fd, const struct stat *st, const char *path, struct fault *f)
{
	struct known *k = journal_known(j, st);
	struct lines *in = &j->in;
	int damaged = 0;
	struct part p = { .path = path, .fd = fd, .end = st->st_size, .damaged = &damaged, .each = on_other };

	if (k == NULL)
		k = new_known(j, st);
	if (k->at > st->st_size)	/* somebody shortened it: all is new */
		k->at = 0;
	if (k->at == st->st_size)
		return 0;
	p.at = k->at;
	p.arg = k;
	in->start = in->end = in->scanned = 0;
	in->eof = in->skipping = false;
	fault_set(f, FAULT_LOCAL, "journal: out of memory");
	if (read_part(j, in, &p, f) == -1)
		return -1;
	k->at = st->st_size;
	return 0;
}

/*
 * Walking
 */

/* How much of the file is whole lines, no writer being in the middle of one. */
static int
settled(struct journal *j, int fd, const char *path, struct stat *st, struct fault *f)
{
	int r;

	if (journal_lock(j, fd, LOCK_SH, path, f) == -1)
		return -1;
	if ((r = fstat(fd, st)) == -1)
		journal_local(path, "stat", f);
	journal_unlock(fd);
	return r;
}

static int
walk_fd(struct journal *j, struct part *p, bool recent, struct fault *f)
{
	struct known *k;
	struct stat st;
	struct lines in;
	int r = settled(j, p->fd, p->path, &st, f);

	if (r == -1)
		return -1;
	p->end = st.st_size;
	lines_init(&in, p->fd);
	if (p->tail > 0 && p->tail < p->end) {
		p->at = p->end - p->tail;
		in.skipping = true;	/* the line it begins in the middle of */
	}
	r = read_part(j, &in, p, f);
	lines_free(&in);
	if (r != 0 || p->tail > 0 || !recent || j->walked || journal_known(j, &st) != NULL)
		return r;
	k = new_known(j, &st);
	k->at = st.st_size;
	return 0;
}

/* The file of that path; none is fine. recent: that others may still be writing to. */
static int
walk_file(struct journal *j, struct part p, bool recent, struct fault *f)
{
	struct stat st;
	int r;

	p.fd = open(p.path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (p.fd == -1)
		return errno == ENOENT ? 0 : journal_local(p.path, "open", f);
	r = journal_check(p.path, p.fd, &st, f);
	if (r == 0)
		r = walk_fd(j, &p, recent, f);
	close(p.fd);
	return r;
}

void
journal_on_damage(struct journal *j, void (*tell)(void *arg, const char *sentence), void *arg)
{
	j->tell = tell;
	j->arg = arg;
}

int
journal_recent(struct journal *j, off_t bytes, int64_t now_ms,
    int (*each)(void *arg, const struct journal_line *l), void *arg, struct fault *f)
{
	int64_t today = journal_day(now_ms);
	char path[PATH_ROOM];
	int damaged = 0, r = 0;
	struct part p = { .path = path, .damaged = &damaged, .each = each, .arg = arg, .tail = bytes };

	if (!j->by_day) {
		p.path = j->path;
		return walk_file(j, p, false, f);
	}
	for (int64_t day = today - 1; r == 0 && day <= today + 1; day++) {
		journal_day_path(j, day, path);
		r = walk_file(j, p, false, f);
	}
	return r;
}

/* A day more than asked: the clock may have been ahead. */
int
journal_walk(struct journal *j, int days, int64_t now_ms,
    int (*each)(void *arg, const struct journal_line *l), void *arg, int *damaged, struct fault *f)
{
	int64_t today = journal_day(now_ms), day;
	char path[PATH_ROOM];
	struct part p = { .path = path, .damaged = damaged, .tell = true, .each = each, .arg = arg };
	int r = 0;

	*damaged = 0;
	if (!j->by_day) {
		p.path = j->path;
		r = walk_file(j, p, true, f);
	}
	for (day = today - days + 1; j->by_day && r == 0 && day <= today + 1; day++) {
		journal_day_path(j, day, path);
		r = walk_file(j, p, day >= today - 1, f);
	}
	j->walked = true;
	return r;
}
