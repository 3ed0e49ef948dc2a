#include <string.h>

#include "rewrite.h"

static void
put_value(struct buf *out, const struct tok *v)
{
	const char *quote = v->kind == SCAN_STR ? "\"" : "";

	buf_str(out, quote);
	buf_put(out, v->p, v->len);
	buf_str(out, quote);
}

static void
put_name(struct buf *out, const char *name, size_t n)
{
	if (out->len > 0 && out->p[out->len - 1] != '{')
		buf_chr(out, ',');
	buf_chr(out, '"');
	buf_put(out, name, n);
	buf_str(out, "\":");
}

static void
put_new(struct buf *out, struct new_member *m)
{
	buf_chr(out, '"');
	buf_str(out, m->value);
	buf_chr(out, '"');
	m->done = true;
}

void
rewrite(struct buf *out, const struct tok *t, struct new_member *m, int n)
{
	const struct tok *k = t + 1;
	int i;

	buf_chr(out, '{');
	for (uint32_t left = t->n; left > 0; left--, k = t + k[1].next) {
		for (i = 0; i < n && !scan_is(k, m[i].name); i++)
			;
		if (i < n && m[i].done)	/* a second one of that name */
			continue;
		put_name(out, k->p, k->len);
		if (i < n)
			put_new(out, &m[i]);
		else
			put_value(out, k + 1);
	}
	for (i = 0; i < n; i++)
		if (!m[i].done) {
			put_name(out, m[i].name, strlen(m[i].name));
			put_new(out, &m[i]);
		}
	buf_str(out, "}\n");
}
