/*
 * The exchange's countdown: it cancels the open orders of a symbol unless it is told again in time. Kept
 * alive here at less than a third of the period, as long as all is well; when it is not, nothing is told,
 * and the exchange does its part. It knows neither positions nor conditional orders.
 *
 * Which symbols have open orders is read from the lists of orders, which weigh 40, now and then only;
 * between those from what margin the open orders of a symbol take, which weighs 5. Orders that only reduce
 * take none.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/notify.h"
#include "kill.h"

#define ANEW_MS		1000	/* after a refresh that failed, or a check */
#define ORDERS_MS	30000	/* between two readings of the lists of orders; of those that fail: */
#define ORDERS_ANEW_MS	5000
#define MARGINS_MS	3000	/* between two readings of margins */
#define DEAR		800	/* weight a minute that is worth a word */
#define SHARE		3	/* tenths of the period from one refresh to the next */

struct armed { enum market m; char symbol[SYMBOL_MAX]; bool ok, latched; int64_t ok_ms; };

enum stage { REST, READING, ARMING };

struct deadman {
	enum stage	 stage;
	int64_t		 due_ms, round_ms;	/* monotonic: the next refresh; when this one began */
	int64_t		 orders_ms, margins_ms;	/* monotonic: not read again before */
	struct armed	*v;
	int		 n, cap, told;		/* told: so many the last record named */
	struct ask	*k;
	int		 nk;
	bool		 failing, bad;		/* bad: something of this round failed */
	bool		 heard;			/* a list of this round was answered */
	struct fault	 why;
};

void
deadman_free(struct deadman *d)
{
	if (d == NULL)
		return;
	ask_free(d->k, d->nk);
	free(d->k);
	free(d->v);
	free(d);
}

static void
add_symbol(struct app *a, enum market m, const char *symbol)
{
	struct deadman *d = a->dm;
	struct armed *p;
	int cap = d->cap == 0 ? 16 : d->cap * 2;

	for (int i = 0; i < d->n; i++)
		if (d->v[i].m == m && strcmp(d->v[i].symbol, symbol) == 0)
			return;
	if (d->n == d->cap) {
		if ((p = realloc(d->v, (size_t)cap * sizeof *p)) == NULL) {
			d->bad = true;
			fault_set(&d->why, FAULT_LOCAL, "out of memory");
			return;
		}
		d->v = p;
		d->cap = cap;
	}
	d->v[d->n] = (struct armed){ .m = m };
	snprintf(d->v[d->n++].symbol, SYMBOL_MAX, "%s", symbol);
}

/* Those that were named are armed whether or not they have orders. */
static int
add_named(struct app *a, struct fault *f)
{
	struct rules r;

	for (int i = 0; i < a->scope.n; i++) {
		int before = a->dm->n;

		for (int k = 0; k < a->nmarket; k++) {
			struct xinfo *x = &a->x[a->market[k]];

			if (xinfo_there(x) && rules_find(&r, x->doc.t, x->doc.t, a->scope.symbol[i], f) == 0)
				add_symbol(a, a->market[k], a->scope.symbol[i]);
		}
		if (a->dm->n == before)
			return fault_set(f, FAULT_USAGE, "--symbol %s: not listed", a->scope.symbol[i]);
	}
	return 0;
}

/*
 * What is said
 */

static void
put_refresh(struct app *a, const char *what, const struct fault *f)
{
	const struct deadman *d = a->dm;

	step(a, "deadman");
	jw_str(&a->rec, "outcome", what);
	jw_i64(&a->rec, "countdownMs", a->deadman_s * 1000);
	jw_open(&a->rec, "symbols", '[');
	for (int i = 0; i < d->n; i++)
		if (d->v[i].ok)
			jw_str(&a->rec, NULL, d->v[i].symbol);
	jw_close(&a->rec, ']');
	jw_open(&a->rec, "notCovered", '[');
	jw_str(&a->rec, NULL, "positions");
	jw_str(&a->rec, NULL, "algoOrders");
	jw_close(&a->rec, ']');
	if (f != NULL)
		step_fault(a, f);
	emit(a);
}

