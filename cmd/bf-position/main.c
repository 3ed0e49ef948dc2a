/* bf-position: positions and balances as they are, leverage and margin type. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/margin.h"
#include "io/load.h"
#include "io/table.h"
#include "io/tool.h"
#include "io/xinfo.h"

static const struct opt opts[] = {
	OPTS_COMMON,
	OPTS_OUTPUT,
	OPTS_END
};
static const struct tool tool = {
	"bf-position",
	"bf-position [options] [SYMBOL ...]\n"
	"bf-position [options] balances\n"
	"bf-position [options] leverage SYMBOL N\n"
	"bf-position [options] margin-type SYMBOL isolated|crossed\n"
	"Positions, balances, effective leverage and liquidation prices.",
	opts
};
static const struct column position_cols[] = {
	{ "SYMBOL", "symbol", COL_LEFT },
	{ "SIDE", "positionSide", COL_LEFT },
	{ "AMOUNT", "positionAmt", COL_RIGHT },
	{ "ENTRY", "entryPrice", COL_RIGHT },
	{ "MARK", "markPrice", COL_RIGHT },
	{ "PNL", "unRealizedProfit", COL_RIGHT },
	{ "MARGIN", "marginType", COL_LEFT },
	{ "SET", "leverage", COL_RIGHT },
	{ "EFFECTIVE", "effectiveLeverage", COL_RIGHT },
	{ "LIQUIDATION", "liquidationPrice", COL_RIGHT },
	{ "OWN", "liquidationPriceOwn", COL_RIGHT },
	{ "AWAY %", "distance", COL_RIGHT },
	{ NULL, NULL, 0 }
};
static const struct column balance_cols[] = {
	{ "ASSET", "asset", COL_LEFT },
	{ "WALLET", "walletBalance", COL_RIGHT },
	{ "CROSS", "crossWalletBalance", COL_RIGHT },
	{ "AVAILABLE", "availableBalance", COL_RIGHT },
	{ "EQUITY", "marginBalance", COL_RIGHT },
	{ "EFFECTIVE", "effectiveLeverage", COL_RIGHT },
	{ "MARGIN RATIO", "marginRatio", COL_RIGHT },
	{ NULL, NULL, 0 }
};
static const struct column change_cols[] = {
	{ "SYMBOL", "symbol", COL_LEFT },
	{ "SET", "leverage", COL_RIGHT },
	{ "MARGIN", "marginType", COL_LEFT },
	{ "CHANGED", "changed", COL_LEFT },
	{ NULL, NULL, 0 }
};

struct app {
	struct common	common;
	struct session	s;
	struct account	acct;
	int64_t		config_ms;	/* of account_load */
	struct brackets	brackets;
	struct printer	out;
	struct buf	rec;
};

/* A figure that may be without bound, or unknown, is null: missing is not zero. */
static void
put_maybe(struct buf *b, const char *key, bool known, dec d)
{
	if (known)
		jw_dec(b, key, d);
	else
		jw_null(b, key);
}

/* |mark - price| / mark in percent, two decimals, cut off. */
static bool
distance(dec *out, dec mark, dec price)
{
	dec gap;

	return dec_sign(mark) > 0 && dec_sign(price) > 0 && dec_sub(&gap, mark, price) &&
	    dec_mul(&gap, dec_abs(gap), dec_int(100)) && dec_div(out, gap, mark, 2, DEC_DOWN);
}

/* Effective leverage of one position: isolated by its own margin, cross by the
 * equity of its wallet. */
static bool
effective(const struct account *a, const struct position *p, dec notional, dec *out)
{
	struct account_sum sum;
	dec equity;

	if (p->isolated)
		return dec_add(&equity, p->isolated_wallet, p->upnl) && margin_leverage(out, dec_abs(notional), equity);
	return account_sum(a, p->margin_asset, &sum) && margin_leverage(out, dec_abs(notional), sum.equity);
}

