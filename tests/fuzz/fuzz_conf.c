/*
 * The configuration and a profile's own file under a fuzzer. An input is the configuration; behind a NUL, the own file;
 * behind another, the profile's name. What is taken makes a profile whose every value is one, and comes to the same when it is said
 * alone; no secret is passed on; what is not taken is misuse, in a sentence. A default that is set is the default, and set back
 * leaves every byte as it was. Built by `make fuzz`.
 */
#include <fcntl.h>

#include "io/conf.h"
#include "must.h"

static unsigned long loaded, declined, secrets, set, back;

static bool
begins(const char *s, const char *word)
{
	return strncmp(s, word, strlen(word)) == 0;
}

/* Encrypted, or to this machine. */
static void
check_url(const struct profile *p, const char *url, const char *safe, const char *plain, const char *key)
{
	MUST(*url == '\0' || begins(url, safe) || (p->loopback && begins(url, plain)));
	MUST(*url == '\0' || profile_value_wrong(key, url) == NULL);
}

static void
check_text(const char *key, const char *v)
{
	MUST(*v == '\0' || profile_value_wrong(key, v) == NULL);
}

static void
check_profile(const struct profile *p)
{
	struct fault f = { 0 };

	MUST(profile_name_check(p->name, &f) == 0);
	MUST(*p->rest != '\0' && *p->ws != '\0');
	check_url(p, p->rest, "https://", "http://", "rest");
	check_url(p, p->coinm_rest, "https://", "http://", "coinm_rest");
	check_url(p, p->sapi, "https://", "http://", "sapi");
	check_url(p, p->ws, "wss://", "ws://", "ws");
	check_url(p, p->coinm_ws, "wss://", "ws://", "coinm_ws");
	check_url(p, p->wsapi, "wss://", "ws://", "wsapi");
	check_url(p, p->coinm_wsapi, "wss://", "ws://", "coinm_wsapi");
	check_text("exchange", p->exchange);
	check_text("proxy", p->proxy);
	check_text("api_key", p->api_key);
	check_text("secret_cmd", p->secret_cmd);
	check_text("symbols", p->symbols);
	MUST(*p->ca_file == '\0' || (p->loopback && *p->ca_file == '/'));
	MUST(*p->key_file == '\0' || *p->key_file == '/' || begins(p->key_file, "$CREDENTIALS_DIRECTORY/"));
	MUST(p->recv_window >= 1 && p->recv_window <= 10000 && p->max_orders_per_minute >= 0);
	MUST(dec_sign(p->max_order_notional) >= 0 && dec_sign(p->max_position_notional) >= 0);
	MUST(dec_sign(p->max_price_distance) >= 0 && dec_cmp(p->max_price_distance, (dec){ 1000, 0 }) <= 0);
}

/* The keys that are told of: those of a profile, not those of a secret. */
static void
on_key(void *arg, const char *key, const char *path, int line)
{
	(void)arg;
	MUST(line > 0 && *path == '/' && strcmp(key, "secret") != 0 && strcmp(key, "key") != 0 && strcmp(key, "private_key") != 0);
}

static void
default_is(const char *name, char was[static 64])
{
	static struct profile_name all[PROFILE_NAMES];
	struct fault f = { 0 };

	MUST(profile_names(all, was, &f) > 0 && (name == NULL || strcmp(was, name) == 0));
}

static bool
same_bytes(const char *path, const char *text, size_t n)
{
	char now[70000];
	FILE *in = fopen(path, "r");
	size_t got;

	MUST(in != NULL);
	got = fread(now, 1, sizeof now, in);
	fclose(in);
	return got == n && memcmp(now, text, n) == 0;
}

/* The configuration is one that was read. */
static void
check_default(const char *path, const char *text, size_t n)
{
	struct fault f = { 0 };
	char was[64], is[64];

	default_is(NULL, was);
	MUST(conf_set_default("live", &f) == 0);
	default_is("live", is);
	set++;
	if (*was == '\0')
		return;
	MUST(conf_set_default(was, &f) == 0);
	MUST(same_bytes(path, text, n));
	back++;
}

/* The bytes as a configuration in a directory of its own: one where a default may be written. */
static void
as_config(char dir[static 200], char path[static 240], const char *p, size_t n)
{
	const char *base = getenv("TMPDIR");
	int fd;

	snprintf(dir, 200, "%.180s/bf-fuzz.XXXXXX", base != NULL && *base == '/' ? base : "/tmp");
	MUST(mkdtemp(dir) != NULL);
	snprintf(path, 240, "%s/config", dir);
	MUST((fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600)) != -1 && write(fd, p, n) == (ssize_t)n);
	close(fd);
}

/* One part of the input, and where the next begins: NULL if there is none. */
static const char *
part(const char **at, size_t *n, const char *end)
{
	const char *p = *at, *nul;

	*n = 0;
	if (p == NULL)
		return NULL;
	nul = p == end ? NULL : memchr(p, '\0', (size_t)(end - p));
	*n = (size_t)((nul == NULL ? end : nul) - p);
	*at = nul == NULL ? NULL : nul + 1;
	return p;
}

static void
load(const char *own, size_t nown, const char *name)
{
	struct fault f = { 0 };
	struct profile p;
	int r;

	r = own == NULL ? profile_load_told(&p, name, on_key, NULL, &f) : profile_load_text(&p, name, own, nown, &f);
	if (r == -1) {
		MUST(f.kind == FAULT_USAGE);
		check_fault(&f);
		declined++;
		return;
	}
	check_profile(&p);
	loaded++;
	secrets += *p.own_file != '\0';
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct profile_name all[PROFILE_NAMES];
	const char *at = (const char *)data, *end = at + size, *conf, *own, *last;
	char dir[200], path[240], name[80], chosen[64];
	struct fault f = { 0 };
	size_t n, nown, nname;

	conf = part(&at, &n, end);
	own = part(&at, &nown, end);
	last = part(&at, &nname, end);
	snprintf(name, sizeof name, "%.*s", (int)(nname > 79 ? 79 : nname), last == NULL ? "" : last);
	as_config(dir, path, conf, n);
	MUST(setenv("BF_CONFIG", path, 1) == 0 && setenv("XDG_CONFIG_HOME", "/nonexistent", 1) == 0);
	load(own, nown, last == NULL ? NULL : name);
	if (profile_names(all, chosen, &f) > 0)
		check_default(path, conf, n);
	unsetenv("XDG_CONFIG_HOME");
	unsetenv("BF_CONFIG");
	unlink(path);
	rmdir(dir);
	return 0;
}
