/*
 * canned DIR: an exchange whose answers are files. Prints its port, then serves until
 * killed. A request for .../NAME?... is answered by DIR/NAME.N if that is the Nth for
 * NAME and the file is there, else by DIR/NAME, else by 404. Each request is a line of
 * DIR/log: its path and query.
 */
#include <sys/socket.h>

#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAMES	32

static struct { char name[64]; int n; } seen[NAMES];

static int
count(const char *name)
{
	int i;

	for (i = 0; i < NAMES - 1 && seen[i].name[0] != '\0' && strcmp(seen[i].name, name) != 0; i++)
		;
	snprintf(seen[i].name, sizeof seen[i].name, "%s", name);
	return ++seen[i].n;
}

static char *
whole(const char *path, size_t *n)
{
	FILE *fp = fopen(path, "r");
	char *p = malloc(1 << 22);

	if (fp == NULL || p == NULL) {
		free(p);
		return NULL;
	}
	*n = fread(p, 1, 1 << 22, fp);
	fclose(fp);
	return p;
}

static void
note(const char *dir, const char *target)
{
	char path[512];
	FILE *fp;

	snprintf(path, sizeof path, "%s/log", dir);
	if ((fp = fopen(path, "a")) == NULL)
		err(1, "%s", path);
	fprintf(fp, "%s\n", target);
	fclose(fp);
}

static void
answer(int fd, const char *dir, const char *target)
{
	char name[64], path[512], head[128];
	const char *end = target + strcspn(target, "?"), *p = end;
	char *body;
	size_t n = 0;

	while (p > target && p[-1] != '/')
		p--;
	snprintf(name, sizeof name, "%.*s", (int)(end - p), p);
	note(dir, target);
	snprintf(path, sizeof path, "%s/%s.%d", dir, name, count(name));
	if ((body = whole(path, &n)) == NULL) {
		snprintf(path, sizeof path, "%s/%s", dir, name);
		body = whole(path, &n);
	}
	snprintf(head, sizeof head, "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
	    body != NULL ? "200 OK" : "404 Not Found", n);
	if (send(fd, head, strlen(head), MSG_NOSIGNAL) == -1 || (n > 0 && send(fd, body, n, MSG_NOSIGNAL) == -1))
		warn("send");
	free(body);
}

/* One connection, request by request, until it ends. They have no bodies. */
static void
serve(int fd, const char *dir)
{
	char in[8192], target[4096], *end;
	size_t n = 0;
	ssize_t got;

	while ((got = recv(fd, in + n, sizeof in - 1 - n, 0)) > 0) {
		n += (size_t)got;
		in[n] = '\0';
		while ((end = strstr(in, "\r\n\r\n")) != NULL) {
			if (sscanf(in, "%*s %4095s", target) == 1)
				answer(fd, dir, target);
			n -= (size_t)(end + 4 - in);
			memmove(in, end + 4, n + 1);
		}
		if (n == sizeof in - 1)
			break;
	}
	close(fd);
}

int
main(int argc, char *argv[])
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof a;
	int l = socket(AF_INET, SOCK_STREAM, 0), fd;

	if (argc != 2)
		errx(2, "usage: canned DIR");
	if (l == -1 || bind(l, (struct sockaddr *)&a, sizeof a) == -1 || listen(l, 8) == -1 ||
	    getsockname(l, (struct sockaddr *)&a, &len) == -1)
		err(1, "listen");
	printf("%d\n", ntohs(a.sin_port));
	fflush(stdout);
	signal(SIGPIPE, SIG_IGN);
	while ((fd = accept(l, NULL, NULL)) != -1)
		serve(fd, argv[1]);
	err(1, "accept");
}