static int
put_position(struct app *a, const struct position *p, struct fault *f)
{
	static const char *const side[] = { [POS_BOTH] = "BOTH", [POS_LONG] = "LONG", [POS_SHORT] = "SHORT" };
	struct leg l = { .kind = LINEAR, .amt = p->amt, .entry = p->entry, .size = dec_int(1) };
	struct buf *b = &a->rec;
	dec notional, liq = dec_int(0), lev, away;
	bool has_lev, has_away;

	if (!margin_notional(&notional, &l, p->mark))
		return fault_set(f, FAULT_LOCAL, "%s: notional out of room", p->symbol);
	if (!a->acct.multi_assets && position_liquidation(&liq, &a->acct, p, &a->brackets, &a->s, f) == -1)
		return -1;
	has_lev = effective(&a->acct, p, notional, &lev);
	has_away = distance(&away, p->mark, liq);
	jw_open(b, NULL, '{');
	jw_str(b, "e", "bf.position");
	jw_i64(b, "E", a->acct.as_of_ms);
	jw_str(b, "symbol", p->symbol);
	jw_str(b, "positionSide", side[p->side]);
	jw_dec(b, "positionAmt", p->amt);
	jw_dec(b, "entryPrice", p->entry);
	jw_dec(b, "breakEvenPrice", p->break_even);
	jw_dec(b, "markPrice", p->mark);
	jw_dec(b, "notional", notional);
	jw_dec(b, "unRealizedProfit", p->upnl);
	jw_str(b, "marginType", p->isolated ? "isolated" : "crossed");
	jw_dec(b, "isolatedWallet", p->isolated_wallet);
	jw_dec(b, "initialMargin", p->initial_margin);
	jw_dec(b, "maintMargin", p->maint_margin);
	jw_i64(b, "leverage", p->leverage);
	put_maybe(b, "effectiveLeverage", has_lev, lev);
	jw_dec(b, "liquidationPrice", p->liq);
	put_maybe(b, "liquidationPriceOwn", dec_sign(liq) > 0, liq);
	put_maybe(b, "distance", has_away, away);
	jw_i64(b, "adl", p->adl);
	jw_close(b, '}');
	jw_end(b);
	return printer_put(&a->out, b, f);
}

static int
put_wallet(struct app *a, const struct wallet *w, struct fault *f)
{
	struct account_sum sum = { 0 };
	struct buf *b = &a->rec;
	dec lev = { 0 }, ratio = { 0 };
	bool whole, has_lev, has_ratio;

	/* In multi-assets mode no wallet has an equity of its own. */
	whole = account_sum(&a->acct, w->asset, &sum);
	if (!whole && !a->acct.multi_assets)
		return fault_set(f, FAULT_LOCAL, "%s: the figures of its wallet cannot be told", w->asset);
	has_lev = whole && margin_leverage(&lev, sum.notional, sum.equity);
	has_ratio = whole && margin_ratio(&ratio, sum.maint, sum.equity);
	jw_open(b, NULL, '{');
	jw_str(b, "e", "bf.account");
	jw_i64(b, "E", a->acct.as_of_ms);
	jw_str(b, "asset", w->asset);
	jw_dec(b, "walletBalance", w->balance);
	jw_dec(b, "crossWalletBalance", w->cross);
	jw_dec(b, "availableBalance", w->available);
	put_maybe(b, "unrealizedProfit", whole, sum.upnl);
	put_maybe(b, "marginBalance", whole, sum.equity);
	put_maybe(b, "maintMargin", whole, sum.maint);
	put_maybe(b, "marginRatio", has_ratio, ratio);
	put_maybe(b, "notional", whole, sum.notional);
	put_maybe(b, "effectiveLeverage", has_lev, lev);
	jw_close(b, '}');
	jw_end(b);
	return printer_put(&a->out, b, f);
}

/* An asset without a balance and without a position is not worth a line. */
static bool
in_use(const struct account *a, const struct wallet *w)
{
	if (dec_sign(w->balance) != 0)
		return true;
	for (int i = 0; i < a->npos; i++)
		if (dec_sign(a->pos[i].amt) != 0 && strcmp(a->pos[i].margin_asset, w->asset) == 0)
			return true;
	return false;
}

static int
put_wallets(struct app *a, struct fault *f)
{
	for (int i = 0; i < a->acct.nwal; i++)
		if (in_use(&a->acct, &a->acct.wal[i]) && put_wallet(a, &a->acct.wal[i], f) == -1)
			return -1;
	return 0;
}

static bool
wanted(const char *symbol, char *const words[], int n)
{
	for (int i = 0; i < n; i++)
		if (strcmp(symbol, words[i]) == 0)
			return true;
	return n == 0;
}

