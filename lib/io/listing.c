#include <stdlib.h>
#include <string.h>

#include "core/params.h"
#include "io/listing.h"

#define BRACKETS_EACH	4	/* of more symbols the brackets are asked for in one request */
#define FUNDING_HOURS	8	/* of contracts that fundingInfo does not list */

/*
 * Brackets
 */

/* A USDⓈ-M answer about one symbol may be the object itself. */
static const struct tok *
element(const struct tok *t, const char *symbol)
{
	return t->kind == SCAN_ARR ? scan_find(t, t, "symbol", symbol) : t;
}

/* An element that is none is an answer that cannot be trusted, not the exchange's no. */
static int
take_tiers(struct contract *c, const struct tok *t, const struct tok *el, struct fault *f)
{
	if (tiers_parse(&c->tiers, t, el, f) == 0)
		return 0;
	f->kind = FAULT_UNKNOWN;
	return -1;
}

static int
ask_brackets(struct contract *c, struct session *s, struct fault *f)
{
	const struct tok *el;
	struct buf q = { 0 };
	int r;

	if (c->tiers.n > 0)
		return 0;
	buf_str(&q, "symbol=");
	query_escape(&q, c->rules.symbol);
	r = q.bad ? fault_set(f, FAULT_LOCAL, "out of memory") :
	    session_call(s, EP_LEVERAGE_BRACKET, q.p, s->cred != NULL, f);
	buf_free(&q);
	if (r == -1)
		return -1;
	if ((el = element(s->doc.t, c->rules.symbol)) == NULL)
		return fault_set(f, FAULT_UNKNOWN, "leverageBracket: no element for %s", c->rules.symbol);
	return take_tiers(c, s->doc.t, el, f);
}

/* Those of all that are still missing, from one answer. */
static int
ask_all_brackets(struct contracts *cs, struct session *s, struct fault *f)
{
	char symbol[SYMBOL_MAX];
	struct contract *c;
	const struct tok *t;

	if (session_call(s, EP_LEVERAGE_BRACKET, "", s->cred != NULL, f) == -1)
		return -1;
	t = s->doc.t;
	if (t->kind != SCAN_ARR)
		return fault_set(f, FAULT_UNKNOWN, "leverageBracket: not a list");
	for (const struct tok *v = scan_first(t); v != NULL; v = scan_next(t, t, v))
		if (scan_get_str(t, v, "symbol", symbol, sizeof symbol) &&
		    (c = contracts_find(cs, symbol)) != NULL && c->tiers.n == 0 &&
		    take_tiers(c, t, v, f) == -1)
			return -1;
	return 0;
}

/*
 * Contracts
 */

static struct contract *
add_rules(struct contracts *cs, const struct rules *r, enum market m, struct fault *f)
{
	struct contract *c = contracts_set(cs, r, m);

	if (c == NULL)
		fault_set(f, FAULT_LOCAL, "out of memory");
	return c;
}

struct contract *
listing_contract(struct contracts *cs, struct venue *v, const char *symbol, bool brackets, struct fault *f)
{
	struct contract *c = contracts_find(cs, symbol);
	struct session *s;
	struct rules r;
	enum market m;

	if (c == NULL && (venue_find(v, symbol, &m, &r, f) == -1 || (c = add_rules(cs, &r, m, f)) == NULL))
		return NULL;
	if (!brackets || c->tiers.n > 0)
		return c;
	if ((s = venue_session(v, c->market, f)) == NULL || ask_brackets(c, s, f) == -1)
		return NULL;
	return c;
}

/* One symbol of the account, without its brackets; those that lack them are counted. */
static int
know(struct contracts *cs, struct venue *v, enum market m, const char *symbol, int *lacking, struct fault *f)
{
	struct contract *c = contracts_find(cs, symbol);
	struct session *s;
	struct rules r;

	if (c == NULL) {
		if ((s = venue_session(v, m, f)) == NULL || xinfo_rules(&v->x[m], s, symbol, &r, f) == -1 ||
		    (c = add_rules(cs, &r, m, f)) == NULL)
			return -1;
	}
	*lacking += c->tiers.n == 0;
	return 0;
}

static int
brackets_for(struct contracts *cs, struct session *s, const char *symbol, struct fault *f)
{
	struct contract *c = contracts_find(cs, symbol);

	return c == NULL ? 0 : ask_brackets(c, s, f);
}

int
listing_account(struct contracts *cs, struct venue *v, enum market m, struct account *a, struct fault *f)
{
	struct session *s = venue_session(v, m, f);
	struct fault one = { 0 };
	int lacking = 0, r = 0;

	if (s == NULL)
		return -1;
	for (int i = 0; i < a->npos; i++)
		if (dec_sign(a->pos[i].amt) != 0 && know(cs, v, m, a->pos[i].symbol, &lacking, &one) == -1)
			r = -1;
	for (int i = 0; i < a->nord; i++)
		if (know(cs, v, m, a->ord[i].symbol, &lacking, &one) == -1)
			r = -1;
	if (lacking > BRACKETS_EACH && ask_all_brackets(cs, s, &one) == -1)
		r = -1;
	for (int i = 0; i < a->npos && lacking <= BRACKETS_EACH; i++)
		if (dec_sign(a->pos[i].amt) != 0 && brackets_for(cs, s, a->pos[i].symbol, &one) == -1)
			r = -1;
	for (int i = 0; i < a->nord && lacking <= BRACKETS_EACH; i++)
		if (brackets_for(cs, s, a->ord[i].symbol, &one) == -1)
			r = -1;
	account_contracts(a, cs);
	if (r == -1)
		*f = one;
	return r;
}

