#!/usr/bin/env bats
# bf-stream against bf-sim. The feed is a FIFO: nothing moves unless the test says so.

setup() { load ../helper; load ../streaming; load ../signed; home; }
teardown() { home_end; }

# Mark prices until the condition holds: an event that came before the stream was up is lost.
marks_until() {
	local i
	for ((i = 0; i < 400; i++)); do
		"$@" >/dev/null 2>&1 && return 0
		mark BTCUSDT $((60000 + i % 7 * 10))
		sleep 0.05
	done
	echo "in vain: $*" >&2
	return 1
}
events() { jq -c 'select(.e != "bf.conn")' "$T/out"; }
count() { [ "$(events | jq -c "select($1)" | wc -l)" -ge "${2:-1}" ]; }

@test "markPrice of one symbol: the events as they were sent, a line each" {
	feed
	sim --feed "$T/feed"
	stream markPrice BTCUSDT
	up market
	mark BTCUSDT 60100.5
	wait_for count '.e == "markPriceUpdate" and (.p | tonumber) == 60100.5'
	mark ETHUSDT 3001
	mark BTCUSDT 60200
	wait_for count '(.p | tonumber) == 60200'
	has "$(events)" '.e == "markPriceUpdate" and .s == "BTCUSDT" and .E > 0 and (.p | type) == "string"'
	kill -TERM "$STREAM_PID"
	ends 0
}

@test "markPrice of all: arrays are split, one symbol a line" {
	feed
	sim --feed "$T/feed"
	stream markPrice
	up market
	mark BTCUSDT 60100
	mark ETHUSDT 3100
	wait_for count '.s == "BTCUSDT" and (.p | tonumber) == 60100'
	wait_for count '.s == "ETHUSDT" and (.p | tonumber) == 3100'
	has "$(events)" 'type == "object" and .e == "markPriceUpdate"'
}

@test "bookTicker: best bid and ask" {
	feed
	sim --feed "$T/feed"
	stream bookTicker BTCUSDT
	up public
	marks_until count '.e == "bookTicker"'
	has "$(events)" '.s == "BTCUSDT" and (.b | tonumber) < (.a | tonumber) and (.u | type) == "number"'
}

@test "depth: changes of the book that follow each other" {
	feed
	sim --feed "$T/feed"
	stream depth@100ms BTCUSDT
	up public
	marks_until count '.e == "depthUpdate"' 3
	has "$(events)" '.s == "BTCUSDT" and .U <= .u and (.b | type) == "array" and (.a | type) == "array"'
	events | jq -se '[range(1; length) as $i | .[$i].pu == .[$i - 1].u] | all' >/dev/null
}

@test "aggTrade: an order's fill is seen as a trade" {
	sim
	stream aggTrade BTCUSDT
	up market
	order BTCUSDT BUY MARKET 0.010
	wait_for count '.e == "aggTrade"'
	has "$(events)" '.s == "BTCUSDT" and (.q | tonumber) == 0.01 and .m == false and (.p | tonumber) > 50000'
}

@test "kline_1m: the candle goes on" {
	feed
	sim --feed "$T/feed"
	stream kline_1m BTCUSDT
	up market
	marks_until count '.e == "kline"'
	has "$(events)" '.s == "BTCUSDT" and .k.i == "1m" and .k.T - .k.t == 59999'
}

@test "two routes are two connections, and no envelope is left" {
	feed
	sim --feed "$T/feed"
	stream markPrice bookTicker BTCUSDT ETHUSDT
	up market
	up public
	marks_until count '.e == "markPriceUpdate"'
	marks_until count '.e == "bookTicker"'
	mark ETHUSDT 3050
	wait_for count '.e == "markPriceUpdate" and .s == "ETHUSDT"'
	has "$(cat "$T/out")" '.e and (has("data") | not) and (has("stream") | not)'
}

@test "user: order events keep ids of 19 digits" {
	sim
	stream user
	up user
	order ETHUSDT BUY MARKET 0.100
	wait_for count '.e == "ORDER_TRADE_UPDATE" and .o.X == "FILLED"'
	local id
	id=$(grep -oE '"orderId":[0-9]+' "$T/answer" | head -n 1 | cut -d: -f2)
	[[ $id =~ ^[0-9]{19}$ ]]
	grep -qE "\"i\":${id}[,}]" "$T/out"
	wait_for count '.e == "ACCOUNT_UPDATE"'
}

@test "the page's example: fills only, ids as strings of all digits" {
	sim
	stream user --jq 'select(.o.x == "TRADE") | .o'
	wait_for jq -se 'any(.[]; .what == "ws")' "$T/ledger"
	order ETHUSDT BUY MARKET 0.100
	wait_for test -s "$T/out"
	local id
	id=$(grep -oE '"orderId":[0-9]+' "$T/answer" | head -n 1 | cut -d: -f2)
	has "$(cat "$T/out")" ".i == \"$id\" and .x == \"TRADE\""
}

