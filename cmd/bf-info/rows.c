/* Rows that come when they come: fundings, by time, and trades, by their ids. */
#include <stdlib.h>
#include <string.h>

#include "core/span.h"
#include "range.h"

#define HOUR_MS		INT64_C(3600000)

/* Where the walk stands. */
struct walk {
	int64_t	at;		/* time of the last row; -1: none yet */
	int64_t	id;		/* of the next row; -1: not known yet */
	struct buf edge;	/* the rows of the time `at`, as lines */
	size_t	old;		/* bytes of edge that were there before this page */
	int64_t	hour;		/* of times: where the look for the first row goes on */
	int	rows, fresh;	/* of this page; those that had not come before */
};

static int
odd(const struct run *r, const struct walk *w, const char *what, struct fault *f)
{
	return fault_set(f, FAULT_AGAIN, "%s: row %d of the answer: %s", r->name, w->rows, what);
}

/* Whether one of the first n bytes' lines of edge is this one. */
static bool
edge_has(const struct walk *w, size_t from, size_t to, const char *line, size_t n)
{
	const char *p = w->edge.p + from, *end = w->edge.p + to, *nl;

	for (; p < end; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		if ((size_t)(nl - p) == n && memcmp(p, line, n) == 0)
			return true;
	}
	return false;
}

/* Of a row by time: 1 it is new, 0 it came with the page before. a->rec has it. */
static int
place_by_time(struct run *r, struct walk *w, int64_t at, struct fault *f)
{
	const struct buf *rec = &r->a->rec;

	if (at < w->at)
		return odd(r, w, "it is out of order", f);
	if (at > w->at) {
		buf_reset(&w->edge);
		w->old = 0;
		w->at = at;
	}
	if (w->edge.len > 0 && edge_has(w, 0, w->old, rec->p, rec->len))
		return 0;
	if (w->edge.len > 0 && edge_has(w, w->old, w->edge.len, rec->p, rec->len))
		return odd(r, w, "it is there twice", f);
	buf_put(&w->edge, rec->p, rec->len);
	buf_chr(&w->edge, '\n');
	return w->edge.bad ? fault_set(f, FAULT_LOCAL, "out of memory") : 1;
}

static int
place_by_id(struct run *r, struct walk *w, int64_t id, int64_t at, struct fault *f)
{
	if (w->id != -1 && id < w->id)
		return odd(r, w, "its id is out of order", f);
	w->id = id + 1;
	w->at = at;
	return 1;
}

/* One row: 0 goes on, 1 no more are wanted. */
static int
take(struct run *r, struct walk *w, const struct tok *t, const struct tok *row, struct fault *f)
{
	int64_t at, id = 0;
	int got;

	w->rows++;
	if (row->kind != SCAN_OBJ || !scan_get_i64(t, row, r->of->time, &at) || at < 0)
		return odd(r, w, "it has no time", f);
	if (r->of->id != NULL && (!scan_get_i64(t, row, r->of->id, &id) || id < 0))
		return odd(r, w, "it has no id", f);
	if (!r->newest && !r->of->by_id && at < r->from)
		return odd(r, w, "it is of a time not asked for", f);
	if (!r->newest && at >= r->to)
		return 1;
	span_put(&r->a->rec, row);
	got = r->of->id != NULL ? place_by_id(r, w, id, at, f) : place_by_time(r, w, at, f);
	if (got != 1) {
		buf_reset(&r->a->rec);
		return got;
	}
	w->fresh++;
	if (run_point(r, t, row, at, f) == -1 || run_put(r, at, f) == -1)
		return -1;
	return r->left > 0 && --r->left == 0;
}

/* 1: no more are wanted. */
static int
take_page(struct run *r, struct walk *w, struct fault *f)
{
	const struct tok *t, *row;
	int ret = 0;

	if (run_call(r, f) == -1)
		return -1;
	w->rows = w->fresh = 0;
	w->old = w->edge.len;
	t = r->a->s->doc.t;
	for (row = scan_first(t); row != NULL && ret == 0; row = scan_next(t, t, row))
		ret = take(r, w, t, row, f);
	if (ret == -1 || run_page(r, w->at > r->from ? w->at : r->from, f) == -1)
		return -1;
	return ret;
}

