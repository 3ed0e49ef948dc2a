/* What becomes of a record: judged, given to a book, or on its way out. */
#include <string.h>

#include "core/span.h"
#include "stream.h"

/* What tells symbols of one stream apart, where the row says it is: "s", "o.s". */
static const struct tok *
symbol_of(const struct stream_row *row, const struct tok *t, const struct tok *v)
{
	const char *dot = row->key == NULL || row->key[0] == '\0' || row->key[1] == '\0' ? NULL :
	    strchr(row->key, '.');
	const struct tok *s = NULL;
	char outer[8];

	if (dot != NULL && (size_t)(dot - row->key) < sizeof outer) {
		memcpy(outer, row->key, (size_t)(dot - row->key));
		outer[dot - row->key] = '\0';
		s = scan_get(t, scan_get(t, v, outer), dot + 1);
	} else if (row->key != NULL) {
		s = scan_get(t, v, row->key);
	}
	if (s == NULL && (s = scan_get(t, v, "ps")) == NULL)	/* pairs had other names */
		s = scan_get(t, v, "i");
	return s != NULL && s->kind == SCAN_STR ? s : NULL;
}

struct key *
take_key(struct app *a, struct line *ln, const struct tok *t, const struct tok *v)
{
	const struct tok *s = symbol_of(ln->w->row, t, v);
	struct key *k = line_key(&a->lines, ln, s == NULL ? "" : s->p, s == NULL ? 0 : s->len);
	struct fault f;

	if (k == NULL) {
		fault_set(&f, FAULT_LOCAL, "out of memory");
		app_stop(a, &f);
	}
	return k;
}

/* Streams of all symbols carry both markets since they were joined; `st` tells. */
bool
take_other_market(const struct line *ln, const struct tok *t, const struct tok *v)
{
	int64_t st;

	return ln->w->symbol == NULL && scan_get_i64(t, v, "st", &st) && st >= 1 && st <= MARKETS &&
	    st != (int64_t)ln->w->market + 1;
}

/* A candle that is done is not to be lost for the next one. */
static bool
closed_candle(const struct tok *t, const struct tok *v)
{
	bool x;

	return scan_get_bool(t, scan_get(t, v, "k"), "x", &x) && x;
}

static void
put(struct app *a, const struct key *k, const struct mark *m, const struct tok *t, const struct tok *v)
{
	const struct stream_row *row = k->line->w->row;
	struct sink_key to = {
		.stream = k->line->w->name, .symbol = k->symbol, .symbol_n = k->symbol_n, .E = m->E,
		.keep = row->interval && closed_candle(t, v),
	};
	enum sink_kind kind = row->latest ? SINK_LATEST : SINK_EVERY;
	struct buf line = { 0 };
	struct fault f;

	if (memchr(v->p, '\n', v->len) == NULL && memchr(v->p, '\r', v->len) == NULL) {
		app_emit(a, kind, &to, v->p, v->len);
		return;
	}
	span_put(&line, v);
	if (!line.bad) {
		app_emit(a, kind, &to, line.p, line.len);
	} else {
		fault_set(&f, FAULT_LOCAL, "out of memory for a record");
		app_stop(a, &f);
	}
	buf_free(&line);
}

/* Whether records are missing between the last one of the key and this, that is newer. */
static bool
missing(const struct key *k, const struct mark *m, const struct tok *t, const struct tok *v)
{
	int64_t pu;

	if (!k->any || m->serial <= k->serial)
		return false;
	switch (k->line->w->row->chain) {
	case CHAIN_COUNT:
		return m->serial != k->serial + 1;
	case CHAIN_PU:
		return scan_get_i64(t, v, "pu", &pu) && (uint64_t)pu != k->serial;
	default:
		return false;
	}
}

static void
tell_missing(struct app *a, const struct key *k, uint64_t from, uint64_t to)
{
	struct buf *b = app_note(a, "gap");

	jw_str(b, "stream", k->line->w->name);
	jw_strn(b, "s", k->symbol, k->symbol_n);
	jw_u64(b, "from", from);
	jw_u64(b, "to", to);
	jw_str(b, "why", "ids are missing");
	app_note_end(a);
}

void
take_deliver(struct app *a, struct key *k, const struct mark *m, const struct tok *t, const struct tok *v)
{
	struct line *ln = k->line;
	bool gap = missing(k, m, t, v), book = a->books != NULL && strcmp(ln->w->row->name, "depth") == 0;
	uint64_t last = k->serial;

	ln->heard = a->mono;
	if (key_take(k, m) != TAKE_NEW)
		return;
	ln->fresh = a->mono;
	if (m->E != 0)
		watch_lag(a, ln, m->E);
	if (gap && !book)	/* a book tells by itself */
		tell_missing(a, k, last, m->serial);
	if (book)
		books_diff(a->books, ln->w->market, ln->w->name, ln->w->symbol, t, v, a->now);
	else
		put(a, k, m, t, v);
}
