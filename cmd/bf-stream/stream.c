/* Records on their way out. */
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "io/clock.h"
#include "stream.h"

#define READY_MAX	(64u << 10)	/* bytes formatted ahead of the reader; the rest waits in the sink */
#define SAID_MOST	20		/* sentences about what came, in SAID_MS */
#define SAID_MS		10000

int64_t
app_now(struct app *a)
{
	return a->now;
}

void
app_stop(struct app *a, const struct fault *f)
{
	if (f != NULL && a->fault.kind == FAULT_NONE)
		a->fault = *f;
	a->stopping = true;
	if (a->loop != NULL)
		ws_stop(a->loop);
}

/* What a peer can make us say again and again is said a few times, and then counted. */
void
app_say(struct app *a, const char *fmt, ...)
{
	char text[400];
	va_list ap;

	app_said(a, false);
	if (a->said == SAID_MOST) {
		a->unsaid++;
		return;
	}
	if (a->said++ == 0)
		a->said_since = a->mono;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	tool_say(a->tool, STDERR_FILENO, "%s", text);
}

void
app_said(struct app *a, bool end)
{
	if (a->said == 0 || (a->mono - a->said_since < SAID_MS && !end))
		return;
	if (a->unsaid > 0)
		tool_say(a->tool, STDERR_FILENO, "and %lu more such messages", a->unsaid);
	a->said = 0;
	a->unsaid = 0;
}

/* The printer would not take a record: a filter that fails on it says so and goes on. */
static void
unprinted(struct app *a, const struct fault *f)
{
	if (f->kind == FAULT_REJECTED) {
		app_say(a, "%s", f->text);
		return;
	}
	a->reader_gone = a->out.out.gone;
	app_stop(a, f);
}

static void
print(struct app *a, struct buf *rec)
{
	struct fault f;

	if (printer_put(&a->out, rec, &f) == -1)
		unprinted(a, &f);
}

static void
print_line(struct app *a, const char *rec, size_t n)
{
	struct fault f;

	if (printer_line(&a->out, rec, n, &f) == -1)
		unprinted(a, &f);
}

static void
file(struct app *a, enum sink_kind kind, const struct sink_key *k, const char *rec, size_t n)
{
	struct fault f;

	/* Nobody waits: no need to queue. */
	if (a->replaying || (sink_empty(a->sink) && !a->held && a->out.out.b.len < READY_MAX)) {
		print_line(a, rec, n);
	} else if (sink_put(a->sink, kind, k, rec, n, a->now, &f) == -1) {
		a->full = true;
		app_stop(a, &f);
	}
}

static void
keep(struct app *a, const struct sink_key *k, const char *rec, size_t n)
{
	struct fault f;

	if (a->rec != NULL && recorder_put(a->rec, clock_wall_us(), k->stream, strlen(k->stream), rec, n, &f) == -1)
		app_stop(a, &f);
}

void
app_emit(struct app *a, enum sink_kind kind, const struct sink_key *k, const char *rec, size_t n)
{
	if (a->stopping || a->left == 0)
		return;
	keep(a, k, rec, n);
	/* A person at a table has sentences in the place of notices. */
	if (kind == SINK_NOTICE && a->out.table)
		return;
	file(a, kind, k, rec, n);
	if (kind != SINK_NOTICE && a->left > 0 && --a->left == 0)
		app_stop(a, NULL);
}

struct buf *
app_note(struct app *a, const char *kind)
{
	struct buf *b = &a->note;
	char e[32];

	snprintf(e, sizeof e, "bf.%s", kind);
	buf_reset(b);
	jw_open(b, NULL, '{');
	jw_str(b, "e", e);
	jw_i64(b, "E", a->now);
	jw_str(b, "by", a->tool->name);
	return b;
}

void
app_note_end(struct app *a)
{
	static const struct sink_key none = { .stream = "" };

	jw_close(&a->note, '}');
	if (a->note.bad) {
		struct fault f;

		buf_free(&a->note);
		fault_set(&f, FAULT_LOCAL, "out of memory");
		app_stop(a, &f);
		return;
	}
	app_emit(a, SINK_NOTICE, &none, a->note.p, a->note.len);
	buf_reset(&a->note);
}

void
app_drain(struct app *a)
{
	struct fault f = { 0 };
	bool taken = false;
	size_t had;
	int r;

	do {
		while (a->out.out.b.len < READY_MAX && sink_next(a->sink, &a->text))
			print(a, &a->text);
		if (printer_ready(&a->out, &f) == -1)
			unprinted(a, &f);
		if (a->out.out.b.len == 0)
			break;
		had = a->out.out.b.len;
		if ((r = out_try(&a->out.out, &f)) == -1) {
			a->reader_gone = a->out.out.gone;
			app_stop(a, &f);
			return;
		}
		taken |= a->out.out.b.len < had;
	} while (r == 1);
	if (!a->held || taken)
		a->held_since = a->mono;
	a->held = a->out.out.b.len > 0;
	if (a->held && a->loop != NULL)
		ws_want_out(a->loop);
}

void
app_finish(struct app *a)
{
	struct pollfd pfd = { .fd = a->out.out.fd, .events = POLLOUT };

	if (a->fault.kind != FAULT_NONE && !a->full)
		return;
	app_drain(a);
	while (a->held && !a->reader_gone && !stop_asked) {
		(void)poll(&pfd, 1, 100);	/* 100: a signal may have come just before it */
		app_drain(a);
	}
}
