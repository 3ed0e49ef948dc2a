#!/usr/bin/env bats
# What may become of an order, case by case: answers that do not tell, orders that come late,
# events that come early, twice, in the wrong order or not at all, exits that are refused. What
# reached the exchange and what it executed is its ledger's word.

setup() { load ../helper; load ../simclient; load ../asked; home; }
teardown() { home_end; }

# stop SIDE QUANTITY TRIGGER SYMBOL ID [MORE]: a stop that only reduces.
stop() { printf '{"symbol":"%s","side":"%s","type":"STOP_MARKET","quantity":"%s","triggerPrice":"%s","newClientOrderId":"%s","reduceOnly":true%s}\n' "$4" "$1" "$2" "$3" "$5" "${6:+,$6}"; }
cancel() { printf '{"op":"cancel","symbol":"BTCUSDT","origClientOrderId":"%s"}\n' "$1"; }
# of E: the records of that kind; e.g. `of bf.unprotected`.
of() { jq -c --arg e "$1" 'select(.e == $e)' <<<"$output"; }
# once N M [PATH]: N transmissions, M orders executed.
once() { same "$1 $2" "$(seen POST "${3:-/fapi/v1/order}") $(executed)"; }
# The look-ups cannot tell: only events can.
BLIND=('on GET order: reply=502/html' 'on GET openOrders: reply=502/html' 'on GET userTrades: reply=502/html')
unknown() { grep -q 'outcome unknown' "$T/err"; }
user() { ws u "/private/ws/$(listen_key)"; }
streaming() { jq -e 'select(.what == "ws")' "$T/ledger" | grep -q private; }
journal_says() { jq -r 'select(.what != "intent") | .what' "$XDG_STATE_HOME"/bf/sim/journal/*.ndjson | paste -sd' '; }

#
# What happened to my order?
#

@test "-1006: unknown, never sent again, found; or absent" {
	for exec in yes no; do
		sim --fault "on POST order: exec=$exec reply=400/-1006"
		quick
		run --separate-stderr bf-order "${QUICK[@]}" <<<"$(market BUY 0.01 ETHUSDT $exec)"
		if [ $exec = yes ]; then
			[ "$status" -eq 0 ] || { echo "$output $stderr"; false; }
			once 1 1
		else
			[ "$status" -eq 1 ] || { echo "$output $stderr"; false; }
			same absent "$(of bf.recovered | jq -r .outcome)"
			once 1 0
		fi
		home_end
		: >"$T/ledger"
	done
}

@test "-1007 under each status it comes with is unknown" {
	for http in 408 400 503; do
		sim --fault "on POST order: exec=yes reply=$http/-1007"
		run --separate-stderr bf-order <<<"$(market BUY 0.01 ETHUSDT $http)"
		[ "$status" -eq 0 ] || { echo "$http: $output $stderr"; false; }
		[[ $stderr == *"outcome unknown"* ]]
		once 1 1
		home_end
		: >"$T/ledger"
	done
}

@test "-1008 refuses what opens; what reduces goes" {
	sim --position ETHUSDT:1 --fault 'on POST order*20: exec=no reply=503/-1008'
	{ market BUY 0.01 ETHUSDT o1; market SELL 0.02 ETHUSDT x1 '"reduceOnly":true'; market BUY 0.01 ETHUSDT o2; } >"$T/lines"
	run --separate-stderr bf-order --wait 0 <"$T/lines"
	[ "$status" -eq 3 ]
	outcomes 3
	same "refused true" "$(of bf.error | jq -r 'select(.intent.newClientOrderId == "o1") | "\(.outcome) \(.retryable)"')"
	is -s 'map(select(.clientOrderId == "x1")) | length == 1' <<<"$output"
	once 3 1
}

@test "an answer that is cut within its body is no answer" {
	for cut in 97 300 500; do
		sim --fault "on POST order: exec=yes net=cut=$cut"
		run --separate-stderr bf-order <<<"$(limit BUY 0.01 2990 ETHUSDT $cut)"
		[ "$status" -eq 0 ] || { echo "$cut: $output $stderr"; false; }
		same $cut:NEW "$(became)"
		[[ $stderr == *"outcome unknown"* ]] || { echo "$cut: $output $stderr"; false; }
		once 1 1
		home_end
		: >"$T/ledger"
	done
}

@test "-4116: what stands under the id is adopted, or is a conflict if it is another order" {
	sim
	limit_order ETHUSDT BUY 0.01 2990 newClientOrderId=o1 >"$T/a"
	limit_order ETHUSDT BUY 0.01 2990 newClientOrderId=o2 >"$T/a"
	{ limit BUY 0.010 2990 ETHUSDT o1; limit BUY 0.03 2990 ETHUSDT o2; } >"$T/lines"
	run --separate-stderr bf-order --resolve-timeout 3 <"$T/lines"
	[ "$status" -eq 4 ]
	outcomes 2
	is -s '.[0].clientOrderId == "o1" and .[0].status == "NEW"' <<<"$output"
	is -s '.[1].outcome == "unknown" and (.[1].msg | test("by hand"))' <<<"$output"
	same 2 "$(executed)"
}

@test "reads that lag behind: -2013 proves nothing, and nothing is placed again" {
	sim --fault 'on POST order: exec=yes net=rst sim lag=1500'
	run --separate-stderr bf-order <<<"$(limit BUY 0.01 2990 ETHUSDT o1)"
	[ "$status" -eq 0 ] || { echo "$output $stderr"; false; }
	same o1:NEW "$(became)"
	[ "$(seen GET /fapi/v1/order)" -ge 2 ]
	once 1 1
}

@test "-2011 for a cancel: the order's true end is the result" {
	sim
	bf-order <<<"$(limit BUY 0.01 2990 ETHUSDT o1; limit BUY 0.01 2991 ETHUSDT o2; limit BUY 0.01 2992 ETHUSDT o3)" >/dev/null
	act 'fill ETHUSDT order=o1' 'cancel ETHUSDT order=o2'
	rules 'on DELETE order: exec=no reply=400/-2011'
	for i in 1 2 3; do printf '{"op":"cancel","symbol":"ETHUSDT","origClientOrderId":"o%d"}\n' $i; done >"$T/lines"
	run --separate-stderr bf-order --batch 1 --resolve-timeout 2 <"$T/lines"
	[ "$status" -eq 1 ]
	# the third stands, whatever the refusal says
	same "o1:FILLED o2:CANCELED" "$(jq -c 'select(.status)' <<<"$output" | jq -rs 'map("\(.clientOrderId):\(.status)") | sort | join(" ")')"
	same "o3 refused" "$(of bf.error | jq -r '"\(.intent.origClientOrderId) \(.outcome)"')"
	[ "$(seen DELETE /fapi/v1/order)" -eq 3 ]
}

@test "a part is filled under a cancel: the quantity is the exchange's" {
	sim
	bf-order <<<"$(limit BUY 1 59000 BTCUSDT o1)" >/dev/null
	rules 'on DELETE order#1: sim fill=0.4 BTCUSDT order=o1'
	run --separate-stderr bf-order <<<"$(cancel o1)"
	[ "$status" -eq 0 ]
	is '.status == "CANCELED" and (.executedQty | tonumber) == 0.4 and (.origQty | tonumber) == 1' <<<"$output"
	# the same where the answer is lost
	bf-order <<<"$(limit BUY 1 59000 BTCUSDT o2)" >/dev/null
	rules 'on DELETE order: exec=yes net=rst sim fill=0.3 BTCUSDT order=o2'
	run --separate-stderr bf-order <<<"$(cancel o2)"
	[ "$status" -eq 0 ] || { echo "$output $stderr"; false; }
	is '.status == "CANCELED" and (.executedQty | tonumber) == 0.3' <<<"$output"
	[ "$(seen DELETE /fapi/v1/order)" -eq 2 ]
}

@test "an order is filled under its modification: refused, and said" {
	sim
	bf-order <<<"$(limit BUY 0.01 59000 BTCUSDT o1)" >/dev/null
	rules 'on PUT order: sim fill BTCUSDT order=o1'
	run --separate-stderr bf-order <<<'{"op":"modify","symbol":"BTCUSDT","origClientOrderId":"o1","price":"59001"}'
	[ "$status" -eq 1 ]
	outcomes 1
	is '.e == "bf.error" and .outcome == "refused" and (.msg | test("FILLED"))' <<<"$output"
	[ "$(seen PUT /fapi/v1/order)" -eq 1 ]
}

@test "an outage with orders under way: they stay unknown, and are settled before the next order" {
	sim
	bf-order <<<"$(limit BUY 0.01 2990 ETHUSDT o1)" >/dev/null
	rules 'on POST order#1: exec=yes net=rst sim blackhole=3s'
	run --separate-stderr bf-order --timeout 400 --resolve-timeout 1 <<<"$(limit SELL 0.01 3100 ETHUSDT o2)"
	[ "$status" -eq 4 ]
	same unknown "$(of bf.error | jq -r .outcome)"
	# the exchange is still away: what adds risk is not sent, and nothing is called a failure
	run --separate-stderr bf-order --timeout 400 --resolve-timeout 1 <<<"$(limit SELL 0.01 3200 ETHUSDT o3)"
	[ "$status" -ne 0 ]
	[ "$(journal_says | grep -cE 'absent|refused')" -eq 0 ]
	wait_for act 'fill ETHUSDT order=o2'
	run --separate-stderr bf-order <<<"$(limit SELL 0.01 3300 ETHUSDT o4)"
	[ "$status" -eq 0 ] || { echo "$output $stderr"; false; }
	same "o2 result FILLED" "$(of bf.recovered | jq -r '"\(.clientOrderId) \(.outcome) \(.order.status)"')"
	same bf.recovered "$(head -n 1 <<<"$output" | jq -r .e)"
	once 3 3
}

@test "an acknowledgement without figures stays what it is" {
	sim --fault 'sim ack=minimal'
	run --separate-stderr bf-order <<<"$(market BUY 0.01 ETHUSDT o1; limit BUY 0.002 59000 BTCUSDT o2)"
	[ "$status" -eq 0 ] || { echo "$output $stderr"; false; }
	outcomes 2
	is -s 'all(.[]; has("avgPrice") | not)' <<<"$output"
	[[ $stderr != *unknown* ]]
	once 2 2
}

#
# The account's events
#

@test "the listenKey expires while an order is looked for: a new one, and the event is heard" {
	sim --fault 'on POST order: exec=no reply=503/unknown' "${BLIND[@]/#/--fault=}"
	fed --resolve-timeout 25
	tell "$(limit BUY 0.002 59000 BTCUSDT o1)"
	wait_for streaming
	act expire_listenkey
	two() { [ "$(seen POST /fapi/v1/listenKey)" -ge 2 ] && [ "$(jq -c 'select(.what == "ws")' "$T/ledger" | grep -c private)" -ge 2 ]; }
	wait_for two
	act 'place BUY BTCUSDT qty=0.002 price=59000 order=o1'
	wait_for came 1
	fed_end
	[ "$status" -eq 0 ]
	output=$(<"$T/out")
	same o1:NEW "$(became)"
	# others may listen with the same key: it is never deleted
	[ "$(seen DELETE /fapi/v1/listenKey)" -eq 0 ]
}

@test "the stream breaks: what was missed meanwhile is found by asking" {
	sim --fault 'on POST order: exec=late=700 reply=503/unknown' --fault 'ws:user: fin' --fault 'ws:user: rst'
	run --separate-stderr bf-order <<<"$(limit BUY 0.002 59000 BTCUSDT o1)"
	[ "$status" -eq 0 ] || { echo "$output $stderr"; false; }
	same o1:NEW "$(became)"
	once 1 1
}

@test "an event before the answer: one outcome, and a lost answer is not looked for" {
	sim
	user
	rules 'on POST order#1: exec=yes net=delay=700' 'on POST order#2: exec=yes net=delay=700 reply=503/unknown'
	fed
	for i in 1 2; do
		tell "$(limit BUY 0.002 59000 BTCUSDT o$i)"
		wait_for got u "\"c\":\"o$i\""
		tell "$(grep ORDER_TRADE_UPDATE "$T/u" | grep "\"c\":\"o$i\"")"
		wait_for came $i
	done
	fed_end
	[ "$status" -eq 0 ]
	output=$(<"$T/out")
	same "o1:NEW o2:NEW" "$(became)"
	[ "$(seen GET /fapi/v1/order)" -eq 0 ]
	once 2 2
}

@test "events twice and in the wrong order: the later state stands, and there is one outcome" {
	sim
	user
	rules 'on POST order: exec=yes net=delay=1500 reply=503/unknown'
	fed
	tell "$(limit BUY 0.002 59000 BTCUSDT o1)"
	wait_for got u '"X":"NEW"'
	act 'fill=0.001 BTCUSDT order=o1' 'fill=0.001 BTCUSDT order=o1'
	wait_for got u '"X":"FILLED"'
	for x in FILLED PARTIALLY_FILLED NEW FILLED FILLED NEW; do
		tell "$(grep ORDER_TRADE_UPDATE "$T/u" | grep "\"X\":\"$x\"")"
	done
	wait_for came 1
	fed_end
	[ "$status" -eq 0 ]
	output=$(<"$T/out")
	outcomes 1
	is '.status == "FILLED" and (.executedQty | tonumber) == 0.002' <<<"$output"
	once 1 1
}

@test "a TRADE_LITE is a hint: the order exists, and its outcome is asked for" {
	sim --fault 'sim lite=on'
	user
	# by what can be asked it would be absent
	rules 'on POST order: exec=yes net=delay=1500 reply=503/unknown' 'on GET order*3: reply=400/-2013' 'on GET userTrades: reply=200/array'
	quick
	fed --lag-budget 1 --resolve-timeout 8
	tell "$(market BUY 0.01 ETHUSDT o1)"
	wait_for got u TRADE_LITE
	tell "$(grep TRADE_LITE "$T/u")"
	wait_for came 1
	fed_end
	[ "$status" -eq 0 ] || { cat "$T/out" "$T/err"; false; }
	output=$(<"$T/out")
	same o1:FILLED "$(became)"
	once 1 1
}

@test "a status that nobody knows passes as it came" {
	sim --fault 'sim enum=SOMETHING_NEW'
	run --separate-stderr bf-order <<<"$(limit BUY 0.002 59000 BTCUSDT o1)"
	[ "$status" -eq 0 ]
	same o1:SOMETHING_NEW "$(became)"
	rules 'on POST order: exec=yes net=rst'
	run --separate-stderr bf-order <<<"$(limit BUY 0.002 59000 BTCUSDT o2)"
	[ "$status" -eq 0 ] || { echo "$output $stderr"; false; }
	same o2:SOMETHING_NEW "$(became)"
	once 2 2
}

@test "orders of others are not taken for ours" {
	sim --fault 'on POST order: exec=no net=rst'
	user
	quick
	fed "${QUICK[@]}"
	tell "$(limit BUY 0.002 59000 BTCUSDT o1)"
	wait_for unknown
	act 'place BUY BTCUSDT qty=0.002 price=59000 order=other'
	wait_for got u '"c":"other"'
	tell "$(grep ORDER_TRADE_UPDATE "$T/u")"
	wait_for came 2
	fed_end
	[ "$status" -eq 1 ]
	output=$(<"$T/out")
	same absent "$(of bf.recovered | jq -r .outcome)"
	same other "$(signed GET /fapi/v1/openOrders | jq -r '.[].clientOrderId')"
}

#
# Exits
#

@test "a stop that the exchange refuses leaves a position unprotected, and that is said" {
	sim --position BTCUSDT:0.01
	run --separate-stderr bf-order <<<"$(stop SELL 0.01 61000 BTCUSDT s1)"
	[ "$status" -eq 1 ]
	outcomes 2
	same "bf.error bf.unprotected" "$(jq -r .e <<<"$output" | paste -sd' ')"
	of bf.unprotected | is '.by == "bf-order" and .symbol == "BTCUSDT" and .positionSide == "BOTH" and .code == -2021 and .E > 0 and
		.intent.newClientOrderId == "s1" and (.msg | test("immediately trigger"))'
	[[ $stderr == *"BTCUSDT: no stop stands by this order"* ]]
	# one that opens, a plain exit that is refused, and one that stands, say nothing of the kind
	{ printf '{"symbol":"BTCUSDT","side":"BUY","type":"STOP_MARKET","quantity":"0.01","triggerPrice":"59000"}\n'
		stop SELL 0.01 59000 BTCUSDT s2; market BUY 0.01 BTCUSDT x1 '"reduceOnly":true'; } >"$T/lines"
	run --separate-stderr bf-order <"$T/lines"
	same "" "$(of bf.unprotected)"
	same -2021 "$(of bf.error | jq 'select(.code == -2021).code')"
}

@test "in hedge mode the leg is named; and a stop whose absence is proven later is one that failed" {
	sim --hedge --position BTCUSDT:0.01 --position BTCUSDT:-0.01
	quick
	run --separate-stderr bf-order <<<'{"symbol":"BTCUSDT","side":"BUY","positionSide":"SHORT","type":"STOP_MARKET","quantity":"0.01","triggerPrice":"59000"}'
	[ "$status" -eq 1 ]
	same "SHORT -2021" "$(of bf.unprotected | jq -r '"\(.positionSide) \(.code)"')"
	rules 'on POST algoOrder: exec=no net=rst'
	run --separate-stderr bf-order "${QUICK[@]}" <<<"$(stop SELL 0.01 59000 BTCUSDT s2)"
	[ "$status" -eq 1 ] || { echo "$output $stderr"; false; }
	same "bf.recovered bf.error bf.unprotected" "$(jq -r .e <<<"$output" | paste -sd' ')"
	same "LONG 0" "$(of bf.unprotected | jq -r '"\(.positionSide) \(.code)"')"
	rules 'on POST algoOrder: exec=no net=rst'
	run --separate-stderr bf-order --lag-budget 1 --timeout 400 --resolve-timeout 1 <<<"$(stop SELL 0.01 59000 BTCUSDT s3)"
	[ "$status" -eq 4 ]
	same "" "$(of bf.unprotected)"		# not known yet
	run --separate-stderr bf-order "${QUICK[@]}" recover
	same "s3 LONG" "$(of bf.unprotected | jq -r '"\(.intent.newClientOrderId) \(.positionSide)"')"
}

@test "a stop that fails at its trigger: the event on the pipe says so" {
	sim --position BTCUSDT:0.01
	user
	bf-order <<<"$(stop SELL 0.01 59000 BTCUSDT s1)" >/dev/null
	market_order BTCUSDT SELL 0.01 >"$T/a"		# nothing is left to reduce
	act 'trigger BTCUSDT'
	wait_for got u '"X":"REJECTED"'
	run --separate-stderr bf-order <<<"$(grep ALGO_UPDATE "$T/u")"
	[ "$status" -eq 0 ]
	same bf.unprotected "$(jq -r .e <<<"$output")"
	is '.symbol == "BTCUSDT" and .positionSide == "BOTH" and .intent == null' <<<"$output"
}

@test "an exit that is refused says what is held, and which orders reduce it already" {
	sim --position ETHUSDT:1
	run --separate-stderr bf-order <<<"$(market BUY 0.01 BTCUSDT x1 '"reduceOnly":true'; market BUY 0.1 ETHUSDT x2 '"reduceOnly":true')"
	[ "$status" -eq 1 ]
	outcomes 2
	is -s 'map(select(.intent.newClientOrderId == "x1"))[0] | .code == -2022 and .outcome == "refused" and (.msg | test("flat: nothing to reduce"))' <<<"$output"
	is -s 'map(select(.intent.newClientOrderId == "x2"))[0] | .msg | test("position is 1, which a BUY does not reduce")' <<<"$output"
	bf-order <<<"$(limit SELL 1 3100 ETHUSDT e1 '"reduceOnly":true')" >"$T/a"
	rules 'on POST order: exec=no reply=400/-4118'
	run --separate-stderr bf-order <<<"$(market SELL 1 ETHUSDT x3 '"reduceOnly":true')"
	[ "$status" -eq 1 ]
	is --arg id "$(grep -oE '"orderId":[0-9]+' "$T/a" | cut -d: -f2)" '.code == -4118 and .outcome == "refused" and (.retryable | not) and
		(.msg | test("position is 1, and open orders reduce it by 1: " + $id))' <<<"$output"
	# what cannot be read does not change the outcome
	rules 'on POST order: exec=no reply=400/-2022' 'on GET positionRisk: reply=502/html'
	run --separate-stderr bf-order <<<"$(market SELL 1 ETHUSDT x4 '"reduceOnly":true')"
	[ "$status" -eq 1 ]
	is '.outcome == "refused" and (.msg | test("could not be read"))' <<<"$output"
}

@test "an exit of the other market goes although the first one's rules cannot be had" {
	sim --balance coinm.BTC=1 --position BTCUSD_PERP:5 --fault 'on GET /fapi/v1/exchangeInfo: reply=502/html'
	run --separate-stderr bf-order <<<"$(market SELL 1 BTCUSD_PERP x1 '"reduceOnly":true')"
	[ "$status" -eq 0 ] || { echo "$output $stderr"; false; }
	same 1 "$(seen POST /dapi/v1/order)"
	rules 'on GET /dapi/v1/exchangeInfo: reply=502/html'
	rm -rf "$XDG_CACHE_HOME/bf"
	run --separate-stderr bf-order <<<"$(market SELL 1 BTCUSD_PERP x2 '"reduceOnly":true')"
	[ "$status" -eq 0 ] || { echo "$output $stderr"; false; }
	same 2 "$(seen POST /dapi/v1/order)"
	same 0 "$(seen POST /fapi/v1/order)"
	# what adds risk is not sent by a guess
	run --separate-stderr bf-order <<<"$(market BUY 1 BTCUSD_PERP o1)"
	[ "$status" -eq 3 ]
	same 2 "$(executed)"
}

#
# The journal
#

@test "cancels of one id on two symbols do not hide one another at recovery" {
	sim
	bf-order <<<"$(limit BUY 0.002 59000 BTCUSDT same)" >/dev/null
	limit_order ETHUSDT BUY 0.01 2990 newClientOrderId=same >"$T/a"
	rules 'on DELETE order#1: exec=no net=rst'
	run --separate-stderr bf-order --lag-budget 1 --timeout 400 --resolve-timeout 1 <<<"$(cancel same)"
	[ "$status" -eq 4 ]
	# the other one has its outcome, which is not that of the first
	printf '{"op":"cancel","symbol":"ETHUSDT","origClientOrderId":"same"}\n' >"$T/lines"
	run --separate-stderr bf-order --resolve-timeout 1 <"$T/lines"
	same CANCELED "$(jq -r 'select(.symbol == "ETHUSDT").status' <<<"$output")"
	act 'cancel BTCUSDT order=same'
	run --separate-stderr bf-order recover
	[ "$status" -eq 0 ]
	same "BTCUSDT result CANCELED" "$(of bf.recovered | jq -r '"\(.order.symbol) \(.outcome) \(.order.status)"')"
	same 2 "$(jq -r 'select(.what == "intent").id' "$XDG_STATE_HOME"/bf/sim/journal/*.ndjson | grep '^~' | sort -u | wc -l)"
}

@test "names of cancels as an older version wrote them are read" {
	sim
	bf-order <<<"$(limit BUY 0.002 59000 BTCUSDT old)" >/dev/null
	rules 'on DELETE order#1: exec=no net=rst'
	bf-order --lag-budget 1 --timeout 400 --resolve-timeout 1 <<<"$(cancel old)" >/dev/null || true
	file=$(ls "$XDG_STATE_HOME"/bf/sim/journal/*.ndjson)
	grep -q '"id":"~old\.[0-9a-f]\{8\}"' "$file"
	while IFS= read -r text; do
		text=$(sed -E 's/"id":"~old\.[0-9a-f]{8}"/"id":"~old"/; s/,"crc":"[0-9a-f]*"}$//' <<<"$text")
		printf '%s,"crc":"%s"}\n' "$text" "$(printf %s "$text" | gzip -c | tail -c 8 | od -An -tx4 -N4 --endian=little | tr -d ' ')"
	done <"$file" >"$T/journal"
	cat "$T/journal" >"$file"
	act 'cancel BTCUSDT order=old'
	run --separate-stderr bf-order recover
	[ "$status" -eq 0 ] || { echo "$output $stderr"; false; }
	same "old result" "$(of bf.recovered | jq -r '"\(.clientOrderId) \(.outcome)"')"
}
