/*
 * A libwebsockets server that only answers: the floor under bf-sim's speed.
 * Every HTTP request and every WebSocket message gets the same bytes back, of the
 * size of an order's answer. Prints its port, and lives until it is killed.
 */
#include <libwebsockets.h>
#include <stdio.h>
#include <string.h>

static const char answer[] =
    "{\"orderId\":28319421,\"symbol\":\"BTCUSDT\",\"status\":\"NEW\",\"clientOrderId\":\"load1\","
    "\"price\":\"58000.00\",\"origQty\":\"0.002\",\"executedQty\":\"0.000\",\"cumQty\":\"0.000\","
    "\"timeInForce\":\"GTC\",\"type\":\"LIMIT\",\"reduceOnly\":false,\"closePosition\":false,\"side\":\"BUY\","
    "\"positionSide\":\"BOTH\",\"stopPrice\":\"0.00\",\"workingType\":\"CONTRACT_PRICE\",\"priceProtect\":false,"
    "\"origType\":\"LIMIT\",\"priceMatch\":\"NONE\",\"selfTradePreventionMode\":\"EXPIRE_MAKER\","
    "\"goodTillDate\":0,\"updateTime\":1764194400000}";

static int
send_http(struct lws *wsi)
{
	unsigned char buf[LWS_PRE + 2048], *start = buf + LWS_PRE, *p = start, *end = buf + sizeof buf - 1;

	if (lws_add_http_common_headers(wsi, 200, "application/json", sizeof answer - 1, &p, end) != 0 ||
	    lws_finalize_write_http_header(wsi, start, &p, end) != 0)
		return 1;
	memcpy(start, answer, sizeof answer - 1);
	if (lws_write(wsi, start, sizeof answer - 1, LWS_WRITE_HTTP_FINAL) < 0)
		return 1;
	return lws_http_transaction_completed(wsi) != 0;
}

static int
send_ws(struct lws *wsi)
{
	unsigned char buf[LWS_PRE + sizeof answer];

	memcpy(buf + LWS_PRE, answer, sizeof answer - 1);
	return lws_write(wsi, buf + LWS_PRE, sizeof answer - 1, LWS_WRITE_TEXT) < 0 ? -1 : 0;
}

/* A client that names no subprotocol gets the first: this one, for both. */
static int
on_event(struct lws *wsi, enum lws_callback_reasons why, void *user, void *in, size_t len)
{
	switch (why) {
	case LWS_CALLBACK_HTTP:
		return send_http(wsi);
	case LWS_CALLBACK_RECEIVE:
		lws_callback_on_writable(wsi);
		return 0;
	case LWS_CALLBACK_SERVER_WRITEABLE:
		return send_ws(wsi);
	default:
		return lws_callback_http_dummy(wsi, why, user, in, len);
	}
}

int
main(void)
{
	static const struct lws_protocols protocols[] = {
		{ .name = "floor", .callback = on_event, .rx_buffer_size = 4096 },
		{ 0 }
	};
	struct lws_context_creation_info info = { 0 };
	struct lws_context *ctx;
	struct lws_vhost *vh;

	lws_set_log_level(0, NULL);
	info.port = 0;
	info.iface = "127.0.0.1";
	info.protocols = protocols;
	info.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS;
	info.keepalive_timeout = 60;
	if ((ctx = lws_create_context(&info)) == NULL || (vh = lws_create_vhost(ctx, &info)) == NULL)
		return 1;
	printf("%d\n", lws_get_vhost_listen_port(vh));
	fflush(stdout);
	while (lws_service(ctx, 0) >= 0)
		;
	return 0;
}
