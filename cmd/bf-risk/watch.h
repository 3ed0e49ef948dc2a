/*
 * The rules over events: what is held, against the limits; and what is done about it. Pure: actions come out as records
 * and wishes, the caller carries them out.
 */
#ifndef BF_RISK_WATCH_H
#define BF_RISK_WATCH_H

#include "limits.h"
#include "world.h"

struct watch;

/* What it wants of the caller after each call; cleared by him. */
struct wish {
	struct buf lines;	/* reducing intents, cancels, and notices (bf.risk), whole lines, to be written at once */
	char	trip[256];	/* not "": trip the kill latch with this reason */
	bool	read[MARKETS];	/* the account anew, now */
	bool	income[MARKETS];	/* its income rows since watch_since, now: events do not tell all of that time */
	bool	save;		/* the day's figures have changed: watch_save, and keep it */
	/* An order of ours to ask after (by its client id; is it over, and how much was filled?), the market's answer by
	 * watch_answer. */
	bool	query; enum market query_market; char query_symbol[SYMBOL_MAX], query_id[CLIENT_ID_MAX];
	bool	rules;		/* an order of ours never arrived, refused by rules that are not ours any more: read them anew */
	int64_t	wake_mono_ms;	/* call again at that time at the latest; 0: not needed */
	char	say[512];	/* a sentence for stderr; "" none */
};

/* id: makes client ids (from the system's generator in the tool; fixed in tests and replay). */
int  watch_open(struct watch **out, const struct limits *l, int (*id)(void *arg, char out[static CLIENT_ID_MAX]),
    void *arg, struct fault *f);
void watch_free(struct watch *wt);
/* How long after it was written an order may still be taken: recvWindow of the profile; 5000 unless told. */
void watch_recv_window(struct watch *wt, int64_t ms);

/* Something changed, or time passed: judge all event rules and act. Cheap when nothing that matters changed. Sets
 * w->blocked, and blocked of symbols. */
void watch_run(struct watch *wt, struct world *w, struct wish *out);
/* A record of the pipe or a result: an order event that may be of an order of ours; fills with realised profit,
 * commissions, funding and transfers for the day's figures. */
void watch_event(struct watch *wt, struct world *w, const struct tok *t, const struct tok *rec, struct wish *out);
/* The answer to a query. found false: the exchange knows no such order (-2013); else status and quantity executed.
 * f not NULL: it could not be asked. */
void watch_answer(struct watch *wt, struct world *w, const char *id, const struct fault *f, bool found,
    const char *status, dec executed, struct wish *out);
/* The account was read. Until that has shown what the last reduction did nothing more leaves. */
void watch_loaded(struct watch *wt, struct world *w, enum market m, struct wish *out);
/*
 * Income rows of a time that events do not tell of: when this did not run, before the account's stream was up, of a
 * gap in it, and where there is none. All rows since watch_since (0: none are wanted), in their order, then
 * watch_income_read: whole, or not, when they are wished for again. -1: this row cannot be counted (yet).
 */
int64_t watch_since(const struct watch *wt, enum market m);
int  watch_income(struct watch *wt, const struct world *w, enum market m, const struct tok *t, const struct tok *row,
    struct fault *f);
void watch_income_read(struct watch *wt, const struct world *w, enum market m, bool whole);
/* The next program does not keep up: time of orders in flight has not begun. */
void watch_unread(struct watch *wt, int64_t mono_ms);
/* How many reducing orders were written and are not known to have ended; their symbols and client ids, cut to size. */
int  watch_sent(const struct watch *wt, char *names, size_t size);
/* What must outlive a restart: anchors, peaks, streaks, what was counted; a JSON object. watch_load of a damaged one is
 * FAULT_LOCAL: the caller fails closed. */
void watch_save(const struct watch *wt, struct buf *out);
int  watch_load(struct watch *wt, const struct tok *t, const struct tok *v, struct fault *f);

#endif
