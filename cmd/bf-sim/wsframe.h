/*
 * WebSocket (RFC 6455) as a server speaks it: the handshake's answer, frames
 * from bytes and bytes from frames. No I/O. No extensions.
 */
#ifndef BF_SIM_WSFRAME_H
#define BF_SIM_WSFRAME_H

#include <stdbool.h>
#include <stddef.h>

#include "core/buf.h"

#define WS_MESSAGE_MAX	(1u << 20)	/* bytes of one message coming in */
#define WS_CONTROL_MAX	125u		/* bytes of a control frame's payload */
#define WS_HEAD_MAX	10u		/* bytes of the head of a frame going out */
#define WS_ACCEPT_LEN	28u		/* characters of Sec-WebSocket-Accept */

enum ws_op {
	WS_CONT = 0, WS_TEXT = 1, WS_BINARY = 2, WS_CLOSE = 8, WS_PING = 9, WS_PONG = 10
};

/* Close codes, RFC 6455 section 7.4.1. */
enum {
	WS_NORMAL = 1000, WS_AWAY = 1001, WS_PROTOCOL = 1002, WS_NO_CODE = 1005,
	WS_POLICY = 1008, WS_TOO_BIG = 1009, WS_INTERNAL = 1011
};

struct ws_frame {
	enum ws_op	 op;
	bool		 fin;
	char		*data;	/* inside the buffer, unmasked; not NUL-terminated */
	size_t		 len;
	size_t		 size;	/* bytes of the frame, head included */
};

enum { WS_MORE = 0, WS_GOT = 1 };

/*
 * Sec-WebSocket-Accept for the client's Sec-WebSocket-Key of n characters.
 * False: no key (16 bytes in base64), or OpenSSL refuses SHA-1.
 */
bool ws_accept_key(const char *key, size_t n, char out[static WS_ACCEPT_LEN + 1]);

/*
 * One frame of a client at the start of p[0..n), unmasked in place. WS_MORE:
 * call again with more bytes. WS_GOT: *f is filled; take f->size bytes off.
 * Else the close code to fail the connection with: WS_PROTOCOL, or WS_TOO_BIG
 * for more than WS_MESSAGE_MAX bytes.
 */
int ws_parse(char *p, size_t n, struct ws_frame *f);

/* A message out of data frames. Zero it at first; ws_message_free at the end. */
struct ws_message {
	enum ws_op	 op;	/* WS_TEXT or WS_BINARY */
	const char	*p;	/* valid after WS_GOT, until the next call or the frame goes */
	size_t		 n;
	struct buf	 part;	/* fragments so far */
	bool		 open;	/* more fragments are to come */
};

/*
 * Add a data frame (not a control frame: these may stand between fragments).
 * WS_MORE: fragments are missing. WS_GOT: op, p and n are the message. Else
 * the close code: WS_PROTOCOL, WS_TOO_BIG, WS_INTERNAL (memory).
 */
int ws_collect(struct ws_message *m, const struct ws_frame *f);
void ws_message_free(struct ws_message *m);

/* The head of an unmasked frame for len bytes of payload. Returns its bytes. */
size_t ws_head(unsigned char out[static WS_HEAD_MAX], enum ws_op op, bool fin, size_t len);

/*
 * The code of a close frame; WS_NO_CODE if it has none, WS_PROTOCOL for a code
 * that may not be sent or half a code.
 */
int ws_close_code(const struct ws_frame *f);

/* The payload of a close frame. WS_NO_CODE gives an empty one, and a reason
 * too long is cut between characters. Returns its bytes. */
size_t ws_close_payload(char out[static WS_CONTROL_MAX], int code, const char *reason);

#endif
