/* The records of bf-kill. Nothing that happens to them stops the killing. */
#include <stdio.h>
#include <unistd.h>

#include "kill.h"

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
		say(a, "%s", f.text);
	if (r == 0 && !a->out.table)
		r = out_flush(&a->out.out, &f);
	if (r == -1) {
		if (!a->mute && f.kind == FAULT_LOCAL)
			say(a, "%s; going on", f.text);
		a->mute = a->mute || f.kind == FAULT_LOCAL;
		a->local = fault_worst(a->local, f.kind);
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
	a->local = fault_worst(a->local, f->kind);
}

void
note(struct app *a, const struct fault *f)
{
	a->worst = fault_worst(a->worst, f->kind);
}
