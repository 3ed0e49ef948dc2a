/*
 * What the clock brings to a symbol: samples of premium, basis and index, and
 * funding (deliveries: deliver.c). Sections 9 to 11 of the margin mathematics
 * sheet.
 *
 * Between two events nothing moves, so the samples of a long stretch of quiet
 * time are all alike, and are taken at once: the sums are the same.
 */
#include "core/funding.h"
#include "state.h"

#define HOUR		INT64_C(3600000)
#define SAMPLE		INT64_C(5000)		/* between premium samples */
#define WINDOW		(30 * INT64_C(60000))	/* index samples before delivery: 1800 of */
#define SECOND		INT64_C(1000)
#define BASIS_N		((int)(sizeof ((struct sym *)0)->basis / sizeof (dec)))
#define CALM_N		16	/* so many calm settlements end the shortening */

static const dec calm_rate = { 25, 5 };	/* 0.025 % */

/* The first multiple of step after t. */
static int64_t
next_multiple(int64_t t, int64_t step)
{
	return (t / step + 1) * step;
}

static bool
is_funded(const struct sym *s)
{
	return s->c.funding_hours > 0 && s->c.delivery_ms >= ENGINE_PERPETUAL;
}

/*
 * Samples
 */

/* What the level holds, in the currency of prices. */
static dec
level_value(struct engine *e, const struct sym *s, const struct level *l)
{
	return num_mul(&e->bad, l->qty, s->c.market == USDM ? l->price : s->c.size);
}

/* Section 11.1: average price of trading the impact notional against a side; 0:
 * the book is too thin. Most often the best level is enough. */
static dec
impact_price(struct engine *e, const struct sym *s, enum order_side side)
{
	dec want = funding_impact_notional(s->c.tiers.tier[0].max_leverage), left = want, v;
	dec coins = dec_int(0);
	const struct level *l = book_best(s, side);

	if (l != NULL && dec_cmp(level_value(e, s, l), want) >= 0)
		return l->price;
	for (; l != NULL && dec_sign(left) > 0 && !e->bad; l = book_next(l)) {
		v = dec_min(left, level_value(e, s, l));
		coins = num_add(&e->bad, coins, num_div(&e->bad, v, l->price, FINE));
		left = num_sub(&e->bad, left, v);
	}
	if (dec_sign(left) > 0 || dec_sign(coins) <= 0)
		return dec_int(0);
	return num_div(&e->bad, want, coins, FINE);
}

/* The estimate of the coming settlement, from the samples so far. */
static void
estimate(struct engine *e, struct sym *s)
{
	struct premium p = { s->premium_sum, s->samples };
	dec mean = { 0, 0 }, rate = { 0, 0 };
	bool ok;

	ok = premium_mean(&mean, &p) && funding_rate(&rate, mean, s->c.interest,
	    s->c.funding_hours, s->c.funding_floor, s->c.funding_cap);
	s->rate = num_ok(&e->bad, ok, &rate);
}

/* k equal samples: the weights n+1 .. n+k sum to k n + k (k + 1) / 2. */
static void
add_premium(struct engine *e, struct sym *s, int64_t k)
{
	int64_t w = k * s->samples + k * (k + 1) / 2;
	dec p = { 0, 0 };
	bool ok;

	ok = funding_premium(&p, impact_price(e, s, SIDE_BUY), impact_price(e, s, SIDE_SELL),
	    s->index_price);
	s->premium = num_ok(&e->bad, ok, &p);
	p = num_mul(&e->bad, s->premium, dec_int(w));
	s->premium_sum = num_add(&e->bad, s->premium_sum, p);
	s->samples += k;
	estimate(e, s);
}

static void
add_basis(struct engine *e, struct sym *s, int64_t k)
{
	const struct level *bid = book_best(s, SIDE_BUY), *ask = book_best(s, SIDE_SELL);
	dec d;

	if (bid == NULL || ask == NULL)
		return;
	d = num_mul(&e->bad, num_add(&e->bad, bid->price, ask->price), (dec){ 5, 1 });
	d = num_sub(&e->bad, d, s->index_price);
	if (k > BASIS_N)
		k = BASIS_N;	/* the rest would be pushed out again */
	for (; k > 0; k--) {
		s->basis[s->basis_at] = d;
		s->basis_at = (s->basis_at + 1) % BASIS_N;
		if (s->nbasis < BASIS_N)
			s->nbasis++;
	}
}

/* How many of t, t + step, ... are not after end; t moves past them. */
static int64_t
count_due(int64_t *t, int64_t step, int64_t end)
{
	int64_t k;

	if (*t > end)
		return 0;
	k = (end - *t) / step + 1;
	*t += k * step;
	return k;
}

