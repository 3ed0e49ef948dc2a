/* The queue before a slow reader, against a model of what was put. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "../../cmd/bf-stream/sink.h"
#include "core/scan.h"

#define T0	INT64_C(1723161256000)

static struct fault fault;

static int
put(struct sink *s, enum sink_kind kind, const char *stream, const char *symbol, const char *rec, int64_t E)
{
	struct sink_key k = { stream, symbol, strlen(symbol), false, E };

	return sink_put(s, kind, &k, rec, strlen(rec), T0, &fault);
}

static int
put_keep(struct sink *s, const char *stream, const char *symbol, const char *rec)
{
	struct sink_key k = { stream, symbol, strlen(symbol), true, 1 };

	return sink_put(s, SINK_LATEST, &k, rec, strlen(rec), T0, &fault);
}

/* All that waits, as the reader gets it. */
static void
gives(struct sink *s, const char *want)
{
	struct buf out = { 0 };

	buf_str(&out, "");
	while (sink_next(s, &out))
		;
	assert_string_equal(out.p, want);
	assert_true(sink_empty(s));
	buf_free(&out);
}

static struct sink *
sink(enum slow how, size_t max)
{
	struct sink *s;

	assert_int_equal(sink_open(&s, how, max, &fault), 0);
	assert_true(sink_empty(s));
	return s;
}

static void
the_words_of_when_slow(void **state)
{
	static const struct { const char *word; enum slow want; } row[] = {
		{ "conflate", SLOW_CONFLATE }, { "buffer", SLOW_BUFFER }, { "drop", SLOW_DROP },
		{ "stop", SLOW_STOP }, { "auto", SLOW_AUTO },
	};
	enum slow how;

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		assert_int_equal(slow_parse(&how, row[i].word, &fault), 0);
		assert_int_equal(how, row[i].want);
	}
	assert_int_equal(slow_parse(&how, "Stop", &fault), -1);
	assert_int_equal(fault.kind, FAULT_USAGE);
	assert_non_null(strstr(fault.text, "\"Stop\""));
	assert_int_equal(slow_parse(&how, "", &fault), -1);
}

static void
a_bound_too_small_to_work_with_is_refused(void **state)
{
	struct sink *s;

	(void)state;
	assert_int_equal(sink_open(&s, SLOW_AUTO, 4095, &fault), -1);
	assert_int_equal(fault.kind, FAULT_USAGE);
	assert_null(s);
	assert_non_null(strstr(fault.text, "4096"));
	sink_free(s);
	sink_free(sink(SLOW_AUTO, 4096));
}

static void
records_come_out_in_the_order_they_came(void **state)
{
	struct sink *s = sink(SLOW_AUTO, 1 << 20);

	(void)state;
	put(s, SINK_EVERY, "a@trade", "A", "{1}", 1);
	put(s, SINK_ACCOUNT, "user", "", "{2}", 2);
	put(s, SINK_EVERY, "a@trade", "A", "{3}", 3);
	assert_int_equal(sink_put(s, SINK_NOTICE, NULL, "{4}", 3, T0, &fault), 0);
	put(s, SINK_LATEST, "b@bookTicker", "B", "{5}", 5);
	assert_int_equal(sink_stats(s).records, 5);
	gives(s, "{1}\n{2}\n{3}\n{4}\n{5}\n");
	assert_int_equal(sink_stats(s).records, 0);
	assert_int_equal(sink_stats(s).lost + sink_stats(s).conflated, 0);
	sink_free(s);
}

