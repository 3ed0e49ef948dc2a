/*
 * A latch is a file's being there. It is looked for by name, in a system call each: who could put another
 * directory in place between them could as well remove the latch.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/scan.h"
#include "io/latch.h"
#include "io/state_in.h"
#include "io/sys.h"

#define LATCH		"latch"
#define LATCH_LOG	"latch.log"
#define LATCH_MAX	4096	/* bytes of it that are looked at */
#define NAME_SIZE	256	/* "latch-SYMBOL-short" with each byte of the symbol as %XX */

static const struct latch_scope whole;

static int
local(struct fault *f, const char *path, const char *what)
{
	return fault_set(f, FAULT_LOCAL, "%s: %s: %s", path, what, strerror(errno));
}

/*
 * Names
 */

static const char *
side_word(enum order_side side)
{
	return side == SIDE_BUY ? "long" : "short";
}

static bool
is_plain(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c >= 0x80;
}

/* A symbol is text of others: no path, and nothing that reads as another name. */
static void
put_symbol(struct buf *b, const char *symbol)
{
	bool word = strcmp(symbol, "long") == 0 || strcmp(symbol, "short") == 0;

	for (const char *s = symbol; *s != '\0'; s++)
		if (is_plain((unsigned char)*s) && !(word && s == symbol))
			buf_chr(b, *s);
		else
			buf_printf(b, "%%%02X", (unsigned)(unsigned char)*s);
}

static int
latch_name(char out[static NAME_SIZE], const struct latch_scope *sc, struct fault *f)
{
	struct buf b = { 0 };
	bool fits;

	buf_str(&b, LATCH);
	if (sc->symbol != NULL) {
		buf_chr(&b, '-');
		put_symbol(&b, sc->symbol);
	}
	if (sc->side != 0)
		buf_printf(&b, "-%s", side_word(sc->side));
	fits = !b.bad && b.len < NAME_SIZE && (sc->symbol == NULL || sc->symbol[0] != '\0');
	if (fits)
		memcpy(out, b.p, b.len + 1);
	buf_free(&b);
	return fits ? 0 : fault_set(f, FAULT_LOCAL, "%.60s: not a symbol for a kill latch",
	    sc->symbol != NULL ? sc->symbol : "");
}

/*
 * Looking
 */

/* "bf-risk: daily loss", or that the file does not say. */
static void
latch_text(const char *s, size_t n, char *why, size_t size)
{
	char by[64], reason[LATCH_MAX];
	struct tok t[32];

	if (scan_json(s, n, t, 32, NULL) > 0 &&
	    scan_get_str(t, t, "by", by, sizeof by) &&
	    scan_get_str(t, t, "reason", reason, sizeof reason))
		snprintf(why, size, "%s: %s", by, reason);
	else
		snprintf(why, size, "the latch file does not say why");
}

static void
latch_why(int dirfd, const char *name, char *why, size_t size)
{
	int fd = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	char text[LATCH_MAX];
	ssize_t got = -1;

	if (fd != -1) {
		got = read(fd, text, sizeof text);
		close(fd);
	}
	latch_text(text, got > 0 ? (size_t)got : 0, why, size);
}

/* It is there: why. */
static int
latch_set(const char *dir, const char *name, char *why, size_t size, struct fault *f)
{
	int dirfd = state_open(dir, f);

	if (dirfd == -1)
		return -1;
	if (dirfd == -2)	/* it was a moment ago */
		return 0;
	latch_why(dirfd, name, why, size);
	close(dirfd);
	return 1;
}

/* 1: there is a directory to look in, 0: none, so nothing is latched. */
static int
look_dir(const struct profile *p, struct fault *f)
{
	struct stat st;

	if (lstat(p->state_dir, &st) == -1)
		return errno == ENOENT ? 0 : local(f, p->state_dir, "not a directory to use");
	if (!S_ISDIR(st.st_mode)) {
		errno = ENOTDIR;
		return local(f, p->state_dir, "not a directory to use");
	}
	return state_judge(&st, p->state_dir, f) == -1 ? -1 : 1;
}

static int
look_one(const struct profile *p, const struct latch_scope *sc, char *why, size_t size, struct fault *f)
{
	char name[NAME_SIZE], path[sizeof p->state_dir + 1 + sizeof name];
	struct stat st;

	if (latch_name(name, sc, f) == -1)
		return -1;
	snprintf(path, sizeof path, "%s/%s", p->state_dir, name);
	if (lstat(path, &st) == -1)
		return errno == ENOENT ? 0 : local(f, path, "stat");
	return why != NULL && size > 0 ? latch_set(p->state_dir, name, why, size, f) : 1;
}

int
latch_test_one(const struct profile *p, const struct latch_scope *scope, char *why, size_t size, struct fault *f)
{
	int r = look_dir(p, f);

	return r == 1 ? look_one(p, scope, why, size, f) : r;
}

int
latch_test(const struct profile *p, char *why, size_t size, struct fault *f)
{
	return latch_test_one(p, &whole, why, size, f);
}

int
latch_test_for(const struct profile *p, const char *symbol, enum order_side side, char *why, size_t size,
    struct fault *f)
{
	enum order_side also = side == 0 ? SIDE_SELL : side, first = side == 0 ? SIDE_BUY : side;
	const struct latch_scope scopes[] = {
		whole, { symbol, 0 }, { NULL, first }, { symbol, first }, { NULL, also }, { symbol, also }
	};
	size_t n = side == 0 ? 6 : 4;
	int r = look_dir(p, f);

