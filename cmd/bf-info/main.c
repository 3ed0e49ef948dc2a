/* bf-info: what the exchange tells of its contracts. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/intent.h"
#include "core/span.h"
#include "io/table.h"
#include "io/tool.h"
#include "io/xinfo.h"

enum { OPT_REFRESH = OPT_TOOL };

static const struct opt opts[] = {
	{ OPT_REFRESH, "refresh", NULL, "ask the exchange again; ignore the cache" },
	OPTS_COMMON,
	OPTS_OUTPUT,
	OPTS_END
};
static const struct tool tool = {
	"bf-info",
	"bf-info [options] symbols [SYMBOL ...]\n"
	"bf-info [options] filters SYMBOL ...\n"
	"bf-info [options] brackets SYMBOL ...\n"
	"bf-info [options] mark [SYMBOL ...]\n"
	"bf-info [options] funding [SYMBOL ...]\n"
	"Contract rules, leverage brackets, mark price and funding.",
	opts
};

static const struct column symbol_cols[] = {
	{ "SYMBOL", "symbol", COL_LEFT }, { "STATUS", "status", COL_LEFT }, { "CONTRACT", "contractType", COL_LEFT },
	{ "BASE", "baseAsset", COL_LEFT }, { "QUOTE", "quoteAsset", COL_LEFT }, { "MARGIN", "marginAsset", COL_LEFT },
	{ "LIQ FEE", "liquidationFee", COL_RIGHT }, { NULL, NULL, 0 }
};
static const struct column filter_cols[] = {
	{ "SYMBOL", "symbol", COL_LEFT }, { "STATUS", "status", COL_LEFT },
	{ "TICK", "tickSize", COL_RIGHT }, { "MIN PRICE", "minPrice", COL_RIGHT }, { "MAX PRICE", "maxPrice", COL_RIGHT },
	{ "STEP", "stepSize", COL_RIGHT }, { "MIN QTY", "minQty", COL_RIGHT }, { "MAX QTY", "maxQty", COL_RIGHT },
	{ "MAX MARKET", "marketMaxQty", COL_RIGHT }, { "MIN NOTIONAL", "minNotional", COL_RIGHT },
	{ "UP", "multiplierUp", COL_RIGHT }, { "DOWN", "multiplierDown", COL_RIGHT }, { NULL, NULL, 0 }
};
static const struct column bracket_cols[] = {
	{ "SYMBOL", "symbol", COL_LEFT }, { "TIER", "bracket", COL_RIGHT }, { "MAX LEVERAGE", "initialLeverage", COL_RIGHT },
	{ "ABOVE", "notionalFloor", COL_RIGHT }, { "UP TO", "notionalCap", COL_RIGHT },
	{ "MAINT RATE", "maintMarginRatio", COL_RIGHT }, { "CUM", "cum", COL_RIGHT }, { NULL, NULL, 0 }
};
static const struct column mark_cols[] = {
	{ "SYMBOL", "symbol", COL_LEFT }, { "MARK", "markPrice", COL_RIGHT }, { "INDEX", "indexPrice", COL_RIGHT },
	{ "FUNDING", "lastFundingRate", COL_RIGHT }, { "NEXT FUNDING", "nextFundingTime", COL_TIME },
	{ "TIME", "time", COL_TIME }, { NULL, NULL, 0 }
};
static const struct column funding_cols[] = {
	{ "SYMBOL", "symbol", COL_LEFT }, { "RATE", "lastFundingRate", COL_RIGHT }, { "NEXT", "nextFundingTime", COL_TIME },
	{ "HOURS", "fundingIntervalHours", COL_RIGHT }, { "CAP", "adjustedFundingRateCap", COL_RIGHT },
	{ "FLOOR", "adjustedFundingRateFloor", COL_RIGHT }, { "MARK", "markPrice", COL_RIGHT }, { NULL, NULL, 0 }
};

struct app {
	struct common	common;
	bool		refresh;
	struct session	s;
	struct xinfo	x;
	struct printer	out;
	struct buf	rec;
};

/* One element of an answer, as it came, as one record. */
static int
put_raw(struct app *a, const struct tok *v, struct fault *f)
{
	span_put(&a->rec, v);
	jw_end(&a->rec);
	return printer_put(&a->out, &a->rec, f);
}

