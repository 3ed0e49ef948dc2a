# bf-sim's conditional orders (the algo service), as curl places them. Prices are
# driven by the act path: `mark=P SYMBOL` moves mark, index and the book around
# them (best prices half a basis point off), but not the last price: a trade does.

setup() {
	load ../helper
	load ../simclient
	load ../answers
	home
}

teardown() {
	home_end
}

asked() { signed GET /fapi/v1/algoOrder "clientAlgoId=$1"; }
# at CLIENT_ID STATUS: it has come to that
at() { asked "$1" | is ".algoStatus == \"$2\""; }
marked() { act "mark=$1 ${2:-BTCUSDT}"; }
# The order that CLIENT_ID has become
become() { signed GET /fapi/v1/order "symbol=BTCUSDT&orderId=$(asked "$1" | jq -r .actualOrderId)"; }
MARK='workingType=MARK_PRICE'

# --- the five types ---

@test "every type triggers on its own side of the price, not before" {
	sim
	while read -r id side type trigger before reached; do
		marked 60000
		algo_order BTCUSDT "$side" "$type" "quantity=0.01&triggerPrice=$trigger&clientAlgoId=$id&$MARK" |
			is ".algoStatus == \"NEW\" and .orderType == \"$type\" and .workingType == \"MARK_PRICE\""
		marked "$before"
		at "$id" NEW
		marked "$reached"
		at "$id" FINISHED
		become "$id" | is ".status == \"FILLED\" and .type == \"MARKET\" and .origType == \"$type\" and .side == \"$side\"
		    and .executedQty == \"0.010\" and .stopPrice == \"$trigger.00\""
	done <<-'END'
		ss SELL STOP_MARKET 59500 59500.1 59500
		sb BUY STOP_MARKET 60500 60499.9 60500
		tb BUY TAKE_PROFIT_MARKET 59500 59500.1 59500
		ts SELL TAKE_PROFIT_MARKET 60500 60499.9 60500
	END
	# those with a price become a LIMIT: at 59500 the best bid is 59497.0
	marked 60000
	algo_order BTCUSDT SELL STOP "quantity=0.01&triggerPrice=59500&price=59400&clientAlgoId=s&$MARK" |
		is '.price == "59400.00" and .timeInForce == "GTC"'
	algo_order BTCUSDT SELL TAKE_PROFIT "quantity=0.01&triggerPrice=60500&price=60600&timeInForce=GTX&clientAlgoId=t&$MARK" |
		is '.timeInForce == "GTX"'
	marked 59500
	become s | is '.status == "FILLED" and .type == "LIMIT" and .origType == "STOP" and .price == "59400.00" and .avgPrice == "59497.00000"'
	marked 60500
	become t | is '.status == "NEW" and .type == "LIMIT" and .price == "60600.00" and .timeInForce == "GTX"'
	at t TRIGGERED
}

@test "the last price triggers by default, and a mark alone does not move it" {
	sim
	algo_order BTCUSDT SELL STOP_MARKET 'quantity=0.01&triggerPrice=59500&clientAlgoId=last' | is '.workingType == "CONTRACT_PRICE"'
	algo_order BTCUSDT SELL STOP_MARKET "quantity=0.01&triggerPrice=58500&clientAlgoId=mark&$MARK" | is '.algoStatus == "NEW"'
	marked 59000
	at last NEW
	act 'place BUY BTCUSDT qty=0.001'
	at last FINISHED
	at mark NEW
	marked 58500
	at mark FINISHED
	algo_order BTCUSDT SELL STOP_MARKET 'quantity=0.01&triggerPrice=59500&workingType=INDEX' | is '.code == -4031'
}

@test "price protection holds a trigger back while mark and last are too far apart" {
	sim
	# triggerProtect of BTCUSDT is 5 %; 56000 is 6.7 % off the last price
	algo_order BTCUSDT SELL STOP_MARKET "quantity=0.01&triggerPrice=57000&clientAlgoId=held&priceProtect=true&$MARK" | is '.priceProtect == true'
	marked 56000
	at held NEW
	act 'place BUY BTCUSDT qty=0.001'
	at held FINISHED
	# without it, at once
	algo_order BTCUSDT BUY STOP_MARKET "quantity=0.01&triggerPrice=59000&clientAlgoId=free&$MARK" | is '.priceProtect == false'
	marked 60000
	at free FINISHED
}

# --- closePosition ---

