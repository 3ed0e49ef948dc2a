/* The rules of the fault language, and when they apply. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "control.h"
#include "faults_in.h"
#include "streams.h"

#define LINES_MAX 10000

struct faults {
	struct fault_line *v; int n, c;
	struct chaos	chaos;
	struct fault_line drawn;	/* what chaos_* gave last */
	struct fault_shape shape;
	int64_t		start_ms;	/* exchange time t= counts from; -1: not begun */
};

struct faults *
faults_new(void)
{
	struct faults *fs = calloc(1, sizeof *fs);

	if (fs != NULL)
		fs->start_ms = -1;
	return fs;
}

void
faults_free(struct faults *fs)
{
	if (fs == NULL)
		return;
	buf_free(&fs->shape.exchange_info);
	free(fs->v);
	free(fs);
}

struct fault_shape *
faults_shape(struct faults *fs)
{
	return &fs->shape;
}

/*
 * The list
 */

static struct fault_line *
grow(struct faults *fs)
{
	struct fault_line *v;
	int c = fs->c == 0 ? 16 : 2 * fs->c;

	if (fs->n < fs->c)
		return &fs->v[fs->n];
	if ((v = realloc(fs->v, (size_t)c * sizeof *v)) == NULL)
		return NULL;
	fs->v = v;
	fs->c = c;
	return &fs->v[fs->n];
}

