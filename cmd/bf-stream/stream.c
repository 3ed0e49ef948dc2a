#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/span.h"
#include "stream.h"

void
app_stop(struct app *a, const struct fault *f)
{
	if (f != NULL && a->fault.kind == FAULT_NONE)
		a->fault = *f;
	ws_stop(a->loop);
}

/* What is in a->rec goes out as one record. */
static void
emit(struct app *a)
{
	struct fault f = { 0 };
	int r;

	jw_end(&a->rec);
	r = printer_put(&a->out, &a->rec, &f);
	if (r == -1 && f.kind == FAULT_REJECTED) {
		tool_say(a->tool, STDERR_FILENO, "%s", f.text);
	} else if (r == -1) {
		a->reader_gone = a->out.out.gone;
		app_stop(a, &f);
	}
}

static void
emit_token(struct app *a, const struct tok *v)
{
	if (a->left == 0)
		return;
	span_put(&a->rec, v);
	emit(a);
	if (a->left > 0 && --a->left == 0)
		app_stop(a, NULL);
}

static void
one_record(struct app *a, const struct feed *fd, const struct tok *t, const struct tok *v)
{
	if (v->kind != SCAN_OBJ) {
		tool_say(a->tool, STDERR_FILENO, "%s stream: passed over a value that is no object", fd->name);
		return;
	}
	emit_token(a, v);
	if (fd->route == ROUTE_PRIVATE)
		user_event(a, t, v);
}

/* The answer to a request, or a complaint: not a record. */
static bool
control_message(struct app *a, const struct feed *fd, const struct tok *t, const struct tok *v)
{
	char msg[200] = "";

	if (v->kind != SCAN_OBJ || scan_get(t, v, "e") != NULL)
		return false;
	if (scan_get(t, v, "result") != NULL)
		return true;
	if (scan_get(t, v, "error") == NULL && scan_get(t, v, "code") == NULL)
		return false;
	if (!scan_get_str(t, v, "msg", msg, sizeof msg))
		scan_get_str(t, scan_get(t, v, "error"), "msg", msg, sizeof msg);
	tool_say(a->tool, STDERR_FILENO, "%s stream: the exchange complains: %s", fd->name, msg);
	return true;
}

static void
on_text(void *arg, struct ws_conn *c, const char *p, size_t n)
{
	struct app *a = arg;
	const struct feed *fd = ws_tag(c);
	const struct tok *t, *v, *data;
	int r;

	if ((r = scan_doc(&a->sc, p, n)) <= 0) {
		tool_say(a->tool, STDERR_FILENO, "%s stream: passed over a message: %s", fd->name, scan_strerror(r));
		return;
	}
	v = t = a->sc.t;
	if (scan_get(t, v, "stream") != NULL && (data = scan_get(t, v, "data")) != NULL)
		v = data;
	if (v->kind == SCAN_ARR) {
		for (const struct tok *x = scan_first(v); x != NULL; x = scan_next(t, v, x))
			one_record(a, fd, t, x);
	} else if (!control_message(a, fd, t, v)) {
		one_record(a, fd, t, v);
	}
}

static void
on_state(void *arg, struct ws_conn *c, enum ws_state st, const char *why)
{
	static const char *const word[] = { [WS_OPEN] = "up", [WS_CLOSED] = "down" };
	struct app *a = arg;
	struct feed *fd = ws_tag(c);
	struct buf *b = &a->rec;

	/* Another attempt that failed is no change. */
	if (st == WS_CONNECTING || (st == WS_CLOSED && fd->down))
		return;
	fd->down = st == WS_CLOSED;
	if (st == WS_CLOSED)
		tool_say(a->tool, STDERR_FILENO, "%s stream down: %s; reconnecting", fd->name, why);
	if (a->out.table)	/* a person has the sentence */
		return;
	jw_open(b, NULL, '{');
	jw_str(b, "e", "bf.conn");
	jw_i64(b, "E", session_now(&a->s));
	jw_str(b, "by", a->tool->name);
	jw_str(b, "conn", fd->name);
	jw_str(b, "state", word[st]);
	jw_str(b, "why", why);
	jw_close(b, '}');
	emit(a);	/* a notice is not one of the records --count counts */
}

static int
on_path(void *arg, struct ws_conn *c, char *out, size_t size)
{
	struct app *a = arg;
	const struct feed *fd = ws_tag(c);
	struct fault f = { 0 };

	if (fd->route != ROUTE_PRIVATE) {
		snprintf(out, size, "/%s/stream?streams=%s", fd->path, fd->streams.p);
		return 0;
	}
	if (user_path(a, out, size, &f) == 0)
		return 0;
	if (f.kind == FAULT_AGAIN || f.kind == FAULT_UNKNOWN)
		tool_say(a->tool, STDERR_FILENO, "listenKey: %s; trying again", f.text);
	else
		app_stop(a, &f);
	return -1;
}

static void
on_tick(void *arg, int64_t mono_ms)
{
	user_tick(arg, mono_ms);
}

static void
on_idle(void *arg)
{
	struct app *a = arg;
	struct fault f = { 0 };

	if (out_flush(&a->out.out, &f) == -1) {
		a->reader_gone = a->out.out.gone;
		app_stop(a, &f);
	}
}

const struct ws_events stream_events = {
	.state = on_state,
	.text = on_text,
	.path = on_path,
	.tick = on_tick,
	.idle = on_idle,
};
