#include <stdlib.h>
#include <string.h>

#include "core/scan.h"
#include "core/utf8.h"

#define NAME_BITS	512	/* so many that the names of an order fall into as many of them */

typedef unsigned char byte;

/* The state of one scan. Where we are is no part of it, but goes by value from
 * function to function, to stay in a register: each is given where its piece
 * begins and returns where it ends, or NULL after fail. */
struct lex {
	const byte	*end;
	struct tok	*t;
	uint32_t	 n, max;
	int		 depth;
	int		 error;
	const byte	*at;			/* of the error */
	uint32_t	 up[SCAN_DEPTH];	/* the containers open now */
};

static const byte *
fail(struct lex *x, const byte *p, int error)
{
	x->error = error;
	x->at = p;
	return NULL;
}

static inline bool
digit(byte c)
{
	return (byte)(c - '0') < 10;
}

static inline const byte *
blank(const byte *p, const byte *end)
{
	while (p < end && *p <= ' ' &&
	    (*p == ' ' || *p == '\n' || *p == '\t' || *p == '\r'))
		p++;
	return p;
}

/* Whether c is what is at p. */
static inline bool
is(const struct lex *x, const byte *p, byte c)
{
	return p < x->end && *p == c;
}

/* A token from p; the end, and for a container next and n, are still to come. */
static inline struct tok *
add(struct lex *x, const byte *p, enum scan_kind kind)
{
	struct tok *t;

	if (x->n == x->max) {
		fail(x, p, SCAN_FULL);
		return NULL;
	}
	t = x->t + x->n;
	*t = (struct tok){ .p = (const char *)p, .next = ++x->n,
	    .kind = (uint8_t)kind, .depth = (uint8_t)x->depth };
	return t;
}

static inline const byte *
ends(struct tok *t, const byte *p)
{
	t->len = (uint32_t)((const char *)p - t->p);
	return p;
}

/*
 * Strings
 */

#define EACH(c)	(UINT64_C(0x0101010101010101) * (c))

/*
 * From p to the first byte that is not plain: a quote, a backslash, a control
 * character, one of UTF-8; or the end. Eight bytes at a time: each subtraction
 * sets the top bit of the byte it looks for. A borrow may set it in a byte
 * above that one too, so only the first counts.
 */
static inline const byte *
plain(const byte *p, const byte *end)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	uint64_t w, odd;

	for (; end - p >= 8; p += 8) {
		memcpy(&w, p, 8);
		odd = (w ^ EACH(2)) - EACH(0x21);	/* '"' ^ 2 is 0x20, controls stay below */
		odd |= (w ^ EACH('\\')) - EACH(1);
		odd &= EACH(0x80);	/* UTF-8 keeps its top bit in one of the two */
		if (odd != 0)
			return p + (__builtin_ctzll(odd) >> 3);
	}
#endif
	while (p < end && *p >= ' ' && *p < 0x80 && *p != '"' && *p != '\\')
		p++;
	return p;
}

/* The value of four hex digits at p, or -1. */
static int
hex4(const byte *p, const byte *end)
{
	int i, d, u = 0;

	if (end - p < 4)
		return -1;
	for (i = 0; i < 4; i++) {
		d = p[i] | 0x20;
		if (digit(p[i]))
			d = p[i] - '0';
		else if (d >= 'a' && d <= 'f')
			d -= 'a' - 10;
		else
			return -1;
		u = u << 4 | d;
	}
	return u;
}

/* p at the u of \uXXXX: past it, and past the second half of a pair. */
static const byte *
unicode(struct lex *x, const byte *p)
{
	int u = hex4(p + 1, x->end), v;

	if (u == -1)
		return fail(x, p, SCAN_SYNTAX);
	if (u < 0xd800 || u > 0xdfff)
		return p + 5;
	if (u > 0xdbff || x->end - p < 7 || p[5] != '\\' || p[6] != 'u')
		return fail(x, p, SCAN_UTF8);
	if ((v = hex4(p + 7, x->end)) == -1)
		return fail(x, p + 6, SCAN_SYNTAX);
	if (v < 0xdc00 || v > 0xdfff)
		return fail(x, p, SCAN_UTF8);
	return p + 11;
}

