/* What the lists share: names, rows, queries. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/span.h"
#include "list.h"

#define MINE	"bf-"	/* client ids we make begin so */

const struct listing listings[KINDS] = {
	[REGULAR] = { "orders", EP_OPEN_ORDERS, EP_ORDER_GET, EP_ALL_ORDERS,
	    "orderId", "clientOrderId", "time", "origClientOrderId", "orderId", false },
	[CONDITIONAL] = { "conditional orders", EP_OPEN_ALGO_ORDERS, EP_ALGO_ORDER_GET, EP_ALL_ALGO_ORDERS,
	    "algoId", "clientAlgoId", "createTime", "clientAlgoId", "algoId", false },
};

const struct column order_cols[] = {
	{ "TIME", "time|createTime|updateTime", COL_DATE | COL_MORE(2) },
	{ "SYMBOL", "symbol", COL_LEFT },
	{ "SIDE", "side", COL_LEFT | COL_SIDE },
	{ "TYPE", "type|orderType", COL_LEFT | COL_MORE(4) },
	{ "PRICE", "price", COL_DEC | COL_NIL },
	{ "TRIGGER", "triggerPrice|stopPrice", COL_DEC | COL_NIL },
	{ "QUANTITY", "origQty|quantity", COL_DEC | COL_NIL },
	{ "FILLED", "executedQty", COL_DEC | COL_MORE(3) },
	{ "STATUS", "status|algoStatus|msg", COL_LEFT | COL_MORE(5) },	/* msg: of a conditional order that is cancelled */
	{ "ID", "orderId|algoId", COL_RIGHT | COL_NIL },
	{ "CLIENT ID", "clientOrderId|clientAlgoId", COL_LEFT | COL_MORE(1) },
	{ NULL, NULL, 0 }
};
const struct column fill_cols[] = {
	{ "TIME", "time", COL_DATE },
	{ "SYMBOL", "symbol", COL_LEFT },
	{ "SIDE", "side", COL_LEFT | COL_SIDE },
	{ "PRICE", "price", COL_DEC },
	{ "QUANTITY", "qty", COL_DEC },
	{ "PROFIT", "realizedPnl", COL_DEC | COL_SIGN },
	{ "FEE", "commission", COL_DEC },
	{ "IN", "commissionAsset", COL_LEFT | COL_MORE(4) },
	{ "MAKER", "maker", COL_LEFT | COL_MORE(2) },
	{ "ORDER", "orderId", COL_RIGHT | COL_MORE(3) },
	{ "TRADE", "id", COL_RIGHT | COL_MORE(1) },
	{ NULL, NULL, 0 }
};
const struct column recover_cols[] = {
	{ "CLIENT ID", "clientOrderId", COL_LEFT },
	{ "OUTCOME", "outcome", COL_LEFT },
	{ "SYMBOL", "intent.symbol", COL_LEFT },
	{ "SIDE", "intent.side", COL_LEFT | COL_SIDE | COL_MORE(3) },
	{ "QUANTITY", "intent.quantity", COL_DEC | COL_MORE(2) },
	{ "STATUS", "order.status|order.algoStatus", COL_LEFT | COL_MORE(1) },
	{ "ORDER", "order.orderId|order.algoId", COL_RIGHT | COL_MORE(4) },
	{ NULL, NULL, 0 }
};
/* Of a symbol at once; each order by its id has order_cols. */
const struct column cancel_all_cols[] = {
	{ "SYMBOL", "symbol", COL_LEFT },
	{ "OPEN", "open", COL_RIGHT },
	{ "MESSAGE", "msg", COL_LEFT | COL_CUT },
	{ NULL, NULL, 0 }
};

/*
 * Rows
 */

static struct row *
new_row(struct rows *r)
{
	size_t cap = r->cap == 0 ? 64 : 2 * r->cap;
	struct row *v;

	if (r->n < r->cap)
		return &r->v[r->n];
	if ((v = reallocarray(r->v, cap, sizeof *v)) == NULL)
		return NULL;
	r->v = v;
	r->cap = cap;
	return &v[r->n];
}

static bool
begins(const struct tok *t, const struct tok *v, const char *member, const char *prefix)
{
	char id[128];	/* those the exchange makes are longer than ours may be */

	return prefix == NULL || (member != NULL && scan_get_str(t, v, member, id, sizeof id) &&
	    strncmp(id, prefix, strlen(prefix)) == 0);
}

static int
take_one(struct rows *r, const struct listing *l, const struct tok *t, const struct tok *v,
    struct fault *f)
{
	struct row *row = new_row(r);

	if (row == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory for a list of %s", l->what);
	if (!scan_get_i64(t, v, l->id, &row->id) || !scan_get_i64(t, v, l->time, &row->at_ms))
		return fault_set(f, FAULT_AGAIN, "one of the %s has no %s or %s", l->what, l->id, l->time);
	row->from = r->text.len;
	span_put(&r->text, v);
	row->n = r->text.len - row->from;
	r->n++;
	return 0;
}

int
rows_take(struct rows *r, const struct session *s, const struct listing *l, const char *prefix,
    struct fault *f)
{
	const struct tok *t = s->doc.t, *v;

	if (t->kind != SCAN_ARR)
		return fault_set(f, FAULT_AGAIN, "%s: the answer is no list", endpoint(l->all)->path[s->market]);
	for (v = scan_first(t); v != NULL; v = scan_next(t, t, v))
		if (begins(t, v, l->client_id, prefix) && take_one(r, l, t, v, f) == -1)
			return -1;
	return r->text.bad ? fault_set(f, FAULT_LOCAL, "out of memory for a list of %s", l->what) : 0;
}

static int
by_time(const void *x, const void *y)
{
	const struct row *a = x, *b = y;

	if (a->at_ms != b->at_ms)
		return a->at_ms < b->at_ms ? -1 : 1;
	return (a->id > b->id) - (a->id < b->id);
}

void
rows_sort(struct rows *r)
{
	if (r->n > 1)
		qsort(r->v, r->n, sizeof *r->v, by_time);
}

void
rows_empty(struct rows *r)
{
	buf_reset(&r->text);
	r->n = 0;
}

void
rows_free(struct rows *r)
{
	buf_free(&r->text);
	free(r->v);
	memset(r, 0, sizeof *r);
}

void
row_print(struct app *a, const struct rows *r, const struct row *row)
{
	buf_put(&a->rec, r->text.p + row->from, row->n);
	buf_chr(&a->rec, '\n');
	emit(a);
}

/*
 * Queries
 */

bool
no_such_path(const struct fault *f)
{
	return f->kind == FAULT_REJECTED && f->http == 404;
}

int
reworded(struct fault *f, const char *fmt, ...)
{
	char text[sizeof f->text];	/* the old text may be among the arguments */
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	snprintf(f->text, sizeof f->text, "%s", text);
	return -1;
}

/*
 * Options
 */

int
wanted_prefix(const struct app *a, const char **prefix, struct fault *f)
{
	*prefix = a->p.prefix != NULL ? a->p.prefix : a->p.mine ? MINE : NULL;
	if (a->p.mine && strncmp(*prefix, MINE, strlen(MINE)) != 0)
		return fault_set(f, FAULT_USAGE, "--mine and --prefix %.36s: nothing begins with both %s and that",
		    *prefix, MINE);
	return 0;
}
