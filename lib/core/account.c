#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/account.h"

enum { PART_WALLETS = 1, PART_POSITIONS = 2, PART_ORDERS = 4, PART_ALL = 7 };

/*
 * Lists that grow
 */

/* Room for n items of this size at p; cap is the room there is. NULL: no memory. */
static void *
grow(void *p, int *cap, int n, size_t size)
{
	int want = *cap < 8 ? 8 : *cap;

	if (n <= *cap)
		return p;
	while (want < n)
		want *= 2;	/* n counts tokens of one document: far from overflow */
	if ((p = realloc(p, (size_t)want * size)) != NULL)
		*cap = want;
	return p;
}

static int
no_memory(struct fault *f)
{
	return fault_set(f, FAULT_LOCAL, "out of memory");
}

static int
add_position(struct account *a, const struct position *p, struct fault *f)
{
	struct position *list = grow(a->pos, &a->cpos, a->npos + 1, sizeof *list);

	if (list == NULL)
		return no_memory(f);
	a->pos = list;
	a->pos[a->npos++] = *p;
	return 0;
}

static int
add_order(struct account *a, const struct open_order *o, struct fault *f)
{
	struct open_order *list = grow(a->ord, &a->cord, a->nord + 1, sizeof *list);

	if (list == NULL)
		return no_memory(f);
	a->ord = list;
	a->ord[a->nord++] = *o;
	return 0;
}

static int
add_wallet(struct account *a, const struct wallet *w, struct fault *f)
{
	struct wallet *list = grow(a->wal, &a->cwal, a->nwal + 1, sizeof *list);

	if (list == NULL)
		return no_memory(f);
	a->wal = list;
	a->wal[a->nwal++] = *w;
	return 0;
}

void
account_free(struct account *a)
{
	free(a->pos);
	free(a->ord);
	free(a->wal);
	memset(a, 0, sizeof *a);
}

/*
 * Finding
 */

static struct position *
find_position(const struct account *a, const char *symbol, enum pos_side side)
{
	int i;

	for (i = 0; i < a->npos; i++)
		if (a->pos[i].side == side && strcmp(a->pos[i].symbol, symbol) == 0)
			return &a->pos[i];
	return NULL;
}

struct position *
account_position(struct account *a, const char *symbol, enum pos_side side)
{
	return find_position(a, symbol, side);
}

static struct open_order *
find_order(const struct account *a, const char *symbol, uint64_t id)
{
	int i;

	for (i = 0; i < a->nord; i++)
		if (a->ord[i].id == id && strcmp(a->ord[i].symbol, symbol) == 0)
			return &a->ord[i];
	return NULL;
}

static struct wallet *
find_wallet(const struct account *a, const char *asset)
{
	int i;

	for (i = 0; i < a->nwal; i++)
		if (strcmp(a->wal[i].asset, asset) == 0)
			return &a->wal[i];
	return NULL;
}

/*
 * Reading one row: the first field that is missing or malformed is named in
 * the fault and makes the row bad; the rest of the reads then do not matter.
 */
struct row {
	const struct tok *t, *v;
	const char *where;	/* "positionRisk" */
	const char *name;	/* the symbol or asset, once known */
	struct fault *f;
	bool	bad;
};

static void
refuse(struct row *r, const char *key)
{
	if (!r->bad)
		fault_set(r->f, FAULT_UNKNOWN, "%s: %s%s%s is missing or malformed", r->where,
		    r->name != NULL ? r->name : "", r->name != NULL ? ": " : "", key);
	r->bad = true;
}

/* An empty string is how the exchange says "unknown" (inactive accounts). */
static bool
blank(const struct row *r, const char *key)
{
	const struct tok *v = scan_get(r->t, r->v, key);

	return v == NULL || v->kind == SCAN_NULL || (v->kind == SCAN_STR && v->len == 0);
}

static void
need_text(struct row *r, const char *key, char *out, size_t size)
{
	if (blank(r, key) || !scan_get_str(r->t, r->v, key, out, size))
		refuse(r, key);
}