int
faults_add(struct faults *fs, const char *text, struct fault *f)
{
	struct fault_line *l;
	const char *why;

	if (fs->n == LINES_MAX)
		return fault_set(f, FAULT_USAGE, "more than %d rules", LINES_MAX);
	if ((l = grow(fs)) == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	if (!faults_parse(l, text, &why))
		return fault_set(f, FAULT_USAGE, "'%.60s': %s", text, why);
	l->armed = l->at_ms < 0 && l->verb == VERB_ON;
	fs->n++;
	return 0;
}

/* A comment is not a rule, nor is a line of blanks. */
static bool
empty(const char *s)
{
	s += strspn(s, " \t\r");
	return *s == '\0' || *s == '#';
}

int
faults_read(struct faults *fs, const char *path, struct fault *f)
{
	FILE *in = fopen(path, "re");
	struct fault why;
	char *line = NULL;
	size_t room = 0, n = 0;
	ssize_t got;
	int r = 0;

	if (in == NULL)
		return fault_set(f, FAULT_USAGE, "%s: %s", path, strerror(errno));
	while (r == 0 && (got = getline(&line, &room, in)) != -1) {
		n++;
		while (got > 0 && (line[got - 1] == '\n' || line[got - 1] == '\r'))
			line[--got] = '\0';
		if (!empty(line) && (r = faults_add(fs, line, &why)) == -1)
			fault_set(f, why.kind, "%s, line %zu: %s", path, n, why.text);
	}
	if (r == 0 && ferror(in))
		r = fault_set(f, FAULT_LOCAL, "%s: %s", path, strerror(errno));
	free(line);
	fclose(in);
	return r;
}

void
faults_chaos(struct faults *fs, dec p, uint64_t seed)
{
	dec d = { 0, 0 };

	if (!dec_rescale(&d, p, 6, DEC_DOWN))
		d = dec_int(0);
	fs->chaos = (struct chaos){ .on = d.c > 0, .per_million = (uint32_t)d.c, .seed = seed };
}

void
faults_clear(struct faults *fs)
{
	fs->n = 0;
	fs->chaos.on = false;
	buf_free(&fs->shape.exchange_info);
	fs->shape = (struct fault_shape){ 0 };
}

void
faults_list(const struct faults *fs, struct buf *out)
{
	for (int i = 0; i < fs->n; i++) {
		buf_str(out, fs->v[i].text);
		buf_str(out, "\n");
	}
}

/*
 * Use
 */

static bool
path_fits(const char *want, struct http_span path)
{
	size_t n = strlen(want);

	if (strcmp(want, "*") == 0)
		return true;
	if (want[0] == '/')
		return http_is(path, want);
	if (http_is(path, want))	/* a method of the WebSocket API */
		return true;
	return path.n > n && path.p[path.n - n - 1] == '/' && memcmp(path.p + path.n - n, want, n) == 0;
}

static bool
applies(const struct fault_rule *r, bool exempt)
{
	if (r->nth != 0 && r->seen != r->nth)
		return false;
	if (r->first != 0 && r->seen > r->first)
		return false;
	return !(exempt && r->code == -1008);
}

/* What chaos draws, read as any rule; NULL: it spares this one. */
static const struct fault_rule *
drawn(struct faults *fs, const char *text)
{
	const char *why;

	if (text == NULL || !faults_parse(&fs->drawn, text, &why))
		return NULL;
	return &fs->drawn.rule;
}

const struct fault_rule *
faults_http(struct faults *fs, struct http_span method, struct http_span path, bool exempt)
{
	const struct fault_rule *found = NULL;
	struct fault_rule *r;

	for (int i = 0; i < fs->n; i++) {
		r = &fs->v[i].rule;
		if (fs->v[i].verb != VERB_ON || !fs->v[i].armed ||
		    (strcmp(r->method, "*") != 0 && !http_is(method, r->method)) ||
		    !path_fits(r->path, path))
			continue;
		r->seen++;
		if (found == NULL && applies(r, exempt))
			found = r;
	}
	if (found == NULL && fs->chaos.on && (found = drawn(fs, chaos_http(&fs->chaos))) != NULL &&
	    exempt && found->code == -1008)
		found = NULL;
	return found;
}

/* Given to one connection only; the others to each. */
static bool
once(enum fault_ws act)
{
	return act != WS_FAULT_DELAY && act != WS_FAULT_PING;
}

const struct fault_rule *
faults_ws(struct faults *fs, unsigned route, int i)
{
	struct fault_rule *r;

	for (int k = 0; k < fs->n; k++) {
		r = &fs->v[k].rule;
		if (fs->v[k].verb != VERB_WS || !fs->v[k].armed || r->used || (r->routes & route) == 0)
			continue;
		if (once(r->act)) {
			r->used = true;
			return r;
		}
		if (i-- == 0)
			return r;
	}
	if (i == 0 && fs->chaos.on)
		return drawn(fs, chaos_ws(&fs->chaos));
	return NULL;
}

/*
 * Time
 */

static int64_t
due(const struct faults *fs, const struct fault_line *l)
{
	return fs->start_ms + (l->at_ms < 0 ? 0 : l->at_ms);
}

static bool
waits(const struct fault_line *l)
{
	return !l->armed;
}

int64_t
faults_due(const struct faults *fs, const struct sim *s)
{
	int64_t next = INT64_MAX;

	for (int i = 0; i < fs->n; i++) {
		if (!waits(&fs->v[i]))
			continue;
		if (fs->start_ms < 0)
			return sim_now(s);
		if (due(fs, &fs->v[i]) < next)
			next = due(fs, &fs->v[i]);
	}
	return next;
}

/* Whoever is connected has it; if nobody is, the next one. A handshake is of
 * the next one in any case. */
static void
reach(struct sim *s, struct fault_rule *r)
{
	bool met;

	if (r->act == WS_FAULT_HANDSHAKE)
		return;
	met = streams_fault(s->streams, r);
	met |= wsapi_fault(s, r);
	r->used = met && once(r->act);
}

/* Its time has come. */
static void
arm(struct sim *s, struct fault_line *l)
{
	char action[sizeof l->action];
	struct fault f;

	l->armed = true;
	if (l->verb == VERB_WS)
		reach(s, &l->rule);
	if (l->verb != VERB_SIM)
		return;
	snprintf(action, sizeof action, "%s", l->action);	/* it may change the list */
	if (control_do(s, action, &f) == -1)
		sim_say("%s", f.text);
}

void
faults_tick(struct faults *fs, struct sim *s, int64_t now_ms)
{
	if (fs->start_ms < 0)
		fs->start_ms = now_ms;
	for (int i = 0; i < fs->n; i++)
		if (waits(&fs->v[i]) && due(fs, &fs->v[i]) <= now_ms)
			arm(s, &fs->v[i]);
}
