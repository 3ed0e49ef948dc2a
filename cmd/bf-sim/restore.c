/* An engine's state taken out, and put back into a new one. */
#include <string.h>

#include "state.h"

#define ID_MAX		((uint64_t)INT64_MAX >> 24 << 24)	/* room for those that are still to come */
#define SPAN_MAX	(UINT64_C(1) << 26)	/* ids of a symbol from the oldest kept order on: 512 MB */

/*
 * Taking out: what the queries do not tell
 */

bool
engine_leg_state(const struct engine *e, int acct, int sym, enum pos_mode leg,
    struct engine_leg_state *out)
{
	const struct acct *a = eng_acct(e, acct);
	const struct hold *h;
	const struct pos *p;

	if (a == NULL || eng_sym(e, sym) == NULL || leg < MODE_BOTH || leg > MODE_SHORT ||
	    (h = acct_hold_at(a, sym)) == NULL)
		return false;
	p = &h->pos[leg];
	if (p->update_ms == 0 && dec_sign(p->amt) == 0 && dec_sign(p->realized) == 0)
		return false;
	*out = (struct engine_leg_state){ sym, leg, p->amt, p->entry, p->paid, p->realized, p->iso,
		p->update_ms };
	return true;
}

bool
engine_hold_state(const struct engine *e, int acct, int sym, struct engine_hold_state *out)
{
	const struct acct *a = eng_acct(e, acct);
	const struct hold *h;

	if (a == NULL || eng_sym(e, sym) == NULL || (h = acct_hold_at(a, sym)) == NULL)
		return false;
	*out = (struct engine_hold_state){ sym, h->leverage, h->isolated };
	return true;
}

static uint64_t
next_id(const struct sym *s)
{
	uint64_t id = s->base_id + s->norders;

	return id < s->next_floor ? s->next_floor : id;
}

void
engine_symbol_state(const struct engine *e, int sym, struct engine_symbol_state *out)
{
	const struct sym *s = eng_sym(e, sym);

	*out = (struct engine_symbol_state){ 0 };
	if (s != NULL)
		*out = (struct engine_symbol_state){ next_id(s), s->trade_id, s->update_id, s->mark,
			s->index_price, s->last };
}

/*
 * Putting back
 */

static int
no_such(struct fault *f)
{
	return eng_misuse(f, "restore: no such account, symbol or asset");
}

int
engine_restore_wallet(struct engine *e, int acct, int asset, dec balance, int64_t update_ms,
    struct fault *f)
{
	struct acct *a = eng_acct(e, acct);
	struct wallet *w;

	if (a == NULL || asset < 0 || asset >= e->nasset)
		return no_such(f);
	if (!eng_is_money(balance))
		return eng_misuse(f, "restore: a balance is no amount of money");
	w = &a->wallet[asset];
	w->dust = num_add(&e->bad, w->dust, num_sub(&e->bad, balance, w->balance));
	w->balance = num_money(&e->bad, balance);
	if (update_ms > w->update_ms)
		w->update_ms = update_ms;
	return eng_sound(e, f);
}

int
engine_restore_hold(struct engine *e, int acct, const struct engine_hold_state *st, struct fault *f)
{
	struct acct *a = eng_acct(e, acct);
	struct sym *s = eng_sym(e, st->sym);
	struct hold *h;

	if (a == NULL || s == NULL)
		return no_such(f);
	if (st->leverage < 1 || st->leverage > s->c.tiers.tier[0].max_leverage ||
	    (st->isolated && a->multi && s->c.market == USDM))
		return eng_misuse(f, "restore: a leverage or margin type that cannot be");
	if ((h = acct_hold(e, a, s)) == NULL)
		return eng_sound(e, f);
	h->leverage = st->leverage;
	h->isolated = st->isolated;
	hold_stale(h);
	return eng_sound(e, f);
}

/* What trades would have paid for it: the counterpart of keep_books. */
static dec
cash_of(struct engine *e, const struct sym *s, const struct engine_leg_state *l)
{
	dec v;

	if (dec_sign(l->amt) == 0)
		return dec_int(0);
	if (s->c.market == USDM)
		return dec_neg(num_mul(&e->bad, l->amt, l->entry));
	v = num_mul(&e->bad, l->amt, s->c.size);
	return num_div(&e->bad, v, l->entry, FINE);
}

