#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/instant.h"
#include "range.h"

/*
 * Asking and answering
 */

int
run_call(struct run *r, struct fault *f)
{
	if (r->page.bad)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	if (ask_call(&r->ask, r->of->ep, r->page.p, f) == -1)
		return -1;
	if (r->a->s->doc.t->kind != SCAN_ARR)
		return fault_set(f, FAULT_AGAIN, "%s: the answer is no list", r->name);
	r->ask.patient = true;
	return 0;
}

/* As "2024-01-01 12:00", for a table. */
static void
put_when(struct buf *b, int64_t at)
{
	char text[INSTANT_STR], *p;

	instant_put(text, at);
	if ((p = strchr(text, 'T')) != NULL)
		*p = ' ';
	if ((p = strchr(text, 'Z')) != NULL)
		*p = '\0';
	b->len--;		/* the bracket of the record */
	jw_str(b, "when", text);
	jw_close(b, '}');
}

/* The record that is in a->rec goes where records go. */
static int
send(struct run *r, struct fault *f)
{
	if (r->save.fd == -1)
		return info_put(r->a, f);
	jw_end(&r->a->rec);
	return save_put(&r->save, &r->a->rec, f);
}

int
run_put(struct run *r, int64_t at, struct fault *f)
{
	struct buf *rec = &r->a->rec;

	if (r->first == -1)
		r->first = at;
	r->last = at;
	r->rows++;
	if (r->a->plot != NULL) {
		buf_reset(rec);
		return 0;
	}
	if (r->a->out.table && rec->len > 0)
		put_when(rec, at);
	return send(r, f);
}

/* E is the close of what is missing, so that a file does not tell when it was made. */
int
run_hole(struct run *r, const struct hole *h, struct fault *f)
{
	struct buf *b = &r->a->rec;
	int ret = 0;

	r->holes++;
	r->missing += h->missing;
	if (r->a->plot != NULL) {
		for (long i = 0; i < h->missing && ret == 0; i++)
			ret = run_bar(r, &(struct bar){ .t = interval_add(r->iv, h->from, i), .none = true },
			    0, f);
		return ret;
	}
	jw_open(b, NULL, '{');
	jw_str(b, "e", "bf.gap");
	jw_i64(b, "E", interval_add(r->iv, h->to, 1) - 1);
	jw_str(b, "by", "bf-info");
	jw_str(b, "what", r->of->name);
	jw_str(b, "s", r->s);
	jw_str(b, "i", r->iv->name);
	jw_i64(b, "from", h->from);
	jw_i64(b, "to", h->to);
	jw_i64(b, "missing", h->missing);
	jw_close(b, '}');
	if (r->a->out.table)
		put_when(b, h->from);
	return send(r, f);
}

int
run_page(struct run *r, int64_t at, struct fault *f)
{
	progress_at(&r->progress, at, r->rows);
	if (r->save.fd != -1)
		return save_flush(&r->save, false, f);
	return r->a->plot != NULL ? 0 : printer_part(&r->a->out, f);
}

/*
 * For a chart
 */

