/*
 * bf-risk: a filter that holds effective leverage. Intents that would lead
 * above the limit are rejected; a position that has grown above it is reduced;
 * everything else passes byte for byte.
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "io/clock.h"
#include "risk.h"

enum { OPT_MAX_LEV = OPT_TOOL, OPT_TARGET_LEV, OPT_COST, OPT_ASSET, OPT_REFRESH, OPT_MAX_AGE };

static const struct opt opts[] = {
	{ OPT_MAX_LEV, "max-lev", "N", "maximum effective leverage of the account (required)" },
	{ OPT_TARGET_LEV, "target-lev", "N", "what a reduction leads to; default 95 % of --max-lev" },
	{ OPT_COST, "cost", "BPS", "fee and spread of an order, basis points; default 10" },
	{ OPT_ASSET, "asset", "NAME", "the margin asset guarded; default USDT" },
	{ OPT_REFRESH, "refresh", "SECONDS", "how often the account is read; default 2" },
	{ OPT_MAX_AGE, "max-age", "SECONDS", "how old a mark price may be; default 10" },
	OPTS_COMMON,
	OPTS_END
};
static const struct tool tool = {
	"bf-risk",
	"bf-risk --max-lev N [options] < records\n"
	"Hold effective leverage: reject orders that exceed it, reduce positions.",
	opts
};

/* A decimal above lo, for option --name. */
static int
parse_dec(dec *out, const char *name, const char *s, int lo, struct fault *f)
{
	if (!dec_parse(out, s) || dec_cmp(*out, dec_int(lo)) <= 0)
		return fault_set(f, FAULT_USAGE, "--%s %s: not a decimal above %d", name, s, lo);
	return 0;
}

/* 1: taken, 0: not ours, -1. */
static int
own_option(struct app *a, int ch, char *arg, struct fault *f)
{
	dec bps;
	long n;

	switch (ch) {
	case OPT_MAX_LEV:
		return parse_dec(&a->max_lev, "max-lev", arg, 0, f) == -1 ? -1 : 1;
	case OPT_TARGET_LEV:
		return parse_dec(&a->target_lev, "target-lev", arg, 0, f) == -1 ? -1 : 1;
	case OPT_COST:
		if (!dec_parse(&bps, arg) || dec_sign(bps) < 0 || dec_cmp(bps, dec_int(1000)) > 0 ||
		    !dec_mul(&a->cost, bps, (dec){ .c = 1, .scale = 4 }))
			return fault_set(f, FAULT_USAGE, "--cost %s: not basis points from 0 to 1000", arg);
		return 1;
	case OPT_ASSET:
		a->asset = arg;
		return 1;
	case OPT_REFRESH:
		if (tool_number(&n, "--refresh", arg, 1, 3600, f) == -1)
			return -1;
		a->refresh_ms = n * 1000;
		return 1;
	case OPT_MAX_AGE:
		if (tool_number(&n, "--max-age", arg, 1, 3600, f) == -1)
			return -1;
		a->max_age_ms = n * 1000;
		return 1;
	}
	return 0;
}

static int
check_options(struct app *a, struct fault *f)
{
	if (dec_sign(a->max_lev) == 0)
		return fault_set(f, FAULT_USAGE, "--max-lev is required; see bf-risk --help");
	if (dec_sign(a->target_lev) == 0 &&
	    !dec_mul(&a->target_lev, a->max_lev, (dec){ .c = 95, .scale = 2 }))
		return fault_set(f, FAULT_USAGE, "--max-lev: too many digits");
	if (dec_cmp(a->target_lev, a->max_lev) > 0)
		return fault_set(f, FAULT_USAGE, "--target-lev: above --max-lev");
	return 0;
}

/* Every whole line that has been read. */
static int
drain(struct app *a, struct fault *f)
{
	const char *p;
	size_t n;

	tick(a);
	for (;;) {
		int r = 0;

		switch (lines_next(&a->in, &p, &n)) {
		case LINE_NONE:
		case LINE_END:
			return 0;
		case LINE_OK:	/* byte for byte: a CR taken off stands there still */
			r = treat_line(a, p, n + (p[n] == '\r'), a->mono_ms, f);
			break;
		case LINE_PARTIAL:
			r = reject_line(a, "partial-line", "the last line has no newline: it may be cut, and is not passed on", f);
			break;
		case LINE_LONG:
			r = reject_line(a, "line-too-long", "the line is too long, and is not passed on", f);
			break;
		}
		if (r == -1)
			return -1;
	}
}

