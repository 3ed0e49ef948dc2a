/* What the parts of words.h share. Nobody else includes this. */
#ifndef BF_ORDER_WORDS_IN_H
#define BF_ORDER_WORDS_IN_H

#include "words.h"

enum what { NOTHING, MARKET, STOP, TAKE_PROFIT, TRAIL };

struct order {		/* NULL: not said */
	enum what   what;
	const char *qty, *price, *match, *trigger, *activate, *callback;
};

/* "--tif" */
const char *words_option_name(int word);
/* The word after a key word, and *at goes by it. NULL: the clause ends here. */
const char *words_operand(char *const words[], int n, int *at);
/* Read the words after the quantity into o, and the options that say the same. */
int words_order_read(struct order *o, const struct words *w, char *const words[], int n, struct fault *f);
/* Whether they make a new order of some type. */
int words_order_check(const struct order *o, const struct words *w, struct fault *f);

#endif
