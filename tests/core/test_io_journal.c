#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "io/journal_in.h"	/* how long it waits for a lock */
#include "scratch.h"

#define DAY	86400000LL
#define NOON	1700049600000LL	/* 2023-11-15T12:00:00Z */
#define TODAY	"state/journal/2023-11-15.ndjson"

static struct fault fault;
static struct profile p;
static struct journal *j;

/* In place of the system's: how often it was called, how much was in the file then. */
static int syncs, sync_errno;
static off_t synced;

int
fdatasync(int fd)
{
	struct stat st;

	syncs++;
	if (fstat(fd, &st) == 0)
		synced = st.st_size;
	errno = sync_errno;
	return sync_errno == 0 ? fsync(fd) : -1;
}

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

/* What was told of damage, and where the lines of several intents went. */
static void
note_damage(void *arg, const char *sentence)
{
	struct buf *b = arg;

	buf_str(b, sentence + strlen(scratch) + 1);
	buf_chr(b, '\n');
}

static void
damage_is_named_by_file_and_line(void **state)
{
	struct buf told = { 0 };
	char *text, *big;
	size_t n;

	(void)state;
	for (int i = 0; i < 6; i++)
		put(i < 3 ? NOON - DAY : NOON, "intent", i == 4 ? "bad" : "x", "{\"a\":1}");
	journal_on_damage(j, note_damage, &told);
	assert_int_equal(walk(2, NOON), 0);
	assert_null(told.p);
	text = scratch_get(TODAY, &n);
	memcpy(strstr(text, "bad"), "BAD", 3);
	big = calloc(1, LINE_MAX_BYTES + n + 200);
	memset(big, 'x', LINE_MAX_BYTES + 100);
	memcpy(big + LINE_MAX_BYTES + 100, "\n{\"e\":\"bf.jou\n", 15);
	memcpy(big + strlen(big), text, n);
	/* the checksum by another program: Python's zlib.crc32 */
	memcpy(big + strlen(big), "{\"e\":\"bf.other\",\"crc\":\"334e1a77\"}\n", 34);
	scratch_put(TODAY, 0600, big, strlen(big));
	assert_int_equal(walk(2, NOON), 4);
	assert_string_equal(told.p, TODAY ": line 1: too long for a line of the journal\n"
	    TODAY ": line 2: cut short, or overwritten\n"
	    TODAY ": line 4: not what its checksum says\n"
	    TODAY ": line 6: no record of the journal\n");
	assert_int_equal(count, 5);
	buf_reset(&told);
	assert_int_equal(claim(j, NOON, "new"), 0);	/* reads what is new to it, and says nothing */
	assert_int_equal(told.len, 0);
	journal_on_damage(j, NULL, NULL);
	assert_int_equal(walk(2, NOON), 4);
	buf_free(&told);
	free(text);
	free(big);
}

/* After a power cut the end of a file may be of zeros. */
static void
zeros_at_the_end_are_a_torn_line(void **state)
{
	char *text, zeros[600] = "";
	size_t n;

	(void)state;
	put(NOON, "intent", "one", "{}");
	text = scratch_get(TODAY, &n);
	memcpy(zeros, text, n);
	scratch_put(TODAY, 0600, zeros, sizeof zeros);
	assert_int_equal(walk(1, NOON), 0);
	put(NOON, "intent", "two", "{}");
	assert_int_equal(walk(1, NOON), 1);
	assert_string_equal(seen, "intent:one:{} intent:two:{} ");
	free(text);
}

static void
a_raw_newline_inside_a_string_is_refused(void **state)
{
	(void)state;
	assert_int_equal(journal_put(j, NOON, "intent", "x", "\"a\nb\"", 5, true, &fault), -1);
	assert_int_equal(walk(1, NOON), 0);
	assert_int_equal(count, 0);
}

static struct journal *
another(void)
{
	struct journal *other;
	int damaged;

	assert_int_equal(journal_open(&other, &p, NULL, &fault), 0);
	count = 0;
	assert_int_equal(journal_walk(other, 1, NOON, note, NULL, &damaged, &fault), 0);
	return other;
}

