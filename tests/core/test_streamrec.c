/* --record: files that are whole at every moment, whatever ends the run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <zlib.h>

#include <cmocka.h>

#include "../../cmd/bf-stream/rec.h"
#include "../../cmd/bf-stream/rec_part.h"
#include "core/buf.h"
#include "core/scan.h"
#include "scratch.h"

#define US	INT64_C(1723161256789012)	/* 2024-08-08T23:54:16Z */
#define STAMP	"-20240808T235416Z"

static struct fault fault;

static struct recorder *
start(const char *name, int64_t bytes, int64_t ms)
{
	struct recorder *r = NULL;

	if (recorder_open(&r, in_scratch(name), bytes, ms, &fault) == -1)
		fail_msg("%s", fault.text);
	return r;
}

static int
put(struct recorder *r, int64_t us, const char *data)
{
	return recorder_put(r, us, "btcusdt@trade", 13, data, strlen(data), &fault);
}

static void
end(struct recorder *r)
{
	if (recorder_close(r, &fault) == -1)
		fail_msg("%s", fault.text);
}

static void
holds(const char *name, const char *want)
{
	char *got = scratch_get(name, NULL);

	assert_string_equal(got, want);
	free(got);
}

static bool
there(const char *name)
{
	return access(in_scratch(name), F_OK) == 0;
}

static mode_t
mode_of(const char *name)
{
	struct stat st;

	assert_int_equal(stat(in_scratch(name), &st), 0);
	return st.st_mode & 07777;
}

static void
the_words_of_rotate(void **state)
{
	static const struct { const char *word; int64_t bytes, ms; } row[] = {
		{ "64M", 67108864, 0 }, { "1h", 0, 3600000 }, { "64M,1h", 67108864, 3600000 },
		{ "1h,64M", 67108864, 3600000 }, { "100k", 102400, 0 }, { "100K", 102400, 0 },
		{ "2G", INT64_C(2147483648), 0 }, { "4096", 4096, 0 }, { "4096,5s", 4096, 5000 },
		{ "30m", 0, 1800000 }, { "7d", 0, 604800000 }, { "1w", 0, 604800000 },
	};
	static const char *const bad[] = {
		"", ",", "64M,", ",1h", "1h,1h", "64M,1k", "0", "0h", "-1k", "64MB", "1.5h", "M", "1h,64M,1h",
		"100", "9999999999999999999", "99999999999999d", " 64M", "1y",
	};
	int64_t bytes, ms;

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		assert_int_equal(rotate_parse(&bytes, &ms, row[i].word, &fault), 0);
		assert_true(bytes == row[i].bytes && ms == row[i].ms);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		if (rotate_parse(&bytes, &ms, bad[i], &fault) != -1)
			fail_msg("taken: \"%s\"", bad[i]);
		assert_int_equal(fault.kind, FAULT_USAGE);
		assert_non_null(strstr(fault.text, "--rotate"));
	}
}

static void
parts_are_known_by_their_names(void **state)
{
	static const struct { const char *name; enum part_kind want; } row[] = {
		{ "a" STAMP, PART_PLAIN }, { "a" STAMP "-2", PART_PLAIN }, { "a" STAMP "-137", PART_PLAIN },
		{ "a" STAMP ".gz", PART_NONE }, { "a" STAMP ".gz.part", PART_HALF }, { "a" STAMP "-2.gz.part", PART_HALF },
		{ "a", PART_NONE }, { "b" STAMP, PART_NONE }, { "a-20240808", PART_NONE }, { "a" STAMP "-", PART_NONE },
		{ "a" STAMP "-2x", PART_NONE }, { "a" STAMP "~", PART_NONE }, { "a-2024-notes.txt", PART_NONE },
		{ "aa" STAMP, PART_NONE }, { "", PART_NONE },
	};
	char suffix[PART_SUFFIX];

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		assert_int_equal(part_kind("a", row[i].name), row[i].want);
	part_suffix(suffix, US, 1);
	assert_string_equal(suffix, STAMP);
	part_suffix(suffix, US, 12);
	assert_string_equal(suffix, STAMP "-12");
	part_suffix(suffix, 0, 1);
	assert_string_equal(suffix, "-19700101T000000Z");
	assert_true(part_recv("{\"recv\":1723161256789012,\"str", 29) == US);
	assert_true(part_recv("{\"recv\":", 8) == -1);
	assert_true(part_recv("{\"recv\":999999999999999999,", 27) == -1);
	assert_true(part_recv("{\"e\":1", 6) == -1);
}

