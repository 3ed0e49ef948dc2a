/* bf-time: the exchange's time, this clock's offset from it, the round trip. */
#include <getopt.h>
#include <stdlib.h>
#include <unistd.h>

#include "app.h"
#include "io/sandbox.h"

#define SAMPLES		5

enum { OPT_SAMPLES = OPT_TOOL, OPT_CHECK, OPT_WATCH, OPT_EVERY, OPT_COUNT, OPT_PROBE, OPT_TIMEOUT };

static const struct opt opts[] = {
	{ OPT_SAMPLES, "samples", "N", "ask for the time N times, 1 to 100; default 5" },
	{ OPT_CHECK, "check", "MS", "exit 7 if the clock may be off by more than MS" },
	{ OPT_WATCH, "watch", NULL, "go on measuring; tell of clock steps and drift" },
	{ OPT_EVERY, "every", "SECONDS", "with --watch: how often; default 10" },
	{ OPT_COUNT, "count", "N", "with --watch: end after N rounds" },
	{ OPT_PROBE, "probe", NULL, "try every address of every host of the profile" },
	{ OPT_TIMEOUT, "timeout", "MS", "wait so long for an answer; default 5000" },
	OPTS_COMMON,
	OPTS_OUTPUT,
	OPTS_END
};
static const struct tool tool = {
	"bf-time",
	"bf-time [--samples N] [--check MS] [options]\n"
	"bf-time --watch [--every SECONDS] [--count N] [options]\n"
	"bf-time --probe [options]\n"
	"Measure this clock against the exchange's; keep the offset for signing.",
	opts
};
/* All in milliseconds. */
static const struct column cols[] = {
	{ "PROFILE", "profile", COL_LEFT },
	{ "OFFSET ms", "offset", COL_RIGHT },
	{ "ERROR ms", "error", COL_RIGHT },
	{ "ROUND TRIP ms", "rttMin", COL_RIGHT },
	{ "P50", "rttP50", COL_RIGHT },
	{ "P90", "rttP90", COL_RIGHT | COL_MORE(1) },
	{ "MAX", "rttMax", COL_RIGHT },
	{ "SERVER TIME", "serverTime", COL_TIME },
	{ NULL, NULL, 0 }
};

void
put_thousandths(struct buf *b, const char *key, int64_t n)
{
	struct buf t = { 0 };

	buf_printf(&t, "%s%lld.%03lld", n < 0 ? "-" : "", llabs((long long)n) / 1000,
	    llabs((long long)n) % 1000);
	if (t.bad)
		b->bad = true;
	else
		jw_raw(b, key, t.p, t.len);
	buf_free(&t);
}

int64_t
stamp(struct app *a)
{
	int64_t now = session_now(&a->s);

	if (now > a->told_ms || a->told_ms - now > CLOCK_STEP_MS)
		a->told_ms = now;
	return a->told_ms;
}

int
measure(struct app *a, struct time_figures *fig, struct fault *f)
{
	if (session_measure(&a->s, a->samples > 0 ? (int)a->samples : SAMPLES, fig, f) == -1)
		return -1;
	/* of five, one lost is nothing to speak of; of many, what stopped them is */
	if (fig->answered < fig->asked - 1)
		tool_say(a->tool, STDERR_FILENO, "%d of %d samples: %s", fig->answered, fig->asked, f->text);
	return 0;
}

void
put_time(struct buf *b, struct app *a, const struct time_figures *fig)
{
	int64_t now = session_now(&a->s);

	jw_open(b, NULL, '{');
	jw_str(b, "e", "bf.time");
	jw_i64(b, "E", stamp(a));
	jw_str(b, "profile", a->s.prof.name);
	jw_str(b, "market", market_word(a->s.market));
	jw_i64(b, "serverTime", now);
	jw_i64(b, "offset", a->s.off.offset_ms);
	jw_i64(b, "error", a->s.off.error_ms);
	jw_i64(b, "rtt", a->s.off.rtt_ms);
	put_thousandths(b, "rttMin", fig->rtt_min_us);
	put_thousandths(b, "rttP50", fig->rtt_p50_us);
	put_thousandths(b, "rttP90", fig->rtt_p90_us);
	put_thousandths(b, "rttMax", fig->rtt_max_us);
	jw_i64(b, "samples", fig->asked);
	jw_i64(b, "used", fig->used);
	jw_i64(b, "rejected", fig->answered - fig->used);
	jw_i64(b, "lost", fig->asked - fig->answered);
}

int
print(struct app *a, struct buf *rec, struct fault *f)
{
	return printer_put(&a->out, rec, f) == -1 ? -1 : out_flush(&a->out.out, f);
}

