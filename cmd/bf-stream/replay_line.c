#include <string.h>

#include "core/dec.h"
#include "replay_line.h"

#define STREAM_MAX	512	/* of a name with escapes */

int
speed_parse(long *out, const char *s, struct fault *f)
{
	const dec most = { 1000000, 0 };
	dec d;
	i128 c;

	if (strcmp(s, "max") == 0) {
		*out = 0;
		return 0;
	}
	if (!dec_parse(&d, s) || d.c < 0 || dec_cmp(d, most) > 0)
		return fault_set(f, FAULT_USAGE, "--speed %.40s: a number from 0.001 to 1000000, or max", s);
	for (c = d.c; d.scale > 3 && c % 10 == 0; d.scale--)
		c /= 10;
	if (d.scale > 3)
		return fault_set(f, FAULT_USAGE, "--speed %.40s: three decimals at most", s);
	for (; d.scale < 3; d.scale++)
		c *= 10;
	*out = (long)c;
	return 0;
}

/*
 * Lines
 */

/* recv of the envelope, or E of the event. */
static int64_t
time_of(const struct tok *t, const struct tok *v, bool envelope)
{
	int64_t n;

	if (envelope && scan_get_i64(t, t, "recv", &n) && n > 0)
		return n;
	if (scan_get_i64(t, v, "E", &n) && n > 0 && n <= INT64_MAX / 1000)
		return n * 1000;
	return 0;
}

/* NULL: v is an event, or an array of such. */
static const char *
wrong(const struct tok *t, const struct tok *v)
{
	if (v->kind == SCAN_OBJ)
		return NULL;
	if (v->kind != SCAN_ARR)
		return "neither an event nor an array of events";
	for (const struct tok *x = scan_first(v); x != NULL; x = scan_next(t, v, x))
		if (x->kind != SCAN_OBJ)
			return "an array of something else than events";
	return NULL;
}

static enum replay_line
call(const struct tok *v, bool envelope, struct replay_rec *r,
    int (*each)(void *arg, const struct replay_rec *r, struct fault *f), void *arg, struct fault *f)
{
	int got;

	r->v = v;
	r->us = time_of(r->t, v, envelope);
	got = each(arg, r, f);
	return got == 0 ? REPLAY_OK : got == -1 ? REPLAY_FAULT : REPLAY_ENOUGH;
}

/* The stream's name, unescaped if need be; false: it cannot be one. */
static bool
name_of(struct replay_rec *r, const struct tok *s, char room[static STREAM_MAX])
{
	r->stream = s->p;
	r->stream_n = s->len;
	if (!s->esc)
		return true;
	r->stream = room;
	if (!scan_str(s, room, STREAM_MAX))
		return false;
	r->stream_n = strlen(room);
	return true;
}

/* The envelope off. NULL: r->v is the event or the array; else what is wrong. */
static const char *
unwrap(struct replay_rec *r, char room[static STREAM_MAX], bool *envelope)
{
	const struct tok *stream = scan_get(r->t, r->t, "stream"), *data = scan_get(r->t, r->t, "data");

	*envelope = stream != NULL && stream->kind == SCAN_STR && data != NULL;
	r->v = *envelope ? data : r->t;
	if (*envelope && !name_of(r, stream, room))
		return "stream: not a name";
	return wrong(r->t, r->v);
}

enum replay_line
replay_line(struct scan *sc, const char *line, size_t n,
    int (*each)(void *arg, const struct replay_rec *r, struct fault *f), void *arg, struct fault *f)
{
	enum replay_line got = REPLAY_OK;
	const struct tok *v;
	struct replay_rec r = { 0 };
	char room[STREAM_MAX];
	const char *why;
	bool envelope = false;
	int have = scan_doc(sc, line, n);

	if (have == SCAN_EMPTY)
		return REPLAY_OK;
	if (have == SCAN_MEMORY) {
		fault_set(f, FAULT_LOCAL, "out of memory for a recorded line");
		return REPLAY_FAULT;
	}
	r.t = sc->t;
	why = have < 0 ? scan_strerror(have) : unwrap(&r, room, &envelope);
	if (why != NULL) {
		fault_set(f, FAULT_USAGE, "%s", why);
		return REPLAY_BAD;
	}
	v = r.v;
	if (v->kind == SCAN_OBJ)
		return call(v, envelope, &r, each, arg, f);
	for (const struct tok *x = scan_first(v); x != NULL && got == REPLAY_OK; x = scan_next(r.t, v, x))
		got = call(x, envelope, &r, each, arg, f);
	return got;
}

/*
 * Pacing
 */

#define POS_MAX	INT64_C(1000000000000)	/* keeps the product below far from the end of its type */

int64_t
pace_wait(struct pace *p, int64_t us, long speed, int64_t mono)
{
	int64_t step, due;

	if (speed <= 0 || us <= 0)
		return 0;
	if (!p->begun)
		*p = (struct pace){ .begun = true, .last = us, .base = mono };
	step = us - p->last;
	p->last = us;
	if (step > PACE_JUMP_US)
		step = PACE_JUMP_US;
	else if (step < -PACE_JUMP_US)
		step = 0;
	p->pos += step;
	due = p->base + p->pos * 1000 / speed;
	if (mono - due > PACE_JUMP_US || p->pos > POS_MAX) {
		if (mono - due > PACE_JUMP_US)
			due = mono;
		p->base = due;
		p->pos = 0;
	}
	return due > mono ? due - mono : 0;
}
