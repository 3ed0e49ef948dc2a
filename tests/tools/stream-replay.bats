#!/usr/bin/env bats
# bf-stream --record and --replay. Nothing here needs time to pass: what is replayed with its
# pacing is ended by a signal, the rest at the highest speed.

setup() { load ../helper; load ../streaming; home; }
teardown() { home_end; }

trade() { printf '{"e":"aggTrade","E":%s,"a":%s,"s":"%s","p":"60000.10","q":"0.010"}' "$2" "$2" "$1"; }
mark_event() { printf '{"e":"markPriceUpdate","E":%s,"s":"%s","p":"60000.00"}' "$2" "$1"; }
# recording FILE: a line of each kind.
recording() {
	{
		printf '{"recv":1723161256000123,"stream":"btcusdt@aggTrade","data":%s}\n' "$(trade BTCUSDT 1723161256000)"
		printf '{"stream":"ethusdt@aggTrade","data":%s}\n' "$(trade ETHUSDT 1723161256001)"
		printf '{"stream":"!markPrice@arr@1s","data":[%s,%s]}\n' "$(mark_event BTCUSDT 1723161256002)" "$(mark_event ETHUSDT 1723161256003)"
		printf '{"recv":1723161256004000,"stream":"","data":{"e":"bf.conn","E":1723161256004,"by":"bf-stream","conn":"market","state":"up","why":""}}\n'
		printf '%s\n' "$(trade BTCUSDT 1723161256005)"
	} >"$1"
}
all_events() {
	trade BTCUSDT 1723161256000; echo
	trade ETHUSDT 1723161256001; echo
	mark_event BTCUSDT 1723161256002; echo
	mark_event ETHUSDT 1723161256003; echo
	printf '{"e":"bf.conn","E":1723161256004,"by":"bf-stream","conn":"market","state":"up","why":""}\n'
	trade BTCUSDT 1723161256005; echo
}
replay() { run --separate-stderr timeout 60 bf-stream --speed max --replay "$@"; }

terminated() {
	kill -TERM "$STREAM_PID"
	ends 0
}
# rising N: bf-sim sends N best bids, 50000, 50001 ..., once somebody listens.
rising() {
	awk -v n="$1" 'BEGIN { for (i = 0; i < n; i++) printf "{\"e\":\"bookTicker\",\"u\":%d,\"E\":%d,\"T\":%d,\"s\":\"BTCUSDT\",\"b\":\"%d.00\",\"B\":\"1.000\",\"a\":\"%d.10\",\"A\":\"2.000\"}\n",
	    i + 1, 1723161256000 + i, 1723161256000 + i, 50000 + i, 50000 + i }' >"$T/rising"
	LAST=$((49999 + $1))
	sim --feed "$T/rising" --speed max --feed-start subscriber
}
last() { grep -q "\"b\":\"$LAST.00\"" "$T/out"; }
# The parts of a recording in their order: of one second, the first has no number.
parts() { find "$T" -name "$1-*.gz" | sed 's/Z\.gz$/Z-1.gz/' | sort -V | sed 's/Z-1\.gz$/Z.gz/'; }

@test "a recording is printed as the records it holds, byte for byte" {
	recording "$T/rec"
	replay "$T/rec"
	[ "$status" -eq 0 ]
	[ "$output" = "$(all_events)" ]
	[ -z "$stderr" ]
}

@test "no profile, no network and no home are needed for it" {
	recording "$T/rec"
	unset HOME XDG_CONFIG_HOME XDG_STATE_HOME XDG_CACHE_HOME
	replay "$T/rec"
	[ "$status" -eq 0 ]
	[ "$output" = "$(all_events)" ]
}

@test "STREAM and SYMBOL choose; notices always come" {
	recording "$T/rec"
	replay "$T/rec" aggTrade BTCUSDT
	[ "$status" -eq 0 ]
	[ "$output" = "$(all_events | grep -e '"aggTrade".*BTCUSDT' -e bf.conn)" ]
	replay "$T/rec" markPrice
	[ "$output" = "$(all_events | grep -e '"markPriceUpdate"' -e bf.conn)" ]
	replay "$T/rec" aggTrade markPrice ETHUSDT
	[ "$output" = "$(all_events | grep -e ETHUSDT -e bf.conn)" ]
	replay "$T/rec" markprice
	[ "$status" -eq 2 ]
}

