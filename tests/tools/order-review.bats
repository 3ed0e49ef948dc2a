#!/usr/bin/env bats
# bf-order where money could be risked wrongly: by an option that was passed over, by a cap that
# counted too little, by a price that a stranger told. The ledger of bf-sim is the judge.
# shellcheck disable=SC2154	# stderr: run sets it

setup() {
	load ../helper
	load ../simclient
	home
}
teardown() { home_end; }

limit() { printf '{"symbol":"%s","side":"%s","type":"LIMIT","quantity":"%s","price":"%s"%s}\n' "${4:-BTCUSDT}" "$1" "$2" "$3" "${5:+,$5}"; }
market() { printf '{"symbol":"%s","side":"%s","type":"MARKET","quantity":"%s"%s}\n' "${3:-BTCUSDT}" "$1" "$2" "${4:+,$4}"; }
stop() { algo_order "$1" SELL STOP_MARKET "quantity=$2&triggerPrice=$3${4:+&$4}"; }
profile() { printf '%s\n' "$@" >>"$XDG_CONFIG_HOME/bf/profiles/sim"; }
order_it() { run --separate-stderr bf-order "$@"; }
# The client ids that stand, regular and conditional.
standing() {
	{ signed GET /fapi/v1/openOrders; signed GET /fapi/v1/openAlgoOrders; } |
		jq -r '.[] | .clientOrderId // .clientAlgoId' | sort | paste -sd' '
}
rule() { jq -r 'select(.e == "bf.reject").rule' <<<"$output" | paste -sd' '; }

#
# Options that say what is meant
#

@test "cancel-all --algo cancels conditional orders, and no other" {
	sim
	limit_order BTCUSDT BUY 0.01 50000 newClientOrderId=r-1 | is '.orderId > 0'
	stop BTCUSDT 0.01 50000 clientAlgoId=a-1 | is '.algoId > 0'
	order_it cancel-all --algo BTCUSDT
	[ "$status" -eq 0 ]
	[ "$(standing)" = r-1 ]
	stop BTCUSDT 0.01 50000 clientAlgoId=a-2 | is '.algoId > 0'
	order_it cancel-all --algo
	[ "$status" -eq 0 ]
	[ "$(standing)" = r-1 ]
}

@test "cancel-all: --mine and --prefix choose together, and what contradicts is refused" {
	sim
	limit_order BTCUSDT BUY 0.01 50000 newClientOrderId=bf-keep | is '.orderId > 0'
	limit_order BTCUSDT BUY 0.01 50000 newClientOrderId=bf-x1 | is '.orderId > 0'
	limit_order BTCUSDT BUY 0.01 50000 newClientOrderId=other | is '.orderId > 0'
	order_it cancel-all --mine --prefix x- BTCUSDT
	[ "$status" -eq 2 ]
	order_it cancel-all --mine --prefix bf-x BTCUSDT
	[ "$status" -eq 0 ]
	[ "$(standing)" = "bf-keep other" ]
}

@test "an option of another command is refused before anything is sent" {
	sim
	order_it buy BTCUSDT 0.01 @ 50000 --mine
	[ "$status" -eq 2 ]
	order_it cancel BTCUSDT 1 --prefix bf-
	[ "$status" -eq 2 ]
	order_it cancel-all BTCUSDT --since 1d
	[ "$status" -eq 2 ]
	order_it --limit 3 <<<"$(market BUY 0.01)"
	[ "$status" -eq 2 ]
	[ "$(seen POST /fapi/v1/order)" -eq 0 ]
	[ "$(seen DELETE /fapi/v1/allOpenOrders)" -eq 0 ]
}

@test "a modification with the other side than its order is refused, not turned round" {
	sim
	id=$(limit_order BTCUSDT BUY 0.01 50000 | jq .orderId)
	order_it <<<'{"op":"modify","symbol":"BTCUSDT","side":"SELL","orderId":"'"$id"'","quantity":"0.02"}'
	[ "$status" -eq 1 ]
	[[ $output == *BUY* ]]
	[ "$(seen PUT /fapi/v1/order)" -eq 0 ]
	# the caps count a side: it is not taken on trust even where all else is said
	profile 'max_position_notional = 100000'
	order_it <<<'{"op":"modify","symbol":"BTCUSDT","side":"SELL","orderId":"'"$id"'","quantity":"0.02","price":"50000"}'
	[ "$status" -eq 1 ]
	[ "$(seen PUT /fapi/v1/order)" -eq 0 ]
}

#
# Caps
#

