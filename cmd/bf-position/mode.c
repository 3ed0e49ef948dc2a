/* The two modes of an account: hedge or one-way, of both markets, and multi-assets, of USDⓈ-M. */
#include <string.h>

#include "setting.h"

/* A mode: how it is asked for, and the words of its two states. */
struct mode {
	const char	*what;		/* "position mode" */
	const char	*member;	/* of the record */
	const char	*field;		/* of the exchange */
	enum ep		 get, set;
	const char	*word[2];	/* off, on */
	bool		 preview;
};

static const struct mode position_mode = { "position mode", "positionMode", "dualSidePosition",
	EP_POSITION_MODE, EP_POSITION_MODE_SET, { "one-way", "hedge" }, false };
static const struct mode assets_mode = { "multi-assets mode", "multiAssets", "multiAssetsMargin",
	EP_MULTI_ASSETS, EP_MULTI_ASSETS_SET, { "off", "on" }, true };

struct turn {
	struct app	*a;
	struct session	*s;
	const struct mode *m;
	bool		 was, now, want;
	struct preview	 pv;
};

static int
read_mode(struct turn *t, bool *out, struct fault *f)
{
	if (session_call(t->s, t->m->get, "", true, f) == -1)
		return -1;
	if (!scan_get_bool(t->s->doc.t, t->s->doc.t, t->m->field, out))
		return fault_set(f, FAULT_AGAIN, "the exchange's answer does not show the %s", t->m->what);
	return 0;
}

static int
put(struct turn *t, bool asked, struct fault *f)
{
	struct buf *b = &t->a->rec;

	jw_open(b, NULL, '{');
	jw_str(b, "e", "bf.setting");
	jw_i64(b, "E", session_now(t->s));
	jw_str(b, "what", t->m->what);
	jw_str(b, t->m->member, t->m->word[t->now]);
	jw_bool(b, "changed", t->now != t->was);
	if (asked && t->a->p.dry_run)
		jw_bool(b, "dryRun", true);
	if (t->pv.has[0])
		preview_put(t->a, &t->pv, NULL, "USDT");
	jw_close(b, '}');
	return emit(t->a, f);
}

/* One margin of all assets: the liquidation prices change, and every asset answers for every position. */
static int
see(struct turn *t, struct fault *f)
{
	if (!t->m->preview)
		return 0;
	if (t->want && !t->was && setting_latch(t->s, NULL, 0, f) == -1)
		return -1;
	if (setting_load(t->a, t->s->market, NULL, NULL, f) == -1)
		return -1;
	if (t->want && t->a->rates.n == 0 && listing_rates(&t->a->rates, t->s, f) == -1)
		return -1;
	if (preview_begin(&t->pv, t->a, t->s->market, f) == -1)
		return -1;
	t->pv.after.multi_assets = t->want;
	return preview_end(&t->pv, t->a, f);
}

static int
refused(struct turn *t, const struct fault *no, struct fault *f)
{
	*f = *no;
	setting_blocked(t->a, t->s->market, NULL, no->code);
	return -1;
}

/* As a symbol's setting: what counts is what the exchange says afterwards. */
static int
settle(struct turn *t, const struct fault *no, struct fault *f)
{
	bool refusal = no != NULL && no->kind == FAULT_REJECTED && !setting_no_op(no->code);

	if (no != NULL && no->kind != FAULT_REJECTED && no->kind != FAULT_UNKNOWN) {
		*f = *no;
		return -1;
	}
	if (read_mode(t, &t->now, f) == -1) {
		if (refusal)
			return refused(t, no, f);
		f->kind = FAULT_UNKNOWN;
		return -1;
	}
	if (t->now == t->want)
		return 0;
	if (refusal)
		return refused(t, no, f);
	return fault_set(f, no != NULL ? FAULT_UNKNOWN : FAULT_REJECTED, "%s: asked for %s, but the exchange still says %s",
	    t->m->what, t->m->word[t->want], t->m->word[t->now]);
}

static int
turn(struct turn *t, struct fault *f)
{
	struct fault no = { 0 };
	struct buf q = { 0 };
	int r;

	if (see(t, f) == -1)
		return -1;
	if (t->a->p.dry_run) {
		t->now = t->want;
		return put(t, true, f);
	}
	t->a->asked = true;
	buf_printf(&q, "%s=%s", t->m->field, t->want ? "true" : "false");
	r = q.bad ? fault_set(&no, FAULT_LOCAL, "out of memory") : session_call(t->s, t->m->set, q.p, true, &no);
	buf_free(&q);
	return settle(t, r == -1 ? &no : NULL, f) == -1 ? -1 : put(t, true, f);
}

static int
run(struct app *a, const struct mode *m, enum market market, char *const words[], int n, struct fault *f)
{
	struct turn t = { .a = a, .m = m };
	int r;

	if (n > 1 || (n == 1 && strcmp(words[0], m->word[0]) != 0 && strcmp(words[0], m->word[1]) != 0))
		return fault_set(f, FAULT_USAGE, "%s: %s, %s, or nothing to see which it is", m->what, m->word[0], m->word[1]);
	if (app_open(a, f) == -1 || (t.s = venue_session(&a->v, market, f)) == NULL || read_mode(&t, &t.was, f) == -1)
		return -1;
	t.now = t.was;
	if (n == 0)
		return put(&t, false, f);
	t.want = strcmp(words[0], m->word[1]) == 0;
	r = turn(&t, f);
	preview_free(&t.pv);
	return r;
}

/* It is of both markets, whichever is asked. */
int
do_mode(struct app *a, char *const words[], int n, struct fault *f)
{
	return run(a, &position_mode, a->common.market, words, n, f);
}

int
do_multi_assets(struct app *a, char *const words[], int n, struct fault *f)
{
	if (a->common.market_given && a->common.market == MARKET_COINM)
		return fault_set(f, FAULT_USAGE, "multi-assets: COIN-M has no such mode");
	return run(a, &assets_mode, MARKET_USDM, words, n, f);
}
