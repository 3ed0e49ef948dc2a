#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "io/ca.h"

#define CA_DIR	"/etc/ssl/certs"

/* "5ed36f99.0": the hash of a subject, as OpenSSL looks certificates up. */
static bool
is_link(const char *name)
{
	return strlen(name) == 10 && strcmp(name + 8, ".0") == 0 &&
	    strspn(name, "0123456789abcdef") == 8;
}

const char *
ca_dir(void)
{
	const struct dirent *d;
	bool found = false;
	DIR *dir;

	if ((dir = opendir(CA_DIR)) == NULL)
		return NULL;
	while (!found && (d = readdir(dir)) != NULL)
		found = is_link(d->d_name);
	closedir(dir);
	return found ? CA_DIR : NULL;
}
