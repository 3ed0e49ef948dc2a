#include <stdlib.h>
#include <string.h>

#include "core/book.h"
#include "core/book_side.h"

/* After a deletion a block below LOW takes from its neighbour, or is joined to it if both
 * fit into JOIN; there is room to either bound, so that one level that comes and goes
 * does not split and join blocks each time. */
#define LOW	(SIDE_BLOCK * 3 / 8)
#define JOIN	(SIDE_BLOCK * 3 / 4)
#define SPILL	(SIDE_BLOCK * 7 / 8)	/* a neighbour with fewer takes from a full one */

int
level_cmp(const struct level *a, const struct level *b)
{
	if (a->ps == b->ps)
		return (a->p > b->p) - (a->p < b->p);
	return dec_cmp((dec){ a->p, a->ps }, (dec){ b->p, b->ps });
}

static inline bool
below(const struct level *a, const struct level *b)
{
	return a->ps == b->ps ? a->p < b->p : level_cmp(a, b) < 0;
}

/* Whether the block k ends below l. */
static inline bool
ends_below(const struct side *s, int k, const struct level *l)
{
	const struct side_block *b = s->b[k];

	return below(&b->l[b->n - 1], l);
}

/* The block where l is or belongs: the first, from the worst, that ends at or above it;
 * else the best. Levels of a message are in order: many are where the one before was. */
static int
block_of(const struct side *s, const struct level *l)
{
	int from = 0, n = s->n - 1, half;	/* n blocks from `from` on are to be looked at */

	if (s->last < s->n && (s->last == s->n - 1 || !ends_below(s, s->last, l)) &&
	    (s->last == 0 || ends_below(s, s->last - 1, l)))
		return s->last;
	for (; n > 0; n -= half) {
		half = (n + 1) / 2;
		from += half * ends_below(s, from + half - 1, l);
	}
	return from;
}

/* The first of the block at or above l; n: none. The steps are the same for all: a
 * branch would be guessed wrong every other time. */
static int
place_of(const struct side_block *b, const struct level *l)
{
	int from = 0, n = b->n, half;

	for (; n > 0; n -= half) {
		half = (n + 1) / 2;
		from += half * below(&b->l[from + half - 1], l);
	}
	return from;
}

/* An empty block that becomes the k-th. */
static bool
add_block(struct side *s, int k)
{
	struct side_block *b, **grown;
	int cap;

	if (s->n == s->cap) {
		cap = s->cap == 0 ? 8 : s->cap * 2;
		if ((grown = realloc(s->b, (size_t)cap * sizeof *grown)) == NULL)
			return false;
		s->b = grown;
		s->cap = cap;
	}
	if ((b = malloc(sizeof *b)) == NULL)
		return false;
	b->n = 0;
	memmove(s->b + k + 1, s->b + k, (size_t)(s->n - k) * sizeof *s->b);
	s->b[k] = b;
	s->n++;
	return true;
}

static void
drop_block(struct side *s, int k)
{
	free(s->b[k]);
	s->n--;
	memmove(s->b + k, s->b + k + 1, (size_t)(s->n - k) * sizeof *s->b);
}

/* Move the n levels at the end of a to the front of b, or (n < 0) the other way. */
static void
shift(struct side_block *a, struct side_block *b, int n)
{
	if (n >= 0) {
		memmove(b->l + n, b->l, (size_t)b->n * sizeof *b->l);
		memcpy(b->l, a->l + a->n - n, (size_t)n * sizeof *b->l);
	} else {
		memcpy(a->l + a->n, b->l, (size_t)-n * sizeof *b->l);
		memmove(b->l, b->l - n, (size_t)(b->n + n) * sizeof *b->l);
	}
	a->n -= n;
	b->n += n;
}

