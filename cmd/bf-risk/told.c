#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "told.h"

void
told_free(struct told *d)
{
	for (int m = 0; m < MARKETS; m++)
		free(d->p[m]);
	memset(d, 0, sizeof *d);
}

static struct told_pos *
find(const struct told *d, enum market m, const char *symbol, enum pos_side side)
{
	for (int i = 0; i < d->n[m]; i++)
		if (d->p[m][i].side == side && strcmp(d->p[m][i].symbol, symbol) == 0)
			return &d->p[m][i];
	return NULL;
}

/* Flat unless told otherwise. NULL: no memory; then it is not watched. */
static struct told_pos *
slot(struct told *d, enum market m, const char *symbol, enum pos_side side)
{
	struct told_pos *p = find(d, m, symbol, side), *list;

	if (p != NULL)
		return p;
	if (d->n[m] == d->cap[m]) {
		int cap = d->cap[m] == 0 ? 16 : d->cap[m] * 2;

		if ((list = realloc(d->p[m], (size_t)cap * sizeof *list)) == NULL)
			return NULL;
		d->p[m] = list;
		d->cap[m] = cap;
	}
	p = &d->p[m][d->n[m]++];
	*p = (struct told_pos){ .side = side };
	memcpy(p->symbol, symbol, strlen(symbol) + 1);
	return p;
}

static enum pos_side
side_of(const struct tok *v)
{
	return scan_is(v, "LONG") ? POS_LONG : scan_is(v, "SHORT") ? POS_SHORT : POS_BOTH;
}

static const char *
side_name(enum pos_side side)
{
	return side == POS_LONG ? "LONG" : side == POS_SHORT ? "SHORT" : "BOTH";
}

static void
on_positions(struct told *d, const struct world *w, const struct tok *t, const struct tok *rows)
{
	char symbol[SYMBOL_MAX];
	struct told_pos *p;
	enum market m;
	dec amt;

	for (const struct tok *v = scan_first(rows); v != NULL; v = scan_next(t, rows, v)) {
		if (!scan_get_str(t, v, "s", symbol, sizeof symbol) || !scan_get_dec(t, v, "pa", &amt) ||
		    !world_market(w, symbol, &m) || !w->served[m])
			continue;
		d->believed[m] = true;
		if ((p = slot(d, m, symbol, side_of(scan_get(t, v, "ps")))) != NULL) {
			p->amt = amt;
			p->since_mono_ms = 0;
		}
	}
}

void
told_event(struct told *d, const struct world *w, const struct tok *t, const struct tok *rec)
{
	const struct tok *conn = scan_get(t, rec, "conn");

	if (scan_get_is(t, rec, "e", "ACCOUNT_UPDATE"))
		on_positions(d, w, t, scan_get(t, scan_get(t, rec, "a"), "P"));
	else if (scan_get_is(t, rec, "e", "bf.conn") && (scan_is(conn, "user") || scan_is(conn, "user-coinm")))
		d->believed[scan_is(conn, "user") ? MARKET_USDM : MARKET_COINM] = !scan_get_is(t, rec, "state", "down");
}

static void
put(struct buf *out, const struct told_pos *p, dec is, int64_t now_ms)
{
	jw_open(out, NULL, '{');
	jw_str(out, "e", "bf.reconcile");
	jw_i64(out, "E", now_ms);
	jw_str(out, "by", "bf-risk");
	jw_str(out, "what", "position_mismatch");
	jw_str(out, "s", p->symbol);
	jw_str(out, "ps", side_name(p->side));
	jw_dec(out, "was", p->amt);
	jw_dec(out, "is", is);
	jw_close(out, '}');
	jw_end(out);
}

static void
compare(struct told_pos *p, dec is, bool believed, const struct now *now, struct buf *out)
{
	if (believed && dec_cmp(p->amt, is) != 0) {
		if (p->since_mono_ms == 0)
			p->since_mono_ms = now->mono_ms;
		if (now->mono_ms - p->since_mono_ms < TOLD_MS)
			return;
		put(out, p, is, now->ms);
	}
	p->amt = is;
	p->since_mono_ms = 0;
}

void
told_loaded(struct told *d, const struct world *w, enum market m, struct buf *out)
{
	const struct account *a = &w->acct[m];
	bool believed = d->believed[m] && !w->health.stream_lost[m];
	struct told_pos *p;

	for (int i = 0; i < a->npos; i++)	/* those that nobody told of */
		if (dec_sign(a->pos[i].amt) != 0)
			(void)slot(d, m, a->pos[i].symbol, a->pos[i].side);
	for (int i = 0; i < d->n[m]; i++) {
		dec is = dec_int(0);

		p = &d->p[m][i];
		for (int k = 0; k < a->npos; k++)
			if (a->pos[k].side == p->side && strcmp(a->pos[k].symbol, p->symbol) == 0)
				is = a->pos[k].amt;
		compare(p, is, believed, &w->now, out);
	}
}
