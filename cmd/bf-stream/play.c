/* Recorded streams, as if they came now. Nothing is lost to a slow reader here: the
 * recording waits for him. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/span.h"
#include "io/sys.h"
#include "replay.h"
#include "stream.h"

/* A record's stream, as far as it can be told. */
struct origin {
	const struct stream_row *row;	/* NULL: of the account, or ours */
	struct buf	word, symbol;	/* of the stream's name */
};

struct play {
	struct app     *a;
	struct origin	origin;		/* of the record in hand */
	int64_t		ticked;		/* when books_tick was called last, in the recording's time */
	bool	       *met;		/* of each stream asked for: the recording has it */
};

#define CHUNK	(64u << 10)	/* written at once */
#define TICK_MS	10		/* of the recording's time, from one look at the books to the next */

static const char notice[] = "bf.";

static bool
is_notice(const struct tok *t, const struct tok *v)
{
	const struct tok *e = scan_get(t, v, "e");

	return e != NULL && e->kind == SCAN_STR && e->len > 3 && memcmp(e->p, notice, 3) == 0;
}

static void
find_origin(struct origin *o, const struct replay_rec *r, const char *name)
{
	const struct tok *e = scan_get(r->t, r->v, "e");

	buf_reset(&o->word);
	buf_reset(&o->symbol);
	o->row = NULL;
	for (int m = 0; m < MARKETS && *name != '\0' && o->row == NULL; m++)
		if (!stream_parse(name, (enum market)m, &o->row, &o->word, &o->symbol))
			o->row = NULL;
	if (o->row == NULL && e != NULL && e->kind == SCAN_STR)
		o->row = stream_of_event(e->p, e->len);
}

static const struct tok *
member_symbol(const struct replay_rec *r)
{
	const struct tok *s = scan_get(r->t, r->v, "s");

	return s != NULL ? s : scan_get(r->t, scan_get(r->t, r->v, "o"), "s");
}

/* "1m" of "btcusdt@kline_1m", against what the candle says. */
static bool
same_interval(const struct want *w, const struct replay_rec *r)
{
	const char *i = strrchr(w->name, '_');

	return !w->row->interval || i == NULL ||
	    scan_get_is(r->t, scan_get(r->t, r->v, "k"), "i", i + 1);
}

static bool
matches(const struct want *w, const struct origin *o, const struct replay_rec *r, const char *name)
{
	const struct tok *s;

	if (*name != '\0' && strcmp(w->name, name) == 0)
		return true;
	if (w->row != o->row || !same_interval(w, r))
		return false;
	if (w->symbol == NULL)
		return true;
	s = member_symbol(r);
	return s != NULL && scan_is(s, w->symbol);
}

/* Without words everything is wanted; the toolkit's own notices always are. */
static bool
wanted(struct play *p, const struct replay_rec *r, const char *name)
{
	const struct app *a = p->a;
	bool found = false;

	if (is_notice(r->t, r->v) || (a->wants.n == 0 && !a->wants.user[MARKET_USDM] && !a->wants.user[MARKET_COINM]))
		return true;
	if (p->origin.row == NULL)
		return a->wants.user[MARKET_USDM] || a->wants.user[MARKET_COINM];
	for (int i = 0; i < a->wants.n; i++)
		if (!(found && p->met[i]) && matches(&a->wants.w[i], &p->origin, r, name))
			found = p->met[i] = true;
	return found;
}

/* A word that asked for nothing that was there may be misspelt. */
static void
tell_unmet(const struct play *p)
{
	for (int i = 0; i < p->a->wants.n; i++)
		if (!p->met[i])
			app_say(p->a, "%s: not in the recording", p->a->wants.w[i].name);
	app_said(p->a, true);
}

/* No symbol is of both markets, so that here one market will do. */
static void
to_book(struct app *a, const struct replay_rec *r, const char *name)
{
	char symbol[SYMBOL_MAX], own[SYMBOL_MAX + 8];
	size_t i;

	if (!scan_get_str(r->t, r->v, "s", symbol, sizeof symbol))
		return;
	for (i = 0; symbol[i] != '\0'; i++)
		own[i] = symbol[i] >= 'A' && symbol[i] <= 'Z' ? (char)(symbol[i] + ('a' - 'A')) : symbol[i];
	snprintf(own + i, sizeof own - i, "@depth");
	books_diff(a->books, a->common.market, *name != '\0' ? name : own, symbol, r->t, r->v, a->now);
}

