/* What is asked of every order, conditional ones too: filters, and what fits the
 * account and the symbol. */
#include <string.h>

#include "state.h"

#define GTD_LEAST	INT64_C(600000)			/* ms from now */
#define GTD_MOST	INT64_C(253402300799000)

/* The exchange's texts: its error page, and answers seen on the wire. */
static const struct { int code; const char *text; } texts[] = {
	{ -1111, "Precision is over the maximum defined for this asset." },
	{ -1121, "Invalid symbol." },
	{ -4001, "Price less than 0." },
	{ -4002, "Price greater than max price." },
	{ -4003, "Quantity less than or equal to zero." },
	{ -4004, "Quantity less than min quantity." },
	{ -4005, "Quantity greater than max quantity." },
	{ -4013, "Price less than min price." },
	{ -4014, "Price not increased by tick size." },
	{ -4023, "Qty not increased by step size." },
	{ 0, NULL }
};

int
order_unknown(struct fault *f)
{
	return eng_refuse(f, -1000, "An unknown error occurred while processing the request.");
}

/*
 * Filters
 */

/* The codes whose text names a bound. */
static int
refuse_bound(const struct sym *s, int code, dec ref, struct fault *f)
{
	char text[DEC_STR];
	bool bad = false;
	dec d;

	switch (code) {
	case -4016:
		d = num_mul(&bad, ref, s->c.rules.mult_up);
		dec_print(num_floor(&bad, d, s->c.rules.tick), text);
		return eng_refuse(f, code, "Limit price can't be higher than %s.", text);
	case -4024:
		d = num_mul(&bad, ref, s->c.rules.mult_down);
		dec_print(num_ceil(&bad, d, s->c.rules.tick), text);
		return eng_refuse(f, code, "Limit price can't be lower than %s.", text);
	case -4164:
		dec_print_short(s->c.rules.min_notional, text);
		return eng_refuse(f, eng_code(s, code), "Order's notional must be no smaller than %s "
		    "(unless you choose reduce only).", text);
	}
	return order_unknown(f);
}

static int
refuse_code(const struct sym *s, int code, dec ref, struct fault *f)
{
	int i;

	for (i = 0; texts[i].text != NULL; i++)
		if (texts[i].code == code)
			return eng_refuse(f, code, "%s", texts[i].text);
	return refuse_bound(s, code, ref, f);
}

/* Contracts are worth their size, whatever the price. */
static bool
too_small(const struct sym *s, const struct rules_order *o)
{
	bool bad = false;

	return s->c.market == COINM && !o->reduce &&
	    dec_cmp(num_mul(&bad, o->qty, s->c.size), s->c.rules.min_notional) < 0;
}

int
order_filters(const struct sym *s, const struct rules_order *o, dec ref, dec *price, dec *qty,
    struct fault *f)
{
	struct finding found[FINDINGS_MAX];
	int i, n = rules_check(&s->c.rules, o, ref, found);
	bool bad = false;

	for (i = 0; i < n; i++)
		if ((found[i].code != -4164 && found[i].code != -4178) || s->c.market == USDM)
			return refuse_code(s, found[i].code, ref, f);
	if (too_small(s, o))
		return refuse_code(s, -4164, ref, f);
	*qty = num_scale(&bad, o->qty, s->c.rules.step.scale);
	*price = dec_sign(o->price) == 0 ? dec_int(0) :
	    num_scale(&bad, o->price, s->c.rules.tick.scale);
	return bad ? order_unknown(f) : 0;
}

int
order_match_price(const struct sym *s, enum order_side side, enum price_match m, dec *out,
    struct fault *f)
{
	static const struct { bool queue; int depth; } row[] = {
		[MATCH_OPPONENT] = { false, 1 }, [MATCH_OPPONENT_5] = { false, 5 },
		[MATCH_OPPONENT_10] = { false, 10 }, [MATCH_OPPONENT_20] = { false, 20 },
		[MATCH_QUEUE] = { true, 1 }, [MATCH_QUEUE_5] = { true, 5 },
		[MATCH_QUEUE_10] = { true, 10 }, [MATCH_QUEUE_20] = { true, 20 }
	};
	const struct level *l;
	int i;

	if (m <= MATCH_NONE || m > MATCH_QUEUE_20)
		return eng_refuse(f, -5037, "Invalid price match");
	l = book_best(s, row[m].queue ? side : side_other(side));
	for (i = 1; l != NULL && i < row[m].depth; i++)
		l = book_next(l);
	if (l == NULL)
		return eng_refuse(f, -5041, "No depth matches this BBO order");
	*out = l->price;
	return 0;
}

/*
 * What is asked of every order, conditional ones too
 */

int
order_mode(const struct acct *a, enum pos_mode m, bool reduce, struct fault *f)
{
	if ((m != MODE_BOTH) != a->hedge)
		return eng_refuse(f, -4061, "Order's position side does not match user's setting.");
	if (a->hedge && reduce)
		return eng_refuse(f, -1106, "Parameter 'reduceonly' sent when not required.");
	return 0;
}

int
order_client_ok(const char *client_id, struct fault *f)
{
	static const char set[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.:/_-";

	if (client_id == NULL)
		return 0;
	if (strlen(client_id) >= ENGINE_CLIENT_ID)
		return eng_refuse(f, -4015, "Client order id length should not be more than 36 chars");
	if (client_id[strspn(client_id, set)] != '\0')
		return eng_refuse(f, -4015, "Client order id is not valid.");
	return 0;
}

int
order_gtd_ok(const struct engine *e, int64_t gtd_ms, struct fault *f)
{
	if (gtd_ms > e->now + GTD_LEAST && gtd_ms < GTD_MOST)
		return 0;
	return eng_refuse(f, -5040, "The goodTillDate timestamp must be greater than the current time "
	    "plus 600 seconds and smaller than 253402300799000");
}

int
order_status_ok(const struct sym *s, struct fault *f)
{
	static const char *const over[] = { "CLOSE", "DELIVERED", "DELIVERING" };
	const char *status = s->c.rules.status;
	size_t i;

	if (dec_sign(s->mark) == 0)
		return eng_refuse(f, -1122, "Invalid symbol status.");
	if (strcmp(status, "TRADING") == 0)
		return 0;
	for (i = 0; i < sizeof over / sizeof *over; i++)
		if (strcmp(status, over[i]) == 0)
			return eng_refuse(f, -4141, "Symbol is closed.");
	return eng_refuse(f, -4140, "Invalid symbol status for opening position.");
}

bool
order_is_exit(enum order_side side, enum pos_mode m)
{
	return m == MODE_LONG ? side == SIDE_SELL : m == MODE_SHORT && side == SIDE_BUY;
}
