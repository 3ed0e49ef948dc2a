#include "permissions.h"

#define DAY_MS		INT64_C(86400000)
#define SOON_DAYS	14	/* an expiry nearer than this is worth a word */
#define EDIT		"on the exchange's site, API Management, "

int
key_rights_read(struct key_rights *r, const struct tok *t, const struct tok *obj, struct fault *f)
{
	const struct { const char *name; bool *at, needed; } member[] = {
		{ "ipRestrict", &r->ip, true }, { "enableWithdrawals", &r->withdrawals, true },
		{ "enableFutures", &r->futures, true }, { "enableReading", &r->reading, false },
		{ "enableInternalTransfer", &r->internal, false }, { "permitsUniversalTransfer", &r->transfer, false },
		{ "enableMargin", &r->margin, false }, { "enableSpotAndMarginTrading", &r->spot, false },
		{ "enableVanillaOptions", &r->options, false }, { "enableFixApiTrade", &r->fix, false },
		{ "enablePortfolioMarginTrading", &r->portfolio, false },
	};

	*r = (struct key_rights){ 0 };
	/* what is there and is no yes or no is not taken for a no */
	for (size_t i = 0; i < sizeof member / sizeof *member; i++)
		if (!scan_get_bool(t, obj, member[i].name, member[i].at) &&
		    (member[i].needed || scan_get(t, obj, member[i].name) != NULL))
			return fault_set(f, FAULT_KEY, "what the key may do is not known: the answer does not say %s",
			    member[i].name);
	(void)scan_get_i64(t, obj, "createTime", &r->created_ms);
	(void)scan_get_i64(t, obj, "tradingAuthorityExpirationTime", &r->expires_ms);
	return 0;
}

static void
judge_withdrawals(struct remark *x, const struct key_rights *r, bool allowed)
{
	static const char check[] = "key-withdrawals";

	if (!r->withdrawals) {
		found_ok(x, check, "the key may not withdraw");
		return;
	}
	if (allowed) {
		found_ok(x, check, "the key may withdraw, which is allowed here");
		return;
	}
	found_bad(x, check, FAULT_KEY, "the key may withdraw: who steals it takes the money");
	found_mend(x, EDIT "take Enable Withdrawals from it; if it is meant: --allow-withdrawals, or allow_withdrawals = yes "
	    "in the profile");
}

static void
judge_ip(struct remark *x, const struct key_rights *r, bool allowed)
{
	static const char check[] = "key-ip";

	if (r->ip) {
		found_ok(x, check, "the key is good from its own addresses only");
		return;
	}
	if (allowed) {
		found_ok(x, check, "the key is good from any address, which is allowed here");
		return;
	}
	found_bad(x, check, FAULT_KEY, "the key is good from any address: who steals it can use it anywhere");
	found_mend(x, EDIT "restrict it to trusted IPs; if it is meant: --allow-any-ip");
}

static void
judge_futures(struct remark *x, const struct key_rights *r)
{
	static const char check[] = "key-futures";

	if (r->futures) {
		found_ok(x, check, r->reading ? "the key may trade futures and read" : "the key may trade futures");
		return;
	}
	found_bad(x, check, FAULT_KEY, "the key may not trade futures: every order would be refused (-2015)");
	found_mend(x, EDIT "give it Enable Futures (the futures account must have been opened before the key was made)");
}

static void
judge_transfers(struct remark *x, const struct key_rights *r)
{
	static const char check[] = "key-transfers";
	const char *what = r->internal && r->transfer ? "internal and universal transfers" :
	    r->internal ? "internal transfers" : "universal transfers";

	if (!r->internal && !r->transfer) {
		found_ok(x, check, "the key may not move money");
		return;
	}
	found_warn(x, check, "the key may make %s: it can move money to other accounts", what);
	found_mend(x, EDIT "take %s from it: no program of bf needs it", r->internal && r->transfer ?
	    "Enable Internal Transfer and Permits Universal Transfer" :
	    r->internal ? "Enable Internal Transfer" : "Permits Universal Transfer");
}

/* Whether there is something to say. */
static bool
judge_expiry(struct remark *x, const struct key_rights *r, int64_t now_ms)
{
	static const char check[] = "key-expiry";
	unsigned long long days;

	if (r->expires_ms <= 0)
		return false;
	/* any number may be told: this overflows with none, and is used only where the end is ahead */
	days = ((uint64_t)r->expires_ms - (uint64_t)now_ms) / (uint64_t)DAY_MS;
	if (r->expires_ms <= now_ms)
		found_warn(x, check, "the key's right to trade has ended, of spot and margin at least");
	else if (days < SOON_DAYS)
		found_warn(x, check, "the key's right to trade, of spot and margin at least, ends in %llu day%s", days,
		    days == 1 ? "" : "s");
	else
		found_ok(x, check, "the key's right to trade, of spot and margin at least, ends in %llu days", days);
	if (x->state != FOUND_OK)
		found_mend(x, EDIT "restrict it to trusted IPs (such a key does not expire), or make a new one");
	return true;
}

int
key_judge(struct remark out[static KEY_REMARKS], const struct key_rights *r, const struct key_rules *allowed,
    int64_t now_ms)
{
	judge_withdrawals(&out[0], r, allowed->withdrawals);
	judge_ip(&out[1], r, allowed->any_ip);
	judge_futures(&out[2], r);
	judge_transfers(&out[3], r);
	return 4 + judge_expiry(&out[4], r, now_ms);
}
