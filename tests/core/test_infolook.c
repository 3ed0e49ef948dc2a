/* What changed of a contract between two looks. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "../../cmd/bf-info/look.h"
#include "recorded.h"

#define INFO	"{\"symbols\":[{\"symbol\":\"BTCUSDT\",\"status\":\"TRADING\",\"liquidationFee\":\"0.012500\"," \
	"\"timeInForce\":[\"GTC\",\"IOC\"],\"filters\":[" \
	"{\"filterType\":\"PRICE_FILTER\",\"tickSize\":\"0.10\"},{\"filterType\":\"LOT_SIZE\",\"stepSize\":\"0.001\"}," \
	"{\"filterType\":\"POSITION_RISK_CONTROL\",\"positionControlSide\":\"NONE\"}]}]}"
#define FUNDING	"[{\"symbol\":\"BTCUSDT\",\"fundingIntervalHours\":8,\"adjustedFundingRateCap\":\"0.003\"}]"
#define TIERS	"[{\"symbol\":\"BTCUSDT\",\"brackets\":[{\"bracket\":1,\"initialLeverage\":125,\"cum\":0.0}," \
	"{\"bracket\":2,\"initialLeverage\":100,\"cum\":50.0}]}]"

static struct fault fault;
static struct buf said;

static void
make(struct look *l, const char *info, const char *funding, const char *tiers)
{
	struct scan a = { 0 }, b = { 0 }, c = { 0 };

	assert_true(scan_doc(&a, info, strlen(info)) > 0 && scan_doc(&b, funding, strlen(funding)) > 0);
	if (tiers != NULL)
		assert_true(scan_doc(&c, tiers, strlen(tiers)) > 0);
	assert_int_equal(look_make(l, &a, &b, tiers != NULL ? &c : NULL, &fault), 0);
	scan_free(&a);
	scan_free(&b);
	scan_free(&c);
}

static int
tell(void *arg, const char *field, const struct tok *was, const struct tok *is)
{
	(void)arg;
	buf_printf(&said, "%s %.*s>%.*s;", field, was == NULL ? 1 : (int)was->len, was == NULL ? "-" : was->p,
	    is == NULL ? 1 : (int)is->len, is == NULL ? "-" : is->p);
	return 0;
}

/* BTCUSDT of either. */
static void
changes_are(const struct look *was, const struct look *is, const char *want)
{
	const struct tok *a = look_find(was, "BTCUSDT"), *b = look_find(is, "BTCUSDT");

	assert_true(a != NULL && b != NULL);
	buf_reset(&said);
	buf_str(&said, "");
	assert_int_equal(look_compare(was->doc.t, a, is->doc.t, b, tell, NULL), 0);
	assert_string_equal(said.p, want);
	buf_free(&said);
}

static void
a_look_is_flat_and_filters_have_the_names_of_bf_filters(void **state)
{
	struct look l = { 0 };

	(void)state;
	make(&l, INFO, FUNDING, TIERS);
	assert_string_equal(l.text.p, "[{\"symbol\":\"BTCUSDT\",\"status\":\"TRADING\",\"liquidationFee\":\"0.012500\","
	    "\"timeInForce\":[\"GTC\",\"IOC\"],\"tickSize\":\"0.10\",\"stepSize\":\"0.001\","
	    "\"POSITION_RISK_CONTROL.positionControlSide\":\"NONE\",\"fundingIntervalHours\":8,"
	    "\"adjustedFundingRateCap\":\"0.003\",\"brackets[1].initialLeverage\":125,\"brackets[1].cum\":0.0,"
	    "\"brackets[2].initialLeverage\":100,\"brackets[2].cum\":50.0}]");
	assert_null(look_find(&l, "ETHUSDT"));
	look_free(&l);
}

static void
each_change_is_told_and_nothing_else(void **state)
{
	static const struct { const char *info, *funding, *tiers, *want; } row[] = {
		{ INFO, FUNDING, TIERS, "" },
		{ "{\"symbols\":[{\"symbol\":\"BTCUSDT\",\"status\":\"SETTLING\",\"liquidationFee\":\"0.0125\","
		  "\"timeInForce\":[\"GTC\"],\"filters\":[{\"filterType\":\"PRICE_FILTER\",\"tickSize\":\"0.1\"},"
		  "{\"filterType\":\"LOT_SIZE\",\"stepSize\":\"0.01\"},{\"filterType\":\"NEW\",\"x\":1}]}]}", FUNDING, TIERS,
		  "status TRADING>SETTLING;timeInForce [\"GTC\",\"IOC\"]>[\"GTC\"];stepSize 0.001>0.01;NEW.x ->1;"
		  "POSITION_RISK_CONTROL.positionControlSide NONE>-;" },
		{ INFO, "[]", TIERS, "fundingIntervalHours 8>-;adjustedFundingRateCap 0.003>-;" },
		{ INFO, "[{\"symbol\":\"BTCUSDT\",\"fundingIntervalHours\":4,\"adjustedFundingRateCap\":\"0.0030\"}]", TIERS,
		  "fundingIntervalHours 8>4;" },
		{ INFO, FUNDING, "[{\"symbol\":\"BTCUSDT\",\"brackets\":[{\"bracket\":1,\"initialLeverage\":75,\"cum\":0}]}]",
		  "brackets[1].initialLeverage 125>75;brackets[2].initialLeverage 100>-;brackets[2].cum 50.0>-;" },
		{ INFO, FUNDING, NULL, "" },	/* not known is not gone */
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct look was = { 0 }, is = { 0 };

		make(&was, INFO, FUNDING, TIERS);
		make(&is, row[i].info, row[i].funding, row[i].tiers);
		changes_are(&was, &is, row[i].want);
		look_free(&was);
		look_free(&is);
	}
}

