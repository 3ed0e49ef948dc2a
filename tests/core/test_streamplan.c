/* Bounds are the exchange's: 1024 streams a connection; names are told exactly once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../cmd/bf-stream/plan.h"
#include "core/scan.h"
#include "io/ws.h"

static const struct stream_row on_public = { .name = "bookTicker", .route = ROUTE_PUBLIC };
static const struct stream_row on_market = { .name = "aggTrade", .route = ROUTE_MARKET };

/* n wants of one market, added: every third one on the public route. */
static void
add(struct wants *w, enum market m, int n, const char *form)
{
	char name[256];

	w->w = realloc(w->w, (size_t)(w->n + n + 1) * sizeof *w->w);
	assert_non_null(w->w);
	for (int i = 0; i < n; i++) {
		snprintf(name, sizeof name, "%s%d@x", form, i);
		w->w[w->n++] = (struct want){ .market = m, .row = i % 3 == 0 ? &on_public : &on_market,
		    .name = strdup(name) };
	}
}

static void
drop(struct wants *w)
{
	for (int i = 0; i < w->n; i++)
		free(w->w[i].name);
	free(w->w);
}

/* %XX undone, in place. */
static void
decode(char *s)
{
	char *to = s, hex[3] = "";

	for (; *s != '\0'; s++)
		if (*s == '%') {
			memcpy(hex, s + 1, 2);
			*to++ = (char)strtol(hex, NULL, 16);
			s += 2;
		} else
			*to++ = *s;
	*to = '\0';
}

/* The next want of the part must be this one. */
static void
told(const struct part *p, int *at, const char *name)
{
	assert_true(*at < p->n);
	assert_string_equal(p->w[*at]->name, name);
	++*at;
}

static void
frame_ok(const struct part *p, const struct buf *b, long id, int *at)
{
	struct scan sc = { 0 };
	const struct tok *list, *v;
	char name[256];
	int64_t got;

	assert_false(b->bad);
	assert_in_range(b->len, 1, FRAME_BYTES);
	assert_true(scan_doc(&sc, b->p, b->len) > 0);
	assert_true(scan_get_is(sc.t, sc.t, "method", "SUBSCRIBE"));
	assert_true(scan_get_i64(sc.t, sc.t, "id", &got));
	assert_int_equal(got, id);
	list = scan_get(sc.t, sc.t, "params");
	assert_in_range(list->n, 1, FRAME_NAMES);
	for (v = scan_first(list); v != NULL; v = scan_next(sc.t, list, v)) {
		assert_true(scan_str(v, name, sizeof name));
		told(p, at, name);
	}
	scan_free(&sc);
}

/* Path and messages of a part name each of its streams once, in order. */
static void
part_ok(const struct part *p, const char *begins, size_t size)
{
	char path[WS_PATH_MAX], *name, *save = NULL;
	struct buf b = { 0 };
	int at = 0, from, next;
	long id = 1;

	from = part_path(p, path, size);
	assert_true(strlen(path) < size);
	assert_int_equal(strncmp(path, begins, strlen(begins)), 0);
	for (const char *s = path; *s != '\0'; s++)
		assert_true(*s > ' ' && *s < 0x7f);
	if (from > 0) {
		name = strchr(path, '=') + 1;
		for (name = strtok_r(name, "/", &save); name != NULL; name = strtok_r(NULL, "/", &save)) {
			decode(name);
			told(p, &at, name);
		}
	}
	assert_int_equal(at, from);
	for (; from < p->n; from = next, id++) {
		next = part_frame(p, from, id, &b);
		assert_true(next > from);
		frame_ok(p, &b, id, &at);
		assert_int_equal(at, next);
	}
	assert_int_equal(at, p->n);
	buf_free(&b);
}

/* Every want is in one part, one that is for it; parts of a route differ by one at most. */
static void
plan_ok(const struct plan *p, const struct wants *w)
{
	char *times = calloc((size_t)w->n + 1, 1);
	const char *begins;

	for (int i = 0; i < p->n; i++) {
		const struct part *a = &p->p[i];

		assert_in_range(a->n, 1, STREAMS_PER_CONN);
		begins = a->market == MARKET_COINM ? "/stream" :
		    a->route == ROUTE_PUBLIC ? "/public/stream" : "/market/stream";
		part_ok(a, begins, WS_PATH_MAX);
		part_ok(a, begins, 40);
		for (int j = 0; j < a->n; j++) {
			assert_int_equal(a->w[j]->market, a->market);
			if (a->market == MARKET_USDM)
				assert_int_equal(a->w[j]->row->route, a->route);
			times[a->w[j] - w->w]++;
		}
		for (int j = 0; j < i; j++) {
			assert_string_not_equal(p->p[j].name, a->name);
			if (p->p[j].market == a->market && (a->market == MARKET_COINM || p->p[j].route == a->route))
				assert_in_range(p->p[j].n - a->n + 1, 0, 2);
		}
	}
	for (int i = 0; i < w->n; i++)
		assert_int_equal(times[i], 1);
	free(times);
}

static void
check(int usdm, int coinm, int parts, const char *form)
{
	struct wants w = { 0 };
	struct plan p;
	struct fault f;

	add(&w, MARKET_USDM, usdm, form);
	add(&w, MARKET_COINM, coinm, form);
	assert_int_equal(plan_make(&p, &w, &f), 0);
	assert_int_equal(p.n, parts);
	plan_ok(&p, &w);
	plan_free(&p);
	drop(&w);
}

