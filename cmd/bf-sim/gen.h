/*
 * The synthetic market: for every symbol an index price that wanders through
 * regimes (calm, trend, volatility spike, crash, thin book), a book of depth
 * around it and trades, all as the engine's outside. The same seed and the same
 * times give the same calls, byte for byte. No I/O, no clock.
 */
#ifndef BF_SIM_GEN_H
#define BF_SIM_GEN_H

#include "engine.h"
#include "hist.h"

enum regime { REGIME_CALM, REGIME_TREND, REGIME_SPIKE, REGIME_CRASH, REGIME_THIN, REGIMES };
const char *regime_name(enum regime r);			/* "calm" ... */
bool regime_read(enum regime *out, const char *name);

#define GEN_STEP_MS	100	/* book and trades move so often; index and mark every second */

struct gen;
/* hist may be NULL: no prehistory; else a day of minute candles before now_ms is
 * made for each symbol. Marks must be set already (engine_prices): prices start
 * from there. */
struct gen *gen_new(struct engine *e, struct hist *hist, uint64_t seed, int64_t now_ms);
void gen_free(struct gen *g);
/* Hold all symbols (sym -1) or one, with the others of its base coin, in a regime;
 * REGIMES: let it wander again. */
void gen_regime(struct gen *g, int sym, enum regime r);
enum regime gen_regime_of(const struct gen *g, int sym);
/* The first books, ahead of the first step: a client that comes at once finds a
 * market. -1: the engine's fault. */
int gen_open(struct gen *g, int64_t now_ms, struct fault *f);
int64_t gen_due(const struct gen *g);
/* The clock has jumped: the next step is at now_ms, and what was due is not made
 * up for. */
void gen_at(struct gen *g, int64_t now_ms);
/* All steps due until now_ms. -1: the engine's fault. */
int gen_tick(struct gen *g, int64_t now_ms, struct fault *f);

#endif
