/* The states: sent, looked up, done; what the answer to the request does to them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/fate_in.h"
#include "core/span.h"

void
fate_begin(struct fate *fa, const struct intent *in, const char *id, enum market m, int64_t stamp_ms,
    int recv_window, int lag_ms)
{
	*fa = (struct fate){ .in = *in, .market = m, .stamp = stamp_ms, .state = FATE_SENT,
		.out = OUT_UNKNOWN, .bound = stamp_ms + recv_window + lag_ms };
	snprintf(fa->id, sizeof fa->id, "%s", id);
	fault_set(&fa->first, FAULT_UNKNOWN, "no answer");
}

int64_t
fate_from_ms(const struct fate *fa)
{
	return fa->stamp - 1000;
}

void
fate_free(struct fate *fa)
{
	buf_free(&fa->found);
	buf_free(&fa->early);
	free(fa->traded);
	fa->traded = NULL;
	fa->ntraded = fa->traded_room = 0;
}

/*
 * How it ends
 */

static void
end(struct fate *fa, enum outcome out)
{
	fa->state = FATE_DONE;
	fa->out = out;
	fa->ask = ASK_NOTHING;
}

void
fate_found(struct fate *fa)
{
	if (fa->found.bad) {
		fate_unknown(fa, "it stands, but there is no memory to say more");
		return;
	}
	fa->f = (struct fault){ 0 };
	end(fa, OUT_RESULT);
}

void
fate_absent(struct fate *fa, const char *why)
{
	fault_set(&fa->f, FAULT_REJECTED, "%s: not executed: %s", fa->id, why);
	end(fa, OUT_ABSENT);
}

void
fate_unknown(struct fate *fa, const char *why)
{
	fault_set(&fa->f, FAULT_UNKNOWN, "%s: %s", fa->id, why);
	fa->f.http = fa->first.http;
	fa->f.code = fa->first.code;
	end(fa, OUT_UNKNOWN);
}

void
fate_refused(struct fate *fa)
{
	size_t n;

	fa->f = fa->first;
	n = strlen(fa->f.text);
	if (fa->seen[0] != '\0') {
		if (n > 0 && fa->f.text[n - 1] == '.')	/* the exchange's are whole sentences */
			n--;
		snprintf(fa->f.text + n, sizeof fa->f.text - n, "; %s", fa->seen);
	}
	end(fa, OUT_REFUSED);
}

bool
fate_take_early(struct fate *fa)
{
	if (fa->early.bad || fa->early.len == 0)
		return false;
	buf_reset(&fa->found);
	buf_put(&fa->found, fa->early.p, fa->early.len);
	fate_found(fa);
	return true;
}

/* A client id may be used again once its order has ended, and a query may show the
 * old one. Where the exchange refused ours as a duplicate, the old one is what is meant. */
bool
fate_is_older(const struct fate *fa, const struct tok *t, const struct tok *v)
{
	int64_t ms;

	return fa->in.op == OP_PLACE && !fa->exists &&
	    scan_get_i64(t, v, fa->in.algo ? "createTime" : "time", &ms) && ms < fate_from_ms(fa);
}

void
fate_adopt(struct fate *fa, const struct tok *t, const struct tok *v)
{
	const char *field = fate_differs(&fa->in, t, v, true);
	char why[120];

	if (field == NULL && fate_is_older(fa, t, v))
		field = "time";
	if (field != NULL) {
		snprintf(why, sizeof why, "the exchange shows an order whose %s is not the intent's; it "
		    "must be looked at by hand", field);
		fate_unknown(fa, why);
		return;
	}
	buf_reset(&fa->found);
	span_put(&fa->found, v);
	fate_found(fa);
}

/*
 * Looking begins
 */

/* The looks, in ms after it became unknown; then every 5 s. */
static int64_t
look_at(int k)
{
	static const int64_t at[] = { 200, 500, 1000, 2000, 4000 };
	const int n = sizeof at / sizeof *at;

	return k < n ? at[k] : at[n - 1] + (k - n + 1) * INT64_C(5000);
}

void
fate_again(struct fate *fa, int64_t mono_ms)
{
	fa->ask = fa->in.op == OP_CANCEL_ALL ? ASK_OPEN : ASK_ORDER;
	fa->untold = false;
	while (fa->since_ms + look_at(fa->looks) <= mono_ms)
		fa->looks++;
	fa->due_ms = fa->since_ms + look_at(fa->looks);
}

static void
look(struct fate *fa, const struct fault *f, int64_t mono_ms)
{
	fa->first = *f;
	fa->state = FATE_LOOK;
	fa->since_ms = mono_ms;
	fate_again(fa, mono_ms);
}

