/* --dry-run: what would be sent, and what it would cost. It reads the account, and
 * sends nothing. */
#include <stdlib.h>
#include <string.h>

#include "core/cost.h"
#include "io/load.h"
#include "app.h"
#include "ask.h"

#define NO_SIGNATURE	"signature=not-signed"

/* What was asked of one symbol. */
struct facts {
	char	     symbol[SYMBOL_MAX];
	enum market  market;
	struct tiers tiers;		/* n 0: not known */
	dec	     maker, taker;
	bool	     rates;
	int	     leverage;		/* 0: not known */
	bool	     isolated;
};

/* Of one market. */
struct state { struct account acct; int64_t config_ms; bool asked, known; };

/* All that was asked in this run, each thing once. */
static struct {
	struct state	 market[MARKETS];
	struct facts	*facts;
	int		 n;
	bool		 said_key, said_account, said_tiers, said_rates, said_settings;
} known;

void
dry_free(struct app *a)
{
	(void)a;
	for (int m = 0; m < MARKETS; m++)
		account_free(&known.market[m].acct);
	free(known.facts);
	memset(&known, 0, sizeof known);
}

/* What cannot be had is said once, whatever it is asked for again. */
static void
missing(const struct app *a, bool *said, const char *what, const char *why)
{
	if (!*said)
		say(a, "dry run: %s: %s; what depends on it is null", what, why);
	*said = true;
}

/*
 * The account
 */

/* positionRisk has mode, leverage and margin type there, also of flat contracts;
 * maintenance margins it has not. */
static int
load_coinm(struct account *acct, struct session *s, struct fault *f)
{
	if (session_call(s, EP_ACCOUNT, "", false, f) == -1 ||
	    account_read_wallets(acct, s->doc.t, s->doc.t, f) == -1 ||
	    session_call(s, EP_POSITION_RISK, "", false, f) == -1 ||
	    account_read_positions(acct, s->doc.t, s->doc.t, f) == -1)
		return -1;
	acct->known = true;
	return 0;
}

static const struct account *
account_of(const struct app *a, enum market m, struct session *s)
{
	struct state *st = &known.market[m];
	struct fault f = { 0 };

	if (!st->asked) {
		st->asked = true;
		st->known = (m == MARKET_COINM ? load_coinm(&st->acct, s, &f) :
		    account_load(&st->acct, s, LOAD_NONE, false, &st->config_ms, &f)) == 0;
		if (!st->known)
			missing(a, &known.said_account, "account", f.text);
	}
	return st->known ? &st->acct : NULL;
}

/*
 * One symbol
 */

static void
ask_tiers(const struct app *a, struct session *s, struct facts *k)
{
	struct brackets bs = { 0 };
	struct fault f = { 0 };
	const struct tiers *t = brackets_of(&bs, s, k->symbol, &f);

	if (t != NULL)
		k->tiers = *t;
	else
		missing(a, &known.said_tiers, "leverageBracket", f.text);
	brackets_free(&bs);
}

static void
ask_rates(const struct app *a, struct session *s, struct facts *k)
{
	struct fault f = { 0 };
	const struct tok *t;

	if (ask_symbol(s, EP_COMMISSION_RATE, k->symbol, false, &f) == 0) {
		t = s->doc.t;
		k->rates = scan_get_dec(t, t, "makerCommissionRate", &k->maker) &&
		    scan_get_dec(t, t, "takerCommissionRate", &k->taker);
		if (!k->rates)
			fault_set(&f, FAULT_UNKNOWN, "no makerCommissionRate or takerCommissionRate in the answer");
	}
	if (!k->rates)
		missing(a, &known.said_rates, "commissionRate", f.text);
}

/* COIN-M has no such endpoint: there the positions tell. */
static void
ask_settings(const struct app *a, struct session *s, struct facts *k)
{
	struct fault f = { 0 };
	const struct tok *t, *v;
	int64_t lev = 0;
	char type[16];

	if (k->market == MARKET_COINM)
		return;
	if (ask_symbol(s, EP_SYMBOL_CONFIG, k->symbol, false, &f) == 0) {
		t = s->doc.t;
		v = t->kind == SCAN_ARR ? scan_find(t, t, "symbol", k->symbol) : t;
		if (scan_get_i64(t, v, "leverage", &lev) && lev > 0 && lev <= 1000 &&
		    scan_get_str(t, v, "marginType", type, sizeof type)) {
			k->leverage = (int)lev;
			k->isolated = strcasecmp(type, "ISOLATED") == 0;
			return;
		}
		fault_set(&f, FAULT_UNKNOWN, "no leverage or marginType in the answer");
	}
	missing(a, &known.said_settings, "symbolConfig", f.text);
}

/* NULL: out of memory. */
static const struct facts *
facts_of(const struct app *a, enum market m, struct session *s, const char *symbol)
{
	struct facts *k;

	for (int i = 0; i < known.n; i++)
		if (known.facts[i].market == m && strcmp(known.facts[i].symbol, symbol) == 0)
			return &known.facts[i];
	if ((k = realloc(known.facts, ((size_t)known.n + 1) * sizeof *k)) == NULL)
		return NULL;
	known.facts = k;
	k = &known.facts[known.n++];
	memset(k, 0, sizeof *k);
	k->market = m;
	memcpy(k->symbol, symbol, strlen(symbol) + 1);
	ask_settings(a, s, k);
	ask_tiers(a, s, k);
	ask_rates(a, s, k);
	return k;
}

