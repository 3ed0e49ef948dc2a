#include <stdlib.h>

#include "core/book_read.h"

#define KEEP	(256u << 10)	/* bytes of room kept for the next message */

/* The names of one kind of message. */
struct names { const char *first, *last, *prev, *bids, *asks; };

static const struct names diff = { "U", "u", "pu", "b", "a" };
static const struct names snapshot = { "lastUpdateId", "lastUpdateId", NULL, "bids", "asks" };

static inline bool
digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Digits at p; stops where there are none. false: they have no room in 64 bits. */
static inline bool
digits(int64_t *c, const char **p, const char *end)
{
	int64_t n = *c;
	const char *q = *p;

	for (; q < end && digit(*q); q++) {
		if (n > (INT64_MAX - 9) / 10)
			return false;
		n = n * 10 + (*q - '0');
	}
	*c = n;
	*p = q;
	return true;
}

/* A decimal without sign and exponent, as dec_parse would take it. */
static bool
decimal(int64_t *c, uint8_t *scale, const char *p, const char *end)
{
	const char *from = p;

	*c = 0;
	*scale = 0;
	if (!digits(c, &p, end) || p == from || (*from == '0' && p - from > 1))
		return false;
	if (p == end)
		return true;
	if (*p != '.')
		return false;
	from = ++p;
	if (!digits(c, &p, end) || p == from || p != end || p - from > DEC_SCALE_MAX)
		return false;
	*scale = (uint8_t)(p - from);
	return true;
}

/* The text of a string or a number; escaped digits are still digits, in tmp then. */
static bool
text_of(const char **p, const char **end, const struct tok *v, char tmp[static DEC_STR])
{
	if (v == NULL || (v->kind != SCAN_STR && v->kind != SCAN_NUM))
		return false;
	*p = v->p;
	*end = v->p + v->len;
	if (v->esc) {
		if (!scan_str(v, tmp, DEC_STR))
			return false;
		for (*p = *end = tmp; **end != '\0'; )
			++*end;
	}
	return true;
}

/* In another dress: an exponent, or zeros that have no room. */
static bool
strange(int64_t *c, uint8_t *scale, const struct tok *v)
{
	dec d;

	if (!scan_dec(v, &d) || d.c < 0 ||
	    (d.c > INT64_MAX && !dec_rescale(&d, d, dec_decimals(d), DEC_DOWN)) || d.c > INT64_MAX)
		return false;
	*c = (int64_t)d.c;
	*scale = (uint8_t)d.scale;
	return true;
}

static bool
number(int64_t *c, uint8_t *scale, const struct tok *v)
{
	char tmp[DEC_STR];
	const char *p, *end;

	return text_of(&p, &end, v, tmp) && (decimal(c, scale, p, end) || strange(c, scale, v));
}

static bool
id(uint64_t *out, const struct tok *v)
{
	char tmp[DEC_STR];
	const char *p, *end;

	if (!text_of(&p, &end, v, tmp) || p == end)
		return false;
	for (*out = 0; p < end; p++)
		if (!digit(*p) || __builtin_mul_overflow(*out, 10u, out) ||
		    __builtin_add_overflow(*out, (uint64_t)(*p - '0'), out))
			return false;
	return true;
}

/* A negative pu is what partial depth events have: it follows nothing. */
static bool
previous(struct depth *d, const struct tok *v)
{
	int64_t n;

	d->has_pu = id(&d->pu, v);
	return d->has_pu || (scan_i64(v, &n) && n < 0);
}

static int64_t
time_of(const struct tok *t, const struct tok *v, const char *key)
{
	int64_t ms;

	return scan_get_i64(t, v, key, &ms) && ms > 0 ? ms : 0;
}

/* [price, quantity], and whatever may come after these. */
static inline bool
level(struct level *l, const struct tok *v)
{
	/* scalars are one token each: the second stands right after the first */
	return v->kind == SCAN_ARR && v->n >= 2 &&
	    number(&l->p, &l->ps, v + 1) && number(&l->q, &l->qs, v + 2);
}

static bool
levels(struct level *l, const struct tok *t, const struct tok *arr, bool bids)
{
	const struct tok *v = arr + 1;

	for (uint32_t i = 0; i < arr->n; i++, v = t + v->next) {
		if (!level(&l[i], v))
			return false;
		if (!bids)
			l[i].p = -l[i].p;
	}
	return true;
}

static bool
room(struct depth_room *r, size_t n)
{
	struct depth *d;

	if (n <= r->cap)
		return true;
	if ((d = realloc(r->d, n + n / 2)) == NULL)
		return false;
	r->d = d;
	r->cap = n + n / 2;
	return true;
}

static bool
head(struct depth *d, const struct tok *t, const struct tok *v, const struct names *name)
{
	if (!id(&d->U, scan_get(t, v, name->first)) || !id(&d->u, scan_get(t, v, name->last)) ||
	    d->U > d->u)
		return false;
	if (name->prev != NULL && !previous(d, scan_get(t, v, name->prev)))
		return false;
	d->E = time_of(t, v, "E");
	d->T = time_of(t, v, "T");
	return true;
}

static enum depth_result
message(struct depth_room *r, const struct tok *t, const struct tok *v, const struct names *name)
{
	const struct tok *b = scan_get(t, v, name->bids), *a = scan_get(t, v, name->asks);
	struct depth h = { 0 };

	if (b == NULL || a == NULL || b->kind != SCAN_ARR || a->kind != SCAN_ARR ||
	    !head(&h, t, v, name))
		return DEPTH_BAD;
	h.bids = b->n;
	h.asks = a->n;
	if (!room(r, depth_size(&h)))
		return DEPTH_MEMORY;
	*r->d = h;
	return levels(r->d->l, t, b, true) && levels(r->d->l + h.bids, t, a, false) ?
	    DEPTH_OK : DEPTH_BAD;
}

enum depth_result
depth_read_diff(struct depth_room *r, const struct tok *t, const struct tok *v)
{
	return message(r, t, v, &diff);
}

enum depth_result
depth_read_snapshot(struct depth_room *r, const struct tok *t, const struct tok *v)
{
	return message(r, t, v, &snapshot);
}

void
depth_room_trim(struct depth_room *r)
{
	if (r->cap <= KEEP)
		return;
	free(r->d);
	r->d = NULL;
	r->cap = 0;
}

size_t
depth_size(const struct depth *d)
{
	return sizeof *d + ((size_t)d->bids + d->asks) * sizeof *d->l;
}
