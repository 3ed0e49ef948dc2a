#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/auxv.h>
#endif

#include <ini.h>
#include <openssl/crypto.h>

#include "core/buf.h"
#include "io/conf.h"

#define CONF_MAX	(64u << 10)	/* bytes of a configuration file */
#define SECTION_MAX	49	/* inih cuts a section name there without a word */

static const struct {
	const char *name, *rest, *ws, *coinm_rest, *coinm_ws, *wsapi, *coinm_wsapi, *sapi;
} built_in[] = {
	{ "live", "https://fapi.binance.com", "wss://fstream.binance.com",
	  "https://dapi.binance.com", "wss://dstream.binance.com",
	  "wss://ws-fapi.binance.com", "wss://ws-dapi.binance.com", "https://api.binance.com" },
	{ "demo", "https://demo-fapi.binance.com", "wss://demo-fstream.binance.com",
	  "https://demo-dapi.binance.com", "wss://demo-dstream.binance.com",
	  "wss://testnet.binancefuture.com", "wss://testnet.binancefuture.com", "" },
};

/*
 * Directories
 */

static bool
privileged(void)
{
#ifdef __linux__
	if (getauxval(AT_SECURE) != 0)
		return true;
#endif
	return getuid() != geteuid() || getgid() != getegid();
}

static const char *
home_dir(void)
{
	const char *home = getenv("HOME");
	const struct passwd *pw;

	if (home != NULL && home[0] == '/')
		return home;
	pw = getpwuid(geteuid());
	return pw != NULL && pw->pw_dir != NULL && pw->pw_dir[0] == '/' ? pw->pw_dir : NULL;
}

/* $VAR/bf or HOME/DEFAULT/bf; as the XDG rules say, a relative $VAR counts for nothing. */
static int
xdg_dir(char *out, size_t size, const char *var, const char *under_home, struct fault *f)
{
	const char *base = getenv(var), *sep = "", *sub = "";
	int n;

	if (base == NULL || base[0] != '/') {
		if ((base = home_dir()) == NULL)
			return fault_set(f, FAULT_USAGE,
			    "no home directory: set HOME or %s to an absolute path", var);
		sep = "/";
		sub = under_home;
	}
	n = snprintf(out, size, "%s%s%s/bf", base, sep, sub);
	if (n < 0 || (size_t)n >= size - sizeof ((struct profile *)0)->name - 1)
		return fault_set(f, FAULT_USAGE, "the path in %s or HOME is too long", var);
	return 0;
}

static int
find_dirs(struct profile *p, struct fault *f)
{
	if (xdg_dir(p->conf_dir, sizeof p->conf_dir, "XDG_CONFIG_HOME", ".config", f) == -1 ||
	    xdg_dir(p->state_dir, sizeof p->state_dir, "XDG_STATE_HOME", ".local/state", f) == -1 ||
	    xdg_dir(p->cache_dir, sizeof p->cache_dir, "XDG_CACHE_HOME", ".cache", f) == -1)
		return -1;
	return 0;
}

/* The profile's own part of the shared directories: xdg_dir left room for it. */
static void
add_name(char *dir, size_t size, const char *name)
{
	size_t len = strlen(dir);

	snprintf(dir + len, size - len, "/%s", name);
}

/*
 * A file into memory
 */

/* What must hold of an open file that may name commands to run (loose: others
 * may read it) or keys (not loose). */
static int
check_file(int fd, const char *path, bool loose, struct fault *f)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return fault_set(f, FAULT_LOCAL, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return fault_set(f, FAULT_USAGE, "%s: not a regular file", path);
	if (st.st_uid != geteuid() && !(loose && st.st_uid == 0))
		return fault_set(f, FAULT_USAGE, "%s: belongs to another user", path);
	if (loose && (st.st_mode & 022) != 0)
		return fault_set(f, FAULT_USAGE, "others may write it (mode %04o): chmod go-w %s",
		    (unsigned)st.st_mode & 07777, path);
	if (!loose && (st.st_mode & 077) != 0)
		return fault_set(f, FAULT_USAGE, "others may use it (mode %04o): chmod 600 %s",
		    (unsigned)st.st_mode & 07777, path);
	if (st.st_size > (off_t)CONF_MAX)
		return fault_set(f, FAULT_USAGE, "%s: larger than %u bytes", path, CONF_MAX);
	return 0;
}

