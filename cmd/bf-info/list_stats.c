/* Figures of a market: open interest, insurance fund, risk of deleveraging, trading
 * hours, prices of delivery. */
#include "list.h"

static const struct column interest_cols[] = {
	{ "SYMBOL", "symbol", COL_LEFT }, { "OPEN INTEREST", "openInterest", COL_DEC }, { "TIME", "time", COL_TIME },
	{ NULL, NULL, 0 }
};
static const struct column interest_coin_cols[] = {
	{ "SYMBOL", "symbol", COL_LEFT }, { "CONTRACT", "contractType", COL_LEFT },
	{ "OPEN CONTRACTS", "openInterest", COL_DEC }, { "TIME", "time", COL_TIME }, { NULL, NULL, 0 }
};
static const struct column insurance_cols[] = {
	{ "ASSET", "asset", COL_LEFT }, { "BALANCE", "marginBalance", COL_DEC }, { "UPDATED", "updated:updateTime", COL_LEFT | COL_MORE(1) },
	{ "FOR SYMBOLS", "symbols", COL_LEFT }, { NULL, NULL, 0 }
};
static const struct column adl_cols[] = {
	{ "SYMBOL", "symbol", COL_LEFT }, { "RISK", "adlRisk", COL_LEFT }, { "UPDATED", "updateTime", COL_TIME },
	{ NULL, NULL, 0 }
};
static const struct column schedule_cols[] = {
	{ "MARKET", "market", COL_LEFT }, { "FROM", "from:startTime", COL_LEFT }, { "TO", "to:endTime", COL_LEFT },
	{ "SESSION", "type", COL_LEFT }, { NULL, NULL, 0 }
};
static const struct column delivery_cols[] = {
	{ "DELIVERED", "delivered:deliveryTime", COL_LEFT }, { "PRICE", "deliveryPrice", COL_DEC }, { NULL, NULL, 0 }
};

static int
do_interest(struct app *a, char *const words[], int n, struct fault *f)
{
	if (info_words(a, n, 1, -1, f) == -1)
		return -1;
	return list_symbols(a, EP_OPEN_INTEREST, words, n, list_raw, f);
}

static int
do_adl(struct app *a, char *const words[], int n, struct fault *f)
{
	return list_symbols(a, EP_ADL_RISK, words, n, list_raw, f);
}

/*
 * The insurance fund
 */

static void
fund_row(struct buf *b, const struct tok *t, const struct tok *el, const struct tok *v)
{
	put_span(b, "asset", scan_get(t, v, "asset"));
	put_span(b, "marginBalance", scan_get(t, v, "marginBalance"));
	put_date(b, "updated", scan_get(t, v, "updateTime"));
	put_span(b, "updateTime", scan_get(t, v, "updateTime"));
	put_span(b, "symbols", scan_get(t, el, "symbols"));
}

static int
put_fund(struct app *a, const struct tok *t, const struct tok *el, struct fault *f)
{
	return list_rows(a, t, el, "assets", fund_row, f);
}

static int
do_insurance(struct app *a, char *const words[], int n, struct fault *f)
{
	return list_symbols(a, EP_INSURANCE, words, n, put_fund, f);
}

/*
 * Trading hours
 */

static int
put_session(struct app *a, const struct tok *t, const struct tok *market, const struct tok *v, struct fault *f)
{
	struct buf *b = &a->rec;

	jw_open(b, NULL, '{');
	put_span(b, "market", market);
	put_date(b, "from", scan_get(t, v, "startTime"));
	put_span(b, "startTime", scan_get(t, v, "startTime"));
	put_date(b, "to", scan_get(t, v, "endTime"));
	put_span(b, "endTime", scan_get(t, v, "endTime"));
	put_span(b, "type", scan_get(t, v, "type"));
	jw_close(b, '}');
	return info_put(a, f);
}

static int
put_schedule(struct app *a, const struct tok *t, const struct tok *el, struct fault *f)
{
	const struct tok *markets = scan_get(t, el, "marketSchedules"), *k, *v, *list;

	if (!a->out.table)
		return info_put_raw(a, el, f);
	if (markets == NULL || markets->kind != SCAN_OBJ)
		return fault_set(f, FAULT_AGAIN, "tradingSchedule: marketSchedules is missing");
	for (k = scan_first(markets); k != NULL; k = scan_next(t, markets, v)) {
		v = scan_next(t, markets, k);
		list = scan_get(t, v, "sessions");
		for (const struct tok *s = scan_first(list); s != NULL; s = scan_next(t, list, s))
			if (put_session(a, t, k, s, f) == -1)
				return -1;
	}
	return 0;
}

static int
do_schedule(struct app *a, char *const words[], int n, struct fault *f)
{
	(void)words;
	if (info_words(a, n, 0, 0, f) == -1)
		return -1;
	return list_call(a, EP_SCHEDULE, "", put_schedule, f);
}

/*
 * Delivery
 */

static int
put_delivery(struct app *a, const struct tok *t, const struct tok *el, struct fault *f)
{
	struct buf *b = &a->rec;

	if (!a->out.table)
		return info_put_raw(a, el, f);
	jw_open(b, NULL, '{');
	put_date(b, "delivered", scan_get(t, el, "deliveryTime"));
	put_span(b, "deliveryTime", scan_get(t, el, "deliveryTime"));
	put_dec(b, "deliveryPrice", scan_get(t, el, "deliveryPrice"));
	jw_close(b, '}');
	return info_put(a, f);
}

/* One pair: the records do not name it. */
static int
do_delivery(struct app *a, char *const words[], int n, struct fault *f)
{
	struct buf q = { 0 };
	int r;

	if (info_words(a, n, 1, 1, f) == -1)
		return -1;
	if ((r = info_pair(a, words[0], &q, f)) == 0)
		r = list_call(a, EP_DELIVERY_PRICE, q.p, put_delivery, f);
	buf_free(&q);
	return r;
}

const struct verb stats_verbs[] = {
	{ .name = "openInterest", .run = do_interest, .cols = interest_cols, .coin_cols = interest_coin_cols, .takes = TAKES_WATCH,
	  .args = "SYMBOL ...", .help = "open interest now" },
	{ .name = "insurance", .run = do_insurance, .cols = insurance_cols, .takes = TAKES_WATCH, .args = "[SYMBOL ...]",
	  .help = "the insurance fund", .also = "insuranceBalance" },
	{ .name = "adl", .run = do_adl, .cols = adl_cols, .takes = TAKES_WATCH, .args = "[SYMBOL ...]",
	  .help = "risk of auto-deleveraging", .also = "symbolAdlRisk adlRisk" },
	{ .name = "schedule", .run = do_schedule, .cols = schedule_cols, .help = "trading hours of stocks and the like",
	  .also = "tradingSchedule" },
	{ .name = "deliveryPrice", .run = do_delivery, .cols = delivery_cols, .args = "PAIR",
	  .help = "what past contracts were delivered at", .also = "delivery-price" },
	{ .name = NULL }
};
