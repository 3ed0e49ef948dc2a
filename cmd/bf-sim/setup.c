/* Accounts as they are set up, and what a user may set. */
#include <stdlib.h>

#include "state.h"

#define LEVERAGE	20	/* of a new account, as on the venue */

/*
 * Accounts
 */

bool
eng_is_money(dec d)
{
	static const dec most = { 1000000000000000, 0 };

	return dec_decimals(d) <= MONEY && dec_cmp(dec_abs(d), most) < 0;
}

int
engine_account_new(struct engine *e, dec usdt, struct fault *f)
{
	struct acct *a;
	int i;

	if (eng_sound(e, f) == -1)
		return -1;
	if (!eng_is_money(usdt) || dec_sign(usdt) < 0)
		return eng_misuse(f, "wallet: 0 or more USDT, at most 8 decimals");
	if (!eng_grow(&e->bad, &e->acct, e->nacct, &e->cacct, sizeof *e->acct))
		return eng_sound(e, f);
	if ((a = calloc(1, sizeof *a)) == NULL) {
		e->bad = true;
		return eng_sound(e, f);
	}
	a->number = e->nacct;
	a->wallet = a->paid_in = num_money(&e->bad, usdt);
	for (i = 0; i < ENGINE_SYMBOLS; i++)
		a->pos[i].leverage = LEVERAGE;
	e->acct[e->nacct++] = a;
	return a->number;
}

int
engine_deposit(struct engine *e, int acct, dec amt, int64_t now_ms, struct fault *f)
{
	struct acct *a = eng_acct(e, acct);
	struct engine_balance b;

	if (a == NULL || !eng_is_money(amt) || dec_sign(amt) == 0)
		return eng_misuse(f, "deposit: no such account, or no amount");
	if (eng_sound(e, f) == -1)
		return -1;
	if (dec_sign(amt) < 0 && (!engine_balance(e, acct, &b) ||
	    dec_cmp(dec_abs(amt), b.withdraw) > 0))
		return eng_refuse(f, -2018, "Balance is insufficient.");
	e->now = a->update_ms = now_ms;
	a->wallet = num_add(&e->bad, a->wallet, amt);
	a->paid_in = num_add(&e->bad, a->paid_in, amt);
	acct_event(e, a, dec_sign(amt) > 0 ? "DEPOSIT" : "WITHDRAW", amt, NULL);
	return eng_sound(e, f);
}

int
engine_seed_position(struct engine *e, int acct, int sym, dec amt, dec entry, int64_t now_ms,
    struct fault *f)
{
	struct acct *a = eng_acct(e, acct);
	struct sym *s = eng_sym(e, sym);
	enum order_side side = dec_sign(amt) > 0 ? SIDE_BUY : SIDE_SELL;
	struct fill x = { 0 };

	if (a == NULL || s == NULL)
		return eng_misuse(f, "no such account or symbol");
	if (eng_sound(e, f) == -1)
		return -1;
	if (dec_sign(s->mark) == 0)
		return eng_misuse(f, "a seeded position needs a mark price first");
	if (dec_sign(a->pos[sym].amt) != 0 || a->pos[sym].norders != 0)
		return eng_misuse(f, "a seeded position needs a flat account");
	if (dec_sign(amt) == 0 || !dec_is_multiple(amt, s->rules.step) ||
	    dec_cmp(dec_abs(amt), s->rules.max_qty) > 0)
		return eng_misuse(f, "seeded quantity: a multiple of stepSize, within LOT_SIZE");
	if (dec_decimals(entry) > MONEY || dec_cmp(entry, s->rules.min_price) < 0 ||
	    dec_cmp(entry, s->rules.max_price) > 0)
		return eng_misuse(f, "seeded entry price: outside the symbol's price filter");
	e->now = now_ms;
	x.price = entry;
	x.qty = num_scale(&e->bad, dec_abs(amt), s->rules.step.scale);
	acct_book(e, s, a, side, &x, dec_int(0), false);
	acct_book(e, s, &e->maker, side_other(side), &x, dec_int(0), false);
	eng_finish(e);
	return eng_sound(e, f);
}

int
engine_seed_leverage(struct engine *e, int acct, int sym, dec lev, int64_t now_ms, struct fault *f)
{
	struct acct *a = eng_acct(e, acct);
	struct sym *s = eng_sym(e, sym);
	dec q;

	if (a == NULL || s == NULL)
		return eng_misuse(f, "no such account or symbol");
	if (dec_sign(s->mark) == 0)
		return eng_misuse(f, "a seeded position needs a mark price first");
	if (!dec_mul(&q, dec_abs(lev), a->wallet) || !dec_div(&q, q, s->mark, MONEY, DEC_DOWN) ||
	    !dec_floor(&q, q, s->rules.step))
		return eng_misuse(f, "seeded leverage: out of room");
	if (dec_sign(lev) < 0)
		q = dec_neg(q);
	return engine_seed_position(e, acct, sym, q, s->mark, now_ms, f);
}

