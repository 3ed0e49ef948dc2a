/* The rules of the symbols at hand, so that not every order looks through the whole list. */
#include <string.h>

#include "app.h"

#define AGE_MS		600000	/* then the list is looked at again */
#define INFO_AGE_MS	3600000	/* and the exchange is asked for a new one */

static void
put(struct app *a, const struct job *j)
{
	struct known *k = &a->known[a->next_known++ % KNOWN_MAX];

	memcpy(k->symbol, j->in.symbol, sizeof k->symbol);
	k->market = j->market;
	k->rules = j->rules;
	k->at_ms = clock_mono_ms();
}

void
rules_forget(struct app *a)
{
	memset(a->known, 0, sizeof a->known);
}

/* A list of a run that lasts must not grow old. */
static void
renew(struct app *a, enum market m)
{
	int64_t now = clock_mono_ms();
	struct fault f;

	if (a->info_ms[m] == 0)
		a->info_ms[m] = now;
	if (now - a->info_ms[m] < INFO_AGE_MS)
		return;
	a->info_ms[m] = now;
	if (xinfo_get(&a->v.x[m], &a->v.s[m], true, &f) == -1)
		say(a, "exchangeInfo: %s", f.text);
}

int
rules_known(struct app *a, struct job *j, struct fault *f)
{
	int64_t now = clock_mono_ms();

	for (int i = 0; i < KNOWN_MAX; i++) {
		const struct known *k = &a->known[i];

		if (k->at_ms == 0 || now - k->at_ms > AGE_MS || strcmp(k->symbol, j->in.symbol) != 0)
			continue;
		j->market = k->market;
		j->rules = k->rules;
		return 0;
	}
	for (int m = 0; m < MARKETS; m++)	/* before looking, so that it is the new one that is looked at */
		if (xinfo_there(&a->v.x[m]))
			renew(a, (enum market)m);
	if (venue_find(&a->v, j->in.symbol, &j->market, &j->rules, f) == -1)
		return -1;
	put(a, j);
	return 0;
}

/* Names of COIN-M have USD and the delivery (BTCUSD_PERP, BTCUSD_260925); those of USDⓈ-M have
 * the whole quote coin there. */
static enum market
market_by_name(const char *symbol)
{
	return strstr(symbol, "USD_") != NULL ? MARKET_COINM : MARKET_USDM;
}

bool
rules_for_exit(struct app *a, struct job *j)
{
	enum market other = market_other(a->v.market);

	j->market = a->v.market;
	if (a->v.only || !venue_has(&a->v, other))
		return false;
	if (venue_lists(&a->v, other, j->in.symbol, &j->rules)) {
		j->market = other;
		put(a, j);	/* so that the next one does not wait for the other answer */
		return true;
	}
	j->market = market_by_name(j->in.symbol);
	return false;
}
