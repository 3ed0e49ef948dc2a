/*
 * The day of a wallet: what it began with, and what came and went since. Equity is measured, so that a loss holds
 * realised and unrealised profit, fees and funding alike; what was moved in or out is taken off. The parts are told from
 * events and income rows.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "watch_in.h"

enum flow { FLOW_NONE, FLOW_MOVED, FLOW_FUNDING, FLOW_REALISED, FLOW_FEE, FLOW_OTHER };

/* Reasons of an ACCOUNT_UPDATE, and types of income rows. Others change the balance too (a row is then "other"): they
 * count as profit or loss. */
static const struct { const char *word; enum flow event, row; } flows[] = {
	{ "DEPOSIT", FLOW_MOVED, FLOW_MOVED },
	{ "WITHDRAW", FLOW_MOVED, FLOW_MOVED },
	{ "WITHDRAW_REJECT", FLOW_MOVED, FLOW_MOVED },
	{ "ADMIN_DEPOSIT", FLOW_MOVED, FLOW_MOVED },
	{ "ADMIN_WITHDRAW", FLOW_MOVED, FLOW_MOVED },
	{ "ASSET_TRANSFER", FLOW_MOVED, FLOW_MOVED },
	{ "AUTO_EXCHANGE", FLOW_MOVED, FLOW_MOVED },
	{ "COIN_SWAP_DEPOSIT", FLOW_MOVED, FLOW_MOVED },
	{ "COIN_SWAP_WITHDRAW", FLOW_MOVED, FLOW_MOVED },
	{ "TRANSFER", FLOW_NONE, FLOW_MOVED },
	{ "INTERNAL_TRANSFER", FLOW_NONE, FLOW_MOVED },
	{ "CROSS_COLLATERAL_TRANSFER", FLOW_NONE, FLOW_MOVED },
	{ "STRATEGY_UMFUTURES_TRANSFER", FLOW_NONE, FLOW_MOVED },
	{ "WELCOME_BONUS", FLOW_NONE, FLOW_MOVED },
	{ "FUNDING_FEE", FLOW_FUNDING, FLOW_FUNDING },
	{ "SPECIAL_FUNDING_FEE", FLOW_FUNDING, FLOW_FUNDING },
	{ "REALIZED_PNL", FLOW_NONE, FLOW_REALISED },
	{ "COMMISSION", FLOW_NONE, FLOW_FEE },
	{ "ADJUSTMENT", FLOW_OTHER, FLOW_OTHER },
	{ "INSURANCE_CLEAR", FLOW_OTHER, FLOW_OTHER },
	{ "OPTIONS_PREMIUM_FEE", FLOW_OTHER, FLOW_OTHER },
	{ "OPTIONS_SETTLE_PROFIT", FLOW_OTHER, FLOW_OTHER },
};

static enum flow
flow_of(const struct tok *word, bool row)
{
	for (size_t i = 0; i < sizeof flows / sizeof *flows; i++)
		if (scan_is(word, flows[i].word))
			return row ? flows[i].row : flows[i].event;
	return row ? FLOW_OTHER : FLOW_NONE;
}

/*
 * The day
 */

/* The calendar day in the zone of daily-loss. */
static int64_t
day_of(const struct watch *wt, int64_t ms)
{
	int64_t t = ms + (int64_t)wt->l->r[R_DAILY_LOSS].zone_min * 60000, day = t / 86400000;

	return t < 0 && t % 86400000 != 0 ? day - 1 : day;
}

static void
anchor(struct watch *wt, struct purse *p, int64_t now_ms)
{
	p->anchored = true;
	p->day = day_of(wt, now_ms);
	p->anchor_ms = now_ms;
	p->anchor = p->equity;
	p->anchor_upnl = p->upnl;
	p->sums = (struct sums){ 0 };
	wt->save_now = true;
}