static dec
need_dec(struct row *r, const char *key)
{
	dec d = dec_int(0);

	if (!scan_get_dec(r->t, r->v, key, &d))
		refuse(r, key);
	return d;
}

/* A field that may be missing, but not malformed. */
static dec
maybe_dec(struct row *r, const char *key, dec otherwise)
{
	return blank(r, key) ? otherwise : need_dec(r, key);
}

static int64_t
need_int(struct row *r, const char *key, int64_t least)
{
	int64_t n = least;

	if (!scan_get_i64(r->t, r->v, key, &n) || n < least)
		refuse(r, key);
	return n;
}

static int64_t
maybe_int(struct row *r, const char *key, int64_t otherwise)
{
	return blank(r, key) ? otherwise : need_int(r, key, 0);
}

static bool
maybe_bool(struct row *r, const char *key)
{
	bool b = false;

	if (!blank(r, key) && !scan_get_bool(r->t, r->v, key, &b))
		refuse(r, key);
	return b;
}

/* A leverage or a rank. */
static int
maybe_small(struct row *r, const char *key, int otherwise)
{
	int64_t n = maybe_int(r, key, otherwise);

	if (n > 1000)
		refuse(r, key);
	return r->bad ? 0 : (int)n;
}

static enum pos_side
read_side(struct row *r, const char *key)
{
	if (blank(r, key) || scan_get_is(r->t, r->v, key, "BOTH"))
		return POS_BOTH;
	if (scan_get_is(r->t, r->v, key, "LONG"))
		return POS_LONG;
	if (!scan_get_is(r->t, r->v, key, "SHORT"))
		refuse(r, key);
	return POS_SHORT;
}

/*
 * Positions: what follows from what is known
 */

static bool
held(const struct position *p)
{
	return dec_sign(p->amt) != 0;
}

/* BTCUSD_PERP, BTCUSD_261225; a linear one has its quote asset there: BTCUSDT_261225. */
static bool
inverse(const char *symbol)
{
	return strstr(symbol, "USD_") != NULL;
}

/* upnl at mark, where that can be computed. */
static bool
revalue(struct position *p)
{
	struct leg l = { LINEAR, p->amt, p->entry, dec_int(1) };

	if (!held(p)) {
		p->upnl = dec_int(0);
		return true;
	}
	if (inverse(p->symbol) || dec_sign(p->mark) <= 0)
		return true;
	return margin_pnl(&p->upnl, &l, p->mark);
}

/* Flat: nothing of the old position remains but its settings. */
static void
flatten(struct position *p)
{
	p->entry = p->break_even = p->upnl = p->liq = dec_int(0);
	p->initial_margin = p->maint_margin = dec_int(0);
}

static bool
ends_in(const char *s, size_t n, const char *tail)
{
	size_t m = strlen(tail);

	return m > 0 && m < n && memcmp(s + n - m, tail, m) == 0;
}

/* The margin asset a linear symbol ends in: the longest one there is a wallet
 * for, since asset names end in each other (USD1, U); else a usual one. */
static const char *
asset_in(const struct account *a, const char *symbol, size_t n)
{
	static const char *const usual[] = { "USDT", "USDC", "FDUSD", "BUSD" };
	const char *best = "";
	size_t i;

	for (i = 0; i < (size_t)a->nwal; i++)
		if (ends_in(symbol, n, a->wal[i].asset) &&
		    strlen(a->wal[i].asset) > strlen(best))
			best = a->wal[i].asset;
	for (i = 0; i < sizeof usual / sizeof *usual; i++)
		if (ends_in(symbol, n, usual[i]) && strlen(usual[i]) > strlen(best))
			best = usual[i];
	return best;
}

/* positionRisk v2 and the events do not name the margin asset. */
static void
name_assets(struct account *a)
{
	struct position *p;
	const char *asset;
	size_t n;

	for (p = a->pos; p < a->pos + a->npos; p++) {
		if (*p->margin_asset != '\0')
			continue;
		n = strcspn(p->symbol, "_");
		asset = asset_in(a, p->symbol, n);
		if (inverse(p->symbol)) {	/* the coin before USD */
			asset = p->symbol;
			n -= 3;
		} else {
			n = strlen(asset);
		}
		if (n < sizeof p->margin_asset) {
			memcpy(p->margin_asset, asset, n);
			p->margin_asset[n] = '\0';
		}
	}
}

