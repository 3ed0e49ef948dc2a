#!/usr/bin/env bats
# bf-stream user across gaps: what it told, events and recovered records together, against
# the ledger and the positions of bf-sim.

setup() { load ../helper; load ../streaming; load ../gap; load ../signed; home; GAPS=0; }
teardown() { home_end; }

# request METHOD PATH QUERY: sets REQUEST, the arguments for gap of one signed request.
request() {
	local p=$XDG_CONFIG_HOME/bf/profiles/$BF_PROFILE query
	query="$3&timestamp=$(date +%s%3N)&recvWindow=10000"
	REQUEST=(--next -s -X "$1" -H "X-MBX-APIKEY: $(sed -n 's/^key *= *//p' "$p")"
		"$SIM_REST$2?$query&signature=$(printf %s "$query" |
			openssl dgst -sha256 -hmac "$(sed -n 's/^secret *= *//p' "$p")" | sed 's/^.*= *//')")
}
algo() {	# SYMBOL SIDE TYPE QUANTITY TRIGGER ID [more]
	request POST "${API:-/fapi/v1}/algoOrder" "algoType=CONDITIONAL&symbol=$1&side=$2&type=$3&quantity=$4&triggerPrice=$5&clientAlgoId=$6${7:+&$7}"
}
sent() {	# what `request` made, now
	curl -sS "${REQUEST[@]:1}" | is '.orderId or .algoId or .code == 200'
}

# One symbol and trade id a line, as the ledger has them and as they were told: the ids as text,
# for jq's numbers end at 2^53. They stand in a fixed order in each kind of line.
ids_done() { sed -n 's/.*"what":"\([a-z]*_\)*fill".*"symbol":"\([^"]*\)".*"tradeId":\([0-9]*\).*/\2 \3/p' "$T/ledger"; }
ids_told() {
	sed -n -e '/"e":"ORDER_TRADE_UPDATE"/{/"t":0[,}]/d;s/.*"s":"\([^"]*\)".*[,{]"t":\([0-9]*\).*/\1 \2/p}' \
		-e 's/.*"what":"fill".*"fill":{"symbol":"\([^"]*\)","id":\([0-9]*\).*/\1 \2/p' "$T/out"
}
fills_agree() {
	ids_done | sort >"$T/done.ids"
	ids_told | sort >"$T/told.ids"
	diff "$T/done.ids" "$T/told.ids"
}
# The position of each leg as it was told last, and as it is.
positions_agree() {
	jq -cs '[.[] | if .e == "ACCOUNT_UPDATE" then .a.P[] | [.s, .ps, .pa] elif .what == "position_mismatch" then [.s, .ps, .is]
		else empty end | {(.[0] + " " + .[1]): (.[2] | tonumber)}] | (add // {}) | to_entries | map(select(.value != 0)) |
		sort_by(.key)' "$T/out" >"$T/told.pos"
	signed GET "${1:-/fapi/v3}/positionRisk" | jq -c '[.[] | {key: (.symbol + " " + .positionSide), value: (.positionAmt |
		tonumber)} | select(.value != 0)] | sort_by(.key)' >"$T/is.pos"
	diff "$T/is.pos" "$T/told.pos"
}
# Each order that was told of as standing and stands no more has an end told, once.
ends_agree() {
	ends_told | sort >"$T/told.ends"
	sed -n 's/.*"what":"\([a-z]*_\)*order_end".*"orderId":\([0-9]*\).*/\2/p' "$T/ledger" | sort >"$T/done.ends"
	[ -z "$(uniq -d "$T/told.ends")" ] || { echo "told twice:"; uniq -d "$T/told.ends"; return 1; } >&2
	sed -n -e 's/.*"e":"ORDER_TRADE_UPDATE".*"X":"NEW".*"i":\([0-9]*\).*/\1/p' \
		-e 's/.*"what":"order".*"orderId":\([0-9]*\).*"status":"NEW".*/\1/p' "$T/out" | sort -u >"$T/told.new"
	diff <(comm -12 "$T/done.ends" "$T/told.new") <(comm -12 "$T/told.ends" "$T/told.new")
}
ENDS='FILLED\|CANCELED\|EXPIRED\|EXPIRED_IN_MATCH\|REJECTED'
ends_told() {
	sed -n -e "s/.*\"e\":\"ORDER_TRADE_UPDATE\".*\"X\":\"\\($ENDS\\)\".*\"i\":\\([0-9]*\\).*/\\2/p" \
		-e "s/.*\"what\":\"order\".*\"orderId\":\\([0-9]*\\).*\"status\":\"\\($ENDS\\)\".*/\\1/p" "$T/out"
}
agree() { fills_agree && ends_agree && positions_agree "$@"; }