@test "closePosition closes all there is at its trigger, and what would be of no use is refused" {
	sim --position BTCUSDT:0.123
	algo_order BTCUSDT SELL STOP_MARKET "triggerPrice=59000&closePosition=true&clientAlgoId=sl&$MARK" |
		is '.closePosition == true and .quantity == "0.000"'
	algo_order BTCUSDT SELL TAKE_PROFIT_MARKET "triggerPrice=61000&closePosition=true&clientAlgoId=tp&$MARK" | is '.algoStatus == "NEW"'
	refusals POST /fapi/v1/algoOrder <<-'END'
		algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP_MARKET&triggerPrice=58000&closePosition=true|-4130
		algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP_MARKET&triggerPrice=58000&closePosition=true&quantity=0.1|-4137
		algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP_MARKET&triggerPrice=58000&closePosition=true&reduceOnly=true|-1106
		algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP&triggerPrice=58000&price=58000&closePosition=true|-4136
		algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=TRAILING_STOP_MARKET&callbackRate=1&closePosition=true|-4136
		algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP_MARKET&triggerPrice=58000|-1102
	END
	marked 59000
	become sl | is '.status == "FILLED" and .executedQty == "0.123" and .closePosition == true'
	[ "$(position BTCUSDT)" = 0 ]
	at tp EXPIRED	# nothing is left for it
}

@test "closePosition of the other direction than the leg is refused in hedge mode" {
	sim --hedge --position BTCUSDT:0.1
	close='algoType=CONDITIONAL&symbol=BTCUSDT&type=STOP_MARKET&closePosition=true'
	refusals POST /fapi/v1/algoOrder <<-END
		$close&side=BUY&positionSide=LONG&triggerPrice=61000|-4138
		$close&side=SELL&positionSide=SHORT&triggerPrice=59000|-4138
		$close&side=SELL&triggerPrice=59000|-4061
		algoType=CONDITIONAL&symbol=BTCUSDT&type=STOP_MARKET&side=SELL&positionSide=LONG&triggerPrice=59000&quantity=0.1&reduceOnly=true|-1106
	END
	signed POST /fapi/v1/algoOrder "$close&side=SELL&positionSide=LONG&triggerPrice=59000&$MARK&clientAlgoId=c" | is '.positionSide == "LONG"'
	marked 59000
	become c | is '.status == "FILLED" and .positionSide == "LONG" and .executedQty == "0.100"'
}

@test "closePosition orders expire when the position is closed by hand" {
	sim --position BTCUSDT:0.1
	user
	algo_order BTCUSDT SELL STOP_MARKET 'triggerPrice=59000&closePosition=true&clientAlgoId=sl' | is '.algoStatus == "NEW"'
	act 'place SELL BTCUSDT qty=0.05'
	at sl NEW
	act 'place SELL BTCUSDT qty=0.05'
	at sl EXPIRED
	event '.e == "ALGO_UPDATE" and .o.caid == "sl" and .o.X == "EXPIRED" and .o.cp == true'
}

# --- trailing ---

@test "a trailing stop activates at its price, follows the best one and turns by its callback" {
	sim
	user
	# highest 61000, callback 1 %: 60390
	algo_order BTCUSDT SELL TRAILING_STOP_MARKET "quantity=0.01&activatePrice=60500&callbackRate=1&clientAlgoId=t&$MARK" |
		is '.activatePrice == "60500.00" and (.callbackRate | tonumber) == 1'
	marked 60400
	marked 59000	# not active: nothing turns
	at t NEW
	event '.e == "ALGO_UPDATE" and .o.caid == "t" and .o.X == "NEW" and .o.ia == false'
	marked 60500
	event '.e == "ALGO_UPDATE" and .o.caid == "t" and .o.X == "NEW" and .o.ia == true'
	marked 61000
	marked 60390.1
	at t NEW
	marked 60390
	at t FINISHED
	become t | is '.type == "MARKET" and .origType == "TRAILING_STOP_MARKET" and .status == "FILLED"'
	# without an activation price from where the market is: 60390, lowest 59000, 59590
	algo_order BTCUSDT BUY TRAILING_STOP_MARKET "quantity=0.01&callbackRate=1&clientAlgoId=b&$MARK" | is '.algoStatus == "NEW"'
	marked 59000
	marked 59589.9
	at b NEW
	marked 59590
	at b FINISHED
}

