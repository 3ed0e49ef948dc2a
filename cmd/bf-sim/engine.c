/* Life of the engine, and the price feed with its market maker. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "specs.h"
#include "state.h"

#define MAKER		(-2)	/* account numbers of the house */
#define FUND		(-3)
#define LEVELS_MAX	200

/*
 * For all files
 */

void
eng_emit(struct engine *e, const struct engine_event *ev)
{
	struct engine_event copy = *ev;

	if (e->c.sink == NULL)
		return;
	copy.ms = e->now;
	e->c.sink(e->c.arg, &copy);
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
eng_sym(struct engine *e, int sym)
{
	return sym < 0 || sym >= e->nsym ? NULL : &e->sym[sym];
}

const struct sym *
eng_sym_at(const struct engine *e, int sym)
{
	return sym < 0 || sym >= e->nsym ? NULL : &e->sym[sym];
}

void
eng_finish(struct engine *e)
{
	struct pos *p;
	int i, k;

	for (i = 0; i < e->nacct; i++)
		for (k = 0; k < e->nsym; k++) {
			p = &e->acct[i]->pos[k];
			if (p->touched)
				order_sweep(e, &e->sym[k], e->acct[i]);
			p->touched = false;
		}
	for (k = 0; k < e->nsym; k++)
		book_publish(e, &e->sym[k]);
}

/*
 * Life
 */

struct engine_config
engine_config_default(void)
{
	return (struct engine_config){
		.maker_fee = { 2, 4 }, .taker_fee = { 5, 4 }, .insurance = { 1000000, 0 }
	};
}

static int
add_symbol(struct engine *e, const char *name, struct fault *f)
{
	struct sym *s = &e->sym[e->nsym];
	struct spec spec;

	if (e->nsym == ENGINE_SYMBOLS)
		return fault_set(f, FAULT_USAGE, "more than %d symbols", ENGINE_SYMBOLS);
	if (!spec_read(&spec, name))
		return fault_set(f, FAULT_USAGE, "%s: no such contract is built in", name);
	if (engine_symbol(e, name) != -1)
		return fault_set(f, FAULT_USAGE, "%s: given twice", name);
	s->index = e->nsym++;
	s->rules = spec.rules;
	s->tiers = spec.tiers;
	s->first_id = spec.first_id;
	s->maker = spec.maker;
	return 0;
}

struct engine *
engine_new(const struct engine_config *c, struct fault *f)
{
	const char *const *name = c->symbols == NULL ? spec_names() : c->symbols;
	struct engine *e = calloc(1, sizeof *e);

	if (e == NULL) {
		fault_set(f, FAULT_LOCAL, "out of memory");
		return NULL;
	}
	e->c = *c;
	e->c.symbols = NULL;	/* not ours to keep */
	e->maker.number = MAKER;
	e->fund.number = FUND;
	e->fund.wallet = e->fund.paid_in = c->insurance;
	for (; *name != NULL; name++)
		if (add_symbol(e, *name, f) == -1) {
			engine_free(e);
			return NULL;
		}
	return e;
}

static void
acct_free(struct acct *a)
{
	free(a->orders);
	free(a->trades);
}

void
engine_free(struct engine *e)
{
	int i, k;

	if (e == NULL)
		return;
	for (k = 0; k < e->nsym; k++) {
		for (i = 0; i < e->sym[k].norders; i++)
			free(e->sym[k].orders[i]);
		free(e->sym[k].orders);
		free(e->sym[k].quotes);
		book_free(&e->sym[k]);
	}
	for (i = 0; i < e->nacct; i++) {
		acct_free(e->acct[i]);
		free(e->acct[i]);
	}
	free(e->acct);
	free(e->bucket);
	free(e);
}

/*
 * The market maker
 */

int
engine_set_maker(struct engine *e, int sym, const struct engine_maker *m, struct fault *f)
{
	struct sym *s = eng_sym(e, sym);

	if (s == NULL)
		return eng_misuse(f, "no such symbol");
	if (m->levels < 0 || m->levels > LEVELS_MAX || m->gap < 1 || m->gap > 1000000)
		return eng_misuse(f, "market maker: levels 0..200, gap 1..1000000 ticks");
	if (dec_sign(m->spread) < 0 || dec_cmp(m->spread, dec_int(1)) >= 0)
		return eng_misuse(f, "market maker: spread must be a fraction below 1");
	if (m->levels > 0 && (dec_sign(m->qty) <= 0 || !dec_is_multiple(m->qty, s->rules.step) ||
	    dec_cmp(m->qty, s->rules.max_qty) > 0))
		return eng_misuse(f, "market maker: quantity must be a multiple of stepSize");
	s->maker = *m;
	return 0;
}

static void
pull_quotes(struct engine *e, struct sym *s)
{
	int i;

	for (i = 0; i < s->nquotes; i++)
		book_remove(e, s, &s->quotes[i]);
}

/* Room for the quotes: none of the old ones is in the book any more. */
static bool
make_quotes(struct engine *e, struct sym *s)
{
	int n = 2 * s->maker.levels;

	if (n == s->nquotes)
		return true;
	free(s->quotes);
	s->nquotes = 0;
	s->quotes = n == 0 ? NULL : calloc((size_t)n, sizeof *s->quotes);
	if (n > 0 && s->quotes == NULL) {
		e->bad = true;
		return false;
	}
	s->nquotes = n;
	return true;
}

/* One quote: it takes what user orders it runs through, and waits with the rest. */
static void
put_quote(struct engine *e, struct sym *s, struct ord *o, enum order_side side, dec price)
{
	memset(o, 0, sizeof *o);
	o->a = &e->maker;
	o->o.acct = MAKER;
	o->o.sym = s->index;
	o->o.side = side;
	o->o.price = price;
	o->o.qty = num_scale(&e->bad, s->maker.qty, s->rules.step.scale);
	o->o.filled = (dec){ 0, o->o.qty.scale };
	order_match(e, s, o, price);
	if (dec_sign(order_rest(o)) > 0 && !e->bad)
		book_add(e, s, o);
}

static void
put_side(struct engine *e, struct sym *s, enum order_side side, dec best)
{
	dec gap = num_mul(&e->bad, s->rules.tick, dec_int(s->maker.gap)), price = best;
	struct ord *o = side == SIDE_BUY ? s->quotes : s->quotes + s->maker.levels;
	int i;

	for (i = 0; i < s->maker.levels && !e->bad; i++) {
		if (dec_cmp(price, s->rules.min_price) < 0 ||
		    dec_cmp(price, s->rules.max_price) > 0)
			break;
		put_quote(e, s, &o[i], side, price);
		price = side == SIDE_BUY ? num_sub(&e->bad, price, gap) :
		    num_add(&e->bad, price, gap);
	}
}

static void
requote(struct engine *e, struct sym *s)
{
	dec half, bid, ask;

	pull_quotes(e, s);
	if (!make_quotes(e, s) || s->nquotes == 0)
		return;
	half = num_mul(&e->bad, num_mul(&e->bad, s->mark, s->maker.spread), (dec){ 5, 1 });
	bid = num_floor(&e->bad, num_sub(&e->bad, s->mark, half), s->rules.tick);
	ask = num_ceil(&e->bad, num_add(&e->bad, s->mark, half), s->rules.tick);
	if (dec_cmp(ask, bid) <= 0)
		ask = num_add(&e->bad, bid, s->rules.tick);
	put_side(e, s, SIDE_BUY, bid);
	put_side(e, s, SIDE_SELL, ask);
}

/* In the order of section 19: mark, positions, wallets, liquidation. */
int
engine_mark(struct engine *e, int sym, dec price, int64_t now_ms, struct fault *f)
{
	struct engine_event ev = { .kind = EV_MARK, .acct = -1, .sym = sym };
	struct sym *s = eng_sym(e, sym);
	dec mark;

	if (s == NULL)
		return eng_misuse(f, "no such symbol");
	if (eng_sound(e, f) == -1)
		return -1;
	if (!dec_rescale(&mark, price, MONEY, DEC_DOWN) ||
	    dec_cmp(mark, s->rules.min_price) < 0 || dec_cmp(mark, s->rules.max_price) > 0)
		return eng_misuse(f, "a fed price is outside the symbol's price filter");
	e->now = now_ms;
	if (dec_sign(s->mark) == 0)
		s->last = num_floor(&e->bad, mark, s->rules.tick);
	s->mark = mark;
	ev.u.mark.mark = mark;
	eng_emit(e, &ev);
	requote(e, s);
	eng_finish(e);
	liq_check(e);
	eng_finish(e);
	return eng_sound(e, f);
}

int
engine_tick(struct engine *e, int64_t now_ms, struct fault *f)
{
	if (eng_sound(e, f) == -1)
		return -1;
	e->now = now_ms;
	liq_check(e);
	eng_finish(e);
	return eng_sound(e, f);
}

int
engine_set_first_id(struct engine *e, int sym, uint64_t id, struct fault *f)
{
	struct sym *s = eng_sym(e, sym);

	if (s == NULL)
		return eng_misuse(f, "no such symbol");
	if (s->norders > 0 || id == 0 || id > INT64_MAX - INT32_MAX)
		return eng_misuse(f, "first order id: not after an order, and a positive int64");
	s->first_id = id;
	return 0;
}
