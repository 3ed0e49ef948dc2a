/* What a key may do, judged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../cmd/bf-profile/permissions.h"

#define NOW	INT64_C(1767225600000)
#define DAY	INT64_C(86400000)

static const struct remark *
of(const struct remark *x, int n, const char *check)
{
	for (int i = 0; i < n; i++)
		if (strcmp(x[i].check, check) == 0)
			return &x[i];
	return NULL;
}

/* The rights of a good key. */
#define GOOD	.ip = true, .reading = true, .futures = true

static void
test_rows(void **state)
{
	static const struct {
		struct key_rights r;
		struct key_rules allowed;
		const char *check, *want, *mend;	/* mend: has this in it; NULL: must be empty */
	} row[] = {
		{ { GOOD }, { 0 }, "key-withdrawals", "ok", NULL },
		{ { GOOD }, { 0 }, "key-ip", "ok", NULL },
		{ { GOOD }, { 0 }, "key-futures", "ok", NULL },
		{ { GOOD }, { 0 }, "key-transfers", "ok", NULL },
		{ { GOOD, .withdrawals = true }, { 0 }, "key-withdrawals", "bad", "--allow-withdrawals" },
		{ { GOOD, .withdrawals = true }, { .withdrawals = true }, "key-withdrawals", "ok", NULL },
		{ { GOOD, .withdrawals = true }, { .any_ip = true }, "key-withdrawals", "bad", "allow_withdrawals = yes" },
		{ { .futures = true }, { 0 }, "key-ip", "bad", "--allow-any-ip" },
		{ { .futures = true }, { .any_ip = true }, "key-ip", "ok", NULL },
		{ { .futures = true }, { .withdrawals = true }, "key-ip", "bad", "trusted IPs" },
		{ { .ip = true, .reading = true }, { .withdrawals = true, .any_ip = true }, "key-futures", "bad", "Enable Futures" },
		{ { GOOD, .internal = true }, { 0 }, "key-transfers", "warn", "Enable Internal Transfer" },
		{ { GOOD, .transfer = true }, { 0 }, "key-transfers", "warn", "Permits Universal Transfer" },
		{ { GOOD, .internal = true, .transfer = true }, { 0 }, "key-transfers", "warn", "Internal Transfer and Permits" },
		{ { GOOD, .margin = true, .spot = true, .options = true, .fix = true, .portfolio = true }, { 0 },
		  "key-transfers", "ok", NULL },
		{ { GOOD, .expires_ms = NOW + 90 * DAY }, { 0 }, "key-expiry", "ok", NULL },
		{ { GOOD, .expires_ms = NOW + 14 * DAY }, { 0 }, "key-expiry", "ok", NULL },
		{ { GOOD, .expires_ms = NOW + 14 * DAY - 1 }, { 0 }, "key-expiry", "warn", "trusted IPs" },
		{ { GOOD, .expires_ms = NOW + 1 }, { 0 }, "key-expiry", "warn", "trusted IPs" },
		{ { GOOD, .expires_ms = NOW }, { 0 }, "key-expiry", "warn", "trusted IPs" },
		{ { GOOD, .expires_ms = INT64_MAX }, { 0 }, "key-expiry", "ok", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct remark all[KEY_REMARKS];
		const struct remark *x = of(all, key_judge(all, &row[i].r, &row[i].allowed, NOW), row[i].check);

		assert_non_null(x);
		assert_string_equal(remark_word(x->state), row[i].want);
		assert_int_equal(x->kind, x->state == FOUND_BAD ? FAULT_KEY : FAULT_NONE);
		if (row[i].mend == NULL)
			assert_string_equal(x->mend, "");
		else
			assert_non_null(strstr(x->mend, row[i].mend));
	}
}

static void
test_no_expiry_says_nothing(void **state)
{
	struct key_rights r = { GOOD };
	const struct key_rules none = { 0 };
	struct remark all[KEY_REMARKS];

	(void)state;
	assert_null(of(all, key_judge(all, &r, &none, NOW), "key-expiry"));
	r.expires_ms = INT64_MIN;	/* nor one that is none */
	assert_null(of(all, key_judge(all, &r, &none, NOW), "key-expiry"));
}

static int
read_text(struct key_rights *r, const char *text, struct fault *f)
{
	struct tok t[64];

	assert_true(scan_json(text, strlen(text), t, 64, NULL) > 0);
	return key_rights_read(r, t, t, f);
}

/* All members that the exchange documents. */
static void
test_reads_the_answer(void **state)
{
	struct key_rights r;
	struct fault f;

	(void)state;
	assert_int_equal(read_text(&r, "{\"ipRestrict\":false,\"createTime\":1698645219000,"
	    "\"enableReading\":true,\"enableWithdrawals\":false,\"enableInternalTransfer\":false,"
	    "\"enableMargin\":false,\"enableFutures\":true,\"permitsUniversalTransfer\":true,"
	    "\"enableVanillaOptions\":false,\"enableFixApiTrade\":false,"
	    "\"enableSpotAndMarginTrading\":false,\"enablePortfolioMarginTrading\":true,"
	    "\"tradingAuthorityExpirationTime\":1767225600000}", &f), 0);
	assert_false(r.ip);
	assert_true(r.reading && r.futures && r.transfer && r.portfolio);
	assert_false(r.withdrawals || r.internal || r.margin || r.options || r.fix || r.spot);
	assert_int_equal(r.created_ms, INT64_C(1698645219000));
	assert_int_equal(r.expires_ms, NOW);
}

static void
test_what_is_not_told_is_not_good(void **state)
{
	static const struct { const char *text, *names; } row[] = {
		{ "{}", "ipRestrict" },
		{ "{\"ipRestrict\":true,\"enableFutures\":true}", "enableWithdrawals" },
		{ "{\"ipRestrict\":true,\"enableFutures\":true,\"enableWithdrawals\":null}", "enableWithdrawals" },
		{ "{\"ipRestrict\":true,\"enableWithdrawals\":false}", "enableFutures" },
		{ "[]", "ipRestrict" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct key_rights r;
		struct fault f;

		assert_int_equal(read_text(&r, row[i].text, &f), -1);
		assert_int_equal(f.kind, FAULT_KEY);
		assert_non_null(strstr(f.text, row[i].names));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_no_expiry_says_nothing),
		cmocka_unit_test(test_reads_the_answer),
		cmocka_unit_test(test_what_is_not_told_is_not_good),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
