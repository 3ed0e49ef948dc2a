/* The journal for a person: a row for each intent, and what became of it. */
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "io/clock.h"
#include "app.h"

#define CELL		160	/* bytes of a value that are shown */
#define SAID		20	/* damaged lines that are named */
#define PIECE		(64u << 10)
#define DAY_MS		86400000

const struct column journal_cols[] = {
	{ "TIME", "time", COL_DATE },
	{ "MARKET", "market", COL_LEFT | COL_MORE(1) },
	{ "DO", "op", COL_LEFT },
	{ "SYMBOL", "symbol", COL_LEFT },
	{ "SIDE", "side", COL_LEFT | COL_SIDE },
	{ "TYPE", "type", COL_LEFT | COL_MORE(4) },
	{ "QUANTITY", "quantity", COL_DEC },
	{ "PRICE", "price", COL_DEC | COL_MORE(6) },
	{ "TRIGGER", "trigger", COL_DEC | COL_MORE(3) },
	{ "BECAME", "became", COL_LEFT },
	{ "ID", "id", COL_LEFT | COL_MORE(2) },
	{ "MESSAGE", "msg", COL_LEFT | COL_CUT | COL_MORE(5) },
	{ NULL, NULL, 0 }
};

/* How much is known of what became of it; it never gets less. */
enum sure { SURE_OPEN, SURE_UNKNOWN, SURE_DONE };

struct row {
	char	  id[40];	/* the journal's; first, for rows are found by it */
	size_t	  nth;
	int64_t	  at_ms;	/* of its first line */
	char	 *asked, *became;	/* members of the record to print; became NULL: none yet */
	enum sure sure;
};

struct show {
	struct app  *a;
	struct row **v;
	size_t	     n, cap;
	void	    *latest;	/* of each id (tsearch) */
	struct buf   b;
	int64_t	     from_ms;
	int	     said;
};

/*
 * What a line says, as members of a record
 */

/* The first of these members that obj has and that holds something, as a member key. */
static bool
copy(struct buf *out, const char *key, const struct tok *t, const struct tok *obj, const char *const *names)
{
	char text[CELL + 1];
	const struct tok *v;

	for (; *names != NULL; names++) {
		v = scan_get(t, obj, *names);
		if (v == NULL || (v->kind != SCAN_STR && v->kind != SCAN_NUM) || v->len == 0)
			continue;
		if (v->kind == SCAN_STR && scan_str(v, text, sizeof text))
			jw_str(out, key, text);
		else
			jw_strn(out, key, v->p, v->len < CELL ? v->len : CELL);
		return true;
	}
	return false;
}

#define COPY(out, key, t, obj, ...) copy(out, key, t, obj, (const char *const[]){ __VA_ARGS__, NULL })

/* Which order: its client id, else #its order id. */
static void
put_id(struct buf *out, const struct tok *t, const struct tok *obj, const char *id)
{
	const struct tok *v = scan_get(t, obj, "orderId");
	char text[32];

	if (COPY(out, "id", t, obj, "newClientOrderId", "clientAlgoId", "origClientOrderId", "clientOrderId"))
		return;
	if (v == NULL)
		v = scan_get(t, obj, "algoId");
	if (v != NULL && (v->kind == SCAN_NUM || v->kind == SCAN_STR)) {
		snprintf(text, sizeof text, "#%.*s", (int)(v->len < 30 ? v->len : 30), v->p);
		jw_str(out, "id", text);
	} else if (id[0] != '~' && id[0] != '=')
		jw_str(out, "id", id);
}

/* An intent, or where its line is lost the order of its outcome. */
static void
put_asked(struct buf *out, const struct tok *t, const struct row *r, bool intent)
{
	const struct tok *obj = intent ? scan_get(t, t, "intent") : t;
	bool all = false;

	jw_i64(out, "time", r->at_ms);
	COPY(out, "market", t, t, "market");
	if (!COPY(out, "op", t, obj, "op") && intent)
		jw_str(out, "op", "place");
	COPY(out, "symbol", t, obj, "symbol");
	COPY(out, "side", t, obj, "side");
	COPY(out, "type", t, obj, "type", "orderType");
	if (scan_get_bool(t, obj, "closePosition", &all) && all)
		jw_str(out, "quantity", "all");
	else
		COPY(out, "quantity", t, obj, "quantity", "origQty");
	COPY(out, "price", t, obj, "price", "priceMatch");
	COPY(out, "trigger", t, obj, "triggerPrice", "stopPrice", "activatePrice", "activationPrice");
	put_id(out, t, obj, r->id);
}