const struct column dry_cols[] = {
	{ "SYMBOL", "intent.symbol", COL_LEFT },
	{ "SIDE", "intent.side", COL_LEFT | COL_SIDE },
	{ "TYPE", "intent.type", COL_LEFT | COL_MORE(1) },
	{ "QUANTITY", "intent.quantity", COL_DEC },
	{ "PRICE", "cost.price", COL_DEC },
	{ "NOTIONAL", "cost.notional", COL_DEC | COL_MORE(3) },
	{ "FEE", "cost.fee", COL_DEC },
	{ "MARGIN", "cost.margin", COL_DEC },
	{ "POSITION", "cost.positionAmt", COL_DEC | COL_MORE(4) },
	{ "LEVERAGE", "cost.leverage", COL_DEC | COL_MORE(2) },
	{ "LIQUIDATION", "cost.liquidationPrice", COL_DEC | COL_NIL },
	{ NULL, NULL, 0 }
};
const struct column dry_cancel_cols[] = {
	{ "MARKET", "market", COL_LEFT },
	{ "METHOD", "method", COL_LEFT },
	{ "PATH", "path", COL_LEFT },
	{ "SYMBOL", "intent.symbol", COL_LEFT },
	{ "ID", "intent.orderId|intent.algoId|intent.origClientOrderId|intent.clientAlgoId", COL_RIGHT },
	{ NULL, NULL, 0 }
};

/*
 * The record
 */

/* What is known of it; without a key nothing of the account is. */
static void
reckon(const struct app *a, enum market m, struct session *s, struct cost_in *c, struct cost *out)
{
	const struct facts *k;

	if (c->in->op != OP_PLACE && c->in->op != OP_MODIFY)
		s = NULL;		/* costs nothing */
	else if (s == NULL || s->cred == NULL)
		missing(a, &known.said_key, "account", "no key is configured");
	if (s != NULL && s->cred != NULL) {
		c->acct = account_of(a, m, s);
		if ((k = facts_of(a, m, s, c->in->symbol)) != NULL) {
			c->tiers = k->tiers.n > 0 ? &k->tiers : NULL;
			c->maker = k->maker;
			c->taker = k->taker;
			c->rates = k->rates;
			c->leverage = k->leverage;
			c->isolated = k->isolated;
		}
	}
	cost_of(out, c);
}

static void
put(struct buf *b, const char *key, bool has, dec d)
{
	char text[DEC_STR];

	if (!has) {
		jw_null(b, key);
		return;
	}
	dec_print_short(d, text);
	jw_str(b, key, text);
}

/* A liquidation price of 0 is none, as the exchange writes it; null is not known. */
static void
put_cost(struct buf *b, const struct cost *c)
{
	jw_open(b, "cost", '{');
	put(b, "price", c->has_price, c->price);
	put(b, "notional", c->has_notional, c->notional);
	put(b, "fee", c->has_fee, c->fee);
	put(b, "margin", c->has_margin, c->margin);
	put(b, "positionAmt", c->has_amt, c->amt);
	put(b, "leverage", c->has_leverage, c->leverage);
	put(b, "liquidationPrice", c->has_liq, c->liq);
	jw_close(b, '}');
}

/* As it would be sent now, but for the signature. */
static void
put_query(struct buf *b, const struct intent *in, const struct session *s, int64_t now)
{
	struct buf q = { 0 };

	intent_query(in, &q);
	buf_printf(&q, "%stimestamp=%lld&recvWindow=%d&" NO_SIGNATURE, q.len > 0 ? "&" : "",
	    (long long)now, s != NULL ? s->prof.recv_window : 5000);
	jw_strn(b, "query", q.p, q.len);
	b->bad = b->bad || q.bad;
	buf_free(&q);
}

static void
put_path(struct buf *b, const struct endpoint *e, enum market m)
{
	jw_str(b, "method", e->method);
	if (e->path[m] != NULL)
		jw_str(b, "path", e->path[m]);
	else
		jw_null(b, "path");
}

static void
one_request(struct app *a, const struct job *j)
{
	const struct rules *r = &j->rules;
	const struct intent *in = &j->in;
	enum market m = j->market;
	struct fault f = { 0 };
	struct session *s = venue_session(&a->v, m, &f);
	/* Without the contract's size nothing of COIN-M can be reckoned. */
	bool sized = m != MARKET_COINM || dec_sign(r->contract_size) > 0;
	struct cost_in c = { .in = in, .rules = sized ? r : NULL, .mark = j->mark };
	struct buf *b = &a->rec;
	struct cost cost;
	int64_t now;

	reckon(a, m, s, &c, &cost);
	now = s != NULL ? session_now(s) : clock_wall_ms();
	jw_open(b, NULL, '{');
	jw_str(b, "e", "bf.dryrun");
	jw_i64(b, "E", now);
	jw_str(b, "by", a->tool->name);
	jw_str(b, "market", market_word(m));
	put_path(b, endpoint(intent_endpoint(in)), m);
	put_query(b, in, s, now);
	put_cost(b, &cost);
	jw_raw(b, "intent", j->text.p, j->text.len);
	jw_close(b, '}');
	jw_end(b);
	emit(a);
}

/* A cancel-all of both kinds is two. */
void
dry_run(struct app *a, struct job *j)
{
	one_request(a, j);
	if (j->in.op != OP_CANCEL_ALL || j->in.algo)
		return;
	j->in.algo = true;
	job_change(j, "algo", NULL);
	job_compose(j);
	text_algo(&j->text);
	one_request(a, j);
}
