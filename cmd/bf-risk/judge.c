/* All rules over one intent, each asked, and what would pass instead. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/utf8.h"
#include "judge_in.h"

enum need { ALWAYS, PRICED };	/* what must be known: nothing; account, contract and mark */

/* In the order a reader wants them: what makes the rest idle comes first. */
static const struct row {
	enum rule	rule;		/* RULES: not in the rules file, always on */
	const char     *name;		/* NULL: the rule's */
	rule_fn	       *holds;
	enum need	need;
	bool		sized;		/* a smaller quantity may cure it */
	bool		always;
} rows[] = {
	{ RULES,		"kill-latch",	rule_latch,		ALWAYS, false, true },
	{ R_ACCOUNT_AGE,	"account-unknown", rule_account,	ALWAYS, false, true },
	{ RULES,		"symbol",	rule_contract,		ALWAYS, false, true },
	{ R_MARK_AGE,		"stale-mark",	rule_mark_age,		ALWAYS, false, true },
	{ RULES,		"asset",	rule_asset,		ALWAYS, false, true },
	{ RULES,		"blocked",	rule_blocked,		ALWAYS, false, true },
	{ R_CLOCK,		NULL,		rule_clock,		ALWAYS, false, false },
	{ R_USER_STREAM,	NULL,		rule_user_stream,	ALWAYS, false, false },
	{ R_SYMBOLS,		NULL,		rule_symbols,		ALWAYS, false, true },
	{ R_STATUS,		NULL,		rule_status,		ALWAYS, false, true },
	{ R_MAX_LEV,		NULL,		rule_max_lev,		PRICED, true,  false },
	{ R_SYMBOL_LEV,		NULL,		rule_symbol_lev,	PRICED, true,  false },
	{ R_ORDER_NOTIONAL,	NULL,		rule_order_notional,	PRICED, true,  false },
	{ R_POSITION_NOTIONAL,	NULL,		rule_position_notional,	PRICED, true,  false },
	{ R_GROSS_NOTIONAL,	NULL,		rule_gross_notional,	PRICED, true,  false },
	{ R_NET_NOTIONAL,	NULL,		rule_net_notional,	PRICED, true,  false },
	{ R_MARGIN_USE,		NULL,		rule_margin_use,	PRICED, true,  false },
	{ R_LIQ_DISTANCE,	NULL,		rule_liq_distance,	PRICED, true,  false },
	{ R_FUNDING,		NULL,		rule_funding,		PRICED, true,  false },
	{ R_PRICE_BAND,		NULL,		rule_price_band,	PRICED, false, false },
	{ R_MARK_JUMP,		NULL,		rule_mark_jump,		PRICED, false, false },
	{ R_VOLATILE_MARKET,	NULL,		rule_volatile_market,	PRICED, false, false },
	{ R_ISOLATED,		NULL,		rule_isolated,		PRICED, false, false },
	{ R_SELF_MATCH,		NULL,		rule_self_match,	PRICED, false, false },
	{ R_OPEN_ORDERS,	NULL,		rule_open_orders,	PRICED, false, false },
	{ R_RATE_SECOND,	NULL,		rule_rate_second,	ALWAYS, false, false },
	{ R_RATE_MINUTE,	NULL,		rule_rate_minute,	ALWAYS, false, false },
	{ R_DUPLICATE,		NULL,		rule_duplicate,		ALWAYS, false, false },
	{ R_REPEAT,		NULL,		rule_repeat,		ALWAYS, false, false },
};
#define ROWS	(sizeof rows / sizeof *rows)

_Static_assert(ROWS <= BREACHES_MAX && ROWS <= 64, "every rule may break at once");

/*
 * What the rules use
 */

/* The end of the last whole character of s. */
static void
whole_characters(char *s)
{
	size_t n = strlen(s), i = 0;

	while (i < n) {
		int len = utf8_len((const unsigned char *)s + i, n - i);

		if (len < 0 && i + (size_t)-len >= n)
			s[i] = '\0';
		i += (size_t)(len < 0 ? -len : len);
	}
}

