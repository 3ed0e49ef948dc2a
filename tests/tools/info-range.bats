#!/usr/bin/env bats
# bf-info over ranges: candles, statistics, fundings, trades; --save and its going on.

# The clock stands at START and a bit, after a day of candles.
START=1767225600000		# 2026-01-01T00:00:00Z
setup() { load ../helper; load ../signed; load ../simclient; home; }
teardown() { home_end; }

# market [options]: a day and 20 minutes of a made-up market.
market() {
	sim --synthetic --seed 7 --clock step --start 2026-01-01T00:00:00Z "$@"
	step 1205000
}
ask() { curl -sS --noproxy '*' "$SIM_REST$1"; }
# canned FILES...: an exchange of files in $T/canned, which the caller has put there.
canned() {
	local info=$T/canned/exchangeInfo
	[ -f "$info" ] || echo '{"symbols":[{"symbol":"BTCUSDT","pair":"BTCUSDT","contractType":"PERPETUAL","status":"TRADING",
		"filters":[]}]}' >"$info"
	echo "{\"serverTime\":$((START + 30000))}" >"$T/canned/time"
	"$BF_PEERS/canned" "$T/canned" >"$T/port" 3>&- 4>&- &
	wait_for test -s "$T/port"
	mkdir -p "$XDG_CONFIG_HOME/bf/profiles"
	printf 'rest = http://127.0.0.1:%s\nws = ws://127.0.0.1:%s\n' "$(cat "$T/port")" "$(cat "$T/port")" \
		>"$XDG_CONFIG_HOME/bf/profiles/canned"
	chmod 600 "$XDG_CONFIG_HOME/bf/profiles/canned"
	export BF_PROFILE=canned
}
# minutes FROM TO...: candles that open then, minutes after 2025-12-31T20:00Z, as an answer.
minutes() {
	local m list=
	for m in "$@"; do
		m=$((START - 14400000 + m * 60000))
		list="$list,[$m,\"1.10\",\"2\",\"1\",\"1.5\",\"7\",$((m + 59999)),\"9\",3,\"4\",\"5\",\"0\"]"
	done
	echo "[${list#,}]"
}
HALF="--since 2025-12-31T20:00 --until 2025-12-31T20:30"
RANGE="--since 2025-12-31T00:00 --until 2025-12-31T23:00"

@test "a candle is one object: the stream's letters, the exchange's digits" {
	market
	ask "/fapi/v1/klines?symbol=BTCUSDT&interval=1h&startTime=$((START - 86400000))&limit=23" |
		jq -c '.[] | [.[0:7], .[7:11]] | add' >"$T/theirs"
	# shellcheck disable=SC2086
	run --separate-stderr bf-info klines BTCUSDT 1h $RANGE
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
	[ "${#lines[@]}" -eq 23 ]
	jq -c '[.t, .o, .h, .l, .c, .v, .T, .q, .n, .V, .Q]' <<<"$output" | cmp - "$T/theirs"
	has "$output" '.e == "bf.kline" and .kind == "last" and .s == "BTCUSDT" and .i == "1h" and .x == true and .E == .T'
}

@test "a long range comes in pages of the best rows for weight, each candle once" {
	market
	run --separate-stderr bf-info klines BTCUSDT 1m --since 2025-12-31
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 1461 ]
	jq .t <<<"$output" | awk 'NR > 1 && $1 != last + 60000 { exit 1 } { last = $1 }'
	[ "$(seen GET /fapi/v1/klines)" -eq 3 ]
	jq -c 'select(.path == "/fapi/v1/klines") | .query' "$T/ledger" | grep -c 'limit=499' | grep -qx 3
}

@test "the candle that is open still is told as such, and only that" {
	market
	run --separate-stderr bf-info klines BTCUSDT 1m --limit 3
	[ "$(jq -c .x <<<"$output" | tr '\n' ' ')" = "true true false " ]
	is '.E >= .t and .E < .T' <<<"${lines[2]}"
	run --separate-stderr bf-info klines BTCUSDT 5m --until 2026-01-01T00:20 --limit 2 --jq '[.t, .x]'
	[ "${lines[0]}" = "[$((START + 600000)),true]" ]
	[ "${lines[1]}" = "[$((START + 900000)),true]" ]
}