@test "a mark price on the pipe moves no cap: whoever writes orders could write it" {
	sim
	profile 'max_order_notional = 200'
	now=$(date +%s%3N)
	order_it <<<'{"e":"markPriceUpdate","E":'"$now"',"s":"BTCUSDT","p":"1"}
'"$(market BUY 0.01)"
	[ "$status" -eq 1 ]
	[ "$(rule)" = max_order_notional ]
	[ "$(executed)" -eq 0 ]
}

@test "max_order_notional: a trailing sell is worth what it is from its activation on" {
	sim
	profile 'max_order_notional = 200'
	order_it <<<'{"symbol":"BTCUSDT","side":"SELL","type":"TRAILING_STOP_MARKET","quantity":"0.003","activatePrice":"100000","callbackRate":"1"}'
	[ "$status" -eq 1 ]
	[ "$(rule)" = max_order_notional ]
	[ "$(jq -r .value <<<"$output")" = 300 ]
}

@test "max_position_notional: orders that were cancelled in the meantime do not count" {
	sim
	profile 'max_position_notional = 1500'
	for i in 1 2 3 4; do
		limit BUY 0.01 50000 BTCUSDT '"newClientOrderId":"a-'"$i"'"'
		printf '{"op":"cancel","symbol":"BTCUSDT","origClientOrderId":"a-%s"}\n' "$i"
	done >"$T/in"
	order_it <"$T/in"
	[ "$status" -eq 0 ]
	[ "$(executed)" -eq 4 ]
	[ "$(standing)" = "" ]
}

@test "max_position_notional: what closes a short may do so first, and then the rest opens" {
	sim --position BTCUSDT:-0.01
	profile 'max_position_notional = 700'
	limit_order BTCUSDT BUY 0.01 50000 reduceOnly=true | is '.orderId > 0'
	order_it <<<"$(limit BUY 0.02 50000)"
	[ "$status" -eq 1 ]
	[ "$(rule)" = max_position_notional ]
	[ "$(jq -r .value <<<"$output")" = 1200 ]
	signed DELETE /fapi/v1/allOpenOrders symbol=BTCUSDT | is '.code == 200'
	order_it <<<"$(limit BUY 0.02 50000)"
	[ "$status" -eq 0 ]
}

@test "max_position_notional: a close-all stop of a short counts for all of it" {
	sim --position BTCUSDT:-0.01
	profile 'max_position_notional = 700'
	algo_order BTCUSDT BUY STOP_MARKET 'closePosition=true&triggerPrice=70000' | is '.algoId > 0'
	order_it <<<"$(limit BUY 0.02 50000)"
	[ "$status" -eq 1 ]
	[ "$(rule)" = max_position_notional ]
}

@test "max_position_notional: what was just sent counts, though the exchange's reads lag behind" {
	sim
	profile 'max_position_notional = 1000'
	rules 'sim lag=1500'
	mkfifo -m 600 "$T/pipe"
	bf-order <"$T/pipe" >"$T/out" 2>"$T/err" 3>&- &
	pid=$!
	exec 8>"$T/pipe"
	limit BUY 0.005 50000 >&8
	wait_for grep -q orderId "$T/out"
	sleep 1.2
	limit BUY 0.01 50000 >&8	# 900: counted on the reading before the first
	sleep 1	# that reading is old now, and one of now would not have the second
	limit BUY 0.005 50000 >&8
	exec 8>&-
	status=0
	wait "$pid" || status=$?
	[ "$status" -eq 1 ]
	[ "$(executed)" -eq 2 ]
}

#
# What could not be proven
#

@test "cancel-all: if what is left cannot be read, that is an unknown outcome" {
	sim
	limit_order BTCUSDT BUY 0.01 50000 | is '.orderId > 0'
	rules 'on GET openOrders: reply=500/empty'
	order_it cancel-all BTCUSDT
	[ "$status" -eq 4 ]
	[ "$(jq .open <<<"$output")" = null ]
	[[ $(jq -r .msg <<<"$output") != *"all open orders are cancelled"* ]]
}

@test "the same order, refused three times for the same reason, is not sent a fourth time" {
	sim --fault 'on POST order: exec=no reply=400/-2019'
	for i in 1 2 3 4 5 6; do market BUY 0.01; done >"$T/in"
	order_it --max-in-flight 1 --batch 1 <"$T/in"
	[ "$status" -eq 1 ]
	[ "$(seen POST /fapi/v1/order)" -eq 3 ]
	[ "$(jq -r .code <<<"$output" | sort | uniq -c | tr -s ' ' | paste -sd,)" = " 6 -2019" ]
	[ "$(rule)" = "repeated repeated repeated" ]
	# another order is another matter, and so is what reduces risk
	{ for i in 1 2 3; do market BUY 0.01; done; market BUY 0.02
	  for i in 1 2 3 4; do market SELL 0.01 BTCUSDT '"reduceOnly":true'; done; } >"$T/in"
	order_it --max-in-flight 1 --batch 1 <"$T/in"
	[ "$(seen POST /fapi/v1/order)" -eq $((3 + 3 + 1 + 4)) ]
}

