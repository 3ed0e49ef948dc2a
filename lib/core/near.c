#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/near.h"

#define FAR	9	/* too unlike to be named */

static int
min3(int a, int b, int c)
{
	if (b < a)
		a = b;
	return c < a ? c : a;
}

/* Edit distance in bytes, letters of either case alike. Both shorter than NEAR_MAX. */
static int
distance(const char *a, const char *b)
{
	int row[NEAR_MAX], i, j, diag, up, cost;
	int na = (int)strlen(a), nb = (int)strlen(b);

	for (j = 0; j <= nb; j++)
		row[j] = j;
	for (i = 1; i <= na; i++) {
		diag = row[0];
		row[0] = i;
		for (j = 1; j <= nb; j++) {
			up = row[j];
			cost = toupper((unsigned char)a[i - 1]) != toupper((unsigned char)b[j - 1]);
			row[j] = min3(up + 1, row[j - 1] + 1, diag + cost);
			diag = up;
		}
	}
	return row[nb];
}

/* How unlike: 0 but for case, 1 or 2 edits, 3 if one begins with the other. */
static int
unlike(const char *asked, const char *name)
{
	size_t n = strlen(asked), m = strlen(name);
	int d;

	if (n == 0 || n >= NEAR_MAX || m == 0 || m >= NEAR_MAX)
		return FAR;
	d = distance(asked, name);
	/* Two edits make anything of a very short name. */
	if (d <= 2 && (size_t)d * 2 < n)
		return d;
	return strncasecmp(asked, name, n < m ? n : m) == 0 ? 3 : FAR;
}

void
near_begin(struct near *near, const char *asked)
{
	near->asked = asked;
	for (int i = 0; i < NEAR; i++)
		near->rank[i] = FAR;
}

void
near_add(struct near *near, const char *name)
{
	int i, rank = unlike(near->asked, name);

	for (i = 0; i < NEAR && near->rank[i] < FAR; i++)
		if (strcmp(near->name[i], name) == 0)
			return;
	for (i = NEAR; i > 0 && rank < near->rank[i - 1]; i--)
		if (i < NEAR) {
			near->rank[i] = near->rank[i - 1];
			memcpy(near->name[i], near->name[i - 1], NEAR_MAX);
		}
	if (i < NEAR && rank < FAR) {
		near->rank[i] = rank;
		snprintf(near->name[i], NEAR_MAX, "%s", name);
	}
}

void
near_more(const struct near *near, char *out, size_t size)
{
	size_t n = strlen(out);

	for (int i = 0; i < NEAR && near->rank[i] < FAR && n < size; i++)
		n += (size_t)snprintf(out + n, size - n, "%s%s", n > 0 ? ", " : "; near: ", near->name[i]);
}

void
near_text(const struct near *near, char *out, size_t size)
{
	if (size == 0)
		return;
	*out = '\0';
	near_more(near, out, size);
}
