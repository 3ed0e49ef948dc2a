/* Snapshots for the books: asked of REST in the worker, or read from a file. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/intent.h"
#include "stream.h"

#define SNAPSHOT_LEVELS	1000
#define REFUSED_MS	60000	/* after a refusal */
#define AGAIN_MS	2000	/* after a failure without a time of its own */

struct job {
	struct job_head	head;
	enum market	m;
	char		symbol[SYMBOL_MAX];
	struct buf	body;
	bool		sent;		/* the exchange was asked */
	struct fault	f;
};

/* In the worker. The window counts the snapshots of all processes: after a cut
 * that hit a hundred books, they come back one after the other. */
static void
ask(struct session *s, void *arg)
{
	struct job *j = arg;
	struct buf q = { 0 };

	buf_printf(&q, "symbol=");
	query_escape(&q, j->symbol);
	buf_printf(&q, "&limit=%d", SNAPSHOT_LEVELS);
	if (q.bad) {
		fault_set(&j->f, FAULT_LOCAL, "out of memory");
	} else if (limits_spend(s->lim, RATE_SNAPSHOT, 1, session_now(s), &j->f) == 0) {
		j->sent = true;
		if (session_call(s, EP_DEPTH, q.p, false, &j->f) == 0) {
			j->body = s->body;
			memset(&s->body, 0, sizeof s->body);
		}
	}
	buf_free(&q);
}

static void
drop(void *job)
{
	struct job *j = job;

	buf_free(&j->body);
	free(j);
}

static void
answered(void *arg, void *job)
{
	struct app *a = arg;
	struct job *j = job;
	struct scan sc = { 0 };

	if (j->body.len > 0 && scan_doc(&sc, j->body.p, j->body.len) > 0) {
		books_snapshot(a->books, j->m, j->symbol, sc.t, sc.t, a->now);
	} else if (j->f.kind == FAULT_REJECTED && a->wants.n > 1) {	/* delisted meanwhile: the other books go on */
		tool_say(a->tool, STDERR_FILENO, "snapshot of %s: %s", j->symbol, j->f.text);
		books_no_snapshot(a->books, j->m, j->symbol, REFUSED_MS, j->f.text, a->now);
	} else if (j->f.kind == FAULT_AGAIN || j->f.kind == FAULT_NONE) {
		books_no_snapshot(a->books, j->m, j->symbol, j->f.retry_ms > 0 ? j->f.retry_ms : AGAIN_MS,
		    j->sent ? j->f.text : NULL, a->now);
	} else {
		app_stop(a, &j->f);
	}
	scan_free(&sc);
	drop(j);
}

static void
want(void *arg, enum market m, const char *symbol)
{
	struct app *a = arg;
	struct job *j = calloc(1, sizeof *j);
	struct fault f;

	if (j != NULL) {
		j->head.drop = drop;
		j->m = m;
		snprintf(j->symbol, sizeof j->symbol, "%s", symbol);
		if (worker_do(a->worker, m, 0, ask, answered, a, j) == 0)
			return;
	}
	free(j);
	fault_set(&f, FAULT_LOCAL, "out of memory");
	app_stop(a, &f);
}

/* A book, or a notice about one. */
static void
put(void *arg, const char *stream, const char *symbol, int64_t E, struct buf *rec)
{
	struct sink_key k = { .stream = stream, .symbol = symbol, .symbol_n = strlen(symbol), .E = E };
	struct fault f;

	if (rec->bad) {
		fault_set(&f, FAULT_LOCAL, "out of memory for a book");
		app_stop(arg, &f);
		return;
	}
	app_emit(arg, *stream == '\0' ? SINK_NOTICE : SINK_LATEST, &k, rec->p, rec->len);
}

const struct books_ops snap_ops = { .want = want, .put = put };
const struct books_ops snap_offline = { .want = NULL, .put = put };

/*
 * --snapshot [SYMBOL=]FILE
 */

static int
read_file(struct buf *out, const char *path, struct fault *f)
{
	char chunk[65536];
	size_t n;
	FILE *fp = fopen(path, "re");

	if (fp == NULL)
		return fault_set(f, FAULT_USAGE, "--snapshot %s: %s", path, strerror(errno));
	while ((n = fread(chunk, 1, sizeof chunk, fp)) > 0 && out->len < SCAN_MAX)
		buf_put(out, chunk, n);
	n = (size_t)ferror(fp);
	fclose(fp);
	return n == 0 && !out->bad ? 0 : fault_set(f, FAULT_LOCAL, "--snapshot %s: cannot be read", path);
}

/* Whose it is: as written before the "=", as the answer says, or of the only symbol asked for. */
static int
whose(char out[static SYMBOL_MAX], struct app *a, const char *arg, const char *file,
    const struct tok *t, struct fault *f)
{
	const struct want *only = NULL;

	if (file != arg) {
		snprintf(out, SYMBOL_MAX, "%.*s", (int)(file - arg - 1), arg);
	} else if (!scan_get_str(t, t, "symbol", out, SYMBOL_MAX)) {
		for (int i = 0; i < a->wants.n; i++)
			if (a->wants.w[i].symbol != NULL && (only == NULL ||
			    strcmp(only->symbol, a->wants.w[i].symbol) == 0))
				only = &a->wants.w[i];
			else
				return fault_set(f, FAULT_USAGE, "--snapshot %s: of which symbol? write SYMBOL=FILE", file);
		if (only == NULL)
			return fault_set(f, FAULT_USAGE, "--snapshot %s: of which symbol? write SYMBOL=FILE, "
			    "or name the symbol", file);
		snprintf(out, SYMBOL_MAX, "%s", only->symbol);
	}
	return 0;
}

static bool
is_depth(const struct tok *t)
{
	const struct tok *b = scan_get(t, t, "bids"), *a = scan_get(t, t, "asks");

	return scan_get(t, t, "lastUpdateId") != NULL && b != NULL && b->kind == SCAN_ARR &&
	    a != NULL && a->kind == SCAN_ARR;
}

static int
load_one(struct app *a, const char *arg, struct fault *f)
{
	const char *eq = strchr(arg, '='), *file = eq == NULL ? arg : eq + 1;
	char symbol[SYMBOL_MAX];
	struct buf text = { 0 };
	struct scan sc = { 0 };
	int r = read_file(&text, file, f);

	if (r == 0 && (scan_doc(&sc, text.p, text.len) <= 0 || !is_depth(sc.t)))
		r = fault_set(f, FAULT_USAGE, "--snapshot %s: not a depth answer", file);
	if (r == 0 && (r = whose(symbol, a, arg, file, sc.t, f)) == 0)
		books_snapshot(a->books, a->common.market, symbol, sc.t, sc.t, a->now);
	scan_free(&sc);
	buf_free(&text);
	return r;
}

int
snap_load(struct app *a, struct fault *f)
{
	for (int i = 0; i < a->opt.snapshots; i++)
		if (load_one(a, a->opt.snapshot[i], f) == -1)
			return -1;
	return 0;
}
