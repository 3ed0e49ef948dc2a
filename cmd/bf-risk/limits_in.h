/* The parts of limits*.c that they share: keys, and what a value must be. */
#ifndef BF_RISK_LIMITS_IN_H
#define BF_RISK_LIMITS_IN_H

#include "limits.h"

enum key {
	KEY_MAX, KEY_TARGET, KEY_SLIPPAGE, KEY_WINDOW, KEY_ACTION, KEY_ON_BREACH, KEY_STEPS, KEY_MEASURE,
	KEY_HYSTERESIS, KEY_DAY, KEY_ALLOW, KEY_DENY, KEY_REASON, KEYS
};
extern const char *const key_names[KEYS];

#define WHY_MAX	160

/* Whether a section of this rule may have that key. */
bool key_known(const struct rule_row *row, enum key k);

/* Set one value of a rule (not allow, deny or reason). false: why says what it is not. */
bool limit_set(struct limit *l, const struct rule_row *row, enum key k, const char *v, char why[static WHY_MAX]);
/* The same of the maximum alone. */
bool limit_set_max(struct limit *l, const struct rule_row *row, const char *v, char why[static WHY_MAX]);
/* What one limit says as a whole, after the last key. seen: which were said. KEYS: it makes sense; else the key
 * to blame, and why. */
enum key limit_check(const struct limit *l, const struct rule_row *row, const bool seen[static KEYS],
    char why[static WHY_MAX]);

/* All sections of a file (its window_ms -1: not said) against each other: windows not said become the default, or that of
 * the rule that measures the same. FAULT_USAGE naming file, line and rules. */
int limits_whole(struct limits *l, struct fault *f);

/* Blank- or comma-separated symbols added to a list. false: why. */
bool list_add(char (**list)[SYMBOL_MAX], int *n, const char *v, char why[static WHY_MAX]);
bool list_has(char (*list)[SYMBOL_MAX], int n, const char *symbol);
bool symbol_ok(const char *s, char why[static WHY_MAX]);
/* Basis points from 0 to 1000 as a fraction. */
bool cost_set(dec *out, const char *bps);
/* An asset's name: capitals and digits. */
bool asset_ok(const char *s);
/* The defaults of one rule, off. */
void limit_init(struct limit *l, const struct rule_row *row);

#endif
