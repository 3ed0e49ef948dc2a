#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "io/lookup.h"
#include "io/probe.h"
#include "app.h"

/* Printed as they come: wide enough from the first row on for what is usual. */
const struct column probe_cols[] = {
	{ "USE       ", "use", COL_LEFT },
	{ "ADDRESS        ", "address", COL_LEFT },
	{ "CONNECT ms", "connect", COL_RIGHT },
	{ "TLS", "tls", COL_RIGHT | COL_MORE(2) },
	{ "1ST BYTE", "firstByte", COL_RIGHT },
	{ "CERT DAYS", "certDays", COL_RIGHT | COL_MORE(1) },
	{ "OK", "ok", COL_LEFT },
	{ NULL, NULL, 0 }
};

/*
 * What is told
 */

static void
put_us(struct buf *b, const char *key, int64_t us)
{
	if (us >= 0)
		put_thousandths(b, key, us);
	else
		jw_null(b, key);
}

static void
put_probe(struct buf *b, struct app *a, const struct probe_host *h, const char *address, const struct probe *t)
{
	jw_open(b, NULL, '{');
	jw_str(b, "e", "bf.probe");
	jw_i64(b, "E", stamp(a));
	jw_str(b, "profile", a->s.prof.name);
	jw_str(b, "use", h->use);
	jw_str(b, "host", h->name);
	jw_i64(b, "port", h->port);
	if (address != NULL)
		jw_str(b, "address", address);
	else
		jw_null(b, "address");
	put_us(b, "connect", t->connect_us);
	put_us(b, "tls", t->tls_us);
	put_us(b, "firstByte", t->first_us);
	if (t->version[0] != '\0')
		jw_str(b, "tlsVersion", t->version);
	else
		jw_null(b, "tlsVersion");
	if (t->dated)
		jw_i64(b, "certDays", t->cert_days);
	else
		jw_null(b, "certDays");
	if (t->http > 0)
		jw_i64(b, "http", t->http);
	else
		jw_null(b, "http");
	jw_bool(b, "ok", t->ok);
	jw_str(b, "why", t->why);
	jw_close(b, '}');
	jw_end(b);
}

static int
tell(struct app *a, const struct probe_host *h, const char *address, const struct probe *t, struct fault *f)
{
	struct buf rec = { 0 };
	int r;

	put_probe(&rec, a, h, address, t);
	r = print(a, &rec, f);
	buf_free(&rec);
	if (!t->ok)
		tool_say(a->tool, STDERR_FILENO, "%s %s%s%s: %s", h->use, h->name,
		    address != NULL ? " at " : "", address != NULL ? address : "", t->why);
	return r;
}

/*
 * The hosts
 */

/* Every address of a host; whether one answers. */
static int
each_address(struct app *a, const struct probe_host *h, bool *ok, struct fault *f)
{
	struct addresses of;
	struct probe t;

	probe_none(&t);
	if (lookup_within(h->name, a->s.timeout_ms, &of, t.why) == -1)
		return tell(a, h, NULL, &t, f);
	for (int i = 0; i < of.n; i++) {
		if (probe_try(&t, &a->s, h, of.text[i], f) == -1 || tell(a, h, of.text[i], &t, f) == -1)
			return -1;
		*ok = *ok || t.ok;
	}
	return 0;
}

int
probe(struct app *a, struct fault *f)
{
	char dead[160] = "";
	struct probe_host host;
	bool ok;

	if (a->s.prof.proxy[0] != '\0')
		return fault_set(f, FAULT_USAGE, "--probe: profile %s goes by way of the proxy %s, which chooses the addresses",
		    a->s.prof.name, a->s.prof.proxy);
	printer_live(&a->out);
	for (int i = PROBE_REST; i <= PROBE_COINM_WS; i++) {
		if (!probe_host(&host, &a->s.prof, i) || (a->common.market_given && a->common.market != host.market))
			continue;
		ok = false;
		if (each_address(a, &host, &ok, f) == -1)
			return -1;
		if (!ok)
			snprintf(dead + strlen(dead), sizeof dead - strlen(dead), "%s%s",
			    *dead != '\0' ? ", " : "", host.use);
	}
	return *dead == '\0' ? 0 : fault_set(f, FAULT_AGAIN, "no address answers: %s", dead);
}
