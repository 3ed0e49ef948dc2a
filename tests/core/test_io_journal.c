#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "io/journal.h"
#include "scratch.h"

#define DAY	86400000LL
#define NOON	1700049600000LL	/* 2023-11-15T12:00:00Z */
#define TODAY	"state/journal/2023-11-15.ndjson"

static struct fault fault;
static struct profile p;
static struct journal *j;

static int
setup(void **state)
{
	if (scratch_make(state) == -1)
		return -1;
	umask(0);
	memset(&p, 0, sizeof p);
	snprintf(p.state_dir, sizeof p.state_dir, "%s/state", scratch);
	return journal_open(&j, &p, NULL, &fault);
}

static int
teardown(void **state)
{
	journal_close(j);
	return scratch_remove(state);
}

static void
put(int64_t ms, const char *what, const char *id, const char *data)
{
	assert_int_equal(journal_put(j, ms, what, id, data, strlen(data), true, &fault), 0);
}

/* What a walk saw, as "what:id:data " each. */
static char seen[1 << 16];
static int count;

static int
note(void *arg, const struct journal_line *l)
{
	size_t len = strlen(seen);

	(void)arg;
	count++;
	snprintf(seen + len, sizeof seen - len, "%s:%s:%.*s ", l->what, l->id, (int)l->data_n, l->data);
	return 0;
}

static int
walk(int days, int64_t now_ms)
{
	int damaged = -1;

	seen[0] = '\0';
	count = 0;
	assert_int_equal(journal_walk(j, days, now_ms, note, NULL, &damaged, &fault), 0);
	return damaged;
}

