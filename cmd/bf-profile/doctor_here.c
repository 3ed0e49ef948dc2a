/* Of this machine: versions, and what the kernel offers to lock a program in. */
#include <curl/curl.h>
#include <libwebsockets.h>
#include <openssl/crypto.h>

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "doctor.h"
#include "io/jqf.h"
#include "io/sandbox.h"

#define LOCKED_BYTES	(64u << 10)	/* what keys lie in */

/*
 * Versions
 */

#define V(a, b, c)	(((a) << 16) | ((b) << 8) | (c))

/* "7.88.1" and "3.0.17 5 Nov 2024" as a number that can be compared; 0: none. */
static unsigned
number(const char *s)
{
	unsigned a = 0, b = 0, c = 0;

	return sscanf(s, "%u.%u.%u", &a, &b, &c) < 2 ? 0 : V(a, b & 255, c & 255);
}

/* libjq does not tell: by what it knows. */
static const char *
jq_version(void)
{
	static const struct { const char *program, *version; } row[] = {
		{ "trimstr(\"a\")", "1.8 or newer" }, { "pick(.a)", "1.7" },
	};
	struct fault ignore;
	struct jqf *q;

	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		if (jqf_open(&q, row[i].program, &ignore) == 0) {
			jqf_close(q);
			return row[i].version;
		}
	return "1.6 or older";
}

/* Versions with which something is known to be wrong, until and without that one. Distributions
 * mend without a new number, so that this is a warning. */
static const struct flaw {
	const char	*what;
	unsigned	 from, until;
	const char	*why;
} flaws[] = {
	{ "libcurl", 0, V(7, 88, 0), "too old: bf is made for 7.88 or newer" },
	{ "OpenSSL", 0, V(3, 0, 0), "too old: bf is made for 3.0 or newer" },
	{ "OpenSSL", V(3, 0, 0), V(3, 0, 7), "has CVE-2022-3602, which a server's certificate can use, unless your "
	    "distribution has mended it" },
	{ "libwebsockets", 0, V(4, 1, 6), "too old: bf is made for 4.1.6 or newer" },
	{ "Linux", 0, V(5, 13, 0), "has no Landlock: programs cannot be kept from files" },
};

static void
check_flaws(struct doctor *d, const char *what, const char *version)
{
	unsigned n = number(version);
	struct remark x;

	for (size_t i = 0; i < sizeof flaws / sizeof *flaws; i++) {
		if (strcmp(what, flaws[i].what) != 0 || n == 0 || n < flaws[i].from || n >= flaws[i].until)
			continue;
		found_warn(&x, "versions", "%s %s %s", what, version, flaws[i].why);
		found_mend(&x, "update %s by your distribution's package manager", what);
		doctor_tell(d, &x);
	}
}

void
check_versions(struct doctor *d)
{
	const char *curl = curl_version_info(CURLVERSION_NOW)->version, *ssl = OpenSSL_version(OPENSSL_VERSION_STRING);
	const char *lws = lws_get_library_version();
	struct utsname os = { 0 };
	struct remark x;

	(void)uname(&os);
	found_ok(&x, "versions", "bf %s, libcurl %s, OpenSSL %s, libwebsockets %.*s, libjq %s, %s %s", BF_VERSION, curl, ssl,
	    (int)strcspn(lws, " -"), lws, jq_version(), os.sysname, os.release);
	doctor_tell(d, &x);
	check_flaws(d, "libcurl", curl);
	check_flaws(d, "OpenSSL", ssl);
	check_flaws(d, "libwebsockets", lws);
	check_flaws(d, os.sysname, os.release);
}

/*
 * Locks
 */

static void
check_kernel(struct doctor *d)
{
	struct sandbox_means has = sandbox_means();
	struct remark x;

	if (has.no_new_privs && has.seccomp && has.landlock > 0) {
		found_ok(&x, "sandbox", "the kernel has no_new_privs, seccomp and Landlock (ABI %d)", has.landlock);
		doctor_tell(d, &x);
		return;
	}
	found_warn(&x, "sandbox", "the kernel does not offer%s%s%s", has.no_new_privs ? "" : " no_new_privs",
	    has.seccomp ? "" : " seccomp", has.landlock > 0 ? "" : " Landlock");
	if (has.landlock > 0)
		found_mend(&x, "use a kernel, or a container's profile, that allows it");
	else
		found_mend(&x, "use Linux 5.13 or newer with landlock in its lsm= list (cat /sys/kernel/security/lsm)");
	doctor_tell(d, &x);
}

void
check_sandbox(struct doctor *d)
{
	struct rlimit core = { 1, 1 }, locked = { 0, 0 };
	struct remark x;

	check_kernel(d);
	(void)getrlimit(RLIMIT_CORE, &core);
	if (core.rlim_cur == 0)
		found_ok(&x, "core-dumps", "off: no key gets into a file by a crash");
	else {
		found_warn(&x, "core-dumps", "they cannot be switched off: a crash may write a key into a file");
		found_mend(&x, "ulimit -c 0");
	}
	doctor_tell(d, &x);
	(void)getrlimit(RLIMIT_MEMLOCK, &locked);
	if (locked.rlim_cur >= LOCKED_BYTES)
		found_ok(&x, "locked-memory", "there is enough for keys, which are never swapped out");
	else {
		found_warn(&x, "locked-memory", "%llu bytes may be locked, and keys take %u: they may be swapped to a disk",
		    (unsigned long long)locked.rlim_cur, LOCKED_BYTES);
		found_mend(&x, "ulimit -l 64, or LimitMEMLOCK=64K in the unit");
	}
	doctor_tell(d, &x);
}
