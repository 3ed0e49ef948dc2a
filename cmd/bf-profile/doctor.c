/* bf-profile doctor: what is wrong with a profile, and the mend for each. */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/show.h"
#include "doctor.h"
#include "io/sandbox.h"
#include "io/term.h"

#define TIMEOUT_MS	4000	/* for one answer */
#define INDENT		25	/* columns before what is said */

const struct column doctor_cols[] = {
	{ "CHECK", "check", COL_LEFT },
	{ "STATE", "state", COL_LEFT },
	{ "WHAT", "msg", COL_LEFT },
	{ "MEND", "mend", COL_LEFT },
	{ NULL, NULL, 0 }
};

/* What a check needs to have something to look at. */
enum { NEEDS_NOTHING, NEEDS_PROFILE, NEEDS_SESSION, NEEDS_NET, NEEDS_KEY };

static const struct check {
	const char	*name;
	int		 needs;
	doctor_check	*run;
} table[] = {
	{ "versions", NEEDS_NOTHING, check_versions },
	{ "sandbox", NEEDS_NOTHING, check_sandbox },
	{ "configuration", NEEDS_NOTHING, check_config },
	{ "profile", NEEDS_PROFILE, check_place },
	{ "caps", NEEDS_PROFILE, check_caps },
	{ "state", NEEDS_PROFILE, check_folder },
	{ "latch", NEEDS_PROFILE, check_latch },
	{ "journal", NEEDS_PROFILE, check_journal },
	{ "key", NEEDS_PROFILE, check_key },
	{ "ledger", NEEDS_SESSION, check_ledger },
	{ "time-daemon", NEEDS_NOTHING, check_daemon },
	{ "hosts", NEEDS_NET, check_hosts },
	{ "clock", NEEDS_NET, check_clock },
	{ "limits", NEEDS_NET, check_limits },
	{ "account", NEEDS_KEY, check_account },
	{ "key-rights", NEEDS_KEY, check_rights },
};

/*
 * What is told
 */

/* It does not go back by the little that a new measuring of the clock differs from the last. */
static int64_t
stamp(struct doctor *d)
{
	int64_t now = d->open ? session_now(&d->s) : clock_wall_ms();

	if (now > d->told_ms || d->told_ms - now > CLOCK_STEP_MS)
		d->told_ms = now;
	return d->told_ms;
}

static void
put_record(struct buf *b, struct doctor *d, const struct remark *x)
{
	jw_open(b, NULL, '{');
	jw_str(b, "e", "bf.doctor");
	jw_i64(b, "E", stamp(d));
	jw_str(b, "profile", d->loaded ? d->prof.name : d->want != NULL ? d->want : "");
	jw_str(b, "check", x->check);
	jw_str(b, "state", remark_word(x->state));
	jw_str(b, "msg", x->msg);
	jw_str(b, "mend", x->mend);
	jw_close(b, '}');
	jw_end(b);
}

/* To a person a check is a line or a few, not a row of a table too wide for any terminal. */
static bool
to_person(const struct doctor *d)
{
	const char *format = d->a->common.as.format;

	return d->a->out.table && (format == NULL || strcmp(format, "table") == 0);
}

static size_t
columns(const struct doctor *d)
{
	int wide = d->a->out.tty ? term_cols(d->a->out.out.fd) : 0;

	return wide > INDENT + 20 ? (size_t)wide : SIZE_MAX;
}

/* text by words, from column INDENT on; lines after the first begin there. */
static void
put_words(struct buf *b, const char *text, size_t wide)
{
	struct buf clean = { 0 };

	show_put(&clean, text, strlen(text));
	term_words(b, clean.bad || clean.p == NULL ? "" : clean.p, INDENT, INDENT, wide);
	buf_chr(b, '\n');
	buf_free(&clean);
}

static void
put_lines(struct buf *b, const struct doctor *d, const struct remark *x)
{
	struct buf mend = { 0 };

	buf_printf(b, "%-7s %-16s ", remark_word(x->state), x->check);
	put_words(b, x->msg, columns(d));
	if (x->mend[0] != '\0') {
		buf_printf(&mend, "mend: %s", x->mend);
		buf_printf(b, "%*s", INDENT, "");
		put_words(b, mend.bad ? "" : mend.p, columns(d));
	}
	buf_free(&mend);
}

static void
count(struct doctor *d, const struct remark *x)
{
	d->checks++;
	d->warnings += x->state == FOUND_WARN;
	if (x->state != FOUND_BAD)
		return;
	if (d->bad++ == 0 || (fault_worst(x->kind, d->worst.kind) == x->kind && x->kind != d->worst.kind))
		fault_set(&d->worst, x->kind, "%s: %s", x->check, x->msg);
}

