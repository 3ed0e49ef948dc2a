#!/usr/bin/env bats
# bf-kill against bf-sim. That all is flat is read from the simulator.

setup() { load ../helper; home; }
teardown() { home_end; }

steps() { jq -r .step <<<"$output" | uniq | paste -sd' '; }
last() { tail -n 1 <<<"$output" | jq -r "$1"; }
orders() { bf-order "$@" >/dev/null 2>&1; }
latch() { echo "$XDG_STATE_HOME/bf/sim/latch"; }
profile() { printf '%s\n' "$@" >>"$XDG_CONFIG_HOME/bf/profiles/sim"; }
positions() { bf-position --jq 'select(.e == "bf.position")' 2>/dev/null | wc -l; }

@test "without a chosen profile nothing is done, and it is said how to choose one" {
	run --separate-stderr bf-kill
	[ "$status" -eq 2 ]
	[ -z "$output" ]
	[[ $stderr == *--profile* ]]
}

@test "two positions and open orders: latched, cancelled, flattened, proven" {
	sim --account 100000 --position BTCUSDT:0.5 --position ETHUSDT:-3
	orders buy BTCUSDT 0.01 @ 59000
	orders sell ETHUSDT 0.1 @ 3100
	orders buy SOLUSDT 1 @ 149
	run --separate-stderr bf-kill --reason drill
	[ "$status" -eq 0 ]
	[ "$(steps)" = "latch cancel flatten proof end" ]
	[ "$(last '.flat')" = true ]
	[ "$(jq -s '[.[] | select(.step == "cancel")] | length' <<<"$output")" -eq 3 ]
	[ "$(jq -s '[.[] | select(.step == "flatten")] | length' <<<"$output")" -eq 2 ]
	[ "$(positions)" -eq 0 ]
	[ -e "$(latch)" ]
}

@test "the flattening orders only reduce, are journalled, and are sent once" {
	sim --account 100000 --position BTCUSDT:0.5
	run --separate-stderr bf-kill
	[ "$status" -eq 0 ]
	[ "$(seen POST /fapi/v1/order)" -eq 1 ]
	[ "$(executed)" -eq 1 ]
	[ "$(bf-order journal 2>/dev/null | jq -r 'select(.what == "intent") | .data.intent.reduceOnly')" = true ]
}

@test "to run it again changes nothing" {
	sim --account 100000 --position BTCUSDT:0.5
	bf-kill --reason first >/dev/null 2>&1
	n=$(executed)
	run --separate-stderr bf-kill --reason second
	[ "$status" -eq 0 ]
	[ "$(steps)" = "latch proof end" ]
	[ "$(executed)" -eq "$n" ]
	[[ $(head -n 1 <<<"$output") == *first* ]]
}

@test "a position larger than one market order is closed in parts; a thin book is not called flat" {
	sim --account 1000000000 --position DOGEUSDT:45000000
	run --separate-stderr bf-kill --max-time 1
	[ "$(jq -r 'select(.step == "flatten").quantity' <<<"$output" | head -n 2 | paste -sd' ')" = "30000000 15000000" ]
	[ "$status" -eq 1 ]
	[ "$(last .flat)" = false ]
}

@test "the latch is set first, though the exchange is not there" {
	sim
	kill -9 "$SIM_PID"
	wait "$SIM_PID" || true
	run --separate-stderr bf-kill --max-time 1 --reason dark
	[ "$status" -eq 3 ]
	[ "$(last '.flat')" = false ]
	[[ $stderr == *"NOT proven"* ]]
	[ -e "$(latch)" ]
}

@test "the latch is set first, though the key cannot be read" {
	sim
	mkdir -p "$XDG_CONFIG_HOME/bf"
	printf '[other]\nrest = %s\nws = %s\nkey_file = %s\n' "$SIM_REST" "$SIM_WS" "$T/none" >"$XDG_CONFIG_HOME/bf/config"
	chmod 600 "$XDG_CONFIG_HOME/bf/config"
	run --separate-stderr bf-kill --profile other
	[ "$status" -ne 0 ]
	[ "$(last '.flat')" = false ]
	[ -e "$XDG_STATE_HOME/bf/other/latch" ]
	[ ! -e "$(latch)" ]
}

@test "--latch-only asks the exchange nothing; the latch refuses orders until --reset" {
	sim
	requests=$(grep -c '"what":"request"' "$T/ledger" || true)
	run --separate-stderr bf-kill --latch-only --reason "lunch"
	[ "$status" -eq 0 ]
	[ "$(last '.latched')" = true ]
	[ "$(grep -c '"what":"request"' "$T/ledger" || true)" -eq "$requests" ]
	run --separate-stderr bf-order buy ETHUSDT 0.01 market
	[ "$status" -eq 6 ]
	run --separate-stderr bf-kill --reset --reason mended
	[ "$status" -eq 0 ]
	[[ $stderr == *lunch* ]]
	run --separate-stderr bf-order buy ETHUSDT 0.01 market
	[ "$status" -eq 0 ]
}

@test "--status tells by its exit status, --reset of nothing is fine" {
	sim
	run --separate-stderr bf-kill --status
	[ "$status" -eq 0 ]
	[ "$(last '.latched')" = false ]
	bf-kill --latch-only --reason "lunch" >/dev/null 2>&1
	run --separate-stderr bf-kill --status
	[ "$status" -eq 6 ]
	[ "$(last '.latched')" = true ]
	[[ $(last .reason) == *lunch* ]]
	bf-kill --reset --reason mended >/dev/null 2>&1
	run --separate-stderr bf-kill --reset --reason mended
	[ "$status" -eq 0 ]
	run --separate-stderr bf-kill --status
	[ "$status" -eq 0 ]
}

