#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/buf.h"
#include "ledger.h"
#include "number.h"

/* What the liquidation orders of one call did to one symbol. */
struct closed { bool any; enum order_side side; dec qty, quote; };

struct ledger {
	int	fd;
	int	error;		/* errno of the first line that did not get out */
	int64_t	feed_ms;
	const struct engine *engine;
	struct buf line;
	struct closed closed[ENGINE_SYMBOLS];
	int	acct;
};

struct ledger *
ledger_open(const char *path, const struct engine *e, struct fault *f)
{
	struct ledger *l = calloc(1, sizeof *l);

	if (l == NULL) {
		fault_set(f, FAULT_LOCAL, "out of memory");
		return NULL;
	}
	l->engine = e;
	l->fd = -1;
	if (path == NULL)
		return l;
	if ((l->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) != -1)
		return l;
	fault_set(f, FAULT_LOCAL, "--ledger %s: %s", path, strerror(errno));
	free(l);
	return NULL;
}

void
ledger_close(struct ledger *l)
{
	if (l == NULL)
		return;
	if (l->fd != -1 && close(l->fd) == -1 && l->error == 0)
		l->error = errno;
	buf_free(&l->line);
	free(l);
}

bool
ledger_failed(const struct ledger *l, struct fault *f)
{
	if (l->error == 0)
		return false;
	fault_set(f, FAULT_LOCAL, "the ledger could not be written: %s", strerror(l->error));
	return true;
}

void
ledger_feed_time(struct ledger *l, int64_t feed_ms)
{
	l->feed_ms = feed_ms;
}

/* Begin a line; NULL if nobody keeps it. */
static struct buf *
begin(struct ledger *l, const char *what, int64_t now)
{
	if (l->fd == -1 || l->error != 0)
		return NULL;
	buf_reset(&l->line);
	jw_open(&l->line, NULL, '{');
	jw_str(&l->line, "e", "bf.sim");
	jw_str(&l->line, "what", what);
	jw_i64(&l->line, "E", now);
	jw_i64(&l->line, "feed_E", l->feed_ms);
	return &l->line;
}

/* End it: whole, and at once. */
static void
end(struct ledger *l)
{
	const char *p;
	size_t n;
	ssize_t put;

	jw_close(&l->line, '}');
	jw_end(&l->line);
	if (l->line.bad) {
		l->error = ENOMEM;
		return;
	}
	for (p = l->line.p, n = l->line.len; n > 0; p += put, n -= (size_t)put) {
		put = write(l->fd, p, n);
		if (put == -1 && errno == EINTR)
			put = 0;
		else if (put == -1) {
			l->error = errno;
			return;
		}
	}
}

/* Append the parameters of s to b, but no signature. */
static void
add_params(struct buf *b, struct http_span s)
{
	const char *p = s.p, *stop = s.p + s.n, *amp;

	for (; p < stop; p = amp + 1) {
		if ((amp = memchr(p, '&', (size_t)(stop - p))) == NULL)
			amp = stop;
		if (amp == p || (amp - p >= 10 && memcmp(p, "signature=", 10) == 0))
			continue;
		if (b->len > 0)
			buf_chr(b, '&');
		buf_put(b, p, (size_t)(amp - p));
	}
}

void
ledger_request(struct ledger *l, const struct ledger_request *r, int64_t now_ms)
{
	struct buf *b = begin(l, "request", now_ms), query = { 0 };

	if (b == NULL)
		return;
	add_params(&query, r->query);
	add_params(&query, r->body);
	jw_strn(b, "method", r->method.p, r->method.n);
	jw_strn(b, "path", r->path.p, r->path.n);
	jw_i64(b, "http", r->http);
	jw_strn(b, "query", query.p, query.len);
	if (r->client_id != NULL)
		jw_str(b, "clientOrderId", r->client_id);
	b->bad |= query.bad;
	buf_free(&query);
	end(l);
}

void
ledger_ws(struct ledger *l, struct http_span path, struct http_span query, int64_t now_ms)
{
	struct buf *b = begin(l, "ws", now_ms);

	if (b == NULL)
		return;
	jw_strn(b, "path", path.p, path.n);
	jw_strn(b, "query", query.p, query.n);
	end(l);
}

void
ledger_feed_end(struct ledger *l, int64_t now_ms)
{
	if (begin(l, "feed_end", now_ms) != NULL)
		end(l);
}

/*
 * The engine's events
 */

