#include <stdlib.h>

#include "replay.h"

#define BOOK_LATENCY	50	/* ms: what a fed book asks for, unless --latency says */

struct replay {
	struct sim *s;
	struct paper *paper;
	bool	guess;		/* --latency was not given */
	unsigned *said;		/* by symbol: kinds of records already complained of */
};

static bool
of_a_book(enum feed_kind k)
{
	return k == FEED_DEPTH || k == FEED_BOOK || k == FEED_TRADE;
}

/* A complaint is said once for each symbol and kind of record. */
static void
complain(struct replay *r, const struct feed_record *rec, int sym, const struct fault *f)
{
	if ((r->said[sym] & 1u << rec->kind) != 0)
		return;
	r->said[sym] |= 1u << rec->kind;
	sim_say("feed line %llu: %s", rec->line, f->text);
}

static void
on_record(void *ctx, const struct feed_record *rec)
{
	struct replay *r = ctx;
	struct sim *s = r->s;
	int sym = engine_symbol(s->engine, rec->symbol);
	struct fault f;

	if (rec->E != 0)
		ledger_feed_time(s->ledger, rec->E);
	if (sym == -1)
		return;
	if (r->guess && of_a_book(rec->kind)) {
		r->guess = false;
		s->latency_ms = BOOK_LATENCY;
	}
	if (paper_apply(r->paper, rec, sim_now(s), &f) == -1)
		complain(r, rec, sym, &f);
	sim_settle(s);
}

static void
on_bad(void *ctx, unsigned long long line, const char *why)
{
	(void)ctx;
	sim_say("feed line %llu: %s; passed over", line, why);
}

/* A clock that had no pace but the recording's goes on like any other. */
static void
on_end(void *ctx)
{
	struct sim *s = ((struct replay *)ctx)->s;
	struct sim_clock *c = &s->clock;

	ledger_feed_end(s->ledger, sim_now(s));
	if (s->serve != NULL)
		serve_watch(s->serve, -1);
	if (c->kind == CLOCK_VIRTUAL && c->speed_num == 0) {
		c->base_ms = sim_now(s);
		c->mono_ms = serve_now();
		c->speed_num = c->speed_den = 1;
	}
}

int
replay_open(struct sim *s, const struct options *o, struct fault *f)
{
	struct replay *r = calloc(1, sizeof *r);
	struct feed_app app = { r, on_record, on_bad, on_end };
	/* On another clock than the real one, the records' own times are its. */
	struct feed_opts fo = { o->feed, o->clock == OPTIONS_CLOCK_REAL ? o->speed : dec_int(1),
	    o->wait };

	if (r == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	s->replay = r;
	r->s = s;
	r->guess = o->latency_ms < 0;
	return (s->feed = feed_open(&fo, &app, f)) == NULL ? -1 : 0;
}

static void
look(void *ctx, const struct feed_record *rec)
{
	struct replay_first *first = ctx;

	if (first->E == 0)
		first->E = rec->E;
	first->book |= of_a_book(rec->kind);
}

struct replay_first
replay_look(struct sim *s)
{
	struct replay_first first = { 0 };

	feed_peek(s->feed, look, &first);
	return first;
}

int
replay_start(struct sim *s, struct fault *f)
{
	struct replay *r = s->replay;

	r->said = calloc((size_t)engine_symbols(s->engine), sizeof *r->said);
	if (r->said == NULL || (r->paper = paper_new(s->engine)) == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	if (r->guess && replay_look(s).book) {
		r->guess = false;
		s->latency_ms = BOOK_LATENCY;
	}
	feed_start(s->feed, s->clock.kind == CLOCK_REAL ? serve_now() : sim_now(s));
	return 0;
}

void
replay_free(struct replay *r)
{
	if (r == NULL)
		return;
	paper_free(r->paper);
	free(r->said);
	free(r);
}
