/* First mark prices. */
#ifndef BF_SIM_MARKS_H
#define BF_SIM_MARKS_H

#include "options.h"
#include "sim.h"

/* Of what is built in, restored, told by --mark and by the feed the last counts.
 * A feed starts: a file's first record is applied by the feed itself. */
int marks_set(struct sim *s, const struct options *o, struct fault *f);
/* "there is no XYZ here; BTCUSDT, ... are" */
void marks_unknown(const struct sim *s, const char *symbol, char why[static 160]);

#endif
