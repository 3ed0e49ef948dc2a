/* Contracts and prices: rules from exchangeInfo, brackets from one answer for all, prices where no stream tells them. */
#include <string.h>

#include "io/clock.h"
#include "risk.h"

#define RULES_MS	3600000	/* contract rules and brackets are read anew */
#define RETRY_MS	5000	/* what could not be had is asked for again */
#define PRICE_MS	1000	/* a price that was asked for serves this long */

/* -1: it was not sent. */
static int
ask(struct feed *fd, enum ep ep, const char *query, bool *under_way, calls_done *done, struct fault *f)
{
	if (calls_take(fd->calls, ep, query, 0, true, f) == -1 || calls_send(fd->calls, ep, query, 0, 0, done, fd, f) == -1)
		return -1;
	*under_way = true;
	return 0;
}

/*
 * Brackets
 */

/* The tiers of all contracts of the market that lack them, or (anew) of all. */
static void
set_tiers(struct feed *fd, bool anew)
{
	struct contracts *cs = &fd->a->w.cs;
	struct scan sc = { 0 };
	struct fault ignore;
	struct tiers ts;

	if (fd->brackets.len > 0 && scan_doc(&sc, fd->brackets.p, fd->brackets.len) > 0)
		for (size_t i = 0; i < cs->cap; i++) {
			struct contract *c = cs->c[i];
			const struct tok *el;

			if (c == NULL || c->market != fd->m || (c->tiers.n > 0 && !anew))
				continue;
			if ((el = scan_find(sc.t, sc.t, "symbol", c->rules.symbol)) != NULL &&
			    tiers_parse(&ts, sc.t, el, &ignore) == 0)
				c->tiers = ts;
		}
	scan_free(&sc);
}

static void
no_brackets(struct feed *fd, const struct fault *f)
{
	fd->brackets_due_mono_ms = clock_mono_ms() + RETRY_MS;
	if (!fd->said_brackets)
		say(fd->a, "%s brackets: %s", market_title(fd->m), f->text);
	fd->said_brackets = true;
}

static void
brackets_came(void *arg, const struct fault *f, const struct tok *t, const struct tok *v)
{
	struct feed *fd = arg;

	(void)t;
	fd->asking_brackets = false;
	if (f != NULL) {
		no_brackets(fd, f);
		return;
	}
	buf_reset(&fd->brackets);
	buf_put(&fd->brackets, v->p, v->len);
	fd->said_brackets = false;
	fd->brackets_due_mono_ms = clock_mono_ms() + RETRY_MS;	/* a symbol that is not in them is asked for again */
	set_tiers(fd, true);
	fd->a->w.version++;
}

static void
ask_brackets(struct feed *fd)
{
	struct fault f = { 0 };

	if (!fd->asking_brackets && clock_mono_ms() >= fd->brackets_due_mono_ms && measure_stands(fd) &&
	    ask(fd, EP_LEVERAGE_BRACKET, "", &fd->asking_brackets, brackets_came, &f) == -1)
		no_brackets(fd, &f);
}

/*
 * Rules
 */

/* Rules of a symbol without asking anybody. */
static struct contract *
at_hand(struct feed *fd, const char *symbol)
{
	const struct xinfo *x = &fd->a->v.x[fd->m];
	struct fault ignore;
	struct rules r;

	if (!xinfo_there(x) || rules_find(&r, x->doc.t, x->doc.t, symbol, &ignore) == -1)
		return NULL;
	return contracts_set(&fd->a->w.cs, &r, fd->m);
}

/* They are there: those in use are set anew, and the brackets are read with them. */
static void
rules_there(struct feed *fd)
{
	struct contracts *cs = &fd->a->w.cs;

	fd->rules_due_mono_ms = clock_mono_ms() + RULES_MS;
	fd->said_rules = false;
	for (size_t i = 0; i < cs->cap; i++)
		if (cs->c[i] != NULL && cs->c[i]->market == fd->m)
			at_hand(fd, cs->c[i]->rules.symbol);
	learn_account(fd);
	ask_brackets(fd);
}

