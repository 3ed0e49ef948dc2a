#!/usr/bin/env bats
# bf-kill --deadman: the exchange's countdown, kept alive while all is well.

setup() { load ../helper; load ../kill; home; }
teardown() { home_end; }

countdowns() { seen POST "/$1/v1/countdownCancelAll"; }
at_least() { [ "$(countdowns "$1")" -ge "$2" ]; }
says() { grep -q -- "$1" "$T/err"; }
guarded() {
	bf-kill "$@" >"$T/out" 2>"$T/err" 3>&- 8>&- 9>&- &
	pid=$!
}
ended() { status=0; wait "$pid" || status=$?; output=$(cat "$T/out"); stderr=$(cat "$T/err"); }

@test "symbols with open orders of both markets; refreshed at less than a third; what is not covered is said" {
	sim --account 1000000 --balance coinm.BTC=10
	limit fapi BTCUSDT BUY 0.01 59000
	limit dapi BTCUSD_PERP BUY 1 59000
	guarded --deadman 3
	wait_for at_least fapi 4
	wait_for at_least dapi 4
	kill "$pid"
	ended
	[ "$status" -eq 0 ]
	[ "$(of deadman '.outcome' | cut -d' ' -f1)" = armed ]
	head -n 1 <<<"$output" | is '.symbols == ["BTCUSDT","BTCUSD_PERP"] and .countdownMs == 3000 and .notCovered == ["positions","algoOrders"]'
	[[ $stderr == *"does NOT cover positions, nor conditional"* ]]
	[[ $stderr == *"the countdowns run on"* ]]
	# the exchange's own clock between two refreshes
	jq -s '[.[] | select(.path == "/fapi/v1/countdownCancelAll").E] | [.[1:], .[:-1]] | transpose | map(.[0] - .[1]) | max <= 1500' "$T/ledger" | is '. == true'
	jq -r 'select(.path == "/fapi/v1/countdownCancelAll").query' "$T/ledger" | head -n 1 | grep -q 'symbol=BTCUSDT&countdownTime=3000'
}

@test "when it is gone the exchange cancels" {
	sim --account 1000000
	limit fapi BTCUSDT BUY 0.01 59000
	guarded --deadman 3
	wait_for at_least fapi 1
	kill -9 "$pid"
	wait "$pid" || true
	none_open() { [ "$(open_orders)" = "" ]; }
	wait_for none_open
}

@test "--disarm ends the countdowns with it" {
	sim --account 1000000
	limit fapi BTCUSDT BUY 0.01 59000
	guarded --deadman 3 --disarm
	wait_for at_least fapi 1
	kill "$pid"
	ended
	[ "$status" -eq 0 ]
	[[ $stderr == *"are disarmed"* ]]
	jq -r 'select(.path == "/fapi/v1/countdownCancelAll").query' "$T/ledger" | tail -n 1 | grep -q 'countdownTime=0'
	[ "$(of deadman .outcome)" = "armed disarmed" ]
}

@test "an order of another symbol is covered by the next refresh; --symbol covers without an order" {
	sim --account 1000000
	guarded --deadman 3 --symbol SOLUSDT
	wait_for at_least fapi 1
	kill "$pid"
	ended
	head -n 1 <<<"$output" | is '.symbols == ["SOLUSDT"]'
	[ "$(seen GET /fapi/v1/openOrders)" -eq 0 ]
	limit fapi BTCUSDT BUY 0.01 59000
	guarded --deadman 3 --market usdm
	wait_for grep -q '"symbols":\["BTCUSDT"\]' "$T/out"
	limit fapi ETHUSDT BUY 0.1 2900
	wait_for grep -q '"symbols":\["BTCUSDT","ETHUSDT"\]' "$T/out"
	kill "$pid"
	ended
}

