#!/usr/bin/env bats
# bf-position calc: no profile, no key, no network. The answers are worked examples from elsewhere.

setup() { load ../helper; home; }
teardown() { home_end; }

calc() { run --separate-stderr bf-position calc "$@"; [ "$status" -eq 0 ] || { echo "$stderr"; false; }; }
# near MEMBER NUMBER TOLERANCE
near() { jq -e ".$1 | tonumber | . - ($2) | fabs <= $3" <<<"$output" >/dev/null || { echo "$1: $(jq ".$1" <<<"$output")"; false; }; }
has() { jq -e "$1" <<<"$output" >/dev/null || { echo "not so: $1"; echo "$output"; false; }; }

brackets() {	# SYMBOL RATE [CAP]
	printf '[{"symbol":"%s","brackets":[{"bracket":1,"initialLeverage":125,"notionalCap":%s,"notionalFloor":0,"maintMarginRatio":%s,"cum":0}]}]' \
		"$1" "${3:-50000}" "$2" >"$T/brackets"
}

@test "a linear isolated long of the exchange's documentation: 9332.61, bankrupt at 9295.28" {
	brackets BTCUSDT 0.004
	calc long 0.003 BTCUSDT --entry 10359.38 --mark 10348.27548846 --wallet 3.19230721 --margin-type isolated --leverage 10 --brackets "$T/brackets"
	near liquidationPrice 9332.608 0.001
	near bankruptcyPrice 9295.2776 0.0001
	near effectiveLeverage 9.83 0.005	# 31.0448 / 3.15899368
	near marginBalance 3.15899368 0.00000001
	near pnl -0.03331353 0.00000001
	has '.tier == 1 and .marginType == "isolated" and .kind == "linear"'
}

@test "a real inverse long: 25119.97445760, bankrupt at 25019.8949" {
	echo '[{"symbol":"BTCUSD_PERP","brackets":[{"bracket":1,"initialLeverage":125,"qtyCap":5,"qtylFloor":0,"maintMarginRatio":0.004,"cum":0}]}]' >"$T/brackets"
	calc long 2 BTCUSD_PERP --entry 37643.10000021 --mark 38103.05510455 --wallet 0.00268058 --margin-type isolated --brackets "$T/brackets"
	has '.liquidationPrice == "25119.97445760" and .contractSize == "100" and .kind == "inverse"'
	near bankruptcyPrice 25019.8949 0.0001
	near pnl 0.00006413 0
	near notional 0.00524892 0
}

@test "an inverse short with all its worth in coins has no liquidation price, with less it has" {
	echo '[{"symbol":"BTCUSD_PERP","brackets":[{"bracket":1,"initialLeverage":125,"qtyCap":5,"qtylFloor":0,"maintMarginRatio":0.004,"cum":0}]}]' >"$T/brackets"
	calc short 10 BTCUSD_PERP --entry 60000 --wallet 0.005 --brackets "$T/brackets"
	near liquidationPrice 85371.4286 0.0001
	calc short 10 BTCUSD_PERP --entry 60000 --wallet 0.0167 --brackets "$T/brackets"
	has '.liquidationPrice == null'
	calc short 10 BTCUSD_PERP --entry 60000 --wallet 0.0167 --brackets "$T/brackets" -o table
	[[ $output == *liquidationPrice*none* ]]
}

@test "targets for a return of half the margin, long and short, linear and inverse" {
	calc long 1 BTCUSDT --entry 60000 --leverage 20
	near target50 61500 0
	calc short 1 BTCUSDT --entry 60000 --leverage 20
	near target50 58500 0
	calc long 1 BTCUSD_PERP --entry 60000 --leverage 20
	near target50 61538.46 0.005
	calc short 1 BTCUSD_PERP --entry 60000 --leverage 20
	near target50 58536.59 0.005
}

@test "return on margin: by the mark 34.686 %, by the entry 35.298 %" {
	calc long 20 BTCUSDT --entry 6563.665 --mark 6679.50671178 --leverage 20
	near pnl 2316.8342356 0
	near roe 0.34686 0.00001
	near roeEntry 0.35298 0.00001
}