static int
do_symbols(struct app *a, char *const words[], int n, struct fault *f)
{
	const struct tok *t, *list, *v;
	struct rules r;

	if (xinfo_get(&a->x, &a->s, a->refresh, f) == -1)
		return -1;
	for (int i = 0; i < n; i++)
		if (xinfo_rules(&a->x, &a->s, words[i], &r, f) == -1)
			return -1;
	t = a->x.doc.t;
	list = scan_get(t, t, "symbols");
	for (v = list == NULL ? NULL : scan_first(list); v != NULL; v = scan_next(t, list, v)) {
		bool wanted = n == 0;

		for (int i = 0; i < n && !wanted; i++)
			wanted = scan_get_is(t, v, "symbol", words[i]);
		if (wanted && put_raw(a, v, f) == -1)
			return -1;
	}
	return 0;
}

/* A rule that is switched off is null, not zero. */
static void
put_rule(struct buf *b, const char *key, dec d)
{
	if (dec_sign(d) > 0)
		jw_dec(b, key, d);
	else
		jw_null(b, key);
}

static int
put_filters(struct app *a, const struct rules *r, struct fault *f)
{
	struct buf *b = &a->rec;

	jw_open(b, NULL, '{');
	jw_str(b, "e", "bf.filters");
	jw_i64(b, "E", session_now(&a->s));
	jw_str(b, "symbol", r->symbol);
	jw_str(b, "status", r->status);
	jw_str(b, "contractType", r->contract);
	jw_i64(b, "pricePrecision", r->price_precision);
	jw_i64(b, "quantityPrecision", r->qty_precision);
	put_rule(b, "tickSize", r->tick);
	put_rule(b, "minPrice", r->min_price);
	put_rule(b, "maxPrice", r->max_price);
	put_rule(b, "stepSize", r->step);
	put_rule(b, "minQty", r->min_qty);
	put_rule(b, "maxQty", r->max_qty);
	put_rule(b, "marketStepSize", r->mkt_step);
	put_rule(b, "marketMinQty", r->mkt_min_qty);
	put_rule(b, "marketMaxQty", r->mkt_max_qty);
	put_rule(b, "minNotional", r->min_notional);
	put_rule(b, "multiplierUp", r->mult_up);
	put_rule(b, "multiplierDown", r->mult_down);
	jw_i64(b, "maxNumOrders", r->max_orders);
	put_rule(b, "liquidationFee", r->liquidation_fee);
	put_rule(b, "marketTakeBound", r->market_take_bound);
	put_rule(b, "triggerProtect", r->trigger_protect);
	jw_close(b, '}');
	jw_end(b);
	return printer_put(&a->out, b, f);
}

static int
do_filters(struct app *a, char *const words[], int n, struct fault *f)
{
	struct rules r;

	if (n == 0)
		return fault_set(f, FAULT_USAGE, "filters takes a symbol: bf-info filters BTCUSDT");
	if (a->refresh && xinfo_get(&a->x, &a->s, true, f) == -1)
		return -1;
	for (int i = 0; i < n; i++)
		if (xinfo_rules(&a->x, &a->s, words[i], &r, f) == -1 || put_filters(a, &r, f) == -1)
			return -1;
	return 0;
}

/* "symbol=..." of a checked symbol. */
static int
symbol_query(struct app *a, const char *symbol, struct buf *q, struct fault *f)
{
	struct rules r;

	if (xinfo_rules(&a->x, &a->s, symbol, &r, f) == -1)
		return -1;
	buf_reset(q);
	buf_str(q, "symbol=");
	query_escape(q, symbol);
	return q->bad ? fault_set(f, FAULT_LOCAL, "out of memory") : 0;
}

