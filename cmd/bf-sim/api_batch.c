/* Several orders in one request; each is accepted or refused on its own. */
#include <string.h>

#include "api.h"
#include "core/scan.h"
#include "no.h"
#include "number.h"

#define PLACE_MAX	5
#define CANCEL_MAX	10
#define ID_MAX		64	/* bytes of an id in a list, with its NUL */

/* The list in parameter name (or alias); elements are checked by whoever walks
 * it. NULL: it is not there, or c->f says what is wrong. */
static const struct tok *
read_list(struct call *c, const char *name, const char *alias, struct scan *sc)
{
	const char *v = params_get(&c->p, name);

	if (v == NULL)
		v = params_get(&c->p, alias);
	if (v == NULL)
		return NULL;
	if (scan_doc(sc, v, strlen(v)) > 0 && sc->t[0].kind == SCAN_ARR)
		return sc->t;
	no_invalid(&c->f, name);
	return NULL;
}

/* What became of one element: its answer, or {code,msg}. */
static void
put_element(struct call *c, struct call *sub, int r)
{
	if (r == 0 && !sub->out.bad) {
		jw_raw(&c->out, NULL, sub->out.p, sub->out.len);
		return;
	}
	if (sub->f.http == 0) {
		sim_say("%s: %s", c->route->path, sub->f.text);
		no(&sub->f, 500, -1000, "An unknown error occurred while processing the request.");
	}
	api_error(&c->out, NULL, &sub->f);
}

/* A call for one element. */
static struct call
element(const struct call *c)
{
	struct call sub = *c;

	memset(&sub.p, 0, sizeof sub.p);
	memset(&sub.out, 0, sizeof sub.out);
	memset(&sub.f, 0, sizeof sub.f);
	return sub;
}

static void
do_element(struct call *c, const struct tok *t, const struct tok *v, api_handler *handle)
{
	struct call sub = element(c);
	int r;

	if (v->kind != SCAN_OBJ)
		r = no_invalid(&sub.f, "batchOrders");
	else if ((r = params_json(&sub.p, t, v, &sub.f)) == 0)
		r = handle(&sub);
	put_element(c, &sub, r);
	params_free(&sub.p);
	buf_free(&sub.out);
}

static int
batch(struct call *c, api_handler *handle)
{
	struct scan sc = { 0 };
	const struct tok *list = read_list(c, "batchOrders", "batchorders", &sc), *v;
	int r = 0;

	if (list == NULL)
		r = c->f.kind != FAULT_NONE ? -1 : no_missing(&c->f, "batchOrders");
	else if (list->n == 0 || list->n > PLACE_MAX)
		r = no(&c->f, 400, -4082, "Invalid number of batch place orders.");
	if (r == 0) {
		jw_open(&c->out, NULL, '[');
		for (v = scan_first(list); v != NULL; v = scan_next(sc.t, list, v))
			do_element(c, sc.t, v, handle);
		jw_close(&c->out, ']');
	}
	scan_free(&sc);
	return r;
}

int
post_batch(struct call *c)
{
	return batch(c, post_order);
}

int
put_batch(struct call *c)
{
	return batch(c, put_order);
}

/*
 * Cancelling: a list of ids, or of client ids
 */

static void
cancel_element(struct call *c, int sym, uint64_t id, const char *client_id)
{
	struct call sub = element(c);

	put_element(c, &sub, cancel_one(&sub, sym, id, client_id));
	buf_free(&sub.out);
}

static bool
id_of(const struct tok *v, uint64_t *id)
{
	char text[ID_MAX];

	if (scan_str(v, text, sizeof text))
		return number_u64(id, text) && *id != 0;
	if (v->kind != SCAN_NUM || v->len >= sizeof text)
		return false;
	memcpy(text, v->p, v->len);
	text[v->len] = '\0';
	return number_u64(id, text) && *id != 0;
}

/* One is wrong: nothing is cancelled. */
static bool
ids_ok(const struct tok *t, const struct tok *list, bool client)
{
	char text[ID_MAX];
	const struct tok *v;
	uint64_t id;

	for (v = scan_first(list); v != NULL; v = scan_next(t, list, v))
		if (client ? !scan_str(v, text, sizeof text) || *text == '\0' : !id_of(v, &id))
			return false;
	return true;
}

static void
cancel_list(struct call *c, int sym, const struct tok *t, const struct tok *list, bool client)
{
	char text[ID_MAX] = "";
	const struct tok *v;
	uint64_t id = 0;

	jw_open(&c->out, NULL, '[');
	for (v = scan_first(list); v != NULL; v = scan_next(t, list, v)) {
		if (client)
			(void)scan_str(v, text, sizeof text);
		else
			(void)id_of(v, &id);
		cancel_element(c, sym, id, client ? text : NULL);
	}
	jw_close(&c->out, ']');
}

static int
check_list(struct call *c, const struct tok *t, const struct tok *list, bool client)
{
	if (list->n == 0 || list->n > CANCEL_MAX)
		return no(&c->f, 400, -4032, "Exceed maximum cancel order size.");
	if (!ids_ok(t, list, client))
		return no_invalid(&c->f, client ? "origClientOrderIdList" : "orderIdList");
	return 0;
}

int
delete_batch(struct call *c)
{
	struct scan sc = { 0 };
	const struct tok *list;
	bool client = false;
	int sym, r;

	if (want_symbol(c, &sym) == -1)
		return -1;
	list = read_list(c, "orderIdList", "orderidlist", &sc);
	if (list == NULL && c->f.kind == FAULT_NONE) {
		client = true;
		list = read_list(c, "origClientOrderIdList", "origclientorderidlist", &sc);
	}
	if (list != NULL)
		r = check_list(c, sc.t, list, client);
	else
		r = c->f.kind != FAULT_NONE ? -1 : no(&c->f, 400, -1102,
		    "Either orderIdList or origClientOrderIdList must be sent.");
	if (r == 0)
		cancel_list(c, sym, sc.t, list, client);
	scan_free(&sc);
	return r;
}