void
say(struct breach *b, const char *fmt, ...)
{
	size_t n = strlen(b->text);
	va_list ap;

	va_start(ap, fmt);
	if (vsnprintf(b->text + n, sizeof b->text - n, fmt, ap) >= (int)(sizeof b->text - n))
		whole_characters(b->text);
	va_end(ap);
}

void
value_is(struct breach *b, dec v)
{
	dec_print(v, b->value);
}

bool
ratio_of(dec *out, dec a, dec b, int64_t times)
{
	return dec_mul(&a, a, dec_int(times)) && dec_div(out, a, b, 4, DEC_UP);
}

int64_t
limit_times(dec max, int64_t times)
{
	if (!dec_mul(&max, max, dec_int(times)) || !dec_rescale(&max, max, 0, DEC_DOWN))
		return INT64_MAX;
	return max.c > INT64_MAX ? INT64_MAX : (int64_t)max.c;
}

bool
is_on(const struct ask *q, enum rule r)
{
	return limit_of(q->l, r, q->in.symbol)->on;
}

/*
 * Asking
 */

static const struct limit *
limit_for(const struct ask *q, const struct row *r)
{
	static const struct limit none;

	return r->rule == RULES ? &none : limit_of(q->l, r->rule, q->in.symbol);
}

static bool
applies(const struct ask *q, const struct row *r, const struct limit *lim)
{
	return (r->always || lim->on) && (r->need == ALWAYS || ask_priced(q));
}

static const char *
name_of(const struct row *r)
{
	return r->name != NULL || r->rule >= RULES ? r->name : rule_rows[r->rule].name;
}

/* Ask one rule. What cannot be told is an unknown account, by a rule's name in the text. */
static enum held
ask_rule(struct ask *q, const struct row *r, const struct limit *lim, struct breach *b)
{
	enum held held;

	memset(b, 0, sizeof *b);
	b->rule = r->rule;
	b->name = name_of(r);
	if (r->rule != RULES && lim->on)
		dec_print(lim->max, b->limit);
	say(b, "%s: ", b->name);
	held = r->holds(q, lim, b);
	if (held == UNSURE) {
		b->name = "account-unknown";
		if (b->text[strlen(b->text) - 1] == ' ')
			say(b, "the order cannot be judged: no new risk");
	}
	return held;
}

static void
ask_all(struct ask *q, struct verdict *out, bool sized[static BREACHES_MAX], bool clips[static BREACHES_MAX])
{
	for (size_t i = 0; i < ROWS; i++) {
		const struct row *r = &rows[i];
		const struct limit *lim = limit_for(q, r);
		enum held held;

		if (!applies(q, r, lim))
			continue;
		if ((held = ask_rule(q, r, lim, &out->b[out->n])) == HOLDS)
			continue;
		if (held == UNSURE)
			q->unsure |= UINT64_C(1) << i;
		sized[out->n] = r->sized && held == BREAKS;
		clips[out->n] = sized[out->n] && lim->clip;
		out->n++;
	}
}

/*
 * The nearest quantity
 */

static bool
size_passes(struct ask *q, dec qty)
{
	struct breach b;

	ask_try(q, qty);
	for (size_t i = 0; i < ROWS; i++) {
		const struct limit *lim = limit_for(q, &rows[i]);

		if (rows[i].sized && (q->unsure >> i & 1) == 0 && applies(q, &rows[i], lim) &&
		    ask_rule(q, &rows[i], lim, &b) != HOLDS)
			return false;
	}
	return true;
}

static dec
step_of(const struct ask *q)
{
	const struct rules *r = &q->c->rules;

	return q->market_like && dec_sign(r->mkt_step) > 0 ? r->mkt_step : r->step;
}

/* The exchange takes no less than this. */
static bool
too_small(const struct ask *q, dec qty)
{
	const struct rules *r = &q->c->rules;
	dec total = qty, v;

	if (q->old != NULL && !dec_add(&total, total, q->old->filled))
		return true;
	return dec_sign(qty) <= 0 || dec_cmp(total, q->market_like ? r->mkt_min_qty : r->min_qty) < 0 ||
	    !rules_notional(&v, r, total, q->market_like ? q->mark : q->own) || dec_cmp(v, r->min_notional) < 0;
}

