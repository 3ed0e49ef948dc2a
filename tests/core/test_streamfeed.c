/* The connections of the plan, step by step: bf-stream without its wire, as the fuzz target
 * of the wire has it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "../fuzz/fuzz_wire.c"

#include <cmocka.h>

static struct app *const a = &app;
static struct feed *fd;		/* of the market connection */

/* What the reader has got since the last time. */
static char *
got(void)
{
	static char text[65536];
	struct buf *b = &a->out.out.b;

	snprintf(text, sizeof text, "%.*s", (int)b->len, b->len > 0 ? b->p : "");
	buf_reset(b);
	return text;
}

static int
begin(void **state)
{
	(void)state;
	open_app(a, 0);
	to_all(a, WS_OPEN);
	fd = feed_of(a, 'm');
	(void)got();
	return 0;
}

static int
end(void **state)
{
	(void)state;
	close_app(a);
	return 0;
}

static void
later(int64_t ms)
{
	a->mono += ms;
	a->now += ms;
	feeds_tick(a);
}

/* A newcomer is due: it connects, with the streams that its address has. */
static void
newcomer(int named)
{
	fd->renew = 0;
	later(1);
	assert_non_null(fd->next);
	fuzz_ms = a->mono;
	fd->next->named = named;
	feed_state(a, fd->next->conn, WS_OPEN, NULL);
}

static void
text(struct link *l, const char *p)
{
	feed_text(a, l->conn, p, strlen(p));
}

static void
trade(struct link *l, int id, int64_t age)
{
	char t[200];

	snprintf(t, sizeof t, "{\"stream\":\"btcusdt@aggTrade\",\"data\":{\"e\":\"aggTrade\",\"E\":%lld,\"s\":\"BTCUSDT\","
	    "\"a\":%d,\"st\":1}}", (long long)(a->now - age), id);
	text(l, t);
}

static void
test_a_newcomer_whose_subscription_is_not_answered_does_not_stay(void **state)
{
	struct ws_conn *c;

	(void)state;
	newcomer(1);
	c = fd->next->conn;
	later(250);
	assert_int_equal(fd->next->unanswered, 1);
	later(15000);
	assert_null(fd->next);
	assert_true(c->removed);
	later(60001);		/* and another one is tried */
	assert_non_null(fd->next);
}

static void
test_a_newcomer_whose_subscription_is_refused_does_not_take_over(void **state)
{
	struct link *old = fd->cur;

	(void)state;
	newcomer(1);
	later(250);
	text(fd->next, "{\"error\":{\"code\":2,\"msg\":\"Invalid request\"},\"id\":1}");
	assert_null(fd->next);
	later(30000);
	assert_ptr_equal(fd->cur, old);
}

static void
test_an_answered_newcomer_takes_over(void **state)
{
	struct link *old = fd->cur;

	(void)state;
	newcomer(1);
	later(250);
	text(fd->next, "{\"result\":null,\"id\":1}");
	assert_non_null(fd->next);
	assert_int_not_equal(fd->next->ready, 0);
	trade(old, 1, 0);
	later(30000);
	assert_ptr_not_equal(fd->cur, old);
	assert_non_null(strstr(got(), "replaced"));
}

/* The records of before the newcomer came are still on their way on the old one. */
static void
test_an_old_one_that_lags_is_waited_for(void **state)
{
	struct link *old = fd->cur;
	char *text;

	(void)state;
	trade(old, 1, 0);
	newcomer(fd->part->n);
	later(2500);
	trade(old, 2, 2600);	/* sent before the newcomer was there; nothing has come on that */
	later(1000);
	assert_ptr_equal(fd->cur, old);
	trade(old, 3, 3600);
	trade(old, 4, 0);
	later(250);
	assert_ptr_not_equal(fd->cur, old);
	text = got();
	for (const char *p = "1234"; *p != '\0'; p++) {
		char a_is[] = "\"a\":0,";

		a_is[4] = *p;
		assert_non_null(strstr(text, a_is));
	}
	assert_null(strstr(text, "bf.gap"));
}

