/*
 * What a service manager is told (sd_notify(3)): that the program is ready, that it is alive, how it
 * is, that it ends. A datagram to the socket that NOTIFY_SOCKET names, a path or, with an @ in front, a
 * name of Linux's abstract space. Nobody need listen: without the variable, and when the socket takes
 * nothing, each call does nothing, and that is no failure. Nothing here waits.
 */
#ifndef BF_IO_NOTIFY_H
#define BF_IO_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "core/fault.h"

/*
 * NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID are taken out of the environment, so that nothing this
 * process starts can speak for it. Called by cred_prepare, before anything else is done; again does
 * nothing. The watchdog counts only if WATCHDOG_PID is this process or not set.
 */
void notify_take(void);

/* Whether there is a watchdog that waits for signs of life. */
bool notify_watched(void);
/*
 * Whether its time is longer than every_ms, from one sign of life to the next; what says of what, such
 * as "--deadman 30". FAULT_USAGE, with both times and the mend, if it is not.
 */
int notify_check(const char *what, int64_t every_ms, struct fault *f);

/* READY=1, the first time. */
void notify_ready(void);
/* WATCHDOG=1, if there is a watchdog. */
void notify_alive(void);
/* The same for loops that turn often: a quarter of the watchdog's time after the last one, or later. */
void notify_turn(int64_t mono_ms);
/* STATUS=, one line: control characters become blanks, and it is cut at some 200 bytes. */
void notify_status(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* WATCHDOG_USEC=0: what follows has a time limit of its own, and must not be ended in the middle. */
void notify_unwatch(void);
/* STOPPING=1. */
void notify_stopping(void);

#endif
