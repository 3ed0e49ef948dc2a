# The WebSocket API of bf-sim, asked by wscat; jq and openssl sign.

setup() {
	load ../helper
	load ../simclient
	home
}

teardown() {
	home_end
}

# call NAME JSON: send a request; the answer of its id is printed. JSON has an id.
call() {
	local id n
	id=$(jq -c .id <<<"$2")
	n=$(answers "$1" "$id" | wc -l)
	say "$1" "$(jq -c . <<<"$2")"
	answered() { [ "$(answers "$1" "$id" | wc -l)" -gt "$n" ]; }
	wait_for answered "$1" || { cat "$T/$1" >&2; return 1; }
	answers "$1" "$id" | tail -n 1
}
answers() { grep '^{' "$T/$1" | jq -c --argjson id "$2" 'select(.id == $id)'; }
# params JSON: with key, time and signature: values sorted by name, joined, signed
params() {
	local all text
	all=$(jq -c --arg key "${KEY:-$(ready key)}" --argjson now "$(now)" '. + {apiKey: $key, timestamp: $now, recvWindow: 60000}' <<<"$1")
	text=$(jq -r 'to_entries | sort_by(.key) | map("\(.key)=\(.value)") | join("&")' <<<"$all")
	jq -c --arg s "$(sign "$text")" '. + {signature: $s}' <<<"$all"
}
# ask NAME METHOD PARAMS: signed; and plain NAME METHOD PARAMS: as they are
ask() { plain "$1" "$2" "$(params "${3:-{\}}")"; }
plain() {
	ASKED=$((${ASKED:-0} + 1))
	call "$1" "$(jq -cn --arg m "$2" --argjson p "${3:-{\}}" --arg id "q$RANDOM-$ASKED" '{id: $id, method: $m, params: $p}')"
}

@test "orders are placed, changed, looked at and cancelled" {
	sim
	ws a /ws-fapi/v1
	ask a order.place '{"symbol":"BTCUSDT","side":"BUY","type":"LIMIT","timeInForce":"GTC","quantity":"0.1","price":"59000","newClientOrderId":"w1"}' |
		is '.status == 200 and .result.status == "NEW" and .result.clientOrderId == "w1" and .result.origQty == "0.100"'
	ask a order.modify '{"symbol":"BTCUSDT","side":"BUY","origClientOrderId":"w1","quantity":"0.2","price":"59100"}' |
		is '.status == 200 and .result.price == "59100.00" and .result.origQty == "0.200"'
	ask a order.status '{"symbol":"BTCUSDT","origClientOrderId":"w1"}' | is '.result.status == "NEW" and .result.price == "59100.00"'
	ask a order.cancel '{"symbol":"BTCUSDT","origClientOrderId":"w1"}' | is '.result.status == "CANCELED"'
	ask a order.cancel '{"symbol":"BTCUSDT","origClientOrderId":"w1"}' | is '.status == 400 and .error.code == -2011'
	ask a order.status '{"symbol":"BTCUSDT","origClientOrderId":"never"}' | is '.status == 400 and .error.code == -2013'
	ask a order.place '{"symbol":"BTCUSDT","side":"BUY","type":"MARKET","quantity":"0.1","newOrderRespType":"RESULT"}' |
		is '.result.status == "FILLED" and .result.executedQty == "0.100"'
	[ "$(executed)" -eq 2 ]
	ledger request 'map(.method)' | is '. == ["order.place", "order.modify", "order.status", "order.cancel", "order.cancel", "order.status", "order.place"]'
	run ! grep -q "signature\|$(ready secret)" "$T/ledger"
}

