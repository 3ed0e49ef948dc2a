/* What may be asked of the engine; nothing here changes it, but that sums
 * which are stale are computed anew. */
#include <string.h>

#include "state.h"

/*
 * Names
 */

const char *
order_type_name(enum order_type t)
{
	static const char *const name[] = { "LIMIT", "MARKET", "STOP", "STOP_MARKET", "TAKE_PROFIT",
		"TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET" };

	return name[t];
}

const char *
order_tif_name(enum order_tif t)
{
	static const char *const name[] = { "GTC", "IOC", "FOK", "GTX", "GTD" };

	return name[t];
}

const char *
order_stp_name(enum order_stp s)
{
	static const char *const name[] = { "NONE", "EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH" };

	return name[s];
}

const char *
order_status_name(enum order_status s)
{
	static const char *const name[] = { "NEW", "PARTIALLY_FILLED", "FILLED", "CANCELED",
		"EXPIRED", "EXPIRED_IN_MATCH" };

	return name[s];
}

const char *
exec_type_name(enum exec_type x)
{
	static const char *const name[] = { "NEW", "CANCELED", "CALCULATED", "EXPIRED", "TRADE",
		"AMENDMENT" };

	return name[x];
}

const char *
order_side_name(enum order_side s)
{
	return s == SIDE_BUY ? "BUY" : "SELL";
}

const char *
pos_mode_name(enum pos_mode m)
{
	static const char *const name[] = { "BOTH", "LONG", "SHORT" };

	return name[m];
}

const char *
price_match_name(enum price_match m)
{
	static const char *const name[] = { "NONE", "OPPONENT", "OPPONENT_5", "OPPONENT_10",
		"OPPONENT_20", "QUEUE", "QUEUE_5", "QUEUE_10", "QUEUE_20" };

	return name[m];
}

const char *
algo_status_name(enum algo_status s)
{
	static const char *const name[] = { "NEW", "CANCELED", "TRIGGERING", "TRIGGERED", "FINISHED",
		"REJECTED", "EXPIRED" };

	return name[s];
}

bool
order_open(const struct engine_order *o)
{
	return o->status == STATUS_NEW || o->status == STATUS_PARTIALLY_FILLED;
}

/*
 * Inverse: USD over coins, as contracts are worth more coins the cheaper they
 * were (section 7). Coins of 16 decimals leave the quotient a hair off a price
 * that it was, so there it is rounded.
 */
dec
order_avg(const struct engine *e, const struct engine_order *o)
{
	int scale = e->sym[o->sym]->c.rules.price_precision + 3;
	dec coins = dec_sign(o->coins) != 0 ? o->coins : o->base, d = { 0, 0 };
	enum dec_round how = coins.scale > MONEY ? DEC_HALF_UP : DEC_DOWN;
	bool bad = false;

	scale = scale < 5 ? 5 : scale > MONEY ? MONEY : scale;
	if (dec_sign(coins) == 0)
		return (dec){ 0, scale };
	d = num_div(&bad, o->quote, coins, scale + 4);
	return num_ok(&bad, dec_rescale(&d, d, scale, how), &d);
}

/*
 * Symbols and assets
 */

int
engine_symbols(const struct engine *e)
{
	return e->nsym;
}

static unsigned
slot_of(const struct engine *e, const char *name)	/* FNV-1a */
{
	uint32_t h = 2166136261u;

	for (; *name != '\0'; name++)
		h = (h ^ (unsigned char)*name) * 16777619u;
	return (h ^ h >> 16) & ((unsigned)e->nslot - 1);
}

void
eng_name(struct engine *e, const struct sym *s)
{
	unsigned k = slot_of(e, s->c.rules.symbol);

	while (e->slot[k] != 0)
		k = (k + 1) & ((unsigned)e->nslot - 1);
	e->slot[k] = s->index + 1;
}

int
engine_symbol(const struct engine *e, const char *name)
{
	unsigned k = slot_of(e, name);

	for (; e->slot[k] != 0; k = (k + 1) & ((unsigned)e->nslot - 1))
		if (strcmp(e->sym[e->slot[k] - 1]->c.rules.symbol, name) == 0)
			return e->slot[k] - 1;
	return -1;
}

const struct contract *
engine_contract(const struct engine *e, int sym)
{
	const struct sym *s = eng_sym(e, sym);

	return s == NULL ? NULL : &s->c;
}

const struct rules *
engine_rules(const struct engine *e, int sym)
{
	const struct sym *s = eng_sym(e, sym);

	return s == NULL ? NULL : &s->c.rules;
}

const struct tiers *
engine_tiers(const struct engine *e, int sym)
{
	const struct sym *s = eng_sym(e, sym);

	return s == NULL ? NULL : &s->c.tiers;
}

