/*
 * What is JSON and what is not follows RFC 8259 and RFC 3629, row by row. Then
 * documents are damaged at random: what is still accepted must be a consistent
 * tree and mean to libjq what it means to us. (Not the other way round: libjq
 * also takes what is no JSON.)
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jv.h>

#include "core/scan.h"

#define LEN(a)	(sizeof (a) / sizeof *(a))
#define S(text)	(text), sizeof (text) - 1
#define TOKS	4096

static struct tok toks[TOKS];

/* Scan a copy that ends where its memory ends, so that ASan sees a step over. */
static char *copy;

static int
scan(const char *s, size_t n, size_t *where)
{
	free(copy);
	if ((copy = malloc(n > 0 ? n : 1)) == NULL)
		fail_msg("out of memory");
	memcpy(copy, s, n);
	return scan_json(copy, n, toks, TOKS, where);
}

/* Scan a document that has to be fine. */
static const struct tok *
doc(const char *s)
{
	int n = scan(s, strlen(s), NULL);

	if (n <= 0)
		fail_msg("not accepted: %s: %s", s, scan_strerror(n));
	return toks;
}

static const struct row { const char *s; size_t n; } accepted[] = {
	/* values alone */
	{ S("null") }, { S("true") }, { S("false") }, { S("0") }, { S("-0") },
	{ S("42") }, { S("\"\"") }, { S("\"a\"") }, { S("[]") }, { S("{}") },
	{ S(" \t\r\n1 \t\r\n") }, { S("[ ]") }, { S("{ }") }, { S("\n[\n]\n") },
	/* numbers */
	{ S("[-1]") }, { S("[0.1]") }, { S("[-0.0]") }, { S("[1.0]") },
	{ S("[10]") }, { S("[1e5]") }, { S("[1E5]") }, { S("[1e+5]") },
	{ S("[1e-5]") }, { S("[0e0]") }, { S("[0E+00]") }, { S("[1.5e300]") },
	{ S("[123456789012345678901234567890]") }, { S("[1e999999]") },
	{ S("[-1.23E-45]") }, { S("[9223372036854775807 ]") }, { S("[1e00]") },
	/* arrays and objects */
	{ S("[1,2]") }, { S("[ 1 , 2 ]") }, { S("[[]]") }, { S("[[],[]]") },
	{ S("[{}]") }, { S("{\"a\":1}") }, { S("{ \"a\" : 1 , \"b\" : 2 }") },
	{ S("{\"\":0}") }, { S("{\"a\":{}}") }, { S("{\"a\":[]}") },
	{ S("{\"a\":1,\"a\":2}") }, { S("[null,true,false,0,\"\",[],{}]") },
	{ S("{\"a\":[{\"b\":[{\"c\":null}]}]}") }, { S("[[[[[[[[1]]]]]]]]") },
	{ S("{\"\\u0061\":1}") }, { S("[{\"a\":1},{\"a\":2}]") },
	/* strings: escapes */
	{ S("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"") }, { S("\"\\u0000\"") },
	{ S("\"\\u001f\\u0020\"") }, { S("\"\\uABCD\\uabcd\\uAbCd\"") },
	{ S("\"\\ud83d\\ude00\"") }, { S("\"\\uDBFF\\uDFFF\"") },
	{ S("\"\\uD800\\uDC00\"") }, { S("\"\\uFFFF\\uFFFE\"") },
	{ S("\"\\ud7ff\\ue000\"") }, { S("\"\\\\u12\"") }, { S("\"a\\\\\"") },
	{ S("\"12345678\\n12345678\"") }, { S("\"\\u002c\\u005d\"") },
	/* strings: bytes */
	{ S("\"\x7f\"") }, { S("\"\xc2\x80\"") }, { S("\"\xdf\xbf\"") },
	{ S("\"\xe0\xa0\x80\"") }, { S("\"\xed\x9f\xbf\"") },
	{ S("\"\xee\x80\x80\"") }, { S("\"\xef\xbf\xbf\"") },
	{ S("\"\xf0\x90\x80\x80\"") }, { S("\"\xf4\x8f\xbf\xbf\"") },
	{ S("\"\xe2\x82\xac uro\"") }, { S("\"abcdefg\xc3\xa9\"") },
	{ S("\"\xe2\x80\xa8\xe2\x80\xa9\"") }, { S("{\"\xc3\xa9\":1}") },
	{ S("\"//\"") }, { S("\"/*c*/\"") }, { S("\"'\"") }, { S("\"[{,:}]\"") },
	/* as exchanges send it */
	{ S("{\"e\":\"markPriceUpdate\",\"E\":1562305380000,\"s\":\"BTCUSDT\","
	    "\"p\":\"11794.15000000\",\"r\":\"0.00038167\",\"T\":1562306400000}") },
	{ S("{\"code\":-2019,\"msg\":\"Margin is insufficient.\"}") },
	{ S("{\"bids\":[[\"4.00000000\",\"431.00000000\"]],\"asks\":[]}") },
};

