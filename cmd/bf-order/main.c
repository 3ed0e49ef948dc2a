/* bf-order: intents in, outcomes out; each sent once, and none forgotten. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/trader.h"
#include "io/verb.h"
#include "list.h"

enum { OPT_JOURNAL = OPT_TOOL, OPT_DRY, OPT_TEST, OPT_ROUND, OPT_PASS, OPT_RESOLVE, OPT_TIMEOUT, OPT_LAG, OPT_WAIT,
	OPT_VIA, OPT_IN_FLIGHT, OPT_BATCH, OPT_BATCH_ANY, OPT_NO_SYNC, OPT_MINE, OPT_PREFIX, OPT_SINCE, OPT_UNTIL,
	OPT_LIMIT, OPT_WATCH, OPT_EVERY, OPT_COUNT };

static const struct opt opts[] = {
	OPTS_WORDS,
	{ OPT_DRY, "dry-run", NULL, "show the request and its cost, and send nothing" },
	{ OPT_TEST, "test", NULL, "let the exchange check new orders, and place none" },
	{ OPT_ROUND, "round", NULL, "round quantities down and prices to the safe side" },
	{ OPT_PASS, "pass", NULL, "also print the records that are not intents" },
	{ OPT_VIA, "via", "rest|ws|auto", "auto: ws if the key can log on, else rest" },
	{ OPT_IN_FLIGHT, "max-in-flight", "N", "requests under way at a time; default 4" },
	{ OPT_BATCH, "batch", "N", "orders in one request at most, 1 to 5; default 5" },
	{ OPT_BATCH_ANY, "batch-any", NULL, "batch orders of one symbol too, in any order" },
	{ OPT_WAIT, "wait", "MS", "longest wait for a limit; default 10000 in a pipe" },
	{ OPT_MINE, "mine", NULL, "lists, cancel-all: only orders named by bf-order" },
	{ OPT_PREFIX, "prefix", "TEXT", "lists, cancel-all: only client ids that begin so" },
	{ OPT_SINCE, "since", "TIME", "history, fills: from then on; default 7 days ago" },
	{ OPT_UNTIL, "until", "TIME", "history, fills: up to then; default now" },
	{ OPT_LIMIT, "limit", "N", "history, fills: the last N; with --since, first N" },
	{ OPT_WATCH, "watch", NULL, "open: list again and again" },
	{ OPT_EVERY, "every", "SECONDS", "with --watch: how often; default 2" },
	{ OPT_COUNT, "count", "N", "with --watch: end after N rounds" },
	{ OPT_JOURNAL, "journal", "FILE", "use this journal instead of the profile's own" },
	{ OPT_NO_SYNC, "no-sync", NULL, "no wait for the disk: a power cut loses intents" },
	{ OPT_TIMEOUT, "timeout", "MS", "time for one request; default 5000" },
	{ OPT_RESOLVE, "resolve-timeout", "SECONDS", "how long to look up what is unknown; default 30" },
	{ OPT_LAG, "lag-budget", "MS", "how far reads may lag behind; default 10000" },
	OPTS_COMMON,
	OPTS_OUTPUT,
	OPTS_END
};
static const struct tool tool = {
	"bf-order",
	"bf-order [options] < intents\n"
	"bf-order [options] buy|sell SYMBOL QTY @ PRICE | market | match MODE\n"
	"bf-order [options] buy|sell SYMBOL QTY|all stop PRICE [@ PRICE]\n"
	"bf-order [options] buy|sell SYMBOL QTY|all take-profit PRICE [@ PRICE]\n"
	"bf-order [options] buy|sell SYMBOL QTY trail PERCENT [from PRICE]\n"
	"bf-order [options] modify SYMBOL ID [QTY] [@ PRICE | match MODE]\n"
	"bf-order [options] cancel SYMBOL ID ...\n"
	"bf-order [options] cancel-all [SYMBOL ...]\n"
	"bf-order [options] open [SYMBOL ...]\n"
	"bf-order [options] query SYMBOL ID ...\n"
	"bf-order [options] history|fills SYMBOL\n"
	"bf-order [options] recover\n"
	"bf-order [options] journal [DAYS]\n"
	"Each order is written to the journal before it leaves, and sent once.",
	opts
};

struct question { struct app *a; verb_run *run; char *const *words; int n; };

static int
ask_once(void *arg, struct fault *f)
{
	struct question *q = arg;

	return q->run(q->a, q->words, q->n, f);
}

/* Lists ask; the journal is only looked at. */
static int
do_list(struct app *a, verb_run *run, char *const words[], int n, struct fault *f)
{
	if (app_open(a, true, f) == -1 || journal_open(&a->j, &a->v.s[a->v.market].prof, a->p.journal, f) == -1 ||
	    app_hold(a, &a->v.s[a->v.market].prof, f) == -1)
		return -1;
	if (!a->p.rounds.watch)
		return run(a, words, n, f);
	return rounds_run(&a->p.rounds, &a->out, a->tool, "open", ask_once, &(struct question){ a, run, words, n }, f);
}

