/*
 * Over mark prices: when effective leverage is above the limit, one reducing
 * order leaves, and nothing more until that one is known to have ended.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "io/clock.h"
#include "io/trader.h"
#include "risk.h"

void
tick(struct app *a)
{
	a->mono_ms = clock_mono_ms();
	a->now_ms = session_now(&a->s);
}

/* Whether an intent let through is among the open orders, and counts there. */
static bool
is_open(const struct account *a, const struct pending *p)
{
	for (int i = 0; i < a->nord; i++)
		if (strcmp(a->ord[i].client_id, p->client_id) == 0 && strcmp(a->ord[i].symbol, p->symbol) == 0)
			return true;
	return false;
}

void
learn_rules(struct app *a)
{
	struct fault f = { 0 };

	if (a->xinfo.doc.n == 0 && xinfo_get(&a->xinfo, &a->s, false, &f) == -1)
		tool_say(a->tool, STDERR_FILENO, "contract rules: %s", f.text);
}

void
refresh(struct app *a, int64_t mono_ms, bool force)
{
	struct fault f = { 0 };
	int keep = 0, r;

	if (!force && a->tried_ms != 0 && mono_ms - a->tried_ms < a->refresh_ms)
		return;
	/* A mark of the pipe outlives the reading of the account, unless it is
	 * stale: then the exchange's answer has the better one. */
	for (int i = 0; i < a->acct.npos; i++)
		if (session_now(&a->s) - a->acct.pos[i].mark_ms > a->max_age_ms)
			a->acct.pos[i].mark_ms = 0;
	r = account_load(&a->acct, &a->s, true, true, &a->config_ms, &f);
	tick(a);
	a->tried_ms = a->mono_ms;	/* from its end: a try that waited must not bring on the next */
	if (r == -1) {
		if (!a->said_down)
			tool_say(a->tool, STDERR_FILENO, "account state: %s; no new risk until it is read", f.text);
		a->said_down = true;
		return;
	}
	if (a->said_down)
		tool_say(a->tool, STDERR_FILENO, "account state: read again");
	a->said_down = false;
	a->loaded_ms = mono_ms;
	learn_rules(a);
	for (int i = 0; i < a->npending; i++)
		if (mono_ms - a->pending[i].mono_ms < PENDING_MS && !is_open(&a->acct, &a->pending[i]))
			a->pending[keep++] = a->pending[i];
	a->npending = keep;
}

static void
landed(struct app *a, int64_t mono_ms)
{
	a->fly.active = false;
	refresh(a, mono_ms, true);
}

static bool
terminal(const char *status)
{
	static const char *const end[] = { "FILLED", "CANCELED", "EXPIRED", "EXPIRED_IN_MATCH", "REJECTED" };

	for (size_t i = 0; i < sizeof end / sizeof *end; i++)
		if (strcmp(status, end[i]) == 0)
			return true;
	return false;
}

void
follow_event(struct app *a, const struct tok *t, const struct tok *rec)
{
	const struct tok *o = scan_get(t, rec, "o");
	char status[24];

	if (a->fly.active && scan_get_is(t, o, "c", a->fly.client_id) &&
	    scan_get_str(t, o, "X", status, sizeof status) && terminal(status))
		landed(a, clock_mono_ms());
}

int
follow(struct app *a, int64_t mono_ms, struct fault *f)
{
	struct fault qf = { 0 };
	struct buf q = { 0 };
	char status[24];
	int r;

	if (!a->fly.active || mono_ms - a->fly.asked_ms < a->fly.wait_ms)
		return 0;
	a->fly.asked_ms = mono_ms;
	if ((a->fly.wait_ms *= 2) > POLL_MAX_MS)
		a->fly.wait_ms = POLL_MAX_MS;
	buf_str(&q, "symbol=");
	query_escape(&q, a->fly.symbol);
	buf_str(&q, "&origClientOrderId=");
	query_escape(&q, a->fly.client_id);
	if (q.bad) {
		buf_free(&q);
		return fault_set(f, FAULT_LOCAL, "out of memory");
	}
	r = session_call(&a->s, EP_ORDER_GET, q.p, true, &qf);
	buf_free(&q);
	tick(a);
	a->fly.asked_ms = a->mono_ms;
	if (r == 0 && scan_get_str(a->s.doc.t, a->s.doc.t, "status", status, sizeof status) && terminal(status))
		landed(a, mono_ms);
	else if (r == -1 && qf.code == -2013 && mono_ms - a->fly.since_ms > INFLIGHT_MS) {
		tool_say(a->tool, STDERR_FILENO, "reducing order %s never reached the exchange", a->fly.client_id);
		landed(a, mono_ms);
	}
	return a->fly.active ? 0 : monitor(a, mono_ms, f);
}

