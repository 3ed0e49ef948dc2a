/*
 * One look at all that is held: the figures of each wallet, the rules, and what follows from
 * them. It begins only when something has changed, or when time alone could decide.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "watch_in.h"

void
watch_say(struct wish *out, const char *fmt, ...)
{
	size_t n = strlen(out->say);
	va_list ap;

	if (n > 0 && n + 3 < sizeof out->say) {
		memcpy(out->say + n, "; ", 3);
		n += 2;
	}
	va_start(ap, fmt);
	vsnprintf(out->say + n, sizeof out->say - n, fmt, ap);
	va_end(ap);
}

void *
watch_grow(struct watch *wt, void *list, int *cap, int n, size_t size)
{
	int want = *cap < 8 ? 8 : *cap;
	void *p;

	if (n <= *cap)
		return list;
	while (want < n)
		want *= 2;
	if ((p = realloc(list, (size_t)want * size)) == NULL) {
		wt->bad = true;
		return NULL;
	}
	*cap = want;
	return p;
}

int
watch_open(struct watch **out, const struct limits *l, int (*id)(void *arg, char out[static CLIENT_ID_MAX]), void *arg,
    struct fault *f)
{
	struct watch *wt = calloc(1, sizeof *wt);

	if (wt == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	wt->l = l;
	wt->id = id;
	wt->arg = arg;
	wt->recv_window_ms = 5000;
	wt->dirty = wt->full = true;
	*out = wt;
	return 0;
}

void
watch_free(struct watch *wt)
{
	if (wt == NULL)
		return;
	for (int i = 0; i < wt->npurse; i++)
		free(wt->purse[i].ring);
	for (int m = 0; m < MARKETS; m++) {
		figures_kept_free(&wt->kept[m]);
		free(wt->seen[m]);
	}
	free(wt->purse);
	free(wt->alarm);
	free(wt->fly);
	free(wt->want);
	free(wt->adds);
	free(wt->till);
	free(wt);
}

void
watch_recv_window(struct watch *wt, int64_t ms)
{
	wt->recv_window_ms = ms;
}

void
watch_wake(struct look *k, int64_t mono_ms)
{
	if (k->out->wake_mono_ms == 0 || mono_ms < k->out->wake_mono_ms)
		k->out->wake_mono_ms = mono_ms;
	if (mono_ms < k->wt->due_ms)
		k->wt->due_ms = mono_ms;
}

/*
 * Alarms: a rule and what it is about
 */

struct alarm *
watch_find(struct watch *wt, enum rule r, const struct subject *s)
{
	if ((wt->alarmed & 1u << r) == 0)
		return NULL;
	for (int n = wt->nalarm, i = wt->found < n ? wt->found : 0; n > 0; n--, i = i + 1 < wt->nalarm ? i + 1 : 0) {
		struct alarm *a = &wt->alarm[i];

		if (a->rule == r && a->m == s->m && watch_same(a->symbol, a->side, s->symbol, s->side) &&
		    (s->symbol[0] != '\0' || strcmp(a->asset, s->w->asset) == 0)) {
			wt->found = i;
			return a;
		}
	}
	return NULL;
}

struct alarm *
watch_timer(struct look *k, enum rule r, const struct subject *s)
{
	struct watch *wt = k->wt;
	struct alarm *list = watch_grow(wt, wt->alarm, &wt->calarm, wt->nalarm + 1, sizeof *list), *a;

	if (list == NULL)
		return NULL;
	wt->alarm = list;
	wt->alarmed |= 1u << r;
	a = &wt->alarm[wt->nalarm++];
	*a = (struct alarm){ .rule = r, .m = s->m, .side = s->side, .since_ms = k->w->now.mono_ms };
	snprintf(a->symbol, sizeof a->symbol, "%s", s->symbol);
	snprintf(a->asset, sizeof a->asset, "%s", s->w != NULL ? s->w->asset : "");
	return a;
}

