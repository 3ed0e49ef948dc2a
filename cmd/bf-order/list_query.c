/* One order by its id, wherever the exchange has it; and if it has it no more, what our
 * journal says. */
#include <stdio.h>
#include <string.h>

#include "core/instant.h"
#include "core/span.h"
#include "io/trader.h"
#include "list.h"

#define UNKNOWN_ORDER	(-2013)

struct wanted {
	enum market	 m;
	const char	*symbol, *id;
	bool		 digits;	/* the exchange's number, not a client id */
	bool		 algo;		/* conditional orders only: --algo */
};

/* The last words of the journal on an order. */
struct memory {
	const struct wanted *w;
	bool		 by_client;	/* it is the client id of digits that it knows */
	struct scan	*sc;
	struct buf	 line;		/* the last line's data; empty: it knows nothing */
	char		 what[16], status[24];
	int64_t		 first_ms, last_ms;
};

static const char *
id_parameter(const struct wanted *w, const struct listing *l)
{
	return w->digits ? l->id : l->ask_client;
}

/* Whether a record of the exchange is of the one that is wanted. */
static bool
is_wanted(const struct wanted *w, const struct listing *l, const struct tok *t, const struct tok *v)
{
	const struct tok *id = scan_get(t, v, l->id);

	if (!w->digits)
		return scan_get_is(t, v, l->client_id, w->id);
	return id != NULL && id->len == strlen(w->id) && memcmp(id->p, w->id, id->len) == 0;
}

/*
 * Asking
 */

static int
not_found(const struct wanted *w, struct fault *f)
{
	fault_set(f, FAULT_REJECTED, "%s %s: not in the exchange's history (orders without a fill are "
	    "forgotten after 3 days, all after 90)", w->symbol, w->id);
	f->code = UNKNOWN_ORDER;
	return -1;
}

/* Where one conditional order cannot be asked for: among those that stand. */
static int
look_among_open(struct app *a, struct session *s, const struct wanted *w, const struct listing *l,
    struct fault *f)
{
	const struct tok *t, *v;

	if (ask_symbol(s, l->open, w->symbol, false, f) == -1)
		return -1;
	t = s->doc.t;
	for (v = t->kind == SCAN_ARR ? scan_first(t) : NULL; v != NULL; v = scan_next(t, t, v))
		if (is_wanted(w, l, t, v)) {
			span_put(&a->rec, v);
			return 0;
		}
	fault_set(f, FAULT_REJECTED, "%s %s: no order, nor a conditional one that stands; of others %s tells nothing",
	    w->symbol, w->id, market_title(s->market));
	f->code = UNKNOWN_ORDER;
	return -1;
}

/* The number of a conditional order is asked for without a symbol. */
static int
same_symbol(const struct wanted *w, const struct listing *l, const struct tok *t, struct fault *f)
{
	char symbol[SYMBOL_MAX];

	if (!scan_get_str(t, t, "symbol", symbol, sizeof symbol) || strcmp(symbol, w->symbol) == 0)
		return 0;
	return fault_set(f, FAULT_REJECTED, "%s %s: of the %s this one is of %s", w->symbol, w->id, l->what, symbol);
}

/* 0: in a->rec; -1 with code -2013: there is none of that kind. */
static int
ask(struct app *a, struct session *s, const struct wanted *w, const struct listing *l, struct fault *f)
{
	struct buf q = { 0 };
	int r;

	if (l == &listings[REGULAR]) {
		put_symbol(&q, w->symbol);
		buf_chr(&q, '&');
	}
	buf_printf(&q, "%s=", id_parameter(w, l));
	query_escape(&q, w->id);
	r = ask_list(s, l->one, &q, false, f);
	buf_free(&q);
	if (r == -1)
		return l == &listings[CONDITIONAL] && no_such_path(f) ? look_among_open(a, s, w, l, f) : -1;
	if (same_symbol(w, l, s->doc.t, f) == -1)
		return -1;
	span_put(&a->rec, s->doc.t);
	return 0;
}

static int
find(struct app *a, const struct wanted *w, struct fault *f)
{
	struct session *s = venue_session(&a->v, w->m, f);

	if (s == NULL)
		return -1;
	if (!w->algo && (ask(a, s, w, &listings[REGULAR], f) == 0 || f->code != UNKNOWN_ORDER))
		return a->rec.len > 0 ? 0 : -1;
	if (ask(a, s, w, &listings[CONDITIONAL], f) == 0)
		return 0;
	if (f->code == UNKNOWN_ORDER && f->http != 0)	/* the exchange's own word, not look_among_open's */
		return not_found(w, f);
	return -1;
}

/*
 * Remembering
 */

/* Lines of a place have its client id; those of a cancel the same behind "~", of a conditional
 * order behind "~@" ("#" there: a number). */
static bool
is_about(const struct memory *mem, const struct journal_line *l, const struct tok *t)
{
	char number[sizeof l->id];

	if (!mem->w->digits)
		return desk_names(l->id, mem->w->id);
	snprintf(number, sizeof number, "#%s", mem->w->id);
	return (l->id[0] == '~' && desk_names(l->id, number)) ||
	    is_wanted(mem->w, &listings[REGULAR], t, t) || is_wanted(mem->w, &listings[CONDITIONAL], t, t);
}

static int
on_line(void *arg, const struct journal_line *l)
{
	struct memory *mem = arg;
	const struct tok *t;

	if (scan_doc(mem->sc, l->data, l->data_n) <= 0 || !is_about(mem, l, t = mem->sc->t))
		return 0;
	if (mem->first_ms == 0)
		mem->first_ms = l->at_ms;
	mem->last_ms = l->at_ms;
	snprintf(mem->what, sizeof mem->what, "%s", l->what);
	if (!scan_get_str(t, t, "status", mem->status, sizeof mem->status) &&
	    !scan_get_str(t, t, "algoStatus", mem->status, sizeof mem->status))
		mem->status[0] = '\0';
	buf_reset(&mem->line);
	buf_put(&mem->line, l->data, l->data_n);
	return 0;
}

