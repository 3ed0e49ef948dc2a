/* The tables of records as a JSON Schema. */
#include <string.h>

#include "core/record_in.h"

#define DECIMAL		"-?[0-9]+([.][0-9]+)?"

/* The type of a value as a schema names it, and what else holds of it. */
static const struct { const char *type, *rest; } types[RECORD_TYPES] = {
	[RECORD_STR] = { "string", "" },
	[RECORD_DEC] = { "string", ",\"pattern\":\"^" DECIMAL "$\"" },
	[RECORD_DECS] = { "string", ",\"pattern\":\"^(" DECIMAL ")?$\"" },
	[RECORD_NUM] = { "number", "" },
	[RECORD_EITHER] = { "string\",\"number", ",\"pattern\":\"^(" DECIMAL ")?$\"" },
	[RECORD_INT] = { "integer", "" },
	[RECORD_MS] = { "integer", ",\"minimum\":0,\"$comment\":\"ms\"" },
	[RECORD_ID] = { "integer", ",\"minimum\":0" },
	[RECORD_BOOL] = { "boolean", "" },
	[RECORD_OBJ] = { "object", "" },
	[RECORD_ARR] = { "array", "" },
	[RECORD_ANY] = { NULL, "" },
};

static const char *const families[RECORD_FAMILIES] = {
	[RECORD_NOTICE] = "notice", [RECORD_REPORT] = "report", [RECORD_RESULT] = "result", [RECORD_INTENT] = "intent",
	[RECORD_MARKET] = "market", [RECORD_ACCOUNT] = "account", [RECORD_ANSWER] = "answer"
};

/* The words that are between bars, as a list. */
static void
put_words(struct buf *b, const char *key, const char *words, size_t n, bool null)
{
	size_t k;

	jw_open(b, key, '[');
	for (const char *p = words, *end = words + n; p <= end; p += k + 1) {
		const char *bar = memchr(p, '|', (size_t)(end - p));

		k = bar != NULL ? (size_t)(bar - p) : (size_t)(end - p);
		jw_strn(b, NULL, p, k);
	}
	if (null)
		jw_null(b, NULL);
	jw_close(b, ']');
}

static void
put_type(struct buf *b, const struct record_member *m)
{
	const char *type = types[m->type].type;

	if (m->words != NULL) {
		put_words(b, "enum", m->words, strlen(m->words), m->null);
		return;
	}
	if (type == NULL)
		return;
	jw_raw(b, "type", "", 0);
	buf_printf(b, m->null || strchr(type, '"') != NULL ? "[\"%s\"%s]" : "\"%s\"%s", type, m->null ? ",\"null\"" : "");
	buf_str(b, types[m->type].rest);
}

/*
 * Members within one another. A path is its parent's, and then ".name" or "[]".
 */

/* Whether path is n bytes of at and then one step: the step's name, or NULL. */
static const char *
child(const char *path, const char *at, size_t n)
{
	const char *p = path + n;

	if (strncmp(path, at, n) != 0)
		return NULL;
	if (n > 0 && *p++ != '.')
		return NULL;
	return *p != '\0' && p[strcspn(p, ".[")] == '\0' ? p : NULL;
}

/* Whether anything is told of what is in the object at. */
static bool
has_children(const struct record_member *all, const char *at, size_t n)
{
	for (const struct record_member *m = all; m->path != NULL; m++)
		if (child(m->path, at, n) != NULL)
			return true;
	return false;
}

static void put_items(struct buf *b, const struct record_row *r, const char *at, size_t n);
static void put_object(struct buf *b, const struct record_row *r, const char *at, size_t n);

static void
put_member(struct buf *b, const struct record_row *r, const struct record_member *m, const char *key)
{
	size_t n = strlen(m->path);

	jw_open(b, key, '{');
	put_type(b, m);
	if (m->what[0] != '\0')
		jw_str(b, "description", m->what);
	if (m->type == RECORD_ARR)
		put_items(b, r, m->path, n);
	if (m->type == RECORD_OBJ && has_children(r->members, m->path, n))
		put_object(b, r, m->path, n);
	jw_close(b, '}');
}

/* What the list at holds: "at[]", or an object of "at[].name". */
static void
put_items(struct buf *b, const struct record_row *r, const char *at, size_t n)
{
	char items[64];

	if (n + 3 > sizeof items)
		return;
	memcpy(items, at, n);
	memcpy(items + n, "[]", 3);
	for (const struct record_member *m = r->members; m->path != NULL; m++)
		if (strcmp(m->path, items) == 0) {
			put_member(b, r, m, "items");
			return;
		}
	if (!has_children(r->members, items, n + 2))
		return;
	jw_open(b, "items", '{');
	jw_str(b, "type", "object");
	put_object(b, r, items, n + 2);
	jw_close(b, '}');
}

/*
 * What a record is known by
 */

struct mark { const char *name, *value; size_t n, len; };

