/* bf-stream: the exchange's streams by name, one record a line. */
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/amount.h"
#include "core/book.h"
#include "io/notify.h"
#include "io/sandbox.h"
#include "replay.h"
#include "stream.h"

enum {
	OPT_COUNT = OPT_TOOL, OPT_SYMBOLS, OPT_BOOK, OPT_INTERVAL, OPT_SLOW, OPT_BUFFER, OPT_MAX_LAG,
	OPT_LAG_EXIT, OPT_SILENCE, OPT_RENEW, OPT_RECORD, OPT_ROTATE, OPT_REPLAY, OPT_SPEED, OPT_SNAPSHOT
};

#define BUFFER_DEFAULT	(64u << 20)
#define BUFFER_MIN	65536
#define BUFFER_MAX	(INT64_C(1) << 40)
#define MAX_LAG_MS	2000
#define NOTIFY_MS	1000	/* a service manager's watchdog must wait longer */
#define BOOK_SPEED	"depth@100ms"

static const struct opt opts[] = {
	{ OPT_COUNT, "count", "N", "stop after N records, the toolkit's own not counted" },
	{ OPT_SYMBOLS, "symbols-from", "FILE", "read symbols from FILE too, - is standard input" },
	{ OPT_BOOK, "book", "N", "keep the local book and print its N best levels" },
	{ OPT_INTERVAL, "interval", "MS", "print a book no more often than that" },
	{ OPT_SLOW, "when-slow", "conflate|buffer|drop|stop", "what to do when the reader is slow" },
	{ OPT_BUFFER, "buffer", "BYTES", "what may wait for a slow reader; default 64M" },
	{ OPT_MAX_LAG, "max-lag", "MS", "tell of records later than that; default 2000" },
	{ OPT_LAG_EXIT, "lag-exit", "MS", "end when records, or the reader, are so late" },
	{ OPT_SILENCE, "max-silence", "MS", "tell of streams silent for longer than that" },
	{ OPT_RENEW, "renew", "SECONDS", "replace a connection after so long; default 23 h" },
	{ OPT_RECORD, "record", "FILE", "keep what is received in FILE" },
	{ OPT_ROTATE, "rotate", "SIZE,AGE", "a new part at 64M,1h or such; compress the old" },
	{ OPT_REPLAY, "replay", "FILE", "play what was recorded, instead of connecting" },
	{ OPT_SPEED, "speed", "X|max", "so many times as fast; default 1" },
	{ OPT_SNAPSHOT, "snapshot", "FILE", "begin a book with this depth answer; or SYMBOL=FILE" },
	OPTS_COMMON,
	OPTS_OUTPUT,
	OPTS_END
};
static struct tool tool = { "bf-stream", "", opts };

/* Every stream is told: made only when it is asked for. */
static void
usage(struct buf *b)
{
	const struct stream_row *r;
	char name[32];

	buf_str(b, "bf-stream [options] STREAM ... [SYMBOL ...]\n"
	    "bf-stream [options] --book N SYMBOL ...\n"
	    "bf-stream --replay FILE [options] [STREAM ...] [SYMBOL ...]\n"
	    "Without a SYMBOL: all of them, where the exchange has such a stream.\n\n");
	for (r = stream_rows; r->name != NULL; r++) {
		snprintf(name, sizeof name, "%s%s", r->name, r->interval ? "_INTERVAL" : "");
		buf_printf(b, "%-24s %s\n", name, r->help);
	}
	buf_printf(b, "%-24s %s\n", "user", "the account's events (with a key)");
}

static struct app app;
volatile sig_atomic_t stop_asked;