/* A symbol that does not exist must not look like a flat one. */
static int
check_symbols(struct app *a, char *const words[], int n, struct fault *f)
{
	struct xinfo x = { 0 };
	struct rules r;
	int ret = 0;

	for (int i = 0; i < n && ret == 0; i++)
		ret = xinfo_rules(&x, &a->s, words[i], &r, f);
	xinfo_free(&x);
	return ret;
}

static int
do_show(struct app *a, char *const words[], int n, struct fault *f)
{
	if (check_symbols(a, words, n, f) == -1 || account_load(&a->acct, &a->s, false, false, &a->config_ms, f) == -1)
		return -1;
	for (int i = 0; i < a->acct.npos; i++)
		if (dec_sign(a->acct.pos[i].amt) != 0 && wanted(a->acct.pos[i].symbol, words, n) &&
		    put_position(a, &a->acct.pos[i], f) == -1)
			return -1;
	if (printer_section(&a->out, balance_cols, f) == -1)
		return -1;
	return put_wallets(a, f);
}

static int
do_balances(struct app *a, char *const words[], int n, struct fault *f)
{
	if (n != 0)
		return fault_set(f, FAULT_USAGE, "balances takes no operand: %s", words[0]);
	if (account_load(&a->acct, &a->s, false, false, &a->config_ms, f) == -1)
		return -1;
	return put_wallets(a, f);
}

/* What is set for a symbol; as a wish, 0 and "" are whatever it is. */
struct setting { int64_t leverage; char type[16]; };

static bool
is_so(const struct setting *s, const struct setting *want)
{
	return (want->leverage == 0 || s->leverage == want->leverage) &&
	    (want->type[0] == '\0' || strcmp(s->type, want->type) == 0);
}

/* The setting as the exchange has it. */
static int
read_setting(struct app *a, const char *symbol, struct setting *out, struct fault *f)
{
	struct buf q = { 0 };
	const struct tok *t, *v;
	int r;

	buf_str(&q, "symbol=");
	query_escape(&q, symbol);
	r = q.bad ? fault_set(f, FAULT_LOCAL, "out of memory") :
	    session_call(&a->s, EP_SYMBOL_CONFIG, q.p, true, f);
	buf_free(&q);
	if (r == -1)
		return -1;
	t = a->s.doc.t;
	for (v = scan_first(t); v != NULL; v = scan_next(t, t, v))
		if (scan_get_is(t, v, "symbol", symbol) && scan_get_i64(t, v, "leverage", &out->leverage) &&
		    scan_get_str(t, v, "marginType", out->type, sizeof out->type))
			return 0;
	return fault_set(f, FAULT_AGAIN, "%s: the exchange's answer does not show the setting", symbol);
}

static int
put_setting(struct app *a, const char *symbol, const struct setting *s, bool changed, struct fault *f)
{
	jw_open(&a->rec, NULL, '{');
	jw_str(&a->rec, "e", "bf.setting");
	jw_i64(&a->rec, "E", session_now(&a->s));
	jw_str(&a->rec, "symbol", symbol);
	jw_i64(&a->rec, "leverage", s->leverage);
	jw_str(&a->rec, "marginType", s->type);
	jw_bool(&a->rec, "changed", changed);
	jw_close(&a->rec, '}');
	jw_end(&a->rec);
	return printer_put(&a->out, &a->rec, f);
}

/*
 * Ask for a setting, and read it back: what counts is what the exchange then
 * says. "No need to change" is success. An unanswered request is settled by
 * the same look.
 */
static int
change(struct app *a, enum ep ep, const char *symbol, const char *query, const struct setting *want,
    struct fault *f)
{
	struct setting was, now;
	struct fault sf = { 0 };
	int r;

	if (read_setting(a, symbol, &was, f) == -1)
		return -1;
	r = session_call(&a->s, ep, query, true, &sf);
	if (r == -1 && sf.kind != FAULT_UNKNOWN && sf.code != -4046) {
		*f = sf;
		return -1;
	}
	if (read_setting(a, symbol, &now, f) == -1) {
		f->kind = FAULT_UNKNOWN;
		return -1;
	}
	if (!is_so(&now, want))
		return fault_set(f, r == -1 ? FAULT_UNKNOWN : FAULT_REJECTED,
		    "%s: asked for, but the exchange still says leverage %lld, margin type %s",
		    symbol, (long long)now.leverage, now.type);
	return put_setting(a, symbol, &now, !is_so(&was, want), f);
}

