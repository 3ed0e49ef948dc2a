/* bf-info: what the exchange tells of its contracts and markets. */
#include <getopt.h>
#include <string.h>
#include <unistd.h>

#include "core/instant.h"
#include "io/clock.h"
#include "io/sandbox.h"
#include "io/verb.h"
#include "info.h"
#include "verbs.h"

enum {
	OPT_REFRESH = OPT_TOOL, OPT_STATUS, OPT_TYPE, OPT_QUOTE, OPT_LIMIT, OPT_SINCE, OPT_UNTIL, OPT_PERIOD,
	OPT_CONTRACT, OPT_SAVE, OPT_PLOT, OPT_EVERY, OPT_WATCH, OPT_COUNT
};

#define LIMIT_MAX	1000000000L

static const struct opt opts[] = {
	{ OPT_REFRESH, "refresh", NULL, "ask for the rules again; ignore the cache" },
	{ OPT_STATUS, "status", "STATUS", "only contracts in this state, as TRADING" },
	{ OPT_TYPE, "type", "TYPE", "only contracts of this type: PERPETUAL, ..." },
	{ OPT_QUOTE, "quote", "ASSET", "only contracts quoted in this asset" },
	{ OPT_LIMIT, "limit", "N", "how many: levels of a book, trades, rows" },
	{ OPT_SINCE, "since", "TIME", "from then on: 2024-01-01, 2024-01-01T12:00Z, -7d" },
	{ OPT_UNTIL, "until", "TIME", "up to then; default now" },
	{ OPT_PERIOD, "period", "PERIOD", "of the statistics: 5m (default), 15m, 30m, ... 1d" },
	{ OPT_CONTRACT, "contract", "TYPE", "of a pair: PERPETUAL, CURRENT_QUARTER, NEXT_QUARTER" },
	{ OPT_SAVE, "save", "FILE", "add to this file what it does not have yet" },
	{ OPT_PLOT, "plot", "[FILE]", "draw in the terminal, or into a PNG or SVG file" },
	{ OPT_WATCH, "watch", NULL, "of what asks once: ask again and again" },
	{ OPT_EVERY, "every", "SECONDS", "how often; default 2, of the verb watch 60" },
	{ OPT_COUNT, "count", "N", "with --watch, of the verb watch: end after N rounds" },
	OPTS_COMMON,
	OPTS_OUTPUT,
	OPTS_END
};

/* Which options are of some verbs only. */
static const struct verb_opt some[] = {
	{ OPT_STATUS, TAKES_KINDS }, { OPT_TYPE, TAKES_KINDS }, { OPT_QUOTE, TAKES_KINDS },
	{ OPT_LIMIT, TAKES_LIMIT }, { OPT_SINCE, TAKES_TIMES }, { OPT_UNTIL, TAKES_TIMES },
	{ OPT_PERIOD, TAKES_PERIOD }, { OPT_CONTRACT, TAKES_CONTRACT }, { OPT_SAVE, TAKES_SAVE },
	{ OPT_PLOT, TAKES_PLOT }, { OPT_EVERY, TAKES_ROUNDS | TAKES_WATCH },
	{ OPT_WATCH, TAKES_WATCH }, { OPT_COUNT, TAKES_ROUNDS | TAKES_WATCH }
};

/* One now for all options. */
static int64_t
now_was(struct app *a)
{
	if (a->now_was == 0)
		a->now_was = clock_wall_ms();
	return a->now_was;
}

/* An option of our own. 1 taken, 0 not one of them, -1 a wrong value. */
static int
own_option(struct app *a, int ch, const char *arg, struct fault *f)
{
	switch (ch) {
	case OPT_REFRESH:
		a->refresh = true;
		return 1;
	case OPT_STATUS:
		a->status = arg;
		return 1;
	case OPT_TYPE:
		a->type = arg;
		return 1;
	case OPT_QUOTE:
		a->quote = arg;
		return 1;
	case OPT_LIMIT:
		return tool_number(&a->limit, "--limit", arg, 1, LIMIT_MAX, f) == -1 ? -1 : 1;
	case OPT_SINCE:
		a->from_now = *arg == '-' || *arg == 'n';
		return instant_parse(&a->from, "--since", arg, now_was(a), f) == -1 ? -1 : 1;
	case OPT_UNTIL:
		a->to_now = *arg == '-' || *arg == 'n';
		return instant_parse(&a->to, "--until", arg, now_was(a), f) == -1 ? -1 : 1;
	case OPT_PERIOD:
		a->period = arg;
		return 1;
	case OPT_CONTRACT:
		a->contract = arg;
		return 1;
	case OPT_SAVE:
		a->save = arg;
		return 1;
	case OPT_PLOT:
		a->plot = arg == NULL ? "" : arg;
		return 1;
	case OPT_EVERY:
		return tool_number(&a->rounds.every, "--every", arg, 1, ROUNDS_EVERY_MAX, f) == -1 ? -1 : 1;
	case OPT_COUNT:
		return tool_number(&a->rounds.count, "--count", arg, 1, ROUNDS_COUNT_MAX, f) == -1 ? -1 : 1;
	case OPT_WATCH:
		a->rounds.watch = true;
		return 1;
	}
	return 0;
}

