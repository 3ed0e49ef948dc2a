/* What a user may set: leverage, margin type, modes, isolated margin. */
#include "state.h"

/*
 * Leverage
 */

static int
check_leverage(struct engine *e, struct hold *h, int leverage, dec most, struct fault *f)
{
	dec need = { 0, MONEY }, n;
	bool bad = false;

	for (int i = 0; i < 3; i++) {	/* each leg asks for its own: section 3 */
		n = pos_exposure(h->s, &h->pos[i], h->pos[i].bid, h->pos[i].ask, &bad);
		if (dec_cmp(n, most) > 0)
			return eng_refuse(f, -2027,
			    "Exceeded the maximum allowable position at current leverage.");
		need = num_add(&bad, need, margin_of(n, leverage, &bad));
		need = num_sub(&bad, need, margin_of(n, h->leverage, &bad));
	}
	if (bad || (dec_sign(need) > 0 && dec_cmp(need, hold_available(e, h, &bad)) > 0) || bad)
		return eng_refuse(f, -2028,
		    "Leverage is smaller than permitted: insufficient margin balance.");
	return 0;
}

int
engine_set_leverage(struct engine *e, int acct, int sym, int leverage, int64_t now_ms, dec *cap,
    struct fault *f)
{
	struct engine_event ev = { .kind = EV_CONFIG, .acct = acct, .sym = sym };
	struct hold *h = order_begin(e, acct, sym, now_ms, f);
	dec most;

	if (h == NULL)
		return -1;
	if (leverage < 1 || leverage > h->s->c.tiers.tier[0].max_leverage)
		return eng_refuse(f, -4028, "Leverage %d is not valid", leverage);
	if (h->isolated && hold_held(h) && leverage < h->leverage)
		return eng_refuse(f, eng_code(h->s, -4161), "Leverage reduction is not supported in "
		    "Isolated Margin Mode with open positions.");
	most = tiers_cap(&h->s->c.tiers, leverage);
	if (check_leverage(e, h, leverage, most, f) == -1)
		return -1;
	if (cap != NULL)
		*cap = most;
	if (h->leverage != leverage) {
		h->leverage = ev.u.config.leverage = leverage;
		hold_stale(h);
		eng_emit(e, &ev);
	}
	return eng_finish(e, f);
}

/*
 * Isolated margin
 */

int
engine_set_isolated(struct engine *e, int acct, int sym, bool isolated, int64_t now_ms,
    struct fault *f)
{
	struct hold *h = order_begin(e, acct, sym, now_ms, f);

	if (h == NULL)
		return -1;
	if (isolated && h->a->multi && h->s->c.market == USDM)
		return eng_refuse(f, -4168,
		    "Unable to adjust to isolated-margin mode under the Multi-Assets mode.");
	if (h->isolated == isolated)
		return eng_refuse(f, -4046, "No need to change margin type.");
	if (h->norders != 0 || h->nalgos != 0)
		return eng_refuse(f, -4047,
		    "Margin type cannot be changed if there exists open orders.");
	if (hold_held(h))
		return eng_refuse(f, -4048, "Margin type cannot be changed if there exists position.");
	h->isolated = isolated;
	hold_stale(h);
	acct_event(e, h->a, "MARGIN_TYPE_CHANGE", h->s->asset, dec_int(0), h,
	    h->a->hedge ? MODE_LONG : MODE_BOTH, -1);
	return eng_finish(e, f);
}

/* What may be taken out: down to the initial margin at mark (section 3). */
static dec
removable(const struct hold *h, const struct pos *p, bool *bad)
{
	dec d = num_add(bad, p->iso, pos_upnl(h->s, p, bad));

	d = num_sub(bad, d, margin_of(pos_notional(h->s, p, bad), h->leverage, bad));
	return dec_max(dec_int(0), dec_min(p->iso, d));
}

static int
check_move(struct engine *e, const struct acct *a, struct hold *h, enum pos_mode leg, dec amt,
    struct fault *f)
{
	struct pos *p = hold_leg(h, leg);
	bool bad = false;

	if (dec_sign(amt) == 0 || !eng_is_money(amt))
		return eng_refuse(f, -4055, "Amount must be positive.");
	if (a->hedge != (leg != MODE_BOTH))
		return eng_refuse(f, -4060, "Invalid position side.");
	if (!h->isolated)
		return eng_refuse(f, -4049, "Add margin only support for isolated position.");
	if (dec_sign(p->amt) == 0)
		return eng_refuse(f, -4054, "Cannot add position margin: position is 0.");
	if (dec_sign(amt) > 0 && dec_cmp(amt, hold_available(e, h, &bad)) > 0)
		return eng_refuse(f, -4050, "Cross balance insufficient.");
	if (dec_sign(amt) < 0 && dec_cmp(dec_abs(amt), removable(h, p, &bad)) > 0)
		return eng_refuse(f, -4051, "Isolated balance insufficient.");
	return bad ? eng_misuse(f, "margin: out of room") : 0;
}

static void
keep_move(struct engine *e, struct acct *a, const struct hold *h, enum pos_mode leg, dec amt)
{
	if (!eng_grow(&e->bad, &a->moves, a->nmoves, &a->cmoves, sizeof *a->moves))
		return;
	a->moves[a->nmoves++] = (struct engine_margin_move){ h->s->index, leg, amt, e->now };
}

