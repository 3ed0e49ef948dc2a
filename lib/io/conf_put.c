/* Writing what conf reads. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/buf.h"
#include "io/conf_in.h"
#include "io/state.h"
#include "io/sys.h"

/*
 * A whole file
 */

/* A name in the same directory that nobody else uses, and that is no profile's. */
static int
temp_open(const char *dir, char tmp[static 600], unsigned mode)
{
	int fd = -1;

	for (unsigned i = 0; i < 100 && fd == -1; i++) {
		snprintf(tmp, 600, "%s/.new.%ld.%u", dir, (long)getpid(), i);
		fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd == -1 && errno != EEXIST)
			return -1;
	}
	if (fd != -1 && fchmod(fd, (mode_t)mode) == -1) {
		close(fd);
		unlink(tmp);
		return -1;
	}
	return fd;
}

/* A link instead of a rename: it fails where there is one. */
static int
move(const char *tmp, const char *path, bool replace)
{
	if (replace)
		return rename(tmp, path);
	if (link(tmp, path) == -1)
		return -1;
	return unlink(tmp);
}

static int
sync_dir(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), r;

	if (fd == -1)
		return -1;
	r = fsync(fd);
	close(fd);
	return r;
}

static int
fill(int fd, const void *p, size_t n)
{
	int r = sys_write(fd, p, n) == -1 || fsync(fd) == -1 ? -1 : 0, e = errno;

	if (close(fd) == -1 && r == 0)
		return -1;
	errno = e;
	return r;
}

int
conf_put(const char *path, unsigned mode, const void *p, size_t n, bool replace, bool *there, struct fault *f)
{
	char dir[512], tmp[600];
	const char *slash = strrchr(path, '/');
	int fd, e;

	if (there != NULL)
		*there = false;
	snprintf(dir, sizeof dir, "%.*s", slash == NULL ? 1 : (int)(slash - path), slash == NULL ? "." : path);
	if (state_dir(dir[0] != '\0' ? dir : "/", f) == -1)
		return -1;
	if ((fd = temp_open(dir, tmp, mode)) == -1)
		return fault_set(f, FAULT_LOCAL, "%s: %s", dir, strerror(errno));
	if (fill(fd, p, n) == 0 && move(tmp, path, replace) == 0)
		return sync_dir(dir) == 0 ? 0 : fault_set(f, FAULT_LOCAL, "%s: %s", dir, strerror(errno));
	e = errno;
	unlink(tmp);
	if (e == EEXIST && there != NULL)
		*there = true;
	return fault_set(f, e == EEXIST ? FAULT_USAGE : FAULT_LOCAL, "%s: %s", path, strerror(e));
}

/*
 * The default
 */

/* The beginning of a line, from 1. */
static const char *
line_at(const char *text, int line)
{
	while (--line > 0)
		text = strchr(text, '\n') + 1;
	return text;
}

/* The text with the name instead of what that line says; or with a line at its beginning. */
static void
put_default(struct buf *b, const char *text, size_t n, int line, const char *name)
{
	static const char bom[] = "\xef\xbb\xbf";
	const char *rest = text, *value;

	if (line > 0) {
		value = line_at(text, line);
		value += strcspn(value, "=:");
		value += 1 + strspn(value + 1, " \t\v\f\r");	/* what inih passes over */
		buf_put(b, text, (size_t)(value - text));
		rest = value + strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");
		buf_str(b, name);
	} else {
		if (strncmp(text, bom, 3) == 0) {
			buf_str(b, bom);
			rest += 3;
		}
		buf_printf(b, "default = %s\n%s", name, rest < text + n ? "\n" : "");
	}
	buf_put(b, rest, (size_t)(text + n - rest));
}

/* What is there: its text (to be freed), its mode, and the line of its default. */
static int
look(const char *path, char **text, size_t *n, unsigned *mode, int *line, struct fault *f)
{
	struct profile ignored = { 0 };
	struct parse x = { .path = path, .p = &ignored, .f = f };
	struct stat st;

	if (stat(path, &st) == -1 && errno == ENOENT) {
		*text = calloc(1, 1);
		return *text == NULL ? fault_set(f, FAULT_LOCAL, "out of memory") : 0;
	}
	if (conf_text(text, n, path, f) == -1)
		return -1;
	if (stat(path, &st) == 0)
		*mode = st.st_mode & 0777;
	if (conf_parse(&x, *text, *n) == -1)
		return -1;
	*line = x.chosen_line;
	return 0;
}

int
conf_set_default(const char *name, struct fault *f)
{
	char path[512], *text = NULL;
	struct buf b = { 0 };
	unsigned mode = 0600;
	size_t n = 0;
	int r, line = 0;

	if (profile_name_check(name, f) == -1 || conf_path(path, f) == -1)
		return -1;
	if ((r = look(path, &text, &n, &mode, &line, f)) == 0) {
		put_default(&b, text, n, line, name);
		r = b.bad ? fault_set(f, FAULT_LOCAL, "out of memory") : conf_put(path, mode, b.p, b.len, true, NULL, f);
	}
	free(text);
	buf_free(&b);
	return r;
}
