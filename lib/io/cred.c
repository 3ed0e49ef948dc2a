#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "io/cred.h"
#include "io/secure.h"
#include "io/sys.h"

#if defined(__SANITIZE_ADDRESS__)
#define TRACED	1	/* LeakSanitizer looks at us by ptrace */
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TRACED	1
#endif
#endif

#define ARENA		(64u << 10)	/* locked memory: as much as every system lets one lock */
#define FILE_BYTES	((16u << 10) - 1)	/* largest key file; a NUL fits behind it */
#define CMD_BYTES	((4u << 10) - 1)	/* longest answer of secret_cmd */
#define WORD_MAX	256		/* longest api key and HMAC secret, with NUL */
#define CMD_MS		10000		/* secret_cmd's time */
#define BLOCK		64		/* bytes that SHA-256 takes at a time */
#define DIGEST		32		/* bytes of its hash */

enum kind { KIND_UNSAID, KIND_HMAC, KIND_RSA, KIND_ED25519 };

static const char *const kind_name[] = {
	[KIND_HMAC] = "hmac", [KIND_RSA] = "rsa", [KIND_ED25519] = "ed25519",
};

struct cred {		/* itself in locked memory */
	enum kind	 kind;
	char		 key[WORD_MAX];
	char		 secret[WORD_MAX];	/* of HMAC: its ASCII bytes are the key */
	EVP_MD		*sha256;		/* of HMAC: looked up once, not for each request */
	EVP_PKEY	*pkey;			/* of RSA and Ed25519 */
};

/* Bytes that are wiped when given up. p has a NUL after n. */
struct secret { char *p; size_t size, n; };

/*
 * Locked memory
 */

static void
arena_open(void)
{
	if (!CRYPTO_secure_malloc_initialized())
		(void)CRYPTO_secure_malloc_init(ARENA, 16);	/* without it: the plain heap, wiped */
}

static int
secret_alloc(struct secret *s, size_t n, struct fault *f)
{
	s->n = 0;
	s->size = n + 1;
	if ((s->p = OPENSSL_secure_zalloc(s->size)) == NULL)
		return fault_set(f, FAULT_LOCAL, "out of locked memory for a key");
	return 0;
}

static void
secret_free(struct secret *s)
{
	if (s->p != NULL)
		OPENSSL_secure_clear_free(s->p, s->size);
	memset(s, 0, sizeof *s);
}

/*
 * Start of the process
 */

/* Both in locked memory, for the life of the process. */
static char *env_secret;
static struct secret fd_text;	/* what BF_KEY_FD's descriptor gave */

static int key_fd = -1;		/* of BF_KEY_FD, until it is read; -1: it names none */
static struct fault fd_fault;	/* why it gave nothing */
static int key_fd_errno;	/* why not, if it is a number */
static char key_fd_word[16];	/* what BF_KEY_FD says; "" if it says nothing */

/* Nobody we start is to have the descriptor, or to look for it. */
static void
take_key_fd(void)
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

static void
take_env_secret(void)
{
	char *env = getenv("BF_API_SECRET");
	size_t n;

	if (env == NULL)
		return;
	n = strlen(env);
	if (n > 0 && n < FILE_BYTES && env_secret == NULL &&
	    (env_secret = OPENSSL_secure_zalloc(n + 1)) != NULL)
		memcpy(env_secret, env, n);
	OPENSSL_cleanse(env, n);	/* /proc/PID/environ shows this very memory */
	unsetenv("BF_API_SECRET");
}

void
cred_prepare(void)
{
	const struct rlimit none = { 0, 0 };

	(void)setrlimit(RLIMIT_CORE, &none);
#if defined(__linux__) && !defined(TRACED)
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
	(void)umask(077);
	secure_environment();
	arena_open();
	take_env_secret();
	take_key_fd();
}

/*
 * Files. What is wrong is said with the file's name and how to mend it, never
 * with a byte of its content.
 */

