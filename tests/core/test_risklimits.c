/* The rules file, what options make of it, and its way through a decision's record. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <cmocka.h>

#include "../../cmd/bf-risk/limits.h"
#include "scratch.h"

#define WHY	"\nreason = x\n"

static struct limits l;
static struct fault fault;

static int
begin(void **state)
{
	limits_init(&l);
	memset(&fault, 0, sizeof fault);
	return scratch_make(state);
}

static int
end(void **state)
{
	limits_free(&l);
	return scratch_remove(state);
}

/* Read text as risk.conf, over the defaults. */
static int
read_text(const char *text)
{
	limits_free(&l);
	limits_init(&l);
	memset(&fault, 0, sizeof fault);
	scratch_text("risk.conf", 0600, text);
	return limits_file(&l, in_scratch("risk.conf"), &fault);
}

static void
good(const char *text)
{
	if (read_text(text) == -1)
		fail_msg("%s", fault.text);
}

/* The whole sentence behind "DIR/". */
static void
bad(const char *text, const char *sentence)
{
	const char *name;

	if (read_text(text) == 0)
		fail_msg("taken: %s", text);
	assert_int_equal(fault.kind, FAULT_USAGE);
	name = strstr(fault.text, "risk.conf");
	assert_non_null(name);
	assert_string_equal(name, sentence);
}

static void
is_dec(dec d, const char *want)
{
	char text[DEC_STR];

	dec_print(d, text);
	assert_string_equal(text, want);
}

static void
without_a_file_only_the_defaults_are_on(void **state)
{
	(void)state;
	for (int r = 0; r < RULES; r++)
		assert_int_equal(l.r[r].on, r == R_MARK_AGE || r == R_ACCOUNT_AGE || r == R_STATUS);
	is_dec(l.r[R_MARK_AGE].max, "10");
	is_dec(l.cost, "0.0010");
	assert_string_equal(l.asset, "");
}

static void
every_row_is_whole(void **state)
{
	(void)state;
	for (int r = 0; r < RULES; r++) {
		const struct rule_row *row = &rule_rows[r];

		assert_non_null(row->name);
		assert_non_null(row->what);
		assert_non_null(row->keys);
		assert_true(row->intents || row->events);
		assert_int_equal(rule_by_name(row->name), r);
		assert_true(!row->events || (row->actions & 1u << row->def) != 0);
		assert_true(!row->clips || row->intents);
	}
	assert_int_equal(rule_by_name("max-levv"), RULES);
	assert_int_equal(rule_by_name(""), RULES);
}

