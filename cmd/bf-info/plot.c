/* Where a chart goes, and what the terminal there can show. */
#include <sys/ioctl.h>

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "chart.h"
#include "info.h"
#include "plot_gnuplot.h"

#define COLS	80	/* of what is no terminal */
#define ROWS	24
#define AXIS	10	/* characters of the axis' numbers, more or less */

double
plot_number(dec d)
{
	char text[DEC_STR];

	dec_print(d, text);
	return strtod(text, NULL);
}

static bool
utf8(void)
{
	locale_t loc = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
	bool is;

	if (loc == (locale_t)0)
		return false;
	is = strcmp(nl_langinfo_l(CODESET, loc), "UTF-8") == 0;
	freelocale(loc);
	return is;
}

static bool
colour(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && (no == NULL || *no == '\0') && term != NULL && strcmp(term, "dumb") != 0;
}

static struct chart
terminal(void)
{
	struct chart c = { COLS, ROWS, utf8(), colour() };
	struct winsize w;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col > 0 && w.ws_row > 0) {
		c.w = w.ws_col > 1000 ? 1000 : w.ws_col;
		c.h = w.ws_row > 1000 ? 1000 : w.ws_row;
	}
	c.h--;			/* the prompt's */
	return c;
}

int
plot_room(void)
{
	struct chart c = terminal();

	return chart_columns(&c, AXIS);
}

int
plot_check(const struct app *a, struct fault *f)
{
	if (a->plot != NULL && a->common.jq != NULL)
		return fault_set(f, FAULT_USAGE, "--plot draws, and prints no records: it does not go with --jq");
	if (a->plot == NULL || a->plot[0] == '\0')
		return 0;
	return gnuplot_check(a->plot, f);
}

/* Past the printer, which is for records: no headings, and nothing is escaped. */
static int
show(struct app *a, struct buf *text, struct fault *f)
{
	int r;

	a->out.table = false;
	r = text->bad ? fault_set(f, FAULT_LOCAL, "out of memory for a chart") : out_records(&a->out.out, text, f);
	buf_free(text);
	return r;
}

static int
nothing(const char *title, struct fault *f)
{
	return fault_set(f, FAULT_REJECTED, "%s: nothing to draw", title);
}

int
plot_candles(struct app *a, const char *title, const struct bar *v, int n, int decimals, struct fault *f)
{
	struct chart c = terminal();
	struct buf text = { 0 };

	if (n == 0)
		return nothing(title, f);
	if (a->plot != NULL && a->plot[0] != '\0')
		return gnuplot_candles(a->plot, title, v, n, f);
	chart_candles(&text, &c, title, v, n, decimals);
	return show(a, &text, f);
}

int
plot_series(struct app *a, const char *title, const struct point *v, int n, int decimals, struct fault *f)
{
	struct chart c = terminal();
	struct buf text = { 0 };

	if (n == 0)
		return nothing(title, f);
	if (a->plot != NULL && a->plot[0] != '\0')
		return gnuplot_series(a->plot, title, v, n, f);
	chart_series(&text, &c, title, v, n, decimals);
	return show(a, &text, f);
}

int
plot_depth(struct app *a, const char *title, const struct plot_level *bids, int nbids,
    const struct plot_level *asks, int nasks, struct fault *f)
{
	struct chart c = terminal();
	struct buf text = { 0 };

	if (nbids == 0 && nasks == 0)
		return nothing(title, f);
	if (a->plot != NULL && a->plot[0] != '\0')
		return gnuplot_depth(a->plot, title, bids, nbids, asks, nasks, f);
	chart_depth(&text, &c, title, bids, nbids, asks, nasks);
	return show(a, &text, f);
}