/* The next of "e=bf.kill;step=cancel"; NULL after the last. */
static const char *
next_mark(struct mark *k, const char *s)
{
	size_t n = strcspn(s, ";"), eq = strcspn(s, "=");

	if (n == 0)
		return NULL;
	*k = (struct mark){ s, s + eq + 1, eq, n - eq - 1 };
	return s[n] == ';' ? s + n + 1 : s + n;
}

static void
put_key(struct buf *b, const char *name, size_t n)
{
	char key[32];

	n = n < sizeof key - 1 ? n : sizeof key - 1;
	memcpy(key, name, n);
	key[n] = '\0';
	jw_open(b, key, '{');
}

/* A mark without a value is a member that is not there. */
static void
put_marks(struct buf *b, const char *is)
{
	static const char no[] = "\"not\":{}";
	struct mark k;

	if (*is == '\0') {
		jw_open(b, "e", '{');
		buf_str(b, no);
		jw_close(b, '}');
	}
	while ((is = next_mark(&k, is)) != NULL) {
		put_key(b, k.name, k.n);
		if (k.len == 0)
			buf_str(b, no);
		else if (memchr(k.value, '|', k.len) != NULL)
			put_words(b, "enum", k.value, k.len, false);
		else
			jw_strn(b, "const", k.value, k.len);
		jw_close(b, '}');
	}
}

static void
put_required(struct buf *b, const struct record_row *r, const char *at, size_t n)
{
	const char *is = n == 0 ? r->is : "";
	struct mark k;

	jw_open(b, "required", '[');
	while ((is = next_mark(&k, is)) != NULL)
		if (k.len > 0)
			jw_strn(b, NULL, k.name, k.n);
	for (const struct record_member *m = r->members; m->path != NULL; m++)
		if (m->always && child(m->path, at, n) != NULL)
			jw_str(b, NULL, child(m->path, at, n));
	jw_close(b, ']');
}

/* The members of the object at, n bytes of a path; n 0: the record. */
static void
put_object(struct buf *b, const struct record_row *r, const char *at, size_t n)
{
	jw_open(b, "properties", '{');
	if (n == 0)
		put_marks(b, r->is);
	for (const struct record_member *m = r->members; m->path != NULL; m++)
		if (child(m->path, at, n) != NULL)
			put_member(b, r, m, child(m->path, at, n));
	jw_close(b, '}');
	put_required(b, r, at, n);
	if (r->closed && (n == 0 || has_children(r->members, at, n)))
		jw_bool(b, "additionalProperties", false);
}

static void
put_row(struct buf *b, const struct record_row *r)
{
	jw_open(b, r->name, '{');
	jw_str(b, "title", r->name);
	jw_str(b, "description", r->what);
	jw_str(b, "$comment", families[r->family]);
	jw_str(b, "type", "object");
	put_object(b, r, "", 0);
	jw_close(b, '}');
}

/*
 * The whole
 */

/* A program that reads a pipe hands on what is not for it. */
static bool
passes(const char *tool)
{
	return strcmp(tool, "bf-risk") == 0 || strcmp(tool, "bf-order") == 0;
}

static void
put_passed(struct buf *b)
{
	jw_open(b, "passed", '{');
	jw_str(b, "title", "passed");
	jw_str(b, "description", "A record that is for another program, as it came.");
	jw_str(b, "$comment", "passed");
	jw_str(b, "type", "object");
	jw_open(b, "properties", '{');
	jw_open(b, "e", '{');
	jw_str(b, "type", "string");
	jw_close(b, '}');
	jw_close(b, '}');
	jw_open(b, "required", '[');
	jw_str(b, NULL, "e");
	jw_close(b, ']');
	jw_close(b, '}');
}

/* One of these it must be. */
static void
put_choice(struct buf *b, const char *name)
{
	jw_open(b, NULL, '{');
	jw_raw(b, "$ref", "\"#/$defs/", 9);
	buf_printf(b, "%s\"", name);
	jw_close(b, '}');
}

void
record_schema(struct buf *b, const char *tool)
{
	jw_open(b, NULL, '{');
	jw_str(b, "$schema", "https://json-schema.org/draft/2020-12/schema");
	jw_raw(b, "title", "", 0);
	buf_printf(b, "\"records of %s\"", tool);
	jw_open(b, "anyOf", '[');
	for (size_t i = 0; record_tables[i] != NULL; i++)
		for (const struct record_row *r = record_tables[i]; r->name != NULL; r++)
			if (record_of(r, tool))
				put_choice(b, r->name);
	if (passes(tool))
		put_choice(b, "passed");
	jw_close(b, ']');
	jw_open(b, "$defs", '{');
	for (size_t i = 0; record_tables[i] != NULL; i++)
		for (const struct record_row *r = record_tables[i]; r->name != NULL; r++)
			if (record_of(r, tool))
				put_row(b, r);
	if (passes(tool))
		put_passed(b);
	jw_close(b, '}');
	jw_close(b, '}');
}
