/*
 * Intents, and orders from arguments, under a fuzzer. An input is lines: one that begins
 * with "{" is an intent, any other the words of a command ("buy BTCUSDT 1 @ 5 --tif=IOC").
 * What is read must make a request that says the same again, before and after it was
 * fitted to either position mode; what is refused must be said so that a terminal may
 * show it. Built by `make fuzz`.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../cmd/bf-order/words.h"
#include "core/intent.h"
#include "core/show.h"

#define MUST(what)	do {							\
	if (!(what)) {								\
		fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #what);	\
		abort();							\
	}									\
} while (0)

static struct scan sc, again_sc;
static struct buf query, again, json, made;
static unsigned long taken[OPS], conditional, fitted, refused, spoken, not_meant;

static void
check_fault(const struct fault *f, enum fault_kind kind)
{
	MUST(f->kind == kind && *f->text != '\0' && f->code <= 0);
	if (kind == FAULT_REJECTED)	/* a usage's words come from the caller's own terminal */
		MUST(show_clean(f->text, strlen(f->text)));
}

/*
 * The request
 */

static void
check_query(const struct buf *q)
{
	MUST(!q->bad && q->len > 0);
	for (const char *p = q->p; *p != '\0'; p++)
		MUST(*p > ' ' && *p < 0x7f && *p != '"' && *p != '+');
}

/* Every name once, and the members are the parameters. */
static void
check_params(const struct params *ps)
{
	const struct tok *v;
	char value[PARAM_VALUE];
	int64_t n;

	MUST(ps->n > 0 && ps->n <= PARAMS_MAX);
	MUST(scan_doc(&again_sc, json.p, json.len) > 0 && !scan_has_duplicate(again_sc.t, again_sc.t));
	for (const struct param *p = ps->p; p < ps->p + ps->n; p++) {
		v = scan_get(again_sc.t, again_sc.t, p->name);
		MUST(v != NULL && *p->value != '\0');
		if (p->integer)
			MUST(v->kind == SCAN_NUM && scan_i64(v, &n) && n > 0);
		else
			MUST(scan_str(v, value, sizeof value) && strcmp(value, p->value) == 0);
	}
}

static bool
has(const struct params *ps, const char *name)
{
	for (const struct param *p = ps->p; p < ps->p + ps->n; p++)
		if (strcmp(p->name, name) == 0)
			return true;
	return false;
}

/* What the exchange's tables say of the parameters of an order. */
static void
check_place(const struct intent *in, const struct params *ps)
{
	bool market = intent_is_market(in);

	MUST(has(ps, "symbol") && has(ps, "side") && has(ps, "type"));
	MUST(has(ps, "timeInForce") == !market);
	MUST((has(ps, "price") || has(ps, "priceMatch")) == !market);
	MUST(!(has(ps, "price") && has(ps, "priceMatch")));
	MUST(has(ps, "quantity") != has(ps, "closePosition"));
	MUST(!(has(ps, "closePosition") && has(ps, "reduceOnly")));
	MUST(in->algo == has(ps, "algoType"));
	MUST(in->algo == (has(ps, "triggerPrice") || has(ps, "callbackRate")));
	MUST(has(ps, "goodTillDate") == (strcmp(in->tif, "GTD") == 0));
}

static void
put_json(const struct intent *in, const struct params *ps)
{
	buf_reset(&json);
	jw_open(&json, NULL, '{');
	jw_str(&json, "op", intent_op_word(in->op));
	if (!has(ps, "symbol"))
		jw_str(&json, "symbol", in->symbol);
	if (in->op == OP_CANCEL_ALL)
		jw_bool(&json, "algo", in->algo);
	params_members(ps, &json);
	jw_close(&json, '}');
	MUST(!json.bad);
}

/* The request, read as an intent, makes the same request. */
static void
check_request(const struct intent *in)
{
	struct fault f = { 0 };
	struct params ps;
	struct intent same;

	intent_params(in, &ps);
	put_json(in, &ps);
	check_params(&ps);
	if (in->op == OP_PLACE)
		check_place(in, &ps);
	buf_reset(&query);
	intent_query(in, &query);
	check_query(&query);
	MUST(intent_read(&same, again_sc.t, again_sc.t, &f) == 0);
	MUST(intent_endpoint(&same) == intent_endpoint(in) && intent_reduces(&same) == intent_reduces(in));
	buf_reset(&again);
	intent_query(&same, &again);
	MUST(strcmp(query.p, again.p) == 0);
}