static const byte *
escape(struct lex *x, const byte *p)
{
	if (++p == x->end)
		return fail(x, p, SCAN_SYNTAX);
	switch (*p) {
	case '"': case '\\': case '/':
	case 'b': case 'f': case 'n': case 'r': case 't':
		return p + 1;
	case 'u':
		return unicode(x, p);
	}
	return fail(x, p, SCAN_SYNTAX);
}

/* The rest of a string that is not all plain, up to its closing quote. */
static const byte *
string_rest(struct lex *x, struct tok *t, const byte *p)
{
	int len;

	for (; !is(x, p, '"'); p = plain(p, x->end)) {
		if (p == x->end || *p < ' ')
			return fail(x, p, SCAN_SYNTAX);
		if (*p == '\\') {
			t->esc = true;
			if ((p = escape(x, p)) == NULL)
				return NULL;
		} else {
			len = utf8_len(p, (size_t)(x->end - p));
			if (len < 0)
				return fail(x, p, SCAN_UTF8);
			p += len;
		}
	}
	return p;
}

static inline const byte *
string(struct lex *x, const byte *p)
{
	struct tok *t = add(x, p + 1, SCAN_STR);

	if (t == NULL)
		return NULL;
	p = plain(p + 1, x->end);
	if (!is(x, p, '"') && (p = string_rest(x, t, p)) == NULL)
		return NULL;
	return ends(t, p) + 1;
}

/*
 * Numbers, words, containers
 */

/* From p to the first byte that is no digit, or the end. */
static inline const byte *
digits_end(const byte *p, const byte *end)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	uint64_t w, odd;

	for (; end - p >= 8; p += 8) {
		memcpy(&w, p, 8);
		w ^= EACH('0');		/* a digit is 0 to 9 now */
		odd = ((w + EACH(0x76)) | w) & EACH(0x80);
		if (odd != 0)
			return p + (__builtin_ctzll(odd) >> 3);
	}
#endif
	while (p < end && digit(*p))
		p++;
	return p;
}

static inline const byte *
digits(struct lex *x, const byte *p)
{
	const byte *from = p;

	p = digits_end(p, x->end);
	return p > from ? p : fail(x, p, SCAN_SYNTAX);
}

/* From '.' or 'e' on. */
static const byte *
fraction(struct lex *x, const byte *p)
{
	if (*p == '.' && (p = digits(x, p + 1)) == NULL)
		return NULL;
	if (!is(x, p, 'e') && !is(x, p, 'E'))
		return p;
	p++;
	return digits(x, is(x, p, '+') || is(x, p, '-') ? p + 1 : p);
}

static inline const byte *
number(struct lex *x, const byte *p)
{
	struct tok *t = add(x, p, SCAN_NUM);

	if (t == NULL)
		return NULL;
	p += *p == '-';
	if (is(x, p, '0'))
		p++;		/* a digit after it is junk after the value */
	else if ((p = digits(x, p)) == NULL)
		return NULL;
	if (is(x, p, '.') || is(x, p, 'e') || is(x, p, 'E'))
		if ((p = fraction(x, p)) == NULL)
			return NULL;
	return ends(t, p);
}

static const byte *
word(struct lex *x, const byte *p, const char *text, enum scan_kind kind)
{
	struct tok *t = add(x, p, kind);

	if (t == NULL)
		return NULL;
	for (; *text != '\0'; text++, p++)
		if (!is(x, p, (byte)*text))
			return fail(x, p, SCAN_SYNTAX);
	return ends(t, p);
}

