/* What the files of account share; private to them and to figures. */
#ifndef BF_CORE_ACCOUNT_IN_H
#define BF_CORE_ACCOUNT_IN_H

#include "core/account.h"

enum { PART_WALLETS = 1, PART_POSITIONS = 2, PART_ORDERS = 4, PART_ALL = 7 };

/* Whether all these parts were read; of an account made by hand, whether it says so. */
bool account_has(const struct account *a, unsigned parts);

/* Room for n items of this size at p; cap is the room there is. NULL: no memory. */
void *account_grow(void *p, int *cap, int n, size_t size);
int account_no_memory(struct fault *f);
int account_add_position(struct account *a, const struct position *p, struct fault *f);
int account_add_order(struct account *a, const struct open_order *o, struct fault *f);
int account_add_wallet(struct account *a, const struct wallet *w, struct fault *f);
struct position *account_find(const struct account *a, const char *symbol, enum pos_side side);
struct open_order *account_find_order(const struct account *a, const char *symbol, uint64_t id, bool algo);
struct wallet *account_find_wallet(const struct account *a, const char *asset);

/* What follows from what is known of a position. */
bool account_held(const struct position *p);
void account_identify(const struct account *a, struct position *p);	/* kind and size */
bool account_revalue(struct position *p);	/* upnl at mark, where that can be computed; false: no room */
bool account_can_value(const struct position *p);	/* it would be */
void account_flatten(struct position *p);	/* nothing of the old position remains but its settings */
void account_name_assets(struct account *a);
int  account_leverage_of(const struct account *a, const char *symbol);	/* by any of its sides; 0: not known */
void account_read_part(struct account *a, unsigned part, int64_t as_of);	/* a part (0: one not needed) has been read */
int  account_no_list(const char *where, struct fault *f);
void account_learn_mode(struct account *a, const struct position *p);

/*
 * Reading one row: the first field that is missing or malformed is named in
 * the fault and makes the row bad; the rest of the reads then do not matter.
 */
struct row {
	const struct tok *t, *v;
	const char *where;	/* "positionRisk" */
	const char *name;	/* the symbol or asset, once known */
	struct fault *f;
	bool	bad;
};

void row_refuse(struct row *r, const char *key);
bool row_blank(const struct row *r, const char *key);	/* missing, null, or "" */
void row_text(struct row *r, const char *key, char *out, size_t size);
dec  row_dec(struct row *r, const char *key);
dec  row_maybe_dec(struct row *r, const char *key, dec otherwise);	/* missing, but not malformed */
int64_t row_int(struct row *r, const char *key, int64_t least);
int64_t row_maybe_int(struct row *r, const char *key, int64_t otherwise);
bool row_maybe_bool(struct row *r, const char *key);
int  row_maybe_small(struct row *r, const char *key, int otherwise);	/* a leverage or a rank */
enum pos_side row_side(struct row *r, const char *key);	/* BOTH where there is none */
void row_consistent(struct row *r, const struct position *p, const char *amt, const char *entry,
    const char *wallet);	/* refuses a position that contradicts itself; the keys it was read from */

/* The names of an order's members in an answer or event. */
struct order_keys {
	const char *symbol, *id, *client, *side, *pos_side, *reduce, *close;
	const char *price, *qty, *filled;	/* filled NULL: nothing is before it triggers */
	const char *status, *type, *trigger, *working;
	const char *old_trigger;	/* a second name of trigger; NULL: none */
	bool algo;
};

/* Symbol, id and status: all that an order that ends needs. */
void row_order_id(struct row *r, const struct order_keys *k, struct open_order *o);
void row_order(struct row *r, const struct order_keys *k, struct open_order *o);
extern const struct order_keys account_order_event_keys, account_algo_event_keys;
/* The end of an order. Any other status, also one not heard of, leaves it open. */
bool account_ended(const struct open_order *o);
/* What is told of an order's life comes too late after its end. */
bool account_has_ended(const struct account *a, const struct open_order *o);
void account_remember_end(struct account *a, const struct open_order *o);

#endif
