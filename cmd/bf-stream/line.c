#include <stdlib.h>
#include <string.h>

#include "line.h"

#define HASH_BEGIN	UINT64_C(0xcbf29ce484222325)

static inline uint64_t
word_at(const char *p)
{
	uint64_t w;

	memcpy(&w, p, 8);
	return w;
}

static inline uint64_t
mix(uint64_t h, uint64_t w)
{
	h = (h ^ w) * UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 29;
}

/* Whole words at a time, in four chains that do not wait for one another: records are
 * hashed one by one on the hot path. Only told apart from one another, never kept or
 * compared across runs. */
static uint64_t
hash_text(uint64_t h, const char *p, size_t n)
{
	uint64_t a = h ^ n, b = a + 1, c = a + 2, d = a + 3;

	for (; n >= 32; p += 32, n -= 32) {
		a = mix(a, word_at(p));
		b = mix(b, word_at(p + 8));
		c = mix(c, word_at(p + 16));
		d = mix(d, word_at(p + 24));
	}
	a = mix(mix(mix(a, b), c), d);
	for (; n >= 8; p += 8, n -= 8)
		a = mix(a, word_at(p));
	for (; n > 0; p++, n--)
		a = (a ^ (unsigned char)*p) * UINT64_C(0x100000001b3);
	return a ^ a >> 32;
}

static inline bool
is_called(const struct want *w, enum market m, const char *name, size_t n)
{
	return w->market == m && strncmp(w->name, name, n) == 0 && w->name[n] == '\0';
}

static int
slot_of(const struct lines_of *l, enum market m, const char *name, size_t n)
{
	int i = (int)(hash_text(HASH_BEGIN + (uint64_t)m, name, n) & (uint64_t)(l->slots - 1));

	for (; l->slot[i] != 0; i = (i + 1) & (l->slots - 1)) {
		if (is_called(l->line[l->slot[i] - 1].w, m, name, n))
			break;
	}
	return i;
}