@test "a trailing stop's callback is from 0.1 to 20 percent, and its activation ahead of the market" {
	sim
	trail='algoType=CONDITIONAL&symbol=BTCUSDT&type=TRAILING_STOP_MARKET&quantity=0.01'
	refusals POST /fapi/v1/algoOrder <<-END
		$trail&side=SELL|-1102
		$trail&side=SELL&callbackRate=0.09|-2007
		$trail&side=SELL&callbackRate=20.1|-2007
		$trail&side=SELL&callbackRate=1&activatePrice=59999|-2021
		$trail&side=BUY&callbackRate=1&activatePrice=60001|-2021
		$trail&side=BUY&callbackRate=1&activatePrice=-1|-4135
		$trail&side=BUY&callbackRate=1&activatePrice=59000.05|-4135
	END
	signed POST /fapi/v1/algoOrder "$trail&side=SELL&callbackRate=20" | is '.algoStatus == "NEW"'
	signed POST /fapi/v1/algoOrder "$trail&side=BUY&callbackRate=0.1&activatePrice=59999" | is '.algoStatus == "NEW"'
}

# --- what is refused ---

@test "what would trigger at once, and what does not fit, is refused" {
	sim --position BTCUSDT:0.1
	c='algoType=CONDITIONAL&symbol=BTCUSDT'
	refusals POST /fapi/v1/algoOrder <<-END
		$c&side=SELL&type=STOP_MARKET&quantity=0.01&triggerPrice=60000|-2021
		$c&side=BUY&type=STOP_MARKET&quantity=0.01&triggerPrice=60000|-2021
		$c&side=SELL&type=TAKE_PROFIT_MARKET&quantity=0.01&triggerPrice=59999|-2021
		$c&side=BUY&type=TAKE_PROFIT&quantity=0.01&triggerPrice=60001&price=60000|-2021
		$c&side=BUY&type=STOP_MARKET&quantity=0.01|-1102
		$c&side=BUY&type=STOP&quantity=0.01&triggerPrice=61000|-1102
		$c&side=BUY&type=LIMIT&quantity=0.01&triggerPrice=61000&price=61000&timeInForce=GTC|-1116
		symbol=BTCUSDT&side=BUY&type=STOP_MARKET&quantity=0.01&triggerPrice=61000|-1102
		algoType=TWAP&symbol=BTCUSDT&side=BUY&type=STOP_MARKET&quantity=0.01&triggerPrice=61000|-1130
		$c&side=BUY&type=STOP_MARKET&quantity=0.01&triggerPrice=0|-4006
		$c&side=BUY&type=STOP_MARKET&quantity=0.01&triggerPrice=5000000|-4007
		$c&side=BUY&type=STOP_MARKET&quantity=0.01&triggerPrice=61000.05|-4014
		$c&side=BUY&type=STOP_MARKET&quantity=0.0001&triggerPrice=61000|-1111
		$c&side=BUY&type=STOP_MARKET&quantity=121&triggerPrice=61000|-4005
		$c&side=BUY&type=STOP&quantity=0.01&triggerPrice=61000&price=64060|-4183
		$c&side=SELL&type=STOP&quantity=0.01&triggerPrice=59000&price=56000|-4184
		$c&side=BUY&type=STOP_MARKET&quantity=0.01&triggerPrice=61000&priceMatch=QUEUE|-5038
		$c&side=BUY&type=STOP&quantity=0.01&triggerPrice=61000&price=61000&priceMatch=QUEUE|-1106
		$c&side=BUY&type=STOP_MARKET&quantity=0.01&triggerPrice=61000&positionSide=LONG|-4061
		$c&side=BUY&type=STOP_MARKET&quantity=0.01&triggerPrice=61000&clientAlgoId=a%20b|-4015
		$c&side=BUY&type=STOP&quantity=0.01&triggerPrice=61000&price=61000&timeInForce=GTD&goodTillDate=1|-5040
	END
	signed GET /fapi/v1/openAlgoOrders | is '. == []'
	# it is the type that the other endpoint refuses
	for type in STOP STOP_MARKET TAKE_PROFIT TAKE_PROFIT_MARKET TRAILING_STOP_MARKET; do
		signed POST /fapi/v1/order "symbol=BTCUSDT&side=BUY&type=$type&quantity=0.01&stopPrice=61000" | is '.code == -4120'
	done
}

@test "no margin is asked before the trigger; then it is REJECTED with the reason" {
	sim
	user
	# 10 BTC at 60500 and 20x want 30250 of 10000
	algo_order BTCUSDT BUY STOP_MARKET "quantity=10&triggerPrice=60500&clientAlgoId=big&$MARK" | is '.algoStatus == "NEW"'
	algo_order BTCUSDT SELL STOP_MARKET "quantity=0.01&triggerPrice=59500&reduceOnly=true&clientAlgoId=flat&$MARK" | is '.reduceOnly == true'
	marked 60500
	asked big | is '.algoStatus == "REJECTED" and .actualOrderId == "" and .triggerTime > 0'
	event '.e == "ALGO_UPDATE" and .o.caid == "big" and .o.X == "TRIGGERING"'
	event '.e == "ALGO_UPDATE" and .o.caid == "big" and .o.X == "REJECTED" and (.o.rm | test("[Mm]argin"))'
	marked 59500
	at flat REJECTED
	event '.e == "ALGO_UPDATE" and .o.caid == "flat" and .o.X == "REJECTED" and (.o.rm | test("ReduceOnly"))'
	[ "$(executed)" -eq 0 ]
}

