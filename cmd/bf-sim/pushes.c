/* Market streams: when something is told. All times are the exchange's. */
#include <stdlib.h>
#include <string.h>

#include "pushes.h"

#define SET_BACK_MS	1000	/* a clock that went back by more was set */

static void
find_pairs(struct pushes *p)
{
	const struct engine *e = p->s->engine;
	int k;

	for (int i = 0; i < p->nsym; i++) {
		for (k = 0; k < i && (engine_contract(e, k)->market != engine_contract(e, i)->market ||
		    strcmp(engine_rules(e, k)->pair, engine_rules(e, i)->pair) != 0); k++)
			;
		p->sym[i].pair = k;
	}
}

struct pushes *
pushes_new(struct sim *s)
{
	struct pushes *p = calloc(1, sizeof *p);
	size_t n;

	if (p == NULL)
		return NULL;
	p->s = s;
	p->nsym = engine_symbols(s->engine);
	p->force_due = INT64_MAX;
	n = (size_t)p->nsym + 1;
	p->sym = calloc(n, sizeof(*p->sym));
	p->dirty = calloc(n, sizeof(*p->dirty));
	p->marked = calloc(n, sizeof(*p->marked));
	p->forced = calloc(n, sizeof(*p->forced));
	if (p->sym == NULL || p->dirty == NULL || p->marked == NULL || p->forced == NULL) {
		pushes_free(p);
		return NULL;
	}
	find_pairs(p);
	return p;
}

void
pushes_free(struct pushes *p)
{
	if (p == NULL)
		return;
	buf_free(&p->b);
	free(p->sym);
	free(p->dirty);
	free(p->marked);
	free(p->forced);
	free(p->queue);
	free(p->newcomer);
	free(p);
}

/*
 * The queue of what waits
 */

static bool
before(const struct stream *a, const struct stream *b)
{
	return a->at != b->at ? a->at < b->at : a->serial < b->serial;
}

static void
put(struct pushes *p, int i, struct stream *st)
{
	p->queue[i] = st;
	st->place = (size_t)i + 1;
}

static void
rise(struct pushes *p, int i)
{
	struct stream *st = p->queue[i];

	for (; i > 0 && before(st, p->queue[(i - 1) / 2]); i = (i - 1) / 2)
		put(p, i, p->queue[(i - 1) / 2]);
	put(p, i, st);
}

static void
sink(struct pushes *p, int i)
{
	struct stream *st = p->queue[i];
	int k;

	for (; (k = 2 * i + 1) < p->nqueue; i = k) {
		if (k + 1 < p->nqueue && before(p->queue[k + 1], p->queue[k]))
			k++;
		if (!before(p->queue[k], st))
			break;
		put(p, i, p->queue[k]);
	}
	put(p, i, st);
}

static void
take(struct pushes *p, struct stream *st)
{
	int i = (int)st->place - 1;
	struct stream *last;

	if (i < 0)
		return;
	st->place = 0;
	last = p->queue[--p->nqueue];
	if (last == st)
		return;
	put(p, i, last);
	rise(p, i);
	sink(p, (int)last->place - 1);
}

/* Without memory it is told of the next change, not of this one. */
void
push_later(struct pushes *p, struct stream *st, int64_t at)
{
	struct stream **v;

	if (st->place != 0) {
		if (at < st->at) {
			st->at = at;
			rise(p, (int)st->place - 1);
		}
		return;
	}
	if ((v = streams_room(p->queue, p->nqueue, &p->cqueue, sizeof(*v))) == NULL)
		return;
	p->queue = v;
	st->at = at;
	put(p, p->nqueue++, st);
	rise(p, p->nqueue - 1);
}

void
push_wake(struct pushes *p, struct stream *st, int64_t now)
{
	push_later(p, st, st->due > now ? st->due : now);
}

void
push_wake_all(struct pushes *p, enum stream_kind kind, int sym, int64_t now)
{
	for (struct stream *st = streams_first(p->s->streams, kind, sym); st != NULL; st = st->same)
		if (st->nsub > 0)
			push_wake(p, st, now);
}

/*
 * Messages
 */

struct buf *
push_begin(struct pushes *p)
{
	buf_reset(&p->b);
	return &p->b;
}

void
push_head(struct pushes *p, const char *e, int sym, int64_t now)
{
	jw_open(&p->b, NULL, '{');
	jw_str(&p->b, "e", e);
	jw_i64(&p->b, "E", now);
	jw_str(&p->b, "s", engine_rules(p->s->engine, sym)->symbol);
}

void
push_market(struct pushes *p, int sym)
{
	jw_i64(&p->b, "st", engine_contract(p->s->engine, sym)->market == COINM ? 2 : 1);
}

void
push_pair(struct pushes *p, int sym)
{
	jw_str(&p->b, "ps", engine_rules(p->s->engine, sym)->pair);
	push_market(p, sym);
}

/*
 * What each kind does when its time has come. state: a new subscriber is shown
 * how things stand; again: it is told once a period, changed or not.
 */
static const struct {
	void (*show)(struct pushes *, struct stream *, int64_t);
	bool state, again;
} kinds[ST_KINDS] = {
	[ST_MARK] = { show_mark, true, true },
	[ST_MARK_ALL] = { show_marks, true, true },
	[ST_MARK_PAIR] = { show_pair, true, true },
	[ST_INDEX] = { show_index, true, true },
	[ST_BOOK] = { show_top, true, false },
	[ST_BOOK_ALL] = { show_tops, true, false },
	[ST_AGG] = { show_aggs, false, false },
	[ST_DEPTH] = { show_depth, false, false },
	[ST_PARTIAL] = { show_depth, true, false },
	[ST_KLINE] = { show_candle, true, false },
	[ST_CONTINUOUS] = { show_candle, true, false },
	[ST_INDEX_KLINE] = { show_candle, true, false },
	[ST_MARK_KLINE] = { show_candle, true, false },
	[ST_MINI] = { show_ticker, true, false },
	[ST_TICKER] = { show_ticker, true, false },
	[ST_MINI_ALL] = { show_tickers, true, false },
	[ST_TICKER_ALL] = { show_tickers, true, false },
	[ST_ASSET] = { show_asset, true, true },
	[ST_ASSET_ALL] = { show_assets, true, true },
};

