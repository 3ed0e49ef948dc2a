/*
 * The inside of the market streams: pushes.c (when something is told), and what
 * is told, by family: push_mark.c, push_trade.c, push_candle.c, push_ticker.c,
 * push_book.c, push_info.c.
 */
#ifndef BF_SIM_PUSHES_H
#define BF_SIM_PUSHES_H

#include "number.h"
#include "streams.h"

enum ticker { TICKER_MINI, TICKER_FULL, TICKERS };

/* Who has come to a stream that others hear already. */
struct newcomer { struct stream *st; struct client *c; };

/* What is kept of each symbol. */
struct push_sym {
	int	pair;			/* the first symbol of its pair and market */
	bool	dirty;			/* in pushes.dirty */
	bool	marked;			/* in pushes.marked */
	int64_t	book_ms;		/* of the last change of the book */
	struct engine_level bid, ask;	/* told last */
	bool	top;			/* new since the last round of !bookTicker */
	bool	traded[TICKERS];	/* since the last round of !ticker@arr and its like */
	bool	forced;			/* in pushes.forced; the largest liquidation: */
	struct engine_order force;
};

struct pushes {
	struct sim *s;
	int	nsym;
	struct push_sym *sym;
	int	*dirty, ndirty;		/* books changed since the last settling */
	int	*marked, nmarked;	/* marks likewise */
	int	*forced, nforced;	/* liquidations of the second that runs */
	int64_t	force_due;		/* its end; INT64_MAX */
	struct stream **queue;		/* a heap of what waits, by time and serial */
	int	nqueue, cqueue;
	struct newcomer *newcomer;	/* to be told how things stand */
	int	nnew, cnew;
	bool	alone;			/* one is being told: all of it, and it is no round of the others */
	int64_t	now;			/* of the last look: the clock may be set back */
	struct buf b;			/* room for a message */
};

/* --- pushes.c --- */
/* Tell of it at this time, or earlier if that is known already. */
void push_later(struct pushes *p, struct stream *st, int64_t at);
/* Tell of it as soon as its period allows. */
void push_wake(struct pushes *p, struct stream *st, int64_t now);
/* The same for all streams of a kind and symbol that have a subscriber. */
void push_wake_all(struct pushes *p, enum stream_kind kind, int sym, int64_t now);
/* An empty message. */
struct buf *push_begin(struct pushes *p);
/* '{' with "e", "E" and "s". */
void push_head(struct pushes *p, const char *e, int sym, int64_t now);
/* "ps" and "st"; "st" alone. */
void push_pair(struct pushes *p, int sym);
void push_market(struct pushes *p, int sym);

/*
 * Families. on_: an event of the engine; show_: the stream's time has come;
 * others as said.
 */
void on_mark(struct pushes *p, const struct engine_event *ev);
void settle_marks(struct pushes *p, int64_t now);	/* those that changed, as one array */
void show_mark(struct pushes *p, struct stream *st, int64_t now);
void show_marks(struct pushes *p, struct stream *st, int64_t now);
void show_pair(struct pushes *p, struct stream *st, int64_t now);
void show_index(struct pushes *p, struct stream *st, int64_t now);

void on_trade(struct pushes *p, const struct engine_event *ev);
void show_aggs(struct pushes *p, struct stream *st, int64_t now);

void show_candle(struct pushes *p, struct stream *st, int64_t now);

void show_ticker(struct pushes *p, struct stream *st, int64_t now);
void show_tickers(struct pushes *p, struct stream *st, int64_t now);

void on_book(struct pushes *p, const struct engine_event *ev);
void settle_top(struct pushes *p, int sym, int64_t now);	/* the best quotes, if new */
void show_top(struct pushes *p, struct stream *st, int64_t now);
void show_tops(struct pushes *p, struct stream *st, int64_t now);
void show_depth(struct pushes *p, struct stream *st, int64_t now);

void on_force(struct pushes *p, const struct engine_event *ev);
void tell_forces(struct pushes *p, int64_t now);	/* the second is over */
void on_contract(struct pushes *p, const struct engine_event *ev);
void show_asset(struct pushes *p, struct stream *st, int64_t now);
void show_assets(struct pushes *p, struct stream *st, int64_t now);

#endif
