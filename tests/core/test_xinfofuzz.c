/* The fuzz target of exchangeInfo on its saved inputs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "../fuzz/fuzz_xinfo.c"

#include <cmocka.h>

#include "corpus.h"

static void
rules_are_read_or_refused(void **state)
{
	(void)state;
	assert_true(saved_inputs("corpus_xinfo") >= 27);
	assert_true(parsed > 0 && complete > 0 && refused > 0 && found_breaches > 0 && named > 0);	/* they reach what they are for */
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_are_read_or_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
