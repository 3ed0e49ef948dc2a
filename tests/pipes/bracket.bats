#!/usr/bin/env bats
# examples/order-bracket: an entry, its stop and its take profit, run again after accidents.

setup() {
	load ../helper
	home
	bracket=$BATS_TEST_DIRNAME/../../examples/order-bracket
}
teardown() { home_end; }

# sent ENTRIES EXITS: so many of each came to the exchange.
sent() {
	[ "$(seen POST /fapi/v1/order)" -eq "$1" ] && [ "$(seen POST /fapi/v1/algoOrder)" -eq "$2" ] ||
		{ echo "$(seen POST /fapi/v1/order) entries, $(seen POST /fapi/v1/algoOrder) exits"; return 1; }
}
do_sim() { curl -sS --noproxy '*' -d "$1" "$SIM_REST/sim/v1/do" | is .ok; }
flat() { [ -z "$(bf-position --jq 'select(.e == "bf.position") | .positionAmt' 2>/dev/null || echo not known)" ]; }

@test "a bracket: three orders, and a second run sends nothing" {
	sim
	run --separate-stderr "$bracket" b1 ETHUSDT buy 0.1 market 2800 3300
	[ "$status" -eq 0 ] || { echo "$output"; echo "$stderr"; false; }
	[ "${lines[0]}" = "b1-entry accepted: FILLED" ]
	[ "${lines[1]}" = "b1-stop accepted: NEW" ]
	[ "${lines[2]}" = "b1-profit accepted: NEW" ]
	sent 1 2
	bf-order open ETHUSDT 2>/dev/null | is -s 'map([.clientAlgoId, .side, .triggerPrice, .closePosition, .workingType]) ==
		[["b1-stop", "SELL", "2800.00", true, "MARK_PRICE"], ["b1-profit", "SELL", "3300.00", true, "MARK_PRICE"]]'
	run --separate-stderr "$bracket" b1 ETHUSDT buy 0.1 market 2800 3300
	[ "$status" -eq 0 ] || { echo "$output"; echo "$stderr"; false; }
	[[ ${lines[0]} == "b1-entry accepted: FILLED, in an earlier run" ]]
	[[ ${lines[2]} == "b1-profit accepted: NEW, in an earlier run" ]]
	sent 1 2
}

@test "the stop closes the position" {
	sim
	"$bracket" b2 ETHUSDT sell 0.1 market 3100 2700
	run ! flat
	do_sim 'mark=3101 ETHUSDT'
	wait_for flat
}

@test "after a run that died behind the entry only the exits are sent" {
	sim
	echo '{"symbol":"ETHUSDT","side":"BUY","type":"LIMIT","quantity":"0.1","price":"2900","newClientOrderId":"b3-entry"}' |
		bf-order >/dev/null
	run --separate-stderr "$bracket" b3 ETHUSDT buy 0.1 2900 2800 3300
	[ "$status" -eq 0 ] || { echo "$output"; echo "$stderr"; false; }
	[ "${lines[0]}" = "b3-entry accepted: NEW, in an earlier run" ]
	sent 1 2
}

@test "an entry whose answer is lost is looked up, and then guarded" {
	sim --fault 'on POST order#1: exec=yes net=rst'
	run --separate-stderr "$bracket" b4 ETHUSDT buy 0.1 market 2800 3300
	[ "$status" -eq 0 ] || { echo "$output"; echo "$stderr"; false; }
	[ "${lines[0]}" = "b4-entry accepted: FILLED" ]
	sent 1 2
}

@test "an entry that is refused has no exits, then or later" {
	sim --account 10
	for again in 1 2; do
		run --separate-stderr "$bracket" b5 ETHUSDT buy 10 2900 2800 3300
		[ "$status" -eq 1 ]
		[[ ${lines[0]} == "b5-entry refused: "* ]]
		[ "${#lines[@]}" -eq 1 ]
		sent 1 0
	done
}

@test "an exit that is refused is said" {
	sim
	run --separate-stderr "$bracket" b6 ETHUSDT buy 0.1 market 3500 3600	# the stop would trigger at once
	[ "$status" -eq 1 ]
	[[ ${lines[1]} == "b6-stop refused: "*-2021* ]]
	[ "${lines[2]}" = "b6-profit accepted: NEW" ]
	[[ $stderr == *"the position has no stop"* ]]
}

@test "wrong words are a usage error, a bf-order that cannot start is its own exit status" {
	run --separate-stderr "$bracket" b7 ETHUSDT long 0.1 market 2800 3300
	[ "$status" -eq 2 ]
	run --separate-stderr "$bracket" b7
	[ "$status" -eq 2 ]
	[[ $stderr == "usage: order-bracket NAME"* ]]
	run --separate-stderr "$bracket" b7 ETHUSDT buy 0.1 market 2800 3300	# no profile
	[ "$status" -eq 2 ]
	[[ $stderr == *--profile* ]]
}
