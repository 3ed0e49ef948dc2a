/*
 * Mark and index prices. The venue tells them once a period and not otherwise;
 * here a new one is told at once as well, so that what a feed or a test says is
 * heard without waiting.
 */
#include <string.h>

#include "pushes.h"

/* A price that is renewed each period is on its way: do not tell the old one
 * just ahead of it. */
#define GRACE_MS	50

static bool
known(const struct pushes *p, int sym)
{
	return dec_sign(engine_mark_price(p->s->engine, sym)) != 0;
}

static void
put_mark(struct pushes *p, int sym, int64_t now)
{
	const struct engine *e = p->s->engine;
	const struct contract *c = engine_contract(e, sym);
	struct buf *b = &p->b;

	push_head(p, "markPriceUpdate", sym, now);
	number_money(b, "p", engine_mark_price(e, sym));
	if (c->market == USDM)	/* its moving average: recorded equal to p */
		number_money(b, "ap", engine_mark_price(e, sym));
	number_money(b, "P", engine_settle_price(e, sym));
	number_money(b, "i", engine_index_price(e, sym));
	if (c->funding_hours != 0)
		number_money(b, "r", engine_funding_rate(e, sym));
	else
		jw_str(b, "r", "");
	jw_i64(b, "T", c->funding_hours != 0 ? engine_next_funding(e, sym) : 0);
	push_market(p, sym);
	jw_close(b, '}');
}

static void
put_index(struct pushes *p, int sym, int64_t now)
{
	const struct engine *e = p->s->engine;
	struct buf *b = &p->b;

	jw_open(b, NULL, '{');
	jw_str(b, "e", "indexPriceUpdate");
	jw_i64(b, "E", now);
	jw_str(b, "i", engine_rules(e, sym)->pair);	/* sources contradict: i, or */
	jw_str(b, "s", engine_rules(e, sym)->pair);	/* s since 2026-06-30 */
	number_money(b, "p", engine_index_price(e, sym));
	jw_close(b, '}');
}

/* Told just now: the next time in a period from here. */
static void
told(struct pushes *p, enum stream_kind kind, int sym, int64_t now)
{
	for (struct stream *st = streams_first(p->s->streams, kind, sym); st != NULL; st = st->same)
		st->due = now + st->period_ms + GRACE_MS;
}

static void
mark_changed(struct pushes *p, int sym)
{
	if (p->sym[sym].marked)
		return;
	p->sym[sym].marked = true;
	p->marked[p->nmarked++] = sym;
}

void
on_mark(struct pushes *p, const struct engine_event *ev)
{
	struct streams *ss = p->s->streams;
	int pair = p->sym[ev->sym].pair;

	mark_changed(p, ev->sym);
	if (streams_wanted(ss, ST_MARK, ev->sym)) {
		push_begin(p);
		put_mark(p, ev->sym, ev->ms);
		streams_push_all(ss, ST_MARK, ev->sym, &p->b);
		told(p, ST_MARK, ev->sym, ev->ms);
	}
	if (streams_wanted(ss, ST_INDEX, ev->sym)) {
		push_begin(p);
		put_index(p, ev->sym, ev->ms);
		streams_push_all(ss, ST_INDEX, ev->sym, &p->b);
		told(p, ST_INDEX, ev->sym, ev->ms);
	}
	for (struct stream *st = streams_first(ss, ST_MARK_PAIR, pair); st != NULL; st = st->same)
		if (st->nsub > 0) {
			st->due = ev->ms;
			push_wake(p, st, ev->ms);
		}
	push_wake_all(p, ST_MARK_KLINE, ev->sym, ev->ms);
	push_wake_all(p, ST_INDEX_KLINE, ev->sym, ev->ms);
}

static bool
is_tradfi(const struct pushes *p, int sym)
{
	return strcmp(engine_rules(p->s->engine, sym)->contract, "TRADIFI_PERPETUAL") == 0;
}

/* Which symbols an array is of; it is empty if there are none. */
struct choice { bool all, tradfi; };

static int
put_marks(struct pushes *p, struct choice c, int64_t now)
{
	int n = 0;

	jw_open(push_begin(p), NULL, '[');
	for (int i = 0; i < p->nsym; i++)
		if ((c.all || p->sym[i].marked) && is_tradfi(p, i) == c.tradfi && known(p, i)) {
			put_mark(p, i, now);
			n++;
		}
	jw_close(&p->b, ']');
	return n;
}

/* TradFi symbols come in a message of their own. */
void
show_marks(struct pushes *p, struct stream *st, int64_t now)
{
	for (int tradfi = 0; tradfi < 2; tradfi++)
		if (put_marks(p, (struct choice){ true, tradfi != 0 }, now) > 0)
			streams_push(p->s->streams, st, &p->b);
}

void
settle_marks(struct pushes *p, int64_t now)
{
	int all = 0;

	for (int tradfi = 0; tradfi < 2 && streams_wanted(p->s->streams, ST_MARK_ALL, -1); tradfi++)
		if (put_marks(p, (struct choice){ false, tradfi != 0 }, now) > 0)
			streams_push_all(p->s->streams, ST_MARK_ALL, -1, &p->b);
	for (int i = 0; i < p->nsym; i++)
		all += known(p, i);
	if (p->nmarked == all)
		told(p, ST_MARK_ALL, -1, now);
	for (int i = 0; i < p->nmarked; i++)
		p->sym[p->marked[i]].marked = false;
	p->nmarked = 0;
}

void
show_mark(struct pushes *p, struct stream *st, int64_t now)
{
	if (!known(p, st->sym))
		return;
	push_begin(p);
	put_mark(p, st->sym, now);
	streams_push(p->s->streams, st, &p->b);
}

/* All contracts of a pair. */
void
show_pair(struct pushes *p, struct stream *st, int64_t now)
{
	int n = 0;

	jw_open(push_begin(p), NULL, '[');
	for (int i = st->sym; i < p->nsym; i++)
		if (p->sym[i].pair == st->sym && known(p, i)) {
			put_mark(p, i, now);
			n++;
		}
	jw_close(&p->b, ']');
	if (n > 0)
		streams_push(p->s->streams, st, &p->b);
}

void
show_index(struct pushes *p, struct stream *st, int64_t now)
{
	if (dec_sign(engine_index_price(p->s->engine, st->sym)) == 0)
		return;
	push_begin(p);
	put_index(p, st->sym, now);
	streams_push(p->s->streams, st, &p->b);
}
