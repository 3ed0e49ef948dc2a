/* An intent that leaves changed. */
#ifndef BF_RISK_REWRITE_H
#define BF_RISK_REWRITE_H

#include "core/buf.h"
#include "core/dec.h"
#include "core/scan.h"

struct new_member { const char *name; char value[DEC_STR]; bool done; };	/* done: private */
/* The object t with these members replaced or added, as strings, and all else as it came; one line. */
void rewrite(struct buf *out, const struct tok *t, struct new_member *m, int n);

#endif
