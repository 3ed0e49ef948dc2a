/* Stream names: what each means, and on which route it is served. */
#ifndef BF_SIM_NAMES_H
#define BF_SIM_NAMES_H

#include "streams.h"

/* Fill in kind, routes, symbol and so on. false: not a name known here. */
bool names_read(struct stream *st, const char *name, const struct engine *e);

#endif
