/* What an intent must pass before it is sent; a gate is one function, one row. */
#include <stdio.h>
#include <string.h>

#include "io/state.h"
#include "app.h"

#define REFRESH_MS	60000

/* Never twice: not in this run, not after a restart within a day. */
static bool
gate_new(struct app *a)
{
	const struct intent *in = &a->job.in;

	if (in->op != OP_PLACE || !seen_has(&a->seen, in->client_id))
		return true;
	return reject(a, FAULT_REJECTED, "duplicate-id", -4116, "", in->client_id,
	    "newClientOrderId %s: was sent before, by the journal; an order is sent once", in->client_id);
}

static bool
gate_latch(struct app *a)
{
	struct fault f = { 0 };
	char why[200] = "";
	int r;

	if (intent_reduces(&a->job.in))
		return true;
	r = latch_test(&a->s.prof, why, sizeof why, &f);
	if (r == 0)
		return true;
	return reject(a, FAULT_TRIPPED, "kill-latch", 0, "", "", "the kill latch of profile %s is set (%s); "
	    "only what reduces risk passes; bf-kill --reset clears it", a->s.prof.name, r == 1 ? why : f.text);
}

/* While an order may or may not stand, its risk is not known: no new one. */
static bool
gate_settled(struct app *a)
{
	if (a->unknown == 0 || intent_reduces(&a->job.in))
		return true;
	settle_again(a);
	if (a->unknown == 0)
		return true;
	return reject(a, FAULT_UNKNOWN, "unresolved", 0, "", "", "the outcome of %d earlier order%s is unknown; "
	    "until it is settled only what reduces risk passes; see bf-order recover",
	    a->unknown, a->unknown == 1 ? "" : "s");
}

/* The rules of the contract. What reduces risk goes without them if need be:
 * the exchange has the last word. */
static bool
gate_rules(struct app *a)
{
	struct job *j = &a->job;
	struct fault f = { 0 };

	if (xinfo_rules(&a->x, &a->s, j->in.symbol, &j->rules, &f) == 0) {
		j->known = true;
		return true;
	}
	if (f.code == -1121)
		return reject(a, FAULT_REJECTED, "symbol", f.code, "", j->in.symbol, "%s", f.text);
	if (!intent_reduces(&j->in))
		return refuse(a, &f);
	say(a, "%s; it reduces risk and goes without the check", f.text);
	return true;
}

static bool
gate_status(struct app *a)
{
	const struct job *j = &a->job;

	if (intent_reduces(&j->in) || strcmp(j->rules.status, "TRADING") == 0)
		return true;
	return reject(a, FAULT_REJECTED, "status", -1122, "TRADING", j->rules.status,
	    "symbol %s: its status is %s, not TRADING; only what reduces risk passes (-1122)",
	    j->in.symbol, j->rules.status);
}

/* The value on the grid base + k step, down or up; step 0: so many decimals. */
static bool
snap(dec *x, dec base, dec step, int decimals, bool up)
{
	dec d;

	if (dec_sign(step) <= 0) {
		if (decimals < 0 || dec_decimals(*x) <= decimals)
			return false;
		return dec_rescale(x, *x, decimals, up ? DEC_CEIL : DEC_FLOOR);
	}
	if (!dec_sub(&d, *x, base) || dec_is_multiple(d, step))
		return false;
	return (up ? dec_ceil(&d, d, step) : dec_floor(&d, d, step)) && dec_add(x, base, d);
}

static void
rounded(const struct app *a, const char *field, char text[static DEC_STR], dec d)
{
	char now[DEC_STR];

	dec_print_short(d, now);
	if (a->words)
		say(a, "%s %s rounded to %s", field, text, now);
	else
		say(a, "line %llu: %s %s rounded to %s", a->line, field, text, now);
	memcpy(text, now, DEC_STR);
}

/* --round: never more, and never at a worse price, than was asked for. */
static bool
gate_round(struct app *a)
{
	struct job *j = &a->job;
	const struct rules *r = &j->rules;
	bool market = strcmp(j->in.type, "MARKET") == 0 && dec_sign(r->mkt_step) > 0;

	if (!a->p.round || !j->known || j->in.op != OP_PLACE)
		return true;
	if (snap(&j->in.qty, market ? r->mkt_min_qty : r->min_qty, market ? r->mkt_step : r->step,
	    r->qty_precision, false)) {
		rounded(a, "quantity", j->in.qty_s, j->in.qty);
		j->new_qty = true;
	}
	if (j->in.price_s[0] != '\0' &&
	    snap(&j->in.price, r->min_price, r->tick, r->price_precision, j->in.side == SIDE_SELL)) {
		rounded(a, "price", j->in.price_s, j->in.price);
		j->new_price = true;
	}
	if (j->new_qty || j->new_price)
		compose(j);
	return true;
}

