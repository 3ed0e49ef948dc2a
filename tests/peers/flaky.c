/*
 * flaky LOG HOW...: an exchange of one symbol that misbehaves on orders.
 * Prints its port, then serves until killed. Each POST or DELETE is treated by
 * the next HOW (the last one stays): fin or rst (read it, answer nothing),
 * cut=N (N bytes of a good answer, then FIN), html (502), unknown (503), ok,
 * limit (429). A query finds the order if HOW was not "none" (as fin, but the
 * order never existed). LOG gets a line a request, "METHOD PATH", before it is
 * answered: what really arrived.
 */
#include <err.h>

#include "../core/peer.h"

#define JSON	"Content-Type: application/json\r\n"
#define INFO	"{\"symbols\":[{\"symbol\":\"BTCUSDT\",\"pair\":\"BTCUSDT\",\"contractType\":\"PERPETUAL\"," \
	"\"status\":\"TRADING\",\"baseAsset\":\"BTC\",\"quoteAsset\":\"USDT\",\"marginAsset\":\"USDT\"," \
	"\"pricePrecision\":2,\"quantityPrecision\":3,\"filters\":[" \
	"{\"filterType\":\"PRICE_FILTER\",\"minPrice\":\"0.10\",\"maxPrice\":\"1000000\",\"tickSize\":\"0.10\"}," \
	"{\"filterType\":\"LOT_SIZE\",\"minQty\":\"0.001\",\"maxQty\":\"1000\",\"stepSize\":\"0.001\"}," \
	"{\"filterType\":\"MARKET_LOT_SIZE\",\"minQty\":\"0.001\",\"maxQty\":\"120\",\"stepSize\":\"0.001\"}," \
	"{\"filterType\":\"MIN_NOTIONAL\",\"notional\":\"5\"}]}]}"

static char order[600];		/* as the exchange would show it */
static bool exists;
static FILE *ledger;

/* The value of a parameter in the head, cut at the next. */
static void
param(const char *head, const char *name, char *out, size_t size)
{
	const char *p = strstr(head, name);

	out[0] = '\0';
	if (p != NULL)
		snprintf(out, size, "%.*s", (int)strcspn(p + strlen(name), "& "), p + strlen(name));
}

static void
remember(const char *head)
{
	char id[40], side[8], qty[32], price[32];

	param(head, head[0] == 'D' ? "origClientOrderId=" : "newClientOrderId=", id, sizeof id);
	param(head, "side=", side, sizeof side);
	param(head, "quantity=", qty, sizeof qty);
	param(head, "price=", price, sizeof price);
	snprintf(order, sizeof order, "{\"orderId\":8389765606284283461,\"symbol\":\"BTCUSDT\","
	    "\"clientOrderId\":\"%s\",\"side\":\"%s\",\"status\":\"%s\",\"origQty\":\"%s\","
	    "\"price\":\"%s\",\"executedQty\":\"0\"}", id, side, head[0] == 'D' ? "CANCELED" : "NEW",
	    qty, price);
	exists = true;
}

static struct act
mutation(const char *head, const char *how)
{
	struct act a = { .body = order, .cut = -1 };

	if (strcmp(how, "limit") == 0) {
		a.head = "HTTP/1.1 429 Too Many Requests\r\n" JSON "Retry-After: 5\r\n";
		a.body = "{\"code\":-1003,\"msg\":\"Too many requests.\"}";
		return a;
	}
	remember(head);
	exists = strcmp(how, "none") != 0;
	if (strcmp(how, "ok") == 0)
		return a;
	if (strcmp(how, "html") == 0) {
		a.head = "HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\n";
		a.body = "<html><head><title>502 Bad Gateway</title></head></html>";
		return a;
	}
	if (strcmp(how, "unknown") == 0) {
		a.head = "HTTP/1.1 503 Service Unavailable\r\n" JSON;
		a.body = "{\"code\":-1001,\"msg\":\"Unknown error, please check your request or try "
		    "again later.\"}";
		return a;
	}
	a.cut = strncmp(how, "cut=", 4) == 0 ? atoi(how + 4) : 0;
	a.end = strcmp(how, "rst") == 0 ? END_RST : END_FIN;
	return a;
}

static struct act
query(const char *path)
{
	struct act a = { .cut = -1, .body = "[]" };

	if (strstr(path, "exchangeInfo") != NULL)
		a.body = INFO;
	else if (strstr(path, "premiumIndex") != NULL)
		a.body = "{\"symbol\":\"BTCUSDT\",\"markPrice\":\"9000.0\",\"time\":0}";
	else if (strstr(path, "positionSide/dual") != NULL)
		a.body = "{\"dualSidePosition\":false}";
	else if (strstr(path, "/order?") != NULL) {
		a.body = order;
		if (!exists) {
			a.head = "HTTP/1.1 400 Bad Request\r\n" JSON;
			a.body = "{\"code\":-2013,\"msg\":\"Order does not exist.\"}";
		}
	}
	return a;
}

static char **how;		/* it moves on with each mutation */

static bool
serve(struct peer_conn *c)
{
	ssize_t got = recv(c->fd, c->in + c->n, sizeof c->in - 1 - c->n, 0);
	struct act a;

	if (got <= 0)
		return false;
	c->n += (size_t)got;
	c->in[c->n] = '\0';
	if (strstr(c->in, "\r\n\r\n") == NULL)
		return true;
	c->n = 0;
	fprintf(ledger, "%.*s\n", (int)strcspn(c->in + 8, "? \r") + 8, c->in);
	fflush(ledger);
	if (strstr(c->in, "/time HTTP") != NULL)
		return peer_time(c->fd);
	if (strstr(c->in, "/listenKey ") != NULL || strstr(c->in, "/listenKey?") != NULL)
		a = (struct act){ .cut = -1, .body = "{\"listenKey\":\"abc\"}" };	/* there is no stream */
	else if (c->in[0] == 'G')
		a = query(c->in);
	else {
		a = mutation(c->in, *how);
		if (how[1] != NULL)
			++how;
	}
	if (!peer_reply(c->fd, &a))
		return false;
	if (a.end != END_KEEP) {
		peer_hang_up(c->fd, a.end);
		c->fd = -1;
	}
	return true;
}

int
main(int argc, char *argv[])
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof sa;
	static struct peer state;
	int s;

	if (argc < 3)
		errx(2, "usage: flaky LOG HOW...");
	peer = &state;
	how = argv + 2;
	if ((ledger = fopen(argv[1], "a")) == NULL)
		err(1, "%s", argv[1]);
	s = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(s, (struct sockaddr *)&sa, sizeof sa) == -1 || listen(s, 16) == -1 ||
	    getsockname(s, (struct sockaddr *)&sa, &len) == -1)
		err(1, "listen");
	printf("%d\n", ntohs(sa.sin_port));
	fflush(stdout);
	peer_serve(s, serve);
	return 1;
}