static void
a_newer_value_takes_the_place_of_the_older_one(void **state)
{
	struct sink *s = sink(SLOW_AUTO, 1 << 20);

	(void)state;
	put(s, SINK_LATEST, "!bookTicker", "A", "{A1}", 1);
	put(s, SINK_LATEST, "!bookTicker", "B", "{B1}", 1);
	put(s, SINK_EVERY, "a@trade", "A", "{t}", 1);
	put(s, SINK_LATEST, "!bookTicker", "A", "{A2, and longer than the one before it}", 2);
	put(s, SINK_LATEST, "a@markPrice", "A", "{other stream}", 2);
	put(s, SINK_LATEST, "!bookTicker", "B", "{}", 3);
	assert_int_equal(sink_stats(s).records, 4);
	assert_int_equal(sink_stats(s).conflated, 2);
	gives(s, "{A2, and longer than the one before it}\n{}\n{t}\n{other stream}\n");
	put(s, SINK_LATEST, "!bookTicker", "A", "{A3}", 4);	/* nothing to replace any more */
	gives(s, "{A3}\n");
	assert_int_equal(sink_stats(s).conflated, 2);
	sink_free(s);
}

static void
a_closed_candle_is_not_conflated_away(void **state)
{
	struct sink *s = sink(SLOW_AUTO, 1 << 20);

	(void)state;
	put(s, SINK_LATEST, "a@kline_1m", "A", "{1 open}", 1);
	put(s, SINK_EVERY, "a@trade", "A", "{t}", 1);
	put_keep(s, "a@kline_1m", "A", "{1 closed}");
	put(s, SINK_LATEST, "a@kline_1m", "A", "{2 open}", 2);
	put(s, SINK_LATEST, "a@kline_1m", "A", "{2 more}", 3);
	put_keep(s, "a@kline_1m", "A", "{2 closed}");
	put_keep(s, "a@kline_1m", "A", "{3 closed}");
	put(s, SINK_LATEST, "a@kline_1m", "A", "{4 open}", 4);
	gives(s, "{1 closed}\n{t}\n{2 closed}\n{3 closed}\n{4 open}\n");
	assert_int_equal(sink_stats(s).conflated, 3);
	sink_free(s);
}

