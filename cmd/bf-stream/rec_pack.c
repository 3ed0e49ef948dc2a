#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "io/sys.h"
#include "rec_pack.h"

#define CHUNK	(64u << 10)
#define LEVEL	6

struct job {
	struct job *next;
	bool	    old;
	char	    name[];
};

struct packer {
	int		 dir;
	pthread_t	 thread;
	pthread_mutex_t	 lock;		/* of all below */
	pthread_cond_t	 more;
	struct job	*first, **end;
	bool		 closing;
	struct fault	 fault;		/* the first one; kind FAULT_NONE: none */
};

/*
 * One file
 */

static int
trouble(const char *name, const char *what, struct fault *f)
{
	return fault_set(f, FAULT_LOCAL, "compressing %s: %s: %s; it stays as it is", name, what, strerror(errno));
}

/* What is in z goes through and out. */
static int
squeeze(z_stream *z, int flush, unsigned char *room, int to, const char *name, struct fault *f)
{
	int r;

	do {
		z->next_out = room;
		z->avail_out = CHUNK;
		r = deflate(z, flush);
		if (r == Z_STREAM_ERROR)
			return fault_set(f, FAULT_LOCAL, "compressing %s: zlib: %d; it stays as it is", name, r);
		if (sys_write(to, room, CHUNK - z->avail_out) == -1)
			return trouble(name, "writing", f);
	} while (z->avail_out == 0);
	return 0;
}

static int
copy(z_stream *z, int from, int to, const char *name, struct fault *f)
{
	unsigned char *room = malloc(2 * (size_t)CHUNK);
	ssize_t got = 1;
	int r = 0;

	if (room == NULL)
		return fault_set(f, FAULT_LOCAL, "compressing %s: out of memory; it stays as it is", name);
	while (got != 0 && r == 0) {
		if ((got = read(from, room, CHUNK)) == -1 && errno == EINTR)
			continue;
		if (got == -1) {
			r = trouble(name, "reading", f);
			break;
		}
		z->next_in = room;
		z->avail_in = (uInt)got;
		r = squeeze(z, got == 0 ? Z_FINISH : Z_NO_FLUSH, room + CHUNK, to, name, f);
	}
	free(room);
	return r;
}

/* From a file into a file, which is on the disk then. */
static int
gzip(int from, int to, const char *name, struct fault *f)
{
	z_stream z = { 0 };
	int r;

	if (deflateInit2(&z, LEVEL, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)	/* 16: gzip's frame */
		return fault_set(f, FAULT_LOCAL, "compressing %s: out of memory; it stays as it is", name);
	r = copy(&z, from, to, name, f);
	deflateEnd(&z);
	if (r == 0 && fsync(to) == -1)
		r = trouble(name, "fsync", f);
	return r;
}

static int
pack(int dir, const char *name, struct fault *f)
{
	char half[NAME_MAX + 1], whole[NAME_MAX + 1];
	int from = -1, to = -1, r = -1;

	snprintf(half, sizeof half, "%s.gz.part", name);
	snprintf(whole, sizeof whole, "%s.gz", name);
	(void)unlinkat(dir, half, 0);
	if ((from = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)) == -1 ||
	    (to = openat(dir, half, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)) == -1)
		trouble(name, "opening", f);
	else
		r = gzip(from, to, name, f);
	if (from != -1)
		close(from);
	if (to != -1 && close(to) == -1 && r == 0)
		r = trouble(name, "closing", f);
	if (r == 0 && renameat(dir, half, dir, whole) == -1)
		r = trouble(name, "renaming", f);
	if (r == -1) {
		if (to != -1)
			(void)unlinkat(dir, half, 0);
		return -1;
	}
	(void)fsync(dir);	/* the new name, before the old one goes */
	return unlinkat(dir, name, 0) == 0 ? 0 : trouble(name, "removing", f);
}

/*
 * The thread
 */

/* The next job, waiting for one. NULL: it is time to end. */
static struct job *
next_job(struct packer *p)
{
	struct job *j;

	pthread_mutex_lock(&p->lock);
	while ((j = p->first) == NULL && !p->closing)
		pthread_cond_wait(&p->more, &p->lock);
	if (j != NULL && (p->first = j->next) == NULL)
		p->end = &p->first;
	if (j != NULL && j->old && p->closing) {	/* the next run does it */
		free(j);
		pthread_mutex_unlock(&p->lock);
		return next_job(p);
	}
	pthread_mutex_unlock(&p->lock);
	return j;
}

static void *
work(void *arg)
{
	struct packer *p = arg;
	struct fault f = { 0 };
	struct job *j;

	while ((j = next_job(p)) != NULL) {
		if (pack(p->dir, j->name, &f) == -1) {
			pthread_mutex_lock(&p->lock);
			if (p->fault.kind == FAULT_NONE)
				p->fault = f;
			pthread_mutex_unlock(&p->lock);
		}
		free(j);
	}
	return NULL;
}

int
packer_open(struct packer **out, int dir, struct fault *f)
{
	struct packer *p = calloc(1, sizeof *p);
	int r;

	*out = NULL;
	if (p == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory for compression");
	p->end = &p->first;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->more, NULL);
	p->dir = fcntl(dir, F_DUPFD_CLOEXEC, 0);
	r = p->dir == -1 ? errno : sys_thread(&p->thread, work, p);
	if (r != 0) {
		if (p->dir != -1)
			close(p->dir);
		free(p);
		return fault_set(f, FAULT_LOCAL, "starting the thread that compresses: %s", strerror(r));
	}
	*out = p;
	return 0;
}

int
packer_add(struct packer *p, const char *name, bool old, struct fault *f)
{
	size_t n = strlen(name) + 1;
	struct job *j = malloc(sizeof *j + n);

	if (j == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory for compression");
	j->next = NULL;
	j->old = old;
	memcpy(j->name, name, n);
	pthread_mutex_lock(&p->lock);
	*p->end = j;
	p->end = &j->next;
	pthread_cond_signal(&p->more);
	pthread_mutex_unlock(&p->lock);
	return 0;
}

int
packer_close(struct packer *p, struct fault *f)
{
	int r = 0;

	if (p == NULL)
		return 0;
	pthread_mutex_lock(&p->lock);
	p->closing = true;
	pthread_cond_signal(&p->more);
	pthread_mutex_unlock(&p->lock);
	pthread_join(p->thread, NULL);
	if (p->fault.kind != FAULT_NONE) {
		*f = p->fault;
		r = -1;
	}
	pthread_mutex_destroy(&p->lock);
	pthread_cond_destroy(&p->more);
	close(p->dir);
	free(p);
	return r;
}
