/* --replay: lines into events, the pacing, files of all kinds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
#include <zlib.h>

#include <cmocka.h>

#include "../../cmd/bf-stream/rec.h"
#include "../../cmd/bf-stream/replay.h"
#include "../../cmd/bf-stream/replay_line.h"
#include "core/buf.h"
#include "io/lines.h"
#include "scratch.h"

static struct fault fault;

static void
the_words_of_speed(void **state)
{
	static const struct { const char *word; long want; } row[] = {
		{ "1", 1000 }, { "0.5", 500 }, { "max", 0 }, { "0", 0 }, { "0.0", 0 }, { "2", 2000 }, { "10.25", 10250 },
		{ "0.001", 1 }, { "1000000", 1000000000 }, { "1.5000", 1500 },
	};
	static const char *const bad[] = { "", "-1", "x", "1x", "0.0001", "1000001", "Max", " 1", "1e3", "nan" };
	long got;

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		assert_int_equal(speed_parse(&got, row[i].word, &fault), 0);
		assert_int_equal(got, row[i].want);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		if (speed_parse(&got, bad[i], &fault) != -1)
			fail_msg("taken: \"%s\"", bad[i]);
		assert_int_equal(fault.kind, FAULT_USAGE);
		assert_non_null(strstr(fault.text, "--speed"));
	}
}

/*
 * A line
 */

/* What each was told, one event a line: "us stream event". */
static struct buf told;
static int answer_at, answer;	/* at that call (from 1), this */
static int calls;

static int
note(void *arg, const struct replay_rec *r, struct fault *f)
{
	(void)arg;
	assert_int_equal(r->v->kind, SCAN_OBJ);
	assert_true((r->stream == NULL) == (r->stream_n == 0) || r->stream_n == 0);
	buf_printf(&told, "%lld ", (long long)r->us);
	buf_put(&told, r->stream_n > 0 ? r->stream : "-", r->stream_n > 0 ? r->stream_n : 1);
	buf_chr(&told, ' ');
	buf_put(&told, r->v->p, r->v->len);
	buf_chr(&told, '\n');
	if (++calls == answer_at && answer == -1)
		return fault_set(f, FAULT_TRIPPED, "as the test wants");
	return calls == answer_at ? answer : 0;
}

static void
forget(void)
{
	buf_reset(&told);
	buf_str(&told, "");
	calls = answer_at = answer = 0;
}

static enum replay_line
one(const char *line)
{
	static struct scan sc;

	return replay_line(&sc, line, strlen(line), note, NULL, &fault);
}

