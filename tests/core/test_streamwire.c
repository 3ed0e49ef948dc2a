/* The fuzz target of bf-stream on its saved inputs (`make fuzz` looks for more): under every
 * compiler and sanitizer the tests run with. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "../fuzz/fuzz_wire.c"

#include <cmocka.h>

static int
one(const char *path)
{
	static uint8_t data[65536];
	FILE *in = fopen(path, "r");
	size_t n;

	if (in == NULL)
		return 0;
	n = fread(data, 1, sizeof data, in);
	fclose(in);
	LLVMFuzzerTestOneInput(data, n);
	return 1;
}

/* LLVMFuzzerTestOneInput aborts where a line is not whole. */
static void
test_saved_inputs(void **state)
{
	char path[512], *slash;
	struct dirent *d;
	int n = 0;
	DIR *dir;

	(void)state;
	snprintf(path, sizeof path, "%s", __FILE__);
	if ((slash = strrchr(path, '/')) != NULL)
		*slash = '\0';
	snprintf(path + strlen(path), sizeof path - strlen(path), "/../fuzz/corpus_wire");
	assert_non_null(dir = opendir(path));
	while ((d = readdir(dir)) != NULL) {
		char file[1024];

		if (d->d_name[0] == '.')
			continue;
		snprintf(file, sizeof file, "%s/%s", path, d->d_name);
		n += one(file);
	}
	closedir(dir);
	assert_true(n >= 8);
	assert_true(lines_out > 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_saved_inputs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