@test "all five kinds of candles, of both markets" {
	market
	local what word market kind s
	while read -r what word market kind s; do
		run --separate-stderr bf-info "$what" "$word" 15m --since 2025-12-31T12:00 --until 2025-12-31T18:00
		[ "$status" -eq 0 ] || { echo "$what $word: $stderr"; false; }
		[ "${#lines[@]}" -eq 24 ]
		has "$output" ".kind == \"$kind\" and .s == \"$s\" and .i == \"15m\" and .x"
		[ "$(seen GET "/$market/v1/$what")" -ge 1 ]
	done <<-END
		klines BTCUSDT fapi last BTCUSDT
		klines BTCUSD_PERP dapi last BTCUSD_PERP
		continuousKlines ETHUSDT fapi continuous ETHUSDT
		continuousKlines BTCUSD dapi continuous BTCUSD
		indexPriceKlines BTCUSDT fapi index BTCUSDT
		indexPriceKlines BTCUSD_PERP dapi index BTCUSD
		markPriceKlines 测试USDT fapi mark 测试USDT
		markPriceKlines BTCUSD_PERP dapi mark BTCUSD_PERP
		premiumIndexKlines SOLUSDT fapi premium SOLUSDT
		premiumIndexKlines ETHUSD_PERP dapi premium ETHUSD_PERP
	END
}

@test "a continuous candle is of the symbol's own contract type, or the one that is named" {
	market
	local quarter
	quarter=$(ask /fapi/v1/exchangeInfo | jq -r '.symbols[].symbol | select(test("^BTCUSDT_"))')
	bf-info continuousKlines "$quarter" 1h --limit 2 | is -s 'all(.[]; .ct == "CURRENT_QUARTER" and .s == "BTCUSDT")'
	bf-info continuousKlines BTCUSDT 1h --limit 2 | is -s 'all(.[]; .ct == "PERPETUAL")'
	bf-info continuousKlines BTCUSDT 1h --limit 2 --contract CURRENT_QUARTER | is -s 'all(.[]; .ct == "CURRENT_QUARTER")'
	run --separate-stderr bf-info continuousKlines BTCUSDT 1h --contract WEEKLY
	[ "$status" -eq 2 ]
	[[ $stderr == *WEEKLY*PERPETUAL* ]]
}

@test "COIN-M is asked in windows of at most 200 days, and nothing is lost between them" {
	market
	run --separate-stderr bf-info klines BTCUSD_PERP 1h --since 2024-06-01
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 25 ]
	jq -e 'select(.path == "/dapi/v1/klines") | .http == 200' "$T/ledger" >/dev/null
	[ "$(seen GET /dapi/v1/klines)" -gt 25 ]
	# before a contract was listed there is nothing to ask for: half a year, not seven
	local before
	before=$(seen GET /dapi/v1/klines)
	run --separate-stderr bf-info klines BTCUSD_260327 1h --since 2019-01-01
	[ "${#lines[@]}" -eq 25 ]
	[ $(($(seen GET /dapi/v1/klines) - before)) -lt 10 ]
	run --separate-stderr bf-info klines BTCUSD_PERP 1m --since 2025-12-31
	[ "${#lines[@]}" -eq 1461 ]
	jq .t <<<"$output" | awk 'NR > 1 && $1 != last + 60000 { exit 1 } { last = $1 }'
}

@test "--until is not included, --limit counts from the beginning with --since, else from the end" {
	market
	run --separate-stderr bf-info klines BTCUSDT 1h --since 2025-12-31T01:00 --until 2025-12-31T03:00 --jq .t
	[ "$output" = "$((START - 23 * 3600000))"$'\n'"$((START - 22 * 3600000))" ]
	run --separate-stderr bf-info klines BTCUSDT 1m --since 2025-12-31 --limit 600 --jq .t
	[ "${#lines[@]}" -eq 600 ]
	[ "${lines[0]}" = "$((START - 86400000))" ]
	run --separate-stderr bf-info klines BTCUSDT 1h --until 2026-01-01 --limit 2 --jq .t
	[ "$output" = "$((START - 2 * 3600000))"$'\n'"$((START - 3600000))" ]
}

@test "so long ago is reckoned from the exchange's now" {
	market
	run --separate-stderr bf-info klines BTCUSDT 1h --since -3h --until -1h --jq .t
	[ "$status" -eq 0 ] || { echo "$stderr"; false; }
	# 00:20:05 there
	[ "$(echo $output)" = "$((START - 7200000)) $((START - 3600000))" ]
	run --separate-stderr bf-info klines BTCUSDT 1h --since -2h --until now --jq .t
	[ "${#lines[@]}" -eq 2 ]
}

