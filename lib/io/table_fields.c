/* --fields: the members to print, in this order, in every format. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/span.h"
#include "io/table_in.h"
#include "io/tool.h"

#define STEP_MAX	63	/* of a step of a path */

/* One member of the list, n bytes: steps that are not empty, joined by points. */
static int
check(const char *s, size_t n, struct fault *f)
{
	size_t step = 0;

	for (size_t i = 0; i <= n; i++) {
		if (i < n && s[i] != '.') {
			step++;
			continue;
		}
		if (step == 0)
			return fault_set(f, FAULT_USAGE, "--fields: an empty name%s%.*s; write symbol,price or filters.0.tickSize",
			    n == 0 ? "" : " in ", n > 40 ? 40 : (int)n, s);
		if (step > STEP_MAX)
			return fault_set(f, FAULT_USAGE, "--fields: %.40s...: no member has a name so long", s);
		step = 0;
	}
	if (memchr(s, '|', n) != NULL || memchr(s, ':', n) != NULL || memchr(s, '"', n) != NULL || memchr(s, '\\', n) != NULL)
		return fault_set(f, FAULT_USAGE, "--fields: %.*s: names only; to choose or reckon use --jq", n > 40 ? 40 : (int)n, s);
	return 0;
}

/* How a column of the tool shows that member, if there is one. */
static int
how_of(const struct column *cols, const char *name)
{
	size_t len = strlen(name), n;

	for (; cols != NULL && cols->head != NULL; cols++)
		for (const char *m = cols->member; ; m += n + 1) {
			n = strcspn(m, "|:");
			if (n == len && strncmp(m, name, n) == 0)
				return cols->how;
			if (m[n] == '\0')
				break;
		}
	return COL_AUTO;
}

static int
add(struct printer *p, char *name, struct fault *f)
{
	if (p->nown == COLUMNS_MAX)
		return fault_set(f, FAULT_USAGE, "--fields: at most %d members", COLUMNS_MAX);
	for (int i = 0; i < p->nown; i++)
		if (strcmp(p->own[i].head, name) == 0)
			return fault_set(f, FAULT_USAGE, "--fields: %.60s is named twice", name);
	p->own[p->nown++] = (struct column){ name, name, how_of(p->cols, name) };
	return 0;
}

int
fields_read(struct printer *p, const char *list, struct fault *f)
{
	char *at, *comma;

	if (*list == '\0')
		return fault_set(f, FAULT_USAGE, "--fields: names no member; as --fields symbol,price");
	p->names = strdup(list);
	p->own = calloc(COLUMNS_MAX + 1, sizeof *p->own);
	if (p->names == NULL || p->own == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	for (at = p->names; at != NULL; at = comma == NULL ? NULL : comma + 1) {
		if ((comma = strchr(at, ',')) != NULL)
			*comma = '\0';
		if (check(at, strlen(at), f) == -1 || add(p, at, f) == -1)
			return -1;
	}
	p->cols = p->own;
	return 0;
}

void
fields_seen(struct printer *p, const struct tok *t)
{
	if (t->kind != SCAN_OBJ && t->kind != SCAN_ARR)
		return;
	p->records++;
	for (int i = 0; i < p->nown; i++)
		if (cell_member(t, p->own[i].member, strlen(p->own[i].member)) != NULL)
			p->had |= UINT64_C(1) << i;
}

int
fields_object(struct printer *p, const struct tok *t, struct buf *b, struct fault *f)
{
	const struct tok *v;

	if (t->kind != SCAN_OBJ && t->kind != SCAN_ARR)
		return fault_set(f, FAULT_REJECTED, "--fields: no object, which has members: %.*s",
		    t->len > 40 ? 40 : (int)t->len, t->p);
	jw_open(b, NULL, '{');
	for (int i = 0; i < p->nown; i++) {
		v = cell_member(t, p->own[i].member, strlen(p->own[i].member));
		jw_raw(b, p->own[i].head, v == NULL ? "null" : "", v == NULL ? 4 : 0);
		if (v != NULL)
			span_put(b, v);
	}
	jw_close(b, '}');
	jw_end(b);
	return b->bad ? fault_set(f, FAULT_LOCAL, "out of memory for a record") : 0;
}

void
fields_tell(const struct printer *p)
{
	struct buf b = { 0 };

	if (p->tool == NULL || p->nown == 0 || p->records == 0)
		return;
	for (int i = 0; i < p->nown; i++)
		if ((p->had >> i & 1) == 0)
			buf_printf(&b, "%s%s", b.len > 0 ? ", " : "", p->own[i].head);
	if (b.len > 0 && !b.bad)
		tool_say(p->tool, STDERR_FILENO, "--fields: no record had %s; -o ndjson without --fields shows their members", b.p);
	buf_free(&b);
}
