/* What an intent must pass before it is sent; a gate is one function, one row. */
#include <stdio.h>
#include <string.h>

#include "io/latch.h"
#include "gate_in.h"

#define REFRESH_MS	60000		/* between readings of exchangeInfo that a refusal asks for */
#define LATCH_LOOK_MS	50		/* how long a look at the latch serves for saying no early */
#define TILL_LEAST_MS	600000		/* the exchange takes a goodTillDate later than this from now */
#define JUDGED_MS	1000		/* a judgement older than this is made again before sending */

bool
no(struct no *n, enum fault_kind kind, const char *rule, int code, const char *fmt, ...)
{
	va_list ap;

	n->kind = kind;
	n->rule = rule;
	n->code = code;
	va_start(ap, fmt);
	vsnprintf(n->text, sizeof n->text, fmt, ap);
	va_end(ap);
	return false;
}

/* Never twice: not in this run, not after a restart within a day. */
static bool
is_new(struct app *a, struct job *j, struct no *n)
{
	if (j->in.op != OP_PLACE || !seen_has(&a->seen, j->in.client_id))
		return true;
	snprintf(n->value, sizeof n->value, "%s", j->in.client_id);
	return no(n, FAULT_REJECTED, "duplicate-id", -4116, "newClientOrderId %s: was sent before, by the journal; "
	    "an order is sent once", j->in.client_id);
}

/* What adds to a long position buys, and what adds to a short one sells, in either mode: the side of the
 * order is that of the latch. A modification may not say its side: then by that of either. */
static bool
not_latched(struct app *a, struct job *j, struct no *n)
{
	const struct profile *p = &a->v.s[MARKET_USDM].prof;
	struct fault f = { 0 };
	char why[200] = "";
	int r;

	if (!a->v.open[MARKET_USDM])
		p = &a->v.s[MARKET_COINM].prof;
	if (intent_reduces(&j->in))
		return true;
	if ((r = latch_test_for(p, j->in.symbol, j->in.side, why, sizeof why, &f)) == 0) {
		a->unlatched_ms = clock_mono_ms();
		return true;
	}
	return no(n, FAULT_TRIPPED, "kill-latch", 0, "the kill latch of profile %s is set (%s); "
	    "only what reduces risk passes; bf-kill --reset --reason TEXT clears it", p->name, r == 1 ? why : f.text);
}

/* While an order may or may not stand, its risk is not known: no new one. */
static bool
all_settled(struct app *a, struct job *j, struct no *n)
{
	int k = desk_unknown(a->desk);

	if (k == 0 || intent_reduces(&j->in))
		return true;
	return no(n, FAULT_UNKNOWN, "unresolved", 0, "the outcome of %d earlier order%s is unknown; "
	    "until it is settled only what reduces risk passes; see bf-order recover", k, k == 1 ? "" : "s");
}

/* A strategy that loops is not helped by being refused at the exchange's cost. */
static bool
not_repeated(struct app *a, struct job *j, struct no *n)
{
	int64_t left;
	int code;

	if (intent_reduces(&j->in) || !repeats(&a->repeats, &j->in, clock_mono_ms(), &code, &left))
		return true;
	return no(n, FAULT_REJECTED, "repeated", code, "the exchange has refused this same order %d times for the same "
	    "reason (%d); it is not sent again for %lld ms", REPEATS_MAX, code, (long long)left);
}

static bool
is_trading(struct app *a, struct job *j, struct no *n)
{
	(void)a;
	if (intent_reduces(&j->in) || !j->known || strcmp(j->rules.status, "TRADING") == 0)
		return true;
	snprintf(n->limit, sizeof n->limit, "TRADING");
	snprintf(n->value, sizeof n->value, "%s", j->rules.status);
	return no(n, FAULT_REJECTED, "status", -1122, "symbol %s: its status is %s, not TRADING; only what "
	    "reduces risk passes (-1122)", j->in.symbol, j->rules.status);
}

/*
 * The contract
 */

/* Its market and rules. What reduces risk goes without rules if need be: the exchange has
 * the last word. */
static bool
gate_rules(struct app *a)
{
	struct job *j = a->job;
	struct fault f = { 0 };

	if (rules_known(a, j, &f) == 0) {
		j->known = true;
		return true;
	}
	if (f.code == -1121)
		return reject(a, FAULT_REJECTED, "symbol", f.code, "", j->in.symbol, "%s", f.text);
	if (!intent_reduces(&j->in))
		return refuse(a, &f);
	j->known = rules_for_exit(a, j);
	say(a, "%s; it reduces risk and goes%s", f.text, j->known ? "" : " without the check");
	return venue_session(&a->v, j->market, &f) != NULL || refuse(a, &f);
}