/* The maker holds the other side, and has lost what was ever realised. */
static void
counter(struct engine *e, struct sym *s, const struct engine_leg_state *l)
{
	struct hold *h = acct_hold(e, &e->maker, s);
	struct fill x = { 0, l->entry, dec_abs(l->amt) };
	struct wallet *w;

	if (h == NULL)
		return;
	if (dec_sign(l->amt) != 0)
		acct_book(e, h, MODE_BOTH, dec_sign(l->amt) > 0 ? SIDE_SELL : SIDE_BUY, &x,
		    dec_int(0), false);
	w = hold_wallet(h);
	w->balance = num_sub(&e->bad, w->balance, l->realized);
	h->pos[0].realized = num_sub(&e->bad, h->pos[0].realized, l->realized);
	h->pos[0].cash = num_sub(&e->bad, h->pos[0].cash, l->realized);
}

/* Far above what the brackets allow, and far below where digits end. */
static bool
is_sized(const struct sym *s, const struct engine_leg_state *l)
{
	static const dec most = { 100000000000, 0 };
	bool bad = false;
	dec value = num_mul(&bad, dec_abs(l->amt), s->c.market == USDM ? l->entry : s->c.size);

	return !bad && dec_cmp(value, most) < 0 && dec_cmp(dec_abs(l->paid), most) < 0 &&
	    dec_cmp(dec_abs(l->realized), most) < 0;
}

static bool
leg_ok(const struct sym *s, const struct acct *a, const struct hold *h,
    const struct engine_leg_state *l)
{
	int sign = l->leg == MODE_SHORT ? -1 : l->leg == MODE_LONG ? 1 : dec_sign(l->amt);

	if (!dec_is_multiple(l->amt, s->c.rules.step) || !eng_is_money(l->iso) ||
	    dec_decimals(l->entry) > FINE || dec_sign(h->pos[l->leg].amt) != 0 || !is_sized(s, l))
		return false;
	if (dec_sign(l->amt) == 0)
		return dec_sign(l->iso) == 0;
	return dec_sign(l->amt) == sign && dec_sign(l->entry) > 0 &&
	    a->hedge == (l->leg != MODE_BOTH) && dec_sign(l->iso) >= 0 &&
	    (h->isolated || dec_sign(l->iso) == 0);
}

int
engine_restore_leg(struct engine *e, int acct, const struct engine_leg_state *l, struct fault *f)
{
	struct acct *a = eng_acct(e, acct);
	struct sym *s = eng_sym(e, l->sym);
	struct wallet *w;
	struct hold *h;
	struct pos *p;

	if (a == NULL || s == NULL || l->leg < MODE_BOTH || l->leg > MODE_SHORT)
		return no_such(f);
	if ((h = acct_hold(e, a, s)) == NULL)
		return eng_sound(e, f);
	if (!leg_ok(s, a, h, l))
		return eng_misuse(f, "restore: a position that cannot be");
	p = hold_leg(h, l->leg);
	p->amt = num_scale(&e->bad, l->amt, s->c.rules.step.scale);
	p->entry = dec_sign(l->amt) == 0 ? dec_int(0) : l->entry;
	p->paid = dec_sign(l->amt) == 0 ? dec_int(0) : l->paid;
	p->realized = l->realized;
	p->iso = l->iso;
	p->update_ms = l->update_ms;
	p->cash = num_add(&e->bad, l->realized, cash_of(e, s, l));
	p->dust = (dec){ 1, MONEY };
	w = hold_wallet(h);
	w->dust = num_sub(&e->bad, w->dust, l->realized);
	if (l->update_ms > w->update_ms)
		w->update_ms = l->update_ms;
	acct_held(e, h, dec_int(0), p->amt);
	counter(e, s, l);
	hold_stale(h);
	return eng_sound(e, f);
}

/* Ids go on from next_id; orders may still come, so that is seen to later. */
int
engine_restore_symbol(struct engine *e, int sym, const struct engine_symbol_state *st,
    struct fault *f)
{
	struct sym *s = eng_sym(e, sym);

