/* Actions upon the clock, the limits, the shapes of answers, listen keys, the wire. */
#include <stdio.h>
#include <string.h>

#include "do_in.h"
#include "number.h"
#include "user.h"
#include "when.h"

/*
 * The clock, the limits, the shapes of answers
 */

int
do_skew(struct deed *d)
{
	struct sim_clock *c = &d->s->clock;
	int64_t n;

	if (deed_number(d, -86400000, 86400000, &n) == -1)
		return -1;
	if (!d->add)
		n -= c->skew_ms;
	c->skew_ms += n;
	sim_jump(d->s, n);
	return 0;
}

int
do_time(struct deed *d)
{
	int64_t n;

	if (!d->add)
		return deed_wrong(d, "only moves on: time+=4d");
	if (deed_span(d, 0, &n) == -1)
		return -1;
	sim_jump(d->s, n);
	return 0;
}

int
do_lag(struct deed *d)
{
	return deed_span(d, 0, &d->s->lag_ms);
}

int
do_used(struct deed *d)
{
	int64_t n;

	if (deed_number(d, 0, 1000000000, &n) == -1)
		return -1;
	limits_set_used(d->s->limits, NULL, (long)n, d->add, d->now);
	return 0;
}

int
do_orders10s(struct deed *d)
{
	int64_t n;

	if (deed_number(d, 0, 1000000000, &n) == -1)
		return -1;
	limits_set_orders10s(d->s->limits, d->acct, (long)n, d->now);
	return 0;
}

int
do_ban(struct deed *d)
{
	int64_t n;

	if (deed_number(d, 0, 259200, &n) == -1)
		return -1;
	limits_ban(d->s->limits, NULL, n, d->now);
	return 0;
}

/* S, as a ban; or a span with its unit. */
int
do_maintenance(struct deed *d)
{
	int64_t n, ms;

	if (number_i64(&n, d->value)) {
		if (deed_number(d, 0, 259200, &n) == -1)
			return -1;
		ms = n * 1000;
	} else if (deed_span(d, 0, &ms) == -1)
		return -1;
	faults_shape(d->s->faults)->maintenance_until = d->now + ms;
	return 0;
}

int
do_numbers(struct deed *d)
{
	return deed_either(d, "hostile", "plain", &faults_shape(d->s->faults)->hostile_numbers);
}

int
do_ack(struct deed *d)
{
	return deed_either(d, "full", "minimal", &faults_shape(d->s->faults)->full_ack);
}

int
do_profile(struct deed *d)
{
	return deed_either(d, "testnet", "live", &faults_shape(d->s->faults)->testnet);
}

int
do_positions(struct deed *d)
{
	return deed_either(d, "v2", "v3", &faults_shape(d->s->faults)->positions_all);
}

int
do_lite(struct deed *d)
{
	return deed_either(d, "off", "on", &faults_shape(d->s->faults)->no_lite);
}

int
do_enum(struct deed *d)
{
	struct fault_shape *sh = faults_shape(d->s->faults);

	if (strlen(d->value) >= sizeof sh->status_enum)
		return deed_wrong(d, "too long a word");
	memcpy(sh->status_enum, d->value, strlen(d->value) + 1);
	return 0;
}

#define INFO_MAX	(16u << 20)

static int
read_info(struct deed *d, struct buf *b)
{
	FILE *in = fopen(d->value, "re");
	char part[16384];
	size_t n;
	bool ok;

	if (in == NULL)
		return deed_wrong(d, "takes a file that can be read, or plain");
	while (b->len <= INFO_MAX && (n = fread(part, 1, sizeof part, in)) > 0)
		buf_put(b, part, n);
	ok = !ferror(in) && b->len > 0 && b->len <= INFO_MAX && !b->bad;
	fclose(in);
	return ok ? 0 : deed_wrong(d, "takes a file of 1 byte to 16 MiB that can be read, or plain");
}

/* exchangeInfo=FILE: its bytes are the answer from now on, sound or not; plain:
 * the true one. */
int
do_exchange_info(struct deed *d)
{
	struct buf *b = &faults_shape(d->s->faults)->exchange_info, fresh = { 0 };

	if (strcmp(d->value, "plain") != 0 && read_info(d, &fresh) == -1) {
		buf_free(&fresh);
		return -1;
	}
	buf_free(b);
	*b = fresh;
	return 0;
}

static int
indicator_words(struct deed *d, struct told *t)
{
	const char *value = deed_word(d, "value"), *trigger = deed_word(d, "trigger"), *span = deed_word(d, "for");
	int64_t ms = 600000;

	if (deed_decimal(d, value == NULL ? "0.995" : value, &t->value) == -1 ||
	    deed_decimal(d, trigger == NULL ? "0.99" : trigger, &t->trigger) == -1)
		return -1;
	if (span != NULL && (!when_span(&ms, span) || ms <= 0 || ms > INT64_C(366) * 86400000))
		return deed_wrong(d, "for= takes a time of at most a year: 30s, 10m, 4d");
	t->until = d->now + ms;
	return 0;
}

/* indicator=WORD: apiTradingStatus tells it until then; off: nothing at all. */
int
do_indicator(struct deed *d)
{
	static const char *const known[] = { "UFR", "IFER", "GCR", "DR", "TMV" };
	struct fault_shape *sh = faults_shape(d->s->faults);
	struct told t = { .acct = d->acct, .sym = d->sym };

	if (strcmp(d->value, "off") == 0) {
		sh->ntold = 0;
		return 0;
	}
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strcmp(d->value, known[i]) == 0)
			memcpy(t.what, known[i], strlen(known[i]) + 1);
	if (*t.what == '\0')
		return deed_wrong(d, "UFR, IFER, GCR, DR, TMV, or off");
	if (sh->ntold == TOLD_MAX)
		return deed_wrong(d, "there are 16 already");
	if (indicator_words(d, &t) == -1)
		return -1;
	sh->told[sh->ntold++] = t;
	return 0;
}

/*
 * Listen keys, events
 */

int
do_expire(struct deed *d)
{
	user_key_expire(d->s->user, deed_word(d, "account") == NULL ? -1 : d->acct, d->now);
	return 0;
}

int
do_margin_call(struct deed *d)
{
	user_margin_call(d->s->user, d->acct, d->now);
	return 0;
}

/*
 * The wire
 */

int
do_refuse(struct deed *d)
{
	int64_t ms;

	if (deed_span(d, 0, &ms) == -1)
		return -1;
	serve_refuse(d->s->serve, serve_now() + ms);
	return 0;
}

int
do_blackhole(struct deed *d)
{
	int64_t ms;

	if (deed_span(d, 0, &ms) == -1)
		return -1;
	serve_blackhole(d->s->serve, serve_now() + ms);
	return 0;
}