/* The brackets of one element; each with its symbol put in front. */
static int
put_brackets(struct app *a, const struct tok *t, const struct tok *el, const char *symbol, struct fault *f)
{
	const struct tok *list = scan_get(t, el, "brackets"), *v;

	if (list == NULL || list->kind != SCAN_ARR)
		return fault_set(f, FAULT_AGAIN, "%s: the answer holds no brackets", symbol);
	for (v = scan_first(list); v != NULL; v = scan_next(t, list, v)) {
		if (v->kind != SCAN_OBJ || v->n == 0)
			continue;
		jw_open(&a->rec, NULL, '{');
		jw_str(&a->rec, "symbol", symbol);
		for (const struct tok *k = scan_first(v); k != NULL; k = scan_next(t, v, k)) {
			buf_chr(&a->rec, ',');
			span_put(&a->rec, k);
			buf_chr(&a->rec, ':');
			k = scan_next(t, v, k);
			span_put(&a->rec, k);
		}
		jw_close(&a->rec, '}');
		jw_end(&a->rec);
		if (printer_put(&a->out, &a->rec, f) == -1)
			return -1;
	}
	return 0;
}

static int
do_brackets(struct app *a, char *const words[], int n, struct fault *f)
{
	struct buf q = { 0 };
	int ret = 0;

	if (n == 0)
		return fault_set(f, FAULT_USAGE, "brackets takes a symbol: bf-info brackets BTCUSDT");
	for (int i = 0; i < n && ret == 0; i++) {
		const struct tok *t, *el;

		if ((ret = symbol_query(a, words[i], &q, f)) == -1 ||
		    (ret = session_call(&a->s, EP_LEVERAGE_BRACKET, q.p, false, f)) == -1)
			break;
		t = a->s.doc.t;
		el = t->kind == SCAN_ARR ? scan_first(t) : t;
		ret = put_brackets(a, t, el, words[i], f);
	}
	buf_free(&q);
	return ret;
}

/* Every element of an answer that is an array or one object. */
static int
each(struct app *a, const struct tok *t, int (*put)(struct app *, const struct tok *, struct fault *), struct fault *f)
{
	if (t->kind != SCAN_ARR)
		return put(a, t, f);
	for (const struct tok *v = scan_first(t); v != NULL; v = scan_next(t, t, v))
		if (put(a, v, f) == -1)
			return -1;
	return 0;
}

/* premiumIndex of the symbols named, or of all, record by record. */
static int
premium(struct app *a, char *const words[], int n,
    int (*put)(struct app *, const struct tok *, struct fault *), struct fault *f)
{
	struct buf q = { 0 };
	int ret = 0;

	if (n == 0)
		return session_call(&a->s, EP_PREMIUM_INDEX, "", false, f) == -1 ? -1 : each(a, a->s.doc.t, put, f);
	for (int i = 0; i < n && ret == 0; i++)
		if ((ret = symbol_query(a, words[i], &q, f)) == 0 &&
		    (ret = session_call(&a->s, EP_PREMIUM_INDEX, q.p, false, f)) == 0)
			ret = each(a, a->s.doc.t, put, f);
	buf_free(&q);
	return ret;
}

static int
do_mark(struct app *a, char *const words[], int n, struct fault *f)
{
	return premium(a, words, n, put_raw, f);
}

/* fundingInfo lists only adjusted contracts: of others the interval is not
 * known here, and null rather than a guess. */
static struct { struct buf text; struct scan doc; } info;

