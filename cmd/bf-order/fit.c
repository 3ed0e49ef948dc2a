/* What the account is asked, so that the user need not say it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/state.h"
#include "app.h"
#include "ask.h"

#define MODE_FILE	"position-mode"
#define MODE_AGE_MS	600000	/* a wrong one costs a definite refusal (-4061), no more */

static struct session *
any_session(struct app *a)
{
	return a->v.open[MARKET_USDM] ? &a->v.s[MARKET_USDM] : &a->v.s[MARKET_COINM];
}

/* What another run has found out: "hedge MS" or "one-way MS". */
static int
mode_load(struct app *a)
{
	struct session *s = any_session(a);
	struct buf b = { 0 };
	struct fault ignore;
	int64_t age = -1;
	int hedge = -1;

	if (state_read(s->prof.state_dir, MODE_FILE, &b, 64, &ignore) == 1 && !b.bad && b.len > 0) {
		hedge = strncmp(b.p, "hedge ", 6) == 0 ? 1 : strncmp(b.p, "one-way ", 8) == 0 ? 0 : -1;
		if (hedge != -1)
			age = clock_wall_ms() - strtoll(b.p + (hedge ? 6 : 8), NULL, 10);
	}
	buf_free(&b);
	return age >= 0 && age < MODE_AGE_MS ? hedge : -1;
}

static void
mode_store(struct app *a, int hedge)
{
	struct session *s = any_session(a);
	struct fault ignore;
	char text[64];
	int n = snprintf(text, sizeof text, "%s %lld\n", hedge == 1 ? "hedge" : hedge == 0 ? "one-way" : "unknown",
	    (long long)clock_wall_ms());

	(void)state_write(s->prof.state_dir, MODE_FILE, text, (size_t)n, &ignore);
}

static int
mode_ask(struct app *a, enum market m, struct fault *f)
{
	struct session *s = &a->v.s[m];
	bool hedge;

	if ((a->hedge = mode_load(a)) != -1)
		return 0;
	if (session_call(s, EP_POSITION_MODE, "", true, f) == -1)
		return -1;
	if (!scan_get_bool(s->doc.t, s->doc.t, "dualSidePosition", &hedge))
		return fault_set(f, FAULT_AGAIN, "the position mode is not in the exchange's answer");
	a->hedge = hedge;
	mode_store(a, a->hedge);
	return 0;
}

void
fit_forget(struct app *a, int code)
{
	if (code != -4061)
		return;
	a->hedge = -1;
	mode_store(a, -1);
	say(a, "the account's position mode is another one than it was; it is asked anew for the next order");
}

bool
fit_mode(struct app *a)
{
	static const char *const side[] = { [POS_BOTH] = "BOTH", [POS_LONG] = "LONG", [POS_SHORT] = "SHORT" };
	struct job *j = a->job;
	struct fault f = { 0 };
	bool changed = false;

	if (j->in.op != OP_PLACE)
		return true;
	if (a->hedge == -1 && a->v.s[j->market].cred != NULL && mode_ask(a, j->market, &f) == -1) {
		if (!intent_reduces(&j->in))
			return refuse(a, &f);
		say(a, "the position mode is not known (%s); it reduces risk and goes as it is", f.text);
	}
	if (a->hedge == -1)
		return true;
	if (intent_fit(&j->in, a->hedge == 1, &changed, &f) == -1)
		return reject(a, FAULT_REJECTED, "positionSide", f.code, "", "", "%s", f.text);
	if (!changed)
		return true;
	job_change(j, "positionSide", j->in.has_pos_side ? side[j->in.pos_side] : NULL);
	job_change(j, "reduceOnly", !j->in.has_reduce_only ? NULL : j->in.reduce_only ? "true" : "false");
	return true;
}

/*
 * A modification
 */

static int
order_ask(struct app *a, struct job *j, struct fault *f)
{
	struct session *s = &a->v.s[j->market];
	struct buf q = { 0 };
	int r;

	put_symbol(&q, j->in.symbol);
	if (j->in.order_id != 0)
		buf_printf(&q, "&orderId=%llu", (unsigned long long)j->in.order_id);
	else {
		buf_str(&q, "&origClientOrderId=");
		query_escape(&q, j->in.client_id);
	}
	r = ask_list(s, EP_ORDER_GET, &q, true, f);
	buf_free(&q);
	return r;
}

static bool
as_it_is(struct job *j, const struct tok *t, const char *member, const char *name, char text[static DEC_STR], dec *d)
{
	if (!scan_get_str(t, t, member, text, DEC_STR) || !dec_parse(d, text))
		return false;
	job_change(j, name, text);
	return true;
}

/* Whether the order must be asked for: the exchange wants side, quantity and price, whatever
 * is to change; and a cap on the position wants to know what is true. */
static bool
is_whole(const struct app *a, const struct job *j)
{
	const struct intent *in = &j->in;

	return (int)in->side != 0 && in->qty_s[0] != '\0' && (in->price_s[0] != '\0' || in->price_match[0] != '\0') &&
	    dec_sign(a->v.s[j->market].prof.max_position_notional) == 0;
}

/* The answer is of the very order. */
static bool
is_it(const struct intent *in, const struct tok *t)
{
	int64_t id;

	if (!scan_get_is(t, t, "symbol", in->symbol))
		return false;
	return in->order_id == 0 ? scan_get_is(t, t, "clientOrderId", in->client_id) :
	    scan_get_i64(t, t, "orderId", &id) && (uint64_t)id == in->order_id;
}

/* What is left open is as the order has it. false: it cannot be read. */
static bool
fill_in(struct job *j, const struct tok *t)
{
	struct intent *in = &j->in;
	bool buy = scan_get_is(t, t, "side", "BUY");

	if (!is_it(in, t) || (!buy && !scan_get_is(t, t, "side", "SELL")) || !scan_get_dec(t, t, "origQty", &j->was))
		return false;
	if ((int)in->side == 0) {
		in->side = buy ? SIDE_BUY : SIDE_SELL;
		job_change(j, "side", buy ? "BUY" : "SELL");
	}
	return (in->qty_s[0] != '\0' || as_it_is(j, t, "origQty", "quantity", in->qty_s, &in->qty)) &&
	    (in->price_s[0] != '\0' || in->price_match[0] != '\0' ||
	    as_it_is(j, t, "price", "price", in->price_s, &in->price));
}

bool
fit_modify(struct app *a)
{
	struct job *j = a->job;
	struct fault f = { 0 };
	const struct tok *t;

	if (j->in.op != OP_MODIFY || is_whole(a, j))
		return true;
	run_out_of(a, j->market, j->in.symbol);	/* what comes before it may be the order itself, or change it */
	if (order_ask(a, j, &f) == -1) {
		if (f.code == -2013)
			return reject(a, FAULT_REJECTED, "order", f.code, "", "", "there is no such order to modify, or it is a "
			    "conditional one, which cannot be modified: cancel it, then place another (-2013)");
		return refuse(a, &f);
	}
	t = a->v.s[j->market].doc.t;
	if (!fill_in(j, t)) {
		fault_set(&f, FAULT_AGAIN, "the order to modify could not be read; nothing was sent");
		return refuse(a, &f);
	}
	if (scan_get_is(t, t, "side", "BUY") != (j->in.side == SIDE_BUY))
		return reject(a, FAULT_REJECTED, "order", -1117, "", j->in.side == SIDE_BUY ? "BUY" : "SELL", "side %s: the order "
		    "to modify is a %s (-1117)", j->in.side == SIDE_BUY ? "BUY" : "SELL",
		    j->in.side == SIDE_BUY ? "SELL" : "BUY");
	return true;
}
