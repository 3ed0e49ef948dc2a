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
#include "io/sys.h"
#include "resolve.h"

/* Held by the one who asks and by the thread that looks; the last one frees it. */
struct lookup {
	_Atomic int	 holders;
	char		 host[256];
	int		 pipe[2];	/* a byte when the answer is there */
	int		 rc, err;
	struct addrinfo	*list;
};

static void
let_go(struct lookup *l)
{
	if (--l->holders > 0)
		return;
	if (l->list != NULL)
		freeaddrinfo(l->list);
	close(l->pipe[0]);
	close(l->pipe[1]);
	free(l);
}

static void *
look_up(void *arg)
{
	struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
	struct lookup *l = arg;

	l->rc = getaddrinfo(l->host, NULL, &hints, &l->list);
	l->err = errno;
	(void)!write(l->pipe[1], "", 1);
	let_go(l);
	return NULL;
}

static struct lookup *
lookup_new(const char *host)
{
	struct lookup *l = calloc(1, sizeof *l);
	size_t n = strlen(host);
	bool bracketed = n > 2 && host[0] == '[' && host[n - 1] == ']';

	if (l == NULL)
		return NULL;
	l->holders = 1;
	snprintf(l->host, sizeof l->host, "%.*s", (int)(bracketed ? n - 2 : n), host + bracketed);
	if (sys_pipe(l->pipe) == 0)
		return l;
	free(l);
	return NULL;
}

static bool
begin(struct lookup *l)
{
	pthread_t id;

	l->holders++;
	if (sys_thread(&id, look_up, l) != 0) {
		l->holders--;
		return false;
	}
	pthread_detach(id);
	return true;
}

static bool
answered(const struct lookup *l, int timeout_ms)
{
	struct pollfd p = { .fd = l->pipe[0], .events = POLLIN };
	int64_t end = clock_mono_ms() + timeout_ms, left;
	int n;

	do {
		left = end - clock_mono_ms();
		n = poll(&p, 1, left > 0 ? (int)left : 0);
	} while (n == -1 && errno == EINTR);
	return n > 0;
}

static int
as_text(char out[static ADDRESSES_MAX][ADDRESS_SIZE], const struct addrinfo *list)
{
	const struct addrinfo *a;
	int i, n = 0;

	for (a = list; a != NULL && n < ADDRESSES_MAX; a = a->ai_next) {
		if (getnameinfo(a->ai_addr, a->ai_addrlen, out[n], ADDRESS_SIZE, NULL, 0, NI_NUMERICHOST) != 0)
			continue;
		for (i = 0; i < n && strcmp(out[i], out[n]) != 0; i++)
			;
		n += i == n;
	}
	return n;
}

int
resolve(char out[static ADDRESSES_MAX][ADDRESS_SIZE], const char *host, int timeout_ms,
    char *why, size_t size)
{
	struct lookup *l = lookup_new(host);
	int n = 0;

	if (l == NULL || !begin(l))
		snprintf(why, size, "no memory or thread to resolve the name with");
	else if (!answered(l, timeout_ms))
		snprintf(why, size, "the name was not resolved within %d ms", timeout_ms);
	else if (l->rc != 0)
		snprintf(why, size, "%s", l->rc == EAI_SYSTEM ? strerror(l->err) : gai_strerror(l->rc));
	else if ((n = as_text(out, l->list)) == 0)
		snprintf(why, size, "the name has no address");
	if (l != NULL)
		let_go(l);
	return n;
}
