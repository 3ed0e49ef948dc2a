/*
 * `sim ACTION[=VALUE] [SYMBOL] [NAME=VALUE]...`: what the fault language and the
 * control path make the exchange do.
 */
#include <string.h>

#include "do_in.h"
#include "faults_in.h"
#include "number.h"
#include "when.h"

int
deed_wrong(struct deed *d, const char *why)
{
	return fault_set(d->f, FAULT_USAGE, "sim %s: %s", d->name, why);
}

/* The value of NAME= among the words; NULL. */
const char *
deed_word(const struct deed *d, const char *name)
{
	size_t n = strlen(name);

	for (int i = 0; i < d->nword; i++)
		if (strncmp(d->word[i], name, n) == 0 && d->word[i][n] == '=')
			return d->word[i] + n + 1;
	return NULL;
}

int
deed_number(struct deed *d, int64_t lo, int64_t hi, int64_t *out)
{
	const char *v = d->value + (d->value[0] == '+');

	if (!number_i64(out, v) || *out < lo || *out > hi)
		return deed_wrong(d, "takes a whole number in range");
	return 0;
}

int
deed_span(struct deed *d, int64_t lo, int64_t *out)
{
	static const int64_t most = INT64_C(366) * 86400000;

	if (!when_span(out, d->value) || *out < lo || *out > most)
		return deed_wrong(d, "takes a time of at most a year: 1500, 30s, 10m, 4d");
	return 0;
}

/* One of two words: off is what there is without the action. */
int
deed_either(struct deed *d, const char *on, const char *off, bool *out)
{
	*out = strcmp(d->value, on) == 0;
	if (!*out && strcmp(d->value, off) != 0)
		return fault_set(d->f, FAULT_USAGE, "sim %s: %s or %s", d->name, on, off);
	return 0;
}

int
deed_decimal(struct deed *d, const char *text, dec *out)
{
	return dec_parse(out, text) ? 0 : deed_wrong(d, "takes a decimal");
}

int
deed_symbol(struct deed *d)
{
	return d->sym == -1 ? deed_wrong(d, "wants a symbol") : 0;
}

/* The engine's answer: what it changed is sent. */
int
deed_said(struct deed *d, int r, const struct fault *why)
{
	sim_settle(d->s);
	return r == 0 ? 0 : deed_wrong(d, why->text);
}

/* "on", "true", "yes", "1", or nothing at all: yes. */
bool
deed_yes(const char *v)
{
	return strcmp(v, "off") != 0 && strcmp(v, "false") != 0 && strcmp(v, "no") != 0 &&
	    strcmp(v, "0") != 0;
}

static const struct { const char *name; deed_act *act; } deeds[] = {
	{ "skew", do_skew }, { "time", do_time }, { "lag", do_lag }, { "used", do_used },
	{ "orders10s", do_orders10s }, { "ban", do_ban }, { "maintenance", do_maintenance },
	{ "exchangeInfo", do_exchange_info }, { "numbers", do_numbers }, { "ack", do_ack },
	{ "profile", do_profile },
	{ "positions", do_positions }, { "lite", do_lite }, { "enum", do_enum },
	{ "indicator", do_indicator }, { "expire_listenkey", do_expire }, { "margin_call", do_margin_call },
	{ "fill", do_fill }, { "cancel", do_cancel }, { "trigger", do_trigger }, { "place", do_place },
	{ "liquidate", do_liquidate }, { "adl", do_adl }, { "hedge", do_hedge },
	{ "multi_assets", do_multi }, { "leverage", do_leverage }, { "deposit", do_deposit },
	{ "mark", do_mark }, { "trades", do_trades }, { "settle", do_settle },
	{ "funding", do_funding }, { "interval", do_interval }, { "status", do_status },
	{ "filters", do_filters }, { "regime", do_regime }, { "refuse", do_refuse },
	{ "blackhole", do_blackhole },
};

/*
 * Reading
 */

static int
read_account(struct deed *d)
{
	const char *v = deed_word(d, "account");
	int64_t n;

	d->acct = 0;
	if (v == NULL)
		return 0;
	for (int i = 0; i < d->s->accounts.n; i++)
		if (strcmp(d->s->accounts.v[i].name, v) == 0) {
			d->acct = d->s->accounts.v[i].acct;
			return 0;
		}
	if (!number_i64(&n, v) || n < 0 || n >= engine_accounts(d->s->engine))
		return deed_wrong(d, "there is no such account");
	d->acct = (int)n;
	return 0;
}

/* A word without '=' is a symbol; BUY and SELL are place's value. */
static int
read_symbol(struct deed *d)
{
	const char *v = deed_word(d, "symbol");

	d->sym = -1;
	for (int i = 0; i < d->nword && v == NULL; i++) {
		if (strchr(d->word[i], '=') != NULL)
			continue;
		if (strcmp(d->word[i], "BUY") == 0 || strcmp(d->word[i], "SELL") == 0)
			memcpy(d->value, d->word[i], strlen(d->word[i]) + 1);
		else
			v = d->word[i];
	}
	if (v != NULL && (d->sym = engine_symbol(d->s->engine, v)) == -1)
		return fault_set(d->f, FAULT_USAGE, "sim %s: %s: no such word, nor a symbol that is listed",
		    d->name, v);
	return 0;
}

static int
read_words(struct deed *d, const char *text)
{
	while (text[strspn(text, " \t")] != '\0') {
		if (d->nword == WORDS || !faults_word(&text, d->word[d->nword], WORD))
			return deed_wrong(d, "too long");
		d->nword++;
	}
	return 0;
}

/* NAME, NAME=VALUE or NAME+=VALUE */
static int
read_name(struct deed *d, const char **text)
{
	char w[WORD];
	size_t n;

	if (!faults_word(text, w, sizeof w) || (n = strcspn(w, "=+")) == 0)
		return deed_wrong(d, "not an action");
	memcpy(d->name, w, n);
	d->name[n] = '\0';
	d->add = w[n] == '+';
	if (d->add && w[++n] != '=')
		return deed_wrong(d, "a '+' without '='");
	if (w[n] == '=')
		memcpy(d->value, w + n + 1, strlen(w + n));
	return 0;
}

int
control_do(struct sim *s, const char *action, struct fault *f)
{
	struct deed d = { .s = s, .f = f, .now = sim_now(s) };

	action += strspn(action, " \t");
	if (read_name(&d, &action) == -1 || read_words(&d, action) == -1 ||
	    read_account(&d) == -1 || read_symbol(&d) == -1)
		return -1;
	for (size_t i = 0; i < sizeof deeds / sizeof *deeds; i++)
		if (strcmp(deeds[i].name, d.name) == 0)
			return deeds[i].act(&d);
	return deed_wrong(&d, "no such action; bf-sim(1) lists them");
}