@test "what an order may not be is refused as over REST" {
	sim
	ws a /ws-fapi/v1
	ask a order.place '{"symbol":"NOSUCH","side":"BUY","type":"MARKET","quantity":"0.1"}' | is '.error.code == -1121'
	ask a order.place '{"symbol":"BTCUSDT","side":"BUY","type":"MARKET","quantity":"0.0001"}' | is '.error.code == -1111 and .status == 400'
	ask a order.place '{"symbol":"BTCUSDT","side":"BUY","type":"MARKET"}' | is '.error.code == -1102'
	ask a order.place '{"symbol":"BTCUSDT","side":"BUY","type":"MARKET","quantity":"500"}' | is '.error.code == -2019 or .error.code == -4005 or .error.code == -2027'
	ask a order.place '{"symbol":"BTCUSDT","side":"SELL","type":"STOP_MARKET","stopPrice":"50000","closePosition":"true"}' | is '.error.code == -4120'
	[ "$(executed)" -eq 0 ]
}

@test "conditional orders, likewise" {
	sim --position BTCUSDT:0.1
	ws a /ws-fapi/v1
	ask a algoOrder.place '{"algoType":"CONDITIONAL","symbol":"BTCUSDT","side":"SELL","type":"STOP_MARKET","triggerPrice":"58000","closePosition":"true","clientAlgoId":"s1"}' |
		is '.status == 200 and .result.algoStatus == "NEW" and .result.clientAlgoId == "s1"'
	signed GET /fapi/v1/openAlgoOrders | is 'length == 1'
	ask a algoOrder.cancel '{"clientAlgoId":"s1"}' | is '.status == 200'
	signed GET /fapi/v1/openAlgoOrders | is '. == []'
	ask a algoOrder.cancel '{"clientAlgoId":"s1"}' | is '.status == 400'
}

@test "the account, in both versions, is what REST says" {
	sim --account 7000 --position BTCUSDT:0.1
	ws a /ws-fapi/v1
	ask a account.balance | is '.result[0].asset != null and ([.result[] | select(.asset == "USDT")][0].balance == "7000.00000000")'
	ask a v2/account.balance | is '[.result[] | select(.asset == "USDT")][0].balance == "7000.00000000"'
	ask a account.status | is '.result.totalWalletBalance == "7000.00000000" and (.result.positions | length) > 1'
	ask a v2/account.status | is '.result.totalWalletBalance == "7000.00000000" and (.result.positions | length) == 1'
	ask a account.position '{"symbol":"BTCUSDT"}' | is '.result[0].positionAmt == "0.100"'
	ask a v2/account.position | is '[.result[].symbol] == ["BTCUSDT"]'
	[ "$(ask a v2/account.status | jq -c '.result | del(.updateTime)')" = "$(signed GET /fapi/v3/account | jq -c 'del(.updateTime)')" ]
}

@test "the market needs no key" {
	sim
	ws a /ws-fapi/v1
	plain a depth '{"symbol":"BTCUSDT","limit":5}' | is '.status == 200 and (.result.bids | length) == 5 and (.result | has("lastUpdateId"))'
	plain a ticker.price '{"symbol":"BTCUSDT"}' | is '.result.symbol == "BTCUSDT" and (.result.price | type) == "string"'
	plain a ticker.price | is '.result | length > 1'
	plain a ticker.book '{"symbol":"BTCUSDT"}' | is '.result | has("bidPrice") and has("lastUpdateId")'
	plain a ticker.book | is '.result | length > 1'
	plain a depth '{"symbol":"BTCUSDT","limit":7}' | is '.status == 400 and (.error.code | . < 0)'
	plain a depth | is '.error.code == -1102'
}

@test "a listen key is that of REST" {
	sim
	ws a /ws-fapi/v1
	key=$(listen_key)
	plain a userDataStream.start "{\"apiKey\":\"$(ready key)\"}" | is ".status == 200 and .result.listenKey == \"$key\""
	plain a userDataStream.ping "{\"apiKey\":\"$(ready key)\"}" | is '.status == 200'
	ws u "/private/ws/$key"
	ask a order.place '{"symbol":"BTCUSDT","side":"BUY","type":"LIMIT","timeInForce":"GTC","quantity":"0.1","price":"59000"}' >/dev/null
	wait_for got u ORDER_TRADE_UPDATE
	plain a userDataStream.stop "{\"apiKey\":\"$(ready key)\"}" | is '.status == 200'
	plain a userDataStream.ping "{\"apiKey\":\"$(ready key)\"}" | is '.error.code == -1125'
	plain a userDataStream.start | is '.error.code == -2014 or .error.code == -2015'
}

