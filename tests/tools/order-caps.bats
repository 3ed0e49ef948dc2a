#!/usr/bin/env bats
# The limits of a profile, whatever feeds bf-order: what they stop is not in the ledger.

setup() { load ../helper; load ../simclient; load ../asked; home; }
teardown() { home_end; }

latch() { touch "$XDG_STATE_HOME/bf/sim/latch"; }
told_to_wait() { grep -q ' waits ' "$T/err"; }
# judged: rows of INTENT|RULE on stdin through one run; RULE "ok": it was taken.
judged() {
	local row n=0
	: >"$T/lines"
	: >"$T/want"
	while IFS= read -r row; do
		n=$((n + 1))
		printf '%s,"newClientOrderId":"%s"}\n' "${row%\}|*}" "j${J:=0}-$n" >>"$T/lines"
		printf '%s\n' "${row##*|}" >>"$T/want"
	done
	J=$((J + 1))
	run --separate-stderr bf-order --max-in-flight 1 --batch 1 <"$T/lines"
	outcomes "$n"
	same "$(<"$T/want")" "$(jq -rs 'map({id: (.clientOrderId // .clientAlgoId // .intent.newClientOrderId), is: (.rule // (if .e then .msg else "ok" end))})
		| sort_by(.id | split("-")[1] | tonumber)[].is' <<<"$output")"
}
# stopped RULE WORDS...: an order from arguments that this cap stops.
stopped() {
	local posts
	posts=$(jq -s '[.[] | select(.method == "POST")] | length' "$T/ledger")
	run --separate-stderr bf-order "${@:2}"
	[ "$status" -eq 1 ] || { echo "$status $output $stderr"; return 1; }
	same "$1" "$(jq -r .rule <<<"$output")"
	[ "$(jq -s '[.[] | select(.method == "POST")] | length' "$T/ledger")" -eq "$posts" ]
}
ORDER='"type":"LIMIT","symbol":"BTCUSDT"'
STOP='"type":"STOP_MARKET","symbol":"BTCUSDT"'

@test "max_order_notional: at its price, its trigger or the mark; exits are exempt; both markets" {
	sim --position BTCUSDT:0.5 --balance coinm.BTC=1 --position BTCUSD_PERP:50
	profile 'max_order_notional = 1000'
	judged <<-END
		{$ORDER,"side":"BUY","quantity":"0.016","price":"59000"}|ok
		{$ORDER,"side":"BUY","quantity":"0.017","price":"59000"}|max_order_notional
		{"type":"MARKET","symbol":"BTCUSDT","side":"BUY","quantity":"0.017"}|max_order_notional
		{$ORDER,"side":"BUY","quantity":"0.017","priceMatch":"QUEUE"}|max_order_notional
		{$STOP,"side":"BUY","quantity":"0.017","triggerPrice":"61000"}|max_order_notional
		{$STOP,"side":"BUY","quantity":"0.016","triggerPrice":"61000"}|ok
		{$ORDER,"side":"SELL","quantity":"0.017","price":"60500"}|max_order_notional
		{$ORDER,"side":"SELL","quantity":"0.4","price":"60500","reduceOnly":true}|ok
		{$STOP,"side":"SELL","closePosition":true,"triggerPrice":"58000"}|ok
		{"type":"LIMIT","symbol":"BTCUSD_PERP","side":"BUY","quantity":"10","price":"59000"}|ok
		{"type":"LIMIT","symbol":"BTCUSD_PERP","side":"BUY","quantity":"11","price":"59000"}|max_order_notional
		{"type":"MARKET","symbol":"BTCUSD_PERP","side":"SELL","quantity":"40","reduceOnly":true}|ok
	END
	[ "$status" -eq 1 ]
	is -s '.[] | select(.rule == "max_order_notional" and .intent.price == "59000" and .intent.symbol == "BTCUSDT") | .limit == "1000" and .value == "1003"' <<<"$output"
	stopped max_order_notional buy BTCUSDT 0.017 @ 59000
	stopped max_order_notional buy BTCUSD_PERP 11 market
	run --separate-stderr bf-order sell BTCUSDT 0.05 market --reduce-only
	[ "$status" -eq 0 ]
	# what a modification would make of it counts
	run --separate-stderr bf-order modify BTCUSDT j0-1 0.017
	same max_order_notional "$(jq -r .rule <<<"$output")"
	[ "$(seen PUT /fapi/v1/order)" -eq 0 ]
}

