/* The rules of the contracts, of the account's fees, and of the address: what an
 * order and a request must keep. */
#include <string.h>
#include <strings.h>

#include "core/span.h"
#include "list.h"

static const struct column symbol_cols[] = {
	{ "SYMBOL", "symbol", COL_LEFT }, { "STATUS", "status", COL_LEFT }, { "CONTRACT", "contractType", COL_LEFT },
	{ "BASE", "baseAsset", COL_LEFT }, { "QUOTE", "quoteAsset", COL_LEFT }, { "MARGIN", "marginAsset", COL_LEFT | COL_MORE(1) },
	{ "LIQ FEE", "liquidationFee", COL_DEC | COL_MORE(2) }, { NULL, NULL, 0 }
};
static const struct column symbol_coin_cols[] = {
	{ "SYMBOL", "symbol", COL_LEFT }, { "STATUS", "contractStatus", COL_LEFT },
	{ "CONTRACT", "contractType", COL_LEFT }, { "SIZE", "contractSize", COL_DEC | COL_MORE(3) }, { "BASE", "baseAsset", COL_LEFT },
	{ "QUOTE", "quoteAsset", COL_LEFT }, { "MARGIN", "marginAsset", COL_LEFT | COL_MORE(1) },
	{ "LIQ FEE", "liquidationFee", COL_DEC | COL_MORE(2) }, { NULL, NULL, 0 }
};
static const struct column filter_cols[] = {
	{ "SYMBOL", "symbol", COL_LEFT }, { "TICK", "tickSize", COL_DEC }, { "STEP", "stepSize", COL_DEC },
	{ "MIN QTY", "minQty", COL_DEC }, { "MAX QTY", "maxQty", COL_DEC }, { "MAX MKT", "marketMaxQty", COL_DEC | COL_MORE(3) },
	{ "MIN VALUE", "minNotional", COL_DEC }, { "UP", "multiplierUp", COL_DEC | COL_MORE(2) },
	{ "DOWN", "multiplierDown", COL_DEC | COL_MORE(1) }, { NULL, NULL, 0 }
};
static const struct column filter_coin_cols[] = {
	{ "SYMBOL", "symbol", COL_LEFT }, { "TICK", "tickSize", COL_DEC }, { "STEP", "stepSize", COL_DEC },
	{ "MIN QTY", "minQty", COL_DEC }, { "MAX QTY", "maxQty", COL_DEC }, { "MAX MKT", "marketMaxQty", COL_DEC | COL_MORE(3) },
	{ "SIZE", "contractSize", COL_DEC }, { "UP", "multiplierUp", COL_DEC | COL_MORE(2) },
	{ "DOWN", "multiplierDown", COL_DEC | COL_MORE(1) }, { NULL, NULL, 0 }
};
static const struct column bracket_cols[] = {
	{ "SYMBOL", "symbol", COL_LEFT }, { "TIER", "bracket", COL_RIGHT }, { "LEVERAGE", "initialLeverage", COL_RIGHT },
	{ "ABOVE", "notionalFloor", COL_DEC }, { "UP TO", "notionalCap", COL_DEC },
	{ "MAINT RATE", "maintMarginRatio", COL_DEC }, { "CUM", "cum", COL_DEC | COL_MORE(2) },
	{ "COEF", "notionalCoef", COL_DEC | COL_MORE(1) }, { NULL, NULL, 0 }
};
/* In base coin. The exchange's own spelling has one l too many. */
static const struct column bracket_coin_cols[] = {
	{ "SYMBOL", "symbol", COL_LEFT }, { "TIER", "bracket", COL_RIGHT }, { "LEVERAGE", "initialLeverage", COL_RIGHT },
	{ "ABOVE COIN", "qtylFloor", COL_DEC }, { "UP TO COIN", "qtyCap", COL_DEC },
	{ "MAINT RATE", "maintMarginRatio", COL_DEC }, { "CUM COIN", "cum", COL_DEC | COL_MORE(2) },
	{ "COEF", "notionalCoef", COL_DEC | COL_MORE(1) }, { NULL, NULL, 0 }
};
static const struct column fee_cols[] = {
	{ "SYMBOL", "symbol", COL_LEFT }, { "MAKER", "makerCommissionRate", COL_DEC },
	{ "TAKER", "takerCommissionRate", COL_DEC }, { "RPI", "rpiCommissionRate", COL_DEC }, { NULL, NULL, 0 }
};
static const struct column standing_cols[] = {
	{ "SYMBOL", "symbol", COL_LEFT }, { "INDICATOR", "indicator", COL_LEFT }, { "VALUE", "value", COL_DEC },
	{ "TRIGGER", "triggerValue", COL_DEC }, { "LOCKED", "isLocked", COL_LEFT },
	{ "UNTIL", "until:plannedRecoverTime", COL_LEFT }, { NULL, NULL, 0 }
};
static const struct column limit_cols[] = {
	{ "LIMIT OF", "rateLimitType", COL_LEFT }, { "EVERY", "intervalNum", COL_RIGHT },
	{ "INTERVAL", "interval", COL_LEFT }, { "LIMIT", "limit", COL_RIGHT }, { NULL, NULL, 0 }
};

