/* Life of the engine, and what all its files use. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "specs.h"
#include "state.h"

#define MAKER		(-2)	/* account numbers of the house */
#define FUND		(-3)

/*
 * For all files
 */

/* The market an event without a symbol speaks of. */
static enum product
market_of(const struct engine *e, const struct engine_event *ev)
{
	const struct sym *s = eng_sym(e, ev->sym);

	if (s != NULL)
		return s->c.market;
	if (ev->kind == EV_ACCOUNT && ev->u.account.nwallet > 0)
		return e->asset[ev->u.account.wallet[0].asset].info.market;
	if (ev->kind == EV_INCOME)
		return e->asset[ev->u.income.row->asset].info.market;
	if (ev->kind == EV_MARGIN_CALL && ev->u.call.npos > 0)
		return e->sym[ev->u.call.pos[0].sym]->c.market;
	return USDM;
}

void
eng_emit(struct engine *e, struct engine_event *ev)
{
	if (e->c.sink == NULL)
		return;
	ev->ms = e->now;
	ev->market = market_of(e, ev);
	e->c.sink(e->c.arg, ev);
}

int
eng_refuse(struct fault *f, int code, const char *fmt, ...)
{
	va_list ap;

	fault_set(f, FAULT_REJECTED, "%s", "");
	if (f == NULL)
		return -1;
	va_start(ap, fmt);
	vsnprintf(f->text, sizeof f->text, fmt, ap);
	va_end(ap);
	f->http = 400;
	f->code = code;
	return -1;
}

int
eng_misuse(struct fault *f, const char *what)
{
	return fault_set(f, FAULT_USAGE, "%s", what);
}

int
eng_sound(const struct engine *e, struct fault *f)
{
	if (!e->bad)
		return 0;
	return fault_set(f, FAULT_LOCAL, "the exchange has stopped: out of memory or of digits");
}

bool
engine_stopped(const struct engine *e)
{
	return e->bad;
}

/* The codes that mean the same on both markets but differ. */
int
eng_code(const struct sym *s, int usdm)
{
	static const struct { int usdm, coinm; } row[] = {
		{ -4118, -4112 }, { -4131, -4113 }, { -4161, -4150 }, { -4164, -4178 },
		{ -4183, -4151 }, { -4184, -4152 }, { -4210, -4154 }, { -4211, -4155 },
		{ -5024, -4199 }, { -5025, -4196 }, { -5026, -4198 }, { -5027, -4197 },
		{ -5028, -4188 }, { -4114, -4110 }, { -4115, -4111 }, { -4144, -4087 },
		{ -4165, -4088 }, { -4087, -4089 }, { -4088, -4090 }
	};

	if (s->c.market == COINM)
		for (size_t i = 0; i < sizeof row / sizeof *row; i++)
			if (row[i].usdm == usdm)
				return row[i].coinm;
	return usdm;
}

bool
eng_grow(bool *bad, void *pp, int n, int *cap, size_t size)
{
	int want = *cap == 0 ? 16 : *cap;
	void *old, *p;

	if (n < *cap)
		return true;
	while (want <= n)
		want *= 2;
	memcpy(&old, pp, sizeof old);	/* pp is the address of a pointer of any kind */
	if ((p = realloc(old, (size_t)want * size)) == NULL) {
		*bad = true;
		return false;
	}
	memcpy(pp, &p, sizeof p);
	*cap = want;
	return true;
}

struct acct *
eng_acct(const struct engine *e, int acct)
{
	return acct < 0 || acct >= e->nacct ? NULL : e->acct[acct];
}

struct sym *
eng_sym(const struct engine *e, int sym)
{
	return sym < 0 || sym >= e->nsym ? NULL : e->sym[sym];
}

bool
eng_is_money(dec d)
{
	static const dec most = { 1000000000000000, 0 };

	return dec_decimals(d) <= MONEY && dec_cmp(dec_abs(d), most) < 0;
}

void
eng_due(struct engine *e, struct acct *a)
{
	if (a->due || a->number < 0 ||
	    !eng_grow(&e->bad, &e->due_accts, e->ndue, &e->cdue, sizeof *e->due_accts))
		return;
	a->due = true;
	e->due_accts[e->ndue++] = a;
}

void
eng_changed(struct engine *e, struct sym *s)
{
	if (s->changed)
		return;
	s->changed = true;
	s->changed_next = e->changed;
	e->changed = s;
}

/*
 * Life
 */

struct engine_config
engine_config_default(void)
{
	return (struct engine_config){
		.maker_fee = { 2, 4 }, .taker_fee = { 5, 4 }, .insurance = { 1000000, 0 },
		.adl = true
	};
}

/* What a new engine knows as collateral of USDⓈ-M; prices follow the symbols. */
static const struct engine_asset_info collateral[] = {
	{ USDM, "USDT",	 { 1, 0 }, { 0, 0 }, { 0, 0 }, true },
	{ USDM, "USDC",	 { 1, 0 }, { 0, 0 }, { 0, 0 }, true },
	{ USDM, "BTC",	 { 0, 0 }, { 5, 2 }, { 5, 2 }, true },
	{ USDM, "ETH",	 { 0, 0 }, { 5, 2 }, { 5, 2 }, true },
	{ USDM, "BNB",	 { 0, 0 }, { 5, 2 }, { 5, 2 }, true },
	{ USDM, "FDUSD", { 1, 0 }, { 0, 0 }, { 0, 0 }, true }
};

#define NCOLLATERAL	((int)(sizeof collateral / sizeof *collateral))

static int
no_memory(struct fault *f)
{
	return fault_set(f, FAULT_LOCAL, "out of memory");
}

