/* All profiles, a line each. No exchange is asked, and no secret leaves its file. */
#include <stdio.h>
#include <string.h>

#include "app.h"
#include "io/clock.h"

const struct column list_cols[] = {
	{ "PROFILE", "profile", COL_LEFT },
	{ "DEFAULT", "default", COL_LEFT },
	{ "EXCHANGE", "exchange", COL_LEFT },
	{ "KEY IN", "keyIn", COL_LEFT },
	{ "KEY", "key", COL_LEFT },
	{ "ORDER", "maxOrderNotional", COL_DEC },
	{ "POSITION", "maxPositionNotional", COL_DEC },
	{ "PRICE %", "maxPriceDistance", COL_DEC },
	{ "A MINUTE", "maxOrdersPerMinute", COL_RIGHT },
	{ "SYMBOLS", "symbols", COL_LEFT },
	{ "WRONG", "why", COL_LEFT },
	{ NULL, NULL, 0 }
};

static void
put_text(struct buf *b, const char *key, const char *text)
{
	if (text[0] != '\0')
		jw_str(b, key, text);
	else
		jw_null(b, key);
}

static void
put_cap(struct buf *b, const char *key, dec cap)
{
	if (dec_sign(cap) > 0)
		jw_dec(b, key, cap);
	else
		jw_null(b, key);
}

/* Where it is said; each place adds to the one before. */
static void
put_from(struct buf *b, unsigned from)
{
	static const char *const word[] = { "built in", "config", "file" };

	jw_open(b, "from", '[');
	for (int i = 0; i < 3; i++)
		if ((from & 1u << i) != 0)
			jw_str(b, NULL, word[i]);
	jw_close(b, ']');
}

static void
put_caps(struct buf *b, const struct profile *p)
{
	put_cap(b, "maxOrderNotional", p->max_order_notional);
	put_cap(b, "maxPositionNotional", p->max_position_notional);
	put_cap(b, "maxPriceDistance", p->max_price_distance);
	if (p->max_orders_per_minute > 0)
		jw_i64(b, "maxOrdersPerMinute", p->max_orders_per_minute);
	else
		jw_null(b, "maxOrdersPerMinute");
	put_text(b, "symbols", p->symbols);
}

/* What can be told of one that does not load is its name, and why. */
static void
put_profile(struct buf *b, const struct profile_name *name, bool chosen)
{
	struct fault why = { .kind = FAULT_NONE };
	char key[5] = "";
	struct profile p;
	bool loads = profile_load(&p, name->name, &why) == 0;

	if (loads)
		(void)cred_peek(key, &p, &why);
	jw_open(b, NULL, '{');
	jw_str(b, "e", "bf.profile");
	jw_i64(b, "E", clock_wall_ms());
	jw_str(b, "profile", name->name);
	jw_bool(b, "default", chosen);
	put_from(b, name->from);
	put_text(b, "exchange", !loads ? "" : p.exchange[0] != '\0' ? p.exchange : p.rest);
	put_text(b, "keyIn", loads ? cred_place(&p) : "");
	put_text(b, "key", key);
	if (!loads)
		memset(&p, 0, sizeof p);
	put_caps(b, &p);
	put_text(b, "why", why.kind != FAULT_NONE ? why.text : "");
	jw_close(b, '}');
	jw_end(b);
}

int
list(struct app *a, char *const words[], int n, struct fault *f)
{
	static struct profile_name name[PROFILE_NAMES];
	struct buf rec = { 0 };
	char chosen[64];
	int count, r = 0;

	if (n > 0)
		return fault_set(f, FAULT_USAGE, "%s: list takes no operands; see bf-profile show %s", words[0], words[0]);
	if ((count = profile_names(name, chosen, f)) == -1)
		return -1;
	for (int i = 0; i < count && r == 0; i++) {
		put_profile(&rec, &name[i], strcmp(name[i].name, chosen) == 0);
		r = printer_put(&a->out, &rec, f);
	}
	buf_free(&rec);
	return r;
}
