/* The live table on a terminal: drawn in place, on the other screen, so that what was there before comes back. */
#include <string.h>
#include <unistd.h>

#include "app.h"
#include "io/term.h"
#include "look.h"
#include "watch.h"

/* Short, so that a row fits a line of 80: the sign of the amount says the side. */
static const struct column cols[] = {
	{ "SYMBOL", "symbol", COL_LEFT },
	{ "AMOUNT", "positionAmt", COL_RIGHT },
	{ "ENTRY", "cells.entry", COL_RIGHT },
	{ "MARK", "cells.mark", COL_RIGHT },
	{ "PNL", "cells.pnl", COL_RIGHT | COL_SIGN },
	{ "LIQ", "cells.liq", COL_RIGHT },
	{ "AWAY %", "cells.away", COL_RIGHT },
	{ "LEV", "cells.lev", COL_RIGHT | COL_MORE(1) },
	{ "STOP", "cells.stop", COL_LEFT },
	{ NULL, NULL, 0 }
};

int
screen_begin(struct watch *w, struct fault *f)
{
	return term_begin(&w->screen, STDOUT_FILENO, f);
}

void
screen_end(struct watch *w)
{
	term_end(&w->screen);
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
	static const struct print_as as = { .format = "table" };
	struct printer p, own = w->a->out;
	int r;

	if (printer_open(&p, STDOUT_FILENO, &as, cols, f) == -1)
		return -1;
	p.out.patient = true;	/* nothing is written: the text is taken out of it */
	w->a->out = p;
	if ((r = look_figures(w->a, fg, f)) == 0)
		r = look_put_all(w->a, fg, w->words, w->n, true, f);
	if (r == 0)
		r = printer_take(&w->a->out, text, f);
	printer_drop(&w->a->out);
	w->a->out = own;
	look_figures_free(fg);
	return r;
}

int
screen_draw(struct watch *w, struct fault *f)
{
	struct buf text = { 0 };
	int r;

	if (!w->draw || (w->drawn_ms != 0 && w->mono_ms - w->drawn_ms < DRAW_MS && !w->ended))
		return 0;
	put_head(&text, w);
	if ((r = lay_out(w, &text, f)) == 0)
		r = term_frame(&w->screen, &text, f);
	buf_free(&text);
	w->draw = false;
	w->drawn_ms = w->mono_ms;
	return r;
}
