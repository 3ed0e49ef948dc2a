/* Funding as it is now: the rate to come, when, and within which bounds. */
#include "list.h"

static const struct column cols[] = {
	{ "SYMBOL", "symbol", COL_LEFT }, { "RATE", "lastFundingRate", COL_DEC }, { "NEXT", "nextFundingTime", COL_TIME },
	{ "HOURS", "fundingIntervalHours", COL_RIGHT }, { "CAP", "adjustedFundingRateCap", COL_DEC },
	{ "FLOOR", "adjustedFundingRateFloor", COL_DEC }, { NULL, NULL, 0 }
};

/* fundingInfo of a market, asked for once. */
static struct kept info[MARKETS];

static int
info_load(struct app *a, struct fault *f)
{
	struct kept *k = &info[a->s->market];

	if (k->doc.n > 0)
		return 0;
	if (session_call(a->s, EP_FUNDING_INFO, "", false, f) == -1)
		return -1;
	return kept_take(k, a->s, "fundingInfo", f);
}

/* A contract without funding (a delivery) has 0 for the next time. */
static void
put_next(struct buf *b, const char *key, const struct tok *v)
{
	int64_t ms;

	if (scan_i64(v, &ms) && ms > 0)
		jw_i64(b, key, ms);
	else
		jw_null(b, key);
}

/* fundingInfo lists only adjusted contracts: of others the interval and the bounds
 * are not known here, and null rather than a guess. */
static int
put_funding(struct app *a, const struct tok *t, const struct tok *v, struct fault *f)
{
	struct kept *k = &info[a->s->market];
	const struct tok *it = k->doc.t, *row;
	struct buf *b = &a->rec;
	char symbol[SYMBOL_MAX];

	if (!scan_get_str(t, v, "symbol", symbol, sizeof symbol))
		return fault_set(f, FAULT_AGAIN, "premiumIndex: an element without symbol");
	row = kept_find(k, symbol);
	jw_open(b, NULL, '{');
	jw_str(b, "e", "bf.funding");
	jw_i64(b, "E", session_now(a->s));
	jw_str(b, "symbol", symbol);
	put_dec(b, "lastFundingRate", scan_get(t, v, "lastFundingRate"));
	put_next(b, "nextFundingTime", scan_get(t, v, "nextFundingTime"));
	put_dec(b, "markPrice", scan_get(t, v, "markPrice"));
	put_dec(b, "interestRate", scan_get(t, v, "interestRate"));
	put_int(b, "fundingIntervalHours", scan_get(it, row, "fundingIntervalHours"));
	put_dec(b, "adjustedFundingRateCap", scan_get(it, row, "adjustedFundingRateCap"));
	put_dec(b, "adjustedFundingRateFloor", scan_get(it, row, "adjustedFundingRateFloor"));
	jw_close(b, '}');
	return info_put(a, f);
}

/* Symbols first: what is wrong with one is said before anything is asked for. */
static int
do_funding(struct app *a, char *const words[], int n, struct fault *f)
{
	struct buf q = { 0 };
	int r = 0;

	if (n == 0 && (r = info_load(a, f)) == 0)
		r = list_call(a, EP_PREMIUM_INDEX, "", put_funding, f);
	for (int i = 0; i < n && r == 0; i++)
		if ((r = info_symbol(a, words[i], &q, f)) == 0 && (r = info_load(a, f)) == 0)
			r = list_call(a, EP_PREMIUM_INDEX, q.p, put_funding, f);
	for (int m = 0; m < MARKETS; m++)
		kept_free(&info[m]);
	buf_free(&q);
	return r;
}

const struct verb funding_verbs[] = {
	{ .name = "funding", .run = do_funding, .cols = cols, .takes = TAKES_WATCH, .args = "[SYMBOL ...]",
	  .help = "funding now: rate, time, interval, cap, floor", .also = "fundingInfo" },
	{ .name = NULL }
};
