#!/usr/bin/env bats
# bf-risk when something is wrong: nothing that adds risk passes, and what closes always does, byte for byte.
# The account's figures are round: 10000 USDT, BTCUSDT at 60000.

setup() {
	load ../helper
	load ../signed
	load ../risk
	home
	printf '%s\n' '{"symbol":"BTCUSDT","side":"SELL","type":"MARKET","quantity":"0.1","reduceOnly":"true"}' \
		'{ "symbol":"BTCUSD_PERP","side":"BUY","type":"LIMIT","price":"1","quantity":1,"reduceOnly":true}' \
		'{"symbol":"NOSUCHUSDT","side":"SELL","type":"STOP_MARKET","stopPrice":"50000","closePosition":true}' \
		'{"symbol":"ETHUSDT","side":"SELL","positionSide":"LONG","type":"MARKET","quantity":"1"}' \
		'{"symbol":"ETHUSDT","side":"BUY","positionSide":"SHORT","type":"MARKET","quantity":"1"}' \
		'{"op":"cancel","symbol":"BTCUSDT","orderId":8389765606284283461}' \
		'{"op":"cancel","symbol":"NOSUCHUSDT","clientAlgoId":"a"}' \
		'{"op":"cancel-all","symbol":"ETHUSD_PERP"}' >"$T/exits"
}
teardown() {
	exec 8>&-
	home_end
}

conn() { printf '{"e":"bf.conn","E":%s,"conn":"user","state":"%s"}\n' "$(now)" "$1"; }
update() { printf '{"e":"ACCOUNT_UPDATE","E":%s,"T":%s,"a":{"m":"ORDER","B":[],"P":[{"s":"%s","pa":"%s","ep":"60000","bep":"60000","up":"0","mt":"cross","iw":"0","ps":"BOTH"}]}}\n' "$3" "$3" "$1" "$2"; }

# in_vain RULE [STATUS] [bf-risk options]: an order that adds risk is refused by that rule (- passes), and all that
# only closes goes through, after it and as it came.
in_vain() {
	local rule=$1 status=0 want=${2:-1}
	shift "$(($# < 2 ? $# : 2))"
	{ price BTCUSDT 60000; buy BTCUSDT 0.01; cat "$T/exits"; } >"$T/corpus"
	timeout 60 bf-risk --max-lev 10 "$@" <"$T/corpus" >"$T/out" 2>"$T/err" || status=$?
	[ "$status" -eq "$want" ] && sed 1,2d "$T/out" | cmp - "$T/exits" &&
		{ [ "$rule" = - ] && cmp "$T/out" "$T/corpus" || has "$(sed -n 2p "$T/out")" "([.rule] + [.reasons[]?.rule]) | index(\"$rule\") != null"; } ||
		{ echo "$rule, $status not $want"; cat "$T/out" "$T/err"; return 1; } >&2
}
# with FAULT RULE [STATUS] [...]: the same on an exchange with that fault.
with() {
	sim --position BTCUSDT:0.1 --fault "$1"
	shift
	in_vain "$@"
	kill "$SIM_PID"
	rm -rf "$XDG_CACHE_HOME/bf" "$XDG_STATE_HOME/bf"
}
settled() {
	MARKER=$((${MARKER:-0} + 1))
	say "{\"e\":\"marker\",\"n\":$MARKER}"
	wait_for grep -q "\"e\":\"marker\",\"n\":$MARKER}" "$T/out"
}
last() { say "$(buy BTCUSDT "$1" ",\"note\":\"$1\"")"; settled; grep "\"note\":\"$1\"" "$T/out" | tail -n 1; }

