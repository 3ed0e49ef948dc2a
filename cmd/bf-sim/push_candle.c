/* Candles of all kinds, as hist.h keeps them. */
#include "pushes.h"

static enum candle_kind
kind_of(const struct stream *st)
{
	return st->kind == ST_INDEX_KLINE ? CANDLE_INDEX :
	    st->kind == ST_MARK_KLINE ? CANDLE_MARK : CANDLE_LAST;
}

static void
put_head(struct pushes *p, const struct stream *st, int64_t now)
{
	const struct rules *r = engine_rules(p->s->engine, st->sym);
	struct buf *b = &p->b;

	jw_open(b, NULL, '{');
	jw_str(b, "e", st->kind == ST_KLINE ? "kline" : st->kind == ST_CONTINUOUS ? "continuous_kline" :
	    st->kind == ST_INDEX_KLINE ? "indexPrice_kline" : "markPrice_kline");
	jw_i64(b, "E", now);
	if (st->kind == ST_KLINE)
		jw_str(b, "s", r->symbol);
	else
		jw_str(b, "ps", r->pair);
	if (st->kind == ST_CONTINUOUS)
		jw_str(b, "ct", r->contract);
}

static void
put_prices(struct buf *b, const struct candle *k)
{
	jw_dec(b, "o", k->o);
	jw_dec(b, "c", k->c);
	jw_dec(b, "h", k->h);
	jw_dec(b, "l", k->l);
}

/* Of trades. */
static void
put_traded(struct buf *b, const struct candle *k, bool closed)
{
	jw_u64(b, "f", k->first);
	jw_u64(b, "L", k->last);
	put_prices(b, k);
	jw_dec(b, "v", k->volume);
	jw_i64(b, "n", k->trades);
	jw_bool(b, "x", closed);
	jw_dec(b, "q", k->quote);
	jw_dec(b, "V", k->taker_volume);
	jw_dec(b, "Q", k->taker_quote);
}

/* Of a price that is told: f and L are the times of its first and last sample,
 * n how many there were, and nothing is traded. */
static void
put_told(struct buf *b, const struct candle *k, bool closed, int64_t now)
{
	jw_i64(b, "f", k->open_ms);
	jw_i64(b, "L", closed ? k->close_ms / 1000 * 1000 : now / 1000 * 1000);
	put_prices(b, k);
	jw_str(b, "v", "0");
	jw_i64(b, "n", k->trades);
	jw_bool(b, "x", closed);
	jw_str(b, "q", "0");
	jw_str(b, "V", "0");
	jw_str(b, "Q", "0");
}

static void
push_candle(struct pushes *p, struct stream *st, const struct candle *k, bool closed, int64_t now)
{
	struct buf *b = push_begin(p);

	put_head(p, st, now);
	jw_open(b, "k", '{');
	jw_i64(b, "t", k->open_ms);
	jw_i64(b, "T", k->close_ms);
	if (st->kind == ST_INDEX_KLINE)
		jw_str(b, "s", "0");	/* as documented */
	else if (st->kind != ST_CONTINUOUS)
		jw_str(b, "s", engine_rules(p->s->engine, st->sym)->symbol);
	jw_str(b, "i", st->interval);
	if (kind_of(st) == CANDLE_LAST)
		put_traded(b, k, closed);
	else
		put_told(b, k, closed, now);
	jw_str(b, "B", "0");
	jw_close(b, '}');
	jw_close(b, '}');
	streams_push(p->s->streams, st, b);
}

/* The one told last, once it is over. */
static void
close_candle(struct pushes *p, struct stream *st, int64_t now)
{
	struct candle k;

	if (st->open_ms == 0 || now <= st->close_ms)
		return;
	if (hist_candles(p->s->hist, kind_of(st), st->sym, st->interval, st->open_ms, st->open_ms, now,
	    &k, 1) == 1 && k.open_ms == st->open_ms)
		push_candle(p, st, &k, true, now);
	st->open_ms = 0;
}

void
show_candle(struct pushes *p, struct stream *st, int64_t now)
{
	struct candle k;

	close_candle(p, st, now);
	if (!hist_candle(p->s->hist, kind_of(st), st->sym, st->interval, now, &k) || k.close_ms < now)
		return;		/* nothing is known yet: the next price will wake it */
	push_candle(p, st, &k, false, now);
	st->open_ms = k.open_ms;
	st->close_ms = k.close_ms;
	push_later(p, st, k.close_ms + 1);
}
