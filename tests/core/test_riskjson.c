/* Worlds written down and read back (cmd/bf-risk/world_json.c, world_read.c), and random streams of records into them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "worldrand.h"

/*
 * There and back
 */

static struct world *
read_back(const struct buf *b)
{
	struct world *w = calloc(1, sizeof *w);
	struct scan sc = { 0 };
	struct fault f = { 0 };

	assert_non_null(w);
	assert_false(b->bad);
	if (scan_doc(&sc, b->p, b->len) <= 0)
		fail_msg("no JSON: %s", b->p);
	assert_false(scan_has_duplicate(sc.t, sc.t));
	if (world_read(w, sc.t, sc.t, &f) == -1)
		fail_msg("%s in %s", f.text, b->p);
	scan_free(&sc);
	return w;
}

static void
free_world(struct world *w)
{
	world_free(w);
	free(w);
}

static void
same_dec(dec a, dec b)
{
	assert_int_equal(dec_cmp(a, b), 0);
	assert_int_equal(a.scale, b.scale);
}

/* What judge asks of a world, of both. asked: it was written for this symbol. */
static void
same_answers(const struct world *a, const struct world *b, const char *symbol, bool asked)
{
	static const char *const assets[] = { "USDT", "USDC", "BTC", NULL };
	struct exposure x[2];
	struct worst got[2];
	dec v[2];
	enum market m;
	const struct sym *sa = sym_find(a, symbol, strlen(symbol)), *sb = sym_find(b, symbol, strlen(symbol));

	world_market(a, symbol, &m);
	for (int side = POS_BOTH; side <= POS_SHORT; side++) {
		memset(got, 0, sizeof got);
		assert_int_equal(worst_of(&got[0], a, m, symbol, (enum pos_side)side, NULL),
		    worst_of(&got[1], b, m, symbol, (enum pos_side)side, NULL));
		same_dec(got[0].n, got[1].n);
		same_dec(got[0].value, got[1].value);
	}
	for (size_t i = 0; i < sizeof assets / sizeof *assets; i++) {
		memset(x, 0, sizeof x);
		assert_int_equal(exposure_of(&x[0], a, m, assets[i], NULL), exposure_of(&x[1], b, m, assets[i], NULL));
		same_dec(x[0].gross, x[1].gross);
		same_dec(x[0].gross_value, x[1].gross_value);
		same_dec(x[0].net_value, x[1].net_value);
	}
	assert_true(sa != NULL || sb == NULL);
	if (sa == NULL || (sb == NULL && !asked))
		return;
	assert_non_null(sb);
	memset(v, 0, sizeof v);
	assert_int_equal(vol_ewma(&v[0], &sa->vol, a->now.ms), vol_ewma(&v[1], &sb->vol, b->now.ms));
	same_dec(v[0], v[1]);
	assert_int_equal(vol_range(&v[0], &sa->vol, a->now.ms), vol_range(&v[1], &sb->vol, b->now.ms));
	same_dec(v[0], v[1]);
}

static void
test_there_and_back(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 300; round++) {
		struct world *w = random_world(dice(round < 20 ? 3 : 200)), *back;
		const char *symbol = dice(4) ? pick(symbols, SYMBOLS) : NULL;
		struct buf one = { 0 }, two = { 0 };

		world_json(w, symbol, INT64_MAX, &one);
		back = read_back(&one);
		world_json(back, symbol, INT64_MAX, &two);
		assert_false(two.bad);
		assert_string_equal(one.p, two.p);
		if (symbol != NULL)
			same_answers(w, back, symbol, true);
		for (size_t i = 0; symbol == NULL && i < SYMBOLS; i++)
			same_answers(w, back, symbols[i], false);
		buf_free(&one);
		buf_free(&two);
		free_world(back);
		world_end(w);
	}
}

/* Of 500 contracts and 400 flat rows only what matters is written. */
static void
test_a_record_is_moderate(void **state)
{
	struct world *w = world_new();
	struct account *a = &w->acct[MARKET_USDM];
	struct buf b = { 0 };
	char name[32];

	(void)state;
	for (int i = 0; i < 500; i++) {
		snprintf(name, sizeof name, "S%dUSDT", i);
		add_contract(w, name, "USDT", "0");
		for (int k = 0; k < 100; k++)
			world_price(w, name, strlen(name), D("100.5"), D("0"), T0 - 100000 + k * 1000, true);
	}
	for (int i = 0; i < 400; i++) {
		snprintf(name, sizeof name, "S%dUSDT", i);
		put_position(w, name, "BOTH", "0", "0", "100.5");
	}
	put_position(w, "BTCUSDT", "BOTH", "0.01", "60000", "60000");
	for (int i = 0; i < 3000; i++)
		w->passed[w->npassed++] = (struct passed){ w->now.mono_ms - 70000, 7 };
	assert_int_equal(a->npos, 401);
	world_json(w, "S7USDT", 60000, &b);
	assert_false(b.bad);
	assert_non_null(strstr(b.p, "\"S7USDT\""));
	assert_non_null(strstr(b.p, "\"BTCUSDT\""));
	assert_null(strstr(b.p, "S8USDT"));
	assert_in_range(b.len, 1000, 8000);
	buf_free(&b);
	world_end(w);
}