static const struct bad { const char *s; size_t n; int error; size_t where; } refused[] = {
	{ S(""), SCAN_EMPTY, 0 }, { S(" \n\t\r "), SCAN_EMPTY, 5 },
	/* more or less than one value */
	{ S("1 2"), SCAN_SYNTAX, 2 }, { S("{}{}"), SCAN_SYNTAX, 2 },
	{ S("[]]"), SCAN_SYNTAX, 2 }, { S("{}}"), SCAN_SYNTAX, 2 },
	{ S("\"a\"b"), SCAN_SYNTAX, 3 }, { S("1,"), SCAN_SYNTAX, 1 },
	{ S("null\0"), SCAN_SYNTAX, 4 }, { S("[1]x"), SCAN_SYNTAX, 3 },
	{ S(","), SCAN_SYNTAX, 0 }, { S("]"), SCAN_SYNTAX, 0 },
	{ S("}"), SCAN_SYNTAX, 0 }, { S(":"), SCAN_SYNTAX, 0 },
	{ S("\0"), SCAN_SYNTAX, 0 }, { S("{}\v"), SCAN_SYNTAX, 2 },
	{ S("\xef\xbb\xbf{}"), SCAN_SYNTAX, 0 }, { S("\f1"), SCAN_SYNTAX, 0 },
	{ S("\xc2\xa0" "1"), SCAN_SYNTAX, 0 }, { S("{\0}"), SCAN_SYNTAX, 1 },
	/* words */
	{ S("nul"), SCAN_SYNTAX, 3 }, { S("nulL"), SCAN_SYNTAX, 3 },
	{ S("NULL"), SCAN_SYNTAX, 0 }, { S("True"), SCAN_SYNTAX, 0 },
	{ S("truee"), SCAN_SYNTAX, 4 }, { S("fals"), SCAN_SYNTAX, 4 },
	{ S("[tru]"), SCAN_SYNTAX, 4 }, { S("nullnull"), SCAN_SYNTAX, 4 },
	{ S("NaN"), SCAN_SYNTAX, 0 }, { S("nan"), SCAN_SYNTAX, 1 },
	{ S("Infinity"), SCAN_SYNTAX, 0 }, { S("[-Infinity]"), SCAN_SYNTAX, 2 },
	{ S("undefined"), SCAN_SYNTAX, 0 }, { S("a"), SCAN_SYNTAX, 0 },
	{ S("'a'"), SCAN_SYNTAX, 0 }, { S("[a]"), SCAN_SYNTAX, 1 },
	/* numbers */
	{ S("01"), SCAN_SYNTAX, 1 }, { S("-01"), SCAN_SYNTAX, 2 },
	{ S("00"), SCAN_SYNTAX, 1 }, { S("[012]"), SCAN_SYNTAX, 2 },
	{ S("1."), SCAN_SYNTAX, 2 }, { S("[1.]"), SCAN_SYNTAX, 3 },
	{ S(".5"), SCAN_SYNTAX, 0 }, { S("-.5"), SCAN_SYNTAX, 1 },
	{ S("+1"), SCAN_SYNTAX, 0 }, { S("-"), SCAN_SYNTAX, 1 },
	{ S("--1"), SCAN_SYNTAX, 1 }, { S("1e"), SCAN_SYNTAX, 2 },
	{ S("1e+"), SCAN_SYNTAX, 3 }, { S("1E-"), SCAN_SYNTAX, 3 },
	{ S("1.e5"), SCAN_SYNTAX, 2 }, { S("1e5.0"), SCAN_SYNTAX, 3 },
	{ S("0x10"), SCAN_SYNTAX, 1 }, { S("1_000"), SCAN_SYNTAX, 1 },
	{ S("1,000"), SCAN_SYNTAX, 1 }, { S("1 000"), SCAN_SYNTAX, 2 },
	{ S("[1+2]"), SCAN_SYNTAX, 2 }, { S("1ee5"), SCAN_SYNTAX, 2 },
	{ S("- 1"), SCAN_SYNTAX, 1 }, { S("1.2.3"), SCAN_SYNTAX, 3 },
	{ S("[\xef\xbc\x91]"), SCAN_SYNTAX, 1 }, { S("1a"), SCAN_SYNTAX, 1 },
	/* arrays */
	{ S("["), SCAN_SYNTAX, 1 }, { S("[1"), SCAN_SYNTAX, 2 },
	{ S("[1,"), SCAN_SYNTAX, 3 }, { S("[1,]"), SCAN_SYNTAX, 3 },
	{ S("[,1]"), SCAN_SYNTAX, 1 }, { S("[,]"), SCAN_SYNTAX, 1 },
	{ S("[1,,2]"), SCAN_SYNTAX, 3 }, { S("[1 2]"), SCAN_SYNTAX, 3 },
	{ S("[1}"), SCAN_SYNTAX, 2 }, { S("[\"a\":1]"), SCAN_SYNTAX, 4 },
	{ S("[}"), SCAN_SYNTAX, 1 }, { S("[[]"), SCAN_SYNTAX, 3 },
	{ S("[1;2]"), SCAN_SYNTAX, 2 }, { S("[//]"), SCAN_SYNTAX, 1 },
	{ S("[1]/**/"), SCAN_SYNTAX, 3 }, { S("#c\n1"), SCAN_SYNTAX, 0 },
	/* objects */
	{ S("{"), SCAN_SYNTAX, 1 }, { S("{\"a\""), SCAN_SYNTAX, 4 },
	{ S("{\"a\":"), SCAN_SYNTAX, 5 }, { S("{\"a\":1"), SCAN_SYNTAX, 6 },
	{ S("{\"a\":1,"), SCAN_SYNTAX, 7 }, { S("{\"a\":1,}"), SCAN_SYNTAX, 7 },
	{ S("{,}"), SCAN_SYNTAX, 1 }, { S("{\"a\"}"), SCAN_SYNTAX, 4 },
	{ S("{\"a\" 1}"), SCAN_SYNTAX, 5 }, { S("{\"a\"::1}"), SCAN_SYNTAX, 5 },
	{ S("{a:1}"), SCAN_SYNTAX, 1 }, { S("{1:1}"), SCAN_SYNTAX, 1 },
	{ S("{'a':1}"), SCAN_SYNTAX, 1 }, { S("{\"a\":}"), SCAN_SYNTAX, 5 },
	{ S("{:1}"), SCAN_SYNTAX, 1 }, { S("{\"a\":1]"), SCAN_SYNTAX, 6 },
	{ S("{]"), SCAN_SYNTAX, 1 }, { S("{null:1}"), SCAN_SYNTAX, 1 },
	{ S("{\"a\":1 \"b\":2}"), SCAN_SYNTAX, 7 }, { S("{\"a\":1,,\"b\":2}"), SCAN_SYNTAX, 7 },
	{ S("{\"a\",1}"), SCAN_SYNTAX, 4 }, { S("{[]:1}"), SCAN_SYNTAX, 1 },
	{ S("{\"a\":1,2}"), SCAN_SYNTAX, 7 }, { S("{\"a\":{\"b\":1}"), SCAN_SYNTAX, 12 },
	/* strings */
	{ S("\""), SCAN_SYNTAX, 1 }, { S("\"abc"), SCAN_SYNTAX, 4 },
	{ S("\"abcdefghijklmnop"), SCAN_SYNTAX, 17 }, { S("\"\n\""), SCAN_SYNTAX, 1 },
	{ S("\"\t\""), SCAN_SYNTAX, 1 }, { S("\"\0\""), SCAN_SYNTAX, 1 },
	{ S("\"\x1f\""), SCAN_SYNTAX, 1 }, { S("\"abcdefgh\x01\""), SCAN_SYNTAX, 9 },
	{ S("\"abcdefghijkl\x1e" "mno\""), SCAN_SYNTAX, 13 },
	{ S("\"\xc3\xa9\n\""), SCAN_SYNTAX, 3 }, { S("\"\\\""), SCAN_SYNTAX, 3 },
	{ S("\"\\"), SCAN_SYNTAX, 2 }, { S("\"\\x41\""), SCAN_SYNTAX, 2 },
	{ S("\"\\a\""), SCAN_SYNTAX, 2 }, { S("\"\\'\""), SCAN_SYNTAX, 2 },
	{ S("\"\\U0041\""), SCAN_SYNTAX, 2 }, { S("\"\\\n\""), SCAN_SYNTAX, 2 },
	{ S("\"\\u\""), SCAN_SYNTAX, 2 }, { S("\"\\u12\""), SCAN_SYNTAX, 2 },
	{ S("\"\\u123"), SCAN_SYNTAX, 2 }, { S("\"\\u123g\""), SCAN_SYNTAX, 2 },
	{ S("\"\\u+123\""), SCAN_SYNTAX, 2 }, { S("\"\\u 123\""), SCAN_SYNTAX, 2 },
	{ S("\"\\ud83d\\u12\""), SCAN_SYNTAX, 8 }, { S("\"\\u00\\u0000\""), SCAN_SYNTAX, 2 },
	/* half a surrogate pair */
	{ S("\"\\ud800\""), SCAN_UTF8, 2 }, { S("\"\\udc00\""), SCAN_UTF8, 2 },
	{ S("\"\\udfff\\ud800\""), SCAN_UTF8, 2 }, { S("\"\\ud800a\""), SCAN_UTF8, 2 },
	{ S("\"\\ud800\\n\""), SCAN_UTF8, 2 }, { S("\"\\ud800\\u0041\""), SCAN_UTF8, 2 },
	{ S("\"\\ud800\\ud800\\udc00\""), SCAN_UTF8, 2 }, { S("\"ab\\uDBFF\""), SCAN_UTF8, 4 },
	/* bytes that are not UTF-8 */
	{ S("\"\x80\""), SCAN_UTF8, 1 }, { S("\"\xbf\""), SCAN_UTF8, 1 },
	{ S("\"\xff\""), SCAN_UTF8, 1 }, { S("\"\xfe\""), SCAN_UTF8, 1 },
	{ S("\"\xc0\xaf\""), SCAN_UTF8, 1 }, { S("\"\xc1\xbf\""), SCAN_UTF8, 1 },
	{ S("\"\xe0\x80\xaf\""), SCAN_UTF8, 1 }, { S("\"\xe0\x9f\xbf\""), SCAN_UTF8, 1 },
	{ S("\"\xf0\x80\x80\xaf\""), SCAN_UTF8, 1 }, { S("\"\xf0\x8f\xbf\xbf\""), SCAN_UTF8, 1 },
	{ S("\"\xed\xa0\x80\""), SCAN_UTF8, 1 }, { S("\"\xed\xbf\xbf\""), SCAN_UTF8, 1 },
	{ S("\"\xf4\x90\x80\x80\""), SCAN_UTF8, 1 }, { S("\"\xf5\x80\x80\x80\""), SCAN_UTF8, 1 },
	{ S("\"\xc3\""), SCAN_UTF8, 1 }, { S("\"\xe2\x82\""), SCAN_UTF8, 1 },
	{ S("\"\xf0\x9f\x98\""), SCAN_UTF8, 1 }, { S("\"\xc3"), SCAN_UTF8, 1 },
	{ S("\"\xe2\x28\xa1\""), SCAN_UTF8, 1 }, { S("\"abcdefg\xe9\""), SCAN_UTF8, 8 },
	{ S("\"abcdefghijklmno\xc3\x28\""), SCAN_UTF8, 16 }, { S("\"\xe2\x82"), SCAN_UTF8, 1 },
	{ S("{\"\xff\":1}"), SCAN_UTF8, 2 }, { S("[\"a\",\"\xe9\"]"), SCAN_UTF8, 6 },
};

