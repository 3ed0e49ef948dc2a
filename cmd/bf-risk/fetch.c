/* What is asked of the exchange: accounts beside the pipe, what a new symbol needs when it comes. */
#include <string.h>

#include "core/reply.h"
#include "io/clock.h"
#include "risk.h"

#define FIRST_MS	5000	/* the first read may take this long */
#define RATES_MS	60000	/* between reads of the rates of assets, in multi-assets mode */
#define RULES_MS	3600000	/* contract rules are read anew */
#define PRICE_MS	1000	/* a price that was asked for serves this long */
#define FDS		(2 * LANES * 4)

static int
feed_open(struct app *a, enum market m, struct fault *f)
{
	struct feed *fd = &a->feed[m];

	if ((fd->s = venue_session(&a->v, m, f)) == NULL)
		return -1;
	fd->s->timeout_ms = REQUEST_MS;
	if (calls_open(&fd->calls, fd->s, LANES, f) == -1 || loader_open(&fd->load, fd->calls, fd->s, f) == -1)
		return -1;
	fd->on = true;
	a->w.served[m] = true;
	return 0;
}

static void
feed_close(struct feed *fd)
{
	loader_close(fd->load);
	calls_close(fd->calls);
	buf_free(&fd->brackets);
}

void
fetch_close(struct app *a)
{
	for (enum market m = 0; m < MARKETS; m++)
		feed_close(&a->feed[m]);
	venue_close(&a->v);
}

/*
 * Contracts: rules from exchangeInfo, which is at hand, brackets from one answer for all
 */

/* Rules of a symbol without asking anybody. */
static struct contract *
contract_at_hand(struct app *a, enum market m, const char *symbol)
{
	const struct xinfo *x = &a->v.x[m];
	struct fault ignore;
	struct rules r;

	if (!xinfo_there(x) || rules_find(&r, x->doc.t, x->doc.t, symbol, &ignore) == -1)
		return NULL;
	return contracts_set(&a->w.cs, &r, m);
}

/* The tiers of all contracts of m that lack them. */
static void
set_tiers(struct app *a, enum market m)
{
	const struct buf *text = &a->feed[m].brackets;
	struct scan sc = { 0 };
	struct fault ignore;
	struct contract *c;

	if (text->len == 0 || scan_doc(&sc, text->p, text->len) <= 0) {
		scan_free(&sc);
		return;
	}
	for (size_t i = 0; i < a->w.cs.cap; i++) {
		const struct tok *el;

		if ((c = a->w.cs.c[i]) == NULL || c->market != m || c->tiers.n > 0)
			continue;
		if ((el = scan_find(sc.t, sc.t, "symbol", c->rules.symbol)) != NULL)
			tiers_parse(&c->tiers, sc.t, el, &ignore);
	}
	scan_free(&sc);
}

static void
ask_brackets(struct app *a, enum market m)
{
	struct feed *fd = &a->feed[m];
	struct fault f = { 0 };

	if (fd->brackets.len > 0)
		return;
	if (session_call(fd->s, EP_LEVERAGE_BRACKET, "", true, &f) == 0) {
		buf_put(&fd->brackets, fd->s->body.p, fd->s->body.len);
		fd->no_brackets = false;
		set_tiers(a, m);
	} else if (!fd->no_brackets) {
		say(a, "%s brackets: %s", market_title(m), f.text);
		fd->no_brackets = true;
	}
}

/* The contracts of all that is held or open; nobody is asked. */
static void
learn_contracts(struct app *a, enum market m)
{
	const struct account *acct = &a->w.acct[m];
	size_t before = a->w.cs.n;

	for (int i = 0; i < acct->npos; i++)
		if (dec_sign(acct->pos[i].amt) != 0 && contracts_find(&a->w.cs, acct->pos[i].symbol) == NULL)
			contract_at_hand(a, m, acct->pos[i].symbol);
	for (int i = 0; i < acct->nord; i++)
		if (contracts_find(&a->w.cs, acct->ord[i].symbol) == NULL)
			contract_at_hand(a, m, acct->ord[i].symbol);
	if (a->w.cs.n > before)
		set_tiers(a, m);
	account_contracts(&a->w.acct[m], &a->w.cs);
}