/* In a directory that everybody may write, anybody may put a file in its place. */
static int
check_parent(const char *path, struct fault *f)
{
	char dir[PATH_MAX];
	const char *slash = strrchr(path, '/');
	struct stat st;

	if (slash == NULL)
		snprintf(dir, sizeof dir, ".");
	else
		snprintf(dir, sizeof dir, "%.*s", slash == path ? 1 : (int)(slash - path), path);
	if (stat(dir, &st) == -1)
		return fault_set(f, FAULT_KEY, "key file's directory: %s: %s", strerror(errno), dir);
	if ((st.st_mode & S_IWOTH) != 0 && (st.st_mode & S_ISVTX) == 0)
		return fault_set(f, FAULT_KEY,
		    "key file's directory can be written by everybody: chmod o-w %s", dir);
	return 0;
}

static int
check_file(int fd, const char *path, size_t *size, struct fault *f)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return fault_set(f, FAULT_KEY, "key file: %s: %s", strerror(errno), path);
	if (!S_ISREG(st.st_mode))
		return fault_set(f, FAULT_KEY, "key file is not a regular file: %s", path);
	if (st.st_uid != geteuid())
		return fault_set(f, FAULT_KEY, "key file belongs to another user: chown %ld %s",
		    (long)geteuid(), path);
	if ((st.st_mode & 077) != 0)
		return fault_set(f, FAULT_KEY, "key file can be used by others (mode %04o): chmod 600 %s",
		    (unsigned)st.st_mode & 07777, path);
	if (st.st_size == 0)
		return fault_set(f, FAULT_KEY, "key file is empty: %s", path);
	if (st.st_size > (off_t)FILE_BYTES)
		return fault_set(f, FAULT_KEY, "key file is larger than %u bytes, which no key is: %s",
		    FILE_BYTES, path);
	*size = (size_t)st.st_size;
	return 0;
}

/* Text only, so that what follows may treat it as a string. */
static int
check_text(const struct secret *s, const char *path, struct fault *f)
{
	const char *p;
	int line = 1;

	for (p = s->p; p < s->p + s->n; p++) {
		if (*p == '\n')
			line++;
		else if (((unsigned char)*p < 0x20 && *p != '\r' && *p != '\t') || *p == 0x7f)
			return fault_set(f, FAULT_KEY,
			    "line %d holds a control character: write it anew as plain text: %s",
			    line, path);
	}
	return 0;
}

/* Up to size bytes; -1 and errno. */
static int
read_some(int fd, struct secret *s)
{
	ssize_t got;

	while (s->n < s->size - 1) {
		got = read(fd, s->p + s->n, s->size - 1 - s->n);
		if (got == -1 && errno == EINTR)
			continue;
		if (got <= 0)
			return (int)got;
		s->n += (size_t)got;
	}
	return 0;
}

static int
read_fd(int fd, const char *path, struct secret *s, struct fault *f)
{
	size_t size = 0;

	if (check_file(fd, path, &size, f) == -1 || secret_alloc(s, size, f) == -1)
		return -1;
	if (read_some(fd, s) == -1)
		return fault_set(f, FAULT_KEY, "key file: %s: %s", strerror(errno), path);
	return check_text(s, path, f);
}

static int
read_file(const char *path, struct secret *s, struct fault *f)
{
	int fd, r;

	if (check_parent(path, f) == -1)
		return -1;
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (fd == -1 && errno == ELOOP)
		return fault_set(f, FAULT_KEY,
		    "key file is a symbolic link, which is refused: name the file itself: %s", path);
	if (fd == -1)
		return fault_set(f, FAULT_KEY, "key file: %s: %s", strerror(errno), path);
	r = read_fd(fd, path, s, f);
	close(fd);
	return r;
}

/*
 * What a key file says
 */

struct said {		/* spans of the file */
	const char	*key, *secret, *private_key;
	char		*pem;		/* the private key itself, NUL behind it */
	enum kind	 kind;
};

