/* A failure as a value: what went wrong, and what the caller may do next. */
#ifndef BF_CORE_FAULT_H
#define BF_CORE_FAULT_H

/*
 * The kind is about the next step, not the place. In the order of care they
 * ask for, so that the worst of a run is the greatest.
 */
enum fault_kind {
	FAULT_NONE,
	FAULT_REJECTED,	/* a definite no: ours or the exchange's */
	FAULT_USAGE,	/* asked wrongly, or misconfigured; nothing was sent */
	FAULT_AGAIN,	/* surely not accepted: may be retried */
	FAULT_CLOCK,	/* clock outside its bound; nothing was sent */
	FAULT_KEY,	/* key, signature or permission refused */
	FAULT_TRIPPED,	/* kill latch; nothing was sent */
	FAULT_LOCAL,	/* this machine: disk, memory, unreadable state */
	FAULT_UNKNOWN	/* sent, no clear answer: look before asking again */
};

struct fault {		/* by value: nothing to free */
	enum fault_kind	kind;
	int		http;	/* HTTP status, 0 if no answer arrived */
	int		code;	/* the exchange's number, e.g. -2019; 0 if none */
	long long	retry_ms;	/* wait asked for by a limit or ban, ms; 0 unknown */
	char		text[256];
};

/*
 * Record a failure and return -1, so that giving up is one line. http, code
 * and retry_ms become 0. A text too long is cut. f may be NULL.
 */
int fault_set(struct fault *f, enum fault_kind kind, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Exit status of a kind: 0 all done, 1 rejected, 2 usage, 3 again, 7 clock,
 * 5 key, 6 tripped, 8 local, 4 unknown. */
int fault_status(enum fault_kind kind);

/* The greater of two kinds, for a run that saw several. */
enum fault_kind fault_worst(enum fault_kind a, enum fault_kind b);

/* The kind as one lower-case word ("rejected", "usage", "unavailable",
 * "clock", "key", "tripped", "local", "unknown"); "none" for FAULT_NONE. */
const char *fault_word(enum fault_kind kind);

#endif
