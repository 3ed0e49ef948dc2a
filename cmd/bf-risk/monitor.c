/*
 * Over mark prices: when effective leverage is above the limit, one reducing
 * order leaves, and nothing more until that one is known to have ended.
 */
#include <sys/ioctl.h>
#include <sys/stat.h>

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

/* Whether an intent let through is among the open orders, and counts there. (A
 * market order has no price, and would count as nothing.) */
static bool
is_open(const struct account *a, const struct pending *p)
{
	for (int i = 0; i < a->nord; i++)
		if (p->client_id[0] != '\0' && dec_sign(a->ord[i].price) > 0 &&
		    strcmp(a->ord[i].client_id, p->client_id) == 0 && strcmp(a->ord[i].symbol, p->symbol) == 0)
			return true;
	return false;
}

/* The next program does not keep up: bf-order looks for the outcome of an order
 * for up to half a minute, and what came after waits. It has not been sent, and
 * its time has not begun. */
static bool
unread(void)
{
	struct stat st;
	int n;

	return fstat(STDOUT_FILENO, &st) == 0 && S_ISFIFO(st.st_mode) &&
	    ioctl(STDOUT_FILENO, FIONREAD, &n) == 0 && n > 0;
}

void
learn_rules(struct app *a)
{
	struct fault f = { 0 };

	if (a->xinfo.doc.n == 0 && xinfo_get(&a->xinfo, &a->s, false, &f) == -1)
		tool_say(a->tool, STDERR_FILENO, "contract rules: %s", f.text);
}

void
check_sum(struct app *a)
{
	struct account_sum sum;
	bool blind = !account_sum(&a->acct, a->asset, &sum);

	if (blind && !a->said_blind)
		tool_say(a->tool, STDERR_FILENO, "no leverage can be told of this account (no %s wallet, or a position "
		    "of unknown asset or price): nothing is guarded, no new risk", a->asset);
	a->said_blind = blind;
}

void
refresh(struct app *a, int64_t mono_ms, bool force)
{
	struct fault f = { 0 };
	int64_t start = clock_mono_ms();
	int keep = 0, r;
	bool waiting;

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
		/* An exchange that does not answer must not hold up the pipe most
		 * of the time: exits and cancels go through it. */
		a->tried_ms += PAUSE_TIMES * (a->mono_ms - start);
		if (!a->said_down)
			tool_say(a->tool, STDERR_FILENO, "account state: %s; no new risk until it is read", f.text);
		a->said_down = true;
		return;
	}
	if (a->said_down)
		tool_say(a->tool, STDERR_FILENO, "account state: read again");
	a->said_down = false;
	a->loaded_ms = mono_ms;
	check_sum(a);
	learn_rules(a);
	waiting = unread();
	for (int i = 0; i < a->npending; i++) {
		struct pending *p = &a->pending[i];
		int64_t at;

		if (waiting && mono_ms - p->mono_ms < UNREAD_MS)
			p->unread_ms = mono_ms;
		at = p->unread_ms > 0 ? p->unread_ms : p->mono_ms;
		if (mono_ms - at < PENDING_MS && !is_open(&a->acct, p))
			a->pending[keep++] = *p;
	}
	a->npending = keep;
}

/* What the ended order took off is off the position as we know it. */
static bool
shows(const struct app *a)
{
	dec now = dec_int(0);

	for (int i = 0; i < a->acct.npos; i++)
		if (a->acct.pos[i].side == a->fly.pos_side && strcmp(a->acct.pos[i].symbol, a->fly.symbol) == 0)
			now = dec_abs(a->acct.pos[i].amt);
	return dec_sign(a->fly.executed) == 0 ||
	    (dec_add(&now, now, a->fly.executed) && dec_cmp(now, a->fly.held) <= 0);
}

/*
 * Read the account after an order that has ended. Until that worked, and shows
 * it, the position is the old one, and would be reduced a second time: an
 * exchange in trouble fails to answer, or answers from before the fill. That
 * lag has a bound: who was added to meanwhile must not stay unguarded.
 */
static void
settle(struct app *a, int64_t mono_ms)
{
	refresh(a, mono_ms, true);
	a->fly.asked_ms = a->tried_ms;
	if ((a->fly.wait_ms *= 2) > SETTLE_MAX_MS)
		a->fly.wait_ms = SETTLE_MAX_MS;
	a->fly.active = a->said_down || (!shows(a) && a->mono_ms - a->fly.since_ms < LAG_MS);
}

