/* What every program's main does alike: --help, --version, a sentence on
 * stderr, the exit status. Writes only to the descriptors it is handed. */
#ifndef BF_IO_TOOL_H
#define BF_IO_TOOL_H

#include "core/endpoint.h"
#include "core/fault.h"
#include "io/opt.h"
#include "io/table.h"

/* The program: name and usage text ("bf-time [options]\n  ..."), its options. */
struct tool { const char *name; const char *usage; const struct opt *opts; };

/*
 * Before anything is opened: descriptors 0, 1 and 2 stand, on /dev/null where they were
 * closed, so that no file or connection of ours gets their number and with it what is
 * printed. There standard input is at its end, and writing to standard output fails as it
 * would have (EBADF). FAULT_LOCAL: they cannot be had.
 */
int tool_prepare(struct fault *f);

/* The answer to 'h', OPT_VERSION, OPT_SCHEMA or '?' of opt_next: help, version or schema to fd
 * out, or the fault's sentence to fd err. Returns main's exit status. */
int tool_answer(const struct tool *t, int ch, const struct fault *f, int out, int err);

/* All of b, as it is, to fd. FAULT_LOCAL, with errno's reason, also if b is bad; f may be NULL. */
int tool_print(int fd, const struct buf *b, struct fault *f);

/* "NAME: text" as one line, control characters escaped, to fd; on a terminal that is narrower it is
 * broken between words, and what follows stands two blanks in. */
void tool_say(const struct tool *t, int fd, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* What OPTS_COMMON and OPTS_OUTPUT ask for. */
struct common { const char *profile; struct print_as as; enum market market; bool market_given; };
/* Take one of those options: 1 taken, 0 not one of them, -1 a wrong value. */
int tool_common(struct common *c, int ch, char *arg, struct fault *f);

/* FAULT_USAGE if --market coinm was given to a tool that does not serve it. */
int tool_usdm_only(const struct common *c, struct fault *f);

/* A whole number from lo to hi; name is what the user calls it: "--count", "days". */
int tool_number(long *out, const char *name, const char *s, long lo, long hi, struct fault *f);

/*
 * "NAME: see HINT" to fd, the line after a sentence: what hint_of or hint_of_rule gave (NULL:
 * nothing). Not where the sentence itself says what helps, and each hint once a run.
 */
void tool_see(const struct tool *t, int fd, const char *sentence, const char *hint);
/* The same by a fault, whose text was said alone or in a sentence. */
void tool_see_fault(const struct tool *t, int fd, const struct fault *f);

/* tool_say of the fault, and tool_see of what helps; returns its exit status. */
int tool_fail(const struct tool *t, int fd, const struct fault *f);

/* Die of SIGPIPE, as a filter whose reader left should (never returns in
 * practice; the status if the signal is blocked). */
int tool_sigpipe(void);

/* Append {"e":"bf.error","E":..,"by":..,"category":..,"code":..,"msg":..,
 * "retryable":..,"outcome":..} with a newline; intent: the JSON it was about
 * (n bytes), or NULL. */
void tool_error_record(struct buf *out, const struct tool *t, const struct fault *f,
    long long now_ms, const char *intent, size_t n);
/* The same for {"e":"bf.reject","by","rule","code","msg","limit","value","intent"}; limit
 * and value may be "". */
void tool_reject_record(struct buf *out, const char *by, const char *rule, int code, const char *msg,
    const char *limit, const char *value, long long now_ms, const char *intent, size_t n);

#endif