/* What was held against it is forgiven with the day: a wallet that may not trade could never make good for it. */
static void
new_day(struct watch *wt, struct purse *p, int64_t now_ms)
{
	if (p->latched & 1u << R_LOSING_STREAK) {
		p->streak = 0;
		p->streak_sum = dec_int(0);
	}
	if (p->latched & 1u << R_DRAWDOWN)
		p->peak = p->equity;
	p->latched = 0;
	anchor(wt, p, now_ms);
	/* What came and went since it began is of this day: it began with that much less. */
	if (p->later_day == p->day) {
		const dec *part[] = { &p->later.realised, &p->later.fees, &p->later.funding, &p->later.transfers, &p->later.other };

		p->sums = p->later;
		for (size_t i = 0; i < sizeof part / sizeof *part; i++)
			(void)dec_sub(&p->anchor, p->anchor, *part[i]);
	}
	p->later = (struct sums){ 0 };
	p->later_day = 0;
}

static void
mark_equity(struct watch *wt, struct purse *p, int64_t now_ms)
{
	int64_t slot = now_ms / SLOT_MS;
	struct mark_of_equity *e;

	if (p->ring == NULL && (p->ring = calloc(SLOTS + 1, sizeof *p->ring)) == NULL) {
		wt->bad = true;
		return;
	}
	e = &p->ring[slot % (SLOTS + 1)];
	if (slot <= e->slot)	/* also a clock that went back: the past is not written anew */
		return;
	*e = (struct mark_of_equity){ slot, p->equity, p->moved };
	wt->save_now = true;
}

/* A day only ever gives way to a later one. */
void
day_look(struct look *k, struct purse *p)
{
	struct watch *wt = k->wt;
	int64_t now = k->w->now.ms;

	if (p->anchored && k->w->now.mono_ms < p->hold_ms)
		return;
	if (!p->anchored) {
		anchor(wt, p, now);
		p->peak = dec_sign(p->peak) == 0 ? p->equity : p->peak;
	} else if (day_of(wt, now) > p->day) {
		new_day(wt, p, now);
	}
	if (dec_cmp(p->equity, p->peak) > 0) {
		p->peak = p->equity;
		wt->save_late = true;
	}
	if (dec_cmp(p->equity, p->last) != 0)
		wt->save_late = true;
	p->last = p->equity;
	if (wt->low_ms[p->m] == 0)
		wt->since_ms[p->m] = wt->low_ms[p->m] = now;
	if (wt->l->r[R_DAILY_LOSS].on && wt->l->r[R_DAILY_LOSS].rolling && now > 0)
		mark_equity(wt, p, now);
}

/* Of a rolling day: since the oldest mark not older than 24 h. */
static const struct mark_of_equity *
oldest(const struct purse *p, int64_t now_ms)
{
	int64_t slot = now_ms / SLOT_MS;
	const struct mark_of_equity *best = NULL;

	for (int i = 0; p->ring != NULL && i <= SLOTS; i++)
		if (p->ring[i].slot > 0 && p->ring[i].slot >= slot - SLOTS && (best == NULL || p->ring[i].slot < best->slot))
			best = &p->ring[i];
	return best;
}

bool
day_loss(dec *loss, dec *base, const struct purse *p, const struct limit *l, int64_t now_ms)
{
	const struct mark_of_equity *e;

	if (!l->rolling)
		return dec_add(base, p->anchor, p->sums.transfers) && dec_sub(loss, *base, p->equity);
	return (e = oldest(p, now_ms)) != NULL && dec_sub(base, p->moved, e->moved) && dec_add(base, *base, e->equity) &&
	    dec_sub(loss, *base, p->equity);
}

bool
day_drawdown(dec *out, const struct purse *p)
{
	dec d;

	if (dec_sign(p->peak) <= 0)
		return false;
	return dec_sub(&d, p->peak, p->equity) && dec_mul(&d, d, dec_int(100)) && dec_div(out, d, p->peak, 4, DEC_CEIL);
}

void
day_parts(const struct purse *p, struct buf *b)
{
	dec loss, up;

	if (!dec_add(&loss, p->anchor, p->sums.transfers) || !dec_sub(&loss, loss, p->equity) ||
	    !dec_sub(&up, p->upnl, p->anchor_upnl))
		return;
	jw_i64(b, "anchorTime", p->anchor_ms);
	jw_dec(b, "anchor", p->anchor);
	jw_dec(b, "equity", p->equity);
	jw_dec(b, "loss", loss);
	jw_dec(b, "realised", p->sums.realised);
	jw_dec(b, "unrealised", up);
	jw_dec(b, "fees", p->sums.fees);
	jw_dec(b, "funding", p->sums.funding);
	jw_dec(b, "transfers", p->sums.transfers);
	jw_dec(b, "other", p->sums.other);
	jw_dec(b, "peak", p->peak);
	jw_i64(b, "streak", p->streak);
}