/* After fitting it is of that mode, shrinks what it shrank, and fits. */
static void
check_fit(struct intent in, bool hedge)
{
	bool shrinks = intent_reduces(&in), changed;
	struct fault f = { 0 };

	MUST(intent_fit(&in, hedge, &changed, &f) == 0);
	fitted += changed;
	MUST(intent_reduces(&in) == shrinks);
	if (in.op == OP_PLACE)
		MUST(hedge ? in.pos_side != POS_BOTH && !in.has_reduce_only : in.pos_side == POS_BOTH);
	check_request(&in);
	MUST(intent_fit(&in, hedge, &changed, &f) == 0 && !changed);
}

static void
one_intent(const struct tok *t)
{
	struct fault f = { 0 };
	struct intent in;

	(void)intent_kind(t, t);
	if (intent_read(&in, t, t, &f) == -1) {
		check_fault(&f, FAULT_REJECTED);
		refused++;
		return;
	}
	taken[in.op]++;
	conditional += in.algo;
	check_request(&in);
	check_fit(in, false);
	check_fit(in, true);
}

/*
 * Words
 */

static const struct opt opts[] = { OPTS_WORDS, { 0, NULL, NULL, NULL } };

static int
take_option(struct words *w, char *name, struct fault *f)
{
	char *arg = strchr(name, '=');

	if (arg != NULL)
		*arg++ = '\0';
	for (const struct opt *o = opts; o->name != NULL; o++)
		if (strcmp(o->name, name) == 0 && (arg != NULL) == (o->arg != NULL))
			return words_option(w, o->ch, arg, f);
	return 1;
}

static int
run(const struct words *w, char *word[], int n, struct fault *f)
{
	if (strcmp(word[0], "modify") == 0)
		return words_modify(&made, w, word, n, f);
	if (strcmp(word[0], "cancel") == 0)
		return n < 2 ? 1 : words_cancel(&made, w, word[1], n > 2 ? word[2] : NULL, f);
	return words_place(&made, w, word, n, 1760000000000, f);
}

static void
one_command(const char *p, size_t size)
{
	char text[1024], *word[64], *save = NULL, *s;
	struct fault f = { 0 };
	struct words w = { { NULL } };
	int n = 0, r;

	if (size >= sizeof text || memchr(p, '\0', size) != NULL)
		return;
	memcpy(text, p, size);
	text[size] = '\0';
	for (s = strtok_r(text, " ", &save); s != NULL && n < 64; s = strtok_r(NULL, " ", &save))
		if (strncmp(s, "--", 2) != 0)
			word[n++] = s;
		else if (take_option(&w, s + 2, &f) == -1) {
			check_fault(&f, FAULT_USAGE);
			return;
		}
	if (n == 0)
		return;
	(void)words_stray(&w, word[0]);
	buf_reset(&made);
	if ((r = run(&w, word, n, &f)) == -1) {
		check_fault(&f, FAULT_USAGE);
		not_meant++;
	} else if (r == 0) {
		MUST(!made.bad && memchr(made.p, '\n', made.len) == NULL);
		MUST(scan_doc(&sc, made.p, made.len) > 0 && sc.t->kind == SCAN_OBJ);
		MUST(intent_kind(sc.t, sc.t) == REC_INTENT && !scan_has_duplicate(sc.t, sc.t));
		spoken++;
		one_intent(sc.t);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const char *p = (const char *)data, *end = p + n, *nl;

	for (; p < end; p = nl + 1) {
		if ((nl = memchr(p, '\n', (size_t)(end - p))) == NULL)
			nl = end;
		if (*p != '{')
			one_command(p, (size_t)(nl - p));
		else if (scan_doc(&sc, p, (size_t)(nl - p)) > 0)
			one_intent(sc.t);
	}
	return 0;
}
