# Recorded crashes, through examples/crashes: the account that nobody watches is liquidated, the
# guarded one lives.

bats_require_minimum_version 1.5.0

setup() {
	load ../helper
	home
	crashes=$BATS_TEST_DIRNAME/../../examples/crashes
	export TMPDIR=$T/tmp KEEP=$T/keep
	mkdir "$TMPDIR" "$KEEP"
}
teardown() { home_end; }

recorded() { [ -n "${BF_TEST_DATA:-}" ] || skip "no recorded data (BF_TEST_DATA is not set)"; }
# Of the table, and of what the exchanges did.
judge() {
	echo "$output"
	cat "$KEEP"/*.risk.err
	[ "$status" -eq 0 ]
	[ "$(grep -c 'nothing is guarded' "$KEEP/guard1.risk.err")" -eq 0 ]
	grep -q '^| none | liquidated ' <<<"$output"
	grep -q '^| `.*` | lived | ' <<<"$output"
	grep -q '"what":"liquidation"' "$KEEP/alone.ledger"
	[ "$(grep -c '"what":"liquidation"' "$KEEP/guard1.ledger")" -eq 0 ]
	jq -es 'map(select(.what == "order")) | length > 0 and all(.[]; .side == "SELL" and .reduceOnly)' "$KEEP/guard1.ledger" >/dev/null
	[ -z "$(ls -A "$TMPDIR")" ]
	! pgrep -f "$TMPDIR" >/dev/null
}

@test "BTCUSDT, mark price candles of 2025-10-10" {
	recorded
	FROM=21:05 TO=21:30 LEV=20 SPEED=240 run "$crashes" "$BF_TEST_DATA/usdm/markPriceKlines-BTCUSDT-5m-2025-10-10.csv"
	judge
}

@test "AVAXUSD_PERP, trades of 2025-10-10, an inverse contract" {
	recorded
	FROM=21:12 TO=21:24 LEV=3 SPEED=120 run "$crashes" "$BF_TEST_DATA/coinm/trades-AVAXUSD_PERP-2025-10-10T2045-2200.csv.gz" '--max-lev 1'
	judge
}

@test "ALGOUSDT, candles of 2025-02-03, with a file of rules" {
	recorded
	FROM=2025-02-03T01:30 TO=2025-02-03T02:05 LEV=15 SPEED=240 run "$crashes" "$BF_TEST_DATA/usdm/klines-ALGOUSDT-1m-2025-02-02_04.csv.gz" \
		"--rules $BATS_TEST_DIRNAME/../../examples/crash.conf --max-lev 10"
	judge
}

@test "what cannot be run is said, and leaves nothing behind" {
	printf 'open_time,open\n' >"$T/klines-BTCUSDT-1m.csv"
	printf '1760130000000,100000,100000,100000,100000,0,1760130059999\n' >"$T/klines-BTCUSDT-5m.csv"
	while IFS='|' read -r args from want; do
		# shellcheck disable=SC2086 # words are meant
		FROM=$from run --separate-stderr timeout 20 "$crashes" $args
		echo "$args: $status $output $stderr"
		[ "$status" -eq 8 ]
		[ -z "$output" ]
		[[ $stderr == *"$want"* ]]
	done <<-end
		||which recording
		$T/nothing.csv||cannot read
		$T/keep||neither klines nor trades
		$T/klines-BTCUSDT-1m.csv||empty
		$T/klines-BTCUSDT-5m.csv|22:00|nothing between
		$T/klines-BTCUSDT-5m.csv|noon|not a time
		$T/klines-BTCUSDT-5m.csv --max-lev||bf-risk refuses
	end
	[ -z "$(ls -A "$TMPDIR")" ]
	! pgrep -f "$TMPDIR" >/dev/null
}
