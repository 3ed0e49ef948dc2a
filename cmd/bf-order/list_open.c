/* What stands: orders and conditional orders, of symbols or of everything. */
#include <stdlib.h>
#include <string.h>

#include "list.h"

/* What is done with each list that was read: its elements are in s->doc. */
struct reader {
	int	(*take)(void *arg, struct session *s, const struct listing *l, struct fault *f);
	void	 *arg;
	int	 lists, failed;
	struct fault worst;	/* of those that could not be read */
};

static int
read_list(struct reader *rd, struct session *s, const struct listing *l, const char *symbol, struct fault *f)
{
	return ask_symbol(s, l->open, symbol, false, f) == -1 ? -1 : rd->take(rd->arg, s, l, f);
}

/*
 * Both kinds of one market; symbol "": of all. The conditional ones first: one that is
 * triggered between the two reads is then seen twice, and not missed. A list that cannot be
 * read is said, and the rest is read all the same.
 */
static int
read_market(struct app *a, struct reader *rd, enum market m, const char *symbol, struct fault *f)
{
	struct session *s = venue_session(&a->v, m, f);

	if (s == NULL)
		return -1;
	for (int k = KINDS - 1; k >= 0 && !a->halt; k--) {
		rd->lists++;
		if (read_list(rd, s, &listings[k], symbol, f) == 0)
			continue;
		if (rd->failed++ == 0 || fault_worst(f->kind, rd->worst.kind) != rd->worst.kind)
			rd->worst = *f;
		say(a, "%s: the %s that stand%s%s could not be read: %s", market_title(m), listings[k].what,
		    *symbol == '\0' ? "" : " on ", symbol, f->text);
	}
	return 0;
}

static int
read_everything(struct app *a, struct reader *rd, struct fault *f)
{
	enum market other = market_other(a->v.market);

	if (read_market(a, rd, a->v.market, "", f) == -1)
		return -1;
	return a->v.only || !venue_has(&a->v, other) ? 0 : read_market(a, rd, other, "", f);
}

static bool
named_before(char *const symbols[], int i)
{
	for (int k = 0; k < i; k++)
		if (strcmp(symbols[k], symbols[i]) == 0)
			return true;
	return false;
}

/* Each name is looked up before anything is read: a wrong one is no short list. */
static int
read_symbols(struct app *a, struct reader *rd, char *const symbols[], int n, struct fault *f)
{
	enum market m;

	for (int i = 0; i < n; i++)
		if (venue_find(&a->v, symbols[i], &m, NULL, f) == -1)
			return -1;
	for (int i = 0; i < n; i++)
		if (!named_before(symbols, i) && (venue_find(&a->v, symbols[i], &m, NULL, f) == -1 ||
		    read_market(a, rd, m, symbols[i], f) == -1))
			return -1;
	return 0;
}

/* -1: nothing could be begun, or not all could be read; what could was taken. */
static int
read_open(struct app *a, struct reader *rd, char *const symbols[], int n, struct fault *f)
{
	if ((n == 0 ? read_everything(a, rd, f) : read_symbols(a, rd, symbols, n, f)) == -1)
		return -1;
	if (rd->failed == 0)
		return 0;
	*f = rd->worst;
	return reworded(f, "%d of %d lists could not be read: not everything that stands is known",
	    rd->failed, rd->lists);
}

/*
 * For a person or a pipe
 */

struct shown { struct rows rows; const char *prefix; };

static int
take_rows(void *arg, struct session *s, const struct listing *l, struct fault *f)
{
	struct shown *sh = arg;

	return rows_take(&sh->rows, s, l, sh->prefix, f);
}

int
do_open(struct app *a, char *const words[], int n, struct fault *f)
{
	struct shown sh = { 0 };
	struct reader rd = { .take = take_rows, .arg = &sh };
	int r;

	if (wanted_prefix(a, &sh.prefix, f) == -1)
		return -1;
	r = read_open(a, &rd, words + 1, n - 1, f);
	rows_sort(&sh.rows);
	if (r == 0 && sh.rows.n == 0 && !a->p.rounds.watch)
		say_none(a, n > 1 || sh.prefix != NULL || a->v.only ? "no such orders stand" : "no orders stand");
	for (size_t i = 0; i < sh.rows.n && !a->halt; i++)
		row_print(a, &sh.rows, &sh.rows.v[i]);
	rows_free(&sh.rows);
	return r;
}

