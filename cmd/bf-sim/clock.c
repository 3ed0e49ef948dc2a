/* The frame of every changing call, and what time brings. */
#include "state.h"

#define HOUR_MS		INT64_C(3600000)
#define ADL_MS		INT64_C(30000)	/* quantiles are renewed so often: section 14 */

void
eng_start(struct engine *e, int64_t now_ms)
{
	e->started = true;
	e->now = now_ms;
	e->next_adl = now_ms;
	e->next_forget = (now_ms / HOUR_MS + 1) * HOUR_MS;
	for (int i = 0; i < e->nsym; i++)
		fund_start(e, e->sym[i]);
}

/*
 * The frame of every changing call
 */

static void
begin_time(struct engine *e, int64_t now_ms)
{
	if (!e->started)
		eng_start(e, now_ms);
	if (e->unpadded)
		restore_pad(e);
}

int
eng_begin(struct engine *e, int acct, int sym, int64_t now_ms, struct fault *f)
{
	if ((acct != -1 && eng_acct(e, acct) == NULL) || (sym != -1 && eng_sym(e, sym) == NULL))
		return eng_misuse(f, "no such account or symbol");
	return engine_tick(e, now_ms, f);
}

/* What a change of positions leaves behind, until nothing is left. Liquidations
 * change positions of others again. */
static void
settle_all(struct engine *e)
{
	struct hold *h;
	struct acct *a;
	int i;

	while (!e->bad && (e->touched != NULL || e->ndue > 0)) {
		while (!e->bad && (h = e->touched) != NULL) {
			e->touched = h->touched_next;
			h->touched = false;
			order_sweep(e, h);
			algo_sweep(e, h);
		}
		for (i = 0; i < e->ndue && !e->bad; i++) {	/* the list may grow */
			a = e->due_accts[i];
			a->due = false;
			liq_check(e, a);
		}
		e->ndue = 0;
	}
}

int
eng_finish(struct engine *e, struct fault *f)
{
	struct sym *s;

	settle_all(e);
	while (!e->bad && (s = e->changed) != NULL) {
		e->changed = s->changed_next;
		s->changed = false;
		book_publish(e, s);
	}
	return eng_sound(e, f);
}

/*
 * Time
 */

static int64_t
earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Liquidations that waited: few, and seldom, so all accounts are asked. */
static void
run_liquidations(struct engine *e)
{
	for (int i = 0; i < e->nacct; i++)
		eng_due(e, e->acct[i]);
}

/* One after the other, each with all its consequences at its own time; of the
 * same time orders end before funding is paid, and that before liquidations. */
static void
catch_up(struct engine *e, int64_t now_ms)
{
	int64_t timer, fund, liq, t, last = INT64_MIN;

	while (!e->bad) {
		timer = timer_due(e);
		fund = fund_due(e);
		if ((liq = liq_due(e)) <= last)	/* looked at, and still waiting */
			liq = INT64_MAX;
		if ((t = earlier(timer, earlier(fund, liq))) > now_ms)
			break;
		if (t > e->now)
			e->now = t;
		if (timer == t) {
			timer_run(e, e->now);
		} else if (fund == t) {
			fund_run(e, now_ms);
		} else {
			last = t;
			run_liquidations(e);
		}
		eng_finish(e, NULL);
	}
}

/* Nobody can tell how often this was done in between: once is enough. */
static void
keep_house(struct engine *e)
{
	if (e->next_adl <= e->now) {
		if (e->nheld > 0)
			adl_rank(e);
		e->next_adl = (e->now / ADL_MS + 1) * ADL_MS;
	}
	if (e->next_forget <= e->now) {
		order_forget(e);
		algo_forget(e);
		e->next_forget = (e->now / HOUR_MS + 1) * HOUR_MS;
	}
}

int
engine_tick(struct engine *e, int64_t now_ms, struct fault *f)
{
	if (eng_sound(e, f) == -1)
		return -1;
	if (e->ticking)
		return 0;
	begin_time(e, now_ms);
	e->ticking = true;
	catch_up(e, now_ms);
	if (now_ms > e->now)	/* it never goes back */
		e->now = now_ms;
	keep_house(e);
	e->ticking = false;
	return eng_sound(e, f);
}

int64_t
engine_due(const struct engine *e)
{
	int64_t t = earlier(timer_due(e), earlier(fund_due(e), liq_due(e)));

	if (!e->started)
		return INT64_MAX;
	return earlier(t, earlier(e->next_forget, e->nheld > 0 ? e->next_adl : INT64_MAX));
}
