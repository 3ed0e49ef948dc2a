/* The fuzz target of bf-risk's rules file on its saved inputs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "../fuzz/fuzz_rules.c"

#include <cmocka.h>

#include "corpus.h"

static void
rules_make_sense_or_are_refused(void **state)
{
	(void)state;
	assert_true(saved_inputs("corpus_rules") >= 40);
assert_true(accepted > 10 && declined > 5 && tightened > 5);	/* they reach what they are for */
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_make_sense_or_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
