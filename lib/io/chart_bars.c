#include <stdlib.h>

#include "io/chart.h"

#define MARK	4	/* lines from one number of the axis to the next */
#define ROUND	12	/* so many lines at least, and the numbers are round */

/* Lines above and below where bars begin, and what a line is worth. */
struct base { double at, line; int up, down; };

static void
bounds(const struct point *v, int n, double *lo, double *hi)
{
	for (int i = 0; i < n; i++) {
		*hi = i == 0 || v[i].v > *hi ? v[i].v : *hi;
		*lo = i == 0 || v[i].v < *lo ? v[i].v : *lo;
	}
}

/* The next number that is counted in easily, x > 0. */
static double
round_up(double x)
{
	static const double of[] = { 1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10 };
	double tens = 1;
	size_t i = 0;

	while (x > 10 * tens)
		tens *= 10;
	while (x < tens)
		tens /= 10;
	while (i < sizeof of / sizeof *of - 1 && x > of[i] * tens * (1 + 1e-9))
		i++;
	return of[i] * tens;
}

/* lo > 0: the last multiple of step below it by a line at least. */
static double
below(double lo, double step)
{
	double at = lo - step / MARK;

	return at < step ? 0 : (double)(int64_t)(at / step) * step;
}

/* The same with round numbers at every mark: as much room as b has, or a little more. */
static struct base
rounded(struct base b, double lo, double hi)
{
	double step = round_up(b.line * MARK);

	if (b.at > 0) {
		for (b.at = below(lo, step); b.at + step / MARK * b.up < hi; b.at = below(lo, step))
			step = round_up(step * 1.01);
	}
	b.line = step / MARK;
	return b;
}

/* Zero, unless it is far off: then a little below the least. */
static struct base
exact(double lo, double hi, int lines)
{
	struct base b = { 0, 1, lines, 0 };

	if (lo > 0 && lo > hi / 2) {
		b.at = hi > lo ? lo - (hi - lo) / lines : lo / 2;
		b.line = (hi - b.at) / lines;
		return b;
	}
	if (lo < 0) {
		b.down = hi <= 0 ? lines : (int)(lines * -lo / (hi - lo) + 0.5);
		b.down = b.down < 1 ? 1 : b.down > lines - (hi > 0) ? lines - (hi > 0) : b.down;
		b.up = lines - b.down;
	}
	b.line = b.up > 0 ? hi / b.up : 0;
	if (b.down > 0 && -lo / b.down > b.line)
		b.line = -lo / b.down;
	if (b.line <= 0)
		b.line = 1;
	return b;
}

static struct base
base_of(double lo, double hi, int lines)
{
	struct base b = exact(lo, hi, lines);

	return lines < ROUND || hi <= lo ? b : rounded(b, lo, hi);
}

/* Means of k by k. */
static int
merge(struct point *out, const struct point *v, int n, int k)
{
	int m = 0;

	for (int i = 0; i < n; i += k, m++) {
		int j;

		out[m] = (struct point){ v[i].t, 0 };
		for (j = i; j < n && j < i + k; j++)
			out[m].v += v[j].v;
		out[m].v /= j - i;
	}
	return m;
}

/* Every fourth line from the base on, by its outer edge; zero; and the top where the numbers are not round. */
static void
labels(struct canvas *v, const struct base *b, int decimals, bool round)
{
	char text[32];
	int edge;

	for (int y = 0; y < v->h; y++) {
		edge = y < b->up ? b->up - y : b->up - 1 - y;
		if (edge == 1 && b->down > 0)
			edge = 0;
		else if (edge % MARK != 0 && (y != 0 || round))
			continue;
		chart_number(text, b->at + edge * b->line, decimals);
		canvas_label(v, y, text);
	}
}

static void
bar(struct canvas *v, const struct base *b, int x, double d)
{
	double off = (d - b->at) / b->line * 8;
	bool up = off >= 0;
	int n = (int)((up ? off : -off) + 0.5);

	if (n == 0 && off != 0)
		n = 1;
	if (n == 0)		/* nothing is something too */
		canvas_put(v, x, b->up > 0 ? b->up - 1 : 0, b->up > 0 ? v->unicode ? "▁" : "_" :
		    v->unicode ? "▔" : "'", TINT_DIM);
	canvas_column(v, x, up ? b->up - 1 : b->up, n, up, up ? TINT_UP : TINT_DOWN);
}

/* So many decimals that marks four lines apart differ, but not more than there is sense in. */
static int
axis_decimals(double lo, double hi, int lines, int decimals)
{
	double step = (hi - lo) / lines * 4;
	int d = 0;

	while (d < decimals + 2 && step < 10) {
		step *= 10;
		d++;
	}
	return d;
}

