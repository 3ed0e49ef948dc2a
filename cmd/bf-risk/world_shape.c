/* The members of a world's records, see world_in.h. */
#include <stddef.h>

#include "world_in.h"

#define AT(type, key, member, kind) { key, kind, offsetof(struct type, member), sizeof ((struct type *)0)->member, false }
#define NEED(type, key, member, kind) { key, kind, offsetof(struct type, member), sizeof ((struct type *)0)->member, true }
#define SHAPE(name, what) const struct shape shape_##name = { what, name##_members, \
	sizeof name##_members / sizeof *name##_members }

static const struct member world_members[] = {
	AT(world, "ms", now.ms, M_I64), AT(world, "mono_ms", now.mono_ms, M_I64),
	AT(world, "vol_window_ms", vol_window_ms, M_I64), AT(world, "ref_window_ms", ref_window_ms, M_I64),
	AT(world, "max_future_ms", max_future_ms, M_I64), AT(world, "blocked", blocked, M_UINT),
};
SHAPE(world, "world");

static const struct member market_members[] = {
	NEED(market_part, "market", m, M_MARKET),
	AT(market_part, "served", served, M_BOOL), AT(market_part, "down", down, M_BOOL),
	AT(market_part, "known", known, M_BOOL), AT(market_part, "hedge", hedge, M_BOOL),
	AT(market_part, "multi_assets", multi_assets, M_BOOL),
	AT(market_part, "loaded_mono_ms", loaded_mono_ms, M_I64), AT(market_part, "as_of_ms", as_of_ms, M_I64),
};
SHAPE(market, "market");

static const struct member position_members[] = {
	NEED(position, "symbol", symbol, M_TEXT), AT(position, "margin_asset", margin_asset, M_TEXT),
	AT(position, "side", side, M_POS), AT(position, "kind", kind, M_KIND), AT(position, "size", size, M_DEC),
	AT(position, "amt", amt, M_DEC),
	AT(position, "entry", entry, M_DEC), AT(position, "break_even", break_even, M_DEC),
	AT(position, "mark", mark, M_DEC), AT(position, "upnl", upnl, M_DEC),
	AT(position, "isolated", isolated, M_BOOL), AT(position, "isolated_wallet", isolated_wallet, M_DEC),
	AT(position, "liq", liq, M_DEC), AT(position, "initial_margin", initial_margin, M_DEC),
	AT(position, "maint_margin", maint_margin, M_DEC), AT(position, "leverage", leverage, M_INT),
	AT(position, "adl", adl, M_INT), AT(position, "mark_ms", mark_ms, M_I64),
	AT(position, "update_ms", update_ms, M_I64),
};
SHAPE(position, "position");

static const struct member order_members[] = {
	NEED(open_order, "symbol", symbol, M_TEXT), AT(open_order, "client_id", client_id, M_TEXT),
	AT(open_order, "id", id, M_U64), AT(open_order, "algo", algo, M_BOOL), AT(open_order, "type", type, M_TEXT),
	NEED(open_order, "side", side, M_SIDE), AT(open_order, "position_side", pos_side, M_POS),
	AT(open_order, "reduce", reduce, M_BOOL), AT(open_order, "close_all", close_all, M_BOOL),
	AT(open_order, "by_mark", by_mark, M_BOOL), AT(open_order, "price", price, M_DEC),
	AT(open_order, "trigger", trigger, M_DEC), AT(open_order, "qty", qty, M_DEC),
	AT(open_order, "filled", filled, M_DEC), AT(open_order, "status", status, M_TEXT),
	AT(open_order, "update_ms", update_ms, M_I64),
};
SHAPE(order, "order");

static const struct member wallet_members[] = {
	NEED(wallet, "asset", asset, M_TEXT), AT(wallet, "balance", balance, M_DEC), AT(wallet, "cross", cross, M_DEC),
	AT(wallet, "available", available, M_DEC), AT(wallet, "update_ms", update_ms, M_I64),
};
SHAPE(wallet, "wallet");

static const struct member contract_members[] = {
	NEED(contract, "symbol", rules.symbol, M_TEXT), NEED(contract, "market", market, M_MARKET),
	AT(contract, "pair", rules.pair, M_TEXT), AT(contract, "status", rules.status, M_TEXT),
	AT(contract, "type", rules.contract, M_TEXT), AT(contract, "base", rules.base, M_TEXT),
	AT(contract, "quote", rules.quote, M_TEXT), AT(contract, "margin", rules.margin, M_TEXT),
	AT(contract, "contract_size", rules.contract_size, M_DEC),
	AT(contract, "funding_rate", funding_rate, M_DEC), AT(contract, "funding_ms", funding_ms, M_I64),
	AT(contract, "funding_hours", funding_hours, M_INT),
};
SHAPE(contract, "contract");

