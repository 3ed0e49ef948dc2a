#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "core/params.h"

static void
add(struct params *ps, const char *name, const char *value, bool integer)
{
	struct param *p;
	size_t n = strlen(value);

	if (n == 0)
		return;
	assert(ps->n < PARAMS_MAX && n < PARAM_VALUE);
	p = &ps->p[ps->n++];
	p->name = name;
	p->integer = integer;
	memcpy(p->value, value, n + 1);
}

void
params_add(struct params *ps, const char *name, const char *value)
{
	add(ps, name, value, false);
}

void
params_i64(struct params *ps, const char *name, int64_t value)
{
	char text[24];

	snprintf(text, sizeof text, "%lld", (long long)value);
	add(ps, name, text, true);
}

void
params_query(const struct params *ps, struct buf *out)
{
	for (const struct param *p = ps->p; p < ps->p + ps->n; p++) {
		if (p > ps->p)
			buf_chr(out, '&');
		buf_str(out, p->name);
		buf_chr(out, '=');
		query_escape(out, p->value);
	}
}

void
params_members(const struct params *ps, struct buf *out)
{
	for (const struct param *p = ps->p; p < ps->p + ps->n; p++)
		if (p->integer)
			jw_raw(out, p->name, p->value, strlen(p->value));
		else
			jw_str(out, p->name, p->value);
}

/* Letters, digits, - _ . ~ */
static const bool unreserved[256] = {
	['A' ... 'Z'] = true, ['a' ... 'z'] = true, ['0' ... '9'] = true,
	['-'] = true, ['_'] = true, ['.'] = true, ['~'] = true
};

void
query_escape(struct buf *out, const char *s)
{
	static const char hex[] = "0123456789ABCDEF";
	char pct[3] = { '%', 0, 0 };
	size_t n;

	for (;;) {
		for (n = 0; unreserved[(unsigned char)s[n]]; n++)
			;
		buf_put(out, s, n);
		s += n;
		if (*s == '\0')
			return;
		pct[1] = hex[(unsigned char)*s >> 4];
		pct[2] = hex[(unsigned char)*s & 15];
		buf_put(out, pct, sizeof pct);
		s++;
	}
}