static void
put_refused(struct buf *out, const struct tok *t)
{
	char text[40] = "REFUSED";
	int64_t code;

	if (scan_get_i64(t, t, "code", &code) && code != 0)
		snprintf(text, sizeof text, "REFUSED %lld", (long long)code);
	jw_str(out, "became", text);
}

static enum sure
put_became(struct buf *out, const struct tok *t, const struct journal_line *l)
{
	bool found = strcmp(l->what, "resolved") == 0;

	if (strcmp(l->what, "refused") == 0)
		put_refused(out, t);
	else if (strcmp(l->what, "absent") == 0)
		jw_str(out, "became", "ABSENT");
	else if (strcmp(l->what, "unknown") == 0)
		jw_str(out, "became", "UNKNOWN");
	else if (!COPY(out, "became", t, t, "status", "algoStatus"))
		jw_str(out, "became", "DONE");
	if (!COPY(out, "msg", t, t, "msg") && found)
		jw_str(out, "msg", "found by looking it up");
	return strcmp(l->what, "unknown") == 0 ? SURE_UNKNOWN : SURE_DONE;
}

/*
 * Rows
 */

static int
by_id(const void *a, const void *b)
{
	return strcmp(((const struct row *)a)->id, ((const struct row *)b)->id);
}

static int
by_time(const void *a, const void *b)
{
	const struct row *x = *(struct row *const *)a, *y = *(struct row *const *)b;

	if (x->at_ms != y->at_ms)
		return x->at_ms < y->at_ms ? -1 : 1;
	return x->nth < y->nth ? -1 : 1;
}

static struct row *
find_row(struct show *s, const char *id)
{
	struct row key, **at;

	memcpy(key.id, id, sizeof key.id);
	at = tfind(&key, &s->latest, by_id);
	return at == NULL ? NULL : *at;
}

/* A new one, from now on the latest of its id; NULL: no memory. */
static struct row *
add_row(struct show *s, const struct journal_line *l)
{
	size_t cap = s->n < s->cap ? s->cap : s->cap * 2 + 64;
	struct row **v = s->n < s->cap ? s->v : realloc(s->v, cap * sizeof *v), *r, **at;

	if (v == NULL)
		return NULL;
	s->v = v;
	s->cap = cap;
	if ((r = calloc(1, sizeof *r)) == NULL)
		return NULL;
	memcpy(r->id, l->id, sizeof r->id);
	r->nth = s->n;
	r->at_ms = l->at_ms;
	if ((at = tsearch(r, &s->latest, by_id)) == NULL) {
		free(r);
		return NULL;
	}
	*at = r;
	s->v[s->n++] = r;
	return r;
}

/* What was written into s->b takes the place of *text. */
static int
keep(struct show *s, char **text)
{
	char *copied = s->b.bad ? NULL : strndup(s->b.p, s->b.len);

	buf_reset(&s->b);
	if (copied == NULL)
		return -1;
	free(*text);
	*text = copied;
	return 0;
}

/* One that was signed anew, with nothing known of it, is still the same one. */
static int
on_intent(struct show *s, const struct journal_line *l)
{
	struct row *r = find_row(s, l->id);

	if ((r == NULL || r->sure != SURE_OPEN) && (r = add_row(s, l)) == NULL)
		return -1;
	put_asked(&s->b, s->a->sc.t, r, true);
	return keep(s, &r->asked);
}

static int
on_outcome(struct show *s, const struct journal_line *l)
{
	struct row *r = find_row(s, l->id);
	enum sure sure;

	if (r == NULL) {
		if ((r = add_row(s, l)) == NULL)
			return -1;
		put_asked(&s->b, s->a->sc.t, r, false);
		if (keep(s, &r->asked) == -1)
			return -1;
	}
	sure = put_became(&s->b, s->a->sc.t, l);
	if (sure < r->sure) {
		buf_reset(&s->b);
		return 0;
	}
	r->sure = sure;
	return keep(s, &r->became);
}

