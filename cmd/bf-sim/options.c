#include <arpa/inet.h>
#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "gen.h"
#include "number.h"
#include "options.h"
#include "rights.h"
#include "when.h"

#define SPEED_MAX	1000000

enum {
	OPT_PORT = OPT_TOOL, OPT_LISTEN, OPT_PROFILE_OUT, OPT_LEDGER, OPT_STATE, OPT_FEED, OPT_SPEED,
	OPT_FEED_START, OPT_SYNTHETIC, OPT_REGIME, OPT_CLOCK, OPT_START, OPT_SYMBOLS, OPT_INFO,
	OPT_BRACKETS, OPT_MARK, OPT_ACCOUNTS, OPT_ACCOUNT, OPT_BALANCE, OPT_POSITION, OPT_LEVERAGE,
	OPT_MARGIN_TYPE, OPT_HEDGE, OPT_MULTI, OPT_PERMISSIONS, OPT_FAULT, OPT_FAULTS, OPT_CHAOS, OPT_LATENCY,
	OPT_SKEW, OPT_WEIGHT, OPT_ORDERS, OPT_LIFE, OPT_SEED
};

static const struct opt opts[] = {
	{ OPT_PORT, "port", "N", "listen there; default any free port" },
	{ OPT_LISTEN, "listen", "ADDRESS", "listen on this address; default 127.0.0.1" },
	{ OPT_PROFILE_OUT, "profile-out", "NAME|PATH", "write a profile for the other tools" },
	{ OPT_LEDGER, "ledger", "FILE", "append what was asked and what became of it" },
	{ OPT_STATE, "state", "FILE", "keep accounts, orders and histories there" },
	{ OPT_FEED, "feed", "FILE|-", "the market: records as bf-stream prints them" },
	{ OPT_SPEED, "speed", "X|max", "replay or virtual clock, X times as fast; 0: max" },
	{ OPT_FEED_START, "feed-start", "now|subscriber", "when the feed passes its first record" },
	{ OPT_SYNTHETIC, "synthetic", NULL, "a market made up by --seed" },
	{ OPT_REGIME, "regime", "NAME", "hold it calm, trend, spike, crash or thin" },
	{ OPT_CLOCK, "clock", "real|virtual|step", "the exchange's clock; default real" },
	{ OPT_START, "start", "TIME", "what it shows first: ms, or ISO 8601 in UTC" },
	{ OPT_SYMBOLS, "symbols", "LIST", "of the built-in contracts only these" },
	{ OPT_INFO, "exchange-info", "FILE", "more contracts: an exchangeInfo answer" },
	{ OPT_BRACKETS, "brackets", "FILE", "their leverage: a leverageBracket answer" },
	{ OPT_MARK, "mark", "SYMBOL=PRICE", "a first mark price" },
	{ OPT_ACCOUNTS, "accounts", "FILE", "keys and accounts" },
	{ OPT_ACCOUNT, "account", "USDT", "the wallet; default 10000" },
	{ OPT_BALANCE, "balance", "ASSET=AMT", "another wallet; coinm.BTC=1: of COIN-M" },
	{ OPT_POSITION, "position", "SYMBOL:AMT[@ENTRY]", "hold this; SYMBOL:20x: by leverage" },
	{ OPT_LEVERAGE, "leverage", "SYMBOL=N", "configured leverage; default 20" },
	{ OPT_MARGIN_TYPE, "margin-type", "SYMBOL=isolated|crossed", "default crossed" },
	{ OPT_HEDGE, "hedge", NULL, "hedge mode" },
	{ OPT_MULTI, "multi-assets", NULL, "multi-assets mode" },
	{ OPT_PERMISSIONS, "key-permissions", "LIST", "of the key; default reading,futures,ip" },
	{ OPT_FAULT, "fault", "RULE", "go wrong: 'on POST order#2: exec=yes net=rst'" },
	{ OPT_FAULTS, "faults", "FILE", "such rules, one a line" },
	{ OPT_CHAOS, "chaos", "P", "mix faults at random, with this chance each" },
	{ OPT_LATENCY, "latency", "MS", "from an order's arrival to the book; 50 if fed" },
	{ OPT_SKEW, "skew", "MS", "the exchange's clock minus this one" },
	{ OPT_WEIGHT, "weight-limit", "N", "request weight per minute; default 2400" },
	{ OPT_ORDERS, "order-limit", "N", "orders a minute and 10 s; default 1200 and 300" },
	{ OPT_LIFE, "listen-key-life", "SECONDS", "lifetime of a listen key; default 3600" },
	{ OPT_SEED, "seed", "N", "the same keys and market every time" },
	OPTS_END
};
const struct tool options_tool = {
	"bf-sim",
	"bf-sim [options]\n"
	"An exchange on 127.0.0.1: no account, no network, no money.",
	opts
};

