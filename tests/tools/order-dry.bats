#!/usr/bin/env bats
# bf-order --dry-run: what an order would cost and do, held against bf-sim, where the same
# order is then placed. The built-in books begin 0.005 % from the mark, at which nothing
# moves while nobody feeds it.

setup() { load ../helper; load ../signed; home; }
teardown() { home_end; }

# dry INTENT...: the records of --dry-run.
dry() { printf '%s\n' "$@" | bf-order --dry-run 2>"$T/err"; }
# limit SYMBOL SIDE QUANTITY PRICE [MORE]: as an intent.
limit() { printf '{"symbol":"%s","side":"%s","type":"LIMIT","timeInForce":"GTC","quantity":"%s","price":"%s"%s}' "$1" "$2" "$3" "$4" "${5:-}"; }
# send INTENT [API]: placed at the exchange, as it is.
send() {
	signed POST "/${2:-fapi}/v1/order" "$(jq -r '[to_entries[] | "\(.key)=\(.value)"] | join("&")' <<<"$1")" >"$T/answer"
	taken
}
# The price at which an order of SIDE trades at once, whole.
touch_price() {
	curl -sS --noproxy '*' "$SIM_REST/${3:-fapi}/v1/ticker/bookTicker?symbol=$1" |
		jq -r "if type == \"array\" then .[0] else . end | if \"$2\" == \"BUY\" then .askPrice else .bidPrice end"
}
row() { signed GET /fapi/v3/positionRisk "symbol=$1" | jq -c --arg s "${2:-BOTH}" '.[] | select(.positionSide == $s)'; }
# Whether a record of --dry-run is what the position ROW then shows: amount and
# liquidation price, within TICK.
as_shown() {
	is --argjson p "$2" --argjson tick "$3" '(.cost.positionAmt | tonumber) == ($p.positionAmt | tonumber) and
		((.cost.liquidationPrice | tonumber) - ($p.liquidationPrice | tonumber) | fabs) <= $tick' <<<"$1" ||
		{ echo "$2" >&2; return 1; }
}
# Effective leverage as the account's own figures give it.
leverage() {
	signed GET /fapi/v3/account | jq '([.positions[].notional | tonumber | fabs] | add) / (.totalMarginBalance | tonumber)'
}

@test "dry run: the request's shape, without a signature, and nothing is sent" {
	sim
	local secret
	secret=$(sed -n 's/^secret *= *//p' "$XDG_CONFIG_HOME/bf/profiles/sim")
	dry "$(limit BTCUSDT BUY 0.010 50000.0 ',"newClientOrderId":"a/b","note":"mine"')" >"$T/out"
	[ "$(wc -l <"$T/out")" -eq 1 ]
	is '.e == "bf.dryrun" and .by == "bf-order" and .market == "usdm" and .method == "POST" and .path == "/fapi/v1/order" and
		.intent.note == "mine" and .intent.quantity == "0.010" and .E > 1600000000000' <"$T/out"
	jq -r .query "$T/out" >"$T/query"
	grep -qE '(^|&)symbol=BTCUSDT(&|$)' "$T/query"
	grep -qE '(^|&)quantity=0\.010(&|$)' "$T/query"
	grep -qE '(^|&)price=50000\.0(&|$)' "$T/query"
	grep -qE '(^|&)newClientOrderId=a%2Fb(&|$)' "$T/query"
	grep -qE '&timestamp=[0-9]{13}&recvWindow=5000&signature=not-signed$' "$T/query"
	run ! grep -q note "$T/query"
	run ! grep -qF "$secret" "$T/out" "$T/err"
	[ "$(seen POST /fapi/v1/order)" -eq 0 ]
	[ "$(executed)" -eq 0 ]
}

@test "dry run: an order that rests: its margin and its notional are the exchange's" {
	sim --leverage BTCUSDT=10
	local o
	o=$(limit BTCUSDT BUY 0.123 59000.1)
	dry "$o" >"$T/out"
	send "$o"
	is '(.cost.price | tonumber) == 59000.1 and (.cost.notional | tonumber) == 7257.0123' <"$T/out"
	is --slurpfile d "$T/out" '(.openOrderInitialMargin | tonumber) == ($d[0].cost.margin | tonumber)' <<<"$(row BTCUSDT)"
}

