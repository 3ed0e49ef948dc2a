/* The options of bf-risk, and the rules that they and the file make. */
#include "asked.h"

enum { OPT_MAX_LEV = OPT_TOOL, OPT_TARGET_LEV, OPT_COST, OPT_ASSET, OPT_EVERY, OPT_MAX_AGE, OPT_RULES, OPT_LIMIT,
	OPT_ORDER_NOTIONAL, OPT_POSITION_NOTIONAL, OPT_DAILY_LOSS, OPT_ON_BREACH, OPT_CHECK, OPT_LOG, OPT_FROM, OPT_ALL,
	OPT_N };

const struct opt asked_opts[] = {
	{ OPT_RULES, "rules", "FILE", "the rules; options may only tighten them" },
	{ OPT_MAX_LEV, "max-lev", "N", "maximum effective leverage of the account" },
	{ OPT_TARGET_LEV, "target-lev", "N", "what a reduction leads to; default 95 %" },
	{ OPT_ORDER_NOTIONAL, "max-order-notional", "N", "maximum notional of one order" },
	{ OPT_POSITION_NOTIONAL, "max-position-notional", "N", "maximum notional of one position" },
	{ OPT_DAILY_LOSS, "daily-loss", "N|N%", "maximum loss of a day" },
	{ OPT_LIMIT, "limit", "NAME=VALUE", "tighten any rule; may be repeated" },
	{ OPT_ON_BREACH, "on-breach", "reject|clip", "what an intent too large becomes" },
	{ OPT_COST, "cost", "BPS", "fee and spread, basis points; default 10" },
	{ OPT_ASSET, "asset", "NAME", "of this margin asset only" },
	{ OPT_EVERY, "every", "SECONDS", "how often the account is read; default 2" },
	{ OPT_MAX_AGE, "max-age", "SECONDS", "how old a mark price may be; default 10" },
	{ OPT_LOG, "log", "FILE", "append each decision, with all it rests on" },
	{ OPT_CHECK, "check", NULL, "show the rules that hold, and stop" },
	{ OPT_FROM, "from", "FILE", "replay: recorded answers; may be repeated" },
	{ OPT_ALL, "all", NULL, "replay: what is decided alike, too" },
	{ OPT_N, "n", "NUMBER", "explain: this decision alone" },
	OPTS_COMMON,
	OPTS_OUTPUT,
	OPTS_END
};

static int
give(struct asked *q, enum rule rule, const char *what, const char *value, struct fault *f)
{
	if (q->ngiven == GIVEN_MAX)
		return fault_set(f, FAULT_USAGE, "--limit: more than %d limits", GIVEN_MAX);
	q->given[q->ngiven++] = (struct given){ rule, what, value };
	return 1;
}

int
asked_take(struct app *a, struct asked *q, int ch, char *arg, struct fault *f)
{
	long n;

	switch (ch) {
	case OPT_MAX_LEV:
		return give(q, R_MAX_LEV, "--max-lev", arg, f);
	case OPT_ORDER_NOTIONAL:
		return give(q, R_ORDER_NOTIONAL, "--max-order-notional", arg, f);
	case OPT_POSITION_NOTIONAL:
		return give(q, R_POSITION_NOTIONAL, "--max-position-notional", arg, f);
	case OPT_DAILY_LOSS:
		return give(q, R_DAILY_LOSS, "--daily-loss", arg, f);
	case OPT_MAX_AGE:
		return tool_number(&n, "--max-age", arg, 1, 3600, f) == -1 ? -1 : give(q, R_MARK_AGE, "--max-age", arg, f);
	case OPT_LIMIT:
		return give(q, RULES, "--limit", arg, f);
	case OPT_RULES:
		q->rules = arg;
		return 1;
	case OPT_TARGET_LEV:
		q->target = arg;
		return 1;
	case OPT_COST:
		q->cost = arg;
		return 1;
	case OPT_ASSET:
		q->asset = arg;
		return 1;
	case OPT_ON_BREACH:
		q->on_breach = arg;
		return 1;
	case OPT_EVERY:
		if (tool_number(&n, "--every", arg, 1, 3600, f) == -1)
			return -1;
		a->refresh_ms = n * 1000;
		return 1;
	case OPT_LOG:
		a->log_file = arg;
		return 1;
	case OPT_CHECK:
		q->check = true;
		return 1;
	case OPT_FROM:
		if (q->past.nfrom == FROM_MAX)
			return fault_set(f, FAULT_USAGE, "--from: more than %d files", FROM_MAX);
		q->from[q->past.nfrom++] = arg;
		return 1;
	case OPT_ALL:
		q->past.all = true;
		return 1;
	case OPT_N:
		if (tool_number(&n, "--n", arg, 1, 1000000000, f) == -1)
			return -1;
		q->past.has_n = true;
		q->past.n = n;
		return 1;
	}
	return 0;
}

int
asked_limits(struct app *a, const struct asked *q, struct fault *f)
{
	limits_init(&a->lim);
	if (q->rules != NULL && limits_file(&a->lim, q->rules, f) == -1)
		return -1;
	for (const struct given *g = q->given; g < q->given + q->ngiven; g++)
		if ((g->rule == RULES ? limits_option(&a->lim, g->value, f) :
		    limits_tighten(&a->lim, g->rule, g->value, g->what, f)) == -1)
			return -1;
	if ((q->target != NULL && limits_target(&a->lim, q->target, "--target-lev", f) == -1) ||
	    (q->cost != NULL && limits_cost(&a->lim, q->cost, "--cost", f) == -1) ||
	    (q->asset != NULL && limits_asset(&a->lim, q->asset, "--asset", f) == -1) ||
	    (q->on_breach != NULL && limits_on_breach(&a->lim, q->on_breach, "--on-breach", f) == -1))
		return -1;
	if (a->lim.r[R_ACCOUNT_AGE].line == 0)	/* by default two reads may fail, and marks grow old */
		a->lim.r[R_ACCOUNT_AGE].max = dec_int((a->refresh_ms * 2 + max_age_ms(a)) / 1000);
	return 0;
}

int
asked_rule(const struct asked *q, struct fault *f)
{
	if (q->rules == NULL && q->ngiven == 0)
		return fault_set(f, FAULT_USAGE, "nothing to hold: --rules FILE, --max-lev N or --limit NAME=VALUE; see bf-risk --help");
	return 0;
}