/*
 * What comes and goes
 */

/* Of an asset in its wallet, or in USD where all are one margin. *amount becomes that. NULL: of none that is kept;
 * *rate false: what it is worth is not known. */
static struct purse *
purse_for(struct watch *wt, const struct world *w, enum market m, const char *asset, dec *amount, bool *rate)
{
	bool multi = m == MARKET_USDM && w->acct[m].multi_assets;
	struct purse *p = watch_known_purse(wt, m, multi ? "USD" : asset, multi);
	const struct asset_rate *r;

	*rate = true;
	if (p == NULL || !multi)
		return p;
	*rate = (r = watch_rate(&w->rates, asset)) != NULL;
	return r != NULL && dec_mul(amount, *amount, r->index) ? p : NULL;
}

static struct till *
find_till(struct watch *wt, enum market m, const char *asset)
{
	for (int i = 0; i < wt->ntill; i++)
		if (wt->till[i].m == m && strcmp(wt->till[i].asset, asset) == 0)
			return &wt->till[i];
	return NULL;
}

struct till *
day_till(struct look *k, enum market m, const struct wallet *w)
{
	struct watch *wt = k->wt;
	struct till *t = find_till(wt, m, w->asset);

	if (t != NULL)
		return t;
	if ((t = watch_grow(wt, wt->till, &wt->ctill, wt->ntill + 1, sizeof *t)) == NULL)
		return NULL;
	wt->till = t;
	t = &wt->till[wt->ntill++];
	*t = (struct till){ .m = m, .booked = w->balance, .begun_ms = k->w->now.ms };
	memcpy(t->asset, w->asset, sizeof t->asset);
	return t;
}

/*
 * A transfer is no profit and no loss. The peak keeps its ratio to the equity: 10 % under it before is 10 % after,
 * whatever is brought in or taken out.
 */
static void
moved(struct purse *p, dec amount)
{
	dec after, peak;

	(void)dec_add(&p->moved, p->moved, amount);
	if (!dec_add(&after, p->last, amount))
		return;
	if (dec_sign(p->last) > 0 && dec_sign(after) > 0 && dec_mul(&peak, p->peak, after) &&
	    dec_div(&peak, peak, p->last, 12, DEC_HALF_UP))
		p->peak = peak;
	else if (dec_add(&peak, p->peak, amount))
		p->peak = dec_max(peak, dec_int(0));
	p->last = after;
}

/* To the day it is of: that of the purse, or one that has begun since it was looked at. */
static void
add_to_day(struct watch *wt, struct purse *p, enum flow f, dec amount, int64_t at_ms)
{
	int64_t day = day_of(wt, at_ms);
	struct sums *s = day > p->day ? &p->later : &p->sums;
	dec *to[] = { [FLOW_MOVED] = &s->transfers, [FLOW_FUNDING] = &s->funding, [FLOW_REALISED] = &s->realised,
		[FLOW_FEE] = &s->fees, [FLOW_OTHER] = &s->other };

	if (day > p->day && day > p->later_day) {
		p->later = (struct sums){ 0 };
		p->later_day = day;
	}
	if (day <= p->day || day == p->later_day)
		(void)dec_add(to[f], *to[f], amount);
}

/* false: not now, what it is worth is not known. */
static bool
count(struct watch *wt, const struct world *w, enum market m, const char *asset, enum flow f, dec amount, int64_t at_ms)
{
	struct till *t = find_till(wt, m, asset);
	dec as_told = amount;
	struct purse *p;
	bool rate;

	if (f == FLOW_NONE || dec_sign(amount) == 0)
		return true;
	p = purse_for(wt, w, m, asset, &amount, &rate);
	if (!rate)
		return false;
	if (t != NULL && at_ms >= t->begun_ms)
		(void)dec_add(&t->booked, t->booked, as_told);
	if (p == NULL || !p->anchored || at_ms < p->anchor_ms)
		return true;
	if (f == FLOW_MOVED)
		moved(p, amount);
	add_to_day(wt, p, f, amount, at_ms);
	wt->save_now = wt->save_now || f == FLOW_MOVED;
	wt->save_late = wt->dirty = true;
	return true;
}

