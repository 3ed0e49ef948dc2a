/* A profile that is about to be written. */
#ifndef BF_PROFILE_DRAFT_H
#define BF_PROFILE_DRAFT_H

#include "app.h"
#include "io/secret.h"

struct draft {
	char		 name[64];
	char		 path[512];	/* of its file */
	char		 answer[SETTINGS][1024];	/* what a->set points to, where it was asked for */
	struct secret	 key;		/* lines of the key; p NULL: none of its own */
	struct secret	 text;		/* the whole file */
	struct buf	 public;	/* of a new pair */
	bool		 known;		/* it was there before: its caps are known */
};

/* The key of a setting as the file has it: "max_order_notional". */
const char *setting_key(int i);

/* What is missing is asked for on a terminal; else it is a usage error that names the option. */
int guide_name(struct app *a, char *const words[], int n, struct draft *d, struct fault *f);
int guide(struct app *a, struct draft *d, struct fault *f);

/* key: from a descriptor, a new pair, or none of its own, as the options say. */
int draft_key(struct app *a, struct draft *d, struct fault *f);
/* text: settings and key. */
int draft_text(const struct app *a, struct draft *d, struct fault *f);
/* Load what is to be written as if it were there, and try its key: is it one, does the exchange take it,
 * may it do no more than wanted. Nothing is asked with --offline. */
int draft_try(struct app *a, const struct draft *d, struct fault *f);
void draft_free(struct draft *d);

#endif
