#!/usr/bin/env bats
# bf-position history and equity: the income ledger, to the last unit. The oracle is what the exchange
# (bf-sim) tells curl.
# shellcheck disable=SC2154	# stderr: run sets it

setup() {
	load ../helper
	load ../simclient
	load ../answers
	home
}
teardown() { home_end; }

pos() { run --separate-stderr bf-position "$@"; }
rows() { jq -c 'select(.e == "bf.income")' <<<"$output"; }
summary() { jq -c "select(.e == \"bf.income.summary\" and .asset == \"$1\")" <<<"$output"; }
balance() { signed GET "/$1/balance" | jq -r ".[] | select(.asset == \"$2\").balance"; }
later() { step "$1" && rm -f "$XDG_STATE_HOME"/bf/sim/clock.json; }

# Trades, fees, funding and transfers on both markets.
session() {
	sim --balance coinm.BTC=1 "$@"
	market_order BTCUSDT BUY 0.1 | is '.orderId > 0'
	signed POST /dapi/v1/order 'symbol=BTCUSD_PERP&side=SELL&type=MARKET&quantity=30' | is '.orderId > 0'
	act 'mark=61234.5 BTCUSDT' 'mark=61234.5 BTCUSD_PERP' 'funding=0.0001 BTCUSDT' 'funding=0.0003 BTCUSD_PERP' 'deposit=55.5' \
		'deposit=-0.25 asset=coinm.BTC'
	market_order BTCUSDT SELL 0.063 | is '.orderId > 0'
	signed POST /dapi/v1/order 'symbol=BTCUSD_PERP&side=BUY&type=MARKET&quantity=11' | is '.orderId > 0'
}

@test "the rows are the exchange's own, and add up to the balance to the last unit, of both markets" {
	session
	pos history --since all
	[ "$status" -eq 0 ]
	for p in fapi/v1 dapi/v1; do signed GET "/$p/income" limit=1000; done | jq -c '.[]' >"$T/told"
	[ "$(wc -l <"$T/told")" -gt 8 ]
	diff "$T/told" <(rows | jq -c 'del(.e, .E, .market)')
	is -s 'all(.[]; .E == .time)' <<<"$(rows)"
	[ "$(summary USDT | jq -r .closing)" = "$(balance fapi/v3 USDT)" ]
	[ "$(summary BTC | jq -r .closing)" = "$(balance dapi/v1 BTC)" ]
	for a in USDT BTC; do
		summary "$a" | is '.opening == "0.00000000" and .balanced == true'
		# in whole units of 1e-8, which jq counts exactly
		jq -s --arg a "$a" 'def units: sub("\\."; "") | tonumber; map(select(.asset == $a)) |
			length > 0 and (map(.income | units) | add) == 0 + ($sum | units)' --arg sum "$(summary "$a" | jq -r .closing)" \
			"$T/told" | grep -qx true
	done
	summary USDT | is '.byType | keys | contains(["COMMISSION", "REALIZED_PNL", "TRANSFER"])'
}

@test "a span that begins later has an opening, and one that ends earlier its own closing" {
	stepped --start 2026-06-01T00:00:00Z --symbols BTCUSDT
	act 'deposit=100'
	later 1h
	act 'deposit=10.5'
	later 1h
	act 'deposit=-1'
	pos history --since 2026-06-01T00:30 --until 2026-06-01T01:30 --market usdm
	[ "$status" -eq 0 ]
	is -s 'map(.income) == ["10.50000000"]' <<<"$(rows)"
	summary USDT | is '.opening == "10100.00000000" and .closing == "10110.50000000" and .sum == "10.50000000" and .rows == 1 and
		.balanced == null and .until == 1780277400000'
	pos history --since 2026-06-01T00:30 --market usdm
	summary USDT | is '.opening == "10100.00000000" and .closing == "10109.50000000"'
	# both ends belong to it: the row of 01:00, and not those a millisecond off
	local at=1780275600000
	is -s 'map([.income, .time]) == [["10.50000000", 1780275600000]]' <<<"$(pos history --since $at --until $at --market usdm && rows)"
	for span in "--since $((at + 1)) --until $((at + 2))" "--since $((at - 2)) --until $((at - 1))"; do
		# shellcheck disable=SC2086
		pos history $span --market usdm
		[ "$status" -eq 0 ]
		[ -z "$(rows)" ]
		summary USDT | is '.opening == .closing and .rows == 0'
	done
}