static void
put_names(struct ledger *l, const struct engine_order *o)
{
	struct buf *b = &l->line;

	jw_str(b, "symbol", engine_rules(l->engine, o->sym)->symbol);
	jw_str(b, "side", order_side_name(o->side));
	jw_str(b, "clientOrderId", o->client_id);
	jw_u64(b, "orderId", o->id);
}

static void
order_new_line(struct ledger *l, const struct engine_event *ev)
{
	const struct engine_order *o = ev->u.order.o;
	struct buf *b = begin(l, o->liquidation ? "liq_order" : "order", ev->ms);

	if (b == NULL)
		return;
	put_names(l, o);
	jw_str(b, "type", order_type_name(o->type));
	jw_str(b, "timeInForce", order_tif_name(o->tif));
	jw_dec(b, "qty", o->qty);
	jw_dec(b, "price", o->price);
	jw_bool(b, "reduceOnly", o->reduce);
	end(l);
}

static void
fill_line(struct ledger *l, const struct engine_event *ev)
{
	const struct engine_order *o = ev->u.order.o;
	struct buf *b = begin(l, o->liquidation ? "liq_fill" : "fill", ev->ms);

	if (b == NULL)
		return;
	put_names(l, o);
	jw_dec(b, "price", ev->u.order.last_price);
	jw_dec(b, "qty", ev->u.order.last_qty);
	number_money(b, "fee", ev->u.order.commission);
	number_money(b, "realized", ev->u.order.pnl);
	jw_bool(b, "maker", ev->u.order.maker);
	jw_u64(b, "tradeId", ev->u.order.trade_id);
	end(l);
}

static void
order_end_line(struct ledger *l, const struct engine_event *ev)
{
	const struct engine_order *o = ev->u.order.o;
	struct buf *b = begin(l, o->liquidation ? "liq_order_end" : "order_end", ev->ms);

	if (b == NULL)
		return;
	put_names(l, o);
	jw_str(b, "status", order_status_name(o->status));
	jw_dec(b, "executed", o->filled);
	jw_i64(b, "reason", o->reason);
	end(l);
}

static void
on_order(struct ledger *l, const struct engine_event *ev)
{
	if (ev->u.order.x == EXEC_NEW)
		order_new_line(l, ev);
	else if (ev->u.order.x == EXEC_TRADE || ev->u.order.x == EXEC_CALCULATED)
		fill_line(l, ev);
	if (!order_open(ev->u.order.o))
		order_end_line(l, ev);
}

static void
on_mark(struct ledger *l, const struct engine_event *ev)
{
	struct buf *b = begin(l, "mark", ev->ms);

	if (b == NULL)
		return;
	jw_str(b, "s", engine_rules(l->engine, ev->sym)->symbol);
	number_money(b, "p", ev->u.mark.mark);
	end(l);
}

static void
on_force(struct ledger *l, const struct engine_event *ev)
{
	const struct engine_order *o = ev->u.force.o;
	struct closed *c = &l->closed[ev->sym];

	if (!c->any)
		*c = (struct closed){ true, o->side, dec_int(0), dec_int(0) };
	if (!dec_add(&c->qty, c->qty, o->filled) || !dec_add(&c->quote, c->quote, o->quote))
		l->error = ERANGE;
	l->acct = o->acct;
}

void
ledger_event(struct ledger *l, const struct engine_event *ev)
{
	switch (ev->kind) {
	case EV_ORDER:
		on_order(l, ev);
		break;
	case EV_MARK:
		on_mark(l, ev);
		break;
	case EV_FORCE:
		on_force(l, ev);
		break;
	default:
		break;
	}
}

static void
liquidation_line(struct ledger *l, int sym, const struct closed *c, int64_t now)
{
	struct buf *b = begin(l, "liquidation", now);
	struct engine_balance bal = { 0 };
	dec price;

	if (b == NULL)
		return;
	(void)engine_balance(l->engine, l->acct, &bal);
	if (!dec_div(&price, c->quote, c->qty, 8, DEC_DOWN))
		price = dec_int(0);
	jw_str(b, "symbol", engine_rules(l->engine, sym)->symbol);
	jw_str(b, "side", order_side_name(c->side));
	jw_dec(b, "qty", c->qty);
	number_money(b, "mark", engine_mark_price(l->engine, sym));
	jw_dec(b, "price", price);
	number_money(b, "left", bal.wallet);
	end(l);
}

void
ledger_settle(struct ledger *l, int64_t now_ms)
{
	for (int i = 0; i < ENGINE_SYMBOLS; i++) {
		if (!l->closed[i].any)
			continue;
		liquidation_line(l, i, &l->closed[i], now_ms);
		l->closed[i].any = false;
	}
}
