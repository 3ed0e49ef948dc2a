/* The parts of `bf-profile doctor`. */
#ifndef BF_PROFILE_DOCTOR_H
#define BF_PROFILE_DOCTOR_H

#include "app.h"
#include "remark.h"
#include "permissions.h"

struct doctor {
	struct app	*a;
	const char	*want;		/* the profile's name as given; NULL */
	struct profile	 prof;
	struct session	 s;
	bool		 loaded;	/* prof is */
	bool		 open;		/* s is */
	bool		 keyed;		/* with its key */
	bool		 alone;		/* without what processes share */
	bool		 dead;		/* rest does not answer: nothing more is asked there */
	struct fault	 conf, state, key;	/* why not */
	struct fault	 worst;		/* of the bad ones, the one that asks for most care */
	int		 checks, warnings, bad;
	int64_t		 told_ms;	/* the last E */
	bool		 broken;	/* the output is: f of doctor() says why */
	struct fault	 out;
};

/* Print one. */
void doctor_tell(struct doctor *d, const struct remark *x);
/* A mend out of a fault's own words ("chmod 600 PATH"); else the other. */
void doctor_mend(struct remark *x, const struct fault *f, const char *other, ...)
    __attribute__((format(printf, 3, 4)));

/* Each tells one remark or several. */
typedef void doctor_check(struct doctor *d);
doctor_check check_versions, check_sandbox;				/* doctor_here.c */
doctor_check check_config, check_place, check_caps;			/* doctor_conf.c */
doctor_check check_folder, check_latch, check_journal, check_ledger;	/* doctor_state.c */
doctor_check check_hosts, check_clock, check_daemon, check_limits;	/* doctor_net.c */
doctor_check check_key, check_account, check_rights;			/* doctor_key.c */

/*
 * Ask what the key of s may do, and judge it. How many remarks; 0: that cannot be asked (the
 * testnet, or no `sapi`). -1: f; FAULT_KEY also where the answer leaves out what must be known.
 */
int key_permissions(struct session *s, const struct key_rules *allowed, struct remark out[static KEY_REMARKS],
    struct fault *f);

#endif