static void
become_unknown(struct fate *fa, const struct fault *f, int64_t mono_ms)
{
	if (fa->state == FATE_LOOK && !fa->explain)
		return;		/* it is one already, and began with a better reason */
	fa->explain = false;
	fa->was_unknown = true;
	look(fa, f, mono_ms);
}

void
fate_recover(struct fate *fa, int64_t mono_ms)
{
	struct fault f;

	if (fa->state != FATE_SENT || fate_take_early(fa))
		return;
	fault_set(&f, FAULT_UNKNOWN, "of an earlier run; there was no time to look it up");
	become_unknown(fa, &f, mono_ms);
	fa->recovered = true;
	fa->due_ms = mono_ms;
}

/*
 * The answer
 */

/* It says that an order with this client id is there already. The two markets give
 * some of these numbers to different things. */
static bool
is_duplicate(const struct fate *fa, int code)
{
	return fa->in.op == OP_PLACE &&
	    (code == -4116 || code == (fa->market == MARKET_COINM ? -4111 : -4115));
}

/* A definite no behind which the order may be in the state that was asked for. */
static bool
wants_explaining(const struct fate *fa, int code)
{
	static const struct { enum intent_op op; int code[MARKETS]; } row[] = {
		{ OP_CANCEL, { -2011, -2011 } }, { OP_CANCEL, { -2013, -2013 } },
		{ OP_MODIFY, { -2011, -2011 } }, { OP_MODIFY, { -2013, -2013 } },
		{ OP_MODIFY, { -5025, -4196 } }, { OP_MODIFY, { -5026, -4198 } },
		{ OP_MODIFY, { -5027, -4197 } },
		/* COIN-M may answer in the numbers of the engine it shares */
		{ OP_MODIFY, { -5025, -5025 } }, { OP_MODIFY, { -5026, -5026 } },
		{ OP_MODIFY, { -5027, -5027 } }
	};

	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		if (row[i].op == fa->in.op && row[i].code[fa->market] == code)
			return true;
	return false;
}

static void
explain(struct fate *fa, const struct fault *f, int64_t mono_ms)
{
	look(fa, f, mono_ms);
	fa->explain = true;
	fa->due_ms = mono_ms;
}

static void
failure(struct fate *fa, const struct fault *f, int64_t mono_ms)
{
	bool place = fa->in.op == OP_PLACE;

	if (is_duplicate(fa, f->code))
		fa->exists = true;
	if ((place || f->kind == FAULT_UNKNOWN || f->kind == FAULT_NONE ||
	    wants_explaining(fa, f->code)) && fate_take_early(fa))
		return;
	if (f->kind == FAULT_UNKNOWN || f->kind == FAULT_NONE || (place && fa->exists))
		become_unknown(fa, f, mono_ms);
	else if (wants_explaining(fa, f->code))
		explain(fa, f, mono_ms);
	else {
		fa->first = *f;
		fate_refused(fa);
	}
}

/* It says yes, and it is this request that it answers: NULL; else what is wrong. */
static const char *
not_mine(const struct fate *fa, const struct tok *t, const struct tok *v)
{
	int64_t code;

	if (v == NULL)
		return "body";
	if (fa->in.op == OP_CANCEL_ALL)
		return scan_get_i64(t, v, "code", &code) && code == 200 ? NULL : "code";
	return fate_differs(&fa->in, t, v, false);
}

static void
success(struct fate *fa, const struct tok *t, const struct tok *v, int64_t mono_ms)
{
	const char *field = not_mine(fa, t, v);
	struct fault f;

	if (field != NULL) {
		fault_set(&f, FAULT_UNKNOWN, "an answer that is none to this request, by its %s", field);
		failure(fa, &f, mono_ms);
		return;
	}
	buf_reset(&fa->found);
	span_put(&fa->found, v);
	fate_found(fa);
}

void
fate_answer(struct fate *fa, const struct fault *f, const struct tok *t, const struct tok *v,
    int64_t mono_ms)
{
	if (fa->state == FATE_DONE)
		return;
	if (f == NULL)
		success(fa, t, v, mono_ms);
	else
		failure(fa, f, mono_ms);
}

enum fate_ask
fate_next(const struct fate *fa, int64_t mono_ms, int64_t *due_ms)
{
	*due_ms = fa->state == FATE_LOOK ? fa->due_ms : INT64_MAX;
	return mono_ms >= *due_ms ? fa->ask : ASK_NOTHING;
}

void
fate_give_up(struct fate *fa)
{
	char why[256];

	if (fa->state == FATE_DONE || fate_take_early(fa))
		return;
	if (fa->explain) {
		fate_refused(fa);
		return;
	}
	snprintf(why, sizeof why, "still unknown (%.120s)%s%.80s", fa->first.text,
	    fa->seen[0] != '\0' ? "; " : "", fa->seen);
	fate_unknown(fa, why);
}