/* Every span inside its parent, every sub-tree as long as its parts. Returns
 * the index past the sub-tree at i. */
static uint32_t
check_tree(uint32_t i, const char *from, const char *to, int depth)
{
	const struct tok *v = toks + i;
	uint32_t parts, next = i + 1;

	assert_true(v->p >= from && v->len <= (size_t)(to - v->p));
	assert_int_equal(v->depth, depth);
	if (v->kind == SCAN_OBJ || v->kind == SCAN_ARR) {
		assert_int_equal(v->p[0], v->kind == SCAN_OBJ ? '{' : '[');
		assert_int_equal(v->p[v->len - 1], v->kind == SCAN_OBJ ? '}' : ']');
		parts = v->kind == SCAN_OBJ ? 2 * v->n : v->n;
		for (uint32_t k = 0; k < parts; k++) {
			if (v->kind == SCAN_OBJ && k % 2 == 0)
				assert_int_equal(toks[next].kind, SCAN_STR);
			next = check_tree(next, v->p + 1, v->p + v->len - 1, depth + 1);
		}
	} else
		assert_int_equal(v->n, 0);
	if (v->kind == SCAN_STR) {
		assert_true(v->p[-1] == '"' && v->p[v->len] == '"');
		assert_int_equal(v->esc, v->len > 0 && memchr(v->p, '\\', v->len) != NULL);
	}
	assert_int_equal(v->next, next);
	return next;
}

