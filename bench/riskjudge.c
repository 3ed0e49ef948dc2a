/*
 * The rules of bf-risk in process, without pipe, JSON or exchange: what one order costs that passes, what one that is
 * too large (with the search for what would pass), and what a mark price of a position held; with 1, 10, 50 and 200
 * positions, and 1 rule (max-lev), 10, and all of a rules file. Each call is timed alone: the clock takes part.
 * riskjudge RULES [TIMES]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../cmd/bf-risk/judge.h"
#include "../cmd/bf-risk/watch.h"

#define T0	INT64_C(1700006400000)
#define MOST	200	/* positions; as many symbols have no position */
#define TURNS	20	/* times in all for the slow ones */

static struct world w;
static struct limits l;
static struct verdict v;
static struct wish wish;
static struct fault f;

static void
must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "riskjudge: %s: %s\n", what, v.n > 0 ? v.b[0].text : f.text);
	exit(1);
}

static dec
D(const char *s)
{
	dec d;

	must(dec_parse(&d, s), s);
	return d;
}

static void
symbol_of(char out[static SYMBOL_MAX], int i)
{
	snprintf(out, SYMBOL_MAX, "R%03dUSDT", i);
}

/* A ladder of ten tiers, as a large contract has. */
static void
put_tiers(struct tiers *ts)
{
	dec floor = dec_int(0), cum = dec_int(0), was = dec_int(0), d;

	for (ts->n = 0; ts->n < 10; ts->n++) {
		struct tier *at = &ts->tier[ts->n];

		*at = (struct tier){ floor, { (i128)50000 << ts->n, 0 }, { 4 + 5 * ts->n, 3 }, cum, 125 / (ts->n + 1) };
		must(dec_sub(&d, at->mmr, was) && dec_mul(&d, d, floor) && dec_add(&at->cum, cum, d), "cum");
		floor = at->cap;
		cum = at->cum;
		was = at->mmr;
	}
}

static void
put_contract(int i)
{
	struct rules r = { .complete = true, .step = D("0.001"), .mkt_step = D("0.001"), .min_qty = D("0.001"),
		.mkt_min_qty = D("0.001"), .tick = D("0.01"), .max_qty = dec_int(100000) };
	struct contract *c;

	symbol_of(r.symbol, i);
	snprintf(r.margin, sizeof r.margin, "USDT");
	snprintf(r.status, sizeof r.status, "TRADING");
	snprintf(r.contract, sizeof r.contract, "PERPETUAL");
	must((c = contracts_set(&w.cs, &r, MARKET_USDM)) != NULL, "contract");
	put_tiers(&c->tiers);
	c->funding_rate = D("0.0001");
	c->funding_ms = T0 + 4 * 3600000;
	c->funding_hours = 8;
	must(world_price(&w, r.symbol, strlen(r.symbol), dec_int(100), dec_int(100), w.now.ms, true) || true, "mark");
}

static void
put_position(struct account *a, int i)
{
	struct position *p = &a->pos[a->npos++];

	*p = (struct position){ .size = dec_int(1), .amt = dec_int(i % 2 ? -10 : 10), .entry = dec_int(100), .mark = dec_int(100),
		.leverage = 20, .mark_ms = w.now.ms };
	symbol_of(p->symbol, i);
	snprintf(p->margin_asset, sizeof p->margin_asset, "USDT");
}

static void
rig(int positions)
{
	struct account *a = &w.acct[MARKET_USDM];

	w = (struct world){ .now = { T0, 5000000 }, .max_future_ms = 10000 };
	limits_windows(&l, &w.vol_window_ms, &w.ref_window_ms);
	w.served[MARKET_USDM] = true;
	w.loaded_mono_ms[MARKET_USDM] = w.now.mono_ms - 500;
	w.health.clock_error_ms = 1;
	a->wal = calloc(1, sizeof *a->wal);
	a->pos = calloc(MOST, sizeof *a->pos);
	must(a->wal != NULL && a->pos != NULL, "memory");
	a->nwal = a->cwal = 1;
	a->cpos = MOST;
	*a->wal = (struct wallet){ .asset = "USDT", .balance = dec_int(1000000), .cross = dec_int(1000000) };
	a->known = true;
	a->parts = ~0u;
	for (int i = 0; i < 2 * MOST; i++)
		put_contract(i);
	for (int i = 0; i < positions; i++)
		put_position(a, i);
	account_contracts(a, &w.cs);
}

