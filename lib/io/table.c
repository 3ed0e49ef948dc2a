#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "core/scan.h"
#include "core/show.h"
#include "core/utf8.h"
#include "io/table.h"

#define CELL_LONG	24	/* an array or object longer than this shows as its count */

static int
count(const struct column *c)
{
	int n = 0;

	while (n < COLUMNS_MAX && c[n].head != NULL)
		n++;
	return n;
}

int
printer_open(struct printer *p, int fd, const char *format, const char *jq,
    const struct column *cols, struct fault *f)
{
	memset(p, 0, sizeof *p);
	out_init(&p->out, fd);
	p->cols = cols;
	p->tty = isatty(fd);
	if (format == NULL)
		p->table = cols != NULL && jq == NULL && p->tty;
	else if (strcmp(format, "table") == 0)
		p->table = cols != NULL;
	else if (strcmp(format, "ndjson") != 0)
		return fault_set(f, FAULT_USAGE, "--output: table or ndjson, not \"%.40s\"", format);
	return jq == NULL ? 0 : jqf_open(&p->jq, jq, f);
}

/*
 * Cells
 */

/* The n-th item of an array. */
static const struct tok *
item(const struct tok *t, const struct tok *arr, const char *n)
{
	const struct tok *v = arr->kind == SCAN_ARR ? scan_first(arr) : NULL;

	for (int i = atoi(n); i > 0 && v != NULL; i--)
		v = scan_next(t, arr, v);
	return v;
}

/* The member "a.b" of a record, or "a.0", of an array; NULL if it is missing. */
static const struct tok *
member(const struct tok *t, const char *path)
{
	const struct tok *v = t;
	char key[64];
	size_t n;

	for (; v != NULL; path += n + 1) {
		n = strcspn(path, ".");
		if (n >= sizeof key)
			return NULL;
		memcpy(key, path, n);
		key[n] = '\0';
		v = key[0] >= '0' && key[0] <= '9' ? item(t, v, key) : scan_get(t, v, key);
		if (path[n] == '\0')
			break;
	}
	return v;
}

/* How much of a plain decimal to show: "60000.00000000" as "60000", but prices
 * and quantities of few decimals ("2990.00") as they are. */
static size_t
without_zeros(const char *p, size_t n)
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

/* What a cell shows: of several paths, "k.c|c|p", the first that leads to one value. */
static const struct tok *
pick(const struct tok *t, const char *paths)
{
	const struct tok *v;
	char path[64];
	size_t n;

	if (strchr(paths, '|') == NULL)
		return member(t, paths);
	for (; (n = strcspn(paths, "|")) < sizeof path; paths += n + 1) {
		memcpy(path, paths, n);
		path[n] = '\0';
		v = member(t, path);
		if (v != NULL && v->kind != SCAN_ARR && v->kind != SCAN_OBJ)
			return v;
		if (paths[n] == '\0')
			break;
	}
	return NULL;
}

static void
put_cell(struct buf *cells, const struct tok *v, int how)
{
	struct buf s = { 0 };
	char plain[DEC_STR];
	dec d;

	if (v == NULL || v->kind == SCAN_NULL || v->len == 0)
		buf_chr(cells, '-');
	else if ((v->kind == SCAN_ARR || v->kind == SCAN_OBJ) && v->len > CELL_LONG)
		buf_printf(cells, v->kind == SCAN_ARR ? "[%u]" : "{%u}", v->n);
	else if ((how == COL_TIME || how == COL_DATE) && put_time(cells, v, how == COL_DATE))
		;
	else if (how == COL_DEC && scan_dec(v, &d)) {
		dec_print(d, plain);
		buf_str(cells, plain);
	} else if (v->kind != SCAN_STR || !v->esc)
		show_put(cells, v->p, without_zeros(v->p, v->len));
	else {
		buf_put(&s, v->p, v->len);	/* room: unescaped is never longer */
		if (!s.bad && scan_str(v, s.p, s.len + 1))
			show_put(cells, s.p, strlen(s.p));
		else
			show_put(cells, v->p, v->len);
		buf_free(&s);
	}
	buf_chr(cells, '\0');
}