/*
 * For cancel-all
 */

struct targets { struct target *v; size_t n, cap; const char *prefix; };

static struct target *
new_target(struct targets *ts)
{
	size_t cap = ts->cap == 0 ? 64 : 2 * ts->cap;
	struct target *v;

	if (ts->n == ts->cap) {
		if ((v = reallocarray(ts->v, cap, sizeof *v)) == NULL)
			return NULL;
		ts->v = v;
		ts->cap = cap;
	}
	return memset(&ts->v[ts->n], 0, sizeof *ts->v);
}

static int
take_target(struct targets *ts, const struct session *s, const struct listing *l, const struct tok *v,
    struct fault *f)
{
	const struct tok *t = s->doc.t;
	struct target *one = new_target(ts);
	int64_t id;

	if (one == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory for what is to be cancelled");
	if (!scan_get_i64(t, v, l->id, &id) || id <= 0 ||
	    !scan_get_str(t, v, "symbol", one->symbol, sizeof one->symbol))
		return fault_set(f, FAULT_AGAIN, "one of the %s has no %s or symbol", l->what, l->id);
	one->market = s->market;
	one->algo = l == &listings[CONDITIONAL];
	one->id = (uint64_t)id;
	if (!scan_get_str(t, v, l->client_id, one->client_id, sizeof one->client_id))
		one->client_id[0] = '\0';	/* the exchange's own may be longer than ours may be */
	if (ts->prefix == NULL || strncmp(one->client_id, ts->prefix, strlen(ts->prefix)) == 0)
		ts->n++;
	return 0;
}

static int
take_targets(void *arg, struct session *s, const struct listing *l, struct fault *f)
{
	const struct tok *t = s->doc.t, *v;

	if (t->kind != SCAN_ARR)
		return fault_set(f, FAULT_AGAIN, "%s: the answer is no list", endpoint(l->open)->path[s->market]);
	for (v = scan_first(t); v != NULL; v = scan_next(t, t, v))
		if (take_target(arg, s, l, v, f) == -1)
			return -1;
	return 0;
}

/* All are read before the first is handed on, for each may ask the same session. What could
 * be read is handed on also if something could not: it is to be cancelled in any case. */
int
targets(struct app *a, char *const symbols[], int n, const char *prefix,
    int (*each)(struct app *a, const struct target *t, struct fault *f), struct fault *f)
{
	struct targets ts = { .prefix = prefix };
	struct reader rd = { .take = take_targets, .arg = &ts };
	int r = read_open(a, &rd, symbols, n, f);
	struct fault ended;

	if (r == 0 && ts.n == 0)
		say_none(a, "nothing to cancel: no such orders stand");
	for (size_t i = 0; i < ts.n; i++)
		if (each(a, &ts.v[i], &ended) == -1) {
			*f = ended;
			r = -1;
			break;
		}
	free(ts.v);
	return r;
}

static int
count(void *arg, struct session *s, const struct listing *l, struct fault *f)
{
	if (s->doc.t->kind != SCAN_ARR)
		return fault_set(f, FAULT_AGAIN, "%s: the answer is no list", endpoint(l->open)->path[s->market]);
	*(int *)arg += (int)s->doc.t->n;
	return 0;
}

int
survivors(struct app *a, enum market m, const char *symbol, int *open, struct fault *f)
{
	struct reader rd = { .take = count, .arg = open };
	struct session *s = venue_session(&a->v, m, f);

	*open = 0;
	if (s == NULL)
		return -1;
	for (int k = KINDS - 1; k >= 0; k--)	/* in the order of read_market */
		if (read_list(&rd, s, &listings[k], symbol, f) == -1)
			return -1;
	return 0;
}
