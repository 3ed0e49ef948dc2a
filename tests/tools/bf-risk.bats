#!/usr/bin/env bats
# bf-risk against bf-sim. Where the account matters, its figures are round:
# 10000 USDT, BTCUSDT at 60000, ETHUSDT at 3000.

setup() { load ../helper; load ../signed; home; }
teardown() {
	exec 8>&-
	home_end
}

load ../risk
# Here without a newline: they stand within lines.
price() { printf '{"e":"markPriceUpdate","E":%s,"s":"%s","p":"%s"}' "${3:-$(now)}" "$1" "$2"; }
buy() { printf '{"symbol":"%s","side":"BUY","type":"MARKET","quantity":"%s"%s}' "$1" "$2" "${3:-}"; }
sell() { printf '{"symbol":"%s","side":"SELL","type":"MARKET","quantity":"%s"%s}' "$1" "$2" "${3:-}"; }

# Everything said so far has been treated: a marker of our own came through.
settled() {
	MARKER=$((${MARKER:-0} + 1))
	say "{\"e\":\"marker\",\"n\":$MARKER}"
	wait_for grep -q "\"e\":\"marker\",\"n\":$MARKER}" "$T/out"
}
reductions() { jq -c 'select(.by == "bf-risk" and .side)' "$T/out"; }
reduced() { [ "$(reductions | wc -l)" -ge "$1" ]; }
rejects() { jq -c 'select(.e == "bf.reject")' "$T/out"; }

corpus() {
	price BTCUSDT 60000.00000000; echo
	cat "$BATS_TEST_DIRNAME/../data/passes.ndjson"
	printf '{"e":"crlf"}\r\n{"e":"crlf again" }\r\n'
	printf '{"e":"deep","d":%s%s}\n' "$(printf '[%.0s' {1..60})" "$(printf ']%.0s' {1..60})"
	printf '{"e":"del","x":"\177"}\n'
}

@test "what is no intent passes byte for byte" {
	sim --position BTCUSDT:0.1
	corpus >"$T/corpus"
	bf-risk --max-lev 10 <"$T/corpus" >"$T/out" 2>"$T/err"
	cmp "$T/corpus" "$T/out"
}

@test "a line of 10 MiB passes byte for byte" {
	sim
	{
		echo '{"e":"before"}'
		printf '{"e":"big","x":"'
		head -c 10485760 /dev/zero | tr '\0' x
		printf '","y":[1,2]}\n{"e":"after"}\n'
	} >"$T/corpus"
	bf-risk --max-lev 10 <"$T/corpus" >"$T/out"
	cmp "$T/corpus" "$T/out"
}

@test "intents that pass, pass byte for byte" {
	sim
	cat >"$T/corpus" <<-'END'
	  { "symbol" : "BTCUSDT", "side":"BUY" , "type":"LIMIT","quantity":0.0010 ,"price":"50000.00","note":"mine €" }	
	{"symbol":"ETHUSDT","side":"SELL","type":"MARKET","quantity":"0.010","newClientOrderId":"a-1"}
	{"op":"cancel","symbol":"BTCUSDT","orderId":8389765606284283461}
	END
	run --separate-stderr bf-risk --max-lev 10 <"$T/corpus"
	[ "$status" -eq 0 ]
	[ "$output" = "$(cat "$T/corpus")" ]
}

@test "a malformed line is rejected by number, and the next one flows" {
	sim
	printf '%s\n' '{"e":"one"}' '{"e":"two"' '{"e":"three"}' '[1,2]' '"text"' '7' 'null' '{"e":"eight"} x' \
		'{"e":"nine",}' $'{"e":"\xff\xfe"}' '{"e":"\ud800"}' '{e:1}' '{"e":"thirteen"}' >"$T/corpus"
	run --separate-stderr bf-risk --max-lev 10 <"$T/corpus"
	[ "$status" -eq 1 ]
	[ "${#lines[@]}" -eq 13 ]
	[ "${lines[0]}" = '{"e":"one"}' ]
	[ "${lines[2]}" = '{"e":"three"}' ]
	[ "${lines[12]}" = '{"e":"thirteen"}' ]
	has "$(printf '%s\n' "${lines[@]}" | sed '1d;3d;13d')" \
		'.e == "bf.reject" and .by == "bf-risk" and .rule == "json" and .msg and .intent == null and .E > 0'
	local n
	for n in 2 4 5 6 7 8 9 10 11 12; do
		[[ $stderr == *"line $n: "* ]] || { echo "no line $n in: $stderr"; false; }
	done
	[ "$(grep -c '^bf-risk: line ' <<<"$stderr")" -eq 10 ]
	[ "$(grep -vc '^bf-risk: line ' <<<"$stderr")" -eq 1 ]	# what helps, once
}

