/* What stands in the way of a setting: named, never removed. */
#include <inttypes.h>
#include <string.h>

#include "core/params.h"
#include "setting.h"

#define SHOWN_MAX	20

enum { ORDERS = 1, POSITIONS = 2, ISOLATED = 4, MULTI = 8, BOTH_MARKETS = 16 };

bool
setting_no_op(int code)
{
	return code == -4046 || code == -4059 || code == -4171;
}

/* The exchange's codes for a setting that something blocks. -4161 is -4150 on COIN-M. */
static unsigned
in_the_way(int code)
{
	static const struct { int code; unsigned what; } row[] = {
		{ -4047, ORDERS }, { -4048, POSITIONS }, { -4067, ORDERS | BOTH_MARKETS },
		{ -4068, POSITIONS | BOTH_MARKETS }, { -4150, POSITIONS }, { -4161, POSITIONS },
		{ -4167, ISOLATED }, { -4168, MULTI }, { -4170, ORDERS }, { -4531, ORDERS | POSITIONS | BOTH_MARKETS },
		{ -2027, ORDERS | POSITIONS }, { -2028, ORDERS | POSITIONS },
	};

	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		if (row[i].code == code)
			return row[i].what;
	return 0;
}

static const char *
side_word(enum pos_side side)
{
	return side == POS_LONG ? "LONG " : side == POS_SHORT ? "SHORT " : "";
}

static void
say_order(struct app *a, const struct open_order *o)
{
	char qty[DEC_STR], price[DEC_STR];

	dec_print_short(o->qty, qty);
	dec_print_short(o->algo ? o->trigger : o->price, price);
	say(a, "in the way: %s, %s %" PRIu64 " (%s): %s%s%s%s %s at %s", o->symbol, o->algo ? "conditional order" : "order",
	    o->id, o->client_id, side_word(o->pos_side), o->type, *o->type != '\0' ? " " : "",
	    o->side == SIDE_BUY ? "BUY" : "SELL", o->close_all ? "(the whole position)" : qty, price);
}

static void
say_position(struct app *a, const struct position *p)
{
	char amt[DEC_STR];

	dec_print_short(p->amt, amt);
	say(a, "in the way: %s, position: %s%s%s", p->symbol, side_word(p->side), amt,
	    p->kind == INVERSE ? " contracts" : "");
}

static bool
wanted(const char *symbol, const char *of)
{
	return symbol == NULL || strcmp(symbol, of) == 0;
}

static void
say_all(struct app *a, const struct account *acct, const char *symbol, unsigned what)
{
	int n = 0;

	for (int i = 0; i < acct->nord; i++)
		if ((what & ORDERS) != 0 && wanted(symbol, acct->ord[i].symbol) && ++n <= SHOWN_MAX)
			say_order(a, &acct->ord[i]);
	for (int i = 0; i < acct->npos; i++)
		if ((what & POSITIONS) != 0 && dec_sign(acct->pos[i].amt) != 0 && wanted(symbol, acct->pos[i].symbol) &&
		    ++n <= SHOWN_MAX)
			say_position(a, &acct->pos[i]);
	if (n > SHOWN_MAX)
		say(a, "in the way: %d more", n - SHOWN_MAX);
}

static int
look(struct account *out, struct session *s, enum ep ep, const char *symbol, struct fault *f)
{
	struct buf q = { 0 };
	int r;

	buf_str(&q, "");
	if (symbol != NULL) {
		buf_str(&q, "symbol=");
		query_escape(&q, symbol);
	}
	r = q.bad ? fault_set(f, FAULT_LOCAL, "out of memory") : session_call(s, ep, q.p, true, f);
	buf_free(&q);
	if (r == -1)
		return -1;
	return ep == EP_OPEN_ORDERS ? account_read_orders(out, s->doc.t, s->doc.t, f) :
	    ep == EP_OPEN_ALGO_ORDERS ? account_read_algo(out, s->doc.t, s->doc.t, f) :
	    account_read_positions(out, s->doc.t, s->doc.t, f);
}

static void
say_market(struct app *a, enum market m, const char *symbol, unsigned what)
{
	struct account acct = { 0 };
	struct fault f = { 0 };
	struct session *s = venue_session(&a->v, m, &f);
	bool orders = (what & ORDERS) != 0, positions = (what & POSITIONS) != 0;

	if (s == NULL || (positions && look(&acct, s, EP_POSITION_RISK, NULL, &f) == -1) ||
	    (orders && look(&acct, s, EP_OPEN_ORDERS, symbol, &f) == -1) ||
	    (orders && look(&acct, s, EP_OPEN_ALGO_ORDERS, symbol, &f) == -1))
		say(a, "what is in the way on %s could not be read in full: %s", market_title(m), f.text);
	say_all(a, &acct, symbol, what);
	account_free(&acct);
}

static void
say_isolated(struct app *a, enum market m)
{
	struct fault f = { 0 };
	struct session *s = venue_session(&a->v, m, &f);
	char symbol[SYMBOL_MAX];
	const struct tok *t;
	int n = 0;

	if (s == NULL || session_call(s, EP_SYMBOL_CONFIG, "", true, &f) == -1) {
		say(a, "which symbols are isolated could not be read: %s", f.text);
		return;
	}
	t = s->doc.t;
	for (const struct tok *v = scan_first(t); v != NULL; v = scan_next(t, t, v))
		if (scan_get_is(t, v, "marginType", "ISOLATED") && scan_get_str(t, v, "symbol", symbol, sizeof symbol) &&
		    ++n <= SHOWN_MAX)
			say(a, "in the way: %s is isolated", symbol);
	if (n > SHOWN_MAX)
		say(a, "in the way: %d more", n - SHOWN_MAX);
}

void
setting_blocked(struct app *a, enum market m, const char *symbol, int code)
{
	unsigned what = in_the_way(code);
	enum market other = market_other(m);

	if ((what & (ORDERS | POSITIONS)) != 0)
		say_market(a, m, symbol, what);
	if ((what & BOTH_MARKETS) != 0 && venue_has(&a->v, other))
		say_market(a, other, symbol, what);
	if ((what & ISOLATED) != 0)
		say_isolated(a, m);
	if ((what & MULTI) != 0)
		say(a, "in the way: multi-assets mode, which knows cross margin only (bf-position multi-assets off)");
}