/* They stand in decisions that were written down: in world.blocked, a bit each. */
static void
rules_over_events_keep_their_numbers(void **state)
{
	static const struct { const char *name; int number; } row[] = {
		{ "max-lev", 0 }, { "liq-distance", 7 }, { "margin-ratio", 24 }, { "daily-loss", 25 }, { "drawdown", 26 },
		{ "losing-streak", 27 }, { "volatility", 28 }, { "unprotected", 29 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		if ((int)rule_by_name(row[i].name) != row[i].number)
			fail_msg("%s was %d: a new rule comes last in enum rule", row[i].name, row[i].number);
}

static void
a_file_sets_what_it_says(void **state)
{
	const struct limit *x;

	(void)state;
	good("# rules\n[bf-risk]\ncost = 7.5\nasset = USDT\n"
	    "[max-lev]\nmax = 5.0\ntarget = 4\naction = reduce\non-breach = clip\nreason = why not\n"
	    "[daily-loss]\nmax = 5%\nday = -05:30\naction = flatten\nreason = a\n"
	    "[volatile-market]\nlimit = 3\naction = protect\nslippage = 25\nmeasure = ewma\nreason = b\n"
	    "[funding-cost]\nmax = 10\nwindow = 60\nreason = c\n"
	    "[repeat]\nmax = 3\nwindow = 30\nreason = d\n"
	    "[volatility]\nmeasure = ewma\nwindow = 120\nsteps = 2:75 4.5:50 6:0\nhysteresis = 10\nreason = e\n"
	    "[isolated-only]\nreason = f\n");
	is_dec(l.cost, "0.00075");
	assert_string_equal(l.asset, "USDT");
	x = &l.r[R_MAX_LEV];
	assert_true(x->on && x->clip && x->act == ACT_REDUCE && x->line == 5);
	is_dec(x->max, "5.0");
	is_dec(x->target, "4");
	assert_string_equal(x->reason, "why not");
	x = &l.r[R_DAILY_LOSS];
	assert_true(x->on && x->percent && !x->rolling && x->zone_min == -330 && x->act == ACT_FLATTEN);
	is_dec(x->max, "5");
	x = &l.r[R_VOLATILE_MARKET];
	assert_true(x->on && x->protect && x->ewma && x->window_ms == 120000);	/* the window of volatility */
	is_dec(x->slippage, "25");
	is_dec(x->max, "3");
	assert_int_equal(l.r[R_FUNDING].window_ms, 3600000);
	assert_int_equal(l.r[R_REPEAT].window_ms, 30000);
	x = &l.r[R_VOLATILITY];
	assert_true(x->on && x->ewma && x->nstep == 3 && x->act == ACT_REDUCE && x->window_ms == 120000);
	is_dec(x->max, "2");
	is_dec(x->step[1].at, "4.5");
	is_dec(x->step[2].keep, "0");
	is_dec(x->hysteresis, "10");
	assert_true(l.r[R_ISOLATED].on);
	assert_false(l.r[R_DRAWDOWN].on);
}

static void
a_symbol_has_its_own_limit(void **state)
{
	(void)state;
	good("[order-notional]\nmax = 100\nreason = small\n[order-notional  BTCUSDT] ; deep\nmax = 900\nreason = deep\n"
	    "[position-notional ETHUSDT]\nmax = 50\nreason = only here\n");
	assert_int_equal(l.nown, 2);
	is_dec(limit_of(&l, R_ORDER_NOTIONAL, "BTCUSDT")->max, "900");
	is_dec(limit_of(&l, R_ORDER_NOTIONAL, "ETHUSDT")->max, "100");
	is_dec(limit_of(&l, R_ORDER_NOTIONAL, NULL)->max, "100");
	assert_true(limit_of(&l, R_POSITION_NOTIONAL, "ETHUSDT")->on);
	assert_false(limit_of(&l, R_POSITION_NOTIONAL, "BTCUSDT")->on);
}

static void
lists_and_reasons_may_go_on(void **state)
{
	(void)state;
	good("\xef\xbb\xbf[symbols]\nallow = BTCUSDT, ETHUSDT\n\tSOLUSDT\ndeny = DOGEUSDT\nreason = one\n  and two\n");
	assert_int_equal(l.nallow, 3);
	assert_string_equal(l.allow[2], "SOLUSDT");
	assert_int_equal(l.ndeny, 1);
	assert_string_equal(l.r[R_SYMBOLS].reason, "one and two");
}

static void
days(void **state)
{
	static const struct { const char *day; bool rolling; int min; } row[] = {
		{ "UTC", false, 0 }, { "rolling", true, 0 }, { "+02:00", false, 120 }, { "-00:30", false, -30 },
		{ "+14:00", false, 840 },
	};
	char text[128];

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		snprintf(text, sizeof text, "[daily-loss]\nmax = 5\nday = %s" WHY, row[i].day);
		good(text);
		assert_int_equal(l.r[R_DAILY_LOSS].rolling, row[i].rolling);
		assert_int_equal(l.r[R_DAILY_LOSS].zone_min, row[i].min);
		assert_false(l.r[R_DAILY_LOSS].percent);
	}
}

static const struct { const char *text, *sentence; } wrong[] = {
	/* values, in the words of the file */
	{ "# a\n\n[max-lev]\nmax = 0" WHY, "risk.conf:4: max-lev: max 0: not a decimal above 0" },
	{ "[max-lev]\nmax = -1" WHY, "risk.conf:2: max-lev: max -1: not a decimal above 0" },
	{ "[max-lev]\nmax = ten" WHY, "risk.conf:2: max-lev: max ten: not a decimal above 0" },
	{ "[max-lev]\nmax = 1e3" WHY, "risk.conf:2: max-lev: max 1e3: not a decimal above 0" },
	{ "[max-lev]\nmax = 5 # five" WHY, "risk.conf:2: max-lev: max 5 # five: not a decimal above 0" },
	{ "[max-lev]\nlimit = x" WHY, "risk.conf:2: max-lev: limit x: not a decimal above 0" },
	{ "[max-lev]\nmax =" WHY, "risk.conf:2: max-lev: max: empty" },
	{ "[max-lev]\nmax = 5%" WHY, "risk.conf:2: max-lev: max 5%: this limit is no percentage" },
	{ "[margin-use]\nmax = 101" WHY, "risk.conf:2: margin-use: max 101: not a decimal above 0 and up to 100" },
	{ "[margin-use]\nmax = 50%" WHY, "risk.conf:2: margin-use: max 50%: a number of percent, without the sign" },
	{ "[daily-loss]\nmax = 101%" WHY, "risk.conf:2: daily-loss: max 101%: not a decimal above 0 and up to 100" },
	{ "[daily-loss]\nmax = %" WHY, "risk.conf:2: daily-loss: max %: this limit is no percentage" },
	{ "[rate-second]\nmax = 2.5" WHY, "risk.conf:2: rate-second: max 2.5: not a whole number from 1 to 4096" },
	{ "[rate-minute]\nmax = 0" WHY, "risk.conf:2: rate-minute: max 0: not a whole number from 1 to 4096" },
	{ "[liq-distance]\nmax = 100" WHY, "risk.conf:2: liq-distance: max 100: not a decimal above 0 and up to 99" },
	{ "[price-band]\nmax = 2\nslippage = -1" WHY, "risk.conf:3: price-band: slippage -1: not a decimal from 0 to 1000" },
	{ "[repeat]\nmax = 2\nwindow = 0" WHY, "risk.conf:3: repeat: window 0: not a whole number from 1 to 3600" },
	{ "[funding-cost]\nmax = 2\nwindow = 1441" WHY,
	    "risk.conf:3: funding-cost: window 1441: not a whole number from 0 to 1440" },
	{ "[max-lev]\nmax = 2\non-breach = warn" WHY, "risk.conf:3: max-lev: on-breach warn: neither reject nor clip" },
	{ "[max-lev]\nmax = 2\naction = sell" WHY,
	    "risk.conf:3: max-lev: action sell: this rule knows notice, block, cancel, reduce, flatten, trip" },
	{ "[daily-loss]\nmax = 2\naction = reduce" WHY,
	    "risk.conf:3: daily-loss: action reduce: this rule knows notice, block, cancel, flatten, trip" },
	{ "[volatile-market]\nmax = 2\naction = reduce" WHY,
	    "risk.conf:3: volatile-market: action reduce: neither reject nor protect" },
	{ "[volatility]\nmax = 2\nmeasure = atr" WHY, "risk.conf:3: volatility: measure atr: neither range nor ewma" },
	{ "[daily-loss]\nmax = 2\nday = Europe/Berlin" WHY,
	    "risk.conf:3: daily-loss: day Europe/Berlin: not UTC, rolling, or hours from UTC as in +02:00" },
	{ "[daily-loss]\nmax = 2\nday = +14:30" WHY,
	    "risk.conf:3: daily-loss: day +14:30: not UTC, rolling, or hours from UTC as in +02:00" },
	{ "[daily-loss]\nmax = 2\nday = +2" WHY,
	    "risk.conf:3: daily-loss: day +2: not UTC, rolling, or hours from UTC as in +02:00" },
	/* steps */
	{ "[volatility]\nsteps = 2" WHY, "risk.conf:2: volatility: steps 2: not AT:KEEP AT:KEEP ..., as in 2:75 4:50 6:0" },
	{ "[volatility]\nsteps = 4:50 2:75" WHY, "risk.conf:2: volatility: steps 4:50 2:75: the steps do not climb" },
	{ "[volatility]\nsteps = 2:50 2:25" WHY, "risk.conf:2: volatility: steps 2:50 2:25: the steps do not climb" },
	{ "[volatility]\nsteps = 2:50 4:50" WHY, "risk.conf:2: volatility: steps 2:50 4:50: a higher step must keep less" },
	{ "[volatility]\nsteps = 2:100" WHY,
	    "risk.conf:2: volatility: steps 2:100: a step keeps from 0 to less than 100 percent of the position" },
	{ "[volatility]\nsteps = 0:50" WHY,
	    "risk.conf:2: volatility: steps 0:50: a step begins above 0 and up to 100 percent" },
	{ "[volatility]\nsteps = 1:90 2:80 3:70 4:60 5:50 6:40 7:30 8:20 9:10" WHY,
	    "risk.conf:2: volatility: steps 1:90 2:80 3:70 4:60 5:50 6:40 7:30 8:20 9:10: more than 8 steps" },
	{ "[volatility]\nmax = 2\nsteps = 2:50" WHY,
	    "risk.conf:2: volatility: max 2: the steps say where they begin: not both" },
	{ "[volatility]\nsteps = 2:50\naction = block" WHY,
	    "risk.conf:3: volatility: action block: steps reduce: only action reduce goes with them" },
	{ "[volatility]\nmax = 2\naction = reduce" WHY,
	    "risk.conf:3: volatility: action reduce: reduce to what? steps are missing" },
	{ "[volatility]\nmax = 2\nhysteresis = 100" WHY,
	    "risk.conf:3: volatility: hysteresis 100: not a decimal from 0 to 99" },
	/* what makes no sense together */
	{ "[max-lev]\nmax = 5\ntarget = 6" WHY, "risk.conf:3: max-lev: target 6: above max 5" },
	{ "[max-lev]\ntarget = 6\nmax = 5" WHY, "risk.conf:2: max-lev: target 6: above max 5" },
	{ "[liq-distance]\nmax = 15\ntarget = 10" WHY, "risk.conf:3: liq-distance: target 10: below max 15" },
	{ "[max-lev]\nmax = 5\ntarget = 4\naction = notice" WHY,
	    "risk.conf:3: max-lev: target 4: only action reduce leads to a target, and this one is notice" },
	{ "[price-band]\nmax = 0.2" WHY, "risk.conf:2: price-band: max 0.2: a market order counts with slippage 50 bps "
	    "(the default): none would ever pass" },
	{ "[price-band]\nmax = 2\nslippage = 201" WHY,
	    "risk.conf:3: price-band: slippage 201: a market order counts with slippage 201 bps: none would ever pass" },
	{ "[volatile-market]\nmax = 2\nslippage = 20" WHY,
	    "risk.conf:3: volatile-market: slippage 20: only action protect makes a limit order of it" },
	{ "[rate-second]\nmax = 10" WHY "[rate-minute]\nmax = 5" WHY,
	    "risk.conf:1: rate-second: max 10: above max 5 of rate-minute (line 4), so that it would never bind" },
	{ "[max-lev]\nmax = 3" WHY "[symbol-lev]\nmax = 4" WHY,
	    "risk.conf:4: symbol-lev: max 4: above max 3 of max-lev (line 1), so that it would never bind" },
	{ "[volatility]\nmax = 3\nwindow = 60" WHY "[volatile-market]\nmax = 4\nwindow = 90" WHY,
	    "risk.conf:5: volatile-market: window 90: the rule in line 1 has 60, and there is one for all" },
	{ "[price-band]\nmax = 2\non-breach = clip" WHY, "risk.conf:3: price-band: on-breach clip: no smaller quantity can "
	    "cure a breach of this rule: only reject" },
	{ "[symbols]\nallow = BTCUSDT ETHUSDT\ndeny = ETHUSDT" WHY,
	    "risk.conf:3: symbols: deny ETHUSDT: both allowed and denied" },
	{ "[symbols]\nallow = BTCUSDT BTCUSDT" WHY, "risk.conf:2: symbols: allow BTCUSDT BTCUSDT: names a symbol twice" },
	{ "[symbols]\nallow = btcusdt" WHY, "risk.conf:2: symbols: allow btcusdt: not a symbol: they are in capitals" },
	{ "[symbols]\nallow = ," WHY, "risk.conf:2: symbols: allow ,: no symbol" },
	/* what is missing */
	{ "[max-lev]\nmax = 5\n", "risk.conf:1: max-lev: reason: missing: say why this limit is as it is" },
	{ "\n[isolated-only]\n[max-lev]\nmax = 5" WHY,
	    "risk.conf:2: isolated-only: reason: missing: say why this limit is as it is" },
	{ "[max-lev]\nreason = x\n", "risk.conf:1: max-lev: max: missing" },
	{ "[volatility]\nreason = x\n", "risk.conf:1: volatility: max: missing, and so are steps" },
	{ "[symbols]\nreason = x\n", "risk.conf:1: symbols: allow: missing, and so is deny" },
	/* names */
	{ "[max-lew]\nmax = 5" WHY, "risk.conf:1: [max-lew]: there is no such rule; near: max-lev" },
	{ "[xyzzy]\nmax = 5" WHY, "risk.conf:1: [xyzzy]: there is no such rule" },
	{ "[max-lev]\nmaxx = 5" WHY, "risk.conf:2: max-lev: unknown key maxx; near: max" },
	{ "[max-lev]\nzzz = 5" WHY,
	    "risk.conf:2: max-lev: unknown key zzz; it takes max, target, action, on-breach, reason" },
	{ "[isolated-only]\nmax = 5" WHY, "risk.conf:2: isolated-only: unknown key max; it takes on-breach, reason" },
	{ "[drawdown]\nmax = 5\non-breach = reject" WHY,
	    "risk.conf:3: drawdown: unknown key on-breach; it takes max, action, reason" },
	{ "[bf-risk]\nprofile = live\n", "risk.conf:2: bf-risk: unknown key profile; it takes cost, asset" },
	{ "[bf-risk]\ncost = 1001\n", "risk.conf:2: bf-risk: cost 1001: not basis points from 0 to 1000" },
	{ "[bf-risk]\nasset = usdt\n", "risk.conf:2: bf-risk: asset usdt: not the name of an asset" },
	{ "[bf-risk]\ncost = 1\ncost = 2\n", "risk.conf:3: bf-risk: cost: said twice" },
	{ "[bf-risk]\n[bf-risk]\n", "risk.conf:2: [bf-risk]: said twice" },
	{ "[max-lev BTCUSDT]\nmax = 5" WHY, "risk.conf:1: [max-lev BTCUSDT]: this rule is not about one symbol" },
	{ "[symbol-lev btcusdt]\nmax = 5" WHY, "risk.conf:1: symbol-lev: btcusdt: not a symbol: they are in capitals" },
	{ "[symbol-lev A]\nmax = 5" WHY "[symbol-lev A]\nmax = 4" WHY,
	    "risk.conf:4: [symbol-lev A]: said twice, first in line 1" },
	{ "[max-lev]\nmax = 5" WHY "[max-lev]\nmax = 4" WHY, "risk.conf:4: [max-lev]: said twice, first in line 1" },
	{ "[max-lev]\nmax = 5\nmax = 4" WHY, "risk.conf:3: max-lev: max: said twice" },
	{ "[max-lev]\nmax = 5\nlimit = 4" WHY, "risk.conf:3: max-lev: limit: said twice" },
	/* lines */
	{ "max = 5\n", "risk.conf:1: max: before the first [rule]" },
	{ "[max-lev]\nmax\n", "risk.conf:2: not `key = value`, [rule] or # comment" },
	{ "[max-lev\nmax = 5\n", "risk.conf:1: not `key = value`, [rule] or # comment" },
	{ "[max-lev] 5\nmax = 5\n", "risk.conf:1: something stands behind the ] of a section" },
	{ "[max-lev]\nmax = 5\n  target = 4" WHY,
	    "risk.conf:3: max-lev: an indented line continues the one above it: do not indent keys" },
	{ "[max-lev]\nreason = x\n  max = 4\n",
	    "risk.conf:3: max-lev: an indented line continues the one above it: do not indent keys" },
	{ "[max-lev]\nreason = x\n [drawdown]\n",
	    "risk.conf:3: an indented line continues the one above it: do not indent sections" },
	{ "[max-lev]\nmax = 5\nreason = a\033[2J\n", "risk.conf:3: max-lev: reason a\\x1b[2J: holds a control character, "
	    "or is not UTF-8" },
};

static void
every_mistake_is_named_with_its_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		bad(wrong[i].text, wrong[i].sentence);
}

