/* The rules about a position or a symbol: distance to liquidation, isolated margin, stops, volatility. */
#include <string.h>

#include "watch_in.h"

static const dec zero;

static struct subject
about(const struct purse *p, enum market m, const struct position *q)
{
	return (struct subject){ .w = p, .m = m, .symbol = q->symbol, .side = q->side };
}

/*
 * In percent of the mark, cut off; 0 where it has been reached, 100 and more where there is none. Of two legs in one
 * wallet the long one answers for the price below and the short one for the price above: less of it moves that price
 * away, less of the other brings it nearer.
 */
static bool
liq_away(dec *out, const struct look *k, const struct account *a, const struct position *q)
{
	bool is_long = dec_sign(q->amt) > 0;
	struct liq_bounds b;
	dec d;

	if (dec_sign(q->mark) <= 0 || !figures_liquidation_bounds(&b, a, &k->w->cs, &k->w->rates, q))
		return false;
	*out = b.dead ? zero : dec_int(1000);
	if (b.dead || dec_sign(is_long ? b.low : b.high) <= 0)
		return true;
	if (!(is_long ? dec_sub(&d, q->mark, b.low) : dec_sub(&d, b.high, q->mark)) || !dec_mul(&d, d, dec_int(100)))
		return false;
	return dec_div(out, dec_max(d, zero), q->mark, 4, DEC_DOWN);
}

static bool
away_holds(const struct look *k, const struct account *a, const struct position *q, const void *arg)
{
	dec away;

	return dec_sign(q->amt) == 0 || (liq_away(&away, k, a, q) && dec_cmp(away, *(const dec *)arg) >= 0);
}

/* Of balances and of what is held: when they change, so do all distances. */
static bool
purses_changed(struct watch *wt, enum market m, const struct account *a)
{
	uint64_t h = 14695981039346656037ull;

	for (int i = 0; i < a->npos; i++)
		h = watch_mix(watch_mix(h, &a->pos[i].amt), &a->pos[i].isolated_wallet);
	for (int i = 0; i < a->nwal; i++)
		h = watch_mix(watch_mix(h, &a->wal[i].balance), &a->wal[i].cross);
	if (h == wt->purses[m])
		return false;
	wt->purses[m] = h;
	return true;
}

/* What was found for each position at its last mark, or when the wallet last changed; that others of its wallet lose is
 * seen within a second: with many, all of them at each mark would be their number squared. */
static void
note_moves(struct look *k, enum market m)
{
	const struct account *a = &k->w->acct[m];
	struct seen *s = watch_grow(k->wt, k->wt->seen[m], &k->wt->cseen[m], a->npos, sizeof *s);
	bool all = purses_changed(k->wt, m, a) || k->full;

	if (s == NULL) {
		k->wt->nseen[m] = 0;
		return;
	}
	k->wt->seen[m] = s;
	for (int i = 0; i < a->npos; i++) {
		const struct position *q = &a->pos[i];
		bool same = i < k->wt->nseen[m] && dec_cmp(s[i].amt, q->amt) == 0 && dec_cmp(s[i].mark, q->mark) == 0 &&
		    watch_same(s[i].symbol, s[i].side, q->symbol, q->side);

		if (!same) {
			s[i] = (struct seen){ .amt = q->amt, .mark = q->mark, .side = q->side };
			memcpy(s[i].symbol, q->symbol, sizeof s[i].symbol);
		}
		s[i].moved = !same || all;
	}
	k->wt->nseen[m] = a->npos;
}

static void
liq_of(struct look *k, enum market m, int i)
{
	const struct account *a = &k->w->acct[m];
	const struct position *q = &a->pos[i];
	struct seen *s = &k->wt->seen[m][i];
	const struct limit *l = limit_of(k->wt->l, R_LIQ_DISTANCE, q->symbol);
	const struct purse *p = watch_purse_of(k->wt, k->w, m, q);
	struct subject sub = about(p, m, q);
	const struct contract *c;
	const struct alarm *al;
	dec target, qty;
	bool over;

	if (p == NULL || !l->on)
		return;
	if (s->moved)
		s->has = liq_away(&s->away, k, a, q);
	if (!s->has) {
		watch_blind(k, R_LIQ_DISTANCE, l, q->symbol);
		watch_keep(k, R_LIQ_DISTANCE, &sub, l);
		return;
	}
	over = dec_cmp(s->away, l->max) < 0;
	al = watch_judged(k, R_LIQ_DISTANCE, &sub, l, over, watch_below(l->max, s->away), true, s->away, l->max);
	target = watch_target(l, 105);
	if (al != NULL && over && l->act == ACT_REDUCE && (c = watch_traded(k, q->symbol)) != NULL &&
	    watch_halve(&qty, k, m, q, c, away_holds, &target))
		watch_want(k, &(struct want){ p, q, c, qty, R_LIQ_DISTANCE, s->away, l->max, true, false });
}