static void
paint(struct canvas *v, const struct base *b, const struct point *p, int m, int decimals)
{
	int64_t *t = calloc((size_t)m, sizeof *t);
	int step = m * 2 <= v->w ? 2 : 1;

	canvas_axes(v);
	labels(v, b, decimals, v->h >= ROUND);
	for (int i = 0; i < m; i++) {
		bar(v, b, i * step, p[i].v);
		if (t != NULL)
			t[i] = p[i].t;
	}
	if (t != NULL)
		chart_times(v, t, m, step);
	free(t);
}

void
chart_series(struct buf *out, const struct chart *c, const char *title, const struct point *v, int n,
    int decimals)
{
	struct point *m = calloc((size_t)n, sizeof *m);
	double lo = 0, hi = 0;
	struct canvas cv;
	struct base b;

	bounds(v, n, &lo, &hi);
	decimals = axis_decimals(lo > 0 && lo > hi / 2 ? lo : lo < 0 ? lo : 0, hi > 0 ? hi : 0, c->h, decimals);
	b = base_of(lo, hi, chart_lines(c));
	canvas_open(&cv, c, chart_width(lo < 0 ? lo - MARK * b.line : lo, hi + MARK * b.line, decimals));
	if (m == NULL || n == 0)
		out->bad = out->bad || m == NULL;
	else {
		n = merge(m, v, n, (n + cv.w - 1) / cv.w);
		bounds(m, n, &lo, &hi);
		b = base_of(lo, hi, cv.h);
		paint(&cv, &b, m, n, decimals);
		canvas_print(out, &cv, title);
	}
	free(m);
	canvas_close(&cv);
}

/*
 * Depth
 */

/* One side of a book: what stands up to `off` from the middle. */
static double
standing(const struct chart_level *v, int n, double middle, double off)
{
	double sum = 0, d;

	for (int i = 0; i < n; i++) {
		d = chart_value(v[i].price) - middle;
		if ((d < 0 ? -d : d) > off)
			break;
		sum += chart_value(v[i].qty);
	}
	return sum;
}

static double
reach(const struct chart_level *v, int n, double middle)
{
	double d = n == 0 ? 0 : chart_value(v[n - 1].price) - middle;

	return d < 0 ? -d : d;
}

static int
most_decimals(const struct chart_level *v, int n, bool price)
{
	int most = 0, d;

	for (int i = 0; i < n; i++)
		if ((d = dec_decimals(price ? v[i].price : v[i].qty)) > most)
			most = d;
	return most;
}

static void
prices(struct canvas *v, double middle, double far, int decimals)
{
	char text[32];
	int half = v->w / 2;

	chart_number(text, middle - far, decimals);
	canvas_mark(v, 0, text);
	chart_number(text, middle, decimals);
	canvas_mark(v, half, text);
	chart_number(text, middle + far, decimals);
	canvas_mark(v, 2 * half - (int)chart_width(middle + far, middle + far, decimals), text);
}

/* Each column holds what stands up to its outer edge, so that the best level shows. */
static void
sides(struct canvas *v, const struct chart_level *bids, int nbids, const struct chart_level *asks, int nasks,
    double middle, double far, double most)
{
	int half = v->w / 2;

	for (int i = 0; i < half; i++) {
		double off = far * (i + 1) / half * (1 + 1e-12);
		int bid = (int)(standing(bids, nbids, middle, off) / most * v->h * 8 + 0.5);
		int ask = (int)(standing(asks, nasks, middle, off) / most * v->h * 8 + 0.5);

		canvas_column(v, half - 1 - i, v->h - 1, bid, true, TINT_UP);
		canvas_column(v, half + i, v->h - 1, ask, true, TINT_DOWN);
	}
}

void
chart_depth(struct buf *out, const struct chart *c, const char *title, const struct chart_level *bids, int nbids,
    const struct chart_level *asks, int nasks)
{
	double bid = chart_value(nbids > 0 ? bids[0].price : asks[0].price);
	double ask = chart_value(nasks > 0 ? asks[0].price : bids[0].price), middle = (bid + ask) / 2;
	double far = reach(bids, nbids, middle), other = reach(asks, nasks, middle), most, sum;
	int decimals = most_decimals(bids, nbids, false), wide = most_decimals(bids, nbids, true), d;
	struct canvas cv;
	struct base b;

	far = other > far ? other : far;
	far = far > 0 ? far : middle / 1000;
	most = standing(bids, nbids, middle, far * (1 + 1e-12));
	sum = standing(asks, nasks, middle, far * (1 + 1e-12));
	most = sum > most ? sum : most;
	most = most > 0 ? most : 1;
	if ((d = most_decimals(asks, nasks, false)) > decimals)
		decimals = d;
	if ((d = most_decimals(asks, nasks, true)) > wide)
		wide = d;
	canvas_open(&cv, c, chart_width(most, 0, decimals));
	b = (struct base){ 0, most / cv.h, cv.h, 0 };
	canvas_axes(&cv);
	labels(&cv, &b, decimals, false);
	sides(&cv, bids, nbids, asks, nasks, middle, far, most);
	prices(&cv, middle, far, wide);
	canvas_print(out, &cv, title);
	canvas_close(&cv);
}
