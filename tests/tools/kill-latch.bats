#!/usr/bin/env bats
# The latch is honoured by the other tools while they run, and bf-kill ends what bf-risk has tripped.

setup() { load ../helper; load ../kill; home; }
teardown() { home_end; }

big='{"symbol":"ETHUSDT","side":"BUY","type":"MARKET","quantity":"0.2"}'
exit='{"symbol":"ETHUSDT","side":"SELL","type":"MARKET","quantity":"0.1","reduceOnly":true}'
answers() { [ "$(wc -l <"$T/out")" -ge "$1" ]; }
# piped COMMAND...: it reads what is written to fd 8.
piped() {
	mkfifo "$T/pipe"
	"$@" <"$T/pipe" >"$T/out" 2>"$T/err" 3>&- 9>&- &
	pid=$!
	exec 8>"$T/pipe"
}
ended() { exec 8>&-; status=0; wait "$pid" || status=$?; }

@test "bf-order with an open pipe: what adds risk is refused from then on, an exit passes, a reset opens it" {
	sim --account 1000000 --position ETHUSDT:3
	piped bf-order
	echo "$big" >&8
	wait_for answers 1
	bf-kill --level block --reason fire 2>/dev/null
	echo "$big" >&8
	echo "$exit" >&8
	wait_for answers 3
	bf-kill --reset --reason out 2>/dev/null
	echo "$big" >&8
	ended
	[ "$status" -eq 6 ]
	jq -cs 'map(.rule // .side)' "$T/out" | is '. == ["BUY","kill-latch","SELL","BUY"]'
	[ "$(executed)" -eq 3 ]
}

@test "an order that waits its turn on the desk does not leave after the latch; the exit beside it does" {
	sim --account 1000000 --position ETHUSDT:3 --fault 'on POST order#1: net=delay=1500'
	piped bf-order
	printf '%s\n' "$big" "$big" >&8
	wait_for grep -q '"method":"POST"' "$T/ledger"
	bf-kill --level block --symbol ETHUSDT --reason fire 2>/dev/null
	echo "$exit" >&8
	ended
	[ "$status" -eq 6 ]
	jq -cs 'map(.rule // .side) | sort' "$T/out" | is '. == ["BUY","SELL","kill-latch"]'
	[ "$(executed)" -eq 2 ]
}

@test "bf-risk with an open pipe rejects by the latch of a symbol's side; others and exits pass" {
	sim --account 1000000 --position ETHUSDT:3
	piped bf-risk --max-lev 10
	echo "$big" >&8
	wait_for answers 1
	bf-kill --level block --symbol ETHUSDT --position-side long --reason fire 2>/dev/null
	printf '%s\n' "$big" "$exit" '{"symbol":"BTCUSDT","side":"BUY","type":"MARKET","quantity":"0.01"}' >&8
	ended
	[ "$status" -eq 6 ]
	jq -cs 'map(.rule // "\(.symbol) \(.side)")' "$T/out" | is '. == ["ETHUSDT BUY","kill-latch","ETHUSDT SELL","BTCUSDT BUY"]'
}

@test "bf-position refuses a setting that adds risk, and takes one that does not" {
	sim --account 1000000 --position BTCUSDT:0.5
	bf-kill --level block --symbol BTCUSDT --reason fire 2>/dev/null
	run --separate-stderr bf-position ensure BTCUSDT --leverage 50
	[ "$status" -eq 6 ]
	run --separate-stderr bf-position ensure BTCUSDT --leverage 5
	[ "$status" -eq 0 ]
	run --separate-stderr bf-position ensure ETHUSDT --leverage 50
	[ "$status" -eq 0 ]
}

@test "bf-risk trips, and bf-kill does the rest: by its status, and by its record" {
	sim --account 10000 --position BTCUSDT:0.5
	printf '%s\n' '[max-lev]' 'max = 2' 'action = trip' 'reason = too much' >"$T/r.conf"
	chmod 600 "$T/r.conf"
	price() { printf '{"e":"markPriceUpdate","E":%s,"s":"BTCUSDT","p":"60000"}\n' "$(date +%s000)"; }
	status=0
	bf-risk --rules "$T/r.conf" < <(price) >"$T/orders" 2>"$T/err" || status=$?
	[ "$status" -eq 6 ]
	run --separate-stderr bf-kill --reason "bf-risk tripped"
	[ "$status" -eq 0 ]
	[[ $(of latch .reason) == "bf-risk: "*"too much" ]]
	[ "$(held)" = "" ]
	bf-kill --reset --reason again 2>/dev/null >&2
	order fapi "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.5"
	bf-risk --rules "$T/r.conf" < <(price) 2>"$T/err" | bf-kill --when '.e == "bf.risk" and .action == "trip"' >"$T/out" 2>"$T/err2"
	tail -n 1 "$T/out" | is .flat
	[ "$(held)" = "" ]
}
