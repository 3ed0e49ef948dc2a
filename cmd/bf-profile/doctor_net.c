/* Of the exchange: is it there, what time has it, how much may be asked. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef __linux__
#include <sys/timex.h>
#endif

#include "doctor.h"
#include "io/lookup.h"
#include "io/probe.h"
#include "io/xinfo.h"

#define CERT_DAYS	10	/* a certificate that ends sooner is worth a word */
#define SAMPLES		5
#define OFFSET_WARN_MS	500
#define USED_WARN	70	/* percent: from there on only what reduces risk passes */

/*
 * Hosts
 */

/* Whether an earlier one is at the same place: an exchange on this machine has one for all. */
static bool
known_host(const struct probe_host *h, const struct probe_host *of, int n)
{
	for (int i = 0; i < n; i++)
		if (of[i].port == h->port && strcmp(of[i].name, h->name) == 0)
			return true;
	return false;
}

static int
ms_of(int64_t us, char out[static 24])
{
	return snprintf(out, 24, "%lld.%lld ms", (long long)us / 1000, (long long)us % 1000 / 100);
}

static void
tell_host(struct remark *x, const char *check, const struct probe_host *h, const struct probe *t)
{
	char connect[24], tls[24], first[24];
	bool late = t->dated && t->cert_days < CERT_DAYS;
	void (*found)(struct remark *, const char *, const char *, ...) = late ? found_warn : found_ok;

	ms_of(t->connect_us, connect);
	ms_of(t->first_us, first);
	if (t->tls_us < 0) {
		found(x, check, "%s:%d: TCP %s, answer %s", h->name, h->port, connect, first);
		return;
	}
	ms_of(t->tls_us, tls);
	found(x, check, "%s: TCP %s, %s %s, answer %s; certificate good for %d days", h->name, connect, t->version, tls,
	    first, t->cert_days);
	if (late)
		found_mend(x, "nothing of yours: the exchange has to renew it; or this clock is ahead");
}

/* By libcurl's words: its times do not tell a refused certificate from a port that is closed. */
static bool
is_tls(const char *why)
{
	return strstr(why, "SSL") != NULL || strstr(why, "TLS") != NULL || strstr(why, "certificate") != NULL;
}

/* What usually is behind it. */
static void
mend_host(struct remark *x, struct doctor *d, const struct probe_host *h, const struct probe *t, bool named)
{
	if (!named)
		found_mend(x, "ask the resolver: getent hosts %s; see /etc/resolv.conf, or set `%s` in the profile", h->name, h->use);
	else if (t->http == 418 || t->http == 429)
		found_mend(x, "wait, and ask less: each request during a ban makes it longer");
	else if (t->http == 451 || t->http == 403)
		found_mend(x, "the exchange does not serve this address: connect from another network");
	else if (is_tls(t->why))
		found_mend(x, "set the clock (date -u), update ca-certificates, and look for what opens TLS on the way: "
		    "openssl s_client -connect %s:%d", h->name, h->port);
	else if (d->prof.loopback)
		found_mend(x, "start the exchange on this machine: bf-sim --profile-out %s", d->prof.name);
	else
		found_mend(x, "network, firewall, proxy: bf-time --profile %s --probe tries every address", d->prof.name);
}

/* Without USDⓈ-M's own two nothing works; the others are not everybody's. */
static bool
is_needed(const struct doctor *d, int i)
{
	enum market m = d->a->common.market;

	return m == MARKET_COINM ? i == PROBE_COINM_REST || i == PROBE_COINM_WS : i == PROBE_REST || i == PROBE_WS;
}

static void
fail_host(struct doctor *d, int i, const struct probe_host *h, const struct probe *t, bool named)
{
	struct remark x;
	char check[32];

	snprintf(check, sizeof check, "host-%s", h->use);
	if (is_needed(d, i))
		found_bad(&x, check, FAULT_AGAIN, "%s:%d: %s", h->name, h->port, t->why);
	else
		found_warn(&x, check, "%s:%d: %s", h->name, h->port, t->why);
	mend_host(&x, d, h, t, named);
	doctor_tell(d, &x);
	d->dead = d->dead || (h->rest && is_needed(d, i));
}

/* Its first address; -1: nothing may be asked any more. */
static int
try_host(struct doctor *d, int i, const struct probe_host *h)
{
	bool proxy = d->prof.proxy[0] != '\0';	/* which looks names up itself */
	struct addresses of;
	struct remark x;
	struct fault f;
	struct probe t;
	char check[32];

	probe_none(&t);
	if (!proxy && lookup_within(h->name, d->s.timeout_ms, &of, t.why) == -1) {
		fail_host(d, i, h, &t, false);
		return 0;
	}
	snprintf(check, sizeof check, "host-%s", h->use);
	if (probe_try(&t, &d->s, h, proxy ? NULL : of.text[0], &f) == -1) {
		found_skipped(&x, check, "not asked: %s", f.text);
		doctor_tell(d, &x);
		return -1;
	}
	if (!t.ok) {
		fail_host(d, i, h, &t, true);
		return t.http == 418 || t.http == 429 ? -1 : 0;
	}
	tell_host(&x, check, h, &t);
	doctor_tell(d, &x);
	return 0;
}

