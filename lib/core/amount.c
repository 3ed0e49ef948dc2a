#include <errno.h>
#include <stdlib.h>

#include "core/amount.h"

static const struct unit { char letter; int64_t of; }
bytes[] = {
	{ 'k', 1 << 10 }, { 'K', 1 << 10 }, { 'M', 1 << 20 }, { 'G', 1 << 30 }, { '\0', 1 }
},
ages[] = {
	{ 's', 1000 }, { 'm', 60000 }, { 'h', 3600000 }, { 'd', 86400000 }, { 'w', 604800000 }, { '\0', 0 }
};

bool
amount_parse(int64_t *out, enum amount kind, const char *s, const char **end)
{
	const struct unit *u = kind == AMOUNT_BYTES ? bytes : ages;
	long long n;
	char *p;

	if (*s < '0' || *s > '9')
		return false;
	errno = 0;
	n = strtoll(s, &p, 10);
	while (u->letter != '\0' && u->letter != *p)
		u++;
	if (errno != 0 || u->of == 0 || __builtin_mul_overflow(n, u->of, out))
		return false;
	*end = p + (u->letter != '\0');
	return true;
}