/* Only for what adds risk: an exit does not wait for a price. */
static bool
gate_mark(struct app *a)
{
	struct job *j = &a->job;
	struct fault f = { 0 };

	if (intent_reduces(&j->in) || mark_price(&a->marks, &a->s, j->in.symbol, &j->mark, &f) == 0)
		return true;
	return refuse(a, &f);
}

static bool
gate_filters(struct app *a)
{
	const struct job *j = &a->job;
	const struct rules_order o = {
		.side = j->in.side, .market = strcmp(j->in.type, "MARKET") == 0,
		.reduce = intent_reduces(&j->in), .price = j->in.price, .qty = j->in.qty
	};
	struct finding fi[FINDINGS_MAX];
	char msg[1000] = "", one[200];
	size_t len = 0;
	int n;

	if (!j->known || j->in.op != OP_PLACE || (n = rules_check(&j->rules, &o, j->mark, fi)) == 0)
		return true;
	for (int i = 0; i < n && len < sizeof msg; i++) {
		finding_text(&fi[i], one, sizeof one);
		len += (size_t)snprintf(msg + len, sizeof msg - len, "%s%s", i > 0 ? "; " : "", one);
	}
	return reject(a, FAULT_REJECTED, fi[0].rule, fi[0].code, fi[0].limit, fi[0].value, "%s", msg);
}

static bool
listed(const char *words, const char *word)
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
gate_symbols(struct app *a)
{
	const struct intent *in = &a->job.in;
	const char *cap = a->s.prof.symbols;

	if (intent_reduces(in) || cap[0] == '\0' || listed(cap, in->symbol))
		return true;
	return reject(a, FAULT_REJECTED, "symbols", 0, cap, in->symbol,
	    "symbol %s: profile %s trades only: %s", in->symbol, a->s.prof.name, cap);
}

/* What the order may cost at most: a sell fills at its price or above. */
static bool
worth(const struct job *j, dec *out)
{
	dec price = j->in.price;

	if (dec_sign(price) == 0 || j->in.side == SIDE_SELL)
		price = dec_max(price, j->mark);
	return dec_sign(price) > 0 && dec_mul(out, price, j->in.qty);
}

static bool
gate_notional(struct app *a)
{
	const struct job *j = &a->job;
	dec cap = a->s.prof.max_order_notional, n;
	char limit[DEC_STR], value[DEC_STR] = "unknown";

	if (intent_reduces(&j->in) || dec_sign(cap) == 0)
		return true;
	dec_print_short(cap, limit);
	if (worth(j, &n)) {
		if (dec_cmp(n, cap) <= 0)
			return true;
		dec_print_short(n, value);
	}
	return reject(a, FAULT_REJECTED, "max_order_notional", 0, limit, value,
	    "notional %s: above max_order_notional %s of profile %s", value, limit, a->s.prof.name);
}

/* Measured now if it must be, and not between the last look at the latch and
 * the order. */
static bool
gate_clock(struct app *a)
{
	struct fault f = { 0 };

	return a->p.dry_run || session_sync(&a->s, false, &f) == 0 || refuse(a, &f);
}

/* The latch is looked at first, for a clear answer, and last, just before the
 * order leaves: asking for rules and prices takes time. */
static bool (*const gates[])(struct app *) = {
	gate_new, gate_latch, gate_settled, gate_rules, gate_status, gate_symbols, gate_round,
	gate_mark, gate_filters, gate_notional, gate_clock, gate_latch
};

bool
gate(struct app *a)
{
	for (size_t i = 0; i < sizeof gates / sizeof *gates; i++)
		if (!gates[i](a))
			return false;
	return true;
}

/* Codes of filters: the exchange's differ from those we hold. */
void
refresh_rules(struct app *a, int code)
{
	static const int codes[] = { -1111, -4001, -4002, -4003, -4004, -4005, -4013, -4014, -4016,
		-4023, -4024, -4131, -4164 };
	struct fault f;
	size_t i;

	for (i = 0; i < sizeof codes / sizeof *codes && codes[i] != code; i++)
		;
	if (i == sizeof codes / sizeof *codes ||
	    (a->refreshed_ms != 0 && clock_mono_ms() - a->refreshed_ms < REFRESH_MS))
		return;
	a->refreshed_ms = clock_mono_ms();
	if (xinfo_get(&a->x, &a->s, true, &f) == -1)
		say(a, "exchangeInfo: %s", f.text);
}
