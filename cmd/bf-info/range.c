#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "info_time.h"
#include "range.h"

#define NEWEST		500	/* rows without --from and --limit */
#define HOUR_MS		INT64_C(3600000)

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
	char text[INFO_TIME_STR], *p;

	info_time_put(text, at);
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
	return r->a->plot != NULL ? 0 : out_flush(&r->a->out.out, f);
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
	r->points[r->n++] = (struct point){ at, plot_number(d) };
	if (dec_decimals(d) > r->decimals)
		r->decimals = dec_decimals(d);
	return 0;
}

/*
 * What is asked for
 */

/* The value that a query began with, as it was before it was escaped. */
static void
unescape(const char *q, char *out, size_t size)
{
	const char *p = strchr(q, '=');
	char hex[3] = "";
	size_t n = 0;

	for (p = p == NULL ? "" : p + 1; *p != '\0' && *p != '&' && n + 1 < size; p++)
		if (*p == '%' && p[1] != '\0' && p[2] != '\0') {
			hex[0] = p[1];
			hex[1] = p[2];
			out[n++] = (char)strtol(hex, NULL, 16);
			p += 2;
		} else
			out[n++] = *p;
	out[n] = '\0';
}

/* A word is a symbol, or, of what is asked by pair, perhaps a pair that is no symbol. */
static int
find_symbol(struct run *r, const char *word, struct fault *f)
{
	struct app *a = r->a;
	struct fault pf;
	int ret;

	if (r->of->pair[MARKET_USDM] && r->of->pair[MARKET_COINM])
		ret = info_pair(a, word, &r->q, f);
	else if ((ret = info_symbol(a, word, &r->q, f)) == 0 && r->of->pair[a->s->market])
		ret = info_pair(a, word, &r->q, f);
	else if (ret == -1 && f->code == -1121 && r->of->pair[MARKET_COINM] &&
	    info_pair(a, word, &r->q, &pf) == 0 && a->s->market == MARKET_COINM)
		ret = 0;
	if (ret == -1 || info_served(a, r->of->ep, f) == -1)
		return -1;
	unescape(r->q.p, r->s, sizeof r->s);
	return 0;
}

static bool
is_contract(const char *type)
{
	static const char *const types[] = { "PERPETUAL", "CURRENT_QUARTER", "NEXT_QUARTER", "TRADIFI_PERPETUAL",
		"ALL" };

	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (strcmp(types[i], type) == 0)
			return true;
	return false;
}

/* The contract type: what was given; of a symbol its own; of a pair the perpetual. */
static int
find_contract(struct run *r, const char *word, struct fault *f)
{
	const char *given = r->a->contract;
	const struct scan *info = &r->a->x->doc;
	struct fault ignore;
	struct rules rules;

	if (!r->of->contract[r->a->s->market])
		return given == NULL ? 0 : fault_set(f, FAULT_USAGE, "--contract: not for %s of %s",
		    r->of->name, market_title(r->a->s->market));
	snprintf(r->contract, sizeof r->contract, "%s", given != NULL ? given : "PERPETUAL");
	if (given == NULL && info->n > 0 && rules_find(&rules, info->t, info->t, word, &ignore) == 0)
		snprintf(r->contract, sizeof r->contract, "%s", rules.contract);
	if (!is_contract(r->contract))
		return fault_set(f, FAULT_USAGE, "%s %.40s: PERPETUAL, CURRENT_QUARTER, NEXT_QUARTER, "
		    "TRADIFI_PERPETUAL or ALL", given != NULL ? "--contract" : "--contract is needed for", r->contract);
	buf_printf(&r->q, "&contractType=%s", r->contract);
	return 0;
}

static int
find_interval(struct run *r, const char *word, struct fault *f)
{
	bool statistics = r->of->shape == SHAPE_PERIODS;
	const char *name = statistics ? r->a->period : word;

	if (statistics && name == NULL)
		name = "5m";
	if ((r->iv = interval_find(name, statistics)) == NULL)
		return fault_set(f, FAULT_USAGE, "%s %.40s: one of %s", statistics ? "--period" : "interval",
		    name, interval_names(statistics));
	return 0;
}

/* The first id of trades. */
static int
find_id(struct run *r, const char *word, struct fault *f)
{
	char *end;
	long long id = strtoll(word, &end, 10);

	if (*word < '0' || *word > '9' || *end != '\0' || id == INT64_MAX)
		return fault_set(f, FAULT_USAGE, "%.40s: not the id of a trade", word);
	r->from = id;
	r->newest = false;
	return 0;
}

/*
 * The range
 */

static int
too_old(const struct run *r, int64_t from, struct fault *f)
{
	char is[INFO_TIME_STR], nearest[INFO_TIME_STR];

	info_time_put(is, from);
	info_time_put(nearest, r->oldest / 60000 * 60000 + 60000);
	return fault_set(f, FAULT_USAGE, "--from %s: the exchange keeps %s for %lld hours; the nearest is %s", is,
	    r->of->name, (long long)(r->of->keep_ms / HOUR_MS), nearest);
}

static int
given_range(struct run *r, int64_t now, struct fault *f)
{
	char from[INFO_TIME_STR], to[INFO_TIME_STR];

	r->newest = false;
	r->left = r->a->limit;
	r->from = r->a->from;
	if (r->from >= r->to) {
		info_time_put(from, r->from);
		info_time_put(to, r->to);
		return fault_set(f, FAULT_USAGE, "--from %s: not before %s, %s", from,
		    r->a->to == -1 || r->a->to > now ? "now" : "--to", to);
	}
	/* a file that is there goes on at its end */
	return r->from < r->oldest && (r->a->save == NULL || access(r->a->save, F_OK) == -1) ?
	    too_old(r, r->from, f) : 0;
}

