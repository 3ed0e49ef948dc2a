/* Recorded data, found by BF_TEST_DATA; without it the test is skipped. */
#ifndef BF_TESTS_RECORDED_H
#define BF_TESTS_RECORDED_H

#include <stdio.h>
#include <stdlib.h>

/* All of a file below BF_TEST_DATA, unpacked if it is packed, with a NUL at its
 * end; to be freed. */
static char *
recorded(const char *name)
{
	const char *dir = getenv("BF_TEST_DATA");
	char cmd[1024], *text = NULL;
	size_t n = 0, got;
	FILE *fp;

	if (dir == NULL) {
		print_message("skipped: BF_TEST_DATA is not set\n");
		skip();
	}
	snprintf(cmd, sizeof cmd, "gzip -dcf '%s/%s'", dir, name);
	if ((fp = popen(cmd, "r")) == NULL)
		fail_msg("gzip");
	do {
		if ((text = realloc(text, n + (1 << 20) + 1)) == NULL)
			fail_msg("out of memory");
		got = fread(text + n, 1, 1 << 20, fp);
		n += got;
		text[n] = '\0';
	} while (got > 0);
	if (pclose(fp) != 0)
		fail_msg("%s: cannot be read", name);
	return text;
}

#endif