/* Settings of a symbol, from any of its sides. */
static int
leverage_of(const struct account *a, const char *symbol)
{
	int i;

	for (i = 0; i < a->npos; i++)
		if (a->pos[i].leverage != 0 && strcmp(a->pos[i].symbol, symbol) == 0)
			return a->pos[i].leverage;
	return 0;
}

static void
learn_mode(struct account *a, const struct position *p)
{
	if (p->side != POS_BOTH)
		a->hedge = true;
	else if (held(p))
		a->hedge = false;
}

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
	if (!held(p) && old != NULL)
		return old->isolated;
	return dec_sign(maybe_dec(r, "isolatedWallet", dec_int(0))) != 0 ||
	    dec_sign(maybe_dec(r, "isolatedMargin", dec_int(0))) != 0;
}

/* Some answers (COIN-M) have only isolatedMargin, which is the wallet and upnl. */
static dec
read_isolated_wallet(struct row *r, const struct position *p)
{
	dec d = dec_int(0);

	if (!p->isolated)
		return d;
	if (!blank(r, "isolatedWallet"))
		return need_dec(r, "isolatedWallet");
	if (held(p) && !dec_sub(&d, need_dec(r, "isolatedMargin"), p->upnl))
		refuse(r, "isolatedMargin");
	return d;
}

static void
read_figures(struct row *r, struct position *p)
{
	dec zero = dec_int(0);

	p->amt = need_dec(r, "positionAmt");
	p->mark = maybe_dec(r, "markPrice", zero);
	p->initial_margin = maybe_dec(r, "initialMargin", zero);
	p->maint_margin = maybe_dec(r, "maintMargin", zero);
	p->break_even = maybe_dec(r, "breakEvenPrice", zero);
	/* v2 calls it adlQuantile; 0 to 4 */
	p->adl = maybe_small(r, blank(r, "adl") ? "adlQuantile" : "adl", 0);
	p->update_ms = maybe_int(r, "updateTime", 0);
	if (!held(p))
		return;
	p->entry = need_dec(r, "entryPrice");
	p->upnl = need_dec(r, "unRealizedProfit");
	p->liq = need_dec(r, "liquidationPrice");
	if (dec_sign(p->mark) <= 0)
		refuse(r, "markPrice");
}

/* One row of positionRisk; a is what was known before. */
static void
read_position(struct row *r, struct position *p, const struct account *a)
{
	const struct position *old;

	need_text(r, "symbol", p->symbol, sizeof p->symbol);
	if (r->bad)
		return;
	r->name = p->symbol;
	if (blank(r, "positionSide"))
		refuse(r, "positionSide");
	p->side = read_side(r, "positionSide");
	old = find_position(a, p->symbol, p->side);
	if (!blank(r, "marginAsset"))
		need_text(r, "marginAsset", p->margin_asset, sizeof p->margin_asset);
	read_figures(r, p);
	p->leverage = maybe_small(r, "leverage", leverage_of(a, p->symbol));
	p->isolated = read_isolated(r, p, old);
	p->isolated_wallet = read_isolated_wallet(r, p);
	if (old != NULL && old->mark_ms > 0) {	/* a mark whose time is known */
		p->mark = old->mark;
		p->mark_ms = old->mark_ms;
		if (!revalue(p))
			refuse(r, "unRealizedProfit");
	}
}

static void
done_reading(struct account *a, unsigned part, int64_t as_of)
{
	a->parts |= part;
	a->known = a->parts == PART_ALL;
	if (as_of > a->as_of_ms)
		a->as_of_ms = as_of;
	name_assets(a);
}

static int
no_list(const char *where, struct fault *f)
{
	return fault_set(f, FAULT_UNKNOWN, "%s: not the list it should be", where);
}