static void
a_line_of_197_bytes_is_read_and_one_more_refused(void **state)
{
	char text[512], reason[256];

	(void)state;
	memset(reason, 'r', sizeof reason);
	snprintf(text, sizeof text, "[self-match]\nreason = %.*s\n", 197 - 9, reason);
	good(text);
	assert_int_equal(strlen(l.r[R_SELF_MATCH].reason), 197 - 9);
	snprintf(text, sizeof text, "[self-match]\nreason = %.*s\n", 197 - 8, reason);
	bad(text, "risk.conf:2: the line is longer than 197 bytes: go on in an indented one");
	snprintf(text, sizeof text, "[self-match]\nreason = %.*s\n\t%.*s\n", 180, reason, 20, reason);
	bad(text, "risk.conf:3: self-match: reason: longer than 199 bytes");
}

static void
a_file_that_others_may_write_decides_nothing(void **state)
{
	(void)state;
	scratch_text("risk.conf", 0622, "[self-match]" WHY);
	assert_int_equal(limits_file(&l, in_scratch("risk.conf"), &fault), -1);
	assert_int_equal(fault.kind, FAULT_USAGE);
	assert_non_null(strstr(fault.text, "others may write it"));
	scratch_text("risk.conf", 0644, "[self-match]" WHY);
	assert_int_equal(limits_file(&l, in_scratch("risk.conf"), &fault), 0);
	assert_int_equal(limits_file(&l, in_scratch("none.conf"), &fault), -1);
	assert_non_null(strstr(fault.text, "no such file"));
	scratch_put("nul.conf", 0600, "[self-\0match]", 13);
	assert_int_equal(limits_file(&l, in_scratch("nul.conf"), &fault), -1);
	assert_non_null(strstr(fault.text, "holds a NUL byte"));
}

