/* The book's fuzz target on its saved inputs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "../fuzz/fuzz_book.c"

#include <cmocka.h>

#include "corpus.h"

static void
the_book_keeps_its_promises(void **state)
{
	(void)state;
	assert_true(saved_inputs("corpus_book") >= 10);
	assert_true(put > 0 && gaps > 0 && recovered > 0 && lived > 0);	/* they reach what they are for */
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_book_keeps_its_promises),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
