/* bf-profile: set up, show and check what a profile says. */
#include <getopt.h>
#include <unistd.h>

#include "app.h"
#include "io/verb.h"

enum {
	OPT_SET = OPT_TOOL, OPT_KEY_TYPE = OPT_SET + SETTINGS, OPT_KEY_FD, OPT_GENERATE, OPT_NO_KEY,
	OPT_WITHDRAWALS, OPT_ANY_IP, OPT_DEFAULT, OPT_FORCE, OPT_DRY_RUN, OPT_OFFLINE, OPT_YES, OPT_NO_INPUT
};

static const struct opt opts[] = {
	{ OPT_SET + SET_EXCHANGE, "exchange", "live|demo", "whose addresses: the exchange or its testnet" },
	{ OPT_SET + SET_REST, "rest", "URL", "the address of another exchange, with --ws" },
	{ OPT_SET + SET_WS, "ws", "URL", "of its streams" },
	{ OPT_SET + SET_COINM_REST, "coinm-rest", "URL", "the same of COIN-M, with --coinm-ws" },
	{ OPT_SET + SET_COINM_WS, "coinm-ws", "URL", "of its streams" },
	{ OPT_SET + SET_WSAPI, "wsapi", "URL", "of the WebSocket API" },
	{ OPT_SET + SET_COINM_WSAPI, "coinm-wsapi", "URL", "of that of COIN-M" },
	{ OPT_SET + SET_SAPI, "sapi", "URL", "of spot REST, which tells what a key may do" },
	{ OPT_SET + SET_CA_FILE, "ca-file", "FILE", "certificates of an exchange on this machine" },
	{ OPT_SET + SET_PROXY, "proxy", "URL", "go through this proxy: http://HOST:PORT" },
	{ OPT_SET + SET_KEY_FILE, "key-file", "FILE", "the key stays in this file" },
	{ OPT_KEY_FD, "key-fd", "N", "read the key from descriptor N, and keep it" },
	{ OPT_SET + SET_SECRET_CMD, "secret-cmd", "CMD", "the secret is what this command prints" },
	{ OPT_SET + SET_API_KEY, "api-key", "KEY", "the API key, where it is not with the secret" },
	{ OPT_GENERATE, "generate", "ed25519", "make a private key; print its public one" },
	{ OPT_NO_KEY, "no-key", NULL, "keep none: BF_KEY_FD or the environment has it" },
	{ OPT_KEY_TYPE, "type", "hmac|rsa|ed25519", "what the key is to be" },
	{ OPT_SET + SET_ORDER, "max-order-notional", "N", "cap on one order, in the quote asset" },
	{ OPT_SET + SET_POSITION, "max-position-notional", "N", "cap on the position of a symbol" },
	{ OPT_SET + SET_DISTANCE, "max-price-distance", "PERCENT", "cap on how far from the mark price" },
	{ OPT_SET + SET_RATE, "max-orders-per-minute", "N", "cap on how many orders" },
	{ OPT_SET + SET_SYMBOLS, "symbols", "LIST", "only these symbols: BTCUSDT,ETHUSDT" },
	{ OPT_SET + SET_WINDOW, "recv-window", "MS", "how long a request is good; default 5000" },
	{ OPT_WITHDRAWALS, "allow-withdrawals", NULL, "take a key that may withdraw" },
	{ OPT_ANY_IP, "allow-any-ip", NULL, "take a key that is not bound to addresses" },
	{ OPT_DEFAULT, "default", NULL, "use it where no profile is named" },
	{ OPT_FORCE, "force", NULL, "write over a profile that is there" },
	{ OPT_DRY_RUN, "dry-run", NULL, "show what would be written, and write nothing" },
	{ OPT_OFFLINE, "offline", NULL, "ask no exchange" },
	{ OPT_YES, "yes", NULL, "remove without a question" },
	{ OPT_NO_INPUT, "no-input", NULL, "ask nothing, not even on a terminal" },
	OPTS_COMMON,
	OPTS_OUTPUT,
	OPTS_END
};
static const struct tool tool = {
	"bf-profile",
	"bf-profile [options] list\n"
	"bf-profile [options] show [NAME]\n"
	"bf-profile [options] add NAME\n"
	"bf-profile [options] key NAME [--api-key KEY]\n"
	"bf-profile [options] remove NAME\n"
	"bf-profile [options] default NAME\n"
	"bf-profile [options] doctor [NAME]\n"
	"bf-profile [options] words KIND [SYMBOL]\n"
	"A profile: exchange, key, caps. On a terminal add asks for the rest.",
	opts
};

