/*
 * bf-sim under a fuzzer: its HTTP, query, JSON and WebSocket message handling,
 * with the whole exchange behind it and no sockets. The wire (serve.h) is played
 * here; everything else is the program itself.
 *
 * The first byte of an input chooses the way in:
 *
 *	h  the rest is what a client writes to the port: HTTP requests
 *	s  "METHOD PATH QUERY\nBODY", signed properly, so that handlers are reached
 *	m  lines, each a message on a market stream; the first line is the path
 *	a  lines, each a message to the WebSocket API
 *	A  "METHOD\nname=value\n..." to the WebSocket API, signed
 *	f  bytes of WebSocket frames
 *	c  lines of fault rules and control actions
 *
 * After every input the books must be sound (engine_check). Built by `make fuzz`.
 */
#define main bf_sim_main
int main(int argc, char *argv[]);
#include "../../cmd/bf-sim/main.c"
#undef main

#include <openssl/hmac.h>
#include <stdlib.h>

#define ROUND 200	/* inputs before the exchange is made anew */

/*
 * The wire
 */

struct serve { int unused; };
struct serve_frame { unsigned refs; size_t n; char *p; };

static struct serve wire;
static serve_id last_id;
static void *last_user;	/* of the WebSocket accepted last */
static serve_id open_id;
static unsigned long answered;

static void
read_all(const char *p, size_t n)	/* so that the sanitizer sees every byte */
{
	static unsigned char sum;

	for (size_t i = 0; i < n; i++)
		sum ^= (unsigned char)p[i];
	__asm__ volatile("" : : "r"(sum));
}

struct serve *serve_open(const struct serve_opts *o, const struct serve_app *a) { (void)o; (void)a; return &wire; }
void serve_free(struct serve *s) { (void)s; }
int serve_port(const struct serve *s) { (void)s; return 1; }
const char *serve_peer(const struct serve *s, serve_id id) { (void)s; (void)id; return "127.0.0.1"; }
int64_t serve_now(void) { return 1000; }
int serve_step(struct serve *s, int ms) { (void)s; (void)ms; return 0; }
int serve_run(struct serve *s) { (void)s; return 0; }
void serve_stop(struct serve *s) { (void)s; }
bool serve_parting(const struct serve *s) { (void)s; return false; }
void serve_halt(struct serve *s) { (void)s; }
void serve_watch(struct serve *s, int fd) { (void)s; (void)fd; }
bool serve_alive(const struct serve *s, serve_id id) { (void)s; return id == open_id && id != 0; }
bool serve_close(struct serve *s, serve_id id, int code, const char *why) { (void)s; (void)code; (void)why; return id == open_id; }
bool serve_cut(struct serve *s, serve_id id, enum serve_fault how) { (void)s; (void)how; return id == open_id; }
bool serve_mute(struct serve *s, serve_id id, unsigned what) { (void)s; (void)what; return id == open_id; }
void serve_refuse(struct serve *s, int64_t t) { (void)s; (void)t; }
void serve_blackhole(struct serve *s, int64_t t) { (void)s; (void)t; }
bool serve_ping(struct serve *s, serve_id id, const void *p, size_t n) { (void)s; read_all(p, n); return id == open_id; }
bool serve_send_raw(struct serve *s, serve_id id, const void *p, size_t n) { (void)s; read_all(p, n); return id == open_id; }

bool
serve_answer(struct serve *s, serve_id id, const struct serve_answer *a)
{
	(void)s;
	(void)id;
	if (a->status < 100 || a->status > 599)
		abort();
	read_all(a->body, a->len);
	if (a->headers != NULL)
		read_all(a->headers, strlen(a->headers));
	answered++;
	return true;
}

bool
serve_accept(struct serve *s, serve_id id, const char *headers, void *user)
{
	(void)s;
	(void)headers;
	last_user = user;
	open_id = id;
	return true;
}

struct serve_frame *
serve_frame_text(const char *text, size_t n)
{
	struct serve_frame *f = malloc(sizeof *f);

	if (f == NULL)
		return NULL;
	*f = (struct serve_frame){ 1, n, malloc(n + 1) };
	if (f->p != NULL)
		memcpy(f->p, text, n);
	return f;
}

void
serve_frame_free(struct serve_frame *f)
{
	if (f == NULL || --f->refs > 0)
		return;
	free(f->p);
	free(f);
}

struct serve_frame *
serve_frame_ref(struct serve_frame *f)
{
	f->refs++;
	return f;
}

bool
serve_send(struct serve *s, serve_id id, struct serve_frame *f)
{
	(void)s;
	if (f != NULL)
		read_all(f->p, f->n);
	return id == open_id && id != 0;
}

bool
serve_send_text(struct serve *s, serve_id id, const char *text, size_t n)
{
	(void)s;
	read_all(text, n);
	return id == open_id && id != 0;
}

