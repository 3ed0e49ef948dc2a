#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/ws.h"
#include "plan.h"

/* An address with one name must fit, and so must a message with one. */
#define ADDRESS	32	/* "/market/stream?streams=" and a NUL, with room */
#define MESSAGE	64	/* {"method":"SUBSCRIBE","params":[""],"id":N} */

static const char *const route_word[ROUTES] = {
	[ROUTE_PUBLIC] = "public", [ROUTE_MARKET] = "market", [ROUTE_PRIVATE] = "private",
};

/* Streams of one address: a route of USDⓈ-M, or COIN-M as a whole. */
struct group { enum market market; enum route route; const char *name; };

static const struct group groups[] = {
	{ MARKET_USDM, ROUTE_PUBLIC, "public" },
	{ MARKET_USDM, ROUTE_MARKET, "market" },
	{ MARKET_COINM, ROUTE_MARKET, "coinm" },
};

#define GROUPS	((int)(sizeof groups / sizeof *groups))

static bool
of_group(const struct group *g, const struct want *w)
{
	return w->market == g->market && (g->market == MARKET_COINM || w->row->route == g->route);
}

static int
count(const struct group *g, const struct wants *w)
{
	int n = 0;

	for (int i = 0; i < w->n; i++)
		n += of_group(g, &w->w[i]);
	return n;
}

/* Whether a byte stands for itself in an address. */
static bool
plain(unsigned char ch)
{
	return ch > 0x20 && ch < 0x7f && strchr("%/?#&+\"<>\\^`{|}", ch) == NULL;
}

static size_t
encoded_len(const char *name)
{
	size_t n = 0;

	for (; *name != '\0'; name++)
		n += plain((unsigned char)*name) ? 1 : 3;
	return n;
}

static int
check_names(const struct wants *w, struct fault *f)
{
	for (int i = 0; i < w->n; i++)
		if (encoded_len(w->w[i].name) > WS_PATH_MAX - ADDRESS ||
		    strlen(w->w[i].name) > FRAME_BYTES - MESSAGE)
			return fault_set(f, FAULT_USAGE, "stream %.40s...: the name is too long for a request",
			    w->w[i].name);
	return 0;
}

static int
parts_for(int n)
{
	return (n + STREAMS_PER_CONN - 1) / STREAMS_PER_CONN;
}

/* The nth of `of` parts of a group, with room for the n streams it will get. */
static int
part_open(struct part *p, const struct group *g, int nth, int n, struct fault *f)
{
	*p = (struct part){ .market = g->market, .route = g->route };
	if (nth == 0)
		snprintf(p->name, sizeof p->name, "%s", g->name);
	else
		snprintf(p->name, sizeof p->name, "%s-%d", g->name, nth + 1);
	if ((p->w = calloc((size_t)n, sizeof *p->w)) == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	return 0;
}

/* The streams of a group, in their order, over as few parts as hold them. */
static int
plan_group(struct plan *out, const struct group *g, const struct wants *w, struct fault *f)
{
	int n = count(g, w), parts = parts_for(n), at = 0;

	for (int k = 0; k < parts; k++) {
		int size = n / parts + (k < n % parts);
		struct part *p = &out->p[out->n];

		if (part_open(p, g, k, size, f) == -1)
			return -1;
		out->n++;
		for (; p->n < size; at++)
			if (of_group(g, &w->w[at]))
				p->w[p->n++] = &w->w[at];
	}
	return 0;
}

int
plan_make(struct plan *out, const struct wants *w, struct fault *f)
{
	int parts = 0;

	*out = (struct plan){ 0 };
	if (check_names(w, f) == -1)
		return -1;
	for (int i = 0; i < GROUPS; i++)
		parts += parts_for(count(&groups[i], w));
	if ((out->p = calloc((size_t)parts + 1, sizeof *out->p)) == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	for (int i = 0; i < GROUPS; i++)
		if (plan_group(out, &groups[i], w, f) == -1) {
			plan_free(out);
			return -1;
		}
	return 0;
}

void
plan_free(struct plan *p)
{
	if (p == NULL)
		return;
	for (int i = 0; i < p->n; i++)
		free(p->p[i].w);
	free(p->p);
	*p = (struct plan){ 0 };
}

/* name, encoded, at out, for which there is room. */
static size_t
put_encoded(char *out, const char *name)
{
	static const char hex[] = "0123456789ABCDEF";
	char *p = out;

	for (; *name != '\0'; name++) {
		unsigned char ch = (unsigned char)*name;

		if (plain(ch)) {
			*p++ = (char)ch;
			continue;
		}
		*p++ = '%';
		*p++ = hex[ch >> 4];
		*p++ = hex[ch & 15];
	}
	return (size_t)(p - out);
}

int
part_path(const struct part *p, char *out, size_t size)
{
	const char *route = p->market == MARKET_COINM ? "" : route_word[p->route];
	int n, i;
	size_t len, more;

	n = snprintf(out, size, "%s%s/stream?streams=", *route != '\0' ? "/" : "", route);
	if (n < 0 || (size_t)n >= size) {
		if (size > 0)
			*out = '\0';
		return 0;
	}
	len = (size_t)n;
	for (i = 0; i < p->n && i < STREAMS_PER_CONN; i++) {
		more = encoded_len(p->w[i]->name) + (i > 0);
		if (len + more >= size)
			break;
		if (i > 0)
			out[len++] = '/';
		len += put_encoded(out + len, p->w[i]->name);
		out[len] = '\0';
	}
	if (i == 0)	/* not one fits: no list at all, the messages name them */
		*strchr(out, '?') = '\0';
	return i;
}

int
part_frame(const struct part *p, int from, long id, struct buf *out)
{
	static const size_t tail = sizeof "],\"id\":}" + 20;	/* and the digits of a long */
	size_t before;
	int i;

	buf_reset(out);
	jw_open(out, NULL, '{');
	jw_str(out, "method", "SUBSCRIBE");
	jw_open(out, "params", '[');
	for (i = from; i < p->n && i < from + FRAME_NAMES; i++) {
		before = out->len;
		jw_str(out, NULL, p->w[i]->name);
		if (i > from && out->len + tail > FRAME_BYTES) {
			out->len = before;	/* the next message's first */
			break;
		}
	}
	jw_close(out, ']');
	jw_i64(out, "id", id);
	jw_close(out, '}');
	return i;
}
