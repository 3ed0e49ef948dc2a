/* What the parts of recorded.h share. Nobody else includes this. */
#ifndef BF_IO_RECORDED_IN_H
#define BF_IO_RECORDED_IN_H

#include "core/buf.h"
#include "core/scan.h"
#include "io/recorded.h"

/* An answer that was kept; v: where it is in doc, of text. part: it is of single symbols, others are not told of. */
struct told { enum answer what; enum market m; bool part; struct buf text; struct scan doc; const struct tok *v; };
struct kept { struct told *a; int n, cap; };

/* What the document at t is: sets what, m, part and v. 1: known, 0: nothing about an account, -1: not known. */
int recorded_know(struct told *a, const struct tok *t);

#endif
