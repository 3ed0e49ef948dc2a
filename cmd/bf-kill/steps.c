/* The records of bf-kill. Nothing that happens to them stops the killing. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kill.h"

/*
 * For a person: a table for each kind of step, so that none is wider than a terminal
 */

static const struct column latch_cols[] = {
	{ "STEP", "step", COL_LEFT },
	{ "MS", "ms", COL_RIGHT | COL_MORE(1) },
	{ "SYMBOL", "symbol", COL_LEFT },
	{ "SIDE", "side", COL_LEFT | COL_SIDE },
	{ "LATCHED", "latched", COL_LEFT },
	{ "REASON", "reason", COL_LEFT | COL_CUT },
	{ NULL, NULL, 0 }
};
static const struct column status_cols[] = {
	{ "STEP", "step", COL_LEFT },
	{ "LATCH", "latch", COL_LEFT },
	{ "LATCHED", "latched", COL_LEFT },
	{ "REASON", "reason", COL_LEFT | COL_CUT },
	{ NULL, NULL, 0 }
};
/* The symbol tells the market. */
static const struct column act_cols[] = {
	{ "STEP", "step", COL_LEFT },
	{ "MS", "ms", COL_RIGHT | COL_MORE(1) },
	{ "SYMBOL", "symbol", COL_LEFT },
	{ "KIND", "kind|rung", COL_LEFT | COL_MORE(2) },
	{ "POSITION", "positionAmt", COL_RIGHT },
	{ "QUANTITY", "quantity|open", COL_RIGHT },
	{ "OUTCOME", "outcome", COL_LEFT },
	{ "MESSAGE", "msg", COL_LEFT | COL_CUT },
	{ NULL, NULL, 0 }
};
static const struct column deadman_cols[] = {
	{ "STEP", "step", COL_LEFT },
	{ "MS", "ms", COL_RIGHT | COL_MORE(1) },
	{ "OUTCOME", "outcome", COL_LEFT },
	{ "COUNTDOWN MS", "countdownMs", COL_RIGHT },
	{ "SYMBOLS", "symbols", COL_LEFT },
	{ "MESSAGE", "msg", COL_LEFT | COL_CUT },
	{ NULL, NULL, 0 }
};
static const struct column proof_cols[] = {
	{ "STEP", "step", COL_LEFT },
	{ "MS", "ms", COL_RIGHT },
	{ "ORDERS", "openOrders", COL_RIGHT },
	{ "CONDITIONAL", "openAlgoOrders", COL_RIGHT },
	{ "POSITIONS", "positions", COL_RIGHT },
	{ "UNSETTLED", "unsettled", COL_RIGHT },
	{ NULL, NULL, 0 }
};
static const struct column end_cols[] = {
	{ "STEP", "step", COL_LEFT },
	{ "FLAT", "flat", COL_LEFT },
	{ "BLOCKED MS", "blockedMs", COL_RIGHT | COL_MORE(2) },
	{ "CANCELLED MS", "cancelledMs", COL_RIGHT },
	{ "FLAT MS", "flatMs", COL_RIGHT },
	{ "REQUESTS", "requests", COL_RIGHT | COL_MORE(1) },
	{ "LEFT", "left", COL_LEFT },
	{ "MESSAGE", "msg", COL_LEFT | COL_CUT },
	{ NULL, NULL, 0 }
};

const struct column *
columns_of(const char *name)
{
	static const struct { const char *name; const struct column *cols; } row[] = {
		{ "latch", latch_cols }, { "reset", latch_cols }, { "status", status_cols }, { "cancel", act_cols },
		{ "flatten", act_cols }, { "deadman", deadman_cols }, { "proof", proof_cols }, { "end", end_cols },
		{ "drill", end_cols },
	};

	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		if (strcmp(row[i].name, name) == 0)
			return row[i].cols;
	return act_cols;
}

/* Standard output failed: said once, and told by the exit status. */
static void
out_failed(struct app *a, const struct fault *f)
{
	if (!a->mute && f->kind == FAULT_LOCAL) {
		say(a, "%s; going on", f->text);
		see(a, f);
	}
	a->mute = a->mute || f->kind == FAULT_LOCAL;
	a->local = fault_worst(a->local, f->kind);
}

static void
begin_table(struct app *a, const char *name)
{
	const struct column *cols = columns_of(name);
	struct fault f = { 0 };

	if (a->out.table && cols != a->out.cols && printer_section(&a->out, cols, &f) == -1)
		out_failed(a, &f);
}

/*
 * Records
 */

int64_t
now_ms(struct app *a)
{
	for (int i = 0; i < a->nmarket; i++)
		if (a->open[a->market[i]] && a->s[a->market[i]].off.known)
			return session_now(&a->s[a->market[i]]);
	return clock_wall_ms();
}

int64_t
since_ms(const struct app *a)
{
	return clock_mono_ms() - a->began_ms;
}

void
step(struct app *a, const char *name)
{
	begin_table(a, name);
	buf_reset(&a->rec);
	jw_open(&a->rec, NULL, '{');
	jw_str(&a->rec, "e", "bf.kill");
	jw_i64(&a->rec, "E", now_ms(a));
	jw_str(&a->rec, "by", a->tool->name);
	jw_str(&a->rec, "profile", a->prof.name);
	jw_str(&a->rec, "step", name);
	jw_i64(&a->rec, "ms", since_ms(a));
}

void
step_fault(struct app *a, const struct fault *f)
{
	jw_str(&a->rec, "category", fault_word(f->kind));
	jw_i64(&a->rec, "code", f->code);
	jw_str(&a->rec, "msg", f->text);
}

void
emit_records(struct app *a, struct buf *rec)
{
	struct buf was = { 0 };
	struct fault f = { 0 };
	int r;

	buf_put(&was, rec->p, rec->len);
	r = printer_put(&a->out, rec, &f);
	if (r == -1 && f.kind == FAULT_REJECTED)
		(void)tool_fail(a->tool, STDERR_FILENO, &f);
	if (r == 0 && (!a->out.table || a->out.live))
		r = out_flush(&a->out.out, &f);
	if (r == -1) {
		out_failed(a, &f);
		if (was.len > 0)
			say(a, "%.*s", (int)(was.len > 900 ? 900 : was.len - 1), was.p);
	}
	buf_free(&was);
}

void
emit(struct app *a)
{
	jw_close(&a->rec, '}');
	jw_end(&a->rec);
	emit_records(a, &a->rec);
}

void
local_trouble(struct app *a, const struct fault *f)
{
	say(a, "%s; going on", f->text);
	see(a, f);
	a->local = fault_worst(a->local, f->kind);
}

void
note(struct app *a, const struct fault *f)
{
	a->worst = fault_worst(a->worst, f->kind);
}
