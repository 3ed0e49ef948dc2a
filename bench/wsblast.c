/*
 * A source of market events for `make bench`: a WebSocket server that has nothing else to
 * do, so that its readers are what is measured. Any path is taken; the streams are those of
 * ?streams=a/b/c and of SUBSCRIBE messages. When all connections together have EXPECT
 * streams, COUNT aggTrade events go out, one stream after the other, RATE a second, one at a
 * time and evenly (0: as fast as they are taken, half a megabyte at a time). Each carries its
 * number and, as "ns", when it was sent. Then the connections are closed.
 *
 *	wsblast COUNT RATE EXPECT	prints its port
 */
#ifdef __linux__
#include <sys/prctl.h>
#endif
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define CLIENTS	64
#define ROOM	(1u << 20)

struct client { int fd; int open; size_t n; char in[65536]; };
struct stream { int client; char name[48], symbol[40]; };

static struct client client[CLIENTS];
static int clients;
static struct stream stream[8192];
static int streams;
static char out[CLIENTS][ROOM];
static size_t out_n[CLIENTS];

static int64_t
now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static void
put_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t put = write(fd, p, n);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			exit(0);	/* the reader has had enough */
		p += put;
		n -= (size_t)put;
	}
}

static void
add(int c, const char *name, size_t n)
{
	struct stream *s;
	size_t i;

	if (streams == (int)(sizeof stream / sizeof *stream) || n >= sizeof s->name)
		errx(1, "too many streams, or a name too long");
	s = &stream[streams++];
	s->client = c;
	snprintf(s->name, sizeof s->name, "%.*s", (int)n, name);
	for (i = 0; i < n && name[i] != '@' && i < sizeof s->symbol - 1; i++)
		s->symbol[i] = name[i] >= 'a' && name[i] <= 'z' ? (char)(name[i] - 32) : name[i];
	s->symbol[i] = '\0';
}

/* The names between quotes, or between slashes. */
static void
names(int c, const char *p, const char *end, const char *stop)
{
	while (p < end) {
		size_t n = strcspn(p, stop);

		if (n > (size_t)(end - p))
			n = (size_t)(end - p);
		if (n > 2 && memchr(p, '@', n) != NULL)
			add(c, p, n);
		p += n + 1;
	}
}

