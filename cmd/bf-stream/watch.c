/* Streams that live but say nothing, nothing new, or say it late. */
#include <unistd.h>

#include "stream.h"

#define LAG_STEP	2	/* late until the lag is below half of the bound */

int64_t
watch_limit(const struct app *a, const struct line *ln)
{
	int64_t ms = ln->w->row->silence_ms;

	return ms > 0 && a->opt.max_silence > 0 ? a->opt.max_silence : ms;
}

static void
note(struct app *a, const struct line *ln, const char *state, int64_t ms)
{
	struct buf *b = app_note(a, "lag");

	jw_str(b, "stream", ln->w->name);
	if (ln->w->symbol != NULL)
		jw_str(b, "s", ln->w->symbol);
	jw_str(b, "market", market_word(ln->w->market));
	jw_str(b, "state", state);
	jw_i64(b, "ms", ms);
	app_note_end(a);
	if (a->out.table)
		tool_say(a->tool, STDERR_FILENO, "%s: %s, %lld ms", ln->w->name, state, (long long)ms);
}

static void
too_much(struct app *a, const struct line *ln, const char *what, int64_t ms)
{
	struct fault f;

	fault_set(&f, FAULT_AGAIN, "%s: %s for %lld ms, more than --lag-exit %ld", ln->w->name, what,
	    (long long)ms, a->opt.lag_exit);
	app_stop(a, &f);
}

/* The age of a record when it comes, by the exchange's clock. */
void
watch_lag(struct app *a, struct line *ln, int64_t E)
{
	int64_t lag = a->now - E;

	if (!a->clock_known || a->replaying)
		return;
	if (a->opt.lag_exit > 0 && lag > a->opt.lag_exit)
		too_much(a, ln, "late", lag);
	if (a->opt.max_lag == 0)
		return;
	if (!ln->late && lag > a->opt.max_lag) {
		ln->late = true;
		note(a, ln, "late", lag);
	} else if (ln->late && lag <= a->opt.max_lag / LAG_STEP) {
		ln->late = false;
		note(a, ln, "ok", lag);
	}
}

static void
look(struct app *a, struct line *ln)
{
	static const char *const word[] = {
		[HEALTH_OK] = "ok", [HEALTH_NEVER] = "never", [HEALTH_SILENT] = "silent", [HEALTH_REPEATS] = "repeats",
	};
	enum health h = line_health(ln, a->mono, watch_limit(a, ln));
	int64_t from = ln->fresh > ln->since ? ln->fresh : ln->since;

	int64_t new = ln->fresh > ln->asked ? ln->fresh : ln->asked;

	/* connecting anew is no excuse */
	if (a->opt.lag_exit > 0 && watch_limit(a, ln) > 0 && ln->asked != 0 && a->mono - new > a->opt.lag_exit)
		too_much(a, ln, ln->heard == 0 ? word[HEALTH_NEVER] : word[HEALTH_SILENT], a->mono - new);
	if (h == ln->health)
		return;
	/* While it is not subscribed nothing is known of it: what was said stands. */
	if (h == HEALTH_OK && ln->since == 0)
		return;
	if (h == HEALTH_OK && ln->fresh <= ln->since)
		return;
	ln->health = h;
	note(a, ln, word[h], a->mono - from);
}

void
watch_tick(struct app *a)
{
	struct fault f;

	for (int i = 0; i < a->lines.n; i++)
		look(a, &a->lines.line[i]);
	if (a->held && a->opt.lag_exit > 0 && a->mono - a->held_since > a->opt.lag_exit) {
		fault_set(&f, FAULT_AGAIN, "the reader has taken nothing for %lld ms, more than --lag-exit %ld",
		    (long long)(a->mono - a->held_since), a->opt.lag_exit);
		app_stop(a, &f);
	}
}
