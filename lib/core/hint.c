#include <stddef.h>
#include <string.h>

#include "core/hint.h"

#define ONE(c)	(c), (c)
#define LEN(a)	(sizeof (a) / sizeof *(a))

static const char filters[] = "bf-info filters SYMBOL", mark[] = "bf-info mark SYMBOL", symbols[] = "bf-info symbols",
    brackets[] = "bf-info brackets SYMBOL", book[] = "bf-info book SYMBOL", standing[] = "bf-order open",
    positions[] = "bf-position", balances[] = "bf-position balances", mode[] = "bf-position mode",
    doctor[] = "bf-profile doctor", clock_check[] = "bf-time --check 500", probe[] = "bf-time --probe",
    latch[] = "bf-kill --status", recover[] = "bf-order recover", once[] = "bf-order(1), EXACTLY ONCE",
    intents[] = "bf-order(1), INTENTS", checks[] = "bf-order(1), CHECKS", caps[] = "bf-order(1), Caps",
    side[] = "bf-order(1), Position mode", over_intents[] = "bf-risk(1), Rules over intents",
    limits[] = "bf(7), LIMITS", keys[] = "bf(7), KEYS", profiles[] = "bf(7), PROFILES",
    numbers[] = "bf(7), NUMBERS", general[] = "bf(7), DIAGNOSTICS";

/* By the exchange's code; the first row that fits. */
static const struct { int lo, hi; const char *hint; } codes[] = {
	{ ONE(-1003), limits },		/* too many requests */
	{ ONE(-1015), limits },		/* too many orders */
	{ ONE(-1008), general },	/* overload */
	{ ONE(-1021), clock_check },
	{ ONE(-5028), clock_check },	/* the engine's look at recvWindow */
	{ ONE(-1002), doctor }, { ONE(-1022), doctor }, { ONE(-1099), doctor },
	{ -1005, -1004, doctor }, { ONE(-1011), doctor },	/* lists of addresses */
	{ -2015, -2014, doctor }, { ONE(-2017), doctor }, { -4088, -4087, doctor },
	{ ONE(-1111), filters },	/* more decimals than allowed */
	{ ONE(-1112), book },
	{ -1122, -1121, symbols },
	{ ONE(-4140), symbols }, { ONE(-4141), symbols }, { -4107, -4105, symbols },	/* its status */
	{ ONE(-2013), "bf-order history SYMBOL" },	/* no such order */
	{ -2012, -2011, standing },
	{ -2019, -2018, balances }, { ONE(-2024), positions }, { ONE(-4118), balances },
	{ -4051, -4050, balances },	/* margin */
	{ ONE(-2021), mark }, { ONE(-4142), mark }, { ONE(-4135), mark },	/* would trigger at once */
	{ ONE(-2022), positions }, { ONE(-2023), positions },	/* only reduces, but what? */
	{ ONE(-2025), standing }, { ONE(-4045), standing }, { ONE(-4130), standing },	/* too many stand */
	{ -2028, -2027, brackets }, { ONE(-4028), brackets }, { ONE(-4161), positions },
	{ -4014, -4001, filters }, { ONE(-4016), filters }, { -4024, -4023, filters }, { ONE(-4131), filters },
	{ ONE(-4164), filters }, { -4184, -4183, filters }, { -4211, -4210, filters }, { ONE(-5029), filters },
	{ ONE(-4015), intents }, { ONE(-4116), once },
	{ ONE(-4047), standing }, { ONE(-4048), positions }, { ONE(-4067), standing }, { ONE(-4068), positions },
	{ ONE(-4061), mode }, { ONE(-4059), mode }, { ONE(-4046), positions }, { ONE(-4054), positions },
	{ -5022, -5021, book }, { ONE(-5041), book },	/* could not be filled, or would be */
	{ ONE(-5027), standing },
	{ -1136, -1100, intents }, { ONE(-1014), intents }, { -4139, -4137, intents }, { ONE(-4120), intents },
	{ -4062, -4060, side }, { -5047, -5024, intents },
};

static const char *
of_code(int code)
{
	for (size_t i = 0; code < 0 && i < LEN(codes); i++)
		if (code >= codes[i].lo && code <= codes[i].hi)
			return codes[i].hint;
	return NULL;
}

