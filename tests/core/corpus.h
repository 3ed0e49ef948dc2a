/* The saved inputs of a fuzz target, run under every compiler and sanitizer the tests run
 * with (`make fuzz` looks for more). The target is included before this. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static int
one_input(const char *path)
{
	static uint8_t data[65536];
	FILE *saved = fopen(path, "r");
	size_t n;

	if (saved == NULL)
		return 0;
	n = fread(data, 1, sizeof data, saved);
	fclose(saved);
	(void)LLVMFuzzerTestOneInput(data, n);
	return 1;
}

/* All of tests/fuzz/NAME; returns how many. The target aborts where a promise is broken. */
static int
saved_inputs(const char *name)
{
	char path[512], file[1024], *slash;
	const struct dirent *d;
	int n = 0;
	DIR *dir;

	snprintf(path, sizeof path, "%s", __FILE__);
	if ((slash = strrchr(path, '/')) != NULL)
		*slash = '\0';
	snprintf(path + strlen(path), sizeof path - strlen(path), "/../fuzz/%s", name);
	if ((dir = opendir(path)) == NULL)
		return 0;
	while ((d = readdir(dir)) != NULL)
		if (d->d_name[0] != '.') {
			snprintf(file, sizeof file, "%s/%s", path, d->d_name);
			n += one_input(file);
		}
	closedir(dir);
	return n;
}