int
account_read_positions(struct account *a, const struct tok *t, const struct tok *v, struct fault *f)
{
	struct row r = { .t = t, .where = "positionRisk", .f = f };
	struct account b = { 0 };
	struct position p;
	int64_t as_of = 0;

	if (v == NULL || v->kind != SCAN_ARR)
		return no_list(r.where, f);
	for (r.v = scan_first(v); r.v != NULL; r.v = scan_next(t, v, r.v)) {
		memset(&p, 0, sizeof p);
		r.name = NULL;
		read_position(&r, &p, a);
		if (!r.bad && find_position(&b, p.symbol, p.side) != NULL)
			refuse(&r, "a single row: positionSide");
		if (r.bad || add_position(&b, &p, f) == -1) {
			account_free(&b);
			return -1;
		}
		learn_mode(&b, &p);
		as_of = p.update_ms > as_of ? p.update_ms : as_of;
	}
	free(a->pos);
	a->pos = b.pos;
	a->npos = b.npos;
	a->cpos = b.cpos;
	if (a->npos > 0)
		a->hedge = b.hedge;
	done_reading(a, PART_POSITIONS, as_of);
	return 0;
}

/*
 * Wallets: REST
 */

static void
read_wallet(struct row *r, struct wallet *w)
{
	need_text(r, "asset", w->asset, sizeof w->asset);
	if (r->bad)
		return;
	r->name = w->asset;
	/* account says walletBalance, balance says balance */
	w->balance = need_dec(r, scan_get(r->t, r->v, "balance") != NULL ?
	    "balance" : "walletBalance");
	w->cross = need_dec(r, "crossWalletBalance");
	w->available = need_dec(r, "availableBalance");
	w->update_ms = maybe_int(r, "updateTime", 0);
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
		return no_list("account: assets", f);
	for (r.v = scan_first(v); r.v != NULL; r.v = scan_next(t, v, r.v)) {
		memset(&w, 0, sizeof w);
		r.name = NULL;
		read_wallet(&r, &w);
		if (!r.bad && find_wallet(&b, w.asset) != NULL)
			refuse(&r, "a single row: asset");
		if (r.bad || add_wallet(&b, &w, f) == -1) {
			account_free(&b);
			return -1;
		}
		as_of = w.update_ms > as_of ? w.update_ms : as_of;
	}
	free(a->wal);
	a->wal = b.wal;
	a->nwal = b.nwal;
	a->cwal = b.cwal;
	done_reading(a, PART_WALLETS, as_of);
	return 0;
}

/*
 * Orders
 */

struct order_keys {
	const char *symbol, *id, *client, *side, *pos_side, *reduce, *close;
	const char *price, *qty, *filled, *status;
};

static const struct order_keys rest_keys = {
	"symbol", "orderId", "clientOrderId", "side", "positionSide", "reduceOnly",
	"closePosition", "price", "origQty", "executedQty", "status"
};
static const struct order_keys event_keys = {
	"s", "i", "c", "S", "ps", "R", "cp", "p", "q", "z", "X"
};

/* The end of an order. Any other status, also one not heard of, leaves it open. */
static bool
terminal(const char *status)
{
	static const char *const end[] = { "CANCELED", "FILLED", "EXPIRED",
	    "EXPIRED_IN_MATCH", "REJECTED" };
	size_t i;

	for (i = 0; i < sizeof end / sizeof *end; i++)
		if (strcmp(status, end[i]) == 0)
			return true;
	return false;
}

/* Symbol, id and status: all that an order that ends needs. */
static void
read_order_id(struct row *r, const struct order_keys *k, struct open_order *o)
{
	const struct tok *status = scan_get(r->t, r->v, k->status);

	need_text(r, k->symbol, o->symbol, sizeof o->symbol);
	if (r->bad)
		return;
	r->name = o->symbol;
	o->id = (uint64_t)need_int(r, k->id, 1);
	if (blank(r, k->status) || status->kind != SCAN_STR)
		refuse(r, k->status);
	else if (!scan_str(status, o->status, sizeof o->status))
		memcpy(o->status, "UNKNOWN", sizeof "UNKNOWN");	/* too long to keep */
}