static void
sample(struct engine *e, struct sym *s, int64_t end)
{
	int64_t k;

	if (s->delivered)
		return;
	k = count_due(&s->next_sample, SAMPLE, end);
	if (k > 0 && dec_sign(s->index_price) > 0) {
		add_basis(e, s, k);
		if (is_funded(s))
			add_premium(e, s, k);
	}
	if (s->c.delivery_ms >= ENGINE_PERPETUAL)
		return;
	k = count_due(&s->next_settle_sample, SECOND,
	    end < s->c.delivery_ms ? end : s->c.delivery_ms);
	if (k > 0 && dec_sign(s->index_price) > 0) {
		s->settle_sum = num_add(&e->bad, s->settle_sum,
		    num_mul(&e->bad, s->index_price, dec_int(k)));
		s->settle_n += k;
	}
}

/*
 * Funding
 */

/* Section 11.3: an isolated leg pays from what is available, and the rest from
 * its own wallet; what it receives is available. */
static void
pay_isolated(struct engine *e, struct hold *h, struct pos *p, dec pay)
{
	dec short_of = num_sub(&e->bad, dec_neg(pay), hold_available(e, h, &e->bad));

	short_of = dec_min(short_of, p->iso);
	if (dec_sign(short_of) <= 0)
		return;
	p->iso = num_sub(&e->bad, p->iso, short_of);
	hold_stale(h);
}

static void
pay_wallet(struct engine *e, struct wallet *w, dec pay)
{
	w->balance = num_add(&e->bad, w->balance, pay);
	w->funding = num_add(&e->bad, w->funding, pay);
	w->update_ms = e->now;
}

/* One leg; what it received (< 0: paid). */
static dec
pay_leg(struct engine *e, struct hold *h, enum pos_mode m, dec rate, bool special)
{
	struct pos *p = hold_leg(h, m);
	struct leg l = pos_leg(h->s, p);
	dec pay = { 0, 0 };
	bool ok = funding_payment(&pay, &l, h->s->mark, rate);

	pay = num_ok(&e->bad, ok, &pay);
	if (dec_sign(pay) == 0)
		return pay;
	if (h->isolated && dec_sign(pay) < 0)
		pay_isolated(e, h, p, pay);
	pay_wallet(e, hold_wallet(h), pay);
	p->paid = num_sub(&e->bad, p->paid, pay);
	p->update_ms = e->now;
	acct_income(e, h->a, special ? "SPECIAL_FUNDING_FEE" : "FUNDING_FEE", h->s, h->s->asset,
	    pay, 0);
	acct_event(e, h->a, "FUNDING_FEE", h->s->asset, pay, h, h->isolated ? (int)m : -1, -1);
	eng_due(e, h->a);
	return pay;
}

/* All that hold something, with the maker as the other side: it has what the
 * others have not, so that its part is theirs with the sign turned. */
static void
pay_all(struct engine *e, struct sym *s, dec rate, bool special)
{
	dec sum = { 0, MONEY };
	struct hold *h;
	size_t i;
	int m;

	for (i = 0; i < s->nholds && !e->bad; i++) {
		h = s->holds[i];
		for (m = MODE_BOTH; h->a != &e->maker && m <= MODE_SHORT; m++)
			if (dec_sign(h->pos[m].amt) != 0)
				sum = num_add(&e->bad, sum,
				    pay_leg(e, h, (enum pos_mode)m, rate, special));
	}
	pay_wallet(e, &e->maker.wallet[s->asset], dec_neg(sum));
}

static void
settle(struct engine *e, struct sym *s, dec rate, bool special)
{
	struct engine_event ev = { .kind = EV_FUNDING, .acct = -1, .sym = s->index };

	if (dec_sign(s->mark) <= 0)
		return;
	ev.u.funding.rate = rate;
	ev.u.funding.mark = s->mark;
	ev.u.funding.special = special;
	eng_emit(e, &ev);
	pay_all(e, s, rate, special);
}

/* Section 11.2: at cap or floor the next intervals are of one hour, until 16
 * settlements in a row were calm: then of four. */
static void
adapt(struct sym *s)
{
	if (dec_cmp(s->rate, s->c.funding_cap) >= 0 || dec_cmp(s->rate, s->c.funding_floor) <= 0) {
		s->extreme_count++;
		s->calm_count = 0;
		s->c.funding_hours = 1;
		return;
	}
	s->calm_count = dec_cmp(dec_abs(s->rate), calm_rate) <= 0 ? s->calm_count + 1 : 0;
	if (s->extreme_count > 0 && s->calm_count >= CALM_N) {
		s->extreme_count = s->calm_count = 0;
		s->c.funding_hours = 4;
	}
}

/* The end of an interval: all of it begins anew. */
static void
fund(struct engine *e, struct sym *s)
{
	settle(e, s, s->rate, false);
	if (s->next_hours > 0) {
		s->c.funding_hours = s->next_hours;
		s->next_hours = s->extreme_count = s->calm_count = 0;
	} else {
		adapt(s);
	}
	s->premium_sum = dec_int(0);
	s->samples = 0;
	s->next_funding = next_multiple(e->now, s->c.funding_hours * HOUR);
	estimate(e, s);
}