# away ACTIONS [CURL-ARGUMENT...]: a gap with that in it, until its report is there.
away() {
	gap "${ROUTE:-user}" 1 "$@"
	wait_for count '.e == "bf.reconcile" and .what == "done"' $((GAPS += 1))
}
# again: another gap, in which nothing is done, tells nothing.
again() {
	local told
	told=$(grep -c '"e":"bf.recovered"\|position_mismatch\|incomplete' "$T/out" || true)
	away ''
	[ "$(grep -c '"e":"bf.recovered"\|position_mismatch\|incomplete' "$T/out" || true)" -eq "$told" ] || { cat "$T/out"; return 1; } >&2
	all '[.[] | select(.e == "bf.reconcile" and .what == "done")][-1] | .fills == 0 and .orders == 0 and .positions == 0'
}
# moved SYMBOL LEG WAS IS: it was told, once.
moved() {
	all "[.[] | select(.what == \"position_mismatch\" and .s == \"$1\" and .ps == \"$2\" and (.was | tonumber) == $3 and
		(.is | tonumber) == $4)] | length == 1"
}
# stands ID...: the orders were told of as standing.
stands() { local i; for i; do wait_for count ".e == \"ORDER_TRADE_UPDATE\" and .o.c == \"$i\" and .o.X == \"NEW\""; done; }
# order_told ID STATUS: recovered so, once.
order_told() { all "[.[] | select(.what == \"order\" and (.order.clientOrderId // .order.clientAlgoId) == \"$1\" and (.order.status // .order.algoStatus) == \"$2\")] | length == 1"; }
# begins [bf-stream options]: bf-stream knows where the account stands.
begins() {
	stream "$@" user
	up "user${API:+-coinm}"
	if [ -n "${API:-}" ]; then wait_for eval '[ "$(seen GET /dapi/v1/positionRisk)" -gt 0 ]'
	else wait_for eval '[ "$(seen GET /fapi/v3/positionRisk)" -gt 0 ]'; fi
}

@test "a liquidation in a gap: its fills, the orders it expired, the position" {
	sim --account 10000 --leverage BTCUSDT=50
	begins
	do_now $'place BUY BTCUSDT qty=5\nplace SELL ETHUSDT qty=0.1 price=3100 order=stands'
	stands stands
	away 'liquidate BTCUSDT'
	[ "$(grep -c '"what":"liq_fill"' "$T/ledger")" -gt 0 ]
	order_told stands EXPIRED
	agree
	again
}

@test "auto-deleveraging in a gap, of a part and then of the rest" {
	sim
	begins
	do_now $'place BUY BTCUSDT qty=0.4\nplace SELL BTCUSDT qty=0.1 price=61000 order=stands'
	stands stands
	away 'adl=0.5 BTCUSDT'
	moved BTCUSDT BOTH 0.4 0.2
	order_told stands CANCELED || order_told stands EXPIRED
	agree
	away 'adl BTCUSDT'
	agree
	again
}

