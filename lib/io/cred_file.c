/* Key files. What is wrong is said with the file's name and how to mend it, never with a byte
 * of its content. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/cred_in.h"

/* In a directory that everybody may write, anybody may put a file in its place. */
static int
check_parent(const char *path, struct fault *f)
{
	char dir[PATH_MAX];
	const char *slash = strrchr(path, '/');
	struct stat st;

	if (slash == NULL)
		snprintf(dir, sizeof dir, ".");
	else
		snprintf(dir, sizeof dir, "%.*s", slash == path ? 1 : (int)(slash - path), path);
	if (stat(dir, &st) == -1)
		return fault_set(f, FAULT_KEY, "key file's directory: %s: %s", strerror(errno), dir);
	if ((st.st_mode & S_IWOTH) != 0 && (st.st_mode & S_ISVTX) == 0)
		return fault_set(f, FAULT_KEY,
		    "key file's directory can be written by everybody: chmod o-w %s", dir);
	return 0;
}

/*
 * A credential that systemd hands to a service, in $CREDENTIALS_DIRECTORY: up to version 253 of the service's own user,
 * mode 0400; where its file system knows access lists, of root with an entry for that user. The list's mask
 * is what then looks like a right of the group, root's, so that the mode is 0440.
 */
static bool
is_credential(const struct stat *st, const char *path)
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY"), *slash = strrchr(path, '/');
	size_t n = dir == NULL ? 0 : strlen(dir);

	return n > 1 && slash != NULL && (size_t)(slash - path) == n && strncmp(path, dir, n) == 0 &&
	    st->st_uid == 0 && st->st_gid == 0 && (st->st_mode & 0337) == 0;
}

static int
check_file(int fd, const char *path, size_t *size, struct fault *f)
{
	struct stat st;
	bool ours;

	if (fstat(fd, &st) == -1)
		return fault_set(f, FAULT_KEY, "key file: %s: %s", strerror(errno), path);
	if (!S_ISREG(st.st_mode))
		return fault_set(f, FAULT_KEY, "key file is not a regular file: %s", path);
	ours = !is_credential(&st, path);
	if (ours && st.st_uid != geteuid())
		return fault_set(f, FAULT_KEY, "key file belongs to another user: chown %ld %s",
		    (long)geteuid(), path);
	if (ours && (st.st_mode & 077) != 0)
		return fault_set(f, FAULT_KEY, "key file can be used by others (mode %04o): chmod 600 %s",
		    (unsigned)st.st_mode & 07777, path);
	if (st.st_size == 0)
		return fault_set(f, FAULT_KEY, "key file is empty: %s", path);
	if (st.st_size > (off_t)KEY_BYTES)
		return fault_set(f, FAULT_KEY, "key file is larger than %u bytes, which no key is: %s",
		    KEY_BYTES, path);
	*size = (size_t)st.st_size;
	return 0;
}

int
cred_check_text(const struct secret *s, const char *path, struct fault *f)
{
	const char *p;
	int line = 1;

	for (p = s->p; p < s->p + s->n; p++) {
		if (*p == '\n')
			line++;
		else if (((unsigned char)*p < 0x20 && *p != '\r' && *p != '\t') || *p == 0x7f)
			return fault_set(f, FAULT_KEY,
			    "line %d holds a control character: write it anew as plain text: %s",
			    line, path);
	}
	return 0;
}

static int
read_fd(int fd, const char *path, struct secret *s, struct fault *f)
{
	size_t size = 0;

	if (check_file(fd, path, &size, f) == -1 || secret_alloc(s, size, f) == -1)
		return -1;
	if (secret_read(s, fd) == -1)
		return fault_set(f, FAULT_KEY, "key file: %s: %s", strerror(errno), path);
	return cred_check_text(s, path, f);
}

int
cred_read_file(const char *path, struct secret *s, struct fault *f)
{
	int fd, r;

	if (check_parent(path, f) == -1)
		return -1;
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (fd == -1 && errno == ELOOP)
		return fault_set(f, FAULT_KEY,
		    "key file is a symbolic link, which is refused: name the file itself: %s", path);
	if (fd == -1)
		return fault_set(f, FAULT_KEY, "key file: %s: %s", strerror(errno), path);
	r = read_fd(fd, path, s, f);
	close(fd);
	return r;
}
