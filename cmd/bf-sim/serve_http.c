/* HTTP: requests to the application, and its answers. */
#include <string.h>

#include "serve_in.h"

/* The next piece of a reply that drips; false: the last one is to go. */
static bool
drip(struct serve *s, struct conn *c)
{
	struct serve_frame *f = c->reply, *piece;
	struct buf b = { 0 };

	if (c->drip == 0)
		return false;
	if (f->len - c->dripped <= c->drip) {
		memmove(f->p, f->p + c->dripped, f->len -= c->dripped);
		c->drip = 0;
		return false;
	}
	buf_put(&b, f->p + c->dripped, c->drip);
	if ((piece = serve_frame_take(&b)) == NULL) {
		conn_die(c);
		return true;
	}
	c->dripped += c->drip;
	c->due = serve_now() + c->drip_ms;
	conn_put(c, piece);
	s->dirty = true;
	return true;
}

/* The reply's time has come. */
void
conn_emit(struct serve *s, struct conn *c)
{
	struct serve_frame *f = c->reply;

	if (drip(s, c))
		return;
	c->reply = NULL;
	c->st = ST_READ;
	conn_put(c, f);
	s->dirty = true;
	if (c->st == ST_DEAD)
		return;
	if (c->fault == SERVE_STALL)
		c->st = ST_SILENT;
	else if (c->fault != SERVE_OK)
		conn_finish(c, c->fault);
	else if (c->close)
		conn_finish(c, SERVE_FIN);
}

static struct serve_frame *
encode(const struct conn *c, const struct serve_answer *a)
{
	struct serve_frame *f;
	struct buf b = { 0 };

	http_head(&b, a->status, a->type, a->headers, a->len, c->close);
	if (!c->head && a->status >= 200 && a->status != 204 && a->status != 304)
		buf_put(&b, a->body, a->len);
	if ((f = serve_frame_take(&b)) != NULL && a->fault != SERVE_OK && f->len > a->keep)
		f->len = a->keep;
	return f;
}

bool
conn_answer(struct serve *s, struct conn *c, const struct serve_answer *a)
{
	struct serve_frame *f = encode(c, a);

	c->id = 0;
	s->dirty = true;
	if (f == NULL) {
		conn_die(c);
		return false;
	}
	c->reply = f;
	c->fault = a->fault;
	/* + 1: serve_now() has lost up to a millisecond, and an answer is never early */
	c->due = a->delay_ms > 0 ? serve_now() + a->delay_ms + 1 : 0;
	c->drip = a->drip_ms > 0 ? a->drip : 0;
	c->dripped = 0;
	c->drip_ms = a->drip_ms;
	if (c->due == 0)
		conn_emit(s, c);
	return c->st != ST_DEAD;
}

/* What the wire itself does not want, in the words of the usual front end. */
static void
refuse(struct serve *s, struct conn *c, int status)
{
	struct serve_answer a = { .status = status, .type = "text/html" };
	struct buf b = { 0 };

	buf_printf(&b, "<html>\r\n<head><title>%d %s</title></head>\r\n<body>\r\n"
	    "<center><h1>%d %s</h1></center>\r\n</body>\r\n</html>\r\n",
	    status, http_reason(status), status, http_reason(status));
	a.body = b.p;
	a.len = b.bad ? 0 : b.len;
	a.headers = status == 426 ? "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" : NULL;
	c->close = true;
	conn_answer(s, c, &a);
	buf_free(&b);
}

/* 0, or the status for a handshake that cannot be answered with yes. */
static int
handshake(struct conn *c, const struct http_req *r)
{
	struct http_span v;

	if (!http_field(r, "Sec-WebSocket-Version", &v) || !http_is(v, "13"))
		return 426;
	if (!http_field(r, "Sec-WebSocket-Key", &v) || !ws_accept_key(v.p, v.n, c->accept))
		return 400;
	return 0;
}

/* A whole request: to the application. */
static void
hand_over(struct serve *s, struct conn *c, size_t slot, const struct http_req *r)
{
	int status;

	c->head = http_is(r->method, "HEAD");
	c->close = r->close;
	c->upgrade = r->upgrade;
	c->continued = false;
	c->st = ST_WAIT;
	if (r->upgrade && (status = handshake(c, r)) != 0) {
		refuse(s, c, status);
		return;
	}
	c->id = ++s->serial << SLOT_BITS | slot;
	s->app.request(s->app.ctx, c->id, r);
}

/* False: nothing more to do with what has come so far. */
bool
conn_request(struct serve *s, struct conn *c, size_t slot)
{
	static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
	struct buf b = { 0 };
	struct http_req r;
	size_t size;
	int got;

	c->held = c->out.bytes > UNSENT_MAX;
	if (c->held || c->in.len == c->off)
		return false;
	got = http_parse(&c->hs, c->in.p + c->off, c->in.len - c->off, &r);
	if (got == HTTP_MORE && c->hs.expect && !c->continued) {
		c->continued = true;
		buf_put(&b, go_on, sizeof go_on - 1);
		conn_put(c, serve_frame_take(&b));
	}
	if (got == HTTP_MORE)
		return false;
	if (got != HTTP_DONE) {
		c->head = false;
		refuse(s, c, got);
		return false;
	}
	size = c->hs.size;
	c->hs = (struct http_state){ 0 };
	hand_over(s, c, slot, &r);
	c->off += size;
	return true;
}