/* All that was printed, however long the reader takes; a signal ends the waiting. */
static int
flush(void *arg, struct fault *f)
{
	struct app *a = ((struct play *)arg)->a;
	struct pollfd pfd = { .fd = a->out.out.fd, .events = POLLOUT };
	int r = 0;

	if (printer_ready(&a->out, f) == -1)
		return -1;
	while (a->out.out.b.len > 0 && !stop_asked && (r = out_try(&a->out.out, f)) == 0)
		(void)poll(&pfd, 1, 100);	/* 100: a signal may have come just before it */
	a->held = a->out.out.b.len > 0;
	if (r != -1)
		return 0;
	a->reader_gone = a->out.out.gone;
	return -1;
}

/* The time of a recording is that of its records: --interval and the bound of a crossed
 * book go by it, however fast they are played. */
static void
books_time(struct play *p)
{
	struct app *a = p->a;

	if (a->books == NULL || (a->now >= p->ticked && a->now - p->ticked < TICK_MS))
		return;
	p->ticked = a->now;
	books_tick(a->books, a->now);
}

/* The recording is at its end: what the interval held back, and of what there never was a book. */
static void
books_end(struct app *a)
{
	const char *lacks;

	if (a->opt.interval > 0)
		books_tick(a->books, a->now + a->opt.interval);
	for (int i = 0; i < a->wants.n; i++) {
		const struct want *w = &a->wants.w[i];

		if (strcmp(w->row->name, "depth") == 0 && w->symbol != NULL &&
		    (lacks = books_lacks(a->books, a->common.market, w->symbol)) != NULL)
			tool_say(a->tool, STDERR_FILENO, "%s: no book: %s", w->symbol, lacks);
	}
}

static int
each(void *arg, const struct replay_rec *r, struct fault *f)
{
	struct play *p = arg;
	struct app *a = p->a;
	struct origin *o = &p->origin;
	struct sink_key k = { 0 };
	char name[256];
	struct buf line = { 0 };

	snprintf(name, sizeof name, "%.*s", (int)(r->stream_n < sizeof name ? r->stream_n : 0),
	    r->stream_n > 0 ? r->stream : "");
	a->now = r->us / 1000;
	books_time(p);
	find_origin(o, r, name);
	if (o->word.bad || o->symbol.bad)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	if (!wanted(p, r, name))
		return 0;
	if (a->books != NULL && o->row != NULL && strcmp(o->row->name, "depth") == 0) {
		to_book(a, r, name);
	} else {
		k.stream = name;
		span_put(&line, r->v);
		app_emit(a, is_notice(r->t, r->v) ? SINK_NOTICE : SINK_EVERY, &k, line.p, line.len);
		buf_free(&line);
	}
	if (a->fault.kind != FAULT_NONE) {
		*f = a->fault;
		return -1;
	}
	if (a->out.out.b.len >= CHUNK && flush(p, f) == -1)
		return -1;
	return a->stopping ? 1 : 0;
}

static void
say(void *arg, const char *text)
{
	const struct play *p = arg;

	tool_say(p->a->tool, STDERR_FILENO, "%s", text);
}

static void
on_signal(int sig)
{
	(void)sig;
	stop_asked = 1;
}

int
play_run(struct app *a, struct fault *f)
{
	static const struct replay_ops ops = { .each = each, .wait = flush, .say = say };
	struct play p = { .a = a };
	int r;

	a->replaying = true;
	if (a->opt.book > 0 && books_open(&a->books, (int)a->opt.book, (int)a->opt.interval, a->tool->name,
	    &snap_offline, a) == -1)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	if (snap_load(a, f) == -1)
		return -1;
	if ((p.met = calloc((size_t)a->wants.n + 1, sizeof *p.met)) == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	(void)sys_catch(SIGINT, on_signal, false);
	(void)sys_catch(SIGTERM, on_signal, false);
	r = replay_run(a->opt.replay, a->opt.replays, a->opt.speed, &ops, &p, &stop_asked, f);
	if (r == 0 && !a->stopping && !stop_asked) {
		tell_unmet(&p);
		if (a->books != NULL)
			books_end(a);
	}
	free(p.met);
	buf_free(&p.origin.word);
	buf_free(&p.origin.symbol);
	return r;
}