static void
read_order(struct row *r, const struct order_keys *k, struct open_order *o)
{
	if (scan_get_is(r->t, r->v, k->side, "BUY"))
		o->side = SIDE_BUY;
	else if (scan_get_is(r->t, r->v, k->side, "SELL"))
		o->side = SIDE_SELL;
	else
		refuse(r, k->side);
	o->pos_side = read_side(r, k->pos_side);
	o->reduce = maybe_bool(r, k->reduce) || maybe_bool(r, k->close) ||
	    (o->pos_side == POS_LONG && o->side == SIDE_SELL) ||
	    (o->pos_side == POS_SHORT && o->side == SIDE_BUY);
	o->price = need_dec(r, k->price);
	o->qty = need_dec(r, k->qty);
	o->filled = need_dec(r, k->filled);
	scan_get_str(r->t, r->v, k->client, o->client_id, sizeof o->client_id);
}

/* What is told of an order's life comes too late after its end. (A later time
 * means that the id was given anew: an exchange that was set back, bf-sim.) */
static bool
has_ended(const struct account *a, const struct open_order *o)
{
	const struct ended *e;

	for (e = a->ended; e < a->ended + ENDED_MAX; e++)
		if (e->id == o->id && o->update_ms <= e->at_ms &&
		    strcmp(e->symbol, o->symbol) == 0)
			return true;
	return false;
}

static void
remember_end(struct account *a, const struct open_order *o)
{
	struct ended *e = &a->ended[a->nended++ % ENDED_MAX];

	e->id = o->id;
	e->at_ms = o->update_ms;
	memcpy(e->symbol, o->symbol, sizeof e->symbol);
}

int
account_read_orders(struct account *a, const struct tok *t, const struct tok *v, struct fault *f)
{
	struct row r = { .t = t, .where = "openOrders", .f = f };
	struct account b = { 0 };
	const struct open_order *old;
	struct open_order o;
	int64_t as_of = 0;

	if (v == NULL || v->kind != SCAN_ARR)
		return no_list(r.where, f);
	for (r.v = scan_first(v); r.v != NULL; r.v = scan_next(t, v, r.v)) {
		memset(&o, 0, sizeof o);
		r.name = NULL;
		read_order_id(&r, &rest_keys, &o);
		if (!r.bad)
			read_order(&r, &rest_keys, &o);
		o.update_ms = maybe_int(&r, "updateTime", maybe_int(&r, "time", 0));
		if (!r.bad && (terminal(o.status) || has_ended(a, &o)))
			continue;
		/* What is filled stays filled: the answer may lag behind the events. */
		if (!r.bad && (old = find_order(a, o.symbol, o.id)) != NULL &&
		    dec_cmp(old->filled, o.filled) > 0)
			o = *old;
		if (r.bad || add_order(&b, &o, f) == -1) {
			account_free(&b);
			return -1;
		}
		as_of = o.update_ms > as_of ? o.update_ms : as_of;
	}
	free(a->ord);
	a->ord = b.ord;
	a->nord = b.nord;
	a->cord = b.cord;
	done_reading(a, PART_ORDERS, as_of);
	return 0;
}

/*
 * Settings: REST
 */

static int
read_setting(struct row *r, struct account *a, bool apply)
{
	char symbol[SYMBOL_MAX], type[16];
	struct position *p;
	int lev;

	r->name = NULL;
	need_text(r, "symbol", symbol, sizeof symbol);
	if (r->bad)
		return -1;
	r->name = symbol;
	if ((lev = maybe_small(r, "leverage", 0)) == 0)
		refuse(r, "leverage");
	need_text(r, "marginType", type, sizeof type);
	for (p = a->pos; apply && !r->bad && p < a->pos + a->npos; p++)
		if (strcmp(p->symbol, symbol) == 0) {
			p->leverage = lev;
			p->isolated = strcasecmp(type, "ISOLATED") == 0;
		}
	r->name = NULL;
	return r->bad ? -1 : 0;
}