static void
a_line_is_the_envelope_with_the_time_and_the_bytes_as_they_came(void **state)
{
	struct recorder *r = start("f", 0, 0);
	mode_t mask = umask(0);

	(void)state;
	assert_int_equal(put(r, US, "{ \"e\":\"trade\", \"p\":1.50, \"k\":\"\\u00e9\" }"), 0);
	assert_int_equal(recorder_put(r, US + 1, "", 0, "{\"e\":\"bf.conn\"}", 15, &fault), 0);
	assert_int_equal(recorder_put(r, US + 2, "q\"@x", 4, "{}", 2, &fault), 0);
	holds("f", "");		/* nothing before a flush */
	assert_int_equal(recorder_flush(r, US, &fault), 0);
	holds("f", "{\"recv\":1723161256789012,\"stream\":\"btcusdt@trade\",\"data\":"
	    "{ \"e\":\"trade\", \"p\":1.50, \"k\":\"\\u00e9\" }}\n"
	    "{\"recv\":1723161256789013,\"stream\":\"\",\"data\":{\"e\":\"bf.conn\"}}\n"
	    "{\"recv\":1723161256789014,\"stream\":\"q\\\"@x\",\"data\":{}}\n");
	end(r);
	r = start("g", 0, 0);
	assert_int_equal(mode_of("g"), 0600);
	end(r);
	umask(mask);
}

static void
a_file_that_is_there_is_appended_to_and_taken_from_others(void **state)
{
	struct recorder *r;

	(void)state;
	scratch_text("f", 0644, "{\"recv\":1,\"stream\":\"\",\"data\":{}}\n");
	r = start("f", 0, 0);
	assert_int_equal(mode_of("f"), 0600);
	assert_int_equal(put(r, 2, "{}"), 0);
	end(r);
	holds("f", "{\"recv\":1,\"stream\":\"\",\"data\":{}}\n"
	    "{\"recv\":2,\"stream\":\"btcusdt@trade\",\"data\":{}}\n");
}

static void
a_torn_last_line_is_cut_off(void **state)
{
	static const char whole[] = "{\"recv\":1,\"stream\":\"\",\"data\":{}}\n";
	char *big = malloc(300000);

	(void)state;
	assert_non_null(big);
	for (size_t torn = 0; torn < sizeof whole - 1; torn++) {
		struct buf b = { 0 };

		buf_str(&b, whole);
		buf_put(&b, whole, torn);
		scratch_put("f", 0600, b.p, b.len);
		end(start("f", 0, 0));
		holds("f", whole);
		scratch_put("f", 0600, whole, torn);	/* and nothing else is there */
		end(start("f", 0, 0));
		holds("f", "");
		buf_free(&b);
	}
	memset(big, 'x', 300000);
	memcpy(big, whole, sizeof whole - 1);
	scratch_put("f", 0600, big, 300000);	/* longer than what is looked at in one go */
	end(start("f", 0, 0));
	holds("f", whole);
	free(big);
}

static void
what_is_no_recording_is_left_as_it_is(void **state)
{
	struct recorder *r;

	(void)state;
	scratch_text("notes", 0600, "do not lose\nthis");
	assert_int_equal(recorder_open(&r, in_scratch("notes"), 0, 0, &fault), -1);
	assert_int_equal(fault.kind, FAULT_USAGE);
	assert_null(r);
	holds("notes", "do not lose\nthis");
	assert_int_equal(symlink("notes", in_scratch("link")), 0);
	assert_int_equal(recorder_open(&r, in_scratch("link"), 0, 0, &fault), -1);
	assert_non_null(strstr(fault.text, "symbolic link"));
	assert_int_equal(mkfifo(in_scratch("fifo"), 0600), 0);
	assert_int_equal(recorder_open(&r, in_scratch("fifo"), 0, 0, &fault), -1);
	assert_non_null(strstr(fault.text, "regular"));
	assert_int_equal(mkdir(in_scratch("dir"), 0700), 0);
	assert_int_equal(recorder_open(&r, in_scratch("dir"), 0, 0, &fault), -1);
	assert_int_equal(recorder_open(&r, in_scratch("dir/"), 0, 0, &fault), -1);
	assert_int_equal(recorder_open(&r, in_scratch("none/f"), 0, 0, &fault), -1);
	assert_int_equal(fault.kind, FAULT_LOCAL);
	assert_int_equal(recorder_open(&r, "", 0, 0, &fault), -1);
}