	if (s == NULL)
		return no_such(f);
	if (dec_sign(st->mark) < 0 || dec_sign(st->index) < 0 || dec_sign(st->last) < 0 ||
	    st->next_id > ID_MAX || st->trade_id > INT64_MAX || st->update_id > INT64_MAX)
		return eng_misuse(f, "restore: a price or an id that cannot be");
	s->mark = s->seen_mark = st->mark;
	s->index_price = s->seen_index = st->index;
	s->last = st->last;
	if (s->follows != -1 && dec_sign(st->index) > 0 && !e->asset[s->follows].pinned)
		e->asset[s->follows].info.index = st->index;
	s->trade_id = st->trade_id;
	s->update_id = st->update_id;
	s->next_floor = st->next_id;
	e->unpadded = true;
	for (size_t i = 0; i < s->nholds; i++)
		hold_stale(s->holds[i]);
	return eng_sound(e, f);
}

void
restore_pad(struct engine *e)
{
	struct sym *s;

	e->unpadded = false;
	for (int i = 0; i < e->nsym && !e->bad; i++) {
		s = e->sym[i];
		if (s->next_floor > s->base_id + s->norders)
			kept_next(e, s, s->next_floor);
		s->next_floor = 0;
	}
}

/*
 * Histories
 */

static bool
order_ok(const struct engine_order *o)
{
	if (dec_sign(o->qty) <= 0 || dec_sign(o->filled) < 0 || dec_cmp(o->filled, o->qty) > 0 ||
	    o->qty.scale != o->filled.scale || memchr(o->client_id, '\0', ENGINE_CLIENT_ID) == NULL)
		return false;
	return !order_open(o) || (o->type == ORDER_LIMIT && dec_sign(o->price) > 0 &&
	    dec_cmp(o->filled, o->qty) < 0);
}

/* At the symbol's scales, as the engine keeps them: those of a store may be others. */
static bool
at_scales(const struct sym *s, struct engine_order *o)
{
	return dec_rescale(&o->qty, o->qty, s->c.rules.step.scale, DEC_DOWN) &&
	    dec_rescale(&o->filled, o->filled, s->c.rules.step.scale, DEC_DOWN) &&
	    (!order_open(o) || dec_rescale(&o->price, o->price, s->c.rules.tick.scale, DEC_DOWN));
}

/* Every id from the first order's on has its place, so a gap of damaged ids would
 * fill the memory. */
static bool
id_ok(const struct sym *s, uint64_t id)
{
	uint64_t first = s->norders > 0 && s->base_id < id ? s->base_id : id;
	uint64_t last = s->next_floor > id ? s->next_floor : id;

	return id > 0 && id <= ID_MAX && last - first <= SPAN_MAX;
}

int
engine_restore_order(struct engine *e, const struct engine_order *was, struct fault *f)
{
	struct acct *a = eng_acct(e, was->acct);
	struct sym *s = eng_sym(e, was->sym);
	struct engine_order o = *was;
	struct hold *h;

	if (a == NULL || s == NULL)
		return no_such(f);
	if (!at_scales(s, &o) || !order_ok(&o))
		return eng_misuse(f, "restore: an order that cannot be");
	if (!id_ok(s, o.id))
		return eng_misuse(f, "restore: an order's id is too far from the others");
	if ((h = acct_hold(e, a, s)) == NULL)
		return eng_sound(e, f);
	if (order_restore(e, h, &o) == NULL)
		return e->bad ? eng_sound(e, f) : eng_misuse(f, "restore: order ids do not ascend");
	hold_stale(h);
	e->seed += o.id * 0x9e3779b97f4a7c15u;	/* so that made-up client ids are new ones */
	e->nliquidations += o.kind == KIND_LIQUIDATION;
	e->nsettlements += o.kind == KIND_SETTLEMENT;
	return eng_sound(e, f);
}

