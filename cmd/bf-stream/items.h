/* Symbols, pairs, assets and contracts as they were given: by the command line, and by
 * the file of --symbols-from. */
#ifndef BF_STREAM_ITEMS_H
#define BF_STREAM_ITEMS_H

#include "found.h"

struct item {
	struct subject	 s;
	char		*own;		/* text of it, from the file; NULL: a word's */
	unsigned long long line;	/* of the file; 0: none */
};

/* Zero it at first. */
struct items { struct item *v; int n, cap; };

/* A word of the command line: text is kept, not copied. FAULT_LOCAL: out of memory. */
int items_add(struct items *l, const char *text, struct fault *f);
/* All of a file ("-": standard input): one or more a line, # begins a comment. FAULT_USAGE,
 * with the line, if it cannot be read, is no text, or has none. */
int items_read(struct items *l, const char *path, struct fault *f);
void items_free(struct items *l);

#endif
