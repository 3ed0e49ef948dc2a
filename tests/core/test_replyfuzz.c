/* The fuzz target of REST answers on its saved inputs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "../fuzz/fuzz_reply.c"

#include <cmocka.h>

#include "corpus.h"

static void
answers_are_judged_by_the_law(void **state)
{
	(void)state;
	assert_true(saved_inputs("corpus_reply") >= 45);
	assert_true(taken > 0 && refused > 0 && again > 0 && unknown > 0 && keys > 0 && clocks > 0 && waits > 0);	/* they reach what they are for */
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_are_judged_by_the_law),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