/*
 * Symbols
 */

/* What the exchange may say although no contract is so at the moment. */
static const char *const statuses[] = { "PENDING_TRADING", "TRADING", "PRE_DELIVERING", "DELIVERING",
	"DELIVERED", "PRE_SETTLE", "SETTLING", "CLOSE", NULL };
static const char *const types[] = { "PERPETUAL", "CURRENT_MONTH", "NEXT_MONTH", "CURRENT_QUARTER",
	"NEXT_QUARTER", "PERPETUAL_DELIVERING", "TRADIFI_PERPETUAL", NULL };
static const char *const none[] = { NULL };

/* One of the three filters. */
struct kind { const char *option, *member, *want; const char *const *known; };

/* The text of a member; COIN-M's status has another name. */
static bool
text_of(const struct tok *t, const struct tok *v, const char *member, char *out, size_t size)
{
	return scan_get_str(t, v, member, out, size) ||
	    (strcmp(member, "status") == 0 && scan_get_str(t, v, "contractStatus", out, size));
}

static bool
is_kind(const struct tok *t, const struct tok *v, const struct kind *k)
{
	char text[64];

	return k->want == NULL ||
	    (text_of(t, v, k->member, text, sizeof text) && strcasecmp(text, k->want) == 0);
}

/* Add a word to a list of them, once. */
static void
add_word(struct buf *list, const char *word)
{
	const char *p = list->p;
	size_t n = strlen(word);

	for (; p != NULL && (p = strstr(p, word)) != NULL; p += n)
		if ((p == list->p || p[-1] == ' ') && (p[n] == ',' || p[n] == '\0'))
			return;
	buf_str(list, list->len > 0 ? ", " : "");
	buf_str(list, word);
}

/* A word that neither is known nor stands at any contract is a slip. */
static int
check_kind(const struct tok *t, const struct tok *list, const struct kind *k, struct fault *f)
{
	struct buf there = { 0 };
	char text[64];
	int r = 0;

	if (k->want == NULL)
		return 0;
	for (const char *const *w = k->known; *w != NULL; w++)
		if (strcasecmp(*w, k->want) == 0)
			return 0;
	for (const struct tok *v = scan_first(list); v != NULL; v = scan_next(t, list, v)) {
		if (is_kind(t, v, k))
			goto out;
		if (text_of(t, v, k->member, text, sizeof text))
			add_word(&there, text);
	}
	r = fault_set(f, FAULT_USAGE, "--%s %.40s: no contract has it; there are %s", k->option, k->want,
	    there.len > 0 ? there.p : "none");
out:
	buf_free(&there);
	return r;
}

/* Whether v is one of the words, or there are none. */
static bool
is_named(const struct tok *t, const struct tok *v, char *const words[], int n)
{
	bool named = n == 0;

	for (int i = 0; i < n && !named; i++)
		named = scan_get_is(t, v, "symbol", words[i]);
	return named;
}

/* Those of the market at hand. */
static int
put_symbols(struct app *a, char *const words[], int n, struct fault *f)
{
	const struct kind kinds[] = {
		{ "status", "status", a->status, statuses },
		{ "type", "contractType", a->type, types },
		{ "quote", "quoteAsset", a->quote, none }
	};
	const struct tok *t = a->x->doc.t, *list = scan_get(t, t, "symbols"), *v;

	for (int i = 0; i < 3; i++)
		if (check_kind(t, list, &kinds[i], f) == -1)
			return -1;
	for (v = scan_first(list); v != NULL; v = scan_next(t, list, v))
		if (is_named(t, v, words, n) && is_kind(t, v, &kinds[0]) && is_kind(t, v, &kinds[1]) &&
		    is_kind(t, v, &kinds[2]) && info_put_raw(a, v, f) == -1)
			return -1;
	return 0;
}

/* Every word is looked up before the first is shown; then market by market. */
static int
do_symbols(struct app *a, char *const words[], int n, struct fault *f)
{
	bool wanted[MARKETS] = { false };
	struct rules r;

	if (n == 0 && a->x->doc.n == 0 && xinfo_get(a->x, a->s, a->refresh, f) == -1)
		return -1;
	wanted[a->s->market] = n == 0;
	for (int i = 0; i < n; i++) {
		if (info_rules(a, words[i], &r, f) == -1)
			return -1;
		wanted[a->s->market] = true;
	}
	for (enum market m = 0; m < MARKETS; m++)
		if (wanted[m] && (info_market(a, m, f) == -1 || put_symbols(a, words, n, f) == -1))
			return -1;
	return 0;
}

