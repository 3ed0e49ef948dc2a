#!/usr/bin/env bats
# bf-stream before a reader that is slow. He is a FIFO that is read when the test says so;
# the market is a file of rising prices that bf-sim sends as fast as it can.

setup() { load ../helper; load ../streaming; load ../simclient; home; }
teardown() {
	exec 8<&- 2>/dev/null || true
	home_end
}

# rising N: a feed of N best bids, 50000, 50001 ..., an ask 0.1 above each.
rising() {
	awk -v n="$1" 'BEGIN { for (i = 0; i < n; i++) printf "{\"e\":\"bookTicker\",\"u\":%d,\"E\":%d,\"T\":%d,\"s\":\"BTCUSDT\",\"b\":\"%d.00\",\"B\":\"1.000\",\"a\":\"%d.10\",\"A\":\"2.000\"}\n",
	    i + 1, 1723161256000 + i, 1723161256000 + i, 50000 + i, 50000 + i }' >"$T/rising"
	LAST=$((49999 + $1))
}
market() {
	rising "$1"
	sim --feed "$T/rising" --speed max --feed-start subscriber
}
# slow ARGS...: bf-stream before a reader who does not read yet.
slow() {
	mkfifo "$T/pipe"
	bf-stream "$@" >"$T/pipe" 2>"$T/err" 3>&- 4>&- &
	STREAM_PID=$!
	SIM_PIDS="$SIM_PIDS $STREAM_PID"
	exec 8<"$T/pipe"
}
# All of the feed was sent, and nothing is on its way any more.
sent() { wait_for grep -q feed_end "$T/ledger" && wait_for settled; }
settled() {
	local port
	port=$(printf ':%04X' "${SIM_WS##*:}")
	[ -r /proc/net/tcp ] || return 0
	awk -v p="$port\$" '($2 ~ p || $3 ~ p) && $4 == "01" && $5 != "00000000:00000000" { busy = 1 } END { exit busy }' /proc/net/tcp
}
# Now the reader reads, all there will ever be.
reads() { cat <&8 >"$T/out" 3>&- 4>&- & }
last() { grep -q "\"b\":\"$LAST.00\"" "$T/out"; }
# terminated: by SIGTERM, and all that was printed is in $T/out.
terminated() {
	kill -TERM "$STREAM_PID"
	ends 0
}
# The bids of the feed that came.
bids() { jq -r 'select(.e == "bookTicker" and (.b | tonumber) >= 50000 and .B == "1.000") | .b | tonumber' "$T/out"; }
# Each bid but the first is the one before and one more, or a gap says how many are missing.
accounted() {
	jq -n '[inputs | select(.e == "bf.gap" and .why == "slow reader" or (.e == "bookTicker" and .B == "1.000"))]
	    | reduce .[] as $r ({ lost: 0, prev: null, bad: [] };
		if $r.e == "bf.gap" then .lost += $r.lost
		else ($r.b | tonumber) as $b
		    | (if .prev != null and $b != .prev + 1 + .lost then .bad += [$b] else . end) | .prev = $b | .lost = 0 end)
	    | .bad | if . == [] then true else error("not accounted for: \(.[0:5])") end' "$T/out"
}

@test "a reader who stands still costs no connection, and gets the newest value" {
	market 20000
	slow bookTicker BTCUSDT
	sent
	reads
	wait_for last
	terminated
	[ "$(bids | wc -l)" -lt 10000 ]
	bids | sort -n -c -u
	run ! grep -q '"bf.gap"' "$T/out"
	run ! grep -q '"state":"down"' "$T/out"
	[ "$(jq -s '[.[] | select(.what == "ws")] | length' "$T/ledger")" -eq 1 ]
}

@test "standard output is left as it is: blocking" {
	market 5000
	slow bookTicker BTCUSDT
	sent
	[ -r "/proc/$STREAM_PID/fdinfo/1" ] || skip "no /proc/PID/fdinfo"
	flags=$(awk '$1 == "flags:" { print $2 }' "/proc/$STREAM_PID/fdinfo/1")
	[ $((0$flags & 04000)) -eq 0 ]
	reads
	wait_for last
	terminated
}

