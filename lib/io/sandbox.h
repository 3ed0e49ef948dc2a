/*
 * What a program may still do once everything of its own is open. A mistake in what reads the
 * exchange's bytes then finds a process that starts no program, gains no right, reads no file
 * outside the system's folders, writes none outside its own, and connects to the profile's ports alone.
 *
 * Linux only; elsewhere nothing is done. Four layers, each where the kernel has it:
 *   no_new_privs   no set-user-ID program gives a right back;
 *   capabilities   all dropped, the bounding set too: root is then a user that owns some files;
 *   Landlock       files, TCP ports, signals to others; by what the kernel knows, 1 to 7;
 *   seccomp        the calls that are listed. One that is not gets ENOSYS, as container
 *                  runtimes answer, so that a newer C library falls back to an older call: a
 *                  bf-kill that its own sandbox ends is worse than what the sandbox is for.
 *                  Starting or tracing programs gets EPERM.
 *
 * The seccomp filter is written here and not by libseccomp: the list has no rule that needs
 * it, it would be one more library in each process, and building a filter with it takes
 * longer than all of a short tool's start. Landlock has no library to use.
 *
 * pledge-like classes a tool were weighed too: the tools need the same calls, because each
 * has threads, TLS and a resolver. A helper process that holds the key would protect more; it
 * would add a process whose death must be told from the exchange's, in the path of each order.
 */
#ifndef BF_IO_SANDBOX_H
#define BF_IO_SANDBOX_H

#include <stdbool.h>

#include "core/fault.h"
#include "io/conf.h"

#define SANDBOX_FILES	4

struct sandbox {
	/* Its state, the counters beside it and its cache may be written, its addresses' ports
	 * and its proxy's connected to. NULL: no folder and no connection. */
	const struct profile *prof;
	const char *write[SANDBOX_FILES];	/* files that will be made or written: their folders may
						 * be changed. NULL ones are passed over. */
	bool reads;	/* any file may be read: --from, --replay */
	bool runs;	/* a program will be run (gnuplot): only no_new_privs and capabilities */
	bool serves;	/* it listens, bf-sim: everything but Landlock */
};

/*
 * To be called once, after key, profile and output are open and before a thread is started;
 * threads there are get seccomp alone. Further calls do nothing. A feature that this kernel
 * has not is passed over; FAULT_LOCAL if it has one and refuses it to us.
 */
int sandbox_enter(const struct sandbox *want, struct fault *f);

/* What this kernel has of it, and sandbox_enter uses. landlock: the version of its interface; 0: none. */
struct sandbox_means { bool no_new_privs, seccomp; int landlock; };
struct sandbox_means sandbox_means(void);

#endif
