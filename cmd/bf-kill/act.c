/* Cancel, flatten, look again; until nothing stands, or time is up. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "io/trader.h"
#include "kill.h"

#define ROUNDS		50
#define CHUNKS		200	/* orders for one position in one round */
#define PAUSE_MS	250	/* between rounds, at first */
#define PAUSE_MAX	2000
#define LAST_MS		2000	/* kept for a last look */

static int64_t
left_ms(const struct app *a)
{
	return a->end_ms - clock_mono_ms();
}

static bool
may_go_on(const struct app *a)
{
	return left_ms(a) > 0 && trader_stop == 0;
}

static void
wait_ms(const struct app *a, int64_t ms)
{
	const struct timespec slice = { .tv_nsec = 20 * 1000000 };
	int64_t end = clock_mono_ms() + ms;

	while (clock_mono_ms() < end && may_go_on(a))
		nanosleep(&slice, NULL);
}

/* A request may not much outlast the time there is. */
static void
bound_request(struct app *a)
{
	int64_t left = left_ms(a);

	a->s.timeout_ms = left < 1000 ? 1000 : left > 5000 ? 5000 : (int)left;
	a->ctx.resolve_ms = left < LAST_MS + 200 ? 200 : (int)left - LAST_MS;
}

static void
note(struct app *a, const struct fault *f)
{
	a->worst = fault_worst(a->worst, f->kind);
}

/*
 * Cancelling
 */

static void
cancel_symbol(struct app *a, enum ep ep, const char *kind, const struct standing *st)
{
	struct fault f = { 0 };
	struct buf q = { 0 };
	int r;

	bound_request(a);
	buf_str(&q, "symbol=");
	query_escape(&q, st->symbol);
	r = q.bad ? fault_set(&f, FAULT_LOCAL, "out of memory") : session_call(&a->s, ep, q.p, true, &f);
	buf_free(&q);
	step(a, "cancel");
	jw_str(&a->rec, "symbol", st->symbol);
	jw_str(&a->rec, "kind", kind);
	jw_i64(&a->rec, "open", st->open);
	jw_str(&a->rec, "outcome", r == 0 ? "accepted" : f.kind == FAULT_UNKNOWN ? "unknown" : "refused");
	if (r == -1)
		step_fault(a, &f);
	if (a->out.table)
		say(a, "cancel %s, %d open: %s", st->symbol, st->open, r == 0 ? "accepted" : f.text);
	emit(a);
	if (r == -1)
		note(a, &f);
}

/* A cancel that went unanswered is settled by the next look; what then still
 * stands is cancelled anew. */
static void
cancel(struct app *a)
{
	for (int i = 0; i < a->view.nord && may_go_on(a); i++)
		cancel_symbol(a, EP_CANCEL_ALL, "orders", &a->view.ord[i]);
	for (int i = 0; i < a->view.nalgo && may_go_on(a); i++)
		cancel_symbol(a, EP_CANCEL_ALL_ALGO, "algo", &a->view.algo[i]);
}

/*
 * Flattening
 */

static int
have_journal(const struct app *a, struct fault *f)
{
	return a->j != NULL ? 0 : fault_set(f, FAULT_LOCAL, "there is no journal to write to or read");
}

/* Requests of the journal without an outcome, of whatever tool, could still
 * become a position: settle them, or there is no proof. The number left. */
static int
settle(struct app *a, struct fault *f)
{
	struct buf got = { 0 };
	int left;

	if (have_journal(a, f) == -1)
		return -1;
	bound_request(a);
	left = order_recover(&a->ctx, &got, f);
	if (got.len > 0)
		emit_records(a, &got);
	buf_free(&got);
	if (left > 0)
		fault_set(f, FAULT_UNKNOWN, "the outcome of %d request%s in the journal is unknown", left,
		    left == 1 ? "" : "s");
	return left;
}

/* The intent that closes qty of h, and its text for the journal. */
static int
close_intent(struct app *a, const struct held *h, dec qty, struct intent *in, struct buf *text,
    struct fault *f)
{
	static const char *const pos[] = { [POS_BOTH] = "BOTH", [POS_LONG] = "LONG", [POS_SHORT] = "SHORT" };