/*
 * When
 */

/* The next settlement or delivery. */
static int64_t
act_due(const struct sym *s)
{
	if (s->delivered)
		return INT64_MAX;
	if (s->c.delivery_ms < ENGINE_PERPETUAL)
		return s->c.delivery_ms;
	return is_funded(s) ? s->next_funding : INT64_MAX;
}

static int64_t
sym_due(const struct sym *s)
{
	int64_t t = act_due(s);

	if (s->delivered)
		return t;
	if (s->next_sample < t)
		t = s->next_sample;
	if (s->c.delivery_ms < ENGINE_PERPETUAL && s->next_settle_sample < t)
		t = s->next_settle_sample;
	return t;
}

static int64_t
first_due(const struct engine *e, int64_t due(const struct sym *))
{
	int64_t t = INT64_MAX, d;

	for (int i = 0; i < e->nsym; i++)
		if ((d = due(e->sym[i])) < t)
			t = d;
	return t;
}

int64_t
fund_due(const struct engine *e)
{
	return e->next_fund != 0 ? e->next_fund : first_due(e, sym_due);
}

static void
act(struct engine *e, struct sym *s)
{
	if (s->c.delivery_ms < ENGINE_PERPETUAL)
		deliver_run(e, s);
	else
		fund(e, s);
}

/* How far nothing but samples happens: to the next settlement or delivery, before
 * the next timer, not past a liquidation. */
static int64_t
quiet_until(const struct engine *e, int64_t first, int64_t now_ms, int64_t acting)
{
	int64_t end = now_ms < acting ? now_ms : acting, t = timer_due(e);

	if (t <= end)
		end = t - 1;
	if ((t = liq_due(e)) < end)
		end = t;
	return end > first ? end : first;
}

void
fund_run(struct engine *e, int64_t now_ms)
{
	int64_t first = fund_due(e), acting = first_due(e, act_due), end;
	int i;

	if (first > now_ms)
		return;
	end = quiet_until(e, first, now_ms, acting);
	for (i = 0; i < e->nsym && !e->bad; i++)
		sample(e, e->sym[i], end);
	for (i = 0; i < e->nsym && acting <= end && !e->bad; i++)
		if (act_due(e->sym[i]) == acting) {
			if (acting > e->now)
				e->now = acting;
			act(e, e->sym[i]);
			break;		/* one at a time: others see what it did */
		}
	e->next_fund = first_due(e, sym_due);
}

void
fund_start(struct engine *e, struct sym *s)
{
	int64_t t;

	s->next_sample = next_multiple(e->now, SAMPLE);
	if (is_funded(s)) {
		s->next_funding = next_multiple(e->now, s->c.funding_hours * HOUR);
		estimate(e, s);
	}
	if (s->c.delivery_ms < ENGINE_PERPETUAL) {
		s->next_settle_sample = s->c.delivery_ms - WINDOW + SECOND;
		if (s->next_settle_sample <= e->now)
			s->next_settle_sample = next_multiple(e->now, SECOND);
	}
	t = sym_due(s);
	if (e->next_fund == 0 || t < e->next_fund)
		e->next_fund = t;
}

/*
 * By hand, and what may be asked
 */

dec
engine_funding_rate(const struct engine *e, int sym)
{
	const struct sym *s = eng_sym(e, sym);

	return s == NULL ? dec_int(0) : s->rate;
}

int64_t
engine_next_funding(const struct engine *e, int sym)
{
	const struct sym *s = eng_sym(e, sym);

	return s == NULL || !is_funded(s) || s->delivered ? 0 : s->next_funding;
}

int
engine_fund(struct engine *e, int sym, const dec *rate, int64_t now_ms, struct fault *f)
{
	struct sym *s;
	dec r;

	if (eng_begin(e, -1, sym, now_ms, f) == -1)
		return -1;
	s = e->sym[sym];
	if (!is_funded(s) || dec_sign(s->mark) <= 0)
		return eng_misuse(f, "funding: not a perpetual contract, or no price yet");
	if (rate == NULL)
		r = s->rate;
	else if (!dec_rescale(&r, *rate, MONEY, DEC_HALF_UP) ||
	    dec_cmp(dec_abs(r), dec_int(1)) >= 0)
		return eng_misuse(f, "funding: a rate is a fraction below 1");
	settle(e, s, r, rate != NULL);
	return eng_finish(e, f);
}

int
engine_set_funding(struct engine *e, int sym, int hours, int64_t now_ms, struct fault *f)
{
	struct sym *s;

	if (eng_begin(e, -1, sym, now_ms, f) == -1)
		return -1;
	s = e->sym[sym];
	if (!is_funded(s) || hours < 1 || hours > 24 || 24 % hours != 0)
		return eng_misuse(f, "funding interval: 1, 2, 3, 4, 6, 8, 12 or 24 hours of a perpetual");
	s->next_hours = hours;
	return eng_finish(e, f);
}
