# Common to the bats files that have bf-risk in a pipe of their own: $T/in to $T/out.
# shellcheck shell=bash disable=SC2154 # T is the helper's

now() { date +%s%3N; }
price() { printf '{"e":"markPriceUpdate","E":%s,"s":"%s","p":"%s"}\n' "${3:-$(now)}" "$1" "$2"; }
buy() { printf '{"symbol":"%s","side":"BUY","type":"MARKET","quantity":"%s"%s}\n' "$1" "$2" "${3:-}"; }
risk() {
	[ -p "$T/in" ] || mkfifo "$T/in"
	bf-risk "$@" <"$T/in" >"$T/out" 2>"$T/err" 3>&- 4>&- 8>&- 9>&- &
	RISK_PID=$!
	SIM_PIDS="$SIM_PIDS $RISK_PID"
	exec 8>"$T/in"
}
say() { printf '%s\n' "$@" >&8; }
# ends STATUS: its input ends, and so does it.
ends() {
	local status=0
	exec 8>&-
	wait "$RISK_PID" || status=$?
	[ "$status" -eq "$1" ] || { echo "ended with $status, not $1"; cat "$T/err"; return 1; } >&2
}