@test "2,500 rows within 3 ms, each once and in order" {
	stepped --start 2026-06-01T00:00:00Z --symbols BTCUSDT
	for n in 1500 700 300; do
		for ((i = 0; i < n; i++)); do echo 'deposit=0.00000001'; done |
			curl -sS --noproxy '*' --data-binary @- "$SIM_REST/sim/v1/do" | ok
		later 1
	done
	pos history --since 2026-05-31 --market usdm
	[ "$status" -eq 0 ]
	is -s 'length == 2501 and (map(.tranId) | . == (unique)) and (map(.time) | . == sort and (unique | length) == 3)' <<<"$(rows)"
	[ "$(summary USDT | jq -r .closing)" = 10000.00002500 ]
	[ "$(summary USDT | jq -r .closing)" = "$(balance fapi/v3 USDT)" ]
	summary USDT | is '.opening == "0.00000000" and .rows == 2501'
}

@test "many weeks, and no further back than the exchange keeps them" {
	stepped --start 2026-06-01T00:00:00Z --symbols BTCUSDT	# every one is moved on second by second
	for i in 1 2 3 4; do
		later 9d
		act "deposit=$i"
	done
	pos history --since all --market usdm
	[ "$status" -eq 0 ]
	is -s 'length == 5' <<<"$(rows)"
	summary USDT | is '.balanced == true and .closing == "10010.00000000"'
	later 60d
	pos history --since 2026-06-01 --market usdm
	[[ $stderr == *"keeps 90 days"* ]]
	is -s 'length == 4' <<<"$(rows)"
	pos history --since all --market usdm
	[ "$status" -eq 0 ]
	summary USDT | is '.balanced == false and .opening == "10000.00000000"'
	[[ $stderr == *"do not add up"* ]]
}

@test "a row that comes between the ledger and the balance is not lost, nor is the balance another's" {
	session --fault 'on GET /fapi/v3/balance#1: sim deposit=5' --fault 'on GET /fapi/v3/balance#2: sim deposit=7'
	pos history --since all --market usdm
	[ "$status" -eq 0 ]
	summary USDT | is '.balanced == true'
	[ "$(summary USDT | jq -r .closing)" = "$(balance fapi/v3 USDT)" ]
	is -s '[.[] | select(.incomeType == "TRANSFER")] | length == 4' <<<"$(rows)"
}

@test "one symbol, one asset, one market" {
	session
	pos history BTCUSD_PERP
	[ "$status" -eq 0 ]
	is -s 'length == 4 and all(.[]; .symbol == "BTCUSD_PERP" and .market == "coinm")' <<<"$(rows)"
	summary BTC | is '.symbol == "BTCUSD_PERP" and (has("closing") | not)'
	pos history --asset BTC
	is -s 'all(.[]; .asset == "BTC")' <<<"$output"
	pos history --market usdm
	is -s 'all(.[]; .market == "usdm")' <<<"$output"
	pos history BTCUSD
	[ "$status" -eq 1 ]
	[ -z "$output" ]
}

@test "a ledger that cannot be read to its end is no whole one: no report" {
	session --fault 'on GET /fapi/v1/income: reply=503/svc'
	pos history
	[ "$status" -eq 3 ]
	[[ $stderr == *"not whole"* ]]
	[ -z "$(summary USDT)" ]
	rules 'on GET /fapi/v1/income: reply=200/html'
	pos equity
	[ "$status" -eq 3 ]
	[ -z "$output" ]
}

