#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "faults.h"
#include "number.h"

#define WORD_MAX 256

/*
 * Canned bodies. The texts are the exchange's own, because clients tell some
 * of these answers apart by nothing else.
 */

static const struct { const char *name, *type, *body; } named[] = {
	{ "unknown", NULL,
	  "{\"code\":-1001,\"msg\":\"Unknown error, please check your request or try again "
	  "later.\"}" },
	{ "svc", NULL, "{\"code\":-1001,\"msg\":\"Service Unavailable.\"}" },
	{ "internal", NULL,
	  "{\"code\":-1001,\"msg\":\"Internal error; unable to process your request. Please try "
	  "again.\"}" },
	{ "html", "text/html",
	  "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
	  "<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n"
	  "</body>\r\n</html>\r\n" },
	{ "empty", NULL, "" },
	{ "null", NULL, "null" },
	{ "code0", NULL,
	  "{\"code\":0,\"msg\":\"Service unavailable from a restricted location according to "
	  "'b. Eligibility' in https://www.binance.com/en/terms.\"}" },
};

static const struct { int code; const char *msg; } texts[] = {
	{ -1000, "An unknown error occurred while processing the request." },
	{ -1001, "Internal error; unable to process your request. Please try again." },
	{ -1002, "You are not authorized to execute this request." },
	{ -1003, "Too many requests; current limit of IP(127.0.0.1) is 2400 requests per minute. "
	  "Please use the websocket for live updates to avoid polling the API." },
	{ -1006, "An unexpected response was received from the message bus. Execution status "
	  "unknown." },
	{ -1007, "Timeout waiting for response from backend server. Send status unknown; "
	  "execution status unknown." },
	{ -1008, "Request throttled by system-level protection. Reduce-only/close-position orders are "
	  "exempt. Please try again." },
	{ -1015, "Too many new orders; current limit is 300 orders per TEN_SECONDS." },
	{ -1016, "This service is no longer available." },
	{ -1020, "This operation is not supported." },
	{ -1021, "Timestamp for this request is outside of the recvWindow." },
	{ -1022, "Signature for this request is not valid." },
	{ -1100, "Illegal characters found in a parameter." },
	{ -1102, "A mandatory parameter was not sent, was empty/null, or malformed." },
	{ -1111, "Precision is over the maximum defined for this asset." },
	{ -1121, "Invalid symbol." },
	{ -1122, "Invalid symbol status." },
	{ -1125, "This listenKey does not exist." },
	{ -2010, "NEW_ORDER_REJECTED" },
	{ -2011, "Unknown order sent." },
	{ -2013, "Order does not exist." },
	{ -2014, "API-key format invalid." },
	{ -2015, "Invalid API-key, IP, or permissions for action, request ip: 127.0.0.1" },
	{ -2017, "API Keys are locked on this account." },
	{ -2018, "Balance is insufficient." },
	{ -2019, "Margin is insufficient." },
	{ -2020, "Unable to fill." },
	{ -2021, "Order would immediately trigger." },
	{ -2022, "ReduceOnly Order is rejected." },
	{ -2023, "User in liquidation mode now." },
	{ -2024, "Position is not sufficient." },
	{ -2025, "Reach max open order limit." },
	{ -2027, "Exceeded the maximum allowable position at current leverage." },
	{ -2028, "Leverage is smaller than permitted: insufficient margin balance." },
	{ -4003, "Quantity less than or equal to zero." },
	{ -4004, "Quantity less than min quantity." },
	{ -4005, "Quantity greater than max quantity." },
	{ -4014, "Price not increased by tick size." },
	{ -4015, "Client order id length should not be more than 36 chars" },
	{ -4016, "Limit price can't be higher than 60000." },
	{ -4023, "Qty not increased by step size." },
	{ -4024, "Limit price can't be lower than 60000." },
	{ -4028, "Leverage 200 is not valid" },
	{ -4046, "No need to change margin type." },
	{ -4047, "Margin type cannot be changed if there exists open orders." },
	{ -4048, "Margin type cannot be changed if there exists position." },
	{ -4059, "No need to change position side." },
	{ -4061, "Order's position side does not match user's setting." },
	{ -4087, "Api key user only allow place reduce only order." },
	{ -4088, "User can not place order currently." },
	{ -4109, "This account is inactive; please activate the account by transferring any asset "
	  "to it." },
	{ -4116, "ClientOrderId is duplicated." },
	{ -4118, "ReduceOnly Order Failed. Please check your existing position and open orders" },
	{ -4120, "Order type not supported for this endpoint. Please use the Algo Order API "
	  "endpoints instead." },
	{ -4131, "The counterparty's best price does not meet the PERCENT_PRICE filter limit." },
	{ -4164, "Order's notional must be no smaller than 5 (unless you choose reduce only)." },
	{ -4192, "Trade forbidden due to Cooling-off Period." },
	{ -4400, "Futures Trading Quantitative Rules violated, only reduceOnly order is allowed, please "
	  "try again later." },
	{ -5021, "Due to the order could not be filled immediately, the FOK order has been rejected. "
	  "The order will not be recorded in the order history" },
	{ -5022, "Due to the order could not be executed as maker, the Post Only order will be "
	  "rejected. The order will not be recorded in the order history" },
	{ -5028, "Timestamp for this request is outside of the ME recvWindow." },
};

