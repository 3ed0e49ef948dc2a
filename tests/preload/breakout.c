/*
 * Loaded before the C library (LD_PRELOAD): what an attacker would try who runs code in a program
 * of ours. At the first write to descriptor 1 that holds BREAKOUT_AT each attempt is made, and
 * one line of each goes to the file BREAKOUT, opened at the start:
 *
 *	NEEDS NAME ERRNO	0: it worked. NEEDS: the Landlock that stops it; 0: seccomp alone does
 *
 * BREAKOUT_HOME: a folder with .ssh/id and .bashrc. BREAKOUT_PID: a process of the same user.
 * BREAKOUT_PORT: a port of 127.0.0.1 where somebody listens. All
 * are the test's own.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP	262
#endif
#ifndef MSG_FASTOPEN
#define MSG_FASTOPEN	0x20000000
#endif

static char home[256], sought[64];
static pid_t victim;
static int port, report = -1;

static void
tell(int needs, const char *name, long r)
{
	char line[100];
	int e = r == -1 ? errno : 0, n = snprintf(line, sizeof line, "%d %s %d\n", needs, name, e);

	(void)!syscall(SYS_write, report, line, (size_t)n);
}

static const char *
at(const char *name)
{
	static char path[4][512];
	static int i;

	i = (i + 1) % 4;
	snprintf(path[i], sizeof path[i], "%s/%s", home, name);
	return path[i];
}

static long
opened(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0600);

	if (fd != -1)
		close(fd);
	return fd == -1 ? -1 : 0;
}

static void
files(void)
{
	struct timespec times[2] = { { 1, 0 }, { 1, 0 } };
	char path[64];

	tell(1, "read-ssh", opened(at(".ssh/id"), O_RDONLY));
	tell(1, "write-bashrc", opened(at(".bashrc"), O_WRONLY | O_APPEND));
	tell(1, "make-file", opened(at(".new"), O_WRONLY | O_CREAT));
	tell(1, "list-home", opened(home, O_RDONLY | O_DIRECTORY));
	tell(1, "list-run", opened("/run", O_RDONLY | O_DIRECTORY));
	tell(1, "list-root", opened("/", O_RDONLY | O_DIRECTORY));
	tell(1, "list-terminals", opened("/dev/pts", O_RDONLY | O_DIRECTORY));
	tell(1, "terminal", opened("/dev/tty", O_RDWR));
	tell(1, "unlink", unlink(at(".bashrc")));
	tell(1, "rename", rename(at(".bashrc"), at(".profile")));
	tell(1, "link", link(at(".ssh/id"), at(".ssh/copy")));
	tell(1, "symlink", symlink("/etc/passwd", at(".link")));
	tell(1, "fifo", mkfifo(at(".fifo"), 0600));
	tell(0, "truncate", truncate(at(".bashrc"), 0));
	tell(0, "chmod", chmod(at(".ssh/id"), 0644));
	tell(0, "fchmodat", fchmodat(AT_FDCWD, at(".ssh/id"), 0644, 0));
	tell(0, "fchmodat2", syscall(452, AT_FDCWD, at(".ssh/id"), 0644, 0));
	tell(0, "chown", chown(at(".ssh/id"), getuid(), getgid()));
	tell(0, "utimensat", utimensat(AT_FDCWD, at(".bashrc"), times, 0));
	tell(0, "setxattr", syscall(SYS_setxattr, at(".bashrc"), "user.x", "x", 1L, 0L));
	tell(0, "mknod", mknod(at(".node"), S_IFREG | 0600, 0));
	snprintf(path, sizeof path, "/proc/%d/environ", (int)victim);
	tell(1, "environ-of-other", opened(path, O_RDONLY));
	snprintf(path, sizeof path, "/proc/%d/mem", (int)victim);
	tell(1, "memory-of-other", opened(path, O_RDWR));
	tell(1, "own-memory", opened("/proc/self/mem", O_WRONLY));
}

static void
processes(void)
{
	static char *const argv[] = { (char *)"true", NULL };
	static char byte;
	struct iovec here = { &byte, 1 }, there = { (void *)0x400000, 1 };
	struct rlimit64 { unsigned long long cur, max; } no_time = { 0, 1 };
	siginfo_t info = { .si_signo = SIGWINCH, .si_code = SI_QUEUE };
	pid_t pid;
	int fd[2];

	tell(0, "execve", execve("/bin/true", argv, argv + 1));
	tell(0, "execveat", syscall(SYS_execveat, AT_FDCWD, "/bin/true", argv, argv + 1, 0));
	if ((pid = (pid_t)syscall(SYS_clone, SIGCHLD, 0L, 0L, 0L, 0L)) == 0)
		_exit(0);
	tell(0, "fork", pid);
	tell(0, "ptrace", syscall(SYS_ptrace, 16L, (long)victim, 0L, 0L));
	tell(0, "vm-read", syscall(SYS_process_vm_readv, victim, &here, 1L, &there, 1L, 0L));
	tell(0, "kill", kill(victim, SIGWINCH));
	tell(0, "tgkill", syscall(SYS_tgkill, victim, victim, SIGWINCH));
#ifdef __GLIBC__
	tell(0, "tkill", syscall(SYS_tkill, victim, SIGWINCH));
#endif
	tell(0, "sigqueueinfo", syscall(SYS_rt_sigqueueinfo, victim, SIGWINCH, &info));
	tell(0, "tgsigqueueinfo", syscall(SYS_rt_tgsigqueueinfo, victim, victim, SIGWINCH, &info));
	tell(0, "limits-of-other", syscall(SYS_prlimit64, victim, RLIMIT_CPU, NULL, &no_time));
	tell(0, "end-by-limit", syscall(SYS_prlimit64, victim, RLIMIT_CPU, &no_time, NULL));
	if (pipe(fd) == 0) {
		tell(0, "signal-by-descriptor", fcntl(fd[0], F_SETOWN, victim));
		tell(0, "signal-by-ioctl", ioctl(fd[0], 0x8901 /* FIOSETOWN */, &victim));
	}
	tell(0, "pidfd", syscall(434, victim, 0L));
	tell(0, "setpriority", setpriority(PRIO_PROCESS, (id_t)victim, 19));
	tell(0, "dumpable", prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
	tell(0, "unshare", syscall(SYS_unshare, 0x10000000L));
	tell(0, "io_uring", syscall(425, 1L, NULL));
	tell(0, "bpf", syscall(SYS_bpf, 0L, NULL, 0L));
	tell(0, "keyring", syscall(SYS_keyctl, 0L, -3L, 0L));
	tell(0, "memfd", syscall(SYS_memfd_create, "x", 0L));
	tell(0, "key-strokes", ioctl(0, TIOCSTI, "x"));
	tell(0, "paste", ioctl(0, 0x541c /* TIOCLINUX */, "\3"));
}

