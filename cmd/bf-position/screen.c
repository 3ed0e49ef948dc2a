/* The live table on a terminal: drawn in place, on the other screen, so that what was there before comes back. */
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "app.h"
#include "io/sys.h"
#include "look.h"
#include "watch.h"

/* No line wraps: the terminal itself cuts at its edge, and knows how wide a character is. */
#define BEGIN	"\033[?1049h\033[?25l\033[?7l\033[2J"
#define END	"\033[?7h\033[?25h\033[?1049l"
#define LINES_DEFAULT	24

/* Short, so that a row fits a line of 80: the sign of the amount says the side. */
static const struct column cols[] = {
	{ "SYMBOL", "symbol", COL_LEFT },
	{ "AMOUNT", "positionAmt", COL_RIGHT },
	{ "ENTRY", "cells.entry", COL_RIGHT },
	{ "MARK", "cells.mark", COL_RIGHT },
	{ "PNL", "cells.pnl", COL_RIGHT },
	{ "LIQ", "cells.liq", COL_RIGHT },
	{ "AWAY %", "cells.away", COL_RIGHT },
	{ "LEV", "cells.lev", COL_RIGHT },
	{ "STOP", "cells.stop", COL_LEFT },
	{ NULL, NULL, 0 }
};

static int
put(const char *s, size_t n, struct fault *f)
{
	return sys_write(STDOUT_FILENO, s, n) == -1 ? fault_set(f, FAULT_LOCAL, "the terminal cannot be written to") : 0;
}

int
screen_begin(struct watch *w, struct fault *f)
{
	w->on = true;
	return put(BEGIN, sizeof BEGIN - 1, f);
}

void
screen_end(struct watch *w)
{
	struct fault ignore;

	if (w->on)
		(void)put(END, sizeof END - 1, &ignore);
	w->on = false;
}

static void
put_head(struct buf *b, const struct watch *w)
{
	const struct app *a = w->a;
	int64_t ms = 0;

	for (int m = 0; m < MARKETS; m++)
		if (a->has[m] && a->acct[m].as_of_ms > ms)
			ms = a->acct[m].as_of_ms;
	ms %= 86400000;
	buf_printf(b, "bf-position  %02d:%02d:%02d UTC", (int)(ms / 3600000), (int)(ms / 60000 % 60), (int)(ms / 1000 % 60));
	for (int m = 0; m < MARKETS; m++)
		if (a->stale[m])
			buf_printf(b, "  %s: STALE, its account stream is down", market_title((enum market)m));
	buf_str(b, "\n\n");
}

/* Both tables as text, without the terminal. */
static int
lay_out(struct watch *w, struct buf *text, struct fault *f)
{
	struct figures fg[MARKETS] = { { 0 } };
	struct printer p, own = w->a->out;
	int r;

	if (printer_open(&p, STDOUT_FILENO, "table", NULL, cols, f) == -1)
		return -1;
	p.out.patient = true;	/* nothing is written: the text is taken out of it */
	w->a->out = p;
	if ((r = look_figures(w->a, fg, f)) == 0)
		r = look_put_all(w->a, fg, w->words, w->n, true, f);
	if (r == 0)
		r = printer_section(&w->a->out, cols, f);	/* the last rows are laid out */
	buf_put(text, w->a->out.out.b.p, w->a->out.out.b.len);
	buf_reset(&w->a->out.out.b);
	w->a->out.rows = 0;
	w->a->out.headed = true;
	(void)printer_close(&w->a->out, f);
	w->a->out = own;
	look_figures_free(fg);
	return r;
}

static int
height(void)
{
	struct winsize ws;

	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == 0 && ws.ws_row > 1 ? ws.ws_row : LINES_DEFAULT;
}

/* As many lines as there is room for, each cleared behind its end. */
static void
frame(struct buf *out, const struct buf *text)
{
	const char *at = text->p, *end = text->p + text->len, *nl;
	int left = height() - 1;

	buf_str(out, "\033[H");
	for (; at < end && left > 0; at = nl + 1, left--) {
		if ((nl = memchr(at, '\n', (size_t)(end - at))) == NULL)
			nl = end;
		buf_put(out, at, (size_t)(nl - at));
		buf_str(out, "\033[K\n");
	}
	buf_str(out, "\033[J");
}

int
screen_draw(struct watch *w, struct fault *f)
{
	struct buf text = { 0 }, out = { 0 };
	int r;

	if (!w->draw || (w->drawn_ms != 0 && w->mono_ms - w->drawn_ms < DRAW_MS && !w->ended))
		return 0;
	put_head(&text, w);
	if ((r = lay_out(w, &text, f)) == 0) {
		frame(&out, &text);
		r = text.bad || out.bad ? fault_set(f, FAULT_LOCAL, "out of memory for a picture") : put(out.p, out.len, f);
	}
	buf_free(&text);
	buf_free(&out);
	w->draw = false;
	w->drawn_ms = w->mono_ms;
	return r;
}
