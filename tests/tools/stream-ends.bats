#!/usr/bin/env bats
# bf-stream ends: by a signal or by its reader, whatever it is doing just then. That it ends
# at all is what is waited for.

setup() { load ../helper; load ../streaming; load ../gap; load ../signed; home; }
teardown() {
	exec 8<&- 2>/dev/null || true
	home_end
}

# before_reader ARGS...: bf-stream before a reader, fd 8, who has not read yet.
before_reader() {
	rm -f "$T/pipe" "$T/err"
	mkfifo "$T/pipe"
	set -m		# SIGINT is ignored in a job of the background otherwise
	bf-stream "$@" >"$T/pipe" 2>"$T/err" 3>&- 4>&- &
	STREAM_PID=$!
	set +m
	SIM_PIDS="$SIM_PIDS $STREAM_PID"
	exec 8<"$T/pipe"
}
asked() { wait_for eval "[ \"\$(seen $1 $2)\" -ge ${3:-1} ]"; }
# whole FILE: lines of JSON, each with its end.
whole() {
	[ -s "$1" ] && [ "$(tail -c 1 "$1" | od -An -c | tr -d ' ')" = '\n' ] && jq -e . "$1" >/dev/null
}

@test "a signal while exchangeInfo does not come" {
	local sig
	sim --fault 'on GET /fapi/v1/exchangeInfo: net=stall'
	for sig in INT TERM; do
		stream markPrice BTCUSDT
		wait_for grep -q exchangeInfo "$T/ledger"
		kill "-$sig" "$STREAM_PID"
		ends 0
		[ ! -s "$T/out" ]
		[ ! -s "$T/err" ]
		: >"$T/ledger"
	done
}

@test "a signal while names cannot be checked, and are asked for again" {
	sim --fault 'on GET /fapi/v1/exchangeInfo: reply=503/svc'
	stream markPrice BTCUSDT
	asked GET /fapi/v1/exchangeInfo
	kill -TERM "$STREAM_PID"
	ends 0
}

@test "a signal while the listenKey does not come" {
	local sig
	sim --fault 'on POST /fapi/v1/listenKey: net=stall'
	for sig in INT TERM; do
		stream user
		asked POST /fapi/v1/listenKey
		kill "-$sig" "$STREAM_PID"
		ends 0
		: >"$T/ledger"
	done
}

@test "a signal while nobody is there" {
	local sig s
	nobody none
	for s in user markPrice; do
		for sig in INT TERM; do
			stream --profile none "$s"
			wait_for grep -q 'trying again\|reconnecting' "$T/err"
			kill "-$sig" "$STREAM_PID"
			ends 0
		done
	done
}

@test "a signal while the exchange takes connections and says nothing" {
	sim
	stream user markPrice
	up user
	# the second one is not answered any more
	curl -s -d 'ws:*: fin' "$SIM_REST/sim/v1/faults" --next -s -m 1 -d 'blackhole=60s' "$SIM_REST/sim/v1/do" >"$T/gap" || true
	wait_for grep -q down "$T/out"
	kill -INT "$STREAM_PID"
	ends 0
	whole "$T/out"
}

@test "a signal in the middle of a recovery that hangs: events that waited for it are told and kept" {
	local sig
	sim
	for sig in INT TERM; do
		stream --record "$T/rec.$sig" user
		up user
		tell 'on GET /fapi/v1/income: net=stall'
		: >"$T/ledger"
		gap user 1 'place BUY BTCUSDT qty=0.02'
		asked GET /fapi/v1/income
		do_now "place BUY ETHUSDT qty=1 price=2900 order=waits$sig"
		# what was sent has come when a message behind it has
		tell 'ws:user: ping=5'
		wait_for arrived
		kill "-$sig" "$STREAM_PID"
		ends 0
		whole "$T/out"
		whole "$T/rec.$sig"
		grep -q "\"c\":\"waits$sig\"" "$T/out"
		diff <(jq -c .data "$T/rec.$sig") <(jq -c . "$T/out")
		curl -sf -X DELETE "$SIM_REST/sim/v1/faults"
	done
}
# Nothing is on its way to or from the exchange's port.
arrived() {
	local port
	port=$(printf ':%04X' "${SIM_WS##*:}")
	[ -r /proc/net/tcp ] || return 0
	awk -v p="$port\$" '($2 ~ p || $3 ~ p) && $4 == "01" && $5 != "00000000:00000000" { busy = 1 } END { exit busy }' /proc/net/tcp
}

@test "a signal while the reader is stuck, and the recording is whole" {
	local sig
	sim --synthetic --regime spike
	for sig in INT TERM; do
		before_reader --record "$T/rec" --when-slow conflate bookTicker depth@100ms BTCUSDT ETHUSDT SOLUSDT
		wait_for eval '[ "$(wc -c <"$T/rec")" -gt 200000 ]'	# more than the pipe takes
		kill "-$sig" "$STREAM_PID"
		ends 0
		whole "$T/rec"
		exec 8<&-
		rm "$T/rec"
	done
}

@test "SIGHUP ends it as it ends any program, and the recording is whole" {
	sim --synthetic --regime spike
	stream --record "$T/rec" bookTicker depth@100ms BTCUSDT ETHUSDT
	wait_for count '.e == "depthUpdate"' 5
	kill -HUP "$STREAM_PID"
	ends 129
	whole "$T/rec"
	whole "$T/out"
}

