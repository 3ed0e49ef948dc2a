/* What an intent would do, on which state and at which prices: the ground the rules stand on. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "judge_in.h"

/*
 * The state
 */

/* The market of the symbol; of one that is not known the first that is looked at. */
static enum market
market_of(const struct world *w, const char *symbol)
{
	enum market m;

	if (world_market(w, symbol, &m))
		return m;
	for (int i = 0; i < MARKETS; i++)
		if (w->served[i])
			return (enum market)i;
	return MARKET_USDM;
}

static const struct open_order *
order_named(const struct account *a, const struct intent *in)
{
	for (int i = 0; i < a->nord; i++) {
		const struct open_order *o = &a->ord[i];

		if (!o->algo && strcmp(o->symbol, in->symbol) == 0 && (in->order_id != 0 ? o->id == in->order_id :
		    *in->client_id != '\0' && strcmp(o->client_id, in->client_id) == 0))
			return o;
	}
	return NULL;
}

/* The world without one order; its other parts are shared. NULL: out of memory. */
static struct world *
world_without(const struct world *w, enum market m, const struct open_order *gone)
{
	const struct account *a = &w->acct[m];
	struct world *c = malloc(sizeof *c);
	struct open_order *ord = malloc((size_t)a->nord * sizeof *ord);
	int n = 0;

	if (c == NULL || ord == NULL) {
		free(c);
		free(ord);
		return NULL;
	}
	for (int i = 0; i < a->nord; i++)
		if (&a->ord[i] != gone)
			ord[n++] = a->ord[i];
	*c = *w;
	c->acct[m].ord = ord;
	c->acct[m].nord = n;
	return c;
}

/* The order as it would stand: what the modification does not say stays. */
static void
as_modified(struct intent *in, const struct open_order *o)
{
	in->side = o->side;
	in->pos_side = o->pos_side;
	in->reduce_only = o->reduce;
	in->algo = false;
	snprintf(in->type, sizeof in->type, "%s", *o->type != '\0' ? o->type : "LIMIT");
	if (dec_sign(in->qty) <= 0)
		in->qty = o->qty;
	if (dec_sign(in->price) <= 0 && *in->price_match == '\0')
		in->price = o->price;
	if (!dec_sub(&in->qty, in->qty, o->filled))
		in->qty = dec_int(0);
}

/* A modification says too little of its order to be judged alone. */
static void
find_modified(struct ask *q)
{
	const struct intent *in = q->asked;

	if ((q->old = order_named(q->a, in)) == NULL) {
		q->why = "the order to be modified is not among the open orders known";
		return;
	}
	if (in->side != 0 && in->side != q->old->side) {
		q->why = "the order to be modified is one of the other side";
		return;
	}
	as_modified(&q->in, q->old);
	if ((q->copy = world_without(q->w, q->market, q->old)) == NULL) {
		q->why = "out of memory";
		return;
	}
	q->w = q->copy;
	q->a = &q->copy->acct[q->market];
}

/*
 * The prices
 */

bool
ask_slipped(dec *out, const struct ask *q, dec price, dec bps)
{
	dec one = dec_int(10000);

	return (q->in.side == SIDE_BUY ? dec_add(&one, one, bps) : dec_sub(&one, one, bps)) &&
	    dec_mul(out, price, one) && dec_mul(out, *out, (dec){ .c = 1, .scale = 4 });
}

/* The greater, or of an inverse contract (worth more as the price falls) the lesser, of
 * what is there. */
static dec
dearer(const struct ask *q, dec a, dec b)
{
	if (dec_sign(a) <= 0 || dec_sign(b) <= 0)
		return dec_max(a, b);
	return q->c->kind == INVERSE ? dec_min(a, b) : dec_max(a, b);
}

static bool
slippage(dec *out, const struct ask *q, dec price)
{
	const struct limit *lim = limit_of(q->l, R_PRICE_BAND, q->in.symbol);

	return ask_slipped(out, q, price, lim->on ? lim->slippage : dec_int(0));
}

bool
ask_volatility(dec *out, const struct ask *q, const struct limit *lim)
{
	*out = dec_int(0);
	return lim->ewma ? vol_ewma(out, &q->s->vol, q->was->now.ms) : vol_range(out, &q->s->vol, q->was->now.ms);
}

/*
 * A market order in a moment too wild for one becomes a limit order: mark x (1 +- slippage),
 * on the tick, toward the mark.
 */
