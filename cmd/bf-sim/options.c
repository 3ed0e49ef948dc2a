#include <string.h>
#include <unistd.h>

#include <getopt.h>

#include "number.h"
#include "options.h"

enum {
	OPT_PORT = OPT_TOOL, OPT_PROFILE_OUT, OPT_LEDGER, OPT_FEED, OPT_SPEED, OPT_FEED_START,
	OPT_MARK, OPT_ACCOUNT, OPT_POSITION, OPT_LEVERAGE, OPT_MARGIN_TYPE, OPT_FAULT, OPT_SKEW,
	OPT_WEIGHT, OPT_ORDERS, OPT_LIFE, OPT_SEED
};

static const struct opt opts[] = {
	{ OPT_PORT, "port", "N", "listen there on 127.0.0.1; default any free port" },
	{ OPT_PROFILE_OUT, "profile-out", "NAME|PATH", "write a profile for the other tools" },
	{ OPT_LEDGER, "ledger", "FILE", "append what was asked and what became of it" },
	{ OPT_FEED, "feed", "FILE|-", "mark prices, as bf-stream markPrice prints them" },
	{ OPT_SPEED, "speed", "X", "replay a file X times as fast; 0: without waiting" },
	{ OPT_FEED_START, "feed-start", "now|subscriber", "when the feed passes its first record" },
	{ OPT_MARK, "mark", "SYMBOL=PRICE", "a first mark price" },
	{ OPT_ACCOUNT, "account", "USDT", "the wallet; default 10000" },
	{ OPT_POSITION, "position", "SYMBOL:AMT[@ENTRY]", "hold this; SYMBOL:20x: by leverage" },
	{ OPT_LEVERAGE, "leverage", "SYMBOL=N", "configured leverage; default 20" },
	{ OPT_MARGIN_TYPE, "margin-type", "SYMBOL=isolated|crossed", "default crossed" },
	{ OPT_FAULT, "fault", "RULE", "go wrong: 'on POST order#2: exec=yes net=rst'" },
	{ OPT_SKEW, "skew", "MS", "the exchange's clock minus this one" },
	{ OPT_WEIGHT, "weight-limit", "N", "request weight per minute; default 2400" },
	{ OPT_ORDERS, "order-limit", "N", "orders per minute and per 10 s; default 1200 and 300" },
	{ OPT_LIFE, "listen-key-life", "SECONDS", "lifetime of a listen key; default 3600" },
	{ OPT_SEED, "seed", "N", "the same key, secret and listen key every time" },
	OPTS_END
};
const struct tool options_tool = {
	"bf-sim",
	"bf-sim [options]\n"
	"An exchange on 127.0.0.1: no account, no network, no money.",
	opts
};

static int
add(struct option_list *l, const char *name, const char *arg, struct fault *f)
{
	if (l->n == OPTION_LIST)
		return fault_set(f, FAULT_USAGE, "--%s: more than %d of them", name, OPTION_LIST);
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
read_start(struct options *o, const char *arg, struct fault *f)
{
	o->wait = strcmp(arg, "subscriber") == 0;
	if (!o->wait && strcmp(arg, "now") != 0)
		return fault_set(f, FAULT_USAGE, "--feed-start %s: now or subscriber", arg);
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

static int
read_one(struct options *o, int ch, const char *arg, struct fault *f)
{
	switch (ch) {
	case OPT_PORT:
		return tool_number(&o->port, "--port", arg, 0, 65535, f);
	case OPT_PROFILE_OUT:
		o->profile = arg;
		return 0;
	case OPT_LEDGER:
		o->ledger = arg;
		return 0;
	case OPT_FEED:
		o->feed = arg;
		return 0;
	case OPT_SPEED:
		return read_dec(&o->speed, "speed", arg, f);
	case OPT_FEED_START:
		return read_start(o, arg, f);
	case OPT_MARK:
		return add(&o->mark, "mark", arg, f);
	case OPT_ACCOUNT:
		return read_dec(&o->account, "account", arg, f);
	case OPT_POSITION:
		return add(&o->position, "position", arg, f);
	case OPT_LEVERAGE:
		return add(&o->leverage, "leverage", arg, f);
	case OPT_MARGIN_TYPE:
		return add(&o->margin_type, "margin-type", arg, f);
	case OPT_FAULT:
		return faults_add(&o->faults, arg, f);
	case OPT_SKEW:
		return tool_number(&o->skew_ms, "--skew", arg, -86400000, 86400000, f);
	case OPT_WEIGHT:
		return tool_number(&o->weight_limit, "--weight-limit", arg, 1, 1000000000, f);
	case OPT_ORDERS:
		return tool_number(&o->order_limit, "--order-limit", arg, 1, 1000000000, f);
	case OPT_LIFE:
		return tool_number(&o->listen_key_life, "--listen-key-life", arg, 1, 1000000, f);
	case OPT_SEED:
		return read_seed(o, arg, f);
	}
	return fault_set(f, FAULT_USAGE, "an option without a meaning");
}

int
options_read(struct options *o, int argc, char *argv[], int *status, struct fault *f)
{
	int ch;

	*o = (struct options){ .speed = { 1, 0 }, .account = { 10000, 0 }, .listen_key_life = 3600 };
	while ((ch = opt_next(argc, argv, opts, f)) != -1) {
		if (ch == 'h' || ch == '?' || ch == OPT_VERSION) {
			*status = tool_answer(&options_tool, ch, f, STDOUT_FILENO, STDERR_FILENO);
			return 1;
		}
		if (read_one(o, ch, optarg, f) == -1)
			return -1;
	}
	if (optind < argc)
		return fault_set(f, FAULT_USAGE, "%s: bf-sim takes no operands", argv[optind]);
	return 0;
}
