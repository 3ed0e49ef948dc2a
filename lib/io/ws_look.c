/* Names into addresses, in a thread of their own that nobody has to wait for. */
#include <sys/socket.h>

#include <netdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "io/sys.h"
#include "io/ws_in.h"

/* Shared by the thread and the connection; the last one frees it. */
struct lookup {
	pthread_mutex_t	    lock;
	struct lws_context *ctx;	/* to wake; NULL: nobody waits any more */
	atomic_int	    users;
	bool		    done;
	int		    error;	/* of getaddrinfo */
	struct addrs	    a;
	char		    host[WS_HOST_MAX];
};

static void
release(struct lookup *k)
{
	if (atomic_fetch_sub(&k->users, 1) > 1)
		return;
	pthread_mutex_destroy(&k->lock);
	free(k);
}

static void
collect(struct addrs *a, const struct addrinfo *list)
{
	a->n = 0;
	for (; list != NULL && a->n < WS_ADDRS; list = list->ai_next)
		if (getnameinfo(list->ai_addr, list->ai_addrlen, a->text[a->n], sizeof a->text[0],
		    NULL, 0, NI_NUMERICHOST) == 0)
			a->family[a->n++] = list->ai_family;
}

/* AI_ADDRCONFIG is not asked for: a machine with only a loopback address would
 * not find its own. */
static int
ask(const char *host, int flags, struct addrs *out)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = flags }, *list = NULL;
	int error = getaddrinfo(host, NULL, &hints, &list);

	if (error != 0)
		return error;
	collect(out, list);
	freeaddrinfo(list);
	return out->n > 0 ? 0 : EAI_NONAME;
}

static void *
run(void *arg)
{
	struct lookup *k = arg;
	struct addrs a;
	int error = ask(k->host, 0, &a);

	pthread_mutex_lock(&k->lock);
	k->a = a;
	k->error = error;
	k->done = true;
	if (k->ctx != NULL)
		lws_cancel_service(k->ctx);
	pthread_mutex_unlock(&k->lock);
	release(k);
	return NULL;
}

struct lookup *
lookup_begin(const char *host, struct lws_context *ctx)
{
	struct lookup *k = calloc(1, sizeof *k);
	pthread_t t;

	if (k == NULL)
		return NULL;
	pthread_mutex_init(&k->lock, NULL);
	k->ctx = ctx;
	atomic_init(&k->users, 2);
	snprintf(k->host, sizeof k->host, "%s", host);
	if (sys_thread(&t, run, k) != 0) {
		pthread_mutex_destroy(&k->lock);
		free(k);
		return NULL;
	}
	pthread_detach(t);
	return k;
}

int
lookup_done(struct lookup *k, struct addrs *out, char why[static 160])
{
	int r;

	pthread_mutex_lock(&k->lock);
	r = !k->done ? 0 : k->error != 0 ? -1 : 1;
	if (r == 1)
		*out = k->a;
	else if (r == -1)
		snprintf(why, 160, "cannot resolve %s: %s", k->host, gai_strerror(k->error));
	pthread_mutex_unlock(&k->lock);
	return r;
}

void
lookup_end(struct lookup *k)
{
	if (k == NULL)
		return;
	pthread_mutex_lock(&k->lock);
	k->ctx = NULL;
	pthread_mutex_unlock(&k->lock);
	release(k);
}

bool
lookup_numeric(const char *host, struct addrs *out)
{
	return ask(host, AI_NUMERICHOST, out) == 0;
}