/* Options that only some take. */
enum { TAKES_SPAN = 1, TAKES_PREFIX = 2, TAKES_TRIAL = 4, TAKES_WATCH = 8 };

static const struct verb {
	const char *name;
	verb_run   *run;
	const struct column *cols, *dry;	/* dry: of --dry-run; NULL: records only */
	bool	    list;
	unsigned    takes;	/* of the options that only some take: some[] */
} verbs[] = {
	{ "buy", do_place, order_cols, dry_cols, false, TAKES_TRIAL },
	{ "sell", do_place, order_cols, dry_cols, false, TAKES_TRIAL },
	{ "modify", do_modify, order_cols, dry_cols, false, TAKES_TRIAL },
	{ "cancel", do_cancel, order_cols, dry_cancel_cols, false, TAKES_TRIAL },
	{ "cancel-all", do_cancel_all, order_cols, dry_cancel_cols, false, TAKES_PREFIX | TAKES_TRIAL },
	{ "open", do_open, order_cols, NULL, true, TAKES_PREFIX | TAKES_WATCH },
	{ "query", do_query, order_cols, NULL, true, 0 },
	{ "history", do_history, order_cols, NULL, true, TAKES_SPAN | TAKES_PREFIX },
	{ "fills", do_fills, fill_cols, NULL, true, TAKES_SPAN },
	{ "recover", do_recover, recover_cols, NULL, false, 0 },
	{ "journal", do_journal, journal_cols, NULL, false, 0 },
	{ NULL, do_pipe, NULL, NULL, false, TAKES_TRIAL }
};

static const struct verb_opt some[] = {
	{ OPT_WATCH, TAKES_WATCH }, { OPT_EVERY, TAKES_WATCH }, { OPT_COUNT, TAKES_WATCH },
	{ OPT_SINCE, TAKES_SPAN }, { OPT_UNTIL, TAKES_SPAN }, { OPT_LIMIT, TAKES_SPAN },
	{ OPT_MINE, TAKES_PREFIX }, { OPT_PREFIX, TAKES_PREFIX }, { OPT_DRY, TAKES_TRIAL }, { OPT_TEST, TAKES_TRIAL }
};

static int
via_of(enum via *out, const char *arg, struct fault *f)
{
	static const char *const words[] = { [VIA_AUTO] = "auto", [VIA_REST] = "rest", [VIA_WS] = "ws" };

	for (*out = VIA_AUTO; *out <= VIA_WS; ++*out)
		if (strcmp(arg, words[*out]) == 0)
			return 1;
	return fault_set(f, FAULT_USAGE, "--via %s: must be rest, ws or auto", arg);
}

static int
number(long *out, const char *name, const char *arg, long lo, long hi, struct fault *f)
{
	return tool_number(out, name, arg, lo, hi, f) == -1 ? -1 : 1;
}

static int
option(struct app *a, int ch, char *arg, struct fault *f)
{
	struct settings *p = &a->p;

	switch (ch) {
	case OPT_DRY:		p->dry_run = true; return 1;
	case OPT_TEST:		p->test = true; return 1;
	case OPT_ROUND:		p->round = true; return 1;
	case OPT_PASS:		p->pass = true; return 1;
	case OPT_MINE:		p->mine = true; return 1;
	case OPT_BATCH_ANY:	p->batch_any = true; return 1;
	case OPT_WATCH:		p->rounds.watch = true; return 1;
	case OPT_NO_SYNC:	p->no_sync = true; return 1;
	case OPT_JOURNAL:	p->journal = arg; return 1;
	case OPT_PREFIX:	p->prefix = arg; return 1;
	case OPT_SINCE:		p->since = arg; return 1;
	case OPT_UNTIL:		p->until = arg; return 1;
	case OPT_VIA:		return via_of(&p->via, arg, f);
	case OPT_IN_FLIGHT:	return number(&p->in_flight, "--max-in-flight", arg, 1, 50, f);
	case OPT_BATCH:		return number(&p->batch, "--batch", arg, 1, 5, f);
	case OPT_WAIT:		return number(&p->wait_ms, "--wait", arg, 0, 600000, f);
	case OPT_LIMIT:		return number(&p->limit, "--limit", arg, 1, 100000000, f);
	case OPT_EVERY:		return number(&p->rounds.every, "--every", arg, 1, ROUNDS_EVERY_MAX, f);
	case OPT_COUNT:		return number(&p->rounds.count, "--count", arg, 1, ROUNDS_COUNT_MAX, f);
	case OPT_TIMEOUT:	return number(&p->timeout_ms, "--timeout", arg, 50, 60000, f);
	case OPT_RESOLVE:	return number(&p->resolve_s, "--resolve-timeout", arg, 1, 86400, f);
	case OPT_LAG:		return number(&p->lag_ms, "--lag-budget", arg, 1, 600000, f);
	}
	if (ch >= OPT_WORDS)
		return words_option(&a->w, ch, arg, f);
	return tool_common(&a->common, ch, arg, f);
}

