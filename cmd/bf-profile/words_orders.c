/* Orders that may still stand, by the journal alone. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/scan.h"
#include "io/clock.h"
#include "io/journal.h"
#include "words.h"

#define TAIL	(1 << 20)	/* bytes at the end of a day's file: some thousand orders */

struct entry { char client[40], number[24]; bool algo, over; };
struct walk {
	const char	*symbol;
	struct entry	*v;
	size_t		 n, cap;
	struct scan	 doc;
};

/* From the newest on: what is told is mostly of one of the last. NULL: none. */
static struct entry *
find(struct walk *w, const char *client, const char *number, bool algo)
{
	for (size_t i = w->n; i-- > 0; )
		if ((client[0] != '\0' && strcmp(w->v[i].client, client) == 0) ||
		    (number[0] != '\0' && w->v[i].algo == algo && strcmp(w->v[i].number, number) == 0))
			return &w->v[i];
	return NULL;
}

static struct entry *
new_entry(struct walk *w)
{
	struct entry *v;
	size_t cap = w->cap == 0 ? 64 : 2 * w->cap;

	if (w->n == w->cap) {
		if ((v = realloc(w->v, cap * sizeof *v)) == NULL)
			return NULL;
		w->v = v;
		w->cap = cap;
	}
	memset(&w->v[w->n], 0, sizeof *w->v);
	return &w->v[w->n++];
}

/* The intent of a place. Others change what is known already. */
static int
on_intent(struct walk *w, const struct journal_line *l)
{
	const struct tok *t = w->doc.t, *in = scan_get(t, t, "intent");
	struct entry *e;

	if (l->id[0] == '~' || l->id[0] == '=' || !scan_get_is(t, in, "symbol", w->symbol))
		return 0;
	if ((e = find(w, l->id, "", false)) == NULL && (e = new_entry(w)) == NULL)
		return -1;
	snprintf(e->client, sizeof e->client, "%s", l->id);
	e->over = false;
	return 0;
}

/* "~*BTCUSDT.89a1a7a5", "~@*BTCUSDT.89a1a7a5": all of a symbol are cancelled. */
static bool
on_cancel_all(struct walk *w, const char *id)
{
	bool algo = strncmp(id, "~@*", 3) == 0;
	const char *symbol = id + (algo ? 3 : 2);

	if (!algo && strncmp(id, "~*", 2) != 0)
		return false;
	if (strncmp(symbol, w->symbol, strlen(w->symbol)) == 0 && symbol[strlen(w->symbol)] == '.')
		for (size_t i = 0; i < w->n; i++)
			w->v[i].over = w->v[i].over || w->v[i].algo == algo;
	return true;
}

static bool
stands(const char *status)
{
	return strcmp(status, "NEW") == 0 || strcmp(status, "PARTIALLY_FILLED") == 0;
}

/* An order as the exchange told it, with either kind's names. */
static void
on_result(struct walk *w, const struct journal_line *l)
{
	const struct tok *t = w->doc.t;
	bool algo = scan_get(t, t, "algoId") != NULL;
	char client[40] = "", number[24] = "", status[32] = "";
	struct entry *e;
	int64_t n;

	if (on_cancel_all(w, l->id))
		return;
	if (scan_get_i64(t, t, algo ? "algoId" : "orderId", &n))
		snprintf(number, sizeof number, "%lld", (long long)n);
	(void)scan_get_str(t, t, algo ? "clientAlgoId" : "clientOrderId", client, sizeof client);
	(void)scan_get_str(t, t, algo ? "algoStatus" : "status", status, sizeof status);
	if ((e = find(w, client[0] != '\0' ? client : l->id, number, algo)) == NULL)
		return;
	memcpy(e->number, number, sizeof number);
	e->algo = algo;
	e->over = !stands(status);	/* the cancel of a conditional order tells no status */
}

static int
on_line(void *arg, const struct journal_line *l)
{
	struct walk *w = arg;
	struct entry *e;

	if (strcmp(l->what, "unknown") == 0 || scan_doc(&w->doc, l->data, l->data_n) <= 0)
		return 0;
	if (strcmp(l->what, "intent") == 0)
		return on_intent(w, l);
	if (strcmp(l->what, "result") == 0 || strcmp(l->what, "resolved") == 0)
		on_result(w, l);
	else if ((e = find(w, l->id, "", false)) != NULL)	/* refused, absent */
		e->over = true;
	return 0;
}

static void
put_standing(struct buf *out, const struct walk *w)
{
	for (size_t i = 0; i < w->n; i++)
		if (!w->v[i].over) {
			buf_printf(out, "%s\n", w->v[i].client);
			if (w->v[i].number[0] != '\0')
				buf_printf(out, "%s\n", w->v[i].number);
		}
}

int
words_orders(struct buf *out, const struct profile *p, const char *symbol, struct fault *f)
{
	struct walk w = { .symbol = symbol };
	struct journal *j;
	int r;

	if (!journal_exists(p))
		return 0;	/* asking makes no directory */
	if (journal_open(&j, p, NULL, f) == -1)
		return -1;
	f->kind = FAULT_NONE;
	r = journal_recent(j, TAIL, clock_wall_ms(), on_line, &w, f);
	if (r == 0)
		put_standing(out, &w);
	else if (f->kind == FAULT_NONE)
		fault_set(f, FAULT_LOCAL, "out of memory");
	journal_close(j);
	scan_free(&w.doc);
	free(w.v);
	return r == 0 ? 0 : -1;
}
