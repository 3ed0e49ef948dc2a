/*
 * What is known of an account: wallets, positions, open orders, settings; filled
 * from REST answers, moved on by account events. Pure: no clock, no I/O.
 * Missing is not zero: an answer or event that lacks a needed field (an empty
 * string counts as missing) is refused whole.
 *
 * One account a market. A contract's kind follows from its name (BTCUSD_PERP is inverse),
 * the size of an inverse one from the contract rules (account_contracts): until it is told,
 * the figures of an inverse position stay as the exchange told them.
 */
#ifndef BF_CORE_ACCOUNT_H
#define BF_CORE_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/dec.h"
#include "core/fault.h"
#include "core/margin.h"
#include "core/rules.h"
#include "core/scan.h"

enum pos_side { POS_BOTH, POS_LONG, POS_SHORT };

struct position {
	char		symbol[SYMBOL_MAX];
	char		margin_asset[24];	/* "" unknown */
	enum pos_side	side;
	enum contract_kind kind;
	dec		size;		/* USD a contract; 1 of a linear one; 0 unknown */
	dec		amt;		/* signed; inverse: contracts */
	dec		entry, break_even, mark;	/* mark 0: unknown */
	dec		upnl;		/* at mark; as last told while mark is unknown */
	bool		isolated;
	dec		isolated_wallet;
	/* As of the last answer of positionRisk; no event brings them. */
	dec		liq;		/* the exchange's liquidation price; 0: none */
	dec		initial_margin, maint_margin;	/* 0 in v2 */
	int		leverage;	/* configured; 0 unknown */
	int		adl;
	int64_t		mark_ms;	/* exchange time of mark; 0 unknown */
	int64_t		update_ms;
};

struct open_order {
	char		symbol[SYMBOL_MAX];
	char		client_id[40];
	uint64_t	id;		/* orderId, or algoId: two spaces */
	bool		algo;		/* conditional, not triggered yet: binds no margin */
	char		type[24];	/* "LIMIT", "STOP_MARKET"; "" not told */
	enum order_side	side;
	enum pos_side	pos_side;
	bool		reduce;		/* reduceOnly, closePosition, or an exit in hedge mode */
	bool		close_all;	/* closePosition: takes what there is; qty is 0 */
	bool		by_mark;	/* conditional: workingType MARK_PRICE */
	dec		price;		/* 0 for a market order */
	dec		trigger;	/* conditional; 0: none */
	dec		qty, filled;
	char		status[24];
	int64_t		update_ms;
};

struct wallet {
	char	asset[24];
	dec	balance, cross;
	dec	available;	/* as of the last answer; no event brings it */
	int64_t	update_ms;
};

/* What is set for a symbol, held or not. */
struct symbol_setting { char symbol[SYMBOL_MAX]; int leverage; bool isolated; };

/* An order that has ended: it never opens again, whatever comes late. */
struct ended { char symbol[SYMBOL_MAX]; uint64_t id; bool algo; int64_t at_ms; };
#define ENDED_MAX	64

/* Zero it at first; account_free at the end. positions holds only those seen;
 * a flat one may stand with amt 0. */
struct account {
	struct position	  *pos;	 int npos, cpos;
	struct open_order *ord;	 int nord, cord;
	struct wallet	  *wal;	 int nwal, cwal;
	struct symbol_setting	  *set;	 int nset;	/* ascending by symbol, as symbolConfig last said */
	bool		   hedge;	/* dual position side */
	bool		   multi_assets;	/* one margin of all assets */
	bool		   known;	/* positions, orders and wallets were all read */
	int64_t		   as_of_ms;	/* exchange time of the last full read or event */
	unsigned	   parts;	/* private: which parts were read */
	const struct contracts *cs;	/* private */
	/* Set by who reads an answer while events come: when it was asked for (exchange time). Rows
	 * that an event has changed since then stay as they are. 0: nothing does. */
	int64_t		   asked_ms;
	struct ended	   ended[ENDED_MAX];	/* private: a ring */
	unsigned	   nended;
};

void account_free(struct account *a);

/*
 * Replace a part by a whole REST answer (the array or object at v): v3 account
 * (wallets from assets[]) or v3/v2 balance, v3/v2 positionRisk (all positions;
 * those absent are flat), openOrders, symbolConfig (leverage and margin type of
 * known positions). What an answer does not carry stays as it was known: the
 * leverage in v3, and a mark price that came with its time by an event. On
 * failure a is as before. FAULT_UNKNOWN: the answer cannot be trusted; the
 * field is named.
 */
int account_read_wallets(struct account *a, const struct tok *t, const struct tok *v, struct fault *f);
int account_read_positions(struct account *a, const struct tok *t, const struct tok *v, struct fault *f);
int account_read_orders(struct account *a, const struct tok *t, const struct tok *v, struct fault *f);
/* openAlgoOrders: replaces the conditional ones, as account_read_orders the others. */
int account_read_algo(struct account *a, const struct tok *t, const struct tok *v, struct fault *f);
int account_read_config(struct account *a, const struct tok *t, const struct tok *v, struct fault *f);

/* Sizes, kinds and margin assets of the positions held, as the contracts have them; profits
 * of inverse positions follow marks from then on, also of those that come later. cs is kept
 * (not copied) and must outlive a. */
struct contracts;
void account_contracts(struct account *a, const struct contracts *cs);

/*
 * Apply one record of the pipe if it is an account event (ACCOUNT_UPDATE,
 * ORDER_TRADE_UPDATE, ALGO_UPDATE, ACCOUNT_CONFIG_UPDATE) or a markPriceUpdate for a symbol
 * held. Merges, never replaces; older than what is known is dropped; orders
 * only move forward. 1: applied, 0: not ours or no news, -1: fault.
 */
int account_event(struct account *a, const struct tok *t, const struct tok *rec, struct fault *f);
/* Set the mark price of every position of symbol (n bytes); upnl follows.
 * true if one was held (amt not 0). */
bool account_mark(struct account *a, const char *symbol, size_t n, dec mark, int64_t at_ms);

/* Have a row of symbol, flat if nothing is held, so that its leverage and margin type are found where
 * those of others are. 1: there is one; 0: its settings are not known; -1: out of memory. */
int account_row(struct account *a, const char *symbol, struct fault *f);
/* A copy, to try something on. -1: out of memory. */
int account_copy(struct account *out, const struct account *a, struct fault *f);

struct position *account_position(struct account *a, const char *symbol, enum pos_side side);	/* or NULL */

/*
 * The figures of the wallet of one margin asset, at the marks known, single-
 * asset mode. notional: sum of |N| of all its positions. equity: cross wallet
 * balance plus unrealised PnL of cross positions, plus isolated wallets and
 * their PnL. maint: what positionRisk v3 last said, not moved by marks or
 * events (tiers are needed for that); COIN-M tells none. Of a coin's wallet all
 * is in that coin. false: multi-assets mode (one wallet is not the margin),
 * unknown account, wallet, margin asset, size or price of a position, or out of room.
 */
struct account_sum { dec notional, equity, maint, wallet, upnl; };
bool account_sum(const struct account *a, const char *asset, struct account_sum *out);

#endif