/* Which options a verb takes, beside those that all tools have. */
enum { TAKES_ADD = 1, TAKES_API_KEY = 2, TAKES_CHECK = 4, TAKES_YES = 8, TAKES_INPUT = 16 };
static const struct verb_opt some[] = {
	{ OPT_SET + SET_EXCHANGE, TAKES_ADD }, { OPT_SET + SET_REST, TAKES_ADD }, { OPT_SET + SET_WS, TAKES_ADD },
	{ OPT_SET + SET_COINM_REST, TAKES_ADD }, { OPT_SET + SET_COINM_WS, TAKES_ADD }, { OPT_SET + SET_WSAPI, TAKES_ADD },
	{ OPT_SET + SET_COINM_WSAPI, TAKES_ADD }, { OPT_SET + SET_SAPI, TAKES_ADD }, { OPT_SET + SET_CA_FILE, TAKES_ADD },
	{ OPT_SET + SET_PROXY, TAKES_ADD }, { OPT_SET + SET_KEY_FILE, TAKES_ADD }, { OPT_KEY_FD, TAKES_ADD },
	{ OPT_SET + SET_SECRET_CMD, TAKES_ADD }, { OPT_SET + SET_API_KEY, TAKES_API_KEY }, { OPT_GENERATE, TAKES_ADD },
	{ OPT_NO_KEY, TAKES_ADD }, { OPT_KEY_TYPE, TAKES_ADD }, { OPT_SET + SET_ORDER, TAKES_ADD },
	{ OPT_SET + SET_POSITION, TAKES_ADD }, { OPT_SET + SET_DISTANCE, TAKES_ADD }, { OPT_SET + SET_RATE, TAKES_ADD },
	{ OPT_SET + SET_SYMBOLS, TAKES_ADD }, { OPT_SET + SET_WINDOW, TAKES_ADD }, { OPT_WITHDRAWALS, TAKES_CHECK },
	{ OPT_ANY_IP, TAKES_CHECK }, { OPT_DEFAULT, TAKES_ADD }, { OPT_FORCE, TAKES_ADD }, { OPT_DRY_RUN, TAKES_ADD },
	{ OPT_OFFLINE, TAKES_CHECK }, { OPT_YES, TAKES_YES }, { OPT_NO_INPUT, TAKES_INPUT }
};

static const struct verb {
	const char	*name;
	int		(*run)(struct app *a, char *const words[], int n, struct fault *f);
	const struct column *cols;	/* NULL: prints no records */
	unsigned	 takes;
} verbs[] = {
	{ "list", list, list_cols, 0 },
	{ "show", show, show_cols, 0 },
	{ "add", add, NULL, TAKES_ADD | TAKES_API_KEY | TAKES_CHECK | TAKES_INPUT },
	{ "key", set_key, NULL, TAKES_API_KEY | TAKES_CHECK | TAKES_INPUT },
	{ "remove", remove_profile, NULL, TAKES_YES | TAKES_INPUT },
	{ "default", set_default, NULL, 0 },
	{ "doctor", doctor, doctor_cols, TAKES_CHECK },
	{ "words", words_of, NULL, 0 },
	{ NULL, NULL, NULL, 0 }
};

static int
take(struct app *a, int ch, char *arg, struct fault *f)
{
	if (ch >= OPT_SET && ch < OPT_SET + SETTINGS) {
		a->set[ch - OPT_SET] = arg;
		return 1;
	}
	switch (ch) {
	case OPT_KEY_TYPE:	a->type = arg; return 1;
	case OPT_GENERATE:	a->generate = arg; return 1;
	case OPT_NO_KEY:	a->no_key = true; return 1;
	case OPT_WITHDRAWALS:	a->allow_withdrawals = true; return 1;
	case OPT_ANY_IP:	a->allow_any_ip = true; return 1;
	case OPT_DEFAULT:	a->make_default = true; return 1;
	case OPT_FORCE:		a->force = true; return 1;
	case OPT_DRY_RUN:	a->dry_run = true; return 1;
	case OPT_OFFLINE:	a->offline = true; return 1;
	case OPT_YES:		a->yes = true; return 1;
	case OPT_NO_INPUT:	a->no_input = true; return 1;
	case OPT_KEY_FD:	return tool_number(&a->key_fd, "--key-fd", arg, 0, 999999, f) == -1 ? -1 : 1;
	}
	return tool_common(&a->common, ch, arg, f);
}

bool
may_ask(const struct app *a)
{
	return !a->no_input && isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

static int
run(struct app *a, char *const words[], int n, uint64_t given, struct fault *f)
{
	const struct verb *v = n > 0 ? verb_find(&tool, verbs, sizeof *verbs, words[0], f) : verbs;
	struct fault closing;
	int r;

	if (v == NULL || verb_check(&tool, some, sizeof some / sizeof *some, given, v->name, v->takes, f) == -1)
		return -1;
	if (v->cols != NULL && printer_open(&a->out, STDOUT_FILENO, &a->common.as, v->cols, f) == -1)
		return -1;
	r = v->run(a, words + 1, n > 0 ? n - 1 : 0, f);
	if (v->cols == NULL)
		return r;
	if (r == -1 || a->out.form == PRINT_TABLE)
		printer_headless(&a->out);	/* no headings over nothing */
	if (printer_close(&a->out, &closing) == -1 && (r == 0 || fault_worst(f->kind, closing.kind) != f->kind)) {
		*f = closing;
		r = -1;
	}
	return r;
}

int
main(int argc, char *argv[])
{
	struct app a = { .tool = &tool, .common.as.tool = &tool, .key_fd = -1 };
	uint64_t given = 0;
	struct fault f = { 0 };
	int ch, r;

	if (tool_prepare(&f) == -1)
		return tool_fail(&tool, STDERR_FILENO, &f);
	cred_prepare();
	while ((ch = opt_next(argc, argv, opts, &f)) != -1) {
		if ((r = take(&a, ch, optarg, &f)) == 0)
			return tool_answer(&tool, ch, &f, STDOUT_FILENO, STDERR_FILENO);
		if (r == -1)
			return tool_fail(&tool, STDERR_FILENO, &f);
		given |= verb_bit(ch);
	}
	if ((r = run(&a, argv + optind, argc - optind, given, &f)) == -1 && a.out.out.gone)
		return tool_sigpipe();
	return r == -1 ? tool_fail(&tool, STDERR_FILENO, &f) : 0;
}
