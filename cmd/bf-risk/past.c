#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/lines.h"
#include "past.h"

struct source {
	const char *name;
	struct lines in;
	struct scan sc;
	const struct tok *rec;		/* the record at hand; NULL: none is read yet */
	int64_t	ms;
	bool	over;
};
struct past { struct source *s; int n; int given; };	/* given: the source whose record is out; -1 */

static int
open_source(struct source *s, const char *name, struct fault *f)
{
	int fd = STDIN_FILENO;

	s->name = strcmp(name, "-") == 0 ? "standard input" : name;
	if (strcmp(name, "-") != 0 && (fd = open(name, O_RDONLY | O_CLOEXEC)) == -1)
		return fault_set(f, FAULT_USAGE, "%s: %s", name, strerror(errno));
	lines_init(&s->in, fd);
	return 0;
}

int
past_open(struct past **out, char *const files[], int n, struct fault *f)
{
	struct past *p = calloc(1, sizeof *p);

	if (p != NULL)
		p->s = calloc((size_t)(n > 0 ? n : 1), sizeof *p->s);
	if (p == NULL || p->s == NULL) {
		past_close(p);
		return fault_set(f, FAULT_LOCAL, "out of memory");
	}
	p->given = -1;
	for (int i = 0; i < n || i == 0; i++) {
		if (open_source(&p->s[i], n > 0 ? files[i] : "-", f) == -1) {
			past_close(p);
			return -1;
		}
		p->n++;
	}
	*out = p;
	return 0;
}

void
past_close(struct past *p)
{
	if (p == NULL)
		return;
	for (int i = 0; i < p->n; i++) {
		if (p->s[i].in.fd != STDIN_FILENO)
			close(p->s[i].in.fd);
		lines_free(&p->s[i].in);
		scan_free(&p->s[i].sc);
	}
	free(p->s);
	free(p);
}

/* The record in the envelope of a recording, and its time. */
static void
unwrap(struct source *s)
{
	const struct tok *t = s->sc.t, *data = scan_get(t, t, "data");
	int64_t ms;

	s->rec = t;
	if (data != NULL && data->kind == SCAN_OBJ && scan_get(t, t, "stream") != NULL && scan_get(t, t, "e") == NULL)
		s->rec = data;
	if (scan_get_i64(t, s->rec, "E", &ms) && ms > 0)
		s->ms = ms;
	else if (scan_get_i64(t, t, "recv", &ms) && ms > 0)
		s->ms = ms / 1000;	/* microseconds */
}

static bool
blank(const char *p, size_t n)
{
	while (n > 0 && (*p == ' ' || *p == '\t')) {
		p++;
		n--;
	}
	return n == 0;
}

/* A whole line, or the last one without its newline. 1: a record; 0: a blank line. */
static int
take(struct source *s, const char *p, size_t n, struct fault *f)
{
	int r;

	if (blank(p, n))
		return 0;
	if ((r = scan_doc(&s->sc, p, n)) < 0)
		return fault_set(f, r == SCAN_MEMORY ? FAULT_LOCAL : FAULT_USAGE, "%s:%llu: %s", s->name, s->in.number,
		    scan_strerror(r));
	if (s->sc.t->kind != SCAN_OBJ)
		return fault_set(f, FAULT_USAGE, "%s:%llu: not a JSON object", s->name, s->in.number);
	unwrap(s);
	return 1;
}

/* Have a record at hand, or be over. */
static int
advance(struct source *s, struct fault *f)
{
	const char *p;
	size_t n;
	int r;

	s->rec = NULL;
	while (!s->over && s->rec == NULL) {
		switch (lines_next(&s->in, &p, &n)) {
		case LINE_NONE:
			if (lines_fill(&s->in, f) == -1)
				return -1;
			break;
		case LINE_OK:
		case LINE_PARTIAL:
			if ((r = take(s, p, n, f)) == -1)
				return -1;
			break;
		case LINE_LONG:
			return fault_set(f, FAULT_USAGE, "%s:%llu: the line is too long", s->name, s->in.number);
		case LINE_END:
			s->over = true;
			break;
		}
	}
	return 0;
}

int
past_next(struct past *p, struct past_line *out, struct fault *f)
{
	struct source *s, *first = NULL;

	if (p->given >= 0)
		p->s[p->given].rec = NULL;
	for (int i = 0; i < p->n; i++) {
		s = &p->s[i];
		if (s->rec == NULL && advance(s, f) == -1)
			return -1;
		if (!s->over && (first == NULL || s->ms < first->ms))
			first = s;
	}
	p->given = first == NULL ? -1 : (int)(first - p->s);
	if (first == NULL)
		return 0;
	*out = (struct past_line){ .file = first->name, .number = first->in.number, .t = first->sc.t, .rec = first->rec,
	    .ms = first->ms };
	return 1;
}
