/*
 * A key from a descriptor, a private key written out in the key file, and what type= binds.
 * A process reads its descriptor once, so each case is a process of its own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>

#include "keyrig.h"

#define HMAC_TEXT	"key = " KEY "\nsecret = " SECRET "\ntype = hmac\n"
#define HMAC_SIG	"3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9"
#define ED_SIG		"ATEuJPvzWUFs0d1x9FwudUJsSfMMWR%2BbkdrxtbOYgFkZj36Ol%2FvwKDGm9UWtKuq0mtnSTOQruQAwFvR128PaDg%3D%3D"

/* What a process that was given a descriptor came to. */
static struct told {
	int		r[2];		/* of cred_load, twice */
	struct fault	f;
	char		key[100], sig[2][800];
	bool		shut, hidden, nobodys;
} *told;

static int
setup(void **state)
{
	told = mmap(NULL, sizeof *told, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (told == MAP_FAILED || keys_setup(state) == -1)
		return -1;
	p.key_file[0] = '\0';
	return 0;
}

static int
teardown(void **state)
{
	munmap(told, sizeof *told);
	return scratch_remove(state);
}

static void
tell(int fd)
{
	struct buf b = { 0 };

	cred_prepare();
	told->hidden = getenv("BF_KEY_FD") == NULL;
	told->nobodys = fcntl(fd, F_GETFD) == FD_CLOEXEC;
	for (int i = 0; i < 2; i++) {
		told->r[i] = cred_load(&c, &p, &told->f);
		if (told->r[i] == -1)
			continue;
		snprintf(told->key, sizeof told->key, "%s", cred_key(c));
		buf_reset(&b);
		if (cred_sign(c, ORDER, strlen(ORDER), &b, &told->f) == 0)
			snprintf(told->sig[i], sizeof told->sig[i], "%s", b.p);
		cred_free(c);
	}
	told->shut = fcntl(fd, F_GETFD) == -1 && errno == EBADF;
	buf_free(&b);
	_exit(0);
}

/* A process with BF_KEY_FD=word; fd, if there is one, is closed here afterwards. */
static void
process(const char *word, int fd)
{
	int status;
	pid_t pid;

	memset(told, 0, sizeof *told);
	assert_true((pid = fork()) != -1);
	if (pid == 0) {
		setenv("BF_KEY_FD", word, 1);
		tell(fd);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	if (fd > STDERR_FILENO)
		close(fd);
}

static void
process_fd(int fd)
{
	char word[16];

	assert_true(fd > STDERR_FILENO);
	snprintf(word, sizeof word, "%d", fd);
	process(word, fd);
}

/* It was refused with these words, and the descriptor is closed all the same. */
static void
told_off(enum fault_kind kind, const char *words)
{
	assert_int_equal(told->r[0], -1);
	assert_int_equal(told->r[1], -1);
	assert_int_equal(told->f.kind, kind);
	if (strstr(told->f.text, words) == NULL)
		fail_msg("\"%s\" is not in: %s", words, told->f.text);
	assert_null(strstr(told->f.text, "CANARY"));
	assert_true(told->shut && told->hidden);
}

static void
told_key(const char *sig)
{
	if (told->r[0] == -1)
		fail_msg("%s", told->f.text);
	assert_int_equal(told->r[1], 0);
	assert_string_equal(told->key, KEY);
	for (int i = 0; i < 2; i++)
		assert_string_equal(told->sig[i], sig);
	assert_true(told->shut && told->hidden && told->nobodys);
}

static int
file_fd(const char *name)
{
	int fd = open(in_scratch(name), O_RDONLY);

	assert_true(fd != -1);
	return fd;
}

/* The end of a pipe, or of a pair of sockets, that gives these bytes and ends. */
static int
gives(bool pair, const char *text, size_t n)
{
	int fd[2];

	assert_int_equal(pair ? socketpair(AF_UNIX, SOCK_STREAM, 0, fd) : pipe(fd), 0);
	assert_int_equal(write(fd[1], text, n), (ssize_t)n);
	close(fd[1]);
	return fd[0];
}

static void
a_descriptor_has_what_a_key_file_has(void **state)
{
	int fd;

	(void)state;
	scratch_text("k", 0600, HMAC_TEXT);
	process_fd(file_fd("k"));
	told_key(HMAC_SIG);
	process_fd(gives(false, HMAC_TEXT, strlen(HMAC_TEXT)));
	told_key(HMAC_SIG);
	process_fd(gives(true, HMAC_TEXT, strlen(HMAC_TEXT)));
	told_key(HMAC_SIG);
	scratch_text("k", 0666, HMAC_TEXT);	/* one without a name is nobody else's */
	fd = file_fd("k");
	unlink(in_scratch("k"));
	process_fd(fd);
	told_key(HMAC_SIG);
}

/* As in a pipe whose programs were all given it: where one has read to is the other's too. */
static void
a_file_serves_all_who_share_its_descriptor(void **state)
{
	int fd;

	(void)state;
	scratch_text("k", 0600, HMAC_TEXT);
	fd = file_fd("k");
	for (int i = 0; i < 2; i++) {
		process_fd(dup(fd));
		told_key(HMAC_SIG);
	}
	assert_int_equal(lseek(fd, 0, SEEK_END), (off_t)strlen(HMAC_TEXT));
	process_fd(fd);
	told_key(HMAC_SIG);
}

static void
a_bad_descriptor_is_refused_with_the_reason(void **state)
{
	static const struct { const char *word, *want; } words[] = {
		{ "0", "not the number of a descriptor, 3 or more" }, { "2", "BF_KEY_FD=2: not the number" },
		{ "-1", "not the number" }, { "3x", "not the number" }, { "CANARY", "BF_KEY_FD=?: not the number" },
		{ "99999999999999999999", "not the number" }, { "77777", "Bad file descriptor" },
	};
	static char big[20000];
	int other;

	(void)state;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		process(words[i].word, -1);
		told_off(FAULT_KEY, words[i].want);
	}
	scratch_text("k", 0640, "key=CANARY\nsecret=CANARY\n");
	process_fd(file_fd("k"));
	told_off(FAULT_KEY, "can be used by others (mode 0640)");
	scratch_text("empty", 0600, "");
	process_fd(file_fd("empty"));
	told_off(FAULT_KEY, "gives nothing");
	process_fd(gives(false, "", 0));
	told_off(FAULT_KEY, "gives nothing");
	memset(big, '\n', sizeof big);
	process_fd(gives(false, big, sizeof big));
	told_off(FAULT_KEY, "more than 16383 bytes");
	scratch_put("big", 0600, big, sizeof big);
	process_fd(file_fd("big"));
	told_off(FAULT_KEY, "more than 16383 bytes");
	process_fd(gives(false, "key=CANARY\nsecret=CAN\0ARY\n", 26));
	told_off(FAULT_KEY, "line 2 holds a control character");
	process_fd(gives(false, "key=CANARY\nprivate_key=pem\n", 27));
	told_off(FAULT_KEY, "whole path");
	process_fd(open(scratch, O_RDONLY | O_DIRECTORY));
	told_off(FAULT_KEY, "no file, pipe or socket");
	process_fd(open("/dev/null", O_RDONLY));
	told_off(FAULT_KEY, "no file, pipe or socket");
	process_fd(open(in_scratch("empty"), O_WRONLY));
	told_off(FAULT_KEY, "Bad file descriptor");
	assert_int_equal(mkfifo(in_scratch("fifo"), 0600), 0);
	assert_int_equal(chmod(in_scratch("fifo"), 0644), 0);
	other = open(in_scratch("fifo"), O_RDWR);
	process_fd(open(in_scratch("fifo"), O_RDONLY));
	told_off(FAULT_KEY, "can be used by others (mode 0644)");
	close(other);
	if (geteuid() == 0) {
		scratch_text("k", 0600, "key=CANARY\nsecret=CANARY\n");
		assert_int_equal(chown(in_scratch("k"), 12345, (gid_t)-1), 0);
		process_fd(file_fd("k"));
		told_off(FAULT_KEY, "belongs to another user");
	}
}

static void
a_terminal_is_refused(void **state)
{
	int fd = posix_openpt(O_RDWR | O_NOCTTY), tty = -1;

	(void)state;
	if (fd == -1 || grantpt(fd) == -1 || unlockpt(fd) == -1 ||
	    (tty = open(ptsname(fd), O_RDWR | O_NOCTTY)) == -1) {
		print_message("# skip: no pseudo-terminal here: %s\n", strerror(errno));
		skip();
	}
	process_fd(tty);
	told_off(FAULT_KEY, "is a terminal");
	close(fd);
}

/* A file, then the descriptor, then a command, then the environment. */
static void
the_first_source_that_is_there_is_taken(void **state)
{
	char mark[300];

	(void)state;
	snprintf(p.secret_cmd, sizeof p.secret_cmd, "touch %s/ran; echo wrong", scratch);
	snprintf(p.api_key, sizeof p.api_key, "wrong");
	setenv("BF_API_KEY", "wrong", 1);
	setenv("BF_API_SECRET", "wrong", 1);
	process_fd(gives(false, HMAC_TEXT, strlen(HMAC_TEXT)));
	told_key(HMAC_SIG);
	snprintf(mark, sizeof mark, "%s/ran", scratch);
	assert_int_equal(access(mark, F_OK), -1);
	/* a bad one is no reason to take the next */
	process("77777", -1);
	told_off(FAULT_KEY, "Bad file descriptor");
	assert_int_equal(access(mark, F_OK), -1);
	/* a file comes before it; it stays unread, and no child's */
	scratch_text("k", 0600, HMAC_TEXT);
	snprintf(p.key_file, sizeof p.key_file, "%s/k", scratch);
	process_fd(gives(false, "key=CANARY\nsecret=CANARY\n", 25));
	assert_int_equal(told->r[0], 0);
	assert_string_equal(told->key, KEY);
	assert_string_equal(told->sig[0], HMAC_SIG);
	assert_true(told->nobodys && told->hidden);
}

/*
 * Private keys written out
 */

/* A key file NAME of these words and the file PEM between them. */
static void
with_pem(const char *name, const char *before, const char *pem, const char *after)
{
	struct buf b = { 0 };
	char *text = scratch_get(pem, NULL);

	buf_str(&b, before);
	buf_str(&b, text);
	buf_str(&b, after);
	scratch_put(name, 0600, b.p, b.len);
	buf_free(&b);
	free(text);
}

static void
a_private_key_may_stand_in_the_text_itself(void **state)
{
	static const struct { const char *before, *after; } row[] = {
		{ "key = " KEY "\n", "" },
		{ "key = " KEY "\ntype = ed25519\n", "\n# end\n" },
		{ "# mine\nkey=" KEY "\nprivate_key = ", "type=ed25519\n" },
		{ "", "key: " KEY "\r\n" },
	};
	EVP_PKEY *ed = ed25519_seed(), *rsa = new_rsa(2048);

	(void)state;
	write_pem("ed", ed, NULL);
	write_pem("rsa", rsa, NULL);
	snprintf(p.key_file, sizeof p.key_file, "%s/k", scratch);
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		with_pem("k", row[i].before, "ed", row[i].after);
		if (load() == -1)
			fail_msg("row %zu: %s", i, fault.text);
		assert_string_equal(cred_key(c), KEY);
		assert_string_equal(sign(ORDER), ED_SIG);
		cred_free(c);
	}
	p.key_file[0] = '\0';
	process_fd(file_fd("k"));
	told_key(ED_SIG);
	with_pem("k", "key=" KEY "\ntype=rsa\n", "rsa", "");
	process_fd(file_fd("k"));
	told_key(told->sig[0]);
	assert_true(verify(rsa, ORDER, told->sig[0]));
	EVP_PKEY_free(ed);
	EVP_PKEY_free(rsa);
}

