/*
 * Single figures for who plans a trade: the formulas of sections 6, 8, 15.2, 15.3 and 17 of the
 * margin mathematics sheet, see margin.h. Rates are fractions. false: an argument outside its
 * range, or a number out of room; *out is then left alone.
 */
#ifndef BF_CORE_CALC_H
#define BF_CORE_CALC_H

#include <stdbool.h>

#include "core/margin.h"
#include "core/rules.h"

/* Commission of amt (unsigned) at price, 8 decimals, cut off, in the margin asset. */
bool calc_fee(dec *out, const struct leg *l, dec price, dec rate);
/* Return on equity, a fraction at 6 decimals, cut off: by the margin at mark (upnl / (N x IMR)), and by
 * the margin at entry (of a close at price). leverage >= 1. */
bool calc_roe_mark(dec *out, const struct leg *l, dec mark, int leverage);
bool calc_roe_entry(dec *out, const struct leg *l, dec price, int leverage);
/* The price at which calc_roe_entry is roe, 8 decimals half up. */
bool calc_target(dec *out, const struct leg *l, dec roe, int leverage);
/* Break-even: paid is what was paid or (< 0) earned already in fees, funding and realised profit, in the
 * margin asset; close_rate: of the fee to come, 0 as the exchange's breakEvenPrice has it. 8 decimals
 * half up. */
bool calc_break_even(dec *out, const struct leg *l, dec paid, dec close_rate);
/* Break-even of a fresh position: entry x (1 + s rate), as the exchange shows it, 12 decimals cut off. */
bool calc_break_even_fresh(dec *out, const struct leg *l, dec rate);

/* What an order costs before it is taken: initial margin at the assumed price, and open loss. */
struct order_cost { dec assumed, im, open_loss, cost; };
/* l: amt signed by the side of the order, entry its price (0: market). best_bid, best_ask: 0 not known,
 * then the mark is taken for them. */
bool calc_order_cost(struct order_cost *out, const struct leg *l, dec mark, dec best_bid, dec best_ask, int leverage);
/*
 * The greatest quantity that can be opened with `available`, on step, floor (section 15.3); held: signed
 * position of the same symbol, which an order of the other side closes first (its margin is released).
 * same_orders: notional of open orders of the same side; tiers NULL: no cap by bracket; max_qty 0: none.
 */
struct max_open { enum contract_kind kind; dec size, price, mark, available, step, max_qty, held, same_orders;
	enum order_side side; int leverage; const struct tiers *tiers; };
bool calc_max_open(dec *out, const struct max_open *m);

#endif
