/* bf-kill: latch, cancel everything, flatten everything, prove it flat. */
#include <getopt.h>
#include <signal.h>
#include <unistd.h>

#include "io/state.h"
#include "io/trader.h"
#include "kill.h"

enum { OPT_REASON = OPT_TOOL, OPT_LATCH_ONLY, OPT_CANCEL_ONLY, OPT_STATUS, OPT_RESET, OPT_TIMEOUT,
	OPT_JOURNAL };

static const struct opt opts[] = {
	{ OPT_REASON, "reason", "TEXT", "why; kept in the latch" },
	{ OPT_LATCH_ONLY, "latch-only", NULL, "set the kill latch and do no more" },
	{ OPT_CANCEL_ONLY, "cancel-only", NULL, "set the latch and cancel; leave positions alone" },
	{ OPT_STATUS, "status", NULL, "show the latch; exit 6 if it is set" },
	{ OPT_RESET, "reset", NULL, "clear the latch" },
	{ OPT_TIMEOUT, "timeout", "SEC", "time for the whole run; default 30" },
	{ OPT_JOURNAL, "journal", "FILE", "use this journal instead of the profile's own" },
	OPTS_COMMON,
	OPTS_OUTPUT,
	OPTS_END
};
static const struct tool tool = {
	"bf-kill",
	"bf-kill [--reason TEXT] [--cancel-only|--latch-only] [options]\n"
	"bf-kill --status|--reset [options]\n"
	"Stop a profile: latch, cancel all, flatten all, prove it flat.",
	opts
};
static const struct column cols[] = {
	{ "STEP", "step", COL_LEFT },
	{ "SYMBOL", "symbol", COL_LEFT },
	{ "POSITION", "positionAmt", COL_RIGHT },
	{ "QUANTITY", "quantity", COL_RIGHT },
	{ "OUTCOME", "outcome", COL_LEFT },
	{ "ORDERS", "openOrders", COL_RIGHT },
	{ "ALGO", "openAlgoOrders", COL_RIGHT },
	{ "POSITIONS", "positions", COL_RIGHT },
	{ "LATCHED", "latched", COL_LEFT },
	{ "FLAT", "flat", COL_LEFT },
	{ "REASON", "reason", COL_LEFT },
	{ "MESSAGE", "msg", COL_LEFT },
	{ NULL, NULL, 0 }
};

static void
notice(void *arg, const char *sentence)
{
	say(arg, "%s", sentence);
}

/* Said, and told by the exit status; but nothing stops for it. */
static void
local_trouble(struct app *a, const struct fault *f)
{
	say(a, "%s; going on", f->text);
	a->local = fault_worst(a->local, f->kind);
}

static void
put_latch(struct app *a, const char *name, int latched, const char *reason)
{
	step(a, name);
	if (latched >= 0)
		jw_bool(&a->rec, "latched", latched != 0);
	else
		jw_null(&a->rec, "latched");
	jw_str(&a->rec, "reason", reason);
	emit(a);
}

static int
do_status(struct app *a)
{
	struct fault f = { 0 };
	char why[512] = "";
	int r = latch_test(&a->s.prof, why, sizeof why, &f);

	put_latch(a, "status", r, r == -1 ? f.text : why);
	if (r == -1)
		say(a, "%s; taken as latched", f.text);
	return fault_status(r == -1 ? f.kind : fault_worst(a->local, r == 1 ? FAULT_TRIPPED : FAULT_NONE));
}

static int
do_reset(struct app *a)
{
	struct fault f = { 0 };
	char why[512] = "";
	int was = latch_test(&a->s.prof, why, sizeof why, &f), r;

	if ((r = latch_reset(&a->s.prof, &f)) == -1)
		return tool_fail(a->tool, STDERR_FILENO, &f);
	put_latch(a, "reset", 0, why);
	if (was == 0 && r == 0)
		say(a, "profile %s: the latch was not set", a->s.prof.name);
	else
		say(a, "profile %s: the latch is cleared; it had been set by %s", a->s.prof.name,
		    why[0] != '\0' ? why : "somebody");
	return fault_status(a->local);
}

/* First of all, and with nothing but this machine. If it fails the rest is
 * done all the same. */
static void
trip(struct app *a)
{
	struct fault f = { 0 };
	char why[512] = "";
	int set = latch_trip(&a->s.prof, a->tool->name, a->reason, clock_wall_ms(), &f), held;

	if (set == -1)
		local_trouble(a, &f);
	held = latch_test(&a->s.prof, why, sizeof why, &f);
	put_latch(a, "latch", held, held == -1 ? f.text : why);
}

