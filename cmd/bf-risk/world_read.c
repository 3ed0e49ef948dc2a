/* A world read back from what world_json wrote. Nothing in it is trusted. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "world_in.h"

#define LIST_MOST	20000		/* rows of one list */
#define TIME_MOST	(INT64_C(1) << 60)	/* of a time: two can be subtracted */
#define LEVERAGE_MOST	1000

/* Where we are: for the fault. */
struct reader { struct world *w; const struct tok *t; struct fault *f; };

static int
bad(const struct reader *r, const char *what, const char *key)
{
	return fault_set(r->f, FAULT_REJECTED, "world: %s: %s is missing or malformed", what, key);
}

/*
 * By the tables of world_shape.c
 */

static bool
take_dec(const struct tok *v, void *to)
{
	dec d;

	if (v->kind != SCAN_STR || !scan_dec(v, &d))
		return false;
	memcpy(to, &d, sizeof d);
	return true;
}

static bool
take_int(const struct tok *v, int least, int most, int *to)
{
	int64_t n;

	if (!scan_i64(v, &n) || n < least || n > most)
		return false;
	*to = (int)n;
	return true;
}

static bool
take_bits(const struct tok *v, void *to)
{
	int64_t n;
	unsigned bits;

	if (!scan_i64(v, &n) || n < 0 || n > UINT_MAX)
		return false;
	bits = (unsigned)n;
	memcpy(to, &bits, sizeof bits);
	return true;
}

static bool
take_time(const struct tok *v, void *to)
{
	int64_t n;

	if (!scan_i64(v, &n) || n < -TIME_MOST || n > TIME_MOST)
		return false;
	memcpy(to, &n, sizeof n);
	return true;
}

/* An id: digits alone. */
static bool
take_u64(const struct tok *v, void *to)
{
	uint64_t n = 0;

	if (v->kind != SCAN_NUM || v->len > 20)
		return false;
	for (uint32_t i = 0; i < v->len; i++) {
		unsigned digit = (unsigned char)v->p[i] - (unsigned)'0';

		if (digit > 9 || n > (UINT64_MAX - digit) / 10)
			return false;
		n = n * 10 + digit;
	}
	memcpy(to, &n, sizeof n);
	return true;
}

/* As much of it as there is room for; the text ends at a whole character. */
static bool
take_prose(const struct tok *v, char *to, size_t size)
{
	char text[1024];
	size_t n;

	if (scan_str(v, to, size))
		return true;
	if (!scan_str(v, text, sizeof text))
		return false;
	for (n = size - 1; n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80; )
		n--;
	memcpy(to, text, n);
	to[n] = '\0';
	return true;
}

static bool
take_word(const struct tok *v, enum member_kind kind, void *to)
{
	const char *word;

	for (int k = -1; k <= 2; k++)
		if ((word = member_word(kind, k)) != NULL && scan_is(v, word)) {
			memcpy(to, &k, sizeof k);
			return true;
		}
	return false;
}

static bool
take_member(const struct member *m, const struct tok *v, void *to)
{
	switch (m->kind) {
	case M_DEC:
		return take_dec(v, to);
	case M_I64:
		return take_time(v, to);
	case M_U64:
		return take_u64(v, to);
	case M_INT:
		return take_int(v, -INT_MAX, INT_MAX, to);
	case M_UINT:
		return take_bits(v, to);
	case M_BOOL:
		return scan_bool(v, to);
	case M_TEXT:
		return scan_str(v, to, m->size);
	case M_PROSE:
		return take_prose(v, to, m->size);
	default:
		return take_word(v, m->kind, to);
	}
}

static int
take(const struct reader *r, const struct shape *s, const struct tok *v, void *obj)
{
	if (v == NULL || v->kind != SCAN_OBJ)
		return bad(r, s->what, "its object");
	for (const struct member *m = s->m; m < s->m + s->n; m++) {
		const struct tok *at = scan_get(r->t, v, m->key);

		if (at == NULL ? m->need : !take_member(m, at, (char *)obj + m->at))
			return bad(r, s->what, m->key);
	}
	return 0;
}

/* The list key of obj, of at most `most` items; NULL after a fault. */
static const struct tok *
list(const struct reader *r, const struct tok *obj, const char *what, const char *key, uint32_t most)
{
	const struct tok *v = scan_get(r->t, obj, key);

	if (v != NULL && v->kind == SCAN_ARR && v->n <= most)
		return v;
	bad(r, what, key);
	return NULL;
}

