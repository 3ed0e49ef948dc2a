/* The fuzz target of recordings on its saved inputs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "../fuzz/fuzz_replay.c"

#include <cmocka.h>

#include "corpus.h"

static void
recordings_are_played_or_refused(void **state)
{
	(void)state;
	assert_true(saved_inputs("corpus_replay") >= 15);
	assert_true(events >= 30);	/* they reach what they are for */
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(recordings_are_played_or_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
