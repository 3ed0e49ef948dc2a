#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <dirent.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "io/state.h"
#include "scratch.h"

static struct fault fault;
static struct profile p;

static int
setup(void **state)
{
	if (scratch_make(state) == -1)
		return -1;
	umask(0);
	memset(&p, 0, sizeof p);
	snprintf(p.state_dir, sizeof p.state_dir, "%s/state/bf/demo", scratch);
	return 0;
}

static unsigned
mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(lstat(path, &st), 0);
	return st.st_mode & 07777;
}

/* Entries of the state directory. */
static int
entries(void)
{
	DIR *d = opendir(p.state_dir);
	int n = 0;

	assert_non_null(d);
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n - 2;
}

static void
directories_are_made_for_their_owner_alone(void **state)
{
	(void)state;
	assert_int_equal(state_dir(p.state_dir, &fault), 0);
	assert_int_equal(mode_of(p.state_dir), 0700);
	assert_int_equal(mode_of(in_scratch("state")), 0700);
	assert_int_equal(state_dir(p.state_dir, &fault), 0);
}

static void
a_directory_in_one_is_made_there_and_never_behind_a_link(void **state)
{
	char sub[sizeof p.state_dir + 8], there[sizeof p.state_dir + 8], behind[sizeof p.state_dir + 16];
	struct stat st;

	(void)state;
	snprintf(sub, sizeof sub, "%s/part", p.state_dir);
	assert_int_equal(state_subdir(p.state_dir, "part", &fault), 0);
	assert_int_equal(mode_of(p.state_dir), 0700);
	assert_int_equal(mode_of(sub), 0700);
	assert_int_equal(state_subdir(p.state_dir, "part", &fault), 0);
	chmod(sub, 0777);
	assert_int_equal(state_subdir(p.state_dir, "part", &fault), -1);
	assert_int_equal(rmdir(sub), 0);
	snprintf(there, sizeof there, "%s", in_scratch("there"));
	assert_int_equal(mkdir(there, 0700), 0);
	assert_int_equal(symlink(there, sub), 0);	/* a link in place of the inner one */
	assert_int_equal(state_subdir(p.state_dir, "part", &fault), -1);
	assert_int_equal(unlink(sub), 0);
	assert_int_equal(rmdir(p.state_dir), 0);
	assert_int_equal(symlink(there, p.state_dir), 0);	/* and of the outer */
	assert_int_equal(state_subdir(p.state_dir, "part", &fault), -1);
	snprintf(behind, sizeof behind, "%s/part", there);
	assert_int_equal(lstat(behind, &st), -1);
	assert_int_equal(state_subdir(p.state_dir, "../part", &fault), -1);
}

static void
a_directory_that_others_may_write_is_refused(void **state)
{
	static const unsigned modes[] = { 0777, 0770, 0702, 01777 };
	struct buf b = { 0 };

	(void)state;
	assert_int_equal(state_dir(p.state_dir, &fault), 0);
	for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
		chmod(p.state_dir, modes[i]);
		assert_int_equal(state_dir(p.state_dir, &fault), -1);
		assert_int_equal(fault.kind, FAULT_LOCAL);
		assert_non_null(strstr(fault.text, "chmod 700"));
		assert_int_equal(state_write(p.state_dir, "x", "y", 1, &fault), -1);
		assert_int_equal(state_read(p.state_dir, "x", &b, 10, &fault), -1);
	}
	chmod(p.state_dir, 0755);
	assert_int_equal(state_dir(p.state_dir, &fault), 0);
	buf_free(&b);
}

static void
a_link_or_file_in_place_of_the_directory_is_refused(void **state)
{
	(void)state;
	assert_int_equal(state_dir(in_scratch("real"), &fault), 0);
	assert_int_equal(state_dir(in_scratch("state/bf"), &fault), 0);
	assert_int_equal(symlink(in_scratch("real"), p.state_dir), 0);
	assert_int_equal(state_dir(p.state_dir, &fault), -1);
	unlink(p.state_dir);
	scratch_text("state/bf/demo", 0600, "");
	assert_int_equal(state_dir(p.state_dir, &fault), -1);
	if (geteuid() != 0)
		return;
	unlink(p.state_dir);
	assert_int_equal(mkdir(p.state_dir, 0700), 0);
	assert_int_equal(chown(p.state_dir, 12345, (gid_t)-1), 0);
	assert_int_equal(state_dir(p.state_dir, &fault), -1);
	assert_non_null(strstr(fault.text, "another user"));
}