	memset(in, 0, sizeof *in);
	in->op = OP_PLACE;
	memcpy(in->symbol, h->symbol, sizeof in->symbol);
	in->side = dec_sign(h->amt) > 0 ? SIDE_SELL : SIDE_BUY;
	in->pos_side = h->side;
	in->has_pos_side = h->side != POS_BOTH;
	in->has_reduce_only = in->reduce_only = h->side == POS_BOTH;
	snprintf(in->type, sizeof in->type, "MARKET");
	in->qty = qty;
	dec_print_short(qty, in->qty_s);
	if (trader_client_id(in->client_id, "bf-kill-", session_now(&a->s), f) == -1)
		return -1;
	jw_open(text, NULL, '{');
	jw_str(text, "symbol", in->symbol);
	jw_str(text, "side", in->side == SIDE_BUY ? "BUY" : "SELL");
	jw_str(text, "type", in->type);
	jw_str(text, "quantity", in->qty_s);
	if (in->has_pos_side)
		jw_str(text, "positionSide", pos[in->pos_side]);
	else
		jw_bool(text, "reduceOnly", true);
	jw_str(text, "newClientOrderId", in->client_id);
	jw_close(text, '}');
	return text->bad ? fault_set(f, FAULT_LOCAL, "out of memory") : 0;
}

static void
put_flatten(struct app *a, const struct held *h, const struct intent *in, enum outcome out,
    const struct buf *order, const struct fault *f)
{
	static const char *const words[] = { [OUT_RESULT] = "accepted", [OUT_REFUSED] = "refused",
		[OUT_ABSENT] = "absent", [OUT_UNKNOWN] = "unknown" };

	step(a, "flatten");
	jw_str(&a->rec, "symbol", h->symbol);
	jw_dec(&a->rec, "positionAmt", h->amt);
	jw_str(&a->rec, "quantity", in->qty_s);
	jw_str(&a->rec, "clientOrderId", in->client_id);
	jw_str(&a->rec, "outcome", words[out]);
	if (out == OUT_RESULT)
		jw_raw(&a->rec, "order", order->p, order->len);
	else
		step_fault(a, f);
	if (a->out.table)
		say(a, "flatten %s, %s: %s", h->symbol, in->qty_s, out == OUT_RESULT ? "accepted" : f->text);
	emit(a);
}

static enum outcome
close_part(struct app *a, const struct held *h, dec qty)
{
	struct buf text = { 0 }, order = { 0 };
	struct fault f = { 0 };
	enum outcome out = OUT_REFUSED;
	struct intent in;

	bound_request(a);
	trader_in_flight(true);
	if (close_intent(a, h, qty, &in, &text, &f) == 0 && have_journal(a, &f) == 0)
		out = order_send(&a->ctx, &in, text.p, text.len, &order, &f);
	trader_in_flight(false);
	put_flatten(a, h, &in, out, &order, &f);
	if (out != OUT_RESULT)
		note(a, &f);
	a->pending = a->pending || out == OUT_UNKNOWN;
	if (out == OUT_REFUSED && f.kind == FAULT_LOCAL)
		say(a, "%s: no order leaves without its journal line; --journal FILE names another place", f.text);
	buf_free(&text);
	buf_free(&order);
	return out;
}

/* The most one market order may have; 0: not known, all at once then. */
static dec
most(struct app *a, const char *symbol)
{
	struct fault f = { 0 };
	struct rules r;

	if (xinfo_rules(&a->x, &a->s, symbol, &r, &f) == -1) {
		say(a, "%s: its greatest order is not known: %s", symbol, f.text);
		return dec_int(0);
	}
	return dec_sign(r.mkt_max_qty) > 0 ? r.mkt_max_qty : r.max_qty;
}

static void
close_position(struct app *a, const struct held *h)
{
	dec left = dec_abs(h->amt), max = most(a, h->symbol), part;

	for (int i = 0; i < CHUNKS && dec_sign(left) > 0 && may_go_on(a); i++) {
		part = dec_sign(max) > 0 ? dec_min(left, max) : left;
		if (close_part(a, h, part) != OUT_RESULT || !dec_sub(&left, left, part))
			return;		/* look before the next one */
	}
}

