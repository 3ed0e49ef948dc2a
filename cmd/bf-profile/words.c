/* What can stand at a place of the command line, by what lies here: cache, journal, configuration.
 * No exchange is asked, and what is not there gives no words. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app.h"
#include "core/streams.h"
#include "io/lines.h"
#include "io/xinfo.h"
#include "words.h"

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* They go into a command line: nothing that a shell would act on, whoever named it so. */
static bool
is_plain(const char *s)
{
	static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:/@#=+-%,";

	for (; *s != '\0'; s++)
		if ((unsigned char)*s < 0x80 && strchr(safe, *s) == NULL)
			return false;
	return true;
}

/* Lines of b, each once, in order. */
static int
sort_lines(struct buf *b)
{
	size_t lines = 0, n = 0;
	struct buf out = { 0 };
	char **v, *s, *next;

	for (size_t i = 0; i < b->len; i++)
		lines += b->p[i] == '\n';
	if (lines == 0)
		return 0;
	if (b->bad || (v = calloc(lines, sizeof *v)) == NULL)
		return -1;
	for (s = b->p; n < lines; s = next + 1) {
		next = strchr(s, '\n');
		*next = '\0';
		v[n++] = s;
	}
	qsort(v, n, sizeof *v, by_text);
	for (size_t i = 0; i < n; i++)
		if (is_plain(v[i]) && (i == 0 || strcmp(v[i], v[i - 1]) != 0))
			buf_printf(&out, "%s\n", v[i]);
	free(v);
	buf_free(b);
	*b = out;
	return b->bad ? -1 : 0;
}

/* A member of each row of a list, with that behind it. */
static void
members(struct buf *out, const struct xinfo *x, const char *array, const char *key, const char *only, const char *behind)
{
	const struct tok *t = x->doc.t, *list = scan_get(t, t, array), *v;
	char word[64];

	for (v = scan_first(list); v != NULL; v = scan_next(t, list, v))
		if ((only == NULL || scan_get_is(t, v, "underlyingType", only)) &&
		    scan_get_str(t, v, key, word, sizeof word) && strpbrk(word, " \t\n\r") == NULL)
			buf_printf(out, "%s%s\n", word, behind);
}

/* Of the cached contracts of both markets, or of that of --market. */
static void
cached(struct app *a, struct buf *out, const struct profile *p, const char *kind)
{
	struct xinfo x = { 0 };

	for (int m = 0; m < MARKETS; m++) {
		if ((a->common.market_given && a->common.market != (enum market)m) || !xinfo_kept(&x, p, (enum market)m))
			continue;
		if (strcmp(kind, "symbols") == 0)
			members(out, &x, "symbols", "symbol", NULL, "");
		else if (strcmp(kind, "pairs") == 0)
			members(out, &x, "symbols", "pair", NULL, "");
		else if (strcmp(kind, "indices") == 0)
			members(out, &x, "symbols", "symbol", "INDEX", "");
		else
			members(out, &x, "assets", "asset", NULL, kind[0] == 'a' && kind[5] == '-' ? "USD" : "");
	}
	xinfo_free(&x);
}

static int
profiles(struct buf *out, struct fault *f)
{
	static struct profile_name name[PROFILE_NAMES];
	char chosen[64];
	int n = profile_names(name, chosen, f);

	for (int i = 0; i < n; i++)
		buf_printf(out, "%s\n", name[i].name);
	return n == -1 ? -1 : 0;
}

static void
streams(struct buf *out, const struct app *a)
{
	static const char *const interval[] = { "1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h",
		"12h", "1d", "3d", "1w", "1M" };
	const struct stream_row *r;

	for (r = stream_rows; r->name != NULL; r++) {
		if (a->common.market_given && (r->markets & 1u << a->common.market) == 0)
			continue;
		for (size_t i = 0; r->interval && i < sizeof interval / sizeof *interval; i++)
			buf_printf(out, "%s_%s\n", r->name, interval[i]);
		if (!r->interval)
			buf_printf(out, "%s\n", r->name);
	}
	buf_str(out, "user\n");
}

int
words_kind(struct app *a, struct buf *out, const char *kind, const char *symbol, struct fault *f)
{
	static const char *const of_cache[] = { "symbols", "pairs", "indices", "assets", "asset-indices" };
	struct profile p;

	if (strcmp(kind, "profiles") == 0)
		return profiles(out, f);
	if (strcmp(kind, "streams") == 0) {
		streams(out, a);
		return 0;
	}
	if (profile_load(&p, a->common.profile, f) == -1)
		return -1;
	if (strcmp(kind, "orders") == 0)
		return symbol != NULL ? words_orders(out, &p, symbol, f) :
		    fault_set(f, FAULT_USAGE, "words orders: SYMBOL is missing");
	for (size_t i = 0; i < sizeof of_cache / sizeof *of_cache; i++)
		if (strcmp(kind, of_cache[i]) == 0) {
			cached(a, out, &p, kind);
			return 0;
		}
	return fault_set(f, FAULT_USAGE, "%s: not a kind of words: symbols, pairs, indices, assets, asset-indices, "
	    "streams, profiles or orders SYMBOL", kind);
}

int
words_of(struct app *a, char *const words[], int n, struct fault *f)
{
	struct out o;
	int r;

	if (n == 0)
		return fault_set(f, FAULT_USAGE, "words: which? see bf-profile(1)");
	out_init(&o, STDOUT_FILENO);
	if (strcmp(words[0], "next") == 0)
		r = words_next(a, &o.b, words + 1, n - 1, f);
	else
		r = words_kind(a, &o.b, words[0], n > 1 ? words[1] : NULL, f);
	if (r == 0 && sort_lines(&o.b) == -1)
		r = fault_set(f, FAULT_LOCAL, "out of memory");
	if (r == 0)
		r = out_flush(&o, f);
	a->out.out.gone = o.gone;
	out_free(&o);
	return r;
}
