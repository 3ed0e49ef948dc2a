/* Keys that are in no file of the profile: of a command, a descriptor, the environment. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "io/cred_in.h"
#include "io/sys.h"

#define CMD_BYTES	((4u << 10) - 1)	/* longest answer of secret_cmd */
#define CMD_MS		10000		/* secret_cmd's time */

/*
 * At the start of the process
 */

/* Both in locked memory, for the life of the process. */
static char *env_secret;
static struct secret fd_text;	/* what BF_KEY_FD's descriptor gave */

static int key_fd = -1;		/* of BF_KEY_FD, until it is read; -1: it names none */
static struct fault fd_fault;	/* why it gave nothing */
static int key_fd_errno;	/* why not, if it is a number */
static char key_fd_word[16];	/* what BF_KEY_FD says; "" if it says nothing */

/* Nobody we start is to have the descriptor, or to look for it. */
void
cred_take_fd(void)
{
	const char *env = getenv("BF_KEY_FD");
	size_t n;

	if (env == NULL || env[0] == '\0' || key_fd_word[0] != '\0')
		return;
	n = strspn(env, "0123456789");
	snprintf(key_fd_word, sizeof key_fd_word, "%.*s", (int)sizeof key_fd_word - 1, env);
	if (n == 0 || n > 6 || env[n] != '\0')
		memcpy(key_fd_word, "?", 2);
	else if (atoi(env) > STDERR_FILENO && fcntl(atoi(env), F_SETFD, FD_CLOEXEC) == 0)
		key_fd = atoi(env);
	else if (atoi(env) > STDERR_FILENO)	/* asked now: later it may be one of ours */
		key_fd_errno = errno;
	unsetenv("BF_KEY_FD");
}

void
cred_take_env(void)
{
	char *env = getenv("BF_API_SECRET");
	size_t n;

	if (env == NULL)
		return;
	n = strlen(env);
	if (n > 0 && n < KEY_BYTES && env_secret == NULL &&
	    (env_secret = OPENSSL_secure_zalloc(n + 1)) != NULL)
		memcpy(env_secret, env, n);
	OPENSSL_cleanse(env, n);	/* /proc/PID/environ shows this very memory */
	unsetenv("BF_API_SECRET");
}

/*
 * A command
 */

/* The child: stdin empty, stdout ours, none of our files and connections. */
_Noreturn static void
run_child(const char *cmd, int out)
{
	int in = open("/dev/null", O_RDONLY | O_CLOEXEC);
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	if (in == -1 || dup2(in, STDIN_FILENO) == -1 || dup2(out, STDOUT_FILENO) == -1)
		_exit(126);
	sys_close_from(STDERR_FILENO + 1);
	execl("/bin/sh", "sh", "-c", cmd, (char *)NULL);
	_exit(127);
}

static long long
mono_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

/* Its output up to the end; what is wrong, or NULL. end: when its time is over. */
static const char *
collect(int fd, struct secret *s, long long end)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	long long left;
	ssize_t got;

	for (;;) {
		if ((left = end - mono_ms()) <= 0)
			return "did not finish in 10 seconds";
		if (poll(&pfd, 1, (int)left) < 1)
			continue;
		got = read(fd, s->p + s->n, s->size - 1 - s->n);
		if (got == 0)
			return NULL;
		if (got > 0)
			s->n += (size_t)got;
		else if (errno != EINTR && errno != EAGAIN)
			return "gave an output that cannot be read";
		if (s->n == s->size - 1)
			return "gave more output than any key has";
	}
}

/* Wait for the child to the end of its time; its status, or -1 if it had to be killed. */
static int
reap(pid_t pid, long long end)
{
	static const struct timespec nap = { .tv_nsec = 5 * 1000 * 1000 };
	int status = -1;
	pid_t got;

	while ((got = waitpid(pid, &status, WNOHANG)) == 0 && mono_ms() < end)
		nanosleep(&nap, NULL);
	if (got == pid)
		return status;
	if (got == -1)
		return -1;	/* SIGCHLD is ignored: nothing is known of its end */
	kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		continue;
	return -1;
}

