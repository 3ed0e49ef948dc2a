#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "io/clock.h"
#include "io/journal_in.h"
#include "io/state.h"

#define LOCK_MS		5000	/* a writer holds the lock for one write; longer is a stopped process */

/*
 * Opening
 */

static int
set_file(struct journal *j, const char *file, struct fault *f)
{
	const char *slash = strrchr(file, '/');
	size_t n = slash == NULL ? 0 : (size_t)(slash - file);

	if (file[0] == '\0' || strlen(file) >= sizeof j->path || n >= sizeof j->dir)
		return fault_set(f, FAULT_USAGE, "--journal: the name is empty, or longer than %zu bytes", sizeof j->dir - 1);
	snprintf(j->path, sizeof j->path, "%s", file);
	if (slash == NULL)
		snprintf(j->dir, sizeof j->dir, ".");
	else
		snprintf(j->dir, sizeof j->dir, "%.*s", n == 0 ? 1 : (int)n, file);
	return 0;
}

static void
own_dir(char out[static 512], const struct profile *p)
{
	snprintf(out, 512, "%s/journal", p->state_dir);
}

bool
journal_exists(const struct profile *p)
{
	char dir[512];
	struct stat st;

	own_dir(dir, p);
	return lstat(dir, &st) == 0 || errno != ENOENT;
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
	j->lock_ms = LOCK_MS;
	lines_init(&j->in, -1);
	j->by_day = file == NULL;
	if (file != NULL)
		r = set_file(j, file, f);
	else {
		own_dir(j->dir, p);
		r = state_subdir(p->state_dir, "journal", f);	/* not through a link put there since */
	}
	if (r == -1) {
		journal_close(j);
		return -1;
	}
	*out = j;
	return 0;
}

void
journal_close_file(struct journal *j)
{
	if (j->fd != -1)
		close(j->fd);
	j->fd = -1;
	j->ended = 0;
}

void
journal_close(struct journal *j)
{
	if (j == NULL)
		return;
	journal_close_file(j);
	journal_forget(j);
	buf_free(&j->line);
	scan_free(&j->doc);
	free(j);
}

void
journal_sync(struct journal *j, bool on)
{
	j->no_sync = !on;
}

int
journal_local(const char *path, const char *what, struct fault *f)
{
	return fault_set(f, FAULT_LOCAL, "journal: %s: %s: %s", what, strerror(errno), path);
}

void
journal_day_path(const struct journal *j, int64_t day, char out[static PATH_ROOM])
{
	time_t t = (time_t)(day * (DAY_MS / 1000));
	struct tm tm = { 0 };

	gmtime_r(&t, &tm);
	snprintf(out, PATH_ROOM, "%s/%04d-%02d-%02d.ndjson", j->dir,
	    tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
}

int64_t
journal_day(int64_t ms)
{
	return ms >= 0 ? ms / DAY_MS : (ms + 1) / DAY_MS - 1;
}

/* It holds positions and orders: nobody else's business, and nobody else's to change. */
int
journal_check(const char *path, int fd, struct stat *st, struct fault *f)
{
	if (fstat(fd, st) == -1)
		return journal_local(path, "stat", f);
	if (!S_ISREG(st->st_mode))
		return fault_set(f, FAULT_LOCAL, "journal: not a regular file: %s", path);
	if (st->st_uid != geteuid())
		return fault_set(f, FAULT_LOCAL, "journal: belongs to another user: %s", path);
	if ((st->st_mode & 077) != 0)
		return fault_set(f, FAULT_LOCAL, "journal: others may use it (mode %04o): chmod 600 %s",
		    (unsigned)st->st_mode & 07777, path);
	return 0;
}

/* The name too must be on the disk, whoever made the file. */
static int
sync_dir(struct journal *j, struct fault *f)
{
	int fd = open(j->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), r;

	if (fd == -1)
		return journal_local(j->path, "opening its directory", f);
	if ((r = fsync(fd)) == -1)
		journal_local(j->path, "its directory", f);
	close(fd);
	return r;
}

static int
open_file(struct journal *j, struct fault *f)
{
	int fd = open(j->path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);

	if (fd == -1)
		return journal_local(j->path, "open", f);
	if (journal_check(j->path, fd, &j->st, f) == -1 || sync_dir(j, f) == -1) {
		close(fd);
		return -1;
	}
	j->fd = fd;
	return 0;
}

int
journal_open_day(struct journal *j, int64_t day, struct fault *f)
{
	if (j->by_day && j->fd != -1 && j->day != day)
		journal_close_file(j);
	if (j->fd != -1)
		return 0;
	if (j->by_day)
		journal_day_path(j, day, j->path);
	j->day = day;
	return open_file(j, f);
}

/*
 * The lock: for one write, never for a wait
 */

int
journal_lock(const struct journal *j, int fd, int how, const char *path, struct fault *f)
{
	const struct timespec little = { 0, 50000 };
	int64_t from = 0;
	int tries = 0;

	while (flock(fd, how | LOCK_NB) == -1) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return journal_local(path, "lock", f);
		if (tries++ == 0)
			from = clock_mono_ms();
		else if (clock_mono_ms() - from > j->lock_ms)
			return fault_set(f, FAULT_LOCAL, "journal: another process has locked it for %d ms: %s",
			    j->lock_ms, path);
		if (tries < 50)
			sched_yield();
		else
			nanosleep(&little, NULL);
	}
	return 0;
}

void
journal_unlock(int fd)
{
	while (flock(fd, LOCK_UN) == -1 && errno == EINTR)
		continue;
}
