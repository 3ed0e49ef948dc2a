/* bf-time: the exchange's time, this clock's offset from it, the round trip. */
#include <getopt.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/buf.h"
#include "io/opt.h"
#include "io/rest.h"
#include "io/table.h"
#include "io/tool.h"

enum { OPT_CHECK = OPT_TOOL };

static const struct opt opts[] = {
	{ OPT_CHECK, "check", "MS", "exit 7 if the clock may be off by more than MS" },
	OPTS_COMMON,
	OPTS_OUTPUT,
	OPTS_END
};
static const struct tool tool = {
	"bf-time",
	"bf-time [--check MS] [options]\n"
	"Measure this clock against the exchange's; keep the offset for signing.",
	opts
};
static const struct column cols[] = {
	{ "PROFILE", "profile", COL_LEFT },
	{ "OFFSET ms", "offset", COL_RIGHT },
	{ "ERROR ms", "error", COL_RIGHT },
	{ "ROUND TRIP ms", "rtt", COL_RIGHT },
	{ "SERVER TIME", "serverTime", COL_TIME },
	{ NULL, NULL, 0 }
};

static void
put_record(struct buf *out, struct session *s)
{
	jw_open(out, NULL, '{');
	jw_str(out, "e", "bf.time");
	jw_i64(out, "E", session_now(s));
	jw_str(out, "profile", s->prof.name);
	jw_i64(out, "serverTime", session_now(s));
	jw_i64(out, "offset", s->off.offset_ms);
	jw_i64(out, "error", s->off.error_ms);
	jw_i64(out, "rtt", s->off.rtt_ms);
	jw_close(out, '}');
	jw_end(out);
}

static int
run(const struct common *a, long check, struct session *s, struct fault *f)
{
	struct printer p = { 0 };
	struct buf rec = { 0 };
	long long worst;
	int r = -1;

	if (printer_open(&p, STDOUT_FILENO, a->format, a->jq, cols, f) == -1)
		return -1;
	if (session_open(s, a->profile, a->market, false, f) == -1 || session_sync(s, true, f) == -1)
		goto out;
	put_record(&rec, s);
	if (printer_put(&p, &rec, f) == -1)
		goto out;
	r = 0;
out:
	buf_free(&rec);
	if (printer_close(&p, r == 0 ? f : NULL) == -1)
		r = -1;
	worst = llabs(s->off.offset_ms) + s->off.error_ms;
	if (r == 0 && check >= 0 && worst > check)
		r = fault_set(f, FAULT_CLOCK, "the clock may be off by %lld ms: offset %lld, error %lld; allowed %ld",
		    worst, (long long)s->off.offset_ms, (long long)s->off.error_ms, check);
	return r;
}

int
main(int argc, char *argv[])
{
	struct common a = { 0 };
	struct session s = { 0 };
	struct fault f = { 0 };
	long check = -1;
	int ch, r;

	while ((ch = opt_next(argc, argv, opts, &f)) != -1) {
		if (ch == OPT_CHECK)
			r = tool_number(&check, "--check", optarg, 0, 3600000, &f);
		else if ((r = tool_common(&a, ch, optarg, &f)) == 0)
			return tool_answer(&tool, ch, &f, STDOUT_FILENO, STDERR_FILENO);
		if (r == -1)
			return tool_fail(&tool, STDERR_FILENO, &f);
	}
	if (optind < argc) {
		fault_set(&f, FAULT_USAGE, "%s: bf-time takes no operands", argv[optind]);
		return tool_fail(&tool, STDERR_FILENO, &f);
	}
	r = run(&a, check, &s, &f);
	session_close(&s);
	return r == -1 ? tool_fail(&tool, STDERR_FILENO, &f) : 0;
}