static int
run(const char *cmd, struct secret *s, struct fault *f)
{
	long long end = mono_ms() + CMD_MS;
	const char *why;
	int fd[2], status;
	pid_t pid;

	if (sys_pipe(fd) == -1)
		return fault_set(f, FAULT_LOCAL, "secret_cmd: %s", strerror(errno));
	if ((pid = fork()) == 0)
		run_child(cmd, fd[1]);
	close(fd[1]);
	if (pid == -1) {
		close(fd[0]);
		return fault_set(f, FAULT_LOCAL, "secret_cmd: fork: %s", strerror(errno));
	}
	why = collect(fd[0], s, end);
	close(fd[0]);
	status = reap(pid, why != NULL ? 0 : end);
	if (why != NULL)
		return fault_set(f, FAULT_KEY, "secret_cmd %s", why);
	if (status == -1 || !WIFEXITED(status))
		return fault_set(f, FAULT_KEY, "secret_cmd did not end by itself");
	if (WEXITSTATUS(status) != 0)
		return fault_set(f, FAULT_KEY, "secret_cmd failed with exit status %d: run it by hand",
		    WEXITSTATUS(status));
	return cred_check_text(s, "secret_cmd's output", f);
}

static bool
is_member_line(const char *s)
{
	static const char *const name[] = { "key", "secret", "private_key", "type" };
	size_t i, n;

	for (i = 0; i < sizeof name / sizeof *name; i++) {
		n = strlen(name[i]);
		if (strncmp(s, name[i], n) == 0 && s[n + strspn(s + n, " \t")] == '=')
			return true;
	}
	return false;
}

/* The first line is the secret, unless the lines say key= and secret=. */
static int
take_output(struct cred *c, struct secret *s, const char *api_key, struct fault *f)
{
	struct said said;

	if (api_key[0] != '\0' && cred_set_key(c, api_key, "api_key", f) == -1)
		return -1;
	if (is_member_line(s->p)) {
		if (cred_parse(&said, s->p, "secret_cmd", false, f) == -1)
			return -1;
		return cred_apply(c, &said, "secret_cmd", api_key[0] != '\0', f);
	}
	if (api_key[0] == '\0')
		return fault_set(f, FAULT_KEY,
		    "secret_cmd gives a secret, but api_key is missing beside it in the configuration");
	if (strncmp(s->p, "-----BEGIN", 10) == 0)
		return cred_parse_pem(c, s->p, "secret_cmd", f);
	cred_cut_line(s->p);
	return cred_set_secret(c, s->p, "secret_cmd", f);
}

int
cred_from_cmd(struct cred *c, const struct profile *p, struct fault *f)
{
	struct secret s = { 0 };
	int r = secret_alloc(&s, CMD_BYTES, f);

	if (r == 0)
		r = run(p->secret_cmd, &s, f);
	if (r == 0)
		r = take_output(c, &s, p->api_key, f);
	secret_free(&s);
	return r;
}

/*
 * The descriptor that BF_KEY_FD names: a file, a pipe or a socket, with what a key file
 * holds. It is read once and closed; the text stays, for a second key to be made of.
 */

static int
check_fd(int fd, const char *from, struct stat *st, struct fault *f)
{
	if (fstat(fd, st) == -1)
		return fault_set(f, FAULT_KEY, "%s: %s", from, strerror(errno));
	if (isatty(fd))
		return fault_set(f, FAULT_KEY, "%s is a terminal, where a key would be seen", from);
	if (!S_ISREG(st->st_mode) && !S_ISFIFO(st->st_mode) && !S_ISSOCK(st->st_mode))
		return fault_set(f, FAULT_KEY, "%s is no file, pipe or socket", from);
	if (S_ISSOCK(st->st_mode) || st->st_nlink == 0)
		return 0;	/* without a name nobody else can open it */
	if (st->st_uid != geteuid())
		return fault_set(f, FAULT_KEY, "%s: what it reads belongs to another user", from);
	if ((st->st_mode & 077) != 0)
		return fault_set(f, FAULT_KEY, "%s: what it reads can be used by others (mode %04o): chmod 600",
		    from, (unsigned)st->st_mode & 07777);
	return 0;
}

