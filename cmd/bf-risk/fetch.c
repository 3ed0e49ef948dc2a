/* What is asked of the exchange: accounts and what goes with them, beside the pipe. Nothing of it holds up a line, but
 * for what a decision needs and that is waited for with fetch_wait. */
#include <string.h>

#include "core/reply.h"
#include "io/clock.h"
#include "io/sandbox.h"
#include "risk.h"

#define JOURNAL_TAIL	(256 << 10)	/* of the journal, to look for an order of a moment ago */
#define FIRST_MS	5000	/* the first read may take this long */
#define RETRY_MS	2000	/* an account that could not be read */
#define RATES_MS	60000	/* between reads of the rates of assets, in multi-assets mode */
#define RATES_MAX_MS	300000	/* that serve */
#define FDS		(2 * LANES * 4)

static int
feed_open(struct app *a, enum market m, struct fault *f)
{
	struct feed *fd = &a->feed[m];

	fd->a = a;
	fd->m = m;
	if ((fd->s = venue_session(&a->v, m, f)) == NULL)
		return -1;
	fd->s->timeout_ms = BESIDE_MS;
	if (calls_open(&fd->calls, fd->s, LANES, f) == -1 || loader_open(&fd->load, fd->calls, fd->s, f) == -1)
		return -1;
	measure_open(fd);
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
	fd->reading = true;
	if (loader_start(fd->load, &a->w.acct[m], LOAD_ALL, &f) == -1)
		fetch_failed(a, m, &f);
}

void
fetch_failed(struct app *a, enum market m, const struct fault *f)
{
	struct feed *fd = &a->feed[m];

	tick(a);
	/* An exchange that does not answer is not asked most of the time. */
	fd->tried_mono_ms = a->w.now.mono_ms + PAUSE_TIMES * (a->w.now.mono_ms - fd->began_mono_ms);
	fd->reading = false;
	if (f->kind == FAULT_CLOCK && f->code != 0)	/* the exchange's word */
		measure_anew(fd);
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
	if (!blind && a->feed[m].said_blind)
		say(a, "the leverage of this account can be told again%s", m == MARKET_COINM ? ", of COIN-M" : "");
	a->feed[m].said_blind = blind;
}

static void
loaded(struct app *a, enum market m, int64_t began)
{
	struct feed *fd = &a->feed[m];

	tick(a);
	fd->tried_mono_ms = a->w.now.mono_ms;
	fd->reading = false;
	if (fd->said_down)
		say(a, "account state%s: read again", m == MARKET_COINM ? " of COIN-M" : "");
	fd->said_down = a->w.down[m] = false;
	a->w.loaded_mono_ms[m] = began;
	a->w.version++;
	learn_account(fd);
	if (fd->settled)
		check_sums(a, m);
	told_loaded(&a->told, &a->w, m, &a->wish.lines);
	world_loaded(&a->w, m, unread());
	watch_loaded(a->watch, &a->w, m, &a->wish);
}

/*
 * An order of ours that is asked after
 */

/* The last word of the journal about an order: that bf-order saw it refused is known at once there, while the
 * exchange's not knowing it proves something only much later. */
struct word { const char *id; char what[16]; };

static int
note_word(void *arg, const struct journal_line *l)
{
	struct word *w = arg;

	if (strcmp(l->id, w->id) == 0)
		memcpy(w->what, l->what, sizeof w->what);
	return 0;
}

static bool
journal_says_refused(struct app *a, const char *id)
{
	struct word w = { .id = id };
	struct fault ignore;

	return a->journal != NULL && journal_recent(a->journal, JOURNAL_TAIL, a->w.now.ms, note_word, &w, &ignore) == 0 &&
	    (strcmp(w.what, "refused") == 0 || strcmp(w.what, "absent") == 0);
}

static void
asked(void *arg, const struct fault *f, const struct tok *t, const struct tok *v)
{
	struct feed *fd = arg;
	struct app *a = fd->a;
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
	if (f != NULL && journal_says_refused(a, fd->asked_id)) {
		watch_answer(a->watch, &a->w, fd->asked_id, NULL, true, "REJECTED", executed, &a->wish);
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
	    calls_send(fd->calls, EP_ORDER_GET, q.p, 0, 0, asked, fd, &f) == 0)
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
	struct feed *fd = arg;
	struct app *a = fd->a;
	struct fault bad;

	fd->asking_rates = false;
	if (f != NULL || asset_rates_read(&a->w.rates, t, v, &bad) == -1)
		return;
	a->rates_mono_ms = a->rates_due_mono_ms = clock_mono_ms();
	a->rates_due_mono_ms += RATES_MS;
	a->w.version++;
}

/* Rates that are old are none: what they value may have fallen. */
static void
ask_rates(struct app *a)
{
	struct feed *fd = &a->feed[MARKET_USDM];
	int64_t now = clock_mono_ms();
	struct fault ignore;

	if (a->w.rates.n > 0 && now - a->rates_mono_ms > RATES_MAX_MS) {
		asset_rates_free(&a->w.rates);
		a->w.version++;
	}
	if (!fd->on || fd->asking_rates || !a->w.acct[MARKET_USDM].multi_assets || now < a->rates_due_mono_ms)
		return;
	a->rates_due_mono_ms = now + RETRY_MS;
	fd->asking_rates = calls_take(fd->calls, EP_ASSET_INDEX, "", 0, true, &ignore) == 0 &&
	    calls_send(fd->calls, EP_ASSET_INDEX, "", 0, 0, rates_came, fd, &ignore) == 0;
}