static void
each_policy_conflates_what_it_says(void **state)
{
	static const struct { enum slow how; const char *want; } row[] = {
		{ SLOW_AUTO, "{L2}\n{E1}\n{E2}\n{U1}\n{U2}\n" },
		{ SLOW_CONFLATE, "{L2}\n{E2}\n{U1}\n{U2}\n" },
		{ SLOW_BUFFER, "{L1}\n{L2}\n{E1}\n{E2}\n{U1}\n{U2}\n" },
		{ SLOW_DROP, "{L1}\n{L2}\n{E1}\n{E2}\n{U1}\n{U2}\n" },
		{ SLOW_STOP, "{L1}\n{L2}\n{E1}\n{E2}\n{U1}\n{U2}\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct sink *s = sink(row[i].how, 1 << 20);

		put(s, SINK_LATEST, "l", "A", "{L1}", 1);
		put(s, SINK_LATEST, "l", "A", "{L2}", 2);
		put(s, SINK_EVERY, "e", "A", "{E1}", 1);
		put(s, SINK_EVERY, "e", "A", "{E2}", 2);
		put(s, SINK_ACCOUNT, "user", "A", "{U1}", 1);
		put(s, SINK_ACCOUNT, "user", "A", "{U2}", 2);
		gives(s, row[i].want);
		sink_free(s);
	}
}

/* Two keys with the same bytes, cut at another place. */
static void
stream_and_symbol_are_told_apart(void **state)
{
	struct sink *s = sink(SLOW_AUTO, 1 << 20);

	(void)state;
	put(s, SINK_LATEST, "ab", "c", "{1}", 1);
	put(s, SINK_LATEST, "a", "bc", "{2}", 1);
	put(s, SINK_LATEST, "abc", "", "{3}", 1);
	put(s, SINK_LATEST, "", "abc", "{4}", 1);
	gives(s, "{1}\n{2}\n{3}\n{4}\n");
	sink_free(s);
}

/* A record of 500 bytes: eight or so fit into the smallest bound. */
static char *
big(char out[static 501], const char *name, int i)
{
	int n = snprintf(out, 501, "{\"%s\":%d,\"pad\":\"", name, i);

	memset(out + n, 'x', 500 - (size_t)n);
	memcpy(out + 498, "\"}", 3);
	return out;
}

/* What came out is that record and a newline. */
static void
assert_line(const struct buf *out, const char *rec)
{
	size_t n = strlen(rec);

	assert_int_equal(out->len, n + 1);
	assert_memory_equal(out->p, rec, n);
	assert_int_equal(out->p[n], '\n');
}

static void
what_is_lost_is_said_at_its_place_once_a_symbol(void **state)
{
	struct sink *s = sink(SLOW_DROP, 4096);
	struct buf out = { 0 };
	char rec[501];
	struct scan sc = { 0 };

	(void)state;
	put(s, SINK_ACCOUNT, "user", "", "{first}", 1);
	for (int i = 0; i < 40; i++) {
		assert_int_equal(put(s, SINK_EVERY, "t", i % 2 ? "A" : "B\"\xff", big(rec, "t", i), 100 + i), 0);
		assert_true(sink_stats(s).bytes < 4096 + 2 * 300);
	}
	assert_true(sink_next(s, &out));
	assert_string_equal(out.p, "{first}\n");
	for (int i = 0; i < 2; i++) {
		int64_t lost, from, to;

		buf_reset(&out);
		assert_true(sink_next(s, &out));
		assert_true(scan_doc(&sc, out.p, out.len) > 0);
		assert_true(scan_get_is(sc.t, sc.t, "e", "bf.gap"));
		assert_true(scan_get_is(sc.t, sc.t, "by", "bf-stream"));
		assert_true(scan_get_is(sc.t, sc.t, "stream", "t"));
		assert_true(scan_get_is(sc.t, sc.t, "s", i ? "A" : "B\"\xef\xbf\xbd"));
		assert_true(scan_get_is(sc.t, sc.t, "why", "slow reader"));
		assert_true(scan_get_i64(sc.t, sc.t, "E", &lost) && lost == T0);
		assert_true(scan_get_i64(sc.t, sc.t, "from", &from) && from == 100 + i);
		assert_true(scan_get_i64(sc.t, sc.t, "lost", &lost));
		assert_true(scan_get_i64(sc.t, sc.t, "to", &to) && to == from + 2 * (lost - 1));
		assert_in_range(lost, 14, 18);
	}
	buf_reset(&out);
	assert_true(sink_next(s, &out));	/* then the ones that are left */
	assert_true(out.len == 501 && strncmp(out.p, "{\"t\":3", 6) == 0);
	buf_free(&out);
	scan_free(&sc);
	sink_free(s);
}

static void
market_data_makes_room_for_the_account(void **state)
{
	struct sink *s = sink(SLOW_AUTO, 4096);
	struct buf out = { 0 };
	char rec[501];
	int account = 0, r = 0;

	(void)state;
	for (int i = 0; i < 5; i++)
		assert_int_equal(put(s, SINK_EVERY, "t", "A", big(rec, "t", i), 1), 0);
	while ((r = put(s, SINK_ACCOUNT, "user", "", big(rec, "u", account), 1)) == 0)
		account++;
	assert_int_equal(r, -1);
	assert_int_equal(fault.kind, FAULT_LOCAL);
	assert_non_null(strstr(fault.text, "4096"));
	assert_non_null(strstr(fault.text, "account"));
	assert_in_range(account, 5, 7);
	assert_int_equal(put(s, SINK_EVERY, "t", "A", "{}", 1), -1);	/* it has ended */
	assert_int_equal(put(s, SINK_ACCOUNT, "user", "", "{}", 1), -1);
	assert_int_equal(sink_put(s, SINK_NOTICE, NULL, "{}", 2, T0, &fault), -1);
	assert_true(sink_next(s, &out));
	assert_non_null(strstr(out.p, "\"lost\":5,"));
	for (int i = 0; i < account; i++) {
		buf_reset(&out);
		assert_true(sink_next(s, &out));
		assert_line(&out, big(rec, "u", i));
	}
	buf_reset(&out);
	assert_true(sink_next(s, &out));
	assert_non_null(strstr(out.p, "\"stream\":\"user\",\"lost\":1,"));
	assert_true(sink_empty(s));
	buf_free(&out);
	sink_free(s);
}

static void
stop_ends_the_run_and_loses_nothing_that_waits(void **state)
{
	struct sink *s = sink(SLOW_STOP, 4096);
	struct buf out = { 0 };
	char rec[501];
	int n = 0, i = 0;

	(void)state;
	while (put(s, SINK_EVERY, "t", "A", big(rec, "t", n), 7 + n) == 0)
		n++;
	assert_int_equal(fault.kind, FAULT_LOCAL);
	assert_in_range(n, 5, 7);
	for (; sink_next(s, &out) && i < n; i++, buf_reset(&out))
		assert_line(&out, big(rec, "t", i));
	assert_int_equal(i, n);
	assert_true(sink_empty(s));
	assert_non_null(strstr(out.p, "\"lost\":1,\"from\":"));
	assert_int_equal(sink_stats(s).lost, 1);
	buf_free(&out);
	sink_free(s);
}

static void
the_only_value_of_a_symbol_is_lost_last(void **state)
{
	struct sink *s = sink(SLOW_AUTO, 4096);
	struct buf out = { 0 };
	char rec[501];

	(void)state;
	put(s, SINK_LATEST, "m", "A", "{\"latest\":1}", 1);
	for (int i = 0; i < 100; i++)
		assert_int_equal(put(s, SINK_EVERY, "t", "A", big(rec, "t", i), 1), 0);
	assert_true(sink_next(s, &out));
	assert_string_equal(out.p, "{\"latest\":1}\n");
	buf_free(&out);
	sink_free(s);
}

static void
a_record_larger_than_all_is_lost_alone(void **state)
{
	struct sink *s = sink(SLOW_AUTO, 4096);
	char *rec = malloc(5001);

	(void)state;
	assert_non_null(rec);
	memset(rec, 'x', 5000);
	rec[5000] = '\0';
	put(s, SINK_EVERY, "t", "A", "{1}", 1);
	put(s, SINK_EVERY, "t", "A", rec, 2);
	put(s, SINK_EVERY, "t", "A", rec, 3);
	put(s, SINK_EVERY, "t", "A", "{2}", 4);
	gives(s, "{1}\n{\"e\":\"bf.gap\",\"E\":1723161256000,\"by\":\"bf-stream\",\"stream\":\"t\",\"s\":\"A\","
	    "\"lost\":2,\"from\":2,\"to\":3,\"why\":\"slow reader\"}\n{2}\n");
	put(s, SINK_LATEST, "m", "", "{1}", 1);
	put(s, SINK_LATEST, "m", "", rec, 0);
	gives(s, "{\"e\":\"bf.gap\",\"E\":1723161256000,\"by\":\"bf-stream\",\"stream\":\"m\","
	    "\"lost\":1,\"why\":\"slow reader\"}\n");
	free(rec);
	sink_free(s);
}

static void
gaps_with_nothing_between_them_are_one(void **state)
{
	struct sink *s = sink(SLOW_DROP, 4096);
	struct buf out = { 0 };
	char *huge = malloc(5001), rec[501];

	(void)state;
	assert_non_null(huge);
	memset(huge, 'x', 5000);
	huge[5000] = '\0';
	put(s, SINK_EVERY, "t", "A", "{1}", 11);
	put(s, SINK_EVERY, "t", "A", huge, 12);
	for (int i = 0; i < 20; i++)	/* push the first one out */
		assert_int_equal(put(s, SINK_EVERY, "t", "B", big(rec, "t", i), 20 + i), 0);
	assert_true(sink_next(s, &out));
	assert_string_equal(out.p, "{\"e\":\"bf.gap\",\"E\":1723161256000,\"by\":\"bf-stream\",\"stream\":\"t\","
	    "\"s\":\"A\",\"lost\":2,\"from\":11,\"to\":12,\"why\":\"slow reader\"}\n");
	buf_reset(&out);
	assert_true(sink_next(s, &out));
	assert_non_null(strstr(out.p, "\"s\":\"B\""));
	buf_free(&out);
	free(huge);
	sink_free(s);
}

static void
without_memory_nothing_is_lost_or_half_done(void **state)
{
	struct sink *s = sink(SLOW_AUTO, 4096);
	struct sink_key k = { "t", "A", 1, false, 1 };
	struct buf out = { .bad = true };

	(void)state;
	assert_int_equal(sink_put(s, SINK_EVERY, &k, "", SIZE_MAX - 8, T0, &fault), -1);
	assert_int_equal(fault.kind, FAULT_LOCAL);
	assert_true(sink_empty(s));
	put(s, SINK_EVERY, "t", "A", "{1}", 1);
	assert_false(sink_next(s, &out));
	assert_false(sink_empty(s));
	gives(s, "{1}\n");
	sink_free(s);
	buf_free(&out);
}

/* What malloc itself says is in use. */
static void
memory_is_bounded_by_the_figure_given(void **state)
{
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 33)
	static const size_t max[] = { 2 << 20, 16 << 20 };
	const size_t kept = 7 * 64 * 600;	/* free pieces that malloc keeps at hand, and counts */

	(void)state;
	for (size_t i = 0; i < sizeof max / sizeof *max; i++) {
		size_t before = mallinfo2().uordblks, most = 0, now;
		struct sink *s = sink(SLOW_AUTO, max[i]);
		char rec[501], symbol[16];

		for (int j = 0; j < 100000; j++) {
			snprintf(symbol, sizeof symbol, "S%d", j % 50);
			put(s, j % 3 ? SINK_EVERY : SINK_LATEST, "x", symbol,
			    big(rec, "t", j) + j % 400, 1);
			if (j % 100 == 0 && (now = mallinfo2().uordblks - before) > most)
				most = now;
		}
		assert_true(sink_stats(s).lost > 0);
		assert_true(most > max[i] / 2);
		assert_true(most <= max[i] + kept + 50 * 256);	/* 256: a gap */
		sink_free(s);
		assert_true(mallinfo2().uordblks - before < kept);
	}
#else
	(void)state;
	print_message("skipped: no mallinfo2 here\n");
	skip();
#endif
}

