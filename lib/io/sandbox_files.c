/*
 * Landlock: which files, ports and signals. The kernel's interface is written out here,
 * because the headers of the oldest systems we build on know half of it.
 */
#ifdef __linux__
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "io/sandbox_in.h"
#include "io/state.h"

/* Three calls that have the same numbers on every architecture (but alpha, which gets ENOSYS). */
#define SYS_LL_CREATE	444
#define SYS_LL_ADD	445
#define SYS_LL_ENTER	446
#define LL_VERSION	1u	/* a flag of the first: tell the version */
#define RULE_PATH	1
#define RULE_PORT	2

#define EXECUTE		(UINT64_C(1) << 0)
#define WRITE_FILE	(UINT64_C(1) << 1)
#define READ_FILE	(UINT64_C(1) << 2)
#define READ_DIR	(UINT64_C(1) << 3)
#define REMOVE_DIR	(UINT64_C(1) << 4)
#define REMOVE_FILE	(UINT64_C(1) << 5)
#define MAKE_DIR	(UINT64_C(1) << 7)
#define MAKE_REG	(UINT64_C(1) << 8)
#define REFER		(UINT64_C(1) << 13)	/* version 2 */
#define TRUNCATE	(UINT64_C(1) << 14)	/* 3 */
#define IOCTL_DEV	(UINT64_C(1) << 15)	/* 5 */
#define BIND_TCP	(UINT64_C(1) << 0)	/* 4 */
#define CONNECT_TCP	(UINT64_C(1) << 1)
#define SCOPE_ABSTRACT	(UINT64_C(1) << 0)	/* 6 */
#define SCOPE_SIGNAL	(UINT64_C(1) << 1)

#define ALL_V1		((UINT64_C(1) << 13) - 1)
#define READING		(READ_FILE | READ_DIR)
#define CHANGING	(READING | WRITE_FILE | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG | REFER | TRUNCATE)
#define ON_FILES	(READ_FILE | WRITE_FILE | TRUNCATE | IOCTL_DEV)	/* what a rule for no folder may name */

struct ruleset { uint64_t fs, net, scoped; };
struct __attribute__((packed)) path_rule { uint64_t allowed; int32_t fd; };
struct port_rule { uint64_t allowed, port; };

/* What a program reads in a resolver, TLS and the C library. resolv.conf is renamed into
 * place: a rule for the file itself would hold the old one. Of /run what writes resolv.conf
 * alone: the credentials of services and the sockets of desktops are there too. */
static const struct { const char *path; uint64_t rights; } system_paths[] = {
	{ "/etc", READING }, { "/usr", READING }, { "/lib", READING }, { "/lib32", READING },
	{ "/lib64", READING }, { "/nix/store", READING }, { "/gnu/store", READING }, { "/run/systemd/resolve", READING },
	{ "/run/resolvconf", READING }, { "/run/NetworkManager", READING }, { "/run/netconfig", READING },
	{ "/run/connman", READING }, { "/run/current-system", READING },
	{ "/var/lib/ca-certificates", READING }, { "/var/db", READING }, { "/proc/self", READING },
	{ "/proc/sys/kernel/random", READING }, { "/sys/devices/system/cpu", READING },
	{ "/dev/null", ON_FILES }, { "/dev/urandom", READ_FILE }, { "/dev/random", READ_FILE },
};

struct rules { int fd; uint64_t fs; const char *failed; };

int
landlock_version(void)
{
	long v = syscall(SYS_LL_CREATE, NULL, 0, LL_VERSION);

	return v > 0 ? (int)v : 0;
}

/* A path that is not there needs no rule. */
static void
allow_path(struct rules *r, const char *path, uint64_t rights)
{
	struct path_rule rule = { .allowed = rights & r->fs };
	struct stat st;

	if ((rule.fd = open(path, O_PATH | O_CLOEXEC)) == -1)
		return;
	if (fstat(rule.fd, &st) == 0 && !S_ISDIR(st.st_mode))
		rule.allowed &= ON_FILES;
	if (syscall(SYS_LL_ADD, r->fd, RULE_PATH, &rule, 0) == -1)
		r->failed = "a folder";
	close(rule.fd);
}

static void
allow_folder_of(struct rules *r, const char *path, uint64_t rights)
{
	const char *slash = strrchr(path, '/');
	char dir[PATH_MAX];

	snprintf(dir, sizeof dir, "%.*s", slash == NULL ? 1 : slash == path ? 1 : (int)(slash - path),
	    slash == NULL ? "." : path);
	allow_path(r, dir, rights);
}

/* A folder that is to be, made now if it can be. Not the one above it instead: that of a user
 * without a home is the root of all. Not what a link in its place points to. */
