/* What is asked of the history. */
#include "histint.h"
#include "num.h"

#define DAY_MINUTES	1440

static bool
known(const struct hist *h, int sym)
{
	return sym >= 0 && sym < h->n;
}

/* Of the rows lo..hi-1 that fit, n: the oldest, or the newest. */
static size_t
first_row(size_t lo, size_t hi, int n, bool oldest)
{
	size_t want = n > 0 ? (size_t)n : 0;

	return oldest || hi - lo <= want ? lo : hi - want;
}

int
hist_trades(const struct hist *h, int sym, uint64_t from_id, struct hist_trade *out, int n)
{
	const struct kept_trade *t;
	const struct symbol *s;
	size_t i = 0;
	int got = 0;

	if (!known(h, sym))
		return 0;
	s = &h->s[sym];
	if (from_id > 0)
		while (i < s->trades.n && (t = ring_at(&s->trades, i))->id < from_id)
			i++;
	for (i = first_row(i, s->trades.n, n, from_id > 0); i < s->trades.n && got < n; i++) {
		t = ring_at(&s->trades, i);
		out[got++] = (struct hist_trade){
			t->id, scaled(t->price, s->last.price),
			scaled(t->qty < 0 ? -t->qty : t->qty, s->last.qty), t->ms, t->qty < 0
		};
	}
	return got;
}

int
hist_aggs(const struct hist *h, int sym, uint64_t from_id, int64_t start, int64_t end,
    struct hist_agg *out, int n)
{
	const struct kept_agg *a;
	const struct symbol *s;
	size_t i = 0, hi;
	int got = 0;

	if (!known(h, sym))
		return 0;
	s = &h->s[sym];
	hi = s->aggs.n;
	while (hi > 0 && (a = ring_at(&s->aggs, hi - 1))->ms > end)
		hi--;
	while (i < hi && ((a = ring_at(&s->aggs, i))->id < from_id || a->ms < start))
		i++;
	for (i = first_row(i, hi, n, from_id > 0 || start > 0); i < hi && got < n; i++) {
		a = ring_at(&s->aggs, i);
		out[got++] = (struct hist_agg){
			a->id, a->first, a->last, scaled(a->price, s->last.price),
			scaled(a->qty < 0 ? -a->qty : a->qty, s->last.qty), a->ms, a->qty < 0
		};
	}
	return got;
}

uint64_t
hist_agg_last(const struct hist *h, int sym)
{
	const struct symbol *s;

	if (!known(h, sym) || h->s[sym].aggs.n == 0)
		return 0;
	s = &h->s[sym];
	return ((const struct kept_agg *)ring_at(&s->aggs, s->aggs.n - 1))->id - (s->open ? 1 : 0);
}

/* Candles of a second, of the trades that are kept: they may be fewer than asked. */
static int
seconds(const struct symbol *s, int64_t start, int64_t end, int64_t now_ms, struct candle *out,
    int n)
{
	const struct kept_trade *t;
	struct series sec;
	int got;

	series_init(&sec, 1000, MINUTES_MIN, true);
	for (size_t i = 0; i < s->trades.n; i++) {
		struct stroke st = { .count = true };

		t = ring_at(&s->trades, i);
		st.ms = t->ms;
		st.id = t->id;
		st.price = t->price;
		st.taker_buys = t->qty > 0;
		st.qty = t->qty < 0 ? -t->qty : t->qty;
		st.quote = hist_quote(s, scaled(t->price, s->last.price), scaled(st.qty, s->last.qty));
		series_add(&sec, &st);
	}
	got = series_candles(&sec, &s->last, 1000, start, end, now_ms, out, n);
	series_free(&sec);
	return got;
}

int
hist_candles(const struct hist *h, enum candle_kind k, int sym, const char *interval,
    int64_t start, int64_t end, int64_t now_ms, struct candle *out, int n)
{
	int64_t len = hist_interval(interval);
	const struct symbol *s;
	bool hours = len == MONTH || len >= HOUR_MS;

	if (!known(h, sym) || len == 0)
		return 0;
	s = &h->s[sym];
	if (len == 1000)
		return k == CANDLE_LAST ? seconds(s, start, end, now_ms, out, n) : 0;
	return series_candles(&s->s[k][hours ? HOUR : MINUTE],
	    k == CANDLE_LAST ? &s->last : &s->fine, len, start, end, now_ms, out, n);
}