@test "a contract that was delivered in a gap" {
	sim
	begins
	local s
	s=$(curl -s "$SIM_REST/fapi/v1/exchangeInfo" | jq -r '[.symbols[].symbol | select(startswith("BTCUSDT_"))][0]')
	do_now "place BUY $s qty=0.2"$'\n'"place SELL $s qty=0.1 price=61000 order=stands"
	stands stands
	away "settle=60500 $s"
	moved "$s" BOTH 0.2 0
	order_told stands EXPIRED
	agree
	again
}

@test "both legs of hedge mode: each told by itself" {
	sim --hedge
	begins
	do_now 'place BUY BTCUSDT qty=0.1 side=LONG'
	wait_for count '.e == "ACCOUNT_UPDATE"'
	away $'place BUY BTCUSDT qty=0.2 side=LONG\nplace SELL BTCUSDT qty=0.5 side=SHORT'
	moved BTCUSDT LONG 0.1 0.3
	moved BTCUSDT SHORT 0 -0.5
	agree
	away $'place SELL BTCUSDT qty=0.3 side=LONG\nplace BUY BTCUSDT qty=0.1 side=SHORT\nplace BUY ETHUSDT qty=1 side=LONG'
	all '[.[] | select(.what == "position_mismatch")] | length == 5'
	agree
	again
}

@test "both legs liquidated in a gap" {
	sim --hedge --account 10000 --leverage BTCUSDT=50
	begins
	do_now $'place BUY BTCUSDT qty=4 side=LONG\nplace SELL BTCUSDT qty=1 side=SHORT'
	wait_for count '.e == "ACCOUNT_UPDATE"' 2
	away 'liquidate BTCUSDT'
	agree
	again
}

@test "conditional orders that were triggered, cancelled, placed, or placed and triggered in a gap" {
	sim
	begins
	algo BTCUSDT SELL STOP_MARKET 0.1 50000 fires
	sent
	algo BTCUSDT SELL STOP_MARKET 0.1 51000 goes
	sent
	algo ETHUSDT SELL STOP 0.1 2000 limits price=3100
	sent
	wait_for count '.e == "ALGO_UPDATE" and .o.X == "NEW"' 3
	algo BTCUSDT BUY STOP_MARKET 0.1 70000 comes
	local args=("${REQUEST[@]}")
	algo SOLUSDT BUY STOP_MARKET 2 200 flies
	away $'cancel algo=goes\ntrigger algo=fires\ntrigger algo=limits\ntrigger algo=flies' "${args[@]}" "${REQUEST[@]}"
	order_told goes CANCELED
	order_told fires FINISHED
	order_told limits TRIGGERED
	order_told comes NEW
	all '[.[] | select(.what == "order" and (.order.algoId | not)) | .order | [.symbol, .status]] == [["ETHUSDT", "NEW"]]'
	all '[.[] | select(.what == "fill") | .fill.symbol] | sort == ["BTCUSDT", "SOLUSDT"]'
	agree
	again
	away 'cancel algo=comes'
	order_told comes CANCELED
	again
}

@test "a conditional order that the exchange refused, or expired, in a gap" {
	sim
	begins
	algo BTCUSDT SELL STOP_MARKET 0.1 50000 refused reduceOnly=true
	sent
	wait_for count '.e == "ALGO_UPDATE"'
	away 'trigger algo=refused'
	all '[.[] | select(.what == "order") | .order.algoStatus] | length == 1 and (.[0] | IN("REJECTED", "EXPIRED"))'
	agree
	again
}

@test "isolated margin: the position, and its liquidation" {
	sim --margin-type BTCUSDT=isolated --leverage BTCUSDT=20
	begins
	do_now 'place BUY BTCUSDT qty=0.1'
	wait_for count '.e == "ACCOUNT_UPDATE" and .a.P[0].mt == "isolated"'
	request POST /fapi/v1/positionMargin 'symbol=BTCUSDT&amount=10&type=1'
	away 'place BUY BTCUSDT qty=0.05' "${REQUEST[@]}"
	moved BTCUSDT BOTH 0.1 0.15
	agree
	away 'liquidate BTCUSDT'
	agree
	again
}

