/* What REST says against what is known: the files themselves are under test, answers are given to it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#define session_call asked_call
#include "../../cmd/bf-stream/recover_ask.c"
#include "../../cmd/bf-stream/recover.c"

#include <cmocka.h>

static char out[8192];		/* notices */
static struct app app;
static struct known *known;
static struct recovery *rec;

int
worker_do(struct worker *w, enum market m, int delay, void (*run)(struct session *, void *),
    void (*done)(void *, void *), void *arg, void *job)
{
	(void)w, (void)m, (void)delay, (void)run, (void)done, (void)arg, (void)job;
	return 0;
}
bool worker_stopping(const struct session *s) { (void)s; return false; }

/* What the exchange is asked, and what it says: the answers in their order, one that begins
 * with "-" is the code of a refusal. */
static const char *says[8];
static char queries[8][200];
static int said;

int
asked_call(struct session *s, enum ep ep, const char *query, bool retry, struct fault *f)
{
	(void)ep, (void)retry;
	assert_true(said < 8 && says[said] != NULL);
	snprintf(queries[said], sizeof queries[said], "%s", query);
	if (says[said][0] == '-') {
		fault_set(f, FAULT_REJECTED, "refused");
		f->code = atoi(says[said++]);
		return -1;
	}
	buf_reset(&s->body);
	buf_str(&s->body, says[said++]);
	assert_true(scan_doc(&s->doc, s->body.p, s->body.len) > 0);
	return 0;
}

struct buf *
app_note(struct app *a, const char *kind)
{
	buf_reset(&a->note);
	jw_open(&a->note, NULL, '{');
	jw_str(&a->note, "e", kind);
	return &a->note;
}
void
app_note_end(struct app *a)
{
	jw_close(&a->note, '}');
	snprintf(out + strlen(out), sizeof out - strlen(out), "%.*s\n", (int)a->note.len, a->note.p);
}

static dec
amount(const char *text)
{
	dec d;

	assert_true(dec_parse(&d, text));
	return d;
}

static void
asks(void)
{
	rec = recovery_begin(&app, MARKET_USDM, known, false, 1700000000000, 1700000005000, 0, 0, NULL, NULL);
	assert_non_null(rec);
}

static void
answer(enum what what, const char *text)
{
	if (rec->got == NULL)
		rec->got = calloc(8, sizeof *rec->got);
	assert_true(rec->got != NULL && rec->n < 8);
	rec->got[rec->n] = (struct answer){ .what = what };
	buf_str(&rec->got[rec->n++].text, text);
}

static int
begin(void **state)
{
	(void)state;
	out[0] = '\0';
	said = 0;
	memset(says, 0, sizeof says);
	if ((known = known_new()) == NULL)
		return -1;
	known_set_whole(known);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	recovery_free(rec);
	known_free(known);
	buf_free(&app.note);
	return 0;
}

#define ROW(amount) "[{\"symbol\":\"BTCUSDT\",\"positionSide\":\"BOTH\",\"positionAmt\":\"" amount "\",\"updateTime\":1700000000001}]"

static void
test_a_position_that_moved_in_the_gap_is_told(void **state)
{
	(void)state;
	assert_int_equal(known_put_holding(known, "BTCUSDT", "BOTH", amount("0.01")), 0);
	asks();
	answer(POSITIONS, ROW("0.03"));
	recovery_apply(rec, known, false);
	assert_non_null(strstr(out, "position_mismatch"));
	assert_non_null(strstr(out, "\"was\":\"0.01\",\"is\":\"0.03\""));
}

/* Its answer was on the way when the event came. */
static void
test_an_event_since_knows_better_than_rest(void **state)
{
	(void)state;
	assert_int_equal(known_put_holding(known, "BTCUSDT", "BOTH", amount("0.01")), 0);
	asks();
	assert_int_equal(known_put_holding(known, "BTCUSDT", "BOTH", amount("0.03")), 0);
	assert_int_equal(known_put_holding(known, "ETHUSDT", "BOTH", amount("1")), 0);
	answer(POSITIONS, ROW("0.01"));
	recovery_apply(rec, known, false);
	assert_null(strstr(out, "position_mismatch"));
	assert_true(dec_cmp(known_holding(known, "BTCUSDT", "BOTH")->amount, amount("0.03")) == 0);
	assert_non_null(known_holding(known, "ETHUSDT", "BOTH"));
}

static void
test_a_quiet_look_that_finds_nothing_says_nothing(void **state)
{
	(void)state;
	asks();
	answer(POSITIONS, "[]");
	recovery_apply(rec, known, true);
	assert_string_equal(out, "");
}

static void
stands(int64_t id, const char *executed, const char *price, const char *qty)
{
	struct stand is = { .symbol = "BTCUSDT", .id = id, .executed = amount(executed),
	    .price = amount(price), .qty = amount(qty) };

	assert_int_equal(known_put_order(known, &is, false), 0);
}
#define ORDER(id, executed, price, qty) "[{\"symbol\":\"BTCUSDT\",\"orderId\":" id ",\"executedQty\":\"" executed \
	"\",\"price\":\"" price "\",\"origQty\":\"" qty "\",\"updateTime\":1700000000001}]"