int
judge(struct app *a, struct fault *f)
{
	const struct offset *o = &a->s.off;
	long long worst = llabs(o->offset_ms) + o->error_ms;

	if (a->check >= 0 && worst > a->check)
		return fault_set(f, FAULT_CLOCK, "the clock may be off by %lld ms: offset %lld, error %lld; allowed %ld",
		    worst, (long long)o->offset_ms, (long long)o->error_ms, a->check);
	if (o->error_ms > OFFSET_ERROR_MS)
		return fault_set(f, FAULT_CLOCK, "the exchange's time is known only to %lld ms, more than %d: "
		    "nothing will be signed", (long long)o->error_ms, OFFSET_ERROR_MS);
	return 0;
}

static int
once(struct app *a, struct fault *f)
{
	struct time_figures fig;
	struct buf rec = { 0 };
	int r;

	if (measure(a, &fig, f) == -1)
		return -1;
	put_time(&rec, a, &fig);
	jw_close(&rec, '}');
	jw_end(&rec);
	r = printer_put(&a->out, &rec, f);
	buf_free(&rec);
	return r;
}

static int
run(struct app *a, struct fault *f)
{
	struct fault closing;
	int r = -1;

	if (printer_open(&a->out, STDOUT_FILENO, &a->common.as,
	    a->probe ? probe_cols : a->watch ? watch_cols : cols, f) == -1)
		return -1;
	if (session_open(&a->s, a->common.profile, a->common.market, false, f) == 0 &&
	    sandbox_enter(&(struct sandbox){ .prof = &a->s.prof }, f) == 0) {
		if (a->timeout > 0)
			a->s.timeout_ms = (int)a->timeout;
		r = a->probe ? probe(a, f) : a->watch ? watch(a, f) : once(a, f);
	}
	if (r == -1)
		printer_headless(&a->out);
	if (printer_close(&a->out, &closing) == -1 && (r == 0 || fault_worst(f->kind, closing.kind) != f->kind)) {
		*f = closing;
		r = -1;
	}
	return r == 0 && !a->probe && !a->watch ? judge(a, f) : r;
}

static int
take(struct app *a, int ch, char *arg, struct fault *f)
{
	switch (ch) {
	case OPT_SAMPLES:
		return tool_number(&a->samples, "--samples", arg, 1, TIME_SAMPLES_MAX, f);
	case OPT_CHECK:
		return tool_number(&a->check, "--check", arg, 0, 3600000, f);
	case OPT_WATCH:
		a->watch = true;
		return 0;
	case OPT_EVERY:
		return tool_number(&a->every, "--every", arg, 1, 86400, f);
	case OPT_COUNT:
		return tool_number(&a->count, "--count", arg, 1, 1000000000, f);
	case OPT_PROBE:
		a->probe = true;
		return 0;
	case OPT_TIMEOUT:
		return tool_number(&a->timeout, "--timeout", arg, 10, 60000, f);
	}
	return tool_common(&a->common, ch, arg, f);
}

/* What goes together. */
static int
agree(const struct app *a, struct fault *f)
{
	if (a->probe && (a->watch || a->check >= 0 || a->samples > 0))
		return fault_set(f, FAULT_USAGE, "--probe measures no clock: it does not go with %s",
		    a->watch ? "--watch" : a->check >= 0 ? "--check" : "--samples");
	if (!a->watch && (a->every > 0 || a->count > 0))
		return fault_set(f, FAULT_USAGE, "%s goes with --watch", a->every > 0 ? "--every" : "--count");
	return 0;
}

int
main(int argc, char *argv[])
{
	struct app a = { .tool = &tool, .common.as.tool = &tool, .check = -1 };
	struct fault f = { 0 };
	int ch, r;

	if (tool_prepare(&f) == -1)
		return tool_fail(&tool, STDERR_FILENO, &f);
	cred_prepare();
	while ((ch = opt_next(argc, argv, opts, &f)) != -1) {
		if (ch == 'h' || ch == OPT_VERSION || ch == OPT_SCHEMA || ch == '?')
			return tool_answer(&tool, ch, &f, STDOUT_FILENO, STDERR_FILENO);
		if (take(&a, ch, optarg, &f) == -1)
			return tool_fail(&tool, STDERR_FILENO, &f);
	}
	if (optind < argc) {
		fault_set(&f, FAULT_USAGE, "%s: bf-time takes no operands", argv[optind]);
		return tool_fail(&tool, STDERR_FILENO, &f);
	}
	if ((r = agree(&a, &f)) == 0)
		r = run(&a, &f);
	session_close(&a.s);
	if (r == -1 && a.out.out.gone)
		return tool_sigpipe();
	return r == -1 ? tool_fail(&tool, STDERR_FILENO, &f) : 0;
}
