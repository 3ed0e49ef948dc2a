#!/usr/bin/env bats
# The one language of orders, both markets, in words and on the pipe: what reached the exchange is
# its ledger's word. The built-in books begin 0.005 % from the mark; BTCUSDT's is at 60000.

setup() { load ../helper; load ../simclient; load ../asked; home; }
teardown() { home_end; }

TILL=253402300700000	# a goodTillDate that is always far enough
PERP='"symbol":"BTCUSDT"'

# piped: rows of INTENT|PATH?PARAMETERS on stdin, all through one run; each has reached the exchange
# like that, once, and nothing else has, and all were taken. @ is the client id, one a row.
piped() {
	local row intent want n=0
	: >"$T/lines"
	: >"$T/want"
	while IFS= read -r row; do
		n=$((n + 1))
		intent=${row%%|*} want=${row#*|}
		printf '%s\n' "${intent//@/p-$n}" >>"$T/lines"
		printf '%s\n' "${want//@/p-$n}" >>"$T/want"
	done
	run --separate-stderr bf-order <"$T/lines"
	[ "$status" -eq 0 ] || { echo "$status $output $stderr"; return 1; }
	outcomes "$n"
	arrived
	same "$(<"$T/want")" "$(<"$T/got")"
}
# What reached the exchange to stay, in its order: PATH?PARAMETERS.
arrived() {
	local row
	jq -r 'select(.what == "request" and .method != "GET") | .path + "?" + (.query | split("&") |
		map(select(test("^(timestamp|recvWindow)=") | not)) | join("&"))' "$T/ledger" |
		while IFS= read -r row; do printf '%b\n' "${row//%/\\x}"; done >"$T/got"
}
# said: rows of WORDS|PATH?PARAMETERS; each is one run.
said() {
	local row words n=0
	: >"$T/want"
	while IFS= read -r row; do
		n=$((n + 1))
		words=${row%%|*} row=${row#*|}
		printf '%s\n' "${row//@/v-$n}" >>"$T/want"
		# shellcheck disable=SC2086	# words
		run --separate-stderr bf-order --client-id "v-$n" $words
		[ "$status" -eq 0 ] || { echo "$words: $status $output $stderr"; return 1; }
		outcomes 1
	done
	arrived
	same "$(<"$T/want")" "$(<"$T/got")"
}
# refused_as: rows of INTENT|CODE: refused here or there with that code. What is refused here is
# told at once, so each has its row's number as a note.
refused_as() {
	local row n=0
	: >"$T/lines"
	: >"$T/want"
	while IFS= read -r row; do
		n=$((n + 1))
		printf '%s,"note":%d}\n' "${row%\}|*}" "$n" >>"$T/lines"
		printf '%s\n' "${row##*|}" >>"$T/want"
	done
	run --separate-stderr bf-order --max-in-flight 1 <"$T/lines"
	outcomes "$n"
	same "$(<"$T/want")" "$(jq -rs 'sort_by(.intent.note)[] | .code' <<<"$output")"
	[ "$(executed)" -eq 0 ]
}

@test "USDⓈ-M, on the pipe: each type and flag of regular orders has its parameters" {
	sim --position BTCUSDT:0.5
	piped <<-END
		{$PERP,"side":"BUY","type":"LIMIT","quantity":"0.002","price":"59000","newClientOrderId":"@"}|/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.002&price=59000&newClientOrderId=@
		{$PERP,"side":"SELL","type":"LIMIT","timeInForce":"IOC","quantity":0.0030,"price":60000.0,"newClientOrderId":"@"}|/fapi/v1/order?symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=IOC&quantity=0.0030&price=60000.0&newClientOrderId=@
		{$PERP,"side":"BUY","type":"LIMIT","timeInForce":"FOK","quantity":"0.002","price":"60100","newClientOrderId":"@"}|/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=FOK&quantity=0.002&price=60100&newClientOrderId=@
		{$PERP,"side":"BUY","type":"LIMIT","timeInForce":"GTX","quantity":"0.002","price":"59001","newClientOrderId":"@"}|/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTX&quantity=0.002&price=59001&newClientOrderId=@
		{$PERP,"side":"BUY","type":"LIMIT","timeInForce":"GTD","goodTillDate":$TILL,"quantity":"0.002","price":"59002","newClientOrderId":"@"}|/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTD&quantity=0.002&price=59002&newClientOrderId=@&goodTillDate=$TILL
		{"op":"place",$PERP,"side":"BUY","type":"MARKET","quantity":"0.002","newClientOrderId":"@","note":"mine"}|/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.002&newClientOrderId=@
		{$PERP,"side":"SELL","type":"MARKET","quantity":"0.002","reduceOnly":true,"newClientOrderId":"@"}|/fapi/v1/order?symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.002&reduceOnly=true&newClientOrderId=@
		{$PERP,"side":"BUY","type":"LIMIT","quantity":"0.002","priceMatch":"QUEUE_5","newClientOrderId":"@"}|/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.002&newClientOrderId=@&priceMatch=QUEUE_5
		{$PERP,"side":"BUY","type":"LIMIT","timeInForce":"IOC","quantity":"0.002","priceMatch":"OPPONENT","price":"0","newClientOrderId":"@"}|/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=IOC&quantity=0.002&newClientOrderId=@&priceMatch=OPPONENT
		{$PERP,"side":"BUY","positionSide":"BOTH","type":"LIMIT","quantity":"0.002","price":"59000","newOrderRespType":"RESULT","selfTradePreventionMode":"EXPIRE_BOTH","newClientOrderId":"@"}|/fapi/v1/order?symbol=BTCUSDT&side=BUY&positionSide=BOTH&type=LIMIT&timeInForce=GTC&quantity=0.002&price=59000&newClientOrderId=@&newOrderRespType=RESULT&selfTradePreventionMode=EXPIRE_BOTH
	END
	[ "$(executed)" -eq 10 ]
}

@test "USDⓈ-M, on the pipe: conditional orders go to the algo service by themselves" {
	sim --position BTCUSDT:0.5
	piped <<-END
		{$PERP,"side":"BUY","type":"STOP","quantity":"0.002","triggerPrice":"61000","price":"61100","newClientOrderId":"@"}|/fapi/v1/algoOrder?algoType=CONDITIONAL&symbol=BTCUSDT&side=BUY&type=STOP&timeInForce=GTC&quantity=0.002&price=61100&triggerPrice=61000&clientAlgoId=@
		{$PERP,"side":"BUY","type":"STOP","timeInForce":"GTX","quantity":"0.002","stopPrice":"61000","priceMatch":"QUEUE","clientAlgoId":"@"}|/fapi/v1/algoOrder?algoType=CONDITIONAL&symbol=BTCUSDT&side=BUY&type=STOP&timeInForce=GTX&quantity=0.002&triggerPrice=61000&priceMatch=QUEUE&clientAlgoId=@
		{$PERP,"side":"SELL","type":"STOP_MARKET","quantity":"0.002","triggerPrice":"58000","workingType":"MARK_PRICE","priceProtect":true,"reduceOnly":"true","newClientOrderId":"@"}|/fapi/v1/algoOrder?algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP_MARKET&quantity=0.002&triggerPrice=58000&workingType=MARK_PRICE&priceProtect=true&reduceOnly=true&clientAlgoId=@
		{$PERP,"side":"SELL","type":"STOP_MARKET","triggerPrice":"58000","closePosition":true,"newClientOrderId":"@"}|/fapi/v1/algoOrder?algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP_MARKET&triggerPrice=58000&closePosition=true&clientAlgoId=@
		{$PERP,"side":"SELL","type":"TAKE_PROFIT","quantity":"0.002","triggerPrice":"62000","price":"61900","newClientOrderId":"@"}|/fapi/v1/algoOrder?algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=TAKE_PROFIT&timeInForce=GTC&quantity=0.002&price=61900&triggerPrice=62000&clientAlgoId=@
		{$PERP,"side":"SELL","type":"TAKE_PROFIT_MARKET","triggerPrice":"62000","closePosition":"true","workingType":"CONTRACT_PRICE","newClientOrderId":"@"}|/fapi/v1/algoOrder?algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=TAKE_PROFIT_MARKET&triggerPrice=62000&workingType=CONTRACT_PRICE&closePosition=true&clientAlgoId=@
		{$PERP,"side":"SELL","type":"TRAILING_STOP_MARKET","quantity":"0.002","callbackRate":"1.5","newClientOrderId":"@"}|/fapi/v1/algoOrder?algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=TRAILING_STOP_MARKET&quantity=0.002&callbackRate=1.5&clientAlgoId=@
		{$PERP,"side":"SELL","type":"TRAILING_STOP_MARKET","quantity":"0.002","callbackRate":1,"activationPrice":61000,"reduceOnly":true,"newClientOrderId":"@"}|/fapi/v1/algoOrder?algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=TRAILING_STOP_MARKET&quantity=0.002&reduceOnly=true&activatePrice=61000&callbackRate=1&clientAlgoId=@
		{$PERP,"side":"BUY","type":"STOP","timeInForce":"GTD","goodTillDate":"$TILL","quantity":"0.002","triggerPrice":"61000","price":"61100","selfTradePreventionMode":"EXPIRE_TAKER","newOrderRespType":"ACK","newClientOrderId":"@"}|/fapi/v1/algoOrder?algoType=CONDITIONAL&symbol=BTCUSDT&side=BUY&type=STOP&timeInForce=GTD&quantity=0.002&price=61100&triggerPrice=61000&clientAlgoId=@&newOrderRespType=ACK&selfTradePreventionMode=EXPIRE_TAKER&goodTillDate=$TILL
	END
	[ "$(ledger algo 'map(.clientAlgoId) | unique | length')" -eq 9 ]
}

@test "USDⓈ-M, in words: clauses and options become the same parameters" {
	sim --position BTCUSDT:0.5
	said <<-END
		buy BTCUSDT 0.002 @ 59000|/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.002&price=59000&newClientOrderId=@
		buy BTCUSDT 0.002 @59000 --post-only|/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTX&quantity=0.002&price=59000&newClientOrderId=@
		sell BTCUSDT 0.002 @ 60000 --tif IOC --reduce-only|/fapi/v1/order?symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=IOC&quantity=0.002&price=60000&reduceOnly=true&newClientOrderId=@&newOrderRespType=RESULT
		buy BTCUSDT 0.002 @ 59000 --good-till $TILL|/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTD&quantity=0.002&price=59000&newClientOrderId=@&goodTillDate=$TILL
		buy BTCUSDT 0.002 market --response RESULT --stp EXPIRE_MAKER|/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.002&newClientOrderId=@&newOrderRespType=RESULT&selfTradePreventionMode=EXPIRE_MAKER
		buy BTCUSDT 0.002 match QUEUE|/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.002&newClientOrderId=@&priceMatch=QUEUE
		buy BTCUSDT 0.002 --price-match OPPONENT_5 --tif IOC|/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=IOC&quantity=0.002&newClientOrderId=@&newOrderRespType=RESULT&priceMatch=OPPONENT_5
		buy BTCUSDT 0.002 market|/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.002&newClientOrderId=@&newOrderRespType=RESULT
		buy BTCUSDT 0.002 market --response ACK|/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.002&newClientOrderId=@&newOrderRespType=ACK
		sell BTCUSDT 0.002 stop 58000|/fapi/v1/algoOrder?algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP_MARKET&quantity=0.002&triggerPrice=58000&clientAlgoId=@
		sell BTCUSDT all stop 58000 --working-type mark --price-protect|/fapi/v1/algoOrder?algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP_MARKET&triggerPrice=58000&workingType=MARK_PRICE&closePosition=true&priceProtect=true&clientAlgoId=@
		sell BTCUSDT take-profit 63000 --close-position|/fapi/v1/algoOrder?algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=TAKE_PROFIT_MARKET&triggerPrice=63000&closePosition=true&clientAlgoId=@
		sell BTCUSDT 0.002 stop 58000 @ 57900|/fapi/v1/algoOrder?algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP&timeInForce=GTC&quantity=0.002&price=57900&triggerPrice=58000&clientAlgoId=@
		sell BTCUSDT 0.002 take-profit 62000|/fapi/v1/algoOrder?algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=TAKE_PROFIT_MARKET&quantity=0.002&triggerPrice=62000&clientAlgoId=@
		sell BTCUSDT 0.002 take-profit --trigger-price 62000 @ 61900 --tif GTX|/fapi/v1/algoOrder?algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=TAKE_PROFIT&timeInForce=GTX&quantity=0.002&price=61900&triggerPrice=62000&clientAlgoId=@
		sell BTCUSDT 0.002 trail 1.5|/fapi/v1/algoOrder?algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=TRAILING_STOP_MARKET&quantity=0.002&callbackRate=1.5&clientAlgoId=@
		sell BTCUSDT 0.002 trail --callback-rate 1 from 61000 --reduce-only|/fapi/v1/algoOrder?algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=TRAILING_STOP_MARKET&quantity=0.002&reduceOnly=true&activatePrice=61000&callbackRate=1&clientAlgoId=@
	END
}

@test "COIN-M, on the pipe and in words: its own paths, whole contracts, no market to name" {
	sim --balance coinm.BTC=1 --position BTCUSD_PERP:50
	piped <<-END
		{"symbol":"BTCUSD_PERP","side":"BUY","type":"LIMIT","quantity":"2","price":"59000","newClientOrderId":"@"}|/dapi/v1/order?symbol=BTCUSD_PERP&side=BUY&type=LIMIT&timeInForce=GTC&quantity=2&price=59000&newClientOrderId=@
		{"symbol":"BTCUSD_PERP","side":"SELL","type":"MARKET","quantity":3,"reduceOnly":true,"newOrderRespType":"RESULT","newClientOrderId":"@"}|/dapi/v1/order?symbol=BTCUSD_PERP&side=SELL&type=MARKET&quantity=3&reduceOnly=true&newClientOrderId=@&newOrderRespType=RESULT
		{"symbol":"BTCUSD_PERP","side":"BUY","type":"LIMIT","timeInForce":"GTX","quantity":"2","priceMatch":"QUEUE_10","newClientOrderId":"@"}|/dapi/v1/order?symbol=BTCUSD_PERP&side=BUY&type=LIMIT&timeInForce=GTX&quantity=2&newClientOrderId=@&priceMatch=QUEUE_10
		{"symbol":"BTCUSD_PERP","side":"SELL","type":"STOP_MARKET","triggerPrice":"58000","closePosition":true,"newClientOrderId":"@"}|/dapi/v1/algoOrder?algoType=CONDITIONAL&symbol=BTCUSD_PERP&side=SELL&type=STOP_MARKET&triggerPrice=58000&closePosition=true&clientAlgoId=@
		{"symbol":"BTCUSD_PERP","side":"SELL","type":"TRAILING_STOP_MARKET","quantity":"2","callbackRate":"2","activatePrice":"61000","newClientOrderId":"@"}|/dapi/v1/algoOrder?algoType=CONDITIONAL&symbol=BTCUSD_PERP&side=SELL&type=TRAILING_STOP_MARKET&quantity=2&activatePrice=61000&callbackRate=2&clientAlgoId=@
	END
	is -s 'map(.status // .algoStatus) == ["NEW", "FILLED", "NEW", "NEW", "NEW"]' <<<"$output"
	: >"$T/ledger"
	said <<-END
		buy BTCUSD_PERP 2 @ 59000 --post-only|/dapi/v1/order?symbol=BTCUSD_PERP&side=BUY&type=LIMIT&timeInForce=GTX&quantity=2&price=59000&newClientOrderId=@
		sell BTCUSD_PERP 2 take-profit 62000 @ 61900|/dapi/v1/algoOrder?algoType=CONDITIONAL&symbol=BTCUSD_PERP&side=SELL&type=TAKE_PROFIT&timeInForce=GTC&quantity=2&price=61900&triggerPrice=62000&clientAlgoId=@
		sell BTCUSD_PERP all take-profit 62000|/dapi/v1/algoOrder?algoType=CONDITIONAL&symbol=BTCUSD_PERP&side=SELL&type=TAKE_PROFIT_MARKET&triggerPrice=62000&closePosition=true&clientAlgoId=@
	END
}

@test "COIN-M: a quantity that is no whole number, and what only USDⓈ-M takes, is refused" {
	sim --balance coinm.BTC=1
	refused_as <<-END
		{"symbol":"BTCUSD_PERP","side":"BUY","type":"LIMIT","quantity":"1.5","price":"59000"}|-1111
		{"symbol":"BTCUSD_PERP","side":"BUY","type":"LIMIT","quantity":"1.0","price":"59000"}|-1111
		{"symbol":"BTCUSD_PERP","side":"BUY","type":"LIMIT","timeInForce":"GTD","goodTillDate":$TILL,"quantity":"1","price":"59000"}|-1115
		{"symbol":"BTCUSD_PERP","side":"BUY","type":"LIMIT","timeInForce":"RPI","quantity":"1","price":"59000"}|-1115
	END
	[ "$(seen POST /dapi/v1/order)" -eq 0 ]		# all of them here
}

@test "USDⓈ-M: orders that contradict themselves, come too late or may not be are refused with the exchange's code" {
	sim
	local soon=$(($(date +%s) * 1000 + 300000))
	refused_as <<-END
		{$PERP,"side":"BUY","type":"LIMIT","timeInForce":"GTD","goodTillDate":$soon,"quantity":"0.002","price":"59000"}|-5040
		{$PERP,"side":"BUY","type":"LIMIT","timeInForce":"GTD","quantity":"0.002","price":"59000"}|-1102
		{$PERP,"side":"BUY","type":"LIMIT","timeInForce":"RPI","quantity":"0.002","price":"59000"}|-1115
		{$PERP,"side":"BUY","type":"LIMIT","timeInForce":"GTX","quantity":"0.002","price":"60100"}|-5022
		{$PERP,"side":"SELL","type":"MARKET","quantity":"0.002","reduceOnly":true}|-2022
		{$PERP,"side":"BUY","type":"MARKET","quantity":"0.002","priceMatch":"QUEUE"}|-5038
		{$PERP,"side":"BUY","type":"LIMIT","quantity":"0.002","price":"59000","priceMatch":"QUEUE"}|-1106
		{$PERP,"side":"BUY","type":"STOP_MARKET","quantity":"0.002","triggerPrice":"59000"}|-2021
		{$PERP,"side":"BUY","type":"STOP_MARKET","triggerPrice":"61000","quantity":"0.002","closePosition":true}|-4137
		{$PERP,"side":"BUY","type":"STOP_MARKET","triggerPrice":"61000","reduceOnly":true,"closePosition":true}|-4138
		{"symbol":"NOSUCHUSDT","side":"BUY","type":"MARKET","quantity":"1"}|-1121
	END
	# what this side cannot know is asked, and what it can is not
	same "-1115 -2021 -2022 -5022" "$(jq -r 'select(.e == "bf.error") | .code' <<<"$output" | sort | paste -sd' ')"
	is --argjson soon "$soon" -s '.[] | select(.code == -5040) | (.limit | tonumber) > $soon + 290000 and .rule == "goodTillDate"' <<<"$output"
}

@test "RESULT tells the end of the order, and self-trade prevention has its effect" {
	sim
	{
		limit SELL 0.002 59999 BTCUSDT maker '"timeInForce":"GTX"'
		market BUY 0.002 BTCUSDT taken '"newOrderRespType":"RESULT"'
		limit BUY 0.002 59998 BTCUSDT mine
		limit SELL 0.003 59998 BTCUSDT stp '"selfTradePreventionMode":"EXPIRE_TAKER","newOrderRespType":"RESULT"'
	} >"$T/lines"
	run --separate-stderr bf-order <"$T/lines"
	same "maker:NEW taken:FILLED mine:NEW stp:EXPIRED_IN_MATCH" "$(became)"
}

@test "a symbol in UTF-8 goes through every request" {
	sim
	run --separate-stderr bf-order <<-END
		{"symbol":"测试USDT","side":"BUY","type":"LIMIT","quantity":"10","price":"0.98","newClientOrderId":"u-1"}
		{"symbol":"\u6d4b\u8bd5USDT","side":"SELL","type":"STOP_MARKET","quantity":"10","triggerPrice":"0.97","newClientOrderId":"u-2"}
		{"op":"modify","symbol":"测试USDT","origClientOrderId":"u-1","price":"0.97"}
		{"op":"cancel","symbol":"测试USDT","origClientOrderId":"u-1"}
		{"op":"cancel-all","symbol":"测试USDT"}
	END
	[ "$status" -eq 0 ]
	outcomes 5
	same 'symbol=测试USDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=10&price=0.98&newClientOrderId=u-1' "$(asked POST /fapi/v1/order)"
	same 'algoType=CONDITIONAL&symbol=测试USDT&side=SELL&type=STOP_MARKET&quantity=10&triggerPrice=0.97&clientAlgoId=u-2' "$(asked POST /fapi/v1/algoOrder)"
	same 'symbol=测试USDT&origClientOrderId=u-1' "$(asked DELETE /fapi/v1/order)"
	same 'symbol=测试USDT' "$(asked DELETE /fapi/v1/allOpenOrders)"
	same 'symbol=测试USDT' "$(asked DELETE /fapi/v1/algoOpenOrders)"
	same '测试USDT' "$(ledger order '.[0].symbol' | jq -r .)"
	run --separate-stderr bf-order buy 测试USDT 10 @ 0.98
	[ "$status" -eq 0 ]
	[ "$(jq -r .symbol <<<"$output")" = 测试USDT ]
}

@test "hedge mode is asked of the account, once: sides become legs, and exits close them" {
	sim --hedge --position BTCUSDT:0.5 --position BTCUSDT:-0.4
	piped <<-END
		{$PERP,"side":"BUY","type":"LIMIT","quantity":"0.002","price":"59000","newClientOrderId":"@"}|/fapi/v1/order?symbol=BTCUSDT&side=BUY&positionSide=LONG&type=LIMIT&timeInForce=GTC&quantity=0.002&price=59000&newClientOrderId=@
		{$PERP,"side":"SELL","type":"LIMIT","quantity":"0.002","price":"61000","newClientOrderId":"@"}|/fapi/v1/order?symbol=BTCUSDT&side=SELL&positionSide=SHORT&type=LIMIT&timeInForce=GTC&quantity=0.002&price=61000&newClientOrderId=@
		{$PERP,"side":"SELL","type":"MARKET","quantity":"0.002","reduceOnly":true,"newClientOrderId":"@"}|/fapi/v1/order?symbol=BTCUSDT&side=SELL&positionSide=LONG&type=MARKET&quantity=0.002&newClientOrderId=@
		{$PERP,"side":"BUY","type":"MARKET","quantity":"0.002","reduceOnly":"true","newClientOrderId":"@"}|/fapi/v1/order?symbol=BTCUSDT&side=BUY&positionSide=SHORT&type=MARKET&quantity=0.002&newClientOrderId=@
		{$PERP,"side":"BUY","positionSide":"LONG","type":"MARKET","quantity":"0.002","reduceOnly":false,"newClientOrderId":"@"}|/fapi/v1/order?symbol=BTCUSDT&side=BUY&positionSide=LONG&type=MARKET&quantity=0.002&newClientOrderId=@
		{$PERP,"side":"SELL","type":"STOP_MARKET","triggerPrice":"58000","closePosition":true,"newClientOrderId":"@"}|/fapi/v1/algoOrder?algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&positionSide=LONG&type=STOP_MARKET&triggerPrice=58000&closePosition=true&clientAlgoId=@
		{$PERP,"side":"BUY","positionSide":"SHORT","type":"TAKE_PROFIT_MARKET","triggerPrice":"58000","quantity":"0.1","reduceOnly":true,"newClientOrderId":"@"}|/fapi/v1/algoOrder?algoType=CONDITIONAL&symbol=BTCUSDT&side=BUY&positionSide=SHORT&type=TAKE_PROFIT_MARKET&quantity=0.1&triggerPrice=58000&clientAlgoId=@
	END
	[ "$(seen GET /fapi/v1/positionSide/dual)" -eq 1 ]
	: >"$T/ledger"
	said <<-END
		buy BTCUSDT 0.002 @ 59000|/fapi/v1/order?symbol=BTCUSDT&side=BUY&positionSide=LONG&type=LIMIT&timeInForce=GTC&quantity=0.002&price=59000&newClientOrderId=@
		buy BTCUSDT 0.002 market --reduce-only|/fapi/v1/order?symbol=BTCUSDT&side=BUY&positionSide=SHORT&type=MARKET&quantity=0.002&newClientOrderId=@&newOrderRespType=RESULT
		sell BTCUSDT 0.002 @ 61000 --position-side LONG|/fapi/v1/order?symbol=BTCUSDT&side=SELL&positionSide=LONG&type=LIMIT&timeInForce=GTC&quantity=0.002&price=61000&newClientOrderId=@
	END
	[ "$(seen GET /fapi/v1/positionSide/dual)" -eq 0 ]	# another run has found it out
	run --separate-stderr bf-order <<<"{$PERP,\"side\":\"BUY\",\"positionSide\":\"LONG\",\"type\":\"MARKET\",\"quantity\":\"0.002\",\"reduceOnly\":true}"
	[ "$status" -eq 1 ]
	[ "$(jq -r .code <<<"$output")" = -2022 ]
}

@test "in one-way mode a leg is left out, and its exit only reduces" {
	sim --position BTCUSDT:0.5
	piped <<-END
		{$PERP,"side":"BUY","positionSide":"LONG","type":"LIMIT","quantity":"0.002","price":"59000","newClientOrderId":"@"}|/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.002&price=59000&newClientOrderId=@
		{$PERP,"side":"SELL","positionSide":"LONG","type":"MARKET","quantity":"0.002","newClientOrderId":"@"}|/fapi/v1/order?symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.002&reduceOnly=true&newClientOrderId=@
		{$PERP,"side":"SELL","positionSide":"LONG","type":"STOP_MARKET","triggerPrice":"58000","closePosition":true,"newClientOrderId":"@"}|/fapi/v1/algoOrder?algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP_MARKET&triggerPrice=58000&closePosition=true&clientAlgoId=@
	END
}

@test "the mode is switched during a run: one order is refused (-4061), the next fits" {
	local on
	for on in on off; do
		sim_as "mode$on" "$([ $on = on ] && echo --seed=1 || echo --hedge)"
		fed
		tell "$(limit BUY 0.002 59000 BTCUSDT m-1)" '{"op":"cancel","symbol":"BTCUSDT","origClientOrderId":"m-1"}'
		wait_for came 2
		act "hedge=$on"
		tell "$(limit BUY 0.002 59000 BTCUSDT m-2)"
		wait_for came 3
		tell "$(limit BUY 0.002 59000 BTCUSDT m-3)"
		wait_for came 4
		fed_end
		rm "$T/in"
		[ "$status" -eq 1 ]
		output=$(<"$T/out")
		same "m-1:NEW m-1:CANCELED m-2:-4061 m-3:NEW" "$(became)"
		[ "$(executed)" -eq 2 ]
	done
}