int
account_read_config(struct account *a, const struct tok *t, const struct tok *v, struct fault *f)
{
	struct row r = { .t = t, .where = "symbolConfig", .f = f };

	if (v == NULL || v->kind != SCAN_ARR)
		return no_list(r.where, f);
	for (r.v = scan_first(v); r.v != NULL; r.v = scan_next(t, v, r.v))
		if (read_setting(&r, a, false) == -1)
			return -1;
	for (r.v = scan_first(v); r.v != NULL; r.v = scan_next(t, v, r.v))
		read_setting(&r, a, true);
	return 0;
}

/*
 * ACCOUNT_UPDATE: read whole first, then applied whole
 */

/* One row of a.P over what is known: p becomes the position as it is now. */
static void
read_pos_news(struct row *r, struct position *p, const struct account *a, int64_t at)
{
	const struct position *old;
	char type[16];

	need_text(r, "s", p->symbol, sizeof p->symbol);
	if (r->bad)
		return;
	r->name = p->symbol;
	p->side = read_side(r, "ps");
	if ((old = find_position(a, p->symbol, p->side)) != NULL)
		*p = *old;
	else
		p->leverage = leverage_of(a, p->symbol);
	if (*p->margin_asset == '\0')	/* some events have it */
		scan_get_str(r->t, r->v, "ma", p->margin_asset, sizeof p->margin_asset);
	if (at < p->update_ms)
		return;
	p->update_ms = at;
	p->amt = need_dec(r, "pa");
	if (scan_get_str(r->t, r->v, "mt", type, sizeof type))
		p->isolated = strcasecmp(type, "isolated") == 0;
	if (!held(p)) {
		flatten(p);
		p->isolated_wallet = maybe_dec(r, "iw", dec_int(0));
		return;
	}
	p->entry = need_dec(r, "ep");
	p->break_even = maybe_dec(r, "bep", p->break_even);
	p->isolated_wallet = p->isolated ? need_dec(r, "iw") : dec_int(0);
	/* up was computed before the event left; our own mark is newer. */
	if (inverse(p->symbol) || dec_sign(p->mark) <= 0)
		p->upnl = need_dec(r, "up");
	else if (!revalue(p))
		refuse(r, "pa");
}

static void
read_wallet_news(struct row *r, struct wallet *w, const struct account *a, int64_t at)
{
	const struct wallet *old;

	need_text(r, "a", w->asset, sizeof w->asset);
	if (r->bad)
		return;
	if ((old = find_wallet(a, w->asset)) != NULL)
		*w = *old;
	r->name = w->asset;
	if (at < w->update_ms)
		return;
	w->update_ms = at;
	w->balance = need_dec(r, "wb");
	w->cross = need_dec(r, "cw");
}

/* The rows of a.B and a.P that are news, into b. */
static int
collect_news(struct row *r, const struct tok *news, struct account *b, const struct account *a,
    int64_t at)
{
	const struct tok *bal = scan_get(r->t, news, "B"), *pos = scan_get(r->t, news, "P");
	struct position p;
	struct wallet w;

	for (r->v = scan_first(bal); r->v != NULL; r->v = scan_next(r->t, bal, r->v)) {
		memset(&w, 0, sizeof w);
		r->name = NULL;
		read_wallet_news(r, &w, a, at);
		if (r->bad || (w.update_ms == at && add_wallet(b, &w, r->f) == -1))
			return -1;
	}
	for (r->v = scan_first(pos); r->v != NULL; r->v = scan_next(r->t, pos, r->v)) {
		memset(&p, 0, sizeof p);
		r->name = NULL;
		read_pos_news(r, &p, a, at);
		if (r->bad || (p.update_ms == at && add_position(b, &p, r->f) == -1))
			return -1;
	}
	return 0;
}