/*
 * Filters
 */

/* A rule that is switched off is null, not zero. */
static void
put_rule(struct buf *b, const char *key, dec d)
{
	if (dec_sign(d) > 0)
		jw_dec(b, key, d);
	else
		jw_null(b, key);
}

static void
put_count(struct buf *b, const char *key, int64_t n)
{
	if (n > 0)
		jw_i64(b, key, n);
	else
		jw_null(b, key);
}

/* A count of decimals; -1 is not known. */
static void
put_precision(struct buf *b, const char *key, int n)
{
	if (n >= 0)
		jw_i64(b, key, n);
	else
		jw_null(b, key);
}

static void
put_text(struct buf *b, const char *key, const char *s)
{
	if (*s != '\0')
		jw_str(b, key, s);
	else
		jw_null(b, key);
}

/* Price and quantity. */
static void
put_lots(struct buf *b, const struct rules *r)
{
	put_precision(b, "pricePrecision", r->price_precision);
	put_precision(b, "quantityPrecision", r->qty_precision);
	put_rule(b, "tickSize", r->tick);
	put_rule(b, "minPrice", r->min_price);
	put_rule(b, "maxPrice", r->max_price);
	put_rule(b, "stepSize", r->step);
	put_rule(b, "minQty", r->min_qty);
	put_rule(b, "maxQty", r->max_qty);
	put_rule(b, "marketStepSize", r->mkt_step);
	put_rule(b, "marketMinQty", r->mkt_min_qty);
	put_rule(b, "marketMaxQty", r->mkt_max_qty);
}

static int
put_filters(struct app *a, const struct rules *r, struct fault *f)
{
	const struct tok *t = a->x->doc.t, *v = scan_find(t, scan_get(t, t, "symbols"), "symbol", r->symbol);
	struct buf *b = &a->rec;

	jw_open(b, NULL, '{');
	jw_str(b, "e", "bf.filters");
	jw_i64(b, "E", session_now(a->s));
	jw_str(b, "symbol", r->symbol);
	put_text(b, "status", r->status);
	put_text(b, "contractType", r->contract);
	put_dec(b, "contractSize", scan_get(t, v, "contractSize"));
	put_lots(b, r);
	put_rule(b, "minNotional", r->min_notional);
	put_rule(b, "multiplierUp", r->mult_up);
	put_rule(b, "multiplierDown", r->mult_down);
	put_count(b, "maxNumOrders", r->max_orders);
	put_int(b, "maxMoveOrderLimit", scan_get(t, v, "maxMoveOrderLimit"));
	put_rule(b, "liquidationFee", r->liquidation_fee);
	put_rule(b, "marketTakeBound", r->market_take_bound);
	put_rule(b, "triggerProtect", r->trigger_protect);
	jw_close(b, '}');
	return info_put(a, f);
}

static int
do_filters(struct app *a, char *const words[], int n, struct fault *f)
{
	struct rules r;

	if (info_words(a, n, 1, -1, f) == -1)
		return -1;
	for (int i = 0; i < n; i++)
		if (info_rules(a, words[i], &r, f) == -1 || put_filters(a, &r, f) == -1)
			return -1;
	return 0;
}

/*
 * Brackets
 */

/* The tier v of el: its members as they came, the symbol in front. The coefficient is
 * there if the account's brackets are not those of everybody. */
static int
put_tier(struct app *a, const struct tok *t, const struct tok *el, const struct tok *v, struct fault *f)
{
	const struct tok *coef = scan_get(t, el, "notionalCoef"), *k;
	struct buf *b = &a->rec;

	buf_str(b, "{\"symbol\":");
	span_put(b, scan_get(t, el, "symbol"));
	for (k = scan_first(v); k != NULL; k = scan_next(t, v, k)) {
		buf_chr(b, ',');
		span_put(b, k);
		buf_chr(b, ':');
		k = scan_next(t, v, k);
		span_put(b, k);
	}
	if (coef != NULL) {
		buf_str(b, ",\"notionalCoef\":");
		span_put(b, coef);
	}
	buf_chr(b, '}');
	return info_put(a, f);
}

static int
put_brackets(struct app *a, const struct tok *t, const struct tok *el, struct fault *f)
{
	const struct tok *list = scan_get(t, el, "brackets"), *symbol = scan_get(t, el, "symbol"), *v;

	if (list == NULL || list->kind != SCAN_ARR || symbol == NULL || symbol->kind != SCAN_STR)
		return fault_set(f, FAULT_AGAIN, "leverageBracket: an element without symbol or brackets");
	for (v = scan_first(list); v != NULL; v = scan_next(t, list, v))
		if (v->kind != SCAN_OBJ)
			return fault_set(f, FAULT_AGAIN, "leverageBracket: a bracket that is no object");
		else if (put_tier(a, t, el, v, f) == -1)
			return -1;
	return 0;
}