static long
dialled(int type, int protocol)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_port = htons((unsigned short)port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int s = socket(AF_INET, type, protocol);
	long r = s == -1 ? -1 : connect(s, (struct sockaddr *)&sa, sizeof sa);

	return r;
}

static long
fast_open(int how)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_port = htons((unsigned short)port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct iovec v = { (char *)"x", 1 };
	struct mmsghdr m = { .msg_hdr = { .msg_name = &sa, .msg_namelen = sizeof sa, .msg_iov = &v, .msg_iovlen = 1 } };
	int s = socket(AF_INET, SOCK_STREAM, 0);
	ssize_t r;

	r = how == 0 ? sendto(s, "x", 1, MSG_FASTOPEN, (struct sockaddr *)&sa, sizeof sa) :
	    how == 1 ? sendmsg(s, &m.msg_hdr, MSG_FASTOPEN) : sendmmsg(s, &m, 1, MSG_FASTOPEN);
	return r == -1 ? -1 : 0;
}

static void
connections(void)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_un name = { .sun_family = AF_UNIX, .sun_path = "\0bf-breakout" };
	int s = socket(AF_INET, SOCK_STREAM, 0);

	tell(4, "connect", dialled(SOCK_STREAM, 0));
	tell(4, "bind", bind(s, (struct sockaddr *)&sa, sizeof sa));
	tell(0, "listen", listen(s, 1));
	tell(0, "mptcp", dialled(SOCK_STREAM, IPPROTO_MPTCP));
	tell(0, "sctp", dialled(SOCK_STREAM, IPPROTO_SCTP));
	tell(0, "fast-open", fast_open(0));
	tell(0, "fast-open-msg", fast_open(1));
	tell(0, "fast-open-mmsg", fast_open(2));
	tell(0, "unix-stream", socket(AF_UNIX, SOCK_STREAM, 0));
	tell(0, "unix-datagram", socket(AF_UNIX, SOCK_DGRAM, 0));
	tell(0, "unix-name", bind(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&name,
	    offsetof(struct sockaddr_un, sun_path) + 12));
	tell(0, "raw", socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
	tell(0, "packet", socket(AF_PACKET, SOCK_RAW, 0));
	tell(0, "vsock", socket(AF_VSOCK, SOCK_STREAM, 0));
	tell(0, "netlink-audit", socket(AF_NETLINK, SOCK_RAW, 9));
}

__attribute__((constructor)) static void
start(void)
{
	const char *to = getenv("BREAKOUT");
	int fd;

	if (to == NULL || (fd = open(to, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) == -1)
		return;
	report = fcntl(fd, F_DUPFD_CLOEXEC, 200);
	close(fd);
	snprintf(home, sizeof home, "%s", getenv("BREAKOUT_HOME"));
	snprintf(sought, sizeof sought, "%s", getenv("BREAKOUT_AT"));
	victim = atoi(getenv("BREAKOUT_PID"));
	port = atoi(getenv("BREAKOUT_PORT"));
}

static void
perhaps(int fd, const void *p, size_t n)
{
	int kept = errno;

	if (fd != 1 || report == -1 || memmem(p, n, sought, strlen(sought)) == NULL)
		return;
	files();
	processes();
	connections();
	(void)!syscall(SYS_write, report, "0 end 1\n", 8L);
	close(report);
	report = -1;
	errno = kept;
}

ssize_t
write(int fd, const void *p, size_t n)
{
	perhaps(fd, p, n);
	return syscall(SYS_write, fd, p, n);
}

ssize_t
writev(int fd, const struct iovec *v, int count)
{
	for (int i = 0; i < count; i++)
		perhaps(fd, v[i].iov_base, v[i].iov_len);
	return syscall(SYS_writev, fd, v, count);
}
