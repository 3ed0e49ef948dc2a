/* A world written down, see world.h. */
#include <stdio.h>
#include <stdlib.h>

#include "world_in.h"

/*
 * By the tables of world_shape.c
 */

static int
int_at(const void *p)
{
	int n;

	memcpy(&n, p, sizeof n);
	return n;
}

static void
put_word(struct buf *b, const struct member *m, const void *p)
{
	const char *word = member_word(m->kind, int_at(p));

	if (word != NULL)
		jw_str(b, m->key, word);
}

static void
put_dec(struct buf *b, const char *key, const void *p)
{
	dec d;

	memcpy(&d, p, sizeof d);
	if (d.c != 0 || d.scale != 0)
		jw_dec(b, key, d);
}

static void
put_i64(struct buf *b, const char *key, const void *p)
{
	int64_t n;

	memcpy(&n, p, sizeof n);
	if (n != 0)
		jw_i64(b, key, n);
}

static void
put_u64(struct buf *b, const char *key, const void *p)
{
	uint64_t n;

	memcpy(&n, p, sizeof n);
	if (n != 0)
		jw_u64(b, key, n);
}

/* Text that was cut may end in a piece of a character: without it. */
static size_t
whole_text(const char *s)
{
	size_t n = strlen(s), i = n;

	while (i > 0 && n - i < 3 && ((unsigned char)s[i - 1] & 0xc0) == 0x80)
		i--;
	if (i == 0 || (unsigned char)s[i - 1] < 0xc0)
		return n;
	return n - i < (size_t)((unsigned char)s[i - 1] >= 0xf0 ? 3 : (unsigned char)s[i - 1] >= 0xe0 ? 2 : 1) ? i - 1 : n;
}

static void
put_member(struct buf *b, const struct member *m, const void *p)
{
	const char *text = p;

	switch (m->kind) {
	case M_DEC:
		put_dec(b, m->key, p);
		break;
	case M_I64:
		put_i64(b, m->key, p);
		break;
	case M_U64:
		put_u64(b, m->key, p);
		break;
	case M_INT:
		if (int_at(p) != 0)
			jw_i64(b, m->key, int_at(p));
		break;
	case M_UINT:
		if (int_at(p) != 0)
			jw_u64(b, m->key, (unsigned)int_at(p));
		break;
	case M_BOOL:
		if (*(const bool *)p)
			jw_bool(b, m->key, true);
		break;
	case M_TEXT:
	case M_PROSE:
		if (*text != '\0')
			jw_strn(b, m->key, text, whole_text(text));
		break;
	default:
		put_word(b, m, p);
		break;
	}
}

static void
put_members(struct buf *b, const struct shape *s, const void *obj)
{
	for (const struct member *m = s->m; m < s->m + s->n; m++)
		put_member(b, m, (const char *)obj + m->at);
}

static void
put_object(struct buf *b, const struct shape *s, const void *obj)
{
	jw_open(b, NULL, '{');
	put_members(b, s, obj);
	jw_close(b, '}');
}

/*
 * The symbols that matter: what is held, open or pending, and the intent's
 */
struct keep { const char **s; size_t n; };

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool
kept(const struct keep *k, const char *symbol)
{
	return bsearch(&symbol, k->s, k->n, sizeof *k->s, by_name) != NULL;
}

static void
collect(struct keep *k, const struct world *w, const char *symbol)
{
	for (int m = 0; m < MARKETS; m++) {
		const struct account *a = &w->acct[m];

		for (int i = 0; i < a->npos; i++)
			if (dec_sign(a->pos[i].amt) != 0)
				k->s[k->n++] = a->pos[i].symbol;
		for (int i = 0; i < a->nord; i++)
			k->s[k->n++] = a->ord[i].symbol;
	}
	for (int i = 0; i < w->npending; i++)
		k->s[k->n++] = w->pending[i].symbol;
	if (symbol != NULL)
		k->s[k->n++] = symbol;
}

/* By name, each once. -1: no memory. */
static int
keep_make(struct keep *k, const struct world *w, const char *symbol)
{
	size_t n = (size_t)w->npending + 1, once = 0;

	for (int m = 0; m < MARKETS; m++)
		n += (size_t)w->acct[m].npos + (size_t)w->acct[m].nord;
	k->n = 0;
	if ((k->s = calloc(n, sizeof *k->s)) == NULL)
		return -1;
	collect(k, w, symbol);
	qsort(k->s, k->n, sizeof *k->s, by_name);
	for (size_t i = 0; i < k->n; i++)
		if (once == 0 || strcmp(k->s[i], k->s[once - 1]) != 0)
			k->s[once++] = k->s[i];
	k->n = once;
	return 0;
}

/* An empty wallet is told of only where it is the margin of something kept. */
static bool
wallet_matters(const struct world *w, const struct keep *k, const struct account *a, const struct wallet *wal)
{
	const struct contract *c;

	if (a->multi_assets || dec_sign(wal->balance) != 0 || dec_sign(wal->cross) != 0 || dec_sign(wal->available) != 0)
		return true;
	for (size_t i = 0; i < k->n; i++)
		if ((c = contracts_find(&w->cs, k->s[i])) != NULL && strcmp(c->rules.margin, wal->asset) == 0)
			return true;
	for (int i = 0; i < a->npos; i++)
		if (dec_sign(a->pos[i].amt) != 0 && strcmp(a->pos[i].margin_asset, wal->asset) == 0)
			return true;
	return false;
}

/*
 * The parts
 */

