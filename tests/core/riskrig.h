/* A world of round numbers for the rules over events, and what they say to it. Every figure is worked by hand. */
#ifndef BF_TESTS_RISKRIG_H
#define BF_TESTS_RISKRIG_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../cmd/bf-risk/watch.h"
#include "decimal.h"

#define LEN(a)	(sizeof (a) / sizeof *(a))
#define T0	INT64_C(1700006400000)	/* 2023-11-15 00:00:00 UTC */
#define HOUR	INT64_C(3600000)

struct riskrig {
	struct world w;
	struct limits l;
	struct watch *wt;
	struct wish out;
	struct scan sc;
	struct fault f;
	int ids;
};

static inline int
next_id(void *arg, char out[static CLIENT_ID_MAX])
{
	snprintf(out, CLIENT_ID_MAX, "bfr-%d", ++((struct riskrig *)arg)->ids);
	return 0;
}

static inline void
add_contract(struct riskrig *r, const char *symbol, enum market m, const char *margin, const char *tick, const char *step,
    const char *most, const char *size)
{
	struct rules u = { .tick = D(tick), .step = D(step), .mkt_step = D(step), .min_qty = D(step), .mkt_min_qty = D(step),
		.mkt_max_qty = D(most), .max_qty = D("100000"), .mult_up = D("1.05"), .mult_down = D("0.95"), .complete = true };
	struct contract *c;

	snprintf(u.symbol, sizeof u.symbol, "%s", symbol);
	snprintf(u.margin, sizeof u.margin, "%s", margin);
	snprintf(u.status, sizeof u.status, "TRADING");
	snprintf(u.contract, sizeof u.contract, "PERPETUAL");
	u.contract_size = D(size);
	assert_non_null(c = contracts_set(&r->w.cs, &u, m));
	c->tiers.n = 1;
	c->tiers.tier[0] = (struct tier){ dec_int(0), D("100000000"), D("0.01"), dec_int(0), 125 };
}

static inline void
rig_world(struct riskrig *r)
{
	r->w.now = (struct now){ T0, 1000 };
	r->w.served[MARKET_USDM] = r->w.served[MARKET_COINM] = true;
	add_contract(r, "BTCUSDT", MARKET_USDM, "USDT", "0.10", "0.001", "120", "0");
	add_contract(r, "ETHUSDT", MARKET_USDM, "USDT", "0.01", "0.001", "2000", "0");
	add_contract(r, "BTCUSD_PERP", MARKET_COINM, "BTC", "0.1", "1", "60000", "100");
	for (int m = 0; m < MARKETS; m++) {
		r->w.acct[m].known = true;
		r->w.acct[m].parts = 7;
		account_contracts(&r->w.acct[m], &r->w.cs);
	}
}

static inline struct riskrig *
rig_new(void)
{
	struct riskrig *r = calloc(1, sizeof *r);

	assert_non_null(r);
	limits_init(&r->l);
	r->l.cost = dec_int(0);
	rig_world(r);
	assert_int_equal(watch_open(&r->wt, &r->l, next_id, r, &r->f), 0);
	return r;
}

static inline void
rig_free(struct riskrig *r)
{
	watch_free(r->wt);
	buf_free(&r->out.lines);
	scan_free(&r->sc);
	limits_free(&r->l);
	world_free(&r->w);
	free(r);
}

static inline struct limit *
limit_on(struct riskrig *r, enum rule rule, const char *max, enum action act)
{
	struct limit *l = &r->l.r[rule];

	l->on = true;
	l->max = D(max);
	l->act = act;
	snprintf(l->reason, sizeof l->reason, "because of %s", rule_rows[rule].name);
	return l;
}

static inline void
put_wallet(struct riskrig *r, enum market m, const char *asset, const char *balance)
{
	struct account *a = &r->w.acct[m];

	for (int i = 0; i < a->nwal; i++)
		if (strcmp(a->wal[i].asset, asset) == 0) {
			a->wal[i].balance = a->wal[i].cross = D(balance);
			r->w.version++;
			return;
		}
	assert_non_null(a->wal = realloc(a->wal, (size_t)(a->nwal + 1) * sizeof *a->wal));
	a->cwal = a->nwal + 1;
	a->wal[a->nwal] = (struct wallet){ .balance = D(balance), .cross = D(balance), .available = D(balance) };
	snprintf(a->wal[a->nwal++].asset, sizeof a->wal->asset, "%s", asset);
	r->w.version++;
}

