/* The profile that makes the other tools find this exchange. */
#ifndef BF_SIM_PROFILE_H
#define BF_SIM_PROFILE_H

#include "auth.h"
#include "core/fault.h"

struct profile_file { char dir[512], name[256]; };

/* A name: under the configuration's profiles; with a '/': a path. FAULT_USAGE. */
int profile_locate(struct profile_file *p, const char *arg, struct fault *f);
/* Write it, 0600, whole or not at all. */
int profile_write(const struct profile_file *p, const struct auth *a, int port, struct fault *f);
/* Remove it, if it still holds this key. */
void profile_remove(const struct profile_file *p, const struct auth *a);

#endif
