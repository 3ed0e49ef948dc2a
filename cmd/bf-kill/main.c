/* bf-kill: latch, cancel everything, flatten everything, prove it flat. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kill.h"

enum { OPT_REASON = OPT_TOOL, OPT_LEVEL, OPT_LATCH_ONLY, OPT_CANCEL_ONLY, OPT_SYMBOL, OPT_SIDE, OPT_WHEN, OPT_ON_EOF,
	OPT_DEADMAN, OPT_DISARM, OPT_STATUS, OPT_RESET, OPT_MAX_TIME, OPT_JOURNAL, OPT_POSITIONS, OPT_LAG, OPT_SIM };

static const struct opt opts[] = {
	{ OPT_REASON, "reason", "TEXT", "why; kept in the latch, and of --reset in its log" },
	{ OPT_LEVEL, "level", "block|cancel|flatten", "how far to go; default flatten" },
	{ OPT_LATCH_ONLY, "latch-only", NULL, "--level block" },
	{ OPT_CANCEL_ONLY, "cancel-only", NULL, "--level cancel" },
	{ OPT_SYMBOL, "symbol", "SYMBOL", "of this symbol only; may be given several times" },
	{ OPT_SIDE, "position-side", "long|short", "of this side only" },
	{ OPT_WHEN, "when", "FILTER", "wait for a record this jq filter is true of" },
	{ OPT_ON_EOF, "on-eof", "trip|exit", "at the end of standard input; default exit" },
	{ OPT_DEADMAN, "deadman", "SECONDS", "keep the exchange's countdown alive" },
	{ OPT_DISARM, "disarm", NULL, "end that countdown when bf-kill ends" },
	{ OPT_STATUS, "status", NULL, "show the latches; exit 6 if one is set" },
	{ OPT_RESET, "reset", NULL, "clear the latch; needs --reason" },
	{ OPT_MAX_TIME, "max-time", "SECONDS", "time for the whole run; default 30" },
	{ OPT_JOURNAL, "journal", "FILE", "use this journal instead of the profile's own" },
	{ OPT_LAG, "lag-budget", "MS", "how far reads may lag behind; default 10000" },
	{ OPT_POSITIONS, "positions", "N", "of a drill: how many positions; default 20" },
	{ OPT_SIM, "sim", "PATH", "of a drill: the bf-sim; default the one beside it" },
	OPTS_COMMON,
	OPTS_OUTPUT,
	OPTS_END
};
static const struct tool tool = {
	"bf-kill",
	"bf-kill [--level LEVEL] [--symbol SYMBOL] [options]\n"
	"bf-kill --when FILTER | --deadman SECONDS [options] [< records]\n"
	"bf-kill --status | --reset --reason TEXT [options]\n"
	"bf-kill drill [--positions N] [--sim PATH]\n"
	"Stop a profile: latch, cancel all, flatten all, prove it flat.",
	opts
};
/*
 * The latch
 */

static void
put_scope(struct app *a, const struct latch_scope *sc)
{
	if (sc->symbol != NULL)
		jw_str(&a->rec, "symbol", sc->symbol);
	if (sc->side != 0)
		jw_str(&a->rec, "side", sc->side == SIDE_BUY ? "long" : "short");
}

static void
put_latch(struct app *a, const char *name, const struct latch_scope *sc, int latched, const char *reason)
{
	step(a, name);
	put_scope(a, sc);
	if (latched >= 0)
		jw_bool(&a->rec, "latched", latched != 0);
	else
		jw_null(&a->rec, "latched");
	jw_str(&a->rec, "reason", reason);
	if (a->trigger.len > 0)
		jw_raw(&a->rec, "record", a->trigger.p, a->trigger.len);
	emit(a);
}

struct listing { struct app *a; int n; };

static void
put_part(void *arg, const char *name, const char *why)
{
	struct listing *l = arg;
	struct app *a = l->a;

	if (strcmp(name, "latch") == 0)
		return;		/* told already */
	l->n++;
	step(a, "status");
	jw_str(&a->rec, "latch", name);
	jw_bool(&a->rec, "latched", true);
	jw_str(&a->rec, "reason", why);
	emit(a);
}