/* Contract rules: read at the start, and anew when they are an hour old; those in use are set anew. */
static void
learn_rules(struct app *a, enum market m, bool anew)
{
	struct feed *fd = &a->feed[m];
	struct fault f = { 0 };

	if (xinfo_get(&a->v.x[m], fd->s, anew, &f) == -1) {
		say(a, "%s contract rules: %s", market_title(m), f.text);
		return;
	}
	fd->rules_mono_ms = clock_mono_ms();
	for (size_t i = 0; i < a->w.cs.cap; i++)
		if (a->w.cs.c[i] != NULL && a->w.cs.c[i]->market == m)
			contract_at_hand(a, m, a->w.cs.c[i]->rules.symbol);
	ask_brackets(a, m);
}

void
fetch_learn(struct app *a)
{
	for (enum market m = 0; m < MARKETS; m++)
		if (a->feed[m].on)
			learn_contracts(a, m);
}

void
fetch_rules(struct app *a, enum market m)
{
	learn_rules(a, m, true);
}

/*
 * Accounts
 */

/* Nothing is there that could be lost: it need not be looked at often. */
static bool
idle(const struct account *acct)
{
	for (int i = 0; i < acct->npos; i++)
		if (dec_sign(acct->pos[i].amt) != 0)
			return false;
	for (int i = 0; i < acct->nwal; i++)
		if (dec_sign(acct->wal[i].balance) != 0)
			return false;
	return acct->known && acct->nord == 0;
}

/* A mark of the pipe outlives the reading of the account, unless it is stale: then the
 * exchange's answer has the better one. */
static void
forget_old_marks(struct app *a, enum market m)
{
	int64_t most = max_age_ms(a);

	for (int i = 0; i < a->w.acct[m].npos; i++)
		if (a->w.now.ms - a->w.acct[m].pos[i].mark_ms > most)
			a->w.acct[m].pos[i].mark_ms = 0;
}

static void
begin(struct app *a, enum market m)
{
	struct feed *fd = &a->feed[m];
	struct fault f = { 0 };

	forget_old_marks(a, m);
	fd->began_mono_ms = clock_mono_ms();
	a->wish.read[m] = false;
	if (loader_start(fd->load, &a->w.acct[m], true, &f) == -1)
		fetch_failed(a, m, &f);
}

void
fetch_failed(struct app *a, enum market m, const struct fault *f)
{
	struct feed *fd = &a->feed[m];
	struct fault ignore;

	tick(a);
	/* An exchange that does not answer is not asked most of the time. */
	fd->tried_mono_ms = a->w.now.mono_ms + PAUSE_TIMES * (a->w.now.mono_ms - fd->began_mono_ms);
	if (f->kind == FAULT_CLOCK)
		session_sync(fd->s, true, &ignore);
	if (!fd->said_down)
		say(a, "account state%s: %s; no new risk until it is read", m == MARKET_COINM ? " of COIN-M" : "", f->text);
	fd->said_down = a->w.down[m] = true;
	fd->fault = *f;
	a->w.version++;
}

/* What cannot be guarded is said. */
static void
check_sums(struct app *a, enum market m)
{
	const struct account *acct = &a->w.acct[m];
	struct wallet_figures wf;
	bool blind = false;

	for (int i = 0; i < acct->nwal; i++)
		if (dec_sign(acct->wal[i].balance) != 0 &&
		    (*a->lim.asset == '\0' || strcmp(a->lim.asset, acct->wal[i].asset) == 0))
			blind = blind || !figures_sums(&wf, acct, &a->w.cs, &acct->wal[i]) || !wf.has_sums;
	if (*a->lim.asset != '\0' && m == MARKET_USDM) {
		bool there = false;

		for (int i = 0; i < acct->nwal; i++)
			there = there || strcmp(acct->wal[i].asset, a->lim.asset) == 0;
		blind = blind || !there;
	}
	if (blind && !a->feed[m].said_blind)
		say(a, "no leverage can be told of this account (no %s wallet, or a position of unknown asset or price): "
		    "nothing is guarded, no new risk", *a->lim.asset != '\0' ? a->lim.asset : "such");
	a->feed[m].said_blind = blind;
}

