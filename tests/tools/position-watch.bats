#!/usr/bin/env bats
# bf-position --watch: by the records of bf-stream, without asking again.

setup() { load ../helper; load ../signed; home; }

requests() { jq -s '[.[] | select(.what == "request" and (.path | test("listenKey|/order|/openOrders|/userTrades|/time") | not))] | length' "$T/ledger"; }
# shown FILTER: whether some record that was printed is so.
shown() { [ -s "$T/out" ] && jq -se "any(.[]; $1)" "$T/out" >/dev/null; }
accounts() { [ "$(seen GET /fapi/v3/account)" -eq "$1" ]; }	# was read so often
# A pipe the test writes to: say JSON...
pipe() {
	mkfifo "$T/pipe"
	exec 8<>"$T/pipe"
}
say() { printf '%s\n' "$1" >&8; }
teardown() { exec 8>&-; home_end; }
now() { date +%s%3N; }
price() { say "{\"e\":\"markPriceUpdate\",\"E\":${3:-$(now)},\"s\":\"$1\",\"p\":\"$2\",\"i\":\"$2\",\"r\":\"0.00020000\",\"T\":4000000000000}"; }
fresh() { jq -se 'map(select(.e == "bf.position")) | .[-1].stale == false' "$T/out"; }	# as last told
ready() { shown '.e == "bf.position"'; }

@test "marks move the positions, to the figures that REST then has, and nothing is asked" {
	sim --position BTCUSDT:0.5@61000 --position ETHUSDT:-2
	pipe
	bg "exec 8>&-; bf-position --watch <'$T/pipe' >'$T/out' 2>'$T/err'"
	wait_for ready
	local n
	n=$(requests)
	price BTCUSDT 59000.00000000
	wait_for shown '.symbol == "BTCUSDT" and .markPrice == "59000.00000000"'
	price ETHUSDT 3100
	wait_for shown '.symbol == "ETHUSDT" and (.markPrice | tonumber) == 3100'
	[ "$(requests)" -eq "$n" ]
	has "$(jq -c 'select(.symbol == "BTCUSDT")' "$T/out" | tail -n 1)" '(.unRealizedProfit | tonumber) == -1000 and
		(.notional | tonumber) == 29500 and .fundingRate == "0.00020000" and (.fundingDue | tonumber) == -5.9 and
		.fundingAt == 4000000000000 and .stale == false'
	# 1000 + 200 lost: of 10000; 29500 + 6200 held
	has "$(jq -c 'select(.symbol == "ETHUSDT")' "$T/out" | tail -n 1)" '(.unRealizedProfit | tonumber) == -200 and
		((.effectiveLeverage | tonumber) - 6200 / 8800 | fabs) < 0.0002'
	# the same marks by the exchange: its liquidation price is ours
	sim_as again --position BTCUSDT:0.5@61000 --position ETHUSDT:-2@3000 --mark BTCUSDT=59000 --mark ETHUSDT=3100
	local liq
	liq=$(signed GET /fapi/v3/positionRisk symbol=ETHUSDT | jq -r '.[0].liquidationPrice')
	has "$(jq -c 'select(.symbol == "ETHUSDT")' "$T/out" | tail -n 1)" "((.liquidationPriceOwn | tonumber) - $liq | fabs) <= 0.01 and $liq > 0"
}

@test "a mark that is no news is no record, and one that is older changes nothing" {
	sim --position BTCUSDT:0.5
	pipe
	bg "exec 8>&-; bf-position --watch <'$T/pipe' >'$T/out' 2>'$T/err'; echo \$? >'$T/status'"
	wait_for ready
	local at
	at=$(now)
	price BTCUSDT 59000 "$at"
	price BTCUSDT 59000 "$((at + 1))"
	price BTCUSDT 50000 "$((at - 1000))"
	price FOOUSDT 1
	say '{"e":"somethingElse"}'
	say 'no record'
	price BTCUSDT 58000 "$((at + 2))"
	exec 8>&-
	# the pipe has no other writer: the run ends with the last line
	wait_for [ -s "$T/status" ]
	[ "$(cat "$T/status")" -eq 0 ]
	[ "$(jq -r 'select(.symbol == "BTCUSDT").markPrice | tonumber' "$T/out" | tail -n 1)" = 58000 ]
	run ! grep -q '"markPrice":"50000"' "$T/out"
	[ "$(jq -c 'select(.symbol == "BTCUSDT")' "$T/out" | wc -l)" -le 4 ]
	grep -q 'no record' "$T/err"
}