static inline const byte *
scalar(struct lex *x, const byte *p)
{
	if (*p == '"')
		return string(x, p);
	if (digit(*p) || *p == '-')
		return number(x, p);
	switch (*p) {
	case 't':
		return word(x, p, "true", SCAN_TRUE);
	case 'f':
		return word(x, p, "false", SCAN_FALSE);
	case 'n':
		return word(x, p, "null", SCAN_NULL);
	}
	return fail(x, p, SCAN_SYNTAX);
}

/* A member's name and its colon. */
static inline const byte *
name(struct lex *x, const byte *p)
{
	p = blank(p, x->end);
	if (!is(x, p, '"'))
		return fail(x, p, SCAN_SYNTAX);
	if ((p = string(x, p)) == NULL)
		return NULL;
	p = blank(p, x->end);
	return is(x, p, ':') ? p + 1 : fail(x, p, SCAN_SYNTAX);
}

/* A string without escapes, a positive integer, true or false: its end, its kind and its text
 * into t. NULL: something else, or not whole, or wrong. At least 5 bytes are there. */
static inline const byte *
simple(struct tok *t, const byte *p, const byte *end)
{
	const byte *q;

	if (*p == '"') {
		q = plain(p + 1, end);
		if (q == end || *q != '"')
			return NULL;
		*t = (struct tok){ .p = (const char *)p + 1, .len = (uint32_t)(q - p - 1), .kind = SCAN_STR };
		return q + 1;
	}
	if ((byte)(*p - '1') < 9) {
		q = digits_end(p + 1, end);
		*t = (struct tok){ .p = (const char *)p, .len = (uint32_t)(q - p), .kind = SCAN_NUM };
		return q;
	}
	if (memcmp(p, "true", 4) == 0) {
		*t = (struct tok){ .p = (const char *)p, .len = 4, .kind = SCAN_TRUE };
		return p + 4;
	}
	if (memcmp(p, "false", 5) == 0) {
		*t = (struct tok){ .p = (const char *)p, .len = 5, .kind = SCAN_FALSE };
		return p + 5;
	}
	return NULL;
}

/* The closing quote of a name at p, or what is not plain in it. Most have one letter. */
static inline const byte *
name_end(const byte *p, const byte *end)
{
	if (p[2] == '"' && (byte)((p[1] | 0x20) - 'a') < 26)
		return p + 2;
	return plain(p + 1, end);
}

/*
 * p where a member of the innermost container, an object, is due: past all members of
 * the usual kind that begin there, to where the next is due; or, with due false, to the
 * bracket after the last. The usual kind: nothing blank, a plain name, a simple value.
 * Market events are made of little else. All else, errors too, is left to name() and
 * scalar(): this is only their short cut, with a loop of its own to stay in registers.
 */
static const byte *
members(struct lex *x, const byte *p, bool *due)
{
	const byte *end = x->end, *q;
	struct tok *up = x->t + x->up[x->depth - 1], *t = x->t + x->n;
	uint32_t n = x->n, from = n, room = x->max - n;
	uint8_t depth = (uint8_t)x->depth;

	for (; room >= 2 && end - p >= 4 && *p == '"'; n += 2, t += 2, room -= 2, p = q + 1) {
		q = name_end(p, end);
		if (end - q < 7 || q[0] != '"' || q[1] != ':')
			break;
		t[0] = (struct tok){ .p = (const char *)p + 1, .len = (uint32_t)(q - p - 1),
		    .next = n + 1, .kind = SCAN_STR, .depth = depth };
		if ((q = simple(t + 1, q + 2, end)) == NULL || q == end || (*q != ',' && *q != '}'))
			break;
		t[1].next = n + 2;
		t[1].depth = depth;
		if (*q == '}') {	/* after() counts it */
			*due = false;
			x->n = n + 2;
			up->n += (n - from) / 2;
			return q;
		}
	}
	x->n = n;
	up->n += (n - from) / 2;
	return p;
}

