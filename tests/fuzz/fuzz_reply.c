/*
 * An answer to a REST request under a fuzzer: what it means for a mutation and for a read, and the
 * text that is told of it. An input is a line "TRANSPORT STATUS RETRY TYPE" (ok, lost or not; numbers;
 * the content type up to the end of the line) and the body after it. What reply.h promises must hold,
 * by rules written here anew: above all, what an order may have become is never called a no. Built by
 * `make fuzz`.
 */
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/reply.h"
#include "core/scan.h"
#include "core/show.h"

#define MUST(what)	do {							\
	if (!(what)) {								\
		fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #what);	\
		abort();							\
	}									\
} while (0)

#define NOW_MS		1700000000000LL		/* the exchange's time, for "banned until" */
#define WAIT_MOST	(3LL * 24 * 3600 * 1000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct scan sc;
static unsigned long taken, refused, again, unknown, keys, clocks, waits;

/*
 * What the body says, by a look of our own at its tokens
 */

struct body { bool json, whole, code_there; int64_t code; const struct tok *msg; };

/* Spans lie in the body and in their parents; strings are copied whole or not at all. */
static void
check_tokens(const char *p, size_t n)
{
	static char text[8192];
	const struct tok *t = sc.t, *v;

	for (v = t; v < t + sc.n; v++) {
		MUST(v->p >= p && v->p + v->len <= p + n && v->depth <= SCAN_DEPTH);
		MUST(v->next > (uint32_t)(v - t) && v->next <= (uint32_t)sc.n);
		for (const struct tok *in = scan_first(v); in != NULL; in = scan_next(t, v, in))
			MUST(in->p > v->p && in->p + in->len < v->p + v->len && in->depth == v->depth + 1);
		if (scan_str(v, text, sizeof text))
			MUST(strlen(text) <= v->len && scan_is(v, text));
	}
}

static void
look(struct body *b, const struct reply *r)
{
	memset(b, 0, sizeof *b);
	if (r->n == 0 || strcasestr(r->type, "html") != NULL || scan_doc(&sc, r->body, r->n) <= 0)
		return;
	check_tokens(r->body, r->n);
	if (scan_has_duplicate(sc.t, sc.t))
		return;
	b->json = true;
	b->whole = sc.t->kind == SCAN_OBJ || sc.t->kind == SCAN_ARR;
	b->code_there = scan_get(sc.t, sc.t, "code") != NULL;
	if (!scan_get_i64(sc.t, sc.t, "code", &b->code) || b->code < INT_MIN || b->code > INT_MAX)
		b->code = 0;
	b->msg = scan_get(sc.t, sc.t, "msg");
}

/*
 * The law
 */

/* Whether a mutation with this answer may stand at the exchange, so that nothing but UNKNOWN is true. */
static bool
in_doubt(const struct reply *r, const struct body *b)
{
	bool surely_failed;

	if (r->transport != TRANSPORT_OK)
		return r->transport == TRANSPORT_LOST;
	if (b->code == -1000 || b->code == -1006 || b->code == -1007)
		return true;		/* in doubt by its own words, whatever the status */
	if (r->http == 503) {		/* documented as failed: these, to the letter */
		surely_failed = scan_is(b->msg, "Service Unavailable.") || b->code == -1008 ||
		    (b->code == -1001 && scan_is(b->msg, "Internal error; unable to process your request. Please try again.")) ||
		    (b->code == -1016 && scan_is(b->msg, "This service is no longer available."));
		return !surely_failed;
	}
	if (r->http == 200 && (!b->json || b->code >= 0))
		return true;		/* no refusal by a code: taken, or not understood */
	if (r->http != 200 && (r->http < 400 || r->http > 499 || r->http == 408))
		return true;
	return b->code == -4116;	/* one of this id exists: it may be ours */
}

static bool
is_success(const struct reply *r, const struct body *b, bool mutates)
{
	if (r->transport != TRANSPORT_OK || r->http != 200 || !b->whole)
		return false;
	if (b->code_there)
		return b->code == 200;
	return !mutates || sc.t->kind == SCAN_ARR || sc.t->n > 0;
}