static void
test_an_old_one_that_dies_behind_may_have_lost_records_and_it_is_said(void **state)
{
	static const struct ws_why why = { .text = "gone" };
	char *said;

	(void)state;
	trade(fd->cur, 1, 5000);
	newcomer(fd->part->n);
	text(fd->next, "{\"stream\":\"!contractInfo\",\"data\":{\"e\":\"contractInfo\",\"E\":1700000000100,"
	    "\"s\":\"BTCUSDT\",\"st\":1}}");
	(void)got();
	feed_state(a, fd->cur->conn, WS_CLOSED, &why);
	said = got();
	assert_non_null(strstr(said, "\"stream\":\"btcusdt@aggTrade\",\"s\":\"BTCUSDT\",\"from\":1699999995000"));
	assert_non_null(strstr(said, "\"stream\":\"!forceOrder@arr\""));
	assert_null(strstr(said, "markPrice"));
}

/* Of a quiet stream too: a liquidation that was missed is never sent again. And the last
 * moment of which something is known is that of the last message. */
static void
test_a_lost_connection_leaves_a_gap_since_its_last_message(void **state)
{
	static const struct ws_why why = { .text = "gone" };
	char *said;

	(void)state;
	trade(fd->cur, 1, 0);
	later(30000);
	feed_state(a, fd->cur->conn, WS_CLOSED, &why);
	later(1000);
	feed_state(a, fd->cur->conn, WS_OPEN, NULL);
	said = got();
	assert_non_null(strstr(said, "\"stream\":\"btcusdt@aggTrade\",\"s\":\"BTCUSDT\",\"from\":1700000000000,"
	    "\"to\":1700000031000,\"why\":\"connection lost\""));
	assert_non_null(strstr(said, "\"stream\":\"!forceOrder@arr\",\"from\":1700000000000"));
	assert_non_null(strstr(said, "\"stream\":\"btcusdt@kline_1m\""));	/* the end of a candle comes once */
	assert_null(strstr(said, "\"stream\":\"!markPrice"));
}

static void
test_a_connection_that_never_was_leaves_no_gap(void **state)
{
	static const struct ws_why why = { .text = "refused" };

	(void)state;
	close_app(a);
	open_app(a, 0);
	fd = feed_of(a, 'm');
	feed_state(a, fd->cur->conn, WS_CLOSED, &why);
	later(1000);
	to_all(a, WS_OPEN);
	assert_null(strstr(got(), "bf.gap"));
}

static void
test_ids_that_are_missing_are_told(void **state)
{
	char *said;

	(void)state;
	trade(fd->cur, 7, 0);
	trade(fd->cur, 8, 0);
	assert_null(strstr(got(), "bf.gap"));
	trade(fd->cur, 11, 0);
	said = got();
	assert_non_null(strstr(said, "\"stream\":\"btcusdt@aggTrade\",\"s\":\"BTCUSDT\",\"from\":8,\"to\":11"));
	assert_true(strstr(said, "bf.gap") < strstr(said, "\"a\":11"));
}

static void
test_an_old_one_that_dies_before_they_meet_leaves_a_gap_that_is_told(void **state)
{
	static const struct ws_why why = { .text = "gone" };
	char *said;

	(void)state;
	trade(fd->cur, 1, 0);
	newcomer(fd->part->n);
	trade(fd->next, 4, 0);
	trade(fd->next, 5, 0);
	(void)got();
	feed_state(a, fd->cur->conn, WS_CLOSED, &why);
	said = got();
	assert_non_null(strstr(said, "\"stream\":\"btcusdt@aggTrade\",\"s\":\"BTCUSDT\",\"from\":1,\"to\":4"));
	assert_non_null(strstr(said, "\"a\":5"));
}

int
main(void)
{
#define ONE(name) cmocka_unit_test_setup_teardown(name, begin, end)
	static const struct CMUnitTest tests[] = {
		ONE(test_a_newcomer_whose_subscription_is_not_answered_does_not_stay),
		ONE(test_a_newcomer_whose_subscription_is_refused_does_not_take_over),
		ONE(test_an_answered_newcomer_takes_over),
		ONE(test_an_old_one_that_lags_is_waited_for),
		ONE(test_ids_that_are_missing_are_told),
		ONE(test_an_old_one_that_dies_before_they_meet_leaves_a_gap_that_is_told),
		ONE(test_a_lost_connection_leaves_a_gap_since_its_last_message),
		ONE(test_a_connection_that_never_was_leaves_no_gap),
		ONE(test_an_old_one_that_dies_behind_may_have_lost_records_and_it_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
