#!/usr/bin/env bats
# bf-kill --when: a circuit breaker in a pipe, with everything opened before the trip.

setup() { load ../helper; load ../kill; home; }
teardown() { home_end; }

price() { printf '{"e":"markPriceUpdate","E":%s,"s":"BTCUSDT","p":"%s"}\n' "$(date +%s000)" "$1"; }
# guarded OPTIONS...: bf-kill in the background, reading what is written to fd 8; $pid.
guarded() {
	mkfifo "$T/pipe"
	bf-kill "$@" <"$T/pipe" >"$T/out" 2>"$T/err" 3>&- 9>&- &
	pid=$!
	exec 8>"$T/pipe"
	wait_for grep -q 'bf-kill: ready' "$T/err"
}
ended() { exec 8>&-; status=0; wait "$pid" || status=$?; output=$(cat "$T/out"); stderr=$(cat "$T/err"); }

@test "it trips on the first record of which the filter is true, and passes nothing on" {
	sim --account 1000000 --position BTCUSDT:0.5
	limit fapi BTCUSDT BUY 0.01 59000
	guarded --when '(.p|tonumber) < 50000'
	price 60000 >&8
	price 50000.1 >&8
	price 49999.9 >&8
	ended
	[ "$status" -eq 0 ]
	[ "$(steps)" = "latch cancel flatten proof end" ]
	[ "$(of latch .record.p)" = 49999.9 ]
	[[ $(of latch .reason) == "bf-kill: when (.p|tonumber) < 50000" ]]
	[ "$(held)" = "" ]
	! grep -q '^{"e":"markPriceUpdate"' "$T/out"
}

@test "until then nothing is latched; a trip asks for neither time, nor rules, nor the key" {
	sim --account 1000000 --position BTCUSDT:0.5
	rm -rf "$XDG_CACHE_HOME/bf" "$XDG_STATE_HOME/bf"
	guarded --when '(.p|tonumber) < 50000'
	price 60000 >&8
	[ ! -e "$(latch)" ]
	rm "$XDG_CONFIG_HOME/bf/profiles/sim"
	price 1 >&8
	ended
	[ "$status" -eq 0 ]
	jq -s '[.[] | select(.what == "request").path] | .[index("/fapi/v1/openOrders"):] | any(test("/(time|exchangeInfo)$"))' "$T/ledger" | is '. == false'
	[ "$(held)" = "" ]
}

@test "the end of the records is no trip; --on-eof trip makes it one" {
	sim --account 1000000 --position BTCUSDT:0.5
	run --separate-stderr bf-kill --when '.p == "1"' < <(price 60000)
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[[ $stderr == *"ended without a trip"* ]]
	[ ! -e "$(latch)" ]
	run --separate-stderr bf-kill --when '.p == "1"' --on-eof trip < <(price 60000)
	[ "$status" -eq 0 ]
	[ "$(last .flat)" = true ]
	[ "$(held)" = "" ]
}

@test "what cannot be judged is said and does not trip; the next record can" {
	sim --account 1000000 --position BTCUSDT:0.5
	guarded --when '(.p|tonumber) < 50000'
	printf '%s\n' 'not JSON' '{"p":"abc"}' '{"p":1' '[]' '' >&8
	wait_for grep -q 'line 1 does not trip' "$T/err"
	[ ! -e "$(latch)" ]
	price 1 >&8
	ended
	[ "$status" -eq 0 ]
	[ "$(last .flat)" = true ]
}

