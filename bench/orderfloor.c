/*
 * The floor under an order manager: requests signed beforehand, sent as bytes over kept
 * connections, and the answer read to its end; nothing is looked at, nothing written down.
 *
 *	orderfloor rest|ws PORT KEY SECRET COUNT IN-FLIGHT
 *
 * Every other request is a limit order far from the market, then its cancel. In flight: so many
 * at a time, each on a connection of its own and of a symbol of its own; ws: all on one
 * connection. Prints what every client of bench/order does: requests, seconds of the wall,
 * processor seconds, p50 and p99 of the time for one in microseconds, kB of memory.
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "signed.h"

#define LINES_MAX 8

struct request { char *bytes; size_t n; };
struct line { int fd; char in[1 << 14]; size_t have; long next; int64_t sent_ns; };

static const char *const symbols[LINES_MAX][2] = {	/* and a price far below the market */
	{ "BTCUSDT", "58000.0" }, { "ETHUSDT", "2900.00" }, { "SOLUSDT", "145.00" }, { "DOGEUSDT", "0.19000" },
	{ "BNBUSDT", "580.00" }, { "BTCUSDC", "58000.0" }, { "1000PEPEUSDT", "0.0096000" }, { "BTCUSDT", "57000.0" }
};
static const char *const quantities[LINES_MAX] = { "0.002", "0.010", "1", "1000", "0.10", "0.002", "10000", "0.002" };
static const char *key, *secret;
static bool ws;
static int64_t *took;

static void
die(const char *what)
{
	perror(what);
	exit(1);
}