/* As it comes: who waits for an exchange sees what is done already. */
void
doctor_tell(struct doctor *d, const struct remark *x)
{
	struct printer *p = &d->a->out;
	struct buf b = { 0 };
	int r;

	count(d, x);
	if (d->broken)
		return;
	if (to_person(d)) {
		put_lines(&b, d, x);
		r = b.bad ? fault_set(&d->out, FAULT_LOCAL, "out of memory") : out_records(&p->out, &b, &d->out);
	} else {
		put_record(&b, d, x);
		r = printer_put(p, &b, &d->out);
	}
	if (r == 0 && (to_person(d) || !p->table))
		r = out_flush(&p->out, &d->out);
	d->broken = r == -1;
	buf_free(&b);
}

void
doctor_mend(struct remark *x, const struct fault *f, const char *other, ...)
{
	const char *said = strstr(f->text, "chmod ");
	va_list ap;

	if (said == NULL)
		said = strstr(f->text, "chown ");
	if (said != NULL) {
		found_mend(x, "%s", said);
		return;
	}
	va_start(ap, other);
	vsnprintf(x->mend, sizeof x->mend, other, ap);
	va_end(ap);
}

/*
 * What is looked at
 */

/*
 * With its key if a profile was chosen. What fails is found out by asking for less: first
 * without the key (then it is the key that failed), then without what is shared (then it is that).
 */
static void
open_session(struct doctor *d)
{
	const char *name = d->prof.name;
	enum market m = d->a->common.market;

	d->keyed = d->prof.chosen && session_open(&d->s, name, m, true, &d->key) == 0;
	d->open = d->keyed || session_open(&d->s, name, m, false, &d->state) == 0;
	if (!d->open && d->prof.chosen)
		d->alone = d->keyed = d->open = session_open_alone(&d->s, name, m, &d->key) == 0;
	if (d->open)
		d->s.timeout_ms = TIMEOUT_MS;
}

static bool
is_banned(struct doctor *d)
{
	int64_t until = limits_banned_until(d->s.lim);

	return until != INT64_MAX && until > session_now(&d->s);
}

/* Why a check has nothing to look at; NULL: it has. */
static const char *
lacking(struct doctor *d, const struct check *c)
{
	if (c->needs >= NEEDS_PROFILE && !d->loaded)
		return "not looked at: the configuration comes first";
	if (c->needs >= NEEDS_SESSION && !d->open)
		return "not looked at: the state folder comes first";
	if (c->needs < NEEDS_NET)
		return NULL;
	if (d->a->offline)
		return "not asked: --offline";
	if (c->needs == NEEDS_KEY && !d->prof.chosen)
		return "not asked: it needs a chosen profile";
	if (c->needs == NEEDS_KEY && !d->keyed)
		return "not asked: it needs a key";
	if (is_banned(d))
		return "not asked: the exchange wants silence";
	return d->dead ? "not asked: the exchange does not answer" : NULL;
}

/* What is local has been looked at: from now on it reads what others send. */
static void
hold(struct doctor *d)
{
	struct remark x;
	struct fault f;

	if (!d->open || sandbox_enter(&(struct sandbox){ .prof = &d->s.prof }, &f) == 0)
		return;
	found_bad(&x, "sandbox", f.kind, "%s", f.text);
	found_mend(&x, "use a kernel, or a container's profile, that allows it");
	doctor_tell(d, &x);
}

static void
check_all(struct doctor *d)
{
	struct remark x;
	const char *why;

	d->loaded = profile_load(&d->prof, d->want, &d->conf) == 0;
	for (size_t i = 0; i < sizeof table / sizeof *table && !d->broken; i++) {
		if (table[i].run == check_key && d->loaded)
			open_session(d);
		if (table[i].run == check_hosts)
			hold(d);
		if ((why = lacking(d, &table[i])) == NULL) {
			table[i].run(d);
			continue;
		}
		found_skipped(&x, table[i].name, "%s", why);
		doctor_tell(d, &x);
	}
}

static int
answer(struct doctor *d, struct fault *f)
{
	if (d->broken) {
		*f = d->out;
		return -1;
	}
	if (d->bad > 0) {
		fault_set(f, d->worst.kind, d->bad == 1 ? "%d of %d checks is bad: %s" : "%d of %d checks are bad, first of all %s",
		    d->bad, d->checks, d->worst.text);
		return -1;
	}
	if (to_person(d))
		tool_say(d->a->tool, STDERR_FILENO, "%d checks, %d warning%s, nothing bad", d->checks, d->warnings,
		    d->warnings == 1 ? "" : "s");
	return 0;
}

int
doctor(struct app *a, char *const words[], int n, struct fault *f)
{
	struct doctor d = { .a = a, .want = n > 0 ? words[0] : a->common.profile };
	int r;

	if (n > 1)
		return fault_set(f, FAULT_USAGE, "doctor looks at one profile: \"%.60s\" is one word too many", words[1]);
	if (n > 0 && a->common.profile != NULL && strcmp(a->common.profile, words[0]) != 0)
		return fault_set(f, FAULT_USAGE, "doctor %.60s and --profile %.60s are not the same", words[0], a->common.profile);
	check_all(&d);
	r = answer(&d, f);
	session_close(&d.s);
	return r;
}
