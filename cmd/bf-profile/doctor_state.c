/* Of what processes share: the state folder and its disk, latch, journal, ledgers. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/vfs.h>
#endif

#include "core/instant.h"
#include "doctor.h"
#include "io/desk.h"
#include "io/journal.h"
#include "io/latch.h"

#define MIB		(UINT64_C(1) << 20)
#define FREE_WARN	(100 * MIB)
#define FREE_BAD	(1 * MIB)	/* less than a day's journal may take */

/*
 * The folder and its disk
 */

#ifdef __linux__
/* File systems on which locks and shared memory are not what a local one's are; by f_type. */
static const struct { unsigned long type; const char *name; bool far; } kinds[] = {
	{ 0x6969, "NFS", true }, { 0xff534d42, "CIFS", true }, { 0xfe534d42, "SMB", true }, { 0x517b, "SMB", true },
	{ 0x01021997, "9P", true }, { 0x65735546, "FUSE", true }, { 0x5346414f, "AFS", true }, { 0x00c36400, "Ceph", true },
	{ 0xef53, "ext4", false }, { 0x58465342, "XFS", false }, { 0x9123683e, "btrfs", false },
	{ 0x794c7630, "overlay", false }, { 0x01021994, "tmpfs", false }, { 0x2fc12fc1, "ZFS", false },
};

static const char *
file_system(const char *dir, bool *far, bool *fleeting)
{
	struct statfs fs;

	*far = *fleeting = false;
	if (statfs(dir, &fs) == -1)
		return "unknown";
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (kinds[i].type == (unsigned long)(unsigned)fs.f_type) {
			*far = kinds[i].far;
			*fleeting = fs.f_type == 0x01021994;
			return kinds[i].name;
		}
	return "of another kind";
}
#else
static const char *
file_system(const char *dir, bool *far, bool *fleeting)
{
	(void)dir;
	*far = *fleeting = false;
	return "of a kind that is not known here";
}
#endif

/* The folder, or the nearest one above it that is there. */
static void
nearest(char *out, size_t size, const char *dir)
{
	struct stat st;
	char *slash;

	snprintf(out, size, "%s", dir);
	while (lstat(out, &st) == -1 && (slash = strrchr(out, '/')) != NULL && slash != out)
		*slash = '\0';
}

static void
check_disk(struct doctor *d, const char *dir)
{
	struct remark x;
	bool far, fleeting;
	const char *fs = file_system(dir, &far, &fleeting);
	struct statvfs v;
	uint64_t room;

	if (statvfs(dir, &v) == -1) {
		found_bad(&x, "disk", FAULT_LOCAL, "%s: %s", dir, strerror(errno));
		found_mend(&x, "df %s", dir);
		doctor_tell(d, &x);
		return;
	}
	room = (uint64_t)v.f_bavail * v.f_frsize;
	if ((v.f_flag & ST_RDONLY) != 0 || room < FREE_BAD) {
		found_bad(&x, "disk", FAULT_LOCAL, "%s: %s: no order can be journalled, so none will leave", dir,
		    (v.f_flag & ST_RDONLY) != 0 ? "mounted read-only" : "full");
		found_mend(&x, "make room there (df %s), or set XDG_STATE_HOME to another disk", dir);
	} else if (far) {
		found_warn(&x, "disk", "the state folder is on %s: locks and counters shared by processes may fail there", fs);
		found_mend(&x, "set XDG_STATE_HOME to a folder on a local disk");
	} else if (room < FREE_WARN) {
		found_warn(&x, "disk", "only %llu MiB are left for the journal", (unsigned long long)(room / MIB));
		found_mend(&x, "make room there: df %s", dir);
	} else if (fleeting) {
		found_warn(&x, "disk", "the state folder is in memory (%s): a restart of the machine forgets latch and journal", fs);
		found_mend(&x, "set XDG_STATE_HOME to a folder on a disk");
	} else
		found_ok(&x, "disk", "%s, %llu MiB free", fs, (unsigned long long)(room / MIB));
	doctor_tell(d, &x);
}

/* What a folder that is there must be. */
static void
judge_folder(struct remark *x, const char *dir, const struct stat *st)
{
	static const char check[] = "state";
	unsigned mode = (unsigned)st->st_mode & 07777;

	if (!S_ISDIR(st->st_mode)) {
		found_bad(x, check, FAULT_LOCAL, "%s is no folder", dir);
		found_mend(x, "move it away: mv %s %s.old", dir, dir);
	} else if (st->st_uid != geteuid()) {
		found_bad(x, check, FAULT_LOCAL, "%s belongs to another user", dir);
		found_mend(x, "chown -R %ld %s", (long)geteuid(), dir);
	} else if ((mode & 022) != 0) {
		found_bad(x, check, FAULT_LOCAL, "others may write %s (mode %04o): they could clear a latch", dir, mode);
		found_mend(x, "chmod 700 %s", dir);
	} else if (faccessat(AT_FDCWD, dir, W_OK | X_OK, AT_EACCESS) == -1) {
		found_bad(x, check, FAULT_LOCAL, "%s: %s", dir, strerror(errno));
		found_mend(x, "chmod 700 %s", dir);
	} else if ((mode & 055) != 0) {
		found_warn(x, check, "others may look into %s (mode %04o)", dir, mode);
		found_mend(x, "chmod 700 %s", dir);
	} else
		found_ok(x, check, "%s (mode %04o)", dir, mode);
}

