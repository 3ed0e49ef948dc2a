#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "core/show.h"
#include "io/clock.h"
#include "io/rounds.h"
#include "io/sys.h"
#include "io/term.h"

struct run {
	const struct rounds *o;
	struct printer	*p;
	const struct tool *tool;
	const char	*title;
	int (*round)(void *, struct fault *);
	void		*arg;
	struct term	 term;
	struct buf	 last;		/* the table of the last round, for the terminal */
	long		 done;
	bool		 down;		/* the last round failed, and that was told */
};

_Atomic bool rounds_stop;

static void
on_signal(int sig)
{
	(void)sig;
	atomic_store(&rounds_stop, true);
}

/*
 * After a round
 */

static void
put_title(struct buf *b, const struct run *r)
{
	int64_t ms = clock_wall_ms() % 86400000;

	buf_printf(b, "%s %s  %02d:%02d:%02d UTC", r->tool->name, r->title, (int)(ms / 3600000), (int)(ms / 60000 % 60),
	    (int)(ms / 1000 % 60));
}

/* why: what kept the last round from an answer; NULL: nothing. */
static int
draw(const struct run *r, const char *why, struct fault *f)
{
	struct buf text = { 0 };
	int ret;

	put_title(&text, r);
	if (why != NULL) {
		buf_str(&text, "  OLD: ");
		show_put(&text, why, strlen(why));
	}
	buf_str(&text, "\n\n");
	buf_put(&text, r->last.p, r->last.len);
	ret = term_frame(&r->term, &text, f);
	buf_free(&text);
	return ret;
}

static int
print(struct run *r, struct fault *f)
{
	if (r->term.on) {
		buf_reset(&r->last);
		return printer_take(r->p, &r->last, f) == -1 ? -1 : draw(r, NULL, f);
	}
	return printer_round(r->p, f) == -1 ? -1 : out_flush(&r->p->out, f);
}

/* A round that brought no answer: whether to go on. */
static int
failed(struct run *r, struct fault *f)
{
	struct fault why = *f;

	if (r->done == 0 || f->kind != FAULT_AGAIN)
		return -1;
	if (r->term.on)
		return draw(r, why.text, f);
	if (!r->down)
		tool_say(r->tool, STDERR_FILENO, "%s; asking on", f->text);
	r->down = true;
	return 0;
}

static int
turn(struct run *r, struct fault *f)
{
	if (r->round(r->arg, f) == -1)
		return atomic_load(&rounds_stop) ? 0 : failed(r, f);
	if (r->down)
		tool_say(r->tool, STDERR_FILENO, "the exchange answers again");
	r->down = false;
	return atomic_load(&rounds_stop) && r->done > 0 ? 0 : print(r, f);
}

static int
go_on(struct run *r, struct fault *f)
{
	int64_t every = (r->o->every > 0 ? r->o->every : ROUNDS_EVERY_S) * INT64_C(1000), next;

	do {
		next = clock_mono_ms() + every;
		if (turn(r, f) == -1)
			return -1;
		r->done++;
	} while ((r->o->count == 0 || r->done < r->o->count) && clock_wait(next, &rounds_stop));
	return 0;
}

int
rounds_check(const struct rounds *o, const char *verb, struct fault *f)
{
	if (o->watch || (o->every == 0 && o->count == 0))
		return 0;
	return fault_set(f, FAULT_USAGE, "%s of %s goes with --watch", o->every > 0 ? "--every" : "--count", verb);
}

int
rounds_run(const struct rounds *o, struct printer *p, const struct tool *tool, const char *title,
    int (*round)(void *arg, struct fault *f), void *arg, struct fault *f)
{
	struct run r = { .o = o, .p = p, .tool = tool, .title = title, .round = round, .arg = arg };
	int ret;

	(void)sys_catch(SIGINT, on_signal, false);
	(void)sys_catch(SIGTERM, on_signal, false);
	(void)sys_catch(SIGHUP, on_signal, false);
	if (p->form == PRINT_TABLE && p->tty) {
		p->out.patient = true;
		if (term_begin(&r.term, p->out.fd, f) == -1)
			return -1;
	}
	ret = go_on(&r, f);
	if (r.term.on) {
		term_end(&r.term);
		buf_put(&p->out.b, r.last.p, r.last.len);
		p->out.patient = false;
	}
	printer_done(p);
	buf_free(&r.last);
	return ret;
}
