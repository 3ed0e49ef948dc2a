/* What the parts of bf-time share. */
#ifndef BF_TIME_APP_H
#define BF_TIME_APP_H

#include <stdbool.h>
#include <stdint.h>

#include "core/buf.h"
#include "io/rest.h"
#include "io/table.h"
#include "io/tool.h"

struct app {
	const struct tool *tool;
	struct common	 common;
	struct session	 s;
	struct printer	 out;
	long		 check;		/* ms; -1: not asked for */
	long		 samples, every, count, timeout;	/* 0: not given */
	bool		 watch, probe;
	int64_t		 told_ms;	/* the last E */
};

/* A number of thousandths as JSON: 1234567 is 1234.567. */
void put_thousandths(struct buf *b, const char *key, int64_t n);

/* E of a record: exchange time, which does not go back by the little that a new
 * measuring differs from the last. */
int64_t stamp(struct app *a);

/* One measuring, its samples missing told on stderr. -1: there is none. */
int measure(struct app *a, struct time_figures *fig, struct fault *f);
/* The members of a bf.time record, to be closed by the caller. */
void put_time(struct buf *b, struct app *a, const struct time_figures *fig);
/* Print rec now. */
int print(struct app *a, struct buf *rec, struct fault *f);
/* FAULT_CLOCK if the offset is too unsure to sign with, or --check is not met. */
int judge(struct app *a, struct fault *f);

/* Measure every so often until a signal, --count or a failed --check. */
int watch(struct app *a, struct fault *f);
extern const struct column watch_cols[];

/* Try every address of every host of the profile. */
int probe(struct app *a, struct fault *f);
extern const struct column probe_cols[];

#endif
