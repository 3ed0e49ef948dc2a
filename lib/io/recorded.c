#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/show.h"
#include "io/listing.h"
#include "io/recorded.h"
#include "io/recorded_in.h"

/*
 * Bytes of a file
 */

static int
file_fault(const char *file, struct fault *f)
{
	char name[160];

	show_text(name, sizeof name, file, strlen(file));
	return fault_set(f, FAULT_LOCAL, "%s: %s", name, strerror(errno));
}

static int
slurp(int fd, const char *file, struct buf *out, struct fault *f)
{
	char part[65536];
	ssize_t n;

	while ((n = read(fd, part, sizeof part)) != 0) {
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return file_fault(file, f);
		buf_put(out, part, (size_t)n);
		if (out->bad || out->len > SCAN_MAX)
			return fault_set(f, FAULT_LOCAL, "%.120s: too large", file);
	}
	return 0;
}

static int
read_file(const char *file, struct buf *out, struct fault *f)
{
	int fd = strcmp(file, "-") == 0 ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC), r;

	if (fd == -1)
		return file_fault(file, f);
	r = slurp(fd, file, out, f);
	if (fd != STDIN_FILENO)
		close(fd);
	return r;
}

/*
 * Keeping answers
 */

/* The keeper behind r->p; NULL: out of memory. */
static struct kept *
kept_of(struct recorded *r, struct fault *f)
{
	if (r->p == NULL && (r->p = calloc(1, sizeof(struct kept))) == NULL)
		fault_set(f, FAULT_LOCAL, "out of memory");
	return r->p;
}

static struct told *
kept_add(struct kept *k, struct fault *f)
{
	struct told *list;
	int cap = k->cap < 16 ? 16 : k->cap * 2;

	if (k->n == k->cap) {
		if ((list = realloc(k->a, (size_t)cap * sizeof *list)) == NULL) {
			fault_set(f, FAULT_LOCAL, "out of memory");
			return NULL;
		}
		k->a = list;
		k->cap = cap;
	}
	memset(&k->a[k->n], 0, sizeof *k->a);
	return &k->a[k->n++];
}

static void
told_free(struct told *a)
{
	scan_free(&a->doc);
	buf_free(&a->text);
}

/* One document: 0, also if it says nothing about an account. doc is left empty if it was kept. */
static int
take(struct recorded *r, struct buf *text, struct scan *doc, const char *file, unsigned long line, struct fault *f)
{
	struct kept *k = kept_of(r, f);
	struct told a = { 0 }, *to;
	char name[120];
	int got;

	if (k == NULL)
		return -1;
	if ((got = recorded_know(&a, doc->t)) == 0)
		return 0;
	if (got == -1) {
		show_text(name, sizeof name, file, strlen(file));
		return fault_set(f, FAULT_USAGE, "%s: line %lu: not an answer about an account that is known here", name, line);
	}
	if ((to = kept_add(k, f)) == NULL)
		return -1;
	*to = a;
	to->text = *text;
	to->doc = *doc;
	memset(text, 0, sizeof *text);
	memset(doc, 0, sizeof *doc);
	return 0;
}

/* A document of a line; the tokens point into a copy. */
static int
take_line(struct recorded *r, const char *p, size_t n, const char *file, unsigned long line, struct fault *f)
{
	struct buf text = { 0 };
	struct scan doc = { 0 };
	char name[120];
	int got, ret = 0;

	buf_put(&text, p, n);
	if (text.bad)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	if ((got = scan_doc(&doc, text.p, text.len)) > 0) {
		ret = take(r, &text, &doc, file, line, f);
	} else if (got != SCAN_EMPTY) {
		show_text(name, sizeof name, file, strlen(file));
		ret = fault_set(f, FAULT_USAGE, "%s: line %lu: not JSON: %s", name, line, scan_strerror(got));
	}
	scan_free(&doc);
	buf_free(&text);
	return ret;
}

