/* bf-position what-if: the order, and what is shown of it. */
#ifndef BF_POSITION_WHATIF_H
#define BF_POSITION_WHATIF_H

#include "app.h"

/* The order, and what it is judged by. */
struct what {
	struct contract *c;
	struct account *acct;
	struct fill fi;
	bool	market;		/* no price of its own */
	dec	limit;
	dec	mark, bid, ask;
	bool	has_fee;
	dec	rate;		/* of the fee */
};

/* Any row of the symbol; NULL: none. */
const struct position *what_row(const struct account *a, const char *symbol);
/* The order as a leg from flat at this price; 0: the market's. */
struct leg what_leg(const struct what *w, dec price);
/* Try it on a copy, and print what was and what would be. -1: it would be refused (why), or what is needed is not known. */
int  what_answer(struct app *a, const struct what *w, struct fault *f);

#endif
