/*
 * h2once CERT KEY ALPN PORT WORD...: HTTP/2 and HTTP/1.1 over TLS that ends requests as the
 * WORDs say and writes each down; see tests/core/h2peer.h. ALPN: h2, http/1.1 or both. PORT:
 * where requests of HTTP/1.1 go; 0: they are answered here. Prints its own port first. Serves until killed.
 */
#include <err.h>

#include "../core/h2peer.h"

static void
say(const char *line)
{
	puts(line);
	fflush(stdout);
}

int
main(int argc, char *argv[])
{
	struct h2peer p = { .say = say };
	char line[16];
	int port, fd;

	if (argc < 6)
		errx(2, "usage: h2once CERT KEY ALPN PORT WORD...");
	if ((p.ctx = wspeer_tls(argv[1], argv[2], 0)) == NULL)
		errx(1, "%s, %s: no certificate and key", argv[1], argv[2]);
	p.alpn = argv[3];
	p.port = atoi(argv[4]);
	p.word = (const char *const *)(argv + 5);
	p.nword = argc - 5;
	fd = wspeer_listen(&port);
	snprintf(line, sizeof line, "%d", port);
	say(line);
	h2peer_serve(&p, fd);
	return 1;
}
