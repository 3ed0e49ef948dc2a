#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "io/latch.h"
#include "io/state.h"
#include "scratch.h"

static struct fault fault;
static struct profile p;

static int
setup(void **state)
{
	if (scratch_make(state) == -1)
		return -1;
	umask(0);
	memset(&p, 0, sizeof p);
	snprintf(p.state_dir, sizeof p.state_dir, "%s/state/bf/demo", scratch);
	return 0;
}

static unsigned
mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(lstat(path, &st), 0);
	return st.st_mode & 07777;
}

static void
count(void *arg, const char *name, const char *why)
{
	assert_non_null(name);
	assert_non_null(why);
	++*(int *)arg;
}

static void
trip(const char *symbol, enum order_side side)
{
	const struct latch_scope sc = { symbol, side };

	assert_int_equal(latch_trip(&p, &sc, "t", "r", 1, &fault), 0);
}

static int
reset(const char *symbol, enum order_side side)
{
	const struct latch_scope sc = { symbol, side };

	return latch_reset(&p, &sc, "t", "mended", 2, &fault);
}

static int
held(const char *symbol, enum order_side side)
{
	char why[64];

	return latch_test_for(&p, symbol, side, why, sizeof why, &fault);
}

static void
the_latch_holds_until_it_is_reset_and_keeps_the_first_reason(void **state)
{
	char why[128], *text;

	(void)state;
	assert_int_equal(latch_test(&p, why, sizeof why, &fault), 0);
	assert_int_equal(latch_reset(&p, NULL, "t", "mended", 1700000001000, &fault), 0);
	assert_int_equal(latch_trip(&p, NULL, "bf-risk", "daily loss 120.5 > \"100\"", 1700000000123, &fault), 0);
	assert_int_equal(latch_trip(&p, NULL, "bf-kill", "asked", 1700000000999, &fault), 0);
	assert_int_equal(latch_test(&p, why, sizeof why, &fault), 1);
	assert_string_equal(why, "bf-risk: daily loss 120.5 > \"100\"");
	assert_int_equal(latch_test(&p, NULL, 0, &fault), 1);
	text = scratch_get("state/bf/demo/latch", NULL);
	assert_string_equal(text, "{\"e\":\"bf.kill\",\"E\":1700000000123,\"by\":\"bf-risk\","
	    "\"reason\":\"daily loss 120.5 > \\\"100\\\"\"}\n");
	free(text);
	assert_int_equal(mode_of(in_scratch("state/bf/demo/latch")), 0600);
	assert_int_equal(latch_test(&p, why, 10, &fault), 1);
	assert_string_equal(why, "bf-risk: ");
	assert_int_equal(latch_reset(&p, NULL, "t", "mended", 1700000001000, &fault), 1);
	assert_int_equal(latch_reset(&p, NULL, "t", "mended", 1700000001000, &fault), 0);
	assert_int_equal(latch_test(&p, why, sizeof why, &fault), 0);
}

static void
whatever_stands_in_the_latchs_place_latches(void **state)
{
	char why[128];
	int i;

	(void)state;
	assert_int_equal(state_dir(p.state_dir, &fault), 0);
	for (i = 0; i < 5; i++) {
		switch (i) {
		case 0: scratch_text("state/bf/demo/latch", 0600, ""); break;
		case 1: scratch_text("state/bf/demo/latch", 0, "\xff{{{"); break;
		case 2: assert_int_equal(symlink("/nowhere", in_scratch("state/bf/demo/latch")), 0); break;
		case 3: assert_int_equal(mkdir(in_scratch("state/bf/demo/latch"), 0700), 0); break;
		case 4: assert_int_equal(mkfifo(in_scratch("state/bf/demo/latch"), 0600), 0); break;
		}
		assert_int_equal(latch_test(&p, why, sizeof why, &fault), 1);
		assert_string_equal(why, "the latch file does not say why");
		assert_int_equal(latch_trip(&p, NULL, "t", "r", 1, &fault), 0);
		assert_int_equal(latch_reset(&p, NULL, "t", "mended", 1700000001000, &fault), 1);
		assert_int_equal(latch_test(&p, why, sizeof why, &fault), 0);
	}
}

static void
a_latch_that_cannot_be_looked_at_is_a_fault_not_a_no(void **state)
{
	char why[8];

	(void)state;
	scratch_text("state/bf/demo", 0600, "");
	assert_int_equal(latch_test(&p, why, sizeof why, &fault), -1);
	assert_int_equal(latch_test_for(&p, "BTCUSDT", SIDE_BUY, why, sizeof why, &fault), -1);
	assert_int_equal(latch_each(&p, count, &(int){ 0 }, &fault), -1);
	assert_int_equal(latch_reset(&p, NULL, "t", "r", 1, &fault), -1);
	assert_int_equal(latch_trip(&p, NULL, "t", "r", 1, &fault), -1);
	assert_int_equal(fault.kind, FAULT_LOCAL);
}

static void
a_directory_that_others_may_write_is_not_believed(void **state)
{
	char why[8];

	(void)state;
	assert_int_equal(state_dir(p.state_dir, &fault), 0);
	chmod(p.state_dir, 0777);
	assert_int_equal(latch_test(&p, why, sizeof why, &fault), -1);
	assert_int_equal(held("BTCUSDT", SIDE_BUY), -1);
	assert_non_null(strstr(fault.text, "chmod 700"));
}

