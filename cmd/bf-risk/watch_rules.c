/* The rules over events: one function a rule, one row each. Each finds what it is about, and measures it. */
#include <string.h>

#include "watch_in.h"

static const dec zero;

/* Surely within the limit again: a hundredth inside it, so that a value that stands at it does not begin and end. */
bool
watch_below(dec value, dec max)
{
	dec edge;

	return dec_mul(&edge, max, (dec){ .c = 99, .scale = 2 }) && dec_cmp(value, edge) <= 0;
}

dec
watch_target(const struct limit *l, int percent)
{
	dec t = l->target;

	if (dec_sign(t) > 0 || !dec_mul(&t, l->max, (dec){ .c = percent, .scale = 2 }))
		return dec_sign(t) > 0 ? t : l->max;
	return t;
}

static struct subject
about_purse(const struct purse *p)
{
	return (struct subject){ .w = p, .m = p->m, .symbol = "", .side = POS_BOTH };
}

/* A rule that cannot be judged now goes on as it was. */
void
watch_keep(struct look *k, enum rule r, const struct subject *s, const struct limit *l)
{
	struct alarm *a = watch_find(k->wt, r, s);

	if (a == NULL)
		return;
	a->seen = true;
	if (a->on)
		watch_block(k, r, l->act);
}

/*
 * Wallets
 */

/* For every mark price: a product, where leverage itself would be a division. */
static bool
over_leverage(const struct purse *p, dec max)
{
	dec room;

	return dec_sign(p->notional) > 0 && (dec_sign(p->equity) <= 0 || !dec_mul(&room, max, p->equity) ||
	    dec_cmp(p->notional, room) > 0);
}

/* Heaviest first, one order of a wallet at a time: what it leads to decides on the next. */
static void
reduce_leverage(struct look *k, const struct purse *p, const struct limit *l, const struct alarm *a)
{
	const struct contract *c;
	const struct position *q;
	dec notional, qty;

	if (watch_flying(k->wt, p))
		return;
	if ((q = watch_heaviest(k, p, &c, &notional)) == NULL) {
		if (!k->wt->said_stuck)
			watch_say(k->out, "effective leverage is above the limit, and no position can be reduced now");
		k->wt->said_stuck = true;
		return;
	}
	k->wt->said_stuck = false;
	if (watch_size(&qty, p->notional, p->equity, notional, dec_abs(q->amt), watch_target(l, 95), k->wt->l->cost,
	    watch_step(c)))
		watch_want(k, &(struct want){ p, q, c, qty, R_MAX_LEV, a->value, l->max, a->bounded, true });
}

static void
rule_max_lev(struct look *k, const struct limit *l)
{
	for (int i = 0; i < k->wt->npurse; i++) {
		const struct purse *p = &k->wt->purse[i];
		struct subject s = about_purse(p);
		const struct alarm *a;
		dec lev = zero;
		bool over, bounded;

		if (!p->seen)
			continue;
		if (!p->known) {
			watch_keep(k, R_MAX_LEV, &s, l);
			continue;
		}
		over = over_leverage(p, l->max);
		if (!over && watch_find(k->wt, R_MAX_LEV, &s) == NULL)
			continue;
		bounded = margin_leverage(&lev, p->notional, p->equity);
		a = watch_judged(k, R_MAX_LEV, &s, l, over, (bounded && watch_below(lev, l->max)) || dec_sign(p->notional) == 0,
		    bounded, lev, l->max);
		if (a != NULL && over && l->act == ACT_REDUCE)
			reduce_leverage(k, p, l, a);
	}
}

struct goal { dec target; const struct purse *p; };	/* a fraction */

