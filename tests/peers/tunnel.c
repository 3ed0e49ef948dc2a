/*
 * tunnel [HOW]: a proxy for CONNECT, which takes every name for 127.0.0.1. HOW: a status in
 * place of 200 ("407"), or "close": it hangs up on who asks. Prints its own port, then each
 * line of each request after "> ", and "tunnel" when one stands; serves until killed.
 */
#include <sys/types.h>

#include <err.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <sys/socket.h>

static const char *how;

static void
put_all(int fd, const char *p, ssize_t n)
{
	ssize_t put;

	for (; n > 0; p += put, n -= put)
		if ((put = send(fd, p, (size_t)n, MSG_NOSIGNAL)) <= 0)
			return;
}

static int
dial(int port)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (connect(fd, (struct sockaddr *)&sa, sizeof sa) == 0)
		return fd;
	close(fd);
	return -1;
}

/* Up to the empty line, a byte at a time: what follows is for the other side. */
static bool
head(int fd, char *out, size_t size)
{
	size_t n = 0;

	while (n < size - 1 && recv(fd, out + n, 1, 0) == 1) {
		out[++n] = '\0';
		if (n >= 4 && strcmp(out + n - 4, "\r\n\r\n") == 0)
			return true;
	}
	return false;
}

static void
say(char *text)
{
	char *more;

	flockfile(stdout);
	for (char *line = strtok_r(text, "\r\n", &more); line != NULL; line = strtok_r(NULL, "\r\n", &more))
		printf("> %s\n", line);
	fflush(stdout);
	funlockfile(stdout);
}

static void
forward(int a, int b)
{
	struct pollfd p[2] = { { .fd = a, .events = POLLIN }, { .fd = b, .events = POLLIN } };
	char buf[16384];
	ssize_t n;

	while (poll(p, 2, -1) > 0)
		for (int i = 0; i < 2; i++) {
			if (p[i].revents == 0)
				continue;
			if ((n = recv(p[i].fd, buf, sizeof buf, 0)) <= 0)
				return;
			put_all(p[1 - i].fd, buf, n);
		}
}

/* Of "CONNECT HOST:PORT HTTP/1.1"; 0: it is none. */
static int
target_port(const char *text)
{
	const char *p = text + strcspn(text, " ");

	if (strncmp(text, "CONNECT ", 8) != 0)
		return 0;
	for (p += strcspn(p + 1, " ") + 1; p > text && p[-1] != ':'; )
		p--;
	return atoi(p);
}

static void
serve(int fd)
{
	static const char ok[] = "HTTP/1.1 200 Connection established\r\n\r\n";
	char text[16384], answer[128];
	int port, out;

	if (!head(fd, text, sizeof text))
		return;
	port = target_port(text);
	say(text);
	if (how != NULL && strcmp(how, "close") == 0)
		return;
	if (how != NULL || port == 0) {
		snprintf(answer, sizeof answer, "HTTP/1.1 %s No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
		    how != NULL ? how : "405");
		put_all(fd, answer, (ssize_t)strlen(answer));
		return;
	}
	if ((out = dial(port)) == -1)
		return;
	put_all(fd, ok, sizeof ok - 1);
	printf("tunnel\n");
	fflush(stdout);
	forward(fd, out);
	close(out);
}

static void *
thread(void *arg)
{
	int fd = *(int *)arg;

	free(arg);
	serve(fd);
	shutdown(fd, SHUT_WR);
	close(fd);
	return NULL;
}

int
main(int argc, char *argv[])
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof sa;
	int l = socket(AF_INET, SOCK_STREAM, 0), *fd;
	pthread_t t;

	how = argc > 1 ? argv[1] : NULL;
	if (bind(l, (struct sockaddr *)&sa, sizeof sa) == -1 || listen(l, 64) == -1 ||
	    getsockname(l, (struct sockaddr *)&sa, &len) == -1)
		err(1, "no port");
	printf("%d\n", ntohs(sa.sin_port));
	fflush(stdout);
	for (;;) {
		if ((fd = malloc(sizeof *fd)) == NULL || (*fd = accept(l, NULL, NULL)) == -1)
			err(1, "accept");
		if (pthread_create(&t, NULL, thread, fd) != 0)
			err(1, "no thread");
		pthread_detach(t);
	}
}
