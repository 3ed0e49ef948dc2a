#include <stdlib.h>
#include <string.h>

#include <jq.h>

#include "core/scan.h"
#include "io/jqf.h"

struct jqf {
	jq_state	*jq;
	struct scan	 doc;
	struct buf	 quoted;	/* the record with its big integers as strings */
	struct buf	 said;		/* what jq complained of last */
};

/* jq's message as one line; its prefix goes, the caller has its own. */
static void
remember(void *arg, jv msg)
{
	struct jqf *q = arg;
	const char *s;

	if (jv_get_kind(msg) != JV_KIND_STRING)
		msg = jq_format_error(msg);
	if (q->said.len == 0 && jv_get_kind(msg) == JV_KIND_STRING) {
		s = jv_string_value(msg);
		if (strncmp(s, "jq: error: ", 11) == 0)
			s += 11;
		for (; *s != '\0'; s++)
			buf_chr(&q->said, *s == '\n' ? ' ' : *s);
	}
	jv_free(msg);
}

/*
 * `input`: a filter sees one record. `debug`: says nothing. 1.6 leaves both
 * callbacks uninitialized and jumps wherever they point.
 */
static jv
no_input(jq_state *jq, void *arg)
{
	(void)jq;
	(void)arg;
	return jv_invalid();
}

static void
no_debug(void *arg, jv msg)
{
	(void)arg;
	jv_free(msg);
}

static const char *
said(const struct jqf *q)
{
	return q->said.len > 0 && !q->said.bad ? q->said.p : "unknown error";
}

int
jqf_open(struct jqf **out, const char *program, struct fault *f)
{
	struct jqf *q = calloc(1, sizeof *q);

	*out = NULL;
	if (q == NULL || (q->jq = jq_init()) == NULL) {
		free(q);
		return fault_set(f, FAULT_LOCAL, "out of memory for a jq filter");
	}
	jq_set_error_cb(q->jq, remember, q);
	jq_set_input_cb(q->jq, no_input, NULL);
	jq_set_debug_cb(q->jq, no_debug, NULL);
	/* No library directories; 1.6 aborts on an import when this is not set. */
	jq_set_attr(q->jq, jv_string("JQ_LIBRARY_PATH"), jv_array());
	if (jq_compile(q->jq, program) == 0) {
		fault_set(f, FAULT_USAGE, "the jq filter does not compile: %s", said(q));
		jqf_close(q);
		return -1;
	}
	*out = q;
	return 0;
}

void
jqf_close(struct jqf *q)
{
	if (q == NULL)
		return;
	jq_teardown(&q->jq);
	scan_free(&q->doc);
	buf_free(&q->quoted);
	buf_free(&q->said);
	free(q);
}

/* Whether a number is an integer that a double may not hold: |n| > 2^53. */
static bool
is_big(const struct tok *t)
{
	static const char limit[] = "9007199254740992";
	const char *p = t->p;
	size_t n = t->len, i;

	if (*p == '-') {
		p++;
		n--;
	}
	if (n < sizeof limit - 1)
		return false;
	for (i = 0; i < n; i++)
		if (p[i] < '0' || p[i] > '9')
			return false;
	return n > sizeof limit - 1 || memcmp(p, limit, n) > 0;
}

/* Give jq the record with big integers in quotes. The span is the record
 * itself when there are none. */
static void
quote_big(struct jqf *q, const char **rec, size_t *n)
{
	const char *done = *rec;
	int i;

	buf_reset(&q->quoted);
	for (i = 0; i < q->doc.n; i++) {
		const struct tok *t = &q->doc.t[i];

		if (t->kind != SCAN_NUM || !is_big(t))
			continue;
		buf_put(&q->quoted, done, (size_t)(t->p - done));
		buf_chr(&q->quoted, '"');
		buf_put(&q->quoted, t->p, t->len);
		buf_chr(&q->quoted, '"');
		done = t->p + t->len;
	}
	if (done == *rec)
		return;
	buf_put(&q->quoted, done, *n - (size_t)(done - *rec));
	*rec = q->quoted.p;
	*n = q->quoted.len;
}

static void
put_result(struct buf *out, jv v)
{
	jv s = jv_dump_string(v, 0);

	buf_put(out, jv_string_value(s), (size_t)jv_string_length_bytes(jv_copy(s)));
	buf_chr(out, '\n');
	jv_free(s);
}

/* How the run ended; consumes last, the invalid that jq_next gave. */
static int
finish(struct jqf *q, jv last, struct fault *f)
{
	jv msg;

	if (jq_halted(q->jq)) {
		jv_free(last);
		return fault_set(f, FAULT_REJECTED, "the jq filter halted: halt and halt_error end it, and nothing more is printed");
	}
	if (!jv_invalid_has_msg(jv_copy(last))) {
		jv_free(last);
		return 0;
	}
	msg = jv_invalid_get_msg(last);
	if (jv_get_kind(msg) != JV_KIND_STRING)
		msg = jv_dump_string(msg, 0);
	fault_set(f, FAULT_REJECTED, "the jq filter failed: %s", jv_string_value(msg));
	jv_free(msg);
	return -1;
}

int
jqf_run(struct jqf *q, const char *rec, size_t n, struct buf *out, struct fault *f)
{
	int got = scan_doc(&q->doc, rec, n);
	jv v;

	if (got < 0)
		return fault_set(f, got == SCAN_MEMORY ? FAULT_LOCAL : FAULT_REJECTED,
		    "not a JSON record: %s", scan_strerror(got));
	quote_big(q, &rec, &n);
	if (q->quoted.bad)
		return fault_set(f, FAULT_LOCAL, "out of memory for a jq filter");
	v = jv_parse_sized(rec, (int)n);
	if (!jv_is_valid(v)) {
		jv_free(v);	/* its message repeats the whole record */
		return fault_set(f, FAULT_REJECTED, "a record that jq cannot read");
	}
	buf_reset(&q->said);
	jq_start(q->jq, v, 0);
	while (jv_is_valid(v = jq_next(q->jq)))	/* to the end: 1.6 aborts otherwise */
		put_result(out, v);
	if (out->bad) {
		jv_free(v);
		return fault_set(f, FAULT_LOCAL, "out of memory for a result of jq");
	}
	return finish(q, v, f);
}
