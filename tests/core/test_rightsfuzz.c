/* The fuzz target of what a key may do on its saved inputs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "../fuzz/fuzz_rights.c"

#include <cmocka.h>

#include "corpus.h"

static void
rights_are_judged_or_not_known(void **state)
{
	(void)state;
	assert_true(saved_inputs("corpus_rights") >= 15);
	assert_true(good > 2 && bad > 2 && untold > 2);	/* they reach what they are for */
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(rights_are_judged_or_not_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