static void
a_group_is_claimed_at_once_but_for_what_others_have(void **state)
{
	struct journal_claim v[] = { { "a", "1", 1, true }, { "b", "2", 1, true }, { "c", "3", 1, true },
	    { "a", "4", 1, true }, { "~b", "5", 1, true }, { "~b", "6", 1, true } };
	struct journal_claim none[] = { { "b", "7", 1, false }, { "c", "8", 1, false } };
	struct journal *other = another();

	(void)state;
	assert_int_equal(walk(1, NOON), 0);
	assert_int_equal(claim(other, NOON, "b"), 0);
	assert_int_equal(claim(other, NOON, "~b"), 0);
	assert_int_equal(journal_claim_all(j, NOON, v, 6, &fault), 0);
	for (int i = 0; i < 6; i++)
		assert_int_equal(v[i].taken, i == 1 || i == 3);
	assert_int_equal(walk(1, NOON), 0);
	assert_string_equal(seen, "intent:b:{} intent:~b:{} intent:a:1 intent:c:3 intent:~b:5 intent:~b:6 ");
	assert_int_equal(claim(other, NOON, "c"), 1);
	assert_int_equal(claim(j, NOON, "c"), 0);
	assert_int_equal(journal_claim_all(other, NOON, none + 1, 1, &fault), 0);
	assert_true(none[1].taken);
	assert_int_equal(journal_claim_all(j, NOON, none, 1, &fault), 0);
	assert_true(none[0].taken);
	assert_int_equal(journal_claim_all(j, NOON, none, 0, &fault), 0);
	assert_int_equal(walk(1, NOON), 0);
	assert_int_equal(count, 7);
	journal_close(other);
}

/* One that cannot be written: none is. */
static void
a_group_is_claimed_whole_or_not_at_all(void **state)
{
	struct journal_claim v[] = { { "a", "1", 1, false }, { "b", "{", 1, false } };

	(void)state;
	assert_int_equal(journal_claim_all(j, NOON, v, 2, &fault), -1);
	assert_int_equal(walk(1, NOON), 0);
	assert_int_equal(count, 0);
}

/* Two requests of one id, one before midnight by its time and one after, whichever
 * comes first: one of them is sent. */
static void
an_id_is_claimed_once_over_midnight(void **state)
{
	const int64_t midnight = NOON + DAY / 2;
	struct journal *other = another();

	(void)state;
	assert_int_equal(walk(1, NOON), 0);
	assert_int_equal(claim(j, midnight - 5, "a"), 0);
	assert_int_equal(claim(other, midnight + 1, "a"), 1);
	assert_int_equal(claim(other, midnight + 1, "b"), 0);
	assert_int_equal(claim(j, midnight - 4, "b"), 1);	/* its clock is behind */
	assert_int_equal(claim(j, midnight - 3, "c"), 0);
	assert_int_equal(claim(other, midnight + 2, "c"), 1);
	assert_int_equal(claim(j, midnight + 3, "a"), 0);	/* our own, signed anew */
	put(midnight - 2, "result", "c", "{}");
	assert_int_equal(claim(other, midnight + 4, "d"), 0);
	assert_int_equal(claim(j, midnight - 1, "d"), 1);
	assert_int_equal(claim(j, midnight - 1, "e"), 0);
	assert_int_equal(walk(2, midnight), 0);
	assert_string_equal(seen, "intent:a:{} result:c:{} intent:b:{} intent:c:{} intent:a:{} intent:d:{} intent:e:{} ");
	journal_close(other);
}

/* As logrotate would: the name counts, for others open it by that. */
static void
a_file_renamed_while_open_is_made_anew(void **state)
{
	(void)state;
	put(NOON, "intent", "one", "{}");
	assert_int_equal(rename(in_scratch(TODAY), in_scratch("state/old")), 0);
	put(NOON, "intent", "two", "{}");
	assert_int_equal(walk(1, NOON), 0);
	assert_string_equal(seen, "intent:two:{} ");
	assert_int_equal(rename(in_scratch("state/old"), in_scratch(TODAY)), 0);
	put(NOON, "intent", "three", "{}");
	assert_int_equal(walk(1, NOON), 0);
	assert_string_equal(seen, "intent:one:{} intent:three:{} ");
}