@test "--when-slow buffer: all of it comes, in order" {
	market 20000
	slow --when-slow buffer --buffer 64M bookTicker BTCUSDT
	sent
	reads
	wait_for last
	terminated
	[ "$(bids | wc -l)" -ge 19999 ]
	accounted
	run ! grep -q '"bf.gap"' "$T/out"
}

@test "--when-slow drop: what is lost is said, to the last record" {
	market 20000
	slow --when-slow drop --buffer 64k bookTicker BTCUSDT
	sent
	reads
	wait_for last
	terminated
	grep -q '"bf.gap"' "$T/out"
	accounted
	[ "$(bids | wc -l)" -lt 10000 ]
	is -s 'map(select(.e == "bf.gap" and .why == "slow reader")) | length > 0 and all(.[];
	    .by == "bf-stream" and .stream == "btcusdt@bookTicker" and .s == "BTCUSDT" and .lost > 0
	    and .from > 0 and .to >= .from and .E > 0)' <"$T/out"
}

@test "--when-slow stop: what waits still comes, then a gap, and exit 8" {
	market 20000
	slow --when-slow stop --buffer 64k bookTicker BTCUSDT
	sent
	reads
	ends 8
	wait_for grep -q '"bf.gap"' "$T/out"
	accounted
	is -s 'last | .e == "bf.gap" and .why == "slow reader" and .lost == 1' <"$T/out"
	grep -q -- "--buffer" "$T/err"
}

@test "--lag-exit: the run ends though nobody reads" {
	market 20000
	slow --lag-exit 200 bookTicker BTCUSDT
	sent
	ends 3
	grep -q -- "--lag-exit 200" "$T/err"
}

@test "the account's events come through a market that is lost" {
	market 20000
	slow --when-slow drop --buffer 64k user bookTicker BTCUSDT
	sent
	for _ in 1 2 3; do market_order ETHUSDT BUY 0.100 | jq -e '.orderId' >/dev/null; done
	wait_for settled
	reads
	wait_for last
	filled() { [ "$(jq -c 'select(.e == "ORDER_TRADE_UPDATE" and .o.X == "FILLED")' "$T/out" | wc -l)" -eq 3 ]; }
	wait_for filled
	terminated
	accounted
	grep -q '"bf.gap"' "$T/out"
	run ! grep -q '"stream":"user"' <(grep '"bf.gap"' "$T/out")
}

@test "a slow reader who goes away ends the run by SIGPIPE" {
	market 20000
	slow bookTicker BTCUSDT
	sent
	exec 8<&-
	ends 141
	[ ! -s "$T/err" ]
}

@test "what waits does not grow beyond --buffer" {
	[ "$BF_VARIANT" != asan ] || skip "ASan's memory is not ours"
	[ -r /proc/self/status ] || skip "no /proc/PID/status"
	market 60000
	slow --when-slow drop --buffer 256k bookTicker BTCUSDT
	sent
	most=$(awk '$1 == "VmHWM:" { print $2 }' "/proc/$STREAM_PID/status")
	[ "$most" -lt 40000 ] || { echo "VmHWM $most kB"; false; }
	reads
	wait_for last
	terminated
	accounted
}

@test "wrong words are exit 2 and say what would do" {
	sim
	for args in '--when-slow fast' '--buffer 1x' '--buffer 0' '--buffer' '--lag-exit 0'; do
		# shellcheck disable=SC2086
		run --separate-stderr timeout 20 bf-stream bookTicker BTCUSDT $args
		[ "$status" -eq 2 ] || { echo "$args: $status"; false; }
		[[ $stderr == *"${args%% *}"* ]]
	done
}

@test "--count: who reads late gets as many as were asked for" {
	market 20000
	slow --when-slow buffer --count 5000 bookTicker BTCUSDT
	sent
	reads
	ends 0
	enough() { [ "$(jq -c 'select(.e == "bookTicker")' "$T/out" | wc -l)" -eq 5000 ]; }
	wait_for enough
	accounted
}

@test "a signal ends the wait for a reader who takes nothing" {
	market 20000
	slow --when-slow stop --buffer 64k bookTicker BTCUSDT
	sent
	kill -TERM "$STREAM_PID"
	ends 8
}