static void
on(enum rule r, const char *max)
{
	l.r[r].on = true;
	l.r[r].max = D(max);
}

/* 1, 10, or (0) all of the file, as far as an account of this size asks for other figures. */
static void
rules(int n, const char *file)
{
	limits_init(&l);
	on(R_MAX_LEV, "10");
	if (n == 10) {
		on(R_SYMBOL_LEV, "5");
		on(R_ORDER_NOTIONAL, "50000");
		on(R_POSITION_NOTIONAL, "100000");
		on(R_NET_NOTIONAL, "1000000");
		on(R_MARGIN_USE, "50");
		on(R_LIQ_DISTANCE, "15");
		on(R_PRICE_BAND, "2");
		on(R_MARK_JUMP, "5");
		on(R_SELF_MATCH, "0");
	} else if (n == 0) {
		limits_free(&l);
		limits_init(&l);
		must(limits_file(&l, file, &f) == 0, file);
		l.r[R_GROSS_NOTIONAL].max = dec_int(1000000000);
		l.nallow = 0;
	}
}

static int
by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static int64_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static void
put(int64_t *took, int n)
{
	qsort(took, (size_t)n, sizeof *took, by_size);
	printf("  %8.2f %8.2f", (double)took[n / 2] / 1000, (double)took[n - 1 - n / 100] / 1000);
}

/* Orders of one symbol held after the other, of this quantity. */
static void
time_orders(int64_t *took, int n, int positions, const char *qty, bool pass)
{
	struct intent in = { .op = OP_PLACE, .side = SIDE_BUY, .type = "LIMIT", .tif = "GTC", .qty = D(qty), .price = dec_int(100) };

	for (int i = 0; i < n; i++) {
		symbol_of(in.symbol, i % positions);
		took[i] = now();
		judge(&v, &w, &l, &in);
		took[i] = now() - took[i];
		must(v.pass == pass, pass ? "an order should pass" : "an order should not pass");
	}
	put(took, n);
}

static int
client_id(void *arg, char out[static CLIENT_ID_MAX])
{
	(void)arg;
	snprintf(out, CLIENT_ID_MAX, "bench");
	return 0;
}

/* Mark prices of what is held, a millisecond apart. */
static void
time_marks(int64_t *took, int n, int positions)
{
	struct watch *wt;

	must(watch_open(&wt, &l, client_id, NULL, &f) == 0, "watch");
	for (int i = 0; i < n; i++) {
		char symbol[SYMBOL_MAX];

		symbol_of(symbol, i % positions);
		w.now.ms++;
		w.now.mono_ms++;
		w.loaded_mono_ms[MARKET_USDM]++;
		took[i] = now();
		world_price(&w, symbol, strlen(symbol), (dec){ 10000 + i * 7919 % 100, 2 }, dec_int(100), w.now.ms, true);
		watch_run(wt, &w, &wish);
		took[i] = now() - took[i];
		buf_reset(&wish.lines);
		wish.say[0] = '\0';
	}
	watch_free(wt);
	put(took, n);
}

int
main(int argc, char *argv[])
{
	static const int positions[] = { 1, 10, 50, 200 }, counts[] = { 1, 10, 0 };
	int n = argc > 2 ? atoi(argv[2]) : 20000;
	int64_t *took = calloc((size_t)n, sizeof *took);

	if (argc < 2 || took == NULL || n < TURNS * 100) {
		fprintf(stderr, "usage: riskjudge RULES [TIMES, %d at least]\n", TURNS * 100);
		return 2;
	}
	puts("  microseconds          an order that passes       one too large     a mark of a position");
	puts("  positions  rules            p50      p99          p50      p99          p50      p99");
	for (size_t k = 0; k < sizeof counts / sizeof *counts; k++)
		for (size_t i = 0; i < sizeof positions / sizeof *positions; i++) {
			rules(counts[k], argv[1]);
			rig(positions[i]);
			if (counts[k] == 0)
				printf("  %9d    all     ", positions[i]);
			else
				printf("  %9d  %5d     ", positions[i], counts[k]);
			time_orders(took, n, positions[i], "0.1", true);
			printf("   ");
			time_orders(took, n / TURNS, positions[i], "99999", false);
			printf("   ");
			time_marks(took, n, positions[i]);
			putchar('\n');
			world_free(&w);
			limits_free(&l);
		}
	buf_free(&wish.lines);
	free(took);
	return 0;
}