static void
a_file_is_read_as_it_was_written(void **state)
{
	struct buf b = { 0 };

	(void)state;
	assert_int_equal(state_read(p.state_dir, "clock", &b, 100, &fault), 0);	/* not even a directory */
	assert_int_equal(state_write(p.state_dir, "clock", "a\0b", 3, &fault), 0);
	assert_int_equal(state_write(p.state_dir, "clock", "second", 6, &fault), 0);
	assert_int_equal(mode_of(in_scratch("state/bf/demo/clock")), 0600);
	assert_int_equal(state_read(p.state_dir, "clock", &b, 100, &fault), 1);
	assert_int_equal(b.len, 6);
	assert_memory_equal(b.p, "second", 6);
	assert_int_equal(state_read(p.state_dir, "clock", &b, 6, &fault), 1);
	assert_int_equal(state_read(p.state_dir, "clock", &b, 5, &fault), -1);
	assert_int_equal(fault.kind, FAULT_LOCAL);
	assert_int_equal(state_read(p.state_dir, "other", &b, 5, &fault), 0);
	assert_int_equal(state_write(p.state_dir, "empty", "", 0, &fault), 0);
	assert_int_equal(state_read(p.state_dir, "empty", &b, 5, &fault), 1);
	assert_int_equal(b.len, 0);
	assert_int_equal(entries(), 2);		/* no temporary file stays */
	buf_free(&b);
}

static void
a_name_cannot_leave_the_directory(void **state)
{
	static const char *const names[] = { "", ".", "..", "../x", "a/b", "/etc/passwd", ".hidden" };
	struct buf b = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		assert_int_equal(state_write(p.state_dir, names[i], "x", 1, &fault), -1);
		assert_int_equal(state_read(p.state_dir, names[i], &b, 9, &fault), -1);
	}
	buf_free(&b);
}

static void
a_planted_file_is_not_followed_or_believed(void **state)
{
	struct buf b = { 0 };
	char *text;

	(void)state;
	scratch_text("victim", 0600, "precious");
	assert_int_equal(state_dir(p.state_dir, &fault), 0);
	assert_int_equal(symlink(in_scratch("victim"), in_scratch("state/bf/demo/clock")), 0);
	assert_int_equal(state_read(p.state_dir, "clock", &b, 100, &fault), -1);
	assert_int_equal(state_write(p.state_dir, "clock", "x", 1, &fault), 0);	/* replaces the link */
	text = scratch_get("victim", NULL);
	assert_string_equal(text, "precious");
	free(text);
	chmod(in_scratch("state/bf/demo/clock"), 0666);
	assert_int_equal(state_read(p.state_dir, "clock", &b, 100, &fault), -1);
	unlink(in_scratch("state/bf/demo/clock"));
	assert_int_equal(mkfifo(in_scratch("state/bf/demo/clock"), 0600), 0);
	assert_int_equal(state_read(p.state_dir, "clock", &b, 100, &fault), -1);	/* and does not hang */
	buf_free(&b);
}

/* Many processes write the same file; each reader sees one whole version. */
static void
writers_at_once_leave_one_whole_file(void **state)
{
	char text[5000];
	struct buf b = { 0 };
	int i, k, status;

	(void)state;
	for (i = 0; i < 8; i++) {
		if (fork() != 0)
			continue;
		memset(text, 'a' + i, sizeof text);
		for (k = 0; k < 20; k++)
			if (state_write(p.state_dir, "f", text, sizeof text, &fault) == -1)
				_exit(1);
		_exit(0);
	}
	for (i = 0; i < 8; i++) {
		assert_int_not_equal(wait(&status), -1);
		assert_int_equal(status, 0);
		assert_int_equal(state_read(p.state_dir, "f", &b, sizeof text, &fault), 1);
		assert_int_equal(b.len, sizeof text);
		for (k = 1; k < (int)b.len; k++)
			assert_int_equal(b.p[k], b.p[0]);
	}
	assert_int_equal(entries(), 1);
	buf_free(&b);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, scratch_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(directories_are_made_for_their_owner_alone),
		T(a_directory_in_one_is_made_there_and_never_behind_a_link),
		T(a_directory_that_others_may_write_is_refused),
		T(a_link_or_file_in_place_of_the_directory_is_refused),
		T(a_file_is_read_as_it_was_written),
		T(a_name_cannot_leave_the_directory),
		T(a_planted_file_is_not_followed_or_believed),
		T(writers_at_once_leave_one_whole_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