/* A record that is no object (a filter's "12") is shown in the first column. */
static int
put_row(struct printer *p, const char *rec, size_t n, struct fault *f)
{
	struct scan doc = { 0 };
	int got = scan_doc(&doc, rec, n), i, cols = count(p->cols);

	if (got < 0) {
		scan_free(&doc);
		return fault_set(f, FAULT_REJECTED, "not a JSON record: %s", scan_strerror(got));
	}
	for (i = 0; i < cols; i++)
		if (doc.t[0].kind == SCAN_OBJ)
			put_cell(&p->cells, pick(doc.t, p->cols[i].member), p->cols[i].how);
		else
			put_cell(&p->cells, i == 0 ? doc.t : NULL, COL_LEFT);
	p->rows++;
	scan_free(&doc);
	return p->cells.bad ? fault_set(f, FAULT_LOCAL, "out of memory for a table") : 0;
}

/*
 * Records in
 */

/* Call each on every line of rec; goes on after a bad one. */
static int
each_line(struct printer *p, const struct buf *rec, struct buf *results,
    int (*each)(struct printer *, const char *, size_t, struct buf *, struct fault *), struct fault *f)
{
	const char *at = rec->p, *end = rec->p + rec->len, *nl;
	int r = 0;

	for (; at < end; at = nl + 1) {
		if ((nl = memchr(at, '\n', (size_t)(end - at))) == NULL)
			nl = end;
		if (nl > at && each(p, at, (size_t)(nl - at), results, f) == -1)
			r = -1;
	}
	return r;
}

static int
line_filter(struct printer *p, const char *s, size_t n, struct buf *results, struct fault *f)
{
	return jqf_run(p->jq, s, n, results, f);
}

static int
line_row(struct printer *p, const char *s, size_t n, struct buf *results, struct fault *f)
{
	(void)results;
	return put_row(p, s, n, f);
}

/* JSON for a terminal: the same values, with harmful characters as \uXXXX.
 * Outside of ASCII they stand in strings only, where that means the same. */
static int
line_escaped(struct printer *p, const char *s, size_t n, struct buf *results, struct fault *f)
{
	const char *end = s + n, *del;

	(void)p;
	for (; s < end; s = del + 1) {
		if ((del = memchr(s, 0x7f, (size_t)(end - s))) == NULL)
			del = end;
		show_put(results, s, (size_t)(del - s));
		if (del < end)
			buf_str(results, "\\u007f");
	}
	buf_chr(results, '\n');
	return results->bad ? fault_set(f, FAULT_LOCAL, "out of memory for output") : 0;
}

static int
to_terminal(struct printer *p, struct buf *rec, struct fault *f)
{
	struct buf text = { 0 };
	int r = each_line(p, rec, &text, line_escaped, f);

	buf_reset(rec);
	if (r == 0 && (r = out_records(&p->out, &text, f)) == 0 && !p->out.patient)
		r = out_flush(&p->out, f);
	buf_free(&text);
	return r;
}

/*
 * The table out
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
	int w, point = p->cols[i].how == COL_DEC ? point_of(s) : -1;

	if (point == -1) {
		w = width(s);
	} else {
		w = (int)without_zeros(s, strlen(s)) - point;
		if (point > p->lead[i])
			p->lead[i] = point;
		if (w > p->frac[i])
			p->frac[i] = w;
		w = p->lead[i] + p->frac[i];
	}
	if (w > p->wide[i])
		p->wide[i] = w;
}

/* A decimal, its point where those of the column are; what is cut off are zeros. */
static void
put_dec(struct buf *b, const char *s, int wide, int frac, bool last)
{
	int point = point_of(s), n = (int)strlen(s);

	if (n > point + frac)
		n = point + frac;
	buf_printf(b, "%*s", wide - frac - point, "");
	buf_put(b, s, (size_t)n);
	if (!last)
		buf_printf(b, "%*s", point + frac - n, "");
	buf_str(b, last ? "\n" : "  ");
}

/* One cell. The last column needs no blanks after it. */
static void
put_padded(struct buf *b, const char *s, int wide, bool right, bool last)
{
	int pad = wide - width(s);

	if (right)
		buf_printf(b, "%*s", pad > 0 ? pad : 0, "");
	buf_str(b, s);
	if (!right && !last)
		buf_printf(b, "%*s", pad > 0 ? pad : 0, "");
	if (last)
		buf_chr(b, '\n');
	else
		buf_str(b, "  ");
}

/* What a terminal has room for; else as much as there is. */
static int
room(const struct printer *p)
{
	struct winsize w;

	return p->tty && ioctl(p->out.fd, TIOCGWINSZ, &w) == 0 && w.ws_col > 0 ? w.ws_col : INT_MAX;
}