static void
what_the_rfc_allows_is_accepted(void **state)
{
	int n;

	(void)state;
	for (size_t i = 0; i < LEN(accepted); i++) {
		n = scan(accepted[i].s, accepted[i].n, NULL);
		if (n <= 0)
			fail_msg("%s: %s", accepted[i].s, scan_strerror(n));
		assert_int_equal(check_tree(0, copy, copy + accepted[i].n, 0), n);
	}
}

static void
what_the_rfc_forbids_is_refused_and_its_place_is_told(void **state)
{
	size_t where;
	int got;

	(void)state;
	for (size_t i = 0; i < LEN(refused); i++) {
		got = scan(refused[i].s, refused[i].n, &where);
		if (got != refused[i].error || where != refused[i].where)
			fail_msg("%s: %d (%s) at %zu, not %d at %zu", refused[i].s, got,
			    scan_strerror(got), where, refused[i].error, refused[i].where);
	}
}

static void
any_beginning_of_a_document_is_refused(void **state)
{
	static const char *const row[] = {
		"{\"a\":[1.5e-3,\"x\\u00e9\\ud83d\\ude00\",true],\"b\":{\"c\":null}}",
		"[\"\xf0\x9f\x98\x80\",false,-0.25,{\"k\":\"v\"},[[]]]",
	};

	(void)state;
	for (size_t i = 0; i < LEN(row); i++)
		for (size_t n = 0; n < strlen(row[i]); n++)
			assert_true(scan(row[i], n, NULL) < 0);
}

/* Wherever the odd byte stands among the eight that are looked at together. */
static void
an_odd_byte_is_found_at_any_place_of_a_string(void **state)
{
	static const struct { const char *odd; int error; bool esc; } row[] = {
		{ "\x01", SCAN_SYNTAX, false }, { "\x1f", SCAN_SYNTAX, false },
		{ "\x80", SCAN_UTF8, false }, { "\xff", SCAN_UTF8, false },
		{ "\\n", SCAN_OK, true }, { "\xc2\xa2", SCAN_OK, false },
		{ " ", SCAN_OK, false }, { "!", SCAN_OK, false }, { "#", SCAN_OK, false },
		{ "[", SCAN_OK, false }, { "]", SCAN_OK, false }, { "\x7f", SCAN_OK, false },
	};
	char s[64];

	(void)state;
	for (size_t i = 0; i < LEN(row); i++)
		for (int before = 0; before < 20; before++)
			for (int after = 0; after < 20; after++) {
				int len = snprintf(s, sizeof s, "\"%.*s%s%.*s\"",
				    before, "~~~~~~~~~~~~~~~~~~~~", row[i].odd,
				    after, "\x20~~~~~~~~~~~~~~~~~~~");
				int n = scan(s, (size_t)len, NULL);

				assert_int_equal(n, row[i].error != SCAN_OK ? row[i].error : 1);
				if (n == 1) {
					assert_int_equal(toks[0].len, len - 2);
					assert_int_equal(toks[0].esc, row[i].esc);
				}
			}
}