static void
put_market(struct buf *b, const struct world *w, enum market m, const struct keep *k)
{
	const struct account *a = &w->acct[m];
	const struct market_part part = {
		.served = w->served[m], .down = w->down[m], .hedge = a->hedge, .multi_assets = a->multi_assets,
		.known = a->known, .loaded_mono_ms = w->loaded_mono_ms[m], .as_of_ms = a->as_of_ms, .m = m,
	};

	jw_open(b, NULL, '{');
	put_members(b, &shape_market, &part);
	jw_open(b, "wallets", '[');
	for (int i = 0; i < a->nwal; i++)
		if (wallet_matters(w, k, a, &a->wal[i]))
			put_object(b, &shape_wallet, &a->wal[i]);
	jw_close(b, ']');
	jw_open(b, "positions", '[');
	for (int i = 0; i < a->npos; i++)
		if (kept(k, a->pos[i].symbol))
			put_object(b, &shape_position, &a->pos[i]);
	jw_close(b, ']');
	jw_open(b, "orders", '[');
	for (int i = 0; i < a->nord; i++)
		put_object(b, &shape_order, &a->ord[i]);
	jw_close(b, ']');
	jw_close(b, '}');
}

/* Brackets as rows of floor, cap, mmr, cum and leverage. */
static void
put_tiers(struct buf *b, const struct tiers *ts)
{
	if (ts->n == 0)
		return;
	jw_open(b, "tiers", '[');
	for (const struct tier *k = ts->tier; k < ts->tier + ts->n; k++) {
		jw_open(b, NULL, '[');
		jw_dec(b, NULL, k->floor);
		jw_dec(b, NULL, k->cap);
		jw_dec(b, NULL, k->mmr);
		jw_dec(b, NULL, k->cum);
		jw_i64(b, NULL, k->max_leverage);
		jw_close(b, ']');
	}
	jw_close(b, ']');
}

static void
put_contract(struct buf *b, const struct contract *c, bool whole)
{
	jw_open(b, NULL, '{');
	put_members(b, &shape_contract, c);
	put_tiers(b, &c->tiers);
	if (whole) {
		jw_open(b, "filters", '{');
		put_members(b, &shape_filters, &c->rules);
		jw_close(b, '}');
	}
	jw_close(b, '}');
}

/* The ring as place, low, high, place, low, high... */
static void
put_vol(struct buf *b, const struct vol *v)
{
	jw_open(b, "vol", '{');
	put_members(b, &shape_vol, v);
	jw_open(b, "ring", '[');
	for (int i = 0; i < VOL_BUCKETS; i++)
		if (dec_sign(v->b[i].high) > 0) {
			jw_i64(b, NULL, i);
			jw_dec(b, NULL, v->b[i].low);
			jw_dec(b, NULL, v->b[i].high);
		}
	jw_close(b, ']');
	jw_close(b, '}');
}

static void
put_sym(struct buf *b, const struct sym *s, bool whole)
{
	jw_open(b, NULL, '{');
	put_members(b, &shape_sym, s);
	if (whole)
		put_vol(b, &s->vol);
	jw_close(b, '}');
}

/* Contracts, and marks. */
static void
put_symbols(struct buf *b, const struct world *w, const struct keep *k, const char *symbol)
{
	const struct contract *c;
	const struct sym *s;

	jw_open(b, "contracts", '[');
	for (size_t i = 0; i < k->n; i++)
		if ((c = contracts_find(&w->cs, k->s[i])) != NULL)
			put_contract(b, c, symbol == NULL || strcmp(symbol, k->s[i]) == 0);
	jw_close(b, ']');
	jw_open(b, "symbols", '[');
	for (size_t i = 0; i < k->n; i++)
		if ((s = sym_find(w, k->s[i], strlen(k->s[i]))) != NULL)
			put_sym(b, s, symbol == NULL || strcmp(symbol, k->s[i]) == 0);
	jw_close(b, ']');
}

/* The oldest first: when, hash, when, hash... */
static void
put_passed(struct buf *b, const struct world *w, int64_t passed_ms)
{
	unsigned n = w->npassed < PASSED_MAX ? w->npassed : PASSED_MAX;
	char what[20];

	jw_open(b, "passed", '[');
	for (unsigned i = w->npassed - n; i != w->npassed; i++) {
		const struct passed *p = &w->passed[i % PASSED_MAX];

		if (w->now.mono_ms - p->mono_ms > passed_ms)
			continue;
		snprintf(what, sizeof what, "%016llx", (unsigned long long)p->what);
		jw_i64(b, NULL, p->mono_ms);
		jw_str(b, NULL, what);
	}
	jw_close(b, ']');
}

static void
put_rest(struct buf *b, const struct world *w, int64_t passed_ms)
{
	jw_open(b, "pending", '[');
	for (int i = 0; i < w->npending; i++)
		put_object(b, &shape_pending, &w->pending[i]);
	jw_close(b, ']');
	put_passed(b, w, passed_ms);
	jw_open(b, "rates", '[');
	for (int i = 0; i < w->rates.n; i++)
		put_object(b, &shape_rate, &w->rates.r[i]);
	jw_close(b, ']');
	jw_open(b, "health", '{');
	put_members(b, &shape_health, &w->health);
	jw_close(b, '}');
}

void
world_json(const struct world *w, const char *symbol, int64_t passed_ms, struct buf *out)
{
	struct keep k;

	if (keep_make(&k, w, symbol) == -1) {
		out->bad = true;
		return;
	}
	jw_open(out, NULL, '{');
	put_members(out, &shape_world, w);
	jw_open(out, "markets", '[');
	for (int m = 0; m < MARKETS; m++)
		if (w->served[m] || w->acct[m].known)
			put_market(out, w, (enum market)m, &k);
	jw_close(out, ']');
	put_symbols(out, w, &k, symbol);
	put_rest(out, w, passed_ms);
	jw_close(out, '}');
	free(k.s);
}
