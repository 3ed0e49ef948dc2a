/* WebSocket: frames to the application, pings, pongs and closing. */
#include <stdlib.h>
#include <string.h>

#include "serve_in.h"

void
conn_put_control(struct serve *s, struct conn *c, enum ws_op op, const char *p, size_t n)
{
	if ((c->mute & SERVE_MUTE_CONTROL) == 0)
		conn_put_ws(s, c, serve_frame_ws(op, p, n));
}

void
conn_put_close(struct serve *s, struct conn *c, int code, const char *reason)
{
	char payload[WS_CONTROL_MAX];

	conn_put_control(s, c, WS_CLOSE, payload, ws_close_payload(payload, code, reason));
}

/* The client broke the rules: say so and go. */
void
conn_fail(struct serve *s, struct conn *c, int code, const char *reason)
{
	conn_put_close(s, c, code, reason);
	conn_finish(c, SERVE_FIN);
}

/* Start the time of pings and pongs: it stands still while these are muted. */
void
conn_arm(struct serve *s, struct conn *c)
{
	bool on = (c->mute & SERVE_MUTE_CONTROL) == 0;
	int64_t now = serve_now();

	c->ping_at = on && s->o.ping_ms > 0 ? now + s->o.ping_ms : NEVER;
	c->pong_by = on && s->o.pong_ms > 0 ? now + s->o.pong_ms : NEVER;
}

void
conn_ping(struct serve *s, struct conn *c, int64_t now)
{
	struct buf b = { 0 };

	c->ping_at = now + s->o.ping_ms;
	c->ping[c->pings++ % 4] = now;
	buf_printf(&b, "%lld", (long long)now);
	if (b.bad)
		conn_die(c);
	else
		conn_put_control(s, c, WS_PING, b.p, b.len);
	buf_free(&b);
}

/* Only the echo of a ping proves life: a pong of the client's own does not. */
static void
on_pong(struct serve *s, struct conn *c, const struct ws_frame *f)
{
	char text[24];
	int64_t sent;

	if (f->len == 0 || f->len >= sizeof text)
		return;
	memcpy(text, f->data, f->len);
	text[f->len] = '\0';
	sent = strtoll(text, NULL, 10);
	for (unsigned i = 0; i < 4 && i < c->pings; i++)
		if (c->ping[i] == sent && s->o.pong_ms > 0)
			c->pong_by = serve_now() + s->o.pong_ms;
}

static void
on_close(struct serve *s, struct conn *c, const struct ws_frame *f)
{
	if (c->st == ST_OPEN && (c->mute & SERVE_MUTE_CONTROL) != 0) {
		c->st = ST_SILENT;
		return;
	}
	if (c->st == ST_OPEN)
		conn_put_close(s, c, ws_close_code(f), "");
	conn_finish(c, SERVE_FIN);
}

static void
on_control(struct serve *s, struct conn *c, const struct ws_frame *f)
{
	if (f->op == WS_CLOSE) {
		on_close(s, c, f);
		return;
	}
	if (c->st != ST_OPEN)
		return;
	if (f->op == WS_PING)
		conn_put_control(s, c, WS_PONG, f->data, f->len);
	else
		on_pong(s, c, f);
	if (s->app.control != NULL)
		s->app.control(s->app.ctx, c->id, c->user, f->op);
}

static void
on_data(struct serve *s, struct conn *c, const struct ws_frame *f)
{
	int got;

	if (c->st != ST_OPEN)
		return;
	got = ws_collect(&c->msg, f);
	if (got == WS_GOT && s->app.message != NULL)
		s->app.message(s->app.ctx, c->id, c->user, c->msg.p, c->msg.n,
		    c->msg.op == WS_BINARY);
	else if (got != WS_GOT && got != WS_MORE)
		conn_fail(s, c, got, "");
}

bool
conn_frame(struct serve *s, struct conn *c)
{
	struct ws_frame f;
	int got;

	if (c->in.len == c->off)
		return false;
	got = ws_parse(c->in.p + c->off, c->in.len - c->off, &f);
	if (got == WS_MORE)
		return false;
	if (got != WS_GOT) {
		conn_fail(s, c, got, "");
		return false;
	}
	c->off += f.size;
	if (f.op >= WS_CLOSE)
		on_control(s, c, &f);
	else
		on_data(s, c, &f);
	return true;
}
