/* bf-info watch: a record for each change of a contract's rules. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ask.h"
#include "core/span.h"
#include "io/sandbox.h"
#include "io/state.h"
#include "look.h"
#include "range.h"

#define EVERY_S		60
#define LOOK_MAX	(32u << 20)	/* bytes of what is kept */

struct watch {
	struct app     *a;
	char *const    *words;		/* symbols; none: all */
	int		n;
	struct session	keyed;		/* for the leverage brackets */
	bool		has_key;
	struct look	was, is;	/* was: what is kept of the look before */
	bool		known;		/* there was a look before */
	bool		down;		/* the exchange does not answer, and that was said */
	const char     *symbol;		/* of the change at hand */
	struct fault	fault;		/* of putting it out */
};

static void
file_name(char out[static 32], enum market m)
{
	snprintf(out, 32, "watch.%s.json", market_word(m));
}

/*
 * Looking
 */

/* A copy of an answer, which the next call would overwrite. */
static int
keep(struct scan *doc, struct buf *text, const struct session *s, struct fault *f)
{
	buf_reset(text);
	buf_put(text, s->body.p, s->body.len);
	return text->bad || scan_doc(doc, text->p, text->len) <= 0 ?
	    fault_set(f, FAULT_LOCAL, "out of memory") : 0;
}

static int
look(struct watch *w, struct fault *f)
{
	struct buf text[2] = { { 0 }, { 0 } };
	struct scan doc[2] = { { 0 }, { 0 } };
	struct session *s = w->a->s;
	int ret = -1;

	if (xinfo_get(w->a->x, s, true, f) == 0 && session_call(s, EP_FUNDING_INFO, "", false, f) == 0 &&
	    keep(&doc[0], &text[0], s, f) == 0 &&
	    (!w->has_key || (session_call(&w->keyed, EP_LEVERAGE_BRACKET, "", false, f) == 0 &&
	    keep(&doc[1], &text[1], &w->keyed, f) == 0)))
		ret = look_make(&w->is, &w->a->x->doc, &doc[0], w->has_key ? &doc[1] : NULL, f);
	for (int i = 0; i < 2; i++) {
		scan_free(&doc[i]);
		buf_free(&text[i]);
	}
	return ret;
}

/*
 * Changes
 */

static int
put_change(void *arg, const char *field, const struct tok *was, const struct tok *is)
{
	struct watch *w = arg;
	struct buf *b = &w->a->rec;

	jw_open(b, NULL, '{');
	jw_str(b, "e", "bf.change");
	jw_i64(b, "E", session_now(w->a->s));
	jw_str(b, "by", "bf-info");
	jw_str(b, "symbol", w->symbol);
	jw_str(b, "field", field);
	jw_raw(b, "was", was == NULL ? "null" : "", was == NULL ? 4 : 0);
	if (was != NULL)
		span_put(b, was);
	jw_raw(b, "is", is == NULL ? "null" : "", is == NULL ? 4 : 0);
	if (is != NULL)
		span_put(b, is);
	jw_close(b, '}');
	return info_put(w->a, &w->fault);
}

static int
put_listed(struct watch *w, bool listed)
{
	static const struct tok yes = { .p = "true", .len = 4, .kind = SCAN_TRUE };
	static const struct tok no = { .p = "false", .len = 5, .kind = SCAN_FALSE };

	return put_change(w, "listed", listed ? &no : &yes, listed ? &yes : &no);
}

static bool
wanted(const struct watch *w, const char *symbol)
{
	for (int i = 0; i < w->n; i++)
		if (strcmp(w->words[i], symbol) == 0)
			return true;
	return w->n == 0;
}

static int
compare_one(struct watch *w, const struct tok *was, const struct tok *is)
{
	if (was == NULL)
		return put_listed(w, true);
	if (is == NULL)
		return put_listed(w, false);
	return look_compare(w->was.doc.t, was, w->is.doc.t, is, put_change, w);
}

/* The next line of what is kept, and a contract as it was kept (NULL: by the caller). */
static void
put_kept(struct buf *next, const struct tok *was)
{
	if (next->len > 1)
		buf_str(next, ",\n");
	if (was != NULL)
		span_put(next, was);
}

/*
 * One contract, of either look: what changed is told, and what is to be kept goes into
 * next. Of a contract that is not asked for that is the old one: who asks for it
 * later must not miss what changed in between.
 */
static int
treat(struct watch *w, const char *symbol, struct buf *next)
{
	const struct tok *was = look_find(&w->was, symbol), *is = look_find(&w->is, symbol);
	bool mine = wanted(w, symbol);

	w->symbol = symbol;
	if (mine && w->known && compare_one(w, was, is) == -1)
		return -1;
	if (w->known && !mine) {
		if (was != NULL)
			put_kept(next, was);
	} else if (is != NULL) {
		put_kept(next, NULL);
		look_keep(next, w->was.doc.t, was, w->is.doc.t, is);
	}
	return 0;
}

/* Both looks, contract by contract: the new one in its order, then those that are gone. */
static int
treat_all(struct watch *w, struct buf *next)
{
	const struct tok *t = w->is.doc.t, *v;
	char symbol[SYMBOL_MAX];

	for (v = scan_first(t); v != NULL; v = scan_next(t, t, v))
		if (scan_get_str(t, v, "symbol", symbol, sizeof symbol) && treat(w, symbol, next) == -1)
			return -1;
	if (!w->known)
		return 0;
	t = w->was.doc.t;
	for (v = scan_first(t); v != NULL; v = scan_next(t, t, v))
		if (scan_get_str(t, v, "symbol", symbol, sizeof symbol) && look_find(&w->is, symbol) == NULL &&
		    treat(w, symbol, next) == -1)
			return -1;
	return 0;
}