@test "dry run: filled whole, one-way and cross: fee, amount, leverage, liquidation price" {
	local p o at
	# flat; more of the same beside another contract; against it; through it to the other side
	for p in 'BUY 0.5' 'SELL 0.4' 'BUY 0.3 ETHUSDT:-2 BTCUSDT:0.2@59000' 'SELL 0.1 BTCUSDT:0.4@61000' \
		'SELL 0.9 BTCUSDT:0.4@61000 SOLUSDT:30'; do
		set -- $p
		sim_as "x${p//[^0-9A-Z]/_}" ${3:+--position "$3"} ${4:+--position "$4"}
		at=$(touch_price BTCUSDT "$1")
		o=$(limit BTCUSDT "$1" "$2" "$at")
		dry "$o" >"$T/out"
		send "$o"
		as_shown "$(<"$T/out")" "$(row BTCUSDT)" 0.1
		is --argjson l "$(leverage)" '(.cost.leverage | tonumber) - $l | . >= 0 and . <= 0.00011' <"$T/out"
		signed GET /fapi/v1/userTrades symbol=BTCUSDT |
			is --slurpfile d "$T/out" 'length == 1 and (.[0].commission | tonumber) == ($d[0].cost.fee | tonumber) and
				(.[0].price | tonumber) == ($d[0].cost.price | tonumber)'
	done
}

@test "dry run: isolated: the margin is what goes into the position's wallet" {
	sim --margin-type BTCUSDT=isolated --leverage BTCUSDT=7 --position ETHUSDT:1
	local o before
	o=$(limit BTCUSDT SELL 0.25 "$(touch_price BTCUSDT SELL)")
	dry "$o" >"$T/out"
	send "$o"
	as_shown "$(<"$T/out")" "$(row BTCUSDT)" 0.1
	is --slurpfile d "$T/out" '(.isolatedWallet | tonumber) == ($d[0].cost.margin | tonumber)' <<<"$(row BTCUSDT)"
	before=$(row BTCUSDT)
	# more, and then part of it back
	o=$(limit BTCUSDT SELL 0.15 "$(touch_price BTCUSDT SELL)")
	dry "$o" >"$T/out"
	send "$o"
	as_shown "$(<"$T/out")" "$(row BTCUSDT)" 0.1
	[ "$(row BTCUSDT)" != "$before" ]
	o=$(limit BTCUSDT BUY 0.1 "$(touch_price BTCUSDT BUY)" ',"reduceOnly":"true"')
	dry "$o" >"$T/out"
	send "$o"
	as_shown "$(<"$T/out")" "$(row BTCUSDT)" 0.1
	is '(.cost.margin | tonumber) == 0' <"$T/out"
}

@test "dry run: hedge mode: both legs share one liquidation price" {
	sim --hedge
	local o
	o=$(limit BTCUSDT SELL 0.3 "$(touch_price BTCUSDT SELL)" ',"positionSide":"SHORT"')
	send "$o"
	o=$(limit BTCUSDT BUY 0.8 "$(touch_price BTCUSDT BUY)" ',"positionSide":"LONG"')
	dry "$o" >"$T/out"
	send "$o"
	as_shown "$(<"$T/out")" "$(row BTCUSDT LONG)" 0.1
	is --argjson l "$(leverage)" '(.cost.leverage | tonumber) - $l | . >= 0 and . <= 0.00011' <"$T/out"
}

@test "dry run: COIN-M: contracts, coins, its own paths" {
	sim --balance coinm.BTC=0.5
	local o
	for o in "$(limit BTCUSD_PERP BUY 200 "$(touch_price BTCUSD_PERP BUY dapi)")" \
		"$(limit BTCUSD_PERP BUY 50 "$(touch_price BTCUSD_PERP BUY dapi)")" \
		"$(limit BTCUSD_PERP SELL 450 "$(touch_price BTCUSD_PERP SELL dapi)")"; do
		dry "$o" >"$T/out"
		send "$o" dapi
		is '.market == "coinm" and .path == "/dapi/v1/order" and
			(.cost.notional | tonumber) == (.intent.quantity | tonumber) * 100' <"$T/out"
		as_shown "$(<"$T/out")" "$(signed GET /dapi/v1/positionRisk pair=BTCUSD | jq -c '.[] | select(.symbol == "BTCUSD_PERP")')" 0.1
		signed GET /dapi/v1/userTrades symbol=BTCUSD_PERP |
			is --slurpfile d "$T/out" '(.[-1].commission | tonumber) == ($d[0].cost.fee | tonumber)'
	done
}