/*
 * Any puts and nexts, against a model
 */

#define FILES	12	/* 4 of each kind */
#define RECORDS	3000

struct model {
	struct { int64_t E; bool keep; } in[RECORDS];
	int	n;		/* put */
	int	out;		/* the next one that may come */
	int	lost, conflated, got;
	int	gap;		/* said lost since the last record that came */
	int64_t	from, to;
};

static struct model model[FILES];
static uint64_t rng;

static unsigned
roll(unsigned n)
{
	rng = rng * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)(rng >> 33) % n;
}

static enum sink_kind
kind_of(int i)
{
	return (enum sink_kind)(i / 4);
}

static bool
conflated(enum slow how, int i)
{
	return kind_of(i) != SINK_ACCOUNT &&
	    (how == SLOW_CONFLATE || (how == SLOW_AUTO && kind_of(i) == SINK_LATEST));
}

static void
name_of(int i, char stream[static 16], char symbol[static 16])
{
	snprintf(stream, 16, "stream%u", (unsigned)i / 2 % 100);
	snprintf(symbol, 16, i % 2 ? "SYM" : "");
}

/* From out to `to` (not with it) records are missing: are they said, and are they those? */
static void
missing(struct model *m, int i, enum slow how, int to)
{
	int n = to - m->out;

	assert_true(m->gap <= n);
	if (!conflated(how, i)) {
		assert_int_equal(m->gap, n);
		if (n > 0) {
			assert_true(m->from == m->in[m->out].E);
			assert_true(m->to == m->in[to - 1].E);
		}
	} else {
		int keep = 0;

		for (int j = m->out; j < to; j++)
			keep += m->in[j].keep;
		assert_true(keep <= m->gap);
		m->conflated += n - m->gap;
	}
	m->lost += m->gap;
	m->gap = 0;
	m->from = m->to = 0;
}

