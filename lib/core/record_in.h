/* How the tables of records are written. */
#ifndef BF_CORE_RECORD_IN_H
#define BF_CORE_RECORD_IN_H

#include "core/record.h"

/* Always there; there and perhaps null; perhaps there; perhaps there or null. */
#define M(path, type, what)	{ path, RECORD_##type, true, false, NULL, what }
#define N(path, type, what)	{ path, RECORD_##type, true, true, NULL, what }
#define O(path, type, what)	{ path, RECORD_##type, false, false, NULL, what }
#define ON(path, type, what)	{ path, RECORD_##type, false, true, NULL, what }
/* A string that is one of these words; perhaps there. */
#define W(path, words, what)	{ path, RECORD_STR, true, false, words, what }
#define OW(path, words, what)	{ path, RECORD_STR, false, false, words, what }
#define END			{ NULL, RECORD_ANY, false, false, NULL, NULL }
#define END_ROW			{ NULL, RECORD_NOTICE, NULL, NULL, false, NULL, NULL }

#define OURS			true
#define EXCHANGES		false

#define TIME			M("E", MS, "when, in the exchange's time")
#define MARKET			W("market", "usdm|coinm", "which market")
#define MARKET_OF(path)		W(path, "usdm|coinm", "which market")
#define SIDES			"BOTH|LONG|SHORT"

/* The tables; each ends with END_ROW. */
extern const struct record_row record_notices[], record_order_notices[], record_kill[], record_risk[],
    record_reports[], record_money[], record_sim[], record_results[], record_intents[], record_market[],
    record_candles[], record_account[], record_answers[], record_rules[], record_statistics[];

#endif
