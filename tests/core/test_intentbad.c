/* The table of wrong intents (tests/data/bad-intents.tsv). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/intent.h"
#include "core/show.h"

static struct scan sc;

static FILE *
open_table(void)
{
	char path[512], *slash;

	snprintf(path, sizeof path, "%s", __FILE__);
	if ((slash = strrchr(path, '/')) != NULL)
		*slash = '\0';
	snprintf(path + strlen(path), sizeof path - strlen(path), "/../data/bad-intents.tsv");
	return fopen(path, "r");
}

struct row { char *json, *field, *code, *part; };

/* "json TAB field TAB code TAB part": the line is cut up. */
static bool
split(struct row *r, char *line)
{
	char **const to[] = { &r->json, &r->field, &r->code, &r->part };

	for (size_t i = 0; i < 4; i++)
		if ((*to[i] = strsep(&line, i < 3 ? "\t" : "\n")) == NULL || **to[i] == '\0')
			return false;
	return true;
}

static bool
is_object(const char *json)
{
	return scan_doc(&sc, json, strlen(json)) > 0 && sc.t->kind == SCAN_OBJ;
}

static void
check_row(const struct row *r)
{
	struct fault f = { 0 };
	struct intent in;
	size_t n = strlen(r->field);

	if (strcmp(r->field, "JSON") == 0) {
		if (is_object(r->json))
			fail_msg("%s: is a JSON object", r->json);
		return;
	}
	if (!is_object(r->json) || intent_kind(sc.t, sc.t) != REC_INTENT)
		fail_msg("%s: is no intent, not even a bad one", r->json);
	if (intent_read(&in, sc.t, sc.t, &f) == 0)
		fail_msg("%s: was taken", r->json);
	assert_int_equal(f.kind, FAULT_REJECTED);
	assert_true(show_clean(f.text, strlen(f.text)));
	if (strncmp(f.text, r->field, n) != 0 || (f.text[n] != ' ' && f.text[n] != ':') ||
	    f.code != atoi(r->code) || strstr(f.text, r->part) == NULL)
		fail_msg("%s: %d, %s", r->json, f.code, f.text);
}

static void
every_wrong_intent_is_refused_by_field_code_and_rule(void **state)
{
	char line[1024], whole[1024];
	FILE *table = open_table();
	struct row r;
	int n = 0;

	(void)state;
	assert_non_null(table);
	while (fgets(line, sizeof line, table) != NULL) {
		if (line[0] == '#')
			continue;
		memcpy(whole, line, sizeof whole);
		if (!split(&r, line))
			fail_msg("not a row: %s", whole);
		check_row(&r);
		n++;
	}
	fclose(table);
	scan_free(&sc);
	assert_true(n >= 110);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_wrong_intent_is_refused_by_field_code_and_rule),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
