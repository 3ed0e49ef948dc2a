#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/scan.h"
#include "io/state.h"
#include "io/sys.h"

#define DIR_FLAGS	(O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
#define LATCH		"latch"
#define LATCH_MAX	4096	/* bytes of it that are looked at */

static int
local(struct fault *f, const char *path, const char *what)
{
	return fault_set(f, FAULT_LOCAL, "%s: %s: %s", path, what, strerror(errno));
}

/* What a directory must be for files in it to be trusted. */
static int
judge_dir(const struct stat *st, const char *dir, struct fault *f)
{
	if (st->st_uid != geteuid())
		return fault_set(f, FAULT_LOCAL, "%s: belongs to another user", dir);
	if ((st->st_mode & 022) != 0)
		return fault_set(f, FAULT_LOCAL, "others may write it (mode %04o): chmod 700 %s",
		    (unsigned)st->st_mode & 07777, dir);
	return 0;
}

static int
check_dir(int fd, const char *dir, struct fault *f)
{
	struct stat st;

	return fstat(fd, &st) == -1 ? local(f, dir, "stat") : judge_dir(&st, dir, f);
}

/* Its descriptor, -1 on a fault; -2: there is none. */
static int
open_dir(const char *dir, struct fault *f)
{
	int fd = open(dir, DIR_FLAGS);

	if (fd == -1 && errno == ENOENT)
		return -2;
	if (fd == -1)
		return local(f, dir, "not a directory to use");
	if (check_dir(fd, dir, f) == -1) {
		close(fd);
		return -1;
	}
	return fd;
}

/* As open_dir, but it is made if missing. */
static int
make_dir(const char *dir, struct fault *f)
{
	char path[512];
	size_t n = strlen(dir);
	char *s;
	int fd;

	if (n == 0 || n >= sizeof path)
		return fault_set(f, FAULT_LOCAL, "directory name empty or too long");
	if ((fd = open_dir(dir, f)) != -2)
		return fd;
	memcpy(path, dir, n + 1);
	for (s = path + 1; (s = strchr(s, '/')) != NULL; *s++ = '/') {
		*s = '\0';
		if (mkdir(path, 0700) == -1 && errno != EEXIST)
			return local(f, path, "mkdir");
	}
	if (mkdir(path, 0700) == -1 && errno != EEXIST)
		return local(f, path, "mkdir");
	if ((fd = open_dir(dir, f)) == -2)
		return local(f, dir, "open");
	return fd;
}

int
state_dir(const char *dir, struct fault *f)
{
	int fd = make_dir(dir, f);

	if (fd == -1)
		return -1;
	close(fd);
	return 0;
}

static bool
name_ok(const char *name)
{
	return name[0] != '\0' && name[0] != '.' && strlen(name) < 200 && strchr(name, '/') == NULL;
}

/* A new file of a name nobody else uses: pid and a count. */
static int
open_tmp(int dirfd, const char *name, char *tmp, size_t size)
{
	static _Atomic unsigned count;
	int fd, tries;

	for (tries = 0; tries < 100; tries++) {
		snprintf(tmp, size, ".%s.%ld.%u", name, (long)getpid(), count++);
		fd = openat(dirfd, tmp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd != -1 || errno != EEXIST)
			return fd;
	}
	return -1;
}

/* The content; fd is closed. */
static int
fill(int fd, const void *p, size_t n)
{
	int r = sys_write(fd, p, n), e = errno;

	if (close(fd) == -1 && r == 0)
		return -1;
	errno = e;
	return r;
}

static int
write_at(int dirfd, const char *name, const void *p, size_t n)
{
	char tmp[256];
	int fd = open_tmp(dirfd, name, tmp, sizeof tmp), e;

	if (fd == -1)
		return -1;
	if (fill(fd, p, n) == -1 || renameat(dirfd, tmp, dirfd, name) == -1) {
		e = errno;
		unlinkat(dirfd, tmp, 0);
		errno = e;
		return -1;
	}
	return 0;
}

int
state_write(const char *dir, const char *name, const void *p, size_t n, struct fault *f)
{
	int dirfd, r;

	if (!name_ok(name))
		return fault_set(f, FAULT_LOCAL, "not a name for a state file");
	if ((dirfd = make_dir(dir, f)) == -1)
		return -1;
	if ((r = write_at(dirfd, name, p, n)) == -1)
		fault_set(f, FAULT_LOCAL, "%s/%s: writing: %s", dir, name, strerror(errno));
	close(dirfd);
	return r;
}

static int
check_file(int fd, const char *name, size_t max, struct fault *f)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return local(f, name, "stat");
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & 022) != 0)
		return fault_set(f, FAULT_LOCAL,
		    "%s: not a regular file of this user that others cannot write", name);
	if (st.st_size < 0 || (unsigned long long)st.st_size > max)
		return fault_set(f, FAULT_LOCAL, "%s: larger than %zu bytes", name, max);
	return 0;
}

