# bf-sim from outside: curl, openssl dgst and bash's own sockets are the client,
# so that nothing of bf's client side can agree with a mistake here.

setup() {
	load ../helper
	home
}

teardown() {
	home_end
}

# --- a client ---

# ready MEMBER: of bf-sim's first line, a string.
ready() {
	local first
	read -r first <"$T/sim.out"
	[[ $first =~ \"$1\":\"([^\"]*)\" ]] && echo "${BASH_REMATCH[1]}"
}
now() { echo $(($(date +%s%3N) + ${SKEW:-0})); }	# of the exchange
# A --skew that lets a minute of the exchange begin now.
fresh_minute() { SKEW=$((60000 - $(date +%s%3N) % 60000)); }
# sign TEXT: the HMAC as 64 hex digits.
sign() { printf %s "$1" | openssl dgst -sha256 -hmac "$(ready secret)" | sed 's/^.* //'; }
# public PATH [curl options]
public() { curl -sS "${@:2}" "$SIM_REST$1"; }
# keyed METHOD PATH [curl options]
keyed() { curl -sS -X "$1" -H "X-MBX-APIKEY: $(ready key)" "${@:3}" "$SIM_REST$2"; }
# signed METHOD PATH [QUERY [curl options]]: timestamp and signature in the query.
signed() {
	local q
	q="${3:+$3&}timestamp=$(now)"
	keyed "$1" "$2?$q&signature=$(sign "$q")" "${@:4}"
}
place() { signed POST /fapi/v1/order "$@"; }
# SYMBOL SIDE QUANTITY [MORE [curl options]]
market_order() { place "symbol=$1&side=$2&type=MARKET&quantity=$3${4:+&$4}" "${@:5}"; }
# SYMBOL SIDE QUANTITY PRICE [MORE [curl options]]
limit_order() { place "symbol=$1&side=$2&type=LIMIT&timeInForce=GTC&quantity=$3&price=$4${5:+&$5}" "${@:6}"; }
order() { signed GET /fapi/v1/order "symbol=$1&origClientOrderId=$2"; }
position() { signed GET /fapi/v3/positionRisk "symbol=$1" | jq -r '.[0].positionAmt // "0"'; }
status_of() { "$@" -o "$T/body" -w '%{http_code}'; }	# STATUS; the body is in $T/body
ledger() { jq -cs "[.[] | select(.what == \"$1\")] | $2" "$T/ledger"; }

# ws NAME PATH: open a WebSocket; what comes is in $T/NAME, raw: frames of text
# from a server are plain bytes.
ws() {
	local fd
	exec {fd}<>"/dev/tcp/127.0.0.1/${SIM_WS##*:}"
	printf 'GET %s HTTP/1.1\r\nHost: sim\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n' "$2" >&"$fd"
	{ cat <&"$fd" || true; echo END; } >"$T/$1" 2>/dev/null 3>&- 4>&- &
	WS_FD=$fd
	wait_for opened "$1"
}
opened() { grep -aq -e '101 Switching' -e '^END$' "$T/$1"; }	# or refused, which is told at once
# ws_say JSON: a message of at most 125 bytes on the last WebSocket, masked with zeros.
ws_say() { printf "\\x81\\x$(printf %x $((128 + ${#1})))\\0\\0\\0\\0%s" "$1" >&"$WS_FD"; }
got() { grep -aq -- "$2" "$T/$1"; }
count() { grep -ao -- "$2" "$T/$1" | wc -l; }

# --- start and end ---

@test "one JSON line says where it is and with which key, and nothing else is printed" {
	sim
	public /fapi/v1/ping
	kill "$SIM_PID"
	wait "$SIM_PID"
	[ "$(wc -l <"$T/sim.out")" -eq 1 ]
	[ ! -s "$T/sim.err" ]
	is '.e == "bf.sim" and (.E | type) == "number" and (.rest | test("^http://127.0.0.1:[0-9]+$"))
	    and (.ws | test("^ws://127.0.0.1:[0-9]+$")) and (.key | test("^[A-Za-z0-9]{64}$"))
	    and (.secret | test("^[A-Za-z0-9]{64}$")) and .profile == "sim"' <"$T/sim.out"
}

@test "two starts have different keys, unless they have the same seed" {
	sim
	first=$(ready key)
	kill "$SIM_PID"; wait "$SIM_PID"
	sim --seed 7
	[ "$(ready key)" != "$first" ]
	first=$(ready secret)
	kill "$SIM_PID"; wait "$SIM_PID"
	sim --seed 7
	[ "$(ready secret)" = "$first" ]
}

@test "the profile file is private, complete, and gone after a clean end" {
	sim
	f=$XDG_CONFIG_HOME/bf/profiles/sim
	[ "$(stat -c %a "$f")" = 600 ]
	[ "$(stat -c %a "${f%/*}")" = 700 ]
	grep -qx "rest = $SIM_REST" "$f"
	grep -qx "ws = $SIM_WS" "$f"
	grep -qx 'type = hmac' "$f"
	grep -qx "key = $(ready key)" "$f"
	grep -qx "secret = $(ready secret)" "$f"
	kill "$SIM_PID"
	wait "$SIM_PID"
	[ ! -e "$f" ]
}

@test "a profile that another exchange has taken over stays when this one ends" {
	sim
	first=$SIM_PID
	sim
	kill "$first"
	wait "$first"
	grep -q "$(ready key)" "$XDG_CONFIG_HOME/bf/profiles/sim"
}

@test "a profile path with a slash is used as it is" {
	mkdir -m 700 "$T/dir"
	bf-sim --profile-out "$T/dir/p" >"$T/sim.out" 3>&- &
	SIM_PIDS="$SIM_PIDS $!"
	wait_for grep -q rest "$T/dir/p"
	[ "$(stat -c %a "$T/dir/p")" = 600 ]
}

@test "live and demo are no names for a profile of this exchange" {
	run bf-sim --profile-out live
	[ "$status" -eq 2 ]
	[[ $output == *live* ]]
}

@test "a port that is taken ends it with 8 and a reason" {
	sim
	run bf-sim --port "${SIM_REST##*:}"
	[ "$status" -eq 8 ]
	[[ $output == *"${SIM_REST##*:}"*"in use"* ]]
}

@test "SIGTERM and SIGINT are clean ends" {
	sim
	kill -TERM "$SIM_PID"
	wait "$SIM_PID"
	set -m	# a background job of a script ignores SIGINT otherwise
	sim
	kill -INT "$SIM_PID"
	wait "$SIM_PID"
}

@test "an option that cannot be is refused by name" {
	while read -r args; do
		# shellcheck disable=SC2086
		run bf-sim $args
		[ "$status" -eq 2 ] || { echo "$args: $status $output"; false; }
		set -- $args
		[[ $output == *"${1#--}"* ]] || { echo "$args: $output"; false; }
	done <<-'END'
		--mark BTCUSDT
		--mark NOSUCH=1
		--mark BTCUSDT=-1
		--mark BTCUSDT=1
		--position BTCUSDT:0
		--position BTCUSDT:0.0001
		--position BTCUSDT:xx
		--position NOSUCH:1
		--leverage BTCUSDT=200
		--leverage BTCUSDT=126
		--margin-type BTCUSDT=both
		--speed -1
		--speed fast
		--account -5
		--feed-start later
		--feed /no/such/file
		--seed x
		--skew 1e3
		--weight-limit 0
		--fault nonsense
	END
}

@test "a bad fault rule ends it with 2 and names the rule and what is wrong" {
	while IFS='|' read -r rule why; do
		run bf-sim --fault "$rule"
		[ "$status" -eq 2 ] || { echo "$rule: $status $output"; false; }
		[[ $output == *"$rule"*"$why"* ]] || { echo "$rule: $output"; false; }
	done <<-'END'
		on POST order|no `on
		POST order: exec=no|no `on
		on POST order:|no action
		on POST order: exec=maybe|exec= takes
		on POST order: reply=503/nothing|reply=
		on POST order: reply=400/-77|known text
		on POST order: reply=99/svc|reply= takes
		on POST order: net=slow|net= takes
		on POST order: hdr=x|hdr= takes
		on POST order: exec=no|needs
		on POST order#: net=rst|# wants
		on POST order#0: net=rst|not a count
		on POST order extra: net=rst|more than
		ws:else: rst|public, market, user
		ws:market: after=3|no action
		ws:market: close=99|out of range
		ws:market: closed|actions are
		ws:market: rst fin|one action
	END
}

# --- who asks ---

@test "a signature is over the query and the body as sent, with nothing between" {
	sim
	t=$(now)
	q="symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC"
	b="quantity=0.01&price=59000&recvWindow=60000&timestamp=$t"
	# all in the body
	keyed POST /fapi/v1/order -d "$q&$b&newClientOrderId=body&signature=$(sign "$q&$b&newClientOrderId=body")" |
		is '.clientOrderId == "body"'
	# query and body, the signature in the body
	keyed POST "/fapi/v1/order?$q" -d "$b&signature=$(sign "$q$b")" | is '.status == "NEW"'
	# the same joined by & is another text
	keyed POST "/fapi/v1/order?$q" -d "$b&signature=$(sign "$q&$b")" | is '.code == -1022'
	# in the query, in capitals
	keyed POST "/fapi/v1/order?$q&$b&signature=$(sign "$q&$b" | tr a-f A-F)" | is '.status == "NEW"'
	# the signature in the query, parameters in both
	keyed POST "/fapi/v1/order?$q&signature=$(sign "$q$b")" -d "$b" | is '.status == "NEW"'
}

@test "percent escapes are signed as they stand, and read decoded" {
	sim
	limit_order BTCUSDT BUY 0.01 59000 newClientOrderId=a%3Ab%2Fc | is '.clientOrderId == "a:b/c"'
}

@test "a wrong, misplaced or missing signature is refused" {
	sim
	q="recvWindow=60000&timestamp=$(now)"
	s=$(sign "$q")
	keyed GET "/fapi/v3/account?$q&signature=${s/[0-9]/a}x" | is '.code == -1022 and .msg == "Signature for this request is not valid."'
	keyed GET "/fapi/v3/account?$q&signature=${s:0:63}" | is '.code == -1022'
	keyed GET "/fapi/v3/account?x=1&$q&signature=$s" | is '.code == -1022'
	keyed GET "/fapi/v3/account?signature=$s&$q" | is '.code == -1022'
	keyed GET "/fapi/v3/account?$q" | is ".code == -1102 and .msg == \"Mandatory parameter 'signature' was not sent, was empty/null, or malformed.\""
	keyed GET "/fapi/v3/account?$q&signature=$s" | is .totalWalletBalance
}

@test "without a key, with a bad one and with another's it is 401" {
	sim
	q="recvWindow=60000&timestamp=$(now)"
	q="$q&signature=$(sign "$q")"
	[ "$(status_of curl -s "$SIM_REST/fapi/v3/account?$q")" = 401 ]
	is '.code == -2014 and .msg == "API-key format invalid."' <"$T/body"
	[ "$(status_of curl -s -H 'X-MBX-APIKEY: short' "$SIM_REST/fapi/v3/account?$q")" = 401 ]
	is '.code == -2014' <"$T/body"
	[ "$(status_of curl -s -H "X-MBX-APIKEY: $(printf 'a%.0s' {1..64})" "$SIM_REST/fapi/v3/account?$q")" = 401 ]
	is '.code == -2015' <"$T/body"
}

@test "a timestamp is refused in both directions, each with its text" {
	sim
	old="timestamp=$(($(now) - 6000))"
	ahead="timestamp=$(($(now) + 20000))"
	keyed GET "/fapi/v3/account?$old&signature=$(sign "$old")" |
		is '.code == -1021 and .msg == "Timestamp for this request is outside of the recvWindow."'
	keyed GET "/fapi/v3/account?$ahead&signature=$(sign "$ahead")" |
		is ".code == -1021 and .msg == \"Timestamp for this request was 1000ms ahead of the server's time.\""
	old="recvWindow=60000&$old"
	keyed GET "/fapi/v3/account?$old&signature=$(sign "$old")" | is .totalWalletBalance
	keyed GET "/fapi/v3/account?recvWindow=70000&timestamp=$(now)&signature=x" | is '.code == -1130'
	keyed GET "/fapi/v3/account?timestamp=soon&signature=x" | is '.code == -1102'
}

@test "the exchange's clock is moved by --skew" {
	sim --skew -60000
	d=$(($(public /fapi/v1/time | jq .serverTime) - $(now)))
	[ "$d" -lt -55000 ] && [ "$d" -gt -65000 ]
	signed GET /fapi/v3/account | is '.code == -1021'
}

# --- market data ---

@test "an unknown path or method is 404 with the exchange's body" {
	sim
	[ "$(status_of public /fapi/v1/balance)" = 404 ]
	is '.code == -5000 and (.msg | contains("/fapi/v1/balance"))' <"$T/body"
	[ "$(status_of keyed PATCH /fapi/v1/order)" = 404 ]
}

@test "exchangeInfo has the seven filters of every symbol, and the limits in force" {
	sim --weight-limit 500 --order-limit 50
	public /fapi/v1/exchangeInfo >"$T/info"
	is '[.symbols[].symbol] | .[:4] == ["BTCUSDT", "ETHUSDT", "SOLUSDT", "DOGEUSDT"] and length > 4' <"$T/info"
	is 'all(.symbols[]; [.filters[].filterType] | sort == ["LOT_SIZE", "MARKET_LOT_SIZE",
	    "MAX_NUM_ORDERS", "MIN_NOTIONAL", "PERCENT_PRICE", "POSITION_RISK_CONTROL", "PRICE_FILTER"])' <"$T/info"
	is '.symbols[0] | .pricePrecision == 2 and .status == "TRADING" and .contractType == "PERPETUAL"
	    and (.filters[] | select(.filterType == "PRICE_FILTER").tickSize) == "0.10"
	    and (.filters[] | select(.filterType == "MIN_NOTIONAL").notional) == "50"
	    and (.orderTypes | index("STOP_MARKET"))' <"$T/info"
	is '[.rateLimits[] | [.rateLimitType, .interval, .intervalNum, .limit]] ==
	    [["REQUEST_WEIGHT", "MINUTE", 1, 500], ["ORDERS", "MINUTE", 1, 50], ["ORDERS", "SECOND", 10, 50]]' <"$T/info"
}

@test "marks come from --mark, else the defaults, and the book stands around them" {
	sim --mark ETHUSDT=2500.5
	public /fapi/v1/premiumIndex | is '[.[].markPrice][:4] ==
	    ["60000.00000000", "2500.50000000", "150.00000000", "0.20000000"]'
	public '/fapi/v1/ticker/bookTicker?symbol=BTCUSDT' |
		is '(.bidPrice | tonumber) < 60000 and (.askPrice | tonumber) > 60000 and .lastUpdateId > 0'
	public '/fapi/v1/depth?symbol=BTCUSDT&limit=5' | is '(.bids | length) == 5 and (.asks | length) == 5
	    and (.bids[0][0] | tonumber) > (.bids[4][0] | tonumber) and .lastUpdateId > 0'
	public '/fapi/v1/depth?symbol=BTCUSDT&limit=3' | is '.code == -4021 and .msg == "3 is not valid depth limit"'
	public '/fapi/v1/depth?symbol=BTCUSDT&limit=1500' | is '.code == -1130'
	public '/fapi/v1/depth' | is '.code == -1102'
	public '/fapi/v1/premiumIndex?symbol=XUSDT' | is '.code == -1121 and .msg == "Invalid symbol."'
}

# --- orders ---

@test "an order lives: placed, found, listed, cancelled, gone" {
	sim
	limit_order BTCUSDT BUY 0.01 59000 newClientOrderId=life >"$T/ack"
	is '.status == "NEW" and .clientOrderId == "life" and .price == "59000.00" and .origQty == "0.010"
	    and .executedQty == "0.000" and .cumQty == "0.000" and .timeInForce == "GTC" and .side == "BUY"
	    and .positionSide == "BOTH" and .selfTradePreventionMode == "EXPIRE_MAKER" and .reduceOnly == false
	    and (has("avgPrice") or has("cumQuote") | not)' <"$T/ack"
	id=$(jq .orderId "$T/ack")
	order BTCUSDT life | is ".orderId == $id and .avgPrice == \"0.00000\" and .cumQuote == \"0.00000\" and .time > 0"
	signed GET /fapi/v1/openOrders | is "length == 1 and .[0].orderId == $id"
	signed GET /fapi/v1/openOrder "symbol=BTCUSDT&orderId=$id" | is '.status == "NEW"'
	signed DELETE /fapi/v1/order "symbol=BTCUSDT&orderId=$id" | is '.status == "CANCELED"'
	signed DELETE /fapi/v1/order "symbol=BTCUSDT&orderId=$id" | is '.code == -2011 and .msg == "Unknown order sent."'
	signed GET /fapi/v1/openOrder "symbol=BTCUSDT&orderId=$id" | is '.code == -2013'
	order BTCUSDT life | is '.status == "CANCELED"'
	order BTCUSDT other | is '.code == -2013 and .msg == "Order does not exist."'
	signed GET /fapi/v1/order symbol=BTCUSDT | is '.code == -1102'
}

@test "a MARKET order is acknowledged as NEW, by RESULT as FILLED, and its fee is paid" {
	sim
	market_order BTCUSDT BUY 0.01 newClientOrderId=m1 | is '.status == "NEW" and .executedQty == "0.000" and .price == "0.00"'
	order BTCUSDT m1 | is '.status == "FILLED" and .executedQty == "0.010" and .avgPrice == "60003.00000" and .cumQuote == "600.03000"'
	market_order BTCUSDT SELL 0.01 newOrderRespType=RESULT | is '.status == "FILLED" and .executedQty == "0.010"'
	signed GET /fapi/v1/userTrades symbol=BTCUSDT | is 'length == 2 and .[0].commission == "0.30001500"
	    and .[0].buyer == true and .[0].maker == false and .[1].realizedPnl == "-0.06000000" and .[1].qty == "0.010"'
	signed GET /fapi/v3/balance | is '.[0].asset == "USDT" and .[0].balance == "9999.34000000"'
}

@test "what the first price level cannot fill waits in the book" {
	sim
	limit_order BTCUSDT BUY 3 60003 newClientOrderId=part
	order BTCUSDT part | is '.status == "PARTIALLY_FILLED" and .executedQty == "2.000"'
	[ "$(position BTCUSDT)" = 2.000 ]
	signed DELETE /fapi/v1/order "symbol=BTCUSDT&origClientOrderId=part" | is '.status == "CANCELED" and .executedQty == "2.000"'
	public '/fapi/v1/ticker/bookTicker?symbol=BTCUSDT' | is '.askPrice == "60003.50"'
}

@test "a resting order is filled as maker when the fed price runs through it" {
	feed
	sim --feed "$T/feed"
	limit_order BTCUSDT BUY 0.01 59000 newClientOrderId=rest
	mark BTCUSDT 58900
	filled() { order BTCUSDT rest | is '.status == "FILLED" and .avgPrice == "59000.00000"'; }
	wait_for filled
	signed GET /fapi/v1/userTrades symbol=BTCUSDT | is '.[0].maker == true and .[0].commission == "0.11800000"'
}

@test "parameters are checked in the exchange's words" {
	sim --position BTCUSDT:0.01
	while IFS='|' read -r query code text; do
		place "$query" >"$T/body"
		is --argjson c "$code" --arg t "$text" '.code == $c and (.msg | contains($t))' <"$T/body" ||
			{ echo "$query: $(cat "$T/body")"; false; }
	done <<-'END'
		side=BUY&type=MARKET&quantity=1|-1102|'symbol'
		symbol=&side=BUY&type=MARKET&quantity=1|-1102|'symbol'
		symbol=NOSUCH&side=BUY&type=MARKET&quantity=1|-1121|Invalid symbol.
		symbol=BTCUSDT&type=MARKET&quantity=1|-1102|'side'
		symbol=BTCUSDT&side=UP&type=MARKET&quantity=1|-1117|Invalid side.
		symbol=BTCUSDT&side=BUY&quantity=1|-1102|'type'
		symbol=BTCUSDT&side=BUY&type=ODD&quantity=1|-1116|Invalid orderType.
		symbol=BTCUSDT&side=BUY&type=STOP_MARKET&quantity=1|-4120|Algo Order API
		symbol=BTCUSDT&side=BUY&type=MARKET|-1102|'quantity'
		symbol=BTCUSDT&side=BUY&type=MARKET&quantity=many|-1102|'quantity'
		symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1&price=5|-1106|'price'
		symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1&timeInForce=GTC|-1114|TimeInForce
		symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=59000|-1102|'timeInForce'
		symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=59000&timeInForce=GTD|-1102|'goodTillDate'
		symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=59000&timeInForce=GTE|-1115|Invalid timeInForce.
		symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&timeInForce=GTC|-1102|'price'
		symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.0001|-1111|Precision is over
		symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0|-4003|Quantity
		symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=59000.05&timeInForce=GTC|-4014|tick size
		symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=64000&timeInForce=GTC|-4016|63000
		symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=0.001&price=48000&timeInForce=GTC|-4164|50
		symbol=BTCUSDT&side=BUY&type=MARKET&quantity=100|-2019|Margin is insufficient.
		symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01&reduceOnly=true|-2022|ReduceOnly Order is rejected.
		symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01&reduceOnly=perhaps|-1102|'reduceOnly'
		symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01&positionSide=LONG|-4061|position side
		symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01&newOrderRespType=FULL|-1136|
		symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01&newClientOrderId=|-4015|Client order id
		symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01&newClientOrderId=a%20b|-4015|Client order id
		symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01&newClientOrderId=1234567890123456789012345678901234567|-4015|36 chars
		symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01&symbol=ETHUSDT|-1101|'symbol'
		symbol=BTCUSDT&side=BUY&type=MARKET&quantity=%zz|-1100|Illegal
	END
	[ "$(executed)" -eq 0 ]
	place 'symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.01&reduceOnly=true&newOrderRespType=RESULT' | is '.status == "FILLED" and .reduceOnly == true'
}

@test "an open client order id is refused the second time" {
	sim
	limit_order BTCUSDT BUY 0.01 59000 newClientOrderId=twice
	limit_order BTCUSDT BUY 0.01 59000 newClientOrderId=twice | is '.code == -4116 and .msg == "ClientOrderId is duplicated."'
	[ "$(executed)" -eq 1 ]
}

@test "order/test says what would be wrong and places nothing" {
	sim
	signed POST /fapi/v1/order/test 'symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01' | is '.symbol == "BTCUSDT"'
	signed POST /fapi/v1/order/test 'symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.0005' | is '.code == -1111'
	[ "$(executed)" -eq 0 ]
}

@test "cancelling all leaves the other symbol alone, and conditional orders there are none" {
	sim
	limit_order BTCUSDT BUY 0.01 59000
	limit_order BTCUSDT BUY 0.01 58000
	limit_order ETHUSDT BUY 0.1 2900
	signed DELETE /fapi/v1/allOpenOrders symbol=BTCUSDT | is '.code == 200'
	signed GET /fapi/v1/openOrders | is 'length == 1 and .[0].symbol == "ETHUSDT"'
	signed GET /fapi/v1/allOrders symbol=BTCUSDT | is 'length == 2 and all(.[]; .status == "CANCELED")'
	signed GET /fapi/v1/openAlgoOrders | is '. == []'
	signed DELETE /fapi/v1/algoOpenOrders symbol=BTCUSDT | is '.code == 200'
}

@test "order ids have 19 digits but for BTCUSDT" {
	sim
	[[ $(limit_order ETHUSDT BUY 0.1 2900) =~ '"orderId":'([0-9]+) ]]
	[ "${#BASH_REMATCH[1]}" -eq 19 ]
	signed GET /fapi/v1/order "symbol=ETHUSDT&orderId=${BASH_REMATCH[1]}" | grep -q "\"orderId\":${BASH_REMATCH[1]},"
	[[ $(limit_order BTCUSDT BUY 0.01 59000) =~ '"orderId":'([0-9]+), ]]
	[ "${#BASH_REMATCH[1]}" -lt 16 ]
}

# --- the account ---

@test "an account that holds nothing has its wallet and no positions" {
	sim --account 2500.5
	signed GET /fapi/v3/account | is '.totalWalletBalance == "2500.50000000" and .availableBalance == "2500.50000000"
	    and .positions == [] and all(.assets[1:][]; .walletBalance == "0.00000000")'
	signed GET /fapi/v3/positionRisk | is '. == []'
	signed GET /fapi/v2/positionRisk | is 'length > 4 and all(.[]; .leverage == "20" and .positionAmt != "")'
	signed GET /fapi/v1/accountConfig | is '.dualSidePosition == false and .multiAssetsMargin == false and .canTrade'
	signed GET /fapi/v1/commissionRate symbol=BTCUSDT | is '.makerCommissionRate == "0.000200" and .takerCommissionRate == "0.000500"'
	signed GET /fapi/v1/leverageBracket symbol=BTCUSDT | is '.[0].brackets[1] |
	    .initialLeverage == 100 and .notionalFloor == 50000 and .maintMarginRatio == 0.005 and .cum == 50'
	signed GET /fapi/v1/rateLimit/order | is 'length == 2 and all(.[]; .rateLimitType == "ORDERS")'
}

@test "positions are there from the start, by amount, entry or leverage" {
	sim --position BTCUSDT:20x --position 'ETHUSDT:-2@3100'
	signed GET /fapi/v3/positionRisk >"$T/risk"
	is '.[0] | .positionAmt == "3.333" and .entryPrice == "60000" and .notional == "199980.00000000"
	    and (.liquidationPrice | tonumber) > 57000' <"$T/risk"
	is '.[1] | .positionAmt == "-2.000" and .entryPrice == "3100" and .unRealizedProfit == "200.00000000"' <"$T/risk"
	signed GET /fapi/v3/account | is '(.availableBalance | tonumber) > 1000 and .totalWalletBalance == "10000.00000000"'
	signed GET /fapi/v1/symbolConfig symbol=BTCUSDT | is '.[0].leverage == 100'
	[ "$(executed)" -eq 0 ]
}

@test "leverage and margin type are set, from the command line and by request" {
	sim --leverage BTCUSDT=5 --margin-type ETHUSDT=isolated
	signed GET /fapi/v1/symbolConfig | is '.[0].leverage == 5 and .[0].marginType == "CROSSED" and .[1].marginType == "ISOLATED"'
	signed POST /fapi/v1/leverage 'symbol=BTCUSDT&leverage=50' | is '.leverage == 50 and .maxNotionalValue == "12000000" and .symbol == "BTCUSDT"'
	signed POST /fapi/v1/leverage 'symbol=BTCUSDT&leverage=126' | is '.code == -4028'
	signed POST /fapi/v1/marginType 'symbol=BTCUSDT&marginType=ISOLATED' | is '.code == 200 and .msg == "success"'
	signed POST /fapi/v1/marginType 'symbol=BTCUSDT&marginType=ISOLATED' | is '.code == -4046 and .msg == "No need to change margin type."'
	signed GET /fapi/v1/positionSide/dual | is '.dualSidePosition == false'
	signed POST /fapi/v1/positionSide/dual dualSidePosition=false | is '.code == -4059'
	signed POST /fapi/v1/positionSide/dual dualSidePosition=true | is '.code == 200'
	signed GET /fapi/v1/positionSide/dual | is '.dualSidePosition == true'
	signed POST /fapi/v1/positionSide/dual dualSidePosition=false | is '.code == 200'
	signed GET /fapi/v1/multiAssetsMargin | is '.multiAssetsMargin == false'
	market_order ETHUSDT BUY 1
	signed POST /fapi/v1/positionMargin 'symbol=ETHUSDT&amount=10&type=1' | is '.code == 200 and .amount == 10'
}

@test "a 20x position does not live through a fall of a twentieth, and the ledger says so once" {
	feed
	sim --feed "$T/feed" --position BTCUSDT:20x
	mark BTCUSDT 58000 1700000000000
	mark BTCUSDT 57000 1700000001000
	mark BTCUSDT 56000 1700000002000
	wait_for grep -q '"s":"BTCUSDT","p":"56000' "$T/ledger"
	[ "$(ledger liquidation length)" -eq 1 ]
	ledger liquidation '.[0]' | is '.symbol == "BTCUSDT" and .side == "SELL" and .qty == "3.333"
	    and (.left | tonumber) < 500 and .feed_E == 1700000001000 and .mark == "57000.00000000"'
	[ "$(executed)" -eq 0 ]	# none of the user's
	[ "$(ledger liq_order length)" -ge 1 ]
	[ "$(position BTCUSDT)" = 0 ]
}

# --- limits ---

@test "weight is counted on every answer, and order counts on orders" {
	fresh_minute
	sim --skew "$SKEW"
	public /fapi/v1/ping -D "$T/h"
	grep -qi '^x-mbx-used-weight-1m: 1' "$T/h"
	public '/fapi/v1/depth?symbol=BTCUSDT' -D "$T/h"
	grep -qi '^x-mbx-used-weight-1m: 11' "$T/h"
	run ! grep -qi order-count "$T/h"
	limit_order BTCUSDT BUY 0.01 59000 "" -D "$T/h"
	grep -qi '^x-mbx-used-weight-1m: 11' "$T/h"
	grep -qi '^x-mbx-order-count-10s: 1' "$T/h"
	grep -qi '^x-mbx-order-count-1m: 1' "$T/h"
	public /fapi/v1/nope -D "$T/h"
	grep -qi '^x-mbx-used-weight-1m: 12' "$T/h"
}

@test "over the weight limit it is 429, who goes on is banned, and a ban grows" {
	fresh_minute
	sim --weight-limit 3 --skew "$SKEW"
	for i in 1 2 3; do [ "$(status_of public /fapi/v1/ping)" = 200 ]; done
	for i in 1 2 3 4 5 6 7 8 9 10; do
		[ "$(status_of public /fapi/v1/ping -D "$T/h")" = 429 ]
		is '.code == -1003 and (.msg | contains("is 3 requests per minute"))' <"$T/body"
		grep -Eqi '^retry-after: [0-9]+' "$T/h"
	done
	[ "$(status_of public /fapi/v1/ping -D "$T/h")" = 418 ]
	grep -qi '^retry-after: 120' "$T/h"
	until1=$(grep -o 'banned until [0-9]*' "$T/body" | tr -dc 0-9)
	[ "$((until1 - $(now)))" -gt 110000 ]
	[ "$(status_of public /fapi/v1/ping)" = 418 ]
	until2=$(grep -o 'banned until [0-9]*' "$T/body" | tr -dc 0-9)
	[ "$((until2 - until1))" -gt 110000 ]
	[ "$(status_of limit_order BTCUSDT BUY 0.01 59000 "")" = 418 ]
	[ "$(executed)" -eq 0 ]
}

@test "over the order limit it is 429 and -1015, and queries still pass" {
	fresh_minute
	sim --order-limit 2 --skew "$SKEW"
	limit_order BTCUSDT BUY 0.01 59000
	limit_order BTCUSDT BUY 0.01 59000
	[ "$(status_of limit_order BTCUSDT BUY 0.01 59000 "" -D "$T/h")" = 429 ]
	is '.code == -1015' <"$T/body"
	grep -Eqi '^retry-after: [0-9]+' "$T/h"
	signed DELETE /fapi/v1/allOpenOrders symbol=BTCUSDT | is '.code == 200'
	[ "$(executed)" -eq 2 ]
}

# --- faults ---

@test "a canned answer comes with the exchange's words, and nothing is executed" {
	rules=()
	n=0
	table='503/unknown|Unknown error, please check your request or try again later.
503/svc|Service Unavailable.
503/internal|Internal error; unable to process your request. Please try again.
503/-1008|Request throttled by system-level protection.
408/-1007|Timeout waiting for response from backend server. Send status unknown; execution status unknown.
400/-2019|Margin is insufficient.
400/-1006|Execution status unknown.
502/html|502 Bad Gateway
451/code0|restricted location
429|Too many requests
418/-1003|banned until
200/null|null
504/empty|'
	while IFS='|' read -r reply _; do
		n=$((n + 1))
		rules+=(--fault "on POST order#$n: reply=$reply hdr=Retry-After:7")
	done <<<"$table"
	sim "${rules[@]}"
	while IFS='|' read -r reply text; do
		[ "$(status_of market_order BTCUSDT BUY 0.01 "" -D "$T/h")" = "${reply%%/*}" ] || { echo "$reply"; false; }
		[[ $(cat "$T/body") == *"$text"* ]] || { echo "$reply: $(cat "$T/body")"; false; }
		grep -qi '^retry-after: 7' "$T/h"
	done <<<"$table"
	[ "$(executed)" -eq 0 ]
	market_order BTCUSDT BUY 0.01 | is '.status == "NEW"'	# after the last of them all is well
	[ "$(executed)" -eq 1 ]
}

@test "a canned answer may hide an execution" {
	sim --fault 'on POST order*1: exec=yes reply=503/unknown'
	[ "$(status_of market_order BTCUSDT BUY 0.01 newClientOrderId=hid)" = 503 ]
	[ "$(executed)" -eq 1 ]
	order BTCUSDT hid | is '.status == "FILLED"'
}

@test "a late execution comes after its answer" {
	sim --fault 'on POST order#1: exec=late=300 reply=408/-1007'
	[ "$(status_of market_order BTCUSDT BUY 0.01 newClientOrderId=late)" = 408 ]
	wait_for grep -q '"what":"order"' "$T/ledger"
	order BTCUSDT late | is '.status == "FILLED"'
	[ "$(seen POST /fapi/v1/order)" -eq 1 ]
	is -s 'map(select(.what == "order" or .what == "request"))[:2] |
	    .[0].what == "request" and .[1].what == "order" and .[1].E - .[0].E > 200' <"$T/ledger"
}

@test "a connection is ended, reset, kept in silence or cut, and the order stands" {
	sim --fault 'on POST order#1: net=fin' --fault 'on POST order#2: net=rst' \
	    --fault 'on POST order#3: net=stall' --fault 'on POST order#4: net=cut=120' \
	    --fault 'on POST order#5: net=rst exec=no'
	run market_order BTCUSDT BUY 0.01 ""
	[ "$status" -eq 52 ]	# an empty reply
	run market_order BTCUSDT BUY 0.01 ""
	[ "$status" -eq 56 ]	# a reset
	run market_order BTCUSDT BUY 0.01 "" -m 0.5
	[ "$status" -eq 28 ]	# too long
	run market_order BTCUSDT BUY 0.01 ""
	[ "$status" -ne 0 ]
	[ "$(executed)" -eq 4 ]
	run market_order BTCUSDT BUY 0.01 ""
	[ "$status" -eq 56 ]
	[ "$(executed)" -eq 4 ]
	[ "$(ledger request 'map(.http)')" = '[0,0,0,0,0]' ]
}

@test "an answer is delayed as told" {
	sim --fault 'on GET time#1: net=delay=400'
	[ "$(public /fapi/v1/time -o /dev/null -w '%{time_total}' | tr -dc 0-9)" -ge 400000 ]
	public /fapi/v1/time | is .serverTime
}

@test "rules choose by method and by the end of the path or all of it" {
	sim --fault 'on * positionSide/dual: reply=500/empty' --fault 'on GET /fapi/v3/account: reply=503/svc' \
	    --fault 'on DELETE order: reply=400/-2011'
	[ "$(status_of signed GET /fapi/v1/positionSide/dual "")" = 500 ]
	[ "$(status_of signed POST /fapi/v1/positionSide/dual dualSidePosition=false)" = 500 ]
	[ "$(status_of signed GET /fapi/v3/account "")" = 503 ]
	[ "$(status_of signed GET /fapi/v2/account "")" = 200 ]
	limit_order BTCUSDT BUY 0.01 59000 newClientOrderId=x
	signed DELETE /fapi/v1/order 'symbol=BTCUSDT&origClientOrderId=x' | is '.code == -2011'
	order BTCUSDT x | is '.status == "NEW"'
}

@test "throttling spares what only reduces" {
	sim --position BTCUSDT:0.1 --fault 'on POST order: reply=503/-1008'
	[ "$(status_of market_order BTCUSDT SELL 0.1 "")" = 503 ]
	[ "$(status_of market_order BTCUSDT SELL 0.1 reduceOnly=true)" = 200 ]
	[ "$(executed)" -eq 1 ]
}

# --- the feed ---

@test "a file is replayed at its own pace times --speed, envelopes and other records understood" {
	cat >"$T/f.ndjson" <<-'END'
		{"stream":"btcusdt@markPrice@1s","data":{"e":"markPriceUpdate","E":1700000000000,"s":"BTCUSDT","p":"50000.00000000"}}
		{"e":"24hrMiniTicker","E":1700000000500,"s":"BTCUSDT","c":"1"}
		{"e":"markPriceUpdate","E":1700000001000,"s":"NOSUCHUSDT","p":"1.0"}
		{"e":"markPriceUpdate","E":1700000300000,"s":"BTCUSDT","p":"50500"}
	END
	sim --feed "$T/f.ndjson" --speed 1000 --position BTCUSDT:1x
	wait_for grep -q feed_end "$T/ledger"
	ledger mark 'map(select(.s == "BTCUSDT") | .p)' | is '. == ["50000.00000000", "50500.00000000"]'
	ledger mark 'map(select(.s == "BTCUSDT") | .E) | .[1] - .[0]' | is '. > 250 and . < 3000'
	signed GET /fapi/v3/positionRisk | is '.[0].entryPrice == "50000" and .[0].positionAmt == "0.200"'
	[ ! -s "$T/sim.err" ]
}

@test "a position is there from the start on a feed that begins with something else than a mark" {
	cat >"$T/f.ndjson" <<-'END'
		{"e":"depthUpdate","E":1700000000000,"s":"BTCUSDT","U":5,"u":9,"pu":4,"b":[["49999.9","1"]],"a":[]}
		{"e":"bookTicker","E":1700000000100,"s":"ETHUSDT","u":7,"b":"1999.90","B":"1","a":"2000.10","A":"1"}
		{"e":"markPriceUpdate","E":1700000000200,"s":"BTCUSDT","p":"50000"}
	END
	sim --feed "$T/f.ndjson" --feed-start subscriber --position BTCUSDT:1x --position ETHUSDT:1x
	signed GET /fapi/v3/positionRisk | is 'map([.symbol, .entryPrice, .positionAmt]) ==
	    [["BTCUSDT", "50000", "0.200"], ["ETHUSDT", "2000", "5.000"]]'
}

@test "without waiting, every record of a file is used in order" {
	for i in $(seq 1 500); do
		echo "{\"e\":\"markPriceUpdate\",\"E\":$((1700000000000 + i * 1000)),\"s\":\"BTCUSDT\",\"p\":\"$((50000 + i))\"}"
	done >"$T/f.ndjson"
	sim --feed "$T/f.ndjson" --speed 0
	wait_for grep -q feed_end "$T/ledger"
	ledger mark 'map(select(.s == "BTCUSDT") | .p)' | is 'length == 500 and .[0] == "50001.00000000" and .[499] == "50500.00000000" and . == sort'
}

@test "a line of the feed that cannot be read is named and passed over" {
	printf '%s\n' '{"e":"markPriceUpdate","E":1,"s":"BTCUSDT","p":"50000"}' 'nonsense' \
	    '{"e":"markPriceUpdate","E":2,"s":"BTCUSDT","p":"x"}' '{"e":"markPriceUpdate","E":3,"s":"BTCUSDT","p":"1"}' \
	    '{"e":"markPriceUpdate","E":4,"s":"BTCUSDT","p":"51000"}' >"$T/f.ndjson"
	sim --feed "$T/f.ndjson" --speed 0
	wait_for grep -q feed_end "$T/ledger"
	grep -q 'line 2: not valid JSON' "$T/sim.err"
	grep -q 'line 3: p: no price' "$T/sim.err"
	grep -q 'line 4: .*price filter' "$T/sim.err"
	public '/fapi/v1/premiumIndex?symbol=BTCUSDT' | is '.markPrice == "51000.00000000"'
}

@test "a feed may wait for its first subscriber" {
	printf '{"e":"markPriceUpdate","E":%s,"s":"BTCUSDT","p":"%s"}\n' 1000 50000 2000 51000 >"$T/f.ndjson"
	sim --feed "$T/f.ndjson" --speed 0 --feed-start subscriber
	public '/fapi/v1/premiumIndex?symbol=BTCUSDT' | is '.markPrice == "50000.00000000"'
	ws idle /market/ws
	run ! grep -q feed_end "$T/ledger"
	ws_say '{"method":"SUBSCRIBE","params":["btcusdt@markPrice@1s"],"id":1}'
	wait_for got idle '"p":"51000.00000000"'
	grep -q feed_end "$T/ledger"
}

@test "standard input feeds as it comes, and its end is written down" {
	echo '{"e":"markPriceUpdate","E":9,"s":"ETHUSDT","p":"2000"}' >"$T/in"
	bf-sim --feed - --ledger "$T/ledger" < <(cat "$T/in") >"$T/sim.out" 3>&- &
	SIM_PIDS="$SIM_PIDS $!"
	wait_for grep -q feed_end "$T/ledger"
	ledger mark 'map(select(.s == "ETHUSDT")) | .[-1] | .p == "2000.00000000" and .feed_E == 9' | grep -q true
	SIM_REST=$(ready rest)
	public /fapi/v1/ping	# it goes on
}

# --- streams ---

@test "a mark price is told at each change and again every second with a new time" {
	feed
	sim --feed "$T/feed"
	ws m /market/ws/btcusdt@markPrice@1s
	mark BTCUSDT 60100
	mark BTCUSDT 60200
	wait_for got m '"p":"60200.00000000"'
	[ "$(count m '"p":"60100.00000000"')" -eq 1 ]
	repeated() { [ "$(count m '"p":"60200.00000000"')" -ge 3 ]; }
	wait_for repeated
	grep -ao '{"e":"markPriceUpdate".*' "$T/m" | tr -d '\201\376' | grep -ao '{"e":"markPriceUpdate"[^}]*}' |
		is -s 'all(.[]; has("ap") and has("i") and has("P") and (.r | tonumber) > 0 and .T > .E and .st == 1)
		    and ([.[].E] | . == sort) and ([.[-2:][].E] | .[1] - .[0] > 500)'
}

@test "combined streams are wrapped, whole-market marks are an array, one stream is one name" {
	sim
	ws c '/stream?streams=btcusdt@bookTicker/ethusdt@depth5'
	wait_for got c '{"stream":"btcusdt@bookTicker","data":{"e":"bookTicker"'
	wait_for got c '{"stream":"ethusdt@depth5","data":{"e":"depthUpdate"'
	ws a /market/ws/!markPrice@arr@1s
	wait_for got a '\[{"e":"markPriceUpdate".*"DOGEUSDT"'
}

@test "a stream asked for on the wrong route is accepted and silent" {
	sim
	ws p /public/ws/btcusdt@markPrice
	ws old /ws/btcusdt@markPrice
	ws m /market/ws/btcusdt@bookTicker/btcusdt@markPrice/nosuch@markPrice
	wait_for got m markPriceUpdate
	wait_for test "$(count m markPriceUpdate)" -ge 1
	market_order BTCUSDT BUY 3
	run ! got p markPriceUpdate
	run ! got old markPriceUpdate
	run ! got m bookTicker
	[ "$(status_of curl -s -H 'Connection: Upgrade' -H 'Upgrade: websocket' -H 'Sec-WebSocket-Version: 13' \
	    -H 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==' "$SIM_REST/nowhere/ws")" = 404 ]
}

@test "control messages are answered with their id as it came" {
	sim
	ws s /market/stream
	ws_say '{"method":"SUBSCRIBE","params":["btcusdt@markPrice"],"id":"ab-1"}'
	wait_for got s '{"result":null,"id":"ab-1"}'
	ws_say '{"method":"LIST_SUBSCRIPTIONS","id":18446744073709551615}'
	wait_for got s '{"result":\["btcusdt@markPrice"\],"id":18446744073709551615}'
	ws_say '{"method":"UNSUBSCRIBE","params":["btcusdt@markPrice"],"id":3}'
	wait_for got s '{"result":null,"id":3}'
	ws_say '{"method":"GET_PROPERTY","params":["combined"],"id":4}'
	wait_for got s '{"result":true,"id":4}'
	ws_say '{"method":"SET_PROPERTY","params":["combined",1],"id":5}'
	wait_for got s '"code":1,"msg":"Invalid value type: expected Boolean"},"id":5'
	ws_say '{"method":"SING","id":6}'
	wait_for got s '"code":2,"msg":"Invalid request: unknown variant'
	ws_say '{"id":7'
	wait_for got s '"code":3,"msg":"Invalid JSON'
}

@test "more than ten messages in a second end the connection" {
	sim
	ws s /market/ws
	for i in $(seq 1 30); do ws_say '{"method":"LIST_SUBSCRIPTIONS","id":1}' || break; done
	wait_for got s 'Too many requests'
}

@test "depth diffs join on: pu is the u before, and a snapshot falls into them" {
	feed
	sim --feed "$T/feed"
	ws d /public/ws/btcusdt@depth@100ms
	for p in 60010 60020 60030 60040; do
		n=$(count d depthUpdate)
		mark BTCUSDT "$p"
		more() { [ "$(count d depthUpdate)" -gt "$n" ]; }
		wait_for more
	done
	grep -aoE '"U":[0-9]+,"u":[0-9]+,"pu":[0-9]+' "$T/d" | tr -dc '0-9,\n' >"$T/ids"
	awk -F, 'NR > 1 && ($3 != last || $1 != last + 1) { exit 1 } { last = $2 } END { exit NR < 4 }' "$T/ids"
	[ "$(public '/fapi/v1/depth?symbol=BTCUSDT' | jq .lastUpdateId)" = "$(tail -n 1 "$T/ids" | cut -d, -f 2)" ]
	[[ $(cat "$T/d") == *'"60009.90","0.000"'* || $(tr -d '\0' <"$T/d") == *'"0.000"]'* ]]	# levels go
}

@test "a user hears of the order, the fill and the money, in that order of knowing" {
	sim
	key=$(keyed POST /fapi/v1/listenKey | jq -r .listenKey)
	[ "${#key}" -eq 64 ]
	[ "$(keyed POST /fapi/v1/listenKey | jq -r .listenKey)" = "$key" ]
	[ "$(keyed PUT /fapi/v1/listenKey | jq -r .listenKey)" = "$key" ]
	ws u "/private/ws/$key"
	ws wrap "/private/stream?listenKey=$key&events=ACCOUNT_UPDATE/ORDER_TRADE_UPDATE"
	ws other "/private/ws/${key//[0-9]/q}"
	market_order BTCUSDT BUY 0.01 newClientOrderId=heard
	wait_for got u '"x":"TRADE","X":"FILLED"'
	got u '"e":"ORDER_TRADE_UPDATE".*"c":"heard".*"x":"NEW","X":"NEW"'
	got u '"e":"TRADE_LITE"'
	got u '"e":"ACCOUNT_UPDATE".*"m":"ORDER","B":\[{"a":"USDT","wb":"9999.69998500"'
	got u '"P":\[{"s":"BTCUSDT","pa":"0.01"'
	got u '"N":"USDT","n":"0.30001500"'
	wait_for got wrap "{\"stream\":\"$key@ACCOUNT_UPDATE\",\"data\":{\"e\":\"ACCOUNT_UPDATE\""
	run ! got wrap TRADE_LITE
	signed POST /fapi/v1/leverage 'symbol=BTCUSDT&leverage=7'
	wait_for got u '"e":"ACCOUNT_CONFIG_UPDATE".*"ac":{"s":"BTCUSDT","l":7}'
	run ! got other '"e"'
}

@test "a listen key ends: by its life, which is told, or by request" {
	sim --listen-key-life 1
	key=$(keyed POST /fapi/v1/listenKey | jq -r .listenKey)
	ws u "/private/ws/$key"
	wait_for got u "\"e\":\"listenKeyExpired\",\"E\":[0-9]*,\"listenKey\":\"$key\""
	keyed PUT /fapi/v1/listenKey | is '.code == -1125 and .msg == "This listenKey does not exist."'
	[ "$(keyed POST /fapi/v1/listenKey | jq -r .listenKey)" != "$key" ]
	keyed DELETE /fapi/v1/listenKey | is '. == {}'
	keyed PUT /fapi/v1/listenKey | is '.code == -1125'
}

@test "a stream fault takes the first connection of its route after N messages, the next is healthy" {
	feed
	sim --feed "$T/feed" --fault 'ws:market: close=1001 after=2' --fault 'ws:public: rst' --fault 'ws:user: mute after=1'
	ws m1 /market/ws/btcusdt@markPrice
	wait_for got m1 END
	[ "$(count m1 markPriceUpdate)" -eq 2 ]
	ws m2 /market/ws/btcusdt@markPrice
	mark BTCUSDT 60100
	mark BTCUSDT 60200
	wait_for got m2 60200
	ws p1 /public/ws/btcusdt@bookTicker
	wait_for got p1 END
	run ! got p1 '101 Switching'
	key=$(keyed POST /fapi/v1/listenKey | jq -r .listenKey)
	ws u1 "/private/ws/$key"
	ws u2 "/private/ws/$key"
	market_order BTCUSDT BUY 0.01
	wait_for got u2 '"X":"FILLED"'
	[ "$(count u1 '"e"')" -eq 1 ]
	run ! got u1 END
}

@test "whoever listens is told the end by a close frame" {
	sim
	ws m /market/ws/btcusdt@markPrice
	wait_for got m markPriceUpdate
	kill "$SIM_PID"
	wait "$SIM_PID"
	wait_for got m END
	[ "$(tail -c 8 "$T/m" | od -An -tx1 | tr -d ' \n')" = 880203e9454e440a ]	# going away, END
}

# --- the ledger ---

@test "the ledger has every request and order, and no signature" {
	sim
	limit_order BTCUSDT BUY 0.01 59000 newClientOrderId=led
	market_order BTCUSDT BUY 0.01 newClientOrderId=led2
	signed DELETE /fapi/v1/order 'symbol=BTCUSDT&origClientOrderId=led'
	[ "$(seen POST /fapi/v1/order)" -eq 2 ]
	[ "$(seen DELETE /fapi/v1/order)" -eq 1 ]
	run ! grep -q signature "$T/ledger"
	is -s 'all(.[]; .e == "bf.sim" and (.E | type) == "number" and .feed_E == 0)' <"$T/ledger"
	ledger request '.[0]' | is '.clientOrderId == "led" and .http == 200 and (.query | startswith("symbol=BTCUSDT&side=BUY"))'
	ledger order 'map(.clientOrderId)' | is '. == ["led", "led2"]'
	ledger order '.[0]' | is '.type == "LIMIT" and .qty == "0.010" and .price == "59000.00" and .reduceOnly == false and .orderId > 0'
	ledger fill '.[0]' | is '.clientOrderId == "led2" and .qty == "0.010" and .fee == "0.30001500" and .maker == false'
	ledger order_end 'map([.clientOrderId, .status])' | is '. == [["led2", "FILLED"], ["led", "CANCELED"]]'
}

@test "a ledger that cannot be opened ends it, one that cannot be written shows in the end" {
	run bf-sim --ledger /no/such/dir/ledger
	[ "$status" -eq 8 ]
	bf-sim --ledger /dev/full >"$T/sim.out" 2>"$T/sim.err" 3>&- &
	pid=$!
	SIM_PIDS="$SIM_PIDS $pid"
	wait_for grep -q rest "$T/sim.out"
	kill "$pid"
	wait "$pid" && status=0 || status=$?
	[ "$status" -eq 8 ]
}