void
check_hosts(struct doctor *d)
{
	struct probe_host h[PROBE_HOSTS];
	int n = 0;

	for (int i = 0; i < PROBE_HOSTS && !d->broken; i++) {
		if (!probe_host(&h[n], &d->prof, i) || known_host(&h[n], h, n))
			continue;
		if (try_host(d, i, &h[n++]) == -1)
			return;
	}
}

/*
 * Time
 */

static void
tell_offset(struct doctor *d)
{
	const struct offset *o = &d->s.off;
	long long off = (long long)o->offset_ms, err = (long long)o->error_ms;
	const char *side = off > 0 ? "behind" : "ahead of";
	struct remark x;

	if (err > OFFSET_ERROR_MS) {
		found_bad(&x, "clock", FAULT_CLOCK, "the exchange's time is known only to %lld ms, more than %d: nothing will be "
		    "signed", err, OFFSET_ERROR_MS);
		found_mend(&x, "find a quicker way to the exchange: bf-time --probe tells where the time goes");
	} else if (llabs(off) > d->prof.recv_window) {
		found_bad(&x, "clock", FAULT_CLOCK, "this clock is %lld ms %s the exchange's, more than recv_window (%d): whatever "
		    "does not know the offset is refused", llabs(off), side, d->prof.recv_window);
		found_mend(&x, "set the clock: timedatectl set-ntp true, or chronyc makestep");
	} else if (llabs(off) >= OFFSET_WARN_MS) {
		found_warn(&x, "clock", "this clock is %lld ms %s the exchange's; bf signs by the exchange's", llabs(off), side);
		found_mend(&x, "set the clock: timedatectl set-ntp true, or chronyc makestep");
	} else
		found_ok(&x, "clock", "offset %lld ms, known to %lld ms (bound %d), round trip %lld ms", off, err,
		    OFFSET_ERROR_MS, (long long)o->rtt_ms);
	doctor_tell(d, &x);
}

void
check_clock(struct doctor *d)
{
	struct remark x;
	struct fault f;

	if (session_measure(&d->s, SAMPLES, NULL, &f) == 0) {
		tell_offset(d);
		return;
	}
	found_bad(&x, "clock", f.kind, "%s", f.text);
	found_mend(&x, "bf-time --profile %s --samples 20", d->prof.name);
	doctor_tell(d, &x);
}

void
check_daemon(struct doctor *d)
{
	struct remark x;
#ifdef __linux__
	struct timex t = { .modes = 0 };

	if (adjtimex(&t) != -1 && (t.status & STA_UNSYNC) == 0) {
		found_ok(&x, "time-daemon", "the kernel says that something keeps this clock");
		doctor_tell(d, &x);
		return;
	}
	found_warn(&x, "time-daemon", "the kernel says that nothing keeps this clock (in a container it may not know)");
	found_mend(&x, "timedatectl set-ntp true, or install chrony");
#else
	found_skipped(&x, "time-daemon", "not known on this system");
#endif
	doctor_tell(d, &x);
}

/*
 * Limits
 */

static bool
nearly(uint32_t used, uint32_t most)
{
	return (uint64_t)used * 100 >= (uint64_t)most * USED_WARN;
}

/* The exchange's own limits are told to the ledger by whoever reads exchangeInfo; from the cache this costs nothing. */
void
check_limits(struct doctor *d)
{
	struct xinfo info = { 0 };
	struct limits_used u;
	struct remark x;
	struct fault f;

	if (xinfo_get(&info, &d->s, false, &f) == -1 || limits_used(d->s.lim, session_now(&d->s), &u, &f) == -1) {
		found_bad(&x, "limits", f.kind, "%s", f.text);
		found_mend(&x, "bf-info --profile %s --refresh symbols", d->prof.name);
	} else if (nearly(u.weight, u.weight_max) || nearly(u.orders_1m, u.orders_1m_max)) {
		found_warn(&x, "limits", "weight %u of %u and orders %u of %u are used this minute: only what reduces risk passes",
		    u.weight, u.weight_max, u.orders_1m, u.orders_1m_max);
		found_mend(&x, "ask less often, or share one bf-stream among programs");
	} else
		found_ok(&x, "limits", "this minute: weight %u of %u, orders %u of %u; orders in 10 s %u of %u", u.weight,
		    u.weight_max, u.orders_1m, u.orders_1m_max, u.orders_10s, u.orders_10s_max);
	xinfo_free(&info);
	doctor_tell(d, &x);
}