/*
 * Options
 */

static void
tight(enum rule r, const char *value)
{
	if (limits_tighten(&l, r, value, "--limit", &fault) == -1)
		fail_msg("%s", fault.text);
}

static void
loose(enum rule r, const char *value, const char *words)
{
	assert_int_equal(limits_tighten(&l, r, value, "--limit", &fault), -1);
	assert_int_equal(fault.kind, FAULT_USAGE);
	if (strstr(fault.text, words) == NULL)
		fail_msg("\"%s\" is not in: %s", words, fault.text);
}

static void
options_only_tighten(void **state)
{
	(void)state;
	good("[max-lev]\nmax = 5\ntarget = 4\nreason = a\n[liq-distance]\nmax = 15\nreason = b\n"
	    "[order-notional]\nmax = 100\nreason = c\n[order-notional BTCUSDT]\nmax = 900\nreason = d\n"
	    "[order-notional ETHUSDT]\nmax = 20\nreason = e\n[daily-loss]\nmax = 3%\nreason = f\n"
	    "[volatility]\nsteps = 2:50\nreason = g\n[symbols]\nallow = A B\nreason = h\n");
	loose(R_MAX_LEV, "6", "--limit 6: looser than 5 of ");
	loose(R_MAX_LEV, "6", "risk.conf:1; an option can only tighten");
	loose(R_MAX_LEV, "0", "--limit 0: not a decimal above 0");
	tight(R_MAX_LEV, "5.00");
	tight(R_MAX_LEV, "3");		/* below the target, which holds no more */
	is_dec(l.r[R_MAX_LEV].max, "3");
	is_dec(l.r[R_MAX_LEV].target, "0");
	assert_int_equal(l.r[R_MAX_LEV].line, LINE_OPTION);
	assert_string_equal(l.r[R_MAX_LEV].reason, "a");
	loose(R_MAX_LEV, "4", "looser than 3 of another option");
	loose(R_LIQ_DISTANCE, "10", "looser than 15 of ");	/* a minimum: more is tighter */
	tight(R_LIQ_DISTANCE, "20");
	tight(R_ORDER_NOTIONAL, "50");
	is_dec(limit_of(&l, R_ORDER_NOTIONAL, "BTCUSDT")->max, "50");
	is_dec(limit_of(&l, R_ORDER_NOTIONAL, "ETHUSDT")->max, "20");
	loose(R_DAILY_LOSS, "4%", "looser than 3% of ");
	loose(R_DAILY_LOSS, "100", "has it in percent; say it alike");
	tight(R_DAILY_LOSS, "2%");
	loose(R_VOLATILITY, "1", "the steps of ");
	loose(R_SYMBOLS, "A,C", "C is not allowed by ");
	tight(R_SYMBOLS, "B");
	assert_int_equal(l.nallow, 1);
	loose(R_SYMBOLS, "A", "A is not allowed by another option");
	tight(R_DRAWDOWN, "10");	/* of a rule that was off */
	assert_true(l.r[R_DRAWDOWN].on && l.r[R_DRAWDOWN].act == ACT_BLOCK);
	tight(R_SELF_MATCH, "on");
	assert_true(l.r[R_SELF_MATCH].on);
	loose(R_SELF_MATCH, "off", "this rule has no number: on");
}