@test "nothing in a bad line can drive the terminal" {
	sim
	run --separate-stderr bf-risk --max-lev 10 <<<$'{"e":"\e[2J"}\n{"symbol":"\\u001b[2J","side":"BUY"}\n{"symbol":"A\xe2\x80\xaeB","side":"BUY","type":"MARKET","quantity":"1"}'
	[ "$status" -eq 1 ]
	[[ $stderr != *$'\e'* ]]
	[[ $stderr != *$'\xe2\x80\xae'* ]]
}

@test "a last line without its newline may be cut, and is rejected" {
	sim
	printf '%s\n%s' '{"e":"one"}' "$(buy BTCUSDT 0.01)" >"$T/corpus"
	run --separate-stderr bf-risk --max-lev 10 <"$T/corpus"
	[ "$status" -eq 1 ]
	[ "${#lines[@]}" -eq 2 ]
	has "${lines[1]}" '.e == "bf.reject" and .rule == "partial-line"'
	[[ $stderr == *"line 2: "*newline* ]]
}

@test "a line of more than 16 MiB is rejected, and the next one flows" {
	sim
	{
		printf '{"e":"big","x":"'
		head -c 16777216 /dev/zero | tr '\0' x
		printf '"}\n{"e":"after"}\n'
	} >"$T/corpus"
	run --separate-stderr bf-risk --max-lev 10 <"$T/corpus"
	[ "$status" -eq 1 ]
	[ "${#lines[@]}" -eq 2 ]
	has "${lines[0]}" '.e == "bf.reject" and .rule == "line-too-long"'
	[ "${lines[1]}" = '{"e":"after"}' ]
	[[ $stderr == *"line 1: "* ]]
}

@test "empty input and blank lines are nothing" {
	sim
	run --separate-stderr bf-risk --max-lev 10 </dev/null
	[ "$status" -eq 0 ]
	[ -z "$output$stderr" ]
	run --separate-stderr bf-risk --max-lev 10 <<<$'\n  \n\r\n{"e":"x"}\n'
	[ "$status" -eq 0 ]
	[ "$output" = '{"e":"x"}' ]
}

@test "an intent above the limit is rejected with the nearest quantity, which passes" {
	sim --position BTCUSDT:0.5
	run --separate-stderr bf-risk --cost 0 --max-lev 5 <<<"$(buy BTCUSDT 0.4 ',"note":7')"
	[ "$status" -eq 1 ]
	[ "${#lines[@]}" -eq 1 ]
	# (30000 + 24000) / 10000; 20000 / 60000 is 0.333 on step
	has "$output" '.e == "bf.reject" and .by == "bf-risk" and .rule == "max-lev" and .limit == "5" and
		(.value | tonumber) == 5.4 and .intent.quantity == "0.4" and .intent.note == 7'
	[[ $stderr == *"line 1: "*5.4*"quantity 0.333 would pass"* ]]
	run --separate-stderr bf-risk --cost 0 --max-lev 5 <<<"$(buy BTCUSDT 0.333)"
	[ "$status" -eq 0 ]
	[ "$output" = "$(buy BTCUSDT 0.333)" ]
	run --separate-stderr bf-risk --cost 0 --max-lev 5 <<<"$(buy BTCUSDT 0.334)"
	[ "$status" -eq 1 ]
}

@test "what an order costs comes off the equity: a fill at the limit is not reduced at once" {
	sim --position BTCUSDT:0.5
	# 5 x (10000 + 0.001 x 30000) / 1.005 = 49900.5: room for 19900.5 more
	run --separate-stderr bf-risk --max-lev 5 <<<"$(buy BTCUSDT 0.332)"
	has "$output" '.rule == "max-lev"'
	[[ $stderr == *"quantity 0.331 would pass"* ]]
	run --separate-stderr bf-risk --max-lev 5 <<<"$(buy BTCUSDT 0.331)"
	[ "$status" -eq 0 ]
	place "$output" >/dev/null
	{ price BTCUSDT 60000; echo; } | bf-risk --max-lev 5 >"$T/out" 2>"$T/err"
	[ -z "$(reductions)" ]
}

@test "the other direction counts too: a sell through flat" {
	sim --position BTCUSDT:0.5
	run --separate-stderr bf-risk --cost 0 --max-lev 5 <<<"$(sell BTCUSDT 2)"
	[ "$status" -eq 1 ]
	[[ $stderr == *"quantity 1.333 would pass"* ]]		# |30000 - 80000| = 50000
	run --separate-stderr bf-risk --cost 0 --max-lev 5 <<<"$(sell BTCUSDT 1.333)"
	[ "$status" -eq 0 ]
}

@test "a symbol the account does not hold adds to the rest" {
	sim --position BTCUSDT:0.5
	run --separate-stderr bf-risk --cost 0 --max-lev 5 <<<"$(sell ETHUSDT 6.667)"	# 30000 + 20001
	[ "$status" -eq 1 ]
	[[ $stderr == *"quantity 6.666 would pass"* ]]
	run --separate-stderr bf-risk --cost 0 --max-lev 5 <<<"$(sell ETHUSDT 6.666)"
	[ "$status" -eq 0 ]
}

