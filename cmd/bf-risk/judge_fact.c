/* The rules about what must be so at all: the account known, the contract open for it, clock and stream in order, no latch. */
#include <stdio.h>
#include <string.h>

#include "judge_in.h"

enum held
rule_latch(struct ask *q, const struct limit *lim, struct breach *b)
{
	(void)lim;
	if (!q->was->health.latched)
		return HOLDS;
	say(b, "no new risk%s%s", *q->was->health.latch_why != '\0' ? ": " : "", q->was->health.latch_why);
	return BREAKS;
}

/* Why the account of the market is not known; NULL: it is. */
static const char *
account_unknown(const struct ask *q)
{
	if (!q->was->served[q->market])
		return "the account of this market is not looked at: no new risk";
	if (q->was->loaded_mono_ms[q->market] == 0 || !q->was->acct[q->market].known || q->was->down[q->market])
		return "the account's state is not known: no new risk";
	return NULL;
}

enum held
rule_account(struct ask *q, const struct limit *lim, struct breach *b)
{
	int64_t age = q->was->now.mono_ms - q->was->loaded_mono_ms[q->market];
	const char *why = account_unknown(q);

	if (why != NULL) {
		b->limit[0] = '\0';
		say(b, "%s", why);
		return BREAKS;
	}
	if (lim->on && age > limit_times(lim->max, 1000)) {
		value_is(b, (dec){ .c = age, .scale = 3 });
		say(b, "the account was read %lld ms ago, at most %lld allowed: no new risk", (long long)age,
		    (long long)limit_times(lim->max, 1000));
		return BREAKS;
	}
	if (q->why == NULL)
		return HOLDS;
	b->rule = RULES;	/* the age is well */
	b->limit[0] = '\0';
	say(b, "the order cannot be judged: %s: no new risk", q->why);
	return BREAKS;
}

/* A text of the exchange's or of the sender: nothing in it may drive a terminal. */
static void
tame(char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			*s = '?';
}

enum held
rule_contract(struct ask *q, const struct limit *lim, struct breach *b)
{
	(void)lim;
	if (q->c != NULL && q->c->rules.complete)
		return HOLDS;
	b->code = -1121;
	snprintf(b->value, sizeof b->value, "%s", q->in.symbol);
	if (q->c != NULL)
		say(b, "the filters of %s are not known", q->in.symbol);
	else
		say(b, "%s: not listed", q->in.symbol);
	tame(b->value);
	tame(b->text);
	return BREAKS;
}

enum held
rule_asset(struct ask *q, const struct limit *lim, struct breach *b)
{
	(void)lim;
	if (*q->l->asset == '\0' || q->c == NULL || strcmp(q->l->asset, q->c->rules.margin) == 0)
		return HOLDS;
	snprintf(b->limit, sizeof b->limit, "%s", q->l->asset);
	snprintf(b->value, sizeof b->value, "%s", q->c->rules.margin);
	say(b, "%s is margined in %s, and this bf-risk guards %s", q->in.symbol, b->value, b->limit);
	return BREAKS;
}

/* The rules over events that hold up new risk now, by name; with the reason of the first. */
enum held
rule_blocked(struct ask *q, const struct limit *lim, struct breach *b)
{
	unsigned held = q->was->blocked | (q->s != NULL ? q->s->blocked : 0);	/* of all, of the symbol */
	const char *comma = "";

	(void)lim;
	if (held == 0)
		return HOLDS;
	say(b, "no new risk while this lasts: ");
	for (int r = RULES - 1; r >= 0; r--)
		if ((held & 1u << r) != 0) {
			say(b, "%s%s", comma, rule_rows[r].name);
			b->rule = (enum rule)r;
			comma = ", ";
		}
	snprintf(b->value, sizeof b->value, "%s", rule_rows[b->rule].name);
	return BREAKS;
}

enum held
rule_clock(struct ask *q, const struct limit *lim, struct breach *b)
{
	int64_t error = q->was->health.clock_error_ms;

	if (error < 0) {
		say(b, "how far the clock is off is not known, limit %s ms", b->limit);
		return BREAKS;
	}
	if (dec_cmp(dec_int(error), lim->max) <= 0)
		return HOLDS;
	value_is(b, dec_int(error));
	say(b, "the clock is known to %s ms only, limit %s ms", b->value, b->limit);
	return BREAKS;
}

enum held
rule_user_stream(struct ask *q, const struct limit *lim, struct breach *b)
{
	const struct health *h = &q->was->health;
	int64_t age = q->was->now.mono_ms - h->stream_mono_ms;

	if (!h->stream_seen || !h->stream_up) {
		say(b, "the account's stream %s", h->stream_seen ? "is down" : "was never seen");
		return BREAKS;
	}
	if (age <= limit_times(lim->max, 1000))
		return HOLDS;
	value_is(b, (dec){ .c = age, .scale = 3 });
	say(b, "the account's stream showed no life for %s s, limit %s s", b->value, b->limit);
	return BREAKS;
}

static bool
listed(char (*list)[SYMBOL_MAX], int n, const char *symbol)
{
	for (int i = 0; i < n; i++)
		if (strcmp(list[i], symbol) == 0)
			return true;
	return false;
}

enum held
rule_symbols(struct ask *q, const struct limit *lim, struct breach *b)
{
	const struct limits *l = q->l;
	bool denied = listed(l->deny, l->ndeny, q->in.symbol);

	(void)lim;
	b->limit[0] = '\0';
	if (!denied && (l->nallow == 0 || listed(l->allow, l->nallow, q->in.symbol)))
		return HOLDS;
	snprintf(b->value, sizeof b->value, "%s", q->in.symbol);
	say(b, "%s is %s", q->in.symbol, denied ? "denied" : "not among those allowed");
	tame(b->value);
	tame(b->text);
	return BREAKS;
}

enum held
rule_status(struct ask *q, const struct limit *lim, struct breach *b)
{
	(void)lim;
	if (q->c == NULL || strcmp(q->c->rules.status, "TRADING") == 0)
		return HOLDS;
	b->code = -4140;
	snprintf(b->limit, sizeof b->limit, "TRADING");
	snprintf(b->value, sizeof b->value, "%s", q->c->rules.status);
	say(b, "%s is %s, not TRADING", q->in.symbol, *b->value != '\0' ? b->value : "of an unknown status");
	return BREAKS;
}

enum held
rule_isolated(struct ask *q, const struct limit *lim, struct breach *b)
{
	(void)lim;
	b->limit[0] = '\0';
	for (int i = 0; i < q->a->npos; i++)
		if (strcmp(q->a->pos[i].symbol, q->in.symbol) == 0) {
			if (q->a->pos[i].isolated)
				return HOLDS;
			snprintf(b->value, sizeof b->value, "cross");
			say(b, "the margin of %s is cross, only isolated is allowed", q->in.symbol);
			return BREAKS;
		}
	say(b, "the margin type of %s is not known, only isolated is allowed", q->in.symbol);
	return UNSURE;
}
