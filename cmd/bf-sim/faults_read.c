/* The text of a fault rule, read. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "faults_in.h"
#include "number.h"
#include "when.h"

#define MS_MAX	86400000L
#define AT_MAX	(INT64_C(3660) * 86400000)

/* A rule being read, and what is wrong with it. */
struct reading { struct fault_line *l; const char *why; };

static bool
bad(struct reading *x, const char *why)
{
	x->why = why;
	return false;
}

bool
faults_word(const char **s, char *out, size_t room)
{
	bool quoted = false;
	size_t n = 0;

	for (*s += strspn(*s, " \t"); **s != '\0'; (*s)++)
		if (**s == '"')
			quoted = !quoted;
		else if (!quoted && (**s == ' ' || **s == '\t'))
			break;
		else if (n + 1 < room)
			out[n++] = **s;
		else
			return false;
	out[n] = '\0';
	return n > 0;
}

/* A whole number from lo to hi. */
static bool
in_range(const char *s, long lo, long hi, long *out)
{
	int64_t n;

	if (!number_i64(&n, s) || n < lo || n > hi)
		return false;
	*out = (long)n;
	return true;
}

/* The value behind "name=" at the beginning of w; NULL: another word. */
static const char *
value_of(const char *w, const char *name)
{
	size_t n = strlen(name);

	return strncmp(w, name, n) == 0 && w[n] == '=' ? w + n + 1 : NULL;
}

/* "A/B": two numbers from 1. */
static bool
two(const char *s, long *a, long *b)
{
	const char *slash = strchr(s, '/');
	char first[16];

	if (slash == NULL || (size_t)(slash - s) >= sizeof first)
		return false;
	snprintf(first, sizeof first, "%.*s", (int)(slash - s), s);
	return in_range(first, 1, 1 << 20, a) && in_range(slash + 1, 1, MS_MAX, b);
}

/*
 * on: what is done to a request
 */

static bool
read_exec(struct reading *x, const char *v)
{
	struct fault_rule *r = &x->l->rule;
	const char *late = value_of(v, "late");

	if (strcmp(v, "yes") == 0)
		r->exec = EXEC_YES;
	else if (strcmp(v, "no") == 0)
		r->exec = EXEC_NO;
	else if (late != NULL && in_range(late, 0, MS_MAX, &r->late_ms))
		r->exec = EXEC_LATE;
	else
		return bad(x, "exec= takes yes, no or late=MS");
	return true;
}

/* STATUS/CODE, STATUS/NAME; 429 and 418 alone mean -1003. */
static bool
read_reply(struct reading *x, const char *v)
{
	struct fault_rule *r = &x->l->rule;
	const char *slash = strchr(v, '/'), *body = slash == NULL ? "-1003" : slash + 1;
	char status[8];
	long n, code;

	snprintf(status, sizeof status, "%.*s", slash == NULL ? 7 : (int)(slash - v), v);
	if (!in_range(status, 200, 599, &n) || (slash == NULL && n != 429 && n != 418))
		return bad(x, "reply= takes STATUS/CODE or STATUS/NAME");
	r->status = (int)n;
	if (faults_body(body) != -1) {
		snprintf(r->name, sizeof r->name, "%s", body);
		return true;
	}
	if (!in_range(body, -99999, -1, &code) || faults_text((int)code) == NULL)
		return bad(x, "reply=: neither a name (unknown, svc, internal, html, waf, empty, null, "
		    "array, ok, mixed, bom, trailing, code0) nor a code with a known text");
	r->code = (int)code;
	return true;
}

static bool
read_hdr(struct reading *x, const char *v)
{
	struct fault_rule *r = &x->l->rule;
	const char *colon = strchr(v, ':');
	size_t len = strlen(r->headers);

	if (colon == NULL || colon == v)
		return bad(x, "hdr= takes Name:Value");
	if (len + strlen(v) + 4 > sizeof r->headers)
		return bad(x, "hdr=: too long");
	snprintf(r->headers + len, sizeof r->headers - len, "%.*s: %s\r\n", (int)(colon - v), v,
	    colon + 1 + strspn(colon + 1, " "));
	return true;
}

static bool
read_unset(struct reading *x, const char *v)
{
	if (*v == '\0' || strlen(v) >= sizeof x->l->rule.unset)
		return bad(x, "hdr-= takes the name of a header");
	snprintf(x->l->rule.unset, sizeof x->l->rule.unset, "%s", v);
	return true;
}

