/*
 * One thread beside a ws_loop that does what blocks: REST calls with their waits
 * and retries. Jobs are done one after the other, in the order given, each with the
 * worker's own session; what a job leaves is looked at in the loop.
 */
#ifndef BF_IO_WORK_H
#define BF_IO_WORK_H

#include "io/rest.h"
#include "io/ws.h"

struct worker;

/*
 * s: one session a market, opened by the caller; from here on the worker's, to
 * be used by nobody else until worker_close (which does not close it). Unused
 * ones may be NULL. -1 with f: no thread, no pipe.
 */
int worker_open(struct worker **out, struct ws_loop *l, struct session *s[static MARKETS], struct fault *f);
/* Stops after the job at hand, whose transfer is broken off (within about a
 * second); done is not called any more, drop is, for each job whose done was not
 * (NULL: fine). Before ws_close, and not from within a done. NULL w is fine. */
void worker_close(struct worker *w, void (*drop)(void *job));

/*
 * Have run(s, job) called in the worker, then done(arg, job) in the loop. s is the
 * session of market m. delay_ms: not before so long from now; a job that waits
 * does not hold up others. -1: out of memory.
 */
int worker_do(struct worker *w, enum market m, int delay_ms, void (*run)(struct session *s, void *job),
    void (*done)(void *arg, void *job), void *arg, void *job);
/* Whether the worker is being closed: a job of several calls looks between them. */
bool worker_stopping(const struct session *s);

#endif