/*
 * The exchange
 */

static struct sim sim;

static void
end_socket(void)
{
	if (last_user != NULL)
		on_closed(&sim, open_id, last_user);
	last_user = NULL;
	open_id = 0;
}

static void
begin(void)
{
	char line[] = "bf-sim --synthetic --seed 1 --clock step --start 1795600000000 "
	    "--weight-limit 1000000000 --order-limit 1000000000 --account 100000 "
	    "--balance coinm.BTC=5 --regime calm", *args[32], *word;
	struct options o;
	struct fault f = { 0 };
	int status, n = 0;

	for (word = strtok(line, " "); word != NULL; word = strtok(NULL, " "))
		args[n++] = word;
	args[n] = NULL;
	optind = 1;
	memset(&sim, 0, sizeof sim);
	if (options_read(&o, n, args, &status, &f) != 0 ||
	    open_exchange(&sim, &o, &f) == -1) {
		fprintf(stderr, "fuzz: %s\n", f.text);
		abort();
	}
	sim.serve = &wire;
	sim.live = true;
	sim_run(&sim);
}

static void
finish(void)
{
	end_socket();
	sim.serve = NULL;
	close_parts(&sim);
}

static void
request(const struct http_req *r)
{
	on_request(&sim, ++last_id, r);
	if (r->upgrade)
		end_socket();
}

/* Whole requests, as far as the bytes go. */
static void
http(const char *p, size_t n)
{
	struct http_state st = { 0 };
	struct http_req r;

	while (n > 0 && http_parse(&st, p, n, &r) == HTTP_DONE) {
		request(&r);
		p += st.size;
		n -= st.size;
		memset(&st, 0, sizeof st);
	}
}

static void
hmac(const char *text, char out[static 65])
{
	const char *secret = sim.accounts.v[0].secret;
	unsigned char mac[32];
	unsigned n = 0;

	HMAC(EVP_sha256(), secret, (int)strlen(secret), (const unsigned char *)text, strlen(text), mac, &n);
	for (unsigned i = 0; i < n; i++)
		snprintf(out + 2 * (size_t)i, 3, "%02x", mac[i]);
}

/* "METHOD PATH QUERY\nBODY" */
static void
signed_http(const char *text)
{
	char method[16] = "", path[256] = "", query[4096] = "", sig[65];
	const char *body = strchr(text, '\n');
	struct buf all = { 0 }, req = { 0 };
	size_t len;

	if (sscanf(text, "%15s %255s %4095[^\n]", method, path, query) < 2)
		return;
	body = body == NULL ? "" : body + 1;
	buf_printf(&all, "%s%stimestamp=%lld%s", query, *query ? "&" : "", (long long)sim_now(&sim), body);
	buf_put(&all, "", 1);
	if (!all.bad) {
		hmac(all.p, sig);
		len = *body == '\0' ? 0 : strlen(body) + 11 + 64;
		buf_printf(&req, "%s %s?%.*s%s%s HTTP/1.1\r\nHost: x\r\nX-MBX-APIKEY: %s\r\n"
		    "Content-Length: %zu\r\n\r\n", method, path, (int)(all.len - 1 - strlen(body)), all.p,
		    *body ? "" : "&signature=", *body ? "" : sig, sim.accounts.v[0].key, len);
		if (*body)
			buf_printf(&req, "%s&signature=%s", body, sig);
		if (!req.bad)
			http(req.p, req.len);
	}
	buf_free(&all);
	buf_free(&req);
}

static bool
upgrade(const char *path)
{
	struct http_state st = { 0 };
	struct http_req r;
	char head[1024];

	if (strlen(path) > 700 || strchr(path, ' ') != NULL)
		return false;
	snprintf(head, sizeof head, "GET %s HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
	    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
	    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", path);
	end_socket();
	if (http_parse(&st, head, strlen(head), &r) != HTTP_DONE || !r.upgrade)
		return false;
	on_request(&sim, ++last_id, &r);
	return last_user != NULL;
}

static void
message(const char *p, size_t n)
{
	if (last_user != NULL)
		on_message(&sim, open_id, last_user, p, n, false);
}

/* Each line of p to what; the first one may be treated apart. */
static void
lines(const char *p, size_t n, void (*what)(const char *p, size_t n))
{
	const char *end;

	while (n > 0) {
		size_t len;

		end = memchr(p, '\n', n);
		len = end == NULL ? n : (size_t)(end - p);
		what(p, len);
		n -= end == NULL ? len : len + 1;
		p += end == NULL ? len : len + 1;
	}
}

static void
market(const char *p, size_t n)
{
	const char *end = memchr(p, '\n', n);
	char path[512];
	size_t len = end == NULL ? n : (size_t)(end - p);

	snprintf(path, sizeof path, "/%.*s", (int)(len > 500 ? 500 : len), p);
	if (!upgrade(path))
		return;
	if (end != NULL)
		lines(end + 1, n - len - 1, message);
	sim_step(&sim, 300, NULL);
	end_socket();
}

static void
ws_api(const char *p, size_t n)
{
	if (!upgrade("/ws-fapi/v1"))
		return;
	lines(p, n, message);
	end_socket();
}

struct pair { char name[40], value[200]; };

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct pair *)a)->name, ((const struct pair *)b)->name);
}