@test "a signature is over the sorted values, and nothing else passes" {
	sim
	ws a /ws-fapi/v1
	good=$(params '{"symbol":"BTCUSDT","side":"BUY","type":"MARKET","quantity":"0.1"}')
	for bad in 'del(.signature)' '.signature = "00"' '.quantity = "0.2"' '.extra = 1' '.signature |= ascii_upcase + "0"' ; do
		plain a order.place "$(jq -c "$bad" <<<"$good")" | is '.status == 400 and (.error.code == -1022 or .error.code == -1102)'
	done
	plain a order.place "$(jq -c '.apiKey = "x"' <<<"$good")" | is '.status == 401 and (.error.code == -2014 or .error.code == -2015)'
	plain a order.place "$(jq -c 'del(.apiKey)' <<<"$good")" | is '.status == 401 and (.error.code == -2014 or .error.code == -2015)'
	plain a order.place "$(jq -c 'del(.timestamp)' <<<"$good")" | is '.error.code == -1102'
	old=$(SKEW=-70000 params '{"symbol":"BTCUSDT","side":"BUY","type":"MARKET","quantity":"0.1"}')
	plain a order.place "$old" | is '.error.code == -1021'
	early=$(SKEW=60000 params '{"symbol":"BTCUSDT","side":"BUY","type":"MARKET","quantity":"0.1"}')
	plain a order.place "$early" | is '.error.code == -1021'
	[ "$(executed)" -eq 0 ]
	# numbers as numbers, and text that is not ASCII unencoded
	ask a order.place '{"symbol":"测试USDT","side":"BUY","type":"MARKET","quantity":100}' | is '.status == 200 or .error.code != -1022'
	plain a order.place "$good" | is '.status == 200'
}

@test "the limits are told, and may be left out by the path or the request" {
	sim --skew $((60000 - $(date +%s%3N) % 60000))
	SKEW=$((60000 - $(date +%s%3N) % 60000))
	ws a /ws-fapi/v1
	plain a ticker.price '{"symbol":"BTCUSDT"}' | is '.rateLimits | map([.rateLimitType, .interval, .intervalNum, .limit, .count]) == [["REQUEST_WEIGHT", "MINUTE", 1, 2400, 6]]'
	ask a order.place '{"symbol":"BTCUSDT","side":"BUY","type":"LIMIT","timeInForce":"GTC","quantity":"0.1","price":"59000","newClientOrderId":"l"}' |
		is '.rateLimits | map([.rateLimitType, .interval, .intervalNum, .count]) ==
		    [["REQUEST_WEIGHT", "MINUTE", 1, 6], ["ORDERS", "SECOND", 10, 1], ["ORDERS", "MINUTE", 1, 1]]'
	call a '{"id":1,"method":"ticker.price","params":{"symbol":"BTCUSDT"},"returnRateLimits":false}' | is 'has("rateLimits") | not'
	plain a ticker.price '{"symbol":"BTCUSDT","returnRateLimits":false}' | is 'has("rateLimits") | not'
	plain a ticker.price '{"symbol":"NOSUCH"}' | is '.status == 400 and (.rateLimits | length) == 1'
	ws b '/ws-fapi/v1?returnRateLimits=false'
	plain b ticker.price '{"symbol":"BTCUSDT"}' | is '.status == 200 and (has("rateLimits") | not)'
	call b '{"id":2,"method":"ticker.price","params":{"symbol":"BTCUSDT"},"returnRateLimits":true}' | is 'has("rateLimits")'
}

