/* The simulator's WebSocket codec. Known answers: the examples of RFC 6455,
 * sections 1.3 and 5.7. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../cmd/bf-sim/wsframe.h"

#define LEN(a)	(sizeof (a) / sizeof *(a))

static const unsigned char mask[4] = { 0x37, 0xfa, 0x21, 0x3d };	/* the RFC's */

static void
test_accept_key(void **state)
{
	char out[WS_ACCEPT_LEN + 1];

	(void)state;
	assert_true(ws_accept_key("dGhlIHNhbXBsZSBub25jZQ==", 24, out));
	assert_string_equal(out, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
	assert_false(ws_accept_key("dGhlIHNhbXBsZSBub25jZQ=", 23, out));
	assert_false(ws_accept_key("dGhlIHNhbXBsZSBub25jZQAA", 24, out));
	assert_false(ws_accept_key("dGhlIHNhbXBsZSBub25jZ===", 24, out));
	assert_false(ws_accept_key("dGhlIHNhb!BsZSBub25jZQ==", 24, out));
	assert_false(ws_accept_key("", 0, out));
}

/* A client's frame. The length is written in as many bytes as wide says: 0, 2
 * or 8. Returns its bytes. */
static size_t
client_frame(char *out, unsigned first, unsigned wide, const char *p, size_t n)
{
	size_t at = 2;

	out[0] = (char)first;
	out[1] = (char)(0x80 | (wide == 8 ? 127 : wide == 2 ? 126 : n));
	for (unsigned i = wide; i-- > 0; )
		out[at++] = (char)((uint64_t)n >> 8 * i);
	memcpy(out + at, mask, 4);
	at += 4;
	for (size_t i = 0; i < n; i++)
		out[at + i] = (char)((unsigned char)p[i] ^ mask[i % 4]);
	return at + n;
}

static void
test_masked_hello(void **state)
{
	static const unsigned char bytes[] = {
		0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58
	};
	char in[sizeof bytes + 1];
	struct ws_frame f;

	(void)state;
	memcpy(in, bytes, sizeof bytes);
	in[sizeof bytes] = 'X';		/* of the next frame */
	for (size_t n = 0; n < sizeof bytes; n++)
		assert_int_equal(ws_parse(in, n, &f), WS_MORE);
	assert_int_equal(ws_parse(in, sizeof in, &f), WS_GOT);
	assert_int_equal(f.op, WS_TEXT);
	assert_true(f.fin);
	assert_int_equal(f.size, sizeof bytes);
	assert_int_equal(f.len, 5);
	assert_memory_equal(f.data, "Hello", 5);
	assert_int_equal(in[sizeof bytes], 'X');
}

static void
test_heads_out(void **state)
{
	static const struct { size_t len, size; unsigned char head[10]; } row[] = {
		{ 0, 2, { 0x81, 0 } },
		{ 5, 2, { 0x81, 5 } },
		{ 125, 2, { 0x81, 125 } },
		{ 126, 4, { 0x81, 126, 0, 126 } },
		{ 256, 4, { 0x81, 126, 1, 0 } },
		{ 65535, 4, { 0x81, 126, 0xff, 0xff } },
		{ 65536, 10, { 0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0 } },
	};
	unsigned char out[WS_HEAD_MAX];

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		assert_int_equal(ws_head(out, WS_TEXT, true, row[i].len), row[i].size);
		assert_memory_equal(out, row[i].head, row[i].size);
	}
	ws_head(out, WS_TEXT, false, 3);	/* section 5.7: 0x01 0x03 "Hel" */
	assert_int_equal(out[0], 0x01);
	ws_head(out, WS_CONT, true, 2);		/* then 0x80 0x02 "lo" */
	assert_int_equal(out[0], 0x80);
	ws_head(out, WS_PING, true, 5);		/* 0x89 0x05 "Hello" */
	assert_int_equal(out[0], 0x89);
}

static void
test_lengths_in(void **state)
{
	static const struct { size_t len; unsigned wide; int want; } row[] = {
		{ 0, 0, WS_GOT }, { 125, 0, WS_GOT },
		{ 126, 2, WS_GOT }, { 65535, 2, WS_GOT },
		{ 65536, 8, WS_GOT }, { WS_MESSAGE_MAX, 8, WS_GOT },
		{ WS_MESSAGE_MAX + 1, 8, WS_TOO_BIG },
		{ 125, 2, WS_PROTOCOL }, { 65535, 8, WS_PROTOCOL }, { 5, 8, WS_PROTOCOL },
	};
	char *text = malloc(WS_MESSAGE_MAX + 1), *in = malloc(WS_MESSAGE_MAX + 15);
	struct ws_frame f;
	size_t n;

	(void)state;
	assert_true(text != NULL && in != NULL);
	for (size_t i = 0; i <= WS_MESSAGE_MAX; i++)
		text[i] = (char)(i * 7 + i / 251);
	for (size_t i = 0; i < LEN(row); i++) {
		n = client_frame(in, 0x82, row[i].wide, text, row[i].len);
		if (row[i].want == WS_GOT)
			assert_int_equal(ws_parse(in, n - 1, &f), WS_MORE);
		assert_int_equal(ws_parse(in, n, &f), row[i].want);
		if (row[i].want != WS_GOT)
			continue;
		assert_int_equal(f.len, row[i].len);
		assert_int_equal(f.size, n);
		assert_memory_equal(f.data, text, row[i].len);
	}
	memset(in, 0xff, 14);		/* a length with its top bit set */
	in[0] = (char)0x82;
	assert_int_equal(ws_parse(in, 14, &f), WS_PROTOCOL);
	free(text);
	free(in);
}