static void
each_kind_of_line_gives_its_events(void **state)
{
	static const struct { const char *line, *want; } row[] = {
		{ "{\"recv\":1723161256789012,\"stream\":\"btcusdt@trade\",\"data\":{\"e\":\"trade\",\"E\":5}}",
		    "1723161256789012 btcusdt@trade {\"e\":\"trade\",\"E\":5}\n" },
		{ "{\"stream\":\"btcusdt@trade\",\"data\":{\"e\":\"trade\",\"E\":1723161256789}}",
		    "1723161256789000 btcusdt@trade {\"e\":\"trade\",\"E\":1723161256789}\n" },
		{ "{\"e\":\"trade\",\"E\":1723161256789,\"p\":\"1.50\"}",
		    "1723161256789000 - {\"e\":\"trade\",\"E\":1723161256789,\"p\":\"1.50\"}\n" },
		{ "[{\"E\":1},{\"E\":2}]", "1000 - {\"E\":1}\n2000 - {\"E\":2}\n" },
		{ "{\"stream\":\"!markPrice@arr\",\"data\":[{\"E\":1},{\"E\":2}]}",
		    "1000 !markPrice@arr {\"E\":1}\n2000 !markPrice@arr {\"E\":2}\n" },
		{ "{\"recv\":7,\"stream\":\"!markPrice@arr\",\"data\":[{\"E\":1},{}]}",
		    "7 !markPrice@arr {\"E\":1}\n7 !markPrice@arr {}\n" },
		{ "{\"data\":{\"E\":3},\"stream\":\"\",\"recv\":9}", "9 - {\"E\":3}\n" },
		{ " { \"stream\" : \"a\\u0040b\" , \"data\" : { } } ", "0 a@b { }\n" },
		{ "{\"lastUpdateId\":1,\"bids\":[],\"asks\":[]}", "0 - {\"lastUpdateId\":1,\"bids\":[],\"asks\":[]}\n" },
		/* a notice of ours names a stream, and is no envelope */
		{ "{\"e\":\"bf.gap\",\"E\":4,\"stream\":\"a@b\"}", "4000 - {\"e\":\"bf.gap\",\"E\":4,\"stream\":\"a@b\"}\n" },
		{ "{\"stream\":1,\"data\":{}}", "0 - {\"stream\":1,\"data\":{}}\n" },
		/* times that are none */
		{ "{\"E\":9223372036854775807}", "0 - {\"E\":9223372036854775807}\n" },
		{ "{\"E\":-1}", "0 - {\"E\":-1}\n" },
		{ "{\"recv\":-5,\"stream\":\"\",\"data\":{\"E\":\"x\"}}", "0 - {\"E\":\"x\"}\n" },
		{ "", "" }, { "  \t ", "" }, { "[]", "" }, { "{}", "0 - {}\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		forget();
		assert_int_equal(one(row[i].line), REPLAY_OK);
		assert_string_equal(told.p, row[i].want);
	}
}

static void
a_bad_line_gives_nothing_and_says_why(void **state)
{
	static const struct { const char *line, *why; } row[] = {
		{ "{\"e\":\"trade\"", "" }, { "12", "neither" }, { "\"x\"", "neither" }, { "null", "neither" },
		{ "[{\"E\":1},2]", "array" }, { "{\"stream\":\"a\",\"data\":5}", "neither" },
		{ "{\"stream\":\"a\",\"data\":[{},[]]}", "array" }, { "{}{}", "" }, { "{\"a\":\"\xff\"}", "UTF-8" },
		{ "{\"stream\":\"a\\u0000b\",\"data\":{}}", "name" },
	};
	struct buf deep = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		forget();
		fault.text[0] = '\0';
		assert_int_equal(one(row[i].line), REPLAY_BAD);
		assert_int_equal(fault.kind, FAULT_USAGE);
		assert_true(fault.text[0] != '\0');
		assert_non_null(strstr(fault.text, row[i].why));
		assert_int_equal(calls, 0);
	}
	for (int i = 0; i < 1000; i++)
		buf_str(&deep, "[");
	assert_int_equal(one(deep.p), REPLAY_BAD);
	buf_free(&deep);
}

static void
the_answer_of_each_ends_a_line_in_its_middle(void **state)
{
	(void)state;
	forget();
	answer_at = 2;
	answer = 1;
	assert_int_equal(one("[{\"E\":1},{\"E\":2},{\"E\":3}]"), REPLAY_ENOUGH);
	assert_int_equal(calls, 2);
	forget();
	answer_at = 1;
	answer = -1;
	assert_int_equal(one("[{\"E\":1},{\"E\":2},{\"E\":3}]"), REPLAY_FAULT);
	assert_int_equal(calls, 1);
	assert_int_equal(fault.kind, FAULT_TRIPPED);
	forget();
}

/*
 * Pacing
 */

#define S	INT64_C(1000000)
#define AT	(INT64_C(1723161256) * S)

static void
events_are_due_as_far_apart_as_they_were(void **state)
{
	/* us and mono from a beginning; what to wait, at speed 1000, 500 and 2000 */
	static const struct { int64_t us, mono, wait[3]; } row[] = {
		{ 0, 0, { 0, 0, 0 } },
		{ S / 10, 0, { S / 10, S / 5, S / 20 } },
		{ S, 0, { S, 2 * S, S / 2 } },
		{ S, S / 4, { 3 * S / 4, 7 * S / 4, S / 4 } },	/* some time went by */
		{ S, 3 * S, { 0, 0, 0 } },			/* late */
		{ 8 * S, 3 * S, { 5 * S, 13 * S, S } },		/* and not late any more */
		{ 7 * S, 4 * S, { 3 * S, 10 * S, 0 } },		/* out of order: due where it was */
		{ 8 * S, 4 * S, { 4 * S, 12 * S, 0 } },		/* and nothing is shifted by that */
	};
	static const long speed[] = { 1000, 500, 2000 };

	(void)state;
	for (size_t k = 0; k < 3; k++) {
		struct pace p = { 0 };

		for (size_t i = 0; i < sizeof row / sizeof *row; i++)
			assert_int_equal(pace_wait(&p, AT + row[i].us, speed[k], 77 + row[i].mono), row[i].wait[k]);
	}
}

