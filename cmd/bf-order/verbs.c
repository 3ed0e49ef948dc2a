/* The commands that send, from their words to an intent each. */
#include <unistd.h>

#include "io/trader.h"
#include "list.h"

int
do_pipe(struct app *a, char *const words[], int n, struct fault *f)
{
	(void)words, (void)n;
	if (isatty(STDIN_FILENO))
		say(a, "reading intents from the terminal, one JSON object per line; see bf-order --help");
	if (trader_input(STDIN_FILENO, f) == -1 || start_sending(a, f) == -1)
		return -1;
	return run_pipe(a, f);
}

/* text: one intent, as the pipe would bring it. */
static void
treat_text(struct app *a, const struct buf *text)
{
	struct fault f = { 0 };

	if (!a->halt && trader_stop == 0) {
		treat_line(a, text->p, text->len);
		return;
	}
	fault_set(&f, FAULT_AGAIN, "stopped before its turn; nothing was sent");
	job_reset(a->job);
	buf_put(&a->job->text, text->p, text->len);
	refuse(a, &f);
}

/* The intent that words have made: made is 0, or -1 with f. */
static int
send_words(struct app *a, struct buf *text, int made, struct fault *f)
{
	int r = made;

	a->words = true;
	if (r == 0 && (r = start_sending(a, f)) == 0) {
		treat_text(a, text);
		run_out(a);
	}
	buf_free(text);
	return r;
}

int
do_place(struct app *a, char *const words[], int n, struct fault *f)
{
	struct buf text = { 0 };

	return send_words(a, &text, words_place(&text, &a->w, words, n, clock_wall_ms(), f), f);
}

int
do_modify(struct app *a, char *const words[], int n, struct fault *f)
{
	struct buf text = { 0 };

	return send_words(a, &text, words_modify(&text, &a->w, words, n, f), f);
}

int
do_cancel(struct app *a, char *const words[], int n, struct fault *f)
{
	bool named = a->w.value[WORD_CLIENT_ID] != NULL;
	struct buf text = { 0 };
	int i, r = 0;

	a->words = true;
	if (n < (named ? 2 : 3) || (named && n > 2))
		return fault_set(f, FAULT_USAGE, "cancel takes a symbol and order ids or client ids");
	for (i = 2; r == 0 && i < n; i++)	/* all, before the first is sent */
		r = words_cancel(&text, &a->w, words[1], words[i], f);
	if (r == 0)
		r = start_sending(a, f);
	for (i = 2; r == 0 && (i < n || (named && i == 2)); i++) {
		buf_reset(&text);
		if ((r = words_cancel(&text, &a->w, words[1], named ? NULL : words[i], f)) == 0)
			treat_text(a, &text);
	}
	if (a->desk != NULL)
		run_out(a);
	buf_free(&text);
	return r;
}

/* id_name NULL: of all orders of the symbol, or with algo of the conditional ones. */
static void
treat_cancel(struct app *a, const char *op, const char *symbol, const char *id_name, uint64_t id, bool algo)
{
	struct buf text = { 0 };

	jw_open(&text, NULL, '{');
	jw_str(&text, "op", op);
	jw_str(&text, "symbol", symbol);
	if (id_name != NULL)
		jw_u64(&text, id_name, id);
	else if (algo)
		jw_bool(&text, "algo", true);
	jw_close(&text, '}');
	if (text.bad) {
		say(a, "%s: out of memory; nothing was sent", symbol);
		saw(a, FAULT_LOCAL);
	} else
		treat_text(a, &text);
	buf_free(&text);
}

/* Each order of its own: of some only, or of a symbol that was not named. */
static int
cancel_target(struct app *a, const struct target *t, struct fault *f)
{
	if (t->algo || a->w.value[WORD_ALGO] == NULL)
		treat_cancel(a, "cancel", t->symbol, t->algo ? "algoId" : "orderId", t->id, t->algo);
	while (desk_full(a->desk))
		run_out(a);
	return a->halt || trader_stop != 0 ? fault_set(f, FAULT_AGAIN, "stopped; not all were cancelled") : 0;
}

int
do_cancel_all(struct app *a, char *const words[], int n, struct fault *f)
{
	const char *prefix;
	int r = 0;

	a->words = true;
	if (wanted_prefix(a, &prefix, f) == -1 || start_sending(a, f) == -1)
		return -1;
	if (prefix != NULL || n == 1)
		r = targets(a, words + 1, n - 1, prefix, cancel_target, f);
	else if (a->p.dry_run || (r = printer_section(&a->out, cancel_all_cols, f)) == 0)
		for (int i = 1; i < n; i++)
			treat_cancel(a, "cancel-all", words[i], NULL, 0, a->w.value[WORD_ALGO] != NULL);
	run_out(a);
	return r;
}

int
do_recover(struct app *a, char *const words[], int n, struct fault *f)
{
	if (n > 1)
		return fault_set(f, FAULT_USAGE, "%s: recover takes no operand", words[1]);
	if (start(a, f) == -1)
		return -1;
	if (settle_earlier(a, f) == -1)
		return -1;
	if (!a->recovered)
		say_none(a, "nothing to recover: no request of earlier runs is without an outcome");
	return 0;
}
