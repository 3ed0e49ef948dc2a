/* bf-order: intents in, outcomes out; each sent once, and none forgotten. */
#include <getopt.h>
#include <string.h>
#include <unistd.h>

#include "io/trader.h"
#include "app.h"

enum { OPT_TIF = OPT_TOOL, OPT_REDUCE, OPT_POST, OPT_POS_SIDE, OPT_CLIENT_ID, OPT_JOURNAL, OPT_DRY,
	OPT_ROUND, OPT_PASS, OPT_RESOLVE, OPT_TIMEOUT, OPT_LAG };

static const struct opt opts[] = {
	{ OPT_TIF, "tif", "TIF", "time in force: GTC (default), IOC, FOK, GTX" },
	{ OPT_REDUCE, "reduce-only", NULL, "the order may only shrink a position" },
	{ OPT_POST, "post-only", NULL, "the order may only be maker (GTX)" },
	{ OPT_POS_SIDE, "position-side", "SIDE", "LONG or SHORT, in hedge mode" },
	{ OPT_CLIENT_ID, "client-id", "ID", "client order id; default a new one" },
	{ OPT_DRY, "dry-run", NULL, "check everything, show the request, send nothing" },
	{ OPT_ROUND, "round", NULL, "round quantities down and prices to the safe side" },
	{ OPT_PASS, "pass", NULL, "also print the records that are not intents" },
	{ OPT_JOURNAL, "journal", "FILE", "use this journal instead of the profile's own" },
	{ OPT_TIMEOUT, "timeout", "MS", "time for one request; default 5000" },
	{ OPT_RESOLVE, "resolve-timeout", "SEC", "how long to look up an unknown outcome; default 30" },
	{ OPT_LAG, "lag-budget", "MS", "how far its reads may lag behind; default 10000" },
	OPTS_COMMON,
	OPTS_OUTPUT,
	OPTS_END
};
static const struct tool tool = {
	"bf-order",
	"bf-order [options] < intents\n"
	"bf-order [options] buy|sell SYMBOL QUANTITY @ PRICE\n"
	"bf-order [options] buy|sell SYMBOL QUANTITY market\n"
	"bf-order [options] cancel SYMBOL ORDER-ID|CLIENT-ID\n"
	"bf-order [options] cancel-all SYMBOL\n"
	"bf-order [options] recover\n"
	"bf-order [options] journal [DAYS]\n"
	"Place and cancel orders, each sent once and journalled before it leaves.",
	opts
};
static const struct column order_cols[] = {
	{ "SYMBOL", "symbol", COL_LEFT },
	{ "SIDE", "side", COL_LEFT },
	{ "TYPE", "type", COL_LEFT },
	{ "PRICE", "price", COL_RIGHT },
	{ "QUANTITY", "origQty", COL_RIGHT },
	{ "FILLED", "executedQty", COL_RIGHT },
	{ "STATUS", "status", COL_LEFT },
	{ "ORDER", "orderId", COL_RIGHT },
	{ "CLIENT ID", "clientOrderId", COL_LEFT },
	{ NULL, NULL, 0 }
};
static const struct column recover_cols[] = {
	{ "CLIENT ID", "clientOrderId", COL_LEFT },
	{ "OUTCOME", "outcome", COL_LEFT },
	{ "SYMBOL", "intent.symbol", COL_LEFT },
	{ "SIDE", "intent.side", COL_LEFT },
	{ "QUANTITY", "intent.quantity", COL_RIGHT },
	{ "STATUS", "order.status", COL_LEFT },
	{ "ORDER", "order.orderId", COL_RIGHT },
	{ NULL, NULL, 0 }
};
static const struct column journal_cols[] = {
	{ "TIME ms", "E", COL_RIGHT },
	{ "WHAT", "what", COL_LEFT },
	{ "ID", "id", COL_LEFT },
	{ "SYMBOL", "data.intent.symbol", COL_LEFT },
	{ "SIDE", "data.intent.side", COL_LEFT },
	{ "QUANTITY", "data.intent.quantity", COL_RIGHT },
	{ "PRICE", "data.intent.price", COL_RIGHT },
	{ "STATUS", "data.status", COL_LEFT },
	{ "MESSAGE", "data.msg", COL_LEFT },
	{ NULL, NULL, 0 }
};

static void
notice(void *arg, const char *sentence)
{
	say(arg, "%s", sentence);
}

/*
 * Starting
 */

/* Whether orders of this profile cost real money. */
static bool
is_live(const struct profile *p)
{
	return !p->loopback && strstr(p->rest, "demo") == NULL && strstr(p->rest, "testnet") == NULL;
}

