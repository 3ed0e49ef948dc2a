/* An account in tests, and what is read into it. */
#ifndef BF_TESTS_ACCOUNT_RIG_H
#define BF_TESTS_ACCOUNT_RIG_H

#include <string.h>

#include "core/account.h"

#define LEN(a)	(sizeof (a) / sizeof *(a))

static struct scan sc;
static struct account a;	/* fresh for each test */

static int
fresh(void **state)
{
	(void)state;
	account_free(&a);
	return 0;
}

static int
cleanup(void **state)
{
	scan_free(&sc);
	return fresh(state);
}

static const struct tok *
load(const char *json)
{
	if (scan_doc(&sc, json, strlen(json)) <= 0)
		fail_msg("bad test: %s", json);
	return sc.t;
}

static void
same(dec got, const char *want)
{
	char s[DEC_STR];

	dec_print_short(got, s);
	assert_string_equal(s, want);
}

typedef int reader(struct account *, const struct tok *, const struct tok *, struct fault *);

static void
reads(reader *read, const char *json)
{
	struct fault f = { 0 };
	const struct tok *v = load(json);

	if (read(&a, sc.t, v, &f) != 0)
		fail_msg("%s", f.text);
}

/* A refusal names the field and leaves the account alone. */
static void
refuses(reader *read, const char *json, const char *field)
{
	struct account before = a;
	struct fault f = { 0 };
	const struct tok *v = load(json);

	if (read(&a, sc.t, v, &f) != -1)
		fail_msg("accepted: %s", json);
	assert_int_equal(f.kind, FAULT_UNKNOWN);
	if (strstr(f.text, field) == NULL)
		fail_msg("%s does not name %s", f.text, field);
	/* lists may have moved for want of room, but hold the same */
	assert_int_equal(a.npos, before.npos);
	assert_int_equal(a.nord, before.nord);
	assert_int_equal(a.nwal, before.nwal);
	assert_int_equal(a.as_of_ms, before.as_of_ms);
	assert_int_equal(a.known, before.known);
}

static void
event(int want, const char *json)
{
	struct fault f = { 0 };
	const struct tok *v = load(json);
	int got = account_event(&a, sc.t, v, &f);

	if (got != want)
		fail_msg("%d, not %d: %s: %s", got, want, json, f.text);
}

#endif
