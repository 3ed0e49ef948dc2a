/* bf-position: what is held, how far it is from trouble, what would be; and the settings. */
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "app.h"

enum {
	OPT_WATCH = OPT_TOOL, OPT_FROM, OPT_COMPARE, OPT_LEVERAGE, OPT_MARGIN, OPT_SIDE, OPT_DRY_RUN, OPT_SINCE, OPT_UNTIL,
	OPT_ASSET, OPT_PLOT, OPT_MARK, OPT_ENTRY, OPT_WALLET, OPT_FEE, OPT_FUNDING, OPT_INVERSE, OPT_SIZE, OPT_BRACKETS,
	OPT_HOURS, OPT_REDUCE_ONLY
};

static const struct opt opts[] = {
	{ OPT_WATCH, "watch", NULL, "keep showing, by records on standard input" },
	{ OPT_FROM, "from", "FILE", "recorded answers, not the exchange; may be repeated" },
	{ OPT_COMPARE, "compare", NULL, "with --from: each figure as told and as computed" },
	{ OPT_LEVERAGE, "leverage", "N", "of ensure, calc, what-if" },
	{ OPT_MARGIN, "margin-type", "isolated|crossed", "of ensure, calc, what-if" },
	{ OPT_SIDE, "position-side", "long|short", "which leg, in hedge mode" },
	{ OPT_DRY_RUN, "dry-run", NULL, "show what would be, and change nothing" },
	{ OPT_REDUCE_ONLY, "reduce-only", NULL, "what-if: the order may only shrink a position" },
	{ OPT_SINCE, "since", "TIME", "from then on: 2024-01-01, 2024-01-01T12:00Z, -7d" },
	{ OPT_UNTIL, "until", "TIME", "up to then; default now" },
	{ OPT_ASSET, "asset", "NAME", "of this margin asset only" },
	{ OPT_PLOT, "plot", "[FILE]", "equity: draw in the terminal, or a PNG or SVG file" },
	{ OPT_ENTRY, "entry", "PRICE", "calc: the entry price" },
	{ OPT_MARK, "mark", "PRICE", "calc, what-if: the mark price" },
	{ OPT_WALLET, "wallet", "AMOUNT", "calc: the wallet behind the position" },
	{ OPT_FEE, "fee", "BPS", "calc, what-if: the fee in basis points" },
	{ OPT_FUNDING, "funding", "RATE", "calc: the funding rate, 0.0001 being 0.01 %" },
	{ OPT_HOURS, "hours", "N", "how long it is held, for funding" },
	{ OPT_INVERSE, "inverse", NULL, "calc: contracts of a size in USD, margined in coin" },
	{ OPT_SIZE, "size", "USD", "calc: of an inverse contract; 100 of BTC, else 10" },
	{ OPT_BRACKETS, "brackets", "FILE", "calc: a leverageBracket answer" },
	OPTS_COMMON,
	OPTS_OUTPUT,
	OPTS_END
};
static const struct tool tool = {
	"bf-position",
	"bf-position [options] [SYMBOL ...]\n"
	"bf-position [options] balances\n"
	"bf-position [options] calc long|short QUANTITY SYMBOL --entry PRICE\n"
	"bf-position [options] what-if buy|sell SYMBOL QUANTITY @ PRICE|market\n"
	"bf-position [options] leverage SYMBOL N\n"
	"bf-position [options] margin-type SYMBOL isolated|crossed\n"
	"bf-position [options] ensure SYMBOL [--leverage N] [--margin-type TYPE]\n"
	"bf-position [options] margin SYMBOL add|remove AMOUNT\n"
	"bf-position [options] mode [one-way|hedge]\n"
	"bf-position [options] multi-assets [on|off]\n"
	"bf-position [options] history [SYMBOL]\n"
	"bf-position [options] equity\n"
	"bf-position [options] funding [SYMBOL ...]\n"
	"bf-position [options] carry [SYMBOL ...]\n"
	"bf-stream markPrice user | bf-position --watch\n"
	"Positions, balances, leverage: as they are, and as they would be.",
	opts
};

