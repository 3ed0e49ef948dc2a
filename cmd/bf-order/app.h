/* bf-order: what its parts share. */
#ifndef BF_ORDER_APP_H
#define BF_ORDER_APP_H

#include <stdbool.h>
#include <stdint.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/intent.h"
#include "io/journal.h"
#include "io/order.h"
#include "io/rest.h"
#include "io/table.h"
#include "io/tool.h"
#include "io/xinfo.h"
#include "marks.h"
#include "seen.h"

struct params {
	bool	    dry_run, round, pass, reduce_only, post_only;
	long	    resolve_s, timeout_ms, lag_ms;	/* 0: the default */
	const char *journal, *tif, *pos_side, *client_id;	/* NULL: not given */
};

/* The intent being treated. */
struct job {
	struct intent	 in;
	const struct tok *t, *v;	/* as it was read */
	struct buf	 text;		/* as it is sent and journalled: one JSON object */
	bool		 named;		/* the client id is ours */
	bool		 new_qty, new_price;	/* rounded */
	struct rules	 rules;
	bool		 known;		/* rules hold */
	dec		 mark;		/* 0: unknown */
};

struct app {
	const struct tool *tool;
	struct common	 common;
	struct params	 p;
	bool		 words;		/* an order from arguments: sentences too */
	struct session	 s;
	struct journal	*j;
	struct order_ctx ctx;
	struct printer	 out;
	struct buf	 rec;		/* the record to print next */
	struct scan	 sc;
	struct xinfo	 x;
	int64_t		 refreshed_ms;	/* monotonic, of exchangeInfo; 0: not yet */
	struct marks	 marks;
	struct seen	 seen;
	struct job	 job;
	int		 unknown;	/* intents whose outcome is still unknown */
	int64_t		 looked_ms;	/* monotonic, when they were last looked up */
	unsigned long long line;	/* of the input; 0: none */
	enum fault_kind	 worst;
	bool		 halt;		/* treat nothing more */
};

/* out.c: what leaves. All note in a->worst what they say. */
#define say(a, ...) tool_say(((const struct app *)(a))->tool, STDERR_FILENO, __VA_ARGS__)
void saw(struct app *a, enum fault_kind kind);
/* Print what is in a->rec. If that fails it is said on stderr, and a halts. */
void emit(struct app *a);
/* Whether standard output has lost its reader; then a halts. */
bool reader_gone(struct app *a, short revents);
/* The intent leaves as bf.reject; always false. limit, value may be "". */
bool reject(struct app *a, enum fault_kind kind, const char *rule, int code, const char *limit,
    const char *value, const char *fmt, ...) __attribute__((format(printf, 7, 8)));
/* The intent leaves as bf.error; always false. */
bool refuse(struct app *a, const struct fault *f);

/* gate.c: whether the intent at hand may be sent. If not, it has left. */
bool gate(struct app *a);
/* The exchange broke a rule we thought kept: read them anew, once a minute. */
void refresh_rules(struct app *a, int code);

/* treat.c */
/* One line of input, or an intent made of arguments. */
void treat_line(struct app *a, const char *line, size_t n);
/* Settle what earlier runs left without an outcome. -1: f says why not. */
int  settle_earlier(struct app *a, struct fault *f);
/* The same for what this run left, a short look. */
void settle_again(struct app *a);
/* The text of the intent at hand, with our client id and rounded numbers. */
void compose(struct job *j);

/* pipe.c: lines of standard input until its end, or a halt. */
int  run_pipe(struct app *a, struct fault *f);
/* Refuses an input that others could write orders into. */
int  check_input(int fd, struct fault *f);

/* words.c: an order from arguments as an intent's text. */
int  place_text(struct buf *out, const struct params *p, char *const words[], int n, struct fault *f);
int  cancel_text(struct buf *out, const struct params *p, char *const words[], int n, struct fault *f);
int  cancel_all_text(struct buf *out, const struct params *p, char *const words[], int n, struct fault *f);

#endif
