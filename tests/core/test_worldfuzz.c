/* The fuzz target of what bf-risk knows on its saved inputs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "../fuzz/fuzz_world.c"

#include <cmocka.h>

#include "corpus.h"

static void
a_world_reads_back_as_it_was(void **state)
{
	(void)state;
	assert_true(saved_inputs("corpus_world") >= 6);
	assert_true(worlds > 2 && events > 5 && marks > 5 && exposures > 5 && worsts > 5);	/* they reach what they are for */
	scan_free(&doc);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_world_reads_back_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
