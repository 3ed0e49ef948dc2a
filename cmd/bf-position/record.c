/* The records: bf.position of one position, bf.account of one wallet. */
#include <stdio.h>
#include <string.h>

#include "app.h"
#include "core/funding.h"
#include "look.h"

static struct leg
leg_of(const struct position *p, dec entry)
{
	return (struct leg){ .kind = p->kind, .amt = p->amt, .entry = entry,
	    .size = p->kind == LINEAR ? dec_int(1) : p->size };
}

/*
 * A person's cells
 */

/* On the contract's grid where that is known; the price of another is cut. */
static void
put_price(struct buf *b, const char *key, const struct contract *c, dec price)
{
	char s[DEC_STR];

	if (c != NULL && dec_sign(c->rules.tick) > 0)
		(void)dec_rescale(&price, price, dec_decimals(c->rules.tick), DEC_HALF_UP);
	else
		(void)dec_rescale(&price, price, 8, DEC_DOWN);
	dec_print_short(price, s);
	jw_str(b, key, s);
}

void
put_cell_price(struct buf *b, const char *key, const struct contract *c, bool known, dec price)
{
	if (known && dec_sign(price) <= 0)
		jw_str(b, key, "none");
	else if (known)
		put_price(b, key, c, price);
	else
		jw_null(b, key);
}

void
put_cell_amount(struct buf *b, const char *key, bool known, dec d, int decimals)
{
	(void)dec_rescale(&d, d, decimals, DEC_HALF_UP);
	put_maybe(b, key, known, &d);
}

int
cell_decimals(const char *asset)
{
	return strncmp(asset, "USD", 3) == 0 ? 2 : 6;
}

/* "same": nearer than a tick, or than what the last digit of a price can tell. */
static bool
same_price(const struct position_figures *pf)
{
	dec gap, unit = pf->c != NULL && dec_sign(pf->c->rules.tick) > 0 ? pf->c->rules.tick : (dec){ .c = 1, .scale = 8 };

	return pf->has_liq && dec_sign(pf->liq) > 0 && dec_sign(pf->p->liq) > 0 &&
	    dec_sub(&gap, pf->liq, pf->p->liq) && dec_cmp(dec_abs(gap), unit) <= 0;
}

/* Of two prices the exchange tells one; the cell has the nearer. */
static bool
nearer_above(const struct position_figures *pf)
{
	dec down, up;

	return dec_sub(&down, pf->p->mark, pf->liq) && dec_sub(&up, pf->liq_above, pf->p->mark) &&
	    dec_cmp(dec_abs(up), dec_abs(down)) < 0;
}

/* On watch the price told is of the last read, and ours is of now. */
static dec
told_liq(const struct position_figures *pf, bool watch)
{
	return watch && pf->has_liq ? pf->liq : pf->p->liq;
}

void
put_cells(struct buf *b, const struct position_figures *pf, bool watch, bool whole)
{
	const struct position *p = pf->p;
	dec pnl = pf->upnl;

	jw_open(b, "cells", '{');
	put_price(b, "entry", pf->c, p->entry);
	put_price(b, "mark", pf->c, p->mark);
	(void)dec_rescale(&pnl, pnl, p->kind == LINEAR ? 2 : 6, DEC_DOWN);
	put_maybe(b, "pnl", pf->has_upnl, &pnl);
	put_cell_price(b, "liq", pf->c, true, told_liq(pf, watch));
	if (pf->has_liq && dec_sign(pf->liq_above) > 0)
		put_price(b, "own", pf->c, dec_sign(pf->p->mark) > 0 && nearer_above(pf) ? pf->liq_above : pf->liq);
	else if (same_price(pf) || (watch && pf->has_liq))
		jw_str(b, "own", "same");
	else
		put_cell_price(b, "own", pf->c, pf->has_liq, pf->liq);
	if (pf->has_liq && dec_sign(pf->liq) == 0)
		jw_str(b, "away", "none");
	else
		put_maybe(b, "away", pf->has_away, &pf->away);
	put_cell_amount(b, "lev", pf->has_leverage, pf->leverage, 2);
	jw_str(b, "stop", whole ? "yes" : "no");
	jw_close(b, '}');
}

/*
 * bf.position
 */