/* Ends a line at its newline, and its value at its last non-blank. Returns the next line. */
static char *
cut_line(char *line)
{
	char *nl = strchr(line, '\n'), *end = nl == NULL ? line + strlen(line) : nl;

	while (end > line && strchr(" \t\r", end[-1]) != NULL)
		end--;
	*end = '\0';
	return nl == NULL ? NULL : nl + 1;
}

static char *
skip_blank(char *s)
{
	return s + strspn(s, " \t");
}

/* Splits "name = value"; NULL if it is not such a line. */
static char *
split(char *line)
{
	char *eq = line + strcspn(line, "=:"), *end;	/* ':' too: as in an INI file */

	if (*eq == '\0')
		return NULL;
	for (end = eq; end > line && (end[-1] == ' ' || end[-1] == '\t'); )
		end--;
	*end = '\0';
	return skip_blank(eq + 1);
}

static bool
parse_kind(enum kind *k, const char *v)
{
	int i;

	for (i = KIND_HMAC; i <= KIND_ED25519; i++)
		if (strcmp(v, kind_name[i]) == 0) {
			*k = (enum kind)i;
			return true;
		}
	return false;
}

/* What is wrong with a member, or NULL. others: names that are not ours may stand there. */
static const char *
member(struct said *said, const char *name, const char *value, bool others)
{
	const char **where = NULL;

	if (strcmp(name, "type") == 0) {
		if (said->kind != KIND_UNSAID)
			return "type is said twice";
		return parse_kind(&said->kind, value) ? NULL : "type is not hmac, rsa or ed25519";
	}
	if (strncmp(value, "-----BEGIN", 10) == 0)
		return "a PEM is no value of this: it is given as private_key=";
	if (strcmp(name, "key") == 0)
		where = &said->key;
	else if (strcmp(name, "secret") == 0)
		where = &said->secret;
	else if (strcmp(name, "private_key") == 0)
		where = &said->private_key;
	else
		return others ? NULL : "not key=, secret=, private_key= or type=";
	if (*where != NULL || (where == &said->private_key && said->pem != NULL))
		return "said twice";
	if (*value == '\0')
		return "nothing after the =";
	*where = value;
	return NULL;
}

/* Where a private key begins: the line itself or the value of private_key=; or NULL. */
static char *
pem_begin(char *line)
{
	char *s = skip_blank(line);

	if (strncmp(s, "private_key", 11) == 0) {
		s = skip_blank(s + 11);
		if (*s != '=' && *s != ':')
			return NULL;
		s = skip_blank(s + 1);
	}
	return strncmp(s, "-----BEGIN", 10) == 0 ? s : NULL;
}

/* Takes the lines of a private key, *more after its first, up to *next (NULL: the text
 * ends there). What is wrong, or NULL. */
static const char *
take_pem(struct said *said, char *begin, char **next, int *more)
{
	char *line = begin;

	if (said->pem != NULL || said->private_key != NULL)
		return "a second private key";
	for (*more = 1; (line = strchr(line, '\n')) != NULL; ++*more)
		if (strncmp(skip_blank(++line), "-----END", 8) == 0) {
			*next = cut_line(line);
			said->pem = begin;
			return NULL;
		}
	return "the private key has no END line";
}

/* text is cut up: said points into it. */
static int
parse(struct said *said, char *text, const char *path, bool others, struct fault *f)
{
	const char *why;
	char *line, *next, *value;
	int n = 0, more;

	memset(said, 0, sizeof *said);
	for (line = text; line != NULL; line = next) {
		n++;
		if ((value = pem_begin(line)) != NULL) {
			if ((why = take_pem(said, value, &next, &more)) != NULL)
				return fault_set(f, FAULT_KEY, "key file, line %d: %s: %s", n, why, path);
			n += more;
			continue;
		}
		next = cut_line(line);
		line = skip_blank(line);
		if (*line == '\0' || *line == '#' || *line == ';')
			continue;
		value = split(line);
		if (value == NULL && others)
			continue;	/* a continued line of something else */
		why = value == NULL ? "not name=value" : member(said, line, value, others);
		if (why != NULL)
			return fault_set(f, FAULT_KEY, "key file, line %d: %s: %s", n, why, path);
	}
	return 0;
}