@test "only one of the modes" {
	run --separate-stderr bf-kill --profile sim --status --reset
	[ "$status" -eq 2 ]
	run --separate-stderr bf-kill now
	[ "$status" -eq 2 ]
}

@test "--cancel-only leaves positions alone" {
	sim --account 100000 --position BTCUSDT:0.5
	orders buy BTCUSDT 0.01 @ 59000
	run --separate-stderr bf-kill --cancel-only
	[ "$status" -eq 0 ]
	[ "$(last '"\(.cancelled) \(.flat)"')" = "true false" ]
	[ "$(positions)" -eq 1 ]
	[ "$(seen POST /fapi/v1/order)" -eq 1 ]
}

@test "a flattening order without an answer is looked up, not sent again" {
	sim --account 100000 --position BTCUSDT:0.5 --fault 'on POST order#1: exec=yes net=rst'
	run --separate-stderr bf-kill
	[ "$status" -eq 0 ]
	[ "$(seen POST /fapi/v1/order)" -eq 1 ]
	[ "$(last .flat)" = true ]
}

@test "a cancel without an answer is settled by looking" {
	sim --account 100000 --fault 'on DELETE allOpenOrders#1: exec=no reply=503/unknown'
	orders buy BTCUSDT 0.01 @ 59000
	run --separate-stderr bf-kill
	[ "$status" -eq 0 ]
	[ "$(jq -r 'select(.step == "cancel").outcome' <<<"$output" | paste -sd' ')" = "unknown accepted" ]
}

@test "an order of a killed bf-order is settled before there is a proof" {
	sim --account 100000 --fault 'on POST order#1: exec=late=1200 net=stall'
	bf-order buy ETHUSDT 0.5 market >/dev/null 2>&1 3>&- &
	pid=$!
	wait_for grep -q POST "$T/ledger"
	kill -9 "$pid"
	wait "$pid" || true
	run --separate-stderr bf-kill
	[ "$status" -eq 0 ]
	[[ $output == *bf.recovered* ]]
	[ "$(last .flat)" = true ]
	[ "$(positions)" -eq 0 ]
	[ "$(executed)" -eq 2 ]
}

@test "an exchange that does not answer for a position: not proven" {
	sim --account 100000 --position BTCUSDT:0.5 --fault 'on GET positionRisk: reply=502/html'
	run --separate-stderr bf-kill --max-time 1
	[ "$status" -eq 3 ]
	[ "$(last .flat)" = false ]
}

@test "a definite refusal is not called flat" {
	sim --account 100000 --position BTCUSDT:0.5 --fault 'on POST order: exec=no reply=400/-2022'
	run --separate-stderr bf-kill --max-time 1
	[ "$status" -eq 1 ]
	[ "$(last .flat)" = false ]
	[[ $stderr == *"NOT proven"* ]]
}

@test "no reader, a full disk, a closed output: it goes on" {
	sim --account 100000 --position BTCUSDT:0.5
	run --separate-stderr bash -c 'bf-kill >/dev/full'
	[ "$status" -eq 8 ]
	[ "$(positions)" -eq 0 ]
	bf-kill --reset --reason mended >/dev/null 2>&1
	orders buy BTCUSDT 0.01 market
	[ "$(positions)" -eq 1 ]
	{ bf-kill 2>"$T/err" || echo $? >"$T/status"; } | true
	wait_for test -s "$T/status"
	[ "$(cat "$T/status")" -eq 8 ]
	[ "$(positions)" -eq 0 ]
	bf-kill --reset --reason mended >/dev/null 2>&1
	orders buy BTCUSDT 0.01 market
	run --separate-stderr bash -c 'bf-kill >&-'
	[ "$status" -eq 8 ]
	[ "$(positions)" -eq 0 ]
}

@test "state that cannot be used does not stop it" {
	sim --account 100000 --position BTCUSDT:0.5
	orders buy BTCUSDT 0.01 @ 59000
	rm -r "$XDG_STATE_HOME/bf/.limits"
	: >"$XDG_STATE_HOME/bf/.limits"
	rm -f "$XDG_STATE_HOME/bf/sim/clock.json"
	mkfifo "$XDG_STATE_HOME/bf/sim/clock.json"
	run --separate-stderr bf-kill
	[ "$status" -eq 8 ]
	[ "$(last '.flat')" = true ]
	[[ $stderr == *limits*"going on"* ]]
	rm "$XDG_STATE_HOME/bf/.limits"
	[ "$(positions)" -eq 0 ]
}

@test "a table for people" {
	sim --account 100000 --position BTCUSDT:0.5
	run --separate-stderr bf-kill -o table
	[ "$status" -eq 0 ]
	# a table for each kind of step, none wider than a terminal
	[ "$(grep -c ^STEP <<<"$output")" -eq 4 ]
	[[ $output == *LATCHED*POSITION*QUANTITY*UNSETTLED*"BLOCKED MS"*"CANCELLED MS"*"FLAT MS"* ]]
	[[ $output == *flatten*BTCUSDT*market*accepted*end*true* ]]
	[ "$(wc -L <<<"$output")" -le 80 ]
	[[ $stderr == *"proven flat: blocked after "*", cancelled after "*", flat after "*" requests"* ]]
}

@test "the table of --status shows the reason" {
	sim
	bf-kill --latch-only --reason lunch >/dev/null 2>&1
	run --separate-stderr bf-kill --status -o table
	[ "$status" -eq 6 ]
	[[ ${lines[1]} == *true*lunch* ]]
}

@test "the examples of the page run" {
	sim --account 100000 --position BTCUSDT:0.5
	bf-kill --profile sim --reason "news" && echo flat
	run bf-kill --profile sim --status
	[ "$status" -eq 6 ]
	bf-kill --profile sim --reset --reason "quiet again"
}
