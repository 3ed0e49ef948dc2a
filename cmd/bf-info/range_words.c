/* What a range is asked of: symbol or pair, type of contract, interval, first id. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "range.h"

/* The value that a query began with, as it was before it was escaped. */
static void
unescape(const char *q, char *out, size_t size)
{
	const char *p = strchr(q, '=');
	char hex[3] = "";
	size_t n = 0;

	for (p = p == NULL ? "" : p + 1; *p != '\0' && *p != '&' && n + 1 < size; p++)
		if (*p == '%' && p[1] != '\0' && p[2] != '\0') {
			hex[0] = p[1];
			hex[1] = p[2];
			out[n++] = (char)strtol(hex, NULL, 16);
			p += 2;
		} else
			out[n++] = *p;
	out[n] = '\0';
}

/* A word is a symbol, or, of what is asked by pair, perhaps a pair that is no symbol. */
static int
find_symbol(struct run *r, const char *word, struct fault *f)
{
	struct app *a = r->a;
	struct fault pf;
	int ret;

	if (r->of->pair[MARKET_USDM] && r->of->pair[MARKET_COINM])
		ret = info_pair(a, word, &r->q, f);
	else if ((ret = info_symbol(a, word, &r->q, f)) == 0 && r->of->pair[a->s->market])
		ret = info_pair(a, word, &r->q, f);
	else if (ret == -1 && f->code == -1121 && r->of->pair[MARKET_COINM] &&
	    info_pair(a, word, &r->q, &pf) == 0 && a->s->market == MARKET_COINM)
		ret = 0;
	if (ret == -1 || info_served(a, r->of->ep, f) == -1)
		return -1;
	unescape(r->q.p, r->s, sizeof r->s);
	return 0;
}

static bool
is_contract(const char *type)
{
	static const char *const types[] = { "PERPETUAL", "CURRENT_QUARTER", "NEXT_QUARTER", "TRADIFI_PERPETUAL",
		"ALL" };

	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (strcmp(types[i], type) == 0)
			return true;
	return false;
}

/* The contract type: what was given; of a symbol its own; of a pair the perpetual. */
static int
find_contract(struct run *r, const char *word, struct fault *f)
{
	const char *given = r->a->contract;
	const struct scan *info = &r->a->x->doc;
	struct fault ignore;
	struct rules rules;

	if (!r->of->contract[r->a->s->market])
		return given == NULL ? 0 : fault_set(f, FAULT_USAGE, "--contract: not for %s of %s",
		    r->of->name, market_title(r->a->s->market));
	snprintf(r->contract, sizeof r->contract, "%s", given != NULL ? given : "PERPETUAL");
	if (given == NULL && info->n > 0 && rules_find(&rules, info->t, info->t, word, &ignore) == 0)
		snprintf(r->contract, sizeof r->contract, "%s", rules.contract);
	if (!is_contract(r->contract))
		return fault_set(f, FAULT_USAGE, "%s %.40s: PERPETUAL, CURRENT_QUARTER, NEXT_QUARTER, "
		    "TRADIFI_PERPETUAL or ALL", given != NULL ? "--contract" : "--contract is needed for", r->contract);
	buf_printf(&r->q, "&contractType=%s", r->contract);
	return 0;
}

static int
find_interval(struct run *r, const char *word, struct fault *f)
{
	bool statistics = r->of->shape == SHAPE_PERIODS;
	const char *name = statistics ? r->a->period : word;

	if (statistics && name == NULL)
		name = "5m";
	if ((r->iv = interval_find(name, statistics)) == NULL)
		return fault_set(f, FAULT_USAGE, "%s %.40s: one of %s", statistics ? "--period" : "interval",
		    name, interval_names(statistics));
	return 0;
}

/* The first id of trades. */
static int
find_id(struct run *r, const char *word, struct fault *f)
{
	char *end;
	long long id = strtoll(word, &end, 10);

	if (*word < '0' || *word > '9' || *end != '\0' || id == INT64_MAX)
		return fault_set(f, FAULT_USAGE, "%.40s: not the id of a trade", word);
	r->from = id;
	r->newest = false;
	return 0;
}

static int
check_options(const struct run *r, struct fault *f)
{
	const struct app *a = r->a;

	if (a->limit == 0)
		return fault_set(f, FAULT_USAGE, "--limit 0: at least 1");
	if (a->save == NULL)
		return plot_check(a, f);
	if (a->plot != NULL || a->common.as.jq != NULL || a->common.as.fields != NULL || a->limit != -1)
		return fault_set(f, FAULT_USAGE, "--save: whole ranges only, without %s",
		    a->plot != NULL ? "--plot" : a->common.as.jq != NULL ? "--jq" :
		    a->common.as.fields != NULL ? "--fields" : "--limit");
	if (r->of->by_id ? r->newest : a->from == -1)
		return fault_set(f, FAULT_USAGE, "--save: where to begin? %s", r->of->by_id ?
		    "the id of a trade is needed" : "--since is needed");
	return 0;
}

int
run_words(struct run *r, char *const words[], int n, struct fault *f)
{
	bool candles = r->of->shape == SHAPE_CANDLES;

	if (info_words(r->a, n, candles ? 2 : 1, candles || r->of->by_id ? 2 : 1, f) == -1 ||
	    (r->of->by_id && n == 2 && find_id(r, words[1], f) == -1) || check_options(r, f) == -1 ||
	    (r->of->shape <= SHAPE_PERIODS && find_interval(r, candles ? words[1] : NULL, f) == -1) ||
	    find_symbol(r, words[0], f) == -1 || find_contract(r, words[0], f) == -1)
		return -1;
	if (r->iv != NULL)
		buf_printf(&r->q, "&%s=%s", candles ? "interval" : "period", r->iv->name);
	if (r->q.bad)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	snprintf(r->name, sizeof r->name, "%s %s%s%s%s%s", r->of->name, r->s, r->contract[0] != '\0' ? " " : "",
	    r->contract, r->iv != NULL ? " " : "", r->iv != NULL ? r->iv->name : "");
	return 0;
}