#
# Who writes, and who reads
#

@test "an input that another user owns is refused: he may write orders into it" {
	[ "$(id -u)" -eq 0 ] || skip "only root can give a file away"
	sim
	market BUY 0.01 >"$T/intents"
	chmod 600 "$T/intents"
	chown 65534 "$T/intents"
	order_it <"$T/intents"
	[ "$status" -eq 2 ]
	[[ $stderr == *"another user"* ]]
	[ "$(executed)" -eq 0 ]
}

@test "no order leaves for a reader that was a socket and has gone" {
	sim
	run --separate-stderr "$BF_PEERS/deafout" bf-order <<<"$(market BUY 0.01)"
	[ "$status" -eq 8 ]
	[[ $stderr == *"has gone"* ]]
	[ "$(executed)" -eq 0 ]
}

#
# Where the clock is wrong
#

@test "a wall clock that is days off hides no order of an earlier run, and no id" {
	sim --start 2026-06-01T12:00:00Z --fault 'on POST order: exec=yes net=stall=60000'
	bf-order <<<"$(market BUY 0.01 BTCUSDT '"newClientOrderId":"a-1"')" >"$T/out" 2>"$T/err" 3>&- &
	pid=$!
	wait_for grep -q '"what":"order"' "$T/ledger"
	kill -9 "$pid"
	wait "$pid" || true
	rm -f "$XDG_STATE_HOME"/bf/sim/clock.json	# the offset is not known: measured first
	order_it <<<"$(market BUY 0.01 BTCUSDT '"newClientOrderId":"a-1"')"
	[ "$(jq -r 'select(.e == "bf.recovered").clientOrderId' <<<"$output")" = a-1 ]
	[ "$(rule)" = duplicate-id ]
	[ "$(executed)" -eq 1 ]
}

@test "a signal while earlier orders are looked up: the order that was asked for has its outcome, refused" {
	sim --fault 'on POST order#1: exec=yes net=stall=60000'
	bf-order <<<"$(market BUY 0.01)" >"$T/out" 2>"$T/err" 3>&- &
	pid=$!
	wait_for grep -q '"what":"order"' "$T/ledger"
	kill -9 "$pid"
	wait "$pid" || true
	rules 'on GET order: reply=500/empty'
	bf-order --resolve-timeout 3 --output ndjson buy BTCUSDT 0.02 market >"$T/out" 2>"$T/err" 3>&- &
	pid=$!
	wait_for grep -q 'looking up' "$T/err"
	kill -TERM "$pid"
	status=0
	wait "$pid" || status=$?
	[ "$status" -eq 4 ]
	[ "$(jq -r 'select(.e == "bf.error") | .outcome + .intent.quantity' "$T/out")" = refused0.02 ]
	[ "$(executed)" -eq 1 ]
}

#
# Caps in the units of each market and mode
#

@test "max_position_notional in hedge mode: the larger leg counts, and neither offsets the other" {
	sim --hedge
	order_it <<<"$(market BUY 0.01; market SELL 0.02)"
	[ "$status" -eq 0 ]
	profile 'max_position_notional = 1500'
	order_it <<<"$(market BUY 0.02)"
	[ "$status" -eq 1 ]
	[ "$(jq -r .value <<<"$output")" = 1800 ]
	order_it <<<"$(market BUY 0.01; market SELL 0.01)"
	[ "$status" -eq 1 ]
	[ "$(jq -r 'select(.e == "bf.reject").value' <<<"$output")" = 1800 ]
	order_it <<<"$(market BUY 0.02 BTCUSDT '"reduceOnly":true')"
	[ "$status" -eq 0 ]
}

@test "caps of COIN-M are in USD: contracts times their size" {
	sim --balance coinm.BTC=1
	profile 'max_position_notional = 500' 'max_order_notional = 400'
	order_it <<<"$(market BUY 5 BTCUSD_PERP)"
	[ "$status" -eq 1 ]
	[ "$(jq -r '.rule + " " + .value' <<<"$output")" = "max_order_notional 500" ]
	order_it <<<"$(market BUY 4 BTCUSD_PERP; market BUY 2 BTCUSD_PERP)"
	[ "$status" -eq 1 ]
	[ "$(jq -r 'select(.e == "bf.reject") | .rule + " " + .value' <<<"$output")" = "max_position_notional 600" ]
	[ "$(executed)" -eq 1 ]
}

