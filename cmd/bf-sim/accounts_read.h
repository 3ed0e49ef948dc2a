/* Where accounts come from: the --accounts file, or one made at the start. */
#ifndef BF_SIM_ACCOUNTS_READ_H
#define BF_SIM_ACCOUNTS_READ_H

#include "accounts.h"
#include "plan.h"
#include "random.h"

/*
 * Read the INI file: a section for each account. Its keys: key, secret or
 * public_key_file, balance, position, leverage, margin_type, hedge,
 * multi_assets, fee_tier, bnb_burn, can_trade, permissions. On 0 there is a plan for each
 * account, in *plans (free by plans_free), and acct is -1. path is borrowed by
 * the plans. FAULT_USAGE names file, line, key, and what is wrong.
 */
int accounts_read(struct accounts *as, struct plan **plans, const char *path, struct fault *f);
void plans_free(struct plan *plans, int n);
/* One HMAC account, "default". FAULT_LOCAL. */
int accounts_make(struct accounts *as, struct random *r, struct fault *f);
/* The alias that COIN-M shows, out of the key. */
void account_alias(struct account *a);

#endif
