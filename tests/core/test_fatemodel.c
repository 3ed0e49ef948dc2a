/*
 * Requests against a model of an exchange that executes them or never, at any time it
 * may, shows it with any lag it may, loses answers and events, and has its clock set.
 * Whatever is claimed has to be so; and it has to be claimed mostly.
 */
#include "faterig.h"

#define NEVER	INT64_MAX
#define RUNS	12000
#define STEP	20		/* ms */
#define PATIENCE	30000	/* after the answer that told nothing */

enum kind { PLACE, PLACE_ALGO, CANCEL, CANCEL_ALGO, CANCEL_ALL, MODIFY, KINDS };

/* All times are of the virtual clock: the request is signed at 0. */
static struct world {
	enum kind kind;
	bool	served;		/* the query for one algo order, and the history */
	int	fails;		/* percent of look-ups */
	int64_t	born;		/* of the order that is cancelled or changed */
	int64_t	before;		/* when it was changed from what the request asks for; NEVER */
	int64_t	exec;		/* when the request is executed; NEVER */
	int64_t	ends;		/* when the order ends otherwise; NEVER */
	bool	filled;		/* that is by a fill */
	int64_t	newer;		/* when another order comes, for cancel-all; NEVER */
	int64_t	leaps;		/* when the clock of the exchange is set */
	int64_t	by;		/* by how much */
} w;

static uint64_t seed;

static int64_t
rnd(int64_t n)	/* 0..n-1 */
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (int64_t)(seed >> 16) % n;
}

static bool
chance(int percent)
{
	return rnd(100) < percent;
}

static int64_t
clock_at(int64_t ms)
{
	return STAMP + ms + (ms >= w.leaps ? w.by : 0);
}

/*
 * What is
 */

static bool
is_algo(void)
{
	return w.kind == PLACE_ALGO || w.kind == CANCEL_ALGO;
}

static bool
is_place(void)
{
	return w.kind == PLACE || w.kind == PLACE_ALGO;
}

static bool
is_cancel(void)
{
	return w.kind == CANCEL || w.kind == CANCEL_ALGO;
}

static bool
there(int64_t at)
{
	return at >= (is_place() ? w.exec : w.born);
}

static const char *
status(int64_t at)
{
	if (is_cancel() && at >= w.exec)
		return "CANCELED";
	if (at < w.ends)
		return "NEW";
	return !w.filled ? "CANCELED" : is_algo() ? "FINISHED" : "FILLED";
}

static bool
changed(int64_t at)	/* has the values that the modification asks for */
{
	return w.kind == MODIFY && (at >= w.exec || (w.before != NEVER && at < w.before));
}

static bool
open_at(int64_t at)
{
	return there(at) && strcmp(status(at), "NEW") == 0;
}

static void
put_order(struct buf *b, int64_t at)
{
	const char *s = status(at);
	int64_t time = clock_at(is_place() ? w.exec : w.born);

	if (is_algo()) {
		buf_printf(b, "{\"algoId\":7,\"clientAlgoId\":\"x1\",\"symbol\":\"BTCUSDT\",\"side\":\"SELL\","
		    "\"orderType\":\"STOP_MARKET\",\"quantity\":\"1.0\",\"triggerPrice\":\"8000.0\","
		    "\"price\":\"0\",\"algoStatus\":\"%s\",\"createTime\":%lld}", s, (long long)time);
		return;
	}
	buf_printf(b, "{\"orderId\":" ID ",\"clientOrderId\":\"x1\",\"symbol\":\"BTCUSDT\",\"side\":\"BUY\","
	    "\"status\":\"%s\",\"origQty\":\"%s\",\"price\":\"%s\",\"executedQty\":\"%s\",\"time\":%lld}", s,
	    changed(at) ? "2" : "1", changed(at) ? "9100" : "9000",
	    strcmp(s, "FILLED") == 0 ? changed(at) ? "2" : "1" : "0", (long long)time);
}

/*
 * What it answers, as of a time that has been
 */

static void
put_row(struct buf *b, int64_t at, const char *price, const char *qty, int modify_id)
{
	buf_printf(b, "%s{\"symbol\":\"BTCUSDT\",\"orderId\":" ID ",\"clientOrderId\":\"x1\",\"time\":%lld,"
	    "\"amendment\":{\"price\":{\"after\":\"%s\"},\"origQty\":{\"after\":\"%s\"},\"modifyId\":%d}}",
	    b->len > 1 ? "," : "", (long long)clock_at(at), price, qty, modify_id);
}

static void
put_amendments(struct buf *b, int64_t at)
{
	buf_str(b, "[");
	if (w.before != NEVER && at >= w.before)
		put_row(b, w.before, "9000", "1", 76);
	if (at >= w.exec)
		put_row(b, w.exec, "9100", "2", 77);
	buf_str(b, "]");
}