void
check_folder(struct doctor *d)
{
	const char *dir = d->prof.state_dir;
	char up[sizeof d->prof.state_dir];
	struct remark x;
	struct stat st;

	nearest(up, sizeof up, dir);
	if (lstat(dir, &st) == 0)
		judge_folder(&x, dir, &st);
	else if (faccessat(AT_FDCWD, up, W_OK | X_OK, AT_EACCESS) == 0)
		found_ok(&x, "state", "%s: is made when it is needed first", dir);
	else {
		found_bad(&x, "state", FAULT_LOCAL, "%s cannot be made: %s: %s", dir, up, strerror(errno));
		found_mend(&x, "make %s writable, or set XDG_STATE_HOME", up);
	}
	doctor_tell(d, &x);
	check_disk(d, up);
}

/*
 * The latch
 */

struct latches { struct doctor *d; int n; };

/* "latch-BTCUSDT-long" as the options that name this scope. */
static void
scope_options(char *out, size_t size, const char *name)
{
	const char *s = name + strcspn(name, "-"), *dash = strrchr(s, '-');
	int n;

	*out = '\0';
	if (*s != '-')
		return;
	if (strcmp(dash, "-long") == 0 || strcmp(dash, "-short") == 0) {
		n = (int)(dash - s);
		snprintf(out, size, "%s%.*s --position-side %s", n > 0 ? " --symbol " : "", n > 0 ? n - 1 : 0, s + (n > 0), dash + 1);
	} else
		snprintf(out, size, " --symbol %s", s + 1);
}

static void
tell_latch(void *arg, const char *name, const char *why)
{
	struct latches *l = arg;
	const char *profile = l->d->prof.name;
	char scope[320];
	struct remark x;

	l->n++;
	scope_options(scope, sizeof scope, name);
	found_bad(&x, "latch", FAULT_TRIPPED, "%s is set, no order that adds risk leaves: %s", name, why);
	found_mend(&x, "when the cause is gone: bf-kill --profile %s%s --reset --reason TEXT", profile, scope);
	doctor_tell(l->d, &x);
}

void
check_latch(struct doctor *d)
{
	struct latches l = { .d = d };
	struct remark x;
	struct fault f;

	if (latch_each(&d->prof, tell_latch, &l, &f) == -1) {
		found_bad(&x, "latch", FAULT_LOCAL, "it cannot be looked for, which counts as set: %s", f.text);
		doctor_mend(&x, &f, "mend the state folder");
		doctor_tell(d, &x);
	} else if (l.n == 0) {
		found_ok(&x, "latch", "not set");
		doctor_tell(d, &x);
	}
}

/*
 * The journal
 */

static void
tell_journal(struct doctor *d, int open, int damaged)
{
	struct remark x;

	if (damaged > 0) {
		found_warn(&x, "journal", "%d damaged line%s in the last days' files", damaged, damaged == 1 ? "" : "s");
		found_mend(&x, "look at %s/journal; what the lines were about is with the exchange: bf-order open --profile %s",
		    d->prof.state_dir, d->prof.name);
		doctor_tell(d, &x);
	}
	if (open > 0) {
		found_warn(&x, "journal", "%d request%s without an outcome: orders that may or may not stand", open,
		    open == 1 ? "" : "s");
		found_mend(&x, "bf-order recover --profile %s", d->prof.name);
		doctor_tell(d, &x);
	} else if (damaged == 0) {
		found_ok(&x, "journal", "readable, every request in it has its outcome");
		doctor_tell(d, &x);
	}
}

void
check_journal(struct doctor *d)
{
	struct journal *j = NULL;
	int open = -1, damaged = 0;
	struct remark x;
	struct fault f;

	if (!journal_exists(&d->prof)) {
		found_ok(&x, "journal", "none yet: no order has been sent");
		doctor_tell(d, &x);
		return;
	}
	if (journal_open(&j, &d->prof, NULL, &f) == 0)
		open = desk_unsettled(j, clock_wall_ms(), &damaged, &f);
	journal_close(j);
	if (open >= 0) {
		tell_journal(d, open, damaged);
		return;
	}
	found_bad(&x, "journal", FAULT_LOCAL, "%s", f.text);
	doctor_mend(&x, &f, "make %s/journal a folder of yours with mode 700", d->prof.state_dir);
	doctor_tell(d, &x);
}

/*
 * The ledgers
 */

static void
tell_ban(struct doctor *d, int64_t until_ms)
{
	long long left = (until_ms - session_now(&d->s) + 999) / 1000;
	char when[INSTANT_STR];
	struct remark x;

	instant_put(when, until_ms / 1000 * 1000);
	found_bad(&x, "ledger", FAULT_AGAIN, "the exchange wants silence from this address until %s, %lld s", when, left);
	found_mend(&x, "wait, and ask less: each request during a ban makes it longer");
	doctor_tell(d, &x);
}

void
check_ledger(struct doctor *d)
{
	int64_t until = limits_banned_until(d->s.lim);
	struct remark x;

	if (d->alone || until == INT64_MAX) {
		found_bad(&x, "ledger", FAULT_LOCAL, "the counters that processes share cannot be used: %s",
		    d->alone ? d->state.text : "they cannot be read");
		doctor_mend(&x, &d->state, "remove the .limits folder beside %s", d->prof.state_dir);
		doctor_tell(d, &x);
	} else if (until > session_now(&d->s))
		tell_ban(d, until);
	else {
		found_ok(&x, "ledger", "the counters that processes share are in order, no ban is in force");
		doctor_tell(d, &x);
	}
}
