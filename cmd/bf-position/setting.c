/* Settings of a symbol as the exchange has them. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/params.h"
#include "io/latch.h"
#include "setting.h"

bool
setting_is(const struct setting *s, const struct setting *want)
{
	return (want->leverage == 0 || s->leverage == want->leverage) &&
	    (want->type[0] == '\0' || strcmp(s->type, want->type) == 0);
}

struct setting
setting_with(const struct setting *was, const struct setting *want)
{
	struct setting s = *was;

	if (want->leverage != 0)
		s.leverage = want->leverage;
	if (want->type[0] != '\0')
		memcpy(s.type, want->type, sizeof s.type);
	return s;
}

int
setting_type(char out[static SETTING_TYPE], const char *name, const char *word, struct fault *f)
{
	if (strcasecmp(word, "isolated") == 0)
		snprintf(out, SETTING_TYPE, "ISOLATED");
	else if (strcasecmp(word, "crossed") == 0 || strcasecmp(word, "cross") == 0)
		snprintf(out, SETTING_TYPE, "CROSSED");
	else
		return fault_set(f, FAULT_USAGE, "%s %.20s: not isolated or crossed", name, word);
	return 0;
}

/* A row of symbolConfig, or of COIN-M's positionRisk, which says "cross". */
static bool
read_row(struct setting *out, const struct tok *t, const struct tok *v)
{
	struct setting s = { 0 };
	struct fault ignore;
	char type[24];

	if (!scan_get_i64(t, v, "leverage", &s.leverage) || s.leverage < 1 ||
	    !scan_get_str(t, v, "marginType", type, sizeof type) ||
	    setting_type(s.type, "", type, &ignore) == -1)
		return false;
	*out = s;
	return true;
}

/* From the answer that s has. */
static int
find_row(struct session *s, const struct contract *c, struct setting *out, struct fault *f)
{
	const struct tok *v = scan_find(s->doc.t, s->doc.t, "symbol", c->rules.symbol);

	if (v == NULL || !read_row(out, s->doc.t, v))
		return fault_set(f, FAULT_AGAIN, "%s: the exchange's answer does not show the setting", c->rules.symbol);
	return 0;
}

/* COIN-M has no symbolConfig, and its positionRisk takes a pair. */
int
setting_read(struct session *s, const struct contract *c, struct setting *out, struct fault *f)
{
	bool coinm = s->market == MARKET_COINM;
	struct buf q = { 0 };
	int r;

	buf_str(&q, coinm ? "pair=" : "symbol=");
	query_escape(&q, coinm ? c->rules.pair : c->rules.symbol);
	r = q.bad ? fault_set(f, FAULT_LOCAL, "out of memory") :
	    session_call(s, coinm ? EP_POSITION_RISK : EP_SYMBOL_CONFIG, q.p, true, f);
	buf_free(&q);
	return r == -1 ? -1 : find_row(s, c, out, f);
}

/*
 * With the account
 */

static int
read_modes(struct account *a, struct session *s, struct fault *f)
{
	bool coinm = s->market == MARKET_COINM, hedge, multi = false;
	const struct tok *t;

	if (session_call(s, coinm ? EP_POSITION_MODE : EP_ACCOUNT_CONFIG, "", true, f) == -1)
		return -1;
	t = s->doc.t;
	if (!scan_get_bool(t, t, "dualSidePosition", &hedge) ||
	    (!coinm && !scan_get_bool(t, t, "multiAssetsMargin", &multi)))
		return fault_set(f, FAULT_AGAIN, "the exchange's answer does not show the account's modes");
	a->hedge = hedge;
	a->multi_assets = multi;
	return 0;
}

/* One answer for the settings of all symbols: of those with positions for the figures. */
static int
read_settings(struct app *a, struct session *s, const struct contract *c, struct setting *was, struct fault *f)
{
	struct account *acct = &a->acct[s->market];

	if (s->market == MARKET_USDM) {
		if (session_call(s, EP_SYMBOL_CONFIG, "", true, f) == -1 ||
		    account_read_config(acct, s->doc.t, s->doc.t, f) == -1 ||
		    (c != NULL && find_row(s, c, was, f) == -1))
			return -1;
	} else if (c != NULL && setting_read(s, c, was, f) == -1)
		return -1;
	return read_modes(acct, s, f);
}

int
setting_load(struct app *a, enum market m, const struct contract *c, struct setting *was, struct fault *f)
{
	struct session *s = venue_session(&a->v, m, f);
	struct fault lf = { 0 };
	int64_t not_settings;

	if (s == NULL || session_sync(s, false, f) == -1)
		return -1;
	not_settings = session_now(s);	/* they come below, once, with the one wanted */
	if (account_load(&a->acct[m], s, LOAD_HELD, true, &not_settings, f) == -1 ||
	    read_settings(a, s, c, was, f) == -1)
		return -1;
	a->has[m] = true;
	if (listing_account(&a->cs, &a->v, m, &a->acct[m], &lf) == -1 ||
	    (a->acct[m].multi_assets && a->rates.n == 0 && listing_rates(&a->rates, s, &lf) == -1))
		say(a, "what a change does to liquidation prices cannot be told in full: %s", lf.text);
	return 0;
}

int
setting_latch(struct session *s, const char *symbol, enum order_side side, struct fault *f)
{
	char why[160] = "";
	int r = symbol == NULL ? latch_test(&s->prof, why, sizeof why, f) :
	    latch_test_for(&s->prof, symbol, side, why, sizeof why, f);

	if (r == 1)
		return fault_set(f, FAULT_TRIPPED, "the kill latch is set (%s): nothing that adds risk is asked for", why);
	return r;
}
