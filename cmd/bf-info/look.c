#include <stdio.h>
#include <string.h>

#include "core/rules.h"
#include "core/span.h"
#include "look.h"

#define FIELD_MAX	96
#define BRACKETS	"brackets["

/* Members of filters that have a name of their own. */
static const struct { const char *filter, *member, *name; } known[] = {
	{ "PRICE_FILTER", "tickSize", "tickSize" }, { "PRICE_FILTER", "minPrice", "minPrice" },
	{ "PRICE_FILTER", "maxPrice", "maxPrice" }, { "LOT_SIZE", "stepSize", "stepSize" },
	{ "LOT_SIZE", "minQty", "minQty" }, { "LOT_SIZE", "maxQty", "maxQty" },
	{ "MARKET_LOT_SIZE", "stepSize", "marketStepSize" }, { "MARKET_LOT_SIZE", "minQty", "marketMinQty" },
	{ "MARKET_LOT_SIZE", "maxQty", "marketMaxQty" }, { "MIN_NOTIONAL", "notional", "minNotional" },
	{ "PERCENT_PRICE", "multiplierUp", "multiplierUp" }, { "PERCENT_PRICE", "multiplierDown", "multiplierDown" },
	{ "MAX_NUM_ORDERS", "limit", "maxNumOrders" },
};

/*
 * Making
 */

/* A name that is too long, or has a NUL, is nobody's: it is passed over. */
static void
put_fact(struct buf *b, const char *name, const struct tok *v)
{
	jw_raw(b, name, "", 0);
	span_put(b, v);
}

static void
put_filter(struct buf *b, const struct tok *t, const struct tok *filter)
{
	char type[40], member[40], name[FIELD_MAX];
	const struct tok *k, *v;

	if (!scan_get_str(t, filter, "filterType", type, sizeof type))
		return;
	for (k = scan_first(filter); k != NULL; k = scan_next(t, filter, v)) {
		v = scan_next(t, filter, k);
		if (!scan_str(k, member, sizeof member) || strcmp(member, "filterType") == 0)
			continue;
		snprintf(name, sizeof name, "%s.%s", type, member);
		for (size_t i = 0; i < sizeof known / sizeof *known; i++)
			if (strcmp(known[i].filter, type) == 0 && strcmp(known[i].member, member) == 0)
				snprintf(name, sizeof name, "%s", known[i].name);
		put_fact(b, name, v);
	}
}

/* The members of an exchangeInfo symbol, but for its name. */
static void
put_contract(struct buf *b, const struct tok *t, const struct tok *symbol)
{
	const struct tok *k, *v, *list;
	char name[FIELD_MAX];

	for (k = scan_first(symbol); k != NULL; k = scan_next(t, symbol, v)) {
		v = scan_next(t, symbol, k);
		if (scan_is(k, "symbol") || scan_is(k, "filters") || !scan_str(k, name, sizeof name))
			continue;
		put_fact(b, name, v);
	}
	list = scan_get(t, symbol, "filters");
	for (v = scan_first(list); v != NULL; v = scan_next(t, list, v))
		put_filter(b, t, v);
}

/* The row of a symbol in an answer that is a list of rows. */
static const struct tok *
row_of(const struct scan *doc, const char *symbol)
{
	return scan_find(doc->t, doc->t, "symbol", symbol);
}

static void
put_funding(struct buf *b, const struct scan *doc, const char *symbol)
{
	static const char *const member[] = { "fundingIntervalHours", "adjustedFundingRateCap", "adjustedFundingRateFloor" };
	const struct tok *row = row_of(doc, symbol), *v;

	for (size_t i = 0; i < sizeof member / sizeof *member; i++)
		if ((v = scan_get(doc->t, row, member[i])) != NULL)
			put_fact(b, member[i], v);
}

static void
put_brackets(struct buf *b, const struct scan *doc, const char *symbol)
{
	const struct tok *t = doc->t, *list = scan_get(t, row_of(doc, symbol), "brackets"), *v, *k, *m;
	char name[FIELD_MAX], member[40];
	int64_t tier;

	for (v = scan_first(list); v != NULL; v = scan_next(t, list, v)) {
		if (!scan_get_i64(t, v, "bracket", &tier))
			continue;
		for (k = scan_first(v); k != NULL; k = scan_next(t, v, m)) {
			m = scan_next(t, v, k);
			if (!scan_str(k, member, sizeof member) || strcmp(member, "bracket") == 0)
				continue;
			snprintf(name, sizeof name, BRACKETS "%lld].%s", (long long)tier, member);
			put_fact(b, name, m);
		}
	}
}

static bool
is_list(const struct scan *doc)
{
	return doc->n > 0 && doc->t->kind == SCAN_ARR;
}