@test "symbols: others are only cancelled and reduced" {
	sim --position ETHUSDT:1 --balance coinm.BTC=1
	profile 'symbols = BTCUSDT 测试USDT'
	judged <<-END
		{$ORDER,"side":"BUY","quantity":"0.002","price":"59000"}|ok
		{"type":"LIMIT","symbol":"测试USDT","side":"BUY","quantity":"10","price":"0.98"}|ok
		{"type":"MARKET","symbol":"ETHUSDT","side":"BUY","quantity":"0.01"}|symbols
		{"type":"MARKET","symbol":"ETHUSDT","side":"SELL","quantity":"0.01"}|symbols
		{"type":"MARKET","symbol":"ETHUSDT","side":"SELL","quantity":"0.01","reduceOnly":true}|ok
		{"type":"LIMIT","symbol":"BTCUSD_PERP","side":"BUY","quantity":"1","price":"59000"}|symbols
		{"type":"LIMIT","symbol":"BTCUSDC","side":"BUY","quantity":"0.002","price":"59000"}|symbols
	END
	stopped symbols buy ETHUSDT 0.01 market
	run --separate-stderr bf-order cancel-all ETHUSDT
	[ "$status" -eq 0 ]
}

@test "max_price_distance: price, trigger and activation; exits are exempt" {
	sim --position BTCUSDT:0.5 --balance coinm.BTC=1
	profile 'max_price_distance = 2'
	judged <<-END
		{$ORDER,"side":"BUY","quantity":"0.002","price":"58800"}|ok
		{$ORDER,"side":"BUY","quantity":"0.002","price":"58799.9"}|max_price_distance
		{$ORDER,"side":"SELL","quantity":"0.002","price":"61200"}|ok
		{$ORDER,"side":"SELL","quantity":"0.002","price":"61200.1"}|max_price_distance
		{$ORDER,"side":"SELL","quantity":"0.002","price":"62000","reduceOnly":true}|ok
		{$STOP,"side":"BUY","quantity":"0.002","triggerPrice":"61201"}|max_price_distance
		{"type":"TRAILING_STOP_MARKET","symbol":"BTCUSDT","side":"SELL","quantity":"0.002","callbackRate":"1","activatePrice":"62000"}|max_price_distance
		{$STOP,"side":"SELL","closePosition":true,"triggerPrice":"57000"}|ok
		{"type":"MARKET","symbol":"BTCUSDT","side":"BUY","quantity":"0.002"}|ok
		{"type":"LIMIT","symbol":"BTCUSD_PERP","side":"BUY","quantity":"1","price":"58700"}|max_price_distance
	END
	stopped max_price_distance buy BTCUSDT 0.002 @ 58000
}

@test "max_position_notional: position, open and conditional orders count, and those under way" {
	sim --position BTCUSDT:0.1
	profile 'max_position_notional = 9000'
	judged <<-END
		{$ORDER,"side":"BUY","quantity":"0.051","price":"59000"}|max_position_notional
		{$ORDER,"side":"BUY","quantity":"0.02","price":"59000"}|ok
		{$ORDER,"side":"BUY","quantity":"0.031","price":"59000"}|max_position_notional
		{$STOP,"side":"BUY","quantity":"0.01","triggerPrice":"60000.1"}|ok
		{$ORDER,"side":"BUY","quantity":"0.021","price":"59000"}|max_position_notional
		{$ORDER,"side":"SELL","quantity":"0.251","price":"60000"}|max_position_notional
		{"type":"MARKET","symbol":"BTCUSDT","side":"SELL","quantity":"0.1","reduceOnly":true}|ok
	END
	# anew, with what the exchange has: 0.02 open and 0.01 conditional, no position
	J=5
	judged <<-END
		{$ORDER,"side":"BUY","quantity":"0.121","price":"59000"}|max_position_notional
		{$ORDER,"side":"BUY","quantity":"0.11","price":"59000"}|ok
	END
	stopped max_position_notional buy BTCUSDT 0.02 @ 59000
}

@test "max_position_notional: orders under way count, while their answers are slow" {
	sim --fault 'on POST order: net=delay=300'
	profile 'max_position_notional = 1500'
	for i in 1 2 3 4; do market BUY 0.01 BTCUSDT "w$i"; done >"$T/lines"
	run --separate-stderr bf-order <"$T/lines"
	[ "$status" -eq 1 ]
	outcomes 4
	[ "$(executed)" -eq 2 ]
	is -s 'map(select(.rule == "max_position_notional")) | length == 2' <<<"$output"
}

