#!/usr/bin/env bats
# Programs as seen from outside: what each may still do once it runs. What a process in the
# sandbox can and cannot do is tests/core/test_io_sandbox.c.

setup() {
	load ../helper
	load ../wire
	home
	[ -r /proc/self/status ] || skip "no /proc here"
	grep -q '^Seccomp:' /proc/self/status || skip "this kernel has no seccomp"
}

teardown() { home_end; }

# held PID: no rights, no way to gain any, a filter of calls.
status_of() { grep -E '^(NoNewPrivs|Seccomp|CapEff|CapPrm|CapInh|CapAmb):' "/proc/$1/status"; }
held() {
	[ "$(status_of "$1" | tr -d '\t ' | grep -cE '^(NoNewPrivs:1|Seccomp:2|Cap(Eff|Prm|Inh|Amb):0000000000000000)$')" -eq 6 ]
}
# run_held NAME INPUT COMMAND...: it runs in the background, and is held soon.
run_held() {
	"${@:3}" <"$2" >"$T/out.$1" 2>"$T/err.$1" 3>&- 4>&- &
	SIM_PIDS="$SIM_PIDS $!"
	PID=$!
	wait_for held "$PID" || { status_of "$PID"; cat "$T/err.$1"; false; }
}
# A thread that came before would be without: each has the same.
threads_held() {
	local t
	for t in "/proc/$1/task"/*; do
		[ "$(tr -d '\t ' <"$t/status" | grep -cE '^(NoNewPrivs:1|Seccomp:2|CapEff:0000000000000000)$')" -eq 3 ] || return 1
	done
}

@test "each program that stays is without rights and cannot gain any" {
	sim --synthetic
	held "$SIM_PID"
	mkfifo -m 600 "$T/in" "$T/risk"
	exec 9<>"$T/in" 8<>"$T/risk"
	run_held stream /dev/null bf-stream aggTrade BTCUSDT
	wait_for grep -q aggTrade "$T/out.stream"
	threads_held "$PID"
	run_held user /dev/null bf-stream user --record "$T/rec"
	wait_for grep -q '"up"' "$T/out.user"
	threads_held "$PID"
	run_held order "$T/in" bf-order
	threads_held "$PID"
	run_held risk "$T/risk" bf-risk --max-lev 5
	threads_held "$PID"
	run_held kill /dev/null bf-kill --deadman 30
	wait_for grep -q ready "$T/err.kill"
	threads_held "$PID"
	run_held time /dev/null bf-time --watch
	run_held info /dev/null bf-info watch BTCUSDT
	run_held position "$T/risk" bf-position --watch
	exec 8>&-
}

# What code could do that an attacker brings into the process, tried from within (tests/preload/breakout.c).
# breakout TEXT COMMAND...: the attempts that worked are in $T/worked; TEXT is in the record at which they are made.
breakout() {
	rm -f "$T/breakout"
	(BREAKOUT=$T/breakout BREAKOUT_AT=$1 BREAKOUT_HOME=$T/victim BREAKOUT_PID=$VICTIM BREAKOUT_PORT=$ELSE_PORT \
		LD_PRELOAD=$T/breakout.so exec timeout 20 "${@:2}") >"$T/out" 2>"$T/err" 3>&- 4>&- || true
	grep -q ' end 1$' "$T/breakout" || { echo "not tried: ${*:2}"; cat "$T/out" "$T/err"; false; }
	awk -v landlock="${LANDLOCK:-0}" '$1 <= landlock && $3 == 0 { print $2 }' "$T/breakout" >"$T/worked"
}
breakout_ready() {
	[ "$BF_VARIANT" = release ] || skip "ASan wants to be the first that is loaded"
	cc -O2 -shared -fPIC -o "$T/breakout.so" "$BATS_TEST_DIRNAME/../preload/breakout.c"
	LANDLOCK=$(bf-profile --offline doctor sim -o ndjson 2>/dev/null | sed -n 's/.*Landlock (ABI \([0-9]*\)).*/\1/p')
	mkdir -m 700 "$T/victim" "$T/victim/.ssh"
	echo secret >"$T/victim/.ssh/id"
	chmod 600 "$T/victim/.ssh/id"
	echo true >"$T/victim/.bashrc"
	sleep 100 3>&- 4>&- &
	VICTIM=$!
	SIM_PIDS="$SIM_PIDS $VICTIM"
	listener
}

@test "who runs code in a program of ours gets no further: files, programs, processes, connections" {
	local before name
	sim --synthetic
	breakout_ready
	before=$(cd "$T/victim" && find . -type f -exec stat -c '%n %a %s %Y' {} + -exec md5sum {} + | sort)
	bf-order buy BTCUSDT 0.01 market >/dev/null
	mkdir "$T/here"	# of recording and journal
	cd "$T/here"
	while IFS='|' read -r name text; do
		# shellcheck disable=SC2086 # words of a command
		breakout "$text" $name </dev/null
		[ ! -s "$T/worked" ] || { echo "$name:"; cat "$T/worked"; false; }
	done <<-'END'
		bf-time|offset
		bf-info mark BTCUSDT|markPrice
		bf-stream --count 1 aggTrade BTCUSDT|aggTrade
		bf-stream --count 1 --record rec aggTrade BTCUSDT|aggTrade
		bf-position|positionAmt
		bf-order --journal journal buy BTCUSDT 0.01 market|orderId
		bf-kill|proof
		bf-profile doctor sim|limits
	END
	echo '{"note":"passes"}' >"$T/in"
	chmod 600 "$T/in"
	breakout passes bf-risk --max-lev 5 --log "$T/decisions" <"$T/in"
	[ ! -s "$T/worked" ] || { cat "$T/worked"; false; }
	kill -0 "$VICTIM"
	[ "$(called)" -eq 0 ]
	[ "$(cd "$T/victim" && find . -type f -exec stat -c '%n %a %s %Y' {} + -exec md5sum {} + | sort)" = "$before" ]
}

@test "bf-sim listens, and whoever runs code in it starts and ends no process" {
	sim
	breakout_ready
	LANDLOCK=0
	breakout bf.sim timeout 3 bf-sim
	[ "$(cat "$T/worked")" = listen ] || { cat "$T/worked"; false; }
	kill -0 "$VICTIM"
}

@test "in it an order is placed, journalled and followed; a latch is set and cleared" {
	sim --synthetic
	mkfifo -m 600 "$T/in"
	exec 9<>"$T/in"
	run_held order "$T/in" bf-order --journal "$T/journal"
	echo '{"symbol":"BTCUSDT","side":"BUY","type":"MARKET","quantity":"0.01"}' >&9
	wait_for grep -q '"orderId"' "$T/out.order" || { cat "$T/err.order"; false; }
	held "$PID"
	[ -s "$T/journal" ]
	run_held kill /dev/null bf-kill --deadman 30
	kill -USR1 "$PID"
	wait_for grep -q '"flat"' "$T/out.kill" || { cat "$T/out.kill" "$T/err.kill"; false; }
	run bf-kill --status
	[ "$status" -eq 6 ]
	bf-kill --reset --reason mended
}

@test "a program to run keeps exec, and no rights: --plot=FILE" {
	command -v gnuplot || skip "no gnuplot here"
	sim --synthetic
	run --separate-stderr bf-info klines BTCUSDT 1m --limit 5 --plot="$T/x.svg"
	[ "$status" -eq 0 ] || { echo "$stderr"; false; }
	[ -s "$T/x.svg" ]
}