/* Room for one more of size bytes. */
static int
room(struct run *r, void **v, size_t size, struct fault *f)
{
	int cap = r->cap == 0 ? 1024 : r->cap * 2;
	void *more;

	if (r->n < r->cap)
		return 0;
	if (r->cap > (1 << 28) || (more = realloc(*v, (size_t)cap * size)) == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory for a chart");
	*v = more;
	r->cap = cap;
	return 0;
}

int
run_bar(struct run *r, const struct bar *b, int decimals, struct fault *f)
{
	void *v = r->bars;
	int ret = room(r, &v, sizeof *r->bars, f);

	r->bars = v;
	if (ret == -1)
		return -1;
	r->bars[r->n++] = *b;
	if (decimals > r->decimals)
		r->decimals = decimals;
	return 0;
}

int
run_point(struct run *r, const struct tok *t, const struct tok *row, int64_t at, struct fault *f)
{
	const char *value = r->a->s->market == MARKET_COINM && r->of->coin_value != NULL ? r->of->coin_value :
	    r->of->value;
	void *v = r->points;
	dec d;

	if (r->a->plot == NULL)
		return 0;
	if (!scan_get_dec(t, row, value, &d))
		return fault_set(f, FAULT_AGAIN, "%s: a row whose %s is no number", r->name, value);
	if (room(r, &v, sizeof *r->points, f) == -1)
		return -1;
	r->points = v;
	r->points[r->n++] = (struct point){ at, chart_value(d) };
	if (dec_decimals(d) > r->decimals)
		r->decimals = dec_decimals(d);
	return 0;
}

/*
 * A run
 */

static int
open_save(struct run *r, struct fault *f)
{
	struct buf b = { 0 };
	int ret;

	if (r->a->save == NULL)
		return 0;
	jw_open(&b, NULL, '{');
	jw_str(&b, "e", "bf.range");
	jw_i64(&b, "E", r->of->by_id ? 0 : r->from);
	jw_str(&b, "by", "bf-info");
	jw_str(&b, "market", market_word(r->a->s->market));
	jw_str(&b, "what", r->of->name);
	jw_str(&b, "s", r->s);
	if (r->contract[0] != '\0')
		jw_str(&b, "ct", r->contract);
	if (r->iv != NULL)
		jw_str(&b, "i", r->iv->name);
	jw_i64(&b, "from", r->from);
	jw_close(&b, '}');
	ret = b.bad ? fault_set(f, FAULT_LOCAL, "out of memory") :
	    save_open(&r->save, r->a->save, b.p, b.len, f);
	buf_free(&b);
	if (ret == 0 && r->save.from < r->from)	/* the file goes on where it ends, whatever --since says */
		r->from = r->save.from;
	return ret;
}

static int
prepare(struct run *r, char *const words[], int n, struct fault *f)
{
	if (run_words(r, words, n, f) == -1)
		return -1;
	r->ask.quiet = progress_clear;
	r->ask.arg = &r->progress;
	return ask_begin(&r->ask, f) == -1 || run_span(r, f) == -1 || open_save(r, f) == -1 ? -1 : 0;
}

static int
draw(struct run *r, struct fault *f)
{
	char from[INSTANT_STR], to[INSTANT_STR], title[256];
	int64_t last;

	if (r->n == 0)
		return fault_set(f, FAULT_REJECTED, "%s: nothing to draw", r->name);
	last = r->bars != NULL ? r->bars[r->n - 1].t : r->points[r->n - 1].t;
	instant_put(from, r->first);
	instant_put(to, last);
	snprintf(title, sizeof title, "%s  %s .. %s", r->name, from, to);
	return r->bars != NULL ? plot_candles(r->a, title, r->bars, r->n, r->decimals, f) :
	    plot_series(r->a, title, r->points, r->n, r->decimals, f);
}

static void
say_holes(const struct run *r)
{
	if (r->holes > 0)
		tool_say(r->a->tool, STDERR_FILENO, "%s: %ld missing, in %ld hole%s", r->name, r->missing,
		    r->holes, r->holes == 1 ? "" : "s");
}

/* What is missing at the ends of a range that was asked for is not between two rows: the
 * contract may be younger, or the exchange keep no more. The newest row may be late. */
static void
say_ends(const struct run *r)
{
	int64_t from = interval_floor(r->iv, r->from), last = r->last > r->after ? r->last : r->after;
	char a[INSTANT_STR], b[INSTANT_STR];

	if (from < r->from)
		from = interval_add(r->iv, from, 1);
	instant_put(a, last == -1 ? r->from : r->after == -1 ? r->first : last);
	instant_put(b, last == -1 ? r->to : last);
	if (last == -1)
		tool_say(r->a->tool, STDERR_FILENO, "%s: nothing from %s to %s", r->name, a, b);
	if (last != -1 && r->after == -1 && r->first >= interval_add(r->iv, from, 1))
		tool_say(r->a->tool, STDERR_FILENO, "%s: nothing before %s", r->name, a);
	if (last != -1 && interval_add(r->iv, last, 3) <= r->to)
		tool_say(r->a->tool, STDERR_FILENO, "%s: nothing after %s", r->name, b);
}

/* Ended by a signal: what is whole stands, and that is all. */
static void
leave(struct run *r)
{
	struct fault ignore;

	if (r->save.fd != -1) {
		(void)save_flush(&r->save, true, &ignore);
		tool_say(r->a->tool, STDERR_FILENO, "%s: ended with %lld rows more in %s; the same command goes on",
		    r->name, r->rows, r->save.path);
	} else
		(void)printer_close(&r->a->out, &ignore);
	ask_die();
}

static int
run_all(struct run *r, char *const words[], int n, struct fault *f)
{
	int ret = prepare(r, words, n, f);

	if (ret == 0)
		ret = r->of->shape <= SHAPE_PERIODS ? grid_walk(r, f) : rows_walk(r, f);
	progress_clear(&r->progress);
	if (ask_interrupted())
		leave(r);
	if (r->save.fd != -1) {		/* what came before a fault is kept too */
		struct fault sf;

		if (save_flush(&r->save, true, &sf) == -1 && ret == 0) {
			*f = sf;
			ret = -1;
		}
	}
	say_holes(r);
	if (ret == 0 && r->iv != NULL && r->a->from != -1 && r->a->limit == -1)
		say_ends(r);
	return ret == 0 && r->a->plot != NULL ? draw(r, f) : ret;
}

int
range_run(struct app *a, const struct series *of, char *const words[], int n, struct fault *f)
{
	struct run r = { .a = a, .of = of, .newest = true, .left = -1, .first = -1,
		.last = -1, .after = -1 };
	int ret;

	r.save.fd = -1;
	if (a->save != NULL) {		/* a file is of records, wherever this runs */
		a->out.table = false;
		printer_headless(&a->out);
	}
	r.ask.app = a;
	ret = run_all(&r, words, n, f);
	save_close(&r.save);
	buf_free(&r.q);
	buf_free(&r.page);
	free(r.bars);
	free(r.points);
	return ret;
}