static bool
is_alnum(char c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/* Nothing a terminal obeys, no address, and nothing as long as a key or signature is. What
 * stands close behind a backslash may be an escape, \xNN or \uNNNN, and is not counted. */
static void
check_text(const char *text)
{
	size_t run = 0, since = 6;

	MUST(*text != '\0' && show_clean(text, strlen(text)));
	for (; *text != '\0'; text++) {
		MUST(run == 0 || strncmp(text, "://", 3) != 0);
		since = *text == '\\' ? 0 : since + 1;
		run = is_alnum(*text) && since > 5 ? run + 1 : 0;
		MUST(run < 32);
	}
}

static void
count(const struct fault *f)
{
	taken += f->kind == FAULT_NONE;
	refused += f->kind == FAULT_REJECTED;
	again += f->kind == FAULT_AGAIN;
	unknown += f->kind == FAULT_UNKNOWN;
	keys += f->kind == FAULT_KEY;
	clocks += f->kind == FAULT_CLOCK;
	waits += f->retry_ms > 0;
}

static void
check_fault(const struct reply *r, const struct body *b, bool mutates, const struct fault *f)
{
	MUST(f->kind == FAULT_REJECTED || f->kind == FAULT_AGAIN || f->kind == FAULT_CLOCK ||
	    f->kind == FAULT_KEY || f->kind == FAULT_UNKNOWN);
	MUST(mutates || f->kind != FAULT_UNKNOWN);	/* a read leaves nothing behind */
	MUST(!mutates || !in_doubt(r, b) || f->kind == FAULT_UNKNOWN);
	MUST(r->transport != TRANSPORT_NOT_SENT || f->kind == FAULT_AGAIN);
	MUST(f->kind != FAULT_CLOCK || b->code == -1021);
	MUST(f->retry_ms >= 0 && f->retry_ms <= WAIT_MOST);
	MUST((r->http != 429 && r->http != 418) || f->retry_ms > 0);	/* a wait is asked for */
	if (r->transport == TRANSPORT_OK)
		MUST(f->http == r->http && f->code == (int)b->code);
	check_text(f->text);
}

static void
check_reply(const struct reply *r, bool mutates)
{
	struct fault f = { 0 }, twice = { 0 };
	struct body b;
	int got = reply_judge(r, mutates, NOW_MS, &f);

	look(&b, r);
	MUST(got == (is_success(r, &b, mutates) ? 0 : -1));
	count(&f);
	if (got == 0)
		MUST(f.kind == FAULT_NONE && *f.text == '\0');
	else
		check_fault(r, &b, mutates, &f);
	MUST(reply_judge(r, mutates, NOW_MS, &twice) == got);	/* what it says depends on nothing else */
	MUST(memcmp(&f, &twice, sizeof f) == 0);
	MUST(reply_judge(r, mutates, NOW_MS, NULL) == got);
}

/*
 * Inputs
 */

/* The first line, without which it is a 200 of JSON; returns its length. */
static size_t
read_line(struct reply *r, char type[static 200], const char *p, size_t size)
{
	const char *nl = size == 0 ? NULL : memchr(p, '\n', size);
	char line[300], how[8] = "";
	long status = 200, retry = -1;

	*r = (struct reply){ .transport = TRANSPORT_OK, .http = 200, .type = "application/json",
	    .retry_after = -1, .detail = "" };
	if (nl == NULL || *p == '{' || *p == '[')
		return 0;
	snprintf(line, sizeof line, "%.*s", (int)(nl - p > 299 ? 299 : nl - p), p);
	type[0] = '\0';
	if (sscanf(line, "%7s %ld %ld %199[^\n]", how, &status, &retry, type) < 2)
		return 0;
	r->transport = strcmp(how, "lost") == 0 ? TRANSPORT_LOST : strcmp(how, "not") == 0 ? TRANSPORT_NOT_SENT : TRANSPORT_OK;
	r->http = status < 100 || status > 999 ? 200 : (int)status;
	if (r->transport == TRANSPORT_NOT_SENT)
		r->http = 0;
	r->retry_after = retry;
	r->type = type;
	return (size_t)(nl + 1 - p);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char type[200], *body, *detail;
	struct reply r;
	size_t line = read_line(&r, type, (const char *)data, size);

	/* of the very length, so that a byte too many is found; the transport's words are as wild */
	body = malloc(size - line + 1);
	detail = calloc(1, size - line + 1);
	if (body == NULL || detail == NULL)
		abort();
	memcpy(body, data + line, size - line);
	memcpy(detail, data + line, size - line);
	if ((body = realloc(body, size - line > 0 ? size - line : 1)) == NULL)
		abort();
	r.body = body;
	r.n = size - line;
	if (r.transport != TRANSPORT_OK)
		r.detail = detail;
	check_reply(&r, true);
	check_reply(&r, false);
	free(body);
	free(detail);
	return 0;
}
