/*
 * A reader that does no more than it must: upgrades, then counts bytes and
 * whole messages of a WebSocket until COUNT have come or the peer ends. The
 * floor for any client of the same socket.
 *
 *	wsread ws://127.0.0.1:PORT/PATH COUNT [lines]
 *
 * With "lines" each message is also a line on standard output, written when there is
 * nothing left to read.
 */
#include <sys/socket.h>

#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lines.h"

#define ROOM	(1u << 20)

static unsigned char buf[ROOM];

static int
dial(const char *url, const char **path)
{
	struct sockaddr_in sa = { .sin_family = AF_INET };
	char host[64];
	const char *p;
	int fd;

	if (strncmp(url, "ws://", 5) != 0 || (p = strchr(url + 5, ':')) == NULL ||
	    (*path = strchr(p, '/')) == NULL || (size_t)(p - url - 5) >= sizeof host)
		errx(2, "%s: not ws://ADDRESS:PORT/PATH", url);
	snprintf(host, sizeof host, "%.*s", (int)(p - url - 5), url + 5);
	sa.sin_port = htons((uint16_t)strtol(p + 1, NULL, 10));
	if (inet_pton(AF_INET, host, &sa.sin_addr) != 1)
		errx(2, "%s: not an IPv4 address", host);
	if ((fd = socket(AF_INET, SOCK_STREAM, 0)) == -1 ||
	    connect(fd, (struct sockaddr *)&sa, sizeof sa) == -1)
		err(1, "%s", url);
	return fd;
}

/* Ask for the upgrade; returns how many bytes of frames came with the answer. */
static size_t
upgrade(int fd, const char *path)
{
	static char ask[16384];
	size_t n = 0;
	ssize_t got;
	char *end = NULL;
	int len;

	len = snprintf(ask, sizeof ask, "GET %s HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
	    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
	    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", path);
	if (len >= (int)sizeof ask || write(fd, ask, (size_t)len) != len)
		err(1, "asking for the upgrade");
	while (end == NULL) {
		if ((got = read(fd, buf + n, ROOM - 1 - n)) <= 0)
			errx(1, "no answer to the upgrade");
		n += (size_t)got;
		buf[n] = '\0';
		end = strstr((char *)buf, "\r\n\r\n");
	}
	if (strncmp((char *)buf, "HTTP/1.1 101", 12) != 0)
		errx(1, "refused: %.60s", (char *)buf);
	end += 4;
	n -= (size_t)(end - (char *)buf);
	memmove(buf, end, n);
	return n;
}

/* Bytes of the frame at p, header and all; 0 if its header is not whole. */
static uint64_t
frame(const unsigned char *p, size_t n)
{
	size_t head = n < 2 ? 2 : p[1] == 126 ? 4 : p[1] == 127 ? 10 : 2;
	uint64_t len = 0;

	if (n < head)
		return 0;
	if (head == 2)
		return 2 + (uint64_t)p[1];
	for (size_t i = 2; i < head; i++)
		len = len << 8 | p[i];
	return head + len;
}

/* The payload of a whole frame of n bytes. */
static void
line(const unsigned char *p, uint64_t n)
{
	size_t head = p[1] == 126 ? 4 : p[1] == 127 ? 10 : 2;

	memcpy(out + out_n, p + head, (size_t)n - head);
	out_n += (size_t)n - head;
	out[out_n++] = '\n';
}

int
main(int argc, char *argv[])
{
	unsigned long long bytes = 0, messages = 0, want;
	const char *path;
	uint64_t f;
	size_t n, at;
	ssize_t got;
	int fd;

	if (argc != 3 && argc != 4)
		errx(2, "usage: wsread ws://ADDRESS:PORT/PATH COUNT [lines]");
	want = strtoull(argv[2], NULL, 10);
	fd = dial(argv[1], &path);
	n = upgrade(fd, path);
	for (;;) {
		for (at = 0; (f = frame(buf + at, n - at)) != 0 && f <= n - at; at += f) {
			bytes += f;
			if ((buf[at] & 0x0f) > 2)	/* a ping, or the end */
				continue;
			messages += (buf[at] & 0x80) != 0;
			if (argc == 4)
				line(buf + at, f);
		}
		flush();
		if (messages >= want)
			break;
		memmove(buf, buf + at, n - at);
		n -= at;
		if (n == ROOM)
			errx(1, "a frame is longer than %u bytes", ROOM);
		if ((got = read(fd, buf + n, ROOM - n)) <= 0)
			break;
		n += (size_t)got;
	}
	fprintf(argc == 4 ? stderr : stdout, "%llu messages, %llu bytes\n", messages, bytes);
	return 0;
}
