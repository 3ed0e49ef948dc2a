/*
 * The keeper of limits on one machine: mapped pages of atomics, for all processes
 * of this user. A page an address of an exchange and one an API key there are in
 * `.limits` beside the profiles' state directories (no profile can be called so),
 * for profiles to share:
 *
 *	.limits/HOST:PORT.ip
 *	.limits/HOST:PORT.account-HASH		HASH: 16 hex digits, SHA-256 of the key
 *	PROFILE/limits				orders of a profile with a cap of its own
 *
 * HOST:PORT is the profile's `rest`, whichever market is asked; names that the
 * exchange itself has for one place are one. Files are made whole under a lock and
 * put in place by rename. One that is damaged, of another version, no regular file,
 * or that others may write, is made anew; whoever still maps the old one goes on
 * with that. They must not be cut short while in use, nor lie on a network.
 */
#ifndef BF_IO_LIMIT_FILE_H
#define BF_IO_LIMIT_FILE_H

#include "io/limit_keeper.h"

extern const struct limits_keeper limit_file;

/* The shared pages of p's venue and of api_key (NULL: orders are counted for this
 * process alone). FAULT_LOCAL: they cannot be used. Close with limit_file.close. */
int limit_file_open(void **out, const struct profile *p, const char *api_key, struct fault *f);
/* Pages of this process alone, which no other sees. */
int limit_file_alone(void **out, struct fault *f);

#endif