static void
allow_state(struct rules *r, const char *dir)
{
	struct fault ignore;
	struct stat st;

	(void)state_dir(dir, &ignore);
	if (lstat(dir, &st) == 0 && S_ISDIR(st.st_mode))
		allow_path(r, dir, CHANGING);
}

/* The counters of an address and a key, which profiles share, are in .limits beside the state. */
static void
allow_profile(struct rules *r, const struct profile *p)
{
	char shared[sizeof p->state_dir + 16];
	const char *slash = strrchr(p->state_dir, '/');

	allow_state(r, p->state_dir);
	allow_state(r, p->cache_dir);
	if (slash != NULL) {
		snprintf(shared, sizeof shared, "%.*s/.limits", (int)(slash - p->state_dir), p->state_dir);
		allow_state(r, shared);
	}
	if (p->ca_file[0] != '\0')
		allow_path(r, p->ca_file, READING);
}

static void
allow_system(struct rules *r)
{
	char real[PATH_MAX];

	for (size_t i = 0; i < sizeof system_paths / sizeof *system_paths; i++)
		allow_path(r, system_paths[i].path, system_paths[i].rights);
	if (realpath("/etc/resolv.conf", real) != NULL)
		allow_folder_of(r, real, READING);
}

/* Ours, to be written: io/lines.h opens it again. Another's key strokes are not for us. */
static void
allow_terminals(struct rules *r)
{
	char name[128];

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (ttyname_r(fd, name, sizeof name) == 0)
			allow_path(r, name, WRITE_FILE | IOCTL_DEV);
}

static void
allow_port(struct rules *r, unsigned long port)
{
	struct port_rule rule = { .allowed = CONNECT_TCP, .port = port };

	if (port > 0 && syscall(SYS_LL_ADD, r->fd, RULE_PORT, &rule, 0) == -1)
		r->failed = "a port";
}

/* The port of "https://host[:port]"; 0: no address. The profile has checked it. */
static unsigned long
port_of(const char *url)
{
	const char *host = strstr(url, "://"), *colon;

	if (host == NULL)
		return 0;
	host += 3;
	colon = strchr(*host == '[' ? host + strcspn(host, "]") : host, ':');
	if (colon != NULL)
		return strtoul(colon + 1, NULL, 10);
	return strncmp(url, "https:", 6) == 0 || strncmp(url, "wss:", 4) == 0 ? 443 : 80;
}

static void
allow_ports(struct rules *r, const struct profile *p)
{
	const char *const urls[] = { p->rest, p->ws, p->coinm_rest, p->coinm_ws, p->wsapi, p->coinm_wsapi, p->sapi };

	allow_port(r, 53);	/* names, where an answer is too long for UDP */
	if (p->proxy[0] != '\0') {
		allow_port(r, port_of(p->proxy));
		return;		/* all goes through it */
	}
	for (size_t i = 0; i < sizeof urls / sizeof *urls; i++)
		allow_port(r, port_of(urls[i]));
}

/* All that this version can hold back. */
static struct ruleset
handled(int version)
{
	struct ruleset a = { .fs = ALL_V1 };

	a.fs |= (version >= 2 ? REFER : 0) | (version >= 3 ? TRUNCATE : 0) | (version >= 5 ? IOCTL_DEV : 0);
	a.net = version >= 4 ? BIND_TCP | CONNECT_TCP : 0;
	if (version >= 6)
		a.scoped = SCOPE_SIGNAL | SCOPE_ABSTRACT;
	return a;
}

static void
allow_all(struct rules *r, const struct sandbox *want, bool ports)
{
	allow_system(r);
	allow_terminals(r);
	if (want->reads)
		allow_path(r, "/", READING);
	if (want->prof != NULL)
		allow_profile(r, want->prof);
	for (int i = 0; i < SANDBOX_FILES; i++)
		if (want->write[i] != NULL)
			allow_folder_of(r, want->write[i], CHANGING);
	if (ports && want->prof != NULL)
		allow_ports(r, want->prof);
}

int
landlock_enter(const struct sandbox *want, int version, struct fault *f)
{
	struct ruleset a = handled(version);
	struct rules r = { .fs = a.fs };

	r.fd = (int)syscall(SYS_LL_CREATE, &a, version >= 6 ? sizeof a : version >= 4 ? 16 : 8, 0);
	if (r.fd == -1)
		return fault_set(f, FAULT_LOCAL, "sandbox: Landlock: %s", strerror(errno));
	allow_all(&r, want, a.net != 0);
	if (r.failed == NULL && syscall(SYS_LL_ENTER, r.fd, 0) == -1)
		r.failed = "the rules";
	if (r.failed != NULL)
		fault_set(f, FAULT_LOCAL, "sandbox: Landlock refuses %s: %s", r.failed, strerror(errno));
	close(r.fd);
	return r.failed == NULL ? 0 : -1;
}

#endif
