/*
 * The life of a listenKey: asked for, kept alive, replaced. It is never
 * deleted: a sibling may be using the same one, and the exchange hands the
 * same key to every caller of an account.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "io/clock.h"
#include "stream.h"

#define KEEPALIVE_MS	(25 * 60 * 1000)	/* the key lives 60 min */
#define RETRY_MS	(60 * 1000)

/* A key goes into a path: nothing but the letters and digits it is made of. */
static bool
key_ok(const char *k)
{
	size_t n = strlen(k);

	return n > 0 && n < 200 && strspn(k,
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == n;
}

int
user_path(struct app *a, char *out, size_t size, struct fault *f)
{
	if (a->key[0] == '\0') {
		if (session_call(&a->s, EP_LISTEN_KEY_NEW, "", true, f) == -1)
			return -1;
		if (!scan_get_str(a->s.doc.t, a->s.doc.t, "listenKey", a->key, sizeof a->key) || !key_ok(a->key)) {
			a->key[0] = '\0';
			return fault_set(f, FAULT_AGAIN, "the exchange gave no usable listenKey");
		}
		a->key_ms = clock_mono_ms();
	}
	snprintf(out, size, "/private/ws/%s", a->key);
	return 0;
}

void
user_tick(struct app *a, int64_t mono_ms)
{
	struct fault f = { 0 };

	if (a->key[0] == '\0' || mono_ms - a->key_ms < KEEPALIVE_MS)
		return;
	if (session_call(&a->s, EP_LISTEN_KEY_KEEP, "", true, &f) == 0) {
		a->key_ms = mono_ms;
		return;
	}
	tool_say(a->tool, STDERR_FILENO, "listenKey keepalive: %s", f.text);
	if (f.code == -1125) {
		a->key[0] = '\0';
		ws_kick(a->feed[ROUTE_PRIVATE].conn, "listenKey lost");
	} else {
		a->key_ms = mono_ms - KEEPALIVE_MS + RETRY_MS;
	}
}

void
user_event(struct app *a, const struct tok *t, const struct tok *rec)
{
	if (!scan_get_is(t, rec, "e", "listenKeyExpired"))
		return;
	/* The socket stays open and silent after this: leave it. */
	a->key[0] = '\0';
	ws_kick(a->feed[ROUTE_PRIVATE].conn, "listenKey expired");
}