static inline const byte *
leave(struct lex *x, const byte *p)
{
	struct tok *t = x->t + x->up[--x->depth];

	t->next = x->n;
	return ends(t, p + 1);
}

/* A container's begin, up to its first value; if it is empty, all of it. */
static inline const byte *
enter(struct lex *x, const byte *p, bool *due)
{
	bool obj = *p == '{';

	if (x->depth == SCAN_DEPTH)
		return fail(x, p, SCAN_DEEP);
	if (add(x, p, obj ? SCAN_OBJ : SCAN_ARR) == NULL)
		return NULL;
	x->up[x->depth++] = x->n - 1;
	p = blank(p + 1, x->end);
	if (is(x, p, obj ? '}' : ']'))
		return leave(x, p);
	*due = true;
	if (obj)
		p = members(x, p, due);
	return obj && *due ? name(x, p) : p;
}

/* After a value: leave the containers that end here, up to where the next
 * value is due, if one is. */
static inline const byte *
after(struct lex *x, const byte *p, bool *due)
{
	struct tok *up;

	while (x->depth > 0) {
		up = x->t + x->up[x->depth - 1];
		up->n++;
		p = blank(p, x->end);
		if (is(x, p, ',')) {
			*due = true;
			if (up->kind == SCAN_ARR)
				return p + 1;
			p = members(x, p + 1, due);
			if (*due)
				return name(x, p);
			continue;
		}
		if (!is(x, p, up->kind == SCAN_ARR ? ']' : '}'))
			return fail(x, p, SCAN_SYNTAX);
		p = leave(x, p);
	}
	return p;
}

/* One value after the other, until none is due. */
static const byte *
values(struct lex *x, const byte *p)
{
	bool due;

	do {
		due = false;
		p = blank(p, x->end);
		if (p == x->end)
			return fail(x, p, SCAN_SYNTAX);
		if (*p == '{' || *p == '[')
			p = enter(x, p, &due);
		else
			p = scalar(x, p);
		if (p != NULL && !due)
			p = after(x, p, &due);
	} while (p != NULL && due);
	return p;
}

static void
document(struct lex *x, const byte *p, size_t n)
{
	if (n > SCAN_MAX) {
		fail(x, p, SCAN_BIG);
		return;
	}
	x->end = n > 0 ? p + n : p;	/* p may be NULL then */
	p = blank(p, x->end);
	if (p == x->end) {
		fail(x, p, SCAN_EMPTY);
		return;
	}
	if ((p = values(x, p)) == NULL)
		return;
	x->at = p = blank(p, x->end);
	if (p != x->end)
		fail(x, p, SCAN_SYNTAX);
}

int
scan_json(const char *s, size_t n, struct tok *t, int max, size_t *where)
{
	struct lex x;

	x.t = t;
	x.n = 0;
	x.max = max < 0 ? 0 : (uint32_t)max;
	x.depth = 0;
	x.error = SCAN_OK;
	document(&x, (const byte *)s, n);
	if (where != NULL)
		*where = (size_t)(x.at - (const byte *)s);
	return x.error != SCAN_OK ? x.error : (int)x.n;
}

int
scan_doc(struct scan *sc, const char *s, size_t n)
{
	struct tok *t;
	int cap;

	for (;;) {
		sc->n = scan_json(s, n, sc->t, sc->cap, &sc->where);
		if (sc->n != SCAN_FULL)
			return sc->n;
		/* Scanned again with twice the room: at most twice the work
		 * in all, and once for a stream of like records. n bytes make
		 * fewer than n + 1 tokens, so cap stays far below INT_MAX. */
		cap = sc->cap < 128 ? 256 : sc->cap * 2;
		if ((t = realloc(sc->t, (size_t)cap * sizeof *t)) == NULL)
			return sc->n = SCAN_MEMORY;
		sc->t = t;
		sc->cap = cap;
	}
}

