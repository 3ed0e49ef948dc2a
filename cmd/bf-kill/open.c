/* What it works with: sessions of both markets, lanes, journal, desk. What is shared with other processes
 * and cannot be used (a full or read-only disk) does not stop it. */
#include <stdlib.h>
#include <string.h>

#include "io/sandbox.h"
#include "kill.h"

#define LANES		10	/* requests at once, of a market */
#define IN_FLIGHT	4	/* orders at once: then batches are full */
#define WARM		3	/* connections of a market: for a look */
#define WARM_MS		300	/* for their handshakes, before it is ready */
#define RESOLVE_MS	1000	/* then the others go on; the desk looks further */
#define BAN_MS		60000	/* an order may wait so much longer than is asked for */

static void
notice(void *arg, const char *sentence)
{
	say(arg, "%s", sentence);
}

static void
settled(void *arg, const struct buf *rec)
{
	struct buf copy = { 0 };

	flatten_settled(arg, rec);
	buf_put(&copy, rec->p, rec->len);
	emit_records(arg, &copy);
	buf_free(&copy);
}

static struct session *
session_for(void *arg, enum market m, struct fault *f)
{
	struct app *a = arg;

	if (!a->open[m]) {	/* of the journal's lines of a market that is not in scope */
		if (session_open_beside(&a->s[m], &a->s[a->market[0]], m, f) == -1)
			return NULL;
		a->open[m] = true;
	}
	return &a->s[m];
}

/* Whatever becomes of it, what is to be stopped is stopped. A drill ends a bf-sim of its own. */
static void
hold(struct app *a)
{
	const struct sandbox want = { .prof = &a->prof, .runs = a->drilling, .write = { a->journal_file } };
	struct fault f = { 0 };

	if (sandbox_enter(&want, &f) == -1)
		say(a, "%s; going on without", f.text);
}

static int
open_first(struct app *a, struct fault *f)
{
	enum market m = a->market[0];

	if (session_open(&a->s[m], a->common.profile, m, true, f) == -1) {
		if (f->kind != FAULT_LOCAL)
			return -1;
		local_trouble(a, f);
		if (session_open_alone(&a->s[m], a->common.profile, m, f) == -1)
			return -1;
	}
	a->open[m] = true;
	hold(a);
	return calls_open(&a->calls[m], &a->s[m], LANES, f);
}

static void
market_fails(struct app *a, enum market m, const struct fault *f)
{
	say(a, "%s: %s; going on with the other market", market_title(m), f->text);
	for (enum list l = 0; l < LISTS; l++)
		a->view[m].why[l] = *f;
	note(a, f);
}

static void
open_second(struct app *a)
{
	enum market m = a->market[1];
	struct fault f = { 0 };

	if (session_for(a, m, &f) == NULL || calls_open(&a->calls[m], &a->s[m], LANES, &f) == -1) {
		a->open[m] = false;
		market_fails(a, m, &f);
	}
}

/* The exchange has one clock: what was measured of one market will do for the other, unless it says no. */
static void
share_clock(struct app *a)
{
	enum market m = a->market[0], o = market_other(m);
	struct fault ignore;

	if (a->nmarket == 1 || !a->open[o])
		return;
	if (!a->s[m].off.known)
		(void)session_sync(&a->s[m], false, &ignore);
	if (a->s[m].off.known && !a->s[o].off.known)
		a->s[o].off = a->s[m].off;
}

static void
open_desk(struct app *a)
{
	const struct desk_conf conf = {
		.session = session_for, .via = VIA_REST, .in_flight = IN_FLIGHT, .batch_any = true,
		.resolve_ms = RESOLVE_MS, .lag_ms = (int)a->lag_ms, .wait_ms = (int)(a->timeout_ms + (a->timeout_given ? 0 : BAN_MS)),
		.stop = &trader_stop, .done = flatten_done, .settled = settled, .notice = notice, .arg = a
	};
	struct desk_conf c = conf;

	if (journal_open(&a->j, &a->prof, a->journal_file, &a->no_journal) == -1) {
		local_trouble(a, &a->no_journal);	/* cancelling needs no journal */
		return;
	}
	c.j = a->j;
	if (desk_open(&a->desk, &c, &a->no_journal) == -1)
		local_trouble(a, &a->no_journal);
}

int
open_all(struct app *a, struct fault *f)
{
	if (open_first(a, f) == -1)
		return -1;
	if (a->nmarket > 1)
		open_second(a);
	a->s[a->market[0]].timeout_ms = 2500;
	share_clock(a);
	open_desk(a);
	return 0;
}

/* Handshakes take some turns. */
static void
drain(struct app *a)
{
	int64_t end = clock_mono_ms() + WARM_MS;

	while (clock_mono_ms() < end && trader_stop == 0) {
		(void)ask_turn(a, NULL, 0, NULL, 0, 10);
		if (a->desk != NULL)
			desk_turn(a->desk, NULL, 0, 10);
	}
}

void
warm(struct app *a)
{
	struct fault ignore;

	for (int i = 0; i < a->nmarket; i++) {
		enum market m = a->market[i];

		if (!a->open[m])
			continue;
		(void)session_sync(&a->s[m], false, &ignore);
		(void)xinfo_get(&a->x[m], &a->s[m], false, &ignore);
	}
	rewarm(a);
	drain(a);
}

void
rewarm(struct app *a)
{
	for (int i = 0; i < a->nmarket; i++) {
		enum market m = a->market[i];

		if (a->calls[m] != NULL)
			calls_warm(a->calls[m], WARM);
		if (a->desk != NULL && a->open[m] && a->level == LEVEL_FLATTEN)
			desk_warm(a->desk, m, 1);
	}
}

/* Requests to the exchange so far. */
static long
sent(const struct app *a)
{
	long n = a->desk != NULL ? desk_sent(a->desk) : 0;

	for (int m = 0; m < MARKETS; m++)
		n += a->calls[m] != NULL ? calls_sent(a->calls[m]) : 0;
	return n;
}

long
requests(const struct app *a)
{
	return sent(a) - a->sent0 + a->extra;
}

void
app_free(struct app *a)
{
	enum market m = a->market[0];

	deadman_free(a->dm);
	for (int i = 0; i < MARKETS; i++) {
		view_free(&a->view[i]);
		calls_close(a->calls[i]);
		xinfo_free(&a->x[i]);
	}
	desk_close(a->desk);
	journal_close(a->j);
	if (a->open[market_other(m)])
		session_close(&a->s[market_other(m)]);
	if (a->open[m])
		session_close(&a->s[m]);
	flatten_free(a);
	free(a->track);
	free(a->no);
	buf_free(&a->rec);
	buf_free(&a->trigger);
}