static int
do_brackets(struct app *a, char *const words[], int n, struct fault *f)
{
	return list_symbols(a, EP_LEVERAGE_BRACKET, words, n, put_brackets, f);
}

/*
 * Standing: the ratios by which the exchange restricts who trades by an API
 */

static int
put_indicator(struct app *a, const struct tok *t, const struct tok *whose, const struct tok *v, struct fault *f)
{
	struct buf *b = &a->rec;

	jw_open(b, NULL, '{');
	put_span(b, "symbol", whose);
	put_span(b, "indicator", scan_get(t, v, "indicator"));
	put_dec(b, "value", scan_get(t, v, "value"));
	put_dec(b, "triggerValue", scan_get(t, v, "triggerValue"));
	put_span(b, "isLocked", scan_get(t, v, "isLocked"));
	put_date(b, "until", scan_get(t, v, "plannedRecoverTime"));
	put_span(b, "plannedRecoverTime", scan_get(t, v, "plannedRecoverTime"));
	jw_close(b, '}');
	return info_put(a, f);
}

static int
put_standing(struct app *a, const struct tok *t, const struct tok *el, struct fault *f)
{
	const struct tok *all = scan_get(t, el, "indicators"), *k, *list;

	if (all == NULL || all->kind != SCAN_OBJ)
		return fault_set(f, FAULT_AGAIN, "apiTradingStatus: indicators is missing");
	if (!a->out.table)
		return info_put_raw(a, el, f);
	for (k = scan_first(all); k != NULL; k = scan_next(t, all, list)) {
		list = scan_next(t, all, k);
		if (list->kind != SCAN_ARR)
			return fault_set(f, FAULT_AGAIN, "apiTradingStatus: the indicators of a symbol are no list");
		for (const struct tok *v = scan_first(list); v != NULL; v = scan_next(t, list, v))
			if (v->kind != SCAN_OBJ)
				return fault_set(f, FAULT_AGAIN, "apiTradingStatus: an indicator that is no object");
			else if (put_indicator(a, t, k, v, f) == -1)
				return -1;
	}
	return 0;
}

static int
do_standing(struct app *a, char *const words[], int n, struct fault *f)
{
	return list_symbols(a, EP_TRADING_STATUS, words, n, put_standing, f);
}

/*
 * Fees, limits
 */

static int
do_fees(struct app *a, char *const words[], int n, struct fault *f)
{
	if (info_words(a, n, 1, -1, f) == -1)
		return -1;
	return list_symbols(a, EP_COMMISSION_RATE, words, n, list_raw, f);
}

static int
do_limits(struct app *a, char *const words[], int n, struct fault *f)
{
	const struct tok *t, *list, *v;

	(void)words;
	if (info_words(a, n, 0, 0, f) == -1 || xinfo_get(a->x, a->s, a->refresh, f) == -1)
		return -1;
	t = a->x->doc.t;
	list = scan_get(t, t, "rateLimits");
	if (list == NULL || list->kind != SCAN_ARR)
		return fault_set(f, FAULT_AGAIN, "exchangeInfo: rateLimits is missing");
	for (v = scan_first(list); v != NULL; v = scan_next(t, list, v))
		if (info_put_raw(a, v, f) == -1)
			return -1;
	return 0;
}

const struct verb rules_verbs[] = {
	{ .name = "symbols", .run = do_symbols, .cols = symbol_cols, .coin_cols = symbol_coin_cols,
	  .takes = TAKES_KINDS, .args = "[SYMBOL ...]", .help = "the contracts", .also = "exchangeInfo" },
	{ .name = "filters", .run = do_filters, .cols = filter_cols, .coin_cols = filter_coin_cols,
	  .args = "SYMBOL ...", .help = "the rules an order must keep" },
	{ .name = "brackets", .run = do_brackets, .cols = bracket_cols, .coin_cols = bracket_coin_cols,
	  .need_key = true, .args = "[SYMBOL ...]", .help = "leverage brackets (with a key)",
	  .also = "leverageBracket" },
	{ .name = "fees", .run = do_fees, .cols = fee_cols, .need_key = true, .args = "SYMBOL ...",
	  .help = "what the account pays (with a key)", .also = "commissionRate" },
	{ .name = "tradingStatus", .run = do_standing, .cols = standing_cols, .need_key = true, .takes = TAKES_WATCH,
	  .args = "[SYMBOL ...]", .help = "whether orders are restricted (with a key)", .also = "apiTradingStatus" },
	{ .name = "limits", .run = do_limits, .cols = limit_cols, .help = "weight and orders the exchange allows",
	  .also = "rateLimits" },
	{ .name = NULL }
};