static void
depth_is_limited(void **state)
{
	char s[4 * SCAN_DEPTH];
	size_t where;

	(void)state;
	memset(s, '[', SCAN_DEPTH + 1);
	memset(s + SCAN_DEPTH, ']', SCAN_DEPTH);
	assert_int_equal(scan(s, 2 * SCAN_DEPTH, NULL), SCAN_DEPTH);
	assert_int_equal(toks[SCAN_DEPTH - 1].depth, SCAN_DEPTH - 1);
	memset(s, '[', SCAN_DEPTH + 1);
	memset(s + SCAN_DEPTH + 1, ']', SCAN_DEPTH + 1);
	assert_int_equal(scan(s, 2 * SCAN_DEPTH + 2, &where), SCAN_DEEP);
	assert_int_equal(where, SCAN_DEPTH);
}

static void
size_and_count_of_tokens_are_limited(void **state)
{
	struct tok t[4];
	size_t where;

	(void)state;
	assert_int_equal(scan_json("[1,2,3]", 7, t, 4, NULL), 4);
	assert_int_equal(scan_json("[1,2,3]", 7, t, 3, &where), SCAN_FULL);
	assert_int_equal(where, 5);
	assert_int_equal(scan_json("{\"a\":1}", 7, t, 2, NULL), SCAN_FULL);
	assert_int_equal(scan_json("1", 1, t, 0, NULL), SCAN_FULL);
	assert_int_equal(scan_json("1", 1, NULL, 0, NULL), SCAN_FULL);
	assert_int_equal(scan_json(NULL, 0, t, 4, NULL), SCAN_EMPTY);
	assert_int_equal(scan_json("1", (size_t)SCAN_MAX + 1, t, 4, NULL), SCAN_BIG);
}

static void
every_error_has_its_sentence(void **state)
{
	(void)state;
	for (int e = SCAN_MEMORY; e < SCAN_OK; e++)
		assert_string_not_equal(scan_strerror(e), scan_strerror(SCAN_OK));
}

static void
a_growing_scan_takes_documents_of_any_size(void **state)
{
	static const int row[] = { 1, 127, 128, 255, 256, 1000, 100000, 3 };
	char *s = malloc(2 * 100000 + 2);
	struct scan sc = { 0 };

	(void)state;
	assert_non_null(s);
	for (size_t i = 0; i < LEN(row); i++) {
		size_t n = 0;

		for (int k = 0; k < row[i]; k++) {
			s[n++] = k == 0 ? '[' : ',';
			s[n++] = '7';
		}
		s[n++] = ']';
		assert_int_equal(scan_doc(&sc, s, n), row[i] + 1);
		assert_int_equal(sc.n, row[i] + 1);
		assert_int_equal(sc.t[0].n, row[i]);
		assert_int_equal(sc.t[0].len, n);
	}
	assert_int_equal(scan_doc(&sc, "[1,}", 4), SCAN_SYNTAX);
	assert_int_equal(sc.where, 3);
	scan_free(&sc);
	assert_null(sc.t);
	free(s);
}

static void
members_are_found_by_name(void **state)
{
	const struct tok *t = doc("{\"a\":[{\"b\":7}],\"b\":1,\"c\\u0064\":2,\"\":3,"
	    "\"b\":4,\"e\\n\":{\"b\":5},\"\xc3\xa9\":6}");
	static const struct { const char *key; int64_t want; } row[] = {
		{ "b", 1 }, { "cd", 2 }, { "", 3 }, { "\xc3\xa9", 6 },
		{ "c", -1 }, { "cde", -1 }, { "c\\u0064", -1 }, { "e\n", -1 },
		{ "B", -1 }, { "bb", -1 }, { "a", -1 },
	};
	int64_t got;

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		got = -1;
		scan_get_i64(t, t, row[i].key, &got);
		assert_int_equal(got, row[i].want);
	}
	assert_null(scan_get(t, t, "missing"));
	assert_null(scan_get(t, NULL, "b"));
	assert_null(scan_get(t, scan_get(t, t, "a"), "b"));
	assert_null(scan_get(t, scan_get(t, t, "b"), "b"));
	assert_true(scan_get_i64(t, scan_get(t, t, "e\n"), "b", &got));
	assert_int_equal(got, 5);
}