static void
an_option_names_its_rule(void **state)
{
	(void)state;
	assert_int_equal(limits_option(&l, "max-lev=5", &fault), 0);
	is_dec(l.r[R_MAX_LEV].max, "5");
	assert_int_equal(limits_option(&l, "max-lev=6", &fault), -1);
	assert_string_equal(fault.text, "--limit max-lev 6: looser than 5 of another option; an option can only tighten");
	assert_int_equal(limits_option(&l, "max-lew=5", &fault), -1);
	assert_string_equal(fault.text, "--limit max-lew: there is no such rule; near: max-lev");
	assert_int_equal(limits_option(&l, "max-lev", &fault), -1);
	assert_string_equal(fault.text, "--limit max-lev: not NAME=VALUE");
	assert_int_equal(limits_option(&l, "=5", &fault), -1);
	assert_int_equal(limits_option(&l, "a-name-that-is-far-longer-than-any-rule-of-ours=5", &fault), -1);
}

static void
windows_follow_the_rules_that_are_on(void **state)
{
	int64_t vol, ref;

	(void)state;
	limits_windows(&l, &vol, &ref);
	assert_true(vol == 0 && ref == 0);
	good("[volatile-market BTCUSDT]\nmax = 3\nwindow = 90" WHY "[mark-jump]\nmax = 5" WHY);
	limits_windows(&l, &vol, &ref);
	assert_true(vol == 90000 && ref == 60000);
}

