/* What the pipe and the account's readings tell, and what was let through. */
#include <stdio.h>

#include "world_in.h"

#define PENDING_MS	10000	/* by then an intent that was read shows in the account, or never */
#define UNREAD_MS	60000	/* a reader that is always behind is not waited for longer */

/*
 * What was let through
 */

static void
drop_pending(struct world *w, int i)
{
	w->pending[i] = w->pending[--w->npending];
	w->version++;
}

/* It counts among the open orders now, or has ended. An open market order has
 * no price to count by: it stays here until its end. id, price: names of members. */
static bool
forget_pending(struct world *w, enum market m, const struct tok *t, const struct tok *o, const char *id, bool algo)
{
	bool open = scan_get_is(t, o, "X", "NEW") || scan_get_is(t, o, "X", "PARTIALLY_FILLED");
	dec p = dec_int(0), tp = p;

	scan_get_dec(t, o, "p", &p);
	if (algo)
		scan_get_dec(t, o, "tp", &tp);
	if (open && dec_sign(p) <= 0 && dec_sign(tp) <= 0)
		return false;
	for (int i = 0; i < w->npending; i++)
		if (w->pending[i].market == m && w->pending[i].client_id[0] != '\0' &&
		    scan_get_is(t, o, id, w->pending[i].client_id) && scan_get_is(t, o, "s", w->pending[i].symbol)) {
			drop_pending(w, i);
			return true;
		}
	return false;
}

static uint64_t
hash_dec(uint64_t h, dec d)
{
	char text[DEC_STR];

	dec_print_short(d, text);
	return fnv(h, text, strlen(text) + 1);
}

uint64_t
passed_what(const struct intent *in)
{
	const unsigned char how[] = { (unsigned char)(in->side == SIDE_BUY), (unsigned char)in->pos_side };
	uint64_t h = fnv(FNV_BASIS, in->symbol, strlen(in->symbol) + 1);

	h = fnv(h, how, sizeof how);
	h = fnv(h, in->type, strlen(in->type) + 1);
	h = hash_dec(h, in->qty);
	return (h >> 32 << 32) | (hash_dec(hash_dec(h, in->price), in->trigger) & UINT32_MAX);
}

static struct pending *
pending_slot(struct world *w)
{
	struct pending *p = w->pending;

	if (w->npending < PENDING_MAX)
		return &w->pending[w->npending++];
	for (int i = 1; i < w->npending; i++)
		if (w->pending[i].mono_ms < p->mono_ms)
			p = &w->pending[i];
	return p;
}

/* Until an event or a reading tells what became of it, it counts as the larger and dearer of both. */
static void
count_modified(struct account *a, const struct intent *in, bool inverse)
{
	for (struct open_order *o = a->ord; o < a->ord + a->nord; o++) {
		if (o->algo || strcmp(o->symbol, in->symbol) != 0 || (in->order_id != 0 ? o->id != in->order_id :
		    in->client_id[0] == '\0' || strcmp(o->client_id, in->client_id) != 0))
			continue;
		o->qty = dec_max(o->qty, in->qty);
		if (dec_sign(in->price) > 0 && dec_sign(o->price) > 0)
			o->price = inverse ? dec_min(o->price, in->price) : dec_max(o->price, in->price);
	}
}

void
world_passed(struct world *w, const struct intent *in, enum market m, dec price)
{
	struct pending *p;

	w->passed[w->npassed++ % PASSED_MAX] = (struct passed){ w->now.mono_ms, passed_what(in) };
	w->version++;
	if (in->op == OP_MODIFY)
		count_modified(&w->acct[m], in, m == MARKET_COINM);
	if (in->op != OP_PLACE)
		return;
	p = pending_slot(w);
	*p = (struct pending){
		.market = m, .side = in->side, .pos_side = in->pos_side, .qty = in->qty, .price = price,
		.market_order = intent_is_market(in), .mono_ms = w->now.mono_ms,
	};
	snprintf(p->symbol, sizeof p->symbol, "%s", in->symbol);
	snprintf(p->client_id, sizeof p->client_id, "%s", in->client_id);
}