static void
came(const char *p, size_t n, enum slow how)
{
	static struct scan sc;
	int64_t i, seq, lost, from, to;
	char stream[16], name[16], symbol[16], s[16] = "";

	assert_true(n > 0 && p[n - 1] == '\n' && memchr(p, '\n', n - 1) == NULL);
	assert_true(scan_doc(&sc, p, n) > 0);
	if (scan_get_i64(sc.t, sc.t, "notice", &i))
		return;
	if (!scan_get_is(sc.t, sc.t, "e", "bf.gap")) {
		assert_true(scan_get_i64(sc.t, sc.t, "file", &i));
		assert_true(scan_get_i64(sc.t, sc.t, "seq", &seq));
		assert_true(seq >= model[i].out && seq < model[i].n);
		missing(&model[i], (int)i, how, (int)seq);
		model[i].out = (int)seq + 1;
		model[i].got++;
		return;
	}
	assert_true(scan_get_str(sc.t, sc.t, "stream", stream, sizeof stream));
	scan_get_str(sc.t, sc.t, "s", s, sizeof s);
	assert_true(scan_get_i64(sc.t, sc.t, "lost", &lost));
	assert_true(scan_get_i64(sc.t, sc.t, "from", &from) && scan_get_i64(sc.t, sc.t, "to", &to));
	for (i = 0; i < FILES; i++) {
		name_of((int)i, name, symbol);
		if (strcmp(name, stream) == 0 && strcmp(symbol, s) == 0)
			break;
	}
	assert_true(i < FILES);
	if (model[i].gap == 0)
		model[i].from = from;
	model[i].gap += (int)lost;
	model[i].to = to;
}

