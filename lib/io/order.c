#include <string.h>

#include "io/desk.h"
#include "io/order.h"

#define RESOLVE_MS	30000

/* The one that is waited for. */
struct one { bool over; enum outcome out; struct buf *result; struct fault f; };

static struct session *
the_session(void *arg, enum market m, struct fault *f)
{
	struct order_ctx *c = arg;

	if (c->s->market == m)
		return c->s;
	fault_set(f, FAULT_USAGE, "the journal has an order of %s, which is not served here", market_title(m));
	return NULL;
}

static void
on_done(void *arg, void *tag, enum outcome out, const char *result, size_t n, const struct fault *f)
{
	struct one *o = tag;

	(void)arg;
	o->over = true;
	o->out = out;
	if (out == OUT_RESULT)
		buf_put(o->result, result, n);
	else if (f != NULL)
		o->f = *f;
}

static void
on_notice(void *arg, const char *sentence)
{
	struct order_ctx *c = arg;

	if (c->notice != NULL)
		c->notice(c->arg, sentence);
}

static int
begin(struct order_ctx *c, struct fault *f)
{
	const struct desk_conf conf = {
		.session = the_session, .j = c->j, .via = VIA_REST, .in_flight = 1, .batch = 1,
		.resolve_ms = c->resolve_ms, .lag_ms = c->lag_ms, .stop = c->stop,
		.done = on_done, .notice = on_notice, .arg = c
	};

	return c->desk != NULL ? 0 : desk_open(&c->desk, &conf, f);
}

void
order_end(struct order_ctx *c)
{
	desk_close(c->desk);
	c->desk = NULL;
}

enum outcome
order_send(struct order_ctx *c, const struct intent *in, const char *intent, size_t n,
    struct buf *result, struct fault *f)
{
	struct one o = { .result = result, .out = OUT_REFUSED };

	buf_reset(result);
	if (begin(c, &o.f) == -1 || desk_add(c->desk, c->s->market, in, intent, n, &o, &o.f) == -1)
		o.over = true;
	while (!o.over)
		desk_turn(c->desk, NULL, 0, -1);
	if (o.out == OUT_RESULT && result->bad) {
		o.out = OUT_UNKNOWN;
		fault_set(&o.f, FAULT_UNKNOWN, "%s: accepted, but out of memory to say more", in->client_id);
	}
	if (o.out != OUT_RESULT && f != NULL)
		*f = o.f;
	return o.out;
}

int
order_recover(struct order_ctx *c, struct buf *out, struct fault *f)
{
	struct fault tf;

	if (begin(c, f != NULL ? f : &tf) == -1)
		return -1;
	return desk_recover(c->desk, c->resolve_ms > 0 ? c->resolve_ms : RESOLVE_MS, out, f != NULL ? f : &tf);
}
