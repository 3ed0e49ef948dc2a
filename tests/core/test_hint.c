/* What helps after a failure: by code, by what the sentence is about, by kind, by rule. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/hint.h"

static void
test_codes(void **state)
{
	static const struct { enum fault_kind kind; int http, code; const char *want; } row[] = {
		{ FAULT_AGAIN, 429, -1003, "bf(7), LIMITS" },
		{ FAULT_AGAIN, 418, -1003, "bf(7), LIMITS" },
		{ FAULT_AGAIN, 418, 0, "bf(7), LIMITS" },
		{ FAULT_AGAIN, 403, 0, "bf(7), LIMITS" },
		{ FAULT_AGAIN, 400, -1015, "bf(7), LIMITS" },
		{ FAULT_AGAIN, 503, -1008, "bf(7), DIAGNOSTICS" },
		{ FAULT_AGAIN, 503, 0, "bf-time --probe" },
		{ FAULT_CLOCK, 400, -1021, "bf-time --check 500" },
		{ FAULT_AGAIN, 400, -5028, "bf-time --check 500" },
		{ FAULT_KEY, 400, -1022, "bf-profile doctor" },
		{ FAULT_KEY, 401, -2014, "bf-profile doctor" },
		{ FAULT_KEY, 401, -2015, "bf-profile doctor" },
		{ FAULT_KEY, 401, 0, "bf-profile doctor" },
		{ FAULT_REJECTED, 400, -2019, "bf-position balances" },
		{ FAULT_REJECTED, 400, -2021, "bf-info mark SYMBOL" },
		{ FAULT_REJECTED, 400, -2022, "bf-position" },
		{ FAULT_REJECTED, 400, -2011, "bf-order open" },
		{ FAULT_REJECTED, 400, -2013, "bf-order history SYMBOL" },
		{ FAULT_REJECTED, 400, -2027, "bf-info brackets SYMBOL" },
		{ FAULT_REJECTED, 400, -1102, "bf-order(1), INTENTS" },
		{ FAULT_REJECTED, 400, -1111, "bf-info filters SYMBOL" },
		{ FAULT_REJECTED, 400, -1112, "bf-info book SYMBOL" },
		{ FAULT_REJECTED, 400, -1121, "bf-info symbols" },
		{ FAULT_REJECTED, 400, -4001, "bf-info filters SYMBOL" },
		{ FAULT_REJECTED, 400, -4014, "bf-info filters SYMBOL" },
		{ FAULT_REJECTED, 400, -4015, "bf-order(1), INTENTS" },
		{ FAULT_REJECTED, 400, -4164, "bf-info filters SYMBOL" },
		{ FAULT_REJECTED, 400, -4061, "bf-position mode" },
		{ FAULT_REJECTED, 400, -4120, "bf-order(1), INTENTS" },
		{ FAULT_REJECTED, 400, -5022, "bf-info book SYMBOL" },
		{ FAULT_REJECTED, 400, -4999, "bf-order(1), CHECKS" },	/* one that is not in the table */
		{ FAULT_UNKNOWN, 400, -4116, "bf-order recover" },	/* look first, whatever the code */
		{ FAULT_UNKNOWN, 503, -1007, "bf-order recover" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct fault f = { .kind = row[i].kind, .http = row[i].http, .code = row[i].code };
		const char *got = hint_of(&f, "bf-order");

		if (got == NULL || strcmp(got, row[i].want) != 0)
			fail_msg("HTTP %d, %d: %s, not %s", row[i].http, row[i].code, got, row[i].want);
	}
}

