# bf-sim's trade endpoints of USDⓈ-M over REST. The built-in book of BTCUSDT at
# 60000: bids 59997.0, 59996.5, ..., asks 60003.0, 60003.5, ..., 20 a side, 2 BTC
# each, until the next mark.

setup() {
	load ../helper
	load ../simclient
	load ../answers
	home
}

teardown() {
	home_end
}

# found CLIENT_ID [SYMBOL]: that order as it is now
found() { order "${2:-BTCUSDT}" "$1"; }
# amend CLIENT_ID SIDE QUANTITY PRICE [MORE]
amend() { signed PUT /fapi/v1/order "symbol=BTCUSDT&origClientOrderId=$1&side=$2&quantity=$3&price=$4${5:+&$5}"; }
cancel() { signed DELETE /fapi/v1/order "symbol=BTCUSDT&origClientOrderId=$1"; }
# ended CLIENT_ID STATUS ER: the stream has told that end of it.
ended() { event ".o.c == \"$1\" and .o.X == \"$2\" and .o.er == \"$3\""; }
encoded() { jq -rn --arg v "$1" '$v | @uri'; }

# --- time in force ---

@test "IOC takes what it can and its rest expires, FOK takes all or nothing, GTX never takes" {
	sim --account 1000000
	user
	place 'symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=IOC&quantity=3&price=60003&newClientOrderId=ioc&newOrderRespType=RESULT' |
		is '.status == "EXPIRED" and .executedQty == "2.000" and .cumQty == "2.000" and .timeInForce == "IOC"'
	ended ioc EXPIRED 2
	place 'symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=IOC&quantity=1&price=59000&newOrderRespType=RESULT' |
		is '.status == "EXPIRED" and .executedQty == "0.000"'
	# of 60003.5 and 60004.0 there are 2 each
	refusals POST /fapi/v1/order <<-'END'
		symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=FOK&quantity=4.001&price=60004|-5021
		symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTX&quantity=1&price=60003.5|-5022
		symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=RPI&quantity=1&price=59000|-1115
	END
	place 'symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=FOK&quantity=4&price=60004&newOrderRespType=RESULT' |
		is '.status == "FILLED" and .executedQty == "4.000"'
	place 'symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTX&quantity=1&price=60004&newOrderRespType=RESULT' |
		is '.status == "NEW" and .timeInForce == "GTX"'
	[ "$(ledger order 'map(.status // "") | length')" -eq 4 ]	# what was refused leaves no trace
	[ "$(ledger request 'map(.code // empty) | unique | contains([-5022, -5021])')" = true ]	# but why it was
}

@test "GTD ends by itself at a full second, and not within ten minutes" {
	stepped
	user
	gtd='symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTD&quantity=0.01&price=59000'
	refusals POST /fapi/v1/order <<-END
		$gtd|-1102
		$gtd&goodTillDate=$((NOW + 600000))|-5040
		$gtd&goodTillDate=253402300799000|-5040
		symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=59000&goodTillDate=$((NOW + 700000))|-1106
	END
	till=$((NOW + 601999))
	place "$gtd&goodTillDate=$till&newClientOrderId=gtd" | is ".goodTillDate == $((till / 1000 * 1000)) and .timeInForce == \"GTD\""
	step 600000
	found gtd | is '.status == "NEW"'
	step 2000
	found gtd | is ".status == \"EXPIRED\" and .executedQty == \"0.000\" and .updateTime == $((till / 1000 * 1000))"
	ended gtd EXPIRED 0
}

@test "ACK shows an order as it came, RESULT what became of it; a MARKET rest expires" {
	sim --account 10000000
	user
	market_order BTCUSDT BUY 0.01 | is '.status == "NEW" and .executedQty == "0.000" and .cumQty == "0.000" and (has("avgPrice") or has("cumQuote") | not)'
	# the book has 20 levels of 2, a hundredth is gone
	market_order BTCUSDT BUY 100 'newOrderRespType=RESULT&newClientOrderId=sweep' |
		is '.status == "EXPIRED" and .executedQty == "39.990" and .origQty == "100.000"'
	ended sweep EXPIRED 9
	# sum of 60003.0 .. 60012.5 is 1200155 of 2 each, less 0.01 x 60003
	found sweep | is '.cumQuote == "2399709.97000" and .avgPrice == "60007.75118"'
	limit_order BTCUSDT SELL 0.01 61000 newOrderRespType=RESULT | is '.status == "NEW"'
	place 'symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1&newOrderRespType=FULL' | is '.code == -1136'
}