static bool
ratio_holds(const struct look *k, const struct account *a, const struct position *q, const void *arg)
{
	const struct goal *x = arg;
	struct wallet_figures f = { 0 };
	struct purse u = { 0 };

	(void)q;
	if (x->p->multi)
		return watch_united(&u, a, &k->w->cs, &k->w->rates) && u.has_ratio && dec_cmp(u.ratio, x->target) <= 0;
	for (int i = 0; i < a->nwal; i++)
		if (strcmp(a->wal[i].asset, x->p->asset) == 0)
			return figures_sums(&f, a, &k->w->cs, &a->wal[i]) && f.has_ratio && dec_cmp(f.ratio, x->target) <= 0;
	return false;
}

static void
reduce_ratio(struct look *k, const struct purse *p, const struct limit *l, const struct alarm *a)
{
	struct goal arg = { .p = p };
	const struct contract *c;
	const struct position *q;
	dec notional, qty;

	if (watch_flying(k->wt, p) || (q = watch_heaviest(k, p, &c, &notional)) == NULL ||
	    !dec_mul(&arg.target, watch_target(l, 95), (dec){ .c = 1, .scale = 2 }) ||
	    !watch_halve(&qty, k, p->m, q, c, ratio_holds, &arg))
		return;
	watch_want(k, &(struct want){ p, q, c, qty, R_MARGIN_RATIO, a->value, l->max, a->bounded, true });
}

static void
rule_margin_ratio(struct look *k, const struct limit *l)
{
	for (int i = 0; i < k->wt->npurse; i++) {
		const struct purse *p = &k->wt->purse[i];
		struct subject s = about_purse(p);
		const struct alarm *a;
		dec percent;
		bool over;

		if (!p->seen || (p->held && !p->has_ratio && !p->ruined)) {
			if (p->seen)
				watch_blind(k, R_MARGIN_RATIO, l, p->asset);
			watch_keep(k, R_MARGIN_RATIO, &s, l);
			continue;
		}
		percent = p->has_ratio ? p->ratio : zero;
		if (!dec_mul(&percent, percent, dec_int(100)))
			continue;
		over = p->held && (p->ruined || dec_cmp(percent, l->max) > 0);
		a = watch_judged(k, R_MARGIN_RATIO, &s, l, over, !p->held || (!p->ruined && watch_below(percent, l->max)), !p->ruined,
		    percent, l->max);
		if (a != NULL && over && l->act == ACT_REDUCE)
			reduce_ratio(k, p, l, a);
	}
	watch_isolated_ratio(k, l);
}

/* A loss that was taken does not come back by reducing: these rules do not. It holds until the next day. */
static void
judge_day(struct look *k, enum rule r, struct purse *p, const struct limit *l, bool over, dec value, dec limit)
{
	struct subject s = about_purse(p);
	bool latched = p->latched & 1u << r;

	if (over && !latched && !(r == R_DAILY_LOSS && l->rolling)) {
		p->latched |= 1u << r;
		k->wt->save_now = true;
		latched = true;
	}
	(void)watch_judged(k, r, &s, l, over || latched, watch_below(value, limit), true, value, limit);
}

/* A purse whose day can be judged: else what was goes on. */
static bool
day_known(struct look *k, enum rule r, struct purse *p, const struct limit *l)
{
	struct subject s = about_purse(p);

	if (p->seen && p->known && p->anchored && !k->wt->owed[p->m].first &&
	    (r == R_LOSING_STREAK || k->w->now.mono_ms >= p->hold_ms))
		return true;
	if (k->wt->owed[p->m].failed)
		watch_blind(k, r, l, p->asset);
	watch_keep(k, r, &s, l);
	if (p->latched & 1u << r)
		watch_block(k, r, l->act);
	return false;
}

/* What a coin is worth in USD: a mark of one of its contracts, rather one that is held. */
static bool
coin_price(dec *out, const struct world *w, const char *coin)
{
	const struct account *a = &w->acct[MARKET_COINM];
	const struct contract *c;

	for (const struct position *q = a->pos; q < a->pos + a->npos; q++)
		if (dec_sign(q->amt) != 0 && dec_sign(q->mark) > 0 && strcmp(q->margin_asset, coin) == 0) {
			*out = q->mark;
			return true;
		}
	for (size_t i = 0; i < w->csym; i++)
		if (w->sym[i].n > 0 && dec_sign(w->sym[i].mark) > 0 &&
		    (c = contracts_find_n(&w->cs, w->sym[i].symbol, w->sym[i].n)) != NULL && c->market == MARKET_COINM &&
		    strcmp(c->rules.margin, coin) == 0) {
			*out = w->sym[i].mark;
			return true;
		}
	return false;
}