/* Options that are a text, or a list of texts. */
static const char **
text_of(struct options *o, int ch)
{
	switch (ch) {
	case OPT_PROFILE_OUT:	return &o->profile;
	case OPT_LEDGER:	return &o->ledger;
	case OPT_STATE:		return &o->state;
	case OPT_FEED:		return &o->feed;
	case OPT_INFO:		return &o->info;
	case OPT_BRACKETS:	return &o->brackets;
	case OPT_ACCOUNTS:	return &o->accounts;
	}
	return NULL;
}

static struct option_list *
list_of(struct options *o, int ch)
{
	switch (ch) {
	case OPT_SYMBOLS:	return &o->symbols;
	case OPT_MARK:		return &o->mark;
	case OPT_BALANCE:	return &o->balance;
	case OPT_POSITION:	return &o->position;
	case OPT_LEVERAGE:	return &o->leverage;
	case OPT_MARGIN_TYPE:	return &o->margin_type;
	case OPT_FAULT:		return &o->fault;
	case OPT_FAULTS:	return &o->faults;
	}
	return NULL;
}

/* Options that are a whole number. */
static const struct number_option { int ch; size_t at; long lo, hi; } numbers[] = {
	{ OPT_PORT, offsetof(struct options, port), 0, 65535 },
	{ OPT_LATENCY, offsetof(struct options, latency_ms), 0, 60000 },
	{ OPT_SKEW, offsetof(struct options, skew_ms), -86400000, 86400000 },
	{ OPT_WEIGHT, offsetof(struct options, weight_limit), 1, 1000000000 },
	{ OPT_ORDERS, offsetof(struct options, order_limit), 1, 1000000000 },
	{ OPT_LIFE, offsetof(struct options, listen_key_life), 1, 1000000 },
};

static const struct number_option *
number_of(int ch)
{
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (numbers[i].ch == ch)
			return &numbers[i];
	return NULL;
}

static const char *
name_of(int ch)
{
	const struct opt *p = opts;

	while (p->ch != ch)
		p++;
	return p->name;
}

static int
add(struct option_list *l, int ch, const char *arg, struct fault *f)
{
	if (l->n == OPTION_LIST)
		return fault_set(f, FAULT_USAGE, "--%s: more than %d of them", name_of(ch),
		    OPTION_LIST);
	l->v[l->n++] = arg;
	return 0;
}

static int
read_dec(dec *out, const char *name, const char *arg, struct fault *f)
{
	if (!dec_parse(out, arg) || dec_sign(*out) < 0)
		return fault_set(f, FAULT_USAGE, "--%s %s: not a decimal of 0 or more", name, arg);
	return 0;
}

static int
read_speed(struct options *o, const char *arg, struct fault *f)
{
	o->has_speed = true;
	if (strcmp(arg, "max") == 0)
		o->speed = dec_int(0);
	else if (read_dec(&o->speed, "speed", arg, f) == -1)
		return -1;
	if (dec_cmp(o->speed, dec_int(SPEED_MAX)) > 0 || dec_decimals(o->speed) > 6)
		return fault_set(f, FAULT_USAGE, "--speed %s: at most %d, with 6 decimals; or max", arg,
		    SPEED_MAX);
	return 0;
}

static int
read_listen(struct options *o, const char *arg, struct fault *f)
{
	struct in_addr a;

	o->listen = arg;
	if (inet_pton(AF_INET, arg, &a) != 1)
		return fault_set(f, FAULT_USAGE, "--listen %s: not an IPv4 address "
		    "(127.0.0.1: this machine only; 0.0.0.0: whoever can reach it)", arg);
	return 0;
}

static int
read_start(struct options *o, const char *arg, struct fault *f)
{
	o->wait = strcmp(arg, "subscriber") == 0;
	if (!o->wait && strcmp(arg, "now") != 0)
		return fault_set(f, FAULT_USAGE, "--feed-start %s: now or subscriber", arg);
	return 0;
}

static int
read_clock(struct options *o, const char *arg, struct fault *f)
{
	static const char *const name[] = {
		[OPTIONS_CLOCK_REAL] = "real", [OPTIONS_CLOCK_VIRTUAL] = "virtual",
		[OPTIONS_CLOCK_STEP] = "step",
	};

	for (int i = 0; i < 3; i++)
		if (strcmp(arg, name[i]) == 0) {
			o->clock = (enum options_clock)i;
			return 0;
		}
	return fault_set(f, FAULT_USAGE, "--clock %s: real, virtual or step", arg);
}

static int
read_time(struct options *o, const char *arg, struct fault *f)
{
	if (!when_read(&o->start_ms, arg) || o->start_ms == 0)
		return fault_set(f, FAULT_USAGE,
		    "--start %s: neither milliseconds nor like 2025-10-10T21:00:00Z", arg);
	return 0;
}

static int
read_regime(struct options *o, const char *arg, struct fault *f)
{
	enum regime r;

	o->regime = arg;
	if (!regime_read(&r, arg))
		return fault_set(f, FAULT_USAGE, "--regime %s: calm, trend, spike, crash or thin", arg);
	return 0;
}

