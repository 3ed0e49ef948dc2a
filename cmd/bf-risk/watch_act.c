/* What is done about a rule that does not hold: notices, cancels, and everything closed. */
#include <stdio.h>
#include <string.h>

#include "watch_in.h"

static const char *const sides[] = { [POS_BOTH] = "BOTH", [POS_LONG] = "LONG", [POS_SHORT] = "SHORT" };

/*
 * Notices
 */

static void
sentence(char *out, size_t size, const struct alarm *a, bool cleared)
{
	const char *name = rule_rows[a->rule].name, *what = a->symbol[0] != '\0' ? a->symbol : a->asset;
	char value[DEC_STR], limit[DEC_STR];

	dec_print_short(a->value, value);
	dec_print_short(a->limit, limit);
	if (cleared)
		snprintf(out, size, "%s %s: within the limit again", what, name);
	else if (a->rule == R_UNPROTECTED)
		snprintf(out, size, "%s: %s of the position has had no stop for more than %s s", what, value, limit);
	else
		snprintf(out, size, "%s %s: %s, the limit is %s", what, name, a->bounded ? value : "without bound", limit);
}

/* As bf-order says it of a stop that failed; here no order is to blame. */
static void
put_unprotected(struct look *k, const struct alarm *a, const char *msg)
{
	struct buf *b = &k->out->lines;

	jw_open(b, NULL, '{');
	jw_str(b, "e", "bf.unprotected");
	jw_i64(b, "E", k->w->now.ms);
	jw_str(b, "by", "bf-risk");
	jw_str(b, "symbol", a->symbol);
	jw_str(b, "positionSide", sides[a->side]);
	jw_i64(b, "code", 0);
	jw_str(b, "msg", msg);
	jw_null(b, "intent");
	jw_close(b, '}');
	jw_end(b);
}

static void
put_about(struct buf *b, const struct alarm *a, const struct purse *p, const struct limit *l)
{
	jw_str(b, "action", action_word(a->act));
	jw_str(b, "reason", l->reason);
	jw_str(b, "market", market_word(a->m));
	if (a->asset[0] != '\0')
		jw_str(b, "asset", a->asset);
	if (a->symbol[0] != '\0') {
		jw_str(b, "symbol", a->symbol);
		jw_str(b, "positionSide", sides[a->side]);
	}
	if (p != NULL && (a->rule == R_DAILY_LOSS || a->rule == R_DRAWDOWN || a->rule == R_LOSING_STREAK))
		day_parts(p, b);
}

void
watch_notice(struct look *k, const struct alarm *a, const struct purse *p, const struct limit *l, bool cleared)
{
	struct buf *b = &k->out->lines;
	char msg[256];

	sentence(msg, sizeof msg, a, cleared);
	if (a->rule == R_UNPROTECTED && !cleared)
		put_unprotected(k, a, msg);
	jw_open(b, NULL, '{');
	jw_str(b, "e", "bf.risk");
	jw_i64(b, "E", k->w->now.ms);
	jw_str(b, "by", "bf-risk");
	jw_str(b, "rule", rule_rows[a->rule].name);
	if (a->bounded)
		jw_dec(b, "value", a->value);
	else
		jw_null(b, "value");
	jw_dec(b, "limit", a->limit);
	jw_str(b, "msg", msg);
	put_about(b, a, p, l);
	if (cleared)
		jw_bool(b, "cleared", true);
	jw_close(b, '}');
	jw_end(b);
	if (a->rule != R_MAX_LEV)	/* of that one the reduction is said */
		watch_say(k->out, "%s", msg);
}

/*
 * Cancels
 */

/* What is held of the order's position, signed. */
static dec
held_of(const struct account *a, const struct open_order *o)
{
	for (int i = 0; i < a->npos; i++)
		if (watch_same(a->pos[i].symbol, a->pos[i].side, o->symbol, o->pos_side))
			return a->pos[i].amt;
	return dec_int(0);
}

/* Whether two orders may fill against the same position. */
static bool
of_one(const struct open_order *a, const struct open_order *b)
{
	return a->side == b->side && watch_same(a->symbol, a->pos_side, b->symbol, b->pos_side);
}

/*
 * Whether the n-th order could make a position larger, or a new one, by what is known of those before it. Orders
 * against a position could not as long as they fill no further than to flat together: of more, the first that have
 * room are kept.
 */