@test "a limit order counts at its price, or at the mark if that is dearer" {
	sim
	local lim='{"symbol":"BTCUSDT","side":"%s","type":"LIMIT","quantity":"1","price":"%s"}'
	# shellcheck disable=SC2059
	run --separate-stderr bf-risk --cost 0 --max-lev 6.1 <<<"$(printf "$lim" SELL 62000)"
	[ "$status" -eq 1 ]
	has "$output" '(.value | tonumber) == 6.2'
	# shellcheck disable=SC2059
	run --separate-stderr bf-risk --cost 0 --max-lev 5.9 <<<"$(printf "$lim" BUY 58000)"
	[ "$status" -eq 1 ]
	has "$output" '(.value | tonumber) == 6'
	# shellcheck disable=SC2059
	run --separate-stderr bf-risk --cost 0 --max-lev 6 <<<"$(printf "$lim" BUY 58000)"
	[ "$status" -eq 0 ]
}

@test "an unrealised loss is no equity" {
	sim --mark BTCUSDT=50000 --position BTCUSDT:0.5@60000
	# equity 5000, 25000 held: 5 already
	run --separate-stderr bf-risk --cost 0 --max-lev 6 <<<"$(buy BTCUSDT 0.1)"
	[ "$status" -eq 0 ]
	run --separate-stderr bf-risk --cost 0 --max-lev 6 <<<"$(buy BTCUSDT 0.101)"
	[ "$status" -eq 1 ]
	has "$output" '(.value | tonumber) > 6'
}

@test "intents let through a moment ago count" {
	sim --position BTCUSDT:0.5
	run --separate-stderr bf-risk --cost 0 --max-lev 5 <<<"$(buy BTCUSDT 0.2; echo; buy BTCUSDT 0.2; echo; buy BTCUSDT 0.133)"
	[ "$status" -eq 1 ]
	[ "${lines[0]}" = "$(buy BTCUSDT 0.2)" ]
	has "${lines[1]}" '.rule == "max-lev"'
	[[ $stderr == *"quantity 0.133 would pass"* ]]		# 50000 - 42000 = 8000
	[ "${lines[2]}" = "$(buy BTCUSDT 0.133)" ]
}

@test "open orders that could still fill count" {
	sim --position BTCUSDT:0.5
	order BTCUSDT BUY LIMIT 0.200 'price=58000&timeInForce=GTC'
	# 30000 + 11600 + q x 60000 <= 50000
	run --separate-stderr bf-risk --cost 0 --max-lev 5 <<<"$(buy BTCUSDT 0.2)"
	[ "$status" -eq 1 ]
	[[ $stderr == *"quantity 0.14 would pass"* || $stderr == *"quantity 0.140 would pass"* ]]
	run --separate-stderr bf-risk --cost 0 --max-lev 5 <<<"$(buy BTCUSDT 0.14)"
	[ "$status" -eq 0 ]
}

@test "an order let through and then seen open counts once" {
	sim --position BTCUSDT:0.5
	risk --max-lev 5 --every 1
	say "$(buy BTCUSDT 0.2 ',"newClientOrderId":"once-1"' | sed 's/"MARKET"/"LIMIT","price":"59000"/')"
	settled
	[ -z "$(rejects)" ]
	order BTCUSDT BUY LIMIT 0.200 'price=59000&timeInForce=GTC&newClientOrderId=once-1'
	local n
	n=$(seen GET /fapi/v1/openOrders)
	wait_for eval '[ "$(seen GET /fapi/v1/openOrders)" -ge $((n + 2)) ]'
	# 30000 + 11800 + 7800; twice would be 61600
	say "$(buy BTCUSDT 0.13)"
	settled
	ends 0
}

@test "account events on the pipe count at once, however rarely the account is read" {
	sim
	bf-stream user >"$T/user" 2>/dev/null 3>&- 4>&- &
	SIM_PIDS="$SIM_PIDS $!"
	wait_for grep -q '"state":"up"' "$T/user"
	risk --max-lev 5 --every 3600
	settled
	order BTCUSDT BUY MARKET 0.500
	wait_for grep -q '"e":"ACCOUNT_UPDATE"' "$T/user"
	wait_for grep -q '"X":"FILLED"' "$T/user"
	say "$(cat "$T/user")" "$(price BTCUSDT 60000)" "$(buy BTCUSDT 0.4)"
	settled
	has "$(rejects)" '.rule == "max-lev" and (.value | tonumber | . > 5.3 and . < 5.6)'
	ends 1
}

@test "what can only reduce always passes, above the limit too" {
	sim --position BTCUSDT:0.5
	{
		sell BTCUSDT 0.5 ',"reduceOnly":"true"'; echo
		sell BTCUSDT 0.1; echo		# no flag, but less than the position
		echo '{"op":"cancel","symbol":"BTCUSDT","orderId":1}'
		echo '{"op":"cancel-all","symbol":"BTCUSDT"}'
		sell BTCUSDT 0.1 ',"positionSide":"LONG"'; echo
		buy BTCUSDT 0.1 ',"positionSide":"SHORT"'; echo
	} >"$T/corpus"
	run --separate-stderr bf-risk --max-lev 2 <"$T/corpus"
	[ "$status" -eq 0 ]
	[ "$(grep -v '"by":"bf-risk"' <<<"$output")" = "$(cat "$T/corpus")" ]
}

