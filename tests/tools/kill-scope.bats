#!/usr/bin/env bats
# What bf-kill stops and what it leaves: levels, symbols, sides, markets.

setup() { load ../helper; load ../kill; home; }
teardown() { home_end; }

both() {	# positions and orders of both kinds in both markets
	sim --account 1000000 --balance coinm.BTC=10 --position BTCUSDT:0.5 --position ETHUSDT:-3 --position BTCUSD_PERP:-40
}
orders_of_both() {
	limit fapi BTCUSDT BUY 0.01 59000
	limit fapi SOLUSDT BUY 1 149
	limit dapi BTCUSD_PERP SELL 1 61000
	stop fapi BTCUSDT SELL 55000 closePosition=true
	stop dapi BTCUSD_PERP BUY 65000 closePosition=true
}

@test "both markets: orders, conditional orders and positions of both are gone, and proven gone" {
	both
	orders_of_both
	run --separate-stderr bf-kill
	[ "$status" -eq 0 ]
	[ "$(steps)" = "latch cancel flatten proof end" ]
	[ "$(held)" = "" ]
	[ "$(open_orders)" = "" ]
	[ "$(open_algos)" = "" ]
	last '[.flat, (.left | length), .blockedMs <= .cancelledMs, .cancelledMs <= .flatMs, .flatMs <= .ms]' | is '. == [true,0,true,true,true]'
	[ "$(of cancel .market | tr ' ' '\n' | sort -u | paste -sd' ')" = "coinm usdm" ]
}

@test "--market narrows it to one; the latch is of the profile all the same" {
	both
	orders_of_both
	run --separate-stderr bf-kill --market coinm
	[ "$status" -eq 0 ]
	[ "$(held)" = "BTCUSDT:BOTH:0.5 ETHUSDT:BOTH:-3" ]
	[ "$(open_orders)" = "BTCUSDT:BUY SOLUSDT:BUY" ]
	[ "$(open_algos)" = "BTCUSDT:SELL" ]
	[ "$(seen GET /fapi/v1/openOrders)" -eq 1 ]	# the test's own
	[ -e "$(latch)" ]
}

@test "a market that does not answer keeps the other from nothing, but nothing is proven" {
	both
	orders_of_both
	fault 'on GET /dapi/v1/positionRisk: reply=502/html'
	run --separate-stderr bf-kill --max-time 2
	[ "$status" -eq 3 ]
	[ "$(last .flat)" = false ]
	[ "$(last '.left[] | "\(.market) \(.kind)"')" = "coinm positions" ]
	curl -sS --noproxy '*' -X DELETE "$SIM_REST/sim/v1/faults" | is .ok
	[ "$(held)" = "BTCUSD_PERP:BOTH:-40" ]
	[ "$(open_orders)$(open_algos)" = "" ]
}

@test "each market refused its key: the other is done, and the status is that of the key" {
	both
	fault 'on * /dapi/v1/openOrders: reply=401/-2015'
	fault 'on * /dapi/v1/openAlgoOrders: reply=401/-2015'
	fault 'on * /dapi/v1/positionRisk: reply=401/-2015'
	run --separate-stderr bf-kill
	[ "$status" -eq 5 ]
	[ "$(last .flat)" = false ]
	curl -sS --noproxy '*' -X DELETE "$SIM_REST/sim/v1/faults" | is .ok
	[ "$(held)" = "BTCUSD_PERP:BOTH:-40" ]
}

@test "a profile without COIN-M is USDS-M only" {
	mkdir -p "$XDG_CONFIG_HOME/bf"
	# not this machine's usual address: there COIN-M would be taken to be there too
	printf '[other]\nrest = https://127.0.0.2:9\nws = wss://127.0.0.2:9\n' >"$XDG_CONFIG_HOME/bf/config"
	chmod 600 "$XDG_CONFIG_HOME/bf/config"
	BF_API_KEY=k BF_API_SECRET=s run --separate-stderr bf-kill --profile other --max-time 1
	[ "$status" -eq 3 ]
	[ "$(last '[.left[].market] | unique | join(" ")')" = usdm ]
	[ -e "$XDG_STATE_HOME/bf/other/latch" ]
}