@test "while nothing comes it sleeps" {
	[ -r /proc/self/status ] || skip "no /proc here to see it by"
	sim --position BTCUSDT:0.5
	pipe
	local out
	for out in ndjson table; do
		rm -f "$T/out" "$T/pid"
		bg "exec 8>&-; echo \$\$ >'$T/pid'; exec bf-position --watch -o $out <'$T/pipe' >'$T/out' 2>'$T/err'"
		if [ $out = ndjson ]; then wait_for ready; else wait_for caught_sigint; fi
		wait_for asleep	# one that looks again and again never does
	done
}
# Past its start: what it does with signals is set just before its loop.
caught_sigint() { (( 0x$(sed -n 's/^SigCgt:[[:space:]]*//p' "/proc/$(cat "$T/pid")/status") & 2 )); }
asleep() { grep -q '^State:[[:space:]]*S' "/proc/$(cat "$T/pid")/status"; }

@test "account events: more, less, flat, and the wallet" {
	sim --position BTCUSDT:0.5
	pipe
	bg "exec 8>&-; bf-position --watch <'$T/pipe' >'$T/out' 2>'$T/err'"
	wait_for ready
	local n t
	n=$(requests)
	t=$(now)
	say "{\"e\":\"ACCOUNT_UPDATE\",\"E\":$t,\"T\":$t,\"a\":{\"m\":\"ORDER\",\"B\":[{\"a\":\"USDT\",\"wb\":\"9990\",\"cw\":\"9990\",\"bc\":\"0\"}],\"P\":[{\"s\":\"BTCUSDT\",\"pa\":\"0.7\",\"ep\":\"60000\",\"bep\":\"60010\",\"cr\":\"0\",\"up\":\"0\",\"mt\":\"cross\",\"iw\":\"0\",\"ps\":\"BOTH\",\"ma\":\"USDT\"}]}}"
	wait_for shown '.e == "bf.position" and .positionAmt == "0.7" and .breakEvenPrice == "60010"'
	wait_for shown '.e == "bf.account" and (.walletBalance | tonumber) == 9990'
	# net of what it cost: 0.7 x (60000 - 60010)
	has "$(jq -c 'select(.positionAmt == "0.7")' "$T/out" | tail -n 1)" '(.pnlNet | tonumber) == -7 and (.notional | tonumber) == 42000'
	say "{\"e\":\"ORDER_TRADE_UPDATE\",\"E\":$t,\"T\":$t,\"o\":{\"s\":\"BTCUSDT\",\"c\":\"x\",\"S\":\"SELL\",\"o\":\"STOP_MARKET\",\"f\":\"GTC\",\"q\":\"0.4\",\"p\":\"0\",\"ap\":\"0\",\"sp\":\"55000\",\"x\":\"NEW\",\"X\":\"NEW\",\"i\":5,\"l\":\"0\",\"z\":\"0\",\"R\":true,\"cp\":false,\"ps\":\"BOTH\",\"wt\":\"MARK_PRICE\"}}"
	wait_for shown '.openOrders == 1'
	t=$((t + 1))
	say "{\"e\":\"ACCOUNT_UPDATE\",\"E\":$t,\"T\":$t,\"a\":{\"m\":\"ORDER\",\"B\":[],\"P\":[{\"s\":\"BTCUSDT\",\"pa\":\"0\",\"ep\":\"0\",\"bep\":\"0\",\"cr\":\"0\",\"up\":\"0\",\"mt\":\"cross\",\"iw\":\"0\",\"ps\":\"BOTH\",\"ma\":\"USDT\"}]}}"
	wait_for shown '.e == "bf.position" and (.positionAmt | tonumber) == 0'
	[ "$(requests)" -eq "$n" ]
}