static void
a_second_recorder_is_refused_until_the_first_is_done(void **state)
{
	struct recorder *one = start("f", 1024, 0), *two;

	(void)state;
	assert_int_equal(recorder_open(&two, in_scratch("f"), 0, 0, &fault), -1);
	assert_int_equal(fault.kind, FAULT_LOCAL);
	assert_non_null(strstr(fault.text, "another process"));
	for (int i = 0; i < 100; i++)	/* several parts later still */
		assert_int_equal(put(one, US, "{\"e\":\"trade\"}"), 0);
	assert_int_equal(recorder_flush(one, US, &fault), 0);
	assert_int_equal(recorder_open(&two, in_scratch("f"), 0, 0, &fault), -1);
	end(one);
	end(start("f", 0, 0));
}

/*
 * Rotation
 */

static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcoll((*a)->d_name, (*b)->d_name);
}

/* The number after the second dash; 1 without. */
static int
nth(const char *name)
{
	const char *p = strrchr(name, 'Z');

	return p != NULL && p[1] == '-' ? atoi(p + 2) : 1;
}

/* Append all of a file, unpacked if it is packed. */
static void
unpack(const char *name, struct buf *out)
{
	char part[65536];
	gzFile gz = gzopen(in_scratch(name), "rb");
	int n;

	assert_non_null(gz);
	while ((n = gzread(gz, part, sizeof part)) > 0)
		buf_put(out, part, (size_t)n);
	assert_int_equal(n, 0);
	assert_int_equal(gzclose(gz), Z_OK);
}

/* Everything recorded under a name whose parts are of one second: in the order of
 * recording. parts, if not NULL, gets how many there are. */
static void
everything(const char *base, struct buf *out, int *parts)
{
	struct dirent **e;
	int n = scandir(scratch, &e, NULL, by_name), most = 0;

	assert_true(n > 0);
	for (int i = 0; i < n; i++)
		if (strncmp(e[i]->d_name, base, strlen(base)) == 0 && strchr(e[i]->d_name, 'Z') != NULL && nth(e[i]->d_name) > most)
			most = nth(e[i]->d_name);
	for (int k = 1; k <= most; k++)
		for (int i = 0; i < n; i++)
			if (strncmp(e[i]->d_name, base, strlen(base)) == 0 && strchr(e[i]->d_name, 'Z') != NULL &&
			    nth(e[i]->d_name) == k && strstr(e[i]->d_name, ".part") == NULL)
				unpack(e[i]->d_name, out);
	unpack(base, out);
	for (int i = 0; i < n; i++)
		free(e[i]);
	free(e);
	if (parts != NULL)
		*parts = most;
}

static void
parts_of_a_size_are_packed_and_nothing_is_missing(void **state)
{
	struct recorder *r = start("f", 10000, 0);
	struct buf want = { 0 }, got = { 0 };
	char data[200], name[64];
	struct stat st;
	int parts;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		snprintf(data, sizeof data, "{\"i\":%d,\"pad\":\"%0*d\"}", i, i % 150, i);
		assert_int_equal(put(r, US, data), 0);
		buf_printf(&want, "{\"recv\":%lld,\"stream\":\"btcusdt@trade\",\"data\":%s}\n", (long long)US, data);
	}
	end(r);
	everything("f", &got, &parts);
	assert_int_equal(got.len, want.len);
	assert_memory_equal(got.p, want.p, want.len);
	assert_in_range(parts, want.len / 10000, want.len / 9500);
	for (int i = 1; i <= parts; i++) {
		snprintf(name, sizeof name, i == 1 ? "f" STAMP ".gz" : "f" STAMP "-%d.gz", i);
		assert_true(there(name));
		assert_int_equal(mode_of(name), 0600);
		buf_reset(&got);
		unpack(name, &got);
		assert_in_range(got.len, 9500, 10000);	/* no larger than asked */
		assert_int_equal(got.p[got.len - 1], '\n');
		*strrchr(name, '.') = '\0';
		assert_false(there(name));
	}
	assert_int_equal(stat(in_scratch("f"), &st), 0);
	assert_true(st.st_size <= 10000);
	buf_free(&want);
	buf_free(&got);
}

