# bf-stream in the background of a test. Load it after helper.bash.

# stream ARGS...: to $T/out and $T/err; it ends with the test. As a job of its own: what a
# shell without job control puts into the background ignores SIGINT, and stays so.
stream() {
	rm -f "$T/out" "$T/err"		# of one before: it would be up at once
	set -m
	bf-stream "$@" >"$T/out" 2>"$T/err" 3>&- 4>&- 9>&- &
	STREAM_PID=$!
	set +m
	SIM_PIDS="$SIM_PIDS $STREAM_PID"
}

# ends STATUS: the stream has ended so.
ends() {
	local status=0
	wait "$STREAM_PID" || status=$?
	[ "$status" -eq "$1" ] || { echo "ended with $status, not $1"; cat "$T/err"; return 1; } >&2
}

# up CONN: that connection is up.
up() { wait_for grep -q "\"conn\":\"$1\",\"state\":\"up\"" "$T/out"; }