static void
say_profile(struct app *a)
{
	const struct profile *p = &a->s.prof;

	say(a, "profile %s", p->name);
	if (is_live(p) && dec_sign(p->max_order_notional) == 0 && p->max_orders_per_minute == 0 &&
	    p->symbols[0] == '\0')
		say(a, "profile %s is live and has no caps: max_order_notional, max_orders_per_minute, symbols",
		    p->name);
}

/* Whether an outcome of the journal says that no byte of the request left. */
static bool
never_left(struct app *a, const struct journal_line *l)
{
	const struct tok *t;
	int64_t http;

	if (strcmp(l->what, "refused") != 0 || scan_doc(&a->sc, l->data, l->data_n) <= 0)
		return false;
	t = a->sc.t;
	return scan_get_is(t, t, "category", fault_word(FAULT_AGAIN)) &&
	    scan_get_i64(t, t, "http", &http) && http == 0;
}

/* Ids that were sent are not sent again, whoever asks. */
static int
know_id(void *arg, const struct journal_line *l)
{
	struct app *a = arg;
	int64_t now = session_now(&a->s);

	if (l->id[0] == '~' || l->at_ms < now - 86400000)
		return 0;
	if (strcmp(l->what, "intent") == 0)
		return seen_add(&a->seen, l->id, now, NULL);
	if (never_left(a, l))
		seen_drop(&a->seen, l->id);
	return 0;
}

static int
start(struct app *a, struct fault *f)
{
	int damaged;

	if (session_open(&a->s, a->common.profile, a->common.market, !a->p.dry_run, f) == -1)
		return -1;
	if (a->p.timeout_ms > 0)
		a->s.timeout_ms = (int)a->p.timeout_ms;
	say_profile(a);
	if (journal_open(&a->j, &a->s.prof, a->p.journal, f) == -1)
		return -1;
	a->ctx = (struct order_ctx){
		.s = &a->s, .j = a->j, .resolve_ms = (int)a->p.resolve_s * 1000,
		.lag_ms = (int)a->p.lag_ms, .stop = &trader_stop, .notice = notice, .arg = a
	};
	fault_set(f, FAULT_LOCAL, "out of memory for the journal's ids");
	return journal_walk(a->j, 2, session_now(&a->s), know_id, a, &damaged, f);
}

/* The same for orders from a pipe and from arguments. */
static int
start_sending(struct app *a, struct fault *f)
{
	if (start(a, f) == -1)
		return -1;
	return a->p.dry_run ? 0 : settle_earlier(a, f);
}

/*
 * Verbs
 */

static int
do_pipe(struct app *a, char *const words[], int n, struct fault *f)
{
	if (n > 0)
		return fault_set(f, FAULT_USAGE, "%s: no such command; see bf-order --help", words[0]);
	if (isatty(STDIN_FILENO))
		say(a, "reading intents from the terminal, one JSON object per line; see bf-order --help");
	if (check_input(STDIN_FILENO, f) == -1 || start_sending(a, f) == -1)
		return -1;
	return run_pipe(a, f);
}

static int
one(struct app *a, int (*make)(struct buf *, const struct params *, char *const[], int, struct fault *),
    char *const words[], int n, struct fault *f)
{
	struct buf text = { 0 };
	int r;

	a->words = true;
	r = make(&text, &a->p, words, n, f);
	if (r == 0)
		r = start_sending(a, f);
	if (r == 0)
		treat_line(a, text.p, text.len);
	buf_free(&text);
	return r;
}

static int
do_place(struct app *a, char *const words[], int n, struct fault *f)
{
	return one(a, place_text, words, n, f);
}

static int
do_cancel(struct app *a, char *const words[], int n, struct fault *f)
{
	return one(a, cancel_text, words, n, f);
}

static int
do_cancel_all(struct app *a, char *const words[], int n, struct fault *f)
{
	return one(a, cancel_all_text, words, n, f);
}

static int
do_recover(struct app *a, char *const words[], int n, struct fault *f)
{
	if (n > 1)
		return fault_set(f, FAULT_USAGE, "%s: recover takes no operand", words[1]);
	if (start(a, f) == -1)
		return -1;
	return settle_earlier(a, f);
}

static int
put_line(void *arg, const struct journal_line *l)
{
	struct app *a = arg;

	buf_put(&a->rec, l->line, l->n);
	buf_chr(&a->rec, '\n');
	emit(a);
	return a->halt ? -1 : 0;
}

