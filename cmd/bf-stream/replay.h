/*
 * --replay: recorded files again, with the pacing they had. A line is one of --record,
 * a combined envelope ({"stream","data"}), or a bare event; arrays are split. Files may
 * be compressed by gzip (told by their first bytes; several members, as of files put
 * together, are one), "-" is standard input. A torn last line, or compressed data without
 * their end, is passed over with a sentence; any other bad line is an error with file and
 * line (FAULT_USAGE). Blank lines are nothing.
 */
#ifndef BF_STREAM_REPLAY_H
#define BF_STREAM_REPLAY_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>

#include "core/fault.h"
#include "core/scan.h"

struct replay_rec {
	int64_t		 us;		/* recv if the line has it, else E (ms) times 1000; 0: neither */
	const char	*stream; size_t stream_n;	/* of the envelope; n 0: none */
	const struct tok *t, *v;	/* the event, an object; good during the call */
};

/* Thousandths: "1" 1000, "0.5" 500, "max" and "0" 0 (no waiting); up to 1000000. FAULT_USAGE. */
int speed_parse(long *out, const char *s, struct fault *f);

/*
 * Call each on every event, in the order of the files, waiting as long as lay between them
 * divided by the speed (never longer than 10 s of replay time, and a step back of more is
 * none: clocks of recordings jump).
 *
 * each: 0 go on, 1 enough, -1 with f. wait: called before a sleep or a wait for input, and
 * each 100 ms of it, so that what was printed can be flushed; 1: some of that is held up, so
 * call again soon; -1 with f ends; may be NULL, as say may. say: a sentence for a person.
 * stop: set by a signal handler, looked at before each event and during waits. Returns 0 at
 * the end, when enough, or stopped.
 */
struct replay_ops {
	int  (*each)(void *arg, const struct replay_rec *r, struct fault *f);
	int  (*wait)(void *arg, struct fault *f);
	void (*say)(void *arg, const char *text);
};
int replay_run(char *const files[], int n, long speed, const struct replay_ops *ops, void *arg,
    volatile sig_atomic_t *stop, struct fault *f);

#endif
