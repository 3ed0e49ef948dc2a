/*
 * deafout COMMAND...: run it with a socket as standard output whose other end is gone, as a
 * remote shell leaves it when its connection breaks.
 */
#include <sys/socket.h>

#include <err.h>
#include <unistd.h>

int
main(int argc, char *argv[])
{
	int pair[2];

	if (argc < 2)
		errx(2, "usage: deafout command ...");
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == -1)
		err(2, "socketpair");
	if (dup2(pair[0], STDOUT_FILENO) == -1)
		err(2, "dup2");
	close(pair[0]);
	close(pair[1]);
	execvp(argv[1], argv + 1);
	err(2, "%s", argv[1]);
}