static void
a_walk_meets_every_item_and_steps_over_what_is_inside(void **state)
{
	static const struct { const char *doc, *want; } row[] = {
		{ "[]", "" }, { "{}", "" }, { "1", "" }, { "\"a\"", "" },
		{ "[1]", "1 " }, { "[[2,3],4,{\"k\":[5]},6]", "[2,3] 4 {\"k\":[5]} 6 " },
		{ "{\"a\":[1,2],\"b\":{\"c\":3}}", "a [1,2] b {\"c\":3} " },
	};
	char got[64];

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		const struct tok *t = doc(row[i].doc);
		char *p = got;

		*p = '\0';
		for (const struct tok *v = scan_first(t); v != NULL; v = scan_next(t, t, v))
			p += snprintf(p, 32, "%.*s ", (int)v->len, v->p);
		assert_string_equal(got, row[i].want);
	}
	assert_null(scan_first(NULL));
}

static void
a_name_that_occurs_twice_is_seen(void **state)
{
	static const struct { const char *doc; bool want; } row[] = {
		{ "{}", false }, { "[1,1]", false }, { "1", false },
		{ "{\"a\":1}", false }, { "{\"a\":1,\"b\":1}", false },
		{ "{\"a\":1,\"b\":2,\"a\":3}", true }, { "{\"a\":1,\"\\u0061\":2}", true },
		{ "{\"a\":{\"b\":1},\"b\":2}", false }, { "{\"a\":{\"b\":1,\"b\":2}}", false },
		{ "{\"\":1,\"\":2}", true }, { "{\"a\":1,\"A\":2}", false },
		{ "{\"ab\":1,\"a\":2}", false }, { "{\"a\\u0000\":1,\"a\":2}", false },
		{ "{\"\\ud83d\\ude00\":1,\"\xf0\x9f\x98\x80\":2}", true },
		{ "{\"/\":1,\"\\/\":2}", true },
		/* alike in length, first, middle and last letter */
		{ "{\"abXcd\":1,\"aeXfd\":2}", false }, { "{\"abXcd\":1,\"aeXfd\":2,\"abXcd\":3}", true },
	};

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		const struct tok *t = doc(row[i].doc);

		if (scan_has_duplicate(t, t) != row[i].want)
			fail_msg("%s", row[i].doc);
	}
	assert_false(scan_has_duplicate(toks, NULL));
}

/* Some 17 to 100000 names, of which the last repeats the first, escaped; or not. */
static void
a_name_that_occurs_twice_is_seen_in_large_objects(void **state)
{
	static const int row[] = { 15, 16, 17, 18, 100, 100000 };
	char *s = malloc(24 * 100000 + 64);
	struct scan sc = { 0 };

	(void)state;
	assert_non_null(s);
	for (size_t i = 0; i < LEN(row); i++)
		for (int twice = 0; twice < 2; twice++) {
			char *p = s;

			*p++ = '{';
			for (int k = 0; k < row[i]; k++)
				p += sprintf(p, "\"n%d\":{\"x\":%d},", k * 7919 % 100003, k);
			p += sprintf(p, "\"\\u006e%s\":0}", twice ? "0" : "x");
			assert_true(scan_doc(&sc, s, (size_t)(p - s)) > 0);
			assert_int_equal(scan_has_duplicate(sc.t, sc.t), twice);
		}
	scan_free(&sc);
	free(s);
}

static void
texts_come_without_their_escapes(void **state)
{
	static const struct { const char *doc, *want; } row[] = {
		{ "\"\"", "" }, { "\"BTCUSDT\"", "BTCUSDT" },
		{ "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t" },
		{ "\"\\u0041\\u00e9\\u20AC\\ud83d\\ude00\"", "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80" },
		{ "\"\\u007f\\u0080\\u07ff\\u0800\\uffff\"",
		  "\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf" },
		{ "\"\\ud800\\udc00\\udbff\\udfff\"", "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf" },
		{ "\"\xc3\xa9\\n\"", "\xc3\xa9\n" }, { "\"\\\\u0041\"", "\\u0041" },
	};
	char out[64];

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		const struct tok *t = doc(row[i].doc);
		size_t n = strlen(row[i].want);

		assert_true(scan_str(t, out, sizeof out));
		assert_string_equal(out, row[i].want);
		assert_true(scan_is(t, row[i].want));
		assert_true(scan_str(t, out, n + 1));
		memset(out, '#', sizeof out);
		assert_false(scan_str(t, out, n));
		assert_int_equal(out[0], '#');		/* untouched when it does not fit */
		memcpy(out, row[i].want, n);
		memcpy(out + n, "x", 2);
		assert_false(scan_is(t, out));
		if (n > 0) {
			out[n - 1] = '\0';
			assert_false(scan_is(t, out));
		}
	}
	assert_false(scan_str(doc("\"a\\u0000b\""), out, sizeof out));
	assert_false(scan_is(doc("\"a\\u0000b\""), "a"));
	assert_false(scan_str(doc("12"), out, sizeof out));
	assert_false(scan_is(doc("12"), "12"));
	assert_false(scan_is(doc("true"), "true"));
	assert_false(scan_str(doc("[\"a\"]"), out, sizeof out));
	assert_false(scan_str(NULL, out, sizeof out));
	assert_false(scan_is(NULL, ""));
}

