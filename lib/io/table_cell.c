/* A record's member as the text of a cell. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/show.h"
#include "io/table_in.h"

#define CELL_LONG	24	/* an array or object longer than this shows as its count */

int
columns_count(const struct column *c)
{
	int n = 0;

	while (n < COLUMNS_MAX && c[n].head != NULL)
		n++;
	return n;
}

/*
 * Paths
 */

/* The n-th item of an array. */
static const struct tok *
item(const struct tok *t, const struct tok *arr, const char *n)
{
	const struct tok *v = scan_first(arr);

	if (n[strspn(n, "0123456789")] != '\0')
		return NULL;
	for (long i = strtol(n, NULL, 10); i > 0 && v != NULL; i--)
		v = scan_next(t, arr, v);
	return v;
}

const struct tok *
cell_member(const struct tok *t, const char *path, size_t n)
{
	const struct tok *v = t;
	const char *end = path + n, *dot;
	char key[64];

	for (; v != NULL; path = dot + 1) {
		if ((dot = memchr(path, '.', (size_t)(end - path))) == NULL)
			dot = end;
		if ((size_t)(dot - path) >= sizeof key)
			return NULL;
		memcpy(key, path, (size_t)(dot - path));
		key[dot - path] = '\0';
		v = v->kind == SCAN_ARR ? item(t, v, key) : scan_get(t, v, key);
		if (dot == end)
			break;
	}
	return v;
}

/* Whether a cell of several members takes this one. */
static bool
is_wanted(const struct tok *v, int how)
{
	dec d;

	if (v == NULL || v->kind == SCAN_ARR || v->kind == SCAN_OBJ)
		return false;
	return (how & COL_NUM) == 0 || scan_dec(v, &d);
}

const struct tok *
cell_pick(const struct tok *t, const char *paths, int how)
{
	size_t n = strcspn(paths, "|:");
	const struct tok *v = cell_member(t, paths, n);

	if (paths[n] != '|' && (how & COL_NUM) == 0)
		return v;
	while (!is_wanted(v, how)) {
		if (paths[n] != '|')
			return NULL;
		paths += n + 1;
		n = strcspn(paths, "|:");
		v = cell_member(t, paths, n);
	}
	return v;
}

/*
 * Texts
 */

/* "60000.00000000" as "60000", but prices and quantities of few decimals ("2990.00") as
 * they are. */
size_t
cell_without_zeros(const char *p, size_t n)
{
	const char *point = memchr(p, '.', n);
	dec d;

	if (point == NULL || p + n - point < 5 || !dec_parse_n(&d, p, n))
		return n;
	while (p[n - 1] == '0')
		n--;
	return p[n - 1] == '.' ? n - 1 : n;
}

/* Milliseconds since 1970 as a time of day, with its date before it or not; false if they
 * are none. The exchange's 0 is no time. */
static bool
put_time(struct buf *cells, const struct tok *v, bool dated)
{
	char date[16];
	struct tm tm;
	int64_t ms;

	if (!scan_i64(v, &ms) || ms < 0)
		return false;
	if (ms == 0) {
		buf_chr(cells, '-');
		return true;
	}
	if (dated && gmtime_r(&(time_t){ (time_t)(ms / 1000) }, &tm) != NULL &&
	    strftime(date, sizeof date, "%Y-%m-%d ", &tm) > 0)
		buf_str(cells, date);
	ms %= 86400000;
	buf_printf(cells, "%02d:%02d:%02d.%03d", (int)(ms / 3600000), (int)(ms / 60000 % 60),
	    (int)(ms / 1000 % 60), (int)(ms % 1000));
	return true;
}

static void
put_text(struct buf *b, const char *p, size_t n, bool tty)
{
	if (tty)
		show_put(b, p, n);
	else
		buf_put(b, p, n);
}

void
cell_text(struct buf *b, const struct tok *v, bool tty)
{
	struct buf s = { 0 };

	if (v->kind != SCAN_STR || !v->esc) {
		put_text(b, v->p, v->len, tty);
		return;
	}
	buf_put(&s, v->p, v->len);	/* room: unescaped is never longer */
	if (!s.bad && scan_str(v, s.p, s.len + 1))
		put_text(b, s.p, strlen(s.p), tty);
	else				/* it holds a NUL */
		put_text(b, v->p, v->len, tty);
	b->bad = b->bad || s.bad;
	buf_free(&s);
}

/* A short list of plain values as these, what holds more as how many it holds. */
static void
put_held(struct buf *cells, const struct tok *v)
{
	const struct tok *item = v->kind == SCAN_ARR ? scan_first(v) : NULL;
	bool plain = item != NULL && v->len <= CELL_LONG;

	for (uint32_t i = 0; plain && i < v->n; i++)
		plain = item[i].kind != SCAN_ARR && item[i].kind != SCAN_OBJ;
	for (uint32_t i = 0; plain && i < v->n; i++) {
		buf_str(cells, i > 0 ? "," : "");
		cell_text(cells, &item[i], true);
	}
	if (!plain && v->kind == SCAN_OBJ && v->len <= CELL_LONG)
		show_put(cells, v->p, v->len);
	else if (!plain)
		buf_printf(cells, v->kind == SCAN_ARR ? "[%u]" : "{%u}", v->n);
}

void
cell_put(struct buf *cells, const struct tok *v, int how)
{
	char plain[DEC_STR];
	bool nil = (how & COL_NIL) != 0;
	dec d;

	how &= COL_HOW;
	if (v == NULL || v->kind == SCAN_NULL || v->len == 0 || (nil && scan_dec(v, &d) && dec_sign(d) == 0) ||
	    ((v->kind == SCAN_ARR || v->kind == SCAN_OBJ) && v->n == 0))
		buf_chr(cells, '-');
	else if (v->kind == SCAN_ARR || v->kind == SCAN_OBJ)
		put_held(cells, v);
	else if ((how == COL_TIME || how == COL_DATE) && put_time(cells, v, how == COL_DATE))
		;
	else if (how == COL_DEC && scan_dec(v, &d)) {
		dec_print(d, plain);
		buf_str(cells, plain);
	} else if (v->kind == SCAN_STR && v->esc)
		cell_text(cells, v, true);
	else
		show_put(cells, v->p, how == COL_AUTO ? v->len : cell_without_zeros(v->p, v->len));
	buf_chr(cells, '\0');
}
