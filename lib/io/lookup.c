#include <sys/socket.h>
#include <sys/types.h>

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/clock.h"
#include "io/lookup.h"
#include "io/sys.h"

/* Of getaddrinfo; err: errno, where rc is EAI_SYSTEM. */
struct outcome { int rc, err; struct addresses a; };

/* Held by the one who asks and by the thread that looks; the last one frees it. */
struct lookup {
	pthread_mutex_t	lock;
	void	      (*ready)(void *arg);	/* NULL: nobody waits any more */
	void	       *arg;
	atomic_int	holders;
	bool		done;
	struct outcome	o;
	char		host[256];
};

static void
let_go(struct lookup *k)
{
	if (atomic_fetch_sub(&k->holders, 1) > 1)
		return;
	pthread_mutex_destroy(&k->lock);
	free(k);
}

static void
collect(struct addresses *a, const struct addrinfo *list)
{
	int i;

	for (a->n = 0; list != NULL && a->n < ADDRESSES_MAX; list = list->ai_next) {
		if (getnameinfo(list->ai_addr, list->ai_addrlen, a->text[a->n], ADDRESS_SIZE, NULL, 0,
		    NI_NUMERICHOST) != 0)
			continue;
		a->family[a->n] = list->ai_family;
		for (i = 0; i < a->n && strcmp(a->text[i], a->text[a->n]) != 0; i++)
			;
		a->n += i == a->n;
	}
}

/* AI_ADDRCONFIG is not asked for: a machine with only a loopback address would
 * not find its own. */
static void
ask(const char *host, int flags, struct outcome *o)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = flags }, *list = NULL;

	o->a.n = 0;
	o->rc = getaddrinfo(host, NULL, &hints, &list);
	o->err = errno;
	if (o->rc != 0)
		return;
	collect(&o->a, list);
	freeaddrinfo(list);
}

static void *
run(void *arg)
{
	struct lookup *k = arg;
	struct outcome o;

	ask(k->host, 0, &o);
	pthread_mutex_lock(&k->lock);
	k->o = o;
	k->done = true;
	if (k->ready != NULL)
		k->ready(k->arg);
	pthread_mutex_unlock(&k->lock);
	let_go(k);
	return NULL;
}

struct lookup *
lookup_begin(const char *host, void (*ready)(void *arg), void *arg)
{
	struct lookup *k = calloc(1, sizeof *k);
	size_t n = strlen(host);
	bool bracketed = n > 2 && host[0] == '[' && host[n - 1] == ']';
	pthread_t t;

	if (k == NULL)
		return NULL;
	pthread_mutex_init(&k->lock, NULL);
	k->ready = ready;
	k->arg = arg;
	atomic_init(&k->holders, 2);
	snprintf(k->host, sizeof k->host, "%.*s", (int)(bracketed ? n - 2 : n), host + bracketed);
	if (sys_thread(&t, run, k) != 0) {
		pthread_mutex_destroy(&k->lock);
		free(k);
		return NULL;
	}
	pthread_detach(t);
	return k;
}

int
lookup_done(struct lookup *k, struct addresses *out, char why[static LOOKUP_WHY])
{
	const struct outcome *o = &k->o;
	int r = 0;

	pthread_mutex_lock(&k->lock);
	if (k->done && o->a.n > 0) {
		*out = o->a;
		r = 1;
	} else if (k->done) {
		snprintf(why, LOOKUP_WHY, "%s", o->rc == 0 ? "the name has no address" :
		    o->rc == EAI_SYSTEM ? strerror(o->err) : gai_strerror(o->rc));
		r = -1;
	}
	pthread_mutex_unlock(&k->lock);
	return r;
}

void
lookup_end(struct lookup *k)
{
	if (k == NULL)
		return;
	pthread_mutex_lock(&k->lock);
	k->ready = NULL;
	pthread_mutex_unlock(&k->lock);
	let_go(k);
}

/*
 * Waiting for it
 */

static void
wake(void *arg)
{
	const int *fd = arg;

	(void)!write(*fd, "", 1);
}

/* Until fd can be read, or the time is over. */
static void
wait_for(int fd, int timeout_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int64_t end = clock_mono_ms() + timeout_ms, left;

	do
		left = end - clock_mono_ms();
	while (poll(&p, 1, left > 0 ? (int)left : 0) == -1 && errno == EINTR);
}

int
lookup_within(const char *host, int timeout_ms, struct addresses *out, char why[static LOOKUP_WHY])
{
	struct lookup *k;
	int fd[2], r = -1;

	if (sys_pipe(fd) == -1) {
		snprintf(why, LOOKUP_WHY, "%s", strerror(errno));
		return -1;
	}
	if ((k = lookup_begin(host, wake, &fd[1])) == NULL)
		snprintf(why, LOOKUP_WHY, "no memory or thread to resolve the name with");
	else {
		wait_for(fd[0], timeout_ms);
		if ((r = lookup_done(k, out, why)) == 0)
			snprintf(why, LOOKUP_WHY, "the name was not resolved within %d ms", timeout_ms);
	}
	lookup_end(k);		/* before the pipe goes: no wake from here on */
	close(fd[0]);
	close(fd[1]);
	return r == 1 ? 0 : -1;
}

bool
lookup_numeric(const char *host, struct addresses *out)
{
	struct outcome o;

	ask(host, AI_NUMERICHOST, &o);
	*out = o.a;
	return o.a.n > 0;
}