@test "an intent that is none is rejected with the exchange's code" {
	sim
	run --separate-stderr bf-risk --max-lev 5 <<-'END'
	{"symbol":"BTCUSDT","side":"LONG","type":"MARKET","quantity":"1"}
	{"symbol":"BTCUSDT","side":"BUY","type":"MARKET"}
	{"symbol":"BTCUSDT","side":"BUY","type":"STOP_MARKET","quantity":"1"}
	{"symbol":"BTCUSDT","side":"BUY","side":"SELL","type":"MARKET","quantity":"1"}
	{"op":"fly"}
	{"symbol":"BTCUSD","side":"BUY","type":"MARKET","quantity":"1"}
	END
	[ "$status" -eq 1 ]
	[ "${#lines[@]}" -eq 6 ]
	has "$output" '.e == "bf.reject" and .by == "bf-risk"'
	has "$(printf '%s\n' "${lines[@]:0:5}")" '.rule == "intent"'
	has "${lines[2]}" '.code == -1102 and (.msg | startswith("triggerPrice"))'
	has "${lines[5]}" '.rule == "symbol" and .code == -1121 and .intent.symbol == "BTCUSD"'
	[[ $stderr == *BTCUSDT* ]]
}

@test "a contract of another margin asset than the one guarded is rejected" {
	sim
	run --separate-stderr bf-risk --max-lev 5 --asset USDC <<<"$(buy BTCUSDT 0.01)"
	[ "$status" -eq 1 ]
	has "$output" '.rule == "asset"'
}

@test "a mark price older than --max-age fails closed; a fresh one opens again" {
	sim
	run --separate-stderr bf-risk --max-lev 5 <<<"$(price BTCUSDT 60000 $(($(now) - 11000)); echo; buy BTCUSDT 0.1; echo; sell BTCUSDT 0.1 ',"reduceOnly":"true"')"
	[ "$status" -eq 1 ]
	has "${lines[1]}" '.rule == "stale-mark"'
	[[ $stderr == *stale* ]]
	[[ ${lines[2]} == *reduceOnly* ]]
	run --separate-stderr bf-risk --max-lev 5 <<<"$(price BTCUSDT 60000 $(($(now) - 11000)); echo; price BTCUSDT 60000; echo; buy BTCUSDT 0.1)"
	[ "$status" -eq 0 ]
	run --separate-stderr bf-risk --max-lev 5 --max-age 20 <<<"$(price BTCUSDT 60000 $(($(now) - 11000)); echo; buy BTCUSDT 0.1)"
	[ "$status" -eq 0 ]
}

@test "a stream that falls silent fails closed for its symbol, not for others" {
	sim
	risk --max-lev 50 --max-age 1
	say "$(price BTCUSDT 60000)" "$(buy BTCUSDT 0.001 ',"note":"early"')"
	settled
	[ -z "$(rejects)" ]
	until_stale() { say "$(buy BTCUSDT 0.001)"; settled; rejects | grep -q stale-mark; }
	wait_for until_stale
	say "$(buy ETHUSDT 0.01 ',"note":"other"')"
	settled
	grep -q '^{"symbol":"ETHUSDT".*"note":"other"}$' "$T/out"
	ends 1
}

@test "a mark price from the future is no price" {
	sim --position BTCUSDT:0.5
	run --separate-stderr bf-risk --cost 0 --max-lev 5 <<<"$(price BTCUSDT 1000 $(($(now) + 3600000)); echo; price BTCUSDT 60000; echo; buy BTCUSDT 0.4)"
	[ "$status" -eq 1 ]
	has "${lines[2]}" '.rule == "max-lev" and (.value | tonumber) == 5.4'
}

@test "the exchange's own clock is what age is measured by" {
	sim --skew 60000
	run --separate-stderr bf-risk --max-lev 5 <<<"$(price BTCUSDT 60000 $(($(now) + 60000)); echo; buy BTCUSDT 0.1)"
	[ "$status" -eq 0 ]
	run --separate-stderr bf-risk --max-lev 5 <<<"$(price BTCUSDT 60000; echo; buy BTCUSDT 0.1)"
	[ "$status" -eq 1 ]
	has "${lines[1]}" '.rule == "stale-mark"'
}