/* By halving: the rules only get harder as the quantity grows. What is found was tried. */
static dec
nearest(struct ask *q)
{
	dec asked = q->x.qty, step = step_of(q), steps, qty;
	i128 lo = 0, hi;

	if (dec_sign(step) <= 0 || !dec_div(&steps, asked, step, 0, DEC_DOWN))
		return dec_int(0);
	for (hi = steps.c; lo < hi; ) {
		i128 mid = lo + (hi - lo) / 2 + 1;

		if (mid > hi)
			mid = hi;
		if (dec_mul(&qty, step, (dec){ .c = mid }) && size_passes(q, qty))
			lo = mid;
		else
			hi = mid - 1;
	}
	ask_try(q, asked);
	if (!dec_mul(&qty, step, (dec){ .c = lo }) || too_small(q, qty))
		return dec_int(0);
	return q->old == NULL || dec_add(&qty, qty, q->old->filled) ? qty : dec_int(0);
}

/* Behind each text about size what would pass. only: nothing else is in the way. */
static void
say_nearest(struct verdict *out, const bool sized[static BREACHES_MAX], bool only)
{
	char s[DEC_STR];

	dec_print(out->nearest, s);
	for (int i = 0; i < out->n; i++) {
		if (!sized[i] || (out->b[i].value[0] == '\0' && dec_sign(out->nearest) <= 0))
			continue;
		if (dec_sign(out->nearest) <= 0)
			say(&out->b[i], "; no quantity would pass");
		else
			say(&out->b[i], only ? "; quantity %s would pass" : "; quantity %s would pass the rules about size", s);
	}
}

static void
say_reasons(struct verdict *out, const struct ask *q)
{
	for (int i = 0; i < out->n; i++) {
		const struct limit *lim;

		if (out->b[i].rule == RULES)
			continue;
		lim = limit_of(q->l, out->b[i].rule, q->in.symbol);
		if (lim->reason[0] != '\0')
			say(&out->b[i], " (%s)", lim->reason);
	}
}

/*
 * The verdict
 */

static int
count(const bool *b, int n)
{
	int c = 0;

	for (int i = 0; i < n; i++)
		c += b[i];
	return c;
}

/* What could be done instead of a reject. */
static void
instead(struct ask *q, struct verdict *out, const bool *sized, const bool *clips)
{
	bool only = count(sized, out->n) == out->n;

	if (count(sized, out->n) == 0)
		return;
	q->sizing = true;
	out->nearest = nearest(q);
	out->has_nearest = only;
	say_nearest(out, sized, only);
	if (count(clips, out->n) == out->n && dec_sign(out->nearest) > 0 && q->old == NULL) {
		out->pass = out->clipped = true;
		out->qty = out->nearest;
	}
	if (!only)
		out->nearest = dec_int(0);
}

static enum fault_kind
kind_of(const struct verdict *v)
{
	enum fault_kind k = FAULT_REJECTED;

	for (int i = 0; i < v->n; i++) {
		if (strcmp(v->b[i].name, "kill-latch") == 0)
			k = fault_worst(k, FAULT_TRIPPED);
		if (v->b[i].rule == R_CLOCK)
			k = fault_worst(k, FAULT_CLOCK);
	}
	return k;
}

static void
judge_risk(struct ask *q, struct verdict *out)
{
	bool sized[BREACHES_MAX] = { false }, clips[BREACHES_MAX] = { false };

	if (ask_priced(q)) {
		ask_before(q);
		ask_try(q, q->in.qty);
	}
	ask_all(q, out, sized, clips);
	out->pass = out->n == 0;
	if (!out->pass)
		instead(q, out, sized, clips);
	say_reasons(out, q);
}

void
judge(struct verdict *out, const struct world *w, const struct limits *l, const struct intent *in)
{
	struct ask q;

	memset(out, 0, sizeof *out);
	ask_open(&q, w, l, in);
	if (q.why == NULL && q.in.reduce_only)
		out->pass = true;	/* the account's mode makes an exit of it */
	else
		judge_risk(&q, out);
	out->market = q.market;
	out->counted = q.x.price;
	out->kind = kind_of(out);
	if (out->pass && q.protect) {
		out->protect = true;
		out->price = q.protect_price;
	}
	ask_close(&q);
}
