/* What a recorded answer is: by its path, or by its shape. */
#include <string.h>

#include "io/recorded_in.h"

/* A contract of COIN-M: BTCUSD_PERP, BTCUSD_261225; not BTCUSDT_261225. */
static bool
coin_name(const struct tok *t, const struct tok *row)
{
	char symbol[SYMBOL_MAX];

	return scan_get_str(t, row, "symbol", symbol, sizeof symbol) && strstr(symbol, "USD_") != NULL;
}

/*
 * By path
 */

static const struct { const char *end; enum answer what; } paths[] = {
	{ "/account", ANSWER_ACCOUNT }, { "/balance", ANSWER_BALANCE }, { "/positionRisk", ANSWER_POSITIONS },
	{ "/openOrders", ANSWER_ORDERS }, { "/openAlgoOrders", ANSWER_ALGO }, { "/symbolConfig", ANSWER_CONFIG },
	{ "/accountConfig", ANSWER_MODES }, { "/positionSide/dual", ANSWER_MODES },
	{ "/multiAssetsMargin", ANSWER_MODES }, { "/leverageBracket", ANSWER_BRACKETS },
	{ "/exchangeInfo", ANSWER_INFO }, { "/premiumIndex", ANSWER_PREMIUM }, { "/assetIndex", ANSWER_RATES },
	{ "/commissionRate", ANSWER_FEES },
};

/* Of single symbols: a query in the path, or the parameters beside it. */
static bool
is_part(const struct tok *t, const struct tok *doc, const char *path)
{
	static const char *const words[] = { "symbol=", "pair=", "marginAsset=" };
	char params[512] = "";

	(void)scan_get_str(t, doc, "params", params, sizeof params);
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strstr(params, words[i]) != NULL || strstr(path, words[i]) != NULL)
			return true;
	return false;
}

/* Its method, where it is told: only what was asked for tells of an account. */
static bool
is_question(const struct tok *t, const struct tok *doc)
{
	const struct tok *v = scan_get(t, doc, "http");

	if (v == NULL)
		v = scan_get(t, doc, "method");
	return v == NULL || v->kind != SCAN_STR || scan_is(v, "GET");
}

static int
by_path(struct told *a, const struct tok *t, const char *path, const struct tok *body)
{
	size_t n = strcspn(path, "?"), m;

	if (!is_question(t, t) || scan_get(t, body, "code") != NULL)
		return 0;
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		m = strlen(paths[i].end);
		if (n < m || strncmp(path + n - m, paths[i].end, m) != 0)
			continue;
		a->what = paths[i].what;
		a->m = strncmp(path, "/dapi/", 6) == 0 ? MARKET_COINM : MARKET_USDM;
		a->part = is_part(t, t, path);
		a->v = body;
		return 1;
	}
	return 0;
}

/*
 * By shape
 */

/* Members that an answer, or its first row, has; the first shape that fits. */
static const struct { enum answer what; bool rows, object; const char *has[3]; } shapes[] = {
	{ ANSWER_ACCOUNT, false, true, { "assets", "positions", "assets" } },
	{ ANSWER_INFO, false, true, { "symbols", "rateLimits", "symbols" } },
	{ ANSWER_BRACKETS, true, true, { "brackets", "brackets", "brackets" } },
	{ ANSWER_POSITIONS, true, false, { "symbol", "positionAmt", "liquidationPrice" } },
	{ ANSWER_ALGO, true, false, { "symbol", "algoId", "side" } },
	{ ANSWER_ORDERS, true, false, { "symbol", "orderId", "origQty" } },
	{ ANSWER_CONFIG, true, false, { "symbol", "leverage", "marginType" } },
	{ ANSWER_BALANCE, true, false, { "asset", "balance", "crossWalletBalance" } },
	{ ANSWER_PREMIUM, true, true, { "symbol", "markPrice", "indexPrice" } },
	{ ANSWER_RATES, true, true, { "symbol", "bidBuffer", "askBuffer" } },
	{ ANSWER_FEES, false, true, { "symbol", "makerCommissionRate", "takerCommissionRate" } },
	{ ANSWER_MODES, false, true, { "dualSidePosition", "dualSidePosition", "dualSidePosition" } },
	{ ANSWER_MODES, false, true, { "multiAssetsMargin", "multiAssetsMargin", "multiAssetsMargin" } },
};

static const struct tok *
first_row(const struct tok *v)
{
	return v->kind == SCAN_ARR ? scan_first(v) : v;
}

/* The market, where no path says it. */
static enum market
market_of(const struct tok *t, enum answer what, const struct tok *v)
{
	const struct tok *row = first_row(v), *first;

	switch (what) {
	case ANSWER_ACCOUNT:
		return scan_get(t, v, "totalWalletBalance") == NULL ? MARKET_COINM : MARKET_USDM;
	case ANSWER_BALANCE:
		return scan_get(t, row, "withdrawAvailable") != NULL ? MARKET_COINM : MARKET_USDM;
	case ANSWER_INFO:
		first = scan_first(scan_get(t, v, "symbols"));
		return scan_get(t, first, "contractSize") != NULL ? MARKET_COINM : MARKET_USDM;
	case ANSWER_BRACKETS:
		first = scan_first(scan_get(t, row, "brackets"));
		return scan_get(t, first, "qtyCap") != NULL ? MARKET_COINM : MARKET_USDM;
	default:
		return coin_name(t, row) ? MARKET_COINM : MARKET_USDM;
	}
}

static int
by_shape(struct told *a, const struct tok *t, const struct tok *v)
{
	const struct tok *row = first_row(v);

	if (v->kind == SCAN_ARR && v->n == 0)
		return 0;	/* nothing is open */
	if (row == NULL || row->kind != SCAN_OBJ)
		return -1;
	for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
		if (!(v->kind == SCAN_ARR ? shapes[i].rows : shapes[i].object) || scan_get(t, row, shapes[i].has[0]) == NULL ||
		    scan_get(t, row, shapes[i].has[1]) == NULL || scan_get(t, row, shapes[i].has[2]) == NULL)
			continue;
		a->what = shapes[i].what;
		a->m = market_of(t, a->what, v);
		a->v = v;
		return 1;
	}
	return -1;
}

int
recorded_know(struct told *a, const struct tok *t)
{
	static const char *const bodies[] = { "body", "response", "result" };
	const struct tok *v = NULL;
	char path[512];

	if (t->kind != SCAN_OBJ)
		return by_shape(a, t, t);
	for (size_t i = 0; v == NULL && i < sizeof bodies / sizeof *bodies; i++)
		v = scan_get(t, t, bodies[i]);
	if (v == NULL)
		return by_shape(a, t, t);
	if (scan_get_str(t, t, "path", path, sizeof path))
		return by_path(a, t, path, v);
	return by_shape(a, t, v);
}
