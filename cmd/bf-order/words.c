/* An order from arguments becomes the same intent a pipe would bring. */
#include <string.h>

#include "app.h"

/* "@ 60000", "@60000", "market": *price is NULL for a market order. */
static int
price_word(const char **price, char *const words[], int n, struct fault *f)
{
	*price = NULL;
	if (n == 1 && strcmp(words[0], "market") == 0)
		return 0;
	if (n == 1 && words[0][0] == '@' && words[0][1] != '\0')
		*price = words[0] + 1;
	else if (n == 2 && strcmp(words[0], "@") == 0)
		*price = words[1];
	else if (n == 0)
		return fault_set(f, FAULT_USAGE, "say the price, as in \"@ 60000\", or \"market\"");
	else
		return fault_set(f, FAULT_USAGE, "%s: expected \"@ PRICE\" or \"market\"", words[0]);
	return 0;
}

static const char *
tif(const struct params *p, const char *price)
{
	if (price == NULL)
		return p->tif;	/* wrong, and refused as such */
	return p->post_only ? "GTX" : p->tif != NULL ? p->tif : "GTC";
}

static int
done(struct buf *out, struct fault *f)
{
	jw_close(out, '}');
	return out->bad ? fault_set(f, FAULT_LOCAL, "out of memory") : 0;
}

int
place_text(struct buf *out, const struct params *p, char *const words[], int n, struct fault *f)
{
	const char *price;

	if (n < 3)
		return fault_set(f, FAULT_USAGE, "%s takes a symbol, a quantity, and @ PRICE or market", words[0]);
	if (price_word(&price, words + 3, n - 3, f) == -1)
		return -1;
	if (p->post_only && (price == NULL || (p->tif != NULL && strcmp(p->tif, "GTX") != 0)))
		return fault_set(f, FAULT_USAGE, "--post-only is for an order with a price, and no other --tif");
	jw_open(out, NULL, '{');
	jw_str(out, "symbol", words[1]);
	jw_str(out, "side", strcmp(words[0], "buy") == 0 ? "BUY" : "SELL");
	jw_str(out, "type", price == NULL ? "MARKET" : "LIMIT");
	jw_str(out, "quantity", words[2]);
	if (price != NULL)
		jw_str(out, "price", price);
	if (tif(p, price) != NULL)
		jw_str(out, "timeInForce", tif(p, price));
	if (p->reduce_only)
		jw_str(out, "reduceOnly", "true");
	if (p->pos_side != NULL)
		jw_str(out, "positionSide", p->pos_side);
	if (p->client_id != NULL)
		jw_str(out, "newClientOrderId", p->client_id);
	return done(out, f);
}

/* Digits alone are an order id; --client-id says otherwise. */
int
cancel_text(struct buf *out, const struct params *p, char *const words[], int n, struct fault *f)
{
	if (n != (p->client_id == NULL ? 3 : 2))
		return fault_set(f, FAULT_USAGE, "cancel takes a symbol and an order id or client id");
	jw_open(out, NULL, '{');
	jw_str(out, "op", "cancel");
	jw_str(out, "symbol", words[1]);
	if (p->client_id != NULL)
		jw_str(out, "origClientOrderId", p->client_id);
	else if (words[2][strspn(words[2], "0123456789")] == '\0')
		jw_str(out, "orderId", words[2]);
	else
		jw_str(out, "origClientOrderId", words[2]);
	return done(out, f);
}

int
cancel_all_text(struct buf *out, const struct params *p, char *const words[], int n, struct fault *f)
{
	(void)p;
	if (n != 2)
		return fault_set(f, FAULT_USAGE, "cancel-all takes a symbol");
	jw_open(out, NULL, '{');
	jw_str(out, "op", "cancel-all");
	jw_str(out, "symbol", words[1]);
	return done(out, f);
}
