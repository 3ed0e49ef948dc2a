/* What the command line asks for. */
#ifndef BF_RISK_ASKED_H
#define BF_RISK_ASKED_H

#include "risk.h"
#include "verbs.h"

#define GIVEN_MAX	64
#define FROM_MAX	64

/* An option that tightens a rule, kept until the file has been read. rule RULES: value is NAME=VALUE. */
struct given { enum rule rule; const char *what, *value; };

/* Zero it. What was not given is NULL, false or 0; words of argv are not copied. */
struct asked {
	struct given	given[GIVEN_MAX];
	int		ngiven;
	const char     *rules, *target, *cost, *asset, *on_breach;
	bool		check;
	struct past_opts past;		/* of explain and replay */
	char	       *from[FROM_MAX];
};

extern const struct opt asked_opts[];
/* An option of our own. 1: taken, 0: not one of them, -1: FAULT_USAGE. */
int asked_take(struct app *a, struct asked *q, int ch, char *arg, struct fault *f);
/* a->lim: the rules of the file, and what the options tighten. */
int asked_limits(struct app *a, const struct asked *q, struct fault *f);
/* FAULT_USAGE if there is no rule at all. */
int asked_rule(const struct asked *q, struct fault *f);

#endif