/*
 * Options
 */

/* Where each goes, and of which commands it is: a bit each, in the order of verbs below. */
enum { SHOW = 1, BALANCES = 2, CALC = 4, WHAT_IF = 8, SET = 16, BOOKS = 32 };
#define AT(member)	offsetof(struct settings, member)
static const struct place { int ch; const char *name; size_t at; bool flag; unsigned of; } places[] = {
	{ OPT_WATCH, "--watch", AT(watch), true, SHOW },
	{ OPT_COMPARE, "--compare", AT(compare), true, SHOW | BALANCES },
	{ OPT_LEVERAGE, "--leverage", AT(leverage), false, CALC | WHAT_IF | SET },
	{ OPT_MARGIN, "--margin-type", AT(margin), false, CALC | WHAT_IF | SET },
	{ OPT_SIDE, "--position-side", AT(side), false, WHAT_IF | SET },
	{ OPT_DRY_RUN, "--dry-run", AT(dry_run), true, SET },
	{ OPT_REDUCE_ONLY, "--reduce-only", AT(reduce_only), true, WHAT_IF },
	{ OPT_SINCE, "--since", AT(since), false, BOOKS },
	{ OPT_UNTIL, "--until", AT(until), false, BOOKS },
	{ OPT_ASSET, "--asset", AT(asset), false, BOOKS },
	{ OPT_ENTRY, "--entry", AT(entry), false, CALC },
	{ OPT_MARK, "--mark", AT(mark), false, CALC | WHAT_IF },
	{ OPT_WALLET, "--wallet", AT(wallet), false, CALC },
	{ OPT_FEE, "--fee", AT(fee), false, CALC | WHAT_IF },
	{ OPT_FUNDING, "--funding", AT(funding), false, CALC },
	{ OPT_HOURS, "--hours", AT(hours), false, CALC | BOOKS },
	{ OPT_INVERSE, "--inverse", AT(inverse), true, CALC },
	{ OPT_SIZE, "--size", AT(size), false, CALC },
	{ OPT_BRACKETS, "--brackets", AT(brackets), false, CALC },
};
#define PLACES	(sizeof places / sizeof *places)

static int
set_place(struct settings *p, const struct place *to, char *arg, struct fault *f)
{
	void *at = (char *)p + to->at;

	if (to->flag) {
		*(bool *)at = true;
		return 1;
	}
	if (*(const char **)at != NULL)
		return fault_set(f, FAULT_USAGE, "%s: given twice", to->name);
	if (*arg == '\0')
		return fault_set(f, FAULT_USAGE, "%s: its value is empty", to->name);
	*(const char **)at = arg;
	return 1;
}

/* 1: taken, 0: not ours, -1. */
static int
own_option(struct settings *p, int ch, char *arg, struct fault *f)
{
	if (ch == OPT_PLOT) {
		p->plotted = true;
		p->plot = arg;
		return 1;
	}
	if (ch == OPT_FROM) {
		if (p->nfrom == FROM_MAX)
			return fault_set(f, FAULT_USAGE, "--from: more than %d files", FROM_MAX);
		p->from[p->nfrom++] = arg;
		return 1;
	}
	for (size_t i = 0; i < PLACES; i++)
		if (places[i].ch == ch)
			return set_place(p, &places[i], arg, f);
	return 0;
}

/*
 * Commands
 */

