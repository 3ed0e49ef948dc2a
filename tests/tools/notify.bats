#!/usr/bin/env bats
# What bf-kill, bf-stream and bf-risk tell a service manager (sd_notify), heard on a socket of the test's own.

setup() { load ../helper; load ../kill; home; manager; }
teardown() { home_end; }

# The service manager: what it hears is in $T/heard. The pid in WATCHDOG_PID would be another one's.
manager() {
	"$BF_PEERS/notified" "$T/notify" >"$T/heard" 3>&- 4>&- &
	wait_for grep -q ready "$T/heard"
}
# service USEC PROGRAM...: in the background, with a watchdog of so many microseconds; IN is its input.
service() {
	local usec=$1
	shift
	NOTIFY_SOCKET=$T/notify WATCHDOG_USEC=$usec "$@" <"${IN:-/dev/null}" >"$T/out" 2>"$T/err" 3>&- 4>&- 8>&- 9>&- &
	pid=$!
}
# The input is a named pipe that stays open; the test writes to fd 8.
pipe() {
	IN=$T/in
	mkfifo "$IN"
	exec 8<>"$IN"
}
ended() { status=0; wait "$pid" || status=$?; output=$(cat "$T/out"); stderr=$(cat "$T/err"); }
hears() { grep -q -- "$1" "$T/heard"; }
times() { grep -c -- "$1" "$T/heard" || true; }
at_least() { [ "$(times "$1")" -ge "$2" ]; }
countdowns() { seen POST /fapi/v1/countdownCancelAll; }
says() { grep -q -- "$1" "$T/err"; }

@test "bf-kill --deadman: ready with the first countdown, alive with each one acknowledged, and no more often" {
	sim --account 1000000
	limit fapi BTCUSDT BUY 0.01 59000
	service 20000000 bf-kill --deadman 3 --symbol BTCUSDT
	wait_for at_least WATCHDOG=1 3
	kill "$pid"
	ended
	[ "$status" -eq 0 ]
	[ "$(sed -n '2,3p' "$T/heard" | paste -sd' ')" = "READY=1 WATCHDOG=1" ]
	hears '^STATUS=countdown of 3 s kept for 1 symbol$'
	[ "$(tail -n 1 "$T/heard")" = STOPPING=1 ]
	[ "$(times READY=1)" -eq 1 ]
	# one may have been asked for whose answer was not waited for
	[ "$(times WATCHDOG=1)" -le "$(countdowns)" ]
	[ "$(times WATCHDOG=1)" -ge $(($(countdowns) - 1)) ]
}

@test "bf-kill --deadman: a countdown that is refused gives neither ready nor a sign of life" {
	sim --account 1000000 --fault 'on POST countdownCancelAll*: exec=no reply=503/svc'
	limit fapi BTCUSDT BUY 0.01 59000
	service 20000000 bf-kill --deadman 3 --symbol BTCUSDT
	four() { [ "$(countdowns)" -ge 4 ]; }
	wait_for four
	hears '^STATUS=COUNTDOWN NOT REFRESHED: '
	run ! hears READY=1
	run ! hears WATCHDOG=1
	kill "$pid"
	ended
	[ "$status" -eq 3 ]
}

@test "bf-kill --deadman: signs of life stop with the acknowledgements, and come back with them" {
	sim --account 1000000
	limit fapi BTCUSDT BUY 0.01 59000
	service 20000000 bf-kill --deadman 3 --symbol BTCUSDT
	wait_for at_least WATCHDOG=1 1
	fault 'on POST countdownCancelAll*: exec=no reply=503/svc'
	wait_for hears 'NOT REFRESHED'
	before=$(times WATCHDOG=1)
	asked=$(countdowns)
	three_more() { [ "$(countdowns)" -ge $((asked + 3)) ]; }
	wait_for three_more
	[ "$(times WATCHDOG=1)" -eq "$before" ]
	curl -sS --noproxy '*' -X DELETE "$SIM_REST/sim/v1/faults" | is .ok
	wait_for at_least WATCHDOG=1 $((before + 1))
	[ "$(times 'STATUS=countdown of 3 s kept')" -eq 2 ]
	kill "$pid"
	ended
}

@test "bf-kill --deadman: without open orders the exchange's answer is the sign; the latch ends the signs" {
	sim --account 1000000
	service 20000000 bf-kill --deadman 3
	wait_for at_least WATCHDOG=1 2
	[ "$(countdowns)" -eq 0 ]
	bf-kill --level block --reason stop >/dev/null 2>&1
	wait_for hears '^STATUS=COUNTDOWN NOT REFRESHED: the kill latch is set'
	before=$(times WATCHDOG=1)
	bf-kill --reset --reason 'again' >/dev/null 2>&1
	wait_for at_least WATCHDOG=1 $((before + 1))
	kill "$pid"
	ended
}

@test "bf-kill: a trip takes the watchdog off, for it has a time limit of its own" {
	sim --account 1000000 --position BTCUSDT:2x
	service 20000000 bf-kill --deadman 3
	wait_for hears READY=1
	kill -USR1 "$pid"
	ended
	[ "$status" -eq 0 ]
	[ "$(tail -n 2 "$T/heard" | paste -sd' ')" = "WATCHDOG_USEC=0 STATUS=tripped: SIGUSR1" ]
	[ "$(held)" = "" ]
}