int
engine_asset_of(const struct engine *e, int sym)
{
	const struct sym *s = eng_sym(e, sym);

	return s == NULL ? -1 : s->asset;
}

int
engine_assets(const struct engine *e)
{
	return e->nasset;
}

int
engine_asset(const struct engine *e, enum product m, const char *name)
{
	for (int i = 0; i < e->nasset; i++)
		if (e->asset[i].info.market == m && strcmp(e->asset[i].info.name, name) == 0)
			return i;
	return -1;
}

const struct engine_asset_info *
engine_asset_at(const struct engine *e, int asset)
{
	return asset < 0 || asset >= e->nasset ? NULL : &e->asset[asset].info;
}

dec
engine_mark_price(const struct engine *e, int sym)
{
	const struct sym *s = eng_sym(e, sym);

	return s == NULL ? dec_int(0) : s->mark;
}

dec
engine_index_price(const struct engine *e, int sym)
{
	const struct sym *s = eng_sym(e, sym);

	return s == NULL ? dec_int(0) : s->index_price;
}

dec
engine_last_price(const struct engine *e, int sym)
{
	const struct sym *s = eng_sym(e, sym);

	return s == NULL ? dec_int(0) : s->last;
}

dec
engine_open_interest(const struct engine *e, int sym)
{
	const struct sym *s = eng_sym(e, sym);

	return s == NULL ? dec_int(0) : s->open_interest;
}

int
engine_depth(const struct engine *e, int sym, enum order_side side, struct engine_level *out, int n)
{
	const struct sym *s = eng_sym(e, sym);
	const struct level *l;
	int i = 0;

	if (s == NULL)
		return 0;
	for (l = book_best(s, side); l != NULL && i < n; l = book_next(l))
		out[i++] = (struct engine_level){ side, l->price, l->qty };
	return i;
}

uint64_t
engine_update_id(const struct engine *e, int sym)
{
	const struct sym *s = eng_sym(e, sym);

	return s == NULL ? 0 : s->update_id;
}

dec
engine_insurance(const struct engine *e, int asset)
{
	return asset < 0 || asset >= e->nasset ? dec_int(0) : e->fund.wallet[asset].balance;
}

dec
engine_fees(const struct engine *e, int asset)
{
	return asset < 0 || asset >= e->nasset ? dec_int(0) : e->asset[asset].fees;
}

/*
 * Histories of an account
 */

const struct engine_order *
engine_order(const struct engine *e, int acct, int sym, uint64_t id, const char *client_id)
{
	const struct acct *a = eng_acct(e, acct);
	const struct sym *s = eng_sym(e, sym);
	const struct ord *o = NULL;

	if (a == NULL || s == NULL)
		return NULL;
	if (id != 0) {
		o = order_by_id(s, id);
		return o != NULL && o->a == a ? &o->o : NULL;
	}
	if (client_id == NULL)
		return NULL;
	if ((o = order_find(e, a, sym, client_id, true)) == NULL)
		o = order_find(e, a, sym, client_id, false);
	return o == NULL ? NULL : &o->o;
}

const struct engine_order *
engine_order_at(const struct engine *e, int acct, int i)
{
	const struct acct *a = eng_acct(e, acct);

	return a == NULL || i < 0 || i >= a->norders ? NULL : &a->orders[i]->o;
}

const struct engine_order *
engine_open_first(const struct engine *e, int acct)
{
	const struct acct *a = eng_acct(e, acct);

	return a == NULL || a->open == NULL ? NULL : &a->open->o;
}

const struct engine_order *
engine_open_next(const struct engine_order *o)
{
	const struct ord *next = ((const struct ord *)o)->anext;	/* o is its first member */

	return next == NULL ? NULL : &next->o;
}

const struct engine_trade *
engine_trade_at(const struct engine *e, int acct, int i)
{
	const struct acct *a = eng_acct(e, acct);

	return a == NULL || i < 0 || i >= a->ntrades ? NULL : &a->trades[i];
}

const struct engine_income *
engine_income_at(const struct engine *e, int acct, int i)
{
	const struct acct *a = eng_acct(e, acct);

	return a == NULL || i < 0 || i >= a->nincome ? NULL : &a->income[i];
}

const struct engine_amend *
engine_amend_at(const struct engine *e, int acct, int i)
{
	const struct acct *a = eng_acct(e, acct);

	return a == NULL || i < 0 || i >= a->namends ? NULL : &a->amends[i];
}

const struct engine_margin_move *
engine_move_at(const struct engine *e, int acct, int i)
{
	const struct acct *a = eng_acct(e, acct);

	return a == NULL || i < 0 || i >= a->nmoves ? NULL : &a->moves[i];
}

int
engine_accounts(const struct engine *e)
{
	return e->nacct;
}