/*
 * What type= binds: every kind of material under every word, and none.
 */

#define OK	NULL

static const struct { const char *material; const char *unsaid, *hmac, *rsa, *ed25519; } cross[] = {
	{ "secret",	OK, OK, "needs private_key=", "needs private_key=" },
	{ "base64",	OK, OK, "needs private_key=", "needs private_key=" },	/* of a PEM, in one word: a secret */
	{ "rsa",	OK, "type=hmac needs secret=", OK, "is of type rsa" },
	{ "ed",		OK, "type=hmac needs secret=", "is of type ed25519", OK },
	{ "locked",	"has a password", "type=hmac needs secret=", "has a password", "has a password" },
	{ "ec",		"neither an RSA nor", "type=hmac needs secret=", "neither an RSA nor", "neither an RSA nor" },
	{ "x25519",	"neither an RSA nor", "type=hmac needs secret=", "neither an RSA nor", "neither an RSA nor" },
	{ "public",	"not a private key", "type=hmac needs secret=", "not a private key", "not a private key" },
	{ "small",	"less than 2048 bits", "type=hmac needs secret=", "less than 2048 bits", "less than 2048 bits" },
};

static void
write_public(const char *name, EVP_PKEY *k)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *pem;
	long n;

	assert_int_equal(PEM_write_bio_PUBKEY(bio, k), 1);
	n = BIO_get_mem_data(bio, &pem);
	scratch_put(name, 0600, pem, (size_t)n);
	BIO_free(bio);
}

