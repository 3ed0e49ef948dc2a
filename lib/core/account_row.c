/* Reading one row of an answer or event: missing is not zero. */
#include <string.h>

#include "core/account_in.h"

void
row_refuse(struct row *r, const char *key)
{
	if (!r->bad)
		fault_set(r->f, FAULT_UNKNOWN, "%s: %s%s%s is missing or malformed", r->where,
		    r->name != NULL ? r->name : "", r->name != NULL ? ": " : "", key);
	r->bad = true;
}

/* An empty string is how the exchange says "unknown" (inactive accounts). */
bool
row_blank(const struct row *r, const char *key)
{
	const struct tok *v = scan_get(r->t, r->v, key);

	return v == NULL || v->kind == SCAN_NULL || (v->kind == SCAN_STR && v->len == 0);
}

void
row_text(struct row *r, const char *key, char *out, size_t size)
{
	if (row_blank(r, key) || !scan_get_str(r->t, r->v, key, out, size))
		row_refuse(r, key);
}

dec
row_dec(struct row *r, const char *key)
{
	dec d = dec_int(0);

	if (!scan_get_dec(r->t, r->v, key, &d))
		row_refuse(r, key);
	return d;
}

/* A field that may be missing, but not malformed. */
dec
row_maybe_dec(struct row *r, const char *key, dec otherwise)
{
	return row_blank(r, key) ? otherwise : row_dec(r, key);
}

int64_t
row_int(struct row *r, const char *key, int64_t least)
{
	int64_t n = least;

	if (!scan_get_i64(r->t, r->v, key, &n) || n < least)
		row_refuse(r, key);
	return n;
}

int64_t
row_maybe_int(struct row *r, const char *key, int64_t otherwise)
{
	return row_blank(r, key) ? otherwise : row_int(r, key, 0);
}

bool
row_maybe_bool(struct row *r, const char *key)
{
	bool b = false;

	if (!row_blank(r, key) && !scan_get_bool(r->t, r->v, key, &b))
		row_refuse(r, key);
	return b;
}

/* A leverage or a rank. */
int
row_maybe_small(struct row *r, const char *key, int otherwise)
{
	int64_t n = row_maybe_int(r, key, otherwise);

	if (n > 1000)
		row_refuse(r, key);
	return r->bad ? 0 : (int)n;
}

enum pos_side
row_side(struct row *r, const char *key)
{
	if (row_blank(r, key) || scan_get_is(r->t, r->v, key, "BOTH"))
		return POS_BOTH;
	if (scan_get_is(r->t, r->v, key, "LONG"))
		return POS_LONG;
	if (!scan_get_is(r->t, r->v, key, "SHORT"))
		row_refuse(r, key);
	return POS_SHORT;
}

/* All members are there, but they cannot all be true. */
static void
contradicts(struct row *r, const char *key)
{
	if (!r->bad)
		fault_set(r->f, FAULT_UNKNOWN, "%s: %s: %s contradicts the other fields", r->where,
		    r->name != NULL ? r->name : "", key);
	r->bad = true;
}

void
row_consistent(struct row *r, const struct position *p, const char *amt, const char *entry,
    const char *wallet)
{
	if (!account_held(p))
		return;
	if ((p->side == POS_LONG && dec_sign(p->amt) < 0) || (p->side == POS_SHORT && dec_sign(p->amt) > 0))
		contradicts(r, amt);
	if (dec_sign(p->entry) <= 0)
		contradicts(r, entry);
	/* all of a wallet may have been taken out of a profit, but nothing holds without either */
	if (p->isolated && dec_sign(p->isolated_wallet) == 0 && dec_sign(p->upnl) <= 0)
		contradicts(r, wallet);
}