# --- life ---

@test "the life of a conditional order shows in its answers and on the stream" {
	sim
	user
	algo_order BTCUSDT SELL STOP "quantity=0.02&triggerPrice=59500&price=59800&clientAlgoId=life&$MARK" >"$T/new"
	is '.algoStatus == "NEW" and .algoType == "CONDITIONAL" and .symbol == "BTCUSDT" and .positionSide == "BOTH" and .quantity == "0.020"
	    and .triggerPrice == "59500.00" and .icebergQuantity == null and .selfTradePreventionMode == "NONE" and .priceMatch == "NONE"
	    and .createTime == .updateTime and .triggerTime == 0 and .goodTillDate == 0 and .algoId > 0
	    and .activatePrice == "" and .callbackRate == "" and (has("actualOrderId") | not)' <"$T/new"
	id=$(jq .algoId "$T/new")
	signed GET /fapi/v1/algoOrder "algoId=$id" | is '.algoStatus == "NEW" and .actualOrderId == "" and (.actualPrice | tonumber) == 0 and .clientAlgoId == "life"'
	signed GET /fapi/v1/openAlgoOrders | is "map(.algoId) == [$id]"
	signed GET /fapi/v1/openAlgoOrders symbol=ETHUSDT | is '. == []'
	signed GET /fapi/v1/openAlgoOrders "algoId=$((id + 1))" | is '. == []'
	marked 59500
	asked life >"$T/triggered"
	is '.algoStatus == "TRIGGERED" and .triggerTime > 0 and (.actualOrderId | type == "string" and test("^[0-9]+$"))' <"$T/triggered"
	signed GET /fapi/v1/openAlgoOrders | is '. == []'
	actual=$(jq -r .actualOrderId "$T/triggered")
	signed GET /fapi/v1/openOrders | is "map(.orderId) == [$actual] and .[0].status == \"NEW\" and .[0].price == \"59800.00\""
	signed DELETE /fapi/v1/algoOrder "algoId=$id" | is '.code == -2011'	# it is the regular endpoints' now
	marked 59900
	asked life | is '.algoStatus == "FINISHED" and .actualPrice == "59800.00000" and .actualQty == "0.020" and .actualType == "LIMIT"'
	signed GET /fapi/v1/allAlgoOrders symbol=BTCUSDT | is "map([.algoId, .algoStatus]) == [[$id, \"FINISHED\"]]"
	event '.e == "ALGO_UPDATE" and .o.X == "FINISHED"'
	holds u 'map(select(.o.caid == "life").o.X) == ["NEW", "TRIGGERING", "TRIGGERED", "FINISHED"]'
	event ".e == \"ALGO_UPDATE\" and .o.X == \"TRIGGERED\" and .o.ai == \"$actual\""
	event ".e == \"ORDER_TRADE_UPDATE\" and .o.i == $actual and .o.X == \"FILLED\" and .o.ot == \"STOP\" and (.o.sp | tonumber) == 59500"
}

@test "the regular endpoints do not see a conditional order that waits" {
	sim
	algo_order BTCUSDT SELL STOP_MARKET 'quantity=0.01&triggerPrice=59000&clientAlgoId=hid' | is '.algoStatus == "NEW"'
	signed GET /fapi/v1/order 'symbol=BTCUSDT&origClientOrderId=hid' | is '.code == -2013'
	signed DELETE /fapi/v1/order 'symbol=BTCUSDT&origClientOrderId=hid' | is '.code == -2011'
	signed PUT /fapi/v1/order 'symbol=BTCUSDT&origClientOrderId=hid&side=SELL&quantity=0.01&price=59000' | is '.code == -2013'
	signed GET /fapi/v1/openOrders | is '. == []'
	signed GET /fapi/v1/allOrders symbol=BTCUSDT | is '. == []'
	signed DELETE /fapi/v1/allOpenOrders symbol=BTCUSDT | is '.code == 200'
	at hid NEW
}

