/*
 * The local book: what a diff costs, with its scan and alone, and what a level weighs.
 * book [TURNS]. On the recorded BTCUSDT diffs if BF_TEST_DATA is set, else on made-up
 * ones of about the same shape. The best of the turns is shown.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <zlib.h>

#include "core/book.h"

#define RECORDED	"usdm/ws-btcusdt-2024-08-08"
#define MADE_DIFFS	6000
#define MADE_LEVELS	68	/* of a diff, both sides together: the mean of the recording */

struct messages { struct buf text; size_t *at; int n; };	/* at: n + 1 offsets; the snapshot is first */

static void
die(const char *what)
{
	fprintf(stderr, "book: %s\n", what);
	exit(1);
}

static double
cpu(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static uint64_t
draw(uint64_t n)	/* xorshift, the same every time */
{
	static uint64_t x = 88172645463325252u;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x % n;
}

static void
add(struct messages *m, const char *p, size_t n)
{
	if (m->n % 1024 == 0 && (m->at = realloc(m->at, ((size_t)m->n + 1025) * sizeof *m->at)) == NULL)
		die("out of memory");
	m->at[m->n++] = m->text.len;
	buf_put(&m->text, p, n);
	m->at[m->n] = m->text.len;
	if (m->text.bad)
		die("out of memory");
}

/* The lines of a recorded file that hold `what`. */
static void
add_file(struct messages *m, const char *dir, const char *name, const char *what)
{
	static char line[1 << 20];
	char path[1024];
	gzFile z;

	snprintf(path, sizeof path, "%s/%s%s", dir, RECORDED, name);
	if ((z = gzopen(path, "rb")) == NULL)
		die("BF_TEST_DATA has no " RECORDED);
	while (gzgets(z, line, sizeof line) != NULL)
		if (strstr(line, what) != NULL)
			add(m, line, strlen(line));
	if (gzclose(z) != Z_OK)
		die(RECORDED " cannot be read");
}

/* Half of a message's levels: prices ticks off the middle, most of them near. */
static void
made_side(struct buf *b, const char *key, int sign, int n, bool whole)
{
	jw_open(b, key, '[');
	for (int i = 0; i < n; i++) {
		int far = whole ? i : (int)(draw(8) == 0 ? draw(5000) : draw(200));
		int64_t price = 617000 + sign * (1 + far), qty = draw(3) == 0 && !whole ? 0 : 1 + (int64_t)draw(5000);

		jw_open(b, NULL, '[');
		jw_dec(b, NULL, (dec){ price, 1 });
		jw_dec(b, NULL, (dec){ qty, 3 });
		jw_close(b, ']');
	}
	jw_close(b, ']');
}

static void
made(struct messages *m)
{
	struct buf b = { 0 };

	for (int i = 0; i <= MADE_DIFFS; i++) {
		buf_reset(&b);
		if (i == 0)
			buf_printf(&b, "{\"lastUpdateId\":1");
		else
			buf_printf(&b, "{\"data\":{\"e\":\"depthUpdate\",\"E\":%d,\"T\":%d,\"s\":\"BTCUSDT\","
			    "\"U\":%d,\"u\":%d,\"pu\":%d", i, i, i, i, i - 1);
		made_side(&b, i == 0 ? "bids" : "b", -1, i == 0 ? 1000 : MADE_LEVELS / 2, i == 0);
		made_side(&b, i == 0 ? "asks" : "a", 1, i == 0 ? 1000 : MADE_LEVELS / 2, i == 0);
		buf_str(&b, i == 0 ? "}" : "}}");
		add(m, b.p, b.len);
	}
	buf_free(&b);
}

/* All messages once; b NULL: only scanned. Returns the levels in them. */
static long
play(const struct messages *m, struct scan *sc, struct book *b)
{
	const struct tok *v, *side;
	long levels = 0;

	for (int i = 0; i < m->n; i++) {
		if (scan_doc(sc, m->text.p + m->at[i], m->at[i + 1] - m->at[i]) <= 0)
			die("not JSON");
		if (i == 0) {
			if (b != NULL && book_snapshot(b, sc->t, sc->t) != BOOK_APPLIED)
				die("no snapshot");
			continue;
		}
		v = scan_get(sc->t, sc->t, "data");
		if (b != NULL) {
			book_diff(b, sc->t, v);
			continue;
		}
		if ((side = scan_get(sc->t, v, "b")) != NULL)
			levels += side->n;
		if ((side = scan_get(sc->t, v, "a")) != NULL)
			levels += side->n;
	}
	return levels;
}

static void
shown(const struct messages *m, struct scan *sc, int levels)
{
	struct buf out = { 0 };
	struct book *b = book_new();
	double t, took;
	long puts = 0;

	if (b == NULL)
		die("out of memory");
	took = -cpu();
	play(m, sc, b);
	took += cpu();
	book_void(b, false);
	t = -cpu();
	for (int i = 0; i < m->n; i++) {
		scan_doc(sc, m->text.p + m->at[i], m->at[i + 1] - m->at[i]);
		if (i == 0)
			book_snapshot(b, sc->t, sc->t);
		else
			book_diff(b, sc->t, scan_get(sc->t, sc->t, "data"));
		if (!book_changed(b, levels))
			continue;
		buf_reset(&out);
		book_put(b, "BTCUSDT", levels, &out);
		puts++;
	}
	t += cpu();
	printf("%ld books of %d levels put: %.2f us each\n", puts, levels, (t - took) / (double)puts * 1e6);
	buf_free(&out);
	book_free(b);
}

int
main(int argc, char *argv[])
{
	int turns = argc > 1 ? atoi(argv[1]) : 7, diffs;
	const char *dir = getenv("BF_TEST_DATA");
	double t, scan = 1e9, both = 1e9;
	struct messages m = { 0 };
	struct scan sc = { 0 };
	struct book *b;
	size_t before;
	long levels = 0;

	if (dir != NULL) {
		add_file(&m, dir, ".rest-depth-btcusdt.json", "lastUpdateId");
		add_file(&m, dir, ".ndjson.gz", "depthUpdate");
	} else {
		made(&m);
	}
	diffs = m.n - 1;
	for (int i = 0; i < turns; i++) {
		t = -cpu();
		levels = play(&m, &sc, NULL);
		if ((t += cpu()) < scan)
			scan = t;
		before = mallinfo2().uordblks + mallinfo2().hblkhd;
		if ((b = book_new()) == NULL)
			die("out of memory");
		t = -cpu();
		play(&m, &sc, b);
		if ((t += cpu()) < both)
			both = t;
		if (i == turns - 1)
			printf("%s: %d diffs, %.1f levels each; at the end %d + %d levels, %.1f bytes each\n",
			    dir != NULL ? "recorded BTCUSDT" : "made up", diffs, (double)levels / diffs,
			    book_levels(b, true), book_levels(b, false),
			    (double)(mallinfo2().uordblks + mallinfo2().hblkhd - before) /
			    (book_levels(b, true) + book_levels(b, false)));
		book_free(b);
	}
	printf("scan and book: %.0f diffs/s, %.2f us each, %.0f ns a level\n", diffs / both,
	    both / diffs * 1e6, both / (double)levels * 1e9);
	printf("the book alone: %.2f us each, %.0f ns a level\n", (both - scan) / diffs * 1e6,
	    (both - scan) / (double)levels * 1e9);
	shown(&m, &sc, 5);
	shown(&m, &sc, 20);
	scan_free(&sc);
	buf_free(&m.text);
	free(m.at);
	return 0;
}
