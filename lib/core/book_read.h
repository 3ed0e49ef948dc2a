/* Depth messages, read into a compact form and checked whole. Of book.c only. */
#ifndef BF_CORE_BOOK_READ_H
#define BF_CORE_BOOK_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/book_side.h"
#include "core/scan.h"

/* A depthUpdate, or a snapshot (U, u: its lastUpdateId; without pu). */
struct depth {
	uint64_t	U, u, pu;
	int64_t		E, T;		/* 0: it had none */
	uint32_t	bids, asks;	/* levels, in the order of the message; quantity 0: a deletion */
	bool		has_pu;		/* false: pu was negative, and follows nothing */
	struct level	l[];		/* the bids, then the asks */
};

/* Where messages are read to, one after the other. Zero it at first. */
struct depth_room { struct depth *d; size_t cap; };

enum depth_result { DEPTH_OK, DEPTH_BAD, DEPTH_MEMORY };

/*
 * The object at v of t, into r->d. BAD: U, u, pu, b or a (lastUpdateId, bids or asks) is
 * missing or of the wrong kind, U is above u, an id is no integer of 64 bits; a price or
 * quantity is negative, no decimal that scan_dec takes, or of digits above 9.2e18 without
 * the zeros at its end. One with an exponent is kept as plain digits. Prices and quantities may be strings or numbers, and so may ids.
 */
enum depth_result depth_read_diff(struct depth_room *r, const struct tok *t, const struct tok *v);
enum depth_result depth_read_snapshot(struct depth_room *r, const struct tok *t, const struct tok *v);
/* Give up the room of a message far longer than usual. */
void depth_room_trim(struct depth_room *r);

/* Bytes of d with its levels. */
size_t depth_size(const struct depth *d);

#endif
