/* What the terminal on standard output can show. */
#include <sys/ioctl.h>

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
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

struct chart
chart_terminal(void)
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
