#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <zlib.h>

#include "io/journal_in.h"

#define EDGE_MS	60000	/* about midnight: longer than the times of two requests can differ and both be taken */

/*
 * Lines
 */

void
journal_seal(char out[static CRC_LEN + 1], const char *line, size_t n)
{
	uint32_t crc = (uint32_t)crc32(0, (const Bytef *)line, (uInt)n);

	memcpy(out, ",\"crc\":\"00000000\"}", CRC_LEN + 1);
	for (int i = 15; i > 7; i--, crc >>= 4)
		out[i] = "0123456789abcdef"[crc & 15];
}

/* In JSON a raw newline can only be white space between tokens. */
static void
one_line(char *p, size_t n)
{
	char *end = p + n, *at;

	for (at = p; (at = memchr(at, '\n', (size_t)(end - at))) != NULL; )
		*at = ' ';
	for (at = p; (at = memchr(at, '\r', (size_t)(end - at))) != NULL; )
		*at = ' ';
}

static int
add_line(struct journal *j, int64_t now_ms, const char *what, const char *id, const char *data,
    size_t n, struct fault *f)
{
	struct buf *b = &j->line;
	char seal[CRC_LEN + 1];
	size_t from = b->len, len;

	if (strlen(what) >= sizeof ((struct journal_line *)0)->what ||
	    strlen(id) >= sizeof ((struct journal_line *)0)->id)
		return fault_set(f, FAULT_LOCAL, "journal: a name that is too long");
	jw_open(b, NULL, '{');
	jw_str(b, "e", "bf.journal");
	jw_i64(b, "E", now_ms);
	jw_str(b, "what", what);
	jw_str(b, "id", id);
	jw_raw(b, "data", n > 0 ? data : "null", n > 0 ? n : 4);
	jw_close(b, '}');
	if (b->bad)
		return fault_set(f, FAULT_LOCAL, "journal: out of memory");
	len = b->len - from;
	if (len + CRC_LEN > LINE_MAX_BYTES || scan_doc(&j->doc, b->p + from, len) < 0)
		return fault_set(f, FAULT_LOCAL, "journal: the record of %.40s is too long or no JSON", id);
	one_line(b->p + from, len);
	b->len--;			/* the bracket: the checksum goes before it */
	journal_seal(seal, b->p + from, len - 1);
	buf_put(b, seal, CRC_LEN);
	buf_chr(b, '\n');
	return b->bad ? fault_set(f, FAULT_LOCAL, "journal: out of memory") : 0;
}

/* Behind a newline: they are written from p + 1, or from p to end what a killed
 * writer left. */
static void
begin_lines(struct journal *j)
{
	buf_reset(&j->line);
	buf_chr(&j->line, '\n');
}

/*
 * Writing
 */

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

static int
append_lines(struct journal *j, const struct stat *st, struct fault *f)
{
	struct known *k = journal_known(j, st);
	char last = '\n';
	size_t skip, n;

	if (st->st_size > 0 && st->st_size != j->ended && pread(j->fd, &last, 1, st->st_size - 1) != 1)
		return journal_local(j->path, "reading its end", f);
	skip = last == '\n';
	n = j->line.len - skip;
	if (append(j->fd, j->line.p + skip, n, st->st_size) == -1)
		return journal_local(j->path, "writing", f);
	j->ended = st->st_size + (off_t)n;
	if (k != NULL && k->at == st->st_size)		/* ours need not be read */
		k->at += (off_t)n;
	return 0;
}

/*
 * Claiming. About midnight two requests of one id may go to two files, each by its
 * own time. So who writes to the new one reads the old one first, and who holds the
 * old one goes to the new one if it is there: the lock of the old one orders them.
 */

static bool
next_has_begun(const struct journal *j, int64_t now_ms)
{
	char path[PATH_ROOM];

	if (!j->by_day || (j->day + 1) * DAY_MS - now_ms > EDGE_MS)
		return false;
	journal_day_path(j, j->day + 1, path);
	return access(path, F_OK) == 0;
}

static int
learn_before(struct journal *j, int64_t now_ms, struct fault *f)
{
	char path[PATH_ROOM];
	struct stat st;
	int fd, r;

	if (!j->by_day || now_ms - j->day * DAY_MS > EDGE_MS)
		return 0;
	journal_day_path(j, j->day - 1, path);
	if ((fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)) == -1)
		return errno == ENOENT ? 0 : journal_local(path, "open", f);
	r = journal_check(path, fd, &st, f);
	if (r == 0 && (r = journal_lock(j, fd, LOCK_SH, path, f)) == 0) {
		if ((r = fstat(fd, &st)) == -1)
			journal_local(path, "stat", f);
		else
			r = journal_learn(j, fd, &st, path, f);
	}
	close(fd);		/* and with it the lock */
	return r;
}

