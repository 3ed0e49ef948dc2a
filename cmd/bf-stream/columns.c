/* What a person is shown of each kind of event, on a terminal. */
#include <string.h>

#include "stream.h"

static const struct column mark[] = {
	{ "TIME", "E", COL_TIME }, { "SYMBOL", "s", COL_LEFT }, { "MARK", "p", COL_RIGHT },
	{ "INDEX", "i", COL_RIGHT }, { "FUNDING", "r", COL_RIGHT }, { "NEXT", "T", COL_TIME },
	{ NULL, NULL, 0 }
};
static const struct column book[] = {
	{ "TIME", "E", COL_TIME }, { "SYMBOL", "s", COL_LEFT }, { "QTY", "B", COL_RIGHT },
	{ "BID", "b", COL_RIGHT }, { "ASK", "a", COL_RIGHT }, { "QTY", "A", COL_RIGHT },
	{ NULL, NULL, 0 }
};
static const struct column trade[] = {
	{ "TIME", "T", COL_TIME }, { "SYMBOL", "s", COL_LEFT }, { "PRICE", "p", COL_RIGHT },
	{ "QTY", "q", COL_RIGHT }, { "BUYER IS MAKER", "m", COL_LEFT }, { NULL, NULL, 0 }
};
static const struct column depth[] = {
	{ "TIME", "E", COL_TIME }, { "SYMBOL", "s", COL_LEFT }, { "FROM", "U", COL_RIGHT },
	{ "TO", "u", COL_RIGHT }, { "BIDS", "b", COL_LEFT }, { "ASKS", "a", COL_LEFT }, { NULL, NULL, 0 }
};
static const struct column kline[] = {
	{ "TIME", "E", COL_TIME }, { "SYMBOL", "s", COL_LEFT }, { "CANDLE", "k.i", COL_LEFT },
	{ "OPEN", "k.o", COL_RIGHT }, { "HIGH", "k.h", COL_RIGHT }, { "LOW", "k.l", COL_RIGHT },
	{ "CLOSE", "k.c", COL_RIGHT }, { "VOLUME", "k.v", COL_RIGHT }, { "DONE", "k.x", COL_LEFT },
	{ NULL, NULL, 0 }
};
static const struct column force[] = {
	{ "TIME", "E", COL_TIME }, { "SYMBOL", "o.s", COL_LEFT }, { "SIDE", "o.S", COL_LEFT },
	{ "QTY", "o.q", COL_RIGHT }, { "PRICE", "o.p", COL_RIGHT }, { "AVERAGE", "o.ap", COL_RIGHT },
	{ NULL, NULL, 0 }
};
static const struct column user[] = {
	{ "TIME", "E", COL_TIME }, { "EVENT", "e", COL_LEFT }, { "SYMBOL", "o.s", COL_LEFT },
	{ "SIDE", "o.S", COL_LEFT }, { "TYPE", "o.o", COL_LEFT }, { "STATUS", "o.X", COL_LEFT },
	{ "QTY", "o.q", COL_RIGHT }, { "PRICE", "o.p", COL_RIGHT }, { "FILLED", "o.z", COL_RIGHT },
	{ "AVERAGE", "o.ap", COL_RIGHT }, { "ORDER", "o.i", COL_RIGHT }, { NULL, NULL, 0 }
};
/* Several kinds at once, or one without a table of its own. */
static const struct column any[] = {
	{ "TIME", "E", COL_TIME }, { "EVENT", "e", COL_LEFT }, { "SYMBOL", "s", COL_LEFT },
	{ "PRICE", "p", COL_RIGHT }, { "QTY", "q", COL_RIGHT }, { "BID", "b", COL_RIGHT },
	{ "ASK", "a", COL_RIGHT }, { "STATUS", "o.X", COL_LEFT }, { NULL, NULL, 0 }
};

static const struct { const char *name; const struct column *cols; } tables[] = {
	{ "markPrice", mark }, { "bookTicker", book }, { "aggTrade", trade }, { "depth", depth },
	{ "kline", kline }, { "forceOrder", force }, { "user", user },
};

static const struct column *
of_word(const char *word)
{
	size_t n = strcspn(word, "@_0123456789");

	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
		if (strlen(tables[i].name) == n && strncmp(tables[i].name, word, n) == 0)
			return tables[i].cols;
	return any;
}

const struct column *
columns_for(char *const words[], int n)
{
	const struct column *cols = NULL, *c;

	for (int i = 0; i < n; i++) {
		if (!stream_known(words[i]) && strcmp(words[i], "user") != 0)
			continue;
		c = of_word(words[i]);
		if (cols != NULL && cols != c)
			return any;
		cols = c;
	}
	return cols == NULL ? any : cols;
}
