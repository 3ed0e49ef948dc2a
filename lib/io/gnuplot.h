/* Charts as files, by gnuplot: a program of others, run without a shell. */
#ifndef BF_IO_GNUPLOT_H
#define BF_IO_GNUPLOT_H

#include "core/fault.h"
#include "io/chart.h"

/*
 * FAULT_USAGE if file ends neither in .svg nor .png, or if gnuplot is in none of the
 * absolute directories of PATH.
 */
int gnuplot_check(const char *file, struct fault *f);

/*
 * Draw into file, which then is whole or, after a fault, as it was. gnuplot gets script
 * and data on its standard input and writes to its standard output; it never sees the
 * name of the file, the environment (keys may be in it) or a configuration of its own.
 */
int gnuplot_candles(const char *file, const char *title, const struct bar *v, int n, struct fault *f);
int gnuplot_series(const char *file, const char *title, const struct point *v, int n, struct fault *f);
int gnuplot_depth(const char *file, const char *title, const struct chart_level *bids, int nbids,
    const struct chart_level *asks, int nasks, struct fault *f);

#endif