static void
a_clock_that_jumps_makes_no_one_wait_for_a_day(void **state)
{
	struct pace p = { 0 };

	(void)state;
	assert_int_equal(pace_wait(&p, AT, 1000, 5), 0);
	assert_int_equal(pace_wait(&p, AT + 86400 * S, 1000, 5), 10 * S);
	assert_int_equal(pace_wait(&p, AT + 86401 * S, 1000, 5), 11 * S);
	assert_int_equal(pace_wait(&p, AT, 1000, 5 + 11 * S), 0);	/* back: now */
	assert_int_equal(pace_wait(&p, AT + S, 1000, 5 + 11 * S), S);	/* and on from there */
	assert_int_equal(pace_wait(&p, 0, 1000, 5), 0);		/* without a time: with the one before */
	assert_int_equal(pace_wait(&p, INT64_MAX, 1000, 5 + 12 * S), 10 * S);
	assert_int_equal(pace_wait(&p, 1, 1000, 5 + 22 * S), 0);
}

static void
at_the_highest_speed_nothing_waits(void **state)
{
	struct pace p = { 0 };

	(void)state;
	for (int i = 0; i < 10; i++)
		assert_int_equal(pace_wait(&p, AT + i * 86400 * S, 0, 5), 0);
}

static void
after_a_long_standstill_the_rest_is_later_and_does_not_rush(void **state)
{
	struct pace p = { 0 };

	(void)state;
	assert_int_equal(pace_wait(&p, AT, 1000, 0), 0);
	assert_int_equal(pace_wait(&p, AT + S, 1000, 3600 * S), 0);
	assert_int_equal(pace_wait(&p, AT + 2 * S, 1000, 3600 * S), S);
}

/* An event each 7 ms for ten million of them, three times as fast: who waits as told is
 * a third of that on the way, to the microsecond. */
static void
rounding_does_not_add_up(void **state)
{
	struct pace p = { 0 };
	int64_t mono = 0;

	(void)state;
	for (int64_t i = 0; i <= 10000000; i++)
		mono += pace_wait(&p, AT + i * 7000, 3000, mono);
	assert_in_range(mono, INT64_C(10000000) * 7000 / 3 - 2, INT64_C(10000000) * 7000 / 3 + 2);
}

/*
 * Files
 */

static struct buf said;
static int waits, stop_at_wait;
static volatile sig_atomic_t stop;

static int
waiting(void *arg, struct fault *f)
{
	(void)arg;
	(void)f;
	buf_str(&told, "w");
	if (++waits == stop_at_wait)
		stop = 1;
	return 0;
}

static void
person(void *arg, const char *text)
{
	(void)arg;
	buf_str(&said, text);
	buf_chr(&said, '\n');
}

static const struct replay_ops ops = { note, NULL, person };
static const struct replay_ops waiting_ops = { note, waiting, person };

/* Replay files of the scratch directory, NULL at the end. */
static int
replay(const struct replay_ops *o, long speed, ...)
{
	char path[4][512], *files[4];
	const char *name;
	va_list ap;
	int n = 0;

	forget();
	buf_reset(&said);
	buf_str(&said, "");
	stop = 0;
	waits = 0;
	va_start(ap, speed);
	for (; (name = va_arg(ap, const char *)) != NULL; n++) {
		snprintf(path[n], sizeof path[n], "%s", strcmp(name, "-") == 0 ? name : in_scratch(name));
		files[n] = path[n];
	}
	va_end(ap);
	return replay_run(files, n, speed, o, NULL, &stop, &fault);
}

