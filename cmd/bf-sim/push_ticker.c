/* The figures of 24 hours. */
#include "pushes.h"

static void
put_prices(struct pushes *p, const struct hist_day *d)
{
	struct buf *b = &p->b;

	jw_dec(b, "c", d->last);
	jw_dec(b, "o", d->open);
	jw_dec(b, "h", d->high);
	jw_dec(b, "l", d->low);
	jw_dec(b, "v", d->volume);
	jw_dec(b, "q", d->quote);
}

static void
put_more(struct pushes *p, int sym, const struct hist_day *d)
{
	const struct contract *c = engine_contract(p->s->engine, sym);
	struct buf *b = &p->b;

	jw_dec(b, "p", d->change);
	number_put(b, "P", d->percent, 3);
	/* recorded: COIN-M means have 8 decimals, the others those of a price */
	number_put(b, "w", d->average, c->market == COINM ? 8 : c->rules.tick.scale);
	jw_dec(b, "Q", d->last_qty);
	jw_i64(b, "O", d->open_ms);
	jw_i64(b, "C", d->close_ms);
	jw_u64(b, "F", d->first);
	jw_u64(b, "L", d->last_id);
	jw_i64(b, "n", d->count);
}

/* false: nothing is known of the day. */
static bool
put_ticker(struct pushes *p, enum ticker what, int sym, int64_t now)
{
	struct hist_day d;

	if (!hist_day(p->s->hist, sym, now, &d))
		return false;
	push_head(p, what == TICKER_FULL ? "24hrTicker" : "24hrMiniTicker", sym, now);
	if (what == TICKER_FULL)
		put_more(p, sym, &d);
	put_prices(p, &d);
	push_pair(p, sym);
	jw_close(&p->b, '}');
	return true;
}

void
show_ticker(struct pushes *p, struct stream *st, int64_t now)
{
	push_begin(p);
	if (put_ticker(p, st->kind == ST_TICKER ? TICKER_FULL : TICKER_MINI, st->sym, now))
		streams_push(p->s->streams, st, &p->b);
}

/* Those that have traded since the last time. */
void
show_tickers(struct pushes *p, struct stream *st, int64_t now)
{
	enum ticker what = st->kind == ST_TICKER_ALL ? TICKER_FULL : TICKER_MINI;
	int n = 0;

	jw_open(push_begin(p), NULL, '[');
	for (int i = 0; i < p->nsym; i++) {
		n += (p->sym[i].traded[what] || p->alone) && put_ticker(p, what, i, now);
		if (!p->alone)
			p->sym[i].traded[what] = false;
	}
	jw_close(&p->b, ']');
	if (n > 0)
		streams_push(p->s->streams, st, &p->b);
}
