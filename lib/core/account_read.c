/* REST answers into an account. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/account_in.h"

/*
 * Positions: REST
 */

/* v2 says so; v3 leaves it to be seen from the isolated wallet. */
static bool
read_isolated(struct row *r, const struct position *p, const struct position *old)
{
	char type[16];
	bool b;

	if (scan_get_str(r->t, r->v, "marginType", type, sizeof type))
		return strcasecmp(type, "isolated") == 0;
	if (scan_get_bool(r->t, r->v, "isolated", &b))
		return b;
	if (!account_held(p) && old != NULL)
		return old->isolated;
	return dec_sign(row_maybe_dec(r, "isolatedWallet", dec_int(0))) != 0 ||
	    dec_sign(row_maybe_dec(r, "isolatedMargin", dec_int(0))) != 0;
}

/* Some answers (COIN-M) have only isolatedMargin, which is the wallet and upnl. */
static dec
read_isolated_wallet(struct row *r, const struct position *p)
{
	dec d = dec_int(0);

	if (!p->isolated)
		return d;
	if (!row_blank(r, "isolatedWallet"))
		return row_dec(r, "isolatedWallet");
	if (account_held(p) && (!dec_sub(&d, row_dec(r, "isolatedMargin"), p->upnl) ||
	    dec_sign(row_dec(r, "isolatedMargin")) == 0))
		row_refuse(r, "isolatedMargin");
	return d;
}

static void
read_figures(struct row *r, struct position *p)
{
	dec zero = dec_int(0);

	p->amt = row_dec(r, "positionAmt");
	p->mark = row_maybe_dec(r, "markPrice", zero);
	p->initial_margin = row_maybe_dec(r, "initialMargin", zero);
	p->maint_margin = row_maybe_dec(r, "maintMargin", zero);
	p->break_even = row_maybe_dec(r, "breakEvenPrice", zero);
	/* v2 calls it adlQuantile; 0 to 4 */
	p->adl = row_maybe_small(r, row_blank(r, "adl") ? "adlQuantile" : "adl", 0);
	p->update_ms = row_maybe_int(r, "updateTime", 0);
	if (!account_held(p))
		return;
	p->entry = row_dec(r, "entryPrice");
	p->upnl = row_dec(r, "unRealizedProfit");
	p->liq = row_dec(r, "liquidationPrice");
	if (dec_sign(p->mark) <= 0)
		row_refuse(r, "markPrice");
}

/* One row of positionRisk; a is what was known before. */
static void
read_position(struct row *r, struct position *p, const struct account *a)
{
	const struct position *old;

	row_text(r, "symbol", p->symbol, sizeof p->symbol);
	if (r->bad)
		return;
	r->name = p->symbol;
	if (row_blank(r, "positionSide"))
		row_refuse(r, "positionSide");
	p->side = row_side(r, "positionSide");
	old = account_find(a, p->symbol, p->side);
	if (!row_blank(r, "marginAsset"))
		row_text(r, "marginAsset", p->margin_asset, sizeof p->margin_asset);
	read_figures(r, p);
	p->leverage = row_maybe_small(r, "leverage", account_leverage_of(a, p->symbol));
	p->isolated = read_isolated(r, p, old);
	p->isolated_wallet = read_isolated_wallet(r, p);
	row_consistent(r, p, "positionAmt", "entryPrice", "isolatedWallet");
	if (old != NULL)
		p->size = old->size;
	account_identify(a, p);
	if (old != NULL && old->mark_ms > 0) {	/* a mark whose time is known */
		p->mark = old->mark;
		p->mark_ms = old->mark_ms;
		if (!account_revalue(p))
			row_refuse(r, "unRealizedProfit");
	}
}

/* The answer is older than what events have told since it was asked for: these rows stay. */
static int
keep_positions(struct account *b, const struct account *a, struct fault *f)
{
	struct position *p;

	for (int i = 0; i < a->npos && a->asked_ms > 0; i++) {
		if (a->pos[i].update_ms <= a->asked_ms)
			continue;
		if ((p = account_find(b, a->pos[i].symbol, a->pos[i].side)) == NULL) {
			if (account_add_position(b, &a->pos[i], f) == -1)
				return -1;
		} else if (p->update_ms < a->pos[i].update_ms) {
			*p = a->pos[i];
		}
	}
	return 0;
}

static int
keep_wallets(struct account *b, const struct account *a, struct fault *f)
{
	struct wallet *w;

	for (int i = 0; i < a->nwal && a->asked_ms > 0; i++) {
		if (a->wal[i].update_ms <= a->asked_ms)
			continue;
		if ((w = account_find_wallet(b, a->wal[i].asset)) == NULL) {
			if (account_add_wallet(b, &a->wal[i], f) == -1)
				return -1;
		} else if (w->update_ms < a->wal[i].update_ms) {
			*w = a->wal[i];
		}
	}
	return 0;
}

int
account_read_positions(struct account *a, const struct tok *t, const struct tok *v, struct fault *f)
{
	struct row r = { .t = t, .where = "positionRisk", .f = f };
	struct account b = { 0 };
	struct position p;
	bool both = false, leg = false;	/* a position of each mode */
	int64_t as_of = 0;

	if (v == NULL || v->kind != SCAN_ARR)
		return account_no_list(r.where, f);
	for (r.v = scan_first(v); r.v != NULL; r.v = scan_next(t, v, r.v)) {
		memset(&p, 0, sizeof p);
		r.name = NULL;
		read_position(&r, &p, a);
		if (!r.bad && account_find(&b, p.symbol, p.side) != NULL)
			row_refuse(&r, "a single row: positionSide");
		if (!r.bad && account_held(&p) && (p.side == POS_BOTH ? leg : both))
			row_refuse(&r, "one position mode: positionSide");
		if (r.bad || account_add_position(&b, &p, f) == -1) {
			account_free(&b);
			return -1;
		}
		account_learn_mode(&b, &p);
		both = both || (account_held(&p) && p.side == POS_BOTH);
		leg = leg || (account_held(&p) && p.side != POS_BOTH);
		as_of = p.update_ms > as_of ? p.update_ms : as_of;
	}
	if (keep_positions(&b, a, f) == -1) {
		account_free(&b);
		return -1;
	}
	free(a->pos);
	a->pos = b.pos;
	a->npos = b.npos;
	a->cpos = b.cpos;
	if (a->npos > 0)
		a->hedge = b.hedge;
	account_read_part(a, PART_POSITIONS, as_of);
	return 0;
}

