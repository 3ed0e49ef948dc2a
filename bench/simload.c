/*
 * A client that signs and sends orders as fast as one connection lets it, over
 * keep-alive REST or the WebSocket API, and waits for each answer.
 *
 *	simload rest|ws PORT KEY SECRET COUNT
 *
 * Every other request is a limit order far from the market, then its cancel. It
 * does not look into the answers beyond their length, so that a server which
 * only answers is asked in the same way. Prints its wall time.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "signed.h"

static int fd;
static char in[1 << 16];
static const char *key, *secret;

static void
die(const char *what)
{
	perror(what);
	exit(1);
}

static void
put(const char *p, size_t n)
{
	while (n > 0) {
		ssize_t w = write(fd, p, n);

		if (w <= 0)
			die("write");
		p += w;
		n -= (size_t)w;
	}
}

static void
fill(size_t *have)
{
	ssize_t r = read(fd, in + *have, sizeof in - 1 - *have);

	if (r <= 0)
		die("read");
	*have += (size_t)r;
	in[*have] = '\0';
}

/* One HTTP answer, by its Content-Length. */
static void
get_http(void)
{
	size_t have = 0, size;
	char *end, *len;

	in[0] = '\0';
	while ((end = strstr(in, "\r\n\r\n")) == NULL)
		fill(&have);
	len = strcasestr(in, "content-length:");
	size = (size_t)(end + 4 - in) + (len == NULL ? 0 : (size_t)atol(len + 15));
	while (have < size)
		fill(&have);
}

static void
get_frame(void)
{
	size_t have = 0, size = 2;

	while (have < size) {
		fill(&have);
		if (have < 4)
			continue;
		size = (unsigned char)in[1] & 127;
		size = size == 126 ? 4 + (size_t)((unsigned char)in[2] << 8 | (unsigned char)in[3]) : 2 + size;
	}
}

static long long
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
rest(int i)
{
	char query[512], sig[65], req[1024];
	int n;

	if (i % 2 == 0)
		snprintf(query, sizeof query, "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.002"
		    "&price=58000.0&newClientOrderId=load%d&recvWindow=5000&timestamp=%lld", i, now_ms());
	else
		snprintf(query, sizeof query, "symbol=BTCUSDT&origClientOrderId=load%d&recvWindow=5000"
		    "&timestamp=%lld", i - 1, now_ms());
	hex_hmac(secret, query, sig);
	n = snprintf(req, sizeof req, "%s /fapi/v1/order?%s&signature=%s HTTP/1.1\r\nHost: 127.0.0.1\r\n"
	    "X-MBX-APIKEY: %s\r\nContent-Length: 0\r\n\r\n", i % 2 ? "DELETE" : "POST", query, sig, key);
	put(req, (size_t)n);
	get_http();
}

static void
frame(const char *text)
{
	unsigned char out[2048] = { 0x81 };
	size_t n = strlen(text), at = 2;

	if (n < 126)
		out[1] = (unsigned char)(0x80 | n);
	else {
		out[1] = 0x80 | 126;
		out[2] = (unsigned char)(n >> 8);
		out[3] = (unsigned char)n;
		at = 4;
	}
	at += 4;	/* a mask of zeros is a mask */
	memcpy(out + at, text, n);
	put((char *)out, at + n);
}

static void
ws(int i)
{
	char plain[600], sig[65], msg[1024];
	long long t = now_ms();

	if (i % 2 == 0) {
		snprintf(plain, sizeof plain, "apiKey=%s&newClientOrderId=load%d&price=58000.0&quantity=0.002"
		    "&side=BUY&symbol=BTCUSDT&timeInForce=GTC&timestamp=%lld&type=LIMIT", key, i, t);
		hex_hmac(secret, plain, sig);
		snprintf(msg, sizeof msg, "{\"id\":%d,\"method\":\"order.place\",\"params\":{\"apiKey\":\"%s\","
		    "\"newClientOrderId\":\"load%d\",\"price\":\"58000.0\",\"quantity\":\"0.002\",\"side\":\"BUY\","
		    "\"symbol\":\"BTCUSDT\",\"timeInForce\":\"GTC\",\"timestamp\":%lld,\"type\":\"LIMIT\","
		    "\"signature\":\"%s\"}}", i, key, i, t, sig);
	} else {
		snprintf(plain, sizeof plain, "apiKey=%s&origClientOrderId=load%d&symbol=BTCUSDT&timestamp=%lld",
		    key, i - 1, t);
		hex_hmac(secret, plain, sig);
		snprintf(msg, sizeof msg, "{\"id\":%d,\"method\":\"order.cancel\",\"params\":{\"apiKey\":\"%s\","
		    "\"origClientOrderId\":\"load%d\",\"symbol\":\"BTCUSDT\",\"timestamp\":%lld,"
		    "\"signature\":\"%s\"}}", i, key, i - 1, t, sig);
	}
	frame(msg);
	get_frame();
}

int
main(int argc, char *argv[])
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	static const char upgrade[] = "GET /ws-fapi/v1?returnRateLimits=false HTTP/1.1\r\nHost: 127.0.0.1\r\n"
	    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
	    "Sec-WebSocket-Version: 13\r\n\r\n";
	struct timespec a, b;
	int one = 1, count;

	if (argc != 6)
		return 2;
	key = argv[3];
	secret = argv[4];
	count = atoi(argv[5]);
	to.sin_port = htons((uint16_t)atoi(argv[2]));
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if ((fd = socket(AF_INET, SOCK_STREAM, 0)) == -1 || connect(fd, (struct sockaddr *)&to, sizeof to) == -1)
		die("connect");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	if (strcmp(argv[1], "ws") == 0) {
		put(upgrade, sizeof upgrade - 1);
		get_http();
	}
	clock_gettime(CLOCK_MONOTONIC, &a);
	for (int i = 0; i < count; i++)
		(strcmp(argv[1], "ws") == 0 ? ws : rest)(i);
	clock_gettime(CLOCK_MONOTONIC, &b);
	printf("%.3f\n", (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9);
	return 0;
}