/* One word of ASCII that fits: it goes into a header, or is a secret. */
static bool
is_word(const char *s)
{
	size_t n = strlen(s);

	if (n == 0 || n >= WORD_MAX)
		return false;
	for (; *s != '\0'; s++)
		if (*s <= 0x20 || *s >= 0x7f)
			return false;
	return true;
}

static int
set_key(struct cred *c, const char *key, const char *from, struct fault *f)
{
	if (!is_word(key))
		return fault_set(f, FAULT_KEY, "the API key is not one word of ASCII: %s", from);
	memcpy(c->key, key, strlen(key) + 1);
	return 0;
}

static int
set_secret(struct cred *c, const char *secret, const char *from, struct fault *f)
{
	if (strncmp(secret, "-----BEGIN", 10) == 0)
		return fault_set(f, FAULT_KEY,
		    "the secret is a PEM: name its file with private_key= in a key file: %s", from);
	if (!is_word(secret))
		return fault_set(f, FAULT_KEY, "the secret is not one word of ASCII: %s", from);
	if (c->sha256 == NULL && (c->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL)) == NULL)
		return fault_set(f, FAULT_LOCAL, "SHA-256 is not there: libcrypto does not start");
	c->kind = KIND_HMAC;
	memcpy(c->secret, secret, strlen(secret) + 1);
	return 0;
}

/*
 * Private keys
 */

static int
no_password(char *out, int size, int writing, void *arg)
{
	(void)out;
	(void)size;
	(void)writing;
	(void)arg;
	return -1;
}

static int
judge_pkey(struct cred *c, const char *path, struct fault *f)
{
	switch (EVP_PKEY_base_id(c->pkey)) {
	case EVP_PKEY_ED25519:
		c->kind = KIND_ED25519;
		return 0;
	case EVP_PKEY_RSA:
		if (EVP_PKEY_bits(c->pkey) < 2048)
			return fault_set(f, FAULT_KEY, "an RSA key of less than 2048 bits: %s", path);
		c->kind = KIND_RSA;
		return 0;
	}
	return fault_set(f, FAULT_KEY, "neither an RSA nor an Ed25519 private key: %s", path);
}

