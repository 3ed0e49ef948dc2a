#!/usr/bin/env bats
# Programs as seen from outside: what each may still do once it runs. What a process in the
# sandbox can and cannot do is tests/core/test_io_sandbox.c.

setup() {
	load ../helper
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
	sim --market
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

@test "in it an order is placed, journalled and followed; a latch is set and cleared" {
	sim --market
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
	sim --market
	run --separate-stderr bf-info klines BTCUSDT 1m --limit 5 --plot="$T/x.svg"
	[ "$status" -eq 0 ] || { echo "$stderr"; false; }
	[ -s "$T/x.svg" ]
}
