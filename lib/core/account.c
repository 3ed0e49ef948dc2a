/* The lists of an account, marks and sums. Answers are in account_read.c, events in
 * account_event.c. */
#include <stdlib.h>
#include <string.h>

#include "core/account_in.h"
#include "core/contract.h"

/*
 * Lists that grow
 */

void *
account_grow(void *p, int *cap, int n, size_t size)
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

int
account_no_memory(struct fault *f)
{
	return fault_set(f, FAULT_LOCAL, "out of memory");
}

int
account_add_position(struct account *a, const struct position *p, struct fault *f)
{
	struct position *list = account_grow(a->pos, &a->cpos, a->npos + 1, sizeof *list);

	if (list == NULL)
		return account_no_memory(f);
	a->pos = list;
	a->pos[a->npos++] = *p;
	return 0;
}

int
account_add_order(struct account *a, const struct open_order *o, struct fault *f)
{
	struct open_order *list = account_grow(a->ord, &a->cord, a->nord + 1, sizeof *list);

	if (list == NULL)
		return account_no_memory(f);
	a->ord = list;
	a->ord[a->nord++] = *o;
	return 0;
}

int
account_add_wallet(struct account *a, const struct wallet *w, struct fault *f)
{
	struct wallet *list = account_grow(a->wal, &a->cwal, a->nwal + 1, sizeof *list);

	if (list == NULL)
		return account_no_memory(f);
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
	free(a->set);
	memset(a, 0, sizeof *a);
}

/* A copy of n items of this size; *cap is its room. NULL: no memory. */
static void *
copied(const void *list, int n, int *cap, size_t size)
{
	void *p;

	*cap = 0;
	if ((p = account_grow(NULL, cap, n + 1, size)) != NULL && n > 0)
		memcpy(p, list, (size_t)n * size);
	return p;
}

int
account_copy(struct account *out, const struct account *a, struct fault *f)
{
	struct account b = *a;

	b.set = NULL;	/* what is tried on it has the rows */
	b.nset = 0;
	b.pos = copied(a->pos, a->npos, &b.cpos, sizeof *b.pos);
	b.ord = copied(a->ord, a->nord, &b.cord, sizeof *b.ord);
	b.wal = copied(a->wal, a->nwal, &b.cwal, sizeof *b.wal);
	if (b.pos == NULL || b.ord == NULL || b.wal == NULL) {
		account_free(&b);
		return account_no_memory(f);
	}
	*out = b;
	return 0;
}

/*
 * Finding
 */

bool
account_has(const struct account *a, unsigned parts)
{
	return a->parts != 0 ? (a->parts & parts) == parts : a->known;
}

void
account_read_part(struct account *a, unsigned part, int64_t as_of)
{
	a->parts |= part;
	if (part != 0)
		a->known = a->parts == PART_ALL;
	if (as_of > a->as_of_ms)
		a->as_of_ms = as_of;
	account_name_assets(a);
}

int
account_no_list(const char *where, struct fault *f)
{
	return fault_set(f, FAULT_UNKNOWN, "%s: not the list it should be", where);
}

struct position *
account_find(const struct account *a, const char *symbol, enum pos_side side)
{
	for (int i = 0; i < a->npos; i++)
		if (a->pos[i].side == side && strcmp(a->pos[i].symbol, symbol) == 0)
			return &a->pos[i];
	return NULL;
}

struct position *
account_position(struct account *a, const char *symbol, enum pos_side side)
{
	return account_find(a, symbol, side);
}

struct open_order *
account_find_order(const struct account *a, const char *symbol, uint64_t id, bool algo)
{
	for (int i = 0; i < a->nord; i++)
		if (a->ord[i].id == id && a->ord[i].algo == algo &&
		    strcmp(a->ord[i].symbol, symbol) == 0)
			return &a->ord[i];
	return NULL;
}

struct wallet *
account_find_wallet(const struct account *a, const char *asset)
{
	for (int i = 0; i < a->nwal; i++)
		if (strcmp(a->wal[i].asset, asset) == 0)
			return &a->wal[i];
	return NULL;
}

/*
 * Positions: what follows from what is known
 */

bool
account_held(const struct position *p)
{
	return dec_sign(p->amt) != 0;
}

/* BTCUSD_PERP, BTCUSD_261225; a linear one has its quote asset there: BTCUSDT_261225. */
static bool
inverse(const char *symbol)
{
	return strstr(symbol, "USD_") != NULL;
}

/* The name tells the kind at once; the size of a contract only its rules. */
void
account_identify(const struct account *a, struct position *p)
{
	const struct contract *c = a->cs != NULL ? contracts_find(a->cs, p->symbol) : NULL;

	p->kind = c != NULL ? c->kind : inverse(p->symbol) ? INVERSE : LINEAR;
	if (c != NULL)
		p->size = c->size;
	else if (p->kind == LINEAR)
		p->size = dec_int(1);
	if (c != NULL && *c->rules.margin != '\0')
		memcpy(p->margin_asset, c->rules.margin, sizeof p->margin_asset);
}

