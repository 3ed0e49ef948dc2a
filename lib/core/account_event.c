/* Events into an account: merged, never replaced. */
#include <string.h>
#include <strings.h>

#include "core/account_in.h"

/*
 * ACCOUNT_UPDATE: read whole first, then applied whole
 */

/* One row of a.P over what is known: p becomes the position as it is now. */
static void
read_pos_news(struct row *r, struct position *p, const struct account *a, int64_t at)
{
	const struct position *old;
	char type[16];

	row_text(r, "s", p->symbol, sizeof p->symbol);
	if (r->bad)
		return;
	r->name = p->symbol;
	p->side = row_side(r, "ps");
	if ((old = account_find(a, p->symbol, p->side)) != NULL)
		*p = *old;
	else
		p->leverage = account_leverage_of(a, p->symbol);
	if (*p->margin_asset == '\0')	/* some events have it */
		scan_get_str(r->t, r->v, "ma", p->margin_asset, sizeof p->margin_asset);
	if (at < p->update_ms)
		return;
	p->update_ms = at;
	p->amt = row_dec(r, "pa");
	if (scan_get_str(r->t, r->v, "mt", type, sizeof type))
		p->isolated = strcasecmp(type, "isolated") == 0;
	if (!account_held(p)) {
		account_flatten(p);
		p->isolated_wallet = row_maybe_dec(r, "iw", dec_int(0));
		account_identify(a, p);
		return;
	}
	p->entry = row_dec(r, "ep");
	p->break_even = row_maybe_dec(r, "bep", p->break_even);
	p->isolated_wallet = p->isolated ? row_dec(r, "iw") : dec_int(0);
	account_identify(a, p);
	/* up was computed before the event left; our own mark is newer. */
	if (!account_can_value(p))
		p->upnl = row_dec(r, "up");
	else if (!account_revalue(p))
		row_refuse(r, "pa");
	row_consistent(r, p, "pa", "ep", "iw");
}

static void
read_wallet_news(struct row *r, struct wallet *w, const struct account *a, int64_t at)
{
	const struct wallet *old;

	row_text(r, "a", w->asset, sizeof w->asset);
	if (r->bad)
		return;
	if ((old = account_find_wallet(a, w->asset)) != NULL)
		*w = *old;
	r->name = w->asset;
	if (at < w->update_ms)
		return;
	w->update_ms = at;
	w->balance = row_dec(r, "wb");
	w->cross = row_dec(r, "cw");
}

/* The rows of a.B and a.P that are news, into b. */
static int
collect_news(struct row *r, const struct tok *news, struct account *b, const struct account *a,
    int64_t at)
{
	const struct tok *bal = scan_get(r->t, news, "B"), *pos = scan_get(r->t, news, "P");
	struct position p;
	struct wallet w;

	for (r->v = scan_first(bal); r->v != NULL; r->v = scan_next(r->t, bal, r->v)) {
		memset(&w, 0, sizeof w);
		r->name = NULL;
		read_wallet_news(r, &w, a, at);
		if (r->bad || (w.update_ms == at && account_add_wallet(b, &w, r->f) == -1))
			return -1;
	}
	for (r->v = scan_first(pos); r->v != NULL; r->v = scan_next(r->t, pos, r->v)) {
		memset(&p, 0, sizeof p);
		r->name = NULL;
		read_pos_news(r, &p, a, at);
		if (!r->bad && account_find(b, p.symbol, p.side) != NULL)
			row_refuse(r, "a single row: ps");
		if (r->bad || (p.update_ms == at && account_add_position(b, &p, r->f) == -1))
			return -1;
	}
	return 0;
}

/* b's rows into a, which has room for all of them afterwards or stays as it is. */
static int
merge(struct account *a, const struct account *b, struct fault *f)
{
	struct position *p;
	struct wallet *w;
	void *list;
	int i;

	if ((list = account_grow(a->pos, &a->cpos, a->npos + b->npos + 1, sizeof *a->pos)) == NULL)
		return account_no_memory(f);
	a->pos = list;
	if ((list = account_grow(a->wal, &a->cwal, a->nwal + b->nwal + 1, sizeof *a->wal)) == NULL)
		return account_no_memory(f);
	a->wal = list;
	for (i = 0; i < b->nwal; i++) {
		if ((w = account_find_wallet(a, b->wal[i].asset)) == NULL)
			w = &a->wal[a->nwal++];
		*w = b->wal[i];
	}
	for (i = 0; i < b->npos; i++) {
		if ((p = account_find(a, b->pos[i].symbol, b->pos[i].side)) == NULL)
			p = &a->pos[a->npos++];
		*p = b->pos[i];
		if (account_held(p))
			account_learn_mode(a, p);
	}
	account_name_assets(a);
	return b->nwal + b->npos > 0;
}

static int
on_account_update(struct account *a, struct row *r, int64_t at)
{
	const struct tok *news = scan_get(r->t, r->v, "a");
	struct account b = { 0 };
	int got = -1;

	if (news == NULL || news->kind != SCAN_OBJ)
		row_refuse(r, "a");
	else if (collect_news(r, news, &b, a, at) == 0)
		got = merge(a, &b, r->f);
	account_free(&b);
	return got;
}

/*
 * The other events
 */

static void
drop_order(struct account *a, struct open_order *o)
{
	struct open_order *end = a->ord + --a->nord;

	memmove(o, o + 1, (size_t)(end - o) * sizeof *o);
}