/* What ends the connection, or slows it. */
static bool
read_net(struct reading *x, const char *v)
{
	struct fault_rule *r = &x->l->rule;
	const char *n;

	if (strcmp(v, "fin") == 0)
		r->net = SERVE_FIN;
	else if (strcmp(v, "rst") == 0)
		r->net = SERVE_RST;
	else if (strcmp(v, "stall") == 0 || strcmp(v, "blackhole") == 0)
		r->net = SERVE_STALL;
	else if (((n = value_of(v, "stall")) != NULL || (n = value_of(v, "blackhole")) != NULL) &&
	    in_range(n, 0, MS_MAX, &r->delay_ms))
		r->net = SERVE_FIN;	/* silence, and then the end */
	else if ((n = value_of(v, "delay")) != NULL && in_range(n, 0, MS_MAX, &r->delay_ms))
		return true;
	else if ((n = value_of(v, "cut")) != NULL && in_range(n, 0, 1 << 30, &r->cut))
		r->net = r->net == SERVE_OK ? SERVE_FIN : r->net;
	else if ((n = value_of(v, "drip")) != NULL && two(n, &r->drip_bytes, &r->drip_ms))
		return true;
	else
		return bad(x, "net= takes fin, rst, stall, stall=MS, delay=MS, cut=N or drip=B/MS; "
		    "there is no TLS here to fail, and `sim refuse=MS' refuses connections");
	return true;
}

static const struct action {
	const char *name;
	bool (*read)(struct reading *x, const char *v);
} actions[] = {
	{ "exec", read_exec }, { "reply", read_reply }, { "hdr", read_hdr }, { "hdr-", read_unset },
	{ "net", read_net },
};

static bool
read_on_action(struct reading *x, const char *w)
{
	const char *v;

	for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
		if ((v = value_of(w, actions[i].name)) != NULL)
			return actions[i].read(x, v);
	return bad(x, "actions are exec=, reply=, hdr=, hdr-=, net=, and `sim ACTION' at the end");
}

/*
 * ws: what is done to a connection
 */

static bool
read_raw(struct fault_rule *r, const char *hex)
{
	size_t n = strlen(hex);
	char two_digits[3] = "";

	if (n == 0 || n % 2 != 0 || n / 2 > sizeof r->raw || hex[strspn(hex, "0123456789abcdefABCDEF")])
		return false;
	for (r->nraw = 0; (size_t)r->nraw < n / 2; r->nraw++) {
		memcpy(two_digits, hex + 2 * r->nraw, 2);
		r->raw[r->nraw] = (unsigned char)strtoul(two_digits, NULL, 16);
	}
	return true;
}

/* Words with a number, and where it goes. */
static bool
read_ws_number(struct reading *x, const char *w, bool *known)
{
	static const struct { const char *name; enum fault_ws act; long lo, hi; } numbers[] = {
		{ "close", WS_FAULT_CLOSE, 1000, 4999 }, { "drop", WS_FAULT_DROP, 1, 1000000000 },
		{ "dup", WS_FAULT_DUP, 1, 1000000000 }, { "delay", WS_FAULT_DELAY, 1, MS_MAX },
		{ "ping", WS_FAULT_PING, 0, 125 },
	};
	struct fault_rule *r = &x->l->rule;
	const char *v;
	long n;

	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		if ((v = value_of(w, numbers[i].name)) == NULL)
			continue;
		*known = true;
		if (!in_range(v, numbers[i].lo, numbers[i].hi, &n))
			return bad(x, "a number out of range");
		r->act = numbers[i].act;
		r->count = n;
		if (r->act == WS_FAULT_CLOSE)
			r->close_code = (int)n;
		if (r->act == WS_FAULT_DELAY)
			r->delay_ms = n;
		return true;
	}
	return true;
}