@test "what cannot be asked for is refused by name before any candle is" {
	market
	local args want
	while IFS='|' read -r args want; do
		# shellcheck disable=SC2086
		run --separate-stderr bf-info $args
		[ "$status" -eq 2 ] || { echo "$args: $status $stderr"; false; }
		[[ $stderr == *$want* ]] || { echo "$args: $stderr"; false; }
		[ -z "$output" ]
	done <<-END
		klines BTCUSDT|SYMBOL INTERVAL
		klines BTCUSDT 1s|1m, 3m
		klines BTCUSDT 7m|1m, 3m
		klines BTCUSDT 1m --since 2025-12-31 --until 2025-12-30|--since 2025-12-31
		klines BTCUSDT 1m --since 2026-02-01|now
		klines BTCUSDT 1m --period 5m|--period
		klines BTCUSDT 1m --contract PERPETUAL|--contract
		takerRatio BTCUSDT --period 1m|5m, 15m
		takerRatio BTCUSDT --period 8h|5m, 15m
		takerRatio BTCUSDT --since 2025-11-01|720 hours; the nearest is 2025-12-02T00:21
		takerRatio BTCUSDT --contract PERPETUAL|not for takerRatio of USD
		aggTrades BTCUSDT --since 2025-12-29|48 hours; the nearest is 2025-12-30T00:21
		fundingRate BTCUSDT --until 2025-12-31|--since
		fundingRate BTCUSDT --limit 1001|newest 1000
		historicalTrades BTCUSDT x1|id of a trade
		historicalTrades BTCUSDT -- -1|id of a trade
		klines BTCUSDT 1m --save $T/f|--since
		klines BTCUSDT 1m --save $T/f --since 2025-12-31 --limit 3|--limit
		klines BTCUSDT 1m --save $T/f --since 2025-12-31 --jq .|--jq
		klines BTCUSDT 1m --save $T/f --since 2025-12-31 --plot|--plot
		historicalTrades BTCUSDT --save $T/f|id of a trade
		klines BTCUSDT 1m --save $T --since 2025-12-31|$T
	END
	[ ! -e "$T/f" ]
	[ "$(seen GET /fapi/v1/klines)" -eq 0 ]
	run --separate-stderr bf-info klines NOPE 1m
	[ "$status" -eq 1 ]
	[[ $stderr == *NOPE* ]]
}

# --- trouble ---

@test "429 is waited for, and the range comes whole" {
	market --fault 'on GET /fapi/v1/klines#2: reply=429/-1003 hdr="Retry-After: 1"'
	run --separate-stderr bf-info klines BTCUSDT 1m --since 2025-12-31
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]	# no terminal
	[ "${#lines[@]}" -eq 1461 ]
}

@test "a ban of more than 10 minutes ends it: exit 3, what was printed stands" {
	market --fault 'on GET /fapi/v1/klines#3: reply=418/-1003 hdr="Retry-After: 1200"'
	run --separate-stderr bf-info klines BTCUSDT 1m --since 2025-12-31
	[ "$status" -eq 3 ]
	[ "${#lines[@]}" -eq 998 ]
	[ -n "$stderr" ]
}

@test "short trouble in the middle is sat out" {
	market --fault 'on GET /fapi/v1/klines#2: reply=503/svc' --fault 'on GET /fapi/v1/klines#3: net=rst' \
		--fault 'on GET /fapi/v1/klines#4: reply=200/html' --fault 'on GET /fapi/v1/klines#5: net=cut=400' \
		--fault 'on GET /fapi/v1/klines#6: reply=503/svc'
	run --separate-stderr bf-info klines BTCUSDT 1m --since 2025-12-31
	[ "$status" -eq 0 ] || { echo "$stderr"; false; }
	[ "${#lines[@]}" -eq 1461 ]
	jq .t <<<"$output" | awk 'NR > 1 && $1 != last + 60000 { exit 1 } { last = $1 }'
}

@test "nobody there: exit 3 at once, no wait of a minute" {
	nobody none
	cat >"$T/x" <<<'{"symbols":[{"symbol":"BTCUSDT","pair":"BTCUSDT","status":"TRADING"}]}'
	SECONDS=0
	run --separate-stderr bf-info --profile none klines BTCUSDT 1m
	[ "$status" -eq 3 ]
	[ -z "$output" ]
}