static void
failed(struct app *a, const struct fault *f)
{
	struct deadman *d = a->dm;
	int64_t least = INT64_MAX, now = clock_mono_ms(), left;

	for (int i = 0; i < d->n; i++)
		if (d->v[i].ok_ms != 0 && (left = d->v[i].ok_ms + a->deadman_s * 1000 - now) < least)
			least = left > 0 ? left : 0;
	if (least == INT64_MAX)
		say(a, "COUNTDOWN NOT REFRESHED: %s; none is running", f->text);
	else
		say(a, "COUNTDOWN NOT REFRESHED: %s; the exchange cancels in %lld ms", f->text, (long long)least);
	see(a, f);
	put_refresh(a, "failed", f);
	notify_status("COUNTDOWN NOT REFRESHED: %s", f->text);
	d->failing = true;
	d->why = *f;
}

/* What the countdowns cost of the minute's weight. */
static void
say_weight(const struct app *a)
{
	long weight = a->dm->n * 10 * 600 / (SHARE * a->deadman_s);

	if (weight > DEAR)
		say(a, "the countdowns of %d symbols take %ld of the weight of a minute; a longer one takes less", a->dm->n,
		    weight);
}

/* The service manager's watchdog hangs on the exchange's word: a countdown acknowledged or, while no order is
 * open, the answer that says so. A round in which nothing was asked is no sign of life. */
static void
give_sign(const struct deadman *d)
{
	if (d->nk == 0 && (d->n > 0 || !d->heard))
		return;
	notify_ready();
	notify_alive();
}

static void
succeeded(struct app *a)
{
	struct deadman *d = a->dm;

	give_sign(d);
	if (d->failing || d->told != d->n)
		notify_status("countdown of %ld s kept for %d symbol%s", a->deadman_s, d->n, d->n == 1 ? "" : "s");
	if (d->failing || d->told != d->n)
		put_refresh(a, "armed", NULL);
	if (d->told != d->n)
		say_weight(a);
	if (d->failing)
		say(a, "the countdown is refreshed again");
	d->failing = false;
	d->told = d->n;
}

/*
 * A round
 */

static void
got_orders(struct ask *k, const struct tok *t, const struct tok *list)
{
	char symbol[SYMBOL_MAX];
	const struct tok *o;

	if (list->kind != SCAN_ARR) {
		fault_set(&k->f, FAULT_UNKNOWN, "openOrders: the answer is no list");
		return;
	}
	for (o = scan_first(list); o != NULL; o = scan_next(t, list, o))
		if (scan_get_str(t, o, "symbol", symbol, sizeof symbol) && scope_symbol(&k->a->scope, symbol))
			add_symbol(k->a, k->m, symbol);
}

/* Of one symbol. What is not said is taken as there. */
static bool
may_have_orders(const struct tok *t, const struct tok *v)
{
	dec amt, margin;

	return !scan_get_dec(t, v, "positionAmt", &amt) || !scan_get_dec(t, v, "openOrderInitialMargin", &margin) ||
	    dec_sign(margin) != 0;
}

static void
got_margins(struct ask *k, const struct tok *t, const struct tok *v)
{
	const struct tok *list = v->kind == SCAN_OBJ ? scan_get(t, v, "positions") : v, *o;
	char symbol[SYMBOL_MAX];

	if (list == NULL || list->kind != SCAN_ARR) {
		fault_set(&k->f, FAULT_UNKNOWN, "%s: the answer has no list", endpoint(k->ep)->path[k->m]);
		return;
	}
	for (o = scan_first(list); o != NULL; o = scan_next(t, list, o))
		if (may_have_orders(t, o) && scan_get_str(t, o, "symbol", symbol, sizeof symbol))
			add_symbol(k->a, k->m, symbol);
}

