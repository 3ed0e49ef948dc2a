/* The inside of the fault language: faults.c (rules and their use),
 * faults_read.c and faults_json.c (text), faults_body.c (canned answers), chaos.c. */
#ifndef BF_SIM_FAULTS_IN_H
#define BF_SIM_FAULTS_IN_H

#include "faults.h"

#define FAULT_TEXT 512	/* bytes of a rule's text with its NUL */

enum fault_verb { VERB_ON, VERB_WS, VERB_SIM };

/* A rule as it stands in the list. */
struct fault_line {
	enum fault_verb	verb;
	char	text[FAULT_TEXT];	/* as given */
	char	action[FAULT_TEXT];		/* VERB_SIM: what control_do gets */
	int64_t	at_ms;			/* t=: after the start; -1: at once */
	bool	armed;			/* its time has come */
	struct fault_rule rule;		/* the others */
};

/* The text of a code; NULL: not known. The number of a named body; -1. */
const char *faults_text(int code);
int faults_body(const char *name);

/* The next blank-separated word of *s, which moves on; blanks between double
 * quotes are of it. false: none is left, or it has no room. */
bool faults_word(const char **s, char *out, size_t room);
/* A rule as a JSON object in words; false: it is none. */
bool faults_json(const char *text, char out[static FAULT_TEXT]);
/* Read a rule, as shorthand or as a JSON object. false: *why is wrong with it. */
bool faults_parse(struct fault_line *out, const char *text, const char **why);

/* The draw of the n-th request or connection: a rule in text, or NULL: spared. */
struct chaos { bool on; uint32_t per_million; uint64_t seed, n; };
const char *chaos_http(struct chaos *c);
const char *chaos_ws(struct chaos *c);

#endif