/* One record into the sink and the model. */
static int
put_one(struct sink *s, int i, bool keep, size_t pad)
{
	struct model *m = &model[i];
	char stream[16], symbol[16], rec[900];
	struct sink_key k;
	int n;

	name_of(i, stream, symbol);
	m->in[m->n].E = T0 + m->n * 10 + i;
	m->in[m->n].keep = keep;
	n = snprintf(rec, sizeof rec, "{\"file\":%d,\"seq\":%d,\"pad\":\"%0*d\"}", i, m->n, (int)pad, 0);
	k = (struct sink_key){ stream, symbol, strlen(symbol), keep, m->in[m->n].E };
	m->n++;
	return sink_put(s, kind_of(i), &k, rec, (size_t)n, T0, &fault);
}

static void
drain(struct sink *s, struct buf *out, enum slow how, unsigned most)
{
	for (; most > 0; most--) {
		buf_reset(out);
		if (!sink_next(s, out))
			return;
		came(out->p, out->len, how);
	}
}

/* One life of a sink. slow: how much more is put than read. */
static void
play(enum slow how, size_t max, unsigned slow)
{
	struct sink *s = sink(how, max);
	struct buf out = { 0 };
	uint64_t lost = 0, merged = 0;
	size_t notices = 0;
	int r = 0, i = 0;

	memset(model, 0, sizeof model);
	for (int turn = 0; turn < RECORDS && r == 0; turn++) {
		for (unsigned j = roll(slow) + 1; j > 0 && r == 0; j--) {
			i = (int)roll(roll(4) == 0 ? FILES : 8);	/* fewer of the account */
			if (model[i].n < RECORDS)
				r = put_one(s, i, kind_of(i) == SINK_LATEST && roll(8) == 0, 1 + roll(800));
			assert_true(sink_stats(s).bytes <= max + FILES * 300 + notices * 300);
		}
		if (r == 0 && roll(20) == 0) {
			assert_int_equal(sink_put(s, SINK_NOTICE, NULL, "{\"notice\":1}", 12, T0, &fault), 0);
			notices++;
		}
		drain(s, &out, how, roll(4));
		if (roll(200) == 0)
			drain(s, &out, how, UINT32_MAX);
	}
	drain(s, &out, how, UINT32_MAX);
	assert_true(sink_empty(s));
	for (int j = 0; j < FILES; j++) {
		struct model *m = &model[j];

		if (m->out < m->n)	/* the last ones did not come: said too */
			assert_true(m->gap > 0 && m->to == m->in[m->n - 1].E);
		missing(m, j, how, m->n);
		assert_int_equal(m->got + m->lost + m->conflated, m->n);
		if (kind_of(j) == SINK_ACCOUNT)
			assert_int_equal(m->lost, r == -1 && i == j ? 1 : 0);
		lost += (uint64_t)m->lost;
		merged += (uint64_t)m->conflated;
	}
	if (r == -1 && how != SLOW_STOP)
		assert_int_equal(kind_of(i), SINK_ACCOUNT);
	if (how == SLOW_STOP)
		assert_int_equal(lost, r == -1);
	/* Room enough for one value of each: none of them is lost for the others. */
	if (how == SLOW_AUTO && max >= 65536 && r == 0)
		for (int j = 0; j < 4; j++)
			for (int n = model[j].n - 1; n >= 0 && model[j].out == model[j].n; n = -1)
				assert_int_equal(model[j].gap, 0);
	assert_int_equal(sink_stats(s).lost, lost);
	assert_int_equal(sink_stats(s).conflated, merged);
	buf_free(&out);
	sink_free(s);
}

