/*
 * seccomp: which calls of the system. The list is what the tools were seen to use, and what
 * glibc, musl, libcurl, libwebsockets, OpenSSL and SQLite use in other versions or on other
 * machines. A call that is missing here fails as if the kernel were older.
 */
#ifdef __linux__
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "io/sandbox_in.h"

#if defined(__x86_64__)
#define ARCH	AUDIT_ARCH_X86_64
#elif defined(__i386__)
#define ARCH	AUDIT_ARCH_I386
#elif defined(__aarch64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define ARCH	AUDIT_ARCH_AARCH64
#elif defined(__arm__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define ARCH	AUDIT_ARCH_ARM
#elif defined(__riscv) && __riscv_xlen == 64
#define ARCH	AUDIT_ARCH_RISCV64
#elif defined(__powerpc64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define ARCH	AUDIT_ARCH_PPC64LE
#endif

#if defined(__SANITIZE_ADDRESS__)
#define TRACED	1	/* LeakSanitizer looks at us by ptrace, from a process it forks */
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TRACED	1
#endif
#endif

#ifdef ARCH

static const int allowed[] = {
	/* files: those opened, and where Landlock lets us. It does not see who changes the mode, owner
	 * or times of a path: only what was opened may be changed so. */
	SYS_read, SYS_write, SYS_readv, SYS_writev, SYS_pread64, SYS_pwrite64, SYS_preadv, SYS_pwritev, SYS_openat,
	SYS_close, SYS_lseek, SYS_fstat, SYS_fstatfs, SYS_statfs, SYS_fsync, SYS_fdatasync, SYS_ftruncate,
	SYS_fallocate, SYS_flock, SYS_dup, SYS_dup3, SYS_pipe2, SYS_getdents64, SYS_getcwd, SYS_chdir,
	SYS_fchdir, SYS_mkdirat, SYS_unlinkat, SYS_linkat, SYS_faccessat, SYS_readlinkat, SYS_umask,
	SYS_fchmod, SYS_fchown, SYS_sendfile, SYS_splice, SYS_copy_file_range, SYS_fadvise64,
	/* waiting */
	SYS_ppoll, SYS_pselect6, SYS_epoll_create1, SYS_epoll_ctl, SYS_epoll_pwait, SYS_eventfd2, SYS_signalfd4,
	SYS_timerfd_create, SYS_timerfd_settime, SYS_timerfd_gettime, SYS_nanosleep, SYS_clock_nanosleep,
	SYS_restart_syscall,
	/* sockets; socket itself, and what sends, are below */
	SYS_connect, SYS_bind, SYS_socketpair, SYS_getsockname, SYS_getpeername, SYS_getsockopt, SYS_setsockopt,
	SYS_recvfrom, SYS_recvmsg, SYS_recvmmsg, SYS_shutdown,
	/* memory */
	SYS_brk, SYS_mmap, SYS_munmap, SYS_mremap, SYS_mprotect, SYS_madvise, SYS_mlock, SYS_mlock2, SYS_munlock,
	SYS_msync, SYS_mincore, SYS_membarrier, SYS_getrandom,
	/* time */
	SYS_clock_gettime, SYS_clock_getres, SYS_gettimeofday, SYS_times, SYS_getrusage, SYS_getitimer, SYS_setitimer,
	SYS_timer_create, SYS_timer_settime, SYS_timer_gettime, SYS_timer_delete, SYS_sysinfo, SYS_uname,
	/* threads and signals of this process; clone, and what names a process, are below */
	SYS_futex, SYS_set_robust_list, SYS_get_robust_list, SYS_set_tid_address, SYS_gettid,
	SYS_sched_yield, SYS_sched_getaffinity, SYS_sched_getparam, SYS_sched_getscheduler,
	SYS_sched_get_priority_max, SYS_sched_get_priority_min, SYS_rt_sigaction, SYS_rt_sigprocmask,
	SYS_rt_sigreturn, SYS_rt_sigpending, SYS_rt_sigtimedwait, SYS_rt_sigsuspend, SYS_sigaltstack, SYS_getcpu, SYS_wait4, SYS_waitid, SYS_exit, SYS_exit_group,
	/* who we are */
	SYS_getpid, SYS_getppid, SYS_getpgid, SYS_getsid, SYS_getuid, SYS_geteuid, SYS_getgid, SYS_getegid,
	SYS_getgroups, SYS_getresuid, SYS_getresgid, SYS_capget,
#ifndef __GLIBC__
	SYS_tkill,	/* how musl raises a signal; it names a thread, which may be any */
#endif
#if defined(__x86_64__) || defined(__i386__) || defined(__arm__) || defined(__powerpc64__)
	SYS_open, SYS_stat, SYS_lstat, SYS_access, SYS_poll, SYS_dup2, SYS_pipe, SYS_readlink, SYS_mkdir, SYS_rmdir,
	SYS_unlink, SYS_rename, SYS_link, SYS_epoll_create, SYS_epoll_wait, SYS_eventfd, SYS_getpgrp, SYS_pause,
#endif
#if defined(__x86_64__) || defined(__i386__) || defined(__powerpc64__)
	SYS_creat, SYS_select, SYS_alarm, SYS_time, SYS_getrlimit, SYS_getdents,
#endif
#if defined(__x86_64__) || defined(__i386__)
	SYS_arch_prctl,
#endif
#if defined(__x86_64__)
	SYS_newfstatat,
#endif
#ifdef SYS_renameat
	SYS_renameat,
#endif
#ifdef SYS_renameat2
	SYS_renameat2,
#endif
#ifdef SYS_statx
	SYS_statx,
#endif
#ifdef SYS_rseq
	SYS_rseq,
#endif
#ifdef SYS_openat2
	SYS_openat2,
#endif
#ifdef SYS_faccessat2
	SYS_faccessat2,
#endif
#ifdef SYS_close_range
	SYS_close_range,
#endif
#ifdef SYS_epoll_pwait2
	SYS_epoll_pwait2,
#endif
#ifdef SYS_preadv2
	SYS_preadv2, SYS_pwritev2,
#endif
#ifdef SYS_futex_waitv
	SYS_futex_waitv,
#endif
#ifdef SYS_riscv_hwprobe
	SYS_riscv_hwprobe,
#endif
#ifdef SYS_riscv_flush_icache
	SYS_riscv_flush_icache,
#endif
#if __SIZEOF_POINTER__ == 4
	SYS_mmap2, SYS_fstat64, SYS_stat64, SYS_lstat64, SYS_fstatat64, SYS_statfs64, SYS_fstatfs64, SYS__llseek,
	SYS_ftruncate64, SYS_sendfile64, SYS__newselect, SYS_getuid32, SYS_geteuid32,
	SYS_getgid32, SYS_getegid32, SYS_getgroups32, SYS_getresuid32, SYS_getresgid32, SYS_fchown32, SYS_ugetrlimit,
	SYS_sigreturn,
#ifdef SYS_clock_gettime64
	SYS_clock_gettime64, SYS_clock_getres_time64, SYS_clock_nanosleep_time64, SYS_timer_gettime64,
	SYS_timer_settime64, SYS_timerfd_gettime64, SYS_timerfd_settime64, SYS_pselect6_time64,
	SYS_ppoll_time64, SYS_recvmmsg_time64, SYS_rt_sigtimedwait_time64, SYS_futex_time64,
#endif
#endif
#if defined(__i386__)
	SYS_socketcall, SYS_set_thread_area, SYS_fadvise64_64,
#endif
#if defined(__arm__)
	SYS_arm_fadvise64_64,
#endif
#ifdef TRACED
	SYS_ptrace, SYS_personality, SYS_clone,
#endif
};

