/* The handlers of market data and account endpoints, for the tables of routes in
 * api_market.c and api_account.c; and what they share. */
#ifndef BF_SIM_API_HANDLERS_H
#define BF_SIM_API_HANDLERS_H

#include "api.h"

#define DAY_MS	INT64_C(86400000)

/* --- api_market.c --- */

/* The answer is complete: 0. Numbers take on what shape a fault asks for. */
int answer(struct call *c);
/* A number had no room: -1. */
int no_room(struct call *c);
/* -1121; -4144 or -4087, by the call's market. */
int no_symbol(struct call *c);
int no_pair(struct call *c);
/* A mandatory `symbol` of either market. */
int want_any_symbol(struct call *c, int *sym);
/*
 * Call put for what `symbol` names: USDⓈ-M an object, COIN-M an array of one;
 * or for all of the call's market (COIN-M: of `pair`) in an array. -1128: both
 * symbol and pair.
 */
typedef void put_sym(struct call *c, int sym);
int each(struct call *c, put_sym *put);
const struct rules *rules_of(const struct call *c, int sym);
/* symbol, and of COIN-M pair. */
void put_names(struct call *c, int sym);

api_handler get_nothing;

/* --- api_book.c: the book and the trades --- */
api_handler get_depth, get_rpi_depth, get_book_ticker, get_trades, get_old_trades, get_aggs;

/* --- api_info.c: what hardly changes --- */
api_handler get_exchange_info, get_funding_info, get_index_info, get_asset_index, get_constituents,
    get_insurance, get_adl_risk, get_schedule;

/* --- api_klines.c: candles --- */
/*
 * The candles of a period, to be freed; NULL without memory. USDⓈ-M counts the
 * limit from the start if there is one, COIN-M always back from the end.
 */
struct candle *api_candles(struct call *c, enum candle_kind kind, int sym, const char *interval,
    const struct period *p, int *n);
/* A mandatory pair of either market; *sym is some symbol of it. */
int want_any_pair(struct call *c, int *sym);
/* A mandatory contractType (-4104; all: ALL is one too, and leaves *sym alone), and
 * that contract of the pair; -1 in *sym: none now. */
int want_contract(struct call *c, bool all, int *sym, const char **type);

api_handler get_klines, get_continuous_klines, get_index_klines, get_mark_klines,
    get_premium_klines;

/* --- api_data.c: statistics --- */
api_handler get_interest_history, get_taker_ratio, get_taker_volume, get_basis, get_delivery_price,
    get_ratio;

/* --- api_config.c: settings --- */
api_handler get_account_config, get_symbol_config, get_brackets, get_pair_brackets,
    get_commission_rate, get_position_mode, post_position_mode, get_assets_mode, post_assets_mode,
    get_burn, post_burn, post_leverage, post_margin_type, post_position_margin, get_margin_history,
    get_adl_quantile, get_trading_status, get_order_limits, get_portfolio, post_stock_contract;

/* --- api_key.c: listen keys --- */
api_handler post_listen_key, put_listen_key, delete_listen_key;

/* --- api_position.c: positions --- */
api_handler get_risk3, get_risk2, get_coin_risk;
/* The legs an account has by its mode: LONG and SHORT, or BOTH; returns how many. */
int legs_of(const struct call *c, enum pos_mode out[static 2]);
/* positions[] of account: of v2, of v3, or of COIN-M. */
int put_account_positions(struct call *c, bool v2);

/* --- api_account.c --- */
/* feeTier, canTrade and the rest, as accountConfig and account have them. burn: with
 * feeBurn; dual: with dualSidePosition. */
void put_rights(struct call *c, bool burn, bool dual);

#endif