@test "an order that was filled in part in a gap, and then to the end in another" {
	sim
	begins
	do_now 'place BUY ETHUSDT qty=1 price=2900 order=stands'
	stands stands
	away $'fill=0.1 ETHUSDT\nfill=0.2 ETHUSDT'
	all '[.[] | select(.what == "order") | .order | [.clientOrderId, .status, (.executedQty | tonumber)]] ==
		[["stands", "PARTIALLY_FILLED", 0.3]]'
	agree
	do_now 'fill=0.3 ETHUSDT'
	wait_for count '.e == "ORDER_TRADE_UPDATE" and .o.x == "TRADE"'
	again
	away 'fill ETHUSDT'
	order_told stands FILLED
	agree
	again
	# an id of 19 digits is what it was
	local id
	id=$(sed -n 's/.*"what":"order_end".*"orderId":\([0-9]*\).*/\1/p' "$T/ledger")
	[ "${#id}" -eq 19 ]
	grep -q "\"what\":\"fill\".*\"orderId\":$id," "$T/out"
	grep -q "\"what\":\"order\".*\"orderId\":$id," "$T/out"
}

@test "an order that was amended in a gap: of its price, and of its quantity" {
	sim
	begins
	do_now $'place BUY ETHUSDT qty=1 price=2900 order=price\nplace BUY BTCUSDT qty=0.1 price=59000 order=qty\nplace BUY SOLUSDT qty=1 price=140 order=same'
	stands price qty same
	request PUT /fapi/v1/order 'symbol=ETHUSDT&side=BUY&origClientOrderId=price&quantity=1&price=2910'
	local args=("${REQUEST[@]}")
	request PUT /fapi/v1/order 'symbol=BTCUSDT&side=BUY&origClientOrderId=qty&quantity=0.2&price=59000'
	away '' "${args[@]}" "${REQUEST[@]}"
	all '[.[] | select(.what == "order") | .order | [.clientOrderId, (.price, .origQty | tonumber)]] | sort ==
		[["price", 2910, 1], ["qty", 59000, 0.2]]'
	again
	# and what an event told of is nothing new
	request PUT /fapi/v1/order 'symbol=ETHUSDT&side=BUY&origClientOrderId=price&quantity=1&price=2920'
	sent
	wait_for count '.e == "ORDER_TRADE_UPDATE" and .o.x == "AMENDMENT"'
	again
	agree
}

@test "more than a thousand fills in a gap, many in the same millisecond" {
	sim
	begins
	do_now 'place BUY ETHUSDT qty=10 price=2900 order=stands'
	stands stands
	gap user 2 "$(for i in $(seq 2300); do echo 'fill=0.004 ETHUSDT'; done)"
	wait_for count '.e == "bf.reconcile" and .what == "done"'
	GAPS=1
	all '[.[] | select(.what == "fill")] | length == 2300'
	agree
	again
}

@test "an account that trades with itself has two fills of one trade, in events and in a gap" {
	sim
	begins
	request POST /fapi/v1/order 'symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.1&price=60000&newClientOrderId=rests'
	sent
	stands rests
	request POST /fapi/v1/order 'symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.05&price=60000&selfTradePreventionMode=NONE'
	sent
	wait_for count '.e == "ORDER_TRADE_UPDATE" and .o.x == "TRADE"' 2
	request POST /fapi/v1/order 'symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.05&price=60000&selfTradePreventionMode=NONE'
	away '' "${REQUEST[@]}"
	all '[.[] | select(.what == "fill") | .fill.id] | length == 2 and .[0] == .[1]'
	agree
	again
}