static void
protect(struct ask *q)
{
	const struct limit *lim = limit_of(q->l, R_VOLATILE_MARKET, q->in.symbol);
	dec vol, p, tick = q->c->rules.tick;

	if (!lim->on || !lim->protect || strcmp(q->in.type, "MARKET") != 0 ||
	    !ask_volatility(&vol, q, lim) || dec_cmp(vol, lim->max) <= 0)
		return;
	if (!ask_slipped(&p, q, q->mark, lim->slippage) || dec_sign(tick) <= 0 ||
	    !(q->in.side == SIDE_BUY ? dec_floor : dec_ceil)(&p, p, tick) || dec_sign(p) <= 0)
		return;
	q->protect = true;
	q->protect_price = p;
	q->market_like = false;
}

/* At which price the order counts: its own, or the mark if that is worse (a sell far
 * below it fills at the mark), a conditional one at its trigger, too. */
static bool
price_order(struct ask *q)
{
	const struct intent *in = &q->in;
	dec at = dec_sign(in->trigger) > 0 ? in->trigger : dec_sign(in->activate) > 0 ? in->activate : q->mark;

	q->market_like = intent_is_market(in) || *in->price_match != '\0';
	protect(q);
	if (q->protect)
		q->own = q->protect_price;
	else if (!q->market_like)
		q->own = in->price;
	else if (!slippage(&q->own, q, at))
		return false;
	if (dec_sign(q->own) <= 0)
		return false;
	if (in->algo) {		/* it is filled when the market is there */
		if (!slippage(&q->fill, q, q->mark))
			return false;
	} else
		q->fill = in->side == SIDE_BUY ? dec_max(q->own, q->mark) : dec_min(q->own, q->mark);
	q->x.price = dearer(q, dearer(q, q->own, q->mark), dearer(q, in->trigger, in->activate));
	return true;
}

static void
as_pending(struct ask *q)
{
	const struct intent *in = &q->in;

	q->x = (struct pending){ .market = q->market, .side = in->side, .pos_side = in->pos_side, .qty = in->qty,
	    .market_order = intent_is_market(in), .algo = in->algo, .mono_ms = q->w->now.mono_ms,
	    .once = !in->algo && (intent_is_market(in) || strcmp(in->tif, "IOC") == 0 || strcmp(in->tif, "FOK") == 0) };
	memcpy(q->x.symbol, in->symbol, sizeof q->x.symbol);
	memcpy(q->x.client_id, in->client_id, sizeof q->x.client_id);
	if (in->op == OP_CANCEL || in->op == OP_CANCEL_ALL || in->side == 0)
		q->why = "it is no order";
	else if (dec_sign(in->qty) <= 0 && !in->reduce_only)
		q->why = q->old != NULL ? "no more than was filled already would be left of the order" : "it has no quantity";
	else if (q->w->npending >= PENDING_MAX)
		q->why = "too many orders are on their way";
	else if (ask_priced(q) && !price_order(q))
		q->why = "it has no price to be judged at";
}

/*
 * The wallet
 */

static const struct asset_rate *
rate_of(const struct world *w, const char *asset)
{
	for (int i = 0; i < w->rates.n; i++)
		if (strcmp(w->rates.r[i].asset, asset) == 0)
			return &w->rates.r[i];
	return NULL;
}

bool
ask_rate(dec *out, const struct ask *q, const char *asset, bool margin)
{
	const struct asset_rate *r;

	*out = dec_int(1);
	if (!q->a->multi_assets)
		return true;
	if ((r = rate_of(q->w, asset)) == NULL)
		return false;
	*out = r->index;
	return !margin || multi_ask(out, r->index, r->ask_buffer);
}

static const struct wallet *
wallet_of(const struct account *a, const char *asset)
{
	for (int i = 0; i < a->nwal; i++)
		if (strcmp(a->wal[i].asset, asset) == 0)
			return &a->wal[i];
	return NULL;
}

/* What carries the risk: the wallet of the contract, or of multi-assets mode all of them. */
static bool
equity_of(dec *out, const struct ask *q)
{
	const struct account *a = &q->was->acct[q->market];
	const struct wallet *wal = wallet_of(a, q->c->rules.margin);
	struct wallet_figures wf;
	struct account_sum sum;
	struct figures fg;
	bool ok;

	if (!a->multi_assets) {
		if (wal != NULL && figures_sums(&wf, a, &q->w->cs, wal) && wf.has_sums) {
			*out = wf.equity;
			return true;
		}
		ok = account_sum(a, q->c->rules.margin, &sum);
		*out = ok ? sum.equity : dec_int(0);
		return ok;
	}
	if (figures_make(&fg, a, &q->w->cs, &q->w->rates, NULL) == -1)
		return false;
	if ((ok = fg.has_multi))
		*out = fg.sum.equity;
	figures_free(&fg);
	return ok;
}

