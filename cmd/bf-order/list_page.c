#include <string.h>

#include "list_page.h"

void
feed_window(struct feed *fe, int64_t from, int64_t to)
{
	fe->from = from;
	fe->to = to;
	fe->last = -1;
	fe->done = false;
	rows_empty(&fe->page);
	fe->at = 0;
}

/* From the last id on, within the window; or from its time on, where an id is not taken. Times
 * are left out where they exclude the id. */
static void
page_query(const struct feed *fe, struct buf *q)
{
	bool by_id = fe->last != -1 && !fe->by_time;

	put_symbol(q, fe->symbol);
	buf_printf(q, "&limit=%d", fe->most);
	if (by_id)
		buf_printf(q, "&%s=%lld", fe->l->ask_from, (long long)fe->last + 1);
	if (!by_id || !fe->l->from_alone)
		buf_printf(q, "&startTime=%lld&endTime=%lld",
		    (long long)(fe->last != -1 && fe->by_time ? fe->last_ms : fe->from), (long long)fe->to);
}

static bool
ascending(const struct rows *r)
{
	for (size_t i = 1; i < r->n; i++)
		if (r->v[i].id <= r->v[i - 1].id)
			return false;
	return true;
}

/* Keep what is of the window and was not there before. */
static void
sieve(struct feed *fe)
{
	struct rows *p = &fe->page;
	int64_t before = fe->last;
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++) {
		if (p->v[i].at_ms > fe->to)
			fe->done = true;	/* ids go on behind the window */
		if (p->v[i].id <= before || p->v[i].at_ms < fe->from || p->v[i].at_ms > fe->to)
			continue;
		if (p->v[i].id > fe->last) {
			fe->last = p->v[i].id;
			fe->last_ms = p->v[i].at_ms;
		}
		p->v[n++] = p->v[i];
	}
	p->n = n;
	rows_sort(p);
}

/* A page that came back full has to be gone on from: only an order of ids proves that nothing is
 * passed over. One with nothing new in it is that of an exchange that takes no id. */
static int
judge(struct feed *fe, bool in_order, struct fault *f)
{
	if (fe->done)
		return 0;
	if (!in_order)
		return fault_set(f, FAULT_AGAIN, "more than %d %s, not in the order of their ids: they cannot be "
		    "gone through without a gap", fe->most, fe->l->what);
	if (fe->page.n > 0)
		return 0;
	if (fe->by_time)
		return fault_set(f, FAULT_AGAIN, "more than %d %s of one millisecond: the exchange tells no more",
		    fe->most, fe->l->what);
	fe->by_time = true;
	return 0;
}

static int
fetch(struct feed *fe, struct fault *f)
{
	struct buf q = { 0 };
	bool in_order;
	int r;

	page_query(fe, &q);
	r = ask_list(fe->s, fe->l->all, &q, false, f);
	buf_free(&q);
	rows_empty(&fe->page);
	fe->at = 0;
	if (r == -1 || rows_take(&fe->page, fe->s, fe->l, NULL, f) == -1)
		return -1;
	fe->done = fe->page.n < (size_t)fe->most;
	in_order = ascending(&fe->page);
	sieve(fe);
	return judge(fe, in_order, f);
}

const struct row *
feed_next(struct feed *fe, struct fault *f)
{
	f->kind = FAULT_NONE;
	if (fe->absent)
		return NULL;
	while (fe->at == fe->page.n) {
		if (fe->done)
			return NULL;
		if (fetch(fe, f) == -1) {
			rows_empty(&fe->page);
			fe->at = 0;
			return NULL;
		}
	}
	return &fe->page.v[fe->at];
}

void
feed_step(struct feed *fe)
{
	fe->at++;
}

void
feed_free(struct feed *fe)
{
	rows_free(&fe->page);
}
