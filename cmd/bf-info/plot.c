/* Where a chart goes, and what the terminal there can show. */
#include "info.h"
#include "io/gnuplot.h"
#include "plot.h"

#define AXIS	10	/* characters of the axis' numbers, more or less */

int
plot_room(void)
{
	struct chart c = chart_terminal();

	return chart_columns(&c, AXIS);
}

int
plot_check(const struct app *a, struct fault *f)
{
	if (a->plot != NULL && (a->common.as.jq != NULL || a->common.as.fields != NULL))
		return fault_set(f, FAULT_USAGE, "--plot draws, and prints no records: it does not go with %s",
		    a->common.as.jq != NULL ? "--jq" : "--fields");
	if (a->plot == NULL || a->plot[0] == '\0')
		return 0;
	return gnuplot_check(a->plot, f);
}

/* Past the printer, which is for records: no headings, and nothing is escaped. */
static int
show(struct app *a, struct buf *text, struct fault *f)
{
	int r;

	r = text->bad ? fault_set(f, FAULT_LOCAL, "out of memory for a chart") : out_records(&a->out.out, text, f);
	buf_free(text);
	return r;
}

/* Into a file of --plot=FILE, or else the terminal. */
static bool
into_file(struct app *a)
{
	printer_headless(&a->out);
	return a->plot != NULL && a->plot[0] != '\0';
}

static int
nothing(const char *title, struct fault *f)
{
	return fault_set(f, FAULT_REJECTED, "%s: nothing to draw", title);
}

int
plot_candles(struct app *a, const char *title, const struct bar *v, int n, int decimals, struct fault *f)
{
	struct chart c = chart_terminal();
	struct buf text = { 0 };

	if (n == 0)
		return nothing(title, f);
	if (into_file(a))
		return gnuplot_candles(a->plot, title, v, n, f);
	chart_candles(&text, &c, title, v, n, decimals);
	return show(a, &text, f);
}

int
plot_series(struct app *a, const char *title, const struct point *v, int n, int decimals, struct fault *f)
{
	struct chart c = chart_terminal();
	struct buf text = { 0 };

	if (n == 0)
		return nothing(title, f);
	if (into_file(a))
		return gnuplot_series(a->plot, title, v, n, f);
	chart_series(&text, &c, title, v, n, decimals);
	return show(a, &text, f);
}

int
plot_depth(struct app *a, const char *title, const struct chart_level *bids, int nbids,
    const struct chart_level *asks, int nasks, struct fault *f)
{
	struct chart c = chart_terminal();
	struct buf text = { 0 };

	if (nbids == 0 && nasks == 0)
		return nothing(title, f);
	if (into_file(a))
		return gnuplot_depth(a->plot, title, bids, nbids, asks, nasks, f);
	chart_depth(&text, &c, title, bids, nbids, asks, nasks);
	return show(a, &text, f);
}