/* State that cannot be used (a full or read-only disk) does not stop it. */
static int
open_session(struct app *a, struct fault *f)
{
	if (session_open(&a->s, a->common.profile, a->common.market, true, f) == 0)
		return 0;
	if (f->kind != FAULT_LOCAL)
		return -1;
	local_trouble(a, f);
	return session_open_alone(&a->s, a->common.profile, a->common.market, f);
}

/* The session anew, now with the key; the profile stays the same. */
static int
do_kill(struct app *a)
{
	struct profile prof = a->s.prof;
	struct fault f = { 0 };

	if (open_session(a, &f) == -1) {
		a->s.prof = prof;
		return kill_none(a, &f);
	}
	if (journal_open(&a->j, &a->s.prof, a->journal_file, &f) == -1)
		local_trouble(a, &f);	/* cancelling needs no journal */
	a->ctx = (struct order_ctx){ .s = &a->s, .j = a->j, .stop = &trader_stop, .notice = notice, .arg = a };
	return kill_all(a);
}

static int
run(struct app *a, int what)
{
	struct fault f = { 0 };
	int status;

	if (profile_load(&a->s.prof, a->common.profile, &f) == -1 ||
	    profile_need_chosen(&a->s.prof, &f) == -1)
		return tool_fail(a->tool, STDERR_FILENO, &f);
	say(a, "profile %s", a->s.prof.name);
	if (what == OPT_STATUS)
		return do_status(a);
	if (what == OPT_RESET)
		return do_reset(a);
	trip(a);
	if (what == OPT_LATCH_ONLY)
		return fault_status(a->local);
	status = do_kill(a);
	return status == 0 ? fault_status(a->local) : status;
}

static int
option(struct app *a, int ch, int *what, long *timeout, struct fault *f)
{
	switch (ch) {
	case OPT_REASON:
		a->reason = optarg;
		return 1;
	case OPT_JOURNAL:
		a->journal_file = optarg;
		return 1;
	case OPT_TIMEOUT:
		return tool_number(timeout, "--timeout", optarg, 1, 3600, f) == -1 ? -1 : 1;
	case OPT_LATCH_ONLY: case OPT_CANCEL_ONLY: case OPT_STATUS: case OPT_RESET:
		if (*what != 0 && *what != ch)
			return fault_set(f, FAULT_USAGE,
			    "only one of --latch-only, --cancel-only, --status and --reset");
		*what = ch;
		return 1;
	}
	return tool_common(&a->common, ch, optarg, f);
}

static void
app_free(struct app *a)
{
	view_free(&a->view);
	journal_close(a->j);
	order_end(&a->ctx);
	session_close(&a->s);
	xinfo_free(&a->x);
	buf_free(&a->rec);
}

/* The second signal with an order in flight: in a signal handler. */
static void
leave(void)
{
	static const char text[] = "bf-kill: asked to stop twice: left with an order in flight; "
	    "the journal has it, the next start looks it up\n";

	(void)!write(STDERR_FILENO, text, sizeof text - 1);
	_exit(fault_status(FAULT_UNKNOWN));
}

int
main(int argc, char *argv[])
{
	struct app a = { .tool = &tool, .reason = "by hand" };
	struct fault f = { 0 };
	long timeout = 30;
	int ch, r, what = 0;

	cred_prepare();
	while ((ch = opt_next(argc, argv, opts, &f)) != -1) {
		if ((r = option(&a, ch, &what, &timeout, &f)) == 0)
			return tool_answer(&tool, ch, &f, STDOUT_FILENO, STDERR_FILENO);
		if (r == -1)
			return tool_fail(&tool, STDERR_FILENO, &f);
	}
	if (optind < argc)
		fault_set(&f, FAULT_USAGE, "%s: bf-kill takes no operands", argv[optind]);
	if (f.kind != FAULT_NONE || tool_usdm_only(&a.common, &f) == -1 ||
	    printer_open(&a.out, STDOUT_FILENO, a.common.format, a.common.jq, cols, &f) == -1)
		return tool_fail(&tool, STDERR_FILENO, &f);
	if (trader_begin(leave, &f) == -1)
		local_trouble(&a, &f);
	signal(SIGHUP, SIG_IGN);	/* a terminal that closes must not keep a position open */
	a.cancel_only = what == OPT_CANCEL_ONLY;
	a.end_ms = clock_mono_ms() + timeout * 1000;
	r = run(&a, what);
	if (printer_close(&a.out, &f) == -1 && r == 0)
		r = a.mute ? fault_status(f.kind) : tool_fail(&tool, STDERR_FILENO, &f);
	app_free(&a);
	return r;
}
