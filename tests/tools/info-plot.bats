#!/usr/bin/env bats
# bf-info --plot: charts in the terminal, and files by gnuplot.

setup() {
	load ../helper; load ../simclient; home
	sim --synthetic --seed 7 --clock step --start 2026-01-01T00:00:00Z
	step 1205000
	cd "$T" || exit
}
teardown() { home_end; }

with_gnuplot() { command -v gnuplot >/dev/null || skip "gnuplot is not installed"; }
# on_tty COLUMNS LINES COMMAND: on a terminal of that size; what it wrote is in $T/tty.
on_tty() { script -qec "stty cols $1 rows $2; TERM=xterm $3" /dev/null </dev/null | tr -d '\r' >"$T/tty"; }
# The columns of the longest line of stdin.
widest() { jq -Rr length | sort -n | tail -n 1; }

@test "candles are drawn in 80 columns and 24 lines, one for the prompt, without colour in a pipe" {
	LC_ALL=C.UTF-8 bf-info klines BTCUSDT 15m --plot >"$T/out"
	[ "$(wc -l <"$T/out")" -eq 23 ]
	[ "$(widest <"$T/out")" -le 80 ]
	[[ $(head -n 1 "$T/out") == "klines BTCUSDT 15m  20"*"2026-01-01T00:15:00Z" ]]
	grep -q '[┃╽╿]' "$T/out"
	grep -q '█' "$T/out"
	grep -q '├ [56]' "$T/out"		# prices on the right
	grep -q '^┬─' "$T/out"			# times below
	tail -n 1 "$T/out" | grep -q '[0-9][0-9]:[0-9][0-9] '
	run ! grep -q $'\033' "$T/out"
}

@test "without UTF-8 it is ASCII" {
	LC_ALL=C bf-info klines BTCUSDT 15m --plot >"$T/out"
	run ! env LC_ALL=C grep -q '[^ -~]' "$T/out"
	grep -q '#' "$T/out"
	grep -q '^[ |+#]*|' "$T/out"
}

@test "the highest and the lowest price of the candles are on the axis" {
	bf-info klines BTCUSDT 1h --since 2025-12-31 --until 2026-01-01 >"$T/k"
	local hi lo top bottom
	hi=$(jq -s '[.[].h | tonumber] | max' "$T/k")
	lo=$(jq -s '[.[].l | tonumber] | min' "$T/k")
	LC_ALL=C bf-info klines BTCUSDT 1h --since 2025-12-31 --until 2026-01-01 --plot >"$T/out"
	top=$(sed -n 's/.*+ \([0-9.]*\)$/\1/p' "$T/out" | head -n 1)
	bottom=$(sed -n 's/.*+ \([0-9.]*\)$/\1/p' "$T/out" | tail -n 1)
	awk -v h="$hi" -v l="$lo" -v t="$top" -v b="$bottom" 'BEGIN { exit !(t <= h && t > h - (h - l) / 10 && b >= l && b < t) }'
}

@test "on a terminal it has its size, and colour unless NO_COLOR is set" {
	on_tty 50 15 "bf-info klines BTCUSDT 15m --plot"
	[ "$(wc -l <"$T/tty")" -eq 14 ]
	grep -q $'\033\\[32m' "$T/tty"
	grep -q $'\033\\[31m' "$T/tty"
	run ! grep -q OPENS "$T/tty"	# no headings of a table
	sed $'s/\033\\[[0-9]*m//g' "$T/tty" >"$T/plain"
	[ "$(widest <"$T/plain")" -le 50 ]
	on_tty 120 40 "env NO_COLOR=1 bf-info klines BTCUSDT 1m --plot"
	[ "$(wc -l <"$T/tty")" -eq 39 ]
	run ! grep -q $'\033' "$T/tty"
	[ "$(widest <"$T/tty")" -gt 80 ]
}