/* Whether what an event of that time tells is to be counted: rows tell the rest. */
static bool
by_event(const struct watch *wt, enum market m, int64_t at_ms)
{
	return !wt->owed[m].first && at_ms > wt->income_ms[m];
}

static void
account_update(struct watch *wt, const struct world *w, enum market m, const struct tok *t, const struct tok *a,
    int64_t at_ms)
{
	enum flow f = flow_of(scan_get(t, a, "m"), false);
	const struct tok *b = scan_get(t, a, "B"), *v;
	char asset[ASSET_MAX];
	dec amount;

	if (f == FLOW_NONE || !by_event(wt, m, at_ms))
		return;
	for (v = scan_first(b); v != NULL; v = scan_next(t, b, v))
		if (scan_get_str(t, v, "a", asset, sizeof asset) && scan_get_dec(t, v, "bc", &amount))
			(void)count(wt, w, m, asset, f, amount, at_ms);
}

/*
 * A close is an order that realised profit or loss: its sum, at its end. One that comes to 0 is neither.
 */
static void
closed(struct watch *wt, const struct world *w, enum market m, const char *asset, dec sum)
{
	bool rate;
	struct purse *p = purse_for(wt, w, m, asset, &sum, &rate);

	if (p == NULL || dec_sign(sum) == 0)
		return;
	if (dec_sign(sum) > 0) {
		p->streak = 0;
		p->streak_sum = dec_int(0);
	} else {
		p->streak++;
		(void)dec_add(&p->streak_sum, p->streak_sum, sum);
	}
	wt->save_now = wt->dirty = true;
}

static struct closing *
closing_of(struct watch *wt, enum market m, uint64_t id, const char *asset)
{
	struct closing *c = &wt->closing[wt->nclosing % CLOSING_MAX];

	for (int i = 0; i < CLOSING_MAX; i++)
		if (wt->closing[i].id == id && wt->closing[i].m == m)
			return &wt->closing[i];
	wt->nclosing++;	/* the oldest gives way */
	*c = (struct closing){ .m = m, .id = id };
	memcpy(c->asset, asset, sizeof c->asset);
	return c;
}

static void
sum_close(struct watch *wt, const struct world *w, enum market m, const struct tok *t, const struct tok *o, dec rp,
    const char *asset)
{
	struct closing *c;
	char status[24];
	int64_t id;

	if (!scan_get_i64(t, o, "i", &id) || id == 0)
		return;
	c = closing_of(wt, m, (uint64_t)id, asset);
	(void)dec_add(&c->sum, c->sum, rp);
	if (!scan_get_str(t, o, "X", status, sizeof status) || !watch_ended(status))
		return;
	closed(wt, w, c->m, c->asset, c->sum);
	c->id = 0;
}

/* A fill that came before (re-delivered by the stream) must not count twice: trade ids of the latest are kept. */
static bool
known(const struct watch *wt, uint64_t what)
{
	for (size_t i = 0; i < ROWS_MAX; i++)
		if (wt->rows[i] == what)
			return true;
	return false;
}

static void
remember(struct watch *wt, uint64_t what)
{
	wt->rows[wt->nrows++ % ROWS_MAX] = what;
}

static uint64_t
hash_text(uint64_t h, const struct tok *v)
{
	for (uint32_t i = 0; v != NULL && i < v->len; i++)
		h = (h ^ (unsigned char)v->p[i]) * 1099511628211ull;
	return (h ^ 0x1f) * 1099511628211ull | 1;
}

