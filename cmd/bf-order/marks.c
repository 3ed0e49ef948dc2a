#include <stdio.h>
#include <string.h>

#include "core/intent.h"
#include "marks.h"

#define FRESH_MS	1000

static int
ask(struct session *s, const char *symbol, dec *out, struct fault *f)
{
	struct buf q = { 0 };
	int r;

	buf_str(&q, "symbol=");
	query_escape(&q, symbol);
	r = q.bad ? fault_set(f, FAULT_LOCAL, "out of memory") :
	    session_call(s, EP_PREMIUM_INDEX, q.p, false, f);
	buf_free(&q);
	if (r == -1)
		return -1;
	if (!scan_get_is(s->doc.t, s->doc.t, "symbol", symbol) ||
	    !scan_get_dec(s->doc.t, s->doc.t, "markPrice", out) || dec_sign(*out) <= 0)
		return fault_set(f, FAULT_AGAIN, "%s: the exchange gives no mark price", symbol);
	return 0;
}

/* The place of a symbol, at worst that of the one kept longest. */
static struct mark *
place(struct marks *ms, const char *symbol)
{
	struct mark *m;

	for (int i = 0; i < ms->n; i++)
		if (strcmp(ms->m[i].symbol, symbol) == 0)
			return &ms->m[i];
	m = &ms->m[ms->next];
	ms->next = (ms->next + 1) % MARKS;
	if (ms->n < MARKS)
		ms->n++;
	memset(m, 0, sizeof *m);
	snprintf(m->symbol, sizeof m->symbol, "%s", symbol);
	return m;
}

int
mark_price(struct marks *ms, struct session *s, const char *symbol, dec *out, struct fault *f)
{
	struct mark *m = place(ms, symbol);
	int64_t now = clock_mono_ms();

	if (dec_sign(m->price) <= 0 || now - m->at_ms > FRESH_MS) {
		m->price = dec_int(0);
		if (ask(s, symbol, &m->price, f) == -1)
			return -1;
		m->at_ms = now;		/* before asking: never older than it says */
	}
	*out = m->price;
	return 0;
}