@test "conditional orders are cancelled one by one or all of a symbol" {
	sim
	user
	for i in 1 2 3; do algo_order BTCUSDT SELL STOP_MARKET "quantity=0.01&triggerPrice=5900$i&clientAlgoId=c$i" >"$T/c$i"; done
	algo_order ETHUSDT SELL STOP_MARKET 'quantity=0.1&triggerPrice=2900&clientAlgoId=e' | is '.algoStatus == "NEW"'
	algo_order BTCUSDT SELL STOP_MARKET 'quantity=0.01&triggerPrice=59000&clientAlgoId=c1' | is '.code == -4116'
	id=$(jq .algoId "$T/c1")
	jq -se '[.[].algoId] | . == (sort | unique)' "$T/c1" "$T/c2" "$T/c3"
	signed DELETE /fapi/v1/algoOrder "algoId=$id" | is ". == {algoId: $id, clientAlgoId: \"c1\", code: \"200\", msg: \"success\"}"
	signed DELETE /fapi/v1/algoOrder "algoId=$id" | is '.code == -2011'
	signed DELETE /fapi/v1/algoOrder clientAlgoId=c2 | is '.clientAlgoId == "c2"'
	signed DELETE /fapi/v1/algoOrder | is '.code == -1102'
	event '.e == "ALGO_UPDATE" and .o.caid == "c2" and .o.X == "CANCELED"'
	signed DELETE /fapi/v1/algoOpenOrders symbol=BTCUSDT | is '.code == 200'
	at c3 CANCELED
	at e NEW
	signed DELETE /fapi/v1/algoOpenOrders | is '.code == -1102'
	signed GET /fapi/v1/algoOrder clientAlgoId=none | is '.code == -2013'
	# paged by id, as orders are
	signed GET /fapi/v1/allAlgoOrders 'symbol=BTCUSDT' | is 'map(.clientAlgoId) == ["c1", "c2", "c3"]'
	signed GET /fapi/v1/allAlgoOrders "symbol=BTCUSDT&algoId=$id&limit=2" | is 'map(.clientAlgoId) == ["c1", "c2"]'
	signed GET /fapi/v1/allAlgoOrders 'symbol=BTCUSDT&limit=1' | is 'map(.clientAlgoId) == ["c3"]'
	signed GET /fapi/v1/allAlgoOrders | is '.code == -1102'
}

@test "GTD ends a conditional order, and what came to nothing is forgotten after three days" {
	stepped
	algo_order BTCUSDT SELL STOP "quantity=0.01&triggerPrice=59000&price=59000&timeInForce=GTD&goodTillDate=$((NOW + 700999))&clientAlgoId=gtd" |
		is ".goodTillDate == $(((NOW + 700999) / 1000 * 1000))"
	algo_order BTCUSDT SELL STOP_MARKET 'quantity=0.01&triggerPrice=59000&clientAlgoId=stays' | is '.algoStatus == "NEW"'
	algo_order BTCUSDT SELL STOP_MARKET 'quantity=0.01&triggerPrice=59000&clientAlgoId=gone' | is '.algoStatus == "NEW"'
	algo_order BTCUSDT SELL STOP_MARKET "quantity=0.01&triggerPrice=59900&clientAlgoId=done&$MARK" | is '.algoStatus == "NEW"'
	signed DELETE /fapi/v1/algoOrder clientAlgoId=gone | is '.code == "200"'
	marked 59900
	at 'done' FINISHED
	step 702000
	at gtd EXPIRED
	step $((4 * 86400000))
	asked gtd | is '.code == -2013'
	asked gone | is '.code == -2013'
	at stays NEW
	at 'done' FINISHED
	signed GET /fapi/v1/allAlgoOrders symbol=BTCUSDT | is 'map(.clientAlgoId) == ["stays", "done"]'
}

@test "two hundred conditional orders wait for an account, not one more" {
	sim --order-limit 1000
	sent() {
		q="algoType=CONDITIONAL&symbol=$1&side=SELL&type=STOP_MARKET&quantity=1&triggerPrice=$2&timestamp=$(now)&recvWindow=60000"
		printf 'url = "%s/fapi/v1/algoOrder?%s&signature=%s"\n' "$SIM_REST" "$q" "$(sign "$q")"
	}
	for i in {1..200}; do sent SOLUSDT $((i % 100 + 40)); done >"$T/many"
	curl -sS --noproxy "*" -X POST -H "X-MBX-APIKEY: $KEY" -K "$T/many" | jq -es 'length == 200 and all(.[]; .algoStatus == "NEW")'
	algo_order BTCUSDT SELL STOP_MARKET 'quantity=0.01&triggerPrice=59000' | is '.code == -4045'
}
