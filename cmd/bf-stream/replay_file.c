#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "replay_file.h"

#define CHUNK	(64u << 10)

int
rfile_open(struct rfile *r, const char *path, struct fault *f)
{
	struct stat st;

	memset(r, 0, sizeof *r);
	lines_init(&r->l, -1);
	r->fd = -1;
	r->name = strcmp(path, "-") == 0 ? "standard input" : path;
	if ((r->in = malloc(CHUNK)) == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory for a recording");
	r->fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC);
	if (r->fd == -1 || fstat(r->fd, &st) == -1)
		return fault_set(f, FAULT_USAGE, "%.120s: %s", r->name, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return fault_set(f, FAULT_USAGE, "%.120s: is a directory, not a recording", r->name);
	r->file = S_ISREG(st.st_mode);
	return 0;
}

void
rfile_close(struct rfile *r)
{
	if (r->gz)
		inflateEnd(&r->z);
	if (r->fd != -1 && r->fd != STDIN_FILENO)
		close(r->fd);
	free(r->in);
	lines_free(&r->l);
	memset(r, 0, sizeof *r);
	r->fd = -1;
}

bool
rfile_reads(const struct rfile *r)
{
	return !r->eof && r->z.avail_in == 0 && !r->more;
}

static int
damaged(const struct rfile *r, const char *what, struct fault *f)
{
	return fault_set(f, FAULT_USAGE, "%.120s: after line %llu: %s", r->name, r->l.number, what);
}

/* Plain bytes go on as they are. */
static int
pass(struct rfile *r, struct fault *f)
{
	size_t room, n = r->z.avail_in;
	char *p;

	if ((p = lines_room(&r->l, &room)) == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory for a recorded line");
	if (n > room)
		n = room;
	memcpy(p, r->z.next_in, n);
	lines_filled(&r->l, n);
	r->z.next_in += n;
	r->z.avail_in -= (uInt)n;
	return 0;
}

/* Between two members of a gzip file (or before the first): what follows must be one;
 * zeros may fill a tape's block. 1: it has begun, 0: nothing is there yet. */
static int
next_member(struct rfile *r, struct fault *f)
{
	while (r->z.avail_in > 0 && *r->z.next_in == 0) {
		r->z.next_in++;
		r->z.avail_in--;
	}
	if (r->z.avail_in == 0)
		return 0;
	if (*r->z.next_in != 0x1f)
		return damaged(r, "something else follows the compressed data", f);
	if (inflateReset(&r->z) != Z_OK)
		return damaged(r, "zlib failed", f);
	r->member = true;
	return 1;
}

/* One step: as much as there is room for. */
static int
unpack(struct rfile *r, struct fault *f)
{
	size_t room;
	char *p;
	int got = r->member ? 1 : next_member(r, f);

	if (got != 1)
		return got;
	if ((p = lines_room(&r->l, &room)) == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory for a recorded line");
	r->z.next_out = (unsigned char *)p;
	r->z.avail_out = (uInt)(room < CHUNK ? room : CHUNK);
	room = r->z.avail_out;
	got = inflate(&r->z, Z_NO_FLUSH);
	lines_filled(&r->l, room - r->z.avail_out);
	r->more = got == Z_OK && r->z.avail_out == 0;
	if (got == Z_STREAM_END)
		r->member = false;
	else if (got == Z_MEM_ERROR)
		return fault_set(f, FAULT_LOCAL, "%.120s: out of memory for unpacking", r->name);
	else if (got != Z_OK && got != Z_BUF_ERROR)
		return damaged(r, "the compressed data are damaged", f);
	return 0;
}

static int
begin(struct rfile *r, struct fault *f)
{
	r->begun = true;
	/* No JSON begins with this byte, and gzip always does. */
	if (r->z.avail_in == 0 || r->in[0] != 0x1f)
		return 0;
	if (inflateInit2(&r->z, 15 + 16) != Z_OK)	/* 16: gzip's frame */
		return fault_set(f, FAULT_LOCAL, "out of memory for unpacking");
	r->gz = true;
	return 0;
}

int
rfile_fill(struct rfile *r, struct fault *f)
{
	ssize_t got;

	if (rfile_reads(r)) {
		got = read(r->fd, r->in, CHUNK);
		if (got == -1 && (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK))
			return 0;
		if (got == -1)
			return fault_set(f, FAULT_LOCAL, "%.120s: %s", r->name, strerror(errno));
		r->eof = got == 0;
		r->z.next_in = r->in;
		r->z.avail_in = (uInt)got;
		if (!r->begun && begin(r, f) == -1)
			return -1;
	}
	if (r->z.avail_in > 0 || r->more)
		return r->gz ? unpack(r, f) : pass(r, f);
	r->l.eof = r->eof;
	r->cut = r->eof && r->member;
	return 0;
}