/* All rows of a list into a new array. -1; *n is how many. */
static int
take_rows(const struct reader *r, const struct shape *s, const struct tok *arr, size_t size, void **out, int *n)
{
	char *rows;

	*n = 0;
	if (arr == NULL)
		return -1;
	if (arr->n == 0)
		return 0;
	if ((rows = *out = calloc(arr->n, size)) == NULL)
		return fault_set(r->f, FAULT_LOCAL, "out of memory");
	for (const struct tok *v = scan_first(arr); v != NULL; v = scan_next(r->t, arr, v))
		if (take(r, s, v, rows + (size_t)(*n)++ * size) == -1)
			return -1;
	return 0;
}

/*
 * The parts
 */

static int
read_market(const struct reader *r, const struct tok *v)
{
	struct market_part part = { 0 };
	struct account *a;
	void *pos = NULL, *ord = NULL, *wal = NULL;
	int got;

	if (take(r, &shape_market, v, &part) == -1)
		return -1;
	a = &r->w->acct[part.m];
	if (a->pos != NULL || a->ord != NULL || a->wal != NULL)
		return bad(r, "markets", "each market once");
	r->w->served[part.m] = part.served;
	r->w->down[part.m] = part.down;
	r->w->loaded_mono_ms[part.m] = part.loaded_mono_ms;
	a->hedge = part.hedge;
	a->multi_assets = part.multi_assets;
	a->known = part.known;
	a->as_of_ms = part.as_of_ms;
	account_contracts(a, &r->w->cs);	/* while it is empty: the rows have it all */
	if ((got = take_rows(r, &shape_wallet, list(r, v, "market", "wallets", LIST_MOST), sizeof *a->wal, &wal, &a->nwal)) == 0 &&
	    (got = take_rows(r, &shape_position, list(r, v, "market", "positions", LIST_MOST), sizeof *a->pos, &pos,
	    &a->npos)) == 0)
		got = take_rows(r, &shape_order, list(r, v, "market", "orders", LIST_MOST), sizeof *a->ord, &ord, &a->nord);
	a->wal = wal;
	a->pos = pos;
	a->ord = ord;
	a->cwal = a->nwal;
	a->cpos = a->npos;
	a->cord = a->nord;
	return got;
}

static int
read_tier(const struct reader *r, const struct tok *v, struct tier *to)
{
	dec *const part[] = { &to->floor, &to->cap, &to->mmr, &to->cum };
	const struct tok *at = scan_first(v);

	if (v->kind != SCAN_ARR || v->n != 5)
		return bad(r, "contract", "tiers");
	for (size_t i = 0; i < sizeof part / sizeof *part; i++, at = scan_next(r->t, v, at))
		if (!take_dec(at, part[i]))
			return bad(r, "contract", "tiers");
	return take_int(at, 1, LEVERAGE_MOST, &to->max_leverage) ? 0 : bad(r, "contract", "tiers");
}

static int
read_tiers(const struct reader *r, const struct tok *obj, struct tiers *ts)
{
	const struct tok *rows;

	ts->n = 0;
	if (scan_get(r->t, obj, "tiers") == NULL)
		return 0;
	if ((rows = list(r, obj, "contract", "tiers", TIERS_MAX)) == NULL)
		return -1;
	for (const struct tok *v = scan_first(rows); v != NULL; v = scan_next(r->t, rows, v))
		if (read_tier(r, v, &ts->tier[ts->n++]) == -1)
			return -1;
	return 0;
}

static int
read_contract(const struct reader *r, const struct tok *v)
{
	const struct tok *filters = scan_get(r->t, v, "filters");
	struct contract got = { 0 }, *c;

	if (take(r, &shape_contract, v, &got) == -1 || read_tiers(r, v, &got.tiers) == -1 ||
	    (filters != NULL && take(r, &shape_filters, filters, &got.rules) == -1))
		return -1;
	if (got.rules.symbol[0] == '\0' || dec_sign(got.rules.contract_size) < 0)
		return bad(r, "contract", got.rules.symbol[0] == '\0' ? "symbol" : "contract_size");
	if ((c = contracts_set(&r->w->cs, &got.rules, got.market)) == NULL)
		return fault_set(r->f, FAULT_LOCAL, "out of memory");
	c->tiers = got.tiers;
	c->funding_rate = got.funding_rate;
	c->funding_ms = got.funding_ms;
	c->funding_hours = got.funding_hours;
	return 0;
}

