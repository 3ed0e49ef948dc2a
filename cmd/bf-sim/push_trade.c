/* Trades, one by one and collected. */
#include "pushes.h"

#define AGGS_MAX	64	/* at a time */
#define RETRY_MS	10	/* one that has not ended yet is looked at again */

static void
push_trade(struct pushes *p, const struct engine_event *ev)
{
	struct buf *b = push_begin(p);

	push_head(p, "trade", ev->sym, ev->ms);
	jw_i64(b, "T", ev->ms);
	jw_u64(b, "t", ev->u.trade.id);
	jw_dec(b, "p", ev->u.trade.price);
	jw_dec(b, "q", ev->u.trade.qty);
	jw_str(b, "X", "MARKET");	/* take-overs and ADL are no trades of the book */
	jw_bool(b, "m", ev->u.trade.buyer_maker);
	push_market(p, ev->sym);
	jw_close(b, '}');
	streams_push_all(p->s->streams, ST_TRADE, ev->sym, b);
}

static void
push_agg(struct pushes *p, struct stream *st, const struct hist_agg *a, int64_t now)
{
	struct buf *b = push_begin(p);

	push_head(p, "aggTrade", st->sym, now);
	jw_u64(b, "a", a->id);
	jw_dec(b, "p", a->price);
	jw_dec(b, "q", a->qty);
	if (engine_contract(p->s->engine, st->sym)->market == USDM)
		jw_dec(b, "nq", a->qty);	/* there are no RPI orders here */
	jw_u64(b, "f", a->first);
	jw_u64(b, "l", a->last);
	jw_i64(b, "T", a->ms);
	jw_bool(b, "m", a->buyer_maker);
	push_market(p, st->sym);
	jw_close(b, '}');
	streams_push(p->s->streams, st, b);
}

/* Tell the finished ones of a handful; whether there may be more. */
static bool
tell_aggs(struct pushes *p, struct stream *st, int64_t now, uint64_t *last_id)
{
	uint64_t end = hist_agg_last(p->s->hist, st->sym);
	struct hist_agg v[AGGS_MAX];
	int n = 0, i;

	if (end > st->last_u)
		n = hist_aggs(p->s->hist, st->sym, st->last_u + 1, 0, INT64_MAX, v, AGGS_MAX);
	for (i = 0; i < n && v[i].id <= end; i++) {
		push_agg(p, st, &v[i], now);
		st->last_u = v[i].id;
		*last_id = v[i].last;
	}
	return n == AGGS_MAX && i == n;
}

void
show_aggs(struct pushes *p, struct stream *st, int64_t now)
{
	uint64_t last_id = 0;

	while (tell_aggs(p, st, now, &last_id))
		;
	if (last_id < st->last_id)
		push_later(p, st, now + RETRY_MS);
}

/* A fill may have others of its price behind it for HIST_AGG_MS. */
static void
note_aggs(struct pushes *p, const struct engine_event *ev)
{
	struct stream *st = streams_first(p->s->streams, ST_AGG, ev->sym);

	for (; st != NULL; st = st->same)
		if (st->nsub > 0) {
			st->last_id = ev->u.trade.id;
			push_later(p, st, ev->ms + HIST_AGG_MS);
		}
}

void
on_trade(struct pushes *p, const struct engine_event *ev)
{
	static const enum stream_kind moved[] = { ST_KLINE, ST_CONTINUOUS, ST_MINI, ST_TICKER };

	note_aggs(p, ev);
	if (streams_wanted(p->s->streams, ST_TRADE, ev->sym))
		push_trade(p, ev);
	for (size_t i = 0; i < sizeof moved / sizeof *moved; i++)
		push_wake_all(p, moved[i], ev->sym, ev->ms);
	for (int i = 0; i < TICKERS; i++)
		p->sym[ev->sym].traded[i] = true;
	push_wake_all(p, ST_MINI_ALL, -1, ev->ms);
	push_wake_all(p, ST_TICKER_ALL, -1, ev->ms);
}