@test "several files, compressed or not, follow one another; - is standard input" {
	recording "$T/one"
	head -n 1 "$T/one" | gzip >"$T/two.gz"
	tail -n 1 "$T/one" | gzip >>"$T/two.gz"
	replay "$T/one" --replay "$T/two.gz"
	[ "$output" = "$(all_events; all_events | sed -n '1p;$p')" ]
	run --separate-stderr bf-stream --speed max --replay - <"$T/two.gz"
	[ "$output" = "$(all_events | sed -n '1p;$p')" ]
}

@test "a torn last line is passed over with a sentence" {
	recording "$T/rec"
	truncate -s -20 "$T/rec"
	replay "$T/rec"
	[ "$status" -eq 0 ]
	[ "$output" = "$(all_events | head -n 5)" ]
	[[ $stderr == *"rec: line 5 is cut short"* ]]
	recording "$T/rec"
	gzip -c "$T/rec" | head -c -30 >"$T/rec.gz"
	replay "$T/rec.gz"
	[ "$status" -eq 0 ]
	[[ $stderr == *"rec.gz: line"* ]]
}

@test "a bad line is an error that names file and line" {
	recording "$T/rec"
	echo 'no JSON' >>"$T/rec"
	recording "$T/more"
	replay "$T/rec" --replay "$T/more"
	[ "$status" -eq 2 ]
	[[ $stderr == *"rec: line 6:"* ]]
	[ "$output" = "$(all_events)" ]
	replay "$T/none"
	[ "$status" -eq 2 ]
	[[ $stderr == *"none"* ]]
}

@test "wrong words are exit 2" {
	recording "$T/rec"
	for args in '--speed 0.0001' '--speed -1' '--speed fast'; do
		# shellcheck disable=SC2086
		run --separate-stderr bf-stream --replay "$T/rec" $args
		[ "$status" -eq 2 ] || { echo "$args: $status"; false; }
		[[ $stderr == *--speed* ]]
	done
	for args in '--rotate 1x' '--rotate 64M,64M' '--rotate 100'; do
		# shellcheck disable=SC2086
		run --separate-stderr bf-stream --record "$T/r" $args bookTicker BTCUSDT
		[ "$status" -eq 2 ] || { echo "$args: $status"; false; }
		[[ $stderr == *--rotate* ]]
	done
	run --separate-stderr bf-stream --speed 2 bookTicker BTCUSDT
	[ "$status" -eq 2 ]
	run --separate-stderr bf-stream --rotate 1h bookTicker BTCUSDT
	[ "$status" -eq 2 ]
	[ ! -e "$T/r" ]
}

@test "with its pacing: the next record waits, and a signal ends the wait" {
	trade BTCUSDT 1723161256000 >"$T/rec"; echo >>"$T/rec"
	trade BTCUSDT 1723164856000 >>"$T/rec"; echo >>"$T/rec"	# an hour later
	stream --speed 0.01 --replay "$T/rec"
	wait_for test -s "$T/out"
	terminated
	[ "$(cat "$T/out")" = "$(trade BTCUSDT 1723161256000)" ]
}

@test "--count ends it, and so does a reader who has enough" {
	for ((i = 0; i < 5000; i++)); do trade BTCUSDT $((1723161256000 + i)); echo; done >"$T/rec"
	replay "$T/rec" --count 3
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 3 ]
	run bash -o pipefail -c 'bf-stream --speed max --replay "$1" 2>"$2" | head -n 1' - "$T/rec" "$T/err"
	[ "$status" -eq 141 ]
	[ "$output" = "$(trade BTCUSDT 1723161256000)" ]
	[ ! -s "$T/err" ]
}

@test "--jq runs on what is replayed" {
	recording "$T/rec"
	replay "$T/rec" --jq 'select(.e == "aggTrade") | .a'
	[ "$output" = $'1723161256000\n1723161256001\n1723161256005' ]
}