@test "dry run: a conditional order is reckoned at its trigger, a close-all with all there is" {
	sim --position BTCUSDT:0.5
	dry '{"symbol":"BTCUSDT","side":"SELL","type":"STOP_MARKET","triggerPrice":"58000","closePosition":"true"}' \
		'{"symbol":"BTCUSDT","side":"SELL","type":"STOP","triggerPrice":"58000","price":"57900","quantity":"0.2","reduceOnly":"true"}' >"$T/out"
	is -s '.[0].path == "/fapi/v1/algoOrder" and (.[0].cost | .price == "58000" and .notional == "29000" and .margin == "0" and
		.positionAmt == "0" and .liquidationPrice == "0" and .leverage == "0")
		and (.[1].cost | .price == "57900" and .positionAmt == "0.3")' <"$T/out"
}

@test "dry run: what it needs of the exchange is asked once" {
	sim
	local o
	o=$(limit BTCUSDT BUY 0.1 59000)
	dry "$o" "$o" "$(limit ETHUSDT BUY 1 2900)" "$o" >"$T/out"
	[ "$(wc -l <"$T/out")" -eq 4 ]
	[ "$(seen GET /fapi/v3/account)" -eq 1 ]
	[ "$(seen GET /fapi/v1/commissionRate)" -eq 2 ]
	[ "$(seen GET /fapi/v1/leverageBracket)" -eq 2 ]
}

@test "dry run: without a key the shape and the notional, the rest null, said once" {
	sim
	sed -i '/^key/d; /^secret/d' "$XDG_CONFIG_HOME/bf/profiles/sim"
	dry "$(limit BTCUSDT BUY 0.1 59000)" "$(limit BTCUSDT BUY 0.2 59000)" >"$T/out"
	is -s 'length == 2 and all(.[]; .path == "/fapi/v1/order" and .cost.price == "59000" and
		(.cost | .fee == null and .margin == null and .positionAmt == null and .leverage == null and .liquidationPrice == null))
		and (.[0].cost.notional | tonumber) == 5900' <"$T/out"
	[ "$(grep -c 'no key is configured' "$T/err")" -eq 1 ]
}

@test "dry run: what the exchange will not tell is null, said once, and the rest stands" {
	sim --fault 'on GET commissionRate*: reply=400/-1000' --fault 'on GET leverageBracket*: reply=400/-1000'
	dry "$(limit BTCUSDT BUY 0.1 60000)" "$(limit BTCUSDT BUY 0.2 60000)" >"$T/out"
	is -s 'length == 2 and all(.[].cost; .fee == null and .liquidationPrice == null)
		and (.[0].cost | .positionAmt == "0.1" and .margin == "300" and .leverage == "0.6")' <"$T/out"
	[ "$(grep -c commissionRate "$T/err")" -eq 1 ]
	[ "$(grep -c leverageBracket "$T/err")" -eq 1 ]
}

@test "dry run: a cancel has a shape, and costs nothing" {
	sim
	dry '{"op":"cancel","symbol":"BTCUSDT","orderId":8389765000000000001}' '{"op":"cancel","symbol":"BTCUSDT","clientAlgoId":"x"}' >"$T/out"
	is -s '.[0].method == "DELETE" and .[0].path == "/fapi/v1/order" and (.[0].query | test("orderId=8389765000000000001&"))
		and .[1].path == "/fapi/v1/algoOrder" and all(.[].cost[]; . == null)' <"$T/out"
	[ "$(seen GET /fapi/v3/account)" -eq 0 ]
}

@test "dry run: a cancel-all is two requests, and both are shown" {
	sim
	dry '{"op":"cancel-all","symbol":"BTCUSDT","algo":false}' '{"op":"cancel-all","symbol":"BTCUSDT","algo":true}' >"$T/out"
	is -s 'map(.path) == ["/fapi/v1/allOpenOrders", "/fapi/v1/algoOpenOrders", "/fapi/v1/algoOpenOrders"] and
		map(.intent.algo) == [false, true, true] and all(.[]; .query | test("^symbol=BTCUSDT&"))' <"$T/out"
	bf-order --dry-run cancel-all BTCUSDT >"$T/out" 2>"$T/err"
	is -s 'map(.path) == ["/fapi/v1/allOpenOrders", "/fapi/v1/algoOpenOrders"] and map(.method) == ["DELETE", "DELETE"]' <"$T/out"
	[ "$(seen DELETE /fapi/v1/allOpenOrders)" -eq 0 ]
	[ "$(seen DELETE /fapi/v1/algoOpenOrders)" -eq 0 ]
}