static const char *
text_of(int code)
{
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (texts[i].code == code)
			return texts[i].msg;
	return NULL;
}

static int
named_body(const char *name)
{
	for (size_t i = 0; i < sizeof named / sizeof *named; i++)
		if (strcmp(named[i].name, name) == 0)
			return (int)i;
	return -1;
}

void
faults_canned(const struct fault_rule *r, int64_t now_ms, struct canned *out)
{
	int i;

	out->type = NULL;
	if (r->name[0] != '\0' && (i = named_body(r->name)) != -1) {
		out->type = named[i].type;
		snprintf(out->body, sizeof out->body, "%s", named[i].body);
	} else if (r->status == 418 && r->code == -1003)
		snprintf(out->body, sizeof out->body, "{\"code\":-1003,\"msg\":\"Way too many requests; "
		    "IP(127.0.0.1) banned until %lld. Please use the websocket for live updates to "
		    "avoid bans.\"}", (long long)now_ms + 120000);
	else
		snprintf(out->body, sizeof out->body, "{\"code\":%d,\"msg\":\"%s\"}", r->code,
		    text_of(r->code));
}

/*
 * Reading a rule
 */

struct reading { const char *why; };

static bool
bad(struct reading *x, const char *why)
{
	x->why = why;
	return false;
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

static bool
read_exec(struct reading *x, struct fault_rule *r, const char *v)
{
	if (strcmp(v, "yes") == 0)
		r->exec = EXEC_YES;
	else if (strcmp(v, "no") == 0)
		r->exec = EXEC_NO;
	else if (strncmp(v, "late=", 5) == 0 && in_range(v + 5, 0, 3600000, &r->late_ms))
		r->exec = EXEC_LATE;
	else
		return bad(x, "exec= takes yes, no or late=MS");
	return true;
}

/* STATUS/CODE, STATUS/NAME; 429 and 418 alone mean -1003. */
static bool
read_reply(struct reading *x, struct fault_rule *r, const char *v)
{
	const char *slash = strchr(v, '/'), *body = slash == NULL ? "-1003" : slash + 1;
	char status[8];
	long n, code;

	snprintf(status, sizeof status, "%.*s", slash == NULL ? 7 : (int)(slash - v), v);
	if (!in_range(status, 200, 599, &n) || (slash == NULL && n != 429 && n != 418))
		return bad(x, "reply= takes STATUS/CODE or STATUS/NAME");
	r->status = (int)n;
	if (named_body(body) != -1) {
		snprintf(r->name, sizeof r->name, "%s", body);
		return true;
	}
	if (!in_range(body, -99999, -1, &code) || text_of((int)code) == NULL)
		return bad(x, "reply=: neither a name (unknown, svc, internal, html, empty, null, "
		    "code0) nor a code with a known text");
	r->code = (int)code;
	return true;
}

static bool
read_hdr(struct reading *x, struct fault_rule *r, const char *v)
{
	const char *colon = strchr(v, ':');
	size_t len = strlen(r->headers);

	if (colon == NULL || colon == v)
		return bad(x, "hdr= takes Name:Value");
	if (len + strlen(v) + 4 > sizeof r->headers)
		return bad(x, "hdr=: too long");
	snprintf(r->headers + len, sizeof r->headers - len, "%.*s: %s\r\n", (int)(colon - v), v,
	    colon + 1);
	return true;
}

static bool
read_net(struct reading *x, struct fault_rule *r, const char *v)
{
	if (strcmp(v, "fin") == 0)
		r->net = SERVE_FIN;
	else if (strcmp(v, "rst") == 0)
		r->net = SERVE_RST;
	else if (strcmp(v, "stall") == 0)
		r->net = SERVE_STALL;
	else if (strncmp(v, "delay=", 6) == 0 && in_range(v + 6, 0, 3600000, &r->delay_ms))
		return true;
	else if (strncmp(v, "cut=", 4) == 0 && in_range(v + 4, 0, 1 << 30, &r->cut)) {
		if (r->net == SERVE_OK)
			r->net = SERVE_FIN;
	} else
		return bad(x, "net= takes fin, rst, stall, delay=MS or cut=N");
	return true;
}

static const struct action {
	const char *name;
	bool (*read)(struct reading *x, struct fault_rule *r, const char *v);
} actions[] = {
	{ "exec=", read_exec }, { "reply=", read_reply }, { "hdr=", read_hdr }, { "net=", read_net },
};

static bool
read_on_action(struct reading *x, struct fault_rule *r, const char *w)
{
	size_t n;

	for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
		n = strlen(actions[i].name);
		if (strncmp(w, actions[i].name, n) == 0)
			return actions[i].read(x, r, w + n);
	}
	return bad(x, "actions are exec=, reply=, hdr=, net=");
}