/* A round of the whole market begins with all of it. */
static void
all_new(struct pushes *p, enum stream_kind kind)
{
	for (int i = 0; i < p->nsym; i++) {
		p->sym[i].top |= kind == ST_BOOK_ALL;
		p->sym[i].traded[TICKER_MINI] |= kind == ST_MINI_ALL;
		p->sym[i].traded[TICKER_FULL] |= kind == ST_TICKER_ALL;
	}
}

/* The answer to its request goes first, so it has to wait; without memory, for
 * what the others are told next. */
static void
add_newcomer(struct pushes *p, struct stream *st)
{
	struct newcomer *v = streams_room(p->newcomer, p->nnew, &p->cnew, sizeof *v);

	if (v == NULL)
		return;
	p->newcomer = v;
	v[p->nnew++] = (struct newcomer){ st, st->sub[st->nsub - 1] };
}

void
pushes_begin(struct pushes *p, struct stream *st)
{
	int64_t now = sim_now(p->s);

	if (st->nsub > 1) {	/* with the others, if they are told at once */
		if (kinds[st->kind].state && (st->place == 0 || st->at > now || st->due > now))
			add_newcomer(p, st);
		return;
	}
	st->changes.n = 0;
	st->open_ms = st->due = 0;
	if (st->kind == ST_AGG)
		st->last_u = hist_agg_last(p->s->hist, st->sym);
	else if (st->sym != -1)
		st->last_u = engine_update_id(p->s->engine, st->sym);
	all_new(p, st->kind);
	if (kinds[st->kind].state)
		push_wake(p, st, now);
}

void
pushes_end(struct pushes *p, struct stream *st, const struct client *c)
{
	int n = 0;

	for (int i = 0; i < p->nnew; i++)
		if (p->newcomer[i].st != st || p->newcomer[i].c != c)
			p->newcomer[n++] = p->newcomer[i];
	p->nnew = n;
	if (st->nsub > 0)
		return;
	take(p, st);
	st->changes.n = 0;
}

void
pushes_event(struct pushes *p, const struct engine_event *ev)
{
	switch (ev->kind) {
	case EV_MARK:
		on_mark(p, ev);
		break;
	case EV_TRADE:
		on_trade(p, ev);
		break;
	case EV_BOOK:
		on_book(p, ev);
		break;
	case EV_FORCE:
		on_force(p, ev);
		break;
	case EV_CONTRACT:
		on_contract(p, ev);
		break;
	default:
		break;
	}
}

/* Times of another clock would keep streams silent until they come. */
static void
look_at_clock(struct pushes *p, int64_t now)
{
	bool back = now + SET_BACK_MS < p->now;

	p->now = now;
	if (!back)
		return;
	for (int i = 0; i < p->nqueue; i++)
		p->queue[i]->at = p->queue[i]->due = now;
	for (int i = p->nqueue / 2; i-- > 0; )
		sink(p, i);
	if (p->nforced > 0)
		p->force_due = now;
}

void
pushes_settle(struct pushes *p, int64_t now_ms)
{
	look_at_clock(p, now_ms);
	for (int i = 0; i < p->ndirty; i++) {
		p->sym[p->dirty[i]].dirty = false;
		settle_top(p, p->dirty[i], now_ms);
	}
	p->ndirty = 0;
	if (p->nmarked > 0)
		settle_marks(p, now_ms);
}

int64_t
pushes_due(const struct pushes *p)
{
	if (p->nnew > 0)
		return 0;
	if (p->nqueue > 0 && p->queue[0]->at < p->force_due)
		return p->queue[0]->at;
	return p->force_due;
}

/* As if it were the only one; to the others nothing has been told. */
static void
show_alone(struct pushes *p, const struct newcomer *w, int64_t now)
{
	struct stream was = *w->st;
	struct client *only = w->c;

	w->st->sub = &only;
	w->st->nsub = 1;
	w->st->open_ms = 0;	/* no end of a candle it has not seen */
	p->alone = true;
	kinds[was.kind].show(p, w->st, now);
	p->alone = false;
	w->st->sub = was.sub;
	w->st->nsub = was.nsub;
	w->st->last_u = was.last_u;
	w->st->open_ms = was.open_ms;
	w->st->close_ms = was.close_ms;
}

/* The next period runs from when this one was due, so that it does not drift. */
static void
show(struct pushes *p, struct stream *st, int64_t now)
{
	take(p, st);
	if (st->due > now) {
		push_later(p, st, st->due);
		return;
	}
	st->due = st->period_ms + (now - st->at < st->period_ms ? st->at : now);
	kinds[st->kind].show(p, st, now);
	if (kinds[st->kind].again)
		push_later(p, st, st->due);
}

void
pushes_tick(struct pushes *p, int64_t now_ms)
{
	look_at_clock(p, now_ms);
	for (int i = 0; i < p->nnew; i++)
		show_alone(p, &p->newcomer[i], now_ms);
	p->nnew = 0;
	if (p->force_due <= now_ms)
		tell_forces(p, now_ms);
	while (p->nqueue > 0 && p->queue[0]->at <= now_ms)
		show(p, p->queue[0], now_ms);
}