static void
a_default_is_not_somebodys_word(void **state)
{
	(void)state;
	tight(R_MARK_AGE, "20");
	is_dec(l.r[R_MARK_AGE].max, "20");
	good("[mark-age]\nmax = 5" WHY);
	loose(R_MARK_AGE, "20", "looser than 5 of ");
}

static void
the_other_options_tighten_too(void **state)
{
	(void)state;
	assert_int_equal(limits_target(&l, "3", "--target-lev", &fault), -1);
	tight(R_MAX_LEV, "5");
	assert_int_equal(limits_target(&l, "6", "--target-lev", &fault), -1);
	assert_string_equal(fault.text, "--target-lev 6: above max-lev 5");
	assert_int_equal(limits_target(&l, "4", "--target-lev", &fault), 0);
	assert_int_equal(limits_cost(&l, "0", "--cost", &fault), 0);	/* the default is nobody's word */
	good("[bf-risk]\ncost = 5\nasset = USDT\n[max-lev]\nmax = 5\ntarget = 4\non-breach = clip" WHY);
	assert_int_equal(limits_target(&l, "4.5", "--target-lev", &fault), -1);
	assert_non_null(strstr(fault.text, "looser than 4 of "));
	assert_int_equal(limits_cost(&l, "4", "--cost", &fault), -1);
	assert_non_null(strstr(fault.text, "--cost 4: looser than 5 of "));
	assert_int_equal(limits_cost(&l, "6", "--cost", &fault), 0);
	is_dec(l.cost, "0.0006");
	assert_int_equal(limits_asset(&l, "USDC", "--asset", &fault), -1);
	assert_int_equal(limits_asset(&l, "USDT", "--asset", &fault), 0);
	assert_int_equal(limits_on_breach(&l, "reject", "--on-breach", &fault), 0);
	assert_false(l.r[R_MAX_LEV].clip);
	assert_int_equal(limits_on_breach(&l, "clip", "--on-breach", &fault), 0);
	assert_false(l.r[R_MAX_LEV].clip);	/* the file speaks of it */
	assert_true(l.r[R_ORDER_NOTIONAL].clip);
	assert_false(l.r[R_PRICE_BAND].clip);
	assert_int_equal(limits_on_breach(&l, "warn", "--on-breach", &fault), -1);
}

/*
 * Through a record
 */

static void
same_dec(dec a, dec b)
{
	assert_true(a.c == b.c && a.scale == b.scale);
}

static void
same_limit(const struct limit *a, const struct limit *b)
{
	assert_int_equal(a->on, b->on);
	same_dec(a->max, b->max);
	same_dec(a->target, b->target);
	same_dec(a->slippage, b->slippage);
	same_dec(a->hysteresis, b->hysteresis);
	assert_true(a->percent == b->percent && a->clip == b->clip && a->protect == b->protect && a->ewma == b->ewma);
	assert_true(a->window_ms == b->window_ms && a->act == b->act && a->rolling == b->rolling);
	assert_true(a->zone_min == b->zone_min && a->line == b->line && a->nstep == b->nstep);
	for (int i = 0; i < a->nstep; i++) {
		same_dec(a->step[i].at, b->step[i].at);
		same_dec(a->step[i].keep, b->step[i].keep);
	}
	assert_string_equal(a->reason, b->reason);
}

