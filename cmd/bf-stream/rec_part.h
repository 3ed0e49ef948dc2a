/* The parts of a recording: when one ends, and what it is called. Pure. */
#ifndef BF_STREAM_REC_PART_H
#define BF_STREAM_REC_PART_H

#include <stddef.h>
#include <stdint.h>

#define PART_SUFFIX	48	/* bytes at most after the name of FILE, NUL and all */

enum part_kind {
	PART_NONE,	/* not a part of that FILE, or one that is packed */
	PART_PLAIN,	/* BASE-YYYYMMDDTHHMMSSZ or BASE-YYYYMMDDTHHMMSSZ-N */
	PART_HALF	/* the same and ".gz.part": packing was not done */
};
/* What a name in the directory of base is. */
enum part_kind part_kind(const char *base, const char *name);
/* "-YYYYMMDDTHHMMSSZ" of a time in microseconds (UTC); nth > 1 adds "-nth". */
void part_suffix(char out[static PART_SUFFIX], int64_t us, int nth);
/* The recv member of a recorded line of n bytes, of which the end may be missing; -1: it
 * is none. */
int64_t part_recv(const char *line, size_t n);
/* How many of n bytes are whole lines: up to the last newline and with it. */
size_t part_whole(const char *p, size_t n);

#endif