static void
landed(struct app *a, dec executed, int64_t mono_ms)
{
	a->fly.ended = true;
	a->fly.executed = executed;
	a->fly.since_ms = mono_ms;
	a->fly.wait_ms = POLL_MIN_MS;
	settle(a, mono_ms);
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
	dec executed = dec_int(0);
	char status[24];

	if (a->fly.active && !a->fly.ended && scan_get_is(t, o, "c", a->fly.client_id) &&
	    scan_get_str(t, o, "X", status, sizeof status) && terminal(status)) {
		scan_get_dec(t, o, "z", &executed);
		landed(a, executed, clock_mono_ms());
	}
}

int
follow(struct app *a, int64_t mono_ms, struct fault *f)
{
	struct fault qf = { 0 };
	struct buf q = { 0 };
	dec executed = dec_int(0);
	char status[24];
	int r;

	if (!a->fly.active || mono_ms - a->fly.asked_ms < a->fly.wait_ms)
		return 0;
	if (a->fly.ended) {
		settle(a, mono_ms);
		return monitor(a, a->mono_ms, f);
	}
	if (unread() && mono_ms - a->fly.left_ms < UNREAD_MS)
		a->fly.since_ms = mono_ms;
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
	if (r == -1 && qf.code == 0)	/* no answer; as in refresh */
		a->fly.asked_ms += PAUSE_TIMES * (a->mono_ms - mono_ms);
	if (r == 0 && scan_get_str(a->s.doc.t, a->s.doc.t, "status", status, sizeof status) && terminal(status)) {
		scan_get_dec(a->s.doc.t, a->s.doc.t, "executedQty", &executed);
		landed(a, executed, mono_ms);
	} else if (r == -1 && qf.code == -2013 && mono_ms - a->fly.since_ms > a->s.prof.recv_window + LAG_MS) {
		tool_say(a->tool, STDERR_FILENO, "reducing order %s never reached the exchange", a->fly.client_id);
		/* Refused on the way, perhaps by rules that are not ours any more. */
		xinfo_get(&a->xinfo, &a->s, true, &qf);
		landed(a, executed, mono_ms);
	}
	return a->fly.active ? 0 : monitor(a, mono_ms, f);
}

/* The position of our wallet whose notional is greatest, and its rules. One
 * that is not traded now must not keep the others from being reduced. */
static const struct position *
heaviest(struct app *a, dec *notional, struct rules *rules)
{
	const struct position *best = NULL;
	struct fault f = { 0 };
	struct rules r;
	dec n;

	*notional = dec_int(0);
	for (int i = 0; i < a->acct.npos; i++) {
		const struct position *p = &a->acct.pos[i];

		if (dec_sign(p->amt) == 0 || strcmp(p->margin_asset, a->asset) != 0 || !position_notional(p, &n))
			continue;
		n = dec_abs(n);
		if ((best == NULL || dec_cmp(n, *notional) > 0) &&
		    xinfo_rules(&a->xinfo, &a->s, p->symbol, &r, &f) == 0 && strcmp(r.status, "TRADING") == 0) {
			best = p;
			*notional = n;
			*rules = r;
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
	const struct position *p;
	struct rules r;
	dec lev = { 0 }, notional, mark, qty;
	bool bounded;

	/* Without rules: refresh asks for them, not every line. */
	if (a->fly.active || !account_sum(&a->acct, a->asset, &sum) || !over_limit(a, &sum) ||
	    a->xinfo.doc.n == 0)
		return 0;
	if ((p = heaviest(a, &notional, &r)) == NULL) {
		if (!a->said_stuck)
			tool_say(a->tool, STDERR_FILENO, "effective leverage is above the limit, and no position can be reduced now");
		a->said_stuck = true;
		return 0;
	}
	a->said_stuck = false;
	bounded = margin_leverage(&lev, sum.notional, sum.equity);
	/* Not p->mark: there may be none yet. */
	if (!dec_div(&mark, notional, dec_abs(p->amt), 8, DEC_DOWN) ||
	    !size_reduction(&qty, sum.notional, sum.equity, mark, dec_abs(p->amt), a->target_lev, a->cost,
	    dec_sign(r.mkt_step) > 0 ? r.mkt_step : r.step, r.mkt_max_qty))
		return 0;
	if (trader_client_id(a->fly.client_id, "bfr-", session_now(&a->s), f) == -1)
		return -1;
	snprintf(a->fly.symbol, sizeof a->fly.symbol, "%s", p->symbol);
	a->fly.pos_side = p->side;
	a->fly.held = dec_abs(p->amt);
	a->fly.active = true;
	a->fly.ended = false;
	a->fly.left_ms = a->fly.since_ms = a->fly.asked_ms = mono_ms;
	a->fly.wait_ms = POLL_MIN_MS;
	/* The order must leave now, not when the pipe next falls silent. */
	if (put_reduction(a, p, qty, lev, bounded, f) == -1)
		return -1;
	return out_flush(&a->out, f);
}
