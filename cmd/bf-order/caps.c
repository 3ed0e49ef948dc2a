/* The caps of the profile, whatever feeds us. */
#include <stdio.h>
#include <string.h>

#include "gate_in.h"

static bool
word_listed(const char *words, const char *word)
{
	size_t n = strlen(word), k;

	for (; *words != '\0'; words += k + (words[k] == ' ')) {
		k = strcspn(words, " ");
		if (k == n && memcmp(words, word, n) == 0)
			return true;
	}
	return false;
}

static bool
cap_symbols(struct app *a, struct job *j, struct no *n)
{
	const struct profile *p = &a->v.s[j->market].prof;

	if (intent_reduces(&j->in) || p->symbols[0] == '\0' || word_listed(p->symbols, j->in.symbol))
		return true;
	snprintf(n->limit, sizeof n->limit, "%s", p->symbols);
	snprintf(n->value, sizeof n->value, "%s", j->in.symbol);
	return no(n, FAULT_REJECTED, "symbols", 0, "symbol %s: profile %s trades only: %s", j->in.symbol,
	    p->name, p->symbols);
}

/* What the order may cost at most: at its own price, trigger or activation; a sell, and one without
 * either, fills at the mark or above. */
static bool
worth(const struct job *j, dec *out)
{
	dec price = dec_max(dec_max(j->in.price, j->in.trigger), j->in.activate);

	if (dec_sign(price) == 0 || j->in.side == SIDE_SELL)
		price = dec_max(price, j->mark);
	return dec_sign(price) > 0 && rules_notional(out, &j->rules, j->in.qty, price);
}

bool
cap_notional(struct app *a, struct job *j, struct no *n)
{
	const struct profile *p = &a->v.s[j->market].prof;
	dec cap = p->max_order_notional, v;

	if (intent_reduces(&j->in) || dec_sign(cap) == 0)
		return true;
	snprintf(n->value, sizeof n->value, "unknown");
	if (worth(j, &v)) {
		if (dec_cmp(v, cap) <= 0)
			return true;
		dec_print_short(v, n->value);
	}
	dec_print_short(cap, n->limit);
	return no(n, FAULT_REJECTED, "max_order_notional", 0, "notional %s: above max_order_notional %s of "
	    "profile %s", n->value, n->limit, p->name);
}

/* |price - mark| / mark in percent, at two decimals, rounded up: never shown nearer than it is. */
static bool
distance(dec *out, dec price, dec mark)
{
	dec d;

	return dec_sub(&d, price, mark) && dec_mul(&d, dec_abs(d), dec_int(100)) &&
	    dec_div(out, d, mark, 2, DEC_CEIL);
}

bool
cap_distance(struct app *a, struct job *j, struct no *n)
{
	const struct profile *p = &a->v.s[j->market].prof;
	const dec of[] = { j->in.price, j->in.trigger, j->in.activate };
	static const char *const name[] = { "price", "triggerPrice", "activatePrice" };
	dec d;

	if (intent_reduces(&j->in) || dec_sign(p->max_price_distance) == 0)
		return true;
	for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
		if (dec_sign(of[i]) == 0)
			continue;
		if (dec_sign(j->mark) > 0 && distance(&d, of[i], j->mark) && dec_cmp(d, p->max_price_distance) <= 0)
			continue;
		dec_print_short(of[i], n->value);
		dec_print_short(p->max_price_distance, n->limit);
		return no(n, FAULT_REJECTED, "max_price_distance", 0, "%s %s: further than max_price_distance %s %% of "
		    "profile %s from the mark price", name[i], n->value, n->limit, p->name);
	}
	return true;
}

static bool
cap_position(struct app *a, struct job *j, struct no *n)
{
	const struct profile *p = &a->v.s[j->market].prof;
	dec cap = p->max_position_notional, v;
	struct fault f = { 0 };

	if (intent_reduces(&j->in) || dec_sign(cap) == 0)
		return true;
	dec_print_short(cap, n->limit);
	if (held_after(a, j, cap, &v, &f) == -1)
		return no(n, f.kind, "max_position_notional", f.code, "the position of %s is not known: %s; "
		    "max_position_notional %s of profile %s", j->in.symbol, f.text, n->limit, p->name);
	if (dec_cmp(v, cap) <= 0)
		return true;
	dec_print_short(v, n->value);
	return no(n, FAULT_REJECTED, "max_position_notional", 0, "the position of %s could reach %s, above "
	    "max_position_notional %s of profile %s", j->in.symbol, n->value, n->limit, p->name);
}

question *const caps[] = { cap_symbols, cap_notional, cap_distance, cap_position, NULL };