static void
signed_api(char *text)
{
	struct pair v[24];
	char *line = strtok(text, "\n"), plain[8192] = "", sig[65];
	struct buf b = { 0 };
	int n = 0;

	if (line == NULL || !upgrade("/ws-fapi/v1"))
		return;
	jw_open(&b, NULL, '{');
	jw_i64(&b, "id", 1);
	jw_str(&b, "method", line);
	jw_open(&b, "params", '{');
	while ((line = strtok(NULL, "\n")) != NULL && n < 20) {
		char *eq = strchr(line, '=');

		if (eq == NULL || eq - line >= 40 || strlen(eq + 1) >= 200)
			continue;
		*eq = '\0';
		snprintf(v[n].name, sizeof v[n].name, "%.39s", line);
		snprintf(v[n].value, sizeof v[n].value, "%.199s", eq + 1);
		n++;
	}
	snprintf(v[n].name, sizeof v[n].name, "apiKey");
	snprintf(v[n++].value, sizeof v[n].value, "%s", sim.accounts.v[0].key);
	snprintf(v[n].name, sizeof v[n].name, "timestamp");
	snprintf(v[n].value, sizeof v[n].value, "%lld", (long long)sim_now(&sim));
	n++;
	qsort(v, (size_t)n, sizeof *v, by_name);
	for (int i = 0; i < n; i++) {
		jw_str(&b, v[i].name, v[i].value);
		snprintf(plain + strlen(plain), sizeof plain - strlen(plain), "%s%s=%s", i > 0 ? "&" : "",
		    v[i].name, v[i].value);
	}
	hmac(plain, sig);
	jw_str(&b, "signature", sig);
	jw_close(&b, '}');
	jw_close(&b, '}');
	if (!b.bad)
		message(b.p, b.len);
	buf_free(&b);
	end_socket();
}

static void
frames(const char *p, size_t n)
{
	char *copy = malloc(n + 1);	/* it is unmasked in place */
	struct ws_message m = { 0 };
	struct ws_frame f;
	size_t at = 0;

	if (copy == NULL)
		return;
	memcpy(copy, p, n);
	if (!upgrade("/ws-fapi/v1")) {
		free(copy);
		return;
	}
	while (at < n && ws_parse(copy + at, n - at, &f) == WS_GOT) {
		at += f.size;
		if (f.op >= WS_CLOSE)
			on_control(&sim, open_id, last_user, f.op);
		else if (ws_collect(&m, &f) == WS_GOT)
			on_message(&sim, open_id, last_user, m.p, m.n, m.op == WS_BINARY);
	}
	ws_message_free(&m);
	end_socket();
	free(copy);
}

static void
control(const char *p, size_t n)
{
	struct fault f;
	char text[600];

	snprintf(text, sizeof text, "%.*s", (int)(n > 599 ? 599 : n), p);
	if (strstr(text, "filters") != NULL)	/* opens files */
		return;
	if (strncmp(text, "sim ", 4) == 0)
		(void)control_do(&sim, text + 4, &f);
	else
		(void)faults_add(sim.faults, text, &f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int rounds;
	const char *p = (const char *)data + 1, *why;
	char *text;

	if (size < 2 || size > 65536)
		return 0;
	if (rounds++ % ROUND == 0) {
		if (rounds > 1)
			finish();
		begin();
	}
	if ((text = malloc(size)) == NULL)
		return 0;
	memcpy(text, p, size - 1);
	text[size - 1] = '\0';
	switch (data[0]) {
	case 'h': http(p, size - 1); break;
	case 's': signed_http(text); break;
	case 'm': market(p, size - 1); break;
	case 'a': ws_api(p, size - 1); break;
	case 'A': signed_api(text); break;
	case 'f': frames(p, size - 1); break;
	case 'c': lines(p, size - 1, control); break;
	default: break;
	}
	free(text);
	if (rounds % 16 == 0)
		(void)sim_step(&sim, 100, NULL);
	if (!engine_stopped(sim.engine) && (why = engine_check(sim.engine)) != NULL) {
		fprintf(stderr, "fuzz: %s\n", why);
		abort();
	}
	faults_clear(sim.faults);
	return 0;
}
