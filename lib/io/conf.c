#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/auxv.h>
#endif

#include <openssl/crypto.h>

#include "core/buf.h"
#include "io/conf_in.h"

/*
 * Directories
 */

bool
conf_privileged(void)
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
 * Its files
 */

static const char *
conf_env(void)
{
	const char *env = getenv("BF_CONFIG");

	return env != NULL && env[0] != '\0' ? env : NULL;
}

int
conf_parse_config(struct parse *x, struct fault *f)
{
	char *text = malloc(CONF_MAX + 1);
	size_t n = 0;
	int r;

	if (text == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	r = conf_read(x->path, true, text, &n, f);
	if (r == 1 && conf_parse(x, text, n) == -1)
		r = -1;
	free(text);
	if (r == 0 && conf_env() != NULL)
		return fault_set(f, FAULT_USAGE, "BF_CONFIG: no file %s", x->path);
	return r;
}

/* 1: there is one, 0: there is none, -1: fault. */
static int
read_own(struct parse *x, struct fault *f)
{
	char *text = malloc(CONF_MAX + 1);
	size_t n = 0;
	int r;

	if (text == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	r = conf_read(x->path, false, text, &n, f);
	if (r == 1 && conf_parse(x, text, n) == -1)
		r = -1;
	OPENSSL_cleanse(text, CONF_MAX + 1);
	free(text);
	return r;
}

/* How a profile is loaded: text, n: instead of its own file; told: who is told of each key. */
struct how {
	const char	*text;
	size_t		 n;
	void		(*told)(void *arg, const char *key, const char *path, int line);
	void		*arg;
};

static int
parse_own(struct profile *p, const struct how *how, bool *found, struct fault *f)
{
	struct parse x = { .own = true, .p = p, .f = f, .told = how->told, .arg = how->arg };
	char path[sizeof p->own_file];
	int r;

	profile_own_path(p, path);
	x.path = path;
	if (how->text != NULL)
		r = conf_parse(&x, how->text, how->n) == -1 ? -1 : 1;
	else
		r = read_own(&x, f);
	if (r == 1 && x.has_secret)
		memcpy(p->own_file, path, sizeof path);
	*found = *found || r == 1;
	return r == -1 ? -1 : 0;
}

/*
 * The profile
 */

static int
check_whole(struct profile *p, bool found, struct fault *f)
{
	conf_set_of_exchange(p);
	if (p->rest[0] == '\0' && strcmp(p->name, "sim") == 0)
		return fault_set(f, FAULT_USAGE,
		    "profile sim: no local exchange is known; start bf-sim --profile-out sim");
	if (!found)
		return fault_set(f, FAULT_USAGE,
		    "no profile %s: choose live or demo, or make it: bf-profile add %s", p->name, p->name);
	if (p->rest[0] == '\0' || p->ws[0] == '\0')
		return fault_set(f, FAULT_USAGE, "profile %s: `%s` is missing: the address of the exchange",
		    p->name, p->rest[0] == '\0' ? "rest" : "ws");
	if ((p->coinm_rest[0] == '\0') != (p->coinm_ws[0] == '\0'))
		return fault_set(f, FAULT_USAGE, "profile %s: `%s` is missing: coinm_rest and coinm_ws go together",
		    p->name, p->coinm_rest[0] == '\0' ? "coinm_rest" : "coinm_ws");
	p->loopback = conf_is_loopback(p->rest);
	if (p->exchange[0] != '\0' && !conf_agrees(p))
		return fault_set(f, FAULT_USAGE, "profile %s: `exchange` is %s, but `rest` is another one's", p->name, p->exchange);
	conf_set_place(p);
	conf_set_coinm(p);
	conf_set_wsapi(p);
	if (!conf_one_side(p))
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
	if (!conf_name_ok(name))
		return fault_set(f, FAULT_USAGE,
		    "%s: not a profile name (letters, digits, _ and -, at most 63)", from);
	memcpy(p->name, name, strlen(name) + 1);
	return 0;
}

int
profile_caps(const struct profile *p)
{
	return (dec_sign(p->max_order_notional) > 0) + (dec_sign(p->max_position_notional) > 0) +
	    (dec_sign(p->max_price_distance) > 0) + (p->max_orders_per_minute > 0) + (p->symbols[0] != '\0');
}

void
profile_own_path(const struct profile *p, char out[static 512])
{
	snprintf(out, 512, "%.*s/profiles/%s", (int)sizeof p->conf_dir, p->conf_dir, p->name);
}

int
conf_path(char out[static 512], struct fault *f)
{
	const char *env = conf_env();
	struct profile dirs;
	int n;

	if (conf_privileged())
		return fault_set(f, FAULT_USAGE, PRIVILEGED_TEXT);
	if (find_dirs(&dirs, f) == -1)
		return -1;
	if (env != NULL)
		n = snprintf(out, 512, "%s", env);
	else
		n = snprintf(out, 512, "%s/config", dirs.conf_dir);
	if (n < 0 || n >= 512)
		return fault_set(f, FAULT_USAGE, "the path of the configuration is too long");
	return 0;
}

int
conf_dir(char out[static 400], struct fault *f)
{
	return xdg_dir(out, 400, "XDG_CONFIG_HOME", ".config", f);
}

static int
load(struct profile *p, const char *name, const struct how *how, struct fault *f)
{
	struct parse first = { .p = p, .f = f }, section = { .p = p, .f = f, .told = how->told, .arg = how->arg };
	char path[512];
	bool found = false;

	memset(p, 0, sizeof *p);
	p->recv_window = 5000;
	first.path = section.path = path;
	section.want = p->name;
	if (conf_path(path, f) == -1 || find_dirs(p, f) == -1 || conf_parse_config(&first, f) == -1 ||
	    choose(p, name, first.chosen, f) == -1)
		return -1;
	conf_set_built_in(p, &found);
	if (conf_parse_config(&section, f) == -1)
		return -1;
	found = found || section.found;
	if (parse_own(p, how, &found, f) == -1 || check_whole(p, found, f) == -1)
		return -1;
	add_name(p->state_dir, sizeof p->state_dir, p->name);
	add_name(p->cache_dir, sizeof p->cache_dir, p->name);
	return 0;
}

int
profile_load(struct profile *p, const char *name, struct fault *f)
{
	return load(p, name, &(struct how){ .text = NULL }, f);
}

int
profile_load_told(struct profile *p, const char *name,
    void (*told)(void *arg, const char *key, const char *path, int line), void *arg, struct fault *f)
{
	return load(p, name, &(struct how){ .told = told, .arg = arg }, f);
}

int
profile_load_text(struct profile *p, const char *name, const char *text, size_t n, struct fault *f)
{
	return load(p, name, &(struct how){ .text = text, .n = n }, f);
}

int
profile_need_chosen(const struct profile *p, struct fault *f)
{
	if (p->chosen)
		return 0;
	return fault_set(f, FAULT_USAGE, "a key needs a chosen profile: --profile demo (the testnet), live "
	    "or sim, or BF_PROFILE; bf-profile add demo sets one up");
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
		return fault_set(f, FAULT_USAGE, "--market %.40s: not usdm or coinm", s);
	*out = *s == 'c' ? MARKET_COINM : MARKET_USDM;
	return 0;
}