void
scan_free(struct scan *sc)
{
	free(sc->t);
	memset(sc, 0, sizeof *sc);
}

const char *
scan_strerror(int error)
{
	switch (error) {
	case SCAN_EMPTY:  return "no JSON at all";
	case SCAN_SYNTAX: return "not valid JSON";
	case SCAN_UTF8:	  return "invalid UTF-8";
	case SCAN_DEEP:	  return "nested too deeply";
	case SCAN_FULL:	  return "too many values";
	case SCAN_BIG:	  return "too long";
	case SCAN_MEMORY: return "out of memory";
	}
	return "no error";
}

/*
 * The text of a string, escapes seen through, byte by byte
 */

struct text { const char *p, *end; char c[4]; int n, i; };

static struct text
text_of(const struct tok *v)
{
	return (struct text){ .p = v->p, .end = v->p + v->len };
}

/* The escape at p is valid: it was scanned. */
static void
unescape(struct text *x)
{
	static const char plain[256] = {
		['b'] = '\b', ['f'] = '\f', ['n'] = '\n', ['r'] = '\r', ['t'] = '\t'
	};
	const byte *p = (const byte *)x->p + 1, *end = (const byte *)x->end;
	unsigned u;

	if (*p != 'u') {
		x->c[0] = plain[*p] != '\0' ? plain[*p] : (char)*p;
		x->n = 1;
		x->p += 2;
		return;
	}
	u = (unsigned)hex4(p + 1, end);
	x->p += 6;
	if (u >= 0xd800 && u <= 0xdbff) {
		u = 0x10000 + ((u - 0xd800) << 10) + ((unsigned)hex4(p + 7, end) - 0xdc00);
		x->p += 6;
	}
	x->n = utf8_put(x->c, u);
}

/* The next byte (0 to 255), or -1 at the end. */
static int
text_byte(struct text *x)
{
	if (x->i < x->n)
		return (byte)x->c[x->i++];
	if (x->p == x->end)
		return -1;
	if (*x->p != '\\')
		return (byte)*x->p++;
	unescape(x);
	x->i = 1;
	return (byte)x->c[0];
}

static int
text_cmp(const struct tok *a, const struct tok *b)
{
	struct text x, y;
	int c, d;

	if (!a->esc && !b->esc) {
		c = memcmp(a->p, b->p, a->len < b->len ? a->len : b->len);
		return c != 0 ? c : (a->len > b->len) - (a->len < b->len);
	}
	x = text_of(a);
	y = text_of(b);
	do {
		c = text_byte(&x);
		d = text_byte(&y);
	} while (c == d && c != -1);
	return c - d;
}

/* Whether the string v is the n bytes at s. */
static bool
text_is(const struct tok *v, const char *s, size_t n)
{
	struct text x;
	size_t i;

	if (!v->esc)
		return v->len == n && memcmp(v->p, s, n) == 0;
	x = text_of(v);
	for (i = 0; i < n; i++)
		if (text_byte(&x) != (byte)s[i])
			return false;
	return text_byte(&x) == -1;
}

/*
 * Walking and looking up
 */

const struct tok *
scan_first(const struct tok *v)
{
	return v != NULL && v->n > 0 ? v + 1 : NULL;
}

const struct tok *
scan_next(const struct tok *t, const struct tok *parent, const struct tok *v)
{
	return v->next < parent->next ? t + v->next : NULL;
}

const struct tok *
scan_get(const struct tok *t, const struct tok *obj, const char *key)
{
	const struct tok *k;
	size_t n = key[0] != '\0' && key[1] == '\0' ? 1 : strlen(key);
	uint32_t left;

	if (obj == NULL || obj->kind != SCAN_OBJ)
		return NULL;
	/* most names differ at once, and many have one letter: that is seen without a call */
	for (k = obj + 1, left = obj->n; left > 0; left--, k = t + k[1].next)
		if ((k->esc || (k->len == n && (n == 0 || *k->p == *key))) &&
		    ((n == 1 && !k->esc) || text_is(k, key, n)))
			return k + 1;
	return NULL;
}