static int
read_rights(struct options *o, const char *arg, struct fault *f)
{
	const char *why = rights_parse(&o->rights, arg);

	return why == NULL ? 0 : fault_set(f, FAULT_USAGE, "--key-permissions %s: %s", arg, why);
}

static int
read_chaos(struct options *o, const char *arg, struct fault *f)
{
	if (!dec_parse(&o->chaos, arg) || dec_sign(o->chaos) < 0 ||
	    dec_cmp(o->chaos, dec_int(1)) > 0)
		return fault_set(f, FAULT_USAGE, "--chaos %s: not from 0 to 1", arg);
	return 0;
}

static int
read_seed(struct options *o, const char *arg, struct fault *f)
{
	o->seeded = true;
	if (!number_u64(&o->seed, arg))
		return fault_set(f, FAULT_USAGE, "--seed %s: not a whole number", arg);
	return 0;
}

static bool
about_account(int ch)
{
	return ch >= OPT_ACCOUNT && ch <= OPT_PERMISSIONS;
}

static int
read_number(struct options *o, const struct number_option *n, const char *arg, struct fault *f)
{
	char name[32];

	snprintf(name, sizeof name, "--%s", name_of(n->ch));
	return tool_number((long *)((char *)o + n->at), name, arg, n->lo, n->hi, f);
}

static int
read_one(struct options *o, int ch, const char *arg, struct fault *f)
{
	const struct number_option *n = number_of(ch);

	o->has_account |= about_account(ch);
	if (n != NULL)
		return read_number(o, n, arg, f);
	if (text_of(o, ch) != NULL) {
		*text_of(o, ch) = arg;
		return 0;
	}
	if (list_of(o, ch) != NULL)
		return add(list_of(o, ch), ch, arg, f);
	switch (ch) {
	case OPT_LISTEN:
		return read_listen(o, arg, f);
	case OPT_SPEED:
		return read_speed(o, arg, f);
	case OPT_FEED_START:
		return read_start(o, arg, f);
	case OPT_SYNTHETIC:
		o->market = true;
		return 0;
	case OPT_REGIME:
		return read_regime(o, arg, f);
	case OPT_CLOCK:
		return read_clock(o, arg, f);
	case OPT_START:
		return read_time(o, arg, f);
	case OPT_ACCOUNT:
		return read_dec(&o->account, "account", arg, f);
	case OPT_HEDGE:
		o->hedge = true;
		return 0;
	case OPT_MULTI:
		o->multi = true;
		return 0;
	case OPT_PERMISSIONS:
		return read_rights(o, arg, f);
	case OPT_CHAOS:
		return read_chaos(o, arg, f);
	case OPT_SEED:
		return read_seed(o, arg, f);
	}
	return fault_set(f, FAULT_USAGE, "an option without a meaning");
}

/* What does not go together. */
static int
agree(const struct options *o, struct fault *f)
{
	if (o->market && o->feed != NULL)
		return fault_set(f, FAULT_USAGE, "--synthetic and --feed: there is one market at a time");
	if (o->regime != NULL && !o->market)
		return fault_set(f, FAULT_USAGE, "--regime %s: only a synthetic market has one: add --synthetic", o->regime);
	if (o->brackets != NULL && o->info == NULL)
		return fault_set(f, FAULT_USAGE, "--brackets: they belong to an --exchange-info");
	if (o->accounts != NULL && o->has_account)
		return fault_set(f, FAULT_USAGE, "--accounts: its file tells of each account; "
		    "--account, --balance, --position, --leverage, --margin-type, --hedge, "
		    "--multi-assets and --key-permissions are for the one that there is without it");
	if (o->has_speed && o->clock == OPTIONS_CLOCK_STEP)
		return fault_set(f, FAULT_USAGE, "--speed: a stepped clock stands still until told to move");
	if (o->has_speed && o->clock == OPTIONS_CLOCK_REAL && o->feed == NULL)
		return fault_set(f, FAULT_USAGE,
		    "--speed: a real clock has its own; --clock virtual goes faster");
	return 0;
}

int
options_read(struct options *o, int argc, char *argv[], int *status, struct fault *f)
{
	int ch;

	*o = (struct options){ .speed = { 1, 0 }, .account = { 10000, 0 }, .latency_ms = -1,
	    .listen_key_life = 3600, .rights = RIGHTS_GOOD };
	while ((ch = opt_next(argc, argv, opts, f)) != -1) {
		if (ch == 'h' || ch == '?' || ch == OPT_VERSION || ch == OPT_SCHEMA) {
			*status = tool_answer(&options_tool, ch, f, STDOUT_FILENO, STDERR_FILENO);
			return 1;
		}
		if (read_one(o, ch, optarg, f) == -1)
			return -1;
	}
	if (optind < argc)
		return fault_set(f, FAULT_USAGE, "%s: bf-sim takes no operands", argv[optind]);
	return agree(o, f);
}
