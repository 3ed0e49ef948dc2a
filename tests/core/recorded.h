/* Recorded data, found by BF_TEST_DATA; without it the test is skipped. */
#ifndef BF_TESTS_RECORDED_H
#define BF_TESTS_RECORDED_H

#include <stdio.h>
#include <stdlib.h>

#include <zlib.h>

/* All of a file below BF_TEST_DATA, unpacked if it is packed, with a NUL at its
 * end; to be freed. */
static char *
recorded(const char *name)
{
	const char *dir = getenv("BF_TEST_DATA");
	char path[1024], *text = NULL;
	size_t n = 0;
	int got;
	gzFile z;

	if (dir == NULL) {
		print_message("skipped: BF_TEST_DATA is not set\n");
		skip();
	}
	snprintf(path, sizeof path, "%s/%s", dir, name);
	if ((z = gzopen(path, "rb")) == NULL)
		fail_msg("%s: cannot be opened", name);
	do {
		if ((text = realloc(text, n + (1 << 20) + 1)) == NULL)
			fail_msg("out of memory");
		got = gzread(z, text + n, 1 << 20);
		n += got > 0 ? (size_t)got : 0;
		text[n] = '\0';
	} while (got > 0);
	if (gzclose(z) != Z_OK || got < 0)
		fail_msg("%s: cannot be read", name);
	return text;
}

#endif