@test "a recording of the exchange gives all its events" {
	[ -n "${BF_TEST_DATA:-}" ] || skip "BF_TEST_DATA is not set"
	bf-stream --speed max --replay "$BF_TEST_DATA/usdm/ws-btcusdt-2024-08-08.ndjson.gz" >"$T/out"
	[ "$(wc -l <"$T/out")" -eq 93953 ]
	[ "$(grep -c '^{"e":"depthUpdate"' "$T/out")" -eq 6551 ]
	[ "$(grep -c '^{"e":"bookTicker"' "$T/out")" -eq 66089 ]
	[ "$(grep -c '^{"e":"trade"' "$T/out")" -eq 21313 ]
	gzip -dc "$BF_TEST_DATA/usdm/ws-btcusdt-2024-08-08.ndjson.gz" | sed 's/^{"stream":"[^"]*","data"://; s/}$//' | cmp - "$T/out"
}

# --- recording ---

@test "what was recorded is replayed as it was printed" {
	rising 3000
	stream --record "$T/rec" bookTicker BTCUSDT
	wait_for last
	terminated
	[ "$(stat -c %a "$T/rec")" = 600 ]
	bf-stream --speed max --replay "$T/rec" | cmp - "$T/out"
	is -s 'all(.[]; .recv > 1600000000000000 and (.stream | type) == "string" and (.data | type) == "object")
	    and any(.[]; .stream == "btcusdt@bookTicker")' <"$T/rec"
}

@test "what --jq or a slow reader leaves out is recorded all the same" {
	rising 3000
	stream --record "$T/rec" --jq 'select(.b == "52999.00")' bookTicker BTCUSDT
	wait_for last
	terminated
	[ "$(wc -l <"$T/out")" -eq 1 ]
	[ "$(grep -c '"B":"1.000"' "$T/rec")" -ge 2999 ]
}

@test "parts of a size are compressed, and together they are everything" {
	local args=() p
	rising 5000
	stream --record "$T/rec" --rotate 64k bookTicker BTCUSDT
	wait_for last
	terminated
	[ "$(parts rec | wc -l)" -ge 10 ]
	[ -z "$(find "$T" -name 'rec-*' ! -name '*.gz')" ]
	[ -z "$(find "$T" -name 'rec*' -perm /077)" ]
	for p in $(parts rec); do
		[ "$(gzip -dc "$p" | wc -c)" -le 65536 ]
		args+=(--replay "$p")
	done
	bf-stream --speed max "${args[@]}" --replay "$T/rec" | cmp - "$T/out"
}

@test "kill -9 leaves whole lines, and the next run goes on in the same file" {
	rising 20000
	stream --record "$T/rec" bookTicker BTCUSDT
	wait_for test -s "$T/rec"
	kill -9 "$STREAM_PID"
	ends 137
	cp "$T/rec" "$T/killed"
	before=$(wc -l <"$T/killed")	# whole lines; the kernel may have cut one after them
	[ "$before" -gt 0 ]
	bf-stream --speed max --replay "$T/killed" >"$T/a"
	[ "$(wc -l <"$T/a")" -eq "$before" ]
	stream --record "$T/rec" bookTicker BTCUSDT
	more() { [ "$(wc -l <"$T/rec")" -gt "$before" ]; }
	wait_for more
	terminated
	cmp -n "$(head -n "$before" "$T/killed" | wc -c)" "$T/killed" "$T/rec"
	jq -c . "$T/rec" >/dev/null
	bf-stream --speed max --replay "$T/rec" >"$T/b"
	[ "$(wc -l <"$T/b")" -eq "$(wc -l <"$T/rec")" ]
}

@test "two runs do not write into one file" {
	rising 100
	stream --record "$T/rec" bookTicker BTCUSDT
	wait_for last
	run --separate-stderr timeout 20 bf-stream --record "$T/rec" bookTicker BTCUSDT
	[ "$status" -eq 8 ]
	[[ $stderr == *"another process is recording"* ]]
	terminated
}