static void
test_texts(void **state)
{
	static const struct { enum fault_kind kind; const char *tool, *text, *want; } row[] = {
		{ FAULT_USAGE, "bf-time", "--check x: not a whole number from 0 to 10", "bf-time --help" },
		{ FAULT_USAGE, "bf-info", "--since 9: no such time", "bf-info(1), Ranges" },
		{ FAULT_USAGE, "bf-order", "no profile x: choose live or demo", "bf(7), PROFILES" },
		{ FAULT_USAGE, "bf-order", "profile x has no key", "bf(7), KEYS" },
		{ FAULT_USAGE, "bf-risk", "r.conf:3: [max-lev]: max is missing", "bf-risk(1), RULES FILE" },
		{ FAULT_USAGE, "bf-risk", "--n 0: not a whole number", "bf-risk --help" },
		{ FAULT_USAGE, "bf-stream", "stream x: needs an interval", "bf-stream(1), Streams" },
		{ FAULT_USAGE, "bf-sim", "--fault on: no such word", "bf-sim(1), FAULTS" },
		{ FAULT_KEY, "bf-order", "key file is empty: k", "bf(7), KEYS" },
		{ FAULT_AGAIN, "bf-order", "the limit of 2400 weight is used up", "bf(7), LIMITS" },
		{ FAULT_AGAIN, "bf-order", "not sent: connection refused", "bf-time --probe" },
		{ FAULT_AGAIN, "bf-time", "no address answers: rest", "bf-profile doctor" },
		{ FAULT_CLOCK, "bf-order", "known only to 900 ms", "bf-time --check 500" },
		{ FAULT_CLOCK, "bf-time", "the clock may be off by 900 ms", "bf(7), DIAGNOSTICS" },
		{ FAULT_TRIPPED, "bf-position", "the kill latch is set", "bf-kill --status" },
		{ FAULT_LOCAL, "bf-order", "journal: no space left", "bf-order(1), JOURNAL" },
		{ FAULT_LOCAL, "bf-info", "writing to standard output", "bf(7), DIAGNOSTICS" },
		{ FAULT_LOCAL, "bf-stream", "the reader is too slow: more", "bf-stream(1), A slow reader" },
		{ FAULT_REJECTED, "bf-info", "the jq filter failed: x", "bf(7), NUMBERS" },
		{ FAULT_UNKNOWN, "bf-kill", "openOrders: the answer is no list", "bf-kill(1), EXIT STATUS" },
		{ FAULT_UNKNOWN, "bf-position", "still unknown", "bf-position" },
		{ FAULT_LOCAL, "no-such-tool", "x", "bf(7), DIAGNOSTICS" },
	};
	struct fault f = { 0 };

	(void)state;
	assert_null(hint_of(&f, "bf-time"));
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		const char *got;

		fault_set(&f, row[i].kind, "%s", row[i].text);
		got = hint_of(&f, row[i].tool);
		if (got == NULL || strcmp(got, row[i].want) != 0)
			fail_msg("%s: %s: %s, not %s", row[i].tool, row[i].text, got, row[i].want);
	}
	/* the exchange's own words decide nothing */
	fault_set(&f, FAULT_REJECTED, "HTTP 400, -9: the jq filter");
	f.http = 400;
	assert_string_equal(hint_of(&f, "bf-info"), "bf-info symbols");
}

/* Every kind by every tool has one: no sentence without. */
static void
test_all(void **state)
{
	static const char *const tool[] = { "bf-info", "bf-kill", "bf-order", "bf-position", "bf-profile", "bf-risk",
		"bf-sim", "bf-stream", "bf-time" };

	(void)state;
	for (size_t i = 0; i < sizeof tool / sizeof *tool; i++)
		for (int k = FAULT_REJECTED; k <= FAULT_UNKNOWN; k++) {
			struct fault f = { .kind = (enum fault_kind)k };
			const char *got = hint_of(&f, tool[i]);

			assert_non_null(got);
			assert_int_equal(strncmp(got, "bf", 2), 0);
		}
}

static void
test_rules(void **state)
{
	static const struct { const char *tool, *rule; int code; const char *want; } row[] = {
		{ "bf-order", "tickSize", -4014, "bf-info filters SYMBOL" },
		{ "bf-order", "minNotional", -4164, "bf-info filters SYMBOL" },
		{ "bf-order", "max_order_notional", 0, "bf-order(1), Caps" },
		{ "bf-order", "symbols", 0, "bf-order(1), Caps" },
		{ "bf-order", "kill-latch", 0, "bf-kill --status" },
		{ "bf-order", "duplicate-id", -4116, "bf-order(1), EXACTLY ONCE" },
		{ "bf-order", "unresolved", 0, "bf-order recover" },
		{ "bf-order", "symbol", -1121, "bf-info symbols" },
		{ "bf-order", "json", 0, "bf-order(1), Input that is refused" },
		{ "bf-order", "a rule of tomorrow", 0, "bf-order(1), CHECKS" },
		{ "bf-risk", "max-lev", 0, "bf-risk(1), Rules over intents" },
		{ "bf-risk", "order-notional", -4164, "bf-risk(1), Rules over intents" },
		{ "bf-risk", "symbols", 0, "bf-risk(1), Rules over intents" },
		{ "bf-risk", "kill-latch", 0, "bf-kill --status" },
		{ "bf-risk", "account-unknown", 0, "bf-position" },
		{ "bf-risk", "intent", -1102, "bf-order(1), INTENTS" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		const char *got = hint_of_rule(row[i].rule, row[i].code, row[i].tool);

		if (strcmp(got, row[i].want) != 0)
			fail_msg("%s %s: %s, not %s", row[i].tool, row[i].rule, got, row[i].want);
	}
}

static void
test_named(void **state)
{
	static const char *const yes[] = { "unknown option --x; see bf-time --help", "others may write it: chmod 600 k",
		"start bf-sim --profile-out sim", "bf-kill --reset --reason TEXT clears it", "see bf-order recover",
		"drill: bf-sim --help" };
	static const char *const no[] = { "", "bf-kill is not there", "bf-sim does not start", "x: not a decimal", "bf-" };

	(void)state;
	for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
		if (!hint_named(yes[i]))
			fail_msg("%s", yes[i]);
	for (size_t i = 0; i < sizeof no / sizeof *no; i++)
		if (hint_named(no[i]))
			fail_msg("%s", no[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_codes),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