/* A file from its beginning, wherever others who were given the descriptor have read to. */
static const char *
read_whole(int fd, struct secret *s)
{
	ssize_t got;

	do {
		got = pread(fd, s->p + s->n, s->size - 1 - s->n, (off_t)s->n);
		s->n += got > 0 ? (size_t)got : 0;
	} while ((got > 0 && s->n < s->size - 1) || (got == -1 && errno == EINTR));
	return got == -1 ? strerror(errno) : NULL;
}

int
cred_read_fd(int fd, const char *from, struct secret *s, struct fault *f)
{
	const char *why;
	struct stat st;

	if (check_fd(fd, from, &st, f) == -1 || secret_alloc(s, KEY_BYTES + 1, f) == -1)
		return -1;
	why = S_ISREG(st.st_mode) ? read_whole(fd, s) : collect(fd, s, mono_ms() + CMD_MS);
	if (s->n > KEY_BYTES)
		return fault_set(f, FAULT_KEY, "%s gives more than %u bytes, which no key has", from, KEY_BYTES);
	if (why != NULL)
		return fault_set(f, FAULT_KEY, "%s %s", from, why);
	if (s->n == 0)
		return fault_set(f, FAULT_KEY, "%s gives nothing: it is empty, or was read before", from);
	return cred_check_text(s, from, f);
}

static int
read_key_fd(const char *from, struct secret *s, struct fault *f)
{
	if (key_fd == -1 && key_fd_errno != 0)
		return fault_set(f, FAULT_KEY, "%s: %s: open it for this program, as in %s<FILE",
		    from, strerror(key_fd_errno), key_fd_word);
	if (key_fd == -1)
		return fault_set(f, FAULT_KEY, "%s: not the number of a descriptor, 3 or more", from);
	return cred_read_fd(key_fd, from, s, f);
}

/* Its text to fd_text, or why not to fd_fault: once, whatever comes of it. */
static void
take_key_text(const char *from)
{
	static bool taken;
	struct secret s = { 0 };

	if (taken)
		return;
	taken = true;
	if (read_key_fd(from, &s, &fd_fault) == 0)
		(void)secret_copy(&fd_text, &s, &fd_fault);
	secret_free(&s);
	if (key_fd != -1)
		close(key_fd);
	key_fd = -1;
}

int
cred_from_key_fd(struct cred *c, struct fault *f)
{
	struct secret s = { 0 };
	struct said said;
	char from[32];
	int r;

	snprintf(from, sizeof from, "BF_KEY_FD=%s", key_fd_word);
	take_key_text(from);
	if (fd_text.p == NULL) {
		*f = fd_fault;
		return -1;
	}
	if ((r = secret_copy(&s, &fd_text, f)) == 0)
		r = cred_parse(&said, s.p, from, false, f);
	if (r == 0)
		r = cred_apply(c, &said, from, false, f);
	secret_free(&s);
	return r;
}

bool
cred_fd_named(void)
{
	return key_fd_word[0] != '\0';
}

bool
cred_env_said(void)
{
	const char *key = getenv("BF_API_KEY");

	return env_secret != NULL || (key != NULL && key[0] != '\0');
}

int
cred_from_env(struct cred *c, const struct profile *p, struct fault *f)
{
	const char *key = getenv("BF_API_KEY");

	if (env_secret == NULL && (key == NULL || key[0] == '\0'))
		return fault_set(f, FAULT_USAGE, "profile %s has no key: write key_file = FILE in [%s] "
		    "of %s/config, or set BF_API_KEY and BF_API_SECRET", p->name, p->name, p->conf_dir);
	if (env_secret == NULL || key == NULL)
		return fault_set(f, FAULT_USAGE, "BF_API_KEY and BF_API_SECRET: set both, one is missing");
	if (cred_set_key(c, key, "BF_API_KEY", f) == -1)
		return -1;
	return cred_set_secret(c, env_secret, "BF_API_SECRET", f);
}
