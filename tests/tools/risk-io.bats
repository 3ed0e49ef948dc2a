#!/usr/bin/env bats
# bf-risk in its pipe: an exchange that is slow, silent, or idle must not hold up a line; how it ends.

setup() { load ../helper; load ../signed; load ../risk; home; }
teardown() {
	exec 8>&-
	kill -CONT $SIM_PIDS 2>/dev/null || true
	home_end
}

settled() {
	MARKER=$((${MARKER:-0} + 1))
	say "{\"symbol\":\"BTCUSDT\",\"side\":\"SELL\",\"type\":\"MARKET\",\"quantity\":\"0.1\",\"reduceOnly\":true,\"n\":$MARKER}"
	wait_for grep -q "\"n\":$MARKER}" "$T/out"
}
# So many exits, each after the last came through; all of them within what one wait may take.
flows() {
	local i end=$((SECONDS + 20))
	for ((i = 0; i < $1; i++)); do settled; done
	[ "$SECONDS" -lt "$end" ]
}

@test "an exchange that is silent from the start: lines flow, and it is read once it speaks" {
	sim --position BTCUSDT:0.1
	kill -STOP "$SIM_PID"
	risk --max-lev 10
	flows 30
	say "$(buy BTCUSDT 0.01 ',"note":"a"')"
	flows 10
	has "$(grep '"note":"a"' "$T/out")" '.rule == "account-unknown"'
	kill -CONT "$SIM_PID"
	wait_for grep -q 'account state: read again' "$T/err"
	say "$(price BTCUSDT 60000)" "$(buy BTCUSDT 0.01 ',"note":"b"')"
	settled
	has "$(grep '"note":"b"' "$T/out")" '.side'
	ends 1
}

@test "an exchange that falls silent: lines flow, also behind orders of symbols never seen" {
	sim --position BTCUSDT:0.1
	risk --max-lev 10 --every 1
	settled
	kill -STOP "$SIM_PID"
	say "$(buy ETHUSDT 0.01)" "$(buy SOLUSDT 1)" "$(buy NOSUCHUSDT 1)" "$(buy DOGEUSDT 100)" "$(buy BTCUSD_PERP 1)"
	flows 30
	say "$(buy BNBUSDT 0.1)"
	flows 10
	[ "$(grep -c '"e":"bf.reject"' "$T/out")" -eq 6 ]
	kill -CONT "$SIM_PID"
	wait_for eval 'grep -q "read again" "$T/err" || ! grep -q "no new risk until" "$T/err"'
	ends 1
}

@test "contract rules that cannot be had are not asked for at each line" {
	sim --position BTCUSDT:0.1 --fault 'on GET exchangeInfo: reply=500/-1000'
	risk --max-lev 10
	flows 40
	[ "$(seen GET /fapi/v1/exchangeInfo)" -le 8 ]
	ends 0
}

@test "with everything at hand an order asks nothing, and an exit never does" {
	sim --position BTCUSDT:0.1
	risk --max-lev 10 --every 3600
	say "$(price BTCUSDT 60000)"
	say "$(buy BTCUSDT 0.01)"
	settled
	local n i
	n=$(wc -l <"$T/ledger")
	for i in 1 2 3 4 5; do say "$(buy BTCUSDT "0.00$i")"; done
	say '{"symbol":"SOLUSDT","side":"SELL","type":"MARKET","quantity":"1","reduceOnly":"true"}' '{"op":"cancel-all","symbol":"DOGEUSDT"}'
	settled
	[ "$(wc -l <"$T/ledger")" -eq "$n" ]
	[ "$(grep -c '"side":"BUY"' "$T/out")" -eq 6 ]
	# many symbols at once: the first price is asked for alone, the second with all others
	say "$(for i in ETHUSDT SOLUSDT DOGEUSDT BNBUSDT 1000PEPEUSDT; do buy "$i" 1; done)"
	settled
	[ "$(seen GET /fapi/v1/premiumIndex)" -eq 2 ]
	ends 0
}

@test "an idle market costs nothing until it matters" {
	sim --position BTCUSDT:0.1 --balance coinm.BTC=0 --balance coinm.ETH=0
	risk --max-lev 10 --every 1
	wait_for eval '[ "$(seen GET /fapi/v3/account)" -ge 6 ]'
	[ "$(seen GET /dapi/v1/account)" -eq 1 ]
	if [ -r "/proc/$RISK_PID/stat" ]; then	# it sleeps in between: hundredths of a second
		local -a st
		read -ra st <"/proc/$RISK_PID/stat"
		[ "$((st[13] + st[14]))" -lt 12 ] || { echo "busy: ${st[13]} ${st[14]}"; false; }
	fi
	say "$(price BTCUSD_PERP 60000)" "$(buy BTCUSD_PERP 1)"
	wait_for eval '[ "$(seen GET /dapi/v1/account)" -ge 2 ]'
	ends 1
}

@test "both markets in one pipe, each with its own wallet; --market and --asset narrow" {
	sim --balance coinm.BTC=0.1
	{ price BTCUSDT 60000; price BTCUSD_PERP 60000; buy BTCUSDT 0.5; buy BTCUSD_PERP 100; buy BTCUSD_PERP 500; buy BTCUSDT 2; } >"$T/corpus"
	run --separate-stderr bf-risk --max-lev 5 <"$T/corpus"
	[ "$status" -eq 1 ]
	# 30000 of 10000 USDT, 10000 USD of 0.1 BTC; then 60000 USD, ten times it, and 150000
	[ "$(sed -n 3,4p <<<"$output")" = "$(sed -n 3,4p "$T/corpus")" ]
	has "$(sed -n 5,6p <<<"$output")" '.rule == "max-lev"'
	run --separate-stderr bf-risk --max-lev 5 --market coinm <"$T/corpus"
	[ "$(sed -n 4p <<<"$output")" = "$(sed -n 4p "$T/corpus")" ]
	has "$(sed -n '3p;5,6p' <<<"$output")" '.e == "bf.reject"'
	run --separate-stderr bf-risk --max-lev 5 --asset BTC <"$T/corpus"
	[ "$(sed -n 4p <<<"$output")" = "$(sed -n 4p "$T/corpus")" ]
	has "$(sed -n '3p;5,6p' <<<"$output")" '.e == "bf.reject"'
}

@test "SIGTERM ends it, and says what is in flight; EOF does too" {
	sim --position BTCUSDT:1
	risk --max-lev 5 --every 3600
	wait_for grep -q reduceOnly "$T/out"
	kill -TERM "$RISK_PID"
	ends 143
	grep -q 'in flight' "$T/err"
	risk --max-lev 5 --every 3600
	wait_for grep -q reduceOnly "$T/out"
	ends 0
	grep -q 'in flight' "$T/err"
}