	if (r != 1)
		return r;
	for (size_t i = 0; i < n; i++)
		if ((r = look_one(p, &scopes[i], why, size, f)) != 0)
			return r;
	return 0;
}

int
latch_each(const struct profile *p, void (*each)(void *arg, const char *name, const char *why), void *arg,
    struct fault *f)
{
	int dirfd = state_open(p->state_dir, f), e;
	char why[LATCH_MAX];
	struct dirent *d;
	DIR *dir;

	if (dirfd < 0)
		return dirfd == -2 ? 0 : -1;
	if ((dir = fdopendir(dirfd)) == NULL) {
		close(dirfd);
		return local(f, p->state_dir, "reading");
	}
	for (errno = 0; (d = readdir(dir)) != NULL; errno = 0)
		if (strcmp(d->d_name, LATCH) == 0 || strncmp(d->d_name, LATCH "-", sizeof LATCH) == 0) {
			latch_why(dirfd, d->d_name, why, sizeof why);
			each(arg, d->d_name, why);
		}
	e = errno;
	closedir(dir);
	errno = e;
	return e == 0 ? 0 : local(f, p->state_dir, "reading");
}

/*
 * Setting and clearing
 */

static void
put_record(struct buf *b, const char *step, const char *by, const char *reason, const struct latch_scope *sc,
    int64_t now_ms)
{
	jw_open(b, NULL, '{');
	jw_str(b, "e", "bf.kill");
	jw_i64(b, "E", now_ms);
	jw_str(b, "by", by);
	if (step != NULL)
		jw_str(b, "step", step);
	if (sc->symbol != NULL)
		jw_str(b, "symbol", sc->symbol);
	if (sc->side != 0)
		jw_str(b, "side", side_word(sc->side));
	jw_str(b, "reason", reason);
	jw_close(b, '}');
	jw_end(b);
}

/* One write of a whole line: two processes do not mix theirs. */
static int
put_log(int dirfd, const struct buf *b)
{
	int fd = openat(dirfd, LATCH_LOG, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);

	if (b->bad)
		errno = ENOMEM;
	if (fd == -1 || b->bad) {
		if (fd != -1)
			close(fd);
		return -1;
	}
	return state_fill(fd, b->p, b->len);
}

/* The file is the latch: from its creation on it holds, whether or not the reason can still be written (a
 * full disk), here or to the log. */
static int
latch_make(int dirfd, const char *name, const struct latch_scope *sc, const char *by, const char *reason,
    int64_t now_ms)
{
	int fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	struct buf b = { 0 };

	if (fd == -1)
		return errno == EEXIST ? 0 : -1;
	put_record(&b, NULL, by, reason, sc, now_ms);
	(void)state_fill(fd, b.p, b.bad ? 0 : b.len);
	buf_reset(&b);
	put_record(&b, "latch", by, reason, sc, now_ms);
	(void)put_log(dirfd, &b);
	buf_free(&b);
	return 0;
}

int
latch_trip(const struct profile *p, const struct latch_scope *scope, const char *by, const char *reason,
    int64_t now_ms, struct fault *f)
{
	const struct latch_scope *sc = scope != NULL ? scope : &whole;
	char name[NAME_SIZE];
	int dirfd, r;

	if (latch_name(name, sc, f) == -1 || (dirfd = state_make(p->state_dir, f)) == -1)
		return -1;
	r = latch_make(dirfd, name, sc, by, reason, now_ms);
	if (r == -1)
		fault_set(f, FAULT_LOCAL, "the kill latch could not be set: %s/%s: %s",
		    p->state_dir, name, strerror(errno));
	else if ((r = fsync(dirfd)) == -1)
		fault_set(f, FAULT_LOCAL, "the kill latch is set, but may not outlast a crash: %s: %s",
		    p->state_dir, strerror(errno));
	close(dirfd);
	return r;
}

/* Somebody's `mkdir latch` latches too. */
static int
latch_remove(int dirfd, const char *name)
{
	if (unlinkat(dirfd, name, 0) == 0)
		return 0;
	return errno == EISDIR || errno == EPERM ? unlinkat(dirfd, name, AT_REMOVEDIR) : -1;
}

/* The log first: a latch that cannot be accounted for stays. */
static int
reset_at(int dirfd, const char *name, const struct profile *p, const struct buf *line, struct fault *f)
{
	struct stat st;

	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return errno == ENOENT ? 0 : local(f, name, "stat");
	if (put_log(dirfd, line) == -1)
		return fault_set(f, FAULT_LOCAL, "the kill latch stays: %s/" LATCH_LOG ": %s", p->state_dir,
		    strerror(errno));
	if (latch_remove(dirfd, name) == -1)
		return errno == ENOENT ? 0 : local(f, p->state_dir, "removing the kill latch");
	return fsync(dirfd) == -1 ? local(f, p->state_dir, "fsync") : 1;
}

int
latch_reset(const struct profile *p, const struct latch_scope *scope, const char *by, const char *reset_reason,
    int64_t now_ms, struct fault *f)
{
	const struct latch_scope *sc = scope != NULL ? scope : &whole;
	char name[NAME_SIZE];
	struct buf b = { 0 };
	int dirfd, r;

	if (latch_name(name, sc, f) == -1)
		return -1;
	if ((dirfd = state_open(p->state_dir, f)) < 0)
		return dirfd == -2 ? 0 : -1;
	put_record(&b, "reset", by, reset_reason, sc, now_ms);
	r = reset_at(dirfd, name, p, &b, f);
	buf_free(&b);
	close(dirfd);
	return r;
}