@test "--symbol: only that; the latch of that symbol refuses its orders, others pass" {
	both
	orders_of_both
	run --separate-stderr bf-kill --symbol BTCUSDT --symbol SOLUSDT
	[ "$status" -eq 0 ]
	[ "$(last .flat)" = true ]
	[ "$(held)" = "BTCUSD_PERP:BOTH:-40 ETHUSDT:BOTH:-3" ]
	[ "$(open_orders)" = "BTCUSD_PERP:SELL" ]
	[ "$(open_algos)" = "BTCUSD_PERP:BUY" ]
	[ ! -e "$(latch)" ]
	[ -e "$(latch BTCUSDT)" ]
	[ -e "$(latch SOLUSDT)" ]
	run --separate-stderr bf-order buy BTCUSDT 0.01 market
	[ "$status" -eq 6 ]
	run --separate-stderr bf-order buy BNBUSDT 1 market
	[ "$status" -eq 0 ]
}

@test "--position-side long: orders that open or close a long, by id; those of shorts stay" {
	both
	limit fapi BTCUSDT BUY 0.01 59000
	limit fapi BTCUSDT BUY 0.01 58900
	limit fapi BTCUSDT SELL 0.1 61000 reduceOnly=true
	limit fapi BTCUSDT SELL 0.1 61100
	limit fapi ETHUSDT BUY 0.1 2900 reduceOnly=true
	stop fapi BTCUSDT SELL 55000 closePosition=true
	stop fapi ETHUSDT BUY 3300 closePosition=true
	run --separate-stderr bf-kill --position-side long
	[ "$status" -eq 0 ]
	[ "$(held)" = "BTCUSD_PERP:BOTH:-40 ETHUSDT:BOTH:-3" ]
	[ "$(open_orders)" = "BTCUSDT:SELL ETHUSDT:BUY" ]
	[ "$(open_algos)" = "ETHUSDT:BUY" ]
	[ "$(seen DELETE /fapi/v1/allOpenOrders)" -eq 0 ]
	[ "$(seen DELETE /fapi/v1/batchOrders)" -eq 1 ]
	[ -e "$(latch long)" ]
	run --separate-stderr bf-order buy BNBUSDT 1 market
	[ "$status" -eq 6 ]
	run --separate-stderr bf-order sell BNBUSDT 1 market
	[ "$status" -eq 0 ]
}

@test "hedge mode: both legs, each by its positionSide and without reduceOnly" {
	sim --account 1000000 --hedge --position BTCUSDT:0.5 --position ETHUSDT:-3
	order fapi 'symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.2&positionSide=SHORT'
	limit fapi BTCUSDT BUY 0.01 59000 positionSide=LONG
	stop fapi BTCUSDT SELL 55000 'closePosition=true&positionSide=LONG'
	[ "$(held)" = "BTCUSDT:LONG:0.5 BTCUSDT:SHORT:-0.2 ETHUSDT:SHORT:-3" ]
	run --separate-stderr bf-kill
	[ "$status" -eq 0 ]
	[ "$(held)$(open_orders)$(open_algos)" = "" ]
	[ "$(bf-order journal 2>/dev/null | jq -r 'select(.what == "intent") | .data.intent | [.positionSide, .reduceOnly] | @csv' | sort | paste -sd' ')" = \
		'"LONG", "SHORT", "SHORT",' ]
}

@test "hedge mode, --symbol and --position-side: one leg" {
	sim --account 1000000 --hedge --position BTCUSDT:0.5 --position ETHUSDT:-3
	order fapi 'symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.2&positionSide=SHORT'
	limit fapi BTCUSDT SELL 0.1 61000 positionSide=LONG
	limit fapi BTCUSDT SELL 0.1 62000 positionSide=SHORT
	run --separate-stderr bf-kill --symbol BTCUSDT --position-side long
	[ "$status" -eq 0 ]
	[ "$(held)" = "BTCUSDT:SHORT:-0.2 ETHUSDT:SHORT:-3" ]
	[ "$(open_orders)" = "BTCUSDT:SELL" ]
	[ -e "$(latch BTCUSDT-long)" ]
}