static bool
read_ws_word(struct reading *x, const char *w)
{
	static const struct { const char *name; enum fault_ws act; } words[] = {
		{ "fin", WS_FAULT_FIN }, { "rst", WS_FAULT_RST }, { "mute", WS_FAULT_MUTE },
		{ "blackhole", WS_FAULT_BLACKHOLE }, { "swap", WS_FAULT_SWAP }, { "dup", WS_FAULT_DUP },
	};
	struct fault_rule *r = &x->l->rule;
	const char *v;

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcmp(w, words[i].name) == 0) {
			r->act = words[i].act;
			r->count = 1;
			return true;
		}
	if ((v = value_of(w, "raw")) != NULL) {
		r->act = WS_FAULT_RAW;
		return read_raw(r, v) || bad(x, "raw= takes up to 256 bytes as hexadecimal digits");
	}
	if ((v = value_of(w, "handshake")) != NULL) {
		r->act = WS_FAULT_HANDSHAKE;
		return read_reply(x, v);
	}
	return bad(x, "actions are fin, rst, close=CODE, mute, blackhole, drop=N, dup[=N], swap, "
	    "delay=MS, ping=N, raw=HEX, handshake=STATUS/BODY; after=N, age=MS");
}

static bool
read_ws_action(struct reading *x, const char *w)
{
	struct fault_rule *r = &x->l->rule;
	bool known = false;
	const char *v;

	if ((v = value_of(w, "after")) != NULL)
		return in_range(v, 0, 1000000000, &r->after) || bad(x, "after= takes a number");
	if ((v = value_of(w, "age")) != NULL)
		return in_range(v, 0, MS_MAX, &r->age_ms) || bad(x, "age= takes milliseconds");
	if (r->act != WS_FAULT_NONE)
		return bad(x, "one action a rule");
	if (!read_ws_number(x, w, &known))
		return false;
	return known || read_ws_word(x, w);
}

/*
 * What it is about
 */

static const char *
next_word(const char **s, char out[static FAULT_TEXT])
{
	return faults_word(s, out, FAULT_TEXT) ? out : NULL;
}

/* Take "#N" or "*N" (or a "*" alone: all) off the end of a word. */
static bool
read_count(struct reading *x, char *w)
{
	struct fault_rule *r = &x->l->rule;
	size_t n = strlen(w), d = n;

	while (d > 0 && isdigit((unsigned char)w[d - 1]))
		d--;
	if (d == 0 || (w[d - 1] != '#' && w[d - 1] != '*'))
		return true;
	if (d == n)
		return w[d - 1] == '*' || bad(x, "# wants a number");
	if (!in_range(w + d, 1, 1000000000, w[d - 1] == '#' ? &r->nth : &r->first))
		return bad(x, "not a count");
	w[d - 1] = '\0';
	return true;
}

static void
strip_star(char *w)
{
	size_t n = strlen(w);

	if (n > 1 && w[n - 1] == '*')
		w[n - 1] = '\0';
}

static bool
is_method(const char *s)
{
	static const char *const methods[] = { "GET", "POST", "PUT", "DELETE", "WS", "*" };

	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
		if (strcmp(s, methods[i]) == 0)
			return true;
	return false;
}

/* "METHOD [PATH][#N|*N]" */
static bool
read_what(struct reading *x, const char *s)
{
	char method[FAULT_TEXT], path[FAULT_TEXT] = "*", *last = path;
	struct fault_rule *r = &x->l->rule;

	if (next_word(&s, method) == NULL)
		return bad(x, "no method");
	if (next_word(&s, path) == NULL)
		last = method;
	if (s[strspn(s, " \t")] != '\0')
		return bad(x, "more than a method and a path before the colon");
	if (!read_count(x, last))
		return false;
	strip_star(last);
	if ((method[0] != '\0' && !is_method(method)) || strlen(path) >= sizeof r->path)
		return bad(x, "not a method (GET, POST, PUT, DELETE, WS, *) and a path");
	if (method[0] == '\0')
		memcpy(method, "*", 2);
	if (path[0] == '\0')
		memcpy(path, "*", 2);
	memcpy(r->method, method, strlen(method) + 1);
	memcpy(r->path, path, strlen(path) + 1);
	return true;
}

static bool
read_route(struct reading *x, const char *s)
{
	static const struct { const char *name; unsigned routes; } routes[] = {
		{ "public", ROUTE_PUBLIC }, { "market", ROUTE_MARKET }, { "user", ROUTE_USER },
		{ "root", ROUTE_ROOT }, { "api", ROUTE_API },
		{ "*", ROUTE_PUBLIC | ROUTE_MARKET | ROUTE_USER | ROUTE_ROOT | ROUTE_API },
	};

	x->l->rule.ws = true;
	for (size_t i = 0; i < sizeof routes / sizeof *routes; i++)
		if (strcmp(routes[i].name, s) == 0) {
			x->l->rule.routes = routes[i].routes;
			return true;
		}
	return bad(x, "ws: is followed by public, market, user, root, api or *");
}

