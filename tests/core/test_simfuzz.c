/* The fuzz target of bf-sim on its saved inputs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "../fuzz/fuzz_sim.c"

#include <cmocka.h>

#include "corpus.h"

static void
the_books_stay_sound(void **state)
{
	(void)state;
	assert_true(saved_inputs("corpus_sim") >= 20);
	assert_true(answered > 0);	/* they reach what they are for */
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_books_stay_sound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