@test "a stream that is down makes it stale; up again, it is read once more" {
	sim --position BTCUSDT:0.5
	pipe
	bg "exec 8>&-; bf-position --watch <'$T/pipe' >'$T/out' 2>'$T/err'"
	wait_for ready
	[ "$(seen GET /fapi/v3/account)" -eq 1 ]
	say "{\"e\":\"bf.conn\",\"E\":$(now),\"by\":\"bf-stream\",\"conn\":\"market\",\"state\":\"down\",\"why\":\"x\"}"
	say "{\"e\":\"bf.conn\",\"E\":$(now),\"by\":\"bf-stream\",\"conn\":\"user\",\"state\":\"down\",\"why\":\"x\"}"
	wait_for shown '.stale'
	[ "$(seen GET /fapi/v3/account)" -eq 1 ]
	say "{\"e\":\"bf.conn\",\"E\":$(now),\"by\":\"bf-stream\",\"conn\":\"user\",\"state\":\"up\",\"why\":\"\"}"
	wait_for fresh
	[ "$(seen GET /fapi/v3/account)" -eq 2 ]
	# events were lost: read again at once
	say "{\"e\":\"bf.gap\",\"E\":$(now),\"by\":\"bf-stream\",\"stream\":\"user\",\"lost\":3}"
	wait_for accounts 3
	# what was up before we read is no news
	say "{\"e\":\"bf.conn\",\"E\":1000,\"by\":\"bf-stream\",\"conn\":\"user\",\"state\":\"up\",\"why\":\"\"}"
	price BTCUSDT 57000
	wait_for shown '(.markPrice | tonumber?) == 57000'
	[ "$(seen GET /fapi/v3/account)" -eq 3 ]
}

@test "a read that fails is made again, and until then it is stale" {
	sim --position BTCUSDT:0.5 --fault 'on GET /fapi/v3/account#2: reply=200/html' --fault 'on GET /fapi/v3/account#3: reply=200/html' \
		--fault 'on GET /fapi/v3/account#4: reply=200/html'
	pipe
	bg "exec 8>&-; bf-position --watch <'$T/pipe' >'$T/out' 2>'$T/err'"
	wait_for ready
	say "{\"e\":\"bf.gap\",\"E\":$(now),\"by\":\"bf-stream\",\"stream\":\"user\",\"lost\":3}"
	wait_for shown '.stale'
	wait_for grep -q 'read again' "$T/err"
	wait_for fresh
}

@test "the pipe of the page: bf-stream's own records, no request after the start, a fill is seen" {
	feed
	sim --feed "$T/feed" --position BTCUSDT:0.5
	mark BTCUSDT 60000
	bg "bf-stream markPrice user BTCUSDT 2>'$T/stream.err' | tee '$T/stream' | bf-position --watch >'$T/out' 2>'$T/err'"
	wait_for grep -q '"conn":"user","state":"up"' "$T/stream"
	wait_for ready
	mark BTCUSDT 60500
	wait_for shown '(.markPrice | tonumber?) == 60500'
	local n
	n=$(requests)
	signed POST /fapi/v1/order 'symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.1&price=60400' >/dev/null
	wait_for shown '.openOrders == 1'
	mark BTCUSDT 60300
	wait_for shown '(.markPrice | tonumber?) == 60300'
	[ "$(requests)" -eq "$n" ]
}

