/* The fuzz target of a decision's record on its saved inputs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "../fuzz/fuzz_decision.c"

#include <cmocka.h>

#include "corpus.h"

static void
a_decision_is_made_again(void **state)
{
	(void)state;
	assert_true(saved_inputs("corpus_decision") >= 4);
	assert_true(decided > 2 && breached > 0 && no_records > 0);	/* they reach what they are for */
	scan_free(&doc);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_decision_is_made_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