/* What the exchange told, or, where it tells of none, what was computed. On watch what it told is of long ago. */
static void
put_told(struct buf *b, const char *key, bool watch, dec told, bool known, dec own)
{
	if (dec_sign(told) != 0 && !(watch && known))
		jw_dec(b, key, told);
	else
		put_maybe(b, key, known, &own);
}

/* A row of account has no liquidation price: then 0 is not that there is none. */
static bool
liq_told(const struct app *a, const struct position *p, enum market m)
{
	const struct tok *t = NULL, *row;

	if (a->p.nfrom == 0)
		return true;
	row = recorded_told(&a->rec_in, m, ANSWER_POSITIONS, p->symbol, p->side, &t);
	return row != NULL && scan_get(t, row, "liquidationPrice") != NULL;
}

static void
put_held(struct buf *b, const struct position_figures *pf, bool watch, bool liq)
{
	static const char *const side[] = { [POS_BOTH] = "BOTH", [POS_LONG] = "LONG", [POS_SHORT] = "SHORT" };
	const struct position *p = pf->p;
	dec told = told_liq(pf, watch);

	jw_str(b, "symbol", p->symbol);
	jw_str(b, "positionSide", side[p->side]);
	jw_dec(b, "positionAmt", p->amt);
	jw_dec(b, "entryPrice", p->entry);
	jw_dec(b, "breakEvenPrice", p->break_even);
	put_maybe(b, "markPrice", dec_sign(p->mark) > 0, &p->mark);
	put_maybe(b, "notional", pf->has_notional, &pf->notional);
	put_maybe(b, "unRealizedProfit", pf->has_upnl, &pf->upnl);
	jw_str(b, "marginType", p->isolated ? "isolated" : "crossed");
	jw_dec(b, "isolatedWallet", p->isolated_wallet);
	put_told(b, "initialMargin", watch, p->initial_margin, pf->has_im, pf->im);
	put_told(b, "maintMargin", watch, p->maint_margin, pf->has_maint, pf->maint);
	jw_i64(b, "leverage", p->leverage);
	put_maybe(b, "effectiveLeverage", pf->has_leverage, &pf->leverage);
	put_maybe(b, "liquidationPrice", liq || (watch && pf->has_liq), &told);
	put_maybe(b, "liquidationPriceOwn", pf->has_liq && dec_sign(pf->liq) > 0, &pf->liq);
	put_maybe(b, "liquidationPriceAbove", pf->has_liq && dec_sign(pf->liq_above) > 0, &pf->liq_above);
	put_maybe(b, "distance", pf->has_away, &pf->away);
	jw_i64(b, "adl", p->adl);
}

/* Profit with what was paid and earned since it was opened: that is in the break-even price. */
static void
put_net(struct buf *b, const struct position *p)
{
	struct leg l = leg_of(p, p->break_even);
	dec net = dec_int(0);
	bool known = dec_sign(p->break_even) > 0 && dec_sign(p->mark) > 0 && dec_sign(l.size) > 0 &&
	    margin_pnl(&net, &l, p->mark);

	put_maybe(b, "pnlNet", known, &net);
}

static void
put_more(struct buf *b, const struct position_figures *pf, enum market m)
{
	const struct position *p = pf->p;

	jw_str(b, "market", market_word(m));
	jw_str(b, "marginAsset", p->margin_asset);
	if (p->kind == INVERSE)
		put_maybe(b, "contractSize", dec_sign(p->size) > 0, &p->size);
	put_maybe(b, "value", pf->has_value, &pf->value);
	if (pf->has_maint)
		jw_i64(b, "tier", pf->tier);
	else
		jw_null(b, "tier");
	put_maybe(b, "bankruptcyPrice", pf->has_bankruptcy && dec_sign(pf->bankruptcy) > 0, &pf->bankruptcy);
	put_maybe(b, "distancePrice", pf->has_away, &pf->away_price);
	put_maybe(b, "marginRatio", pf->has_ratio, &pf->ratio);
	put_maybe(b, "roe", pf->has_roe, &pf->roe);
	put_net(b, p);
}