@test "--from: recorded accounts, moved on by a recorded pipe; ends with it" {
	sim --position BTCUSDT:0.5 --position SOLUSDT:-10
	signed GET /fapi/v3/account >"$T/1"
	signed GET /fapi/v3/positionRisk >"$T/2"
	signed GET /fapi/v1/leverageBracket >"$T/3"
	signed GET /fapi/v1/symbolConfig >"$T/4"
	local n
	n=$(jq -s length "$T/ledger")
	unset BF_PROFILE
	run --separate-stderr sh -c "echo '{\"e\":\"markPriceUpdate\",\"E\":$(now),\"s\":\"BTCUSDT\",\"p\":\"45000\"}' |
		bf-position --watch --from '$T/1' --from '$T/2' --from '$T/3' --from '$T/4' BTCUSDT"
	[ "$status" -eq 0 ]
	has "$(grep bf.position <<<"$output" | tail -n 1)" '.symbol == "BTCUSDT" and (.unRealizedProfit | tonumber) == -7500 and
		(.liquidationPriceOwn | tonumber) > 0 and .leverage == 20'
	run ! grep -q SOLUSDT <<<"$output"
	[ "$(jq -s length "$T/ledger")" -eq "$n" ]
}

@test "-o table in a pipe is printed once, at the end" {
	sim --position BTCUSDT:0.5
	run --separate-stderr sh -c "echo '{\"e\":\"markPriceUpdate\",\"E\":$(now),\"s\":\"BTCUSDT\",\"p\":\"45000\"}' | bf-position --watch -o table"
	[ "$status" -eq 0 ]
	[[ ${lines[0]} == SYMBOL*LIQUIDATION* ]]
	[[ ${lines[1]} == BTCUSDT*-7500* ]]
	run ! grep -q $'\033' <<<"$output"
}

@test "on a terminal the table is drawn in place, and the terminal given back" {
	command -v script >/dev/null || skip "script(1) is not here"
	sim --position BTCUSDT:0.5
	pipe
	bg "exec 8>&-; script -qfec 'stty rows 12 cols 80; bf-position --watch <$T/pipe' '$T/tty' >/dev/null 2>&1 </dev/null; echo \$? >'$T/status'"
	wait_for grep -q BTCUSDT "$T/tty"
	price BTCUSDT 45000
	wait_for grep -q -- '-7500' "$T/tty"
	say "{\"e\":\"bf.conn\",\"E\":$(now),\"by\":\"bf-stream\",\"conn\":\"user\",\"state\":\"down\",\"why\":\"x\"}"
	wait_for grep -q STALE "$T/tty"
	exec 8>&-
	wait_for [ -s "$T/status" ]
	[ "$(cat "$T/status")" -eq 0 ]
	# the other screen, without a cursor and without wrapping; and all of it back
	local on off
	for on in '\[?1049h' '\[?25l' '\[?7l'; do grep -q "$on" "$T/tty"; done
	for off in '\[?1049l' '\[?25h' '\[?7h'; do [ "$(grep -o "$off" "$T/tty" | wc -l)" -eq 1 ]; done
	# what was last known stays to be read after it
	sed 's/.*\[?1049l//' "$T/tty" | grep -q 'SYMBOL.*LIQUIDATION' 
	# no picture is higher than the terminal
	tr '\033' '\n' <"$T/tty" | awk '/^\[H/ { if (n > 11) exit 1; n = 0 } /^\[K/ { n++ }'
}

@test "SIGINT gives the terminal back too" {
	command -v script >/dev/null || skip "script(1) is not here"
	sim --position BTCUSDT:0.5
	pipe
	bg "exec 8>&-; script -qfec 'bf-position --watch <$T/pipe & echo \$! >$T/pid; wait' '$T/tty' >/dev/null 2>&1 </dev/null; echo \$? >'$T/status'"
	wait_for grep -q BTCUSDT "$T/tty"
	kill -TERM "$(cat "$T/pid")"
	wait_for grep -q '\[?1049l' "$T/tty"
	wait_for [ -s "$T/status" ]
}

@test "--watch without a pipe, and with what it does not go with: exit 2" {
	command -v script >/dev/null || skip "script(1) is not here"
	sim
	run script -qfec 'bf-position --watch' /dev/null </dev/null
	[[ $output == *bf-stream* ]]
	run --separate-stderr bf-position --watch balances </dev/null
	[ "$status" -eq 2 ]
	run --separate-stderr bf-position --watch --compare --from x </dev/null
	[ "$status" -eq 2 ]
}
