/*
 * The least that a libwebsockets client can do with a stream: whole messages, each as a line
 * on standard output, written when there is nothing left to read. The floor under bf-stream
 * with that library.
 *
 *	lwsread PORT PATH COUNT
 */
#include <err.h>
#include <libwebsockets.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lines.h"

static size_t seen, want;
static int done;

static int
callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	(void)user;
	if (reason == LWS_CALLBACK_CLIENT_CONNECTION_ERROR || reason == LWS_CALLBACK_CLIENT_CLOSED)
		done = 1;
	if (reason != LWS_CALLBACK_CLIENT_RECEIVE)
		return 0;
	if (out_n + len + 1 > sizeof out)
		flush();
	memcpy(out + out_n, in, len);
	out_n += len;
	if (lws_is_final_fragment(wsi) && lws_remaining_packet_payload(wsi) == 0) {
		out[out_n++] = '\n';
		if (++seen >= want)
			done = 1;
	}
	return 0;
}

int
main(int argc, char *argv[])
{
	static const struct lws_protocols protocols[] = {
		{ .name = "bench", .callback = callback, .rx_buffer_size = 65536 }, { 0 }
	};
	struct lws_context_creation_info i = { .port = CONTEXT_PORT_NO_LISTEN, .protocols = protocols,
	    .pt_serv_buf_size = 65536 };
	struct lws_client_connect_info c = { 0 };

	if (argc != 4)
		errx(2, "usage: lwsread PORT PATH COUNT");
	lws_set_log_level(0, NULL);
	want = strtoul(argv[3], NULL, 10);
	if ((c.context = lws_create_context(&i)) == NULL)
		errx(1, "lws");
	c.address = c.host = c.origin = "127.0.0.1";
	c.port = atoi(argv[1]);
	c.path = argv[2];
	c.local_protocol_name = "bench";
	if (lws_client_connect_via_info(&c) == NULL)
		errx(1, "connect");
	while (!done && lws_service(c.context, 0) >= 0)
		flush();
	flush();
	_exit(0);	/* the destruction of the context is not measured */
}