@test "fees and break-even: 60030 after the first, 60060.03 after both" {
	calc long 0.05 BTCUSDT --entry 60000 --fee 5
	near openFee 1.5 0
	near breakEvenPrice 60030 0
	near breakEvenClosed 60060.03 0.001
	calc long 30 BTCUSD_PERP --entry 60000 --fee 5
	near openFee 0.000025 0
}

@test "funding: a long pays 4.5375, and in a day three times that; an inverse short earns" {
	calc long 0.75 BTCUSDT --entry 60500 --funding 0.0001 --hours 24
	near fundingDue -4.5375 0
	near fundingTotal -13.6125 0
	has '.settlements == 3'
	calc short 80 BTCUSD_PERP --entry 60500 --funding 0.0001
	near fundingDue 0.00001322 0
}

@test "the greatest quantity that 1000 USDT open at 20x" {
	calc long 0.1 BTCUSDT --entry 60100 --mark 60000 --wallet 1000 --leverage 20
	near maxQuantity 0.32206 0.00001
	calc short 0.1 BTCUSDT --entry 59900 --mark 60000 --wallet 1000 --leverage 20
	near maxQuantity 0.32310 0.00001
}

@test "isolated without a wallet: its initial margin is what is behind it" {
	brackets BTCUSDT 0.004
	calc long 0.1 BTCUSDT --entry 60000 --leverage 10 --margin-type isolated --brackets "$T/brackets"
	near wallet 600 0
	# (600 - 6000) / (0.1 x 0.004 - 0.1)
	near liquidationPrice 54216.8675 0.0001
}

@test "what was not given is null and said, and nothing is asked of anybody" {
	calc long 0.5 BTCUSDT --entry 60000
	has '.liquidationPrice == null and .initialMargin == null and .tier == null and .roe == null and .maxQuantity == null and (.notional | tonumber) == 30000'
	[[ $stderr == *--brackets* && $stderr == *--wallet* && $stderr == *--leverage* ]]
	[ ! -d "$XDG_STATE_HOME/bf" ]
}

@test "contracts of another size, and brackets of another symbol" {
	calc long 3 FOOUSD_PERP --entry 50
	has '.contractSize == "10"'
	calc long 3 FOOUSD --inverse --size 25 --entry 50
	near notional 1.5 0
	brackets ETHUSDT 0.004
	run --separate-stderr bf-position calc long 1 BTCUSDT --entry 60000 --brackets "$T/brackets"
	[ "$status" -eq 1 ]
	[[ $stderr == *BTCUSDT* ]]
}

@test "nonsense is exit 2 and says what was expected" {
	local a
	for a in '' 'long' 'long 1' 'long 0 BTCUSDT --entry 1' 'long -1 BTCUSDT --entry 1' 'up 1 BTCUSDT --entry 1' 'long 1 BTCUSDT' \
	    'long 1 BTCUSDT --entry 0' 'long 1 BTCUSDT --entry x' 'long 1 BTCUSDT --entry 1 --leverage 0' \
	    'long 1 BTCUSDT --entry 1 --margin-type both' 'long 1 BTCUSDT --entry 1 --fee -1' 'long 1 BTCUSDT --entry 1 --funding 2' \
	    'long 1 BTCUSDT --entry 1 --hours 5' 'long 1.5 BTCUSD_PERP --entry 1' 'long 1 BTCUSDT --entry 1 --size 10' \
	    'long 1 BTCUSDT --entry 1 --compare' 'long 1 BTCUSDT --entry 1 --entry 2' 'long 1 BTCUSDT --entry 1 extra'; do
		# shellcheck disable=SC2086
		run --separate-stderr bf-position calc $a
		[ "$status" -eq 2 ] || { echo "$a: $status"; false; }
		[ -z "$output" ]
		[ -n "$stderr" ]
	done
	run --separate-stderr bf-position --entry 5
	[ "$status" -eq 2 ]
	[[ $stderr == *--entry* ]]
}

@test "a table for a person" {
	brackets BTCUSDT 0.004
	calc long 0.003 BTCUSDT --entry 10359.38 --wallet 3.19230721 --leverage 10 --brackets "$T/brackets" -o table
	[[ ${lines[0]} == FIGURE*VALUE ]]
	[[ $output == *liquidationPrice*9332.6* ]]
}