static void
test_refused(void **state)
{
	static const struct { unsigned char in[4]; size_t n; } row[] = {
		{ { 0x81, 0x05 }, 2 },			/* not masked */
		{ { 0xc1 }, 1 }, { { 0xa1 }, 1 }, { { 0x91 }, 1 },	/* reserved bits */
		{ { 0x83 }, 1 }, { { 0x87 }, 1 },	/* unknown kinds */
		{ { 0x8b }, 1 }, { { 0x8f }, 1 },
		{ { 0x09, 0x80 }, 2 },			/* a ping in fragments */
		{ { 0x89, 0xfe, 0, 126 }, 4 },		/* a ping of 126 bytes */
	};
	struct ws_frame f;
	char in[4];

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		memcpy(in, row[i].in, sizeof in);
		assert_int_equal(ws_parse(in, row[i].n, &f), WS_PROTOCOL);
	}
}

/* Take the frames of in; returns what the last one said of the message. */
static int
collect(struct ws_message *m, char *in, size_t n)
{
	struct ws_frame f;
	int got = WS_MORE;

	for (; n > 0; in += f.size, n -= f.size) {
		assert_int_equal(ws_parse(in, n, &f), WS_GOT);
		if (f.op < WS_CLOSE)
			got = ws_collect(m, &f);
	}
	return got;
}

static void
test_fragments(void **state)
{
	struct ws_message m = { 0 };
	char in[64];
	size_t n;

	(void)state;
	for (int again = 0; again < 2; again++) {
		n = client_frame(in, 0x01, 0, "Hel", 3);
		assert_int_equal(collect(&m, in, n), WS_MORE);
		n = client_frame(in, 0x00, 0, "", 0);
		n += client_frame(in + n, 0x89, 0, "ping", 4);	/* between fragments */
		n += client_frame(in + n, 0x80, 0, "lo", 2);
		assert_int_equal(collect(&m, in, n), WS_GOT);
		assert_int_equal(m.op, WS_TEXT);
		assert_int_equal(m.n, 5);
		assert_memory_equal(m.p, "Hello", 5);
	}
	n = client_frame(in, 0x82, 0, "one", 3);	/* in one piece: not copied */
	assert_int_equal(collect(&m, in, n), WS_GOT);
	assert_ptr_equal(m.p, in + 6);
	assert_int_equal(m.op, WS_BINARY);
	n = client_frame(in, 0x80, 0, "x", 1);		/* continues nothing */
	assert_int_equal(collect(&m, in, n), WS_PROTOCOL);
	n = client_frame(in, 0x01, 0, "x", 1);		/* a second beginning */
	n += client_frame(in + n, 0x81, 0, "y", 1);
	assert_int_equal(collect(&m, in, n), WS_PROTOCOL);
	ws_message_free(&m);
}

static void
test_message_limit(void **state)
{
	struct ws_message m = { 0 };
	struct ws_frame f = { .op = WS_TEXT, .len = WS_MESSAGE_MAX / 2 };

	(void)state;
	f.data = calloc(1, f.len);
	assert_non_null(f.data);
	assert_int_equal(ws_collect(&m, &f), WS_MORE);
	f.op = WS_CONT;
	assert_int_equal(ws_collect(&m, &f), WS_MORE);
	f.len = 1;
	assert_int_equal(ws_collect(&m, &f), WS_TOO_BIG);
	free(f.data);
	ws_message_free(&m);
}

static void
test_close(void **state)
{
	static const struct { const char *data; size_t len; int want; } row[] = {
		{ "", 0, WS_NO_CODE },
		{ "\x03\xe8", 2, 1000 },
		{ "\x03\xe9gone", 6, 1001 },
		{ "\x03", 1, WS_PROTOCOL },
		{ "\x00\x00", 2, WS_PROTOCOL },
		{ "\x03\xe7", 2, WS_PROTOCOL },		/* 999 */
		{ "\x03\xed", 2, WS_PROTOCOL },		/* 1005 never travels */
		{ "\x03\xf7", 2, WS_PROTOCOL },		/* 1015 neither */
		{ "\x03\xf6", 2, 1014 },
		{ "\x0b\xb7", 2, WS_PROTOCOL },		/* 2999 */
		{ "\x0b\xb8", 2, 3000 },
		{ "\x13\x87", 2, 4999 },
		{ "\xff\xff", 2, WS_PROTOCOL },
	};
	char out[WS_CONTROL_MAX], copy[8], reason[200];
	struct ws_frame f = { .op = WS_CLOSE, .data = copy };

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		memcpy(copy, row[i].data, row[i].len);
		f.len = row[i].len;
		assert_int_equal(ws_close_code(&f), row[i].want);
	}
	assert_int_equal(ws_close_payload(out, WS_NO_CODE, "x"), 0);
	assert_int_equal(ws_close_payload(out, 1008, "why"), 5);
	assert_memory_equal(out, "\x03\xf0why", 5);
	for (size_t i = 0; i < sizeof reason - 1; i++)
		reason[i] = "\xc3\xa9"[i % 2];		/* two bytes a character */
	reason[sizeof reason - 1] = '\0';
	assert_int_equal(ws_close_payload(out, 1008, reason), 2 + 122);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accept_key),
		cmocka_unit_test(test_masked_hello),
		cmocka_unit_test(test_heads_out),
		cmocka_unit_test(test_lengths_in),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_fragments),
		cmocka_unit_test(test_message_limit),
		cmocka_unit_test(test_close),
	};

	return cmocka_run_group_tests_name("simws", tests, NULL, NULL);
}