@test "a gap before the account was ever looked at: what stood before is not called new" {
	sim --position BTCUSDT:0.1 --fault 'on GET /fapi/v1/openOrders*9: reply=503/svc'
	do_now 'place BUY ETHUSDT qty=1 price=2900 order=old'
	stream user
	up user
	do_now 'place BUY SOLUSDT qty=1 price=140 order=stands'
	gap user 1 $'cancel order=stands\nplace BUY ETHUSDT qty=1'
	wait_for curl -sf -X DELETE "$SIM_REST/sim/v1/faults"
	wait_for count '.e == "bf.reconcile" and .what == "done"'
	all '[.[] | select(.what == "order" or .what == "position_mismatch")] | map(.order.clientOrderId) | . - ["stands"] == []'
	all '[.[] | select(.what == "fill")] | length == 1'
	all '[.[] | select(.what == "incomplete")] | length == 1'
	GAPS=1
	again
}

@test "funding in a gap, of a crossed and of an isolated position, is no change of a position" {
	sim --margin-type ETHUSDT=isolated
	begins
	do_now $'place BUY BTCUSDT qty=0.1\nplace SELL ETHUSDT qty=1'
	wait_for count '.e == "ACCOUNT_UPDATE"' 2
	away $'funding=0.01 BTCUSDT\nfunding=0.01 ETHUSDT'
	all '[.[] | select(.e == "bf.recovered" or .what == "position_mismatch")] == []'
	agree
	again
}

@test "COIN-M: a liquidation in a gap" {
	API=/dapi/v1 ROUTE=root
	sim --balance coinm.BTC=1 --leverage BTCUSD_PERP=20
	begins --market coinm
	do_now 'place BUY BTCUSD_PERP qty=6000'
	wait_for count '.e == "ACCOUNT_UPDATE"'
	away 'liquidate BTCUSD_PERP'
	[ "$(grep -c '"what":"liq_fill"' "$T/ledger")" -gt 0 ]
	agree /dapi/v1
	again
}

@test "COIN-M: deleveraging, delivery, a part of an order, an amendment, a conditional order" {
	API=/dapi/v1 ROUTE=root
	sim --balance coinm.BTC=1 --balance coinm.ETH=10
	begins --market coinm
	local s
	s=$(curl -s "$SIM_REST/dapi/v1/exchangeInfo" | jq -r '[.symbols[].symbol | select(test("^BTCUSD_[0-9]"))][0]')
	do_now "place BUY BTCUSD_PERP qty=40"$'\n'"place SELL $s qty=7"$'\n'"place SELL ETHUSD_PERP qty=5 price=3100 order=part"$'\n'"place BUY BTCUSD_PERP qty=3 price=59000 order=amended"
	stands part
	algo BTCUSD_PERP BUY STOP_MARKET 2 70000 fires
	sent
	wait_for count '.e == "ALGO_UPDATE"'
	request PUT /dapi/v1/order 'symbol=BTCUSD_PERP&side=BUY&origClientOrderId=amended&quantity=3&price=59100'
	away "fill=2 ETHUSD_PERP"$'\n'"trigger algo=fires"$'\n'"settle=60500 $s" "${REQUEST[@]}"
	moved "$s" BOTH -7 0
	all '[.[] | select(.what == "order") | .order | .clientOrderId // .clientAlgoId] | sort == ["amended", "fires", "part"]'
	agree /dapi/v1
	away 'adl=0.5 BTCUSD_PERP'
	moved BTCUSD_PERP BOTH 42 21
	agree /dapi/v1
	again
}

@test "COIN-M: both legs of hedge mode, isolated, and funding" {
	API=/dapi/v1 ROUTE=root
	sim --hedge --balance coinm.BTC=1 --margin-type BTCUSD_PERP=isolated
	begins --market coinm
	away $'place BUY BTCUSD_PERP qty=20 side=LONG\nplace SELL BTCUSD_PERP qty=30 side=SHORT\nfunding=0.01 BTCUSD_PERP'
	moved BTCUSD_PERP LONG 0 20
	moved BTCUSD_PERP SHORT 0 -30
	agree /dapi/v1
	away 'liquidate BTCUSD_PERP'
	agree /dapi/v1
	again
}