/* gzip of n bytes, appended. */
static void
packed(struct buf *out, const char *p, size_t n)
{
	unsigned char room[65536];
	z_stream z = { 0 };

	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	z.next_in = (unsigned char *)(uintptr_t)p;
	z.avail_in = (uInt)n;
	z.next_out = room;
	z.avail_out = sizeof room;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	buf_put(out, room, sizeof room - z.avail_out);
	deflateEnd(&z);
}

#define ONE	"{\"E\":1,\"a\":1}\n"
#define TWO	"{\"E\":2,\"a\":2}\n"
#define TOLD_ONE "1000 - {\"E\":1,\"a\":1}\n"
#define TOLD_TWO "2000 - {\"E\":2,\"a\":2}\n"

static void
plain_and_packed_files_follow_one_another(void **state)
{
	struct buf gz = { 0 };
	static const char zeros[700];

	(void)state;
	packed(&gz, ONE, sizeof ONE - 1);
	packed(&gz, "", 0);		/* members put together by cat are one file */
	packed(&gz, TWO ONE, sizeof TWO ONE - 1);
	scratch_put("two.gz", 0600, gz.p, gz.len);
	buf_put(&gz, zeros, sizeof zeros);
	scratch_put("zeros", 0600, gz.p, gz.len);	/* the name tells nothing */
	scratch_text("one", 0600, TWO "\n" ONE "\r\n");
	scratch_text("empty", 0600, "");
	assert_int_equal(replay(&ops, 0, "one", "two.gz", "empty", "zeros", NULL), 0);
	assert_string_equal(told.p, TOLD_TWO TOLD_ONE TOLD_ONE TOLD_TWO TOLD_ONE TOLD_ONE TOLD_TWO TOLD_ONE);
	assert_string_equal(said.p, "");
	buf_free(&gz);
}

static void
a_torn_last_line_is_passed_over_with_a_sentence(void **state)
{
	static const char last[] = "{\"E\":3,\"a\":3}";

	(void)state;
	for (size_t n = 1; n < sizeof last; n++) {
		struct buf b = { 0 };

		buf_str(&b, ONE);
		buf_put(&b, last, n);
		scratch_put("torn", 0600, b.p, b.len);
		scratch_text("two", 0600, TWO);
		assert_int_equal(replay(&ops, 0, "torn", "two", NULL), 0);
		if (n < sizeof last - 1) {
			assert_string_equal(told.p, TOLD_ONE TOLD_TWO);
			assert_non_null(strstr(said.p, "torn: line 2 is cut short"));
		} else {	/* it only lacks its newline */
			assert_string_equal(told.p, TOLD_ONE "3000 - {\"E\":3,\"a\":3}\n" TOLD_TWO);
			assert_string_equal(said.p, "");
		}
		buf_free(&b);
	}
}

static void
a_bad_line_is_named_by_file_and_number(void **state)
{
	(void)state;
	scratch_text("one", 0600, ONE);
	scratch_text("bad", 0600, "\n" TWO "{\"E\":\n" ONE);
	assert_int_equal(replay(&ops, 0, "one", "bad", "one", NULL), -1);
	assert_int_equal(fault.kind, FAULT_USAGE);
	assert_non_null(strstr(fault.text, "bad: line 3:"));
	assert_string_equal(told.p, TOLD_ONE TOLD_TWO);
	assert_int_equal(replay(&ops, 0, "none", NULL), -1);
	assert_int_equal(fault.kind, FAULT_USAGE);
	assert_non_null(strstr(fault.text, "No such file"));
	assert_int_equal(replay(&ops, 0, "", NULL), -1);
	assert_non_null(strstr(fault.text, "directory"));
}

/* A few hundred lines that do not pack to nothing. */
static void
some_lines(struct buf *b)
{
	unsigned x = 1;

	for (int i = 1; i <= 300; i++, x = x * 1103515245 + 12345)
		buf_printf(b, "{\"E\":%d,\"x\":%u}\n", i, x);
}

