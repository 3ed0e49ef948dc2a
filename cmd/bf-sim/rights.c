#include <string.h>

#include "rights.h"

#define CREATED_MS	INT64_C(1735689600000)	/* 2025-01-01: some day before any start */
#define LIFE_MS		(INT64_C(90) * 86400000)	/* of a key that is not bound to addresses */
#define BETWEEN		" \t,"

static const struct { const char *word, *member; unsigned bit; } right[] = {
	{ "ip", "ipRestrict", RIGHT_IP },
	{ "reading", "enableReading", RIGHT_READING },
	{ "futures", "enableFutures", RIGHT_FUTURES },
	{ "withdrawals", "enableWithdrawals", RIGHT_WITHDRAWALS },
	{ "internal", "enableInternalTransfer", 1u << 4 },
	{ "transfer", "permitsUniversalTransfer", 1u << 5 },
	{ "margin", "enableMargin", 1u << 6 },
	{ "spot", "enableSpotAndMarginTrading", 1u << 7 },
	{ "options", "enableVanillaOptions", 1u << 8 },
	{ "fix", "enableFixApiTrade", 1u << 9 },
	{ "portfolio", "enablePortfolioMarginTrading", 1u << 10 },
};
#define NRIGHTS	(sizeof right / sizeof *right)

static unsigned
right_of(const char *p, size_t n)
{
	for (size_t i = 0; i < NRIGHTS; i++)
		if (strlen(right[i].word) == n && memcmp(right[i].word, p, n) == 0)
			return right[i].bit;
	return 0;
}

const char *
rights_parse(unsigned *out, const char *list)
{
	unsigned all = 0, one;
	size_t n;

	if (strcmp(list, "none") == 0)
		list = "";
	for (list += strspn(list, BETWEEN); *list != '\0'; list += n, list += strspn(list, BETWEEN)) {
		n = strcspn(list, BETWEEN);
		if ((one = right_of(list, n)) == 0)
			return "of ip, reading, futures, withdrawals, internal, transfer, margin, spot, options, fix, "
			    "portfolio; or none";
		all |= one;
	}
	*out = all;
	return NULL;
}

void
rights_put(struct buf *b, unsigned rights, int64_t now_ms)
{
	jw_open(b, NULL, '{');
	jw_i64(b, "createTime", CREATED_MS);
	for (size_t i = 0; i < NRIGHTS; i++)
		jw_bool(b, right[i].member, (rights & right[i].bit) != 0);
	if ((rights & RIGHT_IP) == 0)
		jw_i64(b, "tradingAuthorityExpirationTime", now_ms + LIFE_MS);
	jw_close(b, '}');
}