static int
do_leverage(struct app *a, char *const words[], int n, struct fault *f)
{
	struct setting want = { 0 };
	struct buf q = { 0 };
	long lev;
	int r;

	if (n != 2)
		return fault_set(f, FAULT_USAGE, "leverage takes a symbol and a number: bf-position leverage BTCUSDT 5");
	if (tool_number(&lev, "leverage", words[1], 1, 125, f) == -1 || check_symbols(a, words, 1, f) == -1)
		return -1;
	buf_str(&q, "symbol=");
	query_escape(&q, words[0]);
	buf_printf(&q, "&leverage=%ld", lev);
	want.leverage = lev;
	r = q.bad ? fault_set(f, FAULT_LOCAL, "out of memory") :
	    change(a, EP_LEVERAGE, words[0], q.p, &want, f);
	buf_free(&q);
	return r;
}

static int
do_margin_type(struct app *a, char *const words[], int n, struct fault *f)
{
	struct setting want = { 0 };
	struct buf q = { 0 };
	int r;

	if (n != 2)
		return fault_set(f, FAULT_USAGE, "margin-type takes a symbol and isolated or crossed");
	if (strcasecmp(words[1], "isolated") == 0)
		snprintf(want.type, sizeof want.type, "ISOLATED");
	else if (strcasecmp(words[1], "crossed") == 0 || strcasecmp(words[1], "cross") == 0)
		snprintf(want.type, sizeof want.type, "CROSSED");
	else
		return fault_set(f, FAULT_USAGE, "margin-type %s: not isolated or crossed", words[1]);
	if (check_symbols(a, words, 1, f) == -1)
		return -1;
	buf_str(&q, "symbol=");
	query_escape(&q, words[0]);
	buf_printf(&q, "&marginType=%s", want.type);
	r = q.bad ? fault_set(f, FAULT_LOCAL, "out of memory") :
	    change(a, EP_MARGIN_TYPE, words[0], q.p, &want, f);
	buf_free(&q);
	return r;
}

static const struct verb {
	const char *name;
	int (*run)(struct app *, char *const[], int, struct fault *);
	const struct column *cols;
} verbs[] = {
	{ "balances", do_balances, balance_cols },
	{ "leverage", do_leverage, change_cols },
	{ "margin-type", do_margin_type, change_cols },
	{ NULL, do_show, position_cols }
};

static int
run(struct app *a, char *const words[], int n, struct fault *f)
{
	const struct verb *v = verbs;
	struct fault cf;
	int r;

	while (v->name != NULL && (n == 0 || strcmp(v->name, words[0]) != 0))
		v++;
	if (v->name != NULL)
		words++, n--;
	if (tool_usdm_only(&a->common, f) == -1 ||
	    printer_open(&a->out, STDOUT_FILENO, a->common.format, a->common.jq, v->cols, f) == -1)
		return -1;
	r = session_open(&a->s, a->common.profile, a->common.market, true, f);
	if (r == 0)
		r = v->run(a, words, n, f);
	if (printer_close(&a->out, &cf) == -1 && r == 0) {
		*f = cf;
		r = -1;
	}
	return r;
}

int
main(int argc, char *argv[])
{
	struct app a = { 0 };
	struct fault f = { 0 };
	int ch, r;

	if (tool_prepare(&f) == -1)
		return tool_fail(&tool, STDERR_FILENO, &f);
	cred_prepare();
	while ((ch = opt_next(argc, argv, opts, &f)) != -1) {
		if ((r = tool_common(&a.common, ch, optarg, &f)) == 0)
			return tool_answer(&tool, ch, &f, STDOUT_FILENO, STDERR_FILENO);
		if (r == -1)
			return tool_fail(&tool, STDERR_FILENO, &f);
	}
	r = run(&a, argv + optind, argc - optind, &f);
	brackets_free(&a.brackets);
	account_free(&a.acct);
	session_close(&a.s);
	buf_free(&a.rec);
	return r == -1 ? tool_fail(&tool, STDERR_FILENO, &f) : 0;
}
