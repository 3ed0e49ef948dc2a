/*
 * Requests that need no journal, many at once: reads, cancels, countdowns. Each is sent once, but for
 * one that is refused by name for its time. Limits and bans are waited for, and that is said.
 */
#include <poll.h>
#include <string.h>

#include "kill.h"

#define POLL_MAX	96
#define REQUEST_MS	2500		/* one that is not answered by then holds nothing up */
#define BAN_MAX_MS	600000		/* of waiting that is not asked for by --max-time */
#define SLICE_MS	200

int64_t
left_ms(const struct app *a)
{
	return a->end_ms - clock_mono_ms();
}

bool
may_go_on(const struct app *a)
{
	return left_ms(a) > 0 && trader_stop == 0;
}

void
wait_ms(struct app *a, int64_t ms)
{
	int64_t end = clock_mono_ms() + ms, left;
	struct pollfd p = { .fd = trader_wake_fd(), .events = POLLIN };

	while ((left = end - clock_mono_ms()) > 0 && may_go_on(a)) {
		if (left > SLICE_MS)
			left = SLICE_MS;
		if (a->desk != NULL && desk_unknown(a->desk) > 0)
			desk_turn(a->desk, &p, 1, (int)left);
		else
			(void)poll(&p, 1, (int)left);
	}
}

static void
done(void *arg, const struct fault *f, const struct tok *t, const struct tok *v)
{
	struct ask *k = arg;
	struct app *a = k->a;

	k->state = ASK_DONE;
	if (f == NULL) {
		memset(&k->f, 0, sizeof k->f);
		if (k->got != NULL)
			k->got(k, t, v);
		return;
	}
	k->f = *f;
	if (f->code != -1021 || k->again || session_sync(&a->s[k->m], true, &k->f) == -1)
		return;
	k->again = true;
	k->state = ASK_WAITS;
}

/* For a limit or a ban: until its end, if there is so much time. */
static void
put_off(struct ask *k)
{
	struct app *a = k->a;
	int64_t ms = k->f.retry_ms + 5;

	if (k->f.kind != FAULT_AGAIN || k->f.retry_ms <= 0 || trader_stop != 0) {
		k->state = ASK_DONE;
		return;
	}
	if (!a->timeout_given && ms > left_ms(a) && ms + a->waited_ms <= BAN_MAX_MS) {
		a->waited_ms += ms;
		a->end_ms = clock_mono_ms() + ms + a->timeout_ms;
	}
	if (ms > left_ms(a)) {
		k->state = ASK_DONE;
		return;
	}
	if (!a->ban_said)
		say(a, "waiting %lld ms: %s", (long long)ms, k->f.text);
	a->ban_said = true;
	k->due_ms = clock_mono_ms() + ms;
}

static int
timeout_of(const struct app *a)
{
	int64_t left = left_ms(a);

	return left < 1000 ? 1000 : left > REQUEST_MS ? REQUEST_MS : (int)left;
}

static void
start(struct ask *k)
{
	struct app *a = k->a;
	struct calls *c = a->calls[k->m];
	const char *q = k->q.p != NULL ? k->q.p : "";

	memset(&k->f, 0, sizeof k->f);
	a->s[k->m].timeout_ms = timeout_of(a);
	if (k->q.bad)
		fault_set(&k->f, FAULT_LOCAL, "out of memory");
	else if (session_sync(&a->s[k->m], false, &k->f) == 0 && calls_take(c, k->ep, q, endpoint(k->ep)->orders, true, &k->f) == 0 &&
	    calls_send(c, k->ep, q, 0, timeout_of(a), done, k, &k->f) == 0) {
		k->state = ASK_OUT;
		return;
	}
	put_off(k);
}

static bool
must_wait(const struct ask *all, int n, const struct ask *k)
{
	if (k->late)
		for (int i = 0; i < n; i++)
			if (all[i].m == k->m && !all[i].late && all[i].state != ASK_DONE)
				return true;
	return false;
}

static int
start_some(struct app *a, struct ask *k, int n, int *timeout_ms)
{
	int64_t now = clock_mono_ms();
	int left = 0;

	for (int i = 0; i < n; i++) {
		if (k[i].state == ASK_WAITS && k[i].due_ms > now) {
			if (k[i].due_ms - now < *timeout_ms)
				*timeout_ms = (int)(k[i].due_ms - now);
			if (trader_stop != 0)
				k[i].state = ASK_DONE;	/* with the limit's fault */
		} else if (k[i].state == ASK_WAITS && !must_wait(k, n, &k[i]) && calls_free(a->calls[k[i].m]) > 0)
			start(&k[i]);
		left += k[i].state != ASK_DONE;
	}
	return left;
}

int
ask_turn(struct app *a, struct ask *k, int n, struct pollfd *p, int np, int timeout_ms)
{
	struct pollfd all[POLL_MAX];
	int got = np, m, left;

	left = start_some(a, k, n, &timeout_ms);
	if (np > 0)
		memcpy(all, p, (size_t)np * sizeof *p);
	for (m = 0; m < MARKETS; m++)
		if (a->calls[m] != NULL)
			got += calls_poll(a->calls[m], all + got, POLL_MAX - got, &timeout_ms);
	if (n > 0 && left == 0)
		timeout_ms = 0;
	if (poll(all, (nfds_t)got, timeout_ms) < 0)
		for (int i = 0; i < got; i++)
			all[i].revents = 0;
	for (int i = 0; i < np; i++)
		p[i].revents = all[i].revents;
	for (m = 0; m < MARKETS; m++)
		if (a->calls[m] != NULL)
			calls_step(a->calls[m]);
	for (left = 0; n > 0; n--)
		left += k[n - 1].state != ASK_DONE;
	return left;
}

void
ask_all(struct app *a, struct ask *k, int n)
{
	while (n > 0 && ask_turn(a, k, n, NULL, 0, SLICE_MS) > 0)
		;
}

void
ask_free(struct ask *k, int n)
{
	for (int i = 0; i < n; i++)
		buf_free(&k[i].q);
}