/*
 * The loop
 */

/* When the account is to be read next: soon if it is wanted or failed, but not before the pause is over. */
static int64_t
next_read(const struct app *a, const struct feed *fd)
{
	if (a->wish.read[fd->m])
		return fd->tried_mono_ms;
	if (a->w.down[fd->m] && a->refresh_ms > RETRY_MS)
		return fd->tried_mono_ms + RETRY_MS;
	return fd->tried_mono_ms + a->refresh_ms * (idle(&a->w.acct[fd->m]) ? IDLE_TIMES : 1);
}

/* How sure the clock is, of the market where it is the least. */
static int64_t
clock_error(const struct app *a)
{
	int64_t most = 0;

	for (enum market m = 0; m < MARKETS; m++) {
		const struct feed *fd = &a->feed[m];

		if (fd->on && !fd->s->off.known)
			return -1;
		if (fd->on && fd->s->off.error_ms > most)
			most = fd->s->off.error_ms;
	}
	return most;
}

void
fetch_due(struct app *a)
{
	for (enum market m = 0; m < MARKETS; m++) {
		struct feed *fd = &a->feed[m];

		if (!fd->on)
			continue;
		measure_due(fd);
		if (measure_stands(fd) && !fd->reading && a->w.now.mono_ms >= next_read(a, fd))
			begin(a, m);
		if (!a->w.down[m] && a->w.acct[m].known)
			learn_due(fd);
		fetch_income_due(fd);
	}
	a->w.health.clock_error_ms = clock_error(a);
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
		left = next_read(a, fd) - a->w.now.mono_ms;
		if (!fd->reading && measure_stands(fd) && left < *timeout_ms)
			*timeout_ms = left < 0 ? 0 : (int)left;
		if (fd->clock.busy && !fd->clock.asking)
			*timeout_ms = 0;
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

void
fetch_wait(struct feed *fd, const bool *under_way)
{
	int64_t began = clock_mono_ms(), now = began;
	struct pollfd p[FDS];
	int timeout, n;

	if (began < fd->quiet_mono_ms)
		return;
	while (*under_way && now < fd->a->patience_mono_ms) {
		timeout = (int)(fd->a->patience_mono_ms - now);
		n = calls_poll(fd->calls, p, FDS, &timeout);
		if (poll(p, (nfds_t)n, timeout) == -1)
			for (int i = 0; i < n; i++)
				p[i].revents = 0;
		step_market(fd->a, fd->m);
		now = clock_mono_ms();
	}
	if (*under_way)
		fd->quiet_mono_ms = now + PAUSE_TIMES * (now - began);
}

void
fetch_now(struct app *a, enum market m)
{
	struct feed *fd = &a->feed[m];

	if (!fd->on || !measure_stands(fd))
		return;
	if (!fd->reading)
		begin(a, m);
	fetch_wait(fd, &fd->reading);
}

/* What is wrong with the key or with this machine will not mend itself; the rest may. */
static bool
fatal(const struct fault *f)
{
	return f->kind == FAULT_KEY || f->kind == FAULT_USAGE || f->kind == FAULT_LOCAL;
}

/* The time first: without it nothing is signed. */
static void
first_time(struct feed *fd)
{
	fd->began_mono_ms = clock_mono_ms();
	for (measure_due(fd); fd->clock.busy && clock_mono_ms() < fd->a->patience_mono_ms; measure_due(fd))
		fetch_wait(fd, &fd->clock.asking);
}

/* What does not come in time comes beside the pipe. */
static int
first_read(struct app *a, enum market m, struct fault *f)
{
	struct feed *fd = &a->feed[m];

	first_time(fd);
	if (measure_stands(fd))
		fetch_now(a, m);
	fd->quiet_mono_ms = 0;
	if (a->w.down[m] && fatal(&fd->fault)) {
		*f = fd->fault;
		return -1;
	}
	if (a->w.acct[m].known && !a->w.down[m]) {
		learn_due(fd);
		fetch_wait(fd, &fd->asking_rules);
		fetch_wait(fd, &fd->asking_brackets);
		if (m == MARKET_USDM)
			ask_rates(a);
		fetch_wait(fd, &fd->asking_rates);
		check_sums(a, m);
	} else if (!a->w.down[m]) {	/* not yet known: it must not look like a market that is well */
		fault_set(&fd->fault, FAULT_AGAIN, "no answer yet");
		say(a, "account state%s: %s; no new risk until it is read", m == MARKET_COINM ? " of COIN-M" : "", fd->fault.text);
		fd->said_down = a->w.down[m] = true;
	}
	fd->settled = true;
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
	a->patience_mono_ms = clock_mono_ms() + FIRST_MS;	/* both markets together: exits wait meanwhile */
	if (feed_open(a, m, f) == -1 || sandbox_enter(&(struct sandbox){ .prof = &a->v.s[m].prof }, f) == -1 ||
	    first_read(a, m, f) == -1)
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
		a->feed[m].on = a->w.served[m] = false;
	}
	return 0;
}