/* Text that was cut in the middle of a character, and a reason of full length. */
static void
test_a_reason_that_was_cut(void **state)
{
	struct world *w = world_new(), *back;
	struct buf one = { 0 }, two = { 0 };

	(void)state;
	for (size_t i = 0; i + 3 < sizeof w->health.latch_why; i += 3)
		memcpy(w->health.latch_why + i, "\xe5\xb8\x81", 3);
	w->health.latch_why[198] = '\xe5';
	world_json(w, NULL, 0, &one);
	back = read_back(&one);
	assert_int_equal(strlen(back->health.latch_why), 198);
	world_json(back, NULL, 0, &two);
	assert_string_equal(one.p, two.p);
	buf_free(&one);
	buf_free(&two);
	free_world(back);
	world_end(w);
}

/*
 * Nothing that is read is trusted
 */

/* A damaged text: bytes changed, taken out, or put twice. */
static size_t
damage(char *to, const struct buf *b)
{
	static const char bytes[] = "0123456789-.,:[]{}\"aeutrfn \\\x80\xff";
	size_t n = b->len, at, len;

	memcpy(to, b->p, n);
	for (unsigned k = dice(3) + 1; k > 0; k--) {
		at = dice((unsigned)n);
		len = dice(20) + 1;
		if (len > n - at)
			len = n - at;
		switch (dice(4)) {
		case 0:
			to[at] = bytes[dice(sizeof bytes - 1)];
			break;
		case 1:
			memmove(to + at, to + at + len, n - at - len);
			n -= len;
			break;
		case 2:
			memmove(to + at + len, to + at, n - at);
			n += len;
			break;
		default:
			if (to[at] >= '0' && to[at] <= '9')
				to[at] = (char)('0' + dice(10));
		}
		if (n == 0)
			break;
	}
	return n;
}

static void
test_damaged_text_is_refused_or_read_whole(void **state)
{
	unsigned read = 0, refused = 0;

	(void)state;
	for (unsigned round = 0; round < 30; round++) {
		struct world *w = random_world(120), *back;
		struct buf b = { 0 }, again = { 0 };
		struct scan sc = { 0 };
		char *text;
		size_t n;

		world_json(w, NULL, INT64_MAX, &b);
		assert_non_null(text = malloc(b.len + 100));
		for (unsigned k = 0; k < 300; k++) {
			struct fault f = { 0 };

			n = damage(text, &b);
			if (scan_doc(&sc, text, n) <= 0)
				continue;
			assert_non_null(back = calloc(1, sizeof *back));
			if (world_read(back, sc.t, sc.t, &f) == 0) {
				read++;
				buf_reset(&again);
				world_json(back, NULL, INT64_MAX, &again);	/* whatever it is: it can be used */
				same_answers(back, back, "BTCUSDT", true);
				same_answers(back, back, "BTCUSD_PERP", true);
			} else {
				refused++;
				assert_true(f.kind == FAULT_REJECTED || f.kind == FAULT_USAGE);
				assert_true(f.text[0] != '\0');
			}
			free_world(back);
		}
		free(text);
		buf_free(&b);
		buf_free(&again);
		scan_free(&sc);
		world_end(w);
	}
	assert_true(read > 100 && refused > 100);
}

