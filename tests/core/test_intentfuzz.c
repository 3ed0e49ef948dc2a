/* The fuzz target of intents on its saved inputs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "../fuzz/fuzz_intent.c"

#include <cmocka.h>

#include "corpus.h"

static void
what_is_read_makes_the_same_request_again(void **state)
{
	(void)state;
	assert_true(saved_inputs("corpus_intent") >= 10);
	assert_true(taken[OP_PLACE] > 0 && taken[OP_MODIFY] > 0 && taken[OP_CANCEL] > 0 && taken[OP_CANCEL_ALL] > 0);
	assert_true(conditional > 0 && fitted > 0 && refused > 0 && spoken > 0 && not_meant > 0);	/* they reach what they are for */
}

static int
clean_up(void **state)
{
	(void)state;
	scan_free(&sc);
	scan_free(&again_sc);
	buf_free(&query);
	buf_free(&again);
	buf_free(&json);
	buf_free(&made);
	return 0;
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_read_makes_the_same_request_again),
	};

	return cmocka_run_group_tests(tests, NULL, clean_up);
}
