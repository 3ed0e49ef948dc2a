/* Rows of cells as a table: how wide, what there is no room for, which colour. */
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "core/utf8.h"
#include "io/table_in.h"
#include "io/term.h"
#include "io/tool.h"

#define CUT_MIN		16	/* of a text that may be cut so much is shown before other columns go */
#define SLACK	4	/* for cells to come that are wider than the first */
#define DATE_LEN	23	/* "2020-08-14 02:01:35.002" */
#define BRIEF_FROM	5	/* brief is "08-14 02:01:35" of it */
#define BRIEF_LEN	14

/* The table being laid out. end: the last column that is shown. */
struct layout {
	struct printer *p;
	struct buf *b;
	int n, end, room;
	bool heads;	/* the headings go before these rows */
	bool news;	/* a column that was empty until now, and not shown for it, no longer is */
	int over;	/* by how much the cells of this row have been wider than their columns */
};

/* What columns ask for, to go back to. */
struct widths { int wide[COLUMNS_MAX], lead[COLUMNS_MAX], frac[COLUMNS_MAX]; };

/*
 * Widths
 */

/* Columns a character takes: East Asian wide ones two. */
static int
char_width(unsigned u)
{
	return (u >= 0x1100 && u <= 0x115f) || (u >= 0x2e80 && u <= 0xa4cf) ||
	    (u >= 0xac00 && u <= 0xd7a3) || (u >= 0xf900 && u <= 0xfaff) ||
	    (u >= 0xfe30 && u <= 0xfe6f) || (u >= 0xff00 && u <= 0xff60) ||
	    (u >= 0xffe0 && u <= 0xffe6) || (u >= 0x1f300 && u <= 0x1faff) ||
	    (u >= 0x20000 && u <= 0x3fffd) ? 2 : 1;
}

/* Of text that show_put made: valid UTF-8. */
static int
width(const char *str)
{
	const unsigned char *s = (const unsigned char *)str;
	int w = 0, len, i;
	unsigned u;

	for (; *s != '\0'; s += len, w += char_width(u)) {
		len = utf8_len(s, 4);
		if (len < 1)
			len = 1;
		u = len == 1 ? *s : *s & (0x7fu >> len);
		for (i = 1; i < len; i++)
			u = u << 6 | (s[i] & 0x3fu);
	}
	return w;
}

/* Of a cell of COL_DEC: where its point is, or would be; -1 if it is no decimal. */
static int
point_of(const char *s)
{
	dec d;

	return dec_parse(&d, s) ? (int)strcspn(s, ".") : -1;
}

/* The room a cell asks for. */
static void
measure(struct printer *p, int i, const char *s)
{
	int w, point = p->how[i] == COL_DEC ? point_of(s) : -1;

	if (point == -1) {
		w = width(s);
		if (p->brief && p->how[i] == COL_DATE && w == DATE_LEN)
			w = BRIEF_LEN;
	} else {
		w = (int)cell_without_zeros(s, strlen(s)) - point;
		if (point > p->lead[i])
			p->lead[i] = point;
		if (w > p->frac[i])
			p->frac[i] = w;
		w = p->lead[i] + p->frac[i];
	}
	if (w > p->wide[i])
		p->wide[i] = w;
}

/* The cell of a row and column. A walk over all of them is for_each_cell. */
#define for_each_cell(l, s, row, i) \
	for (row = 0, s = (l)->p->cells.p; row < (l)->p->rows; row++) \
		for (i = 0; i < (l)->n; i++, s += strlen(s) + 1)