static int
do_journal(struct app *a, char *const words[], int n, struct fault *f)
{
	long days = 1;
	int damaged, r;

	if (n > 2)
		return fault_set(f, FAULT_USAGE, "%s: journal takes a number of days", words[2]);
	if ((n == 2 && tool_number(&days, "days", words[1], 1, 10000, f) == -1) ||
	    profile_load(&a->s.prof, a->common.profile, f) == -1 ||
	    profile_need_chosen(&a->s.prof, f) == -1 ||
	    journal_open(&a->j, &a->s.prof, a->p.journal, f) == -1)
		return -1;
	r = journal_walk(a->j, (int)days, clock_wall_ms(), put_line, a, &damaged, f);
	if (damaged > 0) {
		say(a, "%d damaged line%s passed over", damaged, damaged == 1 ? "" : "s");
		saw(a, FAULT_LOCAL);
	}
	return a->halt ? 0 : r;
}

static const struct verb {
	const char *name;
	int (*run)(struct app *, char *const[], int, struct fault *);
	const struct column *cols;	/* NULL: records only */
} verbs[] = {
	{ "buy", do_place, order_cols },
	{ "sell", do_place, order_cols },
	{ "cancel", do_cancel, order_cols },
	{ "cancel-all", do_cancel_all, NULL },
	{ "recover", do_recover, recover_cols },
	{ "journal", do_journal, journal_cols },
	{ NULL, do_pipe, NULL }
};

static int
option(struct app *a, int ch, char *arg, struct fault *f)
{
	struct params *p = &a->p;

	switch (ch) {
	case OPT_TIF:		p->tif = arg; return 1;
	case OPT_REDUCE:	p->reduce_only = true; return 1;
	case OPT_POST:		p->post_only = true; return 1;
	case OPT_POS_SIDE:	p->pos_side = arg; return 1;
	case OPT_CLIENT_ID:	p->client_id = arg; return 1;
	case OPT_DRY:		p->dry_run = true; return 1;
	case OPT_ROUND:		p->round = true; return 1;
	case OPT_PASS:		p->pass = true; return 1;
	case OPT_JOURNAL:	p->journal = arg; return 1;
	case OPT_TIMEOUT:
		return tool_number(&p->timeout_ms, "--timeout", arg, 50, 60000, f) == -1 ? -1 : 1;
	case OPT_RESOLVE:
		return tool_number(&p->resolve_s, "--resolve-timeout", arg, 1, 86400, f) == -1 ? -1 : 1;
	case OPT_LAG:
		return tool_number(&p->lag_ms, "--lag-budget", arg, 1, 600000, f) == -1 ? -1 : 1;
	}
	return tool_common(&a->common, ch, arg, f);
}

static int
run(struct app *a, char *const words[], int n, struct fault *f)
{
	const struct verb *v = verbs;
	struct fault cf;
	int r;

	while (v->name != NULL && (n == 0 || strcmp(v->name, words[0]) != 0))
		v++;
	if (v->cols == NULL && a->common.format != NULL && strcmp(a->common.format, "table") == 0)
		return fault_set(f, FAULT_USAGE, "--output table: only for a command with columns");
	if (tool_usdm_only(&a->common, f) == -1 ||
	    printer_open(&a->out, STDOUT_FILENO, a->common.format, a->common.jq, v->cols, f) == -1)
		return -1;
	r = v->run(a, words, n, f);
	if (a->out.table && a->out.rows == 0)
		a->out.table = false;	/* no headings over nothing */
	if (printer_close(&a->out, &cf) == -1 && !a->halt) {
		say(a, "%s; the journal has what was done", cf.text);
		saw(a, FAULT_LOCAL);
	}
	return r;
}

static void
app_free(struct app *a)
{
	journal_close(a->j);
	session_close(&a->s);
	xinfo_free(&a->x);
	seen_free(&a->seen);
	scan_free(&a->sc);
	buf_free(&a->rec);
	buf_free(&a->job.text);
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
	static struct app a = { .tool = &tool };
	struct fault f = { 0 };
	int ch, r;

	cred_prepare();
	while ((ch = opt_next(argc, argv, opts, &f)) != -1) {
		if ((r = option(&a, ch, optarg, &f)) == 0)
			return tool_answer(&tool, ch, &f, STDOUT_FILENO, STDERR_FILENO);
		if (r == -1)
			return tool_fail(&tool, STDERR_FILENO, &f);
	}
	if (trader_begin(leave, &f) == -1)
		return tool_fail(&tool, STDERR_FILENO, &f);
	if (run(&a, argv + optind, argc - optind, &f) == -1) {
		say(&a, "%s", f.text);
		saw(&a, f.kind);
	}
	app_free(&a);
	return fault_status(a.worst);
}