/* b's rows into a, which has room for all of them afterwards or stays as it is. */
static int
merge(struct account *a, const struct account *b, struct fault *f)
{
	struct position *p;
	struct wallet *w;
	void *list;
	int i;

	if ((list = grow(a->pos, &a->cpos, a->npos + b->npos + 1, sizeof *a->pos)) == NULL)
		return no_memory(f);
	a->pos = list;
	if ((list = grow(a->wal, &a->cwal, a->nwal + b->nwal + 1, sizeof *a->wal)) == NULL)
		return no_memory(f);
	a->wal = list;
	for (i = 0; i < b->nwal; i++) {
		if ((w = find_wallet(a, b->wal[i].asset)) == NULL)
			w = &a->wal[a->nwal++];
		*w = b->wal[i];
	}
	for (i = 0; i < b->npos; i++) {
		if ((p = find_position(a, b->pos[i].symbol, b->pos[i].side)) == NULL)
			p = &a->pos[a->npos++];
		*p = b->pos[i];
		if (held(p))
			learn_mode(a, p);
	}
	name_assets(a);
	return b->nwal + b->npos > 0;
}

static int
on_account_update(struct account *a, struct row *r, int64_t at)
{
	const struct tok *news = scan_get(r->t, r->v, "a");
	struct account b = { 0 };
	int got = -1;

	if (news == NULL || news->kind != SCAN_OBJ)
		refuse(r, "a");
	else if (collect_news(r, news, &b, a, at) == 0)
		got = merge(a, &b, r->f);
	account_free(&b);
	return got;
}

/*
 * The other events
 */

static void
drop_order(struct account *a, struct open_order *o)
{
	struct open_order *end = a->ord + --a->nord;

	memmove(o, o + 1, (size_t)(end - o) * sizeof *o);
}

/* The order as it is now over what is known of it. */
static int
advance_order(struct account *a, const struct open_order *now, struct fault *f)
{
	struct open_order *o = find_order(a, now->symbol, now->id);
	bool same;

	if (o == NULL)
		return add_order(a, now, f) == -1 ? -1 : 1;
	if (now->update_ms < o->update_ms || dec_cmp(now->filled, o->filled) < 0)
		return 0;
	same = strcmp(o->status, now->status) == 0 && dec_cmp(o->filled, now->filled) == 0 &&
	    dec_cmp(o->qty, now->qty) == 0 && dec_cmp(o->price, now->price) == 0;
	*o = *now;
	return !same;
}

static int
on_order_update(struct account *a, struct row *r, int64_t at)
{
	struct open_order o = { .update_ms = at }, *known;

	if ((r->v = scan_get(r->t, r->v, "o")) == NULL || r->v->kind != SCAN_OBJ) {
		refuse(r, "o");
		return -1;
	}
	read_order_id(r, &event_keys, &o);
	if (r->bad)
		return -1;
	if (has_ended(a, &o))
		return 0;
	if (terminal(o.status)) {
		remember_end(a, &o);
		if ((known = find_order(a, o.symbol, o.id)) == NULL)
			return 0;
		drop_order(a, known);
		return 1;
	}
	read_order(r, &event_keys, &o);
	return r->bad ? -1 : advance_order(a, &o, r->f);
}

/* Of a change of the multi-assets mode (ai) nothing is kept here. */
static int
on_config_update(struct account *a, struct row *r, int64_t at)
{
	char symbol[SYMBOL_MAX];
	int i, lev, got = 0;

	(void)at;	/* the events of one kind come in order */
	if ((r->v = scan_get(r->t, r->v, "ac")) == NULL)
		return 0;
	need_text(r, "s", symbol, sizeof symbol);
	lev = maybe_small(r, "l", 0);
	if (lev == 0)
		refuse(r, "l");
	if (r->bad)
		return -1;
	for (i = 0; i < a->npos; i++)
		if (strcmp(a->pos[i].symbol, symbol) == 0 && a->pos[i].leverage != lev) {
			a->pos[i].leverage = lev;
			got = 1;
		}
	return got;
}

static bool
named(const struct position *p, const char *symbol, size_t n)
{
	return n < sizeof p->symbol && memcmp(p->symbol, symbol, n) == 0 && p->symbol[n] == '\0';
}

