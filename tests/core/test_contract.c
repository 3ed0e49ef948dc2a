/* The table of contracts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/contract.h"
#include "decimal.h"

static struct contract *
set(struct contracts *cs, const char *symbol, const char *size)
{
	struct rules r = { .contract_size = D(size) };

	snprintf(r.symbol, sizeof r.symbol, "%s", symbol);
	return contracts_set(cs, &r, dec_sign(r.contract_size) > 0 ? MARKET_COINM : MARKET_USDM);
}

static void
test_kind_and_size(void **state)
{
	struct contracts cs = { .seed = 7 };
	struct contract *c;

	(void)state;
	assert_null(contracts_find(&cs, "BTCUSDT"));
	assert_non_null(c = set(&cs, "BTCUSD_PERP", "100"));
	assert_int_equal(c->kind, INVERSE);
	assert_int_equal(c->market, MARKET_COINM);
	assert_int_equal(dec_cmp(c->size, D("100")), 0);
	assert_non_null(c = set(&cs, "BTCUSDT", "0"));
	assert_int_equal(c->kind, LINEAR);
	assert_int_equal(c->market, MARKET_USDM);
	assert_int_equal(dec_cmp(c->size, D("1")), 0);
	assert_null(set(&cs, "", "0"));
	/* rules told again: brackets and funding stay, and so does the address */
	c->tiers.n = 3;
	c->funding_hours = 4;
	assert_ptr_equal(set(&cs, "BTCUSDT", "0"), c);
	assert_int_equal(c->tiers.n, 3);
	assert_int_equal(c->funding_hours, 4);
	assert_int_equal(cs.n, 2);
	/* a part of a name, and names that begin alike */
	assert_ptr_equal(contracts_find_n(&cs, "BTCUSDT_261225", 7), c);
	assert_null(contracts_find_n(&cs, "BTCUSDT_261225", 14));
	assert_null(contracts_find_n(&cs, "BTCUSDT", 6));
	assert_null(contracts_find_n(&cs, "BTCUSDT", 0));
	contracts_free(&cs);
	assert_null(contracts_find(&cs, "BTCUSDT"));
}

/* Addresses last while it grows; every seed finds the same. */
static void
test_many(void **state)
{
	static struct contract *at[2000];
	char name[32];

	(void)state;
	for (uint64_t seed = 0; seed < 3; seed++) {
		struct contracts cs = { .seed = seed * 0x9e3779b97f4a7c15u };

		for (int i = 0; i < 2000; i++) {
			snprintf(name, sizeof name, "S%dUSDT", i);
			assert_non_null(at[i] = set(&cs, name, "0"));
		}
		for (int i = 0; i < 2000; i++) {
			snprintf(name, sizeof name, "S%dUSDT", i);
			assert_ptr_equal(contracts_find(&cs, name), at[i]);
			assert_string_equal(at[i]->rules.symbol, name);
		}
		assert_null(contracts_find(&cs, "S2000USDT"));
		assert_int_equal(cs.n, 2000);
		contracts_free(&cs);
	}
}

/* The longest symbol there may be, and one longer. */
static void
test_long_names(void **state)
{
	char name[SYMBOL_MAX + 1];
	struct contracts cs = { 0 };
	struct contract *c;

	(void)state;
	memset(name, 'x', sizeof name);
	name[SYMBOL_MAX - 1] = '\0';
	assert_non_null(c = set(&cs, name, "0"));
	assert_ptr_equal(contracts_find(&cs, name), c);
	name[SYMBOL_MAX - 1] = 'x';
	name[SYMBOL_MAX] = '\0';
	assert_null(contracts_find(&cs, name));
	contracts_free(&cs);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kind_and_size),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_long_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