/* If the terminal is not wide enough, the columns that say nothing in any row stay away. */
static void
leave_out(struct printer *p, int n, const bool *said)
{
	int wide = -2, i;

	for (i = 0; i < n; i++) {
		p->hidden[i] = false;
		wide += p->wide[i] + 2;
	}
	for (i = 0; i < n && p->rows > 0 && wide > room(p); i++)
		p->hidden[i] = !said[i];
}

static void
lay_out(struct printer *p, struct buf *b)
{
	int n = count(p->cols), end = n - 1, i, row;
	bool said[COLUMNS_MAX] = { false };
	const char *s;

	for (i = 0; i < n && !p->headed; i++) {
		p->wide[i] = width(p->cols[i].head);
		p->lead[i] = p->frac[i] = 0;
	}
	for (s = p->cells.p, row = 0; row < p->rows; row++)
		for (i = 0; i < n; i++, s += strlen(s) + 1) {
			measure(p, i, s);
			said[i] = said[i] || strcmp(s, "-") != 0;
		}
	if (!p->live)
		leave_out(p, n, said);
	while (end > 0 && p->hidden[end])
		end--;
	for (i = 0; i < n && !p->headed; i++)
		if (!p->hidden[i])
			put_padded(b, p->cols[i].head, p->wide[i], p->cols[i].how != COL_LEFT, i == end);
	p->headed = true;
	for (s = p->cells.p, row = 0; row < p->rows; row++)
		for (i = 0; i < n; i++, s += strlen(s) + 1)
			if (p->hidden[i])
				continue;
			else if (p->cols[i].how == COL_DEC && point_of(s) != -1)
				put_dec(b, s, p->wide[i], p->frac[i], i == end);
			else
				put_padded(b, s, p->wide[i], p->cols[i].how != COL_LEFT, i == end);
}

/* The rows collected so far go out, and with the first of them the headings. */
static int
print_rows(struct printer *p, struct fault *f)
{
	struct buf text = { 0 };
	int r;

	if (p->cells.bad)
		return fault_set(f, FAULT_LOCAL, "out of memory for a table");
	lay_out(p, &text);
	buf_reset(&p->cells);
	p->rows = 0;
	r = out_records(&p->out, &text, f);
	buf_free(&text);
	return r;
}

static int
deliver(struct printer *p, struct buf *rec, struct fault *f)
{
	int r;

	if (!p->table)
		return p->tty ? to_terminal(p, rec, f) : out_records(&p->out, rec, f);
	r = each_line(p, rec, NULL, line_row, f);
	buf_reset(rec);
	return r == 0 && p->live ? print_rows(p, f) : r;
}

int
printer_section(struct printer *p, const struct column *cols, struct fault *f)
{
	if (!p->table)
		return 0;
	if (p->rows > 0 && print_rows(p, f) == -1)
		return -1;
	if (p->headed)
		buf_chr(&p->out.b, '\n');
	p->cols = cols;
	p->headed = false;
	return 0;
}

void
printer_live(struct printer *p)
{
	p->live = true;
}

/* What a filter gave before it failed is delivered; its fault is the answer. */
int
printer_put(struct printer *p, struct buf *rec, struct fault *f)
{
	struct buf results = { 0 };
	int r = 0;

	if (rec->bad) {
		buf_reset(rec);
		return fault_set(f, FAULT_LOCAL, "out of memory for a record");
	}
	if (rec->len == 0)
		return 0;
	if (p->jq == NULL)
		return deliver(p, rec, f);
	r = each_line(p, rec, &results, line_filter, f);
	buf_reset(rec);
	if (results.len > 0 && deliver(p, &results, f) == -1)
		r = -1;
	buf_free(&results);
	return r;
}

int
printer_line(struct printer *p, const char *rec, size_t n, struct fault *f)
{
	int r;

	if (p->jq == NULL && !p->table && !p->tty)
		return out_line(&p->out, rec, n, f);
	buf_put(&p->one, rec, n);
	buf_chr(&p->one, '\n');
	r = printer_put(p, &p->one, f);
	buf_reset(&p->one);
	return r;
}

int
printer_close(struct printer *p, struct fault *f)
{
	int r = 0;

	if (p->table && (p->rows > 0 || !p->headed))
		r = print_rows(p, f);
	if (r == 0)
		r = out_flush(&p->out, f);
	buf_free(&p->cells);
	buf_free(&p->one);
	out_free(&p->out);
	jqf_close(p->jq);
	p->jq = NULL;
	return r;
}