static int
on_mark(struct account *a, struct row *r, int64_t at)
{
	char symbol[SYMBOL_MAX];
	dec mark;
	size_t n;
	int i;

	if (!scan_get_str(r->t, r->v, "s", symbol, sizeof symbol))
		return 0;
	n = strlen(symbol);
	for (i = 0; i < a->npos && !named(&a->pos[i], symbol, n); i++)
		continue;
	if (i == a->npos)
		return 0;
	r->name = symbol;
	mark = need_dec(r, "p");
	at = need_int(r, "E", 1);
	if (dec_sign(mark) <= 0)
		refuse(r, "p");
	if (r->bad)
		return -1;
	return account_mark(a, symbol, n, mark, at);
}

bool
account_mark(struct account *a, const char *symbol, size_t n, dec mark, int64_t at_ms)
{
	struct position *p, now;
	bool got = false;

	if (dec_sign(mark) <= 0)
		return false;
	for (p = a->pos; p < a->pos + a->npos; p++) {
		if (!named(p, symbol, n) || at_ms < p->mark_ms)
			continue;
		now = *p;
		now.mark = mark;
		now.mark_ms = at_ms;
		if (!revalue(&now))
			continue;	/* no room: the old mark stays, and grows stale */
		*p = now;
		got = got || held(p);
	}
	return got;
}

int
account_event(struct account *a, const struct tok *t, const struct tok *rec, struct fault *f)
{
	static const struct {
		const char *e;
		int (*on)(struct account *, struct row *, int64_t at);
		bool ours;	/* about the account; else about the market */
	} events[] = {
		{ "markPriceUpdate", on_mark, false },
		{ "ORDER_TRADE_UPDATE", on_order_update, true },
		{ "ACCOUNT_UPDATE", on_account_update, true },
		{ "ACCOUNT_CONFIG_UPDATE", on_config_update, true },
	};
	const struct tok *e = scan_get(t, rec, "e");
	struct row r = { .t = t, .v = rec, .f = f };
	int64_t at = 0;
	size_t i;
	int got;

	for (i = 0; i < sizeof events / sizeof *events; i++)
		if (scan_is(e, events[i].e))
			break;
	if (i == sizeof events / sizeof *events)
		return 0;
	r.where = events[i].e;
	if (events[i].ours)	/* T of a mark price is the next funding time */
		at = need_int(&r, blank(&r, "T") ? "E" : "T", 1);
	if (r.bad || (got = events[i].on(a, &r, at)) == -1)
		return -1;
	if (at > a->as_of_ms)
		a->as_of_ms = at;
	return got;
}

/*
 * Sums
 */

/* |N| at the mark. amt entry + upnl is amt mark, also where the mark itself is
 * not known but an event told upnl. */
static bool
add_notional(dec *sum, const struct position *p)
{
	dec n;

	return dec_mul(&n, p->amt, p->entry) && dec_add(&n, n, p->upnl) &&
	    dec_add(sum, *sum, dec_abs(n));
}

static bool
add_to_sum(struct account_sum *s, const struct position *p)
{
	dec n = dec_abs(p->amt);
	bool marked = dec_sign(p->mark) > 0;

	if (inverse(p->symbol) || dec_sign(p->entry) <= 0)
		return false;
	if (marked ? !dec_mul(&n, n, p->mark) || !dec_add(&s->notional, s->notional, n) :
	    !add_notional(&s->notional, p))
		return false;
	return dec_add(&s->upnl, s->upnl, p->upnl) &&
	    dec_add(&s->equity, s->equity, p->upnl) &&
	    (!p->isolated || dec_add(&s->equity, s->equity, p->isolated_wallet)) &&
	    dec_add(&s->maint, s->maint, p->maint_margin);
}

bool
account_sum(const struct account *a, const char *asset, struct account_sum *out)
{
	const struct wallet *w = find_wallet(a, asset);
	struct account_sum s = { 0 };
	const struct position *p;

	if (!a->known || a->multi_assets || w == NULL)
		return false;
	s.wallet = w->balance;
	s.equity = w->cross;
	for (p = a->pos; p < a->pos + a->npos; p++) {
		if (!held(p))
			continue;
		if (*p->margin_asset == '\0')
			return false;	/* it may be one of this wallet's */
		if (strcmp(p->margin_asset, asset) == 0 && !add_to_sum(&s, p))
			return false;
	}
	*out = s;
	return true;
}