static const int serving[] = { SYS_listen, SYS_accept, SYS_accept4 };

/* Programs: started, traced, or read and written from outside. */
static const int forbidden[] = {
	SYS_execve, SYS_execveat, SYS_process_vm_readv, SYS_process_vm_writev,
#ifndef TRACED
	SYS_ptrace,
#endif
#if defined(__x86_64__) || defined(__i386__) || defined(__arm__) || defined(__powerpc64__)
	SYS_fork, SYS_vfork,
#endif
};

#define ALLOW		SECCOMP_RET_ALLOW
#define REFUSE(e)	(SECCOMP_RET_ERRNO | (e))
#define RULES_MAX	1024

/* The kernel's numbers, which not every C library's headers show. */
#define FAST_OPEN	0x20000000u	/* MSG_FASTOPEN */
#define F_SET_SIGNAL	10
#define F_SET_OWNER_EX	15

/* The program, as it grows. Every part begins and ends with the call's number loaded. */
struct program { struct sock_filter v[RULES_MAX]; unsigned short n; };

static void
put(struct program *p, unsigned short code, unsigned k, unsigned char yes, unsigned char no)
{
	if (p->n < RULES_MAX)
		p->v[p->n++] = (struct sock_filter){ code, yes, no, k };
}

static void
load(struct program *p, size_t at)
{
	put(p, BPF_LD | BPF_W | BPF_ABS, (unsigned)at, 0, 0);
}