static int
do_status(struct app *a)
{
	const struct latch_scope all = { 0 };
	struct fault f = { 0 };
	struct listing l = { .a = a };
	char why[512] = "";
	int r = latch_test(&a->prof, why, sizeof why, &f), each;

	put_latch(a, "status", &all, r, r == -1 ? f.text : why);
	each = r == -1 ? -1 : latch_each(&a->prof, put_part, &l, &f);
	if (each == -1)
		say(a, "%s; taken as latched", f.text);
	return fault_status(each == -1 ? f.kind :
	    fault_worst(a->local, r == 1 || l.n > 0 ? FAULT_TRIPPED : FAULT_NONE));
}

static void
count_one(void *arg, const char *name, const char *why)
{
	struct listing *l = arg;

	(void)name;
	(void)why;
	l->n++;
}

static void
reset_one(void *arg, const struct latch_scope *sc)
{
	struct app *a = arg;
	struct fault f = { 0 };
	char why[512] = "";
	int r;

	(void)latch_test_one(&a->prof, sc, why, sizeof why, &f);
	if ((r = latch_reset(&a->prof, sc, a->tool->name, a->reason, clock_wall_ms(), &f)) == -1) {
		(void)tool_fail(a->tool, STDERR_FILENO, &f);
		note(a, &f);
		return;
	}
	put_latch(a, "reset", sc, 0, why);
	if (r == 0)
		say(a, "the latch was not set");
	else
		say(a, "the latch is cleared; it had been set by %s",
		    why[0] != '\0' ? why : "somebody; latch.log has it");
}

static int
do_reset(struct app *a)
{
	struct listing l = { .a = a };
	struct fault f = { 0 };

	scope_latches(&a->scope, reset_one, a);
	if (a->worst == FAULT_NONE && latch_each(&a->prof, count_one, &l, &f) == 0 && l.n > 0)
		say(a, "profile %s: %d other latch%s still set; bf-kill --status shows them, "
		    "--symbol and --position-side name them", a->prof.name, l.n, l.n == 1 ? " is" : "es are");
	return fault_status(fault_worst(a->local, a->worst));
}

static void
trip_one(void *arg, const struct latch_scope *sc)
{
	struct app *a = arg;
	struct fault f = { 0 };
	char why[512] = "";
	int held;

	if (latch_trip(&a->prof, sc, a->tool->name, a->reason, clock_wall_ms(), &f) == -1)
		local_trouble(a, &f);
	held = sc->symbol == NULL && sc->side == 0 ? latch_test(&a->prof, why, sizeof why, &f) :
	    latch_test_for(&a->prof, sc->symbol, sc->side, why, sizeof why, &f);
	put_latch(a, "latch", sc, held, held == -1 ? f.text : why);
}

/* First of all, and with nothing but this machine. If it fails the rest is done all the same. */
void
trip(struct app *a)
{
	a->blocked_ms = a->cancelled_ms = a->flat_ms = -1;
	scope_latches(&a->scope, trip_one, a);
	a->blocked_ms = since_ms(a);
}

/*
 * Running
 */

int
do_kill(struct app *a)
{
	struct fault f = { 0 };
	int status;

	trip(a);
	if (a->level == LEVEL_BLOCK)
		return fault_status(a->local);
	if (!a->open[a->market[0]] && open_all(a, &f) == -1)
		return kill_none(a, &f);
	status = kill_all(a);
	return status == 0 ? fault_status(a->local) : status;
}

static void
choose_markets(struct app *a)
{
	struct fault ignore;

	a->market[0] = a->common.market;
	a->nmarket = 1;
	if (!a->common.market_given && profile_rest(&a->prof, market_other(a->market[0]), &ignore) != NULL)
		a->market[a->nmarket++] = market_other(a->market[0]);
}