@test "levels: block asks the exchange nothing, cancel leaves positions" {
	both
	orders_of_both
	n=$(grep -c '"what":"request"' "$T/ledger")
	run --separate-stderr bf-kill --level block
	[ "$status" -eq 0 ]
	[ "$(grep -c '"what":"request"' "$T/ledger")" -eq "$n" ]
	[ "$(last .latched)" = true ]
	run --separate-stderr bf-kill --level cancel
	[ "$status" -eq 0 ]
	[ "$(last '"\(.cancelled) \(.flat)"')" = "true false" ]
	[ "$(held)" = "BTCUSDT:BOTH:0.5 BTCUSD_PERP:BOTH:-40 ETHUSDT:BOTH:-3" ]
	[ "$(open_orders)$(open_algos)" = "" ]
}

@test "--status lists the latches of parts; --reset clears the one that is named, and needs a reason" {
	sim
	bf-kill --level block --symbol BTCUSDT --reason "wild" >/dev/null 2>&1
	bf-kill --level block --position-side short --reason "squeeze" >/dev/null 2>&1
	run --separate-stderr bf-kill --status
	[ "$status" -eq 6 ]
	[ "$(of status '.latch // "-"' | tr ' ' '\n' | sort | paste -sd' ')" = "- latch-BTCUSDT latch-short" ]
	[ "$(of status 'select(.latch == "latch-short") | .reason')" = "bf-kill: squeeze" ]
	run --separate-stderr bf-kill --reset --symbol BTCUSDT
	[ "$status" -eq 2 ]
	[ -e "$(latch BTCUSDT)" ]
	run --separate-stderr bf-kill --reset --symbol BTCUSDT --reason "quiet again"
	[ "$status" -eq 0 ]
	[ ! -e "$(latch BTCUSDT)" ]
	[ -e "$(latch short)" ]
	[[ $stderr == *"it had been set by bf-kill: wild"* ]]
	[[ $stderr == *"1 other latch is still set"*"--symbol and --position-side name them"* ]]
	jq -r '"\(.step) \(.symbol) \(.side) \(.reason)"' "$XDG_STATE_HOME/bf/sim/latch.log" >"$T/log"
	diff "$T/log" - <<-'end'
		latch BTCUSDT null wild
		latch null short squeeze
		reset BTCUSDT null quiet again
	end
}

@test "a latch that cannot be looked at: taken as set, and the kill goes on" {
	sim --account 100000 --position BTCUSDT:0.5
	bf-kill --market usdm --level cancel >/dev/null 2>&1
	rm "$(latch)"
	chmod 777 "$XDG_STATE_HOME/bf/sim"
	run --separate-stderr bf-kill --status
	[ "$status" -eq 8 ]
	[[ $stderr == *"taken as latched"* ]]
	run --separate-stderr bf-order buy BTCUSDT 0.01 market
	[ "$status" -ne 0 ]
	[ "$(executed)" -eq 0 ]
	run --separate-stderr bf-kill --journal "$T/journal"
	[ "$status" -eq 8 ]
	[ "$(last .flat)" = true ]
	[ "$(held)" = "" ]
}

@test "wrong words" {
	for words in '--level all' '--position-side both' '--level block --cancel-only' '--on-eof trip' '--disarm' \
		'--status --symbol BTCUSDT' '--deadman 30 --position-side long' '--when true --status' '--positions 3' 'drill --when .' '--when }'; do
		# shellcheck disable=SC2086
		run --separate-stderr bf-kill --profile demo $words </dev/null
		[ "$status" -eq 2 ] || { echo "$words: $status $output $stderr"; false; }
	done
	[ ! -e "$XDG_STATE_HOME/bf/demo/latch" ]
}
