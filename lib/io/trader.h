/*
 * What every program that sends orders needs around it: it must not die in the
 * middle of one, nor write its records into a file that happens to be fd 1.
 */
#ifndef BF_IO_TRADER_H
#define BF_IO_TRADER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/fault.h"
#include "core/intent.h"

/* Counts SIGINT, SIGTERM and SIGHUP: not 0 means finish, do not begin. */
extern volatile int trader_stop;

/*
 * SIGPIPE is ignored; the signals above (unless they were ignored) only count.
 * A second one while an order is in flight calls leave, which must only do
 * what is safe in a handler and end the program; else it kills. A
 * closed standard descriptor becomes /dev/null; if it was the output, that is
 * FAULT_LOCAL, with all else done.
 */
int  trader_begin(void (*leave)(void), struct fault *f);
/* Refuses (FAULT_USAGE) an input that others could write orders into: a file that they may
 * write or that is theirs, a FIFO that everybody may. A FIFO of a group is how a strategy that
 * has no key, and runs as another user, hands its intents over. */
int  trader_input(int fd, struct fault *f);
/* Readable once a signal has come: for poll. */
int  trader_wake_fd(void);
/* An order is on its way, or its outcome is being looked up. */
void trader_in_flight(bool yes);

/* A new client id from the system's generator; FAULT_LOCAL if it gives none. */
int  trader_client_id(char out[static CLIENT_ID_MAX], const char *prefix, int64_t now_ms,
    struct fault *f);

/* A number for a modifyId, from 1 to 2^53 - 1: a double holds it too. */
int  trader_number(int64_t *out, struct fault *f);

#endif
