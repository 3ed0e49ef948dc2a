/*
 * wsbad SCRIPT...: a WebSocket (or HTTP) server on 127.0.0.1 that does as it is
 * told, one SCRIPT for each connection in turn, the last one for all that follow;
 * see tests/core/wspeer.h for what a script says. Prints its port, then a line for
 * each thing it saw. Serves until killed.
 */
#include <err.h>

#include "../core/wspeer.h"

static void
say(const char *line)
{
	puts(line);
	fflush(stdout);
}

int
main(int argc, char *argv[])
{
	char line[16];
	int port, fd;

	if (argc < 2)
		errx(2, "usage: wsbad SCRIPT...");
	fd = wspeer_listen(&port);
	snprintf(line, sizeof line, "%d", port);
	say(line);
	wspeer_serve(fd, (const char *const *)(argv + 1), argc - 1, NULL, say);
	return 1;
}
