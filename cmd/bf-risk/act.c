/* What the rules over events want done, and what of them outlives a run. */
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "io/clock.h"
#include "io/latch.h"
#include "io/state.h"
#include "risk.h"

#define DAY_FILE	"risk"
#define DAY_LOCK	"risk.lock"
#define DAY_MAX		(4u << 20)
#define LATCH_LOOK_MS	50	/* how long a look at the latch serves */

/*
 * The latch
 */

void
look_latch(struct app *a, const char *symbol, enum order_side side)
{
	struct health *h = &a->w.health;
	struct fault f = { 0 };
	int r = latch_test_for(&a->v.s[a->v.market].prof, symbol, side, h->latch_why, sizeof h->latch_why, &f);

	h->latched = r != 0;
	if (r == -1)
		snprintf(h->latch_why, sizeof h->latch_why, "%.*s", (int)sizeof h->latch_why - 1, f.text);
}

static void
trip(struct app *a)
{
	struct fault f = { 0 };

	say(a, "the kill latch is tripped: %s", a->wish.trip);
	if (latch_trip(&a->v.s[a->v.market].prof, &(struct latch_scope){ 0 }, a->tool->name, a->wish.trip,
	    clock_wall_ms(), &f) == -1)
		say(a, "%s", f.text);
	a->worst = fault_worst(a->worst, f.kind == FAULT_LOCAL ? FAULT_LOCAL : FAULT_TRIPPED);
	a->wish.trip[0] = '\0';
}

/* A pipe whose reader has not taken all that was written: it has not been sent, and its time has
 * not begun. */
bool
unread(void)
{
	struct stat st;
	int n;

	return fstat(STDOUT_FILENO, &st) == 0 && S_ISFIFO(st.st_mode) &&
	    ioctl(STDOUT_FILENO, FIONREAD, &n) == 0 && n > 0;
}

/*
 * The day
 */

static void
save_day(struct app *a)
{
	const struct profile *p = &a->v.s[a->v.market].prof;
	struct fault f = { 0 };
	struct buf b = { 0 };

	a->wish.save = false;
	if (a->day_fd == -1)
		return;
	watch_save(a->watch, &b);
	if (b.bad || state_write(p->state_dir, DAY_FILE, b.p, b.len, &f) == -1) {
		if (!a->said_unsaved)
			say(a, "the day's figures cannot be kept: %s", b.bad ? "out of memory" : f.text);
		a->said_unsaved = true;
		a->worst = fault_worst(a->worst, FAULT_LOCAL);
	}
	buf_free(&b);
}

int
act(struct app *a, struct fault *f)
{
	struct wish *w = &a->wish;

	if (w->say[0] != '\0') {
		say(a, "%s", w->say);
		w->say[0] = '\0';
	}
	if (w->trip[0] != '\0')
		trip(a);
	for (enum market m = 0; m < MARKETS; m++)
		if (w->income[m] && a->feed[m].on)
			fetch_income(&a->feed[m]);
	if (w->save)
		save_day(a);
	if (w->rules) {
		w->rules = false;
		for (enum market m = 0; m < MARKETS; m++)
			if (a->feed[m].on && !a->w.down[m])
				fetch_rules(a, m);
	}
	if (w->lines.len == 0)
		return 0;
	/* An order must leave now, not when the pipe next falls silent. */
	return out_records(&a->out, &w->lines, f) == -1 ? -1 : out_flush(&a->out, f);
}

/* One bf-risk of a profile keeps the day; others see it as it was when they began. */
static void
lock_day(struct app *a, const struct profile *p)
{
	char path[sizeof p->state_dir + sizeof "/" DAY_LOCK];

	snprintf(path, sizeof path, "%s/" DAY_LOCK, p->state_dir);
	a->day_fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (a->day_fd != -1 && flock(a->day_fd, LOCK_EX | LOCK_NB) == -1) {
		close(a->day_fd);
		a->day_fd = -1;
		say(a, "another bf-risk of profile %s keeps the day's figures: this one does not write them", p->name);
	} else if (a->day_fd == -1) {
		say(a, "%s: %s: the day's figures are not kept", path, strerror(errno));
		a->worst = fault_worst(a->worst, FAULT_LOCAL);
	}
}

int
day_open(struct app *a, struct fault *f)
{
	const struct profile *p = &a->v.s[a->v.market].prof;
	struct buf text = { 0 };
	struct scan sc = { 0 };
	int r;

	if (state_dir(p->state_dir, f) == -1)
		return -1;
	lock_day(a, p);
	if ((r = state_read(p->state_dir, DAY_FILE, &text, DAY_MAX, f)) == 1) {
		if (scan_doc(&sc, text.p, text.len) <= 0)
			r = fault_set(f, FAULT_LOCAL, "%s/" DAY_FILE ": not JSON", p->state_dir);
		else
			r = watch_load(a->watch, sc.t, sc.t, f);
	}
	scan_free(&sc);
	buf_free(&text);
	if (r == -1) {
		say(a, "the day's figures of before cannot be read; what is lost today is not known. Remove the file to begin anew");
		return -1;
	}
	fetch_day(a);
	return 0;
}

void
day_close(struct app *a)
{
	if (a->day_fd != -1)
		close(a->day_fd);
	a->day_fd = -1;
}