static void
give(struct program *p, unsigned what)
{
	put(p, BPF_RET | BPF_K, what, 0, 0);
}

static void
answer(struct program *p, const int *calls, size_t n, unsigned what)
{
	for (size_t i = 0; i < n; i++) {
		put(p, BPF_JMP | BPF_JEQ | BPF_K, (unsigned)calls[i], 0, 1);
		give(p, what);
	}
}

/*
 * The calls that are allowed, by bisection. A kernel tries a new filter on each call it knows, and one
 * before 5.11 asks it at each call: with a row a call that was most of what the sandbox cost a short tool.
 */

#define CALLS_MAX	400

_Static_assert(sizeof allowed + sizeof serving <= CALLS_MAX * sizeof(int), "all of them");

struct calls { int v[CALLS_MAX]; size_t n; };

static int
by_number(const void *a, const void *b)
{
	return *(const int *)a < *(const int *)b ? -1 : *(const int *)a > *(const int *)b;
}

static void
add(struct calls *c, const int *calls, size_t n)
{
	memcpy(c->v + c->n, calls, n * sizeof *calls);
	c->n += n;
}

/* How many from i on are one behind the other, or the same. */
static size_t
run(const struct calls *c, size_t i)
{
	size_t n = 1;

	while (i + n < c->n && c->v[i + n] - c->v[i + n - 1] <= 1)
		n++;
	return n;
}

/* Ranges as number of the first call and number of the last. */
static size_t
ranges(int out[static CALLS_MAX][2], struct calls *c)
{
	size_t n = 0, len;

	qsort(c->v, c->n, sizeof *c->v, by_number);
	for (size_t i = 0; i < c->n; i += len) {
		len = run(c, i);
		out[n][0] = c->v[i];
		out[n++][1] = c->v[i + len - 1];
	}
	return n;
}

/* A jump to where the program ends now, from at. */
static void
land(struct program *p, unsigned short at)
{
	p->v[at].k = (unsigned)(p->n - at - 1);
}

/* Allow the ranges from a to before b, the number being no less than the first of them. What is in none
 * jumps to the end, which put_allowed knows: until then the jump holds 0. */