@test "a hole is a record in its place, and counted at the end" {
	mkdir "$T/canned"
	minutes {0..4} {9..11} 15 16 >"$T/canned/klines.1"
	echo '[]' >"$T/canned/klines"
	canned
	# shellcheck disable=SC2086
	run --separate-stderr bf-info klines BTCUSDT 1m $HALF
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 12 ]
	is ".e == \"bf.gap\" and .by == \"bf-info\" and .what == \"klines\" and .s == \"BTCUSDT\" and .i == \"1m\" and
	    .from == $((START - 14100000)) and .to == $((START - 13920000)) and .missing == 4 and .E == .to + 59999" <<<"${lines[5]}"
	is '.e == "bf.gap" and .missing == 3' <<<"${lines[9]}"
	[[ $stderr == *"klines BTCUSDT 1m: 7 missing, in 2 holes"* ]]
}

@test "an answer that is not what was asked for is exit 3 and names the row" {
	mkdir "$T/canned"
	canned
	local n=0 what want
	while IFS='|' read -r what want; do
		printf '%s\n' "$what" >"$T/canned/klines"
		# shellcheck disable=SC2086
		run --separate-stderr bf-info klines BTCUSDT 1m $HALF
		[ "$status" -eq 3 ] || { echo "$what: $status $stderr"; false; }
		[[ $stderr == *$want* ]] || { echo "$what: $stderr"; false; }
		n=$((n + 1))
	done <<-END
		$(minutes 0 1 1)|row 3*twice
		$(minutes 0 3 2)|row 3*order
		$(minutes 0 31)|row 2*not of the time
		$(minutes 0 -1)|row 2*not of the time
		$(minutes 0 1 | sed 's/59999,/59998,/')|row 1*another interval
		$(minutes 0 1 | sed 's/"1.10"/"x"/')|open*"x"*not a number
		$(minutes 0 1 | sed 's/"2",/"2e",/')|high
		[{"t":1}]|open time
		[[]]|open time
		{"a":1}|no list
	END
	[ "$n" -eq 10 ]
}

# --- --save ---

save() { bf-info klines BTCUSDT 1m --since 2025-12-31T10:00 --until 2025-12-31T22:00 --save "$1"; }

# saving FILE: the same in the background, as ${BG_PIDS##* }.
saving() { bg "exec bf-info klines BTCUSDT 1m --since 2025-12-31T10:00 --until 2025-12-31T22:00 --save $1 2>$T/err"; }

@test "--save: the records are in the file, under a line that says of what; again changes nothing" {
	market
	run --separate-stderr save "$T/f"
	[ "$status" -eq 0 ]
	[ -z "$output$stderr" ]
	[ "$(wc -l <"$T/f")" -eq 721 ]
	head -n 1 "$T/f" | is '.e == "bf.range" and .market == "usdm" and .what == "klines" and .s == "BTCUSDT" and .i == "1m" and
	    .from == .E and .from == 1767175200000'
	bf-info klines BTCUSDT 1m --since 2025-12-31T10:00 --until 2025-12-31T22:00 | cmp - <(tail -n +2 "$T/f")
	cp "$T/f" "$T/g"
	save "$T/f"
	cmp "$T/f" "$T/g"
	[ "$(stat -c %a "$T/f")" = 600 ]
}

@test "--save: what is in the file does not depend on where it runs" {
	market
	save "$T/f"
	script -qec "bf-info klines BTCUSDT 1m --since 2025-12-31T10:00 --until 2025-12-31T22:00 --save $T/tty" /dev/null \
		>"$T/shown" </dev/null
	cmp "$T/f" "$T/tty"
	run ! grep -q OPENS "$T/shown"
	rm "$T/tty"
	bf-info -o table klines BTCUSDT 1m --since 2025-12-31T10:00 --until 2025-12-31T22:00 --save "$T/tty"
	cmp "$T/f" "$T/tty"
}

