/*
 * Flattening: an order for each position that stands, all on the desk, which sends them five to a request,
 * each exactly once. What each position has seen so far decides the rung.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kill.h"

#define PARTS_MAX	200	/* orders for one position in one round */
#define RULES_MS	10000	/* between askings for exchangeInfo */
#define RULES_WAIT_MS	2000
#define NO_REDUCE_MAX	3	/* refusals as not reducing before the next rung is tried */

/*
 * What was tried
 */

struct track *
track_of(struct app *a, const struct held *h)
{
	struct track *t;

	for (int i = 0; i < a->ntrack; i++) {
		t = &a->track[i];
		if (t->m == h->m && t->side == h->side && strcmp(t->symbol, h->symbol) == 0)
			return t;
	}
	if (a->ntrack == a->ctrack)
		return NULL;
	t = &a->track[a->ntrack++];
	memset(t, 0, sizeof *t);
	t->m = h->m;
	t->side = h->side;
	memcpy(t->symbol, h->symbol, sizeof t->symbol);
	return t;
}

/* Room for all, before any is pointed at. */
static bool
make_room(struct app *a)
{
	int more = a->view[MARKET_USDM].npos + a->view[MARKET_COINM].npos, cap = a->ntrack + more;
	struct track *p;

	if (cap <= a->ctrack)
		return true;
	if ((p = realloc(a->track, (size_t)cap * sizeof *p)) == NULL)
		return false;
	a->track = p;
	a->ctrack = cap;
	return true;
}