bool
account_can_value(const struct position *p)
{
	return dec_sign(p->mark) > 0 && dec_sign(p->size) > 0 && dec_sign(p->entry) > 0;
}

bool
account_revalue(struct position *p)
{
	struct leg l = { p->kind, p->amt, p->entry, p->size };

	if (!account_held(p)) {
		p->upnl = dec_int(0);
		return true;
	}
	return !account_can_value(p) || margin_pnl(&p->upnl, &l, p->mark);
}

void
account_flatten(struct position *p)
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

/* positionRisk v2, that of COIN-M and the events do not name the margin asset. */
static void
name_asset(const struct account *a, struct position *p)
{
	size_t n = strcspn(p->symbol, "_");
	const char *asset = asset_in(a, p->symbol, n);

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

void
account_name_assets(struct account *a)
{
	for (struct position *p = a->pos; p < a->pos + a->npos; p++) {
		if (dec_sign(p->size) <= 0)
			account_identify(a, p);
		if (*p->margin_asset == '\0')
			name_asset(a, p);
	}
}

void
account_contracts(struct account *a, const struct contracts *cs)
{
	struct position now;

	a->cs = cs;
	for (struct position *p = a->pos; p < a->pos + a->npos; p++) {
		now = *p;
		account_identify(a, &now);
		if (account_revalue(&now))
			*p = now;
	}
	account_name_assets(a);
}

/* Settings of a symbol, from any of its sides. */
int
account_leverage_of(const struct account *a, const char *symbol)
{
	for (int i = 0; i < a->npos; i++)
		if (a->pos[i].leverage != 0 && strcmp(a->pos[i].symbol, symbol) == 0)
			return a->pos[i].leverage;
	return 0;
}

/* A flat row of BOTH says nothing: COIN-M lists it in hedge mode too. */
void
account_learn_mode(struct account *a, const struct position *p)
{
	if (p->side != POS_BOTH)
		a->hedge = true;
	else if (account_held(p))
		a->hedge = false;
}

/*
 * Marks
 */

static bool
named(const struct position *p, const char *symbol, size_t n)
{
	uint32_t a, b;

	if (n >= sizeof p->symbol || p->symbol[n] != '\0')
		return false;
	if (n >= sizeof a) {	/* every mark price is compared with every position: mostly without a call */
		memcpy(&a, p->symbol, sizeof a);
		memcpy(&b, symbol, sizeof b);
		if (a != b)
			return false;
	}
	return memcmp(p->symbol, symbol, n) == 0;
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
		if (dec_sign(now.size) <= 0)
			account_identify(a, &now);	/* its rules may have come since */
		if (!account_revalue(&now))
			continue;	/* no room: the old mark stays, and grows stale */
		*p = now;
		got = got || account_held(p);
	}
	return got;
}

/*
 * Sums
 */

/* |N| where the mark is not known, but an event told upnl: linear amt entry + upnl
 * is amt mark, inverse Q / entry - upnl is Q / mark. */
static bool
unmarked_notional(dec *out, const struct position *p)
{
	dec n;

	if (p->kind == LINEAR)
		return dec_mul(&n, p->amt, p->entry) && dec_add(out, n, p->upnl);
	return dec_mul(&n, p->amt, p->size) && dec_div(&n, n, p->entry, 8, DEC_DOWN) &&
	    dec_sub(out, n, p->upnl);
}

static bool
notional_of(dec *out, const struct position *p)
{
	struct leg l = { p->kind, p->amt, p->entry, p->size };

	if (dec_sign(p->mark) <= 0)
		return unmarked_notional(out, p);
	return p->kind == LINEAR ? dec_mul(out, p->amt, p->mark) : margin_notional(out, &l, p->mark);
}

static bool
add_to_sum(struct account_sum *s, const struct position *p)
{
	dec n;

	return dec_sign(p->size) > 0 && dec_sign(p->entry) > 0 && notional_of(&n, p) &&
	    dec_add(&s->notional, s->notional, dec_abs(n)) &&
	    dec_add(&s->upnl, s->upnl, p->upnl) &&
	    dec_add(&s->equity, s->equity, p->upnl) &&
	    (!p->isolated || dec_add(&s->equity, s->equity, p->isolated_wallet)) &&
	    dec_add(&s->maint, s->maint, p->maint_margin);
}

bool
account_sum(const struct account *a, const char *asset, struct account_sum *out)
{
	const struct wallet *w = account_find_wallet(a, asset);
	struct account_sum s = { 0 };
	const struct position *p;

	if (!a->known || a->multi_assets || w == NULL)
		return false;
	s.wallet = w->balance;
	s.equity = w->cross;
	for (p = a->pos; p < a->pos + a->npos; p++) {
		if (!account_held(p))
			continue;
		if (*p->margin_asset == '\0')
			return false;	/* it may be one of this wallet's */
		if (strcmp(p->margin_asset, asset) == 0 && !add_to_sum(&s, p))
			return false;
	}
	*out = s;
	return true;
}
