#!/usr/bin/env bats
# Many orders through one run: who waits for whom, what goes together, what becomes of each.
# When a request came is the ledger's word.

setup() { load ../helper; load ../simclient; load ../asked; home; }
teardown() { home_end; }

# wide N [bf-sim options]: an exchange that also lists K1USDT ... KNUSDT, like ETHUSDT, at 3000.
wide() {
	local n=$1 i marks=()
	shift
	sim_as plain
	public /fapi/v1/exchangeInfo | jq -c --argjson n "$n" '. as $all | [range(1; $n + 1)] | map(. as $i | $all.symbols[] |
		select(.symbol == "ETHUSDT") | .symbol = "K\($i)USDT" | .pair = .symbol | .baseAsset = "K\($i)") |
		. as $list | $all | .symbols = $list' >"$T/info"
	kill "$SIM_PID"
	for ((i = 1; i <= n; i++)); do marks+=(--mark "K${i}USDT=3000"); done
	sim --exchange-info "$T/info" "${marks[@]}" "$@"
}
# each N [sed options]: a LIMIT order of each of K1USDT ..., ids k1 ..., into $T/lines: from a
# file they are all there before the first is sent.
each() {
	local i
	for ((i = 1; i <= $1; i++)); do limit BUY 0.01 2990 "K${i}USDT" "k$i"; done >"$T/lines"
	[ $# -eq 1 ] || sed -i "${@:2}" "$T/lines"
}
# arrivals METHOD PATH: when each came, a number a line, in their order.
arrivals() { jq -r --arg m "$1" --arg p "$2" 'select(.what == "request" and .method == $m and .path == $p) | .query | capture("timestamp=(?<t>[0-9]+)").t' "$T/ledger" | sort -n; }
# sizes METHOD PATH: how many went in each request to a batch endpoint.
sizes() {
	asked "$1" "$2" | sed 's/.*\(batchOrders\|orderIdList\|origClientOrderIdList\)=//' | jq -r length | paste -sd' '
}
# sorted: `became`, by client id.
sorted() { became | tr ' ' '\n' | sort -V | paste -sd' '; }
posted() { [ "$(seen POST "${2:-/fapi/v1/order}")" -ge "$1" ]; }

#
# Order and overlap
#

@test "orders of one symbol keep their order although the first answer is slow" {
	sim --fault 'on POST order#1: net=delay=400'
	{ for i in 1 2 3 4; do limit BUY 0.002 5900$i BTCUSDT "b$i"; done; echo '{"op":"cancel-all","symbol":"BTCUSDT"}'
		limit BUY 0.002 59005 BTCUSDT b5; } >"$T/lines"
	run --separate-stderr bf-order --max-in-flight 8 <"$T/lines"
	[ "$status" -eq 0 ]
	outcomes 6
	same "b1:NEW b2:NEW b3:NEW b4:NEW -:200 b5:NEW" "$(became)"
	same "b1 b2 b3 b4 b5" "$(jq -r 'select(.what == "order").clientOrderId' "$T/ledger" | paste -sd' ')"
	# each was signed after the answer to the one before
	jq -s '[.[] | select(.what == "request" and .method != "GET") | .query | capture("timestamp=(?<t>[0-9]+)").t | tonumber] |
		.[1] - .[0] >= 390 and . == sort' "$T/ledger" | grep -qx true
	same "b5" "$(signed GET /fapi/v1/openOrders symbol=BTCUSDT | jq -r '.[].clientOrderId')"
}

@test "other symbols, and the other market, overtake one whose answer is slow" {
	sim --balance coinm.BTC=1 --fault 'on POST order#1: net=delay=1500'
	{ limit BUY 0.002 59001 BTCUSDT slow; limit BUY 0.002 59002 BTCUSDT behind; market BUY 0.01 ETHUSDT other
		limit BUY 1 59000 BTCUSD_PERP coin; } >"$T/lines"
	run --separate-stderr bf-order --batch 1 <"$T/lines"
	[ "$status" -eq 0 ]
	outcomes 4
	same "slow:NEW behind:NEW" "$(became | tr ' ' '\n' | tail -n 2 | paste -sd' ')"
	same "coin:NEW other:NEW" "$(became | tr ' ' '\n' | head -n 2 | sort | paste -sd' ')"
}

@test "--max-in-flight is the bound: at no time are more under way" {
	wide 8 --fault 'on POST order: net=delay=300'
	local n
	for n in 1 3; do
		: >"$T/ledger"
		each 8 "s/\"k/\"n$n-k/"
		run --separate-stderr bf-order --batch 1 --max-in-flight $n <"$T/lines"
		[ "$status" -eq 0 ]
		outcomes 8
		[ "$(executed)" -eq 8 ]
		# of n+1 in a row the last came after the answer to the first
		arrivals POST /fapi/v1/order >"$T/times"
		jq -es --argjson n $n '. as $t | all(range(0; length - $n); $t[. + $n] - $t[.] >= 290)' "$T/times"
	done
}

@test "--max-in-flight requests do go at once, and what waits is not begun after a signal" {
	wide 6 --fault 'on POST order: exec=yes net=stall'
	each 6
	bf-order --batch 1 --max-in-flight 3 --timeout 60000 <"$T/lines" >"$T/out" 2>"$T/err" 3>&- 4>&- &
	local pid=$!
	wait_for posted 3		# none of which is ever answered
	kill -TERM "$pid"
	wait_for came 3
	kill -TERM "$pid"
	status=0
	wait "$pid" || status=$?
	[ "$status" -eq 4 ]
	same "k4 refused true k5 refused true k6 refused true" \
		"$(jq -r '.intent.newClientOrderId, .outcome, .retryable' "$T/out" | paste -sd' ')"
	[ "$(executed)" -eq 3 ]
}

@test "where places are scarce, what reduces risk gets the next one" {
	wide 3 --position BTCUSDT:0.01
	each 3
	market SELL 0.01 BTCUSDT exit '"reduceOnly":true' >>"$T/lines"
	run --separate-stderr bf-order --max-in-flight 1 --batch 1 <"$T/lines"
	[ "$status" -eq 0 ]
	outcomes 4
	same "exit k1 k2 k3" "$(jq -r 'select(.what == "order").clientOrderId' "$T/ledger" | paste -sd' ')"
}

@test "what reduces risk goes while an outcome is unknown, and what adds it waits for that" {
	sim --position ETHUSDT:1 --fault 'on POST order#1: exec=no net=rst'
	quick
	{ limit BUY 0.002 59001 BTCUSDT lost; market BUY 1 SOLUSDT more; market SELL 0.02 ETHUSDT less '"reduceOnly":true'; } >"$T/lines"
	run --separate-stderr bf-order --batch 1 "${QUICK[@]}" --max-in-flight 1 <"$T/lines"
	[ "$status" -eq 1 ]
	outcomes 3
	same "less lost more" "$(jq -r 'select(.e != "bf.recovered") | .clientOrderId // .intent.newClientOrderId' <<<"$output" | paste -sd' ')"
	[ "$(executed)" -eq 2 ]
}

#
# Batches
#

@test "more waiting than places: orders of twelve symbols go as 5, 5 and 2, each with its outcome" {
	wide 12
	each 12
	run --separate-stderr bf-order --max-in-flight 1 <"$T/lines"
	[ "$status" -eq 0 ]
	outcomes 12
	same "5 5 2" "$(sizes POST /fapi/v1/batchOrders)"
	[ "$(seen POST /fapi/v1/order)" -eq 0 ]
	same "$(for i in {1..12}; do echo "k$i:NEW"; done | paste -sd' ')" "$(sorted)"
	# each result is of the intent that asked for it
	is -s 'all(.[]; .symbol == "K" + .clientOrderId[1:] + "USDT" and .side == "BUY" and .price == "2990.00")' <<<"$output"
	same '{"symbol":"K1USDT","side":"BUY","type":"LIMIT","timeInForce":"GTC","quantity":"0.01","price":"2990","newClientOrderId":"k1"}' \
		"$(asked POST /fapi/v1/batchOrders | head -n 1 | sed 's/^batchOrders=//' | jq -c '.[0]')"
	[ "$(executed)" -eq 12 ]
}

@test "a batch of mixed results: each element has its own" {
	wide 5
	each 5 -e '2s/"2990"/"3100","timeInForce":"GTX"/' -e '4s/"2990"/"2990","timeInForce":"FOK"/'
	run --separate-stderr bf-order --max-in-flight 1 <"$T/lines"
	[ "$status" -eq 1 ]
	outcomes 5
	same "5" "$(sizes POST /fapi/v1/batchOrders)"
	same "k1:NEW k2:-5022 k3:NEW k4:-5021 k5:NEW" "$(sorted)"
	is -s 'map(select(.e == "bf.error")) | length == 2 and all(.[]; .outcome == "refused" and .retryable == false)' <<<"$output"
	[ "$(executed)" -eq 3 ]
}

@test "a batch whose answer is lost: each element is looked up, none is sent again" {
	local exec
	wide 5
	quick
	for exec in yes no; do
		: >"$T/ledger"
		rules "on POST batchOrders#1: exec=$exec net=rst"
		each 5 "s/\"k/\"$exec-k/"
		run --separate-stderr bf-order "${QUICK[@]}" --max-in-flight 1 <"$T/lines"
		outcomes 5
		[ "$(seen POST /fapi/v1/batchOrders)" -eq 1 ]
		[ "$(seen POST /fapi/v1/order)" -eq 0 ]
		same "$exec-k1 $exec-k2 $exec-k3 $exec-k4 $exec-k5" \
			"$(asked GET /fapi/v1/order | sed 's/.*origClientOrderId=//' | sort -u | paste -sd' ')"
		if [ $exec = yes ]; then
			[ "$status" -eq 0 ]
			same "yes-k1:NEW yes-k2:NEW yes-k3:NEW yes-k4:NEW yes-k5:NEW" "$(sorted)"
			[ "$(executed)" -eq 5 ]
		else
			[ "$status" -eq 1 ]
			is -s 'map(select(.e == "bf.error")) | length == 5 and all(.[]; .outcome == "refused")' <<<"$output"
			is -s 'map(select(.e == "bf.recovered")) | length == 5 and all(.[]; .outcome == "absent")' <<<"$output"
			[ "$(executed)" -eq 0 ]
		fi
		curl -sS --noproxy '*' -X DELETE "$SIM_REST/sim/v1/faults" >/dev/null
	done
}

@test "an answer to a batch that is none leaves all of it to be looked up" {
	local reply
	wide 3
	quick
	for reply in 200/null 200/empty 502/html; do
		: >"$T/ledger"
		rules "on POST batchOrders#1: exec=yes reply=$reply"
		each 3 "s/\"k/\"${reply#*/}-k/"
		run --separate-stderr bf-order "${QUICK[@]}" --max-in-flight 1 <"$T/lines"
		[ "$status" -eq 0 ] || { echo "$reply $status $output $stderr"; false; }
		outcomes 3
		[ "$(seen POST /fapi/v1/batchOrders)" -eq 1 ]
		[ "$(executed)" -eq 3 ]
		curl -sS --noproxy '*' -X DELETE "$SIM_REST/sim/v1/faults" >/dev/null
	done
}

@test "cancels of one symbol go ten at a time, in their order, each with its outcome" {
	sim
	for i in {1..12}; do limit BUY 0.002 $((59000 + i)) BTCUSDT "c$i"; done >"$T/lines"
	bf-order <"$T/lines" >"$T/placed" 2>/dev/null
	[ "$(executed)" -eq 12 ]
	{ for i in {1..12}; do printf '{"op":"cancel","symbol":"BTCUSDT","origClientOrderId":"c%d"}\n' "$i"; done
		echo '{"op":"cancel","symbol":"BTCUSDT","origClientOrderId":"gone"}'; } >"$T/lines"
	run --separate-stderr bf-order --max-in-flight 1 <"$T/lines"
	outcomes 13
	same "10 3" "$(sizes DELETE /fapi/v1/batchOrders)"
	[ "$(jq -r 'select(.status == "CANCELED").clientOrderId' <<<"$output" | sort -u | wc -l)" -eq 12 ]
	is -s 'map(select(.e == "bf.error")) | length == 1 and .[0].intent.origClientOrderId == "gone" and .[0].code == -2011' <<<"$output"
	[ "$status" -eq 1 ]
	[ "$(ledger order_end 'map(select(.status == "CANCELED")) | length')" -eq 12 ]
}

@test "cancels by order id go together too, and what lies between keeps its place" {
	sim
	for i in 1 2 3 4; do limit BUY 0.002 5900$i BTCUSDT "c$i"; done >"$T/lines"
	bf-order <"$T/lines" 2>/dev/null | jq -r '.orderId | tostring' >"$T/ids"
	mapfile -t ids <"$T/ids"
	cancel() { printf '{"op":"cancel","symbol":"BTCUSDT","orderId":%s}\n' "${ids[$1]}"; }
	: >"$T/ledger"
	{ cancel 0; cancel 1; limit BUY 0.002 59009 BTCUSDT between; cancel 2; cancel 3; } >"$T/lines"
	run --separate-stderr bf-order <"$T/lines"
	[ "$status" -eq 0 ]
	outcomes 5
	same "orderIdList=[${ids[0]},${ids[1]}] orderIdList=[${ids[2]},${ids[3]}]" \
		"$(asked DELETE /fapi/v1/batchOrders | sed 's/symbol=BTCUSDT&//' | paste -sd' ')"
	same "DELETE POST DELETE" "$(jq -r 'select(.what == "request" and .method != "GET").method' "$T/ledger" | paste -sd' ')"
}

@test "--batch 1 sends each by itself; --batch-any takes several of one symbol along" {
	wide 6
	each 6
	run --separate-stderr bf-order --batch 1 --max-in-flight 1 <"$T/lines"
	[ "$status" -eq 0 ]
	outcomes 6
	[ "$(seen POST /fapi/v1/order)" -eq 6 ]
	[ "$(seen POST /fapi/v1/batchOrders)" -eq 0 ]
	{ for i in 1 2 3; do printf '{"op":"cancel","symbol":"K%d","origClientOrderId":"k%d"}\n' $i $i; done; } | sed 's/"K\(.\)"/"K\1USDT"/' >"$T/lines"
	run --separate-stderr bf-order --batch 1 --max-in-flight 1 <"$T/lines"
	[ "$(seen DELETE /fapi/v1/order)" -eq 3 ]
	: >"$T/ledger"
	for i in 1 2 3 4 5 6; do limit BUY 0.002 5900$i BTCUSDT "b$i"; done >"$T/lines"
	run --separate-stderr bf-order --batch-any --max-in-flight 1 <"$T/lines"
	[ "$status" -eq 0 ]
	outcomes 6
	same "5" "$(sizes POST /fapi/v1/batchOrders)"
	[ "$(seen POST /fapi/v1/order)" -eq 1 ]
	: >"$T/ledger"
	sed -i 's/"b\([0-9]\)"/"d\1"/' "$T/lines"
	run --separate-stderr bf-order --max-in-flight 1 <"$T/lines"	# without it their order is kept
	[ "$(seen POST /fapi/v1/order)" -eq 6 ]
}

@test "while an order is under way, what reduces risk does not go in one batch with what adds it" {
	wide 4 --position K1USDT:1 --position K2USDT:1
	each 4 1,2d
	{ market SELL 0.01 K1USDT r1 '"reduceOnly":true'; market SELL 0.01 K2USDT r2 '"reduceOnly":true'; } >>"$T/lines"
	run --separate-stderr bf-order --max-in-flight 1 <"$T/lines"
	[ "$status" -eq 0 ]
	outcomes 4
	asked POST /fapi/v1/batchOrders | sed 's/^batchOrders=//' | is -s 'length == 2 and all(.[]; map(.reduceOnly) | unique | length == 1)'
}

#
# Modifications
#

@test "modify: what is left open is as the order has it; the order keeps its ids" {
	sim
	limit SELL 0.004 61000 BTCUSDT m1 >"$T/lines"
	bf-order <"$T/lines" >"$T/placed" 2>/dev/null
	id=$(jq -r '.orderId | tostring' "$T/placed")
	run --separate-stderr bf-order <<-END
		{"op":"modify","symbol":"BTCUSDT","origClientOrderId":"m1","price":"61100"}
		{"op":"modify","symbol":"BTCUSDT","orderId":$id,"quantity":"0.005"}
		{"op":"modify","symbol":"BTCUSDT","origClientOrderId":"m1","side":"SELL","quantity":"0.006","price":"61200","modifyId":7}
		{"op":"modify","symbol":"BTCUSDT","origClientOrderId":"m1","priceMatch":"QUEUE"}
	END
	[ "$status" -eq 0 ]
	outcomes 4
	asked PUT /fapi/v1/order | sed 's/modifyId=[0-9]\{9,\}/modifyId=N/' >"$T/got"
	same "symbol=BTCUSDT&side=SELL&origClientOrderId=m1&quantity=0.004&price=61100&modifyId=N
symbol=BTCUSDT&side=SELL&orderId=$id&quantity=0.005&price=61100.00&modifyId=N
symbol=BTCUSDT&side=SELL&origClientOrderId=m1&quantity=0.006&price=61200&modifyId=7
symbol=BTCUSDT&side=SELL&origClientOrderId=m1&quantity=0.006&priceMatch=QUEUE&modifyId=N" "$(sed 's/quantity=0.00\([0-9]\)0*&/quantity=0.00\1\&/' "$T/got")"
	is -s --arg id "$id" 'all(.[]; .clientOrderId == "m1" and (.orderId | tostring) == $id)' <<<"$output"
	[ "$(ledger amend length)" -eq 4 ]
	run --separate-stderr bf-order modify BTCUSDT m1 0.007 @ 61300
	[ "$status" -eq 0 ]
	is '.origQty == "0.007" and .price == "61300.00"' <<<"$output"
}

@test "modify: right behind its own order in the pipe it finds it" {
	sim --fault 'on POST order: net=delay=200'
	{ limit BUY 0.002 59000 BTCUSDT w1; echo '{"op":"modify","symbol":"BTCUSDT","origClientOrderId":"w1","price":"59100"}'
		market BUY 0.01 ETHUSDT w2; } >"$T/lines"
	run --separate-stderr bf-order <"$T/lines"
	[ "$status" -eq 0 ]
	outcomes 3
	same "w1:NEW w1:NEW w2:NEW" "$(sorted)"
	same "59100.00" "$(signed GET /fapi/v1/openOrders | jq -r '.[0].price')"
}

@test "modify: unchanged is a result; filled, gone, conditional and off the grid are refused" {
	sim
	{ limit BUY 0.002 59000 BTCUSDT m1; limit BUY 0.002 60010 BTCUSDT m2
		printf '{"symbol":"BTCUSDT","side":"BUY","type":"STOP_MARKET","quantity":"0.002","triggerPrice":"61000","newClientOrderId":"m3"}\n'; } >"$T/lines"
	bf-order <"$T/lines" >/dev/null 2>&1
	cat >"$T/lines" <<-END
		{"op":"modify","symbol":"BTCUSDT","origClientOrderId":"m1","price":"59000"}
		{"op":"modify","symbol":"BTCUSDT","origClientOrderId":"m2","price":"59000","quantity":"0.003","side":"BUY"}
		{"op":"modify","symbol":"BTCUSDT","origClientOrderId":"none","price":"59000"}
		{"op":"modify","symbol":"BTCUSDT","origClientOrderId":"m3","price":"59000"}
		{"op":"modify","symbol":"BTCUSDT","clientAlgoId":"m3","price":"59000"}
		{"op":"modify","symbol":"BTCUSDT","origClientOrderId":"m1","price":"59000.05"}
	END
	run --separate-stderr bf-order <"$T/lines"
	[ "$status" -eq 1 ]
	outcomes 6
	is -s 'map(select(.clientOrderId == "m1")) | length == 1 and .[0].status == "NEW" and .[0].price == "59000.00"' <<<"$output"
	is -s 'map(select(.intent.origClientOrderId == "m2")) | length == 1 and .[0].e == "bf.error" and .[0].outcome == "refused"' <<<"$output"
	is -s 'map(select(.intent.origClientOrderId == "none"))[0] | .code == -2013 and .rule == "order"' <<<"$output"
	is -s 'map(select(.intent.origClientOrderId == "m3"))[0] | .code == -2013 and (.msg | test("conditional"))' <<<"$output"
	is -s 'map(select(.intent.clientAlgoId == "m3"))[0] | .code == -5025' <<<"$output"
	is -s 'map(select(.intent.price == "59000.05"))[0] | .rule == "tickSize" and .code == -4014' <<<"$output"
}

#
# Cancels
#

@test "cancel: by order id, client id, algo id and its client id; several at once" {
	sim
	{ for i in 1 2 3 4; do limit BUY 0.002 5900$i BTCUSDT "c$i"; done
		for i in 1 2; do printf '{"symbol":"BTCUSDT","side":"BUY","type":"STOP_MARKET","quantity":"0.002","triggerPrice":"61000","newClientOrderId":"a%d"}\n' $i; done; } >"$T/lines"
	bf-order <"$T/lines" >"$T/placed" 2>/dev/null
	id=$(jq -r 'select(.clientOrderId == "c1").orderId | tostring' "$T/placed")
	algo=$(jq -r 'select(.clientAlgoId == "a1").algoId | tostring' "$T/placed")
	run --separate-stderr bf-order cancel BTCUSDT "$id" c2 c3
	[ "$status" -eq 0 ]
	outcomes 3
	same "c1:CANCELED c2:CANCELED c3:CANCELED" "$(sorted)"
	run --separate-stderr bf-order cancel BTCUSDT --client-id c4
	[ "$status" -eq 0 ]
	run --separate-stderr bf-order --algo cancel BTCUSDT "$algo"
	[ "$status" -eq 0 ]
	run --separate-stderr bf-order --algo cancel BTCUSDT a2
	[ "$status" -eq 0 ]
	same "algoId=$algo clientAlgoId=a2" "$(asked DELETE /fapi/v1/algoOrder | paste -sd' ')"
	signed GET /fapi/v1/openOrders | is '. == []'
	signed GET /fapi/v1/openAlgoOrders | is '. == []'
	run --separate-stderr bf-order cancel BTCUSDT c4	# it has ended: that is so already
	same "c4:CANCELED" "$(became)"
	run --separate-stderr bf-order cancel BTCUSDT never-was
	[ "$status" -eq 1 ]
	[ "$(jq -r .code <<<"$output")" = -2011 ]
}

# standing N: two of ours, two of others, of both kinds, on two symbols; ids are in the answer.
standing() {
	bf-order buy BTCUSDT 0.002 @ 59000 >/dev/null 2>&1
	bf-order buy ETHUSDT 0.01 stop 3100 >/dev/null 2>&1
	{ limit BUY 0.002 59001 BTCUSDT "grid-$1"; limit BUY 0.01 2990 ETHUSDT "grid2-$1"
		printf '{"symbol":"BTCUSDT","side":"BUY","type":"STOP_MARKET","quantity":"0.002","triggerPrice":"61000","newClientOrderId":"hand-%s"}\n' "$1"; } >"$T/lines"
	bf-order <"$T/lines" >/dev/null 2>&1
}
# left: how many stand, of both kinds.
left() { { signed GET /fapi/v1/openOrders; signed GET /fapi/v1/openAlgoOrders; } | jq -s 'map(length) | add'; }

@test "cancel-all: of a symbol, of some by prefix, of ours, of everything" {
	sim
	standing 1
	same 5 "$(left)"
	run --separate-stderr bf-order cancel-all ETHUSDT
	[ "$status" -eq 0 ]
	is '.code == 200 and .open == 0 and .symbol == "ETHUSDT"' <<<"$output"
	same 3 "$(left)"
	standing 2
	run --separate-stderr bf-order cancel-all --prefix grid
	[ "$status" -eq 0 ]
	same "grid-1:CANCELED grid-2:CANCELED grid2-2:CANCELED" "$(became | tr ' ' '\n' | LC_ALL=C sort | paste -sd' ')"
	same 5 "$(left)"
	run --separate-stderr bf-order cancel-all --mine BTCUSDT
	[ "$status" -eq 0 ]
	outcomes 2
	same 3 "$(left)"
	run --separate-stderr bf-order cancel-all --mine
	[ "$status" -eq 0 ]
	outcomes 1
	signed GET /fapi/v1/openOrders | is '. == []'
	signed GET /fapi/v1/openAlgoOrders | is 'map(.clientAlgoId) | sort == ["hand-1", "hand-2"]'
	run --separate-stderr bf-order cancel-all
	[ "$status" -eq 0 ]
	outcomes 2
	same 0 "$(left)"
}

@test "cancel-all: what is still open afterwards is said, and is no success" {
	sim --fault 'on DELETE allOpenOrders: exec=no reply=200/ok'
	standing 1
	run --separate-stderr bf-order cancel-all BTCUSDT
	[ "$status" -eq 1 ]
	outcomes 1
	is '.e == "bf.error" and (.msg | test("2 orders are still open"))' <<<"$output"
}

@test "cancel-all of COIN-M, and of a market that is named, leaves the other alone" {
	sim --balance coinm.BTC=1
	{ limit BUY 0.002 59000 BTCUSDT u1; limit BUY 1 59000 BTCUSD_PERP d1
		printf '{"symbol":"BTCUSD_PERP","side":"BUY","type":"STOP_MARKET","quantity":"1","triggerPrice":"61000","newClientOrderId":"d2"}\n'; } >"$T/lines"
	bf-order <"$T/lines" >/dev/null 2>&1
	run --separate-stderr bf-order --market coinm cancel-all
	[ "$status" -eq 0 ]
	outcomes 2
	signed GET /dapi/v1/openOrders | is '. == []'
	signed GET /dapi/v1/openAlgoOrders | is '. == []'
	same 1 "$(signed GET /fapi/v1/openOrders | jq length)"
	bf-order buy BTCUSD_PERP 1 @ 59000 >/dev/null 2>&1
	run --separate-stderr bf-order cancel-all BTCUSD_PERP
	[ "$status" -eq 0 ]
	is '.code == 200 and .open == 0' <<<"$output"
}

@test "a mixed stream: exactly one outcome for each intent, and what is none is none" {
	sim --position ETHUSDT:1
	{
		echo '{"e":"markPriceUpdate","E":1,"s":"BTCUSDT","p":"60000"}'
		limit BUY 0.002 59000 BTCUSDT x1
		echo '{"orderId":5,"symbol":"BTCUSDT","side":"BUY","status":"NEW"}'
		limit BUY 0.002 59000 BTCUSDT x1			# the same id again
		limit BUY 0.00001 59000 BTCUSDT x2			# too little
		echo '{"op":"modify","symbol":"BTCUSDT","origClientOrderId":"x1","price":"59010"}'
		market SELL 0.01 ETHUSDT x3 '"reduceOnly":true'
		echo '{"op":"cancel","symbol":"BTCUSDT","origClientOrderId":"x1"}'
		echo '{"op":"cancel","symbol":"BTCUSDT","origClientOrderId":"none"}'
		echo '{"op":"cancel-all","symbol":"ETHUSDT"}'
		echo '{"op":"sell everything","symbol":"ETHUSDT"}'
		market BUY 0.01 NOSUCHUSDT x4
		echo '{"e":"bf.reject","by":"bf-risk","rule":"max-lev","intent":{}}'
	} >"$T/lines"
	run --separate-stderr bf-order <"$T/lines"
	[ "$status" -eq 1 ]
	outcomes 11
	is -s '(map(select(.e == "bf.reject" and .by == "bf-risk")) | length) == 1 and
		(map(select(.rule == "duplicate-id")) | length) == 1 and (map(select(.rule == "quantityPrecision")) | length) == 1 and
		(map(select(.code == -1121)) | length) == 1 and (map(select(.code == 200)) | length) == 1 and
		(map(select(.code == -2011)) | length) == 1 and (map(select(.rule == "intent")) | length) == 1 and
		(map(select(.orderId)) | length) == 4' <<<"$output"
	[ "$(seen POST /fapi/v1/order)" -eq 2 ]
}