/* Not by the leverage rule, which refuses the same intents and says why better; nor by what is about one symbol. */
void
watch_block(struct look *k, enum rule r, enum action act)
{
	if (act >= ACT_BLOCK && r != R_MAX_LEV && r != R_VOLATILITY)
		k->blocked |= 1u << r;
}

/* What is over limit begins once; what it asks for once is done here. */
static void
begin(struct look *k, struct alarm *a, struct purse *p, const struct limit *l)
{
	a->on = true;
	a->since_ms = k->w->now.mono_ms;
	watch_notice(k, a, p, l, false);
	if (p != NULL && l->act >= ACT_FLATTEN && !p->flatten) {
		p->flatten = true;
		p->flatten_rule = a->rule;
		k->wt->save_now = true;
	}
	if (l->act == ACT_TRIP && k->out->trip[0] == '\0')
		snprintf(k->out->trip, sizeof k->out->trip, "%s%s%s: %.150s", rule_rows[a->rule].name,
		    a->symbol[0] != '\0' ? " " : "", a->symbol, l->reason);
}

struct alarm *
watch_judged(struct look *k, enum rule r, const struct subject *s, const struct limit *l, bool over, bool within,
    bool bounded, dec value, dec limit)
{
	struct alarm *a = watch_find(k->wt, r, s);
	struct purse *p = s->w != NULL ? watch_known_purse(k->wt, s->w->m, s->w->asset, s->w->multi) : NULL;

	if (a == NULL && (!over || (a = watch_timer(k, r, s)) == NULL))
		return NULL;
	a->value = value;
	a->limit = limit;
	a->bounded = bounded;
	a->act = l->act;
	if (!a->on && over)
		begin(k, a, p, l);
	if (!a->on || (within && !over))
		return NULL;	/* not seen: it ends with this look */
	a->seen = true;
	watch_block(k, r, l->act);
	if (l->act >= ACT_CANCEL)
		watch_cancel(k, a, p);
	return a;
}

void
watch_blind(struct look *k, enum rule r, const struct limit *l, const char *what)
{
	if (!(k->wt->blind & 1u << r))
		watch_say(k->out, "%s: rule %s cannot be judged", what, rule_rows[r].name);
	k->wt->blind |= 1u << r;
	k->blind |= 1u << r;
	watch_block(k, r, l->act);	/* fail closed */
}

static struct purse *
alarm_purse(struct watch *wt, const struct alarm *a)
{
	struct purse *p = watch_known_purse(wt, a->m, a->asset, false);

	return p != NULL ? p : watch_known_purse(wt, a->m, a->asset, true);
}

/* Those not met in this look are over. Of an account that is not known nothing is over. */
static void
end_alarms(struct look *k)
{
	struct watch *wt = k->wt;
	int keep = 0;

	wt->alarmed = 0;
	for (int i = 0; i < wt->nalarm; i++) {
		struct alarm *a = &wt->alarm[i];

		if (!a->seen && watch_readable(k->w, a->m)) {
			if (a->on)
				watch_notice(k, a, alarm_purse(wt, a), limit_of(wt->l, a->rule, a->symbol), true);
			continue;
		}
		if (!a->seen && a->on)
			watch_block(k, a->rule, a->act);
		wt->alarmed |= 1u << a->rule;
		wt->alarm[keep++] = *a;
	}
	wt->nalarm = keep;
}

/*
 * A look
 */

uint64_t
watch_mix(uint64_t h, const dec *d)
{
	h = (h ^ (uint64_t)d->c ^ (uint64_t)(d->c >> 64) ^ (uint64_t)d->scale << 56) * 1099511628211ull;
	return h ^ h >> 31;
}