/* By what stands in the sentence; tool NULL: any. Exact words of ours, never the exchange's. */
static const struct { enum fault_kind kind; const char *tool, *words, *hint; } texts[] = {
	{ FAULT_AGAIN, NULL, "the exchange asked for silence", limits },
	{ FAULT_AGAIN, NULL, "the limit of ", limits },
	{ FAULT_REJECTED, NULL, "it costs ", limits },
	{ FAULT_LOCAL, NULL, "limits", limits },
	{ FAULT_LOCAL, NULL, "journal", "bf-order(1), JOURNAL" },
	{ FAULT_LOCAL, NULL, "the kill latch", latch },
	{ FAULT_LOCAL, NULL, "the reader is too slow", "bf-stream(1), A slow reader" },
	{ FAULT_LOCAL, NULL, "--record", "bf-stream(1), Recordings" },
	{ FAULT_REJECTED, NULL, "the jq filter", numbers },
	{ FAULT_REJECTED, NULL, "margin type", positions },
	{ FAULT_REJECTED, "bf-info", "nothing to draw", "bf-info(1), Charts" },
	{ FAULT_REJECTED, "bf-position", "nothing to draw", "bf-position(1), The ledger" },
	{ FAULT_AGAIN, NULL, "no address answers", doctor },
	{ FAULT_USAGE, NULL, "a key needs a chosen profile", profiles },
	{ FAULT_USAGE, NULL, "has no key", keys },
	{ FAULT_USAGE, NULL, "BF_API_", keys },
	{ FAULT_USAGE, NULL, "and none was loaded", keys },
	{ FAULT_USAGE, NULL, "profile", profiles },
	{ FAULT_USAGE, NULL, "BF_CONFIG", profiles },
	{ FAULT_USAGE, NULL, "/bf/config", profiles },
	{ FAULT_USAGE, "bf-stream", "--record", "bf-stream(1), Recordings" },
	{ FAULT_USAGE, "bf-stream", "--snapshot", "bf-stream(1), Local books" },
	{ FAULT_USAGE, "bf-stream", "stream ", "bf-stream(1), Streams" },
	{ FAULT_USAGE, "bf-info", "--since ", "bf-info(1), Ranges" },
	{ FAULT_USAGE, "bf-info", "--until", "bf-info(1), Ranges" },
	{ FAULT_USAGE, "bf-info", "--save", "bf-info(1), Ranges" },
	{ FAULT_USAGE, "bf-info", "--plot", "bf-info(1), Charts" },
	{ FAULT_USAGE, "bf-position", "--from", "bf-position(1), Recorded accounts" },
	{ FAULT_USAGE, "bf-position", "ensure", "bf-position(1), Settings" },
	{ FAULT_USAGE, "bf-position", "calc", "bf-position(1), Calculating" },
	{ FAULT_USAGE, "bf-risk", "not a JSON object", "bf-risk(1), replay" },
	{ FAULT_USAGE, "bf-risk", "can only tighten", "bf-risk(1), RULES FILE" },
	{ FAULT_USAGE, "bf-risk", "no such rule", over_intents },
	{ FAULT_REJECTED, "bf-risk", "decision", "bf-risk(1), explain" },
	{ FAULT_USAGE, "bf-kill", "drill", "bf-kill(1), Drill" },
	{ FAULT_LOCAL, "bf-kill", "bf-sim", "bf-kill(1), Drill" },
	{ FAULT_USAGE, "bf-kill", "--deadman", "bf-kill(1), The exchange's countdown" },
	{ FAULT_USAGE, "bf-sim", "--fault", "bf-sim(1), FAULTS" },
	{ FAULT_USAGE, "bf-sim", "--accounts", "bf-sim(1), ACCOUNTS" },
	{ FAULT_USAGE, "bf-sim", "--feed", "bf-sim(1), --feed" },
	{ FAULT_USAGE, "bf-sim", "--state", "bf-sim(1), STATE" },
	{ FAULT_USAGE, "bf-sim", "--clock", "bf-sim(1), CLOCK" },
};

static const char *
of_text(const struct fault *f, const char *tool)
{
	for (size_t i = 0; i < LEN(texts); i++)
		if (texts[i].kind == f->kind && (texts[i].tool == NULL || strcmp(texts[i].tool, tool) == 0) &&
		    strstr(f->text, texts[i].words) != NULL)
			return texts[i].hint;
	return NULL;
}

/* "FILE:12: ..." is about a line of a file that a person wrote. */
static bool
of_line(const char *text)
{
	const char *p = strchr(text, ':');
	size_t n = p != NULL ? strspn(p + 1, "0123456789") : 0;

	return n > 0 && p[n + 1] == ':' && p != text && p[-1] != ' ';
}

