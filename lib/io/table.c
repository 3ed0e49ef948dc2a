#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/show.h"
#include "io/table_in.h"
#include "io/term.h"

#define BURST	100	/* rows that wait at most */

static int
form_of(enum print_form *out, const char *word, struct fault *f)
{
	static const char *const words[] = {
		[PRINT_NDJSON] = "ndjson", [PRINT_TABLE] = "table", [PRINT_CSV] = "csv", [PRINT_TSV] = "tsv"
	};

	for (*out = PRINT_NDJSON; *out <= PRINT_TSV; ++*out)
		if (strcmp(words[*out], word) == 0)
			return 0;
	*out = PRINT_NDJSON;
	return fault_set(f, FAULT_USAGE, "--output %.40s: not table, ndjson, csv or tsv", word);
}

static int
printer_begin(struct printer *p, const struct print_as *as, struct fault *f)
{
	if (as->fields != NULL && fields_read(p, as->fields, f) == -1)
		return -1;
	if (as->format != NULL && form_of(&p->form, as->format, f) == -1)
		return -1;
	if (as->format == NULL && p->cols != NULL && as->jq == NULL && p->tty)
		p->form = PRINT_TABLE;
	if (p->form != PRINT_NDJSON && p->cols == NULL)
		return fault_set(f, FAULT_USAGE, "--output %s: only for a command with columns, or with --fields, which "
		    "names them", as->format);
	p->table = p->form != PRINT_NDJSON && p->nown == 0;
	return as->jq == NULL ? 0 : jqf_open(&p->jq, as->jq, f);
}

void
printer_drop(struct printer *p)
{
	buf_free(&p->cells);
	buf_free(&p->one);
	out_free(&p->out);
	jqf_close(p->jq);
	p->jq = NULL;
	if (p->own != NULL)
		p->cols = NULL;
	free(p->own);
	free(p->names);
	p->own = NULL;
	p->names = NULL;
}