# --- reduce-only ---

@test "reduceOnly only shrinks: what opens, turns or is covered already is refused" {
	sim --position BTCUSDT:0.05
	user
	refusals POST /fapi/v1/order <<-'END'
		symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01&reduceOnly=true|-2022
		symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.051&reduceOnly=true|-2022
		symbol=ETHUSDT&side=SELL&type=MARKET&quantity=0.01&reduceOnly=true|-2022
	END
	limit_order BTCUSDT SELL 0.04 61500 'reduceOnly=true&newClientOrderId=r1' | is '.reduceOnly == true'
	limit_order BTCUSDT SELL 0.02 61000 reduceOnly=true | is '.code == -4118'
	limit_order BTCUSDT SELL 0.01 61000 'reduceOnly=true&newClientOrderId=r2' | is '.status == "NEW"'
	# no notional is too small for it
	cancel r2 | is '.status == "CANCELED"'
	limit_order BTCUSDT SELL 0.001 61000 'reduceOnly=true&newClientOrderId=r3' | is '.status == "NEW"'
	# a MARKET goes before those that wait; what the position no longer covers expires,
	# the one furthest from trading first
	market_order BTCUSDT SELL 0.02 'reduceOnly=true&newOrderRespType=RESULT' | is '.status == "FILLED"'
	ended r1 EXPIRED 4
	found r3 | is '.status == "NEW"'
	market_order BTCUSDT SELL 0.03 newOrderRespType=RESULT | is '.status == "FILLED"'
	ended r3 EXPIRED 4
}

# --- priceMatch ---

@test "priceMatch takes its price out of the book" {
	sim --account 1000000
	while read -r side match price; do
		place "symbol=BTCUSDT&side=$side&type=LIMIT&timeInForce=GTC&quantity=0.001&priceMatch=$match" |
			is ".price == \"$price\" and .priceMatch == \"$match\""
	done <<-'END'
		BUY QUEUE 59997.00
		BUY QUEUE_5 59995.00
		BUY QUEUE_10 59992.50
		BUY QUEUE_20 59987.50
		BUY OPPONENT 60003.00
		BUY OPPONENT_5 60005.00
		BUY OPPONENT_10 60007.50
		BUY OPPONENT_20 60012.50
		SELL QUEUE 60003.00
		SELL OPPONENT 59997.00
		SELL OPPONENT_20 59987.50
	END
	order="symbol=BTCUSDT&side=SELL&timeInForce=GTC&quantity=0.01"
	refusals POST /fapi/v1/order <<-END
		$order&type=LIMIT&priceMatch=BEST|-5037
		$order&type=LIMIT&priceMatch=QUEUE&price=60000|-1106
		symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.01&priceMatch=QUEUE|-5038
		$order&type=LIMIT&priceMatch=NONE|-1102
	END
	# the first ask taken, there is no twentieth
	market_order BTCUSDT BUY 2 newOrderRespType=RESULT | is '.status == "FILLED"'
	place "$order&type=LIMIT&priceMatch=QUEUE_20" | is '.code == -5041'
}

# --- self-trade prevention ---