static int
add(char ***list, int *n, char *word, struct fault *f)
{
	char **more = realloc(*list, ((size_t)*n + 1) * sizeof *more);

	if (more == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	more[(*n)++] = word;
	*list = more;
	return 0;
}

/* "64M", "512k", "1000000" */
static int
bytes_parse(size_t *out, const char *name, const char *s, struct fault *f)
{
	const char *end;
	int64_t n;

	if (!amount_parse(&n, AMOUNT_BYTES, s, &end) || *end != '\0' || n < BUFFER_MIN || n > BUFFER_MAX)
		return fault_set(f, FAULT_USAGE, "%s %s: not a number of bytes of at least 64k, as in 64M", name, s);
	*out = (size_t)n;
	return 0;
}

static int
own_option(struct app *a, int ch, char *arg, struct fault *f)
{
	struct choices *o = &a->opt;

	switch (ch) {
	case OPT_COUNT:
		return tool_number(&o->count, "--count", arg, 1, 2000000000, f);
	case OPT_SYMBOLS:
		o->symbols_from = arg;
		return 0;
	case OPT_BOOK:
		return tool_number(&o->book, "--book", arg, 1, BOOK_LEVELS_MAX, f);
	case OPT_INTERVAL:
		return tool_number(&o->interval, "--interval", arg, 10, 3600000, f);
	case OPT_SLOW:
		return slow_parse(&o->slow, arg, f);
	case OPT_BUFFER:
		return bytes_parse(&o->buffer, "--buffer", arg, f);
	case OPT_MAX_LAG:
		return tool_number(&o->max_lag, "--max-lag", arg, 0, 86400000, f);
	case OPT_LAG_EXIT:
		return tool_number(&o->lag_exit, "--lag-exit", arg, 1, 86400000, f);
	case OPT_SILENCE:
		return tool_number(&o->max_silence, "--max-silence", arg, 1, 86400000, f);
	case OPT_RENEW:
		return tool_number(&o->renew, "--renew", arg, 1, 86000, f);
	case OPT_RECORD:
		o->record = arg;
		return strcmp(arg, "-") != 0 ? 0 : fault_set(f, FAULT_USAGE,
		    "--record -: a file is wanted; records go to standard output by themselves");
	case OPT_ROTATE:
		return rotate_parse(&o->rotate_bytes, &o->rotate_ms, arg, f);
	case OPT_REPLAY:
		return add(&o->replay, &o->replays, arg, f);
	case OPT_SPEED:
		return speed_parse(&o->speed, arg, f);
	case OPT_SNAPSHOT:
		return add(&o->snapshot, &o->snapshots, arg, f);
	}
	return 1;
}

/* Options that mean nothing without another one. */
static int
check_options(const struct choices *o, struct fault *f)
{
	if (o->interval > 0 && o->book == 0)
		return fault_set(f, FAULT_USAGE, "--interval: only with --book");
	if ((o->rotate_bytes > 0 || o->rotate_ms > 0) && o->record == NULL)
		return fault_set(f, FAULT_USAGE, "--rotate: only with --record");
	if (o->replays == 0 && (o->speed != -1 || o->snapshots > 0))
		return fault_set(f, FAULT_USAGE, "%s: only with --replay", o->speed != -1 ? "--speed" : "--snapshot");
	if (o->snapshots > 0 && o->book == 0)
		return fault_set(f, FAULT_USAGE, "--snapshot: only with --book");
	if (o->replays > 0 && (o->record != NULL || o->renew > 0 || o->lag_exit > 0))
		return fault_set(f, FAULT_USAGE, "--replay: not together with %s",
		    o->record != NULL ? "--record" : o->renew > 0 ? "--renew" : "--lag-exit");
	return 0;
}

/* --book wants the changes of the book, and as often as they come. */
static int
book_words(const struct choices *o, char ***words, int *n, struct fault *f)
{
	static char depth[] = BOOK_SPEED;
	bool has = o->book == 0 || (o->replays > 0 && *n == 0);

	for (int i = 0; i < *n && !has; i++)
		has = strncmp((*words)[i], "depth", 5) == 0 && ((*words)[i][5] == '\0' || (*words)[i][5] == '@');
	return has ? 0 : add(words, n, depth, f);
}

static int
read_words(struct app *a, char **argv, int argc, struct fault *f)
{
	struct ask q = {
		.symbols_from = a->opt.symbols_from, .market = a->common.market,
		.market_given = a->common.market_given, .checked = a->opt.replays == 0,
	};
	char **words = NULL;
	int n = 0, r = 0;

	for (int i = 0; i < argc && r == 0; i++)
		r = add(&words, &n, argv[i], f);
	if (r == 0 && (r = book_words(&a->opt, &words, &n, f)) == 0 &&
	    (n > 0 || q.symbols_from != NULL || a->opt.replays == 0)) {
		q.words = words;
		q.n = n;
		r = wants_read(&a->wants, &q, app_session, a, a->x, f);
	}
	free(words);
	return r;
}

static int
run(struct app *a, char **argv, int argc, struct fault *f)
{
	if (check_options(&a->opt, f) == -1 || notify_check("bf-stream", NOTIFY_MS, f) == -1 || read_words(a, argv, argc, f) == -1 ||
	    printer_open(&a->out, STDOUT_FILENO, &a->common.as,
	    columns_for(&a->wants, a->opt.book > 0), f) == -1)
		return -1;
	printer_bursts(&a->out);
	a->out.out.patient = true;
	if (a->opt.replays > 0)
		return sandbox_enter(&(struct sandbox){ .reads = true }, f) == -1 ? -1 : play_run(a, f);
	signal(SIGXFSZ, SIG_IGN);	/* a recording that may grow no more is an error, not the end */
	if (sink_open(&a->sink, a->opt.slow, a->opt.buffer, f) == -1)
		return -1;
	return live_run(a, f);
}

static int
finish(struct app *a, int r, struct fault *f)
{
	struct fault cf = { 0 };

	if (r == 0 && a->fault.kind != FAULT_NONE) {
		*f = a->fault;
		r = -1;
	}
	app_said(a, true);
	if (recorder_close(a->rec, &cf) == -1 && r == 0) {
		*f = cf;
		r = -1;
	}
	/* What is left is written only to a reader who takes it. */
	if (a->held || a->reader_gone) {
		printer_done(&a->out);
		buf_reset(&a->out.out.b);
	}
	if (r == -1)
		printer_headless(&a->out);
	if (a->out.cols != NULL && printer_close(&a->out, &cf) == -1 && r == 0) {
		a->reader_gone |= a->out.out.gone;
		*f = cf;
		r = -1;
	}
	return r;
}

static void
let_go(struct app *a)
{
	for (int m = 0; m < MARKETS; m++) {
		session_close(&a->s[m]);
		xinfo_free(&a->x[m]);
	}
	books_free(a->books);
	sink_free(a->sink);
	wants_free(&a->wants);
	scan_free(&a->sc);
	buf_free(&a->text);
	buf_free(&a->note);
	free(a->opt.replay);
	free(a->opt.snapshot);
}

int
main(int argc, char *argv[])
{
	struct fault f = { 0 };
	struct app *a = &app;
	struct buf text = { 0 };
	int ch, r;

	if (tool_prepare(&f) == -1)
		return tool_fail(&tool, STDERR_FILENO, &f);
	cred_prepare();
	a->tool = &tool;
	a->common.as.tool = &tool;
	a->opt = (struct choices){ .count = -1, .speed = -1, .buffer = BUFFER_DEFAULT, .max_lag = MAX_LAG_MS };
	while ((ch = opt_next(argc, argv, opts, &f)) != -1) {
		if ((r = own_option(a, ch, optarg, &f)) == 1 && (r = tool_common(&a->common, ch, optarg, &f)) == 0) {
			usage(&text);
			if (!text.bad)
				tool.usage = text.p;
			r = tool_answer(&tool, ch, &f, STDOUT_FILENO, STDERR_FILENO);
			buf_free(&text);
			return r;
		}
		if (r == -1)
			return tool_fail(&tool, STDERR_FILENO, &f);
	}
	a->left = a->opt.count;
	r = run(a, argv + optind, argc - optind, &f);
	if (r == -1 && stop_asked)	/* the beginning was broken off: an end as good as a later one */
		r = 0;
	r = finish(a, r, &f);
	let_go(a);
	if (a->reader_gone)
		return tool_sigpipe();
	return r == -1 ? tool_fail(&tool, STDERR_FILENO, &f) : 0;
}