static void
loaded(struct app *a, enum market m, int64_t began)
{
	struct feed *fd = &a->feed[m];

	tick(a);
	fd->tried_mono_ms = a->w.now.mono_ms;
	if (fd->said_down)
		say(a, "account state%s: read again", m == MARKET_COINM ? " of COIN-M" : "");
	fd->said_down = a->w.down[m] = false;
	a->w.loaded_mono_ms[m] = began;
	a->w.version++;
	learn_contracts(a, m);
	check_sums(a, m);
	world_loaded(&a->w, m, unread());
	watch_loaded(a->watch, &a->w, m, &a->wish);
}

/*
 * An order of ours that is asked after
 */

static void
asked(void *arg, const struct fault *f, const struct tok *t, const struct tok *v)
{
	struct app *a = arg;
	struct feed *fd = a->feed[MARKET_USDM].asking ? &a->feed[MARKET_USDM] : &a->feed[MARKET_COINM];
	char status[24] = "";
	dec executed = dec_int(0);

	fd->asking = false;
	tick(a);
	if (f != NULL && f->code != -2013) {
		watch_answer(a->watch, &a->w, fd->asked_id, f, false, status, executed, &a->wish);
		return;
	}
	if (f == NULL && (!scan_get_str(t, v, "status", status, sizeof status) ||
	    !scan_get_dec(t, v, "executedQty", &executed))) {
		struct fault bad = { 0 };

		fault_set(&bad, FAULT_AGAIN, "order: the answer has no status or executedQty");
		watch_answer(a->watch, &a->w, fd->asked_id, &bad, false, status, executed, &a->wish);
		return;
	}
	watch_answer(a->watch, &a->w, fd->asked_id, NULL, f == NULL, status, executed, &a->wish);
}

static void
ask_after(struct app *a)
{
	struct feed *fd = &a->feed[a->wish.query_market];
	struct fault f = { 0 };
	struct buf q = { 0 };

	if (!a->wish.query || !fd->on || a->feed[MARKET_USDM].asking || a->feed[MARKET_COINM].asking)
		return;
	a->wish.query = false;
	buf_str(&q, "symbol=");
	query_escape(&q, a->wish.query_symbol);
	buf_str(&q, "&origClientOrderId=");
	query_escape(&q, a->wish.query_id);
	memcpy(fd->asked_id, a->wish.query_id, sizeof fd->asked_id);
	if (q.bad)
		fault_set(&f, FAULT_LOCAL, "out of memory");
	else if (calls_take(fd->calls, EP_ORDER_GET, q.p, 0, true, &f) == 0 &&
	    calls_send(fd->calls, EP_ORDER_GET, q.p, 0, 0, asked, a, &f) == 0)
		fd->asking = true;
	buf_free(&q);
	if (!fd->asking)
		watch_answer(a->watch, &a->w, fd->asked_id, &f, false, "", dec_int(0), &a->wish);
}

/*
 * Multi-assets mode: the rates of its assets
 */

static void
rates_came(void *arg, const struct fault *f, const struct tok *t, const struct tok *v)
{
	struct app *a = arg;
	struct fault bad;

	if (f == NULL && asset_rates_read(&a->w.rates, t, v, &bad) == 0)
		a->w.version++;
}