static int
take_lines(struct recorded *r, const struct buf *all, const char *file, struct fault *f)
{
	const char *at = all->p, *end = all->p + all->len, *nl;
	unsigned long line = 1;

	for (; at < end; at = nl + 1, line++) {
		if ((nl = memchr(at, '\n', (size_t)(end - at))) == NULL)
			nl = end;
		if (take_line(r, at, (size_t)(nl - at), file, line, f) == -1)
			return -1;
	}
	return 0;
}

int
recorded_read(struct recorded *r, const char *file, struct fault *f)
{
	struct buf text = { 0 };
	struct scan doc = { 0 };
	int ret = read_file(file, &text, f);

	if (ret == 0 && text.len == 0)
		ret = fault_set(f, FAULT_USAGE, "%.120s: it is empty", file);
	if (ret == 0) {
		if (scan_doc(&doc, text.p, text.len) > 0)
			ret = take(r, &text, &doc, file, 1, f);
		else
			ret = take_lines(r, &text, file, f);
	}
	scan_free(&doc);
	buf_free(&text);
	return ret;
}

/*
 * What was told
 */

static const struct tok *
side_row(const struct told *a, const struct tok *list, const char *key, const char *name, enum pos_side side, bool sided)
{
	static const char *const word[] = { [POS_BOTH] = "BOTH", [POS_LONG] = "LONG", [POS_SHORT] = "SHORT" };
	const struct tok *t = a->doc.t, *v, *s;

	if (list == NULL || list->kind != SCAN_ARR)
		return list != NULL && scan_get_is(t, list, key, name) ? list : NULL;
	for (v = scan_first(list); v != NULL; v = scan_next(t, list, v)) {
		if (!scan_get_is(t, v, key, name))
			continue;
		s = scan_get(t, v, "positionSide");
		if (!sided || (s == NULL ? side == POS_BOTH : scan_is(s, word[side])))
			return v;
	}
	return NULL;
}

/* The list of rows an answer has of this kind; NULL: none. A position is in account too. */
static const struct tok *
rows_of(const struct told *a, enum answer what, bool risk)
{
	if (what == ANSWER_POSITIONS && a->what == ANSWER_ACCOUNT && !risk)
		return scan_get(a->doc.t, a->v, "positions");
	if (a->what != what)
		return NULL;
	return what == ANSWER_ACCOUNT ? scan_get(a->doc.t, a->v, "assets") : a->v;
}

static bool
any_of(const struct kept *k, enum market m, enum answer what)
{
	for (int i = 0; k != NULL && i < k->n; i++)
		if (k->a[i].m == m && k->a[i].what == what)
			return true;
	return false;
}

const struct tok *
recorded_told(const struct recorded *r, enum market m, enum answer what, const char *name, enum pos_side side,
    const struct tok **t)
{
	const struct kept *k = r->p;
	bool wallet = what == ANSWER_ACCOUNT || what == ANSWER_BALANCE, risk = any_of(k, m, ANSWER_POSITIONS);
	const struct tok *row, *list;

	for (int i = k == NULL ? 0 : k->n; i-- > 0; ) {
		const struct told *a = &k->a[i];

		if (a->m != m || (list = rows_of(a, what, risk)) == NULL)
			continue;
		row = side_row(a, list, wallet ? "asset" : "symbol", name, side, what == ANSWER_POSITIONS);
		*t = a->doc.t;
		if (row != NULL)
			return row;
		if (!a->part && what != ANSWER_PREMIUM && what != ANSWER_FEES)
			return NULL;	/* the last whole answer has it not */
	}
	return NULL;
}

void
recorded_free(struct recorded *r)
{
	struct kept *k = r->p;

	for (int i = 0; k != NULL && i < k->n; i++)
		told_free(&k->a[i]);
	if (k != NULL)
		free(k->a);
	free(k);
	for (int m = 0; m < MARKETS; m++)
		account_free(&r->acct[m]);
	contracts_free(&r->cs);
	asset_rates_free(&r->rates);
	memset(r, 0, sizeof *r);
}