int
printer_open(struct printer *p, int fd, const struct print_as *as, const struct column *cols, struct fault *f)
{
	static const struct print_as usual;

	if (as == NULL)
		as = &usual;
	memset(p, 0, sizeof *p);
	out_init(&p->out, fd);
	p->cols = cols;
	p->tool = as->tool;
	p->tty = isatty(fd);
	p->colour = term_colour(fd);
	if (printer_begin(p, as, f) == 0)
		return 0;
	printer_drop(p);
	return -1;
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

static void
csv_begin(struct printer *p, struct buf *b)
{
	if (!p->headed)
		csv_head(p, b);
	p->headed = true;
}

/* A record that is no object (a filter's "12") is shown in the first column. */
static void
put_cells(struct printer *p, const struct tok *t)
{
	bool record = t->kind == SCAN_OBJ || (t->kind == SCAN_ARR && p->nown > 0);

	for (int i = 0, cols = columns_count(p->cols); i < cols; i++)
		if (record)
			cell_put(&p->cells, cell_pick(t, p->cols[i].member, p->cols[i].how), p->cols[i].how);
		else
			cell_put(&p->cells, i == 0 ? t : NULL, COL_LEFT);
}

/* A record that is read: a row of cells, or as text into results. */
static int
put_record(struct printer *p, const struct tok *t, struct buf *results, struct fault *f)
{
	if (p->nown > 0)
		fields_seen(p, t);
	if (p->form == PRINT_NDJSON)
		return fields_object(p, t, results, f);
	p->rows++;
	if (p->form == PRINT_TABLE)
		put_cells(p, t);
	else {
		csv_begin(p, results);
		csv_row(p, t, results);
	}
	return p->cells.bad || results->bad ? fault_set(f, FAULT_LOCAL, "out of memory for a table") : 0;
}

static int
line_record(struct printer *p, const char *s, size_t n, struct buf *results, struct fault *f)
{
	struct scan doc = { 0 };
	int got = scan_doc(&doc, s, n), r;

	if (got < 0)
		r = fault_set(f, FAULT_REJECTED, "not a JSON record: %s", scan_strerror(got));
	else
		r = put_record(p, doc.t, results, f);
	scan_free(&doc);
	return r;
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

/*
 * Text out
 */

/* A person sees it at once. */
static int
text_out(struct printer *p, struct buf *text, struct fault *f)
{
	int r = out_records(&p->out, text, f);

	return r == 0 && p->tty && !p->out.patient ? out_flush(&p->out, f) : r;
}

static int
to_terminal(struct printer *p, struct buf *rec, struct fault *f)
{
	struct buf text = { 0 };
	int r = each_line(p, rec, &text, line_escaped, f);

	buf_reset(rec);
	if (r == 0)
		r = text_out(p, &text, f);
	buf_free(&text);
	return r;
}

/* The rows collected so far go out, and with the first of them the headings. */
static int
print_rows(struct printer *p, struct fault *f)
{
	struct buf text = { 0 };
	int r;

	if (p->cells.bad)
		return fault_set(f, FAULT_LOCAL, "out of memory for a table");
	table_lay_out(p, &text);
	buf_reset(&p->cells);
	p->rows = 0;
	r = out_records(&p->out, &text, f);
	buf_free(&text);
	return r;
}

/* What is left to be said of a table: its rows, or headings over none. */
static int
print_rest(struct printer *p, struct fault *f)
{
	if (p->form == PRINT_TABLE && (p->rows > 0 || !p->headed))
		return print_rows(p, f);
	if (p->form == PRINT_CSV || p->form == PRINT_TSV)
		csv_begin(p, &p->out.b);
	return 0;
}

static int
deliver_records(struct printer *p, struct buf *rec, struct fault *f)
{
	struct buf results = { 0 };
	int r = each_line(p, rec, &results, line_record, f), out;

	buf_reset(rec);
	if (p->form == PRINT_NDJSON && p->tty)
		out = to_terminal(p, &results, f);
	else if (p->form == PRINT_TABLE)
		out = p->live && r == 0 && (!p->bursts || p->rows >= BURST) ? print_rows(p, f) : 0;
	else
		out = text_out(p, &results, f);
	buf_free(&results);
	return out == -1 ? -1 : r;
}

static int
deliver(struct printer *p, struct buf *rec, struct fault *f)
{
	if (p->form != PRINT_NDJSON || p->nown > 0)
		return deliver_records(p, rec, f);
	return p->tty ? to_terminal(p, rec, f) : out_records(&p->out, rec, f);
}

int
printer_section(struct printer *p, const struct column *cols, struct fault *f)
{
	if (!p->table)
		return 0;
	if (p->form == PRINT_TABLE && p->rows > 0 && print_rows(p, f) == -1)
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

void
printer_bursts(struct printer *p)
{
	p->live = p->bursts = true;
}

int
printer_ready(struct printer *p, struct fault *f)
{
	return p->form == PRINT_TABLE && p->rows > 0 ? print_rows(p, f) : 0;
}

int
printer_part(struct printer *p, struct fault *f)
{
	return printer_ready(p, f) == -1 ? -1 : out_flush(&p->out, f);
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

	if (p->jq == NULL && p->form == PRINT_NDJSON && p->nown == 0 && !p->tty)
		return out_line(&p->out, rec, n, f);
	buf_put(&p->one, rec, n);
	buf_chr(&p->one, '\n');
	r = printer_put(p, &p->one, f);
	buf_reset(&p->one);
	return r;
}

int
printer_take(struct printer *p, struct buf *text, struct fault *f)
{
	if (print_rest(p, f) == -1)
		return -1;
	buf_put(text, p->out.b.p, p->out.b.len);
	buf_reset(&p->out.b);
	p->headed = p->form != PRINT_TABLE;
	return text->bad ? fault_set(f, FAULT_LOCAL, "out of memory for a table") : 0;
}

int
printer_round(struct printer *p, struct fault *f)
{
	if (p->form != PRINT_TABLE)
		return print_rest(p, f);
	if (p->again)
		buf_chr(&p->out.b, '\n');
	p->again = true;
	if (print_rest(p, f) == -1)
		return -1;
	p->headed = false;
	return 0;
}

void
printer_done(struct printer *p)
{
	buf_reset(&p->cells);
	p->rows = 0;
	p->headed = true;
}

void
printer_headless(struct printer *p)
{
	if (p->rows == 0)
		p->headed = true;
}

int
printer_close(struct printer *p, struct fault *f)
{
	int r = print_rest(p, f);

	if (r == 0)
		r = out_flush(&p->out, f);
	fields_tell(p);
	printer_drop(p);
	return r;
}
