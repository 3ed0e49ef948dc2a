/*
 * Recorded answers of the exchange instead of an exchange: any account of either market, recomputed
 * from files.
 */
#ifndef BF_IO_RECORDED_H
#define BF_IO_RECORDED_H

#include "core/account.h"
#include "core/contract.h"
#include "core/figures.h"

/* What an answer is about. */
enum answer {
	ANSWER_ACCOUNT, ANSWER_BALANCE, ANSWER_POSITIONS, ANSWER_ORDERS, ANSWER_ALGO, ANSWER_CONFIG, ANSWER_MODES,
	ANSWER_BRACKETS, ANSWER_INFO, ANSWER_PREMIUM, ANSWER_RATES, ANSWER_FEES, ANSWERS
};

/* Zero it at first. */
struct recorded {
	struct account	acct[MARKETS];
	bool		has[MARKETS];	/* something about it was read */
	bool		orders[MARKETS];	/* its open orders were told: an empty list is told too */
	struct contracts cs;
	struct asset_rates rates;
	/* private */
	void	       *p;
};

/*
 * Read one file ("-": standard input): a JSON document, or NDJSON with one answer a line, either the bare
 * answer or with its path ({"path":"/fapi/v2/positionRisk","body":...} or "response" or "result"). Without a
 * path what an answer is follows from its shape: account (v2, v3, COIN-M), balance, positionRisk (v2, v3,
 * COIN-M), openOrders, openAlgoOrders, symbolConfig, accountConfig, positionSide/dual, leverageBracket
 * (either market, element or list), exchangeInfo, premiumIndex, assetIndex, commissionRate. Anything else is
 * FAULT_USAGE, naming file and line; but what names its path and is no answer to one of these questions (an order
 * that was placed, an error) says nothing about the account, and is passed over. Order of files does not matter; of
 * two answers of a kind the later counts, of two about single symbols ("params":"symbol=...") the later of each.
 */
int  recorded_read(struct recorded *r, const char *file, struct fault *f);
/* After the last: contracts told to the accounts, and what was not told (a size, a kind) by the rule of
 * names (BTC 100 USD, else 10). accounts of which positions alone are known count as known, their wallets
 * as unknown; where no positionRisk was read, the rows of account stand for it, if they have an entry price. */
int  recorded_end(struct recorded *r, struct fault *f);
void recorded_free(struct recorded *r);

/*
 * The row of an answer as it stood there, with what no account keeps: of a position (of positionRisk, or of account if
 * that was not read; name: its symbol, and side), of
 * a wallet (ANSWER_ACCOUNT, ANSWER_BALANCE; its asset), of a symbol (ANSWER_PREMIUM, ANSWER_FEES). *t: the tokens it is
 * of, good until recorded_free. NULL: not told.
 */
const struct tok *recorded_told(const struct recorded *r, enum market m, enum answer what, const char *name,
    enum pos_side side, const struct tok **t);

#endif