/*
 * The load
 */

/* The asset of the wallet that carries the order; NULL: all of them do. */
static const char *
wallet_asset(const struct ask *q)
{
	return q->a->multi_assets ? NULL : q->c->rules.margin;
}

static bool
load_wallets(struct load *l, const struct ask *q, const struct world *w, const struct pending *x)
{
	struct exposure e;

	if (w == q->w ? !q->has_rest || !exposure_with(&e, &q->rest, x) :
	    !exposure_of(&e, w, q->market, wallet_asset(q), x))
		return false;
	l->gross = e.gross;
	l->gross_value = e.gross_value;
	l->net_value = dec_abs(e.net_value);
	return true;
}

static bool
add_symbol(struct load *l, const struct ask *q, const struct world *w, enum pos_side side, const struct pending *x)
{
	struct worst o;
	dec rate;

	if (x != NULL && x->pos_side != side)
		x = NULL;
	return worst_of(&o, w, q->market, q->in.symbol, side, x) && ask_rate(&rate, q, q->c->rules.margin, false) &&
	    dec_mul(&o.n, dec_abs(o.n), rate) && dec_add(&l->symbol, l->symbol, o.n) &&
	    dec_add(&l->symbol_value, l->symbol_value, dec_abs(o.value));
}

static bool
wallets_matter(const struct ask *q)
{
	return is_on(q, R_MAX_LEV) || is_on(q, R_GROSS_NOTIONAL) || is_on(q, R_NET_NOTIONAL);
}

static void
load_of(struct load *l, const struct ask *q, const struct world *w, const struct pending *x)
{
	*l = (struct load){ 0 };
	if (wallets_matter(q))
		l->wallet_known = load_wallets(l, q, w, x);
	if (!is_on(q, R_SYMBOL_LEV) && !is_on(q, R_POSITION_NOTIONAL))
		return;
	l->symbol_known = q->a->hedge ? add_symbol(l, q, w, POS_LONG, x) && add_symbol(l, q, w, POS_SHORT, x) :
	    add_symbol(l, q, w, POS_BOTH, x);
}

void
ask_before(struct ask *q)
{
	if (is_on(q, R_MAX_LEV) || is_on(q, R_SYMBOL_LEV) || is_on(q, R_MARGIN_USE) || is_on(q, R_FUNDING))
		q->has_equity = equity_of(&q->equity, q);
	q->has_rest = wallets_matter(q) && exposure_begin(&q->rest, q->w, q->market, wallet_asset(q), &q->x);
	load_of(&q->before, q, q->was, NULL);
	if (is_on(q, R_MARGIN_USE))
		margin_before(q);
	if (is_on(q, R_LIQ_DISTANCE))
		liq_before(q);
}

void
ask_try(struct ask *q, dec qty)
{
	q->x.qty = qty;
	load_of(&q->after, q, q->w, &q->x);
}

bool
ask_priced(const struct ask *q)
{
	return q->why == NULL && q->a->known && q->c != NULL && q->c->rules.complete && dec_sign(q->mark) > 0;
}

void
ask_open(struct ask *q, const struct world *w, const struct limits *l, const struct intent *in)
{
	struct fault f;
	bool changed;

	*q = (struct ask){ .asked = in, .in = *in, .l = l, .was = w, .w = w };
	q->market = market_of(w, in->symbol);
	q->a = &w->acct[q->market];
	if ((q->c = contracts_find(&w->cs, in->symbol)) != NULL && q->c->market != q->market)
		q->c = NULL;
	if ((q->s = sym_find(w, in->symbol, strlen(in->symbol))) != NULL)
		q->mark = q->s->mark;
	if (in->op == OP_MODIFY)
		find_modified(q);
	else if (in->op == OP_PLACE && intent_fit(&q->in, q->a->hedge, &changed, &f) == -1)
		q->why = "its side, positionSide and reduceOnly contradict each other";
	if (q->why == NULL)
		as_pending(q);
}

void
ask_close(struct ask *q)
{
	liq_free(q);
	if (q->copy != NULL)
		free(q->copy->acct[q->market].ord);
	free(q->copy);
}
