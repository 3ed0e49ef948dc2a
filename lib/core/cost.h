/*
 * What an order would cost and do, before it is sent: notional, fee, margin, the
 * leverage and the liquidation price after it. Pure; formulas as in margin.h.
 */
#ifndef BF_CORE_COST_H
#define BF_CORE_COST_H

#include <stdbool.h>

#include "core/account.h"
#include "core/intent.h"
#include "core/margin.h"
#include "core/rules.h"

/* What is known; NULL or 0: not. */
struct cost_in {
	const struct intent *in;
	const struct rules  *rules;
	dec		     mark;
	const struct account *acct;
	const struct tiers  *tiers;	/* of the symbol */
	dec		     maker, taker;	/* commission rates, fractions */
	bool		     rates;		/* they are known */
	/* The symbol's settings, for where acct shows no position of it; 0: not known. */
	int		     leverage;
	bool		     isolated;
};

/* Each figure with whether it is known. Money in the margin asset (USDⓈ-M: quote,
 * COIN-M: coin), notional in the quote asset (COIN-M: USD). */
struct cost {
	bool has_price;		dec price;	/* at which it is reckoned: its own, else its trigger, else the mark */
	bool has_notional;	dec notional;
	bool has_fee;		dec fee;	/* maker for GTX, else taker; not known of RPI */
	bool has_margin;	dec margin;	/* initial margin of the order at the symbol's leverage;
						 * 0 of what can only reduce */
	bool has_amt;		dec amt;	/* position after it, signed; of the leg in hedge mode */
	bool has_leverage;	dec leverage;	/* effective, of the wallet, after it is filled whole */
	bool has_liq;		dec liq;	/* liquidation price after it; 0: none */
};

/*
 * Fill what can be known; nothing of a cancel.
 *
 * After it: filled whole at `price`, its fee paid, other orders not filled. A limit
 * order that waits below the market (a buy) or above (a sell) is filled when the
 * market is there, so the symbol is valued at that price; one that trades at once is
 * valued at the mark, a loss at its own price included; a conditional one at its
 * trigger or price. Other positions stay at their marks; the maintenance margin of
 * those that share the wallet is the one the account was told. A reduce-only order,
 * and the exit of a leg, takes no more than there is. Of a modification what has been
 * filled already is not known: no position, leverage or liquidation price. COIN-M:
 * all positions of one coin's wallet have the size of this contract. Multi-assets
 * mode: no wallet is the margin, so neither leverage nor, in cross margin, liquidation
 * price.
 */
void cost_of(struct cost *out, const struct cost_in *c);

#endif
