/* What the parts of bf-profile share. */
#ifndef BF_PROFILE_APP_H
#define BF_PROFILE_APP_H

#include <stdbool.h>

#include "core/buf.h"
#include "io/conf.h"
#include "io/rest.h"
#include "io/table.h"
#include "io/tool.h"

/* Options of our own. Those before SETTINGS are keys of a profile, in the order in which
 * they are written into its file. */
enum {
	SET_EXCHANGE, SET_REST, SET_WS, SET_COINM_REST, SET_COINM_WS, SET_WSAPI, SET_COINM_WSAPI,
	SET_SAPI, SET_CA_FILE, SET_PROXY, SET_KEY_FILE, SET_API_KEY, SET_SECRET_CMD,
	SET_ORDER, SET_POSITION, SET_DISTANCE, SET_RATE, SET_SYMBOLS, SET_WINDOW, SETTINGS
};

struct app {
	const struct tool *tool;
	struct common	 common;
	struct printer	 out;		/* open if the verb has columns */
	const char	*set[SETTINGS];	/* as given or asked for; NULL: not */
	const char	*type, *generate;	/* --type, --generate; NULL: not given */
	long		 key_fd;	/* --key-fd; -1: not given */
	bool		 no_key, make_default, force, dry_run, yes, no_input;
	bool		 allow_withdrawals;	/* --allow-withdrawals: a key that may withdraw is wanted */
	bool		 allow_any_ip;	/* --allow-any-ip: a key that is good from any address is wanted */
	bool		 offline;	/* --offline: ask no exchange */
};

/* The verbs: words[0..n) are what follows the verb. */
int list(struct app *a, char *const words[], int n, struct fault *f);
int show(struct app *a, char *const words[], int n, struct fault *f);
int add(struct app *a, char *const words[], int n, struct fault *f);
int set_key(struct app *a, char *const words[], int n, struct fault *f);
int remove_profile(struct app *a, char *const words[], int n, struct fault *f);
int set_default(struct app *a, char *const words[], int n, struct fault *f);
int words_of(struct app *a, char *const words[], int n, struct fault *f);
extern const struct column list_cols[], show_cols[];

/* Whether a person can be asked: standard input and error are a terminal, and no --no-input. */
bool may_ask(const struct app *a);

/*
 * The profile of words[0], else of --profile and so on as in every tool: what is wrong with
 * it, with the mend for each. -1: at least one thing is, the worst of them in f.
 */
int doctor(struct app *a, char *const words[], int n, struct fault *f);
extern const struct column doctor_cols[];
/*
 * What the key of an open session may do, for who is about to keep it. 0: nothing that is
 * not wanted, or the profile has no `sapi` to ask. FAULT_KEY: it may withdraw, and neither
 * the profile nor --allow-withdrawals wants that.
 */
int doctor_key(struct app *a, struct session *s, struct fault *f);

#endif
