/* Orders of ours that are on their way: asked after, ended, and what the account then has to show. */
#include <stdio.h>
#include <string.h>

#include "watch_in.h"

bool
watch_ended(const char *status)
{
	static const char *const end[] = { "FILLED", "CANCELED", "EXPIRED", "EXPIRED_IN_MATCH", "REJECTED" };

	for (size_t i = 0; i < sizeof end / sizeof *end; i++)
		if (strcmp(status, end[i]) == 0)
			return true;
	return false;
}

static struct fly *
by_id(struct watch *wt, const char *id)
{
	for (int i = 0; i < wt->nfly; i++)
		if (wt->fly[i].state == FLY_SENT && strcmp(wt->fly[i].client_id, id) == 0)
			return &wt->fly[i];
	return NULL;
}

/* It has been tried often enough to say so; what must be closed and cannot be is a matter for the latch. */
static void
say_stuck(struct watch *wt, struct world *w, struct fly *fl, struct wish *out)
{
	const struct limit *l = limit_of(wt->l, fl->rule, fl->symbol);
	char msg[160];

	fl->stuck = true;
	snprintf(msg, sizeof msg, "%d orders in a row did not reduce %s as they should", fl->tries, fl->symbol);
	watch_say(out, "%s", msg);
	jw_open(&out->lines, NULL, '{');
	jw_str(&out->lines, "e", "bf.risk");
	jw_i64(&out->lines, "E", w->now.ms);
	jw_str(&out->lines, "by", "bf-risk");
	jw_str(&out->lines, "rule", rule_rows[fl->rule].name);
	jw_null(&out->lines, "value");
	jw_dec(&out->lines, "limit", l->max);
	jw_str(&out->lines, "msg", msg);
	jw_str(&out->lines, "action", action_word(l->act));
	jw_str(&out->lines, "reason", l->reason);
	jw_str(&out->lines, "symbol", fl->symbol);
	jw_bool(&out->lines, "stuck", true);
	jw_close(&out->lines, '}');
	jw_end(&out->lines);
	if (l->act >= ACT_FLATTEN && out->trip[0] == '\0')
		snprintf(out->trip, sizeof out->trip, "%s: %s", rule_rows[fl->rule].name, msg);
}

/* At once after the first, then 250 ms, 500 ms...; not so long where the book gives something. */
static int64_t
pause_after(int tries, bool some)
{
	int64_t ms = 250, most = some ? PAUSE_SOME_MS : PAUSE_MAX_MS;

	if (tries <= 1)
		return 0;
	while (--tries > 1 && ms < most)
		ms *= 2;
	return ms < most ? ms : most;
}

/* It is over. Until the account was read and shows it, the position is the old one, and would be reduced a second
 * time. */
static void
landed(struct watch *wt, struct world *w, struct fly *fl, dec executed, struct wish *out)
{
	int64_t now = w->now.mono_ms;

	fl->state = FLY_ENDED;
	fl->executed = executed;
	fl->since_ms = fl->asked_ms = now;
	fl->wait_ms = POLL_MIN_MS;
	out->read[fl->m] = true;
	wt->dirty = true;
	if (dec_cmp(executed, fl->qty) >= 0) {
		fl->tries = 0;
		fl->next_ms = 0;
		fl->stuck = false;
		return;
	}
	fl->tries++;
	fl->next_ms = now + pause_after(fl->tries, dec_sign(executed) > 0);
	if (fl->tries >= TRIES_MAX && !fl->stuck)
		say_stuck(wt, w, fl, out);
}

void
watch_order_event(struct watch *wt, struct world *w, const struct tok *t, const struct tok *rec, struct wish *out)
{
	const struct tok *o = scan_get(t, rec, "o");
	dec executed = dec_int(0);
	char status[24], id[CLIENT_ID_MAX];
	struct fly *fl;

	if (!scan_get_is(t, rec, "e", "ORDER_TRADE_UPDATE") || !scan_get_str(t, o, "c", id, sizeof id) ||
	    (fl = by_id(wt, id)) == NULL || !scan_get_is(t, o, "s", fl->symbol) ||
	    !scan_get_str(t, o, "X", status, sizeof status) || !watch_ended(status))
		return;
	scan_get_dec(t, o, "z", &executed);
	landed(wt, w, fl, executed, out);
}