@test "what is no number is less than none: NaN and infinities, lines of 10 MiB, bytes of any kind, 20000 records" {
	sim --account 1000000 --position BTCUSDT:0.5
	{
		head -c 10485760 /dev/zero | tr '\0' 'x'
		printf '\n{"p":"%s"}\n' "$(head -c 10485760 /dev/zero | tr '\0' '9')"
		printf '%s\n' '{"p":NaN}' '{"p":"NaN"}' '{"p":"nan"}' '{"p":"-Infinity"}' '{"p":"-1e999"}' '{"p":null}' '{"p":true}' '{}'
		printf '\0\n{"p":"1"\0}\n\377\376\n'
		head -c 100000 /dev/zero | tr '\0' '['
		echo
		yes '{"p":"60000"}' | head -n 20000
	} >"$T/in"
	run --separate-stderr bf-kill --when '(.p|tonumber) < 50000' <"$T/in"
	[ "$status" -eq 0 ]
	[ ! -e "$(latch)" ]
	[[ $stderr == *"line 1 does not trip"*"more records could not be judged"* ]]
	echo '{"p":"49999"}' >>"$T/in"
	run --separate-stderr bf-kill --when '(.p|tonumber) < 50000' <"$T/in"
	[ "$status" -eq 0 ]
	[ "$(of latch .record.p)" = 49999 ]
	[ "$(held)" = "" ]
}

@test "a cut last line does not trip, but the end it comes with may" {
	sim --account 1000000 --position BTCUSDT:0.5
	run --separate-stderr bf-kill --when '.p == "1"' < <(printf '{"p":"1"}')
	[ "$status" -eq 0 ]
	[ ! -e "$(latch)" ]
	[[ $stderr == *"may be cut"* ]]
	run --separate-stderr bf-kill --when '.p == "1"' --on-eof trip < <(printf '{"p":"1"}')
	[ "$(of latch .reason)" = "bf-kill: standard input has ended" ]
	[ "$(held)" = "" ]
}

@test "true and nothing else: not 1, not a string, not every output" {
	sim
	for filter in 1 '"true"' null empty '[true]' '{"a":true}' false; do
		run --separate-stderr bf-kill --level block --when "$filter" < <(price 1)
		[ "$status" -eq 0 ]
		[ ! -e "$(latch)" ] || { echo "$filter"; false; }
	done
	run --separate-stderr bf-kill --level block --when 'false, true' < <(price 1)
	[ "$(last .latched)" = true ]
}

@test "SIGUSR1 trips it, with what is open at the time" {
	sim --account 1000000 --position BTCUSDT:0.5
	guarded --when false --reason "the operator"
	kill -USR1 "$pid"
	wait_for grep -q '"step":"end"' "$T/out"
	ended
	[ "$status" -eq 0 ]
	[ "$(of latch .reason)" = "bf-kill: the operator" ]
	[ "$(held)" = "" ]
}

@test "SIGTERM ends it without a trip" {
	sim --account 1000000 --position BTCUSDT:0.5
	guarded --when false
	kill "$pid"
	wait_for gone
	ended
	[ "$status" -eq 0 ]
	[[ $stderr == *"ended without a trip"* ]]
	[ ! -e "$(latch)" ]
	[ "$(executed)" -eq 0 ]
}
gone() { ! kill -0 "$pid"; }

@test "the design's own line: a stream, and the breaker" {
	feed
	sim --account 1000000 --feed "$T/feed" --mark BTCUSDT=60000 --position BTCUSDT:0.5@60000
	mark BTCUSDT 60000
	bg "bf-stream markPrice BTCUSDT 2>$T/stream.err | bf-kill --when '(.p|tonumber) < 50000' >$T/out 2>$T/err"
	wait_for grep -q 'bf-kill: ready' "$T/err"
	wait_for grep -q '"what":"ws"' "$T/ledger"
	falls() { mark BTCUSDT 49000; grep -q '"step":"end"' "$T/out"; }
	wait_for falls
	tail -n 1 "$T/out" | is .flat
	[ "$(held)" = "" ]
}

@test "no exchange to open, no filter that compiles: it says so before it guards" {
	sim
	run --separate-stderr bf-kill --when '.p <' </dev/null
	[ "$status" -eq 2 ]
	[[ $stderr != *ready* ]]
	run --separate-stderr bf-kill --when true --profile nowhere </dev/null
	[ "$status" -eq 2 ]
}
