/* Symbols and their marks. */
#include <stdlib.h>

#include "world_in.h"

void
world_free(struct world *w)
{
	free(w->sym);
	free(w->rates.r);
	for (int m = 0; m < MARKETS; m++)
		account_free(&w->acct[m]);
	contracts_free(&w->cs);
	w->sym = NULL;
	w->nsym = w->csym = 0;
	w->rates = (struct asset_rates){ 0 };
}

/*
 * By symbol
 */

/* The slot where symbol is, or would be put. cap is a power of two, never full. */
static struct sym *
probe(struct sym *table, size_t cap, uint64_t seed, const char *symbol, size_t n)
{
	uint64_t h = fnv(FNV_BASIS ^ seed, symbol, n);
	size_t i = (size_t)(h ^ h >> 29) & (cap - 1);

	while (table[i].n != 0 && (table[i].n != n || memcmp(table[i].symbol, symbol, n) != 0))
		i = (i + 1) & (cap - 1);
	return &table[i];
}

struct sym *
sym_find(const struct world *w, const char *symbol, size_t n)
{
	struct sym *s;

	if (w->csym == 0 || n == 0)
		return NULL;
	s = probe(w->sym, w->csym, w->seed, symbol, n);
	return s->n == 0 ? NULL : s;
}

static int
grow(struct world *w)
{
	size_t cap = w->csym == 0 ? 64 : w->csym * 2;
	struct sym *big = calloc(cap, sizeof *big);

	if (big == NULL)
		return -1;
	for (size_t i = 0; i < w->csym; i++)
		if (w->sym[i].n != 0)
			*probe(big, cap, w->seed, w->sym[i].symbol, w->sym[i].n) = w->sym[i];
	free(w->sym);
	w->sym = big;
	w->csym = cap;
	return 0;
}

struct sym *
sym_slot(struct world *w, const char *symbol, size_t n)
{
	struct sym *s = sym_find(w, symbol, n);

	if (s != NULL)
		return s;
	if (n == 0 || n >= SYMBOL_MAX || memchr(symbol, '\0', n) != NULL || w->nsym >= SYMS_MAX)
		return NULL;
	if (w->nsym * 2 >= w->csym && grow(w) == -1)
		return NULL;
	s = probe(w->sym, w->csym, w->seed, symbol, n);
	memcpy(s->symbol, symbol, n);
	s->symbol[n] = '\0';
	s->n = n;
	s->named = named_inverse(s->symbol) ? MARKET_COINM : MARKET_USDM;
	vol_init(&s->vol, w->vol_window_ms);
	w->nsym++;
	return s;
}

bool
world_market(const struct world *w, const char *symbol, enum market *m)
{
	const struct contract *c = contracts_find(&w->cs, symbol);

	*m = c != NULL ? c->market : named_inverse(symbol) ? MARKET_COINM : MARKET_USDM;
	return symbol[0] != '\0';
}

/*
 * Marks
 */

/* ref becomes what was noted a window ago, and what is noted now becomes the next. So a jump is to
 * be seen for a window at least, and the mark before it is never forgotten at once. */
static void
roll_ref(struct sym *s, int64_t window_ms)
{
	if (dec_sign(s->ref) == 0) {
		s->ref = s->mark;
		s->ref_ms = s->mark_ms;
	} else if (s->mark_ms - s->ref_next_ms >= window_ms) {
		s->ref = s->ref_next;
		s->ref_ms = s->ref_next_ms;
	} else {
		return;
	}
	s->ref_next = s->mark;
	s->ref_next_ms = s->mark_ms;
}

/* One from the future would never grow old, and keep out those that follow. */
static bool
believed(const struct world *w, dec mark, int64_t at_ms)
{
	return dec_sign(mark) > 0 && at_ms > 0 && at_ms <= w->now.ms + w->max_future_ms;
}

