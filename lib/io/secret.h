/* Bytes that nobody else is to see: in locked memory, and wiped when given up. */
#ifndef BF_IO_SECRET_H
#define BF_IO_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "core/fault.h"

#define KEY_BYTES	((16u << 10) - 1)	/* longest text of a key; a NUL fits behind it */

/* Zero it at first. p has a NUL after n, and room for size bytes with that. */
struct secret { char *p; size_t size, n; };

/* Locked memory, once in a process; where the system gives none: the plain heap, wiped. */
void secret_arena(void);
/* Room for n bytes, none in it. FAULT_LOCAL. */
int  secret_alloc(struct secret *s, size_t n, struct fault *f);
void secret_free(struct secret *s);
/* A new one of its size and content. */
int  secret_copy(struct secret *to, const struct secret *s, struct fault *f);
/* Append; false: no room, and s is as before. */
bool secret_put(struct secret *s, const void *p, size_t n);
bool secret_str(struct secret *s, const char *text);
/* Read until the end or until it is full; -1 and errno. */
int  secret_read(struct secret *s, int fd);

#endif