/* COL_AUTO, by what the first rows have. */
static void
decide(struct layout *l)
{
	bool text[COLUMNS_MAX] = { false };
	const char *s;
	int row, i;

	for_each_cell(l, s, row, i)
		text[i] = text[i] || (strcmp(s, "-") != 0 && point_of(s) == -1);
	for (i = 0; i < l->n; i++) {
		l->p->how[i] = l->p->cols[i].how & COL_HOW;
		if (l->p->how[i] == COL_AUTO)
			l->p->how[i] = text[i] ? COL_LEFT : COL_DEC;
		l->p->wide[i] = width(l->p->cols[i].head);
		l->p->lead[i] = l->p->frac[i] = 0;
		l->p->said[i] = false;
	}
}

static void
measure_all(struct layout *l)
{
	const char *s;
	int row, i;

	for_each_cell(l, s, row, i) {
		measure(l->p, i, s);
		if (l->p->said[i] || strcmp(s, "-") == 0)
			continue;
		l->p->said[i] = true;
		l->news = l->news || l->p->hidden[i];
	}
}

/*
 * What there is room for
 */

static bool
may_cut(const struct layout *l, int i)
{
	return i == l->end && (l->p->cols[i].how & COL_CUT) != 0;
}

/* Whether all that is shown has room; a text that may be cut, for its beginning. */
static bool
fits(struct layout *l)
{
	int wide = -2;

	for (l->end = l->n - 1; l->end > 0 && l->p->hidden[l->end]; l->end--)
		;
	for (int i = 0; i < l->n; i++)
		if (!l->p->hidden[i])
			wide += 2 + (may_cut(l, i) && l->p->wide[i] > CUT_MIN ? CUT_MIN : l->p->wide[i]);
	return wide <= l->room;
}

static int
more_of(const struct layout *l, int i)
{
	return l->p->cols[i].how / COL_MORE(1) & COL_MORE_MAX;
}

static void
set_brief(struct layout *l, bool brief)
{
	int from = brief ? DATE_LEN : BRIEF_LEN, to = brief ? BRIEF_LEN : DATE_LEN;

	l->p->brief = brief;
	for (int i = 0; i < l->n; i++)
		if (l->p->how[i] == COL_DATE && l->p->wide[i] == from)
			l->p->wide[i] = to;
}

/* Columns with COL_MORE: those that say least go until the rest fits; then, what says most first,
 * those come back that there is room for after all. */
static void
leave_out_more(struct layout *l)
{
	bool *hidden = l->p->hidden;

	for (int more = 1; more <= COL_MORE_MAX; more++)
		for (int i = l->n - 1; i >= 0 && !fits(l); i--)
			if (more_of(l, i) == more)
				hidden[i] = true;
	for (int more = COL_MORE_MAX; more >= 1; more--)
		for (int i = 0; i < l->n; i++)
			if (hidden[i] && l->p->said[i] && more_of(l, i) == more) {
				hidden[i] = false;
				hidden[i] = !fits(l);
			}
}

/* Of a narrow terminal: first what says nothing, then parts of dates, then what says least. */
static void
leave_out(struct layout *l)
{
	struct printer *p = l->p;

	memset(p->hidden, 0, sizeof p->hidden);
	if (!fits(l) && p->rows > 0 && !p->live)
		for (int i = 0; i < l->n; i++)
			p->hidden[i] = !p->said[i];
	set_brief(l, !fits(l));
	leave_out_more(l);
	if (!p->brief)
		return;
	set_brief(l, false);	/* what has gone may have made room for whole dates */
	set_brief(l, !fits(l));
}

/* What is left for the last column. */
static int
rest(const struct layout *l)
{
	int left = l->room;

	for (int i = 0; i < l->end; i++)
		if (!l->p->hidden[i])
			left -= l->p->wide[i] + 2;
	return left;
}

