#include <stdint.h>
#include <string.h>

#include <openssl/evp.h>

#include "wsframe.h"

#define KEY_LEN	24u	/* 16 bytes in base64 */

bool
ws_accept_key(const char *key, size_t n, char out[static WS_ACCEPT_LEN + 1])
{
	static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
	unsigned char text[KEY_LEN + sizeof guid], raw[18], sum[EVP_MAX_MD_SIZE];
	unsigned int len;

	if (n != KEY_LEN || key[22] != '=' || key[23] != '=' || key[21] == '=')
		return false;
	memcpy(text, key, KEY_LEN);
	memcpy(text + KEY_LEN, guid, sizeof guid);
	if (EVP_DecodeBlock(raw, text, (int)KEY_LEN) != (int)sizeof raw)
		return false;
	if (EVP_Digest(text, sizeof text - 1, sum, &len, EVP_sha1(), NULL) != 1)
		return false;
	return EVP_EncodeBlock((unsigned char *)out, sum, (int)len) == (int)WS_ACCEPT_LEN;
}

/* The length as written behind the second byte; false if longer than needed. */
static bool
read_length(const unsigned char *u, unsigned bytes, uint64_t *len)
{
	*len = 0;
	for (unsigned i = 0; i < bytes; i++)
		*len = *len << 8 | u[i];
	return bytes == 2 ? *len > 125 : *len > 0xffff && *len >> 63 == 0;
}

static bool
known_op(unsigned op)
{
	return op <= WS_BINARY || (op >= WS_CLOSE && op <= WS_PONG);
}

static void
unmask(unsigned char *p, size_t n, const unsigned char mask[static 4])
{
	for (size_t i = 0; i < n; i++)
		p[i] ^= mask[i & 3];
}

/* Reserved bits belong to extensions, and we agreed to none. */
int
ws_parse(char *p, size_t n, struct ws_frame *f)
{
	unsigned char *u = (unsigned char *)p;
	unsigned more;
	uint64_t len;
	size_t head;

	if (n < 1)
		return WS_MORE;
	if ((u[0] & 0x70) != 0 || !known_op(u[0] & 0x0f))
		return WS_PROTOCOL;
	if (n < 2)
		return WS_MORE;
	len = u[1] & 0x7f;
	if ((u[1] & 0x80) == 0 || ((u[0] & 0x08) != 0 && ((u[0] & 0x80) == 0 || len > 125)))
		return WS_PROTOCOL;
	more = len == 127 ? 8 : len == 126 ? 2 : 0;
	head = 2 + more + 4;
	if (n < 2 + more)
		return WS_MORE;
	if (more > 0 && !read_length(u + 2, more, &len))
		return WS_PROTOCOL;
	if (len > WS_MESSAGE_MAX)
		return WS_TOO_BIG;
	if (n < head || n - head < len)
		return WS_MORE;
	unmask(u + head, (size_t)len, u + head - 4);
	f->op = (enum ws_op)(u[0] & 0x0f);
	f->fin = (u[0] & 0x80) != 0;
	f->data = p + head;
	f->len = (size_t)len;
	f->size = head + (size_t)len;
	return WS_GOT;
}

int
ws_collect(struct ws_message *m, const struct ws_frame *f)
{
	if ((f->op == WS_CONT) != m->open)
		return WS_PROTOCOL;
	if (!m->open) {
		m->op = f->op;
		if (f->fin) {	/* the common case: nothing is copied */
			m->p = f->data;
			m->n = f->len;
			return WS_GOT;
		}
		buf_reset(&m->part);
	}
	if (f->len > WS_MESSAGE_MAX - m->part.len)
		return WS_TOO_BIG;
	buf_put(&m->part, f->data, f->len);
	if (m->part.bad)
		return WS_INTERNAL;
	m->open = !f->fin;
	m->p = m->part.p;
	m->n = m->part.len;
	return f->fin ? WS_GOT : WS_MORE;
}

void
ws_message_free(struct ws_message *m)
{
	buf_free(&m->part);
	memset(m, 0, sizeof *m);
}

size_t
ws_head(unsigned char out[static WS_HEAD_MAX], enum ws_op op, bool fin, size_t len)
{
	unsigned bytes = len > 0xffff ? 8 : len > 125 ? 2 : 0;

	out[0] = (unsigned char)((fin ? 0x80u : 0) | (unsigned)op);
	out[1] = (unsigned char)(bytes == 8 ? 127 : bytes == 2 ? 126 : len);
	for (unsigned i = 0; i < bytes; i++)
		out[2 + i] = (unsigned char)((uint64_t)len >> 8 * (bytes - 1 - i));
	return 2 + bytes;
}

/* RFC 6455 section 7.4: 1004-1006 and 1015 never travel, 1016-2999 are not given out. */
static bool
may_travel(int code)
{
	return (code >= 1000 && code <= 1014 && (code < 1004 || code > 1006)) ||
	    (code >= 3000 && code <= 4999);
}

int
ws_close_code(const struct ws_frame *f)
{
	int code;

	if (f->len == 0)
		return WS_NO_CODE;
	if (f->len == 1)
		return WS_PROTOCOL;
	code = (unsigned char)f->data[0] << 8 | (unsigned char)f->data[1];
	return may_travel(code) ? code : WS_PROTOCOL;
}

size_t
ws_close_payload(char out[static WS_CONTROL_MAX], int code, const char *reason)
{
	size_t n = strlen(reason);

	if (code == WS_NO_CODE)
		return 0;
	if (n > WS_CONTROL_MAX - 2)
		for (n = WS_CONTROL_MAX - 2; n > 0 && ((unsigned char)reason[n] & 0xc0) == 0x80; )
			n--;
	out[0] = (char)(code >> 8 & 0xff);
	out[1] = (char)(code & 0xff);
	memcpy(out + 2, reason, n);
	return 2 + n;
}