static const struct program { const char *name, *help, *local, *refused, *unknown; } programs[] = {
	{ "bf-info", "bf-info --help", general, symbols, general },
	{ "bf-kill", "bf-kill --help", "bf-kill(1), EXIT STATUS", "bf-kill(1), EXIT STATUS", "bf-kill(1), EXIT STATUS" },
	{ "bf-order", "bf-order --help", general, checks, recover },
	{ "bf-position", "bf-position --help", general, "bf-position(1), Settings", positions },
	{ "bf-profile", "bf-profile --help", general, general, general },
	{ "bf-risk", "bf-risk --help", general, over_intents, recover },
	{ "bf-sim", "bf-sim --help", "bf-sim(1), EXIT STATUS", "bf-sim --help", general },
	{ "bf-stream", "bf-stream --help", general, "bf-stream(1), Streams", "bf-stream(1), The account" },
	{ "bf-time", "bf-time --help", general, general, general },
};
static const struct program other = { "", general, general, general, general };

static const struct program *
program(const char *tool)
{
	for (size_t i = 0; i < LEN(programs); i++)
		if (strcmp(programs[i].name, tool) == 0)
			return &programs[i];
	return &other;
}

static const char *
of_kind(const struct fault *f, const struct program *p)
{
	switch (f->kind) {
	case FAULT_NONE:
		return NULL;
	case FAULT_REJECTED:
		return p->refused;
	case FAULT_USAGE:
		if (!of_line(f->text))
			return p->help;
		return strcmp(p->name, "bf-risk") == 0 ? "bf-risk(1), RULES FILE" : p->help;
	case FAULT_AGAIN:
		return probe;
	case FAULT_CLOCK:	/* whoever asked bf-time has run that command just now */
		return strcmp(p->name, "bf-time") == 0 ? general : clock_check;
	case FAULT_KEY:
		return f->http != 0 ? doctor : keys;
	case FAULT_TRIPPED:
		return latch;
	case FAULT_LOCAL:
		return p->local;
	case FAULT_UNKNOWN:
		return p->unknown;
	}
	return general;
}

const char *
hint_of(const struct fault *f, const char *tool)
{
	const char *hint;

	if (f->kind == FAULT_NONE)
		return NULL;
	if (f->kind == FAULT_UNKNOWN)	/* whatever the code: look first */
		return of_kind(f, program(tool));
	if ((hint = of_code(f->code)) != NULL)
		return hint;
	if (f->http == 429 || f->http == 418 || f->http == 403)
		return limits;
	if (f->http == 0 && (hint = of_text(f, tool)) != NULL)
		return hint;
	return of_kind(f, program(tool));
}

/* Rules whose mend is not told by a code, or better told without; tool NULL: any. */
static const struct { const char *tool, *rule, *hint; } rules[] = {
	{ NULL, "kill-latch", latch },
	{ NULL, "symbol", symbols }, { NULL, "status", symbols },
	{ NULL, "intent", intents }, { NULL, "json", "bf-order(1), Input that is refused" },
	{ "bf-order", "duplicate-id", once }, { "bf-order", "unresolved", recover },
	{ "bf-order", "repeated", checks }, { "bf-order", "order", standing }, { "bf-order", "positionSide", side },
	{ "bf-order", "max_order_notional", caps }, { "bf-order", "max_position_notional", caps },
	{ "bf-order", "max_price_distance", caps }, { "bf-order", "max_orders_per_minute", caps },
	{ "bf-order", "symbols", caps }, { "bf-order", "test", "bf-order(1), DRY RUN" },
	{ "bf-order", "timeInForce", intents }, { "bf-order", "goodTillDate", intents },
	{ "bf-risk", "account-unknown", positions }, { "bf-risk", "clock", clock_check },
	{ "bf-risk", "blocked", "bf-risk(1), Rules over events" },
	{ "bf-risk", "log", "bf-risk --help" }, { "bf-risk", "asset", "bf-risk --help" },
};

const char *
hint_of_rule(const char *rule, int code, const char *tool)
{
	const char *hint;

	for (size_t i = 0; i < LEN(rules); i++)
		if ((rules[i].tool == NULL || strcmp(rules[i].tool, tool) == 0) && strcmp(rules[i].rule, rule) == 0)
			return rules[i].hint;
	if (strcmp(tool, "bf-risk") == 0)	/* its own rules, whatever the exchange calls the breach */
		return over_intents;
	return (hint = of_code(code)) != NULL ? hint : program(tool)->refused;
}

/* "bf-NAME word": a command to run, not the name of a program alone. */
static bool
names_command(const char *s)
{
	while ((s = strstr(s, "bf-")) != NULL) {
		s += 3 + strspn(s + 3, "abcdefghijklmnopqrstuvwxyz");
		if (strncmp(s, " --", 3) == 0 || strncmp(s, " recover", 8) == 0)
			return true;
	}
	return false;
}

bool
hint_named(const char *sentence)
{
	static const char *const words[] = { "; see ", " see bf", "chmod ", "chown ", "openssl pkey" };

	for (size_t i = 0; i < LEN(words); i++)
		if (strstr(sentence, words[i]) != NULL)
			return true;
	return names_command(sentence);
}
