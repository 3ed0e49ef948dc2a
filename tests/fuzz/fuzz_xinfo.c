/*
 * exchangeInfo under a fuzzer: the rules of each symbol, the check of orders against them, the
 * finding of names, and the names of its streams. An input is an answer, or a line with a name and an
 * answer after it. What is read must keep the promises of the headers, whatever was sent. Built by
 * `make fuzz`.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/listed.h"
#include "core/rules.h"
#include "core/show.h"
#include "core/streams.h"

#define MUST(what)	do {							\
	if (!(what)) {								\
		fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #what);	\
		abort();							\
	}									\
} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct scan sc;
static unsigned long parsed, complete, refused, found_breaches, named;

static void
check_decimals(const struct rules *r)
{
	const dec all[] = { r->min_price, r->max_price, r->tick, r->min_qty, r->max_qty, r->step,
	    r->mkt_min_qty, r->mkt_max_qty, r->mkt_step, r->min_notional, r->mult_up, r->mult_down,
	    r->liquidation_fee, r->market_take_bound, r->trigger_protect, r->contract_size };

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		MUST(dec_sign(all[i]) >= 0);
	MUST(r->price_precision >= -1 && r->price_precision <= DEC_SCALE_MAX);
	MUST(r->qty_precision >= -1 && r->qty_precision <= DEC_SCALE_MAX);
	MUST(r->max_orders >= 0);
}

/* One order through the rules: findings are few and have values that can be read. */
static void
check_order(const struct rules *r, struct rules_order o, dec mark)
{
	struct finding fi[FINDINGS_MAX];
	int n = rules_check(r, &o, mark, fi);
	char text[300];
	dec d;

	MUST(n >= 0 && n <= FINDINGS_MAX);
	MUST(r->complete || (n == 1 && fi[0].code == -1121));
	for (int i = 0; i < n; i++) {
		MUST(fi[i].code < 0 && fi[i].field != NULL && fi[i].rule != NULL);
		MUST(strcmp(fi[i].field, "symbol") == 0 || dec_parse(&d, fi[i].value));
		MUST(*fi[i].limit == '\0' || dec_parse(&d, fi[i].limit));
		MUST(*fi[i].nearest == '\0' || (dec_parse(&d, fi[i].nearest) && dec_sign(d) > 0));
		finding_text(&fi[i], text, sizeof text);
		MUST(*text != '\0');
		found_breaches++;
	}
}

static void
check_orders(const struct rules *r)
{
	const dec value[] = { { 0, 0 }, { 1, 0 }, { 123456789, 5 }, { -1, 2 }, { 1, 18 },
	    r->min_price, r->max_price, r->tick, r->min_qty };
	const size_t n = sizeof value / sizeof *value;

	for (size_t i = 0; i < 2 * n; i++) {
		struct rules_order o = { .side = i % 2 == 0 ? SIDE_BUY : SIDE_SELL, .market = i % 3 == 0,
		    .reduce = i % 5 == 0, .modify = i % 7 == 0, .price = value[i % n],
		    .qty = value[(i + 4) % n], .trigger = value[(i + 2) % n], .activate = i % 4 == 0 };
		struct rounded did;

		check_order(r, o, value[(i + 1) % n]);
		o.qty = r->min_qty;
		o.price = r->min_price;
		check_order(r, o, r->max_price);
		(void)rules_round(r, &o, i % 2 == 0, &did);
		check_order(r, o, r->max_price);
	}
}

/* A stream's name made of what the exchange calls a symbol is one that is read back. */
static void
check_stream(const char *symbol, enum market m)
{
	struct buf name = { 0 }, word = { 0 }, back = { 0 };
	const struct stream_row *row = NULL, *same = NULL;
	struct fault f;

	if (stream_name(&name, &row, m, "aggTrade", symbol, &f) == -1) {
		MUST(f.kind == FAULT_USAGE && show_clean(f.text, strlen(f.text)));
	} else {
		MUST(stream_parse(name.p, m, &same, &word, &back) && same == row);
		MUST(strcmp(word.p, "aggTrade") == 0 && strlen(back.p) == strlen(symbol));
		named++;
	}
	buf_free(&name);
	buf_free(&word);
	buf_free(&back);
}

static void
check_found(const char *name)
{
	struct listed l, again;

	listed_find(&l, sc.t, sc.t, name);
	MUST((l.live & ~l.as) == 0 && l.as < 16);
	MUST((l.as & LISTED_SYMBOL) == 0 || strcmp(l.symbol, name) == 0);
	MUST((l.as & LISTED_SYMBOL) == 0 || (l.as & (LISTED_PAIR | LISTED_CONTRACT)) == 0);
	MUST((l.as & LISTED_PAIR) == 0 || (l.as & LISTED_CONTRACT) != 0 || strcmp(l.pair, name) == 0);
	if (*l.pair == '\0')
		return;
	listed_find(&again, sc.t, sc.t, l.pair);
	MUST((again.as & (LISTED_SYMBOL | LISTED_PAIR)) != 0);
}

static void
check_symbol(const struct tok *v)
{
	struct rules r = { .max_orders = -7 }, same;
	struct fault f = { 0 };

	if (rules_parse(&r, sc.t, v, &f) == -1) {
		MUST(f.kind == FAULT_REJECTED && *f.text != '\0' && r.max_orders == -7);
		refused++;
		return;
	}
	parsed++;
	complete += r.complete;
	MUST(*r.symbol != '\0');
	check_decimals(&r);
	check_orders(&r);
	/* the first of that name */
	MUST(rules_find(&same, sc.t, sc.t, r.symbol, &f) == 0 ? strcmp(same.symbol, r.symbol) == 0 :
	    f.kind == FAULT_REJECTED);
	check_found(r.symbol);
	check_stream(r.symbol, MARKET_USDM);
	check_stream(r.symbol, MARKET_COINM);
}

static void
check_name(const char *name)
{
	struct rules r;
	struct fault f = { 0 };

	check_found(name);
	check_stream(name, MARKET_USDM);
	if (rules_find(&r, sc.t, sc.t, name, &f) == -1) {
		MUST(f.kind == FAULT_REJECTED && *f.text != '\0');
		for (const char *p = f.text; *p != '\0'; p++)
			MUST((unsigned char)*p >= ' ' && *p != 0x7f);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *p = (const char *)data, *end = size == 0 ? NULL : memchr(p, '\n', size);
	const struct tok *list, *v;
	char name[200] = "BTCUSD";
	int left = 40;		/* symbols looked at: each is sought among all */

	if (end != NULL && *p != '{') {
		snprintf(name, sizeof name, "%.*s", (int)(end - p > 199 ? 199 : end - p), p);
		size -= (size_t)(end + 1 - p);
		p = end + 1;
	}
	if (scan_doc(&sc, p, size) <= 0)
		return 0;
	check_name(name);
	list = scan_get(sc.t, sc.t, "symbols");
	if (list == NULL || list->kind != SCAN_ARR)
		return 0;
	for (v = scan_first(list); v != NULL && left-- > 0; v = scan_next(sc.t, list, v))
		check_symbol(v);
	return 0;
}