@test "the taker's mode says which of two own orders expires, and the stream says why" {
	sim
	user
	# MODE, status and reason of the maker, of the taker: SELL 0.02 rests in the
	# spread at 60000, BUY 0.02 comes
	while read -r mode maker mer taker ter; do
		limit_order BTCUSDT SELL 0.02 60000 "newClientOrderId=m$mode" | is '.status == "NEW"'
		limit_order BTCUSDT BUY 0.02 60000 "newClientOrderId=t$mode&selfTradePreventionMode=$mode" |
			is ".selfTradePreventionMode == \"$mode\""
		found "m$mode" | is ".status == \"$maker\""
		found "t$mode" | is ".status == \"$taker\""
		[ "$mer" = - ] || ended "m$mode" "$maker" "$mer"
		[ "$ter" = - ] || ended "t$mode" "$taker" "$ter"
		signed DELETE /fapi/v1/allOpenOrders symbol=BTCUSDT | is '.code == 200'
	done <<-'END'
		NONE FILLED - FILLED -
		EXPIRE_TAKER NEW - EXPIRED_IN_MATCH 1
		EXPIRE_MAKER EXPIRED_IN_MATCH 1 NEW -
		EXPIRE_BOTH EXPIRED_IN_MATCH 1 EXPIRED_IN_MATCH 1
	END
	# an IOC that is stopped says so; the default of this endpoint is EXPIRE_MAKER
	limit_order BTCUSDT SELL 0.02 60000 newClientOrderId=m1
	place 'symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=IOC&quantity=0.02&price=60000&newClientOrderId=ioc&selfTradePreventionMode=EXPIRE_TAKER' | is '.orderId > 0'
	ended ioc EXPIRED_IN_MATCH 3
	limit_order BTCUSDT BUY 0.02 60000 | is '.selfTradePreventionMode == "EXPIRE_MAKER"'
	found m1 | is '.status == "EXPIRED_IN_MATCH"'
	limit_order BTCUSDT BUY 0.02 59000 selfTradePreventionMode=EXPIRE_ALL | is '.code == -5039'
}

# --- modifying ---

@test "an order keeps its ids when modified, and an amendment tells before and after" {
	sim
	user
	limit_order BTCUSDT BUY 0.02 59000 newClientOrderId=a >"$T/a"
	id=$(jq .orderId "$T/a")
	amend a BUY 0.03 59100 modifyId=77 |
		is ".orderId == $id and .clientOrderId == \"a\" and .price == \"59100.00\" and .origQty == \"0.030\"
		    and .pair == \"BTCUSDT\" and .modifyId == 77 and .selfTradePreventionMode == \"NONE\" and (has(\"avgPrice\") | not)"
	event '.o.x == "AMENDMENT" and .o.X == "NEW" and (.o.M | tostring) == "77" and .o.p == "59100.00"'
	signed PUT /fapi/v1/order "symbol=BTCUSDT&orderId=$id&side=BUY&quantity=0.03&priceMatch=QUEUE_5" |
		is '.price == "59995.00" and .priceMatch == "QUEUE_5"'
	signed GET /fapi/v1/orderAmendment "symbol=BTCUSDT&orderId=$id" | is ".[0] | .orderId == $id and .clientOrderId == \"a\" and .pair == \"BTCUSDT\"
	    and .amendment.price == {before: \"59000.00\", after: \"59100.00\"} and .amendment.origQty == {before: \"0.020\", after: \"0.030\"}
	    and .amendment.count == 1 and .amendment.modifyId == 77 and .amendmentId > 0"
	signed GET /fapi/v1/orderAmendment "symbol=BTCUSDT&origClientOrderId=a" | is 'length == 2 and .[1].amendment.count == 2'
	signed GET /fapi/v1/orderAmendment "symbol=BTCUSDT&orderId=$id&limit=1" | is 'map(.amendment.count) == [2]'
	signed GET /fapi/v1/orderAmendment "symbol=BTCUSDT&orderId=$id&limit=101" | is '.code == -1130'
	signed GET /fapi/v1/orderAmendment symbol=BTCUSDT | is '.code == -1102'
}

@test "what a modification must not be is refused, and the order stays as it was" {
	sim --position BTCUSDT:0.1
	limit_order BTCUSDT BUY 0.02 59000 newClientOrderId=a | is '.status == "NEW"'
	change='symbol=BTCUSDT&origClientOrderId=a&side=BUY'
	refusals PUT /fapi/v1/order <<-END
		$change&quantity=0.02|-1102
		$change&price=59000|-1102
		symbol=BTCUSDT&side=BUY&quantity=0.02&price=59000|-1102
		$change&quantity=0.02&price=59000|-5027
		$change&quantity=0.020&price=59000.0|-5027
		symbol=BTCUSDT&origClientOrderId=b&side=BUY&quantity=0.02&price=59000|-2013
		symbol=BTCUSDT&origClientOrderId=a&side=SELL&quantity=0.02&price=59100|-1117
		$change&quantity=0.02&price=59000.05|-4014
		$change&quantity=0.02&price=63100|-4016
		$change&quantity=0.0205&price=59000|-1111
		$change&quantity=0.001&price=49000|-5029
		$change&quantity=0.02&price=59100&reduceOnly=true|-5047
		$change&quantity=5&price=59100|-2019
		$change&quantity=0.02&price=59100&priceMatch=QUEUE|-1106
		$change&quantity=0.02&priceMatch=BEST|-5037
	END
	found a | is '.status == "NEW" and .price == "59000.00" and .origQty == "0.020"'
	# a reduce-only one may say so again, and is then free of the least notional
	limit_order BTCUSDT SELL 0.02 61000 'newClientOrderId=r&reduceOnly=true' | is '.reduceOnly'
	amend r SELL 0.0005 61000 | is '.code == -1111'
	public /fapi/v1/exchangeInfo | jq '.symbols |= map(select(.symbol == "BTCUSDT") |
	    .filters |= map(if .filterType == "MIN_NOTIONAL" then .notional = "100" else . end))' >"$T/info"
	act "filters=$T/info"
	amend r SELL 0.001 61000 | is '.code == -5029'
	amend r SELL 0.001 61000 reduceOnly=true | is '.origQty == "0.001" and .reduceOnly == true'
	act 'status=SETTLING BTCUSDT'
	amend r SELL 0.002 61000 reduceOnly=true | is '.code == -5024'
}

