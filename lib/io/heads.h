/* The numbers in the head of an answer that say how much may still be asked. */
#ifndef BF_IO_HEADS_H
#define BF_IO_HEADS_H

#include <stddef.h>
#include <stdint.h>

enum head { HEAD_RETRY_AFTER, HEAD_WEIGHT_1M, HEAD_ORDERS_10S, HEAD_ORDERS_1M, HEADS };

struct heads { int64_t n[HEADS]; };	/* -1: not said, or no plain number */

void heads_forget(struct heads *h);
/* Take a line of the head, its end included. Of a number that comes more than once the greatest
 * counts; a status line begins a new head, and what an interim answer said is forgotten. */
void heads_line(struct heads *h, const char *p, size_t n);
/* As an int; INT_MAX if it is greater. */
int  heads_count(const struct heads *h, enum head i);

#endif
