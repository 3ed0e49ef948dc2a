/* bf-stream: the exchange's streams by name, one record a line. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "io/xinfo.h"
#include "stream.h"

enum { OPT_COUNT = OPT_TOOL };

#define MESSAGE_MAX	(16u << 20)
#define ROUTES		(ROUTE_PRIVATE + 1)

static const struct opt opts[] = {
	{ OPT_COUNT, "count", "N", "stop after N records, bf.conn not counted" },
	OPTS_COMMON,
	OPTS_OUTPUT,
	OPTS_END
};
static const struct tool tool = {
	"bf-stream",
	"bf-stream [options] STREAM ... [SYMBOL ...]\n"
	"Streams: markPrice bookTicker aggTrade depth kline_INTERVAL ... and user.\n"
	"Without a SYMBOL: all of them, where the exchange has such a stream.",
	opts
};

static struct app app;

static void
on_signal(int sig)
{
	(void)sig;
	if (app.loop != NULL)
		ws_stop(app.loop);
}

static void
on_reader_gone(void *arg)
{
	struct app *a = arg;

	a->reader_gone = true;
	app_stop(a, NULL);
}

/* The connection of a route with room for n more bytes of names; another one is
 * begun when the last is full. NULL: there are too many. */
static struct feed *
feed_with_room(struct app *a, enum route route, size_t n)
{
	struct feed *last = &a->feed[route];
	int nth = 1;

	for (int i = ROUTES; i < a->nfeed; i++)
		if (a->feed[i].route == route)
			last = &a->feed[i], nth++;
	if (last->streams.len + n <= NAMES_MAX)
		return last;
	if (a->nfeed == FEEDS_MAX)
		return NULL;
	last = &a->feed[a->nfeed++];
	*last = (struct feed){ .route = route, .path = a->feed[route].path };
	snprintf(last->name, sizeof last->name, "%s-%d", last->path, nth + 1);
	return last;
}

/* Bytes of a symbol that are not plain must be encoded in a path. */
static void
put_encoded(struct buf *out, const struct buf *name)
{
	for (size_t i = 0; i < name->len; i++) {
		unsigned char ch = (unsigned char)name->p[i];

		if (ch > 0x20 && ch < 0x7f && strchr("%/?#", ch) == NULL)
			buf_chr(out, (char)ch);
		else
			buf_printf(out, "%%%02X", ch);
	}
}

static int
add_stream(struct app *a, const char *word, const char *symbol, struct fault *f)
{
	const struct stream_row *row;
	struct buf plain = { 0 }, name = { 0 };
	struct feed *fd = NULL;
	int r;

	if ((r = stream_name(&plain, &row, word, symbol, f)) == 0) {
		put_encoded(&name, &plain);
		if ((fd = feed_with_room(a, row->route, name.len + 1)) == NULL)
			r = fault_set(f, FAULT_USAGE, "too many streams: %s does not fit", word);
	}
	if (fd != NULL) {
		if (fd->used)
			buf_chr(&fd->streams, '/');
		buf_put(&fd->streams, name.p, name.len);
		fd->used = true;
		if (plain.bad || name.bad || fd->streams.bad)
			r = fault_set(f, FAULT_LOCAL, "out of memory");
	}
	buf_free(&plain);
	buf_free(&name);
	return r;
}

/* A misspelt symbol gets no error from the exchange, only silence: ask first. */
static int
check_symbols(struct app *a, char *const words[], int n, struct fault *f)
{
	struct xinfo x = { 0 };
	struct rules r;
	int ret = 0;

	for (int i = 0; i < n && ret == 0; i++)
		if (!stream_known(words[i]) && strcmp(words[i], "user") != 0)
			ret = xinfo_rules(&x, &a->s, words[i], &r, f);
	xinfo_free(&x);
	return ret;
}

static bool
wants_user(char *const words[], int n)
{
	for (int i = 0; i < n; i++)
		if (strcmp(words[i], "user") == 0)
			return true;
	return false;
}

