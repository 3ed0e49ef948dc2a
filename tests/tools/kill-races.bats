#!/usr/bin/env bats
# bf-kill killed itself, run twice at once, sent signals: nothing is sent twice, and the next one ends flat.

setup() { load ../helper; load ../kill; home; }
teardown() { home_end; }

# Of bf-kill's orders: each client id was sent once, and executed once at most.
sent_once() {
	jq -s '[.[] | select((.clientOrderId // "") | startswith("bf-kill-"))] | [
		([.[] | select(.what == "request" and .method == "POST").clientOrderId]),
		([.[] | select(.what == "order").clientOrderId])] | map(length == (unique | length)) | all' "$T/ledger" | is '. == true'
}
# What the first one has reached when it is killed: words of the ledger, and how often.
reached() { [ "$(grep -c -- "$1" "$T/ledger")" -ge "$2" ]; }

@test "killed at five points and run again: flat, and each order was sent once" {
	local point
	for point in latch 'GET","path":"/fapi/v1/openOrders' 'DELETE","path":"/fapi/v1/allOpenOrders' '"what":"fill"' 'POST","path":"/dapi/v1/order'; do
		sim --account 1000000 --balance coinm.BTC=10 --position BTCUSDT:0.5 --position ETHUSDT:-3 --position BTCUSD_PERP:-40 \
			--fault 'on POST order: net=delay=300' --fault 'on DELETE allOpenOrders: net=delay=300' --fault 'on GET openOrders: net=delay=50'
		limit fapi BTCUSDT BUY 0.01 59000
		: >"$T/ledger"
		echo 'recv_window = 500' >>"$XDG_CONFIG_HOME/bf/profiles/sim"
		bf-kill --lag-budget 500 >"$T/out" 2>"$T/err" 3>&- &
		pid=$!
		if [ "$point" = latch ]; then
			wait_for test -e "$(latch)"
		else
			wait_for reached "$point" 1
		fi
		kill -9 "$pid"
		wait "$pid" || true
		run --separate-stderr bf-kill --lag-budget 500
		[ "$status" -eq 0 ] || { echo "$point: $output $stderr"; false; }
		[ "$(last .flat)" = true ]
		[ "$(held)$(open_orders)" = "" ] || { echo "$point"; false; }
		sent_once || { echo "$point"; false; }
		kill "$SIM_PID"
		wait "$SIM_PID" || true
		rm -rf "$XDG_STATE_HOME/bf"
	done
}

@test "two at once: both prove it flat, no position is turned over" {
	sim --account 1000000 --position BTCUSDT:0.5 --position ETHUSDT:-3 --position SOLUSDT:20
	limit fapi BTCUSDT BUY 0.01 59000
	# what the other one had refused is looked up until it is proven absent
	echo 'recv_window = 500' >>"$XDG_CONFIG_HOME/bf/profiles/sim"
	bf-kill --lag-budget 500 --reason one >"$T/one" 2>/dev/null 3>&- &
	pid=$!
	run --separate-stderr bf-kill --lag-budget 500 --reason two
	[ "$status" -eq 0 ]
	wait "$pid"
	tail -n 1 "$T/one" | is .flat
	[ "$(last .flat)" = true ]
	[ "$(held)$(open_orders)" = "" ]
	sent_once
	jq -s '[.[] | select(.what == "fill") | .qty | tonumber] | add' "$T/ledger" | is '. == 23.5'
}

@test "SIGHUP and SIGUSR1 change nothing; SIGTERM ends it after what is in flight, and says what is left" {
	sim --account 1000000 --position BTCUSDT:0.5 --position ETHUSDT:-3
	fault 'on POST order#1: net=delay=700'
	fault 'on POST order#2: exec=no net=delay=700 reply=400/-4131'
	bf-kill >"$T/out" 2>"$T/err" 3>&- &
	pid=$!
	wait_for reached '"what":"fill"' 1
	kill -HUP "$pid"
	kill -USR1 "$pid"
	kill -TERM "$pid"
	status=0
	wait "$pid" || status=$?
	[ "$status" -eq 1 ]
	output=$(cat "$T/out")
	last '.flat == false and (.left | length) == 1' | is '. == true'
	grep -q 'NOT proven flat' "$T/err"
	[ "$(of flatten .outcome | tr ' ' '\n' | sort | paste -sd' ')" = "accepted refused" ]
	run --separate-stderr bf-kill
	[ "$status" -eq 0 ]
	[ "$(held)" = "" ]
	sent_once
}