@test "max_position_notional: a modification counts by what it adds to its order, and is remembered" {
	sim
	profile 'max_position_notional = 9000'
	bf-order buy BTCUSDT 0.1 @ 59000 --client-id m1 >/dev/null 2>&1
	cat >"$T/lines" <<-END
		{"op":"modify","symbol":"BTCUSDT","origClientOrderId":"m1","price":"59100"}
		{"op":"modify","symbol":"BTCUSDT","origClientOrderId":"m1","side":"BUY","quantity":"0.14","price":"59100"}
		{"op":"modify","symbol":"BTCUSDT","origClientOrderId":"m1","quantity":"0.151"}
		$(limit BUY 0.011 59000 BTCUSDT over)
		$(limit BUY 0.01 59000 BTCUSDT just)
	END
	run --separate-stderr bf-order <"$T/lines"
	[ "$status" -eq 1 ]
	outcomes 5
	is -s 'map(select(.rule == "max_position_notional")) | map(.intent.quantity) | sort == ["0.011", "0.151"]' <<<"$output"
	same 2 "$(seen PUT /fapi/v1/order)"
	same "0.010 0.140" "$(signed GET /fapi/v1/openOrders | jq -r '.[].origQty' | sort | paste -sd' ')"
}

@test "max_position_notional of COIN-M, and of a leg in hedge mode" {
	sim --balance coinm.BTC=1 --hedge --position BTCUSD_PERP:5 --position BTCUSDT:0.01
	profile 'max_position_notional = 1000'
	judged <<-END
		{"type":"LIMIT","symbol":"BTCUSD_PERP","side":"BUY","quantity":"6","price":"59000"}|max_position_notional
		{"type":"LIMIT","symbol":"BTCUSD_PERP","side":"BUY","quantity":"5","price":"59000"}|ok
		{"type":"LIMIT","symbol":"BTCUSD_PERP","side":"BUY","quantity":"1","price":"59000"}|max_position_notional
		{"type":"LIMIT","symbol":"BTCUSD_PERP","side":"SELL","quantity":"10","price":"61000","positionSide":"SHORT"}|ok
		{"type":"LIMIT","symbol":"BTCUSD_PERP","side":"SELL","quantity":"1","price":"61000","positionSide":"SHORT"}|max_position_notional
		{$ORDER,"side":"BUY","quantity":"0.007","price":"59000"}|max_position_notional
		{$ORDER,"side":"BUY","quantity":"0.006","price":"59000"}|ok
		{$ORDER,"side":"SELL","quantity":"0.01","price":"61000","positionSide":"LONG"}|ok
	END
}

@test "a position that cannot be read lets nothing through that adds to it" {
	sim --position BTCUSDT:0.1 --fault 'on GET positionRisk: reply=503/svc'
	profile 'max_position_notional = 9000'
	judged <<-END
		{$ORDER,"side":"BUY","quantity":"0.002","price":"59000"}|max_position_notional
		{"type":"MARKET","symbol":"BTCUSDT","side":"SELL","quantity":"0.002","reduceOnly":true}|ok
	END
	[ "$status" -eq 3 ]
	[ "$(executed)" -eq 1 ]
}

@test "marks come from the pipe's own records, the latest counts; but a cap is not held by them" {
	sim
	run --separate-stderr bf-order <<-END
		{"e":"markPriceUpdate","E":$(date +%s%3N),"s":"BTCUSDT","p":"63000.00000000","i":"63000"}
		$(limit SELL 0.002 59800 BTCUSDT far)
		$(limit SELL 0.002 61000 BTCUSDT near)
		{"e":"markPriceUpdate","E":$(date +%s%3N),"s":"BTCUSDT","p":"60000.00000000"}
		$(limit SELL 0.002 59800 BTCUSDT now)
	END
	outcomes 3
	same "far near now" "$(jq -r '.clientOrderId // .intent.newClientOrderId' <<<"$output" | paste -sd' ')"
	is -s '.[0].e == "bf.reject" and .[1].status == "NEW" and .[2].status == "NEW"' <<<"$output"
	[ "$(seen GET /fapi/v1/premiumIndex)" -eq 0 ]
	# an old one, and one of another symbol, say nothing
	run --separate-stderr bf-order <<-END
		{"e":"markPriceUpdate","E":$(($(date +%s%3N) - 60000)),"s":"BTCUSDT","p":"90000"}
		{"e":"markPriceUpdate","E":$(date +%s%3N),"s":"ETHUSDT","p":"90000"}
		$(limit SELL 0.002 61000 BTCUSDT true)
	END
	same "true:NEW" "$(became)"
	[ "$(seen GET /fapi/v1/premiumIndex)" -eq 1 ]
	# whoever writes the order could write the price it is judged by
	profile 'max_price_distance = 2'
	run --separate-stderr bf-order <<-END
		{"e":"markPriceUpdate","E":$(date +%s%3N),"s":"BTCUSDT","p":"58000.00000000"}
		$(limit BUY 0.002 58000 BTCUSDT capped)
	END
	same "capped:max_price_distance" "$(became)"
	[ "$(seen GET /fapi/v1/premiumIndex)" -eq 2 ]
}

