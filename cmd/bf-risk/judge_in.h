/* One judgement under way: what the rules of judge_*.c share. Private to them. */
#ifndef BF_RISK_JUDGE_IN_H
#define BF_RISK_JUDGE_IN_H

#include "judge.h"

/* What a rule finds. UNSURE: it cannot be told, which is a breach too. */
enum held { HOLDS, BREAKS, UNSURE };

/* What a wallet and a symbol would come to at worst. In the margin asset (multi-assets
 * mode: in USD, all wallets), the values in the quote asset. */
struct load {
	bool wallet_known;	dec gross, gross_value, net_value;
	bool symbol_known;	dec symbol, symbol_value;
};

/* An account that something was tried on. Owned. */
struct tried { bool there; struct account a; bool has_figures; struct figures fg; };

/* What liq-distance needs in single-asset mode to try one quantity after the other. Owned. */
struct quick {
	bool there;
	struct account a;		/* a copy of the trial's: the order is filled in it, and taken out again */
	struct figures_rest rest;
	struct wallet_figures trial, former;	/* the wallet without the order */
};

struct ask {
	const struct intent *asked;	/* as it came */
	struct intent in;		/* fitted to the position mode; a modification: its order as it would be */
	const struct limits *l;
	const struct world *was;	/* as it is */
	const struct world *w;		/* without the order that is modified; else was */
	struct world *copy;		/* owned: that w, or NULL */
	const struct open_order *old;	/* the order that is modified, or NULL */
	const char *why;		/* in cannot be judged; NULL: it can */
	enum market market;
	const struct account *a;	/* w's */
	const struct contract *c;	/* NULL: not known */
	const struct sym *s;		/* NULL: never seen */
	dec mark;			/* 0: none */
	bool market_like;		/* no price of its own */
	bool protect; dec protect_price;
	dec own;			/* its price, or what a market order pays at worst */
	dec fill;			/* the worst of own and mark: at which it is filled on trial */
	struct pending x;		/* the order, with the quantity that is tried */
	bool has_equity; dec equity;	/* of the wallet; multi-assets mode: of all, USD */
	struct load before, after;	/* without it, with it */
	bool sizing;			/* whether a rule holds is all that is asked */
	uint64_t unsure;		/* rows of judge.c that cannot be told, of whatever quantity */
	bool has_rest; struct exposure_rest rest;	/* of w's wallets: all beside what the order is of */
	bool has_im; dec im, im_symbol;	/* margin-use: initial margin before, and the symbol's of it */
	bool has_trial;			/* liq-distance: */
	struct tried trial;		/* the account of w, orders before this one filled */
	struct tried former;		/* of was, if that is another */
	struct quick quick;
};

/* One rule: whether it holds. b has name and limit; what breaks it adds value and text. */
typedef enum held rule_fn(struct ask *q, const struct limit *lim, struct breach *b);

/* judge.c: append to the text, never half a character. */
void say(struct breach *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The value, as it is. */
void value_is(struct breach *b, dec v);
/* a / b in percent, or whatever times is; 4 decimals, up. false: b is 0, or out of room. */
bool ratio_of(dec *out, dec a, dec b, int64_t times);
/* A limit as a whole number, cut off, times `times`. */
int64_t limit_times(dec max, int64_t times);
/* Whether a rule is on for the symbol. */
bool is_on(const struct ask *q, enum rule r);

/* judge_ask.c: what the order is, on which state, at which prices. */
void ask_open(struct ask *q, const struct world *w, const struct limits *l, const struct intent *in);
void ask_close(struct ask *q);
/* Whether enough is known for rules that look at prices, or only at the account. */
bool ask_priced(const struct ask *q);
/* What is held, without the order; and with it, at this quantity. */
void ask_before(struct ask *q);
void ask_try(struct ask *q, dec qty);
/* mark x (1 +- bps), to the worse side of the order. */
bool ask_slipped(dec *out, const struct ask *q, dec price, dec bps);
/* Of the symbol now, percent, by the measure of lim. false: not known. */
bool ask_volatility(dec *out, const struct ask *q, const struct limit *lim);
/* USD of one unit of a margin asset's margin; 1 in single-asset mode. */
bool ask_rate(dec *out, const struct ask *q, const char *asset, bool margin);

/* judge_liq.c */
void liq_before(struct ask *q);
void liq_free(struct ask *q);
/*
 * The least distance below least that the order brings about; -1: none. false: it cannot be told. Plainly, with all figures of
 * the account made anew; the other way only what hangs on the quantity, where that is possible, and then with the same result
 * (while sizing: of the first that is found).
 */
bool liq_plainly(dec *out, struct ask *q, dec least);
bool liq_nearest(dec *out, struct ask *q, dec least);
/* judge_margin.c */
void margin_before(struct ask *q);

rule_fn rule_max_lev, rule_symbol_lev, rule_order_notional, rule_position_notional, rule_gross_notional,
    rule_net_notional, rule_margin_use, rule_liq_distance, rule_price_band, rule_mark_age, rule_mark_jump,
    rule_symbols, rule_status, rule_isolated, rule_rate_second, rule_rate_minute, rule_duplicate, rule_repeat,
    rule_self_match, rule_open_orders, rule_funding, rule_volatile_market, rule_clock, rule_user_stream, rule_account,
    rule_latch, rule_blocked, rule_contract, rule_asset;

#endif