@test "an exchange that answers wrongly: no new risk, and exits pass" {
	with 'on GET /fapi/v3/nothing: reply=404/html' - 0
	with 'on GET /fapi/v3/account: reply=500/-1000' account-unknown
	with 'on GET /fapi/v3/positionRisk: reply=200/mixed' account-unknown
	grep -q 'positionRisk: symbol' "$T/err"
	with 'on GET openAlgoOrders: reply=200/html' account-unknown
	with 'on GET symbolConfig: reply=200/null' account-unknown
	with 'on GET accountConfig: reply=200/trailing' account-unknown
	with 'on GET /fapi/v3/account: reply=429 hdr="Retry-After: 30"' account-unknown
	with 'on GET /fapi/v3/account: reply=418 hdr="Retry-After: 30"' account-unknown
	with 'on GET time: reply=500/-1000' account-unknown
	with 'on GET exchangeInfo: reply=500/-1000' symbol
	grep -q 'BTCUSDT: not known, and USDⓈ-M could not be asked' "$T/err"
	with 'on GET leverageBracket: reply=500/-1000' blocked 1 --limit liq-distance=5
	with 'on GET leverageBracket: reply=200/array' blocked 1 --limit liq-distance=5
	with 'sim numbers=hostile' account-unknown
	with 'sim maintenance=100s' account-unknown
}

@test "multi-assets mode is guarded in USD, and without its rates not at all" {
	sim --multi-assets --position BTCUSDT:0.1 --fault 'on GET assetIndex: reply=500/-1000'
	in_vain account-unknown
	kill "$SIM_PID"
	rm -rf "$XDG_CACHE_HOME/bf" "$XDG_STATE_HOME/bf"
	sim --multi-assets --position BTCUSDT:0.1
	in_vain - 0
}

@test "a key that COIN-M refuses: USDⓈ-M goes on, new risk of COIN-M does not" {
	sim --balance coinm.BTC=1 --fault 'on GET /dapi/v1/account: reply=401/-2015'
	in_vain - 0
	grep -q 'COIN-M is not guarded, its new risk refused' "$T/err"
	run --separate-stderr bf-risk --max-lev 10 < <(price BTCUSD_PERP 60000; buy BTCUSD_PERP 1; sed -n 2p "$T/exits")
	[ "$status" -eq 1 ]
	has "${lines[1]}" '.e == "bf.reject"'
	[ "${lines[2]}" = "$(sed -n 2p "$T/exits")" ]
}

@test "a latch of any kind: no new risk, exit 6, and exits pass" {
	local latch dir
	sim --position BTCUSDT:0.1
	in_vain - 0
	dir=$XDG_STATE_HOME/bf/sim latch=$XDG_STATE_HOME/bf/sim/latch
	printf garbage >"$latch"
	in_vain kill-latch 6
	chmod 000 "$latch"
	in_vain kill-latch 6
	rm "$latch"
	mkdir "$latch"
	in_vain kill-latch 6
	rmdir "$latch"
	ln -s /nonexistent "$latch"
	in_vain kill-latch 6
	rm "$latch"
	in_vain - 0
	touch "$dir/latch-BTCUSDT-long"
	in_vain kill-latch 6
	rm "$dir/latch-BTCUSDT-long"
	# where nobody can look, it may be set
	risk --max-lev 10
	say "$(price BTCUSDT 60000)"
	has "$(last 0.01)" '.side'
	chmod 777 "$dir"
	has "$(last 0.02)" '.rule == "kill-latch"'
	chmod 700 "$dir"
	has "$(last 0.03)" '.side'
	ends 6
}

@test "the day's figures: damaged, it does not start and says so; of another bf-risk, they are its" {
	sim --position BTCUSDT:0.1
	in_vain - 0
	local day=$XDG_STATE_HOME/bf/sim/risk bad
	[ -f "$day" ]
	for bad in '{"version":' '[]' '{"version":99}' ''; do
		printf %s "$bad" >"$day"
		run --separate-stderr bf-risk --max-lev 10 <"$T/exits"
		[ "$status" -eq 8 ]
		[[ $stderr == *"figures"*"Remove the file"* ]]
	done
	rm "$day"
	risk --max-lev 10
	settled
	in_vain - 0
	grep -q 'another bf-risk of profile sim keeps' "$T/err"
}