static void
put_funding(struct buf *b, const struct position_figures *pf, int64_t now_ms)
{
	const struct contract *c = pf->c;
	struct leg l = leg_of(pf->p, pf->p->entry);
	bool known = c != NULL && c->funding_ms > 0;
	dec due = dec_int(0);

	put_maybe(b, "fundingRate", known, known ? &c->funding_rate : NULL);
	put_maybe(b, "fundingDue", known && dec_sign(pf->p->mark) > 0 && dec_sign(l.size) > 0 &&
	    funding_payment(&due, &l, pf->p->mark, c->funding_rate), &due);
	if (known)
		jw_i64(b, "fundingAt", c->funding_ms);
	else
		jw_null(b, "fundingAt");
	if (known && c->funding_ms >= now_ms)
		jw_i64(b, "fundingMinutes", (c->funding_ms - now_ms) / 60000);
	else
		jw_null(b, "fundingMinutes");
}

void
put_position(struct app *a, const struct figures *fg, const struct position_figures *pf, enum market m)
{
	const struct account *acct = &a->acct[m];
	struct protection pr;
	struct buf *b = &a->rec;

	(void)fg;
	protection_of(&pr, acct, pf->p);
	jw_open(b, NULL, '{');
	jw_str(b, "e", "bf.position");
	jw_i64(b, "E", acct->as_of_ms);
	put_held(b, pf, a->p.watch, liq_told(a, pf->p, m));
	put_more(b, pf, m);
	put_funding(b, pf, acct->as_of_ms);
	jw_i64(b, "openOrders", pr.open);
	jw_bool(b, "protected", pr.whole);
	jw_dec(b, "protectedQuantity", pr.covered);
	put_protection(b, "protection", acct, pf->p);
	if (a->p.watch)
		jw_bool(b, "stale", a->stale[m]);
	if (a->out.table)
		put_cells(b, pf, a->p.watch, pr.whole);
	jw_close(b, '}');
}

/*
 * bf.account
 */

static void
account_begin(struct app *a, enum market m, const char *asset)
{
	struct buf *b = &a->rec;

	jw_open(b, NULL, '{');
	jw_str(b, "e", "bf.account");
	jw_i64(b, "E", a->acct[m].as_of_ms);
	jw_str(b, "asset", asset);
	jw_str(b, "market", market_word(m));
}

/* All assets as one margin. */
static void
put_united(struct app *a, const struct figures *fg, enum market m)
{
	struct buf *b = &a->rec;

	account_begin(a, m, "USD");
	jw_bool(b, "multiAssets", true);
	put_maybe(b, "availableBalance", fg->has_multi, &fg->sum.available);
	put_maybe(b, "marginBalance", fg->has_multi, &fg->sum.equity);
	put_maybe(b, "initialMargin", fg->has_multi, &fg->sum.im);
	put_maybe(b, "maintMargin", fg->has_multi, &fg->sum.maint);
	put_maybe(b, "marginRatio", fg->has_multi_ratio, &fg->multi_ratio);
	put_maybe(b, "notional", fg->has_multi, &fg->multi_notional);
	put_maybe(b, "effectiveLeverage", fg->has_multi_leverage, &fg->multi_leverage);
	jw_close(b, '}');
}

void
put_wallet(struct app *a, const struct figures *fg, const struct wallet_figures *wf, enum market m)
{
	struct buf *b = &a->rec;
	bool alone = !fg->multi;	/* else no wallet has an equity of its own */

	if (wf == NULL) {
		put_united(a, fg, m);
		return;
	}
	account_begin(a, m, wf->w->asset);
	jw_dec(b, "walletBalance", wf->w->balance);
	jw_dec(b, "crossWalletBalance", wf->w->cross);
	jw_dec(b, "availableBalance", a->p.watch && alone && wf->has_available ? wf->available : wf->w->available);
	put_maybe(b, "availableBalanceOwn", alone && wf->has_available, &wf->available);
	put_maybe(b, "unrealizedProfit", alone && wf->has_sums, &wf->upnl);
	put_maybe(b, "marginBalance", alone && wf->has_sums, &wf->equity);
	put_maybe(b, "initialMargin", alone && wf->has_im, &wf->im);
	put_maybe(b, "openOrderInitialMargin", alone && wf->has_im, &wf->open_im);
	put_maybe(b, "maintMargin", alone && wf->has_maint, &wf->maint);
	put_maybe(b, "marginRatio", alone && wf->has_ratio, &wf->ratio);
	put_maybe(b, "notional", alone && wf->has_sums, &wf->notional);
	put_maybe(b, "netNotional", alone && wf->has_sums, &wf->net);
	put_maybe(b, "effectiveLeverage", alone && wf->has_leverage, &wf->leverage);
	jw_close(b, '}');
}
