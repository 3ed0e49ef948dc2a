/* Frames, encoded once for any number of clients, and the queues they wait in. */
#include <stdlib.h>

#include "serve_in.h"

/* Takes over the buffer's bytes, or frees them. */
struct serve_frame *
serve_frame_take(struct buf *b)
{
	struct serve_frame *f = b->bad ? NULL : malloc(sizeof *f);

	if (f == NULL) {
		buf_free(b);
		return NULL;
	}
	*f = (struct serve_frame){ b->p, b->len, 1 };
	return f;
}

struct serve_frame *
serve_frame_ws(enum ws_op op, const char *p, size_t n)
{
	unsigned char head[WS_HEAD_MAX];
	struct buf b = { 0 };

	buf_put(&b, head, ws_head(head, op, true, n));
	buf_put(&b, p, n);
	return serve_frame_take(&b);
}

struct serve_frame *
serve_frame_text(const char *text, size_t n)
{
	return serve_frame_ws(WS_TEXT, text, n);
}

void
serve_frame_free(struct serve_frame *f)
{
	if (f == NULL || --f->refs > 0)
		return;
	free(f->p);
	free(f);
}

struct serve_frame *
serve_frame_ref(struct serve_frame *f)
{
	f->refs++;
	return f;
}

static bool
queue_grow(struct queue *q)
{
	size_t cap = q->cap == 0 ? 8 : q->cap * 2;
	struct serve_frame **f = calloc(cap, sizeof(*f));

	if (f == NULL)
		return false;
	for (size_t i = 0; i < q->count; i++)
		f[i] = q->f[(q->head + i) % q->cap];
	free(q->f);
	q->f = f;
	q->cap = cap;
	q->head = 0;
	return true;
}

/* Borrows f. */
bool
serve_queue_put(struct queue *q, struct serve_frame *f)
{
	if (f->len == 0)
		return true;
	if (q->count == q->cap && !queue_grow(q))
		return false;
	q->f[(q->head + q->count++) % q->cap] = f;
	q->bytes += f->len;
	f->refs++;
	return true;
}

/* n bytes have left. */
void
serve_queue_took(struct queue *q, size_t n)
{
	struct serve_frame *f;

	q->bytes -= n;
	n += q->sent;
	while (q->count > 0 && n >= (f = q->f[q->head])->len) {
		n -= f->len;
		serve_frame_free(f);
		q->head = (q->head + 1) % q->cap;
		q->count--;
	}
	q->sent = n;
}

void
serve_queue_clear(struct queue *q)
{
	serve_queue_took(q, q->bytes);
	free(q->f);
	*q = (struct queue){ 0 };
}

int
serve_queue_iov(const struct queue *q, struct iovec iov[static IOV_COUNT])
{
	struct serve_frame *f;
	int n;

	for (n = 0; n < IOV_COUNT && (size_t)n < q->count; n++) {
		f = q->f[(q->head + (size_t)n) % q->cap];
		iov[n] = (struct iovec){ f->p, f->len };
	}
	iov[0].iov_base = (char *)iov[0].iov_base + q->sent;
	iov[0].iov_len -= q->sent;
	return n;
}