@test "a file that is no recording is left alone" {
	sim
	echo 'my notes' >"$T/notes"
	chmod 644 "$T/notes"
	run --separate-stderr timeout 20 bf-stream --record "$T/notes" bookTicker BTCUSDT
	[ "$status" -eq 2 ]
	[[ $stderr == *"not a recording"* ]]
	[ "$(cat "$T/notes")" = 'my notes' ]
	[ "$(find "$T/notes" -perm 644)" = "$T/notes" ]
}

@test "a part that is no file of ours is not touched, and stops nothing" {
	sim
	mkfifo "$T/rec-20260101T000000Z"
	echo other >"$T/other"
	ln -s other "$T/rec-20260101T000001Z"
	run --separate-stderr timeout -k 1 20 bf-stream --count 3 --record "$T/rec" markPrice BTCUSDT
	[ "$status" -eq 0 ] || { echo "$status $stderr"; false; }
	[ -p "$T/rec-20260101T000000Z" ]
	[ -L "$T/rec-20260101T000001Z" ]
	[ "$(cat "$T/other")" = other ]
	[ -z "$(find "$T" -name '*.gz*')" ]
}

# diffs FROM TO: changes of a book, one each 100 ms, of the update ids FROM to TO.
diffs() {
	local i
	for ((i = $1; i <= $2; i++)); do
		printf '{"e":"depthUpdate","E":%s,"s":"BTCUSDT","U":%s,"u":%s,"pu":%s,"b":[["1.0","%s"]],"a":[]}\n' \
			$((1723161256000 + 100 * i)) "$i" "$i" $((i - 1)) "$i"
	done
}

@test "--book --interval goes by the time of the recording, and the last book is given" {
	echo '{"lastUpdateId":10,"bids":[["1.0","5"]],"asks":[["3.0","1"]]}' >"$T/snap"
	diffs 11 40 >"$T/rec"
	replay "$T/rec" --snapshot "$T/snap" --book 1 --interval 1000 BTCUSDT --jq .u
	[ "$status" -eq 0 ]
	[ "$(echo $output)" = "11 21 31 40" ]
	[ -z "$stderr" ]
}

@test "a replay that gives no book says why" {
	local what
	echo '{"lastUpdateId":50,"bids":[["1.0","5"]],"asks":[["3.0","1"]]}' >"$T/snap"
	diffs 11 40 >"$T/rec"
	replay "$T/rec" --book 1 BTCUSDT
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[[ $stderr == *"BTCUSDT: no book: no snapshot came"* ]]
	replay "$T/rec" --book 1 ETHUSDT
	[[ $stderr == *"ETHUSDT: no book: neither changes nor a snapshot of it came"* ]]
	replay "$T/rec" --snapshot ETHUSDT="$T/snap" --book 1 ETHUSDT
	[[ $stderr == *"ETHUSDT: no book: no changes of it came"* ]]
	replay "$T/rec" --snapshot "$T/snap" --book 1 BTCUSDT
	[[ $stderr == *"BTCUSDT: no book: "* ]]
	for what in '{"a":1}' '[]' '{"lastUpdateId":5,"bids":[],"asks":{}}'; do
		echo "$what" >"$T/snap"
		replay "$T/rec" --snapshot "$T/snap" --book 1 BTCUSDT
		[ "$status" -eq 2 ]
		[[ $stderr == *"--snapshot $T/snap: not a depth answer"* ]]
	done
}

@test "a stream or symbol that the recording does not have is told" {
	printf '%s\n' '{"stream":"btcusdt@aggTrade","data":{"e":"aggTrade","E":1,"s":"BTCUSDT","a":1}}' >"$T/rec"
	run --separate-stderr bf-stream --replay "$T/rec" --speed max aggTrade bookTicker BTCUSDT
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 1 ]
	[ "$stderr" = "bf-stream: btcusdt@bookTicker: not in the recording" ]
	run --separate-stderr bf-stream --replay "$T/rec" --speed max aggTrade ETHUSDT
	[[ $stderr == *"ethusdt@aggTrade: not in the recording"* ]]
	run --separate-stderr bf-stream --record - aggTrade BTCUSDT
	[ "$status" -eq 2 ]
	[[ $stderr == *"--record -"* ]]
	[ ! -e - ]
}