void
watch_liq_distance(struct look *k, const struct limit *l)
{
	(void)l;
	for (int m = 0; m < MARKETS; m++) {
		if (!watch_readable(k->w, (enum market)m))
			continue;
		note_moves(k, (enum market)m);
		for (int i = 0; i < k->wt->nseen[m]; i++)
			if (dec_sign(k->w->acct[m].pos[i].amt) != 0)
				liq_of(k, (enum market)m, i);
	}
}

/* Maintenance over what an isolated position has of its own, in percent, rounded up; *ruined: nothing is left. */
static bool
isolated_ratio(dec *out, bool *ruined, const struct look *k, const struct position *q)
{
	const struct contract *c = contracts_find(&k->w->cs, q->symbol);
	struct leg leg = { .kind = q->kind, .amt = q->amt, .entry = q->entry, .size = q->size };
	dec n, maint, own;

	if (c == NULL || dec_sign(q->mark) <= 0 || !margin_notional(&n, &leg, q->mark) ||
	    !margin_maintenance(&maint, &c->tiers, n) || !margin_pnl(&own, &leg, q->mark) ||
	    !dec_add(&own, own, q->isolated_wallet))
		return false;
	*ruined = dec_sign(own) <= 0;
	*out = zero;
	return *ruined || (margin_ratio(out, maint, own) && dec_mul(out, *out, dec_int(100)));
}

static bool
isolated_holds(const struct look *k, const struct account *a, const struct position *q, const void *arg)
{
	bool ruined;
	dec ratio;

	(void)a;
	return isolated_ratio(&ratio, &ruined, k, q) && !ruined && dec_cmp(ratio, *(const dec *)arg) <= 0;
}

static void
isolated_of(struct look *k, enum market m, const struct position *q, const struct limit *l)
{
	const struct purse *p = watch_purse_of(k->wt, k->w, m, q);
	struct subject s = about(p, m, q);
	dec ratio, qty, target = watch_target(l, 95);
	const struct contract *c;
	const struct alarm *a;
	bool ruined, over;

	if (p == NULL)
		return;
	if (!isolated_ratio(&ratio, &ruined, k, q)) {
		watch_blind(k, R_MARGIN_RATIO, l, q->symbol);
		watch_keep(k, R_MARGIN_RATIO, &s, l);
		return;
	}
	over = ruined || dec_cmp(ratio, l->max) > 0;
	a = watch_judged(k, R_MARGIN_RATIO, &s, l, over, !ruined && watch_below(ratio, l->max), !ruined, ratio, l->max);
	if (a != NULL && over && l->act == ACT_REDUCE && (c = watch_traded(k, q->symbol)) != NULL &&
	    watch_halve(&qty, k, m, q, c, isolated_holds, &target))
		watch_want(k, &(struct want){ p, q, c, qty, R_MARGIN_RATIO, ratio, l->max, !ruined, false });
}

void
watch_isolated_ratio(struct look *k, const struct limit *l)
{
	for (int m = 0; m < MARKETS; m++)
		for (int i = 0; watch_readable(k->w, (enum market)m) && i < k->w->acct[m].npos; i++)
			if (k->w->acct[m].pos[i].isolated && dec_sign(k->w->acct[m].pos[i].amt) != 0)
				isolated_of(k, (enum market)m, &k->w->acct[m].pos[i], l);
}

