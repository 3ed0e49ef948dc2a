/* Income of a time when nobody watched. */
#include "io/clock.h"
#include "risk.h"

#define INCOME_ROWS	1000
#define INCOME_PAGES	50
#define INCOME_RETRY_MS	5000

static void
income_failed(struct feed *fd, const struct fault *f)
{
	fd->income.due_mono_ms = clock_mono_ms() + INCOME_RETRY_MS;
	fd->income.page = 0;	/* from the start: a row counts once */
	if (!fd->income.said)
		say(fd->a, "%s income of the day: %s; loss and drawdown cannot be judged until it is read", market_title(fd->m),
		    f->text);
	fd->income.said = true;
	watch_income_read(fd->a->watch, &fd->a->w, fd->m, false);
}

static void
income_came(void *arg, const struct fault *f, const struct tok *t, const struct tok *v)
{
	struct feed *fd = arg;
	struct incomes *in = &fd->income;
	struct fault bad = { 0 };

	in->asking = false;
	if (f == NULL && v->kind != SCAN_ARR) {
		fault_set(&bad, FAULT_AGAIN, "income: not a list");
		f = &bad;
	}
	for (const struct tok *e = f == NULL ? scan_first(v) : NULL; e != NULL && f == NULL; e = scan_next(t, v, e))
		if (watch_income(fd->a->watch, &fd->a->w, fd->m, t, e, &bad) == -1)
			f = &bad;
	if (f != NULL) {
		income_failed(fd, f);
	} else if (v->n < INCOME_ROWS || in->page == INCOME_PAGES) {
		in->wanted = in->said = false;
		in->page = 0;
		tick(fd->a);
		watch_income_read(fd->a->watch, &fd->a->w, fd->m, true);
	}
}

void
fetch_income_due(struct feed *fd)
{
	struct incomes *in = &fd->income;
	struct fault f = { 0 };
	struct buf q = { 0 };

	if (!in->wanted || in->asking || fd->a->w.down[fd->m] || !measure_stands(fd) || clock_mono_ms() < in->due_mono_ms)
		return;
	if (in->page++ == 0)
		in->since_ms = watch_since(fd->a->watch, fd->m);
	buf_printf(&q, "startTime=%lld&limit=%d&page=%d", (long long)in->since_ms, INCOME_ROWS, in->page);
	if (q.bad)
		fault_set(&f, FAULT_LOCAL, "out of memory");
	else
		in->asking = calls_take(fd->calls, EP_INCOME, q.p, 0, true, &f) == 0 &&
		    calls_send(fd->calls, EP_INCOME, q.p, 0, 0, income_came, fd, &f) == 0;
	buf_free(&q);
	if (!in->asking)
		income_failed(fd, &f);
}

void
fetch_income(struct feed *fd)
{
	fd->a->wish.income[fd->m] = false;
	fd->income.wanted = fd->on && watch_since(fd->a->watch, fd->m) > 0;
}

/* The first look should see the day whole. */
void
fetch_day(struct app *a)
{
	if (a->patience_mono_ms < clock_mono_ms() + REQUEST_MS)
		a->patience_mono_ms = clock_mono_ms() + REQUEST_MS;
	for (enum market m = 0; m < MARKETS; m++) {
		struct feed *fd = &a->feed[m];

		if (!fd->on)
			continue;
		fetch_income(fd);
		for (fetch_income_due(fd); fd->income.asking; fetch_income_due(fd)) {
			fetch_wait(fd, &fd->income.asking);
			if (fd->income.asking)	/* in vain */
				break;
		}
	}
}
