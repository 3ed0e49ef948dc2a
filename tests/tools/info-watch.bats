#!/usr/bin/env bats
# bf-info watch: a record for each change of a contract's rules.

setup() { load ../helper; load ../signed; load ../simclient; home; }
teardown() { home_end; }

# filters JQ: the exchange's own list, changed by that for the symbols in it.
filters() {
	curl -sS --noproxy '*' "$SIM_REST/fapi/v1/exchangeInfo" | jq -c "$1" >"$T/filters.json"
	act "filters=$T/filters.json"
}
# The tick of BTCUSDT is to be 0.50.
wider() { filters '.symbols |= map(select(.symbol == "BTCUSDT") | (.filters[] | select(.filterType == "PRICE_FILTER") | .tickSize) = "0.50")'; }

@test "the first look only keeps, and says so; the next tells what changed, the one after nothing" {
	sim
	run --separate-stderr bf-info watch --count 1
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[[ $stderr == *"are kept"* ]]
	run --separate-stderr bf-info watch --count 1
	[ "$status" -eq 0 ]
	[ -z "$output$stderr" ]
	wider
	act 'status=SETTLING ETHUSDT' 'interval=4 SOLUSDT'
	run --separate-stderr bf-info watch --count 1
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
	has "$output" '.e == "bf.change" and .by == "bf-info" and (.E | type) == "number" and .symbol and .field'
	is -s 'map(select(.field == "tickSize")) == [{e: "bf.change", E: .[0].E, by: "bf-info", symbol: "BTCUSDT",
		field: "tickSize", was: "0.10", is: "0.50"}] or
	    (map(select(.field == "tickSize")) | length == 1 and .[0].was == "0.10" and .[0].is == "0.50" and .[0].symbol == "BTCUSDT")' <<<"$output"
	is -s 'any(.[]; .symbol == "ETHUSDT" and .field == "status" and .was == "TRADING" and .is == "SETTLING")' <<<"$output"
	run --separate-stderr bf-info watch --count 1
	[ "$status" -eq 0 ]
	[ -z "$output" ]
}

@test "the funding interval is watched too" {
	sim --clock step --start 2026-01-01T00:00:00Z
	bf-info watch --count 1 2>/dev/null
	act 'interval=4 SOLUSDT'
	step 9h
	run --separate-stderr bf-info watch --count 1
	[ "$status" -eq 0 ]
	is -s 'map(select(.field == "fundingIntervalHours")) | length == 1 and .[0].symbol == "SOLUSDT" and .[0].was == 8 and .[0].is == 4' <<<"$output"
}

@test "leverage brackets are watched with a key, and without one that is said" {
	sim
	bf-info watch --count 1 2>/dev/null
	grep -q 'brackets\[1\].initialLeverage' "$XDG_STATE_HOME/bf/sim/watch.usdm.json"
	[ "$(seen GET /fapi/v1/leverageBracket)" -eq 1 ]
	# as if the exchange had had other ones
	sed -i 's/"brackets\[1\].initialLeverage":125/"brackets[1].initialLeverage":150/' "$XDG_STATE_HOME/bf/sim/watch.usdm.json"
	cp "$XDG_STATE_HOME/bf/sim/watch.usdm.json" "$T/kept"
	sed -i '/^key\|^secret/d' "$XDG_CONFIG_HOME/bf/profiles/sim"
	run --separate-stderr bf-info watch --count 1
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[[ $stderr == *"leverage brackets are not watched"*key* ]]
	# what was known of them is still kept
	grep -q '"brackets\[1\].initialLeverage":150' "$XDG_STATE_HOME/bf/sim/watch.usdm.json"
}

@test "a bracket that changed is told by its tier" {
	sim
	bf-info watch --count 1 2>/dev/null
	sed -i '/"symbol":"BTCUSDT"/s/"brackets\[1\].initialLeverage":125/"brackets[1].initialLeverage":150/' "$XDG_STATE_HOME/bf/sim/watch.usdm.json"
	run --separate-stderr bf-info watch --count 1
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 1 ]
	is '.symbol == "BTCUSDT" and .field == "brackets[1].initialLeverage" and .was == 150 and .is == 125' <<<"$output"
}