@test "what is missing at the ends of a range is said" {
	market
	run --separate-stderr bf-info klines BTCUSDT 1m --since 2025-12-29 --jq .t
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 1461 ]
	[ "$stderr" = "bf-info: klines BTCUSDT 1m: nothing before 2025-12-31T00:00:00Z" ]
	run --separate-stderr bf-info klines BTCUSDT 1m --since 2025-01-01 --until 2025-02-01
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[ "$stderr" = "bf-info: klines BTCUSDT 1m: nothing from 2025-01-01T00:00:00Z to 2025-02-01T00:00:00Z" ]
	mkdir "$T/canned"
	minutes {0..9} >"$T/canned/klines.1"
	echo '[]' >"$T/canned/klines"
	canned
	# shellcheck disable=SC2086
	run --separate-stderr bf-info klines BTCUSDT 1m $HALF
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 10 ]
	[ "$stderr" = "bf-info: klines BTCUSDT 1m: nothing after 2025-12-31T20:09:00Z" ]
}

@test "cut off anywhere and begun again, the file is byte for byte the same" {
	mkdir "$T/canned"
	minutes {0..4} {9..11} >"$T/whole"
	canned
	# shellcheck disable=SC2086
	go() { bf-info klines BTCUSDT 1m $HALF --save "$T/f"; }
	# serve FROM: the next query is answered with what opens from then on
	serve() { jq -c "map(select(.[0] >= $1))" "$T/whole" >"$T/canned/klines.$(($(grep -c klines "$T/canned/log" || true) + 1))"; }
	echo '[]' >"$T/canned/klines"
	touch "$T/canned/log"
	serve 0
	go
	cp "$T/f" "$T/full"
	[ "$(wc -l <"$T/full")" -eq 10 ]
	local size at next
	size=$(stat -c %s "$T/full")
	for ((at = 0; at < size; at += 53)); do
		head -c "$at" "$T/full" >"$T/f"
		# what is asked for then: after the last whole line
		next=$(head -c "$at" "$T/full" | grep -a '}$' | grep -v bf.range |
			jq -R 'fromjson? | if .e == "bf.gap" then .to else .t end + 60000' | tail -n 1)
		serve "${next:-0}"
		run --separate-stderr go
		[ "$status" -eq 0 ] || { echo "at $at: $stderr"; false; }
		cmp "$T/f" "$T/full" || { echo "at $at"; false; }
	done
}