static void
packed_data_may_end_anywhere(void **state)
{
	struct buf text = { 0 }, gz = { 0 }, all = { 0 };
	int before = 0;

	(void)state;
	some_lines(&text);
	packed(&gz, text.p, text.len);
	scratch_put("all", 0600, gz.p, gz.len);
	assert_int_equal(replay(&ops, 0, "all", NULL), 0);
	assert_int_equal(calls, 300);
	buf_put(&all, told.p, told.len);
	for (size_t n = 0; n < gz.len; n += n < 30 || n + 30 > gz.len ? 1 : 13) {
		scratch_put("part", 0600, gz.p, n);
		assert_int_equal(replay(&ops, 0, "part", NULL), 0);
		assert_memory_equal(told.p, all.p, told.len);	/* the first ones, whole */
		assert_true(calls >= before);
		before = calls;
		if (n > 0)
			assert_non_null(strstr(said.p, "part: line "));
	}
	assert_int_equal(before, 300);
	buf_free(&text);
	buf_free(&gz);
	buf_free(&all);
}

static void
damaged_packed_data_are_an_error(void **state)
{
	struct buf text = { 0 }, gz = { 0 }, all = { 0 };
	int errors = 0;
	char *p;

	(void)state;
	some_lines(&text);
	packed(&gz, text.p, text.len);
	scratch_put("all", 0600, gz.p, gz.len);
	assert_int_equal(replay(&ops, 0, "all", NULL), 0);
	buf_put(&all, told.p, told.len);
	assert_non_null(p = malloc(gz.len));
	for (size_t i = 1; i < gz.len; i += 3) {
		memcpy(p, gz.p, gz.len);
		p[i] ^= 0x55;
		scratch_put("part", 0600, p, gz.len);
		if (replay(&ops, 0, "part", NULL) == -1) {
			assert_int_equal(fault.kind, FAULT_USAGE);
			assert_non_null(strstr(fault.text, "part: "));
			errors++;
		} else if (said.len == 0) {	/* what no reader looks at, as the time in the header */
			assert_string_equal(told.p, all.p);
		}
	}
	assert_true(errors > (int)gz.len / 3 - 15);
	buf_str(&gz, "junk");
	scratch_put("junk", 0600, gz.p, gz.len);
	assert_int_equal(replay(&ops, 0, "junk", NULL), -1);
	assert_non_null(strstr(fault.text, "after line 300: something else follows"));
	free(p);
	buf_free(&text);
	buf_free(&gz);
	buf_free(&all);
}

static void
lines_are_as_long_as_they_may_be(void **state)
{
	size_t n = LINE_MAX_BYTES;
	char *p = malloc(n + 2);

	(void)state;
	assert_non_null(p);
	for (size_t more = 0; more < 2; more++) {
		memset(p, ' ', n + more);
		memcpy(p, "{\"E\":1}", 7);
		p[n + more] = '\n';
		scratch_put("long", 0600, p, n + more + 1);
		assert_int_equal(replay(&ops, 0, "long", NULL), more ? -1 : 0);
		assert_int_equal(calls, more ? 0 : 1);
	}
	assert_int_equal(fault.kind, FAULT_USAGE);
	assert_non_null(strstr(fault.text, "long: line 1: longer than 16777216 bytes"));
	free(p);
}

/* Standard input is a pipe for the time of a test. */
static void
standard_input_can_be_replayed(void **state)
{
	struct buf gz = { 0 };
	int fd[2], was = dup(STDIN_FILENO);

	(void)state;
	packed(&gz, ONE TWO, sizeof ONE TWO - 1);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(pipe(fd), 0);
		assert_true(dup2(fd[0], STDIN_FILENO) == STDIN_FILENO);
		close(fd[0]);
		if (i == 0)
			assert_int_equal(write(fd[1], ONE TWO, sizeof ONE TWO - 1), sizeof ONE TWO - 1);
		else
			assert_int_equal(write(fd[1], gz.p, gz.len), gz.len);
		close(fd[1]);
		assert_int_equal(replay(&ops, 0, "-", NULL), 0);
		assert_string_equal(told.p, TOLD_ONE TOLD_TWO);
	}
	dup2(was, STDIN_FILENO);
	close(was);
	buf_free(&gz);
}