/* Without words, orders from a pipe. */
static int
choose(const struct app *a, const char *word, uint64_t given, const struct verb **v, struct fault *f)
{
	const char *stray, *name = word != NULL ? word : "orders from a pipe";

	*v = &verbs[sizeof verbs / sizeof *verbs - 1];
	if (word != NULL && (*v = verb_find(&tool, verbs, sizeof *verbs, word, f)) == NULL)
		return -1;
	if ((stray = words_stray(&a->w, word != NULL ? word : "")) != NULL)
		return fault_set(f, FAULT_USAGE, "%s: %s%s", stray, word != NULL ? "does not go with " :
		    "is of an order from arguments; in a pipe the intent says it", word != NULL ? word : "");
	return verb_check(&tool, some, sizeof some / sizeof *some, given, name, (*v)->takes, f) == -1 ? -1 :
	    rounds_check(&a->p.rounds, name, f);
}

static int
run(struct app *a, char *const words[], int n, uint64_t given, struct fault *f)
{
	const struct verb *v;
	const struct column *cols;
	struct fault cf;
	int r;

	if (choose(a, n > 0 ? words[0] : NULL, given, &v, f) == -1)
		return -1;
	cols = a->p.dry_run ? v->dry : v->cols;
	if (printer_open(&a->out, STDOUT_FILENO, &a->common.as, cols, f) == -1)
		return -1;
	r = v->list ? do_list(a, v->run, words, n, f) : v->run(a, words, n, f);
	if (r == -1 || a->out.form == PRINT_TABLE)
		printer_headless(&a->out);	/* for a person: no headings over nothing */
	if (printer_close(&a->out, &cf) == -1 && !a->halt) {
		say(a, "%s; the journal has what was done", cf.text);
		saw(a, FAULT_LOCAL);
	}
	return r;
}

static void
app_free(struct app *a)
{
	if (a->desk != NULL && desk_unknown(a->desk) > 0)
		saw(a, FAULT_UNKNOWN);
	desk_close(a->desk);
	journal_close(a->j);
	dry_free(a);
	held_free(a);
	venue_close(&a->v);
	seen_free(&a->seen);
	scan_free(&a->sc);
	buf_free(&a->rec);
	buf_free(&a->job->text);
}

/* The second signal with an order in flight: in a signal handler. */
static void
leave(void)
{
	static const char text[] = "bf-order: asked to stop twice: left with an order in flight; "
	    "the journal has it, the next start looks it up\n";

	(void)!write(STDERR_FILENO, text, sizeof text - 1);
	_exit(fault_status(FAULT_UNKNOWN));
}

int
main(int argc, char *argv[])
{
	static struct job job;
	static struct app a = { .tool = &tool, .common.as.tool = &tool, .job = &job, .hedge = -1, .p = { .wait_ms = -1 } };
	struct fault f = { 0 };
	uint64_t given = 0;
	int ch, r;

	job.a = &a;
	cred_prepare();
	while ((ch = opt_next(argc, argv, opts, &f)) != -1) {
		if ((r = option(&a, ch, optarg, &f)) == 0)
			return tool_answer(&tool, ch, &f, STDOUT_FILENO, STDERR_FILENO);
		if (r == -1)
			return tool_fail(&tool, STDERR_FILENO, &f);
		given |= verb_bit(ch);
	}
	if (trader_begin(leave, &f) == -1)
		return tool_fail(&tool, STDERR_FILENO, &f);
	if (run(&a, argv + optind, argc - optind, given, &f) == -1) {
		(void)tool_fail(&tool, STDERR_FILENO, &f);
		saw(&a, f.kind);
	}
	app_free(&a);
	return fault_status(a.worst);
}