int
lines_make(struct lines_of *l, const struct wants *w, struct fault *f)
{
	memset(l, 0, sizeof *l);
	l->n = w->n;
	for (l->slots = 16; l->slots < 2 * w->n; )	/* powers of two: no division to find one */
		l->slots *= 2;
	l->buckets = 1024;
	l->line = calloc((size_t)w->n + 1, sizeof *l->line);
	l->slot = calloc((size_t)l->slots, sizeof *l->slot);
	l->bucket = calloc((size_t)l->buckets, sizeof *l->bucket);
	if (l->line == NULL || l->slot == NULL || l->bucket == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	for (int i = 0; i < w->n; i++) {
		l->line[i].w = &w->w[i];
		l->line[i].nth = i;
		l->slot[slot_of(l, w->w[i].market, w->w[i].name, strlen(w->w[i].name))] = i + 1;
	}
	return 0;
}

void
lines_drop(struct lines_of *l)
{
	for (int i = 0; i < l->buckets && l->bucket != NULL; i++)
		for (struct key *k = l->bucket[i], *next; k != NULL; k = next) {
			next = k->next;
			free(k->symbol);
			free(k);
		}
	free(l->line);
	free(l->slot);
	free(l->bucket);
	memset(l, 0, sizeof *l);
}

struct line *
line_find(struct lines_of *l, enum market m, const char *name, size_t n)
{
	int i = l->last;

	if (i != 0 && is_called(l->line[i - 1].w, m, name, n))
		return &l->line[i - 1];
	if (l->n == 0 || (i = l->slot[slot_of(l, m, name, n)]) == 0)
		return NULL;
	l->last = i;
	return &l->line[i - 1];
}

/* Twice the buckets when there are as many keys. Without memory it stays as it is. */
static void
grow(struct lines_of *l)
{
	int n = 2 * l->buckets;
	struct key **b = calloc((size_t)n, sizeof *b);

	if (b == NULL)
		return;
	for (int i = 0; i < l->buckets; i++)
		for (struct key *k = l->bucket[i], *next; k != NULL; k = next) {
			uint64_t h = hash_text(HASH_BEGIN + (uint64_t)k->line->nth, k->symbol, k->symbol_n);

			next = k->next;
			k->next = b[h & (uint64_t)(n - 1)];
			b[h & (uint64_t)(n - 1)] = k;
		}
	free(l->bucket);
	l->bucket = b;
	l->buckets = n;
}

struct key *
line_key(struct lines_of *l, struct line *ln, const char *symbol, size_t n)
{
	struct key **b, *k = ln->last;

	if (k != NULL && k->symbol_n == n && memcmp(k->symbol, symbol, n) == 0)
		return k;	/* always so where a stream is of one symbol */
	b = &l->bucket[hash_text(HASH_BEGIN + (uint64_t)ln->nth, symbol, n) & (uint64_t)(l->buckets - 1)];
	for (k = *b; k != NULL; k = k->next)
		if (k->line == ln && k->symbol_n == n && memcmp(k->symbol, symbol, n) == 0)
			return ln->last = k;
	if ((k = calloc(1, sizeof *k)) == NULL || (k->symbol = malloc(n + 1)) == NULL) {
		free(k);
		return NULL;
	}
	memcpy(k->symbol, symbol, n);
	k->symbol[n] = '\0';
	k->symbol_n = n;
	k->line = ln;
	k->next = *b;
	*b = k;
	if (++l->keys > l->buckets)
		grow(l);
	return ln->last = k;
}

void
record_mark(struct mark *m, const struct stream_row *row, const struct tok *t, const struct tok *v)
{
	int64_t n;

	m->E = scan_get_i64(t, v, "E", &n) && n > 0 ? n : 0;
	m->serial = (uint64_t)m->E;
	if (row->serial != NULL && strcmp(row->serial, "E") != 0 &&
	    scan_get_i64(t, v, row->serial, &n) && n > 0)
		m->serial = (uint64_t)n;
	m->hash = hash_text(HASH_BEGIN, v->p, v->len);
}

static bool
seen(const struct key *k, const struct mark *m)
{
	if (k->serial == m->serial && k->hash == m->hash)
		return true;
	for (int i = 0; i < RECENT; i++)
		if (k->recent[i].serial == m->serial && k->recent[i].hash == m->hash)
			return true;
	return false;
}

#define ANEW_MS	10000	/* as books have it */

static void
begin_anew(struct key *k)
{
	k->any = false;
	k->floor = 0;
	memset(k->recent, 0, sizeof k->recent);
}

enum taken
key_take(struct key *k, const struct mark *m)
{
	if (k->any && m->serial < k->serial && m->E - k->E > ANEW_MS)
		begin_anew(k);
	/* what is beyond all that was taken is among none of them */
	if (k->any && m->serial <= k->serial && (m->serial < k->floor || seen(k, m))) {
		k->line->again++;
		return TAKE_AGAIN;
	}
	if (k->any && m->serial < k->serial) {
		k->line->behind++;
		if (k->line->w->row->latest)
			return TAKE_OLD;
	}
	k->recent[k->at].serial = m->serial;
	k->recent[k->at].hash = m->hash;
	k->at = (k->at + 1) % RECENT;
	if (!k->any || m->serial >= k->serial) {
		k->serial = m->serial;
		k->hash = m->hash;
		k->E = m->E;
	}
	k->any = true;
	return TAKE_NEW;
}

enum health
line_health(const struct line *ln, int64_t mono_ms, int64_t limit_ms)
{
	int64_t from = ln->fresh > ln->since ? ln->fresh : ln->since;

	if (limit_ms <= 0 || ln->since == 0 || mono_ms - from <= limit_ms)
		return HEALTH_OK;
	if (ln->heard == 0)
		return HEALTH_NEVER;
	return mono_ms - ln->heard <= limit_ms ? HEALTH_REPEATS : HEALTH_SILENT;
}
