/* Directories of state, for what keeps files of its own in them: lib/io/state.c and latch.c only. */
#ifndef BF_IO_STATE_IN_H
#define BF_IO_STATE_IN_H

#include <sys/stat.h>

#include "io/state.h"

/* What a directory must be for files in it to be trusted. -1 with f. */
int state_judge(const struct stat *st, const char *dir, struct fault *f);
/* The descriptor of a directory that may be trusted, -1 on a fault; -2: there is none. */
int state_open(const char *dir, struct fault *f);
/* As state_open, but it is made if missing. */
int state_make(const char *dir, struct fault *f);
/* Write all to fd and close it. -1 with errno. */
int state_fill(int fd, const void *p, size_t n);

#endif
