/* The wallets of a look: their figures, in single-asset and in multi-assets mode, and what cannot be told. */
#include <stdio.h>
#include <string.h>

#include "watch_in.h"

struct purse *
watch_known_purse(struct watch *wt, enum market m, const char *asset, bool multi)
{
	for (int i = 0; i < wt->npurse; i++)
		if (wt->purse[i].m == m && wt->purse[i].multi == multi && strcmp(wt->purse[i].asset, asset) == 0)
			return &wt->purse[i];
	return NULL;
}

struct purse *
watch_purse(struct watch *wt, enum market m, const char *asset, bool multi)
{
	struct purse *p = watch_known_purse(wt, m, multi ? "USD" : asset, multi), *list;

	if (p != NULL)
		return p;
	if ((list = watch_grow(wt, wt->purse, &wt->cpurse, wt->npurse + 1, sizeof *list)) == NULL)
		return NULL;
	wt->purse = list;
	p = &wt->purse[wt->npurse++];
	*p = (struct purse){ .m = m, .multi = multi };
	snprintf(p->asset, sizeof p->asset, "%s", multi ? "USD" : asset);
	return p;
}

struct purse *
watch_purse_of(struct watch *wt, const struct world *w, enum market m, const struct position *p)
{
	bool multi = m == MARKET_USDM && w->acct[m].multi_assets;

	return watch_known_purse(wt, m, multi ? "USD" : p->margin_asset, multi);
}

static bool
guarded(const struct watch *wt, const char *asset)
{
	return wt->l->asset[0] == '\0' || strcmp(wt->l->asset, asset) == 0;
}

static bool
holds(const struct account *a, const char *asset)
{
	for (int i = 0; i < a->npos; i++)
		if (a->pos[i].margin_asset[0] == *asset && dec_sign(a->pos[i].amt) != 0 &&
		    strcmp(a->pos[i].margin_asset, asset) == 0)
			return true;
	return false;
}

/* A position that an event opened has no mark yet: it counts at entry, with its profit as told. */
static bool
sums_without_marks(struct purse *p, const struct account *a)
{
	struct account_sum s;

	if (!account_sum(a, p->asset, &s))
		return false;
	p->notional = s.notional;
	p->equity = s.equity;
	p->upnl = s.upnl;
	return true;
}

/* Of the ratio: maintenance with nothing to pay it from has none, but is the worst. */
static void
take_ratio(struct purse *p, const struct wallet_figures *f)
{
	dec base;

	p->has_ratio = f->has_ratio;
	p->ratio = f->ratio;
	p->ruined = !f->has_ratio && f->has_maint && dec_sign(f->cross_maint) > 0 && f->has_sums &&
	    dec_add(&base, f->w->cross, f->cross_upnl) && dec_sign(base) <= 0;
}

/*
 * A balance that is not what was counted: a transfer that is not told of yet would look like a loss. Rows that tell of
 * it are asked for, at once where there is no stream, else after a moment; until then the day is not judged. What is
 * still not told then counts as profit or loss, and is judged at least once before the next such hold.
 */
static void
hold_back(struct look *k, struct purse *p, const struct wallet *w, int n)
{
	int64_t mono_ms = k->w->now.mono_ms;
	bool told = true;

	for (int i = 0; i < n; i++) {
		const struct till *t = day_till(k, p->m, &w[i]);

		if (t == NULL)
			return;
		told = told && dec_cmp(t->booked, w[i].balance) == 0;
	}
	if (told)
		p->hold_ms = 0;
	if (!told && p->anchored && p->hold_ms == 0) {
		p->hold_ms = mono_ms + HOLD_MS;
		if ((p->asked = !k->w->health.stream_up))
			day_owe(k->wt, p->m);
	} else if (p->hold_ms > 0 && mono_ms >= p->hold_ms && !p->asked) {	/* the stream did not tell */
		p->hold_ms = mono_ms + HOLD_MS;
		p->asked = true;
		day_owe(k->wt, p->m);
	}
	if (mono_ms < p->hold_ms)
		watch_wake(k, p->hold_ms);
	if (p->hold_ms > 0 && mono_ms >= p->hold_ms)
		for (int i = 0; i < n; i++)
			day_till(k, p->m, &w[i])->booked = w[i].balance;
}

static void
look_wallet(struct look *k, enum market m, const struct wallet *w)
{
	const struct account *a = &k->w->acct[m];
	bool held = holds(a, w->asset);
	struct wallet_figures f;
	struct purse *p;

	if (!guarded(k->wt, w->asset) || (!held && dec_sign(w->balance) == 0 &&
	    watch_known_purse(k->wt, m, w->asset, false) == NULL) || (p = watch_purse(k->wt, m, w->asset, false)) == NULL)
		return;
	p->seen = true;
	p->held = held;
	p->known = true;
	p->has_ratio = p->ruined = false;
	p->notional = p->upnl = dec_int(0);
	p->equity = w->balance;
	if (held) {
		p->known = figures_sums_again(&f, a, &k->w->cs, w, &k->wt->kept[m]) && f.has_sums;
		if (p->known) {
			p->notional = f.notional;
			p->equity = f.equity;
			p->upnl = f.upnl;
			take_ratio(p, &f);
		} else {
			p->known = sums_without_marks(p, a);
		}
	}
	hold_back(k, p, w, 1);
}