@test "who starts it with a signal ignored has it ignored: INT in a job in the background, HUP under nohup" {
	local sig
	feed
	sim --feed "$T/feed"
	for sig in INT TERM HUP; do
		rm -f "$T/out"
		set -m
		bash -c "trap '' $sig; exec bf-stream markPrice BTCUSDT" >"$T/out" 2>"$T/err" 3>&- 4>&- 9>&- &
		STREAM_PID=$!
		set +m
		SIM_PIDS="$SIM_PIDS $STREAM_PID"
		up market
		kill "-$sig" "$STREAM_PID"
		mark BTCUSDT 60111
		wait_for count '.e == "markPriceUpdate" and (.p | tonumber) == 60111'
		mark BTCUSDT 60000
		if [ "$sig" = TERM ]; then kill -INT "$STREAM_PID"; else kill -TERM "$STREAM_PID"; fi
		ends 0
	done
}

@test "the reader gone while nobody is there, or nothing is said: it dies of SIGPIPE" {
	nobody none
	before_reader --profile none user
	wait_for grep -q 'trying again' "$T/err"
	exec 8<&-
	ends 141
	sim --fault 'on POST /fapi/v1/listenKey: net=stall'
	before_reader user
	asked POST /fapi/v1/listenKey
	exec 8<&-
	ends 141
}

@test "the reader gone in the middle of a recovery that hangs, with a recording" {
	sim
	before_reader --record "$T/rec" user
	wait_for grep -q '"state":"up"' "$T/rec"
	tell 'on GET /fapi/v1/income: net=stall'
	gap user 1 'place BUY BTCUSDT qty=0.02'
	asked GET /fapi/v1/income
	exec 8<&-
	ends 141
	whole "$T/rec"
}

@test "the reader gone while he was stuck, with a recording" {
	sim --synthetic --regime spike
	before_reader --record "$T/rec" --when-slow conflate bookTicker depth@100ms BTCUSDT ETHUSDT SOLUSDT
	wait_for eval '[ "$(wc -c <"$T/rec")" -gt 200000 ]'
	exec 8<&-
	ends 141
	whole "$T/rec"
}

@test "user beside a program that deletes the listenKey: a new one, and nothing is missed" {
	sim
	stream user
	up user
	do_now 'place BUY BTCUSDT qty=0.01'
	wait_for count '.e == "ORDER_TRADE_UPDATE" and .o.x == "TRADE"'
	signed DELETE /fapi/v1/listenKey | is 'has("code") | not'
	do_now 'place BUY BTCUSDT qty=0.02'	# nobody is told
	tell 'ws:user: fin'
	wait_for count '.what == "fill" and (.fill.qty | tonumber) == 0.02'
	wait_for eval '[ "$(seen POST /fapi/v1/listenKey)" -ge 2 ]'
	do_now 'place BUY BTCUSDT qty=0.03'
	wait_for count '(.e == "ORDER_TRADE_UPDATE" and .o.x == "TRADE" and (.o.l | tonumber) == 0.03) or
		(.what == "fill" and (.fill.qty | tonumber) == 0.03)'
	all '[.[] | if .e == "ORDER_TRADE_UPDATE" and .o.x == "TRADE" then .o.t elif .what == "fill" then .fill.id else empty end] |
		length == 3 and (unique | length) == 3'
	[ "$(seen DELETE /fapi/v1/listenKey)" -eq 1 ]
}

@test "two of one account: each is told all, and one that ends leaves the other its key" {
	local first
	sim
	stream user
	first=$STREAM_PID
	up user
	mv "$T/out" "$T/first"
	stream user
	up user
	do_now 'place BUY BTCUSDT qty=0.01'
	wait_for count '.e == "ORDER_TRADE_UPDATE" and .o.x == "TRADE"'
	wait_for grep -q '"x":"TRADE"' "$T/first"
	kill "$STREAM_PID"
	ends 0
	do_now 'place BUY BTCUSDT qty=0.03'
	wait_for grep -q '"x":"TRADE".*"l":"0.030"' "$T/first"
	run ! grep -q '"state":"down"' "$T/first"
	[ "$(seen DELETE /fapi/v1/listenKey)" -eq 0 ]
	STREAM_PID=$first
	kill "$first"
	ends 0
}

@test "a key that the exchange refuses, or that may not do this, is exit 5 at once" {
	sim --fault 'on POST /fapi/v1/listenKey: reply=401/-2015'
	run --separate-stderr timeout 20 bf-stream user
	[ "$status" -eq 5 ]
	[[ $stderr == *-2015* ]]
	curl -sf -X DELETE "$SIM_REST/sim/v1/faults"
	# and later, when what was missed is asked for
	stream user
	up user
	tell 'on GET /fapi/v1/openOrders: reply=401/-2015'
	gap user 1 'place BUY BTCUSDT qty=0.01'
	ends 5
	whole "$T/out"
	sed -i 's/^key = ./key = x/' "$XDG_CONFIG_HOME/bf/profiles/sim"
	run --separate-stderr timeout 20 bf-stream user
	[ "$status" -eq 5 ]
}
