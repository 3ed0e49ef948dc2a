/* The fuzz target of recorded answers on its saved inputs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "../fuzz/fuzz_recorded.c"

#include <cmocka.h>

#include "corpus.h"

static void
answers_make_accounts_or_are_refused(void **state)
{
	(void)state;
	assert_true(saved_inputs("corpus_recorded") >= 20);
	assert_true(taken > 10 && refused > 2 && held > 10 && told > 10);	/* they reach what they are for */
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_make_accounts_or_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