static int
read_ring(const struct reader *r, const struct tok *arr, struct vol *to)
{
	const struct tok *v, *low, *high;
	int i;

	if (arr == NULL)
		return -1;
	for (v = scan_first(arr); v != NULL; v = scan_next(r->t, arr, high)) {
		low = scan_next(r->t, arr, v);
		high = low == NULL ? NULL : scan_next(r->t, arr, low);
		if (high == NULL || !take_int(v, 0, VOL_BUCKETS - 1, &i) || !take_dec(low, &to->b[i].low) ||
		    !take_dec(high, &to->b[i].high) || dec_sign(to->b[i].low) <= 0 || dec_cmp(to->b[i].high, to->b[i].low) < 0)
			return bad(r, "vol", "ring");
	}
	return 0;
}

static int
read_vol(const struct reader *r, const struct tok *v, struct vol *to)
{
	struct vol got = { 0 };

	if (take(r, &shape_vol, v, &got) == -1 || read_ring(r, list(r, v, "vol", "ring", VOL_BUCKETS * 3), &got) == -1)
		return -1;
	if (got.bucket_ms < 0 || got.at < 0 || dec_sign(got.var) < 0)
		return bad(r, "vol", "what it tells");
	*to = got;
	return 0;
}

static int
read_sym(const struct reader *r, const struct tok *v)
{
	const struct tok *vol = scan_get(r->t, v, "vol");
	struct sym got = { 0 }, *s;

	if (take(r, &shape_sym, v, &got) == -1)
		return -1;
	vol_init(&got.vol, r->w->vol_window_ms);
	if (vol != NULL && read_vol(r, vol, &got.vol) == -1)
		return -1;
	got.n = strlen(got.symbol);
	if ((s = sym_slot(r->w, got.symbol, got.n)) == NULL)
		return got.n == 0 ? bad(r, "symbol", "symbol") : fault_set(r->f, FAULT_LOCAL, "out of memory");
	*s = got;
	return 0;
}

static int
read_pending(const struct reader *r, const struct tok *v)
{
	return take(r, &shape_pending, v, &r->w->pending[r->w->npending++]);
}

static bool
take_hash(const struct tok *v, uint64_t *to)
{
	char text[17];

	if (!scan_str(v, text, sizeof text) || strlen(text) != 16 || strspn(text, "0123456789abcdef") != 16)
		return false;
	*to = strtoull(text, NULL, 16);
	return true;
}

static int
read_passed(const struct reader *r, const struct tok *arr)
{
	const struct tok *v, *what;

	if (arr == NULL)
		return -1;
	for (v = scan_first(arr); v != NULL; v = scan_next(r->t, arr, what)) {
		struct passed *p = &r->w->passed[r->w->npassed++ % PASSED_MAX];

		if ((what = scan_next(r->t, arr, v)) == NULL || !take_time(v, &p->mono_ms) || !take_hash(what, &p->what))
			return bad(r, "world", "passed");
	}
	return 0;
}

static int
read_rates(const struct reader *r, const struct tok *v)
{
	void *rows = NULL;
	int n, got = take_rows(r, &shape_rate, list(r, v, "world", "rates", LIST_MOST), sizeof *r->w->rates.r, &rows, &n);

	r->w->rates = (struct asset_rates){ rows, n };
	return got;
}

/* Each item of a list by one function. */
static int
each(const struct reader *r, const struct tok *v, const char *key, uint32_t most,
    int (*one)(const struct reader *, const struct tok *))
{
	const struct tok *arr = list(r, v, "world", key, most), *at;

	if (arr == NULL)
		return -1;
	for (at = scan_first(arr); at != NULL; at = scan_next(r->t, arr, at))
		if (one(r, at) == -1)
			return -1;
	return 0;
}

static int
read_rest(const struct reader *r, const struct tok *v)
{
	return each(r, v, "pending", PENDING_MAX, read_pending) == -1 ||
	    read_passed(r, list(r, v, "world", "passed", PASSED_MAX * 2)) == -1 || read_rates(r, v) == -1 ||
	    take(r, &shape_health, scan_get(r->t, v, "health"), &r->w->health) == -1 ? -1 : 0;
}

int
world_read(struct world *w, const struct tok *t, const struct tok *v, struct fault *f)
{
	const struct reader r = { w, t, f };

	if (take(&r, &shape_world, v, w) == -1)
		return -1;
	return each(&r, v, "contracts", LIST_MOST, read_contract) == -1 || each(&r, v, "symbols", SYMS_MAX, read_sym) == -1 ||
	    each(&r, v, "markets", MARKETS, read_market) == -1 || read_rest(&r, v) == -1 ? -1 : 0;
}