static void
write_material(void)
{
	EVP_PKEY *k[] = { new_rsa(2048), ed25519_seed(), EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256"),
	    EVP_PKEY_Q_keygen(NULL, NULL, "X25519"), new_rsa(1024) };

	write_pem("rsa", k[0], NULL);
	write_pem("ed", k[1], NULL);
	write_pem("locked", k[1], EVP_aes_256_cbc());
	write_pem("ec", k[2], NULL);
	write_pem("x25519", k[3], NULL);
	write_pem("small", k[4], NULL);
	write_public("public", k[0]);
	scratch_text("secret", 0600, "secret=" SECRET "\n");
	scratch_text("base64", 0600, "secret=MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n");
	for (size_t i = 0; i < sizeof k / sizeof *k; i++)
		EVP_PKEY_free(k[i]);
}

/* how 0: as a file beside; 1: written out. */
static void
one_cross(const char *material, const char *type, int how, const char *want)
{
	bool word = strcmp(material, "secret") == 0 || strcmp(material, "base64") == 0;
	char before[200];

	snprintf(before, sizeof before, "key=%s\n%s%s%s%s%s\n", KEY, *type != '\0' ? "type=" : "", type,
	    *type != '\0' ? "\n" : "", how == 0 && !word ? "private_key=" : "", how == 0 && !word ? material : "");
	if (how == 0 && !word)
		scratch_text("k", 0600, before);
	else
		with_pem("k", before, material, "");
	if (want != NULL) {
		refused(FAULT_KEY, want);
		return;
	}
	if (load() == -1)
		fail_msg("%s, type=%s: %s", material, type, fault.text);
	assert_int_equal(strlen(sign(ORDER)) == 64, word);	/* HMAC in hex, or longer base64 */
	cred_free(c);
}

