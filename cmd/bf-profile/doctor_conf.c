/* Of the configuration: the files, whose addresses, the caps. */
#include <string.h>
#include <sys/stat.h>

#include "doctor.h"

/* profile_load has refused what is wrong with a file; what is left is what there is. */
static void
tell_config(struct doctor *d)
{
	char path[512] = "", own[512];
	bool config, profile;
	struct fault ignore;
	struct stat st, st_own;
	struct remark x;

	profile_own_path(&d->prof, own);
	(void)conf_path(path, &ignore);
	config = stat(path, &st) == 0;
	profile = stat(own, &st_own) == 0;
	if (config && profile)
		found_ok(&x, "configuration", "%s (mode %04o) and %s (mode %04o)", path, (unsigned)st.st_mode & 07777, own,
		    (unsigned)st_own.st_mode & 07777);
	else if (config || profile)
		found_ok(&x, "configuration", "%s (mode %04o)", config ? path : own,
		    (unsigned)(config ? st.st_mode : st_own.st_mode) & 07777);
	else
		found_ok(&x, "configuration", "no file: profile %s is as it is built in", d->prof.name);
	doctor_tell(d, &x);
}

void
check_config(struct doctor *d)
{
	struct remark x;

	if (d->loaded) {
		tell_config(d);
		return;
	}
	found_bad(&x, "configuration", d->conf.kind, "%s", d->conf.text);
	if (strncmp(d->conf.text, "no profile", 10) == 0)
		found_mend(&x, "bf-profile list shows those there are; bf-profile add %s sets it up", d->prof.name);
	else
		doctor_mend(&x, &d->conf, "correct what it names; bf(7), PROFILES, has every key");
	doctor_tell(d, &x);
}

void
check_place(struct doctor *d)
{
	const struct profile *p = &d->prof;
	const char *whose = strcmp(p->exchange, "live") == 0 ? "the exchange itself, real money" :
	    strcmp(p->exchange, "demo") == 0 ? "the exchange's testnet" : p->loopback ? "an exchange on this machine" :
	    "another exchange";
	struct remark x;

	found_ok(&x, "profile", "%s%s: %s, %s and %s, %s%s", p->name, p->chosen ? "" : " (none is chosen)", whose, p->rest, p->ws,
	    p->proxy[0] != '\0' ? "through the proxy " : "without a proxy", p->proxy);
	doctor_tell(d, &x);
}

void
check_caps(struct doctor *d)
{
	const struct profile *p = &d->prof;
	int n = profile_caps(p);
	struct remark x;

	if (n > 0)
		found_ok(&x, "caps", "%d of 5 are set: order, position, price distance, orders a minute, symbols", n);
	else if (!p->chosen || strcmp(p->exchange, "live") != 0)
		found_ok(&x, "caps", "none is set");
	else {
		found_warn(&x, "caps", "real money without any cap: one slip of a digit goes out as it is");
		found_mend(&x, "write max_order_notional = N, max_position_notional = N and max_orders_per_minute = N for [%s] "
		    "in %s/config; see bf(7), PROFILES", p->name, p->conf_dir);
	}
	doctor_tell(d, &x);
}
