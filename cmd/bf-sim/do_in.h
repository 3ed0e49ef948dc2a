/* The inside of control_do: do.c (reading an action, finding what does it), and
 * what does it: do_shape.c, do_order.c, do_symbol.c. */
#ifndef BF_SIM_DO_IN_H
#define BF_SIM_DO_IN_H

#include "control.h"

#define WORDS	8
#define WORD	256	/* a file's name may be one */

/* An action being done. */
struct deed {
	struct sim *s;
	struct fault *f;
	char	name[WORD], value[WORD];	/* value "" where none was given */
	bool	add;			/* NAME+=VALUE */
	char	word[WORDS][WORD]; int nword;
	int	acct, sym;		/* sym -1: none given */
	int64_t	now;
};

/* All of these: -1 and the fault, which begins with the action's name. */
int deed_wrong(struct deed *d, const char *why);
int deed_number(struct deed *d, int64_t lo, int64_t hi, int64_t *out);	/* its value */
int deed_span(struct deed *d, int64_t lo, int64_t *out);	/* its value, ms */
/* Its value is one of two words: off is what there is without the action. */
int deed_either(struct deed *d, const char *on, const char *off, bool *out);
int deed_decimal(struct deed *d, const char *text, dec *out);
int deed_symbol(struct deed *d);	/* one is named */
/* The engine's answer: what it changed is sent. */
int deed_said(struct deed *d, int r, const struct fault *why);
/* The value of NAME= among the words; NULL. */
const char *deed_word(const struct deed *d, const char *name);
/* "on", "true", "yes", "1", or nothing at all: yes. */
bool deed_yes(const char *v);

typedef int deed_act(struct deed *d);
deed_act do_skew, do_time, do_lag, do_used, do_orders10s, do_ban, do_maintenance, do_exchange_info,
    do_numbers, do_ack, do_profile, do_positions, do_lite, do_enum, do_expire, do_margin_call, do_indicator,
    do_refuse, do_blackhole;	/* do_shape.c */
deed_act do_fill, do_cancel, do_trigger, do_place, do_liquidate, do_adl, do_hedge, do_multi,
    do_leverage, do_deposit;	/* do_order.c */
deed_act do_mark, do_trades, do_settle, do_funding, do_interval, do_status, do_filters,
    do_regime;	/* do_symbol.c */

#endif