/*
 * Funding
 */

static int
read_intervals(struct contracts *cs, struct session *s, struct fault *f)
{
	char symbol[SYMBOL_MAX];
	struct contract *c;
	const struct tok *t;
	int64_t hours;

	for (size_t i = 0; i < cs->cap; i++)
		if (cs->c[i] != NULL && cs->c[i]->market == s->market && cs->c[i]->funding_hours == 0)
			cs->c[i]->funding_hours = FUNDING_HOURS;
	if (session_call(s, EP_FUNDING_INFO, "", false, f) == -1)
		return -1;
	t = s->doc.t;
	for (const struct tok *v = scan_first(t); v != NULL; v = scan_next(t, t, v))
		if (scan_get_str(t, v, "symbol", symbol, sizeof symbol) && (c = contracts_find(cs, symbol)) != NULL &&
		    scan_get_i64(t, v, "fundingIntervalHours", &hours) && hours >= 1 && hours <= 24)
			c->funding_hours = (int)hours;
	return 0;
}

/* A delivery contract has no rate, or an empty one. */
static void
read_premium(struct contract *c, const struct tok *t, const struct tok *v)
{
	dec rate;
	int64_t at;

	if (scan_get_dec(t, v, "lastFundingRate", &rate) && scan_get_i64(t, v, "nextFundingTime", &at) && at > 0) {
		c->funding_rate = rate;
		c->funding_ms = at;
	}
}

int
listing_funding(struct contracts *cs, struct session *s,
    void (*mark)(void *arg, const char *symbol, dec price, int64_t at_ms), void *arg, struct fault *f)
{
	char symbol[SYMBOL_MAX];
	struct contract *c;
	const struct tok *t;
	int64_t at;
	dec price;

	if (read_intervals(cs, s, f) == -1 || session_call(s, EP_PREMIUM_INDEX, "", false, f) == -1)
		return -1;
	t = s->doc.t;
	if (t->kind != SCAN_ARR)
		return fault_set(f, FAULT_AGAIN, "premiumIndex: not a list");
	for (const struct tok *v = scan_first(t); v != NULL; v = scan_next(t, t, v)) {
		if (!scan_get_str(t, v, "symbol", symbol, sizeof symbol))
			continue;
		if ((c = contracts_find(cs, symbol)) != NULL)
			read_premium(c, t, v);
		if (mark != NULL && scan_get_dec(t, v, "markPrice", &price) && dec_sign(price) > 0 &&
		    scan_get_i64(t, v, "time", &at))
			mark(arg, symbol, price, at);
	}
	return 0;
}

/*
 * Rates of the assets
 */

/* "BTCUSD": the asset is what stands before USD. */
static bool
read_rate(struct asset_rate *r, const struct tok *t, const struct tok *v)
{
	char symbol[SYMBOL_MAX];
	size_t n;

	if (!scan_get_str(t, v, "symbol", symbol, sizeof symbol) || (n = strlen(symbol)) <= 3 ||
	    strcmp(symbol + n - 3, "USD") != 0 || n - 3 >= sizeof r->asset)
		return false;
	memcpy(r->asset, symbol, n - 3);
	r->asset[n - 3] = '\0';
	return scan_get_dec(t, v, "index", &r->index) && dec_sign(r->index) > 0 &&
	    scan_get_dec(t, v, "bidBuffer", &r->bid_buffer) && scan_get_dec(t, v, "askBuffer", &r->ask_buffer);
}

int
asset_rates_read(struct asset_rates *out, const struct tok *t, const struct tok *v, struct fault *f)
{
	struct asset_rate *list;
	int n = 0;

	if (v == NULL || v->kind != SCAN_ARR)
		return fault_set(f, FAULT_AGAIN, "assetIndex: not a list");
	if ((list = calloc((size_t)v->n + 1, sizeof *list)) == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	for (const struct tok *e = scan_first(v); e != NULL; e = scan_next(t, v, e))
		n += read_rate(&list[n], t, e);
	asset_rates_free(out);
	out->r = list;
	out->n = n;
	return 0;
}

int
listing_rates(struct asset_rates *out, struct session *s, struct fault *f)
{
	return session_call(s, EP_ASSET_INDEX, "", s->cred != NULL, f) == -1 ? -1 :
	    asset_rates_read(out, s->doc.t, s->doc.t, f);
}

void
asset_rates_free(struct asset_rates *r)
{
	free(r->r);
	r->r = NULL;
	r->n = 0;
}
