#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/params.h"

#define LEN(a)	(sizeof (a) / sizeof *(a))

static struct buf out;

static int
clean_up(void **state)
{
	(void)state;
	buf_free(&out);
	return 0;
}

/* Known answers by Python: urllib.parse.quote(value, safe="-_.~"). */
static void
a_value_is_percent_encoded_as_utf_8(void **state)
{
	static const struct { const char *in, *want; } row[] = {
		{ "", "" },
		{ "AZaz09-_.~", "AZaz09-_.~" },
		{ "测试USDT", "%E6%B5%8B%E8%AF%95USDT" },
		{ " +&=%/:?#\"[]{},", "%20%2B%26%3D%25%2F%3A%3F%23%22%5B%5D%7B%7D%2C" },
		{ "\x01\x7f\xff", "%01%7F%FF" },
	};

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		buf_reset(&out);
		buf_str(&out, "");
		query_escape(&out, row[i].in);
		assert_string_equal(out.p, row[i].want);
	}
}

/* Binance's signing example, which has its parameters in this order. */
static void
parameters_go_out_in_the_order_they_came(void **state)
{
	struct params ps = { 0 };

	(void)state;
	params_add(&ps, "symbol", "BTCUSDT");
	params_add(&ps, "side", "BUY");
	params_add(&ps, "type", "LIMIT");
	params_add(&ps, "quantity", "1");
	params_add(&ps, "price", "9000");
	params_add(&ps, "timeInForce", "GTC");
	params_add(&ps, "newClientOrderId", "");	/* left out */
	params_i64(&ps, "recvWindow", 5000);
	params_i64(&ps, "timestamp", 1591702613943);
	assert_int_equal(ps.n, 8);
	buf_reset(&out);
	params_query(&ps, &out);
	assert_string_equal(out.p, "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&timeInForce=GTC"
	    "&recvWindow=5000&timestamp=1591702613943");
}

static void
the_same_parameters_are_members_of_an_object(void **state)
{
	struct params ps = { 0 };

	(void)state;
	params_add(&ps, "symbol", "测\"试");
	params_i64(&ps, "orderId", INT64_MAX);
	params_i64(&ps, "low", INT64_MIN);
	params_i64(&ps, "zero", 0);	/* left out by the caller, if at all */
	params_add(&ps, "price", "1.10");
	buf_reset(&out);
	jw_open(&out, NULL, '{');
	jw_str(&out, "before", "x");
	params_members(&ps, &out);
	jw_str(&out, "after", "y");
	jw_close(&out, '}');
	assert_string_equal(out.p, "{\"before\":\"x\",\"symbol\":\"测\\\"试\",\"orderId\":9223372036854775807,"
	    "\"low\":-9223372036854775808,\"zero\":0,\"price\":\"1.10\",\"after\":\"y\"}");
	buf_reset(&out);
	params_query(&ps, &out);
	assert_string_equal(out.p, "symbol=%E6%B5%8B%22%E8%AF%95&orderId=9223372036854775807"
	    "&low=-9223372036854775808&zero=0&price=1.10");
}

static void
no_parameters_are_nothing(void **state)
{
	struct params ps = { 0 };

	(void)state;
	buf_reset(&out);
	buf_str(&out, "?");
	params_query(&ps, &out);
	assert_string_equal(out.p, "?");
	jw_open(&out, NULL, '{');
	params_members(&ps, &out);
	jw_close(&out, '}');
	assert_string_equal(out.p, "?{}");
}

static void
the_longest_value_fits(void **state)
{
	struct params ps = { 0 };
	char value[PARAM_VALUE];

	(void)state;
	memset(value, 'x', sizeof value - 1);
	value[sizeof value - 1] = '\0';
	for (int i = 0; i < PARAMS_MAX; i++)
		params_add(&ps, "n", value);
	assert_int_equal(ps.n, PARAMS_MAX);
	assert_string_equal(ps.p[PARAMS_MAX - 1].value, value);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_is_percent_encoded_as_utf_8),
		cmocka_unit_test(parameters_go_out_in_the_order_they_came),
		cmocka_unit_test(the_same_parameters_are_members_of_an_object),
		cmocka_unit_test(no_parameters_are_nothing),
		cmocka_unit_test(the_longest_value_fits),
	};

	return cmocka_run_group_tests(tests, NULL, clean_up);
}