/* A question that failed is repeated after a pause longer than it took: most of the time none is under way. */
static void
not_asked(struct fly *fl, int64_t now)
{
	fl->asked_ms = now + PAUSE_TIMES * (now - fl->asked_ms);
}

void
watch_answer(struct watch *wt, struct world *w, const char *id, const struct fault *f, bool found, const char *status,
    dec executed, struct wish *out)
{
	struct fly *fl = by_id(wt, id);
	int64_t now = w->now.mono_ms;

	if (fl == NULL)
		return;
	if (f != NULL && f->code == 0)
		not_asked(fl, now);
	else
		fl->asked_ms = now;
	if (f != NULL)
		return;
	if (found && watch_ended(status)) {
		landed(wt, w, fl, executed, out);
	} else if (!found && now - fl->since_ms > wt->recv_window_ms + LAG_MS) {
		watch_say(out, "reducing order %s never reached the exchange", fl->client_id);
		out->rules = true;
		landed(wt, w, fl, dec_int(0), out);
	}
}

/* One question a call; of the others the first is due again at once. */
static void
ask(struct look *k, struct fly *fl)
{
	struct wish *out = k->out;

	if (out->query) {
		watch_wake(k, k->w->now.mono_ms);
		return;
	}
	out->query = true;
	out->query_market = fl->m;
	snprintf(out->query_symbol, sizeof out->query_symbol, "%s", fl->symbol);
	snprintf(out->query_id, sizeof out->query_id, "%s", fl->client_id);
}

void
watch_follow(struct look *k)
{
	int64_t now = k->w->now.mono_ms;

	for (int i = 0; i < k->wt->nfly; i++) {
		struct fly *fl = &k->wt->fly[i];
		int64_t most = fl->state == FLY_SENT ? POLL_MAX_MS : SETTLE_MAX_MS;
		bool taken = k->out->query;

		if (fl->state == FLY_NONE)
			continue;
		if (now - fl->asked_ms < fl->wait_ms) {
			watch_wake(k, fl->asked_ms + fl->wait_ms);
			continue;
		}
		if (fl->state == FLY_SENT)
			ask(k, fl);
		else
			k->out->read[fl->m] = true;
		if (fl->state == FLY_SENT && taken)
			continue;
		fl->asked_ms = now;
		fl->wait_ms = fl->wait_ms * 2 < most ? fl->wait_ms * 2 : most;
		watch_wake(k, now + fl->wait_ms);
	}
}

void
watch_unread(struct watch *wt, int64_t mono_ms)
{
	for (int i = 0; i < wt->nfly; i++)
		if (wt->fly[i].state == FLY_SENT && mono_ms - wt->fly[i].left_ms < UNREAD_MS)
			wt->fly[i].since_ms = mono_ms;
}

/* What the ended order took off is off the position as we know it. */
static bool
shows(struct world *w, const struct fly *fl)
{
	const struct position *p = account_position(&w->acct[fl->m], fl->symbol, fl->side);
	dec now = p != NULL ? dec_abs(p->amt) : dec_int(0);

	return dec_sign(fl->executed) == 0 || (dec_add(&now, now, fl->executed) && dec_cmp(now, fl->held) <= 0);
}

/* An exchange in trouble answers from before the fill. That lag has a bound: who was added to meanwhile must not stay
 * unguarded. */
void
watch_loaded(struct watch *wt, struct world *w, enum market m, struct wish *out)
{
	(void)out;
	for (int i = 0; i < wt->nfly; i++) {
		struct fly *fl = &wt->fly[i];

		if (fl->state == FLY_ENDED && fl->m == m && (shows(w, fl) || w->now.mono_ms - fl->since_ms >= LAG_MS))
			fl->state = FLY_NONE;
	}
	wt->nseen[m] = 0;	/* rows may have moved */
	wt->dirty = wt->full = true;
}

int
watch_sent(const struct watch *wt, char *names, size_t size)
{
	int n = 0;

	names[0] = '\0';
	for (const struct fly *fl = wt->fly; fl < wt->fly + wt->nfly; fl++)
		if (fl->state == FLY_SENT) {
			size_t at = strlen(names);

			snprintf(names + at, size - at, "%s%s (%s)", n++ > 0 ? ", " : "", fl->symbol, fl->client_id);
		}
	return n;
}
