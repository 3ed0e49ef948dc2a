#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger_in.h"

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
	free(l->closed);
	free(l);
}

void
ledger_accounts(struct ledger *l, const struct accounts *as)
{
	l->accounts = as;
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

struct buf *
ledger_begin(struct ledger *l, const char *what, int64_t now)
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

void
ledger_name(struct ledger *l, const struct account *who)
{
	if (who != NULL && l->accounts != NULL && l->accounts->n > 1)
		jw_str(&l->line, "account", who->name);
}

void
ledger_end(struct ledger *l)
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
	struct buf *b = ledger_begin(l, "request", now_ms), query = { 0 };

	if (b == NULL)
		return;
	add_params(&query, r->query);
	add_params(&query, r->body);
	jw_strn(b, "method", r->method.p, r->method.n);
	jw_strn(b, "path", r->path.p, r->path.n);
	jw_i64(b, "http", r->http);
	if (r->code != 0)
		jw_i64(b, "code", r->code);
	if (r->said != 0)
		jw_i64(b, "said", r->said);
	jw_strn(b, "query", query.p, query.len);
	if (r->client_id != NULL)
		jw_str(b, "clientOrderId", r->client_id);
	ledger_name(l, r->who);
	b->bad |= query.bad;
	buf_free(&query);
	ledger_end(l);
}

void
ledger_ws(struct ledger *l, struct http_span path, struct http_span query, int64_t now_ms)
{
	struct buf *b = ledger_begin(l, "ws", now_ms);

	if (b == NULL)
		return;
	jw_strn(b, "path", path.p, path.n);
	jw_strn(b, "query", query.p, query.n);
	ledger_end(l);
}

void
ledger_feed_end(struct ledger *l, int64_t now_ms)
{
	if (ledger_begin(l, "feed_end", now_ms) != NULL)
		ledger_end(l);
}