static void
a_type_binds(void **state)
{
	(void)state;
	write_material();
	snprintf(p.key_file, sizeof p.key_file, "%s/k", scratch);
	for (size_t i = 0; i < sizeof cross / sizeof *cross; i++)
		for (int how = 0; how < 2; how++) {
			one_cross(cross[i].material, "", how, cross[i].unsaid);
			one_cross(cross[i].material, "hmac", how, cross[i].hmac);
			one_cross(cross[i].material, "rsa", how, cross[i].rsa);
			one_cross(cross[i].material, "ed25519", how, cross[i].ed25519);
		}
}

/* OpenSSL's older form, with a password, says so elsewhere in the text. */
static void
a_password_is_seen_in_either_form(void **state)
{
	EVP_PKEY *k = new_rsa(2048);
	BIO *bio = BIO_new(BIO_s_mem());
	char *pem;
	long n;

	(void)state;
	assert_int_equal(PEM_write_bio_PrivateKey_traditional(bio, k, EVP_aes_128_cbc(),
	    (const unsigned char *)"pw", 2, NULL, NULL), 1);
	n = BIO_get_mem_data(bio, &pem);
	scratch_put("old", 0600, pem, (size_t)n);
	snprintf(p.key_file, sizeof p.key_file, "%s/k", scratch);
	for (int how = 0; how < 2; how++)
		one_cross("old", "rsa", how, "has a password");
	BIO_free(bio);
	EVP_PKEY_free(k);
}

/*
 * Memory
 */

/* Whether the pages at p are kept out of a core dump (dd), and may not be swapped (lo). */
static bool
page_flags(const void *at, bool *dontdump, bool *locked)
{
	FILE *maps = fopen("/proc/self/smaps", "r");
	char line[400];
	unsigned long from, to, addr = (unsigned long)(uintptr_t)at;
	bool here = false, found = false;

	while (maps != NULL && !found && fgets(line, sizeof line, maps) != NULL)
		if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
			here = addr >= from && addr < to;
		else if (here && strncmp(line, "VmFlags:", 8) == 0) {
			*dontdump = strstr(line, " dd") != NULL;
			*locked = strstr(line, " lo") != NULL;
			found = true;
		}
	if (maps != NULL)
		fclose(maps);
	return found;
}

static void
a_loaded_key_is_in_pages_that_are_not_dumped(void **state)
{
	bool dontdump = false, locked = false;

	(void)state;
	scratch_text("k", 0600, HMAC_TEXT);
	snprintf(p.key_file, sizeof p.key_file, "%s/k", scratch);
	assert_int_equal(load(), 0);
	if (!page_flags(cred_key(c), &dontdump, &locked)) {
		cred_free(c);
		print_message("# skip: no /proc/self/smaps with VmFlags here\n");
		skip();
	}
	cred_free(c);
	assert_true(dontdump);
#ifndef __SANITIZE_ADDRESS__	/* which makes of mlock nothing */
	assert_true(locked);
#endif
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_descriptor_has_what_a_key_file_has),
		T(a_file_serves_all_who_share_its_descriptor),
		T(a_bad_descriptor_is_refused_with_the_reason),
		T(a_terminal_is_refused),
		T(the_first_source_that_is_there_is_taken),
		T(a_private_key_may_stand_in_the_text_itself),
		T(a_type_binds),
		T(a_password_is_seen_in_either_form),
		T(a_loaded_key_is_in_pages_that_are_not_dumped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
