/*
 * tlsproxy PORT CERT KEY [MIN MAX]: takes TLS off connections and passes their
 * bytes on to 127.0.0.1:PORT and back. CERT may hold a chain; MIN and MAX are
 * versions, "1.0" to "1.3", those below 1.2 too. Prints its own port, then
 * "connection" or "no TLS: REASON" for each; serves until killed, a thread for each
 * connection.
 */
#include <sys/types.h>

#include <err.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>

#include "../core/wspeer.h"

static int
version(const char *s)
{
	static const struct { const char *name; int v; } row[] = {
		{ "1.0", TLS1_VERSION }, { "1.1", TLS1_1_VERSION },
		{ "1.2", TLS1_2_VERSION }, { "1.3", TLS1_3_VERSION },
	};

	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		if (strcmp(s, row[i].name) == 0)
			return row[i].v;
	errx(2, "%s: no version of TLS", s);
}

static void
say(const char *what, const char *detail)
{
	printf("%s%s\n", what, detail);
	fflush(stdout);
}

/* As real servers do: else what follows the handshake waits 40 ms for its acknowledgement. */
static void
at_once(int fd)
{
	int one = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

static int
dial(int port)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	at_once(fd);
	if (connect(fd, (struct sockaddr *)&sa, sizeof sa) == -1)
		err(1, "port %d", port);
	return fd;
}

static bool
put_all(int fd, const char *p, ssize_t n)
{
	ssize_t put;

	for (; n > 0; p += put, n -= put)
		if ((put = send(fd, p, (size_t)n, MSG_NOSIGNAL)) <= 0)
			return false;
	return true;
}

/* Both ways until either side ends. */
static void
forward(SSL *ssl, int in, int out)
{
	struct pollfd p[2] = { { .fd = in, .events = POLLIN }, { .fd = out, .events = POLLIN } };
	char buf[16384];
	ssize_t n;

	for (;;) {
		if (SSL_pending(ssl) == 0 && poll(p, 2, -1) == -1)
			return;
		if (SSL_pending(ssl) > 0 || p[0].revents != 0) {
			if ((n = SSL_read(ssl, buf, sizeof buf)) <= 0 || !put_all(out, buf, n))
				return;
		}
		if (p[1].revents != 0) {
			if ((n = recv(out, buf, sizeof buf, 0)) <= 0 || SSL_write(ssl, buf, (int)n) <= 0)
				return;
		}
		p[0].revents = p[1].revents = 0;
	}
}

struct guest { SSL_CTX *ctx; int fd, port; };

static void
serve(SSL *ssl, const struct guest *g)
{
	const char *why;
	int out;

	if (SSL_accept(ssl) != 1) {
		why = ERR_reason_error_string(ERR_peek_last_error());
		say("no TLS: ", why != NULL ? why : "cut");
		return;
	}
	say("connection", "");
	out = dial(g->port);
	forward(ssl, g->fd, out);
	close(out);
	SSL_shutdown(ssl);
}

static void *
thread(void *arg)
{
	struct guest g = *(struct guest *)arg;
	SSL *ssl = SSL_new(g.ctx);

	free(arg);
	SSL_set_fd(ssl, g.fd);
	serve(ssl, &g);
	SSL_free(ssl);
	close(g.fd);
	return NULL;
}

static void
welcome(SSL_CTX *ctx, int fd, int port)
{
	struct guest *g = malloc(sizeof *g);
	pthread_t t;

	at_once(fd);
	*g = (struct guest){ ctx, fd, port };
	if (pthread_create(&t, NULL, thread, g) != 0)
		err(1, "no thread");
	pthread_detach(t);
}

int
main(int argc, char *argv[])
{
	char text[16];
	SSL_CTX *ctx;
	int fd, listener, port;

	if (argc != 4 && argc != 6)
		errx(2, "usage: tlsproxy PORT CERT KEY [MIN MAX]");
	if ((ctx = wspeer_tls(argv[2], argv[3], argc == 6 ? version(argv[5]) : 0)) == NULL)
		errx(1, "%s, %s: no certificate and key", argv[2], argv[3]);
	if (argc == 6)
		SSL_CTX_set_min_proto_version(ctx, version(argv[4]));
	signal(SIGPIPE, SIG_IGN);
	listener = wspeer_listen(&port);
	snprintf(text, sizeof text, "%d", port);
	say(text, "");
	while ((fd = accept(listener, NULL, NULL)) != -1)
		welcome(ctx, fd, atoi(argv[1]));
	return 1;
}
