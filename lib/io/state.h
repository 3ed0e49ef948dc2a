/* State shared by the processes of a profile: directories, and small files written whole. */
#ifndef BF_IO_STATE_H
#define BF_IO_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/fault.h"
#include "io/conf.h"

/* Make dir (and parents) 0700. Refuses one that others may write. */
int state_dir(const char *dir, struct fault *f);
/* The same of dir and of the directory name in it, which is made in the very dir
 * that was judged, whatever stands at dir's path by then. */
int state_subdir(const char *dir, const char *name, struct fault *f);
/* Write a whole file, 0600, so that others see the old one or the new one
 * (temporary name, rename). Not forced to the disk: what is kept so (a cache, a
 * clock offset) is read with care and can be made anew. */
int state_write(const char *dir, const char *name, const void *p, size_t n, struct fault *f);
/* Read a whole file of at most max bytes into out, emptied first. 1: read, 0: not
 * there (nor perhaps dir), -1: fault. */
int state_read(const char *dir, const char *name, struct buf *out, size_t max, struct fault *f);

#endif