static bool
same_order(const struct open_order *a, const struct open_order *b)
{
	return strcmp(a->status, b->status) == 0 && strcmp(a->type, b->type) == 0 &&
	    dec_cmp(a->filled, b->filled) == 0 && dec_cmp(a->qty, b->qty) == 0 &&
	    dec_cmp(a->price, b->price) == 0 && dec_cmp(a->trigger, b->trigger) == 0;
}

/* The order as it is now over what is known of it. */
static int
advance_order(struct account *a, const struct open_order *now, struct fault *f)
{
	struct open_order *o = account_find_order(a, now->symbol, now->id, now->algo);
	bool same;

	if (o == NULL)
		return account_add_order(a, now, f) == -1 ? -1 : 1;
	if (now->update_ms < o->update_ms || dec_cmp(now->filled, o->filled) < 0)
		return 0;
	same = same_order(o, now);
	*o = *now;
	return !same;
}

/* An order of either kind; k: its members. */
static int
on_order(struct account *a, struct row *r, int64_t at, const struct order_keys *k)
{
	struct open_order o = { .update_ms = at }, *known;

	if ((r->v = scan_get(r->t, r->v, "o")) == NULL || r->v->kind != SCAN_OBJ) {
		row_refuse(r, "o");
		return -1;
	}
	row_order_id(r, k, &o);
	if (r->bad)
		return -1;
	if (account_has_ended(a, &o))
		return 0;
	if (account_ended(&o)) {
		account_remember_end(a, &o);
		if ((known = account_find_order(a, o.symbol, o.id, o.algo)) == NULL)
			return 0;
		drop_order(a, known);
		return 1;
	}
	row_order(r, k, &o);
	return r->bad ? -1 : advance_order(a, &o, r->f);
}

static int
on_order_update(struct account *a, struct row *r, int64_t at)
{
	return on_order(a, r, at, &account_order_event_keys);
}

static int
on_algo_update(struct account *a, struct row *r, int64_t at)
{
	return on_order(a, r, at, &account_algo_event_keys);
}

/* ai: the multi-assets mode. */
static int
on_modes(struct account *a, struct row *r)
{
	bool multi;

	if (!scan_get_bool(r->t, r->v, "j", &multi)) {
		row_refuse(r, "j");
		return -1;
	}
	if (a->multi_assets == multi)
		return 0;
	a->multi_assets = multi;
	return 1;
}

static int
on_config_update(struct account *a, struct row *r, int64_t at)
{
	const struct tok *modes = scan_get(r->t, r->v, "ai");
	char symbol[SYMBOL_MAX];
	int i, lev, got = 0;

	(void)at;	/* the events of one kind come in order */
	if ((r->v = scan_get(r->t, r->v, "ac")) == NULL) {
		r->v = modes;
		return modes != NULL ? on_modes(a, r) : 0;
	}
	row_text(r, "s", symbol, sizeof symbol);
	lev = row_maybe_small(r, "l", 0);
	if (lev == 0)
		row_refuse(r, "l");
	if (r->bad)
		return -1;
	for (i = 0; i < a->npos; i++)
		if (strcmp(a->pos[i].symbol, symbol) == 0 && a->pos[i].leverage != lev) {
			a->pos[i].leverage = lev;
			got = 1;
		}
	for (i = 0; i < a->nset; i++)
		if (strcmp(a->set[i].symbol, symbol) == 0)
			a->set[i].leverage = lev;
	return got;
}

static int
on_mark(struct account *a, struct row *r, int64_t at)
{
	char symbol[SYMBOL_MAX];
	dec mark;
	int i;

	if (!scan_get_str(r->t, r->v, "s", symbol, sizeof symbol))
		return 0;
	for (i = 0; i < a->npos && strcmp(a->pos[i].symbol, symbol) != 0; i++)
		continue;
	if (i == a->npos)
		return 0;
	r->name = symbol;
	mark = row_dec(r, "p");
	at = row_int(r, "E", 1);
	if (dec_sign(mark) <= 0)
		row_refuse(r, "p");
	if (r->bad)
		return -1;
	return account_mark(a, symbol, strlen(symbol), mark, at);
}

int
account_event(struct account *a, const struct tok *t, const struct tok *rec, struct fault *f)
{
	static const struct {
		const char *e;
		int (*on)(struct account *, struct row *, int64_t at);
		bool ours;	/* about the account; else about the market */
	} events[] = {
		{ "markPriceUpdate", on_mark, false },
		{ "ORDER_TRADE_UPDATE", on_order_update, true },
		{ "ACCOUNT_UPDATE", on_account_update, true },
		{ "ALGO_UPDATE", on_algo_update, true },
		{ "ACCOUNT_CONFIG_UPDATE", on_config_update, true },
	};
	const struct tok *e = scan_get(t, rec, "e");
	struct row r = { .t = t, .v = rec, .f = f };
	int64_t at = 0;
	size_t i;
	int got;

	for (i = 0; i < sizeof events / sizeof *events; i++)
		if (scan_is(e, events[i].e))
			break;
	if (i == sizeof events / sizeof *events)
		return 0;
	r.where = events[i].e;
	if (events[i].ours)	/* T of a mark price is the next funding time */
		at = row_int(&r, row_blank(&r, "T") ? "E" : "T", 1);
	if (r.bad || (got = events[i].on(a, &r, at)) == -1)
		return -1;
	if (at > a->as_of_ms)
		a->as_of_ms = at;
	return got;
}