static void
a_line_larger_than_a_part_is_a_part_of_its_own(void **state)
{
	struct recorder *r = start("f", 1024, 0);
	char *big = malloc(200001);
	struct buf got = { 0 };

	(void)state;
	assert_non_null(big);
	memset(big, 'x', 200000);
	big[0] = big[199999] = '"';
	big[200000] = '\0';
	assert_int_equal(put(r, US, "{}"), 0);
	assert_int_equal(put(r, US, big), 0);
	assert_int_equal(put(r, US, "{}"), 0);
	end(r);
	unpack("f" STAMP "-2.gz", &got);
	assert_true(got.len > 200000 && got.len < 200100);
	buf_free(&got);
	free(big);
}

static void
a_part_ends_by_its_age_with_the_next_record_or_when_idle(void **state)
{
	struct recorder *r = start("f", 0, 60000);

	(void)state;
	put(r, US, "{\"i\":1}");
	put(r, US + 59999999, "{\"i\":2}");
	assert_int_equal(recorder_flush(r, US + 59999999, &fault), 0);
	assert_false(there("f" STAMP) || there("f" STAMP ".gz"));
	put(r, US + 60000000, "{\"i\":3}");		/* first of the second part */
	assert_int_equal(recorder_flush(r, US + 60000001, &fault), 0);
	holds("f", "{\"recv\":1723161316789012,\"stream\":\"btcusdt@trade\",\"data\":{\"i\":3}}\n");
	assert_int_equal(recorder_flush(r, US + 120000000, &fault), 0);		/* nobody trades */
	holds("f", "");
	assert_int_equal(recorder_flush(r, US + 999000000, &fault), 0);		/* no empty parts */
	holds("f", "");
	put(r, US - 5000000, "{\"i\":4}");		/* a clock that was set back */
	end(r);
	assert_true(there("f" STAMP ".gz"));
	assert_true(there("f-20240808T235516Z.gz"));

	r = start("f", 0, 60000);	/* its age is that of its first line, whoever wrote it */
	put(r, US + 54999999, "{\"i\":5}");
	recorder_flush(r, US, &fault);
	assert_false(there("f-20240808T235411Z.gz"));
	put(r, US + 55000000, "{\"i\":6}");
	end(r);
	assert_true(there("f-20240808T235411Z.gz"));
}

/* Wait for what the thread does, 20 s at most. */
static void
until(bool want, const char *name)
{
	for (int i = 0; i < 20000 && there(name) != want; i++)
		usleep(1000);
	assert_int_equal(there(name), want);
}

static void
what_a_killed_run_left_is_packed_at_the_next_start(void **state)
{
	static const char line[] = "{\"recv\":1723161256789012,\"stream\":\"\",\"data\":{}}\n";
	struct buf got = { 0 };
	struct recorder *r;

	(void)state;
	scratch_text("f" STAMP, 0600, line);
	scratch_text("f" STAMP ".gz.part", 0600, "half");
	scratch_text("f" STAMP "-2", 0600, line);
	scratch_text("f" STAMP "-2.gz", 0600, "was whole, and is made anew");
	scratch_text("f-2024-notes", 0600, "mine");
	scratch_text("g" STAMP, 0600, line);
	r = start("f", 0, 0);
	until(false, "f" STAMP);
	until(false, "f" STAMP "-2");
	end(r);
	unpack("f" STAMP ".gz", &got);
	assert_string_equal(got.p, line);
	buf_reset(&got);
	unpack("f" STAMP "-2.gz", &got);
	assert_string_equal(got.p, line);
	assert_false(there("f" STAMP ".gz.part"));
	holds("f-2024-notes", "mine");
	holds("g" STAMP, line);
	buf_free(&got);
}