static void
test_an_amended_order_is_told(void **state)
{
	(void)state;
	stands(7, "0", "100", "1");
	asks();
	answer(OPEN_ORDERS, ORDER("7", "0", "101.0", "1.00"));
	recovery_apply(rec, known, false);
	assert_non_null(strstr(out, "\"price\":\"101.0\""));
	recovery_free(rec);
	out[0] = '\0';
	asks();
	answer(OPEN_ORDERS, ORDER("7", "0.0", "101.00", "1"));
	recovery_apply(rec, known, true);
	assert_string_equal(out, "");
}

/* REST answered, then the event of the next amendment came. */
static void
test_a_price_that_an_event_told_of_since_stays(void **state)
{
	(void)state;
	stands(7, "0", "100", "1");
	asks();
	stands(7, "0", "102", "1");
	answer(OPEN_ORDERS, ORDER("7", "0", "101", "1"));
	recovery_apply(rec, known, true);
	assert_string_equal(out, "");
	assert_true(dec_cmp(known_order(known, false, "BTCUSDT", 7)->price, amount("102")) == 0);
}

static void
test_of_an_order_that_changed_after_the_gap_an_event_tells(void **state)
{
	(void)state;
	asks();
	answer(OPEN_ORDERS, "[{\"symbol\":\"BTCUSDT\",\"orderId\":7,\"executedQty\":\"0\",\"updateTime\":1700000005251}]");
	recovery_apply(rec, known, true);
	assert_string_equal(out, "");
	assert_non_null(known_order(known, false, "BTCUSDT", 7));
}

/* No first look was ever had: what is there may have been there all the time. */
static void
test_without_a_first_look_only_what_events_told_of_can_have_changed(void **state)
{
	(void)state;
	known_free(known);
	known = known_new();
	assert_non_null(known);
	stands(8, "0", "100", "1");
	asks();
	answer(OPEN_ORDERS, ORDER("7", "0", "100", "1"));
	answer(POSITIONS, ROW("0.03"));
	recovery_apply(rec, known, false);
	assert_null(strstr(out, "\"what\":\"order\""));
	assert_null(strstr(out, "mismatch"));
	assert_non_null(strstr(out, "incomplete"));
	recovery_free(rec);
	out[0] = '\0';
	asks();
	answer(OPEN_ORDERS, "[]");
	answer(POSITIONS, ROW("0.04"));
	recovery_apply(rec, known, false);
	assert_non_null(strstr(out, "\"was\":\"0.03\",\"is\":\"0.04\""));
	assert_null(strstr(out, "incomplete"));
}

static void
ask_with(const char *const *answers)
{
	struct session s = { 0 };

	for (int i = 0; answers[i] != NULL; i++)
		says[i] = answers[i];
	recovery_ask(&s, rec);
	buf_free(&s.body);
	scan_free(&s.doc);
}

/* A forgotten order is -2013, one of a contract that is gone -1121. */
static void
test_an_order_that_is_refused_does_not_keep_the_rest_from_being_told(void **state)
{
	static const char *const says_so[] = { "[]", "-2013", "-1121", "[]", "[]", "[]",
	    "[{\"symbol\":\"BTCUSDT\",\"id\":5,\"orderId\":7,\"time\":1700000000001}]", NULL };

	(void)state;
	stands(7, "0", "100", "1");
	stands(8, "0", "100", "1");
	asks();
	ask_with(says_so);
	assert_null(recovery_failed(rec));
	recovery_apply(rec, known, false);
	assert_non_null(strstr(out, "\"what\":\"fill\""));
	assert_non_null(strstr(out, "incomplete"));
}

/* An answer by startTime is of seven days, and the gap was of eight. */
static void
test_trades_of_a_gap_of_more_than_a_week_are_asked_for(void **state)
{
	static const char *const says_so[] = { "[]", "[]", "[]", "[{\"symbol\":\"BTCUSDT\"}]", "[]",
	    "[{\"symbol\":\"BTCUSDT\",\"id\":5,\"orderId\":7,\"time\":1700604900000}]",
	    "[{\"symbol\":\"BTCUSDT\",\"id\":5,\"orderId\":7,\"time\":1700604900000}]", NULL };

	(void)state;
	rec = recovery_begin(&app, MARKET_USDM, known, false, 1700000000000, 1701219600000, 0, 0, NULL, NULL);
	assert_non_null(rec);
	ask_with(says_so);
	assert_null(recovery_failed(rec));
	assert_non_null(strstr(queries[4], "startTime=1699999990000"));
	assert_non_null(strstr(queries[5], "startTime=1700604790000"));
	assert_non_null(strstr(queries[6], "fromId=5"));
	recovery_apply(rec, known, false);
	assert_non_null(strstr(out, "\"fills\":1,"));
	assert_null(strstr(out, "incomplete"));
}

int
main(void)
{
#define ONE(name) cmocka_unit_test_setup_teardown(name, begin, end)
	static const struct CMUnitTest tests[] = {
		ONE(test_a_position_that_moved_in_the_gap_is_told),
		ONE(test_an_event_since_knows_better_than_rest),
		ONE(test_a_quiet_look_that_finds_nothing_says_nothing),
		ONE(test_an_amended_order_is_told),
		ONE(test_a_price_that_an_event_told_of_since_stays),
		ONE(test_of_an_order_that_changed_after_the_gap_an_event_tells),
		ONE(test_without_a_first_look_only_what_events_told_of_can_have_changed),
		ONE(test_an_order_that_is_refused_does_not_keep_the_rest_from_being_told),
		ONE(test_trades_of_a_gap_of_more_than_a_week_are_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
