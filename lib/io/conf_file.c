/* A configuration file into memory, if it is one to trust. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/conf_in.h"

/* What must hold of an open file that may name commands to run (loose: others
 * may read it) or keys (not loose). */
static int
check_file(int fd, const char *path, bool loose, struct fault *f)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return fault_set(f, FAULT_LOCAL, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return fault_set(f, FAULT_USAGE, "%s: not a regular file", path);
	if (st.st_uid != geteuid() && !(loose && st.st_uid == 0))
		return fault_set(f, FAULT_USAGE, "%s: belongs to another user", path);
	if (loose && (st.st_mode & 022) != 0)
		return fault_set(f, FAULT_USAGE, "others may write it (mode %04o): chmod go-w %s",
		    (unsigned)st.st_mode & 07777, path);
	if (!loose && (st.st_mode & 077) != 0)
		return fault_set(f, FAULT_USAGE, "others may use it (mode %04o): chmod 600 %s",
		    (unsigned)st.st_mode & 07777, path);
	if (st.st_size > (off_t)CONF_MAX)
		return fault_set(f, FAULT_USAGE, "%s: larger than %u bytes", path, CONF_MAX);
	return 0;
}

static int
read_fd(int fd, char text[static CONF_MAX + 1], size_t *n)
{
	ssize_t got;

	for (*n = 0; *n < CONF_MAX; *n += (size_t)got) {
		got = read(fd, text + *n, CONF_MAX - *n);
		if (got == -1 && errno == EINTR)
			got = 0;
		else if (got <= 0)
			return (int)got;
	}
	return 0;
}

int
conf_read(const char *path, bool loose, char text[static CONF_MAX + 1], size_t *n, struct fault *f)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC), r = 0;

	if (fd == -1 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (fd == -1 && errno == ELOOP)
		return fault_set(f, FAULT_USAGE, "%s: is a symbolic link, which is refused", path);
	if (fd == -1)
		return fault_set(f, FAULT_USAGE, "%s: %s", path, strerror(errno));
	r = check_file(fd, path, loose, f);
	if (r == 0 && (r = read_fd(fd, text, n)) == -1)
		fault_set(f, FAULT_LOCAL, "%s: %s", path, strerror(errno));
	close(fd);
	return r == 0 ? 1 : -1;
}

/* The line of text that p stands in. */
static int
line_of(const char *text, const char *p)
{
	int line = 1;

	for (; text < p; text++)
		line += *text == '\n';
	return line;
}

int
conf_text(char **out, size_t *n, const char *path, struct fault *f)
{
	char *text = malloc(CONF_MAX + 1), *nul;
	int r;

	*n = 0;
	if (text == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	if ((r = conf_read(path, true, text, n, f)) == 0)
		fault_set(f, FAULT_USAGE, "%s: no such file", path);
	else if (r == 1 && (nul = memchr(text, '\0', *n)) != NULL)
		r = fault_set(f, FAULT_USAGE, "%s:%d: holds a NUL byte", path, line_of(text, nul));
	if (r != 1) {
		free(text);
		return -1;
	}
	text[*n] = '\0';
	*out = text;
	return 0;
}
