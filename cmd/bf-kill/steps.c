/* The records of bf-kill. Nothing that happens to them stops the killing. */
#include <stdio.h>
#include <unistd.h>

#include "kill.h"

void
step(struct app *a, const char *name)
{
	jw_open(&a->rec, NULL, '{');
	jw_str(&a->rec, "e", "bf.kill");
	jw_i64(&a->rec, "E", session_now(&a->s));
	jw_str(&a->rec, "by", a->tool->name);
	jw_str(&a->rec, "profile", a->s.prof.name);
	jw_str(&a->rec, "step", name);
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