/* -1: the journal cannot be read. */
static int
search(struct app *a, struct memory *mem, int *damaged, struct fault *f)
{
	return journal_walk(a->j, (int)(LIST_KEEPS / LIST_DAY), session_now(&a->v.s[mem->w->m]), on_line, mem,
	    damaged, f);
}

/* A number may be a client id as well: the journal knows those of its own. */
static int
search_client(struct app *a, struct memory *mem, struct fault *f)
{
	const struct wanted *asked = mem->w;
	struct wanted client = *asked;
	int damaged, r;

	client.digits = false;
	mem->w = &client;
	r = search(a, mem, &damaged, f);
	mem->w = asked;
	mem->by_client = mem->first_ms != 0;
	return r;
}

/* What our journal knows; a journal that cannot be read is said, and is no answer. */
static void
remember(struct app *a, struct memory *mem)
{
	struct session *s = &a->v.s[mem->w->m];
	struct fault f = { 0 };
	int damaged = 0;

	if ((a->j == NULL && journal_open(&a->j, &s->prof, a->p.journal, &f) == -1) ||
	    search(a, mem, &damaged, &f) == -1 ||
	    (mem->w->digits && mem->first_ms == 0 && search_client(a, mem, &f) == -1)) {
		say(a, "our journal could not be read: %s", f.text);
		saw(a, FAULT_LOCAL);
	}
	if (damaged > 0)
		say(a, "our journal: %d damaged line%s passed over", damaged, damaged == 1 ? "" : "s");
}

static void
say_memory(struct app *a, const struct memory *mem)
{
	char first[INSTANT_STR], last[INSTANT_STR];

	if (mem->first_ms == 0) {
		say(a, "%s %s: our journal does not know it", mem->w->symbol, mem->w->id);
		return;
	}
	instant_put(first, mem->first_ms);
	instant_put(last, mem->last_ms);
	say(a, "%s %s: our journal has it%s since %s; its last word, of %s, is: %s%s%s%s", mem->w->symbol, mem->w->id,
	    mem->by_client ? " as a client id" : "", first, last, mem->what,
	    mem->status[0] != '\0' ? ", status " : "", mem->status,
	    mem->by_client ? "; ask with --client-id" : "");
}

/* What was asked for, and the journal's last word, as the record has it. */
static void
put_asked(struct buf *b, const struct wanted *w, const struct memory *mem)
{
	jw_open(b, NULL, '{');
	jw_str(b, "symbol", w->symbol);
	jw_str(b, id_parameter(w, &listings[w->algo ? CONDITIONAL : REGULAR]), w->id);
	if (mem->first_ms != 0) {
		jw_open(b, "journal", '{');
		jw_i64(b, "E", mem->last_ms);
		jw_str(b, "what", mem->what);
		jw_raw(b, "data", mem->line.p, mem->line.len);
		jw_close(b, '}');
	}
	jw_close(b, '}');
}

static void
refuse_one(struct app *a, const struct wanted *w, const struct fault *f)
{
	struct memory mem = { .w = w, .sc = &a->sc };
	struct buf asked = { 0 };

	saw(a, f->kind);
	(void)tool_fail(a->tool, STDERR_FILENO, f);
	if (f->code == UNKNOWN_ORDER) {
		remember(a, &mem);
		say_memory(a, &mem);
	}
	put_asked(&asked, w, &mem);
	buf_reset(&a->rec);
	tool_error_record(&a->rec, a->tool, f, session_now(&a->v.s[w->m]), asked.bad ? NULL : asked.p, asked.len);
	if (a->out.table)
		buf_reset(&a->rec);
	else
		emit(a);
	buf_free(&asked);
	buf_free(&mem.line);
}

/* Digits alone are an order id, unless --client-id says otherwise. */
static void
query_one(struct app *a, struct wanted *w, const char *id, bool client)
{
	struct fault f = { 0 };

	w->id = id;
	w->digits = !client && id[strspn(id, "0123456789")] == '\0';
	buf_reset(&a->rec);
	if (find(a, w, &f) == -1) {
		refuse_one(a, w, &f);
		return;
	}
	buf_chr(&a->rec, '\n');
	emit(a);
}

int
do_query(struct app *a, char *const words[], int n, struct fault *f)
{
	struct wanted w = { .algo = a->w.value[WORD_ALGO] != NULL };
	const char *client = a->w.value[WORD_CLIENT_ID];

	if (n < (client != NULL ? 2 : 3))
		return fault_set(f, FAULT_USAGE, "query: a symbol, and order ids or client ids are expected");
	if (client != NULL && !client_id_ok(client))
		return fault_set(f, FAULT_USAGE, "--client-id %.40s: not a client id", client);
	for (int i = 2; i < n; i++)	/* all, before anything is asked */
		if (!client_id_ok(words[i]))
			return fault_set(f, FAULT_USAGE, "%.40s: neither an order id nor a client id", words[i]);
	w.symbol = words[1];
	if (venue_find(&a->v, w.symbol, &w.m, NULL, f) == -1)
		return -1;
	for (int i = 2; i < n && !a->halt; i++) {
		if (trader_stop != 0)
			return fault_set(f, FAULT_AGAIN, "asked to stop: from %s on nothing was looked up", words[i]);
		query_one(a, &w, words[i], false);
	}
	if (client != NULL && !a->halt)
		query_one(a, &w, client, true);
	return 0;
}