static void
whatever_comes_and_goes_what_is_missing_is_said_and_no_more(void **state)
{
	static const size_t max[] = { 4096, 10000, 65536, 1 << 20 };

	(void)state;
	rng = 4;
	for (int round = 0; round < 10; round++)
		for (size_t i = 0; i < sizeof max / sizeof *max; i++)
			for (int how = SLOW_AUTO; how <= SLOW_STOP; how++)
				play((enum slow)how, max[i], 2 + roll(12));
}

/* A connection that comes and goes, and a reader who stands still. */
static void
notices_without_end_end_the_run(void **state)
{
	struct sink *s = sink(SLOW_AUTO, 65536);
	size_t n = 0;

	(void)state;
	while (n < 100000 && sink_put(s, SINK_NOTICE, NULL, "{\"notice\":1}", 12, T0, &fault) == 0)
		n++;
	assert_true(n > 4000 && n < 100000);
	assert_true(sink_stats(s).bytes < 65536 + (1u << 20) + 65536);
	assert_int_equal(fault.kind, FAULT_LOCAL);
	assert_int_equal(put(s, SINK_EVERY, "x", "", "{}", 1), -1);
	sink_free(s);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(notices_without_end_end_the_run),
		cmocka_unit_test(the_words_of_when_slow),
		cmocka_unit_test(a_bound_too_small_to_work_with_is_refused),
		cmocka_unit_test(records_come_out_in_the_order_they_came),
		cmocka_unit_test(a_newer_value_takes_the_place_of_the_older_one),
		cmocka_unit_test(a_closed_candle_is_not_conflated_away),
		cmocka_unit_test(each_policy_conflates_what_it_says),
		cmocka_unit_test(stream_and_symbol_are_told_apart),
		cmocka_unit_test(what_is_lost_is_said_at_its_place_once_a_symbol),
		cmocka_unit_test(market_data_makes_room_for_the_account),
		cmocka_unit_test(stop_ends_the_run_and_loses_nothing_that_waits),
		cmocka_unit_test(the_only_value_of_a_symbol_is_lost_last),
		cmocka_unit_test(a_record_larger_than_all_is_lost_alone),
		cmocka_unit_test(gaps_with_nothing_between_them_are_one),
		cmocka_unit_test(without_memory_nothing_is_lost_or_half_done),
		cmocka_unit_test(memory_is_bounded_by_the_figure_given),
		cmocka_unit_test(whatever_comes_and_goes_what_is_missing_is_said_and_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
