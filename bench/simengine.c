/*
 * The engine of bf-sim in process: what an order costs with 10, 1,000 and
 * 100,000 open ones in a book of 1,000 levels, and what an open order weighs.
 * simengine [PAIRS]: so many orders placed and cancelled, and as many that trade.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "../cmd/bf-sim/engine.h"
#include "../cmd/bf-sim/specs.h"

#define LEVELS	1000
#define EACH	1000	/* open orders of an account */

static double
cpu(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static uint64_t
draw(void)	/* xorshift, the same every time */
{
	static uint64_t x = 88172645463325252u;

	x ^= x << 13;
	x ^= x >> 7;
	return x ^= x << 17;
}

static void
must(int r, const struct fault *f)
{
	if (r != -1)
		return;
	fprintf(stderr, "simengine: %d %s\n", f->code, f->text);
	exit(1);
}

/* A price on one of LEVELS ticks off 60000, on the side that does not trade. */
static struct engine_request
passive(void)
{
	int64_t k = (int64_t)(draw() % LEVELS);
	bool buy = draw() % 2 == 0;

	return (struct engine_request){
		.side = buy ? SIDE_BUY : SIDE_SELL, .tif = TIF_GTC, .stp = STP_NONE, .qty = { 1, 3 },
		.price = { buy ? 599990 - k : 600010 + k, 1 }
	};
}

static struct engine *
rig(int open, int *accts)
{
	struct engine_config c = engine_config_default();
	struct engine_maker none = { { 0, 0 }, 0, 1, { 0, 0 } };
	struct specs specs = { NULL, 0 };
	struct engine_request r;
	struct fault f;
	struct engine *e;

	must(specs_builtin(&specs, 0, &f), &f);
	specs.v[0].rules.max_orders = 1000000;	/* the venue's 200 would end it early */
	c.contracts = specs.v;
	c.ncontracts = specs.n;
	if ((e = engine_new(&c, &f)) == NULL)
		must(-1, &f);
	specs_free(&specs);
	must(engine_set_maker(e, 0, &none, &f), &f);
	must(engine_mark(e, 0, dec_int(60000), 1, &f), &f);
	*accts = open / EACH + 2;
	for (int i = 0; i < *accts; i++)
		must(engine_account_new(e, dec_int(1000000000), &f), &f);
	for (int i = 0; i < open; i++) {
		r = passive();
		must(engine_place(e, i / EACH, 0, &r, 2, NULL, &f), &f);
	}
	return e;
}

int
main(int argc, char *argv[])
{
	static const int sizes[] = { 10, 1000, 100000 };
	int pairs = argc > 1 ? atoi(argv[1]) : 100000, accts, a;
	double first = 0, t, trade;
	struct engine_request r;
	const struct engine_order *o;
	size_t before;
	struct engine *e;
	struct fault f;

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		before = mallinfo2().uordblks;
		e = rig(sizes[i], &accts);
		before = mallinfo2().uordblks - before;
		t = cpu();
		for (int k = 0; k < pairs; k++) {
			r = passive();
			a = (int)(draw() % (uint64_t)accts);
			must(engine_place(e, a, 0, &r, 3, &o, &f), &f);
			must(engine_cancel(e, a, 0, o->id, NULL, 3, NULL, &f), &f);
		}
		t = (cpu() - t) / pairs / 2;
		trade = cpu();
		for (int k = 0; k < pairs; k++) {	/* a maker at the touch, and who takes it */
			r = (struct engine_request){ .side = k % 2 ? SIDE_BUY : SIDE_SELL, .tif = TIF_GTC,
				.stp = STP_NONE, .qty = { 1, 3 }, .price = { 600000, 1 } };
			must(engine_place(e, accts - 1, 0, &r, 4, NULL, &f), &f);
			r.side = k % 2 ? SIDE_SELL : SIDE_BUY;
			must(engine_place(e, accts - 2, 0, &r, 4, NULL, &f), &f);
		}
		trade = (cpu() - trade) / pairs / 2;
		if (i == 0)
			first = t;
		printf("%d open: %.2f us an order or cancel (%.2f x), %.0f/s; %.2f us an order that trades",
		    sizes[i], t * 1e6, t / first, 1 / t, trade * 1e6);
		if (sizes[i] >= 1000)
			printf("; %.0f bytes an open order", (double)before / sizes[i]);
		putchar('\n');
		engine_free(e);
	}
	return 0;
}
