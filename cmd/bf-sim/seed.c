#include <stdio.h>
#include <string.h>

#include "number.h"
#include "seed.h"

static const struct { const char *symbol, *price; } defaults[] = {
	{ "BTCUSDT", "60000" }, { "ETHUSDT", "3000" }, { "SOLUSDT", "150" }, { "DOGEUSDT", "0.2" },
};

/* What is known of the marks before the first is set; 0: nothing. */
struct marks { struct sim *s; dec v[ENGINE_SYMBOLS]; int first; };

/* "SYMBOL=VALUE" or "SYMBOL:VALUE": the symbol's number, or -1 and f. */
static int
read_pair(const struct sim *s, const char *name, const char *arg, char sep, const char **value,
    struct fault *f)
{
	const char *at = strchr(arg, sep);
	char symbol[SYMBOL_MAX];
	int sym;

	if (at == NULL || at == arg || (size_t)(at - arg) >= sizeof symbol)
		return fault_set(f, FAULT_USAGE, "--%s %s: not SYMBOL%cVALUE", name, arg, sep);
	snprintf(symbol, sizeof symbol, "%.*s", (int)(at - arg), arg);
	if ((sym = engine_symbol(s->engine, symbol)) == -1)
		return fault_set(f, FAULT_USAGE, "--%s %s: there is no %s here; "
		    "BTCUSDT, ETHUSDT, SOLUSDT and DOGEUSDT are built in", name, arg, symbol);
	*value = at + 1;
	return sym;
}

/* The engine's no to what an option asks. */
static int
refused(const char *name, const char *arg, const struct fault *why, struct fault *f)
{
	return fault_set(f, why->kind == FAULT_LOCAL ? FAULT_LOCAL : FAULT_USAGE, "--%s %s: %s", name,
	    arg, why->text);
}

/*
 * Marks
 */

static void
note_record(void *ctx, const struct feed_record *r)
{
	struct marks *m = ctx;
	int sym = engine_symbol(m->s->engine, r->symbol);

	if (sym == -1)
		return;
	m->v[sym] = r->price;
	if (m->first == -1)
		m->first = sym;
}

static int
note_options(struct marks *m, const struct option_list *l, struct fault *f)
{
	const char *v;
	dec price;
	int sym;

	for (int i = 0; i < l->n; i++) {
		if ((sym = read_pair(m->s, "mark", l->v[i], '=', &v, f)) == -1)
			return -1;
		if (!dec_parse(&price, v) || dec_sign(price) <= 0)
			return fault_set(f, FAULT_USAGE, "--mark %s: not a price", l->v[i]);
		m->v[sym] = price;
	}
	return 0;
}

static void
note_defaults(struct marks *m)
{
	for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++) {
		int sym = engine_symbol(m->s->engine, defaults[i].symbol);

		if (sym != -1)
			(void)dec_parse(&m->v[sym], defaults[i].price);
	}
}

/* Of default, --mark and feed the last counts. A file's first record is applied
 * by the feed itself, when it starts. */
static int
set_marks(struct sim *s, const struct options *o, struct fault *f)
{
	struct marks m = { .s = s, .first = -1 };
	struct fault why;

	note_defaults(&m);
	if (note_options(&m, &o->mark, f) == -1)
		return -1;
	if (s->feed != NULL)
		feed_peek(s->feed, note_record, &m);
	for (int i = 0; i < engine_symbols(s->engine); i++) {
		if (i == m.first || dec_sign(m.v[i]) == 0)
			continue;
		if (engine_mark(s->engine, i, m.v[i], sim_now(s), &why) == -1)
			return refused("mark", engine_rules(s->engine, i)->symbol, &why, f);
	}
	if (s->feed != NULL)
		feed_start(s->feed, serve_now());
	sim_settle(s);
	return 0;
}

/*
 * Settings
 */

static int
set_margin_types(struct sim *s, const struct option_list *l, struct fault *f)
{
	struct fault why;
	const char *v;
	int sym;

	for (int i = 0; i < l->n; i++) {
		if ((sym = read_pair(s, "margin-type", l->v[i], '=', &v, f)) == -1)
			return -1;
		if (strcasecmp(v, "isolated") != 0 && strcasecmp(v, "crossed") != 0)
			return fault_set(f, FAULT_USAGE, "--margin-type %s: isolated or crossed",
			    l->v[i]);
		if (strcasecmp(v, "isolated") == 0 &&
		    engine_set_isolated(s->engine, s->acct, sym, true, sim_now(s), &why) == -1)
			return refused("margin-type", l->v[i], &why, f);
	}
	return 0;
}

