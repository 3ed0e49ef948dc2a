/*
 * Every record that goes through a pipe, one row each: how it is known, which programs
 * write it, and its members. --schema, bf-records(5) and the tests of what the programs
 * print come from these tables.
 */
#ifndef BF_CORE_RECORD_H
#define BF_CORE_RECORD_H

#include <stdbool.h>
#include <stddef.h>

#include "core/buf.h"

enum record_family {
	RECORD_NOTICE,	/* ours: what happened in a pipe */
	RECORD_REPORT,	/* ours: what a program was asked for */
	RECORD_RESULT,	/* of a request: the exchange's answer */
	RECORD_INTENT,
	RECORD_MARKET,	/* events of the market */
	RECORD_ACCOUNT,	/* events of an account */
	RECORD_ANSWER,	/* what the exchange answered to bf-info */
	RECORD_FAMILIES
};

enum record_type {
	RECORD_STR,
	RECORD_DEC,	/* a decimal in a string: "0.10" */
	RECORD_DECS,	/* the same, or "" where there is none */
	RECORD_NUM,	/* a JSON number */
	RECORD_EITHER,	/* a decimal, as a string or as a number */
	RECORD_INT,
	RECORD_MS,	/* milliseconds since 1970 as an integer, or a count of them */
	RECORD_ID,	/* a positive integer, or 0 for none */
	RECORD_BOOL,
	RECORD_OBJ, RECORD_ARR,
	RECORD_ANY,
	RECORD_TYPES
};

/*
 * path: "code", "cost.fee" of an object, "reasons[]" what a list holds, "reasons[].rule".
 * words: for a RECORD_STR, the values there are, with "|" between; NULL: any.
 * always: there in each such record (of a nested member: in each such object).
 * null: it may be null, which is "not known" or "none".
 */
struct record_member {
	const char	*path;
	enum record_type type;
	bool		 always, null;
	const char	*words;
	const char	*what;
};

/*
 * name: unique, and of letters, digits, dots and dashes. is: members with fixed values,
 * "e=bf.kill;step=cancel", where a value may be several with "|" between; "" if it is known
 * by its members alone, and then it has no e. tools: the programs that write it,
 * blank-separated. closed: there are no other members. members ends with path NULL.
 */
struct record_row {
	const char	*name;
	enum record_family family;
	const char	*is;
	const char	*tools;
	bool		 closed;
	const char	*what;
	const struct record_member *members;
};

/* Tables ended by a row whose name is NULL, one a family or two; ended by NULL. */
extern const struct record_row *const record_tables[];

/* Whether tool is among those that write it. */
bool record_of(const struct record_row *r, const char *tool);

/*
 * A JSON Schema (draft 2020-12) of all records that tool writes, as one line without a
 * newline, appended to out: anyOf over $defs, which have the names of the rows. A program
 * that hands on what it was given has one more definition, "passed", of anything else.
 * Ours are closed; the exchange may add members to its own.
 */
void record_schema(struct buf *out, const char *tool);

#endif
