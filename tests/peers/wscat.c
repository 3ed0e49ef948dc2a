/*
 * wscat [-c] [-n COUNT] [-t SECONDS] [-H HEADER] PORT PATH: a WebSocket client of
 * 127.0.0.1 that shares no line with ours.
 *
 * Each line of standard input is sent as a text frame, each message that comes is
 * printed as a line. Lines of input that are orders to wscat itself:
 *
 *	!raw HEX	these bytes as they are
 *	!ping TEXT	a ping
 *	!close CODE	a close frame
 *	!wait COUNT	go on when so many messages have come in all
 *
 * -c prints what else happens: "ping HEX", "pong HEX", "close CODE REASON", and at
 * last "fin" or "rst". Pings are answered. "open" on standard error tells that the
 * handshake is done; another answer than 101 is printed, with its body.
 *
 * It ends when COUNT messages have come, or the connection has ended; the end of
 * the input alone does not end it. Exit: 0; 1 the handshake was refused; 2 usage;
 * 3 SECONDS (30) are over; 4 the server broke the protocol.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ROOM	(16u << 20)	/* of a message, and of what is read ahead */

enum op { CONT = 0, TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10 };

struct bytes { unsigned char *p; size_t n; };

static int	 fd;
static bool	 show, closed;
static long	 want, got, hold;	/* messages: -n, so far, !wait */
static struct bytes in, line, message;

static void
append(struct bytes *b, const void *p, size_t n)
{
	if (b->p == NULL && (b->p = malloc(ROOM)) == NULL)
		err(3, NULL);
	if (n > ROOM - b->n)
		errx(4, "more than %u bytes at once", ROOM);
	memcpy(b->p + b->n, p, n);
	b->n += n;
}

static void
eat(struct bytes *b, size_t n)
{
	memmove(b->p, b->p + n, b->n - n);
	b->n -= n;
}

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* A peer that is gone shows itself when read. */
static void
put(const void *p, size_t n)
{
	const char *c = p;
	ssize_t w;

	for (; n > 0; c += w, n -= (size_t)w)
		if ((w = send(fd, c, n, MSG_NOSIGNAL)) < 0)
			return;
}

/* Masked with zeros: the bytes stay readable. */
static void
put_frame(enum op op, const void *p, size_t n)
{
	unsigned char h[14] = { 0 };
	size_t len = 2;

	h[0] = (unsigned char)(0x80 | op);
	h[1] = (unsigned char)(0x80 | (n < 126 ? n : n < 65536 ? 126 : 127));
	for (int i = n < 126 ? 0 : n < 65536 ? 2 : 8; i > 0; i--)
		h[len++] = (unsigned char)((uint64_t)n >> 8 * (i - 1));
	put(h, len + 4);
	put(p, n);
}

static void
say_hex(const char *what, const unsigned char *p, size_t n)
{
	printf("%s ", what);
	for (size_t i = 0; i < n; i++)
		printf("%02x", p[i]);
	putchar('\n');
}

static void
raw(const char *hex)
{
	unsigned char b;

	for (; hex[0] != '\0' && hex[1] != '\0'; hex += 2) {
		char two[3] = { hex[0], hex[1], '\0' };

		b = (unsigned char)strtoul(two, NULL, 16);
		put(&b, 1);
	}
}

static void
obey(const char *s)
{
	unsigned char code[2];
	long n;

	if (strncmp(s, "!raw ", 5) == 0)
		raw(s + 5);
	else if (strncmp(s, "!ping ", 6) == 0)
		put_frame(PING, s + 6, strlen(s + 6));
	else if (strncmp(s, "!close ", 7) == 0) {
		n = strtol(s + 7, NULL, 10);
		code[0] = (unsigned char)(n >> 8);
		code[1] = (unsigned char)n;
		put_frame(CLOSE, code, 2);
	} else if (strncmp(s, "!wait ", 6) == 0)
		hold = strtol(s + 6, NULL, 10);
	else
		put_frame(TEXT, s, strlen(s));
}

/* Whole lines of the input, as far as none of them has to wait. */
static void
obey_lines(void)
{
	unsigned char *end;

	while (got >= hold && line.n > 0 && (end = memchr(line.p, '\n', line.n)) != NULL) {
		*end = '\0';
		obey((char *)line.p);
		eat(&line, (size_t)(end - line.p) + 1);
	}
}

static void
control(enum op op, const unsigned char *p, size_t n)
{
	if (op == PING) {
		put_frame(PONG, p, n);
		if (show)
			say_hex("ping", p, n);
	} else if (op == PONG && show)
		say_hex("pong", p, n);
	else if (op == CLOSE) {
		if (!closed)
			put_frame(CLOSE, p, n);
		closed = true;
		if (show && n >= 2)
			printf("close %d %.*s\n", p[0] << 8 | p[1], (int)n - 2, p + 2);
		else if (show)
			puts("close");
	}
}