/* An amount is money, of COIN-M in USD: in coins it would mean another thing for each wallet. false: no price. */
static bool
in_money(dec *loss, const struct world *w, const struct purse *p)
{
	dec price;

	return p->m != MARKET_COINM || (coin_price(&price, w, p->asset) && dec_mul(loss, *loss, price) &&
	    dec_rescale(loss, *loss, 2, DEC_CEIL));
}

/* A limit in percent is of what the wallet began with and what was brought in since. */
static void
rule_daily_loss(struct look *k, const struct limit *l)
{
	for (int i = 0; i < k->wt->npurse; i++) {
		struct purse *p = &k->wt->purse[i];
		dec loss, base;
		bool over;

		if (!day_known(k, R_DAILY_LOSS, p, l) || !day_loss(&loss, &base, p, l, k->w->now.ms))
			continue;
		over = dec_sign(loss) > 0;
		if (l->percent) {
			if (dec_sign(base) > 0 && (!dec_mul(&loss, loss, dec_int(100)) || !dec_div(&loss, loss, base, 4, DEC_CEIL)))
				continue;
			over = over && (dec_sign(base) <= 0 || dec_cmp(loss, l->max) > 0);
		} else if (!over || in_money(&loss, k->w, p)) {
			over = over && dec_cmp(loss, l->max) > 0;
		} else {	/* a loss of unknown worth: no new risk until it is known */
			watch_blind(k, R_DAILY_LOSS, l, p->asset);
			continue;
		}
		judge_day(k, R_DAILY_LOSS, p, l, over, loss, l->max);
	}
}

static void
rule_drawdown(struct look *k, const struct limit *l)
{
	for (int i = 0; i < k->wt->npurse; i++) {
		struct purse *p = &k->wt->purse[i];
		dec down;

		if (day_known(k, R_DRAWDOWN, p, l) && day_drawdown(&down, p))
			judge_day(k, R_DRAWDOWN, p, l, dec_cmp(down, l->max) > 0, down, l->max);
	}
}

static void
rule_losing_streak(struct look *k, const struct limit *l)
{
	for (int i = 0; i < k->wt->npurse; i++) {
		struct purse *p = &k->wt->purse[i];
		dec n = dec_int(p->streak);

		if (day_known(k, R_LOSING_STREAK, p, l))
			judge_day(k, R_LOSING_STREAK, p, l, dec_cmp(n, l->max) > 0, n, l->max);
	}
}

static const struct { enum rule rule; void (*look)(struct look *k, const struct limit *l); } table[] = {
	{ R_LIQ_DISTANCE, watch_liq_distance },
	{ R_VOLATILITY, watch_volatility },
	{ R_UNPROTECTED, watch_unprotected },
	{ R_DAILY_LOSS, rule_daily_loss },
	{ R_DRAWDOWN, rule_drawdown },
	{ R_LOSING_STREAK, rule_losing_streak },
	{ R_MARGIN_RATIO, rule_margin_ratio },
	{ R_MAX_LEV, rule_max_lev },	/* last: it waits for what the others have ordered */
};

static bool
any_on(const struct limits *l, enum rule r)
{
	bool on = l->r[r].on;

	for (int i = 0; i < l->nown && !on; i++)
		on = l->own[i].rule == r && l->own[i].l.on;
	return on;
}

void
watch_rules(struct look *k)
{
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (any_on(k->wt->l, table[i].rule))
			table[i].look(k, &k->wt->l->r[table[i].rule]);
}
