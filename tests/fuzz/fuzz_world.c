/*
 * What bf-risk knows, under a fuzzer: a world read from JSON (the first line of an input; without one, it is empty),
 * then records of the pipe, a line each, "t MS" lets time pass. Nothing crashes, whatever it holds; what is written down
 * reads back as the same, and says the same of exposure and volatility. Built by `make fuzz`.
 */
#include "../../cmd/bf-risk/world.h"
#include "must.h"

static unsigned long worlds, refusals, events, marks, exposures, worsts;
static struct scan doc;

static void
write_world(const struct world *w, const char *symbol, struct buf *out)
{
	buf_reset(out);
	world_json(w, symbol, INT64_MAX, out);
}

static bool
same_dec(dec a, dec b)
{
	return dec_cmp(a, b) == 0;
}

static void
check_exposure(const struct world *w, const struct world *again)
{
	struct exposure x, y;

	for (int m = 0; m < MARKETS; m++)
		for (int i = -1; i < w->acct[m].nwal && i < 20; i++) {
			const char *asset = i < 0 ? NULL : w->acct[m].wal[i].asset;
			bool told = exposure_of(&x, w, (enum market)m, asset, NULL);

			MUST(told == exposure_of(&y, again, (enum market)m, asset, NULL));
			if (!told)
				continue;
			exposures++;
			MUST(dec_sign(x.gross) >= 0 && dec_sign(x.net_value) >= 0);
			MUST(same_dec(x.gross, y.gross) && same_dec(x.gross_value, y.gross_value) && same_dec(x.net_value, y.net_value));
		}
}

static void
check_worst(const struct world *w, const struct world *again)
{
	struct worst x, y;

	for (int m = 0; m < MARKETS; m++)
		for (int i = 0; i < w->acct[m].npos && i < 20; i++) {
			const struct position *p = &w->acct[m].pos[i];
			bool told = worst_of(&x, w, (enum market)m, p->symbol, p->side, NULL);

			MUST(told == worst_of(&y, again, (enum market)m, p->symbol, p->side, NULL));
			worsts += told;
			MUST(!told || (same_dec(x.n, y.n) && same_dec(x.value, y.value)));
		}
}

static void
check_sym(const struct sym *s, int64_t now)
{
	dec d;

	if (s->n == 0)
		return;
	if (vol_range(&d, &s->vol, now))
		MUST(dec_sign(d) >= 0);
	if (vol_ewma(&d, &s->vol, now))
		MUST(dec_sign(d) >= 0);
}

static void
check_account(const struct world *w, int m)
{
	struct figures fg = { 0 };
	struct fault f = { 0 };

	MUST(figures_make(&fg, &w->acct[m], &w->cs, &w->rates, &f) == 0);
	figures_free(&fg);
}

/* A market that is not looked at has nothing in it; only what was made up says otherwise, and is not written down. */
static bool
made_up(const struct world *w)
{
	for (int m = 0; m < MARKETS; m++)
		if (!w->served[m] && (w->acct[m].npos > 0 || w->acct[m].nord > 0 || w->acct[m].nwal > 0))
			return true;
	return false;
}

static void
check_parts(const struct world *w)
{
	for (size_t i = 0; i < w->csym; i++)
		check_sym(&w->sym[i], w->now.ms);
	for (int m = 0; m < MARKETS; m++)
		check_account(w, m);
}

/* Written, read, written: the same bytes, and the same answers. */
static void
check(const struct world *w)
{
	static struct buf one, two;
	struct world *again = calloc(1, sizeof *again);
	struct scan sc = { 0 };
	struct fault f = { 0 };
	const struct tok *v;

	MUST(again != NULL);
	check_parts(w);
	write_world(w, NULL, &one);
	v = whole_json(&sc, &one);
	if (world_read(again, sc.t, v, &f) == -1) {
		fprintf(stderr, "%s: %.*s\n", f.text, (int)one.len, one.p);
		abort();
	}
	write_world(again, NULL, &two);
	if (!made_up(w) && (one.len != two.len || memcmp(one.p, two.p, one.len) != 0)) {
		fprintf(stderr, "%.*s\n%.*s\n", (int)one.len, one.p, (int)two.len, two.p);
		abort();
	}
	if (!made_up(w)) {
		check_exposure(w, again);
		check_worst(w, again);
	}
	scan_free(&sc);
	world_free(again);
	free(again);
}

static void
record(struct world *w, const char *p, size_t n)
{
	struct fault f = { 0 };
	int got;

	if (n > 2 && p[0] == 't' && p[1] == ' ') {
		int64_t ms = 0;

		for (size_t i = 2; i < n && i < 12 && p[i] >= '0' && p[i] <= '9'; i++)
			ms = ms * 10 + (p[i] - '0');
		w->now.ms += ms;
		w->now.mono_ms += ms;
		return;
	}
	if (scan_doc(&doc, p, n) <= 0 || doc.t->kind != SCAN_OBJ)
		return;
	if (scan_get_is(doc.t, doc.t, "e", "markPriceUpdate")) {
		marks += world_mark(w, doc.t, doc.t);
		return;
	}
	got = world_event(w, doc.t, doc.t, &f);
	MUST(got >= -1 && got <= 1);
	if (got == -1)
		check_fault(&f);
	events += got == 1;
}

static int
first(struct world *w, const char *p, size_t n)
{
	struct fault f = { 0 };

	if (scan_doc(&doc, p, n) <= 0)
		return 0;
	if (world_read(w, doc.t, doc.t, &f) == -1) {
		check_fault(&f);
		refusals++;
		return -1;
	}
	worlds++;
	check(w);
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *at = (const char *)data, *end = at + size, *nl;
	struct world *w = calloc(1, sizeof *w);
	bool begun = false;

	MUST(w != NULL);
	for (; at < end; at = nl + 1, begun = true) {
		if ((nl = memchr(at, '\n', (size_t)(end - at))) == NULL)
			nl = end;
		if (begun)
			record(w, at, (size_t)(nl - at));
		else if (first(w, at, (size_t)(nl - at)) == -1)
			break;
	}
	if (begun && at >= end)
		check(w);
	world_free(w);
	free(w);
	return 0;
}
