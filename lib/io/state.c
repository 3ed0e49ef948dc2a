#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/state_in.h"
#include "io/sys.h"

#define DIR_FLAGS	(O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

static int
local(struct fault *f, const char *path, const char *what)
{
	return fault_set(f, FAULT_LOCAL, "%s: %s: %s", path, what, strerror(errno));
}

int
state_judge(const struct stat *st, const char *dir, struct fault *f)
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

	return fstat(fd, &st) == -1 ? local(f, dir, "stat") : state_judge(&st, dir, f);
}

int
state_open(const char *dir, struct fault *f)
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

int
state_make(const char *dir, struct fault *f)
{
	char path[512];
	size_t n = strlen(dir);
	char *s;
	int fd;

	if (n == 0 || n >= sizeof path)
		return fault_set(f, FAULT_LOCAL, "directory name empty or too long");
	if ((fd = state_open(dir, f)) != -2)
		return fd;
	memcpy(path, dir, n + 1);
	for (s = path + 1; (s = strchr(s, '/')) != NULL; *s++ = '/') {
		*s = '\0';
		if (mkdir(path, 0700) == -1 && errno != EEXIST)
			return local(f, path, "mkdir");
	}
	if (mkdir(path, 0700) == -1 && errno != EEXIST)
		return local(f, path, "mkdir");
	if ((fd = state_open(dir, f)) == -2)
		return local(f, dir, "open");
	return fd;
}

int
state_dir(const char *dir, struct fault *f)
{
	int fd = state_make(dir, f);

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

static int
open_sub(int top, const char *name)
{
	int fd = openat(top, name, DIR_FLAGS);

	if (fd != -1 || errno != ENOENT)
		return fd;
	if (mkdirat(top, name, 0700) == -1 && errno != EEXIST)
		return -1;
	return openat(top, name, DIR_FLAGS);
}

int
state_subdir(const char *dir, const char *name, struct fault *f)
{
	char path[512];
	int n = snprintf(path, sizeof path, "%s/%s", dir, name), top, fd, r = -1;

	if (!name_ok(name) || n < 0 || (size_t)n >= sizeof path)
		return fault_set(f, FAULT_LOCAL, "directory name empty or too long");
	if ((top = state_make(dir, f)) == -1)
		return -1;
	if ((fd = open_sub(top, name)) == -1)
		local(f, path, "not a directory to use");
	else {
		r = check_dir(fd, path, f);
		close(fd);
	}
	close(top);
	return r;
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

int
state_fill(int fd, const void *p, size_t n)
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
	if (state_fill(fd, p, n) == -1 || renameat(dirfd, tmp, dirfd, name) == -1) {
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
		return fault_set(f, FAULT_LOCAL, "%.60s: not a name for a state file", name);
	if ((dirfd = state_make(dir, f)) == -1)
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
		return fault_set(f, FAULT_LOCAL, "%.60s: not a name for a state file", name);
	if ((dirfd = state_open(dir, f)) < 0)
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