static void
a_lock_that_is_kept_is_local_trouble(void **state)
{
	int fd;

	(void)state;
	put(NOON, "intent", "one", "{}");
	assert_int_not_equal(fd = open(in_scratch(TODAY), O_RDONLY), -1);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	j->lock_ms = 20;
	assert_int_equal(claim(j, NOON, "two"), -1);
	assert_int_equal(fault.kind, FAULT_LOCAL);
	assert_non_null(strstr(fault.text, "another process has locked it for 20 ms"));
	close(fd);
	assert_int_equal(claim(j, NOON, "two"), 0);
}

static off_t
file_size(void)
{
	struct stat st;

	return stat(in_scratch(TODAY), &st) == 0 ? st.st_size : -1;
}

static void
what_is_durable_is_on_the_disk_when_it_returns(void **state)
{
	struct journal_claim v[] = { { "a", "1", 1, true }, { "b", "2", 1, true }, { "c", "3", 1, true } };

	(void)state;
	syncs = 0;
	assert_int_equal(claim(j, NOON, "one"), 0);
	assert_int_equal(syncs, 1);
	assert_int_equal(synced, file_size());
	assert_int_equal(journal_claim_all(j, NOON, v, 3, &fault), 0);
	assert_int_equal(syncs, 2);		/* one for the three */
	assert_int_equal(synced, file_size());
	assert_int_equal(journal_put(j, NOON, "result", "a", "{}", 2, false, &fault), 0);
	assert_int_equal(syncs, 2);
	put(NOON, "result", "b", "{}");
	assert_int_equal(syncs, 3);
	assert_int_equal(synced, file_size());
	journal_sync(j, false);
	assert_int_equal(claim(j, NOON, "two"), 0);
	assert_int_equal(syncs, 3);
	assert_true(synced < file_size());	/* but it is written */
	journal_sync(j, true);
	assert_int_equal(claim(j, NOON, "three"), 0);
	assert_int_equal(syncs, 4);
	assert_int_equal(walk(1, NOON), 0);
	assert_int_equal(count, 8);
}

static void
a_disk_that_does_not_take_it_is_local_trouble(void **state)
{
	(void)state;
	sync_errno = EIO;
	assert_int_equal(claim(j, NOON, "one"), -1);
	sync_errno = 0;
	assert_int_equal(fault.kind, FAULT_LOCAL);
	assert_non_null(strstr(fault.text, "fdatasync"));
	assert_int_equal(claim(j, NOON, "two"), 0);
	assert_int_equal(walk(1, NOON), 0);
}

/*
 * Killed at any moment
 */

#define KILLED	4

/* Claims in groups and outcomes, as fast as it can, until it is killed. told: a pipe that
 * gets the number of an intent once its claim has returned. */
static void
write_until_killed(int who, int told)
{
	struct journal_claim v[3];
	struct journal *mine;
	char id[3][40], data[64];

	if (journal_open(&mine, &p, NULL, &fault) == -1)
		_exit(1);
	journal_sync(mine, who / KILLED % 2 == 0);
	for (int k = 0;; k += 3) {
		for (int i = 0; i < 3; i++) {
			snprintf(id[i], sizeof id[i], "%d-%d", who, k + i);
			v[i] = (struct journal_claim){ id[i], "{\"a\":[1,2,3]}", 13, true };
		}
		if (journal_claim_all(mine, NOON, v, 3, &fault) == -1 || v[0].taken || v[2].taken)
			_exit(1);
		if (write(told, &k, sizeof k) != sizeof k)
			_exit(1);
		snprintf(data, sizeof data, "{\"k\":%d}", k);
		if (journal_put(mine, NOON, "result", id[0], data, strlen(data), false, &fault) == -1)
			_exit(1);
	}
}

