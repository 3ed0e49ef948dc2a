/* Indices: what they are made of, and those of the assets. */
#include <unistd.h>

#include "core/intent.h"
#include "list.h"

static const struct column constituent_cols[] = {
	{ "INDEX", "index", COL_LEFT }, { "EXCHANGE", "exchange", COL_LEFT }, { "SYMBOL", "symbol", COL_LEFT },
	{ "PRICE", "price", COL_DEC }, { "WEIGHT", "weight", COL_DEC }, { NULL, NULL, 0 }
};
static const struct column asset_cols[] = {
	{ "INDEX", "symbol", COL_LEFT }, { "PRICE", "index", COL_DEC }, { "BID RATE", "bidRate", COL_DEC },
	{ "ASK RATE", "askRate", COL_DEC }, { "TIME", "time", COL_TIME }, { NULL, NULL, 0 }
};
static const struct column composite_cols[] = {
	{ "INDEX", "index", COL_LEFT }, { "ASSET", "asset", COL_LEFT }, { "QUOTE", "quote", COL_LEFT },
	{ "QUANTITY", "quantity", COL_DEC }, { "SHARE", "share", COL_DEC }, { NULL, NULL, 0 }
};

/*
 * Constituents
 */

/* Of a stock the price is not told: -1. */
static void
put_told(struct buf *b, const char *key, const struct tok *v)
{
	dec d;

	if (scan_dec(v, &d) && dec_sign(d) >= 0)
		jw_dec(b, key, d);
	else
		jw_null(b, key);
}

static void
constituent_row(struct buf *b, const struct tok *t, const struct tok *el, const struct tok *v)
{
	put_span(b, "index", scan_get(t, el, "symbol"));
	put_span(b, "exchange", scan_get(t, v, "exchange"));
	put_span(b, "symbol", scan_get(t, v, "symbol"));
	put_told(b, "price", scan_get(t, v, "price"));
	put_told(b, "weight", scan_get(t, v, "weight"));
}

static int
put_constituents(struct app *a, const struct tok *t, const struct tok *el, struct fault *f)
{
	return list_rows(a, t, el, "constituents", constituent_row, f);
}

/* An index is that of a pair, but the parameter is called symbol. */
static int
do_constituents(struct app *a, char *const words[], int n, struct fault *f)
{
	struct buf pair = { 0 }, q = { 0 };
	int r = info_words(a, n, 1, -1, f);

	for (int i = 0; i < n && r == 0; i++) {
		if ((r = info_pair(a, words[i], &pair, f)) == -1)
			break;
		buf_reset(&q);
		buf_printf(&q, "symbol=%s", pair.p + sizeof "pair=" - 1);
		r = q.bad ? fault_set(f, FAULT_LOCAL, "out of memory") :
		    list_call(a, EP_CONSTITUENTS, q.p, put_constituents, f);
	}
	buf_free(&pair);
	buf_free(&q);
	return r;
}

/*
 * The indices of assets: their names are no contracts'
 */

static int
do_assets(struct app *a, char *const words[], int n, struct fault *f)
{
	struct buf q = { 0 };
	struct fault was;
	int r = n == 0 ? list_call(a, EP_ASSET_INDEX, "", list_raw, f) : 0;

	for (int i = 0; i < n && r == 0; i++) {
		buf_reset(&q);
		buf_str(&q, "symbol=");
		query_escape(&q, words[i]);
		r = q.bad ? fault_set(f, FAULT_LOCAL, "out of memory") :
		    list_call(a, EP_ASSET_INDEX, q.p, list_raw, f);
		if (r == -1 && f->code == -1121) {
			was = *f;
			fault_set(f, was.kind, "assetIndex %.40s: %.120s (it is an asset and USD: BTCUSD)",
			    words[i], was.text);
			f->http = was.http;
			f->code = was.code;
		}
	}
	buf_free(&q);
	return r;
}

/*
 * Composite indices
 */

static void
composite_row(struct buf *b, const struct tok *t, const struct tok *el, const struct tok *v)
{
	put_span(b, "index", scan_get(t, el, "symbol"));
	put_span(b, "asset", scan_get(t, v, "baseAsset"));
	put_span(b, "quote", scan_get(t, v, "quoteAsset"));
	put_span(b, "quantity", scan_get(t, v, "weightInQuantity"));
	put_span(b, "share", scan_get(t, v, "weightInPercentage"));
}

static int
put_composite(struct app *a, const struct tok *t, const struct tok *el, struct fault *f)
{
	return list_rows(a, t, el, "baseAssetList", composite_row, f);
}

/* A contract that is none of a composite index has an empty answer: that is said. */
static int
do_composites(struct app *a, char *const words[], int n, struct fault *f)
{
	struct buf q = { 0 };
	int r = n == 0 ? list_call(a, EP_INDEX_INFO, "", put_composite, f) : 0;

	for (int i = 0; i < n && r == 0; i++) {
		if ((r = info_symbol(a, words[i], &q, f)) == -1 ||
		    (r = list_call(a, EP_INDEX_INFO, q.p, put_composite, f)) == -1)
			break;
		if (a->s->doc.t->kind == SCAN_ARR && a->s->doc.t->n == 0)
			tool_say(a->tool, STDERR_FILENO, "%s: not on a composite index", words[i]);
	}
	buf_free(&q);
	return r;
}

const struct verb index_verbs[] = {
	{ .name = "constituents", .run = do_constituents, .cols = constituent_cols, .takes = TAKES_WATCH, .args = "PAIR ...",
	  .help = "the markets an index is made of" },
	{ .name = "assetIndex", .run = do_assets, .cols = asset_cols, .takes = TAKES_WATCH, .args = "[INDEX ...]",
	  .help = "what assets count as collateral" },
	{ .name = "indexInfo", .run = do_composites, .cols = composite_cols, .args = "[SYMBOL ...]",
	  .help = "composite indices and their assets" },
	{ .name = NULL }
};
