/*
 * Recorded answers (bf-position --from) under a fuzzer. An input is one to four files with a NUL between them. What is
 * taken makes accounts whose every position has its contract and its row, and figures follow; what is not is refused in
 * a sentence. Built by `make fuzz`.
 */
#include "io/recorded.h"
#include "must.h"

#define FILES	4

static unsigned long taken, refused, held, told;

static void
check_positions(const struct recorded *r, enum market m, const struct figures *fg)
{
	const struct tok *t, *row;

	for (int i = 0; i < fg->npos; i++) {
		const struct position *p = fg->pos[i].p;

		MUST(contracts_find(&r->cs, p->symbol) != NULL && dec_sign(p->amt) != 0);
		if ((row = recorded_told(r, m, ANSWER_POSITIONS, p->symbol, p->side, &t)) != NULL)
			MUST(scan_get_is(t, row, "symbol", p->symbol));
		told += row != NULL;
		held++;
	}
}

static void
check_wallets(const struct recorded *r, enum market m)
{
	const struct tok *t, *row;

	for (int i = 0; i < r->acct[m].nwal; i++)
		for (int what = ANSWER_ACCOUNT; what <= ANSWER_BALANCE; what++) {
			row = recorded_told(r, m, (enum answer)what, r->acct[m].wal[i].asset, POS_BOTH, &t);
			MUST(row == NULL || scan_get_is(t, row, "asset", r->acct[m].wal[i].asset));
		}
}

static void
check(struct recorded *r)
{
	struct fault f = { 0 };

	for (int m = 0; m < MARKETS; m++) {
		struct figures fg = { 0 };

		MUST(r->has[m] || r->acct[m].npos == 0);
		account_contracts(&r->acct[m], &r->cs);
		MUST(figures_make(&fg, &r->acct[m], &r->cs, &r->rates, &f) == 0);
		check_positions(r, (enum market)m, &fg);
		check_wallets(r, (enum market)m);
		figures_free(&fg);
	}
}

static int
read_all(struct recorded *r, const char *at, const char *end, struct fault *f)
{
	const char *nul;
	char name[200];
	int got = 0;

	for (int i = 0; i < FILES && got == 0 && at <= end; i++, at = nul + 1) {
		if ((nul = at == end ? NULL : memchr(at, '\0', (size_t)(end - at))) == NULL)
			nul = end;
		as_file(name, at, (size_t)(nul - at));
		got = recorded_read(r, name, f);
		unlink(name);
		if (nul == end)
			break;
	}
	return got == -1 || r->p == NULL ? -1 : recorded_end(r, f);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct recorded r = { 0 };
	struct fault f = { 0 };

	if (read_all(&r, text, text + size, &f) == 0) {
		taken++;
		check(&r);
	} else if (r.p != NULL || f.kind != FAULT_NONE) {
		check_fault(&f);
		refused++;
	}
	recorded_free(&r);
	return 0;
}
