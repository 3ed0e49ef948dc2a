/* Recorded answers together: the accounts and contracts that follow from them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "core/span.h"
#include "io/listing.h"
#include "io/recorded_in.h"

/*
 * Contracts
 */

static bool
coin_symbol(const char *symbol)
{
	return strstr(symbol, "USD_") != NULL;
}

static void
name_margin(struct rules *r)
{
	static const char *const usual[] = { "USDT", "USDC", "FDUSD", "BUSD" };
	size_t n = strcspn(r->symbol, "_"), m;

	if (coin_symbol(r->symbol)) {
		snprintf(r->margin, sizeof r->margin, "%.*s", (int)(n - 3), r->symbol);
		return;
	}
	for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
		if ((m = strlen(usual[i])) < n && memcmp(r->symbol + n - m, usual[i], m) == 0)
			snprintf(r->margin, sizeof r->margin, "%s", usual[i]);
}

/* What a name alone tells: an inverse contract is worth 100 USD if it is of BTC, else 10. */
static struct contract *
by_name(struct recorded *r, const char *symbol, const char *margin, struct fault *f)
{
	struct contract *c = contracts_find(&r->cs, symbol);
	struct rules ru = { .price_precision = -1, .qty_precision = -1 };

	if (c != NULL)
		return c;
	snprintf(ru.symbol, sizeof ru.symbol, "%s", symbol);
	snprintf(ru.pair, sizeof ru.pair, "%.*s", (int)strcspn(symbol, "_"), symbol);
	name_margin(&ru);
	if (margin != NULL && *margin != '\0')
		snprintf(ru.margin, sizeof ru.margin, "%s", margin);
	if (coin_symbol(symbol))
		ru.contract_size = dec_int(strncmp(symbol, "BTCUSD_", 7) == 0 ? 100 : 10);
	c = contracts_set(&r->cs, &ru, coin_symbol(symbol) ? MARKET_COINM : MARKET_USDM);
	if (c == NULL)
		fault_set(f, FAULT_LOCAL, "out of memory");
	return c;
}

static int
read_info(struct recorded *r, const struct told *a, struct fault *f)
{
	const struct tok *t = a->doc.t, *list = scan_get(t, a->v, "symbols");
	struct rules ru;

	for (const struct tok *v = scan_first(list); v != NULL; v = scan_next(t, list, v))
		if (rules_parse(&ru, t, v, f) == -1)
			return -1;
		else if (contracts_set(&r->cs, &ru, a->m) == NULL)
			return fault_set(f, FAULT_LOCAL, "out of memory");
	return 0;
}

/* Brackets of a pair are those of each of its contracts that are known; of its perpetual in any case. */
static int
pair_tiers(struct recorded *r, const char *pair, const struct tiers *ts, struct fault *f)
{
	char symbol[SYMBOL_MAX];

	snprintf(symbol, sizeof symbol, "%.50s_PERP", pair);
	if (coin_symbol(symbol) && by_name(r, symbol, NULL, f) == NULL)
		return -1;
	for (size_t i = 0; i < r->cs.cap; i++)
		if (r->cs.c[i] != NULL && r->cs.c[i]->market == MARKET_COINM && strcmp(r->cs.c[i]->rules.pair, pair) == 0)
			r->cs.c[i]->tiers = *ts;
	return 0;
}

static int
read_bracket(struct recorded *r, const struct tok *t, const struct tok *v, struct fault *f)
{
	const struct tok *rows = scan_get(t, v, "brackets");
	char symbol[SYMBOL_MAX];
	struct contract *c;
	struct tiers ts;

	if (rows != NULL && rows->kind == SCAN_ARR && rows->n == 0)
		return 0;
	if (tiers_parse(&ts, t, v, f) == -1)
		return -1;
	if (!scan_get_str(t, v, "symbol", symbol, sizeof symbol))
		return scan_get_str(t, v, "pair", symbol, sizeof symbol) ? pair_tiers(r, symbol, &ts, f) :
		    fault_set(f, FAULT_USAGE, "leverageBracket: neither symbol nor pair");
	if (!coin_symbol(symbol) && scan_get(t, scan_first(rows), "qtyCap") != NULL)
		return pair_tiers(r, symbol, &ts, f);	/* the first version calls a pair its symbol */
	if ((c = by_name(r, symbol, NULL, f)) == NULL)
		return -1;
	c->tiers = ts;
	return 0;
}

