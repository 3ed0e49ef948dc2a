/*
 * The inside of the synthetic market (gen.c, genbook.c, genpast.c). All numbers
 * are integers, so that every machine makes the same bytes.
 */
#ifndef BF_SIM_GENINT_H
#define BF_SIM_GENINT_H

#include "gen.h"

#define LEVELS_MAX	40	/* told each side */
#define BASIS_SAMPLES	30	/* of 5 s each: the mean basis of the mark (section 9.2) */
#define DAY_MINUTES	1440

/* xoshiro256** of Blackman and Vigna. */
struct gen_random { uint64_t s[4]; };

void gen_random_init(struct gen_random *r, uint64_t seed, const char *name);
/* 0..n-1, n < 2^32 */
int64_t gen_below(struct gen_random *r, int64_t n);
/* Roughly normal, in 1/1000 of the deviation, within 3.5 of them. */
int64_t gen_normal(struct gen_random *r);
/* v x num / den without running out of room. */
int64_t gen_part(int64_t v, int64_t num, int64_t den);

/* What a regime is like. ppb: 1e-9; one step is 100 ms, one minute 600 of them. */
struct regime_law {
	const char *name;
	int	sigma, drift;		/* of a step, ppb; drift along the way it goes */
	int	least_s, most_s;	/* how long it lasts */
	int	next[REGIMES];		/* odds of what follows, of 1000 */
	int	busy;			/* steps of a symbol at which something happens, of 1000 */
	int	trades;			/* of those, with a trade, of 1000; above: more trades */
	int	size;			/* of a trade: of the best level, of 1000 */
	int	spread, gap;		/* half spread and distance of levels, ppm */
	int	depth;			/* quantities, of 1000 of the usual */
	int	levels;			/* each side */
	int	basis;			/* of a perpetual: what it is drawn to, ppm along the way */
};
extern const struct regime_law gen_laws[REGIMES];

/* One side of a book as it was told: prices in ticks, quantities in steps. */
struct gen_side {
	int64_t	price[LEVELS_MAX], qty[LEVELS_MAX];
	int	n;
	bool	hit;	/* the best one was traded at since: to be told again */
};

/* What stands on one base coin. price: at the scale where it has 13 digits. */
struct gen_group {
	char	base[24];
	int	scale;
	int64_t	price, anchor;		/* anchor: where it is drawn back to */
	int64_t	low, high;		/* never beyond */
	enum regime regime;
	bool	held;
	int	way;			/* 1 up, -1 down */
	int64_t	until_ms;		/* of the regime */
	struct gen_random random;
};

struct gen_symbol {
	const struct contract *c;
	int	sym, group;
	bool	live;			/* has a price to start from */
	bool	lost;			/* the engine's book is not what was told last */
	int64_t	ratio;			/* its index / the group's price, 1e-12 */
	int64_t	basis;			/* (contract - index) / index, ppb */
	int64_t	tick;			/* at the group's scale */
	int64_t	unit;			/* usual quantity of a level, steps */
	int64_t	most;			/* greatest quantity, steps */
	int64_t	seen;			/* mid of the last told book, group's scale */
	struct gen_side side[2];	/* bids, asks */
	int64_t	sample[BASIS_SAMPLES];	/* mid - index, 8 decimals */
	int	nsamples, at;
	struct gen_random random;
};

struct gen {
	struct engine	*e;
	int64_t		 next_ms;	/* of the next step */
	struct gen_group *group;
	struct gen_symbol *s;
	int		 ngroups, n;
	struct gen_random random;	/* what all have in common */
};

/* Contract price at the group's scale. */
int64_t gen_mid(const struct gen *g, const struct gen_symbol *s);

/* genbook.c: what a step does to the book of a symbol. -1: the engine's fault. */
int gen_book(struct gen *g, struct gen_symbol *s, int64_t now_ms, struct fault *f);
/* genpast.c: a day of minutes before now_ms. */
void gen_past(const struct gen *g, struct hist *h, int64_t now_ms);

#endif