@test "user and market side by side" {
	feed
	sim --feed "$T/feed"
	stream markPrice user BTCUSDT
	up market
	up user
	mark BTCUSDT 60010
	order BTCUSDT BUY MARKET 0.010
	wait_for count '.e == "markPriceUpdate"'
	wait_for count '.e == "ORDER_TRADE_UPDATE"'
}

@test "an unknown stream, or one in wrong capitals, is exit 2" {
	sim
	local a
	for a in '' BTCUSDT 'markprice BTCUSDT' 'depth@250ms BTCUSDT' 'kline BTCUSDT' depth aggTrade 'contractInfo BTCUSDT'; do
		# shellcheck disable=SC2086
		run --separate-stderr timeout 20 bf-stream $a
		[ "$status" -eq 2 ] || { echo "$a: $status"; false; }
		[ -z "$output" ]
		[[ $stderr == bf-stream:* ]]
	done
	[[ $(bf-stream markprice BTCUSDT 2>&1) == *"did you mean markPrice"* ]]
}

@test "an unknown symbol is exit 1, with what comes near, not silence" {
	sim
	run --separate-stderr timeout 20 bf-stream markPrice BTCUSD
	[ "$status" -eq 1 ]
	[ -z "$output" ]
	[[ $stderr == *BTCUSD*BTCUSDT* ]]
	run --separate-stderr timeout 20 bf-stream markPrice bookTrader BTCUSDT	# a misspelt stream is taken for a symbol
	[ "$status" -eq 1 ]
	[[ $stderr == *bookTrader* ]]
}

@test "a symbol beside nothing but user is refused: its events are of the whole account" {
	sim
	run --separate-stderr timeout 20 bf-stream user BTCUSDT
	[ "$status" -eq 2 ]
	[[ $stderr == *BTCUSDT* ]]
}

@test "user needs a chosen profile, and a key that is taken" {
	run --separate-stderr timeout 20 bf-stream user
	[ "$status" -eq 2 ]
	[[ $stderr == *--profile* ]]
	sim
	sed -i 's/^key *=.*/key = 0000000000000000000000000000000000000000000000000000000000000000/' "$XDG_CONFIG_HOME/bf/profiles/sim"
	run --separate-stderr timeout 20 bf-stream user
	[ "$status" -eq 5 ]
	[ -z "$output" ]
}

@test "--count stops after so many records, not counting bf.conn" {
	feed
	sim --feed "$T/feed"
	stream --count 3 markPrice BTCUSDT
	up market
	marks_until eval '! kill -0 "$STREAM_PID"'
	ends 0
	[ "$(events | wc -l)" -eq 3 ]
	[ "$(wc -l <"$T/out")" -eq 4 ]
}

@test "--count is exact in the middle of an array" {
	feed
	sim --feed "$T/feed"
	stream --count 1 markPrice
	up market
	marks_until eval '! kill -0 "$STREAM_PID"'
	ends 0
	[ "$(events | wc -l)" -eq 1 ]
}

@test "a wrong --count or --jq is exit 2" {
	run timeout 20 bf-stream --count 0 markPrice
	[ "$status" -eq 2 ]
	run timeout 20 bf-stream --count many markPrice
	[ "$status" -eq 2 ]
	run timeout 20 bf-stream --jq '.[' markPrice
	[ "$status" -eq 2 ]
}

@test "a filter that fails on a record says so and goes on" {
	feed
	sim --feed "$T/feed"
	stream --jq 'if .p == null then error("no price") else .s end' markPrice BTCUSDT
	wait_for grep -q 'no price' "$T/err"	# of the first bf.conn
	marks_until grep -q BTCUSDT "$T/out"
}

@test "a connection that ends is made again: down, up, and events flow" {
	feed
	sim --feed "$T/feed" --fault 'ws:market: fin after=3'
	stream markPrice BTCUSDT
	up market
	marks_until grep -q '"state":"down"' "$T/out"
	marks_until eval '[ "$(grep -c "\"state\":\"up\"" "$T/out")" -eq 2 ]'
	local n
	n=$(events | wc -l)
	marks_until eval '[ "$(events | wc -l)" -gt "$n" ]'
	[ "$(jq -r 'select(.e == "bf.conn") | .state' "$T/out" | tr '\n' ' ')" = "up down up " ]
	has "$(grep bf.conn "$T/out")" '.by == "bf-stream" and .conn == "market" and .E > 0'
	grep -q 'market stream down: .*; reconnecting' "$T/err"
}

@test "so is one that is reset, and one that is closed with a code, which is told" {
	local how
	for how in rst close=1001; do
		rm -f "$T/feed"
		exec 9>&-
		feed
		sim_as "sim-${how%=*}" --feed "$T/feed" --fault "ws:market: $how after=2"
		stream markPrice BTCUSDT
		up market
		marks_until eval '[ "$(grep -c "\"state\":\"up\"" "$T/out")" -eq 2 ]'
		grep -q '"state":"down"' "$T/out"
		kill "$STREAM_PID"
		ends 0
	done
	grep -q '"why":"closed by peer, code 1001' "$T/out"
}

