#include <stdlib.h>
#include <string.h>

#include "io/chart.h"

/* What a half of a line shows of a candle. */
enum half { NOTHING, WICK, BODY };

/* By upper and lower half. A block has no thinner half: there the body wins. */
static const char *const rose[3][3] = {
	[NOTHING] = { " ", "╷", "╻" }, [WICK] = { "╵", "│", "╽" }, [BODY] = { "╹", "╿", "┃" }
};
static const char *const fell[3][3] = {
	[NOTHING] = { " ", "╷", "▄" }, [WICK] = { "╵", "│", "▄" }, [BODY] = { "▀", "▀", "█" }
};

struct scale { double lo, hi; int halves; };

/* The half of a line, from the top, that a price is in. */
static int
place(const struct scale *s, double p)
{
	return (int)((s->hi - p) / (s->hi - s->lo) * (s->halves - 1) + 0.5);
}

static enum half
half_at(int y, const int at[static 4])
{
	return y >= at[1] && y <= at[2] ? BODY : y >= at[0] && y <= at[3] ? WICK : NOTHING;
}

static const char *
glyph(const struct canvas *v, enum half up, enum half down, bool up_candle)
{
	if (v->unicode)
		return up_candle ? rose[up][down] : fell[up][down];
	return up == BODY || down == BODY ? up_candle ? "+" : "#" : "|";
}

static void
draw(struct canvas *v, const struct scale *s, int x, const struct bar *b)
{
	bool up = b->c >= b->o;
	int at[4] = { place(s, b->h), place(s, up ? b->c : b->o), place(s, up ? b->o : b->c), place(s, b->l) };
	enum half upper, lower;

	for (int y = at[0] / 2; y <= at[3] / 2; y++) {
		upper = half_at(2 * y, at);
		lower = half_at(2 * y + 1, at);
		if (upper != NOTHING || lower != NOTHING)
			canvas_put(v, x, y, glyph(v, upper, lower, up), up ? TINT_UP : TINT_DOWN);
	}
}

int
chart_merge(struct bar *out, const struct bar *v, int n, int k)
{
	int m = 0;

	for (int i = 0; i < n; i += k, m++) {
		struct bar *b = &out[m];

		*b = (struct bar){ .t = v[i].t, .none = true };
		for (int j = i; j < n && j < i + k; j++) {
			if (v[j].none)
				continue;
			if (b->none)
				*b = (struct bar){ b->t, v[j].o, v[j].h, v[j].l, v[j].c, 0, false };
			b->h = v[j].h > b->h ? v[j].h : b->h;
			b->l = v[j].l < b->l ? v[j].l : b->l;
			b->c = v[j].c;
			b->v += v[j].v;
		}
	}
	return m;
}

static double
bounds(struct scale *s, const struct bar *v, int n)
{
	bool first = true;
	double most = 0;

	for (int i = 0; i < n; i++) {
		if (v[i].none)
			continue;
		s->hi = first || v[i].h > s->hi ? v[i].h : s->hi;
		s->lo = first || v[i].l < s->lo ? v[i].l : s->lo;
		most = v[i].v > most ? v[i].v : most;
		first = false;
	}
	if (s->hi <= s->lo) {	/* all at one price: in the middle */
		double off = s->hi < 0 ? -s->hi : s->hi;

		s->hi += off > 0 ? off / 1000 : 1;
		s->lo -= off > 0 ? off / 1000 : 1;
	}
	return most;
}

/* Where a few ticks fill the chart, lines between two of them have no number of their own. */
static void
labels(struct canvas *v, const struct scale *s, int decimals)
{
	char text[32], last[32] = "";

	for (int y = 0; y < s->halves / 2; y += 4) {
		chart_number(text, s->hi - (2 * y + 0.5) / (s->halves - 1) * (s->hi - s->lo), decimals);
		if (strcmp(text, last) != 0)
			canvas_label(v, y, text);
		memcpy(last, text, sizeof last);
	}
}

static void
volumes(struct canvas *v, const struct bar *b, int m, int step, int lines, double most)
{
	for (int i = 0; i < m; i++) {
		int n = (int)(b[i].v / most * lines * 8 + 0.5);

		if (!b[i].none)
			canvas_column(v, i * step, v->h - 1, n == 0 && b[i].v > 0 ? 1 : n, true,
			    b[i].c >= b[i].o ? TINT_UP : TINT_DOWN);
	}
}

static void
paint(struct canvas *v, const struct scale *of, const struct bar *b, int m, int decimals, double most)
{
	int lines = most > 0 ? (v->h / 5 > 1 ? v->h / 5 : 1) : 0, step = m * 2 <= v->w ? 2 : 1;
	struct scale s = *of;
	int64_t *t = calloc((size_t)m, sizeof *t);

	s.halves = 2 * (v->h - lines - (lines > 0));
	canvas_axes(v);
	labels(v, &s, decimals);
	for (int i = 0; i < m; i++) {
		if (!b[i].none)
			draw(v, &s, i * step, &b[i]);
		if (t != NULL)
			t[i] = b[i].t;
	}
	if (lines > 0)
		volumes(v, b, m, step, lines, most);
	if (t != NULL)
		chart_times(v, t, m, step);
	free(t);
}

void
chart_candles(struct buf *out, const struct chart *c, const char *title, const struct bar *v, int n,
    int decimals)
{
	struct scale s = { 0 };
	struct canvas cv;
	struct bar *m;
	int k, wide;

	bounds(&s, v, n);
	wide = chart_width(s.lo, s.hi, decimals);
	canvas_open(&cv, c, wide);
	k = (n + cv.w - 1) / cv.w;
	m = malloc((size_t)n * sizeof *m);
	if (m == NULL || n == 0)
		out->bad = out->bad || m == NULL;
	else {
		n = chart_merge(m, v, n, k);
		paint(&cv, &s, m, n, decimals, bounds(&s, m, n));
		canvas_print(out, &cv, title);
	}
	free(m);
	canvas_close(&cv);
}