@test "a day with everything: fees in BNB, a liquidation, what the fund pays, collateral exchanged; the table adds up too" {
	sim --multi-assets --account 3000 --balance BNB=1 --balance USDC=3000 --balance coinm.BTC=0.5 --leverage BTCUSD_PERP=50 \
		--margin-type BTCUSD_PERP=isolated --position BTCUSDT:0.9@60000 --position BTCUSD_PERP:900@60000
	signed POST /fapi/v1/feeBurn feeBurn=true | is '.code == 200'
	market_order BTCUSDT BUY 0.1 | is '.orderId > 0'
	act 'funding=0.0003 BTCUSD_PERP' 'funding=-0.00012345 BTCUSDT' 'deposit=-0.01 asset=coinm.BTC' 'deposit=55.5 asset=USDC' \
		'mark=45000 BTCUSDT' 'mark=58950 BTCUSD_PERP'
	pos history --since all
	[ "$status" -eq 0 ]
	is -s '[.[] | select(.e == "bf.income").incomeType] | unique | contains(["AUTO_EXCHANGE", "COMMISSION", "INSURANCE_CLEAR",
		"REALIZED_PNL", "SPECIAL_FUNDING_FEE", "TRANSFER"])' <<<"$output"
	is -s '[.[] | select(.incomeType == "COMMISSION").asset] == ["BNB"]' <<<"$output"
	local a p what sum closing
	for p in fapi/v3 dapi/v1; do
		for a in $(signed GET /$p/balance | jq -r '.[] | select((.balance | tonumber) != 0).asset'); do
			summary "$a" | is '.balanced'
			[ "$(summary "$a" | jq -r .closing)" = "$(balance $p "$a")" ]
		done
	done
	for a in USDT USDC BNB BTC; do
		summary "$a" | is '.balanced and .closing != null'
	done
	pos history --since all -o table
	# read downwards, the amounts between opening and closing make one of the other
	[ "$(awk '/^MARKET/ { on = 1; next }
		on && $3 == "opening" { sum = $4; n++; next }
		on && $3 == "closing" { if (sprintf("%.8f", sum) + 0 != $4 + 0) print "off:", $0, sum; next }
		on { sum += $4 }
		END { print n }' <<<"$output")" = 4 ]
	[[ $output == *BTC*INSURANCE_CLEAR* ]]
	for p in "${lines[@]}"; do
		[ "${#p}" -le 80 ] || { echo "$p"; false; }
	done
}

@test "equity is the balance after each hour, up to the present one" {
	stepped --start 2026-06-01T00:00:00Z --symbols BTCUSDT --balance USDT=1000
	later 90m
	act 'deposit=10' 'deposit=5'
	later 2h
	act 'deposit=-1'
	pos equity --since 2026-06-01 --market usdm
	[ "$status" -eq 0 ]
	is -s 'map(.balance | tonumber) == [1000, 1015, 1015, 1014] and map(.rows) == [1, 2, 0, 1] and
		.[0].E == 1780275599999 and (.[3].E - 1780284600000 | fabs) < 1000 and all(.[]; .e == "bf.equity" and .asset == "USDT")' <<<"$output"
	[ "$(jq -rs '.[-1].balance' <<<"$output")" = "$(balance fapi/v3 USDT)" ]
	pos equity --since 2026-06-01 --until 2026-06-01T01:59 --market usdm
	is -s 'map(.balance | tonumber) == [1000, 1015]' <<<"$output"
	later 5d
	pos equity --since 2026-06-01 --market usdm	# by the day
	is -s 'map(.balance | tonumber) == [1014, 1014, 1014, 1014, 1014, 1014]' <<<"$output"
}

@test "equity is drawn, in the terminal or as a file" {
	session
	pos equity --plot --asset USDT --since -5h
	[ "$status" -eq 0 ]
	[[ ${lines[0]} == "USDT balance, usdm, by the hour" ]]
	[ "${#lines[@]}" -gt 8 ]
	pos equity "--plot=$T/a.txt" --asset USDT
	[ "$status" -eq 2 ]
	command -v gnuplot >/dev/null || skip "gnuplot is not installed: no pictures as files"
	pos equity "--plot=$T/a.svg"
	[ "$status" -eq 2 ]
	[[ $stderr == *"--asset"* ]]
	pos equity "--plot=$T/a.svg" --asset USDT
	[ "$status" -eq 0 ]
	grep -q '<svg' "$T/a.svg"
	run ! grep -q 'Ⓢ' "$T/a.svg"	# in some fonts this one character covers the picture
	[ -z "$output" ]
}

@test "wrong words are a usage error, before anything is asked" {
	sim
	for a in 'history A B' 'history --since yesterday' 'history --until 0' 'history --since now --until -1d' 'equity BTCUSDT' \
	    'equity --since all' 'equity --plot --jq .'; do
		# shellcheck disable=SC2086
		pos $a
		[ "$status" -eq 2 ] || { echo "$a: $status"; false; }
		[ -z "$output" ]
	done
	[ "$(seen GET /fapi/v1/income)" -eq 0 ]
}

@test "a full disk is exit 8" {
	session
	for a in history equity 'equity --plot'; do
		run sh -c "bf-position $a >/dev/full"
		[ "$status" -eq 8 ] || { echo "$a: $status"; false; }
	done
}
