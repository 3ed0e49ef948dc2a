/* The fuzz target of the configuration on its saved inputs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "../fuzz/fuzz_conf.c"

#include <cmocka.h>

#include "corpus.h"

static void
profiles_make_sense_or_are_refused(void **state)
{
	(void)state;
	assert_true(saved_inputs("corpus_conf") >= 25);
	assert_true(loaded > 8 && declined > 8 && secrets > 1 && set > 10 && back > 4);	/* they reach what they are for */
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(profiles_make_sense_or_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
