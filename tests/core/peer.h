/*
 * An HTTP server for tests of the client, forked by the test: it answers by a
 * script, misbehaves as told, and writes down every request it was sent. What
 * it wrote down is the oracle, not what the client says.
 */
#ifndef BF_TESTS_PEER_H
#define BF_TESTS_PEER_H

#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum peer_end {
	END_KEEP,	/* the connection stays */
	END_FIN,	/* close it after the reply */
	END_RST		/* reset it after the reply */
};

/* What one request gets. cut: bytes of the reply sent, -1 all; 0 with END_FIN
 * or END_RST: read the request, answer nothing. */
struct act {
	const char	*head;		/* status line and headers, each with \r\n; NULL: 200 */
	const char	*body;
	int		 cut;
	enum peer_end	 end;
	bool		 no_length;	/* no Content-Length: the end is the end */
	int		 stall_ms;	/* before the reply */
	const char	*to;		/* each request that begins so gets this one, out of turn */
};

#define PEER_LOG	64
#define PEER_ACTS	32

struct peer {
	pid_t		pid;
	int		port, listener;
	struct act	act[PEER_ACTS];		/* for all but /time; the last one stays */
	int		nact, next;
	int		nlog, connections, times;
	int		skew_ms;		/* of /time */
	char		log[PEER_LOG][800];	/* whole heads of requests, but /time */
};

static struct peer *peer;	/* shared with the child */

static inline void
peer_hang_up(int fd, enum peer_end end)
{
	struct linger hard = { 1, 0 };

	if (end == END_RST)
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
	close(fd);
}

static inline bool
peer_write(int fd, const char *p, size_t n)
{
	return send(fd, p, n, MSG_NOSIGNAL) == (ssize_t)n;
}

static inline bool
peer_reply(int fd, const struct act *a)
{
	static char text[65536];
	const char *body = a->body != NULL ? a->body : "{}";
	int n;

	if (a->stall_ms > 0)
		poll(NULL, 0, a->stall_ms);
	n = snprintf(text, sizeof text, "%s", a->head != NULL ? a->head : "HTTP/1.1 200 OK\r\n");
	if (!a->no_length)
		n += snprintf(text + n, sizeof text - (size_t)n, "Content-Length: %zu\r\n", strlen(body));
	n += snprintf(text + n, sizeof text - (size_t)n,
	    "%s\r\n%s", a->head == NULL ? "Content-Type: application/json\r\n" : "", body);
	if (a->cut >= 0 && a->cut < n)
		n = a->cut;
	return n == 0 || peer_write(fd, text, (size_t)n);
}

static inline bool
peer_time(int fd)
{
	char body[64];
	struct timespec ts;
	struct act a = { .body = body, .cut = -1 };

	clock_gettime(CLOCK_REALTIME, &ts);
	snprintf(body, sizeof body, "{\"serverTime\":%lld}",
	    (long long)ts.tv_sec * 1000 + ts.tv_nsec / 1000000 + peer->skew_ms);
	peer->times++;
	return peer_reply(fd, &a);
}

#define PEER_CONNS	32	/* at a time: a client may keep some */

struct peer_conn { int fd; size_t n; char in[8192]; };

/* What a request gets: what is meant for it, else the next of the others, of which the last
 * stays. */
static inline struct act
peer_act(const char *request)
{
	int i;

	for (i = 0; i < peer->nact; i++)
		if (peer->act[i].to != NULL && strncmp(request, peer->act[i].to, strlen(peer->act[i].to)) == 0)
			return peer->act[i];
	while (peer->next < peer->nact - 1 && peer->act[peer->next].to != NULL)
		peer->next++;
	i = peer->next;
	if (peer->next < peer->nact - 1)
		peer->next++;
	return peer->act[i];
}

/* What came on a connection: false when it is to be closed, fd -1 when it is. */
static inline bool
peer_read(struct peer_conn *c)
{
	ssize_t got = recv(c->fd, c->in + c->n, sizeof c->in - 1 - c->n, 0);
	struct act a;

	if (got <= 0)
		return false;
	c->n += (size_t)got;
	c->in[c->n] = '\0';
	if (c->in[0] == 0x16)	/* TLS; we do not speak it */
		return false;
	if (strstr(c->in, "\r\n\r\n") == NULL)
		return true;
	c->n = 0;
	if (strstr(c->in, "/time HTTP") != NULL)
		return peer_time(c->fd);
	snprintf(peer->log[peer->nlog % PEER_LOG], sizeof peer->log[0], "%.799s", c->in);
	peer->nlog++;
	a = peer_act(peer->log[(peer->nlog - 1) % PEER_LOG]);
	if (!peer_reply(c->fd, &a))
		return false;
	if (a.end != END_KEEP) {
		peer_hang_up(c->fd, a.end);
		c->fd = -1;
	}
	return true;
}

