/* The fuzz target of the journal on its saved inputs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "../fuzz/fuzz_journal.c"

#include <cmocka.h>

#include "corpus.h"

static void
any_file_is_read_and_written_on(void **state)
{
	(void)state;
	assert_true(saved_inputs("corpus_journal") >= 15);
	assert_true(read_lines > 0 && damaged_lines > 0 && torn > 0 && intents > 0);	/* they reach what they are for */
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_file_is_read_and_written_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