static void
a_wait_for_input_ends_when_told_to_stop(void **state)
{
	int fd[2], was = dup(STDIN_FILENO);

	(void)state;
	assert_int_equal(pipe(fd), 0);
	assert_true(dup2(fd[0], STDIN_FILENO) == STDIN_FILENO);
	assert_int_equal(write(fd[1], ONE, sizeof ONE - 1), sizeof ONE - 1);
	stop_at_wait = 3;	/* by then what was there has been read; more never comes */
	assert_int_equal(replay(&waiting_ops, 0, "-", NULL), 0);
	assert_string_equal(told.p, "w" TOLD_ONE "ww");
	stop_at_wait = 0;
	dup2(was, STDIN_FILENO);
	close(was);
	close(fd[0]);
	close(fd[1]);
}

static void
a_sleep_ends_when_told_to_stop(void **state)
{
	(void)state;
	scratch_text("slow", 0600, ONE "{\"E\":100000}\n");
	stop_at_wait = 2;
	assert_int_equal(replay(&waiting_ops, 1, "slow", NULL), 0);	/* it would be hours */
	assert_string_equal(told.p, TOLD_ONE "ww");
	stop_at_wait = 0;
}

static void
what_was_printed_can_go_out_before_each_sleep(void **state)
{
	(void)state;
	scratch_text("f", 0600, ONE TWO "{\"E\":2000}\n{\"E\":2001}\n");
	assert_int_equal(replay(&waiting_ops, 100000, "f", NULL), 0);
	assert_string_equal(told.p, TOLD_ONE TOLD_TWO "w2000000 - {\"E\":2000}\n2001000 - {\"E\":2001}\n");
}

static void
each_may_say_enough_or_fail(void **state)
{
	char path[512], *files[] = { path };

	(void)state;
	scratch_text("f", 0600, ONE TWO ONE);
	snprintf(path, sizeof path, "%s", in_scratch("f"));
	forget();
	answer_at = 2;
	answer = 1;
	assert_int_equal(replay_run(files, 1, 0, &ops, NULL, &stop, &fault), 0);
	assert_string_equal(told.p, TOLD_ONE TOLD_TWO);
	forget();
	answer_at = 2;
	answer = -1;
	assert_int_equal(replay_run(files, 1, 0, &ops, NULL, &stop, &fault), -1);
	assert_int_equal(fault.kind, FAULT_TRIPPED);
	assert_string_equal(told.p, TOLD_ONE TOLD_TWO);
}

static void
what_was_recorded_is_replayed_byte_for_byte(void **state)
{
	static const struct { int64_t us; const char *stream, *data; } row[] = {
		{ AT, "btcusdt@aggTrade", "{\"e\":\"aggTrade\",\"E\":1723161256000,\"p\":\"1.10\",\"q\":1.0,\"id\":9007199254740993}" },
		{ AT + 1, "!markPrice@arr@1s", "{ \"e\" : \"markPriceUpdate\" }" },
		{ AT + 2, "a\"\\b@trade", "{\"s\":\"\\u5e01\xe5\xb8\x81\"}" },
		{ AT + 3, "", "{\"e\":\"bf.conn\",\"state\":\"up\"}" },
	};
	struct recorder *r;
	struct buf want = { 0 };

	(void)state;
	assert_int_equal(recorder_open(&r, in_scratch("rec"), 0, 0, &fault), 0);
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		assert_int_equal(recorder_put(r, row[i].us, row[i].stream, strlen(row[i].stream), row[i].data,
		    strlen(row[i].data), &fault), 0);
		buf_printf(&want, "%lld %s %s\n", (long long)row[i].us, row[i].stream[0] ? row[i].stream : "-", row[i].data);
	}
	assert_int_equal(recorder_close(r, &fault), 0);
	assert_int_equal(replay(&ops, 0, "rec", NULL), 0);
	assert_string_equal(told.p, want.p);
	buf_free(&want);
}

/*
 * The exchange's own
 */

struct tally { int depth, ticker, trade, agg, kline, mark, other; int64_t first, last; };

