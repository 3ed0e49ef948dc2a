/* The text of an intent as it is sent and journalled: as it came, but for what has changed. */
#include <stdio.h>
#include <string.h>

#include "app.h"

void
job_change(struct job *j, const char *name, const char *value)
{
	struct change *c = j->change;
	int i;

	for (i = 0; i < j->nchange && strcmp(c[i].name, name) != 0; i++)
		;
	if (i == CHANGES_MAX)
		return;
	j->nchange += i == j->nchange;
	c[i].name = name;
	c[i].drop = value == NULL;
	snprintf(c[i].value, sizeof c[i].value, "%s", value == NULL ? "" : value);
}

static void
put_string(struct buf *b, const struct tok *v)
{
	buf_chr(b, '"');
	buf_put(b, v->p, v->len);
	buf_chr(b, '"');
}

static const struct change *
changed(const struct job *j, const struct tok *key)
{
	for (int i = 0; i < j->nchange; i++)
		if (scan_is(key, j->change[i].name))
			return &j->change[i];
	return NULL;
}

/* Their own values keep the place and the digits they came with. */
static unsigned
put_members(struct buf *b, const struct job *j)
{
	const struct tok *k, *v;
	const struct change *c;
	unsigned done = 0;

	for (k = scan_first(j->v); k != NULL; k = scan_next(j->t, j->v, v)) {
		v = k + 1;
		if ((c = changed(j, k)) != NULL)
			done |= 1u << (c - j->change);
		if (c != NULL && c->drop)
			continue;
		if (b->len > 1)
			buf_chr(b, ',');
		put_string(b, k);
		buf_chr(b, ':');
		if (c != NULL)
			buf_printf(b, "\"%s\"", c->value);
		else if (v->kind == SCAN_STR)
			put_string(b, v);
		else
			buf_put(b, v->p, v->len);
	}
	return done;
}

void
job_compose(struct job *j)
{
	struct buf *b = &j->text;
	unsigned done;

	buf_reset(b);
	buf_chr(b, '{');
	done = put_members(b, j);
	for (int i = 0; i < j->nchange; i++)
		if (!(done >> i & 1) && !j->change[i].drop)
			buf_printf(b, "%s\"%s\":\"%s\"", b->len > 1 ? "," : "", j->change[i].name,
			    j->change[i].value);
	buf_chr(b, '}');
}

void
text_algo(struct buf *text)
{
	text->len--;
	buf_str(text, ",\"algo\":true}");
}

void
job_reset(struct job *j)
{
	struct buf text = j->text;
	struct app *a = j->a;

	memset(j, 0, sizeof *j);
	j->a = a;
	j->text = text;
	buf_reset(&j->text);
}