/* All connections, one request after the other: what comes on one is read by on_read, as
 * peer_read. */
static inline void
peer_serve(int listener, bool (*on_read)(struct peer_conn *c))
{
	static struct peer_conn conn[PEER_CONNS];
	struct pollfd p[PEER_CONNS + 1];
	int i, fd;

	for (i = 0; i < PEER_CONNS; i++)
		conn[i].fd = -1;
	for (;;) {
		for (i = 0; i < PEER_CONNS; i++)
			p[i] = (struct pollfd){ .fd = conn[i].fd, .events = POLLIN };
		p[PEER_CONNS] = (struct pollfd){ .fd = listener, .events = POLLIN };
		if (poll(p, PEER_CONNS + 1, -1) == -1)
			continue;
		for (i = 0; i < PEER_CONNS; i++)
			if (p[i].revents != 0 && !on_read(&conn[i])) {
				close(conn[i].fd);
				conn[i].fd = -1;
			}
		if (p[PEER_CONNS].revents == 0)
			continue;
		if ((fd = accept(listener, NULL, NULL)) == -1)
			return;
		peer->connections++;
		for (i = 0; i < PEER_CONNS && conn[i].fd != -1; i++)
			;
		if (i == PEER_CONNS)
			close(fd);
		else {
			conn[i].fd = fd;
			conn[i].n = 0;
		}
	}
}

static inline void
peer_start(void)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof sa;
	pid_t pid;

	peer = mmap(NULL, sizeof *peer, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	peer->listener = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(peer->listener, (struct sockaddr *)&sa, sizeof sa) == -1 ||
	    listen(peer->listener, 16) == -1 ||
	    getsockname(peer->listener, (struct sockaddr *)&sa, &len) == -1)
		abort();
	peer->port = ntohs(sa.sin_port);
	if ((pid = fork()) == -1)
		abort();
	if (pid != 0) {		/* the page is shared: only the parent writes it here */
		peer->pid = pid;
		close(peer->listener);
		return;
	}
	signal(SIGPIPE, SIG_IGN);
	peer_serve(peer->listener, peer_read);
	_exit(0);
}

/* From now on nobody listens. */
static inline void
peer_die(void)
{
	if (peer->pid > 0) {
		kill(peer->pid, SIGKILL);
		waitpid(peer->pid, NULL, 0);
	}
	peer->pid = -1;
}

static inline void
peer_stop(void)
{
	peer_die();
	munmap(peer, sizeof *peer);
}

/* A new script; strings must have been there at the fork (literals). */
static inline void
peer_script(const struct act *a, int n)
{
	memcpy(peer->act, a, (size_t)n * sizeof *a);
	peer->nact = n;
	peer->next = peer->nlog = peer->connections = peer->times = 0;
}

/* Requests seen whose head begins so. */
static inline int
peer_saw(const char *begin)
{
	int i, n = 0;

	for (i = 0; i < peer->nlog && i < PEER_LOG; i++)
		n += strncmp(peer->log[i], begin, strlen(begin)) == 0;
	return n;
}

#define SCRIPT(...) do { \
	const struct act acts_[] = { __VA_ARGS__ }; \
	peer_script(acts_, (int)(sizeof acts_ / sizeof *acts_)); \
} while (0)

/*
 * Where the client under test finds everything: a fresh home with a profile
 * "peer" that points to the peer.
 */
static char home[200];

static inline void
home_make(int port, const char *more)
{
	const char *tmp = getenv("TMPDIR");
	char path[300], cmd[600];
	FILE *fp;

	snprintf(home, sizeof home, "%.100s/bf-peer-XXXXXX", tmp != NULL ? tmp : "/tmp");
	if (mkdtemp(home) == NULL)
		abort();
	setenv("HOME", home, 1);
	unsetenv("XDG_CONFIG_HOME");
	unsetenv("XDG_STATE_HOME");
	unsetenv("XDG_CACHE_HOME");
	unsetenv("BF_CONFIG");
	setenv("BF_PROFILE", "peer", 1);
	setenv("BF_API_KEY", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", 1);
	setenv("BF_API_SECRET", "secretsecretsecretsecretsecretsecretsecretsecretsecretsecretsecr", 1);
	snprintf(cmd, sizeof cmd, "mkdir -p -m 700 %s/.config %s/.config/bf", home, home);
	if (system(cmd) != 0)
		abort();
	snprintf(path, sizeof path, "%s/.config/bf/config", home);
	if ((fp = fopen(path, "w")) == NULL)
		abort();
	fprintf(fp, "[peer]\nrest = http://127.0.0.1:%d\nws = ws://127.0.0.1:%d\n%s", port, port, more);
	fclose(fp);
	chmod(path, 0600);
}

static inline void
home_remove(void)
{
	char cmd[300];

	snprintf(cmd, sizeof cmd, "rm -rf '%s'", home);
	if (system(cmd) != 0)
		abort();
}

#endif