static void
no_rules(struct feed *fd, const struct fault *f)
{
	fd->rules_due_mono_ms = clock_mono_ms() + RETRY_MS;
	if (!fd->said_rules)
		say(fd->a, "%s contract rules: %s", market_title(fd->m), f->text);
	fd->said_rules = true;
}

static void
rules_came(void *arg, const struct fault *f, const struct tok *t, const struct tok *v)
{
	struct feed *fd = arg;
	struct fault bad = { 0 };

	(void)t;
	fd->asking_rules = false;
	if (f != NULL)
		no_rules(fd, f);
	else if (xinfo_set(&fd->a->v.x[fd->m], fd->s, v->p, v->len, &bad) == -1)
		no_rules(fd, &bad);
	else
		rules_there(fd);
}

static void
ask_rules(struct feed *fd)
{
	struct fault f = { 0 };

	if (!fd->asking_rules && ask(fd, EP_EXCHANGE_INFO, "", &fd->asking_rules, rules_came, &f) == -1)
		no_rules(fd, &f);
}

void
learn_due(struct feed *fd)
{
	if (fd->asking_rules || clock_mono_ms() < fd->rules_due_mono_ms)
		return;
	if (xinfo_cached(&fd->a->v.x[fd->m], fd->s))
		rules_there(fd);
	else
		ask_rules(fd);
}

void
fetch_rules(struct app *a, enum market m)
{
	ask_rules(&a->feed[m]);
	fetch_wait(&a->feed[m], &a->feed[m].asking_rules);
}

void
learn_account(struct feed *fd)
{
	struct account *acct = &fd->a->w.acct[fd->m];
	struct contracts *cs = &fd->a->w.cs;
	size_t before = cs->n;

	for (int i = 0; i < acct->npos; i++)
		if (dec_sign(acct->pos[i].amt) != 0 && contracts_find(cs, acct->pos[i].symbol) == NULL)
			at_hand(fd, acct->pos[i].symbol);
	for (int i = 0; i < acct->nord; i++)
		if (contracts_find(cs, acct->ord[i].symbol) == NULL)
			at_hand(fd, acct->ord[i].symbol);
	if (cs->n > before)
		set_tiers(fd, false);
	account_contracts(acct, cs);
}

void
fetch_learn(struct app *a)
{
	for (enum market m = 0; m < MARKETS; m++)
		if (a->feed[m].on)
			learn_account(&a->feed[m]);
}

/*
 * Prices
 */

static void
note_funding(struct app *a, const char *symbol, const struct tok *t, const struct tok *v)
{
	struct contract *c = contracts_find(&a->w.cs, symbol);
	int64_t at;
	dec rate;

	if (c != NULL && scan_get_dec(t, v, "lastFundingRate", &rate) && scan_get_i64(t, v, "nextFundingTime", &at) && at > 0) {
		c->funding_rate = rate;
		c->funding_ms = at;
	}
}

static void
take_price(struct app *a, const struct tok *t, const struct tok *v)
{
	char symbol[SYMBOL_MAX];
	dec mark, index = dec_int(0);
	int64_t at;

	scan_get_dec(t, v, "indexPrice", &index);
	if (!scan_get_str(t, v, "symbol", symbol, sizeof symbol))
		return;
	note_funding(a, symbol, t, v);
	if (scan_get_dec(t, v, "markPrice", &mark) && scan_get_i64(t, v, "time", &at))
		world_price(&a->w, symbol, strlen(symbol), mark, index, at, false);
}

static void
price_came(void *arg, const struct fault *f, const struct tok *t, const struct tok *v)
{
	struct feed *fd = arg;

	fd->asking_price = false;
	if (f != NULL)
		return;
	tick(fd->a);
	if (v->kind != SCAN_ARR)
		take_price(fd->a, t, v);
	else
		for (const struct tok *e = scan_first(v); e != NULL; e = scan_next(t, v, e))
			take_price(fd->a, t, e);
}