static int
put_funding(struct app *a, const struct tok *v, struct fault *f)
{
	static const char *const from_premium[] = { "lastFundingRate", "nextFundingTime", "markPrice", "interestRate" };
	static const char *const from_info[] = { "fundingIntervalHours", "adjustedFundingRateCap", "adjustedFundingRateFloor" };
	const struct tok *t = a->s.doc.t, *it = info.doc.t, *row = NULL, *m;
	char symbol[SYMBOL_MAX];

	if (!scan_get_str(t, v, "symbol", symbol, sizeof symbol))
		return fault_set(f, FAULT_AGAIN, "premiumIndex: an element without symbol");
	for (m = scan_first(it); m != NULL && row == NULL; m = scan_next(it, it, m))
		if (scan_get_is(it, m, "symbol", symbol))
			row = m;
	jw_open(&a->rec, NULL, '{');
	jw_str(&a->rec, "e", "bf.funding");
	jw_i64(&a->rec, "E", session_now(&a->s));
	jw_str(&a->rec, "symbol", symbol);
	for (size_t i = 0; i < sizeof from_premium / sizeof *from_premium; i++)
		if ((m = scan_get(t, v, from_premium[i])) != NULL) {
			buf_printf(&a->rec, ",\"%s\":", from_premium[i]);
			span_put(&a->rec, m);
		}
	for (size_t i = 0; i < sizeof from_info / sizeof *from_info; i++) {
		buf_printf(&a->rec, ",\"%s\":", from_info[i]);
		if ((m = scan_get(it, row, from_info[i])) != NULL)
			span_put(&a->rec, m);
		else
			buf_str(&a->rec, "null");
	}
	jw_close(&a->rec, '}');
	jw_end(&a->rec);
	return printer_put(&a->out, &a->rec, f);
}

static int
do_funding(struct app *a, char *const words[], int n, struct fault *f)
{
	int r;

	if (session_call(&a->s, EP_FUNDING_INFO, "", false, f) == -1)
		return -1;
	buf_put(&info.text, a->s.body.p, a->s.body.len);
	if (info.text.bad || scan_doc(&info.doc, info.text.p, info.text.len) <= 0 || info.doc.t->kind != SCAN_ARR)
		r = fault_set(f, FAULT_AGAIN, "fundingInfo: not an array");
	else
		r = premium(a, words, n, put_funding, f);
	scan_free(&info.doc);
	buf_free(&info.text);
	return r;
}

static const struct verb {
	const char *name;
	int (*run)(struct app *, char *const[], int, struct fault *);
	const struct column *cols;
	bool need_key;
} verbs[] = {
	{ "symbols", do_symbols, symbol_cols, false },
	{ "filters", do_filters, filter_cols, false },
	{ "brackets", do_brackets, bracket_cols, true },
	{ "mark", do_mark, mark_cols, false },
	{ "funding", do_funding, funding_cols, false },
	{ NULL, NULL, NULL, false }
};

static int
run(struct app *a, char *const words[], int n, struct fault *f)
{
	const struct verb *v = verbs;
	struct fault cf;
	int r;

	while (v->name != NULL && (n == 0 || strcmp(v->name, words[0]) != 0))
		v++;
	if (v->name == NULL)
		return fault_set(f, FAULT_USAGE, n == 0 ? "what of? see bf-info --help" :
		    "%s: not one of symbols, filters, brackets, mark, funding", n == 0 ? "" : words[0]);
	if (printer_open(&a->out, STDOUT_FILENO, a->common.format, a->common.jq, v->cols, f) == -1)
		return -1;
	r = session_open(&a->s, a->common.profile, a->common.market, v->need_key, f);
	if (r == 0)
		r = v->run(a, words + 1, n - 1, f);
	if (printer_close(&a->out, &cf) == -1 && r == 0) {
		*f = cf;
		r = -1;
	}
	return r;
}

int
main(int argc, char *argv[])
{
	struct app a = { 0 };
	struct fault f = { 0 };
	int ch, r;

	cred_prepare();
	while ((ch = opt_next(argc, argv, opts, &f)) != -1) {
		if (ch == OPT_REFRESH) {
			a.refresh = true;
			continue;
		}
		if ((r = tool_common(&a.common, ch, optarg, &f)) == 0)
			return tool_answer(&tool, ch, &f, STDOUT_FILENO, STDERR_FILENO);
		if (r == -1)
			return tool_fail(&tool, STDERR_FILENO, &f);
	}
	r = run(&a, argv + optind, argc - optind, &f);
	xinfo_free(&a.x);
	session_close(&a.s);
	buf_free(&a.rec);
	return r == -1 ? tool_fail(&tool, STDERR_FILENO, &f) : 0;
}
