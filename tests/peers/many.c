/*
 * many [-s] COUNT PORT [PATH]: so many clients of 127.0.0.1 at once. With a PATH
 * each is a WebSocket and counts the messages that come; without, each connects
 * and says nothing. -s: slow ones, which read nothing before the input says "read".
 *
 * "open" is printed once all are there. Each line of input is answered by one of
 * JSON: how many messages the client with the fewest and the one with the most
 * have had, and how many connections are over. The end of the input is the end.
 */
#include <arpa/inet.h>
#include <err.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEAD_MAX	10	/* bytes of the head of a server's frame */

struct client {
	unsigned long	 messages;
	unsigned char	 head[HEAD_MAX];
	size_t		 nhead;
	uint64_t	 skip;		/* bytes of the frame that are yet to come */
	int		 ends;		/* of "\r\n\r\n": so much has come; 4: past the answer's head */
	bool		 over;
};

static struct client *client;
static struct pollfd *fds;		/* [0] is standard input */
static int count;

static int
connect_to(int port, bool slow)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM, 0), little = 4096;

	if (fd != -1 && slow)	/* what the kernel does not take waits at the server */
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &little, sizeof little);
	a.sin_port = htons((uint16_t)port);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd == -1 || connect(fd, (struct sockaddr *)&a, sizeof a) == -1)
		err(1, "connect");
	return fd;
}

static void
upgrade(int fd, const char *path)
{
	char text[1024];
	int n = snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: sim\r\nUpgrade: websocket\r\n"
	    "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
	    "Sec-WebSocket-Version: 13\r\n\r\n", path);

	if (n >= (int)sizeof text || write(fd, text, (size_t)n) != n)
		err(1, "handshake");
}

/* Bytes of a frame's head: 2, 4 or 10; 2 is not yet known better. */
static size_t
head_size(const struct client *c)
{
	int len = c->nhead < 2 ? 0 : c->head[1] & 0x7f;

	return len == 127 ? 10 : len == 126 ? 4 : 2;
}

static void
take_head(struct client *c)
{
	uint64_t n = 0;

	for (size_t i = 2; i < c->nhead; i++)
		n = n << 8 | c->head[i];
	c->skip = c->nhead == 2 ? c->head[1] & 0x7fu : n;
	c->messages += (c->head[0] & 0x0f) == 1;
	c->nhead = 0;
}

static void
take(struct client *c, const unsigned char *p, size_t n)
{
	static const char end[] = "\r\n\r\n";
	size_t part;

	for (; n > 0 && c->ends < 4; p++, n--)
		c->ends = *p == end[c->ends] ? c->ends + 1 : *p == '\r';
	while (n > 0) {
		part = c->skip < n ? (size_t)c->skip : n;
		c->skip -= part;
		p += part;
		n -= part;
		if (n > 0) {
			c->head[c->nhead++] = *p++;
			n--;
			if (c->nhead == head_size(c))
				take_head(c);
		}
	}
}

static void
hear(int i)
{
	static unsigned char buf[1 << 16];
	ssize_t n = read(fds[i + 1].fd, buf, sizeof buf);

	if (n > 0) {
		take(&client[i], buf, (size_t)n);
		return;
	}
	client[i].over = true;
	fds[i + 1].fd = -1;
}

static void
listen_to_all(void)
{
	for (int i = 0; i < count; i++)
		fds[i + 1].events = POLLIN;
}

static void
tell(void)
{
	unsigned long least = (unsigned long)-1, most = 0;
	int over = 0;

	for (int i = 0; i < count; i++) {
		least = client[i].messages < least ? client[i].messages : least;
		most = client[i].messages > most ? client[i].messages : most;
		over += client[i].over;
	}
	printf("{\"least\":%lu,\"most\":%lu,\"over\":%d}\n", least, most, over);
	fflush(stdout);
}

int
main(int argc, char *argv[])
{
	struct rlimit files = { 4096, 4096 };
	bool slow = argc > 1 && strcmp(argv[1], "-s") == 0;
	char line[64];
	ssize_t n;

	argv += slow;
	argc -= slow;
	if (argc < 3 || (count = atoi(argv[1])) <= 0 ||
	    (client = calloc((size_t)count, sizeof *client)) == NULL ||
	    (fds = calloc((size_t)count + 1, sizeof *fds)) == NULL)
		errx(2, "usage: many [-s] COUNT PORT [PATH]");
	(void)setrlimit(RLIMIT_NOFILE, &files);
	for (int i = 0; i < count; i++) {
		fds[i + 1] = (struct pollfd){ connect_to(atoi(argv[2]), slow), slow ? 0 : POLLIN, 0 };
		if (argc > 3)
			upgrade(fds[i + 1].fd, argv[3]);
	}
	fds[0] = (struct pollfd){ STDIN_FILENO, POLLIN, 0 };
	puts("open");
	fflush(stdout);
	while (poll(fds, (nfds_t)count + 1, -1) != -1) {
		for (int i = 0; i < count; i++)
			if (fds[i + 1].revents != 0)
				hear(i);
		if (fds[0].revents == 0)
			continue;
		if ((n = read(STDIN_FILENO, line, sizeof line)) <= 0)
			return 0;
		if (line[0] == 'r')
			listen_to_all();
		for (ssize_t i = 0; i < n; i++)
			if (line[i] == '\n')
				tell();
	}
	err(1, "poll");
}
