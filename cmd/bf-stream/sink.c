#include <stdlib.h>
#include <string.h>

#include "sink.h"

/*
 * Every record is a node of the queue. Those of one stream and symbol (a file) are
 * chained as well, so that a loss is told where it was, and those that may be lost by
 * what is lost first. All is done at the ends of lists or at a node in hand.
 */

struct link { struct link *next, *prev; };	/* a ring; a list's head is in it */

enum loss {
	LOSS_EASY,	/* one of many: the oldest goes first */
	LOSS_LATEST,	/* the only value of its file: goes only when no easy one is left */
	LOSS_KINDS,
	LOSS_NEVER = LOSS_KINDS
};

/* What waits of one stream and symbol; gone when nothing does. */
struct file {
	struct file	*next;		/* of the bucket */
	uint64_t	 hash;
	struct link	 nodes;
	struct node	*latest;	/* may be replaced by a newer value; NULL: none */
	size_t		 counted;	/* of its nodes, those that count for the bound */
	size_t		 stream_n, symbol_n;
	char		 name[];	/* stream, symbol */
};

struct node {
	struct link	 queue, filed, class;
	struct file	*file;		/* NULL: a notice */
	size_t		 size;		/* bytes allocated */
	enum loss	 loss;
	bool		 gap, counted;
	union {
		struct { int64_t E; size_t n; } r;
		struct { uint64_t lost; int64_t from, to, now; } g;
	};
	char		 rec[];
};

struct sink {
	enum slow	 how;
	bool		 stopped;
	size_t		 max, counted;	/* what the bound is of */
	struct link	 queue, class[LOSS_KINDS];
	struct sink_stats stats;	/* bytes: all, notices too */
	size_t		 mask;
	struct file	*bucket[];
};

#define SINK_MIN	4096u
#define NOTICES		(1u << 20)	/* bytes of notices that may wait beside as many as --buffer */
#define HEAP		16u		/* malloc's own, about, for each piece */
#define NODE(l, member)	((struct node *)(void *)((char *)(l) - offsetof(struct node, member)))

static void
ring_init(struct link *l)
{
	l->next = l->prev = l;
}

static void
ring_put(struct link *before, struct link *l)
{
	l->next = before;
	l->prev = before->prev;
	before->prev->next = l;
	before->prev = l;
}

static void
ring_out(struct link *l)
{
	l->prev->next = l->next;
	l->next->prev = l->prev;
	ring_init(l);
}

/*
 * Words, opening
 */

int
slow_parse(enum slow *out, const char *s, struct fault *f)
{
	static const char *const word[] = {
		[SLOW_AUTO] = "auto", [SLOW_CONFLATE] = "conflate", [SLOW_BUFFER] = "buffer",
		[SLOW_DROP] = "drop", [SLOW_STOP] = "stop"
	};

	for (size_t i = 0; i < sizeof word / sizeof *word; i++)
		if (strcmp(s, word[i]) == 0) {
			*out = (enum slow)i;
			return 0;
		}
	return fault_set(f, FAULT_USAGE,
	    "--when-slow: conflate, buffer, drop, stop or auto, not \"%.40s\"", s);
}