/* A person is told once what is not shown: of empty columns there is nothing to tell. */
static void
tell(const struct layout *l)
{
	struct printer *p = l->p;
	struct buf b = { 0 };

	for (int i = 0; i < l->n; i++)
		if (p->hidden[i] && p->said[i])
			buf_printf(&b, "%s%s", b.len > 0 ? ", " : "", p->cols[i].head);
	if (may_cut(l, l->end) && p->wide[l->end] > rest(l))
		buf_printf(&b, "%sthe end of %s", b.len > 0 ? ", " : "", p->cols[l->end].head);
	if (b.len > 0 && !b.bad && !p->told && p->tool != NULL && isatty(STDERR_FILENO)) {
		tool_say(p->tool, STDERR_FILENO, "no room for %s; -o ndjson has all", b.p);
		p->told = true;
	}
	buf_free(&b);
}

/*
 * Cells
 */

static enum tint
tint_of(const struct layout *l, int i, const char *s)
{
	static const struct { const char *word; enum tint tint; } words[] = {
		{ "BUY", TINT_UP }, { "LONG", TINT_UP }, { "bid", TINT_UP },
		{ "SELL", TINT_DOWN }, { "SHORT", TINT_DOWN }, { "ask", TINT_DOWN }
	};
	int how = l->p->cols[i].how;
	dec d;

	if (!l->p->colour)
		return TINT_NONE;
	for (size_t w = 0; w < sizeof words / sizeof *words && (how & COL_SIDE) != 0; w++)
		if (strcmp(s, words[w].word) == 0)
			return words[w].tint;
	if ((how & COL_SIGN) == 0 || !dec_parse(&d, s) || dec_sign(d) == 0)
		return TINT_NONE;
	return dec_sign(d) > 0 ? TINT_UP : TINT_DOWN;
}

/* Blanks before or after a cell; fewer than none: it is wider than its column. What cells before it took too
 * much is taken from them. */
static void
put_blanks(struct layout *l, int n)
{
	int less = n < l->over ? n : l->over;

	l->over -= less;
	buf_printf(l->b, "%*s", n - less, "");
}

/* So many bytes, coloured. Blanks around them are not. */
static void
put_tinted(struct buf *b, const char *s, size_t n, enum tint tint)
{
	if (tint != TINT_NONE)
		buf_str(b, term_tint(tint));
	buf_put(b, s, n);
	if (tint != TINT_NONE)
		buf_str(b, term_tint(TINT_NONE));
}

/* A decimal, its point where those of the column are; what is cut off are zeros. */
static void
put_dec(struct layout *l, int i, const char *s, enum tint tint)
{
	int point = point_of(s), n = (int)strlen(s), frac = l->p->frac[i], own = (int)cell_without_zeros(s, (size_t)n) - point;

	if (own > frac)
		frac = own;
	if (n > point + frac)
		n = point + frac;
	put_blanks(l, l->p->wide[i] - frac - point);
	put_tinted(l->b, s, (size_t)n, tint);
	if (i != l->end)
		put_blanks(l, point + frac - n);
}

/* How many bytes of the text stand in so many columns. */
static size_t
bytes_in(const char *s, int cols)
{
	char one[8];
	size_t n = 0;
	int len;

	for (; s[n] != '\0'; n += (size_t)len) {
		len = utf8_len((const unsigned char *)s + n, 4);
		len = len < 1 ? 1 : len;
		memcpy(one, s + n, (size_t)len);
		one[len] = '\0';
		if ((cols -= width(one)) < 0)
			break;
	}
	return n;
}

/* The last column where it does not fit: its beginning, and that it is that. */
static bool
put_cut(struct layout *l, int i, const char *s, enum tint tint)
{
	int left = may_cut(l, i) ? rest(l) : INT_MAX;

	if (width(s) <= left)
		return false;
	put_tinted(l->b, s, bytes_in(s, left - (term_utf8() ? 1 : 3)), tint);
	buf_str(l->b, term_utf8() ? "\u2026" : "...");
	return true;
}