bool
hist_candle(const struct hist *h, enum candle_kind k, int sym, const char *interval,
    int64_t now_ms, struct candle *out)
{
	return hist_candles(h, k, sym, interval, 0, INT64_MAX, now_ms, out, 1) == 1;
}

/*
 * 24 h
 */

/* Candle b comes after a. */
static void
join_days(struct candle *a, const struct candle *b)
{
	bool bad = false;

	if (a->trades == 0)
		a->o = b->o, a->h = b->h, a->l = b->l, a->first = b->first;
	if (b->trades > 0) {
		a->h = dec_max(a->h, b->h);
		a->l = dec_min(a->l, b->l);
		a->last = b->last;
	}
	if (a->first == 0)
		a->first = b->first;
	a->c = b->c;
	a->trades += b->trades;
	a->volume = num_add(&bad, a->volume, b->volume);
	a->quote = num_add(&bad, a->quote, b->quote);
}

/* The window begins with a whole minute, as the venue's does. The minutes before
 * the present one are added up once. */
static bool
day_candle(struct symbol *s, int64_t now_ms, struct candle *out)
{
	const struct series *m = &s->s[CANDLE_LAST][MINUTE];
	int64_t minute = interval_floor(MINUTE_MS, now_ms);
	struct candle now;
	bool any;

	if (s->day.minute != minute) {
		s->day.any = series_sum(m, minute - DAY_MINUTES * MINUTE_MS, minute - MINUTE_MS,
		    &s->last, &s->day.sum);
		s->day.minute = minute;
	}
	*out = s->day.sum;
	any = series_sum(m, minute, minute + MINUTE_MS - 1, &s->last, &now);
	if (!s->day.any)
		*out = now;
	else if (any)
		join_days(out, &now);
	return any || s->day.any;
}

/* Mean price of what was traded. */
static dec
mean_price(const struct symbol *s, const struct candle *c)
{
	bool bad = false;
	dec d = c->c;

	if (c->trades == 0)
		return d;
	if (s->c->market == COINM)
		return num_div(&bad, num_mul(&bad, c->volume, s->c->size), c->quote, PRICE);
	return num_div(&bad, c->quote, c->volume, s->last.price);
}

bool
hist_day(const struct hist *h, int sym, int64_t now_ms, struct hist_day *out)
{
	struct candle c = { .trades = 0 };
	struct symbol *s;
	dec hundred;

	if (!known(h, sym) || !day_candle(s = &h->s[sym], now_ms, &c))
		return false;
	*out = (struct hist_day){
		.open = c.o, .high = c.h, .low = c.l, .last = c.c,
		.last_qty = scaled(s->last_qty, s->last.qty), .volume = c.volume, .quote = c.quote,
		.average = mean_price(s, &c),
		.open_ms = interval_floor(MINUTE_MS, now_ms) - DAY_MS, .close_ms = now_ms,
		.count = c.trades, .first = c.first, .last_id = c.last
	};
	if (!dec_sub(&out->change, c.c, c.o) || !dec_mul(&hundred, out->change, dec_int(100)) ||
	    !dec_div(&out->percent, hundred, c.o, 3, DEC_HALF_UP))
		out->percent = (dec){ 0, 3 };
	return true;
}

int
hist_fundings(const struct hist *h, int sym, int64_t start, int64_t end, struct hist_funding *out,
    int n)
{
	const struct hist_funding *r;
	const struct ring *all = &h->fundings;
	int fit = 0, got = 0, skip = 0;

	for (size_t i = 0; i < all->n; i++) {
		r = ring_at(all, i);
		fit += (sym < 0 || r->sym == sym) && r->ms >= start && r->ms <= end;
	}
	if (start <= 0 && fit > n)
		skip = fit - n;
	for (size_t i = 0; i < all->n && got < n; i++) {
		r = ring_at(all, i);
		if ((sym >= 0 && r->sym != sym) || r->ms < start || r->ms > end || skip-- > 0)
			continue;
		out[got++] = *r;
	}
	return got;
}