/* Whether it is among the open orders, and counts there. (A market order has no price.) */
static bool
is_open(const struct account *a, enum market m, const struct pending *p)
{
	for (int i = 0; i < a->nord; i++)
		if (order_priced(&a->ord[i]) && same_order(p, m, &a->ord[i]))
			return true;
	return false;
}

/* The next program does not keep up: what it has not read has not been sent, and its time has not begun. */
static bool
is_over(struct world *w, enum market m, struct pending *p, bool waiting)
{
	int64_t now = w->now.mono_ms;

	if (waiting && now - p->mono_ms < UNREAD_MS)
		p->unread_ms = now;
	return now - (p->unread_ms > 0 ? p->unread_ms : p->mono_ms) >= PENDING_MS || is_open(&w->acct[m], m, p);
}

void
world_loaded(struct world *w, enum market m, bool waiting)
{
	int keep = 0;

	account_contracts(&w->acct[m], &w->cs);
	for (int i = 0; i < w->npending; i++)
		if (w->pending[i].market != m || !is_over(w, m, &w->pending[i], waiting))
			w->pending[keep++] = w->pending[i];
	w->npending = keep;
	w->version++;
}

/*
 * The account's stream
 */

static bool
user_stream(const struct tok *v, enum market *m)
{
	*m = scan_is(v, "user-coinm") ? MARKET_COINM : MARKET_USDM;
	return *m == MARKET_COINM || scan_is(v, "user");
}

static void
lives(struct health *h, int64_t mono_ms)
{
	h->stream_seen = true;
	h->stream_mono_ms = mono_ms;
	h->stream_up = true;
	for (int m = 0; m < MARKETS; m++)
		if (h->stream_lost[m])
			h->stream_up = false;
}

static int
on_conn(struct world *w, const struct tok *t, const struct tok *rec)
{
	struct health *h = &w->health;
	enum market m;
	bool down;

	if (!user_stream(scan_get(t, rec, "conn"), &m))
		return 0;
	down = scan_get_is(t, rec, "state", "down");
	if (!down && !scan_get_is(t, rec, "state", "up") && !scan_get_is(t, rec, "state", "replaced"))
		return 0;
	h->stream_lost[m] = down;
	if (!down)
		lives(h, w->now.mono_ms);
	h->stream_seen = true;
	h->stream_up = h->stream_up && !down;
	w->version++;
	return 1;
}

/* Events of the account were missed, or it is not as they said. */
static bool
missed(const struct tok *t, const struct tok *rec, const struct tok *e)
{
	enum market m;

	if (scan_is(e, "bf.gap"))
		return user_stream(scan_get(t, rec, "stream"), &m);
	if (scan_is(e, "bf.recovered"))
		return scan_get_is(t, rec, "what", "fill") || scan_get_is(t, rec, "what", "order");
	return scan_is(e, "bf.reconcile") && scan_get_is(t, rec, "what", "position_mismatch");
}

/*
 * Account events
 */

/* box: the member with the symbol under "s"; "" the record itself, NULL elsewhere. */
static const struct account_event { const char *e, *box, *id; } account_events[] = {
	{ "ORDER_TRADE_UPDATE", "o", "c" },
	{ "ACCOUNT_UPDATE", NULL, NULL },
	{ "ALGO_UPDATE", "o", "caid" },
	{ "ACCOUNT_CONFIG_UPDATE", "ac", NULL },
	{ "TRADE_LITE", "", NULL },
	{ "MARGIN_CALL", NULL, NULL },
	{ "STRATEGY_UPDATE", "su", NULL },
	{ "GRID_UPDATE", "gu", NULL },
	{ "CONDITIONAL_ORDER_TRIGGER_REJECT", "or", NULL },
};

static const struct account_event *
account_event_row(const struct tok *e)
{
	for (size_t i = 0; i < sizeof account_events / sizeof *account_events; i++)
		if (scan_is(e, account_events[i].e))
			return &account_events[i];
	return NULL;
}

