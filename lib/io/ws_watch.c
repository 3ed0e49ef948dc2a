/*
 * Other descriptors and short periods in the same loop. A descriptor is watched
 * through a duplicate: lws closes what it was given. It also makes it non-blocking,
 * and with it the descriptor of the shell and of every sibling that shares it;
 * that is undone.
 */
#include <sys/stat.h>

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/timerfd.h>
#endif

#include "io/ws_in.h"

#define SUL_MIN_MS	100	/* lws spins for up to 1 ms before each of its own timers */

struct watch {
	struct watch	*next;
	struct lws	*wsi;		/* NULL: closed, or a file that nobody need wait for */
	int		 fd;		/* the caller's */
	void		(*in)(void *), (*out)(void *), (*gone)(void *);
	void		*arg;
	bool		 wanted;	/* out is to be called */
	lws_sorted_usec_list_t at_once;
	struct ws_loop	*loop;
};

struct timer {
	struct timer	*next;
	struct ws_loop	*loop;
	void		(*fn)(void *);
	void		*arg;
	int		 ms, fd;	/* fd -1: by lws's timer */
	lws_sorted_usec_list_t sul;
};

static struct watch *
watch_of(struct lws *wsi)
{
	struct watch *w;

	for (w = ws_loop_of(wsi)->watches; w != NULL; w = w->next)
		if (w->wsi == wsi)
			return w;
	return NULL;
}

static void
closed(struct watch *w)
{
	w->wsi = NULL;
	if (w->loop->stop)
		return;
	if (w->in != NULL)
		w->in(w->arg);		/* reads the end */
	else if (w->gone != NULL)
		w->gone(w->arg);
}

int
watch_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct watch *w;

	(void)user, (void)in, (void)len;
	if (reason != LWS_CALLBACK_RAW_RX_FILE && reason != LWS_CALLBACK_RAW_WRITEABLE_FILE &&
	    reason != LWS_CALLBACK_RAW_CLOSE_FILE)
		return 0;
	if ((w = watch_of(wsi)) == NULL)
		return reason == LWS_CALLBACK_RAW_CLOSE_FILE ? 0 : -1;
	if (reason == LWS_CALLBACK_RAW_CLOSE_FILE)
		closed(w);
	else if (reason == LWS_CALLBACK_RAW_RX_FILE && w->in != NULL)
		w->in(w->arg);
	else if (reason == LWS_CALLBACK_RAW_WRITEABLE_FILE && w->wanted) {
		w->wanted = false;
		w->out(w->arg);
	}
	return 0;
}

static struct lws *
adopt(struct ws_loop *l, int fd)
{
	lws_sock_file_fd_type u;
	struct lws *wsi;
	int flags = fcntl(fd, F_GETFL);

	if (flags == -1 || (u.filefd = fcntl(fd, F_DUPFD_CLOEXEC, 3)) == -1)
		return NULL;
	wsi = lws_adopt_descriptor_vhost(l->plain, LWS_ADOPT_RAW_FILE_DESC, u, WS_FILE_PROTOCOL, NULL);
	if (wsi == NULL)
		close(u.filefd);
	(void)fcntl(fd, F_SETFL, flags);
	return wsi;
}

static struct watch *
watch_add(struct ws_loop *l, int fd, void *arg)
{
	struct watch *w = calloc(1, sizeof *w);

	if (w == NULL)
		return NULL;
	w->loop = l;
	w->fd = fd;
	w->arg = arg;
	w->next = l->watches;
	l->watches = w;
	return w;
}

int
ws_watch_in(struct ws_loop *l, int fd, void (*ready)(void *arg), void *arg)
{
	struct watch *w = watch_add(l, fd, arg);

	if (w == NULL || (w->wsi = adopt(l, fd)) == NULL)
		return -1;
	w->in = ready;
	return 0;
}

void
ws_unwatch_in(struct ws_loop *l, int fd)
{
	struct watch *w;
	struct lws *wsi;

	for (w = l->watches; w != NULL; w = w->next)
		if (w->in != NULL && w->fd == fd) {
			wsi = w->wsi;
			w->in = NULL;
			w->wsi = NULL;
			w->fd = -1;
			if (wsi != NULL)
				lws_set_timeout(wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
			return;
		}
}

/*
 * Output
 */

/* Whether waiting for it makes sense: a file never fills up, and is always ready
 * to poll. */
static bool
can_wait(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode) || isatty(fd));
}