/* Where a file ends: the last row, and what else has its time. */
static int
resume(struct run *r, struct walk *w, struct fault *f)
{
	const char *end = NULL, *line;
	struct scan doc = { 0 };
	int64_t at, id = 0;
	size_t n;
	int ret = 0;

	while (ret == 0 && save_back(&r->save, &end, &line, &n)) {
		if (scan_doc(&doc, line, n) <= 0 || !scan_get_i64(doc.t, doc.t, r->of->time, &at) ||
		    (r->of->id != NULL && !scan_get_i64(doc.t, doc.t, r->of->id, &id)))
			ret = fault_set(f, FAULT_USAGE, "--save %s: its last lines are no rows of %s",
			    r->save.path, r->of->name);
		else if (w->at != -1 && at != w->at)
			break;
		else {
			buf_put(&w->edge, line, n);
			buf_chr(&w->edge, '\n');
			if (w->at == -1)
				w->id = id + 1;
			w->at = at;
		}
		if (ret == 0 && r->of->id != NULL)
			break;
	}
	scan_free(&doc);
	if (ret == 0 && w->edge.bad)
		ret = fault_set(f, FAULT_LOCAL, "out of memory");
	return ret;
}

/*
 * By time: each query begins at the time of the last row, so that others of the same
 * millisecond are not lost; those that came already are passed over. It ends when
 * nothing new comes.
 */
static int
by_time(struct run *r, struct walk *w, struct fault *f)
{
	int ret;

	do {
		buf_reset(&r->page);
		buf_printf(&r->page, "%s&startTime=%lld&endTime=%lld&limit=%d", r->q.p,
		    (long long)(w->at > r->from ? w->at : r->from), (long long)r->to - 1, r->of->most);
		if ((ret = take_page(r, w, f)) != 0)
			return ret == -1 ? -1 : 0;
		if (w->fresh == 0 && w->rows >= r->of->most)
			return fault_set(f, FAULT_AGAIN, "%s: more than %d rows of the time %lld",
			    r->name, r->of->most, (long long)w->at);
	} while (w->fresh > 0);
	return 0;
}

static void
put_query(struct run *r, const struct walk *w, int64_t end)
{
	buf_reset(&r->page);
	buf_str(&r->page, r->q.p);
	if (w->id == -1)
		buf_printf(&r->page, "&startTime=%lld&endTime=%lld", (long long)w->hour, (long long)end);
	else
		buf_printf(&r->page, "&fromId=%lld", (long long)w->id);
	buf_printf(&r->page, "&limit=%d", r->of->most);
}

/* Within hours until there is a first row, and from there by its id: ids leave nothing out
 * where many trades have one time. */
static int
by_id(struct run *r, struct walk *w, struct fault *f)
{
	bool looking;
	int64_t end;
	int ret;

	if (!r->of->by_id && (w->at != -1 ? w->at : r->from) < r->oldest)
		return fault_set(f, FAULT_USAGE, "--save %s: it ends at %lld, and the exchange keeps %s from %lld on: "
		    "what is between them is lost; begin another file", r->save.path,
		    (long long)(w->at != -1 ? w->at : r->from), r->of->name, (long long)r->oldest);
	for (w->hour = r->from;; w->hour = end + 1) {
		looking = w->id == -1;
		end = r->to - w->hour > HOUR_MS ? w->hour + HOUR_MS - 1 : r->to - 1;
		put_query(r, w, end);
		if ((ret = take_page(r, w, f)) != 0)
			return ret == -1 ? -1 : 0;
		if (looking ? w->id == -1 && end == r->to - 1 : w->rows < r->of->most)
			return 0;
	}
}

/* The newest, in one answer. */
static int
newest(struct run *r, struct walk *w, struct fault *f)
{
	buf_reset(&r->page);
	buf_printf(&r->page, "%s&limit=%ld", r->q.p, r->left);
	return take_page(r, w, f) == -1 ? -1 : 0;
}

int
rows_walk(struct run *r, struct fault *f)
{
	struct walk w = { .at = -1, .id = r->of->by_id && !r->newest ? r->from : -1 };
	int ret = r->save.fd != -1 ? resume(r, &w, f) : 0;

	if (ret == 0) {
		progress_begin(&r->progress, r->name, r->from, w.at > r->from ? w.at : r->from, r->to,
		    r->save.fd == -1 && r->a->plot == NULL);
		ret = r->newest ? newest(r, &w, f) : r->of->shape == SHAPE_TIMES ? by_time(r, &w, f) :
		    by_id(r, &w, f);
	}
	buf_free(&w.edge);
	return ret;
}