@test "a log that cannot be written: no new risk, exit 8, and exits pass" {
	sim --position BTCUSDT:0.1
	[ -w /dev/full ] || skip "no /dev/full here"
	{ price BTCUSDT 60000; buy BTCUSDT 0.01; buy BTCUSDT 0.02; cat "$T/exits"; } >"$T/corpus"
	run --separate-stderr bf-risk --max-lev 10 --log /dev/full <"$T/corpus"
	[ "$status" -eq 8 ]
	sed 1,3d <<<"$output" | cmp - "$T/exits"
	has "$(sed -n 3p <<<"$output")" '.rule == "log" and .intent.quantity == "0.02"'
	has "$(sed -n 2p <<<"$output")" '.rule == "log"'
	[ "$(grep -c 'no new risk without it' <<<"$stderr")" -eq 1 ]
	run --separate-stderr bf-risk --max-lev 10 --log "$T/no/where" </dev/null
	[ "$status" -eq 8 ]
	[[ $stderr == *"$T/no/where"* ]]
}

@test "clock and account stream: in order or no new risk" {
	sim --position BTCUSDT:0.1
	in_vain user-stream 1 --limit user-stream=60
	risk --max-lev 10 --limit user-stream=60 --limit clock=400
	say "$(price BTCUSDT 60000)" "$(conn up)"
	has "$(last 0.01)" '.side'
	say "$(conn down)"
	has "$(last 0.02)" '.rule == "user-stream"'
	say "$(conn up)"
	has "$(last 0.03)" '.side'
	say '{"e":"listenKeyExpired","E":1,"listenKey":"x"}'
	has "$(last 0.04)" '.rule == "user-stream"'
	say "$(cat "$T/exits")" "$(conn replaced)"
	has "$(last 0.05)" '.side'
	[ "$(grep -cxFf "$T/exits" "$T/out")" -eq 8 ]
	ends 1
}

@test "events of an unknown symbol, and time that goes backwards" {
	sim --position BTCUSDT:0.1
	risk --max-lev 10 --every 3600
	local at
	at=$(now)
	say "$(price BTCUSDT 60000)" "$(update BTCUSDT 0.2 "$at")" "$(update BTCUSDT 1.6 $((at - 5000)))"
	has "$(last 0.01)" '.side'		# 0.2 stands: the older one is no news
	say "$(price BTCUSDT 1 $((at - 5000)))"
	has "$(last 0.02)" '.side'
	say "$(update NOSUCHUSDT 5 "$at")"	# worth who knows what
	has "$(last 0.03)" '.e == "bf.reject"'
	say "$(cat "$T/exits")"
	settled
	[ "$(grep -cxFf "$T/exits" "$T/out")" -eq 8 ]
	say "$(update NOSUCHUSDT 0 $((at + 1)))"
	has "$(last 0.04)" '.side'
	ends 1
}

@test "a position that changed behind our back is read, and said" {
	sim --position BTCUSDT:0.1
	risk --max-lev 10 --every 1
	say "$(price BTCUSDT 60000)" "$(conn up)"
	settled
	order BTCUSDT BUY MARKET 1.2
	wait_for grep -q position_mismatch "$T/out"
	has "$(grep position_mismatch "$T/out")" '.e == "bf.reconcile" and .by == "bf-risk" and .s == "BTCUSDT" and
		(.was | tonumber) == 0.1 and (.is | tonumber) == 1.3'
	has "$(last 0.4)" '.rule == "max-lev"'
	order BTCUSDT SELL MARKET 0.3
	say "$(update BTCUSDT 1 "$(now)")"	# told in time
	wait_for eval '[ "$(seen GET /fapi/v3/positionRisk)" -ge 12 ]'
	settled
	[ "$(grep -c position_mismatch "$T/out")" -eq 1 ]
	ends 1
}
