/* Liquidations, contracts, asset indexes. */
#include <stdio.h>
#include <string.h>

#include "core/multi.h"
#include "pushes.h"

#define WINDOW_MS	1000	/* of each symbol's liquidations only the largest is told */

/*
 * Liquidations
 */

void
on_force(struct pushes *p, const struct engine_event *ev)
{
	const struct engine_order *o = ev->u.force.o;
	struct push_sym *y = &p->sym[ev->sym];

	if (!streams_wanted(p->s->streams, ST_FORCE, ev->sym) &&
	    !streams_wanted(p->s->streams, ST_FORCE_ALL, -1))
		return;
	if (!y->forced) {
		y->forced = true;
		p->forced[p->nforced++] = ev->sym;
	} else if (dec_cmp(o->filled, y->force.filled) <= 0)
		return;
	y->force = *o;
	if (p->force_due == INT64_MAX)
		p->force_due = (ev->ms / WINDOW_MS + 1) * WINDOW_MS;
}

/* Recorded frames and the documents differ in where ps and st stand: in a
 * symbol's own stream inside o, in that of all symbols outside. COIN-M has the
 * pair in o in both. */
static void
put_force(struct pushes *p, int sym, bool all, int64_t now)
{
	const struct engine_order *o = &p->sym[sym].force;
	const struct contract *c = engine_contract(p->s->engine, sym);
	struct buf *b = push_begin(p);

	jw_open(b, NULL, '{');
	jw_str(b, "e", "forceOrder");
	jw_i64(b, "E", now);
	jw_open(b, "o", '{');
	jw_str(b, "s", c->rules.symbol);
	jw_str(b, "S", order_side_name(o->side));
	jw_str(b, "o", order_type_name(o->type));
	jw_str(b, "f", order_tif_name(o->tif));
	jw_dec(b, "q", o->qty);
	jw_dec(b, "p", o->price);
	jw_dec(b, "ap", order_avg(p->s->engine, o));
	jw_str(b, "X", order_status_name(o->status));
	jw_dec(b, "l", o->filled);
	jw_dec(b, "z", o->filled);
	jw_i64(b, "T", o->update_ms);
	if (!all)
		push_pair(p, sym);
	else if (c->market == COINM)
		jw_str(b, "ps", c->rules.pair);
	jw_close(b, '}');
	if (all)
		push_pair(p, sym);
	jw_close(b, '}');
}

void
tell_forces(struct pushes *p, int64_t now)
{
	struct streams *ss = p->s->streams;
	int sym;

	for (int i = 0; i < p->nforced; i++) {
		sym = p->forced[i];
		p->sym[sym].forced = false;
		if (streams_wanted(ss, ST_FORCE, sym)) {
			put_force(p, sym, false, now);
			streams_push_all(ss, ST_FORCE, sym, &p->b);
		}
		if (streams_wanted(ss, ST_FORCE_ALL, -1)) {
			put_force(p, sym, true, now);
			streams_push_all(ss, ST_FORCE_ALL, -1, &p->b);
		}
	}
	p->nforced = 0;
	p->force_due = INT64_MAX;
}

/* Brackets (bks) come with a change of theirs only, and here they do not change. */
void
on_contract(struct pushes *p, const struct engine_event *ev)
{
	const struct contract *c = engine_contract(p->s->engine, ev->sym);
	struct buf *b = push_begin(p);

	if (!streams_wanted(p->s->streams, ST_CONTRACT, -1))
		return;
	push_head(p, "contractInfo", ev->sym, ev->ms);
	if (c->market == COINM)
		jw_str(b, "ps", c->rules.pair);
	jw_str(b, "ct", c->rules.contract);
	jw_i64(b, "dt", c->delivery_ms);
	jw_i64(b, "ot", c->onboard_ms);
	jw_str(b, "cs", c->rules.status);
	push_market(p, ev->sym);
	jw_close(b, '}');
	streams_push_all(p->s->streams, ST_CONTRACT, -1, b);
}

/*
 * Asset indexes: USD per unit, with the rates at which it counts as collateral.
 * Buffers of the venue's auto-exchange, which is absent here, are half of those
 * of the margin, as in its samples.
 */

static void
put_rates(struct buf *b, dec index, dec bid_buffer, dec ask_buffer, const char *keys)
{
	const char key[4][2] = { { keys[0], '\0' }, { keys[1], '\0' }, { keys[2], '\0' }, { keys[3], '\0' } };
	dec bid = index, ask = index;

	(void)(multi_bid(&bid, index, bid_buffer) && multi_ask(&ask, index, ask_buffer));
	number_money(b, key[0], bid_buffer);
	number_money(b, key[1], ask_buffer);
	number_money(b, key[2], bid);
	number_money(b, key[3], ask);
}

static dec
half(dec d)
{
	dec out = d;

	(void)dec_div(&out, d, dec_int(2), 8, DEC_DOWN);
	return out;
}

static void
put_asset(struct pushes *p, int asset, int64_t now)
{
	const struct engine_asset_info *a = engine_asset_at(p->s->engine, asset);
	char name[ENGINE_ASSET + 4];
	struct buf *b = &p->b;

	snprintf(name, sizeof name, "%sUSD", a->name);
	jw_open(b, NULL, '{');
	jw_str(b, "e", "assetIndexUpdate");
	jw_i64(b, "E", now);
	jw_str(b, "s", name);
	number_money(b, "i", a->index);
	put_rates(b, a->index, a->bid_buffer, a->ask_buffer, "baBA");
	put_rates(b, a->index, half(a->bid_buffer), half(a->ask_buffer), "qgQG");
	jw_close(b, '}');
}

/* An index is known, and a coin of both markets is told once. */
static bool
indexed(const struct pushes *p, int asset)
{
	const struct engine_asset_info *a = engine_asset_at(p->s->engine, asset);

	return dec_sign(a->index) > 0 &&
	    (a->market == USDM || engine_asset(p->s->engine, USDM, a->name) == -1);
}

void
show_asset(struct pushes *p, struct stream *st, int64_t now)
{
	push_begin(p);
	if (dec_sign(engine_asset_at(p->s->engine, st->asset)->index) <= 0)
		return;
	put_asset(p, st->asset, now);
	streams_push(p->s->streams, st, &p->b);
}

void
show_assets(struct pushes *p, struct stream *st, int64_t now)
{
	jw_open(push_begin(p), NULL, '[');
	for (int i = 0; i < engine_assets(p->s->engine); i++)
		if (indexed(p, i))
			put_asset(p, i, now);
	jw_close(&p->b, ']');
	streams_push(p->s->streams, st, &p->b);
}
