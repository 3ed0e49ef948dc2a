/*
 * Many WebSocket clients that read and throw away: simidle PORT COUNT. Prints a
 * line once all are connected, and goes on until it is killed.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

int
main(int argc, char *argv[])
{
	static const char upgrade[] = "GET /market/stream?streams=!markPrice@arr@1s HTTP/1.1\r\n"
	    "Host: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
	    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
	struct sockaddr_in to = { .sin_family = AF_INET };
	int count = argc == 3 ? atoi(argv[2]) : 0;
	struct rlimit files = { 8192, 8192 };
	static char junk[65536];
	struct pollfd *p;

	if (count <= 0 || (p = calloc((size_t)count, sizeof *p)) == NULL)
		return 2;
	(void)setrlimit(RLIMIT_NOFILE, &files);
	to.sin_port = htons((uint16_t)atoi(argv[1]));
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	for (int i = 0; i < count; i++) {
		p[i].events = POLLIN;
		if ((p[i].fd = socket(AF_INET, SOCK_STREAM, 0)) == -1 ||
		    connect(p[i].fd, (struct sockaddr *)&to, sizeof to) == -1 ||
		    write(p[i].fd, upgrade, sizeof upgrade - 1) == -1 ||
		    read(p[i].fd, junk, sizeof junk) <= 0) {
			perror("simidle");
			return 1;
		}
	}
	printf("%d\n", count);
	fflush(stdout);
	while (poll(p, (nfds_t)count, -1) > 0)
		for (int i = 0; i < count; i++)
			if (p[i].revents != 0 && read(p[i].fd, junk, sizeof junk) <= 0)
				p[i].fd = -1;
	return 0;
}