static bool
read_ws_action(struct reading *x, struct fault_rule *r, const char *w)
{
	long code;

	if (strncmp(w, "after=", 6) == 0)
		return in_range(w + 6, 0, 1000000000, &r->after) || bad(x, "after= takes a number");
	if (r->act != WS_FAULT_NONE)
		return bad(x, "one of fin, rst, close=CODE, mute");
	if (strcmp(w, "fin") == 0)
		r->act = WS_FAULT_FIN;
	else if (strcmp(w, "rst") == 0)
		r->act = WS_FAULT_RST;
	else if (strcmp(w, "mute") == 0)
		r->act = WS_FAULT_MUTE;
	else if (strncmp(w, "close=", 6) == 0 && in_range(w + 6, 1000, 4999, &code)) {
		r->act = WS_FAULT_CLOSE;
		r->close_code = (int)code;
	} else
		return bad(x, "actions are fin, rst, close=CODE, mute, after=N");
	return true;
}

/* The next blank-separated word, or NULL. */
static const char *
next_word(const char **s, char out[static WORD_MAX])
{
	size_t n;

	*s += strspn(*s, " \t");
	n = strcspn(*s, " \t");
	if (n == 0 || n >= WORD_MAX)
		return NULL;
	memcpy(out, *s, n);
	out[n] = '\0';
	*s += n;
	return out;
}