static void
test_each_stream_is_in_one_part_and_named_once(void **state)
{
	/* a third is on the public route, the rest on the other */
	static const struct { int usdm, coinm, parts; } row[] = {
		{ 0, 0, 0 }, { 1, 0, 1 }, { 2, 0, 2 }, { 0, 1, 1 }, { 0, 1024, 1 }, { 0, 1025, 2 },
		{ 0, 2048, 2 }, { 0, 2049, 3 }, { 1536, 0, 2 }, { 1537, 0, 2 }, { 1538, 0, 3 }, { 3000, 0, 2 + 1 },
		{ 3072, 0, 2 + 1 }, { 3073, 0, 2 + 2 }, { 3000, 3000, 3 + 3 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		check(row[i].usdm, row[i].coinm, row[i].parts, "btcusdt");
}

static void
test_parts_are_filled_evenly_and_have_names(void **state)
{
	static const struct { const char *name; int n; } want[] = {
		{ "public", 342 }, { "market", 683 }, { "coinm", 513 }, { "coinm-2", 512 },
	};
	struct wants w = { 0 };
	struct plan p;
	struct fault f;

	(void)state;
	add(&w, MARKET_COINM, 1025, "btcusd_perp");
	add(&w, MARKET_USDM, 1025, "btcusdt");
	assert_int_equal(plan_make(&p, &w, &f), 0);
	assert_int_equal(p.n, 4);
	for (int i = 0; i < 4; i++) {
		assert_string_equal(p.p[i].name, want[i].name);
		assert_int_equal(p.p[i].n, want[i].n);
	}
	plan_free(&p);
	plan_free(&p);	/* once more does nothing */
	plan_free(NULL);
	drop(&w);
}

/* Three bytes a letter, nine in the path; in a message as they are. */
static void
test_names_in_utf8_are_encoded_in_the_path_only(void **state)
{
	struct wants w = { 0 };
	struct plan p;
	struct buf b = { 0 };
	struct fault f;
	char path[WS_PATH_MAX];

	(void)state;
	add(&w, MARKET_USDM, 2, "币安人生usdt");
	free(w.w[1].name);
	w.w[1].name = strdup("!ticker@arr");
	w.w[1].row = &on_public;
	assert_int_equal(plan_make(&p, &w, &f), 0);
	assert_int_equal(part_path(&p.p[0], path, sizeof path), 2);
	assert_string_equal(path, "/public/stream?streams="
	    "%E5%B8%81%E5%AE%89%E4%BA%BA%E7%94%9Fusdt0@x/!ticker@arr");
	assert_int_equal(part_frame(&p.p[0], 0, 7, &b), 2);
	assert_string_equal(b.p,
	    "{\"method\":\"SUBSCRIBE\",\"params\":[\"币安人生usdt0@x\",\"!ticker@arr\"],\"id\":7}");
	assert_int_equal(part_frame(&p.p[0], 1, 8, &b), 2);
	assert_string_equal(b.p, "{\"method\":\"SUBSCRIBE\",\"params\":[\"!ticker@arr\"],\"id\":8}");
	buf_free(&b);
	plan_free(&p);
	drop(&w);
	check(3000, 100, 4, "币安人生币安人生币安人生币安人生币安人生usdt");
}

static void
test_a_small_path_names_none_and_leaves_it_to_the_messages(void **state)
{
	struct wants w = { 0 };
	struct plan p;
	struct fault f;
	char path[64];

	(void)state;
	add(&w, MARKET_COINM, 3, "btcusd_perp");
	assert_int_equal(plan_make(&p, &w, &f), 0);
	memset(path, 'x', sizeof path);
	assert_int_equal(part_path(&p.p[0], path, sizeof "/stream?streams=btcusd_perp0@" - 1), 0);
	assert_string_equal(path, "/stream");
	assert_int_equal(part_path(&p.p[0], path, sizeof "/stream?streams=btcusd_perp0@x"), 1);
	assert_string_equal(path, "/stream?streams=btcusd_perp0@x");
	assert_int_equal(part_path(&p.p[0], path, 5), 0);
	assert_string_equal(path, "");
	plan_free(&p);
	drop(&w);
}

static void
test_a_name_no_request_can_carry_is_refused(void **state)
{
	static char form[FRAME_BYTES + 100];
	struct wants w = { 0 };
	struct plan p;
	struct fault f;

	(void)state;
	memset(form, 'a', sizeof form - 1);
	add(&w, MARKET_USDM, 3, "btcusdt");
	free(w.w[2].name);
	w.w[2].name = strdup(form);
	assert_int_equal(plan_make(&p, &w, &f), -1);
	assert_int_equal(f.kind, FAULT_USAGE);
	assert_non_null(strstr(f.text, "too long"));
	plan_free(&p);
	drop(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_stream_is_in_one_part_and_named_once),
		cmocka_unit_test(test_parts_are_filled_evenly_and_have_names),
		cmocka_unit_test(test_names_in_utf8_are_encoded_in_the_path_only),
		cmocka_unit_test(test_a_small_path_names_none_and_leaves_it_to_the_messages),
		cmocka_unit_test(test_a_name_no_request_can_carry_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