static int
tally(void *arg, const struct replay_rec *r, struct fault *f)
{
	struct tally *n = arg;
	char e[32] = "";

	(void)f;
	scan_get_str(r->t, r->v, "e", e, sizeof e);
	if (strcmp(e, "depthUpdate") == 0)
		n->depth++;
	else if (strcmp(e, "bookTicker") == 0)
		n->ticker++;
	else if (strcmp(e, "trade") == 0)
		n->trade++;
	else if (strcmp(e, "aggTrade") == 0)
		n->agg++;
	else if (strcmp(e, "kline") == 0)
		n->kline++;
	else if (strcmp(e, "markPriceUpdate") == 0)
		n->mark++;
	else
		n->other++;
	if (n->first == 0)
		n->first = r->us;
	n->last = r->us;
	return 0;
}

/* The counts are those that the recordings' own notes give. */
static void
recordings_of_the_exchange_give_all_their_events(void **state)
{
	static const struct { const char *file; struct tally want; } row[] = {
		{ "usdm/ws-btcusdt-2024-08-08.ndjson.gz", { .depth = 6551, .ticker = 66089, .trade = 21313 } },
		{ "usdm/ws-sushi_akro_keep_ctk-2021-07-22.ndjson.gz", { .depth = 764, .ticker = 613, .agg = 91, .kline = 67 } },
		{ "coinm/ws-10symbols-2021-07-22.ndjson.gz", { .depth = 2047, .ticker = 2240, .agg = 51, .kline = 33 } },
		{ "derived/ws-markPrice-btcusdt-2025-10-10T20-24.DERIVED.ndjson", { .mark = 192 } },
	};
	static const struct replay_ops count = { tally, NULL, person };
	const char *dir = getenv("BF_TEST_DATA");
	char path[512], *files[] = { path };

	(void)state;
	if (dir == NULL) {
		print_message("skipped: BF_TEST_DATA is not set\n");
		skip();
	}
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct tally n = { 0 };

		snprintf(path, sizeof path, "%s/%s", dir, row[i].file);
		buf_reset(&said);
		stop = 0;
		assert_int_equal(replay_run(files, 1, 0, &count, &n, &stop, &fault), 0);
		assert_int_equal(said.len, 0);
		assert_int_equal(n.depth, row[i].want.depth);
		assert_int_equal(n.ticker, row[i].want.ticker);
		assert_int_equal(n.trade, row[i].want.trade);
		assert_int_equal(n.agg, row[i].want.agg);
		assert_int_equal(n.kline, row[i].want.kline);
		assert_int_equal(n.mark, row[i].want.mark);
		assert_int_equal(n.other, 0);
		assert_true(n.first > 0 && n.last > n.first);
	}
}

static int
tidy(void **state)
{
	(void)state;
	buf_free(&told);
	buf_free(&said);
	return 0;
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, scratch_make, scratch_remove)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_words_of_speed),
		cmocka_unit_test(each_kind_of_line_gives_its_events),
		cmocka_unit_test(a_bad_line_gives_nothing_and_says_why),
		cmocka_unit_test(the_answer_of_each_ends_a_line_in_its_middle),
		cmocka_unit_test(events_are_due_as_far_apart_as_they_were),
		cmocka_unit_test(a_clock_that_jumps_makes_no_one_wait_for_a_day),
		cmocka_unit_test(at_the_highest_speed_nothing_waits),
		cmocka_unit_test(after_a_long_standstill_the_rest_is_later_and_does_not_rush),
		cmocka_unit_test(rounding_does_not_add_up),
		TEST(plain_and_packed_files_follow_one_another),
		TEST(a_torn_last_line_is_passed_over_with_a_sentence),
		TEST(a_bad_line_is_named_by_file_and_number),
		TEST(packed_data_may_end_anywhere),
		TEST(damaged_packed_data_are_an_error),
		TEST(lines_are_as_long_as_they_may_be),
		cmocka_unit_test(standard_input_can_be_replayed),
		cmocka_unit_test(a_wait_for_input_ends_when_told_to_stop),
		TEST(a_sleep_ends_when_told_to_stop),
		TEST(what_was_printed_can_go_out_before_each_sleep),
		TEST(each_may_say_enough_or_fail),
		TEST(what_was_recorded_is_replayed_byte_for_byte),
		cmocka_unit_test(recordings_of_the_exchange_give_all_their_events),
	};

	alarm(110);
	return cmocka_run_group_tests(tests, NULL, tidy);
}