@test "over the limit it is 429, then 418, with the end of it" {
	sim --weight-limit 12 --skew $((60000 - $(date +%s%3N) % 60000))
	ws a /ws-fapi/v1
	for _ in 1 2 3 4 5 6 7; do plain a ticker.price '{"symbol":"BTCUSDT"}' | is '.status == 200'; done
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		plain a ticker.price '{"symbol":"BTCUSDT"}' | is '.status == 429 and .error.code == -1003'
	done
	plain a ticker.price '{"symbol":"BTCUSDT"}' | is '.status == 418 and (.error.msg | test("banned until [0-9]+"))'
	run "$BF_PEERS/wscat" "${SIM_WS##*:}" /ws-fapi/v1 </dev/null
	[ "$status" -eq 1 ]
	[[ $output == 'HTTP/1.1 418'*Retry-After* ]]
}

@test "an id comes back as it went: text, number or none" {
	sim
	ws a /ws-fapi/v1
	for id in '"abc"' '"1"' 1 0 -7 9007199254740993 null '"\u00e4\n\""'; do
		say a "{\"id\":$id,\"method\":\"ticker.price\",\"params\":{\"symbol\":\"BTCUSDT\"}}"
	done
	wait_for counted a '"status":200' 8
	events a 'map(.id)' | is '.[0:4] == ["abc", "1", 1, 0] and .[6:] == [null, "\u00e4\n\""]'
	got a '^{"id":-7,'
	got a '^{"id":9007199254740993,'
	say a '{"method":"ticker.price","params":{"symbol":"BTCUSDT"}}'
	wait_for counted a '"id":null' 2
	for id in 1.5 true '{}' '[1]' 1e3; do say a "{\"id\":$id,\"method\":\"ticker.price\"}"; done
	wait_for counted a '"status":400' 5
	events a 'map(select(.status == 400)) | map([.id, (.error.code < 0)]) | unique == [[null, true]]' | is .
}

@test "what is no request is told so, and the connection stays" {
	sim
	ws a /ws-fapi/v1
	say a nonsense '{"id":1' '[1,2]' '""' '{"id":5,"params":{}}' '{"id":6,"method":"order.sing"}' '{"id":7,"method":7}' \
	    '{"id":8,"method":"depth","params":[]}' '{"id":9,"method":"depth","params":{"symbol":{}}}' '{"id":10,"method":""}' \
	    '{"id":11,"method":"v3/account.balance"}' '{"id":12,"method":"v1/v1/depth"}' \
	    '{"id":13,"method":"depth","params":{"symbol":"BTCUSDT","symbol":"ETHUSDT"}}' '!raw 8180000000'00
	wait_for counted a '"status":400' 14
	events a 'map([.id, .error.code])' | is '
	    .[0:4] == [[null, -1135], [null, -1135], [null, -1135], [null, -1135]] and .[4] == [5, -1102] and .[5] == [6, -1020] and
	    .[6] == [7, -1020] and (.[7][0] == 8) and (.[8][0] == 9) and .[10] == [11, -1020] and .[11] == [12, -1020] and .[12][0] == 13 and .[13] == [null, -1135]'
	plain a ticker.price '{"symbol":"BTCUSDT"}' | is '.status == 200'
	call a '{"id":20,"method":"v1/ticker.price","params":{"symbol":"BTCUSDT"}}' | is '.status == 200'
}

@test "too many pings end the connection, answers to ours do not" {
	sim
	ws a /ws-fapi/v1
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do echo '!ping x'; done >&"${WS_IN[a]}"
	wait_for got a '^close 1008'
}

# --- sessions ---

