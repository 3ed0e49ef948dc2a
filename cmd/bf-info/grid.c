/* Rows of a fixed length of time, one after the other: candles and statistics. */
#include <string.h>

#include "candle.h"
#include "core/span.h"
#include "range.h"

#define WEEK_MS		(INT64_C(7) * 86400000)

static int
row_fault(const struct run *r, struct fault *f)
{
	struct fault was = *f;

	fault_set(f, was.kind, "%s: %s", r->name, was.text);
	return -1;
}

/*
 * Where a file ends
 */

/* A line's object: its last candle (or hole) and whether that stands. */
static bool
line_time(const struct run *r, const struct tok *t, int64_t *at, bool *stands)
{
	*stands = true;
	if (scan_get_is(t, t, "e", "bf.gap"))
		return scan_get_i64(t, t, "to", at);
	if (r->of->shape == SHAPE_CANDLES)
		return scan_get_is(t, t, "e", "bf.kline") && scan_get_bool(t, t, "x", stands) &&
		    scan_get_i64(t, t, "t", at);
	return scan_get_i64(t, t, r->of->time, at);
}

/* The opening of the last row that stands; one that was open still is taken off. */
static int
resume(struct run *r, int64_t *after, struct fault *f)
{
	const char *end = NULL, *line;
	struct scan doc = { 0 };
	bool stands = false;
	int ret = 0;
	size_t n;

	*after = -1;
	while (ret == 0 && !stands && save_back(&r->save, &end, &line, &n)) {
		if (scan_doc(&doc, line, n) <= 0 || !line_time(r, doc.t, after, &stands))
			ret = fault_set(f, FAULT_USAGE, "--save %s: its last line is no row of %s",
			    r->save.path, r->of->name);
		else if (!stands) {
			*after = -1;
			ret = save_cut(&r->save, line, f);
			end = NULL;
		}
	}
	scan_free(&doc);
	return ret;
}

/*
 * Rows
 */

static int
keep_bar(struct run *r, const struct candle *k, struct fault *f)
{
	struct bar b = { .t = k->open_ms };
	double *const to[] = { &b.o, &b.h, &b.l, &b.c, &b.v };
	int decimals = 0;
	dec d;

	for (int i = 0; i < 5; i++) {
		if (!scan_dec(k->v[CANDLE_O + i], &d))
			return fault_set(f, FAULT_AGAIN, "a candle that is not of numbers");
		*to[i] = chart_value(d);
		if (i < 4 && dec_decimals(d) > decimals)
			decimals = dec_decimals(d);
	}
	return run_bar(r, &b, decimals, f);
}

static int
put_candle(struct run *r, const struct candle *k, struct fault *f)
{
	struct candle_of of = { r->of->kind, r->s, r->contract[0] != '\0' ? r->contract : NULL, r->iv->name };
	int64_t now = ask_now(&r->ask);

	if (r->a->plot != NULL && keep_bar(r, k, f) == -1)
		return -1;
	candle_put(&r->a->rec, k, &of, k->close_ms < now, now);
	return run_put(r, k->open_ms, f);
}

static int
take_candle(struct run *r, struct pager *p, const struct tok *t, const struct tok *row, struct fault *f)
{
	struct hole hole;
	struct candle k;
	int got;

	if (candle_read(&k, t, row, f) == -1 ||
	    (got = pager_take(p, k.open_ms, k.close_ms, &hole, f)) == -1)
		return row_fault(r, f);
	if (got == 1 && run_hole(r, &hole, f) == -1)
		return -1;
	return put_candle(r, &k, f);
}

static int
take_row(struct run *r, struct pager *p, const struct tok *t, const struct tok *row, struct fault *f)
{
	struct hole hole;
	int64_t at;
	int got;

	if (row->kind != SCAN_OBJ || !scan_get_i64(t, row, r->of->time, &at)) {
		fault_set(f, FAULT_AGAIN, "row %d of the answer has no %s", p->rows + 1, r->of->time);
		return row_fault(r, f);
	}
	if ((got = pager_take(p, at, -1, &hole, f)) == -1)
		return row_fault(r, f);
	if ((got == 1 && run_hole(r, &hole, f) == -1) || run_point(r, t, row, at, f) == -1)
		return -1;
	span_put(&r->a->rec, row);
	return run_put(r, at, f);
}

static int
take_page(struct run *r, struct pager *p, struct fault *f)
{
	const struct tok *t = r->a->s->doc.t, *row;
	int ret = 0;

	for (row = scan_first(t); row != NULL && ret == 0; row = scan_next(t, t, row))
		ret = r->of->shape == SHAPE_CANDLES ? take_candle(r, p, t, row, f) :
		    take_row(r, p, t, row, f);
	if (ret == -1)
		return -1;
	pager_end(p);
	return run_page(r, p->next, f);
}

/*
 * Where to begin: COIN-M is asked window by window, and before a contract was listed all
 * of them are empty. A week more, for candles of the mark price may be older.
 */
static int64_t
first_asked(const struct run *r)
{
	const struct tok *t = r->a->x->doc.t;
	int64_t listed;

	if (r->from < r->oldest)	/* a file that was begun long ago */
		return r->oldest;
	if (r->a->s->market != MARKET_COINM || r->of->pair[MARKET_COINM])
		return r->from;
	if (!scan_get_i64(t, scan_find(t, scan_get(t, t, "symbols"), "symbol", r->s), "onboardDate", &listed) ||
	    listed - WEEK_MS < r->from)
		return r->from;
	return listed - WEEK_MS;
}

int
grid_walk(struct run *r, struct fault *f)
{
	bool coin = r->a->s->market == MARKET_COINM, candles = r->of->shape == SHAPE_CANDLES;
	struct pager p = {
		.iv = r->iv, .from = first_asked(r), .to = r->to, .left = r->left, .most = r->of->most,
		.weighs = candles,
		/* COIN-M counts a page back from its end; of statistics that is not told */
		.backward = coin || !candles, .overlap = !candles,
		.span = coin && candles ? INT64_C(200) * 86400000 : 0
	};
	int64_t after = -1;

	if (r->save.fd != -1 && resume(r, &after, f) == -1)
		return -1;
	r->after = after;
	pager_begin(&p, after);
	progress_begin(&r->progress, r->name, p.from, p.next, r->to,
	    r->save.fd == -1 && r->a->plot == NULL);
	while (pager_ask(&p)) {
		buf_reset(&r->page);
		buf_printf(&r->page, "%s&startTime=%lld&endTime=%lld&limit=%d", r->q.p,
		    (long long)p.start, (long long)p.end, p.limit);
		if (run_call(r, f) == -1 || take_page(r, &p, f) == -1)
			return -1;
	}
	return 0;
}
