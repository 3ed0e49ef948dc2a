/* What the application asks of the wire. */

#include "serve_in.h"

static struct conn *
conn_of(const struct serve *s, serve_id id)
{
	size_t slot = (size_t)(id & SLOT_MASK);
	struct conn *c = slot < s->top ? s->conns[slot] : NULL;

	return id != 0 && c != NULL && c->id == id ? c : NULL;
}

/* An answered request has no id any more, so ST_WAIT means unanswered here. */
static struct conn *
conn_in(const struct serve *s, serve_id id, enum state st)
{
	struct conn *c = conn_of(s, id);

	return c != NULL && c->st == st ? c : NULL;
}

const char *
serve_peer(const struct serve *s, serve_id id)
{
	const struct conn *c = conn_of(s, id);

	return c != NULL ? c->peer : "";
}

bool
serve_alive(const struct serve *s, serve_id id)
{
	return conn_in(s, id, ST_WAIT) != NULL || conn_in(s, id, ST_OPEN) != NULL;
}

bool
serve_parting(const struct serve *s)
{
	for (size_t i = 0; i < s->top; i++)
		if (s->conns[i] != NULL && s->conns[i]->ws && s->conns[i]->st != ST_OPEN &&
		    s->conns[i]->st != ST_SILENT && s->conns[i]->st != ST_DEAD)
			return true;
	return false;
}

bool
serve_answer(struct serve *s, serve_id id, const struct serve_answer *a)
{
	struct conn *c = conn_in(s, id, ST_WAIT);

	return c != NULL && conn_answer(s, c, a);
}

static struct serve_frame *
encode_accept(const struct conn *c, const char *headers)
{
	struct buf lines = { 0 }, b = { 0 };

	buf_printf(&lines, "Upgrade: websocket\r\nConnection: Upgrade\r\n"
	    "Sec-WebSocket-Accept: %s\r\n%s", c->accept, headers != NULL ? headers : "");
	if (!lines.bad)
		http_head(&b, 101, NULL, lines.p, 0, false);
	b.bad |= lines.bad;
	buf_free(&lines);
	return serve_frame_take(&b);
}

bool
serve_accept(struct serve *s, serve_id id, const char *headers, void *user)
{
	struct conn *c = conn_in(s, id, ST_WAIT);

	if (c == NULL || !c->upgrade)
		return false;
	s->dirty = true;
	c->st = ST_OPEN;
	conn_put(c, encode_accept(c, headers));
	if (c->st == ST_DEAD)
		return false;
	c->ws = true;
	c->user = user;
	conn_arm(s, c);
	return true;
}

bool
serve_send(struct serve *s, serve_id id, struct serve_frame *f)
{
	struct conn *c = conn_in(s, id, ST_OPEN);

	if (c == NULL || f == NULL)
		return false;
	if ((c->mute & SERVE_MUTE_TEXT) != 0)
		return true;
	f->refs++;
	conn_put_ws(s, c, f);
	return c->st == ST_OPEN;
}

bool
serve_send_text(struct serve *s, serve_id id, const char *text, size_t n)
{
	struct serve_frame *f = serve_frame_text(text, n);
	bool ok = serve_send(s, id, f);

	serve_frame_free(f);
	return ok;
}

bool
serve_send_raw(struct serve *s, serve_id id, const void *p, size_t n)
{
	struct conn *c = conn_in(s, id, ST_OPEN);
	struct buf b = { 0 };

	if (c == NULL || n == 0)
		return false;
	buf_put(&b, p, n);
	conn_put_ws(s, c, serve_frame_take(&b));
	return c->st == ST_OPEN;
}

bool
serve_ping(struct serve *s, serve_id id, const void *p, size_t n)
{
	struct conn *c = conn_in(s, id, ST_OPEN);

	if (c == NULL || n > WS_CONTROL_MAX)
		return false;
	conn_put_control(s, c, WS_PING, p, n);
	return c->st == ST_OPEN;
}

bool
serve_close(struct serve *s, serve_id id, int code, const char *reason)
{
	struct conn *c = conn_in(s, id, ST_OPEN);

	if (c == NULL)
		return false;
	conn_put_close(s, c, code, reason != NULL ? reason : "");
	s->dirty = true;
	if (c->st == ST_DEAD)
		return true;
	c->st = ST_CLOSING;
	c->until = serve_now() + END_MS;
	return true;
}

bool
serve_cut(struct serve *s, serve_id id, enum serve_fault how)
{
	const struct serve_answer nothing = { .status = 200, .fault = how };
	struct conn *c = conn_in(s, id, ST_OPEN);

	if (c == NULL)
		return how != SERVE_OK && serve_answer(s, id, &nothing);
	if (how != SERVE_FIN && how != SERVE_RST)
		return false;
	if (how == SERVE_RST)
		serve_queue_clear(&c->out);
	conn_finish(c, how);
	s->dirty = true;
	return true;
}

void
serve_refuse(struct serve *s, int64_t until_ms)
{
	s->refuse_until = until_ms;
}

void
serve_blackhole(struct serve *s, int64_t until_ms)
{
	s->hole_until = until_ms;
}

bool
serve_mute(struct serve *s, serve_id id, unsigned what)
{
	struct conn *c = conn_in(s, id, ST_OPEN);

	if (c == NULL)
		return false;
	c->mute = what;
	conn_arm(s, c);
	return true;
}