const struct asset_rate *
watch_rate(const struct asset_rates *rates, const char *asset)
{
	for (int i = 0; i < rates->n; i++)
		if (strcmp(rates->r[i].asset, asset) == 0)
			return &rates->r[i];
	return NULL;
}

bool
watch_united(struct purse *p, const struct account *a, const struct contracts *cs, const struct asset_rates *rates)
{
	struct multi_sum s = { 0 };
	dec n, notional = dec_int(0), upnl = dec_int(0);
	bool maint = true, held = false;

	for (int i = 0; i < a->nwal; i++) {
		const struct asset_rate *r = watch_rate(rates, a->wal[i].asset);
		bool holding = holds(a, a->wal[i].asset);
		struct wallet_figures f = { 0 };
		struct multi_asset one = { .equity = a->wal[i].balance };

		if (!holding && dec_sign(a->wal[i].balance) == 0)
			continue;
		if (r == NULL || (holding && (!figures_sums(&f, a, cs, &a->wal[i]) || !f.has_sums)))
			return false;
		if (holding) {
			one.equity = f.equity;
			one.maint = f.maint;
			maint = maint && f.has_maint;
			held = true;
		}
		one.index = r->index;
		one.bid_buffer = r->bid_buffer;
		one.ask_buffer = r->ask_buffer;
		if (!multi_add(&s, &one) || !dec_mul(&n, f.notional, r->index) || !dec_add(&notional, notional, n) ||
		    !dec_mul(&n, f.upnl, r->index) || !dec_add(&upnl, upnl, n))
			return false;
	}
	p->held = held;
	p->notional = notional;
	p->equity = s.equity;
	p->upnl = upnl;
	p->has_ratio = maint && margin_ratio(&p->ratio, s.maint, s.equity);
	p->ruined = maint && dec_sign(s.maint) > 0 && dec_sign(s.equity) <= 0;
	return true;
}

static void
look_united(struct look *k, enum market m)
{
	struct purse *p = watch_purse(k->wt, m, "USD", true);
	const struct account *a = &k->w->acct[m];

	if (p == NULL)
		return;
	p->seen = true;
	p->known = watch_united(p, &k->w->acct[m], &k->w->cs, &k->w->rates);
	p->held = p->known ? p->held : k->w->acct[m].npos > 0;
	hold_back(k, p, a->wal, a->nwal);
}

/* A position whose wallet or asset is not known: its market is not guarded wholly. */
static bool
homeless(struct look *k, enum market m)
{
	const struct account *a = &k->w->acct[m];
	const char *good = "";	/* mostly all are of one asset */

	for (int i = 0; i < a->npos; i++) {
		const struct position *p = &a->pos[i];
		const struct purse *u;

		if (dec_sign(p->amt) == 0 || (*good != '\0' && strcmp(p->margin_asset, good) == 0) ||
		    (p->margin_asset[0] != '\0' && !guarded(k->wt, p->margin_asset)))
			continue;
		u = watch_purse_of(k->wt, k->w, m, p);
		if (u == NULL || !u->seen || !u->known)
			return true;
		good = p->margin_asset;
	}
	return false;
}

static void
say_blind(struct look *k, bool blind)
{
	struct watch *wt = k->wt;

	if (blind && !wt->said_blind)
		watch_say(k->out, "no leverage can be told of this account (no %s wallet, or a position of unknown asset or "
		    "price): nothing is guarded, no new risk", wt->l->asset[0] != '\0' ? wt->l->asset : "such");
	if (!blind && wt->said_blind)
		watch_say(k->out, "the leverage of this account can be told again");
	wt->said_blind = blind;
}

bool
watch_readable(const struct world *w, enum market m)
{
	return w->served[m] && w->acct[m].known;
}

/* The wallet asked for is in none of the markets looked at. */
static bool
wallet_missing(const struct look *k)
{
	const char *asset = k->wt->l->asset;
	bool any = false, found = asset[0] == '\0';

	for (int m = 0; m < MARKETS; m++) {
		any = any || watch_readable(k->w, (enum market)m);
		for (int i = 0; watch_readable(k->w, (enum market)m) && i < k->w->acct[m].nwal; i++)
			found = found || strcmp(k->w->acct[m].wal[i].asset, asset) == 0;
	}
	return any && !found;
}

void
watch_purses(struct look *k)
{
	bool blind = wallet_missing(k);

	for (int i = 0; i < k->wt->npurse; i++)
		k->wt->purse[i].seen = k->wt->purse[i].known = k->wt->purse[i].held = false;
	for (int m = 0; m < MARKETS; m++) {
		const struct account *a = &k->w->acct[m];

		if (!watch_readable(k->w, (enum market)m))
			continue;
		if (m == MARKET_USDM && a->multi_assets)
			look_united(k, (enum market)m);
		for (int i = 0; i < a->nwal && !(m == MARKET_USDM && a->multi_assets); i++)
			look_wallet(k, (enum market)m, &a->wal[i]);
		blind = homeless(k, (enum market)m) || blind;
	}
	say_blind(k, blind);
	for (int i = 0; i < k->wt->npurse; i++)
		if (k->wt->purse[i].seen && k->wt->purse[i].known)
			day_look(k, &k->wt->purse[i]);
}