@test "more than maxMoveOrderLimit modifications are too many" {
	sim
	public /fapi/v1/exchangeInfo | jq '.symbols |= map(select(.symbol == "BTCUSDT") | .maxMoveOrderLimit = 2)' >"$T/info"
	kill "$SIM_PID"
	sim --exchange-info "$T/info"
	limit_order BTCUSDT BUY 0.02 59000 newClientOrderId=a
	amend a BUY 0.02 59001 | is '.price == "59001.00"'
	amend a BUY 0.02 59002 | is '.price == "59002.00"'
	amend a BUY 0.02 59003 | is '.code == -5026'
}

@test "a modified order goes to the end of its queue" {
	sim
	limit_order BTCUSDT SELL 0.01 60001 newClientOrderId=first
	limit_order BTCUSDT SELL 0.01 60001 newClientOrderId=second
	amend first SELL 0.02 60001 | is '.origQty == "0.020"'
	limit_order BTCUSDT BUY 0.01 60001 selfTradePreventionMode=NONE
	found second | is '.status == "FILLED"'
	found first | is '.status == "NEW"'
}

@test "an amendment to what is filled already, or of a GTX that would take, cancels" {
	sim --account 1000000
	limit_order BTCUSDT BUY 3 60003 newClientOrderId=part	# 2 at once
	found part | is '.status == "PARTIALLY_FILLED" and .executedQty == "2.000"'
	amend part BUY 2 60003 | is '.status == "CANCELED" and .executedQty == "2.000"'
	place 'symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTX&quantity=0.1&price=59000&newClientOrderId=gtx' | is '.status == "NEW"'
	amend gtx BUY 0.1 60003.5 | is '.status == "CANCELED"'
	found gtx | is '.status == "CANCELED" and .executedQty == "0.000"'
	# a GTC that would take does
	limit_order BTCUSDT BUY 0.1 59000 newClientOrderId=gtc
	amend gtc BUY 0.1 60003.5 | is '.orderId > 0'
	found gtc | is '.status == "FILLED" and .avgPrice == "60003.50000"'
}

# --- batches ---