static int
read_fd(int fd, char text[static CONF_MAX + 1], size_t *n)
{
	ssize_t got;

	for (*n = 0; *n < CONF_MAX; *n += (size_t)got) {
		got = read(fd, text + *n, CONF_MAX - *n);
		if (got == -1 && errno == EINTR)
			got = 0;
		else if (got <= 0)
			return (int)got;
	}
	return 0;
}

/* 1: text is the file's content, 0: there is no such file, -1: fault. */
static int
read_file(const char *path, bool loose, char text[static CONF_MAX + 1], size_t *n, struct fault *f)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC), r = 0;

	if (fd == -1 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (fd == -1 && errno == ELOOP)
		return fault_set(f, FAULT_USAGE, "%s: is a symbolic link, which is refused", path);
	if (fd == -1)
		return fault_set(f, FAULT_USAGE, "%s: %s", path, strerror(errno));
	r = check_file(fd, path, loose, f);
	if (r == 0 && (r = read_fd(fd, text, n)) == -1)
		fault_set(f, FAULT_LOCAL, "%s: %s", path, strerror(errno));
	close(fd);
	return r == 0 ? 1 : -1;
}

/* The line of text that p stands in. */
static int
line_of(const char *text, const char *p)
{
	int line = 1;

	for (; text < p; text++)
		line += *text == '\n';
	return line;
}