int
ws_watch_out(struct ws_loop *l, int fd, void (*ready)(void *arg), void (*gone)(void *arg), void *arg)
{
	struct watch *w = watch_add(l, fd, arg);

	if (w == NULL)
		return -1;
	w->out = ready;
	w->gone = gone;
	l->out = w;
	if (!can_wait(fd))
		return 0;
	if ((w->wsi = adopt(l, fd)) == NULL)
		return -1;
	/* What is typed at a terminal, or said by a socket's reader, is not asked for. */
	lws_rx_flow_control(w->wsi, 0);
	return 0;
}

static void
on_at_once(lws_sorted_usec_list_t *sul)
{
	struct watch *w = lws_container_of(sul, struct watch, at_once);

	if (!w->wanted)
		return;
	w->wanted = false;
	w->out(w->arg);
}

void
ws_want_out(struct ws_loop *l)
{
	if (l->out == NULL || l->out->wanted)
		return;
	l->out->wanted = true;
	if (l->out->wsi == NULL)
		lws_sul_schedule(l->ctx, 0, &l->out->at_once, on_at_once, 1);
}

/* Not in ws_want_out: lws 4.1 takes back, after the callback that said there is
 * room, what was asked for within it. */
void
watch_arm(struct ws_loop *l)
{
	if (l->out != NULL && l->out->wanted && l->out->wsi != NULL)
		lws_callback_on_writable(l->out->wsi);
}

int
watch_poll(const struct ws_loop *l, struct pollfd *p, int n, int max, int *timeout_ms)
{
	const struct watch *w;
	const struct timer *t;

	for (w = l->watches; w != NULL; w = w->next) {
		if (w->wsi != NULL && w->in != NULL)
			n = poll_add(p, n, max, w->fd, POLLIN, timeout_ms);
		else if (w->wsi != NULL && w->out != NULL)	/* 0: only whether its reader went */
			n = poll_add(p, n, max, w->fd, w->wanted ? POLLOUT : 0, timeout_ms);
		poll_due(timeout_ms, &w->at_once);
	}
	for (t = l->timers; t != NULL; t = t->next)
		poll_due(timeout_ms, &t->sul);
	return n;
}

/*
 * Periods
 */

static void
on_period(lws_sorted_usec_list_t *sul)
{
	struct timer *t = lws_container_of(sul, struct timer, sul);

	if (t->loop->stop)
		return;
	lws_sul_schedule(t->loop->ctx, 0, &t->sul, on_period, (lws_usec_t)t->ms * LWS_US_PER_MS);
	t->fn(t->arg);
}

static void
on_timerfd(void *arg)
{
	struct timer *t = arg;
	uint64_t times;

	if (read(t->fd, &times, sizeof times) == sizeof times && !t->loop->stop)
		t->fn(t->arg);
}

static int
timerfd_start(struct timer *t)
{
#ifdef __linux__
	struct itimerspec every = {
		{ t->ms / 1000, t->ms % 1000 * 1000000L }, { t->ms / 1000, t->ms % 1000 * 1000000L }
	};

	if ((t->fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)) == -1)
		return -1;
	if (timerfd_settime(t->fd, 0, &every, NULL) == 0 &&
	    ws_watch_in(t->loop, t->fd, on_timerfd, t) == 0)
		return 0;
	close(t->fd);
	t->fd = -1;
#else
	(void)t, (void)on_timerfd;
#endif
	return -1;
}

int
ws_every(struct ws_loop *l, int ms, void (*fn)(void *arg), void *arg)
{
	struct timer *t = calloc(1, sizeof *t);

	if (t == NULL)
		return -1;
	t->loop = l;
	t->fn = fn;
	t->arg = arg;
	t->ms = ms < 10 ? 10 : ms;
	t->fd = -1;
	t->next = l->timers;
	l->timers = t;
	if (t->ms >= SUL_MIN_MS || timerfd_start(t) == -1)
		lws_sul_schedule(l->ctx, 0, &t->sul, on_period, (lws_usec_t)t->ms * LWS_US_PER_MS);
	return 0;
}

/* Before the context goes: it closes its own duplicates and calls nobody. */
void
watch_free(struct ws_loop *l)
{
	struct watch *w;
	struct timer *t;

	while ((w = l->watches) != NULL) {
		l->watches = w->next;
		lws_sul_schedule(l->ctx, 0, &w->at_once, on_at_once, LWS_SET_TIMER_USEC_CANCEL);
		free(w);
	}
	l->out = NULL;
	while ((t = l->timers) != NULL) {
		l->timers = t->next;
		lws_sul_schedule(l->ctx, 0, &t->sul, on_period, LWS_SET_TIMER_USEC_CANCEL);
		if (t->fd != -1)
			close(t->fd);
		free(t);
	}
}