@test "an expired listenKey is replaced, and account events flow again" {
	sim --listen-key-life 2
	stream user
	up user
	wait_for eval '[ "$(seen POST /fapi/v1/listenKey)" -ge 2 ]'
	wait_for eval '[ "$(grep -c "\"state\":\"up\"" "$T/out")" -ge 2 ]'
	grep -q '"e":"listenKeyExpired"' "$T/out"
	order BTCUSDT BUY MARKET 0.010
	wait_for count '.e == "ORDER_TRADE_UPDATE" and .o.X == "FILLED"'
}

@test "a user connection that breaks is made again under the same key" {
	sim --fault 'ws:user: rst after=1'
	stream user
	up user
	order BTCUSDT BUY MARKET 0.010
	wait_for eval '[ "$(grep -c "\"state\":\"up\"" "$T/out")" -eq 2 ]'
	[ "$(seen POST /fapi/v1/listenKey)" -eq 1 ]
	order BTCUSDT SELL MARKET 0.010
	wait_for count '.e == "ORDER_TRADE_UPDATE" and .o.S == "SELL" and .o.X == "FILLED"'
}

@test "the listenKey is never deleted: others may be using it" {
	sim
	stream user
	up user
	kill -INT "$STREAM_PID"
	ends 0
	[ "$(seen DELETE /fapi/v1/listenKey)" -eq 0 ]
}

@test "listenKey answers that fail are asked for again" {
	sim --fault 'on POST /fapi/v1/listenKey*4: reply=503/svc'
	stream user
	up user
	grep -q 'listenKey: .*trying again' "$T/err"
}

@test "its reader gone, it dies of SIGPIPE, also where nothing is to be said" {
	sim
	run bash -c 'timeout 20 bf-stream user 3>&- | head -n 1; echo "${PIPESTATUS[0]}"'
	[ "${lines[1]}" = 141 ]
	[[ ${lines[0]} == *bf.conn* ]]
}

@test "its reader gone while events flow, it dies of SIGPIPE" {
	feed
	sim --feed "$T/feed"
	(bash -c 'bf-stream markPrice BTCUSDT 3>&- 9>&- | head -n 2 >"$0.head"; echo "${PIPESTATUS[0]}" >"$0.status"' "$T/gone") 3>&- &
	marks_until test -s "$T/gone.status"
	[ "$(cat "$T/gone.status")" = 141 ]
	[ "$(wc -l <"$T/gone.head")" -eq 2 ]
}

@test "SIGINT and SIGTERM end it with 0, and every line is whole" {
	local sig
	feed
	sim --feed "$T/feed"
	for sig in INT TERM; do
		stream markPrice BTCUSDT
		up market
		marks_until count '.e == "markPriceUpdate"'
		kill "-$sig" "$STREAM_PID"
		ends 0
		[ "$(tail -c 1 "$T/out" | od -An -c | tr -d ' ')" = '\n' ]
		jq -e . "$T/out" >/dev/null
	done
}

@test "SIGINT ends it while it waits for an exchange that is not there" {
	nobody none
	stream --profile none markPrice
	wait_for grep -q reconnecting "$T/err"
	kill -INT "$STREAM_PID"
	ends 0
}

@test "a full disk is exit 8" {
	sim
	run timeout 20 sh -c 'bf-stream user >/dev/full'
	[ "$status" -eq 8 ]
	run timeout 20 sh -c 'bf-stream user --jq .e >/dev/full'
	[ "$status" -eq 8 ]
}

@test "nobody there at the start: names cannot be checked, exit 3" {
	nobody none
	run --separate-stderr timeout 20 bf-stream --profile none markPrice BTCUSDT
	[ "$status" -eq 3 ]
	[ -z "$output" ]
}

@test "nobody there, and no name to check: it keeps trying, and says so once" {
	nobody none
	stream --profile none markPrice
	wait_for grep -q '"state":"down"' "$T/out"
	wait_for grep -q 'market stream down: .*; reconnecting' "$T/err"
	kill -0 "$STREAM_PID"
	stream --profile none user
	wait_for grep -q 'listenKey: .*; trying again' "$T/err"
	kill -0 "$STREAM_PID"
}

@test "an exchange that comes back is found again" {
	local port
	feed
	sim --feed "$T/feed"
	port=${SIM_REST##*:}
	stream markPrice BTCUSDT
	up market
	kill "$SIM_PID"
	wait "$SIM_PID" || true
	wait_for grep -q '"state":"down"' "$T/out"
	sim --feed "$T/feed" --port "$port"
	marks_until count '.e == "markPriceUpdate"'
}