static void
test_what_is_refused(void **state)
{
	static const struct { const char *from, *to, *names; } row[] = {
		{ "'symbol':'BTCUSDT','margin_asset'", "'symbol':7,'margin_asset'", "position: symbol" },
		{ "'side':'BOTH'", "'side':'UP'", "position: side" },
		{ "'entry':'60000'", "'entry':60000", "position: entry" },
		{ "'entry':'60000'", "'entry':'sixty'", "position: entry" },
		{ "'entry':'60000'", "'entry':null", "position: entry" },
		{ "'mono_ms':1000000", "'mono_ms':9223372036854775807", "world: mono_ms" },
		{ "'market':'usdm'", "'market':'coinm'", "each market once" },
		{ "'market':'usdm'", "'market':'spot'", "market: market" },
		{ "'pending':[", "'pending':[{}", "pending: symbol" },
		{ "'pending':[", "'pending':{},'x':[", "pending" },
		{ "'passed':[", "'passed':[1", "passed" },
		{ "'passed':[", "'passed':[1,'xyz'", "passed" },
		{ "'tiers':[[", "'tiers':[[],[", "tiers" },
		{ "'ring':[", "'ring':[64,'1','2',", "ring" },
		{ "'blocked':9", "'blocked':-9", "world: blocked" },
		{ "'health':{", "'health':7,'x':{", "health" },
	};
	struct world *w = world_new(), *back;
	struct buf b = { 0 };

	(void)state;
	put_position(w, "BTCUSDT", "BOTH", "0.01", "60000", "60000");
	w->blocked = 9;
	world_json(w, NULL, INT64_MAX, &b);
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct buf bad = { 0 };
		struct scan sc = { 0 };
		struct fault f = { 0 };
		char from[64], to[64], *at;

		snprintf(from, sizeof from, "%s", row[i].from);
		snprintf(to, sizeof to, "%s", row[i].to);
		for (char *p = from; *p != '\0'; p++)
			*p = *p == '\'' ? '"' : *p;
		for (char *p = to; *p != '\0'; p++)
			*p = *p == '\'' ? '"' : *p;
		if ((at = strstr(b.p, from)) == NULL)
			fail_msg("bad test: %s is not in %s", from, b.p);
		buf_put(&bad, b.p, (size_t)(at - b.p));
		buf_str(&bad, to);
		buf_str(&bad, at + strlen(from));
		if (scan_doc(&sc, bad.p, bad.len) <= 0)
			fail_msg("bad test: no JSON: %s", bad.p);
		assert_non_null(back = calloc(1, sizeof *back));
		assert_int_equal(world_read(back, sc.t, sc.t, &f), -1);
		if (strstr(f.text, row[i].names) == NULL)
			fail_msg("%s: %s", row[i].to, f.text);
		free_world(back);
		buf_free(&bad);
		scan_free(&sc);
	}
	buf_free(&b);
	world_end(w);
}

/*
 * Streams
 */

struct times { int64_t mark[SYMBOLS], vol[SYMBOLS], as_of[MARKETS], pos[SYMBOLS][3]; };

static void
times_of(struct times *ts, struct world *w)
{
	memset(ts, 0, sizeof *ts);
	for (size_t i = 0; i < SYMBOLS; i++) {
		const struct sym *s = sym_find(w, symbols[i], strlen(symbols[i]));

		ts->mark[i] = s == NULL ? 0 : s->mark_ms;
		ts->vol[i] = s == NULL ? 0 : s->vol.at;
		for (int m = 0; m < MARKETS; m++)
			for (int k = 0; k < 3; k++) {
				const struct position *p = account_position(&w->acct[m], symbols[i], (enum pos_side)k);

				if (p != NULL)
					ts->pos[i][k] = p->update_ms;
			}
	}
	for (int m = 0; m < MARKETS; m++)
		ts->as_of[m] = w->acct[m].as_of_ms;
}

/* Records of any time, in any order: nothing known becomes older, nothing is of the future. */
static void
test_time_backwards_moves_nothing_back(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 40; round++) {
		struct world *w = world_new();
		struct times was, now;
		char text[1024];

		times_of(&was, w);
		for (int i = 0; i < 400; i++) {
			w->now.ms += (int64_t)dice(900) - 300;	/* our own clock steps, too */
			one_record(w, text, sizeof text);
			feed(w, text);
			times_of(&now, w);
			for (size_t k = 0; k < sizeof now / sizeof(int64_t); k++)
				if (((int64_t *)&now)[k] < ((int64_t *)&was)[k])
					fail_msg("%zu went back by %s", k, text);
			for (size_t k = 0; k < SYMBOLS; k++)
				if (now.mark[k] != was.mark[k])
					assert_true(now.mark[k] <= w->now.ms + w->max_future_ms);
			was = now;
		}
		world_end(w);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_a_record_is_moderate),
		cmocka_unit_test(test_a_reason_that_was_cut),
		cmocka_unit_test(test_damaged_text_is_refused_or_read_whole),
		cmocka_unit_test(test_what_is_refused),
		cmocka_unit_test(test_time_backwards_moves_nothing_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
