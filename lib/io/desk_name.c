/* What requests are called in the journal. */
#include <stdio.h>
#include <string.h>

#include "io/desk_in.h"

#define NAME_MAX_LEN	39	/* of a journal's name */
#define MARK_LEN	9	/* "." and 8 digits */

/* FNV-1a, folded: of market, symbol and id, with a NUL between. */
static uint32_t
mark_of(enum market m, const char *symbol, const char *id)
{
	const char *const part[] = { market_word(m), symbol, id };
	uint64_t h = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < sizeof part / sizeof *part; i++)
		for (const char *p = part[i];; p++) {
			h = (h ^ (unsigned char)*p) * UINT64_C(1099511628211);
			if (*p == '\0')
				break;
		}
	return (uint32_t)(h ^ h >> 32);
}

/* What is cancelled, as much of it as there is room for, and which market and symbol it is of: an
 * id alone may be there twice, and then the outcome of one would settle the other. */
static void
cancel_name(char out[static 40], enum market m, const struct intent *in)
{
	const char *kind = in->algo ? "~@" : "~";
	char id[SYMBOL_MAX + 1];

	if (in->op == OP_CANCEL_ALL)
		snprintf(id, sizeof id, "*%s", in->symbol);
	else if (in->order_id != 0)
		snprintf(id, sizeof id, "#%llu", (unsigned long long)in->order_id);
	else
		snprintf(id, sizeof id, "%s", in->client_id);
	snprintf(out, 40, "%s%.*s.%08x", kind, NAME_MAX_LEN - MARK_LEN - (int)strlen(kind), id,
	    (unsigned)mark_of(m, in->symbol, id));
}

bool
desk_names(const char *name, const char *id)
{
	size_t n, was = strlen(name);

	if (*name != '~')
		return strcmp(name, id) == 0;
	name += 1 + (name[1] == '@');
	n = strlen(name);
	if (strcmp(name, id) == 0)	/* of a version that put no mark there */
		return true;
	if (n < MARK_LEN || name[n - MARK_LEN] != '.' ||
	    strspn(name + n - MARK_LEN + 1, "0123456789abcdef") != MARK_LEN - 1)
		return false;
	n -= MARK_LEN;
	return strncmp(name, id, n) == 0 && (id[n] == '\0' || was == NAME_MAX_LEN);
}

/*
 * A place is named by its client id. What is about an order by a byte no client id has,
 * so that the two never settle each other; the order of these rows matters to nobody.
 */
void
journal_name(char out[static 40], enum market m, const struct intent *in)
{
	switch (in->op) {
	case OP_PLACE:
		snprintf(out, 40, "%s", in->client_id);
		break;
	case OP_MODIFY:
		snprintf(out, 40, "=%lld", (long long)in->modify_id);
		break;
	case OP_CANCEL_ALL:
	case OP_CANCEL:
		cancel_name(out, m, in);
		break;
	}
}