static void
data(enum op op, bool fin, const unsigned char *p, size_t n)
{
	if (op != CONT)
		message.n = 0;
	append(&message, p, n);
	if (!fin)
		return;
	fwrite(message.p, 1, message.n, stdout);
	putchar('\n');
	got++;
}

/* The frame at the front; false: not all of it is here. */
static bool
frame(void)
{
	const unsigned char *p = in.p;
	size_t head = 2, more;
	uint64_t n;

	if (in.n < 2)
		return false;
	if ((p[0] & 0x70) != 0 || (p[1] & 0x80) != 0)
		errx(4, "a frame with reserved bits, or masked");
	n = p[1];
	more = n == 126 ? 2 : n == 127 ? 8 : 0;
	if (in.n < head + more)
		return false;
	if (more > 0)
		n = 0;
	for (; more > 0; more--)
		n = n << 8 | p[head++];
	if (n > ROOM)
		errx(4, "a frame of %llu bytes", (unsigned long long)n);
	if (in.n < head + n)
		return false;
	if ((p[0] & 0x08) != 0)
		control((enum op)(p[0] & 0x0f), p + head, (size_t)n);
	else
		data((enum op)(p[0] & 0x0f), (p[0] & 0x80) != 0, p + head, (size_t)n);
	eat(&in, head + (size_t)n);
	return true;
}

/* Read what is there: false at the end, which is said. */
static bool
take(int from, struct bytes *b)
{
	unsigned char some[65536];
	ssize_t n = read(from, some, sizeof some);

	if (n > 0)
		append(b, some, (size_t)n);
	else if (from == fd && show)
		puts(n == 0 ? "fin" : "rst");
	return n > 0;
}

static void
connect_to(long port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if ((fd = socket(AF_INET, SOCK_STREAM, 0)) == -1 ||
	    connect(fd, (struct sockaddr *)&a, sizeof a) == -1)
		err(1, "connect");
}

static int
refused(void)
{
	while (in.n < ROOM && take(fd, &in))
		if (memmem(in.p, in.n, "\r\n\r\n", 4) != NULL && memmem(in.p, in.n, "</html>", 7) != NULL)
			break;
	fwrite(in.p, 1, in.n, stdout);
	return 1;
}

/* The server keeps a refused connection: it is told to close it. */
static bool
handshake(const char *path, const char *header)
{
	static const char ok[] = "HTTP/1.1 101 ";
	unsigned char *end;
	char text[4096];

	snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: sim\r\nUpgrade: websocket\r\n"
	    "Connection: Upgrade, close\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
	    "Sec-WebSocket-Version: 13\r\n%s%s\r\n", path, header, *header != '\0' ? "\r\n" : "");
	put(text, strlen(text));
	do
		if (!take(fd, &in))
			return false;
	while ((end = memmem(in.p, in.n, "\r\n\r\n", 4)) == NULL);
	if (memcmp(in.p, ok, sizeof ok - 1) != 0 ||
	    memmem(in.p, in.n, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", 28) == NULL)
		return false;
	eat(&in, (size_t)(end - in.p) + 4);
	fputs("open\n", stderr);
	return true;
}

/* Until it is over; false: the time is. */
static bool
talk(int64_t until)
{
	struct pollfd p[2] = { { fd, POLLIN, 0 }, { STDIN_FILENO, POLLIN, 0 } };

	for (;;) {
		while ((want == 0 || got < want) && in.n > 0 && frame())
			;
		obey_lines();
		fflush(stdout);
		if (want != 0 && got >= want)
			return true;
		if (now_ms() >= until)
			return false;
		if (poll(p, 2, (int)(until - now_ms() + 1)) == -1 && errno != EINTR)
			err(3, "poll");
		if (p[0].revents != 0 && !take(fd, &in))
			return true;
		if (p[1].revents != 0 && !take(STDIN_FILENO, &line))
			p[1].fd = -1;
	}
}

int
main(int argc, char *argv[])
{
	const char *header = "";
	long seconds = 30;
	int ch;

	while ((ch = getopt(argc, argv, "cn:t:H:")) != -1)
		switch (ch) {
		case 'c': show = true; break;
		case 'n': want = strtol(optarg, NULL, 10); break;
		case 't': seconds = strtol(optarg, NULL, 10); break;
		case 'H': header = optarg; break;
		default: return 2;
		}
	if (argc - optind != 2)
		errx(2, "usage: wscat [-c] [-n COUNT] [-t SECONDS] [-H HEADER] PORT PATH");
	connect_to(strtol(argv[optind], NULL, 10));
	if (!handshake(argv[optind + 1], header))
		return refused();
	return talk(now_ms() + seconds * 1000) ? 0 : 3;
}