@test "each order of a batch is taken or refused on its own, the list raw or encoded" {
	sim
	list='[{"symbol":"BTCUSDT","side":"BUY","type":"LIMIT","timeInForce":"GTC","quantity":"0.01","price":"59000","newClientOrderId":"b1"},{"symbol":"BTCUSDT","side":"BUY","type":"STOP_MARKET","quantity":"0.01"},{"symbol":"NOSUCH","side":"BUY","type":"MARKET","quantity":1},{"symbol":"ETHUSDT","side":"SELL","type":"MARKET","quantity":0.1,"newOrderRespType":"RESULT"},7]'
	[ "$(status_of signed POST /fapi/v1/batchOrders "batchOrders=$(encoded "$list")")" = 200 ]
	is '.[0].status == "NEW" and .[0].clientOrderId == "b1" and .[1].code == -4120 and .[2].code == -1121
	    and .[3].status == "FILLED" and (.[4].code | . < 0) and length == 5' <"$T/body"
	# raw: curl leaves a body as it is
	q="batchOrders=[{\"symbol\":\"BTCUSDT\",\"side\":\"BUY\",\"type\":\"LIMIT\",\"timeInForce\":\"GTC\",\"quantity\":\"0.01\",\"price\":\"59001\"}]&timestamp=$(now)"
	keyed POST /fapi/v1/batchOrders --data-raw "$q&signature=$(sign "$q")" | is '.[0].status == "NEW" and .[0].price == "59001.00"'
	one='{"symbol":"BTCUSDT","side":"BUY","type":"LIMIT","timeInForce":"GTC","quantity":"0.01","price":"59000"}'
	signed POST /fapi/v1/batchOrders "batchOrders=$(encoded "[$one,$one,$one,$one,$one,$one]")" | is '.code == -4082'
	signed POST /fapi/v1/batchOrders 'batchOrders=%5B%5D' | is '.code == -4082'
	signed POST /fapi/v1/batchOrders | is '.code == -1102'
	signed GET /fapi/v1/openOrders symbol=BTCUSDT | is 'length == 2'
}

@test "batches modify and cancel likewise" {
	sim
	for i in 1 2 3; do limit_order BTCUSDT BUY 0.01 5900$i newClientOrderId=c$i >"$T/c$i"; done
	id=$(jq .orderId "$T/c3")
	list="[{\"symbol\":\"BTCUSDT\",\"side\":\"BUY\",\"origClientOrderId\":\"c1\",\"quantity\":\"0.02\",\"price\":\"58000\",\"modifyId\":5},{\"symbol\":\"BTCUSDT\",\"side\":\"BUY\",\"origClientOrderId\":\"c2\",\"quantity\":\"0.01\"},{\"symbol\":\"BTCUSDT\",\"side\":\"BUY\",\"orderId\":$id,\"quantity\":\"0.01\",\"price\":\"59003\"}]"
	signed PUT /fapi/v1/batchOrders "batchOrders=$(encoded "$list")" |
		is '.[0].price == "58000.00" and .[0].modifyId == 5 and .[1].code == -1102 and .[2].code == -5027'
	signed DELETE /fapi/v1/batchOrders "symbol=BTCUSDT&origClientOrderIdList=$(encoded '["c1","none"]')" |
		is '.[0].status == "CANCELED" and .[0].clientOrderId == "c1" and .[1].code == -2011'
	signed DELETE /fapi/v1/batchOrders "symbol=BTCUSDT&orderIdList=%5B$id,1%5D" |
		is ".[0].orderId == $id and .[0].status == \"CANCELED\" and .[1].code == -2011"
	signed DELETE /fapi/v1/batchOrders "symbol=BTCUSDT&orderIdList=%5B1,2,3,4,5,6,7,8,9,10,11%5D" | is '.code == -4032'
	signed DELETE /fapi/v1/batchOrders symbol=BTCUSDT | is '.code == -1102'
	signed GET /fapi/v1/openOrders | is 'map(.clientOrderId) == ["c2"]'
}

# --- cancelling ---

