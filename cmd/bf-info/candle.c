#include "candle.h"
#include "core/span.h"

static const struct { const char *letter, *name; } place[CANDLE_PLACES] = {
	[CANDLE_OPEN_MS] = { "t", "open time" }, [CANDLE_O] = { "o", "open" }, [CANDLE_H] = { "h", "high" },
	[CANDLE_L] = { "l", "low" }, [CANDLE_C] = { "c", "close" }, [CANDLE_VOLUME] = { "v", "volume" },
	[CANDLE_CLOSE_MS] = { "T", "close time" }, [CANDLE_QUOTE] = { "q", "quote volume" },
	[CANDLE_TRADES] = { "n", "number of trades" }, [CANDLE_TAKER] = { "V", "taker buy volume" },
	[CANDLE_TAKER_QUOTE] = { "Q", "taker buy quote volume" },
};

int
candle_read(struct candle *k, const struct tok *t, const struct tok *row, struct fault *f)
{
	const struct tok *v = row->kind == SCAN_ARR ? scan_first(row) : NULL;
	dec d;

	for (int i = 0; i < CANDLE_PLACES; i++, v = scan_next(t, row, v)) {
		if (v == NULL)
			return fault_set(f, FAULT_AGAIN, "a candle without %s", place[i].name);
		if (!scan_dec(v, &d))
			return fault_set(f, FAULT_AGAIN, "%s of a candle, \"%.*s\": not a number",
			    place[i].name, v->len < 40 ? (int)v->len : 40, v->p);
		k->v[i] = v;
	}
	if (!scan_i64(k->v[CANDLE_OPEN_MS], &k->open_ms) || !scan_i64(k->v[CANDLE_CLOSE_MS], &k->close_ms))
		return fault_set(f, FAULT_AGAIN, "a candle whose times are no milliseconds");
	return 0;
}

void
candle_put(struct buf *b, const struct candle *k, const struct candle_of *of, bool closed,
    int64_t now_ms)
{
	static const int order[] = {
		CANDLE_OPEN_MS, CANDLE_CLOSE_MS, CANDLE_O, CANDLE_H, CANDLE_L, CANDLE_C, CANDLE_VOLUME,
		CANDLE_QUOTE, CANDLE_TRADES, CANDLE_TAKER, CANDLE_TAKER_QUOTE
	};

	jw_open(b, NULL, '{');
	jw_str(b, "e", "bf.kline");
	jw_i64(b, "E", closed ? k->close_ms : now_ms);
	jw_str(b, "kind", of->kind);
	jw_str(b, "s", of->s);
	if (of->contract != NULL)
		jw_str(b, "ct", of->contract);
	jw_str(b, "i", of->interval);
	for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
		buf_printf(b, ",\"%s\":", place[order[i]].letter);
		span_put(b, k->v[order[i]]);
	}
	jw_bool(b, "x", closed);
	jw_close(b, '}');
}
