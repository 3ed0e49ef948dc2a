/* What the files of figures share. */
#ifndef BF_CORE_FIGURES_IN_H
#define BF_CORE_FIGURES_IN_H

#include "core/account_in.h"
#include "core/figures.h"

/* One position as the figures see it: with its contract, where there is one. */
struct holding {
	const struct position *p;
	const struct contract *c;	/* NULL: not known */
	const struct tiers *tiers;	/* NULL: not known */
	const char *asset;		/* margin asset; "" not known */
	struct leg leg;
	bool has_leg;			/* its size is known, and its entry price */
	bool has_value;	dec notional, upnl;	/* signed, at mark */
	bool has_im;	dec im;
	bool has_maint;	dec maint;
};

/* Without what depends on the mark. */
void holding_of(struct holding *h, const struct contracts *cs, const struct position *p);
/* And with it. */
void holding_at_mark(struct holding *h, const struct contracts *cs, const struct position *p);

/* Sums over the positions of a wallet; cross and isolated ones apart, so that each is added once. */
struct figures_part { dec upnl, maint, im; };
struct figures_pile {
	dec notional, net, iso;		/* iso: isolated wallets */
	struct figures_part part[2];	/* cross, isolated */
	bool has_maint, has_im;
};
/* What they come to; out->w is set. false: no room, and *out as it was. */
bool figures_sum_up(struct wallet_figures *out, const struct figures_pile *s, const struct account *a);

/* Sums of a wallet, and what of its im is of cross positions. */
bool figures_purse(struct wallet_figures *out, dec *cross_im, const struct account *a,
    const struct contracts *cs, const struct wallet *w);
/* Margin that open orders of a wallet bind. false: it cannot be told. */
bool figures_open_margin(dec *out, const struct account *a, const struct contracts *cs, const char *asset);

/* The greatest notional that a symbol (a side of it) and its orders can come to: max(|N + Bid|,
 * |N - Ask|). false: it cannot be told. */
bool figures_exposure(dec *out, const struct account *a, const struct contract *c, enum pos_side side);
/* Section 15.1: what is left of the cross wallet beside what positions and orders bind. s: with
 * open_im. */
bool figures_available(dec *out, const struct wallet_figures *s, dec cross_im);
int figures_refuse(struct fault *f, int code, const char *text);	/* FAULT_REJECTED; -1 */

const struct asset_rate *figures_rate(const struct asset_rates *rates, const char *asset);
/*
 * All wallets as one margin; sums: of each wallet of a, or NULL: then they are made. less: what is
 * taken out of one asset, equity and maint, or NULL. im: with initial margins (has_im of sums; then
 * sums is needed).
 */
struct less { const char *asset; dec upnl, maint; };
bool figures_together(struct multi_sum *out, const struct account *a, const struct contracts *cs,
    const struct asset_rates *rates, const struct wallet_figures *sums, const struct less *less, bool im);

/* As figures_liquidation_bounds; sums as above. */
bool figures_liq(struct liq_bounds *out, const struct account *a, const struct contracts *cs,
    const struct asset_rates *rates, const struct wallet_figures *sums, const struct holding *h);
/* The same in single-asset mode, of a wallet with these sums, or NULL. */
bool figures_liq_in(struct liq_bounds *out, const struct account *a, const struct contracts *cs,
    const struct wallet_figures *s, const struct holding *h);

#endif
