/* Settings and isolated margin, tried on an account as the exchange would take or refuse them.
 * Sections are those of the margin mathematics sheet, see margin.h. */
#include <string.h>

#include "core/figures_in.h"

#define MONEY	8	/* decimals of money */
#define LEVERAGE_MAX	125	/* where no tier says less */

int
figures_refuse(struct fault *f, int code, const char *text)
{
	fault_set(f, FAULT_REJECTED, "%s", text);
	if (f != NULL)
		f->code = code;
	return -1;
}

static int
no_room(struct fault *f)
{
	return figures_refuse(f, 0, "a number is out of room");
}

/* What of the cross wallet is free (section 15.1). false: it cannot be told. */
static bool
available_of(dec *out, const struct account *a, const struct contract *c, const struct contracts *cs)
{
	const struct wallet *w = account_find_wallet(a, c->rules.margin);
	struct wallet_figures s;
	dec cross_im;

	if (w == NULL || a->multi_assets || !figures_purse(&s, &cross_im, a, cs, w) || !s.has_im ||
	    !figures_open_margin(&s.open_im, a, cs, w->asset))
		return false;
	return figures_available(out, &s, cross_im);
}

/*
 * Leverage
 */

static bool
is_symbol(const struct position *p, const struct contract *c)
{
	return strcmp(p->symbol, c->rules.symbol) == 0;
}

static bool
held_isolated(const struct account *a, const struct contract *c)
{
	for (const struct position *p = a->pos; p < a->pos + a->npos; p++)
		if (p->isolated && account_held(p) && is_symbol(p, c))
			return true;
	return false;
}

/* Each side asks for its own; what is not known refuses nothing. */
static int
check_leverage(const struct account *a, const struct contract *c, int leverage, struct fault *f)
{
	int was = account_leverage_of(a, c->rules.symbol);
	dec need = { 0, MONEY }, n, im, had, free;

	for (enum pos_side side = POS_BOTH; side <= POS_SHORT; side++) {
		if (!figures_exposure(&n, a, c, side))
			continue;
		if (c->tiers.n > 0 && dec_cmp(n, tiers_cap(&c->tiers, leverage)) > 0)
			return figures_refuse(f, -2027,
			    "Exceeded the maximum allowable position at current leverage.");
		if (was < 1)
			continue;
		if (!margin_initial(&im, n, leverage) || !margin_initial(&had, n, was) ||
		    !dec_add(&need, need, im) || !dec_sub(&need, need, had))
			return no_room(f);
	}
	if (dec_sign(need) > 0 && available_of(&free, a, c, a->cs) && dec_cmp(need, free) > 0)
		return figures_refuse(f, -2028,
		    "Leverage is smaller than permitted: insufficient margin balance.");
	return 0;
}

int
account_set_leverage(struct account *a, const struct contract *c, int leverage, struct fault *f)
{
	int most = c->tiers.n > 0 ? c->tiers.tier[0].max_leverage : LEVERAGE_MAX;

	if (leverage < 1 || leverage > most)
		return figures_refuse(f, -4028, "Leverage is not valid");
	if (held_isolated(a, c) && leverage < account_leverage_of(a, c->rules.symbol))
		return figures_refuse(f, c->kind == INVERSE ? -4150 : -4161, "Leverage reduction is "
		    "not supported in Isolated Margin Mode with open positions.");
	if (check_leverage(a, c, leverage, f) == -1)
		return -1;
	for (struct position *p = a->pos; p < a->pos + a->npos; p++)
		if (is_symbol(p, c))
			p->leverage = leverage;
	return 0;
}

/*
 * Margin
 */

int
account_set_isolated(struct account *a, const struct contract *c, bool isolated, struct fault *f)
{
	struct position *p;

	for (p = a->pos; p < a->pos + a->npos; p++)
		if (is_symbol(p, c) && p->isolated != isolated)
			break;
	if (p == a->pos + a->npos)
		return 0;	/* the exchange says -4046 */
	if (isolated && a->multi_assets)
		return figures_refuse(f, -4168,
		    "Unable to adjust to isolated-margin mode under the Multi-Assets mode.");
	for (int i = 0; i < a->nord; i++)
		if (strcmp(a->ord[i].symbol, c->rules.symbol) == 0)
			return figures_refuse(f, -4047,
			    "Margin type cannot be changed if there exists open orders.");
	for (p = a->pos; p < a->pos + a->npos; p++)
		if (is_symbol(p, c) && account_held(p) && p->isolated != isolated)
			return figures_refuse(f, -4048,
			    "Margin type cannot be changed if there exists position.");
	for (p = a->pos; p < a->pos + a->npos; p++)
		if (is_symbol(p, c))
			p->isolated = isolated;
	return 0;
}

/* What may be taken out: down to the initial margin at mark (section 3), and no more than
 * there is without its profit. */
static bool
removable(dec *out, const struct position *p, const struct contract *c)
{
	struct leg l = { c->kind, p->amt, p->entry, c->size };
	dec n, im, upnl, d;

	if (dec_sign(p->mark) <= 0 || !margin_notional(&n, &l, p->mark) ||
	    !margin_initial(&im, n, p->leverage) || !margin_pnl(&upnl, &l, p->mark) ||
	    !dec_add(&d, p->isolated_wallet, upnl) || !dec_sub(&d, d, im))
		return false;
	*out = dec_max(dec_int(0), dec_min(p->isolated_wallet, d));
	return true;
}

static int
check_move(const struct account *a, const struct contract *c, const struct position *p, dec amount,
    struct fault *f)
{
	dec most;

	if (p != NULL && !p->isolated)
		return figures_refuse(f, -4049, "Add margin only support for isolated position.");
	if (p == NULL || !account_held(p))
		return figures_refuse(f, -4054, "Cannot add position margin: position is 0.");
	if (dec_sign(amount) > 0)
		return available_of(&most, a, c, a->cs) && dec_cmp(amount, most) > 0 ?
		    figures_refuse(f, -4050, "Cross balance insufficient.") : 0;
	if (!removable(&most, p, c))
		return figures_refuse(f, 0, "mark or leverage is not known");
	return dec_cmp(dec_abs(amount), most) > 0 ?
	    figures_refuse(f, -4051, "Isolated balance insufficient.") : 0;
}

int
account_move_margin(struct account *a, const struct contract *c, enum pos_side side, dec amount, struct fault *f)
{
	struct position *p = account_find(a, c->rules.symbol, side);
	struct wallet *w = account_find_wallet(a, c->rules.margin);
	dec iso, cross;

	if (dec_sign(amount) == 0)
		return figures_refuse(f, -4055, "Amount must be positive.");
	if (a->hedge != (side != POS_BOTH))
		return figures_refuse(f, -4060, "Invalid position side.");
	if (check_move(a, c, p, amount, f) == -1)
		return -1;
	if (w == NULL)
		return figures_refuse(f, 0, "the wallet of its margin asset is not known");
	if (!dec_add(&iso, p->isolated_wallet, amount) || !dec_sub(&cross, w->cross, amount))
		return no_room(f);
	p->isolated_wallet = iso;
	w->cross = cross;
	return 0;
}
