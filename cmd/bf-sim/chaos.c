/*
 * Chaos: the fault language drawn at random. The n-th request or connection
 * always gets the same draw from the same seed.
 */
#include "faults_in.h"
#include "random.h"

/* What may happen to a request, as rules. The more often a line stands here the
 * more often it comes. exec=yes and its twin exec=no stand side by side, since
 * a client cannot see which it was. */
static const char *const http[] = {
	"on *: exec=yes reply=503/unknown", "on *: exec=no reply=503/unknown",
	"on *: exec=yes reply=408/-1007", "on *: exec=no reply=408/-1007",
	"on *: exec=late=700 reply=408/-1007", "on *: exec=yes reply=400/-1006",
	"on *: exec=no reply=503/svc", "on *: exec=no reply=503/internal",
	"on *: exec=no reply=503/-1008", "on *: exec=no reply=429",
	"on *: exec=no reply=429/-1015", "on *: exec=no reply=400/-1021",
	"on *: exec=no reply=400/-5028", "on *: exec=yes reply=502/html",
	"on *: exec=no reply=502/html", "on *: exec=yes reply=504/empty",
	"on *: exec=yes reply=200/html", "on *: exec=yes reply=200/null",
	"on *: exec=yes reply=200/empty", "on *: exec=yes net=fin", "on *: exec=yes net=rst",
	"on *: exec=no net=fin", "on *: exec=no net=rst", "on *: exec=yes net=cut=97",
	"on *: exec=yes net=cut=230", "on *: exec=yes net=stall=3000", "on *: exec=no net=stall=3000",
	"on *: net=delay=50", "on *: net=delay=200", "on *: net=delay=900",
	"on *: net=drip=40/20", "on *: hdr-=X-MBX-USED-WEIGHT-1M",
	"on *: exec=yes net=delay=100 sim skew+=400", "on *: exec=yes sim used+=300",
	"on *: exec=yes sim expire_listenkey",
};
static const char *const ws[] = {
	"ws:*: fin after=5", "ws:*: rst after=9", "ws:*: close=1000 after=7", "ws:*: close=1011 after=3",
	"ws:*: close=1012 after=20", "ws:*: mute after=12", "ws:*: drop=1 after=4", "ws:*: dup after=4",
	"ws:*: swap after=6", "ws:*: delay=150", "ws:*: ping=125", "ws:*: handshake=502/html",
	"ws:*: handshake=429/-1003", "ws:*: blackhole after=8", "ws:*: raw=8100 after=2",
};

static uint64_t
draw(const struct chaos *c, uint64_t salt)
{
	return mix64(c->seed + (c->n * 2 + salt) * MIX_STEP);
}

static const char *
pick(struct chaos *c, const char *const *v, size_t n)
{
	c->n++;
	if (draw(c, 0) % 1000000 >= c->per_million)
		return NULL;
	return v[draw(c, 1) % n];
}

const char *
chaos_http(struct chaos *c)
{
	return pick(c, http, sizeof http / sizeof *http);
}

const char *
chaos_ws(struct chaos *c)
{
	return pick(c, ws, sizeof ws / sizeof *ws);
}