/* An order of unknown outcome is settled before there is another one. */
static void
flatten(struct app *a)
{
	struct fault f = { 0 };

	if (a->pending) {
		a->pending = settle(a, &f) != 0;
		return;		/* and look anew */
	}
	for (int i = 0; i < a->view.npos && may_go_on(a); i++)
		close_position(a, &a->view.pos[i]);
}

/*
 * Proving
 */

static bool
nothing_stands(const struct app *a)
{
	return a->view.open == 0 && a->view.open_algo == 0 && (a->cancel_only || a->view.npos == 0);
}

static void
put_proof(struct app *a, int unsettled)
{
	step(a, "proof");
	jw_i64(&a->rec, "openOrders", a->view.open);
	jw_i64(&a->rec, "openAlgoOrders", a->view.open_algo);
	jw_i64(&a->rec, "positions", a->view.npos);
	if (unsettled >= 0)
		jw_i64(&a->rec, "unsettled", unsettled);
	else
		jw_null(&a->rec, "unsettled");
	emit(a);
}

static void
say_stands(const struct app *a, struct fault *f)
{
	fault_set(f, FAULT_REJECTED, "still standing: %d open order(s), %d conditional order(s), %d position(s)",
	    a->view.open, a->view.open_algo, a->view.npos);
}

static void
act(struct app *a, int n)
{
	if (n > 0)
		put_proof(a, -1);
	cancel(a);
	if (!a->cancel_only)
		flatten(a);
}

/*
 * One round: look, and act on what stands; when nothing does, settle what may
 * be in flight, and look once more. True: proven.
 */
static bool
one_round(struct app *a, int n, struct fault *f)
{
	int unsettled;

	bound_request(a);
	if (view_take(a, f) == -1)
		return false;
	if (!nothing_stands(a)) {
		say_stands(a, f);
		act(a, n);
		return false;
	}
	if ((unsettled = settle(a, f)) == 0 && view_take(a, f) == -1)
		return false;
	put_proof(a, unsettled);
	if (unsettled == 0 && !nothing_stands(a))
		say_stands(a, f);
	return unsettled == 0 && nothing_stands(a);
}

static void
put_end(struct app *a, bool proven, const struct fault *f)
{
	step(a, "end");
	if (a->cancel_only)
		jw_bool(&a->rec, "cancelled", proven);
	jw_bool(&a->rec, "flat", proven && a->view.npos == 0);
	if (!proven)
		step_fault(a, f);
	emit(a);
}

int
kill_none(struct app *a, const struct fault *f)
{
	put_end(a, false, f);
	say(a, "NOT proven %s: %s", a->cancel_only ? "cancelled" : "flat", f->text);
	return fault_status(fault_worst(a->local, fault_worst(a->worst, f->kind)));
}

/* How long to wait after round n; -1: another would be in vain. */
static int64_t
pause_after(const struct app *a, int n, const struct fault *f)
{
	int64_t ms = n < 4 ? PAUSE_MS << n : PAUSE_MAX;

	if (f->kind == FAULT_KEY || f->kind == FAULT_USAGE || f->kind == FAULT_LOCAL || f->retry_ms > left_ms(a))
		return -1;
	if (f->retry_ms > ms)
		return f->retry_ms;
	return n == 0 && f->kind == FAULT_REJECTED ? 0 : ms;
}

int
kill_all(struct app *a)
{
	struct fault f = { 0 };
	bool last = false;
	int64_t pause;

	for (int n = 0; n < ROUNDS && !last; n++) {
		last = !may_go_on(a) && n > 0;	/* then it only looks, at what the one before did */
		if (one_round(a, n, &f)) {
			put_end(a, true, &f);
			return fault_status(a->local);
		}
		if ((pause = pause_after(a, n, &f)) == -1)
			break;
		wait_ms(a, pause);
	}
	return kill_none(a, &f);
}
