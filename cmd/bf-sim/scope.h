/*
 * What answers for a position: the cross wallet of one asset with all positions
 * it carries; in multi-assets mode the whole USDⓈ-M side, counted in USD; or one
 * isolated leg with its own wallet. liq.c watches scopes, autoclose.c liquidates
 * them; nobody else includes this.
 */
#ifndef BF_SIM_SCOPE_H
#define BF_SIM_SCOPE_H

#include "state.h"

enum scope_kind { CROSS, MULTI, ISOLATED };

struct scope {
	enum scope_kind	kind;
	struct acct	*a;
	int		asset;		/* CROSS */
	struct hold	*h;		/* ISOLATED */
	enum pos_mode	leg;		/* ISOLATED */
	dec	maint, equity, wallet;	/* of the scope; MULTI: in USD */
	int	npos;
};

/* liq.c: how it stands now. */
void scope_measure(struct engine *e, struct scope *c);
/* Ratio >= 100 %: maintenance reaches the margin balance. */
bool scope_due(const struct scope *c);
bool scope_has(const struct scope *c, const struct hold *h);
bool scope_leg(const struct scope *c, const struct hold *h, enum pos_mode m);

/* autoclose.c: steps 3 to 8, until the scope is not due any more. */
void scope_liquidate(struct engine *e, struct scope *c);
/* What is over when the last position is gone: a deficit the fund makes good;
 * taken: what a take-over left it keeps, which is rounding. */
void scope_clear(struct engine *e, struct scope *c, bool taken);

#endif