/* The greatest number that was told. */
static int
last_told(int fd)
{
	int k, last = -1;

	while (read(fd, &k, sizeof k) == sizeof k)
		last = k;
	return last;
}

/* The number that is next of each writer: they come in order, and none is left out. */
static int next[KILLED];

static int
count_on(void *arg, const struct journal_line *l)
{
	int who, k;

	(void)arg;
	if (sscanf(l->id, "%d-%d", &who, &k) != 2)
		return -1;
	return strcmp(l->what, "intent") == 0 && k != next[who % KILLED]++ ? -1 : 0;
}

static void
killed_writers_leave_whole_lines_and_what_they_claimed(void **state)
{
	int fd[KILLED][2], status, first, damaged;
	pid_t pid[KILLED];

	(void)state;
	for (unsigned turn = 0; turn < 12; turn++) {
		for (int i = 0; i < KILLED; i++) {
			assert_int_equal(pipe(fd[i]), 0);
			if ((pid[i] = fork()) == 0)
				write_until_killed((int)turn * KILLED + i, fd[i][1]);
			close(fd[i][1]);
		}
		for (int i = 0; i < KILLED; i++)
			assert_int_equal(read(fd[i][0], &first, sizeof first), sizeof first);
		usleep(turn * 713 % 4000);
		for (int i = 0; i < KILLED; i++)
			assert_int_equal(kill(pid[i], SIGKILL), 0);
		for (int i = 0; i < KILLED; i++) {
			assert_int_not_equal(waitpid(pid[i], &status, 0), -1);
			assert_true(WIFSIGNALED(status));	/* none found a fault before */
		}
		memset(next, 0, sizeof next);
		assert_int_equal(journal_walk(j, 1, NOON, count_on, NULL, &damaged, &fault), 0);
		assert_int_equal(damaged, 0);
		for (int i = 0; i < KILLED; i++) {
			assert_true(next[i] >= 3 && next[i] % 3 == 0);	/* a group is whole, too */
			assert_true(next[i] > last_told(fd[i][0]) + 2);
			close(fd[i][0]);
		}
		(void)unlink(in_scratch(TODAY));
	}
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

/* The end of the file only, from a whole line on; of neighbouring days too. */
static void
only_the_end_of_it_is_read_for_who_asks_often(void **state)
{
	char id[40];

	(void)state;
	put(NOON - DAY, "intent", "yesterday", "1");
	for (int i = 0; i < 200; i++) {
		snprintf(id, sizeof id, "o-%03d", i);
		put(NOON, i % 2 == 0 ? "intent" : "refused", id, "{\"pad\":\"0123456789012345678901234567890123456789\"}");
	}
	seen[0] = '\0';
	count = 0;
	assert_int_equal(journal_recent(j, 1000, NOON, note, NULL, &fault), 0);
	assert_non_null(strstr(seen, "intent:yesterday:1 "));
	assert_non_null(strstr(seen, "refused:o-199:"));
	assert_null(strstr(seen, "o-150"));
	assert_in_range(count, 3, 12);
	seen[0] = '\0';
	count = 0;
	assert_int_equal(journal_recent(j, 1 << 20, NOON, note, NULL, &fault), 0);
	assert_int_equal(count, 201);
}

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
		T(damage_is_named_by_file_and_line),
		T(zeros_at_the_end_are_a_torn_line),
		T(a_raw_newline_inside_a_string_is_refused),
		T(a_group_is_claimed_at_once_but_for_what_others_have),
		T(a_group_is_claimed_whole_or_not_at_all),
		T(an_id_is_claimed_once_over_midnight),
		T(a_file_renamed_while_open_is_made_anew),
		T(a_lock_that_is_kept_is_local_trouble),
		T(what_is_durable_is_on_the_disk_when_it_returns),
		T(a_disk_that_does_not_take_it_is_local_trouble),
		T(killed_writers_leave_whole_lines_and_what_they_claimed),
		T(only_the_end_of_it_is_read_for_who_asks_often),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