static int
by_name(const void *a, const void *b)
{
	const struct tok *const *x = a, *const *y = b;

	return text_cmp(*x, *y);
}

/* Every name against every other: for small objects, or without memory. */
static bool
duplicate_by_pairs(const struct tok *t, const struct tok *obj)
{
	const struct tok *a, *b;
	uint32_t i, j;

	for (a = obj + 1, i = 0; i < obj->n; i++, a = t + a[1].next)
		for (b = obj + 1, j = 0; j < i; j++, b = t + b[1].next)
			if (text_cmp(a, b) == 0)
				return true;
	return false;
}

/* Two names that are the same fall into the same one of these. */
static unsigned
name_bit(const struct tok *k)
{
	const byte *p = (const byte *)k->p;
	unsigned h = k->len * 167u;

	if (k->len > 0)
		h += p[0] * 29u + p[k->len / 2] * 31u + p[k->len - 1] * 53u;
	return h % NAME_BITS;
}

/* Whether all names are seen to differ at a glance; mostly they are. */
static bool
all_differ(const struct tok *t, const struct tok *obj)
{
	uint64_t seen[NAME_BITS / 64] = { 0 }, bit;
	const struct tok *k;
	uint32_t i;
	unsigned at;

	for (k = obj + 1, i = 0; i < obj->n; i++, k = t + k[1].next) {
		at = name_bit(k);
		bit = UINT64_C(1) << at % 64;
		if (k->esc || (seen[at / 64] & bit) != 0)
			return false;
		seen[at / 64] |= bit;
	}
	return true;
}

bool
scan_has_duplicate(const struct tok *t, const struct tok *obj)
{
	const struct tok **names, *k;
	bool found = false;
	uint32_t i;

	if (obj == NULL || obj->kind != SCAN_OBJ || all_differ(t, obj))
		return false;
	if (obj->n <= 16 || (names = calloc(obj->n, sizeof *names)) == NULL)
		return duplicate_by_pairs(t, obj);
	for (k = obj + 1, i = 0; i < obj->n; i++, k = t + k[1].next)
		names[i] = k;
	qsort(names, obj->n, sizeof *names, by_name);
	for (i = 1; i < obj->n && !found; i++)
		found = text_cmp(names[i - 1], names[i]) == 0;
	free(names);
	return found;
}

/*
 * Values
 */

bool
scan_is(const struct tok *v, const char *text)
{
	return v != NULL && v->kind == SCAN_STR && text_is(v, text, strlen(text));
}

/* The length of v's text, or -1 if it holds a NUL, which only \u0000 can bring. */
static int64_t
text_len(const struct tok *v)
{
	struct text x;
	int64_t n;
	int c;

	if (!v->esc)
		return v->len;
	x = text_of(v);
	for (n = 0; (c = text_byte(&x)) != -1; n++)
		if (c == 0)
			return -1;
	return n;
}

bool
scan_str(const struct tok *v, char *out, size_t size)
{
	struct text x;
	int64_t n;
	int c;

	if (v == NULL || v->kind != SCAN_STR)
		return false;
	if ((n = text_len(v)) == -1 || (size_t)n >= size)
		return false;	/* and out untouched */
	if (!v->esc) {
		memcpy(out, v->p, v->len);
		out[v->len] = '\0';
		return true;
	}
	for (x = text_of(v); (c = text_byte(&x)) != -1; )
		*out++ = (char)c;
	*out = '\0';
	return true;
}

/* The text of a number or string. small keeps what had to be unescaped: room
 * for any number we could represent. */
static bool
figure(const struct tok *v, char small[static 64], const char **p, size_t *n)
{
	if (v == NULL || (v->kind != SCAN_NUM && v->kind != SCAN_STR))
		return false;
	*p = v->p;
	*n = v->len;
	if (!v->esc)
		return true;
	if (!scan_str(v, small, 64))
		return false;
	*p = small;
	*n = strlen(small);
	return true;
}

