/*
 * Charts of characters. But for chart_terminal pure: arrays in, lines of text out. Floating point is for the
 * places of cells and the numbers on an axis only.
 */
#ifndef BF_IO_CHART_H
#define BF_IO_CHART_H

#include <stdbool.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/dec.h"
#include "io/term.h"

/* A candle. none: there is none at this time (a hole), only t counts. */
struct bar { int64_t t; double o, h, l, c, v; bool none; };
/* A value at a time. */
struct point { int64_t t; double v; };
/* A level of a book. */
struct chart_level { dec price, qty; };

/* For pixels and axes only: the nearest double. */
double chart_value(dec d);

/* The room there is, and what the terminal can show. */
struct chart {
	int	w, h;		/* columns and lines, title and axes among them */
	bool	unicode;	/* blocks and box drawing; else ASCII */
	bool	colour;
};

/* Standard output: its size (80 by 24 where it is no terminal), less a line for the prompt. */
struct chart chart_terminal(void);

/* Least room; less is taken for this. */
#define CHART_W_MIN	24
#define CHART_H_MIN	8

/* Columns there are for candles or bars, when the numbers of the axis have n characters. */
int chart_columns(const struct chart *c, int n);
/* Lines there are for them. */
int chart_lines(const struct chart *c);

/*
 * Candles: a thin line from low to high and a body from open to close; one that rose is
 * a bar, one that fell a block (ASCII: + and #). More than there are columns are drawn
 * several in one. Below them their volume, if there is any.
 */
void chart_candles(struct buf *out, const struct chart *c, const char *title, const struct bar *v, int n,
    int decimals);
/* k candles into one each; returns how many there are. out has room for n. */
int chart_merge(struct bar *out, const struct bar *v, int n, int k);
/* Bars from zero up and down; of values that are all far from zero, from below their
 * least. Of more than there are columns the mean of several is drawn. */
void chart_series(struct buf *out, const struct chart *c, const char *title, const struct point *v, int n,
    int decimals);
/* What could be sold (bids, left) and bought (asks, right) up to each price. */
void chart_depth(struct buf *out, const struct chart *c, const char *title, const struct chart_level *bids, int nbids,
    const struct chart_level *asks, int nasks);

/*
 * For the three of them: a grid of cells, with an axis of numbers on the right of the
 * first w columns and one of times or prices below the first h lines.
 */
struct canvas_cell { char s[4]; uint8_t tint; };
struct canvas {
	int	w, h;		/* of the part that is drawn on */
	int	cols, rows;	/* of all */
	bool	unicode, colour;
	struct canvas_cell *cell;	/* NULL: no memory */
};

/* labels: characters of the longest number of the axis. */
void canvas_open(struct canvas *v, const struct chart *c, int labels);
void canvas_close(struct canvas *v);
/* A character, UTF-8, at a column and line; outside nothing happens. */
void canvas_put(struct canvas *v, int x, int y, const char *s, enum tint tint);
/* The axes' lines. */
void canvas_axes(struct canvas *v);
/* A number at a line of the right axis; a mark and a text at a column of the lower one:
 * false if it does not fit any more. */
void canvas_label(struct canvas *v, int y, const char *s);
bool canvas_mark(struct canvas *v, int x, const char *s);
/* A column of n eighths of a line, from line y upward (up) or from line y downward. */
void canvas_column(struct canvas *v, int x, int y, int eighths, bool up, enum tint tint);
/* Title and lines, without blanks at their ends. */
void canvas_print(struct buf *out, const struct canvas *v, const char *title);

/* A number with so many decimals; the longer of two such. */
void chart_number(char out[static 32], double d, int decimals);
int chart_width(double a, double b, int decimals);
/* Times as marks of the lower axis: candle i of n stands at column i * step. */
void chart_times(struct canvas *v, const int64_t *t, int n, int step);

#endif