# Whether all that was asked so far was asked in one minute of the exchange: then one count holds.
one_minute() { jq -es '[.[] | select(.what == "request") | .E / 60000 | floor] | unique | length == 1' "$T/ledger" >/dev/null; }

@test "max_orders_per_minute: the next is refused and may be tried again, batches count each order, exits go" {
	{ limit BUY 0.002 59000 BTCUSDT o1; market BUY 0.01 ETHUSDT o2; market BUY 1 SOLUSDT o3; market BUY 100 DOGEUSDT o4
		market BUY 0.1 BNBUSDT o5; market SELL 0.01 ETHUSDT o6 '"reduceOnly":true'; } >"$T/lines"
	local try
	for try in one two; do	# the second if a minute ended in the first
		sim_as $try --position ETHUSDT:1
		profile 'max_orders_per_minute = 3'
		run --separate-stderr bf-order --wait 0 --max-in-flight 1 <"$T/lines"
		one_minute && break
	done
	[ "$status" -eq 3 ]
	outcomes 6
	is -s 'map(select(.e == "bf.error")) | map(.intent.newClientOrderId) == ["o3", "o4", "o5"] and all(.[]; .retryable and
		.outcome == "refused" and (.msg | test("max_orders_per_minute")))' <<<"$output"
	[ "$(executed)" -eq 3 ]	# the exit went before o3, and counts
	run --separate-stderr bf-order buy ETHUSDT 0.01 market
	one_minute || skip "a minute of the exchange ended in between"
	[ "$status" -eq 3 ]
	run --separate-stderr bf-order sell ETHUSDT 0.01 market --reduce-only
	[ "$status" -eq 0 ]
}

# Some seconds of the present window of 10 s are left.
early() { [ $(($(date +%s%3N) % 10000)) -lt 6000 ]; }

@test "-1015 is waited for, and what is sent then is signed then" {
	sim --fault 'on POST order#1: exec=no reply=429/-1015'
	{ limit BUY 0.002 59000 BTCUSDT r1; limit BUY 0.002 59001 BTCUSDT r2; } >"$T/lines"
	run --separate-stderr bf-order --wait 15000 <"$T/lines"
	outcomes 2
	same "r1:-1015 r2:NEW" "$(became)"
	is -s '.[0].retryable and .[0].outcome == "refused"' <<<"$output"
	# orders are counted in windows of 10 s: the second is of a later one
	jq -es '[.[] | select(.method == "POST") | (.query | capture("timestamp=(?<t>[0-9]+)").t | tonumber / 10000 | floor)] |
		length == 2 and .[1] > .[0]' "$T/ledger"
}

@test "--wait 0 refuses what has to wait" {
	sim --fault 'on POST order#1: exec=no reply=429/-1015'
	{ limit BUY 0.002 59000 BTCUSDT r1; limit BUY 0.002 59001 BTCUSDT r2; } >"$T/lines"
	wait_for early
	run --separate-stderr bf-order --wait 0 <"$T/lines"
	[ "$status" -eq 3 ]
	outcomes 2
	is -s 'all(.[]; .e == "bf.error" and .retryable and .outcome == "refused")' <<<"$output"
	[ "$(seen POST /fapi/v1/order)" -eq 1 ]
}

@test "a latch that is set while an order waits for a limit: nothing leaves" {
	sim --fault 'on POST order#1: exec=no reply=429/-1015'
	wait_for early
	fed --wait 15000
	tell "$(limit BUY 0.002 59000 BTCUSDT r1)" "$(limit BUY 0.002 59001 BTCUSDT r2)"
	wait_for told_to_wait
	latch
	fed_end
	[ "$status" -eq 6 ]
	output=$(<"$T/out")
	same "r1:-1015 r2:kill-latch" "$(became)"
	[ "$(seen POST /fapi/v1/order)" -eq 1 ]
}