/* The first private key in text. */
static int
parse_pem(struct cred *c, const char *text, const char *path, struct fault *f)
{
	BIO *bio;

	if (strstr(text, "ENCRYPTED") != NULL)
		return fault_set(f, FAULT_KEY, "the private key has a password: take it off with "
		    "openssl pkey, mode 0600, or hand it out by secret_cmd: %s", path);
	if ((bio = BIO_new_mem_buf(text, -1)) == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory for a private key");
	c->pkey = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
	BIO_free(bio);
	ERR_clear_error();	/* nobody else is to find ours in the queue */
	if (c->pkey == NULL)
		return fault_set(f, FAULT_KEY, "not a private key in PEM (PKCS#8): %s", path);
	return judge_pkey(c, path, f);
}

/* A relative name is one beside the key file. */
static int
set_private_key(struct cred *c, const char *name, const char *beside, struct fault *f)
{
	const char *slash = strrchr(beside, '/');
	struct secret s = { 0 };
	char path[PATH_MAX];
	int r;

	if (name[0] != '/' && slash == NULL)
		return fault_set(f, FAULT_KEY, "private_key= must be a whole path: %s", beside);
	if (name[0] == '/')
		snprintf(path, sizeof path, "%s", name);
	else
		snprintf(path, sizeof path, "%.*s/%s", (int)(slash - beside), beside, name);
	r = read_file(path, &s, f);
	if (r == 0)
		r = parse_pem(c, s.p, path, f);
	secret_free(&s);
	return r;
}

/*
 * Sources
 */

/* Whether exactly one of secret and private key is there, and type= agrees so far. */
static int
check_said(const struct said *said, const char *from, struct fault *f)
{
	bool pkey = said->private_key != NULL || said->pem != NULL;

	if ((said->secret != NULL) == pkey)
		return fault_set(f, FAULT_KEY, "either secret= or private_key= must stand in it: %s", from);
	if (!pkey && said->kind != KIND_UNSAID && said->kind != KIND_HMAC)
		return fault_set(f, FAULT_KEY, "type=%s needs private_key=, not secret=: %s",
		    kind_name[said->kind], from);
	if (pkey && said->kind == KIND_HMAC)
		return fault_set(f, FAULT_KEY, "type=hmac needs secret=, not private_key=: %s", from);
	return 0;
}

/* have_key: the API key is known from elsewhere. */
static int
apply(struct cred *c, const struct said *said, const char *from, bool have_key, struct fault *f)
{
	int r;

	if (said->key == NULL && !have_key)
		return fault_set(f, FAULT_KEY, "no key= line%s: %s", said->pem == NULL ? "" :
		    " beside the private key", from);
	if (said->key != NULL && set_key(c, said->key, from, f) == -1)
		return -1;
	if (check_said(said, from, f) == -1)
		return -1;
	if (said->secret != NULL)
		return set_secret(c, said->secret, from, f);
	r = said->pem != NULL ? parse_pem(c, said->pem, from, f) :
	    set_private_key(c, said->private_key, from, f);
	if (r == 0 && said->kind != KIND_UNSAID && said->kind != c->kind)
		return fault_set(f, FAULT_KEY, "type=%s, but the private key is of type %s: %s",
		    kind_name[said->kind], kind_name[c->kind], from);
	return r;
}

static int
from_file(struct cred *c, const char *path, bool others, struct fault *f)
{
	struct secret s = { 0 };
	struct said said;
	int r = read_file(path, &s, f);

	if (r == 0)
		r = parse(&said, s.p, path, others, f);
	if (r == 0)
		r = apply(c, &said, path, false, f);
	secret_free(&s);
	return r;
}

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
	return check_text(s, "secret_cmd's output", f);
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

	if (api_key[0] != '\0' && set_key(c, api_key, "api_key", f) == -1)
		return -1;
	if (is_member_line(s->p)) {
		if (parse(&said, s->p, "secret_cmd", false, f) == -1)
			return -1;
		return apply(c, &said, "secret_cmd", api_key[0] != '\0', f);
	}
	if (api_key[0] == '\0')
		return fault_set(f, FAULT_KEY,
		    "secret_cmd gives a secret, but api_key is missing beside it in the configuration");
	if (strncmp(s->p, "-----BEGIN", 10) == 0)
		return parse_pem(c, s->p, "secret_cmd", f);
	cut_line(s->p);
	return set_secret(c, s->p, "secret_cmd", f);
}

