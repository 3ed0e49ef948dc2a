/*
 * A record of a decision, as bf-risk explain takes it, under a fuzzer. An input is the record. What is decided again is
 * one JSON value, the same each time, and a record with that verdict in it is found to be the same. Built by `make fuzz`.
 */
#include "../../cmd/bf-risk/log.h"
#include "must.h"

static unsigned long decided, passed, breached, no_records;
static struct scan doc;

static void
member(struct buf *b, const char *key, const struct tok *rec)
{
	const struct tok *v = scan_get(doc.t, rec, key);

	buf_printf(b, ",\"%s\":", key);
	if (v->kind == SCAN_STR)
		buf_printf(b, "\"%.*s\"", (int)v->len, v->p);
	else
		buf_put(b, v->p, v->len);
}

/* The record with the verdict that was reached. */
static void
check_again(const struct buf *verdict)
{
	struct buf rec = { 0 }, again = { 0 };
	struct scan sc = { 0 };
	struct fault f = { 0 };
	bool same = false;

	buf_str(&rec, "{\"e\":\"bf.decision\",\"verdict\":");
	buf_put(&rec, verdict->p, verdict->len);
	member(&rec, "intent", doc.t);
	member(&rec, "limits", doc.t);
	member(&rec, "world", doc.t);
	buf_str(&rec, "}");
	whole_json(&sc, &rec);
	MUST(decision_again(sc.t, sc.t, &same, &again, &f) == 0 && same);
	MUST(again.len == verdict->len && memcmp(again.p, verdict->p, again.len) == 0);
	scan_free(&sc);
	buf_free(&rec);
	buf_free(&again);
}

static void
check_verdict(const struct buf *verdict)
{
	struct scan sc = { 0 };
	const struct tok *v = whole_json(&sc, verdict), *list = scan_get(v, v, "breaches");
	bool pass = false;

	MUST(scan_get_bool(v, v, "pass", &pass) && list != NULL && list->kind == SCAN_ARR);
	MUST(pass || list->n > 0);
	passed += pass;
	breached += list->n > 0;
	scan_free(&sc);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf again = { 0 };
	struct fault f = { 0 };
	bool same = false;

	if (scan_doc(&doc, (const char *)data, size) <= 0)
		return 0;
	if (decision_again(doc.t, doc.t, &same, &again, &f) == -1) {
		check_fault(&f);
		no_records++;
	} else {
		decided++;
		check_verdict(&again);
		check_again(&again);
	}
	buf_free(&again);
	return 0;
}