int
sink_open(struct sink **out, enum slow how, size_t max_bytes, struct fault *f)
{
	size_t buckets = 8, bytes;
	struct sink *s;

	*out = NULL;
	if (max_bytes < SINK_MIN)
		return fault_set(f, FAULT_USAGE, "--buffer %zu: at least %u bytes", max_bytes, SINK_MIN);
	while (buckets < 65536 && buckets < max_bytes / 1024)
		buckets *= 2;
	bytes = sizeof *s + buckets * sizeof *s->bucket;
	if ((s = calloc(1, bytes)) == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory for the queue before the reader");
	s->how = how;
	s->max = max_bytes;
	s->counted = s->stats.bytes = bytes;
	s->mask = buckets - 1;
	ring_init(&s->queue);
	for (int i = 0; i < LOSS_KINDS; i++)
		ring_init(&s->class[i]);
	*out = s;
	return 0;
}

/*
 * Files
 */

static uint64_t
hash_more(uint64_t h, const char *p, size_t n)
{
	uint64_t w;

	for (; n > 0; p += 8, n -= 8) {
		w = 0;
		memcpy(&w, p, n < 8 ? n : 8);
		h = (h ^ w) * UINT64_C(0x9e3779b97f4a7c15);
		h ^= h >> 32;
		if (n <= 8)
			break;
	}
	return h;
}

static size_t
file_cost(const struct file *fl)
{
	return sizeof *fl + fl->stream_n + fl->symbol_n + HEAP;
}

static bool
file_is(const struct file *fl, uint64_t hash, const struct sink_key *k, size_t stream_n)
{
	return fl->hash == hash && fl->stream_n == stream_n && fl->symbol_n == k->symbol_n &&
	    memcmp(fl->name, k->stream, stream_n) == 0 &&
	    (k->symbol_n == 0 || memcmp(fl->name + stream_n, k->symbol, k->symbol_n) == 0);
}

/* The file of a key, made if need be. NULL: no memory. */
static struct file *
file_of(struct sink *s, const struct sink_key *k)
{
	size_t n = strlen(k->stream);
	uint64_t h = hash_more(hash_more(n, k->stream, n), k->symbol, k->symbol_n);
	struct file **at = &s->bucket[h & s->mask], *fl;

	for (fl = *at; fl != NULL; fl = fl->next)
		if (file_is(fl, h, k, n))
			return fl;
	if ((fl = malloc(sizeof *fl + n + k->symbol_n)) == NULL)
		return NULL;
	*fl = (struct file){ .next = *at, .hash = h, .stream_n = n, .symbol_n = k->symbol_n };
	ring_init(&fl->nodes);
	memcpy(fl->name, k->stream, n);
	if (k->symbol_n > 0)
		memcpy(fl->name + n, k->symbol, k->symbol_n);
	s->stats.bytes += file_cost(fl);
	*at = fl;
	return fl;
}

static void
file_drop_empty(struct sink *s, struct file *fl)
{
	struct file **at = &s->bucket[fl->hash & s->mask];

	if (fl->nodes.next != &fl->nodes)
		return;
	while (*at != fl)
		at = &(*at)->next;
	*at = fl->next;
	s->stats.bytes -= file_cost(fl);
	free(fl);
}

/*
 * Nodes
 */

/* A node counts for the bound, and the first of a file brings the file with it. */
static void
count_in(struct sink *s, struct node *nd)
{
	s->counted += nd->size + HEAP;
	if (nd->file->counted++ == 0)
		s->counted += file_cost(nd->file);
	nd->counted = true;
}

static void
count_out(struct sink *s, struct node *nd)
{
	if (!nd->counted)
		return;
	nd->counted = false;
	s->counted -= nd->size + HEAP;
	if (--nd->file->counted == 0)
		s->counted -= file_cost(nd->file);
}

static struct node *
node_make(struct sink *s, const char *rec, size_t n, int64_t E)
{
	struct node *nd;
	size_t size;

	if (__builtin_add_overflow(sizeof *nd, n, &size) || (nd = malloc(size)) == NULL)
		return NULL;
	*nd = (struct node){ .size = size, .loss = LOSS_NEVER, .r = { E, n } };
	ring_init(&nd->queue);
	ring_init(&nd->filed);
	ring_init(&nd->class);
	if (n > 0)
		memcpy(nd->rec, rec, n);
	s->stats.bytes += size + HEAP;
	s->stats.records++;
	return nd;
}

static void
node_free(struct sink *s, struct node *nd)
{
	struct file *fl = nd->file;

	count_out(s, nd);
	ring_out(&nd->queue);
	ring_out(&nd->filed);
	ring_out(&nd->class);
	s->stats.bytes -= nd->size + HEAP;
	s->stats.records--;
	if (fl != NULL && fl->latest == nd)
		fl->latest = NULL;
	free(nd);
	if (fl != NULL)
		file_drop_empty(s, fl);
}

void
sink_free(struct sink *s)
{
	if (s == NULL)
		return;
	while (s->queue.next != &s->queue)
		node_free(s, NODE(s->queue.next, queue));
	free(s);
}

/*
 * Loss
 */

static void
gap_more(struct node *g, uint64_t lost, int64_t from, int64_t to, int64_t now)
{
	g->g.lost += lost;
	if (g->g.from == 0)
		g->g.from = from;
	if (to != 0)
		g->g.to = to;
	if (now > g->g.now)
		g->g.now = now;
}

/* A record's node becomes a gap where it stands, in less memory: so a loss can
 * always be told. */
static struct node *
become_gap(struct sink *s, struct node *nd)
{
	struct link *queue = nd->queue.next, *filed = nd->filed.next;
	struct node *less;

	count_out(s, nd);
	ring_out(&nd->queue);
	ring_out(&nd->filed);
	ring_out(&nd->class);
	if ((less = realloc(nd, sizeof *nd)) != NULL) {
		nd = less;
		s->stats.bytes -= nd->size - sizeof *nd;
		nd->size = sizeof *nd;
	}
	ring_init(&nd->class);
	ring_put(queue, &nd->queue);
	ring_put(filed, &nd->filed);
	nd->loss = LOSS_NEVER;
	nd->gap = true;
	memset(&nd->g, 0, sizeof nd->g);
	return nd;
}

static struct node *
gap_beside(const struct file *fl, const struct link *l)
{
	return l == &fl->nodes || !NODE(l, filed)->gap ? NULL : NODE(l, filed);
}

/* The record is lost: told by the gap before it, or by one in its place; gaps of
 * one file with nothing between them are one. */
static void
lose(struct sink *s, struct node *nd, int64_t now)
{
	struct file *fl = nd->file;
	struct node *g = gap_beside(fl, nd->filed.prev), *after = gap_beside(fl, nd->filed.next);
	int64_t E = nd->r.E;

	if (fl->latest == nd)
		fl->latest = NULL;
	s->stats.lost++;
	if (g != NULL)
		node_free(s, nd);
	else
		g = become_gap(s, nd);
	gap_more(g, 1, E, E, now);
	if (after != NULL) {
		gap_more(g, after->g.lost, after->g.from, after->g.to, after->g.now);
		node_free(s, after);
	}
}

/* What is to be lost next, but not nd; NULL: nothing may be. */
static struct node *
victim(struct sink *s, const struct node *nd)
{
	for (int i = 0; i < LOSS_KINDS; i++)
		for (struct link *l = s->class[i].next; l != &s->class[i]; l = l->next)
			if (NODE(l, class) != nd)	/* so two steps at most */
				return NODE(l, class);
	return NULL;
}

/* nd was filed and is too much. */
static int
too_much(struct sink *s, struct node *nd, enum sink_kind kind, int64_t now, struct fault *f)
{
	size_t alone = sizeof *s + (s->mask + 1) * sizeof *s->bucket + file_cost(nd->file) + nd->size + HEAP;
	struct node *v;

	if (s->how != SLOW_STOP && alone <= s->max)
		while (s->counted > s->max && (v = victim(s, nd)) != NULL)
			lose(s, v, now);
	if (s->counted <= s->max)
		return 0;
	lose(s, nd, now);
	if (s->how != SLOW_STOP && kind != SINK_ACCOUNT)
		return 0;
	s->stopped = true;
	return fault_set(f, FAULT_LOCAL, "the reader is too slow: more than --buffer %zu bytes wait for it%s",
	    s->max, kind == SINK_ACCOUNT ? ", and events of the account are not dropped" : "");
}

/*
 * In
 */

static bool
conflates(const struct sink *s, enum sink_kind kind)
{
	return kind != SINK_ACCOUNT &&
	    (s->how == SLOW_CONFLATE || (s->how == SLOW_AUTO && kind == SINK_LATEST));
}

/* It gets a place in the order of loss. */
static void
class_in(struct sink *s, struct node *nd, enum loss loss, struct link *before)
{
	ring_out(&nd->class);
	nd->loss = loss;
	if (loss != LOSS_NEVER)
		ring_put(before != NULL ? before : &s->class[loss], &nd->class);
}

/* At the end; or in place of the older value, which goes. What stands behind that value
 * is of other files, so none of this one is overtaken. */
static void
enqueue(struct sink *s, struct file *fl, struct node *nd, enum sink_kind kind, bool keep)
{
	struct node *old = conflates(s, kind) ? fl->latest : NULL;
	bool latest = conflates(s, kind) && !keep;

	nd->file = fl;
	ring_put(old == NULL ? &s->queue : &old->queue, &nd->queue);
	ring_put(old == NULL ? &fl->nodes : &old->filed, &nd->filed);
	count_in(s, nd);
	if (old == NULL && fl->latest != NULL)	/* it is the only one no more */
		class_in(s, fl->latest, LOSS_EASY, NULL);
	class_in(s, nd, kind == SINK_ACCOUNT ? LOSS_NEVER : latest ? LOSS_LATEST : LOSS_EASY,
	    old != NULL && latest ? &old->class : NULL);
	if (old != NULL) {
		node_free(s, old);
		s->stats.conflated++;
	}
	fl->latest = latest ? nd : NULL;
}

/* Notices are never dropped: of a connection that comes and goes for hours before a reader
 * who stands still there would be no end. */
static int
notices_full(struct sink *s, struct fault *f)
{
	if (s->stats.bytes - s->counted <= s->max + NOTICES)
		return 0;
	s->stopped = true;
	return fault_set(f, FAULT_LOCAL, "the reader is too slow: more than --buffer %zu bytes and 1 MiB of notices "
	    "wait for it", s->max);
}

int
sink_put(struct sink *s, enum sink_kind kind, const struct sink_key *k, const char *rec, size_t n,
    int64_t now_ms, struct fault *f)
{
	struct file *fl = NULL;
	struct node *nd;

	if (s->stopped)
		return fault_set(f, FAULT_LOCAL, "the reader was too slow: nothing more is taken");
	if (kind != SINK_NOTICE && (fl = file_of(s, k)) == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory for a record");
	if ((nd = node_make(s, rec, n, kind == SINK_NOTICE ? 0 : k->E)) == NULL) {
		if (fl != NULL)
			file_drop_empty(s, fl);
		return fault_set(f, FAULT_LOCAL, "out of memory for a record");
	}
	if (fl == NULL) {
		ring_put(&s->queue, &nd->queue);
		return notices_full(s, f);
	}
	enqueue(s, fl, nd, kind, k->keep);
	return s->counted <= s->max ? 0 : too_much(s, nd, kind, now_ms, f);
}

/*
 * Out
 */

static void
put_gap(struct buf *out, const struct node *nd)
{
	const struct file *fl = nd->file;

	jw_open(out, NULL, '{');
	jw_str(out, "e", "bf.gap");
	jw_i64(out, "E", nd->g.now);
	jw_str(out, "by", "bf-stream");
	jw_strn(out, "stream", fl->name, fl->stream_n);
	if (fl->symbol_n > 0)
		jw_strn(out, "s", fl->name + fl->stream_n, fl->symbol_n);
	jw_u64(out, "lost", nd->g.lost);
	if (nd->g.from != 0) {
		jw_i64(out, "from", nd->g.from);
		jw_i64(out, "to", nd->g.to);
	}
	jw_str(out, "why", "slow reader");
	jw_close(out, '}');
	jw_end(out);
}

bool
sink_next(struct sink *s, struct buf *out)
{
	size_t len = out->len;
	struct node *nd;

	if (s->queue.next == &s->queue || out->bad)
		return false;
	nd = NODE(s->queue.next, queue);
	if (nd->gap)
		put_gap(out, nd);
	else {
		buf_put(out, nd->rec, nd->r.n);
		buf_chr(out, '\n');
	}
	if (out->bad) {
		out->len = len;
		return false;
	}
	node_free(s, nd);
	return true;
}

bool
sink_empty(const struct sink *s)
{
	return s->queue.next == &s->queue;
}

struct sink_stats
sink_stats(const struct sink *s)
{
	return s->stats;
}
