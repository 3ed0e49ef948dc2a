/*
 * The worker: one thread, a list of jobs to do and a list of jobs done. A byte in
 * a pipe tells the loop that there is something to look at.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "io/sys.h"
#include "io/work.h"
#include "io/ws_in.h"

#define NAP_MS	1000	/* the longest wait at a time: a machine may have slept */

struct job {
	struct job	*next;
	int64_t		 due_ms;	/* monotonic */
	enum market	 market;
	void		(*run)(struct session *s, void *job);
	void		(*done)(void *arg, void *job);
	void		*arg, *job;
};
struct jobs { struct job *first, **end; };

struct worker {
	struct ws_loop	*loop;
	struct session	*s[MARKETS];
	pthread_t	 thread;
	pthread_mutex_t	 lock;		/* of todo and done */
	pthread_cond_t	 more;
	struct jobs	 todo, done;
	_Atomic bool	 stop;
	int		 tell[2];	/* a pipe: the loop watches its end */
};

static void
jobs_init(struct jobs *l)
{
	l->first = NULL;
	l->end = &l->first;
}

static void
jobs_put(struct jobs *l, struct job *j)
{
	j->next = NULL;
	*l->end = j;
	l->end = &j->next;
}

static void
jobs_cut(struct jobs *l, struct job **p)
{
	struct job *j = *p;

	*p = j->next;
	if (j->next == NULL)
		l->end = p;
}

/* The first job that is due, taken out; else NULL, and how long until one is. */
static struct job *
take_due(struct jobs *l, int64_t now_ms, int64_t *wait_ms)
{
	struct job **p, *j;

	*wait_ms = NAP_MS;
	for (p = &l->first; (j = *p) != NULL; p = &j->next) {
		if (j->due_ms <= now_ms) {
			jobs_cut(l, p);
			return j;
		}
		if (j->due_ms - now_ms < *wait_ms)
			*wait_ms = j->due_ms - now_ms;
	}
	return NULL;
}

/*
 * The thread
 */

static void
wait_more(struct worker *w, int64_t ms)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);	/* the condition's own; a step costs a nap */
	t.tv_sec += ms / 1000;
	t.tv_nsec += ms % 1000 * 1000000;
	if (t.tv_nsec >= 1000000000) {
		t.tv_sec++;
		t.tv_nsec -= 1000000000;
	}
	pthread_cond_timedwait(&w->more, &w->lock, &t);
}

static void
tell_loop(struct worker *w)
{
	/* Full: there are bytes enough to be woken by. */
	(void)!write(w->tell[1], "", 1);
}

static void *
thread(void *arg)
{
	struct worker *w = arg;
	struct job *j;
	int64_t wait;

	pthread_mutex_lock(&w->lock);
	while (!w->stop) {
		if ((j = take_due(&w->todo, clock_mono_ms(), &wait)) == NULL) {
			wait_more(w, wait);
			continue;
		}
		pthread_mutex_unlock(&w->lock);
		j->run(w->s[j->market], j->job);
		pthread_mutex_lock(&w->lock);
		jobs_put(&w->done, j);
		tell_loop(w);
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

/*
 * The loop
 */

static struct job *
done_take(struct worker *w)
{
	struct job *j;

	pthread_mutex_lock(&w->lock);
	if ((j = w->done.first) != NULL)
		jobs_cut(&w->done, &w->done.first);
	pthread_mutex_unlock(&w->lock);
	return j;
}

static void
on_done(void *arg)
{
	struct worker *w = arg;
	char bytes[256];
	struct job *j;

	while (read(w->tell[0], bytes, sizeof bytes) == sizeof bytes)
		;
	while ((j = done_take(w)) != NULL) {
		j->done(j->arg, j->job);
		free(j);
	}
}

static bool
pipe_open(int fd[static 2])
{
	if (sys_pipe(fd) == -1)
		return false;
	for (int i = 0; i < 2; i++)
		(void)fcntl(fd[i], F_SETFL, O_NONBLOCK);
	return true;
}

static void
pipe_close(struct worker *w)
{
	ws_unwatch_in(w->loop, w->tell[0]);
	close(w->tell[0]);
	close(w->tell[1]);
}

/* The sessions are the caller's again. */
static void
give_up(struct worker *w)
{
	for (int m = 0; m < MARKETS; m++)
		if (w->s[m] != NULL)
			w->s[m]->stop = NULL;
	pthread_cond_destroy(&w->more);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

int
worker_open(struct worker **out, struct ws_loop *l, struct session *s[static MARKETS], struct fault *f)
{
	struct worker *w = calloc(1, sizeof *w);

	*out = NULL;
	if (w == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	w->loop = l;
	jobs_init(&w->todo);
	jobs_init(&w->done);
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->more, NULL);
	for (int m = 0; m < MARKETS; m++)
		if ((w->s[m] = s[m]) != NULL)
			s[m]->stop = &w->stop;
	if (!pipe_open(w->tell)) {
		give_up(w);
		return fault_set(f, FAULT_LOCAL, "no pipe to be had: %s", strerror(errno));
	}
	if (ws_watch_in(l, w->tell[0], on_done, w) == -1 || sys_thread(&w->thread, thread, w) != 0) {
		pipe_close(w);
		give_up(w);
		return fault_set(f, FAULT_LOCAL, "no thread to be had");
	}
	*out = w;
	return 0;
}

int
worker_do(struct worker *w, enum market m, int delay_ms, void (*run)(struct session *s, void *job),
    void (*done)(void *arg, void *job), void *arg, void *job)
{
	struct job *j = malloc(sizeof *j);

	if (j == NULL)
		return -1;
	*j = (struct job){ NULL, clock_mono_ms() + (delay_ms > 0 ? delay_ms : 0), m, run, done, arg, job };
	pthread_mutex_lock(&w->lock);
	jobs_put(&w->todo, j);
	pthread_cond_signal(&w->more);
	pthread_mutex_unlock(&w->lock);
	return 0;
}

bool
worker_stopping(const struct session *s)
{
	return s->stop != NULL && *s->stop;
}

static void
jobs_drop(struct jobs *l, void (*drop)(void *job))
{
	struct job *j;

	while ((j = l->first) != NULL) {
		jobs_cut(l, &l->first);
		if (drop != NULL)
			drop(j->job);
		free(j);
	}
}

void
worker_close(struct worker *w, void (*drop)(void *job))
{
	if (w == NULL)
		return;
	pthread_mutex_lock(&w->lock);
	w->stop = true;
	pthread_cond_signal(&w->more);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
	pipe_close(w);
	jobs_drop(&w->done, drop);
	jobs_drop(&w->todo, drop);
	give_up(w);
}
