# The whole pipe, as separate processes, on real prices.

bats_require_minimum_version 1.5.0

setup() {
	load ../helper
	home
	top=$BATS_TEST_DIRNAME/../..
}
teardown() { home_end; }

liquidations() { jq -s 'map(select(.what == "liquidation")) | length' "$T/ledger"; }
fed() { grep -q '"what":"feed_end"' "$T/ledger"; }
below() { bf-position balances -o ndjson | jq -e --arg n "$1" '.effectiveLeverage | tonumber <= ($n | tonumber)' >/dev/null; }

@test "the demo: the guarded account lives, the other is liquidated, nothing is left behind" {
	export TMPDIR=$T/tmp
	mkdir "$TMPDIR"
	BF_DEMO_SPEED=1440 run "$top/examples/demo"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"The guarded account lived; the other did not."* ]]
	[[ $output == *"SELL"*"reduce-only"* ]]
	[ -z "$(ls -A "$TMPDIR")" ]
	! pgrep -f "$TMPDIR" >/dev/null
}

@test "without the pipe a long of 20x is liquidated in the crash" {
	"$top/examples/crash-feed" "$top/examples/crash-2025-10-10.txt" 30 >"$T/prices"
	sim --feed "$T/prices" --speed 0 --feed-start subscriber --position BTCUSDT:20x
	bg 'bf-stream markPrice BTCUSDT >/dev/null 2>&1'
	wait_for fed
	[ "$(liquidations)" -ge 1 ]
	run bf-position -o ndjson --jq 'select(.e == "bf.position")'
	[ -z "$output" ]
}

@test "the recorded mark prices of 2025-10-10, as they came, move the same pipe" {
	[ -n "${BF_TEST_DATA:-}" ] || skip "no recorded data (BF_TEST_DATA is not set)"
	sim --feed "$BF_TEST_DATA/derived/ws-markPrice-btcusdt-2025-10-10T20-24.DERIVED.ndjson" \
		--speed 2880 --feed-start subscriber --position BTCUSDT:10x
	bg "(bf-stream markPrice | bf-risk --max-lev 3 | bf-order >'$T/outcomes') 2>'$T/err'"
	wait_for fed
	wait_for below 3
	[ "$(liquidations)" -eq 0 ]
	# every outcome is a result of a reducing order, none failed
	jq -es 'length > 0 and all(.[]; .reduceOnly == true and .side == "SELL")' "$T/outcomes"
}

@test "an id of 19 digits goes through stream, risk, order and jq unchanged" {
	sim --leverage ETHUSDT=20
	bg "(bf-stream user | bf-risk --max-lev 10 >'$T/events') 2>'$T/err'"
	wait_for grep -q '"state":"up"' "$T/events"
	run --separate-stderr bf-order buy ETHUSDT 0.1 @ 2900 --jq .orderId -o ndjson
	id=${output//\"/}
	[ ${#id} -eq 19 ]
	wait_for grep -q "\"i\":${id}[,}]" "$T/events"
	grep -m1 ORDER_TRADE_UPDATE "$T/events" | bf-risk --max-lev 10 2>/dev/null | cmp - <(grep -m1 ORDER_TRADE_UPDATE "$T/events")
	printf '{"orderId":%s}\n' "$id" | bf-order --pass -o ndjson 2>/dev/null | cmp - <(printf '{"orderId":%s}\n' "$id")
	grep -q "$id" "$XDG_STATE_HOME"/bf/sim/journal/*.ndjson
}

@test "every intent that enters leaves as exactly one outcome" {
	sim --leverage BTCUSDT=20
	for i in 1 2 3 4 5 6 7 8 9 10; do
		printf '{"symbol":"BTCUSDT","side":"BUY","type":"LIMIT","price":"5%d000","quantity":"0.01"}\n' $((i % 10))
		printf '{"symbol":"BTCUSDT","side":"BUY","type":"MARKET","quantity":"%d"}\n' "$i"
		printf '{"symbol":"NOPE","side":"BUY","type":"MARKET","quantity":"1"}\n'
		printf '{"e":"somethingElse","i":%d}\n' "$i"
	done >"$T/in"
	run --separate-stderr sh -c "bf-risk --max-lev 2 <'$T/in' | bf-order"
	[ "${#lines[@]}" -eq 30 ]
	printf '%s\n' "${lines[@]}" | jq -es 'all(.[]; .e == "bf.reject" or .e == "bf.error" or .orderId)'
}

@test "killing bf-order mid-pipe leaves a journal that the next start settles" {
	sim --fault 'on POST order#2: exec=yes net=stall'
	printf '%s\n' '{"symbol":"BTCUSDT","side":"BUY","type":"LIMIT","price":"55000","quantity":"0.01","newClientOrderId":"k1"}' \
		'{"symbol":"BTCUSDT","side":"BUY","type":"LIMIT","price":"55000","quantity":"0.01","newClientOrderId":"k2"}' >"$T/in"
	bf-order <"$T/in" >"$T/out" 2>"$T/err" 3>&- &
	pid=$!
	wait_for sh -c "[ \$(grep -c '\"what\":\"order\"' '$T/ledger') -eq 2 ]"
	kill -9 "$pid"
	run --separate-stderr bf-order recover -o ndjson
	[ "$status" -eq 0 ]
	[[ $output == *'"e":"bf.recovered"'*k2* ]]
	[ "$(executed)" -eq 2 ]
	[ "$(seen POST /fapi/v1/order)" -eq 2 ]
}