/* watch does so itself: it takes a key first. */
static int
hold(struct app *a, struct fault *f)
{
	const struct sandbox want = { .prof = a->s != NULL ? &a->s->prof : NULL, .reads = a->verb->offline,
	    .runs = a->plot != NULL && *a->plot != '\0', .write = { a->save } };

	return (a->verb->takes & TAKES_ROUNDS) != 0 ? 0 : sandbox_enter(&want, f);
}

/* --watch and what goes with it. */
static int
check_rounds(const struct app *a, struct fault *f)
{
	if ((a->verb->takes & TAKES_ROUNDS) == 0 && rounds_check(&a->rounds, a->verb->name, f) == -1)
		return -1;
	if (a->rounds.watch && a->plot != NULL)
		return fault_set(f, FAULT_USAGE, "--plot draws once: it does not go with --watch");
	return 0;
}

struct question { struct app *a; char *const *words; int n; };

static int
ask_once(void *arg, struct fault *f)
{
	struct question *q = arg;

	return q->a->verb->run(q->a, q->words, q->n, f);
}

static int
ask(struct app *a, char *const words[], int n, struct fault *f)
{
	struct question q = { a, words + 1, n - 1 };

	if (!a->rounds.watch)
		return ask_once(&q, f);
	return rounds_run(&a->rounds, &a->out, a->tool, a->verb->name, ask_once, &q, f);
}

static int
run(struct app *a, char *const words[], int n, uint64_t given, struct fault *f)
{
	struct fault cf;
	int r;

	if (n == 0)
		return fault_set(f, FAULT_USAGE, "no verb, such as price or klines; see bf-info --help");
	if ((a->verb = info_verb(a->tool, words[0], f)) == NULL ||
	    verb_check(a->tool, some, sizeof some / sizeof *some, given, a->verb->name, a->verb->takes, f) == -1 ||
	    check_rounds(a, f) == -1 ||
	    printer_open(&a->out, STDOUT_FILENO, &a->common.as, a->verb->cols, f) == -1)
		return -1;
	info_begin(a);
	r = a->verb->offline ? 0 : info_market(a, a->common.market, f);
	if (r == 0 && (r = hold(a, f)) == 0)
		r = ask(a, words, n, f);
	if (r == -1)
		printer_headless(&a->out);
	if (printer_close(&a->out, &cf) == -1 && r == 0) {
		*f = cf;
		r = -1;
	}
	return r;
}

static void
app_free(struct app *a)
{
	venue_close(&a->v);
	buf_free(&a->rec);
}

/* -1: go on; else the exit status. */
static int
options(struct app *a, int argc, char *argv[], uint64_t *given, struct fault *f)
{
	int ch, r;

	while ((ch = opt_next(argc, argv, opts, f)) != -1) {
		if ((r = own_option(a, ch, optarg, f)) == 1)
			*given |= verb_bit(ch);
		else if (r == 0)
			r = tool_common(&a->common, ch, optarg, f);
		if (r == 0)
			return tool_answer(a->tool, ch, f, STDOUT_FILENO, STDERR_FILENO);
		if (r == -1)
			return tool_fail(a->tool, STDERR_FILENO, f);
	}
	return -1;
}

int
main(int argc, char *argv[])
{
	struct buf usage = { 0 };
	struct tool tool = { "bf-info", "", opts };
	struct app a = { .tool = &tool, .common.as.tool = &tool, .from = -1, .to = -1, .limit = -1 };
	struct fault f = { 0 };
	uint64_t given = 0;
	int status;

	if (tool_prepare(&f) == -1)
		return tool_fail(&tool, STDERR_FILENO, &f);
	cred_prepare();
	info_usage(&usage);
	if (!usage.bad)
		tool.usage = usage.p;
	if ((status = options(&a, argc, argv, &given, &f)) == -1) {
		status = run(&a, argv + optind, argc - optind, given, &f) == -1 ?
		    tool_fail(&tool, STDERR_FILENO, &f) : 0;
		app_free(&a);
	}
	buf_free(&usage);
	return status;
}