static void stick(struct track *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void
stick(struct track *t, const char *fmt, ...)
{
	va_list ap;

	t->stuck = true;
	va_start(ap, fmt);
	vsnprintf(t->why, sizeof t->why, fmt, ap);
	va_end(ap);
}

/* What the last try has brought: half and more, the same again; else the next rung. */
static void
climb(struct track *t, const struct held *h)
{
	dec twice;

	if (t->tried && !(dec_mul(&twice, dec_abs(h->amt), dec_int(2)) && dec_cmp(twice, dec_abs(t->last)) <= 0) &&
	    (t->no_reduce == 0 || t->no_reduce % NO_REDUCE_MAX == 0))
		t->rung = (t->rung + 1) % RUNGS;
	t->tried = false;
}

/*
 * Rules
 */

static void
get_rules(struct app *a, enum market m, bool anew)
{
	struct fault f = { 0 };
	int was = a->s[m].timeout_ms;

	if (clock_mono_ms() < a->x_due[m])
		return;
	a->s[m].timeout_ms = RULES_WAIT_MS;
	if (xinfo_get(&a->x[m], &a->s[m], anew, &f) == -1)
		say(a, "the contract rules of %s are not known: %s", market_title(m), f.text);
	if (!a->x[m].from_cache) {
		a->x_due[m] = clock_mono_ms() + RULES_MS;
		a->extra++;
	}
	a->s[m].timeout_ms = was;
}

/* Without rules an order goes as it is: the exchange has the last word. */
static bool
rules_of(struct app *a, enum market m, const char *symbol, struct rules *r)
{
	struct fault f = { 0 };

	memset(r, 0, sizeof *r);
	if (!xinfo_there(&a->x[m]))
		get_rules(a, m, false);
	if (xinfo_there(&a->x[m]) && rules_find(r, a->x[m].doc.t, a->x[m].doc.t, symbol, &f) == 0)
		return true;
	memset(r, 0, sizeof *r);
	return false;
}

/* Smaller than any order may be. */
static bool
is_dust(const struct rules *r, dec amt)
{
	return dec_cmp(dec_abs(amt), r->min_qty) < 0 ||
	    (dec_sign(r->step) > 0 && dec_cmp(dec_abs(amt), r->step) < 0);
}

static void
stick_dust(struct track *t, const struct rules *r, dec amt)
{
	char is[DEC_STR], least[DEC_STR];

	dec_print_short(dec_abs(amt), is);
	dec_print_short(dec_max(r->min_qty, r->step), least);
	stick(t, "dust: %s is less than the least order of %s", is, least);
}

/*
 * Outcomes
 */

static void
put_flatten(struct app *a, const struct part *p, enum outcome out, const char *order, size_t n, const struct fault *f)
{
	static const char *const words[] = { [OUT_RESULT] = "accepted", [OUT_REFUSED] = "refused",
		[OUT_ABSENT] = "absent", [OUT_UNKNOWN] = "unknown" };

	step(a, "flatten");
	jw_str(&a->rec, "market", market_word(p->h.m));
	jw_str(&a->rec, "symbol", p->h.symbol);
	if (p->in.has_pos_side)
		jw_str(&a->rec, "positionSide", p->h.side == POS_LONG ? "LONG" : "SHORT");
	jw_dec(&a->rec, "positionAmt", p->h.amt);
	jw_str(&a->rec, "rung", ladder_word(p->t->rung));
	jw_str(&a->rec, "quantity", p->in.qty_s);
	if (p->in.price_s[0] != '\0')
		jw_str(&a->rec, "price", p->in.price_s);
	jw_str(&a->rec, "clientOrderId", p->in.client_id);
	jw_str(&a->rec, "outcome", words[out]);
	if (out == OUT_RESULT)
		jw_raw(&a->rec, "order", order, n);
	else
		step_fault(a, f);
	if (a->out.table)
		say(a, "flatten %s, %s: %s", p->h.symbol, p->in.qty_s, out == OUT_RESULT ? "accepted" : f->text);
	emit(a);
}

static bool
is_one_of(int code, const int *codes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (codes[i] == code)
			return true;
	return false;
}
#define ONE_OF(code, codes)	is_one_of(code, codes, sizeof (codes) / sizeof *(codes))

/* A contract that is not traded is not tried for ever. */
static void
not_trading(struct app *a, struct track *t, const struct fault *f)
{
	struct rules r;

	get_rules(a, t->m, true);
	if (!rules_of(a, t->m, t->symbol, &r))
		stick(t, "not listed any more: %.150s", f->text);
	else if (strcmp(r.status, "TRADING") != 0)
		stick(t, "its status is %s: %.150s", r.status, f->text);
}

/* By the rules that are held, or else by those of now. */
static void
too_small(struct app *a, struct track *t, const struct held *h)
{
	struct rules r;

	for (int anew = 0; anew < 2 && !t->stuck; anew++) {
		if (anew == 1)
			get_rules(a, t->m, true);
		if (rules_of(a, t->m, t->symbol, &r) && is_dust(&r, h->amt))
			stick_dust(t, &r, h->amt);
	}
}

static void
learn(struct app *a, struct track *t, const struct held *h, const struct fault *f)
{
	static const int reduce[] = { -2022, -4118 }, same[] = { -2023, -4061 },
		closed[] = { -1121, -1122, -4108, -4140, -4141 },
		filters[] = { -1111, -4003, -4004, -4005, -4013, -4014, -4023 };

	snprintf(t->why, sizeof t->why, "%.190s", f->text);
	t->no_reduce = ONE_OF(f->code, reduce) ? t->no_reduce + 1 : 0;
	a->view[t->m].full = a->view[t->m].full || t->no_reduce > 0;	/* an order may hold it, or it is flat */
	a->slow = a->slow || f->code == -2023;
	if (f->kind == FAULT_AGAIN || ONE_OF(f->code, same))
		t->tried = false;	/* the same again: it has nothing to do with its price */
	if (ONE_OF(f->code, closed))
		not_trading(a, t, f);
	if (ONE_OF(f->code, filters))
		too_small(a, t, h);
	if (f->kind == FAULT_LOCAL) {
		stick(t, "%.180s", f->text);
		say(a, "%s: no order leaves without its journal line; --journal FILE names another place", f->text);
	}
}

void
flatten_done(void *arg, void *tag, enum outcome out, const char *result, size_t n, const struct fault *f)
{
	struct app *a = arg;
	struct part *p = tag;

	put_flatten(a, p, out, result, n, f);
	if (out == OUT_RESULT)
		p->t->no_reduce = 0;
	else {
		note(a, f);
		learn(a, p->t, &p->h, f);
	}
	if (out == OUT_UNKNOWN || out == OUT_ABSENT)
		p->t->tried = false;	/* if it never was, the same again */
	if (out != OUT_UNKNOWN) {
		free(p);
		return;
	}
	p->t = NULL;		/* may move */
	p->next = a->lost;
	a->lost = p;
}

static bool
is_lost(const struct app *a, const struct held *h)
{
	const struct part *p = a->lost;

	while (p != NULL && (p->h.m != h->m || p->h.side != h->side || strcmp(p->h.symbol, h->symbol) != 0))
		p = p->next;
	return p != NULL;
}

static void
found(struct app *a, const char *id)
{
	struct part **p = &a->lost, *it;

	while ((it = *p) != NULL && strcmp(it->in.client_id, id) != 0)
		p = &it->next;
	if (it == NULL)
		return;
	*p = it->next;
	free(it);
}

void
flatten_settled(struct app *a, const struct buf *rec)
{
	const char *s = rec->p, *end;
	char id[sizeof a->lost->in.client_id];
	struct scan sc = { 0 };

	for (; s != NULL && (end = strchr(s, '\n')) != NULL; s = end + 1)
		if (scan_doc(&sc, s, (size_t)(end - s)) > 0 && !scan_get_is(sc.t, sc.t, "outcome", "unknown") &&
		    scan_get_str(sc.t, sc.t, "clientOrderId", id, sizeof id))
			found(a, id);
	scan_free(&sc);
}

void
flatten_free(struct app *a)
{
	while (a->lost != NULL)
		found(a, a->lost->in.client_id);
}

/*
 * Orders
 */

/* Its line for the journal. */
static void
put_intent(struct buf *text, const struct intent *in)
{
	jw_open(text, NULL, '{');
	jw_str(text, "symbol", in->symbol);
	jw_str(text, "side", in->side == SIDE_BUY ? "BUY" : "SELL");
	jw_str(text, "type", in->type);
	if (in->tif[0] != '\0')
		jw_str(text, "timeInForce", in->tif);
	jw_str(text, "quantity", in->qty_s);
	if (in->price_s[0] != '\0')
		jw_str(text, "price", in->price_s);
	if (in->price_match[0] != '\0')
		jw_str(text, "priceMatch", in->price_match);
	if (in->has_pos_side)
		jw_str(text, "positionSide", in->pos_side == POS_LONG ? "LONG" : "SHORT");
	else
		jw_bool(text, "reduceOnly", true);
	jw_str(text, "newClientOrderId", in->client_id);
	jw_close(text, '}');
}

static int
add_part(struct app *a, struct part *p, struct fault *f)
{
	struct buf text = { 0 };
	int r;

	if (a->desk == NULL) {
		*f = a->no_journal;
		return -1;
	}
	if (trader_client_id(p->in.client_id, "bf-kill-", now_ms(a), f) == -1)
		return -1;
	put_intent(&text, &p->in);
	r = text.bad ? fault_set(f, FAULT_LOCAL, "out of memory") :
	    desk_add(a->desk, p->h.m, &p->in, text.p, text.len, p, f);
	buf_free(&text);
	return r;
}

static bool
close_part(struct app *a, const struct held *h, struct track *t, const struct rules *r, dec *left)
{
	struct part *p = calloc(1, sizeof *p);
	struct fault f = { 0 };
	dec qty;

	if (p == NULL) {
		local_trouble(a, &(struct fault){ .kind = FAULT_LOCAL, .text = "out of memory for an order" });
		return false;
	}
	*p = (struct part){ .a = a, .t = t, .h = *h };
	if (!ladder_intent(r, h, t->rung, *left, &p->in, &qty) || add_part(a, p, &f) == -1) {
		if (f.kind == FAULT_NONE)
			fault_set(&f, FAULT_LOCAL, "%s: its amount is out of room", h->symbol);
		flatten_done(a, p, OUT_REFUSED, NULL, 0, &f);
		return false;
	}
	return dec_sub(left, *left, qty);
}

static void
close_position(struct app *a, const struct held *h)
{
	struct track *t = track_of(a, h);
	dec left = dec_abs(h->amt);
	struct rules r;

	if (t == NULL || t->stuck || is_lost(a, h))
		return;
	(void)rules_of(a, h->m, h->symbol, &r);
	climb(t, h);
	t->tried = true;
	t->last = h->amt;
	a->view[h->m].acted = true;
	for (int i = 0; i < PARTS_MAX && dec_sign(left) > 0; i++)
		if (!close_part(a, h, t, &r, &left))
			return;
}

void
flatten(struct app *a)
{
	struct pollfd p = { .fd = trader_wake_fd(), .events = POLLIN };

	a->slow = false;
	if (!make_room(a)) {
		local_trouble(a, &(struct fault){ .kind = FAULT_LOCAL, .text = "out of memory for positions" });
		return;
	}
	for (int m = 0; m < MARKETS; m++)
		for (int i = 0; i < a->view[m].npos && may_go_on(a); i++)
			close_position(a, &a->view[m].pos[i]);
	if (a->desk == NULL)
		return;
	trader_in_flight(desk_pending(a->desk) > 0);
	while (desk_pending(a->desk) > 0)
		desk_turn(a->desk, &p, trader_stop == 0, 1000);
	trader_in_flight(false);
}

bool
flatten_stuck(struct app *a)
{
	const struct track *t;
	int n = 0;

	for (int m = 0; m < MARKETS; m++)
		for (int i = 0; i < a->view[m].npos; i++, n++)
			if ((t = track_of(a, &a->view[m].pos[i])) == NULL || !t->stuck)
				return false;
	return n > 0;
}