static inline struct position *
put_position(struct riskrig *r, const char *symbol, enum pos_side side, const char *amt, const char *entry, const char *mark)
{
	const struct contract *c = contracts_find(&r->w.cs, symbol);
	struct account *a = &r->w.acct[c->market];
	struct position *p = account_position(a, symbol, side);

	if (p == NULL) {
		assert_non_null(a->pos = realloc(a->pos, (size_t)(a->npos + 1) * sizeof *a->pos));
		a->cpos = a->npos + 1;
		p = &a->pos[a->npos++];
	}
	*p = (struct position){ .side = side, .kind = c->kind, .size = c->size, .amt = D(amt), .entry = D(entry), .leverage = 20 };
	snprintf(p->symbol, sizeof p->symbol, "%s", symbol);
	snprintf(p->margin_asset, sizeof p->margin_asset, "%s", c->rules.margin);
	account_mark(a, symbol, strlen(symbol), D(mark), r->w.now.ms);
	r->w.version++;
	return account_position(a, symbol, side);
}

static inline void
set_amt(struct riskrig *r, const char *symbol, const char *amt)
{
	const struct contract *c = contracts_find(&r->w.cs, symbol);

	account_position(&r->w.acct[c->market], symbol, POS_BOTH)->amt = D(amt);
	r->w.version++;
}

static inline void
put_open(struct riskrig *r, const char *symbol, const char *type, enum order_side side, const char *qty, const char *price,
    bool reduce, uint64_t id)
{
	const struct contract *c = contracts_find(&r->w.cs, symbol);
	struct account *a = &r->w.acct[c->market];
	struct open_order *o;

	assert_non_null(a->ord = realloc(a->ord, (size_t)(a->nord + 1) * sizeof *a->ord));
	a->cord = a->nord + 1;
	o = &a->ord[a->nord++];
	*o = (struct open_order){ .id = id, .side = side, .qty = D(qty), .price = D(price), .reduce = reduce,
		.algo = strncmp(type, "STOP", 4) == 0 };
	snprintf(o->symbol, sizeof o->symbol, "%s", symbol);
	snprintf(o->type, sizeof o->type, "%s", type);
	r->w.version++;
}

static inline void
mark_at(struct riskrig *r, const char *symbol, const char *price)
{
	const struct contract *c = contracts_find(&r->w.cs, symbol);

	r->w.now.ms++;
	account_mark(&r->w.acct[c->market], symbol, strlen(symbol), D(price), r->w.now.ms);
}

static inline void
fresh(struct riskrig *r)
{
	struct buf keep = r->out.lines;

	memset(&r->out, 0, sizeof r->out);
	r->out.lines = keep;
	buf_reset(&r->out.lines);
	buf_str(&r->out.lines, "");
}

/* What a look says: the lines it wrote. */
static inline const char *
look(struct riskrig *r)
{
	fresh(r);
	watch_run(r->wt, &r->w, &r->out);
	return r->out.lines.p;
}

static inline const char *
later(struct riskrig *r, int64_t ms)
{
	r->w.now.ms += ms;
	r->w.now.mono_ms += ms;
	return look(r);
}

static inline void
event(struct riskrig *r, const char *text)
{
	assert_true(scan_doc(&r->sc, text, strlen(text)) > 0);
	fresh(r);
	watch_event(r->wt, &r->w, r->sc.t, r->sc.t, &r->out);
}

static inline void
loaded(struct riskrig *r, enum market m)
{
	fresh(r);
	watch_loaded(r->wt, &r->w, m, &r->out);
}

/* The last order of ours ended so; the account then shows amt of symbol, and was read. */
static inline void
ends(struct riskrig *r, const char *status, const char *executed)
{
	char id[CLIENT_ID_MAX];

	snprintf(id, sizeof id, "bfr-%d", r->ids);
	fresh(r);
	watch_answer(r->wt, &r->w, id, NULL, true, status, D(executed), &r->out);
}

static inline void
has(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("no %s in: %s", part, text);
}

static inline void
lacks(const char *text, const char *part)
{
	if (strstr(text, part) != NULL)
		fail_msg("%s in: %s", part, text);
}

static inline int
count_of(const char *text, const char *part)
{
	int n = 0;

	for (; (text = strstr(text, part)) != NULL; text++)
		n++;
	return n;
}

#endif
