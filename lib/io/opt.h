/* One table of options feeds the parser, --help, and (tests compare) the man
 * page and completions. Nothing here prints. */
#ifndef BF_IO_OPT_H
#define BF_IO_OPT_H

#include "core/buf.h"
#include "core/fault.h"

/* ch: the short letter, or a value >= 256 for a long-only option. name: the
 * long name. arg: "N", "FILE"; "[FILE]" if it may be left out ("--plot=FILE" or
 * "--plot", and then optarg is NULL); NULL if it takes none. Ends with name NULL. */
struct opt { int ch; const char *name; const char *arg; const char *help; };

/* Values of the options that every tool has; each tool lists those it takes. */
enum { OPT_PROFILE = 256, OPT_MARKET, OPT_JQ, OPT_FIELDS, OPT_VERSION, OPT_SCHEMA, OPT_TOOL = 300 };
#define OPTS_COMMON \
	{ OPT_PROFILE, "profile", "NAME", "the profile to use: live, demo, sim or your own" }, \
	{ OPT_MARKET, "market", "usdm|coinm", "which futures; default usdm" }
#define OPTS_OUTPUT \
	{ 'o', "output", "table|ndjson|csv|tsv", "how to print; a table on a terminal, else ndjson" }, \
	{ OPT_FIELDS, "fields", "NAME,...", "print these members only, in this order" }, \
	{ OPT_JQ, "jq", "FILTER", "run a jq filter on each record printed" }
#define OPTS_END \
	{ 'h', "help", NULL, "show this help" }, \
	{ OPT_VERSION, "version", NULL, "show the version" }, \
	{ OPT_SCHEMA, "schema", NULL, "show a JSON Schema of the records it prints" }, \
	{ 0, NULL, NULL, NULL }

/*
 * The next option, GNU style ("--max-lev=10", operands and options mixed
 * unless "--"); its argument in optarg; -1 at the end (operands from optind).
 * '?' for a wrong one, and then f says which and names --help (FAULT_USAGE).
 */
int opt_next(int argc, char *argv[], const struct opt *opts, struct fault *f);

/* "Usage: ..." line(s), then the options, aligned, appended to out. */
void opt_help(struct buf *out, const char *usage, const struct opt *opts);

#endif