static int
from_cmd(struct cred *c, const struct profile *p, struct fault *f)
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
check_key_fd(const char *from, struct stat *st, struct fault *f)
{
	if (key_fd == -1 && key_fd_errno != 0)
		return fault_set(f, FAULT_KEY, "%s: %s: open it for this program, as in %s<FILE",
		    from, strerror(key_fd_errno), key_fd_word);
	if (key_fd == -1)
		return fault_set(f, FAULT_KEY, "%s: not the number of a descriptor, 3 or more", from);
	if (fstat(key_fd, st) == -1)
		return fault_set(f, FAULT_KEY, "%s: %s", from, strerror(errno));
	if (isatty(key_fd))
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

static int
read_key_fd(const char *from, struct secret *s, struct fault *f)
{
	const char *why;
	struct stat st;

	if (check_key_fd(from, &st, f) == -1 || secret_alloc(s, FILE_BYTES + 1, f) == -1)
		return -1;
	why = S_ISREG(st.st_mode) ? read_whole(key_fd, s) : collect(key_fd, s, mono_ms() + CMD_MS);
	if (s->n > FILE_BYTES)
		return fault_set(f, FAULT_KEY, "%s gives more than %u bytes, which no key has", from, FILE_BYTES);
	if (why != NULL)
		return fault_set(f, FAULT_KEY, "%s %s", from, why);
	if (s->n == 0)
		return fault_set(f, FAULT_KEY, "%s gives nothing: it is empty, or was read before", from);
	return check_text(s, from, f);
}

static int
secret_copy(struct secret *to, const struct secret *s, struct fault *f)
{
	if (secret_alloc(to, s->n, f) == -1)
		return -1;
	memcpy(to->p, s->p, s->n);
	to->n = s->n;
	return 0;
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

static int
from_key_fd(struct cred *c, struct fault *f)
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
		r = parse(&said, s.p, from, false, f);
	if (r == 0)
		r = apply(c, &said, from, false, f);
	secret_free(&s);
	return r;
}

static int
from_env(struct cred *c, const struct profile *p, struct fault *f)
{
	const char *key = getenv("BF_API_KEY");

	if (env_secret == NULL && (key == NULL || key[0] == '\0'))
		return fault_set(f, FAULT_USAGE, "profile %s has no key: write key_file = FILE in [%s] "
		    "of %s/config, or set BF_API_KEY and BF_API_SECRET", p->name, p->name, p->conf_dir);
	if (env_secret == NULL || key == NULL)
		return fault_set(f, FAULT_USAGE, "BF_API_KEY and BF_API_SECRET: set both, one is missing");
	if (set_key(c, key, "BF_API_KEY", f) == -1)
		return -1;
	return set_secret(c, env_secret, "BF_API_SECRET", f);
}

static int
fill(struct cred *c, const struct profile *p, struct fault *f)
{
	if (p->key_file[0] != '\0')
		return from_file(c, p->key_file, false, f);
	if (p->own_file[0] != '\0')
		return from_file(c, p->own_file, true, f);
	if (key_fd_word[0] != '\0')
		return from_key_fd(c, f);
	if (p->secret_cmd[0] != '\0')
		return from_cmd(c, p, f);
	return from_env(c, p, f);
}

int
cred_load(struct cred **out, const struct profile *p, struct fault *f)
{
	struct cred *c;

	*out = NULL;
	arena_open();
	take_env_secret();
	take_key_fd();
	if ((c = OPENSSL_secure_zalloc(sizeof *c)) == NULL)
		return fault_set(f, FAULT_LOCAL, "out of locked memory for a key");
	if (fill(c, p, f) == -1) {
		cred_free(c);
		return -1;
	}
	*out = c;
	return 0;
}

void
cred_free(struct cred *c)
{
	if (c == NULL)
		return;
	EVP_PKEY_free(c->pkey);		/* wipes */
	EVP_MD_free(c->sha256);
	OPENSSL_secure_clear_free(c, sizeof *c);
}

const char *
cred_key(const struct cred *c)
{
	return c->key;
}

/*
 * Signing
 */

/* One of the two hashes of an HMAC: of the block, each byte of it changed by with, then p. */
static bool
hash_block(EVP_MD_CTX *ctx, const struct cred *c, const unsigned char block[static BLOCK],
    unsigned char with, const unsigned char *p, size_t n, unsigned char out[static DIGEST])
{
	unsigned char pad[BLOCK];
	unsigned len = DIGEST;
	bool ok;

	for (int i = 0; i < BLOCK; i++)
		pad[i] = block[i] ^ with;
	ok = EVP_DigestInit_ex2(ctx, c->sha256, NULL) == 1 && EVP_DigestUpdate(ctx, pad, BLOCK) == 1 &&
	    EVP_DigestUpdate(ctx, p, n) == 1 && EVP_DigestFinal_ex(ctx, out, &len) == 1;
	OPENSSL_cleanse(pad, sizeof pad);
	return ok;
}

/* HMAC-SHA-256 (RFC 2104). libcrypto's own looks both algorithms up and builds contexts at
 * every call, which took longer than all of its hashing; between calls nothing is kept. */
static bool
hmac(const struct cred *c, const unsigned char *msg, size_t n, unsigned char out[static DIGEST])
{
	unsigned char block[BLOCK] = { 0 };
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t len = strlen(c->secret);
	unsigned hashed = DIGEST;
	bool ok = ctx != NULL;

	if (len <= BLOCK)
		memcpy(block, c->secret, len);
	else
		ok = ok && EVP_Digest(c->secret, len, block, &hashed, c->sha256, NULL) == 1;
	ok = ok && hash_block(ctx, c, block, 0x36, msg, n, out) && hash_block(ctx, c, block, 0x5c, out, DIGEST, out);
	OPENSSL_cleanse(block, sizeof block);
	EVP_MD_CTX_free(ctx);		/* wipes */
	return ok;
}

static int
sign_hmac(const struct cred *c, const unsigned char *msg, size_t n, struct buf *out)
{
	static const char hex[] = "0123456789abcdef";
	unsigned char mac[DIGEST];
	char text[2 * DIGEST];

	if (!hmac(c, msg, n, mac))
		return -1;
	for (int i = 0; i < DIGEST; i++) {
		text[2 * i] = hex[mac[i] >> 4];
		text[2 * i + 1] = hex[mac[i] & 15];
	}
	buf_put(out, text, sizeof text);
	return 0;
}

/* Base64; plain: as it is, else as it goes into a query. */
static void
put_base64(struct buf *out, const unsigned char *sig, size_t n, bool plain)
{
	unsigned char chunk[5];
	int i;

	for (; n > 0; sig += n < 3 ? n : 3, n -= n < 3 ? n : 3) {
		EVP_EncodeBlock(chunk, sig, n < 3 ? (int)n : 3);
		for (i = 0; i < 4; i++)
			if (plain)
				buf_chr(out, (char)chunk[i]);
			else if (chunk[i] == '+' || chunk[i] == '/' || chunk[i] == '=')
				buf_printf(out, "%%%02X", chunk[i]);
			else
				buf_chr(out, (char)chunk[i]);
	}
}

static int
sign_pkey(const struct cred *c, const unsigned char *msg, size_t n, bool plain, struct buf *out)
{
	const EVP_MD *md = c->kind == KIND_RSA ? EVP_sha256() : NULL;	/* Ed25519 hashes itself */
	unsigned char sig[1024];	/* RSA-8192 */
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t len = sizeof sig;
	int r = -1;

	if (ctx != NULL && EVP_PKEY_size(c->pkey) <= (int)sizeof sig &&
	    EVP_DigestSignInit(ctx, NULL, md, NULL, c->pkey) == 1 &&
	    EVP_DigestSign(ctx, sig, &len, msg, n) == 1) {
		put_base64(out, sig, len, plain);
		r = 0;
	}
	EVP_MD_CTX_free(ctx);
	return r;
}

static int
sign(const struct cred *c, const char *msg, size_t n, bool plain, struct buf *out, struct fault *f)
{
	const unsigned char *m = (const unsigned char *)msg;
	int r = c->kind == KIND_HMAC ? sign_hmac(c, m, n, out) : sign_pkey(c, m, n, plain, out);

	if (r == -1)
		return fault_set(f, FAULT_KEY, "the request could not be signed with this key");
	return out->bad ? fault_set(f, FAULT_LOCAL, "out of memory for a signature") : 0;
}

int
cred_sign(const struct cred *c, const char *msg, size_t n, struct buf *out, struct fault *f)
{
	return sign(c, msg, n, false, out, f);
}

int
cred_sign_plain(const struct cred *c, const char *msg, size_t n, struct buf *out, struct fault *f)
{
	return sign(c, msg, n, true, out, f);
}

bool
cred_logs_on(const struct cred *c)
{
	return c->kind == KIND_ED25519;
}
