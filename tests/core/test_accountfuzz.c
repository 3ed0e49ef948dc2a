/* The fuzz target of an account's answers and events on its saved inputs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "../fuzz/fuzz_account.c"

#include <cmocka.h>

#include "corpus.h"

static void
an_account_keeps_its_promises(void **state)
{
	(void)state;
	assert_true(saved_inputs("corpus_account") >= 9);
assert_true(answers > 20 && refusals > 2 && events > 5 && knowns > 10 && liquidations > 5 && fills > 5 && moves > 5);	/* they reach what they are for */
	scan_free(&doc);
	contracts_free(&cs);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_account_keeps_its_promises),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