/* Whether an order is a stop of this position. */
static bool
is_stop(const struct open_order *o, const struct position *q)
{
	return o->reduce && watch_same(o->symbol, o->pos_side, q->symbol, q->side) &&
	    o->side == (dec_sign(q->amt) > 0 ? SIDE_SELL : SIDE_BUY) && (strcmp(o->type, "STOP") == 0 ||
	    strcmp(o->type, "STOP_MARKET") == 0 || strcmp(o->type, "TRAILING_STOP_MARKET") == 0);
}

/* What of a position no stop would close. */
static dec
uncovered(const struct account *a, const struct position *q)
{
	dec open = dec_abs(q->amt), left;

	for (int i = 0; i < a->nord; i++) {
		const struct open_order *o = &a->ord[i];

		if (!is_stop(o, q))
			continue;
		if (o->close_all)
			return zero;
		if (dec_sub(&left, o->qty, o->filled))
			(void)dec_sub(&open, open, left);
	}
	return dec_max(open, zero);
}

/* An alarm that is not on times how long. */
static bool
long_enough(struct look *k, const struct subject *s, const struct limit *l)
{
	dec ms;
	int64_t end;
	struct alarm *a = watch_find(k->wt, R_UNPROTECTED, s);

	if (a == NULL && (a = watch_timer(k, R_UNPROTECTED, s)) == NULL)
		return true;
	a->seen = true;
	if (!dec_mul(&ms, l->max, dec_int(1000)) || !dec_rescale(&ms, ms, 0, DEC_UP) || a->on)
		return true;
	end = a->since_ms + (int64_t)ms.c;
	if (k->w->now.mono_ms > end)
		return true;
	watch_wake(k, end + 1);
	return false;
}

static void
unprotected_of(struct look *k, enum market m, const struct position *q)
{
	const struct account *a = &k->w->acct[m];
	const struct limit *l = limit_of(k->wt->l, R_UNPROTECTED, q->symbol);
	const struct purse *p = watch_purse_of(k->wt, k->w, m, q);
	struct subject s = about(p, m, q);
	dec open = uncovered(a, q);

	if (p == NULL || !l->on || dec_sign(open) == 0 || !long_enough(k, &s, l))
		return;
	(void)watch_judged(k, R_UNPROTECTED, &s, l, true, false, true, open, l->max);
}

void
watch_unprotected(struct look *k, const struct limit *l)
{
	(void)l;
	for (int m = 0; m < MARKETS; m++)
		for (int i = 0; watch_readable(k->w, (enum market)m) && i < k->w->acct[m].npos; i++)
			if (dec_sign(k->w->acct[m].pos[i].amt) != 0)
				unprotected_of(k, (enum market)m, &k->w->acct[m].pos[i]);
}

/*
 * Symbols
 */

/* The step for a volatility: entered above its threshold, left when it is under it by the hysteresis. */
static int
step_for(const struct limit *l, int at, dec vol)
{
	dec edge, part;
	int n = at;

	while (n < l->nstep && dec_cmp(vol, l->step[n].at) > 0)
		n++;
	while (n > 0 && n <= at && dec_sub(&part, dec_int(100), l->hysteresis) && dec_mul(&edge, l->step[n - 1].at, part) &&
	    dec_div(&edge, edge, dec_int(100), 12, DEC_DOWN) && dec_cmp(vol, edge) < 0)
		n--;
	return n;
}

static void
reduce_step(struct look *k, enum market m, const struct position *q, const struct alarm *a, const struct step *st)
{
	const struct purse *p = watch_purse_of(k->wt, k->w, m, q);
	const struct contract *c = watch_traded(k, q->symbol);
	dec keep_amt, off;

	if (p == NULL || c == NULL || dec_sign(a->base[q->side]) == 0 || !dec_mul(&keep_amt, a->base[q->side], st->keep) ||
	    !dec_div(&keep_amt, keep_amt, dec_int(100), 18, DEC_DOWN) || !dec_sub(&off, dec_abs(q->amt), keep_amt) ||
	    dec_sign(off) <= 0 || !dec_ceil(&off, off, watch_step(c)))
		return;
	watch_want(k, &(struct want){ p, q, c, off, R_VOLATILITY, a->value, st->at, true, false });
}

/*
 * The steps are of what was held when it left calm: whether it came to a step at once or through others is the same. Of
 * what somebody else opened since, where nothing was held: of that.
 */
