/* What a check of `bf-profile doctor` found. */
#ifndef BF_PROFILE_REMARK_H
#define BF_PROFILE_REMARK_H

#include "core/fault.h"

enum remark_state { FOUND_OK, FOUND_WARN, FOUND_BAD, FOUND_SKIPPED };

struct remark {
	const char	*check;		/* what was looked at: "key-withdrawals" */
	enum remark_state state;
	enum fault_kind	 kind;		/* of a bad one: decides the exit status */
	char		 msg[400];	/* what is so; what does not fit is cut */
	char		 mend[640];	/* the command or setting that mends it; "" where nothing is to be mended */
};

/* Each fills *x anew, without a mend. */
void found_ok(struct remark *x, const char *check, const char *msg, ...) __attribute__((format(printf, 3, 4)));
void found_warn(struct remark *x, const char *check, const char *msg, ...) __attribute__((format(printf, 3, 4)));
void found_bad(struct remark *x, const char *check, enum fault_kind kind, const char *msg, ...)
    __attribute__((format(printf, 4, 5)));
void found_skipped(struct remark *x, const char *check, const char *msg, ...) __attribute__((format(printf, 3, 4)));
/* Add the mend. */
void found_mend(struct remark *x, const char *mend, ...) __attribute__((format(printf, 2, 3)));
/* "ok", "warn", "bad", "skipped" */
const char *remark_word(enum remark_state s);

#endif