static int
upgrade(int c)
{
	static const char magic[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
	struct client *k = &client[c];
	unsigned char sum[SHA_DIGEST_LENGTH];
	char text[256], accept[64], *key, *at, *end;
	int n;

	k->in[k->n] = '\0';
	if ((end = strstr(k->in, "\r\n\r\n")) == NULL)
		return 0;
	if ((key = strcasestr(k->in, "Sec-WebSocket-Key: ")) == NULL)
		errx(1, "no key");
	key += 19;
	n = snprintf(text, sizeof text, "%.*s%s", (int)strcspn(key, "\r"), key, magic);
	SHA1((unsigned char *)text, (size_t)n, sum);
	EVP_EncodeBlock((unsigned char *)accept, sum, sizeof sum);
	if ((at = strstr(k->in, "?streams=")) != NULL)
		names(c, at + 9, at + strcspn(at, " "), "/ ");
	n = snprintf(text, sizeof text, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
	    "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n", accept);
	put_all(k->fd, text, (size_t)n);
	end += 4;
	k->n -= (size_t)(end - k->in);
	memmove(k->in, end, k->n);
	k->open = 1;
	return 1;
}

static void
frame(int c, const char *p, size_t n)
{
	char head[4] = { (char)0x81, (char)(n < 126 ? n : 126), (char)(n >> 8), (char)n };
	size_t h = n < 126 ? 2 : 4;

	memcpy(out[c] + out_n[c], head, h);
	memcpy(out[c] + out_n[c] + h, p, n);
	out_n[c] += h + n;
}

static void
flush(int c)
{
	put_all(client[c].fd, out[c], out_n[c]);
	out_n[c] = 0;
}

/* Client frames: masked; SUBSCRIBE is answered, a ping too. */
static void
messages(int c)
{
	struct client *k = &client[c];
	unsigned char *p = (unsigned char *)k->in;

	while (k->n >= 6) {
		size_t len = p[1] & 127, h = 2;
		char answer[64], *id;
		int n;

		if (len == 126) {
			len = (size_t)p[2] << 8 | p[3];
			h = 4;
		}
		if (k->n < h + 4 + len)
			return;
		for (size_t i = 0; i < len; i++)
			p[h + 4 + i] ^= p[h + i % 4];
		if ((p[0] & 15) == 1) {
			char *text = strndup((char *)p + h + 4, len);

			names(c, text, text + len, "\"");
			id = strstr(text, "\"id\":");
			n = snprintf(answer, sizeof answer, "{\"result\":null,\"id\":%ld}",
			    id == NULL ? 0 : strtol(id + 5, NULL, 10));
			frame(c, answer, (size_t)n);
			flush(c);
			free(text);
		} else if ((p[0] & 15) == 8) {
			exit(0);
		}
		k->n -= h + 4 + len;
		memmove(k->in, k->in + h + 4 + len, k->n);
	}
}

/* Take what clients say until all streams are asked for. */
static void
gather(int listener, int expect)
{
	struct pollfd p[CLIENTS + 1];
	int c;

	while (streams < expect) {
		p[0] = (struct pollfd){ .fd = listener, .events = POLLIN };
		for (c = 0; c < clients; c++)
			p[c + 1] = (struct pollfd){ .fd = client[c].fd, .events = POLLIN };
		if (poll(p, (nfds_t)clients + 1, 30000) <= 0)
			errx(1, "only %d of %d streams were asked for", streams, expect);
		for (c = 0; c < clients; c++) {
			struct client *k = &client[c];
			ssize_t got;

			if (p[c + 1].revents == 0)
				continue;
			if ((got = read(k->fd, k->in + k->n, sizeof k->in - 1 - k->n)) <= 0)
				errx(1, "a client went");
			k->n += (size_t)got;
			if (k->open || upgrade(c))
				messages(c);
		}
		if (p[0].revents != 0 && clients < CLIENTS) {
			int one = 1;

			client[clients].fd = accept(listener, NULL, NULL);
			setsockopt(client[clients].fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
			clients++;
		}
	}
}

static void
event(const struct stream *s, long i)
{
	char text[512];
	int64_t ns = now_ns();
	int n = snprintf(text, sizeof text, "{\"stream\":\"%s\",\"data\":{\"e\":\"aggTrade\",\"E\":%lld,\"a\":%ld,"
	    "\"s\":\"%s\",\"p\":\"61659.70\",\"q\":\"0.486\",\"nq\":\"0.486\",\"f\":%ld,\"l\":%ld,\"T\":%lld,"
	    "\"m\":false,\"st\":1,\"ns\":%lld}}", s->name, (long long)(ns / 1000000), i + 1, s->symbol,
	    2 * i + 1, 2 * i + 2, (long long)(ns / 1000000), (long long)ns);

	if (out_n[s->client] + (size_t)n + 4 > ROOM / 2)
		flush(s->client);
	frame(s->client, text, (size_t)n);
}

/* A sleep that ends late does not shift those after it. */
static void
wait_until(int64_t due)
{
	int64_t left;

	while ((left = due - now_ns()) > 0) {
		struct timespec ts = { left / 1000000000, left % 1000000000 };

		nanosleep(&ts, NULL);
	}
}

static void
blast(long count, long rate)
{
	int64_t begin = now_ns();

#ifdef __linux__
	prctl(PR_SET_TIMERSLACK, 1000);		/* of 50 us by default: half the pace of 10,000 a second */
#endif
	for (long i = 0; i < count; i++) {
		if (rate > 0)
			wait_until(begin + i * (1000000000 / rate));
		event(&stream[i % streams], i);
		if (rate > 0)
			flush(stream[i % streams].client);
	}
	for (int c = 0; c < clients; c++)
		flush(c);
}

/* A reader that misses a message ends too, if not well. */
static void
end(void)
{
	static const char bye[] = { (char)0x88, 2, 0x03, (char)0xe8 };

	for (int c = 0; c < clients; c++) {
		put_all(client[c].fd, bye, sizeof bye);
		shutdown(client[c].fd, SHUT_WR);
	}
	for (int c = 0; c < clients; c++)
		while (read(client[c].fd, client[c].in, sizeof client[c].in) > 0)
			;
}

int
main(int argc, char *argv[])
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof sa;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (argc != 4)
		errx(2, "usage: wsblast COUNT RATE EXPECT");
	signal(SIGPIPE, SIG_IGN);
	if (fd == -1 || bind(fd, (struct sockaddr *)&sa, sizeof sa) == -1 || listen(fd, 64) == -1 ||
	    getsockname(fd, (struct sockaddr *)&sa, &n) == -1)
		err(1, "listening");
	printf("%d\n", ntohs(sa.sin_port));
	fflush(stdout);
	gather(fd, atoi(argv[3]));
	blast(atol(argv[1]), atol(argv[2]));
	end();
	return 0;
}
