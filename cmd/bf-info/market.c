/* Which market is asked: by --market, or by where a symbol is listed. */
#include "core/intent.h"
#include "info.h"

void
info_begin(struct app *a)
{
	a->v = (struct venue){ .profile = a->common.profile, .market = a->common.market, .only = a->common.market_given,
	    .need_key = a->verb->need_key, .refresh = a->refresh };
}

int
info_market(struct app *a, enum market m, struct fault *f)
{
	const struct column *cols = a->verb->cols;
	struct session *s = venue_session(&a->v, m, f);

	if (s == NULL)
		return -1;
	if (a->rounds.watch)
		s->stop = &rounds_stop;
	a->s = s;
	a->x = &a->v.x[m];
	if (m == MARKET_COINM && a->verb->coin_cols != NULL)
		cols = a->verb->coin_cols;
	return cols == a->out.cols ? 0 : printer_section(&a->out, cols, f);
}

int
info_served(const struct app *a, enum ep ep, struct fault *f)
{
	const struct endpoint *e = endpoint(ep);
	enum market m = a->s->market;

	if (e->path[m] != NULL)
		return 0;
	return fault_set(f, FAULT_USAGE, "%s: the exchange has it for %s (%s), not for %s", a->verb->name,
	    market_title(market_other(m)), e->path[market_other(m)], market_title(m));
}

/*
 * Finding what is named
 */

int
info_rules(struct app *a, const char *symbol, struct rules *r, struct fault *f)
{
	enum market m;

	return venue_find(&a->v, symbol, &m, r, f) == -1 ? -1 : info_market(a, m, f);
}

static int
query(struct buf *q, const char *name, const char *value, struct fault *f)
{
	buf_reset(q);
	buf_str(q, name);
	query_escape(q, value);
	return q->bad ? fault_set(f, FAULT_LOCAL, "out of memory") : 0;
}

int
info_symbol(struct app *a, const char *symbol, struct buf *q, struct fault *f)
{
	struct rules r;

	return info_rules(a, symbol, &r, f) == -1 ? -1 : query(q, "symbol=", symbol, f);
}

int
info_pair(struct app *a, const char *word, struct buf *q, struct fault *f)
{
	struct rules r;
	enum market m;

	if (venue_find_pair(&a->v, word, &m, &r, f) == -1 || info_market(a, m, f) == -1)
		return -1;
	if (r.pair[0] == '\0')
		return fault_set(f, FAULT_REJECTED, "exchangeInfo: %s: pair is missing", r.symbol);
	return query(q, "pair=", r.pair, f);
}