static void
bisect(struct program *p, int r[][2], size_t a, size_t b)
{
	size_t mid = a + (b - a) / 2;
	unsigned short over;

	if (b - a == 1) {
		put(p, BPF_JMP | BPF_JGT | BPF_K, (unsigned)r[a][1], 1, 0);
		give(p, ALLOW);
		put(p, BPF_JMP | BPF_JA, 0, 0, 0);
		return;
	}
	put(p, BPF_JMP | BPF_JGE | BPF_K, (unsigned)r[mid][0], 0, 1);
	over = p->n;
	put(p, BPF_JMP | BPF_JA, 0, 0, 0);
	bisect(p, r, a, mid);
	if (p->n < RULES_MAX)
		land(p, over);
	bisect(p, r, mid, b);
}

static void
put_allowed(struct program *p, bool serves)
{
	static int r[CALLS_MAX][2];
	struct calls c = { .n = 0 };
	unsigned short first;
	size_t n;

	add(&c, allowed, sizeof allowed / sizeof *allowed);
	if (serves)
		add(&c, serving, sizeof serving / sizeof *serving);
	n = ranges(r, &c);
	put(p, BPF_JMP | BPF_JGE | BPF_K, (unsigned)r[0][0], 1, 0);
	first = p->n;
	put(p, BPF_JMP | BPF_JA, 0, 0, 0);
	bisect(p, r, 0, n);
	for (unsigned short i = first; i < p->n; i++)
		if (p->v[i].code == (BPF_JMP | BPF_JA) && p->v[i].k == 0)
			land(p, i);
}

/* The low half of an argument: what is compared are ints, and flags below bit 32. */
static size_t
arg(int i)
{
	size_t at = offsetof(struct seccomp_data, args) + (size_t)i * sizeof(uint64_t);

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	at += 4;
#endif
	return at;
}

/* With one of these n values as argument i a call gets yes, else no. */
static void
decide(struct program *p, int call, int i, const unsigned *values, size_t n, unsigned yes, unsigned no)
{
	put(p, BPF_JMP | BPF_JEQ | BPF_K, (unsigned)call, 0, (unsigned char)(2 * n + 2));
	load(p, arg(i));
	for (size_t k = 0; k < n; k++) {
		put(p, BPF_JMP | BPF_JEQ | BPF_K, values[k], 0, 1);
		give(p, yes);
	}
	give(p, no);
}

/* A call that is allowed only with one of these values; else refused with e. */
static void
only(struct program *p, int call, int i, const unsigned *values, size_t n, int e)
{
	decide(p, call, i, values, n, ALLOW, REFUSE((unsigned)e));
}

/* The reverse: these values are refused. */
static void
but(struct program *p, int call, int i, const unsigned *values, size_t n, int e)
{
	decide(p, call, i, values, n, REFUSE((unsigned)e), ALLOW);
}

/* A connection by sending is one that Landlock does not see. */
static void
put_send(struct program *p, int call, int flags)
{
	put(p, BPF_JMP | BPF_JEQ | BPF_K, (unsigned)call, 0, 4);
	load(p, arg(flags));
	put(p, BPF_JMP | BPF_JSET | BPF_K, FAST_OPEN, 0, 1);
	give(p, REFUSE(EOPNOTSUPP));
	give(p, ALLOW);
}

/* TCP, UDP, and the kernel's list of addresses. Not another protocol of a stream (MPTCP, SCTP),
 * which Landlock lets connect to any port; and no Unix socket, which it lets connect to anybody:
 * to a desktop's bus, an agent with keys, a terminal's server. */
static void
put_socket(struct program *p)
{
	put(p, BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 12);
	load(p, arg(2));
	put(p, BPF_JMP | BPF_JEQ | BPF_K, 0, 3, 0);	/* of netlink: routes and addresses */
	put(p, BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_TCP, 4, 0);
	put(p, BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 3, 0);
	give(p, REFUSE(EPROTONOSUPPORT));
	load(p, arg(0));
	put(p, BPF_JMP | BPF_JEQ | BPF_K, AF_NETLINK, 4, 0);
	load(p, arg(0));
	put(p, BPF_JMP | BPF_JEQ | BPF_K, AF_INET, 2, 0);
	put(p, BPF_JMP | BPF_JEQ | BPF_K, AF_INET6, 1, 0);
	give(p, REFUSE(EAFNOSUPPORT));
	give(p, ALLOW);
}

