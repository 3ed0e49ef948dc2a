/*
 * The account's user stream as evidence: opened when wanted, kept alive, and each
 * record handed over. Small on purpose: it repairs no gap (who needs that runs bf-stream user).
 */
#ifndef BF_IO_USTREAM_H
#define BF_IO_USTREAM_H

#include "io/calls.h"
#include "io/ws.h"

struct ustream;

/* A record of the stream, tokens t, value v. */
typedef void ustream_record(void *arg, const struct tok *t, const struct tok *v);

/* Asks for a listenKey through c, connects in l, keeps the key alive, and asks for a
 * new one when it expires or is refused; never deletes it (it may be a sibling's). */
int  ustream_open(struct ustream **out, struct ws_loop *l, struct calls *c, struct session *s,
    ustream_record *record, void *arg, struct fault *f);
/* Before ws_close; before or after calls_close. Not from within record. NULL is fine. */
void ustream_close(struct ustream *u);
bool ustream_up(const struct ustream *u);
/* Once a turn: what is due. */
void ustream_step(struct ustream *u, int64_t mono_ms);

#endif