/* Even out the blocks k and k + 1, with the place i of the block *at, one of both. */
static void
even(struct side *s, int k, int *at, int *i)
{
	struct side_block *a = s->b[k], *b = s->b[k + 1];
	int place = *at == k ? *i : a->n + *i;

	shift(a, b, a->n - (a->n + b->n) / 2);
	*at = place <= a->n ? k : k + 1;
	*i = place <= a->n ? place : place - a->n;
}

/* Room in the full block *k for a level that goes to *i. At either end of the side a new
 * block begins, so that levels that come in order fill their blocks. Elsewhere a neighbour
 * that has room is used before a new block is: so most blocks stay well filled. */
static bool
split(struct side *s, int *k, int *i)
{
	if (*k == 0 && *i == 0)
		return add_block(s, 0);
	if (*i == SIDE_BLOCK) {		/* past the end: of the best block only */
		*i = 0;
		return add_block(s, ++*k);
	}
	if (*k > 0 && s->b[*k - 1]->n < SPILL)
		even(s, *k - 1, k, i);
	else if (*k < s->n - 1 && s->b[*k + 1]->n < SPILL)
		even(s, *k, k, i);
	else if (add_block(s, *k + 1))
		even(s, *k, k, i);
	else
		return false;
	return true;
}

/* The block k has become small. */
static void
fill(struct side *s, int k)
{
	struct side_block *a, *b;
	int sum;

	if (s->n == 1) {
		if (s->b[0]->n == 0)
			drop_block(s, 0);
		return;
	}
	if (k == s->n - 1)
		k--;
	a = s->b[k];
	b = s->b[k + 1];
	sum = a->n + b->n;
	if (sum > JOIN) {
		shift(a, b, a->n - sum / 2);
		return;
	}
	shift(a, b, -b->n);
	drop_block(s, k + 1);
}

static void
take_out(struct side *s, int k, int i)
{
	struct side_block *b = s->b[k];

	b->n--;
	s->levels--;
	memmove(b->l + i, b->l + i + 1, (size_t)(b->n - i) * sizeof *b->l);
	if (b->n < LOW)
		fill(s, k);
}

static bool
put_in(struct side *s, int k, int i, const struct level *l)
{
	struct side_block *b;

	if (s->b[k]->n == SIDE_BLOCK && !split(s, &k, &i))
		return false;
	b = s->b[k];
	memmove(b->l + i + 1, b->l + i, (size_t)(b->n - i) * sizeof *b->l);
	b->l[i] = *l;
	b->n++;
	if (++s->levels > BOOK_LEVELS_MAX)
		take_out(s, 0, 0);
	return true;
}

bool
side_set(struct side *s, const struct level *l)
{
	struct side_block *b;
	int k, i;

	if (s->n == 0) {
		if (l->q == 0)
			return true;
		return add_block(s, 0) && put_in(s, 0, 0, l);
	}
	s->last = k = block_of(s, l);
	b = s->b[k];
	i = place_of(b, l);
	if (i == b->n || level_cmp(&b->l[i], l) != 0)
		return l->q == 0 || put_in(s, k, i, l);
	if (l->q == 0)
		take_out(s, k, i);
	else
		b->l[i] = *l;
	return true;
}

void
side_clear(struct side *s)
{
	while (s->n > 0)
		free(s->b[--s->n]);
	free(s->b);
	memset(s, 0, sizeof *s);
}

const struct level *
side_next(const struct side *s, struct side_pos *at)
{
	const struct side_block *b;

	if (at->block == s->n)
		return NULL;
	b = s->b[s->n - 1 - at->block];
	if (at->i + 1 < b->n)
		return &b->l[b->n - 1 - at->i++];
	at->block++;
	at->i = 0;
	return &b->l[0];
}

const struct level *
side_nth(const struct side *s, int n)
{
	const struct side_block *b;

	if (n < 0)
		return NULL;
	for (int k = s->n - 1; k >= 0; k--) {
		b = s->b[k];
		if (n < b->n)
			return &b->l[b->n - 1 - n];
		n -= b->n;
	}
	return NULL;
}
