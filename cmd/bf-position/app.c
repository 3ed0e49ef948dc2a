/* What the commands of bf-position share: the accounts, live or recorded, and records. */
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "io/sandbox.h"
#include "app.h"
#include "look.h"

void
put_maybe(struct buf *b, const char *key, bool known, const dec *d)
{
	if (known)
		jw_dec(b, key, *d);
	else
		jw_null(b, key);
}

int
emit(struct app *a, struct fault *f)
{
	jw_end(&a->rec);
	return printer_put(&a->out, &a->rec, f);
}

/*
 * The exchange
 */

static int
seed(struct app *a, struct fault *f)
{
	if (a->cs.seed == 0 && getentropy(&a->cs.seed, sizeof a->cs.seed) == -1)
		return fault_set(f, FAULT_LOCAL, "no random numbers from the system");
	return 0;
}

int
app_hold(struct app *a, const struct profile *p, struct fault *f)
{
	const struct sandbox want = { .prof = p, .reads = p == NULL || a->p.brackets != NULL, .runs = a->p.plot != NULL };

	return sandbox_enter(&want, f);
}

int
app_open(struct app *a, struct fault *f)
{
	struct session *s;

	if (seed(a, f) == -1)
		return -1;
	if (a->p.nfrom > 0)
		return app_hold(a, NULL, f);
	a->v.profile = a->common.profile;
	a->v.market = a->common.market;
	a->v.only = a->common.market_given;
	a->v.need_key = true;
	if ((s = venue_session(&a->v, a->v.market, f)) == NULL)
		return -1;
	if (a->changes)
		say(a, "profile %s", s->prof.name);
	return app_hold(a, &s->prof, f);
}

bool
app_looks_at(struct app *a, enum market m)
{
	if (a->p.nfrom > 0)
		return !a->common.market_given || m == a->common.market;
	return m == a->v.market || (!a->v.only && venue_has(&a->v, m));
}

/* A contract that is not listed any more, or has no brackets, must not hide the rest: said, and its figures are null. */
static int
load_contracts(struct app *a, enum market m, struct fault *f)
{
	if (listing_account(&a->cs, &a->v, m, &a->acct[m], f) == 0)
		return 0;
	if (f->kind != FAULT_UNKNOWN && f->kind != FAULT_REJECTED)
		return -1;
	say(a, "figures that rest on it cannot be told: %s", f->text);
	a->worst = fault_worst(a->worst, f->kind == FAULT_UNKNOWN ? FAULT_AGAIN : f->kind);
	return 0;
}

static int
load(struct app *a, enum market m, bool orders, struct fault *f)
{
	struct session *s = venue_session(&a->v, m, f);

	if (s == NULL || account_load(&a->acct[m], s, orders ? LOAD_HELD : LOAD_NONE, false, &a->config_ms[m], f) == -1 ||
	    load_contracts(a, m, f) == -1)
		return -1;
	a->has[m] = true;
	return m == MARKET_USDM && a->acct[m].multi_assets ? listing_rates(&a->rates, s, f) : 0;
}

/*
 * Recorded
 */

/* The files' accounts become ours; what was told stays with a->rec_in. */
static int
take_recorded(struct app *a, struct fault *f)
{
	struct recorded *r = &a->rec_in;

	for (int i = 0; i < a->p.nfrom; i++)
		if (recorded_read(r, a->p.from[i], f) == -1)
			return -1;
	if (recorded_end(r, f) == -1)
		return -1;
	a->cs = r->cs;
	a->rates = r->rates;
	memset(&r->cs, 0, sizeof r->cs);
	memset(&r->rates, 0, sizeof r->rates);
	for (int m = 0; m < MARKETS; m++) {
		a->acct[m] = r->acct[m];
		memset(&r->acct[m], 0, sizeof r->acct[m]);
		a->has[m] = r->has[m] && app_looks_at(a, (enum market)m);
		account_contracts(&a->acct[m], &a->cs);
	}
	if (!a->has[MARKET_USDM] && !a->has[MARKET_COINM])
		return fault_set(f, FAULT_USAGE, "--from: the files tell of no account%s", a->common.market_given ?
		    " of this market" : "");
	return 0;
}

int
app_accounts(struct app *a, bool orders, struct fault *f)
{
	if (a->p.nfrom > 0)
		return a->rec_in.p == NULL ? take_recorded(a, f) : 0;
	for (int m = 0; m < MARKETS; m++)
		if (app_looks_at(a, (enum market)m) && load(a, (enum market)m, orders, f) == -1)
			return -1;
	return 0;
}

int
app_reload(struct app *a, enum market m, struct fault *f)
{
	return load(a, m, true, f);
}

struct contract *
app_contract(struct app *a, const char *symbol, struct fault *f)
{
	struct contract *c;

	if (a->p.nfrom == 0)
		return listing_contract(&a->cs, &a->v, symbol, true, f);
	if ((c = contracts_find(&a->cs, symbol)) != NULL && app_looks_at(a, c->market))
		return c;
	fault_set(f, FAULT_REJECTED, "%.60s: the files tell nothing of it", symbol);
	f->code = -1121;
	return NULL;
}

void
app_free(struct app *a)
{
	for (int m = 0; m < MARKETS; m++)
		account_free(&a->acct[m]);
	contracts_free(&a->cs);
	asset_rates_free(&a->rates);
	recorded_free(&a->rec_in);
	venue_close(&a->v);
	buf_free(&a->rec);
}
