/* What the rigs of the engine's tests have in common. What a rig writes down, and
 * how it orders, is in simrig.h (orders) and moneyrig.h (liquidation, funding). */
#ifndef BF_TESTS_RIG_H
#define BF_TESTS_RIG_H

#include "../../cmd/bf-sim/engine.h"
#include "../../cmd/bf-sim/random.h"
#include "core/buf.h"
#include "decimal.h"

#define LEN(a)	(sizeof (a) / sizeof *(a))

struct rig {
	struct engine	*e;
	struct buf	 log;	/* events, one a line */
	unsigned	 kinds;	/* those written down: bits of enum engine_event_kind */
	int64_t		 now;
	struct fault	 f;
};

static inline const char *
S(dec d)	/* several may be in use at once */
{
	static char ring[16][DEC_STR];
	static unsigned k;
	char *p = ring[k++ % LEN(ring)];

	dec_print_short(d, p);
	return p;
}

#define assert_dec(d, want)	assert_string_equal(S(d), want)

static inline void
rig_check(const struct rig *r)
{
	const char *why = engine_check(r->e);

	if (why != NULL)
		fail_msg("%s", why);
}

/* What must succeed. */
static inline void
ok(const struct rig *r, int got)
{
	if (got == -1)
		fail_msg("%d %s", r->f.code, r->f.text);
	rig_check(r);
}

/* Without market makers, and with two rich accounts (0 and 1). */
static inline void
rig_people(struct rig *r)
{
	struct engine_maker m;
	int i;

	for (i = 0; i < engine_symbols(r->e); i++) {
		m = engine_get_maker(r->e, i);
		m.levels = 0;
		assert_int_equal(engine_set_maker(r->e, i, &m, NULL), 0);
	}
	assert_int_equal(engine_account_new(r->e, D("1000000"), NULL), 0);
	assert_int_equal(engine_account_new(r->e, D("1000000"), NULL), 1);
}

static inline void
rig_close(struct rig *r)
{
	rig_check(r);
	engine_free(r->e);
	buf_free(&r->log);
}

static inline int
sym(const struct rig *r, const char *name)
{
	int s = engine_symbol(r->e, name);

	if (s == -1)
		fail_msg("no symbol %s", name);
	return s;
}

static inline void
isolate(struct rig *r, int acct, int s)
{
	ok(r, engine_set_isolated(r->e, acct, s, true, r->now, &r->f));
}

static inline void
leverage(struct rig *r, int acct, int s, int lev)
{
	ok(r, engine_set_leverage(r->e, acct, s, lev, r->now, NULL, &r->f));
}

static inline void
assert_log(struct rig *r, const char *want)
{
	assert_false(r->log.bad);
	assert_string_equal(r->log.p == NULL ? "" : r->log.p, want);
	buf_reset(&r->log);
}

#endif