@test "killed with -9 between pages, the next run goes on and ends with the same file" {
	market
	save "$T/full"
	rules 'on GET /fapi/v1/klines#2: net=stall'	# a page, and then nothing
	saving "$T/f"
	local pid=${BG_PIDS##* }
	wait_for sh -c "[ \$(wc -l <$T/f) -ge 500 ]"
	kill -9 "$pid"
	wait "$pid" || true
	[ "$(wc -l <"$T/f")" -eq 500 ]
	save "$T/f"
	cmp "$T/f" "$T/full"
}

@test "the candle that was open is replaced when the file goes on" {
	market
	bf-info klines BTCUSDT 1m --since 2026-01-01T00:15 --save "$T/f"
	[ "$(tail -n 1 "$T/f" | jq -c '[.t, .x]')" = "[$((START + 1200000)),false]" ]
	step 120000
	bf-info klines BTCUSDT 1m --since 2026-01-01T00:15 --save "$T/f"
	[ "$(tail -n +2 "$T/f" | jq -c .x | tr '\n' ' ')" = "true true true true true true true false " ]
	bf-info klines BTCUSDT 1m --since 2026-01-01T00:15 | jq -c 'del(.E)' | cmp - <(tail -n +2 "$T/f" | jq -c 'del(.E)')
}

@test "a file goes on where it ends, though --since has moved on" {
	market
	bf-info klines BTCUSDT 1m --since 2025-12-31T10:00 --until 2025-12-31T12:00 --save "$T/f"
	run --separate-stderr bf-info klines BTCUSDT 1m --since 2025-12-31T14:00 --until 2025-12-31T22:00 --save "$T/f"
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
	save "$T/g"
	cmp "$T/f" "$T/g"
}

@test "what the exchange no longer has for a file to go on with is told" {
	market --symbols BTCUSDT
	bf-info aggTrades BTCUSDT --since 2025-12-31T23:30 --save "$T/f"
	bf-info takerRatio BTCUSDT --since 2025-12-31T23:00 --period 1h --save "$T/g"
	step 60h
	run --separate-stderr bf-info aggTrades BTCUSDT --since 2025-12-31T23:30 --save "$T/f"
	[ "$status" -eq 2 ]
	[[ $stderr == *"what is between"*"lost"* ]]
	run --separate-stderr bf-info aggTrades BTCUSDT --since 2025-12-31T23:30 --save "$T/new"
	[ "$status" -eq 2 ]
	[ ! -e "$T/new" ]
	run --separate-stderr bf-info takerRatio BTCUSDT --since 2025-12-31T23:00 --period 1h --save "$T/g"
	[ "$status" -eq 0 ]
	[ "$(wc -l <"$T/g")" -eq 63 ]
}

@test "a file of something else is refused by name, and left as it is" {
	market
	save "$T/f"
	cp "$T/f" "$T/was"
	local args want
	while IFS='|' read -r args want; do
		# shellcheck disable=SC2086
		run --separate-stderr bf-info $args --since 2025-12-31T10:00 --until 2025-12-31T22:00 --save "$T/f"
		[ "$status" -eq 2 ] || { echo "$args: $status"; false; }
		[[ $stderr == *"usdm klines BTCUSDT 1m, not of $want"* ]] || { echo "$args: $stderr"; false; }
		cmp "$T/f" "$T/was"
	done <<-END
		klines ETHUSDT 1m|usdm klines ETHUSDT 1m
		klines BTCUSDT 5m|usdm klines BTCUSDT 5m
		markPriceKlines BTCUSDT 1m|usdm markPriceKlines BTCUSDT 1m
		klines BTCUSD_PERP 1m|coinm klines BTCUSD_PERP 1m
		fundingRate BTCUSDT|usdm fundingRate BTCUSDT
	END
	run --separate-stderr bf-info klines BTCUSDT 1m --since 2025-12-31T09:00 --save "$T/f"
	[ "$status" -eq 2 ]
	[[ $stderr == *"begins"* ]]
	local text
	for text in 'a diary' $'a diary\n' '{"a":1}' $'{"e":"bf.kline"}\n'; do
		printf %s "$text" >"$T/other"
		run --separate-stderr save "$T/other"
		[ "$status" -eq 2 ]
		[[ $stderr == *"not begun by --save"* ]]
		[ "$(cat "$T/other"; echo x)" = "$text"x ]
	done
	mkfifo "$T/pipe"
	run --separate-stderr save "$T/pipe"
	[ "$status" -eq 2 ]
}

@test "two runs do not write one file" {
	market --fault 'on GET /fapi/v1/klines#2: net=stall'
	saving "$T/f"
	wait_for sh -c "[ \$(wc -l <$T/f) -ge 500 ]"
	run --separate-stderr save "$T/f"
	[ "$status" -eq 2 ]
	[[ $stderr == *"another run"* ]]
}

@test "interrupted, it dies of the signal, and what is whole is kept" {
	market --fault 'on GET /fapi/v1/klines#2: net=stall'
	saving "$T/f"
	wait_for sh -c "[ \$(wc -l <$T/f) -ge 500 ]"
	kill -TERM "${BG_PIDS##* }"
	local status=0
	wait "${BG_PIDS##* }" || status=$?
	[ "$status" -eq 143 ]
	[ "$(wc -l <"$T/f")" -eq 500 ]
	grep -q 'the same command goes on' "$T/err"
	save "$T/f"
	[ "$(wc -l <"$T/f")" -eq 721 ]
}

@test "a full disk is exit 8" {
	market
	run sh -c 'bf-info klines BTCUSDT 1m --since 2025-12-31 >/dev/full'
	[ "$status" -eq 8 ]
}

# --- rows ---

@test "fundings: all of a range, also two of one instant and over a page" {
	mkdir "$T/canned"
	jq -nc --argjson s "$START" '[range(1000) | {symbol: "BTCUSDT", fundingTime: ($s - 86400000 + .), fundingRate: "0.0001",
		markPrice: "", rateType: "Regular"}]' >"$T/canned/fundingRate.1"
	# the next page begins with the last row again, and a special one of its instant
	jq -nc --argjson s "$START" '[{symbol: "BTCUSDT", fundingTime: ($s - 86400000 + 999), fundingRate: "0.0001", markPrice: "",
		rateType: "Regular"}, {symbol: "BTCUSDT", fundingTime: ($s - 86400000 + 999), fundingRate: "0.01",
		rateType: "Special"}, {symbol: "BTCUSDT", fundingTime: ($s - 86400000 + 5000), fundingRate: "-1"}]' >"$T/canned/fundingRate.2"
	jq -nc --argjson s "$START" '[{symbol: "BTCUSDT", fundingTime: ($s - 86400000 + 5000), fundingRate: "-1"}]' >"$T/canned/fundingRate"
	canned
	run --separate-stderr bf-info fundingRate BTCUSDT --since 2025-12-31
	[ "$status" -eq 0 ] || { echo "$stderr"; false; }
	[ "${#lines[@]}" -eq 1002 ]
	[ "$(sort <<<"$output" | uniq -d)" = "" ]
	[ "$(tail -n 3 <<<"$output" | jq -r .fundingRate | tr '\n' ' ')" = "0.0001 0.01 -1 " ]
	grep -q "startTime=$((START - 86400000 + 999))&" "$T/canned/log"
	# one page twice over cannot be passed
	cp "$T/canned/fundingRate.2" "$T/canned/fundingRate.4"
	jq -c '[.[0], .[1], .[1]]' "$T/canned/fundingRate.2" >"$T/canned/fundingRate.5"
	rm "$T/canned/fundingRate.4"
	cp "$T/canned/fundingRate.5" "$T/canned/fundingRate.4"
	run --separate-stderr bf-info fundingRate BTCUSDT --since 2025-12-31
	[ "$status" -eq 3 ]
	[[ $stderr == *"row 3"*twice* ]]
}