/* Take "#N" or "*N" (or a "*" alone: all) off the end of a word. */
static bool
read_count(struct reading *x, struct fault_rule *r, char *w)
{
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

/* "METHOD [PATH][#N|*N]" */
static bool
read_what(struct reading *x, struct fault_rule *r, const char *s)
{
	char method[WORD_MAX], path[WORD_MAX] = "*", *last = path;

	if (next_word(&s, method) == NULL)
		return bad(x, "no method");
	if (next_word(&s, path) == NULL)
		last = method;
	if (s[strspn(s, " \t")] != '\0')
		return bad(x, "more than a method and a path before the colon");
	if (!read_count(x, r, last))
		return false;
	strip_star(last);
	if ((method[0] != '\0' && method[0] != '*' && !isupper((unsigned char)method[0])) ||
	    strlen(method) >= sizeof r->method || strlen(path) >= sizeof r->path)
		return bad(x, "not a method (GET, POST, PUT, DELETE, *) and a path");
	snprintf(r->method, sizeof r->method, "%s", method[0] == '\0' ? "*" : method);
	snprintf(r->path, sizeof r->path, "%s", path[0] == '\0' ? "*" : path);
	return true;
}

static bool
read_route(struct reading *x, struct fault_rule *r, const char *s)
{
	static const struct { const char *name; enum fault_route route; } routes[] = {
		{ "public", ROUTE_PUBLIC }, { "market", ROUTE_MARKET }, { "user", ROUTE_USER },
	};

	for (size_t i = 0; i < sizeof routes / sizeof *routes; i++)
		if (strcmp(routes[i].name, s) == 0) {
			r->route = routes[i].route;
			return true;
		}
	return bad(x, "ws: is followed by public, market or user");
}

static bool
read_rule(struct reading *x, struct fault_rule *r, const char *text)
{
	const char *colon = strchr(text + strspn(text, " ws:"), ':'), *s;
	char what[WORD_MAX], w[WORD_MAX];
	bool (*action)(struct reading *, struct fault_rule *, const char *) = read_on_action;
	int n = 0;

	text += strspn(text, " \t");
	if (colon == NULL || (size_t)(colon - text) >= sizeof what)
		return bad(x, "no `on METHOD PATH:' or `ws:ROUTE:' in front");
	snprintf(what, sizeof what, "%.*s", (int)(colon - text), text);
	if (strncmp(what, "on ", 3) == 0) {
		if (!read_what(x, r, what + 3))
			return false;
	} else if (strncmp(what, "ws:", 3) == 0) {
		r->ws = true;
		action = read_ws_action;
		if (!read_route(x, r, what + 3))
			return false;
	} else
		return bad(x, "no `on METHOD PATH:' or `ws:ROUTE:' in front");
	for (s = colon + 1; next_word(&s, w) != NULL; n++)
		if (!action(x, r, w))
			return false;
	if (n == 0 || s[strspn(s, " \t")] != '\0' || (r->ws && r->act == WS_FAULT_NONE))
		return bad(x, "no action");
	return true;
}

int
faults_add(struct faults *fs, const char *text, struct fault *f)
{
	struct fault_rule r = { .cut = -1 };
	struct reading x = { NULL };

	if (fs->n == FAULTS_MAX)
		return fault_set(f, FAULT_USAGE, "--fault: more than %d rules", FAULTS_MAX);
	if (!read_rule(&x, &r, text))
		return fault_set(f, FAULT_USAGE, "--fault '%s': %s", text, x.why);
	if (r.exec == EXEC_DEFAULT)
		r.exec = r.status != 0 ? EXEC_NO : EXEC_YES;
	if (r.exec == EXEC_NO && r.status == 0 && r.net == SERVE_OK)
		return fault_set(f, FAULT_USAGE, "--fault '%s': exec=no needs reply= or net=", text);
	fs->rule[fs->n++] = r;
	return 0;
}

/*
 * Use
 */

static bool
path_fits(const char *want, struct http_span path)
{
	size_t n = strlen(want);

	if (strcmp(want, "*") == 0)
		return true;
	if (want[0] == '/')
		return http_is(path, want);
	return path.n > n && path.p[path.n - n - 1] == '/' && memcmp(path.p + path.n - n, want, n) == 0;
}

static bool
applies(const struct fault_rule *r, bool exempt)
{
	if (r->nth != 0 && r->seen != r->nth)
		return false;
	if (r->first != 0 && r->seen > r->first)
		return false;
	return !(exempt && r->code == -1008);
}

const struct fault_rule *
faults_http(struct faults *fs, struct http_span method, struct http_span path, bool exempt)
{
	const struct fault_rule *found = NULL;
	struct fault_rule *r;

	for (r = fs->rule; r < fs->rule + fs->n; r++) {
		if (r->ws || (strcmp(r->method, "*") != 0 && !http_is(method, r->method)) ||
		    !path_fits(r->path, path))
			continue;
		r->seen++;
		if (found == NULL && applies(r, exempt))
			found = r;
	}
	return found;
}

const struct fault_rule *
faults_ws(struct faults *fs, unsigned route)
{
	struct fault_rule *r;

	for (r = fs->rule; r < fs->rule + fs->n; r++)
		if (r->ws && (r->route & route) != 0 && !r->used) {
			r->used = true;
			return r;
		}
	return NULL;
}
