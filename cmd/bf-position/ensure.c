/* A symbol's settings as they are to be: only what differs is asked for. */
#include <string.h>

#include "setting.h"

/* The margin type first: it can only be refused, never make a position worse. */
static int
make_so(struct change *ch, const struct setting *want, struct fault *f)
{
	struct setting type = { 0 }, leverage = { .leverage = want->leverage };

	memcpy(type.type, want->type, sizeof type.type);
	if (!setting_is(&ch->was, &type) && change_send(ch, &type, f) == -1)
		return -1;
	if (!setting_is(&ch->was, &leverage) && change_send(ch, &leverage, f) == -1)
		return -1;
	return 0;
}

static int
ensure(struct change *ch, const struct setting *want, struct fault *f)
{
	struct fault pf;

	if (change_preview(ch, want, f) == -1)
		return -1;
	if (ch->a->p.dry_run)
		change_pretend(ch, want);
	else if (make_so(ch, want, f) == -1) {
		if (ch->ndid > 0)	/* half of it was done: that is told, and the failure of the rest stands */
			(void)change_put(ch, &pf);
		return -1;
	}
	return change_put(ch, f);
}

int
do_ensure(struct app *a, char *const words[], int n, struct fault *f)
{
	struct setting want = { 0 };
	struct change ch = { 0 };
	long lev;
	int r;

	if (n != 1 || (a->p.leverage == NULL && a->p.margin == NULL))
		return fault_set(f, FAULT_USAGE, "ensure takes a symbol, and what is to be: bf-position ensure BTCUSDT "
		    "--leverage 5 --margin-type isolated");
	if (a->p.margin != NULL && setting_type(want.type, "--margin-type", a->p.margin, f) == -1)
		return -1;
	if (a->p.leverage != NULL) {
		if (tool_number(&lev, "--leverage", a->p.leverage, 1, 125, f) == -1)
			return -1;
		want.leverage = lev;
	}
	r = change_open(&ch, a, words[0], f);
	if (r == 0)
		r = ensure(&ch, &want, f);
	change_free(&ch);
	return r;
}
