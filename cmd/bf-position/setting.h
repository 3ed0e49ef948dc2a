/* bf-position: settings as the exchange has them, what changing one would do, and changing it. */
#ifndef BF_POSITION_SETTING_H
#define BF_POSITION_SETTING_H

#include "app.h"

#define SETTING_TYPE	16

/* What is set for a symbol; as a wish, 0 and "" are whatever it is. type: "ISOLATED" or "CROSSED". */
struct setting { int64_t leverage; char type[SETTING_TYPE]; };

bool setting_is(const struct setting *s, const struct setting *want);
/* What would be: was, but for what is wished. */
struct setting setting_with(const struct setting *was, const struct setting *want);
/* As the exchange has it now. FAULT_AGAIN: its answer does not show it. */
int  setting_read(struct session *s, const struct contract *c, struct setting *out, struct fault *f);
/* "isolated", "crossed" or "cross", as people write them. name: what they call it. */
int  setting_type(char out[static SETTING_TYPE], const char *name, const char *word, struct fault *f);
/* Positions, wallets, orders and settings of a market, into a->acct[m], with contracts, brackets and, in
 * multi-assets mode, rates. c and was, both NULL or neither: also the setting of that contract. What is not
 * to be had of figures alone is said, and ends nothing. */
int  setting_load(struct app *a, enum market m, const struct contract *c, struct setting *was, struct fault *f);

/* Whether a code of the exchange means that a setting is so already. */
bool setting_no_op(int code);
/* After a refusal: what stands in the way, where its code says that something does, on standard error. symbol
 * NULL: of the whole market, and for the position mode of the other one too. */
void setting_blocked(struct app *a, enum market m, const char *symbol, int code);
/* FAULT_TRIPPED, or what kept it from being read, where the kill latch stops what adds risk: symbol NULL: any. */
int  setting_latch(struct session *s, const char *symbol, enum order_side side, struct fault *f);

/* The account as it is and as it would be. */
struct preview {
	struct account	before, after;
	struct figures	fg[2];
	bool		has[2];
};
/* Copies of a->acct[m]: change p->after, then preview_end. */
int  preview_begin(struct preview *p, struct app *a, enum market m, struct fault *f);
int  preview_end(struct preview *p, struct app *a, struct fault *f);
void preview_free(struct preview *p);
/*
 * Members liquidationPriceBefore, ...After, effectiveLeverageBefore, ...After of the position of symbol, or
 * where there are several (hedge mode, symbol NULL: all) "positions" with them, and availableBefore,
 * ...After of asset (in multi-assets mode in USD). null: there is none, or it cannot be told. Into a->rec.
 */
void preview_put(struct app *a, const struct preview *p, const char *symbol, const char *asset);

/* A symbol's settings on their way. Zero it; change_free. */
struct change {
	struct app	*a;
	struct contract	*c;
	struct session	*s;
	struct setting	 was, now;	/* now: as last read */
	struct preview	 pv;
	const char	*did[2];	/* what was changed: "marginType", "leverage" */
	int		 ndid;
};
/* Read what is. */
int  change_open(struct change *ch, struct app *a, const char *symbol, struct fault *f);
/* See what the wish would do. The kill latch stops what adds risk (FAULT_TRIPPED). What the exchange would
 * refuse by what is known is FAULT_REJECTED of a dry run; else the exchange decides, and pv has no after. */
int  change_preview(struct change *ch, const struct setting *want, struct fault *f);
/* Ask for one of them, once, and read it back: what counts is what the exchange then says. "No need to change" is
 * success, and an unanswered request is settled by the same look. */
int  change_send(struct change *ch, const struct setting *want, struct fault *f);
/* Of a dry run: note what would be changed, and let now be as it would be. */
void change_pretend(struct change *ch, const struct setting *want);
/* The bf.setting record. */
int  change_put(struct change *ch, struct fault *f);
void change_free(struct change *ch);

#endif