static void
order_update(struct watch *wt, const struct world *w, enum market m, const struct tok *t, const struct tok *o,
    int64_t at_ms)
{
	char asset[ASSET_MAX] = "", symbol[SYMBOL_MAX];
	dec rp = dec_int(0), fee;
	const struct contract *c;
	int64_t trade = 0;
	bool counts = by_event(wt, m, at_ms);

	(void)scan_get_i64(t, o, "t", &trade);
	if (trade != 0 && scan_get_is(t, o, "x", "TRADE")) {
		uint64_t id = hash_text(hash_text(7u + (unsigned)m, scan_get(t, o, "s")), scan_get(t, o, "t"));

		if (known(wt, id))
			return;
		remember(wt, id);
	}
	if (counts && scan_get_is(t, o, "x", "TRADE") && scan_get_str(t, o, "N", asset, sizeof asset) &&
	    scan_get_dec(t, o, "n", &fee))
		(void)count(wt, w, m, asset, FLOW_FEE, dec_neg(fee), at_ms);
	if (!scan_get_str(t, o, "s", symbol, sizeof symbol) || (c = contracts_find(&w->cs, symbol)) == NULL)
		return;
	if (scan_get_is(t, o, "x", "TRADE") || scan_get_is(t, o, "x", "CALCULATED"))
		(void)scan_get_dec(t, o, "rp", &rp);
	if (!counts)	/* its row counts, and the close with it */
		return;
	(void)count(wt, w, m, c->rules.margin, FLOW_REALISED, rp, at_ms);
	sum_close(wt, w, m, t, o, rp, c->rules.margin);
}

/* Which market: by its "st", or by a symbol of it; else the only one looked at. */
static bool
market_of(enum market *out, const struct world *w, const struct tok *t, const struct tok *rec)
{
	const struct tok *o = scan_get(t, rec, "o"), *a = scan_get(t, rec, "a"), *ps = scan_get(t, a, "P");
	char symbol[SYMBOL_MAX];
	int64_t st;

	if (scan_get_i64(t, rec, "st", &st) && st >= 1 && st <= MARKETS) {
		*out = st == 1 ? MARKET_USDM : MARKET_COINM;
		return true;
	}
	if (scan_get_str(t, o, "s", symbol, sizeof symbol) || scan_get_str(t, scan_first(ps), "s", symbol, sizeof symbol) ||
	    scan_get_str(t, a, "S", symbol, sizeof symbol))
		return world_market(w, symbol, out);
	*out = w->served[MARKET_USDM] ? MARKET_USDM : MARKET_COINM;
	return true;
}

/* The account's stream was not there, and is: in between, rows alone tell. */
static void
stream_back(struct watch *wt, const struct tok *t, const struct tok *rec)
{
	bool gap = scan_get_is(t, rec, "e", "bf.gap"), up = scan_get_is(t, rec, "e", "bf.conn") &&
	    scan_get_is(t, rec, "state", "up");
	const struct tok *name = scan_get(t, rec, gap ? "stream" : "conn");

	if ((gap || up) && scan_is(name, "user"))
		day_owe(wt, MARKET_USDM);
	else if ((gap || up) && scan_is(name, "user-coinm"))
		day_owe(wt, MARKET_COINM);
}

void
day_event(struct watch *wt, struct world *w, const struct tok *t, const struct tok *rec)
{
	const struct tok *a = scan_get(t, rec, "a"), *o = scan_get(t, rec, "o");
	enum market m;
	int64_t at_ms;

	if (!(scan_get_is(t, rec, "e", "ACCOUNT_UPDATE") || scan_get_is(t, rec, "e", "ORDER_TRADE_UPDATE"))) {
		stream_back(wt, t, rec);
		return;
	}
	if (!(scan_get_i64(t, rec, "T", &at_ms) || scan_get_i64(t, rec, "E", &at_ms)) || !market_of(&m, w, t, rec))
		return;
	if (scan_get_is(t, rec, "e", "ACCOUNT_UPDATE"))
		account_update(wt, w, m, t, a, at_ms);
	else
		order_update(wt, w, m, t, o, at_ms);
	if (wt->owed[m].first)
		return;
	if (wt->first_ms[m] == 0)
		wt->first_ms[m] = at_ms;
	if (at_ms > wt->since_ms[m]) {
		wt->since_ms[m] = at_ms;
		wt->save_late = true;
	}
}

/*
 * Rows of income
 */

void
day_owe(struct watch *wt, enum market m)
{
	if (wt->since_ms[m] > wt->low_ms[m])
		wt->low_ms[m] = wt->since_ms[m];
	wt->first_ms[m] = 0;
	wt->owed[m] = (struct owed){ .reads = 2, .first = true };
	wt->dirty = true;
}