@test "a contract that is listed, and one that is gone" {
	sim --symbols BTCUSDT,ETHUSDT
	bf-info watch --count 1 2>/dev/null
	sed -i 's/"symbol":"ETHUSDT"/"symbol":"OLDUSDT"/' "$XDG_STATE_HOME/bf/sim/watch.usdm.json"
	run --separate-stderr bf-info watch --count 1
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 2 ]
	is -s 'any(.[]; .symbol == "ETHUSDT" and .field == "listed" and .was == false and .is == true) and
	    any(.[]; .symbol == "OLDUSDT" and .field == "listed" and .was == true and .is == false)' <<<"$output"
	# by its name it is found although it is gone
	sed -i 's/"symbol":"ETHUSDT"/"symbol":"OLDUSDT"/' "$XDG_STATE_HOME/bf/sim/watch.usdm.json"
	run --separate-stderr bf-info watch --count 1 OLDUSDT
	[ "$status" -eq 0 ] || { echo "$stderr"; false; }
	[ "${#lines[@]}" -eq 1 ]
	run --separate-stderr bf-info --market usdm watch --count 1 NOPE
	[ "$status" -eq 1 ]
	[[ $stderr == *NOPE* ]]
}

@test "who watches some does not take the changes of the others away" {
	sim
	bf-info watch --count 1 2>/dev/null
	wider
	act 'status=SETTLING ETHUSDT'
	run --separate-stderr bf-info watch --count 1 ETHUSDT --jq '.symbol + " " + .field'
	[ "$status" -eq 0 ]
	[[ $output == *'"ETHUSDT status"'* ]]
	[[ $output != *BTCUSDT* ]]
	run --separate-stderr bf-info watch --count 1 --jq '.symbol + " " + .field'
	[[ $output == *'"BTCUSDT tickSize"'* ]]
	[[ $output != *ETHUSDT* ]]
}

@test "it goes on looking, sits out an outage, and ends by a signal" {
	sim
	bg "exec bf-info watch --every 1 >$T/out 2>$T/err"
	wait_for grep -q 'are kept' "$T/err"
	wider
	wait_for grep -q tickSize "$T/out"
	rules 'on GET exchangeInfo: reply=503/svc'
	wait_for grep -q 'looking on' "$T/err"
	curl -sS --noproxy '*' -X DELETE "$SIM_REST/sim/v1/faults" >/dev/null
	wait_for grep -q 'answers again' "$T/err"
	act 'status=SETTLING ETHUSDT'
	wait_for grep -q SETTLING "$T/out"
	kill -TERM "${BG_PIDS##* }"
	local status=0
	wait "${BG_PIDS##* }" || status=$?
	[ "$status" -eq 143 ]
	[ "$(grep -c tickSize "$T/out")" -eq 1 ]
}

@test "--count 1 with the exchange away is exit 3, and what was kept stands" {
	sim --fault 'on GET fundingInfo: reply=503/svc'
	run --separate-stderr bf-info watch --count 1
	[ "$status" -eq 3 ]
	[ ! -e "$XDG_STATE_HOME/bf/sim/watch.usdm.json" ]
}

@test "what cannot be printed is told again next time" {
	sim
	bf-info watch --count 1 2>/dev/null
	wider
	run sh -c 'bf-info watch --count 1 >/dev/full'
	[ "$status" -eq 8 ]
	run --separate-stderr bf-info watch --count 1 --jq .field
	[[ $output == *'"tickSize"'* ]]
}

@test "what is kept and damaged is begun anew, and said" {
	sim
	bf-info watch --count 1 2>/dev/null
	echo '[{' >"$XDG_STATE_HOME/bf/sim/watch.usdm.json"
	run --separate-stderr bf-info watch --count 1
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[[ $stderr == *damaged*"begun anew"* ]]
}

@test "COIN-M has what is kept of its own" {
	sim
	bf-info --market coinm watch --count 1 2>/dev/null
	[ -e "$XDG_STATE_HOME/bf/sim/watch.coinm.json" ]
	[ ! -e "$XDG_STATE_HOME/bf/sim/watch.usdm.json" ]
	act 'status=SETTLING BTCUSD_PERP'
	run --separate-stderr bf-info watch BTCUSD_PERP --count 1 --jq '.symbol + " " + .field'
	[[ $output == *'"BTCUSD_PERP'* ]]
	run --separate-stderr bf-info watch BTCUSDT BTCUSD_PERP --count 1
	[ "$status" -eq 2 ]
	[[ $stderr == *"one market"* ]]
}

@test "wrong options: exit 2" {
	sim
	run --separate-stderr bf-info watch --every 0
	[ "$status" -eq 2 ]
	run --separate-stderr bf-info watch --limit 3
	[ "$status" -eq 2 ]
	run --separate-stderr bf-info klines BTCUSDT 1m --count 1
	[ "$status" -eq 2 ]
}