/* Any other cell. The last column needs no blanks after it. */
static void
put_padded(struct layout *l, int i, const char *s, enum tint tint)
{
	bool right = l->p->how[i] != COL_LEFT;
	size_t n = strlen(s);
	int w = width(s), pad;

	if (l->p->brief && l->p->how[i] == COL_DATE && n == DATE_LEN) {
		s += BRIEF_FROM;
		n = BRIEF_LEN;
		w = BRIEF_LEN;
	}
	pad = l->p->wide[i] - w;
	if (right)
		put_blanks(l, pad);
	put_tinted(l->b, s, n, tint);
	if (!right && i != l->end)
		put_blanks(l, pad);
}

static void
put(struct layout *l, int i, const char *s, enum tint tint, bool head)
{
	if (l->p->hidden[i])
		return;
	if (!head && l->p->how[i] == COL_DEC && point_of(s) != -1)
		put_dec(l, i, s, tint);
	else if (!put_cut(l, i, s, tint))
		put_padded(l, i, s, tint);
	buf_str(l->b, i == l->end ? "\n" : "  ");
}

/* Where nothing more may go: the widest column of numbers is a little too narrow for its widest ones. In most
 * rows there are blanks to make up for it. */
static void
squeeze(struct layout *l)
{
	struct printer *p = l->p;
	int most = -1, floor;

	for (int i = 0; i < l->n; i++)
		if (!p->hidden[i] && (p->how[i] == COL_RIGHT || p->how[i] == COL_DEC) && (most == -1 || p->wide[i] > p->wide[most]))
			most = i;
	if (most == -1)
		return;
	floor = width(p->cols[most].head);
	while (p->wide[most] > floor && !fits(l))
		p->wide[most]--;
}

/* Rows that need more room than those before. Columns go for them, and the headings come again. If none may, these
 * rows stand a little beside the others: better than a line that wraps. */
static void
make_room(struct layout *l, const struct widths *before)
{
	struct printer *p = l->p;
	bool hidden[COLUMNS_MAX], brief = p->brief;

	memcpy(hidden, p->hidden, sizeof hidden);
	leave_out(l);
	if (memcmp(hidden, p->hidden, sizeof hidden) != 0) {
		l->heads = true;
		p->told = false;
	}
	for (int i = 0; i < l->n && brief != p->brief; i++)
		l->heads = l->heads || (!p->hidden[i] && p->how[i] == COL_DATE);
	if (fits(l))
		return;
	memcpy(p->wide, before->wide, sizeof p->wide);
	memcpy(p->lead, before->lead, sizeof p->lead);
	memcpy(p->frac, before->frac, sizeof p->frac);
	set_brief(l, p->brief);
}

static void
begin(struct layout *l)
{
	struct printer *p = l->p;
	int cols = p->tty ? term_cols(p->out.fd) : 0;
	struct widths before;

	l->n = columns_count(p->cols);
	l->end = l->n - 1;
	l->room = cols > 0 ? cols - (p->live && !p->headed ? SLACK : 0) : INT_MAX;
	l->heads = !p->headed;
	if (!p->headed)
		decide(l);
	memcpy(before.wide, p->wide, sizeof p->wide);
	memcpy(before.lead, p->lead, sizeof p->lead);
	memcpy(before.frac, p->frac, sizeof p->frac);
	measure_all(l);
	if (!p->headed) {
		leave_out(l);
		l->room = cols > 0 ? cols : INT_MAX;
		if (!fits(l))
			squeeze(l);
	} else if (!fits(l) || l->news)
		make_room(l, &before);
	(void)fits(l);
	tell(l);
}

void
table_lay_out(struct printer *p, struct buf *b)
{
	struct layout l = { .p = p, .b = b };
	const char *s;
	int row, i;

	begin(&l);
	for (i = 0; i < l.n && l.heads; i++)
		put(&l, i, p->cols[i].head, p->colour ? TINT_BOLD : TINT_NONE, true);
	p->headed = true;
	for_each_cell(&l, s, row, i) {
		if (i == 0)
			l.over = 0;
		put(&l, i, s, tint_of(&l, i, s), false);
	}
}
