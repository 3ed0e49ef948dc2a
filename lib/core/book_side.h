/* One side of a book: levels in the order of price, the best at the end. Of book.c only. */
#ifndef BF_CORE_BOOK_SIDE_H
#define BF_CORE_BOOK_SIDE_H

#include <stdbool.h>
#include <stdint.h>

/* A price of p / 10^ps, a quantity of q / 10^qs. The prices of asks are kept negated:
 * then a better price is a greater one on both sides. */
struct level { int64_t p, q; uint8_t ps, qs; };

/* Levels lie in blocks, so that an update moves a part of one block at most, wherever it
 * falls: the exchange's diffs touch far levels too, and a hostile one only those. */
#define SIDE_BLOCK	64

struct side_block { int n; struct level l[SIDE_BLOCK]; };

/* Zero it at first; side_clear at the end. last: the block found last. */
struct side { struct side_block **b; int n, cap, last; int levels; };

/* Put a level in, or in the place of one of the same value of price; quantity 0: take it
 * out. Beyond BOOK_LEVELS_MAX the worst goes. false: out of memory, and unchanged. */
bool side_set(struct side *s, const struct level *l);
void side_clear(struct side *s);

/* To walk from the best: zero the position, and call until NULL. */
struct side_pos { int block, i; };
const struct level *side_next(const struct side *s, struct side_pos *at);
/* The n-th best, from 0, or NULL. */
const struct level *side_nth(const struct side *s, int n);
/* -1, 0, 1 by value of price. */
int level_cmp(const struct level *a, const struct level *b);

#endif