static void
rounded(struct app *a, const char *field, const char *was, dec d)
{
	char now[DEC_STR];

	dec_print_short(d, now);
	if (a->words)
		say(a, "%s %s rounded to %s", field, was, now);
	else
		say(a, "line %llu: %s %s rounded to %s", a->line, field, was, now);
}

static void
take_rounded(struct app *a, const char *name, char text[static DEC_STR], dec *to, dec now)
{
	rounded(a, name, text, now);
	*to = now;
	dec_print_short(now, text);
	job_change(a->job, name, text);
}

static struct rules_order
as_rules(const struct intent *in)
{
	return (struct rules_order){
		.side = in->side, .market = intent_is_market(in), .reduce = intent_reduces(in),
		.modify = in->op == OP_MODIFY, .price = in->price, .qty = in->qty,
		.trigger = dec_sign(in->trigger) != 0 ? in->trigger : in->activate,
		.activate = dec_sign(in->trigger) == 0 && dec_sign(in->activate) != 0
	};
}

static const char *
trigger_name(const struct app *a)
{
	const struct job *j = a->job;
	dec d;

	/* an old name whose value is 0 says nothing: the new one is there too */
	if (dec_sign(j->in.trigger) == 0)
		return scan_get_dec(j->t, j->v, "activationPrice", &d) && dec_sign(d) != 0 ? "activationPrice" : "activatePrice";
	return scan_get_dec(j->t, j->v, "stopPrice", &d) && dec_sign(d) != 0 ? "stopPrice" : "triggerPrice";
}

/* What an order's time in force asks of the market and of the clock. */
static bool
fits_time(struct app *a, struct job *j, struct no *n)
{
	int64_t least = session_now(&a->v.s[j->market]) + TILL_LEAST_MS;
	const struct intent *in = &j->in;

	if (in->op != OP_PLACE)
		return true;
	if (j->market == MARKET_COINM && !in->algo && (strcmp(in->tif, "GTD") == 0 || strcmp(in->tif, "RPI") == 0)) {
		snprintf(n->limit, sizeof n->limit, "GTC IOC FOK GTX");
		snprintf(n->value, sizeof n->value, "%s", in->tif);
		return no(n, FAULT_REJECTED, "timeInForce", -1115, "timeInForce %s: orders of COIN-M take GTC, IOC, FOK "
		    "or GTX (-1115)", in->tif);
	}
	if (in->good_till_ms == 0 || in->good_till_ms > least || !a->v.s[j->market].off.known)
		return true;
	snprintf(n->limit, sizeof n->limit, "%lld", (long long)least + 1000);
	snprintf(n->value, sizeof n->value, "%lld", (long long)in->good_till_ms);
	return no(n, FAULT_REJECTED, "goodTillDate", -5040, "goodTillDate %s: must be more than 600 s from now; nearest %s "
	    "(-5040)", n->value, n->limit);
}

/* --round: never more, and never at a worse price, than was asked for. */
static bool
gate_round(struct app *a)
{
	struct intent *in = &a->job->in;
	struct rules_order o = as_rules(in);
	struct rounded did = { false, false, false };

	if (!a->p.round || !a->job->known || (in->op != OP_PLACE && in->op != OP_MODIFY) ||
	    !rules_round(&a->job->rules, &o, strncmp(in->type, "STOP", 4) == 0, &did))
		return true;
	if (did.qty)
		take_rounded(a, "quantity", in->qty_s, &in->qty, o.qty);
	if (did.price)
		take_rounded(a, "price", in->price_s, &in->price, o.price);
	if (did.trigger && dec_sign(in->trigger) != 0)
		take_rounded(a, trigger_name(a), in->trigger_s, &in->trigger, o.trigger);
	else if (did.trigger)
		take_rounded(a, trigger_name(a), in->activate_s, &in->activate, o.trigger);
	return true;
}

/* Only for what adds risk: an exit does not wait for a price. */
static bool
gate_mark(struct app *a)
{
	struct job *j = a->job;
	struct fault f = { 0 };

	return intent_reduces(&j->in) || mark_price(&a->marks, &a->v.s[j->market], j->in.symbol, &j->mark, &f) == 0 ||
	    refuse(a, &f);
}

static bool
gate_filters(struct app *a)
{
	const struct job *j = a->job;
	const struct rules_order o = as_rules(&j->in);
	struct finding fi[FINDINGS_MAX];
	char msg[1600] = "", one[200];
	size_t len = 0;
	int n;

	if (!j->known || (j->in.op != OP_PLACE && j->in.op != OP_MODIFY) ||
	    (n = rules_check(&j->rules, &o, j->mark, fi)) == 0)
		return true;
	for (int i = 0; i < n && len < sizeof msg; i++) {
		finding_text(&fi[i], one, sizeof one);
		len += (size_t)snprintf(msg + len, sizeof msg - len, "%s%s", i > 0 ? "; " : "", one);
	}
	return reject(a, FAULT_REJECTED, fi[0].rule, fi[0].code, fi[0].limit, fi[0].value, "%s", msg);
}