/* Every stream named, for every symbol named. */
static int
add_all(struct app *a, char *const words[], int n, struct fault *f)
{
	int streams = 0, symbols = 0;
	bool user = wants_user(words, n);

	for (int i = 0; i < n; i++) {
		if (stream_known(words[i]))
			streams++;
		else if (strcmp(words[i], "user") != 0)
			symbols++;
	}
	if (streams == 0 && !user)
		return fault_set(f, FAULT_USAGE, n == 0 ? "no stream named; see bf-stream --help" :
		    "%s: no such stream; see bf-stream --help", n == 0 ? "" : words[0]);
	if (streams == 0 && symbols > 0)
		return fault_set(f, FAULT_USAGE, "user takes no symbol, its events are of the whole account: %s",
		    strcmp(words[0], "user") == 0 ? words[1] : words[0]);
	a->feed[ROUTE_PRIVATE].used = user;
	for (int i = 0; i < n; i++) {
		if (!stream_known(words[i]))
			continue;
		if (symbols == 0 && add_stream(a, words[i], NULL, f) == -1)
			return -1;
		for (int j = 0; j < n; j++)
			if (!stream_known(words[j]) && strcmp(words[j], "user") != 0 &&
			    add_stream(a, words[i], words[j], f) == -1)
				return -1;
	}
	return 0;
}

static int
run(struct app *a, const struct common *c, char *const words[], int n, struct fault *f)
{
	bool user = wants_user(words, n);

	if (add_all(a, words, n, f) == -1)
		return -1;
	if (printer_open(&a->out, STDOUT_FILENO, c->format, c->jq, columns_for(words, n), f) == -1)
		return -1;
	printer_live(&a->out);
	if (session_open(&a->s, c->profile, c->market, user, f) == -1 ||
	    check_symbols(a, words, n, f) == -1)
		return -1;
	/* The streams wait while the listenKey is asked for: not for long. */
	a->s.timeout_ms = 2000;
	if (ws_open(&a->loop, a->s.prof.ws, MESSAGE_MAX, &stream_events, a, f) == -1)
		return -1;
	for (int i = 0; i < a->nfeed; i++)
		if (a->feed[i].used && (a->feed[i].conn = ws_add(a->loop, &a->feed[i])) == NULL)
			return fault_set(f, FAULT_LOCAL, "out of memory");
	if (ws_watch_gone(a->loop, STDOUT_FILENO, on_reader_gone, a) == -1)
		return fault_set(f, FAULT_LOCAL, "cannot watch the output");
	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	ws_run(a->loop);
	if (a->fault.kind != FAULT_NONE) {
		*f = a->fault;
		return -1;
	}
	return 0;
}

int
main(int argc, char *argv[])
{
	struct common c = { 0 };
	struct fault f = { 0 }, cf;
	struct app *a = &app;
	int ch, r;

	cred_prepare();
	a->tool = &tool;
	a->left = -1;
	a->feed[ROUTE_PUBLIC] = (struct feed){ .route = ROUTE_PUBLIC, .path = "public", .name = "public" };
	a->feed[ROUTE_MARKET] = (struct feed){ .route = ROUTE_MARKET, .path = "market", .name = "market" };
	a->feed[ROUTE_PRIVATE] = (struct feed){ .route = ROUTE_PRIVATE, .name = "user" };
	a->nfeed = ROUTES;
	while ((ch = opt_next(argc, argv, opts, &f)) != -1) {
		if (ch == OPT_COUNT)
			r = tool_number(&a->left, "--count", optarg, 1, 2000000000, &f);
		else if ((r = tool_common(&c, ch, optarg, &f)) == 0)
			return tool_answer(&tool, ch, &f, STDOUT_FILENO, STDERR_FILENO);
		if (r == -1)
			return tool_fail(&tool, STDERR_FILENO, &f);
	}
	r = run(a, &c, argv + optind, argc - optind, &f);
	if (a->loop != NULL) {
		struct ws_loop *l = a->loop;

		a->loop = NULL;
		ws_close(l);
	}
	session_close(&a->s);
	scan_free(&a->sc);
	buf_free(&a->rec);
	for (int i = 0; i < a->nfeed; i++)
		buf_free(&a->feed[i].streams);
	if (a->out.cols != NULL && printer_close(&a->out, &cf) == -1 && r == 0) {
		a->reader_gone |= a->out.out.gone;
		f = cf;
		r = -1;
	}
	if (a->reader_gone)
		return tool_sigpipe();
	return r == -1 ? tool_fail(&tool, STDERR_FILENO, &f) : 0;
}