/* said: which symbols were given one. */
static int
set_leverages(struct sim *s, const struct option_list *l, bool said[static ENGINE_SYMBOLS],
    struct fault *f)
{
	struct fault why;
	const char *v;
	int64_t n;
	int sym;

	for (int i = 0; i < l->n; i++) {
		if ((sym = read_pair(s, "leverage", l->v[i], '=', &v, f)) == -1)
			return -1;
		if (!number_i64(&n, v) || n < 1 || n > 125)
			return fault_set(f, FAULT_USAGE, "--leverage %s: not from 1 to 125", l->v[i]);
		if (engine_set_leverage(s->engine, s->acct, sym, (int)n, sim_now(s), NULL, &why) == -1)
			return refused("leverage", l->v[i], &why, f);
		said[sym] = true;
	}
	return 0;
}

/*
 * Positions
 */

/* "20x" or "0.5[@60000]". */
static bool
read_position(const char *v, dec mark, bool *by_leverage, dec *amt, dec *entry)
{
	const char *at = strchr(v, '@');
	size_t n = at == NULL ? strlen(v) : (size_t)(at - v);

	*entry = mark;
	*by_leverage = at == NULL && n > 1 && v[n - 1] == 'x';
	if (*by_leverage)
		n--;
	if (!dec_parse_n(amt, v, n) || dec_sign(*amt) == 0)
		return false;
	return at == NULL || (dec_parse(entry, at + 1) && dec_sign(*entry) > 0);
}

/*
 * So that what is asked for can be held, and margin is left to trade with: where
 * the leverage of a new account would bind more than half of the wallet, it is
 * raised to the greatest that the position's bracket allows.
 */
static int
fit_leverage(struct sim *s, int sym, dec amt, bool by_leverage, struct fault *f)
{
	const struct tiers *ts = engine_tiers(s->engine, sym);
	struct engine_position p = { 0 };
	struct engine_balance bal = { 0 };
	dec n, half;

	if (!engine_balance(s->engine, s->acct, &bal) ||
	    !engine_position(s->engine, s->acct, sym, &p) ||
	    !dec_mul(&n, dec_abs(amt), by_leverage ? bal.wallet : p.mark) ||
	    !dec_mul(&half, bal.wallet, (dec){ p.leverage * 5, 1 }))
		return fault_set(f, FAULT_USAGE, "out of room");
	if (ts->n == 0 || (dec_cmp(n, half) <= 0 && dec_cmp(n, p.max_notional) <= 0))
		return 0;
	return engine_set_leverage(s->engine, s->acct, sym, tiers_of(ts, n)->max_leverage, sim_now(s),
	    NULL, f);
}

static int
set_positions(struct sim *s, const struct option_list *l, const bool said[static ENGINE_SYMBOLS],
    struct fault *f)
{
	struct fault why;
	bool by_leverage;
	const char *v;
	dec amt, entry;
	int sym, r;

	for (int i = 0; i < l->n; i++) {
		if ((sym = read_pair(s, "position", l->v[i], ':', &v, f)) == -1)
			return -1;
		if (!read_position(v, engine_mark_price(s->engine, sym), &by_leverage, &amt, &entry))
			return fault_set(f, FAULT_USAGE, "--position %s: AMT, AMT@ENTRY or 20x",
			    l->v[i]);
		r = said[sym] ? 0 : fit_leverage(s, sym, amt, by_leverage, &why);
		if (r == 0)
			r = by_leverage ?
			    engine_seed_leverage(s->engine, s->acct, sym, amt, sim_now(s), &why) :
			    engine_seed_position(s->engine, s->acct, sym, amt, entry, sim_now(s), &why);
		if (r == -1)
			return refused("position", l->v[i], &why, f);
	}
	return 0;
}

int
seed_exchange(struct sim *s, const struct options *o, struct fault *f)
{
	bool said[ENGINE_SYMBOLS] = { false };

	if ((s->acct = engine_account_new(s->engine, o->account, f)) == -1)
		return -1;
	if (set_marks(s, o, f) == -1 || set_margin_types(s, &o->margin_type, f) == -1 ||
	    set_leverages(s, &o->leverage, said, f) == -1 ||
	    set_positions(s, &o->position, said, f) == -1)
		return -1;
	sim_settle(s);
	return 0;
}