static int
read_whole(int fd, const char *name, struct buf *out, size_t max, struct fault *f)
{
	char part[16384];
	ssize_t got;

	while ((got = read(fd, part, sizeof part)) != 0) {
		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1)
			return local(f, name, "reading");
		buf_put(out, part, (size_t)got);
		if (out->bad || out->len > max)
			return fault_set(f, FAULT_LOCAL, "%s: too large", name);
	}
	return 0;
}

int
state_read(const char *dir, const char *name, struct buf *out, size_t max, struct fault *f)
{
	int dirfd, fd, r = -1;

	buf_reset(out);
	if (!name_ok(name))
		return fault_set(f, FAULT_LOCAL, "not a name for a state file");
	if ((dirfd = open_dir(dir, f)) < 0)
		return dirfd == -2 ? 0 : -1;
	fd = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd == -1 && errno == ENOENT)
		r = 0;
	else if (fd == -1)
		local(f, name, "open");
	else if (check_file(fd, name, max, f) == 0 && read_whole(fd, name, out, max, f) == 0)
		r = 1;
	if (fd != -1)
		close(fd);
	close(dirfd);
	return r;
}

/*
 * The kill latch
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
latch_why(int dirfd, char *why, size_t size)
{
	int fd = openat(dirfd, LATCH, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
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
latch_set(const char *dir, char *why, size_t size, struct fault *f)
{
	int dirfd = open_dir(dir, f);

	if (dirfd == -1)
		return -1;
	if (dirfd == -2)	/* it was a moment ago */
		return 0;
	latch_why(dirfd, why, size);
	close(dirfd);
	return 1;
}

/* It is looked for before every order that adds risk: by name, in two system calls. Who could
 * put another directory in place between them could as well remove the latch. */
int
latch_test(const struct profile *p, char *why, size_t size, struct fault *f)
{
	char path[sizeof p->state_dir + sizeof "/" LATCH];
	struct stat st;

	if (lstat(p->state_dir, &st) == -1)
		return errno == ENOENT ? 0 : local(f, p->state_dir, "not a directory to use");
	if (!S_ISDIR(st.st_mode)) {
		errno = ENOTDIR;
		return local(f, p->state_dir, "not a directory to use");
	}
	if (judge_dir(&st, p->state_dir, f) == -1)
		return -1;
	snprintf(path, sizeof path, "%s/" LATCH, p->state_dir);
	if (lstat(path, &st) == -1)
		return errno == ENOENT ? 0 : local(f, LATCH, "stat");
	return why != NULL && size > 0 ? latch_set(p->state_dir, why, size, f) : 1;
}

static void
latch_record(struct buf *b, const char *by, const char *reason, int64_t now_ms)
{
	jw_open(b, NULL, '{');
	jw_str(b, "e", "bf.kill");
	jw_i64(b, "E", now_ms);
	jw_str(b, "by", by);
	jw_str(b, "reason", reason);
	jw_close(b, '}');
	jw_end(b);
}

/* The file is the latch: from its creation on it holds, whether or not the
 * reason can still be written (a full disk). */
static int
latch_make(int dirfd, const char *by, const char *reason, int64_t now_ms)
{
	int fd = openat(dirfd, LATCH, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	struct buf b = { 0 };

	if (fd == -1)
		return errno == EEXIST ? 0 : -1;
	latch_record(&b, by, reason, now_ms);
	(void)fill(fd, b.p, b.bad ? 0 : b.len);
	buf_free(&b);
	return 0;
}

int
latch_trip(const struct profile *p, const char *by, const char *reason, int64_t now_ms, struct fault *f)
{
	int dirfd = make_dir(p->state_dir, f), r;

	if (dirfd == -1)
		return -1;
	r = latch_make(dirfd, by, reason, now_ms);
	if (r == -1)
		fault_set(f, FAULT_LOCAL, "the kill latch could not be set: %s/%s: %s",
		    p->state_dir, LATCH, strerror(errno));
	else if ((r = fsync(dirfd)) == -1)
		fault_set(f, FAULT_LOCAL, "the kill latch is set, but may not outlast a crash: %s: %s",
		    p->state_dir, strerror(errno));
	close(dirfd);
	return r;
}

/* Somebody's `mkdir latch` latches too. */
static int
latch_remove(int dirfd)
{
	if (unlinkat(dirfd, LATCH, 0) == 0)
		return 0;
	return errno == EISDIR ? unlinkat(dirfd, LATCH, AT_REMOVEDIR) : -1;
}

int
latch_reset(const struct profile *p, struct fault *f)
{
	int dirfd = open_dir(p->state_dir, f), r = 1;

	if (dirfd < 0)
		return dirfd == -2 ? 0 : -1;
	if (latch_remove(dirfd) == -1)
		r = errno == ENOENT ? 0 : local(f, p->state_dir, "removing the kill latch");
	else if (fsync(dirfd) == -1)
		r = local(f, p->state_dir, "fsync");
	close(dirfd);
	return r;
}