static void
read_premium(struct recorded *r, const struct tok *t, const struct tok *v)
{
	char symbol[SYMBOL_MAX];
	struct contract *c;
	dec rate;
	int64_t at;

	if (scan_get_str(t, v, "symbol", symbol, sizeof symbol) && (c = contracts_find(&r->cs, symbol)) != NULL &&
	    scan_get_dec(t, v, "lastFundingRate", &rate) && scan_get_i64(t, v, "nextFundingTime", &at) && at > 0) {
		c->funding_rate = rate;
		c->funding_ms = at;
	}
}

/* An element or a list of them. */
static int
each_row(struct recorded *r, const struct told *a, struct fault *f)
{
	const struct tok *t = a->doc.t, *v = a->v->kind == SCAN_ARR ? scan_first(a->v) : a->v;

	for (; v != NULL; v = a->v->kind == SCAN_ARR ? scan_next(t, a->v, v) : NULL)
		if (a->what == ANSWER_PREMIUM)
			read_premium(r, t, v);
		else if (read_bracket(r, t, v, f) == -1)
			return -1;
	return 0;
}

static int
each_of(struct recorded *r, enum answer what, int (*each)(struct recorded *, const struct told *, struct fault *),
    struct fault *f)
{
	const struct kept *k = r->p;

	for (int i = 0; i < k->n; i++)
		if (k->a[i].what == what && each(r, &k->a[i], f) == -1)
			return -1;
	return 0;
}

/* The contracts that the accounts hold or have orders of. */
static int
name_contracts(struct recorded *r, struct fault *f)
{
	for (int m = 0; m < MARKETS; m++) {
		const struct account *a = &r->acct[m];

		for (int i = 0; i < a->npos; i++)
			if (by_name(r, a->pos[i].symbol, a->pos[i].margin_asset, f) == NULL)
				return -1;
		for (int i = 0; i < a->nord; i++)
			if (by_name(r, a->ord[i].symbol, NULL, f) == NULL)
				return -1;
	}
	return 0;
}

/*
 * Rows of several answers as one list
 */

struct row { const struct tok *t, *v; };
struct rows { struct row *r; int n; };

/* Whether a later row takes the place of an earlier one: of a position by symbol and side, of the open
 * orders of a symbol all at once, since one that is no more told of is no more open. */
static bool
replaces(enum answer what, const struct row *late, const struct row *early)
{
	static const char *const keys[] = { "symbol", "positionSide" };
	char a[SYMBOL_MAX], b[SYMBOL_MAX];

	for (int i = 0; i < (what == ANSWER_POSITIONS ? 2 : 1); i++)
		if (scan_get_str(late->t, late->v, keys[i], a, sizeof a) !=
		    scan_get_str(early->t, early->v, keys[i], b, sizeof b) ||
		    (scan_get(late->t, late->v, keys[i]) != NULL && strcmp(a, b) != 0))
			return false;
	return true;
}

static void
drop_replaced(struct rows *rs, enum answer what, const struct told *a)
{
	const struct tok *t = a->doc.t;
	int n = 0;

	for (int i = 0; i < rs->n; i++) {
		bool gone = false;

		for (const struct tok *v = scan_first(a->v); v != NULL && !gone; v = scan_next(t, a->v, v))
			gone = replaces(what, &(struct row){ t, v }, &rs->r[i]);
		if (!gone)
			rs->r[n++] = rs->r[i];
	}
	rs->n = n;
}