@test "a countdown cancels the orders of its symbol when no heartbeat comes" {
	stepped
	limit_order BTCUSDT BUY 0.01 59000 newClientOrderId=a
	limit_order ETHUSDT BUY 0.1 2900 newClientOrderId=e
	signed POST /fapi/v1/countdownCancelAll 'symbol=BTCUSDT&countdownTime=2000' | is '. == {symbol: "BTCUSDT", countdownTime: "2000"}'
	step 1500
	signed POST /fapi/v1/countdownCancelAll 'symbol=BTCUSDT&countdownTime=2000' | is '.countdownTime == "2000"'
	step 1500
	found a | is '.status == "NEW"'
	step 500
	found a | is '.status == "CANCELED"'
	found e ETHUSDT | is '.status == "NEW"'
	signed POST /fapi/v1/countdownCancelAll 'symbol=ETHUSDT&countdownTime=1000' | is '.countdownTime == "1000"'
	signed POST /fapi/v1/countdownCancelAll 'symbol=ETHUSDT&countdownTime=0' | is '.countdownTime == "0"'
	step 2000
	found e ETHUSDT | is '.status == "NEW"'
	signed POST /fapi/v1/countdownCancelAll symbol=BTCUSDT | is '.code == -1102'
}

@test "all orders of a symbol are cancelled at once, the others stay" {
	sim
	limit_order BTCUSDT BUY 0.01 59000
	limit_order BTCUSDT SELL 0.01 61000
	limit_order ETHUSDT BUY 0.1 2900
	signed DELETE /fapi/v1/allOpenOrders symbol=BTCUSDT | is '.code == 200 and (.msg | test("cancel all open order"))'
	signed GET /fapi/v1/openOrders | is 'map(.symbol) == ["ETHUSDT"]'
	signed DELETE /fapi/v1/allOpenOrders | is '.code == -1102'
	signed DELETE /fapi/v1/allOpenOrders symbol=NOSUCH | is '.code == -1121'
}

# --- what is checked ---

@test "order/test judges an order as if it came, and nothing comes of it" {
	sim
	limit='symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&price=59000'
	refusals POST /fapi/v1/order/test <<-END
		$limit&quantity=0.0001|-1111
		$limit&quantity=100|-2019
		symbol=BTCUSDT&side=BUY&type=TAKE_PROFIT&quantity=1|-4120
		symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.01&reduceOnly=true|-2022
	END
	signed POST /fapi/v1/order/test "$limit&quantity=0.01&newClientOrderId=t" | is '.clientOrderId == "t" and .price == "59000.00"'
	signed GET /fapi/v1/openOrders | is '. == []'
	found t | is '.code == -2013'
	[ "$(executed)" -eq 0 ]
}

@test "every filter refuses with its own code" {
	sim --account 10000000
	public /fapi/v1/exchangeInfo | jq '.symbols |= map(select(.symbol == "BTCUSDT") | .filters |= map(
	    if .filterType == "LOT_SIZE" then .minQty = "0.010" | .stepSize = "0.005" | .maxQty = "20"
	    elif .filterType == "MARKET_LOT_SIZE" then .minQty = "0.010" | .stepSize = "0.010" | .maxQty = "10"
	    elif .filterType == "PRICE_FILTER" then .minPrice = "50000.05" | .maxPrice = "61000"
	    elif .filterType == "MAX_NUM_ORDERS" then .limit = 2
	    elif .filterType == "MIN_NOTIONAL" then .notional = "700" else . end))' >"$T/info"
	act "filters=$T/info"
	buy='symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC' sell='symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC'
	market='symbol=BTCUSDT&side=BUY&type=MARKET'
	refusals POST /fapi/v1/order <<-END
		$buy&quantity=0.1&price=0|-4001
		$buy&quantity=0.1&price=50000|-4013
		$sell&quantity=0.1&price=61000.05|-4002
		$buy&quantity=0.1&price=59000.1|-4014
		$buy&quantity=0.1&price=59000.001|-1111
		$sell&quantity=0.1&price=56900.05|-4024
		$buy&quantity=0&price=59000.05|-4003
		$buy&quantity=0.005&price=59000.05|-4004
		$buy&quantity=20.005&price=59000.05|-4005
		$buy&quantity=0.012&price=59000.05|-4023
		$buy&quantity=0.0001&price=59000.05|-1111
		$buy&quantity=0.01&price=59000.05|-4164
		$market&quantity=0.005|-4004
		$market&quantity=10.01|-4005
		$market&quantity=0.015|-4023
		$market&quantity=0.01|-4164
	END
	limit_order BTCUSDT BUY 0.02 59000.05 | is '.status == "NEW"'
	limit_order BTCUSDT BUY 0.015 59000.05 | is '.status == "NEW"'
	limit_order BTCUSDT BUY 0.02 59000.05 | is '.code == -2025'
	# the mark times 1.05, and a book that is too far from it
	sed -i 's/"61000"/"100000"/' "$T/info"
	act "filters=$T/info"
	place "$buy&quantity=0.1&price=63000.05" | is '.code == -4016'
	sed -i 's/"1.0500"/"1.00001"/' "$T/info"
	act "filters=$T/info"
	place "$market&quantity=0.02" | is '.code == -4131'
	act 'status=CLOSE BTCUSDT'
	place "$market&quantity=0.02" | is '.code == -4140 or .code == -4141'
	signed DELETE /fapi/v1/allOpenOrders symbol=BTCUSDT | is '.code == 200'
}

