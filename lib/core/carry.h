/*
 * What holding a perpetual costs or earns (sections 11.3 and 9 of the margin mathematics sheet, see
 * margin.h). Rates are fractions of one interval, as the exchange tells them. false: an argument
 * outside its range, or a number out of room; *out is then left alone.
 */
#ifndef BF_CORE_CARRY_H
#define BF_CORE_CARRY_H

#include <stdbool.h>
#include <stdint.h>

#include "core/dec.h"

/* Percent a year, without interest on interest: rate x 24 / hours x 365 x 100, 4 decimals half up.
 * hours: the interval, 1..24. > 0: longs pay shorts. */
bool carry_annual(dec *out, dec rate, int hours);
/* What one hour of an interval's amount is, 8 decimals half up. */
bool carry_hourly(dec *out, dec amount, int hours);
/* (mark - index) / index in basis points, 2 decimals half up; index > 0. */
bool carry_basis(dec *out, dec mark, dec index);
/* Settlements within span_ms from now, of which the next is left_ms away. 0 for a next one that is not known
 * (left_ms < 0), and for hours outside 1..24. */
int64_t carry_settlements(int64_t left_ms, int hours, int64_t span_ms);

/* Mean of past rates, zeroed at first; 8 decimals half up. carry_mean: false without any. */
struct carry_rates { dec sum; int64_t n; };
bool carry_add(struct carry_rates *c, dec rate);
bool carry_mean(dec *out, const struct carry_rates *c);

#endif