static int64_t
clock_ns(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* A frame of a client, masked with zeros, which is a mask. */
static size_t
frame(char *out, const char *text, size_t n)
{
	out[0] = (char)0x81;
	out[1] = (char)(0x80 | 126);
	out[2] = (char)(n >> 8);
	out[3] = (char)n;
	memset(out + 4, 0, 4);
	memcpy(out + 8, text, n);
	return n + 8;
}

static void
make_ws(struct request *r, long i, int k, long long now)
{
	char plain[700], sig[65], msg[1400], out[1500];
	const char *symbol = symbols[k][0];
	int n;

	if (i % 2 == 0)
		snprintf(plain, sizeof plain, "apiKey=%s&newClientOrderId=load-%d-%ld&price=%s&quantity=%s&recvWindow=60000"
		    "&side=BUY&symbol=%s&timeInForce=GTC&timestamp=%lld&type=LIMIT", key, k, i, symbols[k][1],
		    quantities[k], symbol, now);
	else
		snprintf(plain, sizeof plain, "apiKey=%s&origClientOrderId=load-%d-%ld&recvWindow=60000&symbol=%s"
		    "&timestamp=%lld", key, k, i - 1, symbol, now);
	hex_hmac(secret, plain, sig);
	n = snprintf(msg, sizeof msg, "{\"id\":\"%d\",\"method\":\"%s\",\"params\":{", k,
	    i % 2 == 0 ? "order.place" : "order.cancel");
	for (char *save, *p = strtok_r(plain, "&", &save); p != NULL; p = strtok_r(NULL, "&", &save)) {
		char *eq = strchr(p, '=');
		bool number = strncmp(p, "timestamp", 9) == 0 || strncmp(p, "recvWindow", 10) == 0;

		n += snprintf(msg + n, sizeof msg - (size_t)n, number ? "\"%.*s\":%s," : "\"%.*s\":\"%s\",",
		    (int)(eq - p), p, eq + 1);
	}
	n += snprintf(msg + n, sizeof msg - (size_t)n, "\"signature\":\"%s\"}}", sig);
	r->n = frame(out, msg, (size_t)n);
	if ((r->bytes = malloc(r->n)) == NULL)
		die("malloc");
	memcpy(r->bytes, out, r->n);
}

static void
make_rest(struct request *r, long i, int k, long long now)
{
	char query[512], sig[65], req[1024];
	const char *symbol = symbols[k][0];

	if (i % 2 == 0)
		snprintf(query, sizeof query, "symbol=%s&side=BUY&type=LIMIT&timeInForce=GTC&quantity=%s"
		    "&price=%s&newClientOrderId=load-%d-%ld&recvWindow=60000&timestamp=%lld", symbol, quantities[k],
		    symbols[k][1], k, i, now);
	else
		snprintf(query, sizeof query, "symbol=%s&origClientOrderId=load-%d-%ld&recvWindow=60000"
		    "&timestamp=%lld", symbol, k, i - 1, now);
	hex_hmac(secret, query, sig);
	r->n = (size_t)snprintf(req, sizeof req, "%s /fapi/v1/order?%s&signature=%s HTTP/1.1\r\nHost: 127.0.0.1\r\n"
	    "X-MBX-APIKEY: %s\r\nContent-Length: 0\r\n\r\n", i % 2 ? "DELETE" : "POST", query, sig, key);
	if ((r->bytes = strdup(req)) == NULL)
		die("malloc");
}

static void
put(int fd, const char *p, size_t n)
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
fill(struct line *l)
{
	ssize_t r = read(l->fd, l->in + l->have, sizeof l->in - 1 - l->have);

	if (r <= 0)
		die("read");
	l->have += (size_t)r;
	l->in[l->have] = '\0';
}

/* How long the first whole answer in l is; 0: it is not whole yet. */
static size_t
whole(const struct line *l)
{
	const char *end, *len;
	size_t n;

	if (l->have < 4)
		return 0;
	if (ws && l->in[0] != 'H') {
		n = (unsigned char)l->in[1] & 127;
		n = n == 126 ? 4 + (size_t)((unsigned char)l->in[2] << 8 | (unsigned char)l->in[3]) : 2 + n;
	} else {
		if ((end = strstr(l->in, "\r\n\r\n")) == NULL)
			return 0;
		len = strcasestr(l->in, "content-length:");
		n = (size_t)(end + 4 - l->in) + (len == NULL ? 0 : (size_t)atol(len + 15));
	}
	return l->have >= n ? n : 0;
}

static void
take(struct line *l, size_t n)
{
	memmove(l->in, l->in + n, l->have - n + 1);
	l->have -= n;
}

static void
dial(struct line *l, int port)
{
	static const char upgrade[] = "GET /ws-fapi/v1?returnRateLimits=false HTTP/1.1\r\nHost: 127.0.0.1\r\n"
	    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
	    "Sec-WebSocket-Version: 13\r\n\r\n";
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int one = 1;
	size_t n;

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if ((l->fd = socket(AF_INET, SOCK_STREAM, 0)) == -1 ||
	    connect(l->fd, (struct sockaddr *)&to, sizeof to) == -1)
		die("connect");
	setsockopt(l->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	if (!ws)
		return;
	put(l->fd, upgrade, sizeof upgrade - 1);
	while ((n = whole(l)) == 0)
		fill(l);
	take(l, n);
}

static int
by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void
report(long n, int64_t wall, int64_t cpu)
{
	struct rusage u;

	qsort(took, (size_t)n, sizeof *took, by_size);
	getrusage(RUSAGE_SELF, &u);
	printf("%ld %.6f %.6f %.1f %.1f %ld\n", n, (double)wall / 1e9, (double)cpu / 1e9,
	    (double)took[n / 2] / 1e3, (double)took[n * 99 / 100] / 1e3, u.ru_maxrss);
}

int
main(int argc, char *argv[])
{
	static struct line lines[LINES_MAX];
	static struct request *asked[LINES_MAX];
	struct pollfd p[LINES_MAX];
	int64_t wall, cpu;
	long count, each, done = 0;
	int depth, fds, k;
	size_t n;

	if (argc != 7 || (count = atol(argv[5])) < 100 || (depth = atoi(argv[6])) < 1 || depth > LINES_MAX)
		return 2;
	ws = strcmp(argv[1], "ws") == 0;
	key = argv[3];
	secret = argv[4];
	each = count / depth;
	count = each * depth;
	fds = ws ? 1 : depth;
	if ((took = calloc((size_t)count, sizeof *took)) == NULL)
		die("malloc");
	for (k = 0; k < depth; k++) {
		if ((asked[k] = calloc((size_t)each, sizeof **asked)) == NULL)
			die("malloc");
		for (long i = 0; i < each; i++)
			(ws ? make_ws : make_rest)(&asked[k][i], i, k, clock_ns(CLOCK_REALTIME) / 1000000);
	}
	for (k = 0; k < fds; k++) {
		dial(&lines[k], atoi(argv[2]));
		p[k] = (struct pollfd){ .fd = lines[k].fd, .events = POLLIN };
	}
	wall = clock_ns(CLOCK_MONOTONIC);
	cpu = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	for (k = 0; k < depth; k++) {
		lines[k].sent_ns = clock_ns(CLOCK_MONOTONIC);
		put(lines[ws ? 0 : k].fd, asked[k][0].bytes, asked[k][0].n);
		lines[k].next = 1;
	}
	while (done < count) {
		if (fds > 1 && poll(p, (nfds_t)fds, -1) <= 0)
			die("poll");
		for (int c = 0; c < fds; c++) {
			struct line *l = &lines[c], *of = l;
			const char *id;

			if (fds > 1 && p[c].revents == 0)
				continue;
			fill(l);
			while ((n = whole(l)) > 0) {
				k = c;
				if (ws && depth > 1 && (id = strstr(l->in + 2, "\"id\":\"")) != NULL)
					k = (id[6] - '0') % depth;	/* whose answer it is */
				of = &lines[k];
				took[done++] = clock_ns(CLOCK_MONOTONIC) - of->sent_ns;
				if (done <= 2 * depth && (id = strstr(l->in, "\"code\":-")) != NULL) {
					fprintf(stderr, "orderfloor: refused: %.200s\n", id);
					return 1;
				}
				take(l, n);
				if (of->next == each)
					continue;
				of->sent_ns = clock_ns(CLOCK_MONOTONIC);
				put(l->fd, asked[k][of->next].bytes, asked[k][of->next].n);
				of->next++;
			}
		}
	}
	report(count, clock_ns(CLOCK_MONOTONIC) - wall, clock_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu);
	return 0;
}