static const struct member filters_members[] = {
	AT(rules, "complete", complete, M_BOOL),
	AT(rules, "price_precision", price_precision, M_INT), AT(rules, "qty_precision", qty_precision, M_INT),
	AT(rules, "min_price", min_price, M_DEC), AT(rules, "max_price", max_price, M_DEC), AT(rules, "tick", tick, M_DEC),
	AT(rules, "min_qty", min_qty, M_DEC), AT(rules, "max_qty", max_qty, M_DEC), AT(rules, "step", step, M_DEC),
	AT(rules, "mkt_min_qty", mkt_min_qty, M_DEC), AT(rules, "mkt_max_qty", mkt_max_qty, M_DEC),
	AT(rules, "mkt_step", mkt_step, M_DEC), AT(rules, "min_notional", min_notional, M_DEC),
	AT(rules, "mult_up", mult_up, M_DEC), AT(rules, "mult_down", mult_down, M_DEC),
	AT(rules, "max_orders", max_orders, M_INT), AT(rules, "liquidation_fee", liquidation_fee, M_DEC),
	AT(rules, "market_take_bound", market_take_bound, M_DEC), AT(rules, "trigger_protect", trigger_protect, M_DEC),
};
SHAPE(filters, "filters");

static const struct member sym_members[] = {
	NEED(sym, "symbol", symbol, M_TEXT), AT(sym, "mark", mark, M_DEC), AT(sym, "index", index, M_DEC),
	AT(sym, "mark_ms", mark_ms, M_I64), AT(sym, "mono_ms", mono_ms, M_I64), AT(sym, "ref", ref, M_DEC),
	AT(sym, "ref_ms", ref_ms, M_I64), AT(sym, "ref_next", ref_next, M_DEC), AT(sym, "ref_next_ms", ref_next_ms, M_I64),
	AT(sym, "piped", piped, M_BOOL), AT(sym, "exit_mono_ms", exit_mono_ms, M_I64), AT(sym, "blocked", blocked, M_UINT),
};
SHAPE(sym, "symbol");

static const struct member vol_members[] = {
	AT(vol, "bucket_ms", bucket_ms, M_I64), AT(vol, "at", at, M_I64), AT(vol, "last", last, M_DEC),
	AT(vol, "var", var, M_DEC), AT(vol, "primed", primed, M_BOOL),
};
SHAPE(vol, "vol");

static const struct member pending_members[] = {
	NEED(pending, "symbol", symbol, M_TEXT), AT(pending, "client_id", client_id, M_TEXT),
	NEED(pending, "market", market, M_MARKET), NEED(pending, "side", side, M_SIDE),
	AT(pending, "position_side", pos_side, M_POS), AT(pending, "qty", qty, M_DEC), AT(pending, "price", price, M_DEC),
	AT(pending, "market_order", market_order, M_BOOL), AT(pending, "mono_ms", mono_ms, M_I64),
	AT(pending, "unread_ms", unread_ms, M_I64), AT(pending, "once", once, M_BOOL), AT(pending, "algo", algo, M_BOOL),
	AT(pending, "after_id", after_id, M_U64),
};
SHAPE(pending, "pending");

static const struct member rate_members[] = {
	NEED(asset_rate, "asset", asset, M_TEXT), AT(asset_rate, "index", index, M_DEC),
	AT(asset_rate, "bid_buffer", bid_buffer, M_DEC), AT(asset_rate, "ask_buffer", ask_buffer, M_DEC),
};
SHAPE(rate, "rate");

static const struct member health_members[] = {
	AT(health, "latched", latched, M_BOOL), AT(health, "latch_why", latch_why, M_PROSE),
	AT(health, "clock_error_ms", clock_error_ms, M_I64), AT(health, "stream_seen", stream_seen, M_BOOL),
	AT(health, "stream_up", stream_up, M_BOOL), AT(health, "stream_lost_usdm", stream_lost[MARKET_USDM], M_BOOL),
	AT(health, "stream_lost_coinm", stream_lost[MARKET_COINM], M_BOOL),
	AT(health, "stream_mono_ms", stream_mono_ms, M_I64),
};
SHAPE(health, "health");

const char *
member_word(enum member_kind kind, int value)
{
	static const char *const pos[] = { "BOTH", "LONG", "SHORT" };

	switch (kind) {
	case M_SIDE:
		return value == SIDE_BUY ? "BUY" : value == SIDE_SELL ? "SELL" : NULL;
	case M_POS:
		return value >= POS_BOTH && value <= POS_SHORT ? pos[value] : NULL;
	case M_KIND:
		return value == LINEAR ? "linear" : value == INVERSE ? "inverse" : NULL;
	case M_MARKET:
		return value >= 0 && value < MARKETS ? market_word((enum market)value) : NULL;
	default:
		return NULL;
	}
}
