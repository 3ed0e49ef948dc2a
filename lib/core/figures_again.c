/* The sums of a wallet for who asks at every mark price: of the positions, only what is new is computed. */
#include <stdlib.h>
#include <string.h>

#include "core/figures_in.h"

#define MONEY	8	/* decimals of all that is summed here */

/* Of one position: what its figures follow from, and the figures, in units of 10^-MONEY. */
struct kept {
	const struct contract *c;	/* NULL: nothing is kept */
	enum contract_kind kind;
	dec size, amt, entry, mark;
	int leverage;
	dec mmr, cum;			/* of the tier of notional */
	i128 notional, upnl, im, maint;
};

void
figures_kept_free(struct figures_kept *kept)
{
	free(kept->v);
	*kept = (struct figures_kept){ 0 };
}

static bool
same_dec(const dec *a, const dec *b)
{
	return a->c == b->c && a->scale == b->scale;
}

/* Brackets can be read anew. */
static bool
same_tier(const struct kept *r, const struct tiers *ts)
{
	const struct tier *at = tiers_of(ts, (dec){ r->notional, MONEY });

	return at != NULL && same_dec(&at->mmr, &r->mmr) && same_dec(&at->cum, &r->cum);
}

static bool
still(const struct kept *r, const struct position *p)
{
	const struct contract *c = r->c;

	return c != NULL && same_dec(&r->mark, &p->mark) && same_dec(&r->amt, &p->amt) && same_dec(&r->entry, &p->entry) &&
	    r->leverage == p->leverage && r->kind == c->kind && same_dec(&r->size, &c->size) &&
	    strcmp(p->symbol, c->rules.symbol) == 0 && same_tier(r, &c->tiers);
}

/* Some millions of such sums have room. */
static bool
take(i128 *out, dec v)
{
	static const i128 most = (i128)1000000000000000 * 1000000000000000;

	*out = v.c;
	return v.scale == MONEY && v.c < most && v.c > -most;
}

/* false: it is not all known, or of no usual size: then nothing is kept. */
static bool
keep(struct kept *r, const struct contracts *cs, const struct position *p)
{
	const struct tier *at;
	struct holding h;

	r->c = NULL;
	holding_at_mark(&h, cs, p);
	if (h.c == NULL || !h.has_value || !h.has_im || !h.has_maint || !take(&r->notional, h.notional) ||
	    !take(&r->upnl, h.upnl) || !take(&r->im, h.im) || !take(&r->maint, h.maint))
		return false;
	at = tiers_of(&h.c->tiers, h.notional);
	r->mmr = at->mmr;
	r->cum = at->cum;
	r->kind = h.c->kind;
	r->size = h.c->size;
	r->amt = p->amt;
	r->entry = p->entry;
	r->mark = p->mark;
	r->leverage = p->leverage;
	r->c = h.c;
	return true;
}

static void
plus(dec *sum, i128 v)
{
	sum->c += v;
	sum->scale = MONEY;
}

static bool
add_kept(struct figures_pile *s, const struct kept *r, const struct position *p)
{
	struct figures_part *t = &s->part[p->isolated];

	plus(&s->notional, r->notional < 0 ? -r->notional : r->notional);
	plus(&s->net, r->notional);
	plus(&t->upnl, r->upnl);
	plus(&t->im, r->im);
	plus(&t->maint, r->maint);
	return !p->isolated || dec_add(&s->iso, s->iso, p->isolated_wallet);
}

/* false: this must be summed without what is kept. */
static bool
pile_up(struct figures_pile *s, const struct account *a, const struct contracts *cs, const struct wallet *w,
    struct figures_kept *kept)
{
	for (int i = 0; i < a->npos; i++) {
		const struct position *p = &a->pos[i];
		struct kept *r = &kept->v[i];
		const char *asset;

		if (!account_held(p))
			continue;
		if (!still(r, p) && !keep(r, cs, p))
			return false;
		asset = *r->c->rules.margin != '\0' ? r->c->rules.margin : p->margin_asset;
		if (*asset == '\0' || (strcmp(asset, w->asset) == 0 && !add_kept(s, r, p)))
			return false;
	}
	return true;
}

static bool
room(struct figures_kept *kept, int n)
{
	struct kept *v;

	if (n <= kept->n)
		return true;
	if ((v = realloc(kept->v, (size_t)n * sizeof *v)) == NULL)
		return false;
	memset(v + kept->n, 0, (size_t)(n - kept->n) * sizeof *v);
	kept->v = v;
	kept->n = n;
	return true;
}

bool
figures_sums_again(struct wallet_figures *out, const struct account *a, const struct contracts *cs,
    const struct wallet *w, struct figures_kept *kept)
{
	struct figures_pile s = { .has_maint = true, .has_im = true };

	if (!account_has(a, PART_POSITIONS) || !room(kept, a->npos) || !pile_up(&s, a, cs, w, kept))
		return figures_sums(out, a, cs, w);
	*out = (struct wallet_figures){ .w = w };
	return figures_sum_up(out, &s, a);
}