/* Of all that the figures follow from: a few multiplications a position. */
static uint64_t
fingerprint(const struct world *w)
{
	uint64_t h = 14695981039346656037ull ^ (uint64_t)w->version;

	for (int m = 0; m < MARKETS; m++) {
		const struct account *a = &w->acct[m];

		h = (h ^ (uint64_t)watch_readable(w, (enum market)m)) * 1099511628211ull;
		for (int i = 0; i < a->npos; i++)
			h = watch_mix(watch_mix(watch_mix(h, &a->pos[i].amt), &a->pos[i].mark), &a->pos[i].upnl);
		for (int i = 0; i < a->nwal; i++)
			h = watch_mix(watch_mix(h, &a->wal[i].balance), &a->wal[i].cross);
		h = (h ^ (unsigned)a->nord) * 1099511628211ull;
	}
	return h;
}

static bool
timed_rules(const struct limits *l)
{
	static const enum rule by_time[] = { R_LIQ_DISTANCE, R_DAILY_LOSS, R_DRAWDOWN, R_LOSING_STREAK, R_VOLATILITY,
		R_UNPROTECTED, R_MARGIN_RATIO };

	for (size_t i = 0; i < sizeof by_time / sizeof *by_time; i++)
		if (l->r[by_time[i]].on)
			return true;
	return l->nown > 0;
}

static void
flatten_purses(struct look *k)
{
	for (int i = 0; i < k->wt->npurse; i++) {
		struct purse *p = &k->wt->purse[i];

		if (!p->flatten || !p->seen)
			continue;
		if (p->held || !p->known) {
			k->blocked |= 1u << p->flatten_rule;
			watch_want_all(k, p, p->flatten_rule, dec_int(0), k->wt->l->r[p->flatten_rule].max, false);
			continue;
		}
		p->flatten = false;
		k->wt->save_now = true;
	}
}

static void
save_wish(struct watch *wt, int64_t mono_ms, struct wish *out)
{
	if (wt->save_now || (wt->save_late && mono_ms - wt->saved_ms >= 5000)) {
		out->save = true;
		wt->save_now = wt->save_late = false;
		wt->saved_ms = mono_ms;
	}
}

static void
look(struct look *k)
{
	struct watch *wt = k->wt;
	int64_t now = k->w->now.mono_ms;

	wt->due_ms = INT64_MAX;
	wt->dirty = false;
	if ((k->full = wt->full || now - wt->full_ms >= LOOK_MS))
		wt->full_ms = now;
	wt->full = false;
	wt->nwant = 0;
	for (int i = 0; i < wt->nalarm; i++)
		wt->alarm[i].seen = false;
	watch_purses(k);
	watch_rules(k);
	flatten_purses(k);
	end_alarms(k);
	wt->blind = k->blind;
	watch_flush(k);
	if (timed_rules(wt->l))
		watch_wake(k, wt->full_ms + LOOK_MS);
	if (wt->bad)
		watch_say(k->out, "out of memory: not everything is guarded");
	k->w->blocked = wt->bad ? k->blocked | 1u << R_MAX_LEV : k->blocked;
}

void
watch_run(struct watch *wt, struct world *w, struct wish *out)
{
	struct look k = { .wt = wt, .w = w, .out = out };
	uint64_t print = fingerprint(w);

	watch_follow(&k);
	if (wt->dirty || print != wt->print || w->now.mono_ms >= wt->due_ms) {
		if (print != wt->print && wt->print == 0)
			wt->full = true;
		wt->print = print;
		look(&k);
		watch_follow(&k);	/* of what has just left: when to ask after it */
	} else if (wt->due_ms != INT64_MAX) {
		watch_wake(&k, wt->due_ms);
	}
	day_wish(&k);
	save_wish(wt, w->now.mono_ms, out);
}

void
watch_event(struct watch *wt, struct world *w, const struct tok *t, const struct tok *rec, struct wish *out)
{
	watch_order_event(wt, w, t, rec, out);
	day_event(wt, w, t, rec);
	save_wish(wt, w->now.mono_ms, out);
}
