/*
 * CSV as RFC 4180 has it, but for line ends, which are LF as everywhere here; and TSV, with
 * tab, newline, return and backslash as \t \n \r \\. The first line names the members.
 */
#include <string.h>

#include "io/table_in.h"

/* What CSV shows in a column: after the colon, if there is one. */
static const char *
member(const struct column *c)
{
	const char *colon = strchr(c->member, ':');

	return colon != NULL ? colon + 1 : c->member;
}

/*
 * Whether a spreadsheet may take the text for a formula. Numbers are none, and ids, which
 * may begin with "-", can call nothing: they have to keep their bytes, for programs
 * compare them.
 */
static bool
is_formula(const char *p, size_t n)
{
	static const char id[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:/";

	if (n == 0 || memchr("=+-@\t\r", *p, 6) == NULL)
		return false;
	for (size_t i = *p == '+' || *p == '-'; i < n; i++)
		if (p[i] == '\0' || strchr(id, p[i]) == NULL)
			return true;
	return false;
}

static void
put_csv(struct buf *b, const char *p, size_t n)
{
	bool formula = is_formula(p, n), quote = formula;

	for (size_t i = 0; i < n && !quote; i++)
		quote = p[i] == ',' || p[i] == '"' || p[i] == '\n' || p[i] == '\r';
	if (!quote) {
		buf_put(b, p, n);
		return;
	}
	buf_str(b, formula ? "\"'" : "\"");
	for (size_t i = 0; i < n; i++) {
		if (p[i] == '"')
			buf_chr(b, '"');
		buf_chr(b, p[i]);
	}
	buf_chr(b, '"');
}

static void
put_tsv(struct buf *b, const char *p, size_t n)
{
	static const char from[] = "\t\n\r\\", to[] = "tnr\\";
	const char *at;

	for (size_t i = 0; i < n; i++)
		if ((at = memchr(from, p[i], sizeof from - 1)) != NULL) {
			buf_chr(b, '\\');
			buf_chr(b, to[at - from]);
		} else
			buf_chr(b, p[i]);
}

static void
put(const struct printer *p, struct buf *b, const char *s, size_t n)
{
	(p->form == PRINT_CSV ? put_csv : put_tsv)(b, s, n);
}

/* After a cell, the i-th that is printed. */
static void
put_between(const struct printer *p, struct buf *b, int i)
{
	if (i > 0)
		buf_chr(b, p->form == PRINT_CSV ? ',' : '\t');
}

void
csv_head(const struct printer *p, struct buf *b)
{
	const char *name;
	int n = 0;

	for (const struct column *c = p->cols; c->head != NULL; c++) {
		if (*(name = member(c)) == '\0')
			continue;
		put_between(p, b, n++);
		put(p, b, name, strcspn(name, "|"));
	}
	buf_chr(b, '\n');
}

static void
put_value(const struct printer *p, const struct tok *v, struct buf *b)
{
	struct buf s = { 0 };

	if (v == NULL || v->kind == SCAN_NULL)
		return;
	cell_text(&s, v, p->tty);
	put(p, b, s.p, s.len);
	b->bad = b->bad || s.bad;
	buf_free(&s);
}

/* What is no object (a filter's "12") stands in the first column. */
void
csv_row(const struct printer *p, const struct tok *t, struct buf *b)
{
	bool record = t->kind == SCAN_OBJ || (t->kind == SCAN_ARR && p->nown > 0);
	const char *name;
	int n = 0;

	for (const struct column *c = p->cols; c->head != NULL; c++) {
		if (*(name = member(c)) == '\0')
			continue;
		put_between(p, b, n++);
		if (record)
			put_value(p, cell_pick(t, name, c->how), b);
		else if (n == 1)
			put_value(p, t, b);
	}
	buf_chr(b, '\n');
}
