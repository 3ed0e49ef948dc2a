#include <string.h>

#include "core/instant.h"
#include "core/span.h"
#include "list.h"

int
list_raw(struct app *a, const struct tok *t, const struct tok *v, struct fault *f)
{
	(void)t;
	return info_put_raw(a, v, f);
}

int
list_rows(struct app *a, const struct tok *t, const struct tok *el, const char *key, row_fn *row,
    struct fault *f)
{
	const struct tok *list = scan_get(t, el, key), *v;

	if (!a->out.table)
		return info_put_raw(a, el, f);
	for (v = scan_first(list); v != NULL; v = scan_next(t, list, v)) {
		jw_open(&a->rec, NULL, '{');
		row(&a->rec, t, el, v);
		jw_close(&a->rec, '}');
		if (info_put(a, f) == -1)
			return -1;
	}
	return 0;
}

int
list_call(struct app *a, enum ep ep, const char *query, put_fn *put, struct fault *f)
{
	const struct tok *t, *v;

	if (info_served(a, ep, f) == -1 || session_call(a->s, ep, query, false, f) == -1)
		return -1;
	t = a->s->doc.t;
	if (t->kind != SCAN_ARR)
		return put(a, t, t, f);
	for (v = scan_first(t); v != NULL; v = scan_next(t, t, v))
		if (put(a, t, v, f) == -1)
			return -1;
	return 0;
}

int
list_symbols(struct app *a, enum ep ep, char *const words[], int n, put_fn *put, struct fault *f)
{
	struct buf q = { 0 };
	int r = 0;

	if (n == 0)
		return list_call(a, ep, "", put, f);
	for (int i = 0; i < n && r == 0; i++)
		if ((r = info_symbol(a, words[i], &q, f)) == 0)
			r = list_call(a, ep, q.p, put, f);
	buf_free(&q);
	return r;
}

/*
 * An answer kept
 */

int
kept_take(struct kept *k, struct session *s, const char *what, struct fault *f)
{
	if (s->doc.t->kind != SCAN_ARR && s->doc.t->kind != SCAN_OBJ)
		return fault_set(f, FAULT_AGAIN, "%s: neither an array nor an object", what);
	kept_free(k);
	k->text = s->body;	/* the answer changes hands, tokens and all */
	k->doc = s->doc;
	memset(&s->body, 0, sizeof s->body);
	memset(&s->doc, 0, sizeof s->doc);
	return 0;
}

/* From the element after the last one found on, and then from the first. */
const struct tok *
kept_find(struct kept *k, const char *symbol)
{
	const struct tok *t = k->doc.t, *v;

	if (k->doc.n == 0)
		return NULL;
	if (t->kind == SCAN_OBJ)
		return scan_get_is(t, t, "symbol", symbol) ? t : NULL;
	for (v = k->at == NULL ? NULL : scan_next(t, t, k->at); v != NULL; v = scan_next(t, t, v))
		if (scan_get_is(t, v, "symbol", symbol))
			return k->at = v;
	v = scan_find(t, t, "symbol", symbol);
	return v == NULL ? NULL : (k->at = v);
}

void
kept_free(struct kept *k)
{
	scan_free(&k->doc);
	buf_free(&k->text);
	memset(k, 0, sizeof *k);
}

/*
 * Members
 */

void
put_dec(struct buf *b, const char *key, const struct tok *v)
{
	dec d;

	if (scan_dec(v, &d))
		jw_dec(b, key, d);
	else
		jw_null(b, key);
}

void
put_int(struct buf *b, const char *key, const struct tok *v)
{
	int64_t n;

	if (scan_i64(v, &n))
		jw_i64(b, key, n);
	else
		jw_null(b, key);
}

void
put_span(struct buf *b, const char *key, const struct tok *v)
{
	struct buf one = { 0 };

	if (v == NULL) {
		jw_null(b, key);
		return;
	}
	span_put(&one, v);
	b->bad = b->bad || one.bad;
	if (!one.bad)
		jw_raw(b, key, one.p, one.len);
	buf_free(&one);
}

void
put_date(struct buf *b, const char *key, const struct tok *v)
{
	char text[INSTANT_STR], *p;
	int64_t ms;

	if (!scan_i64(v, &ms)) {
		jw_null(b, key);
		return;
	}
	instant_put(text, ms);
	if ((p = strchr(text, 'T')) != NULL)
		*p = ' ';
	if ((p = strchr(text, 'Z')) != NULL)
		*p = '\0';
	jw_str(b, key, text);
}
