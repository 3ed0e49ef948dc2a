/* The terminal: whether it takes colour, how large it is, and a picture drawn in its place. */
#ifndef BF_IO_TERM_H
#define BF_IO_TERM_H

#include <stdbool.h>

#include "core/buf.h"
#include "core/fault.h"

/* Whether what goes to fd may be coloured: it is a terminal, TERM is set and not "dumb", and
 * NO_COLOR is not set, or empty (no-color.org). The one place where the house decides this. */
bool term_colour(int fd);
/* Whether the locale's characters are UTF-8. */
bool term_utf8(void);
/* Columns and lines of the terminal at fd; 0: it is none, or does not tell. */
int  term_cols(int fd);
int  term_rows(int fd);
/*
 * Append text broken at its blanks into lines of wide columns: the first goes on at column at, those
 * after it begin with indent blanks. A word longer than a line stays whole. No newline at the end.
 */
void term_words(struct buf *b, const char *text, size_t at, size_t indent, size_t wide);

enum tint { TINT_NONE, TINT_UP, TINT_DOWN, TINT_DIM, TINT_BOLD };
/* The escape that begins a colour; of TINT_NONE the one that ends it. */
const char *term_tint(enum tint tint);

/*
 * A picture on the terminal's other screen: what was there before comes back at
 * term_end, which may be called at any time. No line wraps: the terminal itself cuts at
 * its edge. FAULT_LOCAL: it cannot be written to.
 */
struct term { int fd; bool on; };
int  term_begin(struct term *t, int fd, struct fault *f);
void term_end(struct term *t);
/* As many lines of the text as there is room for, in the place of those before. */
int  term_frame(const struct term *t, const struct buf *text, struct fault *f);

#endif