int
conf_text(char **out, size_t *n, const char *path, struct fault *f)
{
	char *text = malloc(CONF_MAX + 1), *nul;
	int r;

	*n = 0;
	if (text == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	if ((r = read_file(path, true, text, n, f)) == 0)
		fault_set(f, FAULT_USAGE, "%s: no such file", path);
	else if (r == 1 && (nul = memchr(text, '\0', *n)) != NULL)
		r = fault_set(f, FAULT_USAGE, "%s:%d: holds a NUL byte", path, line_of(text, nul));
	if (r != 1) {
		free(text);
		return -1;
	}
	text[*n] = '\0';
	*out = text;
	return 0;
}

/*
 * Values. Each setter answers what is wrong with the value, or NULL.
 */

static bool
printable(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return false;
	return true;
}

static const char *
copy_text(char *out, size_t size, const char *v)
{
	if (!printable(v))
		return "holds a control character";
	if (strlen(v) >= size)
		return "too long";
	memcpy(out, v, strlen(v) + 1);
	return NULL;
}

/* The host of an address and whether it is this machine; NULL if it is none. */
static const char *
host_end(const char *host, bool *loopback)
{
	static const char *const local[] = { "localhost", "127.0.0.1", "[::1]" };
	size_t i, n;

	*loopback = false;
	for (i = 0; i < sizeof local / sizeof *local; i++) {
		n = strlen(local[i]);
		if (strncmp(host, local[i], n) == 0 && strchr(":", host[n]) != NULL) {
			*loopback = true;
			return host + n;
		}
	}
	n = strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789-.");
	return n == 0 || host[0] == '-' || host[0] == '.' ? NULL : host + n;
}

static bool
port_ok(const char *s)
{
	size_t n = strspn(s, "0123456789");

	return n >= 1 && n <= 5 && s[n] == '\0' && atoi(s) >= 1 && atoi(s) <= 65535;
}

static const char *
set_url(char out[static 256], const char *v, const char *safe, const char *plain)
{
	size_t nsafe = strlen(safe), nplain = strlen(plain), n = strlen(v);
	bool is_plain, loopback;
	const char *end;

	if (n >= 256)
		return "too long";
	is_plain = strncmp(v, plain, nplain) == 0;
	if (!is_plain && strncmp(v, safe, nsafe) != 0)
		return "wrong scheme: https:// for rest, wss:// for ws and wsapi";
	memcpy(out, v, n + 1);
	if (out[n - 1] == '/')
		out[n - 1] = '\0';
	end = host_end(out + (is_plain ? nplain : nsafe), &loopback);
	if (end == NULL || (*end != '\0' && (*end != ':' || !port_ok(end + 1))))
		return "not SCHEME://HOST or SCHEME://HOST:PORT, in lower case";
	if (is_plain && !loopback)
		return "unencrypted, which is allowed to this machine only";
	return NULL;
}

static const char *
set_int(int *out, const char *v, int max, const char *no)
{
	size_t n = strspn(v, "0123456789");

	if (n == 0 || n > 9 || v[n] != '\0' || atoi(v) < 1 || atoi(v) > max)
		return no;
	*out = atoi(v);
	return NULL;
}

/* Words separated by single blanks; a continued line adds to them. */
static const char *
add_symbols(char *out, size_t size, const char *v)
{
	size_t len = strlen(out), n;

	if (!printable(v))
		return "holds a control character";
	while (*(v += strspn(v, " ,")) != '\0') {
		n = strcspn(v, " ,");
		if (len + n + 2 > size)
			return "too many";
		if (len > 0)
			out[len++] = ' ';
		memcpy(out + len, v, n);
		out[len += n] = '\0';
		v += n;
	}
	return NULL;
}

static const char *
set_path(char *out, size_t size, const char *v, const char *dir)
{
	char path[1024];

	if (v[0] == '~')
		return "write the whole path, ~ is not expanded";
	snprintf(path, sizeof path, "%s%s%s", v[0] == '/' ? "" : dir, v[0] == '/' ? "" : "/", v);
	return copy_text(out, size, path);
}

/* Goes into a header: one word of ASCII. */
static const char *
set_api_key(char *out, size_t size, const char *v)
{
	const char *s;

	for (s = v; *s != '\0'; s++)
		if (*s <= 0x20 || *s >= 0x7f)
			return "holds a blank or a character that is not ASCII";
	return copy_text(out, size, v);
}

static const char *
set_notional(dec *out, const char *v)
{
	return dec_parse(out, v) && dec_sign(*out) > 0 ? NULL : "not a positive decimal";
}

enum key {
	KEY_REST, KEY_WS, KEY_COINM_REST, KEY_COINM_WS, KEY_WSAPI, KEY_COINM_WSAPI, KEY_CA, KEY_FILE, KEY_CMD, KEY_API,
	KEY_NOTIONAL, KEY_POSITION, KEY_DISTANCE, KEY_RATE, KEY_SYMBOLS, KEY_WINDOW,
	KEY_EXCHANGE, KEY_SAPI, KEY_PROXY, KEY_WITHDRAWALS, KEY_COUNT
};

static const char *const key_name[KEY_COUNT] = {
	[KEY_REST] = "rest", [KEY_WS] = "ws", [KEY_COINM_REST] = "coinm_rest",
	[KEY_COINM_WS] = "coinm_ws", [KEY_WSAPI] = "wsapi", [KEY_COINM_WSAPI] = "coinm_wsapi",
	[KEY_CA] = "ca_file", [KEY_FILE] = "key_file",
	[KEY_CMD] = "secret_cmd", [KEY_API] = "api_key",
	[KEY_NOTIONAL] = "max_order_notional", [KEY_POSITION] = "max_position_notional",
	[KEY_DISTANCE] = "max_price_distance", [KEY_RATE] = "max_orders_per_minute",
	[KEY_SYMBOLS] = "symbols", [KEY_WINDOW] = "recv_window",
	[KEY_EXCHANGE] = "exchange", [KEY_SAPI] = "sapi", [KEY_PROXY] = "proxy",
	[KEY_WITHDRAWALS] = "allow_withdrawals",
};

/* As in 5 or 0.5: a cap that is meant as none is left out. */
static const char *
set_percent(dec *out, const char *v)
{
	if (strchr(v, '%') != NULL)
		return "a number of percent, without the sign";
	if (!dec_parse(out, v) || dec_sign(*out) <= 0 || dec_cmp(*out, (dec){ 1000, 0 }) > 0)
		return "not a decimal above 0 and up to 1000 (percent)";
	return NULL;
}

/* The addresses of a built-in profile, under another name. */
static const char *
set_exchange(char out[static 8], const char *v)
{
	size_t i;

	for (i = 0; i < sizeof built_in / sizeof *built_in; i++)
		if (strcmp(v, built_in[i].name) == 0) {
			snprintf(out, 8, "%s", v);
			return NULL;
		}
	return "live or demo";
}

/* No name and no password in it: it would be one more secret in a file that others may read. */
static const char *
set_proxy(char out[static 256], const char *v)
{
	bool loopback;
	const char *end;

	if (strchr(v, '@') != NULL)
		return "holds a name or password, which no proxy of bf's is given";
	if (strncmp(v, "http://", 7) != 0 || strlen(v) >= 256 ||
	    (end = host_end(v + 7, &loopback)) == NULL || *end != ':' || !port_ok(end + 1))
		return "not http://HOST:PORT, in lower case";
	snprintf(out, 256, "%s", v);
	return NULL;
}

static const char *
set_bool(bool *out, const char *v)
{
	*out = strcmp(v, "yes") == 0;
	return *out || strcmp(v, "no") == 0 ? NULL : "yes or no";
}

/* more: a continued line. */
static const char *
set_value(struct profile *p, enum key k, const char *v, bool more)
{
	switch (k) {
	case KEY_REST:
		return set_url(p->rest, v, "https://", "http://");
	case KEY_WS:
		return set_url(p->ws, v, "wss://", "ws://");
	case KEY_COINM_REST:
		return set_url(p->coinm_rest, v, "https://", "http://");
	case KEY_COINM_WS:
		return set_url(p->coinm_ws, v, "wss://", "ws://");
	case KEY_WSAPI:
		return set_url(p->wsapi, v, "wss://", "ws://");
	case KEY_COINM_WSAPI:
		return set_url(p->coinm_wsapi, v, "wss://", "ws://");
	case KEY_CA:
		return set_path(p->ca_file, sizeof p->ca_file, v, p->conf_dir);
	case KEY_FILE:
		return set_path(p->key_file, sizeof p->key_file, v, p->conf_dir);
	case KEY_CMD:
		return copy_text(p->secret_cmd, sizeof p->secret_cmd, v);
	case KEY_API:
		return set_api_key(p->api_key, sizeof p->api_key, v);
	case KEY_NOTIONAL:
		return set_notional(&p->max_order_notional, v);
	case KEY_POSITION:
		return set_notional(&p->max_position_notional, v);
	case KEY_DISTANCE:
		return set_percent(&p->max_price_distance, v);
	case KEY_RATE:
		return set_int(&p->max_orders_per_minute, v, 1000000, "not a whole number from 1 to 1000000");
	case KEY_SYMBOLS:
		if (!more)
			p->symbols[0] = '\0';
		return add_symbols(p->symbols, sizeof p->symbols, v);
	case KEY_WINDOW:	/* a longer one lets a stolen request live */
		return set_int(&p->recv_window, v, 10000, "not a whole number from 1 to 10000 (ms)");
	case KEY_EXCHANGE:
		return set_exchange(p->exchange, v);
	case KEY_SAPI:
		return set_url(p->sapi, v, "https://", "http://");
	case KEY_PROXY:
		return set_proxy(p->proxy, v);
	case KEY_WITHDRAWALS:
		return set_bool(&p->allow_withdrawals, v);
	case KEY_COUNT:
		break;
	}
	return "not a key";
}

/*
 * Files. inih parses; the lines are ours, so that errors have their number and
 * a secret is never shown to it.
 */

struct parse {
	const char	*path, *at, *end;
	const char	*want;		/* the section; NULL: only find `default` and errors */
	bool		 own;		/* a profile's own file: no sections, may hold a secret */
	bool		 continued;	/* the line begins with a blank */
	bool		 pem;		/* between the lines BEGIN and END of a private key */
	int		 line;
	bool		 failed, found, has_secret;
	bool		 seen[KEY_COUNT], seen_want[KEY_COUNT];	/* keys of this section; of want */
	char		 section[SECTION_MAX + 1];
	char		 chosen[64];	/* `default` */
	struct profile	*p;
	struct fault	*f;
};

static int
bad(struct parse *x, const char *name, const char *why)
{
	if (!x->failed)
		fault_set(x->f, FAULT_USAGE, "%s:%d: %s%s%s", x->path, x->line, name,
		    name[0] != '\0' ? ": " : "", why);
	x->failed = true;
	return 0;
}

static bool
secret_name(const char *s, size_t n)
{
	static const char *const name[] = { "key", "secret", "private_key", "type" };
	size_t i;

	for (i = 0; i < sizeof name / sizeof *name; i++)
		if (strlen(name[i]) == n && memcmp(s, name[i], n) == 0)
			return true;
	return false;
}

static bool
begins(const char *s, size_t n, const char *word)
{
	return n >= strlen(word) && memcmp(s, word, strlen(word)) == 0;
}

/* Whether a private key begins on this line, by itself or as private_key's value. */
static bool
pem_begins(const char *s, size_t n)
{
	static const char name[] = "private_key";
	const char *end = s + n;

	while (s < end && (*s == ' ' || *s == '\t'))
		s++;
	if (begins(s, (size_t)(end - s), name))
		for (s += sizeof name - 1; s < end && strchr(" \t=:", *s) != NULL; )
			s++;
	return begins(s, (size_t)(end - s), "-----BEGIN");
}

/* Whether the line is of a private key, whose base64 may look like name=value. */
static bool
pem_line(struct parse *x, const char *s, size_t n)
{
	bool was = x->pem;

	if (pem_begins(s, n))
		was = x->pem = true;
	while (n > 0 && (*s == ' ' || *s == '\t')) {
		s++;
		n--;
	}
	if (begins(s, n, "-----END"))
		x->pem = false;
	return was;
}

/* Whether the line is one of a key, which is cred's to read. */
static bool
secret_line(struct parse *x, const char *s, size_t n)
{
	size_t from = 0, to;

	if (pem_line(x, s, n))
		return true;
	while (from < n && (s[from] == ' ' || s[from] == '\t'))
		from++;
	for (to = from; to < n && (isalnum((unsigned char)s[to]) || s[to] == '_'); )
		to++;
	return secret_name(s + from, to - from);
}

/* The next line for inih, like fgets. */
static char *
next_line(char *str, int num, void *stream)
{
	struct parse *x = stream;
	const char *nl;
	size_t n;

	if (x->at == x->end || x->failed)
		return NULL;
	nl = memchr(x->at, '\n', (size_t)(x->end - x->at));
	n = (size_t)(nl == NULL ? x->end - x->at : nl - x->at);
	x->line++;
	x->continued = n > 0 && (x->at[0] == ' ' || x->at[0] == '\t');
	if (!x->own && pem_begins(x->at, n)) {
		bad(x, "", "no private key here: put it in a file and name that with key_file");
		return NULL;
	}
	if (x->own && secret_line(x, x->at, n)) {
		x->has_secret = true;
		memcpy(str, "#\n", 3);
	} else if (n + 3 > (size_t)num) {
		bad(x, "", "the line is too long");
		return NULL;
	} else {
		memcpy(str, x->at, n);
		memcpy(str + n, "\n", 2);
	}
	x->at += n + (nl != NULL);
	return str;
}

static bool
name_ok(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

	return n >= 1 && n <= 63 && s[n] == '\0';
}

static int
before_sections(struct parse *x, const char *name, const char *value)
{
	if (strcmp(name, "default") != 0)
		return bad(x, name, "only `default = NAME` stands before the first [profile]");
	if (!name_ok(value))
		return bad(x, name, "not a profile name");
	if (x->chosen[0] != '\0')
		return bad(x, name, "said twice");
	snprintf(x->chosen, sizeof x->chosen, "%s", value);
	return 1;
}

/* Another profile's keys are only looked at for errors. */
static int
one_key(struct parse *x, const char *name, const char *value)
{
	bool ours = x->own || (x->want != NULL && strcmp(x->section, x->want) == 0);
	bool *seen = ours ? x->seen_want : x->seen;
	struct profile scratch = { 0 }, *p = ours ? x->p : &scratch;
	const char *why;
	int k;

	for (k = 0; k < KEY_COUNT && strcmp(name, key_name[k]) != 0; )
		k++;
	if (k == KEY_COUNT && secret_name(name, strlen(name)))
		return bad(x, name, "no secrets here: put them in a file and name it with key_file");
	if (k == KEY_COUNT)
		return bad(x, name, "unknown key");
	if (seen[k] && k != KEY_SYMBOLS && x->continued)
		return bad(x, name, "an indented line continues the one above it: do not indent keys");
	if (seen[k] && !x->continued)
		return bad(x, name, "said twice");
	if (value[0] == '\0')
		return bad(x, name, "empty");
	if ((why = set_value(p, (enum key)k, value, seen[k])) != NULL)
		return bad(x, name, why);
	seen[k] = true;
	return 1;
}

/* A line `name = value`, told by inih. */
static int
entry(void *user, const char *section, const char *name, const char *value)
{
	struct parse *x = user;

	if (x->failed)
		return 0;
	if (value == NULL)
		return bad(x, "", "not `key = value`");
	if (x->own && section[0] != '\0')
		return bad(x, "", "a profile's own file has no [section]");
	if (!x->own && section[0] == '\0')
		return before_sections(x, name, value);
	if (!x->own && (!name_ok(section) || strlen(section) >= SECTION_MAX))
		return bad(x, "", "the section's name is no profile name");
	if (strcmp(section, x->section) != 0) {
		snprintf(x->section, sizeof x->section, "%s", section);
		memset(x->seen, 0, sizeof x->seen);
	}
	if (x->want != NULL && strcmp(section, x->want) == 0)
		x->found = true;
	return one_key(x, name, value);
}

static int
parse_text(struct parse *x, const char *text, size_t n)
{
	int line;

	x->at = text;
	x->end = text + n;
	if (memchr(text, '\0', n) != NULL)
		return fault_set(x->f, FAULT_USAGE, "%s: holds a NUL byte", x->path);
	line = ini_parse_stream(next_line, x, entry, x);
	if (x->pem && !x->failed)	/* what follows BEGIN was not looked at */
		bad(x, "", "the private key has no END line");
	if (line < 0)
		return fault_set(x->f, FAULT_LOCAL, "%s: out of memory", x->path);
	if (line > 0 && (!x->failed || line < x->line)) {
		x->failed = false;
		x->line = line;
		bad(x, "", "not `key = value`, [profile] or # comment");
	}
	return x->failed ? -1 : 0;
}

static const char *
conf_env(void)
{
	const char *env = getenv("BF_CONFIG");

	return env != NULL && env[0] != '\0' ? env : NULL;
}

/* The configuration: its errors and its `default`, then (the name known) its section. */
static int
parse_config(struct profile *p, const char *path, const char *want, char chosen[static 64],
    bool *found, struct fault *f)
{
	struct parse x = { .path = path, .want = want, .p = p, .f = f };
	char *text = malloc(CONF_MAX + 1);
	size_t n = 0;
	int r;

	if (text == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	r = read_file(path, true, text, &n, f);
	if (r == 1 && parse_text(&x, text, n) == -1)
		r = -1;
	memcpy(chosen, x.chosen, sizeof x.chosen);
	*found = x.found;
	free(text);
	if (r == 0 && conf_env() != NULL)
		return fault_set(f, FAULT_USAGE, "BF_CONFIG: no file %s", path);
	return r == -1 ? -1 : 0;
}

static int
parse_own(struct profile *p, bool *found, struct fault *f)
{
	struct parse x = { .own = true, .p = p, .f = f };
	char *text, path[sizeof p->own_file];
	size_t n = 0;
	int r;

	snprintf(path, sizeof path, "%s/profiles/%s", p->conf_dir, p->name);
	x.path = path;
	if ((text = malloc(CONF_MAX + 1)) == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	r = read_file(path, false, text, &n, f);
	if (r == 1 && parse_text(&x, text, n) == -1)
		r = -1;
	OPENSSL_cleanse(text, CONF_MAX + 1);
	free(text);
	if (r == 1 && x.has_secret)
		memcpy(p->own_file, path, sizeof path);
	*found = *found || r == 1;
	return r == -1 ? -1 : 0;
}

/*
 * The profile
 */

static void
set_built_in(struct profile *p, bool *found)
{
	size_t i;

	for (i = 0; i < sizeof built_in / sizeof *built_in; i++)
		if (strcmp(p->name, built_in[i].name) == 0) {
			snprintf(p->rest, sizeof p->rest, "%s", built_in[i].rest);
			snprintf(p->ws, sizeof p->ws, "%s", built_in[i].ws);
			*found = true;
		}
}

static void
fill_in(char out[static 256], const char *from)
{
	if (out[0] == '\0')
		snprintf(out, 256, "%s", from);
}

/* What `exchange` names, where the profile says nothing else. */
static void
set_of_exchange(struct profile *p)
{
	size_t i;

	for (i = 0; i < sizeof built_in / sizeof *built_in; i++)
		if (strcmp(p->exchange, built_in[i].name) == 0) {
			fill_in(p->rest, built_in[i].rest);
			fill_in(p->ws, built_in[i].ws);
		}
}

/* `exchange` and `rest` do not contradict each other. */
static bool
is_built_in(const struct profile *p)
{
	size_t i;

	for (i = 0; i < sizeof built_in / sizeof *built_in; i++)
		if (strcmp(p->exchange, built_in[i].name) == 0)
			return strcmp(p->rest, built_in[i].rest) == 0;
	return true;
}

/* Which of the built-in exchanges is meant, by its address; and its spot API, which knows the keys. */
static void
set_place(struct profile *p)
{
	size_t i;

	for (i = 0; i < sizeof built_in / sizeof *built_in; i++)
		if (strcmp(p->rest, built_in[i].rest) == 0) {
			snprintf(p->exchange, sizeof p->exchange, "%s", built_in[i].name);
			fill_in(p->sapi, built_in[i].sapi);
		}
	if (p->loopback)
		fill_in(p->sapi, p->rest);
}

/* COIN-M where a profile says nothing of it. */
static void
set_coinm(struct profile *p)
{
	size_t i;

	if (p->coinm_rest[0] != '\0' || p->coinm_ws[0] != '\0')
		return;
	if (p->loopback) {
		memcpy(p->coinm_rest, p->rest, sizeof p->rest);
		memcpy(p->coinm_ws, p->ws, sizeof p->ws);
	}
	for (i = 0; i < sizeof built_in / sizeof *built_in; i++)
		if (strcmp(p->rest, built_in[i].rest) == 0) {
			snprintf(p->coinm_rest, sizeof p->coinm_rest, "%s", built_in[i].coinm_rest);
			snprintf(p->coinm_ws, sizeof p->coinm_ws, "%s", built_in[i].coinm_ws);
		}
}

/* The WebSocket API where a profile says nothing of it. */
static void
set_wsapi(struct profile *p)
{
	size_t i;

	if (p->loopback) {
		fill_in(p->wsapi, p->ws);
		fill_in(p->coinm_wsapi, p->coinm_ws);
	}
	for (i = 0; i < sizeof built_in / sizeof *built_in; i++) {
		if (strcmp(p->rest, built_in[i].rest) == 0)
			fill_in(p->wsapi, built_in[i].wsapi);
		if (strcmp(p->coinm_rest, built_in[i].coinm_rest) == 0)
			fill_in(p->coinm_wsapi, built_in[i].coinm_wsapi);
	}
}

static bool
is_loopback(const char *url)
{
	const char *host = strstr(url, "://");
	bool loopback = false;

	if (host != NULL)
		host_end(host + 3, &loopback);
	return loopback;
}

/* All that is said is on this machine, or nothing is. */
static bool
one_side(const struct profile *p)
{
	const char *const url[] = { p->ws, p->coinm_rest, p->coinm_ws, p->wsapi, p->coinm_wsapi, p->sapi };
	size_t i;

	for (i = 0; i < sizeof url / sizeof *url; i++)
		if (url[i][0] != '\0' && is_loopback(url[i]) != p->loopback)
			return false;
	return true;
}

static int
check_whole(struct profile *p, bool found, struct fault *f)
{
	set_of_exchange(p);
	if (p->rest[0] == '\0' && strcmp(p->name, "sim") == 0)
		return fault_set(f, FAULT_USAGE,
		    "profile sim: no local exchange is known; start bf-sim --profile-out sim");
	if (!found)
		return fault_set(f, FAULT_USAGE,
		    "no profile %s: choose live or demo, or write [%s] in %s/config",
		    p->name, p->name, p->conf_dir);
	if (p->rest[0] == '\0' || p->ws[0] == '\0')
		return fault_set(f, FAULT_USAGE, "profile %s: `%s` is missing: the address of the exchange",
		    p->name, p->rest[0] == '\0' ? "rest" : "ws");
	if ((p->coinm_rest[0] == '\0') != (p->coinm_ws[0] == '\0'))
		return fault_set(f, FAULT_USAGE, "profile %s: `%s` is missing: coinm_rest and coinm_ws go together",
		    p->name, p->coinm_rest[0] == '\0' ? "coinm_rest" : "coinm_ws");
	p->loopback = is_loopback(p->rest);
	if (p->exchange[0] != '\0' && !is_built_in(p))
		return fault_set(f, FAULT_USAGE, "profile %s: `exchange` is %s, but `rest` is another one's", p->name, p->exchange);
	set_place(p);
	set_coinm(p);
	set_wsapi(p);
	if (!one_side(p))
		return fault_set(f, FAULT_USAGE,
		    "profile %s: rest and ws are on different sides: all on this machine or none",
		    p->name);
	if (p->ca_file[0] != '\0' && !p->loopback)
		return fault_set(f, FAULT_USAGE, "profile %s: ca_file: only for an exchange on this machine; "
		    "elsewhere the system's certificates decide", p->name);
	return 0;
}

/* The name: as given, BF_PROFILE, the default; live, unchosen, if none. */
static int
choose(struct profile *p, const char *name, const char *fallback, struct fault *f)
{
	const char *env = getenv("BF_PROFILE"), *from = "--profile";

	if (name == NULL && env != NULL && env[0] != '\0') {
		name = env;
		from = "BF_PROFILE";
	}
	if (name == NULL && fallback[0] != '\0')
		name = fallback;
	p->chosen = name != NULL;
	if (name == NULL)
		name = "live";
	if (!name_ok(name))
		return fault_set(f, FAULT_USAGE,
		    "%s: not a profile name (letters, digits, _ and -, at most 63)", from);
	memcpy(p->name, name, strlen(name) + 1);
	return 0;
}

static int
config_path(const struct profile *p, char *out, size_t size, struct fault *f)
{
	const char *env = conf_env();
	int n;

	if (env != NULL)
		n = snprintf(out, size, "%s", env);
	else
		n = snprintf(out, size, "%s/config", p->conf_dir);
	if (n < 0 || (size_t)n >= size)
		return fault_set(f, FAULT_USAGE, "the path of the configuration is too long");
	return 0;
}

int
profile_load(struct profile *p, const char *name, struct fault *f)
{
	char path[512], fallback[64], ignored[64];
	bool found = false, section;

	memset(p, 0, sizeof *p);
	p->recv_window = 5000;
	if (privileged())
		return fault_set(f, FAULT_USAGE, "refusing to run set-user-ID or set-group-ID");
	if (find_dirs(p, f) == -1 || config_path(p, path, sizeof path, f) == -1 ||
	    parse_config(p, path, NULL, fallback, &section, f) == -1 ||
	    choose(p, name, fallback, f) == -1)
		return -1;
	set_built_in(p, &found);
	if (parse_config(p, path, p->name, ignored, &section, f) == -1)
		return -1;
	found = found || section;
	if (parse_own(p, &found, f) == -1 || check_whole(p, found, f) == -1)
		return -1;
	add_name(p->state_dir, sizeof p->state_dir, p->name);
	add_name(p->cache_dir, sizeof p->cache_dir, p->name);
	return 0;
}

int
profile_need_chosen(const struct profile *p, struct fault *f)
{
	if (p->chosen)
		return 0;
	return fault_set(f, FAULT_USAGE, "a key needs a chosen profile: say --profile demo (the testnet), "
	    "sim or live, set BF_PROFILE, or write `default = NAME` in %s/config", p->conf_dir);
}

static const char *
address(const struct profile *p, enum market m, const char *usdm, const char *coinm, struct fault *f)
{
	if (m == MARKET_USDM)
		return usdm;
	if (*coinm != '\0')
		return coinm;
	fault_set(f, FAULT_USAGE, "profile %s has no address for COIN-M: add coinm_rest and coinm_ws",
	    p->name);
	return NULL;
}

const char *
profile_rest(const struct profile *p, enum market m, struct fault *f)
{
	return address(p, m, p->rest, p->coinm_rest, f);
}

const char *
profile_ws(const struct profile *p, enum market m, struct fault *f)
{
	return address(p, m, p->ws, p->coinm_ws, f);
}

const char *
profile_wsapi(const struct profile *p, enum market m, struct fault *f)
{
	const char *url = m == MARKET_COINM ? p->coinm_wsapi : p->wsapi;

	if (*url != '\0')
		return url;
	fault_set(f, FAULT_USAGE, "profile %s has no address of the WebSocket API%s: add %s", p->name,
	    m == MARKET_COINM ? " of COIN-M" : "", m == MARKET_COINM ? "coinm_wsapi" : "wsapi");
	return NULL;
}

int
market_parse(enum market *out, const char *s, struct fault *f)
{
	if (strcmp(s, "coinm") != 0 && strcmp(s, "usdm") != 0)
		return fault_set(f, FAULT_USAGE, "--market: usdm or coinm, not \"%.40s\"", s);
	*out = *s == 'c' ? MARKET_COINM : MARKET_USDM;
	return 0;
}