static void
ask_rates(struct app *a)
{
	struct feed *fd = &a->feed[MARKET_USDM];
	struct fault ignore;

	if (!fd->on || !a->w.acct[MARKET_USDM].multi_assets ||
	    (a->rates_mono_ms != 0 && a->w.now.mono_ms - a->rates_mono_ms < RATES_MS))
		return;
	a->rates_mono_ms = a->w.now.mono_ms;
	if (calls_take(fd->calls, EP_ASSET_INDEX, "", 0, true, &ignore) == 0)
		calls_send(fd->calls, EP_ASSET_INDEX, "", 0, 0, rates_came, a, &ignore);
}

/*
 * The loop
 */

void
fetch_due(struct app *a)
{
	struct fault ignore;

	for (enum market m = 0; m < MARKETS; m++) {
		struct feed *fd = &a->feed[m];
		int64_t wait = a->refresh_ms * (idle(&a->w.acct[m]) ? IDLE_TIMES : 1);

		if (!fd->on)
			continue;
		if (!loader_busy(fd->load) &&
		    (a->wish.read[m] || a->w.now.mono_ms - fd->tried_mono_ms >= wait))
			begin(a, m);
		if (fd->rules_mono_ms != 0 && a->w.now.mono_ms - fd->rules_mono_ms >= RULES_MS)
			learn_rules(a, m, false);
		else if (fd->rules_mono_ms == 0 && !a->w.down[m] && a->w.acct[m].known)
			learn_rules(a, m, false);
		a->w.health.clock_error_ms = fd->s->off.known ? fd->s->off.error_ms : -1;
		if (clock_wall_ms() - fd->s->off.measured_ms > OFFSET_FRESH_MS)
			session_sync(fd->s, false, &ignore);
	}
	ask_after(a);
	ask_rates(a);
}

int
fetch_poll(struct app *a, struct pollfd *p, int max, int *timeout_ms)
{
	int n = 0;

	for (enum market m = 0; m < MARKETS; m++) {
		struct feed *fd = &a->feed[m];
		int64_t left;

		if (!fd->on)
			continue;
		n += calls_poll(fd->calls, p + n, max - n, timeout_ms);
		left = fd->tried_mono_ms + a->refresh_ms - a->w.now.mono_ms;
		if (!loader_busy(fd->load) && left < *timeout_ms)
			*timeout_ms = left < 0 ? 0 : (int)left;
	}
	return n;
}

static void
step_market(struct app *a, enum market m)
{
	struct feed *fd = &a->feed[m];
	struct fault f = { 0 };
	int64_t began;
	int r;

	calls_step(fd->calls);
	if ((r = loader_step(fd->load, &began, &f)) == 1)
		loaded(a, m, began);
	else if (r == -1)
		fetch_failed(a, m, &f);
}

void
fetch_step(struct app *a)
{
	for (enum market m = 0; m < MARKETS; m++)
		if (a->feed[m].on)
			step_market(a, m);
}

static void
wait_read(struct app *a, enum market m, int64_t ms)
{
	struct feed *fd = &a->feed[m];
	int64_t end = clock_mono_ms() + ms;
	struct pollfd p[FDS];
	int timeout, n;

	while (loader_busy(fd->load) && clock_mono_ms() < end) {
		timeout = (int)(end - clock_mono_ms());
		if (timeout < 0)
			timeout = 0;
		n = calls_poll(fd->calls, p, FDS, &timeout);
		if (poll(p, (nfds_t)n, timeout) == -1)
			for (int i = 0; i < n; i++)
				p[i].revents = 0;
		step_market(a, m);
	}
}

void
fetch_now(struct app *a, enum market m)
{
	if (!a->feed[m].on)
		return;
	if (!loader_busy(a->feed[m].load))
		begin(a, m);
	wait_read(a, m, REQUEST_MS);
}

/* What is wrong with the key or with this machine will not mend itself; the rest may. */
static bool
fatal(const struct fault *f)
{
	return f->kind == FAULT_KEY || f->kind == FAULT_USAGE || f->kind == FAULT_LOCAL;
}

