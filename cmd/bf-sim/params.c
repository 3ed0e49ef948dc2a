#include <stdlib.h>
#include <string.h>

#include "core/utf8.h"
#include "no.h"
#include "params.h"

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* One byte of the form encoding at s; returns the bytes it took, 0 if it is none. */
static size_t
decode_one(const char *s, const char *end, char *out)
{
	if (*s != '%') {
		*out = *s == '+' ? ' ' : *s;
		return 1;
	}
	if (end - s < 3 || hex(s[1]) == -1 || hex(s[2]) == -1 || (s[1] == '0' && s[2] == '0'))
		return 0;
	*out = (char)(hex(s[1]) << 4 | hex(s[2]));
	return 3;
}

/* Decode s..end to *out, with a NUL, and move *out past it. NULL: a bad escape. */
static const char *
decode(const char *s, const char *end, char **out)
{
	char *to = *out;
	const char *start = to;
	size_t took;

	for (; s < end; s += took)
		if ((took = decode_one(s, end, to++)) == 0)
			return NULL;
	*to++ = '\0';
	*out = to;
	return start;
}

bool
params_decode(struct http_span s, char *out, size_t size)
{
	if (s.n >= size || memchr(s.p, '\0', s.n) != NULL)
		return false;
	return decode(s.p, s.p + s.n, &out) != NULL;
}

static bool
known(const struct params *p, int from, int to, const char *name)
{
	for (int i = from; i < to; i++)
		if (strcmp(p->v[i].name, name) == 0)
			return true;
	return false;
}

static bool
is_utf8(const char *s)
{
	size_t left = strlen(s);
	int n;

	for (; left > 0; s += n, left -= (size_t)n)
		if ((n = utf8_len((const unsigned char *)s, left)) < 0)
			return false;
	return true;
}

static int
no_illegal(struct fault *f)
{
	return no(f, 400, -1100, "Illegal characters found in a parameter.");
}

static int
append(struct params *p, const char *name, const char *value, struct fault *f)
{
	if (p->n == PARAMS_MAX)
		return no(f, 400, -1101, "Too many parameters; expected at most '%d'.", PARAMS_MAX);
	p->v[p->n++] = (struct param){ name, value };
	return 0;
}

static int
no_twice(struct fault *f, const char *name)
{
	return no(f, 400, -1101, "Duplicate values for parameter '%.64s' detected.", name);
}

/* One name=value; first: where the parameters of this place begin. */
static int
add(struct params *p, int first, const char *s, const char *end, char **room, struct fault *f)
{
	const char *eq = memchr(s, '=', (size_t)(end - s)), *name, *value;

	if (eq == NULL)
		eq = end;
	name = decode(s, eq, room);
	value = decode(eq < end ? eq + 1 : end, end, room);
	if (name == NULL || value == NULL || !is_utf8(name) || !is_utf8(value))
		return no_illegal(f);
	if (known(p, first, p->n, name))
		return no_twice(f, name);
	if (known(p, 0, first, name))
		return 0;
	return append(p, name, value, f);
}

static int
read_place(struct params *p, struct http_span from, char **room, struct fault *f)
{
	const char *s = from.p, *end = from.p + from.n, *amp;
	int first = p->n;

	for (; s < end; s = amp + 1) {
		if ((amp = memchr(s, '&', (size_t)(end - s))) == NULL)
			amp = end;
		if (amp > s && add(p, first, s, amp, room, f) == -1)
			return -1;
	}
	return 0;
}

int
params_read(struct params *p, struct http_span query, struct http_span body, struct fault *f)
{
	char *room;

	/* The worst are "a&a&...": three bytes out of two. */
	if ((p->text = room = malloc(2 * (query.n + body.n) + 8)) == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	if (memchr(query.p, '\0', query.n) != NULL || memchr(body.p, '\0', body.n) != NULL)
		return no_illegal(f);
	if (read_place(p, query, &room, f) == -1)
		return -1;
	return read_place(p, body, &room, f);
}

/* A token's text to *room, and that moved on; NULL: a NUL in it. */
static const char *
token_text(const struct tok *v, char **room)
{
	char *to = *room;

	if (v->kind == SCAN_STR) {
		if (!scan_str(v, to, v->len + 1))
			return NULL;
	} else {
		memcpy(to, v->p, v->len);
		to[v->len] = '\0';
	}
	*room = to + strlen(to) + 1;
	return to;
}

static int
add_member(struct params *p, const struct tok *key, const struct tok *v, char **room,
    struct fault *f)
{
	const char *name, *value;

	if (v->kind == SCAN_NULL)
		return 0;
	if ((name = token_text(key, room)) == NULL || (value = token_text(v, room)) == NULL)
		return no_illegal(f);
	if (known(p, 0, p->n, name))
		return no_twice(f, name);
	return append(p, name, value, f);
}

int
params_json(struct params *p, const struct tok *t, const struct tok *obj, struct fault *f)
{
	const struct tok *key, *v;
	char *room;

	if (obj == NULL || obj->kind != SCAN_OBJ)
		return no_missing(f, "params");
	/* Text never grows by taking its escapes out; a NUL more for each token. */
	if ((p->text = room = malloc(obj->len + 2 * (size_t)obj->n + 1)) == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	for (key = scan_first(obj); key != NULL; key = scan_next(t, obj, v)) {
		v = scan_next(t, obj, key);
		if (add_member(p, key, v, &room, f) == -1)
			return -1;
	}
	return 0;
}

void
params_free(struct params *p)
{
	free(p->text);
	memset(p, 0, sizeof *p);
}

const char *
params_get(const struct params *p, const char *name)
{
	for (int i = 0; i < p->n; i++)
		if (strcmp(p->v[i].name, name) == 0)
			return p->v[i].value;
	return NULL;
}