static const struct verb {
	const char *name;
	verb_run *run;
	const struct column *cols;
	unsigned of;
	bool from;	/* takes --from */
} verbs[] = {
	{ "balances", do_balances, balance_cols, BALANCES, true },
	{ "calc", do_calc, calc_cols, CALC, false },
	{ "what-if", do_what_if, what_if_cols, WHAT_IF, true },
	{ "leverage", do_leverage, change_cols, SET, false },
	{ "margin-type", do_margin_type, change_cols, SET, false },
	{ "ensure", do_ensure, change_cols, SET, false },
	{ "margin", do_margin, change_cols, SET, false },
	{ "mode", do_mode, mode_cols, SET, false },
	{ "multi-assets", do_multi_assets, assets_cols, SET, false },
	{ "history", do_history, history_cols, BOOKS, false },
	{ "equity", do_equity, equity_cols, BOOKS, false },
	{ "funding", do_funding, funding_cols, BOOKS, false },
	{ "carry", do_carry, carry_cols, BOOKS, false },
	{ NULL, do_show, position_cols, SHOW, true }
};

static bool
is_given(const struct settings *p, const struct place *pl)
{
	const void *at = (const char *)p + pl->at;

	return pl->flag ? *(const bool *)at : *(const char *const *)at != NULL;
}

/* An option that a command would silently pass over is refused. */
static int
check_options(const struct app *a, const struct verb *v, struct fault *f)
{
	const char *name = v->name != NULL ? v->name : "the list of positions";

	for (size_t i = 0; i < PLACES; i++)
		if (is_given(&a->p, &places[i]) && (places[i].of & v->of) == 0)
			return fault_set(f, FAULT_USAGE, "%s does not go with %s", places[i].name, name);
	if (a->p.plotted && v->run != do_equity)
		return fault_set(f, FAULT_USAGE, "--plot does not go with %s", name);
	if (a->p.nfrom > 0 && !v->from)
		return fault_set(f, FAULT_USAGE, "--from does not go with %s", name);
	if (a->p.compare && a->p.nfrom == 0)
		return fault_set(f, FAULT_USAGE, "--compare: what the exchange told is compared, so give it by --from");
	if (a->p.compare && a->p.watch)
		return fault_set(f, FAULT_USAGE, "--compare does not go with --watch");
	return 0;
}

static int
run(struct app *a, char *const words[], int n, struct fault *f)
{
	const struct verb *v = verbs;
	struct fault cf;
	int r;

	while (v->name != NULL && (n == 0 || strcmp(v->name, words[0]) != 0))
		v++;
	if (v->name != NULL)
		words++, n--;
	if (check_options(a, v, f) == -1 ||
	    printer_open(&a->out, STDOUT_FILENO, &a->common.as, v->cols, f) == -1)
		return -1;
	a->changes = v->of == SET && n > 0;	/* without operands a mode is told */
	r = a->p.watch ? do_watch(a, words, n, f) : v->run(a, words, n, f);
	if (r == -1 && f->kind == FAULT_UNKNOWN && !a->asked)	/* an answer of no use: nothing is in doubt */
		f->kind = a->p.nfrom > 0 ? FAULT_USAGE : FAULT_AGAIN;
	if (r == -1)
		printer_headless(&a->out);
	if (printer_close(&a->out, &cf) == -1 && r == 0) {
		*f = cf;
		r = -1;
	}
	return r;
}

int
main(int argc, char *argv[])
{
	static struct app a = { .tool = &tool, .common.as.tool = &tool };
	struct fault f = { 0 };
	int ch, r;

	if (tool_prepare(&f) == -1)
		return tool_fail(&tool, STDERR_FILENO, &f);
	cred_prepare();
	while ((ch = opt_next(argc, argv, opts, &f)) != -1) {
		if ((r = tool_common(&a.common, ch, optarg, &f)) == 0)
			r = own_option(&a.p, ch, optarg, &f);
		if (r == 0)
			return tool_answer(&tool, ch, &f, STDOUT_FILENO, STDERR_FILENO);
		if (r == -1)
			return tool_fail(&tool, STDERR_FILENO, &f);
	}
	r = run(&a, argv + optind, argc - optind, &f);
	app_free(&a);
	if (a.out.out.gone)
		return tool_sigpipe();
	if (r == 0)
		return fault_status(a.worst);
	a.worst = fault_worst(a.worst, f.kind);
	(void)tool_fail(&tool, STDERR_FILENO, &f);
	return fault_status(a.worst);
}
