/* exchangeInfo of either market, cached in the profile's cache directory for an hour. */
#ifndef BF_IO_XINFO_H
#define BF_IO_XINFO_H

#include <stdbool.h>

#include "core/buf.h"
#include "core/fault.h"
#include "core/listed.h"
#include "core/rules.h"
#include "core/scan.h"
#include "io/rest.h"

/* One market's: always used with a session of that market. */
struct xinfo { struct buf text; struct scan doc; bool from_cache; };	/* zero it at first */

/* Of s->market. From the cache when fresh (and refresh is false), else from the exchange,
 * and then stored; also tells the limits in it to s->lim. A damaged cache file
 * is fetched anew. */
int xinfo_get(struct xinfo *x, struct session *s, bool refresh, struct fault *f);
/* The two halves of it, for who asks beside other work: from a fresh cache; and from an answer (of n bytes), which
 * is then stored as well. -1: x is as before. */
bool xinfo_cached(struct xinfo *x, struct session *s);
int  xinfo_set(struct xinfo *x, struct session *s, const char *text, size_t n, struct fault *f);
/* What the cache has, however old: for who has no session and asks nobody (completions). */
bool xinfo_kept(struct xinfo *x, const struct profile *p, enum market m);
void xinfo_free(struct xinfo *x);
/* Whether it has been got. */
bool xinfo_there(const struct xinfo *x);
/* What a name is: symbol, pair, contract or asset. Needs one that is there. */
void xinfo_listed(const struct xinfo *x, const char *name, struct listed *out);
/* The rules of a symbol; when the cache does not know it, one refresh is tried. */
int xinfo_rules(struct xinfo *x, struct session *s, const char *symbol, struct rules *out, struct fault *f);

#endif