static void
brackets_outlive_a_look_without_a_key(void **state)
{
	struct look was = { 0 }, is = { 0 }, kept = { 0 }, later = { 0 };
	struct buf b = { 0 };

	(void)state;
	make(&was, INFO, FUNDING, TIERS);
	make(&is, INFO, FUNDING, NULL);
	buf_chr(&b, '[');
	look_keep(&b, was.doc.t, look_find(&was, "BTCUSDT"), is.doc.t, look_find(&is, "BTCUSDT"));
	buf_chr(&b, ']');
	assert_int_equal(look_read(&kept, &b, &fault), 0);
	make(&later, INFO, FUNDING, "[{\"symbol\":\"BTCUSDT\",\"brackets\":[{\"bracket\":1,\"initialLeverage\":20,\"cum\":0},"
	    "{\"bracket\":2,\"initialLeverage\":100,\"cum\":50}]}]");
	changes_are(&kept, &later, "brackets[1].initialLeverage 125>20;");
	look_free(&was);
	look_free(&is);
	look_free(&kept);
	look_free(&later);
}

static void
answers_that_are_none_are_refused(void **state)
{
	static const struct { const char *info, *funding, *tiers; } row[] = {
		{ "{}", "[]", NULL }, { "[]", "[]", NULL }, { "{\"symbols\":{}}", "[]", NULL }, { INFO, "{}", NULL },
		{ INFO, "[]", "{}" }, { "{\"symbols\":[{\"status\":\"TRADING\"}]}", "[]", NULL },
		{ "{\"symbols\":[5]}", "[]", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct scan a = { 0 }, b = { 0 }, c = { 0 };
		struct look l = { 0 };

		assert_true(scan_doc(&a, row[i].info, strlen(row[i].info)) > 0);
		assert_true(scan_doc(&b, row[i].funding, strlen(row[i].funding)) > 0);
		if (row[i].tiers != NULL)
			assert_true(scan_doc(&c, row[i].tiers, strlen(row[i].tiers)) > 0);
		assert_int_equal(look_make(&l, &a, &b, row[i].tiers != NULL ? &c : NULL, &fault), -1);
		assert_int_equal(fault.kind, FAULT_AGAIN);
		scan_free(&a);
		scan_free(&b);
		scan_free(&c);
	}
}

static void
odd_members_do_no_harm(void **state)
{
	struct look l = { 0 };

	(void)state;
	make(&l, "{\"symbols\":[{\"symbol\":\"\\u6d4b\\\"\",\"a\\\"b\\n\":1,\"\\u0000\":2,\"filters\":[7,{\"x\":1},"
	    "{\"filterType\":\"A\\\"\",\"b\":null}]}]}", "[3,{}]", "[{\"symbol\":\"x\"},[]]");
	assert_string_equal(l.text.p, "[{\"symbol\":\"\346\265\213\\\"\",\"a\\\"b\\n\":1,\"A\\\".b\":null}]");
	look_free(&l);
}

static void
the_real_list_of_2025_against_itself_has_no_change(void **state)
{
	char *text = recorded("usdm/rest-exchangeInfo-testnet-2025-11-26.json.gz");
	struct scan doc = { 0 }, funding = { 0 };
	struct look a = { 0 }, b = { 0 };
	const struct tok *v;
	char symbol[64];
	int n = 0;

	(void)state;
	assert_true(scan_doc(&doc, text, strlen(text)) > 0 && scan_doc(&funding, "[]", 2) > 0);
	assert_int_equal(look_make(&a, &doc, &funding, NULL, &fault), 0);
	assert_int_equal(look_make(&b, &doc, &funding, NULL, &fault), 0);
	for (v = scan_first(a.doc.t); v != NULL; v = scan_next(a.doc.t, a.doc.t, v), n++) {
		assert_true(scan_get_str(a.doc.t, v, "symbol", symbol, sizeof symbol));
		assert_int_equal(look_compare(a.doc.t, v, b.doc.t, look_find(&b, symbol), tell, NULL), 0);
		assert_int_equal(said.len, 0);
	}
	assert_int_equal(n, 647);
	look_free(&a);
	look_free(&b);
	scan_free(&doc);
	scan_free(&funding);
	free(text);
}

#define T(name)	cmocka_unit_test(name)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_look_is_flat_and_filters_have_the_names_of_bf_filters),
		T(each_change_is_told_and_nothing_else),
		T(brackets_outlive_a_look_without_a_key),
		T(answers_that_are_none_are_refused),
		T(odd_members_do_no_harm),
		T(the_real_list_of_2025_against_itself_has_no_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
