#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/hint.h"
#include "core/record.h"
#include "core/show.h"
#include "io/conf.h"
#include "io/lines.h"
#include "io/term.h"
#include "io/tool.h"

#define NARROW		20	/* a terminal of no more columns is left to break lines as it does */
#define HINTS_MAX	64	/* there are fewer */

int
tool_print(int fd, const struct buf *b, struct fault *f)
{
	struct out o;
	int r;

	if (b->bad)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	out_init(&o, fd);
	buf_put(&o.b, b->p, b->len);
	r = out_flush(&o, f);
	out_free(&o);
	return r;
}

int
tool_prepare(struct fault *f)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) == -1 &&
		    open("/dev/null", fd == STDERR_FILENO ? O_WRONLY : O_RDONLY) != fd)
			return fault_set(f, FAULT_LOCAL, "/dev/null: %s", strerror(errno));
	return 0;
}

int
tool_answer(const struct tool *t, int ch, const struct fault *f, int out, int err)
{
	struct buf b = { 0 };
	struct fault wf;
	int status = 0;

	if (ch == '?')
		return tool_fail(t, err, f);
	if (ch == OPT_VERSION)
		buf_printf(&b, "%s %s\n", t->name, BF_VERSION);
	else if (ch == OPT_SCHEMA) {
		record_schema(&b, t->name);
		buf_chr(&b, '\n');
	} else {
		opt_help(&b, t->usage, t->opts);
		buf_printf(&b, "\nWith examples: man %s; of all programs: man bf\n", t->name);
	}
	if (tool_print(out, &b, &wf) == -1)
		status = tool_fail(t, err, &wf);
	buf_free(&b);
	return status;
}

/* The same with no memory to be had: what is not plain ASCII shows as "?". */
static void
say_plainly(const struct tool *t, int fd, const char *text)
{
	char line[1200];
	int n = snprintf(line, sizeof line, "%s: %s\n", t->name, text);

	if (n < 0 || (size_t)n >= sizeof line)
		return;
	for (int i = 0; i < n - 1; i++)
		if (line[i] < ' ' || line[i] > '~')
			line[i] = '?';
	(void)!write(fd, line, (size_t)n);
}

void
tool_say(const struct tool *t, int fd, const char *fmt, ...)
{
	struct buf b = { 0 }, line = { 0 };
	int cols = term_cols(fd);
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	buf_printf(&line, "%s: ", t->name);
	show_put(&line, text, strlen(text));
	term_words(&b, line.bad ? "" : line.p, 0, 2, cols > NARROW ? (size_t)cols : SIZE_MAX);
	buf_chr(&b, '\n');
	/* A sentence that cannot be said has nobody to complain to. */
	if (line.bad || b.bad || tool_print(fd, &b, NULL) == -1)
		say_plainly(t, fd, text);
	buf_free(&line);
	buf_free(&b);
}

/* The hints of this run: texts of hint_of, so the same one has the same address. */
static bool
is_new(const char *hint)
{
	static const char *said[HINTS_MAX];
	static int n;

	for (int i = 0; i < n; i++)
		if (said[i] == hint)
			return false;
	if (n < HINTS_MAX)
		said[n++] = hint;
	return true;
}

void
tool_see(const struct tool *t, int fd, const char *sentence, const char *hint)
{
	if (hint != NULL && !hint_named(sentence) && is_new(hint))
		tool_say(t, fd, "see %s", hint);
}

void
tool_see_fault(const struct tool *t, int fd, const struct fault *f)
{
	tool_see(t, fd, f->text, hint_of(f, t->name));
}

int
tool_fail(const struct tool *t, int fd, const struct fault *f)
{
	tool_say(t, fd, "%s", f->text);
	tool_see_fault(t, fd, f);
	return fault_status(f->kind);
}

int
tool_common(struct common *c, int ch, char *arg, struct fault *f)
{
	switch (ch) {
	case OPT_PROFILE:
		c->profile = arg;
		return 1;
	case OPT_MARKET:
		c->market_given = true;
		return market_parse(&c->market, arg, f) == -1 ? -1 : 1;
	case 'o':
		c->as.format = arg;
		return 1;
	case OPT_JQ:
		c->as.jq = arg;
		return 1;
	case OPT_FIELDS:
		c->as.fields = arg;
		return 1;
	}
	return 0;
}

int
tool_usdm_only(const struct common *c, struct fault *f)
{
	return c->market == MARKET_USDM ? 0 : fault_set(f, FAULT_USAGE,
	    "--market coinm: COIN-M futures are not served by this tool, only usdm");
}

int
tool_number(long *out, const char *name, const char *s, long lo, long hi, struct fault *f)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(s, &end, 10);
	if (errno != 0 || end == s || *end != '\0' || n < lo || n > hi)
		return fault_set(f, FAULT_USAGE, "%s %s: not a whole number from %ld to %ld", name, s, lo, hi);
	*out = n;
	return 0;
}

int
tool_sigpipe(void)
{
	signal(SIGPIPE, SIG_DFL);
	raise(SIGPIPE);
	return 128 + SIGPIPE;
}

static void
put_intent(struct buf *out, const char *intent, size_t n)
{
	if (intent == NULL)
		jw_null(out, "intent");
	else
		jw_raw(out, "intent", intent, n);
	jw_close(out, '}');
	jw_end(out);
}

void
tool_error_record(struct buf *out, const struct tool *t, const struct fault *f,
    long long now_ms, const char *intent, size_t n)
{
	jw_open(out, NULL, '{');
	jw_str(out, "e", "bf.error");
	jw_i64(out, "E", now_ms);
	jw_str(out, "by", t->name);
	jw_str(out, "category", fault_word(f->kind));
	jw_i64(out, "code", f->code);
	jw_str(out, "msg", f->text);
	jw_bool(out, "retryable", f->kind == FAULT_AGAIN);
	jw_str(out, "outcome", f->kind == FAULT_UNKNOWN ? "unknown" : "refused");
	put_intent(out, intent, n);
}

void
tool_reject_record(struct buf *out, const char *by, const char *rule, int code, const char *msg,
    const char *limit, const char *value, long long now_ms, const char *intent, size_t n)
{
	jw_open(out, NULL, '{');
	jw_str(out, "e", "bf.reject");
	jw_i64(out, "E", now_ms);
	jw_str(out, "by", by);
	jw_str(out, "rule", rule);
	jw_i64(out, "code", code);
	jw_str(out, "msg", msg);
	jw_str(out, "limit", limit);
	jw_str(out, "value", value);
	put_intent(out, intent, n);
}
