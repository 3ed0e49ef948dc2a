/* What the pipe and the account's readings tell, and what was let through. */
#include <stdio.h>

#include "world_in.h"

#define UNREAD_MS	60000	/* a reader that is always behind is not waited for longer */

/*
 * What was let through
 */

/* One of a client id was seen as the order of this id: what else is pending under that client id is another order. */
static void
drop_pending(struct world *w, int i, uint64_t id)
{
	struct pending was = w->pending[i];

	w->npending--;
	memmove(&w->pending[i], &w->pending[i + 1], (size_t)(w->npending - i) * sizeof was);	/* the oldest stays first */
	for (struct pending *p = w->pending; p < w->pending + w->npending; p++)
		if (p->market == was.market && p->algo == was.algo && p->after_id < id &&
		    strcmp(p->client_id, was.client_id) == 0 && strcmp(p->symbol, was.symbol) == 0)
			p->after_id = id;
	w->version++;
}

/* It counts among the open orders now, or has ended. An open market order has
 * no price to count by: it stays here until its end. id, price: names of members. */
static bool
forget_pending(struct world *w, enum market m, const struct tok *t, const struct tok *o, const char *id, bool algo)
{
	bool open = scan_get_is(t, o, "X", "NEW") || scan_get_is(t, o, "X", "PARTIALLY_FILLED");
	dec p = dec_int(0), tp = p;
	int64_t number = 0;

	scan_get_dec(t, o, "p", &p);
	if (algo)
		scan_get_dec(t, o, "tp", &tp);
	if (open && dec_sign(p) <= 0 && dec_sign(tp) <= 0)
		return false;
	scan_get_i64(t, o, algo ? "aid" : "i", &number);
	for (int i = 0; i < w->npending; i++)
		if (w->pending[i].market == m && w->pending[i].algo == algo && (uint64_t)number > w->pending[i].after_id &&
		    w->pending[i].client_id[0] != '\0' && scan_get_is(t, o, id, w->pending[i].client_id) && scan_get_is(t, o, "s", w->pending[i].symbol)) {
			drop_pending(w, i, (uint64_t)number);
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

/*
 * Modifications on their way
 */

static dec
dearer(dec a, dec b, bool inverse)
{
	if (dec_sign(a) <= 0 || dec_sign(b) <= 0)
		return dec_max(a, b);
	return inverse ? dec_min(a, b) : dec_max(a, b);
}

/* Until an event or time tells what became of it, it counts as the larger and dearer of both. */
static void
count_as(struct open_order *o, const struct modified *mo)
{
	o->qty = dec_max(o->qty, mo->qty);
	if (dec_sign(o->price) > 0)
		o->price = dearer(o->price, mo->price, mo->market == MARKET_COINM);
}

static bool
is_modified(const struct modified *mo, enum market m, const struct open_order *o)
{
	return mo->market == m && !o->algo && mo->id == o->id && strcmp(mo->symbol, o->symbol) == 0;
}

static struct modified *
modified_slot(struct world *w, enum market m, const struct open_order *o)
{
	struct modified *mo = w->modified;

	for (int i = 0; i < w->nmodified; i++)
		if (is_modified(&w->modified[i], m, o))
			return &w->modified[i];
	if (w->nmodified < MODIFIED_MAX) {
		mo = &w->modified[w->nmodified++];
	} else {
		for (int i = 1; i < w->nmodified; i++)
			if (w->modified[i].mono_ms < mo->mono_ms)
				mo = &w->modified[i];
	}
	*mo = (struct modified){ .market = m, .id = o->id };
	memcpy(mo->symbol, o->symbol, sizeof mo->symbol);
	return mo;
}

/* price: at which it counts. */
static void
count_modified(struct world *w, const struct intent *in, enum market m, dec price)
{
	struct account *a = &w->acct[m];

	for (struct open_order *o = a->ord; o < a->ord + a->nord; o++) {
		struct modified *mo;

		if (o->algo || strcmp(o->symbol, in->symbol) != 0 || (in->order_id != 0 ? o->id != in->order_id :
		    in->client_id[0] == '\0' || strcmp(o->client_id, in->client_id) != 0))
			continue;
		mo = modified_slot(w, m, o);
		mo->asked_qty = in->qty;
		mo->asked_price = in->price;
		mo->qty = dec_max(mo->qty, in->qty);
		mo->price = dearer(mo->price, dec_sign(in->price) > 0 ? in->price : price, m == MARKET_COINM);
		mo->mono_ms = w->now.mono_ms;
		count_as(o, mo);
	}
}

/* The event shows what was asked for, or the end of the order. */
static bool
shows(const struct tok *t, const struct tok *o, const struct modified *mo)
{
	dec qty, price;

	if (!scan_get_is(t, o, "X", "NEW") && !scan_get_is(t, o, "X", "PARTIALLY_FILLED"))
		return true;
	if (dec_sign(mo->asked_price) <= 0)
		return scan_get_is(t, o, "x", "AMENDMENT");
	return scan_get_dec(t, o, "p", &price) && dec_cmp(price, mo->asked_price) == 0 && (dec_sign(mo->asked_qty) <= 0 ||
	    (scan_get_dec(t, o, "q", &qty) && dec_cmp(qty, mo->asked_qty) == 0));
}

/* An event of an order. */
static void
modified_event(struct world *w, enum market m, const struct tok *t, const struct tok *o)
{
	int64_t id;

	if (w->nmodified == 0 || !scan_get_i64(t, o, "i", &id))
		return;
	for (int i = 0; i < w->nmodified; i++)
		if (w->modified[i].market == m && w->modified[i].id == (uint64_t)id && scan_get_is(t, o, "s", w->modified[i].symbol) &&
		    shows(t, o, &w->modified[i])) {
			w->modified[i] = w->modified[--w->nmodified];
			return;
		}
}

/* What the account says of m's orders may be from before they arrived. */
static void
modified_again(struct world *w, enum market m)
{
	struct account *a = &w->acct[m];

	for (int i = 0; i < w->nmodified; i++)
		for (struct open_order *o = a->ord; o < a->ord + a->nord; o++)
			if (is_modified(&w->modified[i], m, o))
				count_as(o, &w->modified[i]);
}

static void
modified_old(struct world *w, bool waiting)
{
	int keep = 0;

	for (int i = 0; i < w->nmodified; i++) {
		if (waiting)
			w->modified[i].mono_ms = w->now.mono_ms;
		if (w->now.mono_ms - w->modified[i].mono_ms < PENDING_MS)
			w->modified[keep++] = w->modified[i];
	}
	w->nmodified = keep;
}

static bool
at_once(const struct intent *in)
{
	return !in->algo && (intent_is_market(in) || strcmp(in->tif, "IOC") == 0 || strcmp(in->tif, "FOK") == 0);
}

void
world_exit(struct world *w, const struct intent *in)
{
	struct sym *s = in->op == OP_PLACE && !in->algo ? sym_slot(w, in->symbol, strlen(in->symbol)) : NULL;

	if (s != NULL)
		s->exit_mono_ms = w->now.mono_ms;
}

void
world_passed(struct world *w, const struct intent *in, enum market m, dec price)
{
	struct pending *p;

	w->passed[w->npassed++ % PASSED_MAX] = (struct passed){ w->now.mono_ms, passed_what(in) };
	w->version++;
	if (in->op == OP_MODIFY)
		count_modified(w, in, m, price);
	if (in->op != OP_PLACE)
		return;
	p = pending_slot(w);
	*p = (struct pending){
		.market = m, .side = in->side, .pos_side = in->pos_side, .qty = in->qty, .price = price,
		.market_order = intent_is_market(in), .once = at_once(in), .algo = in->algo, .mono_ms = w->now.mono_ms,
	};
	snprintf(p->symbol, sizeof p->symbol, "%s", in->symbol);
	snprintf(p->client_id, sizeof p->client_id, "%s", in->client_id);
	for (const struct open_order *o = w->acct[m].ord; o < w->acct[m].ord + w->acct[m].nord; o++)
		if (same_order(p, m, o))
			p->after_id = o->id;
}

/* Those among the open orders count there. (A market order has no price.) */
static void
drop_open(struct world *w, enum market m)
{
	const struct account *a = &w->acct[m];

	for (int k = 0; k < a->nord; k++)
		for (int i = 0; i < w->npending && order_priced(&a->ord[k]); i++)
			if (same_order(&w->pending[i], m, &a->ord[k])) {
				drop_pending(w, i, a->ord[k].id);
				break;
			}
}

/* The next program does not keep up: what it has not read has not been sent, and its time has not begun. */
static bool
is_over(const struct world *w, struct pending *p, bool waiting)
{
	int64_t now = w->now.mono_ms;

	if (waiting && now - p->mono_ms < UNREAD_MS)
		p->unread_ms = now;
	return now - (p->unread_ms > 0 ? p->unread_ms : p->mono_ms) >= PENDING_MS;
}

void
world_loaded(struct world *w, enum market m, bool waiting)
{
	int keep = 0;

	account_contracts(&w->acct[m], &w->cs);
	drop_open(w, m);
	for (int i = 0; i < w->npending; i++)
		if (w->pending[i].market != m || !is_over(w, &w->pending[i], waiting))
			w->pending[keep++] = w->pending[i];
	w->npending = keep;
	modified_old(w, waiting);
	modified_again(w, m);
	for (size_t i = 0; i < w->csym && waiting; i++)
		if (w->sym[i].n != 0 && w->sym[i].exit_mono_ms > 0 && w->now.mono_ms - w->sym[i].exit_mono_ms < PENDING_MS)
			w->sym[i].exit_mono_ms = w->now.mono_ms;
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

/* Nothing comes on that connection any more. Up again by its bf.conn, or by an event. */
static int
on_key_expired(struct world *w)
{
	w->health.stream_seen = true;
	w->health.stream_up = false;
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
	if (strcmp(row->e, "ORDER_TRADE_UPDATE") == 0)
		modified_event(w, m, t, scan_get(t, rec, "o"));
	modified_again(w, m);
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
	if (scan_is(e, "listenKeyExpired"))
		return on_key_expired(w);
	if ((row = account_event_row(e)) != NULL)
		return on_account(w, row, t, rec, f);
	if (missed(t, rec, e))
		return fault_set(f, FAULT_UNKNOWN, "events of the account were missed");
	return 0;
}
