/* bf-position: what its parts share. */
#ifndef BF_POSITION_APP_H
#define BF_POSITION_APP_H

#include <stdbool.h>
#include <unistd.h>

#include "core/account.h"
#include "core/contract.h"
#include "core/figures.h"
#include "io/listing.h"
#include "io/load.h"
#include "io/recorded.h"
#include "io/table.h"
#include "io/tool.h"
#include "io/venue.h"

#define FROM_MAX	64

/* Options, as given; NULL or 0: not. */
struct settings {
	bool	    watch;			/* --watch */
	const char *from[FROM_MAX]; int nfrom;	/* --from FILE, repeated */
	bool	    compare;			/* --compare: with --from: each recomputed figure beside the told one */
	const char *leverage, *margin;		/* --leverage N, --margin-type isolated|crossed: of ensure, calc, what-if */
	const char *side;			/* --position-side long|short: of margin */
	bool	    dry_run;			/* --dry-run: show what would be, ask for nothing */
	const char *since, *until;		/* --since, --until */
	const char *asset;			/* --asset */
	const char *plot; bool plotted;		/* --plot[=FILE] */
	const char *mark, *entry, *wallet, *fee, *funding;	/* calc: --mark, --entry, --wallet, --fee BPS, --funding RATE */
	bool	    inverse; const char *size;	/* calc: --inverse, --size USD of a contract */
	const char *brackets;			/* calc: --brackets FILE */
	const char *hours;			/* --hours N: of funding */
	bool	    reduce_only;		/* --reduce-only: what-if */
};

struct app {
	const struct tool *tool;
	struct common	common;
	struct settings	p;
	struct venue	v;
	struct account	acct[MARKETS];
	bool		has[MARKETS];	/* acct was read */
	int64_t		config_ms[MARKETS];
	bool		stale[MARKETS];	/* --watch: its account stream is down, or events were lost */
	struct contracts cs;
	struct asset_rates rates;
	struct recorded	rec_in;		/* --from */
	struct printer	out;
	struct buf	rec;		/* the record to print next */
	bool		changes;	/* the command is about a setting: the profile is named first */
	bool		asked;		/* a change was asked for: from then on what cannot be told is in doubt */
	enum fault_kind	worst;		/* of what was said and did not end the run */
};

#define say(a, ...) tool_say(((const struct app *)(a))->tool, STDERR_FILENO, __VA_ARGS__)

/* A command: words[0..n) are its operands. -1 with f. */
typedef int verb_run(struct app *a, char *const words[], int n, struct fault *f);

/* app.c */
/* A figure that may be without bound, or unknown, is null: missing is not zero. By its address, for the expression
 * of known may be what makes it, and C does not say which argument is evaluated first. */
void put_maybe(struct buf *b, const char *key, bool known, const dec *d);
/* Print what is in a->rec. */
int  emit(struct app *a, struct fault *f);
/* Which markets are looked at: --market's alone if it was given, else both that the profile has. Opens the
 * session of the first; -1: no profile, no key. Of a command that changes a setting the profile is named on stderr. */
int  app_open(struct app *a, struct fault *f);
/* Part of it: from here on the profile p (NULL: none, only files are read) is all there is (io/sandbox.h). */
int  app_hold(struct app *a, const struct profile *p, struct fault *f);
/* Read the accounts (by REST, or --from), with contracts, brackets and, in multi-assets mode, rates. Exchange time and marks
 * as told. A market that fails fails all, unless --market was not given and it is one that the profile does not serve. */
int  app_accounts(struct app *a, bool orders, struct fault *f);
/* The contract of symbol (with brackets), and its market. FAULT_REJECTED: not listed. */
struct contract *app_contract(struct app *a, const char *symbol, struct fault *f);
void app_free(struct app *a);

/* show.c, watch.c, calc.c, whatif.c: what is, and what would be. */
verb_run do_show, do_balances, do_watch, do_calc, do_what_if;
extern const struct column position_cols[], balance_cols[], calc_cols[], what_if_cols[];
/* A bf.position record of one row (and bf.account of a wallet), into a->rec. */
void put_position(struct app *a, const struct figures *fg, const struct position_figures *pf, enum market m);
void put_wallet(struct app *a, const struct figures *fg, const struct wallet_figures *wf, enum market m);

/* set.c, ensure.c: settings. Each with the new liquidation price before and after. */
verb_run do_leverage, do_margin_type, do_ensure, do_margin, do_mode, do_multi_assets;
extern const struct column change_cols[], mode_cols[], assets_cols[];

/* history.c, equity.c, funding.c, carry.c */
verb_run do_history, do_equity, do_funding, do_carry;
extern const struct column history_cols[], equity_cols[], funding_cols[], carry_cols[];

#endif