/* The symbol's entry, if this is news for the account. *noted: for the entry too. */
static struct sym *
note(struct world *w, const char *symbol, size_t n, dec mark, int64_t at_ms, bool piped, bool *noted)
{
	struct sym *s = believed(w, mark, at_ms) ? sym_slot(w, symbol, n) : NULL;

	if (s == NULL || at_ms < s->mark_ms)
		return NULL;
	*noted = !s->piped || piped;
	if (!*noted)
		return s;
	s->mark = mark;
	s->mark_ms = at_ms;
	s->mono_ms = w->now.mono_ms;
	s->piped = s->piped || piped;
	roll_ref(s, w->ref_window_ms);
	vol_add(&s->vol, mark, at_ms);
	return s;
}

/* A mark that is old already says that its stream is: it must not move what is judged by. */
static bool
fresh(const struct world *w, int64_t at_ms)
{
	return w->now.ms - at_ms <= w->max_future_ms;
}

/* A contract keeps its address, and there are only ever more of them. */
static struct contract *
contract_of(const struct world *w, struct sym *s)
{
	if (s->c == NULL && s->others != w->cs.n) {
		s->c = contracts_find_n(&w->cs, s->symbol, s->n);
		s->others = w->cs.n;
	}
	return s->c;
}

static bool
mark_account(struct world *w, struct sym *s, dec mark, int64_t at_ms)
{
	const struct contract *c = contract_of(w, s);
	enum market m = c != NULL ? c->market : s->named;
	bool held = fresh(w, at_ms) && account_mark(&w->acct[m], s->symbol, s->n, mark, at_ms);

	w->version += held;
	return held;
}

bool
world_price(struct world *w, const char *symbol, size_t n, dec mark, dec index, int64_t at_ms, bool piped)
{
	bool noted;
	struct sym *s = note(w, symbol, n, mark, at_ms, piped, &noted);

	if (s != NULL && noted && dec_sign(index) > 0)
		s->index = index;
	return s != NULL && mark_account(w, s, mark, at_ms);
}

/* The members of a mark price that matter, in one walk: nearly all lines are such. */
struct mark_rec { const struct tok *s, *p, *i, *r, *E, *T; };

static void
mark_members(struct mark_rec *m, const struct tok *t, const struct tok *rec)
{
	const struct tok *k = rec + 1, **to;

	for (uint32_t left = rec->n; left > 0; left--, k = t + k[1].next) {
		if (k->len != 1 || k->esc)
			continue;
		switch (*k->p) {
		case 's': to = &m->s; break;
		case 'p': to = &m->p; break;
		case 'i': to = &m->i; break;
		case 'r': to = &m->r; break;
		case 'E': to = &m->E; break;
		case 'T': to = &m->T; break;
		default: continue;
		}
		if (*to == NULL)
			*to = k + 1;
	}
}

/* Of a delivery contract the rate is "" and the time 0. */
static void
note_funding(struct contract *c, const struct mark_rec *m)
{
	int64_t at;
	dec rate;

	if (scan_dec(m->r, &rate) && scan_i64(m->T, &at) && at > 0) {
		c->funding_rate = rate;
		c->funding_ms = at;
	}
}

bool
world_mark(struct world *w, const struct tok *t, const struct tok *rec)
{
	struct mark_rec m = { 0 };
	char text[SYMBOL_MAX];
	const char *symbol;
	struct contract *c;
	struct sym *s;
	int64_t at;
	bool noted;
	size_t n;
	dec mark;

	w->mark_at_ms = 0;
	if (rec->kind != SCAN_OBJ)
		return false;
	mark_members(&m, t, rec);
	if (!scan_i64(m.E, &at))
		return false;
	w->mark_at_ms = at;
	if (m.s == NULL || m.s->kind != SCAN_STR || !scan_dec(m.p, &mark) || (m.s->esc && !scan_str(m.s, text, sizeof text)))
		return false;
	symbol = m.s->esc ? text : m.s->p;
	n = m.s->esc ? strlen(text) : m.s->len;
	if ((s = note(w, symbol, n, mark, at, true, &noted)) == NULL)
		return false;
	if (w->ref_window_ms > 0 && scan_dec(m.i, &mark) && dec_sign(mark) > 0)	/* who holds marks against it */
		s->index = mark;
	if ((c = contract_of(w, s)) != NULL)
		note_funding(c, &m);
	return mark_account(w, s, s->mark, at);
}
