/* A line of a recording into events, and when each is due. Pure. */
#ifndef BF_STREAM_REPLAY_LINE_H
#define BF_STREAM_REPLAY_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/fault.h"
#include "core/scan.h"
#include "replay.h"

enum replay_line {
	REPLAY_OK,
	REPLAY_ENOUGH,	/* each said so */
	REPLAY_FAULT,	/* each failed, or no memory: f */
	REPLAY_BAD	/* no recorded line: why in f (FAULT_USAGE, without file and number); each was not called */
};
/* Call each on every event of the line (n bytes, without newline); none if it is blank. sc
 * keeps room for the next line. */
enum replay_line replay_line(struct scan *sc, const char *line, size_t n,
    int (*each)(void *arg, const struct replay_rec *r, struct fault *f), void *arg, struct fault *f);

/*
 * The pacing. Zero it at first. Times are in microseconds: us of the recording, 0 if
 * unknown; mono of a clock that does not jump.
 */
struct pace {
	bool	begun;
	int64_t	last;	/* us of the event before */
	int64_t	base, pos;	/* pos of replay time after base (mono) that event is due */
};
#define PACE_JUMP_US	INT64_C(10000000)
/*
 * How long to wait now, us, before the event; 0: it is due. A step of the recording's
 * clock by more than PACE_JUMP_US forth counts as that, and back as none. Events that are
 * a little out of order do not shift what follows. Who is late catches up, unless by more
 * than PACE_JUMP_US of real time: then the rest is as much later.
 */
int64_t pace_wait(struct pace *p, int64_t us, long speed, int64_t mono);

#endif
