/* A peer of wspeer.h in a process of its own, and what it wrote down. */
#ifndef BF_TESTS_WSFORK_H
#define BF_TESTS_WSFORK_H

#ifdef __linux__
#include <sys/prctl.h>
#endif

#include <poll.h>

#include "wspeer.h"

#define PEER_LINES	128

struct peer {
	pid_t	pid;
	int	port;
	int	n;
	char	line[PEER_LINES][400];
};

static struct peer *peer_now;	/* the one there is; in the child: whose log it is */

static inline void
peer_say(const char *line)
{
	int n = __atomic_load_n(&peer_now->n, __ATOMIC_ACQUIRE);

	if (n == PEER_LINES)
		return;
	snprintf(peer_now->line[n], sizeof peer_now->line[n], "%s", line);
	__atomic_store_n(&peer_now->n, n + 1, __ATOMIC_RELEASE);
}

static inline void
peer_begin(const char *const script[], int n, const char *cert, const char *key)
{
	struct peer *p = mmap(NULL, sizeof *p, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int fd = wspeer_listen(&p->port);
	pid_t pid;

	peer_now = p;
	if ((pid = fork()) == -1)
		abort();
	if (pid == 0) {
#ifdef __linux__
		prctl(PR_SET_PDEATHSIG, SIGKILL);	/* a test that was killed leaves nobody */
#endif
		wspeer_serve(fd, script, n, cert == NULL ? NULL : wspeer_tls(cert, key, 0), peer_say);
		_exit(0);
	}
	p->pid = pid;
	close(fd);
}

#define PEER(...)	peer_begin((const char *const []){ __VA_ARGS__ }, \
	(int)(sizeof((const char *const []){ __VA_ARGS__ }) / sizeof(char *)), NULL, NULL)

static inline void
peer_end(void)
{
	if (peer_now == NULL)
		return;
	kill(peer_now->pid, SIGKILL);
	waitpid(peer_now->pid, NULL, 0);
	munmap(peer_now, sizeof *peer_now);
	peer_now = NULL;
}

/* The i-th line (from 0) that begins so, or NULL. */
static inline const char *
peer_line(const char *begins, int i)
{
	int n = __atomic_load_n(&peer_now->n, __ATOMIC_ACQUIRE);

	for (int k = 0; k < n; k++)
		if (strncmp(peer_now->line[k], begins, strlen(begins)) == 0 && i-- == 0)
			return peer_now->line[k];
	return NULL;
}

/* Wait for the peer to write that down, and for nothing else. */
static inline bool
peer_saw(const char *begins)
{
	for (int i = 0; i < 4000 && peer_line(begins, 0) == NULL; i++)
		poll(NULL, 0, 5);
	return peer_line(begins, 0) != NULL;
}

#endif
