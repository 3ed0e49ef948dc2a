/*
 * An account under a fuzzer: answers of the exchange and events of its stream. An input is lines, each a letter and
 * JSON: w account or balance, p positionRisk, o openOrders, a openAlgoOrders, c symbolConfig; other letters: a record
 * of the pipe. "h": hedge mode, "m": multi-assets mode on and off. After each the promises of account.h
 * and figures.h must hold. Built by `make fuzz`.
 */
#include "core/account.h"
#include "core/contract.h"
#include "core/figures.h"
#include "must.h"

static unsigned long answers, refusals, events, knowns, liquidations, fills, moves;
static struct scan doc;
static struct contracts cs;
static struct asset_rates rates;
static struct asset_rate rate[2];

/*
 * The contracts there are: two of each kind, one of them with a second bracket
 */

static void
add_contract(const char *symbol, const char *margin, int size)
{
	struct rules ru = { .price_precision = 2, .qty_precision = 3 };
	struct contract *c;

	snprintf(ru.symbol, sizeof ru.symbol, "%s", symbol);
	snprintf(ru.margin, sizeof ru.margin, "%s", margin);
	ru.contract_size = dec_int(size);
	ru.tick = dec_int(1);
	ru.step = dec_int(1);
	MUST((c = contracts_set(&cs, &ru, size > 0 ? MARKET_COINM : MARKET_USDM)) != NULL);
	c->tiers.n = 2;
	MUST(dec_parse(&c->tiers.tier[0].mmr, "0.004") && dec_parse(&c->tiers.tier[1].mmr, "0.01"));
	c->tiers.tier[0].cap = c->tiers.tier[1].floor = dec_int(50000);
	c->tiers.tier[1].cap = dec_int(10000000);
	c->tiers.tier[1].cum = dec_int(300);
	c->tiers.tier[0].max_leverage = 125;
	c->tiers.tier[1].max_leverage = 50;
}

static void
set_up(void)
{
	if (cs.n > 0)
		return;
	cs.seed = 1;
	add_contract("BTCUSDT", "USDT", 0);
	add_contract("ETHUSDT", "USDT", 0);
	add_contract("BTCUSD_PERP", "BTC", 100);
	add_contract("ETHUSD_PERP", "ETH", 10);
	for (int i = 0; i < 2; i++) {
		snprintf(rate[i].asset, sizeof rate[i].asset, "%s", i == 0 ? "USDT" : "USDC");
		rate[i].index = dec_int(1);
		MUST(dec_parse(&rate[i].bid_buffer, "0.05") && dec_parse(&rate[i].ask_buffer, "0.05"));
	}
	rates = (struct asset_rates){ rate, 2 };
}

/*
 * Promises
 */

static void
check_lists(const struct account *a)
{
	for (int i = 0; i < a->npos; i++) {
		MUST(a->pos[i].symbol[0] != '\0');
		for (int j = 0; j < i; j++)
			MUST(a->pos[i].side != a->pos[j].side || strcmp(a->pos[i].symbol, a->pos[j].symbol) != 0);
	}
	for (int i = 0; i < a->nord; i++) {
		MUST(a->ord[i].symbol[0] != '\0');
		for (int j = 0; j < i; j++)
			MUST(a->ord[i].id != a->ord[j].id || a->ord[i].algo != a->ord[j].algo ||
			    strcmp(a->ord[i].symbol, a->ord[j].symbol) != 0);
	}
	for (int i = 0; i < a->nwal; i++)
		for (int j = 0; j < i; j++)
			MUST(strcmp(a->wal[i].asset, a->wal[j].asset) != 0);
	for (int i = 1; i < a->nset; i++)
		MUST(strcmp(a->set[i - 1].symbol, a->set[i].symbol) <= 0);
}

static void
check_position(const struct position_figures *pf)
{
	MUST(dec_sign(pf->p->amt) != 0);
	MUST(!pf->has_liq || dec_sign(pf->liq) >= 0);
	MUST(!pf->has_maint || dec_sign(pf->maint) >= 0);
	MUST(!pf->has_im || dec_sign(pf->im) >= 0);
	MUST(!pf->has_away || (dec_sign(pf->away) >= 0 && dec_sign(pf->away_price) >= 0));
	MUST(!pf->has_away || dec_sign(pf->away_price) == 0 || (pf->has_liq && dec_sign(pf->liq) > 0));
	MUST(!pf->has_notional || dec_sign(pf->notional) == 0 || dec_sign(pf->notional) == dec_sign(pf->p->amt));
	liquidations += pf->has_liq && dec_sign(pf->liq) > 0;
}

