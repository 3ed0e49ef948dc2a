/* Finished parts of a recording are compressed by a thread. */
#ifndef BF_STREAM_REC_PACK_H
#define BF_STREAM_REC_PACK_H

#include <stdbool.h>

#include "core/fault.h"

struct packer;

/* dir: descriptor of the directory of the parts; the packer has a copy of it. */
int packer_open(struct packer **out, int dir, struct fault *f);
/*
 * Make name of that directory into name and ".gz": written under ".gz.part", forced to
 * the disk, renamed, and only then name is removed; so at every moment one of the two is
 * whole. old: one of another run, which packer_close need not wait for.
 */
int packer_add(struct packer *p, const char *name, bool old, struct fault *f);
/* Waits for the one under way, and for all that are not old. -1: one could not be packed
 * (it stays as it was), f says why. NULL is fine. */
int packer_close(struct packer *p, struct fault *f);

#endif