static void
a_latch_of_a_part_keeps_only_what_falls_in_it(void **state)
{
	static const struct { const char *symbol; enum order_side side; } set[] = {
		{ NULL, 0 }, { "BTCUSDT", 0 }, { NULL, SIDE_BUY }, { NULL, SIDE_SELL }, { "BTCUSDT", SIDE_BUY },
		{ "BTCUSDT", SIDE_SELL },
	};
	static const struct { const char *symbol; enum order_side side; const char *want; } row[] = {
		/* in the order of set: is it held? */
		{ "BTCUSDT", SIDE_BUY,  "111010" },
		{ "BTCUSDT", SIDE_SELL, "110101" },
		{ "BTCUSDT", 0,         "111111" },
		{ "ETHUSDT", SIDE_BUY,  "101000" },
		{ "ETHUSDT", SIDE_SELL, "100100" },
		{ "ETHUSDT", 0,         "101100" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof set / sizeof *set; i++) {
		trip(set[i].symbol, set[i].side);
		for (size_t k = 0; k < sizeof row / sizeof *row; k++)
			assert_int_equal(held(row[k].symbol, row[k].side), row[k].want[i] == '1');
		assert_int_equal(latch_test(&p, NULL, 0, &fault), i == 0);
		assert_int_equal(reset(set[i].symbol, set[i].side), 1);
		assert_int_equal(reset(set[i].symbol, set[i].side), 0);
	}
}

static void
the_files_have_the_names_that_ls_shows(void **state)
{
	static const struct { const char *symbol; enum order_side side; const char *file; } row[] = {
		{ NULL, 0, "latch" },
		{ "BTCUSDT", 0, "latch-BTCUSDT" },
		{ NULL, SIDE_BUY, "latch-long" },
		{ "BTCUSD_PERP", SIDE_SELL, "latch-BTCUSD_PERP-short" },
		{ "../../x", 0, "latch-%2E%2E%2F%2E%2E%2Fx" },
		{ "long", 0, "latch-%6Cong" },		/* a symbol of that name is not the side */
		{ "A-long", 0, "latch-A%2Dlong" },
		{ "\xe6\xb5\x8b" "USDT", 0, "latch-\xe6\xb5\x8b" "USDT" },
	};
	char path[256];
	int n = 0;

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		trip(row[i].symbol, row[i].side);
		snprintf(path, sizeof path, "state/bf/demo/%s", row[i].file);
		assert_int_equal(mode_of(in_scratch(path)), 0600);
	}
	assert_int_equal(latch_each(&p, count, &n, &fault), 0);
	assert_int_equal(n, sizeof row / sizeof *row);
	assert_int_equal(held("AUSDT", SIDE_BUY), 1);
	assert_int_equal(reset(NULL, 0), 1);
	assert_int_equal(reset(NULL, SIDE_BUY), 1);
	assert_int_equal(held("AUSDT", SIDE_BUY), 0);
}

static void
the_log_keeps_each_trip_and_each_reset(void **state)
{
	static const struct latch_scope sc = { "BTCUSDT", SIDE_BUY };
	char *text;

	(void)state;
	assert_int_equal(latch_trip(&p, &sc, "bf-risk", "loss", 10, &fault), 0);
	assert_int_equal(latch_trip(&p, &sc, "bf-kill", "again", 20, &fault), 0);
	assert_int_equal(latch_reset(&p, &sc, "bf-kill", "mended \"it\"", 30, &fault), 1);
	assert_int_equal(latch_reset(&p, &sc, "bf-kill", "nothing there", 40, &fault), 0);
	assert_int_equal(latch_trip(&p, NULL, "bf-kill", "asked", 50, &fault), 0);
	text = scratch_get("state/bf/demo/latch.log", NULL);
	assert_string_equal(text,
	    "{\"e\":\"bf.kill\",\"E\":10,\"by\":\"bf-risk\",\"step\":\"latch\",\"symbol\":\"BTCUSDT\",\"side\":\"long\",\"reason\":\"loss\"}\n"
	    "{\"e\":\"bf.kill\",\"E\":30,\"by\":\"bf-kill\",\"step\":\"reset\",\"symbol\":\"BTCUSDT\",\"side\":\"long\",\"reason\":\"mended \\\"it\\\"\"}\n"
	    "{\"e\":\"bf.kill\",\"E\":50,\"by\":\"bf-kill\",\"step\":\"latch\",\"reason\":\"asked\"}\n");
	free(text);
	assert_int_equal(mode_of(in_scratch("state/bf/demo/latch.log")), 0600);
}

/* Of a trip the latch is what counts, of a reset the account of it. */
static void
a_log_that_cannot_be_written_keeps_no_trip_but_a_reset(void **state)
{
	char why[32];

	(void)state;
	assert_int_equal(state_dir(p.state_dir, &fault), 0);
	assert_int_equal(symlink("/nowhere/at/all", in_scratch("state/bf/demo/latch.log")), 0);
	assert_int_equal(latch_trip(&p, NULL, "t", "r", 1, &fault), 0);
	assert_int_equal(latch_test(&p, why, sizeof why, &fault), 1);
	assert_int_equal(latch_reset(&p, NULL, "t", "r", 1, &fault), -1);
	assert_int_equal(fault.kind, FAULT_LOCAL);
	assert_int_equal(latch_test(&p, why, sizeof why, &fault), 1);
	unlink(in_scratch("state/bf/demo/latch.log"));
	assert_int_equal(latch_reset(&p, NULL, "t", "r", 1, &fault), 1);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, scratch_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_latch_holds_until_it_is_reset_and_keeps_the_first_reason),
		T(whatever_stands_in_the_latchs_place_latches),
		T(a_latch_that_cannot_be_looked_at_is_a_fault_not_a_no),
		T(a_directory_that_others_may_write_is_not_believed),
		T(a_latch_of_a_part_keeps_only_what_falls_in_it),
		T(the_files_have_the_names_that_ls_shows),
		T(the_log_keeps_each_trip_and_each_reset),
		T(a_log_that_cannot_be_written_keeps_no_trip_but_a_reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
