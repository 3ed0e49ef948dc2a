#include <string.h>
#include <strings.h>

#include "http.h"

/* RFC 9110 section 5.6.2: what methods and header names are made of. */
static bool
is_tchar(unsigned char c)
{
	if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'))
		return true;
	return c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

bool
http_is(struct http_span s, const char *text)
{
	return strlen(text) == s.n && (s.n == 0 || memcmp(s.p, text, s.n) == 0);
}

static bool
same_case(struct http_span s, const char *text)
{
	return strlen(text) == s.n && (s.n == 0 || strncasecmp(s.p, text, s.n) == 0);
}

static struct http_span
trim(const char *p, const char *end)
{
	while (p < end && is_blank(*p))
		p++;
	while (p < end && is_blank(end[-1]))
		end--;
	return (struct http_span){ p, (size_t)(end - p) };
}

/* "HTTP/1.1" -> 1. A status if it is none of ours. */
static int
read_version(struct http_span s, int *minor)
{
	if (s.n != 8 || memcmp(s.p, "HTTP/", 5) != 0 || s.p[6] != '.' ||
	    s.p[5] < '0' || s.p[5] > '9' || s.p[7] < '0' || s.p[7] > '9')
		return 400;
	if (s.p[5] != '1')
		return 505;
	*minor = s.p[7] == '0' ? 0 : 1;
	return 0;
}

/* Where the path begins: what a proxy is asked has "http://host" before it.
 * NULL: not a target. */
static const char *
skip_host(struct http_span t, bool options)
{
	static const char *const scheme[] = { "http://", "https://", "ws://", "wss://" };
	const char *p, *end = t.p + t.n;
	size_t n;

	if (t.n > 0 && *t.p == '/')
		return t.p;
	if (options && http_is(t, "*"))
		return t.p;
	for (size_t i = 0; i < sizeof scheme / sizeof *scheme; i++) {
		n = strlen(scheme[i]);
		if (t.n <= n || strncasecmp(t.p, scheme[i], n) != 0)
			continue;
		for (p = t.p + n; p < end && *p != '/' && *p != '?'; )
			p++;
		return p;
	}
	return NULL;
}

static bool
read_target(struct http_req *r, struct http_span t)
{
	const char *p, *end = t.p + t.n, *q;

	for (q = t.p; q < end; q++)
		if ((unsigned char)*q <= ' ' || *q == 0x7f)
			return false;
	if ((p = skip_host(t, http_is(r->method, "OPTIONS"))) == NULL)
		return false;
	if ((q = memchr(p, '?', (size_t)(end - p))) != NULL)
		r->query = (struct http_span){ q + 1, (size_t)(end - q - 1) };
	else {
		r->query = (struct http_span){ end, 0 };
		q = end;
	}
	r->path = (struct http_span){ p, (size_t)(q - p) };
	if (r->path.n == 0)
		r->path = (struct http_span){ "/", 1 };
	return true;
}

static int
read_request_line(struct http_req *r, const char *p, size_t n)
{
	const char *end = p + n, *target, *version;

	if ((target = memchr(p, ' ', n)) == NULL)
		return 400;
	r->method = (struct http_span){ p, (size_t)(target - p) };
	target++;
	if ((version = memchr(target, ' ', (size_t)(end - target))) == NULL)
		return 400;
	for (size_t i = 0; i < r->method.n; i++)
		if (!is_tchar((unsigned char)p[i]))
			return 400;
	if (r->method.n == 0 ||
	    !read_target(r, (struct http_span){ target, (size_t)(version - target) }))
		return 400;
	version++;
	return read_version((struct http_span){ version, (size_t)(end - version) }, &r->minor);
}

/* A line starting with a blank (folding, given up by RFC 9112) has no name. */
static bool
is_field(const char *p, size_t n)
{
	const char *colon = memchr(p, ':', n), *end = p + n;
	unsigned char c;

	if (colon == NULL || colon == p)
		return false;
	for (; p < colon; p++)
		if (!is_tchar((unsigned char)*p))
			return false;
	for (p++; p < end; p++) {
		c = (unsigned char)*p;
		if ((c < ' ' && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

/* The header line at p: its name and value. Returns the next one's start, or
 * NULL at the end. The lines were checked when they came in. */
static const char *
next_field(const char *p, const char *end, struct http_span *name, struct http_span *value)
{
	const char *colon, *eol;

	if (p == end || (eol = memchr(p, '\n', (size_t)(end - p))) == NULL)
		return NULL;
	colon = memchr(p, ':', (size_t)(eol - p));
	*name = (struct http_span){ p, (size_t)(colon - p) };
	*value = trim(colon + 1, eol - 1);
	return eol + 1;
}

/* How many headers have the name; *value is the first one's. */
static int
count_field(const struct http_req *r, const char *name, struct http_span *value)
{
	const char *p = r->fields.p, *end = p + r->fields.n;
	struct http_span n, v;
	int count = 0;

	while ((p = next_field(p, end, &n, &v)) != NULL)
		if (same_case(n, name) && count++ == 0)
			*value = v;
	return count;
}

bool
http_field(const struct http_req *r, const char *name, struct http_span *value)
{
	return count_field(r, name, value) > 0;
}

static bool
list_has(struct http_span list, const char *token)
{
	const char *p = list.p, *end = p + list.n, *comma;

	for (; p < end; p = comma + 1) {
		if ((comma = memchr(p, ',', (size_t)(end - p))) == NULL)
			comma = end;
		if (same_case(trim(p, comma), token))
			return true;
	}
	return false;
}

/* Whether a comma-separated header (all its lines) has the token; any case. */
static bool
has_token(const struct http_req *r, const char *name, const char *token)
{
	const char *p = r->fields.p, *end = p + r->fields.n;
	struct http_span n, v;

	while ((p = next_field(p, end, &n, &v)) != NULL)
		if (same_case(n, name) && list_has(v, token))
			return true;
	return false;
}

/* The bytes of the body. A second Content-Length, a list or a sign is how
 * requests are smuggled: refused. */
static int
read_length(const struct http_req *r, size_t *len)
{
	struct http_span v;
	int count = count_field(r, "Content-Length", &v);

	*len = 0;
	if (http_field(r, "Transfer-Encoding", &(struct http_span){ NULL, 0 }))
		return count > 0 ? 400 : 411;
	if (count == 0)
		return 0;
	if (count > 1 || v.n == 0)
		return 400;
	for (size_t i = 0; i < v.n; i++)
		if (v.p[i] < '0' || v.p[i] > '9')
			return 400;
	for (size_t i = 0; i < v.n && *len <= HTTP_BODY_MAX; i++)
		*len = *len * 10 + (size_t)(v.p[i] - '0');
	return *len > HTTP_BODY_MAX ? 413 : 0;
}

/* The head is whole: what it means for the connection and the body. */
static int
read_head(struct http_state *st, struct http_req *r)
{
	struct http_span v;
	size_t len;
	int hosts, status;

	hosts = count_field(r, "Host", &v);
	if (hosts > 1 || (hosts == 0 && r->minor >= 1))
		return 400;
	if ((status = read_length(r, &len)) != 0)
		return status;
	if (r->minor >= 1 && http_field(r, "Expect", &v)) {
		if (!same_case(v, "100-continue"))
			return 417;
		st->expect = len > 0;
	}
	st->size = st->head + len;
	return 0;
}

/* Fill *r from a head of which every line has been checked. */
static void
fill(const struct http_state *st, const char *p, struct http_req *r)
{
	memset(r, 0, sizeof *r);
	read_request_line(r, p + st->start, st->fields - 2 - st->start);
	r->fields = (struct http_span){ p + st->fields, st->head - 2 - st->fields };
	r->close = has_token(r, "Connection", "close") ||
	    (r->minor == 0 && !has_token(r, "Connection", "keep-alive"));
	r->upgrade = r->minor >= 1 && http_is(r->method, "GET") &&
	    has_token(r, "Connection", "Upgrade") && has_token(r, "Upgrade", "websocket");
}

/* One line of the head, without its CRLF; next is where the one after begins. */
static int
read_line(struct http_state *st, const char *p, size_t n, size_t next)
{
	struct http_req scratch;
	int status = 0;

	if (st->fields == 0 && n == 0)
		st->start = next;	/* RFC 9112 section 2.2: be patient */
	else if (st->fields == 0) {
		status = read_request_line(&scratch, p, n);
		st->fields = next;
	} else if (n == 0)
		st->head = next;
	else if (!is_field(p, n))
		status = 400;
	st->line = st->scan = next;
	return status;
}

/* Whether this will never be a request line. A TLS hello and the like may not
 * hold a line end, so they are not waited for. */
static bool
is_noise(const char *p, size_t n)
{
	return n > 0 && *p != '\r' && !is_tchar((unsigned char)*p);
}

/* Read on through the head. HTTP_DONE: it is whole. */
static int
read_lines(struct http_state *st, const char *p, size_t n)
{
	size_t end = n < HTTP_HEAD_MAX ? n : HTTP_HEAD_MAX, len;
	const char *eol;
	int status;

	while (st->head == 0) {
		if (st->fields == 0 && is_noise(p + st->line, end - st->line))
			return 400;
		if ((eol = memchr(p + st->scan, '\n', end - st->scan)) == NULL) {
			st->scan = end;
			return end == HTTP_HEAD_MAX ? 431 : HTTP_MORE;
		}
		len = (size_t)(eol - p) - st->line;
		if (len == 0 || eol[-1] != '\r')
			return 400;
		status = read_line(st, p + st->line, len - 1, st->line + len + 1);
		if (status != 0)
			return status;
	}
	return HTTP_DONE;
}

int
http_parse(struct http_state *st, const char *p, size_t n, struct http_req *r)
{
	int status;

	if (n == 0)
		return HTTP_MORE;
	if (st->head == 0) {
		if ((status = read_lines(st, p, n)) != HTTP_DONE)
			return status;
		fill(st, p, r);
		if ((status = read_head(st, r)) != 0)
			return status;
	}
	if (n < st->size)
		return HTTP_MORE;
	fill(st, p, r);
	r->body = (struct http_span){ p + st->head, st->size - st->head };
	return HTTP_DONE;
}

const char *
http_reason(int status)
{
	static const struct { int status; const char *reason; } row[] = {
		{ 100, "Continue" }, { 101, "Switching Protocols" }, { 200, "OK" },
		{ 201, "Created" }, { 202, "Accepted" }, { 204, "No Content" },
		{ 301, "Moved Permanently" }, { 302, "Found" }, { 304, "Not Modified" },
		{ 307, "Temporary Redirect" }, { 308, "Permanent Redirect" },
		{ 400, "Bad Request" }, { 401, "Unauthorized" }, { 403, "Forbidden" },
		{ 404, "Not Found" }, { 405, "Method Not Allowed" },
		{ 408, "Request Timeout" }, { 409, "Conflict" }, { 411, "Length Required" },
		{ 413, "Content Too Large" }, { 414, "URI Too Long" },
		{ 417, "Expectation Failed" }, { 418, "I'm a teapot" },
		{ 426, "Upgrade Required" }, { 429, "Too Many Requests" },
		{ 431, "Request Header Fields Too Large" },
		{ 451, "Unavailable For Legal Reasons" }, { 500, "Internal Server Error" },
		{ 501, "Not Implemented" }, { 502, "Bad Gateway" },
		{ 503, "Service Unavailable" }, { 504, "Gateway Timeout" },
		{ 505, "HTTP Version Not Supported" }
	};

	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		if (row[i].status == status)
			return row[i].reason;
	return "Unknown";
}

void
http_head(struct buf *b, int status, const char *type, const char *headers,
    size_t len, bool close)
{
	buf_printf(b, "HTTP/1.1 %d %s\r\n", status, http_reason(status));
	if (status >= 200 && status != 204 && status != 304)
		buf_printf(b, "Content-Type: %s\r\nContent-Length: %zu\r\n",
		    type != NULL ? type : "application/json", len);
	if (headers != NULL)
		buf_str(b, headers);
	if (status >= 200)
		buf_str(b, close ? "Connection: close\r\n" : "Connection: keep-alive\r\n");
	buf_str(b, "\r\n");
}