int
engine_move_margin(struct engine *e, int acct, int sym, enum pos_mode leg, dec amt, int64_t now_ms,
    struct fault *f)
{
	struct acct *a = eng_acct(e, acct);
	struct sym *s = eng_sym(e, sym);
	struct hold *h;
	struct pos *p;

	if (a == NULL || s == NULL || leg < MODE_BOTH || leg > MODE_SHORT)
		return eng_misuse(f, "no such account, symbol or leg");
	if (eng_begin(e, acct, sym, now_ms, f) == -1)
		return -1;
	if ((h = acct_hold(e, a, s)) == NULL)
		return eng_sound(e, f);
	if (check_move(e, a, h, leg, amt, f) == -1)
		return -1;
	p = hold_leg(h, leg);
	p->iso = num_add(&e->bad, p->iso, amt);
	p->update_ms = hold_wallet(h)->update_ms = e->now;
	hold_stale(h);
	keep_move(e, a, h, leg, amt);
	acct_event(e, a, "MARGIN_TRANSFER", s->asset, dec_int(0), h, (int)leg, -1);
	eng_due(e, a);	/* it may save a leg that waits for its liquidation */
	return eng_finish(e, f);
}

/*
 * Modes
 */

/* One setting of both markets: what is open on either stands in its way. */
int
engine_set_hedge(struct engine *e, int acct, bool hedge, int64_t now_ms, struct fault *f)
{
	struct acct *a = eng_acct(e, acct);

	if (a == NULL)
		return eng_misuse(f, "no such account");
	if (eng_begin(e, acct, -1, now_ms, f) == -1)
		return -1;
	if (a->hedge == hedge)
		return eng_refuse(f, -4059, "No need to change position side.");
	if (a->open != NULL || a->nalgos != 0)
		return eng_refuse(f, -4067,
		    "Position side cannot be changed if there exists open orders.");
	for (int i = 0; i < a->nholds; i++)
		if (hold_held(a->holds[i]))
			return eng_refuse(f, -4068,
			    "Position side cannot be changed if there exists position.");
	a->hedge = hedge;
	return eng_finish(e, f);
}

bool
engine_hedge(const struct engine *e, int acct)
{
	const struct acct *a = eng_acct(e, acct);

	return a != NULL && a->hedge;
}

/* What stands in the way of either mode. */
static int
check_assets(const struct engine *e, const struct acct *a, bool multi, struct fault *f)
{
	const struct hold *h;
	int i;

	for (i = 0; i < a->nholds; i++) {
		h = a->holds[i];
		if (h->s->c.market != USDM)
			continue;
		if (multi && h->isolated)
			return eng_refuse(f, -4167, "Unable to adjust to Multi-Assets mode with "
			    "symbols of USD\u24c8-M Futures under isolated-margin mode.");
		if (h->norders != 0 || h->nalgos != 0)
			return eng_refuse(f, -4170, "Unable to adjust Multi-Assets Mode with open "
			    "orders in USD\u24c8-M Futures.");
	}
	for (i = 0; i < e->nasset; i++)
		if (e->asset[i].info.market == USDM && dec_sign(a->wallet[i].balance) < 0)
			return eng_refuse(f, -4172, "Unable to adjust Multi-Assets Mode with a "
			    "negative wallet balance of margin available asset in USD\u24c8-M "
			    "Futures account.");
	return 0;
}

/* Whether the positions can be held in the other mode. */
static bool
can_hold(struct engine *e, struct acct *a, bool multi, bool *bad)
{
	struct figures f;
	dec need;

	if (multi) {
		acct_figures_multi(e, a, &f, bad);
		need = num_add(bad, f.s.pos_im, f.s.order_im);
		return dec_cmp(f.equity, need) >= 0;
	}
	for (int i = 0; i < e->nasset; i++) {
		if (e->asset[i].info.market != USDM)
			continue;
		acct_figures(e, a, i, &f, bad);
		if (dec_cmp(f.equity, f.s.cross_pos_im) < 0)
			return false;
	}
	return true;
}

int
engine_set_multi(struct engine *e, int acct, bool multi, int64_t now_ms, struct fault *f)
{
	struct engine_event ev = { .kind = EV_CONFIG, .acct = acct, .sym = -1 };
	struct acct *a = eng_acct(e, acct);
	bool bad = false;

	if (a == NULL)
		return eng_misuse(f, "no such account");
	if (eng_begin(e, acct, -1, now_ms, f) == -1)
		return -1;
	if (a->multi == multi)
		return eng_refuse(f, -4171, "Adjusted asset mode is currently set and does not need "
		    "to be adjusted repeatedly.");
	if (check_assets(e, a, multi, f) == -1)
		return -1;
	if (!can_hold(e, a, multi, &bad) || bad)
		return eng_refuse(f, -4169, "Unable to adjust Multi-Assets Mode with insufficient "
		    "margin balance in USD\u24c8-M Futures.");
	a->multi = ev.u.config.multi = multi;
	e->nmulti += multi ? 1 : -1;
	eng_due(e, a);
	eng_emit(e, &ev);
	return eng_finish(e, f);
}

bool
engine_multi(const struct engine *e, int acct)
{
	const struct acct *a = eng_acct(e, acct);

	return a != NULL && a->multi;
}

void
engine_set_burn(struct engine *e, int acct, bool burn)
{
	struct acct *a = eng_acct(e, acct);

	if (a != NULL)
		a->burn = burn;
}

bool
engine_burn(const struct engine *e, int acct)
{
	const struct acct *a = eng_acct(e, acct);

	return a != NULL && a->burn;
}