static void
same_limits(const struct limits *a, const struct limits *b)
{
	for (int r = 0; r < RULES; r++)
		same_limit(&a->r[r], &b->r[r]);
	assert_int_equal(a->nown, b->nown);
	for (int i = 0; i < a->nown; i++) {
		assert_string_equal(a->own[i].symbol, b->own[i].symbol);
		assert_int_equal(a->own[i].rule, b->own[i].rule);
		same_limit(&a->own[i].l, &b->own[i].l);
	}
	assert_true(a->nallow == b->nallow && a->ndeny == b->ndeny);
	for (int i = 0; i < a->nallow; i++)
		assert_string_equal(a->allow[i], b->allow[i]);
	for (int i = 0; i < a->ndeny; i++)
		assert_string_equal(a->deny[i], b->deny[i]);
	same_dec(a->cost, b->cost);
	assert_string_equal(a->asset, b->asset);
	assert_string_equal(a->file, b->file);
	assert_true(a->cost_line == b->cost_line && a->asset_line == b->asset_line);
}

/* Written, read, and written again to the same bytes. */
static void
goes_round(const struct limits *from)
{
	struct buf one = { 0 }, two = { 0 };
	struct scan sc = { 0 };
	struct limits back;

	limits_json(from, &one);
	assert_false(one.bad);
	assert_true(scan_doc(&sc, one.p, one.len) > 0);
	if (limits_read(&back, sc.t, sc.t, &fault) == -1)
		fail_msg("%s in %s", fault.text, one.p);
	same_limits(from, &back);
	limits_json(&back, &two);
	assert_string_equal(one.p, two.p);
	limits_free(&back);
	scan_free(&sc);
	buf_free(&one);
	buf_free(&two);
}

static void
the_defaults_go_round(void **state)
{
	(void)state;
	goes_round(&l);
}

static void
every_field_goes_round(void **state)
{
	struct limit *x;

	(void)state;
	good("[bf-risk]\ncost = 7.50\nasset = USDT\n[symbols]\nallow = A B\ndeny = C\nreason = \"q\" \\ \xc3\xa9\n"
	    "[order-notional D]\nmax = 1.50\nreason = own\n[volatility E]\nsteps = 1.0:50.5 2:0\nreason = steps\n");
	for (int r = 0; r < RULES; r++) {	/* each with each field, whether it has it or not */
		x = &l.r[r];
		x->on = true;
		x->max = (dec){ .c = 100 + r, .scale = 2 };
		x->target = (dec){ .c = 50, .scale = r % 5 };
		x->slippage = (dec){ .c = r };
		x->hysteresis = (dec){ .c = 0, .scale = 1 };
		x->percent = r % 2;
		x->clip = r % 3 == 0;
		x->protect = r % 4 == 0;
		x->ewma = r % 5 == 0;
		x->rolling = r % 7 == 0;
		x->window_ms = 1000 * r;
		x->act = (enum action)(r % (ACT_TRIP + 1));
		x->zone_min = 30 * (r % 3) - 30;
		x->line = r - 1;
		x->nstep = r % 2;
		x->step[0] = (struct step){ { .c = 15, .scale = 1 }, { .c = 500, .scale = 1 } };
		snprintf(x->reason, sizeof x->reason, "reason %d", r);
	}
	goes_round(&l);
}

