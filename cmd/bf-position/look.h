/* bf-position: what the commands that look share among themselves: show, watch, what-if, calc. */
#ifndef BF_POSITION_LOOK_H
#define BF_POSITION_LOOK_H

#include "app.h"

/* app.c: whether a market is looked at; and read it once more, with its orders. */
bool app_looks_at(struct app *a, enum market m);
int  app_reload(struct app *a, enum market m, struct fault *f);

/* show.c */
/* Contracts of the words (each must be listed), accounts with orders, and what else the records tell of:
 * funding, and the ADL rank of COIN-M. */
int  look_begin(struct app *a, char *const words[], int n, struct fault *f);
/* The figures of all accounts; the records of all that is held; both. */
int  look_figures(struct app *a, struct figures fg[static MARKETS], struct fault *f);
void look_figures_free(struct figures fg[static MARKETS]);
int  look_put_all(struct app *a, const struct figures fg[static MARKETS], char *const words[], int n, bool positions,
    struct fault *f);
int  look_put_wallets(struct app *a, const struct figures *fg, enum market m, struct fault *f);
int  look_put(struct app *a, char *const words[], int n, bool positions, struct fault *f);
/* Whether a symbol is among the words, or there are none. */
bool look_wanted(const char *symbol, char *const words[], int n);
/* An asset with a balance or a position. */
bool look_in_use(const struct account *a, const struct wallet *w);
/* The cells for a person's eye, beside the record: prices on the tick, few decimals. */
void put_cells(struct buf *b, const struct position_figures *pf, bool watch, bool whole);
/* Such a cell: a price on the contract's tick (c NULL: 8 decimals), "none" if it is known to be none; an amount. */
void put_cell_price(struct buf *b, const char *key, const struct contract *c, bool known, dec price);
void put_cell_amount(struct buf *b, const char *key, bool known, dec d, int decimals);
/* Decimals that a person cares for in amounts of an asset. */
int  cell_decimals(const char *asset);

/* Orders that protect a position: what reduces it when its price comes to hurt or to please. */
struct protection { int open, guards; dec covered; bool whole; };
/* open: orders of its symbol and leg; guards: stops and take profits among them; covered: what the stops
 * (no take profit stops a loss) take of it, its size at most; whole: all of it. */
void protection_of(struct protection *out, const struct account *a, const struct position *p);
/* The guards as an array. */
void put_protection(struct buf *b, const char *key, const struct account *a, const struct position *p);

/* compare.c: a bf.compare record for each position (of the words) and wallet. */
int  compare_all(struct app *a, char *const words[], int n, bool positions, struct fault *f);

/* price.c */
/* The mark price of a symbol: given, of its position, recorded, or asked for. */
int  price_mark(struct app *a, const struct contract *c, dec *out, struct fault *f);
/* Best bid and ask; 0 where nobody tells. */
void price_book(struct app *a, const struct contract *c, dec *bid, dec *ask);
/* Commission rates, fractions. false: nobody tells. */
bool price_fees(struct app *a, const struct contract *c, dec *maker, dec *taker);
/* An option that is a decimal of at least lo. -1: it is not; 0: not given; 1: *out. */
int  price_option(dec *out, const char *name, const char *s, int lo, struct fault *f);

/* funding.c: the rates of the last settlements of a symbol, 30 at most. */
struct carry_rates;
int  funding_past(struct carry_rates *out, struct session *s, const char *symbol, struct fault *f);

/* A figure that may not be known, or (none) is known not to be, as a liquidation price. */
struct cell { bool known, none; dec d; };

#endif