/* `sim ACTION...' at the end of an on rule: done before the reply. */
static bool
read_then(struct reading *x, const char *s)
{
	s += strspn(s, " \t");
	if (*s == '\0' || strlen(s) >= sizeof x->l->rule.sim)
		return bad(x, "sim is followed by an action");
	snprintf(x->l->rule.sim, sizeof x->l->rule.sim, "%s", s);
	return true;
}

static bool
read_actions(struct reading *x, const char *s)
{
	bool ws = x->l->rule.ws;
	char w[FAULT_TEXT];
	int n = 0;

	for (; next_word(&s, w) != NULL; n++) {
		if (!ws && strcmp(w, "sim") == 0)
			return read_then(x, s);
		if (!(ws ? read_ws_action(x, w) : read_on_action(x, w)))
			return false;
	}
	if (n == 0 || s[strspn(s, " \t")] != '\0' || (ws && x->l->rule.act == WS_FAULT_NONE))
		return bad(x, "no action");
	return true;
}

static bool
read_sim(struct reading *x, const char *s)
{
	x->l->verb = VERB_SIM;
	s += strspn(s, " \t");
	if (*s == '\0' || strlen(s) >= sizeof x->l->action)
		return bad(x, "sim is followed by an action");
	snprintf(x->l->action, sizeof x->l->action, "%s", s);
	return true;
}

/* "t=TIME " in front. */
static bool
read_time(struct reading *x, const char **s)
{
	char w[FAULT_TEXT];

	if (strncmp(*s, "t=", 2) != 0)
		return true;
	if (next_word(s, w) == NULL || !when_span(&x->l->at_ms, w + 2) || x->l->at_ms < 0 ||
	    x->l->at_ms > AT_MAX)
		return bad(x, "t= takes a time from the start: 1500, 30s, 2h");
	*s += strspn(*s, " \t");
	return true;
}

static bool
read_rule(struct reading *x, const char *text)
{
	static const char none[] = "no `on METHOD PATH:', `ws:ROUTE:' or `sim ACTION' in front";
	const char *colon;
	char what[FAULT_TEXT];

	text += strspn(text, " \t");
	if (!read_time(x, &text))
		return false;
	if (strncmp(text, "sim ", 4) == 0)
		return read_sim(x, text + 4);
	if (strlen(text) < 3 || (colon = strchr(text + 3, ':')) == NULL ||
	    (size_t)(colon - text) >= sizeof what)
		return bad(x, none);
	snprintf(what, sizeof what, "%.*s", (int)(colon - text), text);
	if (strncmp(what, "on ", 3) == 0) {
		x->l->verb = VERB_ON;
		if (!read_what(x, what + 3))
			return false;
	} else if (strncmp(what, "ws:", 3) == 0) {
		x->l->verb = VERB_WS;
		if (!read_route(x, what + 3))
			return false;
	} else
		return bad(x, none);
	return read_actions(x, colon + 1);
}

bool
faults_parse(struct fault_line *out, const char *text, const char **why)
{
	struct reading x = { out, NULL };
	struct fault_rule *r = &out->rule;
	char plain[FAULT_TEXT];

	*out = (struct fault_line){ .at_ms = -1, .rule = { .cut = -1, .age_ms = -1 } };
	text += strspn(text, " \t");
	*why = "longer than a rule can be";
	if (strlen(text) >= sizeof out->text)
		return false;
	snprintf(out->text, sizeof out->text, "%s", text);
	*why = "not a JSON object of a rule's words";
	if (*text == '{') {
		if (!faults_json(text, plain))
			return false;
		text = plain;
	}
	if (!read_rule(&x, text)) {
		*why = x.why;
		return false;
	}
	if (r->exec == EXEC_DEFAULT)
		r->exec = r->status != 0 ? EXEC_NO : EXEC_YES;
	*why = "exec=no needs reply= or net=";
	return out->verb != VERB_ON || r->exec != EXEC_NO || r->status != 0 || r->net != SERVE_OK;
}
