/* What the terminal on standard output can show. */
#include <stdlib.h>
#include <unistd.h>

#include "io/chart.h"

#define COLS	80	/* of what is no terminal */
#define ROWS	24

double
chart_value(dec d)
{
	char text[DEC_STR];

	dec_print(d, text);
	return strtod(text, NULL);
}

struct chart
chart_terminal(void)
{
	struct chart c = { COLS, ROWS, term_utf8(), term_colour(STDOUT_FILENO) };
	int w = term_cols(STDOUT_FILENO), h = term_rows(STDOUT_FILENO);

	if (w > 0 && h > 0) {
		c.w = w > 1000 ? 1000 : w;
		c.h = h > 1000 ? 1000 : h;
	}
	c.h--;			/* the prompt's */
	return c;
}