/* The position of our wallet whose notional is greatest. */
static struct position *
heaviest(struct app *a, dec *notional)
{
	struct position *best = NULL;
	dec n;

	*notional = dec_int(0);
	for (int i = 0; i < a->acct.npos; i++) {
		struct position *p = &a->acct.pos[i];

		if (dec_sign(p->amt) == 0 || strcmp(p->margin_asset, a->asset) != 0 || !dec_mul(&n, p->amt, p->mark))
			continue;
		n = dec_abs(n);
		if (best == NULL || dec_cmp(n, *notional) > 0) {
			best = p;
			*notional = n;
		}
	}
	return best;
}

static int
put_reduction(struct app *a, const struct position *p, dec qty, dec lev, bool bounded, struct fault *f)
{
	char text[DEC_STR];

	jw_open(&a->rec, NULL, '{');
	jw_str(&a->rec, "symbol", p->symbol);
	jw_str(&a->rec, "side", dec_sign(p->amt) > 0 ? "SELL" : "BUY");
	jw_str(&a->rec, "type", "MARKET");
	jw_dec(&a->rec, "quantity", qty);
	/* In hedge mode the side says it all, and reduceOnly is refused. */
	if (p->side == POS_BOTH)
		jw_str(&a->rec, "reduceOnly", "true");
	else
		jw_str(&a->rec, "positionSide", p->side == POS_LONG ? "LONG" : "SHORT");
	jw_str(&a->rec, "newClientOrderId", a->fly.client_id);
	jw_str(&a->rec, "by", a->tool->name);
	jw_str(&a->rec, "rule", "max-lev");
	if (bounded)
		jw_dec(&a->rec, "value", lev);
	else
		jw_null(&a->rec, "value");
	jw_dec(&a->rec, "limit", a->max_lev);
	jw_close(&a->rec, '}');
	jw_end(&a->rec);
	dec_print(lev, text);
	tool_say(a->tool, STDERR_FILENO, "effective leverage %s above the limit: reducing %s",
	    bounded ? text : "without bound (no equity left)", p->symbol);
	return out_records(&a->out, &a->rec, f);
}

/* For every mark price: a product, where leverage itself would be a division. */
static bool
over_limit(const struct app *a, const struct account_sum *sum)
{
	dec room;

	return dec_sign(sum->notional) > 0 && (dec_sign(sum->equity) <= 0 ||
	    !dec_mul(&room, a->max_lev, sum->equity) || dec_cmp(sum->notional, room) > 0);
}

int
monitor(struct app *a, int64_t mono_ms, struct fault *f)
{
	struct account_sum sum;
	struct position *p;
	struct rules r;
	dec lev = { 0 }, notional, qty;
	bool bounded;

	if (a->fly.active || !account_sum(&a->acct, a->asset, &sum) || !over_limit(a, &sum) ||
	    (p = heaviest(a, &notional)) == NULL)
		return 0;
	bounded = margin_leverage(&lev, sum.notional, sum.equity);
	if (xinfo_rules(&a->xinfo, &a->s, p->symbol, &r, f) == -1) {
		tool_say(a->tool, STDERR_FILENO, "cannot reduce %s: %s", p->symbol, f->text);
		return 0;
	}
	if (!size_reduction(&qty, sum.notional, sum.equity, p->mark, dec_abs(p->amt), a->target_lev, a->cost,
	    dec_sign(r.mkt_step) > 0 ? r.mkt_step : r.step, r.mkt_max_qty))
		return 0;
	if (trader_client_id(a->fly.client_id, "bfr-", session_now(&a->s), f) == -1)
		return -1;
	snprintf(a->fly.symbol, sizeof a->fly.symbol, "%s", p->symbol);
	a->fly.active = true;
	a->fly.since_ms = a->fly.asked_ms = mono_ms;
	a->fly.wait_ms = POLL_MIN_MS;
	/* The order must leave now, not when the pipe next falls silent. */
	if (put_reduction(a, p, qty, lev, bounded, f) == -1)
		return -1;
	return out_flush(&a->out, f);
}
