/* What stands before the first order leaves: the profile and its key, the journal, the desk. */
#include <string.h>

#include "io/sandbox.h"
#include "app.h"

static void
notice(void *arg, const char *sentence)
{
	say(arg, "%s", sentence);
}

/* Whether orders of this profile cost real money. */
static bool
is_live(const struct profile *p)
{
	return !p->loopback && strstr(p->rest, "demo") == NULL && strstr(p->rest, "testnet") == NULL;
}

static void
say_profile(struct app *a, const struct profile *p)
{
	say(a, "profile %s", p->name);
	if (is_live(p) && profile_caps(p) == 0)
		say(a, "profile %s is live and has no caps: max_order_notional, max_position_notional, "
		    "max_price_distance, max_orders_per_minute, symbols", p->name);
}

/* Whether an outcome of the journal says that no byte of the request left. */
static bool
never_left(struct app *a, const struct journal_line *l)
{
	const struct tok *t;
	int64_t http;

	if (strcmp(l->what, "refused") != 0 || scan_doc(&a->sc, l->data, l->data_n) <= 0)
		return false;
	t = a->sc.t;
	return scan_get_is(t, t, "category", fault_word(FAULT_AGAIN)) &&
	    scan_get_i64(t, t, "http", &http) && http == 0;
}

/* Ids that were sent are not sent again, whoever asks. */
static int
know_id(void *arg, const struct journal_line *l)
{
	struct app *a = arg;
	int64_t now = app_now(a);

	if (strchr("~=", l->id[0]) != NULL || l->at_ms < now - 86400000)
		return 0;
	if (strcmp(l->what, "intent") == 0)
		return seen_add(&a->seen, l->id, now, NULL);
	if (never_left(a, l))
		seen_drop(&a->seen, l->id);
	return 0;
}

static struct session *
session_for(void *arg, enum market m, struct fault *f)
{
	struct app *a = arg;

	return venue_session(&a->v, m, f);
}

int
app_open(struct app *a, bool need_key, struct fault *f)
{
	struct session *s;

	a->v.profile = a->common.profile;
	a->v.market = a->common.market;
	a->v.only = a->common.market_given;
	a->v.need_key = need_key;
	if ((s = venue_session(&a->v, a->v.market, f)) == NULL)
		return -1;
	if (a->p.timeout_ms > 0)
		s->timeout_ms = (int)a->p.timeout_ms;
	say_profile(a, &s->prof);
	return 0;
}

static int
start_desk(struct app *a, struct fault *f)
{
	const struct desk_conf conf = {
		.session = session_for, .j = a->j, .via = a->words && a->p.via == VIA_AUTO ? VIA_REST : a->p.via,
		.in_flight = (int)a->p.in_flight, .batch = (int)a->p.batch, .batch_any = a->p.batch_any,
		.resolve_ms = (int)a->p.resolve_s * 1000, .lag_ms = (int)a->p.lag_ms,
		.wait_ms = a->p.wait_ms >= 0 ? (int)a->p.wait_ms : a->words ? 0 : 10000,
		.evidence = true, .test = a->p.test, .stop = &a->end, .may_send = job_may_send, .done = job_done,
		.settled = job_settled, .notice = notice, .arg = a
	};

	return desk_open(&a->desk, &conf, f);
}

/* A place for the shape without a key: dry runs need none, but show more with one. */
static int
open_for_orders(struct app *a, struct fault *f)
{
	struct fault first;

	if (!a->p.dry_run)
		return app_open(a, true, f);
	if (app_open(a, true, &first) == 0)
		return 0;
	venue_close(&a->v);
	return app_open(a, false, f);
}

/* The journal's days are the exchange's: by a clock that is days off, its last lines would not
 * be found. */
static void
learn_time(struct app *a)
{
	struct fault ignore;

	a->unsure = session_sync(&a->v.s[a->v.market], false, &ignore) == -1;
}

int
app_hold(struct app *a, const struct profile *p, struct fault *f)
{
	return sandbox_enter(&(struct sandbox){ .prof = p, .write = { a->p.journal } }, f);
}

int
start(struct app *a, struct fault *f)
{
	int damaged;

	if (open_for_orders(a, f) == -1 ||
	    journal_open(&a->j, &a->v.s[a->v.market].prof, a->p.journal, f) == -1 ||
	    app_hold(a, &a->v.s[a->v.market].prof, f) == -1)
		return -1;
	if (!a->p.dry_run)
		learn_time(a);
	journal_sync(a->j, !a->p.no_sync);
	journal_on_damage(a->j, notice, a);
	fault_set(f, FAULT_LOCAL, "out of memory for the journal's ids");
	if (journal_walk(a->j, 2, app_now(a), know_id, a, &damaged, f) == -1)
		return -1;
	journal_on_damage(a->j, NULL, NULL);	/* once is enough */
	return start_desk(a, f);
}

int
start_sending(struct app *a, struct fault *f)
{
	if (start(a, f) == -1)
		return -1;
	if (a->p.dry_run)
		return 0;
	desk_warm(a->desk, a->v.market, 1);
	return a->p.test ? 0 : settle_earlier(a, f);
}
