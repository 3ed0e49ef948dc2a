/* A symbol's leverage or margin type: seen in advance, asked for once, read back. */
#include <string.h>

#include "core/params.h"
#include "setting.h"

int
change_open(struct change *ch, struct app *a, const char *symbol, struct fault *f)
{
	ch->a = a;
	if (app_open(a, f) == -1 || (ch->c = app_contract(a, symbol, f)) == NULL ||
	    (ch->s = venue_session(&a->v, ch->c->market, f)) == NULL ||
	    setting_load(a, ch->c->market, ch->c, &ch->was, f) == -1)
		return -1;
	ch->now = ch->was;
	return 0;
}

/* Raising the leverage frees margin for more, and a cross position answers with the whole wallet. */
static bool
adds_risk(const struct setting *was, const struct setting *want)
{
	return want->leverage > was->leverage ||
	    (strcmp(want->type, "CROSSED") == 0 && strcmp(was->type, "ISOLATED") == 0);
}

static int
try_all(struct change *ch, const struct setting *want, struct fault *f)
{
	if (want->type[0] != '\0' && strcmp(want->type, ch->was.type) != 0 &&
	    account_set_isolated(&ch->pv.after, ch->c, strcmp(want->type, "ISOLATED") == 0, f) == -1)
		return -1;
	if (want->leverage != 0 && want->leverage != ch->was.leverage &&
	    account_set_leverage(&ch->pv.after, ch->c, (int)want->leverage, f) == -1)
		return -1;
	return preview_end(&ch->pv, ch->a, f);
}

int
change_preview(struct change *ch, const struct setting *want, struct fault *f)
{
	struct fault pf = { 0 };

	if (adds_risk(&ch->was, want) && setting_latch(ch->s, ch->c->rules.symbol, 0, f) == -1)
		return -1;
	if (preview_begin(&ch->pv, ch->a, ch->c->market, f) == -1)
		return -1;
	if (try_all(ch, want, &pf) == 0)
		return 0;
	*f = pf;
	if (pf.kind == FAULT_REJECTED && ch->a->p.dry_run)
		setting_blocked(ch->a, ch->c->market, ch->c->rules.symbol, pf.code);
	return pf.kind != FAULT_REJECTED || ch->a->p.dry_run ? -1 : 0;
}

/* -1 with the exchange's no, and what causes it. */
static int
refused(struct change *ch, const struct fault *no, struct fault *f)
{
	*f = *no;
	setting_blocked(ch->a, ch->c->market, ch->c->rules.symbol, no->code);
	return -1;
}

/* After the request, of which no (NULL: none) is what became of it. */
static int
settle(struct change *ch, const struct setting *want, const struct fault *no, struct fault *f)
{
	bool refusal = no != NULL && no->kind == FAULT_REJECTED && !setting_no_op(no->code);

	if (no != NULL && no->kind != FAULT_REJECTED && no->kind != FAULT_UNKNOWN) {
		*f = *no;
		return -1;
	}
	if (setting_read(ch->s, ch->c, &ch->now, f) == -1) {
		if (refusal)
			return refused(ch, no, f);
		f->kind = FAULT_UNKNOWN;
		return -1;
	}
	if (setting_is(&ch->now, want))
		return 0;
	if (refusal)
		return refused(ch, no, f);
	return fault_set(f, no != NULL ? FAULT_UNKNOWN : FAULT_REJECTED,
	    "%s: asked for, but the exchange still says leverage %lld, margin type %s", ch->c->rules.symbol,
	    (long long)ch->now.leverage, ch->now.type);
}

int
change_send(struct change *ch, const struct setting *want, struct fault *f)
{
	bool leverage = want->leverage != 0;
	struct fault no = { 0 };
	struct buf q = { 0 };
	int r;

	buf_str(&q, "symbol=");
	query_escape(&q, ch->c->rules.symbol);
	if (leverage)
		buf_printf(&q, "&leverage=%lld", (long long)want->leverage);
	else
		buf_printf(&q, "&marginType=%s", want->type);
	if (q.bad) {
		buf_free(&q);
		return fault_set(f, FAULT_LOCAL, "out of memory");
	}
	ch->a->asked = true;
	r = session_call(ch->s, leverage ? EP_LEVERAGE : EP_MARGIN_TYPE, q.p, true, &no);
	buf_free(&q);
	if (settle(ch, want, r == -1 ? &no : NULL, f) == -1)
		return -1;
	if (!setting_is(&ch->was, want) && ch->ndid < 2)
		ch->did[ch->ndid++] = leverage ? "leverage" : "marginType";
	return 0;
}

void
change_pretend(struct change *ch, const struct setting *want)
{
	if (want->type[0] != '\0' && strcmp(want->type, ch->was.type) != 0)
		ch->did[ch->ndid++] = "marginType";
	if (want->leverage != 0 && want->leverage != ch->was.leverage)
		ch->did[ch->ndid++] = "leverage";
	ch->now = setting_with(&ch->was, want);
}

int
change_put(struct change *ch, struct fault *f)
{
	struct buf *b = &ch->a->rec;

	jw_open(b, NULL, '{');
	jw_str(b, "e", "bf.setting");
	jw_i64(b, "E", session_now(ch->s));
	jw_str(b, "market", market_word(ch->c->market));
	jw_str(b, "symbol", ch->c->rules.symbol);
	jw_i64(b, "leverage", ch->now.leverage);
	jw_str(b, "marginType", ch->now.type);
	jw_bool(b, "changed", ch->ndid > 0);
	jw_open(b, "changes", '[');
	for (int i = 0; i < ch->ndid; i++)
		jw_str(b, NULL, ch->did[i]);
	jw_close(b, ']');
	if (ch->a->p.dry_run)
		jw_bool(b, "dryRun", true);
	preview_put(ch->a, &ch->pv, ch->c->rules.symbol, ch->c->rules.margin);
	jw_close(b, '}');
	return emit(ch->a, f);
}

void
change_free(struct change *ch)
{
	preview_free(&ch->pv);
}