static int
run(struct app *a, int what)
{
	struct fault f = { 0 };

	if (profile_load(&a->prof, a->common.profile, &f) == -1 ||
	    profile_need_chosen(&a->prof, &f) == -1)
		return tool_fail(a->tool, STDERR_FILENO, &f);
	choose_markets(a);
	say(a, "profile %s", a->prof.name);
	if (what == OPT_STATUS)
		return do_status(a);
	if (what == OPT_RESET)
		return do_reset(a);
	if (a->when != NULL || a->deadman_s > 0) {
		printer_live(&a->out);	/* an endless run */
		return guard(a);
	}
	return do_kill(a);
}

/*
 * Options
 */

static int
one_of(const char *name, const char *arg, const char *const words[], int n, struct fault *f)
{
	for (int i = 0; i < n; i++)
		if (strcmp(arg, words[i]) == 0)
			return i;
	return fault_set(f, FAULT_USAGE, "%s %s: must be %s%s%s%s%s", name, arg, words[0], n > 2 ? ", " : "",
	    n > 2 ? words[1] : "", " or ", words[n - 1]);
}

static int
set_mode(int *what, int ch, struct fault *f)
{
	if (*what != 0 && *what != ch)
		return fault_set(f, FAULT_USAGE, "only one of --level, --latch-only, --cancel-only, --status and --reset");
	*what = ch;
	return 1;
}

static int
set_level(struct app *a, int *what, const char *arg, struct fault *f)
{
	static const char *const words[] = { "block", "cancel", "flatten" };
	int i = one_of("--level", arg, words, 3, f);

	if (i == -1)
		return -1;
	a->level = (enum level)i;
	return set_mode(what, OPT_LEVEL, f);
}

static int
set_scope(struct app *a, int ch, const char *arg, struct fault *f)
{
	static const char *const sides[] = { "long", "short" };
	int i;

	if (ch == OPT_SIDE) {
		if ((i = one_of("--position-side", arg, sides, 2, f)) == -1)
			return -1;
		a->scope.side = i == 0 ? SIDE_BUY : SIDE_SELL;
		return 1;
	}
	if (a->scope.n == SCOPE_MAX)
		return fault_set(f, FAULT_USAGE, "--symbol: given more than %d times", SCOPE_MAX);
	if (arg[0] == '\0' || strlen(arg) >= SYMBOL_MAX)
		return fault_set(f, FAULT_USAGE, "--symbol \"%.40s\": not a symbol, as BTCUSDT is one", arg);
	a->scope.symbol[a->scope.n++] = arg;
	return 1;
}

static int
option(struct app *a, int ch, int *what, struct fault *f)
{
	static const char *const ends[] = { "exit", "trip" };
	long n;
	int i;

	switch (ch) {
	case OPT_REASON:	a->reason = optarg; a->reason_given = true; return 1;
	case OPT_JOURNAL:	a->journal_file = optarg; return 1;
	case OPT_WHEN:		a->when = optarg; return 1;
	case OPT_DISARM:	a->disarm = true; return 1;
	case OPT_POSITIONS:	a->positions = optarg; return 1;
	case OPT_SIM:		a->sim = optarg; return 1;
	case OPT_LAG:		return tool_number(&a->lag_ms, "--lag-budget", optarg, 1, 600000, f) == -1 ? -1 : 1;
	case OPT_LEVEL:		return set_level(a, what, optarg, f);
	case OPT_LATCH_ONLY:	a->level = LEVEL_BLOCK; return set_mode(what, ch, f);
	case OPT_CANCEL_ONLY:	a->level = LEVEL_CANCEL; return set_mode(what, ch, f);
	case OPT_STATUS: case OPT_RESET: return set_mode(what, ch, f);
	case OPT_SYMBOL: case OPT_SIDE:	return set_scope(a, ch, optarg, f);
	case OPT_DEADMAN:	return tool_number(&a->deadman_s, "--deadman", optarg, 3, 86400, f) == -1 ? -1 : 1;
	case OPT_ON_EOF:
		i = one_of("--on-eof", optarg, ends, 2, f);
		a->on_eof_trip = i == 1;
		return i == -1 ? -1 : 1;
	case OPT_MAX_TIME:
		if (tool_number(&n, "--max-time", optarg, 1, 3600, f) == -1)
			return -1;
		a->timeout_ms = n * 1000;
		a->timeout_given = true;
		return 1;
	}
	return tool_common(&a->common, ch, optarg, f);
}

