/*
 * Charts: in the terminal, or as an SVG or PNG file by gnuplot. Where they go is
 * what --plot said (app.plot: "" the terminal, else the file).
 */
#ifndef BF_INFO_PLOT_H
#define BF_INFO_PLOT_H

#include "core/fault.h"
#include "io/chart.h"

struct app;

/*
 * Check what --plot asks for before anything is fetched: FAULT_USAGE for a name
 * that ends neither in .svg nor in .png, and, naming its package, without gnuplot.
 * 0 also when there is no --plot.
 */
int plot_check(const struct app *a, struct fault *f);

/* How many candles or bars a chart in the terminal has room for, about. */
int plot_room(void);

/*
 * Draw. title stands above the chart; decimals: of the numbers on the axis. What
 * is drawn in the terminal goes to a->out, without the headings of a table.
 * FAULT_REJECTED if there is nothing to draw, FAULT_LOCAL for a file that cannot be
 * written or a gnuplot that fails.
 */
int plot_candles(struct app *a, const char *title, const struct bar *v, int n, int decimals, struct fault *f);
/* Bars around zero; values that are all of one sign, and far from it, from their own least. */
int plot_series(struct app *a, const char *title, const struct point *v, int n, int decimals, struct fault *f);
/* Bids and asks, each best first, cumulated here. */
int plot_depth(struct app *a, const char *title, const struct chart_level *bids, int nbids,
    const struct chart_level *asks, int nasks, struct fault *f);

#endif