static void
a_record_is_one_line_with_its_checksum(void **state)
{
	struct stat st;
	char *text;

	(void)state;
	put(NOON, "intent", "bf-1", "{\"symbol\":\"BTCUSDT\"}");
	text = scratch_get(TODAY, NULL);
	/* the checksum by another program: Python's zlib.crc32 */
	assert_string_equal(text, "{\"e\":\"bf.journal\",\"E\":1700049600000,\"what\":\"intent\","
	    "\"id\":\"bf-1\",\"data\":{\"symbol\":\"BTCUSDT\"},\"crc\":\"aed8d831\"}\n");
	free(text);
	assert_int_equal(stat(in_scratch(TODAY), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat(in_scratch("state/journal"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
}

static void
records_come_back_as_they_went_in(void **state)
{
	(void)state;
	put(NOON, "intent", "a:b/c_1", "{\"note\":\"\\\"crc\\\":\",\"crc\":\"00000000\"}");
	put(NOON, "result", "a", "8389765606284283461");
	put(NOON, "refused", "b", "\"text\"");
	put(NOON, "unknown", "c", "");
	put(NOON, "absent", "d", "{\r\n \"x\":1\n}\n");
	assert_int_equal(walk(1, NOON), 0);
	assert_string_equal(seen, "intent:a:b/c_1:{\"note\":\"\\\"crc\\\":\",\"crc\":\"00000000\"} "
	    "result:a:8389765606284283461 refused:b:\"text\" unknown:c:null absent:d:{   \"x\":1 } ");
}

static void
days_are_walked_oldest_first_and_no_further_than_asked(void **state)
{
	(void)state;
	put(NOON - 3 * DAY, "intent", "old", "1");
	put(NOON, "intent", "today", "1");
	put(NOON - DAY, "intent", "yesterday", "1");
	put(NOON - DAY / 2 - 1, "result", "late", "1");
	put(NOON + DAY / 2, "intent", "tomorrow", "1");		/* a clock ahead */
	assert_int_equal(walk(2, NOON), 0);
	assert_string_equal(seen, "intent:yesterday:1 result:late:1 intent:today:1 intent:tomorrow:1 ");
	assert_int_equal(walk(1, NOON + 10 * DAY), 0);
	assert_string_equal(seen, "");
	assert_int_equal(walk(4, NOON), 0);
	assert_int_equal(count, 5);
}

/* kill -9 in the middle of a write, at every byte. */
static void
a_torn_last_line_costs_nothing_else(void **state)
{
	char *text;
	size_t n, first, cut;

	(void)state;
	put(NOON, "intent", "one", "{}");
	free(scratch_get(TODAY, &first));
	put(NOON, "intent", "two", "{\"a\":1}");
	text = scratch_get(TODAY, &n);
	for (cut = first; cut < n; cut++) {
		scratch_put(TODAY, 0600, text, cut);
		assert_int_equal(walk(1, NOON), 0);
		assert_int_equal(count, cut == n - 1 ? 2 : 1);	/* only the newline is lost */
		put(NOON, "intent", "three", "{}");
		assert_int_equal(walk(1, NOON), cut == first || cut == n - 1 ? 0 : 1);
		assert_string_equal(seen, cut == n - 1 ?
		    "intent:one:{} intent:two:{\"a\":1} intent:three:{} " :
		    "intent:one:{} intent:three:{} ");
	}
	free(text);
}

static void
any_changed_byte_is_noticed(void **state)
{
	char *text;
	size_t n, i;

	(void)state;
	put(NOON, "intent", "one", "{}");
	put(NOON, "intent", "two", "{}");
	text = scratch_get(TODAY, &n);
	for (i = 0; i + 1 < n / 2; i++) {
		text[i] ^= 1;
		scratch_put(TODAY, 0600, text, n);
		assert_true(walk(1, NOON) >= 1);
		assert_string_equal(seen, "intent:two:{} ");
		text[i] ^= 1;
	}
	free(text);
}

static void
several_writers_do_not_mix_their_lines(void **state)
{
	struct journal *mine;
	char id[40];
	int i, k, status;

	(void)state;
	for (i = 0; i < 6; i++) {
		if (fork() != 0)
			continue;
		if (journal_open(&mine, &p, NULL, &fault) == -1)
			_exit(1);
		for (k = 0; k < 50; k++) {
			snprintf(id, sizeof id, "%d-%d", i, k);
			if (journal_put(mine, NOON, "intent", id, "{\"a\":[1,2,3]}", 13, k % 10 == 0, &fault) == -1)
				_exit(1);
		}
		journal_close(mine);
		_exit(0);
	}
	for (i = 0; i < 6; i++) {
		assert_int_not_equal(wait(&status), -1);
		assert_int_equal(status, 0);
		assert_int_equal(walk(1, NOON), 0);	/* a reader sees whole lines at any time */
	}
	assert_int_equal(walk(1, NOON), 0);
	assert_int_equal(count, 300);
}

/* A line that does not fit is taken back, and what was there stays. */
static void
no_room_is_local_trouble_and_leaves_no_half_line(void **state)
{
	struct rlimit old, rl;
	size_t n, after;

	(void)state;
	put(NOON, "intent", "one", "{}");
	free(scratch_get(TODAY, &n));
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	rl = old;
	rl.rlim_cur = n + 20;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &rl), 0);
	assert_int_equal(journal_put(j, NOON, "intent", "two", "{}", 2, true, &fault), -1);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(fault.kind, FAULT_LOCAL);
	free(scratch_get(TODAY, &after));
	assert_int_equal(after, n);
	put(NOON, "intent", "three", "{}");
	assert_int_equal(walk(1, NOON), 0);
	assert_string_equal(seen, "intent:one:{} intent:three:{} ");
}

static void
what_is_no_json_never_gets_in(void **state)
{
	(void)state;
	assert_int_equal(journal_put(j, NOON, "intent", "x", "{", 1, true, &fault), -1);
	assert_int_equal(fault.kind, FAULT_LOCAL);
	assert_int_equal(journal_put(j, NOON, "intent", "x", "1,2", 3, true, &fault), -1);
	assert_int_equal(journal_put(j, NOON, "intent", "a-client-id-that-is-longer-than-it-may-be",
	    "1", 1, true, &fault), -1);
	assert_int_equal(walk(1, NOON), 0);
	assert_int_equal(count, 0);
}

static void
a_file_others_may_use_is_refused(void **state)
{
	(void)state;
	put(NOON, "intent", "one", "{}");
	chmod(in_scratch(TODAY), 0644);
	journal_close(j);
	assert_int_equal(journal_open(&j, &p, NULL, &fault), 0);
	assert_int_equal(journal_put(j, NOON, "intent", "x", "1", 1, true, &fault), -1);
	assert_int_equal(fault.kind, FAULT_LOCAL);
	assert_non_null(strstr(fault.text, "chmod 600"));
	unlink(in_scratch(TODAY));
	assert_int_equal(symlink(in_scratch("elsewhere"), in_scratch(TODAY)), 0);
	assert_int_equal(journal_put(j, NOON, "intent", "x", "1", 1, true, &fault), -1);
}

static void
a_file_removed_while_open_is_made_anew(void **state)
{
	(void)state;
	put(NOON, "intent", "one", "{}");
	assert_int_equal(unlink(in_scratch(TODAY)), 0);
	put(NOON, "intent", "two", "{}");
	assert_int_equal(walk(1, NOON), 0);
	assert_string_equal(seen, "intent:two:{} ");
}

static void
one_file_may_be_named(void **state)
{
	(void)state;
	journal_close(j);
	assert_int_equal(journal_open(&j, &p, in_scratch("my.ndjson"), &fault), 0);
	assert_int_equal(walk(1, NOON), 0);	/* not there yet */
	put(NOON, "intent", "one", "{}");
	put(NOON + 5 * DAY, "result", "one", "{}");
	assert_int_equal(walk(1, NOON + 5 * DAY), 0);
	assert_string_equal(seen, "intent:one:{} result:one:{} ");
}

/* As recovery does: what it writes while walking is not walked again. */
static int
settle(void *arg, const struct journal_line *l)
{
	char id[40], data[64];

	(void)arg;
	count++;
	snprintf(id, sizeof id, "%s", l->id);
	snprintf(data, sizeof data, "%.*s", (int)l->data_n, l->data);
	put(NOON, "resolved", id, data);
	return count < 1000 ? 0 : -1;
}

static void
the_walker_may_write(void **state)
{
	int damaged;

	(void)state;
	put(NOON, "intent", "one", "{\"a\":1}");
	put(NOON, "intent", "two", "{}");
	count = 0;
	assert_int_equal(journal_walk(j, 1, NOON, settle, NULL, &damaged, &fault), 0);
	assert_int_equal(count, 2);
	assert_int_equal(walk(1, NOON), 0);
	assert_string_equal(seen, "intent:one:{\"a\":1} intent:two:{} resolved:one:{\"a\":1} resolved:two:{} ");
}

static int
claim(struct journal *of, int64_t ms, const char *id)
{
	return journal_claim(of, ms, id, "{}", 2, &fault);
}

/* Of two that are given the same order only one gets to send it; but who did
 * not, or whose earlier try was read at the start, may use an id again. */
static void
an_id_is_claimed_by_one_process_only(void **state)
{
	struct journal *other;
	int damaged;

	(void)state;
	put(NOON, "intent", "old", "{}");
	assert_int_equal(walk(1, NOON), 0);
	assert_int_equal(journal_open(&other, &p, NULL, &fault), 0);
	assert_int_equal(journal_walk(other, 1, NOON, settle, NULL, &damaged, &fault), 0);
	assert_int_equal(claim(j, NOON, "a"), 0);
	assert_int_equal(claim(other, NOON, "a"), 1);
	assert_int_equal(claim(other, NOON, "b"), 0);
	assert_int_equal(claim(j, NOON, "b"), 1);
	put(NOON, "result", "b", "{}");			/* ours, behind what others wrote */
	assert_int_equal(claim(other, NOON, "c"), 0);
	assert_int_equal(claim(j, NOON, "a"), 0);	/* our own, signed anew */
	assert_int_equal(claim(j, NOON, "c"), 1);
	assert_int_equal(claim(j, NOON, "old"), 0);
	assert_int_equal(claim(other, NOON + DAY, "d"), 0);	/* another file */
	assert_int_equal(claim(j, NOON + DAY, "d"), 1);
	assert_int_equal(claim(j, NOON + DAY, "c"), 1);
	journal_close(other);
	assert_int_equal(walk(1, NOON), 0);
	assert_non_null(strstr(seen, "intent:a:{} intent:b:{} result:b:{} intent:c:{} intent:a:{} "));
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_record_is_one_line_with_its_checksum),
		T(records_come_back_as_they_went_in),
		T(days_are_walked_oldest_first_and_no_further_than_asked),
		T(a_torn_last_line_costs_nothing_else),
		T(any_changed_byte_is_noticed),
		T(several_writers_do_not_mix_their_lines),
		T(no_room_is_local_trouble_and_leaves_no_half_line),
		T(what_is_no_json_never_gets_in),
		T(a_file_others_may_use_is_refused),
		T(a_file_removed_while_open_is_made_anew),
		T(one_file_may_be_named),
		T(the_walker_may_write),
		T(an_id_is_claimed_by_one_process_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
