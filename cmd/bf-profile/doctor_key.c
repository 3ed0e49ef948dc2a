/* Of the key: does it load, does the exchange take it, what may it do. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "doctor.h"

#define SHOWN	4	/* characters of an API key that name it */

/*
 * Loading
 */

static const char *
source(const struct profile *p)
{
	const char *place = cred_place(p);

	if (strcmp(place, "file") == 0)
		return p->key_file[0] != '\0' ? p->key_file : p->own_file;
	return strcmp(place, "command") == 0 ? "the command of secret_cmd" :
	    strcmp(place, "descriptor") == 0 ? "the descriptor BF_KEY_FD" : "the environment";
}

static void
tell_no_key(struct doctor *d, struct remark *x)
{
	const struct profile *p = &d->prof;

	if (strcmp(cred_place(p), "none") == 0) {
		found_warn(x, "key", "there is none: public data only");
		found_mend(x, "bf-profile key %s", p->name);
		return;
	}
	found_bad(x, "key", d->key.kind == FAULT_USAGE ? FAULT_USAGE : d->key.kind == FAULT_LOCAL ? FAULT_LOCAL : FAULT_KEY,
	    "%s", d->key.text);
	doctor_mend(x, &d->key, "bf-profile key %s keeps a new one; bf(7), KEYS", p->name);
}

void
check_key(struct doctor *d)
{
	struct remark x;

	if (!d->prof.chosen)
		found_skipped(&x, "key", "not looked at: no profile is chosen, and live without one is for public data");
	else if (!d->keyed)
		tell_no_key(d, &x);
	else
		found_ok(&x, "key", "%s, %.*s..., from %s", cred_type(d->s.cred), SHOWN, cred_key(d->s.cred), source(&d->prof));
	doctor_tell(d, &x);
}

/*
 * The account
 */

/* A signed request that was refused: what it means, and what to do. */
static void
refused(struct remark *x, const char *check, struct doctor *d, const struct fault *f)
{
	const char *name = d->prof.name;

	found_bad(x, check, f->kind, "%s", f->text);
	if (f->code == -2014)
		found_mend(x, "the API key has not the form of one: copy it anew, bf-profile key %s", name);
	else if (f->code == -1022)
		found_mend(x, "the secret is not this key's, or its type is wrong: bf-profile key %s", name);
	else if (f->kind == FAULT_KEY)
		found_mend(x, "is it a key of this exchange (live or testnet), is this address one of its trusted IPs, has it Enable "
		    "Futures? Else a new one: bf-profile key %s", name);
	else if (f->kind == FAULT_CLOCK)
		found_mend(x, "set the clock: timedatectl set-ntp true, or chronyc makestep");
	else
		found_mend(x, "try again; if it stays so: bf-time --profile %s --probe", name);
}

static void
judge_account(struct remark *x, const struct session *s)
{
	static const char check[] = "account";
	bool can = true, dual = false, multi = false, has_dual, has_multi;
	const struct tok *t = s->doc.t;

	has_dual = scan_get_bool(t, t, "dualSidePosition", &dual);
	has_multi = scan_get_bool(t, t, "multiAssetsMargin", &multi);
	if (scan_get_bool(t, t, "canTrade", &can) && !can) {
		found_bad(x, check, FAULT_KEY, "the account may not trade (canTrade is false)");
		found_mend(x, "see the futures account on the exchange's site: is it open, is it restricted?");
		return;
	}
	found_ok(x, check, "the key reads it; it may trade%s%s", !has_dual ? "" : dual ? "; hedge mode" : "; one-way mode",
	    !has_multi ? "" : multi ? ", multi-assets margin" : ", single-asset margin");
}

void
check_account(struct doctor *d)
{
	enum ep ep = d->s.market == MARKET_COINM ? EP_BALANCE : EP_ACCOUNT_CONFIG;
	struct remark x;
	struct fault f;

	if (session_call(&d->s, ep, "", false, &f) == -1)
		refused(&x, "account", d, &f);
	else
		judge_account(&x, &d->s);
	doctor_tell(d, &x);
}

/*
 * Rights
 */

int
key_permissions(struct session *s, const struct key_rules *allowed, struct remark out[static KEY_REMARKS],
    struct fault *f)
{
	struct session spot;
	struct key_rights r;
	int n = -1;

	if (s->prof.sapi[0] == '\0' || strcmp(s->prof.exchange, "demo") == 0)
		return 0;
	if (session_sync(s, false, f) == -1 || session_open_spot(&spot, s, f) == -1)
		return -1;
	if (session_call(&spot, EP_KEY_RIGHTS, "", false, f) == 0 && key_rights_read(&r, spot.doc.t, spot.doc.t, f) == 0)
		n = key_judge(out, &r, allowed, session_now(s));
	session_close(&spot);
	return n;
}

static struct key_rules
rules_of(const struct app *a, const struct profile *p)
{
	return (struct key_rules){ a->allow_withdrawals || p->allow_withdrawals, a->allow_any_ip };
}

/* What cannot be known is as bad as its worst where real money is, and a word elsewhere. */
static void
not_told(struct doctor *d, const struct fault *f)
{
	struct remark x;

	if (f->kind == FAULT_KEY || strcmp(d->prof.exchange, "live") == 0)
		refused(&x, "key-rights", d, f);
	else if (f->kind == FAULT_AGAIN) {
		found_warn(&x, "key-rights", "what the key may do could not be asked: %s", f->text);
		found_mend(&x, "try again later");
	} else {
		found_warn(&x, "key-rights", "this exchange does not tell what the key may do: %s", f->text);
		found_mend(&x, "set `sapi` in the profile to where it does");
	}
	doctor_tell(d, &x);
}

void
check_rights(struct doctor *d)
{
	struct key_rules allowed = rules_of(d->a, &d->prof);
	struct remark all[KEY_REMARKS], x;
	struct fault f;
	int n = key_permissions(&d->s, &allowed, all, &f);

	if (n == -1)
		not_told(d, &f);
	else if (n == 0) {
		found_skipped(&x, "key-rights", strcmp(d->prof.exchange, "demo") == 0 ?
		    "not asked: the testnet does not tell what a key may do" :
		    "not asked: the profile has no `sapi`, which tells what a key may do");
		doctor_tell(d, &x);
	}
	for (int i = 0; i < n; i++)
		doctor_tell(d, &all[i]);
}

int
doctor_key(struct app *a, struct session *s, struct fault *f)
{
	struct key_rules allowed = rules_of(a, &s->prof);
	struct remark all[KEY_REMARKS];
	int n = key_permissions(s, &allowed, all, f), bad = -1;

	for (int i = 0; i < n; i++) {
		if (all[i].state == FOUND_BAD && bad == -1)
			bad = i;
		else if (all[i].state == FOUND_BAD || all[i].state == FOUND_WARN)
			tool_say(a->tool, STDERR_FILENO, "%s; %s", all[i].msg, all[i].mend);
	}
	if (n == -1)
		return -1;
	return bad == -1 ? 0 : fault_set(f, FAULT_KEY, "%s; %s", all[bad].msg, all[bad].mend);
}