static bool
is_taken(const struct journal *j, const struct journal_claim *v, int i)
{
	for (int k = 0; k < i && v[i].client_id[0] != '~'; k++)
		if (strcmp(v[k].client_id, v[i].client_id) == 0)
			return true;
	return journal_taken(j, v[i].client_id);
}

/* Line i is that of v[i]; those of the taken go. Whether any is left. */
static bool
keep_free(struct journal *j, struct journal_claim *v, int n)
{
	char *from = j->line.p + 1, *to = from, *end = j->line.p + j->line.len, *next;

	for (int i = 0; i < n; i++, from = next) {
		next = (char *)memchr(from, '\n', (size_t)(end - from)) + 1;
		v[i].taken = is_taken(j, v, i);
		if (v[i].taken)
			continue;
		memmove(to, from, (size_t)(next - from));
		to += next - from;
	}
	j->line.len = (size_t)(to - j->line.p);
	return j->line.len > 1;
}

enum { WROTE, NOTHING, MOVED, LATER };	/* or -1 */

/* With the lock held, so that of two who claim an id one is the second. */
static int
write_locked(struct journal *j, int64_t now_ms, struct journal_claim *v, int n, struct fault *f)
{
	struct stat st;

	if (lstat(j->path, &st) == -1 || st.st_ino != j->st.st_ino || st.st_dev != j->st.st_dev)
		return MOVED;
	if (v != NULL && next_has_begun(j, now_ms))
		return LATER;
	if (v != NULL && (journal_learn(j, j->fd, &st, j->path, f) == -1 || learn_before(j, now_ms, f) == -1))
		return -1;
	if (v != NULL && !keep_free(j, v, n))
		return NOTHING;
	return append_lines(j, &st, f) == -1 ? -1 : WROTE;
}

/* What is in j->line, to the file of that time. */
static int
write_lines(struct journal *j, int64_t now_ms, struct journal_claim *v, int n, struct fault *f)
{
	int64_t day = journal_day(now_ms);
	int r = MOVED, tries;

	for (tries = 0; tries < 4 && (r == MOVED || r == LATER); tries++) {
		if (journal_open_day(j, day, f) == -1 || journal_lock(j, j->fd, LOCK_EX, j->path, f) == -1)
			return -1;
		r = write_locked(j, now_ms, v, n, f);
		journal_unlock(j->fd);
		if (r == MOVED)
			journal_close_file(j);
		else if (r == LATER)
			day = j->day + 1;
	}
	if (r == MOVED || r == LATER)
		return fault_set(f, FAULT_LOCAL, "journal: removed or replaced while in use: %s", j->path);
	return r;
}

static int
sync_file(struct journal *j, struct fault *f)
{
	if (j->no_sync || fdatasync(j->fd) == 0)
		return 0;
	journal_local(j->path, "fdatasync", f);
	journal_close_file(j);		/* a second fdatasync would wrongly say all is well */
	return -1;
}

int
journal_put(struct journal *j, int64_t now_ms, const char *what, const char *client_id,
    const char *data, size_t n, bool durable, struct fault *f)
{
	begin_lines(j);
	if (add_line(j, now_ms, what, client_id, data, n, f) == -1 ||
	    write_lines(j, now_ms, NULL, 0, f) == -1)
		return -1;
	return durable ? sync_file(j, f) : 0;
}

int
journal_claim_all(struct journal *j, int64_t now_ms, struct journal_claim *v, int n, struct fault *f)
{
	int r;

	begin_lines(j);
	for (int i = 0; i < n; i++) {
		v[i].taken = false;
		if (add_line(j, now_ms, "intent", v[i].client_id, v[i].data, v[i].n, f) == -1)
			return -1;
	}
	if (n == 0 || (r = write_lines(j, now_ms, v, n, f)) == NOTHING)
		return 0;
	return r == -1 ? -1 : sync_file(j, f);
}

int
journal_claim(struct journal *j, int64_t now_ms, const char *client_id, const char *data, size_t n,
    struct fault *f)
{
	struct journal_claim c = { client_id, data, n, false };

	return journal_claim_all(j, now_ms, &c, 1, f) == -1 ? -1 : c.taken;
}