/* What is told goes out first: after a crash in between it is told twice, not never. */
static int
round_done(struct watch *w, struct fault *f)
{
	struct buf next = { 0 };
	char name[32];
	int ret;

	buf_chr(&next, '[');
	if ((ret = treat_all(w, &next)) == -1)
		*f = w->fault;
	buf_chr(&next, ']');
	if (ret == 0 && next.bad)
		ret = fault_set(f, FAULT_LOCAL, "out of memory");
	file_name(name, w->a->s->market);
	if (ret == 0 && (ret = out_flush(&w->a->out.out, f)) == 0 &&
	    (ret = state_write(w->a->s->prof.state_dir, name, next.p, next.len, f)) == 0) {
		if (!w->known)
			tool_say(w->a->tool, STDERR_FILENO, "the rules of %u contracts of %s are kept: changes are told "
			    "from the next look on", w->is.doc.t->n, market_title(w->a->s->market));
		ret = look_read(&w->was, &next, f);
		w->known = true;
	}
	buf_free(&next);
	return ret;
}

/*
 * The run
 */

/* 1: kept of an earlier look, 0: none. One that is damaged is begun anew, and that is said. */
static int
load(struct watch *w, enum market m, struct fault *f)
{
	struct buf text = { 0 };
	struct fault why;
	char name[32];
	int ret;

	look_free(&w->was);
	file_name(name, m);
	ret = state_read(w->a->s->prof.state_dir, name, &text, LOOK_MAX, f);
	if (ret == 1 && look_read(&w->was, &text, &why) == -1) {
		tool_say(w->a->tool, STDERR_FILENO, "%s/%s: %s; it is begun anew", w->a->s->prof.state_dir, name, why.text);
		ret = 0;
	}
	buf_free(&text);
	w->known = ret == 1;
	return ret;
}

/* A contract that was there at the last look, or is listed: its end is a change too. */
static int
find_symbol(struct watch *w, const char *symbol, struct fault *f)
{
	int end = w->a->common.market_given ? (int)w->a->common.market + 1 : MARKETS;
	struct rules r;

	for (int m = (int)w->a->common.market; m < end; m++) {
		if (load(w, (enum market)m, f) == -1)
			return -1;
		if (look_find(&w->was, symbol) != NULL)
			return info_market(w->a, (enum market)m, f);
	}
	return info_rules(w->a, symbol, &r, f);
}

static int
find_market(struct watch *w, struct fault *f)
{
	enum market first = w->a->s->market;

	for (int i = 0; i < w->n; i++) {
		if (find_symbol(w, w->words[i], f) == -1)
			return -1;
		if (i == 0)
			first = w->a->s->market;
		else if (w->a->s->market != first)
			return fault_set(f, FAULT_USAGE, "%s is of %s and %s of %s: watch one market", w->words[0],
			    market_title(first), w->words[i], market_title(w->a->s->market));
	}
	return load(w, first, f) == -1 ? -1 : 0;
}

/* Brackets want a key; without one the rest is watched. */
static int
find_key(struct watch *w, struct fault *f)
{
	struct fault why;

	if (session_open(&w->keyed, w->a->common.profile, w->a->s->market, true, &why) == 0) {
		w->has_key = true;
		return 0;
	}
	if (why.kind != FAULT_USAGE && why.kind != FAULT_KEY) {
		*f = why;
		return -1;
	}
	tool_say(w->a->tool, STDERR_FILENO, "leverage brackets are not watched: %s", why.text);
	return 0;
}

/* A look that failed for want of an answer is said once, and made again next time, if there is one. */
static int
look_again(struct watch *w, bool last, struct fault *f)
{
	int ret = look(w, f);

	if (ret == 0) {
		if (w->down)
			tool_say(w->a->tool, STDERR_FILENO, "the exchange answers again");
		w->down = false;
		return round_done(w, f);
	}
	if (last || f->kind != FAULT_AGAIN || ask_interrupted())
		return -1;
	if (!w->down)
		tool_say(w->a->tool, STDERR_FILENO, "%s; looking on", f->text);
	w->down = true;
	return 0;
}

static int
watch(struct watch *w, struct fault *f)
{
	int64_t wait = (w->a->rounds.every > 0 ? w->a->rounds.every : EVERY_S) * INT64_C(1000);
	long looks = 0, count = w->a->rounds.count;
	bool last;
	int ret;

	if (find_market(w, f) == -1 || find_key(w, f) == -1 ||
	    sandbox_enter(&(struct sandbox){ .prof = &w->a->s->prof }, f) == -1)
		return -1;
	ask_catch(w->a->s);
	do {
		last = ++looks == count;
		ret = look_again(w, last, f);
	} while (ret == 0 && !last && ask_wait(wait));
	return ret;
}

int
do_watch(struct app *a, char *const words[], int n, struct fault *f)
{
	struct watch w = { .a = a, .words = words, .n = n };
	struct fault ignore;
	int ret;

	printer_live(&a->out);
	ret = watch(&w, f);
	look_free(&w.was);
	look_free(&w.is);
	session_close(&w.keyed);
	if (ask_interrupted()) {
		(void)printer_close(&a->out, &ignore);
		ask_die();
	}
	return ret;
}
