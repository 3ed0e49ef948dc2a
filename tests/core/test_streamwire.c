/* The fuzz target of bf-stream on its saved inputs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "../fuzz/fuzz_wire.c"

#include <cmocka.h>

#include "corpus.h"

static void
every_line_is_whole(void **state)
{
	(void)state;
	assert_true(saved_inputs("corpus_wire") >= 8);
	assert_true(lines_out > 0);	/* they reach what they are for */
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_line_is_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