/* The number of an asset, made if it is new: what a contract settles in. */
static int
asset_number(struct engine *e, enum product m, const char *name)
{
	int i = engine_asset(e, m, name);

	if (i != -1)
		return i;
	e->asset[e->nasset].info = (struct engine_asset_info){ .market = m };
	snprintf(e->asset[e->nasset].info.name, ENGINE_ASSET, "%s", name);
	return e->nasset++;
}

static int
check_contract(const struct contract *c, struct fault *f)
{
	const char *name = c->rules.symbol;

	if (name[0] == '\0' || c->rules.margin[0] == '\0')
		return fault_set(f, FAULT_USAGE, "a contract without a name or a margin asset");
	if (dec_sign(c->rules.tick) <= 0 || dec_sign(c->rules.step) <= 0)
		return fault_set(f, FAULT_USAGE, "%s: no tickSize or no stepSize", name);
	if (c->tiers.n < 1 || dec_sign(c->size) <= 0)
		return fault_set(f, FAULT_USAGE, "%s: no brackets or no contract size", name);
	if (c->first_id > (uint64_t)INT64_MAX - INT32_MAX)
		return fault_set(f, FAULT_USAGE, "%s: first order id is no positive int64", name);
	return 0;
}

static int
add_symbol(struct engine *e, const struct contract *c, struct fault *f)
{
	struct sym *s;

	if (check_contract(c, f) == -1)
		return -1;
	if (engine_symbol(e, c->rules.symbol) != -1)
		return fault_set(f, FAULT_USAGE, "%s: given twice", c->rules.symbol);
	if ((s = calloc(1, sizeof *s)) == NULL)
		return no_memory(f);
	s->index = e->nsym;
	s->c = *c;
	s->base_id = c->first_id == 0 ? 1 : c->first_id;
	s->asset = asset_number(e, c->market, c->rules.margin);
	s->follows = -1;
	if (c->market == USDM && strcmp(c->rules.contract, "PERPETUAL") == 0 &&
	    strcmp(c->rules.quote, "USDT") == 0)
		s->follows = engine_asset(e, USDM, c->rules.base);
	e->sym[e->nsym++] = s;
	eng_name(e, s);
	return 0;
}

/* The fund and the maker: accounts like others, but nobody's. */
static int
add_house(struct engine *e, struct acct *a, int number, struct fault *f)
{
	a->number = number;
	a->wallet = calloc((size_t)e->nasset, sizeof *a->wallet);
	a->hold = calloc((size_t)e->nsym + 1, sizeof *a->hold);
	return a->wallet == NULL || a->hold == NULL ? no_memory(f) : 0;
}

static int
fill(struct engine *e, const struct contract *v, int n, struct fault *f)
{
	int i;

	e->sym = calloc((size_t)n + 1, sizeof *e->sym);
	e->asset = calloc((size_t)(n + NCOLLATERAL), sizeof *e->asset);
	for (e->nslot = 16; e->nslot < 2 * n; e->nslot *= 2)
		;
	e->slot = calloc((size_t)e->nslot, sizeof *e->slot);
	if (e->sym == NULL || e->asset == NULL || e->slot == NULL)
		return no_memory(f);
	for (i = 0; i < NCOLLATERAL; i++)
		e->asset[e->nasset++].info = collateral[i];
	e->bnb = engine_asset(e, USDM, "BNB");
	for (i = 0; i < n; i++)
		if (add_symbol(e, &v[i], f) == -1)
			return -1;
	if (add_house(e, &e->maker, MAKER, f) == -1 || add_house(e, &e->fund, FUND, f) == -1)
		return -1;
	for (i = 0; i < e->nasset; i++)
		e->fund.wallet[i].balance = e->fund.wallet[i].paid_in = e->c.insurance;
	if (e->c.start_ms > 0)
		eng_start(e, e->c.start_ms);
	return 0;
}

struct engine *
engine_new(const struct engine_config *c, struct fault *f)
{
	struct engine *e = calloc(1, sizeof *e);
	struct specs built = { 0 };
	int got;

	if (e == NULL) {
		no_memory(f);
		return NULL;
	}
	e->c = *c;
	e->c.contracts = NULL;	/* not ours to keep */
	if (c->contracts == NULL && specs_builtin(&built, c->start_ms, f) == -1)
		got = -1;
	else if (c->contracts == NULL)
		got = fill(e, built.v, built.n, f);
	else
		got = fill(e, c->contracts, c->ncontracts, f);
	specs_free(&built);
	if (got == -1) {
		engine_free(e);
		return NULL;
	}
	return e;
}

static void
acct_free(struct acct *a)
{
	int i;

	for (i = 0; i < a->nholds; i++)
		free(a->holds[i]);
	for (i = 0; i < a->nalgo_all; i++)
		free(a->algos[i]);
	free(a->holds);
	free(a->hold);
	free(a->wallet);
	free(a->orders);
	free(a->trades);
	free(a->income);
	free(a->amends);
	free(a->moves);
	free(a->algos);
}

static void
sym_free(struct sym *s)
{
	for (uint64_t k = 0; k < s->norders; k++)
		free(s->orders[k]);
	free(s->orders);
	free(s->quotes);
	free(s->holds);
	book_free(s);
	free(s);
}

void
engine_free(struct engine *e)
{
	int i;

	if (e == NULL)
		return;
	for (i = 0; i < e->nsym; i++)
		sym_free(e->sym[i]);
	for (i = 0; i < e->nacct; i++) {
		acct_free(e->acct[i]);
		free(e->acct[i]);
	}
	acct_free(&e->maker);
	acct_free(&e->fund);
	free(e->sym);
	free(e->slot);
	free(e->asset);
	free(e->acct);
	free(e->due_accts);
	free(e->bucket);
	free(e->timer);
	free(e);
}