@test "no exchange at the start: no new risk, but events and exits pass" {
	nobody none
	{
		price BTCUSDT 60000; echo
		buy BTCUSDT 0.1; echo
		sell BTCUSDT 0.1 ',"reduceOnly":"true"'; echo
		echo '{"op":"cancel-all","symbol":"BTCUSDT"}'
	} >"$T/corpus"
	run --separate-stderr bf-risk --profile none --max-lev 5 <"$T/corpus"
	[ "$status" -eq 1 ]
	[ "${#lines[@]}" -eq 4 ]
	has "${lines[1]}" '.rule == "account-unknown" and .intent.quantity == "0.1"'
	[ "$(sed 2d <<<"$output")" = "$(sed 2d "$T/corpus")" ]
	[[ $stderr == *"no new risk until it is read"* ]]
}

@test "an exchange that goes away later: no new risk as soon as it is not read; it comes back" {
	local port
	sim --seed 7 --position BTCUSDT:0.1
	port=${SIM_REST##*:}
	risk --max-lev 50 --every 1
	say "$(buy BTCUSDT 0.001)"
	settled
	[ -z "$(rejects)" ]
	kill "$SIM_PID"
	wait "$SIM_PID" || true
	wait_for grep -q 'no new risk until it is read' "$T/err"
	say "$(buy BTCUSDT 0.001)" "$(sell BTCUSDT 0.001 ',"reduceOnly":"true","note":"exit"')"
	settled
	has "$(rejects)" '.rule == "account-unknown"'
	grep -q '^{.*"note":"exit"}$' "$T/out"
	[ "$(grep -c 'no new risk until it is read' "$T/err")" -eq 1 ]
	sim --seed 7 --port "$port" 8>&-
	wait_for grep -q 'account state: read again' "$T/err"
	say "$(buy BTCUSDT 0.001 ',"note":"back"')"
	settled
	grep -q '^{.*"note":"back"}$' "$T/out"
	ends 1
}

@test "an answer that cannot be trusted is no account" {
	sim --fault 'on GET /fapi/v3/positionRisk: reply=200/html'
	run --separate-stderr bf-risk --max-lev 5 <<<"$(buy BTCUSDT 0.1)"
	[ "$status" -eq 1 ]
	has "$output" '.rule == "account-unknown"'
}

@test "a position above the limit is reduced once, so that leverage is below it again" {
	sim --position BTCUSDT:1
	risk --max-lev 5
	wait_for reduced 1
	# target 4.75, 10 bp: (60000 - 47500) / (60000 x (1 - 4.75 x 0.001)) = 0.20932...
	has "$(reductions)" '.symbol == "BTCUSDT" and .side == "SELL" and .type == "MARKET" and .quantity == "0.210" and
		.reduceOnly == "true" and .rule == "max-lev" and (.value | tonumber) == 6 and .limit == "5" and
		(.newClientOrderId | test("^[.A-Z:/a-z0-9_-]{1,36}$"))'
	grep -q 'effective leverage 6.*above the limit: reducing BTCUSDT' "$T/err"
	say "$(price BTCUSDT 60000)" "$(price BTCUSDT 59990)" "$(price ETHUSDT 3000)" "$(price BTCUSDT 59980)"
	settled
	[ "$(reductions | wc -l)" -eq 1 ]	# while it is in flight there is no second one
	place "$(reductions)"
	wait_for eval 'jq -se "any(.[]; .what == \"request\" and .method == \"GET\" and .path == \"/fapi/v1/order\")" "$T/ledger"'
	has "$(bf-position balances)" '(.effectiveLeverage | tonumber) | . < 5 and . > 4.6'
	say "$(price BTCUSDT 60000)"
	settled
	[ "$(reductions | wc -l)" -eq 1 ]	# nor after it, when it was enough
	ends 0
}

@test "--target-lev and --cost decide how much" {
	sim --position BTCUSDT:1
	risk --max-lev 5 --target-lev 3 --cost 0
	wait_for reduced 1
	has "$(reductions)" '.quantity == "0.500"'	# (60000 - 30000) / 60000
	place "$(reductions)"
	has "$(bf-position balances)" '(.effectiveLeverage | tonumber) | . < 3.1 and . > 2.9'
	ends 0
}

@test "a falling price on the pipe is what triggers it" {
	sim --position BTCUSDT:0.8
	risk --max-lev 5
	say "$(price BTCUSDT 60000)"
	settled
	[ -z "$(reductions)" ]
	say "$(price BTCUSDT 59900)"		# 47920 / 9920 = 4.83
	settled
	[ -z "$(reductions)" ]
	say "$(price BTCUSDT 59700)" "$(price BTCUSDT 59600)"	# 47760 / 9760 = 4.89, 47680 / 9680 = 4.93
	settled
	[ -z "$(reductions)" ]
	say "$(price BTCUSDT 59300)"		# 47440 / 9440 = 5.03
	wait_for reduced 1
	has "$(reductions)" '.side == "SELL" and (.value | tonumber | . > 5 and . < 5.1)'
	ends 0
}

@test "a short is bought back" {
	sim --position ETHUSDT:-20
	risk --max-lev 5
	wait_for reduced 1
	has "$(reductions)" '.symbol == "ETHUSDT" and .side == "BUY" and .reduceOnly == "true"'
	place "$(reductions)"
	has "$(bf-position balances)" '(.effectiveLeverage | tonumber) < 5'
	ends 0
}

@test "never more than the position, even without equity" {
	sim --position BTCUSDT:0.5
	risk --max-lev 5
	say "$(price BTCUSDT 30000)"	# 10000 - 15000
	wait_for reduced 1
	has "$(reductions)" '.quantity == "0.5" or .quantity == "0.500"'
	has "$(reductions)" '.value == null'
	grep -q 'no equity left' "$T/err"
	say "$(buy BTCUSDT 0.001)"
	settled
	has "$(rejects)" '.rule == "max-lev"'
	ends 1
}

@test "the heaviest position goes first, and the next one once it is known to have ended" {
	sim --position BTCUSDT:0.5 --position ETHUSDT:8
	risk --max-lev 1
	wait_for reduced 1
	has "$(reductions)" '.symbol == "BTCUSDT" and (.quantity | tonumber) == 0.5'
	place "$(reductions)"
	wait_for reduced 2
	has "$(reductions | tail -n 1)" '.symbol == "ETHUSDT" and .side == "SELL"'
	[ "$(reductions | jq -r .newClientOrderId | sort -u | wc -l)" -eq 2 ]
	place "$(reductions | tail -n 1)"
	settled
	has "$(bf-position balances)" '(.effectiveLeverage | tonumber) < 1'
	ends 0
}

@test "an order event on the pipe ends the waiting" {
	sim --position BTCUSDT:0.5 --position ETHUSDT:8
	bf-stream user >"$T/user" 2>/dev/null 3>&- 4>&- &
	SIM_PIDS="$SIM_PIDS $!"
	wait_for grep -q '"state":"up"' "$T/user"
	risk --max-lev 1 --every 3600
	wait_for reduced 1
	place "$(reductions)"
	wait_for grep -q '"X":"FILLED"' "$T/user"
	say "$(cat "$T/user")"
	wait_for reduced 2
	ends 0
}

# An event of our own making: account_update SYMBOL AMOUNT ENTRY, order_update ID STATUS [EXECUTED [TYPE]].
account_update() {
	printf '{"e":"ACCOUNT_UPDATE","E":%s,"T":%s,"a":{"B":[],"P":[{"s":"%s","pa":"%s","ep":"%s","up":"0","mt":"cross","iw":"0","ps":"BOTH"}]}}' \
		"$(now)" "$(now)" "$1" "$2" "$3"
}
order_update() {
	printf '{"e":"ORDER_TRADE_UPDATE","E":%s,"T":%s,"o":{"s":"BTCUSDT","i":77,"c":"%s","S":"%s","ps":"BOTH","R":%s,"cp":false,"o":"MARKET","p":"0","q":"0.4","z":"%s","X":"%s"}}' \
		"$(now)" "$(now)" "$1" "${4:-BUY}" "${5:-false}" "${3:-0}" "$2"
}

@test "a position that an event opened counts before its mark price is known" {
	sim
	risk --cost 0 --max-lev 5 --every 3600
	settled
	say "$(account_update ETHUSDT 10 3000)" "$(buy BTCUSDT 0.5)"	# 30000 + 30000
	settled
	has "$(rejects)" '.rule == "max-lev" and (.value | tonumber) == 6'
	[ -z "$(reductions)" ]
	say "$(account_update ETHUSDT 20 3000)"				# 60000
	wait_for reduced 1
	has "$(reductions)" '.symbol == "ETHUSDT" and .side == "SELL" and (.quantity | tonumber | . > 4 and . < 5)'
	ends 1
}

@test "a market order that is said to be open counts until it is filled" {
	sim
	risk --cost 0 --max-lev 5 --every 3600
	say "$(buy BTCUSDT 0.4 ',"newClientOrderId":"m-1"')" "$(order_update m-1 NEW)" "$(buy BTCUSDT 0.5)"
	settled
	has "$(rejects)" '.rule == "max-lev" and (.value | tonumber) == 5.4'	# 24000 + 30000
	say "$(order_update m-1 CANCELED)" "$(buy BTCUSDT 0.5 ',"note":"room"')"
	settled
	grep -q '"note":"room"' "$T/out"
	ends 1
}

@test "after a reduction nothing leaves before the account was read again" {
	sim --position BTCUSDT:1 --fault 'on GET /fapi/v3/positionRisk#2: reply=503/svc' \
		--fault 'on GET /fapi/v3/positionRisk#3: reply=503/svc' --fault 'on GET /fapi/v3/positionRisk#4: reply=503/svc'
	risk --max-lev 5 --every 3600
	wait_for reduced 1
	place "$(reductions)"
	wait_for eval '[ "$(seen GET /fapi/v3/positionRisk)" -ge 5 ]'
	say "$(price BTCUSDT 60000)"
	settled
	[ "$(reductions | wc -l)" -eq 1 ]
	ends 0
}

@test "an account that does not show the reduction yet is not believed" {
	sim --position BTCUSDT:1
	risk --max-lev 5 --every 3600
	wait_for reduced 1
	local id
	id=$(reductions | jq -r .newClientOrderId)
	# The event is faster than the account, which still has all of it.
	say "$(order_update "$id" NEW 0 SELL true)" "$(order_update "$id" FILLED 0.210 SELL true)"
	settled
	wait_for eval '[ "$(seen GET /fapi/v3/positionRisk)" -ge 3 ]'
	say "$(price BTCUSDT 60000)"
	settled
	[ "$(reductions | wc -l)" -eq 1 ]
	local n
	n=$(seen GET /fapi/v3/positionRisk)
	place "$(reductions)"
	wait_for eval '[ "$(seen GET /fapi/v3/positionRisk)" -gt "$n" ]'
	say "$(price BTCUSDT 60000)"
	settled
	[ "$(reductions | wc -l)" -eq 1 ]
	ends 0
}

# unread NAME: bf-risk behind a pipe that nobody reads yet, on the exchange that was started last; $T/NAME.err, fd $1 to write to.
unread() {
	mkfifo "$T/$1.in" "$T/$1.next"
	bf-risk --max-lev 5 --every 1 <"$T/$1.in" >"$T/$1.next" 2>"$T/$1.err" 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- &
	SIM_PIDS="$SIM_PIDS $!"
}
# Three at once, as each takes its time: longer than an order that was read may be on its way.
@test "an order that was read and never arrived is given up; what the next program has not read stays in flight, and counts" {
	sim_as flat
	sim --position BTCUSDT:1
	local unread_intent unread_order reader
	BF_PROFILE=flat unread intent
	unread_intent=$!
	exec 6>"$T/intent.in" 5<"$T/intent.next"
	buy BTCUSDT 0.8 >&6
	echo >&6
	unread order
	unread_order=$!
	exec 4>"$T/order.in" 7<"$T/order.next"
	risk --max-lev 5	# its orders are read, and nobody places them
	wait_for reduced 1
	wait_for grep -q 'never reached the exchange' "$T/err"
	wait_for reduced 2
	[ "$(reductions | jq -r .newClientOrderId | sort -u | wc -l)" -eq 2 ]
	ends 0

	# one of an intent counts on
	buy BTCUSDT 0.8 >&6
	echo >&6
	wait_for grep -q 'effective leverage would be 9.6' "$T/intent.err"
	cat <&5 >"$T/intent.out" 3>&- 4>&- 6>&- 7>&- 8>&- &
	reader=$!
	SIM_PIDS="$SIM_PIDS $reader"
	exec 5<&- 6>&-
	wait "$unread_intent" || true
	wait "$reader"
	[ "$(grep -c '^{"symbol"' "$T/intent.out")" -eq 1 ]

	# one of our own stays in flight
	sleep 3
	[ "$(grep -c 'never reached' "$T/order.err")" -eq 0 ]
	cat <&7 >"$T/out" 3>&- 4>&- 8>&- &
	SIM_PIDS="$SIM_PIDS $!"
	exec 7<&- 8>&4 4>&-
	wait_for reduced 1
	place "$(reductions)"
	settled
	[ "$(reductions | wc -l)" -eq 1 ]
	RISK_PID=$unread_order
	ends 0
}

@test "a position that is not traded now does not keep the others from being reduced" {
	sim --position BTCUSDT:0.6 --position ETHUSDT:10
	bf-info symbols BTCUSDT >/dev/null
	local cache=$XDG_CACHE_HOME/bf/sim/exchangeInfo.json
	jq -c '(.symbols[] | select(.symbol == "BTCUSDT") | .status) = "SETTLING"' "$cache" >"$T/x"
	cp "$T/x" "$cache"
	risk --max-lev 5
	wait_for reduced 1
	has "$(reductions)" '.symbol == "ETHUSDT"'
	ends 0
}

@test "an exchange that does not answer does not hold up the pipe most of the time" {
	sim --position BTCUSDT:0.1 --fault 'on GET /fapi/v3/account: net=stall'
	risk --max-lev 5
	settled
	wait_for grep -q 'no new risk until it is read' "$T/err"
	# a try takes 4.5 s and more; without a pause of 3 times that, two fall into 10 s
	local n i
	n=$(seen GET /fapi/v3/account)
	sleep 10
	[ "$(($(seen GET /fapi/v3/account) - n))" -le 3 ]
	say "$(sell BTCUSDT 0.1 ',"reduceOnly":"true"')"
	settled
	ends 0
}

@test "an account whose leverage cannot be told is said to be unguarded" {
	sim --position BTCUSDT:1
	run --separate-stderr bf-risk --max-lev 5 --asset USTD <<<'{"e":"x"}'
	[ "$status" -eq 0 ]
	[[ $stderr == *"no USTD wallet"*"nothing is guarded"* ]]
}

@test "old mark prices of the positions held are not judged by" {
	feed
	sim --feed "$T/feed" --position ETHUSDT:8
	risk --max-lev 5 --every 3600 --max-age 1
	settled
	mark ETHUSDT 2000		# equity 2000, 16000 held
	wait_for eval 'bf-info mark ETHUSDT | grep -q "\"2000"'
	sleep 1.2
	say "$(buy BTCUSDT 0.1)"
	settled
	has "$(rejects)" '.rule == "max-lev" and (.value | tonumber) > 5'
	ends 1
}

@test "old marks do not trigger a reduction" {
	sim --position BTCUSDT:0.5
	risk --max-lev 5
	say "$(price BTCUSDT 30000 $(($(now) - 60000)))"
	settled
	[ -z "$(reductions)" ]
	grep -q 'mark prices are older than' "$T/err"
	ends 0
}

@test "a mark price of the pipe that has grown old gives way to the exchange's" {
	sim --position BTCUSDT:0.7
	risk --cost 0 --max-lev 5 --max-age 1 --every 1
	say "$(price BTCUSDT 66000)" "$(buy ETHUSDT 10)"
	settled
	has "$(rejects)" '.value == "5.3662"'		# (46200 + 30000) / (10000 + 4200)
	until_seen() { say "$(buy ETHUSDT 10)"; settled; jq -e '(.value | tonumber) == 7.2' <<<"$(rejects | tail -n 1)"; }
	wait_for until_seen				# (42000 + 30000) / 10000
	ends 1
}

@test "a wrong key stops the pipe at once: exit 5" {
	sim
	sed -i 's/^secret *=.*/secret = 00000000000000000000000000000000/' "$XDG_CONFIG_HOME/bf/profiles/sim"
	run --separate-stderr bf-risk --max-lev 5 <<<'{"e":"x"}'
	[ "$status" -eq 5 ]
	[ -z "$output" ]
}

@test "a missing or senseless --max-lev, and other wrong words: exit 2" {
	sim
	local a
	for a in '' '--max-lev' '--max-lev 0' '--max-lev -1' '--max-lev ten' '--max-lev 1e3' \
	    '--max-lev 5 --target-lev 6' '--max-lev 5 --target-lev 0' '--max-lev 5 --cost 1001' '--max-lev 5 --cost -1' \
	    '--max-lev 5 --every 0' '--max-lev 5 --max-age 0' '--max-lev 5 x' '--max-lev 5 --market spot'; do
		# shellcheck disable=SC2086
		run --separate-stderr bf-risk $a <<<'{"e":"x"}'
		[ "$status" -eq 2 ] || { echo "$a: $status"; false; }
		[ -z "$output" ]
		[[ $stderr == bf-risk:* ]]
	done
}

@test "no profile chosen: exit 2" {
	run --separate-stderr bf-risk --max-lev 5 <<<'{"e":"x"}'
	[ "$status" -eq 2 ]
	[[ $stderr == *--profile* ]]
}

@test "its reader gone, it dies of SIGPIPE, also while its input is quiet" {
	sim
	mkfifo "$T/quiet"
	exec 8<>"$T/quiet"
	echo '{"e":"one"}' >&8
	run bash -c 'bf-risk --max-lev 5 <"$0/quiet" 3>&- 8>&- | head -n 1; echo "${PIPESTATUS[0]}"' "$T"
	[ "${lines[0]}" = '{"e":"one"}' ]
	[ "${lines[1]}" = 141 ]
}

@test "its reader gone while lines flow, it dies of SIGPIPE" {
	sim
	run bash -c 'yes "{\"e\":\"x\"}" | bf-risk --max-lev 5 | head -n 1; echo "${PIPESTATUS[1]}"'
	[ "${lines[1]}" = 141 ]
}

@test "a full disk is exit 8" {
	sim
	run sh -c 'echo "{\"e\":\"x\"}" | bf-risk --max-lev 5 >/dev/full'
	[ "$status" -eq 8 ]
	run sh -c 'yes "{\"e\":\"x\"}" | bf-risk --max-lev 5 >/dev/full'
	[ "$status" -eq 8 ]
}

@test "lines pass as they come, none waits for the next" {
	sim
	risk --max-lev 5
	local i
	for i in 1 2 3; do
		say "{\"e\":\"x\",\"n\":$i}"
		wait_for grep -q "\"n\":$i}" "$T/out"
	done
	ends 0
}

@test "many lines in one go come out in order" {
	sim --position BTCUSDT:0.1
	local t
	t=$(now)
	seq 1 20000 | awk -v t="$t" '{ printf "{\"e\":\"markPriceUpdate\",\"E\":%s,\"s\":\"%s\",\"p\":\"%d.%d\"}\n", t, $1 % 2 ? "BTCUSDT" : "ETHUSDT", 60000 + $1 % 7, $1 }' >"$T/corpus"
	bf-risk --max-lev 10 <"$T/corpus" >"$T/out"
	cmp "$T/corpus" "$T/out"
}
