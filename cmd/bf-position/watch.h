/* bf-position --watch: its state, and the screen. */
#ifndef BF_POSITION_WATCH_H
#define BF_POSITION_WATCH_H

#include "app.h"
#include "core/scan.h"
#include "io/lines.h"
#include "io/term.h"

#define DRAW_MS	100	/* between two pictures */

/* A position that was told of, or is to be. */
struct seen {
	char	symbol[SYMBOL_MAX];
	enum pos_side side;
	enum market market;
	bool	dirty, held;
	int64_t	told_ms;	/* monotonic; 0 never */
};

struct watch {
	struct app *a;
	char *const *words;
	int	n;
	struct lines in;
	struct scan doc;
	int64_t	mono_ms;		/* now */
	struct seen *seen; int nseen;
	bool	wallets[MARKETS];	/* are to be told of */
	bool	down[MARKETS];		/* the account's stream is */
	int64_t	read_ms[MARKETS];	/* exchange time when the last read began */
	int64_t	again_ms[MARKETS];	/* monotonic: when to read again; 0: not */
	bool	draw;			/* there is something to draw */
	struct term screen;		/* on: it is ours */
	int64_t	drawn_ms;
	bool	ended, said_bad;
};

/* watch_take.c */
/* The positions of a symbol (NULL: all of a market) are to be told of; a flat one only if it was told of before. */
void watch_changed(struct watch *w, enum market m, const char *symbol);
/* Whether what is known of a market may be out of date. */
void watch_stale(struct watch *w, enum market m, bool is);
/* A line of the pipe. */
void watch_take(struct watch *w, const char *p, size_t n);

/* The terminal is ours until screen_end, which may be called at any time. */
int  screen_begin(struct watch *w, struct fault *f);
void screen_end(struct watch *w);
/* Draw, if there is something new and the last picture is old enough. */
int  screen_draw(struct watch *w, struct fault *f);

#endif