@test "what the account cannot pay is refused, and what the bracket does not allow at that leverage" {
	sim --account 100000 --leverage BTCUSDT=100
	# 100x ends at a notional of 600000: 10 BTC at 59000 are 590000, one more is too much
	limit_order BTCUSDT BUY 10 59000 | is '.status == "NEW"'
	limit_order BTCUSDT BUY 1 59000 | is '.code == -2027'
	# at 20x 59000 x 40 / 20 are 118000
	limit_order ETHUSDT BUY 700 2900 | is '.code == -2019'
}

@test "ids of most symbols are above 2^53 and keep their digits" {
	sim
	limit_order ETHUSDT BUY 0.1 2900 newClientOrderId=e1 >"$T/a"
	limit_order ETHUSDT BUY 0.1 2901 newClientOrderId=e2 >"$T/b"
	a=$(grep -o '"orderId":[0-9]*' "$T/a" | cut -d: -f2) b=$(grep -o '"orderId":[0-9]*' "$T/b" | cut -d: -f2)
	[ "$a" -gt 9007199254740992 ] && [ "$b" -gt "$a" ]
	signed GET /fapi/v1/order "symbol=ETHUSDT&orderId=$b" >"$T/body"
	grep -q "\"orderId\":$b,.*\"clientOrderId\":\"e2\"" "$T/body"
	signed DELETE /fapi/v1/order "symbol=ETHUSDT&orderId=$a" | is '.clientOrderId == "e1" and .status == "CANCELED"'
	signed GET /fapi/v1/allOrders "symbol=ETHUSDT&orderId=$b" | is 'map(.clientOrderId) == ["e2"]'
	signed GET /fapi/v1/order "symbol=ETHUSDT&orderId=9007199254740993" | is '.code == -2013'
}

@test "a client order id is one order's while that is open, on its symbol" {
	sim
	limit_order BTCUSDT BUY 0.01 59000 newClientOrderId=x | is '.status == "NEW"'
	limit_order BTCUSDT BUY 0.01 59000 newClientOrderId=x | is '.code == -4116'
	cancel x | is '.status == "CANCELED"'
	limit_order BTCUSDT BUY 0.02 59000 newClientOrderId=x | is '.status == "NEW"'
	found x | is '.origQty == "0.020"'
}

# --- histories ---

