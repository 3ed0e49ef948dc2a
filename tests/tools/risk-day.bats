#!/usr/bin/env bats
# bf-risk: the day's figures against bf-sim's own ledger, over restarts, transfers, streams that were not there, and
# files that are damaged. 10000 USDT, BTCUSDT at 60000.

setup() { load ../helper; load ../kill; home; }
teardown() { exec 8>&-; home_end; }

rules() { printf '%s\n' "$@" >"$T/r.conf"; chmod 600 "$T/r.conf"; }
DAY='[daily-loss]
max = 100
action = block
reason = day'
# risk: bf-risk on what `say` writes; its output in $T/out.
risk() {
	[ -p "$T/in" ] || mkfifo "$T/in"
	bf-risk --rules "$T/r.conf" --every 1 <"$T/in" >"$T/out" 2>"$T/err" 3>&- 4>&- 8>&- &
	RISK_PID=$!
	SIM_PIDS="$SIM_PIDS $RISK_PID"
	exec 8>"$T/in"
	say '{"e":"started"}'
	wait_for grep -q started "$T/out"
}
say() { printf '%s\n' "$@" >&8; }
fill() { order fapi "symbol=BTCUSDT&side=$1&type=MARKET&quantity=$2"; }
day_file() { cat "$XDG_STATE_HOME/bf/sim/risk"; }
kept() { day_file | jq -e "$1" >/dev/null; }
loss_said() { grep '"rule":"daily-loss"' "$T/out" >"$T/loss"; }
# The parts that were said are those of the exchange's ledger, to the unit.
parts_agree() {
	jq -es --slurpfile d "$T/loss" 'def u: tonumber * 1e8 | round;
		([.[] | select(.what == "fill")] | {fees: -(map(.fee | u) | add // 0), realised: (map(.realized | u) | add // 0)}) as $f |
		([.[] | select(.what == "income" and (.type | endswith("FUNDING_FEE"))).amount | u] | add // 0) as $n |
		([.[] | select(.what == "income" and .type == "TRANSFER").amount | u] | .[1:] | add // 0) as $t |
		$d[0] | (.fees | u) == $f.fees and (.realised | u) == $f.realised and (.funding | u) == $n and
		(.transfers | u) == $t and ((.loss | u) == (.anchor | u) + (.transfers | u) - (.equity | u))' "$T/ledger" >/dev/null ||
		{ cat "$T/loss" "$T/err"; grep -v request "$T/ledger" | tail; false; } >&2
}

@test "kill -9 in the middle: the day goes on, and what came and went meanwhile is told to the unit" {
	rules "$DAY"
	sim --position BTCUSDT:0.1
	risk
	wait_for test -s "$XDG_STATE_HOME/bf/sim/risk"
	anchor=$(day_file | jq -r '.wallets[0].anchorTime')
	kill -9 "$RISK_PID"
	wait "$RISK_PID" || true
	fill SELL 0.05
	now 'deposit=-3000'
	now 'deposit=500'
	now 'funding=0.001 BTCUSDT'
	risk
	say '{"e":"again"}'
	wait_for grep -q again "$T/out"
	run ! grep -q '"rule":"daily-loss"' "$T/out"	# 2500 less, and no loss
	now 'mark=57000 BTCUSDT'	# 150
	wait_for loss_said
	parts_agree
	is --arg a "$anchor" '(.anchorTime | tostring) == $a and .anchor == "10000.00000000" and .transfers == "-2500.00000000"' <"$T/loss"
}

@test "no account stream: fills and transfers are found in the income history" {
	rules "$DAY"
	sim --position BTCUSDT:0.1
	risk
	fill SELL 0.02
	told() { kept '.wallets[0].fees != "0"'; }
	wait_for told
	now 'deposit=-4000'
	moved() { kept '.wallets[0].transfers == "-4000.00000000"'; }
	wait_for moved
	run ! grep -q '"rule":"daily-loss"' "$T/out"
	now 'mark=58000 BTCUSDT'	# 160
	wait_for loss_said
	parts_agree
}

@test "a stream of the account that begins late and has a gap: the parts are whole all the same" {
	rules "$DAY"
	sim --position BTCUSDT:0.1
	risk
	fill SELL 0.01		# the stream was not up yet
	bf-stream user >"$T/in" 2>"$T/stream.err" 3>&- 4>&- 8>&- &
	SIM_PIDS="$SIM_PIDS $!"
	wait_for grep -q '"conn":"user","state":"up"' "$T/out"
	fill SELL 0.01
	wait_for grep -q '"x":"TRADE"' "$T/out"
	fault 'ws:user: mute'
	fill SELL 0.01
	now 'deposit=-1000'
	fault 'ws:user: fin'
	again() { [ "$(grep -c '"conn":"user","state":"up"' "$T/out")" -ge 2 ]; }
	wait_for again
	fill SELL 0.01
	now 'mark=58000 BTCUSDT'
	wait_for loss_said
	parts_agree
}

@test "damaged figures let no new risk pass; of two bf-risk one keeps the day" {
	rules "$DAY"
	sim
	risk
	wait_for test -s "$XDG_STATE_HOME/bf/sim/risk"
	run --separate-stderr bf-risk --rules "$T/r.conf" </dev/null
	[ "$status" -eq 0 ]
	[[ $stderr == *"another bf-risk of profile sim keeps the day's figures"* ]]
	exec 8>&-
	wait "$RISK_PID"
	echo '{"version":2,"since":[1' >"$XDG_STATE_HOME/bf/sim/risk"
	run --separate-stderr bf-risk --rules "$T/r.conf" <<<'{"symbol":"BTCUSDT","side":"BUY","type":"MARKET","quantity":"0.01"}'
	[ "$status" -eq 8 ]
	[ -z "$output" ]
	[[ $stderr == *"cannot be read"* ]]
}
