/* The few things of the system that more than one part wants in the same way. */
#ifndef BF_IO_SYS_H
#define BF_IO_SYS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A pipe that no child inherits. -1 with errno. (pipe2 is not everywhere.) */
int sys_pipe(int fd[static 2]);
/* In a child, before exec: every descriptor from that one on is closed. */
void sys_close_from(int from);
/* Write all n bytes to a file. -1 with errno: some may have been written. */
int sys_write(int fd, const void *p, size_t n);
/* Start a thread that takes no signal: they are for the thread that runs the program.
 * 0, or an errno. */
int sys_thread(pthread_t *t, void *(*run)(void *), void *arg);
/* Have fn called at the signal, which then ends a wait or a read; but one that is ignored
 * (nohup, a job in the background) stays so. once: the second one has its usual effect.
 * -1 with errno. */
int sys_catch(int sig, void (*fn)(int sig), bool once);
/* A random number of 0 to below - 1 (0 if below < 1), to spread in time what many would
 * do at once: good for that only, without random bytes of the system it is of the clock. */
int64_t sys_dice(int64_t below);

#endif