/* The symbol an event is about; of more the first. */
static bool
event_symbol(const struct account_event *row, const struct tok *t, const struct tok *rec, char out[SYMBOL_MAX])
{
	const struct tok *a = scan_get(t, rec, "a");

	if (row->box != NULL)
		return scan_get_str(t, row->box[0] == '\0' ? rec : scan_get(t, rec, row->box), "s", out, SYMBOL_MAX);
	if (scan_is(scan_get(t, rec, "e"), "MARGIN_CALL"))
		return scan_get_str(t, scan_first(scan_get(t, rec, "p")), "s", out, SYMBOL_MAX);
	return scan_get_str(t, scan_first(scan_get(t, a, "P")), "s", out, SYMBOL_MAX) ||
	    scan_get_str(t, a, "S", out, SYMBOL_MAX);
}

static bool
has_wallet(const struct account *a, const struct tok *asset)
{
	for (int i = 0; i < a->nwal; i++)
		if (scan_is(asset, a->wal[i].asset))
			return true;
	return false;
}

/* Of balances alone: the market whose wallets have the asset, if it is one. */
static bool
asset_market(const struct world *w, const struct tok *t, const struct tok *rec, enum market *m)
{
	const struct tok *asset = scan_get(t, scan_first(scan_get(t, scan_get(t, rec, "a"), "B")), "a");
	bool usdm = w->served[MARKET_USDM], coinm = w->served[MARKET_COINM];

	if (usdm && coinm) {
		usdm = has_wallet(&w->acct[MARKET_USDM], asset);
		coinm = has_wallet(&w->acct[MARKET_COINM], asset);
	}
	*m = coinm ? MARKET_COINM : MARKET_USDM;
	return usdm != coinm;
}

static bool
event_market(const struct world *w, const struct account_event *row, const struct tok *t, const struct tok *rec,
    enum market *m)
{
	char symbol[SYMBOL_MAX];
	int64_t st;

	if (scan_get_i64(t, rec, "st", &st) && (st == 1 || st == 2)) {
		*m = st == 2 ? MARKET_COINM : MARKET_USDM;
		return true;
	}
	if (event_symbol(row, t, rec, symbol))
		return world_market(w, symbol, m);
	if (scan_get(t, rec, "ai") != NULL) {	/* the multi-assets mode: only USDⓈ-M has it */
		*m = MARKET_USDM;
		return true;
	}
	return asset_market(w, t, rec, m);
}

static int
on_account(struct world *w, const struct account_event *row, const struct tok *t, const struct tok *rec, struct fault *f)
{
	bool forgot = false;
	enum market m;
	int got;

	lives(&w->health, w->now.mono_ms);
	if (!event_market(w, row, t, rec, &m)) {
		if (strcmp(row->e, "ACCOUNT_UPDATE") != 0)
			return 0;
		return fault_set(f, FAULT_UNKNOWN, "%s: of which market it is cannot be told", row->e);
	}
	if (!w->served[m])
		return 0;
	if ((got = account_event(&w->acct[m], t, rec, f)) == -1)
		return -1;
	if (row->id != NULL)
		forgot = forget_pending(w, m, t, scan_get(t, rec, row->box), row->id, strcmp(row->id, "caid") == 0);
	w->version += got > 0;
	return got > 0 || forgot;
}

int
world_event(struct world *w, const struct tok *t, const struct tok *rec, struct fault *f)
{
	const struct tok *e = scan_get(t, rec, "e");
	const struct account_event *row;

	if (scan_is(e, "markPriceUpdate"))
		return world_mark(w, t, rec);
	if (scan_is(e, "bf.conn"))
		return on_conn(w, t, rec);
	if ((row = account_event_row(e)) != NULL)
		return on_account(w, row, t, rec, f);
	if (missed(t, rec, e))
		return fault_set(f, FAULT_UNKNOWN, "events of the account were missed");
	return 0;
}
