/* What a request to the WebSocket API is answered. */
#include <stdlib.h>
#include <string.h>

#include "control.h"
#include "no.h"
#include "wsapi.h"

/* The body of what a rule says instead; NULL: it is no JSON, so no envelope either. */
static void
put_canned(const struct wsask *a, struct buf *b, const char *body)
{
	if (body[0] != '{' && body[0] != '[') {
		buf_reset(b);
		buf_str(b, body);
		return;
	}
	jw_open(b, NULL, '{');
	jw_raw(b, "id", a->id, strlen(a->id));
	jw_i64(b, "status", a->rule->status);
	jw_raw(b, a->rule->status == 200 ? "result" : "error", body, strlen(body));
	jw_close(b, '}');
}

static void
put_true(struct wsask *a, struct buf *b)
{
	struct call *c = &a->call;
	bool failed = c->f.kind != FAULT_NONE || c->out.bad;
	bool orders = c->route != NULL && (c->route->orders10 > 0 || c->route->orders1m > 0);

	if (failed && c->f.http == 0)
		no(&c->f, 500, -1000, "An unknown error occurred while processing the request.");
	jw_open(b, NULL, '{');
	jw_raw(b, "id", a->id, strlen(a->id));
	jw_i64(b, "status", failed ? c->f.http : 200);
	if (failed)
		api_error(b, "error", &c->f);
	else
		jw_raw(b, "result", c->out.p, c->out.len);
	if (a->limits)
		limits_counts(c->s->limits, "rateLimits", c->ip, orders ? c->acct : -1,
		    sim_now(c->s), b);
	jw_close(b, '}');
}

/* k=v&..., for the ledger, without key and signature. */
static void
put_params(struct buf *b, const struct params *p)
{
	for (int i = 0; i < p->n; i++) {
		if (strcmp(p->v[i].name, "signature") == 0 || strcmp(p->v[i].name, "apiKey") == 0)
			continue;
		buf_printf(b, "%s%s=%s", b->len > 0 ? "&" : "", p->v[i].name, p->v[i].value);
	}
}

static void
write_down(struct wsask *a, int status)
{
	struct call *c = &a->call;
	struct buf asked = { 0 };
	struct ledger_request r = {
		.method = wsask_span(a->name[0] != '\0' ? a->name : "?"),
		.path = wsask_span(c->market == COINM ? "/ws-dapi/v1" : "/ws-fapi/v1"),
		.query = { "", 0 }, .http = status, .client_id = api_client_id(&c->p), .who = c->who,
		.code = (a->rule != NULL && a->rule->status != 0) || c->f.kind == FAULT_NONE ? 0 : c->f.code,
		.said = a->rule != NULL && a->rule->status != 0 ? a->rule->code : 0
	};

	put_params(&asked, &c->p);
	r.body = asked.p == NULL || asked.bad ? wsask_span("") : (struct http_span){ asked.p, asked.len };
	ledger_request(c->s->ledger, &r, sim_now(c->s));
	buf_free(&asked);
}

/* An answer whose wire a rule troubles: late, or not at all. */
struct letter { struct late late; struct socket *w; struct buf text; enum serve_fault net; };

static void
letter_drop(struct late *l)
{
	struct letter *t = (struct letter *)l;

	buf_free(&t->text);
	socket_release(t->w);
	free(t);
}

static void
send_or_cut(struct socket *w, const struct buf *text, enum serve_fault net)
{
	if (net == SERVE_OK && !text->bad && text->len > 0)
		socket_send(w, text->p, text->len);
	if ((net == SERVE_FIN || net == SERVE_RST) && !w->closed)
		(void)serve_cut(w->s->serve, w->c.id, net);
}

static void
letter_run(struct late *l)
{
	struct letter *t = (struct letter *)l;

	send_or_cut(t->w, &t->text, t->net);
	letter_drop(l);
}

/* Takes text over. */
static void
post_late(struct socket *w, struct buf *text, const struct fault_rule *r)
{
	struct letter *t = calloc(1, sizeof *t);

	if (t == NULL) {
		buf_free(text);
		return;
	}
	t->w = socket_hold(w);
	t->text = *text;
	t->net = r->net;
	t->late = (struct late){ serve_now() + r->delay_ms, true, letter_run, letter_drop, NULL };
	api_wait(w->s->api, &t->late);
}

/* Send it, or what the rule makes of that; takes text over. */
static void
deliver(struct wsask *a, struct buf *text)
{
	const struct fault_rule *r = a->rule;

	if (r != NULL && r->delay_ms > 0) {
		post_late(a->w, text, r);
		return;
	}
	send_or_cut(a->w, text, r != NULL ? r->net : SERVE_OK);
	buf_free(text);
}

void
wsask_act(struct wsask *a)
{
	struct fault f;

	if (a->rule == NULL || a->rule->sim[0] == '\0' || a->acted)
		return;
	a->acted = true;
	if (control_do(a->call.s, a->rule->sim, &f) == -1)
		sim_say("%s", f.text);
}

void
wsask_reply(struct wsask *a)
{
	const struct fault_rule *r = a->rule;
	struct buf text = { 0 };
	struct canned body;
	int status;

	wsask_act(a);
	if (r != NULL && r->status != 0) {
		faults_canned(r, sim_now(a->call.s), &body);
		put_canned(a, &text, body.body);
		status = r->status;
	} else {
		put_true(a, &text);
		status = a->call.f.kind == FAULT_NONE ? 200 : a->call.f.http;
	}
	a->answered = true;
	write_down(a, r != NULL && r->net != SERVE_OK ? 0 : status);
	deliver(a, &text);
}