/*
 * Settings
 */

int
engine_set_leverage(struct engine *e, int acct, int sym, int leverage, int64_t now_ms, dec *cap,
    struct fault *f)
{
	struct engine_event ev = { .kind = EV_CONFIG, .acct = acct, .sym = sym };
	struct acct *a = eng_acct(e, acct);
	struct sym *s = eng_sym(e, sym);
	struct figures fig;
	dec most, n, need;
	struct pos *p;
	bool bad = false;

	if (a == NULL || s == NULL)
		return eng_misuse(f, "no such account or symbol");
	if (eng_sound(e, f) == -1)
		return -1;
	p = &a->pos[sym];
	if (leverage < 1 || leverage > s->tiers.tier[0].max_leverage)
		return eng_refuse(f, -4028, "Leverage %d is not valid", leverage);
	if (p->isolated && dec_sign(p->amt) != 0 && leverage < p->leverage)
		return eng_refuse(f, -4161, "Leverage reduction is not supported in Isolated Margin "
		    "Mode with open positions.");
	most = tiers_cap(&s->tiers, leverage);
	n = pos_exposure(s, p, p->bid, p->ask, &bad);
	if (dec_cmp(n, most) > 0)
		return eng_refuse(f, -2027,
		    "Exceeded the maximum allowable position at current leverage.");
	acct_figures(e, a, &fig, &bad);
	need = pos_margin(p, n, &bad);
	need = num_sub(&bad, pos_margin(&(struct pos){ .leverage = leverage }, n, &bad), need);
	if (bad || (dec_sign(need) > 0 && dec_cmp(need, fig.available) > 0))
		return eng_refuse(f, -2028,
		    "Leverage is smaller than permitted: insufficient margin balance.");
	e->now = now_ms;
	if (cap != NULL)
		*cap = most;
	if (p->leverage != leverage) {
		p->leverage = ev.u.config.leverage = leverage;
		eng_emit(e, &ev);
	}
	return eng_sound(e, f);
}

int
engine_set_isolated(struct engine *e, int acct, int sym, bool isolated, int64_t now_ms,
    struct fault *f)
{
	struct acct *a = eng_acct(e, acct);
	struct sym *s = eng_sym(e, sym);
	struct pos *p;

	if (a == NULL || s == NULL)
		return eng_misuse(f, "no such account or symbol");
	if (eng_sound(e, f) == -1)
		return -1;
	p = &a->pos[sym];
	if (p->isolated == isolated)
		return eng_refuse(f, -4046, "No need to change margin type.");
	if (p->norders != 0)
		return eng_refuse(f, -4047,
		    "Margin type cannot be changed if there exists open orders.");
	if (dec_sign(p->amt) != 0)
		return eng_refuse(f, -4048, "Margin type cannot be changed if there exists position.");
	e->now = now_ms;
	p->isolated = isolated;
	acct_event(e, a, "MARGIN_TYPE_CHANGE", dec_int(0), s);
	return eng_sound(e, f);
}

/* What may be taken out: down to the initial margin at mark (section 3). */
static dec
removable(const struct sym *s, const struct pos *p, bool *bad)
{
	dec d = num_add(bad, p->iso, pos_upnl(s, p, bad));

	d = num_sub(bad, d, pos_margin(p, pos_notional(s, p, bad), bad));
	return dec_max(dec_int(0), dec_min(p->iso, d));
}

int
engine_move_margin(struct engine *e, int acct, int sym, dec amt, int64_t now_ms, struct fault *f)
{
	struct acct *a = eng_acct(e, acct);
	struct sym *s = eng_sym(e, sym);
	struct figures fig;
	struct pos *p;
	bool bad = false;

	if (a == NULL || s == NULL)
		return eng_misuse(f, "no such account or symbol");
	if (eng_sound(e, f) == -1)
		return -1;
	p = &a->pos[sym];
	if (dec_sign(amt) == 0 || !eng_is_money(amt))
		return eng_refuse(f, -4055, "Amount must be positive.");
	if (!p->isolated)
		return eng_refuse(f, -4049, "Add margin only support for isolated position.");
	if (dec_sign(p->amt) == 0)
		return eng_refuse(f, -4054, "Cannot add position margin: position is 0.");
	acct_figures(e, a, &fig, &bad);
	if (dec_sign(amt) > 0 && dec_cmp(amt, fig.available) > 0)
		return eng_refuse(f, -4050, "Cross balance insufficient.");
	if (dec_sign(amt) < 0 && dec_cmp(dec_abs(amt), removable(s, p, &bad)) > 0)
		return eng_refuse(f, -4051, "Isolated balance insufficient.");
	if (bad)
		return eng_misuse(f, "margin: out of room");
	e->now = p->update_ms = a->update_ms = now_ms;
	p->iso = num_add(&e->bad, p->iso, amt);
	acct_event(e, a, "MARGIN_TRANSFER", dec_int(0), s);
	return eng_sound(e, f);
}
