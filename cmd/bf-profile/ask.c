#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "ask.h"
#include "io/sys.h"

static void
say(const char *text)
{
	(void)!sys_write(STDERR_FILENO, text, strlen(text));
}

/* One byte at a time: what follows the line is the next answer's. 1: a byte, 0: the end, -1: fault. */
static int
next_byte(char *c, struct fault *f)
{
	ssize_t got;

	while ((got = read(STDIN_FILENO, c, 1)) == -1 && errno == EINTR)
		continue;
	return got == -1 ? fault_set(f, FAULT_LOCAL, "the terminal: %s", strerror(errno)) : (int)got;
}

/* A line without its newline, into s. */
static int
line(struct secret *s, struct fault *f)
{
	char c;
	int r;

	while ((r = next_byte(&c, f)) == 1 && c != '\n')
		if (!secret_put(s, &c, 1))
			return fault_set(f, FAULT_USAGE, "the answer is too long");
	c = '\0';
	if (r == 0)
		return fault_set(f, FAULT_USAGE, "the answers ended; nothing was written");
	return r == -1 ? -1 : 0;
}

int
ask(const char *question, const char *preset, char *out, size_t size, struct fault *f)
{
	struct secret s = { out, size, 0 };

	say(question);
	if (*preset != '\0') {
		say(" [");
		say(preset);
		say("]");
	}
	say(": ");
	out[0] = '\0';
	if (line(&s, f) == -1)
		return -1;
	while (s.n > 0 && strchr(" \t\r", out[s.n - 1]) != NULL)
		out[--s.n] = '\0';
	if (s.n == 0)
		snprintf(out, size, "%s", preset);
	return 0;
}

int
ask_yes(const char *question, bool preset, struct fault *f)
{
	char answer[64];

	for (;;) {
		if (ask(question, preset ? "yes" : "no", answer, sizeof answer, f) == -1)
			return -1;
		if (strcmp(answer, "yes") == 0 || strcmp(answer, "y") == 0)
			return 1;
		if (strcmp(answer, "no") == 0 || strcmp(answer, "n") == 0)
			return 0;
		say("yes or no\n");
	}
}

/*
 * Echo off
 */

static const int deadly[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGALRM, SIGPIPE };
#define DEADLY	(sizeof deadly / sizeof *deadly)

static struct termios was;
static struct sigaction had[DEADLY];

/* The terminal is put right, and the signal does what it does. What was typed and not yet read
 * is thrown away: the shell would show it, run it and keep it in its history. */
static void
on_signal(int sig)
{
	(void)tcflush(STDIN_FILENO, TCIFLUSH);
	(void)tcsetattr(STDIN_FILENO, TCSANOW, &was);
	(void)signal(sig, SIG_DFL);
	(void)raise(sig);
}

/* A signal that is ignored stays so. A stop waits: the shell would get a terminal without echo. */
static void
hold(sigset_t *mask)
{
	struct sigaction sa = { .sa_handler = on_signal };
	sigset_t stop;

	sigemptyset(&sa.sa_mask);
	for (size_t i = 0; i < DEADLY; i++)
		if (sigaction(deadly[i], NULL, &had[i]) == 0 && had[i].sa_handler != SIG_IGN)
			(void)sigaction(deadly[i], &sa, NULL);
	sigemptyset(&stop);
	sigaddset(&stop, SIGTSTP);
	(void)sigprocmask(SIG_BLOCK, &stop, mask);
}

static void
release(const sigset_t *mask)
{
	for (size_t i = 0; i < DEADLY; i++)
		(void)sigaction(deadly[i], &had[i], NULL);
	(void)sigprocmask(SIG_SETMASK, mask, NULL);
}

/* The line that begins at from, and if a PEM begins there, all of it. */
static int
lines(struct secret *s, struct fault *f)
{
	size_t from = s->n;
	const char *last = s->p + from;

	if (line(s, f) == -1)
		return -1;
	if (strncmp(s->p + from, "-----BEGIN", 10) != 0)
		return 0;
	while (strncmp(last, "-----END", 8) != 0) {
		if (!secret_str(s, "\n"))
			return fault_set(f, FAULT_USAGE, "the answer is too long");
		last = s->p + s->n;
		if (line(s, f) == -1)
			return -1;
	}
	return 0;
}

int
ask_secret(const char *question, struct secret *s, struct fault *f)
{
	struct termios quiet;
	sigset_t mask;
	int r;

	if (tcgetattr(STDIN_FILENO, &was) == -1)
		return fault_set(f, FAULT_LOCAL, "the terminal: %s", strerror(errno));
	quiet = was;
	quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
	hold(&mask);
	if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) == -1)
		r = fault_set(f, FAULT_LOCAL, "the terminal: %s", strerror(errno));
	else {
		say(question);
		say(" (not shown): ");
		r = lines(s, f);
		(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &was);
		say("\n");
	}
	release(&mask);
	return r;
}