# Without a profile: there is no secret to put into one.
bare_sim() {
	bf-sim --ledger "$T/ledger" "$@" >"$T/sim.out" 2>"$T/sim.err" 3>&- 4>&- &
	SIM_PID=$!
	SIM_PIDS="$SIM_PIDS $SIM_PID"
	wait_for sim_ready "$T/sim.out" || { cat "$T/sim.err"; return 1; }
	SIM_REST=$(ready rest)
	SIM_WS=$(ready ws)
}
ed25519_account() {
	openssl genpkey -algorithm ed25519 -out "$T/key.pem" 2>/dev/null
	PRIVATE=$T/key.pem
	KEY=$(printf 'E%.0s' {1..64})
	openssl pkey -in "$T/key.pem" -pubout >"$T/public.pem"
	printf '%s\n' '[ed]' "key = $KEY" "public_key_file = $T/public.pem" 'balance = USDT=5000' >"$T/accounts"
}
@test "a session is opened by an Ed25519 key, and then asks without one" {
	ed25519_account
	bare_sim --accounts "$T/accounts"
	ws a /ws-fapi/v1
	plain a session.status | is '.status == 200 and .result.apiKey == null and .result.authorizedSince == null and (.result.connectedSince | type) == "number"'
	plain a account.balance "{\"timestamp\":$(now)}" | is '.status == 401'
	ask a session.logon | is ".status == 200 and .result.apiKey == \"$KEY\" and .result.returnRateLimits == true and .result.authorizedSince >= .result.connectedSince"
	plain a session.status | is ".result.apiKey == \"$KEY\""
	plain a account.balance "{\"timestamp\":$(now)}" | is '.status == 200'
	plain a order.place "{\"symbol\":\"BTCUSDT\",\"side\":\"BUY\",\"type\":\"MARKET\",\"quantity\":\"0.01\",\"timestamp\":$(now)}" | is '.status == 200'
	plain a account.balance | is '.error.code == -1102'	# the time is still needed
	plain a account.balance "{\"timestamp\":$(now),\"apiKey\":\"$KEY\"}" | is '.error.code == -1102 or .error.code == -1022'	# one that is named signs
	plain a session.logout | is '.status == 200 and .result.apiKey == null'
	plain a account.balance "{\"timestamp\":$(now)}" | is '.status == 401'
	ws b /ws-fapi/v1	# a session is its connection's
	plain b account.balance "{\"timestamp\":$(now)}" | is '.status == 401'
	ask b account.balance | is '.status == 200'
}

@test "an HMAC key opens no session" {
	sim
	ws a /ws-fapi/v1
	ask a session.logon | is '.status == 400 and .error.code == -4056'
}

# --- COIN-M ---

@test "the end of the exchange is told by a close frame, as to streams" {
	sim
	ws a /ws-fapi/v1
	ws b /ws-dapi/v1
	ws s /public/ws/btcusdt@bookTicker
	kill "$SIM_PID"
	for name in a b s; do wait_for got "$name" '^close 1001'; done
}

@test "the other path is the other market, with fewer methods" {
	sim --balance coinm.BTC=1
	ws c /ws-dapi/v1
	ask c order.place '{"symbol":"BTCUSD_PERP","side":"BUY","type":"LIMIT","timeInForce":"GTC","quantity":"5","price":"59000","newClientOrderId":"c1"}' |
		is '.status == 200 and .result.status == "NEW" and .result.pair == "BTCUSD"'
	ask c order.modify '{"symbol":"BTCUSD_PERP","side":"BUY","origClientOrderId":"c1","quantity":"6","price":"59000"}' | is '.result.origQty == "6"'
	ask c order.status '{"symbol":"BTCUSD_PERP","origClientOrderId":"c1"}' | is '.result.status == "NEW"'
	ask c order.cancel '{"symbol":"BTCUSD_PERP","origClientOrderId":"c1"}' | is '.result.status == "CANCELED"'
	ask c account.balance | is '[.result[] | select(.asset == "BTC")][0].balance == "1.00000000"'
	ask c account.status | is '.result.assets | length > 0'
	ask c account.position | is '.status == 200'
	ask c order.place '{"symbol":"BTCUSDT","side":"BUY","type":"MARKET","quantity":"1"}' | is '.error.code == -1121'
	for method in depth ticker.price ticker.book algoOrder.place algoOrder.cancel v2/account.balance v2/account.status v2/account.position; do
		ask c "$method" '{"symbol":"BTCUSD_PERP"}' | is '.status == 400 and .error.code == -1020'
	done
	plain c userDataStream.start "{\"apiKey\":\"$(ready key)\"}" | is ".result.listenKey == \"$(listen_key dapi)\""
	plain c session.status | is '.status == 200'
}