/*
 * All of them
 */

static bool
ask(struct app *a, question *check)
{
	struct no n;		/* large: not all of it is cleared for each gate */

	n.limit[0] = n.value[0] = '\0';
	return check(a, a->job, &n) ||
	    reject(a, n.kind, n.rule, n.code, n.limit, n.value, "%s", n.text);
}

static bool gate_new(struct app *a) { return ask(a, is_new); }
static bool gate_repeated(struct app *a) { return ask(a, not_repeated); }
static bool gate_trading(struct app *a) { return ask(a, is_trading); }
static bool gate_time(struct app *a) { return ask(a, fits_time); }

/* To say no early. What counts is the look just before it leaves (gate_last); where orders
 * follow each other closely, that of the one before serves here. */
static bool
gate_latch(struct app *a)
{
	if (!a->p.dry_run && a->unlatched_ms != 0 && clock_mono_ms() - a->unlatched_ms < LATCH_LOOK_MS)
		return true;
	return ask(a, not_latched);
}

static bool
gate_settled(struct app *a)
{
	struct fault f = { 0 };

	if (intent_reduces(&a->job->in))
		return true;
	if (!a->p.test && settle_late(a, &f) == -1)
		return refuse(a, &f);
	if (desk_unknown(a->desk) > 0)
		settle_again(a);
	return ask(a, all_settled);
}

static bool
gate_caps(struct app *a)
{
	for (int i = 0; caps[i] != NULL; i++)
		if (!ask(a, caps[i]))
			return false;
	return true;
}

static bool (*const gates[])(struct app *) = {
	gate_new, gate_latch, gate_settled, gate_rules, fit_mode, fit_modify, gate_trading, gate_time, gate_round,
	gate_repeated, gate_mark, gate_filters, gate_caps
};

bool
gate(struct app *a)
{
	int changes = a->job->nchange;

	for (size_t i = 0; i < sizeof gates / sizeof *gates; i++) {
		if (!gates[i](a))
			return false;
		if (a->job->nchange != changes)
			job_compose(a->job);
		changes = a->job->nchange;
	}
	if (!a->job->text.bad)
		return true;
	return refuse(a, &(struct fault){ .kind = FAULT_LOCAL, .text = "out of memory; nothing was sent" });
}

/* The latch last, just before it leaves; and once more what depends on the price, if it had to
 * wait for its turn. */
int
gate_last(struct job *j, struct fault *f)
{
	static question *const last[] = {
		not_latched, all_settled, not_repeated, cap_notional, cap_distance
	};
	enum { OF_PRICE = 3 };	/* from there on they depend on it */
	bool old = clock_mono_ms() - j->judged_ms > JUDGED_MS;
	struct app *a = j->a;
	struct no n = { 0 };

	if (intent_reduces(&j->in))
		return 0;
	if (old && mark_price(&a->marks, &a->v.s[j->market], j->in.symbol, &j->mark, f) == -1)
		return -1;
	for (size_t i = 0; i < sizeof last / sizeof *last; i++) {
		if ((i >= OF_PRICE && !old) || last[i](a, j, &n))
			continue;
		j->rule = n.rule;
		fault_set(f, n.kind, "%s", n.text);
		f->code = n.code;
		return -1;
	}
	return 0;
}

/* Codes of filters and of a symbol that does not trade: the exchange's rules differ from
 * those we hold. */
void
refresh_rules(struct app *a, enum market m, int code)
{
	static const int codes[] = { -1111, -1121, -1122, -4001, -4002, -4003, -4004, -4005, -4006, -4007, -4013,
		-4014, -4016, -4023, -4024, -4131, -4140, -4141, -4164, -4178, -4183, -4184, -4210, -4211, -5029 };
	struct fault f;
	size_t i;

	for (i = 0; i < sizeof codes / sizeof *codes && codes[i] != code; i++)
		;
	if (i == sizeof codes / sizeof *codes ||
	    (a->refreshed_ms[m] != 0 && clock_mono_ms() - a->refreshed_ms[m] < REFRESH_MS))
		return;
	a->refreshed_ms[m] = clock_mono_ms();
	rules_forget(a);
	if (xinfo_get(&a->v.x[m], &a->v.s[m], true, &f) == -1)
		say(a, "exchangeInfo: %s", f.text);
}
