#include <stdio.h>
#include <string.h>

#include "core/intent.h"
#include "ask.h"
#include "marks.h"

#define FRESH_MS	1000	/* one that was asked for */
#define TOLD_MS		3500	/* one that came down the pipe: the slow stream tells it every 3 s */

static int
ask(struct session *s, const char *symbol, dec *out, struct fault *f)
{
	const struct tok *v;

	if (ask_symbol(s, EP_PREMIUM_INDEX, symbol, false, f) == -1)
		return -1;
	v = s->doc.t->kind == SCAN_ARR ? scan_first(s->doc.t) : s->doc.t;	/* COIN-M: a list of one */
	if (!scan_get_is(s->doc.t, v, "symbol", symbol) ||
	    !scan_get_dec(s->doc.t, v, "markPrice", out) || dec_sign(*out) <= 0)
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

void
mark_told(struct marks *ms, const char *symbol, dec price, int64_t at_ms, int64_t now_ms)
{
	int64_t age = now_ms - at_ms, seen = clock_mono_ms() - (age > 0 ? age : 0);
	struct mark *m;

	if (dec_sign(price) <= 0 || age > TOLD_MS || age < -TOLD_MS || strlen(symbol) >= sizeof m->symbol)
		return;
	m = place(ms, symbol);
	if (m->at_ms > seen)
		return;
	m->price = price;
	m->at_ms = seen;
	m->good_ms = TOLD_MS;
}

int
mark_price(struct marks *ms, struct session *s, const char *symbol, dec *out, struct fault *f)
{
	struct mark *m = place(ms, symbol);
	int64_t now = clock_mono_ms();

	if (dec_sign(m->price) <= 0 || now - m->at_ms > m->good_ms) {
		m->price = dec_int(0);
		if (ask(s, symbol, &m->price, f) == -1)
			return -1;
		m->at_ms = now;		/* before asking: never older than it says */
		m->good_ms = FRESH_MS;
	}
	*out = m->price;
	return 0;
}