/*
 * Eight digits at p after those in x (negative all the way); false: they are not all
 * digits. Pairs, then fours, then all eight are put together in their own parts of a word.
 */
static inline bool
eight_digits(const char *p, int64_t *x)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	uint64_t w;

	memcpy(&w, p, 8);
	w ^= EACH('0');
	if ((((w + EACH(0x76)) | w) & EACH(0x80)) != 0)
		return false;
	w = (w * 10 + (w >> 8)) & UINT64_C(0x00ff00ff00ff00ff);
	w = (w * 100 + (w >> 16)) & UINT64_C(0x0000ffff0000ffff);
	w = (w * 10000 + (w >> 32)) & UINT64_C(0x00000000ffffffff);
	*x = *x * 100000000 - (int64_t)w;
	return true;
#else
	(void)p, (void)x;
	return false;
#endif
}

/* No exponent or point here, even of an integral value: what writes an id as
 * 1.5e+17 has lost its last digits. */
bool
scan_i64(const struct tok *v, int64_t *out)
{
	char small[64];
	const char *p;
	size_t n, i;
	int64_t x = 0;
	bool neg;

	if (!figure(v, small, &p, &n) || n == 0)
		return false;
	neg = *p == '-';
	i = neg;
	if (i == n || (p[i] == '0' && n - i > 1))
		return false;
	if (n - i <= 18) {	/* no room to overflow */
		for (; n - i >= 8 && eight_digits(p + i, &x); i += 8)
			;
		for (; i < n && digit((byte)p[i]); i++)
			x = x * 10 - (p[i] - '0');
	}
	for (; i < n; i++) {	/* negative all the way: INT64_MIN has no positive */
		if (!digit((byte)p[i]) || __builtin_mul_overflow(x, 10, &x) ||
		    __builtin_sub_overflow(x, p[i] - '0', &x))
			return false;
	}
	if (!neg && __builtin_sub_overflow(0, x, &x))
		return false;
	*out = x;
	return true;
}

bool
scan_dec(const struct tok *v, dec *out)
{
	char small[64];
	const char *p;
	size_t n;

	return figure(v, small, &p, &n) && dec_parse_sci(out, p, n);
}

bool
scan_bool(const struct tok *v, bool *out)
{
	if (v == NULL)
		return false;
	if (v->kind == SCAN_TRUE || scan_is(v, "true"))
		*out = true;
	else if (v->kind == SCAN_FALSE || scan_is(v, "false"))
		*out = false;
	else
		return false;
	return true;
}

bool
scan_get_is(const struct tok *t, const struct tok *obj, const char *key, const char *text)
{
	return scan_is(scan_get(t, obj, key), text);
}

bool
scan_get_str(const struct tok *t, const struct tok *obj, const char *key, char *out, size_t size)
{
	return scan_str(scan_get(t, obj, key), out, size);
}

bool
scan_get_i64(const struct tok *t, const struct tok *obj, const char *key, int64_t *out)
{
	return scan_i64(scan_get(t, obj, key), out);
}

bool
scan_get_dec(const struct tok *t, const struct tok *obj, const char *key, dec *out)
{
	return scan_dec(scan_get(t, obj, key), out);
}

bool
scan_get_bool(const struct tok *t, const struct tok *obj, const char *key, bool *out)
{
	return scan_bool(scan_get(t, obj, key), out);
}

const struct tok *
scan_find(const struct tok *t, const struct tok *arr, const char *key, const char *text)
{
	const struct tok *v;

	if (arr == NULL || arr->kind != SCAN_ARR)
		return NULL;
	for (v = scan_first(arr); v != NULL; v = scan_next(t, arr, v))
		if (scan_get_is(t, v, key, text))
			return v;
	return NULL;
}
