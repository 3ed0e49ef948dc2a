#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/show.h"
#include "io/chart.h"

#define AXIS_LINES	2	/* the line and what stands below it */
#define DAY_MS		INT64_C(86400000)

static int
least(int n, int min)
{
	return n < min ? min : n;
}

int
chart_columns(const struct chart *c, int n)
{
	return least(c->w, CHART_W_MIN) - n - 2;
}

int
chart_lines(const struct chart *c)
{
	return least(c->h, CHART_H_MIN) - 1 - AXIS_LINES;
}

void
canvas_open(struct canvas *v, const struct chart *c, int labels)
{
	*v = (struct canvas){ .cols = least(c->w, CHART_W_MIN), .rows = least(c->h, CHART_H_MIN) - 1,
		.unicode = c->unicode, .colour = c->colour };
	v->w = least(chart_columns(c, labels), 8);
	v->h = chart_lines(c);
	v->cell = calloc((size_t)v->cols * (size_t)v->rows, sizeof *v->cell);
}

void
canvas_close(struct canvas *v)
{
	free(v->cell);
}

void
canvas_put(struct canvas *v, int x, int y, const char *s, enum tint tint)
{
	struct canvas_cell *c;
	size_t n = strlen(s);

	if (v->cell == NULL || x < 0 || y < 0 || x >= v->cols || y >= v->rows || n >= sizeof c->s)
		return;
	c = &v->cell[y * v->cols + x];
	memcpy(c->s, s, n + 1);
	c->tint = (uint8_t)tint;
}

static void
canvas_text(struct canvas *v, int x, int y, const char *s, enum tint tint)
{
	char one[2] = "";

	for (; *s != '\0'; s++, x++) {
		one[0] = *s;
		canvas_put(v, x, y, one, tint);
	}
}

void
canvas_axes(struct canvas *v)
{
	for (int y = 0; y < v->h; y++)
		canvas_put(v, v->w, y, v->unicode ? "│" : "|", TINT_DIM);
	for (int x = 0; x < v->w; x++)
		canvas_put(v, x, v->h, v->unicode ? "─" : "-", TINT_DIM);
	canvas_put(v, v->w, v->h, v->unicode ? "┘" : "+", TINT_DIM);
}

void
canvas_label(struct canvas *v, int y, const char *s)
{
	canvas_put(v, v->w, y, v->unicode ? "├" : "+", TINT_DIM);
	canvas_text(v, v->w + 2, y, s, TINT_NONE);
}

bool
canvas_mark(struct canvas *v, int x, const char *s)
{
	if (x + (int)strlen(s) > v->cols)
		return false;
	canvas_put(v, x, v->h, v->unicode ? "┬" : "+", TINT_DIM);
	canvas_text(v, x, v->h + 1, s, TINT_NONE);
	return true;
}

/* The part of a line that a column ends in, n eighths of it. Below there are but two
 * such characters, the upper half and the upper eighth. */
static const char *
part(const struct canvas *v, int n, bool up)
{
	static const char *const rising[] = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };

	if (!v->unicode)
		return n >= 4 ? "#" : up ? "." : "'";
	if (up)
		return rising[n - 1];
	return n == 8 ? "█" : n >= 4 ? "▀" : "▔";
}

void
canvas_column(struct canvas *v, int x, int y, int eighths, bool up, enum tint tint)
{
	for (; eighths > 0; eighths -= 8, y += up ? -1 : 1)
		canvas_put(v, x, y, part(v, eighths < 8 ? eighths : 8, up), tint);
}

static void
put_tint(struct buf *out, enum tint tint)
{
	if (tint != TINT_NONE)
		buf_str(out, term_tint(TINT_NONE));
	buf_str(out, term_tint(tint));
}

static void
print_line(struct buf *out, const struct canvas *v, const struct canvas_cell *c)
{
	enum tint tint = TINT_NONE;
	int end = v->cols;

	while (end > 0 && c[end - 1].s[0] == '\0')
		end--;
	for (int x = 0; x < end; x++) {
		if (v->colour && c[x].s[0] != '\0' && c[x].tint != tint)
			put_tint(out, tint = c[x].tint);
		buf_str(out, c[x].s[0] == '\0' ? " " : c[x].s);
	}
	if (tint != TINT_NONE)
		put_tint(out, TINT_NONE);
	buf_chr(out, '\n');
}

/* As much of a title as goes into so many columns; what is not Latin may take two each. */
static void
put_title(struct buf *out, const char *title, int cols)
{
	struct buf s = { 0 };
	size_t i = 0, len = 1;
	int wide = 0;

	show_put(&s, title, strlen(title));
	for (; i < s.len; i += len) {
		len = 1;
		while (i + len < s.len && ((unsigned char)s.p[i + len] & 0xc0) == 0x80)
			len++;
		if ((wide += len > 2 ? 2 : 1) > cols)
			break;
	}
	buf_put(out, s.p, i);
	out->bad = out->bad || s.bad;
	buf_free(&s);
}

void
canvas_print(struct buf *out, const struct canvas *v, const char *title)
{
	if (v->cell == NULL) {
		out->bad = true;
		return;
	}
	put_title(out, title, v->cols);
	buf_chr(out, '\n');
	for (int y = 0; y < v->rows; y++)
		print_line(out, v, v->cell + y * v->cols);
}

void
chart_number(char out[static 32], double d, int decimals)
{
	if (snprintf(out, 32, "%.*f", decimals > 8 ? 8 : decimals, d) >= 32)
		snprintf(out, 32, "%g", d);
}

int
chart_width(double a, double b, int decimals)
{
	char s[32], t[32];

	chart_number(s, a, decimals);
	chart_number(t, b, decimals);
	return (int)(strlen(s) > strlen(t) ? strlen(s) : strlen(t));
}

static void
put_time(char *out, size_t size, int64_t ms, int64_t span)
{
	time_t s = (time_t)(ms / 1000);
	struct tm tm = { 0 };

	(void)gmtime_r(&s, &tm);
	if (span < DAY_MS * 3 / 2)
		strftime(out, size, "%H:%M", &tm);
	else if (span < 300 * DAY_MS)
		strftime(out, size, "%m-%d %H:%M", &tm);
	else
		strftime(out, size, "%Y-%m-%d", &tm);
}

void
chart_times(struct canvas *v, const int64_t *t, int n, int step)
{
	char text[32];
	int next = 0;

	for (int i = 0; i < n; i++) {
		if (i * step < next)
			continue;
		put_time(text, sizeof text, t[i], t[n - 1] - t[0]);
		if (!canvas_mark(v, i * step, text))
			break;
		next = i * step + (int)strlen(text) + 4;
	}
}
