#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/buf.h"
#include "rec.h"
#include "rec_pack.h"
#include "rec_part.h"

#define CHUNK	(64u << 10)

struct recorder {
	char		*path;
	const char	*base;		/* its last part */
	int		 dir, fd;	/* -1: not open */
	off_t		 size;		/* of FILE: whole lines */
	bool		 dated;		/* first is known: something is in FILE, or waits */
	int64_t		 first;		/* time of its first record, us */
	int64_t		 rotate_bytes, rotate_us;
	struct buf	 b;		/* whole lines that wait */
	bool		 failed;	/* the last write or rotation did */
	struct packer	*packer;
};

static int
trouble(const struct recorder *r, const char *what, struct fault *f)
{
	return fault_set(f, FAULT_LOCAL, "--record %.120s: %s: %s", r->path, what, strerror(errno));
}

/*
 * Opening
 */

static int
open_dir(struct recorder *r, const char *path, struct fault *f)
{
	char *slash;

	if ((r->path = strdup(path)) == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory for recording");
	slash = strrchr(r->path, '/');
	r->base = slash == NULL ? r->path : slash + 1;
	if (r->base[0] == '\0' || strlen(r->base) > NAME_MAX - PART_SUFFIX - sizeof ".gz.part")
		return fault_set(f, FAULT_USAGE, "--record \"%.120s\": not the name of a file, or too long", path);
	if (slash != NULL && slash > r->path)
		*slash = '\0';
	r->dir = open(slash == NULL ? "." : slash == r->path ? "/" : r->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (slash != NULL)
		*slash = '/';
	return r->dir == -1 ? trouble(r, "opening its directory", f) : 0;
}

static int
check_file(struct recorder *r, int fd, struct stat *st, struct fault *f)
{
	if (fstat(fd, st) == -1)
		return trouble(r, "stat", f);
	if (!S_ISREG(st->st_mode))
		return fault_set(f, FAULT_USAGE, "--record %.120s: not a regular file", r->path);
	if (st->st_uid != geteuid())
		return fault_set(f, FAULT_LOCAL, "--record %.120s: belongs to another user", r->path);
	return 0;
}

static int
lock(const struct recorder *r, int fd, struct fault *f)
{
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	if (errno == EWOULDBLOCK)
		return fault_set(f, FAULT_LOCAL, "--record %.120s: another process is recording to it", r->path);
	return trouble(r, "locking", f);
}

/* FILE, locked. Between opening and locking another process may have made a part of it:
 * then the name is another file by now, and 1 is the answer. */
static int
open_locked(struct recorder *r, int flags, struct stat *st, struct fault *f)
{
	struct stat now;
	int fd = openat(r->dir, r->base, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | flags, 0600);

	if (fd == -1 && errno == ELOOP)
		return fault_set(f, FAULT_USAGE, "--record %.120s: is a symbolic link", r->path);
	if (fd == -1)
		return trouble(r, "opening", f);
	if (check_file(r, fd, st, f) == -1 || lock(r, fd, f) == -1) {
		close(fd);
		return -1;
	}
	if (fstatat(r->dir, r->base, &now, AT_SYMLINK_NOFOLLOW) == -1 || now.st_ino != st->st_ino ||
	    now.st_dev != st->st_dev) {
		close(fd);
		return 1;
	}
	r->fd = fd;
	return fstat(fd, st) == -1 ? trouble(r, "stat", f) : 0;	/* the size, now that it is ours */
}

/* A file of something else is not to be appended to, still less cut. */
static int
check_head(struct recorder *r, const struct stat *st, struct fault *f)
{
	static const char head[] = "{\"recv\":";
	char p[64];
	ssize_t n = pread(r->fd, p, sizeof p, 0);

	if (n == -1)
		return trouble(r, "reading", f);
	if (memcmp(p, head, (size_t)n < sizeof head - 1 ? (size_t)n : sizeof head - 1) != 0)
		return fault_set(f, FAULT_USAGE, "--record %.120s: not a recording; it is left as it is", r->path);
	r->first = part_recv(p, (size_t)n);
	if (r->first == -1)
		r->first = (int64_t)st->st_mtime * 1000000;
	return 0;
}

/* Others may not read it: it may hold the account's events. */
static int
keep_private(struct recorder *r, const struct stat *st, struct fault *f)
{
	if ((st->st_mode & 077) != 0 && fchmod(r->fd, 0600) == -1)
		return trouble(r, "taking it from others", f);
	return 0;
}

/* Whole lines stay: up to the last newline. */
static int
cut_torn(struct recorder *r, off_t size, struct fault *f)
{
	char *p = malloc(CHUNK);
	off_t at = size, from;
	ssize_t n = 0;

	if (p == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory for recording");
	for (r->size = 0; r->size == 0 && at > 0 && n >= 0; at = from) {
		size_t whole = 0;

		from = at > (off_t)CHUNK ? at - (off_t)CHUNK : 0;
		if ((n = pread(r->fd, p, (size_t)(at - from), from)) > 0)
			whole = part_whole(p, (size_t)n);
		if (whole > 0)
			r->size = from + (off_t)whole;
	}
	free(p);
	if (n == -1)
		return trouble(r, "reading", f);
	if (r->size != size && ftruncate(r->fd, r->size) == -1)
		return trouble(r, "cutting off a torn last line", f);
	r->dated = r->size > 0;
	return 0;
}

static int
open_file(struct recorder *r, struct fault *f)
{
	struct stat st;
	int got = 1;

	for (int i = 0; i < 10 && got == 1; i++)
		got = open_locked(r, 0, &st, f);
	if (got == 1)
		return fault_set(f, FAULT_LOCAL, "--record %.120s: another process is recording to it", r->path);
	if (got == -1)
		return -1;
	return check_head(r, &st, f) == -1 || keep_private(r, &st, f) == -1 ? -1 : cut_torn(r, st.st_size, f);
}

/* In a directory of many users a part may be anybody's, or no file. */
static bool
is_ours(const struct recorder *r, const char *name)
{
	struct stat st;

	return fstatat(r->dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid();
}

/* What a run that was killed left behind: parts to be packed, packing half done. */
static int
leftovers(struct recorder *r, struct fault *f)
{
	int fd = openat(r->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), ret = 0;
	DIR *d = fd == -1 ? NULL : fdopendir(fd);
	const struct dirent *e;

	if (d == NULL) {
		trouble(r, "reading its directory", f);
		if (fd != -1)
			close(fd);
		return -1;
	}
	while (ret == 0 && (e = readdir(d)) != NULL)
		switch (part_kind(r->base, e->d_name)) {
		case PART_PLAIN:
			if (is_ours(r, e->d_name))
				ret = packer_add(r->packer, e->d_name, true, f);
			break;
		case PART_HALF:
			(void)unlinkat(r->dir, e->d_name, 0);
			break;
		case PART_NONE:
			break;
		}
	closedir(d);
	return ret;
}

int
recorder_open(struct recorder **out, const char *path, int64_t rotate_bytes, int64_t rotate_ms, struct fault *f)
{
	struct recorder *r = calloc(1, sizeof *r);

	*out = NULL;
	if (r == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory for recording");
	r->dir = r->fd = -1;
	r->rotate_bytes = rotate_bytes;
	r->rotate_us = rotate_ms * 1000;
	if (open_dir(r, path, f) == -1 || open_file(r, f) == -1 || packer_open(&r->packer, r->dir, f) == -1 ||
	    leftovers(r, f) == -1) {
		recorder_close(r, NULL);
		return -1;
	}
	*out = r;
	return 0;
}

/*
 * Writing
 */

static void
forget(struct buf *b, size_t n)
{
	memmove(b->p, b->p + n, b->len - n);
	b->len -= n;
}

/* Only a part of the lines could be written, n bytes: what is no whole line is taken
 * back. The rest still waits. */
static int
take_back(struct recorder *r, size_t n, int error, struct fault *f)
{
	size_t whole = part_whole(r->b.p, n);

	r->failed = true;
	if (whole < n && ftruncate(r->fd, r->size + (off_t)whole) == -1)
		return trouble(r, "a line is torn, and cannot be taken back", f);
	r->size += (off_t)whole;
	forget(&r->b, whole);
	errno = error;
	return trouble(r, "writing (the lines that are there are whole)", f);
}

/* The first n bytes of what waits, whole lines, by one write. */
static int
spill(struct recorder *r, size_t n, struct fault *f)
{
	size_t done = 0;
	ssize_t put = 1;

	while (done < n && put != 0) {
		put = write(r->fd, r->b.p + done, n - done);
		if (put > 0)
			done += (size_t)put;
		else if (put == -1 && errno != EINTR)
			break;
	}
	if (done < n)
		return take_back(r, done, put == 0 ? ENOSPC : errno, f);
	r->size += (off_t)n;
	r->failed = false;
	if (n > 0)
		forget(&r->b, n);
	return 0;
}

static bool
is_there(const struct recorder *r, const char *name)
{
	struct stat st;

	return fstatat(r->dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT;
}

/* A name for the part that is free, packed and not. */
static void
part_name(const struct recorder *r, char out[static NAME_MAX + 1])
{
	char suffix[PART_SUFFIX], packed[NAME_MAX + 1];
	int nth = 1;

	do {
		part_suffix(suffix, r->first, nth++);
		snprintf(out, NAME_MAX + 1, "%s%s", r->base, suffix);
		snprintf(packed, sizeof packed, "%s%s.gz", r->base, suffix);
	} while (is_there(r, out) || is_there(r, packed));
}

/* FILE becomes a part, and a new FILE is begun. The lock of the old one is held until
 * the new one has its own. */
static int
rotate(struct recorder *r, struct fault *f)
{
	char name[NAME_MAX + 1];
	int old = r->fd, got;
	struct stat st;

	part_name(r, name);
	r->failed = true;
	if (renameat(r->dir, r->base, r->dir, name) == -1)
		return trouble(r, "rotating", f);
	if ((got = open_locked(r, O_EXCL, &st, f)) != 0) {
		/* Back to its name, unless that is another's by now. */
		if (linkat(r->dir, name, r->dir, r->base, 0) == 0)
			(void)unlinkat(r->dir, name, 0);
		return got == -1 ? -1 : fault_set(f, FAULT_LOCAL, "--record %.120s: another process took it", r->path);
	}
	close(old);
	r->size = 0;
	r->dated = r->failed = false;
	return packer_add(r->packer, name, false, f);
}

/* Whether FILE, with n bytes of what waits, is too large or too old at that time. */
static bool
due(const struct recorder *r, size_t n, int64_t us)
{
	return (r->rotate_bytes > 0 && r->size + (off_t)n > r->rotate_bytes) ||
	    (r->rotate_us > 0 && r->dated && us - r->first >= r->rotate_us);
}

static void
put_line(struct buf *b, int64_t recv_us, const char *stream, size_t stream_n, const char *data, size_t n)
{
	jw_open(b, NULL, '{');
	jw_i64(b, "recv", recv_us);
	jw_strn(b, "stream", stream, stream_n);
	jw_raw(b, "data", data, n);
	jw_close(b, '}');
	jw_end(b);
}

int
recorder_put(struct recorder *r, int64_t recv_us, const char *stream, size_t stream_n, const char *data,
    size_t n, struct fault *f)
{
	size_t before = r->b.len;

	if (r->failed && recorder_flush(r, recv_us, f) == -1)
		return -1;	/* not taken: what waits is enough */
	before = r->b.len;
	put_line(&r->b, recv_us, stream, stream_n, data, n);
	if (r->b.bad) {
		r->b.len = before;
		r->b.bad = false;
		return fault_set(f, FAULT_LOCAL, "out of memory for recording");
	}
	if (r->size + (off_t)before > 0 && due(r, r->b.len, recv_us) &&
	    (spill(r, before, f) == -1 || rotate(r, f) == -1))
		return -1;
	if (!r->dated)
		r->first = recv_us;
	r->dated = true;
	return r->b.len >= CHUNK ? spill(r, r->b.len, f) : 0;
}

int
recorder_flush(struct recorder *r, int64_t now_us, struct fault *f)
{
	if (spill(r, r->b.len, f) == -1)
		return -1;
	return r->size > 0 && due(r, 0, now_us) ? rotate(r, f) : 0;
}

int
recorder_close(struct recorder *r, struct fault *f)
{
	struct fault other;
	int ret = 0;

	if (r == NULL)
		return 0;
	if (f == NULL)
		f = &other;
	if (r->fd != -1)
		ret = spill(r, r->b.len, f);
	if (packer_close(r->packer, ret == 0 ? f : &other) == -1)
		ret = -1;
	if (r->fd != -1 && close(r->fd) == -1 && ret == 0)
		ret = trouble(r, "closing", f);
	if (r->dir != -1)
		close(r->dir);
	buf_free(&r->b);
	free(r->path);
	free(r);
	return ret;
}