static void
what_was_tampered_with_is_refused(void **state)
{
	static const struct { const char *json, *words; } row[] = {
		{ "{}", "rules" },
		{ "{\"rules\":[]}", "cost" },
		{ "{\"rules\":[],\"cost\":\"-1\"}", "cost" },
		{ "{\"rules\":[{\"rule\":\"nope\"}],\"cost\":\"0\"}", "rule" },
		{ "{\"rules\":[{\"rule\":\"max-lev\",\"max\":\"x\",\"action\":\"reduce\"}],\"cost\":\"0\"}", "max-lev" },
		{ "{\"rules\":[{\"rule\":\"max-lev\",\"max\":\"1\",\"action\":\"sell\"}],\"cost\":\"0\"}", "max-lev" },
		{ "{\"rules\":[{\"rule\":\"volatility\",\"max\":\"1\",\"action\":\"block\",\"steps\":\"2:1 1:0\"}],"
		    "\"cost\":\"0\"}", "volatility" },
		{ "{\"rules\":[{\"rule\":\"max-lev\",\"max\":\"1\",\"action\":\"block\",\"window\":-5}],\"cost\":\"0\"}",
		    "max-lev" },
		{ "{\"rules\":[],\"cost\":\"0\",\"allow\":[\"A\",\"A\"]}", "allow" },
		{ "{\"rules\":[],\"cost\":\"0\",\"asset\":\"ABCDEFGHIJKLMNOPQRSTUVWXYZ\"}", "asset" },
		{ "[]", "rules" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct scan sc = { 0 };
		struct limits back;

		assert_true(scan_doc(&sc, row[i].json, strlen(row[i].json)) > 0);
		assert_int_equal(limits_read(&back, sc.t, sc.t, &fault), -1);
		assert_int_equal(fault.kind, FAULT_REJECTED);
		assert_non_null(strstr(fault.text, row[i].words));
		limits_free(&back);
		scan_free(&sc);
	}
}

/* The record of one rule from limits_put. */
static void
record_is(enum rule r, const char *symbol, const char *want)
{
	struct buf out = { 0 };
	char name[64], *line, *next;
	bool found = false;

	limits_put(&l, &out, 1700000000000);
	assert_false(out.bad);
	snprintf(name, sizeof name, "\"rule\":\"%s\",%s%s%s", rule_rows[r].name, symbol != NULL ? "\"symbol\":\"" : "",
	    symbol != NULL ? symbol : "", symbol != NULL ? "\"" : "");
	for (line = out.p; line != NULL && *line != '\0' && !found; line = next) {
		next = strchr(line, '\n');
		*next++ = '\0';
		if ((found = strstr(line, name) != NULL))
			assert_string_equal(line, want);
	}
	assert_true(found);
	buf_free(&out);
}

static void
check_shows_what_holds(void **state)
{
	(void)state;
	good("[max-lev]\nmax = 5\nreason = a\n[order-notional BTCUSDT]\nmax = 9\non-breach = clip\nreason = b\n"
	    "[volatility]\nsteps = 2:75 4:50\nreason = c\n[symbols]\ndeny = A\nreason = d\n");
	snprintf(l.file, sizeof l.file, "risk.conf");
	tight(R_DAILY_LOSS, "5%");
	record_is(R_MAX_LEV, NULL, "{\"e\":\"bf.rule\",\"E\":1700000000000,\"rule\":\"max-lev\",\"max\":\"5\",\"unit\":\"times\","
	    "\"action\":\"reduce\",\"on-breach\":\"reject\",\"what\":\"effective leverage of the wallet\",\"reason\":\"a\","
	    "\"from\":\"risk.conf:1\"}");
	record_is(R_ORDER_NOTIONAL, "BTCUSDT", "{\"e\":\"bf.rule\",\"E\":1700000000000,\"rule\":\"order-notional\","
	    "\"symbol\":\"BTCUSDT\",\"max\":\"9\",\"unit\":\"money\",\"on-breach\":\"clip\",\"what\":\"value of one order\","
	    "\"reason\":\"b\",\"from\":\"risk.conf:4\"}");
	record_is(R_VOLATILITY, NULL, "{\"e\":\"bf.rule\",\"E\":1700000000000,\"rule\":\"volatility\",\"max\":\"2\","
	    "\"unit\":\"percent\",\"window\":300,\"measure\":\"range\",\"steps\":\"2:75 4:50\",\"hysteresis\":\"20\","
	    "\"action\":\"reduce\",\"what\":\"volatility of a symbol held\",\"reason\":\"c\",\"from\":\"risk.conf:8\"}");
	record_is(R_SYMBOLS, NULL, "{\"e\":\"bf.rule\",\"E\":1700000000000,\"rule\":\"symbols\",\"deny\":[\"A\"],"
	    "\"on-breach\":\"reject\",\"what\":\"symbols that may be traded\",\"reason\":\"d\",\"from\":\"risk.conf:11\"}");
	record_is(R_DAILY_LOSS, NULL, "{\"e\":\"bf.rule\",\"E\":1700000000000,\"rule\":\"daily-loss\",\"max\":\"5\","
	    "\"unit\":\"percent\",\"day\":\"UTC\",\"action\":\"block\",\"what\":\"loss since the day began, fees and funding "
	    "included\",\"from\":\"option\"}");
	record_is(R_MARK_AGE, NULL, "{\"e\":\"bf.rule\",\"E\":1700000000000,\"rule\":\"mark-age\",\"max\":\"10\","
	    "\"unit\":\"seconds\",\"on-breach\":\"reject\",\"what\":\"age of the mark price\",\"from\":\"default\"}");
}

#define T(f)	cmocka_unit_test_setup_teardown(f, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(without_a_file_only_the_defaults_are_on),
		T(every_row_is_whole),
		T(rules_over_events_keep_their_numbers),
		T(a_file_sets_what_it_says),
		T(a_symbol_has_its_own_limit),
		T(lists_and_reasons_may_go_on),
		T(days),
		T(every_mistake_is_named_with_its_line),
		T(a_line_of_197_bytes_is_read_and_one_more_refused),
		T(a_file_that_others_may_write_decides_nothing),
		T(options_only_tighten),
		T(an_option_names_its_rule),
		T(windows_follow_the_rules_that_are_on),
		T(a_default_is_not_somebodys_word),
		T(the_other_options_tighten_too),
		T(the_defaults_go_round),
		T(every_field_goes_round),
		T(what_was_tampered_with_is_refused),
		T(check_shows_what_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