static void
integers_are_exact_or_refused(void **state)
{
	static const struct { const char *doc; bool ok; int64_t want; } row[] = {
		{ "0", true, 0 }, { "-0", true, 0 }, { "-1", true, -1 },
		{ "\"8886774\"", true, 8886774 }, { "1562305380000", true, 1562305380000 },
		{ "9223372036854775807", true, INT64_MAX },
		{ "\"-9223372036854775808\"", true, INT64_MIN },
		{ "9223372036854775808", false, 0 }, { "-9223372036854775809", false, 0 },
		{ "\"99999999999999999999999999999999999999999\"", false, 0 },
		{ "1.0", false, 0 }, { "1e3", false, 0 }, { "1.2345678901234568e+18", false, 0 },
		{ "\"\"", false, 0 }, { "\"-\"", false, 0 }, { "\"+1\"", false, 0 },
		{ "\" 1\"", false, 0 }, { "\"1 \"", false, 0 }, { "\"01\"", false, 0 },
		{ "\"-01\"", false, 0 }, { "\"1a\"", false, 0 }, { "\"0x1\"", false, 0 },
		{ "\"\\u0031\\u0032\"", true, 12 }, { "\"1\\u0000\"", false, 0 },
		{ "null", false, 0 }, { "true", false, 0 }, { "[1]", false, 0 }, { "{}", false, 0 },
	};
	int64_t got;

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		got = 0;
		if (scan_i64(doc(row[i].doc), &got) != row[i].ok || got != row[i].want)
			fail_msg("%s: %lld", row[i].doc, (long long)got);
	}
	assert_false(scan_i64(NULL, &got));
}

static void
decimals_keep_their_digits(void **state)
{
	static const struct { const char *doc, *want; } row[] = {
		{ "\"11794.15000000\"", "11794.15000000" }, { "0.1", "0.1" }, { "-3", "-3" },
		{ "1E-8", "0.00000001" }, { "\"2.5e+3\"", "2500" },
		{ "\"0\\u002e5\"", "0.5" }, { "\"1.\"", "no" }, { "\"\"", "no" },
		{ "\"NaN\"", "no" }, { "1e999", "no" }, { "null", "no" }, { "[]", "no" },
		{ "0.1000000000000000055511151231257827", "0.1000000000000000055511151231257827" },
	};
	char text[DEC_STR] = "no";
	dec d;

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		if (scan_dec(doc(row[i].doc), &d))
			dec_print(d, text);
		else
			strcpy(text, "no");
		assert_string_equal(text, row[i].want);
	}
	assert_false(scan_dec(NULL, &d));
}

static void
truth_comes_as_a_word_or_in_quotes(void **state)
{
	static const struct { const char *doc; int want; } row[] = {
		{ "true", 1 }, { "false", 0 }, { "\"true\"", 1 }, { "\"false\"", 0 },
		{ "\"TRUE\"", -1 }, { "1", -1 }, { "0", -1 }, { "null", -1 }, { "\"\"", -1 },
	};
	bool v;

	(void)state;
	for (size_t i = 0; i < LEN(row); i++)
		assert_int_equal(scan_bool(doc(row[i].doc), &v) ? v : -1, row[i].want);
	assert_false(scan_bool(NULL, &v));
}

static void
members_are_read_by_name_and_kind(void **state)
{
	const struct tok *t = doc("{\"s\":\"BTCUSDT\",\"i\":42,\"p\":\"0.10\",\"m\":true}");
	char s[16];
	int64_t i;
	bool b;
	dec d;

	(void)state;
	assert_true(scan_get_is(t, t, "s", "BTCUSDT"));
	assert_false(scan_get_is(t, t, "s", "ETHUSDT"));
	assert_false(scan_get_is(t, t, "x", "BTCUSDT"));
	assert_true(scan_get_str(t, t, "s", s, sizeof s));
	assert_string_equal(s, "BTCUSDT");
	assert_false(scan_get_str(t, t, "i", s, sizeof s));
	assert_true(scan_get_i64(t, t, "i", &i) && i == 42);
	assert_true(scan_get_dec(t, t, "p", &d) && d.c == 10 && d.scale == 2);
	assert_true(scan_get_bool(t, t, "m", &b) && b);
	assert_false(scan_get_bool(t, t, "none", &b));
	assert_false(scan_get_dec(t, NULL, "p", &d));
}

/*
 * Damaged documents
 */

static uint64_t seed;

static uint32_t
rnd(uint32_t below)	/* xorshift64* */
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return (uint32_t)((seed * UINT64_C(2685821657736338717)) >> 33) % below;
}

/* Whether v means the same to libjq. Of a name that occurs twice it keeps the
 * last only: such objects are passed over. */
