/* The fuzz target of recordings on its saved inputs, under every compiler and sanitizer the
 * tests run with. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "../fuzz/fuzz_replay.c"

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
	(void)LLVMFuzzerTestOneInput(data, n);
	return 1;
}

/* LLVMFuzzerTestOneInput aborts where something is not sound. */
static void
saved_inputs_of_recordings(void **state)
{
	char path[512], file[1024], *slash;
	const struct dirent *d;
	int n = 0;
	DIR *dir;

	(void)state;
	snprintf(path, sizeof path, "%s", __FILE__);
	if ((slash = strrchr(path, '/')) != NULL)
		*slash = '\0';
	snprintf(path + strlen(path), sizeof path - strlen(path), "/../fuzz/corpus_replay");
	assert_non_null(dir = opendir(path));
	while ((d = readdir(dir)) != NULL)
		if (d->d_name[0] != '.') {
			snprintf(file, sizeof file, "%s/%s", path, d->d_name);
			n += one(file);
		}
	closedir(dir);
	assert_true(n >= 15);
	assert_true(events >= 30);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(saved_inputs_of_recordings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