static void
a_part_that_cannot_be_packed_stays_and_is_told(void **state)
{
	struct recorder *r = start("f", 1024, 0);

	(void)state;
	assert_int_equal(mkdir(in_scratch("f" STAMP ".gz.part"), 0700), 0);
	for (int i = 0; i < 20; i++)
		assert_int_equal(put(r, US, "{\"e\":\"trade\",\"pad\":\"0123456789\"}"), 0);
	assert_int_equal(recorder_close(r, &fault), -1);
	assert_int_equal(fault.kind, FAULT_LOCAL);
	assert_non_null(strstr(fault.text, "f" STAMP));
	assert_true(there("f" STAMP));
	assert_int_equal(rmdir(in_scratch("f" STAMP ".gz.part")), 0);
	r = start("f", 1024, 0);	/* the next run does it */
	until(false, "f" STAMP);
	end(r);
	assert_true(there("f" STAMP ".gz"));
}

/*
 * Full disks, kill -9
 */

/* Lines "run R, record I", each run from 0 on; a torn last line is allowed if torn is
 * not NULL, which counts them. Returns how many lines. */
static int
check(const char *p, size_t n, int *torn)
{
	static struct scan sc;
	int64_t run = -1, next = 0, r, i;
	const char *nl;
	int lines = 0;

	for (; n > 0; n -= (size_t)(nl - p) + 1, p = nl + 1, lines++) {
		if ((nl = memchr(p, '\n', n)) == NULL) {
			assert_non_null(torn);
			++*torn;
			break;
		}
		assert_true(scan_doc(&sc, p, (size_t)(nl - p)) > 0);
		assert_true(scan_get_i64(sc.t, scan_get(sc.t, sc.t, "data"), "run", &r));
		assert_true(scan_get_i64(sc.t, scan_get(sc.t, sc.t, "data"), "i", &i));
		if (r != run) {
			assert_true(r > run);
			run = r;
			next = 0;
		}
		assert_true(i == next);
		next++;
	}
	return lines;
}

/* Record for ever; *count tells how far it came. Every other run leaves the flushing to the
 * recorder. */
static void
record_on(const char *path, int run, int64_t rotate, volatile unsigned *count)
{
	struct recorder *r;
	struct fault f;
	char data[600];

	if (recorder_open(&r, path, rotate, 0, &f) == -1)
		_exit(1);
	for (unsigned i = 0;; i++) {
		int n = snprintf(data, sizeof data, "{\"run\":%d,\"i\":%u,\"pad\":\"%0*u\"}", run, i, (int)(i * 37 % 500), i);

		if (recorder_put(r, US, "x@trade", 7, data, (size_t)n, &f) == -1)
			_exit(2);
		if (run % 2 == 0 && i % 7 == 0 && recorder_flush(r, US, &f) == -1)
			_exit(3);
		*count = i + 1;
	}
}