static void
put_open(struct buf *b, int64_t at)
{
	const char *comma = "";

	buf_str(b, "[");
	if (w.kind == CANCEL_ALL ? at >= w.born && at < w.exec : open_at(at)) {
		put_order(b, at);
		comma = ",";
	}
	if (at >= w.newer && !(w.newer < w.exec && at >= w.exec))
		buf_printf(b, "%s{\"orderId\":9,\"clientOrderId\":\"n\",\"time\":%lld}", comma,
		    (long long)clock_at(w.newer));
	buf_str(b, "]");
}

#define FOREIGN	"{\"orderId\":5,\"symbol\":\"BTCUSDT\",\"clientOrderId\":\"other\",\"side\":\"BUY\"}"

/* false: no such order, or not served (code). */
static bool
reply(struct buf *b, enum fate_ask ask, int64_t at, int *code)
{
	bool fill = there(at) && at >= w.ends && w.filled;

	*code = is_algo() && !w.served && (ask == ASK_ORDER || ask == ASK_HISTORY) ? -5000 : -2013;
	switch (ask) {
	case ASK_ORDER:
		if (*code == -5000 || !there(at))
			return false;
		put_order(b, at);
		return true;
	case ASK_OPEN:
		put_open(b, at);
		return true;
	case ASK_HISTORY:
		if (*code == -5000)
			return false;
		buf_str(b, "[");
		if (there(at))
			put_order(b, at);
		buf_str(b, "]");
		return true;
	case ASK_TRADES:
		buf_printf(b, "[{\"id\":1,\"orderId\":5,\"side\":\"BUY\"},{\"id\":2,\"orderId\":6,\"side\":\"SELL\"}%s]",
		    fill ? ",{\"id\":3,\"orderId\":" ID ",\"side\":\"BUY\"}" : "");
		return true;
	case ASK_TRADED:
		buf_str(b, "[" FOREIGN);
		if (there(at)) {
			buf_str(b, ",");
			put_order(b, at);
		}
		buf_str(b, "]");
		return true;
	case ASK_AMENDMENTS:
		put_amendments(b, at);
		return true;
	case ASK_NOTHING:
		break;
	}
	return false;
}

static void
ask_it(enum fate_ask ask)
{
	struct fault f = fault_of(FAULT_AGAIN, 0, 0);
	int64_t now = clock_at(mono), at = mono - rnd(LAG + 1);
	struct scan sc = { 0 };
	struct buf b = { 0 };
	bool failed = chance(w.fails), got = false;
	int code = 0;

	if (!failed && !(got = reply(&b, ask, at, &code)))
		f = fault_of(FAULT_REJECTED, code == -5000 ? 404 : 400, code);
	if (got)
		assert_true(scan_doc(&sc, b.p, b.len) > 0);
	mono += failed ? rnd(3000) : rnd(200);
	fate_looked(&fa, ask, got ? NULL : &f, sc.t, sc.t, now, mono);
	scan_free(&sc);
	buf_free(&b);
}

/*
 * What it tells unasked: a few events, each late or never
 */

static void
tell(int64_t at, bool amendment)
{
	struct buf b = { 0 };
	const char *s = status(at), *type = amendment ? "AMENDMENT" : "NEW";

	if (is_algo())
		buf_printf(&b, "{\"e\":\"ALGO_UPDATE\",\"T\":%lld,\"o\":{\"caid\":\"x1\",\"aid\":7,\"o\":\"STOP_MARKET\","
		    "\"s\":\"BTCUSDT\",\"S\":\"SELL\",\"q\":\"1\",\"tp\":\"8000\",\"X\":\"%s\"}}",
		    (long long)clock_at(at), s);
	else
		buf_printf(&b, "{\"e\":\"ORDER_TRADE_UPDATE\",\"T\":%lld,\"o\":{\"s\":\"BTCUSDT\",\"c\":\"x1\","
		    "\"S\":\"BUY\",\"x\":\"%s\",\"X\":\"%s\",\"i\":" ID ",\"q\":\"%s\",\"p\":\"%s\",\"z\":\"0\"%s}}",
		    (long long)clock_at(at), type, s, changed(at) ? "2" : "1", changed(at) ? "9100" : "9000",
		    !amendment ? "" : at == w.exec ? ",\"M\":\"77\"" : ",\"M\":\"76\"");
	event(b.p);
	buf_free(&b);
}

static struct { int64_t at, when; bool amendment; } news[4];
static int nnews;

static void
will_tell(int64_t at, bool amendment)
{
	if (at == NEVER || chance(60))
		return;
	news[nnews].at = at;
	news[nnews].when = (at < 0 ? 0 : at) + rnd(20000);
	news[nnews++].amendment = amendment;
}

static void
tell_due(void)
{
	for (int i = 0; i < nnews; i++)
		if (news[i].when <= mono) {
			tell(news[i].at, news[i].amendment);
			news[i--] = news[--nnews];
		}
}

/*
 * A run
 */

static struct intent
intent_of(enum kind k)
{
	switch (k) {
	case PLACE:
		return limit_order();
	case PLACE_ALGO:
		return stop_order();
	case CANCEL:
	case CANCEL_ALGO:
		return cancel_order(k == CANCEL_ALGO);
	case CANCEL_ALL:
		return cancel_every(false);
	case MODIFY:
	case KINDS:
		break;
	}
	return modification(77);
}