/* How long poll may sleep. */
static int
patience(const struct app *a, int64_t mono_ms)
{
	int64_t t = a->tried_ms + a->refresh_ms - mono_ms;

	if (a->fly.active && a->fly.asked_ms + a->fly.wait_ms - mono_ms < t)
		t = a->fly.asked_ms + a->fly.wait_ms - mono_ms;
	return t < 0 ? 0 : t > 1000 ? 1000 : (int)t;
}

static int
loop(struct app *a, struct fault *f)
{
	struct pollfd pfd[2] = {
		{ .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = STDOUT_FILENO, .events = 0 }	/* POLLERR: the reader went */
	};

	while (!a->in.eof) {
		int64_t now = clock_mono_ms();

		refresh(a, now, false);
		if (follow(a, now, f) == -1 || monitor(a, now, f) == -1 || out_flush(&a->out, f) == -1)
			return -1;
		if (poll(pfd, 2, patience(a, clock_mono_ms())) == -1) {
			if (errno == EINTR)
				continue;
			return fault_set(f, FAULT_LOCAL, "poll: %s", strerror(errno));
		}
		if (pfd[1].revents & (POLLERR | POLLNVAL)) {
			a->out.gone = true;
			return fault_set(f, FAULT_LOCAL, "the reader of the output went away");
		}
		if (pfd[0].revents == 0)
			continue;
		if (lines_fill(&a->in, f) == -1 || drain(a, f) == -1)
			return -1;
	}
	return out_flush(&a->out, f);
}

static int
run(struct app *a, struct fault *f)
{
	if (check_options(a, f) == -1 || tool_usdm_only(&a->common, f) == -1 ||
	    session_open(&a->s, a->common.profile, a->common.market, true, f) == -1)
		return -1;
	if (getentropy(&a->marks.seed, sizeof a->marks.seed) == -1)
		return fault_set(f, FAULT_LOCAL, "no random numbers from the system");
	/* The pipe waits while the account is read: not for long. */
	a->s.timeout_ms = REQUEST_MS;
	/* A wrong key must stop the pipe at once, an unreachable exchange not. */
	if (session_sync(&a->s, false, f) == 0 && account_load(&a->acct, &a->s, true, true, &a->config_ms, f) == 0) {
		if (a->acct.multi_assets)
			return fault_set(f, FAULT_USAGE, "the account is in multi-assets mode, where no one wallet "
			    "is the margin: bf-risk does not guard it");
		a->loaded_ms = a->tried_ms = clock_mono_ms();
		learn_rules(a);
		check_sum(a);
	} else if (f->kind == FAULT_KEY || f->kind == FAULT_USAGE || f->kind == FAULT_LOCAL) {
		return -1;
	}
	return loop(a, f);
}

int
main(int argc, char *argv[])
{
	static struct app a = {
		.tool = &tool, .asset = "USDT", .refresh_ms = 2000, .max_age_ms = 10000,
		.cost = { .c = 10, .scale = 4 },
	};
	struct fault f = { 0 };
	int ch, r;

	if (tool_prepare(&f) == -1)
		return tool_fail(&tool, STDERR_FILENO, &f);
	cred_prepare();
	while ((ch = opt_next(argc, argv, opts, &f)) != -1) {
		if ((r = own_option(&a, ch, optarg, &f)) == 0 && (r = tool_common(&a.common, ch, optarg, &f)) == 0)
			return tool_answer(&tool, ch, &f, STDOUT_FILENO, STDERR_FILENO);
		if (r == -1)
			return tool_fail(&tool, STDERR_FILENO, &f);
	}
	if (optind < argc) {
		fault_set(&f, FAULT_USAGE, "%s: bf-risk takes no operands", argv[optind]);
		return tool_fail(&tool, STDERR_FILENO, &f);
	}
	lines_init(&a.in, STDIN_FILENO);
	out_init(&a.out, STDOUT_FILENO);
	r = run(&a, &f);
	lines_free(&a.in);
	account_free(&a.acct);
	xinfo_free(&a.xinfo);
	marks_free(&a.marks);
	scan_free(&a.sc);
	session_close(&a.s);
	buf_free(&a.rec);
	if (r == -1 && a.out.gone)
		return tool_sigpipe();
	out_free(&a.out);
	if (r == -1)
		return tool_fail(&tool, STDERR_FILENO, &f);
	return a.rejected ? fault_status(FAULT_REJECTED) : 0;
}