static bool
room(struct deadman *d, int n)
{
	ask_free(d->k, d->nk);
	free(d->k);
	d->nk = 0;
	return (d->k = calloc((size_t)n + 1, sizeof *d->k)) != NULL;
}

static void
begin_reading(struct app *a)
{
	struct deadman *d = a->dm;
	bool orders = d->round_ms >= d->orders_ms;

	d->stage = READING;
	if (!room(d, MARKETS) || a->scope.n > 0 || (!orders && d->round_ms < d->margins_ms))
		return;
	d->margins_ms = d->round_ms + MARGINS_MS;
	if (orders)
		d->orders_ms = d->round_ms + ORDERS_ANEW_MS;
	for (int i = 0; i < a->nmarket; i++) {
		enum market m = a->market[i];

		if (a->open[m])
			d->k[d->nk++] = (struct ask){ .a = a, .m = m, .got = orders ? got_orders : got_margins,
			    .ep = orders ? EP_OPEN_ORDERS : m == MARKET_USDM ? EP_POSITION_RISK : EP_ACCOUNT };
	}
}

/* A symbol with a latch of its own is not kept alive; one of a side is, for the countdown knows no sides. */
static bool
is_latched(struct app *a, struct armed *v)
{
	const struct latch_scope sc = { v->symbol, 0 };
	struct fault f = { 0 };
	char why[160] = "";
	int r = latch_test_one(&a->prof, &sc, why, sizeof why, &f);

	if (r != 0 && !v->latched)
		say(a, "%s: its latch is set (%s): its countdown is NOT refreshed, and the exchange cancels its orders",
		    v->symbol, r == 1 ? why : f.text);
	v->latched = r != 0;
	return v->latched;
}

static void
begin_arming(struct app *a, int64_t ms)
{
	struct deadman *d = a->dm;

	d->stage = ARMING;
	if (!room(d, d->n))
		return;
	for (int i = 0; i < d->n; i++) {
		struct ask *k;

		d->v[i].ok = false;
		if (is_latched(a, &d->v[i]))
			continue;
		k = &d->k[d->nk++];
		*k = (struct ask){ .a = a, .m = d->v[i].m, .ep = EP_COUNTDOWN, .what = i };
		buf_str(&k->q, "symbol=");
		query_escape(&k->q, d->v[i].symbol);
		buf_printf(&k->q, "&countdownTime=%lld", (long long)ms);
	}
}

static void
take_faults(struct app *a)
{
	struct deadman *d = a->dm;

	for (int i = 0; i < d->nk; i++)
		if (d->k[i].f.kind != FAULT_NONE) {
			d->bad = true;
			d->why = d->k[i].f;
		}
}

static void
end_reading(struct app *a)
{
	struct deadman *d = a->dm;

	take_faults(a);		/* those that are known are told all the same */
	d->heard = !d->bad && d->nk > 0;
	if (!d->bad && d->nk > 0 && d->k[0].ep == EP_OPEN_ORDERS)
		d->orders_ms = d->round_ms + ORDERS_MS;
	begin_arming(a, a->deadman_s * 1000);
}

static void
end_arming(struct app *a)
{
	struct deadman *d = a->dm;
	struct fault f;

	take_faults(a);
	for (int i = 0; i < d->nk; i++) {
		struct armed *v = &d->v[d->k[i].what];

		v->ok = d->k[i].f.kind == FAULT_NONE;
		if (v->ok)
			v->ok_ms = d->round_ms;	/* it runs from later on, in truth */
	}
	d->stage = REST;
	d->due_ms = d->round_ms + a->deadman_s * 100 * SHARE;
	f = d->why;
	if (d->bad)
		failed(a, &f);
	else
		succeeded(a);
	if (d->bad && d->due_ms > clock_mono_ms() + ANEW_MS)
		d->due_ms = clock_mono_ms() + ANEW_MS;
}