@test "fundings and statistics are bars" {
	act 'funding=0.0003 BTCUSDT' 'funding=-0.0001 BTCUSDT'
	step 1000
	run --separate-stderr env LC_ALL=C bf-info fundingRate BTCUSDT --plot
	[ "$status" -eq 0 ]
	[[ $output == "fundingRate BTCUSDT "* ]]
	[[ $output == *"+ 0.00024"* ]]
	[[ $output == *"+ 0.0000"* ]]
	[[ $output == *"#"* ]]
	run --separate-stderr env LC_ALL=C bf-info takerRatio BTCUSDT --period 1h --plot
	[ "$status" -eq 0 ]
	[[ $output == *"#"* ]]
	run --separate-stderr env LC_ALL=C bf-info aggTrades BTCUSDT --plot
	[ "$status" -eq 0 ]
}

@test "nothing to draw is exit 1 and no chart" {
	run --separate-stderr bf-info topLongShortAccountRatio BTCUSDT --plot
	[ "$status" -eq 1 ]
	[ -z "$output" ]
	[[ $stderr == *"nothing to draw"* ]]
	with_gnuplot
	run --separate-stderr bf-info topLongShortAccountRatio BTCUSDT --plot="$T/x.svg"
	[ "$status" -eq 1 ]
	[ ! -e "$T/x.svg" ]
}

@test "gnuplot draws SVG and PNG" {
	with_gnuplot
	run --separate-stderr bf-info klines BTCUSDT 15m --plot="$T/it's a 'chart'.svg"
	[ "$status" -eq 0 ] || { echo "$stderr"; false; }
	[ -z "$output$stderr" ]
	grep -q '<svg' "$T/it's a 'chart'.svg"
	grep -q 'klines BTCUSDT 15m' "$T/it's a 'chart'.svg"
	grep -q '</svg>' "$T/it's a 'chart'.svg"
	run --separate-stderr bf-info markPriceKlines 测试USDT 1h --plot="$T/a.png"	# no volume
	[ "$status" -eq 0 ]
	[ "$(head -c 8 "$T/a.png" | od -An -tx1 | tr -d ' ')" = 89504e470d0a1a0a ]
	on_tty 80 20 "bf-info klines BTCUSDT 15m --plot='$T/c.svg'"	# no headings over nothing
	[ -s "$T/c.svg" ] && [ ! -s "$T/tty" ]
	act 'funding=0.0003 BTCUSDT' 'funding=-0.0001 BTCUSDT'
	step 1000
	local what
	for what in 'fundingRate BTCUSDT' 'takerRatio BTCUSDT'; do
		# shellcheck disable=SC2086
		run --separate-stderr bf-info $what --plot="$T/b.svg"
		[ "$status" -eq 0 ] || { echo "$what: $stderr"; false; }
		grep -q '<path' "$T/b.svg"
		rm "$T/b.svg"
	done
	[ "$(find "$T" -maxdepth 1 -name '*.svg.*' -o -maxdepth 1 -name '*.png.*' | wc -l)" -eq 0 ]
}

@test "a picture that is there already is replaced whole, or not at all" {
	with_gnuplot
	echo old >"$T/a.svg"
	bf-info klines BTCUSDT 15m --plot="$T/a.svg"
	grep -q '<svg' "$T/a.svg"
	run --separate-stderr bf-info klines BTCUSDT 15m --plot="$T/none/a.svg"
	[ "$status" -eq 8 ]
	[[ $stderr == *none/a.svg* ]]
	mkdir "$T/bin"
	printf '#!/bin/sh\necho half\necho it broke >&2\nexit 3\n' >"$T/bin/gnuplot"
	chmod +x "$T/bin/gnuplot"
	cp "$T/a.svg" "$T/was"
	PATH=$T/bin:$PATH run --separate-stderr bf-info klines BTCUSDT 15m --plot="$T/a.svg"
	[ "$status" -eq 8 ]
	[[ $stderr == *"it broke"* ]]
	cmp "$T/a.svg" "$T/was"
	[ "$(find "$T" -maxdepth 1 -name 'a.svg*' | wc -l)" -eq 1 ]
}

