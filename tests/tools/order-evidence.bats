#!/usr/bin/env bats
# What bf-order learns besides answers: events, rules that have changed; and what it tells before
# anything is sent. What reached the exchange is its ledger's word.

setup() { load ../helper; load ../simclient; load ../asked; home; }
teardown() { home_end; }

mutations() { jq -s '[.[] | select(.what == "request" and .method != "GET" and (.path | test("listenKey") | not))] | length' "$T/ledger"; }
infos() { seen GET /fapi/v1/exchangeInfo; }
intents() { cat "$XDG_STATE_HOME"/bf/sim/journal/*.ndjson 2>/dev/null | grep -c '"what":"intent"' || true; }
unknown() { grep -q 'outcome unknown' "$T/err"; }
in_stream() { grep -q -- "$1" "$T/u"; }
user() { ws u "/private/ws/$(listen_key)"; }

#
# Events
#

@test "an event of the user stream ends a look-up that no query can end" {
	sim --fault 'on POST order: exec=late=1500 reply=503/unknown' --fault 'on GET order: reply=502/html' \
		--fault 'on GET openOrders: reply=502/html' --fault 'on GET userTrades: reply=502/html'
	run --separate-stderr timeout 60 bf-order --resolve-timeout 25 <<<"$(limit BUY 0.002 59000 BTCUSDT e1)"
	[ "$status" -eq 0 ] || { echo "$status $output $stderr"; false; }
	same e1:NEW "$(became)"
	is '.price | tonumber == 59000' <<<"$output"
	[[ $stderr == *"outcome unknown"* ]]
	[ "$(seen POST /fapi/v1/order)" -eq 1 ]
	[ "$(executed)" -eq 1 ]
}

@test "an event that comes down the pipe is evidence too, of both kinds of order" {
	sim
	user
	rules 'on POST order: exec=yes reply=503/unknown' 'on POST algoOrder: exec=yes reply=503/unknown' \
		'on GET order: reply=502/html' 'on GET algoOrder: reply=502/html' 'on POST listenKey: reply=502/html'
	fed --resolve-timeout 25
	tell "$(limit BUY 0.002 59000 BTCUSDT e1)"
	wait_for in_stream '"c":"e1"'
	wait_for unknown
	[ ! -s "$T/out" ]
	# of another order, with another price: no evidence
	tell "$(grep ORDER_TRADE_UPDATE "$T/u" | head -n 1 | sed 's/"c":"e1"/"c":"e9"/')"
	tell "$(grep ORDER_TRADE_UPDATE "$T/u" | head -n 1 | sed 's/59000/58000/')"
	tell "$(grep ORDER_TRADE_UPDATE "$T/u" | head -n 1)"
	wait_for came 1
	tell '{"symbol":"BTCUSDT","side":"BUY","type":"STOP_MARKET","quantity":"0.002","triggerPrice":"61000","newClientOrderId":"e2"}'
	wait_for in_stream ALGO_UPDATE
	wait_for grep -q 'e2: outcome unknown' "$T/err"
	tell "$(grep ALGO_UPDATE "$T/u" | head -n 1)"
	wait_for came 2
	fed_end
	[ "$status" -eq 0 ]
	output=$(<"$T/out")
	same "e1:NEW e2:NEW" "$(became)"
	is -s '(.[0].price | tonumber) == 59000' <<<"$output"
	[ "$(mutations)" -eq 2 ]
}

#
# Without sending
#

@test "--test lets the exchange check LIMIT and MARKET orders of USDⓈ-M: none is placed or journalled" {
	sim --balance coinm.BTC=1
	{ limit BUY 0.002 59000 BTCUSDT t1; market BUY 0.01 ETHUSDT t2; limit BUY 0.002 60100 BTCUSDT t3 '"timeInForce":"GTD","goodTillDate":253402300700000'
		limit BUY 1 59000 BTCUSDT t4; } >"$T/lines"
	run --separate-stderr bf-order --test <"$T/lines"
	[ "$(seen POST /fapi/v1/order/test)" -eq 4 ]
	outcomes 4
	is -s 'map(select(.status == "NEW")) | length >= 3' <<<"$output"
	{ limit BUY 1 59000 BTCUSD_PERP x1
		echo '{"symbol":"BTCUSDT","side":"BUY","type":"STOP_MARKET","quantity":"0.002","triggerPrice":"61000"}'
		echo '{"op":"modify","symbol":"BTCUSDT","orderId":5,"side":"BUY","quantity":"0.002","price":"59000"}'
		echo '{"op":"cancel","symbol":"BTCUSDT","orderId":5}'; echo '{"op":"cancel-all","symbol":"BTCUSDT"}'; } >"$T/lines"
	run --separate-stderr bf-order --test <"$T/lines"
	[ "$status" -eq 2 ]
	outcomes 5
	is -s 'all(.[]; .e == "bf.reject" and .rule == "test" and (.msg | test("dry-run")))' <<<"$output"
	run --separate-stderr bf-order --test buy BTCUSDT 0.002 @ 59000
	[ "$status" -eq 0 ]
	run --separate-stderr bf-order --test buy BTCUSDT 0.0005 @ 59000	# the checks here come first
	[ "$status" -eq 1 ]
	[ "$(seen POST /fapi/v1/order/test)" -eq 5 ]
	[ "$(executed)" -eq 0 ]
	[ "$(mutations)" -eq 5 ]
	[ "$(intents)" -eq 0 ]
	# the same ids can be used in earnest
	run --separate-stderr bf-order <<<"$(limit BUY 0.002 59000 BTCUSDT t1)"
	[ "$status" -eq 0 ]
}

@test "--dry-run sends nothing, of whatever kind, of either market" {
	sim --balance coinm.BTC=1 --position ETHUSDT:1
	bf-order buy BTCUSDT 0.002 @ 59000 --client-id real >/dev/null 2>&1
	: >"$T/ledger"
	{ limit BUY 0.002 59000 BTCUSDT d1; limit BUY 1 59000 BTCUSD_PERP d2; market SELL 0.5 ETHUSDT d3 '"reduceOnly":true'
		echo '{"symbol":"BTCUSDT","side":"BUY","type":"STOP_MARKET","quantity":"0.002","triggerPrice":"61000"}'
		echo '{"op":"modify","symbol":"BTCUSDT","origClientOrderId":"real","price":"59100"}'
		echo '{"op":"cancel","symbol":"BTCUSDT","origClientOrderId":"real"}'; echo '{"op":"cancel-all","symbol":"BTCUSDT"}'; } >"$T/lines"
	run --separate-stderr bf-order --dry-run <"$T/lines"
	[ "$status" -eq 0 ]
	outcomes 8	# a cancel-all is two requests
	is -s 'all(.[]; .e == "bf.dryrun") and (map(.method + .path) == ["POST/fapi/v1/order", "POST/dapi/v1/order", "POST/fapi/v1/order",
		"POST/fapi/v1/algoOrder", "PUT/fapi/v1/order", "DELETE/fapi/v1/order", "DELETE/fapi/v1/allOpenOrders",
		"DELETE/fapi/v1/algoOpenOrders"])' <<<"$output"
	run --separate-stderr bf-order --dry-run cancel-all BTCUSDT
	[ "$status" -eq 0 ]
	[ "$(mutations)" -eq 0 ]
	[ "$(intents)" -eq 1 ]
	same real "$(signed GET /fapi/v1/openOrders | jq -r '.[].clientOrderId')"
}

#
# Rules
#

@test "--round: quantities down; prices never worse; triggers and activations; said for each" {
	sim --position BTCUSDT:0.5
	local row n=0
	while IFS='|' read -r intent want; do
		n=$((n + 1))
		printf '%s,"newClientOrderId":"r%d"}\n' "${intent%\}}" $n >>"$T/lines"
		printf '%s\n' "$want" >>"$T/want"
	done <<-END
		{"symbol":"BTCUSDT","side":"BUY","type":"LIMIT","quantity":"0.0029","price":"59000.07"}|quantity=0.002&price=59000
		{"symbol":"BTCUSDT","side":"SELL","type":"LIMIT","quantity":"0.0021","price":"61000.01"}|quantity=0.002&price=61000.1
		{"symbol":"BTCUSDT","side":"BUY","type":"STOP_MARKET","quantity":"0.002","triggerPrice":"61000.07"}|quantity=0.002&triggerPrice=61000
		{"symbol":"BTCUSDT","side":"SELL","type":"STOP_MARKET","quantity":"0.002","stopPrice":"58000.01"}|quantity=0.002&triggerPrice=58000.1
		{"symbol":"BTCUSDT","side":"SELL","type":"TAKE_PROFIT_MARKET","quantity":"0.002","triggerPrice":"62000.02"}|quantity=0.002&triggerPrice=62000.1
		{"symbol":"BTCUSDT","side":"BUY","type":"TAKE_PROFIT","quantity":"0.002","triggerPrice":"58000.09","price":"58000.19"}|quantity=0.002&price=58000.1&triggerPrice=58000
		{"symbol":"BTCUSDT","side":"SELL","type":"TRAILING_STOP_MARKET","quantity":"0.00255","callbackRate":"1","activatePrice":"61000.05"}|quantity=0.002&activatePrice=61000.1
		{"symbol":"BTCUSDT","side":"SELL","type":"LIMIT","quantity":"0.002","price":"61000.10"}|quantity=0.002&price=61000.10
	END
	run --separate-stderr bf-order --round <"$T/lines"
	[ "$status" -eq 0 ] || { echo "$output"; false; }
	outcomes 8
	jq -r 'select(.what == "request" and .method == "POST").query | split("&") |
		map(select(test("^(quantity|price|triggerPrice|activatePrice)="))) | join("&")' "$T/ledger" >"$T/got"
	same "$(<"$T/want")" "$(<"$T/got")"
	[ "$(grep -c rounded <<<"$stderr")" -eq 11 ]
	[[ $stderr == *"line 1: quantity 0.0029 rounded to 0.002"* ]]
	[[ $stderr == *"line 4: stopPrice 58000.01 rounded to 58000.1"* ]]
	# what the journal and a later run have is what was sent
	run --separate-stderr bf-order journal
	is -s 'map(select(.what == "intent" and .id == "r1"))[0].data.intent | .quantity == "0.002" and .price == "59000"' <<<"$output"
	# bounds are no grid: too small stays too small
	run --separate-stderr bf-order --round buy BTCUSDT 0.0004 @ 59000
	[ "$status" -eq 1 ]
	run --separate-stderr bf-order --round modify BTCUSDT r1 0.0039 @ 59000.19
	[ "$status" -eq 0 ]
	asked PUT /fapi/v1/order | grep -q 'quantity=0.003&price=59000.1&'
}

@test "all findings of an order at once: code, rule, value, limit and the nearest that would do" {
	sim --position BTCUSDT:0.5
	run --separate-stderr bf-order <<<"$(limit BUY 0.00051 80000.03 BTCUSDT f1)"
	[ "$status" -eq 1 ]
	outcomes 1
	is '.e == "bf.reject" and .limit != "" and .value != "" and (.msg | test("-4014") and test("-1111") and test("-4004|-4023") and
		test("-4016|-4131|-4024") and test("nearest"))' <<<"$output"
	run --separate-stderr bf-order buy BTCUSDT 0.0005 @ 59000.03
	[ "$status" -eq 1 ]
	[[ $stderr == *"59000.03: not a multiple of tickSize 0.10; nearest 59000.00 (-4014)"* ]]
	# the minimum notional is not asked of an order that reduces
	{ limit BUY 0.001 45000 BTCUSDT f2; limit SELL 0.001 61000 BTCUSDT f3; } >"$T/lines"
	market SELL 0.01 DOGEUSDT f4 >>"$T/lines"
	market SELL 1 DOGEUSDT f5 '"reduceOnly":true' >>"$T/lines"
	run --separate-stderr bf-order <"$T/lines"
	is -s 'map(select(.intent.newClientOrderId == "f5"))[0] | .e == "bf.error" and .code == -2022' <<<"$output"	# went, and the exchange said why not
	is -s 'map(select(.intent.newClientOrderId == "f4"))[0] | .e == "bf.reject"' <<<"$output"
}

@test "rules are read anew when the exchange refuses by a filter, and the next is judged by them" {
	sim
	public /fapi/v1/exchangeInfo | jq -c '.symbols |= map(select(.symbol == "BTCUSDT") | .filters |= map(if .filterType == "PRICE_FILTER"
		then .tickSize = "0.50" else . end))' >"$T/filters"
	: >"$T/ledger"
	fed
	tell "$(limit BUY 0.002 59001 BTCUSDT g1)"
	wait_for came 1
	act "filters=$T/filters"	# its grid begins at minPrice, 556.80
	tell "$(limit BUY 0.002 59002.1 BTCUSDT g2)"
	wait_for came 2
	tell "$(limit BUY 0.002 59003.1 BTCUSDT g3)" "$(limit BUY 0.002 59003.3 BTCUSDT g4)"
	wait_for came 4
	fed_end
	output=$(<"$T/out")
	same "g1:NEW g2:-4014 g3:tickSize g4:NEW" "$(became)"
	is -s '.[2].msg | test("nearest 59002.80")' <<<"$output"
	[ "$(infos)" -eq 2 ]
	[ "$(seen POST /fapi/v1/order)" -eq 3 ]
}

@test "a symbol that stops trading, or is no longer listed, during a run: refused, cancels and exits go" {
	sim --position SOLUSDT:10
	fed
	tell "$(limit BUY 1 140 SOLUSDT s1)"
	wait_for came 1
	act 'status=SETTLING SOLUSDT'
	tell "$(limit BUY 1 145 SOLUSDT s2)"
	wait_for came 2
	tell "$(limit BUY 1 146 SOLUSDT s3)"
	wait_for came 3
	tell '{"op":"cancel","symbol":"SOLUSDT","origClientOrderId":"s1"}' "$(limit BUY 0.002 59000 BTCUSDT b1)"
	wait_for came 5
	fed_end
	output=$(<"$T/out")
	same "s1:NEW s2:-4140 s3:status" "$(head -n 3 "$T/out" | output=$(cat) became)"
	same "b1:NEW s1:CANCELED" "$(tail -n 2 "$T/out" | output=$(cat) became | tr ' ' '\n' | sort | paste -sd' ')"
	[ "$(seen POST /fapi/v1/order)" -eq 3 ]
	# gone from the list altogether
	public /fapi/v1/exchangeInfo | jq -c '.symbols |= map(select(.symbol != "SOLUSDT"))' >"$T/info"
	act "exchangeInfo=$T/info" 'status=TRADING SOLUSDT'
	rm -f "$XDG_CACHE_HOME"/bf/sim/*
	run --separate-stderr bf-order buy SOLUSDT 1 @ 140
	[ "$status" -eq 1 ]
	same -1121 "$(jq -r .code <<<"$output")"
	[ "$(seen POST /fapi/v1/order)" -eq 3 ]
}