@test "a refresh that fails is loud, and tried again at once" {
	sim --account 1000000
	limit fapi BTCUSDT BUY 0.01 59000
	fault 'on POST countdownCancelAll#2: exec=no reply=503/svc'
	guarded --deadman 6
	wait_for says 'COUNTDOWN NOT REFRESHED'
	wait_for says 'refreshed again'
	kill "$pid"
	ended
	[ "$status" -eq 0 ]
	[ "$(of deadman .outcome)" = "armed failed armed" ]
	[ "$(open_orders)" = "BTCUSDT:BUY" ]
}

@test "the latch: nothing is refreshed any more, and the exchange cancels" {
	sim --account 1000000
	limit fapi BTCUSDT BUY 0.01 59000
	guarded --deadman 3
	wait_for at_least fapi 1
	bf-kill --level block --reason stop >/dev/null 2>&1
	wait_for says 'the kill latch is set'
	none_open() { [ "$(open_orders)" = "" ]; }
	wait_for none_open
	kill "$pid"
	ended
	[ "$status" -eq 6 ]
}

@test "records that stop coming: nothing is refreshed" {
	sim --account 1000000
	limit fapi BTCUSDT BUY 0.01 59000
	mkfifo "$T/pipe"
	bf-kill --deadman 3 --when 'false' <"$T/pipe" >"$T/out" 2>"$T/err" 3>&- 9>&- &
	pid=$!
	exec 8>"$T/pipe"
	echo '{}' >&8
	wait_for at_least fapi 1
	wait_for says 'no record has come for 3 s'
	echo '{}' >&8
	wait_for says 'refreshed again'
	kill "$pid"
	exec 8>&-
	ended
	[ "$status" -eq 0 ]
}

@test "a trip beside the countdown: the filter, and a signal" {
	sim --account 1000000 --position BTCUSDT:0.5
	limit fapi BTCUSDT BUY 0.01 59000
	guarded --deadman 30
	wait_for at_least fapi 1
	kill -USR1 "$pid"
	ended
	[ "$status" -eq 0 ]
	[ "$(last .flat)" = true ]
	[ "$(held)$(open_orders)" = "" ]
}

@test "a symbol that is not listed is refused at the start" {
	sim
	run --separate-stderr bf-kill --deadman 30 --symbol NONEUSDT
	[ "$status" -eq 2 ]
	[[ $stderr == *NONEUSDT* ]]
}

@test "which symbols: by what margin their orders take, and the lists of orders only now and then" {
	sim --account 1000000 --balance coinm.BTC=10 --position BNBUSDT:3
	guarded --deadman 3
	wait_for grep -q '"step":"deadman"' "$T/out"
	limit fapi BTCUSDT BUY 0.01 59000
	limit dapi BTCUSD_PERP BUY 1 59000
	wait_for grep -q '"symbols":\["BTCUSDT","BTCUSD_PERP"\]' "$T/out"
	kill "$pid"
	ended
	[ "$(seen GET /fapi/v1/openOrders)" -eq 1 ]
	[ "$(seen GET /dapi/v1/openOrders)" -eq 1 ]
	# BNBUSDT has a position and no orders
	[ "$(jq -r 'select(.path == "/fapi/v1/countdownCancelAll").query' "$T/ledger" | grep -c BNBUSDT)" -eq 0 ]
}

@test "the latch of one symbol: its countdown runs out, the other's does not; an exchange that hangs is loud" {
	sim --account 1000000
	limit fapi BTCUSDT BUY 0.01 59000
	limit fapi ETHUSDT BUY 0.1 2900
	bf-kill --level block --position-side long --reason "the countdown knows no sides" >/dev/null 2>&1
	guarded --deadman 4
	wait_for at_least fapi 2
	bf-kill --level block --symbol BTCUSDT --reason stop >/dev/null 2>&1
	wait_for says 'BTCUSDT: its latch is set (bf-kill: stop): its countdown is NOT refreshed'
	only_eth() { [ "$(open_orders)" = "ETHUSDT:BUY" ]; }
	wait_for only_eth
	fault 'on POST countdownCancelAll: exec=no net=stall'
	wait_for says 'COUNTDOWN NOT REFRESHED: .*timed out'
	kill "$pid"
	ended
	[ "$status" -eq 3 ] || [ "$status" -eq 4 ]
}