@test "fundings of the market, saved day by day" {
	sim --clock step --start 2026-01-01T07:00:00Z
	step 2h
	bf-info fundingRate BTCUSDT --since 2026-01-01 --save "$T/f"
	[ "$(wc -l <"$T/f")" -eq 2 ]
	step 24h
	bf-info fundingRate BTCUSDT --since 2026-01-01 --save "$T/f"
	[ "$(wc -l <"$T/f")" -eq 5 ]
	tail -n +2 "$T/f" | cmp - <(bf-info fundingRate BTCUSDT --since 2026-01-01)
	ask "/fapi/v1/fundingRate?symbol=BTCUSDT&startTime=$START" | jq -c '.[]' | cmp - <(tail -n +2 "$T/f")
	run --separate-stderr bf-info fundingRate BTCUSDT --limit 2 --jq .fundingTime
	[ "${#lines[@]}" -eq 2 ]
	run --separate-stderr bf-info fundingRate BTCUSD_PERP --since 2026-01-01
	[ "${#lines[@]}" -eq 4 ]
}

@test "trades of one instant, more than a page of them, come each once" {
	sim
	curl -sS --noproxy '*' -d 'trades=900 BTCUSDT' "$SIM_REST/sim/v1/do" | is .ok
	local id
	id=$(ask '/fapi/v1/trades?symbol=BTCUSDT&limit=1' | jq '.[0].id')
	run --separate-stderr bf-info historicalTrades BTCUSDT $((id - 899))
	[ "$status" -eq 0 ] || { echo "$stderr"; false; }
	[ "${#lines[@]}" -eq 900 ]
	jq .id <<<"$output" | awk 'NR > 1 && $1 != last + 1 { exit 1 } { last = $1 }'
	[ "$(seen GET /fapi/v1/historicalTrades)" -eq 2 ]
	run --separate-stderr bf-info historicalTrades BTCUSDT $((id - 899)) --limit 501
	[ "${#lines[@]}" -eq 501 ]
	run --separate-stderr bf-info historicalTrades BTCUSDT --limit 7
	[ "${#lines[@]}" -eq 7 ]
	[ "$(tail -n 1 <<<"$output" | jq .id)" -eq "$id" ]
}

@test "aggregate trades: the first is looked for hour by hour, the others follow by id" {
	market
	run --separate-stderr bf-info aggTrades BTCUSDT --since 2025-12-31T22:30
	[ "$status" -eq 0 ]
	ask '/fapi/v1/aggTrades?symbol=BTCUSDT&limit=1000' | jq -c '.[]' | cmp - <(tail -n 1000 <<<"$output")
	jq .a <<<"$output" | awk 'NR > 1 && $1 != last + 1 { exit 1 } { last = $1 }'
	[ "$(jq -r 'select(.path == "/fapi/v1/aggTrades") | .http' "$T/ledger" | sort -u)" = 200 ]
	jq -r 'select(.path == "/fapi/v1/aggTrades") | .query' "$T/ledger" | grep -q fromId=
	local at
	at=$(sed -n '700p' <<<"$output" | jq .T)
	run --separate-stderr bf-info aggTrades BTCUSDT --since 2025-12-31T23:30 --until "$at" --jq .T
	[ "$status" -eq 0 ]
	[ "$(tail -n 1 <<<"$output")" -lt "$at" ]
	bf-info aggTrades BTCUSDT --since 2025-12-31T23:30 --save "$T/f"
	cp "$T/f" "$T/g"
	head -c -100 "$T/g" >"$T/f"
	bf-info aggTrades BTCUSDT --since 2025-12-31T23:30 --save "$T/f"
	cmp "$T/f" "$T/g"
}

