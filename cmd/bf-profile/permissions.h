/* What a key may do, and what of it is not to be: a judgement without a network. */
#ifndef BF_PROFILE_PERMISSIONS_H
#define BF_PROFILE_PERMISSIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/fault.h"
#include "core/scan.h"
#include "remark.h"

/* As GET /sapi/v1/account/apiRestrictions tells it. */
struct key_rights {
	bool	ip, reading, withdrawals, internal, transfer, margin, futures, spot;
	bool	options, fix, portfolio;
	int64_t	created_ms, expires_ms;	/* 0: not told */
};

/* What is allowed on purpose. */
struct key_rules { bool withdrawals, any_ip; };

#define KEY_REMARKS	5	/* at most */

/* Read the answer. FAULT_KEY if it does not say whether the key may withdraw or trade futures, or
 * is bound to addresses: what is not known is not good. What else is missing counts as no. */
int key_rights_read(struct key_rights *r, const struct tok *t, const struct tok *obj, struct fault *f);

/*
 * Judge it, now_ms being exchange time: one remark for each of withdrawals, addresses,
 * futures, transfers; and one for the expiry of a key that has one. Returns how many.
 */
int key_judge(struct remark out[static KEY_REMARKS], const struct key_rights *r, const struct key_rules *allowed,
    int64_t now_ms);

#endif