static int
gather(struct rows *rs, const struct told *a, struct fault *f)
{
	struct row *list = realloc(rs->r, ((size_t)rs->n + a->v->n + 1) * sizeof *list);

	if (list == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	rs->r = list;
	if (a->part)
		drop_replaced(rs, a->what, a);
	else
		rs->n = 0;
	for (const struct tok *v = scan_first(a->v); v != NULL; v = scan_next(a->doc.t, a->v, v))
		rs->r[rs->n++] = (struct row){ a->doc.t, v };
	return 0;
}

typedef int reader(struct account *, const struct tok *, const struct tok *, struct fault *);

static int
read_rows(struct account *a, const struct rows *rs, reader *rd, struct fault *f)
{
	struct buf text = { 0 };
	struct scan doc = { 0 };
	int ret;

	buf_chr(&text, '[');
	for (int i = 0; i < rs->n; i++) {
		if (i > 0)
			buf_chr(&text, ',');
		span_put(&text, rs->r[i].v);
	}
	buf_chr(&text, ']');
	if (text.bad || scan_doc(&doc, text.p, text.len) <= 0)
		ret = fault_set(f, FAULT_LOCAL, "recorded answers: out of memory");
	else
		ret = rd(a, doc.t, doc.t, f);
	scan_free(&doc);
	buf_free(&text);
	return ret;
}

/* 1: there were such answers, 0: none, -1. */
static int
read_lists(struct recorded *r, enum market m, enum answer what, reader *rd, struct fault *f)
{
	const struct kept *k = r->p;
	struct rows rs = { 0 };
	int got = 0;

	for (int i = 0; i < k->n && got != -1; i++) {
		if (k->a[i].what != what || k->a[i].m != m)
			continue;
		if (k->a[i].v->kind != SCAN_ARR)
			got = fault_set(f, FAULT_USAGE, "a recorded answer is no list, as it should be");
		else
			got = gather(&rs, &k->a[i], f) == -1 ? -1 : 1;
	}
	if (got == 1 && read_rows(&r->acct[m], &rs, rd, f) == -1)
		got = -1;
	free(rs.r);
	return got;
}

/*
 * Accounts
 */

/* The mark of a row of account: told by premiumIndex, or what its notional is of its amount. */
static bool
row_mark(const struct recorded *r, enum market m, const struct tok *t, const struct tok *row, dec *out)
{
	const struct tok *pt = NULL, *premium;
	char symbol[SYMBOL_MAX];
	dec amt, n;

	if (scan_get_str(t, row, "symbol", symbol, sizeof symbol) &&
	    (premium = recorded_told(r, m, ANSWER_PREMIUM, symbol, POS_BOTH, &pt)) != NULL)
		return scan_get_dec(pt, premium, "markPrice", out);
	return m == MARKET_USDM && scan_get_dec(t, row, "positionAmt", &amt) && scan_get_dec(t, row, "notional", &n) &&
	    dec_div(out, n, amt, 8, DEC_HALF_UP);
}

/* A row of account as positionRisk would have it; it tells no liquidation price. */
static void
put_row(struct buf *b, const struct tok *t, const struct tok *row, dec mark)
{
	static const struct { const char *from, *to; } keys[] = {
		{ "symbol", "symbol" }, { "positionSide", "positionSide" }, { "positionAmt", "positionAmt" },
		{ "entryPrice", "entryPrice" }, { "breakEvenPrice", "breakEvenPrice" },
		{ "unrealizedProfit", "unRealizedProfit" }, { "leverage", "leverage" }, { "isolated", "isolated" },
		{ "isolatedWallet", "isolatedWallet" }, { "isolatedMargin", "isolatedMargin" },
		{ "positionInitialMargin", "initialMargin" }, { "maintMargin", "maintMargin" }, { "updateTime", "updateTime" },
	};
	const struct tok *v;
	char text[128];

	jw_open(b, NULL, '{');
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		v = scan_get(t, row, keys[i].from);
		if (v != NULL && v->kind == SCAN_STR && scan_str(v, text, sizeof text))
			jw_str(b, keys[i].to, text);
		else if (v != NULL && v->kind != SCAN_STR)
			jw_raw(b, keys[i].to, v->p, v->len);
	}
	jw_dec(b, "markPrice", mark);
	jw_str(b, "liquidationPrice", "0");
	jw_close(b, '}');
}

static int
put_account_rows(struct buf *b, const struct recorded *r, enum market m, const struct told *a, struct fault *f)
{
	const struct tok *t = a->doc.t, *list = scan_get(t, a->v, "positions"), *v;
	char symbol[SYMBOL_MAX] = "?";
	dec amt, mark = dec_int(0);
	int n = 0;

	for (v = scan_first(list); v != NULL; v = scan_next(t, list, v)) {
		if (!scan_get_dec(t, v, "positionAmt", &amt) || dec_sign(amt) == 0)
			continue;
		(void)scan_get_str(t, v, "symbol", symbol, sizeof symbol);
		if (scan_get(t, v, "entryPrice") == NULL)
			return fault_set(f, FAULT_USAGE, "%s: this answer of account has no entry price: add positionRisk", symbol);
		if (!row_mark(r, m, t, v, &mark))
			return fault_set(f, FAULT_USAGE, "%s: no mark price: add premiumIndex, or positionRisk", symbol);
		put_row(b, t, v, mark);
		n++;
	}
	return n;
}

