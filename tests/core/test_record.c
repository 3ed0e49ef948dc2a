/* The table of records against the tables it repeats, and against itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/intent_in.h"
#include "core/record_in.h"
#include "core/scan.h"
#include "core/streams.h"

static const struct record_row *
row_of(const char *name)
{
	for (size_t i = 0; record_tables[i] != NULL; i++)
		for (const struct record_row *r = record_tables[i]; r->name != NULL; r++)
			if (strcmp(r->name, name) == 0)
				return r;
	return NULL;
}

static const struct record_member *
member_of(const struct record_row *r, const char *path)
{
	for (const struct record_member *m = r->members; m->path != NULL; m++)
		if (strcmp(m->path, path) == 0)
			return m;
	return NULL;
}

/* The list or object that a path is in: "left[].why" is in "left", "b[][]" in "b[]". */
static void
parent_of(char *path)
{
	size_t n = strlen(path);

	if (n > 2 && strcmp(path + n - 2, "[]") == 0) {
		path[n - 2] = '\0';
		return;
	}
	*strrchr(path, '.') = '\0';
	n = strlen(path);
	if (n > 2 && strcmp(path + n - 2, "[]") == 0)
		path[n - 2] = '\0';
}

static void
check_member(const struct record_row *r, const struct record_member *m)
{
	char path[64];
	const struct record_member *in;

	assert_in_range(strlen(m->path), 1, sizeof path - 4);
	assert_ptr_equal(member_of(r, m->path), m);		/* told once */
	assert_true(m->words == NULL || m->type == RECORD_STR);
	memcpy(path, m->path, strlen(m->path) + 1);
	if (strpbrk(path, ".[") == NULL)
		return;
	parent_of(path);
	in = member_of(r, path);
	assert_non_null(in);
	assert_true(in->type == RECORD_OBJ || in->type == RECORD_ARR);
}

static void
test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; record_tables[i] != NULL; i++)
		for (const struct record_row *r = record_tables[i]; r->name != NULL; r++) {
			assert_ptr_equal(row_of(r->name), r);	/* a name is of one */
			assert_true(*r->tools != '\0' && *r->what != '\0');
			for (const struct record_member *m = r->members; m->path != NULL; m++)
				check_member(r, m);
		}
}

/* What one reads, the other tells. */
static void
test_intent(void **state)
{
	const struct record_row *r = row_of("intent");
	size_t n = 0;

	(void)state;
	assert_non_null(r);
	for (size_t i = 0; i < MEMBERS; i++)
		assert_non_null(member_of(r, intent_members[i].name));
	for (const struct record_member *m = r->members; m->path != NULL; m++)
		n++;
	assert_int_equal(n, MEMBERS);
}

/* Whether e, of n bytes, is among the values of "e=one|other;...". */
static bool
is_one(const char *is, const char *e, size_t n)
{
	if (strncmp(is, "e=", 2) != 0)
		return false;
	for (is += 2; ; is++) {
		if (strncmp(is, e, n) == 0 && strchr("|;", is[n]) != NULL)
			return true;
		is += strcspn(is, "|;");
		if (*is != '|')
			return false;
	}
}

static bool
is_known(const char *e, size_t n)
{
	for (size_t i = 0; record_tables[i] != NULL; i++)
		for (const struct record_row *r = record_tables[i]; r->name != NULL; r++)
			if (is_one(r->is, e, n))
				return true;
	return false;
}

static void
test_streams(void **state)
{
	(void)state;
	for (const struct stream_row *s = stream_rows; s->name != NULL; s++)
		for (const char *e = s->event; *e != '\0'; e += strspn(e, " ")) {
			size_t n = strcspn(e, " ");

			if (!is_known(e, n))
				fail_msg("stream %s: no row in lib/core/record_*.c for its event %.*s", s->name, (int)n, e);
			e += n;
		}
}

static void
test_schema(void **state)
{
	static const char *const tools[] = { "bf-info", "bf-kill", "bf-order", "bf-position", "bf-risk", "bf-sim",
	    "bf-stream", "bf-time" };

	(void)state;
	for (size_t i = 0; i < sizeof tools / sizeof *tools; i++) {
		struct buf b = { 0 };
		struct scan sc = { 0 };

		record_schema(&b, tools[i]);
		assert_false(b.bad);
		assert_true(scan_doc(&sc, b.p, b.len) > 0);
		assert_non_null(scan_get(sc.t, sc.t, "$defs"));
		scan_free(&sc);
		buf_free(&b);
	}
	assert_true(record_of(row_of("bf.reject"), "bf-order"));
	assert_false(record_of(row_of("bf.reject"), "bf-ord"));
	assert_false(record_of(row_of("bf.reject"), "bf-time"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows), cmocka_unit_test(test_intent), cmocka_unit_test(test_streams),
		cmocka_unit_test(test_schema),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
