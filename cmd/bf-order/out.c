/* What leaves: outcomes on stdout, sentences on stderr. */
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "core/hint.h"
#include "app.h"

void
saw(struct app *a, enum fault_kind kind)
{
	a->worst = fault_worst(a->worst, kind);
}

void
stop_all(struct app *a)
{
	a->halt = a->drop = true;
}

int64_t
app_now(struct app *a)
{
	for (int m = 0; m < MARKETS; m++)
		if (a->v.open[m])
			return session_now(&a->v.s[m]);
	return clock_wall_ms();
}

/* Nobody hears what follows: no more orders, and what was to be said goes to
 * stderr, for it may be the only trace besides the journal. */
static void
output_lost(struct app *a, const struct fault *f, const struct buf *was)
{
	if (!a->halt || was->len > 0)
		say(a, "%s; not printed: %.*s", f->text,
		    was->len > 0 ? (int)(was->len > 800 ? 800 : was->len - 1) : 7,
		    was->len > 0 ? was->p : "nothing");
	stop_all(a);
	saw(a, FAULT_LOCAL);
}

void
emit(struct app *a)
{
	struct buf was = { 0 };
	struct fault f = { 0 };
	int r;

	buf_put(&was, a->rec.p, a->rec.len);
	r = printer_put(&a->out, &a->rec, &f);
	if (r == -1 && f.kind == FAULT_REJECTED) {	/* a filter's own failure */
		(void)tool_fail(a->tool, STDERR_FILENO, &f);
		saw(a, FAULT_REJECTED);
		r = 0;
	}
	if (r == 0 && !a->out.table)
		r = out_flush(&a->out.out, &f);
	if (r == -1)
		output_lost(a, &f, &was);
	buf_free(&was);
}

void
say_none(struct app *a, const char *sentence)
{
	if (a->out.table || a->out.tty)
		say(a, "%s", sentence);
}

bool
reader_gone(struct app *a, short revents)
{
	/* POLLHUP is a socket's, as a remote shell gives, or a terminal's */
	if ((revents & (POLLERR | POLLHUP | POLLNVAL)) == 0)
		return false;
	say(a, "the reader of standard output has gone; stopping");
	stop_all(a);
	saw(a, FAULT_LOCAL);
	return true;
}

/* On a terminal a refused order is a sentence, not a row of a table. */
static void
emit_refusal(struct app *a, const char *text, const char *hint)
{
	if (a->words) {
		say(a, "%s", text);
		tool_see(a->tool, STDERR_FILENO, text, hint);
	}
	if (a->out.table)
		buf_reset(&a->rec);
	else
		emit(a);
}

bool
reject(struct app *a, enum fault_kind kind, const char *rule, int code, const char *limit,
    const char *value, const char *fmt, ...)
{
	const struct buf *text = &a->job->text;
	char msg[1700];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(msg, sizeof msg, fmt, ap);
	va_end(ap);
	saw(a, kind);
	tool_reject_record(&a->rec, a->tool->name, rule, code, msg, limit, value, app_now(a),
	    text->len > 0 ? text->p : NULL, text->len);
	emit_refusal(a, msg, hint_of_rule(rule, code, a->tool->name));
	return false;
}

bool
refuse(struct app *a, const struct fault *f)
{
	const struct buf *text = &a->job->text;

	saw(a, f->kind);
	tool_error_record(&a->rec, a->tool, f, app_now(a), text->len > 0 ? text->p : NULL, text->len);
	emit_refusal(a, f->text, hint_of(f, a->tool->name));
	return false;
}