static bool
could_add(const struct account *a, const bool *adds, int n)
{
	const struct open_order *o = &a->ord[n];
	dec held = held_of(a, o), sum, left;

	if (o->reduce || o->close_all)
		return false;
	if (dec_sign(held) == 0 || (dec_sign(held) > 0) == (o->side == SIDE_BUY) || !dec_sub(&sum, o->qty, o->filled))
		return true;
	for (int i = 0; i < n; i++) {
		const struct open_order *e = &a->ord[i];

		if (!adds[i] && !e->reduce && !e->close_all && of_one(e, o) &&
		    (!dec_sub(&left, e->qty, e->filled) || !dec_add(&sum, sum, left)))
			return true;
	}
	return dec_cmp(sum, dec_abs(held)) > 0;
}

/* Of each open order. NULL: memory, or there is none. */
static const bool *
find_adding(struct watch *wt, const struct account *a)
{
	bool *list = watch_grow(wt, wt->adds, &wt->cadds, a->nord, sizeof *list);

	if (list == NULL)
		return NULL;
	wt->adds = list;
	for (int i = 0; i < a->nord; i++)
		list[i] = could_add(a, list, i);
	return list;
}

static void
put_cancel(struct look *k, const struct open_order *o, enum rule r, bool all)
{
	struct buf *b = &k->out->lines;

	jw_open(b, NULL, '{');
	jw_str(b, "op", all ? "cancel-all" : "cancel");
	jw_str(b, "symbol", o->symbol);
	if (all && o->algo)
		jw_bool(b, "algo", true);
	else if (!all)
		jw_u64(b, o->algo ? "algoId" : "orderId", o->id);
	jw_str(b, "by", "bf-risk");
	jw_str(b, "rule", rule_rows[r].name);
	jw_close(b, '}');
	jw_end(b);
}

static bool
of_kind(const struct open_order *a, const struct open_order *b)
{
	return a->algo == b->algo && strcmp(a->symbol, b->symbol) == 0;
}

/* Whether no order of this symbol and kind is one to be kept. */
static bool
all_add(const struct account *a, const bool *adds, const struct open_order *o)
{
	for (int i = 0; i < a->nord; i++)
		if (!adds[i] && of_kind(&a->ord[i], o))
			return false;
	return true;
}

static bool
first_of_kind(const struct account *a, int n)
{
	for (int i = 0; i < n; i++)
		if (of_kind(&a->ord[i], &a->ord[n]))
			return false;
	return true;
}

/* Whether an order is of the purse (NULL: any): by the margin asset of its contract. Of an unknown contract: yes, it
 * may be. */
static bool
of_purse(const struct look *k, const struct purse *p, const char *symbol)
{
	const struct contract *c = contracts_find(&k->w->cs, symbol);

	return p == NULL || p->multi || c == NULL || strcmp(c->rules.margin, p->asset) == 0;
}

void
watch_cancel(struct look *k, struct alarm *a, const struct purse *p)
{
	const struct account *ac = &k->w->acct[a->m];
	int64_t now = k->w->now.mono_ms;
	const bool *adds;
	bool any = false;

	if ((a->cancel_ms != 0 && now < a->cancel_ms + CANCEL_MS) || (adds = find_adding(k->wt, ac)) == NULL)
		return;
	for (int i = 0; i < ac->nord; i++) {
		const struct open_order *o = &ac->ord[i];

		if (!adds[i] || !of_purse(k, p, o->symbol) || (a->symbol[0] != '\0' && strcmp(a->symbol, o->symbol) != 0))
			continue;
		any = true;
		if (!all_add(ac, adds, o))
			put_cancel(k, o, a->rule, false);
		else if (first_of_kind(ac, i))
			put_cancel(k, o, a->rule, true);
	}
	if (!any)
		return;
	a->cancel_ms = now;
	watch_wake(k, now + CANCEL_MS);
}

/*
 * Everything closed
 */

void
watch_want_all(struct look *k, const struct purse *p, enum rule r, dec value, dec limit, bool bounded)
{
	const struct account *a = &k->w->acct[p->m];

	for (int i = 0; i < a->npos; i++) {
		const struct position *q = &a->pos[i];
		const struct contract *c = watch_traded(k, q->symbol);

		if (c != NULL && dec_sign(q->amt) != 0 && watch_purse_of(k->wt, k->w, p->m, q) == p)
			watch_want(k, &(struct want){ p, q, c, dec_abs(q->amt), r, value, limit, bounded, false });
	}
}