int
engine_restore_trade(struct engine *e, int acct, const struct engine_trade *t, struct fault *f)
{
	struct acct *a = eng_acct(e, acct);

	if (a == NULL || eng_sym(e, t->sym) == NULL || t->fee_asset < 0 || t->fee_asset >= e->nasset)
		return no_such(f);
	if (!eng_grow(&e->bad, &a->trades, a->ntrades, &a->ctrades, sizeof *a->trades))
		return eng_sound(e, f);
	a->trades[a->ntrades++] = *t;
	return 0;
}

/* Types are static text: the one of that name. */
static const char *
income_type(const char *name)
{
	static const char *const type[] = { "TRANSFER", "REALIZED_PNL", "FUNDING_FEE", "COMMISSION",
		"INSURANCE_CLEAR", "DELIVERED_SETTELMENT", "SPECIAL_FUNDING_FEE", "WELCOME_BONUS",
		"REFERRAL_KICKBACK", "COMMISSION_REBATE", "API_REBATE", "INTERNAL_TRANSFER",
		"AUTO_EXCHANGE" };

	for (size_t i = 0; i < sizeof type / sizeof *type; i++)
		if (strcmp(type[i], name) == 0)
			return type[i];
	return NULL;
}

int
engine_restore_income(struct engine *e, int acct, const struct engine_income *i, struct fault *f)
{
	struct acct *a = eng_acct(e, acct);
	const char *type = i->type == NULL ? NULL : income_type(i->type);

	if (a == NULL || i->asset < 0 || i->asset >= e->nasset ||
	    (i->sym != -1 && eng_sym(e, i->sym) == NULL))
		return no_such(f);
	if (type == NULL || memchr(i->info, '\0', sizeof i->info) == NULL)
		return eng_misuse(f, "restore: no such type of income");
	if (!eng_grow(&e->bad, &a->income, a->nincome, &a->cincome, sizeof *a->income))
		return eng_sound(e, f);
	a->income[a->nincome] = *i;
	a->income[a->nincome++].type = type;
	if (i->tran_id > e->tran_id)
		e->tran_id = i->tran_id;
	return 0;
}

int
engine_restore_amend(struct engine *e, int acct, const struct engine_amend *m, struct fault *f)
{
	struct acct *a = eng_acct(e, acct);

	if (a == NULL || eng_sym(e, m->sym) == NULL)
		return no_such(f);
	if (!eng_grow(&e->bad, &a->amends, a->namends, &a->camends, sizeof *a->amends))
		return eng_sound(e, f);
	a->amends[a->namends++] = *m;
	if (m->id > e->amend_id)
		e->amend_id = m->id;
	return 0;
}

int
engine_restore_move(struct engine *e, int acct, const struct engine_margin_move *m, struct fault *f)
{
	struct acct *a = eng_acct(e, acct);

	if (a == NULL || eng_sym(e, m->sym) == NULL)
		return no_such(f);
	if (!eng_grow(&e->bad, &a->moves, a->nmoves, &a->cmoves, sizeof *a->moves))
		return eng_sound(e, f);
	a->moves[a->nmoves++] = *m;
	return 0;
}

static bool
algo_ok(const struct engine_algo *a)
{
	return memchr(a->client_id, '\0', ENGINE_CLIENT_ID) != NULL && dec_sign(a->qty) >= 0 &&
	    eng_is_money(a->qty) && eng_is_money(a->price) && eng_is_money(a->trigger) &&
	    eng_is_money(a->activate) && eng_is_money(a->extreme) &&
	    dec_sign(a->callback) >= 0 && dec_cmp(a->callback, dec_int(100)) <= 0 &&
	    a->type != ORDER_LIMIT && a->type != ORDER_MARKET;
}

int
engine_restore_algo(struct engine *e, const struct engine_algo *was, struct fault *f)
{
	struct acct *a = eng_acct(e, was->acct);
	struct sym *s = eng_sym(e, was->sym);
	struct hold *h;

	if (a == NULL || s == NULL)
		return no_such(f);
	if (!algo_ok(was))
		return eng_misuse(f, "restore: a conditional order that cannot be");
	if ((h = acct_hold(e, a, s)) == NULL)
		return eng_sound(e, f);
	if (algo_restore(e, h, was) == NULL)
		return e->bad ? eng_sound(e, f) :
		    eng_misuse(f, "restore: ids of conditional orders do not ascend");
	return eng_sound(e, f);
}