@test "histories page by id, by time and by limit, and say no to what cannot be" {
	stepped
	start=$NOW
	for i in 1 2 3 4; do
		limit_order BTCUSDT BUY 0.01 5900$i newClientOrderId=h$i >"$T/h$i"
		market_order BTCUSDT BUY 0.01 newClientOrderId=m$i >/dev/null
		step 1000
	done
	id=$(jq .orderId "$T/h3")
	signed GET /fapi/v1/allOrders symbol=BTCUSDT | is 'map(.clientOrderId) == ["h1", "m1", "h2", "m2", "h3", "m3", "h4", "m4"]
	    and (.[1] | .status == "FILLED" and .cumQuote == "600.03000" and .cumBase == "0.010" and .pair == "BTCUSDT" and .avgPrice == "60003.00000")'
	signed GET /fapi/v1/allOrders 'symbol=BTCUSDT&limit=2' | is 'map(.clientOrderId) == ["h4", "m4"]'
	signed GET /fapi/v1/allOrders "symbol=BTCUSDT&orderId=$id&limit=2" | is 'map(.clientOrderId) == ["h3", "m3"]'
	signed GET /fapi/v1/allOrders "symbol=BTCUSDT&startTime=$((start + 1000))&endTime=$((start + 2000))" |
		is 'map(.clientOrderId) == ["h2", "m2", "h3", "m3"]'
	signed GET /fapi/v1/allOrders "symbol=BTCUSDT&startTime=$((start + 1000))&limit=1" | is 'map(.clientOrderId) == ["h2"]'
	signed GET /fapi/v1/allOrders | is 'length == 8'	# a symbol is not wanted any more
	signed GET /fapi/v1/userTrades symbol=BTCUSDT >"$T/t"
	is 'length == 4 and (.[0] | .qty == "0.010" and (.quoteQty | tonumber) == 600.03 and .pair == "BTCUSDT" and .marginAsset == "USDT")' <"$T/t"
	trade=$(jq '.[2].id' "$T/t") of=$(jq '.[1].orderId' "$T/t")
	signed GET /fapi/v1/userTrades "symbol=BTCUSDT&fromId=$trade" | is "map(.id) == [$trade, $trade + 1]"
	signed GET /fapi/v1/userTrades "symbol=BTCUSDT&fromId=$((trade - 1))&limit=1" | is "map(.id) == [$trade - 1]"
	signed GET /fapi/v1/userTrades "symbol=BTCUSDT&orderId=$of" | is "map(.orderId) == [$of]"
	signed GET /fapi/v1/userTrades "symbol=BTCUSDT&startTime=$((start + 3000))" | is 'length == 1'
	signed GET /fapi/v1/income 'incomeType=COMMISSION' | is 'length == 4 and all(.[]; .income == "-0.30001500" and .asset == "USDT" and .symbol == "BTCUSDT" and .tradeId != "")'
	signed GET /fapi/v1/income 'incomeType=COMMISSION&limit=3&page=2' | is 'length == 1'
	signed GET /fapi/v1/income "startTime=$((start + 2000))&endTime=$((start + 2000))" | is 'map(.incomeType) == ["COMMISSION"]'
	act deposit=500
	signed GET /fapi/v1/income 'incomeType=TRANSFER' | is 'map([.income, .symbol, .tradeId])[1:] == [["500.00000000", "", ""]]'
	week=$((7 * 86400000))
	refusals GET /fapi/v1/allOrders <<-END
		symbol=BTCUSDT&limit=1001|-1130
		symbol=NOSUCH|-1121
		symbol=BTCUSDT&startTime=$NOW&endTime=$start|-1023
		symbol=BTCUSDT&startTime=$((NOW - week - 1))&endTime=$NOW|-4165
	END
	refusals GET /fapi/v1/userTrades <<-END
		symbol=BTCUSDT&fromId=1&startTime=$start|-1128
		limit=5|-1102
		symbol=BTCUSDT&startTime=$((NOW - week - 1))&endTime=$NOW|-4165
	END
	signed GET /fapi/v1/income 'limit=1001' | is '.code == -1130'
}

@test "an order without a fill is forgotten after three days, one with a fill after ninety" {
	stepped
	limit_order BTCUSDT BUY 0.01 59000 newClientOrderId=gone
	limit_order BTCUSDT BUY 0.01 59000 newClientOrderId=open
	market_order BTCUSDT BUY 0.01 newClientOrderId=filled
	cancel gone | is '.status == "CANCELED"'
	step $((2 * 86400000))
	found gone | is '.status == "CANCELED"'
	step $((2 * 86400000))
	found gone | is '.code == -2013'
	found open | is '.status == "NEW"'
	signed GET /fapi/v1/allOrders symbol=BTCUSDT | is 'map(.clientOrderId) == ["open", "filled"]'
	signed GET /fapi/v1/userTrades symbol=BTCUSDT | is 'length == 1'
	step $((87 * 86400000))
	found filled | is '.code == -2013'
	found open | is '.status == "NEW"'
}
