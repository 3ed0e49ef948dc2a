/* The profile that makes the other tools find this exchange. */
#ifndef BF_SIM_PROFILE_H
#define BF_SIM_PROFILE_H

#include "accounts.h"
#include "core/fault.h"

struct profile_file { char dir[512], name[256]; };

/* A name: under the configuration's profiles; with a '/': a path. FAULT_USAGE. */
int profile_locate(struct profile_file *p, const char *arg, struct fault *f);
/* Whose key goes into it: the first HMAC account's; NULL: there is none. */
const struct account *profile_account(const struct accounts *as);
/* Write it, 0600, whole or not at all. */
int profile_write(const struct profile_file *p, const struct account *a, const char *host, int port,
    struct fault *f);
/* Remove it, if it still holds this key. */
void profile_remove(const struct profile_file *p, const struct account *a);

#endif