/* Runs of it are killed at moments that the figures choose. */
static void
kill_runs(int runs, int64_t rotate, void (*after)(void))
{
	volatile unsigned *count = mmap(NULL, sizeof *count, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char path[512];

	assert_true(count != MAP_FAILED);
	snprintf(path, sizeof path, "%s", in_scratch("f"));
	for (int run = 0; run < runs; run++) {
		unsigned until_n = 1 + (unsigned)run * 7919 % 3001;
		int status;
		pid_t pid;

		*count = 0;
		if ((pid = fork()) == 0)
			record_on(path, run, rotate, count);
		while (*count < until_n && waitpid(pid, &status, WNOHANG) == 0)
			sched_yield();
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
		assert_true(*count >= until_n);
		after();
	}
	munmap((void *)count, sizeof *count);
}

static int torn_tails;

static void
file_is_whole(void)
{
	char *p;
	struct buf b = { 0 };

	unpack("f", &b);
	assert_true(check(b.p, b.len, &torn_tails) > 0);
	p = memchr(b.p, '\n', b.len);
	assert_non_null(p);
	end(start("f", 0, 0));		/* and after the next start there is no torn one either */
	buf_reset(&b);
	unpack("f", &b);
	(void)check(b.p, b.len, NULL);
	buf_free(&b);
}

/* A line is never torn by us. The kernel may stop a write of several pages between two of
 * them when the process is killed (Linux, generic_perform_write): that is what the cutting
 * at the start is for. */
static void
kill_9_leaves_whole_lines_and_at_most_a_torn_last_one_that_the_next_run_cuts(void **state)
{
	(void)state;
	torn_tails = 0;
	kill_runs(50, 0, file_is_whole);
	assert_true(torn_tails < 50);
}

static void
nothing(void)
{
}

/* Killed while parts are renamed and packed: all lines are in one place or another. */
static void
kill_9_while_rotating_loses_no_part(void **state)
{
	struct buf all = { 0 };
	struct recorder *r;
	struct dirent **e;
	int n, left = 1;

	(void)state;
	kill_runs(30, 20000, nothing);
	r = start("f", 20000, 0);
	for (int turn = 0; left > 0 && turn < 20000; turn++) {	/* until all is packed */
		n = scandir(scratch, &e, NULL, by_name);
		assert_true(n > 0);
		for (left = 0; n > 0; free(e[--n]))
			left += part_kind("f", e[n - 1]->d_name) != PART_NONE;
		free(e);
		if (left > 0)
			usleep(1000);
	}
	assert_int_equal(left, 0);
	end(r);
	everything("f", &all, &n);
	assert_true(n > 30);
	assert_true(check(all.p, all.len, NULL) > 30 * 100);
	buf_free(&all);
}

/* The file may not grow beyond 10,000 bytes for a while: as if the disk were full. */
static void
a_full_disk_is_told_and_tears_no_line(void **state)
{
	struct rlimit was, less = { 10000, RLIM_INFINITY };
	struct recorder *r;
	struct buf b = { 0 };
	struct stat st;
	char data[300];
	int failed = 0;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	less.rlim_max = was.rlim_max;
	r = start("f", 0, 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &less), 0);
	for (int i = 0; i < 100; i++) {
		int n = snprintf(data, sizeof data, "{\"run\":0,\"i\":%d,\"pad\":\"%0*d\"}", i - failed, 200, i);

		if (recorder_put(r, US, "x@trade", 7, data, (size_t)n, &fault) == -1)
			failed++;	/* not taken: the next one has its number */
		else if (i % 7 == 6 && recorder_flush(r, US, &fault) == -1) {
			assert_int_equal(fault.kind, FAULT_LOCAL);
			assert_non_null(strstr(fault.text, "too large"));
			buf_reset(&b);
			unpack("f", &b);
			assert_in_range(check(b.p, b.len, NULL), 30, 40);	/* whole lines only */
			assert_int_equal(stat(in_scratch("f"), &st), 0);
			assert_true(st.st_size <= 10000);
		}
	}
	assert_true(failed > 30);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	end(r);		/* there is room again: what waited is written, once */
	buf_reset(&b);
	unpack("f", &b);
	assert_int_equal(check(b.p, b.len, NULL), 100 - failed);
	buf_free(&b);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, scratch_make, scratch_remove)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_words_of_rotate),
		cmocka_unit_test(parts_are_known_by_their_names),
		TEST(a_line_is_the_envelope_with_the_time_and_the_bytes_as_they_came),
		TEST(a_file_that_is_there_is_appended_to_and_taken_from_others),
		TEST(a_torn_last_line_is_cut_off),
		TEST(what_is_no_recording_is_left_as_it_is),
		TEST(a_second_recorder_is_refused_until_the_first_is_done),
		TEST(parts_of_a_size_are_packed_and_nothing_is_missing),
		TEST(a_line_larger_than_a_part_is_a_part_of_its_own),
		TEST(a_part_ends_by_its_age_with_the_next_record_or_when_idle),
		TEST(what_a_killed_run_left_is_packed_at_the_next_start),
		TEST(a_part_that_cannot_be_packed_stays_and_is_told),
		TEST(kill_9_leaves_whole_lines_and_at_most_a_torn_last_one_that_the_next_run_cuts),
		TEST(kill_9_while_rotating_loses_no_part),
		TEST(a_full_disk_is_told_and_tears_no_line),
	};

	alarm(110);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