static void
take_base(struct alarm *a, const struct account *ac, const char *symbol)
{
	dec held[3] = { zero, zero, zero };

	for (int i = 0; i < ac->npos; i++)
		if (strcmp(ac->pos[i].symbol, symbol) == 0)
			held[ac->pos[i].side] = dec_abs(ac->pos[i].amt);
	for (size_t i = 0; i < sizeof held / sizeof *held; i++)
		if (dec_sign(held[i]) == 0 || dec_sign(a->base[i]) == 0)
			a->base[i] = held[i];
}

static const struct purse *
symbol_purse(struct look *k, enum market m, const char *symbol)
{
	const struct account *a = &k->w->acct[m];

	for (int i = 0; i < a->npos; i++)
		if (dec_sign(a->pos[i].amt) != 0 && strcmp(a->pos[i].symbol, symbol) == 0)
			return watch_purse_of(k->wt, k->w, m, &a->pos[i]);
	return NULL;
}

static void
keep_volatility(struct alarm *a, struct sym *y, const struct limit *l)
{
	a->seen = true;
	if (a->on && l->act >= ACT_BLOCK)
		y->blocked |= 1u << R_VOLATILITY;
}

static void
volatility_of(struct look *k, enum market m, struct sym *y)
{
	const struct limit *l = limit_of(k->wt->l, R_VOLATILITY, y->symbol);
	struct subject s = { .w = NULL, .m = m, .symbol = y->symbol, .side = POS_BOTH };
	struct limit one = *l;
	struct alarm *a;
	dec vol;
	int at, step;

	y->blocked &= ~(1u << R_VOLATILITY);
	if ((a = watch_find(k->wt, R_VOLATILITY, &s)) != NULL)
		a->seen = false;
	if (!l->on)
		return;
	if (!(l->ewma ? vol_ewma(&vol, &y->vol, k->w->now.ms) : vol_range_again(&vol, &y->vol, k->w->now.ms))) {
		if (a != NULL)	/* without marks it is not known to be calm */
			keep_volatility(a, y, l);
		return;
	}
	if (l->nstep == 0) {	/* a threshold alone: one step that keeps all */
		one.nstep = 1;
		one.step[0] = (struct step){ l->max, dec_int(100) };
	}
	at = a != NULL && a->on ? a->step : 0;
	step = step_for(&one, at, vol);
	if (step == 0)
		return;
	s.w = symbol_purse(k, m, y->symbol);
	a = watch_judged(k, R_VOLATILITY, &s, &one, true, false, true, vol, one.step[step - 1].at);
	if (l->act >= ACT_BLOCK)
		y->blocked |= 1u << R_VOLATILITY;
	if (a == NULL)
		return;
	take_base(a, &k->w->acct[m], y->symbol);
	a->step = step;
	for (int i = 0; l->act == ACT_REDUCE && i < k->w->acct[m].npos; i++)
		if (dec_sign(k->w->acct[m].pos[i].amt) != 0 && strcmp(k->w->acct[m].pos[i].symbol, y->symbol) == 0)
			reduce_step(k, m, &k->w->acct[m].pos[i], a, &one.step[step - 1]);
}

static void
volatility_of_all(struct look *k)
{
	enum market m;

	for (size_t i = 0; i < k->w->csym; i++)
		if (k->w->sym[i].n > 0 && world_market(k->w, k->w->sym[i].symbol, &m) && k->w->served[m])
			volatility_of(k, m, &k->w->sym[i]);
}

/* Of what is held at each look; of every symbol each second: what is not held yet is blocked too. */
void
watch_volatility(struct look *k, const struct limit *l)
{
	struct sym *y;

	(void)l;
	if (k->full) {
		volatility_of_all(k);
		return;
	}
	for (int i = 0; i < k->wt->nalarm; i++)
		k->wt->alarm[i].seen = k->wt->alarm[i].seen || k->wt->alarm[i].rule == R_VOLATILITY;
	for (int m = 0; m < MARKETS; m++)
		for (int i = 0; k->w->served[m] && i < k->w->acct[m].npos; i++)
			if (dec_sign(k->w->acct[m].pos[i].amt) != 0 && (y = sym_find(k->w, k->w->acct[m].pos[i].symbol,
			    strlen(k->w->acct[m].pos[i].symbol))) != NULL)
				volatility_of(k, (enum market)m, y);
}