static bool
same(const struct tok *t, const struct tok *v, jv j)
{
	static const jv_kind kinds[] = {
		[SCAN_OBJ] = JV_KIND_OBJECT, [SCAN_ARR] = JV_KIND_ARRAY,
		[SCAN_STR] = JV_KIND_STRING, [SCAN_NUM] = JV_KIND_NUMBER,
		[SCAN_TRUE] = JV_KIND_TRUE, [SCAN_FALSE] = JV_KIND_FALSE,
		[SCAN_NULL] = JV_KIND_NULL
	};
	bool ok = jv_get_kind(j) == kinds[v->kind];
	char *s = malloc(v->len + 1u), *name;
	const struct tok *k;
	int i = 0;

	if (ok && v->kind == SCAN_STR && scan_str(v, s, v->len + 1u))
		ok = strcmp(s, jv_string_value(j)) == 0;
	if (ok && v->kind == SCAN_ARR) {
		ok = (uint32_t)jv_array_length(jv_copy(j)) == v->n;
		for (k = scan_first(v); ok && k != NULL; k = scan_next(t, v, k))
			ok = same(t, k, jv_array_get(jv_copy(j), i++));
	}
	if (ok && v->kind == SCAN_OBJ && !scan_has_duplicate(t, v)) {
		ok = (uint32_t)jv_object_length(jv_copy(j)) == v->n;
		for (k = scan_first(v); ok && k != NULL; k = scan_next(t, v, k + 1)) {
			name = malloc(k->len + 1u);
			if (scan_str(k, name, k->len + 1u))
				ok = same(t, k + 1, jv_object_get(jv_copy(j), jv_string(name))) &&
				    scan_get(t, v, name) == k + 1;
			free(name);
		}
	}
	free(s);
	jv_free(j);
	return ok;
}

/* One change: a bit, a byte, a piece cut out, a piece doubled. */
static size_t
damage(char *s, size_t n, size_t room)
{
	static const char bytes[] = "{}[]:,\"\\u0eE+-. \n\t/tfn\x80\xc3\xa9\xed\xf0\x1f\xff";
	size_t at = rnd((uint32_t)n), len = 1 + rnd(8);

	if (len > n - at)
		len = n - at;
	switch (rnd(4)) {
	case 0:
		s[at] = (char)(s[at] ^ 1 << rnd(8));
		return n;
	case 1:
		s[at] = bytes[rnd(sizeof bytes)];
		return n;
	case 2:
		memmove(s + at, s + at + len, n - at - len);
		return n > len ? n - len : n;
	}
	if (n + len > room)
		return n;
	memmove(s + at + len, s + at, n - at);
	return n + len;
}

static void
damaged_documents_are_refused_or_still_a_tree(void **state)
{
	static const char *const row[] = {
		("{\"e\":\"ORDER_TRADE_UPDATE\",\"T\":1568879465651,\"o\":{\"s\":\"BTCUSDT\",\"L\":\"0\","
		"\"rp\":-0.5e-3,\"b\":[[\"1\",\"2\"],[]],\"m\":false,\"c\":null}}"),
		"[\"\\u00e9\\ud83d\\ude00\\n\\\"\",\"\xe2\x82\xac\xf0\x9f\x98\x80\xc3\xa9\",0,-1.5E+10,true,{\"\":{}}]",
		"{\"code\":-1121,\"msg\":\"Invalid \\\"symbol\\\".\"}",
		"[[[[[[[[{\"a\":[{\"a\":{\"\\u0061\":1}}]}]]]]]]]]",
	};
	int n, good = 0;
	char s[256];
	size_t len;

	(void)state;
	seed = 8259;
	for (int i = 0; i < 60000; i++) {
		len = strlen(row[i % (int)LEN(row)]);
		memcpy(s, row[i % (int)LEN(row)], len);
		for (uint32_t k = rnd(3) + 1; k > 0; k--)
			len = damage(s, len, sizeof s);
		if ((n = scan(s, len, NULL)) < 0)
			continue;
		good++;
		assert_int_equal(check_tree(0, copy, copy + len, 0), n);
		if (!same(toks, toks, jv_parse_sized(s, (int)len)))
			fail_msg("%.*s", (int)len, s);
	}
	assert_true(good > 1000);	/* else the test shows little */
}

static int
forget(void **state)
{
	(void)state;
	free(copy);
	copy = NULL;
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_rfc_allows_is_accepted),
		cmocka_unit_test(what_the_rfc_forbids_is_refused_and_its_place_is_told),
		cmocka_unit_test(any_beginning_of_a_document_is_refused),
		cmocka_unit_test(an_odd_byte_is_found_at_any_place_of_a_string),
		cmocka_unit_test(depth_is_limited),
		cmocka_unit_test(size_and_count_of_tokens_are_limited),
		cmocka_unit_test(every_error_has_its_sentence),
		cmocka_unit_test(a_growing_scan_takes_documents_of_any_size),
		cmocka_unit_test(members_are_found_by_name),
		cmocka_unit_test(a_walk_meets_every_item_and_steps_over_what_is_inside),
		cmocka_unit_test(a_name_that_occurs_twice_is_seen),
		cmocka_unit_test(a_name_that_occurs_twice_is_seen_in_large_objects),
		cmocka_unit_test(texts_come_without_their_escapes),
		cmocka_unit_test(integers_are_exact_or_refused),
		cmocka_unit_test(decimals_keep_their_digits),
		cmocka_unit_test(truth_comes_as_a_word_or_in_quotes),
		cmocka_unit_test(members_are_read_by_name_and_kind),
		cmocka_unit_test(damaged_documents_are_refused_or_still_a_tree),
	};

	return cmocka_run_group_tests(tests, NULL, forget);
}