/* Executed only while the exchange's own clock allows it, and before the order ends. */
static void
will_execute(void)
{
	w.exec = chance(40) ? NEVER : chance(30) ? WINDOW - rnd(50) : rnd(WINDOW + 1);
	if (w.exec == NEVER)
		return;
	if (clock_at(w.exec) > STAMP + WINDOW || clock_at(w.exec) < STAMP - 1000 ||
	    (!is_place() && w.exec >= w.ends))
		w.exec = NEVER;
	if (is_place() && w.exec != NEVER && w.ends != NEVER)
		w.ends = w.exec + rnd(10000);
}

static void
make(void)
{
	static const int64_t leaps[] = { 0, 0, 0, 1000, 20000, 3600000, -500, -20000, -3600000 };

	w = (struct world){ .kind = (enum kind)rnd(KINDS), .served = chance(70), .before = NEVER,
		.newer = NEVER, .ends = NEVER, .filled = chance(50) };
	w.fails = chance(50) ? 0 : (int)rnd(60);
	w.by = leaps[rnd(LEN(leaps))];
	w.leaps = rnd(30000);
	if (w.by > 0 && w.by < 60000)	/* a small one is seen from the first look on */
		w.leaps += 10000;
	w.born = -2000 - rnd(20000);	/* reads may not show it yet */
	if (chance(40))
		w.ends = rnd(20000);
	if (w.kind == MODIFY && chance(50)) {
		w.before = -1100 - rnd(8000);
		w.born = w.before - 500;
	}
	if (w.kind == CANCEL_ALL) {
		w.ends = NEVER;
		w.newer = chance(30) ? rnd(20000) : NEVER;
	}
	will_execute();
	nnews = 0;
	if (w.kind == CANCEL_ALL)
		return;
	will_tell(is_place() || w.kind == MODIFY ? w.exec : NEVER, w.kind == MODIFY);
	if (w.exec != NEVER || !is_place())
		will_tell(is_cancel() && w.exec != NEVER ? w.exec : w.ends, false);
	if (w.kind == MODIFY) {
		will_tell(w.born, false);
		will_tell(w.before, true);
	}
}

static bool
executed(void)
{
	return w.exec != NEVER && mono >= w.exec;
}

/* What is wrong with the claim; NULL: nothing. */
static const char *
lie(void)
{
	switch (fa.out) {
	case OUT_REFUSED:
		return "refused";
	case OUT_UNKNOWN:
		return strstr(fa.f.text, "by hand") != NULL ? "taken for another" : NULL;
	case OUT_ABSENT:
		return w.exec != NEVER ? "absent, but executed" : NULL;
	case OUT_RESULT:
		break;
	}
	if (is_cancel())
		return there(mono) && !open_at(mono) ? NULL : "a result, but open";
	if (w.kind == CANCEL_ALL)
		return executed() || mono < w.born ? NULL : "a result, but open";
	return executed() ? NULL : "a result, but not executed";
}

static void
run(void)
{
	int64_t answered = 10 + rnd(6000), due;
	enum fate_ask ask;
	bool said = false;

	make();
	begin(intent_of(w.kind));
	while (fa.state != FATE_DONE && mono < answered + PATIENCE) {
		tell_due();
		if (!said && mono >= answered) {
			in_doubt();
			said = true;
		}
		if ((ask = fate_next(&fa, mono, &due)) != ASK_NOTHING)
			ask_it(ask);
		else
			mono += STEP;
	}
	fate_give_up(&fa);
}

static void
test_model(void **state)
{
	int unknown[KINDS] = { 0 }, runs[KINDS] = { 0 };
	const char *wrong;

	(void)state;
	for (int i = 0; i < RUNS; i++) {
		seed = UINT64_C(88172645463325252) + (uint64_t)i * UINT64_C(0x9e3779b97f4a7c15);
		run();
		if ((wrong = lie()) != NULL)
			fail_msg("run %d, kind %d: %s; executed %lld, ends %lld, set %lld by %lld, told at %lld: %s",
			    i, (int)w.kind, wrong, (long long)w.exec, (long long)w.ends, (long long)w.leaps,
			    (long long)w.by, (long long)mono, fa.out == OUT_RESULT ? fa.found.p : fa.f.text);
		if (w.by == 0 && w.fails == 0 && w.served && w.newer == NEVER) {
			runs[w.kind]++;
			unknown[w.kind] += fa.out == OUT_UNKNOWN;
		}
	}
	/* where nothing but the answer is lost, all is found out, but for a modification
	 * of an order that has ended */
	for (int k = 0; k < KINDS; k++) {
		assert_true(runs[k] > 100);
		if (unknown[k] > (k == MODIFY ? runs[k] / 10 : 0))
			fail_msg("kind %d: %d of %d unknown", k, unknown[k], runs[k]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_model, rig_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
