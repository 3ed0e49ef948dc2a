/*
 * notified SOCKET: what a service manager hears. Binds the datagram socket, prints "ready" and then a
 * line for each datagram, its own newlines as |. Until killed.
 */
#include <err.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

int
main(int argc, char *argv[])
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	char text[4096];
	ssize_t n;
	int s = socket(AF_UNIX, SOCK_DGRAM, 0);

	if (argc != 2 || strlen(argv[1]) >= sizeof sa.sun_path)
		errx(2, "usage: notified SOCKET");
	memcpy(sa.sun_path, argv[1], strlen(argv[1]));
	if (s == -1 || bind(s, (struct sockaddr *)&sa, sizeof sa) == -1)
		err(1, "%s", argv[1]);
	setvbuf(stdout, NULL, _IOLBF, 0);
	puts("ready");
	while ((n = recv(s, text, sizeof text - 1, 0)) != -1) {
		text[n] = '\0';
		for (char *p = text; (p = strchr(p, '\n')) != NULL; )
			*p = '|';
		puts(text);
	}
	err(1, "recv");
}