/* clone is for threads. clone3 keeps its flags where no filter sees them: it "is not there",
 * and the C library takes clone. */
static void
put_clone(struct program *p)
{
	put(p, BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 4);
	load(p, arg(0));
	put(p, BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 0, 1);
	give(p, ALLOW);
	give(p, REFUSE(EPERM));
}

static void
make(struct program *p, bool serves)
{
	/* nothing is put into the terminal for the shell to read, and no descriptor sends signals to others */
	static const unsigned controls[] = { TIOCSTI, TIOCLINUX, FIOSETOWN, SIOCSPGRP };
	static const unsigned owners[] = { F_SETOWN, F_SET_SIGNAL, F_SET_OWNER_EX };
	/* not PR_SET_DUMPABLE; 0x53564d41: PR_SET_VMA, by which malloc names its memory */
	static const unsigned options[] = { PR_SET_NAME, PR_GET_NAME, PR_GET_DUMPABLE, PR_GET_NO_NEW_PRIVS,
	    PR_GET_SECCOMP, PR_CAPBSET_READ, 0x53564d41,
#ifdef TRACED
	    PR_SET_DUMPABLE, PR_SET_PTRACER,
#endif
	};
	static const unsigned none[] = { 0 };
	const unsigned self[] = { 0, (unsigned)getpid() };

	load(p, offsetof(struct seccomp_data, arch));
	put(p, BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0);
	give(p, REFUSE(ENOSYS));
	load(p, offsetof(struct seccomp_data, nr));
	put_allowed(p, serves);
	answer(p, forbidden, sizeof forbidden / sizeof *forbidden, REFUSE(EPERM));
	put_socket(p);
	put_send(p, SYS_sendto, 3);
	put_send(p, SYS_sendmsg, 2);
	put_send(p, SYS_sendmmsg, 3);
	only(p, SYS_prctl, 0, options, sizeof options / sizeof *options, EINVAL);
	only(p, SYS_kill, 1, none, 1, EPERM);	/* whether a process is there may be asked */
	/* of others, these may end a process too: prlimit by no time left */
	only(p, SYS_prlimit64, 0, self, 2, EPERM);
	only(p, SYS_tgkill, 0, self, 2, EPERM);
	only(p, SYS_rt_sigqueueinfo, 0, self, 2, EPERM);
	only(p, SYS_rt_tgsigqueueinfo, 0, self, 2, EPERM);
	but(p, SYS_ioctl, 1, controls, sizeof controls / sizeof *controls, EPERM);
	but(p, SYS_fcntl, 1, owners, sizeof owners / sizeof *owners, EPERM);
#if __SIZEOF_POINTER__ == 4
	but(p, SYS_fcntl64, 1, owners, sizeof owners / sizeof *owners, EPERM);
#endif
	put_clone(p);
	give(p, REFUSE(ENOSYS));	/* x32's calls too: their numbers are none of ours */
}

bool
seccomp_there(void)
{
	unsigned action = SECCOMP_RET_ERRNO;

	return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

int
seccomp_enter(bool serves, struct fault *f)
{
	static struct program p;
	struct sock_fprog prog = { .filter = p.v };

	p.n = 0;
	make(&p, serves);
	prog.len = p.n;
	if (p.n == RULES_MAX)
		return fault_set(f, FAULT_LOCAL, "sandbox: more rules than fit");
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &prog) != 0)
		return fault_set(f, FAULT_LOCAL, "sandbox: seccomp: %s", strerror(errno));
	return 0;
}

#else

bool
seccomp_there(void)
{
	return false;
}

int
seccomp_enter(bool serves, struct fault *f)
{
	(void)serves;
	(void)f;
	return 0;
}

#endif
#endif