@test "gnuplot gets the script, but no secrets, no arguments and none of our files" {
	mkdir "$T/bin"
	cat >"$T/bin/gnuplot" <<-'END'
		#!/bin/sh
		echo "args: $*"
		env
		ls -l /proc/self/fd | sed 's/^/fds: /'
		sed 's/^/script: /'
	END
	chmod +x "$T/bin/gnuplot"
	BF_API_SECRET=verysecret BF_API_KEY=verykey PATH=$T/bin:$PATH bf-info klines BTCUSDT 15m --plot="$T/a.svg"
	grep -qx 'args: -d' "$T/a.svg"
	run ! grep -q 'verysecret\|verykey\|^BF_' "$T/a.svg"
	grep -q "script: set title 'klines BTCUSDT 15m" "$T/a.svg"
	grep -q 'candlesticks' "$T/a.svg"
	run ! grep -q 'socket:' "$T/a.svg"
	run ! grep -q 'script:.*a\.svg' "$T/a.svg"
}

@test "without gnuplot, or with another ending, it says so before anything is asked: exit 2" {
	local none=$T/path p
	mkdir "$none"
	for p in env bf-info; do
		ln -s "$(command -v "$p")" "$none/$p"
	done
	printf '#!/bin/sh\necho mine\n' >"$T/gnuplot"
	chmod +x "$T/gnuplot"
	for p in "$none" "$none:" "$none:." ":$none" "bin:$none"; do	# a relative directory is anybody's
		run --separate-stderr env PATH="$p" bf-info klines BTCUSDT 15m --plot=a.svg
		[ "$status" -eq 2 ] || { echo "$p: $status $stderr"; false; }
		[[ $stderr == *gnuplot-nox* ]]
		[ ! -e a.svg ]
	done
	run --separate-stderr bf-info klines BTCUSDT 15m --plot=a.pdf
	[ "$status" -eq 2 ]
	[[ $stderr == *".svg or .png"* ]]
	[ "$(seen GET /fapi/v1/klines)" -eq 0 ]
}

@test "a hole in the candles is an empty place in the chart" {
	mkdir "$T/canned"
	jq -nc '[range(30), range(60; 90) | {m: (1767139200000 + . * 60000)} | [.m, "1", "2", "1", "2", "1", .m + 59999, "1", 1, "1", "1", "0"]]' \
		>"$T/canned/klines.1"
	echo "[]" >"$T/canned/klines"
	echo '{"serverTime":1767225600000}' >"$T/canned/time"
	echo '{"symbols":[{"symbol":"BTCUSDT","pair":"BTCUSDT","status":"TRADING","filters":[]}]}' >"$T/canned/exchangeInfo"
	"$BF_PEERS/canned" "$T/canned" >"$T/port" 3>&- 4>&- &
	wait_for test -s "$T/port"
	printf 'rest = http://127.0.0.1:%s\nws = ws://127.0.0.1:9\n' "$(cat "$T/port")" >"$XDG_CONFIG_HOME/bf/profiles/canned"
	chmod 600 "$XDG_CONFIG_HOME/bf/profiles/canned"
	# 90 minutes in the 69 columns of a chart 80 wide would be two a column: have it wider
	on_tty 110 20 "env NO_COLOR=1 LC_ALL=C bf-info --profile canned klines BTCUSDT 1m --since 2025-12-31 --until 2025-12-31T01:30 --plot"
	sed -n 3p "$T/tty" | grep -qE '^[+|#]{30} {30}[+|#]{30} *[|+]'
	grep -q '30 missing, in 1 hole' "$T/tty"
}

@test "a chart is no records: --jq does not go with it" {
	sim --synthetic
	for what in "klines BTCUSDT 1h" "book BTCUSDT"; do
		# shellcheck disable=SC2086
		run --separate-stderr bf-info $what --plot --jq .c
		[ "$status" -eq 2 ]
		[ -z "$output" ]
		[[ $stderr == *"--plot"*"--jq"* ]]
	done
}