/* Whether all is well: the latch, the clock, the records. That the exchange answers shows by itself. */
static bool
all_well(struct app *a, bool fed, struct fault *f)
{
	char why[160] = "";
	int held = latch_test(&a->prof, why, sizeof why, f);

	if (held == -1)
		return false;
	if (held == 1)
		fault_set(f, FAULT_TRIPPED, "the kill latch is set (%s)", why);
	else if (!fed)
		fault_set(f, FAULT_AGAIN, "no record has come for %ld s", a->deadman_s);
	else
		return session_sync(&a->s[a->market[0]], false, f) == 0;
	return false;
}

static void
begin_round(struct app *a, bool fed)
{
	struct deadman *d = a->dm;
	struct fault f = { 0 };

	d->round_ms = clock_mono_ms();
	d->bad = false;
	if (all_well(a, fed, &f)) {
		begin_reading(a);
		return;
	}
	if (!d->failing || strcmp(d->why.text, f.text) != 0)
		failed(a, &f);
	d->due_ms = d->round_ms + ANEW_MS;
}

void
deadman_turn(struct app *a, bool fed, struct pollfd *p, int np, int timeout_ms)
{
	struct deadman *d = a->dm;
	int64_t left = d->due_ms - clock_mono_ms();

	if (d->stage == REST && left <= 0)
		begin_round(a, fed);
	if (d->stage == REST) {
		left = d->due_ms - clock_mono_ms();
		(void)ask_turn(a, NULL, 0, p, np, left < 0 ? 0 : left < timeout_ms ? (int)left : timeout_ms);
		return;
	}
	if (ask_turn(a, d->k, d->nk, p, np, d->nk > 0 ? timeout_ms : 0) > 0)
		return;
	if (d->stage == ARMING) {
		end_arming(a);
		return;
	}
	end_reading(a);
}

/* Without a symbol named, a round may ask nothing for as long as the lists are not read again. */
int
deadman_check(const struct app *a, struct fault *f)
{
	int64_t every = a->deadman_s * 100 * SHARE;
	char what[40];

	if (a->deadman_s == 0)
		return !notify_watched() ? 0 : fault_set(f, FAULT_USAGE, "WATCHDOG_USEC: signs of life are of --deadman: "
		    "take WatchdogSec= out of the unit");
	snprintf(what, sizeof what, "--deadman %ld", a->deadman_s);
	return notify_check(what, a->scope.n == 0 && every < MARGINS_MS ? every + MARGINS_MS : every, f);
}

int
deadman_open(struct app *a, struct fault *f)
{
	if ((a->dm = calloc(1, sizeof *a->dm)) == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	a->dm->told = -1;
	if (add_named(a, f) == -1)
		return -1;
	say(a, "the countdown of %ld s cancels open orders%s if bf-kill stops refreshing it; "
	    "it does NOT cover positions, nor conditional (algo) orders", a->deadman_s,
	    a->scope.n > 0 ? " of the symbols named" : "");
	return 0;
}

int
deadman_end(struct app *a)
{
	struct deadman *d = a->dm;
	struct fault f = { 0 };

	notify_stopping();
	if (d->n == 0)
		return fault_status(d->failing ? d->why.kind : FAULT_NONE);
	if (!a->disarm) {
		say(a, "the countdowns run on: within %ld s the exchange cancels the open orders of %d symbol%s", a->deadman_s,
		    d->n, d->n == 1 ? "" : "s");
		return fault_status(d->failing ? d->why.kind : FAULT_NONE);
	}
	trader_stop = 0;	/* this much is still done */
	a->end_ms = clock_mono_ms() + a->timeout_ms;
	d->bad = false;
	begin_arming(a, 0);
	ask_all(a, d->k, d->nk);
	take_faults(a);
	f = d->why;
	put_refresh(a, d->bad ? "failed" : "disarmed", d->bad ? &f : NULL);
	say(a, d->bad ? "the countdowns could NOT all be disarmed: %s" : "the countdowns are disarmed%s", d->bad ? f.text : "");
	return fault_status(d->bad ? f.kind : FAULT_NONE);
}
