/* Events that carry a candle. */
#include "core/record_in.h"

#define CANDLE \
	M("k", OBJ, "the candle"), \
	M("k.t", MS, "its opening"), M("k.T", MS, "its close"), \
	O("k.s", STR, "the symbol"), M("k.i", STR, "the interval"), \
	M("k.f", INT, "the first trade's id"), M("k.L", INT, "the last one's"), \
	M("k.o", DEC, "open"), M("k.c", DEC, "close"), M("k.h", DEC, "high"), M("k.l", DEC, "low"), \
	M("k.v", DEC, "volume: base asset, of COIN-M contracts"), \
	M("k.n", INT, "trades"), \
	M("k.x", BOOL, "it is over"), \
	M("k.q", DEC, "volume: quote asset, of COIN-M the coin"), \
	M("k.V", DEC, "what takers bought of v"), M("k.Q", DEC, "what takers bought of q"), \
	O("k.B", STR, "nothing")

static const struct record_member kline[] = {
	TIME,
	M("s", STR, "the symbol"),
	O("ps", STR, "the pair"),
	CANDLE,
	O("st", INT, "1 USDM, 2 COIN-M"),
	END
};

static const struct record_member continuous[] = {
	TIME,
	M("ps", STR, "the pair"),
	M("ct", STR, "the contract type"),
	CANDLE,
	O("st", INT, "1 USDM, 2 COIN-M"),
	END
};

static const struct record_member of_pair[] = {
	TIME,
	M("ps", STR, "the pair"),
	CANDLE,
	O("st", INT, "1 USDM, 2 COIN-M"),
	END
};

#define EVENT(name, what, members) { name, RECORD_MARKET, "e=" name, "bf-stream", EXCHANGES, what, members }

const struct record_row record_candles[] = {
	EVENT("kline", "A candle as it grows: kline.", kline),
	EVENT("continuous_kline", "The same of a contract type: continuousKline.", continuous),
	EVENT("indexPrice_kline", "The same of an index price (COIN-M): indexPriceKline.", of_pair),
	EVENT("markPrice_kline", "The same of a mark price (COIN-M): markPriceKline.", of_pair),
	END_ROW
};
