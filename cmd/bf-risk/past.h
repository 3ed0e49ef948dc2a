/* Recorded records read in the order of their time, from one file or several. */
#ifndef BF_RISK_PAST_H
#define BF_RISK_PAST_H

#include "core/fault.h"
#include "core/scan.h"

struct past;

/* A record: one that bf-stream has recorded ({"recv":..,"stream":..,"data":{..}}) is its data. */
struct past_line {
	const char *file;
	unsigned long long number;	/* of the line, from 1 */
	const struct tok *t, *rec;	/* good until the next call */
	int64_t	ms;			/* its E, else when it was received, else that of the record before it in its file; 0 none */
};

/* files none: standard input; a file "-" is that, too. */
int  past_open(struct past **out, char *const files[], int n, struct fault *f);
void past_close(struct past *p);	/* NULL is fine */
/* 1: the next, the earliest of all files (of equals, that of the file named first); 0: the end; -1: FAULT_USAGE naming file and
 * line of what is not a JSON object, or FAULT_LOCAL. */
int  past_next(struct past *p, struct past_line *out, struct fault *f);

#endif
