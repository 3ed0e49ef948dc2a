#include <stdio.h>
#include <string.h>

#include "io/wsapi.h"
#include "io/wsapi_in.h"

/*
 * Methods
 */

static const struct { enum ep ep; const char *name[MARKETS]; } methods[] = {
	{ EP_ORDER_PLACE,	{ "order.place", "order.place" } },
	{ EP_ORDER_MODIFY,	{ "order.modify", "order.modify" } },
	{ EP_ORDER_CANCEL,	{ "order.cancel", "order.cancel" } },
	{ EP_ORDER_GET,		{ "order.status", "order.status" } },
	{ EP_ALGO_PLACE,	{ "algoOrder.place", NULL } },
	{ EP_ALGO_CANCEL,	{ "algoOrder.cancel", NULL } },
	{ EP_ACCOUNT,		{ "v2/account.status", "account.status" } },
	{ EP_BALANCE,		{ "v2/account.balance", "account.balance" } },
	{ EP_POSITION_RISK,	{ "v2/account.position", "account.position" } },
	{ EP_LISTEN_KEY_NEW,	{ "userDataStream.start", "userDataStream.start" } },
	{ EP_LISTEN_KEY_KEEP,	{ "userDataStream.ping", "userDataStream.ping" } },
	{ EP_LISTEN_KEY_CLOSE,	{ "userDataStream.stop", "userDataStream.stop" } },
};

const char *
wsapi_method(enum ep ep, enum market m)
{
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
		if (methods[i].ep == ep)
			return methods[i].name[m];
	return NULL;
}

/*
 * Parameters, sorted by name
 */

#define PAIRS_MAX	(PARAMS_MAX + 3)	/* and apiKey, recvWindow, timestamp */

struct pair { const char *name, *value; bool integer; };

struct pairs {
	int		n;
	struct pair	p[PAIRS_MAX];
	char		stamp[24], window[16];
};

/* Few, and nearly in order: each is put where it belongs. */
static void
pair_add(struct pairs *all, const char *name, const char *value, bool integer)
{
	int i = all->n++;

	for (; i > 0 && strcmp(all->p[i - 1].name, name) > 0; i--)
		all->p[i] = all->p[i - 1];
	all->p[i] = (struct pair){ name, value, integer };
}

static void
pairs_make(struct pairs *all, const struct params *ps, const struct proof *by)
{
	all->n = 0;
	for (int i = 0; i < ps->n; i++)
		pair_add(all, ps->p[i].name, ps->p[i].value, ps->p[i].integer);
	if (by->security != SEC_NONE && !by->logged_on)
		pair_add(all, "apiKey", cred_key(by->cred), false);
	if (by->security != SEC_SIGNED)
		return;
	snprintf(all->stamp, sizeof all->stamp, "%lld", (long long)by->stamp_ms);
	pair_add(all, "timestamp", all->stamp, true);
	if (by->recv_window > 0) {
		snprintf(all->window, sizeof all->window, "%d", by->recv_window);
		pair_add(all, "recvWindow", all->window, true);
	}
}

static void
payload(struct buf *out, const struct pairs *all)
{
	for (int i = 0; i < all->n; i++) {
		if (i > 0)
			buf_chr(out, '&');
		buf_str(out, all->p[i].name);
		buf_chr(out, '=');
		buf_str(out, all->p[i].value);
	}
}

void
request_payload(struct buf *out, const struct params *ps, const struct proof *by)
{
	struct pairs all;

	pairs_make(&all, ps, by);
	payload(out, &all);
}

/* Whether the text is a JSON number as it stands: no blank, no zero before others. */
static bool
number(const char *s)
{
	size_t n;

	s += *s == '-';
	n = strspn(s, "0123456789");
	return n > 0 && s[n] == '\0' && (n == 1 || *s != '0');
}

static int
signature_put(struct buf *out, const struct pairs *all, const struct cred *c, struct fault *f)
{
	struct buf text = { 0 }, sig = { 0 };
	int r;

	payload(&text, all);
	r = text.bad ? fault_set(f, FAULT_LOCAL, "out of memory") :
	    cred_sign_plain(c, text.p, text.len, &sig, f);
	if (r == 0)
		jw_strn(out, "signature", sig.p, sig.len);
	buf_free(&sig);
	buf_free(&text);
	return r;
}

int
request_put(struct buf *out, int64_t id, const char *method, const struct params *ps,
    const struct proof *by, struct fault *f)
{
	struct pairs all;

	pairs_make(&all, ps, by);
	jw_open(out, NULL, '{');
	jw_i64(out, "id", id);
	jw_str(out, "method", method);
	jw_open(out, "params", '{');
	for (int i = 0; i < all.n; i++)
		if (all.p[i].integer && number(all.p[i].value))
			jw_raw(out, all.p[i].name, all.p[i].value, strlen(all.p[i].value));
		else
			jw_str(out, all.p[i].name, all.p[i].value);
	if (by->security == SEC_SIGNED && !by->logged_on && signature_put(out, &all, by->cred, f) == -1)
		return -1;
	jw_close(out, '}');
	jw_close(out, '}');
	return out->bad ? fault_set(f, FAULT_LOCAL, "out of memory") : 0;
}