@test "statistics by period, as both markets have them" {
	market
	local what args path
	while IFS='|' read -r what args path; do
		# shellcheck disable=SC2086
		run --separate-stderr bf-info $what $args --since 2025-12-31 --until 2026-01-01
		[ "$status" -eq 0 ] || { echo "$what: $stderr"; false; }
		[ "$(seen GET "/futures/data/$path")" -ge 1 ] || { echo "$what: $path"; false; }
	done <<-END
		openInterestHist|BTCUSDT|openInterestHist
		openInterestHist|BTCUSD_PERP --contract ALL|openInterestHist
		topLongShortPositionRatio|BTCUSDT --period 1h|topLongShortPositionRatio
		topLongShortPositionRatio|BTCUSD --period 1h|topLongShortPositionRatio
		topLongShortAccountRatio|BTCUSDT|topLongShortAccountRatio
		globalLongShortAccountRatio|BTCUSDT|globalLongShortAccountRatio
		globalLongShortAccountRatio|BTCUSD_PERP|globalLongShortAccountRatio
		takerRatio|ETHUSDT|takerlongshortRatio
		takerRatio|BTCUSD_PERP|takerBuySellVol
		basis|BTCUSDT|basis
		basis|BTCUSD|basis
	END
	[ "$(jq -r 'select(.path | startswith("/futures/data")) | .http' "$T/ledger" | sort -u)" = 200 ]
	run --separate-stderr bf-info takerRatio BTCUSDT --period 15m --since 2025-12-31 --until 2026-01-01
	[ "${#lines[@]}" -eq 96 ]
	ask "/futures/data/takerlongshortRatio?symbol=BTCUSDT&period=15m&startTime=$((START - 86400000))&endTime=$((START - 1))&limit=500" |
		jq -c '.[]' | cmp - <(echo "$output")
	run --separate-stderr bf-info takerRatio BTCUSDT --since 2025-12-05 --period 5m
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 293 ]		# of 16 pages most are empty
	[ "$(seen GET /futures/data/takerlongshortRatio)" -ge 16 ]
}

@test "a hole in statistics is told too" {
	mkdir "$T/canned"
	jq -nc --argjson s "$START" '[0, 1, 4 | {symbol: "BTCUSDT", sumOpenInterest: "1", timestamp: ($s - 14400000 + . * 300000)}]' \
		>"$T/canned/openInterestHist"
	canned
	run --separate-stderr bf-info openInterestHist BTCUSDT --since 2025-12-31T20:00 --until 2025-12-31T21:00
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 4 ]
	is '.e == "bf.gap" and .what == "openInterestHist" and .missing == 2' <<<"${lines[2]}"
}

@test "--output table has the day, and a row a candle" {
	market
	run --separate-stderr bf-info -o table klines BTCUSDT 1h --since 2025-12-31T22:00 --until 2026-01-01
	[ "$status" -eq 0 ]
	[[ ${lines[0]} == OPENS*OPEN*HIGH*LOW*CLOSE*VOLUME* ]]
	[[ ${lines[1]} == "2025-12-31 22:00:00 "* ]]
	[ "${#lines[@]}" -eq 3 ]
	run --separate-stderr bf-info -o table takerRatio BTCUSDT --limit 2
	[[ ${lines[1]} == "2026-01-01 "* ]]
}

@test "the progress bar is for a terminal only" {
	market --fault 'on GET /fapi/v1/klines: net=delay=150'
	script -qec "bf-info klines BTCUSDT 1m --since 2025-12-31 --save $T/f" /dev/null >"$T/tty" </dev/null
	grep -q 'klines BTCUSDT 1m \[.*%.*rows' "$T/tty"
	rm "$T/f"
	bf-info klines BTCUSDT 1m --since 2025-12-31 --save "$T/f" 2>"$T/err"
	[ ! -s "$T/err" ]
	# records on the same terminal and a bar would be in each other's way
	script -qec "bf-info -o ndjson klines BTCUSDT 1m --since 2025-12-31" /dev/null >"$T/tty" </dev/null
	run ! grep -q '%' "$T/tty"
}