@test "bf-kill --when alone is ready when it reads; a watchdog over it is refused" {
	sim
	pipe
	service '' bf-kill --when false --on-eof exit
	wait_for hears READY=1
	kill "$pid"
	ended
	IN=
	service 20000000 bf-kill --when false
	ended
	[ "$status" -eq 2 ]
	[[ $stderr == *"WATCHDOG_USEC: signs of life are of --deadman"* ]]
}

@test "a watchdog shorter than what it waits for is a usage error, before anything is asked" {
	sim
	for row in "900000 bf-kill --deadman 3 --symbol BTCUSDT" "3900000 bf-kill --deadman 3" \
		"1000000 bf-stream markPrice" "5000000 bf-risk --max-lev 3"; do
		# shellcheck disable=SC2086 # words
		service $row
		ended
		[ "$status" -eq 2 ] || { echo "$row: $status"; false; }
		[[ $stderr == *"WATCHDOG_USEC: the watchdog waits ${row%%000 *} ms"*"set WatchdogSec= to"* ]] || { echo "$stderr"; false; }
	done
	[ "$(jq -s '[.[] | select(.what == "request")] | length' "$T/ledger")" -eq 0 ]
	run ! hears READY=1
}

@test "bf-stream: ready with its first connection, alive while fed; the exchange gone, no sign of life" {
	sim
	service 4000000 bf-stream markPrice bookTicker user
	wait_for at_least WATCHDOG=1 2
	[ "$(times READY=1)" -eq 1 ]
	kill "$SIM_PID"
	wait_for grep -q '"conn":"user.*"state":"down"' "$T/out"
	before=$(times WATCHDOG=1)
	# the loop turns on: longer than signs of life are apart
	turns() { [ "$(awk '{ print $22 }' "/proc/self/stat")" -ge $((then + 250)) ]; }
	then=$(awk '{ print $22 }' /proc/self/stat)
	wait_for turns
	[ "$(times WATCHDOG=1)" -eq "$before" ]
	kill "$pid"
	ended
	[ "$(tail -n 1 "$T/heard")" = STOPPING=1 ]
}

@test "bf-stream: a stream that is silent on a connection that lives is no sign of life" {
	feed
	sim --feed "$T/feed"
	mark BTCUSDT 60000
	service 4000000 bf-stream --max-silence 3000 bookTicker BTCUSDT
	wait_for grep -q '"state":"never"\|"state":"silent"' "$T/out"
	before=$(times WATCHDOG=1)
	wait_for grep -q 'nothing comes from any' "$T/out"
	[ "$(times WATCHDOG=1)" -le $((before + 1)) ]
	kill "$pid"
	ended
}

@test "bf-risk: ready when the account is known; alive while it is, and while marks come that once came" {
	sim
	pipe
	service 6000000 bf-risk --max-lev 3 --max-age 1
	wait_for at_least WATCHDOG=1 2
	[ "$(times READY=1)" -eq 1 ]
	before=$(times WATCHDOG=1)
	printf '{"e":"markPriceUpdate","E":%s,"s":"BTCUSDT","p":"60000"}\n' "$(date +%s%3N)" >&8
	wait_for grep -q markPriceUpdate "$T/out"
	# no more marks: after a second there are no more signs; the next mark brings one
	quiet() { [ "$(seen GET /fapi/v3/positionRisk)" -ge $((asked + 2)) ]; }
	asked=$(seen GET /fapi/v3/positionRisk)
	wait_for quiet
	silent=$(times WATCHDOG=1)
	asked=$(seen GET /fapi/v3/positionRisk)
	wait_for quiet
	[ "$(times WATCHDOG=1)" -eq "$silent" ]
	printf '{"e":"markPriceUpdate","E":%s,"s":"BTCUSDT","p":"60001"}\n' "$(date +%s%3N)" >&8
	wait_for at_least WATCHDOG=1 $((silent + 1))
	kill "$pid"
	ended
	[ "$(tail -n 1 "$T/heard")" = STOPPING=1 ]
}

@test "bf-risk: an account that cannot be read is neither ready nor alive" {
	sim --fault 'on GET positionRisk*: reply=503/svc'
	pipe
	service 6000000 bf-risk --max-lev 3
	wait_for says 'no new risk until it is read'
	run ! hears READY=1
	run ! hears WATCHDOG=1
	curl -sS --noproxy '*' -X DELETE "$SIM_REST/sim/v1/faults" | is .ok
	wait_for hears READY=1
	kill "$pid"
	ended
}

@test "what a tool starts cannot speak for it" {
	sim
	jq -r '"key=\(.key)\nsecret=\(.secret)"' "$T/sim.out" | head -n 2 >"$T/key"
	sed '/^\(key\|secret\|type\) *=/d' "$XDG_CONFIG_HOME/bf/profiles/sim" >"$T/rest"
	printf '[other]\nsecret_cmd = env >%s; cat %s\n' "$T/env" "$T/key" | cat - "$T/rest" >"$XDG_CONFIG_HOME/bf/config"
	for tool in bf-position "bf-order open"; do
		rm -f "$T/env"
		# shellcheck disable=SC2086 # words
		NOTIFY_SOCKET=$T/notify WATCHDOG_USEC=9000000 WATCHDOG_PID=1 $tool --profile other >/dev/null
		grep -q ^PATH= "$T/env"
		run ! grep -E 'NOTIFY_SOCKET|WATCHDOG' "$T/env"
	done
}