/* Many symbols in one go: the second question is for the prices of all. */
static void
ask_price(struct feed *fd, const char *symbol)
{
	struct fault ignore;
	struct buf q = { 0 };

	fetch_wait(fd, &fd->asking_price);
	if (fd->asking_price || clock_mono_ms() < fd->quiet_mono_ms)
		return;
	if (fd->a->prices_asked++ == 0) {
		buf_str(&q, "symbol=");
		query_escape(&q, symbol);
	}
	if (!q.bad)
		ask(fd, EP_PREMIUM_INDEX, q.p != NULL ? q.p : "", &fd->asking_price, price_came, &ignore);
	buf_free(&q);
	fetch_wait(fd, &fd->asking_price);
}

/* The rule about funding needs it, and no mark price brought it yet. */
static bool
lacks_funding(const struct app *a, const struct contract *c)
{
	return c->funding_ms == 0 && strstr(c->rules.contract, "PERPETUAL") != NULL &&
	    limit_of(&a->lim, R_FUNDING, c->rules.symbol)->on;
}

static bool
price_serves(const struct app *a, const struct contract *c)
{
	const struct sym *s = sym_find(&a->w, c->rules.symbol, strlen(c->rules.symbol));

	return s != NULL && !lacks_funding(a, c) && (s->piped || a->w.now.mono_ms - s->mono_ms <= PRICE_MS);
}

/*
 * A symbol that a decision is about
 */

/* Perhaps it is listed since, or the rules were not to be had. */
static struct contract *
look_up(struct feed *fd, const char *symbol)
{
	const struct xinfo *x = &fd->a->v.x[fd->m];
	struct contract *c = at_hand(fd, symbol);

	if (c != NULL || fd->a->w.down[fd->m] || (xinfo_there(x) && !x->from_cache))
		return c;
	if (clock_mono_ms() >= fd->quiet_mono_ms && !(fd->said_rules && clock_mono_ms() < fd->rules_due_mono_ms))
		ask_rules(fd);
	fetch_wait(fd, &fd->asking_rules);
	return at_hand(fd, symbol);
}

/* Why it is not known. The sentence with the names that are near it, where all of them are at hand. */
static void
unknown(struct app *a, const char *symbol, struct fault *f)
{
	enum market m = a->v.market;

	for (int i = 0; i < MARKETS; i++, m = market_other(m)) {
		const struct xinfo *x = &a->v.x[m];

		if ((i > 0 && a->v.only) || !venue_has(&a->v, m) || (xinfo_there(x) && !x->from_cache))
			continue;
		fault_set(f, FAULT_AGAIN, "%.40s: not known, and %s %s", symbol, market_title(m),
		    a->feed[m].on ? "could not be asked" : "is not guarded");
		return;
	}
	listing_contract(&a->w.cs, &a->v, symbol, false, f);
}

int
fetch_symbol(struct app *a, const char *symbol, struct fault *f)
{
	struct contract *c = contracts_find(&a->w.cs, symbol);
	enum market first = a->v.market, m;
	struct feed *fd;

	for (int i = 0; i < MARKETS && c == NULL; i++)
		if (a->feed[m = i == 0 ? first : market_other(first)].on && (c = at_hand(&a->feed[m], symbol)) != NULL)
			set_tiers(&a->feed[m], false);
	for (int i = 0; i < MARKETS && c == NULL; i++)
		if (a->feed[m = i == 0 ? first : market_other(first)].on && (c = look_up(&a->feed[m], symbol)) != NULL)
			set_tiers(&a->feed[m], false);
	tick(a);
	if (c == NULL) {
		unknown(a, symbol, f);
		return -1;
	}
	fd = &a->feed[c->market];
	if (!fd->on || a->w.down[fd->m])
		return 0;
	if (c->tiers.n == 0) {
		ask_brackets(fd);
		fetch_wait(fd, &fd->asking_brackets);
		set_tiers(fd, false);
	}
	if (!price_serves(a, c))
		ask_price(fd, symbol);
	tick(a);
	/* A market that was idle is read seldom: now it matters. */
	if (a->w.now.mono_ms - a->w.loaded_mono_ms[fd->m] > a->refresh_ms * 2 && !a->w.down[fd->m])
		fetch_now(a, fd->m);
	return 0;
}
