#include <string.h>
#include <unistd.h>

#include "io/clock.h"
#include "io/term.h"
#include "progress.h"

#define EVERY_MS	200
#define BAR_MAX		30

void
progress_begin(struct progress *p, const char *name, int64_t from, int64_t at, int64_t to, bool prints)
{
	*p = (struct progress){ .name = name, .from = from, .to = to, .begun_at = at };
	p->begun_ms = clock_mono_ms();
	p->on = isatty(STDERR_FILENO) && !(prints && isatty(STDOUT_FILENO));
}

static void
put_left(struct buf *out, int64_t s)
{
	if (s >= 3600)
		buf_printf(out, "%d:%02d:%02d", (int)(s / 3600), (int)(s / 60 % 60), (int)(s % 60));
	else
		buf_printf(out, "%d:%02d", (int)(s / 60), (int)(s % 60));
}

void
progress_line(struct buf *out, const struct progress *p, int64_t at, long long rows, int64_t ms, int cols)
{
	int64_t all = p->to - p->from, done = at - p->from, here = at - p->begun_at;
	int wide = cols - (int)strlen(p->name) - 46, full;

	if (all <= 0) {		/* how much there is is not known */
		buf_printf(out, "%s  %lld rows", p->name, rows);
		return;
	}
	if (done > all)
		done = all;
	if (wide > BAR_MAX)
		wide = BAR_MAX;
	buf_printf(out, "%s ", p->name);
	if (wide >= 5) {
		full = (int)(done * wide / all);
		buf_chr(out, '[');
		for (int i = 0; i < wide; i++)
			buf_chr(out, i < full ? '#' : '.');
		buf_str(out, "] ");
	}
	buf_printf(out, "%3d %%  %lld rows", (int)(done * 100 / all), rows);
	if (ms < 1000)
		return;
	buf_printf(out, "  %lld/s  ", rows * 1000 / (long long)ms);
	/* spans of decades times days of running have room */
	if (here > 0 && (p->to - at) < INT64_MAX / (ms + 1))
		put_left(out, ms * (p->to - at) / here / 1000);
	else
		buf_chr(out, '-');
	buf_str(out, " left");
}

static int
columns(void)
{
	int n = term_cols(STDERR_FILENO);

	return n > 0 ? n : 80;
}

/* A terminal that cannot be written to has no one to complain to. */
static void
put(const struct buf *b)
{
	if (!b->bad && write(STDERR_FILENO, b->p, b->len) == -1)
		return;
}

void
progress_at(struct progress *p, int64_t at, long long rows)
{
	struct buf b = { 0 };
	int64_t now = clock_mono_ms();

	if (!p->on || now - (p->drawn ? p->drawn_ms : p->begun_ms) < EVERY_MS)	/* a short run needs none */
		return;
	buf_chr(&b, '\r');
	progress_line(&b, p, at, rows, now - p->begun_ms, columns() - 1);
	buf_str(&b, "\033[K");
	put(&b);
	buf_free(&b);
	p->drawn = true;
	p->drawn_ms = now;
}

void
progress_clear(void *progress)
{
	struct progress *p = progress;
	struct buf b = { 0 };

	if (!p->drawn)
		return;
	buf_str(&b, "\r\033[K");
	put(&b);
	buf_free(&b);
	p->drawn = false;
}