int
look_make(struct look *l, const struct scan *info, const struct scan *funding, const struct scan *brackets,
    struct fault *f)
{
	const struct tok *t = info->t, *list = info->n > 0 ? scan_get(t, t, "symbols") : NULL, *v;
	char symbol[SYMBOL_MAX];
	struct buf b = { 0 };

	if (list == NULL || list->kind != SCAN_ARR || !is_list(funding) || (brackets != NULL && !is_list(brackets)))
		return fault_set(f, FAULT_AGAIN, "exchangeInfo, fundingInfo or leverageBracket: the answer is no list");
	jw_open(&b, NULL, '[');
	for (v = scan_first(list); v != NULL; v = scan_next(t, list, v)) {
		if (!scan_get_str(t, v, "symbol", symbol, sizeof symbol)) {
			buf_free(&b);
			return fault_set(f, FAULT_AGAIN, "exchangeInfo: a contract without a symbol");
		}
		jw_open(&b, NULL, '{');
		jw_str(&b, "symbol", symbol);
		put_contract(&b, t, v);
		put_funding(&b, funding, symbol);
		if (brackets != NULL)
			put_brackets(&b, brackets, symbol);
		jw_close(&b, '}');
	}
	jw_close(&b, ']');
	return look_read(l, &b, f);
}

int
look_read(struct look *l, struct buf *text, struct fault *f)
{
	bool bad = text->bad;

	look_free(l);
	l->text = *text;
	*text = (struct buf){ 0 };
	if (!bad && l->text.p != NULL && scan_doc(&l->doc, l->text.p, l->text.len) > 0 && is_list(&l->doc))
		return 0;
	look_free(l);
	return fault_set(f, FAULT_LOCAL, bad ? "out of memory" : "what was kept of the contracts is damaged");
}

void
look_free(struct look *l)
{
	scan_free(&l->doc);
	buf_free(&l->text);
	*l = (struct look){ 0 };
}

const struct tok *
look_find(const struct look *l, const char *symbol)
{
	return l->doc.n > 0 ? row_of(&l->doc, symbol) : NULL;
}

/*
 * Comparing
 */

static bool
is_bracket(const struct tok *key)
{
	return key->len > strlen(BRACKETS) && memcmp(key->p, BRACKETS, strlen(BRACKETS)) == 0;
}

static bool
has_brackets(const struct tok *t, const struct tok *obj)
{
	for (const struct tok *k = scan_first(obj); k != NULL; k = scan_next(t, obj, scan_next(t, obj, k)))
		if (is_bracket(k))
			return true;
	return false;
}

static bool
same(const struct tok *a, const struct tok *b)
{
	dec x, y;

	if (a->kind == b->kind && a->len == b->len && memcmp(a->p, b->p, a->len) == 0)
		return true;
	return scan_dec(a, &x) && scan_dec(b, &y) && dec_cmp(x, y) == 0;
}

/* The fields of `is`, or (gone) those that only `was` has. */
static int
compare(const struct tok *t, const struct tok *from, const struct tok *u, const struct tok *other, bool brackets,
    bool gone, look_changed *changed, void *arg)
{
	const struct tok *k, *v, *w;
	char name[FIELD_MAX];
	int ret = 0;

	for (k = scan_first(from); k != NULL && ret == 0; k = scan_next(t, from, v)) {
		v = scan_next(t, from, k);
		if ((!brackets && is_bracket(k)) || !scan_str(k, name, sizeof name))
			continue;
		w = scan_get(u, other, name);
		if (gone && w == NULL)
			ret = changed(arg, name, v, NULL);
		else if (!gone && (w == NULL || !same(v, w)))
			ret = changed(arg, name, w, v);
	}
	return ret;
}

int
look_compare(const struct tok *t, const struct tok *was, const struct tok *u, const struct tok *is,
    look_changed *changed, void *arg)
{
	bool brackets = has_brackets(t, was) && has_brackets(u, is);

	if (compare(u, is, t, was, brackets, false, changed, arg) == -1)
		return -1;
	return compare(t, was, u, is, brackets, true, changed, arg);
}

void
look_keep(struct buf *out, const struct tok *t, const struct tok *was, const struct tok *u, const struct tok *is)
{
	const struct tok *k, *v;
	char name[FIELD_MAX];

	span_put(out, is);
	if (was == NULL || has_brackets(u, is))
		return;
	out->len--;		/* its bracket */
	for (k = scan_first(was); k != NULL; k = scan_next(t, was, v)) {
		v = scan_next(t, was, k);
		if (is_bracket(k) && scan_str(k, name, sizeof name))
			put_fact(out, name, v);
	}
	jw_close(out, '}');
}