void
day_wish(struct look *k)
{
	for (int m = 0; m < MARKETS; m++) {
		struct owed *o = &k->wt->owed[m];

		if (o->reads == 0 || k->wt->low_ms[m] == 0 || !watch_readable(k->w, (enum market)m))
			continue;
		if (k->w->now.mono_ms >= o->due_ms) {
			k->out->income[m] = true;
			o->due_ms = k->w->now.mono_ms + INCOME_AGAIN_MS;
		}
		watch_wake(k, o->due_ms);
	}
}

int64_t
watch_since(const struct watch *wt, enum market m)
{
	return wt->low_ms[m];
}

/* Rows do not tell of orders: what one symbol realised in one instant is a close. NULL: that is all. */
static void
row_close(struct watch *wt, const struct world *w, enum market m, const char *symbol, const char *asset, int64_t at_ms,
    dec sum)
{
	if (wt->row_close.any && (symbol == NULL || wt->row_close.m != m || wt->row_close.ms != at_ms ||
	    strcmp(wt->row_close.symbol, symbol) != 0)) {
		wt->row_close.any = false;
		closed(wt, w, wt->row_close.m, wt->row_close.asset, wt->row_close.sum);
	}
	if (symbol == NULL)
		return;
	if (!wt->row_close.any) {
		wt->row_close.any = true;
		wt->row_close.m = m;
		wt->row_close.ms = at_ms;
		wt->row_close.sum = dec_int(0);
		snprintf(wt->row_close.symbol, sizeof wt->row_close.symbol, "%s", symbol);
		snprintf(wt->row_close.asset, sizeof wt->row_close.asset, "%s", asset);
	}
	(void)dec_add(&wt->row_close.sum, wt->row_close.sum, sum);
}

static uint64_t
row_id(enum market m, const struct tok *t, const struct tok *row)
{
	return hash_text(hash_text(hash_text(11u + (unsigned)m, scan_get(t, row, "incomeType")), scan_get(t, row, "tranId")),
	    scan_get(t, row, "tradeId"));
}

int
watch_income(struct watch *wt, const struct world *w, enum market m, const struct tok *t, const struct tok *row,
    struct fault *f)
{
	enum flow kind = flow_of(scan_get(t, row, "incomeType"), true);
	char asset[ASSET_MAX], symbol[SYMBOL_MAX] = "";
	int64_t at_ms;
	dec amount;

	if (!scan_get_str(t, row, "asset", asset, sizeof asset) || !scan_get_dec(t, row, "income", &amount) ||
	    !scan_get_i64(t, row, "time", &at_ms) || scan_get(t, row, "incomeType") == NULL)
		return fault_set(f, FAULT_UNKNOWN, "income: asset, income, incomeType or time is missing or malformed");
	if (at_ms <= wt->low_ms[m] || (wt->first_ms[m] > 0 && at_ms >= wt->first_ms[m]) || known(wt, row_id(m, t, row)))
		return 0;
	if (!count(wt, w, m, asset, kind, amount, at_ms))
		return fault_set(f, FAULT_AGAIN, "income: what %s is worth is not known yet", asset);
	remember(wt, row_id(m, t, row));
	(void)scan_get_str(t, row, "symbol", symbol, sizeof symbol);
	if (kind == FLOW_REALISED)
		row_close(wt, w, m, symbol, asset, at_ms, amount);
	if (at_ms > wt->income_ms[m])
		wt->income_ms[m] = at_ms;
	return 0;
}

void
watch_income_read(struct watch *wt, const struct world *w, enum market m, bool whole)
{
	struct owed *o = &wt->owed[m];
	int64_t now = w->now.mono_ms, took = o->due_ms > 0 ? now - (o->due_ms - INCOME_AGAIN_MS) : 0;

	o->due_ms = now + (whole || PAUSE_TIMES * took < INCOME_AGAIN_MS ? INCOME_AGAIN_MS : PAUSE_TIMES * took);
	o->failed = !whole;
	wt->dirty = true;
	if (!whole)
		return;
	row_close(wt, w, m, NULL, NULL, 0, dec_int(0));
	o->first = false;
	if (o->reads > 0)
		o->reads--;
	/* Those kept in mind are not enough for a long run: rows come no later than that. */
	if (wt->income_ms[m] - LAG_MS > wt->low_ms[m])
		wt->low_ms[m] = wt->income_ms[m] - LAG_MS;
}