static void
check_figures(const struct account *a)
{
	struct figures fg = { 0 };
	struct fault f = { 0 };
	int n = 0;

	MUST(figures_make(&fg, a, &cs, &rates, &f) == 0);
	for (int i = 0; i < a->npos; i++)
		n += dec_sign(a->pos[i].amt) != 0;
	MUST(fg.npos == n && fg.multi == a->multi_assets);
	for (int i = 0; i < fg.npos; i++)
		check_position(&fg.pos[i]);
	for (int i = 0; i < fg.nwal; i++)
		MUST(!fg.wal[i].has_sums || dec_sign(fg.wal[i].notional) >= 0);
	figures_free(&fg);
}

/* What is tried on a copy leaves the original alone, and a reduction never turns a position. */
static void
check_tries(const struct account *a)
{
	struct account b = { 0 };
	struct fault f = { 0 };

	MUST(account_copy(&b, a, &f) == 0 && b.npos == a->npos && b.nord == a->nord && b.nwal == a->nwal);
	for (int i = 0; i < a->npos && i < 4; i++) {
		const struct position *p = &a->pos[i], *q;
		struct fill fi = { .c = contracts_find(&cs, p->symbol), .side = dec_sign(p->amt) > 0 ? SIDE_SELL : SIDE_BUY,
		    .pos_side = p->side, .qty = dec_int(3), .price = dec_int(60000), .reduce = true };
		int was = dec_sign(p->amt);

		if (fi.c == NULL)
			continue;
		moves += account_move_margin(&b, fi.c, p->side, dec_int(5), &f) == 0;
		(void)account_set_leverage(&b, fi.c, 7, &f);
		if (account_fill(&b, &fi, &f) == -1)
			continue;
		fills++;
		q = account_position(&b, p->symbol, p->side);
		MUST(was != 0 && (q == NULL || dec_sign(q->amt) == 0 || dec_sign(q->amt) == was));
	}
	check_lists(&b);
	check_figures(&b);
	account_free(&b);
}

static void
check(const struct account *a)
{
	check_lists(a);
	check_figures(a);
	check_tries(a);
	knowns += a->known;
}

/*
 * Lines
 */

typedef int reader(struct account *, const struct tok *, const struct tok *, struct fault *);

static reader *
reader_of(char c)
{
	return c == 'w' ? account_read_wallets : c == 'p' ? account_read_positions : c == 'o' ? account_read_orders :
	    c == 'a' ? account_read_algo : c == 'c' ? account_read_config : NULL;
}

static void
answer(struct account *a, reader *read)
{
	struct account before = *a;
	struct fault f = { 0 };

	if (read(a, doc.t, doc.t, &f) == 0) {
		answers++;
		MUST(a->known || !before.known);
		return;
	}
	refusals++;
	MUST(f.kind == FAULT_UNKNOWN);
	check_fault(&f);
	MUST(a->npos == before.npos && a->nord == before.nord && a->nwal == before.nwal && a->nset == before.nset);
	MUST(a->known == before.known && a->as_of_ms == before.as_of_ms);
}

static void
event(struct account *a)
{
	struct fault f = { 0 };
	bool was = a->known;
	int got = account_event(a, doc.t, doc.t, &f);

	MUST(got >= -1 && got <= 1 && a->known == was);
	if (got == -1)
		check_fault(&f);
	events += got == 1;
}

static void
line(struct account *a, const char *p, size_t n)
{
	reader *read = reader_of(*p);

	if (n == 1) {
		a->hedge ^= *p == 'h';
		a->multi_assets ^= *p == 'm';
	} else if (scan_doc(&doc, p + 1, n - 1) > 0) {
		if (read != NULL)
			answer(a, read);
		else
			event(a);
	}
	account_contracts(a, &cs);
	check(a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *at = (const char *)data, *end = at + size, *nl;
	struct account a = { 0 };

	set_up();
	for (; at < end; at = nl + 1) {
		if ((nl = memchr(at, '\n', (size_t)(end - at))) == NULL)
			nl = end;
		if (nl > at)
			line(&a, at, (size_t)(nl - at));
	}
	account_free(&a);
	return 0;
}