/* Where no positionRisk was recorded, the rows of account stand for it. */
static int
read_account_rows(struct recorded *r, enum market m, struct fault *f)
{
	const struct kept *k = r->p;
	struct buf text = { 0 };
	struct scan doc = { 0 };
	int i = k->n - 1, ret;

	while (i >= 0 && (k->a[i].what != ANSWER_ACCOUNT || k->a[i].m != m))
		i--;
	if (i < 0)
		return 0;
	jw_open(&text, NULL, '[');
	ret = put_account_rows(&text, r, m, &k->a[i], f);
	jw_close(&text, ']');
	if (ret > 0 && (text.bad || scan_doc(&doc, text.p, text.len) <= 0))
		ret = fault_set(f, FAULT_LOCAL, "recorded answers: out of memory");
	if (ret > 0)
		ret = account_read_positions(&r->acct[m], doc.t, doc.t, f);
	scan_free(&doc);
	buf_free(&text);
	return ret == -1 ? -1 : 0;
}

static void
read_modes(struct account *a, const struct told *k)
{
	bool b;

	if (scan_get_bool(k->doc.t, k->v, "dualSidePosition", &b))
		a->hedge = b;
	if (scan_get_bool(k->doc.t, k->v, "multiAssetsMargin", &b))
		a->multi_assets = b;
}

/* The last of account and balance: they tell the same wallets. */
static int
read_wallets(struct recorded *r, enum market m, struct fault *f)
{
	const struct kept *k = r->p;

	for (int i = k->n; i-- > 0; )
		if (k->a[i].m == m && (k->a[i].what == ANSWER_ACCOUNT || k->a[i].what == ANSWER_BALANCE)) {
			r->has[m] = true;
			return account_read_wallets(&r->acct[m], k->a[i].doc.t, k->a[i].v, f);
		}
	return 0;
}

static int
read_account(struct recorded *r, enum market m, struct fault *f)
{
	const struct kept *k = r->p;
	int pos, ord, algo;

	if (read_wallets(r, m, f) == -1 ||
	    (pos = read_lists(r, m, ANSWER_POSITIONS, account_read_positions, f)) == -1 ||
	    (pos == 0 && read_account_rows(r, m, f) == -1) ||
	    read_lists(r, m, ANSWER_CONFIG, account_read_config, f) == -1 ||
	    (ord = read_lists(r, m, ANSWER_ORDERS, account_read_orders, f)) == -1 ||
	    (algo = read_lists(r, m, ANSWER_ALGO, account_read_algo, f)) == -1)
		return -1;
	for (int i = 0; i < k->n; i++)
		if (k->a[i].m == m && (k->a[i].what == ANSWER_MODES || k->a[i].what == ANSWER_ACCOUNT))
			read_modes(&r->acct[m], &k->a[i]);
	r->orders[m] = ord == 1;
	r->has[m] = r->has[m] || pos == 1 || ord == 1 || algo == 1;
	r->acct[m].known = r->has[m];
	return 0;
}

static int
read_rates(struct recorded *r, const struct told *a, struct fault *f)
{
	return a->v->kind == SCAN_ARR ? asset_rates_read(&r->rates, a->doc.t, a->v, f) : 0;
}

int
recorded_end(struct recorded *r, struct fault *f)
{
	if (r->p == NULL)
		return fault_set(f, FAULT_USAGE, "the files tell nothing about an account");
	if (r->cs.seed == 0 && getentropy(&r->cs.seed, sizeof r->cs.seed) == -1)
		return fault_set(f, FAULT_LOCAL, "no random numbers from the system");
	if (each_of(r, ANSWER_INFO, read_info, f) == -1)
		return -1;
	for (int m = 0; m < MARKETS; m++)
		if (read_account(r, (enum market)m, f) == -1)
			return -1;
	if (name_contracts(r, f) == -1 || each_of(r, ANSWER_BRACKETS, each_row, f) == -1 ||
	    each_of(r, ANSWER_PREMIUM, each_row, f) == -1 || each_of(r, ANSWER_RATES, read_rates, f) == -1)
		return -1;
	for (int m = 0; m < MARKETS; m++)
		account_contracts(&r->acct[m], &r->cs);
	return 0;
}