@test "a modification at the cap may change the price, and may not grow" {
	sim
	profile 'max_position_notional = 700'
	id=$(limit_order BTCUSDT BUY 0.01 50000 | jq .orderId)
	order_it modify BTCUSDT "$id" @ 51000
	[ "$status" -eq 0 ]
	order_it modify BTCUSDT "$id" 0.02
	[ "$status" -eq 1 ]
	[[ $stderr == *1200* ]]
	[ "$(seen PUT /fapi/v1/order)" -eq 1 ]
}

@test "where the time could not be had at the start, earlier orders are looked up before the first new one" {
	sim --start 2026-06-01T12:00:00Z --fault 'on POST order#1: exec=yes net=stall=60000'
	bf-order <<<"$(market BUY 0.01 BTCUSDT '"newClientOrderId":"a-1"')" >"$T/out" 2>"$T/err" 3>&- &
	pid=$!
	wait_for grep -q '"what":"order"' "$T/ledger"
	kill -9 "$pid"
	wait "$pid" || true
	rm -f "$XDG_STATE_HOME"/bf/sim/clock.json
	rules 'on GET time*12: reply=500/empty'
	mkfifo -m 600 "$T/pipe"
	bf-order <"$T/pipe" >"$T/out" 2>"$T/err" 3>&- &
	pid=$!
	exec 8>"$T/pipe"
	stands() { market BUY 0.02 >&8; sleep 0.2; grep -q '"orderId"' <(grep -v bf.recovered "$T/out"); }
	wait_for stands
	exec 8>&-
	wait "$pid" || true
	[ "$(grep -n bf.recovered "$T/out" | head -n 1 | cut -d: -f1)" -lt "$(grep -n '^{"orderId"' "$T/out" | head -n 1 | cut -d: -f1)" ]
}

#
# The journal
#

@test "a journal that two profiles share: what is of the other is not looked up here, nor called absent" {
	sim_as first --fault 'on POST order: exec=yes net=stall=60000'
	bf-order --journal "$T/both.ndjson" <<<"$(market BUY 0.01)" >"$T/out" 2>"$T/err" 3>&- &
	pid=$!
	wait_for grep -q '"what":"order"' "$T/ledger"
	kill -9 "$pid"
	wait "$pid" || true
	sim_as second
	order_it --journal "$T/both.ndjson" --lag-budget 1 recover
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[[ $stderr == *"profile first"* ]]
	run ! grep -q '"what":"absent"' "$T/both.ndjson"
	order_it --journal "$T/both.ndjson" --profile first recover
	[ "$status" -eq 0 ]
	[ "$(jq -r .outcome <<<"$output")" = result ]
}

@test "what a cancel-all or a rounded stop leaves in the journal can be read back" {
	sim --fault 'on DELETE allOpenOrders: exec=yes net=stall=60000' --fault 'on DELETE algoOpenOrders: exec=yes net=stall=60000' \
		--fault 'on POST algoOrder: exec=yes net=stall=60000'
	echo 'recv_window = 400' >>"$XDG_CONFIG_HOME/bf/profiles/sim"
	bf-order --round >"$T/out" 2>"$T/err" 3>&- <<<'{"op":"cancel-all","symbol":"ETHUSDT","algo":false}
{"symbol":"BTCUSDT","side":"SELL","type":"STOP_MARKET","quantity":"0.01","triggerPrice":"50000.03","stopPrice":"0","newClientOrderId":"s-1"}' &
	pid=$!
	wait_for grep -q '"path":"/fapi/v1/algoOrder"' "$T/ledger"
	wait_for grep -q '"path":"/fapi/v1/algoOpenOrders"' "$T/ledger"
	kill -9 "$pid"
	wait "$pid" || true
	order_it --lag-budget 1 recover
	[[ $output$stderr != *"cannot be read"* ]]
	[ "$(jq -r 'select(.clientOrderId == "s-1").outcome' <<<"$output")" = result ]
}

@test "an intent of more than 64 KiB is refused, and the next one goes" {
	sim
	{ market BUY 0.01 BTCUSDT '"note":"'"$(head -c 70000 /dev/zero | tr '\0' x)"'"'; market BUY 0.01; } >"$T/in"
	order_it <"$T/in"
	[ "$status" -eq 1 ]
	[ "$(rule)" = intent ]
	[ "$(executed)" -eq 1 ]
}