static int
on_line(void *arg, const struct journal_line *l)
{
	struct show *s = arg;

	if (l->at_ms < s->from_ms || scan_doc(&s->a->sc, l->data, l->data_n) <= 0)
		return 0;
	return strcmp(l->what, "intent") == 0 ? on_intent(s, l) : on_outcome(s, l);
}

static void
print_rows(struct show *s)
{
	struct app *a = s->a;

	if (s->n > 0)
		qsort(s->v, s->n, sizeof *s->v, by_time);
	for (size_t i = 0; i < s->n && !a->halt; i++) {
		jw_open(&a->rec, NULL, '{');
		jw_raw(&a->rec, NULL, s->v[i]->asked, strlen(s->v[i]->asked));
		if (s->v[i]->became == NULL)
			jw_str(&a->rec, "became", "OPEN");
		else
			jw_raw(&a->rec, NULL, s->v[i]->became, strlen(s->v[i]->became));
		jw_close(&a->rec, '}');
		jw_end(&a->rec);
		if (a->rec.len >= PIECE)
			emit(a);
	}
}

static void
free_rows(struct show *s)
{
	while (s->latest != NULL)
		tdelete(*(struct row **)s->latest, &s->latest, by_id);
	for (size_t i = 0; i < s->n; i++) {
		free(s->v[i]->asked);
		free(s->v[i]->became);
		free(s->v[i]);
	}
	free(s->v);
	buf_free(&s->b);
}

/*
 * The command
 */

/* As they are, for a program. */
static int
raw_line(void *arg, const struct journal_line *l)
{
	struct show *s = arg;
	struct app *a = s->a;

	if (l->at_ms < s->from_ms)
		return 0;
	buf_put(&a->rec, l->line, l->n);
	buf_chr(&a->rec, '\n');
	if (a->rec.len >= PIECE)
		emit(a);
	return a->halt ? -1 : 0;
}

static void
on_damage(void *arg, const char *sentence)
{
	struct show *s = arg;

	if (s->said++ < SAID)
		say(s->a, "%s", sentence);
}

static int
show(struct show *s, int days, int64_t now_ms, struct fault *f)
{
	struct app *a = s->a;
	int damaged = 0, r;

	journal_on_damage(a->j, on_damage, s);
	fault_set(f, FAULT_LOCAL, "out of memory for the journal's rows");
	r = journal_walk(a->j, days, now_ms, a->out.table ? on_line : raw_line, s, &damaged, f);
	journal_on_damage(a->j, NULL, NULL);
	if (r == 0)
		print_rows(s);
	if (a->rec.len > 0 && !a->halt)
		emit(a);
	if (damaged > 0) {
		say(a, "journal: %d damaged line%s passed over", damaged, damaged == 1 ? "" : "s");
		saw(a, FAULT_LOCAL);
	}
	return a->halt ? 0 : r;
}

/* A journal in one file has all days: of it as many as were asked for. */
int
do_journal(struct app *a, char *const words[], int n, struct fault *f)
{
	struct show s = { .a = a, .from_ms = INT64_MIN };
	int64_t now_ms = clock_wall_ms();
	static struct profile p;
	long days = 1;
	int r;

	if (n > 2)
		return fault_set(f, FAULT_USAGE, "%s: journal takes a number of days", words[2]);
	if ((n == 2 && tool_number(&days, "days", words[1], 1, 10000, f) == -1) ||
	    profile_load(&p, a->common.profile, f) == -1 || profile_need_chosen(&p, f) == -1 ||
	    journal_open(&a->j, &p, a->p.journal, f) == -1 || app_hold(a, &p, f) == -1)
		return -1;
	if (a->p.journal != NULL && n == 2)
		s.from_ms = (now_ms / DAY_MS - days + 1) * DAY_MS;
	r = show(&s, (int)days, now_ms, f);
	free_rows(&s);
	return r;
}
