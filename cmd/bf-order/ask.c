#include "core/params.h"
#include "ask.h"

void
put_symbol(struct buf *q, const char *symbol)
{
	if (symbol == NULL || *symbol == '\0')
		return;
	buf_str(q, "symbol=");
	query_escape(q, symbol);
}

int
ask_list(struct session *s, enum ep ep, const struct buf *q, bool urgent, struct fault *f)
{
	if (q->bad)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	return session_call(s, ep, q->len > 0 ? q->p : "", urgent, f);
}

int
ask_symbol(struct session *s, enum ep ep, const char *symbol, bool urgent, struct fault *f)
{
	struct buf q = { 0 };
	int r;

	put_symbol(&q, symbol);
	r = ask_list(s, ep, &q, urgent, f);
	buf_free(&q);
	return r;
}