static int
check(const struct app *a, int what, bool drilling, struct fault *f)
{
	bool guards = a->when != NULL || a->deadman_s > 0, shows = what == OPT_STATUS || what == OPT_RESET;

	if (what == OPT_RESET && (!a->reason_given || a->reason[0] == '\0'))
		return fault_set(f, FAULT_USAGE, "--reset needs --reason TEXT: what has been done about it goes to the log");
	if (shows && guards)
		return fault_set(f, FAULT_USAGE, "--when and --deadman do not go with --status and --reset");
	if (what == OPT_STATUS && (a->scope.n > 0 || a->scope.side != 0))
		return fault_set(f, FAULT_USAGE, "--status shows the latches of all symbols and sides");
	if (a->on_eof_trip && a->when == NULL)
		return fault_set(f, FAULT_USAGE, "--on-eof is of --when");
	if (a->disarm && a->deadman_s == 0)
		return fault_set(f, FAULT_USAGE, "--disarm is of --deadman");
	if (a->deadman_s > 0 && a->scope.side != 0)
		return fault_set(f, FAULT_USAGE, "--deadman: the exchange's countdown knows symbols, not sides");
	if ((a->positions != NULL || a->sim != NULL) && !drilling)
		return fault_set(f, FAULT_USAGE, "--positions and --sim are of bf-kill drill");
	if (drilling && (guards || shows || a->common.profile != NULL))
		return fault_set(f, FAULT_USAGE, "drill has an exchange and a profile of its own");
	return 0;
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

static int
begin(struct app *a, int what, bool drilling, struct fault *f)
{
	long n = 20;

	if (trader_begin(leave, f) == -1)
		local_trouble(a, f);
	signal(SIGHUP, SIG_IGN);	/* a terminal that closes must not keep a position open */
	a->end_ms = a->began_ms + a->timeout_ms;
	if (!drilling)
		return run(a, what);
	if (a->positions != NULL && tool_number(&n, "--positions", a->positions, 1, 200, f) == -1)
		return tool_fail(&tool, STDERR_FILENO, f);
	return drill(a, (int)n);
}

int
main(int argc, char *argv[])
{
	static struct app a = { .tool = &tool, .common.as.tool = &tool, .reason = "by hand", .level = LEVEL_FLATTEN, .timeout_ms = 30000,
		.blocked_ms = -1, .cancelled_ms = -1, .flat_ms = -1 };
	struct fault f = { 0 };
	int ch, r, what = 0;
	bool drilling;

	cred_prepare();
	a.began_ms = clock_mono_ms();
	if (guard_signal(&f) == -1)
		return tool_fail(&tool, STDERR_FILENO, &f);
	while ((ch = opt_next(argc, argv, opts, &f)) != -1) {
		if ((r = option(&a, ch, &what, &f)) == 0)
			return tool_answer(&tool, ch, &f, STDOUT_FILENO, STDERR_FILENO);
		if (r == -1)
			return tool_fail(&tool, STDERR_FILENO, &f);
	}
	a.drilling = drilling = optind + 1 == argc && strcmp(argv[optind], "drill") == 0;
	if (optind < argc && !drilling)
		fault_set(&f, FAULT_USAGE, "%s: bf-kill takes no operands but drill", argv[optind]);
	if (f.kind != FAULT_NONE || check(&a, what, drilling, &f) == -1 ||
	    printer_open(&a.out, STDOUT_FILENO, &a.common.as, columns_of("latch"), &f) == -1)
		return tool_fail(&tool, STDERR_FILENO, &f);
	r = begin(&a, what, drilling, &f);
	if (r != 0)
		printer_headless(&a.out);
	if (printer_close(&a.out, &f) == -1 && r == 0)
		r = a.mute ? fault_status(f.kind) : tool_fail(&tool, STDERR_FILENO, &f);
	app_free(&a);
	return r;
}
