/* The parts of the sandbox; for lib/io/sandbox*.c only. Linux. */
#ifndef BF_IO_SANDBOX_IN_H
#define BF_IO_SANDBOX_IN_H

#include "io/sandbox.h"

/* sandbox_files.c */
/* The kernel's Landlock, 1 and up; 0: it has none, or none for us. */
int landlock_version(void);
/* Hold this thread and those it starts to what want names. */
int landlock_enter(const struct sandbox *want, int version, struct fault *f);

/* sandbox_calls.c */
bool seccomp_there(void);
/* The filter for all threads; serves: listening is among what is allowed. */
int seccomp_enter(bool serves, struct fault *f);

#endif