/*
 * Wallets: REST
 */

static void
read_wallet(struct row *r, struct wallet *w)
{
	row_text(r, "asset", w->asset, sizeof w->asset);
	if (r->bad)
		return;
	r->name = w->asset;
	/* account says walletBalance, balance says balance */
	w->balance = row_dec(r, scan_get(r->t, r->v, "balance") != NULL ?
	    "balance" : "walletBalance");
	w->cross = row_dec(r, "crossWalletBalance");
	w->available = row_dec(r, "availableBalance");
	w->update_ms = row_maybe_int(r, "updateTime", 0);
}

int
account_read_wallets(struct account *a, const struct tok *t, const struct tok *v, struct fault *f)
{
	struct row r = { .t = t, .where = "account", .f = f };
	struct account b = { 0 };
	struct wallet w;
	int64_t as_of = 0;

	if (v != NULL && v->kind == SCAN_OBJ)
		v = scan_get(t, v, "assets");
	if (v == NULL || v->kind != SCAN_ARR)
		return account_no_list("account: assets", f);
	for (r.v = scan_first(v); r.v != NULL; r.v = scan_next(t, v, r.v)) {
		memset(&w, 0, sizeof w);
		r.name = NULL;
		read_wallet(&r, &w);
		if (!r.bad && account_find_wallet(&b, w.asset) != NULL)
			row_refuse(&r, "a single row: asset");
		if (r.bad || account_add_wallet(&b, &w, f) == -1) {
			account_free(&b);
			return -1;
		}
		as_of = w.update_ms > as_of ? w.update_ms : as_of;
	}
	if (keep_wallets(&b, a, f) == -1) {
		account_free(&b);
		return -1;
	}
	free(a->wal);
	a->wal = b.wal;
	a->nwal = b.nwal;
	a->cwal = b.cwal;
	account_read_part(a, PART_WALLETS, as_of);
	return 0;
}

/*
 * Settings: REST
 */

static int
by_symbol(const void *a, const void *b)
{
	const struct symbol_setting *x = a, *y = b;

	return strcmp(x->symbol, y->symbol);
}

static int
read_setting(struct row *r, struct account *a, struct symbol_setting *apply)
{
	char symbol[SYMBOL_MAX], type[16];
	struct position *p;
	int lev;

	r->name = NULL;
	row_text(r, "symbol", symbol, sizeof symbol);
	if (r->bad)
		return -1;
	r->name = symbol;
	if ((lev = row_maybe_small(r, "leverage", 0)) == 0)
		row_refuse(r, "leverage");
	row_text(r, "marginType", type, sizeof type);
	for (p = a->pos; apply != NULL && !r->bad && p < a->pos + a->npos; p++)
		if (strcmp(p->symbol, symbol) == 0) {
			p->leverage = lev;
			p->isolated = strcasecmp(type, "ISOLATED") == 0;
		}
	if (apply != NULL) {
		memcpy(apply->symbol, symbol, sizeof symbol);
		apply->leverage = lev;
		apply->isolated = strcasecmp(type, "ISOLATED") == 0;
	}
	r->name = NULL;
	return r->bad ? -1 : 0;
}

int
account_read_config(struct account *a, const struct tok *t, const struct tok *v, struct fault *f)
{
	struct row r = { .t = t, .where = "symbolConfig", .f = f };
	struct symbol_setting *set;
	int n = 0;

	if (v == NULL || v->kind != SCAN_ARR)
		return account_no_list(r.where, f);
	for (r.v = scan_first(v); r.v != NULL; r.v = scan_next(t, v, r.v))
		if (read_setting(&r, a, NULL) == -1)
			return -1;
	if ((set = calloc((size_t)v->n + 1, sizeof *set)) == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	for (r.v = scan_first(v); r.v != NULL; r.v = scan_next(t, v, r.v))
		read_setting(&r, a, &set[n++]);
	qsort(set, (size_t)n, sizeof *set, by_symbol);
	free(a->set);
	a->set = set;
	a->nset = n;
	return 0;
}

int
account_row(struct account *a, const char *symbol, struct fault *f)
{
	struct symbol_setting key = { "", 0, false }, *got;
	struct position p;

	for (int i = 0; i < a->npos; i++)
		if (strcmp(a->pos[i].symbol, symbol) == 0)
			return 1;
	if (strlen(symbol) >= sizeof key.symbol)
		return 0;
	memcpy(key.symbol, symbol, strlen(symbol) + 1);
	if (a->nset == 0 || (got = bsearch(&key, a->set, (size_t)a->nset, sizeof key, by_symbol)) == NULL)
		return 0;
	memset(&p, 0, sizeof p);
	memcpy(p.symbol, got->symbol, sizeof p.symbol);
	p.leverage = got->leverage;
	p.isolated = got->isolated;
	account_identify(a, &p);
	if (account_add_position(a, &p, f) == -1)
		return -1;
	account_name_assets(a);
	return 1;
}