static int
first_read(struct app *a, enum market m, struct fault *f)
{
	struct feed *fd = &a->feed[m];

	if (session_sync(fd->s, false, f) == -1) {
		if (fatal(f))
			return -1;
		fd->began_mono_ms = clock_mono_ms();
		fetch_failed(a, m, f);
		return 0;
	}
	tick(a);
	begin(a, m);
	wait_read(a, m, FIRST_MS);
	if (a->w.down[m] && fatal(&fd->fault)) {
		*f = fd->fault;
		return -1;
	}
	if (a->w.acct[m].known && !a->w.down[m]) {
		learn_rules(a, m, false);
		learn_contracts(a, m);
		check_sums(a, m);
	}
	return 0;
}

int
fetch_open(struct app *a, struct fault *f)
{
	enum market m = a->common.market;
	struct fault other = { 0 };

	a->v.profile = a->common.profile;
	a->v.market = m;
	a->v.only = a->common.market_given;
	a->v.need_key = true;
	if (feed_open(a, m, f) == -1 || first_read(a, m, f) == -1)
		return -1;
	if (a->v.only || !venue_has(&a->v, market_other(m)))
		return 0;
	m = market_other(m);
	/* The other market may be closed to this key: then its orders are refused as not known. */
	if (feed_open(a, m, &other) == -1 || first_read(a, m, &other) == -1) {
		if (other.kind == FAULT_LOCAL) {
			*f = other;
			return -1;
		}
		say(a, "%s is not guarded, its new risk refused: %s", market_title(m), other.text);
		a->feed[m].on = false;
	}
	return 0;
}

/*
 * A symbol that a decision is about
 */

static void
ask_price(struct app *a, enum market m, const char *symbol)
{
	struct session *s = a->feed[m].s;
	struct fault ignore;
	struct buf q = { 0 };
	const struct tok *t, *v;
	dec mark, index = dec_int(0);
	int64_t at;

	buf_str(&q, "symbol=");
	query_escape(&q, symbol);
	if (!q.bad && session_call(s, EP_PREMIUM_INDEX, q.p, true, &ignore) == 0) {
		t = s->doc.t;
		v = t->kind == SCAN_ARR ? scan_find(t, t, "symbol", symbol) : t;
		scan_get_dec(t, v, "indexPrice", &index);
		if (scan_get_dec(t, v, "markPrice", &mark) && scan_get_i64(t, v, "time", &at))
			world_price(&a->w, symbol, strlen(symbol), mark, index, at, false);
	}
	buf_free(&q);
	tick(a);
}

static bool
all_down(const struct app *a)
{
	for (enum market m = 0; m < MARKETS; m++)
		if (a->feed[m].on && !a->w.down[m])
			return false;
	return true;
}

int
fetch_symbol(struct app *a, const char *symbol, struct fault *f)
{
	struct contract *c = contracts_find(&a->w.cs, symbol);
	const struct sym *s;
	enum market m;

	for (m = 0; m < MARKETS && c == NULL; m++)
		if (a->feed[m].on && (c = contract_at_hand(a, m, symbol)) != NULL)
			set_tiers(a, m);
	if (c == NULL && !all_down(a))	/* perhaps it is listed since, or the rules were not to be had */
		c = listing_contract(&a->w.cs, &a->v, symbol, false, f);
	tick(a);
	if (c == NULL || !a->feed[c->market].on)
		return c == NULL ? -1 : 0;
	m = c->market;
	if (c->tiers.n == 0) {
		ask_brackets(a, m);
		set_tiers(a, m);
	}
	s = sym_find(&a->w, symbol, strlen(symbol));
	if (!a->w.down[m] && (s == NULL || (!s->piped && a->w.now.mono_ms - s->mono_ms > PRICE_MS)))
		ask_price(a, m, symbol);
	/* A market that was idle is read seldom: now it matters. */
	if (a->w.now.mono_ms - a->w.loaded_mono_ms[m] > a->refresh_ms * 2 && !a->w.down[m])
		fetch_now(a, m);
	return 0;
}