/* Without --from: so many rows until --to, or now. */
static int
newest_range(struct run *r, struct fault *f)
{
	long most = r->of->most;

	r->left = r->a->limit != -1 ? r->a->limit : r->a->plot != NULL && r->iv != NULL ? plot_room() :
	    most < NEWEST ? most : NEWEST;
	if (r->iv == NULL) {
		if (r->a->to != -1)
			return fault_set(f, FAULT_USAGE, "--to: only with --from");
		return r->left <= most ? 0 : fault_set(f, FAULT_USAGE, "--limit %ld: without %s %s has "
		    "its newest %ld only", r->left, r->of->by_id ? "an id" : "--from", r->of->name, most);
	}
	r->newest = false;
	r->from = interval_add(r->iv, interval_floor(r->iv, r->to - 1), 1 - r->left);
	if (r->from < r->oldest)
		r->from = r->oldest;
	r->left = -1;
	return 0;
}

/* "-7d" is a week before the exchange's now, whatever this machine's clock shows. */
static void
from_now(const struct run *r, int64_t now)
{
	struct app *a = r->a;

	if (a->from_now)
		a->from += now - a->now_was;
	if (a->to_now)
		a->to += now - a->now_was;
	if (a->from_now && a->from < 0)
		a->from = 0;
}

static int
find_range(struct run *r, struct fault *f)
{
	int64_t now = ask_now(&r->ask);

	from_now(r, now);
	r->oldest = r->of->keep_ms == 0 ? 0 : now - r->of->keep_ms;
	r->to = r->a->to == -1 || r->a->to > now ? now + 1 : r->a->to;
	if (r->of->by_id && !r->newest) {
		r->to = INT64_MAX;
		r->left = r->a->limit;
		return 0;
	}
	return r->a->from != -1 ? given_range(r, now, f) : newest_range(r, f);
}

/*
 * A run
 */

static int
check_options(const struct run *r, struct fault *f)
{
	const struct app *a = r->a;

	if (a->limit == 0)
		return fault_set(f, FAULT_USAGE, "--limit 0: at least 1");
	if (a->save == NULL)
		return plot_check(a, f);
	if (a->plot != NULL || a->common.jq != NULL || a->limit != -1)
		return fault_set(f, FAULT_USAGE, "--save: whole ranges only, without %s",
		    a->plot != NULL ? "--plot" : a->common.jq != NULL ? "--jq" : "--limit");
	if (r->of->by_id ? r->newest : a->from == -1)
		return fault_set(f, FAULT_USAGE, "--save: where to begin? %s", r->of->by_id ?
		    "the id of a trade is needed" : "--from is needed");
	return 0;
}

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
	if (ret == 0 && r->save.from < r->from)	/* the file goes on where it ends, whatever --from says */
		r->from = r->save.from;
	return ret;
}

static int
prepare(struct run *r, char *const words[], int n, struct fault *f)
{
	bool candles = r->of->shape == SHAPE_CANDLES;

	if (info_words(r->a, n, candles ? 2 : 1, candles || r->of->by_id ? 2 : 1, f) == -1 ||
	    (r->of->by_id && n == 2 && find_id(r, words[1], f) == -1) || check_options(r, f) == -1 ||
	    (r->of->shape <= SHAPE_PERIODS && find_interval(r, candles ? words[1] : NULL, f) == -1) ||
	    find_symbol(r, words[0], f) == -1 || find_contract(r, words[0], f) == -1)
		return -1;
	if (r->iv != NULL)
		buf_printf(&r->q, "&%s=%s", candles ? "interval" : "period", r->iv->name);
	if (r->q.bad)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	snprintf(r->name, sizeof r->name, "%s %s%s%s%s%s", r->of->name, r->s, r->contract[0] != '\0' ? " " : "",
	    r->contract, r->iv != NULL ? " " : "", r->iv != NULL ? r->iv->name : "");
	r->ask.quiet = progress_clear;
	r->ask.arg = &r->progress;
	return ask_begin(&r->ask, f) == -1 || find_range(r, f) == -1 || open_save(r, f) == -1 ? -1 : 0;
}

static int
draw(struct run *r, struct fault *f)
{
	char from[INFO_TIME_STR], to[INFO_TIME_STR], title[256];
	int64_t last;

	if (r->n == 0)
		return fault_set(f, FAULT_REJECTED, "%s: nothing to draw", r->name);
	last = r->bars != NULL ? r->bars[r->n - 1].t : r->points[r->n - 1].t;
	info_time_put(from, r->first);
	info_time_put(to, last);
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
	char a[INFO_TIME_STR], b[INFO_TIME_STR];

	if (from < r->from)
		from = interval_add(r->iv, from, 1);
	info_time_put(a, last == -1 ? r->from : r->after == -1 ? r->first : last);
	info_time_put(b, last == -1 ? r->to : last);
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
	if (a->save != NULL)		/* a file is of records, wherever this runs */
		a->out.table = false;
	r.ask.app = a;
	printer_live(&a->out);
	ret = run_all(&r, words, n, f);
	save_close(&r.save);
	buf_free(&r.q);
	buf_free(&r.page);
	free(r.bars);
	free(r.points);
	return ret;
}
