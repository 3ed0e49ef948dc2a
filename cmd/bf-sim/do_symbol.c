/* Actions upon symbols and their markets. */
#include <string.h>

#include "do_in.h"
#include "specs.h"

int
do_mark(struct deed *d)
{
	struct fault why;
	dec p;

	if (deed_symbol(d) == -1 || deed_decimal(d, d->value, &p) == -1)
		return -1;
	return deed_said(d, engine_mark(d->s->engine, d->sym, p, d->now, &why), &why);
}

/* trades=N: so many trades of the outside at the last price, in no time. */
int
do_trades(struct deed *d)
{
	struct engine *e = d->s->engine;
	struct fault why;
	int64_t n;
	int r = 0;

	if (deed_symbol(d) == -1 || deed_number(d, 1, 100000, &n) == -1)
		return -1;
	while (r == 0 && n-- > 0)
		r = engine_outside_trade(e, d->sym, n % 2 ? SIDE_BUY : SIDE_SELL,
		    engine_last_price(e, d->sym), engine_rules(e, d->sym)->min_qty, d->now, &why);
	return deed_said(d, r, &why);
}

int
do_settle(struct deed *d)
{
	struct fault why;
	dec p;

	if (deed_symbol(d) == -1)
		return -1;
	p = engine_index_price(d->s->engine, d->sym);
	if (d->value[0] != '\0' && deed_decimal(d, d->value, &p) == -1)
		return -1;
	return deed_said(d, engine_deliver(d->s->engine, d->sym, p, d->now, &why), &why);
}

int
do_funding(struct deed *d)
{
	struct fault why;
	dec rate;

	if (deed_symbol(d) == -1)
		return -1;
	if (d->value[0] == '\0')
		return deed_said(d, engine_fund(d->s->engine, d->sym, NULL, d->now, &why), &why);
	if (deed_decimal(d, d->value, &rate) == -1)
		return -1;
	return deed_said(d, engine_fund(d->s->engine, d->sym, &rate, d->now, &why), &why);
}

int
do_interval(struct deed *d)
{
	struct fault why;
	int64_t n;

	if (deed_symbol(d) == -1 || deed_number(d, 1, 24, &n) == -1)
		return -1;
	return deed_said(d, engine_set_funding(d->s->engine, d->sym, (int)n, d->now, &why), &why);
}

int
do_status(struct deed *d)
{
	struct fault why;

	if (deed_symbol(d) == -1)
		return -1;
	return deed_said(d, engine_set_status(d->s->engine, d->sym, d->value, d->now, &why), &why);
}

/* filters=FILE: an exchangeInfo answer; the filters of the symbols in both. */
int
do_filters(struct deed *d)
{
	struct specs sp = { NULL, 0 };
	struct fault why;
	int skipped, sym, n = 0, r = 0;

	if (specs_read(&sp, d->value, NULL, &skipped, &why) == -1)
		return deed_wrong(d, why.text);
	for (int i = 0; i < sp.n && r == 0; i++) {
		if ((sym = engine_symbol(d->s->engine, sp.v[i].rules.symbol)) == -1)
			continue;
		n++;
		r = engine_set_rules(d->s->engine, sym, &sp.v[i].rules, d->now, &why);
	}
	specs_free(&sp);
	if (r == 0 && n == 0)
		return deed_wrong(d, "names no symbol of this exchange");
	return deed_said(d, r, &why);
}

int
do_regime(struct deed *d)
{
	enum regime r = REGIMES;

	if (d->s->gen == NULL)
		return deed_wrong(d, "there is no synthetic market (--synthetic)");
	if (strcmp(d->value, "any") != 0 && !regime_read(&r, d->value))
		return deed_wrong(d, "calm, trend, spike, crash, thin or any");
	gen_regime(d->s->gen, d->sym, r);
	return 0;
}
